package server

import (
	"github.com/gofiber/fiber/v2"

	"tenon/engine"
	"tenon/metamodel/diag"
)

// auditQuery is what the audit log can be asked by.
var auditQuery = append([]string{"app", "actor", "action"}, pageQuery...)

// auditList shows administrators who did what and when, refusals included.
func (s *Server) auditList(x *exchange) error {
	p := readParams(x.rawQuery(), auditQuery...)
	req := engine.AuditRequest{App: p.text("app"), Actor: p.text("actor"), Action: p.text("action"), PageSize: p.pageSize(), PageToken: p.text("page_token")}
	if err := p.err(); err != nil {
		return err
	}
	return s.plain(x, func(c engine.Call) (*engine.Result, error) { return s.engine.Audit(x.ctx, c, req) })
}

// auditVerified checks the chain of the audit log.
func (s *Server) auditVerified(x *exchange) error {
	if err := x.nothing(); err != nil {
		return err
	}
	if !s.verifying.TryLock() {
		return diag.Refuse("request.busy", "", "retry_after", 5)
	}
	defer s.verifying.Unlock()
	r, err := s.store.VerifyAudit(x.ctx)
	if err != nil {
		return err
	}
	out := member{"sealed": r.Sealed, "unsealed": r.Unsealed, "broken": nil}
	if r.Break != nil {
		out["broken"] = member{"seq": r.Break.Seq, "position": r.Break.Position, "reason": r.Break.Reason}
	}
	return x.answer(fiber.StatusOK, out)
}
