package compile

import (
	"sync"

	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// maxLineRows bounds how many row conditions of lines are remembered; beyond it all are made anew.
const maxLineRows = 1000

// lineRows remembers what conditions on records are for their lines, so that what is worked out for one need not be worked
// out again in the next request.
type lineRows struct {
	mu sync.Mutex
	by map[lineRowsKey]*expr.Node
}

type lineRowsKey struct {
	rows  *expr.Node
	lines *metamodel.Entity
}

// RowsOfLines is the condition on lines that one holds for the record that they belong to; nil stays nil.
func (s *Snapshot) RowsOfLines(rows *expr.Node, lines *metamodel.Entity) *expr.Node {
	if rows == nil {
		return nil
	}
	m, key := &s.lineRows, lineRowsKey{rows, lines}
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := m.by[key]; n != nil {
		return n
	}
	if m.by == nil || len(m.by) >= maxLineRows {
		m.by = map[lineRowsKey]*expr.Node{}
	}
	line := &expr.Node{Op: expr.OpVar, Type: expr.Rec, Entity: lines}
	parent := lines.Columns()[metamodel.LineSlotParent]
	n := expr.Over(rows, &expr.Node{Op: expr.OpField, Type: expr.Rec, Entity: lines.Parent, Field: parent, Args: []*expr.Node{line}})
	m.by[key] = n
	return n
}
