package expr

import (
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// accum is the accumulator of a quantor: it takes the body's value per element and gives the result at the end. Null and
// what is null count as false in conditions and are passed over by sum, min, max and avg.
type accum struct {
	native
	kind  string
	n     int64
	value ref.Val
	list  list
	over  bool // the result can't change any more
}

func newAccum(kind string) *accum {
	a := &accum{kind: kind, value: types.NullValue}
	switch kind {
	case "all":
		a.value = types.True
	case "exists", "exists_one":
		a.value = types.False
	}
	return a
}

// push takes one element's value; element is the element itself, for filter.
func (a *accum) push(v, element ref.Val) {
	if err, ok := v.(*types.Err); ok && !isNull(err) {
		a.value, a.over = err, true
		return
	}
	holds := v == types.True
	switch a.kind {
	case "all":
		if !holds {
			a.value, a.over = types.False, true
		}
	case "exists":
		if holds {
			a.value, a.over = types.True, true
		}
	case "exists_one", "count":
		if holds {
			a.n++
		}
		a.over = a.kind == "exists_one" && a.n > 1
	case "filter":
		if holds {
			a.list = append(a.list, element)
		}
	case "map":
		if isNull(v) {
			v = types.NullValue
		}
		a.list = append(a.list, v)
	default:
		a.fold(v)
	}
}

func (a *accum) fold(v ref.Val) {
	if isNull(v) {
		return
	}
	a.n++
	if a.n == 1 {
		a.value = v
		return
	}
	switch a.kind {
	case "sum", "avg":
		a.value = add(a.value, v)
	case "min", "max":
		c, err := compare(v, a.value)
		if err == nil && (c < 0) == (a.kind == "min") && c != 0 {
			a.value = v
		}
	}
	_, a.over = a.value.(*types.Err)
}

func (a *accum) done(zero ref.Val) ref.Val {
	if types.IsError(a.value) {
		return a.value
	}
	switch a.kind {
	case "count":
		return types.Int(a.n)
	case "exists_one":
		return types.Bool(a.n == 1)
	case "filter", "map":
		if a.list == nil {
			return list{}
		}
		return a.list
	case "sum":
		if a.n == 0 {
			return zero
		}
	case "avg":
		if a.n > 0 {
			return divide(a.value, types.Int(a.n))
		}
	}
	return a.value
}
