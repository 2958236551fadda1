package schema

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// scenarioReader reads one scenario once everything that it may mention is linked. handles are the records
// that have been given or made so far.
type scenarioReader struct {
	d       *decoder
	s       *metamodel.Scenario
	handles map[string]*metamodel.Entity
	stated  map[string]bool // handles that steps state themselves
}

func (d *decoder) readScenario(o *object) {
	s := &metamodel.Scenario{}
	d.app.Scenarios = append(d.app.Scenarios, s)
	s.Name = d.documentName(o, metamodel.ElementScenario, &s.ID, s)
	s.Title = o.label("title", metamodel.MaxLabel, true)
	s.Help = o.label("description", metamodel.MaxHelp, false)
	given := o.take("given")
	when := o.list("when", metamodel.MaxSteps, whatList)
	then := o.list("then", metamodel.MaxThen, whatList)
	d.later(linkPaths, func() {
		r := &scenarioReader{d: d, s: s, handles: map[string]*metamodel.Entity{}, stated: map[string]bool{}}
		for _, n := range when {
			r.stated[n.get("$").str()] = true
		}
		if given != nil {
			r.readGiven(given, o.at("given"), o.form)
		}
		for i, n := range when {
			r.readStep(d.object(n, diag.Pointer(o.at("when"), i), o.form), i)
		}
		for i, n := range then {
			r.readExpectation(d.object(n, diag.Pointer(o.at("then"), i), o.form))
		}
	})
}

// readGiven reads the records that exist before. Source form groups them by entity; stored form is a list,
// since the order in which they are made matters and members of a stored object have none.
func (r *scenarioReader) readGiven(n *node, path string, f form) {
	d := r.d
	if f == stored {
		for i, v := range d.listAt(n, path, metamodel.MaxGiven, whatList) {
			in := d.object(v, diag.Pointer(path, i), f)
			e := r.entity(in, "entity", in.need("entity"))
			record := in.need("record")
			in.done()
			if record != nil {
				r.given(record, in.at("record"), f, e)
			}
		}
		return
	}
	o := d.object(n, path, f)
	if o.n == nil {
		return
	}
	count := 0
	for _, m := range o.n.members {
		e := d.findEntity(seek{form: f, text: m.key, path: o.at(m.key), owner: &r.s.ID, what: whatEntity})
		for i, v := range d.listAt(m.value, o.at(m.key), metamodel.MaxGiven, whatList) {
			count++
			r.given(v, diag.Pointer(o.at(m.key), i), f, e)
		}
	}
	if count > metamodel.MaxGiven {
		d.list = append(d.list, tooMany(whatList, path, count, metamodel.MaxGiven))
	}
}

func (r *scenarioReader) given(n *node, path string, f form, e *metamodel.Entity) {
	o := r.d.object(n, path, f)
	g := &metamodel.GivenRecord{Entity: e, Handle: r.handle(o)}
	if o.n != nil && e != nil {
		g.Values = r.values(o, e, "$")
	}
	r.define(g.Handle, e)
	r.s.Given = append(r.s.Given, g)
}

// handle reads the name that a record gets.
func (r *scenarioReader) handle(o *object) string {
	s := o.text("$", metamodel.MaxName)
	if s != "" && !metamodel.IsName(s) {
		o.add("name.malformed", "$", "name", clip(s))
	}
	if _, twice := r.handles[s]; s != "" && twice {
		o.add("name.duplicate", "$", "name", s)
	}
	return s
}

func (r *scenarioReader) define(handle string, e *metamodel.Entity) {
	if handle != "" {
		r.handles[handle] = e
	}
}

func (r *scenarioReader) entity(o *object, key string, n *node) *metamodel.Entity {
	if s, ok := r.d.seekAt(n, o.at(key), o.form, &r.s.ID, whatEntity); ok {
		return r.d.findEntity(s)
	}
	return nil
}

func (r *scenarioReader) role(o *object) *metamodel.Role {
	if s, ok := r.d.seekAt(o.take("as"), o.at("as"), o.form, &r.s.ID, whatRole); ok {
		return r.d.findRole(s)
	}
	return nil
}

// record reads a mention of a record, "$name".
func (r *scenarioReader) record(o *object, key string) (string, *metamodel.Entity) {
	n := o.need(key)
	if n == nil {
		return "", nil
	}
	s := r.d.textAt(n, o.at(key), metamodel.MaxName+1)
	return r.mention(s, o.at(key))
}

func (r *scenarioReader) mention(s, path string) (string, *metamodel.Entity) {
	name, ok := strings.CutPrefix(s, "$")
	e, known := r.handles[name]
	if !ok || !known {
		r.d.list.Add("scenario.handle_unknown", path, "name", clip(name))
		return "", nil
	}
	return name, e
}

// mentionLine reads a mention of a line, "$name/2": its record and its place there, from 1.
func (r *scenarioReader) mentionLine(s, path string, lines *metamodel.Entity) {
	name, place, _ := strings.Cut(s, "/")
	_, e := r.mention(name, path)
	if e == nil || e == lines { // reported; lines are no records of their own
		return
	}
	n, err := strconv.Atoi(place)
	if err != nil || n < 1 || lines.Parent != e {
		r.d.list.Add("scenario.line_unknown", path, "name", clip(s), "record", e.Title.In(metamodel.DefaultLanguage), "lines", lines.Title.In(metamodel.DefaultLanguage))
	}
}

// values reads a record's fields, except those keys that say something else. Given records alone, which have
// such keys, may say their state as $state. Names of options are kept by id
// in stored form, so that renaming one does not break the scenario.
func (r *scenarioReader) values(o *object, e *metamodel.Entity, except ...string) map[string]any {
	out := map[string]any{}
	for _, m := range o.n.members {
		if slices.Contains(except, m.key) {
			continue
		}
		at := o.at(m.key)
		if o.form == stored {
			at = o.at(r.d.sayIDs(m.key))
		}
		if m.key == "$state" && len(except) > 0 {
			out[m.key] = r.state(m.value, at, o.form, e)
			continue
		}
		f := r.d.findField(seek{form: o.form, text: m.key, path: at, owner: &r.s.ID, what: whatField}, e)
		if f != nil {
			out[f.Name] = r.value(m.value, at, o.form, f)
		}
	}
	return out
}

func (r *scenarioReader) state(n *node, path string, f form, e *metamodel.Entity) any {
	s, ok := r.d.seekAt(n, path, f, &r.s.ID, whatOption)
	switch {
	case !ok || e.States != nil && e.States.Field == nil: // reported
		return nil
	case e.States == nil:
		r.d.notFound(s, s.text, nil)
		return nil
	}
	if opt := r.d.findOption(s, e.States.Field.Enum); opt != nil {
		return opt.Name
	}
	return nil
}

func (r *scenarioReader) value(n *node, path string, f form, field *metamodel.Field) any {
	switch {
	case field.Kind == metamodel.Lines && n.kind == jsonArray && field.Target != nil:
		out := make([]any, 0, len(n.items))
		for i, v := range n.items {
			if in := r.d.object(v, diag.Pointer(path, i), f); in.n != nil {
				out = append(out, r.values(in, field.Target))
			}
		}
		return out
	case field.Enum != nil && n.kind == jsonArray:
		out := make([]any, len(n.items))
		for i, v := range n.items {
			out[i] = r.choice(v, diag.Pointer(path, i), f, field.Enum)
		}
		return out
	case field.Enum != nil:
		return r.choice(n, path, f, field.Enum)
	}
	r.checkHandles(n, path, field)
	return n.plain()
}

// choice reads an option. A text that names none is kept: a scenario may show that it is refused.
func (r *scenarioReader) choice(n *node, path string, f form, enum *metamodel.Enum) any {
	id, isID := unmark(n.str())
	if f == source && isID {
		r.d.list.Add("document.mark_not_allowed", path)
	}
	if f != stored || !isID {
		return n.plain()
	}
	s := seek{form: f, text: string(id), path: path, owner: &r.s.ID, what: whatOption}
	if opt := r.d.findOption(s, enum); opt != nil {
		return opt.Name
	}
	return nil
}

// checkHandles reports mentions of records that nobody has made in the fields that hold records.
func (r *scenarioReader) checkHandles(n *node, path string, f *metamodel.Field) {
	if !f.Kind.IsReference() && f.Kind != metamodel.References {
		return
	}
	check := func(s, path string) { r.mention(s, path) }
	if f.Target != nil && f.Target.IsLines() {
		check = func(s, path string) { r.mentionLine(s, path, f.Target) }
	}
	if strings.HasPrefix(n.str(), "$") {
		check(n.text, path)
	}
	for i, v := range n.items {
		if strings.HasPrefix(v.str(), "$") {
			check(v.text, diag.Pointer(path, i))
		}
	}
}

// plain is the node as Go values: nil, bool, json.Number, string, []any, map[string]any.
func (n *node) plain() any {
	switch n.kind {
	case jsonBool:
		return n.flag
	case jsonNumber:
		return json.Number(n.text)
	case jsonString:
		return n.text
	case jsonArray:
		out := make([]any, len(n.items))
		for i, v := range n.items {
			out[i] = v.plain()
		}
		return out
	case jsonObject:
		out := make(map[string]any, len(n.members))
		for _, m := range n.members {
			out[m.key] = m.value.plain()
		}
		return out
	default:
		return nil
	}
}

// In stored form, an id inside a text stands between these marks.
const markOpen, markClose = "⟦", "⟧"

func mark(id metamodel.ID) string { return markOpen + string(id) + markClose }

func unmark(s string) (metamodel.ID, bool) {
	inner, ok := strings.CutPrefix(s, markOpen)
	if !ok {
		return "", false
	}
	inner, ok = strings.CutSuffix(inner, markClose)
	return metamodel.ID(inner), ok && inner != ""
}
