package engine

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"tenon/engine/query"
	"tenon/metamodel"
)

// lineSeparator stands between the parts of a line's text.
const lineSeparator = " · "

// A line is shown by what shows its document, its place there, counted from 1, and what shows the line itself, if anything
// does: DN20250310-0001 · 2 · Fountain pen.

// findLines reads where lines are, and asks for the texts of their documents.
func (d *displays) findLines(ctx context.Context, lines *metamodel.Entity, may decision, ids []string) error {
	if !may.allow() {
		return nil
	}
	field := lines.Display
	if field != nil && (field.System || !may.open(field)) {
		field = nil
	}
	columns := slices.Clone(lines.Columns()[:metamodel.LineSlotPosition+1])
	if field != nil {
		columns = append(columns, field)
	}
	for part := range slices.Chunk(ids, maxSelectIDs) {
		page, err := d.w.read.Select(ctx, &query.Select{Entity: lines, IDs: part, Where: may.where(), Limit: len(part), Bin: query.Any, Fields: columns}, d.w.env)
		if err != nil {
			return fmt.Errorf("read display texts of %s: %w", lines.Name, err)
		}
		for _, row := range page.Rows {
			id := row[metamodel.LineSlotID].(string)
			at := shownLine{}
			at.doc, _ = row[metamodel.LineSlotParent].(string)
			at.place, _ = row[metamodel.LineSlotPosition].(int64)
			d.mention(d.gathered(lines.Columns()[metamodel.LineSlotParent]), at.doc)
			if field != nil && row[field.Slot] != nil {
				d.show(field, id, row[field.Slot])
				at.own = d.shownBy[id]
				delete(d.shownBy, id)
			}
			d.lines[id] = at
		}
	}
	return nil
}

// placeLines puts the texts of lines together, once those of their documents and of what shows them are known.
func (d *displays) placeLines() {
	for id, at := range d.lines {
		text := strconv.FormatInt(at.place, 10)
		if doc := d.texts[at.doc]; doc != "" {
			text = doc + lineSeparator + text
		}
		own := d.texts[id]
		if at.own != "" {
			own = d.texts[at.own]
		}
		if own != "" {
			text += lineSeparator + own
		}
		d.texts[id] = text
	}
}
