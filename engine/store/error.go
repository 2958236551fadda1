package store

import (
	"context"
	"errors"
	"fmt"

	"tenon/metamodel"
)

// The errors that callers act upon. They are matched with errors.Is.
var (
	// ErrStale says that the record is not at the version that the change was made from.
	ErrStale = errors.New("the record was changed by someone else")
	// ErrMoved says that a release has moved the reference that the write was pinned to.
	ErrMoved = errors.New("the app was released meanwhile")
	// ErrTaken says that a job is not where whoever works at it has left it.
	ErrTaken = errors.New("the job was cancelled or taken over")
	// ErrNotFound says that what was asked for is not there.
	ErrNotFound = errors.New("not found")
	// ErrBusy says that the database was locked, overloaded or out of reach for longer than a request may wait.
	ErrBusy = errors.New("the database is busy")
	// ErrKeyReused says that an idempotency key came back with another request.
	ErrKeyReused = errors.New("the idempotency key was used for another request")
	// ErrTooLarge says that a file or value is over its limit.
	ErrTooLarge = errors.New("too large")
	// ErrNewer says that the database was written by a newer version of Tenon.
	ErrNewer = errors.New("the database belongs to a newer version")
	// ErrNotEmpty says that a workspace to restore into has content already.
	ErrNotEmpty = errors.New("the workspace is not empty")
	// ErrDamaged says that stored content does not match its checksum.
	ErrDamaged = errors.New("stored content is damaged")
	// ErrNested says that a write transaction was opened inside another one.
	ErrNested = errors.New("write transaction inside a write transaction")
)

// UniqueError says that a record has the same values as another one in fields that are unique together. Key is
// set for a key over several fields or a named one, Field for a field that is unique alone; both are nil when
// the key belongs to a newer release of the entity.
type UniqueError struct {
	Entity *metamodel.Entity
	Key    *metamodel.Key
	Field  *metamodel.Field
}

// Error names the entity and the key by their document names, never by values.
func (e *UniqueError) Error() string {
	switch {
	case e.Key != nil:
		return fmt.Sprintf("unique key %s of %s is taken", e.Key.Name, e.Entity.Name)
	case e.Field != nil:
		return fmt.Sprintf("unique field %s of %s is taken", e.Field.Name, e.Entity.Name)
	default:
		return fmt.Sprintf("a unique key of %s is taken", e.Entity.Name)
	}
}

// trouble is what an error of a driver means.
type trouble uint8

const (
	troubleOther  trouble = iota
	troubleRetry          // the transaction lost against another one and may be run again
	troubleBusy           // waited too long, or no connection
	troubleUnique         // a unique index refused
)

// failure is a driver's error, read. For troubleUnique either index or columns (with table) say which key.
type failure struct {
	kind    trouble
	index   string
	table   string
	columns []string
}

// driverError hides the driver's error type but keeps its text for the log.
type driverError struct {
	cause error
	as    error
}

func (e *driverError) Error() string { return e.cause.Error() }

func (e *driverError) Unwrap() error { return e.as }

// wrap says what was attempted and turns a driver's error into the package's own. Errors of the context pass
// through, as do the package's errors.
func (s *Store) wrap(attempt string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", attempt, s.translate(err))
}

func (s *Store) translate(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	f := s.db.explain(err)
	switch f.kind {
	case troubleRetry:
		return &driverError{cause: err, as: errRetry}
	case troubleBusy:
		return &driverError{cause: err, as: ErrBusy}
	case troubleOther, troubleUnique:
	}
	return err
}

// errRetry marks an error after which the whole transaction may be run again.
var errRetry = fmt.Errorf("%w: lost against another transaction", ErrBusy)
