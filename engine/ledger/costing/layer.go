package costing

import (
	"slices"

	"tenon/metamodel/value"
)

// open is what is left of a row: a receipt's goods that are still there, or, negative, an issue's that nothing covers.
type open struct {
	id, key         string
	order           int // place in the pool
	quantity, value value.Decimal
	portions        []portion // of a receipt in a pool that was run from its first row
	touched         bool
}

// portion is the part of an open row that came with one receipt: a return may bring back goods of several.
type portion struct {
	root     string
	quantity value.Decimal
}

// queue is the open rows of one scope in their order; those before head are used up.
type queue struct {
	rows []*open
	head int
}

// rest are the rows that may be open. Those in the middle that returns to their suppliers used up are among them.
func (q *queue) rest() []*open {
	for q.head < len(q.rows) && q.rows[q.head].quantity.IsZero() {
		q.rows[q.head] = nil
		q.head++
	}
	for len(q.rows) > q.head && q.rows[len(q.rows)-1].quantity.IsZero() {
		q.rows = q.rows[:len(q.rows)-1]
	}
	return q.rows[q.head:]
}

// flow is goods of a receipt that left with a row, or came back with one.
type flow struct {
	row      string
	quantity value.Decimal // unsigned
	back     bool
	filled   bool // it had left before they came, and keeps what was assumed that it cost
}

// root is a receipt with the way that its goods went.
type root struct {
	quantity value.Decimal
	flows    []flow
}

// took is what an issue took of a receipt and was not returned yet.
type took struct {
	root string
	left value.Decimal
}

// layered tells whether each receipt's goods keep their own cost.
func (p *Pool) layered() bool { return p.policy.Method == FIFO || p.policy.Method == LIFO }

// scope names the queue that a key's goods stand in: with FIFO and LIFO the pool is one.
func (p *Pool) scope(key string) string {
	if p.layered() {
		return ""
	}
	return key
}

func (p *Pool) queue(key string) *queue {
	s := p.scope(key)
	q := p.queues[s]
	if q == nil {
		q = &queue{}
		p.queues[s] = q
		p.scopes = append(p.scopes, s)
	}
	return q
}

// stand puts an open row into the queue.
func (p *Pool) stand(row *open, quantity, worth value.Decimal) {
	if quantity.IsZero() {
		return
	}
	if quantity.Sign() > 0 && !p.layered() {
		worth = value.Decimal{} // the pool has its value in common
	}
	p.orders++
	row.order, row.quantity, row.value = p.orders, quantity, worth
	q := p.queue(row.key)
	q.rows = append(q.rows, row)
}

// came notes with which receipt a part of a row came.
func (p *Pool) came(row *open, from string, quantity value.Decimal) {
	if p.tracks && quantity.Sign() > 0 {
		row.portions = append(row.portions, portion{from, quantity})
	}
}

// reduce takes quantity and worth out of an open row.
func (p *Pool) reduce(row *open, quantity, worth value.Decimal) {
	row.quantity, row.value = p.sub(row.quantity, quantity), p.sub(row.value, worth)
	if !row.touched {
		row.touched = true
		p.touched = append(p.touched, row)
	}
}

// taking is goods on their way out of a pool.
type taking struct {
	row         *Row
	left, worth value.Decimal
}

// take takes at most quantity out of the open rows: those that prefer likes best first, then those of the row's key,
// then those of the pool. It answers how much there was and what it was worth.
func (p *Pool) take(r *Row, quantity value.Decimal, prefer func(*open) bool) (taken, worth value.Decimal) {
	t := &taking{row: r, left: quantity}
	own := p.queue(r.Key)
	if prefer != nil {
		for _, o := range own.rest() {
			if prefer(o) {
				p.from(t, o)
			}
		}
	}
	p.drain(own, t)
	for t.left.Sign() > 0 && p.err == nil {
		q := p.oldest()
		if q == nil {
			break
		}
		p.drain(q, t)
	}
	return p.sub(quantity, t.left), t.worth
}

// from takes of one open row.
func (p *Pool) from(t *taking, o *open) {
	if t.left.Sign() <= 0 || o.quantity.Sign() <= 0 || p.err != nil {
		return
	}
	q := smaller(t.left, o.quantity)
	v := p.share(o, q)
	if p.layered() { // what goes out below zero costs as much as what went last
		p.unit = p.keep(o.value.Quo(o.quantity, UnitScale))
	}
	p.reduce(o, q, v)
	p.portion(t.row.ID, o, q)
	t.left, t.worth = p.sub(t.left, q), p.add(t.worth, v)
}

// share is what an unsigned quantity of an open row is worth, or was assumed to cost; the last of it is all that is left.
func (p *Pool) share(o *open, quantity value.Decimal) value.Decimal {
	there, worth := o.quantity, o.value
	if there.Sign() < 0 {
		there, worth = there.Neg(), worth.Neg()
	}
	if quantity.Cmp(there) >= 0 {
		return worth
	}
	return p.part(worth, quantity, there, p.policy.ValueScale)
}

// portion notes which receipts' goods left with a row.
func (p *Pool) portion(row string, o *open, quantity value.Decimal) {
	for len(o.portions) > 0 && quantity.Sign() > 0 {
		first := &o.portions[0]
		q := smaller(quantity, first.quantity)
		p.went(first.root, flow{row: row, quantity: q})
		quantity, first.quantity = p.sub(quantity, q), p.sub(first.quantity, q)
		if !first.quantity.IsZero() {
			return
		}
		o.portions = o.portions[1:]
	}
}

// drain takes a queue's rows in the order in which they go out, until nothing more is wanted.
func (p *Pool) drain(q *queue, t *taking) {
	for t.left.Sign() > 0 && p.err == nil {
		rest := q.rest()
		if len(rest) == 0 {
			return
		}
		next := rest[0]
		if p.policy.Method == LIFO {
			next = rest[len(rest)-1]
		}
		if next.quantity.Sign() < 0 { // nothing is there, and some is owed
			return
		}
		p.from(t, next)
	}
}

// oldest is the queue whose first row came before those of the others; nil when nothing is there.
func (p *Pool) oldest() *queue {
	var best *queue
	for _, s := range p.scopes {
		q := p.queues[s]
		rest := q.rest()
		if len(rest) == 0 || rest[0].quantity.Sign() < 0 {
			continue
		}
		if best == nil || rest[0].order < best.rest()[0].order {
			best = q
		}
	}
	return best
}

// went notes that goods of a receipt left with a row.
func (p *Pool) went(from string, f flow) {
	if !p.tracks {
		return
	}
	if s := p.roots[from]; s != nil {
		s.flows = append(s.flows, f)
	}
	p.took[f.row] = append(p.took[f.row], took{root: from, left: f.quantity})
}

// cover lets a receipt's goods, of which the pool has the quantity already, fill what went out before they came; worth is the receipt's, of quantity in all. It
// answers what is left of both, and the corrections by which the issues get the receipt's cost.
func (p *Pool) cover(r *Row, quantity, worth value.Decimal) (restQuantity, restWorth value.Decimal, out []Correction) {
	if p.sub(p.quantity, quantity).Sign() >= 0 { // nothing was owed
		return quantity, worth, nil
	}
	for _, o := range p.open() {
		if quantity.Sign() <= 0 || o.quantity.Sign() >= 0 || p.err != nil {
			continue
		}
		q := smaller(quantity, o.quantity.Neg())
		paid := p.part(worth, q, quantity, p.policy.ValueScale)
		assumed := p.share(o, q)
		p.reduce(o, q.Neg(), assumed.Neg())
		p.went(r.ID, flow{row: o.id, quantity: q, filled: p.policy.NegativeTo == ToReceipt})
		quantity, worth = p.sub(quantity, q), p.sub(worth, paid)
		to := o.id
		if p.policy.NegativeTo == ToReceipt {
			to = r.ID
		}
		out = addTo(&p.calc, out, to, p.sub(assumed, paid))
	}
	return quantity, worth, out
}

// addTo adds to the correction of an origin, which stands once in the list.
func addTo(c *calc, list []Correction, origin string, v value.Decimal) []Correction {
	for i := range list {
		if list[i].Origin == origin {
			list[i].Value = c.add(list[i].Value, v)
			return list
		}
	}
	return append(list, Correction{Origin: origin, Value: v})
}

// open lists the open rows of all queues in their order.
func (p *Pool) open() []*open {
	var out []*open
	for _, s := range p.scopes {
		for _, o := range p.queues[s].rest() {
			if !o.quantity.IsZero() {
				out = append(out, o)
			}
		}
	}
	slices.SortFunc(out, func(a, b *open) int { return a.order - b.order })
	return out
}

// clear forgets the open rows of a pool that is empty: what is left of them is less than the check scale tells.
func (p *Pool) clear() {
	for _, o := range p.open() {
		p.reduce(o, o.quantity, o.value)
	}
}
