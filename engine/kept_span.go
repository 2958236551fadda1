package engine

import (
	"slices"
	"time"

	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// A question over an aggregate that is kept by months and years is answered from whole years, then from the months
// between the nearest new year and its bound, then from the rows on the days between the nearest border of two months and
// the bound. What lies on the other side of the bound is taken away again.

// days are those that a condition leaves: from one on, up to another and without it. Nil is no bound.
type days struct{ from, to *value.Date }

// narrow takes a bound in, as translation.border gives it.
func (d *days) narrow(op expr.Op, first value.Date) {
	if op == expr.OpLt {
		if d.to == nil || first < *d.to {
			d.to = &first
		}
	} else if d.from == nil || first > *d.from {
		d.from = &first
	}
}

func (d *days) none() bool { return d.from != nil && d.to != nil && *d.from >= *d.to }

// spanning is a question's use of the days of an aggregate that is kept by months and years. It is nil, and does nothing,
// where the aggregate is not.
type spanning struct {
	t       *translation
	within  days // of the whole question
	monthly bool // the question groups by months or quarters, which years don't tell
	today   value.Date
}

func newSpanning(t *translation) *spanning {
	return &spanning{t: t, today: value.DateOf(t.call.Now, t.call.Snap.Zone)}
}

// all are the days of the whole question.
func (s *spanning) all() *days {
	if s == nil {
		return nil
	}
	return &s.within
}

// measured are the days of a measure, to be narrowed.
func (s *spanning) measured() *days {
	if s == nil {
		return nil
	}
	d := s.within
	return &d
}

// by notes that a question groups by a unit of the days; false where that is shorter than a month.
func (s *spanning) by(unit string) bool {
	s.monthly = s.monthly || unit != "year"
	return metamodel.Refines("month", unit)
}

// cover is what adds up to some days.
func (s *spanning) cover(d *days) []query.Span {
	if s == nil || d.none() {
		return nil
	}
	return s.between(*d)
}

// finish sets which groups and rows a question reads, for its measures and, where it shows groups without any in its
// measures, for their being there.
func (s *spanning) finish(q *query.Aggregate) {
	if s == nil {
		return
	}
	a := s.t.aggregate
	if len(q.Groups) > 0 && !q.Filled {
		q.Present = &query.Measure{Fn: "count", Parts: &query.Parts{Count: a.Count, Spans: s.cover(&s.within)}}
	}
	read := &query.Spans{Kept: a.Kept}
	use := func(m *query.Measure) {
		for _, span := range m.Parts.Spans {
			span.Less = false
			if !slices.ContainsFunc(read.Groups, span.Same) {
				read.Groups = append(read.Groups, span)
			}
		}
	}
	for i := range q.Measures {
		use(&q.Measures[i])
	}
	if q.Present != nil {
		use(q.Present)
	}
	var single []*expr.Node
	read.Groups = slices.DeleteFunc(read.Groups, func(span query.Span) bool {
		if span.Grain == metamodel.GrainDay {
			single = append(single, s.on(span))
		}
		return span.Grain == metamodel.GrainDay
	})
	q.Spans = read
	if len(single) == 0 {
		return
	}
	read.Rows = true
	if len(single) > 1 {
		single = []*expr.Node{{Op: expr.OpOr, Type: expr.Bool, Args: single}}
	}
	read.Where = single
	if a.Where != nil {
		read.Where = append(read.Where, a.Where.Tree())
	}
	for _, of := range a.Of {
		var where []*expr.Node
		if of != nil {
			where = []*expr.Node{of.Tree()}
		}
		read.Values = append(read.Values, where)
	}
}

// on is the condition that a row is on the days of a span.
func (s *spanning) on(span query.Span) *expr.Node {
	field := &expr.Node{Op: expr.OpVar, Type: expr.Rec, Entity: s.t.aggregate.Entity}
	path := s.t.aggregate.Span.Path
	for _, f := range path {
		field = &expr.Node{Op: expr.OpField, Type: expr.Rec, Field: f, Entity: f.Target, Args: []*expr.Node{field}}
	}
	field.Type, field.Entity = expr.Dat, nil
	if path.Last().Kind == metamodel.DateTime {
		field.Type = expr.Ts
	}
	bound := func(op expr.Op, day value.Date) *expr.Node {
		lit := &expr.Node{Op: expr.OpLit, Type: field.Type, Value: day}
		if field.Type == expr.Ts {
			lit.Value = start(day, s.t.call.Snap.Zone)
		}
		return &expr.Node{Op: op, Type: expr.Bool, Args: []*expr.Node{field, lit}}
	}
	return &expr.Node{Op: expr.OpAnd, Type: expr.Bool, Args: []*expr.Node{bound(expr.OpGe, *span.From), bound(expr.OpLt, *span.To)}}
}

// between is what adds up to some days: all up to the end but for all up to the beginning.
func (s *spanning) between(d days) []query.Span {
	var ends, begins borders
	if d.from == nil && d.to == nil {
		if s.monthly {
			return []query.Span{{Grain: metamodel.GrainMonth}}
		}
		return []query.Span{{Grain: metamodel.GrainYear}}
	}
	if d.from != nil {
		begins = s.borders(*d.from)
	}
	if d.to != nil {
		ends = s.borders(*d.to)
	}
	var out []query.Span
	if s.monthly {
		out = append(out, query.Span{Grain: metamodel.GrainMonth, From: begins.month, To: ends.month})
	} else {
		out = append(out, query.Span{Grain: metamodel.GrainYear, From: begins.year, To: ends.year})
		out = append(out, run(metamodel.GrainMonth, ends.year, ends.month, begins.year, begins.month)...)
	}
	out = append(out, run(metamodel.GrainDay, ends.month, d.to, begins.month, d.from)...)
	return slices.DeleteFunc(out, func(span query.Span) bool { return span.From != nil && span.To != nil && *span.From >= *span.To })
}

// run is what lies between two places at the end of some days and not between two at their beginning. Where both begin at
// the same place, it is what lies between the others.
func run(grain int, endsAt, ends, beginsAt, begins *value.Date) []query.Span {
	if endsAt != nil && beginsAt != nil && *endsAt == *beginsAt {
		return []query.Span{{Grain: grain, From: begins, To: ends}}
	}
	var out []query.Span
	if endsAt != nil {
		out = append(out, way(grain, *endsAt, *ends, false))
	}
	if beginsAt != nil {
		out = append(out, way(grain, *beginsAt, *begins, true))
	}
	return out
}

// way is what lies between a border and a day, to be added where the border is before it, to be taken away where it is
// behind; the other way round where less.
func way(grain int, border, day value.Date, less bool) query.Span {
	if border <= day {
		return query.Span{Grain: grain, From: &border, To: &day, Less: less}
	}
	return query.Span{Grain: grain, From: &day, To: &border, Less: !less}
}

// borders are the first day of a year and of a month, the nearest to a day.
type borders struct{ year, month *value.Date }

// borders finds the borders from which to a day there is the least to count. Of days after today there is hardly
// anything.
func (s *spanning) borders(d value.Date) borders {
	t := d.Time()
	first := value.NewDate(t.Year(), t.Month(), 1)
	month := s.nearer(first, d, first.AddMonths(1))
	begun := value.NewDate(month.Time().Year(), time.January, 1)
	newYear := s.nearer(begun, month, begun.AddMonths(year))
	return borders{&newYear, &month}
}

// nearer is one of two borders.
func (s *spanning) nearer(before, d, after value.Date) value.Date {
	if min(after, max(s.today+1, d))-d < d-before {
		return after
	}
	return before
}
