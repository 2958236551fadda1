package server

import (
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// Policies of content: the API's answers are data and run nothing; files that people uploaded are sandboxed.
const (
	apiCSP  = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
	fileCSP = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

// secure sets the headers that every answer has. The pages of the interface replace the content policy by
// their own.
func secure(c *fiber.Ctx) {
	h := &c.Response().Header
	h.Set(fiber.HeaderContentSecurityPolicy, apiCSP)
	h.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	h.Set(fiber.HeaderXFrameOptions, "DENY")
	h.Set(fiber.HeaderReferrerPolicy, "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set(fiber.HeaderPermissionsPolicy, "camera=(self), geolocation=(), microphone=(), payment=(), usb=()")
}

// minGzip is from how many bytes an answer is worth compressing.
const minGzip = 1 << 10

// sendJSON answers with a JSON body, compressed where that is worth it and accepted.
func (x *exchange) sendJSON(status int, body []byte) error {
	res := x.c.Response()
	res.SetStatusCode(status)
	res.Header.SetContentType("application/json; charset=utf-8")
	if len(res.Header.Peek(fiber.HeaderCacheControl)) == 0 {
		res.Header.Set(fiber.HeaderCacheControl, "no-store")
	}
	res.Header.Set(fiber.HeaderVary, "Accept-Encoding, Accept-Language, Authorization, Cookie")
	if len(body) >= minGzip && x.c.Request().Header.HasAcceptEncoding("gzip") {
		res.Header.Set(fiber.HeaderContentEncoding, "gzip")
		body = fasthttp.AppendGzipBytesLevel(make([]byte, 0, len(body)/4), body, fasthttp.CompressBestSpeed)
	}
	res.SetBodyRaw(body)
	return nil
}
