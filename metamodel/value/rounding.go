package value

import (
	"fmt"

	"github.com/cockroachdb/apd/v3"
)

// Rounding is which way a number goes that lies between two.
type Rounding string

// The ways of rounding, as Java's BigDecimal and the bookkeeping of most countries name them.
const (
	HalfUp   Rounding = "half_up"   // 四舍五入: half away from zero
	HalfDown Rounding = "half_down" // half towards zero
	HalfEven Rounding = "half_even" // half to the even neighbour
	Up       Rounding = "up"        // away from zero
	Down     Rounding = "down"      // towards zero
)

var rounders = map[Rounding]apd.Rounder{
	HalfUp: apd.RoundHalfUp, HalfDown: apd.RoundHalfDown, HalfEven: apd.RoundHalfEven, Up: apd.RoundUp, Down: apd.RoundDown,
}

// RoundTo returns the multiple of step that a is rounded to, with the step's scale. step is above zero. It returns
// ErrSyntax for a way of rounding that there isn't.
func (a Decimal) RoundTo(step Decimal, way Rounding) (Decimal, error) {
	rounder, ok := rounders[way]
	if !ok {
		return Decimal{}, fmt.Errorf("%w: no rounding %.20q", ErrSyntax, string(way))
	}
	if step.Sign() <= 0 {
		return Decimal{}, ErrDivZero
	}
	// What is left of whole steps decides: it is compared with half a step, so that no quotient is ever rounded before.
	rest, err := a.Rem(step)
	if err != nil {
		return Decimal{}, err
	}
	whole, err := a.Sub(rest)
	if err != nil {
		return Decimal{}, err
	}
	steps, err := whole.Quo(step, 0)
	if err != nil {
		return Decimal{}, err
	}
	twice, err := rest.Abs().Add(rest.Abs())
	if err != nil {
		return Decimal{}, err
	}
	if rest.Sign() != 0 && rounder.ShouldAddOne(&steps.d.Coeff, a.Sign() < 0, twice.Cmp(step)) {
		further := step
		if a.Sign() < 0 {
			further = step.Neg()
		}
		if whole, err = whole.Add(further); err != nil {
			return Decimal{}, err
		}
	}
	return whole.Round(step.Scale())
}
