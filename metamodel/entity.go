package metamodel

import "slices"

// Entity is a kind of record that the app keeps.
type Entity struct {
	ID       ID
	Name     string
	Title    Label
	Help     Label
	Icon     string
	Fields   []*Field // in document order, without system fields
	Rules    []*Rule
	States   *States // nil when the entity has no state field
	Unique   []*Key
	Indexes  []*Key
	Display  *Field  // what a reference to a record shows; never nil after decoding without errors
	Search   []Path  // what the global search looks into
	Parent   *Entity // for lines: the entity whose record they live and die with
	Via      *Field  // for lines: the parent's field of kind lines
	Kept     *Ledger // the ledger that keeps it; nil for entities of documents
	Postings []*Posting
	columns  []*Field // system fields and Fields; index = slot
}

// Key is a set of fields that is unique together, or an index over them.
type Key struct {
	ID     ID
	Name   string
	Fields []*Field
}

// Path walks from a record over references to a field: supplier → name.
type Path []*Field

// FieldKind is one of the closed table of field kinds.
type FieldKind string

// The field kinds.
const (
	Text       FieldKind = "text"
	LongText   FieldKind = "longtext"
	RichText   FieldKind = "richtext"
	Integer    FieldKind = "integer"
	Decimal    FieldKind = "decimal"
	Money      FieldKind = "money"
	Percent    FieldKind = "percent" // 0.13 is 13 %
	Boolean    FieldKind = "boolean"
	Date       FieldKind = "date"
	DateTime   FieldKind = "datetime"
	Time       FieldKind = "time"
	Duration   FieldKind = "duration"
	Choice     FieldKind = "choice"
	Choices    FieldKind = "choices"
	Reference  FieldKind = "reference"  // many-to-one
	References FieldKind = "references" // many-to-many
	Lines      FieldKind = "lines"      // children that live and die with their parent
	Tree       FieldKind = "tree"       // parent within the same entity
	User       FieldKind = "user"
	Department FieldKind = "department"
	File       FieldKind = "file"
	Image      FieldKind = "image"
	Barcode    FieldKind = "barcode"
	Phone      FieldKind = "phone"
	Email      FieldKind = "email"
	Link       FieldKind = "link"
	Number     FieldKind = "number" // document number from a pattern
	JSON       FieldKind = "json"
)

// FieldKinds is the closed table of field kinds, in the order in which screens and the reference show them.
var FieldKinds = []FieldKind{
	Text, LongText, RichText, Integer, Decimal, Money, Percent, Boolean, Date, DateTime, Time, Duration, Choice, Choices,
	Reference, References, Tree, Lines, User, Department, File, Image, Barcode, Phone, Email, Link, Number, JSON,
}

// Field is one column of an entity. A computed field has Formula or Rollup, whatever its kind.
type Field struct {
	ID        ID
	Name      string
	Title     Label
	Help      Label
	Kind      FieldKind
	Slot      int // index into value.Row; set by Link
	System    bool
	Required  bool
	Entity    *Entity // where it belongs
	Min, Max  string  // numbers, dates: inclusive bounds as text; "" is none
	MinLength int
	MaxLength int    // texts, always set; multiple choice, references, files, lines: most items
	MinItems  int    // lines, references, choices, files
	Pattern   string // texts: RE2; as in JSON Schema it may match anywhere, unless it has ^ and $
	Precision int    // decimal, money, percent: digits in all
	Scale     int    // decimal, money, percent: digits after the point
	Currency  string // money: an ISO code, or "" when CurrencyField or the app's says it
	CurrencyF *Field // money: the choice or text field that holds the currency
	UnitF     *Field // decimal: the field that holds the unit
	Enum      *Enum  // choice, choices
	Target    *Entity
	OnDelete  OnDelete // reference, tree
	Number    *NumberPattern
	Default   *Formula     // evaluated on create when the field is absent
	Formula   *Formula     // computed: evaluated by Tenon, never written by people
	Stored    bool         // computed: kept in the table and brought up to date on every write; roll-ups always are
	Rollup    *Rollup      // computed over the rows that point at the record; has no Formula
	Options   *Formula     // reference, references: condition over `it` (the candidate) and the record
	Choices   *TextChoices // text: what it offers; Options says of which records
	Shows     []*Field     // reference: what is told beside a record that may be chosen
	Open      *Field       // reference: how much of a record that may be chosen is still open
	State     bool         // the entity's state field
	Unique    bool         // a key over this field alone
	Private   bool         // never shown in logs and events' data
}

// OnDelete says what happens to a reference when its target is deleted.
type OnDelete string

// What deleting a record does to those that point at it.
const (
	Restrict OnDelete = "restrict" // refused while anyone points at it
	SetNull  OnDelete = "set-null"
	Cascade  OnDelete = "cascade" // deleted together, to the recycle bin
)

// NumberPattern makes document numbers: PO{yyyyMMdd}-{0000}. The counter restarts with each new text of the
// date part.
type NumberPattern struct {
	Prefix string // text before, with {yyyy}, {yyyyMM}, {yyyyMMdd} in it
	Digits int
	Suffix string
	Source string // the pattern as written
}

// Formula is a CEL expression. Source has today's names and is what people see; Stored has `⟦id⟧` in the
// place of every name that resolves, so that a rename changes no formula.
type Formula struct {
	Source string
	Stored string
}

// Rule is a condition that must hold on write.
type Rule struct {
	ID       ID
	Name     string
	On       []RuleEvent // empty means create and update
	When     *Formula    // nil means always
	Check    *Formula
	At       *Field // where the message is shown; nil is the record
	Message  Label
	Severity string  // "error" (default) or "warning"
	Tell     []*Role // clock: who is told when the rule turns false; none is the record's owner
}

// RuleEvent is when a rule is judged.
type RuleEvent string

// The moments at which rules are judged.
const (
	OnCreate     RuleEvent = "create"
	OnUpdate     RuleEvent = "update"
	OnDeletion   RuleEvent = "delete"
	OnTransition RuleEvent = "transition"
	OnClock      RuleEvent = "clock" // from time to time, whether somebody writes or not
)

// States is the state machine over the entity's state field.
type States struct {
	Field       *Field
	Initial     *Option
	Transitions []*Transition
	// Frozen lists the states in which fields can't be changed except by a transition.
	Frozen []*Option
	// Waiting lists the states in which a record waits for somebody to move it on: the to-dos of those who may.
	Waiting []*Option
}

// Ends tells whether no transition leaves a state.
func (s *States) Ends(o *Option) bool {
	return !slices.ContainsFunc(s.Transitions, func(t *Transition) bool { return slices.Contains(t.From, o) })
}

// Transition moves a record from one of From to To.
type Transition struct {
	ID      ID
	Name    string
	Title   Label
	From    []*Option
	To      *Option
	When    *Formula // nil means always; a condition over the record and user
	Message Label    // shown when When does not hold
}

// Field looks a field up by name, system fields included.
func (e *Entity) Field(name string) *Field {
	for _, f := range e.columns {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// FieldByID looks a field up by id, system fields included.
func (e *Entity) FieldByID(id ID) *Field {
	for _, f := range e.columns {
		if f.ID == id {
			return f
		}
	}
	return nil
}

// Columns are the system fields followed by the document's fields; Columns()[f.Slot] == f.
func (e *Entity) Columns() []*Field { return e.columns }

// IsLines tells whether the entity's records live inside a parent's.
func (e *Entity) IsLines() bool { return e.Parent != nil }

// Link sets the columns and slots. Whoever builds an Entity calls it once, after Parent is known.
func (e *Entity) Link() {
	sys := systemFields[:]
	if e.IsLines() {
		sys = lineSystemFields[:]
	}
	e.columns = make([]*Field, 0, len(sys)+len(e.Fields))
	for _, s := range sys {
		f := s
		if f.Name == ParentField {
			f.Target = e.Parent
		}
		e.columns = append(e.columns, &f)
	}
	e.columns = append(e.columns, e.Fields...)
	for i, f := range e.columns {
		f.Slot, f.Entity = i, e
	}
}

// Slots of the system fields of a record, the same for every entity that is not lines.
const (
	SlotID = iota
	SlotVersion
	SlotCreatedAt
	SlotCreatedBy
	SlotUpdatedAt
	SlotUpdatedBy
	SlotOwner
	SlotDepartment
	SlotDeletedAt
	SystemSlots
)

// Slots of the system fields of a line.
const (
	LineSlotID = iota
	LineSlotParent
	LineSlotPosition
	LineSystemSlots
)

// ParentField is the name by which a line's formulas reach the record it belongs to.
const ParentField = "parent"

var systemFields = [SystemSlots]Field{
	SlotID:         {ID: "id", Name: "id", Kind: Text, System: true, MaxLength: 36, Title: Label{"zh-CN": "编号", "en-US": "ID"}},
	SlotVersion:    {ID: "version", Name: "version", Kind: Integer, System: true, Title: Label{"zh-CN": "版本", "en-US": "Version"}},
	SlotCreatedAt:  {ID: "created_at", Name: "created_at", Kind: DateTime, System: true, Title: Label{"zh-CN": "创建时间", "en-US": "Created at"}},
	SlotCreatedBy:  {ID: "created_by", Name: "created_by", Kind: User, System: true, Title: Label{"zh-CN": "创建人", "en-US": "Created by"}},
	SlotUpdatedAt:  {ID: "updated_at", Name: "updated_at", Kind: DateTime, System: true, Title: Label{"zh-CN": "修改时间", "en-US": "Updated at"}},
	SlotUpdatedBy:  {ID: "updated_by", Name: "updated_by", Kind: User, System: true, Title: Label{"zh-CN": "修改人", "en-US": "Updated by"}},
	SlotOwner:      {ID: "owner", Name: "owner", Kind: User, System: true, Title: Label{"zh-CN": "负责人", "en-US": "Owner"}},
	SlotDepartment: {ID: "department", Name: "department", Kind: Department, System: true, Title: Label{"zh-CN": "部门", "en-US": "Department"}},
	SlotDeletedAt:  {ID: "deleted_at", Name: "deleted_at", Kind: DateTime, System: true, Title: Label{"zh-CN": "删除时间", "en-US": "Deleted at"}},
}

var lineSystemFields = [LineSystemSlots]Field{
	LineSlotID:       {ID: "id", Name: "id", Kind: Text, System: true, MaxLength: 36, Title: Label{"zh-CN": "编号", "en-US": "ID"}},
	LineSlotParent:   {ID: "parent", Name: ParentField, Kind: Reference, System: true, Title: Label{"zh-CN": "所属单据", "en-US": "Parent"}},
	LineSlotPosition: {ID: "position", Name: "position", Kind: Integer, System: true, Title: Label{"zh-CN": "行号", "en-US": "Position"}},
}

// IsSystemName tells whether a name is taken by a system field.
func IsSystemName(name string) bool {
	for _, f := range systemFields {
		if f.Name == name {
			return true
		}
	}
	for _, f := range lineSystemFields {
		if f.Name == name {
			return true
		}
	}
	return false
}

// Computed tells whether Tenon and not a person gives the field its value.
func (f *Field) Computed() bool { return f.Formula != nil || f.Rollup != nil }

// Virtual tells whether the field has no column: it is evaluated when read.
func (f *Field) Virtual() bool { return f.Formula != nil && !f.Stored || f.Kind == Lines }

// IsText tells whether the kind holds free text.
func (k FieldKind) IsText() bool {
	switch k {
	case Text, LongText, RichText, Barcode, Phone, Email, Link, Number:
		return true
	default:
		return false
	}
}

// IsDecimal tells whether the kind holds an exact decimal.
func (k FieldKind) IsDecimal() bool { return k == Decimal || k == Money || k == Percent }

// IsReference tells whether the kind holds one id of another record of an app's entity.
func (k FieldKind) IsReference() bool { return k == Reference || k == Tree }

// IsList tells whether the kind holds a list of ids or names.
func (k FieldKind) IsList() bool {
	return k == Choices || k == References || k == File || k == Image
}

// Transition looks a transition up by name.
func (e *Entity) Transition(name string) *Transition {
	if e.States == nil {
		return nil
	}
	for _, t := range e.States.Transitions {
		if t.Name == name {
			return t
		}
	}
	return nil
}
