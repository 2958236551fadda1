package metamodel

import (
	"slices"
	"strconv"
	"strings"
)

// Ledger is a book of what documents post: by its dimensions it knows at any moment how much there is, what it is
// worth, and every row that made it so. It keeps three entities that nobody but Tenon writes.
type Ledger struct {
	ID    ID
	Name  string
	Title Label
	Help  Label
	Icon  string

	// Scope is a record of the dimensions alone: what policies see. It bears the ledger's id and is no entity of
	// the app; its field i is dimension i and sits in slot i.
	Scope      *Entity
	Dimensions []*Field // in the order of the key
	Quantity   *LedgerQuantity
	Secondary  *LedgerSecondary
	Value      *LedgerValue
	Pool       []PoolDimension
	ReserveBy  []*Field            // by which goods are reserved at least; nil is all
	Policies   map[Policy]*Formula // those that the document writes

	Entry, Balance, Cost *Entity // what the ledger keeps
}

// LedgerQuantity is how a ledger counts; a ledger without it knows values only.
type LedgerQuantity struct {
	Precision, Scale int
	CheckScale       int // digits after the point at which a rest counts as nothing
}

// LedgerSecondary is what a ledger counts beside its quantity, such as the pieces of goods that are weighed. It moves with
// the quantity and has no part in what goods are worth; a ledger without it keeps nothing of it.
type LedgerSecondary struct {
	Title            Label // of what is counted; nil is the usual one
	Precision, Scale int
}

// LedgerValue is in what a ledger values; a ledger without it knows quantities only.
type LedgerValue struct {
	Precision, Scale int
	Currency         string // "" is the app's
}

// PoolDimension is a dimension by which costs are told apart.
type PoolDimension struct {
	Field *Field
	Batch bool // only where the cost method is by batch
}

// Policy is one of the questions that a ledger's document answers for each key.
type Policy string

// The policies.
const (
	PolicyCostMethod       Policy = "cost_method"
	PolicyNegative         Policy = "negative"
	PolicyNegativeLimit    Policy = "negative_limit"
	PolicyNegativeVariance Policy = "negative_variance"
	PolicyCustomerReturn   Policy = "customer_return"
	PolicySupplierReturn   Policy = "supplier_return"
	PolicyVariance         Policy = "variance"
	PolicyStandardCost     Policy = "standard_cost"
	PolicyBackdate         Policy = "backdate"
	PolicyMethodFrom       Policy = "cost_method_from"
	PolicyReserve          Policy = "reserve"
	PolicyReservedCheck    Policy = "reserved_check"
)

// Policies lists all policies in the order in which documents show them.
var Policies = []Policy{
	PolicyCostMethod, PolicyMethodFrom, PolicyNegative, PolicyNegativeLimit, PolicyNegativeVariance, PolicyCustomerReturn,
	PolicySupplierReturn, PolicyVariance, PolicyStandardCost, PolicyBackdate, PolicyReserve, PolicyReservedCheck,
}

// BackdateDays is how a policy says how many days back may be posted: days:7.
const BackdateDays = "days:"

// PolicyDays are the policies that give a day.
var PolicyDays = map[Policy]bool{PolicyMethodFrom: true}

// PolicyWords are the words that a policy may give; a policy without words is a decimal, or a day.
var PolicyWords = map[Policy][]string{
	PolicyCostMethod:       {"average", "month", "fifo", "lifo", "batch", "standard", "none"},
	PolicyNegative:         {"forbid", "allow"},
	PolicyNegativeVariance: {"issue", "receipt"},
	PolicyCustomerReturn:   {"original", "current"},
	PolicySupplierReturn:   {"original", "current", "queue"},
	PolicyVariance:         {"split", "stock", "expense"},
	PolicyBackdate:         {"open", "never", BackdateDays + "n"},
	PolicyReserve:          {"on_hand", "unlimited"},
	PolicyReservedCheck:    {"ignore", "warn", "forbid"},
}

// PolicyDefaults is what holds where a document says nothing, or its formula gives nothing. The limit below zero,
// the standard cost and the day from which a method holds have none; what becomes of who takes reserved goods follows from
// how much may be reserved.
var PolicyDefaults = map[Policy]string{
	PolicyCostMethod: "average", PolicyNegative: "forbid", PolicyNegativeVariance: "issue", PolicyCustomerReturn: "original",
	PolicySupplierReturn: "original", PolicyVariance: "split", PolicyBackdate: "open", PolicyReserve: "on_hand",
}

// PostingVerb is what a posting does to its ledger.
type PostingVerb string

// The verbs of postings.
const (
	PostIn       PostingVerb = "in"
	PostOut      PostingVerb = "out"
	PostTransfer PostingVerb = "transfer"
	PostCount    PostingVerb = "count"
	PostRevalue  PostingVerb = "revalue"
	PostReserve  PostingVerb = "reserve"
)

// PostingVerbs lists all verbs in the order in which the reference shows them.
var PostingVerbs = []PostingVerb{PostIn, PostOut, PostTransfer, PostCount, PostRevalue, PostReserve}

// Posting says what a record posts to a ledger, for the record or for each of its lines. Formulas see the row: of a
// line its own fields, and the record as `parent`.
type Posting struct {
	ID         ID
	Name       string
	Title      Label
	Ledger     *Ledger
	Verb       PostingVerb
	Each       *Field     // the lines that post; nil is the record itself
	When       *Formula   // nil is always
	Day        *Formula   // the day that it counts for
	Dimensions []*Formula // by the ledger's dimensions; nil where the posting gives none
	To         []*Formula // transfer: where it goes; nil where that is as Dimensions has it
	Quantity   *Formula
	Secondary  *Formula // what moves of the ledger's secondary quantity
	Value      *Formula
	Rate       *Formula // revalue: the unit cost to set
	Of         *Formula // the id of the line or record that posted what comes back or is revalued
	From       *Posting // in: takes what this posting of the same record gave
	Share      *Formula // with From: its part
}

// Formulas lists the formulas that a posting has.
func (p *Posting) Formulas() []*Formula {
	all := slices.Concat([]*Formula{p.When, p.Day, p.Quantity, p.Secondary, p.Value, p.Rate, p.Of, p.Share}, p.Dimensions, p.To)
	return slices.DeleteFunc(all, func(f *Formula) bool { return f == nil })
}

// Posting looks a posting up by name.
func (e *Entity) Posting(name string) *Posting {
	for _, p := range e.Postings {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Ledger looks a ledger up by name.
func (a *App) Ledger(name string) *Ledger {
	for _, l := range a.Ledgers {
		if l.Name == name {
			return l
		}
	}
	return nil
}

// LedgerByID looks a ledger up by id.
func (a *App) LedgerByID(id ID) *Ledger {
	for _, l := range a.Ledgers {
		if l.ID == id {
			return l
		}
	}
	return nil
}

// Dimension looks a dimension up by name; -1 when there is none.
func (l *Ledger) Dimension(name string) int {
	for i, f := range l.Dimensions {
		if f.Name == name {
			return i
		}
	}
	return -1
}

// PoolDimensions are the dimensions by which costs are told apart: those that the document names, else all.
func (l *Ledger) PoolDimensions() []PoolDimension {
	if len(l.Pool) > 0 {
		return l.Pool
	}
	out := make([]PoolDimension, len(l.Dimensions))
	for i, f := range l.Dimensions {
		out[i] = PoolDimension{Field: f}
	}
	return out
}

// Levels tells which dimensions every reservation names; nil where that is all of them. What is available is judged over
// all keys that are alike in these.
func (l *Ledger) Levels() []bool {
	if len(l.ReserveBy) == 0 || len(l.ReserveBy) == len(l.Dimensions) {
		return nil
	}
	named := make([]bool, len(l.Dimensions))
	for i, d := range l.Dimensions {
		named[i] = slices.Contains(l.ReserveBy, d)
	}
	return named
}

// Kept lists the three entities that the ledger keeps.
func (l *Ledger) Kept() []*Entity { return []*Entity{l.Entry, l.Balance, l.Cost} }

// Amounts are the fields of what the ledger keeps that say how much there is and what it is worth; with worth those alone
// that say what it is worth.
func (l *Ledger) Amounts(worth bool) []*Field {
	var out []*Field
	for e, names := range map[*Entity][]string{
		l.Entry:   {"value", "running_value", "remaining_value"},
		l.Balance: nil,
		l.Cost:    {"value", "unit_cost"},
	} {
		if !worth {
			names = append(names, "quantity", "reserved", "available", "running_quantity", "remaining", "uncovered")
		}
		for _, name := range names {
			if f := e.Field(name); f != nil {
				out = append(out, f)
			}
		}
	}
	return out
}

// Role is what one of the kept entities holds: entry, balance or cost.
func (l *Ledger) Role(e *Entity) string { return strings.TrimPrefix(e.Name, l.Name+"_") }

// Allows tells whether a policy may give a word: one of its words, or a number of days.
func (p Policy) Allows(word string) bool {
	if rest, found := strings.CutPrefix(word, BackdateDays); p == PolicyBackdate && found {
		_, ok := BackDays(rest)
		return ok
	}
	return slices.Contains(PolicyWords[p], word) && word != BackdateDays+"n"
}

// maxBackdate is how many days back a policy may allow at most: about a hundred years.
const maxBackdate = 36_500

// BackDays reads the number in a policy's days:n.
func BackDays(number string) (days int, ok bool) {
	days, err := strconv.Atoi(number)
	return days, err == nil && days >= 0 && days <= maxBackdate
}
