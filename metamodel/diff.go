package metamodel

import (
	"slices"
	"strings"
)

// Diff lists how an app went from one state to another, in the order of the later state's documents, removals
// last. Elements are matched by id, so a rename is a rename and nothing else. What sits in an added or removed
// element is not listed on its own. Either state may be nil, which is an app with nothing in it.
func Diff(from, to *App) []Change {
	d := &differ{before: index(from), after: index(to)}
	for _, el := range d.after.list {
		old, was := d.before.byID[el.ID]
		switch {
		case !was && d.isNew(el.Parent):
		case !was:
			d.add(Added{d.about(el, d.after)})
		default:
			d.compare(old, el)
		}
	}
	for _, el := range d.before.list {
		if _, still := d.after.byID[el.ID]; still {
			continue
		}
		if _, parentStill := d.after.byID[el.Parent]; parentStill || el.Parent == "" {
			d.add(Removed{d.about(el, d.before)})
		}
	}
	return d.out
}

type elements struct {
	list   []Element
	byID   map[ID]Element
	inside map[ID][]Element
}

func index(a *App) elements {
	out := elements{byID: map[ID]Element{}, inside: map[ID][]Element{}}
	if a == nil {
		return out
	}
	out.list = a.Elements()
	for _, el := range out.list {
		out.byID[el.ID] = el
		out.inside[el.Parent] = append(out.inside[el.Parent], el)
	}
	return out
}

// name is what an element is called, its id when it isn't there.
func (e elements) name(id ID) string {
	if el, ok := e.byID[id]; ok {
		return el.Name
	}
	return string(id)
}

type differ struct {
	before, after elements
	out           []Change
}

func (d *differ) add(c Change) { d.out = append(d.out, c) }

// isNew tells whether an element of the later state was not there before.
func (d *differ) isNew(id ID) bool {
	_, was := d.before.byID[id]
	return id != "" && !was
}

func (d *differ) about(el Element, in elements) about {
	return about{Element: el, Where: where(el, in)}
}

// where is the element and what it sits in, in words: 采购订单 › 明细 › 数量.
func where(el Element, in elements) Label {
	out := Label{}
	for _, lang := range []string{DefaultLanguage, "en-US"} {
		var parts []string
		for at, ok := el, true; ok && (at.Kind != ElementApp || len(parts) == 0); at, ok = in.byID[at.Parent] {
			text := at.Title.In(lang)
			if text == "" || at.Kind == ElementRule {
				text = at.Name
			}
			parts = append(parts, text)
		}
		slices.Reverse(parts)
		out[lang] = strings.Join(parts, " › ")
	}
	return out
}

// named tells whether an element has a name of its own, rather than being called after what it points at.
func named(el Element) bool {
	switch o := el.Object.(type) {
	case *FormItem, *Column, *Grant:
		return false
	case *Key:
		return o.Name != ""
	}
	return true
}

func (d *differ) compare(old, now Element) {
	a := d.about(now, d.after)
	if old.Parent != now.Parent {
		d.add(Moved{a, d.before.byID[old.Parent]})
	}
	_, isKey := now.Object.(*Key)
	if named(now) && !isKey && old.Name != now.Name {
		d.add(Renamed{a, old.Name, now.Name})
	}
	if f, ok := now.Object.(*Field); ok {
		if g, was := old.Object.(*Field); was && f.Kind != g.Kind {
			d.add(Retyped{a, g.Kind, f.Kind})
		}
	}
	before := map[string]attribute{}
	var order []string
	for _, at := range attributes(old, d.before) {
		before[at.name] = at
		order = append(order, at.name)
	}
	for _, at := range attributes(now, d.after) {
		was := before[at.name]
		order = slices.DeleteFunc(order, func(n string) bool { return n == at.name })
		if was.same != at.same {
			d.add(Altered{a, at.name, was.show, at.show, at.class(was.same, at.same)})
		}
	}
	for _, name := range order { // attributes that only the earlier state has
		if was := before[name]; was.same != "" {
			d.add(Altered{a, name, was.show, "", was.class(was.same, "")})
		}
	}
	d.reordered(now, a)
}

// reordered compares the order of the elements that sit in an element before and after.
func (d *differ) reordered(el Element, a about) {
	before, after := d.before.inside[el.ID], d.after.inside[el.ID]
	for _, kind := range orderedKinds {
		common := func(list []Element, other elements) []ID {
			var out []ID
			for _, c := range list {
				if o, both := other.byID[c.ID]; both && c.Kind == kind && o.Parent == el.ID {
					out = append(out, c.ID)
				}
			}
			return out
		}
		if !slices.Equal(common(before, d.after), common(after, d.before)) {
			d.add(Reordered{a, kind})
		}
	}
}

// orderedKinds are the kinds of elements whose order people choose. Documents are in the order of their names.
var orderedKinds = []ElementKind{
	ElementMenu, ElementField, ElementOption, ElementUnique, ElementIndex, ElementRule, ElementPosting, ElementTransition,
	ElementSection, ElementItem, ElementColumn, ElementColor, ElementSaved, ElementFilter, ElementCard, ElementMeasure,
	ElementGrant,
}
