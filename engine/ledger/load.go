package ledger

import (
	"context"
	"slices"

	"tenon/engine/ledger/costing"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

func eq(f *metamodel.Field, v any) store.Match { return store.Match{Field: f, Op: "=", Value: v} }

func oneOf(f *metamodel.Field, values []any) store.Match {
	return store.Match{Field: f, Op: "in", Values: values}
}

// byKey asks for rows by their unique keys. The index of these holds what is not deleted, and is used by who says so.
func byKey(f *metamodel.Field, keys []any) []store.Match {
	return []store.Match{oneOf(f, keys), {Field: f.Entity.Columns()[metamodel.SlotDeletedAt], Op: "="}}
}

// policiesOf answers the policies of a key.
func (s *shelf) policiesOf(ctx context.Context, key string, dims []any) (Policies, error) {
	if p, ok := s.policies[key]; ok {
		return p, nil
	}
	p, err := s.o.Policies(ctx, s.l, dims)
	if err != nil {
		return p, err
	}
	s.policies[key] = p
	return p, nil
}

// poolKey is the key of the pool that a key's goods belong to, and its dimensions.
func (s *shelf) poolKey(dims []any, p Policies) (string, []any) {
	has, own := make([]bool, len(dims)), make([]any, len(dims))
	for _, d := range s.l.PoolDimensions() {
		if d.Batch && p.CostMethod != "batch" {
			continue
		}
		i := d.Field.Slot
		has[i], own[i] = true, dims[i]
	}
	return keyOf(dims, has), own
}

// keyed is a key that is asked for.
type keyed struct {
	key, pool string
	dims, own []any
}

// prefetch reads the balances and pools of postings.
func (s *shelf) prefetch(ctx context.Context, want []*Posting) error {
	var keys []keyed
	for _, w := range want {
		for _, dims := range [][]any{w.Dims, w.To} {
			if len(dims) != len(s.l.Dimensions) {
				continue
			}
			k, err := s.keyed(ctx, dims)
			if err != nil {
				return err
			}
			keys = append(keys, k)
		}
	}
	return s.loadKeys(ctx, keys)
}

func (s *shelf) keyed(ctx context.Context, dims []any) (keyed, error) {
	k := keyed{key: keyOf(dims, nil), dims: dims}
	p, err := s.policiesOf(ctx, k.key, dims)
	if err != nil {
		return k, err
	}
	k.pool, k.own = s.poolKey(dims, p)
	return k, nil
}

// loadKeys reads those balances and pools that are not in memory, and makes those that are not in the table.
func (s *shelf) loadKeys(ctx context.Context, keys []keyed) error {
	var balances []any
	asked := map[string]bool{}
	for _, k := range keys {
		if s.balances[k.key] == nil && !asked[k.key] {
			asked[k.key] = true
			balances = append(balances, k.key)
		}
	}
	if len(balances) == 0 {
		return nil
	}
	balances = append(balances, s.uppers(keys)...)
	found := map[string]value.Row{}
	err := s.read.Scan(ctx, store.Scan{Entity: s.l.Balance, Where: byKey(s.f.balanceKey, balances)}, func(row value.Row) error {
		found[text(row[s.f.balanceKey.Slot])] = row
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.loadPools(ctx, keys, found); err != nil {
		return err
	}
	s.keepUppers(keys, found)
	for _, k := range keys {
		if s.balances[k.key] != nil {
			continue
		}
		b := &balance{id: s.o.NewID(), key: k.key, dims: k.dims, pool: s.pools[k.pool]}
		if row := found[k.key]; row != nil {
			s.readBalance(b, row)
		}
		s.remember(b)
	}
	return nil
}

// remember takes a balance among those in memory.
func (s *shelf) remember(b *balance) {
	s.balances[b.key] = b
	s.balanceList = append(s.balanceList, b)
	s.joinGroup(b)
}

func (s *shelf) readBalance(b *balance, row value.Row) {
	f := s.f
	b.id, b.stored = text(row[metamodel.SlotID]), row
	b.quantity, b.reserved = decimal(row[f.balanceQuantity.Slot]), decimal(row[f.balanceReserved.Slot])
	f.second.readBalance(b, row)
	b.base = b.quantity
	b.first, b.last = day(row[f.firstDay.Slot]), day(row[f.lastDay.Slot])
	b.lastStored = b.last
	b.judged = b.hold()
	if p := s.poolIDs[text(row[f.balanceCost.Slot])]; p != nil {
		b.pool = p // a key stays in the pool that it began in
	}
}

// loadPools reads the pools of keys and those that stored balances point at.
func (s *shelf) loadPools(ctx context.Context, keys []keyed, balances map[string]value.Row) error {
	var names, ids []any
	asked := map[string]bool{}
	for _, k := range keys {
		if s.pools[k.pool] == nil && !asked[k.pool] {
			asked[k.pool] = true
			names = append(names, k.pool)
		}
	}
	for _, row := range balances {
		if id := text(row[s.f.balanceCost.Slot]); s.poolIDs[id] == nil && !asked[id] {
			asked[id] = true
			ids = append(ids, id)
		}
	}
	var fresh []*pool
	take := func(row value.Row) error {
		if s.poolIDs[text(row[metamodel.SlotID])] == nil {
			fresh = append(fresh, s.readPool(row))
		}
		return nil
	}
	if len(names) > 0 {
		if err := s.read.Scan(ctx, store.Scan{Entity: s.l.Cost, Where: byKey(s.f.costKey, names)}, take); err != nil {
			return err
		}
	}
	var others []any
	for _, id := range ids {
		if s.poolIDs[id.(string)] == nil {
			others = append(others, id)
		}
	}
	if len(others) > 0 {
		if err := s.read.Scan(ctx, store.Scan{Entity: s.l.Cost, Where: []store.Match{oneOf(s.l.Cost.Columns()[metamodel.SlotID], others)}}, take); err != nil {
			return err
		}
	}
	if err := s.lastDays(ctx, fresh); err != nil {
		return err
	}
	for _, k := range keys {
		p := s.pools[k.pool]
		if p == nil {
			policies := s.policies[k.key]
			p = s.addPool(&pool{id: s.o.NewID(), key: k.pool, dims: k.own, method: s.methodOf(policies)})
		}
		if p.scope == nil {
			p.scope = k.dims
			s.follow(p, s.policies[k.key])
		}
	}
	return nil
}

func (s *shelf) addPool(p *pool) *pool {
	s.pools[p.key], s.poolIDs[p.id] = p, p
	s.poolOrder = append(s.poolOrder, p)
	return p
}

func (s *shelf) readPool(row value.Row) *pool {
	f := s.f
	p := &pool{
		id: text(row[metamodel.SlotID]), key: text(row[f.costKey.Slot]), method: text(row[f.method.Slot]), stored: row,
		quantity: decimal(row[f.costQuantity.Slot]), value: decimal(row[f.costValue.Slot]), unit: decimal(row[f.unit.Slot]),
		uncovered: decimal(row[f.uncovered.Slot]), provisional: truth(row[f.costProvisional.Slot]), dims: make([]any, len(f.costDims)),
	}
	p.secondary = f.second.poolOf(row)
	p.since, p.changed = row[f.since.Slot].(value.Date)
	for i, d := range f.costDims {
		if d != nil {
			p.dims[i] = row[d.Slot]
		}
	}
	return s.addPool(p)
}

// lastDays finds on which day the last entries of pools are.
func (s *shelf) lastDays(ctx context.Context, pools []*pool) error {
	if len(pools) == 0 {
		return nil
	}
	ids := make([]any, len(pools))
	for i, p := range pools {
		ids[i] = p.id
	}
	return s.read.Scan(ctx, store.Scan{
		Entity: s.l.Balance, Fields: []*metamodel.Field{s.f.balanceCost, s.f.lastDay}, Where: []store.Match{oneOf(s.f.balanceCost, ids)},
	}, func(row value.Row) error {
		p := s.poolIDs[text(row[s.f.balanceCost.Slot])]
		if last, ok := row[s.f.lastDay.Slot].(value.Date); ok && (!p.any || last > p.last) {
			p.last, p.any = last, true
		}
		return nil
	})
}

// methodOf is the way in which a new pool is valued.
func (s *shelf) methodOf(p Policies) string {
	switch {
	case s.l.Value == nil || s.l.Quantity == nil:
		return string(costing.None)
	case p.CostMethod == "":
		return string(costing.Average)
	}
	return p.CostMethod
}

// follow sets by which policies a pool is valued at its end. The method stays the one that the pool has: it changes by
// an entry of its own.
func (s *shelf) follow(p *pool, by Policies) {
	p.policy = costing.Policy{
		Method: methodOf(p.method), NegativeTo: by.NegativeVariance, CustomerReturn: by.CustomerReturn,
		SupplierReturn: by.SupplierReturn, Variance: by.Variance,
	}
	if s.l.Value != nil {
		p.policy.ValueScale = int32(s.l.Value.Scale)
	}
	if s.l.Quantity != nil {
		p.policy.CheckScale = int32(s.l.Quantity.CheckScale)
	}
	if by.StandardCost != nil {
		p.policy.Standard = *by.StandardCost
	}
}

// balanceOf is the balance of a key.
func (s *shelf) balanceOf(ctx context.Context, dims []any) (*balance, error) {
	key := keyOf(dims, nil)
	if b := s.balances[key]; b != nil {
		return b, nil
	}
	k, err := s.keyed(ctx, dims)
	if err != nil {
		return nil, err
	}
	if err := s.loadKeys(ctx, []keyed{k}); err != nil {
		return nil, err
	}
	return s.balances[key], nil
}

// take puts a row of the table into memory, once.
func (s *shelf) take(ctx context.Context, row value.Row) (*entry, error) {
	if e := s.entries[text(row[metamodel.SlotID])]; e != nil {
		return e, nil
	}
	e := s.f.read(row)
	p := s.poolIDs[text(row[s.f.cost.Slot])]
	if e.verb == verbMethod && (p == nil || p.scope == nil) { // its dimensions are the pool's alone
		if err := s.askOf(ctx, []string{text(row[s.f.cost.Slot])}); err != nil {
			return nil, err
		}
		p = s.poolIDs[text(row[s.f.cost.Slot])]
	}
	if p == nil || p.scope == nil {
		if _, err := s.balanceOf(ctx, e.dims); err != nil {
			return nil, err
		}
		if p = s.poolIDs[text(row[s.f.cost.Slot])]; p == nil {
			return nil, errLost(e.id)
		}
		if p.scope == nil {
			p.scope = e.dims
			s.follow(p, s.policies[e.key])
		}
	}
	e.pool = p
	p.taken = append(p.taken, e)
	s.entries[e.id] = e
	return e, nil
}

// find reads entries into memory. The rows are taken after the question is answered, since taking one may ask another.
func (s *shelf) find(ctx context.Context, q store.Scan) ([]*entry, error) {
	q.Entity = s.l.Entry
	var rows []value.Row
	if err := s.read.Scan(ctx, q, func(row value.Row) error { rows = append(rows, row); return nil }); err != nil {
		return nil, err
	}
	if err := s.meet(ctx, rows); err != nil {
		return nil, err
	}
	out := make([]*entry, len(rows))
	for i, row := range rows {
		e, err := s.take(ctx, row)
		if err != nil {
			return nil, err
		}
		out[i] = e
	}
	return out, nil
}

// meet reads the pools of rows that are about to be taken, all in one go.
func (s *shelf) meet(ctx context.Context, rows []value.Row) error {
	asked := map[string]bool{}
	var keys []keyed
	for _, row := range rows {
		id := text(row[s.f.cost.Slot])
		if p := s.poolIDs[id]; p != nil && p.scope != nil || asked[id] || text(row[s.f.verb.Slot]) == verbMethod {
			continue
		}
		asked[id] = true
		k, err := s.keyed(ctx, dimsOf(row, s.f.dims))
		if err != nil {
			return err
		}
		keys = append(keys, k)
	}
	return s.loadKeys(ctx, keys)
}

// get is an entry by its id.
func (s *shelf) get(ctx context.Context, id string) (*entry, error) {
	if e := s.entries[id]; e != nil {
		return e, nil
	}
	found, err := s.find(ctx, store.Scan{Where: []store.Match{eq(s.l.Entry.Columns()[metamodel.SlotID], id)}})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errLost(id)
	}
	return found[0], nil
}

// ofDocument lists the entries of a document that count.
func (s *shelf) ofDocument(ctx context.Context, id string) ([]*entry, error) {
	p := s.documents[id]
	if p == nil {
		p = &pile{}
		s.documents[id] = p
	}
	if err := s.complete(ctx, p, s.f.document, id); err != nil {
		return nil, err
	}
	return alive(p.list), nil
}

// belonging lists the entries that belong to an entry and count: what returns or revalues it, corrections, where its
// goods arrive.
func (s *shelf) belonging(ctx context.Context, id string) ([]*entry, error) {
	p := s.origins[id]
	if p == nil {
		p = &pile{}
		s.origins[id] = p
	}
	if err := s.complete(ctx, p, s.f.origin, id); err != nil {
		return nil, err
	}
	// An entry that was linked to another one since is in both lists.
	return slices.DeleteFunc(alive(p.list), func(e *entry) bool { return e.origin != id }), nil
}

func (s *shelf) complete(ctx context.Context, p *pile, f *metamodel.Field, id string) error {
	if p.all {
		return nil
	}
	if e := s.entries[id]; f == s.f.origin && e != nil && e.pool.mode == full {
		return nil // all that belongs to its entries was read with it
	}
	found, err := s.find(ctx, store.Scan{Where: []store.Match{eq(f, id)}})
	if err != nil {
		return err
	}
	known := make(map[*entry]bool, len(p.list))
	for _, e := range p.list {
		known[e] = true
	}
	for _, e := range found {
		if !known[e] {
			p.list = append(p.list, e)
		}
	}
	p.all = true
	return nil
}

func alive(list []*entry) []*entry {
	out := make([]*entry, 0, len(list))
	for _, e := range list {
		if !e.voided {
			out = append(out, e)
		}
	}
	return sorted(out)
}

// pileOf is the list of an entry's kin where it is in memory, for entries that are added.
func (s *shelf) pileOf(m map[string]*pile, id string) *pile {
	p := m[id]
	if p == nil {
		p = &pile{}
		m[id] = p
	}
	return p
}

// alongside reads the later entries of a key into memory: those from a day on.
func (s *shelf) alongside(ctx context.Context, b *balance, from value.Date) error {
	if b.stored == nil || from > b.lastStored || b.ever && b.loaded <= from {
		return nil
	}
	where := []store.Match{eq(s.f.cost, b.pool.id), eq(s.f.key, b.key), {Field: s.f.day, Op: ">=", Value: from}, eq(s.f.voided, false)}
	if b.ever {
		where = append(where, store.Match{Field: s.f.day, Op: "<", Value: b.loaded})
	}
	found, err := s.find(ctx, store.Scan{Where: where})
	if err != nil {
		return err
	}
	b.loaded, b.ever = from, true
	for _, e := range found {
		if !e.voided && !e.generated() && e.verb != verbReserve && !e.listed {
			e.listed = true
			b.rows = append(b.rows, e)
		}
	}
	return nil
}
