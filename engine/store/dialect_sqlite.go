package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"tenon/engine/store/lower"
)

// Limits of SQLite's connections. Page caches are per connection, so all of them together stay within
// writerCacheKiB + sqliteReaders × readerCacheKiB.
const (
	sqliteFile      = "tenon.db"
	sqliteReaders   = 4
	readerCacheKiB  = 2048
	writerCacheKiB  = 8192
	sqliteBusyWait  = 10 * time.Second
	sqliteIdleTime  = 2 * time.Minute
	sqliteWALBytes  = 64 << 20 // what a WAL file is cut to after a checkpoint
	sqliteWALPages  = 4000     // between checkpoints: pages that change often are copied less often
	privateFileMode = 0o600
	privateDirMode  = 0o700
)

// sqliteDB is a database file with one connection that writes and a few that read.
type sqliteDB struct {
	read    *sql.DB
	cached  *statements
	write   *sql.DB
	turn    chan struct{} // holds one token: whoever has it may use the writer
	conn    *sql.Conn
	written *statements // prepared on conn
	alone   sync.Map    // int64 → chan struct{}: who holds a key of single
}

func openSQLite(ctx context.Context, c Config) (*sqliteDB, error) {
	if err := os.MkdirAll(c.Dir, privateDirMode); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	path := filepath.Join(c.Dir, sqliteFile)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, privateFileMode) //nolint:gosec // the operator names the folder
	if err != nil {
		return nil, fmt.Errorf("open database file: %w", err)
	}
	if err := errors.Join(f.Chmod(privateFileMode), f.Close()); err != nil {
		return nil, fmt.Errorf("protect database file: %w", err)
	}
	d := &sqliteDB{turn: make(chan struct{}, 1)}
	d.turn <- struct{}{}
	if d.write, err = sql.Open("sqlite", sqliteURL(path, c.FullSync, writerCacheKiB, false)); err != nil {
		return nil, fmt.Errorf("open writer: %w", err)
	}
	d.write.SetMaxOpenConns(1)
	if d.conn, err = d.write.Conn(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("connect writer: %w", err), d.write.Close())
	}
	d.written = newStatements(d.conn)
	if d.read, err = sql.Open("sqlite", sqliteURL(path, c.FullSync, readerCacheKiB, true)); err != nil {
		return nil, errors.Join(fmt.Errorf("open readers: %w", err), d.close())
	}
	readers := sqliteReaders
	if c.MaxConns > 1 {
		readers = c.MaxConns - 1
	}
	d.read.SetMaxOpenConns(readers)
	d.read.SetMaxIdleConns(readers)
	d.read.SetConnMaxIdleTime(sqliteIdleTime)
	d.cached = newStatements(d.read)
	return d, nil
}

// sqliteURL is the data source of a connection. The path is escaped, so that no character of a folder's name
// can end it.
func sqliteURL(path string, full bool, cacheKiB int, readOnly bool) string {
	sync := "NORMAL"
	if full {
		sync = "FULL"
	}
	q := url.Values{}
	add := func(pragma string) { q.Add("_pragma", pragma) }
	add(fmt.Sprintf("busy_timeout(%d)", sqliteBusyWait.Milliseconds()))
	add("journal_mode(WAL)")
	add("synchronous(" + sync + ")")
	add("foreign_keys(1)")
	add("temp_store(MEMORY)")
	add("mmap_size(0)")
	add(fmt.Sprintf("cache_size(-%d)", cacheKiB))
	add(fmt.Sprintf("journal_size_limit(%d)", sqliteWALBytes))
	add(fmt.Sprintf("wal_autocheckpoint(%d)", sqliteWALPages))
	add("trusted_schema(0)")
	if readOnly {
		q.Set("_query_only", "1")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func (d *sqliteDB) dialect() lower.Dialect { return lower.SQLite }

func (d *sqliteDB) dialector() gorm.Dialector { return sqliteDialector{pool: d.read} }

func (d *sqliteDB) close() error {
	var errs []error
	if d.cached != nil {
		errs = append(errs, d.cached.close())
	}
	if d.read != nil {
		errs = append(errs, d.read.Close())
	}
	errs = append(errs, d.written.close(), d.conn.Close(), d.write.Close())
	return errors.Join(errs...)
}

func (d *sqliteDB) reader() session { return &sqliteSession{on: d.read, cached: d.cached} }

// sqliteSession runs statements prepared once.
type sqliteSession struct {
	on     gorm.ConnPool
	cached *statements
}

func (s *sqliteSession) pool() gorm.ConnPool { return s.on }

func (s *sqliteSession) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.cached.query(ctx, query, args)
}

func (s *sqliteSession) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return s.cached.exec(ctx, query, args)
}

// sqliteTx is a transaction on the writer. It has the writer's turn until it ends.
type sqliteTx struct {
	sqliteSession
	d    *sqliteDB
	done bool
}

func (d *sqliteDB) begin(ctx context.Context, _ bool) (transaction, error) {
	select {
	case <-d.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	t := &sqliteTx{sqliteSession: sqliteSession{on: d.conn, cached: d.written}, d: d}
	if _, err := d.written.exec(ctx, "BEGIN IMMEDIATE", nil); err != nil {
		// A context that ends just now may hide that the transaction has begun.
		return nil, errors.Join(err, t.rollback()) //nolint:contextcheck // it rolls back even when the request has ended
	}
	return t, nil
}

func (t *sqliteTx) commit(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return errors.Join(err, t.rollback()) //nolint:contextcheck // it rolls back even when the request has ended
	}
	// Once begun, a commit is not interrupted: its outcome must be known.
	if _, err := t.cached.exec(context.WithoutCancel(ctx), "COMMIT", nil); err != nil {
		return errors.Join(err, t.rollback()) //nolint:contextcheck // it rolls back even when the request has ended
	}
	t.done = true
	t.d.turn <- struct{}{}
	return nil
}

func (t *sqliteTx) rollback() error {
	if t.done {
		return nil
	}
	t.done = true
	defer func() { t.d.turn <- struct{}{} }()
	_, err := t.cached.exec(context.Background(), "ROLLBACK", nil)
	return rolledBack(err)
}

// rolledBack takes it as done when SQLite has rolled back by itself.
func rolledBack(err error) error {
	if err != nil && strings.Contains(err.Error(), "no transaction is active") {
		return nil
	}
	return err
}

// lost has nothing to do: there is one writer.
func (d *sqliteDB) lost() {}

// exclusive runs a statement alone on the writer.
func (d *sqliteDB) exclusive(ctx context.Context, query string) error {
	select {
	case <-d.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { d.turn <- struct{}{} }()
	_, err := d.conn.ExecContext(ctx, query)
	return err
}

// shrink drops prepared statements, and the page caches of the writer and of the reader that is next to be used. The
// other readers are closed by themselves when nobody needs them.
func (d *sqliteDB) shrink(ctx context.Context) error {
	d.cached.drop()
	d.written.drop()
	const query = "PRAGMA shrink_memory"
	_, err := d.read.ExecContext(ctx, query)
	return errors.Join(err, d.exclusive(ctx, query))
}

func (d *sqliteDB) snapshot(ctx context.Context) (transaction, error) {
	conn, err := d.read.Conn(ctx)
	if err != nil {
		return nil, err
	}
	t := &sqliteSnapshot{conn: conn, sqliteSession: sqliteSession{on: conn, cached: newStatements(conn)}}
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return nil, errors.Join(err, t.rollback()) //nolint:contextcheck // it rolls back even when the request has ended
	}
	return t, nil
}

// sqliteSnapshot is a read transaction on a connection of its own.
type sqliteSnapshot struct {
	sqliteSession
	conn *sql.Conn
	done bool
}

func (t *sqliteSnapshot) commit(context.Context) error { return t.rollback() } //nolint:contextcheck // it rolls back even when the request has ended

func (t *sqliteSnapshot) rollback() error {
	if t.done {
		return nil
	}
	t.done = true
	_, err := t.conn.ExecContext(context.Background(), "ROLLBACK")
	return errors.Join(t.cached.close(), rolledBack(err), t.conn.Close())
}

func (d *sqliteDB) columns(ctx context.Context, s session, table string) ([]string, error) {
	return texts(ctx, s, "SELECT name FROM pragma_table_info(?)", table)
}

func (d *sqliteDB) triggers(ctx context.Context, s session, table string) ([]string, error) {
	return texts(ctx, s, "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?", table)
}

func (d *sqliteDB) platformColumns(ctx context.Context, s session) ([]platformColumn, error) {
	return columnList(ctx, s, `SELECT t.name, c.name, c.type FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
WHERE t.type = 'table' AND substr(t.name, 1, 7) <> 'sqlite_' ORDER BY t.name, c.cid`)
}

// resetCounters has nothing to do: SQLite's counters follow what is inserted.
func (d *sqliteDB) resetCounters(context.Context, session) error { return nil }

// single serialises within the process: a SQLite workspace has one server.
func (d *sqliteDB) single(ctx context.Context, key int64) (func() error, error) {
	v, _ := d.alone.LoadOrStore(key, make(chan struct{}, 1))
	held := v.(chan struct{}) //nolint:forcetypeassert // only channels are stored
	select {
	case held <- struct{}{}:
		return func() error { <-held; return nil }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

const uniqueText = "UNIQUE constraint failed: "

func (d *sqliteDB) explain(err error) failure {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return failure{}
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return failure{kind: troubleRetry}
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOMEM:
		return failure{kind: troubleBusy}
	case sqlite3.SQLITE_CONSTRAINT:
		if _, rest, ok := strings.Cut(e.Error(), uniqueText); ok {
			return sqliteUnique(rest)
		}
	}
	return failure{}
}

// sqliteUnique reads `table.column, table.column (2067)`; SQLite names the columns, not the index.
func sqliteUnique(rest string) failure {
	rest, _, _ = strings.Cut(rest, " (")
	if index, ok := strings.CutPrefix(rest, "index '"); ok {
		return failure{kind: troubleUnique, index: strings.TrimSuffix(index, "'")}
	}
	f := failure{kind: troubleUnique}
	for part := range strings.SplitSeq(rest, ", ") {
		table, column, _ := strings.Cut(part, ".")
		f.table = table
		f.columns = append(f.columns, column)
	}
	return f
}

// texts runs a query of one text column.
func texts(ctx context.Context, s session, query string, args ...any) (out []string, err error) {
	rows, err := s.query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}
