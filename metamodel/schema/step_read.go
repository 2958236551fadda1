package schema

import (
	"slices"
	"strconv"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

var stepVerbs = []metamodel.StepVerb{metamodel.StepCreate, metamodel.StepUpdate, metamodel.StepTransition, metamodel.StepDelete, metamodel.StepRead}

// refusedRule starts a refusal that names the rule: rule.failed:<name>.
const refusedRule = "rule.failed:"

// readStep reads one act. A create that is moved on at once becomes two steps; what it says of a refusal then
// is about the transition, since a refused create leaves nothing to move.
func (r *scenarioReader) readStep(o *object, index int) {
	s := &metamodel.Step{As: r.role(o)}
	if u := o.object("user"); u != nil && u.n != nil {
		s.User, _ = u.n.plain().(map[string]any)
		r.checkUser(u)
	}
	var verbs []metamodel.StepVerb
	for _, v := range stepVerbs {
		if o.n.get(string(v)) != nil {
			verbs = append(verbs, v)
		}
	}
	var then *metamodel.Step
	switch {
	case len(verbs) == 1 && verbs[0] == metamodel.StepTransition:
		s.Do = metamodel.StepTransition
		s.Record, s.Entity = r.record(o, "of")
		s.Name = r.transition(o, s.Entity)
	case len(verbs) == 1 && verbs[0] != metamodel.StepCreate:
		s.Do = verbs[0]
		s.Record, s.Entity = r.record(o, string(verbs[0]))
	case len(verbs) > 0 && verbs[0] == metamodel.StepCreate && (len(verbs) == 1 || len(verbs) == 2 && verbs[1] == metamodel.StepTransition):
		s.Do = metamodel.StepCreate
		s.Entity = r.entity(o, "create", o.take("create"))
		s.Handle = r.handle(o)
		if len(verbs) == 2 {
			then = r.moveOn(o, s, index)
		}
		r.define(s.Handle, s.Entity)
	default:
		if o.n != nil {
			r.d.list.Add("scenario.step_verb", o.path)
		}
		return
	}
	if s.Do == metamodel.StepCreate || s.Do == metamodel.StepUpdate {
		if with := o.object("with"); with != nil && with.n != nil && s.Entity != nil {
			s.Values = r.values(with, s.Entity)
		}
	}
	last := s
	r.s.When = append(r.s.When, s)
	if then != nil {
		last = then
		r.s.When = append(r.s.When, then)
	}
	last.Refuse = r.refusal(o, s.Entity)
	o.done()
}

// moveOn is the transition that follows a create. A record that the document doesn't name gets a name here,
// which is written out like any other.
func (r *scenarioReader) moveOn(o *object, s *metamodel.Step, index int) *metamodel.Step {
	for n := index; s.Handle == ""; n++ {
		name := "made" + strconv.Itoa(n)
		if _, taken := r.handles[name]; !taken && !r.stated[name] {
			s.Handle = name
		}
	}
	return &metamodel.Step{As: s.As, User: s.User, Do: metamodel.StepTransition, Entity: s.Entity, Record: s.Handle, Name: r.transition(o, s.Entity)}
}

func (r *scenarioReader) transition(o *object, e *metamodel.Entity) string {
	if sk, ok := r.d.seekAt(o.take("transition"), o.at("transition"), o.form, &r.s.ID, whatTransition); ok {
		if t := r.d.findTransition(sk, e); t != nil {
			return t.Name
		}
	}
	return ""
}

// checkUser holds the acting person's description to what expressions can see.
func (r *scenarioReader) checkUser(o *object) {
	attributes, departments := o.take("attributes"), o.take("departments")
	o.take("id")
	if attributes != nil && attributes.kind != jsonObject {
		o.add("document.not_object", "attributes")
	}
	if departments != nil && departments.kind != jsonArray {
		o.add("document.not_list", "departments")
	}
	o.done()
}

// refusal reads with which code a step must be refused. A rule is mentioned by name, in stored form by id.
func (r *scenarioReader) refusal(o *object, e *metamodel.Entity) string {
	s := o.text("refused", metamodel.MaxLabel)
	name, isRule := strings.CutPrefix(s, refusedRule)
	if !isRule {
		if _, known := diag.Lookup(diag.Code(s)); s != "" && !codeForm.MatchString(s) && !known {
			o.add("document.value_not_allowed", "refused", "value", clip(s), "allowed", []string{refusedRule + "…"})
			return ""
		}
		return s
	}
	if e == nil {
		return s
	}
	rules := rulesOf(e)
	byName := func(name string) *metamodel.Rule {
		if i := slices.IndexFunc(rules, func(r *metamodel.Rule) bool { return r.Name == name }); i >= 0 {
			return rules[i]
		}
		return nil
	}
	sk := seek{form: o.form, text: name, path: o.at("refused"), owner: &r.s.ID, what: whatRule}
	if o.form == stored {
		id, _ := unmark(name)
		sk.text = string(id)
	}
	rule := resolve(r.d, sk, metamodel.ElementRule, e.ID, byName, func() []string {
		return namesOf(rules, func(r *metamodel.Rule) string { return r.Name })
	})
	if rule == nil {
		return ""
	}
	return refusedRule + rule.Name
}

// rulesOf are the rules that a write to a record is judged by: its own and those of its lines.
func rulesOf(e *metamodel.Entity) []*metamodel.Rule {
	out := slices.Clone(e.Rules)
	for _, f := range e.Fields {
		if f.Kind == metamodel.Lines && f.Target != nil {
			out = append(out, f.Target.Rules...)
		}
	}
	return out
}

func (r *scenarioReader) readExpectation(o *object) {
	t := &metamodel.Expectation{As: r.role(o)}
	r.s.Then = append(r.s.Then, t)
	if o.n == nil {
		return
	}
	switch record, entity, ledger := o.n.get("record"), o.n.get("entity"), o.n.get("ledger"); {
	case ledger != nil && record == nil && entity == nil:
		r.readLedgerExpectation(o, t)
	case ledger != nil:
		r.d.list.Add("scenario.expectation", o.path)
		return
	case record != nil && entity == nil:
		var e *metamodel.Entity
		t.Record, e = r.record(o, "record")
		o.need("equals")
		if equals := o.object("equals"); equals != nil && equals.n != nil && e != nil {
			t.Equals = r.values(equals, e)
		}
	case entity != nil && record == nil:
		t.Entity = r.entity(o, "entity", o.take("entity"))
		t.Filter = r.d.readFormula(o, "filter", o.take("filter"))
		if o.n.get("count") == nil {
			o.need("count")
		}
		t.Count = o.number("count", 0, metamodel.MaxInteger, 0)
	default:
		r.d.list.Add("scenario.expectation", o.path)
		return
	}
	o.done()
}

// readLedgerExpectation reads what a ledger must have in the end.
func (r *scenarioReader) readLedgerExpectation(o *object, t *metamodel.Expectation) {
	if s, ok := r.d.seekAt(o.take("ledger"), o.at("ledger"), o.form, &r.s.ID, whatLedger); ok {
		t.Ledger = r.d.findLedger(s)
	}
	if at := o.object("at"); at != nil && at.n != nil && t.Ledger != nil {
		t.At = r.values(at, t.Ledger.Scope)
	}
	sum := func(key string) string {
		s := o.filledName(key)
		if s == "" {
			return ""
		}
		if _, err := value.ParseDecimal(s); err != nil {
			o.add("field.bound_malformed", key, "value", clip(s))
			return ""
		}
		return s
	}
	t.Quantity, t.Secondary, t.Value, t.Reserved = sum("quantity"), sum("secondary-quantity"), sum("value"), sum("reserved")
	if t.Secondary != "" && t.Ledger != nil && t.Ledger.Secondary == nil {
		o.add("scenario.ledger_secondary", "secondary-quantity", "name", t.Ledger.Name)
	}
	if o.n.get("quantity") == nil && o.n.get("secondary-quantity") == nil && o.n.get("value") == nil && o.n.get("reserved") == nil {
		o.need("quantity")
	}
}
