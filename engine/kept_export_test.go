package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// KeptOtherwise asks random questions of the kept aggregates of an app that are ready, and tells where the answer is not
// that of the records; asked is how many were answered from what is kept.
func (e *Engine) KeptOtherwise(ctx context.Context, c Call, r *rand.Rand, n int) (asked int, out []string) {
	for _, a := range c.Snap.Aggregates() {
		for i := range n {
			q := randomQuestion(c, a, r, i == 0)
			live, err := e.store.Reader().Aggregate(ctx, q, c.env())
			if err != nil {
				return asked, append(out, err.Error())
			}
			got, kept, err := e.grouped(ctx, c, q, c.env())
			if err != nil {
				return asked, append(out, err.Error())
			}
			if kept {
				asked++
			} else if i == 0 {
				out = append(out, fmt.Sprintf("%v is not answered from what is kept", a.Cards))
			}
			if x, y := groupsText(got), groupsText(live); x != y {
				out = append(out, fmt.Sprintf("%v, %s:\nkept %s\nlive %s", a.Cards, questionText(q), x, y))
			}
		}
	}
	return asked, out
}

// randomQuestion is one that an aggregate answers: all of its keys when whole is asked for.
func randomQuestion(c Call, a *compile.Aggregate, r *rand.Rand, whole bool) *query.Aggregate {
	q := &query.Aggregate{Entity: a.Entity, Measures: []query.Measure{{Fn: "count"}}}
	if a.Where != nil {
		q.Where = append(q.Where, a.Where.Tree())
	}
	for _, k := range a.Keys {
		if !whole && r.IntN(2) == 0 {
			continue
		}
		g := query.Group{Path: k.Path, Unit: k.Unit}
		if !whole && k.Unit != "" {
			units := []string{"day", "week", "month", "quarter", "year"}
			if k == a.Span {
				units = units[2:]
			}
			g.Unit = units[r.IntN(len(units))]
		}
		if f := k.Path.Last(); !whole && f.Kind == metamodel.Reference && r.IntN(3) == 0 {
			g.Path = append(slices.Clip(k.Path), f.Target.Display)
		}
		q.Groups = append(q.Groups, g)
	}
	r.Shuffle(len(q.Groups), func(i, j int) { q.Groups[i], q.Groups[j] = q.Groups[j], q.Groups[i] })
	q.Measures = append(q.Measures, randomMeasures(a, r)...)
	if whole {
		return q
	}
	for _, k := range a.Keys {
		if f := k.Path.Last(); k.Unit != "" && r.IntN(2) == 0 {
			for range 1 + r.IntN(2) {
				q.Where = append(q.Where, randomBound(c, a, k, r))
			}
		} else if f.Kind == metamodel.Choice && r.IntN(2) == 0 {
			lit := &expr.Node{Op: expr.OpLit, Type: expr.Str, Value: f.Enum.Options[r.IntN(len(f.Enum.Options))].Name}
			q.Where = append(q.Where, &expr.Node{Op: []expr.Op{expr.OpEq, expr.OpNe}[r.IntN(2)], Type: expr.Bool, Args: []*expr.Node{walkOf(a.Entity, k.Path), lit}})
		}
	}
	if k := a.Span; k != nil {
		for i := range q.Measures {
			for range r.IntN(3) {
				q.Measures[i].Where = append(q.Measures[i].Where, randomBound(c, a, k, r))
			}
		}
		q.Filled = r.IntN(2) == 0
	}
	q.Descend, q.ByFirst = r.IntN(2) == 0, r.IntN(2) == 0
	if r.IntN(2) == 0 {
		q.Limit = 1 + r.IntN(5)
	}
	if i := r.IntN(len(q.Measures)); q.ByFirst {
		q.Measures[0], q.Measures[i] = q.Measures[i], q.Measures[0]
	}
	return q
}

// randomMeasures are some of those that an aggregate tells, of all rows and of those for which a condition holds.
func randomMeasures(a *compile.Aggregate, r *rand.Rand) []query.Measure {
	var out []query.Measure
	for i, v := range a.Values {
		var where []*expr.Node
		if a.Of[i] != nil {
			where = []*expr.Node{a.Of[i].Tree()}
		}
		for _, fn := range []string{"count", "sum", "avg"} {
			f := v.Path.Last()
			if fn == "count" || f != nil && (f.Kind.IsDecimal() || f.Kind == metamodel.Integer) {
				out = append(out, query.Measure{Fn: fn, Path: v.Path, Where: slices.Clone(where)})
			}
		}
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out[:min(len(out), maxMeasures)]
}

// randomBound is a bound of a date or moment on some day about the present.
func randomBound(c Call, a *compile.Aggregate, k *metamodel.KeptKey, r *rand.Rand) *expr.Node {
	zone := c.Snap.Zone
	unit := []string{"day", k.Unit}[r.IntN(2)]
	if k == a.Span {
		unit = []string{"day", "day", "month", "year"}[r.IntN(4)]
	}
	day := bucketOf(c.Now.AddDate(0, -r.IntN(17), 20-r.IntN(40)), unit, zone)
	op := []expr.Op{expr.OpLt, expr.OpLe, expr.OpGt, expr.OpGe}[r.IntN(4)]
	lit := &expr.Node{Op: expr.OpLit, Type: expr.Dat, Value: day}
	if k.Path.Last().Kind == metamodel.DateTime {
		lit = &expr.Node{Op: expr.OpLit, Type: expr.Ts, Value: start(day.(value.Date), zone)}
	}
	return &expr.Node{Op: op, Type: expr.Bool, Args: []*expr.Node{walkOf(a.Entity, k.Path), lit}}
}

// walkOf is the expression that walks a path from the record.
func walkOf(e *metamodel.Entity, p metamodel.Path) *expr.Node {
	n := &expr.Node{Op: expr.OpVar, Type: expr.Rec, Entity: e}
	for _, f := range p {
		typ := expr.Str
		switch f.Kind {
		case metamodel.Date:
			typ = expr.Dat
		case metamodel.DateTime:
			typ = expr.Ts
		case metamodel.Reference:
			typ = expr.Rec
		default:
		}
		n = &expr.Node{Op: expr.OpField, Type: typ, Field: f, Entity: f.Target, Args: []*expr.Node{n}}
	}
	return n
}

func questionText(q *query.Aggregate) string {
	text := ""
	for _, g := range q.Groups {
		text += g.Path.String() + ":" + g.Unit + " "
	}
	for _, m := range q.Measures {
		text += m.Fn + "(" + m.Path.String() + " where "
		for _, n := range m.Where {
			text += expr.Print(n) + " "
		}
		text += ") "
	}
	for _, n := range q.Where {
		text += "where " + expr.Print(n) + " "
	}
	return fmt.Sprint(text, q.Descend, q.ByFirst, q.Limit)
}

func groupsText(g *query.Groups) string {
	text := ""
	for _, row := range g.Rows {
		for _, v := range slices.Concat(row.Keys, row.Values) {
			text += keptText(v) + " "
		}
		text += "; "
	}
	return fmt.Sprint(text, g.More)
}

// SetKeptBatch sets how many records are added to an aggregate in one transaction.
func (e *Engine) SetKeptBatch(n int) { e.keptBatch = n }

// FillKeptOnce adds one batch to each aggregate that is not ready.
func (e *Engine) FillKeptOnce(ctx context.Context, c Call) error {
	c.trusted = true
	for _, a := range c.Snap.Aggregates() {
		state, err := e.store.Reader().KeptState(ctx, a.ID)
		if err != nil {
			return err
		}
		if state.Ready {
			continue
		}
		err = e.write(ctx, c, claim{}, func(ctx context.Context, w *writer) error {
			_, err := w.fillKept(ctx, a.ID)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// CountInVain counts the records of all kept aggregates once more, in a part of a transaction that is undone.
func (e *Engine) CountInVain(ctx context.Context, c Call) error {
	c.trusted = true
	return e.write(ctx, c, claim{}, func(ctx context.Context, w *writer) error {
		undone := errors.New("undone")
		err := w.tx.Try(ctx, func(ctx context.Context) error {
			for _, a := range w.call.Snap.Aggregates() {
				page, err := w.tx.Select(ctx, &query.Select{Entity: a.Unit.Entity, Limit: maxSelectIDs}, w.env)
				if err == nil {
					err = w.withLines(ctx, a, page.Rows)
				}
				for _, row := range page.Rows {
					err = errors.Join(err, w.count(ctx, a, row, 1))
				}
				if err != nil {
					return err
				}
			}
			return undone
		})
		if !errors.Is(err, undone) {
			return fmt.Errorf("not undone: %w", err)
		}
		return nil
	})
}
