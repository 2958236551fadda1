package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/store"
	"tenon/metamodel"
)

// maxRecomputes is how many things of an app that wait to be worked out are told apart. Beyond it a value that waits is
// worked out in all records.
const maxRecomputes = 20

// The states of a job that works kept values out.
const (
	deriveRunning = "running"
	deriveDone    = "done"
)

// deriveJob is what a job brings up to date, as it is kept between its transactions. The job's place is the field that
// it is at, and the last record of it that is done.
type deriveJob struct {
	Fields  []metamodel.ID `json:"fields"`           // kept values, in the order in which they are worked out
	Record  string         `json:"record,omitempty"` // of this record alone
	Source  string         `json:"source,omitempty"` // or of those that read a field of this one
	Read    metamodel.ID   `json:"read,omitempty"`   // the field
	Done    int64          `json:"done"`
	Total   int64          `json:"total"`
	Problem string         `json:"problem,omitempty"`
}

// whole tells whether a job is about all records.
func (p *deriveJob) whole() bool { return p.Record == "" && p.Source == "" }

// about tells whether two jobs do the same.
func (p *deriveJob) about(q *deriveJob) bool {
	return slices.Equal(p.Fields, q.Fields) && p.Record == q.Record && p.Source == q.Source && p.Read == q.Read
}

// later lists the fields that a job comes to after one of its own.
func (p *deriveJob) later(s *compile.Snapshot, i int) map[*metamodel.Field]bool {
	out := map[*metamodel.Field]bool{}
	for _, id := range p.Fields[i+1:] {
		if f := s.FieldByID(id); f != nil {
			out[f] = true
		}
	}
	return out
}

func placeOfJob(i int, after string) string { return strconv.Itoa(i) + "/" + after }

func readPlace(place string) (i int, after string) {
	at, after, _ := strings.Cut(place, "/")
	i, _ = strconv.Atoi(at) // "" is the beginning
	return i, after
}

// postponeRecord leaves a roll-up of one record to a job.
func (w *writer) postponeRecord(ctx context.Context, f *metamodel.Field, id string) error {
	return w.postpone(ctx, store.JobRecompute, deriveJob{Record: id, Total: 1}, f)
}

// postponeFollowers leaves a value of all records that read a field of one to a job.
func (w *writer) postponeFollowers(ctx context.Context, f *compile.Follower, read *metamodel.Field, source string) error {
	total, err := w.tx.FollowerCount(ctx, following(w.call.Snap, f.Field, read, source))
	if err != nil {
		return err
	}
	return w.postpone(ctx, store.JobRecompute, deriveJob{Source: source, Read: read.ID, Total: total}, f.Field)
}

// postpone leaves fields to a job, which begins once the transaction is committed. Until it has ended, whoever reads
// them is told.
func (w *writer) postpone(ctx context.Context, kind string, p deriveJob, fields ...*metamodel.Field) error {
	for _, f := range fields {
		p.Fields = append(p.Fields, f.ID)
	}
	w.engine.unsettle(w, p.Fields)
	jobs, err := w.tx.RunningJobs(ctx, w.call.Snap.App.Name, deriveRunning, store.JobRecompute, store.JobFill)
	if err != nil {
		return err
	}
	if !p.whole() && len(jobs) >= maxRecomputes {
		p.Record, p.Source, p.Read = "", "", ""
	}
	if p.whole() {
		if p.Total, err = w.recordsOf(ctx, fields); err != nil {
			return err
		}
	}
	progress, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write what is to be worked out: %w", err)
	}
	for _, j := range jobs {
		var q deriveJob
		if err := json.Unmarshal(j.Progress, &q); err == nil && q.about(&p) {
			return w.tx.RestartJob(ctx, j, progress)
		}
	}
	return w.tx.PutJob(ctx, store.Job{
		ID: w.engine.newID(), Kind: kind, App: w.call.Snap.App.Name, Entity: string(unitOf(fields[0]).ID), Actor: w.call.Actor.ID,
		State: deriveRunning, Progress: progress,
	})
}

// recordsOf counts the records of some fields, once for each.
func (w *writer) recordsOf(ctx context.Context, fields []*metamodel.Field) (total int64, err error) {
	known := map[*metamodel.Entity]int64{}
	for _, f := range fields {
		n, ok := known[unitOf(f)]
		if !ok {
			if n, err = w.tx.RecordCount(ctx, unitOf(f)); err != nil {
				return 0, err
			}
			known[unitOf(f)] = n
		}
		total += n
	}
	return total, nil
}

// unitOf is the entity whose records a field is written with.
func unitOf(f *metamodel.Field) *metamodel.Entity {
	if f.Entity.IsLines() {
		return f.Entity.Parent
	}
	return f.Entity
}
