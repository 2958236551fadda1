package ledger_test

import (
	"testing"

	"tenon/engine/ledger"
)

// A line that is changed may not move less than what came back of it, whichever way its change is posted.
func TestChangedLineHasWhatCameBack(t *testing.T) {
	for _, method := range []string{"average", "fifo", "standard"} {
		t.Run(method, func(t *testing.T) {
			each(t, method, func(w *world) {
				policies := w.policies
				w.policies = func(dims []any) (p ledger.Policies) {
					p = policies(dims)
					p.StandardCost, p.Negative = ptr("7.5"), "allow"
					return p
				}
				w.post("r1", in("a", "w", 1, "30", "100"))
				w.post("s1", out("a", "w", 2, "10"))
				w.post("r2", in("a", "w", 2, "5", "20")) // follows on the same day
				w.post("b1", line{posting: takeBack, item: "a", warehouse: "w", day: 3, qty: "6", of: "s1#1"})
				w.refused("ledger.returned_over", "s1", out("a", "w", 2, "5.99"))
				w.refused("ledger.returned_over", "s1", out("a", "v", 2, "5.99")) // of another warehouse
				w.post("s1", out("a", "w", 2, "6"))
				w.post("b2", line{posting: sendBack, item: "a", warehouse: "w", day: 4, qty: "20", of: "r1#1"})
				w.refused("ledger.returned_over", "r1", in("a", "w", 1, "19.99", "100"))
				w.post("r3", in("a", "w", 1, "5", "20"))
				w.refused("ledger.returned_over", "r1", in("a", "w", 1, "19.99", "100"))
				w.post("r1", in("a", "w", 1, "20", "100"))
				w.refused("ledger.relied_on", "r1")
				w.proves()
			})
		})
	}
}

// What issues that nothing covered cost stays as it was assumed where the difference is the receipt's, also when the
// receipt changes and when something is added to its cost.
func TestReceiptBearsWhatItCovers(t *testing.T) {
	each(t, "average", func(w *world) {
		policies := w.policies
		w.policies = func(dims []any) (p ledger.Policies) {
			p = policies(dims)
			p.Negative, p.NegativeVariance = "allow", "receipt"
			return p
		}
		w.post("r0", in("a", "w", 1, "1", "5"))
		w.post("s1", out("a", "w", 2, "5")) // four of them assumed to cost 5 each
		w.post("r1", in("a", "w", 3, "8", "48"))
		w.costs("s1", "25")
		w.has("a", "w", "4", "24")
		w.post("f1", line{posting: freight, day: 4, value: "8", of: "r1#1"})
		w.costs("s1", "25")
		w.has("a", "w", "4", "28")
		w.post("f1")
		w.post("r1", in("a", "w", 3, "10", "80"))
		w.costs("s1", "25")
		w.has("a", "w", "6", "48")
		w.proves()
	})
}

// Goods at standard leave at it whatever was given for them: what is left is worth its standard cost.
func TestStandardLeavesAtStandard(t *testing.T) {
	each(t, "standard", func(w *world) {
		policies := w.policies
		w.policies = func(dims []any) (p ledger.Policies) {
			p = policies(dims)
			p.StandardCost = ptr("7.35")
			return p
		}
		w.post("r1", in("a", "w", 1, "187.2", "451.44"))
		w.post("s1", line{posting: sell, item: "a", warehouse: "w", day: 1, qty: "10", value: "1"})
		w.costs("s1", "73.50")
		w.has("a", "w", "177.2", "1302.42")
		w.post("r1", in("a", "w", 1, "24.7", "451.44")) // the difference comes after the issue
		w.has("a", "w", "14.7", "108.04")               // 24.7 and 162.5 are rounded each
		w.post("s1")
		w.post("r1", in("a", "w", 1, "30", "0"))
		w.has("a", "w", "30", "220.50")
		w.proves()
	})
}
