package engine

import (
	"context"
	"fmt"
	"slices"

	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// maxSearchHits bounds the hits per entity of a global search.
const maxSearchHits = 20

// Search looks for a text in the search fields of every entity that the actor may read, or of those named. A hit
// has the record's id and what its display field shows.
func (e *Engine) Search(ctx context.Context, c Call, text string, entities []string, limit int) (*Result, error) {
	if limit == 0 {
		limit = 5
	}
	if limit < 1 || limit > maxSearchHits {
		return nil, diag.Refuse("query.page_size", "", "value", limit, "limit", maxSearchHits)
	}
	for _, name := range entities {
		if _, err := c.entity(name); err != nil {
			return nil, err
		}
	}
	w := e.newWorld(c, e.store.Reader())
	b := []byte(`{"results":[`)
	n := 0
	for ent := range c.Snap.Entities {
		may := c.decide(ent.Entity, metamodel.ActRead)
		if ent.IsLines() || !may.allow() || len(entities) > 0 && !slices.Contains(entities, ent.Name) {
			continue
		}
		l := &lister{call: c, entity: ent, may: may}
		search := l.search(text)
		if err := l.list.Err(); err != nil {
			return nil, err
		}
		if search == nil || len(search.Paths) == 0 {
			continue
		}
		q := &query.Select{Entity: ent.Entity, Where: may.where(), Search: search, Limit: limit, Order: []query.Order{{Path: metamodel.Path{ent.ByName("id")}, Descending: true}}}
		page, err := w.read.Select(ctx, q, w.env)
		if err != nil {
			return nil, fmt.Errorf("search %s: %w", ent.Name, err)
		}
		for _, row := range page.Rows {
			if n > 0 {
				b = append(b, ',')
			}
			n++
			b = appendString(append(b, `{"entity":`...), ent.Name)
			b = appendString(append(b, `,"entity_title":`...), ent.Title.In(c.Locale))
			b = appendString(append(b, `,"id":`...), row[metamodel.SlotID].(string))
			b = append(b, `,"display":`...)
			if d := ent.Display; d != nil && may.readable(d) && !may.masked(d) {
				b = appendValue(b, row[d.Slot])
			} else {
				b = append(b, "null"...)
			}
			b = append(b, '}')
		}
	}
	return &Result{Body: append(b, `]}`...)}, nil
}
