package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"tenon/metamodel/value"
)

// perform carries out a step of a case as the document that people would write.
func (x *vectorRun) perform(s vectorStep) done {
	x.t.Helper()
	qty := s.Qty.String()
	switch s.Op {
	case "in", "out":
		return x.inOut(s)
	case "opening":
		out := done{}
		for _, l := range s.Queue {
			if l[0].Sign() > 0 {
				out = x.document("receipt", lines(x.line(s, map[string]any{"qty": l[0].String(), "rate": l[1].String()})), "lines")
			} else {
				out = x.document("issue", lines(x.line(s, map[string]any{"qty": l[0].Neg().String(), "fixed_rate": l[1].String()})), "lines")
			}
		}
		return out
	case "return_of_in", "return_of_out":
		entity := map[string]string{"return_of_in": "supplier_return", "return_of_out": "customer_return"}[s.Op]
		of := x.steps[s.Step-1]
		if len(of.lines) == 0 {
			return done{refused: "there is no document to return"}
		}
		return x.document(entity, lines(x.line(s, map[string]any{"qty": qty, "of": of.lines[0]})), "lines")
	case "count":
		if s.Serials > 0 { // each at what it was known to cost
			return x.document("stock_count", lines(x.line(s, map[string]any{"counted": fmt.Sprint(s.Serials), "rate": "100"})), "lines")
		}
		return x.document("stock_count", lines(x.line(s, map[string]any{"counted": qty, "rate": s.Rate})), "lines")
	case "transfer":
		return x.document("transfer", lines(x.line(s, map[string]any{"qty": qty, "to_warehouse": x.place(s.To)})), "lines")
	case "ship_transfer":
		x.way = [2]string{s.Wh, s.To}
		return x.document("transfer", lines(x.line(s, map[string]any{"qty": qty, "to_warehouse": x.place("in transit")})), "lines")
	case "receive_transfer":
		s.Wh = "in transit"
		return x.document("transfer", lines(x.line(s, map[string]any{"qty": qty, "to_warehouse": x.place(x.way[1])})), "lines")
	case "close_transfer": // what is still on its way is lost
		s.Wh = "in transit"
		lost := x.states[len(x.states)-1].byPlace["in transit"].quantity.String()
		return x.document("issue", lines(x.line(s, map[string]any{"qty": lost})), "lines")
	case "internal_sale": // between companies at a price; the goods move at their cost
		return x.document("transfer", lines(x.line(s, map[string]any{"qty": qty, "to_warehouse": x.place(s.To)})), "lines")
	case "internal_purchase":
		return x.document("transfer", lines(x.line(s, map[string]any{"qty": x.steps[s.Of-1].quantity.String(), "to_warehouse": x.place(s.To)})), "lines")
	case "repack":
		return x.repack(s)
	case "receipt", "deliver":
		return x.receipt(s)
	case "landed_cost":
		return x.landed(s)
	case "vendor_invoice": // at the receipt's price: nothing to add
		return x.document("landed_cost", lines(map[string]any{"of": x.steps[s.Of-1].lines[0], "given": "0"}), "lines")
	case "set_cost", "revalue":
		return x.document("reprice", x.line(s, map[string]any{"rate": s.Rate}), "")
	case "edit":
		of := x.steps[s.Step-1]
		body := x.edited(s, of.lines[0])
		if a := x.c.do("PATCH", stocks+of.entity+"/"+of.id, body); a.status != 200 {
			return done{refused: string(a.body)}
		}
		return of
	case "cancel":
		of := x.steps[s.Step-1]
		if a := x.c.do("POST", stocks+of.entity+"/"+of.id+":transition", map[string]any{"transition": "cancel"}); a.status != 200 {
			return done{refused: string(a.body)}
		}
		return of
	case "lock", "unlock", "close":
		return x.period(s.Op)
	case "method":
		if a := x.c.do("PATCH", stocks+"item/"+x.item(s), map[string]any{"cost_method": s.Method}); a.status != 200 {
			return done{refused: string(a.body)}
		}
		valueNow(x.t, x.w)
		return done{}
	case "dropship", "sales_order": // from the supplier to the customer, or only promised: stock doesn't move
		return done{}
	case "parallel":
		return x.parallel(s)
	}
	x.t.Fatalf("no step %q", s.Op)
	return done{}
}

// edited is what a document is told to change: what of its line, and its day where the step says one.
func (x *vectorRun) edited(s vectorStep, id string) map[string]any {
	line := map[string]any{"id": id}
	if !s.Qty.IsZero() {
		line["qty"] = s.Qty.String()
	}
	if s.Value != nil {
		line["given"] = s.Value.String()
	}
	if s.Wh != "" {
		line["warehouse"] = x.place(s.Wh)
	}
	body := lines(line)
	if s.D != nil || s.Date != "" {
		body["day"] = x.day.String()
	}
	return body
}

// period closes the ledger up to the day, or the month whose last day it is; or opens all.
func (x *vectorRun) period(op string) done {
	x.t.Helper()
	var through any = x.day.String()
	verb := "lock"
	switch op {
	case "unlock":
		through = nil
	case "close":
		verb, through = "close", x.day.MonthEnd().String()
	}
	if a := x.c.do("POST", stocks+"ledgers/stock:"+verb, map[string]any{"through": through}); a.status != 200 {
		return done{refused: string(a.body)}
	}
	return done{}
}

func (x *vectorRun) inOut(s vectorStep) done {
	factor := s.Factor
	if s.Uom == "g" { // of goods kept in kg
		factor = &num{value.MustDecimal("0.001")}
	}
	if s.StockUom == "g" { // of goods kept in grams, priced by the gram
		factor = &num{value.MustDecimal("1000")}
		grams, _ := s.Qty.Mul(factor.Decimal)
		worth, _ := grams.Mul(s.RatePerG.Decimal)
		s.Value = &num{worth}
	}
	if s.Op == "in" {
		return x.document("receipt", lines(x.line(s, map[string]any{"qty": s.Qty.String(), "rate": s.Rate, "given": s.Value, "factor": factor})), "lines")
	}
	fixed := s.FixedRate
	if fixed == nil {
		fixed = s.OutgoingRate
	}
	if len(s.Batches) == 0 {
		return x.document("issue", lines(x.line(s, map[string]any{"qty": s.Qty.String(), "fixed_rate": fixed, "factor": factor})), "lines")
	}
	var list []map[string]any
	for _, batch := range slices.Sorted(mapKeys(s.Batches)) {
		list = append(list, x.line(s, map[string]any{"qty": s.Batches[batch].String(), "batch": batch}))
	}
	return x.document("issue", lines(list...), "lines")
}

// goods is a line of a receipt with several.
type goods struct {
	Name                        string
	Qty, Weight, Volume, amount num
}

// receipt makes a receipt of several lines, each of an item of its own.
func (x *vectorRun) receipt(s vectorStep) done {
	x.t.Helper()
	x.goods = nil
	var list []map[string]any
	for i, raw := range s.Lines {
		g := goods{Name: fmt.Sprint("I", i)}
		rate := num{value.MustDecimal("1")}
		var pair [2]num
		if err := json.Unmarshal(raw, &pair); err == nil {
			g.Qty, rate = pair[0], pair[1]
		} else if err := json.Unmarshal(raw, &g); err != nil {
			x.t.Fatal(err)
		}
		g.amount.Decimal, _ = g.Qty.Mul(rate.Decimal)
		x.goods = append(x.goods, g)
		list = append(list, x.line(vectorStep{Item: g.Name}, map[string]any{"qty": g.Qty.String(), "rate": rate.String()}))
	}
	return x.document("receipt", lines(list...), "lines")
}

// landed adds cost to what was received: to one line, or over the lines by a basis.
func (x *vectorRun) landed(s vectorStep) done {
	x.t.Helper()
	switch {
	case s.On > 0:
		return x.document("landed_cost", lines(map[string]any{"of": x.steps[s.On-1].lines[0], "given": s.Amount.String()}), "lines")
	case s.OnLine > 0:
		return x.document("landed_cost", lines(map[string]any{"of": x.steps[0].lines[s.OnLine-1], "given": s.Amount.String()}), "lines")
	}
	charges := s.Charges
	if s.Amount != nil {
		charges = [][2]any{{s.By, s.Amount.String()}}
	}
	var last done
	for _, c := range charges {
		var list []map[string]any
		for i, g := range x.goods {
			list = append(list, map[string]any{"of": x.steps[0].lines[i], "weight": g.basis(c[0].(string)).String()})
		}
		body := lines(list...)
		body["amount"] = fmt.Sprint(c[1])
		if x.v.Name == "odd_amount_over_3_equal_lines" { // as its source has it; the default is the largest remainder
			body["residue"] = "last"
		}
		last = x.document("landed_cost", body, "lines")
		if last.refused != "" {
			return last
		}
		x.split[c[0].(string)] = x.shares(last)
	}
	return last
}

func (g goods) basis(by string) value.Decimal {
	var per num
	switch by {
	case "amount":
		return g.amount.Decimal
	case "equal":
		return value.MustDecimal("1")
	case "quantity":
		return g.Qty.Decimal
	case "weight":
		per = g.Weight
	case "volume":
		per = g.Volume
	}
	d, _ := g.Qty.Mul(per.Decimal)
	return d
}

// shares are the amounts on the lines of a document.
func (x *vectorRun) shares(d done) []value.Decimal {
	x.t.Helper()
	var out []value.Decimal
	for _, l := range asLines(x.c.do("GET", stocks+d.entity+"/"+d.id, nil).want(200).json()["lines"]) {
		out = append(out, decimalOf(l["amount"]))
	}
	return out
}

func (x *vectorRun) repack(s vectorStep) done {
	side := func(list [][]any) (out []map[string]any) {
		for _, l := range list {
			s := vectorStep{Item: l[0].(string), Wh: l[1].(string)}
			out = append(out, x.line(s, map[string]any{"qty": fmt.Sprint(l[2])}))
		}
		return out
	}
	body := map[string]any{"consumed": side(s.Consume), "produced": side(s.Produce)}
	if s.ExtraCost != nil {
		body["fee"] = s.ExtraCost.String()
	}
	return x.document("repack", body, "produced")
}

// parallel makes documents first and approves them at the same time.
func (x *vectorRun) parallel(s vectorStep) done {
	ids := make([]string, len(s.Do))
	for i, sub := range s.Do {
		qty := sub.Qty.String()
		if sub.Qty.IsZero() {
			qty = "1"
		}
		body := x.line(sub, map[string]any{"qty": qty})
		body["day"] = x.day.String()
		ids[i] = x.c.do("POST", stocks+"reservation", body).want(201).text("id")
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	accepted := 0
	for _, id := range ids {
		wg.Go(func() {
			own := *x.c
			if a := own.do("POST", stocks+"reservation/"+id+":transition", map[string]any{"transition": "approve"}); a.status == 200 {
				mu.Lock()
				accepted++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if x.accepted = accepted; accepted != 1 {
		x.t.Errorf("%d of %d were accepted at the same time, want 1", accepted, len(ids))
	}
	return done{entity: "reservation"}
}
