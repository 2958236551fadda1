package server

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// await reads frames until one is about a record; it fails when the stream ends before.
func await(t *testing.T, r *sseReader, record string) sseFrame {
	t.Helper()
	for {
		f, ok := r.next(t)
		if !ok {
			t.Fatal("the stream has ended")
		}
		if strings.Contains(f.data, record) {
			return f
		}
	}
}

func TestEvents(t *testing.T) {
	w := shared(t)
	lead, status := w.admin.stream("app=board&entity=task")
	if status != 200 || lead.res.Header.Get("X-Accel-Buffering") != "no" || !strings.HasPrefix(lead.res.Header.Get("Content-Type"), "text/event-stream") {
		t.Fatalf("%d %v", status, lead.res.Header)
	}
	clerk, _ := w.clerk.stream("app=board")
	for _, r := range []*sseReader{lead, clerk} {
		if f, _ := r.next(t); f.event != "ready" || f.id == "" {
			t.Fatalf("begins with %+v", f)
		}
	}
	west, east := w.task(map[string]any{"region": "west", "cost": "3"}), w.task(map[string]any{"region": "east", "cost": "4", "title": "seen"})
	first := await(t, lead, west)
	var ev struct {
		SpecVersion, Type, Source, Subject string
		Data                               struct {
			ID      string
			Changes []struct{ Field string }
		}
	}
	if err := json.Unmarshal([]byte(first.data), &ev); err != nil || ev.SpecVersion != "1.0" || ev.Type != "tenon.record.created.v1" || ev.Subject != "task/"+west {
		t.Errorf("%+v %v", ev, err)
	}
	await(t, lead, east)
	// The clerk sees the task of the east and nothing of its cost, and never hears of the other.
	f, _ := clerk.next(t)
	if !strings.Contains(f.data, east) || strings.Contains(f.data, `"cost"`) || strings.Contains(f.data, "4.00") || !strings.Contains(f.data, "seen") {
		t.Errorf("%+v", f)
	}

	// Who comes back is told what was missed, and nothing twice.
	lead.close()
	missed := w.task(map[string]any{"region": "west"})
	back, _ := w.admin.stream("app=board&entity=task", "Last-Event-ID", first.id)
	for _, want := range []string{"ready", east, missed} {
		if f, _ := back.next(t); f.event != want && !strings.Contains(f.data, want) {
			t.Errorf("came back to %+v, want %s", f, want)
		}
	}
	one, _ := w.admin.stream("app=board&entity=task&record=" + east)
	if _, ok := one.next(t); !ok {
		t.Fatal("ended")
	}
	w.admin.do("PATCH", tasks+"/"+west, map[string]any{"title": "other"}).want(200)
	w.admin.do("PATCH", tasks+"/"+east, map[string]any{"title": "this"}).want(200)
	if f, _ := one.next(t); !strings.Contains(f.data, east) {
		t.Errorf("%+v", f)
	}
	lost, _ := w.admin.stream("app=board", "Last-Event-ID", "0-999999999")
	if f, _ := lost.next(t); f.event != "ready" {
		t.Errorf("%+v", f)
	}
	if f, _ := lost.next(t); f.event != "resync" {
		t.Errorf("%+v", f)
	}
}

func TestEventRefusals(t *testing.T) {
	w := shared(t)
	cases := []struct {
		name   string
		c      *client
		query  string
		header []string
		status int
	}{
		{"nobody", w.client(), "app=board", nil, 401},
		{"another site", w.admin, "app=board", []string{"Origin", "https://evil.example"}, 403},
		{"cross-site fetch", w.admin, "app=board", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"an entity of no app", w.admin, "entity=task", nil, 400},
		{"another app", w.admin, "app=other", nil, 404},
		{"an entity without a grant", w.clerk, "app=board&entity=vault", nil, 404},
		{"an app without a role", w.guest, "app=board", nil, 404},
		{"no such entity", w.clerk, "app=board&entity=nothing", nil, 404},
		{"lines", w.admin, "app=board&entity=task_step", nil, 404},
		{"a record of no entity", w.admin, "app=board&record=x", nil, 400},
		{"unknown parameter", w.admin, "app=board&filter=true", nil, 400},
		{"nonsense id", w.admin, "app=board", []string{"Last-Event-ID", "x"}, 400},
		{"negative id", w.admin, "app=board", []string{"Last-Event-ID", "0--5"}, 400},
	}
	for _, c := range cases {
		if _, status := c.c.stream(c.query, c.header...); status != c.status {
			t.Errorf("%s: %d, want %d", c.name, status, c.status)
		}
	}
}

// A stream ends when its session does, when its person may not come in any more, and soon.
func TestEventsEndWithTheirSession(t *testing.T) {
	w := newWorld(t, nil)
	for name, revoke := range map[string]func(id string, c *client){
		"signed out": func(_ string, c *client) { c.do("DELETE", "/api/v1/sessions/current", nil).want(204) },
		"disabled": func(id string, _ *client) {
			w.admin.do("PATCH", "/api/v1/users/"+id, map[string]any{"active": false}).want(200)
		},
	} {
		c := w.person(strings.ReplaceAll(name, " ", "") + "@example.com")
		r, status := c.stream("")
		if status != 200 {
			t.Fatal(status)
		}
		if _, ok := r.next(t); !ok {
			t.Fatal("ended at once")
		}
		revoke(c.id(), c)
		for {
			if _, ok := r.next(t); !ok {
				break
			}
		}
	}
	deadline := time.Now().Add(5 * time.Second)
	for len(w.s.live.all()) > 0 && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	if n := len(w.s.live.all()); n != 0 {
		t.Errorf("%d streams left", n)
	}
}

// Rights that change while a stream is open count from then on.
func TestEventsFollowRights(t *testing.T) {
	w := newWorld(t, nil)
	r, _ := w.guest.stream("")
	if _, ok := r.next(t); !ok {
		t.Fatal("ended")
	}
	w.task(map[string]any{"region": "east", "title": "too-early"})
	w.admin.do("PUT", "/api/v1/apps/board/roles/clerk/users/"+w.guest.id(), nil).want(204)
	for {
		id := w.task(map[string]any{"region": "east", "title": "after"})
		select {
		case f := <-r.frames:
			if strings.Contains(f.data, "too-early") {
				t.Errorf("%+v", f)
			}
			return
		case <-time.After(100 * time.Millisecond):
			_ = id
		}
	}
}

func TestEventsPerActorAreBounded(t *testing.T) {
	w := newWorld(t, nil)
	for i := range maxStreamsPerActor {
		if _, status := w.guest.stream(""); status != 200 {
			t.Fatalf("stream %d: %d", i, status)
		}
	}
	r, status := w.guest.stream("")
	if status != 429 || r.res.Header.Get("Retry-After") == "" {
		t.Errorf("one more: %d", status)
	}
	if _, status := w.clerk.stream("app=board"); status != 200 {
		t.Errorf("somebody else: %d", status)
	}
}
