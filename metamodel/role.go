package metamodel

// Action is what a grant allows on an entity.
type Action string

// The actions. A transition is granted by ActTransition (all of the entity's) or by its own name as
// `transition:<name>`.
const (
	ActRead       Action = "read"
	ActCreate     Action = "create"
	ActUpdate     Action = "update"
	ActDelete     Action = "delete"
	ActTransition Action = "transition"
	ActExport     Action = "export"
	ActImport     Action = "import"
	ActAssign     Action = "assign" // change owner and department
)

// Actions lists all actions in the order in which screens show them.
var Actions = []Action{ActRead, ActCreate, ActUpdate, ActDelete, ActTransition, ActExport, ActImport, ActAssign}

// Role is a set of grants. Without a grant there is no access.
type Role struct {
	ID        ID
	Name      string
	Title     Label
	Help      Label
	Installer bool // given to whoever installs the app
	Inherits  []*Role
	Grants    []*Grant
	Menu      []ID // menu items shown; empty = all whose views the role may read
}

// Grant allows actions on one entity. Lines are covered by the grant on their parent.
type Grant struct {
	ID          ID
	Entity      *Entity
	Actions     []Action
	Transitions []*Transition // granted one by one, besides ActTransition for all
	Rows        *Formula      // only records for which it holds; nil = all
	Fields      []*FieldMask  // exceptions; a field not named can be read, and written where update is granted
}

// Mask is what a role may do with one field.
type Mask string

// The masks, strictest first.
const (
	MaskHidden   Mask = "hidden"   // as if the field did not exist
	MaskMasked   Mask = "masked"   // shown as ***, can't be filtered, sorted or exported
	MaskReadOnly Mask = "readonly" // shown, never written
)

// FieldMask is an exception to a grant; Line is set for a field of a line entity (Field belongs to it then).
type FieldMask struct {
	Field *Field
	Mask  Mask
}

// Scenario is a given / when / then test that ships with the app. Values are kept as JSON in source form
// (decimals as strings, `$name` refers to a record given or made before).
type Scenario struct {
	ID    ID
	Name  string
	Title Label
	Help  Label
	Given []*GivenRecord
	When  []*Step
	Then  []*Expectation
}

// GivenRecord is a record that exists before the scenario starts; it is made by the engine as the system
// actor. Handle is the `$` name, without the sign. Values may say under "$state" in which state the record is
// put directly.
type GivenRecord struct {
	Handle string
	Entity *Entity
	Values map[string]any
}

// Step is one act, as a role. Exactly one of Create, Update, Transition, Delete, Read is set by Do.
type Step struct {
	As     *Role          // who acts; nil = the system actor
	User   map[string]any // attributes of the acting user: {"attributes": {...}, "departments": [...]}
	Do     StepVerb
	Entity *Entity
	Record string         // handle of the record, for all but create
	Handle string         // name given to a created record
	Values map[string]any // create, update
	Name   string         // transition's name
	Refuse string         // when set, the step must be refused with this code or this rule's name
}

// StepVerb is what a step does.
type StepVerb string

// The verbs of steps.
const (
	StepCreate     StepVerb = "create"
	StepUpdate     StepVerb = "update"
	StepDelete     StepVerb = "delete"
	StepTransition StepVerb = "transition"
	StepRead       StepVerb = "read"
)

// Expectation is what must hold at the end: fields of a record, how many records a filter finds, or what a ledger has.
type Expectation struct {
	Record string         // handle
	Equals map[string]any // field → value
	Entity *Entity        // with Filter and Count
	Filter *Formula
	Count  int
	As     *Role // who looks; nil = the system actor

	Ledger    *Ledger
	At        map[string]any // with Ledger: dimension → value; what is not named is added up
	Quantity  string         // decimals; "" is not looked at
	Secondary string
	Value     string
	Reserved  string
}
