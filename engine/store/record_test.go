package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

func get(t *testing.T, s *store.Store, e *metamodel.Entity, id any) value.Row {
	t.Helper()
	row, err := s.Reader().Get(context.Background(), e, id.(string), query.Any, true)
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	return row
}

// sameRow compares records slot by slot, lines included.
func sameRow(t *testing.T, e *metamodel.Entity, got, want value.Row) {
	t.Helper()
	for _, f := range e.Columns() {
		g, w := got[f.Slot], want[f.Slot]
		if f.Kind == metamodel.Lines {
			gl, _ := g.([]value.Row)
			wl, _ := w.([]value.Row)
			if len(gl) != len(wl) {
				t.Errorf("%s: %d lines, want %d", f.Name, len(gl), len(wl))
				continue
			}
			for i := range gl {
				sameRow(t, f.Target, gl[i], wl[i])
			}
			continue
		}
		if !sameValue(g, w) {
			t.Errorf("%s: got %#v, want %#v", f.Name, g, w)
		}
	}
}

func sameValue(g, w any) bool {
	switch x := w.(type) {
	case value.Decimal:
		d, ok := g.(value.Decimal)
		return ok && d.Equal(x) && d.String() == x.String()
	case []string:
		l, ok := g.([]string)
		return ok && slices.Equal(l, x)
	}
	return g == w
}

func insert(t *testing.T, s *store.Store, e *metamodel.Entity, rows ...value.Row) {
	t.Helper()
	write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.Insert(ctx, e, rows...) })
}

func TestRecordRoundTrip(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		app := storetest.Sample()
		storetest.Install(t, s, app)
		e := app.Entity("order")
		full := storetest.Order(app, "PO-1", 3)
		empty := storetest.Row(e, nil)
		insert(t, s, e, full, empty)
		sameRow(t, e, get(t, s, e, full[0]), full)
		sameRow(t, e, get(t, s, e, empty[0]), empty)
		if _, err := s.Reader().Get(context.Background(), e, storetest.NewID(), query.Any, false); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an absent record: %v", err)
		}
	})
}

func TestInsertManyWithLines(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		app := storetest.Sample()
		storetest.Install(t, s, app)
		e := app.Entity("order")
		for _, n := range []int{1, 7, 8, 31, 33, 75} {
			rows := make([]value.Row, n)
			for i := range rows {
				rows[i] = storetest.Order(app, fmt.Sprintf("PO-%d-%d", n, i), i%4)
			}
			insert(t, s, e, rows...)
			for _, want := range rows {
				sameRow(t, e, get(t, s, e, want[0]), want)
			}
		}
	})
}

func TestUpdateWritesWhatDiffers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		app := storetest.Sample()
		storetest.Install(t, s, app)
		e := app.Entity("order")
		row := storetest.Order(app, "PO-1", 4)
		insert(t, s, e, row)

		before := get(t, s, e, row[0])
		after := slices.Clone(before)
		after[e.Field("note").Slot] = nil
		after[e.Field("total").Slot] = value.NewDecimal(-5, 2)
		after[e.Field("tags").Slot] = []string{"green"}
		lines := before[e.Field("items").Slot].([]value.Row)
		item := app.Entity("item")
		changed := slices.Clone(lines[2])
		changed[item.Field("qty").Slot] = int64(77)
		added := storetest.Row(item, map[string]any{"sku": "new", "qty": int64(1)})
		after[e.Field("items").Slot] = []value.Row{lines[3], added, changed} // 0 and 1 gone, 3 moved to the front

		write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.Update(ctx, e, before, after) })
		if after[metamodel.SlotVersion] != int64(2) {
			t.Errorf("version %v", after[metamodel.SlotVersion])
		}
		sameRow(t, e, get(t, s, e, row[0]), after)

		err := s.Write(context.Background(), store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.Update(ctx, e, before, after) })
		if !errors.Is(err, store.ErrStale) {
			t.Errorf("an update from an old version: %v", err)
		}
	})
}

func TestUpdateReordersSharedLines(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		app := storetest.Sample()
		storetest.Install(t, s, app)
		e := app.Entity("order")
		insert(t, s, e, storetest.Order(app, "x", 0))
		row := storetest.Order(app, "PO-1", 3)
		insert(t, s, e, row)
		before := get(t, s, e, row[0])
		after := slices.Clone(before)
		lines := slices.Clone(before[e.Field("items").Slot].([]value.Row))
		slices.Reverse(lines) // the same row slices, so numbering them must not hide that they moved
		after[e.Field("items").Slot] = lines
		write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.Update(ctx, e, before, after) })
		sameRow(t, e, get(t, s, e, row[0]), after)
	})
}

func TestUniqueKeys(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		app := storetest.Sample()
		storetest.Install(t, s, app)
		e := app.Entity("order")
		first := storetest.Order(app, "PO-1", 0)
		insert(t, s, e, first)

		unique := func(row value.Row) *store.UniqueError {
			err := s.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.Insert(ctx, e, row) })
			var u *store.UniqueError
			if !errors.As(err, &u) {
				t.Fatalf("got %v", err)
			}
			return u
		}
		if u := unique(storetest.Order(app, "PO-1", 0)); u.Entity != e || u.Field != e.Field("number") || u.Key != nil {
			t.Errorf("a field's key: %+v", u)
		}
		again := storetest.Order(app, "PO-2", 0)
		again[e.Field("buyer").Slot] = first[e.Field("buyer").Slot]
		if u := unique(again); u.Key != e.Unique[0] || u.Field != nil {
			t.Errorf("a key of two fields: %+v", u)
		}
		again = storetest.Order(app, "PO-3", 0)
		again[0] = first[0]
		if u := unique(again); u.Field == nil || u.Field.Name != "id" {
			t.Errorf("an id: %+v", u)
		}

		// A record in the recycle bin frees its number; it can't come back while another has it.
		deleted := slices.Clone(first)
		deleted[metamodel.SlotDeletedAt] = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
		write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.Update(ctx, e, first, deleted) })
		insert(t, s, e, storetest.Order(app, "PO-1", 0))
		restored := slices.Clone(deleted)
		restored[metamodel.SlotDeletedAt] = nil
		err := s.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.Update(ctx, e, deleted, restored) })
		var u *store.UniqueError
		if !errors.As(err, &u) || u.Field != e.Field("number") {
			t.Errorf("a restore that collides: %v", err)
		}
		// Nulls are no values: any number of records may have none.
		insert(t, s, e, storetest.Row(e, nil), storetest.Row(e, nil))
	})
}

func TestPurge(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		app := storetest.Sample()
		storetest.Install(t, s, app)
		e := app.Entity("order")
		row := storetest.Order(app, "PO-1", 2)
		insert(t, s, e, row)
		id := row[0].(string)
		write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.Purge(ctx, e, id) })
		lines, err := s.Reader().Lines(context.Background(), e.Field("items"), []string{id, storetest.NewID()})
		if err != nil || len(lines) != 0 {
			t.Errorf("lines of a purged record: %v, %v", lines, err)
		}
	})
}

func TestPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		app := storetest.Sample()
		storetest.Install(t, s, app)
		e := app.Entity("supplier")
		var want []string
		for i := range 10 {
			row := storetest.Row(e, map[string]any{"code": fmt.Sprint(i)})
			want = append(want, row[0].(string))
			insert(t, s, e, row)
		}
		slices.Sort(want)
		for _, size := range []int{1, 3, 5, 10, 11} {
			q := &query.Select{Entity: e, Limit: size}
			var got []string
			for pages := 0; ; pages++ {
				page, err := s.Reader().Select(ctx, q, nil)
				if err != nil || pages > len(want) {
					t.Fatalf("page %d: %v", pages, err)
				}
				for _, row := range page.Rows {
					got = append(got, row[0].(string))
				}
				if page.Next == nil {
					break
				}
				q.After = page.Next
			}
			if !slices.Equal(got, want) {
				t.Errorf("pages of %d: got %v, want %v", size, got, want)
			}
		}
		if n, err := s.Reader().Count(ctx, &query.Select{Entity: e}, nil, false); n != 10 || err != nil {
			t.Errorf("count %d, %v", n, err)
		}
	})
}
