package templates

import "fmt"

// gtin13 completes twelve digits to an EAN-13 with its check digit: weights 1 and 3 from the left, so that
// the whole is a multiple of ten.
func gtin13(digits string) string {
	sum := 0
	for i, c := range digits {
		weight := 1
		if i%2 == 1 {
			weight = 3
		}
		sum += weight * int(c-'0')
	}
	return digits + fmt.Sprint((10-sum%10)%10)
}

// usccAlphabet is the alphabet of unified social credit codes: no I, O, S, V, Z. A letter's place is its
// value.
const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

var (
	usccWeights = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}
	orgWeights  = [8]int{3, 7, 9, 10, 5, 8, 4, 2}
)

// uscc makes a credit code of a company from its area (six digits) and the eight characters of its
// organisation code; both check characters are computed.
func uscc(area, org string) string {
	body := "91" + area + org + orgCheck(org)
	sum := 0
	for i := range body {
		sum += usccWeights[i] * usccValue(body[i])
	}
	return body + string(usccAlphabet[(31-sum%31)%31])
}

// orgCheck is the check character of an organisation code; there letters count from A = 10 to Z = 35.
func orgCheck(org string) string {
	sum := 0
	for i := range org {
		v := int(org[i] - '0')
		if org[i] >= 'A' {
			v = int(org[i]-'A') + 10
		}
		sum += orgWeights[i] * v
	}
	switch check := 11 - sum%11; check {
	case 10:
		return "X"
	case 11:
		return "0"
	default:
		return fmt.Sprint(check)
	}
}

func usccValue(c byte) int {
	for i := range usccAlphabet {
		if usccAlphabet[i] == c {
			return i
		}
	}
	return 0
}
