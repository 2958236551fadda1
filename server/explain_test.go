package server

import (
	"fmt"
	"testing"
)

// What a ledger keeps is explained by its entries, and they by their documents.
func TestExplainLedger(t *testing.T) {
	eachStockroom(t, func(t *testing.T, g *stockroom) {
		receipt := g.draft("receipt", "2026-01-05", "10", map[string]any{"rate": "2.5"})
		g.move("receipt", receipt, "approve").want(200)
		issue := g.draft("issue", "2026-01-10", "4", nil)
		g.move("issue", issue, "approve").want(200)
		first := func(entity string) string {
			return g.w.admin.do("GET", stocks+entity, nil).want(200).json()["records"].([]any)[0].(map[string]any)["id"].(string)
		}
		why := func(entity, id, field string) map[string]any {
			return g.w.admin.do("GET", stocks+entity+"/"+id+":explain?field="+field, nil).want(200).json()
		}
		for _, c := range []struct{ entity, field, value, rows string }{
			{"stock_balance", "quantity", "6.0000", "-4.0000 issue 10.0000 receipt "},
			{"stock_cost", "quantity", "6.0000", "-4.0000 issue 10.0000 receipt "},
			{"stock_cost", "value", "15.00", "-10.00 issue 25.00 receipt "},
		} {
			x := why(c.entity, first(c.entity), c.field)
			rows := ""
			for _, r := range asLines(x["rows"]) {
				rows += fmt.Sprint(r["value"], " ", r["document"].(map[string]any)["entity"], " ")
				of := r["of"].([]any)
				texts := x["display"].(map[string]any)
				if len(of) < 2 || texts[of[0].(string)] != "螺丝" || texts[of[1].(string)] != "主仓" || r["kind"] != "ledger" {
					t.Errorf("a row is about %v: %v", of, texts)
				}
			}
			if x["kind"] != "ledger" || x["value"] != c.value || rows != c.rows {
				t.Errorf("%s.%s is explained by %s, want %s: %v", c.entity, c.field, rows, c.rows, x)
			}
		}
		x := why("stock_cost", first("stock_cost"), "unit_cost")
		if in := asLines(x["inputs"]); len(in) != 3 || in[0]["value"] != "15.00" || in[1]["value"] != "6.0000" || in[2]["value"] != "average" {
			t.Errorf("unit cost: %v", x)
		}
		if in := asLines(why("stock_balance", first("stock_balance"), "available")["inputs"]); len(in) != 2 {
			t.Errorf("available: %v", in)
		}
		for _, e := range asLines(g.w.admin.do("GET", stocks+"stock_entry?filter=verb%20%3D%3D%20%27out%27", nil).want(200).json()["records"]) {
			x := why("stock_entry", e["id"].(string), "value")
			inputs := map[string]any{}
			for _, in := range asLines(x["inputs"]) {
				inputs[in["path"].(string)] = in["value"]
			}
			doc, _ := asLines(x["rows"])[0]["document"].(map[string]any)
			if inputs["cost.method"] != "average" || inputs["quantity"] != "-4.0000" || doc["record"] != issue {
				t.Errorf("an entry: %v", x)
			}
			g.w.admin.do("GET", stocks+"stock_entry/"+e["id"].(string)+":explain?field=value&page_token=x&y=1", nil).refused(400, "query.parameter_unknown")
		}
	})
}
