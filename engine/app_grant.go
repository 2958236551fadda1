package engine

import (
	"context"
	"strings"

	"tenon/engine/compile"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// checkGrants refuses a state of the documents by which somebody gives out more than he has. Whoever saves a draft
// answers for what he changes in it, whoever releases one for all of it. generation is that of the released state to
// judge by, 0 for whatever is at hand.
func (e *Engine) checkGrants(ctx context.Context, c Call, draft, next *metamodel.App, generation int64) error {
	if c.trusted || c.Actor.Admin {
		return nil
	}
	s := (*e.snaps.Load())[next.Name]
	if generation > 0 && (s == nil || s.Generation != generation) {
		if err := e.reload(ctx); err != nil {
			return err
		}
		if s = (*e.snaps.Load())[next.Name]; s == nil || s.Generation != generation {
			return diag.Refuse("release.moved", "")
		}
	}
	if s == nil {
		if _, failed := (*e.failures.Load())[next.Name]; failed {
			return diag.Refuse("app.broken", "")
		}
		return nil // never released: nobody has records of it
	}
	before := draft
	if before == nil {
		before = s.App
	}
	list := append(s.Permissions.Exceeding(c.Actor, draft, next, asksFor(s)), s.Permissions.Revealing(c.Actor, before, next)...)
	return list.Err()
}

// asksFor tells whether a formula of the released app asks whether somebody has a role of that name.
func asksFor(s *compile.Snapshot) func(role string) bool {
	var texts []string
	for _, site := range s.App.Formulas() {
		if text := site.Formula.Source; strings.Contains(text, "roles") || strings.Contains(text, "hasRole") {
			texts = append(texts, text)
		}
	}
	return func(role string) bool {
		for _, t := range texts {
			if strings.Contains(t, role) {
				return true
			}
		}
		return false
	}
}
