package ledger_test

import (
	"testing"

	"tenon/engine/ledger"
)

// What a month has sold before it came is worth its average, too, once: what was booked about it meanwhile, here and where
// it went, is not booked twice.
func TestCloseMonthBelowZero(t *testing.T) {
	each(t, "month", func(w *world) {
		policies := w.policies
		w.policies = func(dims []any) ledger.Policies {
			p := policies(dims)
			p.Negative = "allow"
			if dims[1] == id("v") {
				p.CostMethod = "average"
			}
			return p
		}
		w.post("s1", out("a", "w", 1, "5"))
		w.post("t1", line{posting: move, item: "a", warehouse: "w", to: "v", day: 2, qty: "2"})
		w.post("t2", line{posting: move, item: "a", warehouse: "w", to: "u", day: 2, qty: "1"})
		w.post("r1", in("a", "w", 3, "10", "120"))
		w.post("s2", out("a", "w", 4, "1"))
		w.post("r2", in("b", "w", 3, "2", "10"))
		w.post("s3", out("b", "w", 4, "2"))
		w.post("f1", line{posting: freight, item: "b", warehouse: "w", day: 5, value: "4", of: "r2#1"})
		w.post("f2", line{posting: freight, item: "c", warehouse: "w", day: 5, value: "7"})
		w.proves()
		if err := w.close(started.MonthEnd()); err != nil {
			t.Fatal(err)
		}
		w.proves()
		w.costs("s1", "60")
		w.costs("s2", "12")
		w.costs("s3", "14")
		w.has("a", "w", "1", "12")
		w.has("a", "v", "2", "24")
		w.has("a", "u", "1", "12")
		w.has("b", "w", "0", "0")
		w.has("c", "w", "0", "0")
		w.post("s4", out("a", "w", 33, "1"))
		w.costs("s4", "12")
		w.reopen(nil)
		w.proves()
		if err := w.close(started.MonthEnd()); err != nil {
			t.Fatal(err)
		}
		w.costs("s1", "60")
		w.has("a", "v", "2", "24")
		w.proves()
	})
}
