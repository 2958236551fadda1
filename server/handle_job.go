package server

// jobList tells which kept values are being worked out.
func (s *Server) jobList(x *exchange) error {
	c, err := s.appCall(x)
	if err != nil {
		return err
	}
	r, err := s.engine.AppJobs(x.ctx, c)
	if err != nil {
		return err
	}
	return x.send(r)
}
