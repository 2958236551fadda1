package server

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"tenon/engine/store"
	"tenon/metamodel/diag"
)

// auditQuery is what the audit log can be asked by.
var auditQuery = append([]string{"app", "entity", "record", "actor", "action"}, pageQuery...)

// auditList shows administrators who did what and when. What was in the records stays with those who may read them:
// the record's own history shows it.
func (s *Server) auditList(x *exchange) error {
	p := readParams(x.rawQuery(), auditQuery...)
	size, before := p.pageSize(), int64(0)
	if token := p.text("page_token"); token != "" {
		n, err := strconv.ParseInt(token, 10, 64)
		if err != nil || n < 1 {
			p.list.Add("query.parameter_malformed", "", "name", "page_token", "expected", "next_page_token")
		}
		before = n
	}
	if err := p.err(); err != nil {
		return err
	}
	f := store.JournalFilter{App: p.text("app"), EntityID: p.text("entity"), RecordID: p.text("record"), Actor: p.text("actor"), Action: p.text("action")}
	if snap, err := s.engine.Snapshot(f.App, x.who.actor); err == nil && f.EntityID != "" {
		if e := snap.Entity(f.EntityID); e != nil {
			f.EntityID = string(e.ID)
		}
	}
	entries, err := s.store.Reader().Entries(x.ctx, f, before, size+1)
	if err != nil {
		return err
	}
	next := ""
	if len(entries) > size {
		entries = entries[:size]
		next = strconv.FormatInt(entries[size-1].Seq, 10)
	}
	out := make([]member, 0, len(entries))
	for i := range entries {
		e := &entries[i]
		out = append(out, member{"seq": e.Seq, "at": at(e.At), "actor": e.Actor, "actor_kind": e.ActorKind, "action": e.Action, "app": e.App,
			"entity": e.EntityID, "record": e.RecordID, "version": e.Version, "request_id": e.RequestID, "code": e.Code})
	}
	return x.answer(fiber.StatusOK, member{"entries": out, "next_page_token": next})
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
