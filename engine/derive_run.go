package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

// Times of jobs that work kept values out.
const (
	// deriveEvery is how often a server looks for values that wait, where nothing has woken it.
	deriveEvery = 3 * time.Second
	// maxDerivePause bounds how long a job pauses after a batch, so that people come to write. It pauses as long as the
	// batch took.
	maxDerivePause = 200 * time.Millisecond
	// keepJobs is how long ended jobs are told of.
	keepJobs = 24 * time.Hour
)

// FollowRecomputes works kept values out that writes and releases left to jobs, until ctx ends.
func (e *Engine) FollowRecomputes(ctx context.Context) {
	tick := time.NewTicker(deriveEvery)
	defer tick.Stop()
	told := ""
	for {
		err := e.Recompute(ctx)
		switch {
		case err == nil:
			told = ""
		case ctx.Err() == nil && err.Error() != told: // it is tried again and again
			told = err.Error()
			e.log.ErrorContext(ctx, "kept values can't be worked out", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-e.deriving:
		}
	}
}

// Recompute works out what waits, one job after the other for each app, the apps in turns, in transactions of a batch, so that people go on
// between them, and what is done stays done when the process dies.
func (e *Engine) Recompute(ctx context.Context) error {
	var errs []error
	waiting := slices.Collect(maps.Keys(*e.snaps.Load()))
	for len(waiting) > 0 {
		waiting = slices.DeleteFunc(waiting, func(app string) bool {
			if ctx.Err() != nil {
				return true
			}
			began := e.now()
			more, err := e.recomputeSome(ctx, app)
			if err != nil {
				errs = append(errs, fmt.Errorf("work out values of %s: %w", app, err))
				return true
			}
			if more {
				more = pauseFor(ctx, min(e.now().Sub(began), maxDerivePause))
			}
			return !more
		})
	}
	return errors.Join(errs...)
}

// pauseFor waits; false when ctx has ended meanwhile.
func pauseFor(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// recomputeSome does a batch of the oldest job of an app; false when there is none.
func (e *Engine) recomputeSome(ctx context.Context, app string) (more bool, err error) {
	defer func() {
		if r := recover(); r != nil { // it would take every server down that takes it up
			e.log.ErrorContext(ctx, "working values out panicked", "app", app, "panic", r, "stack", string(debug.Stack()))
			more, err = false, fmt.Errorf("panic: %v", r)
		}
	}()
	s := (*e.snaps.Load())[app]
	if s == nil || !e.unsettled.any(app) {
		return e.postOld(ctx, s, app)
	}
	jobs, err := e.store.Reader().RunningJobs(ctx, app, deriveRunning, store.JobRecompute, store.JobFill)
	if err != nil || len(jobs) == 0 {
		return false, err
	}
	job := jobs[0]
	c := Call{Actor: policy.Itself(), Snap: s, Now: e.now(), Locale: metamodel.DefaultLanguage, RequestID: job.ID, Budget: expr.NewBudget(expr.RequestBudget), trusted: true}
	ended := false
	err = e.write(ctx, c, claim{ledgers: len(s.App.Ledgers) > 0}, func(ctx context.Context, w *writer) (err error) {
		w.job = true
		ended, err = w.jobBatch(ctx, job)
		return err
	})
	switch {
	case errors.Is(err, store.ErrTaken):
		return true, nil // it has begun anew, or another server is at it
	case passing(err):
		return false, nil
	case err != nil:
		return false, errors.Join(err, e.noteProblem(ctx, job, err))
	}
	if ended {
		err = e.readUnsettled(ctx, nil, nil)
	}
	return true, err
}

// passing tells whether an error is of the moment, and the job is taken up again.
func passing(err error) bool {
	p, told := asProblem(err)
	return told && slices.ContainsFunc(p.List, func(d diag.Diagnostic) bool {
		return d.Code == "store.busy" || d.Code == "app.broken" || d.Code == "record.release_moved"
	})
}

// noteProblem says beside a job what stands in its way; it is tried again.
func (e *Engine) noteProblem(ctx context.Context, job store.Job, problem error) error {
	var p deriveJob
	if err := json.Unmarshal(job.Progress, &p); err != nil {
		return err
	}
	p.Problem = diag.New(diag.Internal, "").Text(metamodel.DefaultLanguage)
	if told, ok := asProblem(problem); ok {
		p.Problem = told.First().Text(metamodel.DefaultLanguage)
	}
	to := job
	var err error
	if to.Progress, err = json.Marshal(p); err != nil {
		return err
	}
	return e.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.MoveJob(ctx, job, to) })
}

// jobBatch does the next batch of a job and moves it on, in one transaction.
func (w *writer) jobBatch(ctx context.Context, job store.Job) (ended bool, err error) {
	if err := w.tx.HoldJob(ctx, job); err != nil {
		return false, err
	}
	var p deriveJob
	if err := json.Unmarshal(job.Progress, &p); err != nil {
		return false, fmt.Errorf("read job: %w", err)
	}
	to := job
	i, after := readPlace(job.Place)
	for worked := false; !worked && i < len(p.Fields); {
		var n int
		if n, after, err = w.jobPage(ctx, &p, i, after); err != nil {
			return false, err
		}
		if worked = n > 0; !worked {
			i, after = i+1, ""
		}
		p.Done += int64(n)
	}
	p.Problem = ""
	to.Place = placeOfJob(i, after)
	if ended = i == len(p.Fields); ended {
		to.State = deriveDone
		if err := w.endJob(ctx, job, &p); err != nil {
			return false, err
		}
	}
	if to.Progress, err = json.Marshal(p); err != nil {
		return false, err
	}
	return ended, w.tx.MoveJob(ctx, job, to)
}

// jobPage works a field of a job out in the next of its records; 0 when there are none.
func (w *writer) jobPage(ctx context.Context, p *deriveJob, i int, after string) (int, string, error) {
	s := w.call.Snap
	f := s.FieldByID(p.Fields[i])
	if f == nil || !f.Stored || !f.Computed() {
		return 0, after, nil // a release has done without it
	}
	ids, err := w.jobIDs(ctx, p, f, after)
	if err != nil || len(ids) == 0 {
		return 0, after, err
	}
	w.call.Budget = expr.NewBudget(expr.RequestBudget)
	n, err := w.recompute(ctx, f, ids, p.later(s, i))
	if err != nil {
		return 0, after, err
	}
	return n, ids[n-1], nil
}

func (w *writer) jobIDs(ctx context.Context, p *deriveJob, f *metamodel.Field, after string) ([]string, error) {
	switch {
	case p.Record != "":
		if after != "" {
			return nil, nil
		}
		return []string{p.Record}, nil
	case p.Source == "":
		return w.tx.RecordIDs(ctx, unitOf(f), after, w.engine.batchOf())
	}
	read := w.call.Snap.FieldByID(p.Read)
	if read == nil {
		return nil, nil
	}
	q := following(w.call.Snap, f, read, p.Source)
	if len(q.Ways) == 0 {
		return nil, nil // it doesn't read the field any more, and has been worked out with the release
	}
	return w.tx.Followers(ctx, q, after, w.engine.batchOf())
}

// batchOf is how many records are worked out in one transaction.
func (e *Engine) batchOf() int { return min(deriveBatch, e.deriveBound) }

// endJob tells those who look at the records that values have changed, and forgets jobs of long ago.
func (w *writer) endJob(ctx context.Context, job store.Job, p *deriveJob) error {
	app := w.call.Snap.App.Name
	told := map[*metamodel.Entity]bool{}
	for _, id := range p.Fields {
		f := w.call.Snap.FieldByID(id)
		if f == nil || told[unitOf(f)] {
			continue
		}
		told[unitOf(f)] = true
		if err := w.tellEntity(ctx, unitOf(f)); err != nil {
			return err
		}
	}
	return w.tx.PruneJobs(ctx, app, job.Kind, deriveDone, w.call.Now.Add(-keepJobs))
}

// tellEntity tells those who look at an entity's records that many of their values have changed.
func (w *writer) tellEntity(ctx context.Context, e *metamodel.Entity) error {
	app := w.call.Snap.App.Name
	event := store.Event{
		ID: w.engine.newID(), Type: "tenon.entity.recomputed.v1", Source: "/apps/" + app, Subject: e.Name, Time: w.call.Now,
		Data: []byte("{}"), App: app, EntityID: string(e.ID),
	}
	if err := w.tx.Emit(ctx, event); err != nil {
		return fmt.Errorf("tell what is worked out: %w", err)
	}
	return nil
}

// tellBook tells those who look at what a ledger keeps, or at what is computed of it, that it has changed.
func (w *writer) tellBook(ctx context.Context, l *metamodel.Ledger) error {
	entities := map[*metamodel.Entity]bool{}
	for _, kept := range l.Kept() {
		entities[kept] = true
	}
	if u := w.call.Snap.Unsettled(); u != nil {
		for f := range u.Told {
			entities[unitOf(f)] = true
		}
	}
	for _, e := range w.call.Snap.App.Entities {
		if !entities[e] {
			continue
		}
		if err := w.tellEntity(ctx, e); err != nil {
			return err
		}
	}
	return nil
}
