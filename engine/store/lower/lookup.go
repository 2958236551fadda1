package lower

import (
	"fmt"

	"tenon/engine/query"
	"tenon/metamodel/expr"
)

// CompiledLookup is an aggregate over an entity's records, asked from an expression, prepared once. It is safe
// for concurrent use and belongs to one snapshot.
type CompiledLookup struct {
	q    *expr.Query
	plan *plan
	want int
}

// CompileLookup prepares what sumOf and its kin ask.
func CompileLookup(d Dialect, q *expr.Query, env *query.Env) (*CompiledLookup, error) {
	if size(q.Where)+size(q.Value)+size(q.Order) > MaxNodes {
		return nil, tooComplex(whatConditions, MaxNodes)
	}
	c := &CompiledLookup{q: q, plan: newPlan(d, env)}
	for _, n := range q.Params() {
		c.plan.params.nodes = append(c.plan.params.nodes, n)
		c.plan.params.index[n] = c.want
		c.want++
	}
	c.plan.params.collect(q.Where, []string{q.Var})
	c.plan.params.collect(q.Value, []string{q.Var})
	c.plan.params.collect(q.Order, []string{q.Var})
	return c, nil
}

// Lookup lowers what sumOf and its kin ask: one row with one column. params are the values of q.Params(). It
// sees live records only, and lines of live records.
func Lookup(d Dialect, q *expr.Query, params []any, env *query.Env) (*Statement, error) {
	c, err := CompileLookup(d, q, env)
	if err != nil {
		return nil, err
	}
	return c.Bind(params, env)
}

// Bind binds the parameters' values, in the order of the query's Params.
func (c *CompiledLookup) Bind(params []any, env *query.Env) (*Statement, error) {
	if len(params) != c.want {
		return nil, fmt.Errorf("bind query %s: %d values for %d parameters: %w", c.q.Fn, len(params), c.want, ErrValue)
	}
	e, err := c.plan.evaluate(env, params)
	if err != nil {
		return nil, err
	}
	t, err := c.plan.text("lookup", e, c.write)
	if err != nil {
		return nil, err
	}
	return t.statement(e)
}

func (c *CompiledLookup) write(b *build) (*text, error) {
	if c.q.Fn == "exists" {
		it, err := b.rowsOf(c.q)
		if err != nil {
			return nil, err
		}
		return &text{sql: "SELECT EXISTS (" + it.selectSQL("1") + ")", columns: []Output{{as: val{repr: reprBool}, d: b.d}}}, nil
	}
	v, err := b.queryValue(c.q, nil)
	if err != nil {
		return nil, err
	}
	return &text{sql: "SELECT " + v.sql, columns: []Output{{as: v, d: b.d}}}, nil
}
