package engine

import (
	"context"

	"tenon/engine/compile"
	"tenon/engine/store"
	"tenon/metamodel"
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
