package metamodel

// ViewType is how a view is drawn.
type ViewType string

// The types of views.
const (
	FormView  ViewType = "form"
	TableView ViewType = "table"
	BoardView ViewType = "board"

	CalendarView  ViewType = "calendar"
	DashboardView ViewType = "dashboard"
)

// View is a screen over one entity, or a dashboard over several.
type View struct {
	ID     ID
	Name   string
	Title  Label
	Help   Label
	Type   ViewType
	Entity *Entity  // nil for a dashboard
	Filter *Formula // table, board, calendar: which records; CEL over the record and user

	Sections []*Section // form
	Paper    *Paper     // form: what is particular of its records on paper; nil = nothing

	Columns []*Column    // table: what is shown; board, calendar: what a card shows
	Sort    []*SortKey   // table, board
	Group   *Field       // table
	Colors  []*ColorRule // table, board, calendar
	Saved   []*SavedView // table: named filters that ship with the app
	Form    ID           // table, board, calendar: the form that opens a record ("" is the entity's first)

	By     *Field      // board: a column per option or referenced record
	Limits []*WIPLimit // board
	Sum    *Field      // board: total shown on each column
	Lane   *Field      // board: swimlanes
	Page   int         // table: rows per page

	Start *Field // calendar: the day or instant at which a record stands
	End   *Field // calendar: until when, the day included; nil = the day of Start alone

	Filters []*DashboardFilter // dashboard
	Cards   []*Card            // dashboard
}

// Paper says how the records of a form look when they are printed, where that is not how the form looks.
type Paper struct {
	Title       Label       // "" = the form's own
	Orientation Orientation // "" = by the width of the lines
	Note        Label       // stands below everything: terms, copies
	Signatures  []Label     // who signs, in order
}

// Orientation is how paper is held.
type Orientation string

// The orientations of paper.
const (
	Portrait  Orientation = "portrait"
	Landscape Orientation = "landscape"
)

// Medium is where a part of a form is shown, if not everywhere.
type Medium string

// The mediums of a form.
const (
	OnScreen Medium = "screen"
	OnPaper  Medium = "print"
)

// Section is a part of a form: a title over fields in 1 to 4 columns; sections with the same Tab share a tab.
type Section struct {
	ID      ID
	Name    string
	Title   Label
	Tab     Label
	Columns int
	Items   []*FormItem
	Visible *Formula
}

// FormItem places a field. Conditions are judged by the engine, never by the browser.
type FormItem struct {
	ID       ID
	Field    *Field
	Span     int // columns taken
	Visible  *Formula
	Required *Formula
	ReadOnly *Formula
	Help     Label
	Only     Medium    // "" = on the screen and on paper
	Lines    []*Column // columns of the grid, when Field is lines
}

// Column shows a field, or a field reached over references.
type Column struct {
	ID    ID
	Path  Path
	Title Label  // "" = the field's own
	Width int    // pixels; 0 = by kind
	Total string // "", sum, avg, min, max, count
	Fixed bool
	Only  Medium // of a grid of lines: "" = on the screen and on paper
	// Visible, of a grid of lines, is a condition over the record that they are lines of; nil is always.
	Visible *Formula
}

// SortKey orders by a field.
type SortKey struct {
	Field      *Field
	Descending bool
}

// ColorRule paints a row or a cell where a condition holds; Label says in words what the colour means.
type ColorRule struct {
	ID    ID
	Name  string
	When  *Formula
	Color string // red, orange, yellow, green, blue, purple, gray
	Field *Field // nil = the row
	Title Label
}

// SavedView is a named filter and order of a table.
type SavedView struct {
	ID     ID
	Name   string
	Title  Label
	Filter *Formula
	Sort   []*SortKey
}

// WIPLimit bounds how many records a board's column may hold.
type WIPLimit struct {
	Option *Option
	Max    int
}
