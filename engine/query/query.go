// Package query is the typed question that a list, a lookup or an aggregate asks of the store: conditions as
// checked expression trees, order, page, columns. It never holds SQL text and never decides permissions.
package query

import (
	"context"
	"time"

	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// Env is what the parameters of conditions are evaluated with, once per request.
type Env struct {
	Model *expr.Model
	User  *expr.User
	Now   time.Time
	Zone  *time.Location
	// Formula returns the tree of a computed field's formula, so that a virtual field can be computed where
	// the records are; nil (the function or its answer) means that it can't be.
	Formula func(*metamodel.Field) *expr.Node
	// What parameters may need besides: the request's context, the record that a condition on another entity's
	// candidates is asked for (its fields by bare name), and the world for walking that record's references.
	Ctx    context.Context //nolint:containedctx // Env is one request's
	Row    value.Row
	Parent value.Row // the record that Row is a line of
	World  expr.World
}

// Select asks for records of one entity. Conditions are joined by AND; a condition whose value is null or an
// error does not hold.
type Select struct {
	Entity *metamodel.Entity
	// Var is the record variable that conditions see the records as: "" or, for the candidates of a reference
	// (Field.Options), "it". Other record variables are then read from Env.Row.
	Var    string
	Where  []*expr.Node   // each of type Bool over the record Var
	Rows   []*expr.Node   // more of them, over the record by bare names whatever Var is: who may see which candidates
	IDs    []string       // when not nil, only these
	To     metamodel.Path // IDs are those of the records that this path of references leads to; empty: the records' own
	Search *Search
	Order  []Order // the store appends id, so that the order is total
	After  *Cursor
	Skip   int // records left out before the first, counted from After where that is given
	Limit  int
	Bin    Bin
	Fields []*metamodel.Field // slots to fill; nil = every stored field. Virtual fields are computed in SQL when lowerable; id is always wanted.
	Lock   bool               // FOR UPDATE where the database has it
	Share  bool               // FOR SHARE where the database has it: nobody changes the records before the transaction ends
}

// Order is one sort key. Null sorts as smaller than every value, on both databases. A choice sorts by its
// options' order.
type Order struct {
	Path       metamodel.Path // last is the field; more than one = over references
	Descending bool
}

// Cursor is a place in an ordered list: the values of the Order keys and the id of the last record seen.
type Cursor struct {
	Keys []any
	ID   string
}

// Bin says whether deleted records are seen.
type Bin uint8

// Whether deleted records are seen.
const (
	Live    Bin = iota // only records that are not deleted
	Deleted            // only deleted records
	Any
)

// Search finds Text in any of the Paths (contains, case-insensitive for ASCII), or, Exact, what is just that text.
type Search struct {
	Text  string
	Paths []metamodel.Path
	Exact bool
}

// Aggregate asks for groups with measures.
type Aggregate struct {
	Entity   *metamodel.Entity
	Where    []*expr.Node
	IDs      []string       // when not nil, only these
	To       metamodel.Path // IDs are those of the records that this path of references leads to
	Search   *Search
	Groups   []Group
	Measures []Measure
	Limit    int // groups at most
	Bin      Bin
	Descend  bool
	ByFirst  bool     // order by the first measure instead of by the groups
	Filled   bool     // only groups in which some measure is neither null nor 0
	Present  *Measure // only groups in which this, a count, is not 0; nil is all
	Spans    *Spans   // of a kept aggregate by months and years: which of its groups are asked for
}

// Spans are the groups that a question over a kept aggregate by months and years reads, with rows that are counted beside
// them, each as a group of its own day.
type Spans struct {
	Kept   *metamodel.Kept
	Groups []Span
	Rows   bool           // rows are counted beside the groups
	Where  []*expr.Node   // over the rows: which
	Values [][]*expr.Node // over the rows, value by value: which it is of
}

// Span is a run of days in groups of one grain: from a day on, up to another and without it. Nil is no bound; without
// any, days that are not known are in it.
type Span struct {
	Grain    int
	From, To *value.Date
	Less     bool // what is in it is taken away
}

// Same tells whether two spans are of the same groups.
func (s Span) Same(o Span) bool {
	same := func(a, b *value.Date) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }
	return s.Grain == o.Grain && same(s.From, o.From) && same(s.To, o.To)
}

// Group is one key of an aggregate; Unit buckets dates and instants ("", day, week, month, quarter, year; in Zone of Env).
type Group struct {
	Path metamodel.Path
	Unit string
}

// Measure is a number per group. Path is nil for count. Fn is count, sum, avg, min, max, distinct.
type Measure struct {
	Fn    string
	Path  metamodel.Path
	Parts *Parts // of a kept aggregate: what the rows of its table hold; Path is nil then
	// Where says which records the measure is of, besides the question's own conditions; joined by AND, nil is all.
	Where []*expr.Node
}

// Parts are the fields of a kept aggregate's table that a measure is made of: how many values, and their sum in two parts
// in units of the last digit. A count of rows has a count alone. Where the question has Spans, it is of these.
type Parts struct {
	Count, High, Low *metamodel.Field
	Spans            []Span
	Scale            int
	Whole            bool // the sum is an integer
}

// Groups is an aggregate's answer: Keys then Values per row, in the order asked.
type Groups struct {
	Rows []GroupRow
	More bool // there were more groups than Limit
}

// GroupRow is one group.
type GroupRow struct {
	Keys   []any
	Values []any
}

// Page is a list's answer. Next is nil on the last page.
type Page struct {
	Rows []value.Row
	Next *Cursor
}
