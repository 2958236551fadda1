package server

import (
	"testing"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

// The barcode of a case gives the item and its unit; saved as it is given, a case is as many bottles as the item's file
// says.
func TestCaseIsScanned(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		w := newGeneral(t, c)
		const app = "/api/v1/apps/general/"
		made := func(entity string, body map[string]any) string {
			t.Helper()
			return w.admin.do("POST", app+entity, body).want(201).text("id")
		}
		bottle, crate := made("unit", map[string]any{"name": "听"}), made("unit", map[string]any{"name": "大箱"})
		category := made("item_category", map[string]any{"code": "X9", "name": "饮料"})
		item := made("item", map[string]any{
			"code": "X900", "name": "汽水", "category": category, "unit": bottle, "tax_rate": "0.13", "barcode": "6901234567892",
			"units": []any{map[string]any{"unit": crate, "factor": "24", "barcode": "16901234567899"}},
		})
		scan := func(code string) map[string]any {
			t.Helper()
			got := w.admin.do("POST", app+"purchase_order:options", map[string]any{"field": "lines.item", "search": code, "page_size": 2}).want(200).json()
			options, _ := got["options"].([]any)
			if len(options) != 1 {
				t.Fatalf("%s: %v", code, got)
			}
			return options[0].(map[string]any)
		}
		unit := func(o map[string]any) (id, display any) {
			t.Helper()
			to, _ := o["set"].(map[string]any)["unit"].(map[string]any)
			return to["id"], to["display"]
		}
		found := scan("16901234567899")
		via, _ := found["via"].(map[string]any)
		if id, text := unit(found); found["id"] != item || via["field"] != "units" || via["id"] == "" || id != crate || text != "大箱" {
			t.Errorf("the case: %v", found)
		}
		one := scan("6901234567892")
		if id, _ := unit(one); one["id"] != item || one["via"] != nil || id != bottle {
			t.Errorf("the bottle: %v", one)
		}
		supplier := made("partner", map[string]any{"code": "X901", "name": "清源饮品", "is_supplier": true, "region": "east"})
		warehouse := made("warehouse", map[string]any{"code": "X902", "name": "中央仓", "region": "east"})
		order := w.admin.do("POST", app+"purchase_order", map[string]any{
			"supplier": supplier, "warehouse": warehouse,
			"lines": []any{map[string]any{"item": found["id"], "unit": crate, "qty": "2", "price": "48"}},
		}).want(201).json()
		line := order["lines"].([]any)[0].(map[string]any)
		if line["base_qty"] != "48.0000" || line["factor"] != "24.000000" {
			t.Errorf("two cases: %v", line)
		}
	})
}
