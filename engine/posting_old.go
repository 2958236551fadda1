package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/ledger"
	"tenon/engine/policy"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// A posting that a release adds is applied to the documents that are there, by a job that begins with the release: in
// the order of their days, in transactions of a batch. So is one that it changes or takes away, where whoever released chose
// that. A document that is written meanwhile posts with its own write; what has been posted is posted once. Where a ledger
// refuses a document, the job waits at it and names it.

// Bounds of posting documents that are there.
const (
	// postBatch is how many documents a job posts in one transaction.
	postBatch = 100
	// maxTogether is how many documents are posted in one transaction where the first of them can't be posted without the
	// others: goods that another posting puts into another warehouse leave the first one short until all have moved.
	maxTogether = 3_200
)

// postJob is what a job posts, as it is kept between its transactions.
type postJob struct {
	Postings []metamodel.ID           `json:"postings"`
	Again    []earlier                `json:"again,omitempty"` // of them, those that the release has changed or taken away
	Added    []earlier                `json:"added,omitempty"` // of them, those that it has added
	At       map[metamodel.ID]*postAt `json:"at"`              // by entity: how far it is
	Ended    map[metamodel.ID]bool    `json:"ended"`
	Done     int64                    `json:"done"`
	Total    int64                    `json:"total"`
	Left     int64                    `json:"left,omitempty"`     // documents of closed periods, which stay as they are
	Together int                      `json:"together,omitempty"` // how many documents are tried in one transaction; 0 is one after the other
	Tried    bool                     `json:"tried,omitempty"`    // together they can't be posted either
	Problem  string                   `json:"problem,omitempty"`
}

// of tells which postings of an entity a job is about; one that is taken away is not among the entity's.
func (p *postJob) of(e *compile.Entity) (some map[metamodel.ID]bool, day *metamodel.Field) {
	some = map[metamodel.ID]bool{}
	for _, posting := range e.Postings {
		if slices.Contains(p.Postings, posting.ID) {
			some[posting.ID] = true
			day = dayField(e, posting)
		}
	}
	for _, again := range p.Again {
		if again.Entity == e.ID {
			some[again.Posting] = true
		}
	}
	return some, day
}

// ledgers are those that a job changes, as far as the app still has them.
func (p *postJob) ledgers(app *metamodel.App) []*metamodel.Ledger {
	var out []*metamodel.Ledger
	note := func(l *metamodel.Ledger) {
		if l != nil && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	for _, e := range app.Entities {
		for _, posting := range e.Postings {
			if slices.Contains(p.Postings, posting.ID) {
				note(posting.Ledger)
			}
		}
	}
	for _, again := range p.Again {
		note(app.Ledger(again.Ledger))
	}
	return out
}

// postAt is the last document of an entity that was posted.
type postAt struct {
	Day *string `json:"day"`
	ID  string  `json:"id"`
}

// lastID comes after every id.
const lastID = "ffffffff-ffff-ffff-ffff-ffffffffffff"

// postPlace is the place of a document among those that go by a day, or by their ids.
func postPlace(row value.Row, day *metamodel.Field) *postAt {
	at := &postAt{ID: row[metamodel.SlotID].(string)}
	if day != nil {
		if on, ok := row[day.Slot].(value.Date); ok {
			text := on.String()
			at.Day = &text
		}
	}
	return at
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
	told, refused := asProblem(err)
	switch {
	case errors.Is(err, store.ErrTaken):
		return true, nil // another server is at it
	case passing(err):
		return false, nil
	case refused:
		return e.postRefused(ctx, jobs[0], told)
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
		if err := w.endPostJob(ctx, job, &p); err != nil {
			return false, false, err
		}
	} else if n == 0 {
		if p.Tried = p.Tried && p.Problem == was; p.Problem == was && (p.Tried || len(p.Again) == 0) {
			return false, false, nil // it still waits
		}
		if len(p.Again) > 0 { // the first can't go without the others
			p.Together, more = 2*w.postBatch(), true
		}
	}
	if n > 0 {
		p.Together, p.Tried, more = 0, false, true
	}
	if to.Progress, err = json.Marshal(p); err != nil {
		return false, false, err
	}
	return more, ended, w.tx.MoveJob(ctx, job, to)
}

// endPostJob notes what stays as it was posted, and forgets jobs of long ago.
func (w *writer) endPostJob(ctx context.Context, job store.Job, p *postJob) error {
	var of []metamodel.ID
	left := slices.Concat(p.Again, p.Added)
	for _, x := range left {
		of = append(of, x.Posting)
	}
	if p.Left == 0 {
		left = nil
	}
	if err := noteEarlier(ctx, w.tx, job.App, of, left); err != nil {
		return err
	}
	for _, l := range p.ledgers(w.call.Snap.App) {
		if err := w.tellBook(ctx, l); err != nil {
			return err
		}
	}
	return w.tx.PruneJobs(ctx, job.App, job.Kind, deriveDone, w.call.Now.Add(-keepJobs))
}

// postRefused goes on where documents can't be posted together: with more of them, and where there are no more or they are
// too many, it says what stands in the way. more is false when the job waits.
func (e *Engine) postRefused(ctx context.Context, job store.Job, told *diag.Problem) (more bool, err error) {
	var p postJob
	if err := json.Unmarshal(job.Progress, &p); err != nil {
		return false, fmt.Errorf("read job: %w", err)
	}
	switch {
	case p.Together > 0 && p.Together < maxTogether && int64(p.Together) < p.Total-p.Done:
		p.Together, more = 2*p.Together, true
	case p.Together > 0:
		p.Together, p.Tried = 0, true
	default:
		was := p.Problem
		if p.Problem = told.First().Text(metamodel.DefaultLanguage); p.Problem == was && (p.Tried || len(p.Again) == 0) {
			return false, nil // it still waits
		}
		if p.Tried = false; len(p.Again) > 0 {
			p.Together, more = 2*min(postBatch, e.batchOf()), true
		}
	}
	to := job
	if to.Progress, err = json.Marshal(p); err != nil {
		return false, fmt.Errorf("write job: %w", err)
	}
	err = e.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.MoveJob(ctx, job, to) })
	if errors.Is(err, store.ErrTaken) {
		return true, nil
	}
	return more, err
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
	most := max(w.postBatch(), p.Together)
	for _, e := range w.call.Snap.App.Entities {
		c := w.call.Snap.Of(e)
		some, day := p.of(c)
		if len(some) == 0 || p.Ended[e.ID] {
			continue
		}
		rows, more, err := w.documentPage(ctx, c, day, p.At[e.ID], most)
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
	return out[:min(len(out), most)], nil
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
	return w.documentPage(ctx, e, day, at, w.postBatch())
}

func (w *writer) documentPage(ctx context.Context, e *compile.Entity, day *metamodel.Field, at *postAt, most int) ([]value.Row, bool, error) {
	q := &query.Select{Entity: e.Entity, Limit: most}
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
	page, err := w.read.Select(ctx, q, w.env)
	if err != nil {
		return nil, false, fmt.Errorf("read documents of %s: %w", e.Name, err)
	}
	ids := recordIDs(page.Rows)
	for _, l := range e.Lines {
		lines, err := w.read.Lines(ctx, l.Field, ids)
		if err != nil {
			return nil, false, fmt.Errorf("read lines of %s: %w", e.Name, err)
		}
		for i, id := range ids {
			page.Rows[i][l.Field.Slot] = lines[id]
		}
	}
	return page.Rows, page.Next != nil, nil
}

// postDocuments posts documents one after the other, up to the first that a ledger refuses, and tells how many; those
// that are to go together all or none. What a document would post in a closed period is left, and the document counted.
func (w *writer) postDocuments(ctx context.Context, p *postJob, docs []*oldDocument) (int, error) {
	b := w.openBookOld(p.Together > 0)
	ids := make([]string, len(docs))
	for i, d := range docs {
		ids[i] = d.row[metamodel.SlotID].(string)
	}
	if err := b.Prepare(ctx, ids); err != nil {
		return 0, fmt.Errorf("read what documents have posted: %w", err)
	}
	n := 0
	for _, d := range docs {
		left, err := w.postOldOne(ctx, b, d)
		told, refused := asProblem(err)
		switch {
		case err == nil && left:
			p.Left++
		case err == nil:
		case refused && p.Together == 0:
			if p.Problem = w.waitsAt(d, told).First().Text(metamodel.DefaultLanguage); n == 0 {
				return 0, nil
			}
			return n, w.closeOld(ctx, b)
		case refused:
			return 0, w.waitsAt(d, told)
		default:
			return 0, err
		}
		p.At[d.entity.ID] = postPlace(d.row, d.day)
		n++
	}
	return n, w.closeOld(ctx, b)
}

// closeOld judges what was posted together, writes it, and brings up what follows from it.
func (w *writer) closeOld(ctx context.Context, b *ledger.Book) error {
	list, err := b.Settle(ctx)
	if err != nil {
		return fmt.Errorf("judge what is posted together: %w", err)
	}
	for i := range list {
		list[i].Args = w.localized(list[i].Args)
	}
	if err := list.Err(); err != nil {
		return err
	}
	changes, err := w.close(ctx, b)
	if err != nil {
		return err
	}
	if err := w.derive(ctx, changes...); err != nil {
		return err
	}
	_, err = w.promised(ctx)
	return err
}

// postOldOne hands to a book what some postings of a document that is there want to have posted, and tells whether some of
// it is left since its period is closed.
func (w *writer) postOldOne(ctx context.Context, b *ledger.Book, d *oldDocument) (left bool, err error) {
	w.call.Budget = expr.NewBudget(expr.RequestBudget)
	want, list, err := w.wanted(ctx, &draft{entity: d.entity, after: d.row}, d.some)
	if err != nil {
		return false, err
	}
	if list.HasErrors() {
		return false, list.Err()
	}
	left, list, err = b.PostOld(ctx, ledger.Source{Entity: d.entity.Name, Record: d.row[metamodel.SlotID].(string)}, d.some, want)
	if err != nil {
		return false, fmt.Errorf("post to ledgers again: %w", err)
	}
	for i := range list {
		list[i].Args = w.localized(list[i].Args)
	}
	return left, list.Err()
}

// waitsAt says at which document a job waits, and why.
func (w *writer) waitsAt(d *oldDocument, told *diag.Problem) *diag.Problem {
	return &diag.Problem{List: diag.List{diag.New("posting.document_waits", "", "entity", d.entity.Title.In(w.call.Locale),
		"record", w.nameOf(d.entity, d.row), "why", told.First().Text(w.call.Locale))}}
}

// postStatus is a job that posts documents, for those who may read them; what stands in its way is for those who may
// release the app.
func (c Call) postStatus(j store.Job) (*jobStatus, error) {
	var p postJob
	if err := json.Unmarshal(j.Progress, &p); err != nil {
		return nil, fmt.Errorf("read job %s: %w", j.ID, err)
	}
	s := c.statusOf(j, p.Done, p.Total, p.Problem)
	if s == nil {
		return nil, nil
	}
	s.Left = p.Left
	for _, posting := range c.Snap.EntityByID(metamodel.ID(j.Entity)).Postings {
		if slices.Contains(p.Postings, posting.ID) && s.Posting == "" {
			s.Posting = posting.Name
		}
	}
	return s, nil
}
