package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Update writes what differs between two states of a record: changed columns, and lines matched by their ids.
// A lines slot that is nil in after is left alone. When after still has before's version, it gets the next one.
// It returns ErrStale when the record is not at before's version any more, and *UniqueError when a key is taken.
func (tx *Tx) Update(ctx context.Context, e *metamodel.Entity, before, after value.Row) error {
	l := layoutOf(tx.s.Dialect(), e)
	if len(before) != len(e.Columns()) || len(after) != len(before) {
		return fmt.Errorf("update %s: %w: wrong number of slots", l.table, lower.ErrValue)
	}
	version, ok := before[metamodel.SlotVersion].(int64)
	if !ok {
		return fmt.Errorf("update %s: %w: no version", l.table, lower.ErrValue)
	}
	if after[metamodel.SlotVersion] == before[metamodel.SlotVersion] {
		after[metamodel.SlotVersion] = version + 1
	}
	where := []string{"id", "version"}
	if err := tx.updateRow(ctx, e, l, before, after, where, before[metamodel.SlotID], version); err != nil {
		return err
	}
	for _, slot := range l.lines {
		if err := tx.updateLines(ctx, e.Columns()[slot], before, after); err != nil {
			return err
		}
	}
	return nil
}

// updateRow writes the changed columns of the row that the keys name.
func (tx *Tx) updateRow(ctx context.Context, e *metamodel.Entity, l *layout, before, after value.Row, where []string, keys ...any) error {
	d := tx.s.Dialect()
	var set []string
	var args []any
	for i, slot := range l.slots {
		if same(before[slot], after[slot]) {
			continue
		}
		arg, err := lower.Encode(d, e.Columns()[slot], after[slot])
		if err != nil {
			return fmt.Errorf("update %s: %w", l.table, err)
		}
		args = append(args, arg)
		set = append(set, l.names[i]+" = "+mark(d, len(args)))
	}
	if len(set) == 0 {
		return nil
	}
	conditions := make([]string, len(where))
	for i, name := range where {
		args = append(args, keys[i])
		conditions[i] = quote(name) + " = " + mark(d, len(args))
	}
	query := "UPDATE " + quote(l.table) + " SET " + strings.Join(set, ", ") + " WHERE " + strings.Join(conditions, " AND ")
	res, err := tx.on.exec(ctx, query, args...)
	if err != nil {
		return tx.refused(e, "update "+l.table, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return tx.s.wrap("update "+l.table, err)
	}
	if n != 1 {
		return fmt.Errorf("update %s: %w", l.table, ErrStale)
	}
	return nil
}

// updateLines deletes the lines that are gone, changes those that differ and inserts new ones, in that order,
// so that a key over lines is free before it is taken anew.
func (tx *Tx) updateLines(ctx context.Context, f *metamodel.Field, before, after value.Row) error {
	if after[f.Slot] == nil {
		return nil
	}
	stored, _ := before[f.Slot].([]value.Row)
	was := make([]value.Row, len(stored))
	for i, line := range stored {
		was[i] = slices.Clone(line) // the states may share rows, and numbering after's changes them
	}
	now, err := linesOf(f, after)
	if err != nil {
		return err
	}
	old := make(map[any]value.Row, len(was))
	for _, line := range was {
		old[line[metamodel.LineSlotID]] = line
	}
	var added []value.Row
	kept := make(map[any]value.Row, len(now))
	for _, line := range now {
		id := line[metamodel.LineSlotID]
		if old[id] == nil {
			added = append(added, line)
			continue
		}
		kept[id] = line
	}
	l := layoutOf(tx.s.Dialect(), f.Target)
	if err := tx.deleteLines(ctx, l, was, kept); err != nil {
		return err
	}
	for _, line := range was {
		after := kept[line[metamodel.LineSlotID]]
		if after == nil {
			continue
		}
		where := []string{"id", "parent"}
		if err := tx.updateRow(ctx, f.Target, l, line, after, where, line[metamodel.LineSlotID], before[metamodel.SlotID]); err != nil {
			return err
		}
	}
	return tx.insertRows(ctx, f.Target, added)
}

func (tx *Tx) deleteLines(ctx context.Context, l *layout, was []value.Row, kept map[any]value.Row) error {
	d := tx.s.Dialect()
	query := "DELETE FROM " + quote(l.table) + " WHERE id = " + mark(d, 1) + " AND parent = " + mark(d, 2)
	for _, line := range was {
		id := line[metamodel.LineSlotID]
		if kept[id] != nil {
			continue
		}
		if _, err := tx.on.exec(ctx, query, id, line[metamodel.LineSlotParent]); err != nil {
			return tx.s.wrap("delete line of "+l.table, err)
		}
	}
	return nil
}

// Purge removes records and their lines for good. It is how the recycle bin is emptied; a delete by a person
// only sets deleted_at.
func (tx *Tx) Purge(ctx context.Context, e *metamodel.Entity, ids ...string) error {
	d := tx.s.Dialect()
	l := layoutOf(d, e)
	for _, id := range ids {
		for _, slot := range l.lines {
			child := layoutOf(d, e.Columns()[slot].Target)
			if _, err := tx.on.exec(ctx, "DELETE FROM "+quote(child.table)+" WHERE parent = "+mark(d, 1), id); err != nil {
				return tx.s.wrap("purge lines of "+l.table, err)
			}
		}
		if _, err := tx.on.exec(ctx, "DELETE FROM "+quote(l.table)+" WHERE id = "+mark(d, 1), id); err != nil {
			return tx.s.wrap("purge "+l.table, err)
		}
	}
	return nil
}

// Fill sets one stored field of records without a new version: how a computed field gets its first values.
// Records whose version has moved on are left alone; it returns how many were set.
func (tx *Tx) Fill(ctx context.Context, f *metamodel.Field, rows []value.Row) (int, error) {
	d := tx.s.Dialect()
	l := layoutOf(d, f.Entity)
	query := "UPDATE " + quote(l.table) + " SET " + quote(lower.Column(f)) + " = " + mark(d, 1) + " WHERE id = " + mark(d, 2)
	lines := f.Entity.IsLines()
	if !lines {
		query += " AND version = " + mark(d, 3)
	}
	set := 0
	for _, row := range rows {
		arg, err := lower.Encode(d, f, row[f.Slot])
		if err != nil {
			return set, fmt.Errorf("fill %s: %w", l.table, err)
		}
		args := []any{arg, row[metamodel.SlotID]}
		if !lines {
			args = append(args, row[metamodel.SlotVersion])
		}
		res, err := tx.on.exec(ctx, query, args...)
		if err != nil {
			return set, tx.refused(f.Entity, "fill "+l.table, err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return set, tx.s.wrap("fill "+l.table, err)
		}
		set += int(n)
	}
	return set, nil
}

// same tells whether two slot values are stored alike.
func same(a, b any) bool {
	switch x := a.(type) {
	case nil:
		return b == nil
	case value.Decimal:
		y, ok := b.(value.Decimal)
		return ok && x.Equal(y)
	case time.Time:
		y, ok := b.(time.Time)
		return ok && x.Equal(y)
	case []string:
		y, ok := b.([]string)
		return ok && slices.Equal(x, y)
	case []value.Row:
		return false // lines have no column
	}
	switch b.(type) {
	case []string, []value.Row, value.Decimal:
		return false // not comparable by ==
	}
	return a == b
}
