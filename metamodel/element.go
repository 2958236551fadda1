package metamodel

import (
	"slices"
	"strconv"
	"strings"
)

// ElementKind is a kind of thing that has an id.
type ElementKind string

// The kinds of elements. Those of documents are called as the documents' kinds.
const (
	ElementApp        ElementKind = "app"
	ElementMenu       ElementKind = "menu"
	ElementEntity     ElementKind = "entity"
	ElementField      ElementKind = "field"
	ElementOption     ElementKind = "option"
	ElementUnique     ElementKind = "unique"
	ElementIndex      ElementKind = "index"
	ElementRule       ElementKind = "rule"
	ElementPosting    ElementKind = "posting"
	ElementLedger     ElementKind = "ledger"
	ElementTransition ElementKind = "transition"
	ElementEnum       ElementKind = "enum"
	ElementView       ElementKind = "view"
	ElementSection    ElementKind = "section"
	ElementItem       ElementKind = "item"
	ElementColumn     ElementKind = "column"
	ElementColor      ElementKind = "color"
	ElementSaved      ElementKind = "saved"
	ElementFilter     ElementKind = "filter"
	ElementCard       ElementKind = "card"
	ElementMeasure    ElementKind = "measure"
	ElementRole       ElementKind = "role"
	ElementGrant      ElementKind = "grant"
	ElementScenario   ElementKind = "scenario"
)

// Element is one thing with an id, and where it sits. Object points at its Go type: *App, *MenuItem, *Entity,
// *Field, *Option, *Key, *Rule, *Posting, *Transition, *Ledger, *Enum, *View, *Section, *FormItem, *Column, *ColorRule,
// *SavedView, *DashboardFilter, *Card, *Measure, *Role, *Grant or *Scenario.
type Element struct {
	ID       ID
	Parent   ID // the element it sits in, "" for the app
	Kind     ElementKind
	Name     string // as people say it: a field's name, a column's path
	Key      string // what identifies it among its siblings and is stable under renames of others; Name for most
	Title    Label
	Path     string // JSON pointer from the app: /entities/goods_receipt/properties/qty
	Document DocKey
	Object   any
}

// Elements lists everything in the app that has an id, parents before what sits in them. System fields are
// not elements of an app.
func (a *App) Elements() []Element {
	w := &elementWalk{}
	w.doc = DocKey{Kind: KindApp}
	w.add(Element{ID: a.ID, Kind: ElementApp, Name: a.Name, Title: a.Title, Path: w.doc.Pointer(), Object: a})
	w.menu(a.Menu, a.ID, w.doc.Pointer()+"/menu")
	for _, e := range a.Entities {
		if e.Kept == nil {
			w.entity(a.ID, e)
		}
	}
	for _, l := range a.Ledgers {
		w.ledger(a.ID, l)
	}
	for _, e := range a.Enums {
		w.doc = DocKey{KindEnum, e.Name}
		w.add(Element{ID: e.ID, Parent: a.ID, Kind: ElementEnum, Name: e.Name, Title: e.Title, Path: w.doc.Pointer(), Object: e})
		w.options(e.Options, e.ID, w.doc.Pointer()+"/options")
	}
	for _, r := range a.Roles {
		w.role(a.ID, r)
	}
	for _, v := range a.Views {
		w.view(a.ID, v)
	}
	for _, s := range a.Scenarios {
		w.doc = DocKey{KindScenario, s.Name}
		w.add(Element{ID: s.ID, Parent: a.ID, Kind: ElementScenario, Name: s.Name, Title: s.Title, Path: w.doc.Pointer(), Object: s})
	}
	return w.out
}

type elementWalk struct {
	doc DocKey
	out []Element
}

func (w *elementWalk) add(e Element) {
	e.Document = w.doc
	if e.Key == "" {
		e.Key = e.Name
	}
	w.out = append(w.out, e)
}

func (w *elementWalk) menu(items []*MenuItem, parent ID, path string) {
	for i, m := range items {
		at := path + "/" + strconv.Itoa(i)
		w.add(Element{ID: m.ID, Parent: parent, Kind: ElementMenu, Name: m.Name, Title: m.Title, Path: at, Object: m})
		w.menu(m.Items, m.ID, at+"/items")
	}
}

func (w *elementWalk) options(list []*Option, parent ID, path string) {
	for i, o := range list {
		w.add(Element{ID: o.ID, Parent: parent, Kind: ElementOption, Name: o.Name, Title: o.Title, Path: path + "/" + strconv.Itoa(i), Object: o})
	}
}

func (w *elementWalk) entity(app ID, e *Entity) {
	w.doc = DocKey{KindEntity, e.Name}
	base := w.doc.Pointer()
	w.add(Element{ID: e.ID, Parent: app, Kind: ElementEntity, Name: e.Name, Title: e.Title, Path: base, Object: e})
	w.fields(e, base)
	w.keys(e.Unique, e.ID, ElementUnique, base+"/x-unique")
	w.keys(e.Indexes, e.ID, ElementIndex, base+"/x-indexes")
	for i, r := range e.Rules {
		w.add(Element{ID: r.ID, Parent: e.ID, Kind: ElementRule, Name: r.Name, Title: r.Message, Path: base + "/x-rules/" + strconv.Itoa(i), Object: r})
	}
	for i, p := range e.Postings {
		w.add(Element{ID: p.ID, Parent: e.ID, Kind: ElementPosting, Name: p.Name, Title: p.Title, Path: base + "/x-postings/" + strconv.Itoa(i), Object: p})
	}
	if e.States == nil {
		return
	}
	for i, t := range e.States.Transitions {
		w.add(Element{ID: t.ID, Parent: e.ID, Kind: ElementTransition, Name: t.Name, Title: t.Title, Path: base + "/x-states/transitions/" + strconv.Itoa(i), Object: t})
	}
}

func (w *elementWalk) fields(e *Entity, base string) {
	for _, f := range e.Fields {
		at := base + "/properties/" + f.Name
		w.add(Element{ID: f.ID, Parent: e.ID, Kind: ElementField, Name: f.Name, Title: f.Title, Path: at, Object: f})
		if f.Enum != nil && f.Enum.Private {
			w.options(f.Enum.Options, f.ID, at+"/x-options")
		}
	}
}

func (w *elementWalk) ledger(app ID, l *Ledger) {
	w.doc = DocKey{KindLedger, l.Name}
	w.add(Element{ID: l.ID, Parent: app, Kind: ElementLedger, Name: l.Name, Title: l.Title, Path: w.doc.Pointer(), Object: l})
	w.fields(l.Scope, w.doc.Pointer())
}

func (w *elementWalk) keys(list []*Key, parent ID, kind ElementKind, path string) {
	for i, k := range list {
		name := k.Name
		if name == "" {
			name = fieldNames(k.Fields)
		}
		w.add(Element{ID: k.ID, Parent: parent, Kind: kind, Name: name, Key: k.Key(), Path: path + "/" + strconv.Itoa(i), Object: k})
	}
}

func (w *elementWalk) role(app ID, r *Role) {
	w.doc = DocKey{KindRole, r.Name}
	w.add(Element{ID: r.ID, Parent: app, Kind: ElementRole, Name: r.Name, Title: r.Title, Path: w.doc.Pointer(), Object: r})
	for i, g := range r.Grants {
		el := Element{ID: g.ID, Parent: r.ID, Kind: ElementGrant, Path: w.doc.Pointer() + "/grants/" + strconv.Itoa(i), Object: g}
		if g.Entity != nil {
			el.Name, el.Key, el.Title = g.Entity.Name, string(g.Entity.ID), g.Entity.Title
		}
		w.add(el)
	}
}

func (w *elementWalk) view(app ID, v *View) {
	w.doc = DocKey{KindView, v.Name}
	base := w.doc.Pointer()
	w.add(Element{ID: v.ID, Parent: app, Kind: ElementView, Name: v.Name, Title: v.Title, Path: base, Object: v})
	for i, s := range v.Sections {
		at := base + "/sections/" + strconv.Itoa(i)
		w.add(Element{ID: s.ID, Parent: v.ID, Kind: ElementSection, Name: s.Name, Title: s.Title, Path: at, Object: s})
		for j, it := range s.Items {
			w.item(it, s.ID, at+"/items/"+strconv.Itoa(j))
		}
	}
	w.columns(v.Columns, v.ID, base+"/columns")
	w.colors(v.Colors, v.ID, base+"/colors/")
	for i, s := range v.Saved {
		w.add(Element{ID: s.ID, Parent: v.ID, Kind: ElementSaved, Name: s.Name, Title: s.Title, Path: base + "/saved/" + strconv.Itoa(i), Object: s})
	}
	w.dashboard(v, base)
}

func (w *elementWalk) colors(list []*ColorRule, parent ID, path string) {
	for i, c := range list {
		w.add(Element{ID: c.ID, Parent: parent, Kind: ElementColor, Name: c.Name, Title: c.Title, Path: path + strconv.Itoa(i), Object: c})
	}
}

func (w *elementWalk) dashboard(v *View, base string) {
	for i, f := range v.Filters {
		w.add(Element{ID: f.ID, Parent: v.ID, Kind: ElementFilter, Name: f.Name, Title: f.Title, Path: base + "/filters/" + strconv.Itoa(i), Object: f})
	}
	for i, c := range v.Cards {
		at := base + "/cards/" + strconv.Itoa(i)
		w.add(Element{ID: c.ID, Parent: v.ID, Kind: ElementCard, Name: c.Name, Title: c.Title, Path: at, Object: c})
		for j, m := range c.Measures {
			w.add(Element{ID: m.ID, Parent: c.ID, Kind: ElementMeasure, Name: m.Name, Title: m.Title, Path: at + "/measures/" + strconv.Itoa(j), Object: m})
		}
		w.columns(c.Columns, c.ID, at+"/columns")
		w.colors(c.Colors, c.ID, at+"/colors/")
	}
}

func (w *elementWalk) item(it *FormItem, parent ID, path string) {
	el := Element{ID: it.ID, Parent: parent, Kind: ElementItem, Path: path, Object: it}
	if it.Field != nil {
		el.Name, el.Key, el.Title = it.Field.Name, string(it.Field.ID), it.Field.Title
	}
	w.add(el)
	w.columns(it.Lines, it.ID, path+"/columns")
}

func (w *elementWalk) columns(list []*Column, parent ID, path string) {
	for i, c := range list {
		w.add(Element{ID: c.ID, Parent: parent, Kind: ElementColumn, Name: c.Path.String(), Key: c.Path.Key(), Title: c.Title, Path: path + "/" + strconv.Itoa(i), Object: c})
	}
}

// String is the path as people write it: supplier.name.
func (p Path) String() string {
	names := make([]string, len(p))
	for i, f := range p {
		names[i] = f.Name
	}
	return strings.Join(names, ".")
}

// Key is the path by ids, which renames don't touch.
func (p Path) Key() string { return fieldKeys(p, ".") }

// Leaves tells whether the path leads out of a record and its lines, over a reference.
func (p Path) Leaves() bool {
	return slices.ContainsFunc(p, func(f *Field) bool { return f.Kind != Lines && (f.Name != ParentField || !f.System) })
}

// Last is the field that the path ends at, nil for an empty path.
func (p Path) Last() *Field {
	if len(p) == 0 {
		return nil
	}
	return p[len(p)-1]
}

// Key identifies the key among its entity's: its name, else the ids of its fields.
func (k *Key) Key() string {
	if k.Name != "" {
		return k.Name
	}
	return fieldKeys(k.Fields, ",")
}

func fieldNames(list []*Field) string {
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}

func fieldKeys(list []*Field, sep string) string {
	ids := make([]string, len(list))
	for i, f := range list {
		ids[i] = string(f.ID)
	}
	return strings.Join(ids, sep)
}
