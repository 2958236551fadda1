package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"tenon/engine/store/lower"
)

// Limits of write transactions.
const (
	maxTries     = 4 // the first and three more
	retryDelay   = 5 * time.Millisecond
	retryGrowth  = 4
	maxTxEffects = 64 // functions that run after a commit
)

// Pin ties a write to the release of an app that it was computed with: when App is set, the write fails with
// ErrMoved if the reference is not at Generation any more; generation 0 is an app that was never released. Serializable asks for full isolation, for writes
// whose rules look at other records. Ledgers asks for the gate of the ledgers: one transaction at a time has it.
type Pin struct {
	App          string
	Env          string
	Generation   int64
	Serializable bool
	Ledgers      bool
}

// Tx is a write transaction. It reads its own writes through the embedded Reader. It is used by one goroutine
// and is worthless once the function that got it returns.
type Tx struct {
	Reader
	after     []func()
	entries   []Entry // journal rows and events not sent yet: they go together, with the commit
	events    []Event
	kept      []keptChange // of aggregates: they are written last, in the order of keys
	journaled bool
}

type inWrite struct{}

// Write runs fn in a transaction: commits when fn returns nil, otherwise changes nothing. fn may run up to four
// times when the database makes it lose against another transaction, so it must have no effects but those on
// tx; what must happen once goes to tx.After. It returns fn's error, ErrMoved when the pin does not hold and
// ErrBusy when the database could not be written in time.
func (s *Store) Write(ctx context.Context, pin Pin, fn func(ctx context.Context, tx *Tx) error) error {
	if ctx.Value(inWrite{}) == s {
		return ErrNested
	}
	delay := retryDelay
	for try := 1; ; try++ {
		err := s.writeOnce(ctx, pin, fn)
		if err == nil || !errors.Is(err, errRetry) || try == maxTries {
			return err
		}
		s.db.lost()
		s.log.DebugContext(ctx, "write transaction retried", "try", try, "error", err)
		if err := pause(ctx, delay); err != nil {
			return err
		}
		delay *= retryGrowth
	}
}

// pause waits between half of d and d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	d = d/2 + rand.N(d/2+1) //nolint:gosec // jitter
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Store) writeOnce(ctx context.Context, pin Pin, fn func(context.Context, *Tx) error) (err error) {
	on, err := s.db.begin(ctx, pin.Serializable)
	if err != nil {
		return s.wrap("begin write", err)
	}
	defer func() {
		// A rollback that fails has no more to say than the error that caused it.
		if undone := on.rollback(); undone != nil && err == nil {
			err = s.wrap("roll back", undone)
		}
	}()
	tx := &Tx{Reader: Reader{s: s, on: on}}
	ctx = context.WithValue(ctx, inWrite{}, s)
	if err := tx.gate(ctx, pin); err != nil {
		return err
	}
	if err := tx.hold(ctx, pin); err != nil {
		return err
	}
	if err := fn(ctx, tx); err != nil {
		return err
	}
	if err := tx.flushKept(ctx); err != nil {
		return err
	}
	if err := tx.flush(ctx); err != nil {
		return err
	}
	if err := on.commit(ctx); err != nil {
		return s.wrap("commit", err)
	}
	tx.settle()
	return nil
}

// settle runs what waits for the commit.
func (tx *Tx) settle() {
	if tx.journaled {
		select {
		case tx.s.sealer <- struct{}{}:
		default: // nudged already
		}
	}
	for _, fn := range tx.after {
		fn()
	}
}

// After runs fn once the transaction is committed, in the order of the calls and before Write returns. fn must
// be quick and must not fail. A transaction that is rolled back or run again forgets it.
func (tx *Tx) After(fn func()) error {
	if len(tx.after) == maxTxEffects {
		return fmt.Errorf("wait for commit: %w: %d functions", ErrTooLarge, maxTxEffects)
	}
	tx.after = append(tx.after, fn)
	return nil
}

// Try runs a part of the transaction so that, when it fails, what it did is undone and the transaction can go on.
func (tx *Tx) Try(ctx context.Context, fn func(ctx context.Context) error) error {
	entries, events, after, kept := slices.Clone(tx.entries), slices.Clone(tx.events), len(tx.after), len(tx.kept)
	if _, err := tx.on.exec(ctx, "SAVEPOINT part"); err != nil {
		return tx.s.wrap("set savepoint", err)
	}
	failed := fn(ctx)
	if failed == nil {
		_, err := tx.on.exec(ctx, "RELEASE SAVEPOINT part")
		return tx.s.wrap("release savepoint", err)
	}
	tx.entries, tx.events, tx.after, tx.kept = entries, events, tx.after[:after], tx.kept[:kept]
	for _, undo := range []string{"ROLLBACK TO SAVEPOINT part", "RELEASE SAVEPOINT part"} {
		if _, err := tx.on.exec(context.WithoutCancel(ctx), undo); err != nil {
			return errors.Join(failed, tx.s.wrap("undo a part", err))
		}
	}
	return failed
}

// hold checks the pin. PostgreSQL keeps the reference from moving until the transaction ends; SQLite has one
// writer anyway.
func (tx *Tx) hold(ctx context.Context, pin Pin) error {
	if pin.App == "" {
		return nil
	}
	query := "SELECT generation FROM refs WHERE app = ? AND env = ?"
	if tx.s.Dialect() == lower.Postgres {
		query += " FOR SHARE"
	}
	got, err := tx.integer(ctx, query, pin.App, pin.Env)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return tx.s.wrap("check release", err)
	}
	if got != pin.Generation { // 0 when there is no reference
		return ErrMoved
	}
	return nil
}

// integer runs a query of the platform's tables that has at most one row with one number.
func (r *Reader) integer(ctx context.Context, query string, args ...any) (n int64, err error) {
	rows, err := r.on.query(ctx, bind(r.s.Dialect(), query), args...)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return 0, err
		}
		return 0, ErrNotFound
	}
	if err := rows.Scan(&n); err != nil {
		return 0, err
	}
	return n, rows.Err()
}
