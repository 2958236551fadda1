package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"tenon/metamodel/value"
)

// layer is what is left of one receipt, or, below zero, what of issues nothing covers.
type layer struct{ quantity, rate value.Decimal }

// layers are those of the case's items in the order of posting.
func (x *vectorRun) layers() []layer {
	x.t.Helper()
	if len(x.items) == 0 {
		return nil
	}
	rows := x.rows("stock_entry", x.ofItems()+" && remaining != 0.0 && !voided")
	sort.Slice(rows, func(i, j int) bool {
		return fmt.Sprintf("%v %08v", rows[i]["day"], rows[i]["seq"]) < fmt.Sprintf("%v %08v", rows[j]["day"], rows[j]["seq"])
	})
	out := make([]layer, len(rows))
	for i, r := range rows {
		q := decimalOf(r["remaining"])
		rate, _ := decimalOf(r["remaining_value"]).Quo(q, 2)
		out[i] = layer{q, rate}
	}
	return out
}

// joined puts neighbours of one rate together.
func joined(list []layer) []layer {
	var out []layer
	for _, l := range list {
		if n := len(out); n > 0 && out[n-1].rate.Equal(l.rate) {
			out[n-1].quantity = plus(out[n-1].quantity, l.quantity)
			continue
		}
		out = append(out, l)
	}
	return out
}

func (x *vectorRun) sameLayers(what string, got []layer, raw json.RawMessage) {
	x.t.Helper()
	var pairs [][2]num
	if err := json.Unmarshal(raw, &pairs); err != nil {
		x.t.Fatal(err)
	}
	want := make([]layer, len(pairs))
	for i, p := range pairs {
		want[i] = layer{p[0].Decimal, p[1].Decimal}
	}
	equal := func(a, b layer) bool { return a.quantity.Equal(b.quantity) && a.rate.Equal(b.rate) }
	if got, want := joined(got), joined(want); !slices.EqualFunc(got, want, equal) {
		x.t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// queue compares the open layers after a step, equal rates together.
func (x *vectorRun) queue(raw json.RawMessage, at int) {
	x.t.Helper()
	x.sameLayers(fmt.Sprint("the queue after ", at), x.queues[at-1], raw)
}

// consumed compares the layers that the issue of a step took, the latest first, and at last what nothing covered.
func (x *vectorRun) consumed(raw json.RawMessage, at int) {
	x.t.Helper()
	before, after := x.queues[at-2], x.queues[at-1]
	var took []layer
	var open value.Decimal
	for _, l := range after {
		if l.quantity.Sign() < 0 {
			open = plus(open, l.quantity)
			took = append(took, layer{l.quantity.Neg(), l.rate})
		}
	}
	for i, l := range before { // layers are taken whole from the end, the last of them in part
		left := value.Decimal{}
		if i < len(after) && after[i].quantity.Sign() > 0 {
			left = after[i].quantity
		}
		if d := plus(l.quantity, left.Neg()); !d.IsZero() {
			took = append([]layer{{d, l.rate}}, took...)
		}
	}
	x.sameLayers("what was consumed", took, raw)
	var sum value.Decimal
	for _, l := range took {
		m, _ := l.quantity.Mul(l.rate)
		sum = plus(sum, m)
	}
	if got := x.costs[at-1][at-1]; !got.Neg().Equal(sum) {
		x.t.Errorf("the issue cost %s, its layers %s", got.Neg(), sum)
	}
}

// counted is what the counts of the case took out and put in, the smallest first.
func (x *vectorRun) counted() [][2]value.Decimal {
	x.t.Helper()
	if len(x.items) == 0 {
		return nil
	}
	var out [][2]value.Decimal
	for _, r := range x.rows("stock_entry", x.ofItems()+" && verb == 'count' && !voided") {
		out = append(out, [2]value.Decimal{decimalOf(r["quantity"]), decimalOf(r["value"])})
	}
	sort.Slice(out, func(i, j int) bool { return out[i][0].Cmp(out[j][0]) < 0 })
	return out
}

// countLines compares what a count took out and put in, before the last step or in the end.
func (x *vectorRun) countLines(key string, raw json.RawMessage) {
	x.t.Helper()
	at := len(x.counts) - 1
	if strings.HasSuffix(key, "before") {
		at--
	}
	got := x.counts[at]
	if strings.HasPrefix(key, "count_out_line") {
		x.is(key, got[0][0], raw)
		return
	}
	var want [][2]num
	if err := json.Unmarshal(raw, &want); err != nil {
		x.t.Fatal(err)
	}
	same := func(a [2]value.Decimal, b [2]num) bool { return a[0].Equal(b[0].Decimal) && a[1].Equal(b[1].Decimal) }
	if !slices.EqualFunc(got, want, same) {
		x.t.Errorf("%s are %v, want %v", key, got, want)
	}
}

// openQuantity compares what is left of receipts, or what of issues nothing covers, after a step.
func (x *vectorRun) openQuantity(key string, raw json.RawMessage, at int) {
	x.t.Helper()
	var left, open value.Decimal
	for _, l := range x.queues[at-1] {
		if l.quantity.Sign() > 0 {
			left = plus(left, l.quantity)
		} else {
			open = plus(open, l.quantity.Neg())
		}
	}
	x.is(key, map[string]value.Decimal{"remaining_qty": left, "unmatched_out_qty": open}[key], raw)
}
