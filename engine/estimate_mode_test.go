package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"tenon/engine"
	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

// books writes documents of the general template.
type books struct {
	*world
	owner *policy.Actor
}

// made is a new record, in the state that a transition leads to where one is named.
func (b books) made(entity, transition string, values map[string]any) record {
	b.t.Helper()
	body, err := json.Marshal(values)
	if err != nil {
		b.t.Fatal(err)
	}
	c := b.call(b.owner, "general")
	r, err := b.e.Create(context.Background(), c, entity, body, engine.ReadOptions{})
	made := must[record](b.t, r, err)
	if transition == "" {
		return made
	}
	return b.moved(entity, made, transition)
}

func (b books) moved(entity string, r record, transition string) record {
	b.t.Helper()
	done, err := b.e.Transition(context.Background(), b.call(b.owner, "general"), entity, r.id(), 0, []byte(`{"transition":"`+transition+`"}`), engine.ReadOptions{})
	return must[record](b.t, done, err)
}

// sum is the value of a ledger's entries up to a day.
func (b books) sum(entity, filter, day string) string {
	return b.measure(b.owner, entity, "!voided && day <= date('"+day+"') && "+filter, "sum", "value")
}

// However receipts are estimated, stock is worth the same, on every day what the general ledger says, and what is owed
// stands in the accounts of payables, estimates and goods not invoiced.
func TestEstimateModes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st)
		w.install("general")
		b := books{w, w.role("general", "owner")}
		unit := b.made("unit", "", map[string]any{"name": "件"}).id()
		category := b.made("item_category", "", map[string]any{"code": "C", "name": "百货"}).id()
		warehouse := b.made("warehouse", "", map[string]any{"code": "W1", "name": "中央仓", "region": "east"}).id()
		customer := b.made("partner", "", map[string]any{"code": "C1", "name": "上海康乐商贸有限公司", "is_customer": true, "region": "east"}).id()
		setting := b.made("company_setting", "", map[string]any{})
		var want string
		for i, mode := range []string{"on_invoice", "difference", "month_start"} {
			if _, err := w.e.Update(context.Background(), w.call(b.owner, "general"), "company_setting", setting.id(), 0, []byte(`{"estimate_mode":"`+mode+`"}`), engine.ReadOptions{}); err != nil {
				t.Fatal(err)
			}
			no := string(rune('1' + i))
			item := b.made("item", "", map[string]any{
				"code": "M" + no, "name": "木架" + no, "category": category, "unit": unit, "tax_rate": "0.13",
				"purchase_price": "10", "sale_price": "30", "floor_price": "0", "cost_price": "10",
			}).id()
			supplier := b.made("partner", "", map[string]any{"code": "S" + no, "name": "供应商" + no, "is_supplier": true, "region": "east"}).id()
			b.purchase(mode, no, item, supplier, warehouse, customer)
			have := w.measure(b.owner, "stock_cost", "item == '"+item+"'", "sum", "value")
			if i == 0 {
				want = have
			}
			if have != want || have == "0.00" {
				t.Errorf("%s: stock is worth %s, want %s", mode, have, want)
			}
			for _, day := range []string{"2025-01-10", "2025-01-31", "2025-02-01", "2025-02-05", "2025-02-07", "2025-02-08", "2025-02-28", "2025-03-02", "2025-03-31"} {
				if gl, stock := b.sum("gl_entry", "account == 'stock'", day), b.sum("stock_entry", "verb != 'reserve'", day); gl != stock {
					t.Errorf("%s: on %s account 1405 is %s, stock %s", mode, day, gl, stock)
				}
				if n := b.sum("gl_entry", "value != 0", day); n != "0.00" {
					t.Errorf("%s: on %s debits and credits differ by %s", mode, day, n)
				}
			}
		}
		for _, account := range []string{"unbilled", "estimate"} {
			if n := b.sum("gl_entry", "account == '"+account+"'", "2025-03-31"); n != "0.00" {
				t.Errorf("account %s is left with %s", account, n)
			}
		}
		w.booksAgree(b.owner)
	})
}

// postsOnce asserts that each posting of a document has one entry in the general ledger.
func (b books) postsOnce(id string) {
	b.t.Helper()
	r, err := b.e.List(context.Background(), b.call(b.owner, "general"), "gl_entry", engine.ListRequest{Filter: "document == '" + id + "'", PageSize: 200})
	entries := must[page](b.t, r, err).Records
	seen := map[string]bool{}
	for _, e := range entries {
		key := fmt.Sprint(e["line"], " ", e["posting"])
		if seen[key] {
			b.t.Errorf("%v: %v is posted to %v twice", e["code"], e["value"], e["account"])
		}
		seen[key] = true
	}
	if len(entries) < 3 {
		b.t.Errorf("the general ledger has %d entries of %s", len(entries), id)
	}
}

// purchase is a receipt of a hundred of which some are sold, some go back before and after the invoices, which come in two
// parts at other prices; one invoice is cancelled and made again.
func (b books) purchase(mode, no, item, supplier, warehouse, customer string) {
	b.t.Helper()
	receipt := b.made("goods_receipt", "approve", map[string]any{
		"supplier": supplier, "warehouse": warehouse, "received_on": "2025-01-10",
		"lines": []any{map[string]any{"item": item, "qty": "100", "price": "10", "tax_rate": "0.13"}},
	}).id()
	if mode == "month_start" {
		b.made("payable_estimate", "approve", map[string]any{"estimated_on": "2025-01-31"})
	}
	b.made("delivery", "approve", map[string]any{
		"customer": customer, "warehouse": warehouse, "delivered_on": "2025-01-20", "lines": []any{map[string]any{"item": item, "qty": "30"}},
	})
	invoice := func(no, day, qty, net string) record {
		return b.made("purchase_invoice", "approve", map[string]any{
			"supplier": supplier, "invoice_no": no, "invoiced_on": day,
			"lines": []any{map[string]any{"goods_receipt": receipt, "item": item, "qty": qty, "doc_net": net}},
		})
	}
	back := func(day, qty string, before bool) {
		b.made("purchase_return", "approve", map[string]any{
			"source_receipt": receipt, "returned_on": day, "before_invoice": before && mode == "month_start",
			"lines": []any{map[string]any{"item": item, "qty": qty}},
		})
	}
	wrong := invoice("A"+no, "2025-02-05", "40", "480")
	b.postsOnce(wrong.id())
	b.moved("purchase_invoice", wrong, "cancel")
	invoice("B"+no, "2025-02-05", "40", "440")
	back("2025-02-07", "10", true)
	back("2025-02-08", "5", false)
	if mode == "month_start" {
		b.made("payable_estimate", "approve", map[string]any{"estimated_on": "2025-02-28"})
	}
	invoice("C"+no, "2025-03-02", "50", "450")
}
