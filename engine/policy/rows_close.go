package policy

import (
	"slices"
	"strings"

	"tenon/metamodel/expr"
)

// attributePrefix precedes an attribute's name in the variable of a node.
const attributePrefix = "attributes."

// attributesIn lists the user's attributes that comparisons in row rules are made with, sorted.
func attributesIn(rows []*expr.Node) []string {
	var out []string
	for _, n := range rows {
		n.Walk(func(n *expr.Node) bool {
			if compares(n) {
				for _, a := range n.Args {
					out = append(out, attributesOf(a)...)
				}
			}
			return true
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// compares tells whether a node is a comparison that null takes part in like a value: equal, unlike, one of. A rule
// that compares with null in so many words means it.
func compares(n *expr.Node) bool {
	switch n.Op {
	case expr.OpEq, expr.OpNe, expr.OpIn:
		return !slices.ContainsFunc(n.Args, func(a *expr.Node) bool { return a.Op == expr.OpLit && a.Value == nil })
	default:
		return false
	}
}

// attributesOf lists the attributes that a value is made of. What stands in a choice or in coalesce has been thought
// of by whoever wrote it.
func attributesOf(n *expr.Node) []string {
	var out []string
	n.Walk(func(n *expr.Node) bool {
		if name, ok := strings.CutPrefix(n.Var, attributePrefix); ok && n.Op == expr.OpUser {
			out = append(out, name)
		}
		return true
	})
	if chooses(n) {
		return nil
	}
	return out
}

func chooses(n *expr.Node) bool {
	found := false
	n.Walk(func(n *expr.Node) bool {
		found = found || n.Op == expr.OpCond || n.Op == expr.OpCall && n.Fn == "coalesce"
		return !found
	})
	return found
}

// closed is what row rules say to somebody who lacks attributes that they compare with: such a comparison is null,
// and neither it nor its opposite holds. Otherwise a record without a region would be within the rows of everybody
// without one.
func closed(rows []*expr.Node, lacks []string) []*expr.Node {
	out := make([]*expr.Node, len(rows))
	for i, n := range rows {
		out[i] = closeNode(n, lacks)
	}
	return out
}

func closeNode(n *expr.Node, lacks []string) *expr.Node {
	if n == nil {
		return nil
	}
	if compares(n) && slices.ContainsFunc(n.Args, func(a *expr.Node) bool {
		return slices.ContainsFunc(attributesOf(a), func(name string) bool { return slices.Contains(lacks, name) })
	}) {
		return &expr.Node{Op: expr.OpLit, Type: expr.Bool, Pos: n.Pos}
	}
	args, changed := make([]*expr.Node, len(n.Args)), false
	for i, a := range n.Args {
		args[i] = closeNode(a, lacks)
		changed = changed || args[i] != a
	}
	body := closeNode(n.Body, lacks)
	changed = changed || body != n.Body
	q := n.Query
	if q != nil {
		where, value, order := closeNode(q.Where, lacks), closeNode(q.Value, lacks), closeNode(q.Order, lacks)
		if where != q.Where || value != q.Value || order != q.Order {
			c := *q
			c.Where, c.Value, c.Order = where, value, order
			q, changed = &c, true
		}
	}
	if !changed {
		return n
	}
	return n.With(args, body, q)
}

// closedKey names the rows of a decision for those who lack some attributes.
type closedKey struct {
	of    *Decision
	lacks string
}

// forActor gives a decision to somebody: with row rules closed where he lacks an attribute that they compare with.
// The trees are kept, so that what the store remembers of them is found again.
func (p *Permissions) forActor(d *Decision, a *Actor) Decision {
	out := *d
	var lacks []string
	for _, name := range d.attributes {
		if a.Attributes[name] == "" {
			lacks = append(lacks, name)
		}
	}
	if len(lacks) == 0 {
		return out
	}
	key := closedKey{d, strings.Join(lacks, ".")}
	if kept, ok := p.closings.Load(key); ok {
		return *kept.(*Decision) //nolint:forcetypeassert // only decisions are stored
	}
	out.Rows = closed(d.Rows, lacks)
	out.row = anyOf(out.Rows)
	p.closings.Store(key, &out)
	return out
}
