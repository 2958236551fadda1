package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/engine/store/lower"
	"tenon/engine/store/storetest"
)

// A part of a transaction that fails is undone with all that belongs to it, and the rest commits.
func TestTryUndoesAPart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		app := storetest.Sample()
		storetest.Install(t, s, app)
		order := app.Entity("order")
		refused := errors.New("refused")
		var did []string
		err := s.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
			did = nil
			for _, number := range []string{"1", "2", "2", "3", "4"} {
				err := tx.Try(ctx, func(ctx context.Context) error {
					if _, err := tx.Next(ctx, "orders"); err != nil {
						return err
					}
					row := storetest.Order(app, number, 2)
					id := row[0].(string)
					if err := errors.Join(tx.Journal(ctx, store.Entry{Action: "create", RecordID: id}), tx.Emit(ctx, store.Event{Type: "created", RecordID: id}),
						tx.After(func() { did = append(did, number) })); err != nil {
						return err
					}
					if err := tx.Insert(ctx, order, row); err != nil {
						return err
					}
					if number == "3" {
						return refused
					}
					return nil
				})
				var unique *store.UniqueError
				if err != nil && !errors.As(err, &unique) && !errors.Is(err, refused) {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		page, err := s.Reader().Select(ctx, &query.Select{Entity: order, Limit: 10}, nil)
		if err != nil || len(page.Rows) != 3 || !slices.Equal(did, []string{"1", "2", "4"}) {
			t.Errorf("%d orders, did %v, %v", len(page.Rows), did, err)
		}
		events, err := s.Reader().Outbox(ctx, store.Cursor{}, 10)
		if entries := allEntries(t, s, "create"); entries != 3 || len(events) != 3 || err != nil {
			t.Errorf("%d entries, %d events, %v", entries, len(events), err)
		}
		err = s.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
			if n, err := tx.Next(ctx, "orders"); n != 4 || err != nil {
				t.Errorf("next number %d, %v", n, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// A job is moved only from where it was left, and claimed only when nobody is at it.
func TestJobIsTakenOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		do := func(fn func(ctx context.Context, tx *store.Tx) error) error { return s.Write(ctx, store.Pin{}, fn) }
		job := store.Job{ID: storetest.NewID(), Kind: "import", State: "running", Place: "1"}
		if err := do(func(ctx context.Context, tx *store.Tx) error { return tx.PutJob(ctx, job) }); err != nil {
			t.Fatal(err)
		}
		next := job
		next.Place, next.Progress = "2", []byte(`{"n":2}`)
		move := func(ctx context.Context, tx *store.Tx) error { return tx.MoveJob(ctx, job, next) }
		if err := do(move); err != nil {
			t.Fatal(err)
		}
		if err := do(move); !errors.Is(err, store.ErrTaken) {
			t.Errorf("moved twice: %v", err)
		}
		if err := do(func(ctx context.Context, tx *store.Tx) error { return tx.HoldJob(ctx, job) }); !errors.Is(err, store.ErrTaken) {
			t.Errorf("held where it was: %v", err)
		}
		seen, err := s.Reader().Job(ctx, job.ID)
		if err != nil || seen.Place != "2" || string(seen.Progress) != `{"n":2}` {
			t.Fatalf("%+v, %v", seen, err)
		}
		claim := func(ctx context.Context, tx *store.Tx) error { return tx.ClaimJob(ctx, seen) }
		if s.Dialect() == lower.Postgres { // SQLite has one writer
			err := do(func(ctx context.Context, tx *store.Tx) error {
				if err := tx.HoldJob(ctx, seen); err != nil {
					return err
				}
				if err := s.Write(context.Background(), store.Pin{}, claim); !errors.Is(err, store.ErrTaken) {
					t.Errorf("claimed while somebody is at it: %v", err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := do(claim); err != nil {
			t.Errorf("not claimed: %v", err)
		}
		if err := do(claim); !errors.Is(err, store.ErrTaken) {
			t.Errorf("claimed twice: %v", err)
		}
		stop := func(ctx context.Context, tx *store.Tx) error { return tx.StopJob(ctx, job.ID, "running", "cancelled") }
		if err := do(stop); err != nil {
			t.Error(err)
		}
		if err := do(func(ctx context.Context, tx *store.Tx) error { return tx.MoveJob(ctx, next, next) }); !errors.Is(err, store.ErrTaken) {
			t.Errorf("moved after it was stopped: %v", err)
		}
	})
}
