package engine_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"tenon/engine"
	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/templates"
)

func TestMain(m *testing.M) {
	if act := os.Getenv(victimAct); act != "" {
		os.Exit(victim(act))
	}
	os.Exit(storetest.Main(m))
}

// world is an engine over an empty workspace with a moving clock.
type world struct {
	t     testing.TB
	e     *engine.Engine
	store *store.Store
	now   time.Time
}

var epoch = time.Date(2026, 3, 15, 2, 0, 0, 0, time.UTC)

func newWorld(t testing.TB, st *store.Store) *world {
	t.Helper()
	w := &world{t: t, store: st, now: epoch}
	e, err := engine.New(context.Background(), engine.Options{Store: st, Now: func() time.Time { return w.now }, Logger: slog.New(slog.DiscardHandler), PageKey: []byte("test key of pages")})
	if err != nil {
		t.Fatal(err)
	}
	w.e = e
	return w
}

// builder is someone who may build and release.
func builder() *policy.Actor {
	return &policy.Actor{Kind: policy.Person, ID: "01920000-0000-7000-8000-000000000001", Name: "builder", Admin: true, Builder: true, Reviewer: true, Roles: map[string][]metamodel.ID{}}
}

func (w *world) call(a *policy.Actor, app string) engine.Call {
	c := engine.Call{Actor: a, Now: w.now, Locale: "zh-CN", RequestID: "test", Budget: expr.NewBudget(expr.RequestBudget)}
	if app != "" {
		s, err := w.e.Snapshot(app, policy.Itself())
		if err != nil {
			w.t.Fatal(err)
		}
		c.Snap = s
	}
	return c
}

// bossOf is the shop's boss, for whom there is no world.
func bossOf(s *compile.Snapshot) *policy.Actor {
	return &policy.Actor{Kind: policy.Person, ID: "01920000-0000-7000-8000-0000000000" + hexOf([]string{"boss"}), Name: "boss", Roles: policy.Assigned(s.App, s.App.Role("boss"))}
}

// role is an actor with roles of the general template.
func (w *world) role(app string, names ...string) *policy.Actor {
	s, err := w.e.Snapshot(app, policy.Itself())
	if err != nil {
		w.t.Fatal(err)
	}
	var roles []*metamodel.Role
	for _, n := range names {
		r := s.App.Role(n)
		if r == nil {
			w.t.Fatalf("no role %s", n)
		}
		roles = append(roles, r)
	}
	return &policy.Actor{Kind: policy.Person, ID: "01920000-0000-7000-8000-0000000000" + hexOf(names), Name: strings.Join(names, "+"), Roles: policy.Assigned(s.App, roles...)}
}

func hexOf(names []string) string {
	n := 0
	for _, s := range names {
		for _, b := range []byte(s) {
			n += int(b)
		}
	}
	const digits = "0123456789abcdef"
	return string([]byte{digits[n>>4&15], digits[n&15]})
}

// install installs a template without demo data, through a trusted path: the roles are not assigned.
func (w *world) install(template string) {
	w.t.Helper()
	body, err := json.Marshal(map[string]any{"template": template})
	if err != nil {
		w.t.Fatal(err)
	}
	a := builder()
	a.ID = ""
	if _, err := w.e.AppCreate(context.Background(), w.call(a, ""), body); err != nil {
		w.t.Fatalf("install %s: %v", template, err)
	}
}

// must decodes an answer.
func must[T any](t testing.TB, r *engine.Result, err error) T {
	t.Helper()
	var v T
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(r.Body, &v); err != nil {
		t.Fatalf("%s: %v", r.Body, err)
	}
	return v
}

// refused asserts that an error is a refusal with a code, at a pointer unless that is "".
func refused(t testing.TB, err error, code diag.Code, pointer string) {
	t.Helper()
	var p *diag.Problem
	if err == nil {
		t.Fatalf("not refused with %s", code)
	}
	if !asProblem(err, &p) {
		t.Fatalf("not a refusal: %v", err)
	}
	for _, d := range p.List {
		if d.Code == code && (pointer == "" || d.Path == pointer) {
			return
		}
	}
	t.Fatalf("refused, but not with %s at %q: %v", code, pointer, err)
}

func TestTemplateScenarios(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st)
		for _, tpl := range templates.List() {
			w.install(tpl.Name)
			results, err := w.e.RunScenarios(context.Background(), tpl.Name)
			if err != nil {
				t.Fatal(err)
			}
			if len(results) < 25 {
				t.Errorf("%s has %d scenarios", tpl.Name, len(results))
			}
			for _, r := range results {
				for _, f := range r.Failures {
					t.Errorf("%s (%s): %s", r.Name, r.Title, f)
				}
			}
		}
	})
}
