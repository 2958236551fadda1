package ledger

import (
	"cmp"
	"context"
	"slices"

	"tenon/engine/ledger/costing"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// Close closes a ledger through a day and values what left the pools that are valued by the month: month by month, the
// pools in the order in which they feed each other. The day must be a month's last where there are such pools.
func Close(ctx context.Context, tx *store.Tx, l *metamodel.Ledger, o Options, through value.Date, who string) ([]Change, error) {
	b := Open(tx, o)
	s, err := b.shelf(ctx, l)
	if err != nil {
		return nil, err
	}
	waiting, err := s.provisional(ctx)
	if err != nil {
		return nil, err
	}
	if len(waiting) > 0 { // what a month is closed with is for good
		return nil, diag.Refuse("ledger.close_provisional", "/through", "ledger", l.Title, "count", len(waiting))
	}
	s.unbounded = true
	c := &closing{run: &run{shelf: s, legs: map[int64]int64{}, quiet: true}, rows: map[*pool][]*entry{}}
	if err := c.load(ctx); err != nil {
		return nil, err
	}
	last, err := c.valuing(ctx, through)
	if err != nil {
		return nil, err
	}
	if len(last) > 0 && through != through.MonthEnd() {
		return nil, diag.Refuse("ledger.close_month_end", "/through", "ledger", l.Title, "day", through.String(), "end", through.MonthEnd().String())
	}
	if err := c.months(ctx, through); err != nil {
		return nil, err
	}
	if !s.closed || through > s.through {
		if err := tx.LockLedger(ctx, l.ID, through, who); err != nil {
			return nil, err
		}
		s.closed, s.through = true, through
	}
	return b.Flush(ctx)
}

// closing is the pools that are valued by the month on their way through the months.
type closing struct {
	*run
	pools []*pool
	rows  map[*pool][]*entry // all that count, corrections included, in order
	rest  map[*pool]*entry   // what the month under way leaves where nothing is left
	moved bool               // a value was found that differs from the one before
}

// maxCircles bounds how often pools that feed each other are valued until their values agree.
const maxCircles = 60

// arrivals gives what arrived in a month just what was sent, where pools in a circle haven't come to agree to the cent.
func (c *closing) arrivals(ctx context.Context, pools []*pool, start, end value.Date) error {
	if !c.moved {
		return nil
	}
	for _, p := range pools {
		for _, e := range within(c.rows[p], start, end) {
			if !e.arrives() {
				continue
			}
			o, err := c.get(ctx, e.origin)
			if err != nil {
				return err
			}
			if err := c.set(ctx, e, o.value.Neg()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *closing) load(ctx context.Context) error {
	pools, err := c.byMonth(ctx)
	if err != nil {
		return err
	}
	for _, p := range pools {
		rows, err := c.all(ctx, p)
		if err != nil {
			return err
		}
		if len(rows) > 0 {
			c.rows[p], c.pools = rows, append(c.pools, p)
		}
	}
	return nil
}

// byMonth reads the pools that are, or were once, valued by the month, in the order of their keys.
func (s *shelf) byMonth(ctx context.Context) ([]*pool, error) {
	ids, err := s.poolsWhere(ctx, store.Match{Any: [][]store.Match{{eq(s.f.method, string(costing.Month))}, {{Field: s.f.since, Op: "<>"}}}})
	if err != nil {
		return nil, err
	}
	all, err := s.poolsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []*pool
	for _, p := range all {
		list, err := s.turns(ctx, p)
		if err != nil {
			return nil, err
		}
		if p.method == string(costing.Month) || slices.ContainsFunc(list, func(e *entry) bool { return e.was == string(costing.Month) }) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *pool) int { return cmp.Compare(a.key, b.key) })
	return out, nil
}

// valuing lists the pools that are valued by the month on a day.
func (c *closing) valuing(ctx context.Context, on value.Date) ([]*pool, error) {
	var out []*pool
	for _, p := range c.pools {
		word, err := c.wordAt(ctx, p, place{day: on})
		if err != nil {
			return nil, err
		}
		if word == string(costing.Month) {
			out = append(out, p)
		}
	}
	return out, nil
}

func (c *closing) months(ctx context.Context, through value.Date) error {
	first, found := c.first()
	for end := first.MonthEnd(); found && end <= through; end = end.AddDays(1).MonthEnd() {
		start := end.AddDays(1).AddMonths(-1)
		order, err := c.order(ctx, start, end)
		if err != nil {
			return err
		}
		c.rest = map[*pool]*entry{}
		for _, p := range order {
			if err := c.withdraw(ctx, p, start, end); err != nil {
				return err
			}
		}
		if err := c.circle(ctx, order, start, end); err != nil {
			return err
		}
	}
	for _, p := range c.pools {
		if err := c.settle(p, through); err != nil {
			return err
		}
		p.stale = true
	}
	return nil
}

// first is the day of the first entry that is not closed.
func (c *closing) first() (first value.Date, found bool) {
	for _, p := range c.pools {
		for _, e := range c.rows[p] {
			if (!c.closed || e.day > c.through) && (!found || e.day < first) {
				first, found = e.day, true
			}
		}
	}
	return first, found
}

// circle values the month of all pools, until their values agree.
func (c *closing) circle(ctx context.Context, order []*pool, start, end value.Date) error {
	c.moved = true
	for round := 0; c.moved && round < maxCircles; round++ {
		c.moved = false
		for _, p := range order {
			if err := c.month(ctx, p, start, end); err != nil {
				return err
			}
		}
	}
	return c.arrivals(ctx, order, start, end)
}

// order puts pools before those that they feed in a month. Where they feed each other in a circle, the first by key goes
// first, and all are valued again until they agree.
func (c *closing) order(ctx context.Context, start, end value.Date) ([]*pool, error) {
	pools, err := c.valuing(ctx, start)
	if err != nil {
		return nil, err
	}
	feeds := map[*pool]map[*pool]bool{}
	for _, p := range pools {
		feeds[p] = map[*pool]bool{}
	}
	for _, p := range pools {
		for _, e := range within(c.rows[p], start, end) {
			from, err := c.sources(ctx, e)
			if err != nil {
				return nil, err
			}
			for _, s := range from {
				if s.pool != p && feeds[s.pool] != nil {
					feeds[p][s.pool] = true
				}
			}
		}
	}
	left := slices.Clone(pools)
	slices.SortFunc(left, func(a, b *pool) int { return cmp.Compare(a.key, b.key) })
	out := make([]*pool, 0, len(left))
	for len(left) > 0 {
		i := max(0, slices.IndexFunc(left, func(p *pool) bool { return len(feeds[p]) == 0 }))
		next := left[i]
		out, left = append(out, next), slices.Delete(left, i, i+1)
		for _, p := range left {
			delete(feeds[p], next)
		}
	}
	return out, nil
}

// sources lists the entries that one takes its value from.
func (c *closing) sources(ctx context.Context, e *entry) ([]*entry, error) {
	switch {
	case e.arrives():
		o, err := c.get(ctx, e.origin)
		return []*entry{o}, err
	case e.made():
		gave, _, err := c.family(ctx, e.source.Record, e.from)
		return gave, err
	}
	return nil, nil
}

func within(list []*entry, start, end value.Date) []*entry {
	var out []*entry
	for _, e := range list {
		if e.day >= start && e.day <= end && e.verb != verbCorrection && !e.voided {
			out = append(out, e)
		}
	}
	return out
}

// month values a pool's month.
func (c *closing) month(ctx context.Context, p *pool, start, end value.Date) error {
	var before sums
	for _, e := range c.rows[p] {
		if e.day >= start {
			break
		}
		if err := before.add(e); err != nil {
			return err
		}
	}
	opening := costing.State{Quantity: before.quantity, Value: before.value, UnitCost: p.unit}
	list := within(c.rows[p], start, end)
	rows := make([]*costing.Row, 0, len(list))
	var valued, moved []*entry
	for _, e := range list {
		if inside, err := c.inside(ctx, e); err != nil {
			return err
		} else if inside { // moved within the pool: it has what it had
			moved = append(moved, e)
			continue
		}
		row, err := c.row(ctx, e)
		if err != nil {
			return err
		}
		if row.Value = e.value; row.Given != nil {
			row.Value = *row.Given
		}
		rows, valued = append(rows, row), append(valued, e)
	}
	unit, state, err := costing.CloseMonth(p.policy, opening, append(rows, c.told(p, start, end)...))
	if err != nil {
		return err
	}
	for i, e := range valued {
		if err := c.set(ctx, e, rows[i].Value); err != nil {
			return err
		}
	}
	for _, e := range moved {
		v, err := unit.Mul(e.quantity)
		if err == nil {
			v, err = v.Round(c.valueScale())
		}
		if err != nil {
			return err
		}
		if err := c.set(ctx, e, v); err != nil {
			return err
		}
	}
	p.unit = unit
	if len(list) == 0 {
		return nil
	}
	return c.leave(p, list[len(list)-1], state)
}

// inside tells whether an entry is half of a transfer within its pool.
func (c *closing) inside(ctx context.Context, e *entry) (bool, error) {
	if e.arrives() {
		o, err := c.get(ctx, e.origin)
		return err == nil && o.pool == e.pool, err
	}
	if e.verb != verbOut {
		return false, nil
	}
	kin, err := c.belonging(ctx, e.id)
	return slices.ContainsFunc(kin, func(k *entry) bool { return k.arrives() && k.pool == e.pool }), err
}

// set gives an entry its value for good. Pools that are valued otherwise and take from it are run again.
func (c *closing) set(ctx context.Context, e *entry, v value.Decimal) error {
	changed := !e.value.Equal(v)
	c.moved = c.moved || changed
	e.value, e.provisional = v, false
	c.mark(e)
	if changed && e.returns() {
		if err := c.broughtBack(ctx, e); err != nil {
			return err
		}
	}
	if !changed || e.quantity.Sign() >= 0 {
		return nil
	}
	kin, err := c.belonging(ctx, e.id)
	if err != nil {
		return err
	}
	if c.feeds[e.source.Posting] {
		_, makes, err := c.family(ctx, e.source.Record, string(e.source.Posting))
		if err != nil {
			return err
		}
		kin = append(kin, makes...)
	}
	for _, k := range kin {
		if c.rows[k.pool] == nil {
			k.pool.stale = true
		}
	}
	return nil
}

// broughtBack has the pools run again in which something was brought back, later, of what an entry has brought back some
// of: what that is worth depends on it.
func (c *closing) broughtBack(ctx context.Context, e *entry) error {
	kin, err := c.belonging(ctx, e.origin)
	for _, k := range kin {
		if k.returns() && e.before(k.place) {
			k.pool.stale = true
		}
	}
	return err
}

// settle brings the running columns of closed entries up to date.
func (c *closing) settle(p *pool, through value.Date) error {
	var q, v value.Decimal
	var counted *value.Decimal
	var err error
	for _, e := range c.rows[p] {
		if e.day > through {
			break
		}
		if q, err = q.Add(e.quantity); err != nil {
			return err
		}
		if v, err = v.Add(e.value); err != nil {
			return err
		}
		if counted, err = plus(counted, e.secondary); err != nil {
			return err
		}
		e.running, e.runningValue, e.runningSecond = q, v, counted
		c.mark(e)
	}
	return nil
}
