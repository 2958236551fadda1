package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"tenon/engine/compile"
	"tenon/engine/sheet"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// Bounds of imports.
const (
	importKind      = "import"
	importChunk     = 500      // rows of one transaction
	maxPreviewRows  = 2000     // rows that one preview judges
	maxImportErrors = 500      // rows with problems that are kept
	previewSample   = 10       // rows shown as they were read
	maxImportBytes  = 50 << 20 // bytes of one file to import
	maxCorrections  = 2000     // cells of one import that are corrected beside the file
)

// importPlan is what an import was asked to do and how far it came; kept with the job.
type importPlan struct {
	File    string               `json:"file"`
	Name    string               `json:"name"`
	Sheet   string               `json:"sheet"`
	Header  int                  `json:"header"` // rows before the data
	Headers []string             `json:"headers"`
	Mapping map[int]metamodel.ID `json:"mapping"` // by column: the field, whatever it is called by now
	Mode    string               `json:"mode"`
	Key     metamodel.ID         `json:"key,omitempty"`
	Rows    int                  `json:"rows"`

	// Corrections stand in the place of what is in the file: by row of the file and column, the text.
	Corrections map[int]map[int]string `json:"corrections,omitempty"`

	Read    int               `json:"read"`    // rows looked at so far
	Written int               `json:"written"` // records created or updated
	Skipped int               `json:"skipped"`
	Errors  []json.RawMessage `json:"errors"`
	Problem string            `json:"problem,omitempty"` // why the import as a whole failed
}

// The modes of imports.
const (
	modeAllOrNothing = "all_or_nothing"
	modeSkipBad      = "skip_bad"
)

// ImportUpload takes a CSV or XLSX file and answers with its headers, a guess at what its columns mean and the
// first rows. Nothing is written yet.
func (e *Engine) ImportUpload(ctx context.Context, c Call, entity string, f ImportFile) (*Result, error) {
	ent, may, err := c.importer(entity)
	if err != nil {
		return nil, err
	}
	up, err := e.uploadImport(ctx, c, ent, may, f)
	if err != nil {
		return nil, err
	}
	type field struct {
		Name     string `json:"name"`
		Title    string `json:"title"`
		Required bool   `json:"required"`
	}
	fields := []field{}
	for _, f := range c.importable(ent, may) {
		fields = append(fields, field{f.Name, f.Title.In(c.Locale), f.Required && f.Default == nil})
	}
	res, err := e.json(nil, map[string]any{
		"import": up.job.ID, "state": up.job.State, "name": up.plan.Name, "sheet": up.plan.Sheet, "sheets": up.sheets,
		"headers": up.plan.Headers, "mapping": up.plan.named(ent), "rows": up.plan.Rows, "fields": fields, "sample": up.sample,
	})
	if err == nil {
		res.Status, res.ID = StatusCreated, up.job.ID
	}
	return res, err
}

// ImportFile is a table that somebody sends: a CSV or XLSX file, and the sheet that is meant, the first when empty.
type ImportFile struct {
	Name  string
	Data  io.ReaderAt
	Size  int64
	Sheet string
}

// uploadedImport is an import whose file is kept and whose columns are guessed at.
type uploadedImport struct {
	job    store.Job
	plan   *importPlan
	sheets []string
	sample [][]string
}

func (e *Engine) uploadImport(ctx context.Context, c Call, ent *compile.Entity, may decision, f ImportFile) (*uploadedImport, error) {
	book, list := sheet.Open(f.Name, f.Data, f.Size)
	if list.HasErrors() {
		return nil, &diag.Problem{List: list}
	}
	p := &importPlan{Name: clip(f.Name), Sheet: f.Sheet, Mode: modeAllOrNothing, Mapping: map[int]metamodel.ID{}}
	if p.Sheet == "" {
		p.Sheet = book.Sheets()[0]
	}
	sample, err := p.inspect(book)
	if err != nil {
		return nil, err
	}
	for column, f := range guessMapping(p.Headers, c.importable(ent, may)) {
		p.Mapping[column] = f.ID
	}
	file, err := e.store.PutFile(ctx, store.File{Name: p.Name, CreatedBy: c.Actor.ID}, io.NewSectionReader(f.Data, 0, f.Size), maxImportBytes)
	if err != nil {
		return nil, fmt.Errorf("keep the file: %w", err)
	}
	p.File = file.ID
	job := store.Job{ID: e.newID(), Kind: importKind, App: c.Snap.App.Name, Entity: string(ent.ID), Actor: c.Actor.ID, State: importUploaded}
	if job.Progress, err = p.encode(); err != nil {
		return nil, err
	}
	err = e.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.PutJob(ctx, job) })
	if err != nil {
		return nil, fmt.Errorf("keep the import: %w", err)
	}
	return &uploadedImport{job: job, plan: p, sheets: book.Sheets(), sample: sample}, nil
}

// importer decides on an import: it takes the grants to import and to create.
func (c Call) importer(entity string) (*compile.Entity, decision, error) {
	ent, err := c.entity(entity)
	if err != nil {
		return nil, decision{}, err
	}
	if _, err := c.require(ent, metamodel.ActImport); err != nil {
		return nil, decision{}, err
	}
	may, err := c.require(ent, metamodel.ActCreate)
	return ent, may, err
}

// inspect finds the header and counts the rows.
func (p *importPlan) inspect(book *sheet.Book) ([][]string, error) {
	rows, err := book.Rows(p.Sheet)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // only read
	var first []sheet.Row
	sample := [][]string{}
	for rows.Next() {
		row := rows.Row()
		if len(first) < sheet.HeaderSample {
			first = append(first, sheet.Row{Number: row.Number, Cells: append([]sheet.Cell(nil), row.Cells...)})
		}
		p.Rows++
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	header := sheet.GuessHeader(first)
	if header < 0 {
		return nil, diag.Refuse("import.no_header", "")
	}
	p.Header = first[header].Number
	for _, cell := range first[header].Cells {
		p.Headers = append(p.Headers, cell.Text)
	}
	p.Rows -= header + 1
	for _, row := range first[header+1:] {
		if len(sample) == previewSample {
			break
		}
		texts := []string{}
		for _, cell := range row.Cells {
			texts = append(texts, cell.Text)
		}
		sample = append(sample, texts)
	}
	return sample, nil
}

// named is the mapping by header.
func (p *importPlan) named(ent *compile.Entity) map[string]string {
	out := map[string]string{}
	for column, id := range p.Mapping {
		if f := ent.FieldByID(id); f != nil {
			out[p.Headers[column]] = f.Name
		}
	}
	return out
}

// loadImport reads an import of the actor's own; another's does not exist.
func (e *Engine) loadImport(ctx context.Context, c Call, ent *compile.Entity, id string) (*store.Job, *importPlan, error) {
	absent := diag.Refuse("import.not_found", "")
	if !validID(id) {
		return nil, nil, absent
	}
	job, err := e.store.Reader().Job(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, absent
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the import: %w", err)
	}
	if job.Kind != importKind || job.Actor != c.Actor.ID || job.Entity != string(ent.ID) || job.App != c.Snap.App.Name {
		return nil, nil, absent
	}
	p := &importPlan{}
	if err := json.Unmarshal(job.Progress, p); err != nil {
		return nil, nil, fmt.Errorf("read the import: %w", err)
	}
	return &job, p, nil
}

// ask reads what a preview or run is asked to do: {"mapping": {header: field}, "mode", "key", "corrections": {row:
// {header: text}}, "offset"}.
func (p *importPlan) ask(c Call, ent *compile.Entity, may decision, body []byte) (offset int, err error) {
	v, err := parseObject(body)
	if err != nil {
		return 0, err
	}
	l := &lister{list: v.only("", "mapping", "mode", "key", "corrections", "offset")}
	if mode := v.optionalText(l, "mode"); mode != "" {
		if mode != modeAllOrNothing && mode != modeSkipBad {
			l.list.Add("import.mode", "/mode", "value", clip(mode))
		}
		p.Mode = mode
	}
	if m := v.get("mapping"); m != nil {
		p.askMapping(c, ent, may, m, &l.list)
	}
	if m := v.get("corrections"); m != nil {
		p.askCorrections(m, &l.list)
	}
	if key := v.optionalText(l, "key"); key != "" {
		f := ent.ByName(key)
		if f == nil || !f.Unique && f.Kind != metamodel.Number || !c.decide(ent.Entity, metamodel.ActRead).open(f) {
			l.list.Add("import.key", "/key", "field", clip(key))
		} else if _, err := c.require(ent, metamodel.ActUpdate); err != nil {
			return 0, err
		} else {
			p.Key = f.ID
		}
	}
	if o := v.get("offset"); o != nil && o.text != "0" {
		offset = boundedInt(l, o, "/offset", sheet.MaxRows)
	}
	return offset, l.list.Err()
}

func (p *importPlan) askMapping(c Call, ent *compile.Entity, may decision, m *jsonValue, list *diag.List) {
	if m.kind != jsonObject {
		problem, _ := asProblem(wrongMember("/mapping", "mapping", "object"))
		*list = append(*list, problem.List...)
		return
	}
	allowed := map[string]metamodel.ID{}
	for _, f := range c.importable(ent, may) {
		allowed[f.Name] = f.ID
	}
	p.Mapping = map[int]metamodel.ID{}
	used := map[string]bool{}
	for i := range m.members {
		header, field := m.members[i].name, m.members[i].value.text
		at := diag.Pointer("/mapping", clip(header))
		column := -1
		for j, h := range p.Headers {
			if h == header {
				column = j
			}
		}
		switch {
		case m.members[i].value.kind == jsonNull || field == "":
		case column < 0:
			list.Add("import.column_unknown", at, "column", clip(header))
		case allowed[field] == "":
			list.Add("record.field_unknown", at, "field", clip(field))
		case used[field]:
			list.Add("import.field_twice", at, "field", clip(field))
		default:
			p.Mapping[column], used[field] = allowed[field], true
		}
	}
}

// askCorrections reads the texts that take the place of cells; they replace those of an earlier call.
func (p *importPlan) askCorrections(m *jsonValue, list *diag.List) {
	if m.kind != jsonObject {
		problem, _ := asProblem(wrongMember("/corrections", "corrections", "object"))
		*list = append(*list, problem.List...)
		return
	}
	p.Corrections = map[int]map[int]string{}
	cells := 0
	for _, row := range m.members {
		at := diag.Pointer("/corrections", clip(row.name))
		number, err := strconv.Atoi(row.name)
		if err != nil || number < 1 || number > sheet.MaxRows || row.value.kind != jsonObject {
			list.Add("import.correction", at)
			continue
		}
		texts := map[int]string{}
		for _, cell := range row.value.members {
			column := slices.Index(p.Headers, cell.name)
			if column < 0 || cell.value.kind != jsonString {
				list.Add("import.correction", diag.Pointer(at, clip(cell.name)))
				continue
			}
			texts[column] = cell.value.text
			cells++
		}
		p.Corrections[number] = texts
	}
	if cells > maxCorrections {
		list.Add("import.too_many_corrections", "/corrections", "max", maxCorrections)
	}
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
	rows, err := book.Rows(p.Sheet)
	if err != nil {
		closeFile()
		return nil, nil, err
	}
	r := &importReader{
		entity: ent, mapping: map[int]*metamodel.Field{}, rows: rows, fixes: p.Corrections, after: max(p.Header, after),
		resolve: &resolver{w: w, known: map[*metamodel.Field]map[string]string{}},
	}
	for column, id := range p.Mapping {
		if field := ent.FieldByID(id); field != nil {
			r.mapping[column] = field
		}
	}
	r.watchKeys()
	if p.Key != "" {
		r.key = ent.FieldByID(p.Key)
	}
	return r, func() { _ = rows.Close(); closeFile() }, nil
}

// ImportPreview judges rows as a run would, without writing: every problem by row and column. It looks at a bounded
// number of rows; "next_offset" is the row of the file after which to go on.
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
	rows, err := r.next(ctx, maxPreviewRows)
	if err != nil {
		return nil, err
	}
	known, err := r.existing(ctx, rows)
	if err != nil {
		return nil, err
	}
	b := []byte(`{"rows":[`)
	bad, creates, updates := 0, 0, 0
	for _, ir := range rows {
		target := r.targetOf(ir, known)
		list, err := w.try(ctx, ent, ir, target)
		if err != nil {
			return nil, err
		}
		switch {
		case list.HasErrors():
			bad++
		case target != "":
			updates++
		default:
			creates++
		}
		if len(list) > 0 && bad <= maxImportErrors {
			if b[len(b)-1] != '[' {
				b = append(b, ',')
			}
			b = r.appendRowErrors(b, ir, list, p.Headers, c.Locale)
		}
	}
	b = append(b, ']')
	b = fmt.Appendf(b, `,"checked":%d,"bad":%d,"create":%d,"update":%d,"total":%d`, len(rows), bad, creates, updates, p.Rows)
	if len(rows) == maxPreviewRows {
		b = fmt.Appendf(b, `,"next_offset":%d`, r.after)
	}
	return &Result{Body: append(b, '}')}, nil
}

func (r *importReader) targetOf(ir *importRow, known map[string]string) string {
	if r.key == nil {
		return ""
	}
	v := ir.body.get(r.key.Name)
	if v == nil || known[v.text] == ambiguous {
		return ""
	}
	return known[v.text]
}

// ImportStatus tells how far an import is. What an import that writes in one transaction has read is known to the server
// that it runs on.
func (e *Engine) ImportStatus(ctx context.Context, c Call, entity, id string) (*Result, error) {
	ent, _, err := c.importer(entity)
	if err != nil {
		return nil, err
	}
	read := e.imports.readBy(id) // before the job: between the two the import may end and leave
	job, p, err := e.loadImport(ctx, c, ent, id)
	if err != nil {
		return nil, err
	}
	if job.State == importRunning {
		p.Read = max(p.Read, read)
	}
	return e.importResult(ent, job, p, StatusOK)
}

func (e *Engine) importResult(ent *compile.Entity, job *store.Job, p *importPlan, status Status) (*Result, error) {
	if p.Errors == nil {
		p.Errors = []json.RawMessage{}
	}
	r, err := e.json(nil, map[string]any{
		"import": job.ID, "state": job.State, "mode": p.Mode, "mapping": p.named(ent), "rows": p.Rows, "read": p.Read,
		"written": p.Written, "skipped": p.Skipped, "errors": p.Errors, "problem": p.Problem,
	})
	if err == nil {
		r.Status = status
	}
	return r, err
}
