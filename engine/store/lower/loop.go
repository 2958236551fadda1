package lower

import (
	"math/big"

	"tenon/metamodel/expr"
)

// quantified lowers all, exists and exists_one. ok is false for the loops that give other values. What has no
// value because of a null counts as false, as in evaluation.
func (b *build) quantified(n *expr.Node, want bool) (p pred, ok bool, err error) {
	if n.Fn != "all" && n.Fn != "exists" && n.Fn != "exists_one" {
		return pred{}, false, nil
	}
	it, err := b.items(n.Args[0])
	if err != nil {
		return pred{}, true, err
	}
	body, err := b.loopCondition(n, it)
	if err != nil {
		return pred{}, true, err
	}
	switch n.Fn {
	case "exists":
		return existsPred(it.selectSQL("1", body), want), true, nil
	case "all":
		broken := sqlPred("(" + body.sql + ") IS NOT TRUE")
		if body.known != unknown {
			broken = knownPred(body.known != always)
		}
		return existsPred(it.selectSQL("1", broken), !want), true, nil
	}
	sign := " = 1"
	if !want {
		sign = " <> 1"
	}
	return sqlPred("(" + it.selectSQL("count(*)", body) + ")" + sign), true, nil
}

// loopCondition lowers the condition of a loop. A number that leaves its range ends a loop, where a null counts
// as false: SQL can't tell the two apart, so what may leave its range is refused.
func (b *build) loopCondition(n *expr.Node, it *items) (pred, error) {
	overs := b.overs
	p, err := b.withVar(n.Var, it.elem, n.Body, true)
	if err == nil && b.overs > overs {
		err = refuse(n, "%s", what(n))
	}
	return p, err
}

func existsPred(sql string, want bool) pred {
	if want {
		return sqlPred("EXISTS (" + sql + ")")
	}
	return sqlPred("NOT EXISTS (" + sql + ")")
}

// folded lowers count, sum, min, max and avg over a list.
func (b *build) folded(n *expr.Node) (val, error) {
	switch n.Fn {
	case "all", "exists", "exists_one":
		p, _, err := b.quantified(n, true)
		return val{sql: "(" + p.sql + ")", repr: reprBool}, err
	case "count":
		it, err := b.items(n.Args[0])
		if err != nil {
			return val{}, err
		}
		body, err := b.loopCondition(n, it)
		if err != nil {
			return val{}, err
		}
		return val{sql: "(" + it.selectSQL("count(*)", body) + ")", repr: reprInt, max: it.most}, nil
	case "sum", "avg", "min", "max":
	default:
		return val{}, refuse(n, "%s", what(n))
	}
	it, err := b.items(n.Args[0])
	if err != nil {
		return val{}, err
	}
	var v val
	b.under(n.Var, it.elem, func() { v, err = b.solid(n.Body) })
	if err != nil {
		return val{}, err
	}
	if v.over {
		return val{}, refuse(n, "%s", what(n))
	}
	return b.aggregated(n.Fn, v, n.Type, it.most, func(columns string) string { return it.selectSQL(columns) }, n)
}

// manyRows is the bound of rows where nothing else bounds them.
var manyRows = big.NewInt(1_000_000_000)

// aggregated lowers an aggregate of a value over the rows that from selects: a scalar sub-query.
func (b *build) aggregated(fn string, v val, typ expr.Type, most *big.Int, from func(columns string) string, n *expr.Node) (val, error) {
	switch fn {
	case "min", "max":
		return b.extreme(fn, v, from, n)
	case "sum":
		return b.summed(v, typ, most, from, n)
	case "avg":
		return b.averaged(v, most, from, n)
	}
	return val{}, refuse(n, "%s", fn)
}

func (b *build) extreme(fn string, v val, from func(string) string, n *expr.Node) (val, error) {
	v = b.texted(b.named(v))
	out := val{repr: v.repr, scale: v.scale, max: v.max, null: true}
	switch v.repr { //nolint:exhaustive // the others have min and max of their own
	case reprBig:
		out.sql = "(" + from("tn_"+fn+"("+v.sql+")") + ")"
		return out, nil
	case reprBool, reprJSON, reprList, reprNull:
		return val{}, refuse(n, "%s", what(n))
	}
	out.sql = "(" + from(fn+"("+b.collated(v)+")") + ")"
	return out, nil
}

// half is what sums of 64-bit numbers are split at on SQLite, so that no partial sum overflows.
const half = "1000000000"

func (b *build) summed(v val, typ expr.Type, most *big.Int, from func(string) string, n *expr.Node) (val, error) {
	if !isNumber(v.repr) && v.repr != reprDuration {
		return val{}, refuse(n, "%s", what(n))
	}
	sum, err := b.exactSum(v, most, from, n)
	if err != nil {
		return val{}, err
	}
	if typ != expr.Int {
		return sum, nil
	}
	return b.wholeSum(sum), nil
}

// exactSum is a sum that is never wrong: 0 of no rows.
func (b *build) exactSum(v val, most *big.Int, from func(string) string, n *expr.Node) (val, error) {
	if most == nil {
		most = manyRows
	}
	out := val{repr: v.repr, scale: v.scale, max: new(big.Int)}
	if v.max != nil {
		out.max.Mul(v.max, most)
	}
	switch {
	case b.d == Postgres && v.repr == reprDuration:
		out.sql = wholeRange("COALESCE((" + from("sum("+v.sql+")") + "), 0)")
		out.fail, out.max = !within(out.max, maxInt64), maxInt64
	case b.d == Postgres:
		out.sql, out.repr = "COALESCE(("+from("sum("+v.sql+")")+"), 0::numeric)", reprDec
	case v.repr == reprBig:
		out.sql, out.max = "COALESCE(("+from("tn_sum("+v.sql+")")+"), '0')", maxDigits
	case within(out.max, maxInt64):
		out.sql = "COALESCE((" + from("sum("+v.sql+")") + "), 0)"
	case v.repr == reprDuration:
		return val{}, refuse(n, "%s", what(n))
	default:
		out.sql = "COALESCE((" + from("tn_join(sum("+v.sql+" / "+half+"), sum("+v.sql+" % "+half+"), "+itoa(int(v.scale))+")") + "), '0')"
		out.repr, out.scale = reprBig, 0
	}
	return out, nil
}

func (b *build) wholeSum(sum val) val {
	switch {
	case b.d == Postgres:
		out := b.wholeNumber(sum)
		out.null, out.fail, out.over = false, !within(sum.max, maxInt64), !within(sum.max, maxInt64)
		if !out.fail {
			out.sql, out.max = "("+sum.sql+")::bigint", sum.max
		}
		return out
	case sum.repr == reprBig:
		return val{sql: "tn_int(" + sum.sql + ")", repr: reprInt, max: maxInt64, fail: true, over: true}
	}
	sum.repr = reprInt
	return sum
}

func (b *build) averaged(v val, most *big.Int, from func(string) string, n *expr.Node) (val, error) {
	if !isNumber(v.repr) {
		return val{}, refuse(n, "%s", what(n))
	}
	if b.d == Postgres {
		count := "count(" + v.sql + ")"
		return val{sql: "(" + from(quotientPG("sum("+v.sql+")", count)) + ")", repr: reprDec, scale: 20, max: maxDigits, null: true}, nil
	}
	// The sum and the count in one pass; a count of 0 makes the quotient NULL.
	var sum string
	switch v.repr {
	case reprBig:
		sum = "tn_sum(" + v.sql + ")"
	default:
		sum = "tn_join(sum(" + v.sql + " / " + half + "), sum(" + v.sql + " % " + half + "), " + itoa(int(v.scale)) + ")"
	}
	_ = most
	return val{sql: "(" + from(goDiv+"("+sum+", CAST(count("+v.sql+") AS TEXT))") + ")", repr: reprBig, null: true}, nil
}
