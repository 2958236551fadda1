package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/engine/store/lower"
	"tenon/metamodel/diag"
)

// The states of an import.
const (
	importUploaded  = "uploaded"
	importRunning   = "running"
	importDone      = "done"
	importFailed    = "failed"
	importCancelled = "cancelled"
)

// Times of imports.
const (
	// importSilent is how long a running import must have committed nothing before another server asks whether
	// anybody is at it.
	importSilent = 5 * time.Second
	// importLook is how often a server looks whether an import that it runs was cancelled through another one.
	importLook = time.Second
)

// importJobs are the imports that this process is running.
type importJobs struct {
	mu       sync.Mutex
	stopping bool
	cancels  map[string]context.CancelFunc
	running  sync.WaitGroup
	read     map[string]int // rows read by imports that write in one transaction
	actorOf  func(ctx context.Context, id string) (*policy.Actor, error)
}

// enter takes a place for a job; ok is false when the process is at it already, or stops.
func (j *importJobs) enter(id string) (ctx context.Context, ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.stopping || j.cancels[id] != nil {
		return nil, false
	}
	if j.cancels == nil {
		j.cancels, j.read = map[string]context.CancelFunc{}, map[string]int{}
	}
	ctx, j.cancels[id] = context.WithCancel(context.Background())
	j.running.Add(1)
	return ctx, true
}

func (j *importJobs) leave(id string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.cancels[id]()
	delete(j.cancels, id)
	delete(j.read, id)
	j.running.Done()
}

func (j *importJobs) cancel(id string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if cancel := j.cancels[id]; cancel != nil {
		cancel()
	}
}

// note tells how far a transaction is that has not committed.
func (j *importJobs) note(id string, read int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.read[id] = read
}

func (j *importJobs) readBy(id string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.read[id]
}

// ImportRun starts an import: {"mapping", "mode", "key"}. It runs on after the answer; ImportStatus tells how far it
// is. All-or-nothing writes everything in one transaction or nothing; skip-bad writes chunk by chunk, each with its
// place in the file, so that a restart goes on where it stopped.
func (e *Engine) ImportRun(ctx context.Context, c Call, entity, id string, body []byte) (*Result, error) {
	ent, may, err := c.importer(entity)
	if err != nil {
		return nil, err
	}
	job, p, err := e.loadImport(ctx, c, ent, id)
	if err != nil {
		return nil, err
	}
	if job.State != importUploaded && job.State != importFailed && job.State != importCancelled {
		return nil, diag.Refuse("import.state", "", "state", job.State)
	}
	if _, err := p.ask(c, ent, may, body); err != nil {
		return nil, err
	}
	if len(p.Mapping) == 0 {
		return nil, diag.Refuse("import.no_mapping", "/mapping")
	}
	work, ok := e.imports.enter(job.ID)
	if !ok {
		return nil, diag.Refuse("import.state", "", "state", importRunning)
	}
	p = p.fresh()
	if err := e.moveImport(ctx, job, p, importRunning, ""); err != nil {
		e.imports.leave(job.ID)
		if errors.Is(err, store.ErrTaken) {
			return nil, diag.Refuse("import.state", "", "state", importRunning)
		}
		return nil, err
	}
	answer, err := e.importResult(ent, job, p, StatusAccepted)
	e.startImport(work, c, *job, p) //nolint:contextcheck // it outlives the request
	return answer, err
}

// moveImport moves a job that nobody has moved since it was read.
func (e *Engine) moveImport(ctx context.Context, job *store.Job, p *importPlan, state, place string) error {
	to := *job
	to.State, to.Place = state, place
	var err error
	if to.Progress, err = p.encode(); err != nil {
		return err
	}
	err = e.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.MoveJob(ctx, *job, to) })
	if err == nil {
		*job = to
	}
	return err
}

// startImport runs a job, for which a place was taken, in the background.
func (e *Engine) startImport(ctx context.Context, c Call, job store.Job, p *importPlan) {
	if e.store.Dialect() == lower.Postgres {
		go e.watchImport(ctx, job.ID)
	}
	go func() {
		defer e.imports.leave(job.ID)
		defer func() {
			if r := recover(); r != nil { // it would take every server down that takes it up
				e.log.ErrorContext(ctx, "import panicked", "import", job.ID, "panic", r, "stack", string(debug.Stack()))
				e.failImport(context.WithoutCancel(ctx), job.ID, diag.New(diag.Internal, "").Text(c.Locale))
			}
		}()
		e.runImport(ctx, c, &job, p)
	}()
}

// watchImport ends the work on an import that was cancelled through another server.
func (e *Engine) watchImport(ctx context.Context, id string) {
	tick := time.NewTicker(importLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if job, err := e.store.Reader().Job(ctx, id); err == nil && job.State != importRunning {
			e.imports.cancel(id)
		}
	}
}

// importCall is a call with the rights, the Snapshot and the instant of the moment: an import that runs on after its
// starter has lost a right goes on without it.
func (e *Engine) importCall(ctx context.Context, c Call) (Call, error) {
	c.Now = e.now()
	if e.imports.actorOf != nil {
		epoch, err := e.store.Reader().Epoch(ctx)
		if err != nil {
			return c, err
		}
		if epoch != c.Actor.Epoch {
			a, err := e.imports.actorOf(ctx, c.Actor.ID)
			if err != nil {
				return c, err
			}
			a.Kind = c.Actor.Kind
			c.Actor = a
		}
	}
	var err error
	c.Snap, err = e.Snapshot(c.Snap.App.Name, c.Actor)
	return c, err
}

// StopImports ends the imports of this process, at the end of their chunks, and waits for them. They go on at the next
// start: skip-bad where it was, all-or-nothing from the beginning.
func (e *Engine) StopImports() {
	e.imports.mu.Lock()
	e.imports.stopping = true
	for _, cancel := range e.imports.cancels {
		cancel()
	}
	e.imports.mu.Unlock()
	e.imports.running.Wait()
}

// ImportCancel stops an import. What skip-bad has written stays; all-or-nothing leaves nothing.
func (e *Engine) ImportCancel(ctx context.Context, c Call, entity, id string) (*Result, error) {
	ent, _, err := c.importer(entity)
	if err != nil {
		return nil, err
	}
	for {
		job, p, err := e.loadImport(ctx, c, ent, id)
		if err != nil {
			return nil, err
		}
		if job.State != importRunning && job.State != importUploaded {
			return e.importResult(ent, job, p, StatusOK)
		}
		if job.State == importRunning && p.Mode != modeSkipBad {
			e.imports.cancel(id) // its transaction holds up those who write, this one too
		}
		err = e.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
			if err := tx.StopJob(ctx, id, job.State, importCancelled); err != nil {
				return err
			}
			return tx.Journal(ctx, e.importEntry(c, job, p, importCancelled))
		})
		switch {
		case err == nil:
			e.imports.cancel(id)
		case !errors.Is(err, store.ErrTaken): // else it has begun or ended just now: look again
			return nil, e.storeProblem(c, err)
		}
	}
}

func (e *Engine) importEntry(c Call, job *store.Job, p *importPlan, state string) store.Entry {
	return store.Entry{
		At: e.now(), Actor: c.Actor.ID, ActorKind: c.Actor.Kind.String(), Action: "import", App: c.Snap.App.Name, EntityID: job.Entity,
		Data: fmt.Appendf(nil, `{"import":%q,"state":%q,"written":%d,"skipped":%d}`, job.ID, state, p.Written, p.Skipped),
	}
}

// OnActor sets who makes the actor of a person anew, with the rights of the moment. It is called once, before the first
// request.
func (e *Engine) OnActor(actor func(ctx context.Context, id string) (*policy.Actor, error)) {
	e.imports.actorOf = actor
}

// ResumeImports takes up imports whose process has stopped or died. It is called at the start and from time to time:
// where several servers share a workspace, any of them goes on with what another one leaves. An import of somebody who
// is gone is given up.
func (e *Engine) ResumeImports(ctx context.Context) error {
	jobs, err := e.store.Reader().Jobs(ctx, importKind, importRunning)
	if err != nil {
		return fmt.Errorf("list imports: %w", err)
	}
	var errs []error
	for i := range jobs {
		if err := e.resumeImport(ctx, jobs[i]); err != nil && !errors.Is(err, store.ErrTaken) {
			errs = append(errs, fmt.Errorf("resume import %s: %w", jobs[i].ID, err))
		}
	}
	return errors.Join(errs...)
}

func (e *Engine) resumeImport(ctx context.Context, job store.Job) error {
	if e.store.Dialect() == lower.Postgres && e.now().Sub(job.UpdatedAt) < importSilent {
		return nil // another server is at it, or will be taken to be gone later
	}
	p := &importPlan{}
	if err := json.Unmarshal(job.Progress, p); err != nil {
		return err
	}
	work, ok := e.imports.enter(job.ID)
	if !ok {
		return nil
	}
	c, err := e.resumeCall(ctx, job)
	if err == nil {
		err = e.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.ClaimJob(ctx, job) })
	}
	if err == nil {
		e.startImport(work, c, job, p) //nolint:contextcheck // it outlives the look
		return nil
	}
	defer e.imports.leave(job.ID)
	if problem, ok := asProblem(err); ok && problem.First().Code != "app.broken" { // that one may be mended
		e.failImport(ctx, job.ID, problem.First().Text(langOf("")))
	}
	return err
}

// resumeCall makes the call of an import's starter anew.
func (e *Engine) resumeCall(ctx context.Context, job store.Job) (Call, error) {
	c := Call{Now: e.now(), RequestID: job.ID, Actor: &policy.Actor{ID: job.Actor}}
	var err error
	if e.imports.actorOf != nil {
		if c.Actor, err = e.imports.actorOf(ctx, job.Actor); err != nil {
			return c, err
		}
	}
	c.Locale = langOf(c.Actor.Locale)
	c.Snap, err = e.Snapshot(job.App, c.Actor)
	return c, err
}

// failImport gives an import up, wherever it is, and says why.
func (e *Engine) failImport(ctx context.Context, id, problem string) {
	job, err := e.store.Reader().Job(ctx, id)
	p := &importPlan{}
	if err == nil {
		err = json.Unmarshal(job.Progress, p)
	}
	if err == nil && job.State == importRunning {
		p.Problem = problem
		err = e.moveImport(ctx, &job, p, importFailed, job.Place)
	}
	if err != nil && !errors.Is(err, store.ErrTaken) {
		e.log.ErrorContext(ctx, "give up import", "import", id, "error", err)
	}
}
