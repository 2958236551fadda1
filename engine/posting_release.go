package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
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
	Documents int64        `json:"documents"`                // that are there and would be judged
	Posted    int64        `json:"posted"`                   // of them, those with entries by it
	Looked    int          `json:"looked"`                   // of them, those that the plan has looked at: in open periods, of one that is added in closed ones
	More      bool         `json:"more"`                     // there are more of these
	Differ    *int         `json:"differ"`                   // of those looked at, whose entries would be others; nil where that can't be told before
	Left      *int         `json:"left"`                     // of those looked at, which would post in a closed period and are left; nil where that can't be told before
	Closed    string       `json:"closed_through,omitempty"` // the last closed day of the ledger that is added to
	Examples  []document   `json:"examples"`                 // some of those
	Text      string       `json:"text"`

	entity  *metamodel.Entity // as it will be
	was, is *metamodel.Posting
	through value.Date // Closed
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

// tellPostings says in words what a release does to postings.
func (p *plan) tellPostings(lang string) {
	for i := range p.posted {
		a := &p.posted[i]
		code := diag.Code("release.posting_" + a.Change)
		args := []any{"posting", a.title(lang), "entity", a.entity.Title.In(lang), "ledger", a.of().Ledger.Title.In(lang), "documents", a.Documents, "posted", a.Posted}
		a.Text = diag.New(code, "", args...).Text(lang)
		if !p.looked {
			continue
		}
		if more := a.tellLooked(); more != nil {
			a.Text += sentenceGap(lang) + more.Text(lang)
		}
	}
}

// sentenceGap is what stands between two sentences of a language.
func sentenceGap(lang string) string {
	if strings.HasPrefix(lang, "zh") {
		return ""
	}
	return " "
}

// tellLooked says what was found by looking at documents; nil is nothing.
func (p *postedAnew) tellLooked() *diag.Diagnostic {
	var d diag.Diagnostic
	switch {
	case p.Change == postingAdded && p.Closed == "":
		return nil
	case p.Change == postingAdded && p.Left == nil:
		d = diag.New("release.posting_left_unknown", "", "through", p.Closed)
	case p.Change == postingAdded && p.More:
		d = diag.New("release.posting_left_more", "", "through", p.Closed, "looked", p.Looked, "left", *p.Left)
	case p.Change == postingAdded && *p.Left == 0:
		return nil
	case p.Change == postingAdded:
		d = diag.New("release.posting_left", "", "through", p.Closed, "left", *p.Left)
	case p.Differ == nil:
		d = diag.New("release.posting_unknown", "")
	case p.More:
		d = diag.New("release.posting_differ_more", "", "looked", p.Looked, "differ", *p.Differ)
	default:
		d = diag.New("release.posting_differ", "", "looked", p.Looked, "differ", *p.Differ)
	}
	return &d
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
		if counted[a.entity.ID] = a.Documents; a.Change == postingAdded {
			job.Added = append(job.Added, as)
		} else {
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
