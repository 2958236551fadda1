package engine

import (
	"context"
	"fmt"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// refill works out what records keep by formulas and roll-ups that a release brings or changes, in the transaction that
// switches to it: whoever reads the new state reads right values.
func (e *Engine) refill(ctx context.Context, tx *store.Tx, c Call, from, app *metamodel.App, to store.Ref) error {
	snap, list := compile.Compile(app, compile.Source{Env: to.Env, Commit: to.Commit, Generation: to.Generation})
	if err := list.Err(); err != nil {
		return err
	}
	stale := snap.Stale(from)
	if len(stale) == 0 {
		return nil
	}
	c.Snap, c.trusted = snap, true
	w := &writer{world: e.newWorld(c, tx).locking(), engine: e, tx: tx}
	for _, f := range stale {
		unit, computed, roll := snap.Kept(f)
		var err error
		if roll != nil {
			err = w.refillRollup(ctx, roll)
		} else {
			err = w.refillFormula(ctx, unit, computed)
		}
		if err != nil {
			return fmt.Errorf("work out %s.%s: %w", f.Entity.Name, f.Name, err)
		}
		w.rows = map[metamodel.ID]map[string]*relatedRow{} // others read what is there now
	}
	return nil
}

// refillBatch is how many records are worked out at a time.
const refillBatch = maxSelectIDs

// pages hands all records of an entity to do, with their lines, a batch at a time. The budget of computation is each
// batch's.
func (w *writer) pages(ctx context.Context, e *compile.Entity, bin query.Bin, do func(rows []value.Row) error) error {
	q := &query.Select{Entity: e.Entity, Limit: refillBatch, Bin: bin}
	for {
		w.call.Budget = expr.NewBudget(expr.RequestBudget)
		page, err := w.tx.Select(ctx, q, w.env)
		if err != nil {
			return fmt.Errorf("read %s: %w", e.Name, err)
		}
		ids := make([]string, len(page.Rows))
		for i, row := range page.Rows {
			ids[i], _ = row[metamodel.SlotID].(string)
		}
		for _, l := range e.Lines {
			lines, err := w.tx.Lines(ctx, l.Field, ids)
			if err != nil {
				return fmt.Errorf("read lines of %s: %w", e.Name, err)
			}
			for i, row := range page.Rows {
				row[l.Field.Slot] = lines[ids[i]]
			}
		}
		if err := do(page.Rows); err != nil {
			return err
		}
		if page.Next == nil {
			return nil
		}
		q.After = page.Next
	}
}

// refillFormula works a formula out in all records.
func (w *writer) refillFormula(ctx context.Context, unit *compile.Entity, c *compile.Computed) error {
	return w.pages(ctx, unit, query.Any, func(rows []value.Row) error {
		if c.Program != nil {
			if err := w.prefetch(ctx, c.Program.Hops, unit.Entity, rows); err != nil {
				return err
			}
		}
		for _, row := range rows {
			before := cloneRecord(unit, row)
			trial := &draft{entity: unit, before: before, after: row, trial: true}
			if err := w.compute(ctx, trial, c); err != nil {
				return err
			}
			// What can't be worked out of old values stays blank: a release is not refused for them.
			if err := w.tx.Derive(ctx, unit.Entity, before, row, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// refillRollup works a roll-up out in all records: where sums do, by one pass over the rows that count, otherwise
// record by record.
func (w *writer) refillRollup(ctx context.Context, r *compile.Rollup) error {
	sums := map[string]*store.Sums{}
	totals := map[string]any{}
	if r.Function.Additive() {
		if err := w.total(ctx, r, sums, totals); err != nil {
			return err
		}
	}
	keeper := w.call.Snap.Of(r.Field.Entity)
	return w.pages(ctx, keeper, query.Any, func(rows []value.Row) error {
		for _, row := range rows {
			before := cloneRecord(keeper, row)
			v, s, err := w.totalOf(ctx, r, row[metamodel.SlotID].(string), sums, totals)
			if err != nil {
				return err
			}
			row[r.Field.Slot] = fit(r.Field, v)
			beside := map[*metamodel.Field]*store.Sums{}
			if s != nil {
				beside[r.Field] = s
			}
			if err := w.tx.Derive(ctx, keeper.Entity, before, row, beside); err != nil {
				return err
			}
		}
		return nil
	})
}

// totalOf is a roll-up of one record.
func (w *writer) totalOf(ctx context.Context, r *compile.Rollup, id string, sums map[string]*store.Sums, totals map[string]any) (any, *store.Sums, error) {
	switch r.Function {
	case metamodel.RollupSum, metamodel.RollupCount:
		if v, ok := totals[id]; ok {
			return v, nil, nil
		}
		return ofNothing(r), nil, nil
	case metamodel.RollupAverage, metamodel.RollupDeviate:
		s := sums[id]
		if s == nil {
			s = &store.Sums{}
		}
		v, err := ofSums(r.Function, r.Field, s)
		return v, s, err
	default:
		return w.rollAnew(ctx, r, id)
	}
}

// total sums what all rows give, by the records that they point at.
func (w *writer) total(ctx context.Context, r *compile.Rollup, sums map[string]*store.Sums, totals map[string]any) error {
	add := func(row, doc value.Row) error {
		g, ok, err := w.give(ctx, r, row, doc)
		if _, told := asProblem(err); told || err == nil && !ok {
			return nil // a row whose value can't be worked out gives nothing
		}
		if err != nil {
			return err
		}
		x := &delta{come: []any{g.value}}
		switch r.Function {
		case metamodel.RollupCount:
			n, _ := totals[g.to].(int64)
			totals[g.to] = n + 1
		case metamodel.RollupSum:
			totals[g.to], err = sumDelta(r.Field, totals[g.to], x)
		default:
			if sums[g.to] == nil {
				sums[g.to] = &store.Sums{}
			}
			err = addSums(sums[g.to], r.Field, x)
		}
		return err
	}
	unit, line := r.Rows, (*metamodel.Field)(nil)
	if r.Rows.IsLines() {
		unit, line = w.call.Snap.Of(r.Rows.Parent), r.Rows.Via
	}
	return w.pages(ctx, unit, query.Live, func(records []value.Row) error {
		for _, record := range records {
			rows, doc := rowsOf(line, record)
			for _, row := range rows {
				if err := add(row, doc); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
