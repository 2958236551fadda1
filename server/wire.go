package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"tenon/engine"
	"tenon/engine/event"
	"tenon/engine/store"
	"tenon/metamodel/diag"
	"tenon/server/auth"
)

// openStore opens the workspace that the configuration names.
func openStore(ctx context.Context, c Config, log *slog.Logger, now func() time.Time) (*store.Store, error) {
	return store.Open(ctx, store.Config{URL: c.DatabaseURL.Reveal(), Dir: c.Data, FullSync: c.SQLiteFullSync, Logger: log, Now: now})
}

// openEngine makes the engine of a workspace.
func openEngine(ctx context.Context, st *store.Store, log *slog.Logger, now func() time.Time) (*engine.Engine, error) {
	key, err := pageKey(ctx, st)
	if err != nil {
		return nil, err
	}
	return engine.New(ctx, engine.Options{Store: st, Now: now, Logger: log, PageKey: key})
}

// pageKeySetting is where the key that seals page tokens is kept: all servers of a workspace must have the same.
const pageKeySetting = "page_key"

// pageKey reads the workspace's key for page tokens, and makes one for a new workspace.
func pageKey(ctx context.Context, st *store.Store) (key []byte, err error) {
	err = st.Write(ctx, store.Pin{Serializable: true}, func(ctx context.Context, tx *store.Tx) error {
		text, err := tx.Setting(ctx, pageKeySetting)
		if errors.Is(err, store.ErrNotFound) {
			fresh := make([]byte, 32)
			_, _ = rand.Read(fresh) // never fails
			text = hex.EncodeToString(fresh)
			err = tx.PutSetting(ctx, pageKeySetting, text)
		}
		if err != nil {
			return err
		}
		key, err = hex.DecodeString(text)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("page key: %w", err)
	}
	return key, nil
}

// withEngine runs a command on the workspace that the environment names. Commands that write need the data
// directory for themselves.
func (t *terminal) withEngine(ctx context.Context, writes bool, act func(*engine.Engine) error) error {
	return t.withStore(ctx, writes, func(st *store.Store, log *slog.Logger) error {
		e, err := openEngine(ctx, st, log, t.now)
		if err != nil {
			return err
		}
		return act(e)
	})
}

// withStore is withEngine for commands that need no engine.
func (t *terminal) withStore(ctx context.Context, writes bool, act func(*store.Store, *slog.Logger) error) (err error) {
	c, err := ReadConfig(t.environ)
	if err != nil {
		return err
	}
	log := t.logger(c)
	if writes && c.DatabaseURL.IsZero() {
		release, err := lockData(c.Data)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, release()) }()
	}
	st, err := openStore(ctx, c, log, t.now)
	if err != nil {
		return err
	}
	return errors.Join(act(st, log), st.Close())
}

// serve runs the server until the process is told to stop.
func serve(ctx context.Context, t *terminal, args []string) (err error) {
	if len(args) != 0 {
		return usage("serve")
	}
	c, err := ReadConfig(t.environ)
	if err != nil {
		return err
	}
	log := t.logger(c)
	for _, w := range c.Warnings {
		log.WarnContext(ctx, "configuration", "problem", w.Text(t.lang))
	}
	if c.DatabaseURL.IsZero() {
		release, err := lockData(c.Data)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, release()) }()
	}
	if err := clearUploads(c.Data); err != nil {
		return err
	}
	st, err := openStore(ctx, c, log, t.now)
	if err != nil {
		return err
	}
	return errors.Join(serveStore(ctx, t, c, log, st), st.Close())
}

// serveStore serves an open workspace.
func serveStore(ctx context.Context, t *terminal, c Config, log *slog.Logger, st *store.Store) error {
	e, err := openEngine(ctx, st, log, t.now)
	if err != nil {
		return err
	}
	a, err := auth.New(auth.Options{Store: st, Now: t.now, Logger: log, PublicURL: c.PublicURL})
	if err != nil {
		return err
	}
	s, err := New(ctx, Parts{Config: c, Logger: log, Now: t.now, Store: st, Engine: e, Auth: a})
	if err != nil {
		return err
	}
	ln, err := listen(ctx, c.Addr)
	if err != nil {
		return err
	}
	if c.MetricsAddr != "" {
		m, err := listen(ctx, c.MetricsAddr)
		if err != nil {
			return errors.Join(err, ln.Close())
		}
		stop := s.serveMetrics(m)
		defer stop()
	}
	if err := t.offerSetup(ctx, a, c, ln.Addr().String()); err != nil {
		return errors.Join(err, ln.Close())
	}
	log.InfoContext(ctx, "listening", "addr", ln.Addr().String(), "database", databaseKind(c), "version", Version)
	return s.Serve(ctx, ln)
}

// offerSetup lets a new workspace be set up. A token that was made here is shown on the terminal, and never in the
// log: whoever reads logs is not whoever started the server.
func (t *terminal) offerSetup(ctx context.Context, a *auth.Service, c Config, addr string) error {
	token, err := a.OfferSetup(ctx, c.SetupToken.Reveal())
	if err != nil || token == "" || !c.SetupToken.IsZero() {
		return err
	}
	at := c.PublicURL
	if at == "" {
		at = "http://" + addr
	}
	t.fail(t.in(diag.Text{ZH: "首次设置：打开 ", EN: "First set-up: open "}) + at + t.in(diag.Text{ZH: " ，设置口令：", EN: " , set-up token: "}) + token)
	return nil
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return ln, nil
}

func databaseKind(c Config) string {
	if c.DatabaseURL.IsZero() {
		return "sqlite"
	}
	return "postgres"
}

// clearUploads removes what a killed process left of uploads.
func clearUploads(data string) error {
	err := os.RemoveAll(filepath.Join(data, uploadFolder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("clear uploads: %w", err)
	}
	return nil
}

// newBus makes the bus of a workspace: where other processes can write to the database, it looks more often.
func newBus(c Config, st *store.Store, log *slog.Logger) *event.Bus {
	poll := event.LocalPoll
	if !c.DatabaseURL.IsZero() {
		poll = event.SharedPoll
	}
	return event.New(event.Options{Source: st.Reader(), Poll: poll, Logger: log})
}
