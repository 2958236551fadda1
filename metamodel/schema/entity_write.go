package schema

import (
	"tenon/metamodel"
)

func (w *writer) entity(e *metamodel.Entity) *node {
	n := w.header(metamodel.KindEntity, e.Name, e.ID, w.app.ID, e.Title, e.Help)
	n.putText("x-icon", e.Icon)
	w.properties(n, e)
	if e.Display != nil {
		n.put("x-display", w.field(e.Display))
	}
	search := listNode()
	for _, p := range e.Search {
		search.items = append(search.items, w.path(p))
	}
	n.putList("x-search", search)
	n.putList("x-unique", w.keys(e.Unique, e.ID, metamodel.ElementUnique))
	n.putList("x-indexes", w.keys(e.Indexes, e.ID, metamodel.ElementIndex))
	rules := listNode()
	for _, r := range e.Rules {
		rules.items = append(rules.items, w.rule(r, e.ID))
	}
	n.putList("x-rules", rules)
	n.putList("x-postings", w.postings(e))
	if e.States != nil {
		n.put("x-states", w.states(e.States, e.ID))
	}
	return n
}

// properties writes the fields of an entity or a ledger.
func (w *writer) properties(n *node, e *metamodel.Entity) {
	n.put("type", textNode("object"))
	required, order, properties := listNode(), listNode(), objectNode()
	for _, f := range e.Fields {
		if f.Required {
			required.items = append(required.items, w.field(f))
		}
		order.items = append(order.items, w.field(f))
		properties.put(w.field(f).text, w.fieldSchema(f, e))
	}
	n.putList("required", required)
	if w.form == stored {
		n.putList("x-order", order) // members of a stored object have no order
	}
	n.put("properties", properties)
}

func (w *writer) fieldSchema(f *metamodel.Field, e *metamodel.Entity) *node {
	n := objectNode()
	if w.form == stored {
		n.put("x-name", textNode(f.Name))
	}
	ff := formOf(f.Kind)
	n.putText("type", ff.typ)
	n.putText("format", ff.format)
	if ff.named || w.ambiguous(f) {
		n.put("x-field", textNode(string(f.Kind)))
	}
	w.identity(n, e.ID, metamodel.ElementField, f.Name, f.ID)
	w.label(n, "title", f.Title)
	w.label(n, "description", f.Help)
	if ff.write != nil {
		ff.write(w, n, f)
	}
	w.formula(n, "x-default", f.Default)
	if f.Formula != nil {
		c := objectNode()
		w.formula(c, "cel", f.Formula)
		c.put("stored", boolNode(f.Stored))
		n.put("x-computed", c)
	}
	if f.Rollup != nil {
		n.put("x-rollup", w.rollup(f.Rollup))
	}
	n.putTrue("x-unique", f.Unique)
	n.putTrue("x-private", f.Private)
	n.putTrue("x-state", f.State)
	return n
}

// ambiguous tells whether a field's keys could be taken for those of another kind, so that x-field must say
// which it is.
func (w *writer) ambiguous(f *metamodel.Field) bool {
	return f.Kind == metamodel.Money && f.Currency == "" && f.CurrencyF == nil
}

func (w *writer) keys(list []*metamodel.Key, parent metamodel.ID, kind metamodel.ElementKind) *node {
	out := listNode()
	for _, k := range list {
		fields := listNode()
		for _, f := range k.Fields {
			fields.items = append(fields.items, w.field(f))
		}
		n := objectNode()
		n.putText("name", k.Name)
		w.identity(n, parent, kind, k.Key(), k.ID)
		if len(n.members) == 0 {
			out.items = append(out.items, fields)
			continue
		}
		n.put("fields", fields)
		out.items = append(out.items, n)
	}
	return out
}

func (w *writer) rule(r *metamodel.Rule, parent metamodel.ID) *node {
	n := objectNode(member{"name", textNode(r.Name)})
	w.identity(n, parent, metamodel.ElementRule, r.Name, r.ID)
	n.putList("on", textsNode(r.On))
	w.formula(n, "when", r.When)
	w.formula(n, "cel", r.Check)
	if r.At != nil {
		n.put("at", w.field(r.At))
	}
	if r.Severity != "error" {
		n.putText("severity", r.Severity)
	}
	w.message(n, r.Message)
	tell := listNode()
	for _, role := range r.Tell {
		tell.items = append(tell.items, w.ref(role.ID, role.Name))
	}
	n.putList("tell", tell)
	return n
}

func (w *writer) states(s *metamodel.States, parent metamodel.ID) *node {
	n := objectNode()
	if s.Initial != nil {
		n.put("initial", w.ref(s.Initial.ID, s.Initial.Name))
	}
	transitions := listNode()
	for _, t := range s.Transitions {
		tn := objectNode(member{"name", textNode(t.Name)})
		w.identity(tn, parent, metamodel.ElementTransition, t.Name, t.ID)
		w.label(tn, "title", t.Title)
		tn.put("from", w.optionNames(t.From))
		if t.To != nil {
			tn.put("to", w.ref(t.To.ID, t.To.Name))
		}
		w.formula(tn, "when", t.When)
		w.message(tn, t.Message)
		transitions.items = append(transitions.items, tn)
	}
	n.putList("transitions", transitions)
	n.putList("frozen", w.optionNames(s.Frozen))
	n.putList("waiting", w.optionNames(s.Waiting))
	return n
}

func (w *writer) optionNames(list []*metamodel.Option) *node {
	out := listNode()
	for _, o := range list {
		out.items = append(out.items, w.ref(o.ID, o.Name))
	}
	return out
}
