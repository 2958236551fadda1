package lower

import (
	"math/big"
	"strconv"

	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// number lowers the first argument of a call as a number.
func (b *build) number(n *expr.Node) (val, error) {
	v, err := b.solid(n.Args[0])
	if err == nil && !isNumber(v.repr) {
		err = refuse(n, "%s", what(n))
	}
	return v, err
}

// rounded lowers round(x) and round(x, digits), half away from zero.
func rounded(b *build, n *expr.Node) (val, error) {
	x, err := b.number(n)
	if err != nil {
		return val{}, err
	}
	digits := int64(0)
	if len(n.Args) > 1 {
		literal, ok := n.Args[1].Value.(int64)
		if !ok || n.Args[1].Op != expr.OpLit {
			return b.roundedBy(n)
		}
		digits = literal
	}
	if digits < -expr.MaxRound || digits > expr.MaxRound {
		return val{}, refuse(n, "%s", what(n))
	}
	scale := int32(digits)
	out := val{repr: reprDec, over: x.over, scale: max(scale, 0)}
	out.max = b.roundedMax(x, out.scale)
	if b.d == Postgres {
		out.sql = "round(" + b.numeric(x).sql + ", " + strconv.Itoa(int(scale)) + ")"
		return b.digitsGuard(out).strict(x), nil
	}
	if x.repr != reprBig && scale >= x.scale && out.max != nil && within(out.max, maxDigits) {
		x.repr = reprDec
		return x.asStrict(), nil // nothing to round off
	}
	out.sql, out.repr, out.fail = "tn_round("+b.big(x).sql+", "+strconv.Itoa(int(scale))+")", reprBig, true
	if out.max == nil || !within(out.max, maxDigits) {
		out.over = true
		b.overs++
	}
	return out.strict(x), nil
}

// roundedMax bounds a number that is written with scale digits after the point.
func (b *build) roundedMax(x val, scale int32) *big.Int {
	if x.max == nil {
		return nil
	}
	if scale >= x.scale {
		return new(big.Int).Mul(x.max, pow10(scale-x.scale))
	}
	return new(big.Int).Add(new(big.Int).Div(x.max, pow10(x.scale-scale)), big.NewInt(1))
}

// digitsGuard makes NULL of numbers that evaluation has no room for.
func (b *build) digitsGuard(v val) val {
	if v.max != nil && within(v.max, maxDigits) {
		return v
	}
	b.overs++
	v.sql = b.once(v.sql, func(n string) string {
		return "(CASE WHEN abs(" + n + ") < 1e" + strconv.Itoa(38-int(v.scale)) + " THEN " + n + " END)"
	})
	v.max, v.fail, v.over = maxDigits, true, true
	return v
}

// roundedBy rounds to a number of digits that is computed too.
func (b *build) roundedBy(n *expr.Node) (val, error) {
	if b.d == SQLite {
		return goOnly(b, n)
	}
	return val{}, refuse(n, "%s", what(n))
}

func whole(b *build, n *expr.Node) (val, error) {
	x, err := b.number(n)
	if err != nil {
		return val{}, err
	}
	out := val{repr: reprDec, over: x.over, max: b.roundedMax(x, 0)}
	if b.d == Postgres {
		out.sql = n.Fn + "(" + b.numeric(x).sql + ")"
		return b.digitsGuard(out).strict(x), nil
	}
	out.sql, out.repr = "tn_"+n.Fn+"("+b.big(x).sql+")", reprBig
	return out.strict(x), nil
}

func absolute(b *build, n *expr.Node) (val, error) {
	x, err := b.number(n)
	if err != nil {
		return val{}, err
	}
	out := val{repr: x.repr, scale: x.scale, max: x.max, over: x.over}
	if x.repr == reprBig {
		out.sql = "tn_abs(" + x.sql + ")"
	} else {
		out.sql = "abs(" + x.sql + ")"
	}
	return out.strict(x), nil
}

// least lowers min(a, b) and max(a, b); a null on either side gives no value.
func least(b *build, n *expr.Node) (val, error) {
	a, err := b.arguments(n)
	if err != nil {
		return val{}, err
	}
	x, y, err := b.same(b.texted(b.named(a[0])), b.texted(b.named(a[1])), n)
	if err != nil {
		return val{}, err
	}
	op, opposite := expr.OpLe, expr.OpGt
	if n.Fn == "max" {
		op, opposite = expr.OpGe, expr.OpLt
	}
	first, err := b.ordered(x, y, op, true, n)
	if err != nil {
		return val{}, err
	}
	second, err := b.ordered(x, y, opposite, true, n)
	if err != nil {
		return val{}, err
	}
	out := x
	out.sql = "(CASE WHEN " + first.sql + " THEN " + x.sql + " WHEN " + second.sql + " THEN " + y.sql + " END)"
	out.null, out.fail, out.err, out.over = false, false, "", x.over || y.over
	if out.max != nil && y.max != nil && y.max.Cmp(out.max) > 0 {
		out.max = y.max
	}
	out.bytes = max(x.size(), y.size())
	return out.strict(x, y), nil
}

// truncated lowers int(x): the digits before the point.
func truncated(b *build, n *expr.Node) (val, error) {
	x, err := b.number(n)
	if err != nil {
		return val{}, err
	}
	if x.repr == reprInt {
		return x.asStrict(), nil
	}
	if b.d == SQLite {
		return goOnly(b, n)
	}
	out := val{sql: "trunc(" + x.sql + ")", repr: reprInt, over: x.over, max: b.roundedMax(x, 0)}
	if out.max == nil || !within(out.max, maxInt64) {
		b.overs++
		out.sql, out.max, out.fail, out.over = wholeRange(out.sql), maxInt64, true, true
	} else {
		out.sql += "::bigint"
	}
	return out.strict(x), nil
}

func toDecimal(b *build, n *expr.Node) (val, error) {
	if n.Args[0].Type == expr.Str {
		return readNumber(b, n)
	}
	x, err := b.number(n)
	if err != nil {
		return val{}, err
	}
	return b.numeric(x).asStrict(), nil
}

// readNumber reads a decimal out of a text; any other text has no value.
func readNumber(b *build, n *expr.Node) (val, error) {
	if b.d == SQLite {
		return goOnly(b, n)
	}
	a, err := b.texts(n)
	if err != nil {
		return val{}, err
	}
	x := b.trim(a[0].sql)
	sql := "(CASE WHEN length(" + x + ") <= 64 AND " + x + ` COLLATE "C" ~ '^[+-]?[0-9]+([.][0-9]+)?$' AND length(ltrim(translate(` + x +
		", '+-.', ''), '0')) <= 38 AND length(split_part(" + x + ", '.', 2)) <= 38 THEN (" + x + ")::numeric END)"
	return val{sql: sql, repr: reprDec, scale: 38, max: maxDigits, fail: true}, nil
}

// printedText lowers text(x).
func printedText(b *build, n *expr.Node) (val, error) {
	x, err := b.solid(n.Args[0])
	if err != nil {
		return val{}, err
	}
	if isText(x.repr) {
		return b.texted(b.named(x)).asStrict(), nil
	}
	if x.repr == reprDec && !isColumn(x.sql) || x.repr == reprBig {
		return val{}, refuse(n, "%s", what(n)) // how many zeros a computed number shows is not the database's to know
	}
	if b.d == SQLite {
		switch x.repr {
		case reprInt, reprDec, reprBool, reprDate:
		default:
			return goOnly(b, n)
		}
	}
	v, err := b.printed(x)
	if err != nil {
		return val{}, refuse(n, "%s", what(n))
	}
	v.over = x.over
	return v.asStrict(), nil
}

// printed is a value as evaluation writes it.
func (b *build) printed(x val) (val, error) {
	out := val{repr: reprText, bytes: 64, null: x.null, fail: x.fail, err: x.err}
	switch x.repr {
	case reprInt:
		out.sql = "CAST(" + x.sql + " AS TEXT)"
	case reprDec:
		if b.d == Postgres {
			out.sql = "(" + x.sql + ")::text"
			break
		}
		out.sql = b.big(x).sql
	case reprBool:
		out.sql = "(CASE WHEN " + x.sql + " THEN 'true' WHEN NOT " + x.sql + " THEN 'false' END)"
	case reprDate:
		if b.d == Postgres {
			out.sql = "to_char(" + x.sql + "::timestamp, 'YYYY-MM-DD')"
			break
		}
		out.sql = "date(" + x.sql + " * 86400, 'unixepoch')"
	case reprTime:
		if b.d == SQLite {
			return val{}, refuse(nil, "time")
		}
		out.sql = "to_char(TIMESTAMP 'epoch' + " + x.sql + " * INTERVAL '1 second', 'HH24:MI:SS')"
	case reprInstant:
		if b.d == SQLite {
			return val{}, refuse(nil, "datetime")
		}
		out.sql = "to_char(" + b.local(x) + ", 'YYYY-MM-DD HH24:MI:SS')"
	default:
		return val{}, refuse(nil, "value")
	}
	return out, nil
}

// titled is a choice's names and titles in all languages, for the search.
func (b *build) titled(v val) val {
	t := target{d: b.d, repr: reprText}
	sql := "CASE " + v.sql
	for _, o := range v.enum.Options {
		words := o.Name
		for _, lang := range []string{"zh-CN", "en-US"} {
			words += "\n" + o.Title[lang]
		}
		sql += " WHEN '" + physicalID(o.ID) + "' THEN " + b.constant(words, t)
	}
	if len(v.enum.Options) == 0 || len(v.enum.Options) > maxTitled {
		return b.named(v)
	}
	return val{sql: "(" + sql + " END)", repr: reprText, null: true}
}

// maxTitled bounds the options whose titles a search compares.
const maxTitled = 100

var _ = metamodel.MaxOptions
