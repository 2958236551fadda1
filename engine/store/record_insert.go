package store

import (
	"context"
	"fmt"

	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Insert writes new records with their lines. A line's parent and position (from 1) are set from the place where
// it stands. It returns *UniqueError when a key is taken.
func (tx *Tx) Insert(ctx context.Context, e *metamodel.Entity, rows ...value.Row) error {
	if err := tx.insertRows(ctx, e, rows); err != nil {
		return err
	}
	for _, slot := range layoutOf(tx.s.Dialect(), e).lines {
		f := e.Columns()[slot]
		var lines []value.Row
		for _, row := range rows {
			own, err := linesOf(f, row)
			if err != nil {
				return err
			}
			lines = append(lines, own...)
		}
		if err := tx.insertRows(ctx, f.Target, lines); err != nil {
			return err
		}
	}
	return nil
}

// linesOf returns the lines in a record's slot with parent and position set.
func linesOf(f *metamodel.Field, row value.Row) ([]value.Row, error) {
	if row[f.Slot] == nil {
		return nil, nil
	}
	lines, ok := row[f.Slot].([]value.Row)
	if !ok {
		return nil, fmt.Errorf("write lines of field %s: %w: a slot holds %T", f.ID, lower.ErrValue, row[f.Slot])
	}
	for i, line := range lines {
		line[metamodel.LineSlotParent] = row[metamodel.SlotID]
		line[metamodel.LineSlotPosition] = int64(i + 1)
	}
	return lines, nil
}

// insertRows writes rows of one table, many in a statement.
func (tx *Tx) insertRows(ctx context.Context, e *metamodel.Entity, rows []value.Row) error {
	l := layoutOf(tx.s.Dialect(), e)
	args := make([]any, 0, len(l.slots)*min(len(rows), batches[0]))
	for len(rows) > 0 {
		n := batchOf(len(rows))
		args = args[:0]
		for _, row := range rows[:n] {
			var err error
			if args, err = tx.encode(args, e, l.slots, row); err != nil {
				return fmt.Errorf("insert into %s: %w", l.table, err)
			}
		}
		if _, err := tx.on.exec(ctx, l.insert[n], args...); err != nil {
			return tx.refused(e, "insert into "+l.table, err)
		}
		rows = rows[n:]
	}
	return nil
}

// batchOf is the largest batch that n rows fill.
func batchOf(n int) int {
	for _, size := range batches {
		if n >= size {
			return size
		}
	}
	return 1
}

// encode appends the arguments of a row's columns.
func (tx *Tx) encode(args []any, e *metamodel.Entity, slots []int, row value.Row) ([]any, error) {
	columns := e.Columns()
	if len(row) != len(columns) {
		return nil, fmt.Errorf("%w: %d slots for %d fields", lower.ErrValue, len(row), len(columns))
	}
	d := tx.s.Dialect()
	for _, slot := range slots {
		arg, err := lower.Encode(d, columns[slot], row[slot])
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
	}
	return args, nil
}

// refused turns a driver's refusal of a record into the package's errors.
func (tx *Tx) refused(e *metamodel.Entity, attempt string, err error) error {
	if f := tx.s.db.explain(err); f.kind == troubleUnique {
		return fmt.Errorf("%s: %w", attempt, uniqueOf(e, f))
	}
	return tx.s.wrap(attempt, err)
}
