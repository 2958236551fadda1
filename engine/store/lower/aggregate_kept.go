package lower

import (
	"strconv"
	"strings"

	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// keptMeasure lowers a measure over the groups of a kept aggregate, to the very value that it has over their rows.
func (b *build) keptMeasure(root *relation, m query.Measure, when pred) (v val, whole bool, err error) {
	p := m.Parts
	less := knownPred(false)
	if b.spans != nil {
		var more pred
		more, less = b.spans.counts(b, root, p.Spans)
		when, less = and(when, more), and(when, less)
	}
	sum := func(f *metamodel.Field) (string, error) {
		x, err := b.fieldOf(root, f, nil)
		return "sum(" + signed(when, less, x.sql) + ")", err
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

// signed is a value of the rows that a condition holds for, what takes it away of those of another, NULL of the others.
func signed(when, less pred, sql string) string {
	if less.known == impossible {
		return only(when, sql)
	}
	return "CASE WHEN " + when.sql + " THEN " + sql + " WHEN " + less.sql + " THEN -" + sql + " END"
}

// spans is a kept aggregate by months and years that is being asked.
type spans struct{ *query.Spans }

// counts is which groups are in spans, and which are in those that are taken away.
func (s spans) counts(b *build, root *relation, of []query.Span) (more, less pred) {
	var in [2][]pred
	for _, span := range of {
		i := 0
		if span.Less {
			i = 1
		}
		in[i] = append(in[i], s.in(b, root, span))
	}
	return or(in[0]...), or(in[1]...)
}

// in is which groups are in a span.
func (s spans) in(b *build, root *relation, span query.Span) pred {
	key := root.alias + "." + Column(s.Kept.Span.Field)
	parts := []pred{sqlPred(root.alias + "." + Column(s.Kept.Grain) + " = " + strconv.Itoa(span.Grain))}
	for _, bound := range []struct {
		day *value.Date
		op  string
	}{{span.From, " >= "}, {span.To, " < "}} {
		if bound.day != nil {
			parts = append(parts, sqlPred(key+bound.op+b.slot(slot{param: -1, constant: *bound.day, target: target{d: b.d, repr: reprDate}})))
		}
	}
	return and(parts...)
}

// spanned narrows a question to the groups that it reads, and puts the rows beside them that are counted one by one: each
// as a group of its day. where is the rest of the question's condition.
func (b *build) spanned(root *relation, q *query.Spans, where pred) (pred, error) {
	b.spans = &spans{q}
	if !q.Rows {
		more, less := b.spans.counts(b, root, q.Groups)
		return and(or(more, less), where), nil
	}
	outer := b.scope[""]
	defer func() { b.scope[""] = outer }()
	groups := &relation{alias: b.alias("g"), entity: q.Kept.Table, level: newLevel()}
	more, less := b.spans.counts(b, groups, q.Groups)
	var columns []string
	for _, f := range q.Kept.Table.Columns()[metamodel.SlotID+1:] {
		columns = append(columns, groups.alias+"."+Column(f))
	}
	rows := &relation{alias: b.alias("r"), entity: q.Kept.Entity, level: newLevel()}
	b.scope[""] = rows
	there, err := b.there(rows)
	if err != nil {
		return pred{}, err
	}
	counted, err := b.counted(q.Where)
	if err != nil {
		return pred{}, err
	}
	single, err := b.single(rows, q)
	if err != nil {
		return pred{}, err
	}
	root.source = "SELECT " + strings.Join(columns, ", ") + " FROM " + groups.level.from(groups) + whereSQL(or(more, less)) +
		" UNION ALL SELECT " + strings.Join(single, ", ") + " FROM " + rows.level.from(rows) + whereSQL(and(there, counted))
	return where, nil
}

// single are the columns of a row as a group of its own.
func (b *build) single(rows *relation, q *query.Spans) ([]string, error) {
	var out []string
	for _, k := range q.Kept.Keys {
		v, err := b.path(rows, k.Path)
		if err == nil && k.Unit != "" {
			unit := k.Unit
			if k == q.Kept.Span {
				unit = "day"
			}
			v, err = b.bucket(v, unit, k.Path.Last())
		}
		if err != nil {
			return nil, err
		}
		out = append(out, v.sql+" AS "+Column(k.Field))
	}
	out = append(out, b.whole(strconv.Itoa(metamodel.GrainDay))+" AS "+Column(q.Kept.Grain), b.whole("1")+" AS "+Column(q.Kept.Count))
	for i, v := range q.Kept.Values {
		parts, err := b.given(rows, v, q.Values[i])
		if err != nil {
			return nil, err
		}
		out = append(out, parts...)
	}
	return out, nil
}

// there keeps rows out that are in the recycle bin: lines are when their record is.
func (b *build) there(rows *relation) (pred, error) {
	of := rows
	if rows.entity.IsLines() {
		var err error
		if of, err = b.join(rows, rows.entity.Columns()[metamodel.LineSlotParent], nil); err != nil {
			return pred{}, err
		}
	}
	return sqlPred(of.alias + ".deleted_at IS NULL"), nil
}

// given are the parts of a value as a single row gives them.
func (b *build) given(rows *relation, v *metamodel.KeptValue, where []*expr.Node) ([]string, error) {
	when, err := b.counted(where)
	if err != nil {
		return nil, err
	}
	part := func(f *metamodel.Field, sql string) string {
		return "COALESCE(" + b.whole(only(when, sql)) + ", 0) AS " + Column(f)
	}
	if len(v.Path) == 0 {
		return []string{part(v.Count, "1")}, nil
	}
	x, err := b.path(rows, v.Path)
	if err != nil {
		return nil, err
	}
	count := part(v.Count, "CASE WHEN "+x.sql+" IS NOT NULL THEN 1 END")
	switch {
	case !v.Sums():
		return []string{count}, nil
	case b.d == Postgres:
		digits := "(" + x.sql + ")::numeric * 1e" + strconv.Itoa(int(x.scale))
		return []string{count, part(v.High, "div("+digits+", "+half+")"), part(v.Low, "mod("+digits+", "+half+")")}, nil
	}
	return []string{count, part(v.High, x.sql+" / "+half), part(v.Low, x.sql+" % "+half)}, nil
}

// whole is a number as the parts of kept aggregates are stored.
func (b *build) whole(sql string) string {
	if b.d == Postgres {
		return "(" + sql + ")::bigint"
	}
	return sql
}
