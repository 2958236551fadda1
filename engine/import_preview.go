package engine

import (
	"context"
	"errors"
	"fmt"

	"tenon/engine/compile"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// importPreview gathers what a preview tells of rows that were judged.
type importPreview struct {
	w       *world
	plan    *importPlan
	reader  *importReader
	out     []byte // of rows with problems
	errors  int    // rows in out
	listed  int    // records of which out has rows
	checked int    // rows
	bad     int    // records, and so on
	creates int
	updates int
	shown   []shownRecord
}

// shownRecord is a record with lines as it would be.
type shownRecord struct {
	rows *importRecord
	*draft
}

// ImportPreview judges rows as a run would, without writing: every problem by row and column, and the first records with
// lines as they would be. It looks at a bounded number of rows; "next_offset" is the row of the file after which to go on.
func (e *Engine) ImportPreview(ctx context.Context, c Call, entity, id string, body []byte) (*Result, error) {
	ent, may, err := c.importer(entity)
	if err != nil {
		return nil, err
	}
	job, p, err := e.loadImport(ctx, c, ent, id)
	if err != nil {
		return nil, err
	}
	offset, err := p.ask(c, ent, may, body)
	if err != nil {
		return nil, err
	}
	if job.State == importUploaded { // what was asked for is kept for the run, unless that has begun meanwhile
		if err := e.moveImport(ctx, job, p, importUploaded, ""); err != nil && !errors.Is(err, store.ErrTaken) {
			return nil, err
		}
	}
	w := e.newWorld(c, e.store.Reader())
	r, done, err := e.openImport(ctx, w, ent, p, offset)
	if err != nil {
		return nil, err
	}
	defer done()
	records, err := r.next(ctx, maxPreviewRows)
	if err != nil {
		return nil, err
	}
	known, err := r.existing(ctx, records)
	if err != nil {
		return nil, err
	}
	view := &importPreview{w: w, plan: p, reader: r}
	for _, ir := range records {
		target := r.targetOf(ir, known)
		d, err := w.try(ctx, ent, ir, target, e.newID)
		if err != nil {
			return nil, err
		}
		view.take(ir, target, d)
	}
	b, err := view.answer(ctx, ent)
	if err != nil {
		return nil, err
	}
	return &Result{Body: b}, nil
}

// take counts a record that was judged.
func (v *importPreview) take(ir *importRecord, target string, d *draft) {
	v.checked += ir.read
	bad := d.list.HasErrors()
	switch {
	case bad:
		v.bad++
	case target != "":
		v.updates++
	default:
		v.creates++
	}
	if !bad && v.reader.lines != nil && len(v.shown) < previewRecords {
		v.shown = append(v.shown, shownRecord{ir, d})
	}
	if len(d.list) == 0 || v.errors >= maxImportErrors {
		return
	}
	if bad {
		v.listed++
	}
	for _, row := range v.reader.rowErrors(ir, d.list, v.plan.Headers, v.w.call.Locale) {
		if len(v.out) > 0 {
			v.out = append(v.out, ',')
		}
		v.out = append(v.out, row...)
		v.errors++
	}
}

func (v *importPreview) answer(ctx context.Context, ent *compile.Entity) ([]byte, error) {
	b := append(append([]byte(`{"rows":[`), v.out...), ']')
	b = fmt.Appendf(b, `,"checked":%d,"bad":%d,"create":%d,"update":%d,"total":%d,"listed":%d`, v.checked, v.bad, v.creates, v.updates, v.plan.Rows, v.listed)
	if v.checked >= maxPreviewRows {
		b = fmt.Appendf(b, `,"next_offset":%d`, v.reader.after)
	}
	if v.reader.lines != nil {
		var err error
		if b, err = v.appendRecords(ctx, b, ent); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// appendRecords writes the first records with lines, as far as the actor may read them, with what shows those that they
// point at.
func (v *importPreview) appendRecords(ctx context.Context, b []byte, ent *compile.Entity) ([]byte, error) {
	c := v.w.call
	read := c.decide(ent.Entity, metamodel.ActRead)
	shown, err := v.readable(ctx, read)
	if err != nil {
		return nil, err
	}
	if !read.allow() { // who may create but not read still sees what the file says
		read = c.decide(ent.Entity, metamodel.ActCreate)
	}
	p, err := c.project(ent, read, ReadOptions{})
	if err != nil {
		return nil, err
	}
	rows := make([]value.Row, len(shown))
	for i, s := range shown {
		rows[i] = s.after
	}
	if err := v.w.fillShown(ctx, p, rows, nil, false); err != nil {
		return nil, err
	}
	b = append(b, `,"records":[`...)
	for i, s := range shown {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"row":%d,"last":%d,"update":%t,"values":`, s.rows.first(), s.rows.last(), s.before != nil)
		b = append(p.append(b, s.after, nil, nil, ""), '}')
	}
	b = append(b, `],`...)
	texts := v.w.displays()
	texts.typed = true
	texts.rows(p, rows, nil)
	if err := texts.find(ctx); err != nil {
		return nil, err
	}
	return texts.append(b), nil
}

// readable leaves out records that are updated and that the actor may not read.
func (v *importPreview) readable(ctx context.Context, read decision) ([]shownRecord, error) {
	var out []shownRecord
	for _, s := range v.shown {
		if s.before != nil {
			if !read.allow() {
				continue
			}
			if inside, err := v.w.within(ctx, s.before, read); err != nil {
				return nil, err
			} else if !inside {
				continue
			}
		}
		out = append(out, s)
	}
	return out, nil
}
