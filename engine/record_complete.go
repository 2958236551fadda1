package engine

import (
	"context"

	"tenon/engine/compile"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// draft is a record on its way to the store.
type draft struct {
	entity *compile.Entity
	before value.Row // nil when it is new; with its lines
	after  value.Row
	sent   []bool // by slot: what the request gave; nil when it gave no values
	event  metamodel.RuleEvent
	path   string    // where its values stand in the request
	list   diag.List // what is wrong, and warnings
	trial  bool      // a form as it stands: nothing is written, and new lines keep their passing ids
}

// deleted tells whether the record goes.
func (d *draft) deleted() bool { return d.after[metamodel.SlotDeletedAt] != nil }

// lines returns the rows of a lines field of the record as it will be.
func (d *draft) lines(f *metamodel.Field) []value.Row {
	rows, _ := d.after[f.Slot].([]value.Row)
	return rows
}

// each calls do for the record itself (line nil) or for every row of the lines field.
func (d *draft) each(line *metamodel.Field, do func(row, parent value.Row, path string) error) error {
	if line == nil {
		return do(d.after, nil, d.path)
	}
	for i, row := range d.lines(line) {
		if err := do(row, d.after, diag.Pointer(d.path, line.Name, i)); err != nil {
			return err
		}
	}
	return nil
}

// lineBefore finds a line of the record as it was; nil when the line is new.
func (d *draft) lineBefore(line *metamodel.Field, row value.Row) value.Row {
	if d.before == nil || row[metamodel.LineSlotID] == nil {
		return nil
	}
	rows, _ := d.before[line.Slot].([]value.Row)
	for _, r := range rows {
		if r[metamodel.LineSlotID] == row[metamodel.LineSlotID] {
			return r
		}
	}
	return nil
}

// take puts what was sent into the draft, and tells whether that differs from what the record was.
func (d *draft) take(g given, newID func() string, lang string) (changed bool) {
	for slot, sent := range g.sent {
		if sent {
			changed = changed || d.before == nil || !same(d.before[slot], g.row[slot])
			d.after[slot] = g.row[slot]
		}
	}
	for _, l := range d.entity.Lines { // also those that weren't sent: what they keep of the record may change
		if d.before != nil {
			d.after[l.Field.Slot] = cloneLines(d.after[l.Field.Slot])
		}
	}
	d.mergeLines(newID, lang)
	return changed
}

// mergeLines puts the values that were not sent back into the record's lines, gives new lines their place and
// refuses ids that are not the record's, or come twice.
func (d *draft) mergeLines(newID func() string, lang string) {
	for _, l := range d.entity.Lines {
		if d.sent != nil && !d.sent[l.Field.Slot] {
			continue
		}
		seen := map[any]bool{}
		for i, row := range d.lines(l.Field) {
			old := d.lineBefore(l.Field, row)
			id := row[metamodel.LineSlotID]
			passing := isPassing(id)
			switch at := diag.Pointer(d.path, l.Field.Name, i, "id"); {
			case id == nil || passing:
			case old == nil:
				d.list.Add("record.line_unknown", at, "field", l.Field.Title.In(lang))
			case seen[id]:
				d.list.Add("record.line_twice", at, "field", l.Field.Title.In(lang))
				old = nil
			}
			keep := old != nil || d.trial && passing && !seen[id]
			seen[id] = true
			fillUnsent(row, old)
			if !keep {
				row[metamodel.LineSlotID] = newID()
			}
			row[metamodel.LineSlotParent] = d.after[metamodel.SlotID]
			row[metamodel.LineSlotPosition] = int64(i + 1)
		}
	}
}

// fillUnsent puts what a line was where nothing was sent; old is nil for a new line.
func fillUnsent(row, old value.Row) {
	for slot := range row {
		if _, absent := row[slot].(lineSent); !absent {
			continue
		}
		row[slot] = nil
		if old != nil {
			row[slot] = old[slot]
		}
	}
}

// complete gives defaults to what is new and computes the stored formulas, in dependency order.
func (w *world) complete(ctx context.Context, d *draft) error {
	d.beginRollups()
	if d.before == nil {
		if err := w.defaults(ctx, d, d.entity.Defaults, nil); err != nil {
			return err
		}
	}
	for _, l := range d.entity.Lines {
		if err := w.defaults(ctx, d, l.Entity.Defaults, l.Field); err != nil {
			return err
		}
	}
	for i := range d.entity.Stored {
		if err := w.compute(ctx, d, &d.entity.Stored[i]); err != nil {
			return err
		}
	}
	return nil
}

// beginRollups gives a new record, and new lines, what roll-ups are of nothing.
func (d *draft) beginRollups() {
	for _, r := range d.entity.Rollups {
		if r.Line == nil {
			if d.before == nil {
				d.after[r.Field.Slot] = ofNothing(r)
			}
			continue
		}
		for _, row := range d.lines(r.Line) {
			if d.lineBefore(r.Line, row) == nil {
				row[r.Field.Slot] = ofNothing(r)
			}
		}
	}
}

// defaults evaluates the defaults of fields that nothing was given for. On a line, only new lines get them.
func (w *world) defaults(ctx context.Context, d *draft, defaults []compile.Computed, line *metamodel.Field) error {
	for i := range defaults {
		c := &defaults[i]
		err := d.each(line, func(row, parent value.Row, path string) error {
			if row[c.Field.Slot] != nil || line == nil && d.sent != nil && d.sent[c.Field.Slot] || line != nil && d.lineBefore(line, row) != nil {
				return nil
			}
			return w.assign(ctx, d, c, row, parent, path)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *world) compute(ctx context.Context, d *draft, c *compile.Computed) error {
	defer w.follows()()
	if c.Program == nil {
		return w.rollOwn(ctx, d, c)
	}
	return d.each(c.Line, func(row, parent value.Row, path string) error {
		return w.assign(ctx, d, c, row, parent, path)
	})
}

// assign evaluates one program into its field's slot. A value that is null stays null; a value that does not
// fit its field is reported.
func (w *world) assign(ctx context.Context, d *draft, c *compile.Computed, row, parent value.Row, path string) error {
	act := w.activation(ctx, row)
	act.Parent = parent
	e := d.entity
	if parent != nil {
		e = w.call.Snap.Of(c.Field.Entity)
	}
	v, err := w.eval(ctx, e, c.Program, act)
	switch {
	case isNull(err):
		v = nil
	case err != nil:
		p, told := evalProblem(err, "record.compute_failed", diag.Pointer(path, c.Field.Name), w.call.Locale, "field", c.Field.Title.In(w.call.Locale))
		if !told {
			return err
		}
		d.list = append(d.list, p)
		return nil
	}
	fitted := fit(c.Field, v)
	if fitted == nil && v != nil && v != "" {
		d.list.Add("record.too_precise", diag.Pointer(path, c.Field.Name), "field", c.Field.Title.In(w.call.Locale), "precision", c.Field.Precision, "scale", c.Field.Scale)
	}
	row[c.Field.Slot] = fitted
	return nil
}
