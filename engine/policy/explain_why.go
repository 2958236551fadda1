package policy

import (
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// Explanation says why a decision is as it is. It names row rules and fields, so it is for the actor himself
// and for those who administer or build.
type Explanation struct {
	Allow   bool
	Entity  *metamodel.Entity
	Action  metamodel.Action
	Grants  []Granted              // what allows it, in the order of the app's roles
	AllRows bool                   // with Allow: no row rule binds
	Masks   []*metamodel.FieldMask // fields that are not open in the outcome, by slot; readonly only where the action writes
	Could   []*metamodel.Role      // when refused: the roles that would allow it by themselves
	Lines   diag.List              // the same in sentences
}

// Granted is one grant that takes part in a decision.
type Granted struct {
	Role    *metamodel.Role
	Through []*metamodel.Role  // assigned roles that bring Role by inheritance; empty when it is assigned itself
	Rows    *metamodel.Formula // nil = all rows
	Grant   *metamodel.Grant
}

// Text renders the explanation in a language, one sentence a line.
func (x *Explanation) Text(lang string) string {
	var b strings.Builder
	for i, d := range x.Lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(d.Text(lang))
		if cure := d.Cure(lang); cure != "" {
			if lang == "en-US" {
				b.WriteByte(' ')
			}
			b.WriteString(cure)
		}
	}
	return b.String()
}

// Why explains the decision on an action. It explains exactly what Decide answers.
func (p *Permissions) Why(a *Actor, e *metamodel.Entity, action metamodel.Action) *Explanation {
	for e.IsLines() {
		e = e.Parent
	}
	d := p.Decide(a, e, action)
	x := &Explanation{Allow: d.Allow, Entity: e, Action: action, AllRows: d.Allow && d.Rows == nil}
	if a != nil && a.Kind == System {
		x.say("access.why_system")
		return x
	}
	if !d.Allow {
		p.whyRefused(x, a)
		return x
	}
	for _, r := range d.Why {
		g := Granted{Role: r.Role, Through: p.through(a, r.Role), Rows: r.Grant.Rows, Grant: r.Grant}
		x.Grants = append(x.Grants, g)
		x.say("access.why_granted", "role", r.Role.Title, "entity", e.Title, "action", ActionTitle(e, action))
		for _, t := range g.Through {
			x.say("access.why_inherited", "role", r.Role.Title, "through", t.Title)
		}
		if g.Rows != nil && !x.AllRows {
			x.say("access.why_rows", "role", r.Role.Title, "entity", e.Title, "rows", g.Rows.Source)
		}
	}
	if x.AllRows {
		x.say("access.why_all_rows", "entity", e.Title)
	}
	x.Masks = d.masks(writes(action))
	for _, m := range x.Masks {
		x.say(diag.Code("access.why_"+string(m.Mask)), "field", m.Field.Title)
	}
	return x
}

func (p *Permissions) whyRefused(x *Explanation, a *Actor) {
	x.say("access.why_refused", "entity", x.Entity.Title, "action", ActionTitle(x.Entity, x.Action))
	if a == nil || p.Held(a) == (RoleSet{}) {
		x.say("access.why_no_role")
	}
	x.Could = p.Could(x.Entity, x.Action)
	if len(x.Could) == 0 {
		x.say("access.why_nobody", "entity", x.Entity.Title, "action", ActionTitle(x.Entity, x.Action))
		return
	}
	x.say("access.why_could", "roles", titles(x.Could))
}

func (x *Explanation) say(code diag.Code, args ...any) {
	d := diag.New(code, "", args...)
	d.Severity = diag.Info
	x.Lines = append(x.Lines, d)
}

// Could lists the roles that allow an action on an entity by themselves or by what they inherit, in the order
// of the app's roles.
func (p *Permissions) Could(e *metamodel.Entity, action metamodel.Action) []*metamodel.Role {
	at, known := p.entities[e]
	if !known {
		return nil
	}
	var out []*metamodel.Role
	for i, r := range p.roles {
		for _, g := range p.entries[at] {
			if p.closure[i].has(g.role) && g.actions[action] {
				out = append(out, r)
				break
			}
		}
	}
	return out
}

// through lists the assigned roles by which an actor comes to a role that is not assigned itself.
func (p *Permissions) through(a *Actor, role *metamodel.Role) []*metamodel.Role {
	place := p.index[role.ID]
	var out []*metamodel.Role
	for _, id := range a.Roles[p.app] {
		i, ok := p.index[id]
		switch {
		case !ok:
		case i == place:
			return nil
		case p.closure[i].has(place):
			out = append(out, p.roles[i])
		}
	}
	return out
}

// masks lists the fields that a decision doesn't open, the record's before its lines'.
func (d Decision) masks(writing bool) []*metamodel.FieldMask {
	var out []*metamodel.FieldMask
	add := func(e *metamodel.Entity) {
		for _, f := range e.Columns() {
			l := d.see.at(d.entity, f)
			if l >= readonly && writing && !f.System {
				l = min(l, d.put.at(d.entity, f))
			}
			if l == open || l == readonly && !writing {
				continue
			}
			out = append(out, &metamodel.FieldMask{Field: f, Mask: maskOf(l)})
		}
	}
	add(d.entity)
	for _, f := range d.entity.Fields {
		if f.Kind == metamodel.Lines && f.Target != nil && f.Target.Parent == d.entity {
			add(f.Target)
		}
	}
	return out
}

// writes tells whether an action gives fields values.
func writes(a metamodel.Action) bool {
	switch a {
	case metamodel.ActRead, metamodel.ActExport, metamodel.ActDelete:
		return false
	default:
		return true
	}
}

var actionTitles = map[metamodel.Action]metamodel.Label{
	metamodel.ActRead:       {"zh-CN": "查看", "en-US": "read"},
	metamodel.ActCreate:     {"zh-CN": "新建", "en-US": "create"},
	metamodel.ActUpdate:     {"zh-CN": "修改", "en-US": "change"},
	metamodel.ActDelete:     {"zh-CN": "删除", "en-US": "delete"},
	metamodel.ActTransition: {"zh-CN": "流转状态", "en-US": "move the state of"},
	metamodel.ActExport:     {"zh-CN": "导出", "en-US": "export"},
	metamodel.ActImport:     {"zh-CN": "导入", "en-US": "import"},
	metamodel.ActAssign:     {"zh-CN": "改派", "en-US": "assign"},
}

// ActionTitle is an action as a verb for people. A transition shows its own title.
func ActionTitle(e *metamodel.Entity, a metamodel.Action) metamodel.Label {
	if l, ok := actionTitles[a]; ok {
		return l
	}
	name, ok := strings.CutPrefix(string(a), transitionPrefix)
	if ok && e.States != nil {
		for _, t := range e.States.Transitions {
			if t.Name == name {
				return metamodel.Label{"zh-CN": "执行「" + t.Title.In("zh-CN") + "」", "en-US": "do “" + t.Title.In("en-US") + "” on"}
			}
		}
	}
	return metamodel.Label{"zh-CN": string(a), "en-US": string(a)}
}

// roleTitles shows roles by their titles in the reader's language.
type roleTitles []*metamodel.Role

func titles(roles []*metamodel.Role) roleTitles { return roleTitles(roles) }

// In joins the titles as the language does.
func (r roleTitles) In(lang string) string {
	names := make([]string, len(r))
	for i, role := range r {
		names[i] = role.Title.In(lang)
	}
	if lang == "en-US" {
		return strings.Join(names, ", ")
	}
	return strings.Join(names, "、")
}
