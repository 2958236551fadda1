package templates

import "fmt"

// What is learnt of costs after goods have come: invoices that differ from their receipts, and freight.

// mention is a line of a document about a line of a bill.
func (b *bill) mention(l *line) map[string]any {
	return map[string]any{"source_line": l.of(b.handle), "goods_receipt": "$" + b.handle, "item": "$" + l.good.handle}
}

// costLines mention those lines of a receipt of which something was kept.
func costLines(b *bill) []any {
	var out []any
	for _, l := range b.lines {
		if l.done < l.units {
			out = append(out, b.mention(l))
		}
	}
	return out
}

// received picks a receipt of the last weeks that has not been done something with.
func (s *shop) received(done func(*bill) bool) *bill {
	const wait, back = 2, 60
	var all []*bill
	for _, b := range s.receipts {
		if age := s.day - b.day; age >= wait && age <= back && b.firm.currency == "" && !done(b) {
			all = append(all, b)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return pick(s, all)
}

// invoice enters the invoice of a receipt; on some, a few prices differ. What is paid already is only ever short.
func (s *shop) invoice() bool {
	b := s.received(func(b *bill) bool { return b.invoiced })
	if b == nil {
		return false
	}
	differ := map[*line]int{}
	for _, l := range b.lines {
		least := 98
		if b.openFen <= 0 {
			least = 101
		}
		if l.done == 0 && s.chance(8) {
			differ[l] = l.netFen(l.units) * s.between(least, 104) / 100
		}
	}
	return s.bookInvoice(b, differ)
}

// bookInvoice makes the invoice of a receipt. differ are the net amounts of lines that aren't as received. More may not be
// taken off than is open.
func (s *shop) bookInvoice(b *bill, differ map[*line]int) bool {
	more := 0
	var lines []any
	for _, l := range b.lines {
		v := b.mention(l)
		if net, ok := differ[l]; ok {
			v["doc_net"] = yuan(net)
			more += net + l.taxOn(net) - l.totalFen(l.units)
		}
		lines = append(lines, v)
	}
	if b.openFen+more < 0 {
		return false
	}
	v := map[string]any{
		"supplier": "$" + b.firm.handle, "invoice_no": fmt.Sprintf("%020d", s.rng.Int64N(1e18)), "invoiced_on": s.day.String(), "lines": lines,
	}
	b.invoiced = true
	if s.recent() {
		s.document("purchase_invoice", "pi", v)
		return true
	}
	s.document("purchase_invoice", "pi", v, "approve")
	b.openFen += more
	return true
}

// freight shares what bringing a receipt in has cost over its goods.
func (s *shop) freight() bool {
	b := s.received(func(b *bill) bool { return b.landed })
	if b == nil {
		return false
	}
	lines := costLines(b)
	if len(lines) == 0 {
		return false
	}
	b.landed = true
	s.landedCost("freight", pick(s, []string{"amount", "quantity", "equal"}), s.between(80_00, 420_00), s.carrier, lines)
	return true
}

// landedCost makes a document of costs that are shared over lines of receipts. Nobody is owed what is paid to an office.
func (s *shop) landedCost(kind, basis string, fen int, to *firm, lines []any) {
	v := map[string]any{"cost_kind": kind, "basis": basis, "amount": yuan(fen), "incurred_on": s.day.String(), "lines": lines}
	tax := 0
	if to != nil {
		tax = (fen*9 + 50) / 100
		v["supplier"], v["tax_amount"], v["reference_no"] = "$"+to.handle, yuan(tax), fmt.Sprintf("YF%06d", s.rng.IntN(1_000_000))
	}
	if s.recent() {
		s.document("landed_cost", "lc", v)
		return
	}
	s.document("landed_cost", "lc", v, "approve")
	if to != nil {
		to.owedFen += fen + tax
	}
}

// projects are goods that a branch doesn't hold, bought for one customer: most of them are sold when freight and invoice come.
var projects = map[int]func(*shop){
	24: (*shop).buyForProject, 33: (*shop).costOfProjects,
	61: (*shop).buyForProject, 70: (*shop).costOfProjects,
	98: (*shop).buyForProject, 107: (*shop).costOfProjects,
	138: (*shop).buyForProject, 147: (*shop).costOfProjects,
	166: (*shop).buyForProject, 173: (*shop).costOfProjects,
}

// projectWarehouse is the branch that holds goods for projects.
const projectWarehouse = 1

func (s *shop) buyForProject() {
	const most = 3
	first := s.rng.IntN(len(s.goods))
	var lines []*line
	for i := range s.goods {
		it := s.goods[(first+i)%len(s.goods)]
		fits := !it.byBatch && it.target[projectWarehouse] == 0 && it.stock[projectWarehouse] == 0
		if len(lines) < most && fits && (len(lines) == 0 || it.supplier == lines[0].good.supplier) {
			lines = append(lines, &line{good: it, units: s.between(3, 6) * 10, factor: 1, priceFen: it.buyFen})
		}
	}
	f, buyer, in, out := lines[0].good.supplier, s.bestCredit(), []any{}, []any{}
	var sold []*line
	for _, l := range lines {
		sale := &line{good: l.good, units: l.units * 7 / 10, factor: 1, priceFen: l.good.sellFen}
		l.good.stock[projectWarehouse] += l.units - sale.units
		sold = append(sold, sale)
		in, out = append(in, s.receivedLine(l, projectWarehouse)), append(out, sale.values(sale.units))
	}
	numbered(lines)
	numbered(sold)
	day, where, owed := s.day.String(), "$"+demoWarehouses[projectWarehouse].handle, totalFen(sold)
	receipt := s.document("goods_receipt", "gr", map[string]any{
		"supplier": "$" + f.handle, "warehouse": where, "received_on": day, "due_on": s.day.AddDays(f.days).String(), "note": "项目采购", "lines": in,
	}, "approve")
	delivery := s.document("delivery", "dn", map[string]any{
		"customer": "$" + buyer.handle, "warehouse": where, "delivered_on": day, "due_on": s.day.AddDays(buyer.days).String(),
		"carrier": "干线物流", "note": "项目供货", "lines": out,
	}, "approve")
	buyer.owedFen += owed
	s.receipts = append(s.receipts, &bill{handle: receipt, firm: f, warehouse: projectWarehouse, day: s.day, lines: lines, openFen: totalFen(lines), project: true})
	s.deliveries = append(s.deliveries, &bill{handle: delivery, firm: buyer, warehouse: projectWarehouse, day: s.day, lines: sold, openFen: owed})
}

// costOfProjects enters freight and invoices of what was bought for projects; prices are higher than they were said to be.
func (s *shop) costOfProjects() {
	for _, b := range s.receipts {
		if !b.project {
			continue
		}
		if lines := costLines(b); len(lines) > 0 && !b.landed {
			s.landedCost("freight", "quantity", totalFen(b.lines)*s.between(2, 4)/100, s.carrier, lines)
		}
		if !b.invoiced {
			differ := map[*line]int{}
			for _, l := range b.lines {
				if l.done < l.units {
					differ[l] = l.netFen(l.units) * s.between(101, 104) / 100
				}
			}
			s.bookInvoice(b, differ)
		}
		b.landed = true
	}
}
