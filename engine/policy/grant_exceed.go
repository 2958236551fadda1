package policy

import (
	"slices"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// Exceeds says where a role document gives out more than the grantor has. p is the released state of the app;
// role may be of a draft, and is compared by ids.
//
// What isn't counted: entities that the released app doesn't have (nobody has records of them), what the same
// role gives already in the released app, and anything when the grantor is a workspace administrator.
// A row rule is within the grantor's own when he has all rows, or is bound by the same rule.
func (p *Permissions) Exceeds(grantor *Actor, role *metamodel.Role) diag.List {
	if grantor != nil && (grantor.Admin || grantor.Kind == System) {
		return nil
	}
	before := &Actor{Kind: Person, Roles: map[string][]metamodel.ID{p.app: {role.ID}}}
	var list diag.List
	for i, g := range role.Grants {
		if g.Entity == nil {
			continue
		}
		at := slices.IndexFunc(p.order, func(e *metamodel.Entity) bool { return e.ID == g.Entity.ID })
		if at < 0 {
			continue
		}
		path := diag.Pointer("", "grants", i)
		for _, act := range actionsOf(g) {
			p.exceedsAction(&list, []*Actor{grantor, before}, p.order[at], role, g, act, path)
		}
	}
	for i, base := range role.Inherits {
		p.exceedsInherited(&list, grantor, role, base, diag.Pointer("", "inherits", i))
	}
	return distinctFindings(list)
}

// exceedsInherited judges a role that is newly inherited by what it gives.
func (p *Permissions) exceedsInherited(list *diag.List, grantor *Actor, role, base *metamodel.Role, path string) {
	if base == nil {
		return
	}
	at, known := p.index[base.ID]
	if !known {
		return // new in the draft: judged as a document of its own
	}
	if i, ok := p.index[role.ID]; ok && p.closure[i].has(at) {
		return
	}
	for e, entries := range p.entries {
		for _, en := range entries {
			if !p.closure[at].has(en.role) {
				continue
			}
			for _, act := range actionsOf(en.grant) {
				p.exceedsAction(list, []*Actor{grantor}, p.order[e], role, en.grant, act, path)
			}
		}
	}
}

// exceedsAction judges one action of a grant against each holder in turn; it is within what they have when it is
// within what one of them has.
func (p *Permissions) exceedsAction(list *diag.List, holders []*Actor, e *metamodel.Entity, role *metamodel.Role, g *metamodel.Grant, act metamodel.Action, path string) {
	fields := make([][]*metamodel.Field, 0, len(holders))
	for _, h := range holders {
		d := p.Decide(h, e, act)
		if !d.Allow || !withinRows(d, g) {
			continue
		}
		over := widerFields(d, g, writes(act))
		if len(over) == 0 {
			return
		}
		fields = append(fields, over)
	}
	if len(fields) == 0 {
		list.Add("grant.exceeds_grantor", path, "role", role.Title, "entity", e.Title, "action", ActionTitle(e, act))
		return
	}
	for _, f := range fields[0] {
		list.Add("grant.field_exceeds_grantor", path, "role", role.Title, "entity", e.Title, "field", f.Title)
	}
}

func withinRows(d Decision, g *metamodel.Grant) bool {
	if d.Rows == nil {
		return true
	}
	return g.Rows != nil && slices.ContainsFunc(d.Why, func(r Reason) bool {
		own := r.Grant.Rows
		return own != nil && (own == g.Rows || own.Stored != "" && own.Stored == g.Rows.Stored)
	})
}

// widerFields lists the fields of the released entity and its lines that a grant opens further than a decision.
func widerFields(d Decision, g *metamodel.Grant, writing bool) []*metamodel.Field {
	given := map[fieldKey]level{}
	for _, m := range g.Fields {
		if m != nil && m.Field != nil {
			given[keyOf(m.Field)] = levelOf(m.Mask)
		}
	}
	var out []*metamodel.Field
	for _, m := range d.masks(writing) {
		l, ok := given[keyOf(m.Field)]
		if !ok {
			l = open
		}
		if via := m.Field.Entity.Via; via != nil {
			if above, found := given[keyOf(via)]; found {
				l = min(l, above)
			}
		}
		if l > levelOf(m.Mask) {
			out = append(out, m.Field)
		}
	}
	return out
}

// fieldKey names a field in any state of an app; system fields have the same id in every entity.
type fieldKey struct{ entity, field metamodel.ID }

func keyOf(f *metamodel.Field) fieldKey { return fieldKey{f.Entity.ID, f.ID} }

// distinctFindings drops findings that say the same of the same place.
func distinctFindings(list diag.List) diag.List {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(d diag.Diagnostic) bool {
		key := d.String()
		if seen[key] {
			return true
		}
		seen[key] = true
		return false
	})
}
