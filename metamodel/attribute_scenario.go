package metamodel

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// scenarioAttribute is everything that a scenario does. What it mentions by name is compared by id.
func scenarioAttribute(s *Scenario) attribute {
	a := attribute{name: "content", class: always(Cosmetic)}
	parts := make([]any, 0, len(s.Given)+len(s.When)+len(s.Then))
	for _, g := range s.Given {
		parts = append(parts, []any{"given", g.Handle, entityID(g.Entity), stableValues(g.Values, g.Entity)})
	}
	for _, st := range s.When {
		as, transition, refuse := "", st.Name, st.Refuse
		if st.As != nil {
			as = string(st.As.ID)
		}
		if st.Entity != nil {
			if t := st.Entity.Transition(st.Name); t != nil {
				transition = string(t.ID)
			}
			refuse = stableRefusal(st)
		}
		parts = append(parts, []any{"when", as, st.User, st.Do, entityID(st.Entity), st.Record, st.Handle, stableValues(st.Values, st.Entity), transition, refuse})
	}
	for _, t := range s.Then {
		as, filter := "", ""
		if t.As != nil {
			as = string(t.As.ID)
		}
		if t.Filter != nil {
			filter = t.Filter.Stored
		}
		parts = append(parts, []any{"then", as, t.Record, stableValues(t.Equals, s.recordEntity(t.Record)), entityID(t.Entity), filter, t.Count, stableLedger(t)})
	}
	if body, err := json.Marshal(parts); err == nil { // values are plain JSON
		a.same = string(body)
	}
	a.show = strconv.Itoa(len(s.Given)) + " + " + strconv.Itoa(len(s.When)) + " + " + strconv.Itoa(len(s.Then))
	return a
}

// stableLedger is what an expectation says of a ledger.
func stableLedger(t *Expectation) any {
	if t.Ledger == nil {
		return nil
	}
	return []any{t.Ledger.ID, stableValues(t.At, t.Ledger.Scope), t.Quantity, t.Secondary, t.Value, t.Reserved}
}

func entityID(e *Entity) ID {
	if e == nil {
		return ""
	}
	return e.ID
}

// recordEntity finds of which entity the record with a handle is.
func (s *Scenario) recordEntity(handle string) *Entity {
	for _, g := range s.Given {
		if g.Handle == handle {
			return g.Entity
		}
	}
	for _, st := range s.When {
		if st.Do == StepCreate && st.Handle == handle {
			return st.Entity
		}
	}
	return nil
}

const failedRule = "rule.failed:"

func stableRefusal(st *Step) string {
	name, isRule := strings.CutPrefix(st.Refuse, failedRule)
	if !isRule {
		return st.Refuse
	}
	rules := slices.Clone(st.Entity.Rules)
	for _, f := range st.Entity.Fields {
		if f.Kind == Lines && f.Target != nil {
			rules = append(rules, f.Target.Rules...)
		}
	}
	for _, r := range rules {
		if r.Name == name {
			return failedRule + string(r.ID)
		}
	}
	return st.Refuse
}

// stableValues is a record's values with ids in the place of the names of fields and options.
func stableValues(values map[string]any, e *Entity) map[string]any {
	if values == nil || e == nil {
		return values
	}
	out := make(map[string]any, len(values))
	for name, v := range values {
		f := e.Field(name)
		if name == "$state" && e.States != nil {
			f = e.States.Field
		}
		if f == nil {
			out[name] = v
			continue
		}
		if name == "$state" {
			out[name] = stableValue(v, f)
			continue
		}
		out[string(f.ID)] = stableValue(v, f)
	}
	return out
}

func stableValue(v any, f *Field) any {
	switch v := v.(type) {
	case string:
		if f.Enum != nil {
			if o := f.Enum.Option(v); o != nil {
				return []any{o.ID}
			}
		}
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = stableValue(x, f)
		}
		return out
	case map[string]any:
		if f.Kind == Lines {
			return stableValues(v, f.Target)
		}
	}
	return v
}
