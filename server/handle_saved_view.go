package server

import (
	"tenon/engine"
)

func (s *Server) savedViewList(x *exchange) error {
	c, err := s.appCall(x)
	if err != nil {
		return err
	}
	r, err := s.engine.SavedViews(x.ctx, c, x.c.Params("view"))
	if err != nil {
		return err
	}
	return x.send(r)
}

func (s *Server) savedViewCreate(x *exchange) error {
	c, r, err := s.inApp(x, func(c engine.Call, data []byte) (*engine.Result, error) {
		return s.engine.SavedViewCreate(x.ctx, c, x.c.Params("view"), data)
	})
	if err != nil {
		return err
	}
	return x.sendLocated(r, apiPath+"apps/"+c.Snap.App.Name+"/views/"+x.c.Params("view")+"/saved")
}

func (s *Server) savedViewUpdate(x *exchange) error {
	_, r, err := s.inApp(x, func(c engine.Call, data []byte) (*engine.Result, error) {
		return s.engine.SavedViewUpdate(x.ctx, c, x.c.Params("view"), x.c.Params("id"), data)
	})
	if err != nil {
		return err
	}
	return x.send(r)
}

func (s *Server) savedViewDelete(x *exchange) error {
	c, err := s.appCall(x)
	if err != nil {
		return err
	}
	r, err := s.engine.SavedViewDelete(x.ctx, c, x.c.Params("view"), x.c.Params("id"))
	if err != nil {
		return err
	}
	return x.send(r)
}

// inApp is what acts within an app have in common that take a small JSON body.
func (s *Server) inApp(x *exchange, act func(c engine.Call, data []byte) (*engine.Result, error)) (engine.Call, *engine.Result, error) {
	c, err := s.appCall(x)
	if err != nil {
		return c, nil, err
	}
	data, err := x.read(maxPlatformBytes)
	if err != nil {
		return c, nil, err
	}
	r, err := act(c, data)
	return c, r, err
}
