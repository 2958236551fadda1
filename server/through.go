package server

import (
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"tenon/metamodel/diag"
	"tenon/server/problem"
)

// How long requests may work.
const (
	workLimit   = problem.DeadlineSeconds * time.Second
	streamLimit = 10 * time.Minute // uploads and downloads
)

// heavy are the acts that fill tables or walk all of them, and may take longer than others.
var heavy = []string{"POST /api/v1/apps", "POST /api/v1/apps/:app/releases", "POST /api/v1/audit\\:verify", "POST /api/v1/apps/:app/ledgers/:ledger\\:verify", "POST /api/v1/apps/:app/ledgers/:ledger\\:close", "POST /api/v1/apps/:app\\:verify"}

// through takes a request the way that its route says: what it may carry, who asks, how often, and then the
// handler. The order matters: nothing is read for those who may not ask.
func (s *Server) through(c *fiber.Ctx, r *route) error {
	x := s.of(c)
	x.route = r.path
	limit := workLimit
	if r.body == formUpload || r.body == zipOrJSON || strings.HasSuffix(r.path, "export") || strings.Contains(r.path, "files") || slices.Contains(heavy, r.method+" "+r.path) {
		limit = streamLimit
	}
	x.ctx, x.stop = watched(s.base, c.Context().Conn(), limit)
	if err := s.admitCaller(x, r); err != nil {
		return err
	}
	if err := s.permit(x, r.access); err != nil {
		return err
	}
	if err := x.checkCarried(r); err != nil {
		return err
	}
	if r.body == formUpload || r.body == zipOrJSON {
		if err := x.rctx.SetReadDeadline(s.now().Add(uploadTimeout)); err != nil {
			return diag.Refuse("body.truncated", "")
		}
	}
	return r.run(s, x)
}

// admitCaller finds out who asks and refuses floods: by actor where somebody is signed in, else by address. An
// address that has sent too much without being anybody isn't listened to for a while, so that guessing credentials
// costs the database nothing.
func (s *Server) admitCaller(x *exchange, r *route) error {
	if strings.HasSuffix(r.path, "z") && r.access == everyone {
		return nil // probes are answered from memory
	}
	address := clientIP(x.c, s.cfg.TrustedProxies).String()
	if wait := s.addresses.wait(address, x.now); wait > 0 {
		return tooMany(wait)
	}
	err := s.identify(x, r)
	id := x.who.id()
	if err != nil || id == "" {
		if wait := s.addresses.take(address, x.now); wait > 0 {
			return tooMany(wait)
		}
		return err
	}
	if wait := s.actors.take(id, x.now); wait > 0 {
		return tooMany(wait)
	}
	return nil
}

func tooMany(wait int) error { return diag.Refuse("request.too_many", "", "retry_after", wait) }

// checkCarried refuses query parameters, bodies and content types that the route doesn't take.
func (x *exchange) checkCarried(r *route) error {
	if !strings.HasPrefix(r.path, apiPath) {
		return nil
	}
	if err := readParams(x.rawQuery(), r.query...).err(); err != nil {
		return err
	}
	h := &x.c.Request().Header
	if enc := h.Peek(fiber.HeaderContentEncoding); len(enc) > 0 && string(enc) != "identity" {
		return diag.Refuse("body.content_encoding", "")
	}
	length := h.ContentLength() // -1 is chunked
	mediaType, params, _ := strings.Cut(strings.ToLower(string(h.ContentType())), ";")
	mediaType = strings.TrimSpace(mediaType)
	empty := length <= 0 && length != -1
	switch r.body {
	case noBody:
		if !empty {
			return diag.Refuse("body.unexpected", "")
		}
	case formUpload:
		if mediaType != fiber.MIMEMultipartForm {
			return diag.Refuse("body.media_type", "", "expected", fiber.MIMEMultipartForm)
		}
	case zipOrJSON:
		if mediaType != mimeZip && !isJSON(mediaType, params) {
			return diag.Refuse("body.media_type", "", "expected", []string{mimeZip, fiber.MIMEApplicationJSON})
		}
	case smallJSON, largeJSON, emptyJSON:
		if r.body == emptyJSON && empty {
			return nil
		}
		if !isJSON(mediaType, params) {
			return diag.Refuse("body.media_type", "", "expected", fiber.MIMEApplicationJSON)
		}
	}
	if most := r.body.limit(); length > most {
		return diag.Refuse("body.too_large", "", "limit", most)
	}
	return nil
}

const (
	mimeZip       = "application/zip"
	mimeMergeJSON = "application/merge-patch+json"
)

// isJSON tells whether a content type is JSON in UTF-8.
func isJSON(mediaType, params string) bool {
	if mediaType != fiber.MIMEApplicationJSON && mediaType != mimeMergeJSON {
		return false
	}
	charset := strings.Trim(strings.TrimPrefix(strings.TrimSpace(params), "charset="), `"`)
	return charset == "" || charset == "utf-8"
}

// limit is how many bytes a body may have.
func (b body) limit() int {
	switch b {
	case largeJSON:
		return maxBodyBytes
	case formUpload, zipOrJSON:
		return maxUploadBytes
	case noBody, smallJSON, emptyJSON:
	}
	return maxPlatformBytes
}

func (x *exchange) rawQuery() string { return string(x.c.Request().URI().QueryString()) }
