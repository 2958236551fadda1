package lower

import (
	"slices"
	"strconv"
	"strings"

	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// CompiledAggregate is a question for groups and measures prepared once. It is safe for concurrent use and
// belongs to one snapshot.
type CompiledAggregate struct {
	q    query.Aggregate
	plan *plan
}

// CompileAggregate prepares a question for groups and measures.
func CompileAggregate(d Dialect, q *query.Aggregate, env *query.Env) (*CompiledAggregate, error) {
	if len(q.Groups) > MaxGroups {
		return nil, tooComplex(whatGroups, MaxGroups)
	}
	if len(q.Measures) > MaxMeasure {
		return nil, tooComplex(whatMeasures, MaxMeasure)
	}
	c := &CompiledAggregate{q: *q, plan: newPlan(d, env)}
	conditions := conditionsOf(q)
	budget := 0
	for _, n := range conditions {
		if budget += size(n); budget > MaxNodes {
			return nil, tooComplex(whatConditions, MaxNodes)
		}
		c.plan.params.collect(n, []string{""})
	}
	c.plan.params.collectPath(q.To)
	for _, g := range q.Groups {
		c.plan.params.collectPath(g.Path)
	}
	for _, m := range q.Measures {
		c.plan.params.collectPath(m.Path)
	}
	return c, nil
}

// conditionsOf lists all conditions of a question: each is over rows by bare names.
func conditionsOf(q *query.Aggregate) []*expr.Node {
	out := slices.Clone(q.Where)
	measures := q.Measures
	if q.Present != nil {
		measures = append(slices.Clip(measures), *q.Present)
	}
	for _, m := range measures {
		out = append(out, m.Where...)
	}
	if s := q.Spans; s != nil {
		out = append(append(out, s.Where...), slices.Concat(s.Values...)...)
	}
	return out
}

// Aggregate lowers a question for groups and measures over live records: the columns are the groups, then the
// measures. It selects one group more than Limit, so that the caller sees that there are more. A date or
// instant in a Unit is the first day of its bucket.
func Aggregate(d Dialect, q *query.Aggregate, env *query.Env) (*Statement, error) {
	c, err := CompileAggregate(d, q, env)
	if err != nil {
		return nil, err
	}
	search := ""
	if q.Search != nil {
		search = q.Search.Text
	}
	return c.Bind(search, q.IDs, q.Limit, env)
}

// Bind binds the compiled question.
func (c *CompiledAggregate) Bind(search string, ids []string, limit int, env *query.Env) (*Statement, error) {
	if len(ids) > MaxIDs {
		return nil, tooComplex(whatIDs, MaxIDs)
	}
	if len([]rune(search)) > MaxSearch {
		return nil, tooComplex(whatText, MaxSearch)
	}
	e, err := c.plan.evaluate(env, nil)
	if err != nil {
		return nil, err
	}
	needle := -1
	if search != "" && c.q.Search != nil {
		needle = e.extra(search)
	}
	if limit <= 0 || limit > MaxRows {
		limit = MaxRows
	}
	list := &request{Compiled: &Compiled{q: query.Select{Entity: c.q.Entity, Where: c.q.Where, Search: c.q.Search, To: c.q.To, Bin: c.q.Bin}, plan: c.plan}, in: Inputs{IDs: ids}, e: e, search: needle, ids: -1}
	list.bindIDs()
	t, err := c.plan.text(list.shape("groups", limit), e, func(b *build) (*text, error) { return c.write(b, list, limit) })
	if err != nil {
		return nil, err
	}
	return t.statement(e)
}

func (c *CompiledAggregate) write(b *build, list *request, limit int) (*text, error) {
	root, where, err := list.where(b)
	if err != nil {
		return nil, err
	}
	if c.q.Spans != nil {
		if where, err = b.spanned(root, c.q.Spans, where); err != nil {
			return nil, err
		}
	}
	t := &text{}
	var columns, order []string
	for i, g := range c.q.Groups {
		v, sort, err := b.group(root, g)
		if err != nil {
			return nil, err
		}
		if sort == "" {
			sort = strconv.Itoa(i + 1)
		}
		columns, order = append(columns, v.sql), append(order, sort)
		t.columns = append(t.columns, Output{as: v, d: b.d})
	}
	var measures []val
	for _, m := range c.q.Measures {
		v, whole, err := b.measure(root, m)
		if err != nil {
			return nil, err
		}
		columns, measures = append(columns, v.sql), append(measures, v)
		t.columns = append(t.columns, Output{as: v, whole: whole, d: b.d})
	}
	if len(columns) == 0 {
		return nil, refuse(nil, "aggregate of nothing")
	}
	t.sql = "SELECT " + strings.Join(columns, ", ") + " FROM " + root.level.from(root) + whereSQL(where)
	if n := len(c.q.Groups); n > 0 {
		having, err := c.havingSQL(b, root, measures)
		if err != nil {
			return nil, err
		}
		t.sql += " GROUP BY " + ordinals(n) + having + c.orderSQL(order, measures) + " LIMIT " + strconv.Itoa(limit+1)
	}
	return t, nil
}

func ordinals(n int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = strconv.Itoa(i + 1)
	}
	return strings.Join(parts, ", ")
}

// havingSQL leaves out the groups that are not there, and those that have nothing in any measure.
func (c *CompiledAggregate) havingSQL(b *build, root *relation, measures []val) (string, error) {
	var parts []string
	if c.q.Present != nil {
		v, _, err := b.measure(root, *c.q.Present)
		if err != nil {
			return "", err
		}
		parts = append(parts, v.sql+" <> 0")
	}
	if c.q.Filled && len(measures) > 0 {
		parts = append(parts, "("+filledSQL(measures)+")")
	}
	if len(parts) == 0 {
		return "", nil
	}
	return " HAVING " + strings.Join(parts, " AND "), nil
}

// filledSQL tells whether a group has anything in any measure.
func filledSQL(measures []val) string {
	parts := make([]string, len(measures))
	for i, m := range measures {
		switch {
		case m.repr == reprBig: // a decimal's text: that it isn't 0 is seen by its nearest number as well
			parts[i] = "CAST(" + m.sql + " AS REAL) <> 0"
		case isNumber(m.repr):
			parts[i] = m.sql + " <> 0"
		default:
			parts[i] = m.sql + " IS NOT NULL"
		}
	}
	return strings.Join(parts, " OR ")
}

// orderSQL orders the groups by their keys, or by the first measure and then by their keys. Null is smallest.
func (c *CompiledAggregate) orderSQL(groups []string, measures []val) string {
	direction, nulls := "", " NULLS FIRST"
	if c.q.Descend {
		direction, nulls = " DESC", " NULLS LAST"
	}
	parts := make([]string, 0, len(groups)+1)
	if c.q.ByFirst && len(measures) > 0 {
		first := strconv.Itoa(len(groups) + 1)
		if measures[0].repr == reprBig {
			first += " COLLATE tn_number"
		}
		parts = append(parts, first+direction+nulls)
		direction, nulls = "", " NULLS FIRST"
	}
	for _, g := range groups {
		parts = append(parts, g+direction+nulls)
	}
	return " ORDER BY " + strings.Join(parts, ", ")
}

// group lowers a key; sort is what it is ordered by, "" for the key itself.
func (b *build) group(root *relation, g query.Group) (v val, sort string, err error) {
	if v, err = b.path(root, g.Path); err != nil {
		return v, "", err
	}
	f := g.Path[len(g.Path)-1]
	if g.Unit != "" {
		v, err = b.bucket(v, g.Unit, f)
		return v, "", err
	}
	switch v.repr { //nolint:exhaustive // the others group by themselves
	case reprList, reprJSON, reprNull, reprBig:
		return v, "", refuse(nil, "%s", f.Name)
	case reprChoice:
		return v, b.optionOrder(v).sql, nil
	case reprText:
		v.sql = b.collated(v)
	}
	return v, "", nil
}

var bucketUnits = map[string]bool{"day": true, "week": true, "month": true, "quarter": true, "year": true}

// bucket is the first day of the day, week, month, quarter or year that a date or instant lies in.
func (b *build) bucket(v val, unit string, f *metamodel.Field) (val, error) {
	if !bucketUnits[unit] {
		return val{}, refuse(nil, "unit")
	}
	d, err := b.dayOf(v, &expr.Node{Op: expr.OpField, Field: f})
	if err != nil {
		return val{}, err
	}
	d.null, d.fail, d.err = v.null || v.fail, false, ""
	if unit == "day" {
		return d, nil
	}
	if b.d == Postgres {
		d.sql = "date_trunc('" + unit + "', " + d.sql + "::timestamp)::date"
		return d, nil
	}
	d.sql = "tn_bucket('" + unit + "', " + d.sql + ")"
	return d, nil
}

// measure lowers a number per group. whole says that the number is an integer, whatever it is decoded from.
func (b *build) measure(root *relation, m query.Measure) (v val, whole bool, err error) {
	when, err := b.counted(m.Where)
	if err != nil {
		return v, false, err
	}
	if m.Parts != nil {
		return b.keptMeasure(root, m, when)
	}
	if len(m.Path) == 0 {
		if m.Fn != "count" {
			return v, false, refuse(nil, "%s", m.Fn)
		}
		if when.known == always {
			return val{sql: "count(*)", repr: reprInt}, false, nil
		}
		return val{sql: "count(" + only(when, "1") + ")", repr: reprInt}, false, nil
	}
	x, err := b.path(root, m.Path)
	if err != nil {
		return v, false, err
	}
	x.sql, x.null = only(when, x.sql), true
	name := m.Path[len(m.Path)-1].Name
	switch m.Fn {
	case "count":
		return val{sql: "count(" + x.sql + ")", repr: reprInt}, false, nil
	case "distinct":
		if x.repr == reprJSON || x.repr == reprList {
			return v, false, refuse(nil, "%s", name)
		}
		return val{sql: "count(DISTINCT " + x.sql + ")", repr: reprInt}, false, nil
	case "sum":
		v, err = b.groupSum(x, name)
		return v, x.repr == reprInt, err
	case "avg":
		v, err = b.groupAverage(x, name)
		return v, false, err
	case "min", "max":
		v, err = b.groupExtreme(x, m.Fn, name)
		return v, false, err
	}
	return v, false, refuse(nil, "%s", m.Fn)
}

// counted is the condition under which a record counts for a measure.
func (b *build) counted(where []*expr.Node) (pred, error) {
	parts := make([]pred, len(where))
	for i, n := range where {
		var err error
		if parts[i], err = b.pred(n, true); err != nil {
			return pred{}, err
		}
	}
	return and(parts...), nil
}

// only is a value of the rows that a condition holds for, NULL of the others.
func only(when pred, sql string) string {
	if when.known == always {
		return sql
	}
	return "CASE WHEN " + when.sql + " THEN " + sql + " END"
}

// groupSum is 0 of no values, and never wrong.
func (b *build) groupSum(x val, name string) (val, error) {
	switch {
	case !isNumber(x.repr) && x.repr != reprDuration:
		return val{}, refuse(nil, "%s", name)
	case x.repr == reprDuration:
		return val{sql: "COALESCE(" + b.durationSum(x) + ", 0)", repr: reprDuration, scale: x.scale}, nil
	case b.d == Postgres:
		return val{sql: "COALESCE(sum(" + x.sql + "), 0::numeric)", repr: reprDec, scale: x.scale}, nil
	}
	return val{sql: "COALESCE(" + halves(x) + ", '0')", repr: reprBig}, nil
}

// durationSum stays within 64 bits: durations are at most 292 years.
func (b *build) durationSum(x val) string {
	if b.d == Postgres {
		return wholeRange("sum(" + x.sql + ")")
	}
	return "tn_int(" + halves(val{sql: x.sql}) + ")"
}

// halves sums 64-bit numbers on SQLite without overflow, as a decimal's text; NULL of no values.
func halves(x val) string {
	return "tn_join(sum(" + x.sql + " / " + half + "), sum(" + x.sql + " % " + half + "), " + strconv.Itoa(int(x.scale)) + ")"
}

func (b *build) groupAverage(x val, name string) (val, error) {
	if !isNumber(x.repr) {
		return val{}, refuse(nil, "%s", name)
	}
	if b.d == Postgres {
		return val{sql: quotientPG("sum("+x.sql+")", "count("+x.sql+")"), repr: reprDec, null: true}, nil
	}
	return val{sql: goDiv + "(" + halves(x) + ", CAST(count(" + x.sql + ") AS TEXT))", repr: reprBig, null: true}, nil
}

func (b *build) groupExtreme(x val, fn, name string) (val, error) {
	switch x.repr { //nolint:exhaustive // the others have min and max of their own
	case reprBool, reprJSON, reprList, reprNull, reprBig, reprChoice, reprID:
		return val{}, refuse(nil, "%s", name)
	case reprText:
		x.sql = b.collated(x)
	}
	x.sql, x.null = fn+"("+x.sql+")", true
	return x, nil
}
