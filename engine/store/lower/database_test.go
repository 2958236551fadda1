package lower_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"tenon/engine/query"
	"tenon/engine/store/lower"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// database is one database with the tables of a world.
type database struct {
	dialect lower.Dialect
	db      *sql.DB
}

// openSQLite opens a database in a file of the test.
func openSQLite(t testing.TB) *database {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: filepath.Join(t.TempDir(), "t.db")}).EscapedPath()+"?_pragma=journal_mode(WAL)&_pragma=synchronous(0)&_pragma=trusted_schema(0)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return &database{lower.SQLite, db}
}

var databaseNumber struct {
	sync.Mutex
	n int
}

// openPostgres opens a database whose own language sorts and changes case in another way than bytes do.
func openPostgres(t testing.TB) *database {
	t.Helper()
	admin := storetest.Postgres(t).URL
	databaseNumber.Lock()
	databaseNumber.n++
	name := fmt.Sprintf("lower_%d_%d", os.Getpid(), databaseNumber.n)
	databaseNumber.Unlock()
	first, err := sql.Open("pgx", admin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.ExecContext(context.Background(), "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8' LOCALE_PROVIDER icu ICU_LOCALE 'zh-CN'"); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	q := u.Query()
	q.Set("timezone", "America/New_York") // statements must not depend on the session's zone
	u.RawQuery = q.Encode()
	db, err := sql.Open("pgx", u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = db.Close()
		_, err := first.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
		_ = first.Close()
		if err != nil {
			t.Errorf("drop database: %v", err)
		}
	})
	return &database{lower.Postgres, db}
}

// eachDatabase runs a test on both databases.
func eachDatabase(t *testing.T, test func(t *testing.T, d *database)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, openSQLite(t)) })
	if os.Getenv("TENON_TEST_SQLITE_ONLY") == "1" {
		t.Log("TENON_TEST_SQLITE_ONLY=1: NOT TESTED ON POSTGRESQL")
		return
	}
	t.Run("postgres", func(t *testing.T) { test(t, openPostgres(t)) })
}

func (d *database) exec(t testing.TB, text string, args ...any) {
	t.Helper()
	if _, err := d.db.ExecContext(context.Background(), text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// load makes the world's tables and fills them.
func (d *database) load(t testing.TB, w *world) {
	t.Helper()
	for _, e := range w.app.Entities {
		d.create(t, e)
		for _, row := range w.rows[e] {
			d.insert(t, e, row)
		}
	}
}

// clear drops the world's tables.
func (d *database) clear(t testing.TB, w *world) {
	t.Helper()
	for _, e := range w.app.Entities {
		d.exec(t, "DROP TABLE "+lower.Table(e))
	}
}

func (d *database) create(t testing.TB, e *metamodel.Entity) {
	t.Helper()
	var columns []string
	for _, f := range e.Columns() {
		if lower.HasColumn(f) {
			c := lower.Column(f) + " " + lower.ColumnType(d.dialect, f)
			if f.System && f.Name == "id" {
				c += " NOT NULL PRIMARY KEY"
			}
			columns = append(columns, c)
		}
	}
	text := "CREATE TABLE " + lower.Table(e) + " (" + strings.Join(columns, ", ") + ")"
	if d.dialect == lower.SQLite {
		text += " STRICT"
	}
	d.exec(t, text)
}

func (d *database) insert(t testing.TB, e *metamodel.Entity, row value.Row) {
	t.Helper()
	var columns, marks []string
	var args []any
	for _, f := range e.Columns() {
		if !lower.HasColumn(f) {
			continue
		}
		a, err := lower.Encode(d.dialect, f, row[f.Slot])
		if err != nil {
			t.Fatal(err)
		}
		columns, args = append(columns, lower.Column(f)), append(args, a)
		if d.dialect == lower.Postgres {
			marks = append(marks, fmt.Sprintf("$%d", len(args)))
		} else {
			marks = append(marks, "?")
		}
	}
	d.exec(t, "INSERT INTO "+lower.Table(e)+" ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", args...)
}

// run runs a statement and decodes all rows.
func (d *database) run(st *lower.Statement) (out [][]any, err error) {
	rows, err := d.db.QueryContext(context.Background(), st.SQL, st.Args...)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s\n%v", err, st.SQL, st.Args)
	}
	defer func() { _ = rows.Close() }()
	src, dest := make([]any, len(st.Columns)), make([]any, len(st.Columns))
	for i := range src {
		dest[i] = &src[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		cells := make([]any, len(src))
		for i, c := range st.Columns {
			if cells[i], err = c.Decode(src[i]); err != nil {
				return nil, fmt.Errorf("%w\n%s", err, st.SQL)
			}
		}
		out = append(out, cells)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("%w\n%s\n%v", err, st.SQL, st.Args)
	}
	return out, nil
}

// ids runs a list and returns the ids found, in order.
func (d *database) ids(q *query.Select, env *query.Env) ([]string, *lower.Statement, error) {
	q.Fields = q.Entity.Columns()[:1]
	st, err := lower.Select(d.dialect, q, env)
	if err != nil {
		return nil, nil, err
	}
	rows, err := d.run(st)
	if err != nil {
		return nil, st, err
	}
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r[0].(string)
	}
	return out, st, nil
}
