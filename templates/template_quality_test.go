package templates

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tenon/metamodel"
	"tenon/metamodel/schema"
	"tenon/metamodel/value"
)

func appOf(t *testing.T, name string) *metamodel.App {
	t.Helper()
	files, err := Files(name)
	if err != nil {
		t.Fatal(err)
	}
	app, list := schema.Decode(files, nil, nil)
	if list.HasErrors() {
		t.Fatal(list)
	}
	return app
}

// TestLabelsInBothLanguages walks the documents: whatever has a title, help, tab, description or message says
// it in Chinese and in English.
func TestLabelsInBothLanguages(t *testing.T) {
	for _, tpl := range List() {
		files, err := Files(tpl.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range Names(files) {
			var doc any
			if err := json.Unmarshal(files[name], &doc); err != nil {
				t.Fatal(err)
			}
			checkLabels(t, name, doc)
		}
	}
}

func checkLabels(t *testing.T, at string, v any) {
	t.Helper()
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			checkLabels(t, fmt.Sprintf("%s/%d", at, i), e)
		}
	case map[string]any:
		for _, key := range []string{"title", "description", "help", "tab", "empty"} {
			if _, isText := v[key].(string); !isText {
				continue
			}
			if en, _ := v["x-"+key].(map[string]any); en["en-US"] == nil {
				t.Errorf("%s: %s has no English", at, key)
			}
		}
		if m, ok := v["message"].(map[string]any); ok && (m["zh-CN"] == nil || m["en-US"] == nil) {
			t.Errorf("%s: the message lacks a language", at)
		}
		for k, e := range v {
			if k != "given" && k != "when" && k != "then" { // records, not labels
				checkLabels(t, at+"/"+k, e)
			}
		}
	}
}

func TestGeneralIsWhole(t *testing.T) {
	app := appOf(t, "general")
	if n := len(app.Scenarios); n < 25 {
		t.Errorf("%d scenarios", n)
	}
	granted := map[*metamodel.Entity]bool{}
	for _, r := range app.Roles {
		for _, g := range r.Grants {
			granted[g.Entity] = true
		}
	}
	for _, e := range app.Entities {
		if e.IsLines() || e.Kept != nil && e == e.Kept.Balance &&
			(e.Kept.Quantity == nil || len(e.Kept.PoolDimensions()) == len(e.Kept.Dimensions)) {
			continue // nothing is counted, or each key has a cost of its own: what there is stands there
		}
		if !granted[e] {
			t.Errorf("%s: nobody may use it", e.Name)
		}
		kinds := []metamodel.ViewType{metamodel.TableView, metamodel.FormView}
		if e.Kept != nil { // nobody writes it
			kinds = kinds[:1]
		}
		for _, kind := range kinds {
			if !slices.ContainsFunc(app.Views, func(v *metamodel.View) bool { return v.Entity == e && v.Type == kind }) {
				t.Errorf("%s: no %s", e.Name, kind)
			}
		}
	}
	installers := 0
	for _, r := range app.Roles {
		if r.Installer {
			installers++
		}
	}
	if installers != 1 {
		t.Errorf("%d roles for the installer", installers)
	}
	menu := map[metamodel.ID]bool{}
	for _, g := range app.Menu {
		menu[g.View] = true
		for _, m := range g.Items {
			menu[m.View] = true
		}
	}
	for _, v := range app.Views {
		if v.Type != metamodel.FormView && !menu[v.ID] {
			t.Errorf("%s: not in the menu", v.Name)
		}
	}
}

// TestDemoFitsTheTemplate checks every value against the entity's fields: known and writable, of the right
// form, within bounds, pointing at a record of the right entity; nothing required is missing.
func TestDemoFitsTheTemplate(t *testing.T) {
	app := appOf(t, "general")
	made := map[string]string{}
	for _, r := range demoOf(t, 1) {
		e := app.Entity(r.Entity)
		if e == nil {
			t.Fatalf("%s: no such entity", r.Entity)
		}
		for _, problem := range fitRecord(e, r.Values, made) {
			t.Errorf("%s %s: %s", r.Entity, r.Handle, problem)
		}
		for _, tr := range r.Transitions {
			if e.States == nil || !slices.ContainsFunc(e.States.Transitions, func(x *metamodel.Transition) bool { return x.Name == tr }) {
				t.Errorf("%s %s: no transition %s", r.Entity, r.Handle, tr)
			}
		}
		made[r.Handle] = r.Entity
	}
}

func fitRecord(e *metamodel.Entity, values map[string]any, made map[string]string) []string {
	var out []string
	for name, v := range values {
		f := e.Field(name)
		switch {
		case f == nil:
			out = append(out, "no field "+name)
		case f.Computed() || f.System || f.State || f.Kind == metamodel.Number:
			out = append(out, name+" can't be written")
		case f.Kind == metamodel.Lines:
			lines, _ := v.([]any)
			if len(lines) < f.MinItems || len(lines) > f.MaxLength {
				out = append(out, fmt.Sprintf("%d %s", len(lines), name))
			}
			for _, l := range lines {
				out = append(out, fitRecord(f.Target, l.(map[string]any), made)...)
			}
		default:
			if problem := fitValue(f, v, made); problem != "" {
				out = append(out, fmt.Sprintf("%s = %v: %s", name, v, problem))
			}
		}
	}
	for _, f := range e.Fields {
		if f.Required && values[f.Name] == nil && f.Default == nil {
			out = append(out, f.Name+" is missing")
		}
	}
	return out
}

func fitValue(f *metamodel.Field, v any, made map[string]string) string {
	text, isText := v.(string)
	switch {
	case f.Kind == metamodel.Integer:
		if _, ok := v.(int); !ok {
			return "not an integer"
		}
		return ""
	case f.Kind == metamodel.Boolean:
		if _, ok := v.(bool); !ok {
			return "not a boolean"
		}
		return ""
	case !isText:
		return "not a text"
	case f.Kind.IsReference() && f.Target.IsLines():
		name, place, _ := strings.Cut(strings.TrimPrefix(text, "$"), "/")
		if n, err := strconv.Atoi(place); made[name] != f.Target.Parent.Name || err != nil || n < 1 {
			return "not a line of " + f.Target.Parent.Name
		}
	case f.Kind.IsReference():
		if made[strings.TrimPrefix(text, "$")] != f.Target.Name {
			return "not a record of " + f.Target.Name
		}
	case f.Kind.IsDecimal():
		d, err := value.ParseDecimal(text)
		if err != nil || !d.Fits(int32(f.Precision), int32(f.Scale)) {
			return "not a decimal of the field"
		}
		if f.Min != "" && d.Cmp(value.MustDecimal(f.Min)) < 0 || f.Max != "" && d.Cmp(value.MustDecimal(f.Max)) > 0 {
			return "out of bounds"
		}
	case f.Kind == metamodel.Date:
		if _, err := value.ParseDate(text); err != nil {
			return "not a date"
		}
	case f.Kind == metamodel.Choice:
		if !slices.ContainsFunc(f.Enum.Options, func(o *metamodel.Option) bool { return o.Name == text }) {
			return "not an option"
		}
	case len([]rune(text)) > f.MaxLength:
		return "too long"
	}
	return ""
}
