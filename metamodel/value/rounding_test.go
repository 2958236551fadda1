package value

import (
	"errors"
	"testing"
)

// Numbers of public test suites: what the ways of rounding make of numbers between two.
func TestRoundTo(t *testing.T) {
	for _, c := range []struct {
		in, step string
		way      Rounding
		want     string
	}{
		{"2.675", "0.01", HalfUp, "2.68"},
		{"-2.675", "0.01", HalfUp, "-2.68"},
		{"-0.005", "0.01", HalfUp, "-0.01"},
		{"0.0049", "0.01", HalfUp, "0.00"},
		{"2.6735", "0.001", HalfDown, "2.673"},
		{"2.6745", "0.001", HalfEven, "2.674"},
		{"2.6735", "0.001", HalfEven, "2.674"},
		{"8.175", "0.001", Up, "8.175"},
		{"83.2", "1", Up, "84"},
		{"-83.2", "1", Up, "-84"},
		{"2.4249", "0.001", Down, "2.424"},
		{"-2.9", "1", Down, "-2"},
		{"33.6", "1", HalfUp, "34"},
		{"37", "15", Up, "45"},
		{"37", "15", HalfUp, "30"},
		{"37.5", "15", HalfEven, "30"},
		{"52.5", "15", HalfEven, "60"},
		{"7", "0.25", Down, "7.00"},
	} {
		got, err := MustDecimal(c.in).RoundTo(MustDecimal(c.step), c.way)
		if err != nil || got.String() != c.want {
			t.Errorf("%s by %s %s is %s, want %s (%v)", c.in, c.step, c.way, got, c.want, err)
		}
	}
	if _, err := MustDecimal("1").RoundTo(MustDecimal("1"), "sideways"); !errors.Is(err, ErrSyntax) {
		t.Error(err)
	}
	if _, err := MustDecimal("1").RoundTo(MustDecimal("0"), Up); !errors.Is(err, ErrDivZero) {
		t.Error(err)
	}
}
