package engine

import (
	"context"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// listed are the records from which a text field takes what it offers; nil where the actor may see none of it. What he
// may not see is not offered.
func (p *picker) listed() *candidates {
	of := p.field.Choices
	c := &candidates{picker: p, target: p.world.call.Snap.Of(of.Entity), cond: p.owner.Options[p.field]}
	c.may = p.world.call.decide(of.Entity, metamodel.ActRead)
	if !c.may.allow() || !c.may.open(of.Value) {
		return nil
	}
	c.lister = &lister{call: p.world.call, entity: c.target, may: c.may}
	c.detail = []*metamodel.Field{of.Value}
	for _, f := range of.Show {
		if c.may.open(f) {
			c.detail = append(c.detail, f)
		}
	}
	return c
}

// texts offers the texts of a field, each once on a page.
func (p *picker) texts(ctx context.Context) (*Result, error) {
	c, of := p.listed(), p.field.Choices
	if c == nil {
		return p.answer(nil, ""), nil
	}
	if err := c.prepare(ctx); err != nil {
		return nil, err
	}
	var search *query.Search
	if p.search != "" {
		search = &query.Search{Text: p.search, Paths: []metamodel.Path{{of.Value}}}
	}
	req := c.request(":choices")
	q := c.question(search)
	q.Order, q.Limit = c.textOrder(), c.size
	if c.token != "" {
		after, err := c.engine.readPageToken(c.world.call, c.target.Name, req)
		if err != nil {
			return nil, err
		}
		q.After = after
	}
	page, err := c.ask(ctx, q)
	if err != nil {
		return nil, err
	}
	next := ""
	if page.Next != nil {
		if next, err = c.engine.pageToken(c.world.call, c.target.Name, req, page.Next); err != nil {
			return nil, err
		}
	}
	return c.answer(c.textOptions(page.Rows), next), nil
}

// textOrder is the order of what is offered: what the field says, as far as the actor may read it, then the text.
func (c *candidates) textOrder() []query.Order {
	of := c.field.Choices
	var out []query.Order
	for _, k := range of.Order {
		if c.may.open(k.Path.Last()) {
			out = append(out, query.Order{Path: k.Path, Descending: k.Descending})
		}
	}
	return append(out, query.Order{Path: metamodel.Path{of.Value}})
}

// textOptions makes options of rows: the text, and beside it what the field shows.
func (c *candidates) textOptions(rows []value.Row) []option {
	of := c.field.Choices
	var out []option
	seen := map[string]bool{}
	for _, row := range rows {
		text, _ := row[of.Value.Slot].(string)
		if text == "" || seen[text] {
			continue
		}
		seen[text] = true
		var parts []string
		for _, f := range c.detail[1:] {
			if v := row[f.Slot]; v != nil {
				if n, ok := v.(value.Decimal); ok {
					v = n.Trim()
				}
				parts = append(parts, f.Title.In(c.world.call.Locale)+" "+valueText(f, v, c.world.call.Locale))
			}
		}
		out = append(out, option{id: text, display: text, detail: strings.Join(parts, detailSeparator)})
	}
	return out
}

// checkChoices refuses what is newly written to a text field that takes only what it offers, and isn't offered to the
// actor for the record as it is.
func (w *world) checkChoices(ctx context.Context, d *draft) error {
	if err := w.checkRowChoices(ctx, d, d.entity, d.after, d.before, nil, d.path); err != nil {
		return err
	}
	for _, l := range d.entity.Lines {
		if len(l.Entity.Strict) == 0 {
			continue
		}
		for i, row := range d.lines(l.Field) {
			if err := w.checkRowChoices(ctx, d, l.Entity, row, d.lineBefore(l.Field, row), d.after, diag.Pointer(d.path, l.Field.Name, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *world) checkRowChoices(ctx context.Context, d *draft, e *compile.Entity, row, before, parent value.Row, path string) error {
	for _, f := range e.Strict {
		text, _ := row[f.Slot].(string)
		if text == "" || before != nil && same(before[f.Slot], text) {
			continue
		}
		ok, err := w.offers(ctx, e, f, row, parent, text)
		if err != nil {
			return err
		}
		if !ok {
			d.list.Add("record.choice_unknown", diag.Pointer(path, f.Name), "field", f.Title.In(w.call.Locale), "value", clip(text))
		}
	}
	return nil
}

// offers tells whether a text is among those that a field offers to the actor.
func (w *world) offers(ctx context.Context, e *compile.Entity, f *metamodel.Field, row, parent value.Row, text string) (bool, error) {
	p := &picker{world: w, owner: e, field: f, row: row, parent: parent}
	c := p.listed()
	if c == nil {
		return false, nil
	}
	if err := c.prepare(ctx); err != nil {
		return false, err
	}
	q := c.question(&query.Search{Text: text, Paths: []metamodel.Path{{f.Choices.Value}}, Exact: true})
	q.Limit = maxExactOptions
	page, err := c.ask(ctx, q)
	if err != nil {
		return false, err
	}
	for _, r := range page.Rows {
		if r[f.Choices.Value.Slot] == text {
			return true, nil
		}
	}
	return false, nil
}
