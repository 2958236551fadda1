package policy

import (
	"slices"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// Exceeding says where a state of the documents gives out more than who makes it has: grants that are wider than his,
// masks that fall away, names of roles that conditions ask for. p is the released state of the app; next is compared
// with it by ids. What draft already says is somebody else's doing, and left out; nil for a release, by which
// everything becomes real at once.
//
// What isn't counted: entities that the released app doesn't have (nobody has records of them), what the same
// role gives already in the released app, and anything when the grantor is a workspace administrator.
// A row rule is within the grantor's own when he has all rows, or is bound by the same rule.
func (p *Permissions) Exceeding(grantor *Actor, draft, next *metamodel.App, asked func(role string) bool) diag.List {
	if grantor != nil && (grantor.Admin || grantor.Kind == System) {
		return nil
	}
	var list diag.List
	for _, r := range next.Roles {
		base := metamodel.DocKey{Kind: metamodel.KindRole, Name: r.Name}.Pointer()
		for _, d := range p.exceeds(grantor, roleOf(draft, r.ID), r) {
			d.Path = base + d.Path
			list = append(list, d)
		}
	}
	loose := func(app *metamodel.App) diag.List {
		return append(p.loosens(grantor, app), p.names(grantor, app, asked)...)
	}
	known := map[string]bool{}
	if draft != nil {
		for _, d := range loose(draft) {
			known[d.String()] = true
		}
	}
	for _, d := range loose(next) {
		if !known[d.String()] {
			list = append(list, d)
		}
	}
	return list
}

func roleOf(app *metamodel.App, id metamodel.ID) *metamodel.Role {
	if app == nil {
		return nil
	}
	for _, r := range app.Roles {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// exceeds judges one role document; draft is the role as it was, nil when it is new or everything counts.
func (p *Permissions) exceeds(grantor *Actor, draft, role *metamodel.Role) diag.List {
	before := &Actor{Kind: Person, Roles: map[string][]metamodel.ID{p.app: {role.ID}}}
	var list diag.List
	for i, g := range role.Grants {
		if g.Entity == nil || draft != nil && slices.ContainsFunc(draft.Grants, func(d *metamodel.Grant) bool { return sameGrant(d, g) }) {
			continue
		}
		at := p.placeOf(g.Entity.ID)
		if at < 0 {
			continue
		}
		path := diag.Pointer("", "grants", i)
		for _, act := range actionsOf(g) {
			p.exceedsAction(&list, []*Actor{grantor, before}, p.order[at], role, g, act, path)
		}
	}
	for i, base := range role.Inherits {
		if base == nil || draft != nil && slices.ContainsFunc(draft.Inherits, func(r *metamodel.Role) bool { return r != nil && r.ID == base.ID }) {
			continue
		}
		p.exceedsInherited(&list, grantor, role, base, diag.Pointer("", "inherits", i))
	}
	return distinctFindings(list)
}

// placeOf finds an entity of the released app by its id, -1 when there is none.
func (p *Permissions) placeOf(id metamodel.ID) int {
	return slices.IndexFunc(p.order, func(e *metamodel.Entity) bool { return e.ID == id })
}

// sameGrant tells whether two grants say the same.
func sameGrant(a, b *metamodel.Grant) bool {
	if a.Entity == nil || a.Entity.ID != b.Entity.ID || !slices.Equal(slices.Sorted(slices.Values(actionsOf(a))), slices.Sorted(slices.Values(actionsOf(b)))) {
		return false
	}
	if !sameRows(a.Rows, b.Rows) || len(a.Fields) != len(b.Fields) {
		return false
	}
	masks := map[fieldKey]metamodel.Mask{}
	for _, m := range a.Fields {
		masks[keyOf(m.Field)] = m.Mask
	}
	return !slices.ContainsFunc(b.Fields, func(m *metamodel.FieldMask) bool { return masks[keyOf(m.Field)] != m.Mask })
}

func sameRows(a, b *metamodel.Formula) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a == b || a.Stored != "" && a.Stored == b.Stored
}

// exceedsInherited judges a role that is newly inherited by what it gives.
func (p *Permissions) exceedsInherited(list *diag.List, grantor *Actor, role, base *metamodel.Role, path string) {
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
		d := p.decideKnown(h, e, act)
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

// decideKnown is Decide, but for a transition that the released app doesn't have: that is within the rights of those
// who may take all that there are.
func (p *Permissions) decideKnown(a *Actor, e *metamodel.Entity, act metamodel.Action) Decision {
	name, one := strings.CutPrefix(string(act), transitionPrefix)
	if !one || e.States != nil && slices.ContainsFunc(e.States.Transitions, func(t *metamodel.Transition) bool { return t.Name == name }) {
		return p.Decide(a, e, act)
	}
	d := p.Decide(a, e, metamodel.ActTransition)
	if e.States == nil || len(d.Transitions) < len(e.States.Transitions) {
		return Decision{}
	}
	return d
}

func withinRows(d Decision, g *metamodel.Grant) bool {
	if d.Rows == nil {
		return true
	}
	return g.Rows != nil && slices.ContainsFunc(d.Why, func(r Reason) bool { return sameRows(r.Grant.Rows, g.Rows) })
}

// widerFields lists the fields of the released entity and its lines that a grant opens further than a decision.
func widerFields(d Decision, g *metamodel.Grant, writing bool) []*metamodel.Field {
	given := givenBy(g)
	var out []*metamodel.Field
	for _, m := range d.masks(writing) {
		if given(m.Field) > levelOf(m.Mask) {
			out = append(out, m.Field)
		}
	}
	return out
}

// givenBy tells how open a grant of any state of the app leaves a field of another.
func givenBy(g *metamodel.Grant) func(*metamodel.Field) level {
	given := map[fieldKey]level{}
	for _, m := range g.Fields {
		if m != nil && m.Field != nil {
			given[keyOf(m.Field)] = levelOf(m.Mask)
		}
	}
	return func(f *metamodel.Field) level {
		l, ok := given[keyOf(f)]
		if !ok {
			l = open
		}
		if via := f.Entity.Via; via != nil {
			if above, found := given[keyOf(via)]; found {
				l = min(l, above)
			}
		}
		return l
	}
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
