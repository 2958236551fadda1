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
		return nil, tooComplex(whatSubqueries, MaxQueries)
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
	saved, overs := b.outer, b.overs
	b.outer = q.Params()
	p, err := b.withVar(q.Var, r, q.Where, true)
	b.outer, b.overs = saved, overs // a record for which the condition fails, for whatever reason, is not found
	if err != nil {
		return nil, err
	}
	it.where = append(it.where, p)
	return it, nil
}

func (b *build) queryExists(n *expr.Node, want bool) (pred, error) {
	it, err := b.rowsOf(n.Query)
	if err != nil {
		return pred{}, err
	}
	return existsPred(it.selectSQL("1"), want), nil
}

// queried lowers sumOf and its kin to a sub-query.
func (b *build) queried(n *expr.Node) (val, error) {
	if n.Query.Fn == "exists" {
		p, err := b.queryExists(n, true)
		if err != nil {
			return val{}, err
		}
		return val{sql: "(" + p.sql + ")", repr: reprBool}, nil
	}
	return b.queryValue(n.Query, n)
}

func (b *build) queryValue(q *expr.Query, n *expr.Node) (val, error) {
	it, err := b.rowsOf(q)
	if err != nil {
		return val{}, err
	}
	if q.Fn == "count" {
		return val{sql: "(" + it.selectSQL("count(*)") + ")", repr: reprInt, max: new(big.Int).Set(it.most)}, nil
	}
	var v, order val
	saved, overs := b.outer, b.overs
	b.outer = q.Params()
	b.under(q.Var, it.elem, func() {
		if v, err = b.solid(q.Value); err == nil && q.Order != nil {
			order, err = b.solid(q.Order)
		}
	})
	b.outer, b.overs = saved, overs
	if err != nil {
		return val{}, err
	}
	if q.Fn == "lookup" {
		by := it.elem.alias + ".id DESC"
		if q.Order != nil {
			by = order.sql + " DESC NULLS LAST, " + by
		}
		v.sql = "(" + it.selectSQL(v.sql) + " ORDER BY " + by + " LIMIT 1)"
		v.null, v.fail, v.err = true, false, ""
		return v, nil
	}
	return b.aggregated(q.Fn, v, q.Value.Type, it.most, func(columns string) string { return it.selectSQL(columns) }, n)
}
