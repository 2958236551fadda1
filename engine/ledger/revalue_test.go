package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"tenon/engine/ledger"
	"tenon/engine/store"
)

var errKilled = errors.New("killed")

// step is one transaction of the job; it may be lost at its end.
func (w *world) step(lost bool) (more bool) {
	w.t.Helper()
	err := w.s.Write(context.Background(), store.Pin{Ledgers: true}, func(ctx context.Context, tx *store.Tx) (err error) {
		_, more, err = ledger.Revalue(ctx, tx, w.l, w.options())
		if err == nil && lost {
			return errKilled
		}
		return err
	})
	if lost && errors.Is(err, errKilled) {
		return true
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return more
}

// What a job values in parts comes to the same numbers as a run from the first entry to the last, whatever the method,
// when transactions of it are lost, and when people post between them, before and after the place where it is.
func TestRevaluedInParts(t *testing.T) {
	for _, method := range []string{"average", "fifo", "lifo", "batch", "standard", "month", "none"} {
		t.Run(method, func(t *testing.T) {
			each(t, method, func(w *world) {
				policies := w.policies
				w.policies = func(dims []any) ledger.Policies {
					p := policies(dims)
					p.StandardCost = ptr("7.5")
					if dims[0] == id("b") {
						p.Negative = "allow"
					}
					return p
				}
				t := w.t.(*testing.T)
				r := rand.New(rand.NewPCG(seedOf(t), 11))
				h := newHistory(w, r, "doc")
				for range 3 {
					w.bound = 10 + r.IntN(20)
					h.run(t, historySize()/6)
					w.proves() // the sums hold while values are awaited
					for range r.IntN(6) {
						w.step(r.IntN(4) == 0)
						if r.IntN(2) == 0 {
							h.run(t, 1+r.IntN(4))
						}
						w.proves()
					}
					for n := 0; w.step(r.IntN(5) == 0); n++ {
						if n > 2000 {
							t.Fatal("the job comes to no end")
						}
					}
					if n := w.provisional(); n != 0 {
						t.Fatalf("%d pools wait, want none", n)
					}
					w.proves()
					w.laws()
					if t.Failed() {
						t.FailNow()
					}
				}
			})
		})
	}
}

// A long pool is valued by many transactions of which each writes a bounded part, and goes on where the last one ended.
func TestPartsAreBounded(t *testing.T) {
	each(t, "average", func(w *world) {
		w.bound = 10
		for i := range 60 {
			w.post(fmt.Sprint("r", i), in("a", "w", 2+i, "10", "100"))
		}
		w.post("early", in("a", "w", 1, "600", "12000"))
		w.proves()
		steps := 1
		for ; ; steps++ {
			most, more := 0, false
			err := w.s.Write(context.Background(), store.Pin{Ledgers: true}, func(ctx context.Context, tx *store.Tx) error {
				changes, again, err := ledger.Revalue(ctx, tx, w.l, w.options())
				most, more = len(changes), again
				return err
			})
			if err != nil {
				w.t.Fatal(err)
			}
			if most > w.bound+1 {
				w.t.Errorf("%d rows in one transaction", most)
			}
			if steps == 3 {
				w.post("s1", out("a", "w", 61, "1")) // after the place where the job is: it goes on
			}
			if !more {
				break
			}
			w.proves()
		}
		if steps < 6 || steps > 8 {
			w.t.Errorf("%d transactions for 62 entries, ten in each", steps)
		}
		w.has("a", "w", "1199", "17985")
		w.costs("s1", "15")
		w.proves()
	})
}

// Freight that follows goods, and goods that go back to their supplier among what customers brought back, are found in
// parts, too: what is asked for later of the way that goods went is kept between them.
func TestWaysOfGoodsGoOnInParts(t *testing.T) {
	for _, late := range []bool{false, true} {
		t.Run(fmt.Sprint("late=", late), func(t *testing.T) { each(t, "fifo", func(w *world) { waysInParts(w, late) }) })
	}
}

// waysInParts has a long pool valued in parts; late freight is posted when the job has passed the goods that it is for.
func waysInParts(w *world, late bool) {
	post := func() { w.post("freight", line{posting: freight, day: 61, value: "60", of: "r0#1"}) }
	w.bound = 10
	w.post("r0", in("a", "w", 2, "10", "100"))
	for i := range 6 {
		w.post(fmt.Sprint("s", i), out("a", "w", 3+i, "1"))
	}
	w.post("back", line{posting: takeBack, item: "a", warehouse: "w", day: 9, qty: "1", of: "s1#1"})
	for i := range 50 {
		w.post(fmt.Sprint("r", 1+i), in("a", "w", 10+i, "10", "100"))
	}
	if !late {
		post()
	}
	w.post("sent", line{posting: sendBack, item: "a", warehouse: "w", day: 62, qty: "2", of: "r0#1"})
	w.post("early", in("a", "w", 1, "1", "30"))
	steps := 1
	for ; ; steps++ {
		most, more := 0, false
		err := w.s.Write(context.Background(), store.Pin{Ledgers: true}, func(ctx context.Context, tx *store.Tx) error {
			changes, again, err := ledger.Revalue(ctx, tx, w.l, w.options())
			most, more = len(changes), again
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
		if most > w.bound+8 { // the freight changes what six documents cost
			w.t.Errorf("%d rows in one transaction", most)
		}
		if late && steps == 4 {
			post()
		}
		if !more || steps > 20 {
			break
		}
		w.proves()
	}
	if steps < 6 || steps > 16 {
		w.t.Errorf("%d transactions for 61 entries, ten in each", steps)
	}
	w.costs("s0", "30")
	w.costs("s1", "16")
	w.costs("back", "-16")
	w.costs("s5", "16")
	w.proves()
}
