package engine

import (
	"context"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// Evaluate judges a form as it stands, without writing: {"id"?, "values": {…}, "changed"?: ["qty"], "form"?: "name"}. The
// answer holds the values that Tenon gives, what is visible, required and read-only, and every diagnostic. It
// takes the same steps as a save, leniently.
func (e *Engine) Evaluate(ctx context.Context, c Call, entity string, body []byte) (*Result, error) {
	ent, err := c.entity(entity)
	if err != nil {
		return nil, err
	}
	v, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	if err := v.only("", "id", "values", "changed", "form").Err(); err != nil {
		return nil, err
	}
	w := e.newWorld(c, e.store.Reader())
	d, may, err := w.formDraft(ctx, ent, v)
	if err != nil {
		return nil, err
	}
	if err := e.fillForm(ctx, w, d, may, v); err != nil {
		return nil, err
	}
	if err := w.check(ctx, d); err != nil {
		return nil, err
	}
	if err := w.checkKeys(ctx, d); err != nil {
		return nil, err
	}
	return w.formAnswer(ctx, d, v)
}

// fillForm puts what a form holds into its draft and gives it what Tenon computes. What can't be read is told in the
// draft's list.
func (e *Engine) fillForm(ctx context.Context, w *world, d *draft, may decision, v *jsonValue) error {
	c, ent, values := w.call, d.entity, v.get("values")
	if values == nil || values.kind != jsonObject {
		return wrongMember("/values", "values", "object")
	}
	dec := &decoder{lang: c.Locale, trial: true}
	g := c.decodeRecord(dec, ent, may, values, "/values")
	d.sent, d.list = g.sent, append(d.list, dec.list...)
	for slot, sent := range g.sent {
		if sent {
			d.after[slot] = g.row[slot]
		}
	}
	for _, l := range ent.Lines {
		if g.sent[l.Field.Slot] || d.before != nil {
			d.after[l.Field.Slot] = cloneLines(d.after[l.Field.Slot])
		}
	}
	d.mergeLines(e.passingID, c.Locale)
	if err := w.dropUnseen(ctx, d); err != nil {
		return err
	}
	return w.complete(ctx, d)
}

// formDraft starts from the record being edited, or from an empty one.
func (w *world) formDraft(ctx context.Context, ent *compile.Entity, v *jsonValue) (*draft, decision, error) {
	d := &draft{entity: ent, path: "/values", event: metamodel.OnCreate, trial: true}
	id := v.get("id")
	if id == nil || id.kind == jsonNull {
		may, err := w.call.require(ent, metamodel.ActCreate)
		d.after = make(value.Row, len(ent.Columns()))
		d.after[metamodel.SlotOwner], d.after[metamodel.SlotDepartment] = w.call.who(), w.call.home()
		if s := ent.States; s != nil {
			d.after[s.Field.Slot] = s.Initial.Name
		}
		return d, may, err
	}
	may, err := w.call.require(ent, metamodel.ActUpdate)
	if err != nil {
		return nil, may, err
	}
	read, err := w.call.require(ent, metamodel.ActRead) // what isn't read can't be shown in a form
	if err != nil {
		return nil, may, err
	}
	row, err := w.get(ctx, ent, id.text, read, &projection{entity: ent})
	if err != nil {
		return nil, may, err
	}
	whole, err := w.read.Select(ctx, &query.Select{Entity: ent.Entity, IDs: []string{row[metamodel.SlotID].(string)}, Limit: 1}, w.env)
	if err != nil || len(whole.Rows) == 0 {
		return nil, may, cmpErr(err, diag.Refuse("record.not_found", ""))
	}
	d.before, d.event = whole.Rows[0], metamodel.OnUpdate
	for _, l := range ent.Lines {
		lines, err := w.read.Lines(ctx, l.Field, []string{id.text})
		if err != nil {
			return nil, may, err
		}
		d.before[l.Field.Slot] = lines[id.text]
	}
	d.after = cloneRow(d.before)
	return d, may, nil
}

// formAnswer writes what the form shows next.
func (w *world) formAnswer(ctx context.Context, d *draft, v *jsonValue) (*Result, error) {
	read := w.call.decide(d.entity.Entity, metamodel.ActRead)
	if !read.allow() { // who may create but not read still sees what he types
		read = w.call.decide(d.entity.Entity, metamodel.ActCreate)
	}
	p, err := w.call.project(d.entity, read, ReadOptions{})
	if err != nil {
		return nil, err
	}
	if err := w.fillShown(ctx, p, []value.Row{d.after}, nil, false); err != nil {
		return nil, err
	}
	b := append(make([]byte, 0, 1024), `{"values":`...)
	b = p.append(b, d.after, nil, nil, "")
	texts := w.displays()
	texts.typed = true
	texts.rows(p, []value.Row{d.after}, nil)
	if err := texts.find(ctx); err != nil {
		return nil, err
	}
	b = texts.append(append(b, ','))
	if b, err = w.appendConditions(ctx, b, d, v); err != nil {
		return nil, err
	}
	list := d.list
	if changed := v.get("changed"); changed != nil && changed.kind == jsonArray {
		list = touched(d, changed)
	}
	b = appendDiagnostics(append(b, `,"diagnostics":`...), list, w.call.Locale)
	return &Result{Body: append(b, '}')}, nil
}

// touched leaves out that a field is required where nobody has been yet: a form doesn't scold before it is filled in.
func touched(d *draft, changed *jsonValue) diag.List {
	var names []string
	for _, c := range changed.items {
		names = append(names, diag.Pointer(d.path, c.text))
	}
	var out diag.List
	for _, x := range d.list {
		if (x.Code == "record.required" || x.Code == "record.too_few") && !slices.Contains(names, x.Path) {
			continue
		}
		out = append(out, x)
	}
	return out
}

// formOf is the form that a request names, nil when it names none.
func (c Call) formOf(ent *compile.Entity, v *jsonValue) (*metamodel.View, error) {
	name := v.get("form")
	if name == nil || name.kind != jsonString {
		return nil, nil
	}
	form := c.Snap.App.View(name.text)
	if form == nil || form.Entity != ent.Entity || form.Type != metamodel.FormView {
		return nil, diag.Refuse("form.not_found", "/form", "form", clip(name.text))
	}
	return form, nil
}

// appendConditions evaluates the conditions of the form's view over the draft.
func (w *world) appendConditions(ctx context.Context, b []byte, d *draft, v *jsonValue) ([]byte, error) {
	form, err := w.call.formOf(d.entity, v)
	if err != nil {
		return nil, err
	}
	var visible, required, readonly []string
	if form != nil {
		for _, s := range form.Sections {
			show, err := w.formCondition(ctx, d, s.Visible, true)
			if err != nil {
				return nil, err
			}
			if !show {
				visible = append(visible, "section:"+s.Name)
			}
			for _, item := range s.Items {
				if err := w.itemConditions(ctx, d, item, &visible, &required, &readonly); err != nil {
					return nil, err
				}
			}
		}
	}
	b = appendValue(append(b, `,"hidden":`...), nonNil(visible))
	b = appendValue(append(b, `,"required":`...), nonNil(required))
	return appendValue(append(b, `,"readonly":`...), nonNil(readonly)), nil
}

func nonNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func (w *world) itemConditions(ctx context.Context, d *draft, item *metamodel.FormItem, hidden, required, readonly *[]string) error {
	show, err := w.formCondition(ctx, d, item.Visible, true)
	if err != nil {
		return err
	}
	need, err := w.formCondition(ctx, d, item.Required, item.Field.Required)
	if err != nil {
		return err
	}
	fixed, err := w.formCondition(ctx, d, item.ReadOnly, false)
	if err != nil {
		return err
	}
	name := item.Field.Name
	may := w.call.decide(d.entity.Entity, metamodel.ActUpdate)
	if d.before == nil {
		may = w.call.decide(d.entity.Entity, metamodel.ActCreate)
	}
	if !w.call.fieldKnown(w.call.decide(d.entity.Entity, metamodel.ActRead), item.Field) {
		return nil // not even its name is told
	}
	if !show {
		*hidden = append(*hidden, name)
	}
	for _, c := range item.Lines {
		show, err := w.formCondition(ctx, d, c.Visible, true)
		if err != nil {
			return err
		}
		if !show && w.call.shows(w.call.decide(d.entity.Entity, metamodel.ActRead), c.Path) != unseen {
			*hidden = append(*hidden, name+"."+c.Path.String())
		}
	}
	if need {
		*required = append(*required, name)
	}
	if fixed || d.frozen() || w.call.unwritable(d.entity, may, item.Field) != nil {
		*readonly = append(*readonly, name)
	}
	return nil
}

// frozen is true for a record in a state in which nothing of it can be changed.
func (d *draft) frozen() bool {
	s := d.entity.States
	if s == nil || d.before == nil {
		return false
	}
	state, _ := d.before[s.Field.Slot].(string)
	return d.entity.Frozen(state)
}

func (w *world) formCondition(ctx context.Context, d *draft, f *metamodel.Formula, otherwise bool) (bool, error) {
	if f == nil {
		return otherwise, nil
	}
	act := w.activation(ctx, d.after)
	act.Old = d.before
	ok, err := w.holds(ctx, d.entity, w.call.Snap.Condition(f), act)
	if err != nil && fatal(err) {
		return false, err
	}
	return ok, nil
}

// dropUnseen empties references to what the actor may not see, so that nothing is computed from it for him to read.
func (w *world) dropUnseen(ctx context.Context, d *draft) error {
	targets, err := w.unseen(ctx, d)
	for _, t := range targets {
		d.list.Add("record.reference_unknown", t.path, "field", t.field.Title.In(w.call.Locale))
		list, many := t.row[t.field.Slot].([]string)
		if many {
			t.row[t.field.Slot] = slices.DeleteFunc(slices.Clone(list), func(id string) bool { return id == t.id })
			continue
		}
		t.row[t.field.Slot] = nil
	}
	return err
}

// unseen lists what a draft newly points at and the actor may not see, or isn't there.
func (w *world) unseen(ctx context.Context, d *draft) ([]target, error) {
	byField := map[*metamodel.Field][]string{}
	targets := newTargets(d)
	for _, t := range targets {
		byField[t.field] = append(byField[t.field], t.id)
	}
	found := map[*metamodel.Field]map[string]bool{}
	for f, ids := range byField {
		slices.Sort(ids)
		var err error
		if found[f], err = w.visible(ctx, f, slices.Compact(ids)); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(targets, func(t target) bool { return found[t.field][t.id] }), nil
}
