package lower

import (
	"math/big"
	"strconv"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// The functions of Go that SQLite calls where its own arithmetic isn't exact: decimals travel as texts, NULL in
// gives NULL out, and so does a result that evaluation refuses.
const (
	goAdd = "tn_add"
	goSub = "tn_sub"
	goMul = "tn_mul"
	goDiv = "tn_div"
	goRem = "tn_rem"
)

func (b *build) arithmetic(n *expr.Node) (val, error) {
	x, err := b.solid(n.Args[0])
	if err != nil {
		return val{}, err
	}
	if n.Op == expr.OpNeg {
		return b.negated(x, n)
	}
	y, err := b.solid(n.Args[1])
	if err != nil {
		return val{}, err
	}
	var out val
	switch {
	case isNumber(x.repr) && isNumber(y.repr):
		out, err = b.numbers(n.Op, x, y, n)
	case isText(x.repr) && isText(y.repr) && n.Op == expr.OpAdd:
		x, y = b.texted(b.named(x)), b.texted(b.named(y))
		out = val{sql: "(" + x.sql + " || " + y.sql + ")", repr: reprText}
	default:
		out, err = b.timely(n.Op, x, y, n)
	}
	if err != nil {
		return val{}, err
	}
	if out.over = out.over || x.over || y.over; out.over {
		b.overs++
	}
	return out.strict(x, y), nil
}

func (b *build) negated(x val, n *expr.Node) (val, error) {
	switch x.repr {
	case reprInt, reprDec, reprDuration:
		x.sql = "(- " + x.sql + ")"
	case reprBig:
		x.sql = "tn_neg(" + x.sql + ")"
	default:
		return val{}, refuse(n, "%s", what(n))
	}
	out := x
	out.null, out.fail, out.err = false, false, ""
	return out.strict(x), nil
}

// numbers lowers + - * / % over integers and decimals.
func (b *build) numbers(op expr.Op, x, y val, n *expr.Node) (val, error) {
	whole := x.repr == reprInt && y.repr == reprInt
	if op == expr.OpDiv {
		return b.divided(x, y), nil
	}
	if b.d == Postgres {
		return b.numeralPG(op, x, y, whole, n)
	}
	if op == expr.OpMod {
		return b.modSQLite(x, y, whole), nil
	}
	if whole {
		return b.wholeSQLite(op, x, y)
	}
	return b.decimalSQLite(op, x, y)
}

var signs = map[expr.Op]string{expr.OpAdd: " + ", expr.OpSub: " - ", expr.OpMul: " * ", expr.OpMod: " % "}

// bound of a result from the bounds of its operands at one scale.
func resultMax(op expr.Op, x, y *big.Int) *big.Int {
	if op == expr.OpMul {
		return new(big.Int).Mul(x, y)
	}
	return new(big.Int).Add(x, y)
}

func (b *build) wholeSQLite(op expr.Op, x, y val) (val, error) {
	out := val{repr: reprInt, max: resultMax(op, x.max, y.max)}
	if within(out.max, maxInt64) {
		out.sql = "(" + x.sql + signs[op] + y.sql + ")"
		return out, nil
	}
	name := map[expr.Op]string{expr.OpAdd: "tn_iadd", expr.OpSub: "tn_isub", expr.OpMul: "tn_imul"}[op]
	out.sql, out.max, out.fail, out.over = name+"("+x.sql+", "+y.sql+")", maxInt64, true, true
	return out, nil
}

func (b *build) decimalSQLite(op expr.Op, x, y val) (val, error) {
	if x.repr != reprBig && y.repr != reprBig {
		if op == expr.OpMul {
			if p := resultMax(op, x.max, y.max); within(p, maxInt64) {
				return val{sql: "(" + x.sql + " * " + y.sql + ")", repr: reprDec, scale: x.scale + y.scale, max: p}, nil
			}
		} else if sx, sy, err := b.sameScale(x, y); err != nil {
			return val{}, err
		} else if sx.repr != reprBig {
			if s := resultMax(op, sx.max, sy.max); within(s, maxInt64) {
				return val{sql: "(" + sx.sql + signs[op] + sy.sql + ")", repr: reprDec, scale: sx.scale, max: s}, nil
			}
		}
	}
	name := map[expr.Op]string{expr.OpAdd: goAdd, expr.OpSub: goSub, expr.OpMul: goMul}[op]
	return val{sql: name + "(" + b.big(x).sql + ", " + b.big(y).sql + ")", repr: reprBig, fail: true, over: !b.digitsFit(op, x, y)}, nil
}

// digitsFit tells whether a result surely stays within the digits that evaluation allows.
func (b *build) digitsFit(op expr.Op, x, y val) bool {
	if x.max == nil || y.max == nil {
		return false
	}
	if op == expr.OpMul {
		return within(resultMax(op, x.max, y.max), maxDigits)
	}
	scale := max(x.scale, y.scale)
	mx, my := new(big.Int).Mul(x.max, pow10(scale-x.scale)), new(big.Int).Mul(y.max, pow10(scale-y.scale))
	return within(resultMax(op, mx, my), maxDigits)
}

func (b *build) modSQLite(x, y val, whole bool) val {
	if whole {
		return val{sql: "(" + x.sql + " % NULLIF(" + y.sql + ", 0))", repr: reprInt, max: x.max, fail: true}
	}
	return val{sql: goRem + "(" + b.big(x).sql + ", " + b.big(y).sql + ")", repr: reprBig, fail: true, over: true}
}

// divided lowers a / b: twenty digits after the point, half up, NULL for a zero divisor.
func (b *build) divided(x, y val) val {
	if b.d == SQLite {
		return val{sql: goDiv + "(" + b.big(x).sql + ", " + b.big(y).sql + ")", repr: reprBig, fail: true}
	}
	return val{sql: b.once(ratioPG(b.numeric(x).sql, b.numeric(y).sql), fittedRatio), repr: reprDec, scale: 20, max: maxDigits, fail: true}
}

// quotientPG divides as value.Decimal.Div does. Sixty digits after the point are more than enough for the
// rounding to twenty to be exact; a quotient too large for twenty keeps nine.
func quotientPG(x, y string) string { return fittedRatio(ratioPG(x, y)) }

func ratioPG(x, y string) string { return "(round(" + x + ", 60) / NULLIF(" + y + ", 0))" }

func fittedRatio(q string) string {
	return "(CASE WHEN abs(round(" + q + ", 20)) < 1e18 THEN round(" + q + ", 20) WHEN abs(round(" + q + ", 9)) < 1e29 THEN round(" + q + ", 9) END)"
}

// once lets PostgreSQL work out a text with sub-queries a single time where its value is used more than once. The fence
// keeps it from putting the text back into all places.
func (b *build) once(sql string, use func(value string) string) string {
	if b.d != Postgres || !strings.Contains(sql, "(SELECT ") {
		return use(sql)
	}
	o := b.alias("o")
	return "(SELECT " + use(o+".v") + " FROM (SELECT " + sql + " AS v OFFSET 0) AS " + o + ")"
}

func (b *build) numeralPG(op expr.Op, x, y val, whole bool, _ *expr.Node) (val, error) {
	if op == expr.OpMod {
		out := val{sql: "(" + x.sql + " % NULLIF(" + y.sql + ", 0))", repr: reprDec, max: x.max, scale: max(x.scale, y.scale), fail: true}
		if whole {
			out.repr, out.scale = reprInt, 0
			return out, nil
		}
		out.max = maxDigits
		return out, nil
	}
	if whole {
		out := val{repr: reprInt, max: resultMax(op, x.max, y.max)}
		if within(out.max, maxInt64) {
			out.sql = "(" + x.sql + signs[op] + y.sql + ")"
			return out, nil
		}
		sql := "(" + x.sql + "::numeric" + signs[op] + y.sql + ")"
		out.sql, out.max, out.fail, out.over = wholeRange(sql), maxInt64, true, true
		return out, nil
	}
	out := val{sql: "(" + x.sql + signs[op] + y.sql + ")", repr: reprDec}
	if op == expr.OpMul {
		out.scale, out.max = x.scale+y.scale, resultMax(op, x.max, y.max)
	} else {
		out.scale = max(x.scale, y.scale)
		out.max = resultMax(op, new(big.Int).Mul(x.max, pow10(out.scale-x.scale)), new(big.Int).Mul(y.max, pow10(out.scale-y.scale)))
	}
	if !within(out.max, maxDigits) {
		out.sql = "(CASE WHEN length(trim('0' FROM replace(abs(" + out.sql + ")::text, '.', ''))) <= " + strconv.Itoa(value.MaxDigits) + " THEN " + out.sql + " END)"
		out.max, out.fail, out.over = maxDigits, true, true
	}
	return out, nil
}

// wholeRange cuts a numeric to the integers that evaluation can hold.
func wholeRange(sql string) string {
	return "(CASE WHEN " + sql + " BETWEEN -9223372036854775808 AND 9223372036854775807 THEN (" + sql + ")::bigint END)"
}

// numeric makes a decimal of an integer.
func (b *build) numeric(v val) val {
	if v.repr == reprInt {
		v.repr = reprDec
		if b.d == Postgres {
			v.sql += "::numeric"
		}
	}
	return v
}

// big makes a decimal text for the functions of Go.
func (b *build) big(v val) val {
	if v.repr == reprBig || b.d == Postgres {
		return v
	}
	if v.scale == 0 {
		v.sql = "CAST(" + v.sql + " AS TEXT)"
	} else {
		v.sql = "tn_dec(" + v.sql + ", " + strconv.Itoa(int(v.scale)) + ")"
	}
	v.repr = reprBig
	return v
}

// rescale raises a number's scale. ok is false when it could leave 64 bits.
func rescale(v val, scale int32) (val, bool) {
	if v.scale == scale {
		return v, true
	}
	factor := pow10(scale - v.scale)
	m := new(big.Int).Mul(v.max, factor)
	if !within(m, maxInt64) {
		return v, false
	}
	v.sql, v.scale, v.max = "("+v.sql+" * "+factor.String()+")", scale, m
	return v, true
}

// fittedDecimal rounds half up to the field's scale; a number with more digits than the field has is null.
func (b *build) fittedDecimal(v val, f *metamodel.Field, n *expr.Node) (val, error) {
	if !isNumber(v.repr) {
		return val{}, refuse(n, "%s", f.Name)
	}
	scale := int32(f.Scale)
	limit := pow10(int32(f.Precision))
	out := val{repr: reprDec, scale: scale, null: v.null, max: new(big.Int).Sub(limit, big.NewInt(1))}
	if b.d == Postgres {
		r := "round(" + b.numeric(v).sql + ", " + strconv.Itoa(f.Scale) + ")"
		out.null = true
		out.sql = b.once(r, func(r string) string {
			return "(CASE WHEN abs(" + r + ") < 1e" + strconv.Itoa(f.Precision-f.Scale) + " THEN " + r + " END)"
		})
		return out, nil
	}
	if v.repr != reprBig && v.scale <= scale {
		if s, ok := rescale(v, scale); ok && within(s.max, out.max) {
			out.sql, out.max = s.sql, s.max
			return out, nil
		}
	}
	out.sql, out.null = "tn_fit("+b.big(v).sql+", "+strconv.Itoa(f.Precision)+", "+strconv.Itoa(f.Scale)+")", true
	return out, nil
}

// wholeNumber makes an integer of a decimal that is one, and null of any other.
func (b *build) wholeNumber(v val) val {
	out := val{repr: reprInt, max: maxInt64, null: true}
	if b.d == Postgres {
		out.sql = b.once(v.sql, func(n string) string {
			return "(CASE WHEN " + n + " = trunc(" + n + ") THEN " + wholeRange(n) + " END)"
		})
		return out
	}
	out.sql = "tn_int(" + b.big(v).sql + ")"
	return out
}
