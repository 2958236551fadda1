package engine_test

import (
	"context"
	"encoding/json"

	"tenon/engine/policy"
)

// booksAgree holds the general ledger to the books beside it: stock, receivables and payables are worth there what they
// are worth here, and so document by document; debits equal credits; profit is what sales and their costs leave.
func (w *world) booksAgree(owner *policy.Actor) {
	w.t.Helper()
	sum := func(entity, filter string) string { return w.measure(owner, entity, filter, "sum", "value") }
	for account, books := range map[string]struct{ entity, sign string }{
		"stock": {"stock_cost", ""}, "receivable": {"receivable_cost", ""}, "payable": {"payable_cost", "-"},
	} {
		have, want := sum("gl_entry", "account == '"+account+"'"), sum(books.entity, "")
		if have != books.sign+want {
			w.t.Errorf("account %s is %s in the general ledger, %s in %s", account, have, want, books.entity)
		}
	}
	if n := sum("gl_entry", ""); n != "0.00" {
		w.t.Errorf("debits and credits differ by %s", n)
	}
	for _, source := range []string{
		"goods_receipt", "purchase_return", "purchase_invoice", "landed_cost", "delivery", "sales_return", "payment", "receipt",
		"stock_count", "stock_other", "transfer", "partner", "voucher", "fx_revaluation", "payable_estimate",
	} {
		w.documentsBalance(owner, source)
	}
	r, err := w.e.DashboardData(context.Background(), w.call(owner, "general"), "stock_gl_dashboard", []byte(`{"filters":{"period":null}}`))
	shown := must[dashData](w.t, r, err)
	number := func(card, measure string) any { return shown.span(w.t, card).Total[measure] }
	if have, want := number("gl", "value"), number("stock", "value"); have != want || have == "0.00" {
		w.t.Errorf("the report has stock worth %v, account 1405 %v", want, have)
	}
	for _, card := range []string{"stock_only", "gl_only"} {
		if n := number(card, "n"); n != float64(0) {
			w.t.Errorf("%s: the report names %v", card, n)
		}
	}
	for _, account := range []string{"sales", "cost"} {
		if n := w.measure(owner, "gl_entry", "account == '"+account+"' && item != null", "count", ""); n == "0" {
			w.t.Errorf("no entries of account %s", account)
		}
	}
}

// showsAll holds the demo data to what people are to find in it: costs that were learnt of after goods were sold, trade in
// currencies of others with what their rates gain and lose, bills that are open in them, and what is entered by hand.
func (w *world) showsAll(owner *policy.Actor) {
	w.t.Helper()
	for entity, filter := range map[string]string{
		"purchase_invoice": "state == 'approved' && !foreign && to_stock != 0.0 && to_sales != 0.0",
		"landed_cost":      "state == 'approved' && to_stock != 0.0 && to_sales != 0.0",
		"goods_receipt":    "state == 'approved' && currency_code == 'USD' && doc_open > 0.0",
		"delivery":         "state == 'approved' && currency_code == 'EUR' && doc_open > 0.0",
		"payment":          "state == 'approved' && currency_code == 'USD' && posted_owed != -base_amount",
		"receipt":          "state == 'approved' && currency_code == 'EUR' && posted_owed != -base_amount",
		"voucher":          "state == 'approved'",
		"fx_revaluation":   "state == 'approved' && unrealised_gain != 0.0",
	} {
		if w.measure(owner, entity, filter, "count", "") == "0" {
			w.t.Errorf("no %s where %s", entity, filter)
		}
	}
	for _, source := range []string{"purchase_invoice", "payment", "receipt"} {
		if n := w.measure(owner, "gl_entry", "account == 'exchange' && !voided && source == '"+source+"'", "sum", "value"); n == "0.00" {
			w.t.Errorf("%s: no exchange differences", source)
		}
	}
	for _, source := range []string{"payment", "receipt"} { // what an account has moved is what happened, not how it was found
		r, err := w.e.Aggregate(context.Background(), w.call(owner, "general"), "gl_entry",
			[]byte(`{"filter":"!voided && account == 'exchange' && source == '`+source+`'","group_by":["document"],"measures":[{"fn":"count","as":"n"}]}`))
		for _, g := range must[struct {
			Groups []struct{ Values map[string]any }
		}](w.t, r, err).Groups {
			if g.Values["n"] != float64(1) {
				w.t.Errorf("%s: %v entries of one exchange difference", source, g.Values["n"])
			}
		}
	}
	r, err := w.e.DashboardData(context.Background(), w.call(owner, "general"), "profit_dashboard", []byte(`{"filters":{"period":null},"cards":["adjusted"]}`))
	c := must[dashData](w.t, r, err).span(w.t, "adjusted")
	if n := c.Total["adjusted"]; n == nil || n == "0.00" {
		w.t.Errorf("costs booked after the sale are %v", n)
	}
}

// documentsBalance holds the debits of each document of a kind to its credits.
func (w *world) documentsBalance(owner *policy.Actor, source string) {
	w.t.Helper()
	r, err := w.e.Aggregate(context.Background(), w.call(owner, "general"), "gl_entry",
		[]byte(`{"filter":"source == '`+source+`'","group_by":["document","code"],"measures":[{"fn":"sum","field":"value","as":"n"}]}`))
	books := must[struct {
		More   bool
		Groups []struct {
			Key    map[string]any
			Values map[string]any
		}
	}](w.t, r, err)
	if books.More {
		w.t.Errorf("%s: not all documents are looked at", source)
	}
	for _, g := range books.Groups {
		if g.Values["n"] != "0.00" {
			w.t.Errorf("%s %v: debits and credits differ by %v", source, g.Key["code"], g.Values["n"])
		}
	}
}

// measure is one number over an entity's records.
func (w *world) measure(a *policy.Actor, entity, filter, fn, field string) string {
	w.t.Helper()
	m := map[string]string{"fn": fn, "as": "n"}
	if field != "" {
		m["field"] = field
	}
	body, err := json.Marshal(map[string]any{"filter": filter, "measures": []any{m}})
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := w.e.Aggregate(context.Background(), w.call(a, "general"), entity, body)
	groups := must[struct {
		Groups []struct{ Values map[string]json.RawMessage }
	}](w.t, r, err).Groups
	if len(groups) == 0 {
		return "0.00"
	}
	var text string
	if json.Unmarshal(groups[0].Values["n"], &text) != nil {
		return string(groups[0].Values["n"])
	}
	return text
}
