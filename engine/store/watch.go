package store

import (
	"context"
	"database/sql"

	"gorm.io/gorm"
)

// watched is a database that tells of every statement before it is sent: the seam at which tests stop, interleave
// and kill. Nothing is wrapped where nobody listens.
type watched struct {
	database
	before func(statement string)
}

// watch surrounds a database when there is somebody to tell.
func watch(d database, before func(statement string)) database {
	if before == nil {
		return d
	}
	return watched{d, before}
}

func (w watched) reader() session { return watchedSession{w.database.reader(), w.before} }

func (w watched) begin(ctx context.Context, serializable bool) (transaction, error) {
	w.before("BEGIN")
	return w.transaction(w.database.begin(ctx, serializable))
}

func (w watched) snapshot(ctx context.Context) (transaction, error) {
	return w.transaction(w.database.snapshot(ctx))
}

func (w watched) transaction(t transaction, err error) (transaction, error) {
	if err != nil {
		return nil, err
	}
	return watchedTx{watchedSession{t, w.before}, t}, nil
}

func (w watched) exclusive(ctx context.Context, query string) error {
	w.before(query)
	return w.database.exclusive(ctx, query)
}

type watchedTx struct {
	watchedSession
	t transaction
}

func (t watchedTx) commit(ctx context.Context) error {
	t.before("COMMIT")
	return t.t.commit(ctx)
}

func (t watchedTx) rollback() error { return t.t.rollback() }

type watchedSession struct {
	session
	before func(statement string)
}

func (s watchedSession) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s.before(query)
	return s.session.query(ctx, query, args...)
}

func (s watchedSession) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s.before(query)
	return s.session.exec(ctx, query, args...)
}

func (s watchedSession) pool() gorm.ConnPool { return watchedPool{s.session.pool(), s.before} }

// watchedPool is what gorm and statements that change tables are run on.
type watchedPool struct {
	gorm.ConnPool
	before func(statement string)
}

func (p watchedPool) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	p.before(query)
	return p.ConnPool.ExecContext(ctx, query, args...)
}

func (p watchedPool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	p.before(query)
	return p.ConnPool.QueryContext(ctx, query, args...)
}

func (p watchedPool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	p.before(query)
	return p.ConnPool.QueryRowContext(ctx, query, args...)
}
