package expr

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"

	"tenon/metamodel/value"
)

var chineseFunctions = []Function{
	{
		Name: "rmbWords", Group: GroupChinese, base: 20,
		Signatures: sigs([]Type{Dec, Str}, []Type{Int, Str}, []Type{Dec, Str, Str}, []Type{Int, Str, Str}),
		Doc:        text("人民币大写金额，四舍五入到分；第二项可写“圆”代替“元”。", "An amount of CNY in capitals, rounded to the fen; the second argument may be 圆 instead of 元."),
		Example:    "rmbWords(1409.5)", Result: "壹仟肆佰零玖元伍角整", call: fnRMBWords,
	},
	{
		Name: "pinyinInitials", Group: GroupChinese, Member: true, base: 4, perText: true, Signatures: sigs([]Type{Str, Str}), size: sameSize,
		Doc: text("汉字的拼音首字母，其余字母和数字照写。", "The pinyin initials of Chinese characters; letters and digits stay."), Example: "pinyinInitials('矿泉水500ml')", Result: "kqs500ml", call: onText(pinyinInitials),
	},
	{
		Name: "usccValid", Group: GroupChinese, Member: true, base: 6, Signatures: sigs([]Type{Str, Bool}),
		Doc: text("统一社会信用代码的校验码是否正确。", "Whether a unified social credit code has the right check character."), Example: "usccValid('91110000600037341L')", Result: "true", call: onCheck(usccValid),
	},
	{
		Name: "gtinValid", Group: GroupChinese, Member: true, base: 6, Signatures: sigs([]Type{Str, Bool}),
		Doc: text("商品条码（8、12、13 或 14 位）的校验位是否正确。", "Whether a barcode of 8, 12, 13 or 14 digits has the right check digit."), Example: "gtinValid('6901234567892')", Result: "true", call: onCheck(gtinValid),
	},
}

func onCheck(fn func(string) bool) func(*call) (any, error) {
	return func(c *call) (any, error) {
		s, ok := c.args[0].(string)
		if !ok {
			return nil, errArgument
		}
		return fn(s), nil
	}
}

var capitals = []string{"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"}

// maxYuan is the first amount that has no words any more: ten thousand 万亿.
const maxYuan = 1_0000_0000_0000_0000

func fnRMBWords(c *call) (any, error) {
	d, ok := decimalArg(c.args[0])
	if !ok {
		return nil, errArgument
	}
	unit := "元"
	if len(c.args) > 1 {
		if unit, ok = c.args[1].(string); !ok || unit != "元" && unit != "圆" {
			return nil, ErrNull
		}
	}
	return rmbWords(d, unit)
}

func rmbWords(d value.Decimal, unit string) (any, error) {
	rounded, err := d.Abs().Round(2)
	if err != nil {
		return nil, err
	}
	fen, err := rounded.Unscaled(2)
	if err != nil || fen/100 >= maxYuan {
		return nil, ErrOutOfRange
	}
	var b strings.Builder
	if d.Sign() < 0 && fen > 0 {
		b.WriteString("负")
	}
	yuan, jiao, rest := fen/100, fen/10%10, fen%10
	if yuan > 0 || fen == 0 {
		b.WriteString(wholeWords(yuan) + unit)
	}
	switch {
	case jiao > 0:
		b.WriteString(capitals[jiao] + "角")
	case rest > 0 && yuan > 0:
		b.WriteString("零")
	}
	if rest > 0 {
		b.WriteString(capitals[rest] + "分")
	} else {
		b.WriteString("整")
	}
	return b.String(), nil
}

// wholeWords writes a whole number: one 零 for every run of zeros between other digits, 万 and 亿 after each
// group that isn't zero.
func wholeWords(n int64) string {
	if n == 0 {
		return capitals[0]
	}
	if n >= 1_0000_0000 {
		high, low := n/1_0000_0000, n%1_0000_0000
		return wholeWords(high) + "亿" + tail(low, low < 1000_0000 || high%10 == 0)
	}
	if n >= 1_0000 {
		high, low := n/1_0000, n%1_0000
		return wholeWords(high) + "万" + tail(low, low < 1000 || high%10 == 0)
	}
	var b strings.Builder
	gap := false
	for _, place := range []struct {
		value int64
		name  string
	}{{1000, "仟"}, {100, "佰"}, {10, "拾"}, {1, ""}} {
		digit := n / place.value % 10
		if digit == 0 {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteString(capitals[0])
			gap = false
		}
		b.WriteString(capitals[digit] + place.name)
	}
	return b.String()
}

// tail writes what follows 万 or 亿, with 零 before it when digits between are zero.
func tail(n int64, gap bool) string {
	switch {
	case n == 0:
		return ""
	case gap:
		return capitals[0] + wholeWords(n)
	default:
		return wholeWords(n)
	}
}

var pinyinArgs = func() pinyin.Args {
	a := pinyin.NewArgs()
	a.Style = pinyin.FirstLetter
	return a
}()

func pinyinInitials(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			if p := pinyin.SinglePinyin(r, pinyinArgs); len(p) > 0 {
				b.WriteString(p[0])
			}
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

var usccWeights = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}

// usccValid checks length, characters and check character (GB 32100-2015), spaces and case aside.
func usccValid(s string) bool {
	s = strings.ToUpper(strings.ReplaceAll(s, " ", ""))
	if len(s) != len(usccWeights)+1 {
		return false
	}
	sum := 0
	for i, w := range usccWeights {
		v := strings.IndexByte(usccAlphabet, s[i])
		if v < 0 {
			return false
		}
		sum += v * w
	}
	return s[len(usccWeights)] == usccAlphabet[(31-sum%31)%31]
}

// gtinValid checks length and check digit: weights 3 and 1 from the right.
func gtinValid(s string) bool {
	switch len(s) {
	case 8, 12, 13, 14:
	default:
		return false
	}
	sum := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		digit := int(s[i] - '0')
		if (len(s)-i)%2 == 0 {
			digit *= 3
		}
		sum += digit
	}
	return sum%10 == 0
}
