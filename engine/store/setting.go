package store

import (
	"context"
	"errors"
	"fmt"

	"tenon/engine/store/lower"
)

// Setting reads a setting of the workspace; ErrNotFound when it was never set.
func (r *Reader) Setting(ctx context.Context, name string) (string, error) {
	found, err := texts(ctx, r.on, bind(r.s.Dialect(), "SELECT value FROM settings WHERE name = ?"), name)
	if err != nil {
		return "", r.s.wrap("read setting", err)
	}
	if len(found) == 0 {
		return "", fmt.Errorf("read setting %s: %w", name, ErrNotFound)
	}
	return found[0], nil
}

// PutSetting keeps a setting of the workspace.
func (tx *Tx) PutSetting(ctx context.Context, name, text string) error {
	const query = "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
	_, err := tx.on.exec(ctx, bind(tx.s.Dialect(), query), name, text)
	return tx.s.wrap("put setting", err)
}

// BumpEpoch says that somebody's rights have changed: every server notices by Marks and drops what it had
// compiled from them.
func (tx *Tx) BumpEpoch(ctx context.Context) error {
	_, err := tx.on.exec(ctx, "UPDATE epochs SET value = value + 1 WHERE name = 'auth'")
	return tx.s.wrap("bump epoch", err)
}

// Marks are what a server polls to follow the others: it has news when anything in them differs from before.
type Marks struct {
	Refs  []Ref // by app and environment
	Epoch int64 // of rights
	Head  Cursor
	Jobs  JobMark
}

// JobMark differs when jobs have begun, gone on or ended.
type JobMark struct{ Running, At int64 }

// Marks reads the marks in one cheap statement each time it is called.
func (r *Reader) Marks(ctx context.Context) (m Marks, err error) {
	newest := "ORDER BY seq DESC"
	if r.s.Dialect() == lower.Postgres {
		newest = "WHERE xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint ORDER BY xid DESC, seq DESC"
	}
	query := `SELECT 0, app, env, commit_hash, generation, moved_at FROM refs
UNION ALL SELECT 1, '', '', '', value, 0 FROM epochs WHERE name = 'auth'
UNION ALL SELECT 2, '', '', '', xid, seq FROM (SELECT xid, seq FROM outbox ` + newest + ` LIMIT 1) newest
UNION ALL SELECT 3, '', '', '', count(*), coalesce(max(updated_at), 0) FROM jobs WHERE kind IN ('` + JobRecompute + `', '` + JobFill + `', '` + JobPost + `', '` + JobMethod + `') AND state = 'running'
ORDER BY 1, 2, 3`
	rows, err := r.on.query(ctx, query)
	if err != nil {
		return m, r.s.wrap("read marks", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var kind, at int64
		var ref Ref
		if err := rows.Scan(&kind, &ref.App, &ref.Env, &ref.Commit, &ref.Generation, &at); err != nil {
			return m, r.s.wrap("read marks", err)
		}
		switch kind {
		case 0:
			ref.MovedAt = instant(at)
			m.Refs = append(m.Refs, ref)
		case 1:
			m.Epoch = ref.Generation
		case 3:
			m.Jobs = JobMark{ref.Generation, at}
		default:
			m.Head = Cursor{Xid: ref.Generation, Seq: at}
		}
	}
	return m, r.s.wrap("read marks", rows.Err())
}
