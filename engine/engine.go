package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// Options are what an engine is made of.
type Options struct {
	Store   *store.Store
	Now     func() time.Time
	Logger  *slog.Logger
	PageKey []byte // seals page tokens; the same for all servers of a workspace
	Wake    func() // called after a commit that put events into the outbox
}

// Engine is the façade over one workspace. It is safe for concurrent use.
type Engine struct {
	store   *store.Store
	now     func() time.Time
	log     *slog.Logger
	pageKey []byte
	wakeUp  func()

	snaps     atomic.Pointer[map[string]*compile.Snapshot] // by app; replaced, never changed
	reloading sync.Mutex
	releasing sync.Mutex
	pushing   sync.Map // *metamodel.Field → bool
	epoch     atomic.Int64
	imports   importJobs

	refusals     chan store.Entry
	refusalsLost atomic.Int64
}

// New makes an engine and compiles the Snapshots of all released apps.
func New(ctx context.Context, o Options) (*Engine, error) {
	e := &Engine{store: o.Store, now: o.Now, log: o.Logger, pageKey: o.PageKey, wakeUp: o.Wake, refusals: make(chan store.Entry, maxRefusals)}
	e.snaps.Store(&map[string]*compile.Snapshot{})
	if err := e.reload(ctx); err != nil {
		return nil, err
	}
	return e, nil
}

// Store gives the edge the store for accounts, audit and backups.
func (e *Engine) Store() *store.Store { return e.store }

// Now is the engine's clock.
func (e *Engine) Now() time.Time { return e.now() }

// OnWake sets what is called after a commit that put events into the outbox. It is called once, before the first
// request.
func (e *Engine) OnWake(wake func()) { e.wakeUp = wake }

func (e *Engine) wake() {
	if e.wakeUp != nil {
		e.wakeUp()
	}
}

// Ready tells whether the engine can answer.
func (e *Engine) Ready() bool { return e.snaps.Load() != nil }

// newID makes a record's id: a UUIDv7, so that ids grow with time.
func (e *Engine) newID() string {
	id, err := uuid.NewV7()
	if err != nil {
		panic(fmt.Sprintf("engine: no randomness: %v", err)) // as fatal as no memory
	}
	return id.String()
}

// Snapshot returns the released state of an app that serves an actor.
func (e *Engine) Snapshot(app string, _ *policy.Actor) (*compile.Snapshot, error) {
	if s := (*e.snaps.Load())[app]; s != nil {
		return s, nil
	}
	return nil, diag.Refuse("app.not_found", "")
}

// pushable tells whether the store can compute a virtual field.
func (e *Engine) pushable(f *metamodel.Field) bool {
	if v, ok := e.pushing.Load(f); ok {
		return v.(bool) //nolint:forcetypeassert // only booleans are stored
	}
	s, err := e.snapshotOf(f)
	fine := err == nil && lower.LowerableOver(e.store.Dialect(), s.Formula(f), "", s.Formula) == nil
	e.pushing.Store(f, fine)
	return fine
}

func (e *Engine) snapshotOf(f *metamodel.Field) (*compile.Snapshot, error) {
	for _, s := range *e.snaps.Load() {
		if c := s.Of(f.Entity); c != nil && s.Formula(f) != nil {
			return s, nil
		}
	}
	return nil, store.ErrNotFound
}

// reload follows the references of the store: what has moved is compiled and then swapped in, all in one step.
func (e *Engine) reload(ctx context.Context) error {
	e.reloading.Lock()
	defer e.reloading.Unlock()
	marks, err := e.store.Reader().Marks(ctx)
	if err != nil {
		return fmt.Errorf("read marks: %w", err)
	}
	e.epoch.Store(marks.Epoch)
	old := *e.snaps.Load()
	next := maps.Clone(old)
	moved := false
	for _, ref := range marks.Refs {
		if ref.Env != compile.Production {
			continue
		}
		if s := old[ref.App]; s != nil && s.Generation == ref.Generation {
			continue
		}
		s, err := e.compileRef(ctx, ref)
		if err != nil {
			return err
		}
		next[ref.App], moved = s, true
	}
	if moved {
		e.snaps.Store(&next)
		e.pushing.Clear()
	}
	return nil
}

func (e *Engine) compileRef(ctx context.Context, ref store.Ref) (*compile.Snapshot, error) {
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

// followEvery is how often a server looks whether another one has released or changed rights.
const followEvery = 250 * time.Millisecond

// Follow keeps up with releases made by other servers of the workspace until ctx ends.
func (e *Engine) Follow(ctx context.Context) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := e.reload(ctx); err != nil && !errors.Is(err, context.Canceled) {
				e.log.ErrorContext(ctx, "follow releases", "error", err)
			}
		}
	}
}
