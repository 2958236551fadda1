package lineage

import (
	"strconv"

	"tenon/metamodel"
)

// walk visits every reference that is not an expression's.
type walk struct {
	g   *Graph
	doc metamodel.DocKey
}

func (w *walk) use(kind UseKind, user, id metamodel.ID, path, text string) {
	w.g.add(id, Use{Kind: kind, User: user, Document: w.doc, Path: w.doc.Pointer() + path, Text: text})
}

func (w *walk) field(kind UseKind, user metamodel.ID, f *metamodel.Field, path string) {
	if f != nil && !f.System {
		w.use(kind, user, f.ID, path, f.Name)
	}
}

func (w *walk) path(kind UseKind, user metamodel.ID, p metamodel.Path, path string) {
	for _, f := range p {
		if !f.System {
			w.use(kind, user, f.ID, path, p.String())
		}
	}
}

func (w *walk) option(kind UseKind, user metamodel.ID, o *metamodel.Option, path string) {
	if o != nil {
		w.use(kind, user, o.ID, path, o.Name)
	}
}

func (w *walk) entityRef(kind UseKind, user metamodel.ID, e *metamodel.Entity, path string) {
	if e != nil {
		w.use(kind, user, e.ID, path, e.Name)
	}
}

func (w *walk) app(app *metamodel.App) {
	w.doc = metamodel.DocKey{Kind: metamodel.KindApp}
	w.menu(app.Menu, "/menu")
	for _, l := range app.Ledgers {
		w.doc = metamodel.DocKey{Kind: metamodel.KindLedger, Name: l.Name}
		w.ledger(l)
	}
	for _, e := range app.Entities {
		if e.Kept != nil {
			continue
		}
		w.doc = metamodel.DocKey{Kind: metamodel.KindEntity, Name: e.Name}
		w.entity(e)
	}
	for _, r := range app.Roles {
		w.doc = metamodel.DocKey{Kind: metamodel.KindRole, Name: r.Name}
		w.role(r)
	}
	for _, v := range app.Views {
		w.doc = metamodel.DocKey{Kind: metamodel.KindView, Name: v.Name}
		w.view(v)
	}
	for _, s := range app.Scenarios {
		w.doc = metamodel.DocKey{Kind: metamodel.KindScenario, Name: s.Name}
		w.scenario(s)
	}
}

func (w *walk) menu(items []*metamodel.MenuItem, path string) {
	for i, m := range items {
		at := path + "/" + strconv.Itoa(i)
		w.use(UseOpened, m.ID, m.View, at+"/view", m.Name)
		w.menu(m.Items, at+"/items")
	}
}

func (w *walk) entity(e *metamodel.Entity) {
	w.fields(e)
	w.field(UseField, e.ID, e.Display, "/x-display")
	for i, p := range e.Search {
		w.path(UseField, e.ID, p, "/x-search/"+strconv.Itoa(i))
	}
	w.keys(e.Unique, "/x-unique/")
	w.keys(e.Indexes, "/x-indexes/")
	for i, r := range e.Rules {
		at := "/x-rules/" + strconv.Itoa(i)
		w.field(UseField, r.ID, r.At, at+"/at")
		for j, role := range r.Tell {
			w.use(UseTold, r.ID, role.ID, at+"/tell/"+strconv.Itoa(j), role.Name)
		}
	}
	for i, p := range e.Postings {
		w.posting(p, "/x-postings/"+strconv.Itoa(i))
	}
	if s := e.States; s != nil {
		w.states(e, s)
	}
}

func (w *walk) rollup(f *metamodel.Field, path string) {
	r := f.Rollup
	if r == nil {
		return
	}
	w.entityRef(UseTarget, f.ID, r.Entity, path+"/entity")
	w.path(UseField, f.ID, r.Path, path+"/field")
	for i, o := range r.Order {
		w.path(UseField, f.ID, o.Path, path+"/order/"+strconv.Itoa(i))
	}
}

func (w *walk) choices(f *metamodel.Field, path string) {
	c := f.Choices
	if c == nil {
		return
	}
	w.entityRef(UseTarget, f.ID, c.Entity, path+"/entity")
	w.field(UseField, f.ID, c.Value, path+"/value")
	for i, o := range c.Order {
		w.path(UseField, f.ID, o.Path, path+"/order/"+strconv.Itoa(i))
	}
	for i, s := range c.Show {
		w.field(UseField, f.ID, s, path+"/show/"+strconv.Itoa(i))
	}
}

func (w *walk) fields(e *metamodel.Entity) {
	for _, f := range e.Fields {
		at := "/properties/" + f.Name
		w.entityRef(UseTarget, f.ID, f.Target, at)
		if f.Enum != nil && !f.Enum.Private {
			w.use(UseTarget, f.ID, f.Enum.ID, at+"/x-enum", f.Enum.Name)
		}
		w.field(UseField, f.ID, f.CurrencyF, at+"/x-currency/field")
		w.field(UseField, f.ID, f.UnitF, at+"/x-unit")
		w.rollup(f, at+"/x-rollup")
		w.choices(f, at+"/x-choices")
		for i, s := range f.Shows {
			w.field(UseField, f.ID, s, at+"/x-ref/show/"+strconv.Itoa(i))
		}
		w.field(UseField, f.ID, f.Open, at+"/x-ref/open")
	}
}

func (w *walk) posting(p *metamodel.Posting, at string) {
	if p.Ledger != nil {
		w.use(UsePosted, p.ID, p.Ledger.ID, at+"/ledger", p.Ledger.Name)
		for key, list := range map[string][]*metamodel.Formula{"/dimensions/": p.Dimensions, "/to/": p.To} {
			for i, f := range list {
				if f != nil {
					d := p.Ledger.Dimensions[i]
					w.use(UsePosted, p.ID, d.ID, at+key+d.Name, f.Source)
				}
			}
		}
	}
	w.field(UsePosted, p.ID, p.Each, at+"/each")
	if p.From != nil {
		w.use(UsePosted, p.ID, p.From.ID, at+"/from", p.From.Name)
	}
}

func (w *walk) ledger(l *metamodel.Ledger) {
	w.fields(l.Scope)
	for i, p := range l.Pool {
		w.field(UseField, l.ID, p.Field, "/x-pool/"+strconv.Itoa(i))
	}
	for i, f := range l.ReserveBy {
		w.field(UseField, l.ID, f, "/x-reserve-by/"+strconv.Itoa(i))
	}
}

func (w *walk) keys(list []*metamodel.Key, path string) {
	for i, k := range list {
		for _, f := range k.Fields {
			w.field(UseField, k.ID, f, path+strconv.Itoa(i))
		}
	}
}

func (w *walk) states(e *metamodel.Entity, s *metamodel.States) {
	w.option(UseState, e.ID, s.Initial, "/x-states/initial")
	for i, o := range s.Frozen {
		w.option(UseState, e.ID, o, "/x-states/frozen/"+strconv.Itoa(i))
	}
	for i, o := range s.Waiting {
		w.option(UseState, e.ID, o, "/x-states/waiting/"+strconv.Itoa(i))
	}
	for i, t := range s.Transitions {
		at := "/x-states/transitions/" + strconv.Itoa(i)
		for j, o := range t.From {
			w.option(UseState, t.ID, o, at+"/from/"+strconv.Itoa(j))
		}
		w.option(UseState, t.ID, t.To, at+"/to")
	}
}

func (w *walk) role(r *metamodel.Role) {
	for i, p := range r.Inherits {
		w.use(UseGranted, r.ID, p.ID, "/inherits/"+strconv.Itoa(i), p.Name)
	}
	for i, id := range r.Menu {
		w.use(UseGranted, r.ID, id, "/menu/"+strconv.Itoa(i), "")
	}
	for i, g := range r.Grants {
		at := "/grants/" + strconv.Itoa(i)
		w.entityRef(UseGranted, g.ID, g.Entity, at+"/entity")
		for j, t := range g.Transitions {
			w.use(UseGranted, g.ID, t.ID, at+"/transitions/"+strconv.Itoa(j), t.Name)
		}
		for _, m := range g.Fields {
			name := m.Field.Name
			if m.Field.Entity != g.Entity && m.Field.Entity.Via != nil {
				w.field(UseGranted, g.ID, m.Field.Entity.Via, at+"/fields/"+m.Field.Entity.Via.Name+"."+name)
				name = m.Field.Entity.Via.Name + "." + name
			}
			w.field(UseGranted, g.ID, m.Field, at+"/fields/"+name)
		}
	}
}

func (w *walk) view(v *metamodel.View) {
	w.entityRef(UseShown, v.ID, v.Entity, "/entity")
	w.use(UseOpened, v.ID, v.Form, "/form", "")
	for i, s := range v.Sections {
		for j, it := range s.Items {
			at := "/sections/" + strconv.Itoa(i) + "/items/" + strconv.Itoa(j)
			w.field(UseShown, it.ID, it.Field, at+"/field")
			w.columns(it.Lines, at+"/columns/")
		}
	}
	w.columns(v.Columns, "/columns/")
	w.sort(v.ID, v.Sort, "/sort/")
	w.field(UseShown, v.ID, v.Group, "/group")
	w.field(UseShown, v.ID, v.By, "/by")
	w.field(UseShown, v.ID, v.Sum, "/sum")
	w.field(UseShown, v.ID, v.Lane, "/lane")
	w.field(UseShown, v.ID, v.Start, "/start")
	w.field(UseShown, v.ID, v.End, "/end")
	for i, c := range v.Colors {
		w.field(UseShown, c.ID, c.Field, "/colors/"+strconv.Itoa(i)+"/field")
	}
	for i, s := range v.Saved {
		w.sort(s.ID, s.Sort, "/saved/"+strconv.Itoa(i)+"/sort/")
	}
	w.dashboard(v)
	for i, l := range v.Limits {
		w.option(UseShown, v.ID, l.Option, "/limits/"+strconv.Itoa(i)+"/option")
	}
}

func (w *walk) dashboard(v *metamodel.View) {
	for i, f := range v.Filters {
		at := "/filters/" + strconv.Itoa(i)
		w.entityRef(UseShown, f.ID, f.Entity, at+"/entity")
		if f.Enum != nil {
			w.use(UseShown, f.ID, f.Enum.ID, at+"/enum", f.Enum.Name)
		}
	}
	for i, c := range v.Cards {
		at := "/cards/" + strconv.Itoa(i)
		w.entityRef(UseShown, c.ID, c.Entity, at+"/entity")
		w.use(UseOpened, c.ID, c.View, at+"/view", "")
		for j, m := range c.Measures {
			w.path(UseShown, m.ID, m.Path, at+"/measures/"+strconv.Itoa(j)+"/field")
		}
		for j, g := range c.Groups {
			w.path(UseShown, c.ID, g.Path, at+"/group/"+strconv.Itoa(j)+"/field")
		}
		for _, b := range c.Binds {
			if b.Filter != nil {
				w.use(UseShown, c.ID, b.Filter.ID, at+"/bind/"+b.Filter.Name, b.Filter.Name)
				w.path(UseShown, c.ID, b.Path, at+"/bind/"+b.Filter.Name)
			}
		}
		w.columns(c.Columns, at+"/columns/")
		for j, s := range c.Sort {
			w.field(UseShown, c.ID, s.Field, at+"/sort/"+strconv.Itoa(j)+"/field")
		}
	}
}

func (w *walk) columns(list []*metamodel.Column, path string) {
	for i, c := range list {
		w.path(UseShown, c.ID, c.Path, path+strconv.Itoa(i)+"/field")
	}
}

func (w *walk) sort(user metamodel.ID, list []*metamodel.SortKey, path string) {
	for i, k := range list {
		w.field(UseShown, user, k.Field, path+strconv.Itoa(i)+"/field")
	}
}

func (w *walk) scenario(s *metamodel.Scenario) {
	for i, g := range s.Given {
		w.record(s.ID, g.Entity, g.Values, "/given/"+strconv.Itoa(i))
	}
	for i, st := range s.When {
		at := "/when/" + strconv.Itoa(i)
		if st.As != nil {
			w.use(UseTested, s.ID, st.As.ID, at+"/as", st.As.Name)
		}
		w.record(s.ID, st.Entity, st.Values, at)
		if st.Entity == nil {
			continue
		}
		if t := st.Entity.Transition(st.Name); t != nil {
			w.use(UseTested, s.ID, t.ID, at+"/transition", t.Name)
		}
	}
	for i, t := range s.Then {
		at := "/then/" + strconv.Itoa(i)
		if t.As != nil {
			w.use(UseTested, s.ID, t.As.ID, at+"/as", t.As.Name)
		}
		w.entityRef(UseTested, s.ID, t.Entity, at+"/entity")
		w.ledgerTested(s, t, at)
	}
}

// record notes the entity and the fields of a record that a scenario writes.
func (w *walk) ledgerTested(s *metamodel.Scenario, t *metamodel.Expectation, at string) {
	if t.Ledger == nil {
		return
	}
	w.use(UseTested, s.ID, t.Ledger.ID, at+"/ledger", t.Ledger.Name)
	for _, f := range t.Ledger.Dimensions {
		if _, given := t.At[f.Name]; given {
			w.field(UseTested, s.ID, f, at+"/at/"+f.Name)
		}
	}
}

func (w *walk) record(user metamodel.ID, e *metamodel.Entity, values map[string]any, path string) {
	if e == nil {
		return
	}
	w.entityRef(UseTested, user, e, path)
	for _, f := range e.Fields {
		v, given := values[f.Name]
		if !given {
			continue
		}
		w.field(UseTested, user, f, path+"/with/"+f.Name)
		lines, ok := v.([]any)
		if !ok || f.Kind != metamodel.Lines {
			continue
		}
		for i, line := range lines {
			if m, ok := line.(map[string]any); ok {
				w.record(user, f.Target, m, path+"/with/"+f.Name+"/"+strconv.Itoa(i))
			}
		}
	}
}
