package schema

import (
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

func readReference(d *decoder, o *object, f *metamodel.Field) {
	in := o.object("x-ref")
	if in == nil {
		o.need("x-ref")
		return
	}
	target := in.need("entity")
	f.OnDelete = metamodel.OnDelete(in.one("on-delete", string(metamodel.Restrict), string(metamodel.SetNull), string(metamodel.Cascade)))
	if f.OnDelete == "" {
		f.OnDelete = metamodel.Restrict
	}
	if f.Kind == metamodel.Tree {
		in.onlyTrue("tree")
	} else if in.flag("tree") {
		o.add("field.kind_contradiction", "x-ref", "kind", string(f.Kind), "expected", "x-ref", "actual", "tree")
	}
	if f.Kind == metamodel.Reference {
		d.readShows(in, f)
		d.readOpen(in, f)
	}
	in.done()
	d.readTarget(o, in, target, f)
}

// readShows reads what is told beside a record that may be chosen.
func (d *decoder) readShows(in *object, f *metamodel.Field) {
	show := in.list("show", metamodel.MaxChoicesShown, whatList)
	d.later(linkPaths, func() {
		for i, n := range show {
			path := diag.Pointer(in.at("show"), i)
			s, ok := d.seekAt(n, path, in.form, &f.ID, whatField)
			if !ok || f.Target == nil {
				continue
			}
			found := d.findPath(s, f.Target)
			if len(found) > 1 {
				d.list.Add("field.shown_unfit", path, "name", found.String())
			}
			if found != nil {
				f.Shows = append(f.Shows, found.Last())
			}
		}
	})
}

// readOpen reads which field says how much of a record is still open.
func (d *decoder) readOpen(in *object, f *metamodel.Field) {
	open := in.take("open")
	d.later(linkPaths, func() {
		s, ok := d.seekAt(open, in.at("open"), in.form, &f.ID, whatField)
		if !ok || f.Target == nil {
			return
		}
		found := d.findPath(s, f.Target)
		if len(found) > 1 {
			in.add("field.open_unfit", "open", "name", found.String())
		}
		if found != nil {
			f.Open = found.Last()
		}
	})
}

func readReferences(d *decoder, o *object, f *metamodel.Field) {
	d.readItems(o)
	f.MinItems = o.number("minItems", 0, metamodel.MaxListItems, 0)
	f.MaxLength = o.number("maxItems", 1, metamodel.MaxListItems, metamodel.DefaultItems)
	o.onlyTrue("uniqueItems")
	d.checkItems(o, f)
	in := o.object("x-ref")
	if in == nil {
		o.need("x-ref")
		return
	}
	target := in.need("entity")
	in.done()
	d.readTarget(o, in, target, f)
}

// readItems reads the items of a list of ids, which say nothing that the kind doesn't.
func (d *decoder) readItems(o *object) {
	if items := o.object("items"); items != nil && items.n != nil {
		items.needOne("type", "string")
		items.needOne("format", "uuid")
		items.done()
	} else if items == nil {
		o.need("items")
	}
}

func (d *decoder) readTarget(o, in *object, target *node, f *metamodel.Field) {
	f.Options = d.readFormula(o, "x-options-filter", o.take("x-options-filter"))
	if target == nil {
		return
	}
	d.later(linkTargets, func() {
		s, ok := d.seekAt(target, in.at("entity"), in.form, &f.ID, whatEntity)
		if !ok {
			return
		}
		f.Target = d.findEntity(s)
		if f.Kind == metamodel.Tree && f.Target != nil && f.Target != f.Entity {
			in.add("field.tree_target", "entity")
		}
	})
}

func writeReference(w *writer, n *node, f *metamodel.Field) {
	ref := objectNode()
	if f.Target != nil {
		ref.put("entity", w.ref(f.Target.ID, f.Target.Name))
	}
	ref.putTrue("tree", f.Kind == metamodel.Tree)
	ref.putText("on-delete", string(f.OnDelete))
	show := listNode()
	for _, s := range f.Shows {
		show.items = append(show.items, w.path(metamodel.Path{s}))
	}
	ref.putList("show", show)
	if f.Open != nil {
		ref.put("open", w.path(metamodel.Path{f.Open}))
	}
	n.put("x-ref", ref)
	w.formula(n, "x-options-filter", f.Options)
}

func idItems() *node {
	return objectNode(member{"type", textNode("string")}, member{"format", textNode("uuid")})
}

func writeReferences(w *writer, n *node, f *metamodel.Field) {
	n.put("items", idItems())
	n.putNumber("minItems", f.MinItems, 0)
	n.putNumber("maxItems", f.MaxLength, metamodel.DefaultItems)
	ref := objectNode()
	if f.Target != nil {
		ref.put("entity", w.ref(f.Target.ID, f.Target.Name))
	}
	n.put("x-ref", ref)
	w.formula(n, "x-options-filter", f.Options)
}

func readLines(d *decoder, o *object, f *metamodel.Field) {
	f.MinItems = o.number("minItems", 0, metamodel.MaxLines, 0)
	f.MaxLength = o.number("maxItems", 1, metamodel.MaxLines, metamodel.DefaultLines)
	d.checkItems(o, f)
	target := o.need("x-lines")
	if target == nil {
		return
	}
	d.later(linkTargets, func() {
		s, ok := d.seekAt(target, o.at("x-lines"), o.form, &f.ID, whatEntity)
		if !ok {
			return
		}
		line := d.findEntity(s)
		f.Target = line
		switch {
		case line == nil:
		case line == f.Entity:
			o.add("entity.lines_cycle", "x-lines", "cycle", line.Name+" → "+line.Name)
			f.Target = nil
		case line.Parent != nil:
			o.add("entity.lines_shared", "x-lines", "name", line.Name, "fields", []string{line.Parent.Name + "." + line.Via.Name, f.Entity.Name + "." + f.Name})
		default:
			line.Parent, line.Via = f.Entity, f
		}
	})
}

func writeLines(w *writer, n *node, f *metamodel.Field) {
	if f.Target != nil {
		n.put("x-lines", w.ref(f.Target.ID, f.Target.Name))
	}
	n.putNumber("minItems", f.MinItems, 0)
	n.putNumber("maxItems", f.MaxLength, metamodel.DefaultLines)
}

func readFiles(d *decoder, o *object, f *metamodel.Field) {
	d.readItems(o)
	f.MinItems = o.number("minItems", 0, metamodel.MaxFiles, 0)
	f.MaxLength = o.number("maxItems", 1, metamodel.MaxFiles, metamodel.DefaultFiles)
	d.checkItems(o, f)
}

func writeFiles(_ *writer, n *node, f *metamodel.Field) {
	n.put("items", idItems())
	n.putNumber("minItems", f.MinItems, 0)
	n.putNumber("maxItems", f.MaxLength, metamodel.DefaultFiles)
}
