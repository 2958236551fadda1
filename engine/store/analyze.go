package store

import (
	"context"
	"fmt"

	"tenon/engine/store/lower"
)

// maxAnalyzed bounds the tables that one call of Analyze looks at.
const maxAnalyzed = 50

// changedTables lists tables whose statistics are missing or old. PostgreSQL's own upkeep waits for fifty changes, and
// without statistics it takes a table of forty rows for one of a single row, and reads it again for every row of
// another.
const changedTables = `SELECT relname::text FROM pg_stat_user_tables
WHERE schemaname = current_schema() AND n_live_tup > 0
AND (last_analyze IS NULL AND last_autoanalyze IS NULL OR n_mod_since_analyze > 20 + n_live_tup / 10)
ORDER BY n_mod_since_analyze DESC LIMIT %d`

// Analyze brings up to date what the database knows of its tables for choosing its ways, where that has changed much
// since. SQLite needs none.
func (s *Store) Analyze(ctx context.Context) error {
	if s.Dialect() != lower.Postgres {
		return nil
	}
	tables, err := texts(ctx, s.read.on, fmt.Sprintf(changedTables, maxAnalyzed))
	if err != nil {
		return s.wrap("list changed tables", err)
	}
	for _, table := range tables {
		if err := s.db.exclusive(ctx, "ANALYZE "+quote(table)); err != nil {
			return s.wrap("analyze "+table, err)
		}
	}
	return nil
}
