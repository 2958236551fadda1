package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"tenon/metamodel/diag"
)

// maxFormOverhead is what a form may add to its file, in bytes: boundaries and part headers.
const maxFormOverhead = 64 << 10

// uploadFolder is where uploads are kept while they are read, inside the data directory.
const uploadFolder = "tmp"

// maxFileName bounds the name of an uploaded file, in runes.
const maxFileName = 200

// incoming is the request's body as it comes, and never more than limit bytes of it.
func (x *exchange) incoming(limit int) io.Reader {
	var r io.Reader
	if s := x.rctx.RequestBodyStream(); s != nil {
		r = awaited{s, x}
	} else {
		r = bytes.NewReader(x.c.Request().Body())
	}
	return &limitedReader{r: r, left: int64(limit), limit: limit}
}

// awaited is a body whose next bytes are waited for outside the number of requests in work: whoever sends slowly takes
// nobody else's place.
type awaited struct {
	r io.Reader
	x *exchange
}

func (a awaited) Read(p []byte) (int, error) {
	a.x.working.Add(-1)
	n, err := a.r.Read(p)
	full := a.x.working.Add(1) > maxInFlight
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		a.x.broken = true
	case full:
		return n, busy()
	}
	return n, err
}

// maxDrain is how much of a refused body is read and thrown away, in bytes. Without it the connection is closed
// while the client still sends, and most clients then never read the refusal.
const maxDrain = 8 << 20

// drainTimeout is how long the rest of a refused body is waited for.
const drainTimeout = 10 * time.Second

// drain throws away what is left of a refused body, where that is not too much and comes soon.
func (x *exchange) drain(now time.Time) {
	s := x.rctx.RequestBodyStream()
	if s == nil || x.broken || x.rctx.Request.Header.ContentLength() > maxDrain {
		return
	}
	if x.rctx.SetReadDeadline(now.Add(drainTimeout)) == nil {
		_, _ = io.CopyN(io.Discard, awaited{s, x}, maxDrain) // the answer is decided already
	}
}

// limitedReader refuses what is longer than its limit, where io.LimitReader would cut it off in silence.
type limitedReader struct {
	r     io.Reader
	left  int64
	limit int
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, diag.Refuse("body.too_large", "", "limit", l.limit)
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		return 0, diag.Refuse("body.too_large", "", "limit", l.limit)
	}
	return n, err
}

// bodyStart is how much memory is taken for a body before it comes, in bytes: what it says of its length costs nothing.
const bodyStart = 16 << 10

// read takes the whole body of a route with a JSON body.
func (x *exchange) read(limit int) ([]byte, error) {
	length := x.c.Request().Header.ContentLength()
	var buf bytes.Buffer
	if length > 0 {
		buf.Grow(min(length, limit, bodyStart) + bytes.MinRead)
	}
	if _, err := buf.ReadFrom(x.incoming(limit)); err != nil {
		return nil, bodyError(err)
	}
	if length > 0 && buf.Len() < length {
		return nil, diag.Refuse("body.truncated", "")
	}
	return buf.Bytes(), nil
}

// bodyError tells a body that came too slowly or broke off from our own faults.
func bodyError(err error) error {
	var p *diag.Problem
	if errors.As(err, &p) {
		return err
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return diag.Refuse("request.slow", "")
	}
	return diag.Refuse("body.truncated", "")
}

// upload is a file that came with a request, kept in a temporary file until close.
type upload struct {
	name string
	size int64
	file *os.File
}

func (u *upload) close() error {
	return errors.Join(u.file.Close(), os.Remove(u.file.Name()))
}

// upload reads the one file of a form into a temporary file of the data directory. The name is what the client
// calls the file: it is shown, and never used as a path.
func (s *Server) upload(x *exchange) (*upload, error) {
	_, params, err := mime.ParseMediaType(string(x.c.Request().Header.ContentType()))
	if err != nil || params["boundary"] == "" {
		return nil, diag.Refuse("upload.malformed", "")
	}
	form := multipart.NewReader(x.incoming(maxUploadBytes+maxFormOverhead), params["boundary"])
	part, err := form.NextRawPart()
	if errors.Is(err, io.EOF) {
		return nil, diag.Refuse("upload.file_missing", "")
	}
	if err != nil {
		return nil, formError(err)
	}
	if part.FormName() != "file" || part.FileName() == "" {
		return nil, diag.Refuse("upload.part_unexpected", "", "name", clip(part.FormName()))
	}
	u, err := s.keep(part)
	if err != nil {
		return nil, err
	}
	if next, err := form.NextRawPart(); !errors.Is(err, io.EOF) {
		if err == nil {
			err = diag.Refuse("upload.part_unexpected", "", "name", clip(next.FormName()))
		}
		return nil, errors.Join(formError(err), u.close())
	}
	return u, nil
}

func formError(err error) error {
	var p *diag.Problem
	if errors.As(err, &p) || errors.Is(err, os.ErrDeadlineExceeded) {
		return bodyError(err)
	}
	return diag.Refuse("upload.malformed", "")
}

// keep copies a part into a temporary file.
func (s *Server) keep(part *multipart.Part) (*upload, error) {
	dir := filepath.Join(s.cfg.Data, uploadFolder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make upload folder: %w", err)
	}
	f, err := os.CreateTemp(dir, "upload-*")
	if err != nil {
		return nil, fmt.Errorf("make upload file: %w", err)
	}
	u := &upload{name: shownName(part.FileName()), file: f}
	u.size, err = io.Copy(f, &limitedReader{r: part, left: maxUploadBytes, limit: maxUploadBytes})
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(formError(err), u.close())
	}
	return u, nil
}

// shownName takes the last element of a file's name and leaves out what can't be shown.
func shownName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, name)
	if r := []rune(name); len(r) > maxFileName {
		name = string(r[len(r)-maxFileName:])
	}
	if name == "" || name == "." || name == ".." {
		return "file"
	}
	return name
}

// isEmptyBody tells whether a request came without a body.
func (x *exchange) isEmptyBody() bool {
	n := x.c.Request().Header.ContentLength()
	return n <= 0 && n != -1
}

// object reads the body as an object of known members.
func (x *exchange) object(known ...string) (*object, error) {
	data, err := x.read(maxPlatformBytes)
	if err != nil {
		return nil, err
	}
	return readObject(data, known...)
}

// header reads a header as text.
func (x *exchange) header(name string) string { return x.c.Get(name) }

// maxIdempotencyKey bounds Idempotency-Key, in characters.
const maxIdempotencyKey = 128

// idempotencyKey reads the Idempotency-Key header; "" when absent.
func (x *exchange) idempotencyKey() (string, error) {
	h := x.c.Request().Header.Peek("Idempotency-Key")
	if h == nil {
		return "", nil
	}
	key := string(h)
	if key == "" || len(key) > maxIdempotencyKey || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", diag.Refuse("header.idempotency_key", "", "limit", maxIdempotencyKey)
	}
	return key, nil
}

// etag reads If-Match as the text that an ETag header had, without its quotes; "" when absent or "*".
func (x *exchange) etag() (string, error) {
	h := strings.TrimSpace(x.header(fiber.HeaderIfMatch))
	if h == "" || h == "*" {
		return "", nil
	}
	if len(h) < 3 || h[0] != '"' || h[len(h)-1] != '"' || strings.ContainsAny(h[1:len(h)-1], "\", ") {
		return "", diag.Refuse("header.if_match", "")
	}
	return h[1 : len(h)-1], nil
}
