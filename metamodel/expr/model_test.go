package expr

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

// testApp is a small purchasing app: suppliers with a level, items, receipts with lines.
func testApp() *metamodel.App {
	title := func(zh, en string) metamodel.Label { return metamodel.Label{langZH: zh, langEN: en} }
	id := func(s string) metamodel.ID { return metamodel.ID(fmt.Sprintf("%-12s", s)[:12]) }
	f := func(owner, name string, kind metamodel.FieldKind, zh string) *metamodel.Field {
		return &metamodel.Field{ID: id(strings.ReplaceAll(owner[:2]+name, "_", "0") + "000000000000"), Name: name, Kind: kind, Title: title(zh, name), MaxLength: 200}
	}
	state := &metamodel.Enum{ID: id("enumstate000"), Name: "state", Private: true, Options: []*metamodel.Option{
		{ID: id("optdraft0000"), Name: "draft", Title: title("草稿", "Draft")},
		{ID: id("optapproved0"), Name: "approved", Title: title("已审核", "Approved")},
		{ID: id("optcancelled"), Name: "cancelled", Title: title("已取消", "Cancelled"), Retired: true},
	}}
	tags := &metamodel.Enum{ID: id("enumtags0000"), Name: "tags", Options: []*metamodel.Option{
		{ID: id("opturgent000"), Name: "urgent"}, {ID: id("optfragile00"), Name: "fragile"},
	}}
	supplier := &metamodel.Entity{ID: id("entsupplier0"), Name: "supplier", Title: title("供应商", "Supplier")}
	supplier.Fields = []*metamodel.Field{f("su", "name", metamodel.Text, "名称"), f("su", "level", metamodel.Integer, "等级"), f("su", "boss", metamodel.Tree, "上级")}
	supplier.Fields[2].Target = supplier
	item := &metamodel.Entity{ID: id("entitem00000"), Name: "item", Title: title("物料", "Item")}
	item.Fields = []*metamodel.Field{f("it", "name", metamodel.Text, "名称"), f("it", "price", metamodel.Money, "单价"), f("it", "active", metamodel.Boolean, "启用")}
	line := &metamodel.Entity{ID: id("entline00000"), Name: "receipt_line", Title: title("入库明细", "Receipt line")}
	receipt := &metamodel.Entity{ID: id("entreceipt00"), Name: "receipt", Title: title("入库单", "Receipt")}
	line.Fields = []*metamodel.Field{f("li", "item", metamodel.Reference, "物料"), f("li", "qty", metamodel.Decimal, "数量"), f("li", "price", metamodel.Money, "单价"), f("li", "amount", metamodel.Money, "金额")}
	line.Fields[0].Target = item
	receipt.Fields = []*metamodel.Field{
		f("re", "code", metamodel.Number, "单号"), f("re", "supplier", metamodel.Reference, "供应商"), f("re", "received_on", metamodel.Date, "入库日期"),
		f("re", "state", metamodel.Choice, "状态"), f("re", "tags", metamodel.Choices, "标签"), f("re", "lines", metamodel.Lines, "明细"),
		f("re", "qty", metamodel.Integer, "数量"), f("re", "price", metamodel.Money, "单价"), f("re", "discount", metamodel.Percent, "折扣"),
		f("re", "paid", metamodel.Boolean, "已付"), f("re", "note", metamodel.LongText, "备注"), f("re", "items", metamodel.References, "物料"),
		f("re", "seen_at", metamodel.DateTime, "查看时间"), f("re", "opens", metamodel.Time, "开门"), f("re", "lead", metamodel.Duration, "周期"), f("re", "extra", metamodel.JSON, "附加"), f("re", "origin", metamodel.Reference, "原单"),
	}
	byName := func(n string) *metamodel.Field {
		for _, f := range receipt.Fields {
			if f.Name == n {
				return f
			}
		}
		return nil
	}
	byName("supplier").Target, byName("state").Enum, byName("tags").Enum = supplier, state, tags
	byName("lines").Target, byName("lines").MaxLength, byName("items").Target = line, 500, item
	byName("origin").Target = receipt
	line.Parent, line.Via = receipt, byName("lines")
	app := &metamodel.App{ID: id("app000000000"), Name: "test", Enums: []*metamodel.Enum{tags}, Entities: []*metamodel.Entity{item, receipt, line, supplier}}
	for _, e := range app.Entities {
		e.Link()
	}
	return app
}

// testWorld answers from memory and counts.
type testWorld struct {
	rows    map[string]value.Row
	answer  any
	related int
	queries int
	params  []any
}

func (w *testWorld) Related(_ context.Context, _ *metamodel.Entity, id string) (value.Row, error) {
	w.related++
	return w.rows[id], nil
}

func (w *testWorld) Query(_ context.Context, _ *Query, params []any) (any, error) {
	w.queries++
	w.params = params
	return w.answer, nil
}

func row(e *metamodel.Entity, values map[string]any) value.Row {
	r := make(value.Row, len(e.Columns()))
	for name, v := range values {
		r[e.Field(name).Slot] = v
	}
	return r
}

// manyLines is the fixture's record with n lines.
func manyLines(app *metamodel.App, act *Activation, n int) value.Row {
	receipt, line := app.Entity("receipt"), app.Entity("receipt_line")
	lines := make([]value.Row, n)
	for i := range lines {
		lines[i] = row(line, map[string]any{"id": fmt.Sprint("l", i), "item": "i1", "qty": value.NewDecimal(int64(i), 0), "price": dec("1.5"), "amount": dec("2.25")})
	}
	r := append(value.Row(nil), act.Row...)
	r[receipt.Field("lines").Slot] = lines
	return r
}

func dec(s string) value.Decimal { return value.MustDecimal(s) }

var shanghai = time.FixedZone("CST", 8*3600)

// fixture is a receipt of two lines from a supplier of level 3.
func fixture() (*Model, *metamodel.App, *Activation) {
	app := testApp()
	receipt, line, supplier, item := app.Entity("receipt"), app.Entity("receipt_line"), app.Entity("supplier"), app.Entity("item")
	l1 := row(line, map[string]any{"id": "l1", "item": "i1", "qty": dec("2"), "price": dec("10.50"), "amount": dec("21.00")})
	l2 := row(line, map[string]any{"id": "l2", "item": "i2", "qty": dec("3"), "price": nil, "amount": dec("9.00")})
	r := row(receipt, map[string]any{
		"id": "r1", "owner": "u1", "code": "PO-1", "supplier": "s1", "received_on": value.NewDate(2026, 1, 31), "state": "approved",
		"tags": []string{"urgent"}, "lines": []value.Row{l1, l2}, "qty": int64(4), "price": dec("12.50"), "discount": dec("0.1"), "paid": true,
		"items": []string{"i1"}, "seen_at": time.Date(2026, 1, 31, 20, 0, 0, 0, time.UTC), "opens": value.TimeOfDay(8 * 3600), "lead": 36 * time.Hour,
	})
	w := &testWorld{rows: map[string]value.Row{
		"s1": row(supplier, map[string]any{"id": "s1", "name": "甲", "level": int64(3), "boss": "s2"}),
		"s2": row(supplier, map[string]any{"id": "s2", "name": "乙", "level": nil}),
		"i1": row(item, map[string]any{"id": "i1", "name": "水", "price": dec("1.20"), "active": true}),
		"i2": row(item, map[string]any{"id": "i2", "name": "茶", "price": dec("5"), "active": false}),
	}}
	act := &Activation{
		Ctx: context.Background(), Row: r, User: &User{ID: "u1", Roles: []string{"buyer"}, Departments: []string{"d1", "d2"}, Attributes: map[string]string{"region": "east"}},
		Now: time.Date(2026, 2, 1, 20, 0, 0, 0, time.UTC), Zone: shanghai, World: w,
	}
	return NewModel(app), app, act
}

func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case []value.Row:
		return fmt.Sprintf("%d rows", len(v))
	case []string:
		return strings.Join(v, ", ")
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = show(e)
		}
		return strings.Join(parts, ", ")
	case time.Time:
		return value.FormatDateTime(v)
	case time.Duration:
		return value.FormatDuration(v)
	default:
		return fmt.Sprint(v)
	}
}

func compileOK(t testing.TB, m *Model, s Scope, src string, want Type) *Program {
	t.Helper()
	p, list := m.Compile(s, src, want)
	if p == nil {
		t.Fatalf("%s: %v", src, list)
	}
	return p
}

func TestEval(t *testing.T) {
	m, app, act := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Old: true, Query: true}
	for _, c := range []struct{ src, want string }{
		{"0.1 + 0.2 == 0.3", "true"},
		{"1 / 2", "0.5"},
		{"qty * 2", "8"},
		{"price * 0.9", "11.250"},
		{"price * qty * (1 - discount)", "45.000"},
		{"qty + 1.5", "5.5"},
		{"7 % 3", "1"},
		{"-qty", "-4"},
		{"-1.50", "-1.50"},
		{".5", "0.5"},
		{"qty == 4.0", "true"},
		{"price > 12", "true"},
		{"code + '!'", "PO-1!"},
		{"state == 'approved'", "true"},
		{"state != 'draft' && paid", "true"},
		{"state in ['draft', 'approved']", "true"},
		{"'urgent' in tags", "true"},
		{"tags.exists(t, t == 'fragile')", "false"},
		{"size(tags)", "1"},
		{"note == null", "true"},
		{"note != 'a'", "true"},
		{"supplier.level", "3"},
		{"supplier.boss.level", "null"},
		{"supplier.boss.boss.name", "null"},
		{"supplier == null", "false"},
		{"supplier.boss.boss == null", "true"},
		{"supplier.id", "s1"},
		{"supplier == 's1'", "true"},
		{"supplier", "s1"},
		{"supplier == supplier.boss", "false"},
		{"owner == user.id", "true"},
		{"lines", "2 rows"},
		{"items", "i1"},
		{"lines.sum(l, l.amount)", "30.00"},
		{"lines.sum(l, l.qty * l.price)", "21.00"},
		{"lines.min(l, l.price)", "10.50"},
		{"lines.max(l, l.qty)", "3"},
		{"lines.avg(l, l.qty)", "2.5"},
		{"lines.count(l, l.price > 1)", "1"},
		{"lines.count()", "2"},
		{"size(lines)", "2"},
		{"lines.all(l, l.qty > 1)", "true"},
		{"lines.all(l, l.price > 1)", "false"},
		{"lines.exists(l, l.item.active)", "true"},
		{"lines.exists_one(l, l.qty > 2)", "true"},
		{"lines.filter(l, l.qty > 2).sum(l, l.amount)", "9.00"},
		{"lines.map(l, l.item.name)", "水, 茶"},
		{"lines.map(l, l.item)", "i1, i2"},
		{"lines.sum(l, l.parent.discount * l.qty)", "0.5"},
		{"lines.filter(l, l.qty > 100)", ""},
		{"lines.filter(l, l.qty > 100).sum(l, l.qty)", "0"},
		{"items.all(i, i.price > 1)", "true"},
		{"received_on + days(1)", "2026-02-01"},
		{"received_on - date('2026-01-01')", "30"},
		{"received_on < today()", "true"},
		{"today()", "2026-02-02"},
		{"dateOf(seen_at)", "2026-02-01"},
		{"seen_at + hours(1)", "2026-01-31T21:00:00Z"},
		{"now() - seen_at", "P1D"},
		{"lead * 2", "P3D"},
		{"lead / hours(12)", "3"},
		{"opens == time('08:00')", "true"},
		{"paid ? qty : 0.5", "4"},
		{"paid ? null : 1", "null"},
		{"!paid", "false"},
		{"coalesce(note, code)", "PO-1"},
		{"coalesce(qty, 1.5)", "4"},
		{"coalesce(supplier.boss.level, note == null ? 1 : 2, 5)", "1"},
		{"blank(note)", "true"},
		{"blank(lines)", "false"},
		{"blank(supplier)", "false"},
		{"old == null", "true"},
		{"old.qty", "null"},
		{"old.qty == 1", "false"},
		{"user.attributes.region == 'east'", "true"},
		{"user.attributes.nope", "null"},
		{"hasRole('buyer')", "true"},
		{"inDepartment('d2')", "true"},
		{"inDepartment(department)", "false"},
		{"user.roles", "buyer"},
		{"oneOf(state, 'draft', 'cancelled')", "false"},
		{"extra == null", "true"},
		{"min(qty, 3, 2.5)", "2.5"},
		{"code.startsWith('PO') ? 'y' : 'n'", "y"},
		{"[1, 2.5, 3].sum(x, x)", "6.5"},
		{"null", "null"},
		{"qty in [1, 4.0]", "true"},
		{"[]", ""},
		{"mod(qty, 3)", "1"},
		{"version == null || qty > 1", "true"},
		{"// note\nqty", "4"},
		{"qty > 1 ? 'a' : qty > 0 ? 'b' : 'c'", "a"},
		{"lead + lead > days(2)", "true"},
	} {
		p, list := m.Compile(scope, c.src, Unknown)
		if p == nil {
			t.Errorf("%s: %v", c.src, list)
			continue
		}
		got, err := p.Eval(act)
		if err != nil || show(got) != c.want {
			t.Errorf("%s = %s, %v, want %s", c.src, show(got), err, c.want)
		}
	}
}
