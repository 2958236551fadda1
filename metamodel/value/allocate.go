package value

import (
	"errors"
	"slices"
)

// ErrNoWeight says that an amount can't be split: all weights are 0, or one is negative.
var ErrNoWeight = errors.New("there is nothing to split by")

// Allocate splits an amount by weights into parts with scale digits after the point that sum to it exactly: each gets
// its share rounded down, and what is left goes, one last digit each, to the largest remainders, ties to the first.
// The amount may be negative; weights may not. It returns ErrNoWeight when all weights are 0.
func Allocate(amount Decimal, weights []Decimal, scale int32) ([]Decimal, error) {
	total, err := Sum(weights...)
	if err != nil {
		return nil, err
	}
	for _, w := range weights {
		if w.Sign() < 0 {
			return nil, ErrNoWeight
		}
	}
	if total.Sign() == 0 {
		return nil, ErrNoWeight
	}
	negative := amount.Sign() < 0
	whole, err := amount.Abs().Round(scale)
	if err != nil {
		return nil, err
	}
	parts := make([]Decimal, len(weights))
	rest := make([]Decimal, len(weights)) // remainder × total, comparable without dividing
	left := whole
	for i, w := range weights {
		if parts[i], rest[i], err = share(whole, w, total, scale); err != nil {
			return nil, err
		}
		if left, err = left.Sub(parts[i]); err != nil {
			return nil, err
		}
	}
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return rest[b].Cmp(rest[a]) })
	unit := NewDecimal(1, scale)
	for _, i := range order {
		if left.Sign() <= 0 {
			break
		}
		if parts[i], err = parts[i].Add(unit); err != nil {
			return nil, err
		}
		if left, err = left.Sub(unit); err != nil {
			return nil, err
		}
	}
	if negative {
		for i := range parts {
			parts[i] = parts[i].Neg()
		}
	}
	return parts, nil
}

// share is whole × w ÷ total rounded down, and what the rounding left out, × total.
func share(whole, w, total Decimal, scale int32) (part, rest Decimal, err error) {
	product, err := whole.Mul(w)
	if err != nil {
		return part, rest, err
	}
	if part, err = product.Quo(total, scale); err != nil {
		return part, rest, err
	}
	back, err := part.Mul(total)
	if err != nil {
		return part, rest, err
	}
	if back.Cmp(product) > 0 { // rounded up
		if part, err = part.Sub(NewDecimal(1, scale)); err != nil {
			return part, rest, err
		}
		if back, err = part.Mul(total); err != nil {
			return part, rest, err
		}
	}
	rest, err = product.Sub(back)
	return part, rest, err
}
