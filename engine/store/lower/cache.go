package lower

import (
	"hash/maphash"
	"slices"
	"sync"

	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// keepCompiled is how many questions of each kind a cache keeps at most, twice: it forgets the older half at
// once.
const keepCompiled = 512

// Cache keeps compiled questions by what they are made of: the same entity, the very same condition trees,
// order, fields and paths. All of these belong to one snapshot, so a question of another release never meets an
// old answer. It is safe for concurrent use.
type Cache struct {
	d       Dialect
	seed    maphash.Seed
	mu      sync.Mutex
	selects generations[[]*Compiled]
	lookups generations[*CompiledLookup]
}

// NewCache makes an empty cache for one dialect.
func NewCache(d Dialect) *Cache { return &Cache{d: d, seed: maphash.MakeSeed()} }

// generations is a bounded map: when the young generation is full it becomes the old one, and the old one is
// forgotten. Lookups are kept by their tree, selects by a hash.
type generations[V any] struct{ young, old map[any]V }

func (g *generations[V]) get(key any) (V, bool) {
	v, ok := g.young[key]
	if ok {
		return v, true
	}
	if v, ok = g.old[key]; ok {
		g.put(key, v)
	}
	return v, ok
}

func (g *generations[V]) put(key any, v V) {
	if len(g.young) >= keepCompiled {
		g.old, g.young = g.young, nil
	}
	if g.young == nil {
		g.young = make(map[any]V)
	}
	g.young[key] = v
}

// Select returns the compiled form of a question.
func (c *Cache) Select(q *query.Select, env *query.Env) (*Compiled, error) {
	key := c.hash(q)
	c.mu.Lock()
	kept, _ := c.selects.get(key)
	c.mu.Unlock()
	for _, k := range kept {
		if sameQuestion(&k.q, q) && k.plan.formula != nil == (env != nil && env.Formula != nil) {
			return k, nil
		}
	}
	made, err := Compile(c.d, q, env)
	if err != nil {
		return nil, err
	}
	made.own()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.selects.put(key, append(slices.Clip(kept), made))
	return made, nil
}

// Lookup returns the compiled form of a query that an expression asks.
func (c *Cache) Lookup(q *expr.Query, env *query.Env) (*CompiledLookup, error) {
	c.mu.Lock()
	kept, ok := c.lookups.get(q)
	c.mu.Unlock()
	if ok {
		return kept, nil
	}
	made, err := CompileLookup(c.d, q, env)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lookups.put(q, made)
	return made, nil
}

// Clear forgets everything.
func (c *Cache) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.selects, c.lookups = generations[[]*Compiled]{}, generations[*CompiledLookup]{}
}

// own copies what the caller might change later.
func (c *Compiled) own() {
	c.q.Where, c.q.Rows, c.q.Fields = slices.Clone(c.q.Where), slices.Clone(c.q.Rows), slices.Clone(c.q.Fields)
	c.q.IDs, c.q.After, c.q.To = nil, nil, slices.Clone(c.q.To)
	c.q.Order = slices.Clone(c.q.Order)
	for i := range c.q.Order {
		c.q.Order[i].Path = slices.Clone(c.q.Order[i].Path)
	}
	if c.q.Search != nil {
		paths := make([]metamodel.Path, len(c.q.Search.Paths))
		for i, p := range c.q.Search.Paths {
			paths[i] = slices.Clone(p)
		}
		c.q.Search = &query.Search{Paths: paths, Exact: c.q.Search.Exact}
	}
}

// hash mixes what makes questions the same; the order of what it mixes counts.
func (c *Cache) hash(q *query.Select) uint64 {
	h := maphash.Comparable(c.seed, q.Entity)
	mix := func(v uint64) { h = h*1099511628211 ^ v }
	for _, n := range q.Where {
		mix(maphash.Comparable(c.seed, n))
	}
	for _, n := range q.Rows {
		mix(maphash.Comparable(c.seed, n))
	}
	for _, f := range slices.Concat(q.Fields, q.To) {
		mix(maphash.Comparable(c.seed, f))
	}
	for _, o := range q.Order {
		for _, f := range o.Path {
			mix(maphash.Comparable(c.seed, f))
		}
		mix(maphash.Comparable(c.seed, o.Descending))
	}
	mix(uint64(q.Bin))
	return h
}

func sameQuestion(a, b *query.Select) bool {
	return a.Entity == b.Entity && a.Var == b.Var && a.Bin == b.Bin && a.Lock == b.Lock && a.Share == b.Share &&
		(a.Fields == nil) == (b.Fields == nil) && slices.Equal(a.Fields, b.Fields) && slices.Equal(a.Where, b.Where) && slices.Equal(a.To, b.To) && slices.Equal(a.Rows, b.Rows) &&
		slices.EqualFunc(a.Order, b.Order, func(x, y query.Order) bool {
			return x.Descending == y.Descending && slices.Equal(x.Path, y.Path)
		}) && sameSearch(a.Search, b.Search)
}

func sameSearch(a, b *query.Search) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Exact == b.Exact && slices.EqualFunc(a.Paths, b.Paths, func(x, y metamodel.Path) bool { return slices.Equal(x, y) })
}
