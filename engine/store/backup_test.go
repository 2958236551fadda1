package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel/value"
)

// A backup of either database restores into either, with everything in it.
func TestBackupMovesBetweenDatabases(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		s := storetest.Open(t, c)
		ctx := context.Background()
		app := storetest.Sample()
		storetest.Install(t, s, app)
		e := app.Entity("order")
		rows := make([]value.Row, 50)
		for i := range rows {
			rows[i] = storetest.Order(app, fmt.Sprintf("PO-%d", i), i%3)
		}
		rows = append(rows, storetest.Row(e, nil))
		insert(t, s, e, rows...)
		var file *store.File
		file, err := s.PutFile(ctx, store.File{Name: "图.png"}, bytes.NewReader([]byte("content")), 100)
		if err != nil {
			t.Fatal(err)
		}
		var tree string
		write(t, s, func(ctx context.Context, tx *store.Tx) (err error) {
			if tree, err = tx.PutObject(ctx, []byte{0, 1, 2, 255}); err != nil {
				return err
			}
			if _, err := tx.Next(ctx, "PO"); err != nil {
				return err
			}
			if err := keepAround(ctx, tx); err != nil {
				return err
			}
			return errors.Join(tx.SwapRef(ctx, "app", "live", store.Ref{}, store.Ref{Commit: tree}), tx.Emit(ctx, store.Event{Type: "a"}),
				tx.Journal(ctx, store.Entry{Actor: "u", Action: "create", Data: []byte(`{"备注":"<&>\u2028"}`)}))
		})
		var archive bytes.Buffer
		if err := s.Backup(ctx, &archive); err != nil {
			t.Fatalf("back up: %v", err)
		}
		targets := map[string]store.Config{"to sqlite": storetest.SQLite(t)}
		if os.Getenv("TENON_TEST_SQLITE_ONLY") != "1" {
			targets["to postgres"] = storetest.Postgres(t)
		}
		for name, target := range targets {
			t.Run(name, func(t *testing.T) {
				to := storetest.Open(t, target)
				if err := to.Restore(ctx, bytes.NewReader(archive.Bytes()), int64(archive.Len())); err != nil {
					t.Fatalf("restore: %v", err)
				}
				if to.WorkspaceID() != s.WorkspaceID() {
					t.Errorf("workspace %s became %s", s.WorkspaceID(), to.WorkspaceID())
				}
				for _, row := range rows {
					sameRow(t, e, get(t, to, e, row[0]), row)
				}
				if data, err := to.Reader().Object(ctx, tree); err != nil || !bytes.Equal(data, []byte{0, 1, 2, 255}) {
					t.Errorf("object %v, %v", data, err)
				}
				_, r, err := to.OpenFile(ctx, file.ID)
				if err != nil {
					t.Fatal(err)
				}
				if content, err := io.ReadAll(r); string(content) != "content" || err != nil {
					t.Errorf("file %q, %v", content, err)
				}
				if err := r.Close(); err != nil {
					t.Error(err)
				}
				if r := audit(t, to); r.Break != nil || r.Sealed != 1 {
					t.Errorf("audit %+v, %+v", r, r.Break)
				}
				keptAround(t, to)
				goesOn(t, to, e.Field("number").Name)
				err = to.Restore(ctx, bytes.NewReader(archive.Bytes()), int64(archive.Len()))
				if !errors.Is(err, store.ErrNotEmpty) {
					t.Errorf("a second restore: %v", err)
				}
			})
		}
	})
}

// keepAround writes what people keep around records.
func keepAround(ctx context.Context, tx *store.Tx) error {
	return errors.Join(
		tx.PutSavedView(ctx, &store.SavedView{App: "app", View: "v", User: "u", Title: "低库存", State: []byte(`{"filter":"a > 1"}`)}),
		tx.PutComment(ctx, &store.Comment{ID: "c", App: "app", Entity: "e", Record: "r", Author: "u", Text: "看\n一下", Mentions: []string{"w"}}),
		tx.Notify(ctx, &store.Notification{ID: "n", User: "w", Kind: "mention", App: "app", Entity: "e", Record: "r", Comment: "c", Actor: "u"}),
	)
}

// keptAround looks for what keepAround wrote.
func keptAround(t *testing.T, s *store.Store) {
	t.Helper()
	ctx, r := context.Background(), s.Reader()
	if views, err := r.SavedViews(ctx, "app", "v", "u"); err != nil || len(views) != 1 || string(views[0].State) != `{"filter":"a > 1"}` {
		t.Errorf("saved views %+v, %v", views, err)
	}
	if said, err := r.Comments(ctx, "app", "e", "r", "", 10); err != nil || len(said) != 1 || said[0].Text != "看\n一下" || len(said[0].Mentions) != 1 {
		t.Errorf("comments %+v, %v", said, err)
	}
	if told, err := r.Notifications(ctx, "w"); err != nil || len(told) != 1 || told[0].Comment != "c" {
		t.Errorf("notifications %+v, %v", told, err)
	}
}

// goesOn uses a restored workspace: counters, keys, outbox and journal continue where they were.
func goesOn(t *testing.T, s *store.Store, number string) {
	t.Helper()
	ctx := context.Background()
	app := storetest.Sample()
	write(t, s, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.Next(ctx, "PO")
		if err == nil && n != 2 {
			t.Errorf("the next number is %d", n)
		}
		return errors.Join(err, tx.Emit(ctx, store.Event{Type: "b"}), tx.Journal(ctx, store.Entry{Action: "update"}))
	})
	events, err := s.Reader().Outbox(ctx, store.Cursor{}, 10)
	if err != nil || len(events) != 2 || events[1].Type != "b" {
		t.Errorf("outbox %+v, %v", events, err)
	}
	if _, err := s.Seal(ctx); err != nil {
		t.Error(err)
	}
	if r := audit(t, s); r.Break != nil || r.Sealed != 2 {
		t.Errorf("audit %+v, %+v", r, r.Break)
	}
	err = s.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
		return tx.Insert(ctx, app.Entity("order"), storetest.Order(app, "PO-1", 0))
	})
	var u *store.UniqueError
	if !errors.As(err, &u) || u.Field.Name != number {
		t.Errorf("the key does not hold: %v", err)
	}
}

// Damage anywhere is found, and then nothing is restored; only bytes that mean nothing (copies of names) may differ.
func TestDamagedBackupRestoresNothing(t *testing.T) {
	ctx := context.Background()
	from := storetest.Open(t, storetest.SQLite(t))
	app := storetest.Sample()
	e := app.Entity("order")
	storetest.Install(t, from, app)
	row := storetest.Order(app, "PO-1", 1)
	insert(t, from, e, row)
	var archive bytes.Buffer
	if err := from.Backup(ctx, &archive); err != nil {
		t.Fatal(err)
	}
	whole := archive.Bytes()
	to := storetest.Open(t, storetest.SQLite(t))
	refused := 0
	for at := 0; at < len(whole); at += len(whole)/60 + 1 {
		broken := bytes.Clone(whole)
		broken[at] ^= 0x5a
		err := to.Restore(ctx, bytes.NewReader(broken), int64(len(broken)))
		if err == nil {
			sameRow(t, e, get(t, to, e, row[0]), row)
			to = storetest.Open(t, storetest.SQLite(t))
			continue
		}
		refused++
	}
	if refused < 20 {
		t.Errorf("only %d of 60 damaged backups were refused", refused)
	}
	if err := to.Restore(ctx, bytes.NewReader(whole[:len(whole)-100]), int64(len(whole)-100)); err == nil {
		t.Error("restored half a backup")
	}
	if err := to.Restore(ctx, bytes.NewReader(whole), int64(len(whole))); err != nil {
		t.Fatalf("the whole one, after all the others were refused: %v", err)
	}
	sameRow(t, e, get(t, to, e, row[0]), row)
}
