package compile

import (
	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// Program is a compiled expression with what must be at hand before it is evaluated.
type Program struct {
	*expr.Program
	// Reads lists, by entity, the slots that no table holds (virtual fields, lines) and that the program reads,
	// those which other virtual fields read included, each after what it depends on. Whoever hands rows to the
	// program fills these slots first.
	Reads map[metamodel.ID][]*metamodel.Field
	// Hops are the references that it walks, so that what they point at can be fetched in one go.
	Hops []*metamodel.Field
}

// program compiles what a program reads; nil stays nil.
func (s *Snapshot) program(f *metamodel.Formula) *Program {
	if f == nil {
		return nil
	}
	return s.Wrap(s.Program(f))
}

// Wrap works out what a program reads, for programs that are not part of the documents (a request's filter).
func (s *Snapshot) Wrap(p *expr.Program) *Program {
	w := &Program{Program: p, Reads: map[metamodel.ID][]*metamodel.Field{}}
	seen := map[*metamodel.Field]bool{}
	hops := map[*metamodel.Field]bool{}
	var add func(n *expr.Node)
	add = func(n *expr.Node) {
		n.Walk(func(n *expr.Node) bool {
			if n.Op != expr.OpField {
				return true
			}
			if base := n.Args[0]; base.Op == expr.OpField && base.Field.Target != nil && base.Field.Kind != metamodel.Lines && !hops[base.Field] {
				hops[base.Field] = true
				w.Hops = append(w.Hops, base.Field)
			}
			f := n.Field
			if !f.Virtual() || seen[f] {
				return true
			}
			seen[f] = true
			if f.Computed() {
				add(s.Program(f.Formula).Tree()) // what it reads comes first
			}
			w.Reads[f.Entity.ID] = append(w.Reads[f.Entity.ID], f)
			return true
		})
	}
	add(p.Tree())
	return w
}

// Condition returns the compiled form of a form's condition; nil stays nil.
func (s *Snapshot) Condition(f *metamodel.Formula) *Program { return s.conditions[f] }

func (s *Snapshot) compileForms() {
	s.conditions = map[*metamodel.Formula]*Program{}
	add := func(formulas ...*metamodel.Formula) {
		for _, f := range formulas {
			if f != nil {
				s.conditions[f] = s.program(f)
			}
		}
	}
	for _, v := range s.App.Views {
		for _, section := range v.Sections {
			add(section.Visible)
			for _, item := range section.Items {
				add(item.Visible, item.Required, item.ReadOnly)
				for _, c := range item.Lines {
					add(c.Visible)
				}
			}
		}
	}
}
