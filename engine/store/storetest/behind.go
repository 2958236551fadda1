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
	driver, source := "pgx", c.URL
	if c.URL == "" {
		driver, source = "sqlite", filepath.Join(c.Dir, "tenon.db")+"?_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
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
