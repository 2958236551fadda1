package engine

import (
	"context"

	"tenon/engine/compile"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// follow enters a stored formula at the records from which it reads a changed field of k. Where they are too many for a
// write, they are left to a job.
func (d *derivation) follow(ctx context.Context, f *compile.Follower, field *metamodel.Field, k *kept) error {
	if err := d.flush(ctx); err != nil {
		return err
	}
	q := following(d.w.call.Snap, f.Field, field, k.id)
	ids, err := d.w.tx.Followers(ctx, q, "", d.w.engine.deriveBound+1)
	if err != nil {
		return err
	}
	if d.reached+len(d.fresh(f.Unit, ids)) > d.w.engine.deriveBound {
		return d.w.postponeFollowers(ctx, f, field, k.id)
	}
	if err := d.fetch(ctx, f.Unit, ids); err != nil {
		return err
	}
	for _, id := range ids {
		if of := d.records[recordKey{f.Unit.ID, id}]; of != nil {
			d.compute(f.Computed, of)
		}
	}
	return nil
}

// following is the question which records work a stored formula out of a field of another record, by whatever way.
func following(s *compile.Snapshot, f, read *metamodel.Field, source string) store.Following {
	q := store.Following{Unit: unitOf(f), Record: source}
	for _, other := range s.Of(unitOf(read)).Followers[read] {
		if other.Field == f {
			q.Line, q.Ways = other.Line, append(q.Ways, other.Way)
		}
	}
	return q
}

// because says that a value of another record stands in the way of a write.
func (d *derivation) because(err error, k *kept) error {
	p, ok := asProblem(err)
	if !ok {
		return err
	}
	list := make(diag.List, len(p.List))
	for i, g := range p.List {
		g.Path = ""
		list[i] = g
	}
	list.Add("derive.refused", "", "entity", k.entity.Title.In(d.w.call.Locale), "record", d.w.nameOf(k.entity, k.now))
	return list.Err()
}

// nameOf is what a record is called by people who know that it exists: its display field, where it is text.
func (w *world) nameOf(e *compile.Entity, row value.Row) string {
	if e.Display != nil && row != nil && w.call.decide(e.Entity, metamodel.ActRead).readable(e.Display) {
		if s, ok := row[e.Display.Slot].(string); ok && e.Display.Kind.IsText() {
			return s
		}
	}
	return "?"
}
