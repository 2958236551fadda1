package check

import (
	"strconv"

	"tenon/metamodel"
)

// maxListPath is how far the columns of a list may reach: a field, or one of a record that is referred to.
const maxListPath = 2

func (c *checker) dashboard(app *metamodel.App, v *metamodel.View) {
	path := "/views/" + v.Name
	for i, f := range v.Filters {
		if f.Entity != nil && f.Entity.IsLines() {
			c.add("view.entity_lines", path+"/filters/"+strconv.Itoa(i)+"/entity", "name", f.Entity.Name)
		}
	}
	for i, card := range v.Cards {
		c.card(app, card, path+"/cards/"+strconv.Itoa(i))
	}
}

func (c *checker) card(app *metamodel.App, card *metamodel.Card, path string) {
	least, most := card.Type.Grouping()
	if n := len(card.Groups); n < least || n > most {
		c.add("card.groups", path+"/group", "type", string(card.Type), "actual", n, "min", least, "max", most)
	}
	if card.Type == metamodel.ListCard {
		c.records(card, path)
	} else if len(card.Measures) == 0 {
		c.add("card.empty", path+"/measures", "type", string(card.Type))
	}
	for i, m := range card.Measures {
		at := path + "/measures/" + strconv.Itoa(i)
		c.measure(m, at)
		if m.Span != metamodel.Within && card.PeriodBind() == nil {
			c.add("card.period_unbound", at+"/span", "key", "span")
		}
	}
	if card.Flat && card.Type != metamodel.PivotCard {
		c.add("card.flat_unusable", path+"/flat", "type", string(card.Type))
	}
	for i, g := range card.Groups {
		at, f := path+"/group/"+strconv.Itoa(i), g.Path.Last()
		c.usable(f, groupable, at, "field")
		if g.By != "" && !dated(f) {
			c.add("card.by_unusable", at+"/by", "name", g.Path.String(), "by", g.By)
		}
	}
	c.binds(card, path)
	c.keep(card, path)
	if card.Period != "" && card.PeriodBind() == nil {
		c.add("card.period_unbound", path+"/period", "key", "period")
	}
	if card.Previous && card.PeriodBind() == nil {
		c.add("card.period_unbound", path+"/compare", "key", "compare")
	}
	for _, v := range app.Views {
		if v.ID == card.View && (v.Entity != card.Entity || v.Type == metamodel.FormView || v.Type == metamodel.DashboardView) {
			c.add("card.view_mismatch", path+"/view", "name", v.Name)
		}
	}
}

// records judges a card that shows records. Lines are shown with the record that they belong to.
func (c *checker) records(card *metamodel.Card, path string) {
	if card.Entity.IsLines() {
		c.add("view.entity_lines", path+"/entity", "name", card.Entity.Name)
	}
	if len(card.Columns) == 0 {
		c.add("card.empty", path+"/columns", "type", string(card.Type))
	}
	c.columns(card.Columns, path+"/columns")
	for i, col := range card.Columns {
		if len(col.Path) > maxListPath {
			c.add("view.field_unusable", path+"/columns/"+strconv.Itoa(i)+"/field", "name", col.Path.String(), "key", "columns")
		}
	}
	for i, s := range card.Sort {
		c.usable(s.Field, sortable, path+"/sort/"+strconv.Itoa(i), "field")
	}
}

func (c *checker) measure(m *metamodel.Measure, path string) {
	last := m.Path.Last()
	fits := true
	switch {
	case last == nil:
		fits = m.Op == "count"
	case m.Op == "sum" || m.Op == "avg":
		fits = numeric(last)
	case m.Op == "min" || m.Op == "max":
		fits = ordered(last)
	case m.Op == "distinct":
		fits = groupable(last)
	}
	if m.Minus && (last == nil || !numeric(last) || m.Op == "count" || m.Op == "distinct") {
		c.add("view.total_unusable", path+"/minus", "name", m.Path.String(), "total", "minus")
	}
	if !fits {
		c.add("view.total_unusable", path+"/op", "name", m.Path.String(), "total", m.Op)
	}
}

// binds judges that each filter narrows by a field that holds what the filter is about.
func (c *checker) binds(card *metamodel.Card, path string) {
	for _, b := range card.Binds {
		last := b.Path.Last()
		fits := false
		switch b.Filter.Kind {
		case metamodel.PeriodFilter, metamodel.DayFilter:
			fits = dated(last)
		case metamodel.ReferenceFilter:
			fits = last.Kind.IsReference() && last.Target == b.Filter.Entity
		case metamodel.ChoiceFilter:
			fits = last.Kind == metamodel.Choice && last.Enum == b.Filter.Enum
		}
		if !fits {
			c.add("card.bind_unusable", path+"/bind/"+b.Filter.Name, "filter", b.Filter.Name, "name", b.Path.String())
		}
	}
}
