package value

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDecimalRefuses(t *testing.T) {
	for _, s := range []string{
		"", "+", "1.", ".5", "1e5", "NaN", "Infinity", "1,000", "１", "--1", "1.2.3", " 1", "0x10",
		"123456789012345678901234567890123456789",
	} {
		if d, err := ParseDecimal(s); err == nil {
			t.Errorf("%q read as %s", s, d)
		}
	}
}

func TestDecimalIsExact(t *testing.T) {
	tenth, fifth := MustDecimal("0.1"), MustDecimal("0.2")
	sum, err := tenth.Add(fifth)
	if err != nil || !sum.Equal(MustDecimal("0.3")) {
		t.Errorf("0.1 + 0.2 = %v, %v", sum, err)
	}
	product, err := MustDecimal("123456789012.123456").Mul(MustDecimal("987654.321"))
	if err != nil || product.String() != "121932631124609052.703853376" {
		t.Errorf("product = %v, %v", product, err)
	}
	big := MustDecimal("9999999999999999999999999999")
	if _, err := big.Mul(big); !errors.Is(err, ErrOverflow) {
		t.Errorf("an overflow passed: %v", err)
	}
}

func TestRoundHalfUp(t *testing.T) {
	for in, want := range map[string]string{"2.345": "2.35", "-2.345": "-2.35", "2.344999": "2.34", "1": "1.00", "-0.001": "0.00", "19453.125": "19453.13"} {
		if got := MustDecimal(in).Fixed(2); got != want {
			t.Errorf("%s rounds to %s, want %s", in, got, want)
		}
	}
}

func TestDiv(t *testing.T) {
	one, three := MustDecimal("1"), MustDecimal("3")
	if d, err := one.Div(three); err != nil || d.String() != "0.33333333333333333333" {
		t.Errorf("1/3 = %v, %v", d, err)
	}
	if d, err := MustDecimal("10.00").Div(MustDecimal("4")); err != nil || d.String() != "2.5" {
		t.Errorf("10.00/4 = %v, %v", d, err)
	}
	if _, err := one.Div(Decimal{}); !errors.Is(err, ErrDivZero) {
		t.Errorf("1/0: %v", err)
	}
}

// Text, scaled integer and number are the same number.
func TestDecimalRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(-999_999_999_999_999_999, 999_999_999_999_999_999).Draw(t, "n")
		scale := rapid.Int32Range(0, MaxScale).Draw(t, "scale")
		d := NewDecimal(n, scale)
		back, err := ParseDecimal(d.String())
		if err != nil || !back.Equal(d) {
			t.Fatalf("%s came back as %s, %v", d, back, err)
		}
		if u, err := d.Unscaled(scale); err != nil || u != n {
			t.Fatalf("%s unscaled is %d, %v, want %d", d, u, err, n)
		}
		if !d.Trim().Equal(d) {
			t.Fatalf("%s trimmed is %s", d, d.Trim())
		}
	})
}

func TestDates(t *testing.T) {
	d, err := ParseDate("2026-01-31")
	if err != nil {
		t.Fatal(err)
	}
	for months, want := range map[int]string{1: "2026-02-28", 2: "2026-03-31", 13: "2027-02-28", -2: "2025-11-30", 25: "2028-02-29"} {
		if got := d.AddMonths(months).String(); got != want {
			t.Errorf("%s %+d months is %s, want %s", d, months, got, want)
		}
	}
	if got := NewDate(1969, 12, 31).String(); got != "1969-12-31" {
		t.Errorf("before the epoch: %s", got)
	}
	for _, s := range []string{"2026-02-30", "2026-2-3", "0000-01-01", "20260101", "2026-01-01T00:00:00Z"} {
		if d, err := ParseDate(s); err == nil {
			t.Errorf("%q read as %s", s, d)
		}
	}
	shanghai := time.FixedZone("CST", 8*3600)
	if got := DateOf(time.Date(2026, 1, 1, 17, 0, 0, 0, time.UTC), shanghai).String(); got != "2026-01-02" {
		t.Errorf("the day in Shanghai is %s", got)
	}
}

func TestDurationRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(-1e9, 1e9).Draw(t, "seconds")) * time.Second
		back, err := ParseDuration(FormatDuration(d))
		if err != nil || back != d {
			t.Fatalf("%s came back as %s, %v", FormatDuration(d), back, err)
		}
	})
}

// Trimming cuts zeros after the point and nothing else, whatever the scale.
func TestTrim(t *testing.T) {
	tiny := MustDecimal("0.00000000000000000001")
	zero, err := tiny.Mul(MustDecimal("0.00000000000000000000"))
	if err != nil {
		t.Fatal(err)
	}
	if got := zero.Trim().String(); got != "0" {
		t.Errorf("a zero with forty digits after the point is %s", got)
	}
	for s, want := range map[string]string{"100": "100", "100.00": "100", "1.50": "1.5", "-0.10": "-0.1", "0.00": "0", "0": "0", "12345678901234567890.1000": "12345678901234567890.1"} {
		if got := MustDecimal(s).Trim().String(); got != want {
			t.Errorf("%s is %s, want %s", s, got, want)
		}
	}
}

func TestExact(t *testing.T) {
	d := MustDecimal("0.00000000000000000012")
	for range 3 {
		text := d.Exact()
		if back, err := ParseExact(text); err != nil || !back.Equal(d) || back.Scale() != d.Scale() {
			t.Errorf("%s is written as %s and read as %s, %v", d, text, back, err)
		}
		var err error
		if d, err = d.Mul(MustDecimal("-0.00000000000000000010")); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []string{"", "E", "NaN", "Infinity", "1E", strings.Repeat("1", 39), strings.Repeat("1", 100)} {
		if d, err := ParseExact(bad); err == nil {
			t.Errorf("%q was read as %s", bad, d)
		}
	}
}
