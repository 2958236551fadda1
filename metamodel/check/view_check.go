package check

import (
	"strconv"

	"tenon/metamodel"
)

func (c *checker) view(app *metamodel.App, v *metamodel.View) {
	if v.Type == metamodel.DashboardView {
		c.dashboard(app, v)
		return
	}
	path := "/views/" + v.Name
	if v.Entity.IsLines() {
		c.add("view.entity_lines", path+"/entity", "name", v.Entity.Name)
	}
	for i, s := range v.Sections {
		for j, it := range s.Items {
			c.columns(it.Lines, path+"/sections/"+strconv.Itoa(i)+"/items/"+strconv.Itoa(j)+"/columns")
		}
	}
	c.columns(v.Columns, path+"/columns")
	c.sort(v.Sort, path+"/sort")
	for i, s := range v.Saved {
		c.sort(s.Sort, path+"/saved/"+strconv.Itoa(i)+"/sort")
	}
	c.usable(v.Group, groupable, path, "group")
	c.usable(v.Lane, groupable, path, "lane")
	c.usable(v.By, boardable, path, "by")
	c.usable(v.Sum, numeric, path, "sum")
	c.usable(v.Start, dated, path, "start")
	c.usable(v.End, dated, path, "end")
	if v.Form == "" {
		return
	}
	for _, f := range app.Views {
		if f.ID == v.Form && (f.Type != metamodel.FormView || f.Entity != v.Entity) {
			c.add("view.form_mismatch", path+"/form", "name", f.Name)
		}
	}
}

func (c *checker) usable(f *metamodel.Field, fits func(*metamodel.Field) bool, path, key string) {
	if f != nil && !fits(f) {
		c.add("view.field_unusable", path+"/"+key, "name", f.Name, "key", key)
	}
}

// sortable tells whether records can be put in the order of a field.
func sortable(f *metamodel.Field) bool {
	switch f.Kind {
	case metamodel.LongText, metamodel.RichText, metamodel.JSON, metamodel.Lines:
		return false
	default:
		return !f.Kind.IsList()
	}
}

// groupable tells whether records can be put together by a field.
func groupable(f *metamodel.Field) bool { return sortable(f) }

// boardable tells whether a board can have a column for each value of a field, and set it when a card moves.
func boardable(f *metamodel.Field) bool {
	switch f.Kind {
	case metamodel.Choice, metamodel.Reference, metamodel.Tree, metamodel.User, metamodel.Department:
		return !f.Computed()
	default:
		return false
	}
}

// dated tells whether a record has a place in a calendar by a field.
func dated(f *metamodel.Field) bool {
	return f.Kind == metamodel.Date || f.Kind == metamodel.DateTime
}

// numeric tells whether a field can be added up.
func numeric(f *metamodel.Field) bool {
	return f.Kind == metamodel.Integer || f.Kind.IsDecimal()
}

// ordered tells whether a field has a least and a greatest value.
func ordered(f *metamodel.Field) bool {
	switch f.Kind {
	case metamodel.Date, metamodel.DateTime, metamodel.Time, metamodel.Duration:
		return true
	default:
		return numeric(f)
	}
}

func (c *checker) sort(keys []*metamodel.SortKey, path string) {
	for i, k := range keys {
		c.usable(k.Field, sortable, path+"/"+strconv.Itoa(i), "field")
	}
}

func (c *checker) columns(list []*metamodel.Column, path string) {
	for i, col := range list {
		at := path + "/" + strconv.Itoa(i)
		last := col.Path.Last()
		if last.Kind == metamodel.Lines {
			c.add("view.field_unusable", at+"/field", "name", col.Path.String(), "key", "columns")
		}
		fits := true
		switch col.Total {
		case "sum", "avg":
			fits = numeric(last)
		case "min", "max":
			fits = ordered(last)
		}
		if !fits {
			c.add("view.total_unusable", at+"/total", "name", col.Path.String(), "total", col.Total)
		}
	}
}
