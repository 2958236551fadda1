package engine_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

// Of documents that together take more of a line than it has, and are approved at once, only as many pass as fit: what is
// delivered of an order, comes back of a delivery, goes back of a receipt and is invoiced of it.
func TestLinesAreNotTakenTwiceAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st)
		a := builder()
		a.ID = ""
		if _, err := w.e.AppCreate(context.Background(), w.call(a, ""), []byte(`{"template":"general","name":"shop"}`)); err != nil {
			t.Fatal(err)
		}
		owner := w.role("shop", "owner")
		id := func(entity string, values record) string { return w.mustCreate(owner, entity, values).id() }
		unit := id("unit", record{"name": "听"})
		item := id("item", record{"code": "A1", "name": "水", "category": id("item_category", record{"code": "A", "name": "饮料"}), "unit": unit, "sale_price": "2"})
		supplier := id("partner", record{"code": "S1", "name": "供", "is_supplier": true, "region": "east"})
		customer := id("partner", record{"code": "C1", "name": "客", "is_customer": true, "region": "east"})
		house := id("warehouse", record{"code": "W1", "name": "仓", "region": "east"})
		approved := func(entity string, values record) (string, string) {
			r := w.mustCreate(owner, entity, values)
			if _, err := w.transition(owner, entity, r.id(), "approve"); err != nil {
				t.Fatal(err)
			}
			return r.id(), r.lines("lines")[0].(map[string]any)["id"].(string)
		}
		approved("goods_receipt", record{"supplier": supplier, "warehouse": house, "lines": []record{{"item": item, "qty": "100", "price": "1"}}})
		receipt, received := approved("goods_receipt", record{"supplier": supplier, "warehouse": house, "lines": []record{{"item": item, "qty": "30", "price": "1"}}})
		order, ordered := approved("sales_order", record{"customer": customer, "warehouse": house, "lines": []record{{"item": item, "qty": "50"}}})

		// race approves four documents of 20 each at once.
		race := func(entity string, values record, field, line string, passes int) []string {
			t.Helper()
			values["lines"] = []record{{field: line, "qty": "20"}}
			var ids []string
			for i := range 4 {
				if entity == "purchase_invoice" {
					values["invoice_no"] = fmt.Sprint(i)
				}
				ids = append(ids, id(entity, values))
			}
			errs := make([]error, len(ids))
			var wg sync.WaitGroup
			for i := range ids {
				wg.Go(func() { _, errs[i] = w.transition(owner, entity, ids[i], "approve") })
			}
			wg.Wait()
			var done []string
			for i, err := range errs {
				switch {
				case err == nil:
					done = append(done, ids[i])
				case !hasCode(err, "rule.failed", "/lines/0/qty"):
					t.Errorf("%s: %v", entity, err)
				}
			}
			if len(done) != passes {
				t.Fatalf("%s: %d were approved, want %d", entity, len(done), passes)
			}
			return done
		}
		sent := race("delivery", record{"order": order}, "order_line", ordered, 2)
		d, err := w.get(owner, "delivery", sent[0])
		if err != nil {
			t.Fatal(err)
		}
		race("sales_return", record{"source_delivery": sent[0]}, "source_line", d.lines("lines")[0].(map[string]any)["id"].(string), 1)
		race("purchase_return", record{"source_receipt": receipt}, "source_line", received, 1)
		race("purchase_invoice", record{"supplier": supplier}, "source_line", received, 1)
		w.took("sales_order", order, "open_qty", "10.0000")
		w.took("goods_receipt", receipt, "returnable_qty", "10.0000")
		w.took("goods_receipt", receipt, "uninvoiced_qty", "10.0000")
	})
}

func (w *world) took(entity, id, field, want string) {
	w.t.Helper()
	r, err := w.get(w.role("shop", "owner"), entity, id)
	if err != nil {
		w.t.Fatal(err)
	}
	if got := r.lines("lines")[0].(map[string]any)[field]; got != want {
		w.t.Errorf("%s: %s is %v, want %s", entity, field, got, want)
	}
}
