package engine

import (
	"context"
	"fmt"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// follow enters a stored formula at the records from which it reads a changed field of k.
func (d *derivation) follow(ctx context.Context, f *compile.Follower, field *metamodel.Field, k *kept) error {
	if err := d.flush(ctx); err != nil {
		return err
	}
	ids := []string{k.id}
	if field.Entity.IsLines() {
		ids = ids[:0]
		rows, _ := k.stored[field.Entity.Via.Slot].([]value.Row)
		for _, r := range rows {
			ids = append(ids, r[metamodel.LineSlotID].(string))
		}
	}
	var err error
	for i := len(f.Way) - 1; i >= 0 && len(ids) > 0; i-- {
		if ids, err = d.back(ctx, f.Way[i], ids); err != nil {
			return err
		}
	}
	if at := f.Field.Entity; at.IsLines() && len(ids) > 0 {
		if ids, err = d.back(ctx, at.Via, ids); err != nil {
			return err
		}
	}
	if err := d.fetch(ctx, f.Unit, ids); err != nil {
		return err
	}
	for _, id := range ids {
		if of := d.records[recordKey{f.Unit.ID, id}]; of != nil {
			d.compute(f.Computed, of)
		}
	}
	return nil
}

// back finds the rows from which a step leads to any of some rows.
func (d *derivation) back(ctx context.Context, step *metamodel.Field, ids []string) ([]string, error) {
	var out []string
	seen := map[string]bool{}
	ask := &query.Select{Entity: step.Entity, Limit: maxDerived + 1, Bin: query.Any}
	slot, limit := metamodel.SlotID, maxDerived+1
	if step.Kind == metamodel.Lines { // from a line to its document
		ask.Entity, slot = step.Target, metamodel.LineSlotParent
	}
	for start := 0; start < len(ids); start += maxSelectIDs {
		part := ids[start:min(start+maxSelectIDs, len(ids))]
		q := *ask
		if step.Kind == metamodel.Lines {
			q.IDs, q.Limit = part, len(part)
		} else {
			q.To, q.IDs = metamodel.Path{step}, part
		}
		page, err := d.w.tx.Select(ctx, &q, d.w.env)
		if err != nil {
			return nil, fmt.Errorf("find what refers to the record: %w", err)
		}
		for _, row := range page.Rows {
			if id, ok := row[slot].(string); ok && !seen[id] {
				seen[id] = true
				out = append(out, id)
			}
		}
		if len(out) >= limit {
			e := d.w.call.Snap.Of(step.Entity)
			return nil, diag.Refuse("limit.exceeded", "", "what", e.Title.In(d.w.call.Locale), "actual", len(out), "limit", maxDerived)
		}
	}
	return out, nil
}
