package check

import (
	"slices"
	"strconv"
	"strings"

	"tenon/metamodel"
)

func (c *checker) role(r *metamodel.Role) {
	for i, g := range r.Grants {
		path := "/roles/" + r.Name + "/grants/" + strconv.Itoa(i)
		if g.Entity.IsLines() {
			c.add("role.grant_lines", path+"/entity", "name", g.Entity.Name)
		}
		if len(g.Actions)+len(g.Transitions) > 0 && !reads(r, g.Entity, nil) {
			c.warn("role.read_missing", path+"/actions", "name", g.Entity.Name)
		}
		c.keptGrant(g, path)
		c.masks(g, path)
	}
}

// reads tells whether a role, or one that it inherits from, may read an entity.
func reads(r *metamodel.Role, e *metamodel.Entity, seen []*metamodel.Role) bool {
	if slices.Contains(seen, r) {
		return false
	}
	seen = append(seen, r)
	for _, g := range r.Grants {
		if g.Entity == e && slices.Contains(g.Actions, metamodel.ActRead) {
			return true
		}
	}
	return slices.ContainsFunc(r.Inherits, func(p *metamodel.Role) bool { return reads(p, e, seen) })
}

// masks warns of required fields that a role can't fill in although it may create records.
func (c *checker) masks(g *metamodel.Grant, path string) {
	if !slices.Contains(g.Actions, metamodel.ActCreate) {
		return
	}
	for _, m := range g.Fields {
		f := m.Field
		if !f.Required || f.Default != nil || f.Computed() || f.Kind == metamodel.Number || f.State {
			continue
		}
		name := f.Name
		if f.Entity != g.Entity && f.Entity.Via != nil {
			name = f.Entity.Via.Name + "." + name
		}
		c.warn("role.mask_required", path+"/fields/"+name, "name", name)
	}
}

// inheritance reports roles that inherit from themselves, each circle once.
func (c *checker) inheritance(app *metamodel.App) {
	reported := map[*metamodel.Role]bool{}
	for _, r := range app.Roles {
		if cycle := circle(r, reported, func(r *metamodel.Role) []*metamodel.Role { return r.Inherits }); cycle != nil {
			names := make([]string, len(cycle))
			for i, p := range cycle {
				names[i] = p.Name
				reported[p] = true
			}
			c.add("role.inherits_cycle", "/roles/"+r.Name+"/inherits", "cycle", strings.Join(names, " → "))
		}
	}
}

// circle finds a way from a node back to itself, the node first and last; nil when there is none. Nodes that
// were reported are not walked again.
func circle[T comparable](start T, reported map[T]bool, next func(T) []T) []T {
	seen := map[T]bool{}
	var walk func(at T) []T
	walk = func(at T) []T {
		for _, n := range next(at) {
			if n == start {
				return []T{at, n}
			}
			if seen[n] || reported[n] {
				continue
			}
			seen[n] = true
			if tail := walk(n); tail != nil {
				return append([]T{at}, tail...)
			}
		}
		return nil
	}
	if reported[start] {
		return nil
	}
	return walk(start)
}
