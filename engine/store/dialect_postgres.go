package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"tenon/engine/store/lower"
)

// Limits of PostgreSQL's connections.
const (
	postgresConns      = 16
	postgresIdleConns  = 4
	postgresIdleTime   = 5 * time.Minute
	postgresLifetime   = time.Hour
	statementTimeout   = 30 * time.Second
	lockTimeout        = 10 * time.Second
	idleInTransaction  = 60 * time.Second
	postgresStatements = 256 // prepared statements per connection
)

// postgresDB is a pool of connections. pgx prepares and caches statements on each connection.
type postgresDB struct {
	db *sql.DB
	// Serializable transactions that meet at one row make each other fail. After one has failed, the next of them
	// queue: in the process for turn, so that waiting takes one connection, and among servers for an advisory lock.
	queued atomic.Int64
	turn   chan struct{}
}

// Queueing of serializable transactions.
const (
	queueLength = 256 // transactions that queue after one has failed
	// queueLock is the key of the advisory lock that a queued transaction holds.
	queueLock = 0x74656e6f6e03
)

func openPostgres(_ context.Context, c Config) (*postgresDB, error) {
	cfg, err := pgx.ParseConfig(c.URL)
	if err != nil {
		return nil, errors.New("read database URL: not a valid PostgreSQL connection string") // the cause may quote the password
	}
	cfg.StatementCacheCapacity = postgresStatements
	for name, v := range map[string]string{
		"application_name":                    "tenon",
		"timezone":                            "UTC",
		"statement_timeout":                   millis(statementTimeout),
		"lock_timeout":                        millis(lockTimeout),
		"idle_in_transaction_session_timeout": millis(idleInTransaction),
		"jit":                                 "off", // compiling takes longer than what these statements would gain
	} {
		cfg.RuntimeParams[name] = v
	}
	db := stdlib.OpenDB(*cfg)
	conns := c.MaxConns
	if conns <= 0 {
		conns = postgresConns
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(max(postgresIdleConns, conns/2))
	db.SetConnMaxIdleTime(postgresIdleTime)
	db.SetConnMaxLifetime(postgresLifetime)
	return &postgresDB{db: db, turn: make(chan struct{}, 1)}, nil
}

func millis(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }

func (d *postgresDB) dialect() lower.Dialect { return lower.Postgres }

func (d *postgresDB) dialector() gorm.Dialector { return postgres.New(postgres.Config{Conn: d.db}) }

func (d *postgresDB) close() error { return d.db.Close() }

func (d *postgresDB) reader() session { return &postgresSession{on: d.db} }

type postgresSession struct{ on gorm.ConnPool }

func (s *postgresSession) pool() gorm.ConnPool { return s.on }

func (s *postgresSession) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.on.QueryContext(ctx, query, args...)
}

func (s *postgresSession) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return s.on.ExecContext(ctx, query, args...)
}

type postgresTx struct {
	postgresSession
	tx   *sql.Tx
	done func() error // ends the queued transaction's turn; nil when it has none
}

func (d *postgresDB) begin(ctx context.Context, serializable bool) (transaction, error) {
	if !serializable {
		return d.start(ctx, d.db, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	}
	opts := &sql.TxOptions{Isolation: sql.LevelSerializable}
	if d.queued.Load() <= 0 || d.queued.Add(-1) < 0 {
		return d.start(ctx, d.db, opts)
	}
	return d.startInTurn(ctx, opts)
}

func (d *postgresDB) lost() { d.queued.Store(queueLength) }

// startInTurn waits until no other queued transaction runs. The lock is taken before the transaction begins, so
// that its snapshot has all that came before.
func (d *postgresDB) startInTurn(ctx context.Context, opts *sql.TxOptions) (_ transaction, err error) {
	select {
	case d.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	conn, err := d.db.Conn(ctx)
	if err != nil {
		<-d.turn
		return nil, err
	}
	end := func() error {
		defer func() { <-d.turn }()
		return unlock(ctx, conn, queueLock)
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", int64(queueLock)); err != nil {
		return nil, errors.Join(err, end()) // the lock may have been taken as the wait was given up
	}
	tx, err := d.start(ctx, conn, opts)
	if err != nil {
		return nil, errors.Join(err, end())
	}
	tx.done = end
	return tx, nil
}

// shrink has nothing to do: the caches are the server's.
func (d *postgresDB) shrink(context.Context) error { return nil }

func (d *postgresDB) snapshot(ctx context.Context) (transaction, error) {
	return d.start(ctx, d.db, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
}

// beginner is what a transaction can be begun on.
type beginner interface {
	BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error)
}

func (d *postgresDB) start(ctx context.Context, on beginner, opts *sql.TxOptions) (*postgresTx, error) {
	tx, err := on.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return &postgresTx{postgresSession: postgresSession{on: tx}, tx: tx}, nil
}

// commit says whether the transaction is committed; that its turn ends badly changes nothing about it.
func (t *postgresTx) commit(context.Context) error {
	err := t.tx.Commit()
	if ended := t.end(); ended != nil && err != nil {
		return errors.Join(err, ended)
	}
	return err
}

func (t *postgresTx) rollback() error {
	err := t.tx.Rollback()
	if errors.Is(err, sql.ErrTxDone) {
		err = nil
	}
	return errors.Join(err, t.end())
}

func (t *postgresTx) end() error {
	if t.done == nil {
		return nil
	}
	done := t.done
	t.done = nil
	return done()
}

// exclusive runs a statement outside a transaction and without the timeouts of requests: an index over a large
// table takes as long as it takes.
func (d *postgresDB) exclusive(ctx context.Context, query string) (err error) {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "SET statement_timeout = 0"); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, query)
	_, reset := conn.ExecContext(context.WithoutCancel(ctx), "SET statement_timeout = "+millis(statementTimeout))
	return errors.Join(err, reset)
}

func (d *postgresDB) columns(ctx context.Context, s session, table string) ([]string, error) {
	return texts(ctx, s, `SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`, quote(table))
}

func (d *postgresDB) triggers(ctx context.Context, s session, table string) ([]string, error) {
	return texts(ctx, s, `SELECT tgname::text FROM pg_trigger WHERE tgrelid = to_regclass($1) AND NOT tgisinternal`, quote(table))
}

func (d *postgresDB) platformColumns(ctx context.Context, s session) ([]platformColumn, error) {
	return columnList(ctx, s, `SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname::text COLLATE "C", a.attnum`)
}

func (d *postgresDB) resetCounters(ctx context.Context, s session) error {
	commands, err := texts(ctx, s, `SELECT format('SELECT setval(pg_get_serial_sequence(%L, %L), (SELECT coalesce(max(%I), 0) + 1 FROM %I), false)', c.relname, a.attname, a.attname, c.relname)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = current_schema()::regnamespace AND a.attidentity <> ''`)
	if err != nil {
		return err
	}
	for _, query := range commands {
		if _, err := s.exec(ctx, query); err != nil {
			return err
		}
	}
	return nil
}

// unlock gives back, even when the request has ended, an advisory lock with its connection. A connection that
// can't do that is not used again, and the server frees what it held.
func unlock(ctx context.Context, conn *sql.Conn, key int64) error {
	_, err := conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock_all()")
	if err == nil {
		return conn.Close()
	}
	_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // always this error: it drops the connection
	if lostConnection(err) {
		return nil
	}
	return fmt.Errorf("give back lock %d: %w", key, err)
}

// single holds an advisory lock on a connection of its own.
func (d *postgresDB) single(ctx context.Context, key int64) (func() error, error) {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	const patient = "SET statement_timeout = 0; SET lock_timeout = 0"
	impatient := "SET statement_timeout = " + millis(statementTimeout) + "; SET lock_timeout = " + millis(lockTimeout) //nolint:gosec // made of constants
	if _, err := conn.ExecContext(ctx, patient); err != nil {
		return nil, errors.Join(err, unlock(ctx, conn, key))
	}
	_, err = conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", key)
	_, reset := conn.ExecContext(context.WithoutCancel(ctx), impatient)
	if err := errors.Join(err, reset); err != nil {
		return nil, errors.Join(err, unlock(ctx, conn, key))
	}
	return func() error { return unlock(ctx, conn, key) }, nil
}

// The SQLSTATEs that mean something to us.
const (
	stateUnique        = "23505"
	stateSerialization = "40001"
	stateDeadlock      = "40P01"
	stateLockTimeout   = "55P03"
	stateCanceled      = "57014" // statement_timeout
	classResources     = "53"    // too many connections, out of memory, disk full
	classOperator      = "57"    // shutting down
	classConnection    = "08"
)

func (d *postgresDB) explain(err error) failure {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		if lostConnection(err) {
			return failure{kind: troubleBusy}
		}
		return failure{}
	}
	switch {
	case e.Code == stateUnique:
		return failure{kind: troubleUnique, index: e.ConstraintName, table: e.TableName}
	case e.Code == stateSerialization || e.Code == stateDeadlock:
		return failure{kind: troubleRetry}
	case e.Code == stateLockTimeout || e.Code == stateCanceled,
		strings.HasPrefix(e.Code, classResources), strings.HasPrefix(e.Code, classOperator), strings.HasPrefix(e.Code, classConnection):
		return failure{kind: troubleBusy}
	}
	return failure{}
}

// lostConnection tells whether an error is about the way to the server.
func lostConnection(err error) bool {
	var refused *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &refused) || errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
