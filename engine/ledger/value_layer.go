package ledger

import (
	"context"

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
	for _, e := range p.todo {
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
	out := map[*pool][]*entry{}
	var every, ordered, keyed []any
	needs := map[*pool]need{}
	for _, p := range pools {
		n, err := r.needOf(p)
		if err != nil {
			return nil, err
		}
		needs[p] = n
		switch {
		case n.all:
			every = append(every, p.id)
		case len(n.keys) == 0:
		case p.policy.Method == costing.LIFO:
			every = append(every, p.id)
		case layered(p):
			ordered = append(ordered, p.id)
		default:
			keyed = append(keyed, p.id)
		}
	}
	if err := r.heads(ctx, out, r.f.cost, ordered); err != nil {
		return nil, err
	}
	if err := r.heads(ctx, out, r.f.key, keyed); err != nil {
		return nil, err
	}
	for _, p := range pools {
		if n := needs[p]; !n.all && p.policy.Method != costing.LIFO && !r.enough(n, out[p]) {
			every = append(every, p.id)
		}
	}
	if len(every) == 0 {
		return out, nil
	}
	found, err := r.find(ctx, store.Scan{Where: []store.Match{oneOf(r.f.cost, every), eq(r.f.open, true)}})
	if err != nil {
		return nil, err
	}
	for _, id := range every {
		out[r.poolIDs[id.(string)]] = nil
	}
	for _, e := range found {
		if !e.remaining.IsZero() && !e.voided {
			out[e.pool] = append(out[e.pool], e)
		}
	}
	return out, nil
}

// heads reads the first open entries of pools: of each pool, or of each key in them.
func (r *run) heads(ctx context.Context, out map[*pool][]*entry, by *metamodel.Field, pools []any) error {
	if len(pools) == 0 {
		return nil
	}
	found, err := r.find(ctx, store.Scan{
		Where: []store.Match{oneOf(r.f.cost, pools), eq(r.f.open, true), {Field: r.f.remaining, Op: ">", Value: value.Decimal{}}},
		Order: []*metamodel.Field{r.f.day, r.f.seq}, First: by, Limit: headLayers,
	})
	if err != nil {
		return err
	}
	for _, e := range found {
		if !e.remaining.IsZero() && !e.voided {
			out[e.pool] = append(out[e.pool], e)
		}
	}
	return nil
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
