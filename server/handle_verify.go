package server

import (
	"context"

	"tenon/engine"
	"tenon/metamodel/diag"
)

// appVerify proves all that an app keeps; one proof at a time, as with the audit log.
func (s *Server) appVerify(x *exchange) error {
	if !s.verifying.TryLock() {
		return diag.Refuse("request.busy", "", "retry_after", 5)
	}
	defer s.verifying.Unlock()
	return s.ledgerAct(x, func(ctx context.Context, c engine.Call, _ string, body []byte) (*engine.Result, error) {
		return s.engine.Verify(ctx, c, body)
	})
}

// appRepost has documents post again that have entries by earlier rules.
func (s *Server) appRepost(x *exchange) error {
	return s.ledgerAct(x, func(ctx context.Context, c engine.Call, _ string, body []byte) (*engine.Result, error) {
		return s.engine.Repost(ctx, c, body)
	})
}

func (s *Server) appVerification(x *exchange) error {
	c, err := s.appCall(x)
	if err != nil {
		return err
	}
	r, err := s.engine.Verification(x.ctx, c)
	if err != nil {
		return err
	}
	return x.send(r)
}
