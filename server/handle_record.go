package server

import (
	"context"

	"tenon/engine"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// target is what a request to records is about, read from its path.
func (s *Server) target(x *exchange) (c engine.Call, entity, id string, err error) {
	if c, err = s.appCall(x); err != nil {
		return c, "", "", err
	}
	entity = x.c.Params("entity")
	if !metamodel.IsName(entity) {
		return c, "", "", diag.Refuse("entity.not_found", "", "entity", clip(entity))
	}
	return c, entity, x.c.Params("id"), nil
}

func readOptions(p *params) engine.ReadOptions {
	return engine.ReadOptions{Fields: p.names("fields"), Expand: p.names("expand"), Display: p.boolean("display")}
}

func (s *Server) recordList(x *exchange) error {
	c, entity, _, err := s.target(x)
	if err != nil {
		return err
	}
	p := readParams(x.rawQuery(), listQuery...)
	req := engine.ListRequest{
		ReadOptions: readOptions(p), Filter: p.text("filter"), OrderBy: p.text("order_by"),
		PageToken: p.text("page_token"), Count: p.choice("count", "exact", "estimate"), Search: p.text("search"),
		PageSize: p.pageSize(), Skip: p.integer("skip", 0, 0, metamodel.MaxSkip), Deleted: p.boolean("deleted"), View: p.text("view"), Saved: p.text("saved"),
	}
	if err := p.err(); err != nil {
		return err
	}
	r, err := s.engine.List(x.ctx, c, entity, req)
	if err != nil {
		return err
	}
	return x.send(r)
}

func (s *Server) recordCreate(x *exchange) error {
	c, entity, _, err := s.target(x)
	if err != nil {
		return err
	}
	p := readParams(x.rawQuery(), readQuery...)
	opt := readOptions(p)
	if err := p.err(); err != nil {
		return err
	}
	data, err := x.read(maxBodyBytes)
	if err != nil {
		return err
	}
	r, err := s.engine.Create(x.ctx, c, entity, data, opt)
	if err != nil {
		return err
	}
	return x.sendLocated(r, apiPath+"apps/"+c.Snap.App.Name+"/"+entity)
}

func (s *Server) recordGet(x *exchange) error {
	c, entity, id, err := s.target(x)
	if err != nil {
		return err
	}
	p := readParams(x.rawQuery(), readQuery...)
	opt := readOptions(p)
	if err := p.err(); err != nil {
		return err
	}
	r, err := s.engine.Get(x.ctx, c, entity, id, opt)
	if err != nil {
		return err
	}
	return x.send(r)
}

// writing is what updates and transitions have in common.
type writing struct {
	call       engine.Call
	entity, id string
	ifMatch    int64
	data       []byte
	opt        engine.ReadOptions
}

func (s *Server) writing(x *exchange, limit int) (w writing, err error) {
	if w.call, w.entity, w.id, err = s.target(x); err != nil {
		return w, err
	}
	p := readParams(x.rawQuery(), readQuery...)
	w.opt = readOptions(p)
	if err := p.err(); err != nil {
		return w, err
	}
	if w.ifMatch, err = x.version(); err != nil {
		return w, err
	}
	w.data, err = x.read(limit)
	return w, err
}

func (s *Server) recordUpdate(x *exchange) error {
	w, err := s.writing(x, maxBodyBytes)
	if err != nil {
		return err
	}
	r, err := s.engine.Update(x.ctx, w.call, w.entity, w.id, w.ifMatch, w.data, w.opt)
	if err != nil {
		return err
	}
	return x.send(r)
}

func (s *Server) recordTransition(x *exchange) error {
	w, err := s.writing(x, maxPlatformBytes)
	if err != nil {
		return err
	}
	r, err := s.engine.Transition(x.ctx, w.call, w.entity, w.id, w.ifMatch, w.data, w.opt)
	if err != nil {
		return err
	}
	return x.send(r)
}

func (s *Server) recordDelete(x *exchange) error {
	c, entity, id, err := s.target(x)
	if err != nil {
		return err
	}
	ifMatch, err := x.version()
	if err != nil {
		return err
	}
	r, err := s.engine.Delete(x.ctx, c, entity, id, ifMatch)
	if err != nil {
		return err
	}
	return x.send(r)
}

func (s *Server) recordRestore(x *exchange) error {
	c, entity, id, err := s.target(x)
	if err != nil {
		return err
	}
	if err := x.nothing(); err != nil {
		return err
	}
	r, err := s.engine.Restore(x.ctx, c, entity, id)
	if err != nil {
		return err
	}
	return x.send(r)
}

func (s *Server) recordDuplicate(x *exchange) error {
	c, entity, id, err := s.target(x)
	if err != nil {
		return err
	}
	if err := x.nothing(); err != nil {
		return err
	}
	r, err := s.engine.Duplicate(x.ctx, c, entity, id)
	if err != nil {
		return err
	}
	return x.send(r)
}

// nothing holds the body of an act without arguments to an empty object.
func (x *exchange) nothing() error {
	if x.isEmptyBody() {
		return nil
	}
	o, err := x.object()
	if err != nil {
		return err
	}
	return o.err()
}

// withBody is what the acts on a whole entity have in common: they take a JSON body and give a result.
func (s *Server) withBody(x *exchange, limit int, act func(c engine.Call, entity string, data []byte) (*engine.Result, error)) error {
	c, entity, _, err := s.target(x)
	if err != nil {
		return err
	}
	data, err := x.read(limit)
	if err != nil {
		return err
	}
	r, err := act(c, entity, data)
	if err != nil {
		return err
	}
	return x.send(r)
}

func (s *Server) recordBatch(x *exchange) error {
	return s.withBody(x, maxBodyBytes, func(c engine.Call, entity string, data []byte) (*engine.Result, error) {
		return s.engine.Batch(x.ctx, c, entity, data)
	})
}

func (s *Server) recordAggregate(x *exchange) error {
	return s.withBody(x, maxPlatformBytes, func(c engine.Call, entity string, data []byte) (*engine.Result, error) {
		return s.engine.Aggregate(x.ctx, c, entity, data)
	})
}

func (s *Server) recordEvaluate(x *exchange) error {
	return s.withBody(x, maxBodyBytes, func(c engine.Call, entity string, data []byte) (*engine.Result, error) {
		return s.engine.Evaluate(x.ctx, c, entity, data)
	})
}

func (s *Server) recordOptions(x *exchange) error {
	return s.withBody(x, maxBodyBytes, func(c engine.Call, entity string, data []byte) (*engine.Result, error) {
		return s.engine.Options(x.ctx, c, entity, data)
	})
}

func (s *Server) recordHistory(x *exchange) error { return s.recordPage(x, s.engine.History) }

// recordPage answers with a page of what belongs to a record.
func (s *Server) recordPage(x *exchange, page func(ctx context.Context, c engine.Call, entity, id string, size int, token string) (*engine.Result, error)) error {
	c, entity, id, err := s.target(x)
	if err != nil {
		return err
	}
	p := readParams(x.rawQuery(), pageQuery...)
	size := p.pageSize()
	if err := p.err(); err != nil {
		return err
	}
	r, err := page(x.ctx, c, entity, id, size, p.text("page_token"))
	if err != nil {
		return err
	}
	return x.send(r)
}

func (s *Server) recordExplain(x *exchange) error {
	c, entity, id, err := s.target(x)
	if err != nil {
		return err
	}
	p := readParams(x.rawQuery(), "field", "line", "page_token")
	if err := p.err(); err != nil {
		return err
	}
	r, err := s.engine.Explain(x.ctx, c, entity, id, engine.ExplainRequest{Field: p.text("field"), Line: p.text("line"), PageToken: p.text("page_token")})
	if err != nil {
		return err
	}
	return x.send(r)
}

func (s *Server) recordWhy(x *exchange) error {
	c, entity, id, err := s.target(x)
	if err != nil {
		return err
	}
	r, err := s.engine.Why(x.ctx, c, entity, id, readParams(x.rawQuery(), "action").text("action"))
	if err != nil {
		return err
	}
	return x.send(r)
}
