package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"tenon/engine"
)

// waitingIn lists what an answer says is being worked out: of an item, of a list of what the stock keeps, of a sum over it.
func (s *shop) waitingIn() string {
	s.t.Helper()
	item, err := s.get(s.boss(), "item", s.pen.id())
	if err != nil {
		s.t.Fatal(err)
	}
	out := fmt.Sprint("item ", item["computing"])
	for _, kept := range []string{"balance", "cost", "entry"} {
		r, err := s.e.List(context.Background(), s.call(s.boss(), "shop"), "stock_"+kept, engine.ListRequest{})
		out += fmt.Sprint(", ", kept, " ", must[record](s.t, r, err)["computing"])
	}
	r, err := s.e.Aggregate(context.Background(), s.call(s.boss(), "shop"), "stock_balance", []byte(`{"measures":[{"fn":"sum","field":"quantity","as":"q"}]}`))
	return out + fmt.Sprint(", sum ", must[record](s.t, r, err)["computing"])
}

const (
	nothingWaits = "item <nil>, balance <nil>, cost <nil>, entry <nil>, sum <nil>"
	worthWaits   = "item <nil>, balance <nil>, cost [unit_cost value], entry [remaining_value running_value value], sum <nil>"
	allOfItWaits = "item [on_hand], balance [available quantity reserved], cost [quantity uncovered unit_cost value], entry [quantity remaining remaining_value reserved running_quantity running_value value], sum [quantity]"
)

// While a job will change what a ledger keeps, answers say so of it and of what reads it, and nothing is refused for that.
func TestLedgersTellWhatIsPosted(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(unposted(t))
		for i := range 5 {
			s.buy(s.pen, fmt.Sprintf("2025-03-%02d", i+1), "2", "20")
		}
		s.replaceDocs(stockDocs(t))
		if got := s.waitingIn(); got != allOfItWaits {
			t.Errorf("before the job: %s", got)
		}
		s.buy(s.pen, "2025-03-01", "1", "10")
		if _, err := s.sell(s.pen, "2025-03-02", "1"); err != nil {
			t.Errorf("a sale is refused meanwhile: %v", err)
		}
		s.bounded(2)
		if got := s.waitingIn(); got != allOfItWaits {
			t.Errorf("of another process: %s", got)
		}
		s.recompute()
		if got := s.waitingIn(); got != nothingWaits {
			t.Errorf("after the job: %s", got)
		}
		if list := s.draft(doubled(t)); len(list) != 1 {
			t.Fatal(list)
		} else if err := s.releaseAgain(list[0].ID); err != nil {
			t.Fatal(err)
		}
		if got := s.waitingIn(); got != allOfItWaits {
			t.Errorf("posted again: %s", got)
		}
		s.recompute()
		if got := s.waitingIn(); got != nothingWaits {
			t.Errorf("posted again, after the job: %s", got)
		}
	})
}

// What goods are worth is told to be worked out while costs wait, and while pools get another method.
func TestLedgersTellWhatIsValued(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(stockDocs(t))
		ctx := context.Background()
		begin := func() {
			e, err := engine.New(ctx, engine.Options{
				Store: s.store, Now: func() time.Time { return s.now }, Logger: slog.New(slog.DiscardHandler), PageKey: []byte("k"), LedgerBound: 5,
			})
			if err != nil {
				t.Fatal(err)
			}
			s.e = e
		}
		revalue := func() {
			t.Helper()
			for range 2 {
				if err := s.e.RevalueLedgers(ctx); err != nil {
					t.Fatal(err)
				}
			}
		}
		begin()
		for i := range 8 {
			s.buy(s.pen, fmt.Sprintf("2025-03-%02d", 10+i), "10", "100")
		}
		if got := s.waitingIn(); got != nothingWaits {
			t.Errorf("at first: %s", got)
		}
		s.buy(s.pen, "2025-03-01", "20", "700")
		if got := s.waitingIn(); got != worthWaits {
			t.Errorf("values wait: %s", got)
		}
		revalue()
		if got := s.waitingIn(); got != nothingWaits {
			t.Errorf("valued: %s", got)
		}
		if _, err := s.update(s.boss(), "item", s.pen.id(), 0, record{"grade": "b"}); err != nil {
			t.Fatal(err)
		}
		begin() // the process was killed
		if got := s.waitingIn(); got != worthWaits {
			t.Errorf("a method changes: %s", got)
		}
		revalue()
		begin()
		if got := s.waitingIn(); got != nothingWaits {
			t.Errorf("the method has changed: %s", got)
		}
	})
}
