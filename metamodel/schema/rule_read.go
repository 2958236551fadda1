package schema

import (
	"slices"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// elementName reads the name of an element that sits in a list.
func (d *decoder) elementName(o *object, kind metamodel.ElementKind, parent, id *metamodel.ID, object any) string {
	name := o.needText("name", metamodel.MaxName)
	if kind == metamodel.ElementOption {
		if name != "" && !metamodel.IsOptionName(name) {
			o.add("name.option_malformed", "name", "name", clip(name))
		}
	} else {
		d.checkName(name, o.at("name"), false)
	}
	d.ids.add(o, parent, kind, name, id, object)
	return name
}

// siblings reports names that occur twice among elements of one list.
func (d *decoder) siblings(names map[string]bool, name string, o *object) {
	if name != "" && names[name] {
		o.add("name.duplicate", "name", "name", clip(name))
	}
	names[name] = true
}

func (d *decoder) readRule(o *object, e *metamodel.Entity) {
	r := &metamodel.Rule{}
	e.Rules = append(e.Rules, r)
	r.Name = d.elementName(o, metamodel.ElementRule, &e.ID, &r.ID, r)
	d.unique("rule\n"+e.Name+"\n"+r.Name, r.Name, o.at("name"))
	events := []string{string(metamodel.OnCreate), string(metamodel.OnUpdate), string(metamodel.OnDeletion), string(metamodel.OnTransition), string(metamodel.OnClock)}
	for i, n := range o.list("on", len(events), whatList) {
		at := diag.Pointer(o.at("on"), i)
		event := metamodel.RuleEvent(d.oneAt(n, at, events))
		switch {
		case event == "":
		case slices.Contains(r.On, event):
			d.list.Add("document.value_duplicate", at, "value", string(event))
		default:
			r.On = append(r.On, event)
		}
	}
	r.When = d.readFormula(o, "when", o.take("when"))
	r.Check = d.readFormula(o, "cel", o.need("cel"))
	r.Severity = o.one("severity", "error", "warning")
	if r.Severity == "" {
		r.Severity = "error"
	}
	if o.n.get("message") == nil {
		o.need("message")
	}
	r.Message = d.readMessage(o)
	at, tell := o.take("at"), o.list("tell", metamodel.MaxTold, whatList)
	d.later(linkPaths, func() {
		if at != nil {
			if s, ok := d.seekAt(at, o.at("at"), o.form, &r.ID, whatField); ok {
				r.At = d.findField(s, e)
			}
		}
		for i, n := range tell {
			at := diag.Pointer(o.at("tell"), i)
			s, ok := d.seekAt(n, at, o.form, &r.ID, whatRole)
			if !ok {
				continue
			}
			switch role := d.findRole(s); {
			case role == nil:
			case slices.Contains(r.Tell, role):
				d.list.Add("document.value_duplicate", at, "value", role.Name)
			default:
				r.Tell = append(r.Tell, role)
			}
		}
	})
	o.done()
}

// readMessage reads a message by language, the default language always among them.
func (d *decoder) readMessage(o *object) metamodel.Label {
	m := o.languages("message", metamodel.MaxMessage)
	if n := o.n.get("message"); n != nil && n.kind == jsonObject && m[metamodel.DefaultLanguage] == "" {
		d.list.Add("document.key_missing", diag.Pointer(o.at("message"), metamodel.DefaultLanguage), "key", metamodel.DefaultLanguage)
	}
	return m
}

// readFormula reads an expression's text. It is compiled when everything is linked.
func (d *decoder) readFormula(o *object, key string, n *node) *metamodel.Formula {
	if n == nil {
		return nil
	}
	if n.kind != jsonString {
		o.add("document.not_text", key)
		return nil
	}
	if n.text == "" {
		o.add("document.value_empty", key)
		return nil
	}
	limit := metamodel.MaxFormula
	if o.form == stored {
		limit *= storedGrowth
	}
	if len(n.text) > limit {
		d.list = append(d.list, tooMany(whatFormula, o.at(key), len(n.text), limit))
		return nil
	}
	if o.form == source && strings.ContainsAny(n.text, markOpen+markClose) {
		o.add("document.mark_not_allowed", key)
		return nil
	}
	f := &metamodel.Formula{Source: n.text}
	if o.form == stored {
		f = &metamodel.Formula{Stored: n.text}
	}
	d.formulas[f] = o.form
	return f
}

// storedGrowth is how much longer a formula can get when every one-letter name in it becomes ⟦id⟧.
const storedGrowth = 16

func (d *decoder) readStates(o *object, e *metamodel.Entity) {
	in := o.object("x-states")
	var field *metamodel.Field
	for _, f := range e.Fields {
		if !f.State {
			continue
		}
		if field != nil {
			d.list.Add("states.field_twice", o.at("properties"), "fields", []string{field.Name, f.Name})
		} else {
			field = f
		}
	}
	switch {
	case in == nil || in.n == nil:
		if in == nil && field != nil {
			o.add("states.missing", "x-states", "name", field.Name)
		}
		return
	case field == nil:
		o.add("states.field_missing", "x-states")
	case field.Kind != metamodel.Choice || field.Formula != nil:
		o.add("states.field_kind", "x-states", "name", field.Name)
	}
	st := &metamodel.States{Field: field}
	e.States = st
	option := func(n *node, path string, owner *metamodel.ID) *metamodel.Option {
		if s, ok := d.seekAt(n, path, in.form, owner, whatOption); ok && field != nil {
			return d.findOption(s, field.Enum)
		}
		return nil
	}
	options := func(list []*node, path string, owner *metamodel.ID) []*metamodel.Option {
		var out []*metamodel.Option
		for i, n := range list {
			at := diag.Pointer(path, i)
			switch opt := option(n, at, owner); {
			case opt == nil:
			case slices.Contains(out, opt):
				d.list.Add("document.value_duplicate", at, "value", opt.Name)
			default:
				out = append(out, opt)
			}
		}
		return out
	}
	initial := in.need("initial")
	frozen := in.list("frozen", metamodel.MaxOptions, whatList)
	waiting := in.list("waiting", metamodel.MaxOptions, whatList)
	d.later(linkPaths, func() {
		if initial != nil {
			st.Initial = option(initial, in.at("initial"), &e.ID)
		}
		st.Frozen = options(frozen, in.at("frozen"), &e.ID)
		st.Waiting = options(waiting, in.at("waiting"), &e.ID)
	})
	names := map[string]bool{}
	for i, n := range in.list("transitions", metamodel.MaxTransitions, whatList) {
		t := d.object(n, diag.Pointer(in.at("transitions"), i), in.form)
		d.siblings(names, d.readTransition(t, e, option, options), t)
	}
	in.done()
}

func (d *decoder) readTransition(o *object, e *metamodel.Entity, option func(*node, string, *metamodel.ID) *metamodel.Option, options func([]*node, string, *metamodel.ID) []*metamodel.Option) string {
	t := &metamodel.Transition{}
	e.States.Transitions = append(e.States.Transitions, t)
	t.Name = d.elementName(o, metamodel.ElementTransition, &e.ID, &t.ID, t)
	t.Title = o.label("title", metamodel.MaxLabel, true)
	from := o.need("from")
	to := o.need("to")
	t.When = d.readFormula(o, "when", o.take("when"))
	t.Message = d.readMessage(o)
	o.done()
	d.later(linkPaths, func() {
		if from != nil {
			t.From = options(d.listAt(from, o.at("from"), metamodel.MaxOptions, whatList), o.at("from"), &t.ID)
		}
		if to != nil {
			t.To = option(to, o.at("to"), &t.ID)
		}
	})
	return t.Name
}
