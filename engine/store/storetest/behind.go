package storetest

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver for what goes around the store

	"tenon/engine/store"
)

// Behind runs a statement as somebody who goes around the store, and tells how many rows it changed.
func Behind(t testing.TB, c store.Config, query string) int64 {
	t.Helper()
	db := behind(t, c)
	done, err := db.ExecContext(context.Background(), query)
	if err != nil {
		t.Fatalf("%.80s: %v", query, err)
	}
	n, err := done.RowsAffected()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Indexes lists the statements of the database's indexes, by name.
func Indexes(t testing.TB, c store.Config) map[string]string {
	t.Helper()
	query := "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
	if c.URL == "" {
		query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
	}
	rows, err := behind(t, c).QueryContext(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	out := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		out[name] = text
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// behind opens the database around the store, until the test ends.
func behind(t testing.TB, c store.Config) *sql.DB {
	t.Helper()
	driver, source := "pgx", c.URL
	if c.URL == "" {
		driver, source = "sqlite", filepath.Join(c.Dir, "tenon.db")+"?_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
