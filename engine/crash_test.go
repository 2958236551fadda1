package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tenon/engine"
	"tenon/engine/compile"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel/expr"
)

// How a victim is told what to do: this test binary, run again.
const (
	victimAct   = "TENON_ENGINE_VICTIM"      // create, release, import, recompute or keep
	victimDir   = "TENON_ENGINE_VICTIM_DIR"  // the workspace
	victimURL   = "TENON_ENGINE_VICTIM_URL"  //
	victimAt    = "TENON_ENGINE_VICTIM_AT"   // die before this statement, counted from 1; 0 lists them instead
	victimBody  = "TENON_ENGINE_VICTIM_BODY" // what to create, and with which key; the import to begin
	victimKey   = "TENON_ENGINE_VICTIM_KEY"
	victimBound = 20 // how many records a victim brings up to date at once
	victimKept  = 7  // how many records a victim adds to kept groups at once
	// everyStatement makes the test of releases kill before every statement and not only where the outcome can change.
	everyStatement = "TENON_TEST_EVERY_STATEMENT"
)

// victim is a server that makes one record or one release and is killed on the way.
func victim(act string) int {
	at, _ := strconv.Atoi(os.Getenv(victimAt))
	var armed atomic.Bool // the store writes in the background from the beginning
	n, mu := 0, sync.Mutex{}
	c := store.Config{Dir: os.Getenv(victimDir), URL: os.Getenv(victimURL), Now: time.Now}
	c.Before = func(q string) {
		if !armed.Load() || !writes(q) || act != "import" && !mainGoroutine() {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		n++
		if at == 0 {
			_, _ = fmt.Fprintln(os.Stdout, strings.Join(strings.Fields(q), " "))
		}
		if n == at {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	err := func() error {
		ctx := context.Background()
		st, err := store.Open(ctx, c)
		if err != nil {
			return err
		}
		now := func() time.Time { return epoch }
		if act == "import" {
			now = later
		}
		e, err := engine.New(ctx, engine.Options{Store: st, Now: now, Logger: slog.New(slog.DiscardHandler), PageKey: []byte("test key of pages"), DeriveBound: victimBound})
		if err != nil {
			return err
		}
		call := engine.Call{Actor: builder(), Now: epoch, Locale: "zh-CN", Budget: expr.NewBudget(expr.RequestBudget)}
		armed.Store(true)
		if act == "recompute" {
			return e.Recompute(ctx)
		}
		if act == "keep" {
			e.SetKeptBatch(victimKept)
			return e.FillKept(ctx)
		}
		if act == "release" {
			_, err = e.Release(ctx, call, "shop", []byte(`{"reason":"killed"}`))
			return err
		}
		if call.Snap, err = e.Snapshot("shop", builder()); err != nil {
			return err
		}
		call.Actor, call.IdempotencyKey = bossOf(call.Snap), os.Getenv(victimKey)
		if act == "import" {
			return finishImport(ctx, e, call, os.Getenv(victimBody), os.Getenv(victimKey))
		}
		_, err = e.Create(ctx, call, "sale", []byte(os.Getenv(victimBody)), engine.ReadOptions{})
		return err
	}()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "victim:", err)
		return 1
	}
	return 0
}

// writes tells whether a statement may change what is stored: between two that don't, a kill leaves the same.
func writes(q string) bool { return !strings.HasPrefix(q, "SELECT") }

// mainGoroutine leaves out what the store does in the background, so that the count is the same every time.
func mainGoroutine() bool {
	var b [16]byte
	return bytes.HasPrefix(b[:runtime.Stack(b[:], false)], []byte("goroutine 1 "))
}

// kill runs a victim; killed is false when it came to its end before the statement. said is what it listed.
func kill(t *testing.T, c store.Config, at int, act string, env ...string) (killed bool, said []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=none")
	cmd.Env = append(os.Environ(), append(env, victimAct+"="+act, victimDir+"="+c.Dir, victimURL+"="+c.URL, victimAt+"="+strconv.Itoa(at))...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err == nil {
		return false, strings.Split(strings.TrimSpace(stdout.String()), "\n")
	}
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		t.Fatalf("%s, to be killed at %d, ended by itself: %v: %s", act, at, err, stderr.String())
	}
	return true, nil
}

// restarted is the shop in a new process after a kill.
func restarted(t *testing.T, c store.Config, do func(s *shop)) {
	t.Helper()
	st, err := store.Open(context.Background(), c)
	if err != nil {
		t.Fatalf("open after a kill: %v", err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	do(&shop{world: newWorld(t, st)})
}

// whole checks what must hold after any kill: the chain of the audit, and an event for every entry of an entity.
func (s *shop) whole(entity string, records int) {
	s.t.Helper()
	ctx := context.Background()
	e := s.call(s.boss(), "shop").Snap.Entity(entity)
	entries, err := s.store.Reader().Entries(ctx, store.JournalFilter{EntityID: string(e.ID)}, 0, 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	events := 0
	for at := (store.Cursor{}); ; {
		some, err := s.store.Reader().Outbox(ctx, at, 1000)
		if err != nil {
			s.t.Fatal(err)
		}
		if len(some) == 0 {
			break
		}
		for i := range some {
			if some[i].EntityID == string(e.ID) {
				events++
			}
		}
		at = some[len(some)-1].Cursor
	}
	if len(entries) != records || events != records {
		s.t.Errorf("%d entries and %d events for %d records", len(entries), events, records)
	}
	s.sealed()
	if jobs, err := s.store.Reader().Jobs(ctx, "import", ""); err != nil || len(jobs) != 0 {
		s.t.Errorf("jobs: %v, %v", jobs, err)
	}
}

// sealed checks that the chain of the audit is whole and holds everything. PostgreSQL may take a moment to notice that
// a killed process is gone, and until then doesn't know whether its transaction comes before others.
func (s *shop) sealed() {
	s.t.Helper()
	ctx := context.Background()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, err := s.store.Seal(ctx); err != nil {
			s.t.Fatal(err)
		}
		r, err := s.store.VerifyAudit(ctx)
		if err != nil || r.Break != nil {
			s.t.Fatalf("audit: %+v, %v", r, err)
		}
		if r.Unsealed == 0 {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("audit: %+v", r)
		}
	}
}

// Killed before any statement of creating, a record is wholly there after the restart or not at all, with lines, number,
// computed values, journal, event and the answer kept for its key; repeating the request makes it exactly once.
func TestKilledWhileCreating(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		var body []byte
		restarted(t, c, func(s *shop) {
			s = newShop(t, s.world)
			body, _ = json.Marshal(record{"region": s.east.id(), "lines": []record{
				{"item": s.pen.id(), "qty": "2", "price": "10"}, {"item": s.ink.id(), "qty": "1", "price": "30"},
			}})
		})
		before := false
		for at, killed := 1, true; killed; at++ {
			key := fmt.Sprint("key-", at)
			killed, _ = kill(t, c, at, "create", victimBody+"="+string(body), victimKey+"="+key)
			restarted(t, c, func(s *shop) {
				made := s.sales(at - 1)
				if !killed && made != at {
					t.Errorf("statement %d: %d sales, and this one was answered", at, made)
				}
				before = before || made < at
				call := s.call(s.boss(), "shop")
				call.IdempotencyKey = key
				r, err := s.e.Create(context.Background(), call, "sale", body, engine.ReadOptions{})
				if err != nil || r.Replayed != (made == at) {
					t.Errorf("statement %d: %d were made, repeated: %+v, %v", at, made, r, err)
				}
				s.sales(at)
			})
			if at > 100 {
				t.Fatal("a create has no end")
			}
			if !killed && at < 8 {
				t.Errorf("a create has only %d statements that write", at-1)
			}
		}
		if !before {
			t.Error("no kill came before the commit")
		}
	})
}

// sales checks that every sale is whole and that there are want or one more of them, and returns how many.
func (s *shop) sales(want int) int {
	s.t.Helper()
	found, after := map[string]bool{}, ""
	for {
		p, err := s.list(s.boss(), "sale", engine.ListRequest{PageSize: 100, PageToken: after})
		if err != nil {
			s.t.Fatal(err)
		}
		for _, r := range p.Records {
			sale, err := s.get(s.boss(), "sale", r.id())
			if err != nil {
				s.t.Fatal(err)
			}
			if sale["total"] != "50.00" || len(sale.lines("lines")) != 2 || sale["state"] != "draft" {
				s.t.Errorf("half a sale: %v", sale)
			}
			found[fmt.Sprint(sale["code"])] = true
		}
		if after = p.Next; after == "" {
			break
		}
	}
	for n := 1; n <= len(found); n++ {
		if code := fmt.Sprintf("S202603-%04d", n); !found[code] {
			s.t.Errorf("no %s among %d sales", code, len(found))
		}
	}
	if len(found) != want && len(found) != want+1 {
		s.t.Errorf("%d sales, want %d", len(found), want)
	}
	s.whole("sale", len(found))
	return len(found)
}

// Killed before any statement of a release, the app runs in the old revision or the new one, every record can be read
// and written in it, and the release that was cut short is completed by doing it again.
func TestKilledWhileReleasing(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		var id string
		restarted(t, c, func(s *shop) {
			s = newShop(t, s.world)
			if _, err := s.put("entity/item", `"active": {`, `"stock_days": {"type":"integer","title":"天数","x-title":{"en-US":"Days"}}, "active": {`); err != nil {
				t.Fatal(err)
			}
			s.release("shop")
			id = s.mustCreate(s.boss(), "item", record{"code": "CUP-1", "name": "杯子", "cost": "1", "price": "3", "grade": "a", "stock_days": 30}).id()
			s.propose(0)
		})
		_, statements := kill(t, c, 0, "release")
		places := interesting(statements)
		old := 0
		restarted(t, c, func(s *shop) {
			s.released(id, 1)
			s.propose(1)
		})
		for round, at := range places {
			state := round + 1
			killed, _ := kill(t, c, at, "release")
			restarted(t, c, func(s *shop) {
				ref, err := s.store.Reader().Ref(context.Background(), "shop", compile.Production)
				if err != nil {
					t.Fatal(err)
				}
				done := ref.Generation == int64(state+4)
				if !killed && !done {
					t.Errorf("statement %d: released, and not there", at)
				}
				if !done {
					old++
					s.released(id, state)
					s.release("shop")
				}
				s.released(id, state+1)
				s.propose(state + 1)
			})
			if t.Failed() {
				t.Fatalf("killed before statement %d: %s", at, append(statements, make([]string, len(statements))...)[at-1])
			}
		}
		if old == 0 || old == len(places) || len(places) < 10 {
			t.Errorf("%d of %d kills left the old revision", old, len(places))
		}
		t.Logf("%d of %d statements, %d kills left the old revision", len(places), len(statements), old)
	})
}

// interesting are the statements before which a release is killed: the first of every transaction (which is after the
// commit of the one before), every commit, what PostgreSQL does outside of transactions, and every twelfth of the rest;
// and the end. All of them with TENON_TEST_EVERY_STATEMENT=1.
func interesting(statements []string) []int {
	const stride = 12
	var out []int
	for i, q := range statements {
		edge := q == "BEGIN" || q == "COMMIT" || strings.Contains(q, "CONCURRENTLY")
		if edge || i%stride == 0 || os.Getenv(everyStatement) == "1" {
			out = append(out, i+1)
		}
	}
	return append(out, 2*len(statements))
}

// propose makes a draft on top of the n-th state that has one of every change: a field renamed, an option renamed, a
// field whose type changes, an index dropped and another one made, a field
// added and one removed.
func (s *shop) propose(n int) {
	s.t.Helper()
	this, next := shapeOf(n), shapeOf(n+1)
	const sort = "\"sort\": [\n    {\n      \"field\": \""
	if _, err := s.put("view/item_table", sort+this.sort+`"`, sort+next.sort+`"`); err != nil {
		s.t.Fatal(err)
	}
	ctx := context.Background()
	doc, err := s.e.Document(ctx, s.call(builder(), ""), "shop", "entity", "item", "")
	if err != nil {
		s.t.Fatal(err)
	}
	body := addedField.ReplaceAllString(stockDays.ReplaceAllString(string(doc.Body), next.days), "")
	for _, r := range [][2]string{
		{`"` + this.cost + `": {`, `"` + next.cost + `": {"x-was":"` + this.cost + `",`},
		{`"name": "` + this.option + `"`, `"name": "` + next.option + `", "x-was": "` + this.option + `"`},
		{`"enum": ["` + this.option + `", "b", "c"]`, `"enum": ["` + next.option + `", "b", "c"]`},
		{`"active": {`, fmt.Sprintf(`"added_%d": {"type":"boolean","title":"新","x-title":{"en-US":"New"}}, "active": {`, n)},
	} {
		if !strings.Contains(body, r[0]) {
			s.t.Fatalf("no %s in %s", r[0], body)
		}
		body = strings.Replace(body, r[0], r[1], 1)
	}
	r, err := s.e.DocumentPut(ctx, s.call(builder(), ""), "shop", "entity", "item", "", []byte(body))
	if a := must[draftAnswer](s.t, r, err); !a.Releasable {
		s.t.Fatalf("%+v", a)
	}
}

// The fields that change their type, and that come and go, in source form.
var (
	stockDays  = regexp.MustCompile(`"stock_days": \{[^{}]*\{[^{}]*\}[^{}]*\}`)
	addedField = regexp.MustCompile(`"added_\d+": \{[^{}]*\{[^{}]*\}[^{}]*\},`)
)

// shape is what alternates from release to release.
type shape struct{ cost, option, days, sort string }

func shapeOf(n int) shape {
	return [...]shape{
		{"cost", "a", `"stock_days": {"type":"integer","title":"天数","x-title":{"en-US":"Days"}}`, "code"},
		{"unit_cost", "alpha", `"stock_days": {"type":"string","maxLength":20,"title":"天数","x-title":{"en-US":"Days"}}`, "name"},
	}[n%2]
}

// released checks that the app is in its n-th state and works: what is stored can be read, found and written.
func (s *shop) released(id string, n int) {
	s.t.Helper()
	is, boss := shapeOf(n), s.boss()
	days := any(float64(30))
	if n%2 == 1 {
		days = "30"
	}
	item, err := s.get(boss, "item", id)
	if err != nil || item[is.cost] != "1.0000" || item["grade"] != is.option || item["stock_days"] != days {
		s.t.Errorf("state %d: %v, %v", n, item, err)
	}
	_, added := item[fmt.Sprintf("added_%d", n-1)]
	_, early := item[fmt.Sprintf("added_%d", n)]
	if !added || early {
		s.t.Errorf("state %d: %v", n, item)
	}
	filter := fmt.Sprintf("grade == '%s' && %s == 1.0 && stock_days == 30", is.option, is.cost)
	if n%2 == 1 {
		filter = strings.Replace(filter, "== 30", "== '30'", 1)
	}
	found, err := s.list(boss, "item", engine.ListRequest{Filter: filter, OrderBy: is.sort})
	if err != nil || len(found.Records) != 1 {
		s.t.Errorf("state %d: %v, %v", n, found, err)
	}
	for _, price := range []string{"4", "3"} {
		changed, err := s.update(boss, "item", id, 0, record{"price": price, "stock_days": item["stock_days"]})
		if err != nil || changed["margin"] != map[string]string{"4": "3.0000", "3": "2.0000"}[price] {
			s.t.Errorf("state %d: %v, %v", n, changed, err)
		}
	}
	ctx := context.Background()
	entries, err := s.store.Reader().Entries(ctx, store.JournalFilter{App: "shop", Action: "release"}, 0, 1000)
	if err != nil || len(entries) != n+3 {
		s.t.Errorf("state %d: %d releases in the journal, %v", n, len(entries), err)
	}
	s.sealed()
}
