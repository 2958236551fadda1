package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
)

func TestNumbersAreGaplessUnderConcurrency(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const workers, each = 16, 12
		var mu sync.Mutex
		var got []int64
		fail := errors.New("no")
		var group sync.WaitGroup
		for w := range workers {
			group.Go(func() {
				for i := range each {
					var n int64
					err := s.Write(context.Background(), store.Pin{}, func(ctx context.Context, tx *store.Tx) (err error) {
						if n, err = tx.Next(ctx, "PO"); err != nil {
							return err
						}
						if (w+i)%3 == 0 {
							return fail // gives its number back
						}
						return nil
					})
					if err == nil {
						mu.Lock()
						got = append(got, n)
						mu.Unlock()
					} else if !errors.Is(err, fail) {
						t.Errorf("take number: %v", err)
					}
				}
			})
		}
		group.Wait()
		slices.Sort(got)
		for i, n := range got {
			if n != int64(i+1) {
				t.Fatalf("number %d is %d", i+1, n)
			}
		}
		write(t, s, func(ctx context.Context, tx *store.Tx) error {
			first, err := tx.Reserve(ctx, "PO", 5)
			if err == nil && first != int64(len(got)+1) {
				t.Errorf("reserved from %d", first)
			}
			return err
		})
	})
}

func TestSwapRefHasOneWinner(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		from := store.Ref{}
		for round := range 3 {
			var wins atomic.Int64
			var group sync.WaitGroup
			for w := range 16 {
				group.Go(func() {
					err := s.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
						if err := tx.Journal(ctx, store.Entry{Action: "release"}); err != nil {
							return err
						}
						return tx.SwapRef(ctx, "app", "live", from, store.Ref{Commit: fmt.Sprintf("c%d-%d", round, w)})
					})
					switch {
					case err == nil:
						wins.Add(1)
					case !errors.Is(err, store.ErrMoved):
						t.Errorf("swap: %v", err)
					}
				})
			}
			group.Wait()
			if wins.Load() != 1 {
				t.Fatalf("round %d had %d winners", round, wins.Load())
			}
			ref, err := s.Reader().Ref(ctx, "app", "live")
			if err != nil || ref.Generation != int64(round+1) {
				t.Fatalf("ref %+v, %v", ref, err)
			}
			from = ref
		}
		if entries, err := s.Reader().Entries(ctx, store.JournalFilter{Action: "release"}, 0, 100); err != nil || len(entries) != 3 {
			t.Errorf("losers left %d entries, %v", len(entries), err)
		}
	})
}

// A release waits for writes pinned to the old generation and refuses those that come after it.
func TestPinHoldsTheRelease(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		write(t, s, func(ctx context.Context, tx *store.Tx) error {
			return tx.SwapRef(ctx, "app", "live", store.Ref{}, store.Ref{Commit: "one"})
		})
		ref, err := s.Reader().Ref(ctx, "app", "live")
		if err != nil {
			t.Fatal(err)
		}
		inside, released := make(chan struct{}), make(chan error, 1)
		var order []string
		pin := store.Pin{App: "app", Env: "live", Generation: ref.Generation}
		err = s.Write(ctx, pin, func(ctx context.Context, tx *store.Tx) error {
			go func() {
				<-inside
				released <- s.Write(context.Background(), store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
					if err := tx.SwapRef(ctx, "app", "live", ref, store.Ref{Commit: "two"}); err != nil {
						return err
					}
					got, err := tx.Setting(ctx, "written") // what the pinned write did is there
					order = append(order, got)
					return err
				})
			}()
			close(inside)
			time.Sleep(100 * time.Millisecond) // lets the release run into the pin
			return tx.PutSetting(ctx, "written", "before")
		})
		if err != nil {
			t.Fatalf("pinned write: %v", err)
		}
		if err := <-released; err != nil || !slices.Equal(order, []string{"before"}) {
			t.Errorf("release: %v, saw %v", err, order)
		}
		err = s.Write(ctx, pin, func(context.Context, *store.Tx) error { t.Error("ran on an old pin"); return nil })
		if !errors.Is(err, store.ErrMoved) {
			t.Errorf("got %v", err)
		}
		for generation, want := range []error{nil, store.ErrMoved} {
			err = s.Write(ctx, store.Pin{App: "none", Env: "live", Generation: int64(generation)}, func(context.Context, *store.Tx) error { return nil })
			if !errors.Is(err, want) {
				t.Errorf("an app that is not there, at generation %d: %v", generation, err)
			}
		}
	})
}

func TestRevisions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		at := time.Date(2026, 5, 1, 2, 3, 4, 5000, time.UTC)
		var hashes []string
		var tree string
		write(t, s, func(ctx context.Context, tx *store.Tx) (err error) {
			hashes = nil
			if tree, err = tx.PutObject(ctx, []byte("{}")); err != nil {
				return err
			}
			if again, err := tx.PutObject(ctx, []byte("{}")); err != nil || again != tree {
				t.Errorf("the same content: %s, %v", again, err)
			}
			if _, err := tx.PutObject(ctx, nil); err != nil {
				return err
			}
			parents := []string(nil)
			for i := range 5 {
				c := store.Commit{App: "app", Tree: tree, Parents: parents, Author: "u", Reason: fmt.Sprint("原因 ", i), At: at.Add(time.Duration(i/2) * time.Second)}
				hash, err := tx.PutCommit(ctx, c)
				if err != nil {
					return err
				}
				hashes = append(hashes, hash)
				parents = []string{hash}
			}
			return nil
		})
		if data, err := s.Reader().Object(ctx, tree); string(data) != "{}" || err != nil {
			t.Errorf("object %q, %v", data, err)
		}
		if _, err := s.Reader().Object(ctx, "none"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v", err)
		}
		c, err := s.Reader().Commit(ctx, hashes[4])
		if err != nil || !slices.Equal(c.Parents, hashes[3:4]) || !c.At.Equal(at.Add(2*time.Second)) {
			t.Errorf("commit %+v, %v", c, err)
		}
		var listed []string
		for after := ""; ; {
			page, err := s.Reader().Commits(ctx, "app", after, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, c := range page {
				listed = append(listed, c.Hash)
			}
			after = listed[len(listed)-1]
		}
		if listed[0] != hashes[4] || len(listed) != 5 {
			t.Errorf("listed %v of %v", listed, hashes)
		}
		ids := map[metamodel.ID]string{"aaaaaaaaaaaa": "entity", "bbbbbbbbbbbb": "field"}
		write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.UseIDs(ctx, "app", ids) })
		write(t, s, func(ctx context.Context, tx *store.Tx) error {
			return tx.UseIDs(ctx, "app", map[metamodel.ID]string{"aaaaaaaaaaaa": "field", "cccccccccccc": "view"})
		})
		used, err := s.Reader().UsedIDs(ctx, "app")
		if err != nil || len(used) != 3 || used["aaaaaaaaaaaa"] != "entity" {
			t.Errorf("used ids %v, %v", used, err)
		}
	})
}

func TestIdempotency(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		clock := now
		var mu sync.Mutex
		c.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return clock }
		s := storetest.Open(t, c)
		ctx := context.Background()
		var carried atomic.Int64
		request := func(hash string) error {
			return s.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
				saved, err := tx.Idempotent(ctx, "u:1", "k", hash)
				if err != nil {
					return err
				}
				if saved != nil {
					if saved.Status != "created" || string(saved.Body) != `{"a":1}` || saved.Version != 3 {
						t.Errorf("saved %+v", saved)
					}
					return nil
				}
				if err := tx.After(func() { carried.Add(1) }); err != nil {
					return err
				}
				return tx.SaveIdempotent(ctx, "u:1", "k", hash, store.Response{Status: "created", Record: "r", Version: 3, Body: []byte(`{"a":1}`)})
			})
		}
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if err := request("h1"); err != nil {
					t.Errorf("request: %v", err)
				}
			})
		}
		group.Wait()
		if carried.Load() != 1 {
			t.Errorf("carried out %d times", carried.Load())
		}
		if err := request("h2"); !errors.Is(err, store.ErrKeyReused) {
			t.Errorf("another request: %v", err)
		}
		mu.Lock()
		clock = clock.Add(store.IdempotencyAge + time.Second)
		mu.Unlock()
		if err := request("h2"); err != nil || carried.Load() != 2 {
			t.Errorf("after a day: %v, carried out %d times", err, carried.Load())
		}
		mu.Lock()
		clock = clock.Add(2 * store.IdempotencyAge)
		mu.Unlock()
		if n, err := s.TrimIdempotency(ctx); n != 1 || err != nil {
			t.Errorf("trimmed %d, %v", n, err)
		}
	})
}

// Transactions commit in another order than they took their numbers; a reader that follows by cursor sees every
// event once.
func TestOutboxMissesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		const workers, each = 8, 15
		var group sync.WaitGroup
		for w := range workers {
			group.Go(func() {
				for i := range each {
					err := s.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
						if err := tx.Emit(ctx, store.Event{Type: "a", Subject: fmt.Sprintf("%d/%d", w, i)}); err != nil {
							return err
						}
						if s.Dialect().String() == "postgres" {
							time.Sleep(time.Duration((w*7+i*3)%5) * time.Millisecond)
						}
						return tx.Emit(ctx, store.Event{Type: "b", Subject: fmt.Sprintf("%d/%d", w, i), Data: []byte(`{"x":1}`)})
					})
					if err != nil {
						t.Errorf("emit: %v", err)
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { group.Wait(); close(done) }()
		seen := map[string]int{}
		var last store.Cursor
		drain := func() int {
			events, err := s.Reader().Outbox(ctx, last, 7)
			if err != nil {
				t.Fatalf("read outbox: %v", err)
			}
			for _, e := range events {
				if !last.Before(e.Cursor) {
					t.Fatalf("place %v after %v", e.Cursor, last)
				}
				last = e.Cursor
				seen[e.Type+e.Subject]++
			}
			return len(events)
		}
		for running := true; running; {
			select {
			case <-done:
				running = false
			default:
				drain()
			}
		}
		deadline := time.Now().Add(10 * time.Second)
		for len(seen) < workers*each*2 && time.Now().Before(deadline) {
			drain()
		}
		if len(seen) != workers*each*2 {
			t.Errorf("saw %d events of %d", len(seen), workers*each*2)
		}
		for name, n := range seen {
			if n != 1 {
				t.Errorf("%s was seen %d times", name, n)
			}
		}
	})
}

func TestTrimOutboxKeepsTheNewest(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
		c.Now = func() time.Time { return now }
		s := storetest.Open(t, c)
		ctx := context.Background()
		for i := range 10 {
			write(t, s, func(ctx context.Context, tx *store.Tx) error {
				return tx.Emit(ctx, store.Event{Type: "a", Subject: fmt.Sprint(i), Time: now.Add(time.Duration(i-20) * time.Hour)})
			})
		}
		if n, err := s.TrimOutbox(ctx, 17*time.Hour, 100); n != 3 || err != nil {
			t.Errorf("by age: %d, %v", n, err)
		}
		if n, err := s.TrimOutbox(ctx, 100*time.Hour, 2); n != 5 || err != nil {
			t.Errorf("by rows: %d, %v", n, err)
		}
		if n, err := s.TrimOutbox(ctx, 0, 0); n != 1 || err != nil {
			t.Errorf("all: %d, %v", n, err)
		}
		events, err := s.Reader().Outbox(ctx, store.Cursor{}, 10)
		if err != nil || len(events) != 1 || events[0].Subject != "9" {
			t.Errorf("left %+v, %v", events, err)
		}
	})
}

func TestMarks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		marks := func() store.Marks {
			m, err := s.Reader().Marks(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		first := marks()
		write(t, s, func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tx.BumpEpoch(ctx), tx.Emit(ctx, store.Event{Type: "a"}),
				tx.SwapRef(ctx, "b", "live", store.Ref{}, store.Ref{Commit: "x"}), tx.SwapRef(ctx, "a", "live", store.Ref{}, store.Ref{Commit: "y"}))
		})
		second := marks()
		if second.Epoch != first.Epoch+1 || !first.Head.Before(second.Head) || len(second.Refs) != 2 {
			t.Errorf("%+v after %+v", second, first)
		}
		if second.Refs[0].App != "a" || second.Refs[0].Commit != "y" || second.Refs[0].Generation != 1 {
			t.Errorf("refs %+v", second.Refs)
		}
	})
}

func TestJobs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		id := storetest.NewID()
		job := store.Job{ID: id, Kind: "import", App: "a", Entity: "e", Actor: "u", State: "running", Progress: []byte(`{"rows":1}`), Place: "7"}
		write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.PutJob(ctx, job) })
		job.State, job.Kind = "done", "ignored"
		write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.PutJob(ctx, job) })
		got, err := s.Reader().Job(ctx, id)
		if err != nil || got.State != "done" || got.Kind != "import" || string(got.Progress) != `{"rows":1}` || got.Place != "7" {
			t.Errorf("job %+v, %v", got, err)
		}
		for state, want := range map[string]int{"": 1, "done": 1, "running": 0} {
			if jobs, err := s.Reader().Jobs(ctx, "import", state); len(jobs) != want || err != nil {
				t.Errorf("jobs in state %q: %d, %v", state, len(jobs), err)
			}
		}
		write(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.DeleteJob(ctx, id) })
		if _, err := s.Reader().Job(ctx, id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

func TestFiles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		content := bytes.Repeat([]byte("文件"), 5000)
		meta := store.File{Name: "../../报价.pdf", Type: "application/pdf", CreatedBy: "u"}
		one, err := s.PutFile(ctx, meta, bytes.NewReader(content), int64(len(content)))
		if err != nil {
			t.Fatal(err)
		}
		two, err := s.PutFile(ctx, meta, bytes.NewReader(content), 1<<20)
		if err != nil || two.Hash != one.Hash || two.ID == one.ID {
			t.Errorf("the same content: %+v, %v", two, err)
		}
		got, r, err := s.OpenFile(ctx, one.ID)
		if err != nil {
			t.Fatal(err)
		}
		back, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(back, content) || got.Name != meta.Name || got.Size != int64(len(content)) {
			t.Errorf("read %d bytes of %+v, %v", len(back), got, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if _, err := s.PutFile(ctx, meta, strings.NewReader("12345"), 4); !errors.Is(err, store.ErrTooLarge) {
			t.Errorf("over the limit: %v", err)
		}
		if _, _, err := s.OpenFile(ctx, "../../etc/passwd"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v", err)
		}
		left, err := filepath.Glob(filepath.Join(s.Dir(), "files", ".new-*"))
		if err != nil || len(left) != 0 {
			t.Errorf("temporary files left: %v, %v", left, err)
		}
		info, err := os.Stat(filepath.Join(s.Dir(), "files", one.Hash[:2], one.Hash))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("content file: %v, %v", info, err)
		}
	})
}
