package templates

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Goods that the demonstration data keeps by batch are told of apart from the others: a warehouse receives batches that
// expire at different days, and what expires first goes first.
const (
	batchGroup    = "D04" // fresh goods
	batchReceived = 20    // days before the last
)

// byBatch tells whether the stock of a group's item is kept by batch: the largest size of each.
func byBatch(g *goodsGroup, size int) bool { return g.code == batchGroup && size == len(g.sizes)-1 }

// lot is a batch of the story: how many days after the last day it expires, how much comes in, and how much of it has
// gone out again.
type lot struct{ left, qty, out int }

var lots = []lot{{6, 48, 36}, {24, 60, 12}, {70, 72, 0}, {140, 96, 0}}

// batchLots tells how goods kept by batch come in and begin to go out.
func (s *shop) batchLots() {
	f, buyer := s.suppliers[0], s.bestCredit()
	var in, out []any
	for _, it := range s.goods {
		if !it.byBatch {
			continue
		}
		for _, l := range lots {
			produced := s.today.AddDays(l.left - it.group.lifeDays)
			batch := strings.ReplaceAll(produced.String(), "-", "") + "A"
			received := (&line{good: it, units: l.qty, factor: 1, priceFen: it.buyFen}).values(l.qty)
			received["produced_on"], received["shelf_life_days"], received["batch_no"] = produced.String(), it.group.lifeDays, batch
			in = append(in, received)
			if l.out == 0 {
				continue
			}
			sold := &line{good: it, units: l.out, factor: 1, priceFen: it.sellFen}
			v := sold.values(l.out)
			v["batch_no"], v["expires_on"] = batch, s.today.AddDays(l.left).String()
			out = append(out, v)
			buyer.owedFen += sold.totalFen(l.out)
		}
	}
	day, due := s.day.String(), s.day.AddDays(f.days).String()
	s.document("goods_receipt", "gr", map[string]any{
		"supplier": "$" + f.handle, "warehouse": "$" + demoWarehouses[0].handle, "received_on": day, "due_on": due, "lines": in,
	}, "approve")
	s.document("delivery", "dn", map[string]any{
		"customer": "$" + buyer.handle, "warehouse": "$" + demoWarehouses[0].handle, "delivered_on": day,
		"due_on": s.day.AddDays(buyer.days).String(), "carrier": "城配专线", "lines": out,
	}, "approve")
}

// bestCredit is the first customer without a credit limit, or else the one that may owe most.
func (s *shop) bestCredit() *firm {
	return slices.MaxFunc(s.customers, func(a, b *firm) int { return cmp.Compare(a.credit(), b.credit()) })
}

// credit is what a customer may owe, in fen; no limit is the most.
func (f *firm) credit() int {
	if f.limitFen == 0 {
		return math.MaxInt
	}
	return f.limitFen
}
