package auth

import (
	"context"
	"errors"
	"time"

	"tenon/engine/store"
	"tenon/metamodel/diag"
)

// How often people may try to sign in before they have to wait, counted before the password is looked at.
const (
	pairFree      = 5 // one account from one network
	pairWindow    = 15 * time.Minute
	pairLongest   = 15 * time.Minute
	accountFree   = 50 // one account from everywhere: its owner must not be locked out for long
	accountWindow = time.Hour
	accountLong   = time.Minute
	ipFree        = 100 // one network over all accounts
	ipWindow      = 15 * time.Minute
	ipLongest     = 5 * time.Minute
)

// maxAgent is how many bytes of the header User-Agent are kept.
const maxAgent = 256

func ipRule(ip string) store.AttemptRule {
	return store.AttemptRule{Key: attemptKey("ip", network(ip)), Free: ipFree, Window: ipWindow, Longest: ipLongest}
}

func loginRules(email, ip string) (pair store.AttemptRule, all []store.AttemptRule) {
	account := emailKey(email)
	pair = store.AttemptRule{Key: attemptKey("pair", account, network(ip)), Free: pairFree, Window: pairWindow, Longest: pairLongest}
	return pair, []store.AttemptRule{
		pair, ipRule(ip),
		{Key: attemptKey("account", account), Free: accountFree, Window: accountWindow, Longest: accountLong},
	}
}

// countAttempt counts an attempt before it is made; login.throttled to those who must wait.
func (s *Service) countAttempt(ctx context.Context, rules ...store.AttemptRule) error {
	var wait time.Duration
	err := s.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
		var err error
		wait, err = tx.CountAttempt(ctx, rules)
		return err
	})
	if err == nil && wait > 0 {
		return diag.Refuse("login.throttled", "", "retry_after", int64((wait+time.Second-1)/time.Second))
	}
	return err
}

// Login signs a person in. Whatever is wrong with e-mail, password or account, the answer is the same login.failed
// and takes as long. After a few failures it is login.throttled.
func (s *Service) Login(ctx context.Context, f From, email, password string) (*Signed, error) {
	if len(password) > MaxPassword {
		return nil, diag.Refuse("password.too_long", "/password", "limit", MaxPassword)
	}
	email = email[:min(len(email), maxEmail+1)] // one byte too long is no e-mail
	pair, rules := loginRules(email, f.IP)
	if err := s.countAttempt(ctx, rules...); err != nil {
		return nil, err
	}
	u, hash, err := s.account(ctx, email)
	if err != nil {
		return nil, err
	}
	ok, old, err := s.hasher.verify(ctx, hash, password)
	if err != nil {
		return nil, err
	}
	if !ok || u == nil || !u.Active() {
		s.refused(ctx, f, "login.failed", idOf(u))
		return nil, diag.Refuse("login.failed", "")
	}
	renewed := ""
	if old {
		if renewed, err = s.hasher.hash(ctx, password); err != nil {
			return nil, err
		}
	}
	return s.open(ctx, f, u, hash, renewed, pair)
}

// open makes the session of a person whose password was right. The account is looked at once more inside: what was
// revoked while the password was hashed stays revoked.
func (s *Service) open(ctx context.Context, f From, u *store.User, hash, renewed string, pair store.AttemptRule) (*Signed, error) {
	signed, session := s.newSession(f)
	session.User = u.ID
	err := s.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
		now, err := tx.HoldUser(ctx, u.ID)
		if err != nil {
			return err
		}
		if kept, err := tx.PasswordOf(ctx, u.ID); err != nil || kept != hash || !now.Active() {
			return errors.Join(err, diag.Refuse("login.failed", ""))
		}
		signed.User = now
		if renewed != "" {
			if err := tx.Rehash(ctx, u.ID, hash, renewed); err != nil {
				return err
			}
		}
		if err := tx.ForgetAttempts(ctx, pair.Key); err != nil {
			return err
		}
		for _, key := range []string{ipRule(f.IP).Key, attemptKey("account", emailKey(u.Email))} {
			if err := tx.ForgiveAttempt(ctx, key); err != nil {
				return err
			}
		}
		return tx.InsertSession(ctx, personBy(f, u.ID), session)
	})
	if err != nil {
		return nil, known(err, "login.failed")
	}
	return signed, nil
}

// newSession makes a session's secret and its cookie; whose it is comes later.
func (s *Service) newSession(f From) (*Signed, *store.Session) {
	secret := newSessionSecret()
	session := &store.Session{Hash: digest(secret), Expires: s.now().Add(s.life), IP: clipText(f.IP, maxIP), Agent: clipText(f.Agent, maxAgent)}
	return &Signed{Cookie: s.cookie(secret, int(s.life/time.Second)), Session: session}, session
}

// Logout ends the caller's own session. With an API token there is nothing to end.
func (s *Service) Logout(ctx context.Context, f From) error {
	if err := f.inSession(); err != nil {
		return err
	}
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.EndSession(ctx, f.by(), f.Actor.ID, f.Actor.SessionID)
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// SessionInfo is a session as its owner sees it.
type SessionInfo struct {
	ID      string
	Created time.Time
	Seen    time.Time
	Expires time.Time
	IP      string
	Agent   string
	Current bool
}

// Sessions lists the caller's sessions, the latest first.
func (s *Service) Sessions(ctx context.Context, f From) ([]SessionInfo, error) {
	if err := f.signedIn(); err != nil {
		return nil, err
	}
	list, err := s.store.Reader().Sessions(ctx, f.Actor.ID)
	if err != nil {
		return nil, err
	}
	out := make([]SessionInfo, 0, len(list))
	for _, x := range list {
		if s.now().Sub(x.Seen) >= s.idle {
			continue
		}
		out = append(out, SessionInfo{
			ID: x.ID, Created: x.Created, Seen: x.Seen, Expires: x.Expires, IP: x.IP, Agent: x.Agent,
			Current: x.ID == f.Actor.SessionID,
		})
	}
	return out, nil
}

// CurrentSession stands for the id of the session that a caller came with.
const CurrentSession = "current"

// RevokeSession ends one of the caller's sessions.
func (s *Service) RevokeSession(ctx context.Context, f From, id string) error {
	if err := f.inSession(); err != nil {
		return err
	}
	if id == CurrentSession {
		return s.Logout(ctx, f)
	}
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.EndSession(ctx, f.by(), f.Actor.ID, idText(id))
	})
	return known(err, "session.not_found")
}

func idOf(u *store.User) string {
	if u == nil {
		return ""
	}
	return u.ID
}

// account finds the account of an e-mail with its password's hash; nil when there is none.
func (s *Service) account(ctx context.Context, email string) (*store.User, string, error) {
	if len(email) > maxEmail || !emailForm.MatchString(email) {
		return nil, "", nil
	}
	u, hash, err := s.store.Reader().Password(ctx, email)
	if errors.Is(err, store.ErrNotFound) {
		return nil, "", nil
	}
	return u, hash, err
}
