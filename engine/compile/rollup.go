package compile

import (
	"slices"

	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// Rollup is a roll-up with its programs and its place in the order in which kept values are worked out.
type Rollup struct {
	*metamodel.Rollup
	Field *metamodel.Field
	Rank  int
	Rows  *Entity // whose rows
	Value *Program
	Where *Program // nil is all
	// Unit is the entity of the record that it is kept with, Line the field of it whose lines keep it; nil where the record
	// itself does.
	Unit *Entity
	Line *metamodel.Field
	// Sort is the order in which the first row that gives something is what a least, a greatest, a first or a last is
	// taken from, and in which a concat takes its texts; nil where no order of fields says so.
	Sort []query.Order
	// Holds are the conditions under which a row gives something, as far as they can be said of the row: that it counts,
	// that it has a value.
	Holds []*expr.Node

	reads map[*metamodel.Field]bool
}

// Reads tells whether what a row gives depends on a field, of the row or of its document.
func (r *Rollup) Reads(f *metamodel.Field) bool { return r.reads[f] }

func (s *Snapshot) rollup(f *metamodel.Field) *Rollup {
	r := &Rollup{
		Rollup: f.Rollup, Field: f, Rank: s.rank(f), Rows: s.byID[f.Rollup.Entity.ID], Unit: s.unit(f.Entity), Line: f.Entity.Via,
		Value: s.program(f.Rollup.Value), Where: s.program(f.Rollup.Where), reads: map[*metamodel.Field]bool{},
	}
	for _, g := range rollupReads(r.Rollup, r.Value, r.Where) {
		r.reads[g] = true
	}
	r.Sort = sortOf(r.Rollup)
	if r.Where != nil {
		r.Holds = append(r.Holds, r.Where.Tree())
	}
	if plain := r.Plain(); plain != nil {
		there, list := s.Model.Compile(expr.Scope{Entity: r.Rows.Entity}, plain.Name+" != null", expr.Bool)
		if !list.HasErrors() { // else it is never blank
			r.Holds = append(r.Holds, there.Tree())
		}
	}
	return r
}

// sortOf is the order of a roll-up's rows, with their place among equals last.
func sortOf(r *metamodel.Rollup) []query.Order {
	back := r.Function == metamodel.RollupLast
	var out []query.Order
	switch r.Function {
	case metamodel.RollupMin, metamodel.RollupMax:
		plain := r.Plain()
		if plain == nil || plain.Kind == metamodel.Choice {
			return nil
		}
		back = r.Function == metamodel.RollupMax
		out = append(out, query.Order{Path: metamodel.Path{plain}, Descending: back})
	case metamodel.RollupFirst, metamodel.RollupLast, metamodel.RollupConcat:
		for _, k := range r.Order {
			out = append(out, query.Order{Path: k.Path, Descending: k.Descending != back})
		}
	default:
		return nil
	}
	for _, f := range r.Place() {
		out = append(out, query.Order{Path: metamodel.Path{f}, Descending: back})
	}
	return slices.Clip(out)
}

// rollupReads lists the fields of a row and of its document that what it gives depends on, the link included.
func rollupReads(r *metamodel.Rollup, programs ...*Program) []*metamodel.Field {
	out := slices.Clone([]*metamodel.Field(r.Path))
	for _, k := range r.Order {
		out = append(out, k.Path...)
	}
	for _, p := range programs {
		if p != nil {
			out = append(out, fieldsRead(p.Tree())...)
		}
	}
	return out
}
