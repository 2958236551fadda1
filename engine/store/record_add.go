package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Addend is what a number of a record grows by.
type Addend struct {
	Field *metamodel.Field // a decimal or an integer
	By    value.Decimal
}

// AddsAtOnce tells whether Add saves anything: on a database that is a way off, by a question and an answer.
func (tx *Tx) AddsAtOnce() bool { return tx.s.Dialect() == lower.Postgres }

// Add adds to numbers of a record, where nothing counts as 0, and reads it as it is then, without lines, locked. It is nil,
// and nothing is changed, when there is no such record or a number would outgrow its field.
func (tx *Tx) Add(ctx context.Context, e *metamodel.Entity, id string, all []Addend) (_ value.Row, err error) {
	d, l := tx.s.Dialect(), layoutOf(tx.s.Dialect(), e)
	var set, where []string
	args := []any{id}
	for _, a := range all {
		args = append(args, a.By.String())
		column := quote(lower.Column(a.Field))
		sum := "COALESCE(" + column + ", 0)::numeric + " + mark(d, len(args)) + "::numeric"
		set = append(set, column+" = "+sum)
		most := strconv.Itoa(metamodel.MaxInteger + 1)
		if a.Field.Kind.IsDecimal() {
			most = "1e" + strconv.Itoa(a.Field.Precision-a.Field.Scale)
		}
		where = append(where, "abs("+sum+") < "+most)
	}
	query := "UPDATE " + quote(l.table) + " SET " + strings.Join(set, ", ") + " WHERE id = " + mark(d, 1) + "::uuid AND " + strings.Join(where, " AND ") +
		" RETURNING " + strings.Join(l.names, ", ")
	rows, err := tx.on.query(ctx, query, args...)
	if err != nil {
		return nil, tx.refused(e, "add to "+l.table, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if !rows.Next() {
		return nil, tx.s.wrap("add to "+l.table, rows.Err())
	}
	row, err := newScanner(e, outputsAt(d, e, l.slots)).next(rows, 1)
	if err != nil {
		return nil, fmt.Errorf("add to %s: %w", l.table, err)
	}
	return row, tx.s.wrap("add to "+l.table, rows.Err())
}
