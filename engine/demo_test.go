package engine_test

import (
	"context"
	"testing"

	"tenon/engine"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

// The demo data of every template goes through the same rules as anybody's, and leaves plausible stock.
func TestDemoData(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st)
		ctx := context.Background()
		a := builder()
		a.ID = ""
		r, err := w.e.AppCreate(ctx, w.call(a, ""), []byte(`{"template":"general","demo":true}`))
		if err != nil {
			t.Fatal(err)
		}
		made := must[struct {
			Records int `json:"demo_records"`
		}](t, r, nil)
		if made.Records < 2000 {
			t.Errorf("%d demo records", made.Records)
		}
		owner := w.role("general", "owner")
		l, err := w.e.List(ctx, w.call(owner, "general"), "item", engine.ListRequest{PageSize: 200, Count: "exact", ReadOptions: engine.ReadOptions{Fields: []string{"code", "on_hand"}}})
		if err != nil {
			t.Fatal(err)
		}
		items := must[page](t, l, nil)
		stocked := 0
		for _, it := range items.Records {
			if v, _ := it["on_hand"].(string); len(v) > 0 && v[0] != '-' && v != "0.0000" {
				stocked++
			} else if len(v) > 0 && v[0] == '-' {
				t.Errorf("%v has %v on hand", it["code"], v)
			}
		}
		if *items.Count != 600 || stocked < 50 {
			t.Errorf("%d items, %d of the first 200 in stock", *items.Count, stocked)
		}
	})
}
