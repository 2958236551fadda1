package metamodel

import "strings"

// Rollup is a value that is worked out over the rows that point at a record, and kept in it: an order's delivered
// quantity over delivery lines, a customer's open balance over invoices.
type Rollup struct {
	Entity    *Entity // whose rows
	Path      Path    // from a row to the record: its reference, parent, or parent and a reference of the document
	Function  RollupFunction
	Value     *Formula // over the row; nil for count
	Where     *Formula // over the row; nil is all
	Order     []*RollupOrder
	Separator string // concat
}

// RollupOrder is one key of the order in which first, last and concat take rows, and in which a text field offers texts.
type RollupOrder struct {
	Path       Path // a field of the row, or parent and a field of its document
	Descending bool
}

// RollupFunction is what is made of the rows' values.
type RollupFunction string

// The functions of roll-ups. Sum and count of no rows are 0, distinct too; the others are null.
const (
	RollupSum      RollupFunction = "sum"
	RollupCount    RollupFunction = "count"
	RollupAverage  RollupFunction = "avg"
	RollupMin      RollupFunction = "min"
	RollupMax      RollupFunction = "max"
	RollupDeviate  RollupFunction = "stddev" // of a sample
	RollupFirst    RollupFunction = "first"
	RollupLast     RollupFunction = "last"
	RollupDistinct RollupFunction = "distinct" // how many different values
	RollupConcat   RollupFunction = "concat"
)

// RollupFunctions are all functions of roll-ups, in the order of the reference.
var RollupFunctions = []RollupFunction{
	RollupSum, RollupCount, RollupAverage, RollupMin, RollupMax, RollupDeviate, RollupFirst, RollupLast, RollupDistinct, RollupConcat,
}

// DefaultSeparator stands between the texts of a concat that doesn't say.
const DefaultSeparator = "、"

// MaxSeparator is how many characters the separator of a concat may have.
const MaxSeparator = 20

// Additive tells whether the function's value follows from sums over the rows, so that a change of one row changes
// it without a look at the others.
func (f RollupFunction) Additive() bool {
	switch f {
	case RollupSum, RollupCount, RollupAverage, RollupDeviate:
		return true
	default:
		return false
	}
}

// Ordered tells whether the function depends on the order of the rows.
func (f RollupFunction) Ordered() bool {
	return f == RollupFirst || f == RollupLast || f == RollupConcat
}

// Reference is the field that holds the record's id: a row's own, its document's, or a line's parent.
func (r *Rollup) Reference() *Field { return r.Path.Last() }

// Through tells whether the reference is not the row's but that of the document whose line the row is.
func (r *Rollup) Through() bool { return len(r.Path) > 1 }

// The fields of a ledger's entry that hold the ids of what posted it, whatever entity that is of.
const (
	EntryDocument = "document"
	EntryLine     = "line"
)

// EntrySource is the field of a ledger's entry with the name of the entity whose record posted it.
const EntrySource = "source"

// NamesSource tells whether the field is a ledger entry's EntrySource.
func (f *Field) NamesSource() bool {
	return f.Name == EntrySource && f.Entity != nil && f.Entity.Kept != nil && f.Entity == f.Entity.Kept.Entry
}

// Posted tells whether the rows are entries of a ledger that are found by the document or the line that posted them.
func (r *Rollup) Posted() bool {
	if r.Entity == nil || r.Entity.Kept == nil || r.Entity != r.Entity.Kept.Entry || len(r.Path) != 1 {
		return false
	}
	return r.Path[0].Name == EntryDocument || r.Path[0].Name == EntryLine
}

// Plain is the field of the row that the values are, nil where a value is worked out.
func (r *Rollup) Plain() *Field {
	if r.Value == nil {
		return nil
	}
	f := r.Entity.Field(strings.TrimSpace(r.Value.Source))
	if f == nil || f.Virtual() {
		return nil
	}
	return f
}

// Place are the fields that order rows which are equal otherwise: lines by their document and position, records by
// their id, which grows with time.
func (r *Rollup) Place() []*Field {
	columns := r.Entity.Columns()
	if r.Entity.IsLines() {
		return []*Field{columns[LineSlotParent], columns[LineSlotPosition]}
	}
	return []*Field{columns[SlotID]}
}
