package engine_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"tenon/engine"
	"tenon/engine/policy"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// bounded lets a workspace be served by a new process, which brings at most so many records up to date with a write.
func (s *shop) bounded(bound int) {
	s.t.Helper()
	e, err := engine.New(context.Background(), engine.Options{
		Store: s.store, Now: func() time.Time { return s.now }, Logger: slog.New(slog.DiscardHandler), PageKey: []byte("k"), DeriveBound: bound,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.e = e
}

func (s *shop) recompute() {
	s.t.Helper()
	if err := s.e.Recompute(context.Background()); err != nil {
		s.t.Fatal(err)
	}
}

// With a bound that nearly every write is over, what jobs work out in between and afterwards is what one would work out
// from nothing.
func TestJobsWorkOutWhatWritesWouldHave(t *testing.T) {
	for seed := range uint64(2) {
		eachShop(t, func(t *testing.T, s *shop) {
			s.replaceDocs(keptDocs(t, true))
			r := rand.New(rand.NewPCG(seed, 77))
			for range 8 {
				s.bounded(1 + r.IntN(4)) // another process each time: what waits is known from the workspace
				s.scribble(r, 20)
				for range r.IntN(4) {
					if _, err := s.e.RecomputeSome(context.Background(), "shop"); err != nil {
						t.Fatal(err)
					}
				}
			}
			s.recompute()
			for _, wrong := range s.e.RolledOtherwise(context.Background(), s.call(s.boss(), "shop")) {
				t.Error(wrong)
			}
			kept := s.everything()
			for id, r := range kept {
				if r["computing"] != nil {
					t.Errorf("%s still waits for %v", id, r["computing"])
				}
			}
			s.sameKept(kept, s.refilled())
		})
	}
}

// What jobs work out beside people who write comes to the same end.
func TestJobsBesideWriters(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(keptDocs(t, true))
		s.bounded(6)
		var writers sync.WaitGroup
		for i := range uint64(3) {
			writers.Go(func() { s.scribble(rand.New(rand.NewPCG(i, 91)), 40) })
		}
		done := make(chan struct{})
		go func() { writers.Wait(); close(done) }()
		for writing := true; writing; {
			select {
			case <-done:
				writing = false
			default:
				if _, err := s.e.RecomputeSome(context.Background(), "shop"); err != nil {
					t.Error(err)
				}
			}
		}
		s.recompute()
		for _, wrong := range s.e.RolledOtherwise(context.Background(), s.call(s.boss(), "shop")) {
			t.Error(wrong)
		}
		s.sameKept(s.everything(), s.refilled())
	})
}

// followDocs is the shop with one value that follows: the name of a sale's region.
func followDocs(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	docs := keptDocs(t, false)
	var sale map[string]any
	if err := json.Unmarshal(docs["entities/sale.json"], &sale); err != nil {
		t.Fatal(err)
	}
	sale["properties"].(map[string]any)["region_name"] = map[string]any{
		"type": "string", "maxLength": 50, "title": "地区名", "x-title": map[string]any{"en-US": "Region name"}, "x-computed": map[string]any{"cel": "region.name", "stored": true},
	}
	docs["entities/sale.json"], _ = json.Marshal(sale)
	return docs
}

// manySales copies a sale many times, without going the way of a write.
func (s *shop) manySales(of string, n int) []string {
	s.t.Helper()
	ent := s.call(s.boss(), "shop").Snap.Entity("sale")
	var ids []string
	err := s.store.Write(context.Background(), store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
		row, err := tx.Get(ctx, ent.Entity, of, query.Live, true)
		if err != nil {
			return err
		}
		lines := ent.Lines[0].Field.Slot
		ids = nil
		for i := 0; i < n; i += 500 {
			var rows []value.Row
			for j := i; j < min(i+500, n); j++ {
				one := slices.Clone(row)
				one[metamodel.SlotID] = fmt.Sprintf("01940000-0000-7000-8000-%012x", j)
				one[ent.Field("code").Slot] = fmt.Sprintf("C-%06d", j)
				line := slices.Clone(row[lines].([]value.Row)[0])
				line[metamodel.LineSlotID] = fmt.Sprintf("01940000-0000-7000-8001-%012x", j)
				one[lines] = []value.Row{line}
				rows, ids = append(rows, one), append(ids, one[metamodel.SlotID].(string))
			}
			if err := tx.Insert(ctx, ent.Entity, rows...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return ids
}

// A record that very many follow is written at once. Those that follow it are brought up to date in batches, whatever
// dies and whoever writes in between, and until then every answer says so.
func TestManyFollowersAreLeftToAJob(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(followDocs(t))
		ctx, boss := context.Background(), s.boss()
		first := s.mustCreate(boss, "sale", record{"region": s.east.id(), "lines": []record{{"item": s.pen.id(), "qty": "1", "price": "20"}}})
		const sales = 20_000
		ids := s.manySales(first.id(), sales)
		rename := func(to string) {
			t.Helper()
			if _, err := s.update(boss, "region", s.east.id(), 0, record{"name": to}); err != nil {
				t.Fatal(err)
			}
		}
		shown := func(id string) (string, string) {
			t.Helper()
			got, err := s.get(boss, "sale", id)
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(got["region_name"]), fmt.Sprint(got["computing"])
		}
		is := func(id, name, computing string) {
			t.Helper()
			if n, c := shown(id); n != name || c != computing {
				t.Errorf("the region of %s is %s, computing %s; want %s, %s", id, n, c, name, computing)
			}
		}
		some := func() {
			t.Helper()
			if more, err := s.e.RecomputeSome(ctx, "shop"); err != nil || !more {
				t.Fatal(more, err)
			}
		}
		is(ids[0], "east", "<nil>")
		rename("far east")
		is(ids[0], "east", "[region_name]")
		page, err := s.e.List(ctx, s.call(boss, "shop"), "sale", engine.ListRequest{PageSize: 1})
		if err != nil {
			t.Fatal(err)
		}
		var list struct{ Computing []string }
		if err := json.Unmarshal(page.Body, &list); err != nil || !slices.Equal(list.Computing, []string{"region_name"}) {
			t.Errorf("a list tells %v (%v)", list.Computing, err)
		}
		some()
		s.jobIs(boss, "recompute sale region_name 500/20001 running")
		s.jobIs(s.role("shop"), "")
		s.bounded(0) // the process dies, another one goes on
		is(ids[0], "far east", "[region_name]")
		is(ids[sales-1], "east", "[region_name]")
		// Who is written meanwhile is right at once, whichever side of the job it is.
		for _, i := range []int{1, sales - 2} {
			if _, err := s.update(boss, "sale", ids[i], 0, record{"note": "written meanwhile"}); err != nil {
				t.Fatal(err)
			}
			is(ids[i], "far east", "[region_name]")
		}
		if _, err := s.update(boss, "sale", ids[sales-3], 0, record{"region": s.west.id()}); err != nil {
			t.Fatal(err)
		}
		some()
		rename("near east") // all over again
		some()
		is(ids[0], "near east", "[region_name]")
		is(ids[700], "far east", "[region_name]")
		s.recompute()
		s.jobIs(boss, "recompute sale region_name 20000/20000 done")
		is(ids[0], "near east", "<nil>")
		is(ids[sales-1], "near east", "<nil>")
		is(ids[sales-3], "west", "<nil>")
		s.sameNames("near east", sales)
		if more, err := s.e.RecomputeSome(ctx, "shop"); more || err != nil {
			t.Errorf("more to do: %v %v", more, err)
		}
	})
}

// jobIs checks what is told of the only job; "" for nothing.
func (s *shop) jobIs(a *policy.Actor, want string) {
	s.t.Helper()
	r, err := s.e.AppJobs(context.Background(), s.call(a, "shop"))
	if err != nil {
		s.t.Fatal(err)
	}
	var got struct {
		Jobs []struct {
			Kind, Entity, Field, State string
			Done, Total                int
			Finished                   *time.Time `json:"finished_at"`
		}
	}
	if err := json.Unmarshal(r.Body, &got); err != nil {
		s.t.Fatal(err)
	}
	text := ""
	for _, j := range got.Jobs {
		text += fmt.Sprintf("%s %s %s %d/%d %s", j.Kind, j.Entity, j.Field, j.Done, j.Total, j.State)
		if (j.State == "done") != (j.Finished != nil) {
			s.t.Errorf("%s, finished at %v", j.State, j.Finished)
		}
	}
	if text != want {
		s.t.Errorf("the jobs are %q, want %q", text, want)
	}
}

// sameNames counts the sales with a region's name: one is in another region, and there is the first.
func (s *shop) sameNames(name string, want int) {
	s.t.Helper()
	r, err := s.e.List(context.Background(), s.call(s.boss(), "shop"), "sale", engine.ListRequest{PageSize: 1, Count: "exact", Filter: "region_name == '" + name + "'"})
	if err != nil {
		s.t.Fatal(err)
	}
	var got struct{ Count int }
	if err := json.Unmarshal(r.Body, &got); err != nil || got.Count != want {
		s.t.Errorf("%d sales are of %s, want %d (%v)", got.Count, name, want, err)
	}
}

// A release that brings a value over many records serves at once; the value is worked out afterwards.
func TestReleasesOverManyRecordsFillAfterwards(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		boss := s.boss()
		first := s.mustCreate(boss, "sale", record{"region": s.east.id(), "sold_on": "2025-02-02", "note": "n", "lines": []record{{"item": s.pen.id(), "qty": "2", "price": "20"}}})
		ids := s.manySales(first.id(), 1200)
		s.replaceDocs(keptDocs(t, true))
		region, err := s.get(boss, "region", s.east.id())
		if err != nil || region["sales"] != nil || !slices.Contains(region["computing"].([]any), any("sales")) {
			t.Errorf("sales %v, computing %v (%v)", region["sales"], region["computing"], err)
		}
		for range 3 {
			if _, err := s.e.RecomputeSome(context.Background(), "shop"); err != nil {
				t.Fatal(err)
			}
		}
		s.bounded(0)
		for _, id := range []string{ids[0], ids[1199]} {
			if _, err := s.e.Delete(context.Background(), s.call(boss, "shop"), "sale", id, 0); err != nil {
				t.Fatal(err)
			}
		}
		s.recompute()
		region, err = s.get(boss, "region", s.east.id())
		if err != nil || fmt.Sprint(region["sales"], region["days"], region["marks"], region["list_sold"], region["computing"]) != fmt.Sprint(1199, 1, "n", "29975.00", nil) {
			t.Errorf("%v, %v, %v, %v, %v (%v)", region["sales"], region["days"], region["marks"], region["list_sold"], region["computing"], err)
		}
		for _, wrong := range s.e.RolledOtherwise(context.Background(), s.call(boss, "shop")) {
			t.Error(wrong)
		}
	})
}

// Nothing is decided by a value of before: what a rule reads of its record or of one that it refers to is worked out on
// the spot, and what depends on other unsettled values, or decides who sees which records, is refused until it is known.
func TestNothingIsDecidedByWhatIsBeingWorkedOut(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		boss, ctx := s.boss(), context.Background()
		first := s.mustCreate(boss, "sale", record{"region": s.east.id(), "sold_on": "2025-02-02", "note": "n", "lines": []record{{"item": s.pen.id(), "qty": "1", "price": "20"}}})
		ids := s.manySales(first.id(), 1200)
		docs := keptDocs(t, true)
		edit := func(path string, change func(doc map[string]any)) {
			var doc map[string]any
			if err := json.Unmarshal(docs[path], &doc); err != nil {
				t.Fatal(err)
			}
			change(doc)
			docs[path], _ = json.Marshal(doc)
		}
		rule := func(name, when, cel string) map[string]any {
			return map[string]any{"name": name, "when": when, "cel": cel, "message": map[string]any{"zh-CN": name, "en-US": name}}
		}
		edit("entities/sale.json", func(doc map[string]any) {
			doc["x-rules"] = append(doc["x-rules"].([]any), rule("few_sales", "note == 'few'", "region.sales < 1200"), rule("below", "note == 'below'", "region.below_total >= 0"))
		})
		edit("entities/region.json", func(doc map[string]any) {
			doc["x-rules"] = []any{rule("own", "name == 'few'", "sales < 1200")}
		})
		edit("roles/clerk.json", func(doc map[string]any) {
			doc["grants"].([]any)[0].(map[string]any)["rows"] = "sales > 100"
		})
		s.replaceDocs(docs)
		sell := func(region record, note string) error {
			_, err := s.create(boss, "sale", record{"region": region.id(), "note": note, "lines": []record{{"item": s.pen.id(), "qty": "1", "price": "20"}}})
			return err
		}
		for _, settled := range []bool{false, true} {
			if got, err := s.get(boss, "region", s.west.id()); err != nil || (got["computing"] == nil) != settled {
				t.Fatalf("settled %v: computing %v (%v)", settled, got["computing"], err)
			}
			refused(t, sell(s.east, "few"), "rule.failed", "")
			if err := sell(s.west, "few"); err != nil {
				t.Error(err)
			}
			_, err := s.update(boss, "region", s.east.id(), 0, record{"name": "few"})
			refused(t, err, "rule.failed", "")
			_, listed := s.list(s.clerk("east"), "region", engine.ListRequest{})
			_, read := s.get(s.clerk("east"), "region", s.east.id())
			if settled {
				if err := cmp.Or(sell(s.east, "below"), listed, read); err != nil {
					t.Error(err)
				}
				break
			}
			for _, err := range []error{sell(s.east, "below"), listed, read} {
				refused(t, err, "derive.computing", "")
			}
			s.recompute()
		}
		if _, err := s.get(boss, "sale", ids[0]); err != nil {
			t.Error(err)
		}
		for _, wrong := range s.e.RolledOtherwise(ctx, s.call(boss, "shop")) {
			t.Error(wrong)
		}
	})
}

// Killed before any statement of working values out, a process leaves whole batches: what is done stays, the rest is told
// to wait, and whoever goes on comes to the same end.
func TestKilledWhileRecomputing(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		const sales = 70
		var ids []string
		restarted(t, c, func(s *shop) {
			s = newShop(t, s.world)
			s.replaceDocs(followDocs(t))
			first := s.mustCreate(s.boss(), "sale", record{"region": s.east.id(), "lines": []record{{"item": s.pen.id(), "qty": "1", "price": "20"}}})
			ids = append([]string{}, s.manySales(first.id(), sales)...)
			s.bounded(victimBound)
			if _, err := s.update(s.boss(), "region", s.east.id(), 0, record{"name": "far east"}); err != nil {
				t.Fatal(err)
			}
		})
		done, between := 0, false
		for at := 1; ; at += 7 {
			killed, _ := kill(t, c, at, "recompute")
			restarted(t, c, func(s *shop) {
				n := 0
				for i, id := range ids {
					got, err := s.get(s.boss(), "sale", id)
					if err != nil {
						t.Fatal(err)
					}
					follows := got["region_name"] == "far east"
					if follows {
						n++
					}
					if follows && n != i+1 || (got["computing"] == nil) == killed {
						t.Errorf("killed %v at %d: sale %d is of %v, computing %v", killed, at, i, got["region_name"], got["computing"])
					}
				}
				if n < done || n%victimBound != 0 && n != sales {
					t.Errorf("killed at %d: %d sales are done, %d were", at, n, done)
				}
				between = between || n > 0 && n < sales
				done = n
			})
			if !killed || t.Failed() {
				break
			}
		}
		if done != sales || !between {
			t.Errorf("%d of %d sales are done; killed between batches: %v", done, sales, between)
		}
	})
}
