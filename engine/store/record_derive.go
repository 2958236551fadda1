package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Sums is what an average or a deviation is worked out of, exactly: how many values, their sum and the sum of their
// squares, in units of the field's last digit.
type Sums struct {
	N, S, Q big.Int
}

// parts are the sums in the order of their columns.
func (s *Sums) parts() []*big.Int { return []*big.Int{&s.N, &s.S, &s.Q} }

// Sums reads what a roll-up of a record is worked out of; nil when it has not been worked out yet.
func (tx *Tx) Sums(ctx context.Context, f *metamodel.Field, id string) (_ *Sums, err error) {
	columns := lower.Sums(f)
	table := lower.Table(f.Entity)
	query := "SELECT " + quoteAll(columns) + " FROM " + quote(table) + " WHERE id = " + mark(tx.s.Dialect(), 1)
	rows, err := tx.on.query(ctx, query, id)
	if err != nil {
		return nil, tx.s.wrap("read sums of "+table, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if !rows.Next() {
		return nil, tx.s.wrap("read sums of "+table, rows.Err())
	}
	texts, dest := make([]*string, len(columns)), make([]any, len(columns))
	for i := range texts {
		dest[i] = &texts[i]
	}
	if err := rows.Scan(dest...); err != nil {
		return nil, tx.s.wrap("read sums of "+table, err)
	}
	out := &Sums{}
	for i, part := range out.parts()[:len(columns)] {
		if texts[i] == nil {
			return nil, rows.Err()
		}
		if _, ok := part.SetString(*texts[i], 10); !ok {
			return nil, fmt.Errorf("read sums of %s: %w", table, ErrDamaged)
		}
	}
	return out, rows.Err()
}

// Derived is a record that keeps other values of other records than before, in itself or in its lines, with the sums that
// have changed beside them.
type Derived struct {
	Before, After value.Row
	Sums          map[SumsKey]*Sums
}

// SumsKey names the sums beside a roll-up: of a record, or of a line, by its id.
type SumsKey struct {
	Field *metamodel.Field
	ID    string
}

// sums are those beside the roll-ups of one row.
func (r *Derived) sums(e *metamodel.Entity, row value.Row) map[*metamodel.Field]*Sums {
	var out map[*metamodel.Field]*Sums
	for key, s := range r.Sums {
		if key.Field.Entity == e && key.ID == row[metamodel.SlotID] {
			if out == nil {
				out = map[*metamodel.Field]*Sums{}
			}
			out[key.Field] = s
		}
	}
	return out
}

// Derive writes what changed of records of an entity without anybody having written them. The records keep their
// versions. Lines are matched by their place; none comes or goes. Where the same fields of many rows have changed, they go
// together.
func (tx *Tx) Derive(ctx context.Context, e *metamodel.Entity, all []Derived) error {
	l := layoutOf(tx.s.Dialect(), e)
	alike := &alikeRows{of: map[string]*alikeGroup{}}
	for i := range all {
		r := &all[i]
		if sums := r.sums(e, r.After); len(sums) > 0 || len(all) == 1 {
			if err := tx.deriveRow(ctx, e, l, r.Before, r.After, sums); err != nil {
				return err
			}
		} else {
			alike.add(e, l, r.Before, r.After)
		}
		for _, slot := range l.lines {
			was, _ := r.Before[slot].([]value.Row)
			now, _ := r.After[slot].([]value.Row)
			if len(was) != len(now) {
				return fmt.Errorf("derive %s: %w: lines came or went", l.table, lower.ErrValue)
			}
			target := e.Columns()[slot].Target
			of := layoutOf(tx.s.Dialect(), target)
			for i := range now {
				sums := r.sums(target, now[i])
				if len(sums) == 0 {
					alike.add(target, of, was[i], now[i])
				} else if err := tx.deriveRow(ctx, target, of, was[i], now[i], sums); err != nil {
					return err
				}
			}
		}
	}
	for _, g := range alike.order {
		if err := tx.UpdateKept(ctx, g.fields, g.rows); err != nil {
			return fmt.Errorf("derive %s: %w", l.table, err)
		}
	}
	return nil
}

// alikeRows are changed rows by what has changed of them.
type alikeRows struct {
	of    map[string]*alikeGroup
	order []*alikeGroup
}

type alikeGroup struct {
	fields []*metamodel.Field
	rows   []value.Row
}

func (a *alikeRows) add(e *metamodel.Entity, l *layout, before, after value.Row) {
	var fields []*metamodel.Field
	key := []byte(l.table)
	for _, slot := range l.slots {
		if !same(before[slot], after[slot]) {
			fields = append(fields, e.Columns()[slot])
			key = binary.AppendUvarint(key, uint64(slot))
		}
	}
	if len(fields) == 0 {
		return
	}
	g := a.of[string(key)]
	if g == nil {
		g = &alikeGroup{fields: fields}
		a.of[string(key)] = g
		a.order = append(a.order, g)
	}
	g.rows = append(g.rows, after)
}

// deriveRow writes the changed columns of one row.
func (tx *Tx) deriveRow(ctx context.Context, e *metamodel.Entity, l *layout, before, after value.Row, sums map[*metamodel.Field]*Sums) error {
	d := tx.s.Dialect()
	var set []string
	var args []any
	put := func(column string, arg any) {
		args = append(args, arg)
		set = append(set, quote(column)+" = "+mark(d, len(args)))
	}
	for i, slot := range l.slots {
		if same(before[slot], after[slot]) {
			continue
		}
		arg, err := lower.Encode(d, e.Columns()[slot], after[slot])
		if err != nil {
			return fmt.Errorf("derive %s: %w", l.table, err)
		}
		put(l.column[i], arg)
	}
	for _, f := range e.Fields {
		if s := sums[f]; s != nil {
			for i, column := range lower.Sums(f) {
				put(column, s.parts()[i].String())
			}
		}
	}
	if len(set) == 0 {
		return nil
	}
	args = append(args, after[metamodel.SlotID])
	query := "UPDATE " + quote(l.table) + " SET " + strings.Join(set, ", ") + " WHERE id = " + mark(d, len(args))
	res, err := tx.on.exec(ctx, query, args...)
	if err != nil {
		return tx.refused(e, "derive "+l.table, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return tx.s.wrap("derive "+l.table, err)
	}
	if n != 1 {
		return fmt.Errorf("derive %s: %w", l.table, ErrStale)
	}
	return nil
}

func quoteAll(columns []string) string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = quote(c)
	}
	return strings.Join(out, ", ")
}
