package engine

import (
	"context"
	"fmt"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// check judges a completed record: required fields, options, references, then the rules. All that is wrong is
// added to the draft's list; an error is ours.
func (w *world) check(ctx context.Context, d *draft) error {
	w.checkFields(d, d.entity, d.after, d.before, d.path)
	for _, l := range d.entity.Lines {
		rows := d.lines(l.Field)
		if len(rows) < l.Field.MinItems && (d.before == nil || d.sent != nil && d.sent[l.Field.Slot]) {
			d.list.Add("record.too_few", diag.Pointer(d.path, l.Field.Name), "field", l.Field.Title.In(w.call.Locale), "actual", len(rows), "limit", l.Field.MinItems)
		}
		for i, row := range rows {
			w.checkFields(d, l.Entity, row, d.lineBefore(l.Field, row), diag.Pointer(d.path, l.Field.Name, i))
		}
		w.checkLineKeys(d, l)
	}
	if err := w.checkReferences(ctx, d); err != nil {
		return err
	}
	if d.list.HasErrors() {
		return nil // rules over values that are wrong in themselves would only add noise
	}
	return w.checkRules(ctx, d)
}

// checkFields judges each field by itself: required, and no retired option chosen anew.
func (w *world) checkFields(d *draft, e *compile.Entity, row, before value.Row, path string) {
	for _, f := range e.Fields {
		v := row[f.Slot]
		if v == nil {
			if f.Required && f.Kind != metamodel.Lines && !f.Computed() && f.Kind != metamodel.Number && !d.told(diag.Pointer(path, f.Name)) {
				d.list.Add("record.required", diag.Pointer(path, f.Name), "field", f.Title.In(w.call.Locale))
			}
			continue
		}
		if f.Enum == nil || before != nil && same(before[f.Slot], v) {
			continue
		}
		for _, o := range f.Enum.Options {
			if o.Retired && chosen(v, o.Name) {
				d.list.Add("record.option_retired", diag.Pointer(path, f.Name), "field", f.Title.In(w.call.Locale), "value", o.Name)
			}
		}
	}
}

// told tells whether something wrong is reported at a place already: a value that can't be read is not also missing.
func (d *draft) told(path string) bool {
	return slices.ContainsFunc(d.list, func(x diag.Diagnostic) bool { return x.Path == path && x.Severity == diag.Error })
}

func chosen(v any, option string) bool {
	switch v := v.(type) {
	case string:
		return v == option
	case []string:
		return slices.Contains(v, option)
	}
	return false
}

// target is one id that a record newly points at.
type target struct {
	field *metamodel.Field
	id    string
	path  string
	row   value.Row // the record or line that points
	over  value.Row // the record, when row is a line
}

// checkReferences asks the store, once per related entity, whether everything that is newly pointed at exists
// and may be seen by the actor; people and departments are looked up among the accounts.
func (w *world) checkReferences(ctx context.Context, d *draft) error {
	targets := newTargets(d)
	byEntity := map[metamodel.ID][]target{}
	for _, t := range targets {
		key := metamodel.ID(t.field.Kind)
		if t.field.Target != nil {
			key = t.field.Target.ID
		}
		byEntity[key] = append(byEntity[key], t)
	}
	for _, list := range byEntity {
		if err := w.checkTargets(ctx, d, list); err != nil {
			return err
		}
	}
	if err := w.checkChoices(ctx, d); err != nil {
		return err
	}
	d.list.Sort()
	return nil
}

// newTargets are the ids that a draft refers to and did not before.
func newTargets(d *draft) []target {
	out := rowTargets(nil, d.entity, d.after, d.before, nil, d.path)
	for _, slot := range []int{metamodel.SlotOwner, metamodel.SlotDepartment} {
		if id, ok := d.after[slot].(string); ok && d.assigns(slot) {
			f := d.entity.Columns()[slot]
			out = append(out, target{f, id, diag.Pointer(d.path, f.Name), d.after, nil})
		}
	}
	for _, l := range d.entity.Lines {
		for i, row := range d.lines(l.Field) {
			out = rowTargets(out, l.Entity, row, d.lineBefore(l.Field, row), d.after, diag.Pointer(d.path, l.Field.Name, i))
		}
	}
	return out
}

// pointsOut tells whether a field holds ids that somebody chose.
func pointsOut(f *metamodel.Field) bool {
	switch f.Kind {
	case metamodel.User, metamodel.Department, metamodel.File, metamodel.Image:
		return !f.Computed()
	default:
		return f.Target != nil && f.Kind != metamodel.Lines && !f.Computed()
	}
}

func rowTargets(out []target, e *compile.Entity, row, before, parent value.Row, path string) []target {
	old := func(f *metamodel.Field) any {
		if before == nil {
			return nil
		}
		return before[f.Slot]
	}
	for _, f := range e.Fields {
		if !pointsOut(f) {
			continue
		}
		switch v := row[f.Slot].(type) {
		case string:
			if old(f) != v {
				out = append(out, target{f, v, diag.Pointer(path, f.Name), row, parent})
			}
		case []string:
			had, _ := old(f).([]string)
			for i, id := range v {
				if !slices.Contains(had, id) {
					out = append(out, target{f, id, diag.Pointer(path, f.Name, i), row, parent})
				}
			}
		}
	}
	return out
}

// assigns tells whether the request gives the record's owner or department a value that it didn't have.
func (d *draft) assigns(slot int) bool {
	return d.sent != nil && d.sent[slot] && (d.before == nil || !same(d.before[slot], d.after[slot]))
}

func (w *world) checkTargets(ctx context.Context, d *draft, list []target) error {
	f := list[0].field
	ids := make([]string, 0, len(list))
	for _, t := range list {
		if !slices.Contains(ids, t.id) {
			ids = append(ids, t.id)
		}
	}
	found, err := w.visible(ctx, f, ids)
	if err != nil {
		return err
	}
	if f.Kind == metamodel.Image {
		if err := w.checkPictures(ctx, d, list, ids); err != nil {
			return err
		}
	}
	for _, t := range list {
		if !found[t.id] {
			d.list.Add("record.reference_unknown", t.path, "field", t.field.Title.In(w.call.Locale))
			continue
		}
		if err := w.checkOption(ctx, d, t); err != nil {
			return err
		}
	}
	if f.Kind == metamodel.Tree || f.Target == d.entity.Entity {
		return w.checkTree(ctx, d)
	}
	return nil
}

// visible tells which of the ids the actor may point a field at.
func (w *world) visible(ctx context.Context, f *metamodel.Field, ids []string) (map[string]bool, error) {
	found := make(map[string]bool, len(ids))
	if f.Target == nil {
		known, err := w.accounts(ctx, f.Kind, ids)
		if err != nil {
			return nil, err
		}
		return known, nil
	}
	may := w.call.decide(f.Target, metamodel.ActRead)
	if !may.allow() {
		return found, nil
	}
	if may.rows() == nil && !f.Target.IsLines() { // whoever may see all sees what was read already
		ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
			r := w.rows[f.Target.ID][id]
			found[id] = r != nil && r.row != nil && r.row[metamodel.SlotDeletedAt] == nil
			return found[id]
		})
	}
	for len(ids) > 0 {
		n := min(len(ids), maxSelectIDs)
		page, err := w.read.Select(ctx, &query.Select{Entity: f.Target, IDs: ids[:n], Where: may.where(), Limit: n}, w.env)
		if err != nil {
			return nil, fmt.Errorf("check references of %s: %w", f.Name, err)
		}
		for _, row := range page.Rows {
			id := row[metamodel.SlotID].(string)
			found[id] = true
			w.remember(f.Target.ID, id, row)
		}
		ids = ids[n:]
	}
	return found, nil
}

func (w *world) remember(entity metamodel.ID, id string, row value.Row) {
	if w.rows[entity] == nil {
		w.rows[entity] = map[string]*relatedRow{}
	}
	if w.rows[entity][id] == nil {
		w.rows[entity][id] = &relatedRow{row: row}
	}
}

// checkOption judges the field's own condition on candidates.
func (w *world) checkOption(ctx context.Context, d *draft, t target) error {
	ok, err := w.mayPoint(ctx, t)
	if !ok && err == nil {
		d.list.Add("record.reference_not_allowed", t.path, "field", t.field.Title.In(w.call.Locale))
	}
	return err
}

// mayPoint tells whether a field's condition lets it point at a record.
func (w *world) mayPoint(ctx context.Context, t target) (bool, error) {
	e := w.call.Snap.Of(t.field.Entity)
	p := e.Options[t.field]
	if p == nil {
		return true, nil
	}
	act := w.activation(ctx, t.row)
	act.Parent = t.over
	it, err := w.Related(ctx, t.field.Offers(), t.id)
	if err != nil {
		return false, err
	}
	if err := w.fill(ctx, it, nil, p.Reads[t.field.Offers().ID]); err != nil {
		return false, err
	}
	act.It = it
	ok, err := w.holds(ctx, e, p, act)
	if err != nil && fatal(err) {
		return false, err
	}
	return ok, nil
}

// maxTreeDepth bounds the depth of a tree of records.
const maxTreeDepth = 64

// checkTree refuses a record that would stand above itself.
func (w *world) checkTree(ctx context.Context, d *draft) error {
	for _, f := range d.entity.Fields {
		if f.Kind != metamodel.Tree {
			continue
		}
		self, _ := d.after[metamodel.SlotID].(string)
		at, _ := d.after[f.Slot].(string)
		for depth := 0; at != ""; depth++ {
			if at == self || depth > maxTreeDepth {
				d.list.Add("record.tree_cycle", diag.Pointer(d.path, f.Name), "field", f.Title.In(w.call.Locale))
				break
			}
			row, err := w.Related(ctx, f.Target, at)
			if err != nil {
				return err
			}
			if row == nil {
				break
			}
			at, _ = row[f.Slot].(string)
		}
	}
	return nil
}

// checkRules judges the rules of the event over the record and its lines.
func (w *world) checkRules(ctx context.Context, d *draft) error {
	if err := w.prefetchRules(ctx, d); err != nil {
		return err
	}
	for i := range d.entity.Rules {
		r := &d.entity.Rules[i]
		if !r.On(d.event) {
			continue
		}
		err := d.each(r.Line, func(row, parent value.Row, path string) error {
			return w.checkRule(ctx, d, r, row, parent, path)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// prefetchRules fetches what the rules will reach over references, once per related entity.
func (w *world) prefetchRules(ctx context.Context, d *draft) error {
	var hops []*metamodel.Field
	for i := range d.entity.Rules {
		r := &d.entity.Rules[i]
		if !r.On(d.event) {
			continue
		}
		hops = append(hops, r.Check.Hops...)
		if r.When != nil {
			hops = append(hops, r.When.Hops...)
		}
	}
	if err := w.prefetch(ctx, hops, d.entity.Entity, []value.Row{d.after}); err != nil {
		return err
	}
	for _, l := range d.entity.Lines {
		if err := w.prefetch(ctx, withoutParent(hops, l.Entity.Entity), l.Entity.Entity, d.lines(l.Field)); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) checkRule(ctx context.Context, d *draft, r *compile.Rule, row, parent value.Row, path string) error {
	e := d.entity
	act := w.activation(ctx, row)
	act.Old = d.before
	if parent != nil {
		e, act.Parent = d.entity.LinesOf(r.Line).Entity, parent
		act.Old = d.lineBefore(r.Line, row)
	}
	if r.When != nil {
		applies, err := w.holds(ctx, e, r.When, act)
		if err != nil {
			return w.ruleError(d, r, path, err)
		}
		if !applies {
			return nil
		}
	}
	v, err := w.eval(ctx, e, r.Check, act)
	if err != nil && !isNull(err) {
		return w.ruleError(d, r, path, err)
	}
	// A rule refuses only when it is false: a condition over blank values says nothing, `required` is for these.
	if ok, judged := v.(bool); !judged || ok {
		return nil
	}
	d.list = append(d.list, diag.Diagnostic{
		Code: "rule.failed", Path: w.rulePath(r, path), Severity: severity(r.Severity),
		Args: diag.Pairs("rule", r.Name), Message: r.Message,
	})
	return nil
}

func (w *world) ruleError(d *draft, r *compile.Rule, path string, err error) error {
	p, told := evalProblem(err, "rule.error", w.rulePath(r, path), w.call.Locale, "rule", r.Name)
	if !told {
		return err
	}
	d.list = append(d.list, p)
	return nil
}

// rulePath is where a rule's finding stands: at its field, unless the actor must not know of that.
func (w *world) rulePath(r *compile.Rule, path string) string {
	if r.At == nil || !w.call.fieldKnown(w.call.decide(r.At.Entity, metamodel.ActRead), r.At) {
		return path
	}
	return diag.Pointer(path, r.At.Name)
}

func severity(s string) diag.Severity {
	if s == "warning" {
		return diag.Warning
	}
	return diag.Error
}
