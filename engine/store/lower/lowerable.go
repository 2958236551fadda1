package lower

import (
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// Lowerable tells whether a database can compute an expression over a record: nil, or why not. It says what
// holds for every value of the parameters. Virtual fields inside the expression count as not lowerable.
func Lowerable(d Dialect, n *expr.Node) error { return LowerableOver(d, n, "", nil) }

// LowerableOver is Lowerable for an expression that sees the database's records as the variable name, such as
// "it", and where formula gives the trees of virtual fields.
func LowerableOver(d Dialect, n *expr.Node, name string, formula func(*metamodel.Field) *expr.Node) error {
	e := entityOf(n, name)
	if size(n) > MaxNodes {
		return tooComplex(whatConditions, MaxNodes)
	}
	p := newPlan(d, &query.Env{Formula: formula})
	p.params.collect(n, []string{name})
	b := &build{d: d, formula: formula, params: p.params, zone: p.zone, scope: map[string]*relation{}}
	for _, node := range p.params.nodes {
		v, ok := plain(node, nil)
		s := stateValue
		if ok {
			s = stateOf(v, nil)
		}
		b.states = append(b.states, s)
	}
	if e != nil {
		b.root(e, name)
	}
	if n.Type == expr.Bool {
		_, err := b.pred(n, true)
		return err
	}
	_, err := b.solid(n)
	return err
}

// entityOf finds the entity of the record variable that an expression mentions.
func entityOf(n *expr.Node, name string) *metamodel.Entity {
	var e *metamodel.Entity
	n.Walk(func(n *expr.Node) bool {
		if n.Op == expr.OpVar && n.Var == name && n.Entity != nil {
			e = n.Entity
		}
		return e == nil
	})
	return e
}
