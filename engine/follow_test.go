package engine_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tenon/engine"
	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

// another is one more server of the same workspace.
func another(t *testing.T, c store.Config, log *slog.Logger) *world {
	t.Helper()
	w := &world{t: t, store: storetest.Open(t, c), now: epoch}
	e, err := engine.New(context.Background(), engine.Options{Store: w.store, Now: func() time.Time { return w.now }, Logger: log, PageKey: []byte("test key of pages")})
	if err != nil {
		t.Fatal(err)
	}
	w.e = e
	return w
}

// An app whose released state can't be run holds up nobody: the server starts, the other apps are served, the problem
// is told, and what ran before can still be read.
func TestBrokenAppStopsNoOther(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		s := newShop(t, newWorld(t, storetest.Open(t, c)))
		ctx := context.Background()
		breakApp := func(name string, generation int64) {
			t.Helper()
			err := s.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
				tree, err := tx.PutObject(ctx, []byte(`[{"kind":"app","id":"x","name":"app","hash":"gone"}]`))
				if err != nil {
					return err
				}
				commit, err := tx.PutCommit(ctx, store.Commit{App: name, Tree: tree, Reason: "by a newer version"})
				if err != nil {
					return err
				}
				from := store.Ref{}
				if generation > 0 {
					if from, err = tx.Ref(ctx, name, compile.Production); err != nil {
						return err
					}
				}
				return tx.SwapRef(ctx, name, compile.Production, from, store.Ref{Commit: commit})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		breakApp("alien", 0) // sorts before the shop
		var log bytes.Buffer
		w := another(t, c, slog.New(slog.NewTextHandler(&log, nil)))
		other := &shop{world: w, east: s.east, pen: s.pen}
		if _, err := other.get(other.boss(), "item", s.pen.id()); err != nil {
			t.Errorf("the other app: %v", err)
		}
		_, err := w.e.Snapshot("alien", &policy.Actor{Kind: policy.System})
		refused(t, err, "app.broken", "")
		if w.e.Failed() != 1 || !strings.Contains(log.String(), "app=alien") {
			t.Errorf("%d failed, log %s", w.e.Failed(), log.String())
		}
		boss := other.boss()
		call := w.call(boss, "shop")
		if _, err := s.put("entity/item", `"maxLength": 100`, `"maxLength": 90`); err != nil {
			t.Fatal(err)
		}
		s.release("shop")
		if _, err := w.e.Update(ctx, call, "item", s.pen.id(), 0, []byte(`{"price":"13"}`), engine.ReadOptions{}); err != nil {
			t.Errorf("write over a release of the other app: %v", err)
		}
		if snap, err := w.e.Snapshot("shop", &policy.Actor{Kind: policy.System}); err != nil || snap.Generation != call.Snap.Generation+1 {
			t.Errorf("not followed: %v", err)
		}
		call = w.call(boss, "shop")
		breakApp("shop", 2)
		_, err = w.e.Update(ctx, call, "item", s.pen.id(), 0, []byte(`{"price":"14"}`), engine.ReadOptions{})
		refused(t, err, "app.broken", "")
		if pen, err := other.get(boss, "item", s.pen.id()); err != nil || pen["price"] != "13.0000" {
			t.Errorf("reading what ran before: %v, %v", pen, err)
		}
	})
}

// A write of the old revision that commits at the last moment before a release takes over is converted too.
func TestLastWriteOfTheOldRevisionIsConverted(t *testing.T) {
	if !hasPostgres(t) {
		return // with one writer there is no such moment
	}
	c := storetest.Postgres(t)
	s := newShop(t, newWorld(t, storetest.Open(t, c)))
	if _, err := s.put("entity/item", `"active": {`, `"stock_days": {"type":"integer","title":"天数","x-title":{"en-US":"Days"}}, "active": {`); err != nil {
		t.Fatal(err)
	}
	s.release("shop")

	var wrote atomic.Bool
	var last, begun, waiting sync.Once
	committing, commit, written := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	slow := c
	slow.Before = func(q string) {
		switch {
		case strings.HasPrefix(q, `UPDATE "e_`):
			wrote.Store(true)
		case q == "COMMIT" && wrote.Load():
			last.Do(func() { close(committing); <-commit })
		}
	}
	writer := another(t, slow, slog.New(slog.DiscardHandler))
	var releasing atomic.Bool
	fast := c
	fast.Before = func(q string) {
		switch {
		case !releasing.Load():
		case strings.HasPrefix(q, `INSERT INTO "objects"`): // all is prepared: the old revision's last write begins
			begun.Do(func() {
				go func() {
					_, err := writer.update(writer.boss(), "item", s.pen.id(), 0, record{"stock_days": 45})
					written <- err
				}()
				<-committing
			})
		case strings.HasPrefix(q, "UPDATE refs"), strings.HasPrefix(q, "DROP TRIGGER") && wrote.Load():
			waiting.Do(func() { close(commit) })
		}
	}
	releaser := another(t, fast, slog.New(slog.DiscardHandler))
	if _, err := releaser.put("entity/item", `"type": "integer"`, `"type": "string", "maxLength": 20`); err != nil {
		t.Fatal(err)
	}
	releasing.Store(true)
	releaser.release("shop")
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	pen, err := releaser.get(releaser.boss(), "item", s.pen.id())
	if err != nil || pen["stock_days"] != "45" {
		t.Errorf("the last write is lost: %v, %v", pen["stock_days"], err)
	}
}

// hasPostgres tells whether PostgreSQL is tested; that it is not is told.
func hasPostgres(t *testing.T) bool {
	t.Helper()
	if os.Getenv("TENON_TEST_SQLITE_ONLY") == "1" {
		t.Log("TENON_TEST_SQLITE_ONLY=1: NOT TESTED ON POSTGRESQL")
		return false
	}
	return true
}
