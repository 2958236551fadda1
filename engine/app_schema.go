package engine

import (
	"context"
	"slices"

	"tenon/engine/compile"
	"tenon/metamodel"
)

// Schema describes an app to those who work in it: the entities, fields and actions that the actor has, the views over
// them and the menu. What he may not see is not in it.
func (e *Engine) Schema(_ context.Context, c Call, _ string) (*Result, error) {
	entities := []entityMeta{}
	for ent := range c.Snap.Entities {
		if ent.IsLines() || !c.knows(ent) {
			continue
		}
		entities = append(entities, c.entityMeta(ent))
	}
	views := []viewMeta{}
	for _, v := range c.Snap.App.Views {
		if c.sees(v) {
			views = append(views, viewMeta{v.Name, v.Title, string(v.Type), entityName(v.Entity)})
		}
	}
	app := c.Snap.App
	return e.json(nil, map[string]any{
		"app": app.Name, "title": app.Title, "icon": app.Icon, "version": app.Version, "timezone": app.Timezone,
		"currency": app.Currency, "generation": c.Snap.Generation, "roles": c.Snap.Permissions.RoleNames(c.Actor),
		"entities": entities, "views": views, "menu": c.menu(app.Menu),
	})
}

type viewMeta struct {
	Name   string          `json:"name"`
	Title  metamodel.Label `json:"title"`
	Type   string          `json:"type"`
	Entity string          `json:"entity,omitempty"`
}

func entityName(e *metamodel.Entity) string {
	if e == nil {
		return ""
	}
	return e.Name
}

type entityMeta struct {
	Name    string          `json:"name"`
	Title   metamodel.Label `json:"title"`
	Icon    string          `json:"icon,omitempty"`
	Display string          `json:"display,omitempty"`
	Actions []string        `json:"actions"`
	State   string          `json:"state_field,omitempty"`
	Initial string          `json:"initial_state,omitempty"`
	Moves   []moveMeta      `json:"transitions,omitempty"`
	Kept    string          `json:"kept,omitempty"`     // of what a ledger keeps: entry, balance or cost
	PostsTo []string        `json:"posts_to,omitempty"` // entries of ledgers, by the id of the record in their field document
	Fields  []fieldMeta     `json:"fields"`
}

type moveMeta struct {
	Name  string          `json:"name"`
	Title metamodel.Label `json:"title"`
	From  []string        `json:"from"`
	To    string          `json:"to"`
	Final bool            `json:"final,omitempty"` // no transition leaves the state that it leads to
}

type fieldMeta struct {
	Name      string          `json:"name"`
	Title     metamodel.Label `json:"title"`
	Help      metamodel.Label `json:"help,omitempty"`
	Kind      string          `json:"kind"`
	Required  bool            `json:"required,omitempty"`
	Computed  bool            `json:"computed,omitempty"`
	Preset    bool            `json:"preset,omitempty"` // filled in where nobody does
	Writable  bool            `json:"writable"`
	Masked    bool            `json:"masked,omitempty"`
	Technical bool            `json:"technical,omitempty"` // means nothing to people
	MaxLength int             `json:"max_length,omitempty"`
	MaxBytes  int             `json:"max_bytes,omitempty"` // of files: how big one may be
	Accept    []string        `json:"accept,omitempty"`    // of pictures: the types that may be put in
	Precision int             `json:"precision,omitempty"`
	Scale     int             `json:"scale,omitempty"`
	Currency  string          `json:"currency_field,omitempty"` // of an amount: the field that says in what
	Target    string          `json:"target,omitempty"`
	Open      metamodel.Label `json:"open,omitempty"`    // of a reference: what is still open of a record that may be chosen
	Choices   string          `json:"choices,omitempty"` // of a text: suggest or strict
	Options   []optionMeta    `json:"options,omitempty"`
	Lines     []fieldMeta     `json:"lines,omitempty"`
}

type optionMeta struct {
	Name    string          `json:"name"`
	Title   metamodel.Label `json:"title"`
	Color   string          `json:"color,omitempty"`
	Retired bool            `json:"retired,omitempty"`
}

func (c Call) entityMeta(ent *compile.Entity) entityMeta {
	m := entityMeta{Name: ent.Name, Title: ent.Title, Icon: ent.Icon, Actions: []string{}}
	for _, a := range metamodel.Actions {
		if c.decide(ent.Entity, a).allow() {
			m.Actions = append(m.Actions, string(a))
		}
	}
	may := c.decide(ent.Entity, metamodel.ActRead)
	write := c.writing(ent.Entity)
	if ent.Display != nil && may.readable(ent.Display) {
		m.Display = ent.Display.Name
	}
	if s := ent.States; s != nil && may.readable(s.Field) {
		m.State, m.Initial = s.Field.Name, s.Initial.Name
		allowed := c.decide(ent.Entity, metamodel.ActTransition)
		for _, t := range s.Transitions {
			if !allowed.all && !allowed.May(t.Name) {
				continue
			}
			move := moveMeta{Name: t.Name, Title: t.Title, To: t.To.Name, Final: s.Ends(t.To)}
			for _, o := range t.From {
				move.From = append(move.From, o.Name)
			}
			m.Moves = append(m.Moves, move)
		}
	}
	if l := ent.Kept; l != nil {
		m.Kept = l.Role(ent.Entity)
	}
	m.PostsTo = c.postsTo(ent)
	m.Fields = c.fieldMetas(ent, may, write)
	return m
}

// postsTo lists the entries that the actor may find by the document they come from.
func (c Call) postsTo(ent *compile.Entity) []string {
	var out []string
	for _, p := range ent.Entity.Postings {
		entry := p.Ledger.Entry
		may := c.decide(entry, metamodel.ActRead)
		if may.allow() && may.readable(entry.Field("document")) && !slices.Contains(out, entry.Name) {
			out = append(out, entry.Name)
		}
	}
	return out
}

func (c Call) fieldMetas(ent *compile.Entity, may, write decision) []fieldMeta {
	out := []fieldMeta{}
	for _, f := range ent.Columns() {
		if !may.readable(f) || f.System && ent.IsLines() && f.Name == metamodel.ParentField {
			continue
		}
		m := fieldMeta{
			Name: f.Name, Title: f.Title, Help: f.Help, Kind: string(f.Kind), Required: f.Required, Computed: f.Computed(), Preset: f.Default != nil,
			Writable: c.unwritable(ent, write, f) == nil, Masked: may.masked(f), Technical: f.Technical(), MaxLength: f.MaxLength, Precision: f.Precision, Scale: f.Scale,
		}
		if holdsFiles(f) {
			m.MaxBytes = maxFileBytes
		}
		if f.Kind == metamodel.Image {
			m.Accept = pictureTypes
		}
		c.leads(&m, f)
		if f.CurrencyF != nil && may.readable(f.CurrencyF) {
			m.Currency = f.CurrencyF.Name
		}
		m.Options = options(f)
		if f.NamesSource() {
			m.Kind, m.Options = string(metamodel.Choice), c.sources(f)
		}
		if f.Choices != nil {
			m.Choices = "suggest"
			if f.Choices.Strict {
				m.Choices = "strict"
			}
		}
		if f.Kind == metamodel.Lines {
			m.Lines = c.fieldMetas(ent.LinesOf(f).Entity, may, write)
		}
		out = append(out, m)
	}
	return out
}

// leads says which entity a field leads to, and what of its records is open, as far as the actor may know that.
func (c Call) leads(m *fieldMeta, f *metamodel.Field) {
	if f.Target == nil {
		return
	}
	m.Target = f.Target.Name
	if f.Open != nil && c.decide(f.Target, metamodel.ActRead).open(f.Open) {
		m.Open = f.Open.Title
	}
}

type menuMeta struct {
	Name  string          `json:"name"`
	Title metamodel.Label `json:"title"`
	Icon  string          `json:"icon,omitempty"`
	View  string          `json:"view,omitempty"`
	Items []menuMeta      `json:"items,omitempty"`
}

// menu keeps the items whose views the actor may read, and the groups that still have any.
func (c Call) menu(items []*metamodel.MenuItem) []menuMeta {
	out := []menuMeta{}
	for _, item := range items {
		m := menuMeta{Name: item.Name, Title: item.Title, Icon: item.Icon, Items: c.menu(item.Items)}
		for _, v := range c.Snap.App.Views {
			if v.ID == item.View && c.sees(v) {
				m.View = v.Name
			}
		}
		if m.View != "" || len(m.Items) > 0 {
			out = append(out, m)
		}
	}
	return out
}
