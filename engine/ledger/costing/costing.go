// Package costing finds what goods are worth as they move: it takes the rows of one cost pool in their order and
// says what each is worth, by moving average, month-weighted average, first or last in first out, or standard cost.
//
// It is pure: no database, no clock, no randomness. The same rows in the same order give the same values, so that a
// ledger can be proven by running it again. Quantities and values are exact decimals; values are rounded half up to
// the policy's scale, and whoever takes the last of a quantity takes all the value that is left: no quantity, no value.
//
// What a document said is never changed. What is found out later about a cost (a receipt covers goods that were sold
// before they came; freight is added to goods of which some have gone) is answered as a Correction, a row of its own.
package costing

import (
	"errors"

	"tenon/metamodel/value"
)

// UnitScale is how many digits after the point a unit cost has. A pool that was kept and one that is run again must
// go on with the same unit cost, so there are no more digits than those that are kept.
const UnitScale = 6

// Method is a way to value what goes out.
type Method string

// The methods of costing.
const (
	Average  Method = "average"  // 移动加权平均: the pool's value ÷ its quantity at that moment
	Month    Method = "month"    // 全月一次加权平均: like Average until CloseMonth values the month
	FIFO     Method = "fifo"     // 先进先出
	LIFO     Method = "lifo"     // 后进先出; for management only, Chinese accounting standards don't allow it
	Standard Method = "standard" // 标准成本: differences of price are corrections
	None     Method = "none"     // values as given, no quantities: receivables and payables
)

// Where the difference goes when goods that were sold before they came turn out to cost something else.
const (
	ToIssue   = "issue"   // the issue that went below zero
	ToReceipt = "receipt" // the receipt that covered it
)

// What returned goods are worth.
const (
	AtOriginal = "original" // what the returned row was worth, corrections included
	AtCurrent  = "current"  // the pool's unit cost now
	AtQueue    = "queue"    // returns to a supplier: whatever is next to go out
)

// Where landed cost and invoice variance go.
const (
	Split     = "split"   // what is still there carries its share, the issues that took the rest carry theirs
	ToStock   = "stock"   // all to what is there
	ToExpense = "expense" // nothing to stock
)

// Policy is how a pool is valued.
type Policy struct {
	Method         Method
	ValueScale     int32 // digits of values after the point
	CheckScale     int32 // a quantity that rounds to 0 at this scale is none
	NegativeTo     string
	CustomerReturn string
	SupplierReturn string
	Variance       string
	Standard       value.Decimal // unit cost; method Standard only, where neither a row nor a Change brings one
}

// Verb is what a row does.
type Verb string

// The verbs of rows.
const (
	In      Verb = "in"
	Out     Verb = "out"
	Count   Verb = "count"   // sets the balance of its key
	Revalue Verb = "revalue" // changes what is there is worth, no quantity
	Change  Verb = "method"  // from here on the pool is valued by another method
)

// Row is an entry on its way through its pool, in the order of (day, sequence, leg). Void rows and their reversals are
// left out.
type Row struct {
	ID       string
	Key      string // full key of the balance: attribution in average pools stays inside it
	Verb     Verb
	Quantity value.Decimal  // what moves: + in, − out; answered for Count
	Asked    value.Decimal  // Count: the balance that was found
	Given    *value.Decimal // value that a document or another row gives, signed like Quantity; Revalue: the amount. nil = to be found
	Rate     *value.Decimal // Count: unit cost of what is found; Revalue without Origin: the unit cost to set; method Standard: the standard of this row, and of those after a Change that have none
	Method   Method         // Change: the new one
	Origin   *Origin        // what this row returns; Revalue: the receipt whose cost changes

	Value, Remaining, RemainingValue value.Decimal // answers; Remaining is negative on an issue that nothing covers yet
	RunningQuantity, RunningValue    value.Decimal // of the pool after this row, before its corrections
}

// Origin is a row that another one returns or revalues, as it stands: Quantity and Value as they were posted (an
// issue's are negative) with corrections included, and what was returned of it so far, unsigned.
type Origin struct {
	ID               string
	Quantity, Value  value.Decimal
	ReturnedQuantity value.Decimal
	ReturnedValue    value.Decimal
	// Undone, of what is revalued, are the rows by which its own document took some of it back: that never came.
	Undone []string
}

// Correction is a change of an earlier row's cost, found with the row that was applied: a row of its own right after
// it, without quantity. An issue costs −(its value + its corrections).
type Correction struct {
	Origin                        string
	Value                         value.Decimal
	RunningQuantity, RunningValue value.Decimal
}

// Touched is an earlier row of which more was taken, or covered.
type Touched struct {
	ID                        string
	Remaining, RemainingValue value.Decimal
}

// Effect is what applying a row does besides its own answers.
type Effect struct {
	Corrections []Correction
	Touched     []Touched
}

// State is a pool between two rows. Layers are the rows that are not used up, in their order.
type State struct {
	Quantity, Value, UnitCost value.Decimal
	Method                    Method                   // by which it is valued now; "" is the policy's
	Standard                  value.Decimal            // with Method: that of rows that have none
	Keys                      map[string]value.Decimal // balance by key
	Layers                    []Layer
	Ways                      *Ways // nil: not known
}

// Layer is the open part of a row: what is left of a receipt, or, negative, what nothing has covered of an issue.
type Layer struct {
	ID, Key         string
	Quantity, Value value.Decimal
}

// The errors of costing besides those of decimals.
var (
	// ErrReplay says that a pool must be run from its first row: a restored one doesn't know who took what.
	ErrReplay = errors.New("the pool must be run from its first row")
	// ErrNothing says that there is nothing whose value could change, or nothing to return.
	ErrNothing = errors.New("there is nothing to value")
)
