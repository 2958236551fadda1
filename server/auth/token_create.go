package auth

import (
	"context"
	"errors"
	"time"

	"tenon/engine/store"
	"tenon/metamodel/diag"
)

// maxTokenDays is how long an API token may be valid.
const maxTokenDays = 3660

// CreateToken makes an API token that acts as the caller and returns its secret, which is shown this once. expires
// is zero for never.
func (s *Service) CreateToken(ctx context.Context, f From, name string, expires time.Time) (secret string, t *store.Token, err error) {
	if err := f.readySession(); err != nil {
		return "", nil, err
	}
	var list diag.List
	checkText(&list, "/name", "name", &name)
	if now := s.now(); !expires.IsZero() && (!expires.After(now) || expires.Sub(now) > maxTokenDays*24*time.Hour) {
		list.Add("token.expiry_past", "/expires", "days", maxTokenDays)
	}
	if err := list.Err(); err != nil {
		return "", nil, err
	}
	secret = newTokenSecret()
	t = &store.Token{Hash: digest(secret), Prefix: secret[:shownPrefix], Name: name, User: f.Actor.ID, Expires: expires}
	err = s.write(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.InsertToken(ctx, f.by(), t) })
	if errors.Is(err, store.ErrTooLarge) {
		return "", nil, diag.Refuse("limit.exceeded", "", "what", words["tokens"], "actual", store.MaxTokens+1, "limit", store.MaxTokens)
	}
	if err != nil {
		return "", nil, err
	}
	return secret, t, nil
}

// Tokens lists the caller's API tokens, the latest first.
func (s *Service) Tokens(ctx context.Context, f From) ([]*store.Token, error) {
	if err := f.ready(); err != nil {
		return nil, err
	}
	return s.store.Reader().Tokens(ctx, f.Actor.ID)
}

// RevokeToken ends one of the caller's API tokens. Somebody else's is as absent as none.
func (s *Service) RevokeToken(ctx context.Context, f From, id string) error {
	if err := f.ready(); err != nil {
		return err
	}
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.DeleteToken(ctx, f.by(), f.Actor.ID, idText(id))
	})
	return known(err, "token.not_found")
}
