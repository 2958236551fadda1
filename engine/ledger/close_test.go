package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"tenon/engine/ledger"
	"tenon/engine/store"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// close closes the ledger through a day.
func (w *world) close(through value.Date) error {
	w.t.Helper()
	return w.s.Write(context.Background(), store.Pin{Ledgers: true}, func(ctx context.Context, tx *store.Tx) error {
		_, err := ledger.Close(ctx, tx, w.l, w.options(), through, "")
		return err
	})
}

// A month that is closed is valued by its average, whenever in the month goods came; what took from it follows, and the
// next month goes on from there.
func TestCloseMonth(t *testing.T) {
	each(t, "month", func(w *world) {
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.post("s1", out("a", "w", 2, "10"))
		w.post("r2", in("a", "w", 3, "10", "200"))
		w.post("t1", line{posting: move, item: "a", warehouse: "w", to: "v", day: 4, qty: "4"})
		w.post("s2", out("a", "v", 5, "1"))
		w.post("s3", out("a", "v", 40, "1"))
		w.post("r4", in("b", "w", 1, "1", "1"), in("b", "w", 1, "1", "1"), in("b", "v", 1, "1", "1"))
		w.costs("s1", "100") // until the month is closed
		w.proves()
		var problem *diag.Problem
		if err := w.close(started.AddDays(20)); !errors.As(err, &problem) || problem.List[0].Code != "ledger.close_month_end" {
			t.Errorf("closing within a month: %v", err)
		}
		if err := w.close(started.MonthEnd()); err != nil {
			t.Fatal(err)
		}
		w.costs("s1", "150")
		w.costs("s2", "15")
		w.costs("s3", "15")
		w.has("a", "w", "6", "90")
		w.has("a", "v", "2", "30")
		w.proves()
		w.refused("ledger.period_closed", "s4", out("a", "w", 30, "1"))
		w.saysOnce("r1", in("b", "w", 1, "10", "100")) // taken back and posted anew
		w.saysOnce("r4")                               // of which several lines are taken back
		w.post("r3", in("a", "w", 33, "6", "30"))
		w.post("s5", out("a", "w", 32, "1"))
		w.proves()
		if err := w.close(value.NewDate(2026, 2, 28)); err != nil {
			t.Fatal(err)
		}
		w.costs("s1", "150")
		w.costs("s5", "10")
		w.has("a", "w", "11", "110")
		w.proves()
	})
}

// reopen opens the ledger again, after a day or altogether.
func (w *world) reopen(through *value.Date) {
	w.t.Helper()
	err := w.s.Write(context.Background(), store.Pin{Ledgers: true}, func(ctx context.Context, tx *store.Tx) error {
		_, err := ledger.Reopen(ctx, tx, w.l, w.options(), through, "")
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// Months that are opened again are worked on as if they had never been closed, and closed again with what is in them
// then: what was valued by their average follows, in later months too.
func TestReopenMonth(t *testing.T) {
	each(t, "month", func(w *world) {
		january, february := started.MonthEnd(), value.NewDate(2026, 2, 28)
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.post("s1", out("a", "w", 2, "10"))
		w.post("r2", in("a", "w", 3, "10", "200"))
		w.post("t1", line{posting: move, item: "a", warehouse: "w", to: "v", day: 4, qty: "4"})
		w.post("s2", out("a", "v", 40, "1"))
		for _, end := range []value.Date{january, february} {
			if err := w.close(end); err != nil {
				t.Fatal(err)
			}
		}
		w.costs("s1", "150")
		w.costs("s2", "15")
		w.proves()
		w.reopen(&january)
		w.costs("s2", "15")
		w.refused("ledger.period_closed", "r3", in("a", "w", 5, "10", "450"))
		w.reopen(nil)
		w.costs("s1", "100")
		w.costs("s2", "20")
		w.proves()
		w.post("r3", in("a", "w", 5, "10", "450"))
		w.proves()
		for _, end := range []value.Date{january, february} {
			if err := w.close(end); err != nil {
				t.Fatal(err)
			}
		}
		w.costs("s1", "250")
		w.costs("s2", "25")
		w.has("a", "w", "16", "400")
		w.has("a", "v", "3", "75")
		w.proves()
	})
}

// Goods keep the method with which they began; another one holds for goods that are posted for the first time after it.
func TestPoolKeepsItsMethod(t *testing.T) {
	each(t, "average", func(w *world) {
		before := w.policies
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.post("r2", in("a", "w", 2, "10", "200"))
		w.policies = func(dims []any) ledger.Policies {
			p := before(dims)
			p.CostMethod = "fifo"
			return p
		}
		w.post("r3", in("b", "w", 1, "10", "100"))
		w.post("r4", in("b", "w", 2, "10", "200"))
		w.post("s1", out("a", "w", 3, "10"))
		w.post("s2", out("b", "w", 3, "10"))
		w.costs("s1", "150")
		w.costs("s2", "100")
		w.post("r0", in("a", "w", 0, "10", "60")) // before all others
		w.costs("s1", "120")
		w.proves()
	})
}

// saysOnce expects that a document is refused, and each finding told once at its place.
func (w *world) saysOnce(doc string, lines ...line) {
	w.t.Helper()
	list := w.try(doc, lines...)
	said := map[string]int{}
	for _, d := range list {
		said[fmt.Sprint(d.Code, " ", d.Path, " ", d.Args["day"])]++
	}
	for what, n := range said {
		if n > 1 {
			w.t.Errorf("%s: %d times %s", doc, n, what)
		}
	}
	if !list.HasErrors() {
		w.t.Errorf("%s is taken", doc)
	}
}
