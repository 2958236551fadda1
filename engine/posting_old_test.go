package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
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

// What a release adds to a ledger that has closed months is left out of them, told before and counted, and may be posted once
// they are open again.
func TestReleaseLeavesClosedPeriods(t *testing.T) {
	eachStock(t, func(t *testing.T, s *shop) {
		none := unposted(t)
		for _, path := range []string{"entities/sale.json", "entities/purchase.json"} {
			editDoc(t, none, path, func(d map[string]any) { delete(d, "x-postings") })
		}
		s.replaceDocs(none)
		for i := range 25 {
			s.buy(s.pen, fmt.Sprintf("2025-03-%02d", i+1), "2", "20")
		}
		s.buy(s.pen, "2025-03-31", "0", "0") // wants nothing
		open := s.buy(s.pen, "2025-04-01", "5", "50")
		if _, err := s.sell(s.pen, "2025-05-01", "1"); err != nil {
			t.Fatal(err)
		}
		s.lock(`"2025-03-31"`)
		list := s.draft(stockDocs(t))
		left := 0
		for _, p := range list {
			if p.Left == nil || p.Change != "added" {
				t.Fatalf("the plan says nothing of what is left: %+v", p)
			}
			if left += *p.Left; *p.Left == 0 {
				continue
			}
			if p.Looked != 26 || p.More || len(p.Examples) != 10 || p.Documents != 27 || !strings.Contains(p.Text, "25 张在已结账期间（结到 2025-03-31）") {
				t.Errorf("the plan says %+v", p)
			}
		}
		if en := s.plan("en-US"); left != 25 || !strings.Contains(en[0].Text+en[1].Text, "there. 25 of them are in closed periods (through 2025-03-31) and are left out") {
			t.Errorf("the plan says that %d are left, in English: %q %q", left, en[0].Text, en[1].Text)
		}
		s.release("shop")
		s.bounded(7) // the process was killed; another goes on
		s.recompute()
		if got := s.postJob(); got != "done 28/28 left 25" {
			t.Errorf("the job is %s", got)
		}
		s.stock(s.pen, "4.0000", "40.00")
		s.wholeWith("added purchase.receive 25")

		// Documents that are written meanwhile stay as they are, as far as what is posted of closed periods isn't concerned.
		if _, err := s.update(s.boss(), "purchase", open.id(), 0, record{"code": "other"}); err != nil {
			t.Fatal(err)
		}
		first := s.all("purchase")[0]
		for _, r := range s.all("purchase") {
			if r["bought_on"].(string) < first["bought_on"].(string) {
				first = r
			}
		}
		if _, err := s.update(s.boss(), "purchase", first.id(), 0, record{"code": "another"}); err != nil {
			t.Errorf("what isn't posted of a closed period can't be changed: %v", err)
		}
		s.wholeWith("added purchase.receive 25")

		s.lock("null")
		id := string(s.verify("").Earlier[0].ID)
		if _, err := s.e.Repost(context.Background(), s.call(builder(), "shop"), []byte(`{"postings":["`+id+`"]}`)); err != nil {
			t.Fatal(err)
		}
		s.recompute()
		s.stock(s.pen, "54.0000", "540.00")
		s.wholeWith("")
	})
}

// What a document would post in a closed period is left, and what it posts to another ledger or on another day isn't.
func TestReleaseLeavesOnlyWhatIsClosed(t *testing.T) {
	eachStock(t, func(t *testing.T, s *shop) {
		none := stockDocs(t)
		editDoc(t, none, "entities/purchase.json", func(d map[string]any) { delete(d, "x-postings") })
		s.replaceDocs(none)
		s.buy(s.pen, "2025-03-31", "2", "20")
		s.lock(`"2025-03-31"`)
		twice := stockDocs(t)
		editDoc(t, twice, "entities/purchase.json", func(d map[string]any) {
			again := maps.Clone(posting(d, 0))
			again["name"], again["day"] = "again", "addDays(bought_on, 1)"
			d["x-postings"] = append(d["x-postings"].([]any), again)
		})
		list := s.draft(twice)
		got := map[string]int{}
		for _, p := range list {
			got[p.Posting] = *p.Left
		}
		if len(got) != 2 || got["receive"] != 1 || got["again"] != 0 {
			t.Errorf("the plan says %v", got)
		}
		s.release("shop")
		s.recompute()
		if got := s.postJob(); got != "done 1/1 left 1" {
			t.Errorf("the job is %s", got)
		}
		s.stock(s.pen, "2.0000", "20.00")
		s.wholeWith("added purchase.receive 1")
	})
}

// Where a ledger refuses a document for another reason, the job waits at it and names it, and goes on when it may.
func TestReleasePostingWaits(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(unposted(t))
		s.buy(s.pen, "2025-05-01", "5", "50")
		if _, err := s.sell(s.pen, "2025-04-01", "2"); err != nil {
			t.Fatal(err)
		}
		s.plannedPostings(stockDocs(t))
		for range 2 {
			s.recompute()
			if got := s.postJob(); !strings.HasPrefix(got, "running 0/2 ") || !strings.Contains(got, "2025-04-01") {
				t.Errorf("the job is %s", got)
			}
		}
		s.buy(s.pen, "2025-03-01", "2", "20") // posts with its write
		s.recompute()
		if got := s.postJob(); got != "done 3/3 " {
			t.Errorf("the job is %s", got)
		}
		s.stock(s.pen, "5.0000", "50.00")
	})
}
