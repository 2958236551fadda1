package event

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"tenon/engine/policy"
	"tenon/engine/store"
)

// page judges the events of one page, each once per group of actors and not once per subscriber.
type page struct {
	bus   *Bus
	judge Judge
	keys  map[keyed]string
	ev    *store.Event
	seen  map[string]*Frame // by group, of the event at hand
}

type keyed struct {
	app   string
	actor *policy.Actor
}

func newPage(b *Bus) *page {
	p := &page{bus: b, keys: map[keyed]string{}, seen: map[string]*Frame{}}
	if j := b.judge.Load(); j != nil {
		p.judge = *j
	}
	return p
}

// begin turns to the next event.
func (p *page) begin(ev *store.Event) {
	p.ev = ev
	clear(p.seen)
}

// frame is the event at hand as an actor may see it, nil when he may not. When that can't be found out, the
// frame says to read anew: an event must not get lost in silence.
func (p *page) frame(ctx context.Context, actor *policy.Actor) *Frame {
	if p.judge == nil {
		return nil
	}
	k := keyed{p.ev.App, actor}
	key, ok := p.keys[k]
	if !ok {
		key = p.judge.Key(p.ev.App, actor)
		p.keys[k] = key
	}
	if f, ok := p.seen[key]; ok {
		return f
	}
	f := p.see(ctx, actor)
	p.seen[key] = f
	return f
}

func (p *page) see(ctx context.Context, actor *policy.Actor) *Frame {
	data, err := p.judge.See(ctx, p.ev, actor)
	if err == nil && data == nil {
		return nil
	}
	if err == nil {
		data, err = envelope(p.ev, data)
	}
	if err != nil {
		if ctx.Err() == nil {
			p.bus.log.LogAttrs(ctx, slog.LevelWarn, "event can't be judged", slog.String("event", p.ev.ID), slog.String("cause", err.Error()))
		}
		return &Frame{Cursor: p.ev.Cursor, Resync: true}
	}
	return &Frame{Cursor: p.ev.Cursor, Data: data}
}

// cloudEvent is an event in the JSON form of CloudEvents 1.0.
type cloudEvent struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id"`
	Type        string          `json:"type"`
	Source      string          `json:"source"`
	Subject     string          `json:"subject,omitempty"`
	Time        string          `json:"time"`
	ContentType string          `json:"datacontenttype"`
	Data        json.RawMessage `json:"data"`
}

// envelope is the event with what may be seen of its data, as one line of JSON.
func envelope(ev *store.Event, data []byte) ([]byte, error) {
	return json.Marshal(cloudEvent{
		SpecVersion: "1.0", ID: ev.ID, Type: ev.Type, Source: ev.Source, Subject: ev.Subject,
		Time: ev.Time.UTC().Format(time.RFC3339Nano), ContentType: "application/json", Data: data,
	})
}
