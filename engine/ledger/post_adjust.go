package ledger

import (
	"context"
	"slices"

	"tenon/engine/ledger/costing"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// standing is what a posting has in the book, taken together.
type standing struct {
	quantity, value, reserved value.Decimal // signed as in the book; value of what documents gave
	secondary, reservedSecond *value.Decimal
}

func standingOf(list []*entry) (n standing, err error) {
	for _, e := range list {
		if n.quantity, err = n.quantity.Add(e.quantity); err != nil {
			return n, err
		}
		if n.secondary, err = plus(n.secondary, e.secondary); err != nil {
			return n, err
		}
		if n.reservedSecond, err = plus(n.reservedSecond, e.reservedSecond); err != nil {
			return n, err
		}
		if n.reserved, err = n.reserved.Add(e.reserved); err != nil {
			return n, err
		}
		if e.given == nil {
			continue
		}
		if n.value, err = n.value.Add(*e.given); err != nil {
			return n, err
		}
	}
	return n, nil
}

// originLine is the line whose goods an entry brings back or revalues.
func (d *deal) originLine(ctx context.Context, e *entry) (string, error) {
	if e.origin == "" {
		return "", nil
	}
	o, err := d.get(ctx, e.origin)
	if err != nil {
		return "", err
	}
	return o.source.Line, nil
}

func alike(a, b *value.Decimal) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// together tells whether a posting stands at the same place for the same goods as it is wanted: then only amounts may
// differ.
func (d *deal) together(ctx context.Context, w *Posting, have []*entry) (bool, error) {
	first := have[0]
	if first.day != w.Day || first.verb != string(verbOfPosting(w)) || first.from != string(w.From) {
		return false, nil
	}
	if w.Verb != metamodel.PostRevalue || w.Of == "" {
		if first.key != keyOf(w.Dims, nil) {
			return false, nil
		}
	}
	if w.Verb == metamodel.PostTransfer {
		return len(have) == 2 && have[1].key == keyOf(w.To, nil), nil
	}
	line, err := d.originLine(ctx, first)
	return err == nil && line == w.Of, err
}

func signOf(w *Posting) int {
	if w.Verb == metamodel.PostOut {
		return -1
	}
	return 1
}

func verbOfPosting(w *Posting) metamodel.PostingVerb {
	if w.Verb == metamodel.PostTransfer {
		return metamodel.PostOut
	}
	return w.Verb
}

// identical tells whether a posting is in the book just as it is wanted.
func (d *deal) identical(ctx context.Context, w *Posting, have []*entry) (bool, error) {
	same, err := d.together(ctx, w, have)
	if err != nil || !same {
		return false, err
	}
	n, err := standingOf(have)
	if err != nil {
		return false, err
	}
	first := have[0]
	if !d.countsSame(w, have, n) {
		return false, nil
	}
	switch w.Verb {
	case metamodel.PostTransfer:
		return first.quantity.Equal(w.Quantity.Neg()) && alike(first.given, negative(w.Value)), nil
	case metamodel.PostCount:
		last := have[len(have)-1]
		return last.asked != nil && last.asked.Equal(w.Quantity) && (w.Value == nil || w.Quantity.IsZero() || alike(last.given, w.Value)) &&
			(last.given != nil || w.Value == nil || w.Quantity.IsZero()) &&
			(alike(last.rate, w.Rate) || w.Rate == nil && last.pool.policy.Method == costing.Standard), nil // which gave it its rate
	case metamodel.PostRevalue:
		if w.Rate != nil || w.Value == nil {
			return alike(first.rate, w.Rate), nil
		}
		return n.value.Equal(*w.Value), nil
	case metamodel.PostReserve:
		return n.reserved.Equal(w.Quantity), nil
	case metamodel.PostIn, metamodel.PostOut:
	}
	if w.From != "" {
		return n.quantity.Equal(w.Quantity) && alike(first.extra, w.Value) && (w.Share == nil || alike(first.share, w.Share)), nil
	}
	return n.quantity.Abs().Equal(w.Quantity) && (first.given == nil) == (w.Value == nil) && (w.Value == nil || n.value.Abs().Equal(w.Value.Abs())), nil
}

// adjust brings a posting from what it has to what it wants by further entries, where that can be: the day, the goods
// and the direction are the same. It answers false where it must be taken back and posted anew.
func (d *deal) adjust(ctx context.Context, w *Posting, have []*entry) (bool, error) {
	same, err := d.identical(ctx, w, have)
	if err != nil || same {
		return same, err
	}
	if same, err = d.together(ctx, w, have); err != nil || !same {
		return false, err
	}
	n, err := standingOf(have)
	if err != nil {
		return false, err
	}
	switch {
	case w.Verb != metamodel.PostReserve && !d.countsSame(w, have, n): // a part of an entry's pieces is none of its own: it is taken back whole
		return false, nil
	case w.Verb == metamodel.PostReserve:
		more, err := amount{w.Quantity, w.Secondary}.less(amount{n.reserved, n.reservedSecond})
		if err != nil {
			return false, err
		}
		return true, d.add(ctx, w, &entry{verb: verbReserve, dims: w.Dims, reserved: more.quantity, reservedSecond: more.secondary})
	case w.From != "" || w.Verb != metamodel.PostIn && w.Verb != metamodel.PostOut:
		return false, nil
	case (have[0].given == nil) != (w.Value == nil) || w.Quantity.IsZero() && d.l.Quantity != nil:
		return false, nil
	}
	if !d.mayTouch(ctx, w.Day, w.Dims, w.Path) {
		return true, nil
	}
	c := &changeOf{deal: d, w: w, have: have}
	return c.run(ctx, n)
}

// changeOf is a receipt or an issue whose amounts change.
type changeOf struct {
	*deal
	w    *Posting
	have []*entry
}

func (c *changeOf) run(ctx context.Context, n standing) (bool, error) {
	was := n.quantity.Abs()
	more, err := c.w.Quantity.Sub(was)
	if err != nil {
		return false, err
	}
	var step, rest *value.Decimal
	if c.w.Value != nil {
		old := n.value
		if c.w.Verb == metamodel.PostOut {
			old = old.Neg()
		}
		if step, rest, err = c.split(was, old, more); err != nil {
			return false, err
		}
	}
	switch {
	case c.l.Quantity == nil:
		return true, c.add(ctx, c.w, c.draft(c.w, value.Decimal{}, rest))
	case rest != nil && c.w.Verb == metamodel.PostOut:
		return false, nil // another value at the same quantity: the issue is another one
	}
	if again, err := c.anew(ctx, more); err != nil || again {
		return false, err
	}
	rows := c.moved()
	if rest != nil {
		if err := c.revalueRows(ctx, c.w, rows, *rest); err != nil || c.list.HasErrors() {
			return true, err
		}
	}
	switch more.Sign() {
	case 1:
		e := c.draft(c.w, more, step)
		if e.origin = c.have[0].origin; e.origin != "" {
			c.back[c.w.Of] = c.w
		}
		return true, c.add(ctx, c.w, e)
	case -1:
		c.changed[c.w.Line] = c.w
		return true, c.reduce(ctx, rows, more.Neg(), negative(step))
	}
	return true, nil
}

// anew tells whether a posting is taken back and posted again at its place, so that all costs are to the cent what they
// would be if it had been written so at once. Where that may need goods that other entries of its day have brought, or leave
// those without that took some, the difference comes after them instead.
func (c *changeOf) anew(ctx context.Context, more value.Decimal) (bool, error) {
	if more.IsZero() || c.w.Verb == metamodel.PostOut && more.Sign() < 0 {
		return true, nil
	}
	b, err := c.balanceOf(ctx, c.w.Dims)
	if err != nil {
		return false, err
	}
	if err := c.alongside(ctx, b, c.w.Day); err != nil {
		return false, err
	}
	return !slices.ContainsFunc(b.rows, func(e *entry) bool {
		return e.day == c.w.Day && !e.voided && c.have[0].before(e.place) && !slices.Contains(c.have, e)
	}), nil
}

// split says how much of a change of value goes with the change of quantity, and what is a change of price: nil where it
// is none.
func (c *changeOf) split(was, old, more value.Decimal) (step, rest *value.Decimal, err error) {
	scale := c.valueScale()
	diff, err := c.w.Value.Sub(old)
	if err != nil || c.l.Quantity == nil {
		return nil, &diff, err
	}
	var s value.Decimal
	switch more.Sign() {
	case 1:
		s, err = portion(*c.w.Value, more, c.w.Quantity, scale)
	case -1:
		s, err = portion(old, more, was, scale)
	}
	if err != nil {
		return nil, nil, err
	}
	r, err := diff.Sub(s)
	if err != nil {
		return nil, nil, err
	}
	cent := value.NewDecimal(1, scale)
	if more.Sign() != 0 && r.Abs().Cmp(cent) <= 0 {
		return &diff, nil, nil // no change of price but what rounding made
	}
	if r.IsZero() {
		return &s, nil, nil
	}
	return &s, &r, nil
}

// moved lists the entries that moved goods in the posting's direction, without those that took some of them back.
func (c *changeOf) moved() []*entry {
	var out []*entry
	for _, e := range c.have {
		if e.quantity.Sign() == signOf(c.w) && e.verb == string(c.w.Verb) {
			out = append(out, e)
		}
	}
	return out
}

// reduce takes some of a posting's goods back, the last ones first; worth is what goes with them, unsigned.
func (c *changeOf) reduce(ctx context.Context, rows []*entry, quantity value.Decimal, worth *value.Decimal) error {
	last := make([]*entry, len(rows))
	for i, e := range rows {
		last[len(rows)-1-i] = e
	}
	parts, err := c.over(ctx, last, quantity, true)
	if err != nil {
		return err
	}
	given, err := spread(worth, parts, quantity, c.valueScale())
	if err != nil {
		return err
	}
	for i, p := range parts {
		e := &entry{verb: verbIn, dims: c.w.Dims, quantity: p.quantity, given: given[i], origin: p.of.id}
		if c.w.Verb == metamodel.PostIn {
			e.verb, e.quantity, e.given = verbOut, p.quantity.Neg(), negative(given[i])
		}
		if err := c.add(ctx, c.w, e); err != nil {
			return err
		}
	}
	return nil
}
