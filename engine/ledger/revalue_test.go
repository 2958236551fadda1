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
