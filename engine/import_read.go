package engine

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/sheet"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// importRecord is what rows of a file say of one record, on its way to being one.
type importRecord struct {
	rows   []fileRow // at most maxRecordRows
	read   int       // rows of the file, those that found no room included
	body   *jsonValue
	key    string         // the text that finds the record to update
	group  string         // the text that its rows have in common
	lines  []int          // by line: which of rows it stands in
	placed map[string]int // which of rows a value stands in, by field, where it isn't the first
	list   diag.List      // what can't be read
}

// fileRow is a row of a file, from 1, with its corrections.
type fileRow struct {
	number int
	cells  []sheet.Cell
}

// first is the number of the record's first row, last that of its last.
func (ir *importRecord) first() int { return ir.rows[0].number }
func (ir *importRecord) last() int  { return ir.rows[len(ir.rows)-1].number }

// importReader makes records of rows: by the mapping, with references found by what people write for them.
type importReader struct {
	entity  *compile.Entity
	mapping map[int]*metamodel.Field
	key     *metamodel.Field // finds the record that rows update; nil: all records are new
	rows    *sheet.Rows
	fixes   map[int]map[int]string // texts in the place of cells, by row of the file and column
	after   int                    // the last row of the file that was read, or is to be passed over
	resolve *resolver
	keys    []fileKey

	lines       *compile.Lines // nil: each row is a record
	lineMapping map[int]*metamodel.Field
	group       int               // the column, from 0, that tells which rows belong to one record; below 0 for none
	apart       map[string][2]int // its texts that rows apart from each other have, and the first two such rows
	ahead       *fileRow          // the first row of the next record
}

// openImport starts reading the data rows of an import, those after a row of the file.
func (e *Engine) openImport(ctx context.Context, w *world, ent *compile.Entity, p *importPlan, after int) (*importReader, func(), error) {
	info, f, err := e.store.OpenFile(ctx, p.File)
	if err != nil {
		return nil, nil, fmt.Errorf("open the file: %w", err)
	}
	closeFile := func() { _ = f.Close() } // only read
	at, ok := f.(io.ReaderAt)
	if !ok {
		closeFile()
		return nil, nil, fmt.Errorf("open the file: %T can't be read at a place", f)
	}
	book, list := sheet.Open(p.Name, at, info.Size)
	if list.HasErrors() {
		closeFile()
		return nil, nil, &diag.Problem{List: list}
	}
	r := &importReader{
		entity: ent, mapping: map[int]*metamodel.Field{}, fixes: p.Corrections, group: -1, after: p.Header,
		resolve: &resolver{w: w, known: map[*metamodel.Field]map[string]string{}},
	}
	r.mapped(p)
	r.watchKeys()
	if err = r.findApart(book, p.Sheet); err == nil {
		r.after = max(r.after, after)
		r.rows, err = book.Rows(p.Sheet)
	}
	if err != nil {
		closeFile()
		return nil, nil, err
	}
	return r, func() { _ = r.rows.Close(); closeFile() }, nil
}

// mapped takes a plan's columns, as far as the entity still has their fields.
func (r *importReader) mapped(p *importPlan) {
	for column, id := range p.Mapping {
		if field := r.entity.FieldByID(id); field != nil {
			r.mapping[column] = field
		}
	}
	if p.Key != "" {
		r.key = r.entity.FieldByID(p.Key)
	}
	if r.lines = p.linesOf(r.entity); r.lines == nil {
		return
	}
	r.lineMapping, r.group = map[int]*metamodel.Field{}, p.Group-1
	for column, id := range p.LineMapping {
		if field := r.lines.Entity.FieldByID(id); field != nil {
			r.lineMapping[column] = field
		}
	}
	for column, field := range r.mapping {
		if r.group < 0 && field == r.key {
			r.group = column // what finds the record tells records apart
		}
	}
}

// findApart reads the file once for the texts by which rows belong to one record, where others stand between them: no part
// of such a record may be taken for the whole, so they are known before the first is read.
func (r *importReader) findApart(book *sheet.Book, name string) error {
	if r.group < 0 {
		return nil
	}
	rows, err := book.Rows(name)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // only read
	r.apart = map[string][2]int{}
	first, last := map[string]int{}, ""
	for rows.Next() {
		row := rows.Row()
		if row.Number <= r.after {
			continue
		}
		text := r.groupOf(r.corrected(row))
		if text == "" || text == last {
			continue
		}
		last = text
		if was, seen := first[text]; !seen {
			first[text] = row.Number
		} else if r.apart[text][0] == 0 {
			r.apart[text] = [2]int{was, row.Number}
		}
	}
	return rows.Err()
}

// next reads records of at least n rows; it returns none at the end.
func (r *importReader) next(ctx context.Context, n int) ([]*importRecord, error) {
	var out []*importRecord
	texts := map[*metamodel.Field][]string{}
	for read := 0; read < n; {
		ir := r.record(texts)
		if ir == nil {
			break
		}
		if len(ir.body.members) > 0 || len(ir.list) > 0 || ir.key != "" {
			out = append(out, ir)
			read += ir.read
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

// record reads the rows of one record, and notes the texts that name other records. It is nil at the end.
func (r *importReader) record(texts map[*metamodel.Field][]string) *importRecord {
	row, more := r.take()
	if !more {
		return nil
	}
	ir := &importRecord{body: &jsonValue{kind: jsonObject}, group: r.groupOf(row.cells)}
	if r.lines != nil {
		ir.placed = map[string]int{}
	}
	var lines []jsonValue
	for more {
		lines = r.add(ir, row, lines, texts)
		if r.lines == nil {
			break
		}
		if row, more = r.take(); more && !r.goesOn(ir, row) {
			r.ahead = &row
			break
		}
	}
	r.finish(ir, lines)
	return ir
}

// take gives the next row of the file.
func (r *importReader) take() (fileRow, bool) {
	if row := r.ahead; row != nil {
		r.ahead = nil
		return *row, true
	}
	for r.rows.Next() {
		row := r.rows.Row()
		if row.Number > r.after {
			return fileRow{row.Number, r.corrected(row)}, true
		}
	}
	return fileRow{}, false
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

// groupOf is the text by which a row belongs to a record.
func (r *importReader) groupOf(cells []sheet.Cell) string {
	if r.group < 0 || r.group >= len(cells) {
		return ""
	}
	return strings.TrimSpace(cells[r.group].Text)
}

// goesOn tells whether a row belongs to the record of the rows before it.
func (r *importReader) goesOn(ir *importRecord, row fileRow) bool {
	if r.group >= 0 {
		text := r.groupOf(row.cells)
		return text == "" || text == ir.group
	}
	for column, cell := range row.cells {
		if r.mapping[column] != nil && !blankCell(cell) {
			return false
		}
	}
	return true
}

func blankCell(cell sheet.Cell) bool {
	return cell.Kind == sheet.Empty || strings.TrimSpace(cell.Text) == ""
}

// add takes a row's cells for the fields that they are mapped to.
func (r *importReader) add(ir *importRecord, row fileRow, lines []jsonValue, texts map[*metamodel.Field][]string) []jsonValue {
	r.after = row.number
	place := len(ir.rows)
	if r.says(row) {
		ir.read++
	} else if place > 0 {
		return lines // a blank row between two
	}
	if place == maxRecordRows {
		return append(lines, jsonValue{}) // counted, and refused by the count
	}
	ir.rows = append(ir.rows, row)
	if place == 0 && r.lines != nil {
		if apart, found := r.apart[ir.group]; found {
			other := apart[0]
			if other == row.number {
				other = apart[1]
			}
			ir.list.Add("import.group_apart", rowPath(0, ""), "row", other, "value", clip(ir.group))
		}
	}
	line := jsonValue{kind: jsonObject}
	at, there := diag.Pointer("", r.linesName(), len(lines)), false
	for column, cell := range row.cells {
		if blankCell(cell) {
			continue
		}
		if f := r.mapping[column]; f != nil {
			r.own(ir, f, cell, place, texts)
		} else if f := r.lineMapping[column]; f != nil {
			there = true
			if v := r.value(ir, f, cell, diag.Pointer(at, f.Name), texts); v != nil {
				line.members = append(line.members, jsonMember{f.Name, *v})
			}
		}
	}
	if there {
		lines = append(lines, line)
		ir.lines = append(ir.lines, place)
	}
	return lines
}

// says tells whether a row has anything in a mapped column.
func (r *importReader) says(row fileRow) bool {
	for column, cell := range row.cells {
		if (r.mapping[column] != nil || r.lineMapping[column] != nil) && !blankCell(cell) {
			return true
		}
	}
	return false
}

func (r *importReader) linesName() string {
	if r.lines == nil {
		return ""
	}
	return r.lines.Field.Name
}

// value is a cell as the API would be given it; nil when it can't be read, which is noted.
func (r *importReader) value(ir *importRecord, f *metamodel.Field, cell sheet.Cell, path string, texts map[*metamodel.Field][]string) *jsonValue {
	if cell.Kind == sheet.Error || cell.Kind == sheet.Formula {
		ir.list.Add("import.cell_error", path, "value", clip(cell.Text))
		return nil
	}
	v := cellValue(f, cell, r.resolve.w.env.Zone)
	if v != nil && pointsElsewhere(f) {
		texts[f] = append(texts[f], textsOf(v)...)
	}
	return v
}

// own takes a cell for a field of the record itself: once, and any further row says the same or nothing.
func (r *importReader) own(ir *importRecord, f *metamodel.Field, cell sheet.Cell, place int, texts map[*metamodel.Field][]string) {
	path := "/" + f.Name
	if place > 0 {
		path = rowPath(place, f.Name)
	}
	v := r.value(ir, f, cell, path, texts)
	was := ir.body.get(f.Name)
	switch {
	case v == nil:
	case was == nil:
		ir.body.members = append(ir.body.members, jsonMember{f.Name, *v})
		if place > 0 {
			ir.placed[f.Name] = place
		}
	case !reflect.DeepEqual(was, v):
		ir.list.Add("import.row_differs", path, "field", f.Title.In(r.resolve.w.call.Locale), "row", ir.rows[ir.placed[f.Name]].number)
	}
}

// finish takes the text that finds the record out of what is written, where that is a number which Tenon gives, and puts
// the lines to what the rows say of the record itself. A record of which no row has a line keeps those that it has.
func (r *importReader) finish(ir *importRecord, lines []jsonValue) {
	if r.key != nil {
		if v := ir.body.get(r.key.Name); v != nil {
			ir.key = v.text
		}
		if r.key.Kind == metamodel.Number {
			ir.body.members = slices.DeleteFunc(ir.body.members, func(m jsonMember) bool { return m.name == r.key.Name })
		}
	}
	if len(lines) == 0 {
		return
	}
	f := r.lines.Field
	if len(lines) > f.MaxLength {
		ir.list.Add("record.too_many", "/"+f.Name, "field", f.Title.In(r.resolve.w.call.Locale), "actual", len(lines), "limit", f.MaxLength)
		lines = lines[:f.MaxLength]
	}
	ir.body.members = append(ir.body.members, jsonMember{f.Name, jsonValue{kind: jsonArray, items: lines}})
}

// rowPath is where something is wrong with one of a record's rows, whatever it is: no field has such a name.
func rowPath(place int, field string) string {
	at := "/#" + strconv.Itoa(place)
	if field != "" {
		at += "/" + field
	}
	return at
}

// place tells in which of a record's rows, and in which field, a path lies.
func (r *importReader) place(ir *importRecord, path string) (row int, field string) {
	parts := strings.SplitN(strings.TrimPrefix(path, "/"), "/", 4)
	if place, ok := strings.CutPrefix(parts[0], "#"); ok {
		row, _ = strconv.Atoi(place) // written by rowPath
		if len(parts) > 1 {
			field = parts[1]
		}
		return row, field
	}
	if r.lines == nil || parts[0] != r.lines.Field.Name || len(parts) < 2 {
		return ir.placed[parts[0]], parts[0]
	}
	if i, err := strconv.Atoi(parts[1]); err == nil && i >= 0 && i < len(ir.lines) {
		row = ir.lines[i]
	}
	if len(parts) == 2 {
		return row, parts[0]
	}
	return row, parts[0] + "." + parts[2]
}
