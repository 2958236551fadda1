package auth

import (
	"context"
	"errors"
	"sync"
	"time"

	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/metamodel/diag"
)

const (
	// epochAge is how long what is remembered of actors is trusted before the store is asked whether rights have
	// changed. With it, a revocation is seen everywhere within a second.
	epochAge = 500 * time.Millisecond
	// followEvery is how often Follow asks, for streams that stay open without requests.
	followEvery = 400 * time.Millisecond
	// maxActors bounds how many actors are remembered; beyond it all are forgotten.
	maxActors = 20_000
	// touchEvery is how exactly it is kept when a session or token was last used.
	touchEvery = 5 * time.Minute
	// touchTime bounds how long a request waits for that to be written.
	touchTime = 200 * time.Millisecond
)

// cache holds actors of one epoch.
type cache struct {
	epoch int64
	mu    sync.RWMutex
	at    time.Time // when the epoch was last known to be the present one
	by    map[string]*remembered
}

// remembered is an actor by the hash of the secret that he came with.
type remembered struct {
	actor   *policy.Actor
	expires time.Time // zero = never
	mu      sync.Mutex
	seen    time.Time // the last use that is written down or being written
	used    time.Time // the last use
}

// Authenticate tells who comes with a credential. Without one it is nobody; with one that isn't valid (any more) it
// is an error, so that a request that meant to be somebody's is never taken for nobody's.
func (s *Service) Authenticate(ctx context.Context, c Credential) (*policy.Actor, error) {
	if c.Anonymous() {
		return policy.Nobody(), nil
	}
	secret := c.Session
	if c.Token != "" {
		secret = c.Token
		if !isToken(secret) {
			return nil, diag.Refuse("session.expired", "")
		}
	} else if !isSessionSecret(secret) {
		return nil, diag.Refuse("session.expired", "")
	}
	hash := digest(secret)
	known, err := s.present(ctx)
	if err != nil {
		return nil, err
	}
	known.mu.RLock()
	r := known.by[hash]
	known.mu.RUnlock()
	if r != nil {
		if a, err := s.use(ctx, hash, r); err == nil {
			return a, nil
		}
		// It has run out here, but may have been used through another server: the store knows.
	}
	if r, err = s.load(ctx, hash, c.Token != ""); err != nil {
		return nil, err
	}
	a, err := s.use(ctx, hash, r)
	if err == nil {
		known.put(hash, r)
	}
	return a, err
}

func (k *cache) put(hash string, r *remembered) {
	if r.actor.Epoch != k.epoch {
		return // rights changed while it was read: the next request reads it anew
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.by) >= maxActors {
		clear(k.by)
	}
	k.by[hash] = r
}

// present returns what is remembered and makes sure that it is of the present epoch.
func (s *Service) present(ctx context.Context) (*cache, error) {
	now := s.now()
	k := s.cache.Load()
	if k != nil && k.fresh(now) {
		return k, nil
	}
	s.check.Lock()
	defer s.check.Unlock()
	if k = s.cache.Load(); k != nil && k.fresh(now) {
		return k, nil
	}
	before := s.forgets.Load()
	epoch, err := s.store.Reader().Epoch(ctx)
	if err != nil {
		return nil, err
	}
	return s.advance(epoch, now, before), nil
}

func (k *cache) fresh(now time.Time) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	age := now.Sub(k.at)
	return age >= 0 && age < epochAge
}

// advance notes the epoch as of an instant, and begins anew when it has moved. An epoch that was read before a change
// made here, of which before knows nothing, may be the one before it: it is not trusted by who comes later. It is called
// with check held.
func (s *Service) advance(epoch int64, now time.Time, before int64) *cache {
	k, moved := s.cache.Load(), false
	if k == nil || k.epoch != epoch {
		moved = k != nil
		k = &cache{epoch: epoch, by: map[string]*remembered{}}
		s.cache.Store(k)
	}
	k.mu.Lock()
	if s.forgets.Load() == before {
		k.at = now
	}
	k.mu.Unlock()
	if moved {
		s.announce()
	}
	return k
}

// Forget makes the next request ask the store what people may do, after a change made here.
func (s *Service) Forget() {
	s.forgets.Add(1) // before it looks at what is remembered: see advance
	if k := s.cache.Load(); k != nil {
		k.mu.Lock()
		k.at = time.Time{}
		k.mu.Unlock()
	}
	s.announce()
}

// Changed returns a channel that is closed at the next change of anybody's rights. Whoever keeps a stream open
// authenticates again then.
func (s *Service) Changed() <-chan struct{} {
	s.waitMu.Lock()
	defer s.waitMu.Unlock()
	return s.change
}

func (s *Service) announce() {
	s.waitMu.Lock()
	defer s.waitMu.Unlock()
	close(s.change)
	s.change = make(chan struct{})
}

// Follow notices changes made by other processes, until ctx ends. Requests are safe without it; streams need it to
// be woken.
func (s *Service) Follow(ctx context.Context) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := s.follow(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "rights not followed", "error", err)
		}
	}
}

func (s *Service) follow(ctx context.Context) error {
	s.check.Lock()
	defer s.check.Unlock()
	now, before := s.now(), s.forgets.Load()
	epoch, err := s.store.Reader().Epoch(ctx)
	if err != nil {
		return err
	}
	s.advance(epoch, now, before)
	return nil
}

// load reads the actor of a secret's hash.
func (s *Service) load(ctx context.Context, hash string, token bool) (*remembered, error) {
	r := s.store.Reader()
	epoch, err := r.Epoch(ctx) // before the rest, so that a change in between shows
	if err != nil {
		return nil, err
	}
	out := &remembered{actor: &policy.Actor{Kind: policy.Person, Epoch: epoch}}
	var user string
	if token {
		t, err := r.Token(ctx, hash)
		if err != nil {
			return nil, expired(err)
		}
		user, out.expires, out.seen = t.User, t.Expires, t.Used
		out.actor.Kind, out.actor.SessionID = policy.Token, t.ID
	} else {
		session, err := r.Session(ctx, hash)
		if err != nil {
			return nil, expired(err)
		}
		user, out.expires, out.seen, out.used = session.User, session.Expires, session.Seen, session.Seen
		out.actor.SessionID = session.ID
	}
	return out, s.fill(ctx, out.actor, user)
}

// fill reads what a person may do.
func (s *Service) fill(ctx context.Context, a *policy.Actor, id string) error {
	r := s.store.Reader()
	u, err := r.User(ctx, id)
	if err != nil {
		return expired(err)
	}
	if !u.Active() {
		return diag.Refuse("session.expired", "")
	}
	if a.Departments, err = r.DepartmentsOf(ctx, id); err != nil {
		return err
	}
	a.ID, a.Name, a.Email, a.Locale, a.MustChange = u.ID, u.Name, u.Email, u.Locale, u.MustChange
	a.Admin, a.Builder, a.Reviewer = u.Admin, u.Builder, u.Reviewer
	a.Roles, a.Attributes = u.Roles, u.Attributes
	return nil
}

// expired says of a credential that isn't there that it isn't valid any more.
func expired(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return diag.Refuse("session.expired", "")
	}
	return err
}

// use checks that a session or token has not run out and notes its use now and then.
func (s *Service) use(ctx context.Context, hash string, r *remembered) (*policy.Actor, error) {
	now := s.now()
	if !r.expires.IsZero() && !now.Before(r.expires) {
		return nil, diag.Refuse("session.expired", "")
	}
	due, idle := r.note(now, s.idle)
	if idle {
		return nil, diag.Refuse("session.expired", "")
	}
	if due {
		s.touch(ctx, hash, r.actor.Kind)
	}
	return r.actor, nil
}

// note takes down a use; due tells that it is to be written, idle that it came too late. Tokens don't run out by
// not being used.
func (r *remembered) note(now time.Time, longest time.Duration) (due, idle bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.actor.Kind == policy.Person && now.Sub(r.used) >= longest {
		return false, true
	}
	r.used = now
	if due = now.Sub(r.seen) >= min(touchEvery, longest/4); due {
		r.seen = now
	}
	return due, false
}

// touch writes down a use. It isn't worth failing or holding up a request.
func (s *Service) touch(ctx context.Context, hash string, kind policy.Kind) {
	ctx, stop := context.WithTimeout(ctx, touchTime)
	defer stop()
	err := s.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
		if kind == policy.Token {
			return tx.TouchToken(ctx, hash)
		}
		return tx.TouchSession(ctx, hash)
	})
	if err != nil {
		s.log.WarnContext(ctx, "use of session not noted", "error", err)
	}
}

// ActorOf makes the actor of a person who isn't there, for work that goes on in his name: a job decides anew with
// it when it runs. It fails when the person may not come in any more.
func (s *Service) ActorOf(ctx context.Context, user string) (*policy.Actor, error) {
	epoch, err := s.store.Reader().Epoch(ctx)
	if err != nil {
		return nil, err
	}
	a := &policy.Actor{Kind: policy.Person, Epoch: epoch}
	return a, s.fill(ctx, a, user)
}
