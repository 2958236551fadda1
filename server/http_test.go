package server

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"tenon/metamodel/diag"
)

// Bodies that must not get in.
func TestBodyAttacks(t *testing.T) {
	w := shared(t)
	deep := strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000)
	cases := []struct {
		name, path, body, contentType string
		status                        int
		code                          diag.Code
	}{
		{"duplicate key", tasks, `{"title":"a","title":"b"}`, "", 400, "body.duplicate_key"},
		{"other case of a key", tasks, `{"title":"a","TITLE":"b"}`, "", 422, "record.field_unknown"},
		{"prototype", tasks, `{"title":"a","__proto__":{"admin":true}}`, "", 422, "record.field_unknown"},
		{"trailing JSON", tasks, `{"title":"a"}{"title":"b"}`, "", 400, "body.trailing"},
		{"byte order mark", tasks, "\xef\xbb\xbf{}", "", 400, "body.encoding"},
		{"UTF-16", tasks, "\xff\xfe{\x00}\x00", "", 400, "body.encoding"},
		{"not an object", tasks, `[1]`, "", 400, "body.not_object"},
		{"nothing", tasks, ``, "", 400, "body.syntax"},
		{"10,000 deep", tasks, deep, "", 400, "body.too_deep"},
		{"4 MiB and one byte", tasks, `{"title":"` + strings.Repeat("x", maxBodyBytes-11) + `"}`, "", 413, "body.too_large"},
		{"text/plain", tasks, `{"title":"a"}`, "text/plain", 415, ""},
		{"a form", tasks, `title=a`, "application/x-www-form-urlencoded", 415, ""},
		{"XML", tasks, `<a/>`, "application/xml", 415, "body.media_type"},
		{"another charset", tasks, `{}`, "application/json; charset=gbk", 415, "body.media_type"},
		{"JSON as an upload", "/api/v1/files", `{"files":{"a":{"filepath":"/etc/passwd"}}}`, "", 415, "body.media_type"},
		{"JSON as an import", tasks + "/imports", `{"filepath":"/etc/passwd"}`, "", 415, "body.media_type"},
		{"unknown member", "/api/v1/sessions", `{"email":"a","password":"b","role":"admin"}`, "", 400, "body.unknown_member"},
		{"code as an object", "/api/v1/password-resets", `{"email":"a@b.c","code":{},"password":"x"}`, "", 400, "body.wrong_member"},
		{"64 KiB to sign in", "/api/v1/sessions", `{"email":"a","password":"` + strings.Repeat("x", 70_000) + `"}`, "", 413, "body.too_large"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var headers []string
			if c.contentType != "" {
				headers = []string{"Content-Type", c.contentType}
			}
			a := w.admin.do("POST", c.path, c.body, headers...)
			a.t = t
			if c.code == "" {
				if a.status != c.status {
					t.Errorf("status %d: %s", a.status, a.body)
				}
				return
			}
			a.refused(c.status, c.code)
		})
	}
	w.admin.do("POST", tasks, `{}`, "Content-Encoding", "gzip").refused(415, "body.content_encoding")
	w.admin.do("DELETE", tasks+"/x", `{}`).refused(400, "body.unexpected")
	w.admin.do("POST", tasks+"/x:restore", `{"a":1}`).refused(400, "body.unknown_member")
}

// A body without a length is read as it comes, and no further than its limit.
func TestChunkedBodies(t *testing.T) {
	w := shared(t)
	send := func(path string, size int) int {
		r, pw := io.Pipe()
		go func() {
			_, _ = io.WriteString(pw, `{"title":"x`)
			for range size >> 10 {
				_, _ = pw.Write([]byte(strings.Repeat("x", 1<<10)))
			}
			_, _ = io.WriteString(pw, `"}`)
			_ = pw.Close()
		}()
		req, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+w.addr+path, r)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Origin", "http://"+w.addr)
		req.Header.Set("Cookie", w.admin.cookie)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0 // the server has stopped reading and closed
		}
		defer func() { _ = res.Body.Close() }()
		return res.StatusCode
	}
	if s := send(tasks, 0); s != 201 {
		t.Errorf("small: %d", s)
	}
	if s := send(tasks, 6<<20); s != 413 && s != 0 {
		t.Errorf("large: %d", s)
	}
}

// raw sends bytes as they are and returns what comes back until the connection ends.
func (w *world) raw(text string) string {
	w.t.Helper()
	conn, err := net.Dial("tcp", w.addr)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = io.WriteString(conn, text)
	data, _ := io.ReadAll(conn)
	return string(data)
}

func TestRawRequests(t *testing.T) {
	w := shared(t)
	cases := []struct{ name, text, want string }{
		{"64 KiB of headers", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: " + strings.Repeat("a", 64<<10) + "\r\n\r\n", "431"},
		{"no HTTP", "hello\r\n\r\n", "400"},
		{"unknown method", "BREW /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "405"},
		{"trace", "TRACE /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "405"},
		{"other method", "PUT /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "405"},
		{"path climbs out", "GET /assets/../../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "200|404"},
		{"NUL in the path", "GET /api/v1/apps/board/task/%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "401|404|400"},
		{"negative length", "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\nConnection: close\r\n\r\n", "400|403|415"},
		{"huge length", "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\n" + strings.Repeat("x", 9000), "413"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := w.raw(c.text)
			status, _, _ := strings.Cut(strings.TrimPrefix(got, "HTTP/1.1 "), " ")
			if !slices.Contains(strings.Split(c.want, "|"), status) {
				t.Errorf("got %.200q", got)
			}
			if strings.Contains(got, "root:") {
				t.Error("a file of the machine came back")
			}
			if status >= "400" && !strings.Contains(got, "application/problem+json") {
				t.Errorf("not a problem: %.300q", got)
			}
		})
	}
	w.client().do("GET", "/healthz", nil).want(200)
}

// A panic and an unknown error tell the client nothing but a request id; the cause is in the log.
func TestErrorsTellNothing(t *testing.T) {
	routesBefore := routes
	t.Cleanup(func() { routes = routesBefore })
	routes = []route{
		{"GET", "/boom", everyone, noBody, nil, func(*Server, *exchange) error { panic("dsn=postgres://u:hunter2@h") }},
		{"GET", "/broken", everyone, noBody, nil, func(*Server, *exchange) error { return errors.New("dsn=postgres://u:hunter2@h") }},
	}
	w := startServer(t, nil)
	for _, path := range []string{"/boom", "/broken"} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://x"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := w.s.app.Test(req, -1)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != 500 || strings.Contains(string(data), "hunter2") || !strings.Contains(string(data), `"internal"`) {
			t.Errorf("%s: %d %s", path, res.StatusCode, data)
		}
		if !strings.Contains(w.log.String(), res.Header.Get("X-Request-Id")) {
			t.Errorf("%s: the request is not in the log", path)
		}
	}
	if !strings.Contains(w.log.String(), "hunter2") {
		t.Error("the cause is not in the log")
	}
}

// Values of records and queries never get into the access log.
func TestLogHoldsNoValues(t *testing.T) {
	w := shared(t)
	w.task(map[string]any{"title": "very-private-title"})
	w.admin.do("GET", tasks+"?filter=title+%3D%3D+%27very-private-title%27", nil).want(200)
	w.admin.do("GET", "/api/v1/apps/board/task/very-private-path", nil).want(404)
	if text := sharedWorld.log.String(); strings.Contains(text, "very-private") || strings.Contains(text, testPassword) || strings.Contains(text, testToken) {
		t.Error("a value is in the log")
	}
}

func TestHeaders(t *testing.T) {
	w := shared(t)
	for _, path := range []string{"/healthz", "/", "/api/v1/me", "/api/v1/nothing", "/assets/none.js"} {
		h := w.client().do("GET", path, nil).header
		csp := h.Get("Content-Security-Policy")
		if h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") ||
			h.Get("Referrer-Policy") == "" || h.Get("X-Request-Id") == "" || h.Get("Server") != "" {
			t.Errorf("%s: %v", path, h)
		}
	}
}

func TestAddressesThatAreNone(t *testing.T) {
	w := shared(t)
	w.admin.do("GET", "/api/v1/nothing", nil).refused(404, "request.not_found")
	w.admin.do("GET", "/api", nil).refused(404, "request.not_found")
	w.admin.do("GET", "/assets/old-chunk.js", nil).refused(404, "request.not_found")
	w.admin.do("GET", "/favicon.ico", nil).refused(404, "request.not_found")
	w.admin.do("PUT", "/api/v1/me", `{}`).refused(405, "request.method_not_allowed")
	page := w.client().do("GET", "/a/board/v/tasks", nil).want(200)
	if !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") || !strings.Contains(string(page.body), "Tenon") {
		t.Errorf("%v", page.header)
	}
	if head := w.client().do("HEAD", "/healthz", nil); head.status != 200 || len(head.body) != 0 {
		t.Errorf("HEAD: %d", head.status)
	}
}

func TestGzip(t *testing.T) {
	w := shared(t)
	for range 5 {
		w.task(map[string]any{"title": strings.Repeat("z", 100), "region": "zip"})
	}
	path := tasks + "?filter=region+%3D%3D+%27zip%27"
	plain := w.admin.do("GET", path, nil, "Accept-Encoding", "identity").want(200)
	packed := w.admin.do("GET", path, nil, "Accept-Encoding", "gzip").want(200)
	if plain.header.Get("Content-Encoding") != "" || packed.header.Get("Content-Encoding") != "gzip" || len(packed.body) >= len(plain.body) {
		t.Fatalf("%v %v", plain.header, packed.header)
	}
	r, err := gzip.NewReader(strings.NewReader(string(packed.body)))
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(r); err != nil || string(data) != string(plain.body) {
		t.Errorf("unpacks to %.100s %v", data, err)
	}
	if small := w.admin.do("GET", "/healthz", nil, "Accept-Encoding", "gzip"); small.header.Get("Content-Encoding") != "" {
		t.Error("a small answer is packed")
	}
}

func TestLanguage(t *testing.T) {
	for header, want := range map[string]string{
		"": "", "en": "en-US", "en-GB,zh;q=0.5": "en-US", "zh-Hans-CN": "zh-CN", "fr, en;q=0.1": "en-US",
		"fr": "", "zh;q=0.2, en;q=0.9": "en-US", "zh;q=x": "", strings.Repeat("en,", 200): "",
	} {
		if got := language(header); got != want {
			t.Errorf("%.40q: %q, want %q", header, got, want)
		}
	}
	w := shared(t)
	zh := w.admin.do("GET", tasks+"/x", nil, "Accept-Language", "zh-CN").refused(404, "record.not_found")
	if !strings.Contains(string(zh.body), "记录不存在") || zh.header.Get("Content-Language") != "zh-CN" {
		t.Errorf("%s", zh.body)
	}
}

func TestHealthAndMetrics(t *testing.T) {
	w := shared(t)
	w.client().do("GET", "/readyz", nil).want(200)
	if m := w.client().do("GET", "/metrics", nil).want(200); !strings.Contains(string(m.body), "tenon_http_requests_total") || strings.Contains(string(m.body), "very-private") {
		t.Errorf("%.200s", m.body)
	}
	// Handed on by a proxy on this machine, the request may come from anywhere.
	w.client().do("GET", "/metrics", nil, "X-Forwarded-For", "203.0.113.9").refused(404, "request.not_found")
	w.clerk.do("GET", "/metrics", nil, "Via", "1.1 proxy").refused(404, "request.not_found")
	w.admin.do("GET", "/metrics", nil, "X-Forwarded-For", "203.0.113.9").want(200)
}

func TestClientIP(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/32"), netip.MustParsePrefix("10.0.0.0/8")}
	cases := []struct {
		forwarded string
		trusted   []netip.Prefix
		want      string
	}{
		{"203.0.113.9", nil, "0.0.0.0"},
		{"203.0.113.9", trusted, "203.0.113.9"},
		{"1.1.1.1, 203.0.113.9, 10.1.2.3", trusted, "203.0.113.9"},
		{"1.1.1.1, nonsense", trusted, "0.0.0.0"},
		{"10.0.0.1", trusted, "0.0.0.0"},
		{"::ffff:203.0.113.9", trusted, "203.0.113.9"},
		{"", trusted, "0.0.0.0"},
	}
	for _, c := range cases {
		app := fiber.New()
		app.Get("/", func(x *fiber.Ctx) error { return x.SendString(clientIP(x, c.trusted).String()) })
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://x/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Forwarded-For", c.forwarded)
		res, err := app.Test(req)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || string(data) != c.want {
			t.Errorf("%q: %s, want %s", c.forwarded, data, c.want)
		}
	}
}

func TestRateLimit(t *testing.T) {
	w := newWorld(t, nil)
	w.s.actors = newLimiter(1, 3)
	for range 3 {
		w.clerk.do("GET", "/api/v1/me", nil).want(200)
	}
	if a := w.clerk.do("GET", "/api/v1/me", nil).refused(429, "request.too_many"); a.header.Get("Retry-After") != "1" {
		t.Error(a.header)
	}
	w.guest.do("GET", "/api/v1/me", nil).want(200)
	w.s.addresses = newLimiter(1, 1)
	w.client().do("GET", "/api/v1/setup", nil).want(200)
	w.client().do("GET", "/api/v1/setup", nil).refused(429, "request.too_many")
	for range 5 {
		w.client().do("GET", "/healthz", nil).want(200)
	}
	w.s.inFlight.Add(maxInFlight)
	w.client().do("GET", "/api/v1/schemas", nil).refused(503, "request.busy")
	w.client().do("GET", "/readyz", nil).refused(503, "request.busy")
	w.client().do("GET", "/healthz", nil).want(200)
	w.s.inFlight.Add(-maxInFlight)
	w.client().do("GET", "/readyz", nil).want(200)
}

// Texts that outlive their handler are their own: with reused buffers, later requests would write over them.
func TestTextsOutliveTheirHandlers(t *testing.T) {
	app := (&Server{}).newApp()
	var kept []string
	app.Get("/:id", func(c *fiber.Ctx) error {
		kept = append(kept, c.Params("id"), c.Get("X-Text"), c.Query("q"))
		return nil
	})
	for i := range 50 {
		id := fmt.Sprintf("id-%03d", i)
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://x/"+id+"?q="+id, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Text", id)
		res, err := app.Test(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	for i, k := range kept {
		if want := fmt.Sprintf("id-%03d", i/3); k != want {
			t.Fatalf("text %d is %q, want %q", i, k, want)
		}
	}
}

// Every route is described, and everything described is a route.
func TestDescribedRoutes(t *testing.T) {
	w := shared(t)
	var doc struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal(w.admin.do("GET", "/api/v1/apps/board/openapi.json", nil).want(200).body, &doc); err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for path, ops := range doc.Paths {
		for method := range ops {
			have[strings.ToUpper(method)+" "+pathShape(strings.ReplaceAll(strings.ReplaceAll(path, "/board/task", "/{}/{}"), "/board/vault", "/{}/{}"))] = true
		}
	}
	want := map[string]bool{}
	for _, r := range routes {
		want[r.method+" "+pathShape(r.path)] = true
	}
	for k := range want {
		if !have[k] {
			t.Errorf("%s is not described", k)
		}
	}
	for k := range have {
		if !want[k] {
			t.Errorf("%s is described and not there", k)
		}
	}
}

// pathShape writes a path with its parameters blanked, whatever the syntax.
func pathShape(path string) string {
	parts := strings.Split(strings.ReplaceAll(path, `\`, ""), "/")
	for i, p := range parts {
		name, verb, hasVerb := strings.Cut(strings.TrimPrefix(p, ":"), ":")
		if strings.HasPrefix(p, ":") || strings.HasPrefix(p, "{") {
			if strings.HasPrefix(p, "{") {
				_, verb, hasVerb = strings.Cut(p, ":")
			}
			name = "{}"
		}
		if hasVerb {
			name += ":" + verb
		}
		parts[i] = name
	}
	return strings.Join(parts, "/")
}

func TestOpenAPIIsRemembered(t *testing.T) {
	w := shared(t)
	first := w.admin.do("GET", "/api/v1/apps/board/openapi.json", nil).want(200)
	tag := first.header.Get("ETag")
	w.admin.do("GET", "/api/v1/apps/board/openapi.json", nil, "If-None-Match", tag).want(304)
	if other := w.clerk.do("GET", "/api/v1/openapi.json?app=board", nil).want(200); other.header.Get("ETag") == tag || strings.Contains(string(other.body), "VaultRecord") || strings.Contains(string(other.body), `"cost"`) {
		t.Error("the clerk's description is the lead's")
	}
	w.client().do("GET", "/api/v1/openapi.json", nil).want(200)
	w.client().do("GET", "/api/v1/openapi.json?app=board", nil).refused(401, "session.required")
}

// What screens are drawn from is answered once, as long as it stays the same.
func TestDescriptionsAreRemembered(t *testing.T) {
	w := shared(t)
	meta := w.clerk.do("GET", "/api/v1/apps/board/meta", nil).want(200)
	w.clerk.do("GET", "/api/v1/apps/board/meta", nil, "If-None-Match", meta.header.Get("ETag")).want(304)
	lead := w.admin.do("GET", "/api/v1/apps/board/views/task_table", nil).want(200)
	clerk := w.clerk.do("GET", "/api/v1/apps/board/views/task_table", nil).want(200)
	w.admin.do("GET", "/api/v1/apps/board/views/task_table", nil, "If-None-Match", lead.header.Get("ETag")).want(304)
	if !strings.Contains(string(lead.body), `"cost"`) || strings.Contains(string(clerk.body), `"cost"`) || lead.header.Get("ETag") == clerk.header.Get("ETag") {
		t.Errorf("%s\n%s", lead.body, clerk.body)
	}
	list := w.admin.do("GET", tasks+"?view=task_table&saved=dear&page_size=1", nil).want(200)
	if !strings.Contains(string(list.body), `"colors":{`) {
		t.Errorf("%s", list.body)
	}
	w.client().do("GET", "/api/v1/apps/board/views/task_table", nil).refused(401, "session.required")
	w.admin.do("GET", "/api/v1/apps/board/views/nothing", nil).refused(404, "view.not_found")
}

func BenchmarkGet(b *testing.B) {
	w := newWorld(b, nil)
	w.s.log.Handler()
	id := w.task(map[string]any{"title": "x", "cost": "1"})
	secret := w.admin.do("POST", "/api/v1/tokens", map[string]any{"name": "b"}).want(201).text("token")
	conn, err := net.Dial("tcp", w.addr)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	r := bufio.NewReader(conn)
	request := "GET " + tasks + "/" + id + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + secret + "\r\n\r\n"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := io.WriteString(conn, request); err != nil {
			b.Fatal(err)
		}
		res, err := http.ReadResponse(r, nil)
		if err != nil || res.StatusCode != 200 {
			b.Fatal(err, res)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
}
