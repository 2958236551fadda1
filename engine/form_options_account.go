package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// accountOrder is the order of people and departments, for the tokens of their pages.
const accountOrder = "name"

// accounts offers people who may come in, or departments, by name.
func (p *picker) accounts(ctx context.Context) (*Result, error) {
	if n := len([]rune(p.search)); n > maxSearchText {
		return nil, diag.Refuse("limit.exceeded", "/search", "what", whatSearchText, "actual", n, "limit", maxSearchText)
	}
	req := p.request(accountOrder)
	var after store.UserPlace
	if p.token != "" {
		cur, err := p.engine.openPageToken(p.world.call, string(p.field.Kind), req)
		if err != nil {
			return nil, err
		}
		if after.ID = cur.ID; len(cur.Keys) != 1 || json.Unmarshal(cur.Keys[0], &after.Name) != nil {
			return nil, diag.Refuse("query.page_token", "/page_token")
		}
	}
	find := p.people
	if p.field.Kind == metamodel.Department {
		find = p.departments
	}
	found, err := find(ctx, after)
	if err != nil || len(found) <= p.size {
		return p.answer(found, ""), err
	}
	found = found[:p.size]
	last := found[p.size-1]
	next, err := p.engine.pageToken(p.world.call, string(p.field.Kind), req, &query.Cursor{Keys: []any{last.display}, ID: last.id})
	return p.answer(found, next), err
}

// people reads one more than a page.
func (p *picker) people(ctx context.Context, after store.UserPlace) ([]option, error) {
	users, err := p.engine.store.Reader().Users(ctx, store.UserFilter{Name: p.search, Active: true}, after, p.size+1)
	if err != nil {
		return nil, fmt.Errorf("offer people: %w", err)
	}
	out := make([]option, len(users))
	for i, u := range users {
		out[i] = option{id: u.ID, display: u.Name}
	}
	return out, nil
}

// departments finds one more than a page. What they belong to is on the second line.
func (p *picker) departments(ctx context.Context, after store.UserPlace) ([]option, error) {
	all, err := p.engine.store.Reader().Departments(ctx)
	if err != nil {
		return nil, fmt.Errorf("offer departments: %w", err)
	}
	names := make(map[string]string, len(all))
	for _, d := range all {
		names[d.ID] = d.Name
	}
	slices.SortFunc(all, func(a, b *store.Department) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	var out []option
	for _, d := range all {
		past := cmp.Or(cmp.Compare(d.Name, after.Name), cmp.Compare(d.ID, after.ID)) > 0
		if !past || !strings.Contains(strings.ToLower(d.Name), strings.ToLower(p.search)) {
			continue
		}
		if out = append(out, option{id: d.ID, display: d.Name, detail: names[d.Parent]}); len(out) > p.size {
			break
		}
	}
	return out, nil
}
