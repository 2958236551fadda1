package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"tenon/engine/store"
	"tenon/engine/store/lower"
	"tenon/engine/store/storetest"
)

// A reader that starts at the head is given nothing that was there before, and everything that comes, also from a
// transaction that began before the head was read and commits after another one.
func TestOutboxHeadMissesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		emit := func(ctx context.Context, tx *store.Tx, id string) error {
			return tx.Emit(ctx, store.Event{ID: id, Type: "a"})
		}
		for i := range 5 {
			write(t, s, func(ctx context.Context, tx *store.Tx) error { return emit(ctx, tx, fmt.Sprint("old ", i)) })
		}
		var head store.Cursor
		write(t, s, func(ctx context.Context, tx *store.Tx) error {
			// The setting is written at once, so that the transaction has its place before the quick one's.
			if err := errors.Join(tx.PutSetting(ctx, "slow", "x"), emit(ctx, tx, "slow")); err != nil {
				return err
			}
			if s.Dialect() == lower.Postgres { // SQLite writes one after another
				write(t, s, func(ctx context.Context, tx *store.Tx) error { return emit(ctx, tx, "quick") })
			}
			var err error
			head, err = s.Reader().OutboxHead(context.Background())
			return err
		})
		write(t, s, func(ctx context.Context, tx *store.Tx) error { return emit(ctx, tx, "new") })
		events, err := s.Reader().Outbox(ctx, head, 100)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, ev := range events {
			ids = append(ids, ev.ID)
		}
		want := "[slow new]"
		if s.Dialect() == lower.Postgres {
			want = "[slow quick new]"
		}
		if fmt.Sprint(ids) != want {
			t.Errorf("after the head: %v, want %v", ids, want)
		}
	})
}
