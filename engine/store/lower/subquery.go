package lower

import (
	"math/big"

	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// rowsOf opens the records of an entity that a query looks at: those that are not in the bin, lines of those
// that are not.
func (b *build) rowsOf(q *expr.Query) (*items, error) {
	if b.queries++; b.queries > MaxQueries {
		return nil, tooComplex("sub-queries", MaxQueries)
	}
	r := &relation{alias: b.alias("q"), entity: q.Entity, level: newLevel()}
	it := &items{from: func() string { return r.level.from(r) }, elem: r, most: manyRows}
	live := r
	if q.Entity.IsLines() {
		var err error
		if live, err = b.join(r, q.Entity.Columns()[metamodel.LineSlotParent], q.Where); err != nil {
			return nil, err
		}
	}
	it.where = append(it.where, sqlPred(live.alias+".deleted_at IS NULL"))
	p, err := b.withVar(q.Var, r, q.Where, true)
	if err != nil {
		return nil, err
	}
	it.where = append(it.where, p)
	return it, nil
}

// outerFails is SQL that is TRUE where a part of a query that is evaluated over the outer record fails, which
// fails the whole query; "" when none can.
func (b *build) outerFails(q *expr.Query) (string, error) {
	sql := ""
	for _, n := range q.Params() {
		if i, ok := b.params.index[n]; ok {
			if b.states[i] == stateError {
				return "TRUE", nil
			}
			continue
		}
		if n.Op == expr.OpField || n.Op == expr.OpVar { // fields never fail
			continue
		}
		v, err := b.solid(n)
		if err != nil {
			return "", err
		}
		if f := v.failed(); f != "" {
			if sql != "" {
				sql += " OR "
			}
			sql += f
		}
	}
	return sql, nil
}

func (b *build) queryExists(n *expr.Node, want bool) (pred, error) {
	fails, err := b.outerFails(n.Query)
	if err != nil {
		return pred{}, err
	}
	it, err := b.rowsOf(n.Query)
	if err != nil {
		return pred{}, err
	}
	p := existsPred(it.selectSQL("1"), want)
	if fails != "" {
		p = and(sqlPred("NOT ("+fails+")"), p)
	}
	return p, nil
}

// queried lowers sumOf and its kin to a sub-query.
func (b *build) queried(n *expr.Node) (val, error) {
	if n.Query.Fn == "exists" {
		p, err := b.queryExists(n, true)
		if err != nil {
			return val{}, err
		}
		fails, err := b.outerFails(n.Query)
		if err != nil || fails == "" {
			return val{sql: "(" + p.sql + ")", repr: reprBool}, err
		}
		return val{sql: "(CASE WHEN NOT (" + fails + ") THEN " + p.sql + " END)", repr: reprBool, fail: true}, nil
	}
	fails, err := b.outerFails(n.Query)
	if err != nil {
		return val{}, err
	}
	v, err := b.queryValue(n.Query, n)
	if err != nil || fails == "" {
		return v, err
	}
	v.sql = "(CASE WHEN NOT (" + fails + ") THEN " + v.sql + " END)"
	if v.null {
		v.err = "(" + fails + ")"
	}
	v.fail = true
	return v, nil
}

func (b *build) queryValue(q *expr.Query, n *expr.Node) (val, error) {
	it, err := b.rowsOf(q)
	if err != nil {
		return val{}, err
	}
	if q.Fn == "count" {
		return val{sql: "(" + it.selectSQL("count(*)") + ")", repr: reprInt, max: new(big.Int).Set(it.most)}, nil
	}
	var v val
	b.under(q.Var, it.elem, func() { v, err = b.solid(q.Value) })
	if err != nil {
		return val{}, err
	}
	if q.Fn == "lookup" {
		v.sql = "(" + it.selectSQL(v.sql) + " ORDER BY " + it.elem.alias + ".id DESC LIMIT 1)"
		v.null, v.fail, v.err = true, false, ""
		return v, nil
	}
	return b.aggregated(q.Fn, v, q.Value.Type, it.most, func(columns string) string { return it.selectSQL(columns) }, n)
}
