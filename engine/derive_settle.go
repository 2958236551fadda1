package engine

import (
	"context"
	"errors"

	"tenon/engine/compile"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

// Nothing is decided by a value that is being worked out. What a write reads of its own record, or of one that it
// refers to, is worked out on the spot where all that it depends on is final; whatever else reads such a value is
// refused until the job has ended.

// settle sees to it that what a program reads may be relied on. What is only kept follows later, and is left alone.
func (w *world) settle(ctx context.Context, e *compile.Entity, p *compile.Program, act *expr.Activation) error {
	u := w.call.Snap.Unsettled()
	if u == nil || !w.locks || w.following {
		return nil
	}
	waits := map[*metamodel.Field]bool{}
	for _, f := range compile.FieldsRead(p) {
		if u.Fields[f] {
			waits[f] = true
		}
	}
	if len(waits) == 0 {
		return nil
	}
	for _, walk := range p.Walks() {
		f := walk.Field
		if !u.Fields[f] {
			continue
		}
		unit, id, err := w.reachedRecord(ctx, e, walk.Way, act)
		if err != nil {
			return err
		}
		if unit == nil || w.bringUp == nil {
			return w.computing(f)
		}
		if id == "" {
			delete(waits, f) // there is no such record
			continue
		}
		settled, err := w.bringUp(ctx, unit, id)
		if err != nil {
			return err
		}
		if !settled[f] {
			return w.computing(f)
		}
		delete(waits, f)
	}
	for f := range waits { // by a query
		return w.computing(f)
	}
	return nil
}

// computing refuses what would be decided by a value that is being worked out.
func (w *world) computing(f *metamodel.Field) error { return w.call.computing(f) }

func (c Call) computing(f *metamodel.Field) error {
	return diag.Refuse("derive.computing", "", "entity", f.Entity.Title.In(c.Locale), "field", f.Title.In(c.Locale))
}

// reachedRecord is the record with which a value is kept that a walk reads: of a line that is referred to, its document.
func (w *world) reachedRecord(ctx context.Context, e *compile.Entity, way metamodel.Path, act *expr.Activation) (*compile.Entity, string, error) {
	unit, id := w.reached(e, way, act)
	if unit == nil || !unit.IsLines() {
		return unit, id, nil
	}
	lines := unit
	unit = w.call.Snap.Of(lines.Parent)
	if id == "" {
		return unit, "", nil
	}
	if w.rows[lines.ID][id] == nil {
		if err := w.load(ctx, lines, []string{id}); err != nil {
			return nil, "", err
		}
	}
	doc := ""
	if r := w.rows[lines.ID][id]; r.row != nil {
		doc, _ = r.row[metamodel.LineSlotParent].(string)
	}
	return unit, doc, nil
}

// reached is the record or line whose value a walk reads: the one that is written, or one that it refers to. Unit is nil
// where the walk goes farther.
func (w *world) reached(e *compile.Entity, way metamodel.Path, act *expr.Activation) (unit *compile.Entity, id string) {
	unit, row := e, act.Row
	if e != nil && e.IsLines() {
		unit = w.call.Snap.Of(e.Parent)
	}
	for i, step := range way {
		if step.Kind == metamodel.Lines {
			if i < len(way)-1 {
				return nil, ""
			}
			continue
		}
		if step.System && step.Name == metamodel.ParentField {
			row = act.Parent
			continue
		}
		if i < len(way)-1 || step.Kind == metamodel.References || step.Target == nil || row == nil {
			return nil, ""
		}
		id, _ = row[step.Slot].(string)
		return w.call.Snap.Of(step.Target), id
	}
	if unit == nil {
		return nil, ""
	}
	if e.IsLines() {
		row = act.Parent
	}
	if row != nil {
		id, _ = row[metamodel.SlotID].(string)
	}
	return unit, id
}

// bringUpTo works out on the spot what a record keeps and a job has not come to, and tells which of its unsettled values
// may be relied on in this transaction.
func (w *writer) bringUpTo(ctx context.Context, e *compile.Entity, id string) (map[*metamodel.Field]bool, error) {
	u := w.call.Snap.Unsettled()
	key := recordKey{e.ID, id}
	if known := w.settled[key]; known != nil || u == nil {
		return known, nil
	}
	settled := map[*metamodel.Field]bool{}
	if w.settled == nil {
		w.settled = map[recordKey]map[*metamodel.Field]bool{}
	}
	w.settled[key] = settled
	for _, f := range w.unsettledOf(e, u) {
		if !w.final(u, f, settled) {
			continue
		}
		if u.Jobs[f] {
			_, err := w.recompute(ctx, f, []string{id}, nil)
			if errors.Is(err, errManyRows) {
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		settled[f] = true
	}
	return settled, nil
}

// unsettledOf lists what is unsettled of an entity's records and their lines, in the order in which it is worked out.
func (w *world) unsettledOf(e *compile.Entity, u *compile.Unsettled) []*metamodel.Field {
	var out []*metamodel.Field
	add := func(fields []*metamodel.Field) {
		for _, f := range fields {
			if u.Fields[f] {
				out = append(out, f)
			}
		}
	}
	add(e.Fields)
	for _, l := range e.Lines {
		add(l.Entity.Fields)
	}
	return w.call.Snap.InOrder(out)
}

// final tells whether all that a value depends on is final: values of other records, and those of its own that are
// settled.
func (w *world) final(u *compile.Unsettled, f *metamodel.Field, settled map[*metamodel.Field]bool) bool {
	if compile.FarRollup(f) {
		for _, g := range w.call.Snap.Reads(f) {
			if u.Fields[g] {
				return false
			}
		}
		return true
	}
	near := true
	for _, g := range w.call.Snap.Reads(f) {
		near = near && (!u.Fields[g] || settled[g])
	}
	p := w.call.Snap.Computed(f)
	if p == nil {
		return near // over own lines
	}
	for _, walk := range p.Walks() {
		if u.Fields[walk.Field] && walk.Way.Leaves() {
			return false
		}
	}
	return near
}

// rowsWait finds a field of a condition on rows that is being worked out; nil where there is none.
func rowsWait(u *compile.Unsettled, rows *expr.Node) *metamodel.Field {
	var out *metamodel.Field
	if u == nil || rows == nil {
		return nil
	}
	rows.Walk(func(n *expr.Node) bool {
		if n.Op == expr.OpField && u.Fields[n.Field] {
			out = n.Field
		}
		return out == nil
	})
	return out
}
