package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"tenon/engine/store/lower"
	"tenon/metamodel"
)

// maxJournalPage bounds the entries that are read at once.
const maxJournalPage = 1000

// Entry is a row of the journal: record history and audit in one. Data is JSON; for changes of records it has
// the changed fields' values before and after with field ids as keys. Seq is given by the database, At is set by
// Journal when it is zero.
type Entry struct {
	Seq       int64
	At        time.Time
	Actor     string
	ActorKind string
	Action    string
	App       string
	EntityID  string
	RecordID  string
	Version   int64
	Data      []byte
	RequestID string
	Code      string
}

var journalColumns = []string{"at", "actor", "actor_kind", "action", "app", "entity", "record", "version", "data", "request", "code"}

const journalSelect = "SELECT xid, seq, at, actor, actor_kind, action, app, entity, record, version, data, request, code FROM journal"

// Journal appends entries. They are written with the commit, in the order of the calls, and become part of the
// sealed chain soon after.
func (tx *Tx) Journal(ctx context.Context, entries ...Entry) error {
	tx.journaled = tx.journaled || len(entries) > 0
	now := tx.s.now()
	for _, e := range entries {
		if e.At.IsZero() {
			e.At = now
		}
		tx.entries = append(tx.entries, e)
	}
	return tx.flushFull(ctx)
}

func (e *Entry) args(args []any) []any {
	return append(args, e.At.UnixMicro(), e.Actor, e.ActorKind, e.Action, e.App, e.EntityID, e.RecordID, e.Version, jsonText(e.Data),
		e.RequestID, e.Code)
}

// maxWaiting bounds the entries and events that wait for the commit.
const maxWaiting = 1024

// flushFull sends what waits when it is much.
func (tx *Tx) flushFull(ctx context.Context) error {
	if len(tx.entries)+len(tx.events) < maxWaiting {
		return nil
	}
	return tx.flush(ctx)
}

// flush sends the journal rows and events that wait. One of each, which is what most writes have, take one
// statement where the database can do that.
func (tx *Tx) flush(ctx context.Context) error {
	if len(tx.entries) == 1 && len(tx.events) == 1 && tx.s.Dialect() == lower.Postgres {
		args := tx.events[0].args(tx.entries[0].args(make([]any, 0, len(journalColumns)+len(outboxColumns))))
		if _, err := tx.on.exec(ctx, journalAndOutbox, args...); err != nil {
			return tx.s.wrap("insert into journal and outbox", err)
		}
	} else {
		err := tx.appendRows(ctx, "journal", journalColumns, len(tx.entries), func(i int, args []any) []any { return tx.entries[i].args(args) })
		if err != nil {
			return err
		}
		err = tx.appendRows(ctx, "outbox", outboxColumns, len(tx.events), func(i int, args []any) []any { return tx.events[i].args(args) })
		if err != nil {
			return err
		}
	}
	tx.entries, tx.events = tx.entries[:0], tx.events[:0]
	return nil
}

// journalAndOutbox inserts one row into each, on PostgreSQL.
var journalAndOutbox = func() string {
	first, second := insertText(lower.Postgres, "journal", journalColumns, nil, 1), "INSERT INTO outbox ("+strings.Join(outboxColumns, ", ")+") VALUES ("
	for i := range outboxColumns {
		if i > 0 {
			second += ","
		}
		second += mark(lower.Postgres, len(journalColumns)+i+1)
	}
	return "WITH entry AS (" + first + ") " + second + ")"
}()

// platformInserts caches the texts of platformInsert: tables × batches × dialects.
var platformInserts sync.Map

type insertKey struct {
	d     lower.Dialect
	table string
	n     int
}

// platformInsert is the text of an insert of n rows into a platform table, whose columns are always the same.
func platformInsert(d lower.Dialect, table string, columns []string, n int) string {
	key := insertKey{d, table, n}
	if text, ok := platformInserts.Load(key); ok {
		return text.(string) //nolint:forcetypeassert // only strings are stored
	}
	text := insertText(d, table, columns, nil, n)
	platformInserts.Store(key, text)
	return text
}

// History lists what happened to a record, newest first, from before a sequence number (0 is from the newest).
func (r *Reader) History(ctx context.Context, entity metamodel.ID, record string, before int64, limit int) ([]Entry, error) {
	return r.Entries(ctx, JournalFilter{EntityID: string(entity), RecordID: record}, before, limit)
}

// JournalFilter selects entries; empty parts select all.
type JournalFilter struct {
	App      string
	EntityID string
	RecordID string
	Actor    string
	Action   string
	From     time.Time // inclusive
	To       time.Time // exclusive
}

// Entries lists journal entries, newest first, from before a sequence number (0 is from the newest).
func (r *Reader) Entries(ctx context.Context, f JournalFilter, before int64, limit int) ([]Entry, error) {
	var where []string
	var args []any
	add := func(condition string, arg any) {
		where = append(where, condition)
		args = append(args, arg)
	}
	for _, c := range []struct{ column, text string }{{"app", f.App}, {"entity", f.EntityID}, {"record", f.RecordID}, {"actor", f.Actor}, {"action", f.Action}} {
		if c.text != "" {
			add(c.column+" = ?", c.text)
		}
	}
	if !f.From.IsZero() {
		add("at >= ?", f.From.UnixMicro())
	}
	if !f.To.IsZero() {
		add("at < ?", f.To.UnixMicro())
	}
	if before > 0 {
		add("seq < ?", before)
	}
	query := journalSelect
	if len(where) > 0 {
		query += " WHERE " + strings.Join(where, " AND ")
	}
	args = append(args, max(0, min(limit, maxJournalPage)))
	rows, err := r.journalRows(ctx, query+" ORDER BY seq DESC LIMIT ?", args...)
	if err != nil {
		return nil, r.s.wrap("read journal", err)
	}
	out := make([]Entry, len(rows))
	for i, row := range rows {
		out[i] = row.Entry
	}
	return out, nil
}

// journalRow is an entry with the transaction that wrote it.
type journalRow struct {
	Entry
	xid int64
}

func (r *Reader) journalRows(ctx context.Context, query string, args ...any) (out []journalRow, err error) {
	rows, err := r.on.query(ctx, bind(r.s.Dialect(), query), args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var e journalRow
		var at int64
		if err := rows.Scan(&e.xid, &e.Seq, &at, &e.Actor, &e.ActorKind, &e.Action, &e.App, &e.EntityID, &e.RecordID, &e.Version,
			&e.Data, &e.RequestID, &e.Code); err != nil {
			return nil, err
		}
		e.At = instant(at)
		out = append(out, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	return out, nil
}
