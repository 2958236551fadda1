package store

import (
	"context"
	"strconv"
	"strings"

	"tenon/engine/store/lower"
	"tenon/metamodel"
)

// Following is the question which records read a record over references. Unit is whose records are asked for, Line
// the field with the rows that read it where these are not the records themselves; Ways are how such a row leads to
// the record: over references, from a record to its lines, from a line to its record.
type Following struct {
	Unit   *metamodel.Entity
	Line   *metamodel.Field
	Ways   []metamodel.Path
	Record string
}

// Followers lists the ids of the records, deleted ones included, that follow a record, in order after a place; at most
// limit.
func (r *Reader) Followers(ctx context.Context, q Following, after string, limit int) ([]string, error) {
	w := &wayWriter{d: r.s.Dialect(), q: q}
	query := "SELECT id FROM " + quote(lower.Table(q.Unit)) + " WHERE (" + w.any() + ")"
	if after != "" {
		query += " AND id > " + w.arg(after)
	}
	ids, err := texts(ctx, r.on, query+" ORDER BY id LIMIT "+strconv.Itoa(limit), w.args...)
	return ids, r.s.wrap("find what follows a record", err)
}

// FollowerCount counts the records that follow a record.
func (r *Reader) FollowerCount(ctx context.Context, q Following) (n int64, err error) {
	w := &wayWriter{d: lower.SQLite, q: q} // its marks are rewritten
	query := "SELECT count(*) FROM " + quote(lower.Table(q.Unit)) + " WHERE " + w.any()
	n, err = r.integer(ctx, query, w.args...)
	return n, r.s.wrap("count what follows a record", err)
}

// RecordIDs lists ids of records, deleted ones included, in order after a place; at most limit.
func (r *Reader) RecordIDs(ctx context.Context, e *metamodel.Entity, after string, limit int) ([]string, error) {
	query, args := "SELECT id FROM "+quote(lower.Table(e)), []any(nil)
	if after != "" {
		query, args = query+" WHERE id > "+mark(r.s.Dialect(), 1), append(args, after)
	}
	ids, err := texts(ctx, r.on, query+" ORDER BY id LIMIT "+strconv.Itoa(limit), args...)
	return ids, r.s.wrap("list records", err)
}

// RecordCount counts all rows of an entity, deleted ones included.
func (r *Reader) RecordCount(ctx context.Context, e *metamodel.Entity) (n int64, err error) {
	n, err = r.integer(ctx, "SELECT count(*) FROM "+quote(lower.Table(e)))
	return n, r.s.wrap("count records", err)
}

// HasRecords tells whether an entity has any row, deleted ones included.
func (r *Reader) HasRecords(ctx context.Context, e *metamodel.Entity) (bool, error) {
	n, err := r.integer(ctx, "SELECT count(*) FROM (SELECT 1 FROM "+quote(lower.Table(e))+" LIMIT 1) AS found")
	return n > 0, r.s.wrap("look for records", err)
}

// wayWriter writes the condition that a record follows another one.
type wayWriter struct {
	d    lower.Dialect
	q    Following
	args []any
}

func (w *wayWriter) arg(v any) string {
	w.args = append(w.args, v)
	return mark(w.d, len(w.args))
}

func (w *wayWriter) any() string {
	parts := make([]string, len(w.q.Ways))
	for i, way := range w.q.Ways {
		if w.q.Line == nil {
			parts[i] = w.from(w.q.Unit, way)
		} else {
			parts[i] = "id IN (SELECT " + quote("parent") + " FROM " + quote(lower.Table(w.q.Line.Target)) + " WHERE " + w.from(w.q.Line.Target, way) + ")"
		}
	}
	return strings.Join(parts, " OR ")
}

// from is the condition on a row of e that the rest of a way leads from it to the record.
func (w *wayWriter) from(e *metamodel.Entity, way metamodel.Path) string {
	if len(way) == 0 {
		column := "id"
		if e.IsLines() {
			column = "parent" // any line of the record
		}
		return quote(column) + " = " + w.arg(w.q.Record)
	}
	step, rest := way[0], way[1:]
	if step.Kind == metamodel.Lines {
		if len(rest) == 0 {
			return "id = " + w.arg(w.q.Record)
		}
		return "id IN (SELECT " + quote("parent") + " FROM " + quote(lower.Table(step.Target)) + " WHERE " + w.from(step.Target, rest) + ")"
	}
	target := step.Target
	if step.System && step.Name == metamodel.ParentField {
		target = e.Parent
	}
	if len(rest) == 0 && !target.IsLines() {
		return quote(lower.Column(step)) + " = " + w.arg(w.q.Record)
	}
	return quote(lower.Column(step)) + " IN (SELECT id FROM " + quote(lower.Table(target)) + " WHERE " + w.from(target, rest) + ")"
}
