package ledger

import (
	"context"
	"time"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Source is the natural key of what was posted: posting it twice changes nothing.
type Source struct {
	Entity  string // name of the record's entity
	Record  string // id of the document
	Line    string // id of the line; the record's own where the record itself posts
	Posting metamodel.ID
}

// Posting is what one row of a document wants to have in the book. Quantities are unsigned: the verb has the direction.
type Posting struct {
	Source
	Ledger   *metamodel.Ledger
	Path     string // where in the request the row stands: where a diagnostic points
	Code     string // what people call the document
	Verb     metamodel.PostingVerb
	Day      value.Date
	Dims     []any // by the ledger's dimensions: string (id, text, option's name), value.Date or nil
	To       []any // transfer: where it goes, all dimensions
	Quantity value.Decimal
	// Secondary is what moves of the ledger's secondary quantity, unsigned; nil is nothing.
	Secondary *value.Decimal
	Value     *value.Decimal // unsigned but for revaluations; nil where costing finds it
	Rate      *value.Decimal // count, revalue: the unit cost to set
	Of        string         // id of the line or record that posted what comes back or is revalued
	From      metamodel.ID   // in: the posting of the same document whose goods went into this
	Share     *value.Decimal // with From: the weight of this row among those that take from it; nil is 1
}

// Policies are what a ledger's document answers for a key.
type Policies struct {
	CostMethod       string         // of pools that have no entry yet; others get it by TurnPools
	Negative         string         // forbid, allow
	NegativeLimit    *value.Decimal // allow: how far below zero; nil is any
	NegativeVariance string
	CustomerReturn   string
	SupplierReturn   string
	Variance         string
	StandardCost     *value.Decimal
	Backdate         string // open, days:n, never
	MethodFrom       *value.Date
	Reserve          string // on_hand, unlimited
	// ReservedCheck answers what becomes of who takes goods that are reserved for others: ignore, warn, forbid. It is asked
	// only where somebody does; nil, and "", follow from Reserve.
	ReservedCheck func(ctx context.Context) (string, error)
}

// Options are what a Book needs to know of the world around it.
type Options struct {
	App   *metamodel.App
	NewID func() string
	Now   time.Time  // when rows are written
	Today value.Date // in the company's zone: from where back-dating counts
	// Bound is how many entries of a pool a transaction may run again; 0 is the usual bound.
	Bound int
	// Old says that documents are posted which were there before: how far back people may post doesn't matter.
	Old bool
	// Together leaves the question whether there is enough to Settle.
	Together bool
	// Policies answers the policies of a key. The Book asks once for each key of a transaction.
	Policies func(ctx context.Context, l *metamodel.Ledger, dims []any) (Policies, error)
	// Describe names a key for people: the item, the warehouse. nil leaves it empty.
	Describe func(ctx context.Context, l *metamodel.Ledger, dims []any) (string, error)
}

// Change is a kept row before and after: nil before is a new one. Kept rows are never taken away.
type Change struct {
	Entity        *metamodel.Entity
	Before, After value.Row
}
