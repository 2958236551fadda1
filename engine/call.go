package engine

import (
	"time"

	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

// Call is everything about a request that business code may read: who asks, of which state of which app, when,
// in which language. It is made once and passed by value. Snap is nil for requests outside an app.
type Call struct {
	Actor          *policy.Actor
	Snap           *compile.Snapshot
	Now            time.Time
	Locale         string
	RequestID      string
	IdempotencyKey string
	Budget         *expr.Budget

	trusted bool // the system itself: scenarios' given records, demo data
}

// Result is the answer of a use case: the JSON to send and what the edge needs for its headers.
type Result struct {
	Body     []byte
	Version  int64
	ID       string
	Status   Status
	ETag     string // for answers that aren't records
	Replayed bool   // the answer of an earlier request with the same idempotency key
}

// Status is what the edge answers with.
type Status string

// The statuses of results.
const (
	StatusOK       Status = ""
	StatusCreated  Status = "created"
	StatusAccepted Status = "accepted"
	StatusEmpty    Status = "empty" // no body
)

// ReadOptions shape a record in an answer. Empty Fields means all that the actor may read.
type ReadOptions struct {
	Fields  []string
	Expand  []string
	Display bool // with the texts of the records, people and departments that the answer mentions
}

// ListRequest asks for a page of records.
type ListRequest struct {
	ReadOptions
	Filter    string // CEL over the record
	OrderBy   string // "received_on desc, code"
	PageToken string
	PageSize  int
	Skip      int    // records left out before the page, counted from PageToken where that is given
	Count     string // "", exact, estimate
	Search    string
	Deleted   bool   // the recycle bin
	View      string // whose filter binds, whose order is used where OrderBy is "", and whose colours are answered
	Saved     string // a named filter of the view

	card []*expr.Node // conditions of a dashboard's card; its lists have no next page
}

// env is what conditions' parameters are evaluated with.
func (c Call) env() *query.Env {
	return &query.Env{Model: c.Snap.Model, User: c.Snap.Permissions.User(c.Actor), Now: c.Now, Zone: c.Snap.Zone, Formula: c.Snap.Formula}
}

// entity finds an entity that records can be asked of: lines live inside their parents and are not found here,
// nor is an entity that the actor has no grant on at all.
func (c Call) entity(name string) (*compile.Entity, error) {
	if c.Snap == nil {
		return nil, diag.Refuse("app.not_found", "")
	}
	e := c.Snap.Entity(name)
	if e == nil || e.IsLines() || !c.knows(e) {
		return nil, diag.Refuse("entity.not_found", "", "entity", clip(name))
	}
	return e, nil
}

// knows tells whether the actor has any grant on the entity.
func (c Call) knows(e *compile.Entity) bool {
	if c.trusted {
		return true
	}
	for _, a := range metamodel.Actions {
		if c.Snap.Permissions.Decide(c.Actor, e.Entity, a).Allow {
			return true
		}
	}
	return false
}

// decide answers what the actor may do with an entity. Every path asks here and nowhere else. Lines are there for who may
// see their record, and in it the field that holds them.
func (c Call) decide(e *metamodel.Entity, action metamodel.Action) decision {
	unit := e
	if e.IsLines() {
		unit = e.Parent
	}
	if unit.Keeps(action) {
		return decision{}
	}
	if c.trusted {
		return decision{all: true}
	}
	d := decision{Decision: c.Snap.Permissions.Decide(c.Actor, unit, action)}
	if e.IsLines() {
		if !d.Open(e.Via) {
			return decision{}
		}
		d.line = c.Snap.RowsOfLines(d.Condition(), e)
	}
	if u := c.Snap.Unsettled(); u != nil && d.Allow {
		if f := rowsWait(u, d.rows()); f != nil {
			return decision{waits: f}
		}
	}
	return d
}

// require is decide for acts that stop where they are not granted.
func (c Call) require(e *compile.Entity, action metamodel.Action) (decision, error) {
	d := c.decide(e.Entity, action)
	if d.waits != nil {
		return d, c.computing(d.waits)
	}
	if !d.allow() {
		return d, c.denied(e, action, "")
	}
	return d, nil
}

// denied is the refusal of an act that the actor has no grant for, or not for this record.
func (c Call) denied(e *compile.Entity, action metamodel.Action, path string) error {
	if e.Keeps(action) && c.decide(e.Entity, metamodel.ActRead).allow() {
		return diag.Refuse("entity.kept", path, "entity", e.Title.In(c.Locale), "ledger", e.Kept.Title.In(c.Locale))
	}
	return diag.Refuse("access.denied", path, "entity", e.Title.In(c.Locale), "action", policy.ActionTitle(e.Entity, action))
}

// who is the id of the person who acts, nil for the system and for nobody.
func (c Call) who() any {
	if c.Actor.ID == "" || c.trusted {
		return nil
	}
	return c.Actor.ID
}

// by says who changes accounts.
func (c Call) by() store.By {
	return store.By{Actor: c.Actor.ID, ActorKind: c.Actor.Kind.String(), RequestID: c.RequestID}
}

// home is the department that a new record of the actor belongs to, nil when he has none.
func (c Call) home() any {
	if len(c.Actor.Departments) == 0 || c.trusted {
		return nil
	}
	return c.Actor.Departments[0]
}

// decision is a policy decision, or the system's own (all).
type decision struct {
	policy.Decision
	all   bool
	line  *expr.Node       // the condition on lines that Condition is on the record that they belong to; nil of others
	waits *metamodel.Field // nothing is allowed: who may is decided by a value that is being worked out
}

func (d decision) allow() bool { return d.all || d.Allow }

func (d decision) readable(f *metamodel.Field) bool { return d.all || d.Readable(f) }

func (d decision) writable(f *metamodel.Field) bool { return d.all || d.Writable(f) }

func (d decision) masked(f *metamodel.Field) bool { return !d.all && d.Masked(f) }

// open tells whether a field's value may be used: shown, looked for, compared.
func (d decision) open(f *metamodel.Field) bool { return d.all || d.Open(f) }

// rows is the condition that records must satisfy; nil means all.
func (d decision) rows() *expr.Node {
	switch {
	case d.all:
		return nil
	case d.line != nil:
		return d.line
	}
	return d.Condition()
}

// where is rows as a list of conditions, for queries.
func (d decision) where() []*expr.Node {
	if r := d.rows(); r != nil {
		return []*expr.Node{r}
	}
	return nil
}

// clip bounds a text from outside that goes into a message.
func clip(s string) string {
	const most = 64
	r := []rune(s)
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
