package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Limits of saved views.
const (
	MaxSavedViews  = 50  // saved views of one person over one view
	MaxSharedViews = 200 // shared saved views of all people over one view
)

// SavedView is how a person wants to see a view: State is JSON, checked by whoever writes and reads it.
type SavedView struct {
	ID      string
	App     string
	View    string // the view's id
	User    string
	Title   string
	Shared  bool
	State   []byte
	Created time.Time
	Updated time.Time
}

type savedViewRow struct {
	ID        string `gorm:"primaryKey"`
	App       string
	ViewID    string
	UserID    string
	Title     string
	Shared    int64
	State     string
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	UpdatedAt int64 `gorm:"autoUpdateTime:false"`
}

// TableName is the table of saved views.
func (savedViewRow) TableName() string { return "saved_views" }

func (r *savedViewRow) view() *SavedView {
	return &SavedView{
		ID: r.ID, App: r.App, View: r.ViewID, User: r.UserID, Title: r.Title, Shared: r.Shared != 0, State: []byte(r.State),
		Created: instant(r.CreatedAt), Updated: instant(r.UpdatedAt),
	}
}

// SavedViews lists a person's own saved views of a view and the shared ones of others, the oldest first.
func (r *Reader) SavedViews(ctx context.Context, app, view, user string) ([]*SavedView, error) {
	var rows []savedViewRow
	err := r.models(ctx).Where("app = ? AND view_id = ? AND (user_id = ? OR shared = 1)", app, view, user).
		Order("created_at").Order("id").Limit(MaxSavedViews + MaxSharedViews).Find(&rows).Error
	if err != nil {
		return nil, r.s.wrap("list saved views", err)
	}
	out := make([]*SavedView, len(rows))
	for i := range rows {
		out[i] = rows[i].view()
	}
	return out, nil
}

// SavedView finds a saved view of a view, whoever's it is; ErrNotFound when there is none.
func (r *Reader) SavedView(ctx context.Context, app, view, id string) (*SavedView, error) {
	var row savedViewRow
	err := r.models(ctx).Where("app = ? AND view_id = ? AND id = ?", app, view, id).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, fmt.Errorf("read saved view: %w", ErrNotFound)
	}
	if err != nil {
		return nil, r.s.wrap("read saved view", err)
	}
	return row.view(), nil
}

// PutSavedView adds a saved view, or changes it when it has an id. It returns ErrTooLarge when there are too many.
func (tx *Tx) PutSavedView(ctx context.Context, v *SavedView) error {
	now := tx.s.micros()
	v.Updated = instant(now)
	if v.ID == "" {
		id, err := newID()
		if err != nil {
			return err
		}
		v.ID, v.Created = id, instant(now)
	}
	if err := tx.roomForView(ctx, v); err != nil {
		return err
	}
	row := savedViewRow{
		ID: v.ID, App: v.App, ViewID: v.View, UserID: v.User, Title: v.Title, Shared: flag(v.Shared), State: string(v.State),
		CreatedAt: stamped(v.Created), UpdatedAt: now,
	}
	return tx.s.wrap("keep saved view", tx.models(ctx).Save(&row).Error)
}

// roomForView counts what is there beside a saved view.
func (tx *Tx) roomForView(ctx context.Context, v *SavedView) error {
	own, err := tx.integer(ctx, "SELECT COUNT(*) FROM saved_views WHERE app = ? AND view_id = ? AND user_id = ? AND id <> ?", v.App, v.View, v.User, v.ID)
	if err != nil {
		return tx.s.wrap("count saved views", err)
	}
	if own >= MaxSavedViews {
		return fmt.Errorf("keep saved view: %w: %d of one person", ErrTooLarge, own)
	}
	if !v.Shared {
		return nil
	}
	shared, err := tx.integer(ctx, "SELECT COUNT(*) FROM saved_views WHERE app = ? AND view_id = ? AND shared = 1 AND id <> ?", v.App, v.View, v.ID)
	if err != nil {
		return tx.s.wrap("count saved views", err)
	}
	if shared >= MaxSharedViews {
		return fmt.Errorf("keep saved view: %w: %d shared", ErrTooLarge, shared)
	}
	return nil
}

// DeleteSavedView removes a saved view.
func (tx *Tx) DeleteSavedView(ctx context.Context, id string) error {
	return tx.s.wrap("delete saved view", tx.models(ctx).Where("id = ?", id).Delete(&savedViewRow{}).Error)
}
