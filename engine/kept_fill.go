package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// How kept aggregates are filled.
const (
	keptBatch = 2000                 // records of one transaction
	keptPause = 2 * time.Millisecond // between two of them, for those who write
)

// beginKept makes the kept aggregates that a release brings and drops those that it does without. Those that read a value
// which the release works out anew begin from nothing: such values change without a write of their records. Where there
// are no records nothing is to be filled: no write of the revision before is under way, and those to come count themselves.
func (e *Engine) beginKept(ctx context.Context, tx *store.Tx, p *plan) error {
	app, stale := p.draft.app, p.snap.Stale(p.from)
	stay := make([]*metamodel.Kept, 0, len(p.snap.Aggregates()))
	for _, a := range p.snap.Aggregates() {
		if err := tx.BeginKept(ctx, app.ID, a.Kept, slices.ContainsFunc(stale, a.Reads)); err != nil {
			return fmt.Errorf("begin to keep %v: %w", a.Cards, err)
		}
		some, err := tx.HasRecords(ctx, a.Unit.Entity)
		if err != nil {
			return err
		}
		if !some {
			if err := tx.MoveKept(ctx, a.ID, store.KeptState{Ready: true}); err != nil {
				return err
			}
		}
		stay = append(stay, a.Kept)
	}
	if err := endFills(ctx, tx, app.Name, stay); err != nil {
		return err
	}
	return tx.EndKept(ctx, app.ID, stay)
}

// FillKept fills the kept aggregates that releases have begun, some records at a time, while people go on. It is called
// at the start and from time to time, and goes on where it, or another server, was stopped.
func (e *Engine) FillKept(ctx context.Context) error {
	var errs []error
	for name, s := range *e.snaps.Load() {
		for _, a := range s.Aggregates() {
			if err := e.fillKept(ctx, s, a.ID); err != nil && ctx.Err() == nil {
				errs = append(errs, fmt.Errorf("keep %v of %s: %w", a.Cards, name, err))
			}
		}
	}
	return errors.Join(errs...)
}

// fillKept fills one aggregate. Another release may come meanwhile: each batch looks at the state at hand.
func (e *Engine) fillKept(ctx context.Context, s *compile.Snapshot, id metamodel.ID) error {
	if _, ready := e.ready.Load(readyKey{s.Generation, id}); ready {
		return nil
	}
	state, err := e.store.Reader().KeptState(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) || state.Ready {
		return err
	}
	c := Call{Actor: policy.Itself(), Snap: s, Now: e.now(), Locale: metamodel.DefaultLanguage, RequestID: "keep", trusted: true}
	return e.store.Alone(ctx, "kept:"+string(id), func(ctx context.Context) error {
		for more := true; more; {
			c.Now, c.Budget = e.now(), expr.NewBudget(expr.RequestBudget)
			err := e.write(ctx, c, claim{}, func(ctx context.Context, w *writer) (err error) {
				more, err = w.fillKept(ctx, id)
				return err
			})
			if p, told := asProblem(err); told && slices.ContainsFunc(p.List, func(d diag.Diagnostic) bool { return d.Code == "store.busy" || d.Code == "app.broken" }) {
				return nil // it is taken up again
			}
			if err != nil {
				return err
			}
			if more && !pauseFor(ctx, keptPause) {
				return nil // the process stops; whoever starts goes on
			}
		}
		return nil
	})
}

// fillKept adds the next records to an aggregate, by their ids; false when there are no more. Nobody who writes passes
// the place meanwhile, so that each record is counted once: here, or by its own writes from then on.
func (w *writer) fillKept(ctx context.Context, id metamodel.ID) (more bool, err error) {
	i := slices.IndexFunc(w.call.Snap.Aggregates(), func(a *compile.Aggregate) bool { return a.ID == id })
	if i < 0 {
		return false, nil
	}
	a := w.call.Snap.Aggregates()[i]
	state, err := w.tx.ClaimKept(ctx, id)
	if errors.Is(err, store.ErrNotFound) { // the release was made by a binary that kept it otherwise
		return true, w.tx.BeginMissed(ctx, w.call.Snap.App.Name, w.call.Snap.Env, w.call.Snap.App.ID, a.Kept)
	}
	if err != nil || state.Ready {
		return false, err
	}
	q := &query.Select{Entity: a.Unit.Entity, Limit: w.engine.keptBatch}
	if state.Place != "" {
		q.After = &query.Cursor{ID: state.Place}
	}
	page, err := w.tx.Select(ctx, q, w.env)
	if err != nil {
		return false, fmt.Errorf("read %s: %w", a.Unit.Name, err)
	}
	if err := w.withLines(ctx, a, page.Rows); err != nil {
		return false, err
	}
	for part := range slices.Chunk(page.Rows, maxSelectIDs) {
		w.afresh()
		for _, row := range part {
			if err := w.count(ctx, a, row, 1); err != nil {
				return false, err
			}
			state.Place = row[metamodel.SlotID].(string)
		}
	}
	state.Done += int64(len(page.Rows))
	state.Ready = page.Next == nil
	if err := w.tx.MoveKept(ctx, id, state); err != nil {
		return false, err
	}
	return !state.Ready, w.noteFill(ctx, a, state)
}

// withLines reads the lines of records that an aggregate counts.
func (w *world) withLines(ctx context.Context, a *compile.Aggregate, rows []value.Row) error {
	if a.Line == nil {
		return nil
	}
	ids := rowIDs(rows)
	for part := range slices.Chunk(ids, maxSelectIDs) {
		lines, err := w.read.Lines(ctx, a.Line, part)
		if err != nil {
			return fmt.Errorf("read lines of %s: %w", a.Unit.Name, err)
		}
		for _, row := range rows {
			if own, ok := lines[row[metamodel.SlotID].(string)]; ok {
				row[a.Line.Slot] = own
			}
		}
	}
	return nil
}
