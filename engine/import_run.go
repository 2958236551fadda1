package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"tenon/engine/compile"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// What a run of an import may end or begin anew with.
var (
	// errBadRows ends an all-or-nothing import that has rows with problems.
	errBadRows = errors.New("rows with problems")
	// errReleased says that the app was released anew: the rows are to be read as the new revision has them.
	errReleased = errors.New("released meanwhile")
	// errCareful says that a row was refused after something had been written for it: what the transaction writes is to
	// be written again row by row.
	errCareful = errors.New("refused after a write")
	// errPostOnce says that a ledger refused one of many records that were to post together: each is to post as it comes, so
	// that the one is known.
	errPostOnce = errors.New("refused by a ledger")
)

// importRun is one run of an import, by one goroutine.
type importRun struct {
	e       *Engine
	c       Call
	ent     *compile.Entity
	job     *store.Job
	plan    *importPlan
	reader  *importReader
	done    func()
	careful bool // rows are refused after writes: each is written by itself, and savepoints are worth their price
}

// runImport runs a job to its end, or to where it is stopped.
func (e *Engine) runImport(ctx context.Context, c Call, job *store.Job, p *importPlan) {
	r := &importRun{e: e, c: c, job: job, plan: p}
	err := r.all(ctx)
	final := context.WithoutCancel(ctx)
	state := importFailed
	switch {
	case err == nil, errors.Is(err, store.ErrTaken), errors.Is(err, context.Canceled):
		return // it is done, somebody has cancelled it or goes on with it, or the process stops and it will go on
	case errors.Is(err, errBadRows):
	case isBusy(err):
		e.log.WarnContext(final, "import waits for the database", "import", job.ID, "error", err)
		return // as after a stop: it is taken up again
	default:
		r.plan.Problem = diag.New(diag.Internal, "").Text(c.Locale)
		if problem, ok := asProblem(err); ok {
			r.plan.Problem = problem.First().Text(c.Locale)
		} else {
			e.log.ErrorContext(final, "import failed", "import", job.ID, "error", err)
		}
	}
	err = e.store.Write(final, store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return r.end(ctx, tx, r.plan, state) })
	if err != nil && !errors.Is(err, store.ErrTaken) {
		e.log.ErrorContext(final, "end import", "import", job.ID, "error", err)
	}
}

// isBusy tells whether the database could not be written in time.
func isBusy(err error) bool {
	problem, told := asProblem(err)
	return errors.Is(err, store.ErrBusy) || told && problem.First().Code == "store.busy"
}

// end moves the job to its last state, with an entry in the journal.
func (r *importRun) end(ctx context.Context, tx *store.Tx, p *importPlan, state string) error {
	body, err := p.encode()
	if err != nil {
		return err
	}
	to := *r.job
	to.State, to.Progress = state, body
	if err := tx.MoveJob(ctx, *r.job, to); err != nil {
		return err
	}
	return tx.Journal(ctx, r.e.importEntry(r.c, r.job, p, state))
}

func (r *importRun) all(ctx context.Context) error {
	after, err := strconv.Atoi("0" + r.job.Place)
	if err != nil {
		return fmt.Errorf("read the import's place: %w", err)
	}
	defer func() { r.close() }()
	if err := r.open(ctx, after); err != nil {
		return err
	}
	if r.plan.Mode == modeSkipBad {
		return r.chunks(ctx)
	}
	for attempt := 0; ; attempt++ {
		err := r.whole(ctx)
		switch {
		case errors.Is(err, errCareful) && !r.careful:
			r.careful = true
		case !errors.Is(err, errReleased):
			return err
		}
		if attempt == maxMoved {
			return diag.Refuse("record.release_moved", "")
		}
		if err := r.open(ctx, 0); err != nil {
			return err
		}
	}
}

// open begins to read after a row of the file, by the Snapshot and the rights of the moment.
func (r *importRun) open(ctx context.Context, after int) (err error) {
	r.close()
	if r.c, err = r.e.importCall(ctx, r.c); err != nil {
		return err
	}
	if r.ent = r.c.Snap.EntityByID(metamodel.ID(r.job.Entity)); r.ent == nil {
		return diag.Refuse("entity.not_found", "", "entity", "")
	}
	r.reader, r.done, err = r.e.openImport(ctx, r.e.newWorld(r.c, r.e.store.Reader()), r.ent, r.plan, after)
	return err
}

func (r *importRun) close() {
	if r.done != nil {
		r.done()
		r.done = nil
	}
}

// begin is the beginning of each of the import's transactions.
func (r *importRun) begin(ctx context.Context, tw *writer) error {
	if tw.call.Snap != r.c.Snap {
		return errReleased
	}
	return tw.tx.HoldJob(ctx, *r.job)
}

// whole writes all rows in one transaction, which marks the import as done. When the transaction has to be run again,
// the file is read again.
func (r *importRun) whole(ctx context.Context) error {
	var bad *importPlan
	first := true
	err := r.e.write(ctx, r.c, r.c.claimOf(r.ent, false), func(ctx context.Context, tw *writer) error {
		if err := r.begin(ctx, tw); err != nil {
			return err
		}
		if !first {
			if err := r.open(ctx, 0); err != nil {
				return err
			}
			if tw.call.Snap != r.c.Snap {
				return errReleased
			}
		}
		first = false
		next := r.plan.fresh()
		r.reader.resolve.w = tw.world
		if !r.careful {
			tw.hold(false)
		}
		if err := r.wholeRows(ctx, tw, next); err != nil {
			return err
		}
		if err := tw.held.flush(ctx); err != nil {
			return err
		}
		if len(next.Errors) > 0 {
			next.Written, bad = 0, next
			return errBadRows
		}
		return r.end(ctx, tw.tx, next, importDone)
	})
	if errors.Is(err, errBadRows) {
		r.plan = bad
	}
	return err
}

func (r *importRun) wholeRows(ctx context.Context, tw *writer, next *importPlan) error {
	for {
		rows, err := r.reader.next(ctx, importChunk)
		if err != nil || len(rows) == 0 {
			return err
		}
		known, err := r.reader.existing(ctx, rows)
		if err != nil {
			return err
		}
		if err := r.reader.prefetch(ctx, tw.world, rows); err != nil {
			return err
		}
		for _, ir := range rows {
			if err := r.wholeRow(ctx, tw, next, ir, r.reader.targetOf(ir, known)); err != nil {
				return err
			}
		}
		r.e.imports.note(r.job.ID, next.Read)
	}
}

// wholeRow writes a record in the transaction at hand, or only judges it once one was bad.
func (r *importRun) wholeRow(ctx context.Context, tw *writer, next *importPlan, ir *importRecord, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var list diag.List
	var err error
	if len(next.Errors) > 0 {
		var d *draft
		if d, err = tw.try(ctx, r.ent, ir, id, r.e.newID); err == nil {
			list = d.list
		}
	} else {
		err = tw.put(ctx, r.ent, ir, id)
	}
	problem, told := asProblem(err)
	switch {
	case told:
		list = problem.List
	case err != nil:
		return r.e.rowProblem(tw.call, ir, err)
	}
	if list.HasErrors() {
		r.bad(next, ir, list)
		return nil
	}
	next.Read += ir.read
	next.Written++
	return nil
}

// rowProblem names the row of a refusal that ends the transaction, such as a value that must be unique.
func (e *Engine) rowProblem(c Call, ir *importRecord, err error) error {
	told := e.storeProblem(c, err)
	problem, ok := asProblem(told)
	if !ok || isBusy(err) {
		return err
	}
	return diag.Refuse("import.row", "", "row", ir.first(), "problem", problem.First().Text(c.Locale))
}

// bad notes a record that is left out.
func (r *importRun) bad(p *importPlan, ir *importRecord, list diag.List) {
	p.Read += ir.read
	if p.Mode == modeSkipBad {
		p.Skipped++
	}
	if len(p.Errors) < maxImportErrors {
		p.Errors = append(p.Errors, r.reader.rowErrors(ir, list, p.Headers, r.c.Locale)...)
	}
}

// chunks writes chunk by chunk, leaving out rows with problems.
func (r *importRun) chunks(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		place, err := strconv.Atoi("0" + r.job.Place)
		if err != nil {
			return fmt.Errorf("read the import's place: %w", err)
		}
		rows, err := r.reader.next(ctx, importChunk)
		if err != nil {
			return err
		}
		err = r.chunk(ctx, rows)
		switch {
		case errors.Is(err, errReleased):
			if err := r.open(ctx, place); err != nil { // what was read is read again, by the new revision
				return err
			}
			continue
		case err != nil:
			return err
		case len(rows) == 0:
			return nil
		}
		if err := r.renew(ctx); err != nil {
			return err
		}
	}
}

// chunk writes rows in one transaction, with the counts and the place in the file after them: a kill leaves all of
// that or nothing. No rows are the end of the import.
func (r *importRun) chunk(ctx context.Context, rows []*importRecord) error {
	known, err := r.reader.existing(ctx, rows)
	if err != nil {
		return err
	}
	to := *r.job
	to.Place = strconv.Itoa(r.reader.after)
	var next *importPlan
	together := true
	write := func(ctx context.Context, tw *writer) error {
		if err := r.begin(ctx, tw); err != nil {
			return err
		}
		if err := r.reader.prefetch(ctx, tw.world, rows); err != nil {
			return err
		}
		next = r.plan.copy()
		if !r.careful {
			tw.hold(together)
		}
		for _, ir := range rows {
			if err := r.chunkRow(ctx, tw, next, ir, r.reader.targetOf(ir, known)); err != nil {
				return err
			}
		}
		if err := tw.held.flush(ctx); err != nil {
			return err
		}
		if len(rows) == 0 {
			return r.end(ctx, tw.tx, next, importDone)
		}
		if to.Progress, err = next.encode(); err != nil {
			return err
		}
		return tw.tx.MoveJob(ctx, *r.job, to)
	}
	err = r.e.write(ctx, r.c, r.c.claimOf(r.ent, false), write)
	if errors.Is(err, errPostOnce) {
		together = false
		err = r.e.write(ctx, r.c, r.c.claimOf(r.ent, false), write)
	}
	if errors.Is(err, errCareful) {
		r.careful = true
		err = r.e.write(ctx, r.c, r.c.claimOf(r.ent, false), write)
	}
	if err != nil {
		return err
	}
	r.plan, *r.job = next, to
	return nil
}

// chunkRow writes a record or notes why it is left out.
func (r *importRun) chunkRow(ctx context.Context, tw *writer, next *importPlan, ir *importRecord, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	put := func(ctx context.Context) error { return tw.put(ctx, r.ent, ir, id) }
	var err error
	if r.careful {
		if err = tw.tx.Try(ctx, put); err != nil {
			clear(tw.rows) // some may be of what was undone
		}
	} else {
		err = put(ctx)
	}
	if err == nil {
		next.Read += ir.read
		next.Written++
		return nil
	}
	problem, clean := asProblem(err)
	if !clean {
		var told bool
		if problem, told = asProblem(r.e.storeProblem(tw.call, err)); !told || isBusy(err) {
			return err
		}
	}
	if !r.careful && (!clean || id == "" && len(r.ent.Numbers) > 0) {
		return errCareful // a number was taken, or the database has refused
	}
	r.bad(next, ir, problem.List)
	return nil
}

// renew takes the next chunk's rights and instant; when the app was released meanwhile the file is read on by the new
// revision.
func (r *importRun) renew(ctx context.Context) error {
	c, err := r.e.importCall(ctx, r.c)
	if err != nil {
		return err
	}
	if c.Snap != r.c.Snap || c.Actor != r.c.Actor {
		return r.open(ctx, r.reader.after)
	}
	r.c.Now = c.Now
	return nil
}

// fresh is the plan before its first row.
func (p *importPlan) fresh() *importPlan {
	next := *p
	next.Read, next.Written, next.Skipped, next.Errors, next.Problem = 0, 0, 0, nil, ""
	return &next
}

// copy is the plan for the next rows to be counted in.
func (p *importPlan) copy() *importPlan {
	next := *p
	next.Errors = slices.Clip(p.Errors)
	return &next
}

func (p *importPlan) encode() ([]byte, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("write the import: %w", err)
	}
	return body, nil
}
