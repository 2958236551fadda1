package ledger

import (
	"context"
	"slices"

	"tenon/engine/ledger/costing"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// methodOf is how a pool of a method is valued: one of a batch has its cost in common.
func methodOf(word string) costing.Method {
	if word == "batch" {
		return costing.Average
	}
	return costing.Method(word)
}

// turns lists the entries at which the method of a pool changes, in order. They belong to the pool, so that they are
// found without its other entries.
func (s *shelf) turns(ctx context.Context, p *pool) ([]*entry, error) {
	if !p.changed {
		return nil, nil
	}
	return s.belonging(ctx, p.id)
}

// wordAt is the method of a pool just after a place.
func (s *shelf) wordAt(ctx context.Context, p *pool, at place) (string, error) {
	list, err := s.turns(ctx, p)
	if err != nil || len(list) == 0 {
		return p.method, err
	}
	word := list[0].was
	for _, e := range list {
		if !at.before(e.place) {
			word = e.now
		}
	}
	return word, nil
}

// begin makes a pool's automaton, to be run from its first entry.
func (s *shelf) begin(ctx context.Context, p *pool) (*costing.Pool, error) {
	word, err := s.wordAt(ctx, p, place{day: value.Date(-1 << 31)})
	policy := p.policy
	policy.Method = methodOf(word)
	return costing.New(policy), err
}

// carried tells whether a change of what an entry is worth, at a place, is carried by the goods.
func (s *shelf) carried(ctx context.Context, p *pool, at place) (bool, error) {
	word, err := s.wordAt(ctx, p, at)
	switch methodOf(word) {
	case costing.Standard:
		return false, err
	case costing.Month:
		return true, err
	case costing.Average, costing.FIFO, costing.LIFO, costing.None:
	}
	return p.policy.Variance != costing.ToExpense, err
}

// final tells whether what is valued by a method has its value for good on a day: in a month that is closed.
func (s *shelf) final(day value.Date, method costing.Method) bool {
	return method == costing.Month && s.closed && day <= s.through
}

// finalAt tells whether an entry has its value for good.
func (s *shelf) finalAt(ctx context.Context, e *entry) (bool, error) {
	if !s.closed || e.day > s.through {
		return false, nil
	}
	word, err := s.wordAt(ctx, e.pool, e.place)
	return methodOf(word) == costing.Month, err
}

// adopt runs an entry of a closed month: it has its value for good, with what it has corrected, and only what is left
// of it is found anew. The pool goes on from what they come to.
func (r *run) adopt(ctx context.Context, e *entry) error {
	p := e.pool
	if e.done == p.auto {
		return nil
	}
	row, err := r.row(ctx, e)
	if err != nil {
		return err
	}
	if e.generated() {
		if err := r.late(e); err != nil {
			return err
		}
	}
	var total sums
	total.quantity, total.value = p.auto.Totals()
	if err := total.add(e); err != nil {
		return err
	}
	for _, c := range p.made[e.id] {
		if c.voided {
			continue
		}
		if err := total.add(c); err != nil {
			return err
		}
	}
	v := e.value
	row.Given, row.Origin, row.Rate = &v, nil, nil
	effect, err := p.auto.Apply(row)
	if err != nil {
		return err
	}
	p.auto.Settle(total.quantity, total.value)
	if _, err := p.count(e); err != nil {
		return err
	}
	p.open(e, row.Remaining, row.RemainingValue)
	e.done, e.applied, e.said = p.auto, true, r
	r.mark(e)
	return r.touch(p, effect.Touched)
}

// late takes what another pool has found out, after the month was closed, about what it has sent: it arrives, and is an
// expense at once.
func (r *run) late(e *entry) error {
	p := e.pool
	var was, v value.Decimal
	if e.stored != nil {
		was = decimal(e.stored[r.f.value.Slot])
	}
	if e.given != nil {
		v = *e.given
	}
	more, err := v.Sub(was)
	if err != nil {
		return err
	}
	e.value = v
	i := slices.IndexFunc(p.made[e.id], func(c *entry) bool { return c.origin == e.id && !c.voided })
	if i < 0 && more.IsZero() {
		return nil
	}
	if i < 0 {
		p.made[e.id] = append(p.made[e.id], r.generate(e, e, verbCorrection, e.id))
		i = len(p.made[e.id]) - 1
		r.leg(e, p.made[e.id][i])
	}
	c := p.made[e.id][i]
	var before value.Decimal
	if c.stored != nil {
		before = decimal(c.stored[r.f.value.Slot])
	}
	c.value, err = before.Sub(more)
	r.mark(c)
	return err
}

// askOf reads pools by their ids, with whom policies are asked about: one of the keys of each.
func (s *shelf) askOf(ctx context.Context, ids []string) error {
	each := &store.Each{Fields: []*metamodel.Field{s.f.balanceCost}}
	for _, id := range ids {
		if p := s.poolIDs[id]; p == nil || p.scope == nil {
			each.Values = append(each.Values, []any{id})
		}
	}
	if len(each.Values) == 0 {
		return nil
	}
	var rows []value.Row
	err := s.read.Scan(ctx, store.Scan{Entity: s.l.Balance, Each: each, Order: []*metamodel.Field{s.f.balanceKey}, Limit: 1}, func(row value.Row) error {
		rows = append(rows, row)
		return nil
	})
	if err != nil {
		return err
	}
	keys := make([]keyed, len(rows))
	for i, row := range rows {
		if keys[i], err = s.keyed(ctx, dimsOf(row, s.f.balanceDims)); err != nil {
			return err
		}
	}
	if err := s.loadKeys(ctx, keys); err != nil {
		return err
	}
	for i, row := range rows { // a key may be in another pool than its policy says now
		if p := s.poolIDs[text(row[s.f.balanceCost.Slot])]; p != nil && p.scope == nil {
			p.scope = keys[i].dims
			s.follow(p, s.policies[keys[i].key])
		}
	}
	return nil
}
