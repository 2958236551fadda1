package server

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"slices"
	"strings"
	"testing"
	"time"

	"tenon/engine/policy"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel/diag"
)

// guarded is a running server with an app that has something to guard, and with people who may see parts of it.
type guarded struct {
	*world
	people map[string]*client
	vars   map[string]string // ids by name
}

// guardedWorld is testdata/attacks/world.json.
type guardedWorld struct {
	People []struct {
		Name     string   `json:"name"`
		Roles    []string `json:"roles"`
		Builder  bool     `json:"builder"`
		Reviewer bool     `json:"reviewer"`

		Attributes map[string]string `json:"attributes"`
	} `json:"people"`
	Records []struct {
		Handle     string          `json:"handle"`
		Entity     string          `json:"entity"`
		Values     json.RawMessage `json:"values"`
		Deleted    bool            `json:"deleted"`
		Transition string          `json:"transition"`
	} `json:"records"`
}

const guardedApp = "/api/v1/apps/guarded"

func newGuardedWorld(t *testing.T, c store.Config) *guarded {
	t.Helper()
	g := &guarded{people: map[string]*client{}, vars: map[string]string{"absent": "01970000-0000-7000-8000-000000000000"}}
	g.world = startServer(t, func(cfg *Config) { cfg.Data, cfg.DatabaseURL = c.Dir, NewSecret(c.URL) })
	g.s.addresses, g.s.actors = newLimiter(1e6, 1e6), newLimiter(1e6, 1e6) // floods have a test of their own
	g.admin = g.client()
	g.admin.do("POST", "/api/v1/setup", map[string]any{"token": testToken, "email": adminEmail, "name": "Admin", "password": testPassword}).want(201)
	g.people["admin"], g.people["nobody"], g.vars["admin"] = g.admin, g.client(), g.admin.id()
	g.admin.do("POST", "/api/v1/apps", map[string]any{"name": "guarded", "title": "Guarded"}).want(201)
	files, err := readFiles("testdata/guarded")
	if err != nil {
		t.Fatal(err)
	}
	docs := map[string]json.RawMessage{}
	for name, data := range files {
		docs[name] = data
	}
	g.admin.do("PUT", guardedApp+"/documents", map[string]any{"documents": docs}).want(200)
	g.admin.do("POST", guardedApp+"/releases", map[string]any{"reason": "first"}).want(201)
	g.admin.do("PUT", guardedApp+"/roles/boss/users/"+g.vars["admin"], nil).want(204)
	var made guardedWorld
	readAttackFile(t, "world.json", &made)
	g.populate(t, &made)
	return g
}

func (w *guarded) populate(t *testing.T, made *guardedWorld) {
	t.Helper()
	for _, p := range made.People {
		email := p.Name + "@example.com"
		u := w.admin.do("POST", "/api/v1/users", map[string]any{"email": email, "name": p.Name, "builder": p.Builder, "reviewer": p.Reviewer, "attributes": p.Attributes}).want(201)
		w.vars[p.Name] = u.text("id")
		c := w.client()
		c.do("POST", "/api/v1/password-resets", map[string]any{"email": email, "code": u.text("reset_code"), "password": testPassword}).want(204)
		c.do("POST", "/api/v1/sessions", map[string]any{"email": email, "password": testPassword}).want(201)
		for _, role := range p.Roles {
			w.admin.do("PUT", guardedApp+"/roles/"+role+"/users/"+w.vars[p.Name], nil).want(204)
		}
		w.people[p.Name] = c
	}
	for _, r := range made.Records {
		id := w.admin.do("POST", guardedApp+"/"+r.Entity, w.fill(t, string(r.Values))).want(201).text("id")
		w.vars[r.Handle] = id
		if r.Transition != "" {
			w.admin.do("POST", guardedApp+"/"+r.Entity+"/"+id+":transition", map[string]any{"transition": r.Transition}).want(200)
		}
		if r.Deleted {
			w.admin.do("DELETE", guardedApp+"/"+r.Entity+"/"+id, nil).want(204)
		}
	}
}

// person is the client of someone in the world.
func (w *guarded) person(t *testing.T, name string) *client {
	t.Helper()
	c := w.people[name]
	if c == nil {
		t.Fatalf("nobody is called %s", name)
	}
	return c
}

// digest is everything that an attack must leave as it is: records, the state of the documents, accounts and
// their roles.
func (w *guarded) digest(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	snap, err := w.s.engine.Snapshot("guarded", policy.Itself())
	if err != nil {
		t.Fatal(err)
	}
	r := w.store.Reader()
	env := &query.Env{Model: snap.Model, Now: time.Now(), Zone: snap.Zone}
	for _, e := range snap.App.Entities {
		if e.IsLines() {
			continue
		}
		page, err := r.Select(t.Context(), &query.Select{Entity: e, Limit: 10_000, Bin: query.Any}, env)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.FillLines(t.Context(), e, page.Rows); err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Rows {
			fmt.Fprintln(&b, e.Name, row)
		}
	}
	refs, err := r.Refs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(&b, refs)
	users, err := r.Users(t.Context(), store.UserFilter{}, store.UserPlace{}, 500)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range users {
		roles, err := r.RolesOf(t.Context(), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		tokens, err := r.Tokens(t.Context(), u.ID, "", store.MaxTokens)
		if err != nil {
			t.Fatal(err)
		}
		hash, err := r.PasswordOf(t.Context(), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range roles {
			slices.Sort(list)
		}
		fmt.Fprintln(&b, u.ID, u.Email, u.Name, u.Admin, u.Builder, u.Reviewer, u.Disabled, u.Attributes, roles, len(tokens), hash)
	}
	return b.String()
}

// refusal is a case that was refused, and with which code.
type refusal struct {
	name string
	code diag.Code
}

// wantAudited waits until the journal holds every refusal, with its code.
func (w *guarded) wantAudited(t *testing.T, refused map[string]refusal) {
	t.Helper()
	until := time.Now().Add(20 * time.Second)
	for len(refused) > 0 {
		entries, err := w.store.Reader().Entries(t.Context(), store.JournalFilter{Action: "refusal"}, 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if r, ok := refused[e.RequestID]; ok {
				delete(refused, e.RequestID)
				if e.Code != string(r.code) {
					t.Errorf("%s: the audit says %s", r.name, e.Code)
				}
			}
		}
		if time.Now().After(until) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	for _, r := range refused {
		t.Errorf("%s: not in the audit", r.name)
	}
}

// hostileFile is an upload: its content as it stands, or a zip archive made of entries.
type hostileFile struct {
	Name    string `json:"name"`
	Field   string `json:"field"` // "file" unless given
	Content parts  `json:"content"`
	Zip     []struct {
		Name    string `json:"name"`
		Times   int    `json:"times"` // as many entries, numbered
		Content parts  `json:"content"`
	} `json:"zip"`
}

// form is the multipart body of an upload.
func (f *hostileFile) form(t *testing.T) (body []byte, contentType string) {
	t.Helper()
	content := []byte(f.Content)
	if f.Zip != nil {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, e := range f.Zip {
			for i := range max(1, e.Times) {
				name := e.Name
				if e.Times > 0 {
					name = fmt.Sprintf("%s%d", e.Name, i)
				}
				part, err := z.Create(name)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := part.Write([]byte(e.Content)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		content = b.Bytes()
	}
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	field := f.Field
	if field == "" {
		field = "file"
	}
	p, err := m.CreateFormFile(field, f.Name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), m.FormDataContentType()
}
