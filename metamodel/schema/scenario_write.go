package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tenon/metamodel"
)

func (w *writer) scenario(s *metamodel.Scenario) *node {
	n := w.header(metamodel.KindScenario, s.Name, s.ID, w.app.ID, s.Title, s.Help)
	n.put("given", w.given(s.Given))
	when := listNode()
	for _, st := range s.When {
		when.items = append(when.items, w.step(st))
	}
	n.putList("when", when)
	then := listNode()
	for _, t := range s.Then {
		then.items = append(then.items, w.expectation(t))
	}
	n.putList("then", then)
	return n
}

// given writes the records that exist before: grouped by entity in source form, a plain list in stored form.
func (w *writer) given(records []*metamodel.GivenRecord) *node {
	if len(records) == 0 {
		return nil
	}
	list, groups := listNode(), objectNode()
	for _, g := range records {
		if g.Entity == nil {
			continue
		}
		record := objectNode()
		record.putText("$", g.Handle)
		w.values(record, g.Values, g.Entity)
		list.items = append(list.items, objectNode(member{"entity", w.ref(g.Entity.ID, g.Entity.Name)}, member{"record", record}))
		if groups.get(g.Entity.Name) == nil {
			groups.put(g.Entity.Name, listNode())
		}
		group := groups.get(g.Entity.Name)
		group.items = append(group.items, record)
	}
	if w.form == stored {
		return list
	}
	return groups
}

// values writes a record's fields in the order of the entity's.
func (w *writer) values(n *node, values map[string]any, e *metamodel.Entity) {
	if v, ok := values["$state"]; ok {
		n.put("$state", w.state(v, e))
	}
	for _, f := range e.Columns() {
		if v, ok := values[f.Name]; ok {
			n.put(w.field(f).text, w.value(v, f))
		}
	}
}

func (w *writer) state(v any, e *metamodel.Entity) *node {
	name, _ := v.(string)
	if e.States != nil && e.States.Field != nil && e.States.Field.Enum != nil {
		if o := e.States.Field.Enum.Option(name); o != nil {
			return w.ref(o.ID, o.Name)
		}
	}
	return textNode(name)
}

func (w *writer) value(v any, f *metamodel.Field) *node {
	list, isList := v.([]any)
	switch {
	case f.Kind == metamodel.Lines && isList && f.Target != nil:
		out := listNode()
		for _, line := range list {
			n := objectNode()
			if values, ok := line.(map[string]any); ok {
				w.values(n, values, f.Target)
			}
			out.items = append(out.items, n)
		}
		return out
	case f.Enum != nil && isList:
		out := listNode()
		for _, o := range list {
			out.items = append(out.items, w.choiceValue(o, f.Enum))
		}
		return out
	case f.Enum != nil:
		return w.choiceValue(v, f.Enum)
	}
	return plainNode(v)
}

func (w *writer) choiceValue(v any, enum *metamodel.Enum) *node {
	if name, ok := v.(string); ok && w.form == stored {
		if o := enum.Option(name); o != nil {
			return textNode(mark(o.ID))
		}
	}
	return plainNode(v)
}

// plainNode is the opposite of node.plain. Members are sorted.
func plainNode(v any) *node {
	switch v := v.(type) {
	case nil:
		return &node{}
	case bool:
		return boolNode(v)
	case string:
		return textNode(v)
	case json.Number:
		return &node{kind: jsonNumber, text: v.String()}
	case int:
		return numberNode(v)
	case int64:
		return &node{kind: jsonNumber, text: strconv.FormatInt(v, 10)}
	case []any:
		out := listNode()
		for _, x := range v {
			out.items = append(out.items, plainNode(x))
		}
		return out
	case map[string]any:
		out := objectNode()
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out.put(k, plainNode(v[k]))
		}
		return out
	default:
		return textNode(fmt.Sprint(v))
	}
}

func (w *writer) step(s *metamodel.Step) *node {
	n := objectNode()
	if s.As != nil {
		n.put("as", w.ref(s.As.ID, s.As.Name))
	}
	if s.User != nil {
		n.put("user", plainNode(s.User))
	}
	switch s.Do {
	case metamodel.StepCreate:
		if s.Entity != nil {
			n.put("create", w.ref(s.Entity.ID, s.Entity.Name))
		}
		n.putText("$", s.Handle)
	case metamodel.StepTransition:
		n.put("transition", w.transitionName(s))
		n.putText("of", "$"+s.Record)
	case metamodel.StepUpdate, metamodel.StepDelete, metamodel.StepRead:
		n.putText(string(s.Do), "$"+s.Record)
	}
	if s.Values != nil && s.Entity != nil {
		with := objectNode()
		w.values(with, s.Values, s.Entity)
		n.put("with", with)
	}
	n.putText("refused", w.refusal(s))
	return n
}

func (w *writer) transitionName(s *metamodel.Step) *node {
	if s.Entity != nil {
		if t := s.Entity.Transition(s.Name); t != nil {
			return w.ref(t.ID, t.Name)
		}
	}
	return textNode(s.Name)
}

func (w *writer) refusal(s *metamodel.Step) string {
	name, isRule := strings.CutPrefix(s.Refuse, refusedRule)
	if !isRule || w.form == source || s.Entity == nil {
		return s.Refuse
	}
	for _, r := range rulesOf(s.Entity) {
		if r.Name == name {
			return refusedRule + mark(r.ID)
		}
	}
	return s.Refuse
}

func (w *writer) expectation(t *metamodel.Expectation) *node {
	n := objectNode()
	if t.As != nil {
		n.put("as", w.ref(t.As.ID, t.As.Name))
	}
	if t.Ledger != nil {
		n.put("ledger", w.ref(t.Ledger.ID, t.Ledger.Name))
		if t.At != nil {
			at := objectNode()
			w.values(at, t.At, t.Ledger.Scope)
			n.put("at", at)
		}
		n.putText("quantity", t.Quantity)
		n.putText("secondary-quantity", t.Secondary)
		n.putText("value", t.Value)
		n.putText("reserved", t.Reserved)
		return n
	}
	if t.Entity == nil {
		n.putText("record", "$"+t.Record)
		equals := objectNode()
		if e := w.recordEntity(t); e != nil {
			w.values(equals, t.Equals, e)
		}
		n.put("equals", equals)
		return n
	}
	n.put("entity", w.ref(t.Entity.ID, t.Entity.Name))
	w.formula(n, "filter", t.Filter)
	n.put("count", numberNode(t.Count))
	return n
}

// recordEntity finds of which entity the record is that an expectation looks at.
func (w *writer) recordEntity(t *metamodel.Expectation) *metamodel.Entity {
	for _, s := range w.app.Scenarios {
		if !slices.Contains(s.Then, t) {
			continue
		}
		for _, g := range s.Given {
			if g.Handle == t.Record {
				return g.Entity
			}
		}
		for _, st := range s.When {
			if st.Handle == t.Record && st.Do == metamodel.StepCreate {
				return st.Entity
			}
		}
	}
	return nil
}
