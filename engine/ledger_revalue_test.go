package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"tenon/engine"
)

// What is too much for one write is posted nevertheless, said to be provisional, and worked out afterwards, with what
// others keep of it.
func TestProvisionalValuesAreWorkedOut(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(stockDocs(t))
		ctx := context.Background()
		e, err := engine.New(ctx, engine.Options{
			Store: s.store, Now: func() time.Time { return s.now }, Logger: slog.New(slog.DiscardHandler), PageKey: []byte("k"), LedgerBound: 5,
		})
		if err != nil {
			t.Fatal(err)
		}
		s.e = e
		for i := range 8 {
			s.buy(s.pen, fmt.Sprintf("2025-03-%02d", 10+i), "10", "100")
		}
		if _, err := s.sell(s.pen, "2025-03-20", "40"); err != nil {
			t.Fatal(err)
		}
		s.stock(s.pen, "40.0000", "400.00")
		s.buy(s.pen, "2025-03-01", "20", "700") // 100 for 1500 before the sale
		cost := func() record {
			p, err := s.list(s.boss(), "stock_cost", engine.ListRequest{})
			if err != nil || len(p.Records) != 1 {
				t.Fatal(p, err)
			}
			return p.Records[0]
		}
		if cost()["provisional"] != true {
			t.Fatalf("nothing is left to be worked out: %v", cost())
		}
		if err := s.e.RevalueLedgers(ctx); err != nil {
			t.Fatal(err)
		}
		if cost()["provisional"] != false {
			t.Errorf("it is still provisional: %v", cost())
		}
		s.stock(s.pen, "60.0000", "900.00")
		r, err := s.e.LedgerVerify(ctx, s.call(builder(), "shop"), "stock", nil)
		if v := must[record](t, r, err); v["whole"] != true {
			t.Errorf("%v", v)
		}
		if err := s.e.RevalueLedgers(ctx); err != nil {
			t.Fatal(err)
		}
	})
}
