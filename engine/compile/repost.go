package compile

import (
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
	root := p
	if p.From != nil {
		root = p.From
	}
	for _, o := range e.Postings {
		if (o.Posting == root || o.From == root) && !slices.Contains(e.Reposts[f], o.Posting) {
			e.Reposts[f] = append(e.Reposts[f], o.Posting)
		}
	}
}
