package costing

import "tenon/metamodel/value"

// Pool is goods that share one cost, between two rows. It is used by one goroutine.
type Pool struct {
	calc
	policy                Policy
	quantity, value, unit value.Decimal
	standard              value.Decimal // unit cost of the row under way, method Standard
	keys                  map[string]value.Decimal
	queues                map[string]*queue
	scopes                []string // of queues, in the order in which they came
	orders                int
	full                  bool            // run from its first row: it knows who took what
	tracks                bool            // it notes who takes what
	known                 map[string]bool // not full: rows before it of which it knows who took what
	roots                 map[string]*root
	took                  map[string][]took
	touched               []*open
}

// New is an empty pool, to be run from its first row.
func New(policy Policy) *Pool {
	return &Pool{
		policy: policy, keys: map[string]value.Decimal{}, queues: map[string]*queue{},
		full: true, tracks: true, roots: map[string]*root{}, took: map[string][]took{},
	}
}

// Restore puts a pool into the state that it had after some row. It then doesn't know who took what of a receipt, but
// for the ways that the state brings.
func (p *Pool) Restore(s State) {
	*p = *New(p.policy)
	p.full, p.tracks = false, s.Ways != nil
	p.quantity, p.value, p.unit = s.Quantity, s.Value, s.UnitCost
	if s.Method != "" {
		p.policy.Method, p.policy.Standard = s.Method, s.Standard
	}
	for k, q := range s.Keys {
		p.keys[k] = q
	}
	for _, l := range s.Layers {
		o := &open{id: l.ID, key: l.Key}
		p.stand(o, l.Quantity, l.Value)
		if s.Ways != nil {
			for _, x := range s.Ways.Portions[l.ID] {
				o.portions = append(o.portions, portion{x.Row, x.Quantity})
			}
		}
	}
	if s.Ways != nil {
		p.takeUp(s.Ways)
	}
}

// State is what Restore takes.
func (p *Pool) State() State {
	s := State{Quantity: p.quantity, Value: p.value, UnitCost: p.unit, Keys: p.keys, Method: p.policy.Method, Standard: p.policy.Standard}
	for _, o := range p.open() {
		s.Layers = append(s.Layers, Layer{ID: o.id, Key: o.key, Quantity: o.quantity, Value: o.value})
	}
	return s
}

// Apply values the next row. On an error the pool is of no use any more.
func (p *Pool) Apply(r *Row) (Effect, error) {
	p.err, p.touched = nil, nil
	p.standard = p.policy.Standard
	if p.policy.Method == Standard && r.Rate != nil {
		p.standard = *r.Rate
	}
	if p.known != nil {
		p.known[r.ID] = true
	}
	var corrections []Correction
	own := &open{id: r.ID, key: r.Key}
	if r.Verb == Count {
		r.Quantity = p.sub(r.Asked, p.keys[r.Key])
	}
	switch {
	case r.Verb == Change:
		corrections = p.change(r, own)
	case p.policy.Method == None:
		p.post(r)
	case r.Verb == Revalue:
		list, err := p.revalue(r)
		if err != nil {
			return Effect{}, err
		}
		corrections = list
	case r.Quantity.Sign() > 0:
		corrections = p.receive(r, own)
	case r.Quantity.Sign() < 0:
		corrections = p.issue(r, own)
	default:
		corrections = p.onlyValue(r)
	}
	r.RunningQuantity, r.RunningValue = p.quantity, p.value
	return p.finish(r, own, corrections)
}

// finish posts the corrections, sees to it that nothing is worth nothing, and answers.
func (p *Pool) finish(r *Row, own *open, list []Correction) (Effect, error) {
	for i := range list {
		p.value = p.add(p.value, list[i].Value)
	}
	if p.none(p.quantity) && p.policy.Method != None {
		p.clear()
		if !p.value.IsZero() {
			list = addTo(&p.calc, list, r.ID, p.value.Neg())
			p.value = value.Decimal{}
		}
	}
	p.average()
	r.Remaining, r.RemainingValue = own.quantity, own.value
	var e Effect
	running := r.RunningValue
	for _, c := range list {
		if c.Value.IsZero() {
			continue
		}
		running = p.add(running, c.Value)
		c.RunningQuantity, c.RunningValue = p.quantity, running
		e.Corrections = append(e.Corrections, c)
	}
	for _, row := range p.touched {
		row.touched = false
		if row != own {
			e.Touched = append(e.Touched, Touched{ID: row.id, Remaining: row.quantity, RemainingValue: row.value})
		}
	}
	return e, p.err
}

// none tells whether a quantity rounds to nothing.
func (p *Pool) none(q value.Decimal) bool {
	r, err := q.Round(p.policy.CheckScale)
	return err == nil && r.IsZero()
}

// average brings the unit cost up to date where it is the pool's.
func (p *Pool) average() {
	switch p.policy.Method {
	case Average, Month:
		if p.quantity.Sign() > 0 && !p.none(p.quantity) {
			p.unit = p.keep(p.value.Quo(p.quantity, UnitScale))
		}
	case Standard:
		p.unit = p.standard
	case FIFO, LIFO, None:
	}
}

// move adds a row's quantity and value to the pool.
func (p *Pool) move(r *Row, worth value.Decimal) {
	r.Value = worth
	p.quantity, p.value = p.add(p.quantity, r.Quantity), p.add(p.value, worth)
	if !r.Quantity.IsZero() {
		p.keys[r.Key] = p.add(p.keys[r.Key], r.Quantity)
	}
}

// post books a row of values alone.
func (p *Pool) post(r *Row) {
	var worth value.Decimal
	if r.Given != nil {
		worth = *r.Given
	}
	p.move(r, worth)
}

// onlyValue takes a row without quantity: value on what is there.
func (p *Pool) onlyValue(r *Row) []Correction {
	if r.Given == nil {
		p.move(r, value.Decimal{})
		return nil
	}
	return p.spread(r, *r.Given)
}

// receive takes goods in.
func (p *Pool) receive(r *Row, own *open) []Correction {
	worth := p.worthIn(r)
	p.move(r, worth)
	var list []Correction
	if p.policy.Method == Standard {
		at := p.times(p.standard, r.Quantity, p.policy.ValueScale)
		list = addTo(&p.calc, list, r.ID, p.sub(at, worth))
		worth = at
	}
	if p.tracks {
		p.roots[r.ID] = &root{quantity: r.Quantity}
	}
	left, rest, covered := p.cover(r, r.Quantity, worth)
	for _, c := range covered {
		list = addTo(&p.calc, list, c.Origin, c.Value)
	}
	p.standBack(r, own, left, rest)
	if p.quantity.Sign() > 0 && p.layered() {
		p.unit = p.keep(worth.Quo(r.Quantity, UnitScale))
	}
	return list
}

// standBack puts what came in into the queue. What a customer brings back counts as goods of the receipts that it came
// with, as far as they are known.
func (p *Pool) standBack(r *Row, own *open, quantity, worth value.Decimal) {
	p.stand(own, quantity, worth)
	if r.Origin != nil {
		list := p.took[r.Origin.ID]
		if p.known != nil && !p.known[r.Origin.ID] {
			p.keep(value.Decimal{}, ErrReplay)
		}
		for i := len(list) - 1; i >= 0 && quantity.Sign() > 0; i-- {
			q := smaller(quantity, list[i].left)
			if q.Sign() <= 0 {
				continue
			}
			list[i].left = p.sub(list[i].left, q)
			if from := p.roots[list[i].root]; from != nil {
				from.flows = append(from.flows, flow{row: r.ID, quantity: q, back: true})
			}
			p.came(own, list[i].root, q)
			quantity = p.sub(quantity, q)
		}
	}
	p.came(own, r.ID, quantity)
}

// worthIn is what goods that come in are worth.
func (p *Pool) worthIn(r *Row) value.Decimal {
	scale := p.policy.ValueScale
	switch {
	case r.Given != nil:
		return *r.Given
	case p.policy.Method == Standard:
		return p.times(p.standard, r.Quantity, scale)
	case r.Origin != nil && p.policy.CustomerReturn != AtCurrent && p.policy.Method != Month && !r.Origin.Quantity.IsZero():
		return p.returned(r.Origin, r.Quantity)
	case r.Rate != nil && r.Verb == Count:
		return p.times(*r.Rate, r.Quantity, scale)
	case r.Verb == Count && p.quantity.Sign() < 0:
		return p.filling(r.Quantity)
	}
	return p.times(p.unit, r.Quantity, scale)
}

// returned is the part of an origin's worth that goes with a quantity of it, so that the parts of a whole sum to it.
func (p *Pool) returned(o *Origin, quantity value.Decimal) value.Decimal {
	upTo := p.part(o.Value.Abs(), p.add(o.ReturnedQuantity, quantity), o.Quantity.Abs(), p.policy.ValueScale)
	return p.sub(upTo, o.ReturnedValue)
}

// filling is what a count that finds more than nothing is worth: what was assumed of the goods that it covers, and the
// unit cost of the others.
func (p *Pool) filling(quantity value.Decimal) value.Decimal {
	var worth value.Decimal
	for _, o := range p.open() {
		if o.quantity.Sign() >= 0 || quantity.Sign() <= 0 {
			continue
		}
		q := smaller(quantity, o.quantity.Neg())
		worth, quantity = p.add(worth, p.share(o, q)), p.sub(quantity, q)
	}
	return p.add(worth, p.times(p.unit, quantity, p.policy.ValueScale))
}
