package engine

import (
	"context"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// A line that something points at can't go, with its record or out of it, or is let go by what points at it, as its
// reference says. What points at it from the record itself goes with the record, and is judged as it will be otherwise.

// releaseGone deals with what points at lines that a change takes out of a record. Where something lets go, what the record
// keeps of it is known anew.
func (w *writer) releaseGone(ctx context.Context, d *draft) error {
	left := maxCascade
	if err := w.releaseAll(ctx, d, &left); err != nil || left == maxCascade {
		return err
	}
	id := d.before[metamodel.SlotID].(string)
	system := *w
	world := *w.world
	world.call.trusted = true
	system.world = &world
	fresh, err := system.load(ctx, d.entity, id, metamodel.ActRead, query.Live)
	if err != nil {
		return err
	}
	d.before = fresh
	for _, r := range d.entity.Rollups {
		for _, to := range keeping(r, d.after) {
			if now := keepingRow(r, fresh, to); now != nil {
				keepingRow(r, d.after, to)[r.Field.Slot] = now[r.Field.Slot]
			}
		}
	}
	return w.complete(ctx, d)
}

func (w *writer) releaseAll(ctx context.Context, d *draft, left *int) error {
	for _, l := range d.entity.Lines {
		if len(l.Entity.Incoming) == 0 || d.before == nil {
			continue
		}
		stay := map[any]bool{}
		for _, row := range d.lines(l.Field) {
			stay[row[metamodel.LineSlotID]] = true
		}
		var gone []value.Row
		was, _ := d.before[l.Field.Slot].([]value.Row)
		for _, row := range was {
			if !stay[row[metamodel.LineSlotID]] {
				gone = append(gone, row)
			}
		}
		if err := w.ownPointers(d, l, gone); err != nil {
			return err
		}
		if err := w.releaseLines(ctx, d, l, gone, left); err != nil {
			return err
		}
	}
	return nil
}

// releaseLines deals with what points from other records at lines that go away.
func (w *writer) releaseLines(ctx context.Context, d *draft, l *compile.Lines, gone []value.Row, left *int) error {
	if len(gone) == 0 {
		return nil
	}
	for _, f := range l.Entity.Incoming {
		rows, err := w.pointing(ctx, f, rowIDs(gone))
		if err != nil {
			return err
		}
		slot := metamodel.SlotID
		if f.Entity.IsLines() {
			slot = metamodel.LineSlotParent
		}
		var others []value.Row
		for _, row := range rows {
			if row[slot] != d.before[metamodel.SlotID] {
				others = append(others, row)
			}
		}
		how := leaving{"record.line_in_use", "record.line_in_use_unseen"}
		if err := w.let(ctx, f, others, diag.Pointer(d.path, l.Field.Name), left, how); err != nil {
			return err
		}
	}
	return nil
}

// ownPointers refuses a record of which a line goes that the record, or another line of it, still points at, or lets it go.
func (w *writer) ownPointers(d *draft, l *compile.Lines, gone []value.Row) error {
	for _, f := range l.Entity.Incoming {
		rows := []value.Row{d.after}
		switch {
		case f.Entity.Parent == d.entity.Entity:
			rows = d.lines(f.Entity.Via)
		case f.Entity != d.entity.Entity:
			continue
		}
		for _, row := range rows {
			for _, line := range gone {
				if row[f.Slot] != line[metamodel.LineSlotID] {
					continue
				}
				if f.OnDelete != metamodel.SetNull {
					return diag.Refuse("record.line_in_use", diag.Pointer(d.path, l.Field.Name), "count", 1, "entity", f.Entity.Title.In(w.call.Locale))
				}
				row[f.Slot] = nil
			}
		}
	}
	return nil
}
