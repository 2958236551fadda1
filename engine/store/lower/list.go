package lower

import (
	"math/big"
	"strconv"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// member lowers element in list.
func (b *build) member(n *expr.Node, want bool) (pred, error) {
	list := n.Args[1]
	x, err := b.value(n.Args[0])
	if err != nil {
		return pred{}, err
	}
	if l, ok := b.parameter(list); ok {
		return b.memberOfParameter(x, l, want, n)
	}
	switch {
	case list.Op == expr.OpList:
		return b.memberOfLiteral(x, list, want, n)
	case list.Op == expr.OpField && list.Field.Kind != metamodel.Lines:
		l, err := b.listColumn(list)
		if err != nil {
			return pred{}, err
		}
		return b.memberOfColumn(x, l, want, n)
	}
	return b.memberOfItems(x, list, want, n)
}

// memberOfParameter compares a value with a bound list.
func (b *build) memberOfParameter(x, l val, want bool, n *expr.Node) (pred, error) {
	switch l.state { //nolint:exhaustive // all others are lists with something in them
	case stateNull, stateError:
		return knownPred(false), nil
	case stateEmpty:
		if !want {
			return b.computed(x), nil
		}
		return knownPred(false), nil
	}
	if x.param {
		return pred{}, refuse(n, "%s", what(n))
	}
	if x.repr == reprBig || x.repr == reprList || x.repr == reprJSON || x.repr == reprNull {
		return pred{}, refuse(n, "%s", what(n))
	}
	t := target{d: b.d, repr: x.repr, enum: x.enum, scale: x.scale, list: true}
	if b.d == Postgres && x.repr == reprDec {
		t.scale = 0
	}
	if x.repr == reprInt && l.node.Elem == expr.Dec { // 1.5 in integers: as decimals of scale 0, unmatched when broken
		if b.d == Postgres {
			t.repr = reprDec
		} else {
			t.repr = reprDec
		}
	}
	at := b.bind(l.index, t)
	var in, out string
	if b.d == Postgres {
		in, out = x.sql+" = ANY("+at+")", x.sql+" <> ALL("+at+")"
	} else {
		in, out = x.sql+" IN (SELECT value FROM json_each("+at+"))", x.sql+" NOT IN (SELECT value FROM json_each("+at+"))"
	}
	switch {
	case want && l.state == stateMixed:
		return or(sqlPred(in), x.isNull()), nil
	case want:
		return sqlPred(in), nil
	case l.state == stateMixed: // nothing may be left of the list, and NULL is in no empty list
		return and(x.isThere(), sqlPred(out)), nil
	case x.fail:
		return or(and(x.isThere(), sqlPred(out)), x.isNull()), nil
	}
	return or(sqlPred(out), x.isNull()), nil
}

// computed holds where a value's evaluation doesn't fail.
func (b *build) computed(x val) pred {
	if x.param {
		return knownPred(x.state != stateError)
	}
	if f := x.failed(); f != "" {
		return sqlPred("NOT " + f)
	}
	return knownPred(true)
}

// memberOfLiteral compares a value with each element of a list that reads the record.
func (b *build) memberOfLiteral(x val, list *expr.Node, want bool, n *expr.Node) (pred, error) {
	parts := make([]pred, 0, 2*len(list.Args))
	guards := make([]pred, 0, len(list.Args))
	for _, a := range list.Args {
		y, err := b.value(a)
		if err != nil {
			return pred{}, err
		}
		guards = append(guards, b.computed(y))
		p, err := b.equalAny(x, y, want, n)
		if err != nil {
			return pred{}, err
		}
		parts = append(parts, p)
	}
	if want {
		return and(append(guards, or(parts...))...), nil
	}
	return and(append(guards, append(parts, b.computed(x))...)...), nil
}

// equalAny is equal also where both sides are parameters.
func (b *build) equalAny(x, y val, want bool, n *expr.Node) (pred, error) {
	if !x.param || !y.param {
		return b.equal(x, y, want, n)
	}
	bound, err := b.bound(x)
	if err != nil {
		return pred{}, err
	}
	return b.equal(bound, y, want, n)
}

// memberOfColumn asks whether a list column holds a value.
func (b *build) memberOfColumn(x, l val, want bool, n *expr.Node) (pred, error) {
	if x.param && (x.state == stateNull || x.state == stateError) {
		return knownPred(x.state == stateNull && !want), nil
	}
	var held string
	switch {
	case x.param:
		t := target{d: b.d, repr: reprText, enum: l.enum}
		if l.elem == reprChoice {
			t.repr = reprChoice
		}
		held = b.holdsParameter(l, x, t)
	case !isText(x.repr):
		return pred{}, refuse(n, "%s", what(n))
	case l.elem == reprChoice && (x.repr != reprChoice || x.enum != l.enum):
		held = b.holdsNamed(l, b.texted(b.named(x)))
	case b.d == Postgres:
		held = "(" + l.raw + " @> jsonb_build_array(" + x.sql + "::text))"
	default:
		held = "EXISTS (SELECT 1 FROM json_each(" + l.raw + ") WHERE value = " + x.sql + ")"
	}
	if b.d == Postgres && !want {
		held = "COALESCE(" + held + ", FALSE)"
	}
	if want {
		return and(x.thereOr(), sqlPred(held)), nil
	}
	if x.param || !x.null && !x.fail {
		return sqlPred("NOT " + held), nil
	}
	return or(x.isNull(), and(x.isThere(), sqlPred("NOT "+held))), nil
}

// holdsNamed compares a text with the names of a list's options.
func (b *build) holdsNamed(l, x val) string {
	name := b.alias("x")
	from := "json_each(" + l.raw + ") AS " + name
	if b.d == Postgres {
		from = "jsonb_array_elements_text(" + l.raw + ") AS " + name + "(value)"
	}
	e := b.named(val{sql: name + ".value", repr: reprChoice, enum: l.enum})
	return "EXISTS (SELECT 1 FROM " + from + " WHERE " + e.sql + " = " + x.sql + ")"
}

// thereOr is isThere of a value in SQL; a parameter was judged before.
func (v val) thereOr() pred {
	if v.param {
		return knownPred(true)
	}
	return v.isThere()
}

func (b *build) holdsParameter(l, x val, t target) string {
	if b.d == Postgres {
		t.change = quoted
		return "(" + l.raw + " @> " + b.bind(x.index, t) + ")"
	}
	return "EXISTS (SELECT 1 FROM json_each(" + l.raw + ") WHERE value = " + b.bind(x.index, t) + ")"
}

// listColumn lowers a list that a record keeps.
func (b *build) listColumn(n *expr.Node) (val, error) {
	l, err := b.value(n)
	if err != nil {
		return val{}, err
	}
	if l.repr != reprList || l.raw == "" {
		return val{}, refuse(n, "%s", what(n))
	}
	return l, nil
}

// memberOfItems asks whether a computed list, such as lines.map(l, l.item), holds a value.
func (b *build) memberOfItems(x val, list *expr.Node, want bool, n *expr.Node) (pred, error) {
	if x.param {
		switch x.state { //nolint:exhaustive // all others are values
		case stateError:
			return knownPred(false), nil
		case stateNull:
			return pred{}, refuse(n, "%s", what(n))
		}
	} else if x.fail {
		return pred{}, refuse(n, "%s", what(n))
	}
	it, err := b.items(list)
	if err != nil {
		return pred{}, err
	}
	y, err := b.element(it, n)
	if err != nil {
		return pred{}, err
	}
	same, err := b.equalAny(y, x, true, n)
	if err != nil {
		return pred{}, err
	}
	sql := "EXISTS (" + it.selectSQL("1", same) + ")"
	if !want {
		sql = "NOT " + sql
	}
	return sqlPred(sql), nil
}

// items is a list as rows: a FROM, conditions, and what the loop's variable stands for.
type items struct {
	from  func() string // joins may still be added until it is called
	where []pred
	elem  *relation
	most  *big.Int // rows at most; nil when unbounded
}

// selectSQL selects from the rows for which all conditions hold.
func (it *items) selectSQL(columns string, more ...pred) string {
	sql := "SELECT " + columns + " FROM " + it.from()
	if p := and(append(append([]pred(nil), it.where...), more...)...); p.known != always {
		sql += " WHERE " + p.sql
	}
	return sql
}

// element is the value of the list's elements.
func (b *build) element(it *items, n *expr.Node) (val, error) {
	switch {
	case it.elem.element != nil:
		return *it.elem.element, nil
	case it.elem.id != "":
		return val{sql: it.elem.id, repr: reprID}, nil
	case it.elem.entity != nil:
		return columnVal(b.d, it.elem, it.elem.entity.Columns()[metamodel.SlotID]), nil
	}
	return val{}, refuse(n, "%s", what(n))
}

// items opens a list for a loop.
func (b *build) items(n *expr.Node) (*items, error) {
	if err := b.count(); err != nil {
		return nil, err
	}
	if b.queries++; b.queries > MaxQueries {
		return nil, tooComplex(whatSubqueries, MaxQueries)
	}
	if p, ok := b.parameter(n); ok {
		return b.itemsOfParameter(p, n)
	}
	switch {
	case n.Op == expr.OpField && n.Field.Kind == metamodel.Lines && !n.Field.Computed():
		return b.itemsOfLines(n)
	case n.Op == expr.OpField && n.Field.Kind.IsList():
		return b.itemsOfColumn(n)
	case n.Op == expr.OpQuantor && n.Fn == "filter":
		it, err := b.items(n.Args[0])
		if err != nil {
			return nil, err
		}
		p, err := b.loopCondition(n, it)
		if err != nil {
			return nil, err
		}
		it.where = append(it.where, p)
		return it, nil
	case n.Op == expr.OpQuantor && n.Fn == "map":
		return b.itemsOfMap(n)
	}
	return nil, refuse(n, "%s", what(n))
}

// withVar lowers a condition with a loop's variable in scope.
func (b *build) withVar(name string, r *relation, body *expr.Node, want bool) (p pred, err error) {
	b.under(name, r, func() { p, err = b.pred(body, want) })
	return p, err
}

func (b *build) under(name string, r *relation, do func()) {
	saved, had := b.scope[name]
	b.scope[name] = r
	do()
	if had {
		b.scope[name] = saved
	} else {
		delete(b.scope, name)
	}
}

func (b *build) itemsOfLines(n *expr.Node) (*items, error) {
	up, err := b.record(n.Args[0])
	if err != nil {
		return nil, err
	}
	f := n.Field
	if f.Target == nil || up.entity == nil {
		return nil, refuse(n, "%s", f.Name)
	}
	r := &relation{alias: b.alias("l"), entity: f.Target, level: newLevel(), up: up}
	id := up.alias + ".id"
	return &items{
		from: func() string { return r.level.from(r) }, where: []pred{sqlPred(r.alias + ".parent = " + id)}, elem: r,
		most: big.NewInt(metamodel.MaxLines),
	}, nil
}

// itemsOfColumn opens a list kept as a JSON array.
func (b *build) itemsOfColumn(n *expr.Node) (*items, error) {
	l, err := b.listColumn(n)
	if err != nil {
		return nil, err
	}
	x := b.alias("x")
	from := "json_each(" + l.raw + ") AS " + x
	if b.d == Postgres {
		from = "jsonb_array_elements_text(" + l.raw + ") AS " + x + "(value)"
	}
	it := &items{from: func() string { return from }, most: big.NewInt(metamodel.MaxListItems)}
	if n.Field.Kind == metamodel.References && n.Field.Target != nil {
		id := x + ".value"
		if b.d == Postgres {
			id += "::uuid"
		}
		r := &relation{alias: b.alias("j"), entity: n.Field.Target, level: newLevel(), optional: true, id: id}
		it.from = func() string {
			return from + " LEFT JOIN " + r.level.from(r)[:len(Table(r.entity)+" AS "+r.alias)] + " ON " + r.alias + ".id = " + id + strings.Join(r.level.joins, "")
		}
		it.elem = r
		return it, nil
	}
	e := val{sql: x + ".value", repr: reprText}
	if b.d == Postgres {
		e.sql = "(" + e.sql + ` COLLATE "C")`
	}
	if l.elem == reprChoice {
		e.repr, e.enum = reprChoice, l.enum
	}
	it.elem = &relation{element: &e}
	return it, nil
}

// itemsOfParameter opens a bound list of texts or ids.
func (b *build) itemsOfParameter(p val, n *expr.Node) (*items, error) {
	if p.state == stateError || p.state == stateNull || p.state == stateMixed || n.Elem != expr.Str && p.state != stateEmpty {
		return nil, refuse(n, "%s", what(n))
	}
	x := b.alias("x")
	at := b.bind(p.index, target{d: b.d, repr: reprText, list: true})
	from, sql := "json_each("+at+") AS "+x, x+".value"
	if b.d == Postgres {
		from, sql = "unnest("+at+") AS "+x+"(value)", "("+x+`.value COLLATE "C")`
	}
	return &items{from: func() string { return from }, elem: &relation{element: &val{sql: sql, repr: reprText}}, most: big.NewInt(MaxList)}, nil
}

func (b *build) itemsOfMap(n *expr.Node) (*items, error) {
	it, err := b.items(n.Args[0])
	if err != nil {
		return nil, err
	}
	var v val
	b.under(n.Var, it.elem, func() { v, err = b.solid(n.Body) })
	if err != nil {
		return nil, err
	}
	if v.over {
		return nil, refuse(n, "%s", what(n))
	}
	v.null, v.fail, v.err = v.null || v.fail, false, "" // map() keeps null for what has no value
	it.elem = &relation{element: &v}
	return it, nil
}

// listSize is how many elements a list has.
func (b *build) listSize(n *expr.Node) (val, error) {
	if n.Op == expr.OpField && n.Field.Kind.IsList() {
		l, err := b.value(n)
		if err != nil {
			return val{}, err
		}
		name := "json_array_length("
		if b.d == Postgres {
			name = "jsonb_array_length("
		}
		return val{sql: name + l.sql + ")", repr: reprInt, max: big.NewInt(metamodel.MaxListItems)}, nil
	}
	it, err := b.items(n)
	if err != nil {
		return val{}, err
	}
	return val{sql: "(" + it.selectSQL("count(*)") + ")", repr: reprInt, max: it.most}, nil
}

func itoa(n int) string { return strconv.Itoa(n) }
