package engine

import (
	"context"
	"slices"

	"tenon/engine/compile"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// View describes a view to those for whom it exists: what of it they may see, ready to be drawn.
func (e *Engine) View(_ context.Context, c Call, name string) (*Result, error) {
	v, err := c.view(name, "")
	if err != nil {
		return nil, err
	}
	if v.Type == metamodel.DashboardView {
		return e.json(nil, e.dashboard(c, v))
	}
	d := e.describer(c, v.Entity)
	d.view = v
	return e.json(nil, d.describe())
}

func (e *Engine) describer(c Call, of *metamodel.Entity) *describer {
	return &describer{engine: e, call: c, entity: c.Snap.Of(of), may: c.decide(of, metamodel.ActRead), write: c.writing(of)}
}

// writing is what the actor may write of an entity's records: of those that are there, else of new ones.
func (c Call) writing(e *metamodel.Entity) decision {
	if may := c.decide(e, metamodel.ActUpdate); may.allow() {
		return may
	}
	return c.decide(e, metamodel.ActCreate)
}

// describer writes one view as one actor may see it.
type describer struct {
	engine *Engine
	call   Call
	view   *metamodel.View
	entity *compile.Entity
	may    decision
	write  decision
}

// shownView is a view as it is answered; which members there are depends on its type.
type shownView struct {
	Name    string          `json:"name"`
	Title   metamodel.Label `json:"title"`
	Help    metamodel.Label `json:"help,omitempty"`
	Type    string          `json:"type"`
	Entity  string          `json:"entity,omitempty"`
	Form    string          `json:"form,omitempty"`
	Columns []shownColumn   `json:"columns,omitzero"`
	Sort    []shownSort     `json:"sort,omitzero"`
	Colors  []shownColor    `json:"colors,omitzero"`

	Group string       `json:"group,omitempty"`
	Page  int          `json:"page_size,omitempty"`
	Saved []shownSaved `json:"saved,omitzero"`

	By     string       `json:"by,omitempty"`
	Boards []shownBoard `json:"board_columns,omitzero"`
	Sum    string       `json:"sum,omitempty"`
	Lane   string       `json:"lane,omitempty"`

	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`

	Sections []shownSection `json:"sections,omitzero"`
	Print    *shownPaper    `json:"print,omitempty"`
}

// shownPaper is what is particular of a form's records on paper.
type shownPaper struct {
	Title       metamodel.Label   `json:"title,omitempty"`
	Orientation string            `json:"orientation,omitempty"`
	Note        metamodel.Label   `json:"note,omitempty"`
	Signatures  []metamodel.Label `json:"signatures,omitempty"`
}

type shownColumn struct {
	Path          string          `json:"path"`
	Title         metamodel.Label `json:"title"`
	Kind          string          `json:"kind"`
	Precision     int             `json:"precision,omitempty"`
	Scale         int             `json:"scale,omitempty"`
	Currency      string          `json:"currency,omitempty"`
	CurrencyField string          `json:"currency_field,omitempty"`
	UnitField     string          `json:"unit_field,omitempty"`
	Options       []optionMeta    `json:"options,omitempty"`
	Target        string          `json:"target,omitempty"`
	Width         int             `json:"width,omitempty"`
	Total         string          `json:"total,omitempty"`
	Fixed         bool            `json:"fixed,omitempty"`
	Sortable      bool            `json:"sortable"`
	Writable      bool            `json:"writable"`
	Masked        bool            `json:"masked,omitempty"`
	Only          string          `json:"only,omitempty"`
	Conditional   bool            `json:"conditional,omitempty"`
}

type shownSort struct {
	Field string `json:"field"`
	Desc  bool   `json:"desc,omitempty"`
}

type shownColor struct {
	Name  string          `json:"name"`
	Color string          `json:"color"`
	Title metamodel.Label `json:"title,omitempty"`
	Field string          `json:"field,omitempty"`
}

type shownSaved struct {
	Name  string          `json:"name"`
	Title metamodel.Label `json:"title"`
	Sort  []shownSort     `json:"sort,omitempty"`
}

type shownBoard struct {
	Value string          `json:"value"`
	Title metamodel.Label `json:"title"`
	Color string          `json:"color,omitempty"`
	Limit int             `json:"limit,omitempty"`
}

type shownSection struct {
	Name    string          `json:"name"`
	Title   metamodel.Label `json:"title,omitempty"`
	Tab     metamodel.Label `json:"tab,omitempty"`
	Columns int             `json:"columns"`
	Items   []shownItem     `json:"items"`
}

type shownItem struct {
	Field   string          `json:"field"`
	Span    int             `json:"span"`
	Help    metamodel.Label `json:"help,omitempty"`
	Only    string          `json:"only,omitempty"`
	Columns []shownColumn   `json:"columns,omitempty"`
}

func (d *describer) describe() *shownView {
	v := d.view
	out := &shownView{Name: v.Name, Title: v.Title, Help: v.Help, Type: string(v.Type), Entity: v.Entity.Name}
	if f := d.form(); f != nil {
		out.Form = f.Name
	}
	if v.Type == metamodel.FormView {
		out.Sections = d.sections()
		if p := v.Paper; p != nil {
			out.Print = &shownPaper{p.Title, string(p.Orientation), p.Note, p.Signatures}
		}
		return out
	}
	out.Columns, out.Sort, out.Colors = d.columns(v.Columns), d.sort(v.Sort), []shownColor{}
	for _, r := range d.call.colors(v) {
		out.Colors = append(out.Colors, shownColor{r.Name, r.Color, r.Title, fieldName(r.Field)})
	}
	switch v.Type {
	case metamodel.TableView:
		out.Group, out.Page, out.Saved = d.usable(v.Group), v.Page, []shownSaved{}
		for _, s := range d.call.savedViews(v) {
			out.Saved = append(out.Saved, shownSaved{s.Name, s.Title, d.sort(s.Sort)})
		}
	case metamodel.BoardView:
		out.By, out.Sum, out.Lane, out.Boards = v.By.Name, d.usable(v.Sum), d.usable(v.Lane), d.boards()
	case metamodel.CalendarView:
		out.Start, out.End = v.Start.Name, d.usable(v.End)
	default: // a form has been written
	}
	return out
}

func fieldName(f *metamodel.Field) string {
	if f == nil {
		return ""
	}
	return f.Name
}

// usable is the name of a field by which the actor may group or add up, "" for any other.
func (d *describer) usable(f *metamodel.Field) string {
	if f == nil || !d.may.open(f) {
		return ""
	}
	return f.Name
}

// form is the view that opens a record: the one that the document names, else the entity's first.
func (d *describer) form() *metamodel.View {
	if d.view.Type == metamodel.FormView {
		return nil
	}
	for _, v := range d.call.Snap.App.Views {
		if v.Type != metamodel.FormView || v.Entity != d.view.Entity {
			continue
		}
		if d.view.Form == "" || d.view.Form == v.ID {
			return v
		}
	}
	return nil
}

func (d *describer) sort(keys []*metamodel.SortKey) []shownSort {
	out := []shownSort{}
	for _, k := range d.engine.sortKeys(d.call, d.may, keys) {
		out = append(out, shownSort{k.Field.Name, k.Descending})
	}
	return out
}

func (d *describer) boards() []shownBoard {
	out := []shownBoard{}
	if d.view.By.Enum == nil {
		return out
	}
	limits := map[*metamodel.Option]int{}
	for _, l := range d.view.Limits {
		limits[l.Option] = l.Max
	}
	for _, o := range d.view.By.Enum.Options {
		if !o.Retired {
			out = append(out, shownBoard{o.Name, o.Title, o.Color, limits[o]})
		}
	}
	return out
}

func (d *describer) sections() []shownSection {
	out := []shownSection{}
	for _, s := range d.view.Sections {
		in := shownSection{Name: s.Name, Title: s.Title, Tab: s.Tab, Columns: s.Columns, Items: []shownItem{}}
		for _, it := range s.Items {
			if !d.may.readable(it.Field) {
				continue
			}
			item := shownItem{Field: it.Field.Name, Span: it.Span, Help: it.Help, Only: string(it.Only)}
			if it.Field.Kind == metamodel.Lines {
				lines := *d
				lines.entity = d.entity.LinesOf(it.Field).Entity
				item.Columns = lines.columns(it.Lines)
			}
			in.Items = append(in.Items, item)
		}
		if len(in.Items) > 0 {
			out = append(out, in)
		}
	}
	return out
}

func (d *describer) columns(list []*metamodel.Column) []shownColumn {
	out := []shownColumn{}
	for _, c := range list {
		if s := d.call.shows(d.may, c.Path); s != unseen {
			out = append(out, d.column(c, s == veiled))
		}
	}
	return out
}

// sight is how much of a value the actor may see.
type sight uint8

const (
	unseen sight = iota // not even that there is one
	veiled              // that there is one
	seen                // the value
)

// shows tells how much the actor may see of what a path ends at.
func (c Call) shows(may decision, path metamodel.Path) sight {
	for i, f := range path {
		if i > 0 {
			may = c.decide(f.Entity, metamodel.ActRead)
		}
		last := i == len(path)-1
		switch {
		case !may.readable(f) || !last && !may.open(f):
			return unseen
		case may.masked(f):
			return veiled
		}
	}
	return seen
}

// columnTitle names a column that the document doesn't: after the reference, where it shows what the record there is
// called, else after both.
func columnTitle(path metamodel.Path) metamodel.Label {
	last := path.Last()
	if len(path) == 1 {
		return last.Title
	}
	via := path[len(path)-2]
	if last == last.Entity.Display {
		return via.Title
	}
	out := metamodel.Label{}
	for _, l := range diag.Languages {
		out[l] = via.Title.In(l) + " · " + last.Title.In(l)
	}
	return out
}

func (d *describer) column(c *metamodel.Column, masked bool) shownColumn {
	f := c.Path.Last()
	out := shownColumn{
		Path: c.Path.String(), Title: c.Title, Kind: string(f.Kind), Precision: f.Precision, Scale: f.Scale, Width: c.Width,
		Fixed: c.Fixed, Only: string(c.Only), Conditional: c.Visible != nil, Masked: masked, Options: options(f), Sortable: !d.entity.IsLines() && d.engine.sortable(d.call, d.may, c.Path),
		Writable: len(c.Path) == 1 && d.call.unwritable(d.entity, d.write, f) == nil,
	}
	if f.NamesSource() {
		out.Kind, out.Options = string(metamodel.Choice), d.call.sources(f)
	}
	if len(c.Title) == 0 {
		out.Title = columnTitle(c.Path)
	}
	if !masked {
		out.Total = c.Total
	}
	if f.Target != nil && f.Kind != metamodel.Lines {
		out.Target = f.Target.Name
	}
	out.Currency, out.CurrencyField = d.currency(c.Path)
	if len(c.Path) == 1 {
		out.UnitField = d.usable(f.UnitF)
	}
	return out
}

// currency is that of an amount: a code, or the field beside it that holds the code.
func (d *describer) currency(path metamodel.Path) (code, field string) {
	f := path.Last()
	switch {
	case f.Kind != metamodel.Money:
		return "", ""
	case f.CurrencyF != nil && (len(path) > 1 || !d.may.open(f.CurrencyF)):
		return "", "" // in which one isn't known here
	case f.CurrencyF != nil:
		return "", f.CurrencyF.Name
	case f.Currency != "":
		return f.Currency, ""
	}
	return d.call.Snap.App.Currency, ""
}

// options are the choices of a field, as screens show them.
func options(f *metamodel.Field) []optionMeta {
	if f.Enum == nil {
		return nil
	}
	return optionMetas(f.Enum)
}

// sources are the entities that an entry's source may name, as choices: people read titles. The names of those that the
// actor doesn't know are not in it.
func (c Call) sources(f *metamodel.Field) []optionMeta {
	out := []optionMeta{}
	for _, e := range c.Snap.App.Entities {
		posts := slices.ContainsFunc(e.Postings, func(p *metamodel.Posting) bool { return p.Ledger == f.Entity.Kept })
		if posts && c.knows(c.Snap.Of(e)) {
			out = append(out, optionMeta{Name: e.Name, Title: e.Title})
		}
	}
	return out
}

func optionMetas(e *metamodel.Enum) []optionMeta {
	out := make([]optionMeta, len(e.Options))
	for i, o := range e.Options {
		out[i] = optionMeta{o.Name, o.Title, o.Color, o.Retired}
	}
	return out
}
