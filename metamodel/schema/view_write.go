package schema

import (
	"tenon/metamodel"
)

func (w *writer) view(v *metamodel.View) *node {
	n := w.header(metamodel.KindView, v.Name, v.ID, w.app.ID, v.Title, v.Help)
	n.put("type", textNode(string(v.Type)))
	if v.Entity != nil {
		n.put("entity", w.ref(v.Entity.ID, v.Entity.Name))
	}
	if v.Type == metamodel.DashboardView {
		w.dashboard(n, v)
		return n
	}
	if v.Type == metamodel.FormView {
		n.putList("sections", w.sections(v))
		w.paper(n, v.Paper)
		return n
	}
	w.fieldRef(n, "by", v.By)
	w.fieldRef(n, "start", v.Start)
	w.fieldRef(n, "end", v.End)
	n.putList("columns", w.columns(v.Columns, v.ID))
	w.formula(n, "filter", v.Filter)
	n.putList("sort", w.sort(v.Sort))
	w.fieldRef(n, "group", v.Group)
	w.fieldRef(n, "sum", v.Sum)
	w.fieldRef(n, "lane", v.Lane)
	n.putList("colors", w.colors(v.Colors, v.ID))
	n.putList("saved", w.saved(v))
	limits := listNode()
	for _, l := range v.Limits {
		ln := objectNode()
		if l.Option != nil {
			ln.put("option", w.ref(l.Option.ID, l.Option.Name))
		}
		ln.put("max", numberNode(l.Max))
		limits.items = append(limits.items, ln)
	}
	n.putList("limits", limits)
	if v.Form != "" {
		n.put("form", w.ref(v.Form, w.views[v.Form]))
	}
	if v.Type == metamodel.TableView {
		n.putNumber("page_size", v.Page, metamodel.DefaultPage)
	}
	return n
}

func (w *writer) colors(list []*metamodel.ColorRule, parent metamodel.ID) *node {
	out := listNode()
	for _, c := range list {
		n := objectNode(member{"name", textNode(c.Name)})
		w.identity(n, parent, metamodel.ElementColor, c.Name, c.ID)
		w.label(n, "title", c.Title)
		w.formula(n, "when", c.When)
		n.putText("color", c.Color)
		w.fieldRef(n, "field", c.Field)
		out.items = append(out.items, n)
	}
	return out
}

func (w *writer) fieldRef(n *node, key string, f *metamodel.Field) {
	if f != nil {
		n.put(key, w.field(f))
	}
}

func (w *writer) columns(list []*metamodel.Column, parent metamodel.ID) *node {
	out := listNode()
	for _, c := range list {
		n := objectNode(member{"field", w.path(c.Path)})
		w.identity(n, parent, metamodel.ElementColumn, c.Path.Key(), c.ID)
		w.label(n, "title", c.Title)
		n.putNumber("width", c.Width, 0)
		n.putText("total", c.Total)
		n.putTrue("fixed", c.Fixed)
		n.putText("only", string(c.Only))
		w.formula(n, "visible", c.Visible)
		out.items = append(out.items, n)
	}
	return out
}

func (w *writer) sort(list []*metamodel.SortKey) *node {
	out := listNode()
	for _, k := range list {
		n := objectNode()
		w.fieldRef(n, "field", k.Field)
		n.putTrue("desc", k.Descending)
		out.items = append(out.items, n)
	}
	return out
}

func (w *writer) saved(v *metamodel.View) *node {
	out := listNode()
	for _, s := range v.Saved {
		n := objectNode(member{"name", textNode(s.Name)})
		w.identity(n, v.ID, metamodel.ElementSaved, s.Name, s.ID)
		w.label(n, "title", s.Title)
		w.formula(n, "filter", s.Filter)
		n.putList("sort", w.sort(s.Sort))
		out.items = append(out.items, n)
	}
	return out
}

func (w *writer) sections(v *metamodel.View) *node {
	out := listNode()
	for _, s := range v.Sections {
		n := objectNode(member{"name", textNode(s.Name)})
		w.identity(n, v.ID, metamodel.ElementSection, s.Name, s.ID)
		w.label(n, "title", s.Title)
		w.label(n, "tab", s.Tab)
		n.putNumber("columns", s.Columns, defaultFormColumns)
		w.formula(n, "visible", s.Visible)
		items := listNode()
		for _, it := range s.Items {
			items.items = append(items.items, w.item(it, s.ID))
		}
		n.putList("items", items)
		out.items = append(out.items, n)
	}
	return out
}

func (w *writer) paper(n *node, p *metamodel.Paper) {
	if p == nil {
		return
	}
	in := objectNode()
	w.label(in, "title", p.Title)
	in.putText("orientation", string(p.Orientation))
	w.label(in, "note", p.Note)
	signatures := listNode()
	for _, l := range p.Signatures {
		of := objectNode()
		w.label(of, "title", l)
		signatures.items = append(signatures.items, of)
	}
	in.putList("signatures", signatures)
	n.put("print", in)
}

func (w *writer) item(it *metamodel.FormItem, section metamodel.ID) *node {
	n := objectNode()
	key := ""
	if it.Field != nil {
		n.put("field", w.field(it.Field))
		key = string(it.Field.ID)
	}
	w.identity(n, section, metamodel.ElementItem, key, it.ID)
	n.putNumber("span", it.Span, 1)
	w.formula(n, "visible", it.Visible)
	w.formula(n, "required", it.Required)
	w.formula(n, "readonly", it.ReadOnly)
	w.label(n, "help", it.Help)
	n.putText("only", string(it.Only))
	n.putList("columns", w.columns(it.Lines, it.ID))
	return n
}
