package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tenon/engine/store/lower"
)

// Limits of the outbox.
const (
	maxOutboxPage = 1000               // events read at once
	OutboxAge     = 7 * 24 * time.Hour // how long events are kept for late readers
	OutboxRows    = 200_000            // and how many of them at most
)

// Cursor is a place in the outbox or journal; the zero Cursor is before the first row. On SQLite Xid is 0.
type Cursor struct {
	Xid int64
	Seq int64
}

// Before tells whether a place comes before another.
func (c Cursor) Before(o Cursor) bool { return c.Xid < o.Xid || c.Xid == o.Xid && c.Seq < o.Seq }

// Event is a row of the outbox in the terms of CloudEvents 1.0. Data is JSON. ID (a UUIDv7) and Time are set by
// Emit when they are empty.
type Event struct {
	Cursor   Cursor
	ID       string
	Type     string // tenon.record.created.v1
	Source   string // /apps/<app>
	Subject  string // <entity>/<id>
	Time     time.Time
	Data     []byte
	App      string
	EntityID string
	RecordID string
	Version  int64
	// Recipient is the one person for whom the event is; "" for everyone who may see it.
	Recipient string
}

var outboxColumns = []string{"id", "type", "source", "subject", "at", "app", "entity", "record", "version", "data", "recipient"}

// Emit puts events into the outbox: they are delivered, at least once, if and only if the transaction commits. They
// are written with the commit. An event's id and time are set in the caller's slice too.
func (tx *Tx) Emit(ctx context.Context, events ...Event) error {
	now := tx.s.now()
	for i := range events {
		e := &events[i]
		if e.ID == "" {
			id, err := uuid.NewV7()
			if err != nil {
				return fmt.Errorf("make event id: %w", err)
			}
			e.ID = id.String()
		}
		if e.Time.IsZero() {
			e.Time = now
		}
	}
	tx.events = append(tx.events, events...)
	return tx.flushFull(ctx)
}

func (e *Event) args(args []any) []any {
	return append(args, e.ID, e.Type, e.Source, e.Subject, e.Time.UnixMicro(), e.App, e.EntityID, e.RecordID, e.Version, jsonText(e.Data), e.Recipient)
}

// jsonText is the JSON that is kept: null for none.
func jsonText(b []byte) string {
	if len(b) == 0 {
		return "null"
	}
	return string(b)
}

// appendRows inserts n rows into a platform table in multi-row statements; fill appends the arguments of one.
func (tx *Tx) appendRows(ctx context.Context, table string, columns []string, n int, fill func(i int, args []any) []any) error {
	d := tx.s.Dialect()
	args := make([]any, 0, len(columns)*min(n, batches[0]))
	for i := 0; i < n; {
		size := batchOf(n - i)
		args = args[:0]
		for range size {
			args = fill(i, args)
			i++
		}
		if _, err := tx.on.exec(ctx, platformInsert(d, table, columns, size), args...); err != nil {
			return tx.s.wrap("insert into "+table, err)
		}
	}
	return nil
}

// Outbox reads events in the order in which their transactions committed, from after a place. It never returns
// an event while one that belongs before it may still be committed, so a reader that remembers the last Cursor
// misses nothing.
func (r *Reader) Outbox(ctx context.Context, after Cursor, limit int) (out []Event, err error) {
	limit = max(0, min(limit, maxOutboxPage))
	const query = "SELECT xid, seq, id, type, source, subject, at, app, entity, record, version, data, recipient FROM outbox"
	rows, err := r.on.query(ctx, bind(r.s.Dialect(), query+following[r.s.Dialect()]), after.Xid, after.Seq, limit)
	if err != nil {
		return nil, r.s.wrap("read outbox", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var e Event
		var at int64
		if err := rows.Scan(&e.Cursor.Xid, &e.Cursor.Seq, &e.ID, &e.Type, &e.Source, &e.Subject, &at, &e.App, &e.EntityID,
			&e.RecordID, &e.Version, &e.Data, &e.Recipient); err != nil {
			return nil, r.s.wrap("read outbox", err)
		}
		e.Time = instant(at)
		out = append(out, e)
	}
	return out, r.s.wrap("read outbox", rows.Err())
}

// following are the rows of the outbox or journal after a place, in order. On PostgreSQL a row can become visible
// after one with a greater number, so rows of transactions that may have been begun before others that still run
// are left out.
var following = map[lower.Dialect]string{
	lower.SQLite:   " WHERE xid >= ? AND seq > ? ORDER BY seq LIMIT ?",
	lower.Postgres: " WHERE (xid, seq) > (?, ?) AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint ORDER BY xid, seq LIMIT ?",
}

// OutboxHead is the place of the newest event that Outbox gives out now; a reader that only wants what is to come
// starts there and misses nothing: whatever is written or committed later has a place after it.
func (r *Reader) OutboxHead(ctx context.Context) (Cursor, error) {
	m, err := r.Marks(ctx)
	return m.Head, err
}

// TrimOutbox drops events older than age and the oldest ones over rows, and returns how many. The newest row
// always stays, so that places keep their order.
func (s *Store) TrimOutbox(ctx context.Context, age time.Duration, rows int64) (n int64, err error) {
	err = s.Write(ctx, Pin{}, func(ctx context.Context, tx *Tx) error {
		const query = `DELETE FROM outbox WHERE (at < ? OR seq <= (SELECT max(seq) FROM outbox) - ?) AND seq < (SELECT max(seq) FROM outbox)`
		res, err := tx.on.exec(ctx, bind(s.Dialect(), query), s.now().Add(-age).UnixMicro(), rows)
		if err != nil {
			return s.wrap("trim outbox", err)
		}
		n, err = res.RowsAffected()
		return s.wrap("trim outbox", err)
	})
	return n, err
}
