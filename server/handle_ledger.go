package server

import (
	"context"

	"tenon/engine"
	"tenon/metamodel/diag"
)

func (s *Server) ledgerList(x *exchange) error {
	c, err := s.appCall(x)
	if err != nil {
		return err
	}
	r, err := s.engine.Ledgers(x.ctx, c)
	if err != nil {
		return err
	}
	return x.send(r)
}

func (s *Server) ledgerGet(x *exchange) error {
	c, err := s.appCall(x)
	if err != nil {
		return err
	}
	r, err := s.engine.Ledger(x.ctx, c, x.c.Params("ledger"))
	if err != nil {
		return err
	}
	return x.send(r)
}

func (s *Server) ledgerLock(x *exchange) error { return s.ledgerAct(x, s.engine.LedgerLock) }

func (s *Server) ledgerClose(x *exchange) error { return s.ledgerAct(x, s.engine.LedgerClose) }

// ledgerVerify proves a ledger; one proof at a time, as with the audit log.
func (s *Server) ledgerVerify(x *exchange) error {
	if !s.verifying.TryLock() {
		return diag.Refuse("request.busy", "", "retry_after", 5)
	}
	defer s.verifying.Unlock()
	return s.ledgerAct(x, s.engine.LedgerVerify)
}

func (s *Server) ledgerAct(x *exchange, act func(ctx context.Context, c engine.Call, ledger string, body []byte) (*engine.Result, error)) error {
	c, err := s.appCall(x)
	if err != nil {
		return err
	}
	data, err := x.read(maxPlatformBytes)
	if err != nil {
		return err
	}
	r, err := act(x.ctx, c, x.c.Params("ledger"), data)
	if err != nil {
		return err
	}
	return x.send(r)
}
