package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// unposted are documents of the shop with a ledger to which nothing posts.
func unposted(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	docs := stockDocs(t)
	for _, path := range []string{"entities/sale.json", "entities/purchase.json"} {
		var d map[string]any
		if err := json.Unmarshal(docs[path], &d); err != nil {
			t.Fatal(err)
		}
		delete(d, "x-postings")
		docs[path], _ = json.Marshal(d)
	}
	return docs
}

type jobList struct {
	Jobs []struct {
		Kind, Entity, Posting, State, Problem string
		Done, Total, Left                     int
	}
}

func (s *shop) postJob() string {
	s.t.Helper()
	r, err := s.e.AppJobs(context.Background(), s.call(builder(), "shop"))
	for _, j := range must[jobList](s.t, r, err).Jobs {
		if j.Kind == "post" {
			left := ""
			if j.Left > 0 {
				left = fmt.Sprint("left ", j.Left)
			}
			return fmt.Sprint(j.State, " ", j.Done, "/", j.Total, " ", left, j.Problem)
		}
	}
	return "none"
}

// release makes postings what runs, and answers what the plan says of them.
func (s *shop) plannedPostings(docs map[string]json.RawMessage) string {
	s.t.Helper()
	body, _ := json.Marshal(map[string]any{"documents": docs})
	if _, err := s.e.DocumentsPut(context.Background(), s.call(builder(), ""), "shop", "", body); err != nil {
		s.t.Fatal(err)
	}
	r, err := s.e.Plan(context.Background(), s.call(builder(), ""), "shop")
	plan := must[struct {
		Postings []struct {
			Entity, Posting, Ledger string
			Documents               int
		}
	}](s.t, r, err)
	s.release("shop")
	return fmt.Sprint(plan.Postings)
}

// Postings that a release brings are applied to the documents that are there, in the order of their days, each once.
func TestReleasePostsOldDocuments(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(unposted(t))
		for i := range 120 { // the latest are made first
			s.buy(s.pen, fmt.Sprintf("2025-03-%02d", 31-i/4), "2", "20")
		}
		for i := range 120 {
			if _, err := s.sell(s.pen, fmt.Sprintf("2025-03-%02d", 31-i/4), "1"); err != nil {
				t.Fatal(err)
			}
		}
		if got := s.plannedPostings(stockDocs(t)); got != "[{purchase receive stock 120} {sale sell stock 120}]" && got != "[{sale sell stock 120} {purchase receive stock 120}]" {
			t.Errorf("the plan says %s", got)
		}
		if got := s.postJob(); got != "running 0/240 " {
			t.Errorf("the job is %s", got)
		}
		// A document that is written before its turn posts with its write, and not again.
		sales := s.all("sale")
		if _, err := s.e.RecomputeSome(context.Background(), "shop"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.transition(s.boss(), "sale", sales[0].id(), "void"); err != nil {
			t.Fatal(err)
		}
		s.bounded(100) // the process was killed; another goes on
		s.recompute()
		if got := s.postJob(); got != "done 240/240 " {
			t.Errorf("the job is %s", got)
		}
		s.stock(s.pen, "121.0000", "1210.00")
		s.recompute()
		s.stock(s.pen, "121.0000", "1210.00")
		r, err := s.e.LedgerVerify(context.Background(), s.call(builder(), "shop"), "stock", nil)
		if v := must[record](t, r, err); v["whole"] != true {
			t.Errorf("the ledger is not whole: %v", v)
		}
		// What is posted stays when a release takes the posting away.
		s.replaceDocs(unposted(t))
		s.recompute()
		s.stock(s.pen, "121.0000", "1210.00")
	})
}

// Where a ledger refuses a document, the job waits at it and names it, and goes on when it may.
func TestReleasePostingWaits(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(unposted(t))
		s.buy(s.pen, "2025-03-01", "2", "20")
		s.buy(s.pen, "2025-05-01", "5", "50")
		lock := func(through string) {
			if _, err := s.e.LedgerLock(context.Background(), s.call(builder(), "shop"), "stock", []byte(`{"through":`+through+`}`)); err != nil {
				t.Fatal(err)
			}
		}
		lock(`"2025-03-31"`)
		s.plannedPostings(stockDocs(t))
		for range 2 {
			s.recompute()
			if got := s.postJob(); !strings.HasPrefix(got, "running 0/2 ") || !strings.Contains(got, "2025-03-31") || !strings.Contains(got, "P2025-03-01") {
				t.Errorf("the job is %s", got)
			}
		}
		lock("null")
		s.recompute()
		if got := s.postJob(); got != "done 2/2 " {
			t.Errorf("the job is %s", got)
		}
		s.stock(s.pen, "7.0000", "70.00")
	})
}
