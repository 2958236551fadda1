package store

import (
	"context"
	"time"
)

// Limits of presence.
const (
	MaxPresent   = 50  // people that one record shows
	MaxPresences = 50  // records that one person has open; the oldest go
	staleBatch   = 500 // rows of presence that are dropped at once
)

// Presence says that somebody has a record open.
type Presence struct {
	App    string
	Entity string // the entity's id
	Record string
	User   string
	Mode   string // viewing, editing
	Since  time.Time
	Seen   time.Time
}

type presenceRow struct {
	App    string `gorm:"primaryKey"`
	Entity string `gorm:"primaryKey"`
	Record string `gorm:"primaryKey"`
	UserID string `gorm:"primaryKey"`
	Mode   string
	Since  int64
	SeenAt int64
}

// TableName is the table of presence.
func (presenceRow) TableName() string { return "presence" }

func (r *presenceRow) presence() Presence {
	return Presence{App: r.App, Entity: r.Entity, Record: r.Record, User: r.UserID, Mode: r.Mode, Since: instant(r.Since), Seen: instant(r.SeenAt)}
}

// Present lists who has a record open and was seen since an instant, the first comer first.
func (r *Reader) Present(ctx context.Context, app, entity, record string, since time.Time) ([]Presence, error) {
	var rows []presenceRow
	err := r.models(ctx).Where("app = ? AND entity = ? AND record = ? AND seen_at > ?", app, entity, record, since.UnixMicro()).
		Order("since").Order("user_id").Limit(MaxPresent).Find(&rows).Error
	if err != nil {
		return nil, r.s.wrap("read presence", err)
	}
	return presences(rows), nil
}

func presences(rows []presenceRow) []Presence {
	out := make([]Presence, len(rows))
	for i := range rows {
		out[i] = rows[i].presence()
	}
	return out
}

// PutPresence notes that somebody has a record open now. Since stays what it was when he was seen after the given
// instant.
func (tx *Tx) PutPresence(ctx context.Context, p Presence, alive time.Time) error {
	const put = `INSERT INTO presence (app, entity, record, user_id, mode, since, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (app, entity, record, user_id) DO UPDATE SET mode = excluded.mode, seen_at = excluded.seen_at,
since = CASE WHEN presence.seen_at > ? THEN presence.since ELSE excluded.since END`
	now := p.Seen.UnixMicro()
	if _, err := tx.on.exec(ctx, bind(tx.s.Dialect(), put), p.App, p.Entity, p.Record, p.User, p.Mode, now, now, alive.UnixMicro()); err != nil {
		return tx.s.wrap("note presence", err)
	}
	const trim = `DELETE FROM presence WHERE user_id = ? AND seen_at < (SELECT seen_at FROM presence WHERE user_id = ? ORDER BY seen_at DESC LIMIT 1 OFFSET ?)`
	_, err := tx.on.exec(ctx, bind(tx.s.Dialect(), trim), p.User, p.User, MaxPresences-1)
	return tx.s.wrap("trim presence", err)
}

// DeletePresence forgets that somebody has a record open, and tells whether he had.
func (tx *Tx) DeletePresence(ctx context.Context, app, entity, record, user string) (bool, error) {
	done := tx.models(ctx).Where("app = ? AND entity = ? AND record = ? AND user_id = ?", app, entity, record, user).Delete(&presenceRow{})
	return done.RowsAffected > 0, tx.s.wrap("forget presence", done.Error)
}

// StalePresence lists some of those who weren't seen since an instant.
func (r *Reader) StalePresence(ctx context.Context, since time.Time) ([]Presence, error) {
	var rows []presenceRow
	if err := r.models(ctx).Where("seen_at <= ?", since.UnixMicro()).Order("seen_at").Limit(staleBatch).Find(&rows).Error; err != nil {
		return nil, r.s.wrap("read stale presence", err)
	}
	return presences(rows), nil
}

// DropStale forgets somebody who wasn't seen since an instant, and tells whether it did.
func (tx *Tx) DropStale(ctx context.Context, p Presence, since time.Time) (bool, error) {
	done := tx.models(ctx).Where("app = ? AND entity = ? AND record = ? AND user_id = ? AND seen_at <= ?", p.App, p.Entity, p.Record, p.User, since.UnixMicro()).Delete(&presenceRow{})
	return done.RowsAffected > 0, tx.s.wrap("drop stale presence", done.Error)
}
