package server

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// slowSender has sent the head of a request, and sends its body as it pleases.
type slowSender struct {
	conn net.Conn
	r    *bufio.Reader
}

func (w *world) slowly(head string) *slowSender {
	w.t.Helper()
	conn, err := net.Dial("tcp", w.addr)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, head); err != nil {
		w.t.Fatal(err)
	}
	return &slowSender{conn, bufio.NewReader(conn)}
}

// answer waits for the answer; status is 0 when there was none.
func (s *slowSender) answer() (status int, text string) {
	_ = s.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	res, err := http.ReadResponse(s.r, nil)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	data, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(data)
}

// drip sends the same again and again until the connection is closed.
func (s *slowSender) drip(text string) {
	for _, err := io.WriteString(s.conn, text); err == nil; _, err = io.WriteString(s.conn, text) {
		time.Sleep(10 * time.Millisecond)
	}
}

// oneByte is a chunk of one byte.
const oneByte = "1\r\n \r\n"

// chunked is the head of a request whose body comes in chunks.
func (c *client) chunked(method, path, kind string) string {
	return fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\nCookie: %s\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n",
		method, path, c.w.addr, c.w.addr, c.cookie, kind)
}

const formKind = `multipart/form-data; boundary="x"`

// A request that comes a byte at a time is cut off when its time is up, whoever sends it and wherever to.
func TestSlowSendersAreCutOff(t *testing.T) {
	const most = 300 * time.Millisecond
	w := newWorld(t, func(c *Config) { c.readTimeout = most })
	nobody := w.client()
	for name, sent := range map[string][2]string{
		"signing in":     {nobody.chunked("POST", "/api/v1/sessions", "application/json"), oneByte},
		"a record":       {w.admin.chunked("POST", tasks, "application/json"), oneByte},
		"a known length": {strings.Replace(w.admin.chunked("POST", tasks, "application/json"), "Transfer-Encoding: chunked", "Content-Length: 60000", 1), " "},
		"the head":       {"GET /healthz HTTP/1.1\r\nX-Slow: ", "x"},
	} {
		s := w.slowly(sent[0])
		go s.drip(sent[1])
		status, text := s.answer()
		if status != http.StatusRequestTimeout || !strings.Contains(text, "request.slow") {
			t.Errorf("%s: %d %s", name, status, text)
		}
		if _, err := s.r.ReadByte(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: the connection goes on: %v", name, err)
		}
	}
	eventually(t, "the end of all work", func() bool { return w.s.inFlight.Load() == 0 })
}

// Who sends slowly takes nobody's place, however many they are: not among the requests in work, not among the uploads,
// and no memory for what they only say that they will send.
func TestSlowSendersHoldNothing(t *testing.T) {
	w := newWorld(t, nil)
	nobody := w.client()
	for _, head := range []string{
		nobody.chunked("POST", "/api/v1/sessions", "application/json"), // is read
		nobody.chunked("POST", tasks, "application/json"),              // is refused, and the rest thrown away
		nobody.chunked("POST", tasks+"/imports", formKind),
		w.admin.chunked("PATCH", tasks+"/none", "application/json"),
	} {
		for range maxInFlight/4 + 10 {
			if _, err := io.WriteString(w.slowly(head).conn, oneByte); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range maxUploadsPerActor {
		w.slowly(w.clerk.chunked("POST", "/api/v1/files", formKind))
	}
	sending := func(c *client) int {
		w.s.sending.mu.Lock()
		defer w.s.sending.mu.Unlock()
		return w.s.sending.count[c.id()]
	}
	eventually(t, "the uploads", func() bool { return sending(w.clerk) == maxUploadsPerActor })
	eventually(t, "idleness", func() bool { return w.s.inFlight.Load() == 0 })
	w.task(map[string]any{"title": "nobody waits"})
	body, kind := form(t, "file", "a.txt", "all at once")
	w.clerk.do("POST", "/api/v1/files", body, "Content-Type", kind).refused(429, "request.too_many")
	w.admin.do("POST", "/api/v1/files", body, "Content-Type", kind).want(201)
	if n := len(w.s.uploads); n != 0 {
		t.Errorf("%d uploads are worked on", n)
	}
}

// A flood of probes is answered from memory, and takes nothing from anybody: neither a place nor a token of the
// address that it comes from.
func TestProbesFlood(t *testing.T) {
	w := newWorld(t, nil)
	w.s.addresses = newLimiter(1e-9, 2)
	worked := w.s.worked.Load()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			c := w.client()
			for range 500 {
				for _, path := range []string{"/healthz", "/readyz"} {
					if a := c.do("GET", path, nil); a.status != http.StatusOK {
						t.Errorf("%s: %d", path, a.status)
						return
					}
				}
			}
		})
	}
	for range 20 {
		w.task(map[string]any{"title": "beside the flood"})
	}
	all.Wait()
	if n := w.s.worked.Load() - worked; n != 20 {
		t.Errorf("%d requests count as work", n)
	}
	w.client().do("GET", "/api/v1/setup", nil).want(200)
	w.client().do("GET", "/api/v1/setup", nil).want(200)
	w.client().do("GET", "/api/v1/setup", nil).refused(429, "request.too_many")
}
