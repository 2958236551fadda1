package expr

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// Every wrong source has its code, at its place, and nothing of the library's words.
func TestDiagnostics(t *testing.T) {
	m, app, _ := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true}
	for _, c := range []struct {
		src    string
		code   diag.Code
		offset int
		says   string // part of text or cure in English
	}{
		{"", "expr.empty", -1, ""},
		{" // nothing\n", "expr.empty", -1, ""},
		{"qty \xff", "expr.not_text", -1, ""},
		{"qty +", "expr.incomplete", 5, ""},
		{"(qty", "expr.incomplete", 4, ""},
		{"qty + * 2", "expr.syntax", 6, "*"},
		{"qty)", "expr.syntax", 3, ")"},
		{"qty == 'a", "expr.text_open", 7, ""},
		{"qty ＝ 1", "expr.full_width", 4, "=="},
		{"qty = 1", "expr.operator_form", 4, "=="},
		{"qty and paid", "expr.operator_form", 4, "&&"},
		{"数量 * 2", "expr.unknown_identifier", 0, "qty"},
		{"qtyy * 2", "expr.unknown_identifier", 0, "qty"},
		{"foo", "expr.unknown_identifier", 0, "foo"},
		{"supplier.levle", "expr.unknown_field", 9, "level"},
		{"env", "expr.unknown_identifier", 0, ""},
		{"secrets.x", "expr.unknown_identifier", 0, ""},
		{"old.qty", "expr.unknown_identifier", 0, "rules on write"},
		{"type(1)", "expr.unknown_function", 0, ""},
		{"dyn(1)", "expr.unknown_function", 0, ""},
		{"has(supplier.level)", "expr.unknown_function", 0, ""},
		{"int", "expr.unknown_identifier", 0, ""},
		{"bool == bool", "expr.unknown_identifier", 0, ""},
		{"google.protobuf.Any", "expr.unknown_identifier", 0, ""},
		{"rond(1.5)", "expr.unknown_function", 0, "round"},
		{"'a'.format([1])", "expr.unknown_function", 4, ""},
		{"base64.encode(b'a')", "expr.syntax", 14, ""},
		{"qty + 'a'", "expr.type_mismatch", 4, "integer on the left, text"},
		{"received_on > '2026-01-01'", "expr.type_mismatch", 12, "date("},
		{"received_on + 1", "expr.type_mismatch", 12, "addDays"},
		{"received_on == seen_at", "expr.type_mismatch", 12, "dateOf"},
		{"supplier == 3", "expr.type_mismatch", 9, "record of Supplier"},
		{"supplier == items", "expr.type_mismatch", 9, "list of Item"},
		{"'a' in [1]", "expr.type_mismatch", 4, ""},
		{"state == 'aproved'", "expr.unknown_option", 9, "draft, approved"},
		{"'x' == state", "expr.unknown_option", 0, ""},
		{"state in ['draft', 'x']", "expr.unknown_option", 19, ""},
		{"'nope' in tags", "expr.unknown_option", 0, ""},
		{"tags.exists(t, t == 'x')", "expr.unknown_option", 20, ""},
		{"(paid ? state : 'draft') == 'x'", "expr.unknown_option", 28, ""},
		{"coalesce(state, 'x') == 'draft'", "expr.unknown_option", 16, ""},
		{"state == (paid ? 'draft' : 'x')", "expr.unknown_option", 27, ""},
		{"paid ? 1 : 'a'", "expr.branches_differ", 5, "integer and text"},
		{"qty ? 1 : 2", "expr.condition_type", 4, ""},
		{"paid ? supplier : supplier.boss", "expr.branches_record", 5, "a.id"},
		{"qty.name", "expr.no_fields", 4, ""},
		{"lines.amount", "expr.field_of_list", 6, "lines.sum"},
		{"user", "expr.user_incomplete", 0, ""},
		{"user == null", "expr.user_incomplete", 0, ""},
		{"user.name", "expr.unknown_user_field", 5, ""},
		{"size(user.attributes)", "expr.no_overload", 0, ""},
		{"null + 1", "expr.null_literal", 0, "coalesce"},
		{"date(null)", "expr.null_literal", 5, ""},
		{"received_on < null", "expr.null_literal", 14, ""},
		{"1 == null", "expr.never_null", 0, ""},
		{"lines == null", "expr.never_null", 0, "blank"},
		{"lines[0]", "expr.no_index", 5, ""},
		{"{'a': 1}", "expr.syntax", 0, ""},
		{"receipt{}", "expr.syntax", 7, ""},
		{"1u", "expr.number_form", 0, ""},
		{"b'a'", "expr.syntax", 0, ""},
		{"1e5", "expr.number_form", 0, ""},
		{"9999999999999999999", "expr.number_form", 0, ""},
		{"lines.sum(l, l.item)", "expr.macro_value", 6, ""},
		{"lines.sum(l)", "expr.macro_form", 0, ""},
		{"lines.sum(user, 1)", "expr.variable_name", 6, ""},
		{"lines.all(l, l.qty)", "expr.macro_condition", 6, ""},
		{"qty.sum(x, x)", "expr.not_a_list", 0, ""},
		{"sumOf(receipt_line, l, l.qty)", "expr.macro_form", 6, ""},
		{"sumOf(recipt_line, l, true, l.qty)", "expr.unknown_entity", 6, "receipt_line"},
		{"sumOf(receipt_line, l, l.qty, l.qty)", "expr.macro_condition", 0, ""},
		{"sumOf(receipt_line, l, true, l.item)", "expr.macro_value", 0, ""},
		{"lines.sum(l, sumOf(item, i, true, i.price))", "expr.query_in_loop", 13, ""},
		{"sumOf(item, i, existsOf(supplier, s, true), i.price)", "expr.query_nested", 15, ""},
		{"countOf(receipt, r, r.lines.exists(l, l.qty > 1))", "expr.loop_in_query", 28, ""},
		{"origin.lines.sum(l, l.qty)", "expr.lines_over_reference", 7, "sumOf(receipt_line"},
		{"lines.map(l, l.parent.lines).size() > 1", "expr.list_of", 22, ""},
		{"matches(code, note)", "expr.pattern_constant", 14, ""},
		{"matches(code, '(')", "expr.pattern_wrong", 14, ""},
		{"matches(code, '" + strings.Repeat("a", 257) + "')", "expr.pattern_too_long", 14, "256"},
		{"round('a')", "expr.no_overload", 0, "round(decimal, integer)"},
		{"[1, 'a']", "expr.list_mixed", 4, ""},
		{"[[1]]", "expr.list_of", 1, ""},
		{"!qty", "expr.operand_mismatch", 0, ""},
		{"-code", "expr.operand_mismatch", 0, ""},
		{"true && 1", "expr.operand_mismatch", 8, "&&"},
		{"qty || paid", "expr.operand_mismatch", 0, "||"},
		{".qty", "expr.syntax", 0, ""},
		{"`qty`", "expr.syntax", 0, ""},
		{"'⟦id⟧'", "expr.syntax", 0, ""},
		{"备注 == \"a\"\n  && qtyy > 1", "expr.unknown_identifier", 0, ""},
	} {
		p, list := m.Compile(scope, c.src, Unknown)
		if p != nil || len(list) == 0 {
			t.Errorf("%s: compiled", c.src)
			continue
		}
		d := list[0]
		offset := -1
		if d.Pos != nil {
			offset = d.Pos.Offset
		}
		if d.Code != c.code || offset != c.offset || !strings.Contains(d.Text(langEN)+d.Cure(langEN), c.says) {
			t.Errorf("%s: %s at %d (%s %s), want %s at %d saying %q", c.src, d.Code, offset, d.Text(langEN), d.Cure(langEN), c.code, c.offset, c.says)
		}
		checkTexts(t, c.src, list)
	}
}

var leftover = regexp.MustCompile(`\{[a-z_]+\}|undeclared|overload|container|@`)

// checkTexts finds texts with an unfilled place, the library's words, or no way out.
func checkTexts(t testing.TB, src string, list diag.List) {
	t.Helper()
	for _, d := range list {
		for _, lang := range diag.Languages {
			if s := d.Text(lang) + d.Cure(lang); leftover.MatchString(s) && !leftover.MatchString(src) {
				t.Errorf("%q: %s reads %q", src, d.Code, s)
			}
			if d.Cure(lang) == "" || !strings.HasPrefix(string(d.Code), "expr.") {
				t.Errorf("%q: %s has no cure in %s", src, d.Code, lang)
			}
		}
	}
}

func TestSeveralErrorsAtOnce(t *testing.T) {
	m, app, _ := fixture()
	_, list := m.Compile(Scope{Entity: app.Entity("receipt")}, "foo + bar * qtyy > 'a' && size(1) > 0", Unknown)
	want := []diag.Code{"expr.unknown_identifier", "expr.unknown_identifier", "expr.unknown_identifier", "expr.no_overload"}
	if got := list.Codes(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestResultType(t *testing.T) {
	m, app, _ := fixture()
	receipt := app.Entity("receipt")
	scope := Scope{Entity: receipt}
	for _, c := range []struct {
		src  string
		want Type
		ok   bool
	}{
		{"qty > 1", Bool, true},
		{"qty", Bool, false},
		{"qty", Dec, true},
		{"price", Int, false},
		{"null", Dat, true},
		{"paid ? null : qty", Int, true},
		{"received_on", Dat, true},
		{"seen_at", Dat, false},
		{"supplier", Rec, true},
		{"'s1'", Rec, true},
		{"lines", ListOf, true},
		{"code", Unknown, true},
	} {
		p, list := m.Compile(scope, c.src, c.want)
		if (p != nil) != c.ok {
			t.Errorf("%s as %s: %v", c.src, c.want, list)
		}
		if !c.ok && list[0].Code != "expr.wrong_result_type" {
			t.Errorf("%s as %s: %v", c.src, c.want, list.Codes())
		}
	}
	if _, list := m.CompileField(scope, "paid ? 'approved' : 'nope'", receipt.Field("state")); len(list) != 1 || list[0].Code != "expr.unknown_option" {
		t.Errorf("a formula of a choice with an unknown option: %v", list)
	}
	if p, list := m.CompileField(scope, "'cancelled'", receipt.Field("state")); p == nil || len(p.Refs()) != 1 || p.Refs()[0].Kind != RefOption {
		t.Errorf("a default of a choice: %v", list)
	}
	if _, list := m.CompileField(scope, "origin", receipt.Field("supplier")); len(list) != 1 || list[0].Code != "expr.wrong_result_type" {
		t.Errorf("a record of another entity: %v", list)
	}
}

// What is too large is refused, and by which bound.
func TestLimits(t *testing.T) {
	m, app, _ := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true}
	rep := strings.Repeat
	for name, c := range map[string]struct {
		src  string
		code diag.Code
	}{
		"nested lists":  {rep("[", 240) + rep("]", 240), "expr.too_complex_nesting"},
		"nested maps":   {rep("{1:", 240) + "1" + rep("}", 240), "expr.syntax"},
		"source":        {rep("a", 100_000), "expr.too_large"},
		"or":            {rep("true||", 16_000) + "true", "expr.too_large"},
		"tokens":        {rep("1+", 760) + "1", "expr.too_complex"},
		"chain":         {rep("1+", 100) + "1", "expr.too_complex_nesting"},
		"nested calls":  {rep("abs(", 25) + "1" + rep(")", 25), "expr.too_complex_nesting"},
		"ternaries":     {rep("paid?1:", 25) + "1", "expr.too_complex_nesting"},
		"list literal":  {"qty in [" + rep("1,", 200) + "1]", "expr.list_too_long"},
		"triple loop":   {"lines.all(a, lines.all(b, lines.all(c, a.qty == b.qty)))", "expr.too_costly"},
		"loops of text": {"lines.all(a, lines.all(b, note.contains(text(a.qty))))", "expr.too_costly"},
	} {
		p, list := m.Compile(scope, c.src, Unknown)
		if p != nil || !slices.Contains(list.Codes(), c.code) {
			t.Errorf("%s: %v, want %s", name, list.Codes(), c.code)
		}
		checkTexts(t, "", list)
	}
	_, list := m.Compile(scope, "lines.all(a, lines.all(b, lines.all(c, a.qty == b.qty)))", Unknown)
	if s := list[0].Text(langEN) + list[0].Cure(langEN); !strings.Contains(s, "times the limit") || !strings.Contains(s, "3 loops") {
		t.Errorf("a triple loop is refused with %q", s)
	}
	for _, src := range []string{rep("paid||", 300) + "paid", "lines.sum(a, a.item.price * a.qty)", rep("(", 24) + "1" + rep(")", 24), "qty" + rep(" + qty", 32)} {
		compileOK(t, m, scope, src, Unknown)
	}
}

// A field that can't be read is, in every respect, a name that nobody ever gave.
func TestUnreadableIsUnknown(t *testing.T) {
	m, app, _ := fixture()
	hidden := func(f *metamodel.Field) bool { return f.Name != "price" && f.Name != "level" && f.Name != "owner" }
	scope := Scope{Entity: app.Entity("receipt"), Readable: hidden, Query: true}
	for _, c := range []struct{ hidden, nonsense string }{
		{"price > 1", "prixx > 1"},
		{"price == 'a'", "prixx == 'a'"},
		{"supplier.level > 1", "supplier.lexxx > 1"},
		{"lines.sum(l, l.price)", "lines.sum(l, l.prixx)"},
		{"owner == user.id", "ownxx == user.id"},
		{"sumOf(item, i, true, i.price)", "sumOf(item, i, true, i.prixx)"},
		{"pric > 1", "prix > 1"},
		{"单价 > 1", "单贾 > 1"},
	} {
		a, listA := m.Compile(scope, c.hidden, Bool)
		b, listB := m.Compile(scope, c.nonsense, Bool)
		if a != nil || b != nil || len(listA) != len(listB) {
			t.Fatalf("%s: %v, %s: %v", c.hidden, listA, c.nonsense, listB)
		}
		words := strings.NewReplacer("prixx", "price", "lexxx", "level", "ownxx", "owner", "prix", "pric", "单贾", "单价")
		for i := range listA {
			x, y := listA[i], listB[i]
			if x.Code != y.Code || x.Text(langZH)+x.Cure(langZH) != words.Replace(y.Text(langZH)+y.Cure(langZH)) {
				t.Errorf("%s: %s %s, but %s: %s %s", c.hidden, x.Text(langZH), x.Cure(langZH), c.nonsense, y.Text(langZH), y.Cure(langZH))
			}
		}
	}
	compileOK(t, m, scope, "qty > 1 && supplier.name == 'a'", Bool)
	compileOK(t, m, scope, "lines.exists(price, price.qty > 1)", Bool)
}

func TestPlaces(t *testing.T) {
	m, app, _ := fixture()
	receipt := app.Entity("receipt")
	if p, _ := m.Compile(Scope{Entity: receipt}, "countOf(item, i, true)", Int); p != nil {
		t.Error("a query passed where none is allowed")
	}
	if p, _ := m.Compile(Scope{}, "qty", Unknown); p != nil {
		t.Error("a field passed without a record")
	}
	compileOK(t, m, Scope{}, "user.id != null && today() > date('2020-01-01')", Bool)
	compileOK(t, m, Scope{Entity: receipt, It: app.Entity("item")}, "it.active && it.price < price", Bool)
	compileOK(t, m, Scope{Entity: app.Entity("receipt_line")}, "parent.state == 'draft' && item.price <= price", Bool)
	p := compileOK(t, m, Scope{Entity: app.Entity("receipt_line")}, "parent.supplier.level", Int)
	if !p.UsesRelations() {
		t.Error("a reference of the parent is a relation")
	}
	if p := compileOK(t, m, Scope{Entity: app.Entity("receipt_line")}, "parent.discount", Dec); p.UsesRelations() || p.UsesUser() || p.UsesNow() || p.UsesQuery() {
		t.Error("the parent is no relation")
	}
}

func TestUses(t *testing.T) {
	m, app, _ := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true}
	for src, want := range map[string]uses{
		"qty": {}, "today()": {now: true}, "daysUntil(received_on)": {now: true}, "hasRole('a')": {user: true}, "supplier.level": {relations: true}, "supplier.id": {},
		"lines.sum(l, l.item.price)": {relations: true}, "countOf(item, i, i.price > price && user.id == '')": {query: true, user: true}, "supplier == 'a'": {}, "items.exists(i, i.price > 1)": {relations: true}, "'a' in items": {},
	} {
		p := compileOK(t, m, scope, src, Unknown)
		if got := (uses{p.UsesNow(), p.UsesUser(), p.UsesRelations(), p.UsesQuery()}); got != want {
			t.Errorf("%s uses %+v, want %+v", src, got, want)
		}
	}
}

// Programs and the cache are shared between goroutines.
func TestConcurrentUse(t *testing.T) {
	m, app, act := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true}
	hidden := scope
	hidden.Readable = func(f *metamodel.Field) bool { return f.Name != "note" }
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 40 {
				s := scope
				if (i+j)%2 == 0 {
					s = hidden
				}
				p, _ := m.Compile(s, []string{"lines.sum(l, l.amount)", "supplier.level + qty", "note == null", "price * 2 > 1 || paid"}[j%4], Unknown)
				if p == nil {
					continue
				}
				own := *act
				own.World = &testWorld{rows: act.World.(*testWorld).rows}
				if _, err := p.Eval(&own); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// The caches forget, and what was forgotten compiles again.
func TestCacheIsBounded(t *testing.T) {
	g := generations{limit: 3}
	for i := range 20 {
		g.put(programKey{src: strings.Repeat("x", i)}, &Program{})
	}
	if n := len(g.young) + len(g.old); n > 6 {
		t.Errorf("%d programs kept", n)
	}
	if g.get(programKey{src: strings.Repeat("x", 19)}) == nil {
		t.Error("the newest program is gone")
	}
	m, app, _ := fixture()
	a := compileOK(t, m, Scope{Entity: app.Entity("receipt")}, "qty", Int)
	if b := compileOK(t, m, Scope{Entity: app.Entity("receipt")}, "qty", Int); a != b {
		t.Error("the same expression compiled twice")
	}
}

// A client that goes away stops the evaluation, in loops and before them.
func TestCancelStops(t *testing.T) {
	m, app, act := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true}
	p := compileOK(t, m, scope, "lines.all(a, a.qty > 0) || true", Bool)
	ctx, cancel := context.WithCancel(context.Background())
	own := *act
	own.Ctx = ctx
	own.Row = manyLines(app, act, 200)
	cancel()
	if _, err := p.Eval(&own); err == nil {
		t.Error("a cancelled evaluation gave a result")
	}
	ctx, cancel = context.WithCancel(context.Background())
	w := &cancelWorld{testWorld: testWorld{rows: act.World.(*testWorld).rows}, cancel: cancel}
	own.Ctx, own.World = ctx, w
	q := compileOK(t, m, scope, "lines.exists(a, a.item.price < 0) || true", Bool)
	if _, err := q.Eval(&own); err == nil {
		t.Error("cancelled while evaluating, but there is a result")
	}
}

// cancelWorld goes away when it is first asked.
type cancelWorld struct {
	testWorld
	cancel context.CancelFunc
}

func (w *cancelWorld) Related(ctx context.Context, e *metamodel.Entity, id string) (value.Row, error) {
	w.cancel()
	return w.testWorld.Related(ctx, e, id)
}
