package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/ledger"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// What documents have posted by a rule that a release has changed or taken away since stays a fact, where whoever released
// chose so or its period is closed; and in a closed period nothing is posted that a release adds. It is noted, and each proof
// tells how many documents would post otherwise today: that is no difference, and nothing to be silent about.

// earlier is a posting by whose earlier rule documents may still have entries, or by which some have none.
type earlier struct {
	Posting metamodel.ID `json:"posting"`
	Name    string       `json:"name"`
	Entity  metamodel.ID `json:"entity"`
	Ledger  string       `json:"ledger"`
	Change  string       `json:"change"` // added, changed, removed
	Since   string       `json:"since"`
}

// PostedEarlier is how many documents have entries by the earlier rule of a posting, or none by one that was added.
type PostedEarlier struct {
	ID        metamodel.ID `json:"id"` // of the posting
	Entity    string       `json:"entity"`
	Posting   string       `json:"posting"`
	Ledger    string       `json:"ledger"`
	Change    string       `json:"change"`
	Since     string       `json:"since"`
	Documents int          `json:"documents"`
}

// maxEarlier is how many postings are noted, the newest.
const maxEarlier = 1_000

func earlierSetting(app string) string { return "posted_earlier." + app }

func readEarlier(ctx context.Context, r *store.Reader, app string) ([]earlier, error) {
	text, err := r.Setting(ctx, earlierSetting(app))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what is posted by earlier rules: %w", err)
	}
	var out []earlier
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return nil, fmt.Errorf("read what is posted by earlier rules: %w", err)
	}
	return out, nil
}

// noteEarlier replaces what is noted of some postings.
func noteEarlier(ctx context.Context, tx *store.Tx, app string, of []metamodel.ID, by []earlier) error {
	list, err := readEarlier(ctx, &tx.Reader, app)
	if err != nil {
		return err
	}
	if len(list)+len(by) == 0 {
		return nil
	}
	list = slices.DeleteFunc(list, func(x earlier) bool { return slices.Contains(of, x.Posting) })
	list = append(list, by...)
	text, err := json.Marshal(list[max(0, len(list)-maxEarlier):])
	if err != nil {
		return fmt.Errorf("write what is posted by earlier rules: %w", err)
	}
	return tx.PutSetting(ctx, earlierSetting(app), string(text))
}

// postedEarlier tells, for a proof, what documents have posted by earlier rules.
func (e *Engine) postedEarlier(ctx context.Context, c Call) ([]PostedEarlier, error) {
	out := []PostedEarlier{}
	list, err := readEarlier(ctx, e.store.Reader(), c.Snap.App.Name)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		var n int
		err := e.store.Snapshot(ctx, func(ctx context.Context, r *store.Reader) (err error) {
			l := &looker{w: &writer{world: e.newWorld(c, r), engine: e}, read: r}
			n, err = l.earlier(ctx, x)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("look at what %s has posted: %w", x.Name, err)
		}
		if ent := c.Snap.EntityByID(x.Entity); n > 0 && ent != nil {
			out = append(out, PostedEarlier{x.Posting, ent.Name, x.Name, x.Ledger, x.Change, x.Since, n})
		}
	}
	return out, nil
}

// Repost has documents post again that have entries by an earlier rule of some postings, {"postings": ["…"]}, by the rules
// of today and in periods that are open: what a release might have done, later. It answers the job that does so. Those who
// may release the app may do so; it is journalled.
func (e *Engine) Repost(ctx context.Context, c Call, body []byte) (*Result, error) {
	if !c.Actor.Reviewer && !c.Actor.Admin && !c.trusted {
		return nil, diag.Refuse("access.role_needed", "", "role", "reviewer")
	}
	v, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	l := &lister{list: v.only("", "postings")}
	ids := v.idList(l, "postings", maxReposts)
	if err := l.list.Err(); err != nil {
		return nil, err
	}
	var status *jobStatus
	err = e.write(ctx, c, claim{}, func(ctx context.Context, w *writer) error {
		job, err := w.repost(ctx, ids)
		if err != nil {
			return err
		}
		own := w.call
		own.trusted = true // whoever may begin it may know of it
		status, err = own.postStatus(job)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := e.readUnsettled(context.WithoutCancel(ctx), nil, nil); err != nil {
		e.log.WarnContext(ctx, "read what is being posted", "error", err)
	}
	e.wakeJobs()
	out, err := e.json(nil, status)
	if err == nil {
		out.Status = StatusAccepted
	}
	return out, err
}

// repost leaves documents to a job that have entries by earlier rules of postings.
func (w *writer) repost(ctx context.Context, ids []string) (store.Job, error) {
	app := w.call.Snap.App.Name
	list, err := readEarlier(ctx, &w.tx.Reader, app)
	if err != nil {
		return store.Job{}, err
	}
	p := postJob{}
	counted := map[metamodel.ID]bool{}
	var wrong diag.List
	for i, id := range ids {
		at := slices.IndexFunc(list, func(x earlier) bool { return string(x.Posting) == id })
		var of *compile.Entity
		if at >= 0 {
			of = w.call.Snap.EntityByID(list[at].Entity)
		}
		if of == nil {
			wrong.Add("posting.repost_unknown", diag.Pointer("/postings", i), "posting", clip(id))
			continue
		}
		p.Postings, p.Again = append(p.Postings, list[at].Posting), append(p.Again, list[at])
		if !counted[of.ID] {
			counted[of.ID] = true
			n, err := w.tx.RecordCount(ctx, of.Entity)
			if err != nil {
				return store.Job{}, err
			}
			p.Total += n
		}
	}
	if len(ids) == 0 {
		wrong.Add("posting.repost_nothing", "/postings")
	}
	if err := wrong.Err(); err != nil {
		return store.Job{}, err
	}
	if err := noteEarlier(ctx, w.tx, app, p.Postings, nil); err != nil {
		return store.Job{}, err
	}
	job := store.Job{
		ID: w.engine.newID(), Kind: store.JobPost, App: app, Entity: string(p.Again[0].Entity), Actor: w.call.Actor.ID, State: deriveRunning,
	}
	if job.Progress, err = json.Marshal(p); err != nil {
		return job, fmt.Errorf("write what is to be posted: %w", err)
	}
	if err := w.tx.PutJob(ctx, job); err != nil {
		return job, err
	}
	entry := w.entry("postings.repost")
	if entry.Data, err = json.Marshal(map[string]any{"postings": p.Postings}); err != nil {
		return job, fmt.Errorf("write the journal's entry: %w", err)
	}
	job.CreatedAt = w.call.Now
	return job, w.tx.Journal(ctx, entry)
}

// earlier counts the documents that would post otherwise today.
func (l *looker) earlier(ctx context.Context, x earlier) (int, error) {
	e := l.w.call.Snap.EntityByID(x.Entity)
	if e == nil {
		return 0, nil
	}
	n, at := 0, (*postAt)(nil)
	p := &postedAnew{ID: x.Posting}
	for more := true; more; {
		var docs []value.Row
		var err error
		if docs, more, err = l.w.documentsAfter(ctx, e, nil, at); err != nil {
			return 0, err
		}
		differ, err := l.differ(ctx, p, e, docs)
		if err != nil {
			return 0, err
		}
		if n += differ; len(docs) > 0 {
			at = postPlace(docs[len(docs)-1], nil)
		}
		clear(l.w.rows)
	}
	return n, nil
}

// openBookOld opens the ledgers for documents that are there already.
func (w *writer) openBookOld(together bool) *ledger.Book {
	o := w.ampleOptions()
	o.Old, o.Together = true, together
	return w.opens(ledger.Open(w.tx, o))
}
