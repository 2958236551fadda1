package schema

import (
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// viewColors are the colours that a rule may paint with.
var viewColors = []string{"red", "orange", "yellow", "green", "blue", "purple", "gray"}

// totals are the sums that a column may show.
var totals = []string{"sum", "avg", "min", "max", "count"}

// mediums are where a part of a form may be shown alone.
var mediums = []string{string(metamodel.OnScreen), string(metamodel.OnPaper)}

func (d *decoder) readView(o *object) {
	v := &metamodel.View{}
	d.app.Views = append(d.app.Views, v)
	v.Name = d.documentName(o, metamodel.ElementView, &v.ID, v)
	v.Title = o.label("title", metamodel.MaxLabel, true)
	v.Help = o.label("description", metamodel.MaxHelp, false)
	v.Type = metamodel.ViewType(o.needOne("type", string(metamodel.FormView), string(metamodel.TableView), string(metamodel.BoardView), string(metamodel.CalendarView), string(metamodel.DashboardView)))
	if v.Type == metamodel.DashboardView {
		d.readDashboard(o, v)
		return
	}
	if n := o.need("entity"); n != nil {
		d.later(linkTargets, func() {
			if s, ok := d.seekAt(n, o.at("entity"), o.form, &v.ID, whatEntity); ok {
				v.Entity = d.findEntity(s)
			}
		})
	}
	entity := func() *metamodel.Entity { return v.Entity }
	switch v.Type {
	case metamodel.FormView:
		d.readSections(o, v)
		v.Paper = d.readPaper(o)
	case metamodel.TableView:
		d.readListing(o, v, entity)
		d.readSort(o, v, &v.ID, &v.Sort)
		d.viewField(o, v, "group", &v.Group)
		v.Page = o.number("page_size", 1, metamodel.MaxPage, metamodel.DefaultPage)
		d.readSaved(o, v)
	case metamodel.BoardView:
		d.readListing(o, v, entity)
		d.readSort(o, v, &v.ID, &v.Sort)
		o.must("by")
		d.viewField(o, v, "by", &v.By)
		d.viewField(o, v, "sum", &v.Sum)
		d.viewField(o, v, "lane", &v.Lane)
		d.readLimits(o, v)
	case metamodel.CalendarView:
		d.readListing(o, v, entity)
		o.must("start")
		d.viewField(o, v, "start", &v.Start)
		d.viewField(o, v, "end", &v.End)
	default: // reported
		o.takeRest()
	}
}

// viewField resolves a mention of one field of the view's entity.
func (d *decoder) viewField(o *object, v *metamodel.View, key string, into **metamodel.Field) {
	n := o.take(key)
	d.later(linkPaths, func() {
		if s, ok := d.seekAt(n, o.at(key), o.form, &v.ID, whatField); ok {
			*into = d.findField(s, v.Entity)
		}
	})
}

// readListing reads what tables, boards and calendars share.
func (d *decoder) readListing(o *object, v *metamodel.View, entity func() *metamodel.Entity) {
	v.Columns = d.readColumns(o, "columns", &v.ID, false, entity)
	v.Filter = d.readFormula(o, "filter", o.take("filter"))
	v.Colors = d.readColors(o, &v.ID, func(in *object, c *metamodel.ColorRule) {
		field := in.take("field")
		d.later(linkPaths, func() {
			if s, ok := d.seekAt(field, in.at("field"), in.form, &c.ID, whatField); ok {
				c.Field = d.findField(s, v.Entity)
			}
		})
	})
	d.viewID(o, "form", &v.ID, &v.Form)
}

// readColors reads colour rules; more reads what rules have at their place besides.
func (d *decoder) readColors(o *object, parent *metamodel.ID, more func(*object, *metamodel.ColorRule)) []*metamodel.ColorRule {
	var out []*metamodel.ColorRule
	names := map[string]bool{}
	for i, n := range o.list("colors", metamodel.MaxColors, whatList) {
		in := d.object(n, diag.Pointer(o.at("colors"), i), o.form)
		c := &metamodel.ColorRule{}
		out = append(out, c)
		c.Name = d.elementName(in, metamodel.ElementColor, parent, &c.ID, c)
		d.siblings(names, c.Name, in)
		c.Title = in.label("title", metamodel.MaxLabel, false)
		c.When = d.readFormula(in, "when", in.need("when"))
		c.Color = in.needOne("color", viewColors...)
		more(in, c)
		in.done()
	}
	return out
}

// viewID resolves a mention of a view.
func (d *decoder) viewID(o *object, key string, owner, into *metamodel.ID) {
	n := o.take(key)
	d.later(linkPaths, func() {
		if s, ok := d.seekAt(n, o.at(key), o.form, owner, whatView); ok {
			if v := d.findView(s); v != nil {
				*into = v.ID
			}
		}
	})
}

func (d *decoder) readSort(o *object, v *metamodel.View, owner *metamodel.ID, into *[]*metamodel.SortKey) {
	for i, n := range o.list("sort", metamodel.MaxSort, whatList) {
		in := d.object(n, diag.Pointer(o.at("sort"), i), o.form)
		k := &metamodel.SortKey{Descending: in.flag("desc")}
		field := in.need("field")
		in.done()
		*into = append(*into, k)
		d.later(linkPaths, func() {
			if s, ok := d.seekAt(field, in.at("field"), in.form, owner, whatField); ok {
				k.Field = d.findField(s, v.Entity)
			}
		})
	}
}

func (d *decoder) readSaved(o *object, v *metamodel.View) {
	names := map[string]bool{}
	for i, n := range o.list("saved", metamodel.MaxSaved, whatList) {
		in := d.object(n, diag.Pointer(o.at("saved"), i), o.form)
		s := &metamodel.SavedView{}
		v.Saved = append(v.Saved, s)
		s.Name = d.elementName(in, metamodel.ElementSaved, &v.ID, &s.ID, s)
		d.siblings(names, s.Name, in)
		s.Title = in.label("title", metamodel.MaxLabel, true)
		s.Filter = d.readFormula(in, "filter", in.take("filter"))
		d.readSort(in, v, &s.ID, &s.Sort)
		in.done()
	}
}

func (d *decoder) readLimits(o *object, v *metamodel.View) {
	for i, n := range o.list("limits", metamodel.MaxWIPLimits, whatList) {
		in := d.object(n, diag.Pointer(o.at("limits"), i), o.form)
		l := &metamodel.WIPLimit{Max: in.number("max", 1, metamodel.MaxInteger, 1)}
		if in.n.get("max") == nil {
			in.need("max")
		}
		option := in.need("option")
		in.done()
		v.Limits = append(v.Limits, l)
		d.later(linkKeyed, func() { // after `by`
			if v.By == nil {
				return
			}
			if v.By.Enum == nil {
				d.list.Add("view.limit_not_option", in.path)
				return
			}
			if s, ok := d.seekAt(option, in.at("option"), in.form, &v.ID, whatOption); ok {
				l.Option = d.findOption(s, v.By.Enum)
			}
		})
	}
}

// readColumns reads the columns of a table, a card or a grid. Those of a grid of lines may be for one medium alone.
// entity is known only when linking.
func (d *decoder) readColumns(o *object, key string, parent *metamodel.ID, lines bool, entity func() *metamodel.Entity) []*metamodel.Column {
	var out []*metamodel.Column
	seen := map[string]bool{}
	for i, n := range o.list(key, metamodel.MaxColumns, whatList) {
		in := d.object(n, diag.Pointer(o.at(key), i), o.form)
		c := &metamodel.Column{}
		out = append(out, c)
		field := in.need("field")
		c.Title = in.label("title", metamodel.MaxLabel, false)
		c.Width = in.number("width", 1, metamodel.MaxWidth, 0)
		c.Total = in.one("total", totals...)
		c.Fixed = in.flag("fixed")
		if lines {
			c.Only = metamodel.Medium(in.one("only", mediums...))
			c.Visible = d.readFormula(in, "visible", in.take("visible"))
		}
		d.later(linkPaths, func() {
			if s, ok := d.seekAt(field, in.at("field"), in.form, &c.ID, whatField); ok {
				c.Path = d.findPath(s, entity())
			}
			if seen[c.Path.Key()] && c.Path != nil {
				in.add("view.field_twice", "field", "name", c.Path.String())
			}
			seen[c.Path.Key()] = true
		})
		d.later(linkKeyed, func() {
			d.ids.add(in, parent, metamodel.ElementColumn, c.Path.Key(), &c.ID, c)
			in.done()
		})
	}
	return out
}

func (d *decoder) readSections(o *object, v *metamodel.View) {
	names := map[string]bool{}
	items := 0
	for i, n := range o.list("sections", metamodel.MaxSections, whatList) {
		in := d.object(n, diag.Pointer(o.at("sections"), i), o.form)
		s := &metamodel.Section{}
		v.Sections = append(v.Sections, s)
		s.Name = d.elementName(in, metamodel.ElementSection, &v.ID, &s.ID, s)
		d.siblings(names, s.Name, in)
		s.Title = in.label("title", metamodel.MaxLabel, false)
		s.Tab = in.label("tab", metamodel.MaxLabel, false)
		s.Columns = in.number("columns", 1, metamodel.MaxFormColumns, defaultFormColumns)
		s.Visible = d.readFormula(in, "visible", in.take("visible"))
		seen := map[*metamodel.Field]bool{}
		for j, item := range in.list("items", metamodel.MaxItems, whatItems) {
			items++
			d.readItem(d.object(item, diag.Pointer(in.at("items"), j), in.form), v, s, seen)
		}
		in.done()
	}
	if items > metamodel.MaxItems {
		d.list = append(d.list, tooMany(whatItems, o.at("sections"), items, metamodel.MaxItems))
	}
}

func (d *decoder) readPaper(o *object) *metamodel.Paper {
	in := o.object("print")
	if in == nil {
		return nil
	}
	p := &metamodel.Paper{Title: in.label("title", metamodel.MaxLabel, false), Note: in.label("note", metamodel.MaxHelp, false)}
	p.Orientation = metamodel.Orientation(in.one("orientation", string(metamodel.Portrait), string(metamodel.Landscape)))
	for i, n := range in.list("signatures", metamodel.MaxSignatures, whatList) {
		of := d.object(n, diag.Pointer(in.at("signatures"), i), in.form)
		p.Signatures = append(p.Signatures, of.label("title", metamodel.MaxLabel, true))
		of.done()
	}
	in.done()
	return p
}

// defaultFormColumns is how many columns a section has when it doesn't say.
const defaultFormColumns = 2

func (d *decoder) readItem(o *object, v *metamodel.View, s *metamodel.Section, seen map[*metamodel.Field]bool) {
	it := &metamodel.FormItem{}
	s.Items = append(s.Items, it)
	field := o.need("field")
	it.Span = o.number("span", 1, metamodel.MaxFormColumns, 1)
	if it.Span > s.Columns {
		o.add("view.span_too_wide", "span", "span", it.Span, "columns", s.Columns)
	}
	it.Visible = d.readFormula(o, "visible", o.take("visible"))
	it.Required = d.readFormula(o, "required", o.take("required"))
	it.ReadOnly = d.readFormula(o, "readonly", o.take("readonly"))
	it.Help = o.label("help", metamodel.MaxHelp, false)
	it.Only = metamodel.Medium(o.one("only", mediums...))
	d.later(linkPaths, func() {
		if sk, ok := d.seekAt(field, o.at("field"), o.form, &it.ID, whatField); ok {
			it.Field = d.findField(sk, v.Entity)
		}
		if it.Field != nil && seen[it.Field] {
			o.add("view.field_twice", "field", "name", it.Field.Name)
		}
		seen[it.Field] = true
	})
	d.later(linkKeyed, func() {
		key := ""
		if it.Field != nil {
			key = string(it.Field.ID)
		}
		d.ids.add(o, &s.ID, metamodel.ElementItem, key, &it.ID, it)
		o.done()
	})
	it.Lines = d.readColumns(o, "columns", &it.ID, true, func() *metamodel.Entity {
		if it.Field == nil || it.Field.Kind != metamodel.Lines {
			if it.Field != nil {
				o.add("view.columns_not_lines", "columns")
			}
			return nil
		}
		return it.Field.Target
	})
}
