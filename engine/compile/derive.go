package compile

import (
	"slices"
	"strings"

	"tenon/metamodel"
)

// Feed is a roll-up that a record's write may change: Line is the field with the rows, nil where the record itself
// is one.
type Feed struct {
	*Rollup
	Line *metamodel.Field
}

// Follower is a stored formula that reads a field of another record. Unit is the entity of the record that is written
// with it, Way how the row of the formula leads to the record that is read.
type Follower struct {
	*Computed
	Unit *Entity
	Way  metamodel.Path
}

// ownLines tells whether a roll-up is over the record's own lines: it is computed with the record, as a formula is.
func ownLines(f *metamodel.Field) bool {
	return f.Rollup != nil && len(f.Rollup.Path) == 1 && f.Rollup.Path[0].System
}

// FarRollup tells whether a field is a roll-up over rows that are written apart from its record.
func FarRollup(f *metamodel.Field) bool { return f.Rollup != nil && !ownLines(f) }

// derive works out, once all entities are linked and their own fields are in order, what follows what.
func (s *Snapshot) derive() {
	s.ranks, s.near = map[*metamodel.Field]int{}, map[*metamodel.Field][]*Computed{}
	for _, c := range s.byName {
		for i := range c.Stored {
			c.Stored[i].Rank = s.rank(c.Stored[i].Field)
		}
	}
	for _, e := range s.App.Entities {
		c := s.byID[e.ID]
		unit := s.unit(e)
		for _, f := range e.Fields {
			if FarRollup(f) {
				unit.Rollups, unit.derived = append(unit.Rollups, s.rollup(f)), true
			}
		}
		for i := range c.Stored {
			s.follow(c, &c.Stored[i])
		}
	}
	for _, e := range s.App.Entities { // of lines there are none: their records have them
		for _, r := range s.byID[e.ID].Rollups {
			s.feed(r)
		}
	}
}

// unit is the entity whose records an entity's rows are written with.
func (s *Snapshot) unit(e *metamodel.Entity) *Entity {
	if e.IsLines() {
		return s.byID[e.Parent.ID]
	}
	return s.byID[e.ID]
}

// rank is the place of a kept field: one more than those of all that it reads; 0 for a field that people write.
func (s *Snapshot) rank(f *metamodel.Field) int {
	if !f.Computed() {
		return 0
	}
	if r, ok := s.ranks[f]; ok {
		return r
	}
	r := 1
	for _, g := range s.programs.Reads(f) {
		r = max(r, s.rank(g)+1)
	}
	s.ranks[f] = r
	return r
}

// feed enters a roll-up at the record whose writes change it.
func (s *Snapshot) feed(r *Rollup) {
	unit := s.unit(r.Rows.Entity)
	unit.Feeds = append(unit.Feeds, Feed{Rollup: r, Line: r.Rows.Via})
}

// follow enters a stored value at all that it reads: what is written with it, and what is reached over references.
func (s *Snapshot) follow(unit *Entity, c *Computed) {
	if c.Field.Rollup != nil {
		for _, f := range rollupReads(c.Field.Rollup, c.Value, c.Where) {
			s.nearTo(f, c)
		}
		return
	}
	for _, walk := range c.Program.Walks() {
		if !walk.Way.Leaves() {
			s.nearTo(walk.Field, c)
			continue
		}
		c.Far, unit.derived = true, true
		at := s.unit(walk.Field.Entity)
		if at.Followers == nil {
			at.Followers = map[*metamodel.Field][]Follower{}
		}
		at.Followers[walk.Field] = append(at.Followers[walk.Field], Follower{Computed: c, Unit: unit, Way: walk.Way})
	}
}

func (s *Snapshot) nearTo(f *metamodel.Field, c *Computed) {
	if !slices.Contains(s.near[f], c) {
		s.near[f] = append(s.near[f], c)
	}
}

// Near lists the stored values that are written in the same record as a field and read it.
func (s *Snapshot) Near(f *metamodel.Field) []*Computed { return s.near[f] }

// Derives tells whether writes of an entity's records can change values that are kept in others.
func (e *Entity) Derives() bool { return len(e.Feeds) > 0 || len(e.Followers) > 0 }

// Derived tells whether values kept in the entity's records change with writes of others.
func (e *Entity) Derived() bool { return e.derived }

// Stale lists the kept values of the app that can't be taken over from the state of the app before: new ones, those
// that are worked out in another way, and all that depend on them, in the order in which they are worked out. from is
// nil where there is no state before.
func (s *Snapshot) Stale(from *metamodel.App) []*metamodel.Field {
	if from == nil {
		return nil
	}
	stale := map[*metamodel.Field]bool{}
	var out []*metamodel.Field
	var visit func(f *metamodel.Field) bool
	visit = func(f *metamodel.Field) bool {
		if known, ok := stale[f]; ok {
			return known
		}
		old := from.EntityByID(f.Entity.ID)
		is := old != nil && otherwise(old.FieldByID(f.ID), f)
		for _, g := range s.programs.Reads(f) {
			is = visit(g) || is
		}
		stale[f] = is && f.Stored
		if stale[f] && old != nil { // of a new entity there are no records
			out = append(out, f)
		}
		return is
	}
	for _, e := range s.App.Entities {
		for _, f := range e.Fields {
			if f.Computed() {
				visit(f)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *metamodel.Field) int { return s.rank(a) - s.rank(b) })
	return out
}

// otherwise tells whether a computed field is worked out otherwise than before.
func otherwise(was, f *metamodel.Field) bool {
	if was == nil || !was.Stored || was.Kind != f.Kind || was.Scale != f.Scale {
		return true
	}
	return sameText(was.Formula) != sameText(f.Formula) || rollupText(was.Rollup) != rollupText(f.Rollup)
}

func sameText(f *metamodel.Formula) string {
	if f == nil {
		return ""
	}
	return f.Stored
}

// rollupText is what a roll-up does, by ids.
func rollupText(r *metamodel.Rollup) string {
	if r == nil {
		return ""
	}
	parts := []string{string(r.Entity.ID), string(r.Function), sameText(r.Value), sameText(r.Where), r.Separator}
	for _, f := range r.Path {
		parts = append(parts, string(f.ID))
	}
	for _, k := range r.Order {
		parts = append(parts, string(k.Path.Last().ID))
		if k.Descending {
			parts = append(parts, "-")
		}
	}
	return strings.Join(parts, "\x00")
}

// Kept finds how a kept value is worked out: a formula or a roll-up over own lines with the entity whose records are
// written with it, or a roll-up over rows of others.
func (s *Snapshot) Kept(f *metamodel.Field) (unit *Entity, c *Computed, r *Rollup) {
	unit = s.unit(f.Entity)
	for i := range unit.Stored {
		if unit.Stored[i].Field == f {
			return unit, &unit.Stored[i], nil
		}
	}
	for _, r := range unit.Rollups {
		if r.Field == f {
			return unit, nil, r
		}
	}
	return unit, nil, nil
}
