package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// split divides the fields of a projection into those that come with the record and those that are filled
// afterwards: aggregates over other entities, one statement each for all rows, and what only Go can evaluate. With
// the latter, every stored field is asked for, since their formulas may read any.
func (w *world) split(fields []*metamodel.Field) (stored, rest []*metamodel.Field) {
	whole := false
	for _, f := range fields {
		if !f.Computed() || f.Stored {
			stored = append(stored, f)
			continue
		}
		pushed := w.push(f)
		switch {
		case pushed && !w.call.Snap.Computed(f).UsesQuery():
			stored = append(stored, f)
		default:
			rest = append(rest, f)
			whole = whole || !pushed
		}
	}
	if !whole {
		if len(rest) == 0 {
			return stored, nil
		}
		if id := rest[0].Entity.Columns()[metamodel.SlotID]; !slices.Contains(stored, id) {
			stored = append(stored, id) // what is filled afterwards is found by it
		}
		return stored, rest
	}
	all := make([]*metamodel.Field, 0, len(rest[0].Entity.Columns()))
	for _, f := range rest[0].Entity.Columns() {
		if !f.Virtual() {
			all = append(all, f)
		}
	}
	for _, f := range stored {
		if f.Virtual() {
			all = append(all, f)
		}
	}
	return all, rest
}

// fillQueried lets the store compute a virtual field of rows that were read before. It reports false when that
// takes more than one statement may do.
func (w *world) fillQueried(ctx context.Context, f *metamodel.Field, rows []value.Row) (bool, error) {
	byID := make(map[string]value.Row, len(rows))
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i], _ = r[metamodel.SlotID].(string)
		byID[ids[i]] = r
	}
	for start := 0; start < len(ids); start += maxSelectIDs {
		part := ids[start:min(len(ids), start+maxSelectIDs)]
		page, err := w.read.Select(ctx, &query.Select{
			Entity: f.Entity, IDs: part, Limit: len(part), Bin: query.Any,
			Fields: []*metamodel.Field{f.Entity.Columns()[metamodel.SlotID], f},
		}, w.env)
		if p, ok := asProblem(err); ok && p.First().Code == "query.too_complex" {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("compute %s: %w", f.Name, err)
		}
		for _, r := range page.Rows {
			id, _ := r[metamodel.SlotID].(string)
			byID[id][f.Slot] = r[f.Slot]
		}
	}
	return true, nil
}

// fillShown fills everything of a projection that is not in the rows yet: virtual fields and those of the lines. known
// says that the rows are in the store as they are here.
func (w *world) fillShown(ctx context.Context, p *projection, rows []value.Row, skip func(*metamodel.Field) bool, known bool) error {
	var rest []*metamodel.Field
	for _, f := range p.fields {
		if f.field.Computed() && !f.field.Stored && !f.mask && (skip == nil || !skip(f.field)) {
			rest = append(rest, f.field)
		}
	}
	if err := w.fillVirtual(ctx, rest, rows, nil, known); err != nil {
		return err
	}
	for _, f := range p.fields {
		if f.lines == nil || f.mask {
			continue
		}
		for _, row := range rows {
			lines, _ := row[f.field.Slot].([]value.Row)
			if err := w.fillVirtual(ctx, f.lines.virtual(), lines, row, known); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *projection) virtual() []*metamodel.Field {
	var out []*metamodel.Field
	for _, f := range p.fields {
		if f.field.Computed() && !f.field.Stored && !f.mask {
			out = append(out, f.field)
		}
	}
	return out
}

// fillRest reads the lines that a projection shows and evaluates the virtual fields that the store could not.
func (w *world) fillRest(ctx context.Context, p *projection, rows []value.Row, rest []*metamodel.Field) error {
	for _, f := range p.lineFields() {
		if err := w.readLines(ctx, f, rows); err != nil {
			return err
		}
	}
	asked := map[*metamodel.Field]bool{}
	for _, f := range rest {
		asked[f] = true
	}
	return w.fillShown(ctx, p, rows, func(f *metamodel.Field) bool { return !asked[f] }, true)
}

// readLines fills the lines of rows that were read before.
func (w *world) readLines(ctx context.Context, f *metamodel.Field, rows []value.Row) error {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r[metamodel.SlotID].(string)
	}
	lines, err := w.read.Lines(ctx, f, ids)
	if err != nil {
		return fmt.Errorf("read lines of %s: %w", f.Name, err)
	}
	for _, r := range rows {
		r[f.Slot] = lines[r[metamodel.SlotID].(string)]
	}
	return nil
}

// fillVirtual gives virtual fields their values: by a statement each where the store knows the rows, otherwise by
// evaluation, fetching what they walk to in one go per relation.
func (w *world) fillVirtual(ctx context.Context, fields []*metamodel.Field, rows []value.Row, parent value.Row, known bool) error {
	if len(fields) == 0 || len(rows) == 0 {
		return nil
	}
	e := w.call.Snap.Of(fields[0].Entity)
	for _, f := range fields {
		if !e.IsLines() && known && w.push(f) {
			done, err := w.fillQueried(ctx, f, rows)
			if err != nil {
				return err
			}
			if done {
				continue
			}
		}
		p := w.call.Snap.Computed(f)
		hops := p.Hops
		if parent != nil {
			hops = withoutParent(hops, e.Entity)
		}
		if err := w.prefetch(ctx, hops, e.Entity, rows); err != nil {
			return err
		}
		saved := w.needs
		w.needs = p.Reads
		for _, row := range rows {
			if err := w.fill(ctx, row, parent, append(p.Reads[e.ID], f)); err != nil {
				return err
			}
		}
		w.needs = saved
	}
	return nil
}

// expand reads the records of the relations that an answer shows inside, one query per relation, and only those
// that the actor may see.
func (w *world) expand(ctx context.Context, p *projection, rows []value.Row) (map[*metamodel.Field]map[string]value.Row, error) {
	out := make(map[*metamodel.Field]map[string]value.Row, len(p.expand))
	if len(p.expand) == 0 {
		return out, nil
	}
	for _, x := range p.expand {
		ids := relatedIDs(x.field, rows)
		found := make(map[string]value.Row, len(ids))
		stored, rest := w.parts(x.proj)
		for start := 0; start < len(ids); start += maxSelectIDs {
			part := ids[start:min(len(ids), start+maxSelectIDs)]
			page, err := w.read.Select(ctx, &query.Select{Entity: x.field.Target, IDs: part, Where: x.may.where(), Limit: len(part), Bin: query.Any, Fields: stored}, w.env)
			if err != nil {
				return nil, fmt.Errorf("expand %s: %w", x.field.Name, err)
			}
			if err := w.fillRest(ctx, x.proj, page.Rows, rest); err != nil {
				return nil, err
			}
			for _, r := range page.Rows {
				found[r[metamodel.SlotID].(string)] = r
			}
		}
		inside, err := w.expand(ctx, x.proj, slices.Collect(maps.Values(found)))
		if err != nil {
			return nil, err
		}
		inside[x.field] = found
		for f, rows := range inside { // two ways may lead to records of one relation
			if out[f] == nil {
				out[f] = rows
				continue
			}
			maps.Copy(out[f], rows)
		}
	}
	return out, nil
}

func relatedIDs(f *metamodel.Field, rows []value.Row) []string {
	var ids []string
	seen := map[string]bool{}
	add := func(id string) {
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for _, r := range rows {
		switch v := r[f.Slot].(type) {
		case string:
			add(v)
		case []string:
			for _, id := range v {
				add(id)
			}
		}
	}
	return ids
}
