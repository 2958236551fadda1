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

// viewData works out what the cards of a dashboard show.
func (s *Server) viewData(x *exchange) error {
	c, err := s.appCall(x)
	if err != nil {
		return err
	}
	data, err := x.read(maxPlatformBytes)
	if err != nil {
		return err
	}
	r, err := s.engine.DashboardData(x.ctx, c, x.c.Params("view"), data)
	if err != nil {
		return err
	}
	return x.send(r)
}
