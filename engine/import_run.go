package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// errBadRows ends an all-or-nothing import that has rows with problems.
var errBadRows = errors.New("rows with problems")

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
	p.Read, p.Written, p.Skipped, p.Errors, p.Problem = 0, 0, 0, nil, ""
	job.State, job.Place = importRunning, ""
	if err := e.saveImport(ctx, job, p); err != nil {
		return nil, err
	}
	answer, err := e.importResult(job, p, StatusAccepted)
	if err != nil {
		return nil, err
	}
	e.startImport(ctx, c, *job, p)
	return answer, nil
}

// startImport runs a job in the background. The actor's rights were decided for this run; they are decided anew for
// every chunk, against the Snapshot of that moment.
func (e *Engine) startImport(ctx context.Context, c Call, job store.Job, p *importPlan) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	e.imports.mu.Lock()
	if e.imports.cancels == nil {
		e.imports.cancels = map[string]context.CancelFunc{}
	}
	e.imports.cancels[job.ID] = cancel
	e.imports.mu.Unlock()
	e.imports.running.Add(1)
	go func() {
		defer e.imports.running.Done()
		defer cancel()
		e.runImport(ctx, c, &job, p)
		e.imports.mu.Lock()
		delete(e.imports.cancels, job.ID)
		e.imports.mu.Unlock()
	}()
}

// StopImports ends the imports of this process, at the end of their chunks, and waits for them. Those that write
// chunk by chunk go on at the next start.
func (e *Engine) StopImports() {
	e.imports.mu.Lock()
	for _, cancel := range e.imports.cancels {
		cancel()
	}
	e.imports.mu.Unlock()
	e.imports.running.Wait()
}

func (e *Engine) runImport(ctx context.Context, c Call, job *store.Job, p *importPlan) {
	err := e.importAll(ctx, c, job, p)
	final := context.WithoutCancel(ctx)
	switch {
	case err == nil:
		job.State = importDone
	case errors.Is(err, errBadRows):
		job.State = importFailed
	case errors.Is(err, context.Canceled):
		if now, _ := e.store.Reader().Job(final, job.ID); now.State == importRunning {
			return // the process stops: the job stays, to go on
		}
		job.State = importCancelled
	default:
		job.State = importFailed
		p.Problem = diag.New(diag.Internal, "").Text(c.Locale)
		if problem, ok := asProblem(err); ok {
			p.Problem = problem.First().Text(c.Locale)
		} else {
			e.log.ErrorContext(final, "import failed", "import", job.ID, "error", err)
		}
	}
	if err := e.saveImport(final, job, p); err != nil {
		e.log.ErrorContext(final, "save import", "import", job.ID, "error", err)
	}
	entry := store.Entry{
		At: e.now(), Actor: c.Actor.ID, ActorKind: c.Actor.Kind.String(), Action: "import", App: c.Snap.App.Name, EntityID: job.Entity,
		Data: fmt.Appendf(nil, `{"import":%q,"state":%q,"written":%d,"skipped":%d}`, job.ID, job.State, p.Written, p.Skipped),
	}
	if err := e.store.Write(final, store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.Journal(ctx, entry) }); err != nil {
		e.log.ErrorContext(final, "journal import", "import", job.ID, "error", err)
	}
}

func (e *Engine) importAll(ctx context.Context, c Call, job *store.Job, p *importPlan) error {
	ent := c.Snap.EntityByID(metamodel.ID(job.Entity))
	if ent == nil {
		return diag.Refuse("entity.not_found", "", "entity", "")
	}
	after, err := strconv.Atoi("0" + job.Place)
	if err != nil {
		return fmt.Errorf("read the import's place: %w", err)
	}
	c.Now = e.now()
	w := e.newWorld(c, e.store.Reader())
	r, done, err := e.openImport(ctx, w, ent, p, after)
	if err != nil {
		return err
	}
	defer done()
	if p.Mode == modeSkipBad {
		return e.importChunks(ctx, c, ent, job, p, r)
	}
	return e.importWhole(ctx, c, ent, job, p, r)
}

// importWhole writes all rows in one transaction. Rows are read again when the transaction has to be run again.
func (e *Engine) importWhole(ctx context.Context, c Call, ent *compile.Entity, job *store.Job, p *importPlan, r *importReader) error {
	first := true
	err := e.write(ctx, c, ent.Serializable, func(ctx context.Context, tw *writer) error {
		reader := r
		if !first {
			again, done, err := e.openImport(ctx, tw.world, ent, p, 0)
			if err != nil {
				return err
			}
			defer done()
			reader = again
		}
		first = false
		ent := tw.call.Snap.EntityByID(ent.ID)
		if ent == nil {
			return diag.Refuse("entity.not_found", "", "entity", "")
		}
		p.Read, p.Written, p.Errors = 0, 0, nil
		reader.resolve.w = tw.world
		for {
			rows, err := reader.next(ctx, importChunk)
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				break
			}
			if err := e.importRows(ctx, tw, ent, p, reader, rows, len(p.Errors) > 0); err != nil {
				return err
			}
			e.progress(ctx, job, p)
		}
		if len(p.Errors) > 0 {
			return errBadRows
		}
		return nil
	})
	if err != nil {
		p.Written = 0
	}
	return err
}

// progress tells how far a transaction is that has not committed: it is kept in memory only.
func (e *Engine) progress(_ context.Context, job *store.Job, p *importPlan) {
	e.imports.mu.Lock()
	defer e.imports.mu.Unlock()
	if e.imports.read == nil {
		e.imports.read = map[string]int{}
	}
	e.imports.read[job.ID] = p.Read
}

// importRows writes rows in the transaction at hand, or only judges them once one was bad.
func (e *Engine) importRows(ctx context.Context, tw *writer, ent *compile.Entity, p *importPlan, r *importReader, rows []*importRow, judge bool) error {
	known, err := r.existing(ctx, rows)
	if err != nil {
		return err
	}
	for _, ir := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		p.Read++
		id := r.targetOf(ir, known)
		if judge {
			err = tw.try(ctx, ent, ir, id)
		} else {
			err = tw.put(ctx, ent, ir, id)
		}
		if problem, ok := asProblem(err); ok {
			ir.list = problem.List
		} else if err != nil {
			return e.rowProblem(tw.call, ir, err)
		}
		if ir.list.HasErrors() {
			judge = true
			if len(p.Errors) < maxImportErrors {
				p.Errors = append(p.Errors, json.RawMessage(r.appendRowErrors(nil, ir, p.Headers, tw.call.Locale)))
			}
			continue
		}
		p.Written++
	}
	return nil
}

// rowProblem names the row of a refusal that ends the transaction, such as a value that must be unique.
func (e *Engine) rowProblem(c Call, ir *importRow, err error) error {
	told := e.storeProblem(c, err)
	problem, ok := asProblem(told)
	if !ok {
		return told
	}
	return diag.Refuse("import.row", "", "row", ir.number, "problem", problem.First().Text(c.Locale))
}

// importChunks writes chunk by chunk, leaving out rows with problems; the place in the file is kept with each chunk.
func (e *Engine) importChunks(ctx context.Context, c Call, ent *compile.Entity, job *store.Job, p *importPlan, r *importReader) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		c.Now = e.now()
		rows, err := r.next(ctx, importChunk)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := e.importChunk(ctx, c, ent, job, p, r, rows); err != nil {
			return err
		}
	}
}

// importChunk tries the rows together; when one is refused by the store, each is written by itself.
func (e *Engine) importChunk(ctx context.Context, c Call, ent *compile.Entity, job *store.Job, p *importPlan, r *importReader, rows []*importRow) error {
	known, err := r.existing(ctx, rows)
	if err != nil {
		return err
	}
	var good []*importRow
	judge := e.newWorld(c, e.store.Reader())
	for _, ir := range rows {
		if err := judge.try(ctx, ent, ir, r.targetOf(ir, known)); err != nil {
			return err
		}
		if ir.list.HasErrors() {
			p.skip(r, ir, c.Locale)
			continue
		}
		good = append(good, ir)
	}
	err = e.importGood(ctx, c, ent, job, p, r, good, known)
	if _, refused := asProblem(err); !refused {
		return err
	}
	for _, ir := range good {
		err := e.importGood(ctx, c, ent, job, p, r, []*importRow{ir}, known)
		if problem, refused := asProblem(err); refused {
			ir.list = problem.List
			p.skip(r, ir, c.Locale)
			continue
		}
		if err != nil {
			return err
		}
	}
	return e.saveImport(ctx, job, p)
}

func (p *importPlan) skip(r *importReader, ir *importRow, lang string) {
	p.Read++
	p.Skipped++
	if len(p.Errors) < maxImportErrors {
		p.Errors = append(p.Errors, json.RawMessage(r.appendRowErrors(nil, ir, p.Headers, lang)))
	}
}

// importGood writes rows that were judged good, with the import's place, in one transaction.
func (e *Engine) importGood(ctx context.Context, c Call, ent *compile.Entity, job *store.Job, p *importPlan, r *importReader, rows []*importRow, known map[string]string) error {
	next := *p
	next.Read, next.Written = p.Read+len(rows), p.Written+len(rows)
	body, err := json.Marshal(&next)
	if err != nil {
		return fmt.Errorf("write the import: %w", err)
	}
	place := *job
	place.Progress, place.Place = body, strconv.Itoa(r.after)
	err = e.write(ctx, c, ent.Serializable, func(ctx context.Context, tw *writer) error {
		ent := tw.call.Snap.EntityByID(ent.ID)
		if ent == nil {
			return diag.Refuse("entity.not_found", "", "entity", "")
		}
		for _, ir := range rows {
			if err := tw.put(ctx, ent, ir, r.targetOf(ir, known)); err != nil {
				return err
			}
		}
		return tw.tx.PutJob(ctx, place)
	})
	if err == nil {
		p.Read, p.Written, job.Place = next.Read, next.Written, place.Place
	}
	return err
}

// ImportCancel stops an import. What skip-bad has written stays; all-or-nothing leaves nothing.
func (e *Engine) ImportCancel(ctx context.Context, c Call, entity, id string) (*Result, error) {
	ent, _, err := c.importer(entity)
	if err != nil {
		return nil, err
	}
	job, p, err := e.loadImport(ctx, c, ent, id)
	if err != nil {
		return nil, err
	}
	if job.State == importRunning || job.State == importUploaded {
		job.State = importCancelled
		if err := e.saveImport(ctx, job, p); err != nil {
			return nil, err
		}
	}
	e.imports.mu.Lock()
	if cancel := e.imports.cancels[id]; cancel != nil {
		cancel()
	}
	e.imports.mu.Unlock()
	return e.importResult(job, p, StatusOK)
}

// abandoned is how long a running import must have been silent before another process takes it up.
const abandoned = time.Minute

// ResumeImports goes on with imports that a stop of the process interrupted. actor makes the person anew, with the
// rights of today; an import of somebody who is gone is given up.
func (e *Engine) ResumeImports(ctx context.Context, actor func(ctx context.Context, id string) (*policy.Actor, error)) error {
	jobs, err := e.store.Reader().Jobs(ctx, importKind, importRunning)
	if err != nil {
		return fmt.Errorf("list imports: %w", err)
	}
	for i := range jobs {
		job := &jobs[i]
		if e.store.Dialect() == lower.Postgres && e.now().Sub(job.UpdatedAt) < abandoned {
			continue // another server is at it
		}
		p := &importPlan{}
		if err := json.Unmarshal(job.Progress, p); err != nil {
			return fmt.Errorf("read import %s: %w", job.ID, err)
		}
		a, err := actor(ctx, job.Actor)
		snap := (*e.snaps.Load())[job.App]
		if err != nil || snap == nil {
			job.State = importFailed
			if err := e.saveImport(ctx, job, p); err != nil {
				return err
			}
			continue
		}
		c := Call{Actor: a, Snap: snap, Now: e.now(), Locale: langOf(a.Locale), RequestID: job.ID}
		e.startImport(ctx, c, *job, p)
	}
	return nil
}
