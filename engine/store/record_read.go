package store

import (
	"context"
	"errors"
	"fmt"

	"tenon/engine/query"
	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// CountCap is where an estimated count stops: a greater one is answered as CountCap.
const CountCap = 10_000

// Select answers a list's question. Slots of kind lines stay nil, as do virtual fields that the database can't
// compute. A Limit of 0 or over lower.MaxRows asks for a page as long as there may be.
func (r *Reader) Select(ctx context.Context, q *query.Select, env *query.Env) (*query.Page, error) {
	c, err := r.s.questions.Select(q, env)
	if err != nil {
		return nil, fmt.Errorf("lower question: %w", err)
	}
	return r.Page(ctx, q.Entity, c, lower.InputsOf(q), env)
}

// Page answers a question that was compiled before, for one snapshot and this dialect: what a list that is asked
// often saves the work of lowering with.
func (r *Reader) Page(ctx context.Context, e *metamodel.Entity, c *lower.Compiled, in lower.Inputs, env *query.Env) (page *query.Page, err error) {
	limit := in.Limit
	if limit <= 0 || limit >= lower.MaxRows {
		limit = lower.MaxRows - 1
	}
	one := len(in.IDs) == 1 && !c.Leads()
	if !one { // one record needs no LIMIT, without which PostgreSQL keeps its plan
		in.Limit = limit + 1 // one more tells whether there is a next page
	}
	st, err := c.Select(in, env)
	if err != nil {
		return nil, fmt.Errorf("lower question: %w", err)
	}
	rows, err := r.on.query(ctx, st.SQL, st.Args...)
	if err != nil {
		return nil, r.s.wrap("select from "+lower.Table(e), err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	scan := newScanner(e, st.Columns)
	expected := limit + 1
	if in.IDs != nil && !c.Leads() {
		expected = min(expected, len(in.IDs))
	}
	page = &query.Page{}
	for rows.Next() {
		if len(page.Rows) == limit {
			return page, nil // page.Next was taken from the last row
		}
		row, err := scan.next(rows, expected-len(page.Rows))
		if err != nil {
			return nil, r.s.wrap("select from "+lower.Table(e), err)
		}
		page.Rows = append(page.Rows, row)
		if one {
			return page, nil // an id has no second record
		}
		if len(page.Rows) == limit {
			if page.Next, err = scan.cursor(st.Keys); err != nil {
				return nil, err
			}
		}
	}
	page.Next = nil
	return page, r.s.wrap("select from "+lower.Table(e), rows.Err())
}

// cursor is the place of the current row: the columns that are its keys, the id's last.
func (s *scanner) cursor(keys []int) (*query.Cursor, error) {
	out := &query.Cursor{Keys: make([]any, 0, len(keys))}
	for n, i := range keys {
		v, err := s.decode(i)
		if err != nil {
			return nil, fmt.Errorf("read place in list: %w", err)
		}
		if n < len(keys)-1 {
			out.Keys = append(out.Keys, v)
			continue
		}
		id, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf("read place in list: %w: no id", ErrDamaged)
		}
		out.ID = id
	}
	return out, nil
}

// Get reads one record by its id, with its lines when asked for, ErrNotFound when there is none in that part of
// the bin.
func (r *Reader) Get(ctx context.Context, e *metamodel.Entity, id string, bin query.Bin, lines bool) (value.Row, error) {
	page, err := r.Select(ctx, &query.Select{Entity: e, IDs: []string{id}, Bin: bin}, nil)
	if err != nil {
		return nil, err
	}
	if len(page.Rows) == 0 {
		return nil, fmt.Errorf("read record of %s: %w", lower.Table(e), ErrNotFound)
	}
	if lines {
		if err := r.FillLines(ctx, e, page.Rows); err != nil {
			return nil, err
		}
	}
	return page.Rows[0], nil
}

// FillLines reads the lines of all lines fields of records into their slots: one query per field. A record
// without lines gets an empty list.
func (r *Reader) FillLines(ctx context.Context, e *metamodel.Entity, rows []value.Row) error {
	if len(rows) == 0 {
		return nil
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		id, ok := row[metamodel.SlotID].(string)
		if !ok {
			return fmt.Errorf("read lines of %s: %w: no id", lower.Table(e), lower.ErrValue)
		}
		ids[i] = id
	}
	for _, slot := range layoutOf(r.s.Dialect(), e).lines {
		found, err := r.Lines(ctx, e.Columns()[slot], ids)
		if err != nil {
			return err
		}
		for i, row := range rows {
			lines := found[ids[i]]
			if lines == nil {
				lines = []value.Row{}
			}
			row[slot] = lines
		}
	}
	return nil
}

// Count counts the records of a question, whatever its page. An estimate stops at CountCap.
func (r *Reader) Count(ctx context.Context, q *query.Select, env *query.Env, estimate bool) (int64, error) {
	c, err := r.s.questions.Select(q, env)
	if err != nil {
		return 0, fmt.Errorf("lower count: %w", err)
	}
	var st *lower.Statement
	if estimate {
		st, err = c.CountUpTo(lower.InputsOf(q), env, CountCap)
	} else {
		st, err = c.Count(lower.InputsOf(q), env)
	}
	if err != nil {
		return 0, fmt.Errorf("lower count: %w", err)
	}
	cells, err := r.first(ctx, st)
	if err != nil {
		return 0, r.s.wrap("count "+lower.Table(q.Entity), err)
	}
	n, ok := cells[0].(int64)
	if !ok {
		return 0, fmt.Errorf("count %s: %w: %T", lower.Table(q.Entity), ErrDamaged, cells[0])
	}
	return n, nil
}

// first runs a statement of one row and decodes it; nil when there is no row.
func (r *Reader) first(ctx context.Context, st *lower.Statement) ([]any, error) {
	var out []any
	err := r.each(ctx, st, func(cells []any) error {
		out = cells
		return nil
	})
	return out, err
}

// each runs a statement and hands every row's decoded columns to fn.
func (r *Reader) each(ctx context.Context, st *lower.Statement, fn func(cells []any) error) (err error) {
	rows, err := r.on.query(ctx, st.SQL, st.Args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	n := len(st.Columns)
	src, dest := make([]any, n), make([]any, n)
	for i := range src {
		dest[i] = &src[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		cells := make([]any, n)
		for i, c := range st.Columns {
			if cells[i], err = c.Decode(src[i]); err != nil {
				return err
			}
		}
		if err := fn(cells); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Aggregate answers groups with measures.
func (r *Reader) Aggregate(ctx context.Context, q *query.Aggregate, env *query.Env) (*query.Groups, error) {
	asked := *q
	if q.Limit > 0 {
		asked.Limit++
	}
	st, err := lower.Aggregate(r.s.Dialect(), &asked, env)
	if err != nil {
		return nil, fmt.Errorf("lower aggregate: %w", err)
	}
	out := &query.Groups{}
	n := len(q.Groups)
	err = r.each(ctx, st, func(cells []any) error {
		if q.Limit > 0 && len(out.Rows) == q.Limit {
			out.More = true
			return nil
		}
		out.Rows = append(out.Rows, query.GroupRow{Keys: cells[:n:n], Values: cells[n:]})
		return nil
	})
	if err != nil {
		return nil, r.s.wrap("aggregate "+lower.Table(q.Entity), err)
	}
	return out, nil
}

// Lookup answers an aggregate that a formula asks of another entity; params are the values of the query's outer
// parts.
func (r *Reader) Lookup(ctx context.Context, q *expr.Query, params []any, env *query.Env) (any, error) {
	c, err := r.s.questions.Lookup(q, env)
	if err != nil {
		return nil, fmt.Errorf("lower lookup: %w", err)
	}
	st, err := c.Bind(params, env)
	if err != nil {
		return nil, fmt.Errorf("lower lookup: %w", err)
	}
	cells, err := r.first(ctx, st)
	if err != nil {
		return nil, r.s.wrap("look up "+lower.Table(q.Entity), err)
	}
	if len(cells) == 0 {
		return nil, nil
	}
	return cells[0], nil
}
