package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// todoJSON is records of one entity that wait in one state for somebody like the actor.
type todoJSON struct {
	App         string     `json:"app"`
	AppTitle    string     `json:"app_title"`
	Entity      string     `json:"entity"`
	EntityTitle string     `json:"entity_title"`
	State       string     `json:"state"`
	StateTitle  string     `json:"state_title"`
	Transitions []todoMove `json:"transitions"`
	Count       int64      `json:"count"`
	View        string     `json:"view,omitempty"`
}

type todoMove struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

// Todos counts, over all apps, the records that wait in a state that says so and that the actor may move on.
func (e *Engine) Todos(ctx context.Context, c Call) (*Result, error) {
	out := []todoJSON{}
	snaps := *e.snaps.Load()
	for _, name := range slices.Sorted(maps.Keys(snaps)) {
		if c.Snap = snaps[name]; !serves(c.Snap, c.Actor) {
			continue
		}
		for ent := range c.Snap.Entities {
			todos, err := e.entityTodos(ctx, c, ent)
			if err != nil {
				return nil, err
			}
			out = append(out, todos...)
		}
	}
	return e.json(nil, map[string]any{"todos": out})
}

// entityTodos counts the waiting records of an entity, one question for all its states.
func (e *Engine) entityTodos(ctx context.Context, c Call, ent *compile.Entity) ([]todoJSON, error) {
	if ent.IsLines() || ent.Waiting == nil {
		return nil, nil
	}
	read, move := c.decide(ent.Entity, metamodel.ActRead), c.decide(ent.Entity, metamodel.ActTransition)
	if !read.allow() || !move.allow() || !read.open(ent.States.Field) {
		return nil, nil
	}
	moves := map[string][]todoMove{}
	for _, o := range ent.States.Waiting {
		if m := c.movesFrom(ent, move, o); len(m) > 0 {
			moves[o.Name] = m
		}
	}
	if len(moves) == 0 {
		return nil, nil
	}
	found, err := e.store.Reader().Aggregate(ctx, &query.Aggregate{
		Entity: ent.Entity, Where: slices.Concat([]*expr.Node{ent.Waiting}, read.where(), move.where()),
		Groups: []query.Group{{Path: metamodel.Path{ent.States.Field}}}, Measures: []query.Measure{{Fn: "count"}}, Limit: maxBuckets,
	}, c.env())
	if err != nil {
		return nil, fmt.Errorf("count what waits of %s: %w", ent.Name, err)
	}
	counts := make(map[string]int64, len(found.Rows))
	for _, row := range found.Rows {
		state, _ := row.Keys[0].(string)
		counts[state], _ = row.Values[0].(int64)
	}
	var out []todoJSON
	for _, o := range ent.States.Waiting {
		if counts[o.Name] > 0 && moves[o.Name] != nil {
			out = append(out, todoJSON{
				App: c.Snap.App.Name, AppTitle: c.Snap.App.Title.In(c.Locale), Entity: ent.Name, EntityTitle: ent.Title.In(c.Locale),
				State: o.Name, StateTitle: o.Title.In(c.Locale), Transitions: moves[o.Name], Count: counts[o.Name], View: c.tableOf(ent),
			})
		}
	}
	return out, nil
}

// movesFrom are the transitions that lead out of a state and that the actor may take.
func (c Call) movesFrom(ent *compile.Entity, may decision, from *metamodel.Option) []todoMove {
	var out []todoMove
	for _, t := range ent.States.Transitions {
		if slices.Contains(t.From, from) && (may.all || may.May(t.Name)) {
			out = append(out, todoMove{t.Name, t.Title.In(c.Locale)})
		}
	}
	return out
}

// tableOf is a table over an entity, one without a filter of its own before others; "" when there is none.
func (c Call) tableOf(ent *compile.Entity) string {
	name := ""
	for _, v := range c.Snap.App.Views {
		if v.Type != metamodel.TableView || v.Entity != ent.Entity {
			continue
		}
		if v.Filter == nil {
			return v.Name
		}
		if name == "" {
			name = v.Name
		}
	}
	return name
}
