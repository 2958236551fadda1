package expr

// Over returns a condition over records, asked of the record that a path leads to.
func Over(n, path *Node) *Node {
	if n == nil {
		return nil
	}
	if n.Op == OpVar && n.Var == "" {
		return path
	}
	c := *n
	c.Args = make([]*Node, len(n.Args))
	for i, a := range n.Args {
		c.Args[i] = Over(a, path)
	}
	c.Body = Over(n.Body, path)
	if n.Query != nil {
		q := *n.Query
		q.Where, q.Value, q.Order = Over(q.Where, path), Over(q.Value, path), Over(q.Order, path)
		c.Query = &q
	}
	return &c
}
