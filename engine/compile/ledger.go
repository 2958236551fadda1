package compile

import (
	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// Ledger is a ledger with the programs of its policies.
type Ledger struct {
	*metamodel.Ledger
	Policies map[metamodel.Policy]*Program
	General  map[*Program]bool // those of the policies that answer the same for every key

	asks  map[*metamodel.Field]bool // fields that the cost method depends on
	of    map[metamodel.ID]bool     // entities that they are fields of
	looks map[metamodel.ID]bool     // entities among whose records it is looked up
}

// AsksMethod tells whether the cost method of some keys depends on a field.
func (l *Ledger) AsksMethod(f *metamodel.Field) bool { return l.asks[f] }

// AsksMethodOf tells whether the cost method of some keys depends on records of an entity.
func (l *Ledger) AsksMethodOf(e *metamodel.Entity) bool { return l.of[e.ID] || l.looks[e.ID] }

// LooksForMethod tells whether the cost method is looked up among an entity's records, so that one that comes or goes
// may change it.
func (l *Ledger) LooksForMethod(e *metamodel.Entity) bool { return l.looks[e.ID] }

// Posting is a compiled posting. Programs see the row that posts; nil where the document says nothing.
type Posting struct {
	*metamodel.Posting
	Ledger                                      *Ledger
	When, Day                                   *Program
	Dimensions, To                              []*Program // by the ledger's dimensions; never shorter than they are
	Quantity, Secondary, Value, Rate, Of, Share *Program
	Hops                                        []*metamodel.Field // references that any of the programs walks
}

// Ledger looks a ledger up by name; nil when the app has none of that name.
func (s *Snapshot) Ledger(name string) *Ledger {
	if l := s.App.Ledger(name); l != nil {
		return s.ledgers[l.ID]
	}
	return nil
}

// LedgerByID looks a ledger up by its id; nil when the app doesn't have it.
func (s *Snapshot) LedgerByID(id metamodel.ID) *Ledger { return s.ledgers[id] }

func (s *Snapshot) compileLedgers() {
	s.ledgers = make(map[metamodel.ID]*Ledger, len(s.App.Ledgers))
	for _, l := range s.App.Ledgers {
		c := &Ledger{Ledger: l, Policies: map[metamodel.Policy]*Program{}, General: map[*Program]bool{}}
		for p, f := range l.Policies {
			program := s.program(f)
			c.Policies[p] = program
			c.General[program] = !program.UsesRecord()
		}
		s.ledgers[l.ID] = c
		s.methodReads(c)
	}
}

// methodReads finds what a ledger's cost method depends on, through fields that no table holds.
func (s *Snapshot) methodReads(l *Ledger) {
	l.asks, l.of, l.looks = map[*metamodel.Field]bool{}, map[metamodel.ID]bool{}, map[metamodel.ID]bool{}
	var read func(n *expr.Node)
	read = func(n *expr.Node) {
		n.Walk(func(n *expr.Node) bool {
			switch {
			case n.Op == expr.OpQuery:
				l.looks[n.Query.Entity.ID] = true
			case n.Op == expr.OpField && !l.asks[n.Field]:
				l.asks[n.Field], l.of[n.Field.Entity.ID] = true, true
				if n.Field.Virtual() && n.Field.Computed() {
					read(s.Program(n.Field.Formula).Tree())
				}
			}
			return true
		})
	}
	for _, p := range []metamodel.Policy{metamodel.PolicyCostMethod, metamodel.PolicyMethodFrom} {
		if program := l.Policies[p]; program != nil {
			read(program.Tree())
		}
	}
}

func (s *Snapshot) postings(e *metamodel.Entity) []*Posting {
	out := make([]*Posting, 0, len(e.Postings))
	for _, p := range e.Postings {
		c := &Posting{
			Posting: p, Ledger: s.ledgers[p.Ledger.ID], When: s.program(p.When), Day: s.program(p.Day),
			Dimensions: make([]*Program, len(p.Ledger.Dimensions)), To: make([]*Program, len(p.Ledger.Dimensions)),
			Quantity: s.program(p.Quantity), Secondary: s.program(p.Secondary), Value: s.program(p.Value), Rate: s.program(p.Rate), Of: s.program(p.Of), Share: s.program(p.Share),
		}
		for i, f := range p.Dimensions {
			c.Dimensions[i] = s.program(f)
		}
		for i, f := range p.To {
			c.To[i] = s.program(f)
		}
		for _, program := range append(append([]*Program{c.When, c.Day, c.Quantity, c.Secondary, c.Value, c.Rate, c.Of, c.Share}, c.Dimensions...), c.To...) {
			if program != nil {
				c.Hops = append(c.Hops, program.Hops...)
			}
		}
		out = append(out, c)
	}
	return out
}
