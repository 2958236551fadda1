package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// slabRows is how many records share one allocation of slots.
const slabRows = 32

// scanner reads result columns into slots.
type scanner struct {
	columns []lower.Output
	width   int // slots of a row
	cells   []any
	dest    []any
	slab    []any
}

// newScanner reads columns into rows of an entity.
func newScanner(e *metamodel.Entity, columns []lower.Output) *scanner {
	n := len(columns)
	both := make([]any, 2*n)
	s := &scanner{columns: columns, width: len(e.Columns()), cells: both[:n:n], dest: both[n:]}
	for i := range s.cells {
		s.dest[i] = &s.cells[i]
	}
	return s
}

// next scans the current row of a result; left says how many may still come.
func (s *scanner) next(rows *sql.Rows, left int) (value.Row, error) {
	if err := rows.Scan(s.dest...); err != nil {
		return nil, err
	}
	if len(s.slab) < s.width {
		s.slab = make([]any, s.width*max(1, min(left, slabRows)))
	}
	row := s.slab[:s.width:s.width]
	s.slab = s.slab[s.width:]
	for i := range s.columns {
		f := s.columns[i].Field
		if f == nil {
			continue
		}
		v, err := s.decode(i)
		if err != nil {
			return nil, err
		}
		row[f.Slot] = v
	}
	return row, nil
}

// decode reads a cell of the current row.
func (s *scanner) decode(i int) (any, error) {
	if s.columns[i].AsIs {
		switch s.cells[i].(type) {
		case nil, string, int64:
			return s.cells[i], nil
		}
	}
	return s.columns[i].Decode(s.cells[i])
}

// Lines reads the lines of a field for many records at once: by the record's id, in their order. Records
// without lines are missing from the answer.
func (r *Reader) Lines(ctx context.Context, f *metamodel.Field, parents []string) (out map[string][]value.Row, err error) {
	out = make(map[string][]value.Row, len(parents))
	if len(parents) == 0 {
		return out, nil
	}
	d, e := r.s.Dialect(), f.Target
	l := layoutOf(d, e)
	condition, arg, err := among(d, parents)
	if err != nil {
		return nil, err
	}
	query := "SELECT " + strings.Join(l.names, ", ") + " FROM " + quote(l.table) + " WHERE parent" + condition + " ORDER BY parent, position, id"
	rows, err := r.on.query(ctx, query, arg)
	if err != nil {
		return nil, r.s.wrap("read lines of "+l.table, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	scan := newScanner(e, outputsAt(d, e, l.slots))
	for rows.Next() {
		row, err := scan.next(rows, slabRows)
		if err != nil {
			return nil, r.s.wrap("read lines of "+l.table, err)
		}
		parent, ok := row[metamodel.LineSlotParent].(string)
		if !ok {
			return nil, fmt.Errorf("read lines of %s: %w: no parent", l.table, ErrDamaged)
		}
		out[parent] = append(out[parent], row)
	}
	return out, r.s.wrap("read lines of "+l.table, rows.Err())
}

func outputsAt(d lower.Dialect, e *metamodel.Entity, slots []int) []lower.Output {
	out := make([]lower.Output, len(slots))
	for i, slot := range slots {
		out[i] = lower.ColumnOutput(d, e.Columns()[slot])
	}
	return out
}

// among is a condition that a column of ids is one of some, as one argument, so that the statement is the same
// for any number of them.
func among(d lower.Dialect, ids []string) (condition string, arg any, err error) {
	if len(ids) == 1 {
		return " = " + mark(d, 1), ids[0], nil
	}
	if d == lower.Postgres {
		return " = ANY($1::uuid[])", ids, nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return "", nil, fmt.Errorf("list ids: %w", err)
	}
	return " IN (SELECT value FROM json_each(?))", string(list), nil
}
