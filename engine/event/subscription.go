package event

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/metamodel"
)

// Filter says which events a subscriber wants; an empty part wants all.
type Filter struct {
	App    string
	Entity metamodel.ID
	Record string
}

// Frame is what a subscriber gets: an event as its actor may see it, or the word to read everything anew. A
// Frame is shared between subscribers and must not be changed.
type Frame struct {
	Cursor store.Cursor // where to go on after this frame
	Data   []byte       // a CloudEvent as one line of JSON
	Resync bool         // events were lost: read anew what is shown
}

// ErrClosed ends a subscription.
var ErrClosed = errors.New("subscription closed")

// Subscription is one reader of the bus. Next is for one goroutine; the other methods are for any.
type Subscription struct {
	bus    *Bus
	filter Filter
	actor  atomic.Pointer[policy.Actor]
	more   chan struct{}
	done   chan struct{}
	close  sync.Once

	after  store.Cursor // replay: what has been given
	upTo   store.Cursor // replay: where the live events begin
	floor  store.Cursor // events up to here the reader has had
	replay bool
	given  int
	ready  []*Frame

	mu    sync.Mutex
	queue []*Frame
	lost  bool
	last  store.Cursor // the newest event put or lost
}

// Subscribe begins to read. With after, the events since that place come first, from the outbox; when they are
// not all there any more the first frame is a resync. It waits for the bus to run.
func (b *Bus) Subscribe(ctx context.Context, f Filter, actor *policy.Actor, after *store.Cursor) (*Subscription, error) {
	select {
	case <-b.started:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s := &Subscription{bus: b, filter: f, more: make(chan struct{}, 1), done: make(chan struct{})}
	s.actor.Store(actor)
	if after != nil {
		s.floor = *after
	}
	b.mu.Lock()
	b.subs[s] = struct{}{}
	s.upTo = b.at
	s.last = b.at
	b.mu.Unlock()
	if after == nil {
		return s, nil
	}
	complete, err := b.retains(ctx, *after)
	if err != nil {
		s.Close()
		return nil, err
	}
	s.after, s.replay = *after, true
	if !complete {
		s.floor, s.replay = store.Cursor{}, false
		s.lose(s.upTo)
	}
	return s, nil
}

// retains tells whether all events after a place are still in the outbox, and the place is one of this outbox.
func (b *Bus) retains(ctx context.Context, after store.Cursor) (bool, error) {
	oldest, err := b.source.Outbox(ctx, store.Cursor{}, 1)
	if err != nil {
		return false, err
	}
	if len(oldest) == 0 {
		return after == store.Cursor{}, nil
	}
	head, err := b.source.OutboxHead(ctx)
	if err != nil {
		return false, err
	}
	return !after.Before(oldest[0].Cursor) && !head.Before(after), nil
}

// Place is where a reader that has taken every frame so far goes on.
func (s *Subscription) Place() store.Cursor {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.replay {
		return s.after
	}
	return s.last
}

// Actor is as whom the subscription sees.
func (s *Subscription) Actor() *policy.Actor { return s.actor.Load() }

// SetActor changes the rights with which later events are judged.
func (s *Subscription) SetActor(a *policy.Actor) { s.actor.Store(a) }

// Close ends the subscription; Next returns ErrClosed from then on.
func (s *Subscription) Close() {
	s.close.Do(func() {
		s.bus.mu.Lock()
		delete(s.bus.subs, s)
		s.bus.mu.Unlock()
		close(s.done)
	})
}

// Done is closed when the subscription has ended.
func (s *Subscription) Done() <-chan struct{} { return s.done }

// More has something when Next may have a frame.
func (s *Subscription) More() <-chan struct{} { return s.more }

// Lagging tells whether the reader has lost events and hasn't come to hear of it yet.
func (s *Subscription) Lagging() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost
}

func (s *Subscription) wants(ev *store.Event) bool {
	f := &s.filter
	return (f.App == "" || f.App == ev.App) && (f.Entity == "" || string(f.Entity) == ev.EntityID) &&
		(f.Record == "" || f.Record == ev.RecordID) && (ev.Recipient == "" || ev.Recipient == s.Actor().ID) && s.floor.Before(ev.Cursor)
}

// put queues a frame; nil only moves the place. A full queue loses everything in it, so that the reader hears of
// one resync instead of a stale row of events.
func (s *Subscription) put(f *Frame, at store.Cursor) {
	s.mu.Lock()
	s.last = at
	switch {
	case f == nil || s.lost:
		s.mu.Unlock()
		return
	case f.Resync || len(s.queue) >= queueSize:
		s.lost, s.queue = true, nil
	default:
		s.queue = append(s.queue, f)
	}
	s.mu.Unlock()
	s.signal()
}

// lose drops what is queued and tells the reader to read anew.
func (s *Subscription) lose(at store.Cursor) {
	s.mu.Lock()
	s.lost, s.queue, s.last = true, nil, at
	s.mu.Unlock()
	s.signal()
}

func (s *Subscription) signal() {
	select {
	case s.more <- struct{}{}:
	default:
	}
}

// Try returns the next frame without waiting, nil when there is none now.
func (s *Subscription) Try(ctx context.Context) (*Frame, error) {
	select {
	case <-s.done:
		return nil, ErrClosed
	default:
	}
	if s.replay {
		if f, err := s.replayed(ctx); f != nil || err != nil {
			return f, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost {
		s.lost = false
		return &Frame{Cursor: s.last, Resync: true}, nil
	}
	if len(s.queue) == 0 {
		s.queue = nil
		return nil, nil
	}
	f := s.queue[0]
	s.queue = s.queue[1:]
	return f, nil
}

// Next waits for the next frame.
func (s *Subscription) Next(ctx context.Context) (*Frame, error) {
	for {
		f, err := s.Try(ctx)
		if f != nil || err != nil {
			return f, err
		}
		select {
		case <-s.more:
		case <-s.done:
			return nil, ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// replayed returns the next frame of the past, nil when the present begins.
func (s *Subscription) replayed(ctx context.Context) (*Frame, error) {
	for {
		if len(s.ready) > 0 {
			f := s.ready[0]
			s.ready = s.ready[1:]
			return f, nil
		}
		if !s.after.Before(s.upTo) {
			s.endReplay()
			return nil, nil
		}
		if s.given >= maxReplay {
			s.endReplay()
			s.lose(s.upTo)
			return nil, nil
		}
		if err := s.readPast(ctx); err != nil {
			return nil, err
		}
	}
}

func (s *Subscription) endReplay() {
	s.mu.Lock()
	s.replay, s.ready = false, nil
	s.mu.Unlock()
}

// readPast reads one page of the outbox between what was given and where the live events begin.
func (s *Subscription) readPast(ctx context.Context) error {
	events, err := s.bus.source.Outbox(ctx, s.after, pageSize)
	if err != nil {
		return err
	}
	p := newPage(s.bus)
	at := s.upTo
	for i := range events {
		ev := &events[i]
		if s.upTo.Before(ev.Cursor) {
			at = s.upTo
			break
		}
		at = ev.Cursor
		s.given++
		if !s.wants(ev) {
			continue
		}
		p.begin(ev)
		if f := p.frame(ctx, s.Actor()); f != nil {
			s.ready = append(s.ready, f)
		}
	}
	if len(events) < pageSize {
		at = s.upTo
	}
	s.mu.Lock()
	s.after = at
	s.mu.Unlock()
	return nil
}
