package engine

import (
	"context"
	"fmt"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// home is where something is that may keep a roll-up: the entity of the record or of the line that it is, and the record.
// Record is empty where nothing of that id is there.
type home struct {
	entity *metamodel.Entity
	record string
}

// keepingRow is the row of a record that keeps a roll-up: the record itself, or the line of it that has the id; nil where
// the record has no such line.
func keepingRow(r *compile.Rollup, record value.Row, id string) value.Row {
	if r.Line == nil {
		return record
	}
	rows, _ := record[r.Line.Slot].([]value.Row)
	i := slices.IndexFunc(rows, func(row value.Row) bool { return row[metamodel.LineSlotID] == id })
	if i < 0 {
		return nil
	}
	return rows[i]
}

// keeping lists the ids of a record's rows that keep a roll-up: its own, or those of its lines.
func keeping(r *compile.Rollup, record value.Row) []string {
	if r.Line == nil {
		return []string{record[metamodel.SlotID].(string)}
	}
	rows, _ := record[r.Line.Slot].([]value.Row)
	return rowIDs(rows)
}

// keeper is the record that keeps a roll-up.
func (d *derivation) keeper(key deltaKey) string {
	if key.roll.Line == nil {
		return key.to
	}
	return d.homes[key.to].record
}

// locate finds the records whose lines keep roll-ups, and leaves out what nothing keeps: entries of a ledger tell what
// posted them whatever entity that is of.
func (d *derivation) locate(ctx context.Context, keys []deltaKey) ([]deltaKey, error) {
	if !slices.ContainsFunc(keys, func(k deltaKey) bool { return k.roll.Line != nil || k.roll.Posted() }) {
		return keys, nil
	}
	d.settleIn()
	asked := map[metamodel.ID][]string{}
	for _, k := range keys {
		if e := k.roll.Field.Entity; k.roll.Line != nil {
			if _, known := d.homes[k.to]; !known {
				asked[e.ID] = append(asked[e.ID], k.to)
			}
		}
	}
	for _, id := range sortedIDs(asked) {
		if err := d.lookUp(ctx, d.w.call.Snap.EntityByID(id).Entity, asked[id]); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(keys, func(k deltaKey) bool {
		at, known := d.homes[k.to]
		if !known {
			return k.roll.Line != nil
		}
		return at.entity != k.roll.Field.Entity
	}), nil
}

// settleIn notes once where the records are that were written, with their lines.
func (d *derivation) settleIn() {
	if d.homes != nil {
		return
	}
	d.homes = map[string]home{}
	for _, c := range d.written {
		if c.entity.Kept != nil {
			continue
		}
		for _, record := range []value.Row{c.before, c.after} {
			if record == nil {
				continue
			}
			id := record[metamodel.SlotID].(string)
			d.homes[id] = home{c.entity.Entity, id}
			for _, l := range c.entity.Lines {
				rows, _ := record[l.Field.Slot].([]value.Row)
				for _, row := range rows {
					d.homes[row[metamodel.LineSlotID].(string)] = home{l.Entity.Entity, id}
				}
			}
		}
	}
}

// lookUp asks the database for the records that lines of an entity belong to.
func (d *derivation) lookUp(ctx context.Context, lines *metamodel.Entity, ids []string) error {
	slices.Sort(ids)
	for part := range slices.Chunk(slices.Compact(ids), maxSelectIDs) {
		page, err := d.w.tx.Select(ctx, &query.Select{
			Entity: lines, IDs: part, Limit: len(part), Bin: query.Any, Fields: lines.Columns()[:metamodel.LineSlotParent+1],
		}, d.w.env)
		if err != nil {
			return fmt.Errorf("look for lines of %s: %w", lines.Name, err)
		}
		for _, row := range page.Rows {
			d.homes[row[metamodel.LineSlotID].(string)] = home{lines, row[metamodel.LineSlotParent].(string)}
		}
	}
	return nil
}
