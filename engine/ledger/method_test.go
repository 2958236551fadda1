package ledger_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"tenon/engine/ledger"
	"tenon/engine/store"
	"tenon/metamodel/value"
)

// asks has the policies answer another method, for all goods or for one.
func (w *world) asks(method, standard string, items ...string) {
	before := w.policies
	w.policies = func(dims []any) ledger.Policies {
		p := before(dims)
		for _, item := range items {
			if dims != nil && dims[0] == id(item) {
				p.CostMethod, p.StandardCost = method, ptr(standard)
			}
		}
		if len(items) == 0 {
			p.CostMethod, p.StandardCost = method, ptr(standard)
		}
		return p
	}
}

// turn gives all pools the method that their policies answer, so many in a transaction.
func (w *world) turn(most int) (all []ledger.Turn) {
	w.t.Helper()
	for after, more := "", true; more; {
		var found ledger.Turned
		err := w.s.Write(context.Background(), store.Pin{Ledgers: true}, func(ctx context.Context, tx *store.Tx) (err error) {
			plan, err := ledger.Turns(ctx, tx, w.l, w.options(), ledger.Scope{Dimension: -1}, after, most)
			if err != nil {
				return err
			}
			_, found, err = ledger.TurnPools(ctx, tx, w.l, w.options(), ledger.Scope{Dimension: -1}, ledger.Source{Entity: "setting", Record: id("setting")}, "Settings", after, most)
			if err == nil && fmt.Sprint(plan) != fmt.Sprint(found) {
				w.t.Errorf("planned %v, done %v", plan, found)
			}
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, found.Turns...)
		after, more = found.Last, found.More
	}
	return all
}

// turned gives all pools the method that their policies answer, and values them.
func (w *world) turned() []ledger.Turn {
	w.t.Helper()
	list := w.turn(2)
	w.proves()
	w.revalue()
	w.proves()
	return list
}

// A changed method reaches the pools that are there, from the first open day on: what is there keeps its worth and goes
// out by the new method; what comes in late, before that day, is valued through it.
func TestMethodChanges(t *testing.T) {
	each(t, "average", func(w *world) {
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.post("r2", in("a", "w", 2, "10", "200"))
		w.post("s1", out("a", "w", 3, "5")) // 75 at 15; 225 for 15
		w.lock(30)                          // through January
		w.post("s2", out("a", "w", 35, "5"))
		w.costs("s2", "75")
		w.asks("fifo", "")
		list := w.turned()
		if len(list) != 1 || list[0].From != "average" || list[0].To != "fifo" || list[0].Day != started.AddDays(31) || list[0].Held != "" {
			t.Fatalf("%+v", list)
		}
		// 225 over 5 and 10 that are left of the receipts: 75 and 150.
		w.costs("s2", "75")
		w.has("a", "w", "10", "150")
		w.post("r3", in("a", "w", 36, "10", "300"))
		w.post("s3", out("a", "w", 37, "10"))
		w.costs("s3", "150")
		w.has("a", "w", "10", "300")
		w.post("s4", out("a", "w", 34, "2")) // before s2, after the change
		w.costs("s4", "30")
		w.costs("s3", "180")
		w.proves()
		rows := w.entries("setting")
		e := w.l.Entry
		if len(rows) != 1 || rows[0][e.Field("verb").Slot] != "method" || rows[0][e.Field("method_before").Slot] != "average" ||
			rows[0][e.Field("method").Slot] != "fifo" || rows[0][e.Field("code").Slot] != "Settings" || rows[0][e.Field("running_quantity").Slot].(value.Decimal).Cmp(dec("15")) != 0 {
			t.Errorf("%v", rows)
		}
		if again := w.turned(); len(again) != 0 {
			t.Errorf("changed twice: %+v", again)
		}
		w.reopen(nil)
		w.post("r0", in("a", "w", 0, "10", "0")) // 10 free of charge before all: 300 for 30
		w.costs("s1", "50")
		w.costs("s2", "50")
		w.proves()
	})
}

// From layers to the average, to a standard and back, with what the standard makes of the difference.
func TestMethodChangesBackAndForth(t *testing.T) {
	each(t, "fifo", func(w *world) {
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.post("r2", in("a", "w", 2, "20", "260"))
		w.post("s1", out("a", "w", 3, "6")) // 60; 300 for 24
		w.lock(9)
		w.asks("average", "")
		w.turned()
		w.post("s2", out("a", "w", 12, "4"))
		w.costs("s2", "50")
		w.lock(15)
		w.asks("standard", "12")
		w.turned() // 250 for 20 become 240
		w.has("a", "w", "20", "240")
		w.costs("s2", "50")
		w.post("r3", in("a", "w", 20, "10", "150"))
		w.post("s3", out("a", "w", 21, "5"))
		w.costs("s3", "60")
		w.has("a", "w", "25", "300")
		var difference value.Decimal
		for _, row := range w.entries("setting") {
			if row[w.l.Entry.Field("verb").Slot] == "correction" {
				difference, _ = difference.Add(row[w.l.Entry.Field("value").Slot].(value.Decimal))
			}
		}
		if !difference.Equal(dec("-10")) {
			t.Errorf("the difference is %s", difference)
		}
		w.lock(25)
		w.asks("fifo", "99") // the standard of today says nothing about yesterday's goods
		w.turned()
		w.has("a", "w", "25", "300")
		w.post("s4", out("a", "w", 30, "15")) // 12 each
		w.costs("s4", "180")
		w.proves()
	})
}

// By the month a pool is valued from the first day of one, and its closed months keep what they were closed with when
// it is valued otherwise.
func TestMethodChangesByTheMonth(t *testing.T) {
	each(t, "average", func(w *world) {
		january, february := started.MonthEnd(), value.NewDate(2026, 2, 28)
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.post("s1", out("a", "w", 2, "5"))
		if err := w.close(started.AddDays(20)); err != nil { // nothing is valued by the month
			t.Fatal(err)
		}
		w.asks("month", "")
		if list := w.turned(); len(list) != 1 || list[0].Day != value.NewDate(2026, 2, 1) {
			t.Fatalf("%+v", list)
		}
		w.post("s2", out("a", "w", 33, "5"))
		w.post("r2", in("a", "w", 34, "15", "250"))
		w.post("t1", line{posting: move, item: "a", warehouse: "w", to: "v", day: 35, qty: "4"})
		for _, end := range []value.Date{january, february} {
			if err := w.close(end); err != nil {
				t.Fatal(err)
			}
			w.proves()
		}
		w.costs("s1", "50")
		w.costs("s2", "75") // 50 + 250 for 20
		w.has("a", "w", "11", "165")
		w.has("a", "v", "4", "60")
		w.asks("fifo", "")
		if list := w.turned(); len(list) != 2 || list[0].Day != value.NewDate(2026, 3, 1) {
			t.Fatalf("%+v", list)
		}
		w.today = value.NewDate(2026, 3, 20)
		w.post("r3", in("a", "w", 62, "10", "10"))
		w.post("s3", out("a", "w", 63, "11"))
		w.costs("s3", "165")
		w.costs("s2", "75")
		w.reopen(&january)
		w.costs("s2", "50") // as if February had never been closed
		w.proves()
		if err := w.close(february); err != nil {
			t.Fatal(err)
		}
		w.costs("s2", "75")
		w.costs("s3", "165")
		w.proves()
	})
}

// What can't be is held back: batches told apart, or no more, while goods are there; a standard that says nothing. What
// was asked for and taken back leaves nothing; a day may be given, of an open period.
func TestMethodChangesHeldBack(t *testing.T) {
	each(t, "average", func(w *world) {
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.post("r2", in("b", "w", 1, "10", "100"))
		w.post("s2", out("b", "w", 2, "10"))
		w.asks("batch", "")
		held := map[any]ledger.TurnTrouble{}
		for _, x := range w.turned() {
			held[x.Dims[0]] = x.Held
		}
		if held[id("a")] != ledger.HeldByBatch || held[id("b")] != "" {
			t.Errorf("%v", held)
		}
		w.asks("standard", "0")
		for _, x := range w.turned() {
			if x.Dims[0] == id("a") && x.Held != ledger.HeldByStandard {
				t.Errorf("%+v", x)
			}
		}
		policies := w.policies
		for _, day := range []int{3, 40, 5} {
			from := started.AddDays(day)
			w.policies = func(dims []any) ledger.Policies {
				p := policies(dims)
				p.CostMethod, p.MethodFrom = "fifo", &from
				return p
			}
			if list := w.turned(); len(list) == 0 || list[0].Day != from {
				t.Errorf("%+v", list)
			}
			w.policies = func(dims []any) ledger.Policies {
				p := policies(dims)
				p.CostMethod, p.MethodFrom = "average", &from
				return p
			}
			w.turned()
		}
		for _, row := range w.entries("setting") {
			if row[w.l.Entry.Field("item").Slot] == id("a") {
				t.Errorf("what was taken back is there: %v", row)
			}
		}
		for _, row := range w.rows(w.l.Cost) {
			if row[w.l.Cost.Field("item").Slot] == id("a") && row[w.l.Cost.Field("method_since").Slot] != nil {
				t.Errorf("since %v", row[w.l.Cost.Field("method_since").Slot])
			}
		}
	})
}

// Documents in any order with changes of method between them, of all goods and of some, from any day, valued at once or
// in parts that may be lost, leave a ledger in which every law holds.
func TestRandomHistoriesWithMethodChanges(t *testing.T) {
	for _, first := range []string{"average", "fifo", "standard", "month"} {
		t.Run(first, func(t *testing.T) {
			each(t, first, func(w *world) { changingHistory(w, first) })
		})
	}
}

func changingHistory(w *world, first string) {
	t := w.t.(*testing.T)
	r := rand.New(rand.NewPCG(seedOf(t), 23))
	policies, methods, from := w.policies, map[any]string{}, map[any]value.Date{}
	w.policies = func(dims []any) ledger.Policies {
		p := policies(dims)
		p.StandardCost = ptr("7.5")
		if dims[0] == id("b") {
			p.Negative = "allow"
		}
		if m := methods[dims[0]]; m != "" {
			p.CostMethod = m
		}
		if day, ok := from[dims[0]]; ok {
			p.MethodFrom = &day
		}
		return p
	}
	h := newHistory(w, r, "doc")
	turned := 0
	for round := range 6 {
		if w.bound = 0; r.IntN(2) == 0 {
			w.bound = 10 + r.IntN(40)
		}
		h.run(t, historySize()/8)
		for _, item := range []string{"a", "b", "c", "d"} {
			if r.IntN(2) == 0 {
				methods[id(item)] = []string{"average", "fifo", "lifo", "standard", "month"}[r.IntN(5)]
				from[id(item)] = started.AddDays(r.IntN(50))
			}
		}
		if round == 3 {
			w.revalue()
			if err := w.close(started.MonthEnd()); err != nil {
				t.Fatal(err)
			}
		}
		w.proves()
		turned += len(w.turn(3))
		w.proves()
		for n := 0; w.step(r.IntN(5) == 0); n++ {
			if r.IntN(3) == 0 {
				h.run(t, 1)
			}
			if w.proves(); n > 2000 {
				t.Fatal("the job comes to no end")
			}
		}
		w.proves()
		w.laws()
		if t.Failed() {
			t.Fatalf("%s first, round %d", first, round)
		}
	}
	if turned == 0 {
		t.Error("no method has changed")
	}
}
