package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/engine/store/lower"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

const benchRows = 100_000

// eachBench runs a benchmark on both databases.
func eachBench(b *testing.B, bench func(b *testing.B, s *store.Store, c store.Config)) {
	b.Run("sqlite", func(b *testing.B) { c := storetest.SQLite(b); bench(b, storetest.Open(b, c), c) })
	b.Run("postgres", func(b *testing.B) { c := storetest.Postgres(b); bench(b, storetest.Open(b, c), c) })
}

// wide is an entity of 20 fields and many records.
func wide(b *testing.B, s *store.Store, n int) (*metamodel.Entity, []string) {
	b.Helper()
	var fields []*metamodel.Field
	for i, kind := range []metamodel.FieldKind{metamodel.Text, metamodel.Integer, metamodel.Money, metamodel.Date, metamodel.Boolean} {
		for k := range 4 {
			fields = append(fields, storetest.F("wide", fmt.Sprintf("f%d_%d", i, k), kind))
		}
	}
	e := storetest.E("wide", fields...)
	app := &metamodel.App{ID: storetest.ID("bench"), Timezone: "UTC", Entities: []*metamodel.Entity{e}}
	storetest.Install(b, s, app)
	var ids []string
	for n > 0 {
		rows := make([]value.Row, min(n, 5000))
		for i := range rows {
			rows[i] = wideRow(e, i)
			ids = append(ids, rows[i][0].(string))
		}
		n -= len(rows)
		if err := s.Write(context.Background(), store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.Insert(ctx, e, rows...) }); err != nil {
			b.Fatal(err)
		}
	}
	return e, ids
}

func wideRow(e *metamodel.Entity, i int) value.Row {
	row := storetest.Row(e, nil)
	for k := range 4 {
		row[e.Field(fmt.Sprintf("f0_%d", k)).Slot] = fmt.Sprintf("text %d of record %d", k, i)
		row[e.Field(fmt.Sprintf("f1_%d", k)).Slot] = int64(i * k)
		row[e.Field(fmt.Sprintf("f2_%d", k)).Slot] = value.NewDecimal(int64(i*100+k), 2)
		row[e.Field(fmt.Sprintf("f3_%d", k)).Slot] = value.Date(20000 + i%1000)
		row[e.Field(fmt.Sprintf("f4_%d", k)).Slot] = i%2 == 0
	}
	return row
}

// raw is the least that a program of its own would do for the same columns: prepared once, scanned into variables of
// their types' kinds.
func raw(b *testing.B, c store.Config, e *metamodel.Entity, tail string) *sql.Stmt {
	b.Helper()
	driver, source, placeholder := "pgx", c.URL, "$1"
	if c.URL == "" {
		driver, source, placeholder = "sqlite", "file:"+filepath.Join(c.Dir, "tenon.db"), "?1"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	var columns []string
	for _, f := range e.Columns() {
		columns = append(columns, lower.Column(f))
	}
	st, err := db.Prepare("SELECT " + strings.Join(columns, ", ") + " FROM " + lower.Table(e) + strings.ReplaceAll(tail, "?", placeholder))
	if err != nil {
		b.Fatal(err)
	}
	return st
}

func drain(b *testing.B, st *sql.Stmt, width int, args ...any) {
	rows, err := st.QueryContext(context.Background(), args...)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }() // only read
	for rows.Next() {
		cells, dest := make([]any, width), make([]any, width)
		for i := range cells {
			dest[i] = &cells[i]
		}
		if err := rows.Scan(dest...); err != nil {
			b.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkGet(b *testing.B) {
	eachBench(b, func(b *testing.B, s *store.Store, c store.Config) {
		e, ids := wide(b, s, benchRows)
		ctx := context.Background()
		compiled, err := lower.Compile(s.Dialect(), &query.Select{Entity: e}, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("store", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := s.Reader().Page(ctx, e, compiled, lower.Inputs{IDs: []string{ids[i*7919%len(ids)]}}, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("uncompiled", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := s.Reader().Get(ctx, e, ids[i*7919%len(ids)], query.Live, false); err != nil {
					b.Fatal(err)
				}
			}
		})
		st := raw(b, c, e, " WHERE id = ?")
		b.Run("raw", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				drain(b, st, len(e.Columns()), ids[i*7919%len(ids)])
			}
		})
	})
}

func BenchmarkList30(b *testing.B) {
	eachBench(b, func(b *testing.B, s *store.Store, c store.Config) {
		e, ids := wide(b, s, benchRows)
		ctx := context.Background()
		q := &query.Select{Entity: e, Order: []query.Order{{Path: metamodel.Path{e.Columns()[0]}}}}
		compiled, err := lower.Compile(s.Dialect(), q, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("store", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				id := ids[i*7919%len(ids)]
				page, err := s.Reader().Page(ctx, e, compiled, lower.Inputs{Limit: 30, After: &query.Cursor{Keys: []any{id}, ID: id}}, nil)
				if err != nil || len(page.Rows) > 30 {
					b.Fatal(err)
				}
			}
		})
		st := raw(b, c, e, " WHERE id > ? AND deleted_at IS NULL ORDER BY id LIMIT 30")
		b.Run("raw", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				drain(b, st, len(e.Columns()), ids[i*7919%len(ids)])
			}
		})
	})
}

func BenchmarkCreate(b *testing.B) {
	eachBench(b, func(b *testing.B, s *store.Store, _ store.Config) {
		e, _ := wide(b, s, 0)
		for i := 0; b.Loop(); i++ {
			row := wideRow(e, i)
			err := s.Write(context.Background(), store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
				if err := tx.Insert(ctx, e, row); err != nil {
					return err
				}
				if err := tx.Journal(ctx, store.Entry{Actor: "u", Action: "create", EntityID: "e", RecordID: row[0].(string)}); err != nil {
					return err
				}
				return tx.Emit(ctx, store.Event{Type: "created"})
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkImport inserts records of 20 fields, 1,000 in a transaction with their journal entries and events.
func BenchmarkImport(b *testing.B) {
	eachBench(b, func(b *testing.B, s *store.Store, _ store.Config) {
		e, _ := wide(b, s, 0)
		const batch = 1000
		n := 0
		for b.Loop() {
			rows, entries, events := make([]value.Row, batch), make([]store.Entry, batch), make([]store.Event, batch)
			for i := range rows {
				rows[i] = wideRow(e, i)
				entries[i] = store.Entry{Actor: "u", Action: "create", EntityID: "e", RecordID: rows[i][0].(string), Data: []byte(`{}`)}
				events[i] = store.Event{Type: "created", RecordID: rows[i][0].(string)}
			}
			err := s.Write(context.Background(), store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
				if err := tx.Insert(ctx, e, rows...); err != nil {
					return err
				}
				if err := tx.Journal(ctx, entries...); err != nil {
					return err
				}
				return tx.Emit(ctx, events...)
			})
			if err != nil {
				b.Fatal(err)
			}
			n += batch
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
	})
}
