package ledger_test

import (
	"context"
	"fmt"
	"testing"

	"tenon/engine/ledger"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel/diag"
)

// each runs a test over both databases with a ledger that is valued by a method.
func each(t *testing.T, method string, test func(w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) { test(newWorld(t, s, method)) })
}

func in(item, warehouse string, day int, qty, worth string) line {
	return line{posting: receive, item: item, warehouse: warehouse, day: day, qty: qty, value: worth}
}

func out(item, warehouse string, day int, qty string) line {
	return line{posting: sell, item: item, warehouse: warehouse, day: day, qty: qty}
}

func TestReceiveAndSell(t *testing.T) {
	each(t, "average", func(w *world) {
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.post("r2", in("a", "w", 2, "10", "140"))
		w.post("s1", out("a", "w", 3, "5"))
		w.has("a", "w", "15", "180")
		w.costs("s1", "60")
		w.post("s1", out("a", "w", 3, "5")) // posting it twice changes nothing
		w.has("a", "w", "15", "180")
		if n := len(w.entries("s1")); n != 1 {
			w.t.Errorf("%d entries", n)
		}
		w.refused("ledger.negative", "s2", out("a", "w", 4, "16"))
		w.has("a", "w", "15", "180")
		w.post("s2", out("a", "w", 4, "15"))
		w.has("a", "w", "0", "0")
		w.proves()
	})
}

func TestBackdatedReceiptRevaluesWhatFollows(t *testing.T) {
	each(t, "average", func(w *world) {
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.post("s1", out("a", "w", 5, "5"))
		w.costs("s1", "50")
		w.post("r2", in("a", "w", 3, "10", "200"))
		w.costs("s1", "75")
		w.has("a", "w", "15", "225")
		w.proves()
	})
}

func TestTransferCarriesItsValueThroughReposts(t *testing.T) {
	each(t, "average", func(w *world) {
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.post("t1", line{posting: move, item: "a", warehouse: "w", to: "v", day: 4, qty: "4"})
		w.post("s1", out("a", "v", 5, "1"))
		w.has("a", "v", "3", "30")
		w.post("r2", in("a", "w", 2, "10", "200"))
		w.costs("s1", "15")
		w.has("a", "v", "3", "45")
		w.has("a", "w", "16", "240")
		w.proves()
		w.refused("ledger.negative_later", "t1")
		w.post("s1")
		w.post("t1")
		w.has("a", "w", "20", "300")
		w.proves()
	})
}

func TestCancelTakesBackToTheCent(t *testing.T) {
	each(t, "fifo", func(w *world) {
		w.post("r1", in("a", "w", 1, "3", "10"))
		w.post("s1", out("a", "w", 2, "1"))
		w.post("s2", out("a", "w", 3, "1"))
		w.refused("ledger.negative_later", "r1")
		w.post("s1")
		w.post("s2")
		w.has("a", "w", "3", "10")
		w.post("r1")
		w.has("a", "w", "0", "0")
		w.proves()
	})
}

func TestLandedCostFollowsTheGoods(t *testing.T) {
	each(t, "average", func(w *world) {
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.post("s1", out("a", "w", 2, "4"))
		w.post("t1", line{posting: move, item: "a", warehouse: "w", to: "v", day: 3, qty: "2"})
		w.post("s2", out("a", "v", 4, "1"))
		w.post("f1", line{posting: freight, day: 6, value: "10", of: "r1#1"})
		w.costs("s1", "44")
		w.costs("s2", "11")
		w.has("a", "w", "4", "44")
		w.has("a", "v", "1", "11")
		w.proves()
		w.refused("ledger.relied_on", "r1")
		w.post("f1")
		w.costs("s1", "40")
		w.costs("s2", "10")
		w.has("a", "v", "1", "10")
		w.proves()
	})
}

func TestEdits(t *testing.T) {
	each(t, "average", func(w *world) {
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.post("s1", out("a", "w", 2, "4"))
		w.post("r1", in("a", "w", 1, "12", "120"))
		w.has("a", "w", "8", "80")
		w.post("r1", in("a", "w", 1, "8", "80"))
		w.has("a", "w", "4", "40")
		w.post("s1", out("a", "w", 2, "5"))
		w.has("a", "w", "3", "30")
		w.post("s1", out("a", "w", 2, "2"))
		w.has("a", "w", "6", "60")
		w.post("r1", in("a", "w", 1, "8", "96")) // the invoice says another price
		w.has("a", "w", "6", "72")
		w.costs("s1", "24")
		w.proves()
		w.refused("ledger.negative_later", "r1", in("a", "w", 2, "8", "96")) // it would come after what was sold that day
		w.post("r1", in("a", "w", 0, "8", "96"))
		w.has("a", "w", "6", "72")
		w.proves()
	})
}

func TestProduceTakesWhatWasConsumed(t *testing.T) {
	each(t, "average", func(w *world) {
		w.post("r1", in("a", "w", 1, "10", "100"), in("b", "w", 1, "3", "10"))
		w.post("m1", line{posting: consume, item: "a", warehouse: "w", day: 2, qty: "5"}, line{posting: consume, item: "b", warehouse: "w", day: 2, qty: "1"},
			line{posting: produce, item: "c", warehouse: "w", day: 2, qty: "2", share: "2"}, line{posting: produce, item: "d", warehouse: "w", day: 2, qty: "1", share: "1", value: "5"})
		w.has("c", "w", "2", "35.55")
		w.has("d", "w", "1", "22.78")
		w.post("r1", in("a", "w", 1, "10", "160"), in("b", "w", 1, "3", "10"))
		w.proves()
		w.has("c", "w", "2", "55.55")
		w.has("d", "w", "1", "32.78")
		w.post("r2", in("a", "w", 1, "10", "40"))
		w.proves()
	})
}

func TestCountsAreBarriers(t *testing.T) {
	each(t, "average", func(w *world) {
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.post("c1", line{posting: count, item: "a", warehouse: "w", day: 5, qty: "7"})
		w.has("a", "w", "7", "70")
		w.post("s1", out("a", "w", 6, "7"))
		w.post("s2", out("a", "w", 3, "8")) // the count says 7 whatever was before
		w.has("a", "w", "0", "0")
		w.refused("ledger.negative", "s3", out("a", "w", 4, "3"))
		w.proves()
	})
}

func TestReservationsHoldWhatIsAvailable(t *testing.T) {
	each(t, "average", func(w *world) {
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.post("o1", line{posting: hold, item: "a", warehouse: "w", day: 1, qty: "6"})
		w.refused("ledger.reserved", "o2", line{posting: hold, item: "a", warehouse: "w", day: 1, qty: "5"})
		w.refused("ledger.reserved_taken", "s1", out("a", "w", 2, "5"))
		w.post("s1", out("a", "w", 2, "4"))
		w.post("o1", line{posting: hold, item: "a", warehouse: "w", day: 1, qty: "1"})
		w.post("s2", out("a", "w", 2, "5"))
		w.post("o1")
		w.post("s3", out("a", "w", 2, "1"))
		w.proves()
	})
}

// A count says what is so: where it finds less than is reserved, it is warned and taken.
func TestCountsAreNotRefusedWhatIsReserved(t *testing.T) {
	each(t, "average", func(w *world) {
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.post("o1", line{posting: hold, item: "a", warehouse: "w", day: 1, qty: "6"})
		list := w.try("c1", line{posting: count, item: "a", warehouse: "w", day: 2, qty: "4"})
		if len(list) != 1 || list[0].Code != "ledger.reserved_taken" || list[0].Severity != diag.Warning {
			t.Errorf("%v", list)
		}
		w.has("a", "w", "4", "40")
		w.refused("ledger.reserved_taken", "s1", out("a", "w", 3, "1"))
		w.proves()
	})
}

func TestReturnsRestOnWhatWasMoved(t *testing.T) {
	each(t, "average", func(w *world) {
		w.post("r1", in("a", "w", 1, "10", "100"))
		back := func(qty string) line {
			return line{posting: takeBack, item: "a", warehouse: "w", day: 4, qty: qty, of: "s1#1"}
		}
		w.refused("ledger.origin_unmoved", "b1", back("1"))
		w.post("s1", out("a", "w", 2, "4"))
		w.post("r2", in("a", "w", 3, "6", "120"))
		w.refused("ledger.returned_over", "b1", back("5"))
		w.post("b1", back("3"))
		w.has("a", "w", "15", "210") // at what they had cost
		w.refused("ledger.returned_over", "b2", back("2"))
		w.refused("ledger.relied_on", "s1")
		w.post("b1", back("4"))
		w.post("b1")
		w.post("s1")
		w.has("a", "w", "16", "220")
		w.proves()
	})
}

func TestACountIsJudgedByWhatFollows(t *testing.T) {
	each(t, "average", func(w *world) {
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.post("s1", out("a", "w", 5, "2"))
		w.refused("ledger.negative_later", "c1", line{posting: count, item: "a", warehouse: "w", day: 3, qty: "1"})
		w.has("a", "w", "8", "80")
		w.proves()
	})
}

func TestClosedPeriodsAndBackdating(t *testing.T) {
	each(t, "average", func(w *world) {
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.lock(10)
		w.refused("ledger.period_closed", "r2", in("a", "w", 10, "1", "1"))
		w.refused("ledger.period_closed", "r1")
		w.refused("ledger.period_closed", "r1", in("a", "w", 1, "11", "100"))
		w.post("r1", in("a", "w", 1, "10", "100")) // changes nothing
		w.post("s1", out("a", "w", 11, "1"))
		policies := w.policies
		w.policies = func(dims []any) ledger.Policies {
			p := policies(dims)
			p.Backdate = "days:3"
			return p
		}
		w.refused("ledger.backdate", "s2", out("a", "w", 56, "1"))
		w.post("s2", out("a", "w", 57, "1"))
		w.proves()
	})
}

// A refused document leaves the book as it was, and others of the transaction go on.
func TestARefusedDocumentIsUndone(t *testing.T) {
	each(t, "fifo", func(w *world) {
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.post("s1", out("a", "w", 9, "2"))
		ctx := context.Background()
		err := w.s.Write(ctx, store.Pin{Ledgers: true}, func(ctx context.Context, tx *store.Tx) error {
			b := ledger.Open(tx, w.options())
			for _, x := range []struct {
				doc   string
				lines []line
				taken bool
			}{
				{"s2", []line{out("a", "w", 3, "4")}, true},
				{"s3", []line{out("a", "w", 4, "1"), in("b", "w", 4, "1", "1"), out("a", "w", 2, "7")}, false},
				{"r1", nil, false},
				{"s3", []line{out("a", "w", 4, "4")}, true},
				{"s2", nil, true},
				{"s4", []line{out("a", "w", 5, "5")}, false},
				{"s4", []line{out("a", "w", 5, "4")}, true},
			} {
				list, err := b.Post(ctx, ledger.Source{Entity: "doc", Record: id(x.doc)}, w.want(x.doc, x.lines))
				if err != nil {
					return err
				}
				if list.HasErrors() == x.taken {
					w.t.Errorf("%s %+v: %v", x.doc, x.lines, list)
				}
			}
			_, err := b.Flush(ctx)
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
		w.has("a", "w", "0", "0")
		w.has("b", "w", "0", "0")
		w.costs("s3", "40")
		w.proves()
	})
}

// A pool that is too long for a transaction is left to a job: its sums hold meanwhile, and its values are right after.
func TestLongPoolsAreRevaluedByAJob(t *testing.T) {
	each(t, "average", func(w *world) {
		w.bound = 6
		for i := range 8 {
			w.post(fmt.Sprint("r", i), in("a", "w", 2+i, "10", "100"))
		}
		w.post("t1", line{posting: move, item: "a", warehouse: "w", to: "v", day: 20, qty: "8"})
		w.post("s1", out("a", "v", 21, "4"))
		w.post("early", in("a", "w", 1, "80", "1600"))
		w.post("s2", out("a", "w", 22, "2"))
		w.proves()
		w.refused("ledger.negative", "s3", out("a", "w", 23, "151"))
		if n := w.provisional(); n != 1 {
			t.Errorf("%d pools wait, want 1", n)
		}
		w.revalue()
		w.proves()
		w.has("a", "w", "150", "2250")
		w.has("a", "v", "4", "60")
		w.costs("s1", "60")
		w.costs("s2", "30")
		if n := w.provisional(); n != 0 {
			t.Errorf("%d pools wait, want none", n)
		}
	})
}

// Orders for goods that are still to come may be reserved where the policy says so; what goes out needs goods all the same.
func TestReserveWithoutGoods(t *testing.T) {
	each(t, "average", func(w *world) {
		order := line{posting: hold, item: "a", warehouse: "w", day: 1, qty: "5"}
		w.refused("ledger.reserved", "o1", order)
		policies := w.policies
		w.policies = func(dims []any) ledger.Policies {
			p := policies(dims)
			p.Reserve = "unlimited"
			return p
		}
		w.post("o1", order)
		w.post("r1", in("a", "w", 2, "3", "30"))
		w.refused("ledger.negative", "s1", out("a", "w", 3, "4"))
		w.post("s1", out("a", "w", 3, "3"))
		w.proves()
		row := w.rows(w.l.Balance)[0]
		if q := decimalOf(row[w.l.Balance.Field("available").Slot]); !q.Equal(dec("-5")) {
			t.Errorf("available is %s", q)
		}
	})
}
