package engine

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/metamodel/diag"
)

// Options are what an engine is made of.
type Options struct {
	Store   *store.Store
	Now     func() time.Time
	Logger  *slog.Logger
	PageKey []byte // seals page tokens; the same for all servers of a workspace
	Wake    func() // called after a commit that put events into the outbox
	// LedgerBound is how many entries of a cost pool a write values again; more are left to RevalueLedgers. 0 is the usual bound.
	LedgerBound int
	// DeriveBound is how many records that follow a write are brought up to date with it; more are left to Recompute. 0
	// is the usual bound.
	DeriveBound int
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
	failures  atomic.Pointer[map[string]failure] // by app; replaced, never changed
	pushing   sync.Map                           // *metamodel.Field → bool
	seeking   sync.Map                           // *compile.Rollup → *seek
	shown     projections
	imports   importJobs
	ready     sync.Map // readyKey → true: kept aggregates that hold all records
	previews  previews

	ledgerBound  int // see Options.LedgerBound
	deriveBound  int // see Options.DeriveBound
	unsettled    unsettled
	jobsSeen     store.JobMark // by reload
	deriving     chan struct{} // there is something to work out
	keptBatch    int           // records that are added to a kept aggregate in one transaction
	refusals     chan store.Entry
	refusalsLost atomic.Int64
}

// New makes an engine and compiles the Snapshots of all released apps. An app that can't be compiled is told in the log
// and by Failed; the others are served.
func New(ctx context.Context, o Options) (*Engine, error) {
	now := func() time.Time { return Instant(o.Now()) }
	e := &Engine{store: o.Store, now: now, log: o.Logger, pageKey: o.PageKey, wakeUp: o.Wake, ledgerBound: o.LedgerBound, deriveBound: o.DeriveBound, keptBatch: keptBatch, deriving: make(chan struct{}, 1), refusals: make(chan store.Entry, maxRefusals)}
	if e.deriveBound == 0 {
		e.deriveBound = maxDerived
	}
	e.snaps.Store(&map[string]*compile.Snapshot{})
	e.failures.Store(&map[string]failure{})
	if err := e.reload(ctx); err != nil {
		return nil, err
	}
	if err := e.renewColumns(ctx); err != nil {
		return nil, err
	}
	return e, nil
}

// Store gives the edge the store for accounts, audit and backups.
func (e *Engine) Store() *store.Store { return e.store }

// Instant is a time as records keep it: in UTC, to the microsecond. What is answered at once is then the same as what
// is read later.
func Instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

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

// newID makes a record's id: a UUIDv7, so that ids grow with time.
func (e *Engine) newID() string {
	id, err := uuid.NewV7()
	if err != nil {
		panic(fmt.Sprintf("engine: no randomness: %v", err)) // as fatal as no memory
	}
	return id.String()
}

// passingID makes the id of a line that is not saved yet, by which a form knows it from call to call. It is a UUIDv8, so
// that no saved line has such an id; saving gives the line an id of its own.
func (e *Engine) passingID() string {
	id := uuid.MustParse(e.newID())
	id[6] = 0x80 | id[6]&0x0f
	return id.String()
}

// isPassing tells whether an id was made by passingID.
func isPassing(id any) bool {
	s, _ := id.(string)
	return validID(s) && s[14] == '8'
}

// Snapshot returns the released state of an app that serves an actor. To those who have no role in it and neither
// build nor administer it, the app doesn't exist.
func (e *Engine) Snapshot(app string, a *policy.Actor) (*compile.Snapshot, error) {
	if s := (*e.snaps.Load())[app]; s != nil && serves(s, a) {
		return s, nil
	}
	if _, failed := (*e.failures.Load())[app]; failed && (builds(a) || len(a.Roles[app]) > 0) {
		return nil, diag.Refuse("app.broken", "")
	}
	return nil, diag.Refuse("app.not_found", "")
}

// serves tells whether an app exists for an actor.
func serves(s *compile.Snapshot, a *policy.Actor) bool {
	return builds(a) || s.Permissions.Held(a) != policy.RoleSet{}
}

// builds tells whether an actor has to do with the documents of every app.
func builds(a *policy.Actor) bool {
	return a.Kind == policy.System || a.Admin || a.Builder || a.Reviewer
}
