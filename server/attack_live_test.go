package server

import (
	"bytes"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

// eventually waits until a condition holds, as long as a revocation may take and a good deal longer.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for until := time.Now().Add(10 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%s never came", what)
		}
	}
}

// Whoever loses a role or the account loses it at every door: session, token, stream, what is asked again by an
// idempotency key, and what an import has still to write.
func TestRevocationAtEveryDoor(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		w := newGuardedWorld(t, c)
		sales, deals := w.people["sales"], guardedApp+"/deal"
		program := w.client()
		program.token = sales.do("POST", "/api/v1/tokens", map[string]any{"name": "program"}).want(201).text("token")
		program.do("GET", deals, nil).want(200)
		body := map[string]any{"title": "once", "region": "east"}
		sales.do("POST", deals, body, "Idempotency-Key", "again").want(201)
		stream, status := sales.stream("app=guarded")
		if status != http.StatusOK {
			t.Fatal(status)
		}
		stream.next(t)
		upload, kind := form(t, "file", "a.csv", "title,region\nlate,east\n")
		job := sales.do("POST", deals+"/imports", upload, "Content-Type", kind).want(201).text("import")
		token := sales.do("GET", deals+"?page_size=1", nil).want(200).text("next_page_token")

		w.admin.do("DELETE", guardedApp+"/roles/sales/users/"+w.vars["sales"], nil).want(204)
		for name, asks := range map[string]func() *answer{
			"session":   func() *answer { return sales.do("GET", deals, nil) },
			"record":    func() *answer { return sales.do("GET", deals+"/"+w.vars["east"], nil) },
			"token":     func() *answer { return program.do("GET", deals, nil) },
			"replay":    func() *answer { return sales.do("POST", deals, body, "Idempotency-Key", "again") },
			"next page": func() *answer { return sales.do("GET", deals+"?page_size=1&page_token="+token, nil) },
			"import": func() *answer {
				return sales.do("POST", deals+"/imports/"+job+":run", `{"mapping":{"title":"title","region":"region"}}`)
			},
			"search": func() *answer { return sales.do("GET", guardedApp+"/search?q=deal", nil) },
		} {
			if a := asks(); a.status != http.StatusNotFound || !strings.Contains(string(a.body), "app.not_found") {
				t.Errorf("%s: %d %.300s", name, a.status, a.body)
			}
		}
		time.Sleep(time.Second) // as long as an open stream may take to hear of it
		w.admin.do("PATCH", deals+"/"+w.vars["east"], map[string]any{"title": "without the role"}).want(200)
		w.admin.do("PUT", guardedApp+"/roles/sales/users/"+w.vars["sales"], nil).want(204)
		// An open stream shows nothing of the time without the role.
		eventually(t, "an event", func() bool {
			w.admin.do("PATCH", deals+"/"+w.vars["east_two"], map[string]any{"title": fmt.Sprint("seen ", time.Now().UnixNano())}).want(200)
			select {
			case f, ok := <-stream.frames:
				if !ok {
					t.Fatal("the stream has ended")
				}
				if f.event != "ready" && strings.Contains(f.data, "without the role") {
					t.Errorf("%s", f.data)
				}
				return strings.Contains(f.data, "seen")
			case <-time.After(50 * time.Millisecond):
				return false
			}
		})
		w.admin.do("PATCH", "/api/v1/users/"+w.vars["sales"], map[string]any{"active": false}).want(200)
		sales.do("GET", deals, nil).refused(401, "session.expired")
		program.do("GET", deals, nil).refused(401, "session.expired")
		eventually(t, "the stream's end", func() bool {
			select {
			case _, ok := <-stream.frames:
				return !ok
			default:
				return false
			}
		})
		w.client().do("POST", "/api/v1/sessions", map[string]any{"email": "sales@example.com", "password": testPassword}).refused(401, "login.failed")
	})
}

// Of many who do the same at once, one does it: a state is left once, and a key is used once.
func TestOnlyOneWins(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		w := newGuardedWorld(t, c)
		const many = 50
		path := guardedApp + "/deal/" + w.vars["east"]
		before := w.digest(t)
		count := func(ask func(i int) *answer) map[int]int {
			var mu sync.Mutex
			var all sync.WaitGroup
			got := map[int]int{}
			for i := range many {
				all.Go(func() {
					a := ask(i)
					mu.Lock()
					defer mu.Unlock()
					got[a.status]++
				})
			}
			all.Wait()
			return got
		}
		if got := count(func(int) *answer { return w.admin.do("POST", path+":transition", `{"transition":"lose"}`) }); got[200] != 1 || got[200]+got[409] != many {
			t.Errorf("transition: %v", got)
		}
		if after := w.digest(t); after == before {
			t.Error("nobody won")
		}
		if got := count(func(int) *answer { return w.admin.do("PATCH", path, `{"title":"mine"}`, "If-Match", `"2"`) }); got[200] != 1 || got[200]+got[412] != many {
			t.Errorf("If-Match: %v", got)
		}
		ids := make([]string, many)
		if got := count(func(i int) *answer {
			a := w.admin.do("POST", guardedApp+"/deal", `{"title":"one","region":"east"}`, "Idempotency-Key", "one")
			ids[i] = a.text("id")
			return a
		}); got[201] != many {
			t.Errorf("key: %v", got)
		}
		for _, id := range ids {
			if id != ids[0] {
				t.Errorf("two records of one key: %s and %s", id, ids[0])
			}
		}
	})
}

// A stream that is about one entity shows no other, and each subscriber what is his.
func TestStreamsAreMasked(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		w := newGuardedWorld(t, c)
		all, _ := w.people["sales"].stream("")
		one, _ := w.people["sales"].stream("app=guarded&entity=partner")
		none, _ := w.people["stranger"].stream("")
		for _, r := range []*sseReader{all, one, none} {
			r.next(t)
		}
		w.admin.do("POST", guardedApp+"/vault", `{"secret":"vault-secret"}`).want(201)
		w.admin.do("POST", guardedApp+"/deal", `{"title":"west-secret","region":"west","cost":"123.45"}`).want(201)
		w.admin.do("POST", guardedApp+"/deal", `{"title":"east-open","region":"east","cost":"123.45","rating":"my-secret","lines":[{"floor":"678.90"}]}`).want(201)
		w.admin.do("POST", guardedApp+"/partner", `{"name":"last","region":"east","secret_note":"note-secret","phone":"555-secret"}`).want(201)
		var seen bytes.Buffer
		for !strings.Contains(seen.String(), `"last"`) {
			f, ok := all.next(t)
			if !ok {
				t.Fatal("ended")
			}
			seen.WriteString(f.data)
		}
		if text := seen.String(); !strings.Contains(text, "east-open") || strings.Contains(text, "secret") || strings.Contains(text, "123.45") || strings.Contains(text, "678.90") || strings.Contains(text, "floor") {
			t.Errorf("%s", text)
		}
		for f := (sseFrame{}); !strings.Contains(f.data, `"last"`); { // what the world was made with may come before
			if f, _ = one.next(t); !strings.Contains(f.data, `"entity":"partner"`) || strings.Contains(f.data, "secret") {
				t.Fatalf("%s", f.data)
			}
		}
		select {
		case f := <-none.frames:
			t.Errorf("a stranger sees %s", f.data)
		default:
		}
	})
}

// Files that pack a lot into little are read in bounded memory, client and server together.
func TestBombsAreBounded(t *testing.T) {
	w := newGuardedWorld(t, storetest.SQLite(t))
	const most = 64 << 20
	for _, name := range []string{"a zip bomb", "eleven thousand entries", "entities in XML"} {
		var s suite
		readAttackFile(t, "import.json", &s)
		for i := range s.Cases {
			if s.Cases[i].Name != name {
				continue
			}
			body, kind := s.Cases[i].Upload.form(t)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			w.people["sales"].do("POST", guardedApp+"/deal/imports", body, "Content-Type", kind)
			runtime.ReadMemStats(&after)
			allocated := after.TotalAlloc - before.TotalAlloc
			if allocated > most {
				t.Errorf("%s: %d bytes", name, allocated)
			}
		}
	}
}
