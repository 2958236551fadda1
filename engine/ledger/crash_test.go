package ledger_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"tenon/engine/ledger"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel/value"
)

const (
	childDir = "TENON_LEDGER_CHILD_DIR"
	childURL = "TENON_LEDGER_CHILD_URL"
	childJob = "TENON_LEDGER_CHILD_JOB"
)

// victim posts, edits and takes back at random for ever, and says on standard output what it did.
func victim(c store.Config) error {
	ctx := context.Background()
	s, err := store.Open(ctx, c)
	if err != nil {
		return err
	}
	app, l := counted()
	w := worldOn(nil, s, app, l, "average")
	r := rand.New(rand.NewPCG(uint64(os.Getpid()), 1))
	h := newHistory(w, r, fmt.Sprint("victim", os.Getpid()))
	if os.Getenv(childJob) != "" {
		return turning(w, h)
	}
	for {
		doc, lines := h.next()
		list, err := w.write(doc, lines)
		if err != nil {
			return err
		}
		if !list.HasErrors() {
			h.took(doc, lines)
		}
		if _, err := fmt.Fprintln(os.Stdout, doc); err != nil {
			return err
		}
	}
}

// A process that is killed at any moment of posting leaves a ledger that is right.
func TestKilledAtAnyMoment(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		s := storetest.Open(t, c)
		app, l := counted()
		storetest.Install(t, s, app)
		rounds := 5
		if testing.Short() {
			rounds = 2
		}
		for range rounds {
			killOne(t, c)
			worldOn(t, s, app, l, "average").proves()
		}
	})
}

// turning changes the method of all pools again and again, values them in parts, and posts between, for ever.
func turning(w *world, h *history) error {
	ctx := context.Background()
	policies := w.policies
	for n := h.r.IntN(4); ; n++ {
		method := []string{"fifo", "average", "standard", "lifo"}[n%4]
		w.policies = func(dims []any) ledger.Policies {
			p := policies(dims)
			p.CostMethod, p.StandardCost, p.MethodFrom = method, ptr("7.5"), datePtr(started.AddDays(n%40))
			return p
		}
		w.bound = 10 + h.r.IntN(20)
		for after, more := "", true; more; {
			err := w.s.Write(ctx, store.Pin{Ledgers: true}, func(ctx context.Context, tx *store.Tx) error {
				_, found, err := ledger.TurnPools(ctx, tx, w.l, w.options(), ledger.Scope{Dimension: -1}, ledger.Source{Entity: "setting", Record: id("setting")}, "Settings", after, 2)
				after, more = found.Last, found.More
				return err
			})
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintln(os.Stdout, "turned")
		}
		for more := true; more; {
			err := w.s.Write(ctx, store.Pin{Ledgers: true}, func(ctx context.Context, tx *store.Tx) (err error) {
				_, more, err = ledger.Revalue(ctx, tx, w.l, w.options())
				return err
			})
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintln(os.Stdout, "valued")
		}
		for range 3 {
			doc, lines := h.next()
			list, err := w.write(doc, lines)
			if err != nil {
				return err
			}
			if !list.HasErrors() {
				h.took(doc, lines)
			}
		}
	}
}

func datePtr(d value.Date) *value.Date { return &d }

// A process that is killed while it gives pools another method, or values them, leaves a ledger that is right, and that
// the next one brings to its end.
func TestKilledWhileMethodsChange(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		s := storetest.Open(t, c)
		app, l := counted()
		storetest.Install(t, s, app)
		w := worldOn(t, s, app, l, "average")
		newHistory(w, rand.New(rand.NewPCG(seedOf(t), 5)), "doc").run(t, 150)
		for round := range 4 {
			killOne(t, c, childJob+"=1")
			next := worldOn(t, s, app, l, "average")
			next.proves()
			next.asks([]string{"fifo", "average", "standard"}[round%3], "7.5")
			next.turn(3)
			next.revalue()
			next.proves()
			if n := next.provisional(); n != 0 {
				t.Errorf("%d pools wait", n)
			}
			for _, row := range next.rows(l.Cost) {
				if m := row[l.Cost.Field("method").Slot]; m != next.policies(nil).CostMethod {
					t.Errorf("a pool is valued by %v", m)
				}
			}
		}
	})
}

func killOne(t *testing.T, c store.Config, env ...string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=none")
	cmd.Env = append(append(os.Environ(), childDir+"="+c.Dir, childURL+"="+c.URL), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var timer *time.Timer
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if timer == nil {
			timer = time.AfterFunc(rand.N(600*time.Millisecond), func() { _ = cmd.Process.Kill() })
		}
	}
	if err := cmd.Wait(); err == nil || stderr.Len() > 0 {
		t.Fatalf("victim ended by itself: %v: %s", err, stderr.String())
	}
	if timer == nil {
		t.Fatal("victim has done nothing")
	}
}
