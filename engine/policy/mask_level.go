package policy

import (
	"slices"

	"tenon/metamodel"
)

// level is how open a field is, closed first, so that the smaller is the stricter.
type level uint8

const (
	hidden level = iota
	masked
	readonly
	open
)

func levelOf(m metamodel.Mask) level {
	switch m {
	case metamodel.MaskMasked:
		return masked
	case metamodel.MaskReadOnly:
		return readonly
	default: // MaskHidden; a mask that isn't known hides
		return hidden
	}
}

// maskOf is the mask that a level means; "" for open.
func maskOf(l level) metamodel.Mask {
	switch l {
	case hidden:
		return metamodel.MaskHidden
	case masked:
		return metamodel.MaskMasked
	case readonly:
		return metamodel.MaskReadOnly
	default:
		return ""
	}
}

// levels is the openness of the fields of an entity and of its lines, by slot. A nil *levels is all open.
type levels struct {
	own   []level
	lines map[*metamodel.Entity][]level
}

// levelsOf reads a grant's masks; nil when it has none. id and version can't be masked: without them a record
// can't be worked with, and they say nothing.
func levelsOf(g *metamodel.Grant) *levels {
	if len(g.Fields) == 0 {
		return nil
	}
	l := allOpen(g.Entity)
	for _, m := range g.Fields {
		if m == nil || m.Field == nil {
			continue
		}
		slots := l.of(g.Entity, m.Field)
		if slots == nil || m.Field.System && m.Field.Entity == g.Entity && m.Field.Slot <= metamodel.SlotVersion {
			continue
		}
		slots[m.Field.Slot] = min(slots[m.Field.Slot], levelOf(m.Mask))
	}
	for lines, slots := range l.lines {
		above := l.own[lines.Via.Slot]
		for i := range slots {
			slots[i] = min(slots[i], above)
		}
	}
	return l
}

func allOpen(e *metamodel.Entity) *levels {
	l := &levels{own: filled(len(e.Columns())), lines: map[*metamodel.Entity][]level{}}
	for _, f := range e.Fields {
		if f.Kind == metamodel.Lines && f.Target != nil && f.Target.Via == f {
			l.lines[f.Target] = filled(len(f.Target.Columns()))
		}
	}
	return l
}

func filled(n int) []level { return slices.Repeat([]level{open}, n) }

// of returns the slots in which a field of e or of its lines stands, nil for any other field.
func (l *levels) of(e *metamodel.Entity, f *metamodel.Field) []level {
	slots := l.lines[f.Entity]
	if f.Entity == e {
		slots = l.own
	}
	if f.Slot >= len(slots) {
		return nil
	}
	return slots
}

// at is how open a field of e or of its lines is. Fields of anything else are hidden.
func (l *levels) at(e *metamodel.Entity, f *metamodel.Field) level {
	if f == nil || f.Entity == nil || f.Entity != e && f.Entity.Parent != e {
		return hidden
	}
	if l == nil {
		return open
	}
	if slots := l.of(e, f); slots != nil {
		return slots[f.Slot]
	}
	return hidden
}

// combine folds the levels of several grants field by field.
func combine(e *metamodel.Entity, of []*levels, fold func(a, b level) level) *levels {
	out := allOpen(e)
	merge := func(dst []level, pick func(*levels) []level) {
		for i := range dst {
			for j, l := range of {
				v := open
				if l != nil {
					v = pick(l)[i]
				}
				if j == 0 {
					dst[i] = v
				} else {
					dst[i] = fold(dst[i], v)
				}
			}
		}
	}
	merge(out.own, func(l *levels) []level { return l.own })
	for lines, dst := range out.lines {
		merge(dst, func(l *levels) []level { return l.lines[lines] })
	}
	return out
}

func least(a, b level) level { return min(a, b) }

func most(a, b level) level { return max(a, b) }

// law is the combination law for fields: the most open of the grants without a row rule, or where all have
// one, the least open of all. It returns nil when everything is open.
func law(e *metamodel.Entity, granting []entry) *levels {
	var free, bound []*levels
	anyMask := false
	for _, g := range granting {
		anyMask = anyMask || g.levels != nil
		if g.rows == nil {
			free = append(free, g.levels)
		} else {
			bound = append(bound, g.levels)
		}
	}
	switch {
	case !anyMask:
		return nil
	case len(free) > 0:
		return combine(e, free, most)
	default:
		return combine(e, bound, least)
	}
}

// meet is the stricter of two, field by field; nil is all open.
func meet(e *metamodel.Entity, a, b *levels) *levels {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return combine(e, []*levels{a, b}, least)
}
