package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Work for a client that has gone away is stopped, and long before its deadline.
func TestDisconnectStopsTheWork(t *testing.T) {
	before := routes
	t.Cleanup(func() { routes = before })
	stopped := make(chan error, 1)
	begun := make(chan struct{})
	routes = []route{{"GET", "/slow", everyone, noBody, nil, func(_ *Server, x *exchange) error {
		close(begun)
		select {
		case <-x.ctx.Done():
			stopped <- x.ctx.Err()
		case <-time.After(workLimit):
			stopped <- errors.New("worked on")
		}
		return x.ctx.Err()
	}}}
	w := startServer(t, nil)
	conn, err := net.Dial("tcp", w.addr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-begun
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-stopped; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A download that nobody takes any more ends too: a server that stops waits for those that go on, and this one stops at
// the test's end.
func TestDisconnectStopsTheDownload(t *testing.T) {
	w := newWorld(t, nil)
	for range 20 {
		w.task(map[string]any{"title": "x", "region": "download"})
	}
	for range 20 {
		conn, err := net.Dial("tcp", w.addr)
		if err != nil {
			t.Fatal(err)
		}
		body := `{"format":"csv"}`
		_, _ = fmt.Fprintf(conn, "POST %s:export HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nCookie: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", tasks, w.admin.cookie, len(body), body)
		if _, err := conn.Read(make([]byte, 1)); err != nil {
			t.Error(err)
		}
		_ = conn.Close()
	}
}

// child is a server in a process of its own.
type child struct {
	cmd  *exec.Cmd
	addr string
	log  *logBuffer
}

func startChild(t *testing.T, dir, addr string) *child {
	t.Helper()
	c := &child{cmd: exec.CommandContext(t.Context(), os.Args[0]), addr: addr, log: &logBuffer{}}
	c.cmd.Env = append(os.Environ(), "TENON_TEST_MAIN=serve", "TENON_DATA="+dir, "TENON_ADDR="+addr, "TENON_SETUP_TOKEN="+testToken, "TENON_LOG=warn")
	c.cmd.Stderr = c.log
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 2000 {
		if res, err := http.Get("http://" + addr + "/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return c
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("not ready: %s", c.log)
	return nil
}

func (c *child) stop(t *testing.T) {
	t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Wait(); err != nil {
		t.Fatalf("stop: %v: %s", err, c.log)
	}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().String()
}

// A stop under load loses nothing that was accepted: every request that was sent is answered, and what was
// answered with success is there after the next start.
func TestStopLosesNothing(t *testing.T) {
	dir, addr := t.TempDir(), freeAddr(t)
	c := startChild(t, dir, addr)
	w := &world{t: t, addr: addr}
	w.furnish()
	r, status := w.admin.stream("app=board")
	if status != 200 {
		t.Fatal(status)
	}
	var accepted atomic.Int64
	var lost, unheard sync.Map
	var running sync.WaitGroup
	enough := make(chan struct{}, 8)
	for i := range 8 {
		running.Go(func() {
			http := &http.Client{}
			for n := 0; ; n++ {
				title := fmt.Sprintf("%d-%d", i, n)
				ok, over, err := postTask(t.Context(), http, w, title)
				if errors.Is(err, errUnheard) {
					unheard.Store(title, true)
					return
				}
				if err != nil {
					lost.Store(err.Error(), true)
				}
				if over || err != nil {
					return
				}
				if ok {
					accepted.Add(1)
				}
				if n == 5 {
					enough <- struct{}{}
				}
			}
		})
	}
	for range 8 {
		<-enough
	}
	c.stop(t)
	running.Wait()
	lost.Range(func(k, _ any) bool { t.Errorf("lost: %v", k); return true })
	for range r.frames { // the stream has ended
	}
	c = startChild(t, dir, addr)
	n := w.admin.do("GET", tasks+"?count=exact&page_size=1", nil).want(200).json()["count"].(float64)
	unheard.Range(func(title, _ any) bool {
		if got := w.admin.do("GET", tasks+"?count=exact&filter=title+%3D%3D+%27"+title.(string)+"%27", nil).want(200).json()["count"]; got != 0.0 {
			t.Errorf("%v was cut off and is there", title)
		}
		return true
	})
	if int64(n) < accepted.Load() || accepted.Load() == 0 {
		t.Errorf("%v tasks are there, %d were accepted", n, accepted.Load())
	}
	c.stop(t)
}

// postTask makes a task; over says that the server takes no more.
// errUnheard is a new connection that was cut off before anything came back: the machine had let it in, the server had
// not taken it yet. Its request must have had no effect.
var errUnheard = errors.New("cut off unheard")

func postTask(ctx context.Context, c *http.Client, w *world, title string) (ok, over bool, err error) {
	req, err := http.NewRequestWithContext(ctx, "POST", "http://"+w.addr+tasks, bytes.NewReader([]byte(`{"title":"`+title+`"}`)))
	if err != nil {
		return false, false, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", "http://"+w.addr)
	req.Header.Set("Cookie", w.admin.cookie)
	reused := false
	req = req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { reused = i.Reused }}))
	res, err := c.Do(req)
	if errors.Is(err, syscall.ECONNRESET) && !reused {
		return false, true, errUnheard
	}
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return false, true, nil // not let in: nothing was sent
	}
	if err != nil {
		return false, false, err
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	if res.StatusCode != http.StatusCreated && res.StatusCode != http.StatusServiceUnavailable {
		return false, false, fmt.Errorf("status %d", res.StatusCode)
	}
	return res.StatusCode == http.StatusCreated, false, nil
}

// Two servers can't share a data directory of the embedded database, and one that is killed leaves no lock.
func TestDataDirectoryIsLocked(t *testing.T) {
	dir := t.TempDir()
	release, err := lockData(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockData(dir); problemCode(err) != "config.data_locked" {
		t.Errorf("second lock: %v", err)
	}
	code, out := runCommand(t, []string{"TENON_DATA=" + dir}, "serve")
	if code != exitMisused || !strings.Contains(out, "config.data_locked") {
		t.Errorf("%d %s", code, out)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if release, err = lockData(dir); err != nil {
		t.Fatal(err)
	}
	_ = release()
}

// runCommand runs a command in this process and returns its exit code and all that it wrote.
func runCommand(t *testing.T, environ []string, args ...string) (int, string) {
	t.Helper()
	var out logBuffer
	code := run(t.Context(), &terminal{out: &out, err: &out, environ: environ, lang: "en-US", now: time.Now}, args)
	return code, out.String()
}

func TestCommands(t *testing.T) {
	dir := t.TempDir()
	env := []string{"TENON_DATA=" + filepath.Join(dir, "data"), "TENON_LOG=error"}
	folder := filepath.Join(dir, "out")
	zip, copyOf := filepath.Join(dir, "board.zip"), filepath.Join(dir, "backup.zip")
	other := []string{"TENON_DATA=" + filepath.Join(dir, "other"), "TENON_LOG=error"}
	broken := filepath.Join(dir, "broken")
	if err := os.MkdirAll(filepath.Join(broken, "entities"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(broken, "app.json"), []byte(`{"x-kind":"app","x-version":1,"x-name":"x"`), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		env  []string
		args string
		code int
		want string
	}{
		{env, "help", exitOK, "tenon serve"},
		{env, "--help", exitOK, "TENON_ADDR"},
		{env, "version", exitOK, runtime.Version()},
		{env, "fly", exitMisused, "command.unknown"},
		{env, "check", exitMisused, "command.usage"},
		{env, "check testdata/board", exitOK, "board: no errors."},
		{env, "check " + broken, exitFailed, "error"},
		{env, "check " + filepath.Join(dir, "absent"), exitFailed, "no such file"},
		{env, "export board " + folder, exitFailed, "app.not_found"},
		{env, "import board testdata/board --release first", exitOK, ""},
		{env, "import board testdata/board --later x", exitMisused, "command.usage"},
		{env, "diff board testdata/board", exitOK, ""},
		{env, "export board " + folder, exitOK, ""},
		{env, "export board " + zip, exitOK, ""},
		{env, "check " + folder, exitOK, "board: no errors."},
		{env, "check " + zip, exitOK, "board: no errors."},
		{env, "diff board " + folder, exitOK, ""},
		{env, "audit verify", exitOK, "whole"},
		{env, "audit", exitMisused, "command.usage"},
		{env, "verify board", exitOK, ""},
		{env, "verify", exitMisused, "command.usage"},
		{env, "verify nothing", exitFailed, "app.not_found"},
		{env, "backup " + copyOf, exitOK, ""},
		{env, "backup " + copyOf, exitMisused - 1, "backup.exists"},
		{env, "restore " + copyOf, exitFailed, "backup.not_empty"},
		{other, "restore " + zip, exitFailed, "backup.damaged"},
		{other, "restore " + copyOf, exitOK, ""},
		{other, "diff board testdata/board", exitOK, ""},
		{other, "audit verify", exitOK, "whole"},
		{append(env, "TENON_ADDR=127.0.0.1:1"), "health", exitFailed, ""},
		{append(env, "TENON_ADDR=x"), "serve", exitMisused, "config.value_malformed"},
		{env, "serve now", exitMisused, "command.usage"},
	}
	for _, c := range cases {
		code, out := runCommand(t, c.env, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%s: exit %d, want %d with %q:\n%s", c.args, code, c.code, c.want, out)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "entities", "vault.json"), []byte(`{"x-kind":"entity"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(folder, "roles", "clerk.json")); err != nil {
		t.Fatal(err)
	}
	_, out := runCommand(t, env, "diff", "board", folder)
	for _, line := range []string{"- roles/clerk.json", "~ entities/vault.json#/title"} {
		if !strings.Contains(out, line) {
			t.Errorf("diff has no %q:\n%s", line, out)
		}
	}
}

func TestTerminalLanguage(t *testing.T) {
	for env, want := range map[string]string{"": "zh-CN", "LANG=zh_CN.UTF-8": "zh-CN", "LANG=en_US.UTF-8": "en-US", "LANG=C.UTF-8": "en-US", "LANG=de_DE": "zh-CN"} {
		if got := terminalLanguage([]string{env}); got != want {
			t.Errorf("%q: %s", env, got)
		}
	}
	if got := terminalLanguage([]string{"LANG=zh_CN", "LC_ALL=en_US"}); got != "en-US" {
		t.Error(got)
	}
}
