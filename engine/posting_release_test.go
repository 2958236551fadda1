package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"tenon/engine"
	"tenon/engine/policy"
)

// editDoc changes a document.
func editDoc(t testing.TB, docs map[string]json.RawMessage, path string, change func(d map[string]any)) {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal(docs[path], &d); err != nil {
		t.Fatal(err)
	}
	change(d)
	docs[path], _ = json.Marshal(d)
}

// posting is a posting of a document.
func posting(d map[string]any, i int) map[string]any {
	return d["x-postings"].([]any)[i].(map[string]any)
}

type plannedPosting struct {
	ID, Change, Entity, Posting, Text string
	Documents, Posted, Looked         int
	Differ, Left                      *int
	More                              bool
	Examples                          []struct{ ID, Name string }
}

func (p plannedPosting) String() string {
	differ := "?"
	if p.Differ != nil {
		differ = fmt.Sprint(*p.Differ)
	}
	return fmt.Sprint(p.Change, " ", p.Entity, ".", p.Posting, " ", p.Posted, "/", p.Documents, " ", differ, "/", p.Looked)
}

// draft makes documents the draft, and answers what the plan says of postings.
func (s *shop) draft(docs map[string]json.RawMessage) []plannedPosting {
	s.t.Helper()
	body, _ := json.Marshal(map[string]any{"documents": docs})
	if _, err := s.e.DocumentsPut(context.Background(), s.call(builder(), ""), "shop", "", body); err != nil {
		s.t.Fatal(err)
	}
	return s.plan("zh-CN")
}

func (s *shop) plan(lang string) []plannedPosting {
	s.t.Helper()
	c := s.call(builder(), "")
	c.Locale = lang
	r, err := s.e.Plan(context.Background(), c, "shop")
	return must[struct{ Postings []plannedPosting }](s.t, r, err).Postings
}

// releaseAgain makes the draft what runs, with postings posted again.
func (s *shop) releaseAgain(ids ...string) error {
	body, _ := json.Marshal(map[string]any{"reason": "changed", "repost": ids})
	_, err := s.e.Release(context.Background(), s.call(builder(), ""), "shop", body)
	return err
}

func (s *shop) lock(through string) {
	s.t.Helper()
	if _, err := s.e.LedgerLock(context.Background(), s.call(builder(), "shop"), "stock", []byte(`{"through":`+through+`}`)); err != nil {
		s.t.Fatal(err)
	}
}

// wholeWith says that all is right, and what is posted by earlier rules.
func (s *shop) wholeWith(earlier string) {
	s.t.Helper()
	v := s.verify("")
	if len(v.Differences) > 0 {
		s.t.Errorf("differences: %+v", v.Differences)
	}
	var list []string
	for _, x := range v.Earlier {
		list = append(list, fmt.Sprint(x.Change, " ", x.Entity, ".", x.Posting, " ", x.Documents))
	}
	slices.Sort(list)
	if got := strings.Join(list, ", "); got != earlier {
		s.t.Errorf("posted by earlier rules: %q, want %q", got, earlier)
	}
}

// doubled is the shop's stock with purchases that bring in twice as much.
func doubled(t testing.TB) map[string]json.RawMessage {
	docs := stockDocs(t)
	editDoc(t, docs, "entities/purchase.json", func(d map[string]any) { posting(d, 0)["quantity"] = "qty * 2.0" })
	return docs
}

// What documents have posted by a posting that a release changes stays, until they are saved again; in a closed period it
// stays then, too, and what doesn't concern it may be saved.
func TestReleaseChangesPosting(t *testing.T) {
	eachStock(t, func(t *testing.T, s *shop) {
		old := s.buy(s.pen, "2025-01-10", "10", "100")
		now := s.buy(s.pen, "2025-03-01", "10", "100")
		nothing := s.buy(s.pen, "2025-03-02", "0", "0")
		s.lock(`"2025-01-31"`)
		list := s.draft(doubled(t))
		if got := fmt.Sprint(list); got != "[changed purchase.receive 2/3 1/2]" || len(list[0].Examples) != 1 || list[0].Examples[0].ID != now.id() {
			t.Errorf("the plan says %s, %+v", got, list)
		}
		zh, en := list[0].Text, s.plan("en-US")[0].Text
		for _, want := range []string{"入库", "库存", "2 张", "1 张"} {
			if !strings.Contains(zh, want) {
				t.Errorf("%q says nothing of %q", zh, want)
			}
		}
		if !strings.Contains(en, "Receive") || !strings.Contains(en, "of 1 would be others") {
			t.Errorf("in English: %q", en)
		}
		if err := s.releaseAgain("nobody"); !hasCode(err, "release.repost_unknown", "/repost/0") {
			t.Errorf("an unknown posting is posted again: %v", err)
		}
		s.release("shop")
		s.recompute()
		if got := s.postJob(); got != "none" {
			t.Errorf("there is a job %s", got)
		}
		s.stock(s.pen, "20.0000", "200.00")
		s.wholeWith("changed purchase.receive 2")

		if _, err := s.update(s.boss(), "purchase", old.id(), 0, record{"code": "other"}); err != nil {
			t.Errorf("what isn't posted of a closed period can't be changed: %v", err)
		}
		if _, err := s.update(s.boss(), "purchase", old.id(), 0, record{"qty": "11"}); !hasCode(err, "ledger.period_closed", "") {
			t.Errorf("a closed period is changed: %v", err)
		}
		if _, err := s.e.Delete(context.Background(), s.call(s.boss(), "shop"), "purchase", old.id(), 0); !hasCode(err, "ledger.period_closed", "") {
			t.Errorf("a document of a closed period is deleted: %v", err)
		}
		s.stock(s.pen, "20.0000", "200.00")
		for _, r := range []record{now, nothing} {
			if _, err := s.update(s.boss(), "purchase", r.id(), 0, record{"code": "another"}); err != nil {
				t.Fatal(err)
			}
		}
		s.stock(s.pen, "30.0000", "200.00")
		s.wholeWith("changed purchase.receive 1")
	})
}

// Where whoever releases chooses so, a job posts open periods again; closed ones stay, and are told of.
func TestReleasePostsAgain(t *testing.T) {
	eachStock(t, func(t *testing.T, s *shop) {
		s.buy(s.pen, "2025-01-10", "10", "100")
		for i := range 30 {
			s.buy(s.pen, fmt.Sprintf("2025-03-%02d", i+1), "1", "10")
		}
		if _, err := s.sell(s.pen, "2025-03-31", "5"); err != nil {
			t.Fatal(err)
		}
		s.lock(`"2025-01-31"`)
		list := s.draft(doubled(t))
		if err := s.releaseAgain(list[0].ID); err != nil {
			t.Fatal(err)
		}
		s.wholeWith("") // nothing is left yet: the list of jobs tells of it
		s.bounded(7)
		if more, err := s.e.RecomputeSome(context.Background(), "shop"); err != nil || !more {
			t.Fatalf("a batch: %v %v", more, err)
		}
		s.wholeWith("")
		s.bounded(7) // the process was killed; another goes on
		s.recompute()
		if got := s.postJob(); got != "done 31/31 left 1" {
			t.Errorf("the job is %s", got)
		}
		s.stock(s.pen, "65.0000", "371.43") // of 70 that cost 400, 5 went
		s.wholeWith("changed purchase.receive 1")

		// The rule of before again: all documents but those that were posted by it.
		list = s.draft(stockDocs(t))
		if got := fmt.Sprint(list); got != "[changed purchase.receive 31/31 30/30]" {
			t.Errorf("the plan says %s", got)
		}
		if err := s.releaseAgain(list[0].ID); err != nil {
			t.Fatal(err)
		}
		s.recompute()
		s.stock(s.pen, "35.0000", "350.00")
		s.wholeWith("")
	})
}

// A posting that is taken away leaves what it has posted, or takes it back where that is chosen.
func TestReleaseTakesPostingAway(t *testing.T) {
	eachStock(t, func(t *testing.T, s *shop) {
		s.buy(s.ink, "2025-01-10", "10", "100")
		first := s.buy(s.pen, "2025-03-01", "10", "100")
		s.buy(s.pen, "2025-03-02", "5", "50")
		s.lock(`"2025-01-31"`)
		none := stockDocs(t)
		editDoc(t, none, "entities/purchase.json", func(d map[string]any) { delete(d, "x-postings") })
		list := s.draft(none)
		if got := fmt.Sprint(list); got != "[removed purchase.receive 3/3 3/3]" {
			t.Errorf("the plan says %s", got)
		}
		s.release("shop")
		s.recompute()
		s.stock(s.pen, "15.0000", "150.00")
		s.wholeWith("removed purchase.receive 3")
		// What it has posted goes with the document, even where nothing posts any more.
		if _, err := s.e.Delete(context.Background(), s.call(s.boss(), "shop"), "purchase", first.id(), 0); err != nil {
			t.Fatal(err)
		}
		s.stock(s.pen, "5.0000", "50.00")
		s.wholeWith("removed purchase.receive 2")

		s.replaceDocs(stockDocs(t)) // it is back, with another id
		s.recompute()
		s.wholeWith("added purchase.receive 1, removed purchase.receive 2")
	})
	eachStock(t, func(t *testing.T, s *shop) {
		s.buy(s.ink, "2025-01-10", "10", "100")
		s.buy(s.pen, "2025-03-01", "10", "100")
		s.lock(`"2025-01-31"`)
		none := stockDocs(t)
		editDoc(t, none, "entities/purchase.json", func(d map[string]any) { delete(d, "x-postings") })
		if err := s.releaseAgain(s.draft(none)[0].ID); err != nil {
			t.Fatal(err)
		}
		s.recompute()
		if got := s.postJob(); got != "done 2/2 left 1" {
			t.Errorf("the job is %s", got)
		}
		s.stock(s.pen, "0.0000", "0.00")
		s.stock(s.ink, "10.0000", "100.00")
		s.wholeWith("removed purchase.receive 1")
	})
}

// shelved are documents of which each has a second region, and postings by the one or the other.
func shelved(t testing.TB, region string) map[string]json.RawMessage {
	docs := stockDocs(t)
	shelf := map[string]any{"type": "string", "format": "uuid", "title": "货架", "x-title": map[string]any{"en-US": "Shelf"}, "x-ref": map[string]any{"entity": "region", "on-delete": "restrict"}}
	for path, at := range map[string]string{"entities/purchase.json": region, "entities/sale.json": "parent." + region} {
		editDoc(t, docs, path, func(d map[string]any) {
			d["properties"].(map[string]any)["shelf"] = shelf
			posting(d, 0)["dimensions"].(map[string]any)["region"] = at
		})
	}
	return docs
}

// Documents of which none can be posted again without the others, since goods would be short meanwhile, are posted
// together.
func TestReleasePostsAgainTogether(t *testing.T) {
	eachStock(t, func(t *testing.T, s *shop) {
		s.replaceDocs(shelved(t, "region"))
		west := s.mustCreate(s.boss(), "region", record{"name": "west of it"})
		for i := range 12 {
			day := fmt.Sprintf("2025-03-%02d", i+1)
			s.mustCreate(s.boss(), "purchase", record{"code": day, "item": s.pen.id(), "region": s.east.id(), "shelf": west.id(), "bought_on": day, "qty": "2", "amount": "20"})
			sale := s.mustCreate(s.boss(), "sale", record{"region": s.east.id(), "shelf": west.id(), "sold_on": day, "lines": []record{{"item": s.pen.id(), "qty": "2", "price": "100"}}})
			if _, err := s.transition(s.boss(), "sale", sale.id(), "finish"); err != nil {
				t.Fatal(err)
			}
		}
		list := s.draft(shelved(t, "shelf"))
		if len(list) != 2 {
			t.Fatalf("the plan says %v", list)
		}
		if err := s.releaseAgain(list[0].ID, list[1].ID); err != nil {
			t.Fatal(err)
		}
		s.bounded(3)
		s.recompute()
		if got := s.postJob(); got != "done 24/24 " {
			t.Errorf("the job is %s", got)
		}
		s.wholeWith("")
		p, err := s.list(s.boss(), "stock_entry", engine.ListRequest{Filter: "!voided && region == '" + west.id() + "'", PageSize: 100})
		if err != nil || len(p.Records) != 24 {
			t.Errorf("%d entries have moved (%v)", len(p.Records), err)
		}
	})
	eachStock(t, func(t *testing.T, s *shop) {
		// Purchases alone: what was sold would be short for good.
		s.replaceDocs(shelved(t, "region"))
		west := s.mustCreate(s.boss(), "region", record{"name": "west of it"})
		s.mustCreate(s.boss(), "purchase", record{"code": "P1", "item": s.pen.id(), "region": s.east.id(), "shelf": west.id(), "bought_on": "2025-03-01", "qty": "2", "amount": "20"})
		if _, err := s.sell(s.pen, "2025-03-02", "2"); err != nil {
			t.Fatal(err)
		}
		docs := shelved(t, "region")
		maps.Copy(docs, map[string]json.RawMessage{"entities/purchase.json": shelved(t, "shelf")["entities/purchase.json"]})
		if err := s.releaseAgain(s.draft(docs)[0].ID); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			s.recompute()
			if got := s.postJob(); !strings.HasPrefix(got, "running 0/1 ") || !strings.Contains(got, "P1") {
				t.Errorf("the job is %s", got)
			}
		}
		s.stock(s.pen, "0.0000", "0.00")
		s.mustCreate(s.boss(), "purchase", record{"code": "P2", "item": s.pen.id(), "region": s.west.id(), "shelf": s.east.id(), "bought_on": "2025-03-01", "qty": "2", "amount": "20"})
		s.recompute()
		if got := s.postJob(); got != "done 2/2 " {
			t.Errorf("the job is %s", got)
		}
		s.wholeWith("")
	})
}

// An entity that is called otherwise has posted what it has posted.
func TestRenamedEntityPostsOnce(t *testing.T) {
	eachStock(t, func(t *testing.T, s *shop) {
		first := s.buy(s.pen, "2025-03-01", "10", "100")
		docs := stockDocs(t)
		editDoc(t, docs, "entities/purchase.json", func(d map[string]any) { d["x-name"], d["x-was"] = "receipt", "purchase" })
		docs["entities/receipt.json"] = docs["entities/purchase.json"]
		delete(docs, "entities/purchase.json")
		editDoc(t, docs, "roles/boss.json", func(d map[string]any) {
			for _, g := range d["grants"].([]any) {
				if g := g.(map[string]any); g["entity"] == "purchase" {
					g["entity"] = "receipt"
				}
			}
		})
		s.replaceDocs(docs)
		if _, err := s.update(s.boss(), "receipt", first.id(), 0, record{"qty": "12"}); err != nil {
			t.Fatal(err)
		}
		s.stock(s.pen, "12.0000", "100.00")
		s.wholeWith("")
	})
}

// What a release has left as it was posted may be posted again later, by those who may release.
func TestPostedAgainLater(t *testing.T) {
	eachStock(t, func(t *testing.T, s *shop) {
		s.buy(s.pen, "2025-01-10", "10", "100")
		s.buy(s.pen, "2025-03-01", "10", "100")
		s.lock(`"2025-01-31"`)
		s.draft(doubled(t))
		s.release("shop")
		again := func(a *policy.Actor, body string) error {
			_, err := s.e.Repost(context.Background(), s.call(a, "shop"), []byte(body))
			return err
		}
		left := s.verify("").Earlier
		if len(left) != 1 {
			t.Fatalf("%+v", left)
		}
		body := `{"postings":["` + string(left[0].ID) + `"]}`
		if err := again(s.boss(), body); !hasCode(err, "access.role_needed", "") {
			t.Errorf("anybody posts again: %v", err)
		}
		if err := again(builder(), `{"postings":["nothing"]}`); !hasCode(err, "posting.repost_unknown", "/postings/0") {
			t.Errorf("nothing is posted again: %v", err)
		}
		if err := again(builder(), `{}`); !hasCode(err, "posting.repost_nothing", "/postings") {
			t.Errorf("no posting is posted again: %v", err)
		}
		if err := again(builder(), body); err != nil {
			t.Fatal(err)
		}
		if err := again(builder(), body); !hasCode(err, "posting.repost_unknown", "/postings/0") {
			t.Errorf("it is posted again twice: %v", err)
		}
		if got := s.waitingIn(); got != allOfItWaits {
			t.Errorf("it is told by %s", got)
		}
		s.recompute()
		if got := s.postJob(); got != "done 2/2 left 1" {
			t.Errorf("the job is %s", got)
		}
		s.stock(s.pen, "30.0000", "200.00")
		s.wholeWith("changed purchase.receive 1")
		s.lock("null")
		if err := again(builder(), body); err != nil {
			t.Fatal(err)
		}
		s.recompute()
		s.stock(s.pen, "40.0000", "200.00")
		s.wholeWith("")
	})
}

// However many goods documents move, plans, jobs and proofs have the means to look at all of them.
func TestManyGoodsArePostedAgain(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		costly := func(docs map[string]json.RawMessage) map[string]json.RawMessage {
			editDoc(t, docs, "ledgers/stock.json", func(d map[string]any) {
				d["x-policies"].(map[string]any)["backdate"] = "coalesce(" + strings.Repeat("lookupOf(item, i, i.name == item.name + 'x', i.name), ", 20) + "'open')"
			})
			return docs
		}
		s.replaceDocs(costly(stockDocs(t)))
		const goods = 60
		for i := range goods {
			item := s.mustCreate(s.boss(), "item", record{"code": fmt.Sprint("G-", i), "name": fmt.Sprint("Good ", i), "price": "1"})
			s.buy(item, "2025-03-01", "1", "10")
		}
		list := s.draft(costly(doubled(t)))
		if got := fmt.Sprint(list); got != "[changed purchase.receive 60/60 60/60]" {
			t.Errorf("the plan says %s", got)
		}
		s.release("shop")
		s.wholeWith("changed purchase.receive 60")
		id := string(s.verify("").Earlier[0].ID)
		if _, err := s.e.Repost(context.Background(), s.call(builder(), "shop"), []byte(`{"postings":["`+id+`"]}`)); err != nil {
			t.Fatal(err)
		}
		s.recompute()
		s.wholeWith("")
	})
}
