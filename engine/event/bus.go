package event

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"tenon/engine/policy"
	"tenon/engine/store"
)

// Limits of the bus.
const (
	pageSize  = 500   // events read from the outbox at once
	queueSize = 256   // events that wait for one subscriber
	maxReplay = 5000  // events that a returning subscriber is sent one by one; more than that is a resync
	maxLag    = 20000 // events behind which live reading gives up and everyone resyncs
	firstPoll = 5 * time.Millisecond
	// LocalPoll and SharedPoll are how often the outbox is looked at without a wake-up: where all writers are in
	// this process, and where other processes write to the same database.
	LocalPoll  = time.Second
	SharedPoll = 250 * time.Millisecond
)

// Source is where events come from: *store.Reader.
type Source interface {
	Outbox(ctx context.Context, after store.Cursor, limit int) ([]store.Event, error)
	OutboxHead(ctx context.Context) (store.Cursor, error)
}

// Judge decides what of an event an actor may see.
type Judge interface {
	// Key groups actors: those with the same key may see the same of every event of the app. It is asked again
	// for every page of events, because rights change.
	Key(app string, actor *policy.Actor) string
	// See returns the event's data as that actor may see it, as JSON, or nil when the event is not for him.
	See(ctx context.Context, ev *store.Event, actor *policy.Actor) (data []byte, err error)
}

// Options say what a Bus works with.
type Options struct {
	Source Source
	Poll   time.Duration // how often to look without a wake-up; 0 is LocalPoll
	Logger *slog.Logger
}

// Bus hands committed events to the subscribers of this process. It is safe for concurrent use.
type Bus struct {
	source  Source
	poll    time.Duration
	log     *slog.Logger
	judge   atomic.Pointer[Judge]
	wake    chan struct{}
	started chan struct{}
	once    sync.Once

	mu   sync.Mutex
	at   store.Cursor // everything up to here has been handed out
	subs map[*Subscription]struct{}
}

// New makes a Bus. Nothing is handed out before SetJudge and Run.
func New(o Options) *Bus {
	b := &Bus{
		source: o.Source, poll: o.Poll, log: o.Logger, wake: make(chan struct{}, 1), started: make(chan struct{}),
		subs: map[*Subscription]struct{}{},
	}
	if b.poll <= 0 {
		b.poll = LocalPoll
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	return b
}

// SetJudge says who decides what is seen. Without a judge nothing is.
func (b *Bus) SetJudge(j Judge) { b.judge.Store(&j) }

// Wake says that something was committed. It never blocks and is called after the commit.
func (b *Bus) Wake() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Run reads the outbox and hands events out until ctx ends. Errors of the database are logged and tried again.
func (b *Bus) Run(ctx context.Context) {
	delay := firstPoll
	for ctx.Err() == nil {
		n, err := b.step(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			b.log.LogAttrs(ctx, slog.LevelWarn, "outbox can't be read", slog.String("cause", err.Error()))
			delay = b.poll
		case n > 0:
			delay = firstPoll
			if n == pageSize {
				continue
			}
		}
		timer := time.NewTimer(delay)
		select {
		case <-ctx.Done():
		case <-b.wake:
			delay = firstPoll
		case <-timer.C:
			delay = min(2*delay, b.poll)
		}
		timer.Stop()
	}
}

// step reads one page and hands it out; n is how many events it had.
func (b *Bus) step(ctx context.Context) (n int, err error) {
	if err := b.start(ctx); err != nil {
		return 0, err
	}
	b.mu.Lock()
	at := b.at
	b.mu.Unlock()
	events, err := b.source.Outbox(ctx, at, pageSize)
	if err != nil || len(events) == 0 {
		return 0, err
	}
	if len(events) == pageSize {
		if skipped, err := b.skip(ctx, at); skipped || err != nil {
			return 0, err
		}
	}
	b.handOut(ctx, events)
	return len(events), nil
}

// start finds the place from which events are handed out.
func (b *Bus) start(ctx context.Context) error {
	select {
	case <-b.started:
		return nil
	default:
	}
	head, err := b.source.OutboxHead(ctx)
	if err != nil {
		return err
	}
	b.mu.Lock()
	b.at = head
	b.mu.Unlock()
	b.once.Do(func() { close(b.started) })
	return nil
}

// skip gives up events one by one when reading is too far behind: it goes to the newest and tells everyone to
// read anew.
func (b *Bus) skip(ctx context.Context, at store.Cursor) (bool, error) {
	head, err := b.source.OutboxHead(ctx)
	if err != nil || head.Seq-at.Seq <= maxLag {
		return false, err
	}
	b.mu.Lock()
	b.at = head
	for s := range b.subs {
		s.lose(head)
	}
	b.mu.Unlock()
	return true, nil
}

// handOut gives a page of events to all subscribers that may see them. The place moves first, together with the
// list of subscribers: who comes later begins after this page.
func (b *Bus) handOut(ctx context.Context, events []store.Event) {
	b.mu.Lock()
	b.at = events[len(events)-1].Cursor
	subs := make([]*Subscription, 0, len(b.subs))
	for s := range b.subs {
		subs = append(subs, s)
	}
	b.mu.Unlock()
	if len(subs) == 0 {
		return
	}
	p := newPage(b)
	for i := range events {
		p.begin(&events[i])
		for _, s := range subs {
			if s.wants(&events[i]) {
				s.put(p.frame(ctx, s.Actor()), events[i].Cursor)
			}
		}
	}
}
