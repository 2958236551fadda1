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
		rows := l.rowsOf(n.Field.Entity, base)
		switch {
		case rows == nil || l.own(base):
		case !isPath(base):
			l.restricted(n)
		default:
			if key := pathKey(base); !seen[key] {
				seen[key] = true
				out = append(out, expr.Over(rows, base))
			}
		}
		return true
	})
	return out
}

// rowsOf is the condition that binds an entity's records where they are reached by base. Lines that are reached by the
// record that they belong to are judged with it; what a reference to a line leads to is judged by the line's document.
func (l *lister) rowsOf(e *metamodel.Entity, base *expr.Node) *expr.Node {
	if e.IsLines() && (base.Op != expr.OpField || base.Field.Kind == metamodel.Lines) {
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
