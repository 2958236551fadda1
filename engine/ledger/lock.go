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

// Reopen opens a ledger again after a day, or altogether where that is nil. What left pools that are valued by the month
// is, in the months that are open again, worth what it was before they were closed, until they are closed anew. Who did
// so is an account's id or "".
func Reopen(ctx context.Context, tx *store.Tx, l *metamodel.Ledger, o Options, through *value.Date, who string) ([]Change, error) {
	var err error
	if through == nil {
		err = tx.UnlockLedger(ctx, l.ID)
	} else {
		err = tx.LockLedger(ctx, l.ID, *through, who)
	}
	if err != nil {
		return nil, err
	}
	b := Open(tx, o)
	s, err := b.shelf(ctx, l)
	if err != nil {
		return nil, err
	}
	pools, err := s.byMonth(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range pools {
		p.stale = true
	}
	return b.Flush(ctx)
}

// Lock closes a ledger up to a day. Who did so is an account's id or "".
func Lock(ctx context.Context, tx *store.Tx, l *metamodel.Ledger, through value.Date, who string) error {
	return tx.LockLedger(ctx, l.ID, through, who)
}
