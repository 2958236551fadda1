package policy

import (
	"slices"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// flow says that a formula makes a field's value of another field.
type flow struct {
	source, field *metamodel.Field
	path          string // of the formula
}

// flowKey names a flow in any state of an app.
type flowKey struct{ source, field fieldKey }

func (f flow) key() flowKey { return flowKey{keyOf(f.source), keyOf(f.field)} }

func (f flow) args(role *metamodel.Role) []any {
	return []any{"role", role.Title, "entity", f.field.Entity.Title, "field", f.field.Title, "source", f.source.Title}
}

// flowsOf lists the ways that values take through the formulas of an app.
func flowsOf(app *metamodel.App) []flow {
	fields := map[metamodel.ID]*metamodel.Field{}
	for _, e := range app.Entities {
		for _, f := range e.Fields {
			fields[f.ID] = f
		}
	}
	var out []flow
	for _, site := range app.Formulas() {
		switch site.Use {
		case metamodel.UseComputed, metamodel.UseRollupValue, metamodel.UseDefault:
			for _, id := range site.Formula.Mentions() {
				if source := fields[id]; source != nil && source != site.Field {
					out = append(out, flow{source, site.Field, site.Path})
				}
			}
		default:
		}
	}
	return out
}

// revealed tells whether a flow shows a role, in a field, what one of its masks hides from it. A source in an entity
// that the role may not read at all doesn't count: that numbers are made of records that one doesn't see is what
// computed fields are for; a mask says that somebody meant to hide this one.
func (f flow) revealed(role *metamodel.Role) bool {
	grants := grantsOf(role)
	return masksField(grants, f.source) && showsField(grants, f.field)
}

// readsOf lists the grants that let read the records a field is in, lines with their document.
func readsOf(grants []*metamodel.Grant, f *metamodel.Field) []*metamodel.Grant {
	e := documentOf(f.Entity)
	return slices.DeleteFunc(slices.Clone(grants), func(g *metamodel.Grant) bool {
		return g.Entity != e || !slices.Contains(actionsOf(g), metamodel.ActRead)
	})
}

// masksField tells whether grants let somebody read records without showing him a field of them.
func masksField(grants []*metamodel.Grant, f *metamodel.Field) bool {
	masked := false
	for _, g := range readsOf(grants, f) {
		closed := givenBy(g)(f) < readonly
		if !closed && g.Rows == nil {
			return false
		}
		masked = masked || closed
	}
	return masked
}

// showsField tells whether some grant shows a field.
func showsField(grants []*metamodel.Grant, f *metamodel.Field) bool {
	return slices.ContainsFunc(readsOf(grants, f), func(g *metamodel.Grant) bool { return givenBy(g)(f) >= readonly })
}

// Reveals warns of the formulas by which a state of the app shows roles what masks hide from them, as far as the
// released state doesn't do so already; released is nil for an app that never ran.
func Reveals(released, next *metamodel.App) diag.List {
	type shown struct {
		role metamodel.ID
		flow flowKey
	}
	known := map[shown]bool{}
	walk := func(app *metamodel.App, visit func(*metamodel.Role, flow)) {
		for _, f := range flowsOf(app) {
			for _, role := range app.Roles {
				if f.revealed(role) {
					visit(role, f)
				}
			}
		}
	}
	if released != nil {
		walk(released, func(role *metamodel.Role, f flow) { known[shown{role.ID, f.key()}] = true })
	}
	var list diag.List
	walk(next, func(role *metamodel.Role, f flow) {
		if !known[shown{role.ID, f.key()}] {
			list = append(list, diag.Warn("grant.formula_reveals", f.path, f.args(role)...))
		}
	})
	return distinctFindings(list)
}

// Revealing refuses formulas by which a state of the documents shows roles what the grantor doesn't see himself, as
// far as the field wasn't made of it before. p is the released state of the app.
func (p *Permissions) Revealing(grantor *Actor, before, next *metamodel.App) diag.List {
	known := map[flowKey]bool{}
	for _, f := range flowsOf(before) {
		known[f.key()] = true
	}
	var list diag.List
	for _, f := range flowsOf(next) {
		if known[f.key()] || !p.hides(grantor, f.source) {
			continue
		}
		for _, role := range next.Roles {
			if f.revealed(role) {
				list.Add("grant.formula_exceeds_grantor", f.path, f.args(role)...)
			}
		}
	}
	return distinctFindings(list)
}

// hides tells whether the released app has a field, of any state, that somebody doesn't see in it.
func (p *Permissions) hides(a *Actor, source *metamodel.Field) bool {
	at := p.placeOf(documentOf(source.Entity).ID)
	if at < 0 {
		return false // nobody has records of it
	}
	own := fieldsOf(p.order[at])
	i := slices.IndexFunc(own, func(f *metamodel.Field) bool { return keyOf(f) == keyOf(source) })
	d := p.Decide(a, p.order[at], metamodel.ActRead)
	return i >= 0 && (!d.Allow || d.level(own[i], false) < readonly)
}

// documentOf is the entity that lines are in; any other is its own.
func documentOf(e *metamodel.Entity) *metamodel.Entity {
	if e.Parent != nil {
		return e.Parent
	}
	return e
}
