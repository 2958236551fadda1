package server

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"tenon/metamodel/diag"
	"tenon/ui"
)

// nonceMark is what pages write where the nonce of their inline styles belongs; it is replaced on every answer.
const nonceMark = "__CSP_NONCE__"

// pageCSP is the content policy of pages: everything from here, nothing inline but styles with the nonce.
const pageCSP = "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-%[1]s'; img-src 'self' data: blob:; font-src 'self' data:; " +
	"connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"

// assets are the files of the interface. Each is read when it is first asked for, and then kept ready to send: a server
// that nobody opens in a browser holds none of them.
type assets struct {
	files map[string]func() *asset
	index []byte
}

type asset struct {
	contentType string
	etag        string
	body        []byte
	gzip        []byte // nil where it isn't smaller
	immutable   bool
}

// loadAssets lists the embedded interface and reads its start page.
func loadAssets() (*assets, error) {
	files, built := ui.Files()
	a := &assets{files: map[string]func() *asset{}}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		a.files[name] = sync.OnceValue(func() *asset {
			body, err := fs.ReadFile(files, name)
			if err != nil {
				return nil // not found; what is embedded can be read
			}
			return newAsset(name, body)
		})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the interface: %w", err)
	}
	start := "index.html"
	if !built {
		start = "placeholder.html"
	}
	if a.files[start] != nil {
		if a.index, err = fs.ReadFile(files, start); err != nil {
			return nil, fmt.Errorf("read the start page: %w", err)
		}
	}
	delete(a.files, start)
	return a, nil
}

// find gives a file of the interface, nil where there is none.
func (a *assets) find(name string) *asset {
	if read := a.files[name]; read != nil {
		return read()
	}
	return nil
}

// contentTypes are those that the machine's own table may lack.
var contentTypes = map[string]string{
	".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8", ".svg": "image/svg+xml", ".json": "application/json", ".webmanifest": "application/manifest+json",
	".woff2": "font/woff2", ".wasm": "application/wasm", ".png": "image/png", ".ico": "image/x-icon", ".txt": "text/plain; charset=utf-8", ".map": "application/json",
}

func newAsset(name string, body []byte) *asset {
	sum := sha256.Sum256(body)
	a := &asset{body: body, etag: `"` + hex.EncodeToString(sum[:12]) + `"`, immutable: strings.HasPrefix(name, "assets/")}
	ext := path.Ext(name)
	if a.contentType = contentTypes[ext]; a.contentType == "" {
		a.contentType = mime.TypeByExtension(ext)
	}
	if a.contentType == "" {
		a.contentType = "application/octet-stream"
	}
	if len(body) >= minGzip {
		if z := fasthttp.AppendGzipBytesLevel(nil, body, fasthttp.CompressBestCompression); len(z) < len(body)*9/10 {
			a.gzip = z
		}
	}
	return a
}

// static answers with the interface: a file of it, or the start page for the addresses of its own screens. What
// looks like the API or a missing file is not found, so that a stale page can tell and reload.
func (s *Server) static(c *fiber.Ctx) error {
	name := strings.TrimPrefix(path.Clean("/"+c.Path()), "/")
	x := s.of(c)
	if f := s.assets.find(name); f != nil {
		x.route = "/assets"
		return sendAsset(c, f)
	}
	if strings.HasPrefix(name, "api/") || name == "api" || strings.HasPrefix(name, "assets/") || path.Ext(name) != "" {
		return diag.Refuse("request.not_found", "")
	}
	x.route = "/"
	return s.sendIndex(c)
}

func sendAsset(c *fiber.Ctx, f *asset) error {
	h := &c.Response().Header
	h.Set(fiber.HeaderETag, f.etag)
	h.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	h.Set(fiber.HeaderCacheControl, "no-cache")
	if f.immutable {
		h.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	}
	if c.Get(fiber.HeaderIfNoneMatch) == f.etag {
		c.Status(fiber.StatusNotModified)
		return nil
	}
	h.SetContentType(f.contentType)
	body := f.body
	if f.gzip != nil && c.Request().Header.HasAcceptEncoding("gzip") {
		h.Set(fiber.HeaderContentEncoding, "gzip")
		body = f.gzip
	}
	c.Response().SetBodyRaw(body)
	return nil
}

// sendIndex sends the start page with a fresh nonce.
func (s *Server) sendIndex(c *fiber.Ctx) error {
	if s.assets.index == nil {
		return diag.Refuse("request.not_found", "")
	}
	var b [18]byte
	_, _ = rand.Read(b[:]) // never fails
	nonce := base64.RawURLEncoding.EncodeToString(b[:])
	h := &c.Response().Header
	h.Set(fiber.HeaderContentSecurityPolicy, fmt.Sprintf(pageCSP, nonce))
	h.Set(fiber.HeaderCacheControl, "no-store")
	h.SetContentType("text/html; charset=utf-8")
	c.Response().SetBodyRaw(bytes.ReplaceAll(s.assets.index, []byte(nonceMark), []byte(nonce)))
	return nil
}
