package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/ledger"
	"tenon/engine/policy"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/schema"
	"tenon/metamodel/value"
)

// What a release does to the postings of documents that are there: one that it adds is applied to them by a job. What one
// that it changes or takes away has posted stays a fact, unless whoever releases has it posted again: then the same job
// does so, but in periods that are closed.

// Bounds of what a plan tells of postings.
const (
	// maxLooked is how many documents a plan looks at to tell whose entries would differ.
	maxLooked = 1_000
	// maxExamples is how many of these a plan names for each posting.
	maxExamples = 10
	// maxReposts is how many postings a release may have posted again.
	maxReposts = 1_000
)

// What a release does to a posting.
const (
	postingAdded   = "added"
	postingChanged = "changed"
	postingRemoved = "removed"
)

// postedAnew is a posting that a release adds, changes or takes away, for the plan of it.
type postedAnew struct {
	ID        metamodel.ID `json:"id"`
	Change    string       `json:"change"`
	Entity    string       `json:"entity"`
	Posting   string       `json:"posting"`
	Ledger    string       `json:"ledger"`
	Documents int64        `json:"documents"` // that are there and would be judged
	Posted    int64        `json:"posted"`    // of them, those with entries by it
	Looked    int          `json:"looked"`    // of them, those in open periods that the plan has looked at
	More      bool         `json:"more"`      // there are more of these
	Differ    *int         `json:"differ"`    // of those looked at, whose entries would be others; nil where that can't be told before
	Examples  []document   `json:"examples"`  // some of those
	Text      string       `json:"text"`

	entity  *metamodel.Entity // as it will be
	was, is *metamodel.Posting
}

// document is a document as a plan names it.
type document struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// of is the posting, as it will be or as it was.
func (p *postedAnew) of() *metamodel.Posting {
	if p.is == nil {
		return p.was
	}
	return p.is
}

// title is what people call the posting.
func (p *postedAnew) title(lang string) string {
	of := p.of()
	if t := of.Title.In(lang); t != "" {
		return t
	}
	return of.Name
}

// postingChanges lists what a release does to the postings of entities that have records.
func (e *Engine) postingChanges(ctx context.Context, p *plan) ([]postedAnew, error) {
	out := []postedAnew{}
	if p.from == nil {
		return out, nil
	}
	altered := alteredPostings(p.changes)
	for _, m := range p.draft.app.Entities {
		was := p.from.EntityByID(m.ID)
		if was == nil || len(was.Postings)+len(m.Postings) == 0 {
			continue
		}
		found := postingsChanged(p.draft.app, was, m, altered)
		if len(found) == 0 {
			continue
		}
		n, err := e.store.Reader().RecordCount(ctx, was)
		if err != nil {
			return nil, fmt.Errorf("count documents of %s: %w", m.Name, err)
		}
		for _, f := range found {
			if f.Documents = n; f.was != nil {
				if f.Posted, err = e.postedBy(ctx, f.was); err != nil {
					return nil, err
				}
			}
			if n > 0 && (f.Change != postingRemoved || f.Posted > 0) {
				out = append(out, f)
			}
		}
	}
	return out, nil
}

// alteredPostings are the postings of which more is other than what they are called.
func alteredPostings(changes []metamodel.Change) map[metamodel.ID]bool {
	out := map[metamodel.ID]bool{}
	for _, c := range changes {
		if a, ok := c.(metamodel.Altered); ok && a.Of().Kind == metamodel.ElementPosting && a.Class() != metamodel.Cosmetic {
			out[a.Of().ID] = true
		}
	}
	return out
}

// postingsChanged lists the postings of an entity that are added, changed or taken away.
func postingsChanged(app *metamodel.App, was, is *metamodel.Entity, altered map[metamodel.ID]bool) []postedAnew {
	var out []postedAnew
	of := func(change string, a, b, shown *metamodel.Posting) {
		out = append(out, postedAnew{
			ID: shown.ID, Change: change, Entity: is.Name, Posting: shown.Name, Ledger: shown.Ledger.Name, Examples: []document{}, entity: is, was: a, is: b,
		})
	}
	for _, now := range is.Postings {
		i := slices.IndexFunc(was.Postings, func(o *metamodel.Posting) bool { return o.ID == now.ID })
		switch {
		case i < 0:
			of(postingAdded, nil, now, now)
		case altered[now.ID]:
			of(postingChanged, was.Postings[i], now, now)
		}
	}
	for _, old := range was.Postings {
		if !slices.ContainsFunc(is.Postings, func(o *metamodel.Posting) bool { return o.ID == old.ID }) && app.LedgerByID(old.Ledger.ID) != nil {
			of(postingRemoved, old, nil, old)
		}
	}
	return out
}

// postedBy counts the documents with entries by a posting.
func (e *Engine) postedBy(ctx context.Context, p *metamodel.Posting) (int64, error) {
	l := p.Ledger.Entry
	env := &query.Env{Now: e.now()}
	found, err := e.store.Reader().Aggregate(ctx, &query.Aggregate{
		Entity: l, Where: []*expr.Node{entriesBy(l, p.ID)}, Bin: query.Any,
		Measures: []query.Measure{{Fn: "distinct", Path: metamodel.Path{l.Field("document")}}},
	}, env)
	if err != nil {
		return 0, fmt.Errorf("count what %s has posted: %w", p.Name, err)
	}
	n, _ := found.Rows[0].Values[0].(int64)
	return n, nil
}

// entriesBy is the condition that an entry counts and was made by a posting.
func entriesBy(l *metamodel.Entity, id metamodel.ID) *expr.Node {
	of := func(name string, t expr.Type) *expr.Node {
		record := &expr.Node{Op: expr.OpVar, Type: expr.Rec, Entity: l}
		return &expr.Node{Op: expr.OpField, Type: t, Field: l.Field(name), Args: []*expr.Node{record}}
	}
	by := &expr.Node{Op: expr.OpEq, Type: expr.Bool, Args: []*expr.Node{of("posting", expr.Str), {Op: expr.OpLit, Type: expr.Str, Value: string(id)}}}
	counts := &expr.Node{Op: expr.OpNot, Type: expr.Bool, Args: []*expr.Node{of("voided", expr.Bool)}}
	return &expr.Node{Op: expr.OpAnd, Type: expr.Bool, Args: []*expr.Node{by, counts}}
}

// look finds, for the plan alone, whose entries would differ by postings that a release changes or takes away.
func (e *Engine) look(ctx context.Context, p *plan) error {
	if !slices.ContainsFunc(p.posted, func(a postedAnew) bool { return a.Change != postingAdded }) {
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
			if p.posted[i].Change == postingAdded {
				continue
			}
			l := &looker{w: &writer{world: e.newWorld(c, r), engine: e}, read: r, left: left}
			if err := l.look(ctx, &p.posted[i]); err != nil {
				return fmt.Errorf("look at what %s has posted: %w", p.posted[i].Posting, err)
			}
			left -= p.posted[i].Looked
		}
		return nil
	})
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

// look compares by one posting, from the first open day on where documents have one.
func (l *looker) look(ctx context.Context, p *postedAnew) error {
	e := l.w.call.Snap.EntityByID(p.entity.ID)
	if e == nil {
		return nil
	}
	var day *metamodel.Field
	if i := slices.IndexFunc(e.Postings, func(o *compile.Posting) bool { return o.ID == p.ID }); i >= 0 {
		day = dayField(e, e.Postings[i])
	}
	at, err := l.open(ctx, p, day)
	if err != nil {
		return err
	}
	differ := 0
	for more := true; more && p.Looked < l.left; {
		var docs []value.Row
		if docs, more, err = l.w.documentsAfter(ctx, e, day, at); err != nil {
			return err
		}
		n, err := l.differ(ctx, p, e, docs)
		if err != nil {
			return err
		}
		p.Looked, differ = p.Looked+len(docs), differ+n
		if len(docs) > 0 {
			at = postPlace(docs[len(docs)-1], day)
		}
		p.More = more
	}
	p.Differ = &differ
	return nil
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
		differs, err := l.w.postedOtherwise(ctx, b, e, row, some)
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

// postedOtherwise tells whether a document has posted otherwise than it would now. What it can't post now is otherwise.
func (w *writer) postedOtherwise(ctx context.Context, b *ledger.Book, e *compile.Entity, row value.Row, some map[metamodel.ID]bool) (bool, error) {
	want, list, err := w.wanted(ctx, &draft{entity: e, after: row}, some)
	if _, told := asProblem(err); told || list.HasErrors() {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return b.Differs(ctx, ledger.Source{Entity: e.Name, Record: row[metamodel.SlotID].(string)}, some, want)
}

// tellPostings says in words what a release does to postings.
func (p *plan) tellPostings(lang string) {
	for i := range p.posted {
		a := &p.posted[i]
		code := diag.Code("release.posting_" + a.Change)
		args := []any{"posting", a.title(lang), "entity", a.entity.Title.In(lang), "ledger", a.of().Ledger.Title.In(lang), "documents", a.Documents, "posted", a.Posted}
		text := diag.New(code, "", args...).Text(lang)
		switch {
		case a.Change == postingAdded || !p.looked:
		case a.Differ == nil:
			text += diag.New("release.posting_unknown", "").Text(lang)
		case a.More:
			text += diag.New("release.posting_differ_more", "", "looked", a.Looked, "differ", *a.Differ).Text(lang)
		default:
			text += diag.New("release.posting_differ", "", "looked", a.Looked, "differ", *a.Differ).Text(lang)
		}
		a.Text = text
	}
}

// choose takes in which postings are to be posted again: of those that the release changes or takes away.
func (p *plan) choose(ids []string) error {
	var list diag.List
	for i, id := range ids {
		at := slices.IndexFunc(p.posted, func(a postedAnew) bool { return string(a.ID) == id && a.Change != postingAdded })
		if at < 0 {
			list.Add("release.repost_unknown", diag.Pointer("/repost", i), "posting", clip(id))
			continue
		}
		p.again[p.posted[at].ID] = true
	}
	return list.Err()
}

// beginPostings leaves what a release posts to a job, and notes what it leaves as it is, in the transaction of the
// release.
func (e *Engine) beginPostings(ctx context.Context, tx *store.Tx, c Call, p *plan) error {
	if len(p.posted) == 0 {
		return nil
	}
	job := postJob{}
	var left []earlier
	counted := map[metamodel.ID]int64{}
	for i := range p.posted {
		a := &p.posted[i]
		as := earlier{Posting: a.ID, Name: a.Posting, Entity: a.entity.ID, Ledger: a.Ledger, Change: a.Change, Since: value.FormatDateTime(c.Now)}
		if a.Change != postingAdded && !p.again[a.ID] {
			left = append(left, as)
			continue
		}
		job.Postings = append(job.Postings, a.ID)
		if counted[a.entity.ID] = a.Documents; a.Change != postingAdded {
			job.Again = append(job.Again, as)
		}
	}
	if err := noteEarlier(ctx, tx, p.draft.app.Name, postingIDs(p.posted), left); err != nil {
		return err
	}
	if len(job.Postings) == 0 {
		return nil
	}
	for n := range maps.Values(counted) {
		job.Total += n
	}
	progress, err := json.Marshal(job)
	if err != nil {
		return fmt.Errorf("write what is to be posted: %w", err)
	}
	first := slices.IndexFunc(p.posted, func(a postedAnew) bool { return a.ID == job.Postings[0] })
	return tx.PutJob(ctx, store.Job{
		ID: e.newID(), Kind: store.JobPost, App: p.draft.app.Name, Entity: string(p.posted[first].entity.ID), Actor: c.Actor.ID,
		State: deriveRunning, Progress: progress,
	})
}

func postingIDs(list []postedAnew) []metamodel.ID {
	out := make([]metamodel.ID, len(list))
	for i := range list {
		out[i] = list[i].ID
	}
	return out
}
