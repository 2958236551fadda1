package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// grouped answers a question for groups: from an aggregate that is kept where one has the answer, with all conditions of
// the question — the rows that the actor may see among them — on its keys; from the records otherwise. kept tells which.
func (e *Engine) grouped(ctx context.Context, c Call, q *query.Aggregate, env *query.Env) (found *query.Groups, kept bool, err error) {
	for _, a := range c.Snap.AggregatesOver(q.Entity) {
		t := translation{aggregate: a, call: c, env: env}
		over, ok := t.question(ctx, q)
		if !ok {
			continue
		}
		found, err := e.fromKept(ctx, a, over, env)
		if err != nil {
			return nil, false, err
		}
		if found != nil {
			return found, true, nil
		}
	}
	found, err = e.store.Reader().Aggregate(ctx, q, env)
	return found, false, err
}

// fromKept asks an aggregate's groups; nil where it is not ready. Whether it is, is seen at the same moment.
func (e *Engine) fromKept(ctx context.Context, a *compile.Aggregate, q *query.Aggregate, env *query.Env) (found *query.Groups, err error) {
	err = e.store.Snapshot(ctx, func(ctx context.Context, r *store.Reader) error {
		state, err := r.KeptState(ctx, a.ID)
		if errors.Is(err, store.ErrNotFound) || err == nil && !state.Ready {
			return nil
		}
		if err == nil {
			found, err = r.Aggregate(ctx, q, env)
		}
		return err
	})
	if err == nil {
		return found, nil
	}
	if _, gone := e.store.Reader().KeptState(ctx, a.ID); errors.Is(gone, store.ErrNotFound) {
		return nil, nil // a release has dropped it just now
	}
	return nil, fmt.Errorf("ask what is kept for %v: %w", a.Cards, err)
}

// translation makes of a question over records the same question over the groups that are kept of them.
type translation struct {
	aggregate *compile.Aggregate
	call      Call
	env       *query.Env
	spans     *spanning // where the aggregate is kept by months and years
}

// question is the question over the groups; false where they don't have the answer.
func (t *translation) question(ctx context.Context, q *query.Aggregate) (*query.Aggregate, bool) {
	if q.Search != nil || q.IDs != nil {
		return nil, false
	}
	out := &query.Aggregate{Entity: t.aggregate.Table, Limit: q.Limit, Bin: query.Any, Descend: q.Descend, ByFirst: q.ByFirst, Filled: q.Filled}
	where, ok := t.aggregate.Given().Without(q.Where)
	if !ok {
		return nil, false
	}
	if t.aggregate.Span != nil {
		t.spans = newSpanning(t)
	}
	if out.Where, ok = t.overAll(ctx, where, t.spans.all()); !ok {
		return nil, false
	}
	for _, g := range q.Groups {
		over, ok := t.key(g)
		if !ok {
			return nil, false
		}
		out.Groups = append(out.Groups, over)
	}
	for _, m := range q.Measures {
		over, ok := t.measure(ctx, m)
		if !ok {
			return nil, false
		}
		out.Measures = append(out.Measures, over)
	}
	t.spans.finish(out)
	return out, true
}

// at finds the key that a path leads to, or begins at, and what is left of the path.
func (t *translation) at(p metamodel.Path) (*metamodel.KeptKey, metamodel.Path) {
	for _, k := range t.aggregate.Keys {
		if n := len(k.Path); len(p) >= n && slices.Equal(p[:n], k.Path) {
			return k, p[n:]
		}
	}
	return nil, nil
}

// key is what to group by: the key itself, what it refers to, or the longer unit that its unit makes up.
func (t *translation) key(g query.Group) (query.Group, bool) {
	k, rest := t.at(g.Path)
	switch {
	case k == nil:
		return g, false
	case len(rest) > 0:
		return query.Group{Path: append(metamodel.Path{k.Field}, rest...), Unit: g.Unit}, k.Unit == ""
	case k.Unit == "":
		return query.Group{Path: metamodel.Path{k.Field}}, g.Unit == ""
	case k == t.aggregate.Span: // what is counted one by one has its own day
		return query.Group{Path: metamodel.Path{k.Field}, Unit: g.Unit}, t.spans.by(g.Unit)
	case g.Unit == "" && k.Exact(), g.Unit == k.Unit:
		return query.Group{Path: metamodel.Path{k.Field}}, true
	}
	return query.Group{Path: metamodel.Path{k.Field}, Unit: g.Unit}, metamodel.Refines(k.Unit, g.Unit)
}

// measure is a measure over the groups: of the value that is kept of the most of its conditions, where the others are
// about keys.
func (t *translation) measure(ctx context.Context, m query.Measure) (query.Measure, bool) {
	if m.Fn != "count" && m.Fn != "sum" && m.Fn != "avg" {
		return m, false
	}
	var best *query.Measure
	most := -1
	try := func(parts *query.Parts, said compile.Said) {
		rest, ok := said.Without(m.Where)
		if !ok || len(said) <= most {
			return
		}
		in := t.spans.measured()
		if where, ok := t.overAll(ctx, rest, in); ok {
			parts.Spans = t.spans.cover(in)
			best, most = &query.Measure{Fn: m.Fn, Parts: parts, Where: where}, len(said)
		}
	}
	if m.Fn == "count" && len(m.Path) == 0 {
		try(&query.Parts{Count: t.aggregate.Count}, nil)
	}
	for i, v := range t.aggregate.Values {
		if !slices.Equal(v.Path, m.Path) {
			continue
		}
		parts := &query.Parts{Count: v.Count, High: v.High, Low: v.Low}
		if f := m.Path.Last(); f != nil {
			parts.Scale, parts.Whole = scaleOf(f), f.Kind == metamodel.Integer
		}
		try(parts, t.aggregate.GivenOf(i))
	}
	if best == nil {
		return m, false
	}
	return *best, true
}

func scaleOf(f *metamodel.Field) int {
	if f.Kind.IsDecimal() {
		return f.Scale
	}
	return 0
}

// overAll writes conditions over the keys in the place of the record; false where one of them reads anything else. Those
// that are bounds of the days that the aggregate spans narrow in.
func (t *translation) overAll(ctx context.Context, where []*expr.Node, in *days) ([]*expr.Node, bool) {
	var out []*expr.Node
	for _, n := range compile.Conditions(where...) {
		if k, first, op, ok := t.bound(ctx, n); ok && k == t.aggregate.Span {
			in.narrow(op, first)
			continue
		}
		over, ok := t.bounded(ctx, n)
		if !ok {
			over, ok = t.over(n)
		}
		if !ok {
			return nil, false
		}
		out = append(out, over)
	}
	return out, true
}

// over writes an expression over the keys in the place of the record; false where it reads anything else of the record, or
// more of a date than the key has.
func (t *translation) over(n *expr.Node) (*expr.Node, bool) {
	switch n.Op {
	case expr.OpField:
		if p := pathOf(n); p != nil {
			k, rest := t.at(p)
			if k == nil || !k.Exact() {
				return nil, false
			}
			return t.walk(n, k, len(rest)), true
		}
	case expr.OpVar:
		return n, n.Var != ""
	case expr.OpQuery:
		return n, !mentionsRecord(n)
	default: // judged by its parts
	}
	if !mentionsRecord(n) {
		return n, true
	}
	args := make([]*expr.Node, len(n.Args))
	for i, a := range n.Args {
		var ok bool
		if args[i], ok = t.over(a); !ok {
			return nil, false
		}
	}
	body := n.Body
	if body != nil {
		var ok bool
		if body, ok = t.over(body); !ok {
			return nil, false
		}
	}
	return n.With(args, body, n.Query), true
}

// walk writes the fields of a path anew, from the key on.
func (t *translation) walk(n *expr.Node, k *metamodel.KeptKey, rest int) *expr.Node {
	if rest == 0 {
		out := n.With([]*expr.Node{{Op: expr.OpVar, Type: expr.Rec, Entity: t.aggregate.Table}}, nil, nil)
		out.Field = k.Field
		return out
	}
	return n.With([]*expr.Node{t.walk(n.Args[0], k, rest-1)}, nil, nil)
}

// pathOf is the path from the record that an expression walks; nil where it begins at something else.
func pathOf(n *expr.Node) metamodel.Path {
	var out metamodel.Path
	for n.Op == expr.OpField {
		out = append(out, n.Field)
		n = n.Args[0]
	}
	if n.Op != expr.OpVar || n.Var != "" {
		return nil
	}
	slices.Reverse(out)
	return out
}

// mentionsRecord tells whether an expression reads the record.
func mentionsRecord(n *expr.Node) bool {
	found := false
	n.Walk(func(n *expr.Node) bool {
		found = found || n.Op == expr.OpVar && n.Var == ""
		return !found
	})
	return found
}

// bound is a bound of a key's days, as the first day on the far side of it; false for all else.
func (t *translation) bound(ctx context.Context, n *expr.Node) (k *metamodel.KeptKey, first value.Date, op expr.Op, ok bool) {
	if n.Op < expr.OpLt || n.Op > expr.OpGe || len(n.Args) != 2 || n.Args[0].Op != expr.OpField || mentionsRecord(n.Args[1]) {
		return nil, 0, op, false
	}
	k, rest := t.at(pathOf(n.Args[0]))
	if k == nil || len(rest) > 0 || k.Unit == "" || k.Exact() {
		return nil, 0, op, false
	}
	w := &world{call: t.call, env: t.env}
	v, err := t.call.Snap.Model.EvalNode(n.Args[1], w.activation(ctx, nil))
	if err != nil {
		return nil, 0, op, false
	}
	first, op, ok = t.border(n.Op, v)
	return k, first, op, ok
}

// bounded is a bound of a date or instant that falls on the border of two buckets of its key; false for all else.
func (t *translation) bounded(ctx context.Context, n *expr.Node) (*expr.Node, bool) {
	k, first, op, ok := t.bound(ctx, n)
	if !ok || bucketOf(first, k.Unit, t.call.Snap.Zone) != any(first) {
		return nil, false
	}
	key := n.Args[0].With([]*expr.Node{{Op: expr.OpVar, Type: expr.Rec, Entity: t.aggregate.Table}}, nil, nil)
	key.Field, key.Type = k.Field, expr.Dat
	out := n.With([]*expr.Node{key, {Op: expr.OpLit, Type: expr.Dat, Value: first}}, nil, nil)
	out.Op = op
	return out, true
}

// border is the first day on the far side of a bound, with the comparison that has the days before it, or it and those
// after, on the right side.
func (t *translation) border(op expr.Op, v any) (first value.Date, as expr.Op, ok bool) {
	switch x := v.(type) {
	case value.Date:
		first = x
		if op == expr.OpLe || op == expr.OpGt {
			first++
		}
	case time.Time:
		first = value.DateOf(x, t.call.Snap.Zone)
		if (op == expr.OpLe || op == expr.OpGt) || !start(first, t.call.Snap.Zone).Equal(x) {
			return 0, op, false
		}
	default:
		return 0, op, false
	}
	if op == expr.OpLe || op == expr.OpLt {
		return first, expr.OpLt, true
	}
	return first, expr.OpGe, true
}
