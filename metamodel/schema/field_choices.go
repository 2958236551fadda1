package schema

import (
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// readChoices reads what a text field offers. Whose records they are is known when all documents are read.
func (d *decoder) readChoices(o *object, f *metamodel.Field) {
	in := o.object("x-choices")
	if in == nil {
		return
	}
	c := &metamodel.TextChoices{}
	f.Choices = c
	entity, of := in.need("entity"), in.need("value")
	f.Options = d.readFormula(in, "where", in.take("where"))
	c.Strict = in.flag("strict")
	order, show := in.list("order", metamodel.MaxSort, whatList), in.list("show", metamodel.MaxChoicesShown, whatList)
	in.done()
	d.later(linkTargets, func() {
		if s, ok := d.seekAt(entity, in.at("entity"), in.form, &f.ID, whatEntity); ok {
			c.Entity = d.findEntity(s)
		}
	})
	d.later(linkPaths, func() {
		if c.Entity == nil {
			return
		}
		c.Value = d.choicesField(of, in.at("value"), in.form, f)
		for i, n := range show {
			if at := d.choicesField(n, diag.Pointer(in.at("show"), i), in.form, f); at != nil {
				c.Show = append(c.Show, at)
			}
		}
		for i, n := range order {
			s, ok := d.seekAt(n, diag.Pointer(in.at("order"), i), in.form, &f.ID, whatField)
			if !ok {
				continue
			}
			key := &metamodel.RollupOrder{}
			s.text, key.Descending = strings.CutPrefix(s.text, "-")
			if key.Path = d.findPath(s, c.Entity); key.Path != nil {
				c.Order = append(c.Order, key)
			}
		}
	})
}

// choicesField finds a field of the records that are offered; nil where there is none.
func (d *decoder) choicesField(n *node, path string, form form, f *metamodel.Field) *metamodel.Field {
	s, ok := d.seekAt(n, path, form, &f.ID, whatField)
	if !ok {
		return nil
	}
	found := d.findPath(s, f.Choices.Entity)
	if found == nil {
		return nil
	}
	if len(found) > 1 {
		d.list.Add("field.choices_unfit", path, "name", found.String())
	}
	return found.Last()
}

func (w *writer) choices(f *metamodel.Field) *node {
	c, n := f.Choices, objectNode()
	if c.Entity != nil {
		n.put("entity", w.ref(c.Entity.ID, c.Entity.Name))
	}
	if c.Value != nil {
		n.put("value", w.path(metamodel.Path{c.Value}))
	}
	w.formula(n, "where", f.Options)
	order := listNode()
	for _, k := range c.Order {
		key := w.path(k.Path)
		if k.Descending {
			key = textNode("-" + key.text)
		}
		order.items = append(order.items, key)
	}
	n.putList("order", order)
	show := listNode()
	for _, s := range c.Show {
		show.items = append(show.items, w.path(metamodel.Path{s}))
	}
	n.putList("show", show)
	n.putTrue("strict", c.Strict)
	return n
}
