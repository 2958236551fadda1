package engine

import (
	"context"
	"fmt"

	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
)

// maxFillNow bounds how many rows there may be of what a release works out with it. Where there are more, a job works
// it out afterwards.
const maxFillNow = 2000

// refill works out what records keep by formulas and roll-ups that a release brings or changes: with the release where
// records are few, otherwise by a job that begins when the release serves. Whoever reads meanwhile is told.
func (e *Engine) refill(ctx context.Context, tx *store.Tx, c Call, p *plan) error {
	stale := p.snap.Stale(p.from)
	if len(stale) == 0 {
		return nil
	}
	c.Snap, c.trusted = p.snap, true
	w := &writer{world: e.newWorld(c, tx).locking(), engine: e, tx: tx, notes: &p.notes, job: true}
	few, err := w.few(ctx, stale)
	if err != nil {
		return err
	}
	if !few {
		return w.postpone(ctx, store.JobFill, deriveJob{}, stale...)
	}
	all := deriveJob{}
	for _, f := range stale {
		all.Fields = append(all.Fields, f.ID)
	}
	for i, f := range stale {
		for after, n := "", 1; n > 0; {
			if n, after, err = w.jobPage(ctx, &all, i, after); err != nil {
				return fmt.Errorf("work out %s.%s: %w", f.Entity.Name, f.Name, err)
			}
		}
	}
	return nil
}

// few tells whether the records that keep some values, and the rows that they are worked out of, are few.
func (w *writer) few(ctx context.Context, fields []*metamodel.Field) (bool, error) {
	seen := map[*metamodel.Entity]bool{}
	var all int64
	count := func(m *metamodel.Entity) (err error) {
		var n int64
		if !seen[m] {
			seen[m] = true
			n, err = w.tx.Count(ctx, &query.Select{Entity: m, Bin: query.Any}, w.env, true)
		}
		all += n
		return err
	}
	for _, f := range fields {
		if err := count(unitOf(f)); err != nil {
			return false, err
		}
		if f.Rollup != nil {
			if err := count(f.Rollup.Entity); err != nil {
				return false, err
			}
		}
	}
	return all <= int64(min(maxFillNow, w.engine.deriveBound)), nil
}
