package compile

import (
	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// orderStored puts the stored formulas of a record and its lines into one order of computation: a line's amount
// before the record's total, the record's rate before the lines' amounts. It returns the names on a cycle that
// can't be ordered, nil when all is well.
func (s *Snapshot) orderStored(c *Entity) []string {
	all := storedOf(s, c.Entity, nil)
	for _, l := range c.Lines {
		all = append(all, storedOf(s, l.Field.Target, l.Field)...)
	}
	index := map[*metamodel.Field]int{}
	for i, f := range all {
		index[f.Field] = i
	}
	const (
		fresh = iota
		open
		done
	)
	state := make([]int, len(all))
	var order []Computed
	var cycle []string
	var visit func(i int) bool
	visit = func(i int) bool {
		switch state[i] {
		case done:
			return true
		case open:
			cycle = append(cycle, all[i].Field.Name)
			return false
		}
		state[i] = open
		for _, f := range s.programs.Reads(all[i].Field) {
			if j, ok := index[f]; ok && !visit(j) {
				cycle = append(cycle, all[i].Field.Name)
				return false
			}
		}
		state[i] = done
		order = append(order, all[i])
		return true
	}
	for i := range all {
		if !visit(i) {
			return cycle
		}
	}
	c.Stored = order
	return nil
}

func storedOf(s *Snapshot, e *metamodel.Entity, line *metamodel.Field) []Computed {
	var out []Computed
	for _, f := range e.Fields {
		switch {
		case !f.Computed() || !f.Stored:
		case ownLines(f):
			out = append(out, Computed{Field: f, Value: s.program(f.Rollup.Value), Where: s.program(f.Rollup.Where)})
		case f.Rollup == nil:
			out = append(out, Computed{Field: f, Line: line, Program: s.program(f.Formula)})
		}
	}
	return out
}

func fieldsRead(n *expr.Node) []*metamodel.Field {
	var out []*metamodel.Field
	n.Walk(func(n *expr.Node) bool {
		if n.Op == expr.OpField {
			out = append(out, n.Field)
		}
		return true
	})
	return out
}
