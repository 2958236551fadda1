package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// Bounds of rules that are judged by the clock.
const (
	maxClockPage = 500 // records that one transaction is told of
	maxClockTold = 100 // records that people are told of one by one, of one rule in one round; the others have their event
)

// noticeRule tells that a record has come to break a rule.
const noticeRule = "rule"

// clockProblems says which rules can't be judged by the clock because a database can't find what breaks them.
func clockProblems(s *compile.Snapshot) diag.List {
	var list diag.List
	for _, r := range clockRules(s) {
		for _, d := range []lower.Dialect{lower.SQLite, lower.Postgres} {
			err := lower.LowerableOver(d, r.Broken, "", s.Formula)
			if reason, never := lower.AsNotLowerable(err); never {
				list.Add("rule.clock_not_lowerable", placeOfRule(r.entity, r.Rule), "name", r.Name, "what", reason.What)
				break
			}
			if told, over := asProblem(err); over { // too much for one question
				for _, g := range told.List {
					g.Path = placeOfRule(r.entity, r.Rule)
					list = append(list, g)
				}
				break
			}
		}
	}
	return list
}

// placeOfRule is where a rule stands in the app's documents.
func placeOfRule(e *compile.Entity, r *compile.Rule) string {
	at := slices.IndexFunc(e.Entity.Rules, func(o *metamodel.Rule) bool { return o.ID == r.ID })
	return diag.Pointer(metamodel.DocKey{Kind: metamodel.KindEntity, Name: e.Name}.Pointer(), "x-rules", at)
}

// JudgeByClock judges the rules that are judged by the clock, in every app. It is called from time to time. Who is to know
// is told once when a record comes to break a rule, and again only after it has kept it. Of all servers of a workspace
// one judges an app at a time.
func (e *Engine) JudgeByClock(ctx context.Context) error {
	var errs []error
	for name, s := range *e.snaps.Load() {
		if needed, err := e.clockNeeded(ctx, s); !needed {
			errs = append(errs, err)
			continue
		}
		err := e.store.Alone(ctx, "clock:"+name, func(ctx context.Context) error { return e.judgeApp(ctx, s) })
		if err != nil && ctx.Err() == nil {
			errs = append(errs, fmt.Errorf("judge rules of %s by the clock: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// clockNeeded tells whether there is anything to judge in an app, or to forget, without taking its turn.
func (e *Engine) clockNeeded(ctx context.Context, s *compile.Snapshot) (bool, error) {
	if len(clockRules(s)) > 0 {
		return true, nil
	}
	known, err := e.store.Reader().BrokenBesides(ctx, s.App.Name, nil)
	if err != nil && ctx.Err() == nil {
		return false, fmt.Errorf("look for rules of %s that are gone: %w", s.App.Name, err)
	}
	return known, nil
}

// clockRule is a rule that is judged by the clock.
type clockRule struct {
	entity *compile.Entity
	*compile.Rule
}

func clockRules(s *compile.Snapshot) []clockRule {
	var out []clockRule
	for e := range s.Entities {
		for i := range e.Rules {
			if r := &e.Rules[i]; r.Broken != nil && r.Line == nil {
				out = append(out, clockRule{e, r})
			}
		}
	}
	return out
}

func (e *Engine) judgeApp(ctx context.Context, s *compile.Snapshot) error {
	c := Call{Actor: policy.Itself(), Snap: s, Now: e.now(), Locale: metamodel.DefaultLanguage, RequestID: "clock", trusted: true}
	var rules []metamodel.ID
	for _, r := range clockRules(s) {
		rules = append(rules, r.ID)
		if u := s.Unsettled(); u != nil && rowsWait(u, r.Broken) != nil {
			continue // what it reads is being worked out: the next round
		}
		c.Budget = expr.NewBudget(expr.RequestBudget)
		j := &clockJudge{engine: e, call: c, entity: r.entity, rule: r.Rule}
		if err := j.round(ctx); err != nil {
			return fmt.Errorf("%s of %s: %w", r.Name, r.entity.Name, err)
		}
	}
	known, err := e.store.Reader().BrokenBesides(ctx, s.App.Name, rules)
	if err != nil || !known {
		return err
	}
	return e.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
		return tx.ForgetRules(ctx, s.App.Name, rules)
	})
}

// clockJudge judges one rule.
type clockJudge struct {
	engine *Engine
	call   Call
	entity *compile.Entity
	rule   *compile.Rule
	told   int
}

func (j *clockJudge) app() string { return j.call.Snap.App.Name }

// broken reads records that break the rule now: all, or those of some ids.
func (j *clockJudge) broken(ctx context.Context, r reader, ids []string, after *query.Cursor) (*query.Page, error) {
	columns := j.entity.Columns()
	page, err := r.Select(ctx, &query.Select{
		Entity: j.entity.Entity, Where: []*expr.Node{j.rule.Broken}, IDs: ids, After: after, Limit: maxClockPage,
		Fields: []*metamodel.Field{columns[metamodel.SlotID], columns[metamodel.SlotOwner]},
	}, j.call.env())
	if err != nil {
		return nil, fmt.Errorf("find what breaks it: %w", err)
	}
	return page, nil
}

func (j *clockJudge) round(ctx context.Context) error {
	r := j.engine.store.Reader()
	for after := (*query.Cursor)(nil); ; {
		page, err := j.broken(ctx, r, nil, after)
		if err != nil {
			return err
		}
		ids := recordIDs(page.Rows)
		known, err := r.KnownBroken(ctx, j.app(), j.rule.ID, ids)
		if err != nil {
			return err
		}
		fresh := slices.DeleteFunc(ids, func(id string) bool { return known[id] })
		if len(fresh) > 0 {
			if err := j.raise(ctx, fresh); err != nil {
				return err
			}
		}
		if page.Next == nil {
			break
		}
		after = page.Next
	}
	return j.mend(ctx)
}

func recordIDs(rows []value.Row) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i], _ = row[metamodel.SlotID].(string)
	}
	return out
}

// raise tells of records that have come to break the rule, as far as they still do.
func (j *clockJudge) raise(ctx context.Context, fresh []string) error {
	return j.engine.write(ctx, j.call, claim{}, func(ctx context.Context, w *writer) error {
		page, err := j.broken(ctx, w.tx, fresh, nil)
		if err != nil {
			return err
		}
		if err := w.tx.Break(ctx, j.app(), j.rule.ID, recordIDs(page.Rows), j.call.Now); err != nil {
			return err
		}
		people, err := j.people(ctx, w)
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			if err := j.tell(ctx, w, row, people); err != nil {
				return err
			}
		}
		return nil
	})
}

// people are those of the roles that the rule tells, roles that inherit from them included.
func (j *clockJudge) people(ctx context.Context, w *writer) ([]string, error) {
	if len(j.rule.Tell) == 0 {
		return nil, nil
	}
	var roles []metamodel.ID
	for _, r := range j.call.Snap.App.Roles {
		if slices.ContainsFunc(j.rule.Tell, func(t *metamodel.Role) bool { return inherits(r, t, 0) }) {
			roles = append(roles, r.ID)
		}
	}
	return w.tx.UsersOfRoles(ctx, j.app(), roles)
}

// inherits tells whether a role is another one or has all that it has.
func inherits(r, of *metamodel.Role, depth int) bool {
	if r.ID == of.ID {
		return true
	}
	return depth < metamodel.MaxInherits && slices.ContainsFunc(r.Inherits, func(p *metamodel.Role) bool { return inherits(p, of, depth+1) })
}

func (j *clockJudge) tell(ctx context.Context, w *writer, row value.Row, people []string) error {
	id, _ := row[metamodel.SlotID].(string)
	data := map[string]any{"app": j.app(), "entity": j.entity.Name, "id": id, "rule": j.rule.Name, "severity": j.rule.Severity}
	if err := w.emitTo(ctx, j.entity, id, "", "rule.broken", data); err != nil {
		return err
	}
	if j.told++; j.told > maxClockTold {
		return nil
	}
	if owner, _ := row[metamodel.SlotOwner].(string); len(j.rule.Tell) == 0 && owner != "" {
		people = []string{owner}
	}
	for _, user := range people {
		n := &store.Notification{
			ID: w.engine.newID(), User: user, Kind: noticeRule, App: j.app(), Entity: string(j.entity.ID), Record: id,
			Rule: string(j.rule.ID), Created: j.call.Now,
		}
		if err := w.tx.Notify(ctx, n); err != nil {
			return err
		}
		if err := w.emitTo(ctx, j.entity, id, user, "notification.created", map[string]any{"notification": n.ID, "kind": noticeRule}); err != nil {
			return err
		}
	}
	return nil
}

// mend forgets the records that were known to break the rule and don't any more.
func (j *clockJudge) mend(ctx context.Context) error {
	r := j.engine.store.Reader()
	for after := ""; ; {
		ids, err := r.Broken(ctx, j.app(), j.rule.ID, after, maxClockPage)
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1]
		page, err := j.broken(ctx, r, ids, nil)
		if err != nil {
			return err
		}
		still := recordIDs(page.Rows)
		ids = slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(still, id) })
		if len(ids) == 0 {
			continue
		}
		err = j.engine.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
			return tx.Mend(ctx, j.app(), j.rule.ID, ids)
		})
		if err != nil {
			return err
		}
	}
}

// ruleText is what a rule says to people, in a language; "" where the app has it no more.
func ruleText(ent *compile.Entity, id, lang string) string {
	for i := range ent.Rules {
		if r := &ent.Rules[i]; string(r.ID) == id {
			return r.Message.In(lang)
		}
	}
	return ""
}
