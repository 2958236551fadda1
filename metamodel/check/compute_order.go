package check

import (
	"slices"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

// Reads lists the computed fields that a computed field depends on, of whatever entity: those that its formula, or
// what rows give to its roll-up, mentions.
func (p *Programs) Reads(f *metamodel.Field) []*metamodel.Field {
	out := p.mentioned(nil, f.Formula)
	if r := f.Rollup; r != nil {
		out = p.mentioned(p.mentioned(out, r.Value), r.Where)
		for _, step := range r.Path {
			out = appendComputed(out, step)
		}
		for _, k := range r.Order {
			out = appendComputed(out, k.Path.Last())
		}
	}
	return out
}

func (p *Programs) mentioned(out []*metamodel.Field, f *metamodel.Formula) []*metamodel.Field {
	program := p.Of(f)
	if program == nil {
		return out
	}
	for _, r := range program.Refs() {
		if r.Kind == expr.RefField {
			out = appendComputed(out, r.Path.Last())
		}
	}
	return out
}

func appendComputed(out []*metamodel.Field, f *metamodel.Field) []*metamodel.Field {
	if f != nil && f.Computed() {
		out = append(out, f)
	}
	return out
}

// cyclePath is where a circle is reported: at the formula or the roll-up that it begins with.
func cyclePath(f *metamodel.Field) string {
	path := "/entities/" + f.Entity.Name + "/properties/" + f.Name
	if f.Rollup != nil {
		return path + "/x-rollup"
	}
	return path + "/x-computed/cel"
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
			if cycle := circle(f, reported, p.Reads); cycle != nil {
				list.Add("field.cycle", cyclePath(f), "cycle", nameCircle(cycle))
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
		for _, g := range p.Reads(f) {
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
		if cycle := circle(f, reported, p.Reads); cycle != nil {
			list.Add("field.cycle", cyclePath(f), "cycle", nameCircle(cycle))
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

// storedFormulas reports stored computed fields that couldn't be kept up: what they read changes by itself, or with
// records that no reference leads back from. They may read what is kept in the record, its lines, the record that a
// line belongs to, and all of these over references.
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

// moving lists what a program reads that changes without a write that could be followed.
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
	for _, walk := range p.Walks() {
		far := walk.Field.Virtual() && walk.Field.Kind != metamodel.Lines
		for _, step := range walk.Way {
			far = far || step.Kind == metamodel.References || step.Virtual() && step.Kind != metamodel.Lines
		}
		if name := append(slices.Clone(walk.Way), walk.Field).String(); far && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
