package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/metamodel/diag"
)

// Defaults of Options.
const (
	DefaultSessionLife = 14 * 24 * time.Hour // from signing in
	DefaultSessionIdle = 24 * time.Hour      // without a request
)

// Options are what a Service is made of.
type Options struct {
	Store  *store.Store
	Now    func() time.Time
	Logger *slog.Logger
	// PublicURL is how people reach the server; "" means as they ask. With https, cookies are bound to it.
	PublicURL   string
	SessionLife time.Duration
	SessionIdle time.Duration
	// HashSlots is how many passwords are hashed at the same time; each takes 19 MiB and a core. 0 is half of the
	// cores.
	HashSlots int
}

// Service answers who acts. It is safe for concurrent use. Several of them, in one process or many, may serve one
// workspace.
type Service struct {
	store  *store.Store
	now    func() time.Time
	log    *slog.Logger
	origin string // of the public URL; "" = as asked
	secure bool
	life   time.Duration
	idle   time.Duration
	hasher *hasher

	cache   atomic.Pointer[cache]
	forgets atomic.Int64 // how often Forget was called
	check   sync.Mutex   // one epoch check at a time
	waitMu  sync.Mutex
	change  chan struct{} // closed at the next change of rights
}

// New makes a service over a store.
func New(o Options) (*Service, error) {
	if o.Store == nil || o.Now == nil {
		return nil, errors.New("make auth service: no store or no clock")
	}
	s := &Service{store: o.Store, now: o.Now, log: o.Logger, life: o.SessionLife, idle: o.SessionIdle, change: make(chan struct{})}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.life <= 0 {
		s.life = DefaultSessionLife
	}
	if s.idle <= 0 {
		s.idle = DefaultSessionIdle
	}
	if o.PublicURL != "" {
		u, err := url.Parse(o.PublicURL)
		if err != nil || u.Host == "" {
			return nil, errors.New("make auth service: the public URL is malformed")
		}
		s.origin = originOf(u.Scheme, u.Host)
		s.secure = strings.EqualFold(u.Scheme, "https")
	}
	slots := o.HashSlots
	if slots <= 0 {
		slots = max(1, runtime.GOMAXPROCS(0)/2)
	}
	s.hasher = newHasher(slots)
	return s, nil
}

// From says where a call comes from.
type From struct {
	Actor     *policy.Actor
	IP        string
	Agent     string
	RequestID string
}

// by is From as the journal keeps it.
func (f From) by() store.By {
	a := f.Actor
	if a == nil {
		a = policy.Nobody()
	}
	return store.By{Actor: a.ID, ActorKind: a.Kind.String(), RequestID: f.RequestID}
}

// signedIn refuses anonymous callers.
func (f From) signedIn() error {
	if f.Actor == nil || f.Actor.ID == "" || f.Actor.Kind == policy.Anonymous {
		return diag.Refuse("session.required", "")
	}
	return nil
}

// inSession refuses callers by API token: a stolen token must not make itself more than it is.
func (f From) inSession() error {
	if err := f.signedIn(); err != nil {
		return err
	}
	if f.Actor.Kind != policy.Person {
		return diag.Refuse("token.session_needed", "")
	}
	return nil
}

// admin refuses all but workspace administrators.
func (f From) admin() error {
	if err := f.ready(); err != nil {
		return err
	}
	if !f.Actor.Admin {
		return diag.Refuse("access.role_needed", "", "role", "admin")
	}
	return nil
}

// ready refuses anonymous callers and those who must change their password first.
func (f From) ready() error {
	if err := f.signedIn(); err != nil {
		return err
	}
	return Ready(f.Actor)
}

// readySession is inSession and ready.
func (f From) readySession() error {
	if err := f.inSession(); err != nil {
		return err
	}
	return Ready(f.Actor)
}

// Ready refuses an actor who must change the password before anything else.
func Ready(a *policy.Actor) error {
	if a.MustChange {
		return diag.Refuse("session.password_change_needed", "")
	}
	return nil
}

// write changes accounts and lets this process notice at once.
func (s *Service) write(ctx context.Context, fn func(ctx context.Context, tx *store.Tx) error) error {
	err := s.store.Write(ctx, store.Pin{}, fn)
	if err == nil {
		s.Forget()
	}
	return err
}

// refused writes a refusal to the journal. The refusal stands even when that can't be done.
func (s *Service) refused(ctx context.Context, f From, code diag.Code, user string) {
	by := f.by()
	err := s.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
		return tx.Journal(ctx, store.Entry{
			Actor: by.Actor, ActorKind: by.ActorKind, Action: "refusal", EntityID: "user", RecordID: user,
			RequestID: f.RequestID, Code: string(code),
		})
	})
	if err != nil {
		s.log.WarnContext(ctx, "refusal not journaled", "code", string(code), "error", err)
	}
}

// SweepEvery is how often Sweep should be called.
const SweepEvery = 10 * time.Minute

// Sweep removes sessions, reset codes and counted attempts that have expired.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.now()
	return s.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
		return tx.Sweep(ctx, now.Add(-s.idle), now.Add(-2*accountWindow))
	})
}

// digest is what the store keeps of a secret. Secrets are random and long, so one round is enough.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// attemptKey is a key under which attempts are counted; the parts can't run into each other.
func attemptKey(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "%d:%s", len(p), p)
	}
	return digest(b.String())
}

// network is the part of an address that one caller commands: all of IPv4, a /64 of IPv6.
func network(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return ""
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	const site = 64
	p, err := a.Prefix(site)
	if err != nil {
		return ""
	}
	return p.String()
}

// known turns the store's errors of accounts into refusals.
func known(err error, missing diag.Code) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return diag.Refuse(missing, "")
	case errors.Is(err, store.ErrLastAdmin):
		return diag.Refuse("user.last_admin", "")
	case errors.Is(err, store.ErrCycle):
		return diag.Refuse("department.cycle", "/parent")
	case errors.Is(err, store.ErrTooDeep):
		return diag.Refuse("department.too_deep", "/parent", "limit", store.MaxDepartmentDepth)
	}
	return err
}
