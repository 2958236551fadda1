package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// gate lets one transaction at a time post to ledgers. SQLite has one writer anyway. On PostgreSQL it must be the
// transaction's first statement: a lock needs no snapshot, so that the snapshot that is taken next has everything that
// the holder before has written, and a serializable transaction doesn't fail for it.
func (tx *Tx) gate(ctx context.Context, pin Pin) error {
	if !pin.Ledgers || tx.s.Dialect() != lower.Postgres {
		return nil
	}
	_, err := tx.on.exec(ctx, "LOCK TABLE ledger_gate IN EXCLUSIVE MODE")
	return tx.s.wrap("wait to post", err)
}

// LedgerLock is the day up to which a ledger is closed; ok is false where it is open.
func (r *Reader) LedgerLock(ctx context.Context, ledger metamodel.ID) (through value.Date, ok bool, err error) {
	n, err := r.integer(ctx, "SELECT through FROM ledger_locks WHERE ledger = ?", string(ledger))
	if errors.Is(err, ErrNotFound) {
		return 0, false, nil
	}
	return value.Date(n), err == nil, r.s.wrap("read lock of a ledger", err)
}

// LockLedger closes a ledger up to a day, or opens it again after an earlier one. Who is "" where nobody is known.
func (tx *Tx) LockLedger(ctx context.Context, ledger metamodel.ID, through value.Date, who string) error {
	const query = `INSERT INTO ledger_locks (ledger, through, locked_at, locked_by) VALUES (?, ?, ?, ?)
ON CONFLICT (ledger) DO UPDATE SET through = excluded.through, locked_at = excluded.locked_at, locked_by = excluded.locked_by`
	_, err := tx.on.exec(ctx, bind(tx.s.Dialect(), query), string(ledger), int64(through), tx.s.now().UnixMicro(), who)
	return tx.s.wrap("lock a ledger", err)
}

// UnlockLedger opens a ledger altogether.
func (tx *Tx) UnlockLedger(ctx context.Context, ledger metamodel.ID) error {
	_, err := tx.on.exec(ctx, bind(tx.s.Dialect(), "DELETE FROM ledger_locks WHERE ledger = ?"), string(ledger))
	return tx.s.wrap("open a ledger", err)
}

// InsertKept writes new rows of an entity without lines, many in a statement.
func (tx *Tx) InsertKept(ctx context.Context, e *metamodel.Entity, rows []value.Row) error {
	return tx.insertRows(ctx, e, rows)
}

// UpdateKept sets some fields of rows that are there, many in a statement, whatever their version is. All rows are
// found, or it fails.
func (tx *Tx) UpdateKept(ctx context.Context, fields []*metamodel.Field, rows []value.Row) error {
	if len(fields) == 0 || len(rows) == 0 {
		return nil
	}
	d, e := tx.s.Dialect(), fields[0].Entity
	set := append([]*metamodel.Field{e.Columns()[metamodel.SlotID]}, fields...)
	for len(rows) > 0 {
		n := batchOf(len(rows))
		args := make([]any, 0, n*len(set))
		for _, row := range rows[:n] {
			for _, f := range set {
				arg, err := lower.Encode(d, f, row[f.Slot])
				if err != nil {
					return fmt.Errorf("update %s: %w", lower.Table(e), err)
				}
				args = append(args, arg)
			}
		}
		res, err := tx.on.exec(ctx, updateText(d, e, set, n), args...)
		if err != nil {
			return tx.refused(e, "update "+lower.Table(e), err)
		}
		if err := changed(res, n); err != nil {
			return fmt.Errorf("update %s: %w", lower.Table(e), err)
		}
		rows = rows[n:]
	}
	return nil
}

func changed(res sql.Result, want int) error {
	n, err := res.RowsAffected()
	if err == nil && int(n) != want {
		return fmt.Errorf("%w: %d rows of %d are there", ErrStale, n, want)
	}
	return err
}
