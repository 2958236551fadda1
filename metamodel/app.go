// Package metamodel is what an app is made of: the documents as Go types, their stable ids, how two states
// of an app differ. It is pure: no files, network, database, clock, randomness or goroutines.
package metamodel

// ID is the stable identity of an element. Names are attributes; ids never change. Ids are 12 characters of
// lower-case base32 and safe inside physical names.
type ID string

// Label is a text for people by language ("zh-CN", "en-US").
type Label map[string]string

// In returns the label in a language, else in the default one, else in any.
func (l Label) In(lang string) string {
	if s := l[lang]; s != "" {
		return s
	}
	if s := l[DefaultLanguage]; s != "" {
		return s
	}
	for _, s := range l {
		return s
	}
	return ""
}

// DefaultLanguage is the language of `title` in source form.
const DefaultLanguage = "zh-CN"

// Kind is a kind of document.
type Kind string

// The kinds of documents.
const (
	KindApp      Kind = "app"
	KindEntity   Kind = "entity"
	KindLedger   Kind = "ledger"
	KindEnum     Kind = "enum"
	KindView     Kind = "view"
	KindRole     Kind = "role"
	KindScenario Kind = "scenario"
)

// Kinds lists all kinds in the order in which an app's folder shows them.
var Kinds = []Kind{KindApp, KindEntity, KindLedger, KindEnum, KindRole, KindView, KindScenario}

// App is one app at one state: all its documents, linked. It is immutable after decoding. Slices of
// documents are sorted by name.
type App struct {
	ID       ID
	Name     string
	Title    Label
	Summary  Label
	Icon     string
	Version  string
	Timezone string // IANA name of the company's zone for today(); default Asia/Shanghai
	Currency string // ISO 4217 code of amounts without a currency of their own; default CNY
	Menu     []*MenuItem

	Entities  []*Entity // with those that ledgers keep
	Ledgers   []*Ledger
	Enums     []*Enum
	Views     []*View
	Roles     []*Role
	Scenarios []*Scenario

	// Missing lists the references to elements that aren't in the app. It is empty in an app that was
	// decoded without errors; the pointers of these references are nil.
	Missing []Mention
}

// Mention is a reference to an element that isn't there.
type Mention struct {
	ID    ID     // of the element that is missed
	Owner ID     // the element that refers to it
	Path  string // where, as a JSON pointer from the app
}

// MenuItem is a group (Items) or a link to a view (View), never both.
type MenuItem struct {
	ID    ID
	Name  string
	Title Label
	Icon  string
	View  ID
	Items []*MenuItem
}

// Enum is a shared set of options, or the private set of one field (Private).
type Enum struct {
	ID      ID
	Name    string
	Title   Label
	Help    Label
	Private bool // belongs to one choice field and has its id
	Options []*Option
}

// Option is one choice. A retired option stays on old records and can't be chosen anew.
type Option struct {
	ID      ID
	Name    string
	Title   Label
	Color   string // #rrggbb or ""
	Retired bool
}

// Entity looks an entity up by name.
func (a *App) Entity(name string) *Entity {
	for _, e := range a.Entities {
		if e.Name == name {
			return e
		}
	}
	return nil
}

// EntityByID looks an entity up by id.
func (a *App) EntityByID(id ID) *Entity {
	for _, e := range a.Entities {
		if e.ID == id {
			return e
		}
	}
	return nil
}

// View looks a view up by name.
func (a *App) View(name string) *View {
	for _, v := range a.Views {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// Role looks a role up by name.
func (a *App) Role(name string) *Role {
	for _, r := range a.Roles {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// Enum looks a shared enum up by name.
func (a *App) Enum(name string) *Enum {
	for _, e := range a.Enums {
		if e.Name == name {
			return e
		}
	}
	return nil
}

// Option looks an option up by name.
func (e *Enum) Option(name string) *Option {
	for _, o := range e.Options {
		if o.Name == name {
			return o
		}
	}
	return nil
}
