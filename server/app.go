package server

import (
	"cmp"
	"log/slog"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"tenon/metamodel/diag"
)

// Limits of the HTTP edge.
const (
	maxHeaderBytes   = 16 << 10 // request line and headers together
	maxBodyBytes     = 4 << 20  // JSON bodies of apps and records
	maxPlatformBytes = 64 << 10 // JSON bodies of sessions, users and the like
	maxUploadBytes   = 50 << 20 // files and imports
	maxInFlight      = 512      // requests in work at once, streams not counted
	maxConnections   = 16_384   // open at once

	readTimeout   = 30 * time.Second // to send a request, body included
	uploadTimeout = 5 * time.Minute  // to send an upload
	writeTimeout  = 60 * time.Second // to take an answer
	streamTimeout = 10 * time.Minute // to take a download
	idleTimeout   = 2 * time.Minute  // between two requests on a connection
)

// newApp makes the fiber application with its limits; routes are added by mount.
func (s *Server) newApp() *fiber.App {
	app := fiber.New(fiber.Config{
		Immutable:                    true,
		ErrorHandler:                 s.fail,
		StreamRequestBody:            true,
		DisablePreParseMultipartForm: true,
		DisableStartupMessage:        true,
		BodyLimit:                    maxUploadBytes,
		ReadBufferSize:               maxHeaderBytes,
		Concurrency:                  maxConnections,
		ReadTimeout:                  cmp.Or(s.cfg.readTimeout, readTimeout),
		WriteTimeout:                 writeTimeout,
		IdleTimeout:                  idleTimeout,
		CaseSensitive:                true,
		UnescapePath:                 true,
		EnableTrustedProxyCheck:      true,
		TrustedProxies:               prefixTexts(s.cfg.TrustedProxies),
	})
	srv := app.Server()
	srv.HeaderReceived = timeouts
	srv.KeepHijackedConns = false
	srv.Handler = s.refuseMethods(srv.Handler)
	return app
}

func prefixTexts(list []netip.Prefix) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.String()
	}
	return out
}

// timeouts gives downloads the time that they need. Uploads get theirs when it is known that they may come.
func timeouts(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	path := string(h.RequestURI())
	switch {
	case strings.HasPrefix(path, eventsPath):
		return fasthttp.RequestConfig{WriteTimeout: streamLife + time.Minute}
	case strings.Contains(path, "export") || strings.Contains(path, "files"):
		return fasthttp.RequestConfig{WriteTimeout: streamTimeout}
	}
	return fasthttp.RequestConfig{}
}

// refuseMethods answers methods that HTTP doesn't know before fiber does so with a plain text.
func (s *Server) refuseMethods(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(rctx *fasthttp.RequestCtx) {
		switch string(rctx.Method()) {
		case fiber.MethodGet, fiber.MethodHead, fiber.MethodPost, fiber.MethodPut, fiber.MethodPatch, fiber.MethodDelete, fiber.MethodOptions:
			next(rctx)
		default:
			x := s.begin(nil, rctx)
			s.answerProblem(x, rctx, diag.Refuse("request.method_not_allowed", "", "method", clip(string(rctx.Method()))))
			s.finish(x, rctx)
		}
	}
}

// outermost surrounds every request: it recovers from panics, answers errors, sets the headers that every answer
// has, counts, and writes one line to the access log.
func (s *Server) outermost(c *fiber.Ctx) (err error) {
	x := s.begin(c, c.Context())
	c.Locals(exchangeKey, x)
	defer func() {
		if r := recover(); r != nil {
			s.log.LogAttrs(x.ctx, slog.LevelError, "panic", slog.String("request_id", x.id), slog.Any("panic", r), stack())
			s.answerProblem(x, c.Context(), diag.Refuse(diag.Internal, ""))
		}
		s.finish(x, c.Context())
	}()
	secure(c)
	if err := s.admit(x); err != nil {
		s.answerProblem(x, c.Context(), err)
		return nil
	}
	if err := c.Next(); err != nil {
		s.answerProblem(x, c.Context(), err)
		x.drain(s.now())
	}
	return nil
}

// admit refuses when too much is in work already, but for the question whether the process is alive: it is.
func (s *Server) admit(x *exchange) error {
	x.counted, x.working = true, &s.inFlight
	if s.inFlight.Add(1) > maxInFlight && string(x.rctx.Path()) != healthPath {
		return busy()
	}
	if s.draining.Load() {
		x.rctx.SetConnectionClose()
	}
	return nil
}

func busy() error { return diag.Refuse("request.busy", "", "retry_after", 1) }

// gauge is a counter that goes both ways.
type gauge struct{ n atomic.Int64 }

func (g *gauge) Add(d int64) int64 { return g.n.Add(d) }

func (g *gauge) Load() int64 { return g.n.Load() }
