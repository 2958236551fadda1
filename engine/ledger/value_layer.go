package ledger

import (
	"context"
	"slices"

	"tenon/engine/ledger/costing"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// need is what the posted entries of a pool may take of what is open.
type need struct {
	pool *pool
	all  bool                     // every open entry matters
	keys map[string]value.Decimal // by scope: how much goes
}

func layered(p *pool) bool {
	return p.policy.Method == costing.FIFO || p.policy.Method == costing.LIFO
}

// needOf looks at what was posted to a pool.
func (r *run) needOf(p *pool) (need, error) {
	n := need{pool: p, keys: map[string]value.Decimal{}}
	if p.policy.Method == costing.None || p.stored == nil {
		return n, nil
	}
	n.all = !p.uncovered.IsZero()
	total := p.quantity
	for _, e := range p.pending {
		var err error
		if total, err = total.Add(e.quantity); err != nil {
			return n, err
		}
		if layered(p) && (e.verb == verbRevalue || e.given != nil && e.quantity.Sign() < 0) {
			n.all = true
		}
		if e.quantity.Sign() >= 0 {
			continue
		}
		if e.origin != "" && layered(p) {
			n.all = true
		}
		scope := e.key
		if layered(p) {
			scope = ""
		}
		if n.keys[scope], err = n.keys[scope].Sub(e.quantity); err != nil {
			return n, err
		}
	}
	if len(n.keys) > 0 && !n.all {
		var none value.Decimal
		left, err := total.Round(p.policy.CheckScale)
		n.all = err != nil || left.Cmp(none) <= 0
	}
	return n, nil
}

// layers reads the open entries that pools need: of most the first few, of some all.
func (r *run) layers(ctx context.Context, pools []*pool) (map[*pool][]*entry, error) {
	var few []need
	var every []any
	for _, p := range pools {
		n, err := r.needOf(p)
		switch {
		case err != nil:
			return nil, err
		case n.all || len(n.keys) > 0 && p.policy.Method == costing.LIFO:
			every = append(every, p.id)
		case len(n.keys) > 0:
			few = append(few, n)
		}
	}
	out, rest, err := r.heads(ctx, few)
	if err != nil {
		return nil, err
	}
	for p, list := range out {
		out[p] = r.sentBack(p, list)
	}
	for _, n := range rest {
		every = append(every, n.pool.id)
	}
	if len(every) == 0 {
		return out, nil
	}
	found, err := r.find(ctx, store.Scan{Where: []store.Match{oneOf(r.f.cost, every), eq(r.f.open, true)}})
	if err != nil {
		return nil, err
	}
	for _, e := range found {
		if !e.remaining.IsZero() && !e.voided {
			out[e.pool] = append(out[e.pool], e)
		}
	}
	return out, nil
}

// sentBack adds the entries whose goods go back to where they came from: they go first, wherever they stand.
func (r *run) sentBack(p *pool, list []*entry) []*entry {
	for _, e := range p.pending {
		o := r.entries[e.origin]
		if e.verb == verbOut && o != nil && o.pool == p && o.remaining.Sign() > 0 && !slices.Contains(list, o) {
			list = append(list, o)
		}
	}
	return list
}

// heads reads the first open entries of pools, more of them until they have what is needed. It answers also the pools of
// which all are needed.
func (r *run) heads(ctx context.Context, wanted []need) (out map[*pool][]*entry, rest []need, err error) {
	out = map[*pool][]*entry{}
	for limit := headLayers; limit <= maxHead && len(wanted) > 0; limit *= moreLayers {
		found, err := r.first(ctx, wanted, limit)
		if err != nil {
			return nil, nil, err
		}
		rest = nil
		for _, n := range wanted {
			if r.enough(n, found[n.pool]) {
				out[n.pool] = found[n.pool]
			} else {
				rest = append(rest, n)
			}
		}
		wanted = rest
	}
	return out, rest, nil
}

// first reads some of the first open entries of each scope that pools need.
func (r *run) first(ctx context.Context, wanted []need, limit int) (map[*pool][]*entry, error) {
	out := map[*pool][]*entry{}
	byPool := store.Each{Fields: []*metamodel.Field{r.f.cost}}
	byKey := store.Each{Fields: []*metamodel.Field{r.f.cost, r.f.key}}
	for _, n := range wanted {
		for scope := range n.keys {
			if scope == "" {
				byPool.Values = append(byPool.Values, []any{n.pool.id})
			} else {
				byKey.Values = append(byKey.Values, []any{n.pool.id, scope})
			}
		}
	}
	for _, each := range []*store.Each{&byPool, &byKey} {
		if len(each.Values) == 0 {
			continue
		}
		found, err := r.find(ctx, store.Scan{
			Each: each, Order: []*metamodel.Field{r.f.day, r.f.seq}, Limit: limit,
			Where: []store.Match{eq(r.f.open, true), {Field: r.f.remaining, Op: ">", Value: value.Decimal{}}},
		})
		if err != nil {
			return nil, err
		}
		for _, e := range found {
			if e.remaining.Sign() > 0 && !e.voided {
				out[e.pool] = append(out[e.pool], e)
			}
		}
	}
	return out, nil
}

// enough tells whether open entries have what is needed.
func (r *run) enough(n need, list []*entry) bool {
	there := map[string]value.Decimal{}
	for _, e := range list {
		scope := e.key
		if layered(n.pool) {
			scope = ""
		}
		sum, err := there[scope].Add(e.remaining)
		if err != nil {
			return false
		}
		there[scope] = sum
	}
	for scope, q := range n.keys {
		if there[scope].Cmp(q) < 0 {
			return false
		}
	}
	return true
}
