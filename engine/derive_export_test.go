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

// RolledOtherwise works all roll-ups out by a way of its own, from all rows in memory, and tells which are kept
// otherwise.
func (e *Engine) RolledOtherwise(ctx context.Context, c Call) (out []string) {
	c.trusted = true
	err := e.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
		w := &writer{world: e.newWorld(c, tx), engine: e, tx: tx, job: true}
		for entity := range c.Snap.Entities {
			for _, r := range entity.Rollups {
				err := w.pages(ctx, entity, query.Any, func(rows []value.Row) error {
					return w.rolledOtherwise(ctx, r, rows, &out)
				})
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		out = append(out, err.Error())
	}
	return out
}

func (w *writer) rolledOtherwise(ctx context.Context, r *compile.Rollup, rows []value.Row, out *[]string) error {
	var keep []value.Row
	for _, row := range rows {
		for _, id := range keeping(r, row) {
			keep = append(keep, keepingRow(r, row, id))
		}
	}
	for _, row := range keep {
		all, err := w.allGiven(ctx, r, row[metamodel.SlotID].(string))
		if err != nil {
			return err
		}
		v, _, err := fold(r, all)
		if err != nil {
			return err
		}
		if want := fit(r.Field, v); !same(row[r.Field.Slot], want) {
			*out = append(*out, fmt.Sprintf("%s.%s keeps %v, of %d rows it is %v", r.Field.Entity.Name, r.Field.Name, row[r.Field.Slot], len(all), want))
		}
	}
	return nil
}

// pages hands all records of an entity to do, with their lines, a batch at a time. The budget of computation is each
// batch's.
func (w *writer) pages(ctx context.Context, e *compile.Entity, bin query.Bin, do func(rows []value.Row) error) error {
	q := &query.Select{Entity: e.Entity, Limit: deriveBatch, Bin: bin}
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

// RecomputeSome does one batch of what an app waits for; false when nothing waits.
func (e *Engine) RecomputeSome(ctx context.Context, app string) (bool, error) {
	return e.recomputeSome(ctx, app)
}
