package store

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"tenon/engine/store/lower"
)

// Restore fills an empty workspace from a backup, of either database: everything or nothing. The workspace gets
// the backup's id. It returns ErrNotEmpty, ErrNewer for a backup of a newer version, and ErrDamaged.
func (s *Store) Restore(ctx context.Context, r io.ReaderAt, size int64) error {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return fmt.Errorf("restore: %w: %w", ErrDamaged, err)
	}
	m, err := readManifest(archive)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	all, err := migrations(s.Dialect())
	if err != nil {
		return err
	}
	if m.Migrations > len(all) {
		return fmt.Errorf("restore: %w", ErrNewer)
	}
	// Content first: a file that is known is always there.
	for _, f := range archive.File {
		if hash, ok := strings.CutPrefix(f.Name, backupFiles); ok {
			if err := s.restoreFile(ctx, f, hash); err != nil {
				return fmt.Errorf("restore file %.80s: %w", hash, err)
			}
		}
	}
	err = s.Write(ctx, Pin{}, func(ctx context.Context, tx *Tx) error {
		return tx.restore(ctx, archive, m)
	})
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	s.id = m.Workspace
	last, err := s.read.lastSeal(ctx)
	if err != nil || last.Position == 0 {
		return err
	}
	return s.writeCheckpoint(Checkpoint{Position: last.Position, Total: last.Total, Hash: last.Hash})
}

func readManifest(archive *zip.Reader) (m *manifest, err error) {
	f, err := archive.Open(manifestName)
	if err != nil {
		return nil, fmt.Errorf("%w: no manifest", ErrDamaged)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	text, err := io.ReadAll(io.LimitReader(f, maxManifest)) // to its end, where the checksum is compared
	if err != nil {
		return nil, fmt.Errorf("%w: manifest: %w", ErrDamaged, err)
	}
	m = &manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%w: manifest: %w", ErrDamaged, err)
	}
	if m.Format != backupFormat {
		return nil, fmt.Errorf("%w: format %.40q", ErrNewer, m.Format)
	}
	return m, nil
}

func (s *Store) restoreFile(ctx context.Context, f *zip.File, hash string) (err error) {
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	got, _, err := s.putContent(ctx, in, MaxFileBytes)
	if err != nil {
		return err
	}
	if got != hash {
		return ErrDamaged // what was written stays under its own digest and is nobody's
	}
	return nil
}

func (tx *Tx) restore(ctx context.Context, archive *zip.Reader, m *manifest) error {
	d := tx.s.Dialect()
	if d == lower.Postgres {
		if err := tx.ddl(ctx, "SET LOCAL statement_timeout = 0"); err != nil {
			return err
		}
	}
	if err := tx.empty(ctx); err != nil {
		return err
	}
	known, err := tx.platformTables(ctx)
	if err != nil {
		return tx.s.wrap("list tables", err)
	}
	for _, t := range known { // what migrations have put there comes with the backup
		if _, err := tx.on.pool().ExecContext(ctx, "DELETE FROM "+quote(t.Name)); err != nil {
			return tx.s.wrap("clear "+t.Name, err)
		}
	}
	for _, t := range m.Tables {
		if err := checkTable(t, known); err != nil {
			return err
		}
		if t.Records {
			if err := tx.restoreTable(ctx, t); err != nil {
				return err
			}
		}
		if err := tx.load(ctx, archive, t); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	if err := tx.restoreIndexes(ctx); err != nil {
		return err
	}
	if err := tx.reseal(ctx); err != nil {
		return err
	}
	return tx.s.wrap("set counters", tx.s.db.resetCounters(ctx, tx.on))
}

// empty refuses a workspace that somebody has used.
func (tx *Tx) empty(ctx context.Context) error {
	n, err := tx.integer(ctx, "SELECT (SELECT count(*) FROM refs) + (SELECT count(*) FROM physical_columns) + (SELECT count(*) FROM files) + (SELECT count(*) FROM users)")
	if err != nil {
		return tx.s.wrap("look for content", err)
	}
	if n > 0 {
		return ErrNotEmpty
	}
	return nil
}

// checkTable makes sure that no name in a manifest is anything but one of ours.
func checkTable(t backupTable, known []backupTable) error {
	if t.Records {
		if !physical(t.Name) || !strings.HasPrefix(t.Name, "e_") || len(t.Columns) == 0 {
			return fmt.Errorf("%w: table %.80q", ErrDamaged, t.Name)
		}
		for _, c := range t.Columns {
			if !physical(c.Name) {
				return fmt.Errorf("%w: column %.80q", ErrDamaged, c.Name)
			}
		}
		return nil
	}
	i := slices.IndexFunc(known, func(k backupTable) bool { return k.Name == t.Name })
	if i < 0 {
		return fmt.Errorf("%w: table %.80q", ErrDamaged, t.Name)
	}
	for _, c := range t.Columns {
		if !slices.ContainsFunc(known[i].Columns, func(k backupColumn) bool { return k.Name == c.Name && k.Class == c.Class }) {
			return fmt.Errorf("%w: column %.80q of %s", ErrDamaged, c.Name, t.Name)
		}
	}
	return nil
}

// physical tells whether a text has the form of our physical names.
func physical(name string) bool {
	return name != "" && len(name) < 64 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// restoreTable makes a table of an app from the catalogue's words.
func (tx *Tx) restoreTable(ctx context.Context, t backupTable) error {
	d := tx.s.Dialect()
	parts := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		f, err := standIn(c)
		if err != nil {
			return err
		}
		parts[i] = quote(c.Name) + " " + lower.ColumnType(d, f)
		f.System = !strings.HasPrefix(c.Name, "f_")
		parts[i] += constraint(f)
	}
	query := "CREATE TABLE " + quote(t.Name) + " (" + strings.Join(parts, ", ") + ")"
	if d == lower.SQLite {
		query += " STRICT"
	}
	return tx.ddl(ctx, query)
}

// load inserts a table's rows.
func (tx *Tx) load(ctx context.Context, archive *zip.Reader, t backupTable) (err error) {
	f, err := archive.Open(backupTables + t.Name + ".jsonl")
	if err != nil {
		return fmt.Errorf("%w: no rows", ErrDamaged)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	columns, err := columnsOf(t)
	if err != nil {
		return err
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = quote(c.name)
	}
	dec := json.NewDecoder(bufio.NewReader(f))
	dec.UseNumber()
	rows := make([][]any, 0, restoreBatch)
	for more := true; more; {
		var row []any
		switch err := dec.Decode(&row); {
		case errors.Is(err, io.EOF):
			more = false
		case err != nil:
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		case len(row) != len(columns):
			return fmt.Errorf("%w: a row of %d values", ErrDamaged, len(row))
		default:
			if err := tx.storeCells(columns, row); err != nil {
				return err
			}
			rows = append(rows, row)
		}
		if len(rows) == restoreBatch || !more {
			if err := tx.sendRows(ctx, t.Name, names, rows); err != nil {
				return err
			}
			rows = rows[:0]
		}
	}
	return ctx.Err()
}

func (tx *Tx) storeCells(columns []column, row []any) error {
	for i, c := range columns {
		if c.field == nil && (c.name == "xid" || c.name == "last_xid") {
			row[i] = int64(0) // transactions of another database mean nothing here
			continue
		}
		v, err := c.stored(tx.s.Dialect(), row[i])
		if err != nil {
			return fmt.Errorf("column %s: %w", c.name, err)
		}
		row[i] = v
	}
	return nil
}

func (tx *Tx) sendRows(ctx context.Context, table string, names []string, rows [][]any) error {
	args := make([]any, 0, len(names)*batches[0])
	for len(rows) > 0 {
		n := batchOf(len(rows))
		args = args[:0]
		for _, row := range rows[:n] {
			args = append(args, row...)
		}
		if _, err := tx.on.exec(ctx, insertText(tx.s.Dialect(), table, names, nil, n), args...); err != nil {
			return tx.s.wrap("insert", err)
		}
		rows = rows[n:]
	}
	return nil
}

// restoreIndexes makes the catalogue's indexes.
func (tx *Tx) restoreIndexes(ctx context.Context) error {
	var rows []indexRow
	if err := tx.models(ctx).Find(&rows).Error; err != nil {
		return tx.s.wrap("read catalogue", err)
	}
	for _, row := range rows {
		x := index{name: row.Name, table: row.Tbl, unique: row.IsUnique == 1, part: part(row.IsLive)}
		if err := json.Unmarshal([]byte(row.Columns), &x.columns); err != nil {
			return fmt.Errorf("index %.80s: %w", row.Name, ErrDamaged)
		}
		if !physical(x.name) || !physical(x.table) || slices.ContainsFunc(x.columns, func(c string) bool { return !physical(c) }) {
			return fmt.Errorf("index %.80s: %w", row.Name, ErrDamaged)
		}
		if err := tx.ddl(ctx, x.ddl(tx.s.Dialect(), false)); err != nil {
			return err
		}
	}
	return nil
}

// reseal fits the places of seals to the order of a journal whose transactions are not known any more: by number
// alone. Entries that were committed late and not sealed yet get new numbers, after all sealed ones.
func (tx *Tx) reseal(ctx context.Context) error {
	var seals []sealRow
	if err := tx.models(ctx).Order("position").Find(&seals).Error; err != nil {
		return tx.s.wrap("read seals", err)
	}
	known := map[int64]bool{}
	newest := int64(0)
	for _, seal := range seals {
		entries, ok := readDigests(seal.Digests)
		if !ok {
			return fmt.Errorf("seal %d: %w", seal.Position, ErrDamaged)
		}
		for _, e := range entries {
			known[e.seq] = true
			newest = max(newest, e.seq)
		}
		_, err := tx.on.exec(ctx, bind(tx.s.Dialect(), "UPDATE seals SET last_xid = 0, last_seq = ? WHERE position = ?"), newest, seal.Position)
		if err != nil {
			return tx.s.wrap("place seal", err)
		}
	}
	return tx.renumber(ctx, known, newest)
}

func (tx *Tx) renumber(ctx context.Context, known map[int64]bool, newest int64) error {
	late, err := tx.unknown(ctx, known, newest)
	if err != nil {
		return tx.s.wrap("read journal", err)
	}
	next, err := tx.integer(ctx, "SELECT coalesce(max(seq), 0) FROM journal")
	if err != nil {
		return tx.s.wrap("read journal", err)
	}
	for _, seq := range late {
		next++
		if _, err := tx.on.exec(ctx, bind(tx.s.Dialect(), "UPDATE journal SET seq = ? WHERE seq = ?"), next, seq); err != nil {
			return tx.s.wrap("number entry", err)
		}
	}
	return nil
}

// unknown lists the numbers up to newest that are not known.
func (tx *Tx) unknown(ctx context.Context, known map[int64]bool, newest int64) (out []int64, err error) {
	rows, err := tx.on.query(ctx, bind(tx.s.Dialect(), "SELECT seq FROM journal WHERE seq <= ? ORDER BY seq"), newest)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			return nil, err
		}
		if !known[seq] {
			out = append(out, seq)
		}
	}
	return out, rows.Err()
}
