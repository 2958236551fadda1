package schema

import (
	"slices"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// defaultCardWidth and defaultCardHeight are the size of a card that doesn't say.
const (
	defaultCardWidth  = 4 // of a dashboard's columns
	defaultCardHeight = 1 // rows
)

// spans are how a measure may stand to the card's period.
var spans = []string{string(metamodel.Before), string(metamodel.Until)}

// measureOps are the numbers that a card may show of its records.
var measureOps = []string{"sum", "count", "avg", "min", "max", "distinct"}

// dateUnits are what dates are grouped by.
var dateUnits = []string{"day", "week", "month", "quarter", "year"}

func (d *decoder) readDashboard(o *object, v *metamodel.View) {
	names := map[string]bool{}
	for i, n := range o.list("filters", metamodel.MaxFilters, whatList) {
		in := d.object(n, diag.Pointer(o.at("filters"), i), o.form)
		f := &metamodel.DashboardFilter{}
		v.Filters = append(v.Filters, f)
		f.Name = d.elementName(in, metamodel.ElementFilter, &v.ID, &f.ID, f)
		d.siblings(names, f.Name, in)
		d.readFilter(in, f)
		in.done()
	}
	names = map[string]bool{}
	for i, n := range o.list("cards", metamodel.MaxCards, whatList) {
		in := d.object(n, diag.Pointer(o.at("cards"), i), o.form)
		c := &metamodel.Card{}
		v.Cards = append(v.Cards, c)
		c.Name = d.elementName(in, metamodel.ElementCard, &v.ID, &c.ID, c)
		d.siblings(names, c.Name, in)
		d.readCard(in, v, c)
	}
}

func (d *decoder) readFilter(o *object, f *metamodel.DashboardFilter) {
	f.Title = o.label("title", metamodel.MaxLabel, true)
	f.Kind = metamodel.FilterKind(o.needOne("kind", string(metamodel.PeriodFilter), string(metamodel.DayFilter), string(metamodel.ReferenceFilter), string(metamodel.ChoiceFilter)))
	switch f.Kind {
	case metamodel.PeriodFilter:
		f.Default = o.one("default", metamodel.Periods...)
	case metamodel.DayFilter:
	case metamodel.ReferenceFilter:
		d.entityOf(o, &f.ID, &f.Entity)
	case metamodel.ChoiceFilter:
		enum := o.need("enum")
		d.later(linkTargets, func() {
			if s, ok := d.seekAt(enum, o.at("enum"), o.form, &f.ID, whatEnum); ok {
				f.Enum = d.findEnum(s)
			}
		})
	default: // reported; take the rest as read
		o.takeRest()
	}
}

// entityOf resolves the entity that must be named.
func (d *decoder) entityOf(o *object, owner *metamodel.ID, into **metamodel.Entity) {
	n := o.need("entity")
	d.later(linkTargets, func() {
		if s, ok := d.seekAt(n, o.at("entity"), o.form, owner, whatEntity); ok {
			*into = d.findEntity(s)
		}
	})
}

func (d *decoder) readCard(o *object, v *metamodel.View, c *metamodel.Card) {
	types := make([]string, len(metamodel.CardTypes))
	for i, t := range metamodel.CardTypes {
		types[i] = string(t)
	}
	c.Title = o.label("title", metamodel.MaxLabel, true)
	c.Help = o.label("description", metamodel.MaxHelp, false)
	c.Type = metamodel.CardType(o.needOne("type", types...))
	d.entityOf(o, &c.ID, &c.Entity)
	c.Filter = d.readFormula(o, "filter", o.take("filter"))
	switch c.Type {
	case "": // reported
		o.takeRest()
	case metamodel.NumberCard:
		d.readMeasures(o, c)
		c.Keep = o.flag("keep")
		c.Previous = o.one("compare", comparePrevious) != ""
		c.Colors = d.readColors(o, &c.ID, func(*object, *metamodel.ColorRule) {})
	case metamodel.ListCard:
		c.Empty = o.label("empty", metamodel.MaxHelp, false)
		o.must("columns")
		c.Columns = d.readColumns(o, "columns", &c.ID, false, func() *metamodel.Entity { return c.Entity })
		d.readCardSort(o, c)
		c.Limit = o.number("limit", 1, metamodel.MaxPage, metamodel.DefaultList)
	default:
		c.Empty = o.label("empty", metamodel.MaxHelp, false)
		d.readMeasures(o, c)
		c.Keep = o.flag("keep")
		d.readGroups(o, c)
		c.Flat = o.flag("flat")
		d.readCardSort(o, c)
		c.Limit = o.number("limit", 1, metamodel.MaxCardLimit, metamodel.DefaultGroups)
	}
	c.Width = o.number("width", 1, metamodel.MaxCardWidth, defaultCardWidth)
	c.Height = o.number("height", 1, metamodel.MaxCardHeight, defaultCardHeight)
	c.Period = o.one("period", metamodel.Periods...)
	d.readBinds(o, v, c)
	d.viewID(o, "view", &c.ID, &c.View)
	o.done()
}

// comparePrevious is what a card can be compared with.
const comparePrevious = "previous_period"

func (d *decoder) readMeasures(o *object, c *metamodel.Card) {
	names := map[string]bool{}
	o.must("measures")
	for i, n := range o.list("measures", metamodel.MaxMeasures, whatList) {
		in := d.object(n, diag.Pointer(o.at("measures"), i), o.form)
		m := &metamodel.Measure{}
		c.Measures = append(c.Measures, m)
		m.Name = d.elementName(in, metamodel.ElementMeasure, &c.ID, &m.ID, m)
		d.siblings(names, m.Name, in)
		if metamodel.IsReserved(m.Name) { // colours mention it
			in.add("name.reserved", "name", "name", m.Name)
		}
		m.Title = in.label("title", metamodel.MaxLabel, false)
		m.Op = in.needOne("op", measureOps...)
		d.pathAt(in, in.take("field"), "field", &c.ID, c, &m.Path)
		m.Where = d.readFormula(in, "where", in.take("where"))
		m.Span = metamodel.Span(in.one("span", spans...))
		m.Minus = in.flag("minus")
		in.done()
	}
}

// pathAt resolves a path of fields from a card's records.
func (d *decoder) pathAt(o *object, n *node, key string, owner *metamodel.ID, c *metamodel.Card, into *metamodel.Path) {
	d.later(linkPaths, func() {
		if s, ok := d.seekAt(n, o.at(key), o.form, owner, whatField); ok {
			*into = d.findPath(s, c.Entity)
		}
	})
}

func (d *decoder) readGroups(o *object, c *metamodel.Card) {
	seen := map[string]bool{}
	o.must("group")
	for i, n := range o.list("group", metamodel.MaxCardGroups, whatList) {
		in := d.object(n, diag.Pointer(o.at("group"), i), o.form)
		g := &metamodel.CardGroup{By: in.one("by", dateUnits...)}
		c.Groups = append(c.Groups, g)
		d.pathAt(in, in.need("field"), "field", &c.ID, c, &g.Path)
		in.done()
		d.later(linkPaths, func() {
			if seen[g.Path.Key()] && g.Path != nil {
				in.add("view.field_twice", "field", "name", g.Path.String())
			}
			seen[g.Path.Key()] = true
		})
	}
}

func (d *decoder) readCardSort(o *object, c *metamodel.Card) {
	most := 1
	if c.Type == metamodel.ListCard {
		most = metamodel.MaxSort
	}
	for i, n := range o.list("sort", most, whatList) {
		in := d.object(n, diag.Pointer(o.at("sort"), i), o.form)
		s := &metamodel.CardSort{Descending: in.flag("desc")}
		c.Sort = append(c.Sort, s)
		if c.Type == metamodel.ListCard {
			field := in.need("field")
			d.later(linkPaths, func() {
				if sk, ok := d.seekAt(field, in.at("field"), in.form, &c.ID, whatField); ok {
					s.Field = d.findField(sk, c.Entity)
				}
			})
		} else {
			measure := in.need("measure")
			d.later(linkKeyed, func() {
				if sk, ok := d.seekAt(measure, in.at("measure"), in.form, &c.ID, whatMeasure); ok {
					s.Measure = d.findMeasure(sk, c)
				}
			})
		}
		in.done()
	}
}

func (d *decoder) findMeasure(s seek, c *metamodel.Card) *metamodel.Measure {
	byName := func(name string) *metamodel.Measure {
		at := slices.IndexFunc(c.Measures, func(m *metamodel.Measure) bool { return m.Name == name })
		if at < 0 {
			return nil
		}
		return c.Measures[at]
	}
	return resolve(d, s, metamodel.ElementMeasure, c.ID, byName, func() []string {
		return namesOf(c.Measures, func(m *metamodel.Measure) string { return m.Name })
	})
}

func (d *decoder) findFilter(s seek, v *metamodel.View) *metamodel.DashboardFilter {
	byName := func(name string) *metamodel.DashboardFilter {
		at := slices.IndexFunc(v.Filters, func(f *metamodel.DashboardFilter) bool { return f.Name == name })
		if at < 0 {
			return nil
		}
		return v.Filters[at]
	}
	return resolve(d, s, metamodel.ElementFilter, v.ID, byName, func() []string {
		return namesOf(v.Filters, func(f *metamodel.DashboardFilter) string { return f.Name })
	})
}

// readBinds reads which field each filter of the dashboard narrows. They are kept in the order of the filters' ids,
// since a JSON object has none.
func (d *decoder) readBinds(o *object, v *metamodel.View, c *metamodel.Card) {
	in := o.object("bind")
	if in == nil || in.n == nil {
		return
	}
	if n := len(in.n.members); n > metamodel.MaxFilters {
		d.list = append(d.list, tooMany(whatList, in.path, n, metamodel.MaxFilters))
		return
	}
	d.later(linkPaths, func() {
		for _, m := range in.n.members {
			at := in.at(m.key)
			if o.form == stored {
				at = in.at(d.sayIDs(m.key))
			}
			f := d.findFilter(seek{form: o.form, text: m.key, path: at, owner: &c.ID, what: whatFilter}, v)
			s, ok := d.seekAt(m.value, at, o.form, &c.ID, whatField)
			if f == nil || !ok {
				continue
			}
			if p := d.findPath(s, c.Entity); p != nil {
				c.Binds = append(c.Binds, &metamodel.CardBind{Filter: f, Path: p})
			}
		}
		slices.SortFunc(c.Binds, func(a, b *metamodel.CardBind) int { return strings.Compare(string(a.Filter.ID), string(b.Filter.ID)) })
	})
}
