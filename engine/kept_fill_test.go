package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/engine/store/lower"
	"tenon/engine/store/storetest"
)

// Another server goes on where one was stopped while it filled; what is undone of a transaction is not counted.
func TestFillKeptGoesOn(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(keptDocs(t, false))
		for i := range 9 {
			s.sold(s.east, fmt.Sprintf("2025-01-0%d", i+1), "20")
		}
		s.replaceDocs(keptCards(keptDocs(t, false)))
		s.e.SetKeptBatch(2)
		for range 2 {
			if err := s.e.FillKeptOnce(context.Background(), s.call(policy.Itself(), "shop")); err != nil {
				t.Fatal(err)
			}
		}
		next := &shop{world: newWorld(t, s.store), east: s.east, west: s.west, pen: s.pen, ink: s.ink}
		next.sold(next.east, "2025-02-01", "20")
		next.fillKept()
		next.sameGroups(rand.New(rand.NewPCG(4, 4)), 10)
		s.sold(s.west, "2025-02-01", "20") // the one that was stopped is back
		if err := s.e.CountInVain(context.Background(), s.call(policy.Itself(), "shop")); err != nil {
			t.Fatal(err)
		}
		s.sameGroups(rand.New(rand.NewPCG(5, 5)), 10)
	})
}

// What a release begins to keep of records that aren't there yet is ready with it, and told of as no job.
func TestKeptOfNothingIsReady(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(keptCards(keptDocs(t, false)))
		for _, a := range s.call(s.boss(), "shop").Snap.Aggregates() {
			state, err := s.store.Reader().KeptState(context.Background(), a.ID)
			if err != nil || !state.Ready {
				t.Errorf("%v is not ready (%v)", a.Cards, err)
			}
		}
		for i := range 3 {
			s.sold(s.east, fmt.Sprintf("2025-01-0%d", i+1), "20")
		}
		s.fillKept()
		s.sameGroups(rand.New(rand.NewPCG(6, 6)), 10)
		if jobs, err := s.e.AppJobs(context.Background(), s.call(builder(), "shop")); err != nil || strings.Contains(string(jobs.Body), `"keep"`) {
			t.Errorf("jobs: %s (%v)", jobs.Body, err)
		}
	})
}

// What a binary keeps otherwise than the one that made the release is begun by whoever fills, and told of as a job.
func TestKeptIsBegunWithoutARelease(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		s := newShop(t, newWorld(t, storetest.Open(t, c)))
		s.replaceDocs(keptDocs(t, false))
		for i := range 5 {
			s.sold(s.east, fmt.Sprintf("2025-01-0%d", i+1), "20")
		}
		s.replaceDocs(keptCards(keptDocs(t, false)))
		aggregates := s.call(s.boss(), "shop").Snap.Aggregates()
		n := len(aggregates)
		for _, a := range aggregates {
			table := lower.Table(a.Table)
			storetest.Behind(t, c, `DROP TABLE "`+table+`"`)
			storetest.Behind(t, c, `DELETE FROM physical_indexes WHERE tbl = '`+table+`'`)
		}
		storetest.Behind(t, c, "DELETE FROM kept_aggregates")
		s.sold(s.west, "2025-02-01", "20")
		s.e.SetKeptBatch(2)
		fills := func() (running, done int) {
			r, err := s.e.AppJobs(context.Background(), s.call(builder(), "shop"))
			for _, j := range must[jobList](t, r, err).Jobs {
				if j.Kind != "keep" || j.Total < j.Done || j.Entity == "" {
					t.Errorf("%+v", j)
				}
				if j.State == "running" {
					running++
				} else {
					done++
				}
			}
			return running, done
		}
		s.fillKept()
		if running, done := fills(); running != 0 || done != n {
			t.Errorf("%d running, %d done, of %d", running, done, n)
		}
		s.sameGroups(rand.New(rand.NewPCG(8, 8)), 5)
		s.replaceDocs(withoutCards(keptDocs(t, false)))
		s.replaceDocs(keptCards(keptDocs(t, false)))
		if err := s.e.FillKeptOnce(context.Background(), s.call(policy.Itself(), "shop")); err != nil {
			t.Fatal(err)
		}
		if running, done := fills(); running == 0 || done < n {
			t.Errorf("%d running, %d done, of %d", running, done, n)
		}
		s.replaceDocs(withoutCards(keptDocs(t, false)))
		if running, _ := fills(); running != 0 {
			t.Errorf("%d running without a card", running)
		}
	})
}
