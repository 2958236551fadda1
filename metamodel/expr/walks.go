package expr

import (
	"slices"

	"tenon/metamodel"
)

// Walk is a field that an expression reads, with the way to it: the references, lines and parents that lead from the
// record of the scope to the record that has the field. An empty way is the record itself.
type Walk struct {
	Way   metamodel.Path
	Field *metamodel.Field
}

// Walks lists what a program reads of the record and of those it leads to, each once. What an expression reads through
// a value that is a choice of several records has a walk for each.
func (p *Program) Walks() []Walk {
	w := &walker{vars: map[string][]metamodel.Path{"": {nil}}}
	w.node(p.tree)
	return w.out
}

// walker keeps by which ways the records of each variable are reached.
type walker struct {
	vars map[string][]metamodel.Path
	out  []Walk
}

func (w *walker) node(n *Node) {
	if n == nil {
		return
	}
	for _, a := range n.Args {
		w.node(a)
	}
	switch n.Op {
	case OpField:
		for _, way := range w.ways(n.Args[0]) {
			w.add(Walk{way, n.Field})
		}
	case OpQuantor:
		w.over(n, func() { w.node(n.Body) })
	case OpQuery: // reads by a question, not by a way
	default:
	}
}

func (w *walker) add(found Walk) {
	if !slices.ContainsFunc(w.out, func(o Walk) bool { return o.Field == found.Field && slices.Equal(o.Way, found.Way) }) {
		w.out = append(w.out, found)
	}
}

// over does something while a loop's variable stands for the elements of its list.
func (w *walker) over(n *Node, do func()) {
	hidden, was := w.vars[n.Var]
	w.vars[n.Var] = w.ways(n.Args[0])
	do()
	delete(w.vars, n.Var)
	if was {
		w.vars[n.Var] = hidden
	}
}

// ways lists how the records that a node stands for, or the elements of its list, are reached.
func (w *walker) ways(n *Node) []metamodel.Path {
	if n == nil {
		return nil
	}
	switch n.Op {
	case OpVar:
		return w.vars[n.Var]
	case OpField:
		var out []metamodel.Path
		for _, way := range w.ways(n.Args[0]) {
			out = append(out, append(slices.Clone(way), n.Field))
		}
		return out
	case OpQuantor:
		if n.Fn == "map" {
			var out []metamodel.Path
			w.over(n, func() { out = w.ways(n.Body) })
			return out
		}
		return w.ways(n.Args[0])
	default:
		var out []metamodel.Path
		for _, a := range n.Args {
			if a.Type == Rec || a.Type == ListOf {
				out = append(out, w.ways(a)...)
			}
		}
		return out
	}
}
