package expr

import (
	"fmt"
	"testing"
)

func TestShowDiags(t *testing.T) {
	m, app, _ := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true}
	for _, src := range []string{
		"", "  // only\n", "qty +", "qty + * 2", "(qty", "qty)", "qty == 'a", "qty ＝ 1", "数量 * 单价", "供应商.等级", "qty = 1", "qty <> 1", "qty and paid", "qtyy * 2", "suplier.level", "supplier.levle", "foo", "foo + bar * qtyy",
		"foo(1)", "rond(1.5)", "ROUND(1.5)", "qty + 'a'", "code + 1", "received_on > '2026-01-01'", "received_on + 1", "received_on == seen_at", "state == 'aproved'", "state in ['draft', 'x']", "'nope' in tags", "paid ? 1 : 'a'", "qty ? 1 : 2",
		"qty == 'a'", "supplier == owner", "supplier == 3", "supplier == items", "supplier + 1", "qty.name", "lines.amount", "user", "user == null", "user.name", "user.attributes", "user.attributes == null", "null + 1", "1 == null", "lines == null", "today() == null", "lines[0]", "{'a': 1}", "1u", "b'a'", "1e5", "9999999999999999999", "0x10",
		"lines.sum(l, l.item)", "lines.sum(l)", "lines.sum(l.amount)", "lines.sum(user, 1)", "lines.all(l, l.qty)", "qty.sum(x, x)", "sumOf(receipt_line, l, l.qty)", "sumOf(recipt_line, l, true, l.qty)", "sumOf(receipt_line, l, l.qty, l.qty)", "sumOf(receipt_line, l, true, l.item)",
		"lines.sum(l, sumOf(item, i, true, i.price))", "sumOf(item, i, existsOf(supplier, s, true), i.price)", "countOf(receipt, r, r.lines.exists(l, l.qty > 1))", "supplier.boss.lines.sum(x, x)", "lines.map(l, l.parent.lines).size() > 1",
		"matches(code, note)", "matches(code, '(')", "round('a')", "round(1.5, 'a')", "round()", "[1, 'a']", "[[1]]", "!qty", "-code", "true && 1", "qty || paid", "env", "secrets.x", "type(1)", "dyn(1)", "size", "has(supplier.level)", "int", "old", "it.x", "parent.x", "coalesce(null, 1)", "coalesce(1)", "a.b.c", ".qty", "qty.size()", "`qty`", "x == y", "today", "receipt_line", "lines.all(l, k.qty > 1)", "receipt{}", "[].map(x, y)",
	} {
		_, list := m.Compile(scope, src, Unknown)
		fmt.Printf("--- %s\n", src)
		for _, d := range list {
			fmt.Printf("   %s @%v: %s | %s\n", d.Code, d.Pos, d.Text("zh-CN"), d.Cure("zh-CN"))
		}
		if len(list) == 0 {
			fmt.Println("   OK")
		}
	}
}
