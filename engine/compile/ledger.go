package compile

import (
	"tenon/metamodel"
)

// Ledger is a ledger with the programs of its policies.
type Ledger struct {
	*metamodel.Ledger
	Policies map[metamodel.Policy]*Program
}

// Posting is a compiled posting. Programs see the row that posts; nil where the document says nothing.
type Posting struct {
	*metamodel.Posting
	Ledger                           *Ledger
	When, Day                        *Program
	Dimensions, To                   []*Program // by the ledger's dimensions; never shorter than they are
	Quantity, Value, Rate, Of, Share *Program
	Hops                             []*metamodel.Field // references that any of the programs walks
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
		c := &Ledger{Ledger: l, Policies: map[metamodel.Policy]*Program{}}
		for p, f := range l.Policies {
			c.Policies[p] = s.program(f)
		}
		s.ledgers[l.ID] = c
	}
}

func (s *Snapshot) postings(e *metamodel.Entity) []*Posting {
	out := make([]*Posting, 0, len(e.Postings))
	for _, p := range e.Postings {
		c := &Posting{
			Posting: p, Ledger: s.ledgers[p.Ledger.ID], When: s.program(p.When), Day: s.program(p.Day),
			Dimensions: make([]*Program, len(p.Ledger.Dimensions)), To: make([]*Program, len(p.Ledger.Dimensions)),
			Quantity: s.program(p.Quantity), Value: s.program(p.Value), Rate: s.program(p.Rate), Of: s.program(p.Of), Share: s.program(p.Share),
		}
		for i, f := range p.Dimensions {
			c.Dimensions[i] = s.program(f)
		}
		for i, f := range p.To {
			c.To[i] = s.program(f)
		}
		for _, program := range append(append([]*Program{c.When, c.Day, c.Quantity, c.Value, c.Rate, c.Of, c.Share}, c.Dimensions...), c.To...) {
			if program != nil {
				c.Hops = append(c.Hops, program.Hops...)
			}
		}
		out = append(out, c)
	}
	return out
}
