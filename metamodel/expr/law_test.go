package expr

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// difference tells where two trees differ; elements are compared by id, places are not compared.
func difference(a, b *Node) string {
	switch {
	case a == nil && b == nil:
		return ""
	case a == nil || b == nil:
		return "one has a node more"
	case a.Op != b.Op || a.Type != b.Type || a.Elem != b.Elem || a.Fn != b.Fn || len(a.Args) != len(b.Args):
		return fmt.Sprintf("%s and %s", Print(a), Print(b))
	case idOf(a.Entity) != idOf(b.Entity) || fieldID(a.Field) != fieldID(b.Field):
		return fmt.Sprintf("%s and %s are of other elements", Print(a), Print(b))
	case a.enum == nil && !sameValue(a.Value, b.Value):
		return fmt.Sprintf("%v and %v", a.Value, b.Value)
	}
	for i := range a.Args {
		if d := difference(a.Args[i], b.Args[i]); d != "" {
			return d
		}
	}
	if d := difference(a.Body, b.Body); d != "" || a.Query == nil {
		return d
	}
	if b.Query == nil || a.Query.Fn != b.Query.Fn || idOf(a.Query.Entity) != idOf(b.Query.Entity) {
		return "the queries differ"
	}
	if d := difference(a.Query.Where, b.Query.Where); d != "" {
		return d
	}
	return difference(a.Query.Value, b.Query.Value)
}

func idOf(e *metamodel.Entity) metamodel.ID {
	if e == nil {
		return ""
	}
	return e.ID
}

func fieldID(f *metamodel.Field) metamodel.ID {
	if f == nil {
		return ""
	}
	return f.Entity.ID + "/" + f.ID
}

func sameValue(a, b any) bool {
	x, ok := a.(value.Decimal)
	if !ok {
		return reflect.DeepEqual(a, b)
	}
	y, ok := b.(value.Decimal)
	return ok && x.Equal(y)
}

// gen draws sources that compile over the test's receipt.
type gen struct {
	t    *rapid.T
	vars []string // lines in scope
}

func (g *gen) pick(all ...string) string { return rapid.SampledFrom(all).Draw(g.t, "part") }

func (g *gen) space() string { return g.pick("", " ", "  ", "\n", " // 备注 ⟦x⟧\n") }

func (g *gen) any(depth int) string {
	switch rapid.IntRange(0, 3).Draw(g.t, "type") {
	case 0:
		return g.boolean(depth)
	case 1:
		return g.text(depth)
	case 2:
		return g.date(depth)
	default:
		return g.number(depth)
	}
}

func (g *gen) number(depth int) string {
	if depth <= 0 {
		atoms := []string{"1", "0", "42", "1.50", ".5", "-3", "-0.1", "qty", "price", "discount", "supplier.level", "supplier.boss.level", "version"}
		for _, v := range g.vars {
			atoms = append(atoms, v+".qty", v+" . amount", v+".item.price", v+".parent.discount")
		}
		return g.pick(atoms...)
	}
	s := g.space()
	switch rapid.IntRange(0, 8).Draw(g.t, "number") {
	case 0, 1:
		return g.number(depth-1) + s + g.pick("+", "-", "*", "/", "%") + g.space() + g.number(depth-1)
	case 2:
		return "(" + s + g.number(depth-1) + g.space() + ")"
	case 3:
		return "-(" + g.number(depth-1) + ")"
	case 4:
		return g.pick("round", "abs", "floor") + "(" + s + g.number(depth-1) + ")"
	case 5:
		return g.pick("min", "max", "coalesce") + "(" + g.number(depth-1) + "," + s + g.number(depth-1) + ", 2.5)"
	case 6:
		return "(" + g.boolean(depth-1) + s + "?" + g.number(depth-1) + ":" + g.space() + g.number(depth-1) + ")"
	case 7:
		if len(g.vars) > 1 {
			return "size(lines)"
		}
		v := fmt.Sprint("v", len(g.vars))
		g.vars = append(g.vars, v)
		defer func() { g.vars = g.vars[:len(g.vars)-1] }()
		if g.pick("sum", "count") == "count" {
			return "lines" + s + ".count(" + v + ", " + g.boolean(depth-1) + ")"
		}
		return "lines.filter(x, x.qty > 1).sum(" + v + "," + s + g.number(depth-1) + ")"
	default:
		if len(g.vars) > 0 {
			return "qty"
		}
		return "sumOf(" + s + "receipt_line, l, l.item == id && l.qty > " + g.pick("1", "qty", "price * 2", "supplier.level") + ", l.qty * " + g.pick("2", "discount", "l.price") + ")"
	}
}

func (g *gen) text(depth int) string {
	if depth <= 0 {
		return g.pick("code", "note", "'a'", `"b\"c"`, `'榫\n卯\\'`, "supplier.name", "user.attributes.region", "r'\\d'", "'''x'y'''", "owner")
	}
	switch rapid.IntRange(0, 3).Draw(g.t, "text") {
	case 0:
		return g.text(depth-1) + " + " + g.text(depth-1)
	case 1:
		return g.pick("upper", "trim") + "(" + g.text(depth-1) + ")"
	case 2:
		return "(" + g.text(depth-1) + ").replace('a', " + g.text(depth-1) + ")"
	default:
		return "coalesce(" + g.text(depth-1) + ", " + g.text(0) + ")"
	}
}

func (g *gen) date(depth int) string {
	if depth <= 0 {
		return g.pick("received_on", "today()", "date('2026-01-31')", "dateOf(seen_at)", "dateOf(now())")
	}
	return g.pick("addDays", "addMonths") + "(" + g.date(depth-1) + ", " + g.pick("1", "qty", "-2") + ")"
}

func (g *gen) boolean(depth int) string {
	if depth <= 0 {
		return g.pick("paid", "true", "false", "state == 'approved'", `"draft" != state`, "state in ['draft', \"cancelled\"]", "'urgent' in tags", "note == null", "supplier == null", "owner == user.id", "hasRole('buyer')", "items.exists(i, i.active)", "supplier == 's1'", "tags.all(t, t != 'fragile')")
	}
	s := g.space()
	switch rapid.IntRange(0, 6).Draw(g.t, "boolean") {
	case 0:
		return g.boolean(depth-1) + s + g.pick("&&", "||") + g.space() + g.boolean(depth-1)
	case 1:
		return "!(" + g.boolean(depth-1) + ")"
	case 2:
		return g.number(depth-1) + g.pick("<", "<=", ">", ">=", "==", "!=") + s + g.number(depth-1)
	case 3:
		return g.date(depth-1) + g.pick("<", "==") + g.date(depth-1)
	case 4:
		return "blank(" + g.text(depth-1) + ")"
	case 5:
		return g.number(depth-1) + s + "in [1, 2.5, " + g.number(0) + "]"
	default:
		return "(" + g.boolean(depth-1) + ")"
	}
}

// Printing a tree and compiling it gives the tree back.
func TestPrintRoundTrip(t *testing.T) {
	m, app, _ := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true}
	rapid.Check(t, func(t *rapid.T) {
		g := &gen{t: t}
		p, _ := m.Compile(scope, g.any(rapid.IntRange(0, 4).Draw(t, "depth")), Unknown)
		if p == nil {
			return // mixed types, or over a bound
		}
		text := Print(p.Tree())
		again, list := m.Compile(scope, text, Unknown)
		if again == nil {
			if slices.Contains(list.Codes(), "expr.too_complex_nesting") {
				return
			}
			t.Fatalf("%s prints as %s: %v", p.Source(), text, list)
		}
		if d := difference(p.Tree(), again.Tree()); d != "" {
			t.Fatalf("%s prints as %s: %s", p.Source(), text, d)
		}
	})
}

// Most of what the generator draws compiles, or the laws would say nothing.
func TestGeneratorCompiles(t *testing.T) {
	m, app, _ := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true}
	good, bad := 0, map[diag.Code]int{}
	rapid.Check(t, func(t *rapid.T) {
		g := &gen{t: t}
		p, list := m.Compile(scope, g.any(3), Unknown)
		if p != nil {
			good++
			return
		}
		bad[list[0].Code]++
	})
	if good < 60 {
		t.Errorf("%d compiled, others %v", good, bad)
	}
}

// renamed is the test's app with every field, option and entity under another name.
func renamed(to func(string) string) *metamodel.App {
	app := testApp()
	enums := map[*metamodel.Enum]bool{}
	for _, e := range app.Entities {
		e.Name = to(e.Name)
		for _, f := range e.Fields {
			f.Name = to(f.Name)
			if f.Enum != nil {
				enums[f.Enum] = true
			}
		}
	}
	for e := range maps.Keys(enums) {
		for _, o := range e.Options {
			o.Name = to(o.Name)
		}
	}
	return app
}

// The stored form gives the source back exactly; after renaming everything it gives a source with today's names
// that compiles to the same tree.
func TestStoredRoundTrip(t *testing.T) {
	m, app, _ := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true}
	other := renamed(func(s string) string { return s + "_2" })
	m2 := NewModel(other)
	scope2 := Scope{Entity: other.Entity("receipt_2"), Query: true}
	rapid.Check(t, func(t *rapid.T) {
		g := &gen{t: t}
		p, _ := m.Compile(scope, g.any(rapid.IntRange(0, 4).Draw(t, "depth")), Unknown)
		if p == nil {
			return
		}
		stored := StoreText(p.Source(), p.Refs())
		back, err := m.SourceText(scope, stored)
		if err != nil || back != p.Source() {
			t.Fatalf("%q stored as %q came back as %q, %v", p.Source(), stored, back, err)
		}
		now, err := m2.SourceText(scope2, stored)
		if err != nil {
			t.Fatalf("%q after renaming: %v", stored, err)
		}
		p2, list := m2.Compile(scope2, now, Unknown)
		if p2 == nil {
			t.Fatalf("%q became %q: %v", p.Source(), now, list)
		}
		if d := difference(p.Tree(), p2.Tree()); d != "" {
			t.Fatalf("%q became %q: %s", p.Source(), now, d)
		}
		if StoreText(now, p2.Refs()) != stored {
			t.Fatalf("%q is stored as %q, was %q", now, StoreText(now, p2.Refs()), stored)
		}
	})
}

func TestStoreText(t *testing.T) {
	m, app, _ := fixture()
	receipt := app.Entity("receipt")
	scope := Scope{Entity: receipt, Query: true, Old: true}
	for _, src := range []string{"qty /* no */", "  qty  *  price // 数量\n", "备", "supplier\n.level", "old.qty != qty && owner == user.id", "state == \"approved\"", "code == 'state'"} {
		p, _ := m.Compile(scope, src, Unknown)
		if p == nil {
			continue
		}
		stored := StoreText(src, p.Refs())
		if back, err := m.SourceText(scope, stored); err != nil || back != src {
			t.Errorf("%q stored as %q came back as %q, %v", src, stored, back, err)
		}
	}
	p := compileOK(t, m, scope, "sumOf(receipt_line, l, l.item == id && l.parent.state == 'draft', l.qty) > qty", Bool)
	stored := StoreText(p.Source(), p.Refs())
	if want := "sumOf(⟦entline00000⟧, l, l.⟦liitem000000⟧ == id && l.parent.⟦restate00000⟧ == '⟦optdraft0000⟧', l.⟦liqty0000000⟧) > ⟦reqty0000000⟧"; stored != want {
		t.Errorf("stored as %s", stored)
	}
	kinds := map[RefKind]int{}
	for _, r := range p.Refs() {
		kinds[r.Kind]++
		if got := p.Source()[r.Offset : r.Offset+r.Length]; m.names[r.ID] != got && got != string(r.ID) {
			t.Errorf("mention of %s at %q", m.names[r.ID], got)
		}
	}
	if kinds[RefEntity] != 1 || kinds[RefOption] != 1 || kinds[RefField] != 6 {
		t.Errorf("mentions %v", kinds)
	}
	if _, err := m.SourceText(scope, "⟦nothere00000⟧ + 1"); err == nil {
		t.Error("a mention of nothing was shown")
	}
}

// A field renamed to what a formula calls its items does not change what the formula means.
func TestRenameKeepsVariablesApart(t *testing.T) {
	m, app, act := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true}
	p := compileOK(t, m, scope, "lines.sum(l, l.qty * discount) + lines.filter(l, l.qty > qty).count(k, k.qty > discount)", Dec)
	stored := StoreText(p.Source(), p.Refs())
	other := renamed(func(s string) string {
		if s == "discount" {
			return "l"
		}
		return s
	})
	m2 := NewModel(other)
	scope2 := Scope{Entity: other.Entity("receipt"), Query: true}
	now, err := m2.SourceText(scope2, stored)
	if err != nil {
		t.Fatal(err)
	}
	p2 := compileOK(t, m2, scope2, now, Dec)
	if d := difference(p.Tree(), p2.Tree()); d != "" {
		t.Errorf("became %s: %s", now, d)
	}
	a, errA := p.Eval(act)
	b, errB := p2.Eval(act)
	if errA != nil || errB != nil || show(a) != show(b) {
		t.Errorf("%s: %v, %v and %v, %v", now, show(a), errA, show(b), errB)
	}
}

// Whatever people send: no panic, an answer that makes sense, and the laws of printing and storing.
func FuzzCompile(f *testing.F) {
	m, app, act := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true, Old: true}
	for _, seed := range []string{"qty + 1", "lines.sum(l, l.amount)", "state == 'approved'", "sumOf(receipt_line, l, l.item == id, l.qty)", "数量（", "'⟦", "a.b.c(d", "-(-1)", "!!paid", "qty in [1, null]", "coalesce(1,2,3)", "user.attributes.x", "paid ? 'a' : null", "\"\\u4e2d\"", "r'''a'''", "0x1F", "//", "supplier . level", "old == null ? 1 : old.qty", "[].size()", "lines.map(l, l).filter(l, true)"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		p, list := m.Compile(scope, src, Unknown)
		if p == nil {
			if !list.HasErrors() {
				t.Fatal("refused without a reason")
			}
			for _, d := range list {
				if d.Code == diag.Internal {
					t.Fatalf("%q: internal error", src)
				}
				if d.Pos != nil && (d.Pos.Offset < 0 || d.Pos.Offset+d.Pos.Length > len([]rune(src))) {
					t.Fatalf("%q: %s is outside of the source: %+v", src, d.Code, d.Pos)
				}
			}
			return
		}
		own := *act
		own.Budget = NewBudget(RequestBudget)
		if v, err := p.Eval(&own); err != nil {
			if _, ok := Explain(err, ""); !ok {
				t.Fatalf("%q: %v, %v", src, v, err)
			}
		}
		stored := StoreText(src, p.Refs())
		if back, err := m.SourceText(scope, stored); err != nil || back != src {
			t.Fatalf("%q stored as %q came back as %q, %v", src, stored, back, err)
		}
		text := Print(p.Tree())
		again, list := m.Compile(scope, text, Unknown)
		if again == nil {
			for _, code := range []diag.Code{"expr.too_complex_nesting", "expr.too_large", "expr.too_complex"} {
				if slices.Contains(list.Codes(), code) {
					return
				}
			}
			t.Fatalf("%q prints as %q: %v", src, text, list)
		}
		if d := difference(p.Tree(), again.Tree()); d != "" {
			t.Fatalf("%q prints as %q: %s", src, text, d)
		}
	})
}
