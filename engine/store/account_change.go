package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// The errors of accounts that callers act upon.
var (
	// ErrEmailTaken says that someone else has the e-mail.
	ErrEmailTaken = errors.New("the e-mail is taken")
	// ErrLastAdmin says that the change would leave nobody who administers the workspace.
	ErrLastAdmin = errors.New("the last administrator")
	// ErrCycle says that a department would be below itself.
	ErrCycle = errors.New("a department below itself")
	// ErrTooDeep says that departments would be nested too deep.
	ErrTooDeep = errors.New("departments nested too deep")
	// ErrInUse says that a department still has members or departments below it.
	ErrInUse = errors.New("the department is in use")
	// ErrUsed says that what may happen once has happened.
	ErrUsed = errors.New("used already")
)

// By says who changes accounts, for the journal.
type By struct {
	Actor     string
	ActorKind string
	RequestID string
}

// Epoch reads the counter of changes of who may do what.
func (r *Reader) Epoch(ctx context.Context) (int64, error) {
	n, err := r.integer(ctx, "SELECT value FROM epochs WHERE name = 'auth'")
	return n, r.s.wrap("read epoch", err)
}

// change begins a change of accounts: it bumps the epoch and writes the journal. The bumped row is locked until
// the transaction ends, so that changes of accounts happen one after the other on either database; what is
// checked after it stays true.
func (tx *Tx) change(ctx context.Context, by By, action, kind, id string, data any) error {
	if err := tx.BumpEpoch(ctx); err != nil {
		return err
	}
	return tx.note(ctx, by, action, kind, id, data)
}

// note writes the journal of accounts without bumping the epoch: for what takes nothing from anybody.
func (tx *Tx) note(ctx context.Context, by By, action, kind, id string, data any) error {
	var text []byte
	if data != nil {
		var err error
		if text, err = json.Marshal(data); err != nil {
			return fmt.Errorf("write journal of accounts: %w", err)
		}
	}
	return tx.Journal(ctx, Entry{
		Actor: by.Actor, ActorKind: by.ActorKind, Action: action, EntityID: kind, RecordID: id,
		Data: text, RequestID: by.RequestID,
	})
}

// stamp reads an instant that may be none.
func stamp(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return instant(micros)
}

// stamped writes an instant that may be none.
func stamped(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// newID makes an id for a row of accounts.
func newID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make id: %w", err)
	}
	return id.String(), nil
}
