package engine

import (
	"context"

	"tenon/engine/compile"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// addAtOnce brings sums and counts of a single record up to date with one statement, where its table is a way off and
// nothing else of the record is needed. It is false, and nothing is done, where the record has to be read first.
func (d *derivation) addAtOnce(ctx context.Context, keys []deltaKey, deltas map[deltaKey]*delta, note func(*kept, *metamodel.Field)) (bool, error) {
	if len(keys) == 0 || d.w.held != nil || keys[0].roll.Line != nil || !d.w.tx.AddsAtOnce() {
		return false, nil
	}
	id, m := keys[0].to, keys[0].roll.Field.Entity
	e := d.w.call.Snap.Of(m)
	if len(e.Lines) > 0 || d.records[recordKey{m.ID, id}] != nil || !validID(id) {
		return false, nil
	}
	by := map[*metamodel.Field]value.Decimal{}
	for _, k := range keys {
		if k.to != id || k.roll.Field.Entity != m {
			return false, nil
		}
		n, ok, err := addendOf(k.roll, deltas[k])
		if err != nil || !ok {
			return false, err
		}
		by[k.roll.Field] = n
	}
	all := make([]store.Addend, 0, len(by))
	for _, f := range m.Fields { // always in the same order, so that the statement is known
		if n, ok := by[f]; ok {
			all = append(all, store.Addend{Field: f, By: n})
		}
	}
	row, err := d.w.tx.Add(ctx, m, id, all)
	if err != nil || row == nil {
		return false, err
	}
	was := cloneRow(row)
	for _, a := range all {
		if was[a.Field.Slot], err = lessBy(a.Field, row[a.Field.Slot], a.By); err != nil {
			return false, err
		}
	}
	d.take(e, id, row, cloneRow(row))
	k := d.records[recordKey{m.ID, id}]
	k.before = there(was)
	d.reached++
	d.w.forget(e)
	for _, a := range all {
		if !a.By.IsZero() {
			note(k, a.Field)
		}
	}
	return true, nil
}

// addendOf is what a sum or a count grows by.
func addendOf(r *compile.Rollup, x *delta) (value.Decimal, bool, error) {
	switch r.Function {
	case metamodel.RollupCount:
		return value.NewDecimal(int64(len(x.come)-len(x.gone)), 0), true, nil
	case metamodel.RollupSum:
		sum, err := sumDelta(r.Field, nil, x)
		n, ok := sum.(value.Decimal)
		return n, ok, err
	default:
		return value.Decimal{}, false, nil
	}
}

// lessBy is what a number was before it grew.
func lessBy(f *metamodel.Field, now any, by value.Decimal) (any, error) {
	n, err := decimalOf(f, now)
	if err == nil {
		n, err = n.Sub(by)
	}
	return fit(f, n), err
}
