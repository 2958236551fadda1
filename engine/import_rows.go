package engine

import (
	"context"
	"slices"
	"strconv"

	"tenon/engine/compile"
	"tenon/engine/sheet"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// importRow is a row of a file on its way to being a record.
type importRow struct {
	number int // in the file, from 1
	cells  []sheet.Cell
	body   *jsonValue
	list   diag.List // what can't be read
}

// importReader makes records of rows: by the mapping, with references found by what people write for them.
type importReader struct {
	entity  *compile.Entity
	mapping map[int]*metamodel.Field
	key     *metamodel.Field // finds the record that a row updates; nil: all rows are new
	rows    *sheet.Rows
	fixes   map[int]map[int]string // texts in the place of cells, by row of the file and column
	after   int                    // the last row of the file that was read, or is to be passed over
	resolve *resolver
	keys    []fileKey
}

// next reads up to n rows; it returns none at the end.
func (r *importReader) next(ctx context.Context, n int) ([]*importRow, error) {
	var out []*importRow
	texts := map[*metamodel.Field][]string{}
	for len(out) < n && r.rows.Next() {
		row := r.rows.Row()
		if row.Number <= r.after {
			continue
		}
		r.after = row.Number
		ir := r.read(row, texts)
		if len(ir.body.members) > 0 || len(ir.list) > 0 {
			out = append(out, ir)
		}
	}
	if err := r.rows.Err(); err != nil {
		return nil, err
	}
	for f, list := range texts {
		if err := r.resolve.resolve(ctx, f, list); err != nil {
			return nil, err
		}
	}
	for _, ir := range out {
		r.replace(ir)
		r.checkTwins(ir)
	}
	return out, nil
}

// read takes a row's cells for the fields that they are mapped to, and notes the texts that name other records.
func (r *importReader) read(row sheet.Row, texts map[*metamodel.Field][]string) *importRow {
	ir := &importRow{number: row.Number, cells: r.corrected(row), body: &jsonValue{kind: jsonObject}}
	for column, cell := range ir.cells {
		f := r.mapping[column]
		if f == nil {
			continue
		}
		if cell.Kind == sheet.Error || cell.Kind == sheet.Formula {
			ir.list.Add("import.cell_error", "/"+f.Name, "value", clip(cell.Text))
			continue
		}
		v := cellValue(f, cell, r.resolve.w.env.Zone)
		if v == nil {
			continue
		}
		ir.body.members = append(ir.body.members, jsonMember{f.Name, *v})
		if pointsElsewhere(f) {
			texts[f] = append(texts[f], textsOf(v)...)
		}
	}
	return ir
}

// corrected gives a row's cells with the corrections in their places. The reader's own cells are used anew for each row.
func (r *importReader) corrected(row sheet.Row) []sheet.Cell {
	cells := slices.Clone(row.Cells)
	for column, text := range r.fixes[row.Number] {
		for len(cells) <= column {
			cells = append(cells, sheet.Cell{})
		}
		cells[column] = sheet.Cell{Kind: sheet.Text, Text: text}
	}
	return cells
}

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
func (r *importReader) checkTwins(ir *importRow) {
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
		k.rows[text] = ir.number
	}
}

// prefetch reads what the rows point at, in one go per field.
func (r *importReader) prefetch(ctx context.Context, w *world, rows []*importRow) error {
	for _, f := range r.mapping {
		if f.Target == nil {
			continue
		}
		known := w.rows[f.Target.ID]
		var ids []string
		for _, ir := range rows {
			v := ir.body.get(f.Name)
			if v == nil {
				continue
			}
			for _, id := range textsOf(v) {
				if validID(id) && known[id] == nil && !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
			}
		}
		if len(ids) == 0 {
			continue
		}
		if err := w.load(ctx, w.call.Snap.Of(f.Target), ids); err != nil {
			return err
		}
	}
	return nil
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
func (r *importReader) replace(ir *importRow) {
	for i := range ir.body.members {
		m := &ir.body.members[i]
		f := r.entity.ByName(m.name)
		if !pointsElsewhere(f) {
			continue
		}
		set := func(v *jsonValue) {
			switch id := r.resolve.known[f][v.text]; id {
			case "":
				code := diag.Code("import.reference_not_found")
				if f.Target != nil && f.Target.IsLines() {
					code = "import.line_not_found"
				}
				ir.list.Add(code, "/"+f.Name, "field", f.Title.In(r.resolve.w.call.Locale), "value", clip(v.text))
			case ambiguous:
				ir.list.Add("import.reference_ambiguous", "/"+f.Name, "field", f.Title.In(r.resolve.w.call.Locale), "value", clip(v.text))
			default:
				v.text = id
			}
		}
		if m.value.kind == jsonString {
			set(&m.value)
		}
		for j := range m.value.items {
			set(&m.value.items[j])
		}
	}
}

// existing finds the records that rows update, by the key.
func (r *importReader) existing(ctx context.Context, rows []*importRow) (map[string]string, error) {
	if r.key == nil {
		return nil, nil
	}
	var texts []string
	for _, ir := range rows {
		if v := ir.body.get(r.key.Name); v != nil {
			texts = append(texts, v.text)
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

// try judges a row as a save would, without writing: what is wrong with it, and warnings.
func (w *world) try(ctx context.Context, e *compile.Entity, ir *importRow, id string) (diag.List, error) {
	w.call.Budget = expr.NewBudget(expr.RequestBudget)
	action := metamodel.ActCreate
	d := &draft{entity: e, event: metamodel.OnCreate, after: make(value.Row, len(e.Columns()))}
	if id != "" {
		action = metamodel.ActUpdate
		row, err := w.getAny(ctx, e, id, w.call.decide(e.Entity, action))
		if err != nil {
			return nil, err
		}
		d.before, d.event, d.after = row, metamodel.OnUpdate, cloneRow(row)
	} else {
		d.after[metamodel.SlotOwner], d.after[metamodel.SlotDepartment] = w.call.who(), w.call.home()
		if s := e.States; s != nil {
			d.after[s.Field.Slot] = s.Initial.Name
		}
	}
	dec := &decoder{lang: w.call.Locale, cells: true}
	may := w.call.decide(e.Entity, action)
	g := w.call.decodeRecord(dec, e, may, ir.body, "")
	for slot, sent := range g.sent {
		if sent {
			d.after[slot] = g.row[slot]
		}
	}
	// A cell that names no record is told as that, and not once more as something that isn't an id.
	told := slices.DeleteFunc(dec.list, func(x diag.Diagnostic) bool {
		return slices.ContainsFunc(ir.list, func(y diag.Diagnostic) bool { return x.Path == y.Path })
	})
	d.sent, d.list = g.sent, slices.Concat(ir.list, told)
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
		return d.list, nil
	}
	err := w.importRows(ctx, d, may)
	if p, ok := asProblem(err); ok {
		return append(d.list, p.List...), nil
	}
	return d.list, err
}

// importRows judges a draft by the rows of the write and of the import.
func (w *world) importRows(ctx context.Context, d *draft, may decision) error {
	w.importing = true
	defer func() { w.importing = false }()
	return w.checkAllRows(ctx, d, may)
}

// put writes a row as a record.
func (w *writer) put(ctx context.Context, e *compile.Entity, ir *importRow, id string) error {
	w.call.Budget = expr.NewBudget(expr.RequestBudget)
	if ir.list.HasErrors() { // nothing will be written: find what else is wrong with it
		list, err := w.try(ctx, e, ir, id)
		if err != nil {
			return err
		}
		return list.Err()
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

// appendRowErrors writes what is wrong with a row: its number, its cells, and each problem with the column that it is in.
func (r *importReader) appendRowErrors(b []byte, ir *importRow, list diag.List, headers []string, lang string) []byte {
	byField := map[string]int{}
	for column, f := range r.mapping {
		byField[f.Name] = column
	}
	b = strconv.AppendInt(append(b, `{"row":`...), int64(ir.number), 10)
	b = append(b, `,"cells":[`...)
	for column := range headers {
		if column > 0 {
			b = append(b, ',')
		}
		text := ""
		if column < len(ir.cells) {
			text = ir.cells[column].Text
		}
		b = appendString(b, clip(text))
	}
	b = append(b, `],"errors":[`...)
	for i, d := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		name := firstToken(d.Path)
		if column, ok := byField[name]; ok && column < len(headers) {
			b = appendString(append(b, `"column":`...), headers[column])
			b = append(b, ',')
		}
		b = appendString(append(b, `"field":`...), name)
		b = appendString(append(b, `,"code":`...), string(d.Code))
		b = appendString(append(b, `,"severity":`...), d.Severity.String())
		b = appendString(append(b, `,"message":`...), d.Text(lang))
		b = appendString(append(b, `,"cure":`...), d.Cure(lang))
		b = append(b, '}')
	}
	return append(b, "]}"...)
}

func firstToken(pointer string) string {
	if pointer == "" {
		return ""
	}
	for i := 1; i < len(pointer); i++ {
		if pointer[i] == '/' {
			return pointer[1:i]
		}
	}
	return pointer[1:]
}
