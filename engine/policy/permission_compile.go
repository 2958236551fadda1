package policy

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// Permissions is the permission map of one app at one state: casbin's grants and inheritance, flattened. It
// never changes but for what it remembers, and is safe for concurrent use.
type Permissions struct {
	app      string
	roles    []*metamodel.Role
	index    map[metamodel.ID]int // role id → place in roles
	closure  []RoleSet            // a role and all that it inherits, by place
	entities map[*metamodel.Entity]int
	order    []*metamodel.Entity
	entries  [][]entry // by entity

	remembered atomic.Pointer[map[RoleSet]*memory]
	count      atomic.Int64 // entity decisions remembered
	mu         sync.Mutex   // guards the replacement of remembered
	closings   sync.Map     // closedKey → *Decision; forgotten with remembered
}

// entry is one grant on an entity, ready to be combined.
type entry struct {
	role    int
	grant   *metamodel.Grant
	actions map[metamodel.Action]bool
	rows    *expr.Node // nil = all rows
	levels  *levels
}

// setWords is how many words hold one bit per role.
const setWords = (metamodel.MaxRoles + 63) / 64

// RoleSet is a set of roles by place: those who hold the same have the same decisions.
type RoleSet [setWords]uint64

func (s *RoleSet) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s *RoleSet) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

func (s *RoleSet) union(other RoleSet) {
	for i := range s {
		s[i] |= other[i]
	}
}

// Compile flattens an app's roles. rows gives the checked tree of a grant's row rule; a grant whose rule has
// none is left out, because it can't be known what it would allow. Roles beyond metamodel.MaxRoles and roles
// without an id get nothing.
func Compile(app *metamodel.App, rows func(*metamodel.Formula) *expr.Node) *Permissions {
	p := &Permissions{
		app: app.Name, index: map[metamodel.ID]int{}, entities: make(map[*metamodel.Entity]int, len(app.Entities)),
		order: app.Entities, entries: make([][]entry, len(app.Entities)),
	}
	p.remembered.Store(&map[RoleSet]*memory{})
	for i, e := range app.Entities {
		p.entities[e] = i
	}
	for i, r := range app.Roles {
		if i >= metamodel.MaxRoles {
			break
		}
		p.roles = append(p.roles, r)
		if _, twice := p.index[r.ID]; r.ID != "" && !twice {
			p.index[r.ID] = i
		}
	}
	if err := p.flatten(app, rows); err != nil {
		panic(fmt.Sprintf("policy: %v", err)) // the model is a constant and rules are built here: a programming error
	}
	return p
}

// flatten reads roles and grants back from casbin, which is asked once per compile and never per request.
func (p *Permissions) flatten(app *metamodel.App, rows func(*metamodel.Formula) *expr.Node) error {
	e, err := newEnforcer(app)
	if err != nil {
		return err
	}
	p.closure = make([]RoleSet, len(p.roles))
	for i, r := range p.roles {
		if p.index[r.ID] != i || r.ID == "" {
			continue
		}
		p.closure[i].add(i)
		inherited, err := e.GetImplicitRolesForUser(subjectOfRole(app.Name, r.ID))
		if err != nil {
			return fmt.Errorf("inherited roles of %s: %w", r.Name, err)
		}
		for _, sub := range inherited {
			id := metamodel.ID(strings.TrimPrefix(sub, subjectOfRole(app.Name, "")))
			if j, ok := p.index[id]; ok {
				p.closure[i].add(j)
			}
		}
	}
	policies, err := e.GetPolicy()
	if err != nil {
		return fmt.Errorf("read grants: %w", err)
	}
	actions := map[string]map[metamodel.Action]bool{}
	for _, rule := range policies {
		key := rule[3]
		if actions[key] == nil {
			actions[key] = map[metamodel.Action]bool{}
		}
		actions[key][metamodel.Action(rule[2])] = true
	}
	p.addEntries(actions, rows)
	return nil
}

func (p *Permissions) addEntries(actions map[string]map[metamodel.Action]bool, rows func(*metamodel.Formula) *expr.Node) {
	for i, r := range p.roles {
		if p.index[r.ID] != i || r.ID == "" {
			continue
		}
		for j, g := range r.Grants {
			acts := actions[grantKey(i, j)]
			at, known := p.entities[g.Entity]
			if len(acts) == 0 || !known {
				continue
			}
			en := entry{role: i, grant: g, actions: acts, levels: levelsOf(g)}
			if g.Rows != nil {
				if en.rows = rows(g.Rows); en.rows == nil {
					continue
				}
			}
			p.entries[at] = append(p.entries[at], en)
		}
	}
}

// Held is the set of roles that an actor has in the app, inherited ones included.
func (p *Permissions) Held(a *Actor) RoleSet {
	var s RoleSet
	for _, id := range a.Roles[p.app] {
		if i, ok := p.index[id]; ok {
			s.union(p.closure[i])
		}
	}
	return s
}

// RoleNames lists the names of the roles that an actor has in the app, inherited ones included, sorted.
func (p *Permissions) RoleNames(a *Actor) []string {
	return slices.Clone(p.memoryOf(p.Held(a)).names)
}

// Has tells whether the actor has a role, itself or by inheritance.
func (p *Permissions) Has(a *Actor, role *metamodel.Role) bool {
	i, ok := p.index[role.ID]
	s := p.Held(a)
	return ok && s.has(i)
}

// User returns the actor as the app's expressions see it: user.roles are the names of the roles held here,
// inherited ones included.
func (p *Permissions) User(a *Actor) *expr.User {
	u := a.ExprUser()
	u.Roles = p.memoryOf(p.Held(a)).names
	return u
}
