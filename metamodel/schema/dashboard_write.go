package schema

import "tenon/metamodel"

func (w *writer) dashboard(n *node, v *metamodel.View) {
	filters := listNode()
	for _, f := range v.Filters {
		filters.items = append(filters.items, w.filter(f, v.ID))
	}
	n.putList("filters", filters)
	cards := listNode()
	for _, c := range v.Cards {
		cards.items = append(cards.items, w.card(c, v.ID))
	}
	n.putList("cards", cards)
}

func (w *writer) filter(f *metamodel.DashboardFilter, view metamodel.ID) *node {
	n := objectNode(member{"name", textNode(f.Name)})
	w.identity(n, view, metamodel.ElementFilter, f.Name, f.ID)
	w.label(n, "title", f.Title)
	n.put("kind", textNode(string(f.Kind)))
	if f.Entity != nil {
		n.put("entity", w.ref(f.Entity.ID, f.Entity.Name))
	}
	if f.Enum != nil {
		n.put("enum", w.ref(f.Enum.ID, f.Enum.Name))
	}
	n.putText("default", f.Default)
	return n
}

func (w *writer) card(c *metamodel.Card, view metamodel.ID) *node {
	n := objectNode(member{"name", textNode(c.Name)})
	w.identity(n, view, metamodel.ElementCard, c.Name, c.ID)
	w.label(n, "title", c.Title)
	w.label(n, "description", c.Help)
	w.label(n, "empty", c.Empty)
	n.put("type", textNode(string(c.Type)))
	if c.Entity != nil {
		n.put("entity", w.ref(c.Entity.ID, c.Entity.Name))
	}
	w.formula(n, "filter", c.Filter)
	measures := listNode()
	for _, m := range c.Measures {
		measures.items = append(measures.items, w.measure(m, c.ID))
	}
	n.putList("measures", measures)
	groups := listNode()
	for _, g := range c.Groups {
		gn := objectNode(member{"field", w.path(g.Path)})
		gn.putText("by", g.By)
		groups.items = append(groups.items, gn)
	}
	n.putList("group", groups)
	n.putList("columns", w.columns(c.Columns, c.ID))
	n.putList("sort", w.cardSort(c))
	switch c.Type {
	case metamodel.NumberCard:
	case metamodel.ListCard:
		n.putNumber("limit", c.Limit, metamodel.DefaultList)
	default:
		n.putNumber("limit", c.Limit, metamodel.DefaultGroups)
	}
	n.putNumber("width", c.Width, defaultCardWidth)
	n.putNumber("height", c.Height, defaultCardHeight)
	n.putText("period", c.Period)
	if c.Previous {
		n.putText("compare", comparePrevious)
	}
	n.putList("colors", w.colors(c.Colors, c.ID))
	w.binds(n, c)
	n.putTrue("keep", c.Keep)
	n.putTrue("flat", c.Flat)
	if c.View != "" {
		n.put("view", w.ref(c.View, w.views[c.View]))
	}
	return n
}

func (w *writer) measure(m *metamodel.Measure, card metamodel.ID) *node {
	n := objectNode(member{"name", textNode(m.Name)})
	w.identity(n, card, metamodel.ElementMeasure, m.Name, m.ID)
	w.label(n, "title", m.Title)
	n.putText("op", m.Op)
	if len(m.Path) > 0 {
		n.put("field", w.path(m.Path))
	}
	w.formula(n, "where", m.Where)
	n.putText("span", string(m.Span))
	n.putTrue("minus", m.Minus)
	return n
}

func (w *writer) cardSort(c *metamodel.Card) *node {
	out := listNode()
	for _, s := range c.Sort {
		n := objectNode()
		w.fieldRef(n, "field", s.Field)
		if s.Measure != nil {
			n.put("measure", w.ref(s.Measure.ID, s.Measure.Name))
		}
		n.putTrue("desc", s.Descending)
		out.items = append(out.items, n)
	}
	return out
}

func (w *writer) binds(n *node, c *metamodel.Card) {
	if len(c.Binds) == 0 {
		return
	}
	out := objectNode()
	for _, b := range c.Binds {
		out.put(w.ref(b.Filter.ID, b.Filter.Name).text, w.path(b.Path))
	}
	n.put("bind", out)
}
