package expr

import (
	"errors"
	"strings"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// The errors of evaluation.
var (
	// ErrNull says that null stood where a value was needed: null + 1, null < 2, trim(null). The expression
	// has no value then, as in SQL; a computed field becomes null, a condition doesn't hold. Division by
	// zero is such an error too and also matches value.ErrDivZero.
	ErrNull = errors.New("the expression has no value because a part of it is null")

	// ErrOutOfRange says that a value became too large: an integer beyond 64 bits, a date beyond the year
	// 9999, a text beyond MaxText. Decimals report value.ErrOverflow.
	ErrOutOfRange = errors.New("the result is out of range")

	// ErrBudget says that the request's budget is spent.
	ErrBudget = errors.New("the request's budget for expressions is spent")
)

// divZeroError is ErrNull and value.ErrDivZero at once.
type divZeroError struct{}

func (divZeroError) Error() string        { return value.ErrDivZero.Error() }
func (divZeroError) Is(target error) bool { return target == ErrNull || target == value.ErrDivZero }

var (
	nullErr    = types.WrapErr(ErrNull)
	divZeroErr = types.WrapErr(divZeroError{})
	rangeErr   = types.WrapErr(ErrOutOfRange)
)

// failure makes an evaluation's error value of a Go error.
func failure(err error) ref.Val {
	switch {
	case errors.Is(err, value.ErrDivZero):
		return divZeroErr
	case errors.Is(err, ErrNull):
		return nullErr
	default:
		return types.WrapErr(err)
	}
}

// isNull tells whether a value is null or an error that only says that something was null.
func isNull(v ref.Val) bool {
	switch v := v.(type) {
	case types.Null:
		return true
	case *types.Err:
		return errors.Is(v, ErrNull) || isNoOverload(v)
	default:
		return false
	}
}

// isNoOverload tells whether an error is the library's word for an operand of && || ! ?: that is no Boolean.
// As everything is checked, that operand is null.
func isNoOverload(err error) bool { return strings.HasPrefix(err.Error(), "no such overload") }

// Explain makes a diagnostic of an error of Eval, for the place whose formula it was: what went wrong in
// words, with the cure. Errors of the world outside (a database, a cancelled request) are not explained and
// come back as ok = false.
func Explain(err error, path string) (d diag.Diagnostic, ok bool) {
	for _, known := range []struct {
		err  error
		code diag.Code
	}{
		{value.ErrDivZero, "expr.division_by_zero"},
		{ErrNull, "expr.no_value"},
		{value.ErrOverflow, "expr.number_overflow"},
		{ErrOutOfRange, "expr.out_of_range"},
		{ErrBudget, "expr.cost_exceeded"},
	} {
		if errors.Is(err, known.err) {
			return diag.New(known.code, path), true
		}
	}
	return diag.Diagnostic{}, false
}
