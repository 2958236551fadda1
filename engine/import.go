package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tenon/engine/compile"
	"tenon/engine/sheet"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// Bounds of imports.
const (
	importKind      = "import"
	importChunk     = 500      // rows of one transaction, and those that the last record of it has beyond them
	maxPreviewRows  = 2000     // rows that one preview judges, and those that the last record of it has beyond them
	maxImportErrors = 500      // rows with problems that are kept, and those that the last record of them has beyond them
	previewSample   = 10       // rows shown as they were read
	previewRecords  = 5        // records with lines shown as they would be
	maxImportBytes  = 50 << 20 // bytes of one file to import
	maxCorrections  = 2000     // cells of one import that are corrected beside the file

	// maxRecordRows bounds the rows of a file that are kept of one record: its lines, and a row of its own.
	maxRecordRows = metamodel.MaxLines + 1
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

	// Lines is the field whose lines stand in the rows, one in a row, and LineMapping what of a line stands in which
	// column. Rows with the same text in the column Group, counted from 1, belong to one record, and so do those that
	// have none there; where no column is told, those in which the record's own columns are blank.
	Lines       metamodel.ID         `json:"lines,omitempty"`
	LineMapping map[int]metamodel.ID `json:"line_mapping,omitempty"`
	Group       int                  `json:"group,omitempty"`

	// Corrections stand in the place of what is in the file: by row of the file and column, the text.
	Corrections map[int]map[int]string `json:"corrections,omitempty"`

	Read    int               `json:"read"`    // rows looked at so far
	Written int               `json:"written"` // records created or updated
	Skipped int               `json:"skipped"` // records left out
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
	res, err := e.json(nil, map[string]any{
		"import": up.job.ID, "state": up.job.State, "name": up.plan.Name, "sheet": up.plan.Sheet, "sheets": up.sheets,
		"headers": up.plan.Headers, "mapping": up.plan.named(ent), "group": up.plan.groupedBy(), "rows": up.plan.Rows,
		"fields": c.importFields(ent, may), "sample": up.sample,
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
	p.guess(ent, c.importable(ent, may))
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
	l := p.linesOf(ent)
	for column, id := range p.LineMapping {
		if l == nil {
			break
		}
		if f := l.Entity.FieldByID(id); f != nil {
			out[p.Headers[column]] = importField{f, l.Field}.path()
		}
	}
	return out
}

// linesOf is the field of which the file has lines; nil when it has none, or the entity has it no more.
func (p *importPlan) linesOf(ent *compile.Entity) *compile.Lines {
	if f := ent.FieldByID(p.Lines); f != nil && f.Kind == metamodel.Lines {
		return ent.LinesOf(f)
	}
	return nil
}

// groupedBy is the header of the column whose texts tell which rows belong to one record, "" for none.
func (p *importPlan) groupedBy() string {
	if p.Group == 0 {
		return ""
	}
	return p.Headers[p.Group-1]
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
		"import": job.ID, "state": job.State, "mode": p.Mode, "mapping": p.named(ent), "group": p.groupedBy(), "rows": p.Rows, "read": p.Read,
		"written": p.Written, "skipped": p.Skipped, "errors": p.Errors, "problem": p.Problem,
	})
	if err == nil {
		r.Status = status
	}
	return r, err
}
