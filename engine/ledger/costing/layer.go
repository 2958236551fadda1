package costing

import (
	"slices"

	"tenon/metamodel/value"
)

// open is what is left of a row: a receipt's goods that are still there, or, negative, an issue's that nothing covers.
type open struct {
	id, key         string
	quantity, value value.Decimal
	touched         bool
}

// layer is a part of an open row that came with one receipt. A return may bring back goods of several.
type layer struct {
	row             *open
	root            string
	order           int
	quantity, value value.Decimal
}

// queue is the layers of one scope in their order; those before head are used up.
type queue struct {
	layers []*layer
	head   int
}

func (q *queue) push(l *layer) { q.layers = append(q.layers, l) }

// rest are the layers that may be open. Those in the middle that returns to their suppliers used up are among them.
func (q *queue) rest() []*layer {
	for q.head < len(q.layers) && q.layers[q.head].quantity.IsZero() {
		q.layers[q.head] = nil
		q.head++
	}
	for len(q.layers) > q.head && q.layers[len(q.layers)-1].quantity.IsZero() {
		q.layers = q.layers[:len(q.layers)-1]
	}
	return q.layers[q.head:]
}

// flow is goods of a receipt that left with a row, or came back with one.
type flow struct {
	row      string
	quantity value.Decimal // unsigned
	back     bool
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

// stand puts goods of a receipt into the queue.
func (p *Pool) stand(row *open, from string, quantity, worth value.Decimal) {
	if quantity.IsZero() {
		return
	}
	if quantity.Sign() > 0 && !p.layered() {
		worth = value.Decimal{} // the pool has its value in common
	}
	p.orders++
	row.quantity, row.value = p.add(row.quantity, quantity), p.add(row.value, worth)
	p.queue(row.key).push(&layer{row: row, root: from, order: p.orders, quantity: quantity, value: worth})
}

// touch notes that a row is more or less open than it was.
func (p *Pool) touch(row *open) {
	if !row.touched {
		row.touched = true
		p.touched = append(p.touched, row)
	}
}

// reduce takes quantity and worth out of a layer.
func (p *Pool) reduce(l *layer, quantity, worth value.Decimal) {
	l.quantity, l.value = p.sub(l.quantity, quantity), p.sub(l.value, worth)
	l.row.quantity, l.row.value = p.sub(l.row.quantity, quantity), p.sub(l.row.value, worth)
	p.touch(l.row)
}

// take takes at most quantity out of the layers for a row: those that prefer likes best first, then those of the row's
// key, then those of the pool. It answers how much there was and what it was worth.
func (p *Pool) take(r *Row, quantity value.Decimal, prefer func(*layer) bool) (taken, worth value.Decimal) {
	left := quantity
	from := func(l *layer) {
		if left.Sign() <= 0 || l.quantity.Sign() <= 0 || p.err != nil {
			return
		}
		q := smaller(left, l.quantity)
		v := l.value
		if q.Cmp(l.quantity) < 0 {
			v = p.part(l.value, q, l.quantity, p.policy.ValueScale)
		}
		p.unitTaken(l)
		p.reduce(l, q, v)
		p.went(l.root, r.ID, q)
		left, worth = p.sub(left, q), p.add(worth, v)
	}
	own := p.queue(r.Key)
	if prefer != nil {
		for _, l := range own.rest() {
			if prefer(l) {
				from(l)
			}
		}
	}
	p.drain(own, &left, from)
	for left.Sign() > 0 && p.err == nil {
		q := p.oldest()
		if q == nil {
			break
		}
		p.drain(q, &left, from)
	}
	return p.sub(quantity, left), worth
}

// drain calls from for a queue's layers in the order in which they go out, until nothing more is wanted.
func (p *Pool) drain(q *queue, left *value.Decimal, from func(*layer)) {
	for left.Sign() > 0 && p.err == nil {
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
		from(next)
	}
}

// oldest is the queue whose first layer came before those of the others; nil when nothing is there.
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

// unitTaken remembers what the goods that went last cost each: what goes out below zero costs as much.
func (p *Pool) unitTaken(l *layer) {
	if p.layered() {
		p.unit = p.keep(l.value.Quo(l.quantity, UnitScale))
	}
}

// went notes that goods of a receipt left with a row.
func (p *Pool) went(from, row string, quantity value.Decimal) {
	if !p.full {
		return
	}
	if s := p.roots[from]; s != nil {
		s.flows = append(s.flows, flow{row: row, quantity: quantity})
		p.took[row] = append(p.took[row], took{root: from, left: quantity})
	}
}

// cover lets a receipt's goods, of which the pool has the quantity already, fill what went out before they came; worth is the receipt's, of quantity in all. It
// answers what is left of both, and the corrections by which the issues get the receipt's cost.
func (p *Pool) cover(r *Row, quantity, worth value.Decimal) (restQuantity, restWorth value.Decimal, out []Correction) {
	if p.sub(p.quantity, quantity).Sign() >= 0 { // nothing was owed
		return quantity, worth, nil
	}
	for _, l := range p.layers() {
		if quantity.Sign() <= 0 || l.quantity.Sign() >= 0 || p.err != nil {
			continue
		}
		q := smaller(quantity, l.quantity.Neg())
		paid := p.part(worth, q, quantity, p.policy.ValueScale)
		assumed := l.value.Neg()
		if q.Cmp(l.quantity.Neg()) < 0 {
			assumed = p.part(assumed, q, l.quantity.Neg(), p.policy.ValueScale)
		}
		p.reduce(l, q.Neg(), assumed.Neg())
		p.went(r.ID, l.row.id, q)
		quantity, worth = p.sub(quantity, q), p.sub(worth, paid)
		to := l.row.id
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

// layers lists the open layers of all queues in their order.
func (p *Pool) layers() []*layer {
	var out []*layer
	for _, s := range p.scopes {
		for _, l := range p.queues[s].rest() {
			if !l.quantity.IsZero() {
				out = append(out, l)
			}
		}
	}
	slices.SortFunc(out, func(a, b *layer) int { return a.order - b.order })
	return out
}

// clear forgets the layers of a pool that is empty: what is left of them is less than the check scale tells.
func (p *Pool) clear() {
	for _, l := range p.layers() {
		p.reduce(l, l.quantity, l.value)
	}
}
