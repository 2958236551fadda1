package server

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"mime"
	"net/url"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"

	"tenon/engine"
)

func (s *Server) fileUpload(x *exchange) error {
	c, err := s.call(x)
	if err != nil {
		return err
	}
	return s.uploaded(x, func(u *upload) (*engine.Result, error) { return s.engine.FilePut(x.ctx, c, u.name, u.file) }, apiPath+"files")
}

// uploaded answers with what act makes of the request's file.
func (s *Server) uploaded(x *exchange, act func(*upload) (*engine.Result, error), location string) error {
	r, err := s.takeUpload(x, act)
	if err != nil {
		return err
	}
	return x.sendLocated(r, location)
}

// takeUpload takes the request's file, hands it to act, and removes it whatever comes.
func (s *Server) takeUpload(x *exchange, act func(*upload) (*engine.Result, error)) (*engine.Result, error) {
	if !s.sending.enter(x.who.id()) {
		return nil, tooMany(1)
	}
	defer s.sending.leave(x.who.id())
	u, err := s.upload(x)
	if err != nil {
		return nil, err
	}
	r, err := s.work(x, u, act)
	if err := errors.Join(err, u.close()); err != nil {
		return nil, err
	}
	return r, nil
}

// work hands a file that has come to act, once it has a place among those that are worked on.
func (s *Server) work(x *exchange, u *upload, act func(*upload) (*engine.Result, error)) (*engine.Result, error) {
	select {
	case s.uploads <- struct{}{}:
		defer func() { <-s.uploads }()
		return act(u)
	case <-x.ctx.Done():
		return nil, x.ctx.Err()
	}
}

// senders counts the uploads of each actor that are under way: files on the disk that nobody else can see.
type senders struct {
	mu    sync.Mutex
	count map[string]int
}

func (c *senders) enter(actor string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count[actor] >= maxUploadsPerActor {
		return false
	}
	c.count[actor]++
	return true
}

func (c *senders) leave(actor string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count[actor]--; c.count[actor] == 0 {
		delete(c.count, actor)
	}
}

func (s *Server) fileDownload(x *exchange) error {
	c, err := s.call(x)
	if err != nil {
		return err
	}
	d, err := s.engine.FileOpen(x.ctx, c, x.c.Params("id"))
	if err != nil {
		return err
	}
	return s.sendDownload(x, d)
}

func (s *Server) recordExport(x *exchange) error {
	c, entity, _, err := s.target(x)
	if err != nil {
		return err
	}
	data, err := x.read(maxPlatformBytes)
	if err != nil {
		return err
	}
	d, err := s.engine.Export(x.ctx, c, entity, data)
	if err != nil {
		return err
	}
	return s.sendDownload(x, d)
}

// sendDownload streams a file as an attachment that no browser runs or guesses about. An error in the middle
// breaks the connection off, so that half a file is never taken for a whole one.
func (s *Server) sendDownload(x *exchange, d *engine.Download) error {
	h := &x.c.Response().Header
	h.SetContentType(d.ContentType)
	h.Set(fiber.HeaderContentDisposition, attachment(d.Name))
	h.Set(fiber.HeaderContentSecurityPolicy, fileCSP)
	h.Set(fiber.HeaderCacheControl, "private, no-store")
	x.ongoing = true
	s.streams.Add(1)
	x.c.Context().SetBodyStream(s.produce(x, d), int(size(d)))
	return nil
}

// size is the length of a download, -1 when it isn't known before or when something stands in front of it.
func size(d *engine.Download) int64 {
	if d.Size > 0 && d.Size <= math.MaxInt32 {
		return d.Size
	}
	return -1
}

// produce runs a download's Write beside the connection that takes it. Closing the reader, as fasthttp does when
// the client is gone, makes the next write fail and so ends the work.
func (s *Server) produce(x *exchange, d *engine.Download) io.ReadCloser {
	r, w := io.Pipe()
	stop, id, ctx := x.stop, x.id, x.ctx
	go func() {
		defer s.streams.Done()
		defer stop()
		err := writeDownload(w, d)
		if err != nil && !errors.Is(err, io.ErrClosedPipe) {
			s.log.LogAttrs(ctx, slog.LevelWarn, "download broke off", slog.String("request_id", id), slog.String("cause", err.Error()))
		}
		_ = w.CloseWithError(err) // always nil
	}()
	return r
}

// downloadBuffer is how much of a download is gathered before it goes out.
const downloadBuffer = 64 << 10

func writeDownload(w io.Writer, d *engine.Download) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("write download: panic: %v", r)
		}
	}()
	buf := bufio.NewWriterSize(w, downloadBuffer)
	if err := d.Write(buf); err != nil {
		return err
	}
	return buf.Flush()
}

// attachment is the Content-Disposition of a file: an ASCII name for old clients and the real one (RFC 6266).
func attachment(name string) string {
	name = shownName(name)
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\%;`, r) {
			return '_'
		}
		return r
	}, name)
	if plain == name {
		return mime.FormatMediaType("attachment", map[string]string{"filename": name})
	}
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}
