package engine

import (
	"context"
	"encoding/json"
	"time"

	"tenon/engine/compile"
	"tenon/engine/store"
	"tenon/metamodel/diag"
)

// ImportNow starts an import in one request: the file comes, its columns are guessed or mapped as body says, and the
// rows are written in the background, or only judged when preview is set.
func (e *Engine) ImportNow(ctx context.Context, c Call, entity string, f ImportFile, body []byte, preview bool) (*Result, error) {
	ent, may, err := c.importer(entity)
	if err != nil {
		return nil, err
	}
	up, err := e.uploadImport(ctx, c, ent, may, f)
	if err != nil {
		return nil, err
	}
	var r *Result
	if preview {
		r, err = e.ImportPreview(ctx, c, entity, up.job.ID, body)
	} else {
		r, err = e.ImportRun(ctx, c, entity, up.job.ID, body)
	}
	if err != nil {
		return nil, err
	}
	r.ID = up.job.ID
	return r, nil
}

// ImportEnd waits for the end of an import, up to patience; one that takes longer is answered as accepted, with where
// it stands. An import that failed is a refusal that says what is wrong in which row.
func (e *Engine) ImportEnd(ctx context.Context, c Call, entity, id string, patience time.Duration) (*Result, error) {
	ent, _, err := c.importer(entity)
	if err != nil {
		return nil, err
	}
	job, p, err := e.awaitImport(ctx, c, ent, id, patience)
	if err != nil {
		return nil, err
	}
	if job.State == importFailed {
		return nil, p.refusal(c.Locale)
	}
	r, err := e.ImportStatus(ctx, c, entity, id)
	if err != nil {
		return nil, err
	}
	if r.ID = id; job.State == importRunning {
		r.Status = StatusAccepted
	}
	return r, nil
}

// importPulse is how often a request that waits for an import looks.
const importPulse = 100 * time.Millisecond

// awaitImport reads an import again until it has ended or patience has.
func (e *Engine) awaitImport(ctx context.Context, c Call, ent *compile.Entity, id string, patience time.Duration) (*store.Job, *importPlan, error) {
	over := time.NewTimer(patience)
	defer over.Stop()
	pulse := time.NewTicker(importPulse)
	defer pulse.Stop()
	for {
		job, p, err := e.loadImport(ctx, c, ent, id)
		if err != nil || job.State != importRunning {
			return job, p, err
		}
		select {
		case <-pulse.C:
		case <-over.C:
			return job, p, nil
		case <-ctx.Done():
			return job, p, nil
		}
	}
}

// refusal says why an import failed: as a whole, or which rows are wrong, each at /rows/{row}/{field}.
func (p *importPlan) refusal(lang string) error {
	if p.Problem != "" {
		return &diag.Problem{List: diag.List{{Code: "import.refused", Message: map[string]string{langOf(lang): p.Problem}}}}
	}
	list, rows := diag.List{{}}, 0
	for _, raw := range p.Errors {
		var row struct {
			Row    int `json:"row"`
			Errors []struct {
				Field   string    `json:"field"`
				Code    diag.Code `json:"code"`
				Message string    `json:"message"`
				Cure    string    `json:"cure"`
			} `json:"errors"`
		}
		if err := json.Unmarshal(raw, &row); err != nil {
			continue // it was written by this program
		}
		if len(row.Errors) > 0 {
			rows++
		}
		for _, x := range row.Errors {
			path := diag.Pointer("", "rows", row.Row)
			if x.Field != "" {
				path = diag.Pointer(path, x.Field)
			}
			list = append(list, diag.Diagnostic{Code: x.Code, Path: path, Message: map[string]string{langOf(lang): x.Message}, Remedy: map[string]string{langOf(lang): x.Cure}})
		}
	}
	list[0] = diag.New("import.rows_refused", "", "count", rows)
	return &diag.Problem{List: list}
}
