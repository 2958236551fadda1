package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/ledger"
	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/schema"
	"tenon/metamodel/value"
)

// look finds, for the plan alone, whose entries would differ by postings that a release changes or takes away, and which
// documents of closed periods those that it adds leave.
func (e *Engine) look(ctx context.Context, p *plan) error {
	if err := e.lookClosed(ctx, p); err != nil {
		return err
	}
	if !slices.ContainsFunc(p.posted, func(a postedAnew) bool { return a.Change != postingAdded || a.Closed != "" }) {
		return nil
	}
	p.looked = true
	s := postedAsDrafted(p)
	if s == nil {
		return nil // the postings read what is not there yet
	}
	c := Call{Actor: policy.Itself(), Snap: s, Now: e.now(), Locale: metamodel.DefaultLanguage, RequestID: "plan", Budget: expr.NewBudget(expr.RequestBudget), trusted: true}
	return e.store.Snapshot(ctx, func(ctx context.Context, r *store.Reader) error {
		left := maxLooked
		for i := range p.posted {
			l := &looker{w: &writer{world: e.newWorld(c, r), engine: e}, read: r, left: left}
			if err := l.look(ctx, &p.posted[i]); err != nil {
				return fmt.Errorf("look at what %s has posted: %w", p.posted[i].Posting, err)
			}
			left -= p.posted[i].Looked
		}
		return nil
	})
}

// lookClosed finds through which day the ledgers are closed to which a release adds postings.
func (e *Engine) lookClosed(ctx context.Context, p *plan) error {
	for i := range p.posted {
		a := &p.posted[i]
		if a.Change != postingAdded {
			continue
		}
		through, closed, err := ledger.Locked(ctx, e.store.Reader(), a.is.Ledger)
		if err != nil {
			return err
		}
		if closed {
			a.Closed, a.through = through.String(), through
		}
	}
	return nil
}

// postedAsDrafted is what runs, with the postings of the draft; nil where they read what only the draft has.
func postedAsDrafted(p *plan) *compile.Snapshot {
	drafted := map[metamodel.ID]json.RawMessage{}
	for _, d := range schema.Store(p.draft.app) {
		var body map[string]json.RawMessage
		if d.Kind == metamodel.KindEntity && json.Unmarshal(d.Body, &body) == nil {
			drafted[d.ID] = body["x-postings"]
		}
	}
	docs := schema.Store(p.from)
	for i, d := range docs {
		var body map[string]json.RawMessage
		postings, there := drafted[d.ID]
		if d.Kind != metamodel.KindEntity || !there || json.Unmarshal(d.Body, &body) != nil {
			continue
		}
		if delete(body, "x-postings"); postings != nil {
			body["x-postings"] = postings
		}
		changed, err := json.Marshal(body)
		if err != nil {
			return nil
		}
		docs[i].Body = changed
	}
	app, list := schema.Load(docs)
	if list.HasErrors() {
		return nil
	}
	s, _, err := runnable(app)
	if err != nil {
		return nil
	}
	return s
}

// looker compares what documents have posted with what they would.
type looker struct {
	w    *writer
	read *store.Reader
	left int // documents that may be looked at
}

// look compares by one posting, from the first open day on where documents have one; by one that is added, up to the last
// closed day.
func (l *looker) look(ctx context.Context, p *postedAnew) error {
	e := l.w.call.Snap.EntityByID(p.entity.ID)
	if e == nil || p.Change == postingAdded && p.Closed == "" {
		return nil
	}
	var day *metamodel.Field
	if i := slices.IndexFunc(e.Postings, func(o *compile.Posting) bool { return o.ID == p.ID }); i >= 0 {
		day = dayField(e, e.Postings[i])
	}
	if p.Change == postingAdded {
		n, err := l.pages(ctx, p, e, day, nil, l.closed(p, day))
		p.Left = &n
		return err
	}
	at, err := l.open(ctx, p, day)
	if err != nil {
		return err
	}
	n, err := l.pages(ctx, p, e, day, at, func(docs []value.Row, more bool) ([]value.Row, bool) { return docs, more })
	p.Differ = &n
	return err
}

// pages looks at documents from a place on, as far as it may and as cut says, and counts those that differ.
func (l *looker) pages(ctx context.Context, p *postedAnew, e *compile.Entity, day *metamodel.Field, at *postAt, cut func([]value.Row, bool) ([]value.Row, bool)) (int, error) {
	differ := 0
	for more := true; more && p.Looked < l.left; {
		docs, further, err := l.w.documentsAfter(ctx, e, day, at)
		if err != nil {
			return 0, err
		}
		docs, more = cut(docs, further)
		n, err := l.differ(ctx, p, e, docs)
		if err != nil {
			return 0, err
		}
		p.Looked, differ = p.Looked+len(docs), differ+n
		if len(docs) > 0 {
			at = postPlace(docs[len(docs)-1], day)
		}
		p.More = more
	}
	return differ, nil
}

// closed cuts off the documents of open days, where they go by their days.
func (l *looker) closed(p *postedAnew, day *metamodel.Field) func([]value.Row, bool) ([]value.Row, bool) {
	return func(docs []value.Row, more bool) ([]value.Row, bool) {
		i := slices.IndexFunc(docs, func(row value.Row) bool {
			on, known := value.Date(0), false
			if day != nil {
				on, known = row[day.Slot].(value.Date)
			}
			return known && on > p.through
		})
		if i < 0 {
			return docs, more
		}
		return docs[:i], false
	}
}

// open is the place behind the last document of a closed day; nil where nothing is closed.
func (l *looker) open(ctx context.Context, p *postedAnew, day *metamodel.Field) (*postAt, error) {
	of := p.was.Ledger
	through, closed, err := ledger.Locked(ctx, l.read, of)
	if err != nil || !closed || day == nil {
		return nil, err
	}
	text := through.String()
	return &postAt{Day: &text, ID: lastID}, nil
}

// differ counts the documents whose entries differ, and names some.
func (l *looker) differ(ctx context.Context, p *postedAnew, e *compile.Entity, docs []value.Row) (int, error) {
	b := ledger.Look(l.read, l.w.ampleOptions())
	if err := b.Prepare(ctx, recordIDs(docs)); err != nil {
		return 0, err
	}
	some, n := map[metamodel.ID]bool{p.ID: true}, 0
	for _, row := range docs {
		l.w.call.Budget = expr.NewBudget(expr.RequestBudget)
		differs, err := l.w.postedOtherwise(ctx, b, e, row, some, p.through)
		if err != nil {
			return 0, err
		}
		if !differs {
			continue
		}
		if n++; len(p.Examples) < maxExamples {
			p.Examples = append(p.Examples, document{row[metamodel.SlotID].(string), l.w.documentName(&draft{entity: e, after: row})})
		}
	}
	return n, nil
}

// postedOtherwise tells whether a document has posted otherwise than it would now, through a day; 0 is whenever. What it
// can't post now is otherwise.
func (w *writer) postedOtherwise(ctx context.Context, b *ledger.Book, e *compile.Entity, row value.Row, some map[metamodel.ID]bool, through value.Date) (bool, error) {
	want, list, err := w.wanted(ctx, &draft{entity: e, after: row}, some)
	if _, told := asProblem(err); told || list.HasErrors() {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if through != 0 {
		want = slices.DeleteFunc(want, func(p ledger.Posting) bool { return p.Day > through || p.Verb == metamodel.PostReserve })
	}
	return b.Differs(ctx, ledger.Source{Entity: e.Name, Record: row[metamodel.SlotID].(string)}, some, want)
}
