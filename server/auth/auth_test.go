package auth

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// shipped is the cost of hashes in the product; tests use a cheap one.
var shipped = present

func TestMain(m *testing.M) {
	present = cost{memory: 64, passes: 1, threads: 1}
	os.Exit(storetest.Main(m))
}

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)} }

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a workspace served by two services with stores of their own, as by two processes.
type world struct {
	*testing.T
	clock *clock
	store *store.Store
	here  *Service
	there *Service
	admin *person
}

// person is someone signed in.
type person struct {
	id   string
	from From
	cred Credential
}

const (
	setupToken = "setup-token-of-this-test"
	password   = "correct horse battery"
)

// each runs a test in a new workspace on both databases; ada administers it.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		w := newWorld(t, c)
		if _, err := w.here.OfferSetup(t.Context(), setupToken); err != nil {
			t.Fatal(err)
		}
		signed, err := w.here.Setup(t.Context(), From{IP: "10.0.0.1"}, SetupRequest{
			Token: setupToken, Workspace: "Acme", Name: "Ada",
			Email: "ada@example.com", Password: password,
		})
		if err != nil {
			t.Fatal(err)
		}
		w.admin = w.come(signed.Cookie.Value)
		test(w)
	})
}

func newWorld(t *testing.T, c store.Config) *world {
	t.Helper()
	w := &world{T: t, clock: newClock()}
	c.Now = w.clock.read
	w.store = storetest.Open(t, c)
	w.here, w.there = w.service(w.store), w.service(storetest.Open(t, c))
	return w
}

func (w *world) service(s *store.Store) *Service {
	w.Helper()
	out, err := New(Options{Store: s, Now: w.clock.read, PublicURL: "https://tenon.example.com", HashSlots: 2})
	if err != nil {
		w.Fatal(err)
	}
	return out
}

// come authenticates with a session's secret.
func (w *world) come(secret string) *person {
	w.Helper()
	p := &person{cred: Credential{Session: secret}}
	a, err := w.here.Authenticate(w.Context(), p.cred)
	if err != nil {
		w.Fatalf("authenticate: %v", err)
	}
	p.id, p.from = a.ID, From{Actor: a, IP: "10.0.0.1"}
	return p
}

// join makes an account with a password and signs it in.
func (w *world) join(name string, change func(*NewUser)) *person {
	w.Helper()
	n := NewUser{Email: name + "@example.com", Name: name}
	if change != nil {
		change(&n)
	}
	u, code, err := w.here.CreateUser(w.Context(), w.admin.from, n)
	if err != nil {
		w.Fatalf("create %s: %v", name, err)
	}
	if err := w.here.UseReset(w.Context(), From{IP: "10.0.0.9"}, u.Email, code, password); err != nil {
		w.Fatalf("choose password: %v", err)
	}
	return w.login(u.Email, password)
}

func (w *world) login(email, password string) *person {
	w.Helper()
	signed, err := w.here.Login(w.Context(), From{IP: "10.0.0.2", Agent: "test"}, email, password)
	if err != nil {
		w.Fatalf("login %s: %v", email, err)
	}
	return w.come(signed.Cookie.Value)
}

// want fails unless err is a refusal with a code; "" wants none.
func want(t testing.TB, what string, err error, code diag.Code) {
	t.Helper()
	if got := codeOf(err); got != code {
		t.Errorf("%s: %q (%v), want %q", what, got, err, code)
	}
}

func codeOf(err error) diag.Code {
	var p *diag.Problem
	switch {
	case err == nil:
		return ""
	case errors.As(err, &p):
		return p.First().Code
	default:
		return diag.Internal
	}
}

func TestSetupHappensOnce(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		w := newWorld(t, c)
		ctx := t.Context()
		r := SetupRequest{Token: setupToken, Workspace: "Acme", Name: "Ada", Email: "ada@example.com", Password: password}
		if done, err := w.here.SetupDone(ctx); err != nil || done {
			t.Fatalf("a new workspace is set up: %v, %v", done, err)
		}
		_, err := w.here.Setup(ctx, From{}, r)
		want(t, "before a token was offered", err, "setup.token_wrong")
		_, err = w.here.Login(ctx, From{}, "admin@example.com", "admin123")
		want(t, "there is no default account", err, "login.failed")
		made, err := w.here.OfferSetup(ctx, "")
		if err != nil || len(made) < 32 {
			t.Fatalf("offered %q, %v", made, err)
		}
		if _, err = w.there.OfferSetup(ctx, setupToken); err != nil {
			t.Fatal(err)
		}
		old := r
		old.Token = made
		_, err = w.here.Setup(ctx, From{}, old)
		want(t, "token that was replaced", err, "setup.token_wrong")
		for _, token := range []string{"", "x", strings.ToUpper(setupToken)} {
			bad := r
			bad.Token = token
			_, err = w.here.Setup(ctx, From{}, bad)
			want(t, "wrong token", err, "setup.token_wrong")
		}
		weak := r
		weak.Password, weak.Email, weak.Workspace = "12345678", "ada", " "
		_, err = w.here.Setup(ctx, From{}, weak)
		var p *diag.Problem
		if !errors.As(err, &p) || !slices.Equal(p.List.Codes(), []diag.Code{"user.email_malformed", "account.required", "password.common"}) {
			t.Errorf("all at once: %v", err)
		}
		won := 0
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i := range 8 {
			service := []*Service{w.here, w.there}[i%2]
			wg.Go(func() {
				_, err := service.Setup(context.WithoutCancel(ctx), From{}, r)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if codeOf(err) != "setup.done" {
					t.Errorf("at the same time: %v", err)
				}
			})
		}
		wg.Wait()
		if won != 1 {
			t.Errorf("%d set-ups succeeded", won)
		}
		_, err = w.there.Setup(ctx, From{}, r)
		want(t, "second use", err, "setup.done")
		if token, err := w.here.OfferSetup(ctx, ""); err != nil || token != "" {
			t.Errorf("offered again: %q, %v", token, err)
		}
		if name, err := w.store.Reader().Setting(ctx, WorkspaceName); err != nil || name != "Acme" {
			t.Errorf("workspace %q, %v", name, err)
		}
	})
}

func TestLoginAnswersAlike(t *testing.T) {
	each(t, func(w *world) {
		w.join("bob", nil)
		gone := w.join("gone", nil)
		off := true
		if _, err := w.here.UpdateUser(w.Context(), w.admin.from, gone.id, UserPatch{Disabled: &off}); err != nil {
			w.Fatal(err)
		}
		if _, _, err := w.here.CreateUser(w.Context(), w.admin.from, NewUser{Email: "new@example.com", Name: "New"}); err != nil {
			w.Fatal(err)
		}
		for i, c := range []struct{ email, password string }{
			{"bob@example.com", "wrong password"},
			{"nobody@example.com", password},
			{"gone@example.com", password},
			{"new@example.com", ""},
			{"", ""},
			{"bob@example.com\x00", password},
			{"' OR 1=1 --", password},
			{"%", password},
			{strings.Repeat("x", 100_000), password},
		} {
			_, err := w.here.Login(w.Context(), From{IP: "10.1.0." + string(rune('1'+i))}, c.email, c.password)
			want(w.T, c.email[:min(len(c.email), 20)], err, "login.failed")
		}
		_, err := w.here.Login(w.Context(), From{}, "bob@example.com", strings.Repeat("x", MaxPassword+1))
		want(w.T, "long password", err, "password.too_long")
		w.login("BOB@Example.COM", password)
	})
}

func TestLoginIsThrottled(t *testing.T) {
	each(t, func(w *world) {
		w.join("bob", nil)
		try := func(ip, password string) error {
			_, err := w.here.Login(w.Context(), From{IP: ip}, "bob@example.com", password)
			return err
		}
		for range pairFree {
			want(w.T, "wrong", try("10.2.0.1", "wrong password"), "login.failed")
		}
		err := try("10.2.0.1", password)
		want(w.T, "the right password must wait as well", err, "login.throttled")
		var p *diag.Problem
		if !errors.As(err, &p) || p.First().Args["retry_after"] != int64(1) {
			w.Errorf("retry after %v", err)
		}
		want(w.T, "from elsewhere", try("10.2.0.2", password), "")
		w.clock.pass(time.Second)
		want(w.T, "after waiting", try("10.2.0.1", "wrong password"), "login.failed")
		want(w.T, "the wait grows", try("10.2.0.1", "wrong password"), "login.throttled")
		w.clock.pass(1500 * time.Millisecond)
		want(w.T, "the wait grows", try("10.2.0.1", "wrong password"), "login.throttled")
		w.clock.pass(500 * time.Millisecond)
		want(w.T, "right in the end", try("10.2.0.1", password), "")
		want(w.T, "and counted anew", try("10.2.0.1", "wrong password"), "login.failed")
		want(w.T, "IPv6 neighbours are one", try("2001:db8::1", "wrong password"), "login.failed")
		for i := range pairFree - 1 {
			want(w.T, "IPv6 neighbour", try("2001:db8::"+string(rune('2'+i)), "wrong password"), "login.failed")
		}
		want(w.T, "IPv6 neighbour", try("2001:db8::ffff", password), "login.throttled")
	})
}

// However many attempts come at once, no more passwords are looked at than in a row.
func TestLoginsAtOnceAreCountedFirst(t *testing.T) {
	each(t, func(w *world) {
		w.join("bob", nil)
		var mu sync.Mutex
		codes := map[diag.Code]int{}
		var wg sync.WaitGroup
		for i := range 40 {
			service := []*Service{w.here, w.there}[i%2]
			wg.Go(func() {
				_, err := service.Login(context.Background(), From{IP: "10.3.0.1"}, "bob@example.com", "wrong password")
				mu.Lock()
				defer mu.Unlock()
				codes[codeOf(err)]++
			})
		}
		wg.Wait()
		if codes["login.failed"] > pairFree || codes["login.failed"] == 0 {
			w.Errorf("%v", codes)
		}
		for code := range codes {
			if code != "login.failed" && code != "login.throttled" && code != "login.busy" {
				w.Errorf("%s: %v", code, codes)
			}
		}
	})
}

func TestHasherIsBounded(t *testing.T) {
	h := newHasher(1)
	leave, err := h.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.waiting.Store(maxWaiting)
	_, err = h.hash(t.Context(), "x")
	want(t, "queue full", err, "login.busy")
	h.waiting.Store(0)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err = h.hash(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	leave()
	if _, err = h.hash(t.Context(), "x"); err != nil {
		t.Error(err)
	}
}

// Whatever ends a session or a token, or changes what a person may do, another process knows within a second.
func TestRevocationIsSeenElsewhere(t *testing.T) {
	type act func(w *world, p *person) error
	off, yes := true, true
	cases := map[string]struct {
		act   act
		token bool // look through an API token instead of the session
		ends  bool // else: something of the actor differs
		same  func(before, after *policy.Actor) bool
	}{
		"logout": {act: func(w *world, p *person) error { return w.here.Logout(w.Context(), p.from) }, ends: true},
		"revoke session": {act: func(w *world, p *person) error {
			return w.here.RevokeSession(w.Context(), p.from, p.from.Actor.SessionID)
		}, ends: true},
		"disable": {act: func(w *world, p *person) error {
			_, err := w.here.UpdateUser(w.Context(), w.admin.from, p.id, UserPatch{Disabled: &off})
			return err
		}, ends: true},
		"disable, by token": {act: func(w *world, p *person) error {
			_, err := w.here.UpdateUser(w.Context(), w.admin.from, p.id, UserPatch{Disabled: &off})
			return err
		}, ends: true, token: true},
		"remove":           {act: func(w *world, p *person) error { return w.here.RemoveUser(w.Context(), w.admin.from, p.id) }, ends: true},
		"remove, by token": {act: func(w *world, p *person) error { return w.here.RemoveUser(w.Context(), w.admin.from, p.id) }, ends: true, token: true},
		"password changed elsewhere": {act: func(w *world, p *person) error {
			other := w.login(p.from.Actor.Email, password)
			return w.here.ChangePassword(w.Context(), other.from, password, "another good one")
		}, ends: true},
		"password changed, by token": {act: func(w *world, p *person) error {
			return w.here.ChangePassword(w.Context(), p.from, password, "another good one")
		}, ends: true, token: true},
		"reset used": {act: func(w *world, p *person) error {
			code, _, err := w.here.IssueReset(w.Context(), w.admin.from, p.id)
			if err != nil {
				return err
			}
			return w.here.UseReset(w.Context(), From{}, p.from.Actor.Email, code, "another good one")
		}, ends: true},
		"revoke token": {act: func(w *world, p *person) error {
			list, err := w.here.Tokens(w.Context(), p.from)
			if err != nil {
				return err
			}
			return w.here.RevokeToken(w.Context(), p.from, list[0].ID)
		}, ends: true, token: true},
		"role taken": {act: func(w *world, p *person) error {
			return w.here.Assign(w.Context(), w.admin.from, p.id, "trade", "keeper", false, nil)
		}, same: func(b, a *policy.Actor) bool { return len(b.Roles["trade"]) == len(a.Roles["trade"]) }},
		"role taken, by token": {act: func(w *world, p *person) error {
			return w.here.Assign(w.Context(), w.admin.from, p.id, "trade", "keeper", false, nil)
		}, token: true, same: func(b, a *policy.Actor) bool { return len(b.Roles["trade"]) == len(a.Roles["trade"]) }},
		"workspace role given": {act: func(w *world, p *person) error {
			_, err := w.here.UpdateUser(w.Context(), w.admin.from, p.id, UserPatch{Builder: &yes})
			return err
		}, same: func(b, a *policy.Actor) bool { return b.Builder == a.Builder }},
		"department left": {act: func(w *world, p *person) error {
			_, err := w.here.UpdateUser(w.Context(), w.admin.from, p.id, UserPatch{Departments: &[]string{}})
			return err
		}, same: func(b, a *policy.Actor) bool { return len(b.Departments) == len(a.Departments) }},
		"attributes changed": {act: func(w *world, p *person) error {
			_, err := w.here.UpdateUser(w.Context(), w.admin.from, p.id, UserPatch{Attributes: &map[string]string{"region": "west"}})
			return err
		}, same: func(b, a *policy.Actor) bool { return b.Attributes["region"] == a.Attributes["region"] }},
	}
	each(t, func(w *world) {
		head := "Head"
		d, err := w.here.PutDepartment(w.Context(), w.admin.from, "", DepartmentPatch{Name: &head})
		if err != nil {
			w.Fatal(err)
		}
		n := 0
		for name, c := range cases {
			n++
			p := w.join(fmt.Sprintf("bob%d", n), func(n *NewUser) { n.Departments = []string{d.ID} })
			if err := w.here.Assign(w.Context(), w.admin.from, p.id, "trade", "keeper", true, anyRole); err != nil {
				w.Fatal(err)
			}
			cred := p.cred
			if c.token {
				secret, _, err := w.here.CreateToken(w.Context(), p.from, "script", time.Time{})
				if err != nil {
					w.Fatal(err)
				}
				cred = Credential{Token: secret}
			}
			before, err := w.there.Authenticate(w.Context(), cred)
			if err != nil {
				w.Fatalf("%s: before: %v", name, err)
			}
			changed := w.here.Changed()
			if err := c.act(w, p); err != nil {
				w.Fatalf("%s: act: %v", name, err)
			}
			select {
			case <-changed:
			default:
				w.Errorf("%s: streams of the same process are not woken", name)
			}
			for at, s := range []*Service{w.here, w.there} {
				if at == 1 {
					w.clock.pass(900 * time.Millisecond)
				}
				after, err := s.Authenticate(w.Context(), cred)
				if c.ends {
					want(w.T, name, err, "session.expired")
				} else if err != nil || c.same(before, after) {
					w.Errorf("%s: service %d: %v, nothing changed", name, at, err)
				}
			}
		}
	})
}

func anyRole(id metamodel.ID) bool { return id != "" }

func TestFollowWakesStreams(t *testing.T) {
	each(t, func(w *world) {
		p := w.join("bob", nil)
		if _, err := w.there.Authenticate(w.Context(), p.cred); err != nil {
			w.Fatal(err)
		}
		changed := w.there.Changed()
		if err := w.here.Logout(w.Context(), p.from); err != nil {
			w.Fatal(err)
		}
		if err := w.there.follow(w.Context()); err != nil {
			w.Fatal(err)
		}
		select {
		case <-changed:
		default:
			w.Error("not woken")
		}
		_, err := w.there.Authenticate(w.Context(), p.cred)
		want(w.T, "after the wake", err, "session.expired")
	})
}

func TestSessionsRunOut(t *testing.T) {
	each(t, func(w *world) {
		p := w.join("bob", nil)
		for range 3 {
			w.clock.pass(DefaultSessionIdle - time.Hour)
			for _, s := range []*Service{w.here, w.there} {
				if _, err := s.Authenticate(w.Context(), p.cred); err != nil {
					w.Fatalf("in use: %v", err)
				}
			}
		}
		// Used through one server only: the other one must not think it idle.
		for range 3 {
			w.clock.pass(DefaultSessionIdle / 2)
			if _, err := w.here.Authenticate(w.Context(), p.cred); err != nil {
				w.Fatal(err)
			}
		}
		if _, err := w.there.Authenticate(w.Context(), p.cred); err != nil {
			w.Errorf("used elsewhere: %v", err)
		}
		w.clock.pass(DefaultSessionIdle)
		_, err := w.here.Authenticate(w.Context(), p.cred)
		want(w.T, "idle", err, "session.expired")

		q := w.login("bob@example.com", password)
		for range int(DefaultSessionLife/DefaultSessionIdle) * 2 {
			w.clock.pass(DefaultSessionIdle / 2)
			_, err = w.here.Authenticate(w.Context(), q.cred)
		}
		want(w.T, "too old, though in use", err, "session.expired")
		w.clock.pass(time.Second)
		if err := w.here.Sweep(w.Context()); err != nil {
			w.Fatal(err)
		}
		if _, err := w.store.Reader().Session(w.Context(), digest(q.cred.Session)); !errors.Is(err, store.ErrNotFound) {
			w.Errorf("not swept: %v", err)
		}
	})
}

func TestSessionsOfOnesOwn(t *testing.T) {
	each(t, func(w *world) {
		bob := w.join("bob", nil)
		eve := w.join("eve", nil)
		second := w.login("bob@example.com", password)
		list, err := w.here.Sessions(w.Context(), bob.from)
		if err != nil || len(list) != 2 {
			w.Fatalf("%d sessions, %v", len(list), err)
		}
		for _, s := range list {
			if s.Current != (s.ID == bob.from.Actor.SessionID) {
				w.Errorf("current: %+v", s)
			}
		}
		want(w.T, "somebody else's", w.here.RevokeSession(w.Context(), eve.from, bob.from.Actor.SessionID), "session.not_found")
		want(w.T, "none", w.here.RevokeSession(w.Context(), eve.from, "x"), "session.not_found")
		want(w.T, "the other one", w.here.RevokeSession(w.Context(), bob.from, second.from.Actor.SessionID), "")
		want(w.T, "oneself", w.here.RevokeSession(w.Context(), bob.from, CurrentSession), "")
		_, err = w.here.Authenticate(w.Context(), bob.cred)
		want(w.T, "afterwards", err, "session.expired")
		want(w.T, "nobody", w.here.RevokeSession(w.Context(), From{Actor: policy.Nobody()}, "x"), "session.required")
	})
}
