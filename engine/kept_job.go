package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/store"
	"tenon/metamodel"
)

// keepJob is how far a kept aggregate is filled, as it is told of. The place to go on at is the aggregate's own.
type keepJob struct {
	Done  int64 `json:"done"`
	Total int64 `json:"total"`
}

// noteFill tells in the list of jobs how far an aggregate is, in the transaction that fills it.
func (w *writer) noteFill(ctx context.Context, a *compile.Aggregate, state store.KeptState) error {
	job, known, err := w.fillJob(ctx, a.ID)
	if err != nil {
		return err
	}
	var p keepJob
	if known {
		if err := json.Unmarshal(job.Progress, &p); err != nil {
			return fmt.Errorf("read job: %w", err)
		}
	} else if p.Total, err = w.tx.RecordCount(ctx, a.Unit.Entity); err != nil {
		return err
	}
	p.Done = state.Done
	to := job
	if to.Progress, err = json.Marshal(p); err != nil {
		return fmt.Errorf("write job: %w", err)
	}
	if state.Ready {
		to.State = deriveDone
		if err := w.tx.PruneJobs(ctx, w.call.Snap.App.Name, store.JobKeep, deriveDone, w.call.Now.Add(-keepJobs)); err != nil {
			return err
		}
	}
	if known {
		return w.tx.MoveJob(ctx, job, to)
	}
	to.ID, to.Kind, to.App, to.Entity, to.Actor, to.Place = w.engine.newID(), store.JobKeep, w.call.Snap.App.Name, string(a.Unit.ID), w.call.Actor.ID, string(a.ID)
	if !state.Ready {
		to.State = deriveRunning
	}
	return w.tx.PutJob(ctx, to)
}

// fillJob finds the job that tells of an aggregate which is being filled.
func (w *writer) fillJob(ctx context.Context, id metamodel.ID) (store.Job, bool, error) {
	jobs, err := w.tx.RunningJobs(ctx, w.call.Snap.App.Name, deriveRunning, store.JobKeep)
	if err != nil {
		return store.Job{}, false, err
	}
	i := slices.IndexFunc(jobs, func(j store.Job) bool { return j.Place == string(id) })
	if i < 0 {
		return store.Job{}, false, nil
	}
	return jobs[i], true, nil
}

// endFills forgets the jobs of aggregates that a release does without.
func endFills(ctx context.Context, tx *store.Tx, app string, stay []*metamodel.Kept) error {
	jobs, err := tx.RunningJobs(ctx, app, deriveRunning, store.JobKeep)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if slices.ContainsFunc(stay, func(k *metamodel.Kept) bool { return string(k.ID) == j.Place }) {
			continue
		}
		if err := tx.DeleteJob(ctx, j.ID); err != nil {
			return err
		}
	}
	return nil
}

// keepStatus is a fill as it is told to those who know the entity.
func (c Call) keepStatus(j store.Job) (*jobStatus, error) {
	var p keepJob
	if err := json.Unmarshal(j.Progress, &p); err != nil {
		return nil, fmt.Errorf("read job %s: %w", j.ID, err)
	}
	return c.statusOf(j, p.Done, p.Total, ""), nil
}
