package templates

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"

	"tenon/metamodel"
)

// ErrUnknown says that no template has the name asked for.
var ErrUnknown = errors.New("no such template")

// Template describes one app that can be installed.
type Template struct {
	Name     string          `json:"name"`    // name of the app and of its folder
	Title    metamodel.Label `json:"title"`   // what it is called
	Summary  metamodel.Label `json:"summary"` // what it is for, in a sentence
	Icon     string          `json:"icon"`
	Version  string          `json:"version"`
	Industry metamodel.Label `json:"industry"` // for whom it is made
	Demo     bool            `json:"demo"`     // whether Demo has data for it
}

//go:embed general/app.json general/entities general/enums general/ledgers general/roles general/views general/scenarios
var documents embed.FS

// shelf lists the templates in the order in which people see them, with what their documents don't say.
var shelf = []Template{
	{Name: "general", Industry: metamodel.Label{"zh-CN": "批发零售、通用贸易", "en-US": "Wholesale, retail and general trade"}, Demo: true},
}

var catalogue = readCatalogue()

// List returns all templates in the order in which people see them.
func List() []Template { return append([]Template(nil), catalogue...) }

// Files returns a template's documents in source form: "app.json", "entities/item.json" and so on. The maps
// and slices are the caller's own. The error is ErrUnknown for a name that List doesn't have.
func Files(name string) (map[string][]byte, error) {
	if !known(name) {
		return nil, fmt.Errorf("read template %q: %w", name, ErrUnknown)
	}
	files := map[string][]byte{}
	err := fs.WalkDir(documents, name, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(p) != ".json" {
			return err
		}
		text, err := documents.ReadFile(p)
		files[strings.TrimPrefix(p, name+"/")] = text
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read template %q: %w", name, err)
	}
	return files, nil
}

// Names returns the paths of a template's documents in order.
func Names(files map[string][]byte) []string {
	names := make([]string, 0, len(files))
	for n := range files {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

func known(name string) bool {
	for _, t := range shelf {
		if t.Name == name {
			return true
		}
	}
	return false
}

// readCatalogue fills in what each template's app document says of itself. The documents are part of the
// binary, so one that can't be read is a mistake made when it was built.
func readCatalogue() []Template {
	out := make([]Template, 0, len(shelf))
	for _, t := range shelf {
		text, err := documents.ReadFile(t.Name + "/app.json")
		if err != nil {
			panic(fmt.Sprintf("templates: %v", err))
		}
		var app struct {
			Title       string            `json:"title"`
			Titles      map[string]string `json:"x-title"`
			Description string            `json:"description"`
			Texts       map[string]string `json:"x-description"`
			Icon        string            `json:"icon"`
			Version     string            `json:"version"`
		}
		if err := json.Unmarshal(text, &app); err != nil {
			panic(fmt.Sprintf("templates: %s: %v", t.Name, err))
		}
		t.Title, t.Summary = label(app.Title, app.Titles), label(app.Description, app.Texts)
		t.Icon, t.Version = app.Icon, app.Version
		out = append(out, t)
	}
	return out
}

func label(text string, others map[string]string) metamodel.Label {
	l := metamodel.Label{metamodel.DefaultLanguage: text}
	for lang, s := range others {
		l[lang] = s
	}
	return l
}
