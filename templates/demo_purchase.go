package templates

import (
	"fmt"
	"slices"
	"strings"
)

// buy orders what is short in a warehouse from one supplier, and moves the order on as it happens to go.
func (s *shop) buy() bool { return s.buyAnd() }

// buyAnd is buy with what becomes of the order, where that is given.
func (s *shop) buyAnd(transitions ...string) bool {
	w := pick(s, []int{0, 0, 0, 1, 2})
	from := s.rng.IntN(len(s.suppliers))
	for i := range s.suppliers {
		f := s.suppliers[(from+i)%len(s.suppliers)]
		if lines := s.shortLines(f, w); len(lines) > 0 {
			s.order(f, w, lines, transitions)
			return true
		}
	}
	return false
}

// ask leaves an order to be approved, so that there is something to do: by the warehouse that happens to be short first.
func (s *shop) ask() {
	const tries = 20
	for range tries {
		if s.buyAnd("submit") {
			return
		}
	}
}

// shortLines are the order lines for a supplier's goods that run out in a warehouse, within the cap.
func (s *shop) shortLines(f *firm, w int) []*line {
	const most = 8
	var lines []*line
	left := orderCapFen
	for _, it := range s.goods {
		have := it.stock[w] + it.onOrder[w]
		if it.supplier != f || it.target[w] == 0 || have*100 >= it.target[w]*55 {
			continue
		}
		l := &line{good: it, units: it.target[w] - have, factor: 1, priceFen: max(1, it.buyFen*s.between(98, 103)/100)}
		if it.pack > 0 {
			l.units, l.factor = max(1, l.units/it.pack), it.pack
			l.priceFen *= it.pack
		}
		for l.units > 1 && l.totalFen(l.units) > left {
			l.units /= 2
		}
		if l.totalFen(l.units) > left {
			break
		}
		left -= l.totalFen(l.units)
		if lines = append(lines, l); len(lines) == most {
			break
		}
	}
	return lines
}

// order writes an order; transitions are what becomes of it, nil for what happens.
func (s *shop) order(f *firm, w int, lines []*line, transitions []string) {
	due := s.day.AddDays(s.between(3, 8) + f.lead)
	v := map[string]any{
		"supplier": "$" + f.handle, "warehouse": "$" + demoWarehouses[w].handle, "ordered_on": s.day.String(),
		"due_on": due.String(), "tolerance": "0.05", "lines": lineValues(lines),
	}
	switch {
	case transitions != nil:
	case s.recent():
		transitions = []string{"submit"}[:s.rng.IntN(2)]
	case s.chance(2):
		transitions = pick(s, [][]string{{"cancel"}, {"approve", "close"}}) // the supplier can't deliver
	case totalFen(lines) > 20_000_00:
		transitions = []string{"submit", "approve"}
	default:
		transitions = []string{"approve"}
	}
	handle := s.document("purchase_order", "po", v, transitions...)
	numbered(lines)
	if len(transitions) == 0 || transitions[len(transitions)-1] != "approve" {
		return
	}
	for _, l := range lines {
		l.good.onOrder[w] += l.units * l.factor
	}
	s.purchases = append(s.purchases, &order{handle: handle, firm: f, warehouse: w, ready: s.day.AddDays(s.between(2, 9) + f.lead), lines: lines})
}

func lineValues(lines []*line) []any {
	out := make([]any, 0, len(lines))
	for _, l := range lines {
		out = append(out, l.values(l.units))
	}
	return out
}

// receive takes in goods of the order that has waited longest among those that are due.
func (s *shop) receive() bool {
	at := slices.IndexFunc(s.purchases, func(o *order) bool { return o.ready <= s.day })
	if at < 0 {
		return false
	}
	o := s.purchases[at]
	partial := s.chance(18)
	var got []*line
	for _, l := range o.lines {
		units := l.units - l.done
		switch {
		case partial && units > 1:
			units = (units*6 + 9) / 10
		case l.done == 0 && units >= 60 && s.chance(5):
			units += units / 50 // within the order's tolerance
		}
		if units > 0 {
			copied := *l
			copied.units, copied.done = units, 0
			got = append(got, &copied)
		}
	}
	s.bookReceipt(o, at, got, partial)
	return true
}

func (s *shop) bookReceipt(o *order, at int, got []*line, partial bool) {
	due := s.day.AddDays(o.firm.days)
	lines := make([]any, 0, len(got))
	for _, l := range got {
		received := s.receivedLine(l, o.warehouse)
		received["order_line"] = l.of(o.handle)
		lines = append(lines, received)
	}
	numbered(got)
	v := map[string]any{
		"order": "$" + o.handle, "supplier": "$" + o.firm.handle, "warehouse": "$" + demoWarehouses[o.warehouse].handle,
		"received_on": s.day.String(), "due_on": due.String(), "supplier_no": fmt.Sprintf("SH%06d", s.rng.IntN(1_000_000)), "lines": lines,
	}
	if s.recent() { // the order waits for this draft
		s.document("goods_receipt", "gr", v)
		s.purchases = slices.Delete(s.purchases, at, at+1)
		return
	}
	handle := s.document("goods_receipt", "gr", v, "approve")
	for i, l := range got {
		base := l.units * l.factor
		l.good.stock[o.warehouse] += base
		l.good.onOrder[o.warehouse] = max(0, l.good.onOrder[o.warehouse]-base)
		s.keepBatch(l.good, o.warehouse, lines[i])
		for _, ordered := range o.lines {
			if ordered.good == l.good {
				ordered.done += l.units
			}
		}
	}
	s.receipts = append(s.receipts, &bill{handle: handle, firm: o.firm, warehouse: o.warehouse, day: s.day, lines: got, openFen: totalFen(got)})
	if partial && slices.ContainsFunc(o.lines, func(l *line) bool { return l.done < l.units }) {
		o.ready = s.day.AddDays(s.between(2, 6))
		return
	}
	s.purchases = slices.Delete(s.purchases, at, at+1)
}

// receivedLine adds production date and batch to a line; the goods are at most a sixth of their life old.
func (s *shop) receivedLine(l *line, w int) map[string]any {
	v := l.values(l.units)
	life := l.good.group.lifeDays
	if life == 0 {
		return v
	}
	produced := s.day.AddDays(-s.between(2, max(3, life/6)))
	v["produced_on"], v["shelf_life_days"] = produced.String(), life
	if l.good.group.batch {
		v["batch_no"] = strings.ReplaceAll(produced.String(), "-", "") + string(rune('A'+w))
	}
	return v
}

func (s *shop) keepBatch(it *good, w int, v any) {
	m, ok := v.(map[string]any)
	if !ok {
		return
	}
	number, ok := m["batch_no"].(string)
	if !ok {
		return
	}
	produced := mustDate(m["produced_on"])
	it.batches[w] = batch{number: number, expires: produced.AddDays(it.group.lifeDays)}
}

// sendBack returns a part of a recent receipt to its supplier.
func (s *shop) sendBack() bool {
	b := s.recentBill(s.receipts)
	if b == nil {
		return false
	}
	l := pick(s, b.lines)
	units := min(l.units-l.done, l.good.stock[b.warehouse]/l.factor, max(1, l.units/10))
	if units <= 0 {
		return false
	}
	back := l.values(units)
	back["source_line"] = l.of(b.handle)
	v := map[string]any{
		"source_receipt": "$" + b.handle, "supplier": "$" + b.firm.handle, "warehouse": "$" + demoWarehouses[b.warehouse].handle,
		"returned_on": s.day.String(), "reason": pick(s, []string{"quality", "quality", "wrong", "unsold"}), "lines": []any{back},
	}
	if s.recent() {
		s.document("purchase_return", "pr", v)
		return true
	}
	s.document("purchase_return", "pr", v, "approve")
	l.done += units
	l.good.stock[b.warehouse] -= units * l.factor
	b.openFen -= l.totalFen(units)
	return true
}

// recentBill picks one of the last bills of the past month.
func (s *shop) recentBill(bills []*bill) *bill {
	const days = 30
	first := slices.IndexFunc(bills, func(b *bill) bool { return s.day-b.day <= days })
	if first < 0 {
		return nil
	}
	return pick(s, bills[first:])
}

// pay settles what is owed to one supplier, oldest receipts first.
func (s *shop) pay() bool {
	return s.settle(s.receipts, "payment", "py", "supplier", "paid_on", "goods_receipt")
}
