package ledger

import (
	"context"
	"fmt"

	"tenon/engine/ledger/costing"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Scope says which pools are looked at: those of a value of a dimension, or all.
type Scope struct {
	Dimension int // of the ledger; −1 is all
	Value     string
}

// Turn is a pool that gets another method: its policy answers another than it has.
type Turn struct {
	Pool     string
	Dims     []any // one of its keys
	From, To string
	Day      value.Date  // from which it is valued by the new one
	Held     TurnTrouble // why it isn't
}

// TurnTrouble is why a pool can't get another method.
type TurnTrouble string

// What stands in the way.
const (
	HeldByBatch    TurnTrouble = "batch"    // goods are there, and batches would be told apart from here on, or no more
	HeldByStandard TurnTrouble = "standard" // goods are there, and no standard says what they are worth
)

// Turned is what was found out about some pools.
type Turned struct {
	Pools int    // looked at
	Last  string // the last of them
	More  bool   // others come after it
	Turns []Turn
}

// Turns looks at pools, at most so many, those after one first, for those whose policy answers another method than they
// have. It changes nothing.
func Turns(ctx context.Context, tx *store.Tx, l *metamodel.Ledger, o Options, scope Scope, after string, most int) (Turned, error) {
	s, err := Open(tx, o).shelf(ctx, l)
	if err != nil {
		return Turned{}, err
	}
	_, found, err := s.turned(ctx, scope, after, most)
	return found, err
}

// TurnPools gives pools, of those that Turns would look at, the method that their policy answers. From its day on each is
// provisional until Revalue has run it: the entry that says so stands first on that day, without quantity and value. why
// is the record whose change it follows, code what people call it.
func TurnPools(ctx context.Context, tx *store.Tx, l *metamodel.Ledger, o Options, scope Scope, why Source, code, after string, most int) ([]Change, Turned, error) {
	b := Open(tx, o)
	s, err := b.shelf(ctx, l)
	if err != nil {
		return nil, Turned{}, err
	}
	pools, found, err := s.turned(ctx, scope, after, most)
	if err != nil {
		return nil, found, err
	}
	for i := range found.Turns {
		if t := &found.Turns[i]; t.Held == "" {
			if err := s.turn(ctx, pools[t.Pool], t, why, code); err != nil {
				return nil, found, fmt.Errorf("change the method of a pool of %s: %w", l.Name, err)
			}
		}
	}
	changes, err := b.Flush(ctx)
	return changes, found, err
}

// turned looks at a page of pools.
func (s *shelf) turned(ctx context.Context, scope Scope, after string, most int) (map[string]*pool, Turned, error) {
	id := s.l.Cost.Columns()[metamodel.SlotID]
	q := store.Scan{Entity: s.l.Cost, Fields: []*metamodel.Field{id}, Order: []*metamodel.Field{id}, Limit: most + 1}
	if after != "" {
		q.Where = append(q.Where, store.Match{Field: id, Op: ">", Value: after})
	}
	if scope.Dimension >= 0 && s.f.costDims[scope.Dimension] != nil {
		q.Where = append(q.Where, eq(s.f.costDims[scope.Dimension], scope.Value))
	}
	var ids []string
	if err := s.read.Scan(ctx, q, func(row value.Row) error { ids = append(ids, text(row[id.Slot])); return nil }); err != nil {
		return nil, Turned{}, err
	}
	out := Turned{More: len(ids) > most}
	ids = ids[:min(len(ids), most)]
	if out.Pools = len(ids); out.Pools > 0 {
		out.Last = ids[len(ids)-1]
	}
	list, err := s.poolsOf(ctx, ids)
	if err != nil {
		return nil, out, err
	}
	pools := map[string]*pool{}
	for _, p := range list {
		t, err := s.turnOf(ctx, p)
		if err != nil {
			return nil, out, err
		}
		if t != nil {
			pools[p.id] = p
			out.Turns = append(out.Turns, *t)
		}
	}
	return pools, out, nil
}

// turnOf is the turn of a pool; nil where its policy answers the method that it has.
func (s *shelf) turnOf(ctx context.Context, p *pool) (*Turn, error) {
	by := s.policies[keyOf(p.scope, nil)]
	to := s.methodOf(by)
	if to == p.method {
		return nil, nil
	}
	t := &Turn{Pool: p.id, Dims: p.scope, From: p.method, To: to}
	t.Day = s.turnDay(by)
	was, err := s.wordAt(ctx, p, place{day: t.Day})
	if err != nil {
		return nil, err
	}
	month := string(costing.Month)
	if (to == month || was == month) && t.Day != t.Day.MonthStart() {
		t.Day = t.Day.MonthEnd().AddDays(1)
	}
	there := !p.quantity.IsZero()
	switch {
	case there && (to == "batch") != (p.method == "batch"):
		t.Held = HeldByBatch
	case there && to == string(costing.Standard) && (by.StandardCost == nil || by.StandardCost.Sign() <= 0):
		t.Held = HeldByStandard
	}
	return t, nil
}

// turnDay is the day from which a changed method holds: the one that the policies give, but none of a closed period;
// else the first that is open, and where nothing was ever closed the first of the month.
func (s *shelf) turnDay(by Policies) value.Date {
	day := s.o.Today.MonthStart()
	switch {
	case by.MethodFrom != nil && (!s.closed || *by.MethodFrom > s.through):
		day = *by.MethodFrom
	case s.closed:
		day = s.through.AddDays(1)
	}
	return day
}

// turn gives a pool another method. Changes that were to come on that day or later are superseded.
func (s *shelf) turn(ctx context.Context, p *pool, t *Turn, why Source, code string) error {
	list, err := s.turns(ctx, p)
	if err != nil {
		return err
	}
	was := p.method
	if len(list) > 0 {
		was = list[0].was
	}
	p.changed = false
	for _, e := range list {
		if e.day >= t.Day {
			e.voided = true
			s.mark(e)
			continue
		}
		was, p.since, p.changed = e.now, e.day, true
	}
	p.method, p.provisional, p.marked, p.mode = t.To, true, true, guessed
	p.policy.Method = methodOf(p.method)
	if was == t.To {
		return nil
	}
	n, err := s.number(ctx)
	if err != nil {
		return err
	}
	p.since, p.changed = t.Day, true
	e := &entry{
		place: place{day: t.Day, seq: -n}, id: s.o.NewID(), verb: verbMethod, key: p.key, dims: p.dims, pool: p, source: why, code: code,
		origin: p.id, was: was, now: t.To, applied: true, provisional: true,
	}
	if methodOf(t.To) == costing.Standard {
		standard := p.policy.Standard
		e.rate = &standard
	}
	s.entries[e.id] = e
	s.added = append(s.added, e)
	belonging := s.pileOf(s.origins, p.id)
	belonging.list = append(belonging.list, e)
	return nil
}
