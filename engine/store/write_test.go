package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Two writers that each look whether there is room and then take it must not both succeed.
func TestSerializableWritesDoNotSkew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		app := storetest.Sample()
		storetest.Install(t, s, app)
		e := app.Entity("supplier")
		ctx := context.Background()
		full := errors.New("full")
		for round := range 10 {
			want := int64(round + 1)
			var group sync.WaitGroup
			var won atomic.Int64
			for w := range 4 {
				group.Go(func() {
					err := s.Write(ctx, store.Pin{Serializable: true}, func(ctx context.Context, tx *store.Tx) error {
						n, err := tx.Count(ctx, &query.Select{Entity: e}, nil, false)
						if err != nil {
							return err
						}
						if n >= want {
							return full
						}
						return tx.Insert(ctx, e, storetest.Row(e, map[string]any{"code": fmt.Sprint(round, w)}))
					})
					switch {
					case err == nil:
						won.Add(1)
					case !errors.Is(err, full) && !errors.Is(err, store.ErrBusy):
						t.Errorf("write: %v", err)
					}
				})
			}
			group.Wait()
			if n, err := s.Reader().Count(ctx, &query.Select{Entity: e}, nil, false); err != nil || n != want || won.Load() != 1 {
				t.Fatalf("round %d: %d records, %d winners, %v", round, n, won.Load(), err)
			}
		}
	})
}

// Document numbers under full isolation: the writers stand in each other's way at the counter and still all get
// through.
func TestSerializableNumbersGetThrough(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var group sync.WaitGroup
		const workers, each = 16, 12
		for range workers {
			group.Go(func() {
				for range each {
					err := s.Write(context.Background(), store.Pin{Serializable: true}, func(ctx context.Context, tx *store.Tx) error {
						_, err := tx.Next(ctx, "n")
						return err
					})
					if err != nil {
						t.Errorf("take number: %v", err)
					}
				}
			})
		}
		group.Wait()
		write(t, s, func(ctx context.Context, tx *store.Tx) error {
			if n, err := tx.Next(ctx, "n"); err != nil || n != workers*each+1 {
				t.Errorf("next is %d, %v", n, err)
			}
			return nil
		})
	})
}

// More different statements than the cache holds, from many goroutines at once.
func TestManyStatements(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		app := storetest.Sample()
		storetest.Install(t, s, app)
		e := app.Entity("order")
		rows := make([]value.Row, 4)
		for i := range rows {
			rows[i] = storetest.Order(app, fmt.Sprint(i), 0)
		}
		insert(t, s, e, rows...)
		var group sync.WaitGroup
		for w := range 4 {
			group.Go(func() {
				for n := range 300 {
					page, err := s.Reader().Select(context.Background(), &query.Select{Entity: e, Limit: 1 + n*4 + w}, nil)
					if err != nil || len(page.Rows) != min(len(rows), 1+n*4+w) {
						t.Errorf("select: %v", err)
						return
					}
				}
			})
		}
		group.Wait()
	})
}

// Whatever is done to a record and its lines, what is read back is what was last written.
func TestUpdatesAgainstAModel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		app := storetest.Sample()
		storetest.Install(t, s, app)
		e, item := app.Entity("order"), app.Entity("item")
		lines := e.Field("items").Slot
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			n++
			state := storetest.Order(app, fmt.Sprint(n), rapid.IntRange(0, 4).Draw(rt, "lines"))
			insert(t, s, e, state)
			for range rapid.IntRange(1, 4).Draw(rt, "updates") {
				before := get(t, s, e, state[0])
				after := slices.Clone(before)
				change(rt, e, after)
				after[lines] = changeLines(rt, item, before[lines].([]value.Row))
				write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.Update(ctx, e, before, after) })
				sameRow(t, e, get(t, s, e, state[0]), after)
			}
			if t.Failed() {
				rt.FailNow()
			}
		})
	})
}

// change sets some fields to values of their kind or to null.
func change(rt *rapid.T, e *metamodel.Entity, row value.Row) {
	for _, f := range e.Fields {
		if !rapid.Bool().Draw(rt, f.Name) {
			continue
		}
		var v any
		switch f.Kind { //nolint:exhaustive // a choice of kinds
		case metamodel.LongText:
			v = rapid.StringMatching(`[^\x00]{0,20}`).Draw(rt, "text")
		case metamodel.Integer:
			v = rapid.Int64().Draw(rt, "integer")
		case metamodel.Money, metamodel.Percent:
			v = value.NewDecimal(rapid.Int64Range(-999999999999999999, 999999999999999999).Draw(rt, "number"), int32(f.Scale))
		case metamodel.Boolean:
			v = rapid.Bool().Draw(rt, "boolean")
		case metamodel.Date:
			v = value.Date(rapid.Int32Range(-719162, 2932896).Draw(rt, "date"))
		case metamodel.Time:
			v = value.TimeOfDay(rapid.Int32Range(0, 86399).Draw(rt, "time"))
		case metamodel.Choices:
			v = rapid.SliceOfDistinct(rapid.SampledFrom([]string{"red", "green", "blue"}), rapid.ID).Draw(rt, "choices")
		case metamodel.Number, metamodel.Lines:
			continue
		}
		if rapid.IntRange(0, 3).Draw(rt, "null") == 0 {
			v = nil
		}
		row[f.Slot] = v
	}
}

// changeLines drops, keeps, changes, adds and shuffles.
func changeLines(rt *rapid.T, item *metamodel.Entity, lines []value.Row) []value.Row {
	out := []value.Row{}
	for _, line := range lines {
		switch rapid.IntRange(0, 2).Draw(rt, "line") {
		case 0:
		case 1:
			out = append(out, line)
		default:
			line = slices.Clone(line)
			change(rt, item, line)
			out = append(out, line)
		}
	}
	for range rapid.IntRange(0, 3).Draw(rt, "added") {
		line := storetest.Row(item, nil)
		change(rt, item, line)
		out = append(out, line)
	}
	return rapid.Permutation(out).Draw(rt, "order")
}

// A request that ends at any moment of a transaction, its beginning and its commit included, leaves the writer free.
func TestCanceledAtAnyMoment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		written := 0
		for i := range 400 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i%40)*10*time.Microsecond)
			err := s.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
				return errors.Join(tx.PutSetting(ctx, fmt.Sprint(i), "x"), tx.Emit(ctx, store.Event{Type: "a"}))
			})
			cancel()
			if err == nil {
				written++
			} else if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, store.ErrBusy) {
				t.Fatalf("write %d: %v", i, err)
			}
			if i%20 == 0 {
				write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.PutSetting(ctx, "probe", "x") })
			}
		}
		events, err := s.Reader().Outbox(context.Background(), store.Cursor{}, 1000)
		if err != nil || len(events) < written {
			t.Errorf("%d events of %d writes, %v", len(events), written, err)
		}
	})
}
