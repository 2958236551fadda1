package lower_test

import (
	"strings"
	"testing"

	"tenon/engine/query"
	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// planned are lists that must be served by an index: in order, without looking at every record.
type planned struct {
	name  string
	index []string // columns of the index that serves it
	where []string
	order []query.Order
	after *query.Cursor
	ids   []string
	to    string // what ids are of
	wants string // what the plan must say
}

func (w *world) planned() []planned {
	f := w.order.Field
	by := func(desc bool, names ...string) []query.Order {
		var out []query.Order
		for _, n := range names {
			out = append(out, query.Order{Path: metamodel.Path{f(n)}, Descending: desc})
		}
		return out
	}
	at := w.rows[w.order][0]
	return []planned{
		{name: "get by id", ids: []string{at[0].(string)}, wants: "SEARCH t USING INDEX sqlite_autoindex"},
		{name: "newest first", index: []string{"created_at", "id"}, order: by(true, "created_at"), wants: "SCAN t USING INDEX x"},
		{name: "a later page", index: []string{"created_at", "id"}, order: by(true, "created_at"), after: &query.Cursor{Keys: []any{at[metamodel.SlotCreatedAt]}, ID: at[0].(string)}, wants: "SEARCH t USING INDEX x (created_at<?)"},
		{name: "own records", index: []string{"agent", "created_at", "id"}, where: []string{"agent == user.id"}, order: by(true, "created_at"), wants: "SEARCH t USING INDEX x (agent=?)"},
		{name: "region rule with a filter", index: []string{"name", "day", "id"}, where: []string{"name == user.attributes.region", "amount > 10 || amount == null"}, order: by(false, "day"), wants: "SEARCH t USING INDEX x (name=?)"},
		{name: "region rule, a later page", index: []string{"name", "day", "id"}, where: []string{"name == user.attributes.region"}, order: by(false, "day"), after: &query.Cursor{Keys: []any{value.Date(5)}, ID: at[0].(string)}, wants: "SEARCH t USING INDEX x (name=? AND day>?)"},
		{name: "a role's exception leaves no trace", index: []string{"agent", "id"}, where: []string{"hasRole('nobody') || agent == user.id"}, wants: "SEARCH t USING INDEX x (agent=?)"},
		{name: "departments", index: []string{"agent"}, where: []string{"agent in user.departments"}, wants: "SEARCH t USING INDEX x (agent=?)"},
		{name: "prefix", index: []string{"code"}, where: []string{"code.startsWith('中')"}, wants: "SEARCH t USING INDEX x (code>? AND code<?)"},
		{name: "range", index: []string{"amount"}, where: []string{"amount >= 1.5 && amount < 3"}, wants: "SEARCH t USING INDEX x (amount>? AND amount<?)"},
		{name: "least of what points at a record", index: []string{"supplier", "amount", "id"}, where: []string{"amount != null"}, order: by(false, "amount"), ids: []string{at[0].(string)}, to: "supplier", wants: "SEARCH t USING INDEX x (supplier=? AND amount>?)"},
		{name: "last of what points at a record", index: []string{"supplier", "day", "id"}, order: by(true, "day"), ids: []string{at[0].(string)}, to: "supplier", wants: "SEARCH t USING INDEX x (supplier=?)"},
		{name: "state", index: []string{"state", "id"}, where: []string{"state == 'draft'"}, wants: "SEARCH t USING INDEX x (state=?)"},
	}
}

func TestListsUseTheirIndexes(t *testing.T) {
	w := newWorld()
	w.fill(41, 5, 40)
	for _, p := range w.planned() {
		t.Run(p.name, func(t *testing.T) {
			d := openSQLite(t)
			d.load(t, w)
			columns := make([]string, len(p.index))
			for i, name := range p.index {
				columns[i] = lower.Column(w.order.Field(name))
			}
			if len(columns) > 0 {
				d.exec(t, "CREATE INDEX x ON "+lower.Table(w.order)+" ("+strings.Join(columns, ", ")+")")
			}
			q := &query.Select{Entity: w.order, Order: p.order, After: p.after, IDs: p.ids, Limit: 31}
			if p.to != "" {
				q.To = metamodel.Path{w.order.Field(p.to)}
			}
			for _, source := range p.where {
				q.Where = append(q.Where, w.condition(source))
			}
			st, err := lower.Select(d.dialect, q, w.env())
			if err != nil {
				t.Fatal(err)
			}
			plan := queryPlan(t, d, st)
			for i, c := range columns {
				plan = strings.ReplaceAll(plan, c, p.index[i])
			}
			if !strings.HasPrefix(plan, p.wants) || len(p.order) > 0 && strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("planned %q, want %q\n%s", plan, p.wants, st.SQL)
			}
			for _, forbidden := range []string{"DISTINCT", "COALESCE"} {
				if strings.Contains(st.SQL, forbidden) {
					t.Errorf("%s in %s", forbidden, st.SQL)
				}
			}
		})
	}
}

func queryPlan(t *testing.T, d *database, st *lower.Statement) string {
	t.Helper()
	rows, err := d.db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+st.SQL, st.Args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "; ")
}

// A rule over a reference must not hide the list's own index.
func TestRuleOverAReferenceKeepsTheOrder(t *testing.T) {
	w := newWorld()
	w.fill(43, 5, 40)
	d := openSQLite(t)
	d.load(t, w)
	d.exec(t, "CREATE INDEX x ON "+lower.Table(w.order)+" (created_at, id)")
	q := &query.Select{
		Entity: w.order, Where: []*expr.Node{w.condition("supplier.region == user.attributes.region")}, Limit: 31,
		Order: []query.Order{{Path: metamodel.Path{w.order.Field("created_at")}, Descending: true}},
	}
	st, err := lower.Select(d.dialect, q, w.env())
	if err != nil {
		t.Fatal(err)
	}
	if plan := queryPlan(t, d, st); !strings.HasPrefix(plan, "SCAN t USING INDEX x; SEARCH j2 USING INDEX") {
		t.Errorf("planned %q\n%s", plan, st.SQL)
	}
}
