package ledger_test

import (
	"context"
	"fmt"
	"testing"

	"tenon/engine/ledger"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// eachCounted is each with a ledger that counts pieces beside the weight.
func eachCounted(t *testing.T, method string, test func(w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		app, l := counted()
		storetest.Install(t, s, app)
		test(worldOn(t, s, app, l, method))
	})
}

// pieces proves without the ledger's own code that what a key and a pool count is the sum of their rows, and that what is
// forbidden isn't there: fewer pieces than none, or pieces of nothing.
func (w *world) pieces() {
	w.t.Helper()
	if w.l.Secondary == nil {
		return
	}
	entry, byKey, byPool := w.l.Entry, map[any]value.Decimal{}, map[any]value.Decimal{}
	for _, row := range w.rows(entry) {
		for by, key := range map[*map[any]value.Decimal]any{&byKey: row[entry.Field("key").Slot], &byPool: row[entry.Field("cost").Slot]} {
			sum, err := (*by)[key].Add(decimalOf(row[entry.Field("secondary_quantity").Slot]))
			if err != nil {
				w.t.Fatal(err)
			}
			(*by)[key] = sum
		}
	}
	b := w.l.Balance
	for _, row := range w.rows(b) {
		key, got := row[b.Field("key").Slot], decimalOf(row[b.Field("secondary_quantity").Slot])
		if !got.Equal(byKey[key]) {
			w.t.Errorf("%v has %s pieces, its rows come to %s", key, got, byKey[key])
		}
		if row[b.Field("item").Slot] == id("b") {
			continue
		}
		if q := decimalOf(row[b.Field("quantity").Slot]); got.Sign() < 0 || q.IsZero() && !got.IsZero() {
			w.t.Errorf("%v has %s pieces of %s", key, got, q)
		}
	}
	c := w.l.Cost
	for _, row := range w.rows(c) {
		if got := decimalOf(row[c.Field("secondary_quantity").Slot]); !got.Equal(byPool[row[metamodel.SlotID]]) {
			w.t.Errorf("pool %v has %s pieces, its rows come to %s", row[c.Field("key").Slot], got, byPool[row[metamodel.SlotID]])
		}
	}
}

// weighs compares pieces, weight and worth of an item in a warehouse with what is expected.
func (w *world) weighs(item, warehouse, pieces, quantity, worth string) {
	w.t.Helper()
	w.has(item, warehouse, quantity, worth)
	w.pieces()
	b := w.l.Balance
	var got value.Decimal
	for _, row := range w.rows(b) {
		if row[b.Field("item").Slot] == id(item) && row[b.Field("warehouse").Slot] == id(warehouse) {
			got, _ = got.Add(decimalOf(row[b.Field("secondary_quantity").Slot]))
		}
	}
	if !got.Equal(dec(pieces)) {
		w.t.Errorf("%s in %s: %s pieces, want %s", item, warehouse, got, pieces)
	}
}

func weighedIn(day int, pcs, qty, worth string) line {
	return line{posting: receive, item: "hen", warehouse: "w", day: day, pcs: pcs, qty: qty, value: worth}
}

func weighedOut(day int, pcs, qty string) line {
	return line{posting: sell, item: "hen", warehouse: "w", day: day, pcs: pcs, qty: qty}
}

// Ten hens of 13.26 kg at 28.50: what goes out is worth what it weighs, however many there are.
func TestCatchWeight(t *testing.T) {
	eachCounted(t, "average", func(w *world) {
		w.post("r1", weighedIn(1, "10", "13.26", "377.91"))
		w.post("s1", weighedOut(5, "4", "5.42"))
		w.costs("s1", "154.47")
		w.weighs("hen", "w", "6", "7.84", "223.44")

		w.refused("ledger.secondary_negative", "s2", weighedOut(6, "7", "1.00"))
		w.refused("ledger.secondary_left", "s2", weighedOut(6, "5", "7.84"))
		w.refused("ledger.secondary_alone", "s2", weighedOut(6, "1", "0"))
		w.refused("ledger.quantity_negative", "s2", weighedOut(6, "-1", "1"))
		w.refused("ledger.secondary_negative_later", "r1", weighedIn(1, "3", "13.26", "377.91"))
		w.refused("ledger.secondary_left", "r1", weighedIn(1, "10", "5.42", "154.47"))
		w.weighs("hen", "w", "6", "7.84", "223.44")

		w.post("s1", weighedOut(5, "3", "5.42")) // one less was in the crate
		w.weighs("hen", "w", "7", "7.84", "223.44")
		w.costs("s1", "154.47")
		w.post("s1", weighedOut(5, "3", "4.00"))
		w.weighs("hen", "w", "7", "9.26", "263.91")
		w.post("t1", line{posting: move, item: "hen", warehouse: "w", to: "v", day: 7, pcs: "2", qty: "2.60"})
		w.weighs("hen", "w", "5", "6.66", "189.81")
		w.weighs("hen", "v", "2", "2.60", "74.10")
		w.post("b1", line{posting: takeBack, item: "hen", warehouse: "w", day: 8, pcs: "1", qty: "1.30", of: "s1#1"})
		w.weighs("hen", "w", "6", "7.96", "226.86")
		w.refused("ledger.secondary_returned_over", "b2", line{posting: takeBack, item: "hen", warehouse: "w", day: 8, pcs: "3", qty: "1.30", of: "s1#1"})
		w.proves()

		w.post("c1", line{posting: count, item: "hen", warehouse: "w", day: 9, pcs: "5", qty: "6.50"})
		w.weighs("hen", "w", "5", "6.50", "185.25")
		w.refused("ledger.secondary_negative", "s2", weighedOut(8, "7", "1.30")) // six are there, whatever was counted later
		w.post("s2", weighedOut(8, "2", "1.30"))                                 // the count says 5 whatever was before
		w.weighs("hen", "w", "5", "6.50", "185.25")
		w.post("c1")
		w.weighs("hen", "w", "4", "6.66", "189.81")
		w.post("s3", weighedOut(10, "4", "6.00"))
		w.weighs("hen", "w", "0", "0.66", "18.81") // what the scales say may differ
		w.refused("ledger.secondary_negative_later", "s4", weighedOut(9, "1", "0.01"))
		w.post("s3")
		w.post("t1")
		w.post("b1")
		w.post("s2")
		w.post("s1")
		w.post("r1")
		w.weighs("hen", "w", "0", "0", "0")
		w.proves()
	})
}

// What comes back of a line that two entries have moved is spread over both; nothing is lost.
func TestReturnedPiecesAreShared(t *testing.T) {
	eachCounted(t, "fifo", func(w *world) {
		w.post("r1", weighedIn(1, "20", "30", "600"))
		w.post("s1", weighedOut(2, "9", "12"))
		w.post("r2", weighedIn(2, "5", "5", "100"))
		w.post("s1", weighedOut(2, "9", "15")) // weighed again: an entry for the difference, after what came meanwhile
		if n := len(w.entries("s1")); n != 2 {
			w.t.Fatalf("%d entries", n)
		}
		w.post("b1", line{posting: takeBack, item: "hen", warehouse: "w", day: 3, pcs: "8", qty: "14", of: "s1#1"})
		w.weighs("hen", "w", "24", "34", "680")
		if n := len(w.entries("b1")); n != 2 {
			w.t.Errorf("%d entries", n)
		}
		w.proves()
	})
}

// What a ledger began to count later counts nothing of what was posted before, and what is not counted stays nothing.
func TestPiecesComeToALedgerThatIsThere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		app, l := model()
		storetest.Install(t, s, app)
		old := worldOn(t, s, app, l, "average")
		old.post("r1", in("a", "w", 1, "10", "100"))
		old.post("s1", out("a", "w", 2, "4"))

		next, nl := counted()
		storetest.Release(t, s, app, next)
		w := worldOn(t, s, next, nl, "average")
		w.proves()
		w.post("s2", out("a", "w", 3, "1"))
		b := nl.Balance
		if row := w.rows(b)[0]; row[b.Field("secondary_quantity").Slot] != nil {
			t.Errorf("nothing was counted, and there is %v", row[b.Field("secondary_quantity").Slot])
		}
		w.refused("ledger.secondary_negative", "s3", line{posting: sell, item: "a", warehouse: "w", day: 3, pcs: "1", qty: "1"})
		w.post("c1", line{posting: count, item: "a", warehouse: "w", day: 4, pcs: "3", qty: "5"})
		w.post("s3", line{posting: sell, item: "a", warehouse: "w", day: 5, pcs: "1", qty: "1"})
		w.weighs("a", "w", "2", "4", "40")
		w.post("r1", line{posting: receive, item: "a", warehouse: "w", day: 1, pcs: "6", qty: "10", value: "100"}) // written again, now with pieces
		w.weighs("a", "w", "2", "4", "40")
		w.proves()
	})
}

// Where goods may go below zero, so may pieces: what is sold is never refused, and a count sets it right.
func TestPiecesBelowZero(t *testing.T) {
	eachCounted(t, "average", func(w *world) {
		policies := w.policies
		w.policies = func(dims []any) ledger.Policies {
			p := policies(dims)
			p.Negative = "allow"
			return p
		}
		item := func(x line) line { x.item = "b"; return x }
		w.post("s1", item(weighedOut(1, "3", "4")))
		w.post("r1", item(weighedIn(2, "2", "4", "80")))
		w.weighs("b", "w", "-1", "0", "0")
		w.post("c1", item(line{posting: count, warehouse: "w", day: 3, qty: "0"}))
		w.weighs("b", "w", "0", "0", "0")
		w.proves()
	})
}

// Each entry knows how many pieces its pool had after it, and a pool that is too long for one transaction has that found by
// the job, as it finds values.
func TestRunningPieces(t *testing.T) {
	eachCounted(t, "average", func(w *world) {
		running := func(doc, want string) {
			w.t.Helper()
			e := w.l.Entry
			rows := w.entries(doc)
			if got := decimalOf(rows[len(rows)-1][e.Field("running_secondary_quantity").Slot]); !got.Equal(dec(want)) {
				w.t.Errorf("after %s there were %s pieces, want %s", doc, got, want)
			}
		}
		for i := range 8 {
			w.post(fmt.Sprint("r", i), weighedIn(2+i, "10", "13", "130"))
		}
		w.post("s1", weighedOut(20, "5", "6"))
		running("r7", "80")
		running("s1", "75")
		w.post("early", weighedIn(1, "7", "9", "90"))
		running("r0", "17")
		running("s1", "82")
		w.bound = 6
		w.post("earlier", weighedIn(0, "1", "1", "10"))
		w.post("s2", weighedOut(21, "2", "3"))
		if n := w.provisional(); n != 1 {
			t.Errorf("%d pools wait, want 1", n)
		}
		w.proves()
		w.revalue()
		running("early", "8")
		running("s1", "83")
		running("s2", "81")
		w.weighs("hen", "w", "81", "105", "1050")
		w.proves()
	})
}

// What a ledger counts is proven: a row that somebody else has changed is found.
func TestVerifyFindsWrongPieces(t *testing.T) {
	eachCounted(t, "average", func(w *world) {
		w.post("r1", weighedIn(1, "10", "13.26", "377.91"))
		w.post("c1", line{posting: count, item: "hen", warehouse: "w", day: 2, pcs: "9", qty: "12"})
		w.proves()
		spoil := func(e *metamodel.Entity, field string, at int) []ledger.Difference {
			rows := w.rows(e)
			row, f := rows[at], e.Field(field)
			was := row[f.Slot]
			write := func(v any) {
				row[f.Slot] = v
				err := w.s.Write(context.Background(), store.Pin{Ledgers: true}, func(ctx context.Context, tx *store.Tx) error {
					return tx.UpdateKept(ctx, []*metamodel.Field{f}, []value.Row{row})
				})
				if err != nil {
					w.t.Fatal(err)
				}
			}
			write(dec("77"))
			defer write(was)
			found, err := w.verify()
			if err != nil {
				w.t.Fatal(err)
			}
			return found
		}
		for _, x := range []struct {
			e     *metamodel.Entity
			field string
		}{
			{w.l.Balance, "secondary_quantity"},
			{w.l.Cost, "secondary_quantity"},
			{w.l.Entry, "secondary_quantity"},
			{w.l.Entry, "running_secondary_quantity"},
		} {
			if found := spoil(x.e, x.field, 0); len(found) == 0 {
				w.t.Errorf("a wrong %s of %s is not found", x.field, x.e.Name)
			}
		}
		at := 0
		for i, row := range w.rows(w.l.Entry) {
			if row[w.l.Entry.Field("verb").Slot] == "count" {
				at = i
			}
		}
		if found := spoil(w.l.Entry, "asked_secondary_quantity", at); len(found) == 0 {
			w.t.Error("a wrong count is not found")
		}
		w.proves()
	})
}

// A refused document leaves pieces as they were for others of the same transaction.
func TestARefusedDocumentLeavesPieces(t *testing.T) {
	eachCounted(t, "average", func(w *world) {
		w.post("r1", weighedIn(1, "10", "13", "130"))
		ctx := context.Background()
		err := w.s.Write(ctx, store.Pin{Ledgers: true}, func(ctx context.Context, tx *store.Tx) error {
			b := ledger.Open(tx, w.options())
			for _, x := range []struct {
				doc   string
				lines []line
				taken bool
			}{
				{"s1", []line{weighedOut(3, "4", "5"), weighedOut(3, "1", "9")}, false},
				{"c1", []line{{posting: count, item: "hen", warehouse: "w", day: 5, pcs: "6", qty: "8"}}, true},
				{"s2", []line{weighedOut(4, "2", "3"), weighedOut(4, "9", "9")}, false},
				{"s3", []line{weighedOut(6, "7", "8")}, false},
				{"s3", []line{weighedOut(6, "6", "8")}, true},
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
		w.weighs("hen", "w", "0", "0", "0")
		w.proves()
	})
}

// What closing a month makes of the cents that are left knows the pieces, as all entries do.
func TestAClosedMonthKnowsItsPieces(t *testing.T) {
	eachCounted(t, "month", func(w *world) {
		w.post("r1", weighedIn(40, "3", "3", "10"))
		w.post("s1", weighedOut(41, "3", "3"))
		w.post("f2", line{posting: freight, item: "hen", warehouse: "w", day: 62, value: "7"}) // for nothing that is there
		if err := w.close(started.AddDays(62).MonthEnd()); err != nil {
			w.t.Fatal(err)
		}
		made := 0
		for _, row := range w.rows(w.l.Entry) {
			if row[w.l.Entry.Field("verb").Slot] == "correction" && row[w.l.Entry.Field("voided").Slot] == false {
				made++
				if _, known := row[w.l.Entry.Field("running_secondary_quantity").Slot].(value.Decimal); !known {
					w.t.Error("a correction doesn't know the pieces")
				}
			}
		}
		if made == 0 {
			w.t.Error("no cents were left")
		}
		w.weighs("hen", "w", "0", "0", "0")
		w.proves()
	})
}

// Another number of pieces on a closed day is refused where the change of the document asks for it, and left alone where
// another rule does.
func TestPiecesOfClosedDays(t *testing.T) {
	eachCounted(t, "average", func(w *world) {
		w.post("r1", weighedIn(1, "10", "13", "130"))
		w.lock(10)
		change := func(before string) (list diag.List) {
			err := w.s.Write(context.Background(), store.Pin{Ledgers: true}, func(ctx context.Context, tx *store.Tx) (err error) {
				b := ledger.Open(tx, w.options())
				want := w.want("r1", []line{weighedIn(1, "9", "13", "130")})
				list, err = b.PostChange(ctx, ledger.Source{Entity: "doc", Record: id("r1")}, ledger.Which{}, want, func(context.Context) ([]ledger.Posting, error) {
					return w.want("r1", []line{weighedIn(1, before, "13", "130")}), nil
				})
				return err
			})
			if err != nil {
				w.t.Fatal(err)
			}
			return list
		}
		if list := change("10"); len(list) == 0 || list[0].Code != "ledger.period_closed" {
			w.t.Errorf("a change of a closed day: %v", list)
		}
		if list := change("9"); len(list) != 0 {
			w.t.Errorf("a change that doesn't concern it: %v", list)
		}
		w.weighs("hen", "w", "10", "13", "130")
	})
}
