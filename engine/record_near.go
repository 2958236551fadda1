package engine

import (
	"context"
	"fmt"
	"maps"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// near is a record that somebody may read, for what stands beside records: comments, notifications, presence.
type near struct {
	entity *compile.Entity
	id     string
	may    decision
}

// near finds a record that is not deleted and that the actor may read, the way that reading it does.
func (w *world) near(ctx context.Context, entity, id string) (near, error) {
	ent, err := w.call.entity(entity)
	if err != nil {
		return near{}, err
	}
	may, err := w.call.require(ent, metamodel.ActRead)
	if err != nil {
		return near{}, err
	}
	n := near{entity: ent, may: may}
	if validID(id) {
		seen, err := w.readable(ctx, ent, may, []string{id})
		if err != nil {
			return near{}, err
		}
		for n.id = range seen { // as the store writes it
			return n, nil
		}
	}
	return near{}, diag.Refuse("record.not_found", "")
}

// readable tells which records are there and inside the rows of a decision.
func (w *world) readable(ctx context.Context, ent *compile.Entity, may decision, ids []string) (map[string]bool, error) {
	out := make(map[string]bool, len(ids))
	for start := 0; start < len(ids); start += maxSelectIDs {
		part := ids[start:min(len(ids), start+maxSelectIDs)]
		page, err := w.read.Select(ctx, &query.Select{Entity: ent.Entity, IDs: part, Where: may.where(), Limit: len(part), Fields: ent.Columns()[:1]}, w.env)
		if err != nil {
			return nil, fmt.Errorf("look for %s: %w", ent.Name, err)
		}
		for _, row := range page.Rows {
			if id, ok := row[metamodel.SlotID].(string); ok {
				out[id] = true
			}
		}
	}
	return out, nil
}

// recordTitles are the display texts of those records that are there and that the actor may read. Where the display
// field is hidden, masked or empty, the entity's title stands for it.
func (w *world) recordTitles(ctx context.Context, ent *compile.Entity, ids []string) (map[string]string, error) {
	seen, err := w.readable(ctx, ent, w.call.decide(ent.Entity, metamodel.ActRead), ids)
	if err != nil {
		return nil, err
	}
	d := w.displays()
	d.records[ent.Entity] = maps.Clone(seen)
	if err := d.find(ctx); err != nil {
		return nil, err
	}
	out := make(map[string]string, len(seen))
	for id := range seen {
		if out[id] = d.texts[id]; out[id] == "" {
			out[id] = ent.Title.In(w.call.Locale)
		}
	}
	return out, nil
}
