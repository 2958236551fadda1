package expr

import (
	"bytes"
	"cmp"
	"math"
	"strings"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"tenon/metamodel/value"
)

// Every operator gets here with operands of checked types; what is left to tell apart is null and the mix of
// integers and decimals.

// numbers returns both operands as decimals when at least one is.
func numbers(a, b ref.Val) (x, y value.Decimal, ok bool) {
	x, okA := toDecimal(a)
	y, okB := toDecimal(b)
	return x, y, okA && okB
}

func toDecimal(v ref.Val) (value.Decimal, bool) {
	switch v := v.(type) {
	case *decimal:
		return v.d, true
	case types.Int:
		return value.NewDecimal(int64(v), 0), true
	default:
		return value.Decimal{}, false
	}
}

func decimalResult(d value.Decimal, err error) ref.Val {
	if err != nil {
		return failure(err)
	}
	return &decimal{d}
}

func add(a, b ref.Val) ref.Val {
	switch x := a.(type) {
	case types.Int:
		if y, ok := b.(types.Int); ok {
			return addInt(int64(x), int64(y))
		}
	case types.String:
		if y, ok := b.(types.String); ok {
			if len(x)+len(y) > MaxText {
				return rangeErr
			}
			return x + y
		}
	case types.Duration:
		return addDuration(x.Duration, b)
	case types.Timestamp:
		if y, ok := b.(types.Duration); ok {
			return instant(x.Time.Add(y.Duration))
		}
	case native:
		if d, ok := x.v.(value.Date); ok {
			if y, ok := b.(types.Duration); ok {
				return addToDate(d, y.Duration)
			}
		}
	}
	if x, y, ok := numbers(a, b); ok {
		return decimalResult(x.Add(y))
	}
	return nullErr
}

func addDuration(x time.Duration, b ref.Val) ref.Val {
	switch y := b.(type) {
	case types.Duration:
		sum := x + y.Duration
		if (x > 0) == (y.Duration > 0) && (sum > 0) != (x > 0) && x != 0 {
			return rangeErr
		}
		return types.Duration{Duration: sum}
	case types.Timestamp:
		return instant(y.Time.Add(x))
	case native:
		if d, ok := y.v.(value.Date); ok {
			return addToDate(d, x)
		}
	}
	return nullErr
}

// addToDate moves a date by the whole days of a duration.
func addToDate(d value.Date, by time.Duration) ref.Val {
	return dateResult(int64(d) + int64(by/(24*time.Hour)))
}

var (
	firstDate = int64(value.NewDate(1, 1, 1))
	lastDate  = int64(value.NewDate(9999, 12, 31))
)

func dateResult(days int64) ref.Val {
	if days < firstDate || days > lastDate {
		return rangeErr
	}
	return native{value.Date(days)}
}

func instant(t time.Time) ref.Val {
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return rangeErr
	}
	return types.Timestamp{Time: t}
}

func addInt(x, y int64) ref.Val {
	sum := x + y
	if (x > 0 && y > 0 && sum <= 0) || (x < 0 && y < 0 && sum >= 0) {
		return rangeErr
	}
	return types.Int(sum)
}

func subtract(a, b ref.Val) ref.Val {
	switch x := a.(type) {
	case types.Int:
		if y, ok := b.(types.Int); ok {
			if y == math.MinInt64 {
				return rangeErr
			}
			return addInt(int64(x), -int64(y))
		}
	case types.Timestamp:
		return subtractInstant(x.Time, b)
	case types.Duration:
		if y, ok := b.(types.Duration); ok {
			return addDuration(x.Duration, types.Duration{Duration: -y.Duration})
		}
	case native:
		return subtractNative(x, b)
	}
	if x, y, ok := numbers(a, b); ok {
		return decimalResult(x.Sub(y))
	}
	return nullErr
}

func subtractInstant(x time.Time, b ref.Val) ref.Val {
	switch y := b.(type) {
	case types.Timestamp:
		seconds := x.Unix() - y.Unix()
		if seconds > int64(math.MaxInt64/time.Second) || seconds < -int64(math.MaxInt64/time.Second) {
			return rangeErr
		}
		return types.Duration{Duration: x.Sub(y.Time)}
	case types.Duration:
		return instant(x.Add(-y.Duration))
	}
	return nullErr
}

func subtractNative(a native, b ref.Val) ref.Val {
	switch x := a.v.(type) {
	case value.Date:
		if y, ok := b.(types.Duration); ok {
			return addToDate(x, -y.Duration)
		}
		if y, ok := asNative[value.Date](b); ok {
			return types.Int(int64(x) - int64(y))
		}
	case value.TimeOfDay:
		if y, ok := asNative[value.TimeOfDay](b); ok {
			return types.Duration{Duration: time.Duration(x-y) * time.Second}
		}
	}
	return nullErr
}

func asNative[T any](v ref.Val) (T, bool) {
	n, ok := v.(native)
	if !ok {
		var zero T
		return zero, false
	}
	t, ok := n.v.(T)
	return t, ok
}

func multiply(a, b ref.Val) ref.Val {
	switch x := a.(type) {
	case types.Int:
		switch y := b.(type) {
		case types.Int:
			return multiplyInt(int64(x), int64(y))
		case types.Duration:
			return multiplyDuration(y, x)
		}
	case types.Duration:
		if y, ok := b.(types.Int); ok {
			return multiplyDuration(x, y)
		}
	}
	if x, y, ok := numbers(a, b); ok {
		return decimalResult(x.Mul(y))
	}
	return nullErr
}

func multiplyInt(x, y int64) ref.Val {
	if x == 0 || y == 0 {
		return types.Int(0)
	}
	p := x * y
	if p/y != x || x == -1 && y == math.MinInt64 || y == -1 && x == math.MinInt64 {
		return rangeErr
	}
	return types.Int(p)
}

func multiplyDuration(d types.Duration, n types.Int) ref.Val {
	p := multiplyInt(int64(d.Duration), int64(n))
	if v, ok := p.(types.Int); ok {
		return types.Duration{Duration: time.Duration(v)}
	}
	return p
}

func divide(a, b ref.Val) ref.Val {
	if x, ok := a.(types.Duration); ok {
		if y, ok := b.(types.Duration); ok {
			return decimalResult(value.NewDecimal(int64(x.Duration), 0).Div(value.NewDecimal(int64(y.Duration), 0)))
		}
	}
	if x, y, ok := numbers(a, b); ok {
		return decimalResult(x.Div(y))
	}
	return nullErr
}

func remainder(a, b ref.Val) ref.Val {
	x, okX := a.(types.Int)
	y, okY := b.(types.Int)
	if okX && okY {
		return remainderInt(int64(x), int64(y))
	}
	if x, y, ok := numbers(a, b); ok {
		return decimalResult(x.Rem(y))
	}
	return nullErr
}

func remainderInt(x, y int64) ref.Val {
	switch y {
	case 0:
		return divZeroErr
	case -1: // the smallest integer has no opposite
		return types.Int(0)
	default:
		return types.Int(x % y)
	}
}

func negate(a ref.Val) ref.Val {
	switch x := a.(type) {
	case types.Int:
		if x == math.MinInt64 {
			return rangeErr
		}
		return -x
	case *decimal:
		return &decimal{x.d.Neg()}
	case types.Duration:
		return types.Duration{Duration: -x.Duration}
	}
	return nullErr
}

func not(a ref.Val) ref.Val {
	if b, ok := a.(types.Bool); ok {
		return !b
	}
	return nullErr
}

// equal tells whether two values are the same: numbers by value, records and ids by id, null only with null.
func equal(a, b ref.Val) bool {
	switch x := a.(type) {
	case types.String:
		if y, ok := b.(types.String); ok {
			return x == y
		}
		if y, ok := b.(*record); ok {
			return string(x) == y.id
		}
		return false
	case types.Int:
		if y, ok := b.(types.Int); ok {
			return x == y
		}
	case *record:
		if y, ok := b.(*record); ok {
			return x.id == y.id
		}
		y, ok := b.(types.String)
		return ok && x.id == string(y)
	case list:
		return equalLists(x, b)
	case native:
		y, ok := b.(native)
		return ok && x.v == y.v
	case types.Timestamp:
		y, ok := b.(types.Timestamp)
		return ok && x.Time.Equal(y.Time)
	case types.Null:
		_, ok := b.(types.Null)
		return ok
	case types.Bool:
		y, ok := b.(types.Bool)
		return ok && x == y
	case types.Duration:
		y, ok := b.(types.Duration)
		return ok && x.Duration == y.Duration
	}
	x, y, ok := numbers(a, b)
	return ok && x.Equal(y)
}

func equalLists(x list, b ref.Val) bool {
	y, ok := b.(list)
	if !ok || len(x) != len(y) {
		return false
	}
	for i := range x {
		if !equal(x[i], y[i]) {
			return false
		}
	}
	return true
}

// compare orders two values of one type: −1, 0, +1. Null has no order.
func compare(a, b ref.Val) (int, error) {
	switch x := a.(type) {
	case types.Int:
		if y, ok := b.(types.Int); ok {
			return cmp.Compare(x, y), nil
		}
	case types.String:
		if y, ok := b.(types.String); ok {
			return strings.Compare(string(x), string(y)), nil
		}
	case types.Timestamp:
		if y, ok := b.(types.Timestamp); ok {
			return x.Time.Compare(y.Time), nil
		}
	case types.Duration:
		if y, ok := b.(types.Duration); ok {
			return cmp.Compare(x.Duration, y.Duration), nil
		}
	case native:
		if c, ok := compareNative(x, b); ok {
			return c, nil
		}
	}
	if x, y, ok := numbers(a, b); ok {
		return x.Cmp(y), nil
	}
	return 0, ErrNull
}

func compareNative(a native, b ref.Val) (int, bool) {
	switch x := a.v.(type) {
	case value.Date:
		y, ok := asNative[value.Date](b)
		return cmp.Compare(x, y), ok
	case value.TimeOfDay:
		y, ok := asNative[value.TimeOfDay](b)
		return cmp.Compare(x, y), ok
	case value.JSON:
		y, ok := asNative[value.JSON](b)
		return bytes.Compare([]byte(x), []byte(y)), ok
	}
	return 0, false
}

func ordering(holds func(int) bool) func(a, b ref.Val) ref.Val {
	return func(a, b ref.Val) ref.Val {
		c, err := compare(a, b)
		if err != nil {
			return nullErr
		}
		return types.Bool(holds(c))
	}
}

func contains(element, in ref.Val) ref.Val {
	l, ok := in.(list)
	if !ok {
		return nullErr
	}
	return l.Contains(element)
}
