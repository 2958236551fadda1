package plain

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	_ "modernc.org/sqlite"             // driver "sqlite"
)

// DB is the database with its statements, prepared once.
type DB struct {
	postgres bool
	read     *sql.DB
	write    *sql.DB // SQLite: one connection that writes; PostgreSQL: the same pool

	get, list, listExpanded         *sql.Stmt
	supplier, insert, audit, outbox *sql.Stmt
}

// Open opens a folder's SQLite file or a PostgreSQL database. Pools and pragmas are those that Tenon has.
func Open(ctx context.Context, at string) (*DB, error) {
	db := &DB{postgres: strings.HasPrefix(at, "postgres://")}
	var err error
	if db.postgres {
		if db.read, err = sql.Open("pgx", at); err != nil {
			return nil, fmt.Errorf("open: %w", err)
		}
		db.read.SetMaxOpenConns(16)
		db.read.SetMaxIdleConns(8)
		db.write = db.read
	} else {
		if db.write, err = sql.Open("sqlite", sqliteURL(at, 8192)+"&_txlock=immediate"); err != nil {
			return nil, fmt.Errorf("open: %w", err)
		}
		db.write.SetMaxOpenConns(1)
		if db.read, err = sql.Open("sqlite", sqliteURL(at, 2048)+"&_query_only=1"); err != nil {
			return nil, fmt.Errorf("open: %w", err)
		}
		db.read.SetMaxOpenConns(4)
		db.read.SetMaxIdleConns(4)
	}
	for _, text := range db.schema() {
		if _, err := db.write.ExecContext(ctx, text); err != nil {
			return nil, errors.Join(fmt.Errorf("make tables: %w", err), db.Close())
		}
	}
	if err := db.prepare(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func sqliteURL(dir string, cacheKiB int) string {
	q := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "temp_store(MEMORY)", "mmap_size(0)",
		fmt.Sprintf("cache_size(-%d)", cacheKiB), "journal_size_limit(67108864)", "wal_autocheckpoint(4000)",
	}}
	return "file:" + (&url.URL{Path: filepath.Join(dir, "plain.db")}).EscapedPath() + "?" + q.Encode()
}

// Close closes the connections.
func (db *DB) Close() error {
	err := db.read.Close()
	if db.write != db.read {
		err = errors.Join(err, db.write.Close())
	}
	return err
}

// schema makes the tables. Prices are integers in hundredths, weights in thousandths.
func (db *DB) schema() []string {
	id, at, boolean, date := "TEXT", "INTEGER", "INTEGER", "TEXT"
	serial, data := "INTEGER PRIMARY KEY", "TEXT"
	if db.postgres {
		id, at, boolean, date = "UUID", "TIMESTAMPTZ", "BOOLEAN", "DATE"
		serial, data = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "JSONB"
	}
	system := fmt.Sprintf("id %s NOT NULL PRIMARY KEY, version BIGINT NOT NULL, created_at %s NOT NULL, created_by %s, updated_at %s NOT NULL, updated_by %s, deleted_at %s", id, at, id, at, id, at)
	return []string{
		"CREATE TABLE IF NOT EXISTS supplier (" + system + ", code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, contact TEXT, phone TEXT, city TEXT, level BIGINT, active " + boolean + ", note TEXT)",
		"CREATE TABLE IF NOT EXISTS product (" + system + `, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, barcode TEXT, region TEXT NOT NULL, category TEXT NOT NULL,
			brand TEXT, spec TEXT, unit TEXT, supplier ` + id + ` NOT NULL REFERENCES supplier (id), cost_price BIGINT NOT NULL, sale_price BIGINT NOT NULL, weight BIGINT,
			min_stock BIGINT, max_stock BIGINT, lead_days BIGINT, introduced_on ` + date + ", active " + boolean + ", taxable " + boolean + ", shelf TEXT, note TEXT)",
		"CREATE INDEX IF NOT EXISTS product_supplier ON product (supplier)",
		"CREATE INDEX IF NOT EXISTS product_list ON product (region, category, name, id)",
		"CREATE TABLE IF NOT EXISTS plain_audit (seq " + serial + ", at " + at + " NOT NULL, actor " + id + " NOT NULL, action TEXT NOT NULL, entity TEXT NOT NULL, record " + id + " NOT NULL, version BIGINT NOT NULL, data " + data + " NOT NULL)",
		"CREATE INDEX IF NOT EXISTS plain_audit_record ON plain_audit (entity, record)",
		"CREATE TABLE IF NOT EXISTS plain_outbox (seq " + serial + ", id " + id + " NOT NULL, at " + at + " NOT NULL, type TEXT NOT NULL, record " + id + " NOT NULL, data " + data + " NOT NULL)",
	}
}

func (db *DB) prepare(ctx context.Context) error {
	for _, p := range []struct {
		to   **sql.Stmt
		on   *sql.DB
		text string
	}{
		{&db.get, db.read, "SELECT " + productColumns + " FROM product p WHERE p.id = ? AND p.region = ? AND p.deleted_at IS NULL"},
		{&db.list, db.read, "SELECT " + productColumns + " FROM product p" + listTail},
		{&db.listExpanded, db.read, "SELECT " + productColumns + ", " + supplierColumns + " FROM product p JOIN supplier s ON s.id = p.supplier" + listTail},
		{&db.supplier, db.write, "SELECT 1 FROM supplier WHERE id = ? AND deleted_at IS NULL"},
		{&db.insert, db.write, insertProduct},
		{&db.audit, db.write, "INSERT INTO plain_audit (at, actor, action, entity, record, version, data) VALUES (?, ?, 'create', 'product', ?, 1, ?)"},
		{&db.outbox, db.write, "INSERT INTO plain_outbox (id, at, type, record, data) VALUES (?, ?, 'product.created', ?, ?)"},
	} {
		st, err := p.on.PrepareContext(ctx, db.bind(p.text)) //nolint:sqlclosecheck // kept as long as the pool
		if err != nil {
			return fmt.Errorf("prepare %.40s: %w", p.text, err)
		}
		*p.to = st
	}
	return nil
}

// bind writes placeholders as the database has them.
func (db *DB) bind(text string) string {
	if !db.postgres {
		return text
	}
	var b strings.Builder
	n := 0
	for i := range len(text) {
		if text[i] != '?' {
			b.WriteByte(text[i])
			continue
		}
		n++
		b.WriteString("$" + strconv.Itoa(n))
	}
	return b.String()
}

// instant is a time as the database keeps it.
func (db *DB) instant(t time.Time) any {
	if db.postgres {
		return t
	}
	return t.UnixMicro()
}

// Analyze brings the statistics of a PostgreSQL database up to date, as its autovacuum does after a load.
func Analyze(ctx context.Context, at string) (err error) {
	db, err := sql.Open("pgx", at)
	if err != nil {
		return fmt.Errorf("analyze: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, "VACUUM ANALYZE")
	return err
}
