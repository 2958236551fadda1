package value

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/apd/v3"
)

// Limits of decimals. A stored number has at most MaxPrecision digits so that both databases hold it in
// an exact native type (a scaled 64-bit integer on SQLite); intermediate results may have MaxDigits.
const (
	MaxPrecision = 18 // digits of a stored decimal
	MaxScale     = 9  // of them after the point
	MaxDigits    = 38 // digits of a result in between
	maxExact     = 80 // bytes of a number with a power of ten
	maxText      = 64 // bytes of a text that is read as a value
	divideDigits = 20 // digits after the point that Quo keeps before it is rounded explicitly
)

// The errors of decimal arithmetic.
var (
	ErrSyntax   = errors.New("not a decimal number")
	ErrOverflow = errors.New("the number has too many digits")
	ErrDivZero  = errors.New("division by zero")
)

// exact refuses to lose a digit: a result over MaxDigits is an error and not a rounded number.
var exact = apd.Context{Precision: MaxDigits, MaxExponent: 100, MinExponent: -100, Traps: apd.DefaultTraps | apd.Inexact | apd.Overflow, Rounding: apd.RoundHalfUp}

// rounding is for the two operations that are asked to round.
var rounding = apd.Context{Precision: 2 * MaxDigits, MaxExponent: 200, MinExponent: -200, Traps: apd.DefaultTraps, Rounding: apd.RoundHalfUp}

// Decimal is an exact decimal number, immutable; the zero value is 0. Its scale (digits after the point) is
// part of its text but not of its value: 1.0 equals 1.00.
type Decimal struct{ d apd.Decimal }

// NewDecimal makes coefficient × 10^-scale.
func NewDecimal(coefficient int64, scale int32) Decimal {
	var d Decimal
	d.d.SetFinite(coefficient, -scale)
	return d
}

// ParseDecimal reads plain notation: an optional sign, digits, an optional point with digits. Exponents,
// infinities, separators and more than MaxDigits digits are refused.
func ParseDecimal(s string) (Decimal, error) {
	if !plain(s) {
		return Decimal{}, fmt.Errorf("%w: %.40q", ErrSyntax, s)
	}
	var d Decimal
	if _, _, err := d.d.SetString(s); err != nil {
		return Decimal{}, fmt.Errorf("%w: %.40q", ErrSyntax, s)
	}
	if d.d.NumDigits() > MaxDigits || -d.d.Exponent > MaxDigits {
		return Decimal{}, ErrOverflow
	}
	if d.d.IsZero() {
		d.d.Negative = false
	}
	return d, nil
}

// MustDecimal is ParseDecimal for literals in code; it panics.
func MustDecimal(s string) Decimal {
	d, err := ParseDecimal(s)
	if err != nil {
		panic(err)
	}
	return d
}

func plain(s string) bool {
	if len(s) == 0 || len(s) > maxText {
		return false
	}
	if s[0] == '-' || s[0] == '+' {
		s = s[1:]
	}
	digits, points := 0, 0
	for i := range len(s) {
		switch {
		case s[i] >= '0' && s[i] <= '9':
			digits++
		case s[i] == '.' && i > 0 && i < len(s)-1:
			points++
		default:
			return false
		}
	}
	return digits > 0 && points <= 1
}

// String writes plain notation with the number's own scale, never an exponent.
func (a Decimal) String() string { return a.d.Text('f') }

// Fixed writes the number with exactly scale digits after the point, rounded half up.
func (a Decimal) Fixed(scale int32) string {
	r, err := a.Round(scale)
	if err != nil {
		return a.String()
	}
	return r.String()
}

// Exact writes the number with a power of ten, such as 1.23E-40: ParseExact reads it back with its scale, however small
// the number is.
func (a Decimal) Exact() string { return a.d.Text('E') }

// ParseExact reads what Exact wrote. It is for numbers on their way inside Tenon, never for what people send.
func ParseExact(s string) (Decimal, error) {
	var d Decimal
	if len(s) > maxExact {
		return d, ErrSyntax
	}
	if _, _, err := d.d.SetString(s); err != nil || d.d.Form != apd.Finite {
		return Decimal{}, fmt.Errorf("%w: %.40q", ErrSyntax, s)
	}
	if d.d.NumDigits() > MaxDigits {
		return Decimal{}, ErrOverflow
	}
	if d.d.IsZero() {
		d.d.Negative = false
	}
	return d, nil
}

// MarshalJSON writes a JSON string: decimals never travel as JSON numbers.
func (a Decimal) MarshalJSON() ([]byte, error) { return []byte(`"` + a.String() + `"`), nil }

// UnmarshalJSON reads a JSON string.
func (a *Decimal) UnmarshalJSON(b []byte) error {
	s := string(b)
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return ErrSyntax
	}
	d, err := ParseDecimal(s[1 : len(s)-1])
	if err != nil {
		return err
	}
	*a = d
	return nil
}

func (a Decimal) binary(b Decimal, op func(d, x, y *apd.Decimal) (apd.Condition, error)) (Decimal, error) {
	var r Decimal
	if _, err := op(&r.d, &a.d, &b.d); err != nil {
		return Decimal{}, ErrOverflow
	}
	if r.d.IsZero() {
		r.d.Negative = false
	}
	return r, nil
}

// Add returns a + b, exactly.
func (a Decimal) Add(b Decimal) (Decimal, error) {
	if x, y, ok := both(&a, &b); ok {
		if r, ok := x.plus(y).decimal(); ok {
			return r, nil
		}
	}
	return a.binary(b, exact.Add)
}

// Sub returns a − b, exactly.
func (a Decimal) Sub(b Decimal) (Decimal, error) {
	if x, y, ok := both(&a, &b); ok {
		y.negative = !y.negative
		if r, ok := x.plus(y).decimal(); ok {
			return r, nil
		}
	}
	return a.binary(b, exact.Sub)
}

// Mul returns a × b, exactly.
func (a Decimal) Mul(b Decimal) (Decimal, error) {
	if x, ok := a.small(); ok {
		if y, ok := b.small(); ok {
			if r, ok := x.times(y); ok {
				return r, nil
			}
		}
	}
	return a.binary(b, exact.Mul)
}

// Quo returns a ÷ b, rounded half up to scale digits after the point.
func (a Decimal) Quo(b Decimal, scale int32) (Decimal, error) {
	if b.IsZero() {
		return Decimal{}, ErrDivZero
	}
	if x, ok := a.small(); ok {
		if y, ok := b.small(); ok {
			if r, ok := x.over(y, scale); ok {
				return r, nil
			}
		}
	}
	return a.quo(b, scale)
}

func (a Decimal) quo(b Decimal, scale int32) (Decimal, error) {
	var r Decimal
	if _, err := rounding.Quo(&r.d, &a.d, &b.d); err != nil {
		return Decimal{}, ErrOverflow
	}
	return r.Round(scale)
}

// Div returns a ÷ b to divideDigits digits after the point, without trailing zeros: what the operator `/`
// of a formula means before round() is applied.
func (a Decimal) Div(b Decimal) (Decimal, error) {
	r, err := a.Quo(b, divideDigits)
	if err != nil {
		r, err = a.Quo(b, MaxScale)
	}
	if err != nil {
		return Decimal{}, err
	}
	return r.Trim(), nil
}

// Rem returns the remainder of a ÷ b with the sign of a.
func (a Decimal) Rem(b Decimal) (Decimal, error) {
	if b.IsZero() {
		return Decimal{}, ErrDivZero
	}
	return a.binary(b, exact.Rem)
}

// Round returns a with exactly scale digits after the point, half away from zero (四舍五入).
func (a Decimal) Round(scale int32) (Decimal, error) {
	if x, ok := a.small(); ok {
		if r, ok := x.round(scale); ok {
			return r, nil
		}
	}
	return a.quantize(scale)
}

func (a Decimal) quantize(scale int32) (Decimal, error) {
	var r Decimal
	if _, err := rounding.Quantize(&r.d, &a.d, -scale); err != nil {
		return Decimal{}, ErrOverflow
	}
	if r.d.NumDigits() > MaxDigits {
		return Decimal{}, ErrOverflow
	}
	if r.d.IsZero() {
		r.d.Negative = false
	}
	return r, nil
}

// Trim returns the same number without trailing zeros after the point.
func (a Decimal) Trim() Decimal {
	if a.d.Exponent >= 0 {
		return a
	}
	var r Decimal
	r.d.Reduce(&a.d)
	for r.d.Exponent > 0 { // zeros before the point are no trailing zeros
		r.d.Coeff.Mul(&r.d.Coeff, ten)
		r.d.Exponent--
	}
	return r
}

var ten = apd.NewBigInt(10)

// Neg returns −a.
func (a Decimal) Neg() Decimal {
	if a.d.IsZero() {
		return a
	}
	a.d.Negative = !a.d.Negative
	return a
}

// Abs returns |a|.
func (a Decimal) Abs() Decimal {
	a.d.Negative = false
	return a
}

// Floor and Ceil return the whole number below and above.
func (a Decimal) Floor() (Decimal, error) { return a.whole(rounding.Floor) }

// Ceil returns the smallest whole number that is not below a.
func (a Decimal) Ceil() (Decimal, error) { return a.whole(rounding.Ceil) }

func (a Decimal) whole(op func(d, x *apd.Decimal) (apd.Condition, error)) (Decimal, error) {
	var r Decimal
	if _, err := op(&r.d, &a.d); err != nil {
		return Decimal{}, ErrOverflow
	}
	if r.d.IsZero() {
		r.d.Negative = false
	}
	return r, nil
}

// Cmp compares by value: −1, 0, +1.
func (a Decimal) Cmp(b Decimal) int {
	if x, y, ok := both(&a, &b); ok {
		return x.compare(y)
	}
	return a.d.Cmp(&b.d)
}

// Equal tells whether both are the same number, whatever their scale.
func (a Decimal) Equal(b Decimal) bool { return a.Cmp(b) == 0 }

// Sign is −1, 0 or +1.
func (a Decimal) Sign() int { return a.d.Sign() }

// IsZero tells whether the number is 0.
func (a Decimal) IsZero() bool { return a.d.IsZero() }

// Scale is the count of digits after the point.
func (a Decimal) Scale() int32 { return max(0, -a.d.Exponent) }

// Fits tells whether the number has at most precision digits with scale of them after the point, without
// losing any.
func (a Decimal) Fits(precision, scale int32) bool {
	r, err := a.Round(scale)
	return err == nil && r.Equal(a) && r.d.NumDigits() <= int64(precision)
}

// Unscaled returns the number × 10^scale as an integer: how SQLite keeps it. It fails where the number does
// not fit.
func (a Decimal) Unscaled(scale int32) (int64, error) {
	r, err := a.Round(scale)
	if err != nil || !r.Equal(a) {
		return 0, ErrOverflow
	}
	r.d.Exponent = 0
	n, err := r.d.Int64()
	if err != nil {
		return 0, ErrOverflow
	}
	return n, nil
}

// Int64 returns the number as an integer, if it is one.
func (a Decimal) Int64() (int64, bool) {
	n, err := a.d.Int64()
	return n, err == nil
}

// Sum adds all, exactly.
func Sum(all ...Decimal) (Decimal, error) {
	var s Decimal
	var err error
	for _, d := range all {
		if s, err = s.Add(d); err != nil {
			return Decimal{}, err
		}
	}
	return s, nil
}
