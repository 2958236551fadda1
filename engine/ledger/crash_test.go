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

	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

const (
	childDir = "TENON_LEDGER_CHILD_DIR"
	childURL = "TENON_LEDGER_CHILD_URL"
)

// victim posts, edits and takes back at random for ever, and says on standard output what it did.
func victim(c store.Config) error {
	ctx := context.Background()
	s, err := store.Open(ctx, c)
	if err != nil {
		return err
	}
	app, l := model()
	w := worldOn(nil, s, app, l, "average")
	r := rand.New(rand.NewPCG(uint64(os.Getpid()), 1))
	h := newHistory(w, r, fmt.Sprint("victim", os.Getpid()))
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
		app, l := model()
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

func killOne(t *testing.T, c store.Config) {
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
