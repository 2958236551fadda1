package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tenon/engine/compile"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// changed gets all that one derivation changed, each record once: those that were written, those of ledgers, and those
// that keep other values now. What is in the recycle bin is not there: its before or after is nil. Kept aggregates get
// the difference.
func (w *writer) changed(ctx context.Context, changes []change) error {
	for _, c := range changes {
		if len(c.entity.Aggregates) == 0 {
			continue
		}
		fields := changedFields(c.entity, c.before, c.after)
		for _, a := range c.entity.Aggregates {
			if c.before != nil && c.after != nil && !touches(a, fields) {
				continue
			}
			if err := w.aggregate(ctx, a, c); err != nil {
				return err
			}
		}
	}
	return w.methods(ctx, changes)
}

// touches tells whether an aggregate looks at any of the fields that changed, or rows came or went.
func touches(a *compile.Aggregate, changed map[*metamodel.Field]bool) bool {
	for f := range changed {
		if a.Reads(f) || f == a.Line {
			return true
		}
	}
	return false
}

// aggregate adds what a change of a record makes of an aggregate. One that is not ready yet has no records after its
// place: whoever fills it will find them as they are then.
func (w *writer) aggregate(ctx context.Context, a *compile.Aggregate, c change) error {
	state, err := w.keptState(ctx, a)
	if err != nil {
		return err
	}
	record := c.after
	if record == nil {
		record = c.before
	}
	if id, _ := record[metamodel.SlotID].(string); !state.Ready && id > state.Place {
		return nil
	}
	if err := w.count(ctx, a, c.before, -1); err != nil {
		return err
	}
	return w.count(ctx, a, c.after, 1)
}

// keptState reads how far an aggregate is, and keeps it there until the transaction ends. Ready it is until the next
// release.
func (w *writer) keptState(ctx context.Context, a *compile.Aggregate) (store.KeptState, error) {
	key := readyKey{w.call.Snap.Generation, a.ID}
	if _, ready := w.engine.ready.Load(key); ready {
		return store.KeptState{Ready: true}, nil
	}
	if s, held := w.kept[a.ID]; held {
		return s, nil
	}
	s, err := w.tx.HoldKept(ctx, a.ID)
	if errors.Is(err, store.ErrNotFound) {
		return s, nil // the release that begins it is under way
	}
	if err != nil {
		return s, err
	}
	if s.Ready && key.generation > 0 { // a release that is under way may yet begin it anew
		w.engine.ready.Store(key, true)
	}
	if w.kept == nil {
		w.kept = map[metamodel.ID]store.KeptState{}
	}
	w.kept[a.ID] = s
	return s, nil
}

// readyKey names an aggregate in a release: what is ready stays so until the next.
type readyKey struct {
	generation int64
	id         metamodel.ID
}

// count adds the rows of a record to their groups, or takes them away.
func (w *writer) count(ctx context.Context, a *compile.Aggregate, record value.Row, sign int64) error {
	rows, doc := rowsOf(a.Line, record)
	for _, row := range rows {
		groups, err := w.groups(ctx, a, row, doc)
		if err != nil {
			return err
		}
		for _, group := range groups {
			for slot := a.Count.Slot; slot < len(group); slot++ {
				group[slot] = sign * group[slot].(int64)
			}
			w.tx.Keep(a.Kept, group)
		}
	}
	return nil
}

// groups are the groups of an aggregate that a row belongs to, with what it gives them; none where the filter doesn't
// hold. doc is the record that a line belongs to.
func (w *world) groups(ctx context.Context, a *compile.Aggregate, row, doc value.Row) ([]value.Row, error) {
	act := func() *expr.Activation {
		act := w.activation(ctx, row)
		act.Parent = doc
		return act
	}
	counts, err := w.counts(ctx, a, a.Where, act)
	if err != nil || !counts {
		return nil, err
	}
	out := make(value.Row, len(a.Table.Columns()))
	for _, k := range a.Keys {
		out[k.Field.Slot] = bucketOf(at(k.Path, row, doc), k.Unit, w.call.Snap.Zone)
	}
	out[a.Count.Slot] = int64(1)
	for i, v := range a.Values {
		counts, err := w.counts(ctx, a, a.Of[i], act)
		if err == nil {
			err = give(out, v, at(v.Path, row, doc), counts)
		}
		if err != nil {
			return nil, err
		}
	}
	if a.Span == nil {
		out[metamodel.SlotID] = groupID(a, out)
		return []value.Row{out}, nil
	}
	year := slices.Clone(out)
	slot := a.Span.Field.Slot
	year[slot] = bucketOf(out[slot], "year", w.call.Snap.Zone)
	out[a.Grain.Slot], year[a.Grain.Slot] = int64(metamodel.GrainMonth), int64(metamodel.GrainYear)
	for _, group := range []value.Row{out, year} {
		group[metamodel.SlotID] = groupID(a, group)
	}
	return []value.Row{out, year}, nil
}

// counts tells whether a row counts: a condition that can't be judged does not hold, and none holds for all.
func (w *world) counts(ctx context.Context, a *compile.Aggregate, where *compile.Program, act func() *expr.Activation) (bool, error) {
	if where == nil {
		return true, nil
	}
	holds, err := w.holds(ctx, w.call.Snap.Of(a.Entity), where, act())
	if fatal(err) {
		return false, err
	}
	return err == nil && holds, nil
}

// give puts what a row gives to a value into its group: nothing where the row doesn't count, or has none.
func give(group value.Row, v *metamodel.KeptValue, given any, counts bool) error {
	n, count := int64(0), int64(0)
	if counts && (len(v.Path) == 0 || given != nil) {
		count = 1
		switch x := given.(type) {
		case int64:
			n = x
		case value.Decimal:
			var err error
			if n, err = x.Unscaled(int32(v.Path.Last().Scale)); err != nil {
				return fmt.Errorf("keep a sum of %s: %w", v.Path.Last().Name, err)
			}
		}
	}
	group[v.Count.Slot] = count
	if v.High != nil {
		group[v.High.Slot], group[v.Low.Slot] = n/metamodel.SumPart, n%metamodel.SumPart
	}
	return nil
}

// at is the value of a field of a row, or of the record that it is a line of.
func at(p metamodel.Path, row, doc value.Row) any {
	if len(p) == 0 {
		return nil
	}
	if len(p) > 1 {
		row = doc
	}
	return row[p.Last().Slot]
}

// bucketOf is the first day of the unit that a date or instant lies in, as the database finds it; other values are
// themselves.
func bucketOf(v any, unit string, zone *time.Location) any {
	if unit == "" {
		return v
	}
	d, ok := v.(value.Date)
	if t, instant := v.(time.Time); instant {
		d, ok = value.DateOf(t, zone), true
	}
	if !ok {
		return nil
	}
	t := d.Time()
	switch unit {
	case "week":
		return d.AddDays(-(int(t.Weekday()+weekDays-1) % weekDays))
	case "month":
		return value.NewDate(t.Year(), t.Month(), 1)
	case "quarter":
		return value.NewDate(t.Year(), (t.Month()-1)/quarter*quarter+1, 1)
	case "year":
		return value.NewDate(t.Year(), time.January, 1)
	}
	return d
}

// groupEscapes keep keys apart.
var groupEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "~", `\~`)

// groupID is the id of a group: a digest of its key, in the form of an id.
func groupID(a *compile.Aggregate, row value.Row) string {
	var b strings.Builder
	for _, k := range a.Keys {
		if v := row[k.Field.Slot]; v == nil {
			b.WriteString("~|")
		} else {
			b.WriteString(groupEscapes.Replace(sameText(v)) + "|")
		}
	}
	if a.Grain != nil {
		b.WriteString(sameText(row[a.Grain.Slot]))
	}
	sum := sha256.Sum256([]byte(b.String()))
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
