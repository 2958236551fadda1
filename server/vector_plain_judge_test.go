package server

import (
	"encoding/json"
	"fmt"
	"slices"

	"tenon/metamodel/value"
)

func (x *plainRun) after(n int, raw json.RawMessage) {
	x.t.Helper()
	var after map[string]map[string]json.RawMessage
	if raw == nil {
		return
	}
	if err := json.Unmarshal(raw, &after); err != nil {
		x.t.Fatal(err)
	}
	v, q := x.onHand("value"), x.onHand("quantity")
	for key, want := range after[fmt.Sprint(n)] {
		switch key {
		case "value":
			x.is(key, v, want)
		case "qty":
			x.is(key, q, want)
		case "avg", "avg_4dp":
			u, _ := v.Quo(q, 4)
			x.is(key, u, want)
		case "cogs":
			x.is(key, plus(x.cost, v.Neg()), want)
		default:
			x.t.Errorf("nothing judges %q", key)
		}
	}
}

// judge judges one expectation in the end. One that it doesn't know fails.
func (x *plainRun) judge(key string, raw json.RawMessage) {
	x.t.Helper()
	n := len(x.made)
	at := func(step int, field string) value.Decimal { return decimalOf(x.read(step)[field]) }
	text := func(got any) {
		var want any
		_ = json.Unmarshal(raw, &want) // a text
		if fmt.Sprint(got) != fmt.Sprint(want) {
			x.t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
	fields := map[string]string{
		"default_expiry": "expiry", "price": "price_to", "received_in_order_uom": "received", "payable_base": "amount",
		"price_difference_base": "price_difference", "factor_3dp": "factor", "used_pct_2dp": "used_pct", "qty": "converted", "value": "rounded",
	}
	field := or(fields[key], key)
	switch key {
	case "after", "step_2", "step_3": // judged as they came
	case "value", "qty", "base_amount", "payable_base", "price_difference_base", "price_difference_foreign", "exchange_difference", "exchange_gain", "unrealised_loss", "used_pct_2dp":
		x.is(key, at(n, field), raw)
	case "price":
		if x.made[0].entity == "sale" {
			field = "price"
		}
		x.is(key, at(n, field), raw)
	case "factor_3dp":
		d, _ := at(n, field).Round(3)
		x.is(key, d, raw)
	case "received_in_order_uom":
		x.is(key, at(1, field), raw)
	case "stock_qty":
		var got value.Decimal
		if x.made[n-1].entity == "purchase" {
			got = at(n, key)
		} else {
			got, _ = x.issued()
		}
		x.is(key, got, raw)
	case "factors", "parts":
		x.list(key, raw)
	case "sum":
		var sum value.Decimal
		for _, l := range asLines(x.read(n)["lines"]) {
			sum = plus(sum, decimalOf(l["amount"]))
		}
		x.is(key, sum, raw)
	case "expiry", "removal", "best_before", "alert", "default_expiry":
		if x.made[n-1].entity == "expiry_check" {
			n--
		}
		text(x.read(n)[field])
	case "days_left", "flag", "used_days":
		text(x.read(n)[field])
	case "cost_2dp":
		u, _ := x.onHand("value").Quo(x.onHand("quantity"), 2)
		x.is(key, u, raw)
	case "stock_base":
		x.is(key, x.onHand("value"), raw)
	case "stock_cost_unchanged":
		got := x.onHand("value")
		x.truly(key, raw, !got.IsZero() && got.Equal(x.cost))
		x.owed(value.Decimal{}, "")
	case "reversed_next_day":
		x.truly(key, raw, true)
		x.owed(value.MustDecimal("7200"), " && day <= date('"+x.read(n)["day"].(string)+"')")
		x.owed(value.MustDecimal("7100"), "")
	case "value_in":
		x.is(key, at(1, "amount"), raw)
	case "cogs_by_weight":
		x.is(key, decimalOf(x.rows("weighed_entry", x.ofItems()+" && verb == 'out'")[0]["value"]).Neg(), raw)
	case "cogs_by_piece_share": // what pieces would cost, in a ledger that knows no weight
		x.is(key, decimalOf(x.rows("pieces_entry", x.ofItems()+" && verb == 'out'")[0]["value"]).Neg(), raw)
	case "remaining":
		var want map[string]json.RawMessage
		_ = json.Unmarshal(raw, &want) // is says what is missing
		left := x.rows("weighed_balance", x.ofItems())[0]
		x.is("remaining pieces", decimalOf(left["secondary_quantity"]), want["qty"])
		x.is("remaining weight", decimalOf(left["quantity"]), want["weight"])
	case "picks":
		x.picked(raw)
	case "short":
		x.is(key, x.short, raw)
	case "expiry_everywhere":
		x.everywhere(raw)
	default:
		x.t.Errorf("nothing judges %q", key)
	}
}

// issued is what the stock ledger has of issues.
func (x *plainRun) issued() (quantity, worth value.Decimal) {
	x.t.Helper()
	for _, r := range x.rows("stock_entry", x.ofItems()+" && verb == 'out' && !voided") {
		quantity, worth = plus(quantity, decimalOf(r["quantity"]).Neg()), plus(worth, decimalOf(r["value"]).Neg())
	}
	return quantity, worth
}

// owed compares what is owed on the case's bill: all of it, or with a further condition.
func (x *plainRun) owed(want value.Decimal, more string) {
	x.t.Helper()
	bill := ""
	for _, m := range x.made {
		if m.entity == "bill" {
			bill = m.id
		}
	}
	var sum value.Decimal
	for _, r := range x.rows("payable_entry", "bill == '"+bill+"' && !voided"+more) {
		sum = plus(sum, decimalOf(r["value"]))
	}
	if !sum.Equal(want) {
		x.t.Errorf("owed are %s, want %s", sum, want)
	}
}

func (x *plainRun) list(key string, raw json.RawMessage) {
	x.t.Helper()
	var want []num
	if err := json.Unmarshal(raw, &want); err != nil {
		x.t.Fatal(err)
	}
	var got []value.Decimal
	if key == "parts" {
		got = x.shares(done{entity: "landed_cost", id: x.made[0].id})
	} else {
		for i := range x.made {
			got = append(got, decimalOf(x.read(i + 1)["factor"]))
		}
	}
	if !slices.EqualFunc(got, want, func(a value.Decimal, b num) bool { return a.Equal(b.Decimal) }) {
		x.t.Errorf("%s are %v, want %v", key, got, want)
	}
}

func (x *plainRun) picked(raw json.RawMessage) {
	x.t.Helper()
	var want [][2]any
	if err := json.Unmarshal(raw, &want); err != nil {
		x.t.Fatal(err)
	}
	texts := func(list [][2]any) (out []string) {
		for _, l := range list {
			d, _ := value.ParseDecimal(fmt.Sprint(l[1]))
			out = append(out, fmt.Sprint(l[0], " ", d.Trim()))
		}
		return out
	}
	if got := texts(x.picks); !slices.Equal(got, texts(want)) {
		t := texts(want)
		x.t.Errorf("picked %v, want %v", got, t)
	}
}

// everywhere looks the lot up of everything that moved: all of it is of one lot with one date.
func (x *plainRun) everywhere(raw json.RawMessage) {
	x.t.Helper()
	var want string
	_ = json.Unmarshal(raw, &want) // a text
	moved := x.rows("stock_entry", x.ofItems()+" && !voided")
	if len(moved) < 5 {
		x.t.Errorf("%d rows moved", len(moved))
	}
	for _, r := range moved {
		batch, _ := r["batch"].(string)
		list := x.rows("lot", x.ofItems()+" && number == '"+batch+"'")
		if len(list) != 1 || list[0]["expiry"] != want {
			x.t.Errorf("the lot %q of a row is %v, want one of %s", batch, list, want)
		}
	}
}
