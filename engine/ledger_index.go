package engine

import (
	"context"
	"errors"
	"fmt"

	"tenon/engine/compile"
	"tenon/engine/store"
)

// renewColumns gives what ledgers keep the columns that this binary wants, for apps that an earlier one has installed:
// before anything of them is written.
func (e *Engine) renewColumns(ctx context.Context) error {
	for name := range *e.snaps.Load() {
		err := e.store.Alone(ctx, releaseLock(name), func(ctx context.Context) error {
			s := (*e.snaps.Load())[name]
			if s == nil {
				return nil
			}
			pin := store.Pin{App: name, Env: compile.Production, Generation: s.Generation}
			changed, err := e.store.RenewColumns(ctx, pin, s.App)
			if changed > 0 {
				e.log.InfoContext(ctx, "columns of ledgers renewed", "app", name, "tables", changed)
			}
			return err
		})
		if err != nil && !errors.Is(err, store.ErrMoved) {
			return fmt.Errorf("renew columns of %s: %w", name, err)
		}
	}
	return nil
}

// RenewIndexes brings the indexes of what ledgers keep to what this binary wants, for apps that an earlier one has
// installed. It is called once, at the start, beside the work of people: they only write while it does, on SQLite,
// between two indexes. An app of which another server makes a release meanwhile is left as it is.
func (e *Engine) RenewIndexes(ctx context.Context) error {
	var errs []error
	for name := range *e.snaps.Load() {
		err := e.store.Alone(ctx, releaseLock(name), func(ctx context.Context) error {
			s := (*e.snaps.Load())[name]
			if s == nil {
				return nil
			}
			pin := store.Pin{App: name, Env: compile.Production, Generation: s.Generation}
			made, dropped, err := e.store.RenewIndexes(ctx, pin, s.App)
			if made+dropped > 0 {
				e.log.InfoContext(ctx, "indexes of ledgers renewed", "app", name, "made", made, "dropped", dropped)
			}
			return err
		})
		if err != nil && !errors.Is(err, store.ErrMoved) {
			errs = append(errs, fmt.Errorf("renew indexes of %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}
