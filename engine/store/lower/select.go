package lower

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// Compiled is a list's question prepared once: its conditions are walked and its texts kept, so that a request
// only evaluates the parameters and binds. It is safe for concurrent use and belongs to one snapshot: the same
// entity, conditions, order and fields.
type Compiled struct {
	q    query.Select
	plan *plan
}

// Inputs are what changes from request to request of a compiled list.
type Inputs struct {
	IDs    []string // nil = not asked
	After  *query.Cursor
	Search string
	Skip   int
	Limit  int
}

// Compile prepares a question. It reads the Entity, Var, Where, Rows, To, Order, Bin, Fields, Lock and Share of q, the Paths of its
// Search and whether that is exact; of env, the Formula and the zone.
func Compile(d Dialect, q *query.Select, env *query.Env) (*Compiled, error) {
	if len(q.Order) > MaxOrder {
		return nil, tooComplex(whatSortKeys, MaxOrder)
	}
	c := &Compiled{q: *q, plan: newPlan(d, env)}
	vars := []string{q.Var}
	budget := 0
	for _, n := range q.Where {
		if budget += size(n); budget > MaxNodes {
			return nil, tooComplex(whatConditions, MaxNodes)
		}
		c.plan.params.collect(n, vars)
	}
	for _, n := range q.Rows {
		if budget += size(n); budget > MaxNodes {
			return nil, tooComplex(whatConditions, MaxNodes)
		}
		c.plan.params.collect(n, []string{""})
	}
	for _, o := range q.Order {
		c.plan.params.collectPath(o.Path)
	}
	c.plan.params.collectPath(q.To)
	for _, f := range q.Fields {
		c.plan.params.collectPath(metamodel.Path{f})
	}
	return c, nil
}

// Leads tells whether the ids of the question are of records that those asked for lead to, any number to each.
func (c *Compiled) Leads() bool { return len(c.q.To) > 0 }

// Select lowers a list's question: one row per record, in order.
func Select(d Dialect, q *query.Select, env *query.Env) (*Statement, error) {
	c, err := Compile(d, q, env)
	if err != nil {
		return nil, err
	}
	return c.Select(InputsOf(q), env)
}

// Count lowers the question how many records a list has, whatever its page. The result is one integer.
func Count(d Dialect, q *query.Select, env *query.Env) (*Statement, error) {
	c, err := Compile(d, q, env)
	if err != nil {
		return nil, err
	}
	return c.Count(InputsOf(q), env)
}

// CountUpTo lowers a count that stops at most: cheap, and exact below most.
func CountUpTo(d Dialect, q *query.Select, env *query.Env, most int) (*Statement, error) {
	c, err := Compile(d, q, env)
	if err != nil {
		return nil, err
	}
	return c.CountUpTo(InputsOf(q), env, most)
}

// InputsOf are the parts of a question that a compiled one is asked anew with.
func InputsOf(q *query.Select) Inputs {
	in := Inputs{IDs: q.IDs, After: q.After, Skip: q.Skip, Limit: q.Limit}
	if q.Search != nil {
		in.Search = q.Search.Text
	}
	return in
}

// request is one use of a compiled question.
type request struct {
	*Compiled
	in     Inputs
	e      *evaluated
	after  []int // parameters of the cursor's keys, the id's last
	search int
	ids    int
	skip   int
}

func (c *Compiled) request(in Inputs, env *query.Env) (*request, error) {
	if len(in.IDs) > MaxIDs {
		return nil, tooComplex(whatIDs, MaxIDs)
	}
	if len([]rune(in.Search)) > MaxSearch {
		return nil, tooComplex(whatText, MaxSearch)
	}
	e, err := c.plan.evaluate(env, nil)
	if err != nil {
		return nil, err
	}
	r := &request{Compiled: c, in: in, e: e, search: -1, ids: -1, skip: -1}
	if in.After != nil {
		if err := r.cursor(); err != nil {
			return nil, err
		}
	}
	if in.Search != "" && c.q.Search != nil {
		r.search = e.extra(in.Search)
	}
	r.bindIDs()
	if in.Skip > 0 {
		r.skip = r.e.extra(int64(in.Skip))
	}
	return r, nil
}

// bindIDs makes a parameter of the ids asked for.
func (r *request) bindIDs() {
	switch len(r.in.IDs) {
	case 0:
	case 1:
		r.ids = r.e.extra(r.in.IDs[0])
	default:
		r.ids = r.e.extra(r.in.IDs)
	}
}

// shape is what the text depends on besides the states: which of the optional parts are there, and the limit.
func (r *request) shape(kind string, n int) string {
	b := make([]byte, 0, 24)
	b = append(b, kind...)
	for _, there := range []bool{r.in.IDs != nil, len(r.in.IDs) > 0, len(r.in.IDs) > 1, r.in.After != nil, r.search >= 0, r.skip >= 0} {
		if there {
			b = append(b, '+')
		} else {
			b = append(b, '-')
		}
	}
	return string(strconv.AppendInt(b, int64(n), 10))
}

// Select binds the compiled question.
func (c *Compiled) Select(in Inputs, env *query.Env) (*Statement, error) {
	r, err := c.request(in, env)
	if err != nil {
		return nil, err
	}
	t, err := c.plan.text(r.shape("select", in.Limit), r.e, r.writeSelect)
	if err != nil {
		return nil, err
	}
	return t.statement(r.e)
}

// Count binds the count of the compiled question.
func (c *Compiled) Count(in Inputs, env *query.Env) (*Statement, error) {
	in.After, in.Skip, in.Limit = nil, 0, 0
	return c.count(in, env, 0)
}

// CountUpTo binds a count that stops at most.
func (c *Compiled) CountUpTo(in Inputs, env *query.Env, most int) (*Statement, error) {
	in.After, in.Skip, in.Limit = nil, 0, 0
	return c.count(in, env, most)
}

func (c *Compiled) count(in Inputs, env *query.Env, most int) (*Statement, error) {
	r, err := c.request(in, env)
	if err != nil {
		return nil, err
	}
	t, err := c.plan.text(r.shape("count", most), r.e, func(b *build) (*text, error) {
		root, where, err := r.where(b)
		if err != nil {
			return nil, err
		}
		from := " FROM " + root.level.from(root) + whereSQL(where)
		t := &text{sql: "SELECT count(*)" + from, columns: []Output{{as: val{repr: reprInt}, d: b.d}}}
		if most > 0 {
			t.sql = "SELECT count(*) FROM (SELECT 1" + from + " LIMIT " + strconv.Itoa(most) + ") AS c"
		}
		return t, nil
	})
	if err != nil {
		return nil, err
	}
	return t.statement(r.e)
}

func whereSQL(p pred) string {
	if p.known == always {
		return ""
	}
	sql := p.sql
	if strings.HasPrefix(sql, "(") && strings.HasSuffix(sql, ")") && balanced(sql[1:len(sql)-1]) {
		sql = sql[1 : len(sql)-1]
	}
	return " WHERE " + sql
}

// balanced tells whether the brackets of a part close each other.
func balanced(sql string) bool {
	depth := 0
	for i := range len(sql) {
		switch sql[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return false
			}
		case '\'', '"':
			return false
		}
	}
	return depth == 0
}

func (r *request) writeSelect(b *build) (*text, error) {
	root, where, err := r.where(b)
	if err != nil {
		return nil, err
	}
	t := &text{}
	columns := r.columns(b, root, t)
	keys, err := r.order(b, root)
	if err != nil {
		return nil, err
	}
	if r.in.After != nil {
		where = and(where, r.afterCursor(b, keys))
	}
	for _, k := range keys {
		at := slices.Index(columns, k.column)
		if at < 0 {
			at = len(columns)
			columns = append(columns, k.column)
			t.columns = append(t.columns, Output{as: k.as, d: b.d})
		}
		t.keys = append(t.keys, at)
	}
	for len(t.keys) <= len(r.q.Order) { // nothing orders after the id
		t.keys = append(t.keys, t.keys[len(t.keys)-1])
	}
	t.sql = "SELECT " + strings.Join(columns, ", ") + " FROM " + root.level.from(root) + whereSQL(where) + orderSQL(b.d, keys)
	if r.in.Limit > 0 {
		t.sql += " LIMIT " + strconv.Itoa(min(r.in.Limit, MaxRows))
		if r.skip >= 0 {
			t.sql += " OFFSET " + b.bind(r.skip, target{d: b.d, repr: reprInt})
		}
	}
	switch {
	case b.d != Postgres:
	case r.q.Lock:
		t.sql += " FOR UPDATE OF " + root.alias
	case r.q.Share:
		t.sql += " FOR SHARE OF " + root.alias
	}
	return t, nil
}

// columns lists what is selected; virtual fields that can't be computed here are left to the caller.
func (r *request) columns(b *build, root *relation, t *text) []string {
	fields := r.q.Fields
	if fields == nil {
		fields = r.q.Entity.Columns()
	}
	out := make([]string, 0, len(fields)+1)
	for _, f := range fields {
		if HasColumn(f) {
			out = append(out, root.alias+"."+Column(f))
			t.columns = append(t.columns, Output{Field: f, d: b.d})
			continue
		}
		if r.q.Fields == nil {
			continue
		}
		if f.Kind == metamodel.Lines {
			t.missing = append(t.missing, f)
			continue
		}
		v, err := b.attempt(root, f)
		if err != nil {
			t.missing = append(t.missing, f)
			continue
		}
		out = append(out, v.sql)
		t.columns = append(t.columns, Output{Field: f, as: v, d: b.d})
	}
	return out
}

// attempt lowers a virtual field that may turn out not to be lowerable, or over a limit, leaving no trace then.
func (b *build) attempt(root *relation, f *metamodel.Field) (val, error) {
	before, level := *b, *root.level
	level.byKey = maps.Clone(level.byKey)
	v, err := b.virtual(root, f, nil)
	if err != nil {
		*b, *root.level = before, level
	}
	return v, err
}

// where lowers all conditions of the request, the cursor's aside.
func (r *request) where(b *build) (*relation, pred, error) {
	root := b.root(r.q.Entity, r.q.Var)
	parts := make([]pred, 0, len(r.q.Where)+3)
	ids, err := r.idPred(b, root)
	if err != nil {
		return nil, pred{}, err
	}
	parts = append(parts, ids)
	bin, err := r.binPred(b, root)
	if err != nil {
		return nil, pred{}, err
	}
	parts = append(parts, bin)
	for i, n := range slices.Concat(r.q.Where, r.q.Rows) {
		if i == len(r.q.Where) {
			b.scope[""] = root // what the conditions over Var read of another record is bound by now
		}
		p, err := b.pred(n, true)
		if err != nil {
			return nil, pred{}, err
		}
		parts = append(parts, p)
	}
	if r.search >= 0 {
		p, err := b.search(root, r.q.Search, r.search)
		if err != nil {
			return nil, pred{}, err
		}
		parts = append(parts, p)
	}
	return root, and(parts...), nil
}

// idPred keeps the records with the ids asked for, or those that lead to them.
func (r *request) idPred(b *build, root *relation) (pred, error) {
	switch {
	case r.in.IDs == nil:
		return knownPred(true), nil
	case len(r.in.IDs) == 0:
		return knownPred(false), nil
	}
	id, as := root.alias+".id", target{d: b.d, repr: reprID}
	if len(r.q.To) > 0 {
		v, err := b.path(root, r.q.To)
		if err != nil {
			return pred{}, err
		}
		id = v.sql
		if v.repr == reprText { // ids of records of any entity are kept as texts
			as.repr = reprText
		}
	}
	if len(r.in.IDs) == 1 {
		return sqlPred(id + " = " + b.bind(r.ids, as)), nil
	}
	as.list = true
	if b.d == Postgres {
		return sqlPred(id + " = ANY(" + b.bind(r.ids, as) + ")"), nil
	}
	return sqlPred(id + " IN (SELECT value FROM json_each(" + b.bind(r.ids, as) + "))"), nil
}

// binPred keeps deleted records out, or others. Lines are in the bin when their record is.
func (r *request) binPred(b *build, root *relation) (pred, error) {
	if r.q.Bin == query.Any {
		return knownPred(true), nil
	}
	owner := root
	if r.q.Entity.IsLines() {
		var err error
		if owner, err = b.join(root, r.q.Entity.Columns()[metamodel.LineSlotParent], nil); err != nil {
			return pred{}, err
		}
	}
	if r.q.Bin == query.Deleted {
		return sqlPred(owner.alias + ".deleted_at IS NOT NULL"), nil
	}
	return sqlPred(owner.alias + ".deleted_at IS NULL"), nil
}

// search finds a text in any of the paths, or what is the text itself: that is left to indexes.
func (b *build) search(root *relation, q *query.Search, param int) (pred, error) {
	if len(q.Paths) > metamodel.MaxSearch {
		return pred{}, tooComplex(whatSearchFields, metamodel.MaxSearch)
	}
	needle := target{d: b.d, repr: reprText, change: lowerCase}
	parts := make([]pred, 0, len(q.Paths))
	for _, p := range q.Paths {
		v, err := b.path(root, p)
		if err != nil {
			return pred{}, err
		}
		if v, err = b.searchable(v, p[len(p)-1]); err != nil {
			return pred{}, err
		}
		if q.Exact {
			parts = append(parts, sqlPred(b.collated(v)+" = "+b.bind(param, target{d: b.d, repr: reprText})))
			continue
		}
		if b.d == Postgres {
			parts = append(parts, sqlPred("strpos(lower("+b.collated(v)+"), "+b.bind(param, needle)+") > 0"))
			continue
		}
		parts = append(parts, sqlPred("instr(lower("+v.sql+"), "+b.bind(param, needle)+") > 0"))
	}
	return or(parts...), nil
}

// searchable makes a text of what people may look for.
func (b *build) searchable(v val, f *metamodel.Field) (val, error) {
	switch v.repr { //nolint:exhaustive // everything else is not looked for
	case reprText:
		return v, nil
	case reprChoice:
		return b.titled(v), nil
	case reprID:
		return b.texted(v), nil
	case reprInt, reprDec, reprDate:
		return b.printed(v)
	}
	return val{}, refuse(nil, "%s", f.Name)
}

// path walks from a record to a field.
func (b *build) path(root *relation, p metamodel.Path) (val, error) {
	if len(p) == 0 || len(p) > metamodel.MaxPath {
		return val{}, refuse(nil, "path of %d fields", len(p))
	}
	r := root
	for _, f := range p[:len(p)-1] {
		var err error
		if r, err = b.join(r, f, nil); err != nil {
			return val{}, err
		}
	}
	return b.fieldOf(r, p[len(p)-1], nil)
}

// size counts the nodes of a condition.
func size(n *expr.Node) int {
	count := 0
	n.Walk(func(*expr.Node) bool {
		count++
		return count <= MaxNodes
	})
	return count
}
