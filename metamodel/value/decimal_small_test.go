package value

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Numbers of one word are calculated as those of any length are, digit for digit and scale for scale.
func TestSmallNumbersAreExact(t *testing.T) {
	r := rand.New(rand.NewPCG(rand.Uint64(), 1))
	pick := func() Decimal {
		n := r.Int64() >> r.IntN(64)
		switch r.IntN(12) {
		case 0:
			n = []int64{0, 1, -1, 5, -5, math.MaxInt64, -math.MaxInt64, math.MinInt64, 1e18, 999_999_999_999_999_999}[r.IntN(10)]
		case 1:
			n = n / 1000 * 1000
		case 2:
			n = r.Int64N(2000) - 1000
		}
		return NewDecimal(n, int32(r.IntN(24)-2))
	}
	for range 300_000 {
		a, b, scale := pick(), pick(), int32(r.IntN(14)-1)
		same := func(what string, got Decimal, err error, want Decimal, wrong error) {
			if err != nil || wrong != nil {
				if (err == nil) != (wrong == nil) {
					t.Fatalf("%s %s %s, %d: %v, want %v", a.Exact(), what, b.Exact(), scale, err, wrong)
				}
				return
			}
			if got.Exact() != want.Exact() || got.d.Negative != want.d.Negative {
				t.Fatalf("%s %s %s, %d: %s, want %s", a.Exact(), what, b.Exact(), scale, got.Exact(), want.Exact())
			}
		}
		check := func(what string, fast func() (Decimal, error), slow func() (Decimal, error)) {
			got, err := fast()
			want, wrong := slow()
			same(what, got, err, want, wrong)
		}
		check("+", func() (Decimal, error) { return a.Add(b) }, func() (Decimal, error) { return a.binary(b, exact.Add) })
		check("-", func() (Decimal, error) { return a.Sub(b) }, func() (Decimal, error) { return a.binary(b, exact.Sub) })
		check("*", func() (Decimal, error) { return a.Mul(b) }, func() (Decimal, error) { return a.binary(b, exact.Mul) })
		check("round", func() (Decimal, error) { return a.Round(scale) }, func() (Decimal, error) { return a.quantize(scale) })
		if !b.IsZero() {
			check("/", func() (Decimal, error) { return a.Quo(b, scale) }, func() (Decimal, error) { return a.quo(b, scale) })
		}
		if got, want := a.Cmp(b), a.d.Cmp(&b.d); got != want {
			t.Fatalf("%s against %s: %d, want %d", a.Exact(), b.Exact(), got, want)
		}
	}
}
