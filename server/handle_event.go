package server

import (
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"tenon/engine/event"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// Limits of live streams.
const (
	maxStreamsPerActor = 20   // streams of one actor
	maxStreams         = 5000 // streams of all
	heartbeat          = 15 * time.Second
	streamLife         = 30 * time.Minute // then the client comes back by itself
	peerLook           = time.Second      // how often a quiet stream looks whether anybody still listens
	janitorTick        = 400 * time.Millisecond
	laggardGrace       = 20 * time.Second // how long a stream that has lost events may go on not reading
)

// streams are the live streams of this process.
type streams struct {
	mu    sync.Mutex
	open  map[*liveStream]struct{}
	count map[string]int // by actor
}

func newStreams() *streams {
	return &streams{open: map[*liveStream]struct{}{}, count: map[string]int{}}
}

func (t *streams) add(l *liveStream) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.count[l.who.id()] >= maxStreamsPerActor || len(t.open) >= maxStreams {
		return diag.Refuse("event.too_many_streams", "", "limit", maxStreamsPerActor, "retry_after", 5)
	}
	t.count[l.who.id()]++
	t.open[l] = struct{}{}
	return nil
}

func (t *streams) remove(l *liveStream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.open[l]; !ok {
		return
	}
	delete(t.open, l)
	id := l.who.id()
	if t.count[id]--; t.count[id] == 0 {
		delete(t.count, id)
	}
}

func (t *streams) all() []*liveStream {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]*liveStream, 0, len(t.open))
	for l := range t.open {
		out = append(out, l)
	}
	return out
}

// events answers with a stream of server-sent events: what the actor may see of the changes of all apps, of one, of
// an entity or a record, from now on or from where Last-Event-ID left off.
func (s *Server) events(x *exchange) error {
	if s.draining.Load() {
		return diag.Refuse("request.stopping", "", "retry_after", 2)
	}
	filter, err := s.eventFilter(x)
	if err != nil {
		return err
	}
	after, err := lastEventID(x.header("Last-Event-ID"))
	if err != nil {
		return err
	}
	sub, err := s.bus.Subscribe(x.ctx, filter, x.who.actor, after)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(s.base)
	l := &liveStream{server: s, sub: sub, who: x.who, conn: x.c.Context().Conn(), ctx: ctx, stop: stop, born: s.now()}
	if err := s.live.add(l); err != nil {
		_ = l.Close()
		return err
	}
	l.greet()
	h := &x.c.Response().Header
	h.SetContentType("text/event-stream; charset=utf-8")
	h.Set(fiber.HeaderCacheControl, "no-store")
	h.Set("X-Accel-Buffering", "no")
	x.c.Context().Response.ImmediateHeaderFlush = true
	x.c.Context().SetBodyStream(l, -1)
	return nil
}

// eventFilter reads what a stream is about. What the actor may not see is as unknown as what there isn't.
func (s *Server) eventFilter(x *exchange) (event.Filter, error) {
	p := readParams(x.rawQuery(), "app", "entity", "record")
	f := event.Filter{App: p.text("app"), Record: p.text("record")}
	name := p.text("entity")
	if f.App == "" {
		if name != "" || f.Record != "" {
			return f, diag.Refuse("query.parameter_malformed", "", "name", "app", "expected", "app")
		}
		return f, nil
	}
	if !metamodel.IsName(f.App) {
		return f, diag.Refuse("app.not_found", "")
	}
	snap, err := s.engine.Snapshot(f.App, x.who.actor)
	if err != nil {
		return f, err
	}
	if name == "" {
		if f.Record != "" {
			return f, diag.Refuse("query.parameter_malformed", "", "name", "entity", "expected", "entity")
		}
		return f, nil
	}
	e := snap.Entity(name)
	if e == nil || e.IsLines() || !snap.Permissions.Decide(x.who.actor, e.Entity, metamodel.ActRead).Allow {
		return f, diag.Refuse("entity.not_found", "", "entity", clip(name))
	}
	f.Entity = e.ID
	return f, nil
}

// lastEventID reads a place in the outbox as eventID writes it; nil when absent.
func lastEventID(h string) (*store.Cursor, error) {
	if h == "" {
		return nil, nil //nolint:nilnil // no place is a valid answer
	}
	xid, seq, ok := strings.Cut(h, "-")
	x, errX := strconv.ParseInt(xid, 10, 64)
	q, errQ := strconv.ParseInt(seq, 10, 64)
	if !ok || errX != nil || errQ != nil || x < 0 || q < 0 {
		return nil, diag.Refuse("header.last_event_id", "")
	}
	return &store.Cursor{Xid: x, Seq: q}, nil
}

func eventID(c store.Cursor) string { return fmt.Sprintf("%d-%d", c.Xid, c.Seq) }

// liveStream is the body of one stream: Read waits for the next event and gives it out in the form of
// server-sent events. Whoever reads it is fasthttp, writing to the connection.
type liveStream struct {
	server *Server
	sub    *event.Subscription
	who    identity
	conn   net.Conn
	ctx    context.Context //nolint:containedctx // the stream is the request, and outlives its handler
	stop   context.CancelFunc
	born   time.Time
	lagged time.Time // since when it has been found lagging; the janitor's own
	rest   []byte
}

// greet begins the stream: how soon to come back, and the place from which to go on if nothing ever happens.
func (l *liveStream) greet() {
	l.rest = fmt.Appendf(nil, "retry: 1000\nid: %s\nevent: ready\ndata: {}\n\n", eventID(l.sub.Place()))
}

// Read gives out the next bytes of the stream; io.EOF when it has ended.
func (l *liveStream) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		if err := l.wait(); err != nil {
			return 0, io.EOF
		}
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// wait fills rest with the next event or heartbeat.
func (l *liveStream) wait() error {
	look := time.NewTicker(peerLook)
	defer look.Stop()
	beat := time.NewTimer(heartbeat)
	defer beat.Stop()
	end := time.NewTimer(streamLife - l.server.now().Sub(l.born))
	defer end.Stop()
	for {
		f, err := l.sub.Try(l.ctx)
		if err != nil {
			return err
		}
		if f != nil {
			l.rest = appendFrame(l.rest[:0], f)
			return nil
		}
		select {
		case <-l.sub.More():
		case <-l.sub.Done():
			return io.EOF
		case <-l.ctx.Done():
			return io.EOF
		case <-end.C:
			return io.EOF
		case <-beat.C:
			// The place moves on also when nothing is seen, so that a late return need not replay it all.
			l.rest = fmt.Appendf(l.rest[:0], ": alive\nid: %s\n\n", eventID(l.sub.Place()))
			return nil
		case <-look.C:
			if peerGone(l.conn) {
				return io.EOF
			}
		}
	}
}

func appendFrame(b []byte, f *event.Frame) []byte {
	b = fmt.Appendf(b, "id: %s\n", eventID(f.Cursor))
	if f.Resync {
		return append(b, "event: resync\ndata: {}\n\n"...)
	}
	b = append(b, "data: "...)
	b = append(b, f.Data...)
	return append(b, "\n\n"...)
}

// Close ends the stream. fasthttp calls it when the answer is over, however it ended.
func (l *liveStream) Close() error {
	l.stop()
	l.sub.Close()
	l.server.live.remove(l)
	return nil
}

// watchStreams ends streams whose session or rights have ended within a second, keeps the rights of the others
// up to date, and cuts off those that don't read. It runs until ctx ends.
func (s *Server) watchStreams(ctx context.Context) {
	tick := time.NewTicker(janitorTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, l := range s.live.all() {
			s.watchStream(ctx, l)
		}
	}
}

func (s *Server) watchStream(ctx context.Context, l *liveStream) {
	actor, err := s.renew(ctx, l.who)
	if err != nil {
		if ctx.Err() == nil {
			l.end()
		}
		return
	}
	l.sub.SetActor(actor)
	switch {
	case !l.sub.Lagging():
		l.lagged = time.Time{}
	case l.lagged.IsZero():
		l.lagged = s.now()
	case s.now().Sub(l.lagged) > laggardGrace:
		l.end()
	}
}

// end closes a stream from outside, also when it is stuck in writing to a connection that nobody reads.
func (l *liveStream) end() {
	l.stop()
	l.sub.Close()
	if l.conn != nil {
		_ = l.conn.SetWriteDeadline(l.server.now().Add(time.Second)) // a closed connection needs none
	}
}
