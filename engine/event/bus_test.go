package event

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tenon/engine/policy"
	"tenon/engine/store"
)

// memory is an outbox in memory.
type memory struct {
	mu     sync.Mutex
	events []store.Event
	next   int64
	reads  int
	broken bool
}

func (m *memory) emit(app, entity, record string) store.Cursor {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.next++
	c := store.Cursor{Seq: m.next}
	m.events = append(m.events, store.Event{Cursor: c, ID: fmt.Sprint(m.next), Type: "tenon.record.updated.v1", App: app, EntityID: entity, RecordID: record, Source: "/apps/" + app, Subject: entity + "/" + record, Time: time.Unix(0, 0)})
	return c
}

func (m *memory) trim(upTo int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.events) > 1 && m.events[0].Cursor.Seq <= upTo {
		m.events = m.events[1:]
	}
}

func (m *memory) looks() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.reads
}

func (m *memory) Outbox(_ context.Context, after store.Cursor, limit int) ([]store.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
	if m.broken {
		return nil, errors.New("database is gone")
	}
	var out []store.Event
	for _, e := range m.events {
		if after.Before(e.Cursor) && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, nil
}

func (m *memory) OutboxHead(context.Context) (store.Cursor, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return store.Cursor{Seq: m.next}, nil
}

// byName lets actors see events of the entities that they are named after, and counts how often it is asked.
type byName struct {
	mu    sync.Mutex
	asked int
	fail  string
}

func (j *byName) Key(_ string, a *policy.Actor) string { return a.Name }

func (j *byName) See(_ context.Context, ev *store.Event, a *policy.Actor) ([]byte, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.asked++
	if ev.RecordID == j.fail {
		return nil, errors.New("can't be read")
	}
	if a.Name != "all" && a.Name != ev.EntityID {
		return nil, nil
	}
	return fmt.Appendf(nil, `{"as":%q}`, a.Name), nil
}

type fixture struct {
	t    *testing.T
	box  *memory
	bus  *Bus
	by   *byName
	stop context.CancelFunc
}

// start runs a bus over an outbox in memory; it must be called inside a synctest bubble.
func start(t *testing.T) *fixture {
	f := &fixture{t: t, box: &memory{}, by: &byName{}}
	f.bus = New(Options{Source: f.box})
	f.bus.SetJudge(f.by)
	return f
}

func (f *fixture) run() {
	ctx, stop := context.WithCancel(f.t.Context())
	f.stop = stop
	go f.bus.Run(ctx)
}

func (f *fixture) subscribe(name string, filter Filter, after *store.Cursor) *Subscription {
	f.t.Helper()
	s, err := f.bus.Subscribe(f.t.Context(), filter, &policy.Actor{Name: name}, after)
	if err != nil {
		f.t.Fatal(err)
	}
	return s
}

// taken lists what has come for a subscription as record ids, "resync" for a resync.
func taken(t *testing.T, s *Subscription) string {
	t.Helper()
	var out []string
	for {
		fr, err := s.Try(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if fr == nil {
			return strings.Join(out, " ")
		}
		if fr.Resync {
			out = append(out, "resync")
			continue
		}
		var ev struct{ Subject string }
		if err := json.Unmarshal(fr.Data, &ev); err != nil {
			t.Fatal(err)
		}
		_, id, _ := strings.Cut(ev.Subject, "/")
		out = append(out, id)
	}
}

func TestBusHandsOutInOrderAndOnlyWhatIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.box.emit("shop", "item", "before")
		f.run()
		all, item, order := f.subscribe("all", Filter{App: "shop"}, nil), f.subscribe("item", Filter{}, nil), f.subscribe("order", Filter{App: "shop"}, nil)
		one := f.subscribe("all", Filter{App: "shop", Entity: "item", Record: "2"}, nil)
		for i := range 4 {
			f.box.emit("shop", []string{"item", "order"}[i%2], fmt.Sprint(i))
		}
		f.box.emit("other", "item", "x")
		f.bus.Wake()
		synctest.Wait()
		for _, c := range []struct {
			s    *Subscription
			want string
		}{{all, "0 1 2 3"}, {item, "0 2 x"}, {order, "1 3"}, {one, "2"}} {
			if got := taken(t, c.s); got != c.want {
				t.Errorf("%s: %q, want %q", c.s.Actor().Name, got, c.want)
			}
		}
		f.stop()
	})
}

// Each event is judged once per group, however many subscribers the group has.
func TestBusJudgesOncePerGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.run()
		for i := range 50 {
			f.subscribe([]string{"item", "order"}[i%2], Filter{App: "shop"}, nil)
		}
		for range 10 {
			f.box.emit("shop", "item", "r")
		}
		f.bus.Wake()
		synctest.Wait()
		if f.by.asked != 20 {
			t.Errorf("asked %d times, want 20", f.by.asked)
		}
		f.stop()
	})
}

// What other processes commit is found without a wake-up.
func TestBusPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.run()
		s := f.subscribe("all", Filter{}, nil)
		time.Sleep(time.Minute)
		f.box.emit("shop", "item", "1")
		time.Sleep(LocalPoll)
		synctest.Wait()
		if got := taken(t, s); got != "1" {
			t.Errorf("got %q", got)
		}
		reads := f.box.looks()
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := f.box.looks() - reads; n > 70 {
			t.Errorf("an idle bus reads %d times a minute", n)
		}
		f.stop()
	})
}

func TestResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		var places []store.Cursor
		for i := range 2*pageSize + 10 {
			places = append(places, f.box.emit("shop", []string{"item", "order"}[i%2], fmt.Sprint(i)))
		}
		f.run()
		last := len(places) - 1
		s := f.subscribe("all", Filter{App: "shop"}, &places[last-3])
		long := f.subscribe("order", Filter{App: "shop"}, &places[0])
		f.box.emit("shop", "item", "live")
		f.bus.Wake()
		synctest.Wait()
		if got, want := taken(t, s), fmt.Sprintf("%d %d %d live", last-2, last-1, last); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := strings.Fields(taken(t, long)); len(got) != len(places)/2 || got[0] != "1" {
			t.Errorf("replayed %d events from %v", len(got), got[0])
		}
		f.stop()
	})
}

func TestResumeResyncs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		var places []store.Cursor
		for i := range maxReplay + 20 {
			places = append(places, f.box.emit("shop", "item", fmt.Sprint(i)))
		}
		f.run()
		tooFar := f.subscribe("all", Filter{}, &places[0])
		if got := strings.Fields(taken(t, tooFar)); len(got) == 0 || got[len(got)-1] != "resync" {
			t.Errorf("a long absence ends with %v", got[max(0, len(got)-2):])
		}
		f.box.trim(100)
		for name, place := range map[string]store.Cursor{"trimmed": places[5], "of another outbox": {Seq: 1_000_000}} {
			s := f.subscribe("all", Filter{}, &place)
			if got := taken(t, s); got != "resync" {
				t.Errorf("%s: got %q", name, got)
			}
			f.box.emit("shop", "item", name)
			f.bus.Wake()
			synctest.Wait()
			if got := taken(t, s); got != name {
				t.Errorf("%s: after the resync got %q", name, got)
			}
		}
		f.stop()
	})
}

// A reader that doesn't read costs a bounded queue, hears of one resync, and goes on from there.
func TestSlowReaderResyncs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.run()
		slow := f.subscribe("all", Filter{}, nil)
		for i := range queueSize + 50 {
			f.box.emit("shop", "item", fmt.Sprint(i))
		}
		f.bus.Wake()
		synctest.Wait()
		if !slow.Lagging() {
			t.Error("not lagging")
		}
		if n := len(slow.queue); n != 0 {
			t.Errorf("%d events kept", n)
		}
		if got := taken(t, slow); got != "resync" {
			t.Errorf("got %q", got)
		}
		f.box.emit("shop", "item", "after")
		f.bus.Wake()
		synctest.Wait()
		if got := taken(t, slow); got != "after" {
			t.Errorf("got %q", got)
		}
		f.stop()
	})
}

// An event that can't be judged is not lost in silence, and the database's absence is survived.
func TestBusSurvivesErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.by.fail = "bad"
		f.run()
		s := f.subscribe("all", Filter{}, nil)
		f.box.emit("shop", "item", "bad")
		f.bus.Wake()
		synctest.Wait()
		if got := taken(t, s); got != "resync" {
			t.Errorf("got %q", got)
		}
		f.box.mu.Lock()
		f.box.broken = true
		f.box.mu.Unlock()
		f.box.emit("shop", "item", "1")
		time.Sleep(10 * LocalPoll)
		f.box.mu.Lock()
		f.box.broken = false
		f.box.mu.Unlock()
		time.Sleep(2 * LocalPoll)
		synctest.Wait()
		if got := taken(t, s); got != "1" {
			t.Errorf("got %q", got)
		}
		f.stop()
	})
}

func TestRightsChangeWhileSubscribed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.run()
		s := f.subscribe("item", Filter{}, nil)
		f.box.emit("shop", "item", "1")
		f.bus.Wake()
		synctest.Wait()
		s.SetActor(&policy.Actor{Name: "order"})
		f.box.emit("shop", "item", "2")
		f.box.emit("shop", "order", "3")
		f.bus.Wake()
		synctest.Wait()
		if got := taken(t, s); got != "1 3" {
			t.Errorf("got %q", got)
		}
		s.Close()
		if _, err := s.Next(t.Context()); !errors.Is(err, ErrClosed) {
			t.Errorf("closed: %v", err)
		}
		if len(f.bus.subs) != 0 {
			t.Error("a closed subscription is still held")
		}
		f.stop()
	})
}

// Far behind, the bus stops handing out one by one and tells everyone to read anew.
func TestBusSkipsWhenFarBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t)
		f.run()
		s := f.subscribe("all", Filter{}, nil)
		for range maxLag + pageSize {
			f.box.emit("shop", "item", "x")
		}
		f.bus.Wake()
		synctest.Wait()
		if got := taken(t, s); got != "resync" {
			t.Errorf("got %.40q", got)
		}
		f.stop()
	})
}

func BenchmarkHandOut(b *testing.B) {
	box := &memory{}
	bus := New(Options{Source: box})
	bus.SetJudge(&byName{})
	for range 1000 {
		s := &Subscription{bus: bus, more: make(chan struct{}, 1), done: make(chan struct{})}
		s.actor.Store(&policy.Actor{Name: "all"})
		bus.subs[s] = struct{}{}
	}
	events := make([]store.Event, 100)
	for i := range events {
		events[i] = store.Event{Cursor: store.Cursor{Seq: int64(i + 1)}, App: "shop", EntityID: "item", RecordID: "r"}
	}
	b.ReportAllocs()
	for b.Loop() {
		bus.handOut(b.Context(), events)
		for s := range bus.subs {
			s.queue = nil
		}
	}
}
