package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tenon/engine/store/lower"
	"tenon/metamodel"
)

// SumsOf reads what a roll-up of some records is worked out of, by the records' ids; those of which it has not been worked
// out yet are left out.
func (r *Reader) SumsOf(ctx context.Context, f *metamodel.Field, ids []string) (_ map[string]*Sums, err error) {
	columns, table := lower.Sums(f), lower.Table(f.Entity)
	out := make(map[string]*Sums, len(ids))
	if len(columns) == 0 || len(ids) == 0 {
		return out, nil
	}
	marks, args := r.list(ids)
	rows, err := r.on.query(ctx, "SELECT id, "+quoteAll(columns)+" FROM "+quote(table)+" WHERE id IN ("+marks+")", args...)
	if err != nil {
		return nil, r.s.wrap("read sums of "+table, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id string
		texts, dest := make([]*string, len(columns)), []any{&id}
		for i := range texts {
			dest = append(dest, &texts[i])
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, r.s.wrap("read sums of "+table, err)
		}
		sums := &Sums{}
		for i, part := range sums.parts()[:len(columns)] {
			if texts[i] == nil {
				sums = nil
				break
			}
			if _, ok := part.SetString(*texts[i], 10); !ok {
				return nil, fmt.Errorf("read sums of %s: %w", table, ErrDamaged)
			}
		}
		if sums != nil {
			out[id] = sums
		}
	}
	return out, r.s.wrap("read sums of "+table, rows.Err())
}

// ValueCounts reads how many rows give each value to a roll-up of some records: by the records' ids, then by what ValueKey
// makes of the values.
func (r *Reader) ValueCounts(ctx context.Context, f *metamodel.Field, ids []string) (_ map[string]map[string]int64, err error) {
	out := make(map[string]map[string]int64, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	marks, args := r.list(append([]string{string(f.ID)}, ids...))
	first, rest, _ := strings.Cut(marks, ", ")
	rows, err := r.on.query(ctx, "SELECT keeper, value, n FROM rollup_values WHERE field = "+first+" AND keeper IN ("+rest+")", args...)
	if err != nil {
		return nil, r.s.wrap("read counts of values", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var keeper, v string
		var n int64
		if err := rows.Scan(&keeper, &v, &n); err != nil {
			return nil, r.s.wrap("read counts of values", err)
		}
		if out[keeper] == nil {
			out[keeper] = map[string]int64{}
		}
		out[keeper][v] = n
	}
	return out, r.s.wrap("read counts of values", rows.Err())
}

// ValueKey is how ValueCounts knows a value.
func ValueKey(v string) string { return valueKey(v) }

// list are the marks and arguments of texts in a statement.
func (r *Reader) list(texts []string) (string, []any) {
	marks, args := make([]string, len(texts)), make([]any, len(texts))
	for i, t := range texts {
		marks[i], args[i] = mark(r.s.Dialect(), i+1), t
	}
	return strings.Join(marks, ", "), args
}
