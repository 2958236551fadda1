package metamodel

import "slices"

// CardType is how a card of a dashboard is drawn.
type CardType string

// The types of cards.
const (
	NumberCard  CardType = "number"
	BarCard     CardType = "bar"
	LineCard    CardType = "line"
	PieCard     CardType = "pie"
	StackedCard CardType = "stacked"
	PivotCard   CardType = "pivot"
	ListCard    CardType = "list"
)

// CardTypes are the types of cards, in the order in which the reference shows them.
var CardTypes = []CardType{NumberCard, BarCard, LineCard, PieCard, StackedCard, PivotCard, ListCard}

// Grouping is how many keys a card of the type groups its records by; lists show records as they are.
func (t CardType) Grouping() (least, most int) {
	switch t {
	case NumberCard, ListCard:
		return 0, 0
	case BarCard, LineCard:
		return 1, 2
	case PieCard:
		return 1, 1
	case StackedCard:
		return 2, 2
	default:
		return 1, MaxCardGroups
	}
}

// FilterKind is what a dashboard's filter narrows by.
type FilterKind string

// The kinds of filters.
const (
	PeriodFilter    FilterKind = "period"    // from one day to another
	DayFilter       FilterKind = "day"       // all up to a day, today when nobody says another
	ReferenceFilter FilterKind = "reference" // one record of Entity
	ChoiceFilter    FilterKind = "choice"    // one option of Enum
)

// Periods are the periods that have a name. They are seen from the company's day.
var Periods = []string{
	"today", "yesterday", "this_week", "last_week", "this_month", "last_month", "this_quarter", "last_quarter",
	"this_year", "last_year", "last_7_days", "last_30_days", "last_90_days", "last_12_months",
}

// DashboardFilter narrows all cards of a dashboard that are bound to it.
type DashboardFilter struct {
	ID      ID
	Name    string
	Title   Label
	Kind    FilterKind
	Entity  *Entity // reference
	Enum    *Enum   // choice
	Default string  // period: one of Periods, "" for all time
}

// Card is one thing that a dashboard shows: numbers over an entity's records, or some of the records. Lines are
// measured as well; the record that they belong to decides who sees them.
type Card struct {
	ID       ID
	Name     string
	Title    Label
	Help     Label
	Empty    Label // said where it has no groups or records; "" = the usual words
	Type     CardType
	Entity   *Entity
	Filter   *Formula // nil = all records
	Measures []*Measure
	Groups   []*CardGroup
	Columns  []*Column // list
	Sort     []*CardSort
	Limit    int          // groups, or records of a list
	Width    int          // of 12
	Height   int          // in rows
	Period   string       // one of Periods, which binds in the place of the dashboard's; "" = the dashboard's
	Previous bool         // number: compared with the period before
	Colors   []*ColorRule // number: conditions over the measures by name
	Binds    []*CardBind  // in the order of the filters' ids
	View     ID           // what a click opens, "" for nothing
	Keep     bool         // its groups are kept up with every write, so that it is answered without its records
	Flat     bool         // pivot: every key is a row's, the measures alone are the columns
}

// Measure is one number of a card.
type Measure struct {
	ID    ID
	Name  string
	Title Label    // "" = the field's own
	Op    string   // sum, count, avg, min, max, distinct
	Path  Path     // nil for a count of records
	Where *Formula // which of the card's records it is of; nil = all
	Span  Span     // how it stands to the card's period
	Minus bool     // shown with its sign turned: what went out as a positive number
}

// Span says which records a measure is of, by the period that the card is seen for: what there was when it began, what
// came in it, what there is when it ends.
type Span string

// The spans of measures.
const (
	Within Span = ""       // in the period
	Before Span = "before" // on the days before the period
	Until  Span = "until"  // on the days up to the end of the period
)

// Spans are the spans that a document may name.
var Spans = []Span{Before, Until}

// Conditional tells whether a measure is of some of the card's records only.
func (m *Measure) Conditional() bool { return m.Where != nil || m.Span != Within }

// Spans tells whether the card has measures of records outside its period.
func (c *Card) Spans() bool {
	return slices.ContainsFunc(c.Measures, func(m *Measure) bool { return m.Span != Within })
}

// Sparse tells whether the card leaves out groups in which all its measures are 0: where a measure is of some of the
// records only, or all are of what has come about up to a day, what has gone again need not be shown.
func (c *Card) Sparse() bool {
	return slices.ContainsFunc(c.Measures, (*Measure).Conditional) ||
		slices.ContainsFunc(c.Binds, func(b *CardBind) bool { return b.Filter != nil && b.Filter.Kind == DayFilter })
}

// CardGroup is one key that a card groups by.
type CardGroup struct {
	Path Path
	By   string // dates: day, week, month, quarter, year; "" = the value itself
}

// CardSort orders a list by a field of its records, or groups by a measure.
type CardSort struct {
	Field      *Field
	Measure    *Measure
	Descending bool
}

// CardBind says which field of a card's records a filter of the dashboard narrows.
type CardBind struct {
	Filter *DashboardFilter
	Path   Path
}

// Kind is what a measure's values are.
func (m *Measure) Kind() FieldKind {
	switch {
	case len(m.Path) == 0 || m.Op == "count" || m.Op == "distinct":
		return Integer
	case m.Op == "avg" && m.Path.Last().Kind == Integer:
		return Decimal
	}
	return m.Path.Last().Kind
}

// Result is a record of the card's measures: what the conditions of its colours see. Field i of it is measure i.
func (c *Card) Result() *Entity {
	e := &Entity{ID: c.ID, Name: c.Name, Title: c.Title}
	for i, m := range c.Measures {
		f := &Field{ID: m.ID, Name: m.Name, Title: m.Title, Kind: m.Kind(), Slot: i, Entity: e, Precision: MaxPrecision}
		if last := m.Path.Last(); last != nil {
			f.Scale = last.Scale
		}
		e.Fields = append(e.Fields, f)
	}
	e.columns = e.Fields
	return e
}

// Bind finds what a card binds to a filter, nil when it does not.
func (c *Card) Bind(f *DashboardFilter) Path {
	for _, b := range c.Binds {
		if b.Filter == f {
			return b.Path
		}
	}
	return nil
}

// PeriodBind finds the first bind of a card to a period.
func (c *Card) PeriodBind() *CardBind {
	for _, b := range c.Binds {
		if b.Filter != nil && b.Filter.Kind == PeriodFilter {
			return b
		}
	}
	return nil
}
