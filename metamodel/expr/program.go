package expr

import (
	"context"
	"time"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Scope says which variables an expression sees.
type Scope struct {
	Entity *metamodel.Entity // the record, by bare field names; nil for expressions without a record
	Old    bool              // `old`: the record before the write, null on create
	It     *metamodel.Entity // `it`: a candidate record (options of a reference)
	// Readable, when set, makes every field outside it unknown, exactly as if it did not exist. It is
	// asked for each field walked, the system's included.
	Readable func(*metamodel.Field) bool
	// Query allows sumOf and its kin.
	Query bool
}

// User is the acting person as expressions see it.
type User struct {
	ID          string
	Roles       []string // role names
	Departments []string // ids of the person's departments and all below them
	Attributes  map[string]string
}

// World is what evaluation asks of the outside. It is called only for expressions that walk over a reference
// or query another entity.
type World interface {
	// Related returns the record of an entity by id, or nil when it doesn't exist.
	Related(ctx context.Context, e *metamodel.Entity, id string) (value.Row, error)
	// Query answers an aggregate; params are the values of q's outer parts in the order of q.Params().
	Query(ctx context.Context, q *Query, params []any) (any, error)
}

// Activation is the input of one evaluation. Row is laid out as Scope.Entity.Columns(); a line's `parent` is
// taken from Parent when set.
type Activation struct {
	Ctx    context.Context
	Row    value.Row
	Parent value.Row // for a line's formulas: the record it belongs to
	Old    value.Row // nil = null
	It     value.Row
	User   *User
	Now    time.Time
	Zone   *time.Location
	World  World
	Budget *Budget
}

// Budget is the cost units that one request may still spend on expressions. It is not safe for concurrent
// use: one request, one goroutine.
type Budget struct{ left int64 }

// RequestBudget is the cost that all expressions of one request may spend together.
const RequestBudget = 1_000_000

// NewBudget returns a budget of n units.
func NewBudget(n int64) *Budget { return &Budget{left: n} }

// What else this package offers to its neighbours (the lowering to SQL builds on it):
//
//	(m *Model) EvalNode(n *Node, act *Activation) (any, error)
//
// evaluates any sub-tree of a compiled program on its own: used for the parts of a filter that touch no record
// (a parameter such as user.attributes.region or addDays(today(), -30)), and for a Query's Params over the
// outer record. It may compile lazily and cache by node.
//
//	(n *Node) TouchesRecord() bool
//
// tells whether a sub-tree reads any record variable (or queries one).
