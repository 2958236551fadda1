package sheet

import (
	"strconv"
	"strings"
)

const (
	significantDigits = 15 // what Excel keeps and shows of a number
	maxRawNumber      = 64 // characters of a number in a file
	maxPlainExponent  = 60 // places that an exponent may move the point
)

// numberText turns the stored text of a number into plain notation. A whole number that is written out stays
// as it is; anything else is rounded half up to the 15 significant digits that Excel shows, because files
// carry binary artefacts (0.1 + 0.2 is stored as 0.30000000000000004). It reports false for what is no number
// or lies outside any range of use.
func numberText(raw string) (string, bool) { return plainText(raw, !isWhole(raw)) }

func plainText(raw string, round bool) (string, bool) {
	negative, digits, point, ok := splitNumber(raw)
	if !ok {
		return "", false
	}
	lead := len(digits) - len(strings.TrimLeft(digits, "0"))
	digits, point = digits[lead:], point-lead
	if digits == "" {
		return "0", true
	}
	if round {
		digits, point = roundDigits(digits, point)
	}
	if point > maxPlainExponent || point < -maxPlainExponent {
		return "", false
	}
	text := plainNumber(digits, point)
	if negative && text != "0" {
		text = "-" + text
	}
	return text, true
}

// splitNumber cuts a number into its digits and the place of the point counted from the first digit.
func splitNumber(raw string) (negative bool, digits string, point int, ok bool) {
	if raw == "" || len(raw) > maxRawNumber {
		return false, "", 0, false
	}
	s := raw
	if s[0] == '-' || s[0] == '+' {
		negative, s = s[0] == '-', s[1:]
	}
	exponent := 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil || e > 9999 || e < -9999 {
			return false, "", 0, false
		}
		s, exponent = s[:i], e
	}
	whole, fraction, _ := strings.Cut(s, ".")
	digits = whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return false, "", 0, false
	}
	return negative, digits, len(whole) + exponent, true
}

func isWhole(raw string) bool { return !strings.ContainsAny(raw, ".eE") }

// roundDigits keeps significantDigits of digits, half up; digits has no leading zero.
func roundDigits(digits string, point int) (string, int) {
	if len(digits) <= significantDigits {
		return digits, point
	}
	kept := []byte(digits[:significantDigits])
	if digits[significantDigits] < '5' {
		return string(kept), point
	}
	for i := len(kept) - 1; i >= 0; i-- {
		if kept[i] < '9' {
			kept[i]++
			return string(kept), point
		}
		kept[i] = '0'
	}
	return "1" + string(kept), point + 1
}

// plainNumber writes digits with the point after the first `point` of them, without idle zeros.
func plainNumber(digits string, point int) string {
	switch {
	case point <= 0:
		digits = "0." + strings.Repeat("0", -point) + digits
	case point >= len(digits):
		return digits + strings.Repeat("0", point-len(digits))
	default:
		digits = digits[:point] + "." + digits[point:]
	}
	return strings.TrimSuffix(strings.TrimRight(digits, "0"), ".")
}
