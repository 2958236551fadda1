package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"tenon/engine/compile"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// fileKey is a unique key whose fields all come from the file, with the rows that had each of its values.
type fileKey struct {
	fields []*metamodel.Field
	rows   map[string]int
}

// watchKeys prepares to find rows of the file that share a key.
func (r *importReader) watchKeys() {
	mapped := map[*metamodel.Field]bool{}
	for _, f := range r.mapping {
		mapped[f] = true
	}
	for _, key := range uniqueKeys(r.entity) {
		if !slices.ContainsFunc(key, func(f *metamodel.Field) bool { return !mapped[f] }) {
			r.keys = append(r.keys, fileKey{key, map[string]int{}})
		}
	}
}

// checkTwins says when an earlier row of the file has the same key.
func (r *importReader) checkTwins(ir *importRecord) {
	for _, k := range r.keys {
		row := make(value.Row, len(r.entity.Columns()))
		for _, f := range k.fields {
			if v := ir.body.get(f.Name); v != nil {
				row[f.Slot] = v.text
			}
		}
		text, whole := keyText(k.fields, row)
		if !whole {
			continue
		}
		if first, twice := k.rows[text]; twice {
			twin := notUnique(k.fields, "", r.resolve.w.call.Locale)
			ir.list.Add("import.twin", twin.Path, "row", first, "fields", twin.Args["fields"])
			continue
		}
		k.rows[text] = ir.first()
	}
}

// prefetch reads what the records and their lines point at, in one go per field.
func (r *importReader) prefetch(ctx context.Context, w *world, records []*importRecord) error {
	ids := map[*metamodel.Field]map[string]bool{}
	note := func(e *compile.Entity, body *jsonValue) {
		for i := range body.members {
			m := &body.members[i]
			f := e.ByName(m.name)
			if f.Target == nil || f.Kind == metamodel.Lines {
				continue
			}
			if ids[f] == nil {
				ids[f] = map[string]bool{}
			}
			for _, id := range textsOf(&m.value) {
				if validID(id) && w.rows[f.Target.ID][id] == nil {
					ids[f][id] = true
				}
			}
		}
	}
	for _, ir := range records {
		r.each(ir, func(e *compile.Entity, body *jsonValue, _ string) { note(e, body) })
	}
	for f, some := range ids {
		if len(some) == 0 {
			continue
		}
		if err := w.load(ctx, w.call.Snap.Of(f.Target), slices.Sorted(maps.Keys(some))); err != nil {
			return err
		}
	}
	return nil
}

// each calls do for what is said of the record itself, and of each of its lines, with where that stands.
func (r *importReader) each(ir *importRecord, do func(e *compile.Entity, body *jsonValue, path string)) {
	do(r.entity, ir.body, "")
	if r.lines == nil {
		return
	}
	lines := ir.body.get(r.lines.Field.Name)
	if lines == nil {
		return
	}
	for i := range lines.items {
		do(r.lines.Entity, &lines.items[i], diag.Pointer("", r.lines.Field.Name, i))
	}
}

func pointsElsewhere(f *metamodel.Field) bool {
	return f.Target != nil || f.Kind == metamodel.User || f.Kind == metamodel.Department
}

func textsOf(v *jsonValue) []string {
	if v.kind == jsonString {
		return []string{v.text}
	}
	var out []string
	for _, i := range v.items {
		out = append(out, i.text)
	}
	return out
}

// replace puts ids in the place of the texts that name other records.
func (r *importReader) replace(ir *importRecord) {
	r.each(ir, func(e *compile.Entity, body *jsonValue, path string) {
		for i := range body.members {
			m := &body.members[i]
			f := e.ByName(m.name)
			if !pointsElsewhere(f) || f.Kind == metamodel.Lines {
				continue
			}
			if m.value.kind == jsonString {
				r.replaceText(ir, f, &m.value, diag.Pointer(path, f.Name))
			}
			for j := range m.value.items {
				r.replaceText(ir, f, &m.value.items[j], diag.Pointer(path, f.Name))
			}
		}
	})
}

func (r *importReader) replaceText(ir *importRecord, f *metamodel.Field, v *jsonValue, path string) {
	title := f.Title.In(r.resolve.w.call.Locale)
	switch id := r.resolve.known[f][v.text]; id {
	case "":
		code := diag.Code("import.reference_not_found")
		if f.Target != nil && f.Target.IsLines() {
			code = "import.line_not_found"
		}
		ir.list.Add(code, path, "field", title, "value", clip(v.text))
	case ambiguous:
		ir.list.Add("import.reference_ambiguous", path, "field", title, "value", clip(v.text))
	default:
		v.text = id
	}
}

// existing finds the records that rows update, by the key, and tells where a number that Tenon gives is none's.
func (r *importReader) existing(ctx context.Context, records []*importRecord) (map[string]string, error) {
	if r.key == nil {
		return nil, nil
	}
	known, err := r.lookUp(ctx, records)
	if err != nil || r.key.Kind != metamodel.Number {
		return known, err
	}
	for _, ir := range records {
		if ir.key != "" && known[ir.key] == "" {
			ir.list.Add("import.reference_not_found", "/"+r.key.Name, "field", r.key.Title.In(r.resolve.w.call.Locale), "value", clip(ir.key))
		}
	}
	return known, nil
}

func (r *importReader) lookUp(ctx context.Context, records []*importRecord) (map[string]string, error) {
	var texts []string
	for _, ir := range records {
		if ir.key != "" {
			texts = append(texts, ir.key)
		}
	}
	look := &resolver{w: r.resolve.w, known: map[*metamodel.Field]map[string]string{}}
	self := &metamodel.Field{Target: r.entity.Entity}
	look.known[self] = map[string]string{}
	c := r.resolve.w.call
	may, imports := c.decide(r.entity.Entity, metamodel.ActUpdate), c.decide(r.entity.Entity, metamodel.ActImport)
	if !may.allow() || !imports.allow() {
		return nil, nil
	}
	if err := look.lookIn(ctx, self, r.key, append(may.where(), imports.where()...), texts); err != nil {
		return nil, err
	}
	return look.known[self], nil
}

// targetOf is the record that rows update, "" when they make a new one.
func (r *importReader) targetOf(ir *importRecord, known map[string]string) string {
	if ir.key == "" || known[ir.key] == ambiguous {
		return ""
	}
	return known[ir.key]
}

// try judges a record as a save would, without writing: the draft has what is wrong with it, and warnings. newID makes the
// ids of its lines.
func (w *world) try(ctx context.Context, e *compile.Entity, ir *importRecord, id string, newID func() string) (*draft, error) {
	w.call.Budget = expr.NewBudget(expr.RequestBudget)
	d, may, err := w.tryDraft(ctx, e, id)
	if err != nil {
		return nil, err
	}
	dec := &decoder{lang: w.call.Locale, cells: true}
	g := w.call.decodeRecord(dec, e, may, ir.body, "")
	// A cell that names no record is told as that, and not once more as something that isn't an id.
	told := slices.DeleteFunc(dec.list, func(x diag.Diagnostic) bool {
		return slices.ContainsFunc(ir.list, func(y diag.Diagnostic) bool { return x.Path == y.Path })
	})
	d.sent, d.list = g.sent, slices.Concat(ir.list, told)
	changed := d.take(g, newID, w.call.Locale)
	if d.before != nil && changed && d.frozen() && !w.call.trusted {
		s := e.States
		d.list.Add("record.frozen", "", "state", stateTitle(s, d.before[s.Field.Slot].(string), w.call.Locale))
		return d, nil
	}
	if err := w.complete(ctx, d); err != nil {
		return nil, err
	}
	if err := w.check(ctx, d); err != nil {
		return nil, err
	}
	if err := w.checkKeys(ctx, d); err != nil {
		return nil, err
	}
	if d.list.HasErrors() {
		return d, nil
	}
	err = w.importRows(ctx, d, may)
	if p, ok := asProblem(err); ok {
		d.list = append(d.list, p.List...)
		return d, nil
	}
	return d, err
}

// tryDraft begins with the record that is updated, lines and all, or with an empty one.
func (w *world) tryDraft(ctx context.Context, e *compile.Entity, id string) (*draft, decision, error) {
	if id == "" {
		d := &draft{entity: e, event: metamodel.OnCreate, after: make(value.Row, len(e.Columns()))}
		d.after[metamodel.SlotOwner], d.after[metamodel.SlotDepartment] = w.call.who(), w.call.home()
		if s := e.States; s != nil {
			d.after[s.Field.Slot] = s.Initial.Name
		}
		return d, w.call.decide(e.Entity, metamodel.ActCreate), nil
	}
	may := w.call.decide(e.Entity, metamodel.ActUpdate)
	row, err := w.getAny(ctx, e, id, may)
	if err != nil {
		return nil, may, err
	}
	for _, l := range e.Lines {
		lines, err := w.read.Lines(ctx, l.Field, []string{id})
		if err != nil {
			return nil, may, fmt.Errorf("read lines: %w", err)
		}
		row[l.Field.Slot] = lines[id]
	}
	return &draft{entity: e, before: row, event: metamodel.OnUpdate, after: cloneRow(row)}, may, nil
}

// importRows judges a draft by the rows of the write and of the import.
func (w *world) importRows(ctx context.Context, d *draft, may decision) error {
	w.importing = true
	defer func() { w.importing = false }()
	return w.checkAllRows(ctx, d, may)
}

// put writes a record.
func (w *writer) put(ctx context.Context, e *compile.Entity, ir *importRecord, id string) error {
	w.call.Budget = expr.NewBudget(expr.RequestBudget)
	if ir.list.HasErrors() { // nothing will be written: find what else is wrong with it
		d, err := w.try(ctx, e, ir, id, w.engine.newID)
		if err != nil {
			return err
		}
		return d.list.Err()
	}
	w.importing = true
	defer func() { w.importing = false }()
	var err error
	if id != "" {
		if err = w.held.flush(ctx); err != nil {
			return err
		}
		_, err = w.updateFrom(ctx, e, id, 0, ir.body, "")
	} else {
		_, err = w.createFrom(ctx, e, ir.body, "")
	}
	return err
}

// rowErrors writes what is wrong with a record, a row of the file each: its number, its cells, and each problem with the
// column that it is in. A record that is refused has all of its rows, so that they can be corrected together.
func (r *importReader) rowErrors(ir *importRecord, list diag.List, headers []string, lang string) []json.RawMessage {
	told := make([]diag.List, len(ir.rows))
	for _, d := range list {
		row, _ := r.place(ir, d.Path)
		told[row] = append(told[row], d)
	}
	var out []json.RawMessage
	for i, row := range ir.rows {
		if len(told[i]) == 0 && !list.HasErrors() {
			continue
		}
		b := strconv.AppendInt([]byte(`{"row":`), int64(row.number), 10)
		b = append(b, `,"cells":[`...)
		for column := range headers {
			if column > 0 {
				b = append(b, ',')
			}
			text := ""
			if column < len(row.cells) {
				text = row.cells[column].Text
			}
			b = appendString(b, clip(text))
		}
		b = append(b, `],"errors":[`...)
		for j, d := range told[i] {
			if j > 0 {
				b = append(b, ',')
			}
			b = r.appendError(b, ir, d, headers, lang)
		}
		out = append(out, append(b, "]}"...))
	}
	return out
}

func (r *importReader) appendError(b []byte, ir *importRecord, d diag.Diagnostic, headers []string, lang string) []byte {
	_, name := r.place(ir, d.Path)
	column := r.columnOf(name)
	if d.Code == "import.group_apart" {
		column = r.group
	}
	b = append(b, '{')
	if column >= 0 && column < len(headers) {
		b = appendString(append(b, `"column":`...), headers[column])
		b = append(b, ',')
	}
	b = appendString(append(b, `"field":`...), name)
	b = appendString(append(b, `,"code":`...), string(d.Code))
	b = appendString(append(b, `,"severity":`...), d.Severity.String())
	b = appendString(append(b, `,"message":`...), d.Text(lang))
	b = appendString(append(b, `,"cure":`...), d.Cure(lang))
	return append(b, '}')
}

// columnOf finds the column that is mapped to a field, below 0 for none.
func (r *importReader) columnOf(name string) int {
	for column, f := range r.mapping {
		if f.Name == name {
			return column
		}
	}
	for column, f := range r.lineMapping {
		if (importField{f, r.lines.Field}).path() == name {
			return column
		}
	}
	return -1
}
