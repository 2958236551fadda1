package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"
)

// doc is a document while it is put together.
type doc = map[string]any

// generator makes the source documents of random apps that are right.
type generator struct {
	t        *rapid.T
	files    map[string][]byte
	entities []string
	enums    []string
	numbers  map[string][]string // decimal fields by entity
	fields   map[string][]string // all fields by entity
	choice   map[string][]string // options of the field "kind" by entity
}

func generate(t *rapid.T) map[string][]byte {
	g := &generator{t: t, files: map[string][]byte{}, numbers: map[string][]string{}, fields: map[string][]string{}, choice: map[string][]string{}}
	for i := range rapid.IntRange(1, 3).Draw(t, "entities") {
		g.entities = append(g.entities, fmt.Sprintf("thing%d", i))
	}
	for i := range rapid.IntRange(1, 2).Draw(t, "enums") {
		g.enums = append(g.enums, fmt.Sprintf("set%d", i))
		g.document("enums", g.enums[i], doc{"x-kind": "enum", "options": g.options()})
	}
	for _, name := range g.entities {
		g.entity(name)
	}
	for i, name := range g.entities {
		g.views(i, name)
	}
	g.role()
	g.document("", "random", doc{"x-kind": "app", "version": "0.1.0", "menu": g.menu()})
	return g.files
}

func (g *generator) document(folder, name string, d doc) {
	d["x-version"], d["x-name"] = 1, name
	g.title(d)
	body, err := json.Marshal(d)
	if err != nil {
		g.t.Fatal(err)
	}
	path := "app.json"
	if folder != "" {
		path = folder + "/" + name + ".json"
	}
	g.files[path] = body
}

func (g *generator) title(d doc) {
	d["title"] = rapid.StringMatching(`[a-zA-Z名称数量 "\\<>]{1,12}`).Draw(g.t, "title")
	if rapid.Bool().Draw(g.t, "translated") {
		d["x-title"] = doc{"en-US": "T", "fr": "é"}
	}
}

func (g *generator) options() []any {
	var out []any
	for i := range rapid.IntRange(1, 4).Draw(g.t, "options") {
		o := doc{"name": fmt.Sprintf("o%d", i)}
		g.title(o)
		if rapid.Bool().Draw(g.t, "coloured") {
			o["color"] = "#0a0b0c"
		}
		if rapid.IntRange(0, 4).Draw(g.t, "retired") == 0 {
			o["retired"] = true
		}
		out = append(out, o)
	}
	return out
}

// fieldMakers make a field of each kind; name tells whether its records' entity is needed.
var fieldMakers = map[string]func(g *generator, entity string) doc{
	"text":     func(*generator, string) doc { return doc{"type": "string", "maxLength": 20, "pattern": "^a"} },
	"longtext": func(*generator, string) doc { return doc{"type": "string", "x-field": "longtext"} },
	"richtext": func(*generator, string) doc { return doc{"type": "string", "x-field": "richtext", "maxLength": 5} },
	"integer": func(*generator, string) doc {
		return doc{"type": "integer", "minimum": -3, "maximum": 7, "x-default": "1 + 1"}
	},
	"decimal": func(*generator, string) doc {
		return doc{"type": "string", "format": "decimal", "x-decimal": []int{12, 3}, "x-minimum": "0"}
	},
	"money": func(*generator, string) doc { return doc{"type": "string", "format": "decimal", "x-currency": "EUR"} },
	"percent": func(*generator, string) doc {
		return doc{"type": "string", "format": "decimal", "x-field": "percent", "x-private": true}
	},
	"boolean": func(*generator, string) doc { return doc{"type": "boolean", "x-default": "true"} },
	"date": func(*generator, string) doc {
		return doc{"type": "string", "format": "date", "x-minimum": "2020-01-01"}
	},
	"datetime": func(*generator, string) doc { return doc{"type": "string", "format": "date-time"} },
	"time":     func(*generator, string) doc { return doc{"type": "string", "format": "time"} },
	"duration": func(*generator, string) doc { return doc{"type": "string", "format": "duration"} },
	"choice":   func(g *generator, _ string) doc { return doc{"type": "string", "x-options": g.options()} },
	"shared": func(g *generator, _ string) doc {
		return doc{"type": "string", "x-enum": rapid.SampledFrom(g.enums).Draw(g.t, "enum")}
	},
	"listed": func(g *generator, _ string) doc {
		return doc{"type": "string", "maxLength": 40, "x-choices": doc{"entity": rapid.SampledFrom(g.entities).Draw(g.t, "target"), "value": "id", "where": "it.version > 1", "order": []string{"-version"}, "show": []string{"version"}, "strict": true}}
	},
	"bare": func(*generator, string) doc { return doc{"type": "string", "enum": []string{"x", "Y"}} },
	"choices": func(g *generator, _ string) doc {
		return doc{"type": "array", "items": doc{"type": "string"}, "x-options": g.options(), "maxItems": 3}
	},
	"reference": func(g *generator, _ string) doc {
		return doc{"type": "string", "format": "uuid", "x-ref": doc{"entity": rapid.SampledFrom(g.entities).Draw(g.t, "target"), "on-delete": "set-null", "show": []string{"version"}, "open": "version"}, "x-options-filter": "it.version > 1"}
	},
	"references": func(g *generator, _ string) doc {
		return doc{"type": "array", "items": doc{"type": "string", "format": "uuid"}, "x-ref": doc{"entity": rapid.SampledFrom(g.entities).Draw(g.t, "target")}}
	},
	"tree": func(_ *generator, e string) doc {
		return doc{"type": "string", "format": "uuid", "x-ref": doc{"entity": e, "tree": true}}
	},
	"user":       func(*generator, string) doc { return doc{"type": "string", "format": "uuid", "x-field": "user"} },
	"department": func(*generator, string) doc { return doc{"type": "string", "format": "uuid", "x-field": "department"} },
	"file": func(*generator, string) doc {
		return doc{"type": "array", "x-field": "file", "items": doc{"type": "string", "format": "uuid"}}
	},
	"image": func(*generator, string) doc {
		return doc{"type": "array", "x-field": "image", "items": doc{"type": "string", "format": "uuid"}, "minItems": 1}
	},
	"barcode": func(*generator, string) doc { return doc{"type": "string", "x-field": "barcode", "x-unique": true} },
	"phone":   func(*generator, string) doc { return doc{"type": "string", "x-field": "phone"} },
	"email":   func(*generator, string) doc { return doc{"type": "string", "format": "email"} },
	"link":    func(*generator, string) doc { return doc{"type": "string", "format": "uri"} },
	"number":  func(*generator, string) doc { return doc{"type": "string", "x-number": "A{yyMM}{000}"} },
	"json":    func(*generator, string) doc { return doc{"type": "object", "x-field": "json"} },
}

func (g *generator) entity(name string) {
	makers := slices.Sorted(maps.Keys(fieldMakers))
	kinds := rapid.SliceOfNDistinct(rapid.SampledFrom(makers), 1, 10, rapid.ID).Draw(g.t, "kinds")
	properties := &node{kind: jsonObject}
	add := func(field string, d doc) {
		g.title(d)
		body, err := json.Marshal(d)
		if err != nil {
			g.t.Fatal(err)
		}
		n, problem := parse(body, "")
		if problem != nil {
			g.t.Fatal(problem)
		}
		properties.put(field, n)
		g.fields[name] = append(g.fields[name], field)
	}
	add("name", doc{"type": "string"})
	add("state", doc{"type": "string", "x-state": true, "x-options": []doc{{"name": "a", "title": "A"}, {"name": "b", "title": "B"}}})
	add("qty", doc{"type": "string", "format": "decimal"})
	for _, k := range kinds {
		add("f_"+k, fieldMakers[k](g, name))
	}
	add("twice", doc{"type": "string", "format": "decimal", "x-computed": doc{"cel": "qty * 2.0", "stored": rapid.Bool().Draw(g.t, "stored")}})
	lines := rapid.Bool().Draw(g.t, "lines")
	if lines {
		add("rows", doc{"type": "array", "x-lines": name + "_row", "minItems": 1})
		add("total", doc{"type": "string", "format": "decimal", "x-computed": doc{"cel": "rows.sum(r, r.n)", "stored": true}})
	}
	if lines {
		add("rows_n", g.rollup(doc{"type": "string", "format": "decimal"}, name+"_row", "parent", "sum", "n"))
	}
	if i := slices.Index(kinds, "tree"); i >= 0 {
		add("below", g.rollup(doc{"type": "integer"}, name, "f_tree", "distinct", "name"))
		add("names", doc{"type": "string", "x-rollup": doc{"entity": name, "field": "f_tree", "function": "concat", "value": "name", "where": "qty > 1.0", "order": []string{"-qty", "name"}, "separator": "/"}})
	}
	d := doc{"x-kind": "entity", "type": "object", "required": []string{"name"}, "x-display": "name", "x-search": []string{"name"}}
	if rapid.Bool().Draw(g.t, "keyed") {
		d["x-unique"] = []any{[]string{"name"}, doc{"name": "both", "fields": []string{"name", "qty"}}}
		d["x-indexes"] = []any{[]string{"qty"}}
	}
	d["x-rules"] = []doc{{"name": "plenty", "on": []string{"update", "clock"}, "tell": []string{"worker"}, "when": "state == 'a'", "cel": "qty >= 0.0", "at": "qty", "message": doc{"zh-CN": "不够", "en-US": "Not enough"}}}
	d["x-states"] = doc{"initial": "a", "frozen": []string{"b"}, "waiting": []string{"a"}, "transitions": []doc{{"name": "go", "title": "G", "from": []string{"a"}, "to": "b", "when": "twice > 1.0"}}}
	d["properties"] = json.RawMessage(properties.pretty())
	g.document("entities", name, d)
	if lines {
		g.document("entities", name+"_row", doc{"x-kind": "entity", "type": "object", "properties": doc{
			"n":    doc{"type": "string", "format": "decimal", "title": "N"},
			"rate": doc{"type": "string", "format": "decimal", "title": "R", "x-computed": doc{"cel": "n * parent.qty", "stored": true}},
		}})
	}
	if rapid.Bool().Draw(g.t, "tested") {
		g.document("scenarios", name+"_works", doc{
			"x-kind": "scenario",
			"given":  doc{name: []doc{{"$": "x1", "$state": "b", "name": "n", "state": "a"}}},
			"when":   []doc{{"as": "worker", "create": name, "$": "x2", "with": doc{"name": "m", "qty": "1.5"}, "transition": "go"}, {"update": "$x2", "with": doc{"state": "b"}, "refused": "rule.failed:plenty"}},
			"then":   []doc{{"record": "$x2", "equals": doc{"state": "b"}}, {"entity": name, "filter": "qty > 1.0", "count": 1}},
		})
	}
}

// rollup adds to a field that it is worked out over rows.
func (g *generator) rollup(field doc, entity, by, function, of string) doc {
	field["x-rollup"] = doc{"entity": entity, "field": by, "function": function, "value": of}
	return field
}

func (g *generator) views(i int, entity string) {
	fields := rapid.SliceOfNDistinct(rapid.SampledFrom(g.fields[entity]), 1, 6, rapid.ID).Draw(g.t, "columns")
	columns, items := []doc{}, []doc{}
	for _, f := range fields {
		if f != "rows" {
			columns = append(columns, doc{"field": f, "width": 10})
		}
		items = append(items, doc{"field": f, "readonly": "state == 'b'", "only": "print"})
	}
	if len(columns) == 0 {
		columns = append(columns, doc{"field": "qty"}) // a list of a dashboard shows something
	}
	form := fmt.Sprintf("form%d", i)
	g.document("views", form, doc{"x-kind": "view", "type": "form", "entity": entity, "sections": []doc{{"name": "main", "title": "M", "items": items, "visible": "name != ''"}}, "print": doc{"title": "P", "orientation": "landscape", "note": "N", "signatures": []doc{{"title": "S", "x-title": doc{"en-US": "S"}}}}})
	g.document("views", fmt.Sprintf("table%d", i), doc{
		"x-kind": "view", "type": "table", "entity": entity, "columns": columns, "form": form, "filter": "qty > 0.0",
		"sort": []doc{{"field": "qty", "desc": true}}, "group": "state", "colors": []doc{{"name": "hot", "when": "twice > 5.0", "color": "red"}},
		"saved": []doc{{"name": "mine", "title": "Mine", "filter": "owner == user.id"}},
	})
	g.document("views", fmt.Sprintf("calendar%d", i), doc{
		"x-kind": "view", "type": "calendar", "entity": entity, "start": "created_at", "end": "updated_at", "columns": columns, "filter": "qty > 0.0", "form": form,
		"colors": []doc{{"name": "hot", "when": "twice > 5.0", "color": "red"}},
	})
	g.document("views", fmt.Sprintf("dashboard%d", i), doc{
		"x-kind": "view", "type": "dashboard",
		"filters": []doc{{"name": "period", "title": "P", "kind": "period", "default": "this_month"}, {"name": "other", "title": "O", "kind": "period"}},
		"cards": []doc{
			{
				"name": "n", "title": "N", "type": "number", "entity": entity, "filter": "qty > 0.0", "measures": []doc{{"name": "m", "op": "sum", "field": "qty"}}, "compare": "previous_period", "bind": doc{"period": "created_at", "other": "updated_at"},
				"colors": []doc{{"name": "hot", "when": "m > 5.0", "color": "red"}}, "view": fmt.Sprintf("table%d", i),
			},
			{"name": "b", "title": "B", "type": "bar", "entity": entity, "measures": []doc{{"name": "m", "op": "count"}}, "group": []doc{{"field": "created_at", "by": "month"}}, "keep": true, "sort": []doc{{"measure": "m", "desc": true}}},
			{"name": "l", "title": "L", "type": "list", "entity": entity, "columns": columns, "sort": []doc{{"field": "qty"}}, "period": "today", "bind": doc{"other": "created_at"}, "height": 3},
		},
	})
	g.document("views", fmt.Sprintf("board%d", i), doc{"x-kind": "view", "type": "board", "entity": entity, "by": "state", "columns": columns, "sum": "qty", "limits": []doc{{"option": "a", "max": 3}}})
}

func (g *generator) role() {
	var grants []doc
	for _, e := range g.entities {
		grants = append(grants, doc{"entity": e, "actions": []string{"read", "create"}, "transitions": []string{"go"}, "rows": "qty > 0.0 || owner == user.id", "fields": doc{"qty": "readonly", "name": "masked"}})
	}
	g.document("roles", "worker", doc{"x-kind": "role", "grants": grants})
	g.document("roles", "chief", doc{"x-kind": "role", "inherits": []string{"worker"}, "installer": true, "menu": []string{"top", "top.item0"}})
}

func (g *generator) menu() []doc {
	var items []doc
	for i := range g.entities {
		items = append(items, doc{"name": fmt.Sprintf("item%d", i), "title": "I", "view": fmt.Sprintf("table%d", i)})
	}
	return []doc{{"name": "top", "title": "Top", "items": items}}
}
