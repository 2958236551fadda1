package server

import (
	"fmt"
	"strings"
	"testing"
)

// weigh makes a document that receives or issues so many pieces of a weight, and approves it.
func (g *stockroom) weigh(day string, incoming bool, pieces, weight string, headers ...string) (*answer, string) {
	g.t.Helper()
	doc := map[string]any{"day": day, "code": "W" + day, "item": g.item, "warehouse": g.house, "incoming": incoming, "pieces": pieces, "weight": weight, "price": "28.5"}
	id := g.w.admin.do("POST", stocks+"weighing", doc).want(201).text("id")
	return g.move("weighing", id, "approve", headers...), id
}

func (g *stockroom) sole(path string) map[string]any {
	g.t.Helper()
	list := g.w.admin.do("GET", stocks+path, nil).want(200).json()["records"].([]any)
	if len(list) != 1 {
		g.t.Fatalf("%s: %d records", path, len(list))
	}
	return list[0].(map[string]any)
}

// Goods that are weighed and counted have both in one ledger: nobody sells pieces that aren't there, and readers see both.
func TestWeighedOverHTTP(t *testing.T) {
	eachStockroom(t, func(t *testing.T, g *stockroom) {
		a, first := g.weigh("2026-01-05", true, "10", "13.26")
		a.want(200)
		a, sold := g.weigh("2026-01-09", false, "4", "5.42")
		a.want(200)
		for lang, words := range map[string][]string{"zh-CN": {"螺丝", "主仓", "2026-01-10", "件数", "6", "7"}, "en-US": {"螺丝", "2026-01-10", "Pieces", "6", "7", "not enough"}} {
			a, _ := g.weigh("2026-01-10", false, "7", "1.00", "Accept-Language", lang)
			d := a.refused(422, "ledger.secondary_negative").json()["errors"].([]any)[0]
			for _, word := range words {
				if !strings.Contains(fmt.Sprint(d), word) {
					t.Errorf("%s: %v doesn't say %s", lang, d, word)
				}
			}
		}
		a, _ = g.weigh("2026-01-06", false, "7", "1.00") // back-dated: on the 9th only three would be left
		a.refused(422, "ledger.secondary_negative_later")
		a, _ = g.weigh("2026-01-10", false, "5", "7.84")
		a.refused(422, "ledger.secondary_left")
		a, _ = g.weigh("2026-01-10", false, "1", "0")
		a.refused(422, "ledger.secondary_alone")
		g.move("weighing", first, "cancel").refused(422, "ledger.negative_later")

		balance := g.sole("weighed_balance")
		if balance["secondary_quantity"] != "6.0000" || balance["quantity"] != "7.8400" {
			t.Errorf("there is %v", balance)
		}
		cost := g.sole("weighed_cost")
		if cost["secondary_quantity"] != "6.0000" || cost["value"] != "223.44" {
			t.Errorf("it costs %v", cost)
		}
		out := g.sole("weighed_entry?filter=verb%20==%20'out'")
		if out["secondary_quantity"] != "-4.0000" || out["running_secondary_quantity"] != "6.0000" || out["value"] != "-154.47" {
			t.Errorf("the entry is %v", out)
		}
		sums := g.w.admin.do("POST", stocks+"weighed_entry:aggregate", map[string]any{"measures": []any{map[string]any{"fn": "sum", "field": "secondary_quantity", "as": "n"}}}).want(200).json()
		if got := fmt.Sprint(sums["groups"]); !strings.Contains(got, "n:6.0000") {
			t.Errorf("the pieces of all entries come to %s", got)
		}
		if m := g.w.admin.do("GET", stocks+"ledgers/weighed", nil).want(200).json(); fmt.Sprint(m["secondary_quantity"]) != "map[en-US:Pieces zh-CN:件数]" {
			t.Errorf("the ledger says it counts %v", m["secondary_quantity"])
		}
		if m := g.w.admin.do("GET", stocks+"ledgers/stock", nil).want(200).json(); m["secondary_quantity"] != nil {
			t.Errorf("a ledger that counts nothing beside says %v", m["secondary_quantity"])
		}
		explained := func(entity, id, field string, rows int, inputs ...string) {
			t.Helper()
			x := g.w.admin.do("GET", stocks+entity+"/"+id+":explain?field="+field, nil).want(200).json()
			if got := len(x["rows"].([]any)); got != rows {
				t.Errorf("%s.%s is explained by %d rows, want %d: %v", entity, field, got, rows, x)
			}
			for _, name := range inputs {
				if !strings.Contains(fmt.Sprint(x["inputs"]), "field:"+name) {
					t.Errorf("%s.%s is explained without %s: %v", entity, field, name, x["inputs"])
				}
			}
		}
		explained("weighed_balance", balance["id"].(string), "secondary_quantity", 2)
		explained("weighed_cost", cost["id"].(string), "secondary_quantity", 2)
		explained("weighed_entry", out["id"].(string), "secondary_quantity", 1, "quantity", "running_secondary_quantity")
		explained("weighed_entry", out["id"].(string), "running_secondary_quantity", 1, "secondary_quantity", "running_quantity")
		explained("weighed_entry", out["id"].(string), "value", 1, "secondary_quantity", "running_secondary_quantity")

		g.move("weighing", sold, "cancel").want(200)
		if balance := g.sole("weighed_balance"); balance["secondary_quantity"] != "10.0000" {
			t.Errorf("after it was taken back there is %v", balance)
		}
		if proof := g.w.admin.do("POST", stocks+"ledgers/weighed:verify", nil).want(200).json(); proof["whole"] != true {
			t.Errorf("%v", proof)
		}
	})
}
