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
	return s.store.Reader().Tokens(ctx, f.Actor.ID, "", store.MaxTokens)
}

// TokenList is a page of API tokens with the names of whose they are; Next is "" on the last one.
type TokenList struct {
	Tokens []*store.Token
	Names  map[string]string
	Next   string
}

// Everybody stands for all users in the place of an id.
const Everybody = "-"

// TokensOf lists the API tokens of a user, or of all users where user is Everybody. Administrators only.
func (s *Service) TokensOf(ctx context.Context, f From, user, pageToken string, pageSize int) (*TokenList, error) {
	if err := f.admin(); err != nil {
		return nil, err
	}
	if user == Everybody {
		user = ""
	} else if _, err := s.User(ctx, f, user); err != nil {
		return nil, err
	}
	after, pageSize, err := readPage(pageToken, pageSize)
	if err != nil {
		return nil, err
	}
	list, err := s.store.Reader().Tokens(ctx, user, after.ID, pageSize+1)
	if err != nil {
		return nil, err
	}
	out := &TokenList{Tokens: list}
	if len(list) > pageSize {
		out.Tokens = list[:pageSize]
		out.Next = placeText(store.UserPlace{ID: list[pageSize-1].ID})
	}
	ids := make([]string, len(out.Tokens))
	for i, t := range out.Tokens {
		ids[i] = t.User
	}
	out.Names, err = s.store.Reader().UserNames(ctx, ids)
	return out, err
}

// RevokeTokenOf ends an API token of a user. Administrators only.
func (s *Service) RevokeTokenOf(ctx context.Context, f From, user, id string) error {
	if err := f.admin(); err != nil {
		return err
	}
	return s.revokeToken(ctx, f, idText(user), id)
}

// RevokeToken ends one of the caller's API tokens. Somebody else's is as absent as none.
func (s *Service) RevokeToken(ctx context.Context, f From, id string) error {
	if err := f.ready(); err != nil {
		return err
	}
	return s.revokeToken(ctx, f, f.Actor.ID, id)
}

func (s *Service) revokeToken(ctx context.Context, f From, user, id string) error {
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.DeleteToken(ctx, f.by(), user, idText(id)) })
	return known(err, "token.not_found")
}
