package schema

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tenon/metamodel"
)

// readFolder reads an app's documents from a folder.
func readFolder(t testing.TB, root string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	patterns := []string{"app.json"}
	for _, k := range metamodel.Kinds {
		if k.Folder() != "" {
			patterns = append(patterns, k.Folder()+"/*.json")
		}
	}
	for _, p := range patterns {
		found, err := filepath.Glob(filepath.Join(root, p))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			body, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			rel, err := filepath.Rel(root, path)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.ToSlash(rel)] = body
		}
	}
	return files
}

// mustDecode decodes documents that are expected to be right.
func mustDecode(t testing.TB, files map[string][]byte, base *metamodel.App) *metamodel.App {
	t.Helper()
	app, list := Decode(files, base, nil)
	for _, d := range list {
		t.Errorf("%v", d)
	}
	if app == nil || list.HasErrors() {
		t.FailNow()
	}
	return app
}

// sameApp reports where two apps differ: as documents when these differ, else somewhere in the types.
func sameApp(t testing.TB, want, got *metamodel.App) {
	t.Helper()
	if reflect.DeepEqual(want, got) {
		return
	}
	a, b := Store(want), Store(got)
	for i := range a {
		if i >= len(b) || !bytes.Equal(a[i].Body, b[i].Body) {
			t.Fatalf("document %v differs:\n%s\n%s", a[i].Key(), a[i].Body, b[min(i, len(b)-1)].Body)
		}
	}
	t.Fatal("the apps differ, though their documents are the same")
}

func sameFiles(t testing.TB, want, got map[string][]byte) {
	t.Helper()
	for path, body := range want {
		if !bytes.Equal(body, got[path]) {
			t.Errorf("%s differs:\n%s\n%s", path, body, got[path])
		}
	}
	if len(want) != len(got) {
		t.Errorf("%d files, want %d", len(got), len(want))
	}
}

// laws are what must hold for every app that decoded without errors.
func laws(t testing.TB, app *metamodel.App) {
	t.Helper()
	loaded, list := Load(Store(app))
	if len(list) > 0 {
		t.Fatalf("stored, it does not load: %v", list)
	}
	sameApp(t, app, loaded)
	files := Encode(app)
	again := mustDecode(t, files, nil)
	sameApp(t, app, again)
	sameFiles(t, files, Encode(again))
	over := mustDecode(t, files, app)
	sameApp(t, app, over)
	untouched, list := Apply(app, nil, nil)
	if list.HasErrors() {
		t.Fatalf("an app without edits has errors: %v", list)
	}
	sameApp(t, app, untouched)
}

func TestTemplatesRoundTrip(t *testing.T) {
	roots, err := filepath.Glob("../../templates/*/app.json")
	if err != nil || len(roots) == 0 {
		t.Fatalf("no templates found: %v", err)
	}
	for _, root := range roots {
		dir := filepath.Dir(root)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			app := mustDecode(t, readFolder(t, dir), nil)
			laws(t, app)
			for path, body := range Encode(app) {
				if strings.Contains(string(body), "x-id") {
					t.Errorf("%s has ids, though nothing was renamed", path)
				}
			}
		})
	}
}

func TestShopRoundTrip(t *testing.T) {
	laws(t, mustDecode(t, readFolder(t, "testdata/shop"), nil))
}
