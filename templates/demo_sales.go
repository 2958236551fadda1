package templates

import (
	"slices"
	"strconv"

	"tenon/metamodel/value"
)

// sell takes an order of a customer for goods of the warehouse that serves it. Every customer's credit limit
// is kept; a customer who is at it buys nothing.
func (s *shop) sell() bool {
	f := pick(s, s.customers)
	lines := s.saleLines(f)
	total := totalFen(lines)
	if f.limitFen > 0 && f.owedFen+total > f.limitFen {
		return false
	}
	v := map[string]any{
		"customer": "$" + f.handle, "warehouse": "$" + demoWarehouses[f.warehouse].handle, "ordered_on": s.day.String(),
		"ship_on": s.day.AddDays(s.between(1, 4)).String(), "channel": pick(s, []string{"direct", "phone", "wechat", "wechat", "online"}), "lines": lineValues(lines),
	}
	transitions := []string{"approve"}
	switch {
	case s.recent():
		transitions = []string{"submit"}[:s.rng.IntN(2)]
	case s.chance(3):
		transitions = pick(s, [][]string{{"cancel"}, {"approve", "close"}}) // the customer changed its mind
	case total > 10_000_00:
		transitions = []string{"submit", "approve"}
	}
	handle := s.document("sales_order", "so", v, transitions...)
	numbered(lines)
	if len(transitions) > 0 && transitions[len(transitions)-1] == "approve" {
		s.sales = append(s.sales, &order{handle: handle, firm: f, warehouse: f.warehouse, ready: s.day.AddDays(s.between(0, 2)), lines: lines})
	}
	return true
}

func (s *shop) saleLines(f *firm) []*line {
	var lines []*line
	for len(lines) < 2 || len(lines) < 6 && s.chance(70) {
		it := pick(s, s.shelf[f.warehouse])
		if slices.ContainsFunc(lines, func(l *line) bool { return l.good == it }) {
			continue
		}
		l := &line{
			good: it, units: max(1, it.target[f.warehouse]*s.between(4, 18)/100), factor: 1, priceFen: it.sellFen,
			discount: map[string]int{"a": 5, "b": 2, "c": 0}[f.level],
		}
		if it.pack > 0 && l.units >= it.pack && s.chance(60) {
			l.units, l.factor = l.units/it.pack, it.pack
			l.priceFen *= it.pack
		}
		lines = append(lines, l)
	}
	return lines
}

// deliver sends what is there of an order that is due; the rest waits.
func (s *shop) deliver() bool {
	var due []int
	for i, o := range s.sales {
		if o.ready <= s.day {
			due = append(due, i)
		}
		if len(due) == 12 {
			break
		}
	}
	if len(due) == 0 {
		return false
	}
	at := pick(s, due)
	o := s.sales[at]
	sent := s.shippable(o)
	total := totalFen(sent)
	if len(sent) == 0 || o.firm.limitFen > 0 && o.firm.owedFen+total > o.firm.limitFen {
		return false
	}
	s.bookDelivery(o, at, sent, total)
	return true
}

// shippable are the order's open lines as far as stock goes. An item is in an order once only.
func (s *shop) shippable(o *order) []*line {
	partial := s.chance(20)
	var sent []*line
	for _, l := range o.lines {
		units := min(l.units-l.done, l.good.stock[o.warehouse]/l.factor)
		if partial && units > 1 {
			units = (units + 1) / 2
		}
		if units > 0 {
			copied := *l
			copied.units, copied.done = units, 0
			sent = append(sent, &copied)
		}
	}
	return sent
}

func (s *shop) bookDelivery(o *order, at int, sent []*line, total int) {
	lines := make([]any, 0, len(sent))
	for _, l := range sent {
		v := l.values(l.units)
		v["order_line"] = l.of(o.handle)
		if b := l.good.batches[o.warehouse]; b.number != "" && b.expires > s.day && s.chance(50) {
			v["batch_no"], v["expires_on"] = b.number, b.expires.String()
		}
		lines = append(lines, v)
	}
	numbered(sent)
	v := map[string]any{
		"order": "$" + o.handle, "customer": "$" + o.firm.handle, "warehouse": "$" + demoWarehouses[o.warehouse].handle,
		"delivered_on": s.day.String(), "due_on": s.day.AddDays(o.firm.days).String(),
		"carrier": pick(s, []string{"自有车队", "城配专线", "干线物流", "客户自提"}), "lines": lines,
	}
	if s.recent() { // the order waits for this draft
		s.document("delivery", "dn", v)
		s.sales = slices.Delete(s.sales, at, at+1)
		return
	}
	handle := s.document("delivery", "dn", v, "approve")
	for _, l := range sent {
		l.good.stock[o.warehouse] -= l.units * l.factor
		for _, ordered := range o.lines {
			if ordered.good == l.good {
				ordered.done += l.units
			}
		}
	}
	o.firm.owedFen += total
	s.deliveries = append(s.deliveries, &bill{handle: handle, firm: o.firm, warehouse: o.warehouse, day: s.day, lines: sent, openFen: total})
	if slices.ContainsFunc(o.lines, func(l *line) bool { return l.done < l.units }) {
		o.ready = s.day.AddDays(s.between(1, 5))
		return
	}
	s.sales = slices.Delete(s.sales, at, at+1)
}

// takeBack books a customer's return of a part of a recent delivery.
func (s *shop) takeBack() bool {
	b := s.recentBill(s.deliveries)
	if b == nil {
		return false
	}
	l := pick(s, b.lines)
	units := min(l.units-l.done, max(1, l.units/5))
	if units <= 0 {
		return false
	}
	back := l.values(units)
	back["source_line"] = l.of(b.handle)
	v := map[string]any{
		"source_delivery": "$" + b.handle, "customer": "$" + b.firm.handle, "warehouse": "$" + demoWarehouses[b.warehouse].handle,
		"returned_on": s.day.String(), "reason": pick(s, []string{"quality", "wrong", "unsold", "other"}), "lines": []any{back},
	}
	if s.recent() {
		s.document("sales_return", "sr", v)
		return true
	}
	s.document("sales_return", "sr", v, "approve")
	l.done += units
	l.good.stock[b.warehouse] += units * l.factor
	b.openFen -= l.totalFen(units)
	b.firm.owedFen -= l.totalFen(units)
	return true
}

// collect takes money of one customer for its oldest deliveries.
func (s *shop) collect() bool {
	return s.settle(s.deliveries, "receipt", "rc", "customer", "received_on", "delivery")
}

// settle pays in the base currency up to three open bills of the partner whose bill is the oldest among some; now and then the
// last one only in part.
func (s *shop) settle(bills []*bill, entity, prefix, party, day, reference string) bool {
	const wait, most = 5, 3
	var open []*bill
	for _, b := range bills {
		if b.openFen > 0 && s.day-b.day >= wait && b.firm.currency == "" {
			open = append(open, b)
		}
	}
	if len(open) == 0 {
		return false
	}
	f := open[s.rng.IntN(min(len(open), 8))].firm
	amount := 0
	var lines []any
	var parts []func()
	for _, b := range open {
		if b.firm != f || len(lines) == most {
			continue
		}
		part := b.openFen
		if len(lines) > 0 && s.chance(15) {
			part = max(1, part/2)
		}
		amount += part
		lines = append(lines, map[string]any{reference: "$" + b.handle, "amount": yuan(part)})
		parts = append(parts, func() { b.openFen -= part })
	}
	v := map[string]any{
		party: "$" + f.handle, day: s.day.String(), "method": pick(s, []string{"bank", "bank", "bank", "wechat", "alipay", "acceptance"}),
		"amount": yuan(amount), "reference_no": strconv.Itoa(s.between(10_000_000, 99_999_999)), "lines": lines,
	}
	if s.recent() {
		s.document(entity, prefix, v)
		return true
	}
	s.document(entity, prefix, v, "approve")
	for _, apply := range parts {
		apply()
	}
	if party == "customer" {
		f.owedFen -= amount
	}
	return true
}

// mustDate reads a date that this package wrote itself.
func mustDate(v any) value.Date {
	text, _ := v.(string)
	d, err := value.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}
