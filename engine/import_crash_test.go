package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tenon/engine"
	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel/diag"
)

// later is a clock by which every import that is not worked at has been silent for long.
func later() time.Time { return time.Now().Add(time.Hour) }

// finishImport begins an import, or goes on with it when it was begun, and waits for its end.
func finishImport(ctx context.Context, e *engine.Engine, c engine.Call, what, mode string) error {
	entity, id, _ := strings.Cut(what, "/")
	e.OnActor(func(context.Context, string) (*policy.Actor, error) { return bossOf(c.Snap), nil })
	_, err := e.ImportRun(ctx, c, entity, id, []byte(`{"mode":"`+mode+`"}`))
	if err != nil {
		if err = e.ResumeImports(ctx); err != nil {
			return err
		}
	}
	for {
		r, err := e.ImportStatus(ctx, c, entity, id)
		if err != nil {
			return err
		}
		var st importAnswer
		if err := json.Unmarshal(r.Body, &st); err != nil {
			return err
		}
		if st.State != "running" {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
}

// manyItems is a file of n items, in which every 50th repeats the code of the one before, every 70th breaks a rule of
// its own, and the rest are good.
func manyItems(n int) (text string, good int) {
	var b strings.Builder
	b.WriteString("编码,名称,价格,成本,地区\n")
	for i := range n {
		code, price, region := fmt.Sprintf("P-%05d", i), "7.50", "east"
		switch {
		case i%50 == 49:
			code = fmt.Sprintf("P-%05d", i-1)
		case i%70 == 69:
			price = "-1"
		default:
			good++
		}
		fmt.Fprintf(&b, "%s,商品%d,%s,%d,%s\n", code, i, price, i%7, region)
	}
	return b.String(), good
}

// An import whose process is killed again and again goes on where its last chunk ended: no row is lost, none is there
// twice, and the counts are exact.
func TestKilledImportGoesOn(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		text, good := manyItems(2300)
		var id string
		restarted(t, c, func(s *shop) { id = newShop(t, s.world).upload(s.boss(), text).Import })
		kills := 0
		for at := 40; ; at += 30 {
			if killed, _ := kill(t, c, at, "import", victimBody+"=item/"+id, victimKey+"=skip_bad"); !killed {
				break
			}
			kills++
			if kills > 50 {
				t.Fatal("it does not get on")
			}
		}
		restarted(t, c, func(s *shop) {
			r, err := s.e.ImportStatus(context.Background(), s.call(s.boss(), "shop"), "item", id)
			st := must[importAnswer](t, r, err)
			if st.State != "done" || st.Read != 2300 || st.Written != good || st.Skipped != 2300-good || len(st.Errors) != st.Skipped {
				t.Errorf("%s: read %d, written %d of %d, skipped %d, %d errors", st.State, st.Read, st.Written, good, st.Skipped, len(st.Errors))
			}
			s.items(good + 2)
		})
		if kills < 3 {
			t.Errorf("%d kills", kills)
		}
	})
}

// The same of documents with lines: none is cut in two, each is there once with all of its lines in their order.
func TestKilledImportOfLinesGoesOn(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		docs := draw(rand.New(rand.NewPCG(3, 5)), 190)
		text := rowsOf(rand.New(rand.NewPCG(1, 2)), docs, 1)
		rows, id := strings.Count(text, "\nN")+strings.Count(text, "\n,,,P")+strings.Count(text, "\n,,,I"), ""
		restarted(t, c, func(s *shop) { id = newShop(t, s.world).uploadAs(s.boss(), "sale", "sales.csv", text).Import })
		kills := 0
		for at := 25; ; at += 10 {
			if killed, _ := kill(t, c, at, "import", victimBody+"=sale/"+id, victimKey+"=skip_bad"); !killed {
				break
			}
			if kills++; kills > 50 {
				t.Fatal("it does not get on")
			}
		}
		restarted(t, c, func(s *shop) {
			r, err := s.e.ImportStatus(context.Background(), s.call(s.boss(), "shop"), "sale", id)
			st := must[importAnswer](t, r, err)
			if st.State != "done" || st.Read != rows || st.Written != len(docs) || st.Skipped != 0 {
				t.Errorf("%+v, want %d documents of %d rows", st, len(docs), rows)
			}
			s.pen, s.ink, s.east, s.west = s.named("item", "PEN-1"), s.named("item", "INK-1"), s.named("region", "east"), s.named("region", "west")
			if got := s.allSales(); !slices.Equal(got, textsOf(docs)) {
				t.Errorf("%q", got)
			}
		})
		if kills < 3 {
			t.Errorf("%d kills", kills)
		}
	})
}

// named finds a record by its code or name.
func (s *shop) named(entity, text string) record {
	s.t.Helper()
	field := map[string]string{"item": "code", "region": "name"}[entity]
	l, err := s.list(s.boss(), entity, engine.ListRequest{Filter: field + " == '" + text + "'"})
	if err != nil || len(l.Records) != 1 {
		s.t.Fatalf("%s %s: %v", entity, text, err)
	}
	return l.Records[0]
}

// An all-or-nothing import that is killed leaves nothing, and is done from the beginning by the next process.
func TestKilledWholeImportLeavesNothing(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		const rows = 1200
		text := goodItems(rows)
		var id string
		restarted(t, c, func(s *shop) { id = newShop(t, s.world).upload(s.boss(), text).Import })
		for _, at := range []int{2, 60, 110} {
			if killed, _ := kill(t, c, at, "import", victimBody+"=item/"+id, victimKey+"=all_or_nothing"); !killed {
				t.Fatalf("not killed before statement %d", at)
			}
			restarted(t, c, func(s *shop) { s.items(2) })
		}
		if killed, _ := kill(t, c, 1<<20, "import", victimBody+"=item/"+id, victimKey+"=all_or_nothing"); killed {
			t.Fatal("killed")
		}
		restarted(t, c, func(s *shop) {
			r, err := s.e.ImportStatus(context.Background(), s.call(s.boss(), "shop"), "item", id)
			if st := must[importAnswer](t, r, err); st.State != "done" || st.Written != rows {
				t.Errorf("%+v", st)
			}
			s.items(rows + 2)
		})
	})
}

func goodItems(n int) string {
	var b strings.Builder
	b.WriteString("编码,名称,价格,成本,地区\n")
	for i := range n {
		fmt.Fprintf(&b, "P-%05d,商品%d,7.50,3,west\n", i, i)
	}
	return b.String()
}

// items checks how many items there are, each with its entry and its event.
func (s *shop) items(want int) {
	s.t.Helper()
	p, err := s.list(s.boss(), "item", engine.ListRequest{Count: "exact", PageSize: 1})
	if err != nil || *p.Count != want {
		s.t.Fatalf("%v items, want %d: %v", *p.Count, want, err)
	}
	e := s.call(s.boss(), "shop").Snap.Entity("item")
	entries, events := 0, 0
	for before := int64(0); ; {
		some, err := s.store.Reader().Entries(context.Background(), store.JournalFilter{EntityID: string(e.ID), Action: "create"}, before, 1000)
		if err != nil {
			s.t.Fatal(err)
		}
		if len(some) == 0 {
			break
		}
		entries += len(some)
		before = some[len(some)-1].Seq
	}
	deadline := time.Now().Add(20 * time.Second)
	for ; events != want && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) { // PostgreSQL forgets the dead in a moment
		events = 0
		for at := (store.Cursor{}); ; {
			some, err := s.store.Reader().Outbox(context.Background(), at, 1000)
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
	}
	if entries != want || events != want {
		s.t.Errorf("%d entries and %d events for %d items", entries, events, want)
	}
}

// One import is started once, however many ask for it at once.
func TestImportStartsOnce(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		up := s.upload(s.boss(), goodItems(600))
		var started atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, err := s.e.ImportRun(context.Background(), s.call(s.boss(), "shop"), "item", up.Import, []byte(`{"mode":"skip_bad"}`))
				if err == nil {
					started.Add(1)
					return
				}
				if p := (*diag.Problem)(nil); !asProblem(err, &p) || p.First().Code != "import.state" {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		s.await(up.Import)
		if started.Load() != 1 {
			t.Errorf("started %d times", started.Load())
		}
		s.items(602)
	})
}

// await waits for the end of an import and tells how it ended, and how often what it had read grew meanwhile.
func (s *shop) await(id string) (st importAnswer, grew int) {
	s.t.Helper()
	for seen := 0; ; time.Sleep(time.Millisecond) {
		r, err := s.e.ImportStatus(context.Background(), s.call(s.boss(), "shop"), "item", id)
		st = must[importAnswer](s.t, r, err)
		if st.State != "running" {
			return st, grew
		}
		if st.Read < seen {
			s.t.Fatalf("read %d after %d", st.Read, seen)
		}
		if st.Read > seen {
			seen = st.Read
			grew++
		}
	}
}

// The progress of an import can be seen while it runs, and it can be cancelled: skip-bad keeps what it has written,
// all-or-nothing leaves nothing.
func TestImportProgressAndCancel(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := context.Background()
		text := goodItems(5000)
		there := 2
		for _, mode := range []string{"all_or_nothing", "skip_bad"} {
			up := s.upload(s.boss(), text)
			if _, err := s.e.ImportRun(ctx, s.call(s.boss(), "shop"), "item", up.Import, []byte(`{"mode":"`+mode+`"}`)); err != nil {
				t.Fatal(err)
			}
			for {
				r, err := s.e.ImportStatus(ctx, s.call(s.boss(), "shop"), "item", up.Import)
				st := must[importAnswer](t, r, err)
				if st.State != "running" {
					t.Fatalf("%s ended before it could be cancelled: %+v", mode, st)
				}
				if st.Read > 0 {
					break
				}
			}
			r, err := s.e.ImportCancel(ctx, s.call(s.boss(), "shop"), "item", up.Import)
			if st := must[importAnswer](t, r, err); st.State != "cancelled" {
				t.Errorf("%s: %+v", mode, st)
			}
			st, _ := s.await(up.Import)
			if mode == "skip_bad" {
				there += st.Written
			}
			if st.State != "cancelled" || mode == "skip_bad" && (st.Written == 0 || st.Written == 5000) {
				t.Errorf("%s: %+v", mode, st)
			}
			s.items(there)
		}
	})
}

func TestImportProgressGrows(t *testing.T) {
	for _, mode := range []string{"all_or_nothing", "skip_bad"} {
		t.Run(mode, func(t *testing.T) {
			eachShop(t, func(t *testing.T, s *shop) {
				up := s.upload(s.boss(), goodItems(5000))
				if _, err := s.e.ImportRun(context.Background(), s.call(s.boss(), "shop"), "item", up.Import, []byte(`{"mode":"`+mode+`"}`)); err != nil {
					t.Fatal(err)
				}
				if st, grew := s.await(up.Import); st.State != "done" || st.Written != 5000 || grew < 3 {
					t.Errorf("%+v, grew %d times", st, grew)
				}
			})
		})
	}
}

// Releases that rename what an import fills, while it runs, lose no row of it.
func TestImportFollowsReleases(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		up := s.upload(s.boss(), goodItems(6000))
		if _, err := s.e.ImportRun(context.Background(), s.call(s.boss(), "shop"), "item", up.Import, []byte(`{"mode":"skip_bad"}`)); err != nil {
			t.Fatal(err)
		}
		names := [2]string{"cost", "unit_cost"}
		releases := 0
		for {
			r, err := s.e.ImportStatus(context.Background(), s.call(s.boss(), "shop"), "item", up.Import)
			if st := must[importAnswer](t, r, err); st.State != "running" {
				break
			}
			from, to := names[releases%2], names[(releases+1)%2]
			if _, err := s.put("entity/item", `"`+from+`": {`, `"`+to+`": {"x-was":"`+from+`",`); err != nil {
				t.Fatal(err)
			}
			s.release("shop")
			releases++
		}
		st, _ := s.await(up.Import)
		if st.State != "done" || st.Written != 6000 || releases < 2 {
			t.Errorf("%s: %d written, %d skipped over %d releases: %v", st.State, st.Written, st.Skipped, releases, st.Errors)
		}
		p, err := s.list(s.boss(), "item", engine.ListRequest{Filter: names[releases%2] + " == 3.0", Count: "exact", PageSize: 1})
		if err != nil || *p.Count != 6000 {
			t.Errorf("%v with their cost, %v", *p.Count, err)
		}
	})
}

// Whoever may not import any more is not served by an import that he started before.
func TestImportLosesItsRights(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		var asked atomic.Int32
		s.e.OnActor(func(context.Context, string) (*policy.Actor, error) {
			if asked.Add(1) > 1 {
				return nil, diag.Refuse("session.expired", "")
			}
			a := s.boss()
			a.Epoch = -1 // rights have changed since
			return a, nil
		})
		up := s.upload(s.boss(), goodItems(3000))
		st := s.run(s.boss(), up.Import, `{"mode":"skip_bad"}`)
		if st.State != "failed" || st.Written == 3000 || st.Problem == "" {
			t.Errorf("%+v", st)
		}
		s.items(2 + st.Written)
	})
}
