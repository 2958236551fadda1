package engine

import (
	"context"
	"fmt"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// maxCascade bounds how many records one delete may take with it or detach.
const maxCascade = 1000

// remove puts a record into the recycle bin, with those that go with it; it is refused while others need it.
func (w *writer) remove(ctx context.Context, e *compile.Entity, id string, ifMatch int64, path string, left *int) (*draft, error) {
	before, err := w.load(ctx, e, id, metamodel.ActDelete, query.Live)
	if err != nil {
		return nil, err
	}
	if err := stale(before, ifMatch); err != nil {
		return nil, err
	}
	d := &draft{entity: e, before: before, after: cloneRow(before), event: metamodel.OnDeletion, path: path}
	if s := e.States; s != nil && !w.call.trusted {
		if state, _ := before[s.Field.Slot].(string); e.Frozen(state) {
			return nil, diag.Refuse("record.frozen", path, "state", stateTitle(s, state, w.call.Locale))
		}
	}
	if err := w.checkRules(ctx, d); err != nil {
		return nil, err
	}
	if err := d.list.Err(); err != nil {
		return nil, err
	}
	others := *left
	if err := w.release(ctx, e, id, path, left); err != nil {
		return nil, err
	}
	for _, l := range e.Lines {
		rows, _ := before[l.Field.Slot].([]value.Row)
		if err := w.releaseLines(ctx, d, l, rows, left); err != nil {
			return nil, err
		}
	}
	if *left != others { // what the record keeps of them has changed with them
		if d.before, err = w.load(ctx, e, id, metamodel.ActDelete, query.Live); err != nil {
			return nil, err
		}
		d.after = cloneRow(d.before)
	}
	d.after[metamodel.SlotDeletedAt] = w.call.Now
	w.stampChange(d)
	if err := w.tx.Update(ctx, e.Entity, d.before, d.after); err != nil {
		return nil, err
	}
	return d, w.follow(ctx, d, "delete")
}

// release deals with the records that point at a record which goes away.
func (w *writer) release(ctx context.Context, e *compile.Entity, id, path string, left *int) error {
	for _, f := range e.Incoming {
		rows, err := w.pointing(ctx, f, []string{id})
		if err == nil {
			err = w.let(ctx, f, rows, path, left, leaving{"record.in_use", "record.in_use_unseen"})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leaving is how it is said that something can't go: with what points at it, and where the actor may not see that.
type leaving struct{ seen, unseen diag.Code }

// let takes from rows the reference to what goes away, or refuses that.
func (w *writer) let(ctx context.Context, f *metamodel.Field, rows []value.Row, path string, left *int, how leaving) error {
	if len(rows) == 0 {
		return nil
	}
	owner := w.call.Snap.Of(f.Entity)
	if *left -= len(rows); *left < 0 {
		return diag.Refuse("limit.exceeded", path, "what", owner.Title.In(w.call.Locale), "actual", maxCascade+1, "limit", maxCascade)
	}
	if f.OnDelete == metamodel.Restrict || f.OnDelete == "" || f.OnDelete == metamodel.Cascade && owner.IsLines() || f.Kind == metamodel.References {
		return w.inUse(ctx, owner, rows, path, how)
	}
	for _, row := range rows {
		if err := w.detach(ctx, owner, f, row, path, left); err != nil {
			return err
		}
	}
	return nil
}

// inUse refuses a delete. Of the records that stand in the way it tells as much as the actor may see.
func (w *writer) inUse(ctx context.Context, owner *compile.Entity, rows []value.Row, path string, how leaving) error {
	shown := owner
	if owner.IsLines() {
		shown = w.call.Snap.Of(owner.Parent)
	}
	ids := make([]string, 0, len(rows))
	for _, row := range rows {
		id, _ := row[metamodel.SlotID].(string)
		if owner.IsLines() {
			id, _ = row[metamodel.LineSlotParent].(string)
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	may := w.call.decide(shown.Entity, metamodel.ActRead)
	seen := len(ids)
	if may.rows() != nil {
		seen = 0
		for part := range slices.Chunk(ids, maxSelectIDs) {
			page, err := w.tx.Select(ctx, &query.Select{Entity: shown.Entity, IDs: part, Where: may.where(), Limit: len(part), Fields: shown.Columns()[:1]}, w.env)
			if err != nil {
				return fmt.Errorf("count what points at the record: %w", err)
			}
			seen += len(page.Rows)
		}
	}
	if !may.allow() || seen == 0 {
		return diag.Refuse(how.unseen, path)
	}
	return diag.Refuse(how.seen, path, "count", seen, "entity", shown.Title.In(w.call.Locale))
}

// pointing finds the live records whose field holds one of some ids; for lines, those of live records.
func (w *writer) pointing(ctx context.Context, f *metamodel.Field, ids []string) ([]value.Row, error) {
	q := &query.Select{Entity: f.Entity, To: metamodel.Path{f}, IDs: ids, Limit: maxCascade + 1}
	if f.Kind == metamodel.References { // the field holds many
		field := &expr.Node{Op: expr.OpField, Type: expr.ListOf, Elem: expr.Rec, Entity: f.Target, Field: f, Args: []*expr.Node{{Op: expr.OpVar, Type: expr.Rec, Entity: f.Entity}}}
		q.To, q.IDs = nil, nil
		q.Where = []*expr.Node{{Op: expr.OpIn, Type: expr.Bool, Args: []*expr.Node{{Op: expr.OpLit, Type: expr.Str, Value: ids[0]}, field}}}
	}
	page, err := w.tx.Select(ctx, q, w.env)
	if err != nil {
		return nil, fmt.Errorf("find what points at the record: %w", err)
	}
	return page.Rows, nil
}

// detach deletes a pointing record too, or empties its reference. It is the system's act: the person was asked
// about the record that he deleted, and the app's documents say what goes with it.
func (w *writer) detach(ctx context.Context, owner *compile.Entity, f *metamodel.Field, row value.Row, path string, left *int) error {
	system := *w
	world := *w.world
	world.call.trusted = true
	system.world = &world
	id := row[metamodel.SlotID].(string)
	if f.OnDelete == metamodel.Cascade {
		_, err := system.remove(ctx, owner, id, 0, path, left)
		return err
	}
	if owner.IsLines() {
		return system.detachLine(ctx, owner, f, row)
	}
	g := given{row: make(value.Row, len(owner.Columns())), sent: make([]bool, len(owner.Columns()))}
	g.sent[f.Slot] = true
	_, err := system.update(ctx, owner, id, 0, g, path, nil)
	return err
}

// detachLine empties a reference of a line, which is a change of its record.
func (w *writer) detachLine(ctx context.Context, lines *compile.Entity, f *metamodel.Field, line value.Row) error {
	unit, id := w.call.Snap.Of(lines.Parent), line[metamodel.LineSlotParent].(string)
	found, err := w.tx.Lines(ctx, lines.Via, []string{id})
	if err != nil {
		return fmt.Errorf("read lines: %w", err)
	}
	rows, _ := cloneLines(found[id]).([]value.Row)
	for _, row := range rows {
		if row[metamodel.LineSlotID] == line[metamodel.LineSlotID] {
			row[f.Slot] = nil
		}
	}
	g := given{row: make(value.Row, len(unit.Columns())), sent: make([]bool, len(unit.Columns()))}
	g.row[lines.Via.Slot], g.sent[lines.Via.Slot] = rows, true
	_, err = w.update(ctx, unit, id, 0, g, "", nil)
	return err
}

// restore takes a record out of the recycle bin. Its references must still hold.
func (w *writer) restore(ctx context.Context, e *compile.Entity, id, path string) (*draft, error) {
	before, err := w.load(ctx, e, id, metamodel.ActDelete, query.Any)
	if err != nil {
		return nil, err
	}
	if before[metamodel.SlotDeletedAt] == nil {
		return nil, diag.Refuse("record.not_deleted", path)
	}
	d := &draft{entity: e, before: before, after: cloneRow(before), event: metamodel.OnUpdate, path: path}
	d.after[metamodel.SlotDeletedAt] = nil
	for _, l := range e.Lines { // what they keep of others may change
		d.after[l.Field.Slot] = cloneLines(before[l.Field.Slot])
	}
	whole := &draft{entity: e, after: d.after, path: path}
	if err := w.checkReferences(ctx, whole); err != nil {
		return nil, err
	}
	if err := whole.list.Err(); err != nil {
		return nil, err
	}
	w.stampChange(d)
	if err := w.tx.Update(ctx, e.Entity, d.before, d.after); err != nil {
		return nil, err
	}
	return d, w.follow(ctx, d, "restore")
}
