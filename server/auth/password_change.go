package auth

import (
	"context"
	"errors"
	"time"

	"tenon/engine/store"
	"tenon/metamodel/diag"
)

// ChangePassword gives the caller another password. All his other sessions and all his API tokens end.
func (s *Service) ChangePassword(ctx context.Context, f From, current, next string) error {
	if err := f.inSession(); err != nil {
		return err
	}
	if len(current) > MaxPassword {
		return diag.Refuse("password.too_long", "/current", "limit", MaxPassword)
	}
	var list diag.List
	checkPassword(&list, "/new", next, f.Actor.Email, f.Actor.Name)
	if err := list.Err(); err != nil {
		return err
	}
	pair, rules := loginRules(f.Actor.Email, f.IP)
	if err := s.countAttempt(ctx, rules...); err != nil {
		return err
	}
	before, err := s.store.Reader().PasswordOf(ctx, f.Actor.ID)
	if err != nil {
		return known(err, "session.expired")
	}
	ok, _, err := s.hasher.verify(ctx, before, current)
	switch {
	case err != nil:
		return err
	case !ok:
		s.refused(ctx, f, "password.wrong", f.Actor.ID)
		return diag.Refuse("password.wrong", "/current")
	case current == next:
		return diag.Refuse("password.unchanged", "/new")
	}
	hash, err := s.hasher.hash(ctx, next)
	if err != nil {
		return err
	}
	return s.replacePassword(ctx, f, before, hash, pair.Key)
}

// replacePassword looks once more at what was checked before the passwords were hashed: the session is still there
// and the password is still the same.
func (s *Service) replacePassword(ctx context.Context, f From, before, after, counted string) error {
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SetPassword(ctx, f.by(), f.Actor.ID, before, after, false); err != nil {
			return err
		}
		if alive, err := tx.HasSession(ctx, f.Actor.ID, f.Actor.SessionID); err != nil || !alive {
			return errors.Join(err, store.ErrNotFound)
		}
		if err := tx.ForgetAttempts(ctx, counted); err != nil {
			return err
		}
		return tx.EndSessions(ctx, f.Actor.ID, f.Actor.SessionID)
	})
	return known(err, "session.expired")
}

// IssueReset gives a person a one-time code to choose a new password with, in place of any former code. Sessions go
// on until the code is used. It returns the code, to be handed over by the administrator, and when it expires.
func (s *Service) IssueReset(ctx context.Context, f From, user string) (code string, expires time.Time, err error) {
	if err := f.inSession(); err != nil {
		return "", time.Time{}, err
	}
	if err := f.admin(); err != nil {
		return "", time.Time{}, err
	}
	code, expires = newResetCode(), s.now().Add(ResetLife)
	err = s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.PutReset(ctx, f.by(), idText(user), digest(plainResetCode(code)), expires)
	})
	if err != nil {
		return "", time.Time{}, known(err, "user.not_found")
	}
	return code, expires, nil
}

// UseReset takes a code, once, and sets the password of the person with that e-mail. All sessions and API tokens of
// the person end; signing in is the next step. Whatever is wrong with e-mail or code, the answer is
// reset.code_wrong.
func (s *Service) UseReset(ctx context.Context, f From, email, code, password string) error {
	email = email[:min(len(email), maxEmail+1)] // one byte too long is no e-mail
	pair, rules := loginRules(email, f.IP)
	if err := s.countAttempt(ctx, rules...); err != nil {
		return err
	}
	wrong := diag.Refuse("reset.code_wrong", "/code")
	plain := plainResetCode(code)
	if plain == "" {
		return wrong
	}
	u, _, err := s.account(ctx, email)
	if err != nil {
		return err
	}
	var list diag.List
	checkPassword(&list, "/password", password, email, "") // the name would tell strangers that there is an account
	if err := list.Err(); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	if u != nil && u.Active() {
		err = s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
			if err := tx.UseReset(ctx, personBy(f, u.ID), u.ID, digest(plain), hash); err != nil {
				return err
			}
			return tx.ForgetAttempts(ctx, pair.Key)
		})
		if err == nil || !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	s.refused(ctx, f, "reset.code_wrong", idOf(u))
	return wrong
}
