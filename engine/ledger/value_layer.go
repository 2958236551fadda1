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
	out := map[*pool][]*entry{}
	var every []any
	for _, p := range pools {
		n, err := r.needOf(p)
		if err != nil {
			return nil, err
		}
		if len(n.keys) == 0 && !n.all {
			continue
		}
		found := false
		if !n.all && p.policy.Method != costing.LIFO {
			if out[p], found, err = r.heads(ctx, n); err != nil {
				return nil, err
			}
			out[p] = r.sentBack(p, out[p])
		}
		if !found {
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

// heads reads the first open entries of a pool, more of them until they have what is needed. It answers false where all
// are needed.
func (r *run) heads(ctx context.Context, n need) (out []*entry, ok bool, err error) {
	for scope := range n.keys {
		where := []store.Match{eq(r.f.cost, n.pool.id), eq(r.f.open, true), {Field: r.f.remaining, Op: ">", Value: value.Decimal{}}}
		if scope != "" {
			where = append(where, eq(r.f.key, scope))
		}
		one := need{pool: n.pool, keys: map[string]value.Decimal{scope: n.keys[scope]}}
		ok = false
		for limit := headLayers; limit <= maxHead && !ok; limit *= maxHead / headLayers {
			found, err := r.find(ctx, store.Scan{Where: where, Order: []*metamodel.Field{r.f.day, r.f.seq}, Limit: limit})
			if err != nil {
				return nil, false, err
			}
			found = slices.DeleteFunc(found, func(e *entry) bool { return e.remaining.Sign() <= 0 || e.voided })
			if ok = r.enough(one, found); ok {
				out = append(out, found...)
			}
		}
		if !ok {
			return nil, false, nil
		}
	}
	return out, true, nil
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
