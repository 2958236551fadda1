package engine

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// maxSearchHits bounds the hits per entity of a global search.
const maxSearchHits = 20

// Search looks for a text in the search fields of every entity of documents that the actor may read, or of those named.
// What ledgers keep is found by its documents. A hit has the record's id and what its display field shows.
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
	for ent := range c.Snap.Entities {
		if ent.IsLines() || !wanted(ent, entities) {
			continue
		}
		may := c.decide(ent.Entity, metamodel.ActRead)
		if !may.allow() {
			continue
		}
		rows, err := w.searchEntity(ctx, ent, may, text, limit)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			b = appendHit(b, ent, may, row, c.Locale)
		}
	}
	return &Result{Body: append(bytes.TrimSuffix(b, []byte(",")), `]}`...)}, nil
}

// wanted tells whether an entity is searched: one of those named, or where none is, one of documents.
func wanted(ent *compile.Entity, names []string) bool {
	if len(names) == 0 {
		return ent.Kept == nil
	}
	return slices.Contains(names, ent.Name)
}

// searchEntity finds the newest records of an entity with a text in a search field that the actor may read.
func (w *world) searchEntity(ctx context.Context, ent *compile.Entity, may decision, text string, limit int) ([]value.Row, error) {
	l := &lister{call: w.call, entity: ent, may: may}
	search := l.search(text)
	if err := l.list.Err(); err != nil {
		return nil, err
	}
	if search == nil || len(search.Paths) == 0 {
		return nil, nil
	}
	q := &query.Select{
		Entity: ent.Entity, Where: may.where(), Search: search, Limit: limit,
		Order: []query.Order{{Path: metamodel.Path{ent.ByName("id")}, Descending: true}},
	}
	page, err := w.read.Select(ctx, q, w.env)
	if err != nil {
		return nil, fmt.Errorf("search %s: %w", ent.Name, err)
	}
	return page.Rows, nil
}

// appendHit writes a hit and a comma.
func appendHit(b []byte, ent *compile.Entity, may decision, row value.Row, lang string) []byte {
	b = appendString(append(b, `{"entity":`...), ent.Name)
	b = appendString(append(b, `,"entity_title":`...), ent.Title.In(lang))
	b = appendString(append(b, `,"id":`...), row[metamodel.SlotID].(string))
	b = append(b, `,"display":`...)
	if d := ent.Display; d != nil && may.readable(d) && !may.masked(d) {
		b = appendValue(b, row[d.Slot])
	} else {
		b = append(b, "null"...)
	}
	return append(b, "},"...)
}
