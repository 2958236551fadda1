package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

const root = "../.."

// The reference says what the program is now.
func TestReferenceIsUpToDate(t *testing.T) {
	for name, page := range pages {
		want, err := page(root)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := os.ReadFile(filepath.Join(root, folder, name))
		if err != nil {
			t.Errorf("%v: run make gen", err)
			continue
		}
		if string(got) != want {
			t.Errorf("%s is not what the program says: run make gen", name)
		}
		again, err := page(root)
		if err != nil || again != want {
			t.Errorf("%s comes out different each time: %v", name, err)
		}
	}
	entries, err := os.ReadDir(filepath.Join(root, folder))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if pages[e.Name()] == nil {
			t.Errorf("nothing writes %s", e.Name())
		}
	}
}

// Nothing is left out: each code, function, operator, kind of document, key and limit has its line.
func TestReferenceIsWhole(t *testing.T) {
	text := map[string]string{}
	for name, page := range pages {
		body, err := page(root)
		if err != nil {
			t.Fatal(err)
		}
		text[name] = body
	}
	has := func(name, what string) {
		t.Helper()
		if !strings.Contains(text[name], what) {
			t.Errorf("%s has no %s", name, what)
		}
	}
	for _, e := range diag.Entries() {
		has("errors.md", "| `"+string(e.Code)+"` | ")
		has("errors.md", strings.ReplaceAll(e.Text.EN, "|", `\|`))
		has("errors.md", strings.ReplaceAll(e.Cure.ZH, "|", `\|`))
	}
	for _, f := range expr.Functions() {
		has("expressions.md", "#### "+f.Name+"\n")
		has("expressions.md", f.Doc.ZH)
		has("expressions.md", f.Doc.EN)
		has("expressions.md", f.Example)
	}
	for _, o := range expr.Operators() {
		has("expressions.md", "| `"+strings.ReplaceAll(o.Sign, "|", `\|`)+"` |")
	}
	for _, k := range metamodel.Kinds {
		has("documents.md", "\n## "+string(k)+"\n")
	}
	for _, k := range metamodel.FieldKinds {
		has("documents.md", "properties: "+string(k)+"\n")
	}
	for _, key := range []string{"`x-computed`", "`on-delete`", "`refused`", "`installer`", "`page_size`", "`retired`", "`x-options-filter`", "`span`", "`frozen`"} {
		has("documents.md", key)
	}
	for _, name := range []string{"`MaxFormula` | 4096 (4 KiB) |", "`MaxDocumentBytes` | 1048576 (1 MiB) |", "`DefaultSessionIdle` | 24h0m0s |", "`maxOperations` | 500 |"} {
		has("limits.md", name)
	}
}
