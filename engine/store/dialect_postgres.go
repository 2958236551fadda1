package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
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
}

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
	return &postgresDB{db: db}, nil
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
	tx *sql.Tx
}

func (d *postgresDB) begin(ctx context.Context, serializable bool) (transaction, error) {
	level := sql.LevelReadCommitted
	if serializable {
		level = sql.LevelSerializable
	}
	return d.start(ctx, &sql.TxOptions{Isolation: level})
}

func (d *postgresDB) snapshot(ctx context.Context) (transaction, error) {
	return d.start(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
}

func (d *postgresDB) start(ctx context.Context, opts *sql.TxOptions) (transaction, error) {
	tx, err := d.db.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return &postgresTx{postgresSession: postgresSession{on: tx}, tx: tx}, nil
}

func (t *postgresTx) commit(context.Context) error { return t.tx.Commit() }

func (t *postgresTx) rollback() error {
	if err := t.tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
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

// single holds an advisory lock on a connection of its own.
func (d *postgresDB) single(ctx context.Context, key int64) (func() error, error) {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	for _, query := range []string{"SET statement_timeout = 0", "SET lock_timeout = 0"} {
		if _, err := conn.ExecContext(ctx, query); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", key); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() error {
		ctx := context.Background()
		_, unlocked := conn.ExecContext(ctx, "SELECT pg_advisory_unlock($1)", key)
		_, reset := conn.ExecContext(ctx, "SET statement_timeout = "+millis(statementTimeout)+"; SET lock_timeout = "+millis(lockTimeout))
		return errors.Join(unlocked, reset, conn.Close())
	}, nil
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
		var refused *pgconn.ConnectError
		if errors.As(err, &refused) {
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
