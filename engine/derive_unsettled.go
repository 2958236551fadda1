package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"tenon/engine/compile"
	"tenon/engine/store"
	"tenon/metamodel"
)

// unsettled knows which kept values are being worked out: what the jobs of the workspace are at, and what transactions
// of this process, which may not have committed, leave to jobs. Who reads a value of before the job's end is told so.
type unsettled struct {
	mu    sync.Mutex
	open  map[string][]metamodel.ID            // by app: of jobs, as they were read last
	noted map[*notes]map[string][]metamodel.ID // by transaction and app
	posts map[string]bool                      // apps whose documents are still posted by what a release has brought
	books map[string][]compile.Pending         // by app: ledgers that jobs will change
	worth map[string]map[metamodel.ID]bool     // by app: ledgers of which some costs wait for their values
}

// notes stand for a transaction with all its tries.
type notes struct{ _ byte }

// unsettle says, before a transaction commits, what it leaves to a job.
func (e *Engine) unsettle(w *writer, fields []metamodel.ID) {
	u := &e.unsettled
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.noted == nil {
		u.noted = map[*notes]map[string][]metamodel.ID{}
	}
	app := w.call.Snap.App.Name
	if u.noted[w.notes] == nil {
		u.noted[w.notes] = map[string][]metamodel.ID{}
	}
	u.noted[w.notes][app] = append(u.noted[w.notes][app], fields...)
	u.tell(app, w.call.Snap)
	if s := (*e.snaps.Load())[app]; s != nil && s != w.call.Snap {
		u.tell(app, s)
	}
}

// tell says in a Snapshot of an app what is unsettled in it.
func (u *unsettled) tell(app string, s *compile.Snapshot) {
	pending := slices.Clone(u.books[app])
	for l := range u.worth[app] {
		pending = append(pending, compile.Pending{Ledger: l, Worth: true})
	}
	s.Unsettle(u.of(app), pending)
}

// valuing says whether some costs of a ledger wait for their values.
func (e *Engine) valuing(app string, l metamodel.ID, waits bool) {
	u := &e.unsettled
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.worth[app][l] == waits {
		return
	}
	if u.worth == nil {
		u.worth = map[string]map[metamodel.ID]bool{}
	}
	if u.worth[app] == nil {
		u.worth[app] = map[metamodel.ID]bool{}
	}
	if waits {
		u.worth[app][l] = true
	} else {
		delete(u.worth[app], l)
	}
	if s := (*e.snaps.Load())[app]; s != nil {
		u.tell(app, s)
	}
}

// of lists what is unsettled in an app.
func (u *unsettled) of(app string) []metamodel.ID {
	out := slices.Clone(u.open[app])
	for _, by := range u.noted {
		out = append(out, by[app]...)
	}
	return out
}

// any tells whether anything of an app waits.
func (u *unsettled) any(app string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.of(app)) > 0
}

// posting tells whether documents of an app wait to be posted.
func (u *unsettled) posting(app string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.posts[app]
}

// wakeJobs has the jobs looked at now.
func (e *Engine) wakeJobs() {
	select {
	case e.deriving <- struct{}{}:
	default: // woken already
	}
}

// settled is called when a transaction has ended, well or not: what it has left to jobs is known from them now.
func (e *Engine) settled(ctx context.Context, n *notes) {
	u := &e.unsettled
	u.mu.Lock()
	_, noted := u.noted[n]
	u.mu.Unlock()
	if !noted {
		return
	}
	e.wakeJobs()
	if err := e.readUnsettled(context.WithoutCancel(ctx), n, nil); err != nil {
		e.log.WarnContext(ctx, "read what is being worked out", "error", err) // it stays noted, and is read again
	}
}

// readUnsettled reads what jobs are at, and tells the Snapshots: those that are served, or next, which are served from
// then on. done is a transaction that has ended; nil for none.
func (e *Engine) readUnsettled(ctx context.Context, done *notes, next map[string]*compile.Snapshot) error {
	u := &e.unsettled
	u.mu.Lock()
	defer u.mu.Unlock()
	open, posts := map[string][]metamodel.ID{}, map[string]bool{}
	jobs, err := e.store.Reader().RunningJobs(ctx, "", deriveRunning, store.JobRecompute, store.JobFill)
	if err != nil {
		return fmt.Errorf("read what is being worked out: %w", err)
	}
	for _, j := range jobs {
		var p deriveJob
		if err := json.Unmarshal(j.Progress, &p); err != nil {
			return fmt.Errorf("read job %s: %w", j.ID, err)
		}
		open[j.App] = append(open[j.App], p.Fields...)
	}
	snaps := *e.snaps.Load()
	if next != nil {
		snaps = next
	}
	posting, err := e.store.Reader().RunningJobs(ctx, "", deriveRunning, store.JobPost, store.JobMethod)
	if err != nil {
		return fmt.Errorf("read what is being posted: %w", err)
	}
	books := map[string][]compile.Pending{}
	for _, j := range posting {
		posts[j.App] = posts[j.App] || j.Kind == store.JobPost
		pending, err := pendingBooks(snaps[j.App], j)
		if err != nil {
			return err
		}
		books[j.App] = append(books[j.App], pending...)
	}
	delete(u.noted, done)
	u.open, u.posts, u.books = open, posts, books
	for app, s := range snaps {
		u.tell(app, s)
	}
	if next != nil {
		e.snaps.Store(&next)
	}
	return nil
}

// pendingBooks are the ledgers that a job will change.
func pendingBooks(s *compile.Snapshot, j store.Job) ([]compile.Pending, error) {
	if s == nil {
		return nil, nil
	}
	if j.Kind == store.JobMethod {
		var p methodJob
		if err := json.Unmarshal(j.Progress, &p); err != nil {
			return nil, fmt.Errorf("read job %s: %w", j.ID, err)
		}
		return []compile.Pending{{Ledger: p.Ledger, Worth: true}}, nil
	}
	var p postJob
	if err := json.Unmarshal(j.Progress, &p); err != nil {
		return nil, fmt.Errorf("read job %s: %w", j.ID, err)
	}
	var out []compile.Pending
	for _, l := range p.ledgers(s.App) {
		out = append(out, compile.Pending{Ledger: l.ID})
	}
	return out, nil
}

// unsettledNames are the fields of an answer that are being worked out, sorted; those of lines after the field with
// the lines.
func (p *projection) unsettledNames(s *compile.Snapshot) []string {
	u := s.Unsettled()
	if u == nil {
		return nil
	}
	names := map[string]bool{}
	for _, f := range p.fields {
		if u.Told[f.field] {
			names[f.field.Name] = true
		}
		if f.lines == nil {
			continue
		}
		for _, l := range f.lines.fields {
			if u.Told[l.field] {
				names[f.field.Name+"."+l.field.Name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// appendUnsettled tells, beside an answer, which of its fields are being worked out.
func (p *projection) appendUnsettled(b []byte, s *compile.Snapshot) []byte {
	names := p.unsettledNames(s)
	if len(names) == 0 {
		return b
	}
	b = append(b, `,"computing":[`...)
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, name)
	}
	return append(b, ']')
}
