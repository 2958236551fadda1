package costing

import "tenon/metamodel/value"

// revalue changes what goods are worth.
func (p *Pool) revalue(r *Row) ([]Correction, error) {
	if r.Origin == nil {
		if r.Rate != nil {
			return p.reprice(r, *r.Rate), p.err
		}
		if r.Given == nil {
			return nil, ErrNothing
		}
		return p.spread(r, *r.Given), p.err
	}
	if r.Given == nil {
		return nil, ErrNothing
	}
	switch {
	case p.policy.Method == Standard || p.policy.Variance == ToExpense:
		p.move(r, *r.Given)
		return []Correction{{Origin: r.ID, Value: r.Given.Neg()}}, p.err
	case p.policy.Variance == ToStock:
		return p.spread(r, *r.Given), p.err
	case !p.full:
		return nil, ErrReplay
	}
	from := p.roots[r.Origin.ID]
	if from == nil { // it brought nothing in, or what others had taken
		return p.spread(r, *r.Given), p.err
	}
	return p.follow(r, from), p.err
}

// reprice sets the unit cost of all that is there.
func (p *Pool) reprice(r *Row, rate value.Decimal) []Correction {
	p.unit = p.keep(rate.Round(UnitScale))
	if p.quantity.Sign() <= 0 {
		p.move(r, value.Decimal{})
		return nil
	}
	list := p.spread(r, p.sub(p.times(rate, p.quantity, p.policy.ValueScale), p.value))
	return list
}

// spread puts value on all that is there, by quantity. Where nothing is there it is an expense at once.
func (p *Pool) spread(r *Row, amount value.Decimal) []Correction {
	p.move(r, amount)
	if p.quantity.Sign() <= 0 || p.none(p.quantity) {
		return []Correction{{Origin: r.ID, Value: amount.Neg()}}
	}
	p.load(amount, p.layers())
	return nil
}

// load puts value on layers by quantity.
func (p *Pool) load(amount value.Decimal, layers []*layer) {
	if !p.layered() || len(layers) == 0 {
		return
	}
	weights := make([]value.Decimal, len(layers))
	for i, l := range layers {
		weights[i] = l.quantity
	}
	parts, err := Allocate(amount, weights, p.policy.ValueScale)
	if err != nil {
		p.keep(value.Decimal{}, err)
		return
	}
	for i, l := range layers {
		p.reduce(l, value.Decimal{}, parts[i].Neg())
	}
}

// follow lets an amount follow the goods of a receipt: the rows that took some carry their part, those that brought
// some back give it back, and what is still there keeps the rest.
func (p *Pool) follow(r *Row, from *root) []Correction {
	p.move(r, *r.Given)
	var list []Correction
	there, rest, last := from.quantity, *r.Given, ""
	for _, f := range from.flows {
		part := p.part(*r.Given, f.quantity, from.quantity, p.policy.ValueScale)
		if f.back {
			there, rest = p.add(there, f.quantity), p.add(rest, part)
			list = addTo(&p.calc, list, f.row, part)
			continue
		}
		there, rest, last = p.sub(there, f.quantity), p.sub(rest, part), f.row
		list = addTo(&p.calc, list, f.row, part.Neg())
	}
	if p.none(there) {
		if last == "" {
			last = r.ID
		}
		return addTo(&p.calc, list, last, rest.Neg())
	}
	var layers []*layer
	for _, l := range p.layers() {
		if l.root == r.Origin.ID && l.quantity.Sign() > 0 {
			layers = append(layers, l)
		}
	}
	p.load(rest, layers)
	return list
}
