package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel/diag"
	"tenon/server/auth"
)

const (
	testToken    = "a-token-for-setting-up"
	testPassword = "correct horse battery staple"
	adminEmail   = "admin@example.com"
)

// logBuffer is a log that tests can read.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// world is a running server with people in it.
type world struct {
	t     testing.TB
	s     *Server
	store *store.Store
	addr  string
	log   *logBuffer
	admin *client // workspace administrator and lead of the board
	clerk *client // sees tasks of the east, without cost
	guest *client // signed in, no role anywhere
}

// startServer runs a server on an embedded database of its own until the test ends.
func startServer(t testing.TB, change func(*Config)) *world {
	t.Helper()
	c := Config{Addr: "127.0.0.1:0", Data: t.TempDir()}
	if change != nil {
		change(&c)
	}
	w := &world{t: t, log: &logBuffer{}}
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ctx, stop := context.WithCancel(context.Background())
	st, err := openStore(ctx, c, log, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	e, err := openEngine(ctx, st, log, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	a, err := auth.New(auth.Options{Store: st, Now: time.Now, Logger: log, PublicURL: c.PublicURL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.OfferSetup(ctx, testToken); err != nil {
		t.Fatal(err)
	}
	w.store = st
	if w.s, err = New(ctx, Parts{Config: c, Logger: log, Now: time.Now, Store: st, Engine: e, Auth: a}); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.addr = ln.Addr().String()
	done := make(chan error, 1)
	go func() { done <- w.s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
		if err := st.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return w
}

// newWorld is a server that has been set up, with the board app and three people.
func newWorld(t testing.TB, change func(*Config)) *world {
	w := startServer(t, change)
	w.furnish()
	return w
}

// newGeneral starts a server on a database with the general template, installed by its administrator.
func newGeneral(t testing.TB, c store.Config) *world {
	t.Helper()
	w := startServer(t, func(cfg *Config) { cfg.Data, cfg.DatabaseURL = c.Dir, NewSecret(c.URL) })
	w.admin = w.client()
	w.admin.do("POST", "/api/v1/setup", map[string]any{"token": testToken, "email": adminEmail, "name": "管理员", "password": testPassword}).want(201)
	w.admin.do("POST", "/api/v1/apps", map[string]any{"template": "general"}).want(201)
	return w
}

// furnish sets a new server up.
func (w *world) furnish() {
	t := w.t
	w.admin = w.client()
	w.admin.do("POST", "/api/v1/setup", map[string]any{"token": testToken, "email": adminEmail, "name": "管理员", "password": testPassword, "workspace": "测试商贸"}).want(201)
	w.admin.do("POST", "/api/v1/apps", map[string]any{"name": "board", "title": "看板"}).want(201)
	files, err := readFiles("testdata/board")
	if err != nil {
		t.Fatal(err)
	}
	docs := map[string]json.RawMessage{}
	for name, data := range files {
		docs[name] = data
	}
	w.admin.do("PUT", "/api/v1/apps/board/documents", map[string]any{"documents": docs}).want(200)
	w.admin.do("POST", "/api/v1/apps/board/releases", map[string]any{"reason": "first"}).want(201)
	w.admin.do("PUT", "/api/v1/apps/board/roles/lead/users/"+w.admin.id(), nil).want(204)
	w.clerk, w.guest = w.person("clerk@example.com"), w.person("guest@example.com")
	w.admin.do("PUT", "/api/v1/apps/board/roles/clerk/users/"+w.clerk.id(), nil).want(204)
}

var (
	sharedOnce  sync.Once
	sharedWorld *world
	sharedStop  []func()
)

// TestMain stops the server that the tests share.
func TestMain(m *testing.M) {
	if args := os.Getenv("TENON_TEST_MAIN"); args != "" {
		os.Exit(Main(strings.Fields(args)))
	}
	code := storetest.Main(m)
	for _, f := range sharedStop {
		f()
	}
	os.Exit(code)
}

// sharedTB lets the shared server outlive the test that started it.
type sharedTB struct {
	testing.TB
}

func (sharedTB) Helper() {}

func (sharedTB) Cleanup(f func()) { sharedStop = append([]func(){f}, sharedStop...) }

func (s sharedTB) TempDir() string {
	dir, err := os.MkdirTemp("", "tenon-server-test")
	if err != nil {
		panic(err)
	}
	s.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (sharedTB) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// shared is one world for all tests that leave it as it was.
func shared(t testing.TB) *world {
	t.Helper()
	sharedOnce.Do(func() { sharedWorld = newWorld(sharedTB{t}, nil) })
	if sharedWorld == nil {
		t.Fatal("the shared server didn't start")
	}
	w := *sharedWorld
	w.t = t
	for _, c := range []**client{&w.admin, &w.clerk, &w.guest} {
		own := **c
		own.w = &w
		*c = &own
	}
	return &w
}

// person makes an account and signs it in.
func (w *world) person(email string) *client {
	w.t.Helper()
	w.admin.do("POST", "/api/v1/users", map[string]any{"email": email, "name": email, "password": testPassword + email}).want(201)
	c := w.client()
	c.do("POST", "/api/v1/sessions", map[string]any{"email": email, "password": testPassword + email}).want(201)
	c.do("PATCH", "/api/v1/me", map[string]any{"current_password": testPassword + email, "password": testPassword + "2"}).want(200)
	return c
}

// client is one browser or program.
type client struct {
	w      *world
	http   *http.Client
	cookie string
	token  string
	lang   string
}

func (w *world) client() *client {
	return &client{w: w, lang: "en-US", http: &http.Client{
		Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *client) id() string {
	c.w.t.Helper()
	return c.do("GET", "/api/v1/me", nil).want(200).text("id")
}

// do sends a request as Tenon's own page does: JSON, same origin. Headers come as pairs and replace those.
func (c *client) do(method, path string, body any, headers ...string) *answer {
	c.w.t.Helper()
	var r io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case string:
		r, kind = strings.NewReader(b), "application/json"
	case []byte:
		r, kind = bytes.NewReader(b), "application/json"
	default:
		data, err := json.Marshal(b)
		if err != nil {
			c.w.t.Fatal(err)
		}
		r, kind = bytes.NewReader(data), "application/json"
	}
	req, err := http.NewRequestWithContext(context.Background(), method, "http://"+c.w.addr+path, r)
	if err != nil {
		c.w.t.Fatal(err)
	}
	req.Header.Set("Origin", "http://"+c.w.addr)
	req.Header.Set("Accept-Language", c.lang)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if c.cookie != "" {
		req.Header.Set("Cookie", c.cookie)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
			continue
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.http.Do(req)
	if err != nil {
		c.w.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	a := &answer{t: c.w.t, name: method + " " + path, status: res.StatusCode, header: res.Header, body: data, err: err}
	for _, k := range res.Cookies() {
		if k.MaxAge < 0 {
			c.cookie = ""
		} else {
			c.cookie = k.Name + "=" + k.Value
		}
	}
	return a
}

// answer is what came back.
type answer struct {
	t      testing.TB
	name   string
	status int
	header http.Header
	body   []byte
	err    error
}

// want fails the test when the status is another one.
func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.status != status || a.err != nil {
		a.t.Fatalf("%s: status %d, want %d: %.600s (%v)", a.name, a.status, status, a.body, a.err)
	}
	return a
}

// refused fails the test when the answer is not a problem with that status and code.
func (a *answer) refused(status int, code diag.Code) *answer {
	a.t.Helper()
	var p struct {
		Code      diag.Code
		Status    int
		RequestID string `json:"request_id"`
		Errors    []struct{ Code, Message string }
	}
	if err := json.Unmarshal(a.body, &p); err != nil || a.status != status || p.Code != code || p.Status != status || p.RequestID == "" || len(p.Errors) == 0 {
		a.t.Errorf("%s: status %d, want %d %s: %.600s", a.name, a.status, status, code, a.body)
	}
	if ct := a.header.Get("Content-Type"); ct != "application/problem+json" {
		a.t.Errorf("%s: content type %q", a.name, ct)
	}
	return a
}

func (a *answer) json() map[string]any {
	a.t.Helper()
	var v map[string]any
	if err := json.Unmarshal(a.body, &v); err != nil {
		a.t.Fatalf("%s: %v: %.200s", a.name, err, a.body)
	}
	return v
}

func (a *answer) text(member string) string {
	a.t.Helper()
	s, _ := a.json()[member].(string)
	return s
}

// task makes a task as the administrator and returns its id.
func (w *world) task(values map[string]any) string {
	w.t.Helper()
	if values["title"] == nil {
		values["title"] = "task"
	}
	return w.admin.do("POST", tasks, values).want(201).text("id")
}

const tasks = "/api/v1/apps/board/task"

// sseReader reads frames of a stream of server-sent events.
type sseReader struct {
	res    *http.Response
	cancel context.CancelFunc
	frames chan sseFrame
}

type sseFrame struct{ id, event, data string }

// stream opens a stream of events; status is 200 or the refusal's.
func (c *client) stream(query string, headers ...string) (*sseReader, int) {
	c.w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, "GET", "http://"+c.w.addr+"/api/v1/events?"+query, nil)
	if err != nil {
		c.w.t.Fatal(err)
	}
	req.Header.Set("Cookie", c.cookie)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := (&http.Client{}).Do(req) //nolint:bodyclose // closed by close
	if err != nil {
		c.w.t.Fatal(err)
	}
	r := &sseReader{res: res, cancel: cancel, frames: make(chan sseFrame, 1000)}
	c.w.t.Cleanup(r.close)
	if res.StatusCode == http.StatusOK {
		go r.read()
	}
	return r, res.StatusCode
}

func (r *sseReader) close() {
	r.cancel()
	_ = r.res.Body.Close()
}

func (r *sseReader) read() {
	defer close(r.frames)
	sc := bufio.NewScanner(r.res.Body)
	sc.Buffer(nil, 1<<20)
	var f sseFrame
	for sc.Scan() {
		name, value, _ := strings.Cut(sc.Text(), ": ")
		switch name {
		case "id":
			f.id = value
		case "event":
			f.event = value
		case "data":
			f.data = value
		case "":
			if sc.Text() == "" && f.data != "" {
				r.frames <- f
				f = sseFrame{}
			}
		}
	}
}

// next waits for the next frame; ok is false when the stream has ended.
func (r *sseReader) next(t testing.TB) (sseFrame, bool) {
	t.Helper()
	select {
	case f, ok := <-r.frames:
		return f, ok
	case <-time.After(10 * time.Second):
		t.Fatal("no event")
		return sseFrame{}, false
	}
}
