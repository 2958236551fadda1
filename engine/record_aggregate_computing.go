package engine

import (
	"maps"
	"slices"

	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// unsettledIn lists the fields that a question for groups asks of and that are being worked out just now.
func (c Call) unsettledIn(q *query.Aggregate) []string {
	u := c.Snap.Unsettled()
	if u == nil {
		return nil
	}
	names := map[string]bool{}
	note := func(p metamodel.Path) {
		for _, f := range p {
			if u.Told[f] {
				names[p.String()] = true
			}
		}
	}
	for _, g := range q.Groups {
		note(g.Path)
	}
	conditions := slices.Clone(q.Where)
	for _, m := range q.Measures {
		note(m.Path)
		conditions = append(conditions, m.Where...)
	}
	for _, n := range conditions {
		n.Walk(func(n *expr.Node) bool {
			if p := pathOf(n); p != nil {
				note(p)
				return false
			}
			return true
		})
	}
	return slices.Sorted(maps.Keys(names))
}

// appendComputing tells, beside an answer, what of it is being worked out.
func appendComputing(b []byte, names []string) []byte {
	if len(names) == 0 {
		return b
	}
	return appendValue(append(b, `,"computing":`...), names)
}
