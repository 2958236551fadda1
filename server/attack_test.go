package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel/diag"
)

// attack is one case of testdata/attacks: who asks for what, and how it is refused. {{name}} stands for the id of
// a record or person of the world, or for what an earlier case of the file has captured.
type attack struct {
	Name    string            `json:"name"`
	As      string            `json:"as"`      // a person of the world, admin, or nobody
	Request parts             `json:"request"` // method and path
	Query   map[string]string `json:"query"`
	Headers map[string]string `json:"headers"` // "" takes a header away
	Body    json.RawMessage   `json:"body"`    // sent as it stands here
	Raw     parts             `json:"raw"`     // sent instead of Body
	Upload  *hostileFile      `json:"upload"`

	Status   int               `json:"status"`
	Code     diag.Code         `json:"code"`
	Pointers []string          `json:"pointers"` // where the errors are, all of them
	Like     [][2]string       `json:"like"`     // asked again with these texts replaced, the answer is the same
	Lacks    []string          `json:"lacks"`    // texts that the answer must not hold
	Holds    []string          `json:"holds"`    // texts that it must
	Header   map[string]string `json:"header"`   // texts that headers of the answer must hold
	Changes  bool              `json:"changes"`  // the case is a control that may change something
	Capture  map[string]string `json:"capture"`  // variable → member of the answer
}

// parts is a text, or a list of texts and of {"repeat", "times"} and {"hex"}.
type parts string

func (p *parts) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, (*string)(p))
	}
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	var out strings.Builder
	for _, item := range list {
		if item[0] == '"' {
			var text string
			if err := json.Unmarshal(item, &text); err != nil {
				return err
			}
			out.WriteString(text)
			continue
		}
		var one struct {
			Repeat string `json:"repeat"`
			Times  int    `json:"times"`
			Hex    string `json:"hex"`
		}
		if err := json.Unmarshal(item, &one); err != nil {
			return err
		}
		out.WriteString(strings.Repeat(one.Repeat, one.Times))
		var raw []byte
		if _, err := fmt.Sscanf(one.Hex, "%x", &raw); err != nil && one.Hex != "" {
			return err
		}
		out.Write(raw)
	}
	*p = parts(out.String())
	return nil
}

// suite is a file of cases.
type suite struct {
	About string   `json:"about"`
	Cases []attack `json:"cases"`
}

func readAttackFile(t testing.TB, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "attacks", name))
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// TestAttacks runs every file of cases on both databases. A refused case is a problem with its status and code,
// changes nothing, and leaves an entry in the audit log where the caller is known.
func TestAttacks(t *testing.T) {
	files, err := filepath.Glob("testdata/attacks/*.json")
	if err != nil || len(files) < 2 {
		t.Fatalf("no cases: %v", err)
	}
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		w := newGuardedWorld(t, c)
		for _, path := range files {
			file := filepath.Base(path)
			if file == "world.json" {
				continue
			}
			t.Run(strings.TrimSuffix(file, ".json"), func(t *testing.T) {
				var s suite
				readAttackFile(t, file, &s)
				refused := map[string]refusal{}
				for i := range s.Cases {
					t.Run(s.Cases[i].Name, func(t *testing.T) { w.attack(t, &s.Cases[i], refused) })
				}
				w.wantAudited(t, refused)
			})
		}
	})
}

// attack runs one case.
func (w *guarded) attack(t *testing.T, c *attack, refused map[string]refusal) {
	before := w.digest(t)
	a := w.ask(t, c, nil)
	if a.status != c.Status {
		t.Fatalf("status %d, want %d: %.700s", a.status, c.Status, a.body)
	}
	c.judge(t, a)
	for _, text := range c.Lacks {
		if strings.Contains(string(a.body), w.fill(t, text)) {
			t.Errorf("the answer holds %q: %.700s", text, a.body)
		}
	}
	for _, text := range c.Holds {
		if !strings.Contains(string(a.body), w.fill(t, text)) {
			t.Errorf("the answer lacks %q: %.700s", text, a.body)
		}
	}
	for name, text := range c.Header {
		if !strings.Contains(a.header.Get(name), text) {
			t.Errorf("%s: %q lacks %q", name, a.header.Get(name), text)
		}
	}
	if len(c.Like) > 0 {
		w.wantLike(t, c, a)
	}
	if after := w.digest(t); after != before && !c.Changes {
		t.Errorf("something has changed:\n%s", firstDifference(before, after))
	}
	if known := c.As != "nobody" && a.status != http.StatusUnauthorized; known && a.status >= 400 && a.status < 500 && a.status != http.StatusTooManyRequests {
		refused[a.header.Get("X-Request-Id")] = refusal{c.Name, c.Code}
	}
	for variable, member := range c.Capture {
		w.vars[variable] = a.text(member)
	}
}

// judge holds a refusal to the form of refusals.
func (c *attack) judge(t *testing.T, a *answer) {
	if c.Code == "" {
		if a.status >= 400 {
			t.Errorf("a refusal needs a code: %.700s", a.body)
		}
		return
	}
	a.refused(c.Status, c.Code)
	if c.Pointers == nil {
		return
	}
	var p struct {
		Errors []struct {
			Pointer string `json:"pointer"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range p.Errors {
		got = append(got, e.Pointer)
	}
	if !slices.Equal(got, c.Pointers) {
		t.Errorf("pointers %q, want %q: %.700s", got, c.Pointers, a.body)
	}
}

// wantLike asks again with texts replaced: but for these texts and the request's id, the answer must be the same.
func (w *guarded) wantLike(t *testing.T, c *attack, a *answer) {
	other := w.ask(t, c, c.Like)
	blank := func(a *answer) string {
		text := strings.ReplaceAll(string(a.body), a.header.Get("X-Request-Id"), "REQUEST")
		for _, pair := range c.Like {
			for _, one := range pair {
				text = strings.ReplaceAll(text, w.fill(t, one), "TEXT")
				text = strings.ReplaceAll(text, url.PathEscape(w.fill(t, one)), "TEXT")
			}
		}
		return positions.ReplaceAllString(text, `"position"`)
	}
	if x, y := blank(a), blank(other); a.status != other.status || x != y {
		t.Errorf("%d and %d:\n%s\n%s", a.status, other.status, x, y)
	}
	for name := range a.header {
		switch name {
		case "Date", "X-Request-Id", "Content-Length":
			continue
		}
		if a.header.Get(name) != other.header.Get(name) {
			t.Errorf("%s: %q and %q", name, a.header.Get(name), other.header.Get(name))
		}
	}
}

// positions are places in a formula, which differ with the length of a name.
var positions = regexp.MustCompile(`"position":\{[^}]*\}`)

var variable = regexp.MustCompile(`\{\{([a-z_0-9]+)\}\}`)

// fill puts ids in the place of {{names}}.
func (w *guarded) fill(t *testing.T, text string) string {
	t.Helper()
	return variable.ReplaceAllStringFunc(text, func(m string) string {
		v, ok := w.vars[m[2:len(m)-2]]
		if !ok {
			t.Fatalf("nothing is called %s", m)
		}
		return v
	})
}

// ask sends a case's request, with texts replaced.
func (w *guarded) ask(t *testing.T, c *attack, replace [][2]string) *answer {
	t.Helper()
	fill := func(text string) string {
		for _, pair := range replace {
			text = strings.ReplaceAll(text, pair[0], pair[1])
		}
		return w.fill(t, text)
	}
	method, path, _ := strings.Cut(fill(string(c.Request)), " ")
	if len(c.Query) > 0 {
		q := url.Values{}
		for k, v := range c.Query {
			q.Set(fill(k), fill(v))
		}
		path += "?" + q.Encode()
	}
	headers := map[string]string{}
	var body io.Reader
	switch {
	case c.Upload != nil:
		data, kind := c.Upload.form(t)
		body, headers["Content-Type"] = bytes.NewReader(data), kind
	case c.Raw != "":
		body, headers["Content-Type"] = strings.NewReader(fill(string(c.Raw))), "application/json"
	case c.Body != nil:
		body, headers["Content-Type"] = strings.NewReader(fill(string(c.Body))), "application/json"
	}
	for k, v := range c.Headers {
		headers[k] = fill(v)
	}
	return w.person(t, c.As).send(t, method, path, body, headers)
}

// send sends a request as Tenon's own page does, but for the headers given.
func (c *client) send(t *testing.T, method, path string, body io.Reader, headers map[string]string) *answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+c.w.addr, body)
	if err != nil {
		t.Fatal(err)
	}
	path, query, _ := strings.Cut(path, "?")
	req.URL.Opaque, req.URL.RawQuery = "//"+c.w.addr+path, query
	req.Header.Set("Origin", "http://"+c.w.addr)
	req.Header.Set("Accept-Language", "en-US")
	if c.cookie != "" {
		req.Header.Set("Cookie", c.cookie)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for k, v := range headers {
		if v == "" {
			req.Header.Del(k)
			continue
		}
		req.Header.Set(k, v)
	}
	res, err := c.http.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return &answer{t: t, name: method + " " + path, status: res.StatusCode, header: res.Header, body: data}
}

// firstDifference shows the first line in which two digests differ.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range max(len(x), len(y)) {
		var p, q string
		if i < len(x) {
			p = x[i]
		}
		if i < len(y) {
			q = y[i]
		}
		if p != q {
			return "- " + p + "\n+ " + q
		}
	}
	return ""
}
