package store_test

import (
	"context"
	"sync"
	"testing"

	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Memory may be given back while others read and write: none of them notices.
func TestShrinkDuringWork(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		e := storetest.E("thing", storetest.F("thing", "name", metamodel.Text))
		storetest.Install(t, s, &metamodel.App{ID: storetest.ID("app"), Timezone: "UTC", Entities: []*metamodel.Entity{e}})
		const workers, turns = 4, 50
		var running sync.WaitGroup
		for range workers {
			running.Go(func() {
				for range turns {
					row := storetest.Row(e, map[string]any{"name": "x"})
					id, _ := row[metamodel.SlotID].(string)
					err := s.Write(t.Context(), store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.Insert(ctx, e, row) })
					if err != nil {
						t.Errorf("write: %v", err)
					}
					var found value.Row
					if found, err = s.Reader().Get(t.Context(), e, id, query.Live, false); err != nil || found[e.Field("name").Slot] != "x" {
						t.Errorf("read: %v %v", found, err)
					}
				}
			})
		}
		for range turns {
			if err := s.Shrink(t.Context()); err != nil {
				t.Errorf("shrink: %v", err)
			}
		}
		running.Wait()
		n, err := s.Reader().Count(t.Context(), &query.Select{Entity: e}, nil, false)
		if err != nil || n != workers*turns {
			t.Errorf("%d records (%v)", n, err)
		}
	})
}
