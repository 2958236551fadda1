package expr

import (
	"errors"
	"strings"
	"testing"
)

// Every operator has words in both languages, and its examples give what is written.
func TestOperatorExamples(t *testing.T) {
	m, app, act := fixture()
	signs := map[string]bool{}
	for _, o := range Operators() {
		signs[o.Sign] = true
		if o.Doc.ZH == "" || o.Doc.EN == "" || o.Null.ZH == "" || o.Null.EN == "" || len(o.Examples) == 0 {
			t.Errorf("%s: documentation is missing", o.Sign)
		}
		for _, e := range o.Examples {
			if !strings.Contains(e.Source, strings.Fields(o.Sign)[0]) {
				t.Errorf("%s: the example %s has no such sign", o.Sign, e.Source)
			}
			p, list := m.Compile(Scope{Entity: app.Entity("supplier")}, e.Source, Unknown)
			if p == nil {
				t.Errorf("%s: %v", e.Source, list)
				continue
			}
			got, err := p.Eval(&Activation{Now: act.Now, Zone: shanghai})
			text := show(got)
			if errors.Is(err, ErrNull) {
				text, err = "null", nil
			}
			if err != nil || text != e.Result {
				t.Errorf("%s = %s, %v, want %s", e.Source, text, err, e.Result)
			}
		}
	}
	for op, sign := range operatorSign {
		if !signs[sign] {
			t.Errorf("operation %d, written %s, is not described", op, sign)
		}
	}
}

// Every function belongs to a group that has a name, and says how it is called.
func TestFunctionForms(t *testing.T) {
	for _, f := range Functions() {
		if len(f.Forms()) == 0 {
			t.Errorf("%s: no form", f.Name)
		}
		titled := false
		for _, g := range Groups {
			titled = titled || g.Group == f.Group && g.Title.ZH != "" && g.Title.EN != ""
		}
		if !titled {
			t.Errorf("%s: group %s has no title", f.Name, f.Group)
		}
	}
}
