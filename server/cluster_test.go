package server

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"tenon/engine/event"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

// over configures a server to work on a workspace of a test.
func over(c store.Config) func(*Config) {
	return func(cfg *Config) { cfg.Data, cfg.DatabaseURL = c.Dir, NewSecret(c.URL) }
}

// unhurried takes the limits on floods off, which have tests of their own.
func (w *world) unhurried() { w.s.addresses, w.s.actors = newLimiter(1e6, 1e6), newLimiter(1e6, 1e6) }

// onTwo runs a test on two servers of one workspace, which takes PostgreSQL.
func onTwo(t *testing.T, test func(a, b *world)) {
	t.Helper()
	if os.Getenv("TENON_TEST_SQLITE_ONLY") == "1" {
		t.Log("TENON_TEST_SQLITE_ONLY=1: NOT TESTED ON POSTGRESQL")
		return
	}
	c := storetest.Postgres(t)
	a := newWorld(t, over(c))
	c.Dir = t.TempDir()
	b := startServer(t, over(c))
	a.unhurried()
	b.unhurried()
	test(a, b)
}

// at is the same person at another server.
func (c *client) at(w *world) *client {
	other := w.client()
	other.cookie, other.token = c.cookie, c.token
	return other
}

// follows makes a change, then asks until the answer is as it should be, and tells how long that took. It asks right
// before the change as well: what the server remembers of that must not outlive it.
func follows(t *testing.T, what string, change func(), as func() bool) {
	t.Helper()
	for range 3 {
		if as() {
			t.Fatalf("%s: so before the change", what)
		}
	}
	began := time.Now()
	change()
	since := time.Now()
	for deadline := since.Add(20 * time.Second); !as(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not followed", what)
		}
	}
	t.Logf("%s: made in %v, followed %v later", what, since.Sub(began).Round(time.Millisecond), time.Since(since).Round(time.Millisecond))
}

// rename gives a field of tasks another name, in a release.
func (w *world) rename(from, to string) {
	w.t.Helper()
	doc := string(w.admin.do("GET", "/api/v1/apps/board/documents/entity/task", nil).want(200).body)
	doc = strings.Replace(doc, `"`+from+`": {`, `"`+to+`": {"x-was": "`+from+`",`, 1)
	w.admin.do("PUT", "/api/v1/apps/board/documents/entity/task", doc).want(200)
	w.admin.do("POST", "/api/v1/apps/board/releases", map[string]any{"reason": "rename"}).want(201)
}

// Servers that share a workspace follow each other: roles, tokens, sessions, releases.
func TestServersFollowEachOther(t *testing.T) {
	onTwo(t, func(a, b *world) { serversFollowEachOther(t, a, b) })
}

func serversFollowEachOther(t *testing.T, a, b *world) {
	t.Helper()
	admin, clerk, guest := a.admin.at(b), a.clerk.at(b), a.guest.at(b)
	id := admin.do("POST", tasks, map[string]any{"title": "one", "cost": "3", "region": "east"}).want(201).text("id")
	role := "/api/v1/apps/board/roles/clerk/users/" + a.guest.id()
	sees := func(c *client, status int) func() bool {
		return func() bool { return c.do("GET", tasks, nil).status == status }
	}
	follows(t, "a role that is given", func() { a.admin.do("PUT", role, nil).want(204) }, sees(guest, 200))
	follows(t, "a role that is taken", func() { a.admin.do("DELETE", role, nil).want(204) }, sees(guest, 404))

	made := a.clerk.do("POST", "/api/v1/tokens", map[string]any{"name": "script"}).want(201).json()
	script := b.client()
	script.token = fmt.Sprint(made["token"])
	script.do("GET", tasks, nil).want(200)
	list := a.clerk.do("GET", "/api/v1/tokens", nil).want(200).json()["tokens"].([]any)
	token := fmt.Sprint("/api/v1/tokens/", list[0].(map[string]any)["id"])
	follows(t, "a token that is withdrawn", func() { a.clerk.do("DELETE", token, nil).want(204) }, sees(script, 401))

	stream, _ := clerk.stream("app=board")
	clerk.do("GET", tasks, nil).want(200)
	follows(t, "a session that is ended", func() { a.clerk.at(a).do("DELETE", "/api/v1/sessions/current", nil).want(204) }, sees(clerk, 401))
	for range stream.frames { // it ends as well
	}

	follows(t, "a release", func() { a.rename("cost", "price") }, func() bool {
		task := admin.do("GET", tasks+"/"+id, nil).want(200).json()
		_, old := task["cost"]
		_, renamed := task["price"]
		if old == renamed {
			t.Fatalf("a task of two revisions: %v", task)
		}
		return renamed
	})
	a.rename("price", "fee")
	// The other server may not know yet: still nothing is written by the old revision.
	admin.do("PATCH", tasks+"/"+id, map[string]any{"price": "7"}).refused(422, "record.field_unknown")
	task := admin.do("PATCH", tasks+"/"+id, map[string]any{"fee": "8"}).want(200).json()
	if task["fee"] != "8.00" || task["twice"] != "16.00" {
		t.Errorf("written by the new revision: %v", task)
	}
}

// While one server releases again and again, another one's writes land whole, in one revision each.
func TestServersServeOneRevisionAtATime(t *testing.T) {
	onTwo(t, func(a, b *world) { serversServeOneRevisionAtATime(t, a, b) })
}

func serversServeOneRevisionAtATime(t *testing.T, a, b *world) {
	t.Helper()
	id := a.task(map[string]any{"cost": "3"})
	admin := a.admin.at(b)
	names := [2]string{"cost", "price"}
	stop := make(chan struct{})
	wrote := 0
	var running sync.WaitGroup
	running.Go(func() {
		for n := 1; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			name, value := names[n%2], fmt.Sprintf("%d.00", n)
			answer := admin.do("PATCH", tasks+"/"+id, map[string]any{name: value})
			if answer.status == 422 || answer.status == 409 {
				continue // it is called otherwise now
			}
			task := map[string]any{}
			if answer.status == 200 {
				task = answer.json()
			}
			_, old := task["cost"]
			_, renamed := task["price"]
			if old == renamed || task[name] != value || task["twice"] != fmt.Sprintf("%d.00", 2*n) {
				t.Errorf("half a write: %d %s", answer.status, answer.body)
				return
			}
			wrote++
		}
	})
	for n := range 6 {
		a.rename(names[n%2], names[(n+1)%2])
	}
	close(stop)
	running.Wait()
	if wrote == 0 {
		t.Error("nothing was written")
	}
}

// Who comes back to a stream after the server was replaced is told what was missed, once; a new stream begins with what
// is new.
func TestStreamsOutliveTheirServer(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		var admin *client
		var last string
		var missed []string
		t.Run("before", func(t *testing.T) {
			w := newWorld(t, over(c))
			admin = w.admin
			r, _ := admin.stream("app=board&entity=task")
			if f, _ := r.next(t); f.event != "ready" {
				t.Fatalf("begins with %+v", f)
			}
			for range 3 {
				last = await(t, r, w.task(map[string]any{})).id
			}
			r.close()
			for range 3 {
				missed = append(missed, w.task(map[string]any{}))
			}
		})
		w := startServer(t, over(c))
		w.admin = admin.at(w)
		back, _ := w.admin.stream("app=board&entity=task", "Last-Event-ID", last)
		fresh, _ := w.admin.stream("app=board&entity=task")
		for _, r := range []*sseReader{back, fresh} {
			if f, _ := r.next(t); f.event != "ready" {
				t.Fatalf("begins with %+v", f)
			}
		}
		later := w.task(map[string]any{})
		for _, want := range append(missed, later) {
			if f, _ := back.next(t); !strings.Contains(f.data, want) {
				t.Fatalf("came back to %+v, want %s", f, want)
			}
		}
		if f, _ := fresh.next(t); !strings.Contains(f.data, later) {
			t.Errorf("a new stream begins with %+v, want %s", f, later)
		}
	})
}

// Many read the same stream and one does not: the others are told everything in order, and what waits for the one is
// bounded.
func TestManyStreamsAndASlowOne(t *testing.T) {
	w := newWorld(t, nil)
	w.unhurried()
	var readers []*sseReader
	for _, c := range []*client{w.admin, w.clerk} {
		for range maxStreamsPerActor - 1 {
			r, _ := c.stream("app=board&entity=task")
			if f, _ := r.next(t); f.event != "ready" {
				t.Fatalf("begins with %+v", f)
			}
			readers = append(readers, r)
		}
	}
	slow, err := w.s.bus.Subscribe(t.Context(), event.Filter{App: "board"}, w.s.live.all()[0].sub.Actor(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	for range 8 { // 400 in all: more than is kept for one, and in portions of less than that
		var ids []string
		for range 50 {
			ids = append(ids, w.task(map[string]any{"region": "east"}))
		}
		for i, r := range readers {
			for n, id := range ids {
				if f, ok := r.next(t); !ok || !strings.Contains(f.data, id) {
					t.Fatalf("stream %d, event %d: %+v", i, n, f)
				}
			}
		}
	}
	if f, err := slow.Next(t.Context()); err != nil || !f.Resync {
		t.Errorf("the slow one is told %+v, %v", f, err)
	}
	if f, err := slow.Try(t.Context()); f != nil && !f.Resync || err != nil {
		t.Errorf("and then %+v, %v", f, err)
	}
}
