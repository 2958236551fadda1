package compile

import (
	"slices"

	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// Aggregate is an aggregate that is kept with every write of the records that its rows are written with.
type Aggregate struct {
	*metamodel.Kept
	Unit  *Entity          // whose records are written
	Line  *metamodel.Field // of the unit, where the rows are lines; nil where the records themselves are counted
	Where *Program         // nil is all rows

	given []string // what the filter says, condition by condition
	reads map[*metamodel.Field]bool
}

// Reads tells whether the numbers depend on a field.
func (a *Aggregate) Reads(f *metamodel.Field) bool { return a.reads[f] }

// Given lists what the filter says, condition by condition, as it is printed.
func (a *Aggregate) Given() []string { return a.given }

// compileAggregates compiles what cards ask to be kept.
func (s *Snapshot) compileAggregates() {
	for _, k := range s.App.KeptAggregates() {
		a := &Aggregate{Kept: k, Unit: s.byID[k.Entity.ID], Where: s.program(k.Filter), reads: map[*metamodel.Field]bool{}}
		if k.Entity.IsLines() {
			a.Unit, a.Line = s.byID[k.Entity.Parent.ID], k.Entity.Via
		}
		var paths []metamodel.Path
		for _, key := range k.Keys {
			paths = append(paths, key.Path)
		}
		for _, v := range k.Values {
			paths = append(paths, v.Path)
		}
		for _, f := range slices.Concat(paths...) {
			a.reads[f] = true
		}
		if a.Where != nil {
			for _, f := range fieldsRead(a.Where.Tree()) {
				a.reads[f] = true
			}
			for _, n := range Conditions(a.Where.Tree()) {
				a.given = append(a.given, expr.Print(n))
			}
		}
		a.Unit.Aggregates = append(a.Unit.Aggregates, a)
		s.aggregates = append(s.aggregates, a)
	}
}

// Aggregates lists what is kept for the app's cards.
func (s *Snapshot) Aggregates() []*Aggregate { return s.aggregates }

// AggregatesOver lists what is kept of the rows of an entity, those with fewer keys first: they have fewer groups.
func (s *Snapshot) AggregatesOver(e *metamodel.Entity) []*Aggregate {
	var out []*Aggregate
	for _, a := range s.aggregates {
		if a.Entity == e {
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, func(a, b *Aggregate) int { return len(a.Keys) - len(b.Keys) })
	return out
}

// Conditions takes a condition apart: all of what is answered must hold for it to hold.
func Conditions(nodes ...*expr.Node) []*expr.Node {
	var out []*expr.Node
	for _, n := range nodes {
		if n.Op == expr.OpAnd {
			out = append(out, Conditions(n.Args...)...)
		} else {
			out = append(out, n)
		}
	}
	return out
}
