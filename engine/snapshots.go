package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"tenon/engine/compile"
	"tenon/engine/store"
	"tenon/engine/store/lower"
	"tenon/metamodel"
)

// How often a server looks whether another one has released or changed rights, and how often it tries anew what it
// could not compile.
const (
	followEvery = 250 * time.Millisecond
	failedEvery = 30 * time.Second
)

// failure is a released state that this process can't serve: another version of Tenon has released it, or what is
// stored of it is damaged.
type failure struct {
	generation int64
	at         time.Time
	err        error
}

// Failed counts the apps whose released state can't be served. Each is named in the log.
func (e *Engine) Failed() int { return len(*e.failures.Load()) }

// pushable tells whether the store can compute a virtual field of a Snapshot.
func (e *Engine) pushable(s *compile.Snapshot, f *metamodel.Field) bool {
	if v, ok := e.pushing.Load(f); ok {
		return v.(bool) //nolint:forcetypeassert // only booleans are stored
	}
	formula := s.Formula(f)
	fine := formula != nil && lower.LowerableOver(e.store.Dialect(), formula, "", s.Formula) == nil
	e.pushing.Store(f, fine)
	return fine
}

// reload follows the references of the store: what has moved is compiled and then swapped in, all in one step. An app
// that can't be compiled keeps the state that it had and does not hold up the others.
func (e *Engine) reload(ctx context.Context) error {
	e.reloading.Lock()
	defer e.reloading.Unlock()
	marks, err := e.store.Reader().Marks(ctx)
	if err != nil {
		return fmt.Errorf("read marks: %w", err)
	}
	next, failures := maps.Clone(*e.snaps.Load()), maps.Clone(*e.failures.Load())
	moved := false
	var unread []error
	for _, ref := range marks.Refs {
		if ref.Env != compile.Production || !e.moved(ref, failures) {
			continue
		}
		s, err := e.compileRef(ctx, ref)
		switch {
		case err == nil:
			next[ref.App], moved = s, true
			delete(failures, ref.App)
		case errors.Is(err, store.ErrBusy) || ctx.Err() != nil:
			unread = append(unread, err) // the database's trouble, not the app's
		default:
			if was, known := failures[ref.App]; !known || was.generation != ref.Generation {
				e.log.ErrorContext(ctx, "app can't be served", "app", ref.App, "generation", ref.Generation, "error", err)
			}
			failures[ref.App] = failure{ref.Generation, e.now(), err}
		}
	}
	e.failures.Store(&failures)
	if moved || marks.Jobs != e.jobsSeen {
		if !moved {
			next = nil
		}
		if err := e.readUnsettled(ctx, nil, next); err != nil {
			return err
		}
		e.jobsSeen = marks.Jobs
	}
	if moved {
		e.pushing.Clear()
		e.seeking.Clear()
		e.shown.clear()
		e.store.Forget()
	}
	return errors.Join(unread...)
}

// moved tells whether a reference is to be compiled: it is not what is served, and has not failed a moment ago.
func (e *Engine) moved(ref store.Ref, failures map[string]failure) bool {
	if s := (*e.snaps.Load())[ref.App]; s != nil && s.Generation == ref.Generation && s.Commit == ref.Commit {
		return false
	}
	f, failed := failures[ref.App]
	return !failed || f.generation != ref.Generation || e.now().Sub(f.at) >= failedEvery
}

// compileRef makes the Snapshot of a released state. What is stored may be of another version of Tenon, so that even a
// panic is only this app's.
func (e *Engine) compileRef(ctx context.Context, ref store.Ref) (s *compile.Snapshot, err error) {
	defer func() {
		if r := recover(); r != nil {
			s, err = nil, fmt.Errorf("compile %s at %s: panic: %v", ref.App, ref.Commit, r)
		}
	}()
	app, err := e.loadCommit(ctx, ref.Commit)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", ref.App, err)
	}
	s, list := compile.Compile(app, compile.Source{Env: ref.Env, Commit: ref.Commit, Generation: ref.Generation})
	if err := list.Err(); err != nil {
		return nil, fmt.Errorf("compile %s at %s: %w", ref.App, ref.Commit, err)
	}
	return s, nil
}

// Follow keeps up with releases made by other servers of the workspace until ctx ends. What goes wrong is told once,
// not at every look.
func (e *Engine) Follow(ctx context.Context) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	told := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := e.reload(ctx)
		switch {
		case err == nil:
			told = ""
		case ctx.Err() == nil && err.Error() != told:
			told = err.Error()
			e.log.ErrorContext(ctx, "follow releases", "error", err)
		}
	}
}
