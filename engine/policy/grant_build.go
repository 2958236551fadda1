package policy

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	defaultrolemanager "github.com/casbin/casbin/v2/rbac/default-role-manager"

	"tenon/metamodel"
)

// rules is casbin's model: subjects inherit, and everything else is compared exactly. It has no patterns and
// no eval, so no name can widen a grant. The fourth column says which grant of which role a rule came from.
const rules = `
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act, grant
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.obj == p.obj && r.act == p.act && g(r.sub, p.sub)
`

// transitionPrefix precedes a transition's name in its action.
const transitionPrefix = string(metamodel.ActTransition) + ":"

// TransitionAction is the action of one transition, by its name.
func TransitionAction(name string) metamodel.Action {
	return metamodel.Action(transitionPrefix + name)
}

// subjectOfRole and subjectOfUser prefix ids, so that a person named like a role gets nothing by it.
func subjectOfRole(app string, id metamodel.ID) string { return "r:" + app + "/" + string(id) }

func subjectOfUser(id string) string { return "u:" + id }

// assignment gives a role to a person.
type assignment struct {
	user string
	role metamodel.ID
}

// newEnforcer loads an app's roles, their inheritance and grants, and assignments into casbin.
func newEnforcer(app *metamodel.App, assigned ...assignment) (*casbin.Enforcer, error) {
	m, err := model.NewModelFromString(rules)
	if err != nil {
		return nil, fmt.Errorf("read permission model: %w", err)
	}
	for _, rule := range grantRules(app) { // no two are alike, so casbin needn't look for that
		if err := m.AddPolicy("p", "p", rule); err != nil {
			return nil, fmt.Errorf("add grants of app %s: %w", app.Name, err)
		}
	}
	e, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, fmt.Errorf("make enforcer: %w", err)
	}
	e.EnableAutoSave(false)
	e.EnableAutoBuildRoleLinks(false)
	e.SetRoleManager(defaultrolemanager.NewRoleManagerImpl(metamodel.MaxRoles + 1))
	links := inheritRules(app)
	for _, a := range assigned {
		links = append(links, []string{subjectOfUser(a.user), subjectOfRole(app.Name, a.role)})
	}
	if len(links) > 0 {
		if _, err := e.AddGroupingPolicies(links); err != nil {
			return nil, fmt.Errorf("add roles of app %s: %w", app.Name, err)
		}
	}
	if err := e.BuildRoleLinks(); err != nil {
		return nil, fmt.Errorf("link roles of app %s: %w", app.Name, err)
	}
	return e, nil
}

func grantRules(app *metamodel.App) [][]string {
	var out [][]string
	for i, r := range app.Roles {
		if r.ID == "" {
			continue
		}
		sub := subjectOfRole(app.Name, r.ID)
		for j, g := range r.Grants {
			if g.Entity == nil || g.Entity.IsLines() {
				continue
			}
			key := grantKey(i, j)
			for _, act := range actionsOf(g) {
				out = append(out, []string{sub, string(g.Entity.ID), string(act), key})
			}
		}
	}
	return out
}

func inheritRules(app *metamodel.App) [][]string {
	var out [][]string
	for _, r := range app.Roles {
		for _, base := range r.Inherits {
			if base != nil && base.ID != "" && r.ID != "" && base.ID != r.ID {
				out = append(out, []string{subjectOfRole(app.Name, r.ID), subjectOfRole(app.Name, base.ID)})
			}
		}
	}
	return out
}

// actionsOf lists a grant's actions, each once, with one action per transition that it allows.
func actionsOf(g *metamodel.Grant) []metamodel.Action {
	seen := map[metamodel.Action]bool{}
	var out []metamodel.Action
	add := func(a metamodel.Action) {
		if !seen[a] {
			seen[a] = true
			out = append(out, a)
		}
	}
	for _, a := range g.Actions {
		if strings.HasPrefix(string(a), transitionPrefix) {
			add(metamodel.ActTransition)
		}
		add(a)
		if a == metamodel.ActTransition && g.Entity.States != nil {
			for _, t := range g.Entity.States.Transitions {
				add(TransitionAction(t.Name))
			}
		}
	}
	for _, t := range g.Transitions {
		if t != nil {
			add(metamodel.ActTransition)
			add(TransitionAction(t.Name))
		}
	}
	return out
}

func grantKey(role, grant int) string { return strconv.Itoa(role) + "/" + strconv.Itoa(grant) }
