package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Session is a person signed in on one device. Hash is of the secret in the cookie, which nobody keeps.
type Session struct {
	Hash    string
	ID      string
	User    string
	Created time.Time
	Seen    time.Time
	Expires time.Time
	IP      string
	Agent   string
}

type sessionRow struct {
	Hash      string `gorm:"primaryKey"`
	ID        string
	UserID    string
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	SeenAt    int64
	ExpiresAt int64
	IP        string `gorm:"column:ip"`
	Agent     string
}

// TableName is the table of sessions.
func (sessionRow) TableName() string { return "sessions" }

func (r *sessionRow) session() *Session {
	return &Session{
		Hash: r.Hash, ID: r.ID, User: r.UserID, Created: instant(r.CreatedAt), Seen: instant(r.SeenAt),
		Expires: instant(r.ExpiresAt), IP: r.IP, Agent: r.Agent,
	}
}

// MaxSessions is how many sessions one person may have; the oldest makes room.
const MaxSessions = 50

// Session finds a session by the hash of its secret, expired ones too; ErrNotFound when there is none.
func (r *Reader) Session(ctx context.Context, hash string) (*Session, error) {
	var row sessionRow
	err := r.models(ctx).Where("hash = ?", hash).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, fmt.Errorf("read session: %w", ErrNotFound)
	}
	if err != nil {
		return nil, r.s.wrap("read session", err)
	}
	return row.session(), nil
}

// Sessions lists a person's sessions that have not expired, the latest first.
func (r *Reader) Sessions(ctx context.Context, user string) ([]*Session, error) {
	var rows []sessionRow
	err := r.models(ctx).Where("user_id = ? AND expires_at > ?", user, r.s.micros()).
		Order(clause.OrderByColumn{Column: clause.Column{Name: "created_at"}, Desc: true}).Limit(MaxSessions).Find(&rows).Error
	if err != nil {
		return nil, r.s.wrap("list sessions", err)
	}
	out := make([]*Session, len(rows))
	for i := range rows {
		out[i] = rows[i].session()
	}
	return out, nil
}

// HasSession tells whether a person has a session with an id.
func (r *Reader) HasSession(ctx context.Context, user, id string) (bool, error) {
	n, err := r.integer(ctx, "SELECT COUNT(*) FROM sessions WHERE user_id = ? AND id = ?", user, id)
	return n > 0, r.s.wrap("look for session", err)
}

// InsertSession signs a person in: it sets the session's id and instants, notes the login, and makes room when
// there are too many sessions.
func (tx *Tx) InsertSession(ctx context.Context, by By, s *Session) error {
	id, err := newID()
	if err != nil {
		return err
	}
	now := tx.s.micros()
	s.ID, s.Created, s.Seen = id, instant(now), instant(now)
	row := sessionRow{Hash: s.Hash, ID: s.ID, UserID: s.User, CreatedAt: now, SeenAt: now, ExpiresAt: s.Expires.UnixMicro(), IP: s.IP, Agent: s.Agent}
	if err := tx.models(ctx).Create(&row).Error; err != nil {
		return tx.s.wrap("insert session", err)
	}
	const room = `DELETE FROM sessions WHERE user_id = ? AND id NOT IN (SELECT id FROM (
SELECT id FROM sessions WHERE user_id = ? ORDER BY created_at DESC, id DESC LIMIT ?) newest)`
	done, err := tx.on.exec(ctx, bind(tx.s.Dialect(), room), s.User, s.User, MaxSessions)
	if err != nil {
		return tx.s.wrap("make room for session", err)
	}
	if n, err := done.RowsAffected(); err != nil || n > 0 {
		if err := errors.Join(err, tx.BumpEpoch(ctx)); err != nil {
			return err
		}
	}
	if err := tx.models(ctx).Model(&userRow{}).Where("id = ?", s.User).Update("last_login_at", now).Error; err != nil {
		return tx.s.wrap("note login", err)
	}
	return tx.note(ctx, by, "login", "user", s.User, map[string]any{"session": s.ID, "ip": s.IP})
}

// TouchSession notes that a session was used.
func (tx *Tx) TouchSession(ctx context.Context, hash string) error {
	err := tx.models(ctx).Model(&sessionRow{}).Where("hash = ?", hash).Update("seen_at", tx.s.micros()).Error
	return tx.s.wrap("touch session", err)
}

// EndSession ends one session of a person by its id; ErrNotFound when the person has no such session.
func (tx *Tx) EndSession(ctx context.Context, by By, user, id string) error {
	if err := tx.change(ctx, by, "session.end", "user", user, map[string]any{"session": id}); err != nil {
		return err
	}
	done := tx.models(ctx).Where("user_id = ? AND id = ?", user, id).Delete(&sessionRow{})
	if done.Error == nil && done.RowsAffected == 0 {
		return fmt.Errorf("end session: %w", ErrNotFound)
	}
	return tx.s.wrap("end session", done.Error)
}

// EndSessions ends all sessions of a person but the one with the id except, and all API tokens. It is a part of
// another change, which bumps the epoch and notes it.
func (tx *Tx) EndSessions(ctx context.Context, user, except string) error {
	if err := tx.models(ctx).Where("user_id = ? AND id <> ?", user, except).Delete(&sessionRow{}).Error; err != nil {
		return tx.s.wrap("end sessions", err)
	}
	return tx.s.wrap("end tokens", tx.models(ctx).Where("user_id = ?", user).Delete(&tokenRow{}).Error)
}

// Sweep removes what has expired: sessions (those not seen since idle included), reset codes, and attempts begun
// before since that block nobody.
func (tx *Tx) Sweep(ctx context.Context, idle, since time.Time) error {
	now := tx.s.micros()
	if err := tx.models(ctx).Where("expires_at < ? OR seen_at < ?", now, idle.UnixMicro()).Delete(&sessionRow{}).Error; err != nil {
		return tx.s.wrap("sweep sessions", err)
	}
	if err := tx.models(ctx).Where("expires_at < ?", now).Delete(&resetRow{}).Error; err != nil {
		return tx.s.wrap("sweep reset codes", err)
	}
	err := tx.models(ctx).Where("since < ? AND blocked_until < ?", since.UnixMicro(), now).Delete(&attemptRow{}).Error
	return tx.s.wrap("sweep attempts", err)
}
