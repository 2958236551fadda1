package store

import (
	"context"
	"time"
)

// MaxNotifications is how many notifications one person keeps; the oldest go.
const MaxNotifications = 500

// Notification tells a person that something about a record concerns him. It holds nothing that the record or the
// comment says. Read is zero while it wasn't.
type Notification struct {
	ID      string // sorts by time
	User    string
	Kind    string // mention, assigned, rule, verification
	App     string
	Entity  string // the entity's id
	Record  string
	Comment string // of a mention
	Rule    string // the id of the rule that is broken
	Actor   string
	Created time.Time
	Read    time.Time
}

type notificationRow struct {
	ID        string `gorm:"primaryKey"`
	UserID    string
	Kind      string
	App       string
	Entity    string
	Record    string
	CommentID string
	Rule      string
	Actor     string
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	ReadAt    int64
}

// TableName is the table of notifications.
func (notificationRow) TableName() string { return "notifications" }

func (r *notificationRow) notification() *Notification {
	return &Notification{
		ID: r.ID, User: r.UserID, Kind: r.Kind, App: r.App, Entity: r.Entity, Record: r.Record, Comment: r.CommentID, Rule: r.Rule, Actor: r.Actor,
		Created: instant(r.CreatedAt), Read: stamp(r.ReadAt),
	}
}

// Notifications lists all that a person was told, the latest first.
func (r *Reader) Notifications(ctx context.Context, user string) ([]*Notification, error) {
	var rows []notificationRow
	if err := r.models(ctx).Where("user_id = ?", user).Order("id DESC").Limit(MaxNotifications).Find(&rows).Error; err != nil {
		return nil, r.s.wrap("list notifications", err)
	}
	out := make([]*Notification, len(rows))
	for i := range rows {
		out[i] = rows[i].notification()
	}
	return out, nil
}

// Notify tells a person something and forgets what is oldest.
func (tx *Tx) Notify(ctx context.Context, n *Notification) error {
	row := notificationRow{
		ID: n.ID, UserID: n.User, Kind: n.Kind, App: n.App, Entity: n.Entity, Record: n.Record, CommentID: n.Comment, Rule: n.Rule, Actor: n.Actor,
		CreatedAt: stamped(n.Created), ReadAt: stamped(n.Read),
	}
	if err := tx.models(ctx).Create(&row).Error; err != nil {
		return tx.s.wrap("notify", err)
	}
	const trim = `DELETE FROM notifications WHERE user_id = ? AND id <= (SELECT id FROM notifications WHERE user_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`
	_, err := tx.on.exec(ctx, bind(tx.s.Dialect(), trim), n.User, n.User, MaxNotifications)
	return tx.s.wrap("trim notifications", err)
}

// DropMention takes back what somebody was told of a comment.
func (tx *Tx) DropMention(ctx context.Context, comment, user string) error {
	return tx.s.wrap("take a mention back", tx.models(ctx).Where("comment_id = ? AND user_id = ?", comment, user).Delete(&notificationRow{}).Error)
}

// ReadNotifications marks what a person has read, all of it when ids is nil, and returns how many were new.
func (tx *Tx) ReadNotifications(ctx context.Context, user string, ids []string, at time.Time) (int64, error) {
	q := tx.models(ctx).Model(&notificationRow{}).Where("user_id = ? AND read_at = 0", user)
	if ids != nil {
		q = q.Where("id IN ?", ids)
	}
	done := q.Update("read_at", stamped(at))
	return done.RowsAffected, tx.s.wrap("mark notifications", done.Error)
}
