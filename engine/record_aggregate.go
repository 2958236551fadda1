package engine

import (
	"context"
	"strings"

	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// Bounds of aggregates.
const (
	maxGroups   = 4    // keys to group by
	maxMeasures = 10   // measures of one aggregate
	maxBuckets  = 1000 // groups of one answer
)

// Aggregate groups and measures records: {"filter", "search", "view", "saved", "group_by": ["state",
// "ordered_on:month"], "measures": [{"fn": "sum", "field": "total", "where": "total > 0.0", "as": "amount"}], "limit"}. It sees what a list would
// see.
func (e *Engine) Aggregate(ctx context.Context, c Call, entity string, body []byte) (*Result, error) {
	ent, err := c.entity(entity)
	if err != nil {
		return nil, err
	}
	may, err := c.require(ent, metamodel.ActRead)
	if err != nil {
		return nil, err
	}
	v, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	l := &lister{call: c, entity: ent, may: may, list: v.only("", "filter", "search", "view", "saved", "group_by", "measures", "limit")}
	q := &query.Aggregate{Entity: ent.Entity, Where: append(may.where(), l.filter(v.optionalText(l, "filter"))...), Search: l.search(v.optionalText(l, "search")), Limit: maxBuckets}
	shown := e.bodyListing(l, v)
	q.Where = append(q.Where, shown.where...)
	keys := l.groups(v.get("group_by"), q)
	names := l.measures(v.get("measures"), q)
	if n := v.get("limit"); n != nil {
		q.Limit = boundedInt(l, n, "/limit", maxBuckets)
	}
	if err := l.list.Err(); err != nil {
		return nil, err
	}
	groups, kept, err := e.grouped(ctx, c, q, c.env())
	if err != nil {
		return nil, e.queryProblem(err)
	}
	b := []byte(`{"groups":[`)
	for i, row := range groups.Rows {
		if i > 0 {
			b = append(b, ',')
		}
		roundMeans(q.Measures, row.Values)
		b = appendNamed(append(b, `{"key":`...), keys, row.Keys)
		b = appendNamed(append(b, `,"values":`...), names, row.Values)
		b = append(b, '}')
	}
	b = append(b, ']')
	if groups.More {
		b = append(b, `,"more":true`...)
	}
	if kept {
		b = append(b, `,"kept":true`...)
	}
	b = appendComputing(b, c.unsettledIn(q))
	return &Result{Body: append(b, '}')}, nil
}

// bodyListing reads the view that a body names.
func (e *Engine) bodyListing(l *lister, v *jsonValue) *listing {
	shown, err := e.listing(l.call, l.entity, l.may, v.optionalText(l, "view"), v.optionalText(l, "saved"))
	if p, ok := asProblem(err); ok {
		l.list = append(l.list, p.List...)
		return &listing{}
	}
	return shown
}

// meanScale is the least count of digits after the point that a mean is shown with.
const meanScale = 2

// roundMeans rounds means half up to their field's scale, the same on every database.
func roundMeans(measures []query.Measure, values []any) {
	for i, m := range measures {
		mean, ok := values[i].(value.Decimal)
		if m.Fn != "avg" || !ok {
			continue
		}
		if r, err := mean.Round(int32(max(m.Path[len(m.Path)-1].Scale, meanScale))); err == nil {
			values[i] = r
		}
	}
}

func appendNamed(b []byte, names []string, values []any) []byte {
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, name), ':')
		b = appendValue(b, values[i])
	}
	return append(b, '}')
}

// optionalText reads an optional text member.
func (v *jsonValue) optionalText(l *lister, name string) string {
	m := v.get(name)
	if m == nil || m.kind == jsonNull {
		return ""
	}
	if m.kind != jsonString {
		p, _ := asProblem(wrongMember(diag.Pointer("", name), name, "text"))
		l.list = append(l.list, p.List...)
	}
	return m.text
}

func boundedInt(l *lister, v *jsonValue, path string, most int) int {
	n := 0
	for _, r := range v.text {
		if r < '0' || r > '9' || n > most {
			n = 0
			break
		}
		n = 10*n + int(r-'0')
	}
	if v.kind != jsonNumber || n < 1 || n > most {
		l.list.Add("limit.exceeded", path, "what", strings.TrimPrefix(path, "/"), "actual", clip(v.text), "limit", most)
		return most
	}
	return n
}

var dateUnits = map[string]bool{"day": true, "week": true, "month": true, "quarter": true, "year": true}

func (l *lister) groups(v *jsonValue, q *query.Aggregate) []string {
	if v == nil {
		return nil
	}
	if v.kind != jsonArray || len(v.items) > maxGroups {
		l.list.Add("limit.exceeded", "/group_by", "what", "group_by", "actual", len(v.items), "limit", maxGroups)
		return nil
	}
	var names []string
	for i := range v.items {
		name, unit, _ := strings.Cut(v.items[i].text, ":")
		path := l.path(name, "group_by")
		if path == nil {
			continue
		}
		f := path[len(path)-1]
		dated := f.Kind == metamodel.Date || f.Kind == metamodel.DateTime
		if unit != "" && (!dateUnits[unit] || !dated) || f.Kind.IsList() || f.Kind == metamodel.Lines || f.Kind == metamodel.JSON || f.Kind == metamodel.LongText || f.Kind == metamodel.RichText {
			l.list.Add("query.not_groupable", diag.Pointer("", "group_by", i), "field", clip(v.items[i].text))
			continue
		}
		q.Groups = append(q.Groups, query.Group{Path: path, Unit: unit})
		names = append(names, v.items[i].text)
	}
	return names
}

var measureFns = map[string]bool{"count": true, "sum": true, "avg": true, "min": true, "max": true, "distinct": true}

func (l *lister) measures(v *jsonValue, q *query.Aggregate) []string {
	if v == nil {
		q.Measures = []query.Measure{{Fn: "count"}}
		return []string{"count"}
	}
	if v.kind != jsonArray || len(v.items) > maxMeasures {
		l.list.Add("limit.exceeded", "/measures", "what", "measures", "actual", len(v.items), "limit", maxMeasures)
		return nil
	}
	var names []string
	for i := range v.items {
		item, at := &v.items[i], diag.Pointer("", "measures", i)
		l.list = append(l.list, item.only(at, "fn", "field", "where", "as")...)
		fn, field, as := item.optionalText(l, "fn"), item.optionalText(l, "field"), item.optionalText(l, "as")
		if !measureFns[fn] {
			l.list.Add("query.measure", diag.Pointer(at, "fn"), "value", clip(fn))
			continue
		}
		m := query.Measure{Fn: fn}
		if fn != "count" || field != "" {
			if m.Path = l.path(field, "measures"); m.Path == nil {
				continue
			}
			if f := m.Path[len(m.Path)-1]; (fn == "sum" || fn == "avg") && !f.Kind.IsDecimal() && f.Kind != metamodel.Integer {
				l.list.Add("query.not_summable", diag.Pointer(at, "field"), "field", clip(field), "fn", fn)
				continue
			}
		}
		m.Where = l.measureWhere(item, at)
		if as == "" {
			as = strings.Trim(fn+"_"+strings.ReplaceAll(field, ".", "_"), "_")
		}
		names = append(names, as)
		q.Measures = append(q.Measures, m)
	}
	return names
}

// measureWhere reads which records a measure is of.
func (l *lister) measureWhere(item *jsonValue, at string) []*expr.Node {
	known := len(l.list)
	where := l.filter(item.optionalText(l, "where"))
	for i := range l.list[known:] {
		if d := &l.list[known+i]; d.Path == "" {
			d.Path = diag.Pointer(at, "where")
		}
	}
	return where
}
