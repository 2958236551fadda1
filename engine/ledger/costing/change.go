package costing

import (
	"slices"

	"tenon/metamodel/value"
)

// Method is how the pool is valued now.
func (p *Pool) Method() Method { return p.policy.Method }

// variance is where later changes of cost go: a month's average has them.
func (p *Pool) variance() string {
	if p.policy.Method == Month {
		return ToStock
	}
	return p.policy.Variance
}

// Totals are what the pool has.
func (p *Pool) Totals() (quantity, worth value.Decimal) { return p.quantity, p.value }

// Settle sets what the pool has, where that is known from elsewhere: of a month that is closed.
func (p *Pool) Settle(quantity, worth value.Decimal) {
	p.quantity, p.value = quantity, worth
	p.average()
}

// change has the pool valued by another method from here on. What is there keeps its worth, but that a standard says
// what it is.
func (p *Pool) change(r *Row, own *open) []Correction {
	was := p.policy.Method
	p.policy.Method = r.Method
	if r.Method == Standard && r.Rate != nil {
		p.policy.Standard, p.standard = *r.Rate, *r.Rate
	}
	p.move(r, value.Decimal{})
	rows := p.open()
	p.queues, p.scopes = map[string]*queue{}, nil
	for _, o := range rows {
		q := p.queue(o.key)
		q.rows = append(q.rows, o)
	}
	switch {
	case r.Method == None: // which receipts are still there is not known any more
		for _, o := range rows {
			p.reduce(o, o.quantity, o.value)
		}
		return nil
	case was == None && !p.none(p.quantity): // all that is there came with this row
		p.stand(own, p.quantity, p.value)
		if p.tracks {
			p.roots[r.ID] = &root{quantity: p.quantity}
		}
		p.came(own, r.ID, p.quantity)
		rows = p.open()
	}
	var list []Correction
	worth := p.value
	if r.Method == Standard {
		worth = p.times(p.standard, p.quantity, p.policy.ValueScale)
		list = addTo(&p.calc, nil, r.ID, p.sub(worth, p.value))
	}
	p.apportion(rows, worth)
	return list
}

// apportion gives open rows what they are worth together, by quantity: what was assumed of goods that nothing covers
// yet, or, where each receipt's goods keep their own cost, of those that are there. A pool that has its value in common
// has none in its rows.
func (p *Pool) apportion(rows []*open, worth value.Decimal) {
	var weights []value.Decimal
	there := slices.DeleteFunc(slices.Clone(rows), func(o *open) bool { return o.quantity.Sign() < 0 })
	owed := slices.DeleteFunc(slices.Clone(rows), func(o *open) bool { return o.quantity.Sign() > 0 })
	parts := make([]value.Decimal, len(there))
	switch {
	case len(there) == 0 && len(owed) == 0:
		return
	case len(there) == 0:
		there, owed, parts = owed, nil, nil
	}
	for _, o := range owed { // beside goods that are there
		worth = p.sub(worth, o.value)
	}
	if parts == nil || p.layered() {
		for _, o := range there {
			weights = append(weights, o.quantity.Abs())
		}
		var err error
		if parts, err = value.Allocate(worth, weights, p.policy.ValueScale); err != nil {
			p.keep(value.Decimal{}, err)
			return
		}
	}
	for i, o := range there {
		p.reduce(o, value.Decimal{}, p.sub(o.value, parts[i]))
	}
}
