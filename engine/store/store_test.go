package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

func write(t *testing.T, s *store.Store, fn func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	if err := s.Write(context.Background(), store.Pin{}, fn); err != nil {
		t.Fatalf("write: %v", err)
	}
}

func TestOpenAgain(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		s := storetest.Open(t, c)
		id := s.WorkspaceID()
		if id == "" {
			t.Fatal("a workspace without an id")
		}
		if again := storetest.Open(t, c); again.WorkspaceID() != id {
			t.Errorf("the workspace was %s and is now %s", id, again.WorkspaceID())
		}
	})
}

func TestSQLiteFilesArePrivate(t *testing.T) {
	c := storetest.SQLite(t)
	storetest.Open(t, c)
	for _, name := range []string{"tenon.db", "tenon.db-wal", "tenon.db-shm"} {
		info, err := os.Stat(filepath.Join(c.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o", name, mode)
		}
	}
}

func TestBadURLDoesNotLeakPassword(t *testing.T) {
	_, err := store.Open(context.Background(), store.Config{URL: "postgres://u:geheim@host:notaport/db", Dir: t.TempDir(), Now: time.Now})
	if err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("got %v", err)
	}
}

func TestWriteRollsBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		sentinel := errors.New("no")
		err := s.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
			if err := tx.PutSetting(ctx, "a", "1"); err != nil {
				return err
			}
			return sentinel
		})
		if !errors.Is(err, sentinel) {
			t.Fatalf("got %v", err)
		}
		if _, err := s.Reader().Setting(ctx, "a"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the setting of a failed transaction: %v", err)
		}
		write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.PutSetting(ctx, "a", "2") })
		if got, err := s.Reader().Setting(ctx, "a"); got != "2" {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

func TestNestedWriteIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		write(t, s, func(ctx context.Context, _ *store.Tx) error {
			err := s.Write(ctx, store.Pin{}, func(context.Context, *store.Tx) error { return nil })
			if !errors.Is(err, store.ErrNested) {
				t.Errorf("got %v", err)
			}
			return nil
		})
	})
}

func TestCanceledWriteChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithCancel(context.Background())
		err := s.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
			if err := tx.PutSetting(ctx, "a", "1"); err != nil {
				return err
			}
			cancel()
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
		if _, err := s.Reader().Setting(context.Background(), "a"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v", err)
		}
		write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.PutSetting(ctx, "b", "1") })
	})
}

func TestAfterRunsOnceOnCommit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		runs := 0
		fail := errors.New("no")
		for _, outcome := range []error{fail, nil} {
			err := s.Write(context.Background(), store.Pin{}, func(_ context.Context, tx *store.Tx) error {
				if err := tx.After(func() { runs++ }); err != nil {
					return err
				}
				return outcome
			})
			if !errors.Is(err, outcome) {
				t.Fatal(err)
			}
		}
		if runs != 1 {
			t.Errorf("ran %d times", runs)
		}
	})
}
