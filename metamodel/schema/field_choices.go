package schema

import (
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
		c.Order = d.readRowOrder(order, in.at("order"), in.form, &f.ID, c.Entity)
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
	n.putList("order", w.rowOrder(c.Order))
	show := listNode()
	for _, s := range c.Show {
		show.items = append(show.items, w.path(metamodel.Path{s}))
	}
	n.putList("show", show)
	n.putTrue("strict", c.Strict)
	return n
}
