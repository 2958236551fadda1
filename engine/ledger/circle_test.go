package ledger_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"tenon/engine/ledger"
	"tenon/metamodel/value"
)

// Goods that went out below zero, on to another warehouse, and back to cover themselves would send a correction round
// for ever. It goes round once, and not a cent is lost then: all that came in is in what is there and in what
// was sold.
func TestCircleOfCorrectionsLosesNothing(t *testing.T) {
	seeds := []uint64{3, 5848482662237, 1009, 1048, 1055}
	for range 5 {
		seeds = append(seeds, seedOf(t))
	}
	for _, method := range []string{"average", "fifo", "lifo"} {
		t.Run(method, func(t *testing.T) {
			for _, seed := range seeds {
				circle(t, method, seed)
			}
		})
	}
}

func circle(t *testing.T, method string, seed uint64) {
	t.Helper()
	each(t, method, func(w *world) {
		policies := w.policies
		w.policies = func(dims []any) ledger.Policies {
			p := policies(dims)
			p.Negative = "allow"
			return p
		}
		t := w.t.(*testing.T)
		r := rand.New(rand.NewPCG(seed, 5))
		n, given := 0, value.Decimal{}
		next := func(x line) {
			n++
			w.post(fmt.Sprint("d", n), x)
			if x.posting == receive {
				given, _ = given.Add(dec(x.value))
			}
		}
		for round := range 4 {
			day := 4 * round
			next(line{posting: move, item: "a", warehouse: "w", to: "v", day: day, qty: fmt.Sprintf("%d.%d", 10+r.IntN(9), r.IntN(10))})
			next(in("a", "v", day+1, fmt.Sprint(1+r.IntN(9)), fmt.Sprintf("%d.%02d", 50+r.IntN(100), r.IntN(100))))
			next(line{posting: move, item: "a", warehouse: "v", to: "w", day: day + 2, qty: fmt.Sprintf("%d.%d", 10+r.IntN(9), r.IntN(10))})
			next(out("a", "v", day+3, fmt.Sprintf("%d.5", r.IntN(4))))
			next(in("a", "w", r.IntN(day+3), "3", fmt.Sprintf("%d.33", 40+r.IntN(9))))
			w.proves()
		}
		cut := 0
		var total value.Decimal
		for _, row := range w.rows(w.l.Entry) {
			if row[w.l.Entry.Field("share").Slot] != nil && row[w.l.Entry.Field("voided").Slot] == false {
				cut++
			}
		}
		for _, place := range []string{"w", "v"} {
			_, v := w.stock("a", place)
			total, _ = total.Add(v)
		}
		for i := range n {
			if x := fmt.Sprint("d", i+1); i%5 == 3 {
				total, _ = total.Add(w.cost(x))
			}
		}
		if cut == 0 {
			t.Errorf("seed %d: no correction was cut", seed) // the history has circles
		}
		expensed := w.expensed()
		if sum, _ := total.Add(expensed); !sum.Equal(given) {
			t.Errorf("seed %d: %s is there and was sold, %s became an expense, %s came in", seed, total, expensed, given)
		}
	})
}

// expensed sums what was taken out of stock on no issue's account: changes of value that found nothing to lie on.
func (w *world) expensed() (sum value.Decimal) {
	w.t.Helper()
	e := w.l.Entry
	outs := map[any]bool{}
	for _, row := range w.rows(e) {
		if row[e.Field("verb").Slot] == "out" {
			outs[row[0]] = true
		}
	}
	for _, row := range w.rows(e) {
		if row[e.Field("verb").Slot] == "correction" && !outs[row[e.Field("origin").Slot]] {
			sum, _ = sum.Sub(decimalOf(row[e.Field("value").Slot]))
		}
	}
	return sum
}
