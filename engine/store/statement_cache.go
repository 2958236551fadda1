package store

import (
	"container/list"
	"context"
	"database/sql"
	"errors"
	"sync"
)

// maxStatements bounds the prepared statements of one pool.
const maxStatements = 512

// preparer is what statements are prepared on: a pool or one connection.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// statements keeps the most recently used prepared statements by their text. database/sql prepares each of
// them again on every connection of a pool that runs it.
type statements struct {
	on     preparer
	mu     sync.Mutex
	byText map[string]*list.Element
	order  *list.List // of *statement, most recent first
}

// statement is closed when it was evicted and nobody runs it any more.
type statement struct {
	text    string
	stmt    *sql.Stmt
	users   int
	evicted bool
}

func newStatements(on preparer) *statements {
	return &statements{on: on, byText: map[string]*list.Element{}, order: list.New()}
}

func (c *statements) acquire(ctx context.Context, text string) (*statement, error) {
	if st := c.lookup(text); st != nil {
		return st, nil
	}
	stmt, err := c.on.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	return c.add(text, stmt), nil
}

func (c *statements) lookup(text string) *statement {
	c.mu.Lock()
	defer c.mu.Unlock()
	el, ok := c.byText[text]
	if !ok {
		return nil
	}
	c.order.MoveToFront(el)
	st := el.Value.(*statement) //nolint:forcetypeassert // only statements are kept
	st.users++
	return st
}

// add keeps a statement; when another goroutine prepared the same text meanwhile, its own is closed.
func (c *statements) add(text string, stmt *sql.Stmt) *statement {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el, ok := c.byText[text]; ok {
		closeQuietly(stmt)
		st := el.Value.(*statement) //nolint:forcetypeassert // only statements are kept
		st.users++
		return st
	}
	st := &statement{text: text, stmt: stmt, users: 1}
	c.byText[text] = c.order.PushFront(st)
	if c.order.Len() > maxStatements {
		last := c.order.Remove(c.order.Back()).(*statement) //nolint:forcetypeassert // only statements are kept
		delete(c.byText, last.text)
		c.evict(last)
	}
	return st
}

func (c *statements) release(st *statement) {
	c.mu.Lock()
	defer c.mu.Unlock()
	st.users--
	if st.evicted && st.users == 0 {
		closeQuietly(st.stmt)
	}
}

func (c *statements) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	st, err := c.acquire(ctx, text)
	if err != nil {
		return nil, err
	}
	defer c.release(st)                       // rows keep the statement open until they are closed
	return st.stmt.QueryContext(ctx, args...) //nolint:sqlclosecheck // the caller closes the rows; the statement is kept
}

func (c *statements) exec(ctx context.Context, text string, args []any) (sql.Result, error) {
	st, err := c.acquire(ctx, text)
	if err != nil {
		return nil, err
	}
	defer c.release(st)
	return st.stmt.ExecContext(ctx, args...)
}

// drop frees all statements: those that are run just now as soon as they end.
func (c *statements) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for el := c.order.Front(); el != nil; el = el.Next() {
		c.evict(el.Value.(*statement)) //nolint:forcetypeassert // only statements are kept
	}
	c.byText, c.order = map[string]*list.Element{}, list.New()
}

func (c *statements) evict(st *statement) {
	st.evicted = true
	if st.users == 0 {
		closeQuietly(st.stmt)
	}
}

// close forgets all statements.
func (c *statements) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for el := c.order.Front(); el != nil; el = el.Next() {
		errs = append(errs, el.Value.(*statement).stmt.Close()) //nolint:forcetypeassert // only statements are kept
	}
	c.byText, c.order = map[string]*list.Element{}, list.New()
	return errors.Join(errs...)
}

// closeQuietly frees a statement; nothing depends on whether that works.
func closeQuietly(stmt *sql.Stmt) { _ = stmt.Close() }
