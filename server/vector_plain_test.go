package server

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel/value"
)

// plainFiles are the published numbers about rounding, units, money and lots.
var plainFiles = []string{"fefo-expiry", "more-plain", "multi-currency", "rounding", "uom-conversion"}

type plainStep struct {
	Op, From, To, Uom, Mode, Round, Currency, Today, Date, Batch, ID, Produced, Scheduled, Received, Expiry string

	Qty, Value, Amount, Price, Rate, Factor, Step, Standard, Weight *num

	StockUom   string `json:"stock_uom"`
	PricePerKg *num   `json:"price_per_kg"`
	ListPrice  *num   `json:"list_price"`
	UomFactor  *num   `json:"uom_factor"`
	UsdPerEur  string `json:"usd_per_eur"`
	EurPerUsd  *num   `json:"eur_per_usd"`
	Digits     int
	Weights    []num
	List       [][]any
	Untracked  *num
	Lot        *num `json:"LOT001"`

	HasExpiry   *bool  `json:"has_expiry"`
	ShelfLife   *int   `json:"shelf_life_days"`
	ShelfMonths *int   `json:"shelf_months"`
	MaxUsed     string `json:"max_used_fraction"`
	Expiration  *int
	Removal     *int
	BestBefore  *int `json:"best_before"`
	Alert       *int
}

type plainCase struct {
	Name   string
	Steps  []plainStep
	Expect map[string]json.RawMessage
}

// plainRun runs a case over the documents of the test app; what each step made is kept by its number.
type plainRun struct {
	*vectorRun
	plain plainCase
	made  []made
	units map[string]string
	money map[string]string
	lot   string
	picks [][2]any
	short value.Decimal
	cost  value.Decimal // what the stock was worth before the last step
}

type made struct{ entity, id, refused string }

// The published numbers about rounding, units, money and lots come out of documents over HTTP.
func TestPlainVectorsThroughDocuments(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		w := newStocks(t, c, 4)
		for _, file := range plainFiles {
			data, err := os.ReadFile("../engine/testdata/vectors/" + file + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var all struct{ Cases []plainCase }
			if err := json.Unmarshal(data, &all); err != nil {
				t.Fatal(file, err)
			}
			for _, v := range all.Cases {
				t.Run(file+"/"+v.Name, func(t *testing.T) { runPlain(t, w, v) })
			}
		}
	})
}

// What is bought in a currency that has no rate on its day is refused, and says so.
func TestMissingRateStops(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		w := newStocks(t, c, 4)
		x := newPlainRun(t, w, plainCase{})
		x.day = x.day.AddDays(10)
		money := x.rate("USD", "7.1", "1")
		x.day = x.day.AddDays(-2)
		m := x.post("arrival", x.goods(map[string]any{"qty": "1", "price": "10", "currency": money}))
		if !strings.HasPrefix(m.refused, "422") || !strings.Contains(m.refused, "There is no rate of this currency on that day yet") {
			t.Errorf("an arrival without a rate: %s", m.refused)
		}
		x.day = x.day.AddDays(2)
		if m := x.post("arrival", x.goods(map[string]any{"qty": "1", "price": "10", "currency": money})); m.refused != "" {
			t.Errorf("an arrival on the rate's first day: %s", m.refused)
		}
		if got := x.onHand("value"); !got.Equal(value.MustDecimal("71")) {
			t.Errorf("it is worth %s, want 71", got)
		}
	})
}

func newPlainRun(t *testing.T, w *world, v plainCase) *plainRun {
	x := &plainRun{plain: v, units: map[string]string{}, money: map[string]string{}}
	own := &client{w: &world{t: t, addr: w.addr}, http: w.admin.http, cookie: w.admin.cookie, lang: "en-US"}
	x.vectorRun = &vectorRun{
		t: t, c: own, items: map[string]string{}, places: map[string]string{}, day: value.NewDate(2026, 1, 1),
		policy: map[string]any{"cost_method": "average", "negative": "forbid"},
	}
	return x
}

func runPlain(t *testing.T, w *world, v plainCase) {
	x := newPlainRun(t, w, v)
	for i, s := range v.Steps {
		x.cost = x.onHand("value")
		m := x.perform(s)
		x.made = append(x.made, m)
		x.day = x.day.AddDays(3)
		want := string(v.Expect[fmt.Sprint("step_", i+1)])
		if refuse := strings.HasPrefix(want, `"rejected`); refuse != (m.refused != "") {
			t.Errorf("step %d %s: refused is %v, want %v: %.300s", i+1, s.Op, m.refused != "", refuse, m.refused)
		}
		x.after(i+1, v.Expect["after"])
	}
	for key, raw := range v.Expect {
		x.judge(key, raw)
	}
}

// put makes a record that has no states.
func (x *plainRun) put(entity string, body map[string]any) made {
	x.t.Helper()
	a := x.c.do("POST", stocks+entity, tidy(body))
	if a.status != 201 {
		return made{entity: entity, refused: fmt.Sprintf("%d %s", a.status, a.body)}
	}
	return made{entity: entity, id: a.text("id")}
}

// post makes a document and approves it.
func (x *plainRun) post(entity string, body map[string]any) made {
	x.t.Helper()
	lines := ""
	if body["lines"] != nil {
		lines = "lines"
	}
	d := x.document(entity, tidy(body), lines)
	return made{entity, d.id, d.refused}
}

// tidy leaves out what a step doesn't say, and writes numbers as texts.
func tidy(body map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range body {
		switch v := v.(type) {
		case *num:
			if v != nil {
				out[k] = v.String()
			}
		case *int:
			if v != nil {
				out[k] = *v
			}
		case *bool:
			if v != nil {
				out[k] = *v
			}
		case string:
			if v != "" {
				out[k] = v
			}
		default:
			out[k] = v
		}
	}
	return out
}

// read answers the record of a step as it is now.
func (x *plainRun) read(step int) map[string]any {
	x.t.Helper()
	m := x.made[step-1]
	return x.c.do("GET", stocks+m.entity+"/"+m.id, nil).want(200).json()
}

func (x *plainRun) onHand(field string) value.Decimal {
	var sum value.Decimal
	if len(x.items) > 0 {
		for _, r := range x.rows("stock_cost", x.ofItems()) {
			sum = plus(sum, decimalOf(r[field]))
		}
	}
	return sum
}

// unit makes a unit of the case once. A size is a fraction of the kind's smallest unit.
func (x *plainRun) unit(name, kind, of, by, step, way string) string {
	return x.record(x.units, "unit", name, tidy(map[string]any{"kind": kind, "size_of": of, "size_by": by, "step": step, "way": way}))
}

func (x *plainRun) known(name string) string {
	sizes := map[string][3]string{
		"g": {"weight", "1", "1"}, "kg": {"weight", "1000", "1"}, "t": {"weight", "1000000", "1"},
		"carat": {"weight", "1", "5"}, "lb": {"weight", "45359237", "100000"}, "unit": {"pieces", "1", "1"}, "third": {"pieces", "1", "3"}, "dozen": {"pieces", "12", "1"},
	}
	s := sizes[name]
	step, way := "", ""
	if name == "unit" {
		step, way = "1", "half_up"
	}
	return x.unit(name, s[0], s[1], s[2], step, way)
}

// rate registers the rate of a currency from today on and answers the currency. A rate is so much of our money for so
// much of theirs, so that neither 1/0.7 nor 1/3 is rounded. One that holds from tomorrow on is
// known as well, and yesterday's is entered last.
func (x *plainRun) rate(currency, base, foreign string) string {
	id := x.record(x.money, "currency", or(currency, "USD"), nil)
	x.c.do("POST", stocks+"exchange_rate", map[string]any{"currency": id, "day": x.day.String(), "base_amount": base, "foreign_amount": foreign}).want(201)
	x.c.do("POST", stocks+"exchange_rate", map[string]any{"currency": id, "day": x.day.AddDays(1).String(), "base_amount": "999"}).want(201)
	x.c.do("POST", stocks+"exchange_rate", map[string]any{"currency": id, "day": x.day.AddDays(-1).String(), "base_amount": "888"}).want(201)
	return id
}

func (x *plainRun) rateOf(s plainStep) string {
	switch {
	case s.UsdPerEur != "":
		base, foreign, _ := strings.Cut(s.UsdPerEur, "/")
		return x.rate("EUR", base, foreign)
	case s.EurPerUsd != nil:
		return x.rate("EUR", "1", s.EurPerUsd.String())
	case s.Rate != nil:
		return x.rate(or(s.Currency, "USD"), s.Rate.String(), "1")
	}
	return ""
}

func (x *plainRun) goods(more map[string]any) map[string]any {
	out := map[string]any{"item": x.record(x.items, "item", "I", x.policy), "warehouse": x.place("")}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func (x *plainRun) perform(s plainStep) made {
	x.t.Helper()
	switch s.Op {
	case "round":
		step := s.Step
		if step == nil {
			step = &num{value.MustDecimal("0." + strings.Repeat("0", s.Digits-1) + "1")}
		}
		return x.put("rounding", map[string]any{"amount": s.Value, "step": step, "way": strings.ToLower(s.Mode)})
	case "allocate":
		var list []map[string]any
		for _, w := range s.Weights {
			list = append(list, map[string]any{"of": "nothing", "weight": w.String()})
		}
		return x.put("landed_cost", map[string]any{"day": x.day.String(), "amount": s.Amount, "lines": list})
	case "convert_price", "factor":
		return x.put("conversion", map[string]any{"from_unit": x.known(s.From), "to_unit": x.known(s.To), "price": s.Price})
	case "convert":
		if s.Factor == nil {
			return x.put("conversion", map[string]any{"from_unit": x.known(s.From), "to_unit": x.known(s.To), "qty": s.Qty})
		}
		to := x.unit("score", "pieces", s.Factor.String(), "1", s.Step.String(), strings.ToLower(s.Round))
		return x.put("conversion", map[string]any{"from_unit": x.known("unit"), "to_unit": to, "qty": s.Qty})
	case "purchase":
		x.policy["unit"] = x.known("unit")
		return x.post("purchase", map[string]any{"item": x.goods(nil)["item"], "qty": s.Qty, "unit": x.known(s.Uom)})
	case "receive":
		return x.post("arrival", x.goods(map[string]any{"purchase": x.made[0].id, "qty": s.Qty, "unit": x.known(s.Uom)}))
	case "price": // known before it is asked for
		item := x.goods(nil)["item"]
		x.c.do("POST", stocks+"price", map[string]any{"item": item, "day": x.day.String(), "price": s.ListPrice.String()}).want(201)
		x.c.do("POST", stocks+"price", map[string]any{"item": item, "day": x.day.AddDays(1).String(), "price": "1"}).want(201)
		return x.post("sale", map[string]any{"item": item, "qty": "1", "factor": s.UomFactor})
	}
	if m, ok := x.moneyStep(s); ok {
		return m
	}
	return x.lotStep(s)
}

func (x *plainRun) moneyStep(s plainStep) (made, bool) {
	x.t.Helper()
	last := ""
	if n := len(x.made); n > 0 {
		last = x.made[n-1].id
	}
	switch s.Op {
	case "po":
		return x.post("purchase", map[string]any{"item": x.goods(nil)["item"], "qty": "1", "price": s.Price, "currency": x.rateOf(s)}), true
	case "vendor_invoice":
		return x.post("bill", map[string]any{"purchase": last, "amount": s.Price, "currency": x.rateOf(s)}), true
	case "invoice":
		return x.post("bill", map[string]any{"amount": s.Amount, "currency": x.rateOf(s)}), true
	case "receipt":
		if s.Rate == nil {
			return made{}, false
		}
		return x.post("arrival", x.goods(map[string]any{"bill": last, "qty": "5", "price": "50", "currency": x.rateOf(s)})), true
	case "payable": // of goods that are in stock
		money := x.rateOf(s)
		x.post("arrival", x.goods(map[string]any{"qty": "1", "price": s.Amount, "currency": money}))
		return x.post("bill", map[string]any{"amount": s.Amount, "currency": money}), true
	case "pay":
		x.rateOf(s)
		return x.post("payment", map[string]any{"bill": last, "amount": s.Amount}), true
	case "month_end":
		x.rateOf(s)
		return x.post("month_end", map[string]any{"bill": last}), true
	}
	if s.Op != "in" && s.Op != "out" {
		return made{}, false
	}
	switch {
	case s.Standard != nil:
		x.policy["cost_method"], x.policy["standard_cost"] = "standard", s.Standard.String()
	case s.Weight != nil:
		return x.post("weighing", x.goods(map[string]any{"incoming": s.Op == "in", "pieces": s.Qty, "weight": s.Weight, "price": s.PricePerKg})), true
	case s.Op == "out":
		line := tidy(x.goods(map[string]any{"qty": s.Qty, "factor": s.Factor}))
		return x.post("issue", lines(line)), true
	}
	if last != "" && x.made[0].entity == "purchase" { // at the order's price
		return x.post("arrival", x.goods(map[string]any{"purchase": last, "qty": s.Qty, "currency": x.rateOf(s)})), true
	}
	if s.Price != nil {
		return x.post("arrival", x.goods(map[string]any{"qty": s.Qty, "price": s.Price, "currency": x.rateOf(s)})), true
	}
	rate := s.Rate
	if rate == nil {
		rate = &num{value.MustDecimal("1")}
	}
	if s.Expiry != "" {
		x.newLot(s.Batch, map[string]any{"expiry": s.Expiry})
	}
	return x.post("receipt", lines(tidy(x.goods(map[string]any{"qty": s.Qty, "rate": rate, "batch": or(s.Batch, x.lot)})))), true
}

// newLot makes a lot; the receipts after it are of this lot unless they say of which.
func (x *plainRun) newLot(number string, body map[string]any) made {
	x.t.Helper()
	x.lot = or(number, "B")
	if body["expiry"] == "yesterday" {
		body["expiry"] = x.day.AddDays(-1).String()
	}
	body["item"], body["number"] = x.goods(nil)["item"], x.lot
	return x.put("lot", body)
}

func (x *plainRun) lotStep(s plainStep) made {
	x.t.Helper()
	switch s.Op {
	case "item":
		life := s.ShelfLife
		if life == nil {
			life = s.Expiration
		}
		for k, v := range tidy(map[string]any{"has_expiry": s.HasExpiry, "shelf_life_days": life, "removal_days": s.Removal, "best_before_days": s.BestBefore, "alert_days": s.Alert}) {
			x.policy[k] = v
		}
		if next := x.plain.Steps[len(x.made)+1]; next.MaxUsed != "" {
			x.policy["fresh_of"], x.policy["fresh_by"] = 1, 3
		}
		return made{entity: "item", id: x.goods(nil)["item"].(string)}
	case "batch":
		if s.ShelfMonths != nil {
			x.policy["shelf_months"] = *s.ShelfMonths
		}
		return x.newLot(s.ID, map[string]any{"produced": s.Produced, "expiry": s.Expiry})
	case "receipt":
		m := x.newLot("", map[string]any{"produced": s.Produced, "scheduled": s.Scheduled, "received": s.Received})
		if s.Received == "" {
			return m
		}
		x.made = append(x.made, m) // the lot is there to be read; its receipt may be refused
		got := x.post("receipt", lines(x.goods(map[string]any{"qty": "1", "rate": "1", "batch": x.lot})))
		x.made = x.made[:len(x.made)-1]
		m.refused = got.refused
		return m
	case "today":
		x.day, _ = value.ParseDate(s.Date)
		return x.put("expiry_check", map[string]any{"day": s.Date, "lot": x.made[len(x.made)-1].id})
	case "lots":
		last := x.day
		for _, l := range s.List {
			x.day, _ = value.ParseDate(l[2].(string))
			expiry, _ := l[1].(string)
			x.stock(l[0].(string), expiry, fmt.Sprint(l[3]))
			if x.day > last {
				last = x.day
			}
		}
		x.day = last
		return made{}
	case "stock":
		x.stock("", "", s.Untracked.String())
		x.stock("LOT001", "2027-01-01", s.Lot.String())
		return made{}
	case "pick":
		return x.pick(s)
	case "return_of_in":
		step, _ := s.Step.Int64()
		of := x.lineOf(int(step))
		return x.post("supplier_return", lines(x.goods(map[string]any{"qty": s.Qty.String(), "batch": s.Batch + x.lot, "of": of})))
	case "transfer":
		return x.post("transfer", lines(x.goods(map[string]any{"qty": s.Qty.String(), "batch": x.lot, "to_warehouse": x.place(s.To)})))
	case "return_from_customer": // of goods that were sold
		sold := x.document("issue", lines(x.goods(map[string]any{"qty": s.Qty.String(), "batch": x.lot})), "lines")
		return x.post("customer_return", lines(x.goods(map[string]any{"qty": s.Qty.String(), "batch": x.lot, "of": sold.lines[0]})))
	}
	x.t.Fatalf("no step %q", s.Op)
	return made{}
}

// lineOf is the first line of a step's document.
func (x *plainRun) lineOf(step int) string {
	return asLines(x.read(step)["lines"])[0]["id"].(string)
}

// stock receives goods of a lot, or of none. A lot that has expired since came when it hadn't.
func (x *plainRun) stock(number, expiry, qty string) {
	x.t.Helper()
	line := x.goods(map[string]any{"qty": qty, "rate": "1"})
	if number != "" {
		if m := x.newLot(number, map[string]any{"expiry": expiry, "received": x.day.String()}); m.refused != "" {
			x.t.Fatal(m.refused)
		}
		line["batch"] = number
	}
	if m := x.post("receipt", lines(line)); m.refused != "" {
		x.t.Fatal(m.refused)
	}
}

// pick takes from the lots in the order in which the list has them: what expires first, then what came first, without a
// date last; then what is in no lot. Then it issues them.
func (x *plainRun) pick(s plainStep) made {
	x.t.Helper()
	if s.Today != "" {
		x.day, _ = value.ParseDate(s.Today)
	}
	filter := x.ofItems() + " && on_hand > 0.0 && (expiry == null || expiry >= date('" + x.day.String() + "'))"
	list := asLines(x.c.do("GET", stocks+"lot?order_by="+url.QueryEscape("without_expiry,expiry,received")+"&filter="+url.QueryEscape(filter), nil).want(200).json()["records"])
	for _, b := range x.rows("stock_balance", x.ofItems()+" && batch == null") {
		list = append(list, map[string]any{"on_hand": b["quantity"]})
	}
	x.short = s.Qty.Decimal
	var taken []map[string]any
	for _, l := range list {
		qty := decimalOf(l["on_hand"])
		if qty.Cmp(x.short) > 0 {
			qty = x.short
		}
		if qty.Sign() <= 0 {
			continue
		}
		x.short = plus(x.short, qty.Neg())
		x.picks = append(x.picks, [2]any{l["number"], qty})
		taken = append(taken, x.goods(map[string]any{"batch": l["number"], "qty": qty.String()}))
	}
	return x.post("issue", lines(taken...))
}
