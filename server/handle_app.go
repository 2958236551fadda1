package server

import (
	"github.com/gofiber/fiber/v2"

	"tenon/engine"
	"tenon/metamodel"
)

// maxSearchHits bounds what one search finds.
const (
	maxSearchHits     = 100 // records that one search finds
	defaultSearchHits = 20  // records that a search finds that doesn't say
)

func (s *Server) templateList(x *exchange) error {
	return s.plain(x, func(c engine.Call) (*engine.Result, error) { return s.engine.Templates(x.ctx, c) })
}

func (s *Server) templateGet(x *exchange) error {
	return s.plain(x, func(c engine.Call) (*engine.Result, error) {
		return s.engine.TemplateDetail(x.ctx, c, x.c.Params("name"))
	})
}

func (s *Server) appList(x *exchange) error {
	return s.plain(x, func(c engine.Call) (*engine.Result, error) { return s.engine.Apps(x.ctx, c) })
}

// plain is a route that takes nothing but the Call.
func (s *Server) plain(x *exchange, act func(engine.Call) (*engine.Result, error)) error {
	c, err := s.call(x)
	if err != nil {
		return err
	}
	r, err := act(c)
	if err != nil {
		return err
	}
	return x.send(r)
}

func (s *Server) appCreate(x *exchange) error {
	c, err := s.call(x)
	if err != nil {
		return err
	}
	data, err := x.read(maxPlatformBytes)
	if err != nil {
		return err
	}
	r, err := s.engine.AppCreate(x.ctx, c, data)
	if err != nil {
		return err
	}
	s.auth.Forget() // whoever installs an app gets a role of it
	return x.sendLocated(r, apiPath+"apps")
}

func (s *Server) appMeta(x *exchange) error {
	c, err := s.appCall(x)
	if err != nil {
		return err
	}
	r, err := s.engine.Schema(x.ctx, c, c.Snap.App.Name)
	if err != nil {
		return err
	}
	return x.sendCached(r)
}

// sendCached answers 304 to whoever has the answer already. What has no tag of its own is told by its content.
func (x *exchange) sendCached(r *engine.Result) error {
	if r.ETag == "" {
		r.ETag = tagOf(r.Body)
	}
	h := &x.c.Response().Header
	h.Set(fiber.HeaderCacheControl, "private, no-cache")
	if r.ETag != "" && x.header(fiber.HeaderIfNoneMatch) == `"`+r.ETag+`"` {
		h.Set(fiber.HeaderETag, `"`+r.ETag+`"`)
		x.c.Status(fiber.StatusNotModified)
		return nil
	}
	return x.send(r)
}

func (s *Server) appSearch(x *exchange) error {
	c, err := s.appCall(x)
	if err != nil {
		return err
	}
	p := readParams(x.rawQuery(), "q", "entities", "limit")
	entities, limit := p.names("entities"), p.integer("limit", defaultSearchHits, 1, maxSearchHits)
	if err := p.err(); err != nil {
		return err
	}
	r, err := s.engine.Search(x.ctx, c, p.text("q"), entities, limit)
	if err != nil {
		return err
	}
	return x.send(r)
}

// design is a route about an app's documents: it needs no released state.
func (s *Server) design(x *exchange, act func(c engine.Call, app string) (*engine.Result, error)) error {
	c, err := s.call(x)
	if err != nil {
		return err
	}
	r, err := act(c, x.appName())
	if err != nil {
		return err
	}
	return x.send(r)
}

// appName is the app in the path; what can't be a name is no app's.
func (x *exchange) appName() string {
	if app := x.c.Params("app"); metamodel.IsName(app) {
		return app
	}
	return ""
}

func (s *Server) documentList(x *exchange) error {
	return s.design(x, func(c engine.Call, app string) (*engine.Result, error) { return s.engine.Documents(x.ctx, c, app) })
}

func (s *Server) documentsPut(x *exchange) error {
	return s.designWrite(x, func(c engine.Call, app, ifMatch string, data []byte) (*engine.Result, error) {
		return s.engine.DocumentsPut(x.ctx, c, app, ifMatch, data)
	})
}

func (s *Server) documentGet(x *exchange) error {
	revision := readParams(x.rawQuery(), "revision").text("revision")
	return s.design(x, func(c engine.Call, app string) (*engine.Result, error) {
		return s.engine.Document(x.ctx, c, app, x.c.Params("kind"), x.c.Params("name"), revision)
	})
}

func (s *Server) documentPut(x *exchange) error {
	return s.designWrite(x, func(c engine.Call, app, ifMatch string, data []byte) (*engine.Result, error) {
		return s.engine.DocumentPut(x.ctx, c, app, x.c.Params("kind"), x.c.Params("name"), ifMatch, data)
	})
}

func (s *Server) documentDelete(x *exchange) error {
	ifMatch, err := x.etag()
	if err != nil {
		return err
	}
	return s.design(x, func(c engine.Call, app string) (*engine.Result, error) {
		return s.engine.DocumentDelete(x.ctx, c, app, x.c.Params("kind"), x.c.Params("name"), ifMatch)
	})
}

// designWrite is design with a body and If-Match.
func (s *Server) designWrite(x *exchange, act func(c engine.Call, app, ifMatch string, data []byte) (*engine.Result, error)) error {
	ifMatch, err := x.etag()
	if err != nil {
		return err
	}
	return s.design(x, func(c engine.Call, app string) (*engine.Result, error) {
		data, err := x.read(maxBodyBytes)
		if err != nil {
			return nil, err
		}
		return act(c, app, ifMatch, data)
	})
}

func (s *Server) documentsExport(x *exchange) error {
	c, err := s.call(x)
	if err != nil {
		return err
	}
	d, err := s.engine.DocumentsZip(x.ctx, c, x.appName())
	if err != nil {
		return err
	}
	return s.sendDownload(x, d)
}

func (s *Server) documentsImport(x *exchange) error {
	return s.design(x, func(c engine.Call, app string) (*engine.Result, error) {
		if isJSONRequest(x) {
			data, err := x.read(maxBodyBytes)
			if err != nil {
				return nil, err
			}
			return s.engine.DocumentsPut(x.ctx, c, app, "", data)
		}
		data, err := x.read(metamodel.MaxAppBytes)
		if err != nil {
			return nil, err
		}
		return s.engine.DocumentsImport(x.ctx, c, app, data)
	})
}

func isJSONRequest(x *exchange) bool {
	return string(x.c.Request().Header.ContentType()) != mimeZip
}

func (s *Server) draftCheck(x *exchange) error {
	return s.design(x, func(c engine.Call, app string) (*engine.Result, error) { return s.engine.CheckDraft(x.ctx, c, app) })
}

func (s *Server) draftPlan(x *exchange) error {
	return s.design(x, func(c engine.Call, app string) (*engine.Result, error) { return s.engine.Plan(x.ctx, c, app) })
}

func (s *Server) releaseList(x *exchange) error {
	p := readParams(x.rawQuery(), pageQuery...)
	size := p.pageSize()
	if err := p.err(); err != nil {
		return err
	}
	return s.design(x, func(c engine.Call, app string) (*engine.Result, error) {
		return s.engine.Releases(x.ctx, c, app, size, p.text("page_token"))
	})
}

func (s *Server) releaseCreate(x *exchange) error {
	return s.design(x, func(c engine.Call, app string) (*engine.Result, error) {
		data := []byte("{}")
		if !x.isEmptyBody() {
			var err error
			if data, err = x.read(maxPlatformBytes); err != nil {
				return nil, err
			}
		}
		return s.engine.Release(x.ctx, c, app, data)
	})
}
