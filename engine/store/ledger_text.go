package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// updateText writes the statement that sets fields of n rows; the first of set is the id that they are found by.
func updateText(d lower.Dialect, e *metamodel.Entity, set []*metamodel.Field, n int) string {
	var b strings.Builder
	b.WriteString("UPDATE " + quote(lower.Table(e)) + " AS t SET ")
	for i, f := range set[1:] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quote(lower.Column(f)) + " = v.column" + strconv.Itoa(i+2))
	}
	b.WriteString(" FROM (VALUES ")
	arg := 0
	for row := range n {
		if row > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		for i, f := range set {
			if i > 0 {
				b.WriteByte(',')
			}
			arg++
			b.WriteString(mark(d, arg))
			if d == lower.Postgres && row == 0 {
				b.WriteString("::" + lower.ColumnType(d, f))
			}
		}
		b.WriteByte(')')
	}
	b.WriteString(") AS v WHERE t.id = v.column1")
	return b.String()
}

// Scan is a question over the rows of one kept entity that the questions of package query can't ask: by many keys at
// once, over rows that other rows point at, and without the record's way through rights and pages.
type Scan struct {
	Entity *metamodel.Entity
	Fields []*metamodel.Field // what is read; nil is all
	Where  []Match
	Order  []*metamodel.Field
	Desc   bool
	Limit  int // 0 is no limit
	Each   *Each
}

// Each has a Scan ask for each of some values apart: at most Limit rows for each, in Order.
type Each struct {
	Fields []*metamodel.Field // which hold ids or texts
	Values [][]any            // by the fields
}

// Match is a condition on a field. Op is one of = <> < <= > >= and in; Any are alternatives that all hold together
// with the other matches.
type Match struct {
	Field  *metamodel.Field
	Op     string
	Value  any   // nil with = and <> asks for null
	Values []any // in
	From   *From // in: the values that a field has in other rows
	Any    [][]Match
}

// From is a sub-question: the values of a field in the rows of an entity.
type From struct {
	Field *metamodel.Field
	Where []Match
}

// scanText is a Scan on its way to a statement.
type scanText struct {
	d    lower.Dialect
	args []any
}

// Scan reads rows in order and hands each to fn. Slots that were not asked for are nil.
func (r *Reader) Scan(ctx context.Context, q Scan, fn func(value.Row) error) (err error) {
	d, e := r.s.Dialect(), q.Entity
	fields := q.Fields
	if fields == nil {
		slots, columns := layoutOf(d, e).slots, e.Columns()
		fields = make([]*metamodel.Field, len(slots))
		for i, slot := range slots {
			fields[i] = columns[slot]
		}
	}
	t := &scanText{d: d}
	query, err := t.selects(q, fields)
	if err != nil {
		return fmt.Errorf("scan %s: %w", lower.Table(e), err)
	}
	rows, err := r.on.query(ctx, query, t.args...)
	if err != nil {
		return r.s.wrap("scan "+lower.Table(e), err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns := make([]lower.Output, len(fields))
	for i, f := range fields {
		columns[i] = lower.ColumnOutput(d, f)
	}
	scan := newScanner(e, columns)
	for left := 2; rows.Next(); left = min(2*left, slabRows) {
		row, err := scan.next(rows, left)
		if err != nil {
			return r.s.wrap("scan "+lower.Table(e), err)
		}
		if err := fn(row); err != nil {
			return err
		}
	}
	return r.s.wrap("scan "+lower.Table(e), rows.Err())
}

func (t *scanText) selects(q Scan, fields []*metamodel.Field) (string, error) {
	names := layoutOf(t.d, q.Entity).names
	if q.Fields != nil {
		names = make([]string, len(fields))
		for i, f := range fields {
			names[i] = quote(lower.Column(f))
		}
	}
	list, table := strings.Join(names, ", "), quote(lower.Table(q.Entity))
	if q.Each != nil {
		return t.each(q, list, table)
	}
	where, err := t.all(q.Where)
	if err != nil {
		return "", err
	}
	return "SELECT " + list + " FROM " + table + where + ordered(q), nil
}

// ordered is the end of a question: in which order, and how many.
func ordered(q Scan) string {
	order := make([]string, len(q.Order))
	for i, f := range q.Order {
		order[i] = quote(lower.Column(f))
		if q.Desc {
			order[i] += " DESC"
		}
	}
	by := ""
	if len(order) > 0 {
		by = " ORDER BY " + strings.Join(order, ", ")
	}
	if q.Limit > 0 {
		by += " LIMIT " + strconv.Itoa(q.Limit)
	}
	return by
}

// each asks for many values with one statement, which is the same for any number of them.
func (t *scanText) each(q Scan, list, table string) (string, error) {
	from, parts, err := t.wanted(q.Each)
	if err != nil {
		return "", err
	}
	if len(q.Where) > 0 {
		more, err := t.and(q.Where)
		if err != nil {
			return "", err
		}
		parts = append(parts, more)
	}
	where := " WHERE " + strings.Join(parts, " AND ") + ordered(q)
	if t.d == lower.Postgres {
		return "SELECT " + list + " FROM " + from + " CROSS JOIN LATERAL (SELECT * FROM " + table + where + ") AS s", nil
	}
	return "SELECT " + list + " FROM " + from + " CROSS JOIN " + table + " AS t WHERE t.rowid IN (SELECT rowid FROM " + table + where + ")", nil
}

// wanted is a table of the values that are asked for, and how rows meet them.
func (t *scanText) wanted(e *Each) (from string, meets []string, err error) {
	all := make([][]any, len(e.Values))
	columns := make([][]string, len(e.Fields))
	for i, values := range e.Values {
		all[i] = make([]any, len(values))
		for n, f := range e.Fields {
			if all[i][n], err = lower.Encode(t.d, f, values[n]); err != nil {
				return "", nil, err
			}
			columns[n] = append(columns[n], fmt.Sprint(all[i][n]))
		}
	}
	if t.d == lower.SQLite {
		text, err := json.Marshal(all)
		if err != nil {
			return "", nil, fmt.Errorf("list values: %w", err)
		}
		t.args = append(t.args, string(text))
		for n, f := range e.Fields {
			meets = append(meets, quote(lower.Column(f))+" = k.wanted ->> "+strconv.Itoa(n))
		}
		return "(SELECT value AS wanted FROM json_each(?)) AS k", meets, nil
	}
	names, lists := make([]string, len(e.Fields)), make([]string, len(e.Fields))
	for n, f := range e.Fields {
		t.args = append(t.args, columns[n])
		names[n], lists[n] = "v"+strconv.Itoa(n), mark(t.d, len(t.args))+"::"+plainType(t.d, f)+"[]"
		meets = append(meets, quote(lower.Column(f))+" = k."+names[n])
	}
	return "unnest(" + strings.Join(lists, ", ") + ") AS k(" + strings.Join(names, ", ") + ")", meets, nil
}

// plainType is the type of a field's column without how its texts are compared.
func plainType(d lower.Dialect, f *metamodel.Field) string {
	return strings.TrimSuffix(lower.ColumnType(d, f), ` COLLATE "C"`)
}

func (t *scanText) all(list []Match) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	text, err := t.and(list)
	return " WHERE " + text, err
}

func (t *scanText) and(list []Match) (string, error) {
	parts := make([]string, len(list))
	for i, m := range list {
		var err error
		if parts[i], err = t.match(m); err != nil {
			return "", err
		}
	}
	return strings.Join(parts, " AND "), nil
}

func (t *scanText) match(m Match) (string, error) {
	if m.Any != nil {
		parts := make([]string, len(m.Any))
		for i, list := range m.Any {
			var err error
			if parts[i], err = t.and(list); err != nil {
				return "", err
			}
		}
		return "(" + strings.Join(parts, " OR ") + ")", nil
	}
	column := quote(lower.Column(m.Field))
	switch {
	case m.From != nil:
		return t.from(column, m)
	case m.Op == "in":
		return t.in(column, m)
	case m.Value == nil && m.Op == "=":
		return column + " IS NULL", nil
	case m.Value == nil:
		return column + " IS NOT NULL", nil
	}
	if x, ok := m.Value.(bool); ok && m.Field.Kind == metamodel.Boolean { // as the indexes of parts have it
		return column + " " + m.Op + " " + truth(t.d, x), nil
	}
	arg, err := lower.Encode(t.d, m.Field, m.Value)
	if err != nil {
		return "", err
	}
	t.args = append(t.args, arg)
	return column + " " + m.Op + " " + mark(t.d, len(t.args)), nil
}

// in asks for one of many values as one argument, so that the statement is the same for any number of them but one.
func (t *scanText) in(column string, m Match) (string, error) {
	if len(m.Values) == 1 {
		return t.match(Match{Field: m.Field, Op: "=", Value: m.Values[0]})
	}
	list := make([]any, len(m.Values))
	for i, v := range m.Values {
		var err error
		if list[i], err = lower.Encode(t.d, m.Field, v); err != nil {
			return "", err
		}
	}
	if t.d == lower.SQLite {
		text, err := json.Marshal(list)
		if err != nil {
			return "", fmt.Errorf("list values: %w", err)
		}
		t.args = append(t.args, string(text))
		return column + " IN (SELECT value FROM json_each(?))", nil
	}
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = fmt.Sprint(v)
	}
	t.args = append(t.args, texts)
	return column + " = ANY(" + mark(t.d, len(t.args)) + "::" + plainType(t.d, m.Field) + "[])", nil
}

// from asks for one of the values of a field in other rows. An id that is kept as text meets ids as such.
func (t *scanText) from(column string, m Match) (string, error) {
	where, err := t.all(m.From.Where)
	if err != nil {
		return "", err
	}
	inner := quote(lower.Column(m.From.Field))
	if t.d == lower.Postgres {
		if lower.ColumnType(t.d, m.Field) != lower.ColumnType(t.d, m.From.Field) {
			inner += "::" + plainType(t.d, m.Field)
		}
	}
	return column + " IN (SELECT " + inner + " FROM " + quote(lower.Table(m.From.Field.Entity)) + where + ")", nil
}

// truth writes a boolean into a statement.
func truth(d lower.Dialect, x bool) string {
	switch {
	case d == lower.Postgres:
		return strconv.FormatBool(x)
	case x:
		return "1"
	}
	return "0"
}
