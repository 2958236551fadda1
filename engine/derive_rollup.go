package engine

import (
	"context"
	"errors"
	"math/big"
	"slices"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// computeFailed says that a value can't be worked out of what is there.
const computeFailed diag.Code = "record.compute_failed"

// gives is what a row gives to a roll-up.
type gives struct {
	to    string // id of the record that keeps it
	value any    // nil for count
}

// give works out what a row gives; nothing where it points nowhere, doesn't hold or has no value. doc is the record
// that a line belongs to.
func (w *world) give(ctx context.Context, r *compile.Rollup, row, doc value.Row) (gives, bool, error) {
	at := row
	if r.Through() {
		at = doc
	}
	to, ok := at[r.Reference().Slot].(string)
	if !ok || to == "" {
		return gives{}, false, nil
	}
	v, ok, err := w.contribution(ctx, r, row, doc)
	return gives{to, v}, ok, err
}

// given is give, where a job takes a row whose value can't be worked out for one that gives nothing: there is nobody to
// be told.
func (w *writer) given(ctx context.Context, r *compile.Rollup, row, doc value.Row) (gives, bool, error) {
	g, ok, err := w.give(ctx, r, row, doc)
	if p, told := asProblem(err); told && w.job && p.First().Code == computeFailed {
		return gives{}, false, nil
	}
	return g, ok, err
}

// contribution is what a row gives, wherever it points.
func (w *world) contribution(ctx context.Context, r *compile.Rollup, row, doc value.Row) (any, bool, error) {
	act := w.activation(ctx, row)
	act.Parent = doc
	if r.Where != nil {
		if ok, err := w.holds(ctx, r.Rows, r.Where, act); err != nil || !ok {
			return nil, false, w.problemIn(r, err)
		}
	}
	if r.Value == nil {
		return nil, true, nil
	}
	v, err := w.eval(ctx, r.Rows, r.Value, act)
	if isNull(err) {
		return nil, false, nil
	}
	if err != nil || v == nil || v == "" {
		return nil, false, w.problemIn(r, err)
	}
	switch r.Function {
	case metamodel.RollupMin, metamodel.RollupMax, metamodel.RollupFirst, metamodel.RollupLast:
		if fitted := fit(r.Field, v); fitted != nil { // as it is kept, so that what goes is known again
			return fitted, true, nil
		}
	default:
	}
	return v, true, nil
}

// problemIn says which value can't be worked out.
func (w *world) problemIn(r *compile.Rollup, err error) error {
	if err == nil {
		return nil
	}
	p, told := evalProblem(err, computeFailed, "", w.call.Locale, "field", r.Field.Title.In(w.call.Locale))
	if !told {
		return err
	}
	return &diag.Problem{List: diag.List{p}}
}

// rowsOf are the rows of a record that count for a feed, with the record that they belong to.
func rowsOf(f *metamodel.Field, record value.Row) (rows []value.Row, doc value.Row) {
	switch {
	case record == nil:
		return nil, nil
	case f == nil:
		return []value.Row{record}, nil
	}
	rows, _ = record[f.Slot].([]value.Row)
	return rows, record
}

// ofNothing is a roll-up of a record that nothing points at.
func ofNothing(r *compile.Rollup) any {
	v, _, _ := fold(r, nil) // of nothing, so that nothing can be too large
	return fit(r.Field, v)
}

// rollOwn works out a roll-up over a record's own lines, with the record.
func (w *world) rollOwn(ctx context.Context, d *draft, c *compile.Computed) error {
	f := c.Field
	r := &compile.Rollup{Rollup: f.Rollup, Field: f, Rows: w.call.Snap.Of(f.Rollup.Entity), Value: c.Value, Where: c.Where}
	rows := d.lines(f.Rollup.Entity.Via)
	all := make([]rolled, 0, len(rows))
	for _, row := range rows {
		v, ok, err := w.contribution(ctx, r, row, d.after)
		if p, isProblem := asProblem(err); isProblem {
			d.list = append(d.list, p.List...)
			return nil
		}
		if err != nil {
			return err
		}
		if ok {
			all = append(all, rolled{v, orderOf(r, row, d.after), placeOf(r, row)})
		}
	}
	v, _, err := fold(r, all)
	if err != nil {
		return err
	}
	d.after[f.Slot] = fit(f, v)
	if d.after[f.Slot] == nil && v != nil && v != "" {
		d.list.Add("record.too_precise", diag.Pointer(d.path, f.Name), "field", f.Title.In(w.call.Locale), "precision", f.Precision, "scale", f.Scale)
	}
	return nil
}

// delta is what a write changes of what rows give to one record.
type delta struct{ gone, come []any }

// deltaKey names a roll-up of a record.
type deltaKey struct {
	roll *compile.Rollup
	to   string
}

// rollUp brings roll-ups up to date with the rows that count for them.
func (d *derivation) rollUp(ctx context.Context, feeds []feed, note func(*kept, *metamodel.Field)) error {
	deltas := map[deltaKey]*delta{}
	var keys []deltaKey
	add := func(r *compile.Rollup, record value.Row, line *metamodel.Field, put func(*delta, any)) error {
		rows, doc := rowsOf(line, record)
		for _, row := range rows {
			g, ok, err := d.w.given(ctx, r, row, doc)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			key := deltaKey{r, g.to}
			if deltas[key] == nil {
				deltas[key] = &delta{}
				keys = append(keys, key)
			}
			put(deltas[key], g.value)
		}
		return nil
	}
	for _, f := range feeds {
		if err := add(f.roll, f.from.before, f.line, func(x *delta, v any) { x.gone = append(x.gone, v) }); err != nil {
			return err
		}
		if err := add(f.roll, there(f.from.now), f.line, func(x *delta, v any) { x.come = append(x.come, v) }); err != nil {
			return err
		}
	}
	keys = slices.DeleteFunc(keys, func(k deltaKey) bool { return !k.roll.Function.Ordered() && cancels(deltas[k]) })
	keys, err := d.locate(ctx, keys)
	if err != nil {
		return err
	}
	if keys, err = d.postponeMany(ctx, keys); err != nil {
		return err
	}
	if done, err := d.addAtOnce(ctx, keys, deltas, note); done || err != nil {
		return err
	}
	if err := d.fetchKeepers(ctx, keys); err != nil {
		return err
	}
	slices.SortStableFunc(keys, func(a, b deltaKey) int {
		return strings.Compare(string(a.roll.Unit.ID)+d.keeper(a), string(b.roll.Unit.ID)+d.keeper(b))
	})
	for _, key := range keys {
		if err := d.keep(ctx, key, deltas[key], note); err != nil {
			return err
		}
	}
	return nil
}

// cancels tells whether what goes comes again.
func cancels(x *delta) bool {
	if len(x.gone) != len(x.come) {
		return false
	}
	for i := range x.gone {
		if !same(x.gone[i], x.come[i]) {
			return false
		}
	}
	return true
}

// postponeMany leaves the roll-ups of a write to jobs where more records keep them than one may change.
func (d *derivation) postponeMany(ctx context.Context, keys []deltaKey) ([]deltaKey, error) {
	if len(keys) <= d.w.engine.rowBound() {
		return keys, nil
	}
	left := map[*metamodel.Field]bool{}
	for _, k := range keys {
		if f := k.roll.Field; !left[f] {
			left[f] = true
			if err := d.w.postpone(ctx, store.JobRecompute, deriveJob{}, f); err != nil {
				return nil, err
			}
		}
	}
	return nil, nil
}

// fetchKeepers takes the records that keep roll-ups into the derivation, entity by entity.
func (d *derivation) fetchKeepers(ctx context.Context, keys []deltaKey) error {
	ids := map[metamodel.ID][]string{}
	for _, k := range keys {
		e := k.roll.Unit.ID
		ids[e] = append(ids[e], d.keeper(k))
	}
	for _, e := range sortedIDs(ids) {
		if err := d.fetch(ctx, d.w.call.Snap.EntityByID(e), ids[e]); err != nil {
			return err
		}
	}
	return nil
}

func sortedIDs[V any](m map[metamodel.ID]V) []metamodel.ID {
	out := make([]metamodel.ID, 0, len(m))
	for id := range m {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// keep brings one roll-up of one record up to date.
func (d *derivation) keep(ctx context.Context, key deltaKey, x *delta, note func(*kept, *metamodel.Field)) error {
	f := key.roll.Field
	k := d.records[recordKey{key.roll.Unit.ID, d.keeper(key)}]
	if k == nil || k.stored == nil {
		return nil // it was deleted for good
	}
	record := k.now
	if record == nil { // in the recycle bin: it may come back
		record = k.stored
	}
	row := keepingRow(key.roll, record, key.to)
	if row == nil {
		return nil // the line is gone
	}
	v, err := d.value(ctx, key, k, row, x)
	if errors.Is(err, errManyRows) && !d.w.job {
		return d.w.postponeRecord(ctx, f, k.id)
	}
	if err != nil {
		return err
	}
	fitted := fit(f, v)
	if fitted == nil && v != nil && v != "" && !d.w.job {
		return d.because(diag.Refuse("record.too_precise", "", "field", f.Title.In(d.w.call.Locale), "precision", f.Precision, "scale", f.Scale), k)
	}
	if !same(row[f.Slot], fitted) {
		k.now = cloneIfBinned(k, record)
		keepingRow(key.roll, k.now, key.to)[f.Slot] = fitted
		note(k, f)
		k.changed, d.dirty = true, true
	}
	return nil
}

// cloneIfBinned gives a record in the recycle bin a state of its own: what it keeps changes, and it still doesn't count.
func cloneIfBinned(k *kept, row value.Row) value.Row {
	if k.now == nil {
		return cloneRecord(k.entity, row)
	}
	return k.now
}

// value is a roll-up after a change of what its rows give.
func (d *derivation) value(ctx context.Context, key deltaKey, k *kept, row value.Row, x *delta) (any, error) {
	f := key.roll.Field
	switch fn := key.roll.Function; fn {
	case metamodel.RollupCount:
		old, _ := row[f.Slot].(int64)
		return countOf(row[f.Slot], old) + int64(len(x.come)-len(x.gone)), nil
	case metamodel.RollupSum:
		return sumDelta(f, row[f.Slot], x)
	case metamodel.RollupAverage, metamodel.RollupDeviate:
		sums, err := d.sums(ctx, k, key)
		if err != nil {
			return nil, err
		}
		if sums == nil {
			break // never worked out: from all rows
		}
		if err := addSums(sums, f, x); err != nil {
			return nil, err
		}
		k.changed, d.dirty = true, true
		return ofSums(fn, f, sums)
	case metamodel.RollupMin, metamodel.RollupMax:
		if v, ok := extremeDelta(fn, row[f.Slot], x); ok {
			return v, nil
		}
	case metamodel.RollupDistinct, metamodel.RollupConcat:
		sums, err := d.sums(ctx, k, key)
		if err != nil {
			return nil, err
		}
		if sums != nil {
			return d.different(ctx, key, k, sums, x)
		}
	case metamodel.RollupFirst, metamodel.RollupLast: // from the rows
	}
	if err := d.flush(ctx); err != nil {
		return nil, err
	}
	v, sums, err := d.w.rollAnew(ctx, key.roll, key.to)
	if sums != nil {
		k.keepSums(f, key.to, sums)
		k.changed, d.dirty = true, true
	}
	return v, err
}

// different counts, or joins, the different values of a record's rows after a change of them.
func (d *derivation) different(ctx context.Context, key deltaKey, k *kept, sums *store.Sums, x *delta) (any, error) {
	by := map[string]int64{}
	for _, v := range x.gone {
		by[sameText(v)]--
	}
	for _, v := range x.come {
		by[sameText(v)]++
	}
	more, err := d.w.tx.CountValues(ctx, key.roll.Field, key.to, by)
	if err != nil {
		return nil, err
	}
	if more != 0 {
		sums.N.Add(&sums.N, big.NewInt(more))
		k.changed, d.dirty = true, true
	}
	n := sums.N.Int64()
	if key.roll.Function == metamodel.RollupDistinct {
		return n, nil
	}
	if err := d.flush(ctx); err != nil {
		return nil, err
	}
	return d.w.texts(ctx, key.roll, key.to, int(n))
}

// sums are the sums beside an average or a deviation, as they are now.
func (d *derivation) sums(ctx context.Context, k *kept, key deltaKey) (*store.Sums, error) {
	f := key.roll.Field
	if s := k.sums[store.SumsKey{Field: f, ID: key.to}]; s != nil {
		return s, nil
	}
	s, err := d.w.tx.Sums(ctx, f, key.to)
	if err == nil && s != nil {
		k.keepSums(f, key.to, s)
	}
	return s, err
}

// keepSums notes the sums beside a roll-up of the record, or of the line that has the id.
func (k *kept) keepSums(f *metamodel.Field, id string, s *store.Sums) {
	if k.sums == nil {
		k.sums = map[store.SumsKey]*store.Sums{}
	}
	k.sums[store.SumsKey{Field: f, ID: id}] = s
}

// countOf reads a count that may be kept as a decimal.
func countOf(v any, n int64) int64 {
	if d, ok := v.(value.Decimal); ok {
		n, _ = d.Int64()
	}
	return n
}
