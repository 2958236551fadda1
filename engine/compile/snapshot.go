// Package compile turns an app's documents into a Snapshot: everything that a request needs, worked out once.
// It is the only maker of Snapshots. A Snapshot never changes, but for what is unsettled in it and what it
// remembers of row conditions, and is read without locks.
package compile

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"tenon/engine/policy"
	"tenon/metamodel"
	"tenon/metamodel/check"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

// Production is the environment in which people work.
const Production = "production"

// Source says which state of which app a Snapshot is made of.
type Source struct {
	Env        string
	Commit     string // content address of the released commit
	Generation int64  // of the ref; grows with every release
}

// Snapshot is one app at one released commit.
type Snapshot struct {
	Source
	App         *metamodel.App
	Zone        *time.Location
	Model       *expr.Model
	Permissions *policy.Permissions

	programs   *check.Programs
	byName     map[string]*Entity
	byID       map[metamodel.ID]*Entity
	ledgers    map[metamodel.ID]*Ledger
	formulas   map[*metamodel.Field]*Program
	conditions map[*metamodel.Formula]*Program // of forms
	ranks      map[*metamodel.Field]int
	near       map[*metamodel.Field][]*Computed
	unsettled  atomic.Pointer[Unsettled]
	aggregates []*Aggregate
	lineRows   lineRows
}

// Compile builds the Snapshot of an app, or says all that is wrong with it. Warnings don't stop it.
func Compile(app *metamodel.App, src Source) (*Snapshot, diag.List) {
	zone, err := time.LoadLocation(app.Timezone)
	if err != nil {
		return nil, diag.List{diag.New("app.timezone_unknown", "/app/timezone", "zone", app.Timezone)}
	}
	programs, list := check.Compile(app)
	if list.HasErrors() {
		return nil, list
	}
	s := &Snapshot{
		Source: src, App: app, Zone: zone, Model: programs.Model(), programs: programs,
		byName: make(map[string]*Entity, len(app.Entities)), byID: make(map[metamodel.ID]*Entity, len(app.Entities)),
		formulas: map[*metamodel.Field]*Program{},
	}
	for _, e := range app.Entities {
		c := s.newEntity(e)
		s.byName[e.Name], s.byID[e.ID] = c, c
	}
	s.compileLedgers()
	for _, c := range s.byName {
		s.linkEntity(c)
	}
	for _, c := range s.byName {
		if c.IsLines() {
			continue
		}
		if cycle := s.orderStored(c); cycle != nil {
			list = append(list, diag.New("field.cycle", "/entities/"+c.Name, "cycle", strings.Join(cycle, " → ")))
		}
	}
	if list.HasErrors() {
		return nil, list
	}
	s.derive()
	s.reposts()
	s.rounds()
	s.compileAggregates()
	s.compileForms()
	s.Permissions = policy.Compile(app, func(f *metamodel.Formula) *expr.Node { return programs.Of(f).Tree() })
	return s, list
}

// Entity looks an entity up by name; lines included. It returns nil for a name that the app doesn't have.
func (s *Snapshot) Entity(name string) *Entity { return s.byName[name] }

// EntityByID looks an entity up by its id; nil when the app doesn't have it.
func (s *Snapshot) EntityByID(id metamodel.ID) *Entity { return s.byID[id] }

// Of returns the compiled form of an entity of this app.
func (s *Snapshot) Of(e *metamodel.Entity) *Entity { return s.byID[e.ID] }

// Entities calls yield for each entity in the order of names.
func (s *Snapshot) Entities(yield func(*Entity) bool) {
	for _, e := range s.App.Entities {
		if !yield(s.byID[e.ID]) {
			return
		}
	}
}

// Program returns a formula's compiled program; nil stays nil.
func (s *Snapshot) Program(f *metamodel.Formula) *expr.Program {
	if f == nil {
		return nil
	}
	p := s.programs.Of(f)
	if p == nil {
		panic(fmt.Sprintf("compile: formula %q was not compiled", f.Source))
	}
	return p
}

// Formula returns the tree of a computed field's formula, nil for other fields. The store inlines virtual
// fields by it.
func (s *Snapshot) Formula(f *metamodel.Field) *expr.Node {
	if p := s.formulas[f]; p != nil {
		return p.Tree()
	}
	return nil
}

// Computed returns the program of a computed field, nil for other fields.
func (s *Snapshot) Computed(f *metamodel.Field) *Program { return s.formulas[f] }
