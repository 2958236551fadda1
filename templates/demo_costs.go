package templates

import "fmt"

// What is learnt of costs after goods have come: invoices that differ from their receipts, and freight.

// costLines mention those lines of a receipt of which something was kept.
func costLines(b *bill) []any {
	var out []any
	for _, l := range b.lines {
		if l.done < l.units {
			out = append(out, map[string]any{"goods_receipt": "$" + b.handle, "item": "$" + l.good.handle})
		}
	}
	return out
}

// invoice enters the invoice of a recent receipt; on some, a few prices differ.
func (s *shop) invoice() bool {
	const wait = 2
	b := s.recentBill(s.receipts)
	if b == nil || b.invoiced || b.firm.currency != "" || s.day-b.day < wait {
		return false
	}
	differ := map[*line]int{}
	for _, l := range b.lines {
		percent := 12
		if l.good.stock[b.warehouse] < l.units*l.factor {
			percent = 60 // some are sold: their cost changes, too
		}
		if l.done == 0 && b.openFen > 0 && s.chance(percent) {
			differ[l] = l.netFen(l.units) * s.between(98, 104) / 100
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
		v := map[string]any{"goods_receipt": "$" + b.handle, "item": "$" + l.good.handle}
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

// freight shares what bringing a recent receipt in has cost over its goods, of which some are sold by then.
func (s *shop) freight() bool {
	b := s.recentBill(s.receipts)
	if b == nil || b.landed || b.firm.currency != "" {
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
