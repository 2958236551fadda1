package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"tenon/engine/store/lower"
)

// Config says where a workspace is kept. URL is a postgres:// address, or "" for SQLite in Dir. Dir is the data
// folder in either case: files and the audit checkpoint live there.
type Config struct {
	URL      string
	Dir      string
	FullSync bool // SQLite: sync the disk on every commit; otherwise a power cut may lose the last commits
	MaxConns int  // 0 is the default of the dialect
	Logger   *slog.Logger
	Now      func() time.Time
	Before   func(statement string) // hears of every statement before it is sent; for tests
}

// Store is one open workspace. It is safe for concurrent use.
type Store struct {
	db     database
	orm    *gorm.DB
	read   *Reader
	dir    string
	log    *slog.Logger
	now    func() time.Time
	id     string
	sealer chan struct{} // nudges the sealer of the journal

	questions *lower.Cache // what records were asked for, lowered once
	stop      context.CancelFunc
	running   sync.WaitGroup
}

// Open opens a workspace, making it when it isn't there, and brings the platform's tables up to date. It
// returns ErrNewer when a newer version of Tenon has written it.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.Dir == "" {
		return nil, errors.New("open store: no data folder")
	}
	s := &Store{dir: c.Dir, log: c.Logger, now: c.Now, sealer: make(chan struct{}, 1)}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		return nil, errors.New("open store: no clock")
	}
	if err := s.connect(ctx, c); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s.questions = lower.NewCache(s.Dialect())
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), s.db.close())
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.running.Go(func() { s.sealAlways(background) })
	return s, nil
}

func (s *Store) connect(ctx context.Context, c Config) error {
	if c.URL != "" {
		d, err := openPostgres(ctx, c)
		if err != nil {
			return err
		}
		s.db = watch(d, c.Before)
		return nil
	}
	d, err := openSQLite(ctx, c)
	if err != nil {
		return err
	}
	s.db = watch(d, c.Before)
	return nil
}

// prepare makes everything that needs a connection.
func (s *Store) prepare(ctx context.Context) error {
	if err := s.migrate(ctx); err != nil {
		return err
	}
	var err error
	s.orm, err = gorm.Open(s.db.dialector(), &gorm.Config{
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		Logger:                 logger.Discard,
		NowFunc:                s.now,
	})
	if err != nil {
		return s.wrap("start gorm", err)
	}
	s.read = &Reader{s: s, on: s.db.reader()}
	return s.identify(ctx)
}

// identify reads the workspace's id and gives a new workspace one.
func (s *Store) identify(ctx context.Context) error {
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("make workspace id: %w", err)
	}
	return s.Write(ctx, Pin{}, func(ctx context.Context, tx *Tx) error {
		const insert = "INSERT INTO workspace (id, created_at) SELECT CAST(? AS TEXT), CAST(? AS BIGINT) WHERE NOT EXISTS (SELECT 1 FROM workspace)"
		if s.Dialect() == lower.Postgres { // two servers that start at once agree on one id
			if _, err := tx.on.exec(ctx, "LOCK TABLE workspace IN EXCLUSIVE MODE"); err != nil {
				return s.wrap("lock workspace", err)
			}
		}
		if _, err := tx.on.exec(ctx, bind(s.Dialect(), insert), id.String(), s.micros()); err != nil {
			return s.wrap("name workspace", err)
		}
		ids, err := texts(ctx, tx.on, "SELECT id FROM workspace")
		if err != nil {
			return s.wrap("read workspace id", err)
		}
		if len(ids) != 1 {
			return fmt.Errorf("read workspace id: %w: %d workspaces", ErrDamaged, len(ids))
		}
		s.id = ids[0]
		return nil
	})
}

// Close ends the background work and closes all connections. Transactions under way are waited for.
func (s *Store) Close() error {
	s.stop()
	s.running.Wait()
	if err := s.db.close(); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// Dialect tells which database it is.
func (s *Store) Dialect() lower.Dialect { return s.db.dialect() }

// WorkspaceID is the id that the workspace got when it was made.
func (s *Store) WorkspaceID() string { return s.id }

// Forget drops the lowered questions of releases that have been replaced, so that these can be freed.
func (s *Store) Forget() { s.questions.Clear() }

// Shrink gives back the memory that connections keep for the next questions.
func (s *Store) Shrink(ctx context.Context) error { return s.wrap("shrink", s.db.shrink(ctx)) }

// Dir is the data folder.
func (s *Store) Dir() string { return s.dir }

// Reader reads outside a transaction.
func (s *Store) Reader() *Reader { return s.read }

// micros is the present instant as platform tables keep it.
func (s *Store) micros() int64 { return s.now().UnixMicro() }

// models is gorm over a session, for the platform's own tables.
func (s *Store) models(ctx context.Context, on session) *gorm.DB {
	g := s.orm.Session(&gorm.Session{NewDB: true, Context: ctx})
	g.Statement.ConnPool = on.pool()
	return g
}
