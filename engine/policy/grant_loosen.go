package policy

import (
	"slices"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// loosens says where a state of the documents takes masks away that the grantor doesn't have open himself. Grants
// with row rules close fields for each other: of a person with two of them, the one that is taken away may be the
// one that hid a field in the records of the other.
func (p *Permissions) loosens(grantor *Actor, next *metamodel.App) diag.List {
	var list diag.List
	var all []*metamodel.Grant
	for _, r := range next.Roles {
		all = append(all, r.Grants...)
	}
	for i, role := range p.roles {
		after := grantsOf(roleOf(next, role.ID))
		for at, e := range p.order {
			for act, bound := range p.boundBy(i, at) {
				p.loosensAction(&list, grantor, role, e, act, law(e, bound), boundIn(after, e, act), boundIn(all, e, act))
			}
		}
	}
	return distinctFindings(list).Sort()
}

// boundBy lists the grants of a role with row rules over an entity, by action; none where a grant without a rule
// makes their masks void.
func (p *Permissions) boundBy(role, at int) map[metamodel.Action][]entry {
	out, free := map[metamodel.Action][]entry{}, map[metamodel.Action]bool{}
	for _, en := range p.entries[at] {
		if !p.closure[role].has(en.role) {
			continue
		}
		for act := range en.actions {
			free[act] = free[act] || en.rows == nil
			out[act] = append(out[act], en)
		}
	}
	for act := range free {
		if free[act] {
			delete(out, act)
		}
	}
	return out
}

// boundIn lists how open grants with row rules, in any state of the app, leave an entity's fields for an action.
func boundIn(grants []*metamodel.Grant, e *metamodel.Entity, act metamodel.Action) []func(*metamodel.Field) level {
	var out []func(*metamodel.Field) level
	for _, g := range grants {
		if g.Rows != nil && g.Entity != nil && g.Entity.ID == e.ID && slices.Contains(actionsOf(g), act) {
			out = append(out, givenBy(g))
		}
	}
	return out
}

// loosensAction compares how open a role's grants left the fields with how open they will; rest are all the grants
// that a field could become open in.
func (p *Permissions) loosensAction(list *diag.List, grantor *Actor, role *metamodel.Role, e *metamodel.Entity, act metamodel.Action, was *levels, after, rest []func(*metamodel.Field) level) {
	if was == nil || len(rest) == 0 {
		return
	}
	has := p.Decide(grantor, e, act)
	for _, f := range fieldsOf(e) {
		will, most := open, hidden
		for _, of := range after {
			will = min(will, of(f))
		}
		for _, of := range rest {
			most = max(most, of(f))
		}
		will = min(will, most)
		if will > was.at(e, f) && (!has.Allow || will > has.level(f, writes(act))) {
			list.Add("grant.field_exceeds_grantor", "", "role", role.Title, "entity", e.Title, "field", f.Title)
		}
	}
}

// grantsOf lists the grants of a role, inherited ones included.
func grantsOf(role *metamodel.Role) []*metamodel.Grant {
	var out []*metamodel.Grant
	for _, r := range closureOf(role) {
		out = append(out, r.Grants...)
	}
	return out
}

// closureOf is a role with all that it inherits, in any state of the app; cycles end.
func closureOf(role *metamodel.Role) []*metamodel.Role {
	if role == nil {
		return nil
	}
	out := []*metamodel.Role{role}
	for i := 0; i < len(out); i++ {
		for _, base := range out[i].Inherits {
			if base != nil && !slices.Contains(out, base) {
				out = append(out, base)
			}
		}
	}
	return out
}

// fieldsOf lists the fields of an entity and of its lines.
func fieldsOf(e *metamodel.Entity) []*metamodel.Field {
	out := slices.Clone(e.Columns())
	for _, f := range e.Fields {
		if f.Kind == metamodel.Lines && f.Target != nil && f.Target.Via == f {
			out = append(out, f.Target.Columns()...)
		}
	}
	return out
}

// level is how open a decision leaves a field; an act that writes opens no further than it may write.
func (d Decision) level(f *metamodel.Field, writing bool) level {
	l := d.see.at(d.entity, f)
	if writing && !f.System {
		l = min(l, d.put.at(d.entity, f))
	}
	return l
}

// names says which roles would come to bear a name that conditions of the released app ask for and that neither they
// nor the grantor bear: whoever has such a role would pass for somebody else.
func (p *Permissions) names(grantor *Actor, next *metamodel.App, asked func(string) bool) diag.List {
	var own []string
	if grantor != nil {
		own = p.RoleNames(grantor)
	}
	var list diag.List
	for i, role := range p.roles {
		had := map[string]bool{}
		for j, r := range p.roles {
			if p.closure[i].has(j) {
				had[r.Name] = true
			}
		}
		for _, r := range closureOf(roleOf(next, role.ID)) {
			if !had[r.Name] && !slices.Contains(own, r.Name) && asked(r.Name) {
				list.Add("grant.name_exceeds_grantor", "", "role", role.Title, "name", r.Name)
			}
		}
	}
	return list
}
