package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// Bounds of display texts.
const (
	maxDisplays    = 10_000 // records, people, departments and files that one answer gives texts for; the others have none
	maxDisplayHops = 3      // records on the way to a text: what shows a record may be a reference itself
)

// displays gathers the records, people, departments and files that an answer mentions, and finds the texts that stand for
// them. What the actor may not see has no text.
type displays struct {
	w           *world
	records     map[*metamodel.Entity]map[string]bool
	users       map[string]bool
	departments map[string]bool
	files       map[string]bool
	typed       bool // what is shown was typed and never saved: of files, only the actor's own have a name
	count       int
	texts       map[string]string
	shownBy     map[string]string // records that another one stands for: whose display field is a reference
	lines       map[string]shownLine
}

// shownLine is a line that is shown by its document and its place in it.
type shownLine struct {
	doc   string
	place int64
	own   string // the id of what shows the line itself; "" where its text is known, or there is none
}

func (w *world) displays() *displays {
	return &displays{
		w: w, records: map[*metamodel.Entity]map[string]bool{}, users: map[string]bool{}, departments: map[string]bool{},
		files: map[string]bool{}, texts: map[string]string{}, shownBy: map[string]string{},
		lines: map[string]shownLine{},
	}
}

// gathered is where the ids of a field belong; nil when it holds no ids that have a text.
func (d *displays) gathered(f *metamodel.Field) map[string]bool {
	switch {
	case f.Kind == metamodel.User:
		return d.users
	case f.Kind == metamodel.Department:
		return d.departments
	case f.Kind == metamodel.File || f.Kind == metamodel.Image:
		return d.files
	case f.Target == nil || f.Kind == metamodel.Lines:
		return nil
	}
	if d.records[f.Target] == nil {
		d.records[f.Target] = map[string]bool{}
	}
	return d.records[f.Target]
}

// mention notes an id that an answer shows.
func (d *displays) mention(into map[string]bool, id string) {
	if into == nil || into[id] || d.count >= maxDisplays || !validID(id) {
		return
	}
	into[id] = true
	d.count++
}

// value notes the ids of a field's value.
func (d *displays) value(f *metamodel.Field, v any) {
	switch v := v.(type) {
	case string:
		d.mention(d.gathered(f), v)
	case []string:
		for _, id := range v {
			d.mention(d.gathered(f), id)
		}
	}
}

// rows notes what a projection shows of records, their lines and the records inside.
func (d *displays) rows(p *projection, rows []value.Row, related map[*metamodel.Field]map[string]value.Row) {
	for i := range p.fields {
		f := &p.fields[i]
		if f.mask {
			continue
		}
		for _, row := range rows {
			if f.lines != nil {
				lines, _ := row[f.field.Slot].([]value.Row)
				d.rows(f.lines, lines, nil)
				continue
			}
			d.value(f.field, row[f.field.Slot])
		}
	}
	for _, x := range p.expand {
		for _, row := range rows {
			d.value(x.field, row[x.field.Slot])
		}
		d.rows(x.proj, slices.Collect(maps.Values(related[x.field])), nil)
	}
}

// raw notes the ids of a value as the journal keeps it.
func (d *displays) raw(f *metamodel.Field, raw json.RawMessage) {
	into := d.gathered(f)
	if into == nil || len(raw) == 0 {
		return
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		d.mention(into, one)
		return
	}
	var many []string
	if json.Unmarshal(raw, &many) == nil {
		for _, id := range many {
			d.mention(into, id)
		}
	}
}

// find reads the texts of all that was noted: one question per entity, one each for people, departments and files. Where
// a record is shown by a reference, the record there is asked for in the next round.
func (d *displays) find(ctx context.Context) error {
	for range maxDisplayHops {
		if len(d.records) == 0 {
			break
		}
		asked := d.records
		d.records = map[*metamodel.Entity]map[string]bool{}
		for target, ids := range asked {
			if err := d.findRecords(ctx, target, slices.Sorted(maps.Keys(ids))); err != nil {
				return err
			}
		}
	}
	if err := d.findAccounts(ctx); err != nil {
		return err
	}
	d.standFor()
	if len(d.lines) > 0 {
		d.placeLines()
		d.standFor()
	}
	return nil
}

// standFor gives records the texts of those that stand for them.
func (d *displays) standFor() {
	for range maxDisplayHops {
		for id, by := range d.shownBy {
			if text, ok := d.texts[by]; ok {
				d.texts[id] = text
			}
		}
	}
}

func (d *displays) findAccounts(ctx context.Context) error {
	r, ok := d.w.read.(accountReader)
	if !ok {
		return fmt.Errorf("look up accounts: %T has none", d.w.read)
	}
	names := func(ctx context.Context, ids []string) (map[string]string, error) {
		if d.typed {
			return r.FileNames(ctx, ids, d.w.call.Actor.ID)
		}
		return r.FileNames(ctx, ids, "")
	}
	for _, look := range []struct {
		ids  map[string]bool
		find func(context.Context, []string) (map[string]string, error)
	}{{d.users, r.UserNames}, {d.departments, r.DepartmentNames}, {d.files, names}} {
		if len(look.ids) == 0 {
			continue
		}
		texts, err := look.find(ctx, slices.Sorted(maps.Keys(look.ids)))
		if err != nil {
			return fmt.Errorf("look up accounts: %w", err)
		}
		maps.Copy(d.texts, texts)
	}
	return nil
}

// findRecords reads the display field of records that the actor may see. Who sees all records of the entity sees
// those that the request has read already.
func (d *displays) findRecords(ctx context.Context, target *metamodel.Entity, ids []string) error {
	w, field := d.w, target.Display
	may := w.call.decide(target, metamodel.ActRead)
	if target.IsLines() {
		return d.findLines(ctx, target, may, ids)
	}
	if !may.allow() || field == nil || !may.readable(field) || may.masked(field) {
		return nil
	}
	if may.rows() == nil {
		ids = slices.DeleteFunc(ids, func(id string) bool {
			r := w.rows[target.ID][id]
			if r != nil && r.row != nil {
				d.show(field, id, r.row[field.Slot])
			}
			return r != nil
		})
	}
	for start := 0; start < len(ids); start += maxSelectIDs {
		part := ids[start:min(len(ids), start+maxSelectIDs)]
		page, err := w.read.Select(ctx, &query.Select{
			Entity: target, IDs: part, Where: may.where(), Limit: len(part), Bin: query.Any,
			Fields: []*metamodel.Field{target.Columns()[metamodel.SlotID], field},
		}, w.env)
		if err != nil {
			return fmt.Errorf("read display texts of %s: %w", target.Name, err)
		}
		for _, row := range page.Rows {
			id, _ := row[metamodel.SlotID].(string)
			d.show(field, id, row[field.Slot])
		}
	}
	return nil
}

// show keeps the text that a display field's value makes, or whose text it will be.
func (d *displays) show(field *metamodel.Field, id string, v any) {
	if v == nil {
		return
	}
	if ids := d.gathered(field); ids != nil {
		by, _ := v.(string)
		d.shownBy[id] = by
		if _, known := d.texts[by]; !known {
			d.mention(ids, by)
		}
		return
	}
	d.texts[id] = valueText(field, v, d.w.call.Locale)
}

// valueText is a field's value as people read it: an option by its title.
func valueText(f *metamodel.Field, v any, lang string) string {
	if f.Enum != nil {
		if name, ok := v.(string); ok {
			for _, o := range f.Enum.Options {
				if o.Name == name {
					return o.Title.In(lang)
				}
			}
		}
	}
	return textOf(v)
}

// append writes `"display":{…}` with the texts that were found, by id.
func (d *displays) append(b []byte) []byte {
	b = append(b, `"display":{`...)
	for i, id := range slices.Sorted(maps.Keys(d.texts)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, id), ':')
		b = appendString(b, d.texts[id])
	}
	return append(b, '}')
}

// appendDisplay adds the texts of what an answer mentions as one more member of the object under way.
func (w *world) appendDisplay(ctx context.Context, b []byte, p *projection, rows []value.Row, related map[*metamodel.Field]map[string]value.Row) ([]byte, error) {
	d := w.displays()
	d.rows(p, rows, related)
	if err := d.find(ctx); err != nil {
		return nil, err
	}
	return d.append(append(b, ',')), nil
}

// shownOne is a record as an answer shows it, with the records and the texts that were asked for.
func (w *world) shownOne(ctx context.Context, p *projection, row value.Row, opt ReadOptions, warnings diag.List) ([]byte, error) {
	rows := []value.Row{row}
	related, err := w.expand(ctx, p, rows)
	if err != nil {
		return nil, err
	}
	b := p.append(make([]byte, 0, 1024), row, related, warnings, w.call.Locale)
	if w.call.Snap.Unsettled() != nil {
		b = append(p.appendUnsettled(b[:len(b)-1], w.call.Snap), '}')
	}
	if !opt.Display {
		return b, nil
	}
	if b, err = w.appendDisplay(ctx, b[:len(b)-1], p, rows, related); err != nil {
		return nil, err
	}
	return append(b, '}'), nil
}
