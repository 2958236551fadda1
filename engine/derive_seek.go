package engine

import (
	"context"
	"fmt"
	"unicode/utf8"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// How many rows are read at first where one is looked for that not every row may be, and how many times more each time
// that none was found.
const (
	seekRows   = 16
	seekGrowth = 8
)

// seek is how a roll-up's rows are asked for in their order.
type seek struct {
	where []*expr.Node
	sure  bool // the database answers just the rows that give something
}

// seekOf works out, once for a roll-up, what of its conditions the database can judge.
func (e *Engine) seekOf(s *compile.Snapshot, r *compile.Rollup) *seek {
	if known, ok := e.seeking.Load(r); ok {
		return known.(*seek) //nolint:forcetypeassert // only seeks are stored
	}
	out := &seek{sure: r.Plain() != nil}
	for _, n := range r.Holds {
		if lower.LowerableOver(e.store.Dialect(), n, "", s.Formula) == nil {
			out.where = append(out.where, n)
		} else {
			out.sure = false
		}
	}
	e.seeking.Store(r, out)
	return out
}

// inOrder hands what the rows of a record give to do, in the order of the roll-up, as long as it asks for more. Where
// the first row is all that is asked for, that is one look into an index.
func (w *writer) inOrder(ctx context.Context, r *compile.Rollup, to string, one bool, do func(any) (more bool)) error {
	how := w.engine.seekOf(w.call.Snap, r)
	q := &query.Select{Entity: r.Rows.Entity, To: r.Path, IDs: []string{to}, Where: how.where, Order: r.Sort, Limit: seekRows}
	if one && how.sure {
		q.Limit = 1
	}
	for read := 0; ; q.Limit = min(q.Limit*seekGrowth, maxSelectIDs) {
		page, err := w.tx.Select(ctx, q, w.env)
		if err != nil {
			return fmt.Errorf("read the rows of %s: %w", r.Field.Name, err)
		}
		read += len(page.Rows)
		if err := w.readRows(len(page.Rows), read); err != nil {
			return err
		}
		all, err := w.givenBy(ctx, r, page.Rows)
		if err != nil {
			return err
		}
		for _, g := range all {
			if !do(g.value) {
				return nil
			}
		}
		if page.Next == nil {
			return nil
		}
		q.After = page.Next
	}
}

// readRows counts rows that were read, and stops where those of one record, all, are too many for a write. A page has the
// means of a request: what bounds a write is how many there are.
func (w *writer) readRows(page, all int) error {
	w.rowsRead += page
	w.call.Budget = expr.NewBudget(expr.RequestBudget)
	if w.job {
		if all > maxJobRows {
			return fmt.Errorf("%w: %d", errManyRows, all)
		}
		return nil
	}
	if all > w.engine.rowBound() {
		return errManyRows
	}
	return nil
}

// givenBy are what rows give, those that give nothing left out.
func (w *writer) givenBy(ctx context.Context, r *compile.Rollup, rows []value.Row) ([]rolled, error) {
	docs, err := w.documents(ctx, r, rows)
	if err != nil {
		return nil, err
	}
	out := make([]rolled, 0, len(rows))
	for _, row := range rows {
		doc := docs[row[metamodel.SlotID].(string)]
		if r.Rows.IsLines() && doc == nil {
			continue // of a record that is deleted
		}
		g, ok, err := w.given(ctx, r, row, doc)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, rolled{g.value, orderOf(r, row, doc), placeOf(r, row)})
		}
	}
	return out, nil
}

// end is the value at the end of a roll-up's rows that it is taken from.
func (w *writer) end(ctx context.Context, r *compile.Rollup, to string) (v any, err error) {
	err = w.inOrder(ctx, r, to, true, func(found any) bool {
		v = found
		return false
	})
	return v, err
}

// texts joins the different texts of a roll-up's rows, of which there are n, in order. It reads no further than the
// last new one, nor than its field is long.
func (w *writer) texts(ctx context.Context, r *compile.Rollup, to string, n int) (any, error) {
	var all []rolled
	seen := map[string]bool{}
	length := 0
	if n == 0 {
		return nil, nil
	}
	err := w.inOrder(ctx, r, to, false, func(v any) bool {
		if s := sameText(v); !seen[s] {
			seen[s] = true
			length += utf8.RuneCountInString(s)
			all = append(all, rolled{value: v})
		}
		return len(seen) < n && (r.Field.MaxLength == 0 || length < r.Field.MaxLength)
	})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return joined(r, all), nil
}
