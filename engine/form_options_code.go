package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// A barcode may stand on a line of what a field points at, as that of a case does on a unit of an item. It finds the
// record, and says more than which: what the line and the form have in common, here the unit.

// bearer are lines of the target that bear codes, and what they say of the form.
type bearer struct {
	lines *compile.Lines
	codes []metamodel.Path
	says  []shared
}

// shared is a field of the form that a code says: a reference, which what bears the code has by the same name.
type shared struct{ to, from *metamodel.Field }

// gift is a value that an option gives to another field of the form.
type gift struct {
	field *metamodel.Field
	id    string
}

// finding is what a code found besides the record.
type finding struct {
	via  *metamodel.Field // the lines in which it stands; nil is on the record itself
	line string
	code string
	sets []gift
}

// chooseBearers picks the lines that bear codes which the actor may read. They say what no such line is without. A code
// of the record itself says as much as those of its lines do: scanning a bottle after a case goes back to bottles.
func (c *candidates) chooseBearers() {
	for _, l := range c.target.Lines {
		b := bearer{lines: l, says: slices.DeleteFunc(c.saidBy(l.Entity), func(s shared) bool { return !s.from.Required })}
		for _, f := range l.Entity.Fields {
			if f.Kind == metamodel.Barcode && !f.Virtual() && c.may.open(l.Field) && c.may.open(f) {
				b.codes = append(b.codes, metamodel.Path{f})
			}
		}
		if len(b.codes) > 0 {
			c.bearers = append(c.bearers, b)
		}
	}
	for _, own := range c.saidBy(c.target) {
		for i := range c.bearers {
			if slices.ContainsFunc(c.bearers[i].says, func(s shared) bool { return s.to == own.to }) {
				c.says = append(c.says, own)
				break
			}
		}
	}
}

// saidBy lists the references of the form, other than the one that is chosen for, that an entity has by the same name.
func (c *candidates) saidBy(e *compile.Entity) []shared {
	if c.field.Kind == metamodel.References { // several are chosen: what would one of them say of all?
		return nil
	}
	var out []shared
	for _, from := range e.Fields {
		to := c.owner.ByName(from.Name)
		alike := to != nil && to != c.field && from.Kind == metamodel.Reference && to.Kind == metamodel.Reference && from.Target == to.Target
		if alike && !from.Virtual() && c.may.open(from) && c.mayFill(to) {
			out = append(out, shared{to: to, from: from})
		}
	}
	return out
}

func (c *candidates) mayFill(f *metamodel.Field) bool {
	return c.world.call.fieldKnown(c.form, f) && c.world.call.unwritable(c.owner, c.form, f) == nil
}

// ownCodes notes what the barcodes of records say.
func (c *candidates) ownCodes(rows []value.Row, text string) {
	for _, row := range rows {
		id := row[metamodel.SlotID].(string)
		bears := slices.ContainsFunc(c.codes, func(f *metamodel.Field) bool { return f.Kind == metamodel.Barcode && row[f.Slot] == text })
		if bears && c.found[id] == nil {
			c.note(id, finding{sets: setsOf(c.says, row)})
		}
	}
}

func (c *candidates) note(id string, f finding) {
	if c.found == nil {
		c.found = map[string]*finding{}
	}
	c.found[id] = &f
}

func setsOf(says []shared, row value.Row) []gift {
	var out []gift
	for _, s := range says {
		if id, _ := row[s.from.Slot].(string); id != "" {
			out = append(out, gift{field: s.to, id: id})
		}
	}
	return out
}

// byLines finds the records with a line that bears just the text as its code.
func (c *candidates) byLines(ctx context.Context, text string) ([]value.Row, error) {
	var rows []value.Row
	for i := range c.bearers {
		b := &c.bearers[i]
		columns := b.lines.Entity.Columns()
		q := &query.Select{
			Entity: b.lines.Entity.Entity, Search: &query.Search{Text: text, Paths: b.codes, Exact: true}, Limit: maxOptions,
			Order: []query.Order{{Path: metamodel.Path{columns[metamodel.LineSlotID]}}},
		}
		for asked := 0; asked < maxJudgedOptions && len(rows) < maxExactOptions; asked += q.Limit {
			page, err := c.world.read.Select(ctx, q, c.env)
			if err != nil {
				return nil, c.engine.queryProblem(err)
			}
			found, err := c.bearing(ctx, b, page.Rows, text)
			if err != nil {
				return nil, err
			}
			rows = append(rows, found...)
			if q.After = page.Next; page.Next == nil {
				break
			}
		}
	}
	return rows, nil
}

// bearing finds the records of lines, as far as the actor may see them and the field may point at them.
func (c *candidates) bearing(ctx context.Context, b *bearer, lines []value.Row, code string) ([]value.Row, error) {
	of := map[string]value.Row{}
	q := c.question(nil)
	q.IDs = []string{}
	for _, line := range lines {
		id, _ := line[metamodel.LineSlotParent].(string)
		if of[id] == nil && c.found[id] == nil {
			of[id] = line
			q.IDs = append(q.IDs, id)
		}
	}
	if len(q.IDs) == 0 {
		return nil, nil
	}
	q.Limit = len(q.IDs)
	page, err := c.ask(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, row := range page.Rows {
		id := row[metamodel.SlotID].(string)
		line := of[id]
		c.note(id, finding{via: b.lines.Field, line: line[metamodel.LineSlotID].(string), code: code, sets: setsOf(b.says, line)})
	}
	return page.Rows, nil
}

// tell gives options what was found besides the records.
func (c *candidates) tell(ctx context.Context, options []option) error {
	d := c.world.displays()
	for _, f := range c.found {
		for _, s := range f.sets {
			d.value(s.field, s.id)
		}
	}
	if err := d.find(ctx); err != nil {
		return fmt.Errorf("show what codes say: %w", err)
	}
	for i := range options {
		o := &options[i]
		f := c.found[o.id]
		if f == nil {
			continue
		}
		o.finding, o.texts = f, d.texts
		if f.via == nil {
			continue
		}
		parts := []string{f.code, o.detail}
		for _, s := range f.sets {
			parts = append([]string{d.texts[s.id]}, parts...)
		}
		parts = slices.DeleteFunc(parts, func(text string) bool { return text == "" })
		o.detail = strings.Join(parts, detailSeparator)
	}
	return nil
}

// appendFinding writes what an option's code says: "via" is the line that bears it, "set" what it gives other fields.
func (o *option) appendFinding(b []byte) []byte {
	f := o.finding
	if f == nil {
		return b
	}
	if f.via != nil {
		b = appendString(append(b, `,"via":{"field":`...), f.via.Name)
		b = append(appendString(append(b, `,"id":`...), f.line), '}')
	}
	for i, s := range f.sets {
		if i == 0 {
			b = append(b, `,"set":{`...)
		} else {
			b = append(b, ',')
		}
		b = appendString(append(appendString(b, s.field.Name), `:{"id":`...), s.id)
		b = append(b, `,"display":`...)
		if text, ok := o.texts[s.id]; ok {
			b = appendString(b, text)
		} else {
			b = append(b, "null"...)
		}
		b = append(b, '}')
		if i == len(f.sets)-1 {
			b = append(b, '}')
		}
	}
	return b
}
