package costing

import "tenon/metamodel/value"

// calc does arithmetic and remembers the first error, so that formulas read as such. After an error all answers are 0.
type calc struct{ err error }

func (c *calc) keep(d value.Decimal, err error) value.Decimal {
	if err != nil && c.err == nil {
		c.err = err
	}
	if c.err != nil {
		return value.Decimal{}
	}
	return d
}

func (c *calc) add(a, b value.Decimal) value.Decimal { return c.keep(a.Add(b)) }

func (c *calc) sub(a, b value.Decimal) value.Decimal { return c.keep(a.Sub(b)) }

func (c *calc) times(a, b value.Decimal, scale int32) value.Decimal {
	return c.keep(c.keep(a.Mul(b)).Round(scale))
}

// part is whole × some ÷ all, rounded; 0 where all is 0.
func (c *calc) part(whole, some, all value.Decimal, scale int32) value.Decimal {
	if all.IsZero() || c.err != nil {
		return value.Decimal{}
	}
	return c.keep(c.keep(whole.Mul(some)).Quo(all, scale))
}

func smaller(a, b value.Decimal) value.Decimal {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}
