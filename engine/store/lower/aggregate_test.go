package lower_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tenon/engine/query"
	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// bucket is the first day of the unit that a value lies in, in the company's zone.
func (w *world) bucket(v any, unit string) any {
	var d value.Date
	switch x := v.(type) {
	case value.Date:
		d = x
	case time.Time:
		d = value.DateOf(x, w.zone)
	default:
		return v
	}
	t := d.Time()
	switch unit {
	case "week":
		return d - value.Date((int(t.Weekday())+6)%7)
	case "month":
		return value.NewDate(t.Year(), t.Month(), 1)
	case "quarter":
		return value.NewDate(t.Year(), (t.Month()-1)/3*3+1, 1)
	case "year":
		return value.NewDate(t.Year(), 1, 1)
	case "day":
		return d
	}
	return v
}

// measured is a measure over rows by brute force.
func (w *world) measured(m query.Measure, rows []value.Row) (any, error) {
	var all []any
	for _, row := range rows {
		if len(m.Path) == 0 {
			all = append(all, true)
		} else if v := w.walk(row, m.Path); v != nil {
			all = append(all, v)
		}
	}
	switch m.Fn {
	case "count":
		return int64(len(all)), nil
	case "distinct":
		seen := map[string]bool{}
		for _, v := range all {
			seen[fmt.Sprint(show(v))] = true
		}
		return int64(len(seen)), nil
	case "avg":
		if len(all) == 0 {
			return nil, nil
		}
		sum := value.Decimal{}
		for _, v := range all {
			d, ok := v.(value.Decimal)
			if !ok {
				d = value.NewDecimal(v.(int64), 0)
			}
			var err error
			if sum, err = sum.Add(d); err != nil {
				return nil, err
			}
		}
		return sum.Div(value.NewDecimal(int64(len(all)), 0))
	}
	v, err := fold(m.Fn, all)
	if v == nil && m.Fn == "sum" {
		switch f := m.Path[len(m.Path)-1]; f.Kind {
		case metamodel.Integer:
			v = int64(0)
		case metamodel.Duration:
			v = time.Duration(0)
		default:
			v = value.Decimal{}
		}
	}
	return v, err
}

func TestAggregatesAgreeWithBruteForce(t *testing.T) {
	w := newWorld()
	w.fill(29, 8, 120)
	path := func(names ...string) metamodel.Path {
		e, out := w.order, metamodel.Path{}
		for _, n := range names {
			f := e.Field(n)
			out = append(out, f)
			e = f.Target
		}
		return out
	}
	groups := [][]query.Group{nil, {{Path: path("state")}}, {{Path: path("supplier")}}, {{Path: path("supplier", "level")}, {Path: path("ok")}}, {{Path: path("name")}}, {{Path: path("mood")}}, {{Path: path("amount")}}, {{Path: path("late")}}, {{Path: path("clock")}}}
	for _, unit := range []string{"day", "week", "month", "quarter", "year"} {
		groups = append(groups, []query.Group{{Path: path("day"), Unit: unit}}, []query.Group{{Path: path("at"), Unit: unit}, {Path: path("state")}})
	}
	measures := []query.Measure{
		{Fn: "count"},
		{Fn: "sum", Path: path("amount")},
		{Fn: "sum", Path: path("huge")},
		{Fn: "avg", Path: path("amount")},
		{Fn: "avg", Path: path("n")},
		{Fn: "sum", Path: path("small")},
		{Fn: "min", Path: path("name")},
		{Fn: "max", Path: path("day")},
		{Fn: "distinct", Path: path("supplier")},
		{Fn: "count", Path: path("name")},
		{Fn: "sum", Path: path("took")},
		{Fn: "sum", Path: path("total")},
		{Fn: "max", Path: path("supplier", "rate")},
		{Fn: "min", Path: path("at")},
		{Fn: "sum", Path: path("supplier", "rank")},
	}
	where := w.condition("n != 3")
	eachDatabase(t, func(t *testing.T, d *database) {
		d.load(t, w)
		for _, g := range groups {
			for _, byFirst := range []bool{false, true} {
				q := &query.Aggregate{Entity: w.order, Where: []*expr.Node{where}, Groups: g, Measures: append(slices.Clone(measures[1:]), measures[0]), ByFirst: byFirst, Descend: byFirst}
				if err := compareAggregate(d, w, q, where); err != nil {
					t.Errorf("%s: %v", groupText(g), err)
				}
			}
		}
	})
}

func groupText(groups []query.Group) string {
	out := ""
	for _, g := range groups {
		out += g.Path[len(g.Path)-1].Name + " " + g.Unit + ";"
	}
	return out
}

func compareAggregate(d *database, w *world, q *query.Aggregate, where *expr.Node) error {
	st, err := lower.Aggregate(d.dialect, q, w.env())
	if err != nil {
		return err
	}
	got, err := d.run(st)
	if err != nil {
		return err
	}
	members := map[string][]value.Row{}
	for _, row := range liveRows(w) {
		if ok, err := w.holds(where, row); err != nil || !ok {
			continue
		}
		key := ""
		for _, g := range q.Groups {
			key += fmt.Sprintf("%v|", show(w.bucket(w.walk(row, g.Path), g.Unit)))
		}
		members[key] = append(members[key], row)
	}
	if len(got) != len(members) {
		return fmt.Errorf("%d groups, want %d\n%s", len(got), len(members), st.SQL)
	}
	n := len(q.Groups)
	for i, row := range got {
		key := ""
		for _, k := range row[:n] {
			key += fmt.Sprintf("%v|", show(k))
		}
		for j, m := range q.Measures {
			want, err := w.measured(m, members[key])
			if err != nil {
				return err
			}
			if !sameValue(row[n+j], want) {
				return fmt.Errorf("group %q: %s is %v, want %v\n%s", key, m.Fn, show(row[n+j]), show(want), st.SQL)
			}
		}
		if i == 0 {
			continue
		}
		if err := inOrder(q, got[i-1], row); err != nil {
			return err
		}
	}
	return nil
}

// inOrder tells whether two neighbours stand in the order that was asked for.
func inOrder(q *query.Aggregate, a, b []any) error {
	n := len(q.Groups)
	c := 0
	if q.ByFirst {
		c = compareKeys(a[n], b[n])
		if q.Descend {
			c = -c
		}
	}
	for i, g := range q.Groups {
		if c != 0 {
			break
		}
		f := g.Path[len(g.Path)-1]
		c = compareKeys(rank(f, a[i]), rank(f, b[i]))
		if q.Descend && !q.ByFirst {
			c = -c
		}
	}
	if c > 0 {
		return fmt.Errorf("%v stands before %v", show(a[0]), show(b[0]))
	}
	return nil
}

// A zone whose clocks change has days of 23 and 25 hours; each instant must still count for its own day.
func TestBucketsFollowTheClocks(t *testing.T) {
	w := newWorld()
	w.fill(31, 4, 100)
	for i, row := range w.rows[w.order] {
		row[w.order.Field("at").Slot] = time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC).Add(time.Duration(i*47) * time.Hour)
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	w.zone = zone
	eachDatabase(t, func(t *testing.T, d *database) {
		d.load(t, w)
		q := &query.Aggregate{Entity: w.order, Groups: []query.Group{{Path: metamodel.Path{w.order.Field("at")}, Unit: "day"}}, Measures: []query.Measure{{Fn: "count"}}}
		if err := compareAggregate(d, w, q, w.condition("true")); err != nil {
			t.Error(err)
		}
	})
}

func TestSumsBeyond64BitsAreExactOrRefused(t *testing.T) {
	w := newWorld()
	w.fill(37, 2, 40)
	for _, row := range w.rows[w.order] {
		row[w.order.Field("huge").Slot] = value.MustDecimal("999999999999999999")
		row[w.order.Field("n").Slot] = int64(metamodel.MaxInteger)
		row[metamodel.SlotDeletedAt] = nil
	}
	eachDatabase(t, func(t *testing.T, d *database) {
		d.load(t, w)
		for name, want := range map[string]any{"huge": value.MustDecimal("39999999999999999960"), "n": int64(40) * metamodel.MaxInteger} {
			q := &query.Aggregate{Entity: w.order, Measures: []query.Measure{{Fn: "sum", Path: metamodel.Path{w.order.Field(name)}}}}
			st, err := lower.Aggregate(d.dialect, q, w.env())
			if err != nil {
				t.Fatal(err)
			}
			rows, err := d.run(st)
			if err != nil || !sameValue(rows[0][0], want) {
				t.Errorf("%s: %v, want %v: %v", name, rows, want, err)
			}
		}
	})
}
