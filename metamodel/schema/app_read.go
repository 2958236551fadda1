package schema

import (
	"regexp"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// What an app is set to when its document doesn't say.
const (
	defaultTimezone = "Asia/Shanghai" // the zone
	defaultCurrency = "CNY"           // the currency
)

var (
	timezoneForm = regexp.MustCompile(`^(UTC|[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2})$`)
	versionForm  = regexp.MustCompile(`^\d{1,6}\.\d{1,6}\.\d{1,6}(-[0-9A-Za-z.-]{1,40})?$`)
)

func (d *decoder) readApp(o *object) {
	a := d.app
	a.Name = o.needText("x-name", metamodel.MaxName)
	d.checkName(a.Name, o.at("x-name"), false)
	d.ids.add(o, nil, metamodel.ElementApp, a.Name, &a.ID, a)
	a.Title = o.label("title", metamodel.MaxLabel, true)
	a.Summary = o.label("description", metamodel.MaxHelp, false)
	a.Icon = o.text("icon", metamodel.MaxName)
	a.Version = o.needText("version", metamodel.MaxName)
	if a.Version != "" && !versionForm.MatchString(a.Version) {
		o.add("app.version_malformed", "version", "value", clip(a.Version))
	}
	a.Timezone = o.text("timezone", metamodel.MaxName)
	switch {
	case a.Timezone == "":
		a.Timezone = defaultTimezone
	case !timezoneForm.MatchString(a.Timezone):
		o.add("app.timezone_malformed", "timezone", "value", clip(a.Timezone))
	}
	a.Currency = d.currency(o.text("currency", metamodel.MaxName), o.at("currency"))
	if a.Currency == "" {
		a.Currency = defaultCurrency
	}
	count := 0
	a.Menu = d.readMenu(o, "menu", &a.ID, 1, &count)
	if count > metamodel.MaxMenu {
		d.list = append(d.list, tooMany(whatMenu, o.at("menu"), count, metamodel.MaxMenu))
	}
}

func (d *decoder) readMenu(o *object, key string, parent *metamodel.ID, depth int, count *int) []*metamodel.MenuItem {
	list := o.list(key, metamodel.MaxMenu, whatMenu)
	if len(list) > 0 && depth > metamodel.MaxMenuDepth {
		d.list = append(d.list, tooMany(whatMenuDepth, o.at(key), depth, metamodel.MaxMenuDepth))
		return nil
	}
	var out []*metamodel.MenuItem
	names := map[string]bool{}
	for i, n := range list {
		*count++
		m := &metamodel.MenuItem{}
		out = append(out, m)
		in := d.object(n, diag.Pointer(o.at(key), i), o.form)
		m.Name = d.elementName(in, metamodel.ElementMenu, parent, &m.ID, m)
		d.siblings(names, m.Name, in)
		m.Title = in.label("title", metamodel.MaxLabel, true)
		m.Icon = in.text("icon", metamodel.MaxName)
		view, items := in.take("view"), in.n.get("items")
		if in.n != nil && (view == nil) == (items == nil) {
			d.list.Add("menu.view_and_items", in.path)
		}
		m.Items = d.readMenu(in, "items", &m.ID, depth+1, count)
		d.later(linkPaths, func() {
			if s, ok := d.seekAt(view, in.at("view"), in.form, &m.ID, whatView); ok {
				if v := d.findView(s); v != nil {
					d.later(linkLast, func() { m.View = v.ID })
				}
			}
		})
		in.done()
	}
	return out
}

// findMenu finds a menu item by its path of names, group.item, or by id.
func (d *decoder) findMenu(s seek) *metamodel.MenuItem {
	if s.form == stored {
		return resolve(d, s, metamodel.ElementMenu, "", func(string) *metamodel.MenuItem { return nil }, func() []string { return nil })
	}
	paths := menuPaths(d.app.Menu, "")
	for _, p := range paths {
		if p.path == s.text {
			return p.item
		}
	}
	if d.broken[DocKey{Kind: metamodel.KindApp}] {
		return nil
	}
	d.notFound(s, s.text, namesOf(paths, func(p menuPath) string { return p.path }))
	return nil
}

type menuPath struct {
	path string
	item *metamodel.MenuItem
}

// menuPaths lists all menu items with the paths by which roles name them.
func menuPaths(items []*metamodel.MenuItem, prefix string) []menuPath {
	var out []menuPath
	for _, m := range items {
		out = append(out, menuPath{prefix + m.Name, m})
		out = append(out, menuPaths(m.Items, prefix+m.Name+".")...)
	}
	return out
}
