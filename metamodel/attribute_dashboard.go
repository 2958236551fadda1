package metamodel

func pathAttribute(name string, p Path) attribute {
	return attribute{name, p.Key(), p.String(), always(Behaviour)}
}

func filterAttributes(f *DashboardFilter) []attribute {
	entity, enum := attribute{name: "entity", class: always(Behaviour)}, attribute{name: "enum", class: always(Behaviour)}
	if f.Entity != nil {
		entity.same, entity.show = string(f.Entity.ID), f.Entity.Name
	}
	if f.Enum != nil {
		enum.same, enum.show = string(f.Enum.ID), f.Enum.Name
	}
	return []attribute{labelAttribute("title", f.Title), plainAttribute("kind", string(f.Kind), Behaviour), entity, enum, plainAttribute("default", f.Default, Behaviour)}
}

func cardAttributes(c *Card, in elements) []attribute {
	entity := attribute{name: "entity", class: always(Behaviour)}
	if c.Entity != nil {
		entity.same, entity.show = string(c.Entity.ID), c.Entity.Name
	}
	return []attribute{
		labelAttribute("title", c.Title), labelAttribute("description", c.Help), labelAttribute("empty", c.Empty),
		plainAttribute("type", string(c.Type), Behaviour), entity,
		formulaAttribute("filter", c.Filter, Behaviour),
		listAttribute("group", c.Groups, Behaviour,
			func(g *CardGroup) string { return g.Path.Key() + ":" + g.By },
			func(g *CardGroup) string { return dated(g.Path.String(), g.By) }),
		listAttribute("sort", c.Sort, Cosmetic, func(s *CardSort) string { return sortOf(s, true) }, func(s *CardSort) string { return sortOf(s, false) }),
		listAttribute("bind", c.Binds, Behaviour, func(b *CardBind) string { return bindOf(b, true) }, func(b *CardBind) string { return bindOf(b, false) }),
		plainAttribute("period", c.Period, Behaviour), flagAttribute("compare", c.Previous, always(Cosmetic)), flagAttribute("keep", c.Keep, always(Cosmetic)), flagAttribute("flat", c.Flat, always(Cosmetic)),
		countAttribute("limit", c.Limit, always(Cosmetic)), countAttribute("width", c.Width, always(Cosmetic)), countAttribute("height", c.Height, always(Cosmetic)),
		idAttribute("view", c.View, in),
	}
}

func dated(name, unit string) string {
	if unit == "" {
		return name
	}
	return name + " (" + unit + ")"
}

func sortOf(s *CardSort, byID bool) string {
	out := ""
	switch {
	case s.Field != nil && byID:
		out = string(s.Field.ID)
	case s.Field != nil:
		out = s.Field.Name
	case s.Measure != nil && byID:
		out = string(s.Measure.ID)
	case s.Measure != nil:
		out = s.Measure.Name
	}
	if s.Descending {
		out += " ↓"
	}
	return out
}

func bindOf(b *CardBind, byID bool) string {
	switch {
	case b.Filter == nil:
		return b.Path.Key()
	case byID:
		return string(b.Filter.ID) + ":" + b.Path.Key()
	}
	return b.Filter.Name + ": " + b.Path.String()
}
