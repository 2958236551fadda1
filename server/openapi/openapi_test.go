package openapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/metamodel"
	"tenon/metamodel/schema"
	"tenon/templates"
)

func general(t *testing.T) *compile.Snapshot {
	t.Helper()
	files, err := templates.Files("general")
	if err != nil {
		t.Fatal(err)
	}
	app, list := schema.Decode(files, nil, nil)
	if list.HasErrors() {
		t.Fatal(list)
	}
	snap, list := compile.Compile(app, compile.Source{Env: compile.Production})
	if list.HasErrors() {
		t.Fatal(list)
	}
	return snap
}

// describe writes a description and checks that it hangs together: every reference leads somewhere, every
// operation has an id of its own, every parameter of a path is described.
func describe(t *testing.T, o Options) map[string]any {
	t.Helper()
	o.Version, o.Server = "1", "/"
	data, err := Document(o)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	checkRefs(t, doc, doc)
	ids := map[string]bool{}
	for path, item := range doc["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			id, _ := op.(map[string]any)["operationId"].(string)
			if id == "" || ids[id] {
				t.Errorf("%s %s: operation id %q is empty or taken", method, path, id)
			}
			ids[id] = true
		}
	}
	return doc
}

func checkRefs(t *testing.T, doc map[string]any, v any) {
	t.Helper()
	switch x := v.(type) {
	case map[string]any:
		if r, ok := x["$ref"].(string); ok {
			var at any = doc
			for part := range strings.SplitSeq(strings.TrimPrefix(r, "#/"), "/") {
				m, _ := at.(map[string]any)
				at = m[part]
			}
			if at == nil {
				t.Errorf("%s leads nowhere", r)
			}
		}
		for _, e := range x {
			checkRefs(t, doc, e)
		}
	case []any:
		for _, e := range x {
			checkRefs(t, doc, e)
		}
	}
}

func schemas(doc map[string]any) map[string]any {
	return doc["components"].(map[string]any)["schemas"].(map[string]any)
}

func TestPlatformAlone(t *testing.T) {
	for _, lang := range []string{"zh-CN", "en-US"} {
		doc := describe(t, Options{Lang: lang})
		if doc["openapi"] != "3.1.0" {
			t.Error(doc["openapi"])
		}
	}
}

// Everything that a role may not see is absent: entities, operations, fields.
func TestDescribesWhatARoleMay(t *testing.T) {
	snap := general(t)
	for _, role := range snap.App.Roles {
		actor := &policy.Actor{Kind: policy.Person, ID: "u", Roles: policy.Assigned(snap.App, role)}
		doc := describe(t, Options{Lang: "zh-CN", Snap: snap, Actor: actor})
		paths := doc["paths"].(map[string]any)
		for _, e := range snap.App.Entities {
			if e.IsLines() {
				continue
			}
			base := "/api/v1/apps/" + snap.App.Name + "/" + e.Name
			ops, _ := paths[base].(map[string]any)
			for method, action := range map[string]metamodel.Action{"get": metamodel.ActRead, "post": metamodel.ActCreate} {
				if may, shown := snap.Permissions.Decide(actor, e, action).Allow, ops[method] != nil; may != shown {
					t.Errorf("%s: %s %s: allowed %v, described %v", role.Name, method, base, may, shown)
				}
			}
			checkFields(t, snap, actor, e, schemas(doc))
		}
	}
}

func checkFields(t *testing.T, snap *compile.Snapshot, actor *policy.Actor, e *metamodel.Entity, all map[string]any) {
	t.Helper()
	props := func(name string) map[string]any {
		s, _ := all[name].(map[string]any)
		p, _ := s["properties"].(map[string]any)
		return p
	}
	read := snap.Permissions.Decide(actor, e, metamodel.ActRead)
	update := snap.Permissions.Decide(actor, e, metamodel.ActUpdate)
	for _, f := range e.Fields {
		if read.Allow {
			if _, shown := props(pascal(e.Name))[f.Name]; shown != read.Readable(f) {
				t.Errorf("%s.%s: readable %v, described %v", e.Name, f.Name, read.Readable(f), shown)
			}
		}
		want := update.Allow && update.Writable(f) && !f.Computed() && !f.State && f.Kind != metamodel.Number
		if _, shown := props(pascal(e.Name) + "Update")[f.Name]; shown != want {
			t.Errorf("%s.%s: writable %v, described %v", e.Name, f.Name, want, shown)
		}
	}
}

func TestNobodySeesNoRecords(t *testing.T) {
	snap := general(t)
	for _, actor := range []*policy.Actor{policy.Nobody(), {Kind: policy.Person, ID: "u", Admin: true, Builder: true}} {
		doc := describe(t, Options{Lang: "zh-CN", Snap: snap, Actor: actor})
		for path := range doc["paths"].(map[string]any) {
			if strings.HasPrefix(path, "/api/v1/apps/"+snap.App.Name+"/") {
				t.Errorf("%s is described", path)
			}
		}
	}
}

func TestDescriptionIsDeterministic(t *testing.T) {
	snap := general(t)
	o := Options{Version: "1", Server: "/", Lang: "en-US", Snap: snap, Actor: policy.Itself()}
	a, err := Document(o)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Document(o)
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("differs: %v", err)
	}
	if out := os.Getenv("TENON_OPENAPI_OUT"); out != "" { // for the linter, see tools/openapi
		if err := os.WriteFile(filepath.Clean(out), a, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if len(slices.Collect(maps.Keys(schemas(describe(t, o))))) < 20 {
		t.Error("hardly anything is described")
	}
}

func BenchmarkDocument(b *testing.B) {
	files, err := templates.Files("general")
	if err != nil {
		b.Fatal(err)
	}
	app, _ := schema.Decode(files, nil, nil)
	snap, _ := compile.Compile(app, compile.Source{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Document(Options{Lang: "zh-CN", Snap: snap, Actor: policy.Itself()}); err != nil {
			b.Fatal(err)
		}
	}
}
