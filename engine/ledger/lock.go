package ledger

import (
	"context"

	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Locked is the day up to which a ledger is closed; ok is false where nothing is.
func Locked(ctx context.Context, r *store.Reader, l *metamodel.Ledger) (through value.Date, ok bool, err error) {
	return r.LedgerLock(ctx, l.ID)
}

// Lock closes a ledger up to a day, or opens it again after an earlier one. Who did so is an account's id or "".
func Lock(ctx context.Context, tx *store.Tx, l *metamodel.Ledger, through value.Date, who string) error {
	return tx.LockLedger(ctx, l.ID, through, who)
}
