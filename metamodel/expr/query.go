package expr

// Params lists the parts of the query that are evaluated over the outer record before the query is asked: the
// largest sub-trees of Where, then Value and then Order that don't touch Var, literals aside, in source order. Each stays
// in the tree as it is; ParamIndex finds it again.
func (q *Query) Params() []*Node {
	var out []*Node
	q.collect(q.Where, &out)
	q.collect(q.Value, &out)
	q.collect(q.Order, &out)
	return out
}

// ParamIndex tells which parameter a node of Where, Value or Order is: its index in Params.
func (q *Query) ParamIndex(n *Node) (int, bool) {
	for i, p := range q.Params() {
		if p == n {
			return i, true
		}
	}
	return 0, false
}

func (q *Query) collect(n *Node, out *[]*Node) {
	if n == nil || n.Op == OpLit {
		return
	}
	if !n.mentions(q.Var) {
		if !n.constant() {
			*out = append(*out, n)
		}
		return
	}
	for _, a := range n.Args {
		q.collect(a, out)
	}
	q.collect(n.Body, out)
}

// mentions tells whether the node reads a comprehension's variable.
func (n *Node) mentions(v string) bool {
	found := false
	n.Walk(func(n *Node) bool {
		found = found || n.Op == OpVar && n.Var == v
		return !found
	})
	return found
}

// constant tells whether the node is a literal or a list of literals: part of the query itself.
func (n *Node) constant() bool {
	switch n.Op {
	case OpLit:
		return true
	case OpList:
		for _, a := range n.Args {
			if a.Op != OpLit {
				return false
			}
		}
		return true
	default:
		return false
	}
}
