package check

import (
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

// reads lists the computed fields that a computed field's formula reads, of whatever entity.
func (p *Programs) reads(f *metamodel.Field) []*metamodel.Field {
	program := p.Of(f.Formula)
	if program == nil {
		return nil
	}
	var out []*metamodel.Field
	for _, r := range program.Refs() {
		if last := r.Path.Last(); r.Kind == expr.RefField && last != nil && last.Computed() {
			out = append(out, last)
		}
	}
	return out
}

// cycles reports computed fields that need themselves, over whatever entities: each circle once, named in
// full.
func (p *Programs) cycles(app *metamodel.App) diag.List {
	var list diag.List
	reported := map[*metamodel.Field]bool{}
	for _, e := range app.Entities {
		for _, f := range e.Fields {
			if !f.Computed() {
				continue
			}
			if cycle := circle(f, reported, p.reads); cycle != nil {
				list.Add("field.cycle", "/entities/"+e.Name+"/properties/"+f.Name+"/x-computed/cel", "cycle", nameCircle(cycle))
				for _, g := range cycle {
					reported[g] = true
				}
			}
		}
	}
	return list
}

// nameCircle writes a → b → a, with the entities' names when it goes over several.
func nameCircle(cycle []*metamodel.Field) string {
	names := make([]string, len(cycle))
	several := false
	for _, f := range cycle {
		several = several || f.Entity != cycle[0].Entity
	}
	for i, f := range cycle {
		names[i] = f.Name
		if several {
			names[i] = f.Entity.Name + "." + f.Name
		}
	}
	return strings.Join(names, " → ")
}

// ComputeOrder puts an entity's computed fields into an order in which each comes after those that it reads.
// Fields on a circle are reported and left out.
func (p *Programs) ComputeOrder(e *metamodel.Entity) ([]*metamodel.Field, diag.List) {
	var order []*metamodel.Field
	var list diag.List
	const (
		fresh = iota
		open
		done
		broken
	)
	state := map[*metamodel.Field]int{}
	var visit func(f *metamodel.Field) bool
	visit = func(f *metamodel.Field) bool {
		switch state[f] {
		case done:
			return true
		case open, broken:
			return false
		}
		state[f] = open
		for _, g := range p.reads(f) {
			if g.Entity == e && !visit(g) {
				state[f] = broken
				return false
			}
		}
		state[f] = done
		order = append(order, f)
		return true
	}
	reported := map[*metamodel.Field]bool{}
	for _, f := range e.Fields {
		if !f.Computed() || visit(f) {
			continue
		}
		if cycle := circle(f, reported, p.reads); cycle != nil {
			list.Add("field.cycle", "/entities/"+e.Name+"/properties/"+f.Name+"/x-computed/cel", "cycle", nameCircle(cycle))
			for _, g := range cycle {
				reported[g] = true
			}
		}
	}
	return order, list
}

// ComputeOrder is Programs.ComputeOrder for callers that have compiled nothing yet.
func ComputeOrder(app *metamodel.App, e *metamodel.Entity) ([]*metamodel.Field, diag.List) {
	p, list := Compile(app)
	if list.HasErrors() {
		return nil, list
	}
	return p.ComputeOrder(e)
}

// storedFormulas reports stored computed fields whose value would change without their record being written:
// they may read the record's own fields, its lines and, in a line, the record that it belongs to.
func (p *Programs) storedFormulas(app *metamodel.App) diag.List {
	var list diag.List
	for _, e := range app.Entities {
		for _, f := range e.Fields {
			if program := p.Of(f.Formula); f.Stored && program != nil {
				for _, name := range moving(program) {
					list.Add("field.stored_formula", "/entities/"+e.Name+"/properties/"+f.Name+"/x-computed/cel", "name", name)
				}
			}
		}
	}
	return list
}

// moving lists what a program reads that changes by itself or by writes to other records.
func moving(p *expr.Program) []string {
	var out []string
	if p.UsesNow() {
		out = append(out, "now(), today()")
	}
	if p.UsesUser() {
		out = append(out, "user")
	}
	if p.UsesQuery() {
		return append(out, "sumOf, countOf, …")
	}
	seen := map[string]bool{}
	for _, r := range p.Refs() {
		if r.Kind != expr.RefField || len(r.Path) == 0 {
			continue
		}
		last := r.Path.Last()
		far := last.Virtual() && last.Kind != metamodel.Lines
		for _, step := range r.Path[:len(r.Path)-1] {
			far = far || step.Kind != metamodel.Lines && step.Name != metamodel.ParentField
		}
		if name := r.Path.String(); far && !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}
