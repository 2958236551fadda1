package lower

import (
	"strconv"

	"tenon/engine/query"
	"tenon/metamodel"
)

// keptMeasure lowers a measure over the groups of a kept aggregate, to the very value that it has over their rows.
func (b *build) keptMeasure(root *relation, m query.Measure, when pred) (v val, whole bool, err error) {
	p := m.Parts
	sum := func(f *metamodel.Field) (string, error) {
		x, err := b.fieldOf(root, f, nil)
		return "sum(" + only(when, x.sql) + ")", err
	}
	count, err := sum(p.Count)
	if err != nil {
		return v, false, err
	}
	if m.Fn == "count" {
		if b.d == Postgres {
			return val{sql: "COALESCE(" + count + ", 0)::bigint", repr: reprInt}, false, nil
		}
		return val{sql: "COALESCE(" + count + ", 0)", repr: reprInt}, false, nil
	}
	high, err := sum(p.High)
	if err != nil {
		return v, false, err
	}
	low, err := sum(p.Low)
	if err != nil {
		return v, false, err
	}
	total := "tn_join(" + high + ", " + low + ", " + strconv.Itoa(p.Scale) + ")"
	if b.d == Postgres {
		total = "((" + high + " * " + half + " + " + low + ") * 1e-" + strconv.Itoa(p.Scale) + ")"
	}
	switch {
	case m.Fn == "sum" && b.d == Postgres:
		return val{sql: "COALESCE(" + total + ", 0::numeric)", repr: reprDec, scale: int32(p.Scale)}, p.Whole, nil
	case m.Fn == "sum":
		return val{sql: "COALESCE(" + total + ", '0')", repr: reprBig}, p.Whole, nil
	case m.Fn == "avg" && b.d == Postgres:
		return val{sql: quotientPG(total, count), repr: reprDec, null: true}, false, nil
	case m.Fn == "avg":
		return val{sql: goDiv + "(" + total + ", CAST(" + count + " AS TEXT))", repr: reprBig, null: true}, false, nil
	}
	return v, false, refuse(nil, "%s", m.Fn)
}
