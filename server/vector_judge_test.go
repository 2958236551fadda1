package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tenon/metamodel/value"
)

// ofItems is the condition of the case's own items.
func (x *vectorRun) ofItems() string {
	ids := slices.Sorted(maps.Values(x.items))
	for i, id := range ids {
		ids[i] = "'" + id + "'"
	}
	return "item in [" + strings.Join(ids, ", ") + "]"
}

// look notes the stock after a step, and what the steps so far are worth where the case asks for that.
func (x *vectorRun) look() {
	x.t.Helper()
	s := seen{byPlace: map[string]placed{}}
	if len(x.items) > 0 {
		names := map[string]string{}
		for name, id := range x.places {
			names[id] = name
		}
		for _, r := range x.rows("stock_cost", x.ofItems()) {
			q, v := decimalOf(r["quantity"]), decimalOf(r["value"])
			place := names[r["warehouse"].(string)]
			for item, id := range x.items {
				if id == r["item"] && len(x.items) > 1 {
					place = item + "@" + place
				}
			}
			p := s.byPlace[place]
			s.byPlace[place] = placed{plus(p.quantity, q), plus(p.value, v), decimalOf(r["unit_cost"])}
			s.quantity, s.value, s.unit = plus(s.quantity, q), plus(s.value, v), decimalOf(r["unit_cost"])
		}
	}
	x.states = append(x.states, s)
	if len(x.v.Steps) > 20 {
		return
	}
	costs := make([]value.Decimal, len(x.steps))
	for i, d := range x.steps {
		costs[i] = x.worth(d)
	}
	x.costs = append(x.costs, costs)
	x.queues = append(x.queues, x.layers())
	x.counts = append(x.counts, x.counted())
}

// worth is the value of what a step's document posted, with what was corrected later.
func (x *vectorRun) worth(d done) value.Decimal {
	x.t.Helper()
	var sum value.Decimal
	if d.id == "" || d.entity == "landed_cost" || d.entity == "reprice" {
		return sum
	}
	for _, r := range x.rows("stock_entry", "document == '"+d.id+"' && !voided && verb != 'correction'") {
		if d.entity == "transfer" && fmt.Sprint(r["leg"]) != "1" || d.entity == "repack" && !slices.Contains(d.lines, r["line"].(string)) {
			continue // a transfer is worth what came, a repack what was made
		}
		sum = plus(sum, decimalOf(r["value"]))
		for _, c := range x.rows("stock_entry", "origin == '"+r["id"].(string)+"' && verb == 'correction' && !voided") {
			sum = plus(sum, decimalOf(c["value"]))
		}
	}
	return sum
}

func (x *vectorRun) is(what string, got value.Decimal, want json.RawMessage) {
	x.t.Helper()
	var n num
	if want == nil {
		return
	}
	if err := json.Unmarshal(want, &n); err != nil {
		x.t.Errorf("%s: %v", what, err)
		return
	}
	if !got.Equal(n.Decimal) {
		x.t.Errorf("%s is %s, want %s", what, got, n)
	}
}

// state compares a state with what is expected of one.
func (x *vectorRun) state(at string, s seen, want map[string]json.RawMessage) {
	x.t.Helper()
	x.is(at+" quantity", s.quantity, want["qty"])
	x.is(at+" value", s.value, want["value"])
	for key, scale := range map[string]int32{"avg": 0, "avg_2dp": 2, "avg_4dp": 4} {
		if raw := want[key]; raw != nil {
			var n num
			_ = json.Unmarshal(raw, &n) // is says what is wrong with it
			unit, _ := s.unit.Round(max(scale, n.Scale(), 2))
			x.is(at+" "+key, unit, raw)
		}
	}
	for place := range x.places { // nothing is there where nothing is listed
		x.is(at+" at "+place, s.byPlace[place].quantity, want[strings.ReplaceAll(place, " ", "_")])
	}
}

// judge compares what came out with all that the case expects.
func (x *vectorRun) judge() {
	x.t.Helper()
	last := x.states[len(x.states)-1]
	x.state("in the end", last, x.v.Expect)
	var after map[string]map[string]json.RawMessage
	if raw := x.v.Expect["after"]; raw != nil {
		if err := json.Unmarshal(raw, &after); err != nil {
			x.t.Fatal(err)
		}
	}
	for n, want := range after {
		i, _ := strconv.Atoi(n)
		x.state("after "+n, x.states[i-1], want)
		for key, raw := range want {
			x.expect(key, raw, i, want)
		}
	}
	for key, raw := range x.v.Expect {
		x.expect(key, raw, len(x.states), x.v.Expect)
	}
}

// expect judges one expectation after some step. One that it doesn't know fails.
func (x *vectorRun) expect(key string, raw json.RawMessage, at int, _ map[string]json.RawMessage) {
	x.t.Helper()
	costs := func(n int) []value.Decimal { return x.costs[n-1] }
	per := func(n, step int) value.Decimal { // value of a step's unit after n steps
		d, _ := costs(n)[step-1].Quo(x.steps[step-1].quantity, 6)
		return d.Abs()
	}
	end := len(x.states)
	switch key {
	case "qty", "value", "avg", "avg_2dp", "avg_4dp", "note", "after", "A", "B", "in_transit":
		// judged as a state, or a note
	case "exactly_one_accepted":
		x.truly(key, raw, x.accepted == 1)
	case "document_rate_unchanged":
		line := asLines(x.c.do("GET", stocks+x.steps[0].entity+"/"+x.steps[0].id, nil).want(200).json()["lines"])[0]
		x.is(key, decimalOf(line["rate"]), raw)
	case "entry":
		x.accounts(raw)
	case "worth":
		x.worths(raw)
	case "at":
		x.inPlaces(raw)
	case "queue":
		x.queue(raw, at)
	case "cogs":
		x.issues(raw)
	case "remaining_qty", "unmatched_out_qty":
		x.openQuantity(key, raw, at)
	case "consumed":
		x.consumed(raw, at)
	case "correction_on_step_1":
		c := x.rows("stock_entry", "verb == 'correction' && "+x.ofItems())
		x.is(key, decimalOf(c[0]["value"]), raw)
	case "rounding_adjustment": // what the last issue takes besides the rounded average
		rounded, _ := x.states[end-2].unit.Round(2)
		issued, _ := rounded.Mul(x.steps[end-1].quantity)
		x.is(key, plus(costs(end)[end-1], issued), raw)
	case "value_difference", "value_difference_2dp", "difference_value":
		x.is(key, plus(x.states[at-1].value, x.states[at-2].value.Neg()), raw)
	case "difference_qty":
		x.is(key, plus(x.states[at-1].quantity, x.states[at-2].quantity.Neg()), raw)
	case "value_after_in", "value_after", "qty_after", "balances":
		x.series(key, raw)
	case "value_before":
		x.is(key, x.states[end-2].value, raw)
	case "qty_g", "on_hand", "final_balance":
		x.is(key, x.states[end-1].quantity, raw)
	case "final_at_3dp":
		q, _ := x.states[end-1].quantity.Round(3)
		x.is(key, q, raw)
	case "count_value":
		x.is(key, x.atCount("running_value"), raw)
	case "count_balance":
		x.is(key, x.atCount("running_quantity"), raw)
	case "avg_last":
		u, _ := x.states[end-1].value.Quo(x.states[end-1].quantity, 2)
		x.is(key, u, raw)
	case "avg_after_7_2dp":
		u, _ := x.states[6].unit.Round(2)
		x.is(key, u, raw)
	case "value_difference_in":
		x.is(key, x.states[1].value, raw)
	case "value_difference_out":
		x.is(key, plus(x.states[2].value, x.states[1].value.Neg()), raw)
	case "transfer_value":
		x.is(key, costs(end)[2], raw)
	case "J_value_after_transfer":
		x.is(key, x.runningAt("J"), raw)
	case "K_value":
		x.is(key, x.states[end-1].byPlace["K"].value, raw)
	case "cogs_step_2":
		x.is(key, costs(end)[1].Neg(), raw)
	case "charges", "sum", "equal", "quantity", "weight", "volume":
		x.charges(key, raw)
	case "to_cogs":
		x.is(key, x.toCosts(), raw)
	case "cogs_rate_before":
		x.is(key, per(end-1, 2), raw)
	case "cogs_rate_after":
		x.is(key, per(end, 2), raw)
	case "return_rate_before":
		x.is(key, per(end-1, x.returnStep()), raw)
	case "return_rate_after":
		x.is(key, per(end, x.returnStep()), raw)
	case "return_value_before":
		x.is(key, costs(end - 1)[x.returnStep()-1], raw)
	case "return_value_after":
		x.is(key, costs(end)[x.returnStep()-1], raw)
	case "stock_credit_after":
		x.is(key, costs(end)[2].Neg(), raw)
	case "transfer_price_equals_cost":
		x.is(key, costs(end - 1)[1], raw)
	case "stock_value_of_steps_2_3_after":
		x.is(key, costs(end)[1], raw)
		x.is(key, costs(end)[2], raw)
	case "rate_of_steps_2_to_5_before", "rate_of_steps_2_to_5_after":
		x.chain(key, raw)
	case "amount_after":
		x.is(key, costs(end)[4], raw)
	case "before_last", "after_last":
		x.repackChain(key, raw)
	case "count_lines_before", "count_lines_after", "count_out_line_before", "count_out_line_after":
		x.countLines(key, raw)
	case "active_serials":
		x.is(key, plus(x.states[end-1].quantity, value.Decimal{}), raw)
	case "allocated", "reserved", "available":
		name := map[string]string{"allocated": "reserved"}[key]
		x.is(key, decimalOf(x.rows("stock_balance", x.ofItems())[0][or(name, key)]), raw)
	case "loss_qty":
		x.is(key, plus(x.states[at-2].quantity, x.states[at-1].quantity.Neg()), raw)
	case "loss_value":
		x.is(key, costs(end)[3].Neg(), raw)
	case "total_value_A_B_loss":
		x.is(key, plus(x.states[end-1].value, costs(end)[3].Neg()), raw)
	default:
		if !strings.HasPrefix(key, "step_") {
			x.t.Errorf("nothing judges %q", key)
		}
	}
}

// truly compares whether something is so.
func (x *vectorRun) truly(what string, raw json.RawMessage, is bool) {
	x.t.Helper()
	if string(raw) != fmt.Sprint(is) {
		x.t.Errorf("%s is %v, want %s", what, is, raw)
	}
}

// worths compares what documents are worth in the end, by the numbers of their steps.
func (x *vectorRun) worths(raw json.RawMessage) {
	x.t.Helper()
	var want map[string]json.RawMessage
	if err := json.Unmarshal(raw, &want); err != nil {
		x.t.Fatal(err)
	}
	for n, w := range want {
		i, _ := strconv.Atoi(n)
		x.is("what step "+n+" is worth", x.worth(x.steps[i-1]), w)
	}
}

// inPlaces compares what places have in the end: quantity and value.
func (x *vectorRun) inPlaces(raw json.RawMessage) {
	x.t.Helper()
	var want map[string][2]json.RawMessage
	if err := json.Unmarshal(raw, &want); err != nil {
		x.t.Fatal(err)
	}
	last := x.states[len(x.states)-1]
	for place, w := range want {
		x.is("the quantity at "+place, last.byPlace[place].quantity, w[0])
		x.is("the value at "+place, last.byPlace[place].value, w[1])
	}
}

// accounts compares what the count has entered in the books, debits and credits of accounts.
func (x *vectorRun) accounts(raw json.RawMessage) {
	x.t.Helper()
	var want [][3]any
	if err := json.Unmarshal(raw, &want); err != nil {
		x.t.Fatal(err)
	}
	got := map[string]value.Decimal{}
	for _, r := range x.rows("books_entry", "document == '"+x.steps[len(x.steps)-1].id+"' && !voided") {
		account := fmt.Sprint(r["account"])
		got[account] = plus(got[account], decimalOf(r["value"]))
	}
	for _, w := range want {
		amount := value.MustDecimal(fmt.Sprint(w[2]))
		if w[1] == "C" {
			amount = amount.Neg()
		}
		if account := fmt.Sprint(w[0]); !got[account].Equal(amount) || w[1] != "C" && w[1] != "D" {
			x.t.Errorf("the books have %s of %s, want %v", got[account], account, w)
		}
	}
	if len(got) != len(want) {
		x.t.Errorf("the books have %v, want %v", got, want)
	}
}

// issues compares what each issue cost, in order.
func (x *vectorRun) issues(raw json.RawMessage) {
	x.t.Helper()
	var want []num
	if err := json.Unmarshal(raw, &want); err != nil {
		x.t.Fatal(err)
	}
	n := 0
	for i, d := range x.steps {
		if d.entity != "issue" {
			continue
		}
		if got := x.costs[len(x.costs)-1][i]; n >= len(want) || !got.Abs().Equal(want[n].Abs()) {
			x.t.Errorf("issue %d cost %s, want %v", n+1, got, want)
		}
		n++
	}
	if n != len(want) {
		x.t.Errorf("%d issues, want %d", n, len(want))
	}
}

// series compares a number after each of the last steps, or after each receipt.
func (x *vectorRun) series(key string, raw json.RawMessage) {
	x.t.Helper()
	var want []num
	if err := json.Unmarshal(raw, &want); err != nil {
		var one num
		if json.Unmarshal(raw, &one) == nil {
			x.is(key, x.states[len(x.states)-1].value, raw)
			return
		}
		var by map[string]num // by the step's number
		if err := json.Unmarshal(raw, &by); err != nil {
			x.t.Fatal(err)
		}
		for n, w := range by {
			i, _ := strconv.Atoi(n)
			if got := x.states[i-1].quantity; !got.Equal(w.Decimal) {
				x.t.Errorf("%s after %s is %s, want %s", key, n, got, w)
			}
		}
		return
	}
	from := len(x.states) - len(want)
	if key == "value_after_in" || key == "balances" || key == "qty_after" || x.v.Name == "legacy_batch_receipts_and_issue" {
		from = 0
	}
	for i, w := range want {
		got := x.states[from+i].value
		if key == "balances" || key == "qty_after" {
			got = x.states[from+i].quantity
		}
		if !got.Equal(w.Decimal) {
			x.t.Errorf("%s %d is %s, want %s", key, i+1, got, w)
		}
	}
}

// atCount is what the pool had right after the count.
func (x *vectorRun) atCount(field string) value.Decimal {
	x.t.Helper()
	for _, r := range x.rows("stock_entry", x.ofItems()+" && verb == 'count' && leg == 1 && !voided") {
		return decimalOf(r[field])
	}
	x.t.Error("there is no count")
	return value.Decimal{}
}

// runningAt is what a place's stock was worth after the transfer from it: over its batches.
func (x *vectorRun) runningAt(place string) value.Decimal {
	return x.states[len(x.states)-1].byPlace[place].value
}

// toCosts is what was found out of issues' costs later.
func (x *vectorRun) toCosts() value.Decimal {
	var sum value.Decimal
	for _, r := range x.rows("stock_entry", x.ofItems()+" && verb == 'correction' && !voided") {
		sum = plus(sum, decimalOf(r["value"]).Neg())
	}
	return sum
}

// returnStep is the step that returned something.
func (x *vectorRun) returnStep() int {
	for i, d := range x.steps {
		if d.entity == "customer_return" || d.entity == "supplier_return" {
			return i + 1
		}
	}
	return 1
}

// chain compares the unit value of what steps 2 to 5 passed on.
func (x *vectorRun) chain(key string, raw json.RawMessage) {
	x.t.Helper()
	n := len(x.costs)
	if strings.HasSuffix(key, "before") {
		n--
	}
	for step := 2; step <= 5; step++ {
		rate, _ := x.costs[n-1][step-1].Quo(value.MustDecimal("10"), 2)
		x.is(fmt.Sprint(key, " ", step), rate.Abs(), raw)
	}
}

// repackChain compares the states around the last step of the chain of a count, a transfer and a repack.
func (x *vectorRun) repackChain(key string, raw json.RawMessage) {
	x.t.Helper()
	var want map[string]json.RawMessage
	if err := json.Unmarshal(raw, &want); err != nil {
		x.t.Fatal(err)
	}
	n := len(x.states)
	if key == "before_last" {
		n--
	}
	s, costs := x.states[n-1], x.costs[n-1]
	x.is(key+" average of RM at FG", s.byPlace["RM@FG"].unit, want["FG_RM_avg"])
	x.is(key+" FIN", s.byPlace["FIN@FG"].unit, want["FIN_rate"])
	rate, _ := costs[2].Quo(value.MustDecimal("10"), 2)
	x.is(key+" transfer", rate, want["transfer_in_rate"])
	x.is(key+" consumed", rate, want["repack_rm_rate"])
	x.is(key+" made, without the fee", plus(costs[3], value.MustDecimal("-40")), want["repack_fin_basic_rate"])
}

// charges compares what each line of a receipt was charged.
func (x *vectorRun) charges(key string, raw json.RawMessage) {
	x.t.Helper()
	got := x.split[key]
	if key == "charges" || key == "sum" {
		got = nil
		for _, d := range x.steps {
			if d.entity == "landed_cost" {
				got = append(got, x.shares(d)...)
			}
		}
	}
	if key == "sum" {
		sum, _ := value.Sum(got...)
		x.is(key, sum, raw)
		return
	}
	var want []num
	if err := json.Unmarshal(raw, &want); err != nil {
		x.t.Fatal(err)
	}
	ok := len(got) == len(want)
	for i := 0; ok && i < len(got); i++ {
		ok = got[i].Equal(want[i].Decimal)
	}
	if !ok {
		x.t.Errorf("%s are %v, want %v", key, got, want)
	}
}
