package schema

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// The reader's table of field kinds is the metamodel's.
func TestFieldFormsAreWhole(t *testing.T) {
	var kinds []metamodel.FieldKind
	for _, f := range fieldForms {
		kinds = append(kinds, f.kind)
	}
	want := slices.Clone(metamodel.FieldKinds)
	slices.Sort(kinds)
	slices.Sort(want)
	if !slices.Equal(kinds, want) {
		t.Errorf("the reader knows %v, the metamodel %v", kinds, want)
	}
}

// semantic are the refusals that a JSON Schema has no words for: what is elsewhere in the app, what two places of a
// document say together, and the grammars of patterns and numbers.
var semantic = []diag.Code{
	"reference.not_found", "path.not_reference", "name.duplicate", "name.reserved", "name.system", "id.duplicate", "id.malformed", "rename.unknown", "document.name_mismatch",
	"document.value_duplicate", "document.app_missing", "document.mark_not_allowed", "document.kind_mismatch", "field.bounds_reversed", "field.bound_malformed", "field.decimal_malformed", "field.enum_contradiction", "field.kind_contradiction", "field.kind_unknown",
	"field.number_malformed", "field.pattern_invalid", "field.tree_target", "entity.lines_shared", "entity.lines_cycle", "states.field_missing", "states.field_twice",
	"states.missing", "states.field_kind", "view.field_twice", "view.columns_not_lines", "view.limit_not_option", "view.span_too_wide", "role.grant_twice", "scenario.handle_unknown", "scenario.line_unknown",
	"scenario.step_verb", "limit.exceeded", "app.timezone_malformed",
}

// beyondScenario are two more refusals of scenarios: which values are lines is known by the entity's field alone, and
// which codes there are by the catalogue.
func beyondScenario(kind metamodel.Kind, dg diag.Diagnostic) bool {
	return kind == metamodel.KindScenario && (dg.Code == "document.not_object" || dg.Code == "document.value_not_allowed" && strings.HasSuffix(dg.Path, "/refused"))
}

// mutate changes one place of a document: another value, a member less, one more, one under another name, an item twice.
func mutate(t *rapid.T, root *node) {
	all := allNodes(root, nil)
	n := all[rapid.IntRange(0, len(all)-1).Draw(t, "place")]
	values := []string{`null`, `true`, `1`, `-5`, `"x"`, `""`, `"name"`, `"单"`, `[]`, `{}`, `["a"]`, `{"name": "a", "title": "b"}`, `"2026-01-31"`, `99999`, `"a b"`, `"⟦x⟧"`}
	value := func() *node {
		v, problem := parse([]byte(rapid.SampledFrom(values).Draw(t, "value")), "")
		if problem != nil {
			t.Fatal(problem)
		}
		return v
	}
	keys := []string{"title", "name", "x-name", "x-was", "x-id", "type", "format", "x-unique", "x-enum", "maxLength", "minItems", "pattern", "x-ref", "x-state", "bogus", "allOf", "cel", "when", "columns", "filter", "required", "x-options"}
	switch act := rapid.IntRange(0, 4).Draw(t, "act"); {
	case act == 1 && len(n.members) > 0:
		i := rapid.IntRange(0, len(n.members)-1).Draw(t, "member")
		n.members = slices.Delete(n.members, i, i+1)
	case act == 2 && n.kind == jsonObject:
		if key := rapid.SampledFrom(keys).Draw(t, "key"); n.get(key) == nil {
			n.members = append(n.members, member{key, value()})
		}
	case act == 3 && len(n.members) > 0:
		key := rapid.SampledFrom(keys).Draw(t, "key")
		if n.get(key) == nil {
			n.members[rapid.IntRange(0, len(n.members)-1).Draw(t, "member")].key = key
		}
	case act == 4 && len(n.items) > 0:
		n.items = append(n.items, n.items[rapid.IntRange(0, len(n.items)-1).Draw(t, "item")])
	default:
		*n = *value()
	}
}

// The published schemas and the reader agree about documents that were right until something in them was changed:
// what the reader takes, the schema takes, and what the schema takes is refused only for reasons that a schema can't
// say.
func TestMutationsAgree(t *testing.T) {
	files := readFolder(t, "testdata/shop")
	paths := slices.Sorted(maps.Keys(files))
	taken, refused, beyond := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.SampledFrom(paths).Draw(t, "path")
		key, _ := metamodel.ParseDocKey(path)
		root, problem := parse(files[path], key.Pointer())
		if problem != nil {
			t.Fatal(problem)
		}
		mutate(t, root)
		docs := maps.Clone(files)
		docs[path] = root.pretty()
		d := newDecoder(nil, nil)
		parsed, ok := d.parseFiles(docs)
		if !ok {
			return
		}
		wrong := diag.List{}
		for _, doc := range parsed {
			if doc.key.Path() == path {
				wrong = violations(doc) // before reading, which may bring a document up to date
			}
		}
		d.read(parsed)
		var own diag.List
		for _, dg := range d.list {
			if dg.Severity == diag.Error && documentOf(dg.Path) == key.Pointer() {
				own = append(own, dg)
			}
		}
		switch {
		case len(own) == 0 && len(wrong) > 0:
			t.Fatalf("the schema alone refuses %s: %v", path, wrong)
		case len(own) == 0:
			taken++
		case len(wrong) > 0:
			refused++
		default:
			beyond++
			for _, dg := range own {
				if !slices.Contains(semantic, dg.Code) && !beyondScenario(key.Kind, dg) {
					t.Fatalf("the reader alone refuses %s: %v", path, dg)
				}
			}
		}
	})
	if taken == 0 || refused == 0 || beyond == 0 {
		t.Errorf("taken %d, refused %d, beyond the schema %d: the changes say too little", taken, refused, beyond)
	}
}

// Diff sees every change: two apps whose documents are stored differently have a difference that says so, and those
// stored alike have none.
func TestDiffSeesEverything(t *testing.T) {
	files := readFolder(t, "testdata/shop")
	base := mustDecode(t, files, nil)
	paths := slices.Sorted(maps.Keys(files))
	changed := 0
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.SampledFrom(paths).Draw(t, "path")
		key, _ := metamodel.ParseDocKey(path)
		root, problem := parse(files[path], key.Pointer())
		if problem != nil {
			t.Fatal(problem)
		}
		mutate(t, root)
		docs := maps.Clone(files)
		docs[path] = root.pretty()
		next, list := Decode(docs, base, nil)
		if list.HasErrors() {
			return
		}
		a, b := Store(base), Store(next)
		same := slices.EqualFunc(a, b, func(a, b Stored) bool { return bytes.Equal(a.Body, b.Body) })
		changes := metamodel.Diff(base, next)
		if same != (len(changes) == 0) {
			t.Fatalf("stored alike: %v; %d changes: %v\n%s", same, len(changes), changes, docs[path])
		}
		for _, c := range changes {
			if c.Words()["zh-CN"] == "" || c.Words()["en-US"] == "" || c.Class() == "" {
				t.Fatalf("%+v has no words", c)
			}
		}
		if !same {
			changed++
		}
	})
	if changed == 0 {
		t.Error("nothing was changed")
	}
}
