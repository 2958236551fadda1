package engine

import (
	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// guards are the row conditions of the records that a condition walks to. Where a record is not reached by a plain
// path from the one that is judged (in a loop over records, by a choice between two) no condition can be put beside
// it: then its entity must not be restricted.
func (l *lister) guards(n *expr.Node) []*expr.Node {
	var out []*expr.Node
	seen := map[string]bool{}
	n.Walk(func(n *expr.Node) bool {
		if n.Op != expr.OpField || n.Field.Name == "id" {
			return true // the id is in the record that points there
		}
		base := n.Args[0]
		rows := l.rowsOf(n.Field.Entity)
		switch {
		case rows == nil || l.own(base):
		case !isPath(base):
			l.restricted(n)
		default:
			if key := pathKey(base); !seen[key] {
				seen[key] = true
				out = append(out, over(rows, base))
			}
		}
		return true
	})
	return out
}

// rowsOf is the condition that binds an entity's records. Lines are reached by the record that they belong to, and
// are judged with it.
func (l *lister) rowsOf(e *metamodel.Entity) *expr.Node {
	if e.IsLines() {
		return nil
	}
	return l.call.decide(e, metamodel.ActRead).rows()
}

// own tells whether a node is the record that is judged: by itself, or as what one of its lines belongs to.
func (l *lister) own(n *expr.Node) bool {
	if n.Op == expr.OpField && n.Field.System && n.Field.Name == metamodel.ParentField && n.Args[0].Op == expr.OpVar {
		return n.Field.Entity.Parent == l.entity.Entity
	}
	return n.Op == expr.OpVar && n.Var == ""
}

func (l *lister) restricted(n *expr.Node) {
	l.list.Add("query.path_restricted", "", "field", n.Field.Name, "parameter", "filter")
}

// isPath tells whether a node is the record that is judged or what single references lead to from it.
func isPath(n *expr.Node) bool {
	for n.Op == expr.OpField {
		n = n.Args[0]
	}
	return n.Op == expr.OpVar && n.Var == ""
}

func pathKey(n *expr.Node) string {
	if n.Op != expr.OpField {
		return n.Var
	}
	return pathKey(n.Args[0]) + "." + string(n.Field.ID)
}

// over returns a condition over records, asked of the record that a path leads to.
func over(n, path *expr.Node) *expr.Node {
	if n == nil {
		return nil
	}
	if n.Op == expr.OpVar && n.Var == "" {
		return path
	}
	c := *n
	c.Args = make([]*expr.Node, len(n.Args))
	for i, a := range n.Args {
		c.Args[i] = over(a, path)
	}
	c.Body = over(n.Body, path)
	if n.Query != nil {
		q := *n.Query
		q.Where, q.Value, q.Order = over(q.Where, path), over(q.Value, path), over(q.Order, path)
		c.Query = &q
	}
	return &c
}
