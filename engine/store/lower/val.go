package lower

import (
	"math/big"

	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// val is a lowered value. Where its SQL is NULL, evaluation in Go gives null or fails; null and fail say which
// of the two can happen.
type val struct {
	sql  string
	repr repr
	null bool
	fail bool
	over bool   // fails, among others, where a number leaves its range: not the same as null anywhere
	err  string // TRUE exactly where evaluation fails; only set when both can happen

	enum  *metamodel.Enum // reprChoice, and reprList of choices
	elem  repr            // reprList
	raw   string          // reprList of a column: the column itself, NULL for an empty list
	bytes int             // texts: the greatest length; 0 is what any text may have
	scale int32           // reprDec and reprDuration: the number is the SQL's × 10^-scale (SQLite; durations on both)
	max   *big.Int        // numbers: the greatest absolute value, scaled

	param bool // not in SQL yet: the parameter at index, bound once its use is known
	index int
	state state
	node  *expr.Node // of a parameter
}

// pred is a lowered condition: SQL that is TRUE exactly where the condition has the wanted truth value, and
// FALSE or NULL elsewhere.
type pred struct {
	sql   string
	known known
}

type known uint8

const (
	unknown known = iota
	always
	impossible
)

func sqlPred(sql string) pred { return pred{sql: sql} }

func knownPred(holds bool) pred {
	if holds {
		return pred{sql: "TRUE", known: always}
	}
	return pred{sql: "FALSE", known: impossible}
}

func and(all ...pred) pred { return join(all, " AND ", always, impossible) }

func or(all ...pred) pred { return join(all, " OR ", impossible, always) }

// join connects predicates; neutral ones are left out, an absorbing one decides.
func join(all []pred, operator string, neutral, absorbing known) pred {
	sql, n := "", 0
	for _, p := range all {
		switch p.known {
		case absorbing:
			return p
		case neutral:
			continue
		case unknown, always, impossible:
		}
		if n++; n > 1 {
			sql += operator
		}
		sql += p.sql
	}
	switch n {
	case 0:
		return knownPred(neutral == always)
	case 1:
		return sqlPred(sql)
	}
	return sqlPred("(" + sql + ")")
}

// isNull holds exactly where a value is null and not an error.
func (v val) isNull() pred {
	switch {
	case !v.null:
		return knownPred(false)
	case !v.fail:
		return sqlPred(v.sql + " IS NULL")
	}
	return sqlPred("(" + v.sql + " IS NULL AND NOT " + v.err + ")")
}

// isThere holds exactly where a value is neither null nor an error.
func (v val) isThere() pred {
	if !v.null && !v.fail {
		return knownPred(true)
	}
	return sqlPred(v.sql + " IS NOT NULL")
}

// failed is SQL that is TRUE exactly where evaluation fails and FALSE elsewhere; "" when it never does.
func (v val) failed() string {
	switch {
	case !v.fail:
		return ""
	case !v.null:
		return "(" + v.sql + " IS NULL)"
	}
	return v.err
}

// strict marks a value computed from args by something that fails on null.
func (v val) strict(args ...val) val {
	for _, a := range args {
		v.fail = v.fail || a.null || a.fail
	}
	return v
}

// asStrict is the same value where null would have been a failure.
func (v val) asStrict() val {
	out := v
	out.null, out.fail, out.err = false, false, ""
	return out.strict(v)
}

func pow10(n int32) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// utf8Bytes is how many bytes a character may take.
const utf8Bytes = 4

var (
	maxInt64   = big.NewInt(1<<63 - 1)
	maxInteger = big.NewInt(metamodel.MaxInteger)
	maxMicros  = big.NewInt((1<<63 - 1) / 1_000)
	maxSeconds = big.NewInt((1<<63 - 1) / 1_000_000_000)
	maxDigits  = new(big.Int).Sub(pow10(value.MaxDigits), big.NewInt(1))
)

func within(n, limit *big.Int) bool { return n.Cmp(limit) <= 0 }

// columnVal is the value of a field's column.
func columnVal(d Dialect, r *relation, f *metamodel.Field) val {
	v := val{sql: r.alias + "." + Column(f), null: r.optional || !filled(f), enum: f.Enum}
	switch classOf(f) {
	case classText:
		v.repr = reprText
		if f.MaxLength > 0 {
			v.bytes = utf8Bytes * f.MaxLength
		}
	case classID:
		v.repr = reprID
	case classInt:
		v.repr, v.max = reprInt, maxInteger
	case classDecimal:
		v.repr, v.scale = reprDec, int32(f.Scale)
		v.max = new(big.Int).Sub(pow10(int32(max(f.Precision, f.Scale))), big.NewInt(1))
	case classBool:
		v.repr = reprBool
	case classDate:
		v.repr = reprDate
	case classInstant:
		v.repr = reprInstant
	case classTime:
		v.repr = reprTime
	case classDuration:
		v.repr, v.max = reprDuration, maxSeconds
	case classChoice:
		v.repr = reprChoice
	case classList:
		v.repr, v.null, v.elem, v.raw = reprList, false, reprText, v.sql
		v.sql = "COALESCE(" + v.sql + ", '[]')"
		switch f.Kind {
		case metamodel.References:
			v.elem = reprID
		case metamodel.Choices:
			v.elem = reprChoice
		default:
		}
	case classJSON:
		v.repr = reprJSON
		if d == Postgres {
			v.sql += "::text"
		}
	case classNone:
	}
	return v
}

// filled tells the system fields that every record has a value in.
func filled(f *metamodel.Field) bool {
	if !f.System {
		return false
	}
	switch f.Name {
	case "id", "version", "created_at", "updated_at", metamodel.ParentField, "position":
		return true
	}
	return false
}
