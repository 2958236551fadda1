// Package storetest runs tests of the store on both databases and holds the suite that each of them must pass.
// It is for tests only and must never be imported by the product.
package storetest

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"tenon/engine/store"
)

// Main runs a package's tests and ends the PostgreSQL that they started:
//
//	func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }
func Main(m *testing.M) int {
	code := m.Run()
	if shared != nil {
		if err := shared.stop(); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, "storetest:", err)
			return max(code, 1)
		}
	}
	return code
}

// Each runs a test on a new SQLite workspace and on a new PostgreSQL workspace. Without any PostgreSQL the test
// fails, unless TENON_TEST_SQLITE_ONLY=1 says that this is meant.
func Each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	EachConfig(t, func(t *testing.T, c store.Config) { test(t, Open(t, c)) })
}

// EachConfig is Each for tests that open the workspace themselves, or several times.
func EachConfig(t *testing.T, test func(t *testing.T, c store.Config)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	if os.Getenv("TENON_TEST_SQLITE_ONLY") == "1" {
		t.Log("TENON_TEST_SQLITE_ONLY=1: NOT TESTED ON POSTGRESQL")
		return
	}
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite is the configuration of a new workspace in a folder of the test.
func SQLite(t testing.TB) store.Config {
	t.Helper()
	return store.Config{Dir: t.TempDir(), Now: time.Now} //nolint:forbidigo // tests run by the real clock
}

// Postgres is the configuration of a new workspace in a PostgreSQL database that goes with the test.
func Postgres(t testing.TB) store.Config {
	t.Helper()
	ctx := context.Background()
	server, err := postgres(ctx)
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	address, drop, err := server.newDatabase(ctx)
	if err != nil {
		t.Fatalf("make database: %v", err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Errorf("drop database: %v", err)
		}
	})
	return store.Config{URL: address, Dir: t.TempDir(), Now: time.Now} //nolint:forbidigo // tests run by the real clock
}

// Open opens a workspace until the test ends.
func Open(t testing.TB, c store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), c)
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return s
}
