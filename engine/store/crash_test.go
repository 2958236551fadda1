package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

const (
	childDir = "TENON_STORE_CHILD_DIR"
	childURL = "TENON_STORE_CHILD_URL"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		err := victim(store.Config{Dir: dir, URL: os.Getenv(childURL), Now: time.Now})
		_, _ = fmt.Fprintln(os.Stderr, "victim:", err)
		os.Exit(1) // it only ends by being killed
	}
	os.Exit(storetest.Main(m))
}

// states are the two states of the app between which the victim releases: the number of an order's count is an
// integer in one and a decimal in the other.
func states() map[string]*metamodel.App {
	decimal := storetest.Sample()
	f := decimal.Entity("order").Field("count")
	f.Kind, f.Precision, f.Scale = metamodel.Decimal, 12, 2
	return map[string]*metamodel.App{"integer": storetest.Sample(), "decimal": decimal}
}

func other(state string) string {
	if state == "integer" {
		return "decimal"
	}
	return "integer"
}

func countIn(state string, n int64) any {
	if state == "integer" {
		return n
	}
	return value.NewDecimal(n*100, 2)
}

// victim creates orders and releases for ever, saying on standard output what is committed.
func victim(c store.Config) error {
	ctx := context.Background()
	s, err := store.Open(ctx, c)
	if err != nil {
		return err
	}
	apps := states()
	for {
		ref, err := s.Reader().Ref(ctx, "app", "live")
		if errors.Is(err, store.ErrNotFound) {
			ref, err = store.Ref{}, nil
		}
		if err != nil {
			return err
		}
		if err := release(ctx, s, apps, ref); err != nil {
			return err
		}
		if ref, err = s.Reader().Ref(ctx, "app", "live"); err != nil {
			return err
		}
		for range 20 {
			if err := create(ctx, s, apps[ref.Commit], ref); err != nil {
				return err
			}
		}
	}
}

func release(ctx context.Context, s *store.Store, apps map[string]*metamodel.App, ref store.Ref) error {
	to := other(ref.Commit)
	steps, err := s.Plan(apps[ref.Commit], apps[to])
	if err != nil {
		return err
	}
	app := apps[to].ID
	if err := s.Apply(ctx, pin(ref), app, steps); err != nil {
		return err
	}
	return s.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SwapRef(ctx, "app", "live", ref, store.Ref{Commit: to}); err != nil {
			return err
		}
		if err := tx.Switch(ctx, app, steps); err != nil {
			return err
		}
		return tx.Journal(ctx, store.Entry{Action: "release"})
	})
}

// pin ties a write to the state that the victim found.
func pin(ref store.Ref) store.Pin {
	return store.Pin{App: "app", Env: "live", Generation: ref.Generation}
}

func create(ctx context.Context, s *store.Store, app *metamodel.App, ref store.Ref) error {
	e := app.Entity("order")
	var n int64
	err := s.Write(ctx, pin(ref), func(ctx context.Context, tx *store.Tx) (err error) {
		if n, err = tx.Next(ctx, "order"); err != nil {
			return err
		}
		row := storetest.Order(app, fmt.Sprint(n), int(n%4))
		row[e.Field("count").Slot] = countIn(ref.Commit, n)
		id := row[0].(string)
		return errors.Join(tx.Insert(ctx, e, row), tx.Journal(ctx, store.Entry{Action: "create", RecordID: id}),
			tx.Emit(ctx, store.Event{Type: "created", RecordID: id}))
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(os.Stdout, n)
	return err
}

// A process killed at any moment of creating and releasing leaves the old state or the new one, never half, and
// keeps everything that it has confirmed.
func TestKilledAtAnyMoment(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		storetest.Open(t, c) // makes the tables, so that the time goes into what is tested
		rounds := 8
		if testing.Short() {
			rounds = 2
		}
		confirmed := int64(0)
		for range rounds {
			confirmed = max(confirmed, killOne(t, c))
			intact(t, c, confirmed)
		}
		if confirmed == 0 {
			t.Error("nothing was confirmed in any round")
		}
	})
}

// killOne runs a victim for a moment after its first confirmation and returns the last number it confirmed.
func killOne(t *testing.T, c store.Config) (last int64) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=none")
	cmd.Env = append(os.Environ(), childDir+"="+c.Dir, childURL+"="+c.URL)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var timer *time.Timer
	for lines.Scan() {
		n, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			t.Errorf("victim said %q", lines.Text())
		}
		last = n
		if timer == nil {
			timer = time.AfterFunc(rand.N(400*time.Millisecond), func() { _ = cmd.Process.Kill() })
		}
	}
	if err := cmd.Wait(); err == nil || stderr.Len() > 0 {
		t.Fatalf("victim ended by itself: %v: %s", err, stderr.String())
	}
	return last
}

func intact(t *testing.T, c store.Config, confirmed int64) {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, c)
	if err != nil {
		t.Fatalf("open after a kill: %v", err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	ref, err := s.Reader().Ref(ctx, "app", "live")
	if err != nil {
		t.Fatal(err)
	}
	app := states()[ref.Commit]
	e := app.Entity("order")
	var rows []value.Row
	for q := (&query.Select{Entity: e, Limit: 1000}); ; {
		page, err := s.Reader().Select(ctx, q, nil)
		if err != nil {
			t.Fatalf("read orders in state %s: %v", ref.Commit, err)
		}
		if err := s.Reader().FillLines(ctx, e, page.Rows); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, page.Rows...)
		if q.After = page.Next; q.After == nil {
			break
		}
	}
	numbers := map[string]bool{}
	for _, row := range rows {
		number := row[e.Field("number").Slot].(string)
		numbers[number] = true
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got := row[e.Field("count").Slot]; !sameValue(got, countIn(ref.Commit, n)) {
			t.Errorf("order %s has count %v in state %s", number, got, ref.Commit)
		}
		if lines := row[e.Field("items").Slot].([]value.Row); len(lines) != int(n%4) {
			t.Errorf("order %s has %d lines", number, len(lines))
		}
	}
	for n := int64(1); n <= max(confirmed, int64(len(rows))); n++ {
		if !numbers[fmt.Sprint(n)] {
			t.Errorf("order %d is missing of %d, confirmed %d", n, len(rows), confirmed)
		}
	}
	for action, want := range map[string]int{"create": len(rows), "release": int(ref.Generation)} {
		if entries := allEntries(t, s, action); entries != want {
			t.Errorf("%d entries for %s, want %d", entries, action, want)
		}
	}
	if _, err := s.Seal(ctx); err != nil {
		t.Error(err)
	}
	if r := audit(t, s); r.Break != nil || r.Unsealed != 0 {
		t.Errorf("audit: %+v, %+v", r, r.Break)
	}
	events := 0
	for last := (store.Cursor{}); ; {
		some, err := s.Reader().Outbox(ctx, last, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(some) == 0 {
			break
		}
		events += len(some)
		last = some[len(some)-1].Cursor
	}
	if events != len(rows) {
		t.Errorf("%d events for %d orders", events, len(rows))
	}
}

func allEntries(t *testing.T, s *store.Store, action string) int {
	t.Helper()
	n := 0
	for before := int64(0); ; {
		some, err := s.Reader().Entries(context.Background(), store.JournalFilter{Action: action}, before, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(some) == 0 {
			return n
		}
		n += len(some)
		before = some[len(some)-1].Seq
	}
}
