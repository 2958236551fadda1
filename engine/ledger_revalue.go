package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/ledger"
	"tenon/engine/policy"
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

// RevalueLedgers finds the right values of what documents left provisional because there was too much of it for one
// write. It is called at the start and from time to time. Each cost pool has a transaction of its own, so that people
// go on between them and what is done stays done.
func (e *Engine) RevalueLedgers(ctx context.Context) error {
	var errs []error
	for name, s := range *e.snaps.Load() {
		for _, l := range s.App.Ledgers {
			err := e.turnMethods(ctx, s, l.Name)
			if err == nil || passing(err) {
				err = e.revalueLedger(ctx, s, l.Name)
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("revalue %s of %s: %w", l.Name, name, err))
			}
		}
	}
	return errors.Join(errs...)
}

func (e *Engine) revalueLedger(ctx context.Context, s *compile.Snapshot, name string) error {
	c := Call{Actor: policy.Itself(), Snap: s, Now: e.now(), Locale: metamodel.DefaultLanguage, RequestID: "revalue", trusted: true}
	l := s.Ledger(name)
	waiting, err := e.provisional(ctx, c, l)
	if err == nil {
		e.valuing(s.App.Name, l.ID, waiting)
	}
	if err == nil && !waiting { // what gave pools another method may have come to its end without any value to find
		jobs, found := e.methodJobs(ctx, e.store.Reader(), s, name)
		waiting, err = len(jobs) > 0, found
	}
	for err == nil && waiting {
		if err := ctx.Err(); err != nil {
			return nil //nolint:nilerr // the process stops; whoever starts goes on
		}
		c.Now, c.Budget = e.now(), expr.NewBudget(expr.RequestBudget)
		err = e.write(ctx, c, claim{ledgers: true}, func(ctx context.Context, w *writer) (err error) {
			waiting, err = w.revalueSome(ctx, name)
			return err
		})
		if err == nil && !waiting {
			e.valuing(s.App.Name, l.ID, false)
		}
	}
	if p, told := asProblem(err); told && slices.ContainsFunc(p.List, func(d diag.Diagnostic) bool { return d.Code == "store.busy" || d.Code == "app.broken" }) {
		return nil // it is taken up again
	}
	return err
}

// revalueSome finds the values of some pools of a ledger, and tells whether others wait.
func (w *writer) revalueSome(ctx context.Context, name string) (more bool, err error) {
	l := w.call.Snap.Ledger(name)
	if l == nil {
		return false, nil // a release has done without it
	}
	kept, more, err := ledger.Revalue(ctx, w.tx, l.Ledger, w.bookOptions())
	if err != nil {
		return false, err
	}
	if err := w.derive(ctx, w.keptChanges(kept)...); err != nil {
		return false, err
	}
	if !more {
		if err := w.tellBook(ctx, l.Ledger); err != nil {
			return false, err
		}
	}
	return more, w.valuedMethods(ctx, l.Ledger)
}

// provisional tells, without holding anybody up, whether any pool of a ledger waits.
func (e *Engine) provisional(ctx context.Context, c Call, l *compile.Ledger) (bool, error) {
	f := l.Cost.Field("provisional")
	record := &expr.Node{Op: expr.OpVar, Type: expr.Rec, Entity: l.Cost}
	waits := &expr.Node{Op: expr.OpField, Type: expr.Bool, Field: f, Args: []*expr.Node{record}}
	page, err := e.store.Reader().Select(ctx, &query.Select{
		Entity: l.Cost, Where: []*expr.Node{waits}, Limit: 1, Fields: l.Cost.Columns()[:1],
	}, c.env())
	if err != nil {
		return false, fmt.Errorf("look for what is provisional: %w", err)
	}
	return len(page.Rows) > 0, nil
}
