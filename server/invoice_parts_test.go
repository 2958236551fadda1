package server

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel/value"
)

// buying is the general template with what is bought in parts.
type buying struct {
	t                         *testing.T
	c                         *client
	r                         *rand.Rand
	item, supplier, warehouse string
	n                         int
	net, tax                  value.Decimal // of invoices that are approved, in base currency
}

const buyingApp = "/api/v1/apps/general/"

// However a receipt is invoiced in parts, with invoices cancelled in between, in whatever way it is estimated: once all is
// invoiced, what it was estimated at is cleared, goods are worth and suppliers are owed what the invoices say, and tax is
// theirs, to the cent.
func TestInvoicePartsClearTheirReceipt(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		w := newGeneral(t, c)
		b := &buying{t: t, c: w.admin, r: rand.New(rand.NewPCG(7, 7))}
		unit := b.made("unit", map[string]any{"name": "件"})
		category := b.made("item_category", map[string]any{"code": "X9", "name": "百货"})
		b.item = b.made("item", map[string]any{"code": "X900", "name": "木架", "category": category, "unit": unit, "tax_rate": "0.13"})
		b.supplier = b.made("partner", map[string]any{"code": "X901", "name": "清源木业", "is_supplier": true, "region": "east"})
		b.warehouse = b.made("warehouse", map[string]any{"code": "X902", "name": "中央仓", "region": "east"})
		for range 4 {
			for _, mode := range []string{"on_invoice", "difference", "month_start"} {
				b.receiptInParts(mode)
			}
		}
		payable := b.sum(b.net, b.tax).Neg()
		for account, want := range map[string]value.Decimal{"stock": b.net, "tax": b.tax, "unbilled": {}, "payable": payable} {
			b.has("gl_entry", "account == '"+account+"'", want)
		}
		dollars := b.made("currency", map[string]any{"code": "USD", "name": "美元"})
		for day, rate := range map[string]string{"2025-01-01": "7.1034", "2025-02-01": "7.2277", "2025-02-15": "7.0451"} {
			b.made("exchange_rate", map[string]any{"currency": dollars, "day": day, "rate": rate})
		}
		b.supplier = b.made("partner", map[string]any{"code": "X903", "name": "洛杉矶远洋贸易公司", "is_supplier": true, "region": "east", "currency": dollars})
		for range 4 {
			for _, mode := range []string{"on_invoice", "difference", "month_start"} {
				b.receiptInParts(mode)
			}
		}
		b.has("gl_entry", "account == 'unbilled'", value.Decimal{})
		b.has("gl_entry", "true", value.Decimal{})
		b.has("gl_entry", "account == 'stock'", b.value("stock_entry", "true"))
		b.has("gl_entry", "account == 'payable'", b.value("payable_entry", "true").Neg())
		if v := w.admin.do("POST", "/api/v1/apps/general:verify", map[string]any{}).want(200).json(); len(v["differences"].([]any)) > 0 {
			t.Errorf("%v", v["differences"])
		}
	})
}

func (b *buying) made(entity string, body map[string]any) string {
	b.t.Helper()
	return b.c.do("POST", buyingApp+entity, body).want(201).text("id")
}

func (b *buying) move(entity, id, transition string) map[string]any {
	b.t.Helper()
	return b.c.do("POST", buyingApp+entity+"/"+id+":transition", map[string]any{"transition": transition}).want(200).json()
}

// receiptInParts receives goods and invoices them bit by bit.
func (b *buying) receiptInParts(mode string) {
	b.t.Helper()
	pieces := 2 + b.r.IntN(6)
	receipt := b.made("goods_receipt", map[string]any{
		"supplier": b.supplier, "warehouse": b.warehouse, "received_on": "2025-01-10", "estimate_mode": mode,
		"lines": []any{map[string]any{"item": b.item, "qty": fmt.Sprint(pieces), "price": fmt.Sprintf("%d.%06d", b.r.IntN(20), 1+b.r.IntN(999_999)), "tax_rate": "0.13"}},
	})
	b.move("goods_receipt", receipt, "approve")
	type part struct {
		id  string
		qty int
	}
	var parts []part
	owed := value.Decimal{}
	count := func(invoice map[string]any, approved bool) {
		for field, sum := range map[string]*value.Decimal{"doc_net_total": &b.net, "doc_tax_total": &b.tax} {
			d, err := value.ParseDecimal(invoice[field].(string))
			if err != nil {
				b.t.Fatal(err)
			}
			if approved {
				*sum, owed = b.sum(*sum, d), b.sum(owed, d)
			} else {
				*sum, owed = b.sum(*sum, d.Neg()), b.sum(owed, d.Neg())
			}
		}
	}
	for left, cancelled := pieces, 0; left > 0; {
		if len(parts) > 0 && cancelled < 2 && b.r.IntN(3) == 0 {
			i := b.r.IntN(len(parts))
			count(b.move("purchase_invoice", parts[i].id, "cancel"), false)
			left, cancelled = left+parts[i].qty, cancelled+1
			parts = append(parts[:i], parts[i+1:]...)
			continue
		}
		qty := 1 + b.r.IntN(min(left, 3))
		b.n++
		line := map[string]any{"goods_receipt": receipt, "item": b.item, "qty": fmt.Sprint(qty)}
		if b.r.IntN(3) == 0 {
			line["doc_net"] = fmt.Sprintf("%d.%02d", b.r.IntN(60), b.r.IntN(100))
		}
		id := b.made("purchase_invoice", map[string]any{
			"supplier": b.supplier, "invoice_no": fmt.Sprint("I", b.n), "invoiced_on": fmt.Sprintf("2025-02-%02d", 1+b.r.IntN(28)), "lines": []any{line},
		})
		count(b.move("purchase_invoice", id, "approve"), true)
		parts, left = append(parts, part{id, qty}), left-qty
	}
	got := b.c.do("GET", buyingApp+"goods_receipt/"+receipt, nil).want(200).json()
	if got["doc_open"] != owed.String() || got["uninvoiced_net"] != "0.00" {
		b.t.Errorf("%s: owed %v, want %s; to be invoiced %v", mode, got["doc_open"], owed, got["uninvoiced_net"])
	}
}

func (b *buying) sum(x, y value.Decimal) value.Decimal {
	b.t.Helper()
	d, err := x.Add(y)
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

// has compares what a ledger's entries come to.
func (b *buying) has(entries, where string, want value.Decimal) {
	b.t.Helper()
	if got := b.value(entries, where); !got.Equal(want) {
		b.t.Errorf("%s where %s: %s, want %s", entries, where, got, want)
	}
}

// value is the value of a ledger's entries.
func (b *buying) value(entries, where string) value.Decimal {
	b.t.Helper()
	groups := b.c.do("POST", buyingApp+entries+":aggregate", map[string]any{
		"filter": "!voided && " + where, "measures": []any{map[string]any{"fn": "sum", "field": "value", "as": "v"}},
	}).want(200).json()["groups"].([]any)
	d, err := value.ParseDecimal(groups[0].(map[string]any)["values"].(map[string]any)["v"].(string))
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}
