package store

import (
	"context"
	"errors"

	"gorm.io/gorm"
)

// Reader asks questions: of the latest committed state, or, as a part of Tx, of the transaction's own. A Reader
// of a Store is safe for concurrent use.
type Reader struct {
	s  *Store
	on session
}

// models is gorm for the platform's own tables.
func (r *Reader) models(ctx context.Context) *gorm.DB { return r.s.models(ctx, r.on) }

// Snapshot runs fn with a Reader that sees one state of the database, whatever is written meanwhile.
func (s *Store) Snapshot(ctx context.Context, fn func(ctx context.Context, r *Reader) error) (err error) {
	on, err := s.db.snapshot(ctx)
	if err != nil {
		return s.wrap("begin to read", err)
	}
	defer func() { err = errors.Join(err, on.rollback()) }()
	return fn(ctx, &Reader{s: s, on: on})
}
