package lower

import (
	"tenon/metamodel/expr"
)

// equal lowers a == b (want) or a != b. Null equals null alone; an error on either side makes neither hold.
func (b *build) equal(x, y val, want bool, n *expr.Node) (pred, error) {
	if x.param {
		x, y = y, x
	}
	if x.param {
		return pred{}, refuse(n, "%s", what(n)) // two parameters are one
	}
	if y.param {
		switch y.state { //nolint:exhaustive // all others are values
		case stateNull:
			if want {
				return x.isNull(), nil
			}
			return x.isThere(), nil
		case stateError:
			return knownPred(false), nil
		}
	}
	x, y, err := b.alike(x, y, fitExact, n)
	if err != nil {
		return pred{}, err
	}
	if x.repr == reprBig {
		// tn_cmp is NULL where either side is.
		return b.equalBig(x, y, want), nil
	}
	return b.equalAlike(x, y, want), nil
}

func (b *build) equalAlike(x, y val, want bool) pred {
	fails := x.fail || y.fail
	switch {
	case want && (!x.null || !y.null):
		return sqlPred(x.sql + " = " + y.sql)
	case want && !fails && b.d == SQLite:
		return sqlPred(x.sql + " IS " + y.sql)
	case want:
		return or(sqlPred(x.sql+" = "+y.sql), and(x.isNull(), y.isNull()))
	case !x.null && !y.null:
		return sqlPred(x.sql + " <> " + y.sql)
	case !fails && b.d == SQLite:
		return sqlPred(x.sql + " IS NOT " + y.sql)
	case !fails:
		return sqlPred(x.sql + " IS DISTINCT FROM " + y.sql)
	}
	return or(sqlPred(x.sql+" <> "+y.sql), and(x.isNull(), y.isThere()), and(x.isThere(), y.isNull()))
}

func (b *build) equalBig(x, y val, want bool) pred {
	compared := "tn_cmp(" + x.sql + ", " + y.sql + ")"
	if want {
		return or(sqlPred(compared+" = 0"), and(x.isNull(), y.isNull()))
	}
	return or(sqlPred(compared+" <> 0"), and(x.isNull(), y.isThere()), and(x.isThere(), y.isNull()))
}

// comparison operators by what they mean when they hold and when they don't.
var operators = map[expr.Op][2]string{expr.OpLt: {"<", ">="}, expr.OpLe: {"<=", ">"}, expr.OpGt: {">", "<="}, expr.OpGe: {">=", "<"}}

var mirrored = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<="}

// ordered lowers a comparison by order. Null and errors on either side make neither it nor its opposite hold.
func (b *build) ordered(x, y val, op expr.Op, want bool, n *expr.Node) (pred, error) {
	sign := operators[op][0]
	if !want {
		sign = operators[op][1]
	}
	if x.param {
		x, y, sign = y, x, mirrored[sign]
	}
	if x.param {
		return pred{}, refuse(n, "%s", what(n))
	}
	if y.param && (y.state == stateNull || y.state == stateError) {
		return knownPred(false), nil
	}
	side := fitFloor // x > floor(y), x <= floor(y)
	if sign == "<" || sign == ">=" {
		side = fitCeil
	}
	x, y = b.texted(b.named(x)), b.texted(b.named(y))
	x, y, err := b.alike(x, y, side, n)
	if err != nil {
		return pred{}, err
	}
	switch x.repr { //nolint:exhaustive // the others have an order of their own
	case reprBig:
		return sqlPred("tn_cmp(" + x.sql + ", " + y.sql + ") " + sign + " 0"), nil
	case reprBool, reprList, reprJSON, reprNull:
		return pred{}, refuse(n, "%s", what(n))
	}
	return sqlPred(b.collated(x) + " " + sign + " " + y.sql), nil
}

// collated makes PostgreSQL compare texts as bytes. Columns do by themselves.
func (b *build) collated(x val) string {
	if b.d == Postgres && x.repr == reprText && !isColumn(x.sql) {
		return "(" + x.sql + ` COLLATE "C")`
	}
	return x.sql
}

// isColumn tells a plain column from any other expression.
func isColumn(sql string) bool {
	for i := range len(sql) {
		if c := sql[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// alike brings two values into one representation, binding a parameter as its partner needs it. side is how a
// parameter that needs more digits than its partner has is fitted.
func (b *build) alike(x, y val, side fit, n *expr.Node) (val, val, error) {
	if y.param {
		bound, err := b.bindLike(y, x, side, n)
		return x, bound, err
	}
	if x.repr == y.repr {
		switch x.repr { //nolint:exhaustive // the others need nothing
		case reprChoice:
			if x.enum != y.enum {
				return b.named(x), b.named(y), nil
			}
		case reprDec, reprDuration:
			return b.sameScale(x, y)
		}
		return x, y, nil
	}
	if isText(x.repr) && isText(y.repr) {
		return b.texted(b.named(x)), b.texted(b.named(y)), nil
	}
	if isNumber(x.repr) && isNumber(y.repr) {
		return b.sameScale(x, y)
	}
	return x, y, refuse(n, "%s", what(n))
}

func isText(r repr) bool { return r == reprText || r == reprID || r == reprChoice }

func isNumber(r repr) bool { return r == reprInt || r == reprDec || r == reprBig }

// bindLike binds a parameter in the representation of the value it meets.
func (b *build) bindLike(p, x val, side fit, n *expr.Node) (val, error) {
	t := target{d: b.d, repr: x.repr, enum: x.enum, fit: side}
	switch x.repr { //nolint:exhaustive // the others need no more
	case reprDec:
		if b.d == SQLite {
			t.scale = x.scale
		}
	case reprDuration:
		t.scale = x.scale
	case reprInt:
		if p.node != nil && p.node.Type == expr.Dec {
			if b.d == Postgres {
				t.repr = reprDec
			} else {
				t.repr, t.scale = reprDec, 0
			}
		}
	case reprNull:
		return val{}, refuse(n, "%s", what(n))
	case reprBool, reprDate, reprTime, reprText:
		t.fit = fitExact
	}
	return val{sql: b.bind(p.index, t), repr: x.repr, enum: x.enum, scale: x.scale, max: x.max}, nil
}

// sameScale brings two numbers to one scale, so that their SQL compares and adds as the numbers do.
func (b *build) sameScale(x, y val) (val, val, error) {
	if b.d == Postgres && x.repr != reprDuration {
		return x, y, nil // numeric and bigint mix by themselves
	}
	if x.repr == reprBig || y.repr == reprBig {
		return b.big(x), b.big(y), nil
	}
	scale := max(x.scale, y.scale)
	sx, okX := rescale(x, scale)
	sy, okY := rescale(y, scale)
	if okX && okY {
		return sx, sy, nil
	}
	if x.repr == reprDuration {
		return x, y, refuse(nil, "duration")
	}
	return b.big(x), b.big(y), nil
}

// named makes an option's name of an option's id.
func (b *build) named(v val) val {
	if v.repr != reprChoice || v.param {
		return v
	}
	sql := "CASE " + v.sql
	for _, o := range v.enum.Options {
		sql += " WHEN '" + physicalID(o.ID) + "' THEN '" + optionText(o.Name) + "'"
	}
	if len(v.enum.Options) == 0 {
		sql = v.sql
	} else {
		sql += " ELSE " + v.sql + " END"
	}
	v.sql, v.repr, v.enum = sql, reprText, nil
	return v
}

// texted makes a text of an id.
func (b *build) texted(v val) val {
	if v.repr == reprID && !v.param {
		if b.d == Postgres {
			v.sql = "(" + v.sql + `::text COLLATE "C")`
		}
		v.repr = reprText
	}
	return v
}
