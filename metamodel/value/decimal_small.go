package value

import (
	"math"
	"math/bits"

	"github.com/cockroachdb/apd/v3"
)

// Most numbers are small: they are calculated with machine words, which allocates nothing and gives what the arithmetic
// of any length gives, digit for digit. What doesn't fit is left to that.

// maxSmall is the largest power of ten in a word.
const maxSmall = 18

// powers are those of ten.
var powers = func() (p [maxSmall + 1]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// small is a number of one word: ±n × 10^exponent.
type small struct {
	n        uint64 // at most math.MaxInt64
	negative bool
	exponent int32
}

// small answers false where the number is too long.
func (a *Decimal) small() (small, bool) {
	if a.d.Form != apd.Finite || a.d.Exponent > 0 || a.d.Exponent < -MaxDigits || !a.d.Coeff.IsInt64() {
		return small{}, false
	}
	return small{uint64(a.d.Coeff.Int64()), a.d.Negative, a.d.Exponent}, true
}

// decimal makes a Decimal of n × 10^exponent; false where it is too long.
func (s small) decimal() (Decimal, bool) {
	if s.n > math.MaxInt64 {
		return Decimal{}, false
	}
	var d Decimal
	d.d.SetFinite(int64(s.n), s.exponent)
	d.d.Negative = s.negative && s.n != 0
	return d, true
}

// at gives a number a smaller exponent; false where it gets too long.
func (s small) at(exponent int32) (small, bool) {
	if s.exponent == exponent {
		return s, true
	}
	k := s.exponent - exponent
	if k < 0 || k > maxSmall {
		return s, false
	}
	hi, lo := bits.Mul64(s.n, powers[k])
	return small{lo, s.negative, exponent}, hi == 0 && lo <= math.MaxInt64
}

// both reads two numbers at the smaller of their exponents.
func both(a, b *Decimal) (x, y small, ok bool) {
	if x, ok = a.small(); !ok {
		return x, y, false
	}
	if y, ok = b.small(); !ok {
		return x, y, false
	}
	e := min(x.exponent, y.exponent)
	if x, ok = x.at(e); !ok {
		return x, y, false
	}
	y, ok = y.at(e)
	return x, y, ok
}

// plus adds numbers of one exponent.
func (s small) plus(t small) small {
	switch {
	case s.negative == t.negative:
		return small{s.n + t.n, s.negative, s.exponent} // two of at most 63 bits
	case s.n >= t.n:
		return small{s.n - t.n, s.negative, s.exponent}
	}
	return small{t.n - s.n, t.negative, s.exponent}
}

// compare compares numbers of one exponent.
func (s small) compare(t small) int {
	d := s.plus(small{t.n, !t.negative, t.exponent})
	switch {
	case d.n == 0:
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// times multiplies.
func (s small) times(t small) (Decimal, bool) {
	hi, lo := bits.Mul64(s.n, t.n)
	if hi != 0 || s.exponent+t.exponent < -MaxDigits {
		return Decimal{}, false
	}
	return small{lo, s.negative != t.negative, s.exponent + t.exponent}.decimal()
}

// round gives scale digits after the point, half away from zero.
func (s small) round(scale int32) (Decimal, bool) {
	k := -scale - s.exponent
	switch {
	case scale < 0 || scale > MaxDigits || k > maxSmall:
		return Decimal{}, false
	case k <= 0:
		t, ok := s.at(-scale)
		if !ok {
			return Decimal{}, false
		}
		return t.decimal()
	}
	n := s.n / powers[k]
	if rest := s.n % powers[k]; rest >= powers[k]-rest {
		n++
	}
	return small{n, s.negative, -scale}.decimal()
}

// over divides, rounded half away from zero to scale digits after the point.
func (s small) over(t small, scale int32) (Decimal, bool) {
	k := s.exponent - t.exponent + scale
	if t.n == 0 || scale < 0 || scale > MaxDigits || k < 0 || k > maxSmall {
		return Decimal{}, false
	}
	hi, lo := bits.Mul64(s.n, powers[k])
	if hi >= t.n {
		return Decimal{}, false
	}
	n, rest := bits.Div64(hi, lo, t.n)
	if rest >= t.n-rest {
		n++
	}
	return small{n, s.negative != t.negative, -scale}.decimal()
}
