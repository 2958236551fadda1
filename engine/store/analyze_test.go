package store_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"tenon/engine/store"
	"tenon/engine/store/lower"
	"tenon/engine/store/storetest"
	"tenon/metamodel/value"
)

// A table that is too small for PostgreSQL's own upkeep has statistics all the same.
func TestAnalyze(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		s := storetest.Open(t, c)
		app := oneEntity()
		storetest.Install(t, s, app)
		e := app.Entities[0]
		rows := make([]value.Row, 30)
		for i := range rows {
			rows[i] = storetest.Row(e, map[string]any{"code": string(rune('a' + i))})
		}
		insert(t, s, e, rows...)
		if err := s.Analyze(context.Background()); err != nil || c.URL == "" {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		db, err := sql.Open("pgx", c.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		for range 200 { // counts of changed rows reach the server's statistics some time after the commit
			var known int
			if err := db.QueryRow("SELECT reltuples::int FROM pg_class WHERE relname = $1", lower.Table(e)).Scan(&known); err != nil {
				t.Fatal(err)
			}
			if known == len(rows) {
				return
			}
			time.Sleep(50 * time.Millisecond)
			if err := s.Analyze(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		t.Error("the table has no statistics")
	})
}
