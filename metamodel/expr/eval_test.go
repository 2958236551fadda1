package expr

import (
	"context"
	"errors"
	"testing"
	"time"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

// What null, division by zero and overflow do.
func TestNullAndErrors(t *testing.T) {
	m, app, act := fixture()
	act.Row = append(value.Row(nil), act.Row...)
	receipt := app.Entity("receipt")
	for _, name := range []string{"price", "paid", "code", "received_on"} {
		act.Row[receipt.Field(name).Slot] = nil
	}
	scope := Scope{Entity: receipt}
	for _, c := range []struct {
		src  string
		want any
		err  error
	}{
		{"price + 1", nil, ErrNull},
		{"price < 1", nil, ErrNull},
		{"-price", nil, ErrNull},
		{"!paid", nil, ErrNull},
		{"paid && true", nil, ErrNull},
		{"paid && false", false, nil},
		{"paid || true", true, nil},
		{"price > 1 || true", true, nil},
		{"price > 1 && qty > 100", false, nil},
		{"paid ? 1 : 2", nil, ErrNull},
		{"code + 'x'", nil, ErrNull},
		{"trim(code)", nil, ErrNull},
		{"code.startsWith('a')", nil, ErrNull},
		{"price == null", true, nil},
		{"price != null", false, nil},
		{"code != 'a'", true, nil},
		{"code == 'a'", false, nil},
		{"code in ['a']", false, nil},
		{"price == discount", false, nil},
		{"!(code == 'a')", true, nil},
		{"coalesce(price * 2, 7)", int64(7), nil},
		{"coalesce(price, discount)", dec("0.1"), nil},
		{"blank(price + 1)", true, nil},
		{"received_on + days(1)", nil, ErrNull},
		{"addDays(received_on, 1)", nil, ErrNull},
		{"qty / 0", nil, ErrNull},
		{"qty / 0", nil, value.ErrDivZero},
		{"qty % 0", nil, value.ErrDivZero},
		{"coalesce(qty / 0, 1)", int64(1), nil},
		{"discount % 0", nil, value.ErrDivZero},
		{"9223372036854775807 + qty", nil, ErrOutOfRange},
		{"-9223372036854775807 - qty", nil, ErrOutOfRange},
		{"9223372036854775807 * qty", nil, ErrOutOfRange},
		{"99999999999999999999.0 * 99999999999999999999.0", nil, value.ErrOverflow},
		{"coalesce(99999999999999999999.0 * 99999999999999999999.0, 1)", nil, value.ErrOverflow},
		{"addYears(date('9999-01-01'), 1)", nil, ErrOutOfRange},
		{"date('9999-12-31') + days(1)", nil, ErrOutOfRange},
		{"date('nope')", nil, ErrNull},
		{"date(2026, 2, 30)", nil, ErrNull},
		{"number('1,0')", nil, ErrNull},
		{"int(99999999999999999999.5)", nil, ErrOutOfRange},
		{"round(1.5, 21)", nil, ErrOutOfRange},
		{"hours(9223372036854775807)", nil, ErrOutOfRange},
		{"lines.sum(l, l.price)", dec("10.50"), nil},
		{"lines.all(l, l.price > 1)", false, nil},
		{"lines.max(l, l.item.name)", "茶", nil},
		{"user.attributes.none == 'x'", false, nil},
		{"user.attributes.none > 'x'", nil, ErrNull},
		{"paid == null ? qty : 0", int64(4), nil},
		{"null == null", true, nil},
	} {
		p := compileOK(t, m, scope, c.src, Unknown)
		got, err := p.Eval(act)
		if c.err == nil && err != nil || c.err != nil && !errors.Is(err, c.err) || show(got) != show(c.want) {
			t.Errorf("%s = %v, %v, want %v, %v", c.src, show(got), err, show(c.want), c.err)
		}
		if err != nil {
			if d, ok := Explain(err, "/price"); !ok || d.Cure(langZH) == "" {
				t.Errorf("%s: %v has no explanation", c.src, err)
			}
		}
		if p.Type() == Bool {
			holds, err := p.EvalBool(act)
			if err != nil || holds != (c.want == true) {
				t.Errorf("%s holds %v, %v", c.src, holds, err)
			}
		}
	}
}

// The world is asked once per record and evaluation, and not for what is known without it.
func TestWorldCalls(t *testing.T) {
	m, app, act := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true}
	for _, c := range []struct {
		src              string
		related, queries int
	}{
		{"qty + 1", 0, 0},
		{"supplier.id == 's1' && supplier != null", 0, 0},
		{"supplier.level + supplier.level", 1, 0},
		{"supplier.boss.name", 2, 0},
		{"lines.sum(l, l.item.price)", 2, 0},
		{"lines.sum(l, l.item.price + l.item.price)", 2, 0},
		{"items.exists(i, i.id == 'i1')", 0, 0},
		{"paid || supplier.level > 1", 0, 0},
		{"countOf(item, i, i.active) > 1", 0, 1},
		{"lines.sum(l, l.parent.discount)", 0, 0},
	} {
		w := act.World.(*testWorld)
		w.related, w.queries, w.answer = 0, 0, int64(2)
		if _, err := compileOK(t, m, scope, c.src, Unknown).Eval(act); err != nil {
			t.Errorf("%s: %v", c.src, err)
		}
		if w.related != c.related || w.queries != c.queries {
			t.Errorf("%s: %d related, %d queries, want %d and %d", c.src, w.related, w.queries, c.related, c.queries)
		}
	}
	act.World = nil
	if _, err := compileOK(t, m, scope, "supplier.level > 1 || true", Bool).Eval(act); err == nil {
		t.Error("evaluated over a reference without a world")
	}
}

func TestWorldErrorsSurface(t *testing.T) {
	m, app, act := fixture()
	broken := errors.New("no connection")
	act.World = brokenWorld{broken}
	scope := Scope{Entity: app.Entity("receipt"), Query: true}
	for _, src := range []string{"supplier.level > 1 || true", "blank(supplier.name)", "coalesce(supplier.level, 1)", "lines.exists(l, l.item.active) || true", "existsOf(item, i, true) || true"} {
		p := compileOK(t, m, scope, src, Unknown)
		if _, err := p.Eval(act); !errors.Is(err, broken) {
			t.Errorf("%s: %v", src, err)
		}
	}
}

type brokenWorld struct{ err error }

func (w brokenWorld) Related(context.Context, *metamodel.Entity, string) (value.Row, error) {
	return nil, w.err
}

func (w brokenWorld) Query(context.Context, *Query, []any) (any, error) { return nil, w.err }

func TestQuery(t *testing.T) {
	m, app, act := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true}
	w := act.World.(*testWorld)
	p := compileOK(t, m, scope, "sumOf(receipt_line, l, l.item.name == code && l.parent.state == 'approved' && l.qty > qty * 2 && l.parent.owner == user.id && l.item in items, l.qty * discount)", Dec)
	q := p.Tree().Query
	params := q.Params()
	want := []string{"code", "qty * 2", "user.id", "items", "discount"}
	if len(params) != len(want) {
		t.Fatalf("%d parameters", len(params))
	}
	for i, n := range params {
		if Print(n) != want[i] {
			t.Errorf("parameter %d is %s, want %s", i, Print(n), want[i])
		}
		if k, ok := q.ParamIndex(n); !ok || k != i {
			t.Errorf("parameter %d found at %d", i, k)
		}
	}
	if _, ok := q.ParamIndex(q.Where); ok {
		t.Error("the condition itself is no parameter")
	}
	w.answer = nil
	if v, err := p.Eval(act); err != nil || show(v) != "0" {
		t.Errorf("the sum of nothing is %v, %v", v, err)
	}
	if got := show(w.params[0]) + "|" + show(w.params[1]) + "|" + show(w.params[2]) + "|" + show(w.params[3]) + "|" + show(w.params[4]); got != "PO-1|8|u1|i1|0.1" {
		t.Errorf("parameters %s", got)
	}
	for i, n := range params {
		if v, err := m.EvalNode(n, act); err != nil || show(v) != show(w.params[i]) {
			t.Errorf("parameter %d on its own is %v, %v", i, v, err)
		}
	}
	if v, err := compileOK(t, m, scope, "minOf(item, i, true, i.price)", Dec).Eval(act); err != nil || v != nil {
		t.Errorf("the least of nothing is %v, %v", v, err)
	}
	w.answer = "s2"
	if v, err := compileOK(t, m, scope, "lookupOf(receipt, r, r.qty > 1, r.supplier).name", Str).Eval(act); err != nil || v != "乙" {
		t.Errorf("a field of a looked-up record is %v, %v", v, err)
	}
	dated := compileOK(t, m, scope, "lookupOf(receipt, r, r.qty > 1, r.supplier, r.received_on).name", Str)
	if v, err := dated.Eval(act); err != nil || v != "乙" {
		t.Errorf("a field of a record looked up by an order is %v, %v", v, err)
	}
	if v, err := compileOK(t, m, scope, "note == null ? lookupOf(supplier, s, s.level > 1, s.name) : 'x'", Str).Eval(act); err != nil || v != "s2" {
		t.Errorf("a looked-up text is %v, %v", v, err)
	}
}

// A null among a query's parameters is handed over as null.
func TestQueryNullParam(t *testing.T) {
	m, app, act := fixture()
	act.Row = append(value.Row(nil), act.Row...)
	act.Row[app.Entity("receipt").Field("price").Slot] = nil
	w := act.World.(*testWorld)
	w.answer = int64(0)
	for _, src := range []string{"countOf(item, i, i.price == price)", "countOf(item, i, i.price > price * 2)"} {
		v, err := compileOK(t, m, Scope{Entity: app.Entity("receipt"), Query: true}, src, Int).Eval(act)
		if err != nil || v != int64(0) || len(w.params) != 1 || w.params[0] != nil {
			t.Errorf("%s: %v, %v with %v", src, v, err, w.params)
		}
	}
}

func TestBudget(t *testing.T) {
	m, app, act := fixture()
	scope := Scope{Entity: app.Entity("receipt")}
	own := *act
	own.Row = manyLines(app, act, 100)
	p := compileOK(t, m, scope, "lines.all(a, a.qty >= 0) || true", Bool)
	own.Budget = NewBudget(50)
	if _, err := p.EvalBool(&own); !errors.Is(err, ErrBudget) {
		t.Errorf("over budget: %v", err)
	}
	own.Budget = NewBudget(RequestBudget)
	if ok, err := p.EvalBool(&own); !ok || err != nil {
		t.Errorf("within budget: %v", err)
	}
	spent := RequestBudget - own.Budget.Left()
	if spent < 100 || spent > p.Cost() {
		t.Errorf("%d units spent, the estimate is %d", spent, p.Cost())
	}
	own.Row = manyLines(app, act, 2)
	own.Budget = NewBudget(RequestBudget)
	if _, err := p.EvalBool(&own); err != nil || RequestBudget-own.Budget.Left() >= spent {
		t.Error("two lines cost as much as a hundred")
	}
}

// A line's parent is taken from the activation, and from the world only when it isn't given.
func TestParent(t *testing.T) {
	m, app, act := fixture()
	line := app.Entity("receipt_line")
	w := act.World.(*testWorld)
	p := compileOK(t, m, Scope{Entity: line}, "qty * parent.discount + (parent == 'r1' ? 1 : 0) + (parent.id == 'r1' ? 1 : 0)", Dec)
	own := *act
	own.Parent = act.Row
	own.Row = row(line, map[string]any{"id": "l9", "parent": "r1", "qty": dec("5")})
	if v, err := p.Eval(&own); err != nil || show(v) != "2.5" || w.related != 0 {
		t.Errorf("%v, %v, %d calls", show(v), err, w.related)
	}
	w.rows["r1"] = act.Row
	own.Parent = nil
	if v, err := p.Eval(&own); err != nil || show(v) != "2.5" || w.related != 1 {
		t.Errorf("%v, %v, %d calls", show(v), err, w.related)
	}
}

func TestActivationIsOptional(t *testing.T) {
	m, app, _ := fixture()
	p := compileOK(t, m, Scope{Entity: app.Entity("receipt"), Old: true, It: app.Entity("item")}, "blank(code) && old == null && it == null && user.id == null && blank(user.roles) && blank(lines) && supplier == null && year(now()) == 1", Bool)
	if ok, err := p.EvalBool(&Activation{}); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	old := compileOK(t, m, Scope{Entity: app.Entity("receipt"), Old: true}, "old.qty < qty && size(old.lines) == 0", Bool)
	receipt := app.Entity("receipt")
	if ok, err := old.EvalBool(&Activation{Row: row(receipt, map[string]any{"qty": int64(2)}), Old: row(receipt, map[string]any{"qty": int64(1)})}); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
}

func TestZone(t *testing.T) {
	m, _, _ := fixture()
	act := &Activation{Now: time.Date(2026, 1, 31, 16, 30, 0, 0, time.UTC), Zone: shanghai}
	for src, want := range map[string]string{"today()": "2026-02-01", "hour(now())": "0", "month(now())": "2", "text(now())": "2026-02-01 00:30:00", "daysUntil(date('2026-02-03'))": "2"} {
		if v, err := compileOK(t, m, Scope{}, src, Unknown).Eval(act); err != nil || show(v) != want {
			t.Errorf("%s = %v, %v, want %s", src, show(v), err, want)
		}
	}
}

// Parts of a filter that touch no record have one value for all records, found without one.
func TestRecordFreeParts(t *testing.T) {
	m, app, act := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true}
	for src, touches := range map[string]bool{
		"user.attributes.region == 'east'": false, "addDays(today(), -30)": false, "hasRole('buyer') && 1 < 2": false, "user.roles.exists(r, r == 'buyer')": false, "[1, 2].sum(x, x)": false,
		"qty": true, "supplier.level": true, "lines.count()": true, "countOf(item, i, true)": true, "[1].all(x, x < qty)": true, "[1].all(qty, qty < 2)": false,
	} {
		n := compileOK(t, m, scope, src, Unknown).Tree()
		if n.TouchesRecord() != touches {
			t.Errorf("%s touches a record: %v", src, !touches)
		}
		if touches {
			continue
		}
		own := *act
		own.Row, own.World = nil, nil
		if v, err := m.EvalNode(n, &own); err != nil || v == nil {
			t.Errorf("%s: %v, %v", src, v, err)
		}
	}
	byHand := &Node{Op: OpAnd, Type: Bool, Args: []*Node{{Op: OpLit, Type: Bool, Value: true}, compileOK(t, m, scope, "qty > 1", Bool).Tree()}}
	if v, err := m.EvalNode(byHand, act); err != nil || v != true {
		t.Errorf("a node made by hand: %v, %v", v, err)
	}
	if _, err := m.EvalNode(&Node{Op: 250}, act); err == nil {
		t.Error("an unknown operation was evaluated")
	}
}

// What is a decimal by its type is computed as one, whichever branch or argument it came from.
func TestIntegersBecomeDecimals(t *testing.T) {
	m, app, act := fixture()
	for src, want := range map[string]string{
		"9007199254740991 * (1 > 2 ? 0.5 : 9007199254740991)":    "81129638414606663681390495662081",
		"9007199254740991 * coalesce(9007199254740991, 0.5)":     "81129638414606663681390495662081",
		"9007199254740991 * max(9007199254740991, 0.5)":          "81129638414606663681390495662081",
		"9007199254740991 * [9007199254740991, 0.5].max(x, x)":   "81129638414606663681390495662081",
		"9007199254740991 * [size(name), 0.5].max(x, x * 10000)": "360287970189639640000",
		"(1 > 2 ? 0.5 : null) == null":                           "true",
		"(1 > 2 ? 0.5 : 3) == 3":                                 "true",
	} {
		p, list := m.Compile(Scope{Entity: app.Entity("supplier")}, src, Unknown)
		if p == nil {
			t.Errorf("%s: %v", src, list)
			continue
		}
		row := make(value.Row, len(app.Entity("supplier").Columns()))
		row[app.Entity("supplier").Field("name").Slot] = "四个字啊"
		if got, err := p.Eval(&Activation{Now: act.Now, Zone: shanghai, Row: row}); err != nil || show(got) != want {
			t.Errorf("%s = %s, %v, want %s", src, show(got), err, want)
		}
	}
}
