package server

import (
	"encoding/json"
	"time"

	"tenon/engine"
	"tenon/metamodel/diag"
)

func (s *Server) importUpload(x *exchange) error {
	c, entity, _, err := s.target(x)
	if err != nil {
		return err
	}
	p := readParams(x.rawQuery(), "sheet")
	if err := p.err(); err != nil {
		return err
	}
	return s.uploaded(x, func(u *upload) (*engine.Result, error) {
		return s.engine.ImportUpload(x.ctx, c, entity, u.table(p.text("sheet")))
	}, importsPath(c, entity))
}

func importsPath(c engine.Call, entity string) string {
	return apiPath + "apps/" + c.Snap.App.Name + "/" + entity + "/imports"
}

func (u *upload) table(sheet string) engine.ImportFile {
	return engine.ImportFile{Name: u.name, Data: u.file, Size: u.size, Sheet: sheet}
}

// importTemplate sends an empty file to fill in.
func (s *Server) importTemplate(x *exchange) error {
	c, entity, _, err := s.target(x)
	if err != nil {
		return err
	}
	p := readParams(x.rawQuery(), "lines", "format")
	lines, format := p.text("lines"), p.choice("format", "xlsx", "csv")
	if err := p.err(); err != nil {
		return err
	}
	d, err := s.engine.ImportTemplate(c, entity, lines, format)
	if err != nil {
		return err
	}
	return s.sendDownload(x, d)
}

// importQuery is how an import in one request is asked for: what stands in the body of a staged one.
var importQuery = []string{"mode", "key", "mapping", "group", "sheet", "preview", "wait"}

// Seconds that an import in one request waits for its end.
const (
	importWait    = 20
	maxImportWait = 25 // below the limit of a request
)

// importNow takes a file and imports it at once.
func (s *Server) importNow(x *exchange) error {
	c, entity, _, err := s.target(x)
	if err != nil {
		return err
	}
	p := readParams(x.rawQuery(), importQuery...)
	preview := p.boolean("preview")
	patience := time.Duration(p.integer("wait", importWait, 0, maxImportWait)) * time.Second
	options := importOptions(p)
	if err := p.err(); err != nil {
		return err
	}
	r, err := s.takeUpload(x, func(u *upload) (*engine.Result, error) {
		return s.engine.ImportNow(x.ctx, c, entity, u.table(p.text("sheet")), options, preview)
	})
	if err != nil {
		return err
	}
	if !preview {
		if r, err = s.engine.ImportEnd(x.ctx, c, entity, r.ID, patience); err != nil {
			return err
		}
	}
	return x.sendLocated(r, importsPath(c, entity))
}

// importOptions writes the options of a query as the body that a staged import has.
func importOptions(p *params) []byte {
	options := member{}
	for _, name := range []string{"mode", "key", "group"} {
		if v := p.text(name); v != "" {
			options[name] = v
		}
	}
	if v := p.text("mapping"); v != "" {
		if len(v) > maxPlatformBytes || !json.Valid([]byte(v)) {
			p.list.Add("query.parameter_malformed", "", "name", "mapping", "expected", "JSON")
			return nil
		}
		options["mapping"] = json.RawMessage(v)
	}
	body, err := json.Marshal(options)
	if err != nil {
		p.list = append(p.list, diag.New(diag.Internal, ""))
	}
	return body
}

func (s *Server) importPreview(x *exchange) error {
	return s.withBody(x, maxPlatformBytes, func(c engine.Call, entity string, data []byte) (*engine.Result, error) {
		return s.engine.ImportPreview(x.ctx, c, entity, x.c.Params("import"), data)
	})
}

func (s *Server) importRun(x *exchange) error {
	return s.withBody(x, maxPlatformBytes, func(c engine.Call, entity string, data []byte) (*engine.Result, error) {
		return s.engine.ImportRun(x.ctx, c, entity, x.c.Params("import"), data)
	})
}

func (s *Server) importStatus(x *exchange) error {
	c, entity, _, err := s.target(x)
	if err != nil {
		return err
	}
	r, err := s.engine.ImportStatus(x.ctx, c, entity, x.c.Params("import"))
	if err != nil {
		return err
	}
	return x.send(r)
}

func (s *Server) importCancel(x *exchange) error {
	c, entity, _, err := s.target(x)
	if err != nil {
		return err
	}
	if err := x.nothing(); err != nil {
		return err
	}
	r, err := s.engine.ImportCancel(x.ctx, c, entity, x.c.Params("import"))
	if err != nil {
		return err
	}
	return x.send(r)
}
