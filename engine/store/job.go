package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tenon/engine/store/lower"
)

// maxJobsPage bounds the jobs that are read at once.
const maxJobsPage = 200

// The kinds of jobs that bring kept values up to date: after a write that too much follows, after a release.
const (
	JobRecompute = "recompute"
	JobFill      = "fill"
)

// JobPost posts documents to ledgers by postings that a release has brought.
const JobPost = "post"

// JobKeep tells how far a kept aggregate is filled; where it goes on is the aggregate's own place.
const JobKeep = "keep"

// JobMethod gives the cost pools of a ledger the method that its policy answers now.
const JobMethod = "method"

// Job is long work in progress, such as an import: what it is, how far it came, where to go on after a restart.
// Progress is JSON; Place is a cursor in the words of the kind.
type Job struct {
	ID        string
	Kind      string
	App       string
	Entity    string
	Actor     string
	State     string
	Progress  []byte
	Place     string
	CreatedAt time.Time
	UpdatedAt time.Time
}

type jobRow struct {
	ID        string `gorm:"primaryKey"`
	Kind      string
	App       string
	Entity    string
	Actor     string
	State     string
	Progress  string
	Place     string
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	UpdatedAt int64 `gorm:"autoUpdateTime:false"`
}

func (jobRow) TableName() string { return "jobs" }

func (r jobRow) job() Job {
	return Job{
		ID: r.ID, Kind: r.Kind, App: r.App, Entity: r.Entity, Actor: r.Actor, State: r.State, Progress: []byte(r.Progress),
		Place: r.Place, CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
}

// PutJob keeps a job, new or known by its id; a known one keeps its kind, app, entity, actor and creation time.
func (tx *Tx) PutJob(ctx context.Context, j Job) error {
	now := tx.s.micros()
	row := jobRow{
		ID: j.ID, Kind: j.Kind, App: j.App, Entity: j.Entity, Actor: j.Actor, State: j.State,
		Progress: jsonText(j.Progress), Place: j.Place, CreatedAt: now, UpdatedAt: now,
	}
	again := clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, DoUpdates: clause.AssignmentColumns([]string{"state", "progress", "place", "updated_at"})}
	return tx.s.wrap("put job", tx.models(ctx).Clauses(again).Create(&row).Error)
}

// MoveJob changes a job's state, progress and place, if it is still in the state and at the place from which whoever
// works at it went on; else it returns ErrTaken: it was cancelled, or somebody else has gone on with it.
func (tx *Tx) MoveJob(ctx context.Context, from, to Job) error {
	const query = "UPDATE jobs SET state = ?, progress = ?, place = ?, updated_at = ? WHERE id = ? AND state = ? AND place = ?"
	return tx.takeJob(ctx, query, to.State, jsonText(to.Progress), to.Place, tx.s.micros(), from.ID, from.State, from.Place)
}

// HoldJob begins a transaction of whoever works at a job: it returns ErrTaken when the job is not in the state and at the
// place that it was left in. Until the transaction ends nobody else claims the job.
func (tx *Tx) HoldJob(ctx context.Context, j Job) error {
	if tx.s.Dialect() == lower.Postgres {
		if _, err := tx.on.exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", "job:"+j.ID); err != nil {
			return tx.s.wrap("hold job", err)
		}
	}
	now, err := tx.Job(ctx, j.ID)
	if err == nil && (now.State != j.State || now.Place != j.Place) {
		return ErrTaken
	}
	return err
}

// ClaimJob takes up a job whose worker is gone. It returns ErrTaken when somebody is at it, or has taken it up since it
// was read.
func (tx *Tx) ClaimJob(ctx context.Context, j Job) error {
	if tx.s.Dialect() == lower.Postgres {
		n, err := tx.integer(ctx, "SELECT CASE WHEN pg_try_advisory_xact_lock(hashtextextended(?, 0)) THEN 1 ELSE 0 END", "job:"+j.ID)
		if err != nil {
			return tx.s.wrap("claim job", err)
		}
		if n == 0 {
			return ErrTaken
		}
	}
	const query = "UPDATE jobs SET updated_at = ? WHERE id = ? AND state = ? AND updated_at = ?"
	return tx.takeJob(ctx, query, max(tx.s.micros(), j.UpdatedAt.UnixMicro()+1), j.ID, j.State, j.UpdatedAt.UnixMicro())
}

// StopJob moves a job from one state to another wherever it is; ErrTaken when it is not in that state.
func (tx *Tx) StopJob(ctx context.Context, id, from, to string) error {
	return tx.takeJob(ctx, "UPDATE jobs SET state = ?, updated_at = ? WHERE id = ? AND state = ?", to, tx.s.micros(), id, from)
}

func (tx *Tx) takeJob(ctx context.Context, query string, args ...any) error {
	res, err := tx.on.exec(ctx, bind(tx.s.Dialect(), query), args...)
	if err != nil {
		return tx.s.wrap("move job", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(tx.s.wrap("move job", err), ErrTaken)
	}
	return nil
}

// Job reads a job by its id; ErrNotFound when there is none.
func (r *Reader) Job(ctx context.Context, id string) (Job, error) {
	var row jobRow
	err := r.models(ctx).Where(clause.Eq{Column: "id", Value: id}).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Job{}, fmt.Errorf("read job: %w", ErrNotFound)
	}
	return row.job(), r.s.wrap("read job", err)
}

// Jobs lists the jobs of a kind in a state ("" is any), oldest first.
func (r *Reader) Jobs(ctx context.Context, kind, state string) ([]Job, error) {
	q := r.models(ctx).Where(clause.Eq{Column: "kind", Value: kind})
	if state != "" {
		q = q.Where(clause.Eq{Column: "state", Value: state})
	}
	oldest := clause.OrderBy{Columns: []clause.OrderByColumn{{Column: clause.Column{Name: "created_at"}}, {Column: clause.Column{Name: "id"}}}}
	var rows []jobRow
	if err := q.Clauses(oldest).Limit(maxJobsPage).Find(&rows).Error; err != nil {
		return nil, r.s.wrap("list jobs", err)
	}
	out := make([]Job, len(rows))
	for i, row := range rows {
		out[i] = row.job()
	}
	return out, nil
}

// DeleteJob forgets a job; one that isn't there is no error.
func (tx *Tx) DeleteJob(ctx context.Context, id string) error {
	return tx.s.wrap("delete job", tx.models(ctx).Where(clause.Eq{Column: "id", Value: id}).Delete(&jobRow{}).Error)
}

// JobsOf lists the jobs of an app of some kinds, the newest first.
func (r *Reader) JobsOf(ctx context.Context, app string, kinds ...string) ([]Job, error) {
	newest := clause.OrderBy{Columns: []clause.OrderByColumn{{Column: clause.Column{Name: "created_at"}, Desc: true}, {Column: clause.Column{Name: "id"}, Desc: true}}}
	of := clause.Where{Exprs: []clause.Expression{clause.Eq{Column: "app", Value: app}, clause.IN{Column: "kind", Values: anys(kinds)}}}
	var rows []jobRow
	if err := r.models(ctx).Clauses(of, newest).Limit(maxJobsPage).Find(&rows).Error; err != nil {
		return nil, r.s.wrap("list jobs", err)
	}
	out := make([]Job, len(rows))
	for i, row := range rows {
		out[i] = row.job()
	}
	return out, nil
}

// RunningJobs lists the jobs of some kinds in a state, of an app ("" is any), oldest first: all of them, as whoever begins
// them bounds how many there are.
func (r *Reader) RunningJobs(ctx context.Context, app, state string, kinds ...string) ([]Job, error) {
	of := []clause.Expression{clause.Eq{Column: "state", Value: state}, clause.IN{Column: "kind", Values: anys(kinds)}}
	if app != "" {
		of = append(of, clause.Eq{Column: "app", Value: app})
	}
	oldest := clause.OrderBy{Columns: []clause.OrderByColumn{{Column: clause.Column{Name: "created_at"}}, {Column: clause.Column{Name: "id"}}}}
	var rows []jobRow
	if err := r.models(ctx).Clauses(clause.Where{Exprs: of}, oldest).Find(&rows).Error; err != nil {
		return nil, r.s.wrap("list jobs", err)
	}
	out := make([]Job, len(rows))
	for i, row := range rows {
		out[i] = row.job()
	}
	return out, nil
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// RestartJob lets a job begin anew, wherever it is; whoever is at it finds it taken.
func (tx *Tx) RestartJob(ctx context.Context, j Job, progress []byte) error {
	const query = "UPDATE jobs SET place = '', progress = ?, updated_at = ? WHERE id = ?"
	return tx.takeJob(ctx, query, jsonText(progress), max(tx.s.micros(), j.UpdatedAt.UnixMicro()+1), j.ID)
}

// PruneJobs forgets the jobs of an app of a kind that ended before an instant.
func (tx *Tx) PruneJobs(ctx context.Context, app, kind, ended string, before time.Time) error {
	const query = "DELETE FROM jobs WHERE app = ? AND kind = ? AND state = ? AND updated_at < ?"
	_, err := tx.on.exec(ctx, bind(tx.s.Dialect(), query), app, kind, ended, before.UnixMicro())
	return tx.s.wrap("prune jobs", err)
}
