package auth

import (
	"context"
	"crypto/subtle"
	"errors"

	"tenon/engine/store"
	"tenon/metamodel/diag"
)

// WorkspaceName is the setting that holds the workspace's name.
const WorkspaceName = "workspace.name"

// SetupRequest is what makes a new workspace usable: its name and the first person, who gets all workspace roles.
type SetupRequest struct {
	Token     string
	Workspace string
	Name      string
	Email     string
	Password  string
	Locale    string
}

// Signed is what signing in yields: the cookie to set and who it is for.
type Signed struct {
	Cookie  Cookie
	Session *store.Session
	User    *store.User
}

// OfferSetup makes a workspace ready to be set up with a token: the one given, or a new one when it is "". It
// returns the token to show to whoever started the server, or "" when the workspace has been set up.
func (s *Service) OfferSetup(ctx context.Context, token string) (string, error) {
	done, err := s.store.Reader().SetupDone(ctx)
	if err != nil || done {
		return "", err
	}
	if token == "" {
		token = newSessionSecret()
	}
	err = s.write(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.OfferSetup(ctx, digest(token)) })
	if errors.Is(err, store.ErrUsed) {
		return "", nil
	}
	return token, err
}

// SetupDone tells whether the workspace has been set up.
func (s *Service) SetupDone(ctx context.Context) (bool, error) {
	return s.store.Reader().SetupDone(ctx)
}

// Workspace is the workspace's name, "" as long as it has none.
func (s *Service) Workspace(ctx context.Context) (string, error) {
	name, err := s.store.Reader().Setting(ctx, WorkspaceName)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return name, err
}

// Setup sets the workspace up, once, and signs its first administrator in. The token can be used a single time;
// afterwards the answer is setup.done for ever.
func (s *Service) Setup(ctx context.Context, f From, r SetupRequest) (*Signed, error) {
	if done, err := s.store.Reader().SetupDone(ctx); err != nil {
		return nil, err
	} else if done {
		return nil, diag.Refuse("setup.done", "")
	}
	u := &store.User{Email: r.Email, Name: r.Name, Locale: r.Locale, Admin: true, Builder: true, Reviewer: true}
	var list diag.List
	checkUser(&list, u)
	checkText(&list, "/workspace", "workspace", &r.Workspace)
	checkPassword(&list, "/password", r.Password, u.Email, u.Name)
	if err := list.Err(); err != nil {
		return nil, err
	}
	if err := s.countAttempt(ctx, ipRule(f.IP)); err != nil {
		return nil, err
	}
	hash, err := s.hasher.hash(ctx, r.Password)
	if err != nil {
		return nil, err
	}
	signed, session := s.newSession(f)
	given := digest(r.Token)
	err = s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		same := func(kept string) bool { return subtle.ConstantTimeCompare([]byte(kept), []byte(given)) == 1 }
		if err := tx.TakeSetup(ctx, f.by(), same); err != nil {
			return err
		}
		if err := tx.PutSetting(ctx, WorkspaceName, r.Workspace); err != nil {
			return err
		}
		if err := tx.InsertUser(ctx, f.by(), u, hash); err != nil {
			return err
		}
		session.User = u.ID
		return tx.InsertSession(ctx, personBy(f, u.ID), session)
	})
	switch {
	case errors.Is(err, store.ErrUsed):
		return nil, diag.Refuse("setup.done", "")
	case errors.Is(err, store.ErrNotFound):
		s.refused(ctx, f, "setup.token_wrong", "")
		return nil, diag.Refuse("setup.token_wrong", "/token")
	case err != nil:
		return nil, err
	}
	signed.User = u
	return signed, nil
}

// personBy is a call's journal note when the person is known by what he did, not by a session.
func personBy(f From, user string) store.By {
	return store.By{Actor: user, ActorKind: "user", RequestID: f.RequestID}
}
