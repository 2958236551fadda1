package server

import (
	"context"
	"time"

	"tenon/engine"
)

func (s *Server) commentList(x *exchange) error { return s.recordPage(x, s.engine.Comments) }

func (s *Server) commentCreate(x *exchange) error {
	c, entity, id, err := s.target(x)
	if err != nil {
		return err
	}
	data, err := x.read(maxPlatformBytes)
	if err != nil {
		return err
	}
	r, err := s.engine.CommentCreate(x.ctx, c, entity, id, data)
	if err != nil {
		return err
	}
	return x.sendLocated(r, apiPath+"apps/"+c.Snap.App.Name+"/"+entity+"/"+id+"/comments")
}

func (s *Server) commentUpdate(x *exchange) error {
	return s.withBody(x, maxPlatformBytes, func(c engine.Call, entity string, data []byte) (*engine.Result, error) {
		return s.engine.CommentUpdate(x.ctx, c, entity, x.c.Params("id"), x.c.Params("comment"), data)
	})
}

func (s *Server) commentDelete(x *exchange) error {
	c, entity, id, err := s.target(x)
	if err != nil {
		return err
	}
	r, err := s.engine.CommentDelete(x.ctx, c, entity, id, x.c.Params("comment"))
	if err != nil {
		return err
	}
	return x.send(r)
}

func (s *Server) notificationList(x *exchange) error {
	p := readParams(x.rawQuery(), noticeQuery...)
	unread, size := p.boolean("unread"), p.pageSize()
	if err := p.err(); err != nil {
		return err
	}
	return s.plain(x, func(c engine.Call) (*engine.Result, error) {
		return s.engine.Notifications(x.ctx, c, unread, size, p.text("page_token"))
	})
}

func (s *Server) notificationsRead(x *exchange) error {
	data, err := x.read(maxPlatformBytes)
	if err != nil {
		return err
	}
	return s.plain(x, func(c engine.Call) (*engine.Result, error) { return s.engine.NotificationsRead(x.ctx, c, data) })
}

func (s *Server) todoList(x *exchange) error {
	return s.plain(x, func(c engine.Call) (*engine.Result, error) { return s.engine.Todos(x.ctx, c) })
}

func (s *Server) presencePut(x *exchange) error {
	return s.withBody(x, maxPlatformBytes, func(c engine.Call, entity string, data []byte) (*engine.Result, error) {
		return s.engine.PresencePut(x.ctx, c, entity, x.c.Params("id"), data)
	})
}

func (s *Server) presenceDelete(x *exchange) error {
	c, entity, id, err := s.target(x)
	if err != nil {
		return err
	}
	r, err := s.engine.PresenceDelete(x.ctx, c, entity, id)
	if err != nil {
		return err
	}
	return x.send(r)
}

// presenceEvery is how often a server looks for people who have gone without saying so.
const presenceEvery = 5 * time.Second

// sweepPresence forgets people who have gone, until ctx ends.
func (s *Server) sweepPresence(ctx context.Context) {
	every(ctx, presenceEvery, func() {
		if err := s.engine.SweepPresence(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "presence can't be swept", "error", err)
		}
	})
}
