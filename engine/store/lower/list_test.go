package lower_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tenon/engine/query"
	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// walk gives the value at the end of a path, null where a reference is.
func (w *world) walk(row value.Row, p metamodel.Path) any {
	for _, f := range p[:len(p)-1] {
		id, _ := row[f.Slot].(string)
		if row = w.byID[id]; row == nil {
			return nil
		}
	}
	return row[p[len(p)-1].Slot]
}

// rank makes a choice comparable by its options' order.
func rank(f *metamodel.Field, v any) any {
	if name, ok := v.(string); ok && f.Kind == metamodel.Choice && !f.Virtual() {
		return int64(slices.IndexFunc(f.Enum.Options, func(o *metamodel.Option) bool { return o.Name == name }))
	}
	return v
}

func compareKeys(a, b any) int {
	switch {
	case a == nil || b == nil:
		return cmp.Compare(boolInt(a != nil), boolInt(b != nil))
	case less(a, b):
		return -1
	case less(b, a):
		return 1
	}
	return 0
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// sorted is the list that an order asks for.
func (w *world) sorted(rows []value.Row, order []query.Order) []string {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b value.Row) int {
		desc := false
		for _, o := range order {
			f := o.Path[len(o.Path)-1]
			c := compareKeys(rank(f, w.walk(a, o.Path)), rank(f, w.walk(b, o.Path)))
			if desc = o.Descending; desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		c := strings.Compare(a[0].(string), b[0].(string))
		if desc {
			return -c
		}
		return c
	})
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r[0].(string)
	}
	return out
}

// sortPaths are paths over which orders are tried.
func (w *world) sortPaths() []metamodel.Path {
	var out []metamodel.Path
	for _, name := range []string{"id", "name", "n", "amount", "tiny", "ok", "day", "at", "clock", "took", "state", "supplier", "net", "title", "late", "mood", "created_at"} {
		out = append(out, metamodel.Path{w.order.Field(name)})
	}
	s := w.order.Field("supplier")
	return append(out, metamodel.Path{s, w.supplier.Field("name")}, metamodel.Path{s, w.supplier.Field("level")},
		metamodel.Path{s, w.supplier.Field("boss"), w.supplier.Field("rate")}, metamodel.Path{s, w.supplier.Field("double_rank")})
}

func TestPagesVisitEveryRecordOnceInOrder(t *testing.T) {
	w := newWorld()
	w.fill(5, 8, 70)
	r := rand.New(rand.NewPCG(5, 5))
	paths := w.sortPaths()
	var orders [][]query.Order
	for _, p := range paths {
		orders = append(orders, []query.Order{{Path: p}}, []query.Order{{Path: p, Descending: true}})
	}
	for range 40 {
		var o []query.Order
		for range 2 + r.IntN(2) {
			o = append(o, query.Order{Path: pick(r, paths), Descending: r.IntN(2) == 0})
		}
		orders = append(orders, o)
	}
	orders = append(orders, nil)
	eachDatabase(t, func(t *testing.T, d *database) {
		d.load(t, w)
		for _, order := range orders {
			want := w.sorted(liveRows(w), orderUntilID(order))
			for _, hop := range []int{0, 1, 9} {
				got, err := pages(d, w, order, 7, hop)
				if err != nil {
					t.Fatalf("%s: %v", orderText(order), err)
				}
				if !slices.Equal(got, hopped(want, 7, hop)) {
					t.Errorf("%s: pages with hops over %d hold %d of %d records, or in another order", orderText(order), hop, len(got), len(want))
				}
			}
		}
	})
}

// hopped is what pages of a size hold when each leaves some records out before it.
func hopped(ids []string, size, hop int) []string {
	var out []string
	for len(ids) > hop {
		ids = ids[hop:]
		n := min(size, len(ids))
		out, ids = append(out, ids[:n]...), ids[n:]
	}
	return out
}

// orderUntilID leaves out the keys after the id: nothing orders after it.
func orderUntilID(order []query.Order) []query.Order {
	for i, o := range order {
		if len(o.Path) == 1 && o.Path[0].Name == "id" {
			return order[:i+1]
		}
	}
	return order
}

func liveRows(w *world) []value.Row {
	var out []value.Row
	for _, row := range w.rows[w.order] {
		if w.live(w.order, row) {
			out = append(out, row)
		}
	}
	return out
}

func orderText(order []query.Order) string {
	var parts []string
	for _, o := range order {
		var names []string
		for _, f := range o.Path {
			names = append(names, f.Name)
		}
		parts = append(parts, fmt.Sprintf("%s desc=%v", strings.Join(names, "."), o.Descending))
	}
	return strings.Join(parts, ", ")
}

// pages reads a list page by page, as the store does, hopping over some records before each.
func pages(d *database, w *world, order []query.Order, size, hop int) ([]string, error) {
	env := w.env()
	c, err := lower.Compile(d.dialect, &query.Select{Entity: w.order, Order: order, Fields: w.order.Columns()[:1]}, env)
	if err != nil {
		return nil, err
	}
	var out []string
	var after *query.Cursor
	for range 100 {
		st, err := c.Select(lower.Inputs{After: after, Skip: hop, Limit: size}, env)
		if err != nil {
			return nil, err
		}
		rows, err := d.run(st)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			return out, nil
		}
		for _, row := range rows {
			out = append(out, row[0].(string))
		}
		last := rows[len(rows)-1]
		after = &query.Cursor{}
		for i, k := range st.Keys {
			if i == len(st.Keys)-1 {
				after.ID = last[k].(string)
				break
			}
			after.Keys = append(after.Keys, last[k])
		}
	}
	return nil, fmt.Errorf("the pages do not end")
}

func TestSearchIgnoresWildcardsAndASCIICase(t *testing.T) {
	w := newWorld()
	w.fill(9, 8, 80)
	paths := []metamodel.Path{{w.order.Field("name")}, {w.order.Field("supplier"), w.supplier.Field("name")}}
	eachDatabase(t, func(t *testing.T, d *database) {
		d.load(t, w)
		for _, needle := range []string{"a", "AB", "%", "_", "'", `"`, `\`, "中", "文名", "😀", "x'; DROP", "--", "Ä", "\n", "$1", "?1"} {
			var want []string
			for _, row := range liveRows(w) {
				for _, p := range paths {
					if s, ok := w.walk(row, p).(string); ok && strings.Contains(lowerASCII(s), lowerASCII(needle)) {
						want = append(want, row[0].(string))
						break
					}
				}
			}
			slices.Sort(want)
			q := &query.Select{Entity: w.order, Search: &query.Search{Text: needle, Paths: paths}}
			got, st, err := d.ids(q, w.env())
			if err != nil {
				t.Fatalf("%q: %v", needle, err)
			}
			if diff := difference(got, want); diff != "" {
				t.Errorf("%q: %s\n%s", needle, diff, st.SQL)
			}
		}
		choice := &query.Search{Text: "选项DR", Paths: []metamodel.Path{{w.order.Field("state")}}}
		got, _, err := d.ids(&query.Select{Entity: w.order, Search: choice}, w.env())
		if err != nil || len(got) == 0 {
			t.Errorf("a search by an option's title found %d records: %v", len(got), err)
		}
	})
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

func TestSelectDecodesWhatWasEncoded(t *testing.T) {
	w := newWorld()
	w.fill(3, 6, 60)
	eachDatabase(t, func(t *testing.T, d *database) {
		d.load(t, w)
		for _, e := range w.app.Entities {
			st, err := lower.Select(d.dialect, &query.Select{Entity: e, Bin: query.Any}, w.env())
			if err != nil {
				t.Fatal(err)
			}
			rows, err := d.run(st)
			if err != nil || len(rows) != len(w.rows[e]) {
				t.Fatalf("%s: %d of %d rows: %v", e.Name, len(rows), len(w.rows[e]), err)
			}
			for _, got := range rows {
				want := w.byID[got[0].(string)]
				for i, c := range st.Columns {
					if !equalSlots(got[i], want[c.Field.Slot]) {
						t.Errorf("%s.%s: %#v came back as %#v", e.Name, c.Field.Name, want[c.Field.Slot], got[i])
					}
				}
			}
		}
	})
}

func equalSlots(a, b any) bool {
	x, okX := a.([]string)
	y, okY := b.([]string)
	if okX && okY {
		return slices.Equal(x, y)
	}
	return sameValue(a, b)
}

func TestBinIDsAndCounts(t *testing.T) {
	w := newWorld()
	w.fill(13, 6, 60)
	eachDatabase(t, func(t *testing.T, d *database) {
		d.load(t, w)
		live := len(liveRows(w))
		for bin, want := range map[query.Bin]int{query.Live: live, query.Deleted: len(w.rows[w.order]) - live, query.Any: len(w.rows[w.order])} {
			q := &query.Select{Entity: w.order, Bin: bin}
			if got, _, err := d.ids(q, w.env()); err != nil || len(got) != want {
				t.Errorf("bin %d: %d records, want %d: %v", bin, len(got), want, err)
			}
			st, err := lower.Count(d.dialect, q, w.env())
			if err != nil {
				t.Fatal(err)
			}
			if rows, err := d.run(st); err != nil || rows[0][0] != int64(want) {
				t.Errorf("bin %d: count %v, want %d: %v", bin, rows, want, err)
			}
			st, err = lower.CountUpTo(d.dialect, q, w.env(), 5)
			if err != nil {
				t.Fatal(err)
			}
			if rows, err := d.run(st); err != nil || rows[0][0] != int64(min(want, 5)) {
				t.Errorf("bin %d: bounded count %v: %v", bin, rows, err)
			}
		}
		all := w.rows[w.order]
		for _, ids := range [][]string{{}, {all[0][0].(string)}, {all[0][0].(string), all[1][0].(string), "nonsense", "'; --"}} {
			want := min(len(ids), 2)
			if got, _, err := d.ids(&query.Select{Entity: w.order, IDs: ids, Bin: query.Any}, w.env()); err != nil || len(got) != want {
				t.Errorf("ids %q: found %q: %v", ids, got, err)
			}
		}
		lines := 0
		for _, l := range w.rows[w.line] {
			lines += boolInt(w.live(w.line, l))
		}
		if got, _, err := d.ids(&query.Select{Entity: w.line}, w.env()); err != nil || len(got) != lines {
			t.Errorf("lines: %d, want %d: %v", len(got), lines, err)
		}
	})
}

func TestEstimate(t *testing.T) {
	w := newWorld()
	w.fill(13, 6, 60)
	eachDatabase(t, func(t *testing.T, d *database) {
		d.load(t, w)
		q := &query.Select{Entity: w.order, Where: []*expr.Node{w.condition("name == user.attributes.code && n > 3")}}
		st, err := lower.Estimate(d.dialect, q, w.env())
		if err != nil {
			t.Fatal(err)
		}
		var src any
		if err := d.db.QueryRowContext(t.Context(), st.SQL, st.Args...).Scan(&src); err != nil {
			t.Fatalf("%s: %v", st.SQL, err)
		}
		if d.dialect == lower.Postgres {
			if n, err := lower.PlanRows(src); err != nil || n < 0 {
				t.Errorf("estimate %d: %v", n, err)
			}
			return
		}
		if _, ok := src.(int64); !ok {
			t.Errorf("estimate %v", src)
		}
	})
	if _, err := lower.PlanRows("[]"); err == nil {
		t.Error("a plan without rows was read")
	}
}

// The candidates of a reference are seen as `it`, beside the record that is being edited.
func TestCandidatesOfAReference(t *testing.T) {
	w := newWorld()
	w.fill(17, 12, 10)
	p, diags := w.model.Compile(expr.Scope{Entity: w.order, It: w.supplier}, "it.rank > n && it.level != state && it.boss != supplier", expr.Bool)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	eachDatabase(t, func(t *testing.T, d *database) {
		d.load(t, w)
		for _, row := range w.rows[w.order] {
			var want []string
			for _, candidate := range w.rows[w.supplier] {
				act := w.activation(row)
				act.It = candidate
				if ok, err := p.EvalBool(act); err == nil && ok {
					want = append(want, candidate[0].(string))
				}
			}
			slices.Sort(want)
			env := w.env()
			env.Row, env.World = row, w
			got, _, err := d.ids(&query.Select{Entity: w.supplier, Var: "it", Where: []*expr.Node{p.Tree()}, Bin: query.Any}, env)
			if err != nil {
				t.Fatal(err)
			}
			if diff := difference(got, want); diff != "" {
				t.Errorf("candidates: %s", diff)
			}
		}
	})
}

func TestLookupsAgreeWithEvaluation(t *testing.T) {
	w := newWorld()
	w.fill(19, 8, 40)
	sources := []string{
		"sumOf(line, l, l.item == supplier, l.qty)", "sumOf(line, l, l.note != name, l.n)", "sumOf(order, o, o.state == state, o.amount)", "countOf(order, o, o.n == n && o.id != id)",
		"minOf(line, l, l.parent.name == name, l.on)", "maxOf(order, o, o.supplier == supplier, o.name)", "lookupOf(order, o, o.state == state, o.state)", "lookupOf(order, o, o.agent == agent, o.ok)", "sumOf(line, l, l.n == n / m, l.took)",
		"sumOf(order, o, o.day < today() && o.supplier in [supplier, backup], o.amount * o.rate)", "existsOf(supplier, s, s.region == user.attributes.region)", "lookupOf(supplier, s, s.code == code, s)", "minOf(line, l, l.item.level == state, l.qty / l.n)",
	}
	eachDatabase(t, func(t *testing.T, d *database) {
		d.load(t, w)
		for _, source := range sources {
			p, diags := w.model.Compile(w.scope(w.order), source, expr.Unknown)
			if diags.HasErrors() {
				t.Fatal(source, diags.Err())
			}
			compareLookup(t, d, w, source, p.Tree().Query)
		}
	})
}

func compareLookup(t *testing.T, d *database, w *world, source string, q *expr.Query) {
	t.Helper()
	c, err := lower.CompileLookup(d.dialect, q, w.env())
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	for _, row := range w.rows[w.order] {
		var params []any
		for _, n := range q.Params() {
			v, err := w.model.EvalNode(n, w.activation(row))
			if err != nil {
				v = nil
			}
			params = append(params, v)
		}
		want, err := w.Query(t.Context(), q, params)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil && q.Fn == "sum" {
			want = map[expr.Type]any{expr.Int: int64(0), expr.Dec: value.Decimal{}, expr.Dur: time.Duration(0)}[q.Value.Type]
		}
		st, err := c.Bind(params, w.env())
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		rows, err := d.run(st)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		if !sameValue(rows[0][0], want) {
			t.Errorf("%s over %v: %v, want %v\n%s", source, params, show(rows[0][0]), show(want), st.SQL)
		}
	}
}

func TestCacheGivesTheSameQuestionOnce(t *testing.T) {
	w := newWorld()
	w.fill(1, 2, 2)
	n := w.condition("n > 1")
	cache := lower.NewCache(lower.SQLite)
	ask := func(q query.Select) *lower.Compiled {
		c, err := cache.Select(&q, w.env())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	first := ask(query.Select{Entity: w.order, Where: []*expr.Node{n}, Limit: 3})
	if again := ask(query.Select{Entity: w.order, Where: []*expr.Node{n}, IDs: []string{"x"}, Limit: 9}); again != first {
		t.Error("the same question was compiled again")
	}
	for _, other := range []query.Select{
		{Entity: w.supplier},
		{Entity: w.order},
		{Entity: w.order, Where: []*expr.Node{n}, Bin: query.Any},
		{Entity: w.order, Where: []*expr.Node{n}, Lock: true},
		{Entity: w.order, Where: []*expr.Node{n}, Order: []query.Order{{Path: metamodel.Path{w.order.Field("n")}}}},
		{Entity: w.order, Where: []*expr.Node{n}, Fields: w.order.Columns()[:1]},
		{Entity: w.order, Where: []*expr.Node{n}, Search: &query.Search{}},
	} {
		if ask(other) == first {
			t.Errorf("another question got the same answer: %+v", other)
		}
	}
	for i := range 2000 {
		ask(query.Select{Entity: w.order, Where: []*expr.Node{n}, Order: []query.Order{{Path: make(metamodel.Path, 0)}}, Bin: query.Bin(i % 200)})
	}
}

func TestHostileInputs(t *testing.T) {
	w := newWorld()
	w.fill(1, 2, 2)
	name := metamodel.Path{w.order.Field("name")}
	many := &expr.Node{Op: expr.OpOr, Type: expr.Bool}
	for range lower.MaxNodes {
		many.Args = append(many.Args, w.condition("n == 1"))
	}
	deep := metamodel.Path{w.order.Field("supplier")}
	for range 10 {
		deep = append(deep, w.supplier.Field("boss"))
	}
	long := make([]string, lower.MaxIDs+1)
	over := make([]query.Order, lower.MaxOrder+1)
	for i := range over {
		over[i] = query.Order{Path: name}
	}
	id := "00000000-0000-4000-8000-000000000000"
	for label, q := range map[string]*query.Select{
		"query.too_complex conditions": {Where: []*expr.Node{many}},
		"query.too_complex ids":        {IDs: long},
		"query.too_complex order":      {Order: over},
		"query.too_complex search":     {Search: &query.Search{Text: strings.Repeat("x", lower.MaxSearch+1), Paths: []metamodel.Path{name}}},
		"query.text_invalid nul":       {Search: &query.Search{Text: "a\x00b", Paths: []metamodel.Path{name}}},
		"query.text_invalid utf8":      {Search: &query.Search{Text: "a\xffb", Paths: []metamodel.Path{name}}},
		"query.cursor_invalid count":   {Order: over[:1], After: &query.Cursor{ID: id}},
		"query.cursor_invalid type":    {Order: over[:1], After: &query.Cursor{Keys: []any{int64(1)}, ID: id}},
		"query.cursor_invalid list":    {Order: over[:1], After: &query.Cursor{Keys: []any{[]string{"a"}}, ID: id}},
		"query.cursor_invalid id":      {After: &query.Cursor{ID: "1' OR '1'='1"}},
		"not lowerable path":           {Order: []query.Order{{Path: deep}}},
		"not lowerable list":           {Order: []query.Order{{Path: metamodel.Path{w.order.Field("kinds")}}}},
		"not lowerable json":           {Order: []query.Order{{Path: metamodel.Path{w.order.Field("extra")}}}},
		"not lowerable lines":          {Order: []query.Order{{Path: metamodel.Path{w.order.Field("lines")}}}},
		"not lowerable empty path":     {Order: []query.Order{{}}},
		"not lowerable unknown":        {Where: []*expr.Node{{Op: expr.Op(250), Type: expr.Bool, Args: []*expr.Node{w.condition("n == 1")}}}},
		"not lowerable function":       {Where: []*expr.Node{{Op: expr.OpCall, Fn: "load_extension", Type: expr.Bool, Args: w.condition("n == 1").Args}}},
	} {
		q.Entity, q.Limit = w.order, 10
		for _, d := range []lower.Dialect{lower.SQLite, lower.Postgres} {
			_, err := lower.Select(d, q, w.env())
			var problem *diag.Problem
			refused := errors.As(err, &problem)
			_, not := lower.AsNotLowerable(err)
			switch {
			case strings.HasPrefix(label, "not lowerable"):
				if !not {
					t.Errorf("%s on %s: %v", label, d, err)
				}
			case !refused || !strings.HasPrefix(label, string(problem.First().Code)):
				t.Errorf("%s on %s: %v", label, d, err)
			}
		}
	}
}

// No value of a condition, cursor or search ever becomes a part of the text.
func TestTextDependsOnShapeOnly(t *testing.T) {
	w := newWorld()
	w.fill(1, 2, 2)
	for _, d := range []lower.Dialect{lower.SQLite, lower.Postgres} {
		for _, pair := range [][2]string{
			{"name == 'a'", "name == 'x; DROP TABLE'"},
			{"n in [1, 2]", "n in [7]"},
			{"state == 'draft'", "state == 'done'"},
			{"name.startsWith('a')", "name.startsWith('zz')"},
			{"amount > 1.50", "amount > 2"},
			{"day > date('2026-01-01')", "day > today()"},
			{"'x' in kinds", "'y' in kinds"},
			{"n + 1 > 3", "n + 2 > 4"},
			{"supplier == 'a'", "supplier == 'b'"},
		} {
			var text [2]string
			for i, source := range pair {
				st, err := lower.Select(d, &query.Select{Entity: w.order, Where: []*expr.Node{w.condition(source)}, Limit: 30}, w.env())
				if err != nil {
					t.Fatal(err)
				}
				text[i] = st.SQL
			}
			if text[0] != text[1] {
				t.Errorf("%s: %q\n%q", d, text[0], text[1])
			}
		}
	}
}
