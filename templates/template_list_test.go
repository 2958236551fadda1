package templates

import (
	"errors"
	"testing"

	"tenon/metamodel/check"
	"tenon/metamodel/schema"
)

func TestList(t *testing.T) {
	all := List()
	if len(all) == 0 {
		t.Fatal("no templates")
	}
	for _, tpl := range all {
		for _, lang := range []string{"zh-CN", "en-US"} {
			if tpl.Title[lang] == "" || tpl.Summary[lang] == "" || tpl.Industry[lang] == "" {
				t.Errorf("%s: title, summary or industry is missing in %s", tpl.Name, lang)
			}
		}
		if tpl.Icon == "" || tpl.Version == "" {
			t.Errorf("%s: icon %q, version %q", tpl.Name, tpl.Icon, tpl.Version)
		}
		files, err := Files(tpl.Name)
		if err != nil {
			t.Fatal(err)
		}
		if files["app.json"] == nil {
			t.Errorf("%s: no app.json", tpl.Name)
		}
	}
	all[0].Name = "changed"
	if List()[0].Name == "changed" {
		t.Error("List hands out its own slice")
	}
}

func TestFilesUnknown(t *testing.T) {
	for _, name := range []string{"", "nothing", "general/entities", ".."} {
		if _, err := Files(name); !errors.Is(err, ErrUnknown) {
			t.Errorf("Files(%q): %v", name, err)
		}
	}
}

// TestTemplatesCheck decodes every template and compiles all its expressions: no error and no warning.
func TestTemplatesCheck(t *testing.T) {
	for _, tpl := range List() {
		files, err := Files(tpl.Name)
		if err != nil {
			t.Fatal(err)
		}
		app, list := schema.Decode(files, nil, nil)
		if app != nil && !list.HasErrors() {
			_, more := check.Compile(app)
			list = append(list, more...)
		}
		for _, d := range list {
			t.Errorf("%s: %s", tpl.Name, d)
		}
	}
}
