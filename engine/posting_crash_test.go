package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"tenon/engine"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

// stockCards adds a dashboard over what ledgers keep: by months and years, with conditions, and without a period.
func stockCards(docs map[string]json.RawMessage) map[string]json.RawMessage {
	return keptCards(docs,
		"stock_flow", "pivot", "stock_entry", `"flat":true,"filter":"!voided","measures":[{"name":"before","op":"sum","field":"quantity","span":"before"},{"name":"came","op":"sum","field":"value","where":"quantity > 0.0"},{"name":"went","op":"sum","field":"value","where":"quantity < 0.0","minus":true},{"name":"left","op":"sum","field":"quantity","span":"until"}],"group":[{"field":"item"}],"bind":{"period":"day","region":"region"}`,
		"stock_now", "pie", "stock_balance", `"measures":[{"name":"quantity","op":"sum","field":"quantity"}],"group":[{"field":"item"}]`)
}

// rightAfter says that all is right that is kept and is not being worked out.
func (s *shop) rightAfter(at int) {
	s.t.Helper()
	if v := s.verify(""); len(v.Differences) > 0 || v.Checked.Ledgers == 0 {
		s.t.Errorf("killed at %d: %+v", at, v)
	}
}

// killedUntilDone kills whoever does an act before one statement after the other, some apart, and looks at what is there after each.
func killedUntilDone(t *testing.T, c store.Config, act string, apart int, look func(s *shop, at int, killed bool)) {
	t.Helper()
	for at := 1; !t.Failed(); at += apart {
		killed, _ := kill(t, c, at, act)
		restarted(t, c, func(s *shop) { look(s, at, killed) })
		if !killed {
			return
		}
	}
}

// Killed before any statement of posting old documents, of a release that brings the postings and the cards over them, a
// process leaves documents that are posted wholly or not at all, and whoever goes on comes to the same end.
func TestKilledWhilePostingOldDocuments(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		const each = 25
		restarted(t, c, func(s *shop) {
			s = newShop(t, s.world)
			s.replaceDocs(unposted(t))
			for i := range each {
				s.buy(s.pen, fmt.Sprintf("2025-03-%02d", i+1), "2", "20")
				if _, err := s.sell(s.pen, fmt.Sprintf("2025-03-%02d", i+2), "1"); err != nil {
					t.Fatal(err)
				}
			}
			s.replaceDocs(stockCards(stockDocs(t)))
			s.fillKept()
		})
		between, posted := false, 0
		killedUntilDone(t, c, "recompute", 29, func(s *shop, at int, killed bool) {
			s.rightAfter(at)
			n := int(s.ask(s.boss(), "stock_entry", `{}`).Groups[0].Values["count"].(float64))
			if want := fmt.Sprintf("running %d/%d ", n, 2*each); killed && s.postJob() != want {
				t.Errorf("killed at %d: the job is %s with %d entries", at, s.postJob(), n)
			}
			if n < posted || n%victimBound != 0 && n != 2*each {
				t.Errorf("killed at %d: %d documents are posted, %d were", at, n, posted)
			}
			posted, between = n, between || n > 0 && n < 2*each
			s.sameGroups(rand.New(rand.NewPCG(uint64(at), 1)), 3)
		})
		if posted != 2*each || !between {
			t.Errorf("%d documents are posted; killed between batches: %v", posted, between)
		}
	})
}

// Killed before any statement of posting again what documents have posted whose kept values changed, a process leaves
// ledgers that add up, and whoever goes on comes to what the documents say.
func TestKilledWhilePostingAgain(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		const sales = 3 * victimBound / 2
		restarted(t, c, func(s *shop) {
			s = newShop(t, s.world)
			s.replaceDocs(stockCards(heldDocs(t)))
			s.fillKept()
			s.buy(s.pen, "2025-02-01", "100000", "100")
			for range sales {
				s.mustCreate(s.boss(), "sale", record{"region": s.east.id(), "sold_on": "2025-03-01", "lines": []record{{"item": s.pen.id(), "qty": "2", "price": "20"}}})
			}
			s.bounded(victimBound)
			if _, err := s.update(s.boss(), "item", s.pen.id(), 0, record{"price": "50"}); err != nil {
				t.Fatal(err)
			}
		})
		states := map[string]bool{}
		killedUntilDone(t, c, "recompute", 4, func(s *shop, at int, killed bool) {
			s.rightAfter(at)
			reserved := fmt.Sprint(s.ask(s.boss(), "stock_balance", `{"measures":[{"fn":"sum","field":"reserved","as":"r"}]}`).Groups[0].Values["r"])
			states[reserved] = true
			if want := fmt.Sprintf("%d.0000", sales*100); !killed && reserved != want {
				t.Errorf("%s are reserved, not %s", reserved, want)
			}
			s.sameGroups(rand.New(rand.NewPCG(uint64(at), 2)), 3)
		})
		if len(states) < 3 {
			t.Errorf("killed between batches: %v", states)
		}
	})
}

// Killed before any statement of a write that posts, from which roll-ups follow and whose groups are kept, nothing of it is
// there or all.
func TestKilledBetweenDerivations(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		var body []byte
		restarted(t, c, func(s *shop) {
			s = newShop(t, s.world)
			s.replaceDocs(stockCards(heldDocs(t)))
			s.fillKept()
			s.buy(s.pen, "2025-02-01", "100000", "100")
			body, _ = json.Marshal(record{"region": s.east.id(), "sold_on": "2025-03-01", "lines": []record{{"item": s.pen.id(), "qty": "2", "price": "20"}}})
		})
		made := 0
		for at, killed := 1, true; killed && !t.Failed(); at++ {
			killed, _ = kill(t, c, at, "create", victimBody+"="+string(body), victimKey+"="+fmt.Sprint("key-", at))
			restarted(t, c, func(s *shop) {
				s.rightAfter(at)
				n := len(s.all("sale"))
				if n != made && (n != made+1 || killed && at < 8) || !killed && n == made {
					t.Errorf("killed %v at %d: %d sales, %d were", killed, at, n, made)
				}
				made = n
				p, err := s.list(s.boss(), "stock_balance", engine.ListRequest{})
				if want := fmt.Sprintf("%d.0000", 25*n); err != nil || len(p.Records) != 1 || p.Records[0]["reserved"] != want {
					t.Errorf("killed at %d: %d sales reserve %v (%v), want %s", at, n, p.Records, err, want)
				}
				s.sameGroups(rand.New(rand.NewPCG(uint64(at), 3)), 2)
			})
			if at > 200 {
				t.Fatal("a create has no end")
			}
		}
	})
}

// Killed before any statement of filling kept groups, each record is counted once by whoever goes on.
func TestKilledWhileFillingKept(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		first := &shop{}
		restarted(t, c, func(s *shop) {
			s = newShop(t, s.world)
			*first = *s
			s.replaceDocs(stockDocs(t))
			for i := range 2 * victimKept {
				s.buy(s.pen, fmt.Sprintf("2025-03-%02d", i+1), "2", "20")
			}
			if _, err := s.sell(s.pen, "2025-03-20", "3"); err != nil {
				t.Fatal(err)
			}
			s.replaceDocs(stockCards(stockDocs(t)))
		})
		killedUntilDone(t, c, "keep", 5, func(s *shop, at int, killed bool) {
			s.rightAfter(at)
			s.east = first.east
			s.buy(first.ink, "2025-04-01", "1", "5") // people go on
			if !killed {
				s.sameGroups(rand.New(rand.NewPCG(uint64(at), 4)), 10)
			}
			s.e.SetKeptBatch(1)
			if err := s.e.FillKeptOnce(context.Background(), s.call(s.boss(), "shop")); err != nil {
				t.Fatal(err)
			}
		})
		restarted(t, c, func(s *shop) {
			s.fillKept()
			s.sameGroups(rand.New(rand.NewPCG(9, 4)), 20)
			s.rightAfter(0)
		})
	})
}

// Killed before any statement of posting documents again by postings that a release has changed, a process leaves documents
// that are posted by the one rule or by the other, and whoever goes on comes to the same end.
func TestKilledWhilePostingByChangedRules(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		const each = 50
		restarted(t, c, func(s *shop) {
			s = newShop(t, s.world)
			s.replaceDocs(stockCards(stockDocs(t)))
			s.fillKept()
			for i := range each {
				s.buy(s.pen, fmt.Sprintf("2025-03-%02d", i/2+1), "2", "20")
				if _, err := s.sell(s.pen, fmt.Sprintf("2025-03-%02d", i/2+2), "1"); err != nil {
					t.Fatal(err)
				}
			}
			docs := stockCards(doubled(t))
			if err := s.releaseAgain(s.draft(docs)[0].ID); err != nil {
				t.Fatal(err)
			}
		})
		between, posted := false, 0
		killedUntilDone(t, c, "recompute", 13, func(s *shop, at int, _ bool) {
			s.rightAfter(at)
			groups := s.ask(s.boss(), "stock_balance", `{"measures":[{"fn":"sum","field":"quantity","as":"q"}]}`).Groups
			n := 0
			if _, err := fmt.Sscanf(fmt.Sprint(groups[0].Values["q"]), "%d.0000", &n); err != nil {
				t.Fatal(err)
			}
			n = (n - each) / 2 // documents by the new rule
			if n < posted || n%victimBound != 0 && n != each {
				t.Errorf("killed at %d: %d documents are posted anew, %d were", at, n, posted)
			}
			posted, between = n, between || n > 0 && n < each
			s.sameGroups(rand.New(rand.NewPCG(uint64(at), 5)), 3)
		})
		if posted != each || !between {
			t.Errorf("%d documents are posted anew; killed between batches: %v", posted, between)
		}
	})
}
