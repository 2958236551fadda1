package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tenon/engine/store"
	"tenon/metamodel"
)

// jobStatus is a job as it is told of.
type jobStatus struct {
	ID         string     `json:"id"`
	Kind       string     `json:"kind"`
	Entity     string     `json:"entity"`
	Field      string     `json:"field,omitempty"`
	Posting    string     `json:"posting,omitempty"`
	Done       int64      `json:"done"`
	Total      int64      `json:"total"`
	Left       int64      `json:"left,omitempty"` // documents of closed periods, which stay as they were posted
	State      string     `json:"state"`
	StartedAt  time.Time  `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
	Problem    string     `json:"problem,omitempty"`
}

// statusOf tells of a job over an entity whoever may know of the entity; nil tells nothing.
func (c Call) statusOf(j store.Job, done, total int64, problem string) *jobStatus {
	e := c.Snap.EntityByID(metamodel.ID(j.Entity))
	if e == nil || c.builder() != nil && !c.knows(e) {
		return nil
	}
	s := &jobStatus{ID: j.ID, Kind: j.Kind, Entity: e.Name, Done: done, Total: max(total, done), State: j.State, StartedAt: j.CreatedAt}
	if c.builder() == nil {
		s.Problem = problem // names what not everybody sees
	}
	if j.State == deriveDone {
		s.FinishedAt, s.Total = &j.UpdatedAt, done
	}
	return s
}

// AppJobs lists the jobs that work kept values of an app out, and those that did lately, the newest first. Of a value
// that the actor may not read nothing is told.
func (e *Engine) AppJobs(ctx context.Context, c Call) (*Result, error) {
	jobs, err := e.store.Reader().JobsOf(ctx, c.Snap.App.Name, store.JobRecompute, store.JobFill, store.JobPost, store.JobKeep, store.JobMethod)
	if err != nil {
		return nil, err
	}
	out := []jobStatus{}
	for _, j := range jobs {
		if tell := map[string]func(store.Job) (*jobStatus, error){store.JobPost: c.postStatus, store.JobKeep: c.keepStatus, store.JobMethod: c.methodStatus}[j.Kind]; tell != nil {
			s, err := tell(j)
			if err != nil {
				return nil, err
			}
			if s != nil {
				out = append(out, *s)
			}
			continue
		}
		var p deriveJob
		if err := json.Unmarshal(j.Progress, &p); err != nil {
			return nil, fmt.Errorf("read job %s: %w", j.ID, err)
		}
		f := c.shownField(j, &p)
		if f == nil {
			continue
		}
		s := jobStatus{
			ID: j.ID, Kind: j.Kind, Entity: unitOf(f).Name, Field: f.Name, Done: p.Done, Total: max(p.Total, p.Done), State: j.State,
			StartedAt: j.CreatedAt,
		}
		if c.builder() == nil {
			s.Problem = p.Problem
		}
		if f.Entity.IsLines() {
			s.Field = f.Entity.Via.Name + "." + f.Name
		}
		if j.State == deriveDone {
			s.FinishedAt, s.Total = &j.UpdatedAt, p.Done
		}
		out = append(out, s)
	}
	return e.json(nil, map[string]any{"jobs": out})
}

// shownField is the field that a job is at, or the next that the actor may read; nil where he may read none.
func (c Call) shownField(j store.Job, p *deriveJob) *metamodel.Field {
	at, _ := readPlace(j.Place)
	for i := range p.Fields {
		f := c.Snap.FieldByID(p.Fields[(at+i)%len(p.Fields)])
		if f == nil {
			continue
		}
		if may := c.decide(unitOf(f), metamodel.ActRead); may.allow() && may.readable(f) {
			return f
		}
	}
	return nil
}
