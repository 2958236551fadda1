package schema

import (
	"slices"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// newestVersion is the version that documents of a kind are written in.
func newestVersion(kind metamodel.Kind) int { return len(upcasts[kind]) + 1 }

// Encode writes an app as its documents in source form, by path: canonical text, the same for the same app.
func Encode(app *metamodel.App) map[string][]byte {
	w := newWriter(app, source)
	out := map[string][]byte{}
	for _, doc := range w.documents() {
		out[doc.key.Path()] = doc.root.pretty()
	}
	return out
}

// EncodeDocument writes one document in source form. It is document.not_found when the app doesn't have it. The
// name is not looked at for the app's own document.
func EncodeDocument(app *metamodel.App, kind metamodel.Kind, name string) ([]byte, error) {
	w := newWriter(app, source)
	n := w.document(metamodel.DocKey{Kind: kind, Name: name})
	if n == nil {
		return nil, diag.Refuse("document.not_found", "", "name", clip(name))
	}
	return n.pretty(), nil
}

// writer writes documents in one of the two forms.
type writer struct {
	form  form
	app   *metamodel.App
	views map[metamodel.ID]string
	menu  map[metamodel.ID]string
}

func newWriter(app *metamodel.App, f form) *writer {
	w := &writer{form: f, app: app, views: map[metamodel.ID]string{}, menu: map[metamodel.ID]string{}}
	for _, v := range app.Views {
		w.views[v.ID] = v.Name
	}
	for _, m := range menuPaths(app.Menu, "") {
		w.menu[m.item.ID] = m.path
	}
	return w
}

// documents writes all documents, in the order of kinds and names.
func (w *writer) documents() []*document {
	a := w.app
	var out []*document
	add := func(key metamodel.DocKey, n *node) {
		out = append(out, &document{key: key, form: w.form, root: n, path: key.Pointer()})
	}
	add(metamodel.DocKey{Kind: metamodel.KindApp}, w.appDocument())
	for _, e := range a.Entities {
		if e.Kept == nil {
			add(metamodel.DocKey{Kind: metamodel.KindEntity, Name: e.Name}, w.entity(e))
		}
	}
	for _, l := range a.Ledgers {
		add(metamodel.DocKey{Kind: metamodel.KindLedger, Name: l.Name}, w.ledger(l))
	}
	for _, e := range a.Enums {
		add(metamodel.DocKey{Kind: metamodel.KindEnum, Name: e.Name}, w.enum(e))
	}
	for _, r := range a.Roles {
		add(metamodel.DocKey{Kind: metamodel.KindRole, Name: r.Name}, w.role(r))
	}
	for _, v := range a.Views {
		add(metamodel.DocKey{Kind: metamodel.KindView, Name: v.Name}, w.view(v))
	}
	for _, s := range a.Scenarios {
		add(metamodel.DocKey{Kind: metamodel.KindScenario, Name: s.Name}, w.scenario(s))
	}
	return out
}

func (w *writer) document(key metamodel.DocKey) *node {
	a := w.app
	switch key.Kind {
	case metamodel.KindApp:
		return w.appDocument()
	case metamodel.KindEntity:
		if e := a.Entity(key.Name); e != nil && e.Kept == nil {
			return w.entity(e)
		}
	case metamodel.KindLedger:
		if l := a.Ledger(key.Name); l != nil {
			return w.ledger(l)
		}
	case metamodel.KindEnum:
		if e := a.Enum(key.Name); e != nil {
			return w.enum(e)
		}
	case metamodel.KindRole:
		if r := a.Role(key.Name); r != nil {
			return w.role(r)
		}
	case metamodel.KindView:
		if v := a.View(key.Name); v != nil {
			return w.view(v)
		}
	case metamodel.KindScenario:
		if i := slices.IndexFunc(a.Scenarios, func(s *metamodel.Scenario) bool { return s.Name == key.Name }); i >= 0 {
			return w.scenario(a.Scenarios[i])
		}
	}
	return nil
}

// header starts a document.
func (w *writer) header(kind metamodel.Kind, name string, id metamodel.ID, parent metamodel.ID, title, help metamodel.Label) *node {
	n := objectNode()
	if (kind == metamodel.KindEntity || kind == metamodel.KindLedger) && w.form == source {
		n.put("$schema", textNode(Dialect))
	}
	n.put("x-kind", textNode(string(kind)))
	n.put("x-version", numberNode(newestVersion(kind)))
	n.put("x-name", textNode(name))
	w.identity(n, parent, metamodel.ElementKind(kind), name, id)
	w.label(n, "title", title)
	w.label(n, "description", help)
	return n
}

// identity writes an element's id: always in stored form; in source form only when it is not the one that
// the element's name gives it.
func (w *writer) identity(n *node, parent metamodel.ID, kind metamodel.ElementKind, key string, id metamodel.ID) {
	if w.form == stored || id != metamodel.DeriveID(parent, kind, key, 0) {
		n.put("x-id", idNode(id))
	}
}

// ref writes a reference to an element that has a name.
func (w *writer) ref(id metamodel.ID, name string) *node {
	if w.form == stored {
		return idNode(id)
	}
	return textNode(name)
}

func (w *writer) field(f *metamodel.Field) *node { return w.ref(f.ID, f.Name) }

func (w *writer) path(p metamodel.Path) *node {
	if w.form == stored {
		return textNode(p.Key())
	}
	return textNode(p.String())
}

// label writes a text in the default language and its translations.
func (w *writer) label(n *node, key string, l metamodel.Label) {
	n.putText(key, l[metamodel.DefaultLanguage])
	more := w.languages(l, metamodel.DefaultLanguage)
	if len(more.members) > 0 {
		n.put("x-"+key, more)
	}
}

// languages writes a text by language, sorted, except one language.
func (w *writer) languages(l metamodel.Label, except string) *node {
	out := objectNode()
	langs := make([]string, 0, len(l))
	for lang := range l {
		langs = append(langs, lang)
	}
	slices.Sort(langs)
	slices.Reverse(langs) // zh-CN before en-US
	for _, lang := range langs {
		if lang != except {
			out.putText(lang, l[lang])
		}
	}
	return out
}

func (w *writer) message(n *node, l metamodel.Label) {
	if len(l) > 0 {
		n.put("message", w.languages(l, ""))
	}
}

func (w *writer) formula(n *node, key string, f *metamodel.Formula) {
	switch {
	case f == nil:
	case w.form == source || f.Stored == "":
		n.putText(key, f.Source)
	default:
		n.putText(key, f.Stored)
	}
}

func (w *writer) appDocument() *node {
	a := w.app
	n := w.header(metamodel.KindApp, a.Name, a.ID, "", a.Title, a.Summary)
	n.putText("version", a.Version)
	n.putText("icon", a.Icon)
	n.putText("timezone", a.Timezone)
	n.putText("currency", a.Currency)
	n.putList("menu", w.menuItems(a.Menu, a.ID))
	return n
}

func (w *writer) menuItems(items []*metamodel.MenuItem, parent metamodel.ID) *node {
	out := listNode()
	for _, m := range items {
		n := objectNode(member{"name", textNode(m.Name)})
		w.identity(n, parent, metamodel.ElementMenu, m.Name, m.ID)
		w.label(n, "title", m.Title)
		n.putText("icon", m.Icon)
		if m.View != "" {
			n.put("view", w.ref(m.View, w.views[m.View]))
		} else {
			n.put("items", w.menuItems(m.Items, m.ID))
		}
		out.items = append(out.items, n)
	}
	return out
}

func (w *writer) enum(e *metamodel.Enum) *node {
	n := w.header(metamodel.KindEnum, e.Name, e.ID, w.app.ID, e.Title, e.Help)
	n.put("options", w.options(e.Options, e.ID))
	return n
}

func (w *writer) role(r *metamodel.Role) *node {
	n := w.header(metamodel.KindRole, r.Name, r.ID, w.app.ID, r.Title, r.Help)
	n.putTrue("installer", r.Installer)
	inherits := listNode()
	for _, p := range r.Inherits {
		inherits.items = append(inherits.items, w.ref(p.ID, p.Name))
	}
	n.putList("inherits", inherits)
	grants := listNode()
	for _, g := range r.Grants {
		grants.items = append(grants.items, w.grant(g, r.ID))
	}
	n.putList("grants", grants)
	menu := listNode()
	for _, id := range r.Menu {
		menu.items = append(menu.items, w.ref(id, w.menu[id]))
	}
	n.putList("menu", menu)
	return n
}

func (w *writer) grant(g *metamodel.Grant, role metamodel.ID) *node {
	n := objectNode()
	key := ""
	if g.Entity != nil {
		n.put("entity", w.ref(g.Entity.ID, g.Entity.Name))
		key = string(g.Entity.ID)
	}
	w.identity(n, role, metamodel.ElementGrant, key, g.ID)
	n.put("actions", textsNode(g.Actions))
	transitions := listNode()
	for _, t := range g.Transitions {
		transitions.items = append(transitions.items, w.ref(t.ID, t.Name))
	}
	n.putList("transitions", transitions)
	w.formula(n, "rows", g.Rows)
	masks := objectNode()
	for _, m := range g.Fields {
		masks.putText(w.maskPath(m.Field, g.Entity), string(m.Mask))
	}
	if len(masks.members) > 0 {
		n.put("fields", masks)
	}
	return n
}

// maskPath is how a grant names a field: one of its entity, or one of the lines (lines.price).
func (w *writer) maskPath(f *metamodel.Field, of *metamodel.Entity) string {
	if f.Entity != of && f.Entity.Via != nil {
		return w.path(metamodel.Path{f.Entity.Via, f}).text
	}
	return w.field(f).text
}
