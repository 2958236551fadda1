package lower

import (
	"fmt"

	"tenon/metamodel/expr"
)

// what names a node in a reason.
func what(n *expr.Node) string {
	if n == nil {
		return "?"
	}
	switch n.Op { //nolint:exhaustive // all others by their type
	case expr.OpCall:
		return n.Fn + "()"
	case expr.OpQuantor, expr.OpQuery:
		if n.Query != nil {
			return n.Query.Fn
		}
		return n.Fn + "()"
	case expr.OpField:
		return n.Field.Name
	case expr.OpVar:
		if n.Var != "" {
			return n.Var
		}
	}
	return fmt.Sprintf("operation %d on %s", n.Op, n.Type)
}

// pred lowers a condition to SQL that is TRUE exactly where it evaluates to want.
func (b *build) pred(n *expr.Node, want bool) (pred, error) {
	if err := b.count(); err != nil {
		return pred{}, err
	}
	if v, ok := b.parameter(n); ok {
		return knownPred(v.state == stateTrue && want || v.state == stateFalse && !want), nil
	}
	p, err := b.condition(n, want)
	if err == nil && len(p.sql) > MaxText {
		err = refuse(n, "%s", what(n))
	}
	return p, err
}

func (b *build) condition(n *expr.Node, want bool) (pred, error) {
	switch n.Op { //nolint:exhaustive // the others have Boolean values
	case expr.OpAnd, expr.OpOr:
		return b.connect(n.Args, (n.Op == expr.OpAnd) == want, want)
	case expr.OpNot:
		return b.pred(n.Args[0], !want)
	case expr.OpEq, expr.OpNe, expr.OpLt, expr.OpLe, expr.OpGt, expr.OpGe:
		return b.comparison(n, want)
	case expr.OpCond:
		return b.choose(n, want)
	case expr.OpIn:
		return b.member(n, want)
	case expr.OpQuantor:
		if p, ok, err := b.quantified(n, want); ok || err != nil {
			return p, err
		}
	case expr.OpQuery:
		if n.Query.Fn == "exists" {
			return b.queryExists(n, want)
		}
	case expr.OpCall:
		if f, ok := conditions[n.Fn]; ok {
			return f(b, n, want)
		}
	}
	v, err := b.value(n)
	if err != nil {
		return pred{}, err
	}
	return b.truth(v, want, n)
}

// truth is the condition that a Boolean value is want.
func (b *build) truth(v val, want bool, n *expr.Node) (pred, error) {
	if v.param {
		return knownPred(v.state == stateTrue && want || v.state == stateFalse && !want), nil
	}
	if v.repr != reprBool {
		return pred{}, refuse(n, "%s", what(n))
	}
	switch {
	case b.d == SQLite && want:
		return sqlPred(v.sql + " = 1"), nil
	case b.d == SQLite:
		return sqlPred(v.sql + " = 0"), nil
	case want:
		return sqlPred(v.sql), nil
	}
	return sqlPred("NOT " + v.sql), nil
}

// connect lowers && and ||: an error beside a deciding operand does not matter, as in evaluation.
func (b *build) connect(args []*expr.Node, all, want bool) (pred, error) {
	parts := make([]pred, len(args))
	for i, a := range args {
		p, err := b.pred(a, want)
		if err != nil {
			return pred{}, err
		}
		parts[i] = p
	}
	if all {
		return and(parts...), nil
	}
	return or(parts...), nil
}

func (b *build) comparison(n *expr.Node, want bool) (pred, error) {
	x, err := b.value(n.Args[0])
	if err != nil {
		return pred{}, err
	}
	y, err := b.value(n.Args[1])
	if err != nil {
		return pred{}, err
	}
	switch n.Op { //nolint:exhaustive // only comparisons get here
	case expr.OpEq:
		return b.equal(x, y, want, n)
	case expr.OpNe:
		return b.equal(x, y, !want, n)
	}
	return b.ordered(x, y, n.Op, want, n)
}

// choose lowers a Boolean c ? x : y.
func (b *build) choose(n *expr.Node, want bool) (pred, error) {
	var parts [4]pred
	for i, part := range []struct {
		node *expr.Node
		want bool
	}{{n.Args[0], true}, {n.Args[1], want}, {n.Args[0], false}, {n.Args[2], want}} {
		p, err := b.pred(part.node, part.want)
		if err != nil {
			return pred{}, err
		}
		parts[i] = p
	}
	return or(and(parts[0], parts[1]), and(parts[2], parts[3])), nil
}

// boolean makes a value of a condition.
func (b *build) boolean(n *expr.Node) (val, error) {
	overs := b.overs
	yes, err := b.pred(n, true)
	if err != nil {
		return val{}, err
	}
	no, err := b.pred(n, false)
	if err != nil {
		return val{}, err
	}
	return val{sql: "CASE WHEN " + yes.sql + " THEN TRUE WHEN " + no.sql + " THEN FALSE END", repr: reprBool, fail: true, over: b.overs > overs}, nil
}

// parameter returns the parameter that a node became.
func (b *build) parameter(n *expr.Node) (val, bool) {
	i, ok := b.params.index[n]
	if !ok {
		return val{}, false
	}
	return val{param: true, index: i, state: b.states[i], node: n, null: b.states[i] == stateNull, fail: b.states[i] == stateError}, true
}
