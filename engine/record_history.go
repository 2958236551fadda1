package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"tenon/engine/compile"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// maxHistoryPage bounds a page of history.
const maxHistoryPage = 100

// History lists what happened to a record, newest first: who, when, which action, and the fields before and after
// under today's names, as far as the actor may read them.
func (e *Engine) History(ctx context.Context, c Call, entity, id string, size int, token string) (*Result, error) {
	ent, err := c.entity(entity)
	if err != nil {
		return nil, err
	}
	may, err := c.require(ent, metamodel.ActRead)
	if err != nil {
		return nil, err
	}
	if size < 0 || size > maxHistoryPage {
		return nil, diag.Refuse("query.page_size", "", "value", size, "limit", maxHistoryPage)
	}
	if size == 0 {
		size = defaultPageSize
	}
	before := int64(0)
	if token != "" {
		if before, err = strconv.ParseInt(token, 10, 64); err != nil || before <= 0 {
			return nil, diag.Refuse("query.page_token", "")
		}
	}
	w := e.newWorld(c, e.store.Reader())
	if _, err := w.getAny(ctx, ent, id, may); err != nil {
		return nil, err
	}
	entries, err := e.store.Reader().History(ctx, ent.ID, id, before, size+1)
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	texts := w.displays()
	b := []byte(`{"entries":[`)
	more := len(entries) > size
	for i, entry := range entries[:min(len(entries), size)] {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(append(b, `{"at":`...), value.FormatDateTime(entry.At))
		b = appendString(append(b, `,"actor":`...), entry.Actor)
		texts.mention(texts.users, entry.Actor)
		b = appendString(append(b, `,"actor_kind":`...), entry.ActorKind)
		b = appendString(append(b, `,"action":`...), entry.Action)
		b = strconv.AppendInt(append(b, `,"version":`...), entry.Version, 10)
		b = append(b, `,"changes":`...)
		if b, err = c.appendChanges(b, ent, may, entry.Data, texts.raw); err != nil {
			return nil, err
		}
		b = append(b, '}')
	}
	b = append(b, ']')
	if err := texts.find(ctx); err != nil {
		return nil, err
	}
	b = texts.append(append(b, ','))
	if more {
		b = appendString(append(b, `,"next_page_token":`...), strconv.FormatInt(entries[size-1].Seq, 10))
	}
	return &Result{Body: append(b, '}')}, nil
}

// changeJSON is the data of a journal entry about a record: values by field id.
type changeJSON struct {
	Before map[metamodel.ID]json.RawMessage `json:"before"`
	After  map[metamodel.ID]json.RawMessage `json:"after"`
}

// mentioned is told of a value that an answer shows, as the journal keeps it.
type mentioned func(f *metamodel.Field, raw json.RawMessage)

// appendChanges writes a change under today's names; fields that are gone or that the actor may not read are left
// out. mention, if any, is told of each value that is shown.
func (c Call) appendChanges(b []byte, ent *compile.Entity, may decision, data []byte, mention mentioned) ([]byte, error) {
	var change changeJSON
	if err := json.Unmarshal(data, &change); err != nil {
		return nil, fmt.Errorf("read a journal entry: %w", err)
	}
	b = append(b, '[')
	n := 0
	for _, f := range ent.Columns() {
		before, had := change.Before[f.ID]
		after, has := change.After[f.ID]
		if !had && !has || !may.readable(f) {
			continue
		}
		if n > 0 {
			b = append(b, ',')
		}
		n++
		b = appendString(append(b, `{"field":`...), f.Name)
		b = c.appendChange(append(b, `,"before":`...), ent, may, f, before, mention)
		b = c.appendChange(append(b, `,"after":`...), ent, may, f, after, mention)
		b = append(b, '}')
	}
	return append(b, ']'), nil
}

func (c Call) appendChange(b []byte, ent *compile.Entity, may decision, f *metamodel.Field, raw json.RawMessage, mention mentioned) []byte {
	switch {
	case len(raw) == 0:
		return append(b, "null"...)
	case may.masked(f):
		return append(b, `"`+maskText+`"`...)
	case f.Kind != metamodel.Lines:
		if mention != nil {
			mention(f, raw)
		}
		return append(b, raw...)
	}
	var lines []map[metamodel.ID]json.RawMessage
	if json.Unmarshal(raw, &lines) != nil {
		return append(b, "null"...)
	}
	l := ent.LinesOf(f)
	b = append(b, '[')
	for i, line := range lines {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		n := 0
		for _, lf := range l.Entity.Columns() {
			v, ok := line[lf.ID]
			if !ok || !may.readable(lf) {
				continue
			}
			if n > 0 {
				b = append(b, ',')
			}
			n++
			b = append(appendString(b, lf.Name), ':')
			b = c.appendChange(b, l.Entity, may, lf, v, mention)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}
