package store

import (
	"context"

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
