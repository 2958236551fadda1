package server

// viewGet describes a view, as far as the actor may see it.
func (s *Server) viewGet(x *exchange) error {
	c, err := s.appCall(x)
	if err != nil {
		return err
	}
	r, err := s.engine.View(x.ctx, c, x.c.Params("view"))
	if err != nil {
		return err
	}
	return x.sendCached(r)
}
