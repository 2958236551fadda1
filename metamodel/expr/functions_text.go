package expr

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

func text(zh, en string) diag.Text { return diag.Text{ZH: zh, EN: en} }

// sameSize is the size of the first argument.
func sameSize(_ []*Node, sizes []int64) int64 { return sizes[0] }

var textFunctions = []Function{
	{
		Name: "size", Group: GroupText, Member: true, base: 1, perText: true,
		Signatures: []Signature{sig(of(Str), one(Int)), sig([]TypeRef{{List: true}}, one(Int))},
		Doc:        text("文本的字数，或列表的项数。", "The number of characters of a text, or of items of a list."),
		Example:    "size('榫卯')", Result: "2", call: fnSize,
	},
	{
		Name: "lower", Group: GroupText, Member: true, base: 2, perText: true, Signatures: sigs([]Type{Str, Str}), size: sameSize,
		Doc: text("转为小写字母。", "The text in lower case."), Example: "lower('Tenon')", Result: "tenon", call: onText(strings.ToLower),
	},
	{
		Name: "upper", Group: GroupText, Member: true, base: 2, perText: true, Signatures: sigs([]Type{Str, Str}), size: sameSize,
		Doc: text("转为大写字母。", "The text in upper case."), Example: "upper('po-1')", Result: "PO-1", call: onText(strings.ToUpper),
	},
	{
		Name: "trim", Group: GroupText, Member: true, base: 2, perText: true, Signatures: sigs([]Type{Str, Str}), size: sameSize,
		Doc: text("去掉首尾的空格。", "The text without spaces at both ends."), Example: "trim('  A 1 ')", Result: "A 1", call: onText(strings.TrimSpace),
	},
	{
		Name: "contains", Group: GroupText, Member: true, base: 2, perText: true, Signatures: sigs([]Type{Str, Str, Bool}),
		Doc: text("文本中是否含有另一段文本。", "Whether a text contains another."), Example: "contains('矿泉水', '泉')", Result: "true", call: onTexts(strings.Contains),
	},
	{
		Name: "startsWith", Group: GroupText, Member: true, base: 1, perText: true, Signatures: sigs([]Type{Str, Str, Bool}),
		Doc: text("文本是否以某段文本开头。", "Whether a text begins with another."), Example: "startsWith('PO-1', 'PO')", Result: "true", call: onTexts(strings.HasPrefix),
	},
	{
		Name: "endsWith", Group: GroupText, Member: true, base: 1, perText: true, Signatures: sigs([]Type{Str, Str, Bool}),
		Doc: text("文本是否以某段文本结尾。", "Whether a text ends with another."), Example: "endsWith('a.pdf', '.pdf')", Result: "true", call: onTexts(strings.HasSuffix),
	},
	{
		Name: "matches", Group: GroupText, Member: true, base: 10, perText: true, Signatures: sigs([]Type{Str, Str, Bool}),
		Doc:     text("文本是否符合正则表达式（RE2 语法，须直接写出）。", "Whether a text matches a regular expression (RE2), which must be written out."),
		Example: "matches('2026-01', '^[0-9]{4}-[0-9]{2}$')", Result: "true", call: fnMatches,
	},
	{
		Name: "substring", Group: GroupText, Member: true, base: 2, perText: true, size: sameSize,
		Signatures: sigs([]Type{Str, Int, Str}, []Type{Str, Int, Int, Str}),
		Doc:        text("从第几个字（从 0 数）起、到第几个字之前的一段文本。", "The characters from a position (counted from 0) up to before another."),
		Example:    "substring('ABCDE', 1, 3)", Result: "BC", call: fnSubstring,
	},
	{
		Name: "left", Group: GroupText, Member: true, base: 2, perText: true, Signatures: sigs([]Type{Str, Int, Str}), size: sameSize,
		Doc: text("左边的几个字。", "The first characters."), Example: "left('ABCDE', 2)", Result: "AB", call: fnLeft,
	},
	{
		Name: "right", Group: GroupText, Member: true, base: 2, perText: true, Signatures: sigs([]Type{Str, Int, Str}), size: sameSize,
		Doc: text("右边的几个字。", "The last characters."), Example: "right('ABCDE', 2)", Result: "DE", call: fnRight,
	},
	{
		Name: "mid", Group: GroupText, Member: true, base: 2, perText: true, Signatures: sigs([]Type{Str, Int, Int, Str}), size: sameSize,
		Doc: text("从第几个字（从 1 数）起的几个字。", "So many characters from a position counted from 1."), Example: "mid('ABCDE', 2, 3)", Result: "BCD", call: fnMid,
	},
	{
		Name: "replace", Group: GroupText, Member: true, base: 4, perText: true, Signatures: sigs([]Type{Str, Str, Str, Str}),
		size:    func(_ []*Node, s []int64) int64 { return min(s[0]*max(s[2], 1), MaxText) },
		Doc:     text("把文本中的每一处都替换成另一段文本。", "The text with every occurrence replaced."),
		Example: "replace('A-B-C', '-', '/')", Result: "A/B/C", call: fnReplace,
	},
	{
		Name: "padLeft", Group: GroupText, Member: true, base: 3, perText: true, Signatures: sigs([]Type{Str, Int, Str, Str}),
		size:    func(_ []*Node, s []int64) int64 { return s[0] + MaxPattern },
		Doc:     text("在左边补足到指定字数（最多 256）。", "The text filled up on the left to so many characters, at most 256."),
		Example: "padLeft('7', 3, '0')", Result: "007", call: fnPadLeft,
	},
	{
		Name: "text", Group: GroupText, base: 4,
		Signatures: sigs([]Type{Str, Str}, []Type{Int, Str}, []Type{Dec, Str}, []Type{Bool, Str}, []Type{Dat, Str}, []Type{Ts, Str}, []Type{Tod, Str}, []Type{Dur, Str}),
		size:       func(args []*Node, s []int64) int64 { return textSize(args[0], s[0]) },
		Doc:        text("转为文本；日期写作 2026-01-31，日期时间按公司时区写作 2026-01-31 08:00:00。", "The value as text: dates as 2026-01-31, date-times in the company's zone as 2026-01-31 08:00:00."),
		Example:    "text(date('2026-01-31'))", Result: "2026-01-31", call: fnText,
	},
	{
		Name: "number", Group: GroupText, Member: true, base: 4, Signatures: sigs([]Type{Str, Dec}),
		Doc: text("把文本读成小数；读不出时为空。", "The decimal that a text spells; null when it spells none."), Example: "number('12.50')", Result: "12.50", call: fnNumber,
	},
	{
		Name: "join", Group: GroupText, Member: true, base: 4, perText: true,
		Signatures: []Signature{sig([]TypeRef{{Type: Str, List: true}, one(Str)}, one(Str))},
		size:       func(_ []*Node, s []int64) int64 { return min(s[0]*(sizeText+s[1]), MaxText) },
		Doc:        text("用分隔符把文本列表连成一段。", "The texts of a list joined by a separator."), Example: "join(['A', 'B'], '、')", Result: "A、B", call: fnJoin,
	},
	{
		Name: "split", Group: GroupText, Member: true, base: 4, perText: true,
		Signatures: []Signature{sig(of(Str, Str), TypeRef{Type: Str, List: true})},
		size:       func([]*Node, []int64) int64 { return MaxPieces },
		Doc:        text("用分隔符把文本拆成列表，最多 200 段。", "The parts of a text between separators, at most 200."), Example: "split('a,b,c', ',')", Result: "a, b, c", call: fnSplit,
	},
}

func textSize(n *Node, s int64) int64 {
	if n.Type == Str {
		return s
	}
	return 64
}

func onText(fn func(string) string) func(*call) (any, error) {
	return func(c *call) (any, error) {
		s, ok := c.args[0].(string)
		if !ok {
			return nil, errArgument
		}
		return bounded(fn(s))
	}
}

func onTexts(fn func(a, b string) bool) func(*call) (any, error) {
	return func(c *call) (any, error) {
		a, b, err := two[string, string](c)
		if err != nil {
			return nil, err
		}
		return fn(a, b), nil
	}
}

// two reads the first two arguments.
func two[A, B any](c *call) (a A, b B, err error) {
	a, okA := c.args[0].(A)
	b, okB := c.args[1].(B)
	if !okA || !okB {
		return a, b, errArgument
	}
	return a, b, nil
}

func bounded(s string) (any, error) {
	if len(s) > MaxText {
		return nil, ErrOutOfRange
	}
	return s, nil
}

func fnSize(c *call) (any, error) {
	switch v := c.args[0].(type) {
	case string:
		return int64(utf8.RuneCountInString(v)), nil
	case list:
		return int64(len(v)), nil
	default:
		return nil, errArgument
	}
}

// compilePattern compiles a literal pattern.
func compilePattern(v any) (*regexp.Regexp, error) {
	s, ok := v.(string)
	if !ok || len(s) > MaxPattern {
		return nil, errArgument
	}
	re, err := regexp.Compile(s)
	if err != nil {
		return nil, fmt.Errorf("compile a pattern: %w", err)
	}
	return re, nil
}

func fnMatches(c *call) (any, error) {
	s, ok := c.args[0].(string)
	if !ok {
		return nil, errArgument
	}
	if re, ok := c.args[1].(*regexp.Regexp); ok {
		return re.MatchString(s), nil
	}
	re, err := compilePattern(c.args[1])
	if err != nil {
		return nil, err
	}
	return re.MatchString(s), nil
}

// cut returns the characters from a position up to before another; positions outside the text are moved to
// its ends.
func cut(s string, from, to int64) string {
	if from < 0 {
		from = 0
	}
	if to <= from {
		return ""
	}
	start, end, i := len(s), len(s), int64(0)
	for at := range s {
		if i == from {
			start = at
		}
		if i == to {
			end = at
			break
		}
		i++
	}
	return s[min(start, end):end]
}

func fnSubstring(c *call) (any, error) {
	s, from, err := two[string, int64](c)
	if err != nil {
		return nil, err
	}
	to := int64(len(s))
	if len(c.args) > 2 {
		n, ok := c.args[2].(int64)
		if !ok {
			return nil, errArgument
		}
		to = n
	}
	return cut(s, from, to), nil
}

func fnLeft(c *call) (any, error) {
	s, n, err := two[string, int64](c)
	return cut(s, 0, n), err
}

func fnRight(c *call) (any, error) {
	s, n, err := two[string, int64](c)
	if n <= 0 {
		return "", err
	}
	size := int64(utf8.RuneCountInString(s))
	return cut(s, max(size-n, 0), size), err
}

func fnMid(c *call) (any, error) {
	s, from, err := two[string, int64](c)
	n, ok := c.args[2].(int64)
	if err != nil || !ok {
		return nil, errArgument
	}
	from = max(from, 1)
	if n > int64(len(s)) {
		n = int64(len(s))
	}
	if from > int64(len(s)) {
		return "", nil
	}
	return cut(s, from-1, from-1+n), nil
}

func fnReplace(c *call) (any, error) {
	s, old, err := two[string, string](c)
	by, ok := c.args[2].(string)
	if err != nil || !ok {
		return nil, errArgument
	}
	if old == "" {
		return s, nil
	}
	if n := strings.Count(s, old); len(s)+n*(len(by)-len(old)) > MaxText {
		return nil, ErrOutOfRange
	}
	return strings.ReplaceAll(s, old, by), nil
}

func fnPadLeft(c *call) (any, error) {
	s, width, err := two[string, int64](c)
	with, ok := c.args[2].(string)
	if err != nil || !ok {
		return nil, errArgument
	}
	if width > MaxPattern || utf8.RuneCountInString(with) > 1 {
		return nil, ErrOutOfRange
	}
	missing := int(width) - utf8.RuneCountInString(s)
	if missing <= 0 || with == "" {
		return s, nil
	}
	return strings.Repeat(with, missing) + s, nil
}

func fnText(c *call) (any, error) { return textOf(c.args[0], c.f.zone()) }

func textOf(v any, zone *time.Location) (any, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case int64, bool, value.Decimal, value.Date, value.TimeOfDay:
		return fmt.Sprint(v), nil
	case time.Time:
		return v.In(zone).Format(time.DateTime), nil
	case time.Duration:
		return value.FormatDuration(v), nil
	default:
		return nil, errArgument
	}
}

func fnNumber(c *call) (any, error) {
	s, ok := c.args[0].(string)
	if !ok {
		return nil, errArgument
	}
	d, err := value.ParseDecimal(strings.TrimFunc(s, unicode.IsSpace))
	if err != nil {
		return nil, ErrNull
	}
	return d, nil
}

func fnJoin(c *call) (any, error) {
	l, sep, err := two[list, string](c)
	if err != nil {
		return nil, err
	}
	total := 0
	parts := make([]string, 0, len(l))
	for _, v := range l {
		s, ok := unbox(v).(string)
		if !ok {
			continue // null is passed over
		}
		if total += len(s) + len(sep); total > MaxText+len(sep) {
			return nil, ErrOutOfRange
		}
		parts = append(parts, s)
	}
	return bounded(strings.Join(parts, sep))
}

func fnSplit(c *call) (any, error) {
	s, sep, err := two[string, string](c)
	if err != nil {
		return nil, err
	}
	if sep == "" {
		return []string{s}, nil
	}
	if strings.Count(s, sep) >= MaxPieces {
		return nil, ErrOutOfRange
	}
	return strings.Split(s, sep), nil
}
