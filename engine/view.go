package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// condition gives the row conditions of the records that a document's condition walks to, and tells whether the actor
// may know the condition at all: it must read only what he could have asked for himself. Whether it holds would
// otherwise give away what he may not read.
func (c Call) condition(e *metamodel.Entity, f *metamodel.Formula) (guards []*expr.Node, known bool) {
	if f == nil {
		return nil, true
	}
	l := &lister{call: c, entity: c.Snap.Of(e), may: c.decide(e, metamodel.ActRead)}
	tree := c.Snap.Program(f).Tree()
	known = true
	tree.Walk(func(n *expr.Node) bool {
		switch n.Op {
		case expr.OpField:
			known = known && l.readable(n.Field)
		case expr.OpQuery: // it sees records that are not walked to
			may := c.decide(n.Query.Entity, metamodel.ActRead)
			known = known && may.allow() && may.rows() == nil
		default: // other operations read nothing of their own
		}
		return known
	})
	if !known {
		return nil, false
	}
	guards = l.guards(tree)
	return guards, !l.list.HasErrors()
}

// sees tells whether a view exists for the actor: he reads its entity, and knows what it is made of. A dashboard exists
// for who sees any of its cards.
func (c Call) sees(v *metamodel.View) bool {
	if v.Type == metamodel.DashboardView {
		return slices.ContainsFunc(v.Cards, c.seesCard)
	}
	may := c.decide(v.Entity, metamodel.ActRead)
	if !may.allow() || v.By != nil && !may.open(v.By) || v.Start != nil && !may.open(v.Start) {
		return false
	}
	_, known := c.condition(v.Entity, v.Filter)
	return known
}

// view finds a view that exists for the actor.
func (c Call) view(name, pointer string) (*metamodel.View, error) {
	if v := c.Snap.App.View(name); v != nil && c.sees(v) {
		return v, nil
	}
	return nil, diag.Refuse("view.not_found", pointer, "view", clip(name))
}

// entityView finds a view that shows records of one entity.
func (c Call) entityView(name string) (*metamodel.View, error) {
	v, err := c.view(name, "")
	if err == nil && v.Entity == nil {
		return nil, diag.Refuse("view.not_found", "", "view", clip(name))
	}
	return v, err
}

// colors are the view's colour rules that exist for the actor.
func (c Call) colors(v *metamodel.View) []*metamodel.ColorRule {
	var out []*metamodel.ColorRule
	may := c.decide(v.Entity, metamodel.ActRead)
	for _, r := range v.Colors {
		if r.Field != nil && !may.open(r.Field) {
			continue
		}
		if _, known := c.condition(v.Entity, r.When); known {
			out = append(out, r)
		}
	}
	return out
}

// listing is what a view, and a saved filter of it, add to a request for records.
type listing struct {
	view  *metamodel.View
	where []*expr.Node
	order string // as order_by
}

// listing finds the view that a request names; an empty one when it names none.
func (e *Engine) listing(c Call, ent *compile.Entity, may decision, view, saved string) (*listing, error) {
	if view == "" && saved == "" {
		return &listing{}, nil
	}
	if view == "" {
		return nil, diag.Refuse("view.filter_alone", "/saved")
	}
	v, err := c.view(view, "/view")
	if err != nil {
		return nil, err
	}
	if v.Entity != ent.Entity {
		return nil, diag.Refuse("view.not_found", "/view", "view", clip(view))
	}
	l := &listing{view: v, order: e.orderText(c, may, v.Sort)}
	c.narrow(l, v.Entity, v.Filter)
	if saved == "" {
		return l, nil
	}
	s := c.savedViews(v)
	at := slices.IndexFunc(s, func(s *metamodel.SavedView) bool { return s.Name == saved })
	if at < 0 {
		return nil, diag.Refuse("view.filter_not_found", "/saved", "view", v.Name, "saved", clip(saved))
	}
	c.narrow(l, v.Entity, s[at].Filter)
	if order := e.orderText(c, may, s[at].Sort); order != "" {
		l.order = order
	}
	return l, nil
}

// narrow adds a document's condition, which the actor knows.
func (c Call) narrow(l *listing, e *metamodel.Entity, f *metamodel.Formula) {
	if f == nil {
		return
	}
	guards, _ := c.condition(e, f)
	l.where = append(append(l.where, c.Snap.Program(f).Tree()), guards...)
}

// savedViews are the named filters of a view that exist for the actor.
func (c Call) savedViews(v *metamodel.View) []*metamodel.SavedView {
	var out []*metamodel.SavedView
	for _, s := range v.Saved {
		if _, known := c.condition(v.Entity, s.Filter); known {
			out = append(out, s)
		}
	}
	return out
}

// orderText writes the keys of a document's order that the actor may sort by as order_by has them.
func (e *Engine) orderText(c Call, may decision, keys []*metamodel.SortKey) string {
	var parts []string
	for _, k := range e.sortKeys(c, may, keys) {
		part := k.Field.Name
		if k.Descending {
			part += " desc"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

func (e *Engine) sortKeys(c Call, may decision, keys []*metamodel.SortKey) []*metamodel.SortKey {
	var out []*metamodel.SortKey
	for _, k := range keys {
		if e.sortable(c, may, metamodel.Path{k.Field}) {
			out = append(out, k)
		}
	}
	return out
}

// sortable tells whether the actor may put records in the order of what a path ends at: as lister.path does, without
// saying why not.
func (e *Engine) sortable(c Call, may decision, path metamodel.Path) bool {
	last := path.Last()
	return c.opens(may, path) && orders(last.Kind) && (!last.Virtual() || e.pushable(c.Snap, last))
}

// opens tells whether the actor may use what a path ends at for all records. The record that a line belongs to is in
// his rows where the line is.
func (c Call) opens(may decision, path metamodel.Path) bool {
	for i, f := range path {
		if i > 0 {
			may = c.decide(f.Entity, metamodel.ActRead)
			if own := i == 1 && path[0].System && path[0].Name == metamodel.ParentField; may.rows() != nil && !own {
				return false
			}
		}
		if !may.open(f) {
			return false
		}
	}
	return true
}

// painted tells, by the ids of rows that were read, which of a view's colour rules hold.
func (w *world) painted(ctx context.Context, v *metamodel.View, rows []value.Row) (map[string][]string, error) {
	if v == nil || len(rows) == 0 {
		return nil, nil
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i], _ = r[metamodel.SlotID].(string)
	}
	out := map[string][]string{}
	for _, rule := range w.call.colors(v) {
		held, err := w.held(ctx, v.Entity, rule.When, ids)
		if err != nil {
			return nil, fmt.Errorf("colour %s: %w", rule.Name, err)
		}
		for _, id := range held {
			out[id] = append(out[id], rule.Name)
		}
	}
	return out, nil
}

// held are those of some records for which a document's condition holds: asked of the store in one statement, else
// judged one by one.
func (w *world) held(ctx context.Context, e *metamodel.Entity, f *metamodel.Formula, ids []string) ([]string, error) {
	p, columns := w.call.Snap.Program(f), e.Columns()
	guards, _ := w.call.condition(e, f)
	q := &query.Select{Entity: e, IDs: ids, Where: append([]*expr.Node{p.Tree()}, guards...), Limit: len(ids), Bin: query.Any, Fields: columns[:1]}
	page, err := w.read.Select(ctx, q, w.env)
	if !beyondStore(err) {
		return idsOf(page, err)
	}
	q.Where, q.Fields = guards, nil
	if page, err = w.read.Select(ctx, q, w.env); err != nil {
		return nil, err
	}
	program := w.call.Snap.Wrap(p)
	page.Rows, err = w.judged(ctx, w.call.Snap.Of(e), program, page.Rows)
	return idsOf(page, err)
}

// beyondStore tells that the store can't answer a question: it doesn't know an operation, or it is too much for one
// statement.
func beyondStore(err error) bool {
	if _, never := lower.AsNotLowerable(err); never {
		return true
	}
	p, ok := asProblem(err)
	return ok && p.First().Code == "query.too_complex"
}

// judged keeps the rows for which a condition holds. What can't be judged does not hold.
func (w *world) judged(ctx context.Context, e *compile.Entity, p *compile.Program, rows []value.Row) ([]value.Row, error) {
	if err := w.prefetch(ctx, p.Hops, e.Entity, rows); err != nil {
		return nil, err
	}
	for _, l := range e.Lines {
		if slices.Contains(p.Reads[e.ID], l.Field) {
			if err := w.readLines(ctx, l.Field, rows); err != nil {
				return nil, err
			}
		}
	}
	var own []*metamodel.Field
	for _, f := range p.Reads[e.ID] {
		if f.Computed() {
			own = append(own, f)
		}
	}
	if err := w.fillVirtual(ctx, own, rows, nil, true); err != nil {
		return nil, err
	}
	read := *p // but for what has just been filled for all rows at once
	read.Reads = maps.Clone(p.Reads)
	delete(read.Reads, e.ID)
	var out []value.Row
	for _, row := range rows {
		ok, err := w.holds(ctx, e, &read, w.activation(ctx, row))
		if fatal(err) {
			return nil, err
		}
		if ok && err == nil {
			out = append(out, row)
		}
	}
	return out, nil
}

func idsOf(page *query.Page, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	out := make([]string, len(page.Rows))
	for i, r := range page.Rows {
		out[i], _ = r[metamodel.SlotID].(string)
	}
	return out, nil
}

// appendColors writes which colour rules hold, in the order of the rows.
func appendColors(b []byte, rows []value.Row, colors map[string][]string) []byte {
	b = append(b, `,"colors":{`...)
	first := true
	for _, r := range rows {
		id, _ := r[metamodel.SlotID].(string)
		names := colors[id]
		if names == nil {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(appendString(b, id), ':')
		b = appendValue(b, names)
	}
	return append(b, '}')
}
