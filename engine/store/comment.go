package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
)

// MaxComments is how many comments one record may have.
const MaxComments = 5000

// Comment is what somebody says about a record. Updated is zero while it is as it was written.
type Comment struct {
	ID       string // sorts by time
	App      string
	Entity   string // the entity's id
	Record   string
	Author   string
	Text     string
	Mentions []string // ids of people
	Created  time.Time
	Updated  time.Time
}

type commentRow struct {
	ID        string `gorm:"primaryKey"`
	App       string
	Entity    string
	Record    string
	Author    string
	Body      string
	Mentions  string
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	UpdatedAt int64 `gorm:"autoUpdateTime:false"`
}

// TableName is the table of comments.
func (commentRow) TableName() string { return "comments" }

func (r *commentRow) comment() (*Comment, error) {
	c := &Comment{
		ID: r.ID, App: r.App, Entity: r.Entity, Record: r.Record, Author: r.Author, Text: r.Body,
		Created: instant(r.CreatedAt), Updated: stamp(r.UpdatedAt),
	}
	if err := json.Unmarshal([]byte(r.Mentions), &c.Mentions); err != nil {
		return nil, fmt.Errorf("read comment %s: %w: %w", r.ID, ErrDamaged, err)
	}
	return c, nil
}

// Comments lists what was said about a record, the latest first, from before a comment's id ("" is from the latest).
func (r *Reader) Comments(ctx context.Context, app, entity, record, before string, limit int) ([]*Comment, error) {
	q := r.models(ctx).Where("app = ? AND entity = ? AND record = ?", app, entity, record)
	if before != "" {
		q = q.Where("id < ?", before)
	}
	var rows []commentRow
	if err := q.Order("id DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, r.s.wrap("list comments", err)
	}
	return commentsOf(rows)
}

func commentsOf(rows []commentRow) ([]*Comment, error) {
	out := make([]*Comment, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].comment(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Comment finds a comment on a record; ErrNotFound when there is none.
func (r *Reader) Comment(ctx context.Context, app, entity, record, id string) (*Comment, error) {
	var row commentRow
	err := r.models(ctx).Where("app = ? AND entity = ? AND record = ? AND id = ?", app, entity, record, id).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, fmt.Errorf("read comment: %w", ErrNotFound)
	}
	if err != nil {
		return nil, r.s.wrap("read comment", err)
	}
	return row.comment()
}

// CommentsByID reads comments wherever they are; unknown ids are left out.
func (r *Reader) CommentsByID(ctx context.Context, ids []string) (map[string]*Comment, error) {
	out := make(map[string]*Comment, len(ids))
	for batch := range slices.Chunk(ids, idBatch) {
		var rows []commentRow
		if err := r.models(ctx).Where("id IN ?", batch).Find(&rows).Error; err != nil {
			return nil, r.s.wrap("read comments", err)
		}
		found, err := commentsOf(rows)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			out[c.ID] = c
		}
	}
	return out, nil
}

// CommentsSince counts what somebody has written since an instant.
func (r *Reader) CommentsSince(ctx context.Context, author string, since time.Time) (int64, error) {
	n, err := r.integer(ctx, "SELECT COUNT(*) FROM comments WHERE author = ? AND created_at > ?", author, since.UnixMicro())
	return n, r.s.wrap("count comments", err)
}

// PutComment adds a comment or changes the one with its id. It returns ErrTooLarge when the record has too many.
func (tx *Tx) PutComment(ctx context.Context, c *Comment) error {
	n, err := tx.integer(ctx, "SELECT COUNT(*) FROM comments WHERE app = ? AND entity = ? AND record = ? AND id <> ?", c.App, c.Entity, c.Record, c.ID)
	if err != nil {
		return tx.s.wrap("count comments", err)
	}
	if n >= MaxComments {
		return fmt.Errorf("keep comment: %w: %d on one record", ErrTooLarge, n)
	}
	mentions, err := json.Marshal(append([]string{}, c.Mentions...))
	if err != nil {
		return fmt.Errorf("write mentions: %w", err)
	}
	row := commentRow{
		ID: c.ID, App: c.App, Entity: c.Entity, Record: c.Record, Author: c.Author, Body: c.Text, Mentions: string(mentions),
		CreatedAt: stamped(c.Created), UpdatedAt: stamped(c.Updated),
	}
	return tx.s.wrap("keep comment", tx.models(ctx).Save(&row).Error)
}

// DeleteComment removes a comment and what people were told of it. When by is somebody else than its author, the
// journal keeps that it was removed.
func (tx *Tx) DeleteComment(ctx context.Context, by By, c *Comment) error {
	if by.Actor != c.Author {
		if err := tx.note(ctx, by, "comment.delete", "comment", c.ID, map[string]any{"app": c.App, "entity": c.Entity, "record": c.Record, "author": c.Author}); err != nil {
			return err
		}
	}
	if err := tx.models(ctx).Where("comment_id = ?", c.ID).Delete(&notificationRow{}).Error; err != nil {
		return tx.s.wrap("delete notifications", err)
	}
	return tx.s.wrap("delete comment", tx.models(ctx).Where("id = ?", c.ID).Delete(&commentRow{}).Error)
}
