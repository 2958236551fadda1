package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// A posting that a release brings is applied to the documents that are there, by a job that begins with the release: in
// the order of their days, in transactions of a batch. A document that is written meanwhile posts with its own write;
// what has been posted is posted once. Where a ledger refuses a document, the job waits at it and names it.

// postBatch is how many documents a job posts in one transaction.
const postBatch = 100

// postedAnew is a posting that a release brings, for the plan of it.
type postedAnew struct {
	Entity    string       `json:"entity"`
	Posting   string       `json:"posting"`
	Ledger    string       `json:"ledger"`
	Documents int64        `json:"documents"` // that are there and will be judged
	id        metamodel.ID // of the posting
}

// newPostings lists the postings that a release brings to entities that have records.
func (e *Engine) newPostings(ctx context.Context, p *plan) ([]postedAnew, error) {
	out := []postedAnew{}
	if p.from == nil {
		return out, nil
	}
	for _, m := range p.draft.app.Entities {
		was := p.from.EntityByID(m.ID)
		if was == nil {
			continue
		}
		for _, posting := range m.Postings {
			if slices.ContainsFunc(was.Postings, func(o *metamodel.Posting) bool { return o.ID == posting.ID }) {
				continue
			}
			n, err := e.store.Reader().RecordCount(ctx, was)
			if err != nil {
				return nil, fmt.Errorf("count documents of %s: %w", m.Name, err)
			}
			if n > 0 {
				out = append(out, postedAnew{m.Name, posting.Name, posting.Ledger.Name, n, posting.ID})
			}
		}
	}
	return out, nil
}

// postJob is what a job posts, as it is kept between its transactions.
type postJob struct {
	Postings []metamodel.ID           `json:"postings"`
	At       map[metamodel.ID]*postAt `json:"at"` // by entity: how far it is
	Ended    map[metamodel.ID]bool    `json:"ended"`
	Done     int64                    `json:"done"`
	Total    int64                    `json:"total"`
	Problem  string                   `json:"problem,omitempty"`
}

// postAt is the last document of an entity that was posted.
type postAt struct {
	Day *string `json:"day"`
	ID  string  `json:"id"`
}

// beginPostings leaves what a release brings to a job, in the transaction of the release.
func (e *Engine) beginPostings(ctx context.Context, tx *store.Tx, c Call, p *plan) error {
	if len(p.posted) == 0 {
		return nil
	}
	job := postJob{}
	counted := map[string]bool{}
	for _, posted := range p.posted {
		job.Postings = append(job.Postings, posted.id)
		if !counted[posted.Entity] {
			counted[posted.Entity] = true
			job.Total += posted.Documents
		}
	}
	progress, err := json.Marshal(job)
	if err != nil {
		return fmt.Errorf("write what is to be posted: %w", err)
	}
	return tx.PutJob(ctx, store.Job{
		ID: e.newID(), Kind: store.JobPost, App: p.draft.app.Name, Entity: string(p.draft.app.Entity(p.posted[0].Entity).ID), Actor: c.Actor.ID,
		State: deriveRunning, Progress: progress,
	})
}

// postOld does a batch of the oldest job that posts documents of an app; false when there is none, or it waits.
func (e *Engine) postOld(ctx context.Context, s *compile.Snapshot, app string) (bool, error) {
	if s == nil || !e.unsettled.posting(app) {
		return false, nil
	}
	jobs, err := e.store.Reader().RunningJobs(ctx, app, deriveRunning, store.JobPost)
	if err != nil || len(jobs) == 0 {
		return false, err
	}
	c := Call{Actor: policy.Itself(), Snap: s, Now: e.now(), Locale: metamodel.DefaultLanguage, RequestID: jobs[0].ID, Budget: expr.NewBudget(expr.RequestBudget), trusted: true}
	more, ended := false, false
	err = e.write(ctx, c, claim{ledgers: true}, func(ctx context.Context, w *writer) (err error) {
		more, ended, err = w.postJobBatch(ctx, jobs[0])
		return err
	})
	switch {
	case errors.Is(err, store.ErrTaken):
		return true, nil // another server is at it
	case passing(err):
		return false, nil
	case err != nil:
		return false, err
	}
	if ended {
		return true, e.readUnsettled(ctx, nil, nil)
	}
	return more, nil
}

// postJobBatch posts the next documents of a job and moves it on, in one transaction. more is false when it waits.
func (w *writer) postJobBatch(ctx context.Context, job store.Job) (more, ended bool, err error) {
	if err := w.tx.HoldJob(ctx, job); err != nil {
		return false, false, err
	}
	var p postJob
	if err := json.Unmarshal(job.Progress, &p); err != nil {
		return false, false, fmt.Errorf("read job: %w", err)
	}
	if p.At == nil {
		p.At, p.Ended = map[metamodel.ID]*postAt{}, map[metamodel.ID]bool{}
	}
	was := p.Problem
	p.Problem = ""
	docs, err := w.nextDocuments(ctx, &p)
	if err != nil {
		return false, false, err
	}
	n, err := w.postDocuments(ctx, &p, docs)
	if err != nil {
		return false, false, err
	}
	to := job
	p.Done += int64(n)
	to.Place = fmt.Sprint(p.Done)
	if ended = len(docs) == 0; ended {
		to.State = deriveDone
		if err := w.tx.PruneJobs(ctx, job.App, job.Kind, deriveDone, w.call.Now.Add(-keepJobs)); err != nil {
			return false, false, err
		}
	} else if n == 0 && p.Problem == was {
		return false, false, nil // it still waits
	}
	if to.Progress, err = json.Marshal(p); err != nil {
		return false, false, err
	}
	return n > 0, ended, w.tx.MoveJob(ctx, job, to)
}

// oldDocument is a document that a job posts.
type oldDocument struct {
	entity *compile.Entity
	day    *metamodel.Field // by which documents of its entity go; nil where there is no such field
	some   map[metamodel.ID]bool
	row    value.Row
}

func (d *oldDocument) on() (value.Date, bool) {
	if d.day == nil {
		return 0, false
	}
	on, ok := d.row[d.day.Slot].(value.Date)
	return on, ok
}

// nextDocuments reads the next documents of a job over all its entities, as far as it is certain that no earlier one of
// another entity is still to come, in the order of their days.
func (w *writer) nextDocuments(ctx context.Context, p *postJob) ([]*oldDocument, error) {
	var out []*oldDocument
	var until *value.Date
	for _, e := range w.call.Snap.App.Entities {
		c := w.call.Snap.Of(e)
		some := map[metamodel.ID]bool{}
		var day *metamodel.Field
		for _, posting := range c.Postings {
			if slices.Contains(p.Postings, posting.ID) {
				some[posting.ID] = true
				day = dayField(c, posting)
			}
		}
		if len(some) == 0 || p.Ended[e.ID] {
			continue
		}
		rows, more, err := w.documentsAfter(ctx, c, day, p.At[e.ID])
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			p.Ended[e.ID] = true
		}
		for i, row := range rows {
			d := &oldDocument{c, day, some, row}
			out = append(out, d)
			if on, ok := d.on(); ok && more && i == len(rows)-1 && (until == nil || on < *until) {
				until = &on
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *oldDocument) int {
		x, _ := a.on()
		y, _ := b.on()
		return cmp.Compare(x, y)
	})
	if until != nil {
		out = slices.DeleteFunc(out, func(d *oldDocument) bool {
			on, ok := d.on()
			return ok && on > *until
		})
	}
	return out[:min(len(out), w.postBatch())], nil
}

// postBatch is how many documents are posted in one transaction.
func (w *writer) postBatch() int { return min(postBatch, w.engine.batchOf()) }

// dayField is the field of the document that a posting takes its day from; nil where the day is worked out.
func dayField(e *compile.Entity, p *compile.Posting) *metamodel.Field {
	n := p.Day.Tree()
	if n.Op != expr.OpField || n.Field.Kind != metamodel.Date || n.Field.Virtual() || n.Field.Entity != e.Entity {
		return nil
	}
	return n.Field
}

// documentsAfter reads a page of an entity's documents, in the order of their days, and whether there are more.
func (w *writer) documentsAfter(ctx context.Context, e *compile.Entity, day *metamodel.Field, at *postAt) ([]value.Row, bool, error) {
	q := &query.Select{Entity: e.Entity, Limit: w.postBatch()}
	if day != nil {
		q.Order = []query.Order{{Path: metamodel.Path{day}}}
	}
	if at != nil {
		q.After = &query.Cursor{ID: at.ID}
		if day != nil {
			var on any
			if at.Day != nil {
				d, err := value.ParseDate(*at.Day)
				if err != nil {
					return nil, false, fmt.Errorf("read job: %w", err)
				}
				on = d
			}
			q.After.Keys = []any{on}
		}
	}
	page, err := w.tx.Select(ctx, q, w.env)
	if err != nil {
		return nil, false, fmt.Errorf("read documents of %s: %w", e.Name, err)
	}
	ids := recordIDs(page.Rows)
	for _, l := range e.Lines {
		lines, err := w.tx.Lines(ctx, l.Field, ids)
		if err != nil {
			return nil, false, fmt.Errorf("read lines of %s: %w", e.Name, err)
		}
		for i, id := range ids {
			page.Rows[i][l.Field.Slot] = lines[id]
		}
	}
	return page.Rows, page.Next != nil, nil
}

// postDocuments posts documents one after the other, up to the first that a ledger refuses, and tells how many.
func (w *writer) postDocuments(ctx context.Context, p *postJob, docs []*oldDocument) (int, error) {
	b := w.openBook()
	n := 0
	for _, d := range docs {
		w.call.Budget = expr.NewBudget(expr.RequestBudget)
		k := &kept{entity: d.entity, id: d.row[metamodel.SlotID].(string), now: d.row, stored: d.row}
		err := w.postSome(ctx, b, k, d.some)
		if told, ok := asProblem(err); ok {
			p.Problem = told.First().Text(metamodel.DefaultLanguage) + diag.New("derive.refused", "",
				"entity", d.entity.Title.In(w.call.Locale), "record", w.nameOf(d.entity, d.row)).Text(metamodel.DefaultLanguage)
			break
		}
		if err != nil {
			return 0, err
		}
		at := &postAt{ID: k.id}
		if on, ok := d.on(); ok {
			text := on.String()
			at.Day = &text
		}
		p.At[d.entity.ID] = at
		n++
	}
	changes, err := w.close(ctx, b)
	if err != nil {
		return 0, err
	}
	return n, w.derive(ctx, changes...)
}

// postStatus is a job that posts documents, for those who may read them; what stands in its way is for those who may
// release the app.
func (c Call) postStatus(j store.Job) (*jobStatus, error) {
	var p postJob
	if err := json.Unmarshal(j.Progress, &p); err != nil {
		return nil, fmt.Errorf("read job %s: %w", j.ID, err)
	}
	e := c.Snap.EntityByID(metamodel.ID(j.Entity))
	if e == nil || c.builder() != nil && !c.knows(e) {
		return nil, nil
	}
	s := &jobStatus{ID: j.ID, Kind: j.Kind, Entity: e.Name, Done: p.Done, Total: max(p.Total, p.Done), State: j.State, StartedAt: j.CreatedAt}
	for _, posting := range e.Postings {
		if slices.Contains(p.Postings, posting.ID) && s.Posting == "" {
			s.Posting = posting.Name
		}
	}
	if c.builder() == nil {
		s.Problem = p.Problem
	}
	if j.State == deriveDone {
		s.FinishedAt, s.Total = &j.UpdatedAt, p.Done
	}
	return s, nil
}
