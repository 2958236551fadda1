package ledger

import (
	"context"
	"fmt"
	"math"
	"slices"

	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Difference is something in a ledger that is not as its entries make it.
type Difference struct {
	Ledger string
	Law    string // what doesn't hold: balance, reserved, group, cost, empty, transfer, replay
	Key    string // of the balance or pool
	Entry  string // id of the first entry that differs; "" where it is a sum
	Field  string
	Stored string
	Right  string
}

func (d Difference) String() string {
	return fmt.Sprintf("%s: %s of %s %s: %s is %s, should be %s", d.Ledger, d.Law, d.Key, d.Entry, d.Field, d.Stored, d.Right)
}

// Verify proves a ledger: balances and costs are the sums of their entries, what is empty is worth nothing, transfers
// bring in what they took out, what is kept of a group of keys is their sum, and running each pool again from its first
// entry gives what is stored. sample is how many pools are proven, spread over all; 0 is all. It answers the first
// difference of each pool.
func Verify(ctx context.Context, r *store.Reader, l *metamodel.Ledger, o Options, sample int) ([]Difference, error) {
	var ids []string
	id := l.Cost.Columns()[metamodel.SlotID]
	err := r.Scan(ctx, store.Scan{Entity: l.Cost, Fields: []*metamodel.Field{id}, Order: []*metamodel.Field{id}}, func(row value.Row) error {
		ids = append(ids, text(row[id.Slot]))
		return nil
	})
	if err != nil {
		return nil, err
	}
	step := 1
	if sample > 0 && len(ids) > sample {
		step = len(ids) / sample
	}
	var out []Difference
	for i := 0; i < len(ids); i += step {
		p := &proof{l: l, f: fieldsOf(l)}
		if err := p.pool(ctx, r, o, ids[i]); err != nil {
			return out, fmt.Errorf("verify %s: %w", l.Name, err)
		}
		if len(p.found) > 0 {
			out = append(out, p.found[0])
		}
	}
	groups, err := verifyGroups(ctx, r, l, sample)
	if err != nil {
		return out, fmt.Errorf("verify what is reserved of %s: %w", l.Name, err)
	}
	return append(out, groups...), nil
}

// proof is the proof of one pool.
type proof struct {
	l     *metamodel.Ledger
	f     *fields
	found []Difference
}

func (p *proof) differs(law, key, entry string, f *metamodel.Field, stored, right any) {
	p.found = append(p.found, Difference{
		Ledger: p.l.Name, Law: law, Key: key, Entry: entry, Field: f.Name, Stored: fmt.Sprint(stored), Right: fmt.Sprint(right),
	})
}

func (p *proof) equal(law, key string, f *metamodel.Field, row value.Row, right value.Decimal) {
	if stored := decimal(row[f.Slot]); !stored.Equal(right) {
		p.differs(law, key, "", f, stored, right)
	}
}

// sums are what the entries of a key, or of a pool, come to.
type sums struct{ quantity, value, reserved, secondary, reservedSecond value.Decimal }

func (s *sums) add(e *entry) error {
	var err error
	if s.quantity, err = s.quantity.Add(e.quantity); err != nil {
		return err
	}
	if s.value, err = s.value.Add(e.value); err != nil {
		return err
	}
	if e.secondary != nil {
		if s.secondary, err = s.secondary.Add(*e.secondary); err != nil {
			return err
		}
	}
	if s.reservedSecond, err = s.reservedSecond.Add(zeroed(e.reservedSecond)); err != nil {
		return err
	}
	s.reserved, err = s.reserved.Add(e.reserved)
	return err
}

func (p *proof) pool(ctx context.Context, r *store.Reader, o Options, id string) error {
	f := p.f
	var cost value.Row
	err := r.Scan(ctx, store.Scan{Entity: p.l.Cost, Where: []store.Match{eq(p.l.Cost.Columns()[metamodel.SlotID], id)}}, func(row value.Row) error {
		cost = row
		return nil
	})
	if err != nil || cost == nil {
		return err
	}
	var total sums
	keys := map[string]*sums{}
	err = r.Scan(ctx, store.Scan{Entity: p.l.Entry, Where: []store.Match{eq(f.cost, id)}}, func(row value.Row) error {
		e := f.read(row)
		if keys[e.key] == nil {
			keys[e.key] = &sums{}
		}
		if err := keys[e.key].add(e); err != nil {
			return err
		}
		return total.add(e)
	})
	if err != nil {
		return err
	}
	key := text(cost[f.costKey.Slot])
	p.equal("cost", key, f.costQuantity, cost, total.quantity)
	p.equal("cost", key, f.costValue, cost, total.value)
	if f.second != nil {
		p.equal("cost", key, f.second.pool, cost, total.secondary)
	}
	if err := p.balances(ctx, r, id, keys); err != nil {
		return err
	}
	if truth(cost[f.costProvisional.Slot]) {
		return nil // a job will find the values
	}
	scale := int32(0)
	if p.l.Quantity != nil {
		scale = int32(p.l.Quantity.CheckScale)
	}
	if q, err := total.quantity.Round(scale); p.l.Quantity != nil && p.l.Value != nil && err == nil && q.IsZero() && !total.value.IsZero() && text(cost[f.method.Slot]) != "none" {
		p.differs("empty", key, "", f.costValue, total.value, "0")
	}
	return p.replay(ctx, r, o, id, key)
}

func (p *proof) balances(ctx context.Context, r *store.Reader, id string, keys map[string]*sums) error {
	f := p.f
	err := r.Scan(ctx, store.Scan{Entity: p.l.Balance, Where: []store.Match{eq(f.balanceCost, id)}}, func(row value.Row) error {
		key := text(row[f.balanceKey.Slot])
		s := keys[key]
		if s == nil {
			s = &sums{}
		}
		delete(keys, key)
		p.equal("balance", key, f.balanceQuantity, row, s.quantity)
		p.equal("reserved", key, f.balanceReserved, row, s.reserved)
		if f.second != nil {
			p.equal("balance", key, f.second.balance, row, s.secondary)
			p.equal("reserved", key, f.second.balanceReserved, row, s.reservedSecond)
		}
		available, err := s.quantity.Sub(s.reserved)
		p.equal("balance", key, f.available, row, available)
		return err
	})
	for key, s := range keys {
		if !s.quantity.IsZero() || !s.reserved.IsZero() || !s.secondary.IsZero() || !s.reservedSecond.IsZero() {
			p.differs("balance", key, "", f.balanceQuantity, "missing", s.quantity)
		}
	}
	return err
}

// replay runs the pool again and compares every entry.
func (p *proof) replay(ctx context.Context, r *store.Reader, o Options, id, key string) error {
	b := &Book{read: r, o: o, shelves: map[*metamodel.Ledger]*shelf{}}
	s, err := b.shelf(ctx, p.l)
	if err != nil {
		return err
	}
	s.unbounded = true
	first, err := s.find(ctx, store.Scan{Where: []store.Match{eq(p.f.cost, id), {Field: p.f.verb, Op: "<>", Value: verbReserve}}, Order: []*metamodel.Field{p.f.day, p.f.seq}, Limit: 1})
	if err != nil || len(first) == 0 {
		return err
	}
	pool := first[0].pool
	run := &run{shelf: s, legs: map[int64]int64{}, quiet: true, begun: true, at: place{day: math.MaxInt32, seq: math.MaxInt64}}
	if err := run.join(ctx, pool); err != nil {
		return err
	}
	slices.SortStableFunc(s.marked, byPlace)
	for _, e := range s.added {
		if !e.value.IsZero() {
			p.differs("replay", key, e.id, p.f.value, "missing", e.value)
		}
	}
	for _, e := range s.marked {
		row := slices.Clone(e.stored)
		p.f.update(e, row)
		for _, f := range p.f.mutable() {
			if !sameValue(e.stored[f.Slot], row[f.Slot]) && !p.f.second.none(f, e.stored[f.Slot], row[f.Slot]) {
				p.differs("replay", key, e.id, f, e.stored[f.Slot], row[f.Slot])
			}
		}
	}
	state := pool.auto.State()
	if state.Method != methodOf(pool.method) {
		p.differs("cost", key, "", p.f.method, pool.method, state.Method)
	}
	p.equal("cost", key, p.f.unit, pool.stored, unitOf(state.UnitCost))
	p.equal("cost", key, p.f.uncovered, pool.stored, pool.uncovered)
	if err := p.counts(pool); err != nil {
		return err
	}
	return p.transfers(ctx, s, pool)
}

// transfers sees to it that what a pool sent elsewhere arrived at its worth, corrections included.
func (p *proof) transfers(ctx context.Context, s *shelf, from *pool) error {
	for _, e := range from.rows {
		if e.quantity.Sign() >= 0 {
			continue
		}
		kin, err := s.belonging(ctx, e.id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(kin, (*entry).arrives)
		if i < 0 || kin[i].pool.provisional {
			continue
		}
		all := append(slices.DeleteFunc(slices.Clone(kin), func(k *entry) bool { return k.verb != verbCorrection }), e, kin[i])
		there, err := s.belonging(ctx, kin[i].id)
		if err != nil {
			return err
		}
		for _, k := range there {
			if k.verb == verbRevalue && slices.ContainsFunc(kin, func(c *entry) bool { return c.id == k.from }) {
				all = append(all, k)
			}
		}
		var sum sums
		for _, k := range all {
			if err := sum.add(k); err != nil {
				return err
			}
		}
		p.arrived(from, e, sum)
	}
	return nil
}

// arrived sees to it that what was sent and what arrived come to nothing together.
func (p *proof) arrived(from *pool, sent *entry, sum sums) {
	if !sum.secondary.IsZero() {
		p.differs("transfer", from.key, sent.id, p.f.second.moved, sum.secondary, "0")
	}
	if !sum.value.IsZero() || !sum.quantity.IsZero() {
		p.differs("transfer", from.key, sent.id, p.f.value, sum.value, "0")
	}
}
