package ledger

import (
	"context"

	"tenon/engine/ledger/costing"
	"tenon/metamodel/value"
)

// What is booked about a cost while a month is open (goods were sold before they came, freight for goods that are gone)
// is in the month's average when it is closed: it must not be booked twice. What is about goods of a month before, which
// is closed, stays, and so does what the end of the month leaves where nothing is left.

// ofMonth tells whether a correction is about goods of the month that it stands in.
func (c *closing) ofMonth(ctx context.Context, e *entry, start, end value.Date) (bool, error) {
	if e.verb != verbCorrection || e.voided || e.day < start || e.day > end {
		return false, nil
	}
	o, err := c.get(ctx, e.origin)
	if err != nil {
		return false, err
	}
	return o.day >= start && o.verb != verbMethod, nil
}

// withdraw takes out what was booked about goods of a month, here and where they went.
func (c *closing) withdraw(ctx context.Context, p *pool, start, end value.Date) error {
	for _, e := range c.rows[p] {
		of, err := c.ofMonth(ctx, e, start, end)
		if err != nil {
			return err
		}
		if !of {
			continue
		}
		if err := c.withdrawFed(ctx, e); err != nil {
			return err
		}
		if err := c.broughtBack(ctx, e); err != nil {
			return err
		}
		c.drop(e)
	}
	return nil
}

// withdrawFed takes out what a correction has changed of what took its value from the corrected entry.
func (c *closing) withdrawFed(ctx context.Context, e *entry) error {
	o, err := c.get(ctx, e.origin)
	if err != nil || o.quantity.Sign() >= 0 {
		return err
	}
	cause, err := c.get(ctx, e.from)
	if err != nil {
		return err
	}
	takers, err := c.takers(ctx, cause, o, e.value.Neg())
	if err != nil {
		return err
	}
	for _, t := range takers {
		kin, err := c.belonging(ctx, t.to.id)
		if err != nil {
			return err
		}
		for _, k := range fedBy(kin, e) {
			c.drop(k)
			k.pool.stale = true
		}
	}
	return nil
}

// told are the corrections of a month about goods of months before, as rows of its average.
func (c *closing) told(p *pool, start, end value.Date) []*costing.Row {
	var out []*costing.Row
	for _, e := range c.rows[p] {
		if e.verb == verbCorrection && !e.voided && e != c.rest[p] && e.day >= start && e.day <= end {
			v := e.value
			out = append(out, &costing.Row{ID: e.id, Key: e.key, Verb: costing.Revalue, Given: &v, Value: v})
		}
	}
	return out
}

// leave books what is left of a pool's value at the end of a month at which nothing is there any more.
func (c *closing) leave(p *pool, last *entry, state costing.State) error {
	q, err := state.Quantity.Round(p.policy.CheckScale)
	if err != nil {
		return err
	}
	left := state.Value.Neg()
	if !q.IsZero() {
		left = value.Decimal{}
	}
	rest := c.rest[p]
	switch {
	case rest == nil && left.IsZero():
		return nil
	case rest == nil:
		rest = c.generate(last, last, verbCorrection, last.id)
		c.leg(last, rest)
		c.rest[p], c.rows[p] = rest, sorted(append(c.rows[p], rest))
	}
	c.moved = c.moved || !rest.value.Equal(left)
	rest.value = left
	return nil
}
