package ledger

import (
	"context"

	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Revalue finds the right values of one pool whose entries were too many for the transaction that posted to it, and of
// what depends on it. It answers whether pools are left: a job calls it, a transaction for each, until none is. What
// was done stays done when the job is ended and begun again.
func Revalue(ctx context.Context, tx *store.Tx, l *metamodel.Ledger, o Options) (changes []Change, more bool, err error) {
	b := Open(tx, o)
	s, err := b.shelf(ctx, l)
	if err != nil {
		return nil, false, err
	}
	s.unbounded = true
	var waiting []string
	id := l.Cost.Columns()[metamodel.SlotID]
	err = tx.Scan(ctx, store.Scan{
		Entity: l.Cost, Fields: []*metamodel.Field{id}, Where: []store.Match{eq(s.f.costProvisional, true)}, Order: []*metamodel.Field{s.f.costKey}, Limit: 2,
	}, func(row value.Row) error { waiting = append(waiting, text(row[id.Slot])); return nil })
	if err != nil || len(waiting) == 0 {
		return nil, false, err
	}
	first, err := s.find(ctx, store.Scan{Where: []store.Match{eq(s.f.cost, waiting[0]), {Field: s.f.verb, Op: "<>", Value: verbReserve}}, Limit: 1})
	if err != nil {
		return nil, false, err
	}
	if len(first) == 0 {
		return nil, false, errLost(waiting[0])
	}
	p := first[0].pool
	p.provisional, p.stale = false, true
	changes, err = b.Flush(ctx)
	return changes, len(waiting) > 1, err
}
