package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Bounds of working kept values out in many records.
const (
	// deriveBatch is how many records are worked out in one transaction of a job.
	deriveBatch = maxSelectIDs
	// maxJobRows bounds how many rows of one record a job reads, where a write leaves it to the job.
	maxJobRows = 2_000_000
)

// errManyRows says that a record has too many rows to be read with a write.
var errManyRows = errors.New("too many rows")

// recompute works a kept value out anew in some records, with all that follows from it but later, and tells how many of
// them it has done: those after the first whose rows are many are left for the next time.
func (w *writer) recompute(ctx context.Context, f *metamodel.Field, ids []string, later map[*metamodel.Field]bool) (int, error) {
	unit, computed, roll := w.call.Snap.Kept(f)
	if computed == nil && roll == nil {
		return len(ids), nil // it is not kept any more
	}
	defer w.follows()()
	d := w.derivation()
	d.later = later
	if err := d.fetch(ctx, unit, ids); err != nil {
		return 0, err
	}
	d.reached = 0
	done := len(ids)
	if computed != nil {
		if err := d.prefetch(ctx, computed); err != nil {
			return 0, err
		}
		for _, k := range d.order {
			d.compute(computed, k)
		}
	} else {
		var err error
		if done, err = d.rollAll(ctx, roll, ids); err != nil {
			return 0, err
		}
	}
	if err := d.finish(ctx); err != nil {
		return 0, err
	}
	if err := w.changed(ctx, d.changes()); err != nil {
		return 0, err
	}
	return done, d.postAgain(ctx, nil)
}

// prefetch reads what a formula walks to from all records of a batch at once.
func (d *derivation) prefetch(ctx context.Context, c *compile.Computed) error {
	if c.Program == nil || c.Line != nil {
		return nil
	}
	rows := make([]value.Row, len(d.order))
	for i, k := range d.order {
		rows[i] = k.now
	}
	return d.w.prefetch(ctx, c.Program.Hops, c.Field.Entity, rows)
}

// rollAll works a roll-up out anew in records that were fetched.
func (d *derivation) rollAll(ctx context.Context, r *compile.Rollup, ids []string) (done int, err error) {
	var all []string // of the records, or of their lines
	for _, id := range ids {
		if k := d.records[recordKey{r.Unit.ID, id}]; k != nil {
			all = append(all, keeping(r, k.now)...)
		}
	}
	totals, err := d.w.totals(ctx, r, all)
	if err != nil {
		return 0, err
	}
	d.w.rowsRead = 0
	for _, id := range ids {
		if done > 0 && d.w.rowsRead > d.w.engine.rowBound() {
			break
		}
		done++
		k := d.records[recordKey{r.Unit.ID, id}]
		if k == nil {
			continue // it was deleted for good
		}
		if err := d.rollOne(ctx, r, k, totals); err != nil {
			return 0, err
		}
	}
	return done, nil
}

// rollOne works a roll-up of a record, or of its lines, out anew, and enters what follows from it.
func (d *derivation) rollOne(ctx context.Context, r *compile.Rollup, k *kept, totals map[string]total) error {
	f, changed := r.Field, false
	for _, to := range keeping(r, k.now) {
		v, sums, err := d.w.totalOf(ctx, r, to, totals)
		if err != nil {
			return err
		}
		if sums != nil {
			k.keepSums(f, to, sums)
			k.changed, d.dirty = true, true
		}
		row, fitted := keepingRow(r, k.now, to), fit(f, v)
		if !same(row[f.Slot], fitted) {
			row[f.Slot] = fitted
			changed, k.changed, d.dirty = true, true, true
		}
	}
	if !changed {
		return nil
	}
	return d.spread(ctx, k, map[*metamodel.Field]bool{f: true}, true)
}

// total is what all rows of a record give together.
type total struct {
	n   int64
	sum value.Decimal
}

// totals asks the database for what the rows of records, or of lines, give together, as many as go into a question at a
// time; nil where it can't tell.
func (w *writer) totals(ctx context.Context, r *compile.Rollup, ids []string) (map[string]total, error) {
	out := make(map[string]total, len(ids))
	for part := range slices.Chunk(ids, maxSelectIDs) {
		some, err := w.totalsOf(ctx, r, part)
		if err != nil || some == nil {
			return nil, err
		}
		maps.Copy(out, some)
	}
	return out, nil
}

func (w *writer) totalsOf(ctx context.Context, r *compile.Rollup, ids []string) (map[string]total, error) {
	q := &query.Aggregate{Entity: r.Rows.Entity, IDs: ids, To: r.Path, Groups: []query.Group{{Path: r.Path}}, Measures: []query.Measure{{Fn: "count"}}, Limit: len(ids)}
	switch plain := r.Plain(); {
	case r.Function == metamodel.RollupCount:
	case r.Function != metamodel.RollupSum && r.Function != metamodel.RollupAverage:
		return nil, nil
	case plain == nil || plain.Kind != metamodel.Integer && (!plain.Kind.IsDecimal() || plain.Scale > r.Field.Scale):
		return nil, nil // each is rounded before it is added
	default:
		q.Measures = append(q.Measures, query.Measure{Fn: "sum", Path: metamodel.Path{plain}})
	}
	how := w.engine.seekOf(w.call.Snap, r)
	if len(how.where) < len(r.Holds) {
		return nil, nil
	}
	q.Where = how.where
	groups, err := w.tx.Aggregate(ctx, q, w.env)
	if _, no := lower.AsNotLowerable(err); no {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("add up the rows of %s: %w", r.Field.Name, err)
	}
	out := make(map[string]total, len(groups.Rows))
	for _, g := range groups.Rows {
		id, _ := g.Keys[0].(string)
		t := total{}
		t.n, _ = g.Values[0].(int64)
		if len(g.Values) > 1 {
			if t.sum, err = decimalOf(r.Field, g.Values[1]); err != nil {
				return nil, fmt.Errorf("add up the rows of %s: %w", r.Field.Name, err)
			}
		}
		out[id] = t
	}
	return out, nil
}

// totalOf is a roll-up of one record, of the totals where there are any.
func (w *writer) totalOf(ctx context.Context, r *compile.Rollup, id string, totals map[string]total) (any, *store.Sums, error) {
	if totals == nil {
		return w.rollAnew(ctx, r, id)
	}
	t := totals[id]
	switch r.Function {
	case metamodel.RollupCount:
		return t.n, nil, nil
	case metamodel.RollupSum:
		v, err := decimalOf(r.Field, t.sum)
		return v, nil, err
	default: // an average
	}
	sums := &store.Sums{}
	sums.N.SetInt64(t.n)
	whole, err := t.sum.Unscaled(int32(r.Field.Scale))
	if err != nil {
		return nil, nil, fmt.Errorf("add up the rows of %s: %w", r.Field.Name, err)
	}
	sums.S.Set(big.NewInt(whole))
	v, err := ofSums(r.Function, r.Field, sums)
	return v, sums, err
}
