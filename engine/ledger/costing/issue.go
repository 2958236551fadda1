package costing

import "tenon/metamodel/value"

// issue lets goods go. By standard they leave at their standard cost, whatever was given for them: the difference is a
// correction, as it is of goods that come in.
func (p *Pool) issue(r *Row, own *open) (list []Correction) {
	quantity := r.Quantity.Neg()
	empties := p.none(p.sub(p.quantity, quantity)) && p.quantity.Sign() > 0
	there, before := p.quantity, p.value
	taken, worth := p.take(r, quantity, p.prefer(r, quantity))
	missing := p.sub(quantity, taken)
	if p.none(missing) {
		missing = value.Decimal{}
	}
	below := p.times(p.unit, missing, p.policy.ValueScale)
	var cost value.Decimal
	switch {
	case r.Given != nil:
		cost = r.Given.Neg()
		if !missing.IsZero() { // what was given beside the worth of all that was there
			below = p.sub(cost, p.worthOf(worth, there, before))
			p.unit = p.keep(cost.Quo(quantity, UnitScale))
		}
		if p.policy.Method == Standard {
			at := p.times(p.standard, quantity, p.policy.ValueScale)
			below = p.times(p.standard, missing, p.policy.ValueScale)
			list = addTo(&p.calc, nil, r.ID, p.sub(cost, at))
		}
	case p.layered():
		cost = p.add(worth, below)
	case p.policy.Method == Standard:
		cost = p.times(p.standard, quantity, p.policy.ValueScale)
		below = p.times(p.standard, missing, p.policy.ValueScale)
	default:
		cost = p.averageCost(r, quantity, there, before, empties)
	}
	p.move(r, cost.Neg())
	p.level(r, p.sub(p.sub(cost, below), worth))
	p.owe(own, missing, below)
	return list
}

// worthOf is what goods were worth that are all taken: of their layers, or what the pool had in common.
func (p *Pool) worthOf(layers, there, before value.Decimal) value.Decimal {
	if p.layered() || there.Sign() <= 0 {
		return layers
	}
	return before
}

// prefer tells which layers a row takes first: a return to a supplier what came with the receipt, an issue at a given
// value what cost just that. nil is none.
func (p *Pool) prefer(r *Row, quantity value.Decimal) func(*open) bool {
	if r.Origin != nil && p.policy.SupplierReturn != AtQueue {
		return func(o *open) bool { return o.id == r.Origin.ID }
	}
	if r.Given == nil || !p.layered() {
		return nil
	}
	at := p.keep(r.Given.Neg().Quo(quantity, UnitScale))
	return func(o *open) bool {
		return o.quantity.Sign() > 0 && p.keep(o.value.Quo(o.quantity, UnitScale)).Equal(at)
	}
}

// averageCost is what quantity costs in a pool that has its value in common. there and before are the pool's quantity
// and value until now.
func (p *Pool) averageCost(r *Row, quantity, there, before value.Decimal, empties bool) value.Decimal {
	scale := p.policy.ValueScale
	if r.Origin != nil && p.policy.SupplierReturn == AtOriginal && !r.Origin.Value.IsZero() && !r.Origin.Quantity.IsZero() && !empties {
		// A receipt that cost more than all that is left can't be given back at its cost: nothing would be worth less
		// than nothing. Goods that came free have no cost of their own.
		if cost := p.returned(r.Origin, quantity); cost.Sign() >= 0 && (cost.Cmp(before) < 0 || there.Cmp(quantity) <= 0) {
			return cost
		}
	}
	switch {
	case empties:
		return before
	case there.Sign() <= 0:
		return p.times(p.unit, quantity, scale)
	case quantity.Cmp(there) < 0:
		return p.part(before, quantity, there, scale)
	}
	return p.add(before, p.times(p.unit, p.sub(quantity, there), scale))
}

// level keeps the open rows' worth at the pool's where an issue's value was given: the next goods to go carry the
// difference. Pools by average have no worth in their rows.
func (p *Pool) level(r *Row, more value.Decimal) {
	if !p.layered() || r.Given == nil || more.IsZero() {
		return
	}
	for _, o := range p.open() {
		if o.quantity.Sign() > 0 {
			p.reduce(o, value.Decimal{}, more)
			return
		}
	}
}

// owe notes goods that went and that nothing covers yet, with what was assumed that they cost.
func (p *Pool) owe(own *open, quantity, cost value.Decimal) {
	p.stand(own, quantity.Neg(), cost.Neg())
}
