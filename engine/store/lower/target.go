package lower

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// repr is how a value is represented in SQL.
type repr uint8

const (
	reprNull repr = iota
	reprText
	reprID     // uuid on PostgreSQL
	reprChoice // an option's id
	reprInt
	reprDec // numeric; on SQLite an integer scaled by a static scale
	reprBig // SQLite: a decimal as text, for the functions of Go
	reprBool
	reprDate
	reprInstant
	reprTime
	reprDuration
	reprList // a JSON array
	reprJSON
)

// how a decimal parameter is fitted to a column's scale on SQLite.
type fit uint8

const (
	fitExact fit = iota // a number that needs more digits equals nothing
	fitFloor            // the greatest that is not above it
	fitCeil             // the smallest that is not below it
)

// target says how a parameter's value becomes an argument.
type target struct {
	d      Dialect
	repr   repr
	list   bool // a list of such values
	enum   *metamodel.Enum
	scale  int32 // reprDec on SQLite, reprDuration: seconds × 10^scale
	fit    fit
	change textChange
}

// textChange is what is done to a text before it is bound.
type textChange uint8

const (
	asIs      textChange = iota
	afterAll             // the successor of all texts that begin with it
	lowerCase            // ASCII letters in lower case
	quoted               // as a JSON array of this one text, for membership in a list
)

// cast is the type that PostgreSQL is told for the placeholder.
func (t target) cast() string {
	if t.change == quoted {
		return "::jsonb"
	}
	name := [...]string{
		reprNull: "text", reprText: "text", reprID: "uuid", reprChoice: "text", reprInt: "bigint", reprDec: "numeric",
		reprBig: "numeric", reprBool: "boolean", reprDate: "date", reprInstant: "timestamptz", reprTime: "integer",
		reprDuration: "bigint", reprList: "jsonb", reprJSON: "text",
	}[t.repr]
	if t.list {
		return "::text::" + name + "[]"
	}
	return "::" + name
}

// unmatched is an option id that no option has.
const unmatched = "?"

// outOfRange is the scaled number that no column and no result within int64 arithmetic equals.
const outOfRange = math.MinInt64

// arg makes the argument of a parameter's value. A value whose type does not fit is a programming error of
// whoever typed the expression.
func (t target) arg(v any) (any, error) {
	if t.list {
		return t.listArg(v)
	}
	if v == nil {
		return nil, nil
	}
	switch x := v.(type) {
	case string:
		return t.textArg(x)
	case value.JSON:
		return t.textArg(string(x))
	case int64:
		return t.intArg(x)
	case value.Decimal:
		return t.decimalArg(x)
	case bool:
		return encodeBool(t.d, x), nil
	case value.Date:
		return encodeDate(t.d, x), nil
	case time.Time:
		return t.instantArg(x)
	case value.TimeOfDay:
		return int64(x), nil
	case time.Duration:
		return t.scaledArg(value.NewDecimal(int64(x), 9))
	case []string:
		return t.jsonArg(x)
	}
	return nil, fmt.Errorf("bind %T: %w", v, ErrValue)
}

func (t target) textArg(s string) (any, error) {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		return nil, diag.Refuse("query.text_invalid", "")
	}
	switch t.repr { //nolint:exhaustive // all others hold texts as they are
	case reprID:
		if !isUUID(s) {
			return nobody, nil
		}
	case reprChoice:
		id, ok := optionID(t.enum, s)
		if !ok {
			id = unmatched
		}
		s = id
	}
	switch t.change {
	case afterAll:
		next, _ := successor(s)
		return next, nil
	case lowerCase:
		return asciiLower(s), nil
	case quoted:
		return quoteJSON(s), nil
	case asIs:
	}
	return s, nil
}

func (t target) intArg(n int64) (any, error) {
	switch t.repr { //nolint:exhaustive // all others hold the integer itself
	case reprDec, reprBig:
		return t.decimalArg(value.NewDecimal(n, 0))
	}
	return n, nil
}

func (t target) decimalArg(x value.Decimal) (any, error) {
	if t.d == Postgres || t.repr == reprBig {
		return x.String(), nil
	}
	return t.scaledArg(x)
}

// scaledArg is a number × 10^scale as an integer; one that has no such integer is fitted.
func (t target) scaledArg(x value.Decimal) (any, error) {
	exact, err := x.Unscaled(t.scale)
	if err == nil && exact != outOfRange {
		return exact, nil
	}
	if t.fit == fitExact {
		return int64(outOfRange), nil
	}
	shifted, err := x.Mul(value.NewDecimal(1, -t.scale))
	if err == nil && t.fit == fitFloor {
		shifted, err = shifted.Floor()
	} else if err == nil {
		shifted, err = shifted.Ceil()
	}
	if n, ok := shifted.Int64(); err == nil && ok {
		return n, nil
	}
	if x.Sign() < 0 {
		return int64(math.MinInt64), nil
	}
	return int64(math.MaxInt64), nil
}

// never is an instant that no record has.
var never = time.Date(-4000, 1, 1, 0, 0, 0, 0, time.UTC)

// instantArg cuts an instant to the microseconds that both databases keep, to the side that the comparison
// needs.
func (t target) instantArg(x time.Time) (any, error) {
	x = x.UTC()
	cut := x.Truncate(time.Microsecond)
	if !cut.Equal(x) {
		switch t.fit {
		case fitExact:
			cut = never
		case fitCeil:
			cut = cut.Add(time.Microsecond)
		case fitFloor:
		}
	}
	return encodeInstant(t.d, cut), nil
}

// jsonArg is a list as a JSON array.
func (t target) jsonArg(list []string) (any, error) {
	var b strings.Builder
	b.WriteByte('[')
	for i, s := range list {
		one := target{d: t.d, repr: reprText, enum: t.enum}
		if t.enum != nil {
			one.repr = reprChoice
		}
		v, err := one.textArg(s)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		q := quoteJSON(v.(string))
		b.WriteString(q[1 : len(q)-1])
	}
	b.WriteByte(']')
	return b.String(), nil
}

// listArg is a list to compare a column with: a JSON array on SQLite, an array literal on PostgreSQL. Nulls are
// left out; the statement's text says what they mean.
func (t target) listArg(v any) (any, error) {
	items, err := listItems(v)
	if err != nil {
		return nil, err
	}
	if len(items) > MaxList {
		return nil, tooComplex(whatElements, MaxList)
	}
	one := t
	one.list = false
	parts := make([]string, 0, len(items))
	for _, item := range items {
		if item == nil {
			continue
		}
		a, err := one.arg(item)
		if err != nil {
			return nil, err
		}
		parts = append(parts, t.listPart(a))
	}
	if t.d == Postgres {
		return "{" + strings.Join(parts, ",") + "}", nil
	}
	return "[" + strings.Join(parts, ",") + "]", nil
}

func (t target) listPart(a any) string {
	switch x := a.(type) {
	case int64:
		return strconv.FormatInt(x, 10)
	case bool:
		return strconv.FormatBool(x)
	case time.Time:
		if t.repr == reprDate {
			return `"` + x.Format("2006-01-02") + `"`
		}
		return `"` + x.Format("2006-01-02 15:04:05.999999Z07:00") + `"`
	case string:
		if t.d == Postgres {
			return `"` + arrayQuote.Replace(x) + `"`
		}
		q := quoteJSON(x)
		return q[1 : len(q)-1]
	}
	return "null"
}

// arrayQuote escapes a text inside PostgreSQL's array literal.
var arrayQuote = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func listItems(v any) ([]any, error) {
	switch x := v.(type) {
	case nil:
		return nil, nil
	case []any:
		return x, nil
	case []string:
		out := make([]any, len(x))
		for i, s := range x {
			out[i] = s
		}
		return out, nil
	}
	return nil, fmt.Errorf("bind list %T: %w", v, ErrValue)
}

func asciiLower(s string) string {
	i := strings.IndexFunc(s, func(r rune) bool { return r >= 'A' && r <= 'Z' })
	if i < 0 {
		return s
	}
	b := slices.Clone([]byte(s))
	for ; i < len(b); i++ {
		if b[i] >= 'A' && b[i] <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

// quoteJSON writes a JSON array of one text. The text is valid UTF-8 without NUL.
func quoteJSON(s string) string {
	b := make([]byte, 0, len(s)+4)
	b = append(b, '[', '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		default:
			b = append(b, c)
		}
	}
	return string(append(b, '"', ']'))
}
