package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Token is a person's API token. Hash is of the secret, which is shown once and kept by nobody; Prefix is its
// beginning, by which people tell tokens apart.
type Token struct {
	ID      string
	Hash    string
	Prefix  string
	Name    string
	User    string
	Created time.Time
	Expires time.Time // zero = never
	Used    time.Time
}

type tokenRow struct {
	ID        string `gorm:"primaryKey"`
	Hash      string
	Prefix    string
	Name      string
	UserID    string
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	ExpiresAt int64
	UsedAt    int64
}

// TableName is the table of API tokens.
func (tokenRow) TableName() string { return "api_tokens" }

func (r *tokenRow) token() *Token {
	return &Token{
		ID: r.ID, Hash: r.Hash, Prefix: r.Prefix, Name: r.Name, User: r.UserID, Created: instant(r.CreatedAt),
		Expires: stamp(r.ExpiresAt), Used: stamp(r.UsedAt),
	}
}

// MaxTokens is how many API tokens one person may have.
const MaxTokens = 100

// Token finds an API token by the hash of its secret, expired ones too; ErrNotFound when there is none.
func (r *Reader) Token(ctx context.Context, hash string) (*Token, error) {
	var row tokenRow
	err := r.models(ctx).Where("hash = ?", hash).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, fmt.Errorf("read token: %w", ErrNotFound)
	}
	if err != nil {
		return nil, r.s.wrap("read token", err)
	}
	return row.token(), nil
}

// Tokens lists the API tokens of a person, or of everybody where user is "", the latest first; after is the id of the
// last one of the page before.
func (r *Reader) Tokens(ctx context.Context, user, after string, limit int) ([]*Token, error) {
	db := r.models(ctx)
	if user != "" {
		db = db.Where("user_id = ?", user)
	}
	if after != "" {
		db = db.Where("id < ?", after) // ids grow with time
	}
	var rows []tokenRow
	err := db.Order(clause.OrderByColumn{Column: clause.Column{Name: "id"}, Desc: true}).Limit(max(1, min(limit, maxUsersPage))).Find(&rows).Error
	if err != nil {
		return nil, r.s.wrap("list tokens", err)
	}
	out := make([]*Token, len(rows))
	for i := range rows {
		out[i] = rows[i].token()
	}
	return out, nil
}

// InsertToken adds an API token and sets its id. It returns ErrTooLarge when the person has too many.
func (tx *Tx) InsertToken(ctx context.Context, by By, t *Token) error {
	id, err := newID()
	if err != nil {
		return err
	}
	now := tx.s.micros()
	t.ID, t.Created = id, instant(now)
	if err := tx.change(ctx, by, "token.create", "user", t.User, map[string]any{"token": t.ID, "prefix": t.Prefix}); err != nil {
		return err
	}
	n, err := tx.integer(ctx, "SELECT COUNT(*) FROM api_tokens WHERE user_id = ?", t.User)
	if err != nil {
		return tx.s.wrap("count tokens", err)
	}
	if n >= MaxTokens {
		return fmt.Errorf("insert token: %w: %d tokens", ErrTooLarge, n)
	}
	row := tokenRow{ID: t.ID, Hash: t.Hash, Prefix: t.Prefix, Name: t.Name, UserID: t.User, CreatedAt: now, ExpiresAt: stamped(t.Expires)}
	return tx.s.wrap("insert token", tx.models(ctx).Create(&row).Error)
}

// TouchToken notes that a token was used.
func (tx *Tx) TouchToken(ctx context.Context, hash string) error {
	err := tx.models(ctx).Model(&tokenRow{}).Where("hash = ?", hash).Update("used_at", tx.s.micros()).Error
	return tx.s.wrap("touch token", err)
}

// DeleteToken revokes one of a person's API tokens; ErrNotFound when the person has no such token.
func (tx *Tx) DeleteToken(ctx context.Context, by By, user, id string) error {
	if err := tx.change(ctx, by, "token.delete", "user", user, map[string]any{"token": id}); err != nil {
		return err
	}
	done := tx.models(ctx).Where("user_id = ? AND id = ?", user, id).Delete(&tokenRow{})
	if done.Error == nil && done.RowsAffected == 0 {
		return fmt.Errorf("delete token: %w", ErrNotFound)
	}
	return tx.s.wrap("delete token", done.Error)
}
