package server

import (
	"tenon/engine"
)

func (s *Server) importUpload(x *exchange) error {
	c, entity, _, err := s.target(x)
	if err != nil {
		return err
	}
	return s.uploaded(x, func(u *upload) (*engine.Result, error) {
		return s.engine.ImportUpload(x.ctx, c, entity, u.name, u.file, u.size)
	}, apiPath+"apps/"+c.Snap.App.Name+"/"+entity+"/imports")
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
