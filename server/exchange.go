package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"tenon/engine"
	"tenon/metamodel/diag"
	"tenon/server/problem"
)

// exchangeKey is where a request's exchange is kept while fiber walks its routes.
const exchangeKey = "tenon.exchange"

// exchange is one request on its way: what every handler needs to know about it. It lives as long as the handler.
type exchange struct {
	c    *fiber.Ctx
	rctx *fasthttp.RequestCtx
	ctx  context.Context
	stop context.CancelFunc

	id      string
	lang    string
	now     time.Time
	route   string // the route's pattern, for logs and metrics: never the path itself
	who     identity
	counted bool
	working *gauge // where it is counted
	broken  bool   // nothing more of the body can come
	ongoing bool   // the answer goes on after the handler; it is finished elsewhere
	cause   error
	code    diag.Code
}

// begin makes the exchange of a request. c is nil when fiber has not seen the request.
func (s *Server) begin(c *fiber.Ctx, rctx *fasthttp.RequestCtx) *exchange {
	x := &exchange{c: c, rctx: rctx, id: newRequestID(), now: s.now(), ctx: s.base}
	x.lang = language(string(rctx.Request.Header.Peek(fiber.HeaderAcceptLanguage)))
	rctx.Response.Header.Set("X-Request-Id", x.id)
	return x
}

// of finds the exchange of a request; a request that never reached the middleware gets a new one.
func (s *Server) of(c *fiber.Ctx) *exchange {
	if x, ok := c.Locals(exchangeKey).(*exchange); ok {
		return x
	}
	return s.begin(c, c.Context())
}

// newRequestID makes 128 random bits; a client's own id is not taken over, so that logs can't be forged.
func newRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// language picks the language of an answer from Accept-Language: the first of ours with the highest weight,
// "" when the header names none of ours.
func language(header string) string {
	const most = 256
	if len(header) > most {
		return ""
	}
	best, weight := "", 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, q, hasQ := strings.Cut(strings.TrimSpace(part), ";")
		w := 1.0
		if hasQ {
			var err error
			if w, err = strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(q), "q="), 64); err != nil {
				continue
			}
		}
		for _, l := range diag.Languages {
			if primary, _, _ := strings.Cut(strings.ToLower(tag), "-"); primary == l[:2] && w > weight {
				best, weight = l, w
			}
		}
	}
	return best
}

// locale is the language of answers to this request.
func (x *exchange) locale() string {
	if x.lang != "" {
		return x.lang
	}
	if l := x.who.locale(); l != "" {
		return l
	}
	return diag.Languages[0]
}

// fail is fiber's error handler: it answers what never reached the middleware, and errors of fiber itself.
func (s *Server) fail(c *fiber.Ctx, err error) error {
	x := s.of(c)
	secure(c)
	c.Context().SetConnectionClose()
	s.answerProblem(x, c.Context(), err)
	if !x.counted {
		s.finish(x, c.Context())
	}
	return nil
}

// known translates fiber's own errors.
func known(err error, rctx *fasthttp.RequestCtx) error {
	var fe *fiber.Error
	if !errors.As(err, &fe) {
		return err
	}
	switch fe.Code {
	case fiber.StatusNotFound:
		return diag.Refuse("request.not_found", "")
	case fiber.StatusMethodNotAllowed:
		return diag.Refuse("request.method_not_allowed", "", "method", string(rctx.Method()))
	case fiber.StatusRequestHeaderFieldsTooLarge:
		return diag.Refuse("request.headers_too_large", "", "limit", maxHeaderBytes)
	case fiber.StatusRequestEntityTooLarge:
		return diag.Refuse("body.too_large", "", "limit", maxUploadBytes)
	case fiber.StatusRequestTimeout:
		return diag.Refuse("request.slow", "")
	case fiber.StatusInternalServerError:
		return err
	}
	return diag.Refuse("request.malformed", "")
}

// answerProblem answers a request with a problem body. The cause of an internal error goes to the log alone.
func (s *Server) answerProblem(x *exchange, rctx *fasthttp.RequestCtx, err error) {
	a := problem.Render(known(err, rctx), problem.Request{ID: x.id, Path: string(rctx.Path()), Lang: x.locale()})
	x.cause, x.code = a.Cause, a.Code
	if errors.Is(err, context.Canceled) && s.base.Err() != nil {
		a = problem.Render(diag.Refuse("request.stopping", "", "retry_after", 2), problem.Request{ID: x.id, Path: string(rctx.Path()), Lang: x.locale()})
	}
	res := &rctx.Response
	res.ResetBody()
	res.SetStatusCode(a.Status)
	res.Header.SetContentType(problem.ContentType)
	res.Header.Set(fiber.HeaderCacheControl, "no-store")
	res.Header.Set(fiber.HeaderContentLanguage, x.locale())
	res.Header.Del(fiber.HeaderETag)
	res.Header.Del(fiber.HeaderContentDisposition)
	if a.RetryAfter > 0 {
		res.Header.Set(fiber.HeaderRetryAfter, strconv.Itoa(a.RetryAfter))
	}
	if a.Status == fiber.StatusUnauthorized {
		res.Header.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="tenon"`)
	}
	res.SetBodyRaw(a.Body)
}

// finish ends a request: it stops what still works for it, counts it and writes its line to the access log. The
// line never holds values: no query, no path beyond the route's pattern.
func (s *Server) finish(x *exchange, rctx *fasthttp.RequestCtx) {
	if x.counted {
		s.inFlight.Add(-1)
	}
	if x.stop != nil && !x.ongoing {
		x.stop()
	}
	if isWork(x.route) {
		s.worked.Add(1)
	}
	status := rctx.Response.StatusCode()
	took := s.now().Sub(x.now)
	method := string(rctx.Method())
	if x.route == "" {
		x.route = "none"
		method = knownMethod(method)
	}
	s.metrics.observe(method, x.route, status, took)
	s.audit(x, status)
	level := levelOf(status, x.code)
	if !s.log.Enabled(x.ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("request_id", x.id), slog.String("method", method), slog.String("route", x.route),
		slog.Int("status", status), slog.Duration("took", took), slog.String("actor", x.who.id()),
	}
	if x.code != "" {
		attrs = append(attrs, slog.String("code", string(x.code)))
	}
	if x.cause != nil {
		attrs = append(attrs, slog.String("cause", x.cause.Error()))
	}
	s.log.LogAttrs(x.ctx, level, "request", attrs...)
}

// levelOf is how loudly the log says how a request ended. Nobody waits for one that the browser has given up, and a server
// that asks to come back later does what it should.
func levelOf(status int, code diag.Code) slog.Level {
	switch {
	case code == "request.cancelled":
		return slog.LevelInfo
	case status == fiber.StatusServiceUnavailable:
		return slog.LevelWarn
	case status >= fiber.StatusInternalServerError:
		return slog.LevelError
	}
	return slog.LevelInfo
}

// audit notes refusals to those who are known: what they asked for and with which code it was refused. Refusals of
// strangers are in the log and the metrics; the auth service keeps those of signing in.
func (s *Server) audit(x *exchange, status int) {
	if x.who.id() == "" || status < fiber.StatusBadRequest || status >= fiber.StatusInternalServerError || status == fiber.StatusTooManyRequests {
		return
	}
	path := strings.TrimPrefix(string(x.rctx.Path()), apiPath)
	call := engine.Call{Actor: x.who.actor, Now: x.now, RequestID: x.id}
	s.engine.Refused(call, x.c.Params("app"), string(x.rctx.Method())+" "+path, x.code)
}

func knownMethod(m string) string {
	if _, ok := methods[m]; ok {
		return m
	}
	return "other"
}

var methods = map[string]bool{
	fiber.MethodGet: true, fiber.MethodHead: true, fiber.MethodPost: true, fiber.MethodPut: true,
	fiber.MethodPatch: true, fiber.MethodDelete: true, fiber.MethodOptions: true,
}

func stack() slog.Attr {
	const most = 8 << 10
	s := debug.Stack()
	return slog.String("stack", string(s[:min(len(s), most)]))
}
