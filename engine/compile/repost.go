package compile

import (
	"maps"
	"slices"

	"tenon/metamodel"
)

// reposts enters, once it is known what follows what, which postings are judged again when a kept value changes, and
// which writes can lead there.
func (s *Snapshot) reposts() {
	again := map[*metamodel.Field]bool{}
	for _, c := range s.byName {
		for _, p := range c.Postings {
			for _, f := range s.programs.PostingReads(p.Posting) {
				c.repost(f, p.Posting)
				again[f] = true
			}
		}
	}
	if len(again) == 0 {
		return
	}
	for _, e := range s.App.Entities {
		c := s.byID[e.ID]
		leads := map[*metamodel.Field]bool{}
		for _, f := range c.Feeds {
			leads[f.Field] = true
		}
		for _, list := range c.Followers {
			for _, f := range list {
				leads[f.Field] = true
			}
		}
		s.spread(leads)
		for f := range again {
			c.Posts = c.Posts || leads[f]
		}
	}
}

// repost notes that a posting is judged again when a field of the record or of its lines changes, with all that takes
// from the same one.
func (e *Entity) repost(f *metamodel.Field, p *metamodel.Posting) {
	if e.Reposts == nil {
		e.Reposts = map[*metamodel.Field][]*metamodel.Posting{}
	}
	root := rootOf(p)
	for _, o := range e.Postings {
		if rootOf(o.Posting) == root && !slices.Contains(e.Reposts[f], o.Posting) {
			e.Reposts[f] = append(e.Reposts[f], o.Posting)
		}
	}
}

// rounds puts the postings of each entity into the order in which they are judged: one that reads what follows from the
// document's own being written, or from what others of its postings have posted, comes after these. It ends, since no posting
// changes what it is judged by.
func (s *Snapshot) rounds() {
	fed := map[*metamodel.Ledger]map[*metamodel.Field]bool{}
	for _, c := range s.byName {
		if len(c.Postings) == 0 {
			continue
		}
		r := &rounds{s: s, entity: c, own: map[*metamodel.Field]bool{}, fed: fed, of: map[*metamodel.Posting]int{}}
		for _, f := range c.Feeds {
			r.own[f.Field] = true
		}
		s.spread(r.own)
		c.Later, c.AtOnce = r.sorted()
		if c.Later != nil {
			c.Deferred = map[metamodel.ID]bool{}
		}
		for _, round := range c.Later {
			maps.Copy(c.Deferred, round)
		}
	}
}

// rounds finds in which round each posting of an entity is judged.
type rounds struct {
	s      *Snapshot
	entity *Entity
	own    map[*metamodel.Field]bool                       // what changes with the entity's records
	fed    map[*metamodel.Ledger]map[*metamodel.Field]bool // what changes with what ledgers keep
	of     map[*metamodel.Posting]int
}

// round is that of a posting; what comes of another one is judged together with it.
func (r *rounds) round(p *metamodel.Posting) int {
	root := rootOf(p)
	if n, known := r.of[root]; known {
		return n
	}
	n := 0
	r.of[root] = n
	for _, f := range r.reads(root) {
		if r.own[f] {
			n = max(n, 1)
		}
		for _, o := range r.entity.Postings {
			if r.follows(o.Ledger.Ledger)[f] {
				n = max(n, r.round(o.Posting)+1)
			}
		}
	}
	r.of[root] = n
	return n
}

// rootOf is what a posting comes of; itself where it comes of nothing.
func rootOf(p *metamodel.Posting) *metamodel.Posting {
	if p.From != nil {
		return p.From
	}
	return p
}

// reads are the kept values that a posting reads, and all that comes of it.
func (r *rounds) reads(root *metamodel.Posting) []*metamodel.Field {
	var out []*metamodel.Field
	for _, p := range r.entity.Postings {
		if rootOf(p.Posting) == root {
			out = append(out, r.s.programs.PostingReads(p.Posting)...)
		}
	}
	return out
}

// follows are the fields that change with what a ledger keeps.
func (r *rounds) follows(l *metamodel.Ledger) map[*metamodel.Field]bool {
	out := r.fed[l]
	if out != nil {
		return out
	}
	out = map[*metamodel.Field]bool{}
	for _, kept := range l.Kept() {
		for _, f := range kept.Fields {
			out[f] = true
		}
		for _, feed := range r.s.byID[kept.ID].Feeds {
			out[feed.Field] = true
		}
	}
	r.s.spread(out)
	r.fed[l] = out
	return out
}

// sorted puts the postings into their rounds.
func (r *rounds) sorted() (later []map[metamodel.ID]bool, atOnce map[metamodel.ID]bool) {
	last := 0
	for _, p := range r.entity.Postings {
		last = max(last, r.round(p.Posting))
	}
	if last == 0 {
		return nil, nil
	}
	later, atOnce = make([]map[metamodel.ID]bool, last), map[metamodel.ID]bool{}
	for i := range later {
		later[i] = map[metamodel.ID]bool{}
	}
	for _, p := range r.entity.Postings {
		if n := r.round(p.Posting); n > 0 {
			later[n-1][p.ID] = true
		} else {
			atOnce[p.ID] = true
		}
	}
	return later, atOnce
}
