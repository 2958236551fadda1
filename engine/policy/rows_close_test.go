package policy

import (
	"testing"

	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// A comparison with an attribute that somebody lacks is null, whichever way round the rule says it.
func TestRowsCloseWithoutAnAttribute(t *testing.T) {
	s := newSample()
	s.role("regional", &metamodel.Grant{Entity: s.order, Actions: []metamodel.Action{metamodel.ActRead}, Rows: s.rule(1)})
	node := func(op expr.Op, args ...*expr.Node) *expr.Node {
		return &expr.Node{Op: op, Type: expr.Bool, Args: args}
	}
	region := &expr.Node{Op: expr.OpField, Type: expr.Str, Field: s.order.Field("price")}
	mine := &expr.Node{Op: expr.OpUser, Type: expr.Str, Var: "attributes.region"}
	id := &expr.Node{Op: expr.OpUser, Type: expr.Str, Var: "id"}
	null := &expr.Node{Op: expr.OpLit, Type: expr.Null}
	lower := &expr.Node{Op: expr.OpCall, Type: expr.Str, Fn: "lower", Args: []*expr.Node{mine}}
	preset := &expr.Node{Op: expr.OpCall, Type: expr.Str, Fn: "coalesce", Args: []*expr.Node{mine, region}}
	list := &expr.Node{Op: expr.OpList, Type: expr.ListOf, Elem: expr.Str, Args: []*expr.Node{mine}}
	for name, c := range map[string]struct {
		rule   *expr.Node
		closed func(*expr.Node) bool // nil: the rule stays as it is
	}{
		"equal":                 {node(expr.OpEq, region, mine), isNullBool},
		"turned round":          {node(expr.OpEq, mine, region), isNullBool},
		"unlike":                {node(expr.OpNe, region, mine), isNullBool},
		"made of it":            {node(expr.OpEq, region, lower), isNullBool},
		"one of a list":         {node(expr.OpIn, region, list), isNullBool},
		"not equal":             {node(expr.OpNot, node(expr.OpEq, region, mine)), func(n *expr.Node) bool { return n.Op == expr.OpNot && isNullBool(n.Args[0]) }},
		"or something else":     {node(expr.OpOr, node(expr.OpEq, region, mine), node(expr.OpEq, region, id)), func(n *expr.Node) bool { return isNullBool(n.Args[0]) && n.Args[1].Op == expr.OpEq }},
		"null in so many words": {node(expr.OpEq, mine, null), nil},
		"with a preset":         {node(expr.OpEq, region, preset), nil},
		"somebody's id":         {node(expr.OpEq, region, id), nil},
	} {
		s.trees[s.app.Roles[0].Grants[0].Rows] = c.rule
		p := s.compile()
		have := s.actor(s.app.Roles[0])
		have.Attributes = map[string]string{"region": "east"}
		if d := p.Decide(have, s.order, metamodel.ActRead); d.Condition() != c.rule {
			t.Errorf("%s: the rule has changed for somebody with the attribute", name)
		}
		d := p.Decide(s.actor(s.app.Roles[0]), s.order, metamodel.ActRead)
		switch {
		case c.closed == nil && d.Condition() != c.rule:
			t.Errorf("%s: the rule has changed", name)
		case c.closed != nil && (!c.closed(d.Condition()) || !c.closed(d.Rows[0])):
			t.Errorf("%s: %+v", name, d.Condition())
		}
		if again := p.Decide(s.actor(s.app.Roles[0]), s.order, metamodel.ActRead); again.Condition() != d.Condition() {
			t.Errorf("%s: the tree isn't kept", name)
		}
	}
}

func isNullBool(n *expr.Node) bool {
	return n.Op == expr.OpLit && n.Type == expr.Bool && n.Value == nil
}
