package ledger_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
)

// olderModel is the model as a binary before this one had it: one index of entries is missing, and one of its first
// field alone and another one are there instead.
func olderModel() *metamodel.App {
	app, l := model()
	e := l.Entry
	e.Indexes = e.Indexes[1:]
	wide := &metamodel.Key{Fields: []*metamodel.Field{e.Field("document"), e.Field("line"), e.Field("day")}}
	wide.ID = metamodel.DeriveID(e.ID, metamodel.ElementIndex, wide.Key(), 0)
	e.Indexes = append(e.Indexes, wide)
	return app
}

// renew brings the indexes to what an app wants, and tells how many were made and taken away.
func renew(t *testing.T, s *store.Store, app *metamodel.App, made, dropped int) {
	t.Helper()
	m, d, err := s.RenewIndexes(context.Background(), store.Pin{}, app)
	if err != nil || m != made || d != dropped {
		t.Errorf("made %d, dropped %d, %v; want %d and %d", m, d, err, made, dropped)
	}
}

func TestIndexesOfEarlierBinariesAreRenewed(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		s := storetest.Open(t, c)
		app, _ := model()
		storetest.Install(t, s, app)
		want := storetest.Indexes(t, c)
		renew(t, s, app, 0, 0)
		storetest.Release(t, s, app, olderModel())
		if maps.Equal(storetest.Indexes(t, c), want) {
			t.Fatal("the older model has the indexes of this one")
		}
		renew(t, s, app, 1, 2)
		if have := storetest.Indexes(t, c); !maps.Equal(have, want) {
			t.Errorf("indexes are %v; want %v", have, want)
		}
		renew(t, s, app, 0, 0)
	})
}

// A release that was begun has made indexes that the release before it doesn't know.
func TestRenewingLeavesWhatAReleaseHasBegun(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		app, _ := model()
		storetest.Install(t, s, app)
		next := olderModel()
		steps, err := s.Plan(app, next)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Apply(ctx, store.Pin{}, app.ID, steps); err != nil {
			t.Fatal(err)
		}
		renew(t, s, app, 0, 0)
		if err := s.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.Switch(ctx, app.ID, steps) }); err != nil {
			t.Fatal(err)
		}
		renew(t, s, next, 0, 0)
	})
}

// What an earlier binary has installed gets the columns that this one wants, once, before anything is posted.
func TestColumnsAreRenewed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		earlier, l := model()
		for _, e := range []*metamodel.Entity{l.Entry, l.Cost} {
			e.Fields = slices.DeleteFunc(e.Fields, func(f *metamodel.Field) bool {
				return f.Name == "method_since" || e == l.Entry && strings.HasPrefix(f.Name, "method")
			})
			e.Link()
		}
		storetest.Install(t, s, earlier)
		app, l := model()
		for _, want := range []int{2, 0} {
			if n, err := s.RenewColumns(context.Background(), store.Pin{}, app); err != nil || n != want {
				t.Errorf("%d tables changed, want %d (%v)", n, want, err)
			}
		}
		w := worldOn(t, s, app, l, "average")
		w.post("r1", in("a", "w", 1, "10", "100"))
		w.asks("fifo", "")
		w.turned()
		w.has("a", "w", "10", "100")
	})
}
