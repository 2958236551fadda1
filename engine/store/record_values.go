package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"tenon/metamodel"
)

// maxValueText is how long a value may be to be kept itself among those of a roll-up.
const maxValueText = 80

// valuesPart is how many values of a roll-up are written in one statement.
const valuesPart = 100

// valueKey is how a value is known among those of a roll-up: no index has room for a long one.
func valueKey(v string) string {
	if len(v) <= maxValueText && strings.IndexByte(v, 0) < 0 {
		return "=" + v
	}
	sum := sha256.Sum256([]byte(v))
	return "#" + hex.EncodeToString(sum[:])
}

// CountValues adds to how many rows give each value to a roll-up of a record, and tells by how many there are more
// different values now. The record is held by the transaction, so that nobody else counts.
func (tx *Tx) CountValues(ctx context.Context, f *metamodel.Field, keeper string, by map[string]int64) (more int64, err error) {
	d := tx.s.Dialect()
	const add = `INSERT INTO rollup_values (field, keeper, value, n) VALUES (?, ?, ?, ?)
ON CONFLICT (field, keeper, value) DO UPDATE SET n = rollup_values.n + excluded.n RETURNING n`
	for _, v := range slices.Sorted(maps.Keys(by)) {
		if by[v] == 0 {
			continue
		}
		n, err := tx.integer(ctx, add, string(f.ID), keeper, valueKey(v), by[v])
		if err != nil {
			return 0, tx.s.wrap("count values", err)
		}
		switch was := n - by[v]; {
		case was <= 0 && n > 0:
			more++
		case was > 0 && n <= 0:
			more--
		}
		if n == 0 {
			const drop = "DELETE FROM rollup_values WHERE field = ? AND keeper = ? AND value = ?"
			if _, err := tx.on.exec(ctx, bind(d, drop), string(f.ID), keeper, valueKey(v)); err != nil {
				return 0, tx.s.wrap("count values", err)
			}
		}
	}
	return more, nil
}

// SetValues says anew how many rows give each value to a roll-up of a record.
func (tx *Tx) SetValues(ctx context.Context, f *metamodel.Field, keeper string, n map[string]int64) error {
	d := tx.s.Dialect()
	if _, err := tx.on.exec(ctx, bind(d, "DELETE FROM rollup_values WHERE field = ? AND keeper = ?"), string(f.ID), keeper); err != nil {
		return tx.s.wrap("count values anew", err)
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(n)), valuesPart) {
		var query strings.Builder
		query.WriteString("INSERT INTO rollup_values (field, keeper, value, n) VALUES ")
		args := make([]any, 0, 4*len(part))
		for i, v := range part {
			if i > 0 {
				query.WriteString(", ")
			}
			query.WriteString("(?, ?, ?, ?)")
			args = append(args, string(f.ID), keeper, valueKey(v), n[v])
		}
		if _, err := tx.on.exec(ctx, bind(d, query.String()), args...); err != nil {
			return tx.s.wrap("count values anew", err)
		}
	}
	return nil
}

// rollupIndexes lists the indexes in which the first row of a roll-up over an entity's rows is found.
func rollupIndexes(app *metamodel.App, e *metamodel.Entity) []index {
	var out []index
	for _, keeper := range app.Entities {
		for _, f := range keeper.Fields {
			if f.Rollup == nil || f.Rollup.Entity != e || f.Rollup.Through() || f.Rollup.Path[0].System {
				continue
			}
			fields, ok := rollupOrder(f.Rollup)
			if !ok {
				continue
			}
			columns := append([]*metamodel.Field{f.Rollup.Reference()}, fields...)
			x, ok := newIndex("k_"+string(e.ID), e, f.ID, append(columns, f.Rollup.Place()...))
			if ok && !slices.ContainsFunc(out, func(o index) bool { return o.name == x.name }) {
				out = append(out, x)
			}
		}
	}
	return out
}

// rollupOrder are the fields by which a roll-up finds its row; false where no index has that order, or none is needed.
func rollupOrder(r *metamodel.Rollup) ([]*metamodel.Field, bool) {
	switch r.Function {
	case metamodel.RollupMin, metamodel.RollupMax:
		plain := r.Plain()
		return []*metamodel.Field{plain}, plain != nil && plain.Kind != metamodel.Choice
	case metamodel.RollupFirst, metamodel.RollupLast, metamodel.RollupConcat:
		var out []*metamodel.Field
		for _, k := range r.Order {
			if len(k.Path) > 1 || k.Path[0].Kind == metamodel.Choice {
				return nil, false
			}
			out = append(out, k.Path[0])
		}
		return out, true
	case metamodel.RollupSum, metamodel.RollupCount, metamodel.RollupAverage, metamodel.RollupDeviate, metamodel.RollupDistinct:
	}
	return nil, false
}
