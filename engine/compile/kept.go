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
	Of    []*Program       // value by value, which rows it is of; nil is all

	given Said // what the filter says
	of    []Said
	reads map[*metamodel.Field]bool
}

// Said is what a condition says, condition by condition, as it is printed.
type Said []string

// saidBy takes a condition apart; nil says nothing.
func saidBy(p *Program) Said {
	if p == nil {
		return nil
	}
	var out Said
	for _, n := range Conditions(p.Tree()) {
		out = append(out, expr.Print(n))
	}
	return out
}

// Without takes what is said out of conditions; false where any of it is missing among them.
func (s Said) Without(where []*expr.Node) (rest []*expr.Node, ok bool) {
	missing := slices.Clone(s)
	rest = slices.DeleteFunc(Conditions(where...), func(n *expr.Node) bool {
		text := expr.Print(n)
		missing = slices.DeleteFunc(missing, func(g string) bool { return g == text })
		return slices.Contains(s, text)
	})
	return rest, len(missing) == 0
}

// Reads tells whether the numbers depend on a field.
func (a *Aggregate) Reads(f *metamodel.Field) bool { return a.reads[f] }

// Given is what the filter says.
func (a *Aggregate) Given() Said { return a.given }

// GivenOf is what the condition of a value says.
func (a *Aggregate) GivenOf(value int) Said { return a.of[value] }

// compileAggregates compiles what cards ask to be kept.
func (s *Snapshot) compileAggregates() {
	for _, k := range s.App.KeptAggregates(s.told) {
		a := &Aggregate{Kept: k, Unit: s.byID[k.Entity.ID], Where: s.program(k.Filter), reads: map[*metamodel.Field]bool{}}
		if k.Entity.IsLines() {
			a.Unit, a.Line = s.byID[k.Entity.Parent.ID], k.Entity.Via
		}
		var paths []metamodel.Path
		for _, key := range k.Keys {
			paths = append(paths, key.Path)
		}
		conditions := []*Program{a.Where}
		for _, v := range k.Values {
			paths = append(paths, v.Path)
			of := s.program(v.Where)
			a.Of, a.of, conditions = append(a.Of, of), append(a.of, saidBy(of)), append(conditions, of)
		}
		for _, f := range slices.Concat(paths...) {
			a.reads[f] = true
		}
		for _, p := range conditions {
			if p != nil {
				for _, f := range fieldsRead(p.Tree()) {
					a.reads[f] = true
				}
			}
		}
		a.given = saidBy(a.Where)
		a.Unit.Aggregates = append(a.Unit.Aggregates, a)
		s.aggregates = append(s.aggregates, a)
	}
}

// told tells whether a condition can be judged by a row of an entity, and the document that it is a line of, alone.
func (s *Snapshot) told(e *metamodel.Entity, where *metamodel.Formula) bool {
	p := s.program(where)
	if p == nil || p.UsesNow() || p.UsesUser() || p.UsesQuery() {
		return false
	}
	for _, ref := range p.Refs() {
		if ref.Kind == expr.RefField && len(metamodel.Near(e, ref.Path)) < len(ref.Path) {
			return false
		}
	}
	return true
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
