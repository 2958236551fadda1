package ledger_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

func reserves(item, batch, qty, pcs string) line {
	return line{posting: hold, item: item, warehouse: "w", batch: batch, day: 1, qty: qty, pcs: pcs}
}

func takes(item, batch, qty, pcs string) line {
	return line{posting: sell, item: item, warehouse: "w", batch: batch, day: 2, qty: qty, pcs: pcs}
}

func brings(item, batch, qty, pcs string) line {
	return line{posting: receive, item: item, warehouse: "w", batch: batch, day: 1, qty: qty, pcs: pcs, value: "100"}
}

// What an order has reserved of goods whichever batch it will be, nobody else takes from any batch; its own delivery does.
func TestReservationsLeaveTheBatchOpen(t *testing.T) {
	eachCounted(t, "average", func(w *world) {
		w.post("r1", brings("a", "A", "10", "5"), brings("a", "B", "6", "3"))
		w.post("s0", takes("a", "A", "1", ""))
		w.post("o1", reserves("a", "", "12", ""))
		w.refused("ledger.reserved_taken", "s1", takes("a", "B", "4", "1"))
		w.refused("ledger.reserved_taken", "s1", takes("a", "A", "2", "1"), takes("a", "B", "2", "1"))
		w.refused("ledger.reserved", "o2", reserves("a", "", "4", ""))
		w.refused("ledger.reserved", "o2", reserves("a", "A", "4", ""))
		w.post("o2", reserves("a", "B", "3", ""))
		w.refused("ledger.reserved_taken", "s1", takes("a", "B", "4", "1"))
		w.post("v1", line{posting: move, item: "a", warehouse: "w", to: "w", batch: "A", day: 2, qty: "3", pcs: "1"})
		list, err := w.together(map[string][]line{"s2": {takes("a", "A", "9", "5")}, "o1": {reserves("a", "", "3", "")}}, "s2", "o1")
		if err != nil || len(list) > 0 {
			t.Errorf("its own delivery: %v %v", list, err)
		}
		w.refused("ledger.reserved_taken", "s3", takes("a", "B", "1", "1"))
		w.post("o2")
		w.post("s3", takes("a", "B", "3", "1"))
		w.proves()
		w.post("o1")
		w.post("s4", takes("a", "B", "3", "2"))
		w.proves()
		w.reservedAre(t, 0, 0)
	})
}

// Pieces are reserved as weight is: who would take more of them than are left is refused, though there is weight enough.
func TestPiecesAreReserved(t *testing.T) {
	eachCounted(t, "average", func(w *world) {
		w.post("r1", brings("a", "", "20", "10"))
		w.post("o1", reserves("a", "", "8", "7"))
		w.reservedAre(t, 8, 7)
		w.refused("ledger.secondary_reserved_taken", "s1", takes("a", "", "5", "4"))
		w.refused("ledger.secondary_reserved", "o2", reserves("a", "", "5", "4"))
		w.refused("ledger.secondary_alone", "o2", reserves("a", "", "0", "4"))
		w.post("s1", takes("a", "", "5", "3"))
		w.post("o1", reserves("a", "", "8", "6"))
		w.post("o1", reserves("a", "", "9", ""))
		w.reservedAre(t, 9, 0)
		w.post("o1", reserves("a", "", "9", "2"))
		w.proves()
		w.post("o1")
		w.reservedAre(t, 0, 0)
		w.proves()
	})
}

// What was there before the first reservation that leaves the batch open is added up by it.
func TestGroupsAreAddedUpOnce(t *testing.T) {
	eachCounted(t, "batch", func(w *world) {
		for i := range 12 {
			w.post(fmt.Sprint("r", i), brings("a", strconv.Itoa(i), "2", "1"))
		}
		b := w.l.Balance
		known := func() (n int) {
			for _, row := range w.rows(b) {
				if row[b.Field(metamodel.GroupQuantity).Slot] != nil {
					n++
				}
			}
			return n
		}
		if n := known(); n != 0 {
			t.Errorf("%d groups are known before anybody asks", n)
		}
		list, err := w.together(map[string][]line{"s1": {takes("a", "3", "1", "")}, "o1": {reserves("a", "", "20", "")}, "r": {brings("a", "x", "3", "1")}}, "s1", "o1", "r")
		if err != nil || len(list) > 0 || known() != 1 {
			t.Errorf("%v %v, %d groups", list, err, known())
		}
		w.refused("ledger.reserved_taken", "s2", takes("a", "4", "2", "1"), takes("a", "5", "2", "1"), takes("a", "6", "2", "1"), takes("a", "7", "1", ""))
		w.post("s2", takes("a", "4", "2", "1"), takes("a", "5", "2", "1"), takes("a", "6", "2", "1"))
		w.proves()
	})
}

// reservedAre compares what is reserved in all, of quantity and pieces, with what is expected.
func (w *world) reservedAre(t *testing.T, quantity, pieces int64) {
	t.Helper()
	b := w.l.Balance
	var q, p value.Decimal
	for _, row := range w.rows(b) {
		q, _ = q.Add(decimalOf(row[b.Field("reserved").Slot]))
		p, _ = p.Add(decimalOf(row[b.Field(metamodel.ReservedSecondaryQuantity).Slot]))
	}
	if !q.Equal(value.NewDecimal(quantity, 0)) || !p.Equal(value.NewDecimal(pieces, 0)) {
		t.Errorf("%s are reserved, %s pieces; want %d, %d", q, p, quantity, pieces)
	}
}

// promises is a plain model of goods by batch, and of orders that reserve them.
type promises struct {
	have, held map[string][2]int64 // by batch: quantity and pieces
	orders     map[string]held
}

type held struct {
	batch string
	has   [2]int64
}

func (p *promises) sum() (have, held [2]int64) {
	for i := range have {
		for _, x := range p.have {
			have[i] += x[i]
		}
		for _, x := range p.held {
			held[i] += x[i]
		}
	}
	return have, held
}

func add(m map[string][2]int64, key string, x [2]int64, sign int64) {
	was := m[key]
	m[key] = [2]int64{was[0] + sign*x[0], was[1] + sign*x[1]}
}

// reserve has an order hold something else, and take what it takes of a batch.
func (p *promises) change(order string, now held, batch string, taken [2]int64) {
	was := p.orders[order]
	add(p.held, was.batch, was.has, -1)
	add(p.held, now.batch, now.has, 1)
	p.orders[order] = now
	add(p.have, batch, taken, -1)
}

func (p *promises) copy() *promises {
	q := &promises{map[string][2]int64{}, map[string][2]int64{}, map[string]held{}}
	for k, v := range p.have {
		q.have[k] = v
	}
	for k, v := range p.held {
		q.held[k] = v
	}
	for k, v := range p.orders {
		q.orders[k] = v
	}
	return q
}

// allows tells whether what is may become what is to be: nothing is below zero, no pieces are left of nothing, and nowhere is
// less available than nothing and than before where something is reserved.
func (p *promises) allows(now *promises) bool {
	fits := func(a, ra, b, rb [2]int64) bool {
		for i := range a {
			if rb[i] > 0 && b[i] < rb[i] && b[i]-rb[i] < a[i]-ra[i] {
				return false
			}
		}
		return true
	}
	for batch, b := range now.have {
		if b[0] < 0 || b[1] < 0 || b[0] == 0 && b[1] > 0 {
			return false
		}
		if batch != "" && !fits(p.have[batch], p.held[batch], b, now.held[batch]) {
			return false
		}
	}
	for batch, r := range now.held {
		if batch != "" && !fits(p.have[batch], p.held[batch], now.have[batch], r) {
			return false
		}
	}
	a, ra := p.sum()
	b, rb := now.sum()
	return fits(a, ra, b, rb)
}

// Orders reserve, deliver in parts whichever batch, change, are closed; others take what is free. The book takes and refuses
// what a plain model does, what is reserved is what open orders hold, and in the end it is nothing.
func TestReservationsAreThoseOfOpenOrders(t *testing.T) {
	eachCounted(t, "average", func(w *world) {
		r := rand.New(rand.NewPCG(7, 11))
		batches := []string{"A", "B", "C"}
		p := &promises{map[string][2]int64{}, map[string][2]int64{}, map[string]held{}}
		lines := map[string][]line{}
		text := func(n int64) string { return strconv.FormatInt(n, 10) }
		var open []string
		taken, refused := 0, 0
		for i := range 300 {
			doc, batch := fmt.Sprint("d", i), batches[r.IntN(3)]
			x := [2]int64{1 + r.Int64N(8), r.Int64N(4)}
			next, docs := p.copy(), []string{doc}
			switch kind := r.IntN(10); {
			case kind < 2:
				lines[doc] = []line{brings("a", batch, text(x[0]), text(x[1]))}
				add(next.have, batch, x, 1)
			case kind < 4:
				order := held{has: x}
				if r.IntN(3) == 0 {
					order.batch = batch
				}
				lines[doc] = []line{reserves("a", order.batch, text(x[0]), text(x[1]))}
				next.change(doc, order, batch, [2]int64{})
				open = append(open, doc)
			case kind < 5:
				lines[doc] = []line{takes("a", batch, text(x[0]), text(x[1]))}
				add(next.have, batch, x, -1)
			case len(open) == 0:
				continue
			case kind < 8: // some of an order is delivered, of any batch
				order := open[r.IntN(len(open))]
				rest := p.orders[order]
				for n := range x {
					rest.has[n] = max(rest.has[n]-x[n], 0)
				}
				if rest.has[0] == 0 {
					rest.has[1] = 0
				}
				next.change(order, rest, batch, x)
				lines[doc] = []line{takes("a", batch, text(x[0]), text(x[1]))}
				lines[order] = []line{reserves("a", rest.batch, text(rest.has[0]), text(rest.has[1]))}
				docs = append(docs, order)
			default: // an order is closed
				doc = open[r.IntN(len(open))]
				next.change(doc, held{}, batch, [2]int64{})
				lines[doc], docs = nil, []string{doc}
				open = slices.DeleteFunc(open, func(o string) bool { return o == doc })
			}
			list, err := w.together(lines, docs...)
			if err != nil {
				t.Fatalf("%d: %v", i, err)
			}
			if ok := p.allows(next); ok == list.HasErrors() {
				t.Fatalf("%d %v %v: the model says %t, the book %v\n%+v", i, docs, lines[docs[0]], ok, list, p)
			}
			if list.HasErrors() {
				refused++
				open = slices.DeleteFunc(open, func(o string) bool { return p.orders[o] == held{} })
				continue
			}
			taken++
			p = next
			_, sum := p.sum()
			w.reservedAre(t, sum[0], sum[1])
		}
		if taken < 40 || refused < 15 {
			t.Errorf("%d were taken, %d refused", taken, refused)
		}
		w.proves()
		for _, order := range open {
			if list, err := w.together(nil, order); err != nil || list.HasErrors() {
				t.Errorf("close %s: %v %v", order, list, err)
			}
		}
		w.reservedAre(t, 0, 0)
		w.proves()
	})
}
