package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tenon/engine/store/lower"
)

// IdempotencyAge is how long the answer to a request with an idempotency key is kept.
const IdempotencyAge = 24 * time.Hour

// maxSavedBody bounds the body that is kept with an idempotency key.
const maxSavedBody = 1 << 20

// Response is a saved answer: what the first request with the key got.
type Response struct {
	Status  string // the outcome in the engine's words, such as "created"
	Record  string // id of the record, if any
	Version int64
	Body    []byte
	At      time.Time
}

type idempotencyRow struct {
	Actor       string `gorm:"primaryKey"`
	Name        string `gorm:"primaryKey"`
	RequestHash string
	Status      string
	Record      string
	Version     int64
	Body        []byte
	At          int64
}

func (idempotencyRow) TableName() string { return "idempotency" }

// Idempotent returns the saved answer to an actor's request with this key, nil when it is the first. Two
// requests with one key wait for each other. It returns ErrKeyReused when the key came with another request.
func (tx *Tx) Idempotent(ctx context.Context, actor, key, requestHash string) (*Response, error) {
	if tx.s.Dialect() == lower.Postgres {
		const lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
		if _, err := tx.on.exec(ctx, lock, "idempotency:"+actor+":"+key); err != nil {
			return nil, tx.s.wrap("lock idempotency key", err)
		}
	}
	var row idempotencyRow
	err := tx.models(ctx).Where(clause.Eq{Column: "actor", Value: actor}, clause.Eq{Column: "name", Value: key}).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, tx.s.wrap("read idempotency key", err)
	}
	if tx.s.now().Sub(instant(row.At)) > IdempotencyAge {
		err := tx.models(ctx).Delete(&row).Error
		return nil, tx.s.wrap("drop old idempotency key", err)
	}
	if row.RequestHash != requestHash {
		return nil, fmt.Errorf("read idempotency key: %w", ErrKeyReused)
	}
	return &Response{Status: row.Status, Record: row.Record, Version: row.Version, Body: row.Body, At: instant(row.At)}, nil
}

// SaveIdempotent keeps the answer to a request with a key, in the transaction that carries the request out.
func (tx *Tx) SaveIdempotent(ctx context.Context, actor, key, requestHash string, r Response) error {
	if len(r.Body) > maxSavedBody {
		return fmt.Errorf("save idempotency key: %w", ErrTooLarge)
	}
	row := idempotencyRow{
		Actor: actor, Name: key, RequestHash: requestHash, Status: r.Status, Record: r.Record,
		Version: r.Version, Body: r.Body, At: tx.s.micros(),
	}
	if row.Body == nil {
		row.Body = []byte{}
	}
	err := tx.models(ctx).Create(&row).Error
	if err != nil && tx.s.db.explain(err).kind == troubleUnique {
		// A serializable transaction does not see what was committed while it waited: run again, it will.
		return fmt.Errorf("save idempotency key: %w", errRetry)
	}
	return tx.s.wrap("save idempotency key", err)
}

// TrimIdempotency forgets answers older than IdempotencyAge and returns how many.
func (s *Store) TrimIdempotency(ctx context.Context) (n int64, err error) {
	err = s.Write(ctx, Pin{}, func(ctx context.Context, tx *Tx) error {
		res, err := tx.on.exec(ctx, bind(s.Dialect(), "DELETE FROM idempotency WHERE at < ?"), s.now().Add(-IdempotencyAge).UnixMicro())
		if err != nil {
			return s.wrap("trim idempotency keys", err)
		}
		n, err = res.RowsAffected()
		return s.wrap("trim idempotency keys", err)
	})
	return n, err
}
