package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// ScenarioResult says how a scenario went. Failures are empty when it passed.
type ScenarioResult struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Failures []string `json:"failures"`
}

// errScenarioDone ends a scenario's transaction, so that nothing of it stays.
var errScenarioDone = errors.New("the scenario has run")

// RunScenarios runs the scenarios of a released app, each in a transaction that is undone, through the same code as
// any request. They expect an environment without data of its own.
func (e *Engine) RunScenarios(ctx context.Context, app string) ([]ScenarioResult, error) {
	s, err := e.Snapshot(app, policy.Itself())
	if err != nil {
		return nil, err
	}
	out := make([]ScenarioResult, 0, len(s.App.Scenarios))
	for _, sc := range s.App.Scenarios {
		r, err := e.runScenario(ctx, s, sc)
		if err != nil {
			return nil, fmt.Errorf("scenario %s: %w", sc.Name, err)
		}
		out = append(out, r)
	}
	return out, nil
}

// scenarioRun is one scenario on its way.
type scenarioRun struct {
	engine *Engine
	snap   *compile.Snapshot
	root   *writer
	handles
	of     map[string]*compile.Entity // handle → entity
	users  map[string]*policy.Actor   // by role and attributes
	result *ScenarioResult
}

func (e *Engine) runScenario(ctx context.Context, s *compile.Snapshot, sc *metamodel.Scenario) (ScenarioResult, error) {
	result := ScenarioResult{Name: sc.Name, Title: sc.Title.In(metamodel.DefaultLanguage), Failures: []string{}}
	c := Call{Actor: policy.Itself(), Snap: s, Now: e.now(), Locale: metamodel.DefaultLanguage, RequestID: "scenario", Budget: expr.NewBudget(expr.RequestBudget), trusted: true}
	err := e.write(ctx, c, claim{ledgers: len(s.App.Ledgers) > 0}, func(ctx context.Context, w *writer) error {
		run := &scenarioRun{engine: e, snap: s, root: w, handles: handles{ids: map[string]string{}}, of: map[string]*compile.Entity{}, users: map[string]*policy.Actor{}, result: &result}
		result.Failures = result.Failures[:0]
		if err := run.all(ctx, sc); err != nil {
			return err
		}
		return errScenarioDone
	})
	if errors.Is(err, errScenarioDone) {
		return result, nil
	}
	return result, err
}

func (r *scenarioRun) fail(format string, args ...any) {
	r.result.Failures = append(r.result.Failures, fmt.Sprintf(format, args...))
}

func (r *scenarioRun) all(ctx context.Context, sc *metamodel.Scenario) error {
	for _, g := range sc.Given {
		w := r.as(nil, nil)
		if err := r.create(ctx, w, g.Entity, g.Values, g.Handle); err != nil {
			return r.unexpected("given "+g.Handle, err)
		}
	}
	for i, step := range sc.When {
		err := r.step(ctx, step)
		if err := r.judge(i, step, err); err != nil {
			return err
		}
		if len(r.result.Failures) > 0 {
			return nil // what follows would only fail after it
		}
	}
	for i, x := range sc.Then {
		if err := r.expect(ctx, i, x); err != nil {
			return err
		}
	}
	return nil
}

// unexpected makes a refusal a failure of the scenario; any other error is ours.
func (r *scenarioRun) unexpected(what string, err error) error {
	if p, ok := asProblem(err); ok {
		r.fail("%s: %v", what, p)
		return nil
	}
	return err
}

// as is a writer for a role, or for the system.
func (r *scenarioRun) as(role *metamodel.Role, user map[string]any) *writer {
	c := r.root.call
	c.Budget = expr.NewBudget(expr.RequestBudget)
	if role != nil {
		c.trusted = false
		key := fmt.Sprint(role.Name, user)
		if r.users[key] == nil {
			r.users[key] = scenarioUser(r.engine.newID(), r.snap.App, role, user)
		}
		c.Actor = r.users[key]
	}
	return &writer{world: r.engine.newWorld(c, r.root.tx), engine: r.engine, tx: r.root.tx, notes: r.root.notes}
}

func scenarioUser(id string, app *metamodel.App, role *metamodel.Role, user map[string]any) *policy.Actor {
	a := &policy.Actor{Kind: policy.Person, ID: id, Name: role.Name, Roles: policy.Assigned(app, role), Attributes: map[string]string{}}
	if attributes, ok := user["attributes"].(map[string]any); ok {
		for k, v := range attributes {
			a.Attributes[k] = fmt.Sprint(v)
		}
	}
	if departments, ok := user["departments"].([]any); ok {
		for _, d := range departments {
			a.Departments = append(a.Departments, fmt.Sprint(d))
		}
	}
	return a
}

func (r *scenarioRun) values(e *metamodel.Entity, v map[string]any) (*jsonValue, error) {
	body, err := toJSONValue(v)
	if err != nil {
		return nil, err
	}
	var unknown []string
	body.replaceHandles(e, func(f *metamodel.Field, name string) string {
		id := r.find(f, name)
		if id == "" {
			unknown = append(unknown, name)
		}
		return id
	})
	if len(unknown) > 0 {
		return nil, fmt.Errorf("unknown handles %v", unknown)
	}
	return body, nil
}

func (r *scenarioRun) create(ctx context.Context, w *writer, entity *metamodel.Entity, values map[string]any, handle string) error {
	body, err := r.values(entity, values)
	if err != nil {
		return err
	}
	e := r.snap.Of(entity)
	if w.call.trusted {
		body.renameState(e)
	} else if _, err := w.call.entity(e.Name); err != nil {
		return err
	}
	d, err := w.createFrom(ctx, e, body, "")
	if err != nil {
		return err
	}
	if handle != "" {
		r.add(handle, e, d.after)
		r.of[handle] = e
	}
	return nil
}

// renameState lets a given record be in a state: `$state` is the entity's state field.
func (v *jsonValue) renameState(e *compile.Entity) {
	for i := range v.members {
		if v.members[i].name == "$state" && e.States != nil {
			v.members[i].name = e.States.Field.Name
		}
	}
}

// step does one step. One that is refused leaves nothing behind, as a request does.
func (r *scenarioRun) step(ctx context.Context, s *metamodel.Step) error {
	w := r.as(s.As, s.User)
	err := r.root.tx.Try(ctx, func(ctx context.Context) error { return r.act(ctx, w, s) })
	if err != nil {
		clear(w.rows) // some may be of what was undone
		clear(r.root.rows)
	}
	return err
}

func (r *scenarioRun) act(ctx context.Context, w *writer, s *metamodel.Step) error {
	if s.Do == metamodel.StepCreate {
		return r.create(ctx, w, s.Entity, s.Values, s.Handle)
	}
	e, id := r.of[s.Record], r.ids[s.Record]
	if e == nil {
		return fmt.Errorf("no record $%s", s.Record)
	}
	if _, err := w.call.entity(e.Name); err != nil {
		return err
	}
	switch s.Do {
	case metamodel.StepUpdate:
		body, err := r.values(e.Entity, s.Values)
		if err != nil {
			return err
		}
		d, err := w.updateFrom(ctx, e, id, 0, body, "")
		if err == nil {
			r.add(s.Record, e, d.after)
		}
		return err
	case metamodel.StepTransition:
		_, err := w.transition(ctx, e, id, s.Name, 0, "")
		return err
	case metamodel.StepDelete:
		left := maxCascade
		_, err := w.remove(ctx, e, id, 0, "", &left)
		return err
	case metamodel.StepRead:
		may, err := w.call.require(e, metamodel.ActRead)
		if err != nil {
			return err
		}
		_, err = w.getAny(ctx, e, id, may)
		return err
	case metamodel.StepCreate:
	}
	return nil
}

// judge compares how a step ended with how it was to end.
func (r *scenarioRun) judge(i int, s *metamodel.Step, err error) error {
	p, refused := asProblem(err)
	switch {
	case err != nil && !refused:
		return fmt.Errorf("step %d: %w", i+1, err)
	case refused && s.Refuse == "":
		r.fail("step %d (%s %s%s): %v", i+1, s.Do, s.Record, s.Handle, p)
	case !refused && s.Refuse != "":
		r.fail("step %d (%s %s%s) was to be refused with %s", i+1, s.Do, s.Record, s.Handle, s.Refuse)
	case refused && !refusedAs(p, s.Refuse):
		r.fail("step %d was to be refused with %s, but: %v", i+1, s.Refuse, p)
	}
	return nil
}

// refusedAs tells whether a refusal has a code, or is that of a rule ("rule.failed:name").
func refusedAs(p *diag.Problem, want string) bool {
	code, rule, named := strings.Cut(want, ":")
	for _, d := range p.List {
		if d.Severity == diag.Error && string(d.Code) == code && (!named || d.Args["rule"] == rule) {
			return true
		}
	}
	return false
}

func (r *scenarioRun) expect(ctx context.Context, i int, x *metamodel.Expectation) error {
	w := r.as(x.As, nil)
	if x.Ledger != nil {
		return r.expectLedger(ctx, w, fmt.Sprintf("then %d: %s", i+1, x.Ledger.Name), x)
	}
	if x.Entity != nil {
		return r.expectCount(ctx, w, i, x)
	}
	e, id := r.of[x.Record], r.ids[x.Record]
	if e == nil {
		r.fail("then %d: no record $%s", i+1, x.Record)
		return nil
	}
	may := w.call.decide(e.Entity, metamodel.ActRead)
	p, err := w.call.project(e, may, ReadOptions{})
	if err != nil {
		return err
	}
	row, err := w.get(ctx, e, id, may, p)
	if err != nil {
		return r.unexpected(fmt.Sprintf("then %d", i+1), err)
	}
	want, err := r.values(e.Entity, x.Equals)
	if err != nil {
		return err
	}
	r.compare(fmt.Sprintf("then %d: $%s", i+1, x.Record), e, may, row, want)
	return nil
}

func (r *scenarioRun) compare(what string, e *compile.Entity, may decision, row value.Row, want *jsonValue) {
	for i := range want.members {
		m := &want.members[i]
		f := e.ByName(m.name)
		if f == nil || !may.readable(f) {
			r.fail("%s has no field %s", what, m.name)
			continue
		}
		if lines, ok := row[f.Slot].([]value.Row); ok && m.value.kind == jsonArray {
			if len(lines) != len(m.value.items) {
				r.fail("%s.%s has %d lines, not %d", what, m.name, len(lines), len(m.value.items))
				continue
			}
			for j := range lines {
				r.compare(fmt.Sprintf("%s.%s[%d]", what, m.name, j), e.LinesOf(f).Entity, may, lines[j], &m.value.items[j])
			}
			continue
		}
		got := string(appendValue(nil, row[f.Slot]))
		if may.masked(f) {
			got = `"` + maskText + `"`
		}
		if wanted := string(appendJSONValue(nil, &m.value)); got != wanted && !sameNumber(got, wanted) {
			r.fail("%s.%s is %s, not %s", what, m.name, got, wanted)
		}
	}
}

func sameNumber(a, b string) bool {
	x, err := value.ParseDecimal(strings.Trim(a, `"`))
	if err != nil {
		return false
	}
	y, err := value.ParseDecimal(strings.Trim(b, `"`))
	return err == nil && x.Equal(y)
}

func (r *scenarioRun) expectCount(ctx context.Context, w *writer, i int, x *metamodel.Expectation) error {
	e := r.snap.Of(x.Entity)
	may := w.call.decide(e.Entity, metamodel.ActRead)
	if !may.allow() {
		r.fail("then %d: may not read %s", i+1, e.Name)
		return nil
	}
	q := &query.Select{Entity: e.Entity, Where: may.where(), Limit: maxSelectIDs}
	if x.Filter != nil {
		q.Where = append(q.Where, r.snap.Program(x.Filter).Tree())
	}
	page, err := w.tx.Select(ctx, q, w.env)
	if err != nil {
		return fmt.Errorf("then %d: %w", i+1, err)
	}
	if len(page.Rows) != x.Count {
		r.fail("then %d: found %d of %s, not %d", i+1, len(page.Rows), e.Name, x.Count)
	}
	return nil
}
