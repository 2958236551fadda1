package costing

import (
	"slices"

	"tenon/metamodel/value"
)

// revalue changes what goods are worth.
func (p *Pool) revalue(r *Row) ([]Correction, error) {
	if r.Origin == nil && r.Rate != nil {
		return p.reprice(r, *r.Rate), p.err
	}
	if r.Given == nil {
		return nil, ErrNothing
	}
	switch {
	case p.policy.Method == Standard || r.Origin != nil && p.variance() == ToExpense:
		p.move(r, *r.Given)
		return []Correction{{Origin: r.ID, Value: r.Given.Neg()}}, p.err
	case r.Origin == nil || p.variance() == ToStock:
		return p.spread(r, *r.Given), p.err
	}
	from := p.roots[r.Origin.ID]
	if from == nil && !p.full && !p.known[r.Origin.ID] {
		return nil, ErrReplay
	}
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
	rows := p.open()
	weights := make([]value.Decimal, len(rows))
	for i, o := range rows {
		weights[i] = o.quantity
	}
	p.load(amount, rows, weights)
	return nil
}

// load puts value on open rows by weights.
func (p *Pool) load(amount value.Decimal, rows []*open, weights []value.Decimal) {
	if !p.layered() || len(rows) == 0 {
		return
	}
	parts, err := value.Allocate(amount, weights, p.policy.ValueScale)
	if err != nil {
		p.keep(value.Decimal{}, err)
		return
	}
	for i, o := range rows {
		p.reduce(o, value.Decimal{}, parts[i].Neg())
	}
}

// follow lets an amount follow the goods of a receipt: the rows that took some carry their part, those that brought
// some back give it back, and what is still there keeps the rest.
func (p *Pool) follow(r *Row, from *root) []Correction {
	p.move(r, *r.Given)
	var list []Correction
	came := from.quantity
	for _, f := range from.flows {
		if slices.Contains(r.Origin.Undone, f.row) {
			came = p.sub(came, f.quantity)
		}
	}
	there, rest, last := came, *r.Given, ""
	for _, f := range from.flows {
		if slices.Contains(r.Origin.Undone, f.row) {
			continue
		}
		part, row := p.part(*r.Given, f.quantity, came, p.policy.ValueScale), f.row
		if f.filled { // what it costs was said when it left
			row = r.Origin.ID
		}
		if f.back {
			there, rest = p.add(there, f.quantity), p.add(rest, part)
			list = addTo(&p.calc, list, row, part)
			continue
		}
		there, rest, last = p.sub(there, f.quantity), p.sub(rest, part), row
		list = addTo(&p.calc, list, row, part.Neg())
	}
	if p.none(there) {
		if last == "" {
			last = r.ID
		}
		return addTo(&p.calc, list, last, rest.Neg())
	}
	var rows []*open
	var weights []value.Decimal
	for _, o := range p.open() {
		var of value.Decimal
		for _, part := range o.portions {
			if part.root == r.Origin.ID {
				of = p.add(of, part.quantity)
			}
		}
		if of.Sign() > 0 {
			rows, weights = append(rows, o), append(weights, of)
		}
	}
	p.load(rest, rows, weights)
	return list
}
