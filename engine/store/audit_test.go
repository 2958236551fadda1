package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

// behind opens the database as somebody who goes around the store.
func behind(t *testing.T, c store.Config) *sql.DB {
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

func audit(t *testing.T, s *store.Store) *store.AuditReport {
	t.Helper()
	report, err := s.VerifyAudit(context.Background())
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	return report
}

func TestAuditNamesTheFirstBreak(t *testing.T) {
	cases := []struct {
		name   string
		attack string
		seq    int64
		reason string
	}{
		{"nothing", "SELECT 1", 0, ""},
		{"edit", "UPDATE journal SET actor = 'somebody else' WHERE seq IN (17, 600)", 17, store.BreakChanged},
		{"edit data", `UPDATE journal SET data = '{"total":"1"}' WHERE seq = 601`, 601, store.BreakChanged},
		{"edit time", "UPDATE journal SET at = at + 1 WHERE seq = 1", 1, store.BreakChanged},
		{"delete", "DELETE FROM journal WHERE seq = 30", 30, store.BreakMissing},
		{"delete the newest", "DELETE FROM journal WHERE seq = 700", 700, store.BreakMissing},
		{"insert", "INSERT INTO journal (seq, xid, at, actor, actor_kind, action, app, entity, record, version, data, request, code) SELECT -5, 0, at, actor, actor_kind, action, app, entity, record, version, data, request, code FROM journal WHERE seq = 9", -5, store.BreakForeign},
		{"cut off", "DELETE FROM seals WHERE position = (SELECT max(position) FROM seals)", 0, store.BreakTail},
		{"seal gone", "DELETE FROM seals WHERE position = 1", 0, store.BreakSealGone},
		{"seal edited", "UPDATE seals SET hash = digests WHERE position = 1", 0, store.BreakSeal},
	}
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		s := storetest.Open(t, c)
		ctx := context.Background()
		entries := make([]store.Entry, 0, 700)
		for i := range 700 {
			entries = append(entries, store.Entry{Actor: "u", Action: "update", EntityID: "e", RecordID: fmt.Sprint(i), Version: int64(i), Data: []byte(`{"total":"5"}`)})
		}
		write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.Journal(ctx, entries...) })
		if _, err := s.Seal(ctx); err != nil {
			t.Fatal(err)
		}
		if r := audit(t, s); r.Break != nil || r.Sealed != 700 || r.Unsealed != 0 {
			t.Fatalf("before any attack: %+v, %+v", r, r.Break)
		}
		db := behind(t, c)
		for _, tc := range cases {
			t.Run(tc.name, func(t *testing.T) {
				keep(t, db, "journal", "seals")
				if _, err := db.ExecContext(ctx, tc.attack); err != nil {
					t.Fatal(err)
				}
				r := audit(t, s)
				switch {
				case tc.reason == "" && r.Break == nil:
				case r.Break == nil || r.Break.Seq != tc.seq || r.Break.Reason != tc.reason:
					t.Errorf("found %+v", r.Break)
				}
			})
		}
	})
}

// keep puts tables back to what they were when the test ends.
func keep(t *testing.T, db *sql.DB, tables ...string) {
	t.Helper()
	ctx := context.Background()
	for _, name := range tables {
		if _, err := db.ExecContext(ctx, "CREATE TABLE kept_"+name+" AS SELECT * FROM "+name); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		tx, err := db.BeginTx(ctx, nil) // the sealer must not see the tables empty
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range tables {
			for _, query := range []string{"DELETE FROM " + name, "INSERT INTO " + name + " SELECT * FROM kept_" + name, "DROP TABLE kept_" + name} {
				if _, err := tx.ExecContext(ctx, query); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	})
}

// A sealer does not build on a chain that was cut, and so never hides the cut under a new checkpoint.
func TestSealerRefusesACutChain(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		s := storetest.Open(t, c)
		ctx := context.Background()
		entry := func(action string) {
			write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.Journal(ctx, store.Entry{Action: action}) })
		}
		entry("grant")
		if _, err := s.Seal(ctx); err != nil {
			t.Fatal(err)
		}
		db := behind(t, c)
		for _, query := range []string{"DELETE FROM journal", "DELETE FROM seals"} {
			if _, err := db.ExecContext(ctx, query); err != nil {
				t.Fatal(err)
			}
		}
		entry("innocent")
		if _, err := s.Seal(ctx); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("sealed on: %v", err)
		}
		if r := audit(t, s); r.Break == nil || r.Break.Reason != store.BreakTail {
			t.Errorf("found %+v", r.Break)
		}
	})
}

func TestSealerRunsByItself(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		write(t, s, func(ctx context.Context, tx *store.Tx) error {
			return tx.Journal(ctx, store.Entry{Actor: "u", Action: "create"})
		})
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			if r := audit(t, s); r.Sealed == 1 {
				return
			}
			if time.Now().After(deadline) {
				t.Fatal("not sealed")
			}
		}
	})
}

func TestHistory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		for i := range 5 {
			write(t, s, func(ctx context.Context, tx *store.Tx) error {
				return tx.Journal(ctx, store.Entry{Actor: "u", ActorKind: "user", Action: "update", App: "a", EntityID: "e", RecordID: "r", Version: int64(i + 1), RequestID: "q", Code: "c"},
					store.Entry{Actor: "v", Action: "update", EntityID: "e", RecordID: "other"})
			})
		}
		first, err := s.Reader().History(ctx, "e", "r", 0, 3)
		if err != nil || len(first) != 3 || first[0].Version != 5 {
			t.Fatalf("first page %+v, %v", first, err)
		}
		if e := first[0]; e.ActorKind != "user" || e.App != "a" || e.RequestID != "q" || e.Code != "c" || string(e.Data) != "null" || e.At.IsZero() {
			t.Errorf("entry %+v", e)
		}
		rest, err := s.Reader().History(ctx, "e", "r", first[2].Seq, 10)
		if err != nil || len(rest) != 2 || rest[1].Version != 1 {
			t.Errorf("second page %+v, %v", rest, err)
		}
		if by, err := s.Reader().Entries(ctx, store.JournalFilter{Actor: "v", From: first[0].At.Add(-time.Hour), To: first[0].At.Add(time.Hour)}, 0, 100); err != nil || len(by) != 5 {
			t.Errorf("by actor: %d, %v", len(by), err)
		}
	})
}
