package schema

import (
	"slices"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

func (d *decoder) readRole(o *object) {
	r := &metamodel.Role{}
	d.app.Roles = append(d.app.Roles, r)
	r.Name = d.documentName(o, metamodel.ElementRole, &r.ID, r)
	r.Title = o.label("title", metamodel.MaxLabel, true)
	r.Help = o.label("description", metamodel.MaxHelp, false)
	r.Installer = o.flag("installer")
	inherits := o.list("inherits", metamodel.MaxInherits, whatList)
	menu := o.list("menu", metamodel.MaxMenu, whatMenu)
	d.later(linkPaths, func() {
		for i, n := range inherits {
			at := diag.Pointer(o.at("inherits"), i)
			if s, ok := d.seekAt(n, at, o.form, &r.ID, whatRole); ok {
				switch parent := d.findRole(s); {
				case parent == nil:
				case slices.Contains(r.Inherits, parent):
					d.list.Add("document.value_duplicate", at, "value", parent.Name)
				default:
					r.Inherits = append(r.Inherits, parent)
				}
			}
		}
		for i, n := range menu {
			at := diag.Pointer(o.at("menu"), i)
			if s, ok := d.seekAt(n, at, o.form, &r.ID, whatMenuItem); ok {
				switch m := d.findMenu(s); {
				case m == nil:
				case slices.Contains(r.Menu, m.ID):
					d.list.Add("document.value_duplicate", at, "value", m.Name)
				default:
					r.Menu = append(r.Menu, m.ID)
				}
			}
		}
	})
	seen := map[*metamodel.Entity]bool{}
	for i, n := range o.list("grants", metamodel.MaxGrants, whatList) {
		d.readGrant(d.object(n, diag.Pointer(o.at("grants"), i), o.form), r, seen)
	}
}

func (d *decoder) readGrant(o *object, r *metamodel.Role, seen map[*metamodel.Entity]bool) {
	g := &metamodel.Grant{}
	r.Grants = append(r.Grants, g)
	entity := o.need("entity")
	all := namesOf(metamodel.Actions, func(a metamodel.Action) string { return string(a) })
	if o.n.get("actions") == nil {
		o.need("actions")
	}
	for i, n := range o.list("actions", len(all), whatList) {
		at := diag.Pointer(o.at("actions"), i)
		action := metamodel.Action(d.oneAt(n, at, all))
		switch {
		case action == "":
		case slices.Contains(g.Actions, action):
			d.list.Add("document.value_duplicate", at, "value", string(action))
		default:
			g.Actions = append(g.Actions, action)
		}
	}
	transitions := o.list("transitions", metamodel.MaxTransitions, whatList)
	g.Rows = d.readFormula(o, "rows", o.take("rows"))
	masks := o.object("fields")
	d.later(linkTargets, func() {
		if s, ok := d.seekAt(entity, o.at("entity"), o.form, &g.ID, whatEntity); ok {
			g.Entity = d.findEntity(s)
		}
		if g.Entity != nil && seen[g.Entity] {
			o.add("role.grant_twice", "entity", "name", g.Entity.Name)
		}
		seen[g.Entity] = true
	})
	d.later(linkPaths, func() {
		for i, n := range transitions {
			at := diag.Pointer(o.at("transitions"), i)
			if s, ok := d.seekAt(n, at, o.form, &g.ID, whatTransition); ok {
				switch t := d.findTransition(s, g.Entity); {
				case t == nil:
				case slices.Contains(g.Transitions, t):
					d.list.Add("document.value_duplicate", at, "value", t.Name)
				default:
					g.Transitions = append(g.Transitions, t)
				}
			}
		}
		d.readMasks(masks, g)
	})
	d.later(linkKeyed, func() {
		key := ""
		if g.Entity != nil {
			key = string(g.Entity.ID)
		}
		d.ids.add(o, &r.ID, metamodel.ElementGrant, key, &g.ID, g)
		o.done()
	})
}

// readMasks reads the exceptions of a grant. They are kept in the order of fields' ids, since a JSON object
// has none.
func (d *decoder) readMasks(o *object, g *metamodel.Grant) {
	if o == nil || o.n == nil {
		return
	}
	if n := len(o.n.members); n > metamodel.MaxFields {
		d.list = append(d.list, tooMany(whatFields, o.path, n, metamodel.MaxFields))
		return
	}
	kinds := []string{string(metamodel.MaskHidden), string(metamodel.MaskMasked), string(metamodel.MaskReadOnly)}
	for _, m := range o.n.members {
		at := o.at(m.key)
		if o.form == stored {
			at = o.at(d.sayIDs(m.key))
		}
		mask := metamodel.Mask(d.oneAt(m.value, at, kinds))
		s := seek{form: o.form, text: m.key, path: at, owner: &g.ID, what: whatField}
		if f := d.findMasked(s, g.Entity); f != nil && mask != "" {
			g.Fields = append(g.Fields, &metamodel.FieldMask{Field: f, Mask: mask})
		}
	}
	slices.SortFunc(g.Fields, func(a, b *metamodel.FieldMask) int {
		return strings.Compare(maskKey(a.Field), maskKey(b.Field))
	})
}

func maskKey(f *metamodel.Field) string { return string(f.Entity.ID) + "." + string(f.ID) }

// findMasked finds the field that a mask is for: one of the entity's, or one of its lines' (lines.price).
func (d *decoder) findMasked(s seek, e *metamodel.Entity) *metamodel.Field {
	via, rest, inLines := strings.Cut(s.text, ".")
	if !inLines || e == nil {
		return d.findField(s, e)
	}
	first := s
	first.text = via
	f := d.findField(first, e)
	if f == nil {
		return nil
	}
	if f.Kind != metamodel.Lines {
		d.list.Add("path.not_reference", s.path, "name", f.Name)
		return nil
	}
	s.text = rest
	return d.findField(s, f.Target)
}
