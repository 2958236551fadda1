package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"sync"

	"gorm.io/gorm"

	"tenon/engine/store/lower"
)

// database is one open database. There are two, in the files dialect_*.go; everything that differs between
// them is behind this interface or in package lower.
type database interface {
	dialect() lower.Dialect
	// reader runs statements outside a transaction.
	reader() session
	// begin starts a write transaction, waiting for its turn where there is one writer.
	begin(ctx context.Context, serializable bool) (transaction, error)
	// lost says that a transaction has to be run again: the next serializable ones go one after the other.
	lost()
	// snapshot starts a read-only transaction that sees one state of the database.
	snapshot(ctx context.Context) (transaction, error)
	// exclusive runs DDL that can't be part of a transaction.
	exclusive(ctx context.Context, query string) error
	explain(err error) failure
	// shrink gives back what connections of this process keep in memory.
	shrink(ctx context.Context) error
	dialector() gorm.Dialector
	inspector
	// single holds a lock that one caller at a time has, over all servers of the workspace.
	single(ctx context.Context, key int64) (release func() error, err error)
	close() error
}

// inspector asks a database about its tables.
type inspector interface {
	// columns lists a table's columns, none when there is no such table.
	columns(ctx context.Context, s session, table string) ([]string, error)
	// platformColumns lists the columns of all tables, by table and place.
	platformColumns(ctx context.Context, s session) ([]platformColumn, error)
	// resetCounters makes generated numbers go on after the greatest that is there.
	resetCounters(ctx context.Context, s session) error
	// triggers lists the triggers of a table that fills made.
	triggers(ctx context.Context, s session, table string) ([]string, error)
}

// session runs statements: on a pool, or on the one connection of a transaction. Placeholders are `?` on
// SQLite and `$1` on PostgreSQL.
type session interface {
	query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	exec(ctx context.Context, query string, args ...any) (sql.Result, error)
	pool() gorm.ConnPool
}

// transaction is a session that ends. rollback after commit does nothing.
type transaction interface {
	session
	commit(ctx context.Context) error
	rollback() error
}

// rebound caches statements of the platform's own tables with PostgreSQL's placeholders. Their number is that
// of the literals in this package.
var rebound sync.Map

// bind rewrites `?` placeholders for the dialect. Only for constant text of this package: no literal in it may
// contain a question mark.
func bind(d lower.Dialect, query string) string {
	if d != lower.Postgres {
		return query
	}
	if done, ok := rebound.Load(query); ok {
		return done.(string) //nolint:forcetypeassert // only strings are stored
	}
	out := numbered(query)
	rebound.Store(query, out)
	return out
}

func numbered(query string) string {
	var b strings.Builder
	n := 0
	for i := range len(query) {
		if query[i] != '?' {
			b.WriteByte(query[i])
			continue
		}
		n++
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}

// quote writes a physical name as an identifier.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// columnList runs a query of table, column and declared type.
func columnList(ctx context.Context, s session, query string) (out []platformColumn, err error) {
	rows, err := s.query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var c platformColumn
		if err := rows.Scan(&c.table, &c.column, &c.class); err != nil {
			return nil, err
		}
		c.class = classOfType(c.class)
		out = append(out, c)
	}
	return out, rows.Err()
}
