package compile

import (
	"slices"

	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// Unsettled are the kept values that a job is bringing up to date just now, and all that depends on them: what the
// tables hold of them may be of before.
type Unsettled struct {
	Jobs   map[*metamodel.Field]bool // those that a job works at
	Fields map[*metamodel.Field]bool // those, and all computed fields that read one of them, directly or not
	// Told are those, and what ledgers keep that will change, with all that reads it: answers tell of it, but decisions are
	// made by it, as the ledger's own are.
	Told map[*metamodel.Field]bool
}

// Pending is a ledger of which a job will change what it keeps.
type Pending struct {
	Ledger metamodel.ID
	Worth  bool // no quantities, but what they are worth
}

// Unsettle says which kept values jobs are working at, and which ledgers. It is the one thing about a Snapshot that changes
// while it is served. Fields and ledgers that the app doesn't have are left out.
func (s *Snapshot) Unsettle(ids []metamodel.ID, pending []Pending) {
	u := &Unsettled{Jobs: map[*metamodel.Field]bool{}, Fields: map[*metamodel.Field]bool{}, Told: map[*metamodel.Field]bool{}}
	for _, e := range s.App.Entities {
		for _, f := range e.Fields {
			if f.Computed() && slices.Contains(ids, f.ID) {
				u.Jobs[f], u.Fields[f], u.Told[f] = true, true, true
			}
		}
	}
	for _, p := range pending {
		if l := s.App.LedgerByID(p.Ledger); l != nil {
			s.tell(u.Told, l, p.Worth)
		}
	}
	if len(u.Told) == 0 {
		s.unsettled.Store(nil)
		return
	}
	s.spread(u.Fields)
	s.spread(u.Told)
	s.unsettled.Store(u)
}

// tell adds what a ledger keeps that will change, and what is computed of it.
func (s *Snapshot) tell(told map[*metamodel.Field]bool, l *metamodel.Ledger, worth bool) {
	amounts := map[*metamodel.Field]bool{}
	for _, f := range l.Amounts(worth) {
		amounts[f], told[f] = true, true
	}
	reads := func(f *metamodel.Field) bool { return amounts[f] }
	for _, kept := range l.Kept() {
		for _, r := range s.byID[kept.ID].Feeds {
			if !worth || slices.ContainsFunc(kept.Fields, func(f *metamodel.Field) bool { return amounts[f] && r.Reads(f) }) {
				told[r.Field] = true
			}
		}
	}
	for _, e := range s.App.Entities {
		for _, f := range e.Fields {
			if p := s.Computed(f); p != nil && slices.ContainsFunc(FieldsRead(p), reads) {
				told[f] = true
			}
		}
	}
}

// spread adds to some fields all computed fields that read one of them, directly or not.
func (s *Snapshot) spread(fields map[*metamodel.Field]bool) {
	for more := true; more; {
		more = false
		for _, e := range s.App.Entities {
			for _, f := range e.Fields {
				if f.Computed() && !fields[f] && slices.ContainsFunc(s.programs.Reads(f), func(g *metamodel.Field) bool { return fields[g] }) {
					fields[f], more = true, true
				}
			}
		}
	}
}

// Stirred are the fields of other records that change when a record of an entity comes: roll-ups that it counts for,
// what ledgers keep of what it posts, and all that depends on them.
func (s *Snapshot) Stirred(e *Entity) map[*metamodel.Field]bool {
	out := map[*metamodel.Field]bool{}
	for _, f := range e.Feeds {
		out[f.Field] = true
	}
	if len(e.Postings) > 0 || e.Posts {
		for _, kept := range s.App.Entities {
			for _, f := range kept.Fields {
				if kept.Kept != nil {
					out[f] = true
				}
			}
			for _, r := range s.byID[kept.ID].Feeds {
				if kept.Kept != nil {
					out[r.Field] = true
				}
			}
		}
	}
	s.spread(out)
	return out
}

// Unsettled returns what jobs are bringing up to date; nil when nothing is.
func (s *Snapshot) Unsettled() *Unsettled { return s.unsettled.Load() }

// Reads lists the computed fields that a computed field depends on, of whatever entity.
func (s *Snapshot) Reads(f *metamodel.Field) []*metamodel.Field { return s.programs.Reads(f) }

// InOrder puts computed fields into an order in which each comes after those that it reads.
func (s *Snapshot) InOrder(fields []*metamodel.Field) []*metamodel.Field {
	depth := map[*metamodel.Field]int{}
	var of func(f *metamodel.Field) int
	of = func(f *metamodel.Field) int {
		if d, ok := depth[f]; ok {
			return d
		}
		d := 1
		for _, g := range s.programs.Reads(f) {
			d = max(d, of(g)+1)
		}
		depth[f] = d
		return d
	}
	slices.SortStableFunc(fields, func(a, b *metamodel.Field) int { return of(a) - of(b) })
	return fields
}

// FieldsRead lists the fields that a program names, those that its queries read included.
func FieldsRead(p *Program) []*metamodel.Field { return fieldsRead(p.Tree()) }

// ReadElsewhere lists the fields that a program reads of other records than the one it is evaluated over, and those of it
// that are worked out when they are read.
func ReadElsewhere(p *Program) []*metamodel.Field {
	var out []*metamodel.Field
	for _, walk := range p.Walks() {
		if walk.Way.Leaves() || walk.Field.Virtual() {
			out = append(out, walk.Field)
		}
	}
	p.Tree().Walk(func(n *expr.Node) bool {
		if n.Op == expr.OpQuery {
			out = append(out, fieldsRead(n)...)
		}
		return true
	})
	return out
}

// FieldByID looks a field of any entity up by its id; nil when the app doesn't have it.
func (s *Snapshot) FieldByID(id metamodel.ID) *metamodel.Field {
	for _, e := range s.App.Entities {
		for _, f := range e.Fields {
			if f.ID == id {
				return f
			}
		}
	}
	return nil
}
