package costing

import "tenon/metamodel/value"

// CloseMonth values what left a pool in a month (全月一次加权平均): (value at the start + value of what came in) ÷ the
// quantities, whenever in the month it came. It sets Value of rows that took goods, and of those that brought back
// what was sold, which count as the opposite of a sale; who takes the last takes all that is left. rows are the
// month's in their order with their quantities known (those of counts, too); what came in has its value already. It
// returns the unit cost and the state at the end. Remaining and the running columns are not changed.
func CloseMonth(policy Policy, opening State, rows []*Row) (unit value.Decimal, closing State, err error) {
	p := New(policy)
	p.quantity, p.value, p.unit = opening.Quantity, opening.Value, opening.UnitCost
	for _, r := range rows {
		if p.brings(r) {
			p.quantity, p.value = p.add(p.quantity, r.Quantity), p.add(p.value, r.Value)
		}
	}
	if p.quantity.Sign() > 0 {
		p.unit = p.keep(p.value.Quo(p.quantity, UnitScale))
	}
	unit = p.unit
	for _, r := range rows {
		if p.brings(r) {
			continue
		}
		switch {
		case r.Given != nil:
			r.Value = *r.Given
		case r.Quantity.Sign() < 0:
			q := r.Quantity.Neg()
			empties := p.none(p.sub(p.quantity, q)) && p.quantity.Sign() > 0
			r.Value = p.averageCost(&Row{}, q, p.quantity, p.value, empties).Neg()
		case p.quantity.Sign() > 0:
			r.Value = p.part(p.value, r.Quantity, p.quantity, policy.ValueScale)
		default:
			r.Value = p.times(unit, r.Quantity, policy.ValueScale)
		}
		p.quantity, p.value = p.add(p.quantity, r.Quantity), p.add(p.value, r.Value)
	}
	return unit, State{Quantity: p.quantity, Value: p.value, UnitCost: unit}, p.err
}

// brings tells whether a row's value goes into the month's average: goods that came in, and changes of value.
func (p *Pool) brings(r *Row) bool {
	return r.Verb == Revalue || r.Quantity.Sign() > 0 && r.Given != nil || r.Quantity.IsZero()
}
