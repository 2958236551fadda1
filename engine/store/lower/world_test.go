package lower_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// world is an app with a field of every kind, records full of traps, and evaluation in Go as the oracle.
type world struct {
	app                   *metamodel.App
	model                 *expr.Model
	supplier, order, line *metamodel.Entity
	rows                  map[*metamodel.Entity][]value.Row
	byID                  map[string]value.Row
	formulas              map[*metamodel.Field]*expr.Node
	programs              map[*metamodel.Field]*expr.Program
	asked                 map[string]any // answers to queries
	user                  *expr.User
	now                   time.Time
	zone                  *time.Location
}

func field(entity, name string, kind metamodel.FieldKind, set ...func(*metamodel.Field)) *metamodel.Field {
	f := &metamodel.Field{ID: metamodel.DeriveID(metamodel.ID(entity), "field", name, 0), Name: name, Kind: kind, Title: metamodel.Label{"zh-CN": name}}
	switch {
	case kind.IsText():
		f.MaxLength = 200
	case kind.IsList():
		f.MaxLength = 50
	case kind.IsDecimal():
		f.Precision, f.Scale = 18, 2
	}
	for _, s := range set {
		s(f)
	}
	return f
}

func scale(precision, scale int) func(*metamodel.Field) {
	return func(f *metamodel.Field) { f.Precision, f.Scale = precision, scale }
}

func to(e *metamodel.Entity) func(*metamodel.Field) { return func(f *metamodel.Field) { f.Target = e } }

func options(names ...string) func(*metamodel.Field) {
	return func(f *metamodel.Field) {
		f.Enum = &metamodel.Enum{ID: metamodel.DeriveID(f.ID, "enum", "", 0), Private: true}
		for _, n := range names {
			f.Enum.Options = append(f.Enum.Options, &metamodel.Option{
				ID: metamodel.DeriveID(f.Enum.ID, "option", n, 0), Name: n,
				Title: metamodel.Label{"zh-CN": "选项" + n, "en-US": "Option " + n},
			})
		}
	}
}

func formula(source string) func(*metamodel.Field) {
	return func(f *metamodel.Field) { f.Formula = &metamodel.Formula{Source: source} }
}

func newWorld() *world {
	w := &world{
		asked: map[string]any{}, rows: map[*metamodel.Entity][]value.Row{}, byID: map[string]value.Row{}, formulas: map[*metamodel.Field]*expr.Node{},
		programs: map[*metamodel.Field]*expr.Program{},
	}
	w.supplier = &metamodel.Entity{ID: metamodel.DeriveID("", "entity", "supplier", 0), Name: "supplier"}
	w.supplier.Fields = []*metamodel.Field{
		field("supplier", "code", metamodel.Text), field("supplier", "name", metamodel.Text),
		field("supplier", "level", metamodel.Choice, options("gold", "silver", "A_1")),
		field("supplier", "rate", metamodel.Percent, scale(18, 4)), field("supplier", "rank", metamodel.Integer),
		field("supplier", "since", metamodel.Date), field("supplier", "boss", metamodel.Tree, to(w.supplier)),
		field("supplier", "region", metamodel.Text),
		field("supplier", "double_rank", metamodel.Integer, formula("rank * 2")),
	}
	w.line = &metamodel.Entity{ID: metamodel.DeriveID("", "entity", "line", 0), Name: "line"}
	w.line.Fields = []*metamodel.Field{
		field("line", "item", metamodel.Reference, to(w.supplier)), field("line", "qty", metamodel.Decimal, scale(18, 4)),
		field("line", "price", metamodel.Money), field("line", "note", metamodel.Text), field("line", "n", metamodel.Integer),
		field("line", "big", metamodel.Decimal, scale(18, 0)), field("line", "took", metamodel.Duration), field("line", "on", metamodel.Date),
	}
	w.order = &metamodel.Entity{ID: metamodel.DeriveID("", "entity", "order", 0), Name: "order"}
	w.order.Fields = w.orderFields()
	w.line.Parent, w.line.Via = w.order, w.order.Fields[len(w.order.Fields)-1]
	app := &metamodel.App{Name: "test", Timezone: "Asia/Shanghai", Entities: []*metamodel.Entity{w.line, w.order, w.supplier}}
	for _, e := range app.Entities {
		e.Link()
	}
	w.app, w.model = app, expr.NewModel(app)
	w.zone, _ = time.LoadLocation("Asia/Shanghai")
	w.now = time.Date(2026, 3, 5, 1, 2, 3, 0, time.UTC)
	w.compileVirtual()
	return w
}

func (w *world) orderFields() []*metamodel.Field {
	f := func(name string, kind metamodel.FieldKind, set ...func(*metamodel.Field)) *metamodel.Field {
		return field("order", name, kind, set...)
	}
	return []*metamodel.Field{
		f("name", metamodel.Text), f("code", metamodel.Text), f("memo", metamodel.LongText, func(f *metamodel.Field) { f.MaxLength = 4000 }),
		f("n", metamodel.Integer), f("m", metamodel.Integer), f("amount", metamodel.Money), f("rate", metamodel.Decimal, scale(18, 4)),
		f("huge", metamodel.Decimal, scale(18, 0)), f("tiny", metamodel.Decimal, scale(18, 9)), f("small", metamodel.Decimal, scale(8, 2)),
		f("ok", metamodel.Boolean), f("flag", metamodel.Boolean), f("day", metamodel.Date), f("due", metamodel.Date), f("at", metamodel.DateTime),
		f("till", metamodel.DateTime), f("clock", metamodel.Time), f("took", metamodel.Duration),
		f("state", metamodel.Choice, options("draft", "approved", "done", "A_1")), f("kinds", metamodel.Choices, options("x", "y", "z")),
		f("supplier", metamodel.Reference, to(w.supplier)), f("backup", metamodel.Reference, to(w.supplier)), f("tags", metamodel.References, to(w.supplier)),
		f("agent", metamodel.User), f("files", metamodel.File), f("extra", metamodel.JSON),
		f("net", metamodel.Money, formula("amount * (1 - rate)")), f("title", metamodel.Text, formula("coalesce(name, code)")),
		f("total", metamodel.Money, formula("lines.sum(l, l.qty * l.price)")), f("late", metamodel.Boolean, formula("due < today()")),
		f("peers", metamodel.Integer, formula("countOf(order, o, o.supplier == supplier)")),
		f("mood", metamodel.Choice, options("good", "bad"), formula("n > 5 ? 'good' : 'bad'")),
		f("lines", metamodel.Lines, to(w.line)),
	}
}

func (w *world) scope(e *metamodel.Entity) expr.Scope { return expr.Scope{Entity: e, Query: true} }

func (w *world) compileVirtual() {
	for _, e := range w.app.Entities {
		for _, f := range e.Fields {
			if f.Formula == nil {
				continue
			}
			p, diags := w.model.CompileField(w.scope(e), f.Formula.Source, f)
			if diags.HasErrors() {
				panic(diags.Err())
			}
			w.programs[f], w.formulas[f] = p, p.Tree()
		}
	}
}

func (w *world) env() *query.Env {
	return &query.Env{Model: w.model, User: w.user, Now: w.now, Zone: w.zone, Formula: func(f *metamodel.Field) *expr.Node { return w.formulas[f] }}
}

// texts are what people and attackers type.
var texts = []string{
	"", "a", "A", "ab", "abc", "abC", "Ärger", "ärger", "ß", "İx", "%", "_", "a%b", "a_b", "a'b", `a"b`, `a\b`, `\`, "line\nbreak", "tab\there",
	" padded ", "　全角　", "中文", "中文名称", "中国", "文", "😀", "a😀b", "x'; DROP TABLE e_order;--", "');--", "${1}", "$1", "?1", "NULL", "null", "0", "12.50",
	"-3", "+7.0", "1e5", "2026-02-28", "10:30", "PT5M", "\U0010FFFF", "\U0010FFFFa", "퟿", "", "z", "gold", "draft", "A_1", "91110000600037341L", "6901234567892",
}

var decimals = []string{"0", "0.01", "-0.01", "1", "-1", "1.5", "2.5", "0.5", "-0.5", "10", "100.25", "33.33", "9999999999999999.99", "-9999999999999999.99", "123456789.12", "0.1", "0.2", "0.3", "7"}

var integers = []int64{0, 1, -1, 2, 3, 5, 6, 7, 10, 12, 100, -100, 9007199254740991, -9007199254740991, 123456789012345}

var dates = []string{"2026-03-05", "2026-03-04", "2026-03-06", "2026-01-31", "2026-02-28", "2024-02-29", "2025-12-31", "2026-01-01", "1970-01-01", "1969-12-31", "0001-01-01", "9999-12-31", "1999-07-15", "2026-03-01", "2026-03-08"}

var instants = []string{
	"2026-03-05T01:02:03Z", "2026-03-04T16:00:00Z", "2026-03-04T15:59:59.999999Z", "2025-12-31T16:00:00Z", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.5Z", "0001-01-01T00:00:00Z",
	"9999-12-31T00:00:00Z", "1990-06-01T15:30:00Z", "2026-03-05T01:02:03.000001Z",
}

var durations = []time.Duration{0, time.Second, -time.Second, time.Hour, 24 * time.Hour, 36 * time.Hour, -48 * time.Hour, 90 * time.Minute, 100 * 24 * time.Hour}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func uuidOf(r *rand.Rand) string {
	b := make([]byte, 16)
	for i := range b {
		b[i] = byte(r.UintN(256))
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// fill makes records; the same seed makes the same.
func (w *world) fill(seed uint64, suppliers, orders int) {
	r := rand.New(rand.NewPCG(seed, 1))
	var ids, people []string
	for range suppliers {
		ids = append(ids, uuidOf(r))
	}
	for range 4 {
		people = append(people, uuidOf(r))
	}
	w.user = &expr.User{
		ID: people[0], Roles: []string{"buyer", "keeper"}, Departments: []string{uuidOf(r), people[1]},
		Attributes: map[string]string{"region": "中文", "code": "a%b", "empty": "", "odd": "\U0010FFFF", "rank": "7", "id": ids[0]},
	}
	for _, id := range ids {
		w.add(w.supplier, w.record(r, w.supplier, id, ids, people))
	}
	for range orders {
		id := uuidOf(r)
		row := w.record(r, w.order, id, ids, people)
		lines := []value.Row{}
		for i := range r.IntN(4) {
			l := w.values(r, w.line, ids, people)
			l[metamodel.LineSlotID], l[metamodel.LineSlotParent], l[metamodel.LineSlotPosition] = uuidOf(r), id, int64(i)
			lines = append(lines, l)
			w.add(w.line, l)
		}
		row[w.order.Field("lines").Slot] = lines
		w.add(w.order, row)
	}
	for _, e := range []*metamodel.Entity{w.supplier, w.order} {
		for _, row := range w.rows[e] {
			w.computeVirtual(e, row)
		}
	}
}

func (w *world) add(e *metamodel.Entity, row value.Row) {
	w.rows[e] = append(w.rows[e], row)
	w.byID[row[0].(string)] = row
}

func (w *world) record(r *rand.Rand, e *metamodel.Entity, id string, ids, people []string) value.Row {
	row := w.values(r, e, ids, people)
	row[metamodel.SlotID], row[metamodel.SlotVersion] = id, int64(1)
	row[metamodel.SlotCreatedAt], row[metamodel.SlotUpdatedAt] = w.instant(r), w.instant(r)
	if r.IntN(8) > 0 {
		row[metamodel.SlotDeletedAt] = nil
	} else {
		row[metamodel.SlotDeletedAt] = w.instant(r)
	}
	return row
}

func (w *world) instant(r *rand.Rand) time.Time {
	t, err := value.ParseDateTime(pick(r, instants))
	if err != nil {
		panic(err)
	}
	return t
}

// values fills all fields that people may fill, a quarter with null.
func (w *world) values(r *rand.Rand, e *metamodel.Entity, ids, people []string) value.Row {
	row := make(value.Row, len(e.Columns()))
	for _, f := range e.Columns() {
		if f.Virtual() || f.Kind == metamodel.Lines || r.IntN(4) == 0 {
			continue
		}
		row[f.Slot] = w.slot(r, f, ids, people)
	}
	return row
}

func (w *world) slot(r *rand.Rand, f *metamodel.Field, ids, people []string) any {
	switch f.Kind {
	case metamodel.Integer:
		return pick(r, integers)
	case metamodel.Boolean:
		return r.IntN(2) == 0
	case metamodel.Date:
		d, err := value.ParseDate(pick(r, dates))
		if err != nil {
			panic(err)
		}
		return d
	case metamodel.DateTime:
		return w.instant(r)
	case metamodel.Time:
		return value.TimeOfDay(r.IntN(86400))
	case metamodel.Duration:
		return pick(r, durations)
	case metamodel.Choice:
		return pick(r, f.Enum.Options).Name
	case metamodel.Choices:
		var out []string
		for _, o := range f.Enum.Options {
			if r.IntN(2) == 0 {
				out = append(out, o.Name)
			}
		}
		return append([]string{}, out...)
	case metamodel.Reference, metamodel.Tree:
		if r.IntN(12) == 0 {
			return "00000000-0000-4000-8000-000000000000" // points at nothing
		}
		return pick(r, ids)
	case metamodel.References:
		out := []string{}
		for range r.IntN(4) {
			out = append(out, pick(r, ids))
		}
		return out
	case metamodel.File, metamodel.Image:
		return people[:r.IntN(3)]
	case metamodel.User, metamodel.Department:
		return pick(r, people)
	case metamodel.JSON:
		return value.JSON(pick(r, []string{`{"a":1}`, `[]`, `"x"`, `{"b":[1,2.50],"a":"中'\n"}`, `null`}))
	default:
	}
	if f.Kind.IsDecimal() {
		return w.decimal(r, f)
	}
	return pick(r, texts)
}

func (w *world) decimal(r *rand.Rand, f *metamodel.Field) any {
	for {
		d := value.MustDecimal(pick(r, decimals))
		if r.IntN(3) == 0 {
			d = value.NewDecimal(r.Int64N(1_000_000_000_000_000_000), int32(f.Scale))
		}
		d, err := d.Round(int32(f.Scale))
		if err == nil && d.Fits(int32(f.Precision), int32(f.Scale)) {
			return d
		}
	}
}

func (w *world) activation(row value.Row) *expr.Activation {
	return &expr.Activation{Ctx: context.Background(), Row: row, User: w.user, Now: w.now, Zone: w.zone, World: w}
}

// computeVirtual fills the virtual slots as the engine does.
func (w *world) computeVirtual(e *metamodel.Entity, row value.Row) {
	for _, f := range e.Fields {
		if p := w.programs[f]; p != nil {
			v, err := p.Eval(w.activation(row))
			if err != nil {
				v = nil
			}
			row[f.Slot] = fit(f, v)
		}
	}
}

func fit(f *metamodel.Field, v any) any {
	switch v := v.(type) {
	case int64:
		if f.Kind.IsDecimal() {
			return fitDecimal(f, value.NewDecimal(v, 0))
		}
	case value.Decimal:
		if f.Kind == metamodel.Integer {
			if n, ok := v.Int64(); ok {
				return n
			}
			return nil
		}
		return fitDecimal(f, v)
	case string:
		if r := []rune(v); f.MaxLength > 0 && f.Kind.IsText() && len(r) > f.MaxLength {
			return string(r[:f.MaxLength])
		}
		if v == "" {
			return nil
		}
	case time.Time:
		return v.UTC().Truncate(time.Microsecond)
	}
	return v
}

func fitDecimal(f *metamodel.Field, d value.Decimal) any {
	r, err := d.Round(int32(f.Scale))
	if err != nil || !r.Fits(int32(f.Precision), int32(f.Scale)) {
		return nil
	}
	return r
}

// Related implements expr.World.
func (w *world) Related(_ context.Context, _ *metamodel.Entity, id string) (value.Row, error) {
	return w.byID[id], nil
}

// live tells whether queries see a record.
func (w *world) live(e *metamodel.Entity, row value.Row) bool {
	if e.IsLines() {
		return w.live(w.order, w.byID[row[metamodel.LineSlotParent].(string)])
	}
	return row[metamodel.SlotDeletedAt] == nil
}

// Query implements expr.World by looking at every record.
func (w *world) Query(_ context.Context, q *expr.Query, params []any) (any, error) {
	key := fmt.Sprintf("%p %v", q, params)
	if v, ok := w.asked[key]; ok {
		return v, nil
	}
	v, err := w.query(q, params)
	if err == nil {
		w.asked[key] = v
	}
	return v, err
}

func (w *world) query(q *expr.Query, params []any) (any, error) {
	given := map[*expr.Node]any{}
	for i, n := range q.Params() {
		given[n] = params[i]
	}
	where, val, order := rewrite(q.Where, q, given), rewrite(q.Value, q, given), rewrite(q.Order, q, given)
	var by []any
	var found []any
	count := int64(0)
	rows := slices.Clone(w.rows[q.Entity])
	slices.SortFunc(rows, func(a, b value.Row) int { return strings.Compare(a[0].(string), b[0].(string)) })
	for _, row := range rows {
		if !w.live(q.Entity, row) {
			continue
		}
		if ok, err := w.holds(where, row); err != nil || !ok {
			if err != nil {
				return nil, err
			}
			continue
		}
		count++
		if val == nil {
			continue
		}
		v, err := w.model.EvalNode(val, w.activation(row))
		if err != nil {
			v = nil
		}
		found = append(found, v)
		if order != nil {
			o, err := w.model.EvalNode(order, w.activation(row))
			if err != nil {
				o = nil
			}
			by = append(by, o)
		}
	}
	switch q.Fn {
	case "count":
		return count, nil
	case "exists":
		return count > 0, nil
	case "lookup":
		if len(found) == 0 {
			return nil, nil
		}
		if order != nil {
			return found[greatest(by)], nil
		}
		return found[len(found)-1], nil
	}
	return fold(q.Fn, found)
}

// greatest is the place of the last of the greatest values; nulls are less than all others.
func greatest(all []any) int {
	best := 0
	for i, v := range all {
		if all[best] == nil || v != nil && !less(v, all[best]) {
			best = i
		}
	}
	return best
}

func (w *world) holds(n *expr.Node, row value.Row) (bool, error) {
	v, err := w.model.EvalNode(n, w.activation(row))
	if err != nil {
		if undefined(err) {
			return false, nil
		}
		return false, err
	}
	return v == true, nil
}

// fold is sum, min and max over what is not null.
func fold(fn string, all []any) (any, error) {
	var out any
	for _, v := range all {
		if v == nil {
			continue
		}
		if out == nil {
			out = v
			continue
		}
		switch fn {
		case "sum":
			switch x := out.(type) {
			case value.Decimal:
				s, err := x.Add(v.(value.Decimal))
				if err != nil {
					return nil, err
				}
				out = s
			case int64:
				out = x + v.(int64)
			case time.Duration:
				out = x + v.(time.Duration)
			}
		case "min":
			if less(v, out) {
				out = v
			}
		case "max":
			if less(out, v) {
				out = v
			}
		}
	}
	return out, nil
}

func less(a, b any) bool {
	switch x := a.(type) {
	case value.Decimal:
		return x.Cmp(b.(value.Decimal)) < 0
	case int64:
		return x < b.(int64)
	case string:
		return x < b.(string)
	case value.Date:
		return x < b.(value.Date)
	case time.Time:
		return x.Before(b.(time.Time))
	case value.TimeOfDay:
		return x < b.(value.TimeOfDay)
	case time.Duration:
		return x < b.(time.Duration)
	case bool:
		return !x && b.(bool)
	}
	panic(fmt.Sprintf("no order of %T", a))
}

// rewrite makes a query's condition one over the candidate alone: its variable becomes the record, its
// parameters literals.
func rewrite(n *expr.Node, q *expr.Query, given map[*expr.Node]any) *expr.Node {
	if n == nil {
		return nil
	}
	if v, ok := given[n]; ok {
		return &expr.Node{Op: expr.OpLit, Type: n.Type, Elem: n.Elem, Value: v}
	}
	c := *n
	out := &expr.Node{Op: c.Op, Type: c.Type, Elem: c.Elem, Entity: c.Entity, Value: c.Value, Field: c.Field, Var: c.Var, Fn: c.Fn, Pos: c.Pos}
	if c.Op == expr.OpVar && c.Var == q.Var {
		out.Var = ""
	}
	for _, a := range c.Args {
		out.Args = append(out.Args, rewrite(a, q, given))
	}
	out.Body = rewrite(c.Body, q, given)
	return out
}
