package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tenon/bench/plain"
	"tenon/engine/store"
)

const (
	setupToken = "a-token-for-setting-up"
	password   = "correct horse battery staple"
	batchRows  = 500
)

// child is a server in a process of its own, so that its CPU time is its own.
type child struct {
	name   string
	cmd    *exec.Cmd
	addr   string
	log    bytes.Buffer
	tokens []string
}

// start runs a copy of this program as a server until the test ends.
func start(t testing.TB, name, addr string, env ...string) *child {
	t.Helper()
	c := &child{name: name, addr: addr, cmd: exec.CommandContext(context.Background(), os.Args[0])}
	c.cmd.Env = append(append(os.Environ(), envChild+"="+name), env...)
	if *profiles != "" {
		c.cmd.Env = append(c.cmd.Env, envProfile+"="+filepath.Join(*profiles, fmt.Sprintf("%s-%d.pprof", name, time.Now().UnixMilli())))
	}
	c.cmd.Stderr = &c.log
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.stop(t) })
	for range 2000 {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			_ = conn.Close()
			return c
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("%s is not ready: %s", name, c.log.Bytes())
	return nil
}

// startTenon runs Tenon on a database until the test ends.
func startTenon(t testing.TB, c store.Config) *child {
	t.Helper()
	addr := freeAddr(t)
	return start(t, "tenon", addr, "TENON_DATA="+c.Dir, "TENON_DATABASE_URL="+c.URL, "TENON_ADDR="+addr, "TENON_SETUP_TOKEN="+setupToken, "TENON_LOG=warn")
}

func (c *child) stop(t testing.TB) {
	t.Helper()
	if c.cmd.ProcessState != nil {
		return
	}
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("stop %s: %v", c.name, err)
	}
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("stop %s: %v: %s", c.name, err, c.log.Bytes())
	}
}

func freeAddr(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().String()
}

// world is both servers over the same data, each with a database of its own of the same kind.
type world struct {
	tenon, plain *child
	suppliers    []string
	visible      []string // ids of products that the people who ask may see
}

// newWorld fills and starts both servers. The hand-written one gets the ids that Tenon gave.
func newWorld(t testing.TB, database func(testing.TB) store.Config, products, people int) *world {
	t.Helper()
	c := database(t)
	w := &world{tenon: startTenon(t, c)}
	admin := w.furnish(t, people)
	s := newShop(1)
	suppliers := make([]plain.Supplier, supplierRows)
	for i := range suppliers {
		suppliers[i] = s.supplier(i)
	}
	fill(admin, "supplier", suppliers, func(p *plain.Supplier, id string) { p.ID, p.Version = id, 1 })
	rows := make([]plain.Product, products)
	for i := range rows {
		rows[i] = s.product(i, suppliers[s.r.IntN(len(suppliers))].ID, regions[i%len(regions)])
	}
	fill(admin, "product", rows, func(p *plain.Product, id string) { p.ID, p.Version = id, 1 })
	for i := range suppliers {
		w.suppliers = append(w.suppliers, suppliers[i].ID)
	}
	for i := range rows {
		if rows[i].Region == allowed {
			w.visible = append(w.visible, rows[i].ID)
		}
	}
	own := database(t)
	w.startPlain(t, own, suppliers, rows, people)
	for _, url := range []string{c.URL, own.URL} {
		if url == "" {
			continue
		}
		if err := plain.Analyze(context.Background(), url); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// furnish sets Tenon up: the app, an administrator, and the people who ask, each with a token.
func (w *world) furnish(t testing.TB, people int) (admin *api) {
	t.Helper()
	admin = w.tenon.furnish(t)
	admin.release("shop", "lead")
	for i := range people {
		email := fmt.Sprintf("p%d@example.com", i)
		id := admin.do("POST", "/api/v1/users", 201, object{"email": email, "name": email, "password": password + "1", "attributes": object{"region": allowed}}).text("id")
		admin.do("PUT", "/api/v1/apps/shop/roles/buyer/users/"+id, 204, nil)
		person := &api{t: t, addr: w.tenon.addr}
		person.signIn(email, password+"1")
		person.do("PATCH", "/api/v1/me", 200, object{"current_password": password + "1", "password": password + "2"})
		w.tenon.tokens = append(w.tenon.tokens, person.do("POST", "/api/v1/tokens", 201, object{"name": "bench"}).text("token"))
	}
	return admin
}

// furnish sets Tenon up with its first administrator.
func (c *child) furnish(t testing.TB) *api {
	t.Helper()
	admin := &api{t: t, addr: c.addr}
	admin.do("POST", "/api/v1/setup", 201, object{"token": setupToken, "email": "admin@example.com", "name": "Admin", "password": password})
	admin.signIn("admin@example.com", password)
	return admin
}

// release makes an app of its documents in testdata and gives the administrator a role of it.
func (a *api) release(app, role string) {
	a.t.Helper()
	path := "/api/v1/apps/" + app
	a.do("POST", "/api/v1/apps", 201, object{"name": app, "title": app})
	a.do("PUT", path+"/documents", 200, object{"documents": documents(a.t, app)})
	a.do("POST", path+"/releases", 201, object{"reason": "first"})
	a.do("PUT", path+"/roles/"+role+"/users/"+a.do("GET", "/api/v1/me", 200, nil).text("id"), 204, nil)
}

// documents are an app's, by path.
func documents(t testing.TB, app string) map[string]json.RawMessage {
	t.Helper()
	root, out := filepath.Join("testdata", app), map[string]json.RawMessage{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path)
		out[filepath.ToSlash(name)] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// fill creates records in Tenon and tells each the id that it got.
func fill[T any](admin *api, entity string, rows []T, made func(*T, string)) {
	admin.t.Helper()
	for len(rows) > 0 {
		part := rows[:min(len(rows), batchRows)]
		rows = rows[len(part):]
		operations := make([]object, len(part))
		for i := range part {
			operations[i] = object{"create": values(part[i])}
		}
		results, _ := admin.do("POST", "/api/v1/apps/shop/"+entity+":batch", 200, object{"operations": operations})["results"].([]any)
		if len(results) != len(part) {
			admin.t.Fatalf("%d results of %d operations", len(results), len(part))
		}
		for i, r := range results {
			made(&part[i], object(r.(map[string]any)).text("id"))
		}
	}
}

// startPlain fills the hand-written server's database with the same records, and starts it.
func (w *world) startPlain(t testing.TB, c store.Config, suppliers []plain.Supplier, products []plain.Product, people int) {
	t.Helper()
	at, addr := c.Dir, freeAddr(t)
	if c.URL != "" {
		at = c.URL
	}
	now := plain.Instant{Time: time.Now().UTC().Truncate(time.Microsecond)}
	for i := range suppliers {
		suppliers[i].CreatedAt, suppliers[i].UpdatedAt = now, now
	}
	for i := range products {
		products[i].CreatedAt, products[i].UpdatedAt = now, now
	}
	db, err := plain.Open(context.Background(), at)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Load(context.Background(), suppliers, products), db.Close()); err != nil {
		t.Fatal(err)
	}
	var users, tokens []string
	for i := range people {
		token := fmt.Sprintf("plain_%032d", i)
		tokens = append(tokens, token)
		users = append(users, fmt.Sprintf("%s=00000000-0000-7000-8000-%012d=%s", token, i, allowed))
	}
	w.plain = start(t, "plain", addr, plain.EnvAddr+"="+addr, plain.EnvDatabase+"="+at, plain.EnvUsers+"="+strings.Join(users, ","))
	w.plain.tokens = tokens
}

type object map[string]any

func (o object) text(name string) string {
	s, _ := o[name].(string)
	return s
}

// api talks to Tenon as its pages do, to set it up.
type api struct {
	t      testing.TB
	addr   string
	cookie string
}

func (a *api) signIn(email, secret string) {
	a.t.Helper()
	a.do("POST", "/api/v1/sessions", 201, object{"email": email, "password": secret})
}

func (a *api) do(method, path string, want int, body object) object {
	a.t.Helper()
	var in io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			a.t.Fatal(err)
		}
		in = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, "http://"+a.addr+path, in)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Origin", "http://"+a.addr)
	req.Header.Set("Cookie", a.cookie)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != want {
		a.t.Fatalf("%s %s: status %d, want %d (%v): %.600s", method, path, res.StatusCode, want, err, data)
	}
	for _, k := range res.Cookies() {
		a.cookie = k.Name + "=" + k.Value
	}
	out := object{}
	if len(data) > 0 {
		if err := json.Unmarshal(data, &out); err != nil {
			a.t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return out
}
