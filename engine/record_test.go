package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"tenon/engine"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

func eachShop(t *testing.T, test func(t *testing.T, s *shop)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		test(t, newShop(t, newWorld(t, st)))
	})
}

func TestCreateCompletes(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		if s.pen["margin"] != "4.5000" || s.pen["active"] != true || s.pen["version"] != float64(1) {
			t.Errorf("item: %v", s.pen)
		}
		sale, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "3", "price": "12.3456"}, record{"item": s.ink.id(), "qty": "0.5", "price": "30"})
		if err != nil {
			t.Fatal(err)
		}
		if sale["code"] != "S202603-0001" || sale["sold_on"] != "2026-03-15" || sale["state"] != "draft" || sale["total"] != "52.04" {
			t.Errorf("sale: %v", sale)
		}
		first := sale.lines("lines")[0].(map[string]any)
		if first["amount"] != "37.04" || first["position"] != float64(1) {
			t.Errorf("first line: %v", first)
		}
		again, err := s.get(s.boss(), "sale", sale.id())
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(again) != fmt.Sprint(sale) {
			t.Errorf("read back:\n%v\nwritten:\n%v", again, sale)
		}
	})
}

// Everything that is wrong is told at once, each with its place.
func TestCreateTellsAllAtOnce(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		_, err := s.create(s.boss(), "sale", record{
			"id": "x", "code": "S1", "total": "5", "state": "done", "nonsense": 1, "sold_on": "2026-02-30", "note": strings.Repeat("字", 201),
			"lines": []record{{"item": "no-uuid", "qty": "1.23456", "amount": "1"}, {"qty": 7}},
		})
		for _, want := range []struct{ code, at string }{
			{"record.field_not_writable", "/id"},
			{"record.field_not_writable", "/code"},
			{"record.field_not_writable", "/total"},
			{"record.field_not_writable", "/state"},
			{"record.field_unknown", "/nonsense"},
			{"record.wrong_type", "/sold_on"},
			{"record.too_long", "/note"},
			{"record.wrong_type", "/lines/0/item"},
			{"record.too_precise", "/lines/0/qty"},
			{"record.field_not_writable", "/lines/0/amount"},
			{"record.required", "/lines/1/item"},
			{"record.required", "/region"},
		} {
			refused(t, err, diagCode(want.code), want.at)
		}
		if p, err := s.list(s.boss(), "sale", engine.ListRequest{Count: "exact"}); err != nil || *p.Count != 0 {
			t.Errorf("a refused create left something: %v, %v", p, err)
		}
	})
}

func TestRules(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		_, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "-1", "price": "7.99"})
		refused(t, err, "rule.failed", "/lines/0/qty")
		refused(t, err, "rule.failed", "/lines/0/price")
		_, err = s.create(s.boss(), "sale", record{"region": s.east.id(), "sold_on": "2026-03-16", "lines": []record{{"item": s.pen.id(), "qty": "1", "price": "20"}}})
		refused(t, err, "rule.failed", "/sold_on")
		big, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "100000", "price": "20"})
		if err != nil {
			t.Fatal(err)
		}
		if w, _ := big["warnings"].([]any); len(w) != 1 {
			t.Errorf("warnings: %v", big["warnings"])
		}
		if _, err := s.update(s.boss(), "item", s.pen.id(), 0, record{"active": false}); err != nil {
			t.Fatal(err)
		}
		_, err = s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "1", "price": "20"})
		refused(t, err, "record.reference_not_allowed", "/lines/0/item")
	})
}

func TestUpdate(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		sale, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "3", "price": "20"}, record{"item": s.ink.id(), "qty": "1", "price": "30"})
		if err != nil {
			t.Fatal(err)
		}
		second := sale.lines("lines")[1].(map[string]any)
		changed, err := s.update(s.boss(), "sale", sale.id(), 1, record{"lines": []record{{"id": second["id"], "qty": "2"}, {"item": s.pen.id(), "qty": "1", "price": "10"}}})
		if err != nil {
			t.Fatal(err)
		}
		lines := changed.lines("lines")
		first := lines[0].(map[string]any)
		if len(lines) != 2 || first["id"] != second["id"] || first["item"] != s.ink.id() || first["amount"] != "60.00" || changed["total"] != "70.00" || changed["version"] != float64(2) {
			t.Errorf("changed: %v", changed)
		}
		_, err = s.update(s.boss(), "sale", sale.id(), 1, record{"note": "x"})
		refused(t, err, "record.stale", "")
		_, err = s.update(s.boss(), "sale", sale.id(), 0, record{"lines": []record{{"id": "01920000-0000-7000-8000-00000000ffff", "qty": "2"}}})
		refused(t, err, "record.line_unknown", "/lines/0/id")
		same, err := s.update(s.boss(), "sale", sale.id(), 0, record{"sold_on": "2026-03-15"})
		if err != nil || same["version"] != float64(2) {
			t.Errorf("a change of nothing made version %v, %v", same["version"], err)
		}
	})
}

func TestTransitions(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		sale, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "3", "price": "20"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.transition(s.boss(), "sale", sale.id(), "nonsense")
		refused(t, err, "flow.transition_unknown", "/transition")
		done, err := s.transition(s.boss(), "sale", sale.id(), "finish")
		if err != nil || done["state"] != "done" {
			t.Fatalf("%v, %v", done, err)
		}
		_, err = s.transition(s.boss(), "sale", sale.id(), "finish")
		refused(t, err, "flow.transition_not_allowed", "")
		_, err = s.update(s.boss(), "sale", sale.id(), 0, record{"note": "later"})
		refused(t, err, "record.frozen", "")
		pen, err := s.get(s.boss(), "item", s.pen.id())
		if err != nil || pen["sold"] != "3.0000" {
			t.Errorf("sold: %v, %v", pen["sold"], err)
		}
		if _, err := s.transition(s.boss(), "sale", sale.id(), "void"); err != nil {
			t.Fatal(err)
		}
		free, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "3"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.transition(s.boss(), "sale", free.id(), "finish")
		refused(t, err, "flow.condition", "")
	})
}

func TestDeleteAndRestore(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		sale, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "3", "price": "20"})
		if err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		_, err = s.e.Delete(ctx, s.call(s.boss(), "shop"), "item", s.pen.id(), 0)
		refused(t, err, "record.in_use", "")
		if _, err := s.e.Delete(ctx, s.call(s.boss(), "shop"), "sale", sale.id(), 1); err != nil {
			t.Fatal(err)
		}
		_, err = s.get(s.boss(), "sale", sale.id())
		refused(t, err, "record.not_found", "")
		if p, err := s.list(s.boss(), "sale", engine.ListRequest{Deleted: true}); err != nil || len(p.Records) != 1 {
			t.Errorf("recycle bin: %v, %v", p, err)
		}
		if _, err := s.e.Restore(ctx, s.call(s.boss(), "shop"), "sale", sale.id()); err != nil {
			t.Fatal(err)
		}
		back, err := s.get(s.boss(), "sale", sale.id())
		if err != nil || back["total"] != "60.00" || len(back.lines("lines")) != 1 {
			t.Errorf("restored: %v, %v", back, err)
		}
		_, err = s.e.Restore(ctx, s.call(s.boss(), "shop"), "sale", sale.id())
		refused(t, err, "record.not_deleted", "")
	})
}

func TestTreeCycle(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		if _, err := s.update(s.boss(), "region", s.west.id(), 0, record{"above": s.east.id()}); err != nil {
			t.Fatal(err)
		}
		_, err := s.update(s.boss(), "region", s.east.id(), 0, record{"above": s.west.id()})
		refused(t, err, "record.tree_cycle", "/above")
		_, err = s.update(s.boss(), "region", s.east.id(), 0, record{"above": s.east.id()})
		refused(t, err, "record.tree_cycle", "/above")
	})
}

func TestUniqueAndOptions(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		_, err := s.create(s.boss(), "item", record{"code": "PEN-1", "name": "again"})
		refused(t, err, "record.not_unique", "/code")
		_, err = s.create(s.boss(), "item", record{"code": "PEN-1", "name": "again", "grade": "z"})
		refused(t, err, "record.option_unknown", "/grade")
		refused(t, err, "record.not_unique", "/code")
		_, err = s.e.Batch(context.Background(), s.call(s.boss(), "shop"), "item", []byte(`{"operations":[{"create":{"code":"B-1","name":"b"}},{"create":{"code":"PEN-1","name":"again"}}]}`))
		refused(t, err, "record.not_unique", "/operations/1/create/code")
		form, err := s.e.Evaluate(context.Background(), s.call(s.boss(), "shop"), "item", []byte(`{"values":{"code":"PEN-1","name":"again"}}`))
		if err != nil || !strings.Contains(string(form.Body), `"record.not_unique"`) {
			t.Errorf("form: %s, %v", form.Body, err)
		}
		form, err = s.e.Evaluate(context.Background(), s.call(s.boss(), "shop"), "item", []byte(`{"id":"`+s.pen.id()+`","values":{"code":"PEN-1"}}`))
		if err != nil || strings.Contains(string(form.Body), `"record.not_unique"`) {
			t.Errorf("form of the record itself: %s, %v", form.Body, err)
		}
		_, err = s.create(s.boss(), "item", record{"code": "lower", "name": "n", "grade": "z"})
		refused(t, err, "record.pattern", "/code")
		refused(t, err, "record.option_unknown", "/grade")
		_, err = s.create(s.boss(), "item", record{"code": "C", "name": "n", "grade": "c"})
		refused(t, err, "record.option_retired", "/grade")
	})
}

// Who is limited to rows and fields meets nothing else by any door.
func TestAccess(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		clerk := s.clerk("east")
		mine, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "1", "price": "20"})
		if err != nil {
			t.Fatal(err)
		}
		other, err := s.sale(s.boss(), s.west, record{"item": s.pen.id(), "qty": "1", "price": "20"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.get(clerk, "sale", other.id())
		refused(t, err, "record.not_found", "")
		_, err = s.update(clerk, "sale", other.id(), 0, record{"sold_on": "2026-03-01"})
		refused(t, err, "record.not_found", "")
		_, err = s.update(clerk, "sale", mine.id(), 0, record{"region": s.west.id()})
		refused(t, err, "record.reference_unknown", "/region")
		_, err = s.update(clerk, "sale", mine.id(), 0, record{"note": "x"})
		refused(t, err, "record.field_not_writable", "/note")
		if p, err := s.list(clerk, "sale", engine.ListRequest{Count: "exact"}); err != nil || len(p.Records) != 1 || *p.Count != 1 {
			t.Errorf("list: %v, %v", p, err)
		}
		pen, err := s.get(clerk, "item", s.pen.id())
		if err != nil {
			t.Fatal(err)
		}
		if _, shown := pen["cost"]; shown || pen["margin"] != "***" {
			t.Errorf("item as a clerk: %v", pen)
		}
		for _, filter := range []string{"cost > 0", "margin > 0", "nonsense > 0"} {
			_, err := s.list(clerk, "item", engine.ListRequest{Filter: filter})
			refused(t, err, "query.field_unknown", "")
		}
		for _, order := range []string{"cost", "margin", "nonsense"} {
			_, err := s.list(clerk, "item", engine.ListRequest{OrderBy: order})
			refused(t, err, "query.field_unknown", "")
		}
		_, err = s.create(clerk, "item", record{"code": "X", "name": "x"})
		refused(t, err, "access.denied", "")
		_, err = s.transition(clerk, "sale", mine.id(), "void")
		refused(t, err, "access.denied", "")
		if _, err := s.transition(clerk, "sale", mine.id(), "finish"); err != nil {
			t.Error(err)
		}
		stranger := s.role("shop")
		if _, err := s.e.Snapshot("shop", stranger); err == nil {
			t.Error("the app exists for somebody without a role")
		}
		_, err = s.list(stranger, "item", engine.ListRequest{})
		refused(t, err, "entity.not_found", "")
		_, err = s.list(s.boss(), "sale_line", engine.ListRequest{})
		refused(t, err, "entity.not_found", "")
	})
}

func TestListPagesFiltersAndExpands(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		for i := range 25 {
			s.mustCreate(s.boss(), "item", record{"code": fmt.Sprintf("N-%02d", i), "name": fmt.Sprintf("号%d", i%5), "price": fmt.Sprint(i % 7), "region": s.east.id()})
		}
		seen := map[string]bool{}
		req := engine.ListRequest{Filter: "region.name == 'east' && code.startsWith('N-')", OrderBy: "price desc, name", PageSize: 10, Count: "exact", ReadOptions: engine.ReadOptions{Expand: []string{"region"}, Fields: []string{"code", "price"}}}
		for pages := 0; ; pages++ {
			p, err := s.list(s.boss(), "item", req)
			if err != nil {
				t.Fatal(err)
			}
			if *p.Count != 25 || pages > 3 {
				t.Fatalf("count %d, page %d", *p.Count, pages)
			}
			for _, r := range p.Records {
				if seen[r.id()] {
					t.Errorf("%v came twice", r["code"])
				}
				seen[r.id()] = true
				if r["expanded"].(map[string]any)["region"].(map[string]any)["name"] != "east" || len(r) != 5 {
					t.Errorf("record: %v", r)
				}
			}
			if p.Next == "" {
				break
			}
			req.PageToken = p.Next
		}
		if len(seen) != 25 {
			t.Errorf("saw %d of 25", len(seen))
		}
		req.OrderBy = "code"
		_, err := s.list(s.boss(), "item", req)
		refused(t, err, "query.page_token", "")
		found, err := s.list(s.boss(), "item", engine.ListRequest{Search: "钢"})
		if err != nil || len(found.Records) != 1 {
			t.Errorf("search: %v, %v", found, err)
		}
	})
}

func TestBatchIsAtomic(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := context.Background()
		body := fmt.Sprintf(`{"operations":[{"create":{"code":"B-1","name":"b"}},{"update":{"id":%q,"values":{"price":"99"}}},{"create":{"code":"B-2"}},{"delete":{"id":"01920000-0000-7000-8000-00000000ffff"}}]}`, s.pen.id())
		_, err := s.e.Batch(ctx, s.call(s.boss(), "shop"), "item", []byte(body))
		refused(t, err, "record.required", "/operations/2/create/name")
		refused(t, err, "record.not_found", "/operations/3/delete")
		pen, err := s.get(s.boss(), "item", s.pen.id())
		if err != nil || pen["price"] != "12.5000" {
			t.Errorf("half a batch was written: %v, %v", pen, err)
		}
		body = fmt.Sprintf(`{"operations":[{"create":{"code":"B-1","name":"b"}},{"update":{"id":%q,"version":1,"values":{"price":"99"}}},{"entity":"region","create":{"name":"north"}}]}`, s.pen.id())
		if _, err := s.e.Batch(ctx, s.call(s.boss(), "shop"), "item", []byte(body)); err != nil {
			t.Fatal(err)
		}
		if p, err := s.list(s.boss(), "region", engine.ListRequest{Filter: "name == 'north'"}); err != nil || len(p.Records) != 1 {
			t.Errorf("regions: %v, %v", p, err)
		}
	})
}

func TestIdempotency(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := context.Background()
		c := s.call(s.boss(), "shop")
		c.IdempotencyKey = "k1"
		first, err := s.e.Create(ctx, c, "item", []byte(`{"code":"I-1","name":"i"}`), engine.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.e.Create(ctx, c, "item", []byte(`{"code":"I-1","name":"i"}`), engine.ReadOptions{})
		if err != nil || !again.Replayed || string(again.Body) != string(first.Body) || again.ID != first.ID {
			t.Errorf("again: %+v, %v", again, err)
		}
		_, err = s.e.Create(ctx, c, "item", []byte(`{"code":"I-2","name":"i"}`), engine.ReadOptions{})
		refused(t, err, "idempotency.mismatch", "")

		// Rights that were lost since hold for the answer of then, too.
		c = s.call(s.boss(), "shop")
		c.IdempotencyKey = "k2"
		update := []byte(`{"cost":"8.5"}`)
		if _, err := s.e.Update(ctx, c, "item", s.pen.id(), 0, update, engine.ReadOptions{}); err != nil {
			t.Fatal(err)
		}
		docs := shopDocsWith(t, "roles/boss.json", `{"entity":"item","actions":["read","create","update","delete","import","export","assign"]}`,
			`{"entity":"item","actions":["read","create","update","delete","import","export","assign"],"fields":{"cost":"hidden"}}`)
		s.replaceDocs(docs)
		c = s.call(s.boss(), "shop")
		c.IdempotencyKey = "k2"
		again, err = s.e.Update(ctx, c, "item", s.pen.id(), 0, update, engine.ReadOptions{})
		if err != nil || !again.Replayed || strings.Contains(string(again.Body), "8.5") || !strings.Contains(string(again.Body), "PEN-1") {
			t.Errorf("after the cost was hidden: %s, %v", again.Body, err)
		}
	})
}

// shopDocsWith are the shop's documents with a text of one of them replaced.
func shopDocsWith(t *testing.T, path, old, text string) map[string]json.RawMessage {
	t.Helper()
	out := map[string]json.RawMessage{}
	for p, doc := range shopDocs {
		if p == path {
			if !strings.Contains(doc, old) {
				t.Fatalf("%s has no %s", path, old)
			}
			doc = strings.Replace(doc, old, text, 1)
		}
		out[p] = json.RawMessage(doc)
	}
	return out
}

// Document numbers have no gaps and no duplicates, whoever is refused meanwhile.
func TestNumbersUnderConcurrency(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		const writers, each = 8, 6
		codes := make(chan string, writers*each)
		var wg sync.WaitGroup
		for range writers {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := range each {
					price := "20"
					if i%3 == 2 {
						price = "1" // refused by a rule, after the number was taken
					}
					r, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "1", "price": price})
					if err == nil {
						codes <- r["code"].(string)
					}
				}
			}()
		}
		wg.Wait()
		close(codes)
		seen := map[string]bool{}
		for c := range codes {
			seen[c] = true
		}
		want := writers * each * 2 / 3
		for n := 1; n <= want; n++ {
			if c := fmt.Sprintf("S202603-%04d", n); !seen[c] {
				t.Errorf("%s is missing among %d", c, len(seen))
			}
		}
	})
}

// Relations are expanded over several steps, and no further than the actor sees.
func TestExpandOverSteps(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		if _, err := s.update(s.boss(), "region", s.west.id(), 0, record{"above": s.east.id()}); err != nil {
			t.Fatal(err)
		}
		req := engine.ListRequest{Filter: "code == 'INK-1'", ReadOptions: engine.ReadOptions{Expand: []string{"region.above", "region"}}}
		p, err := s.list(s.boss(), "item", req)
		if err != nil || len(p.Records) != 1 {
			t.Fatal(p, err)
		}
		region := p.Records[0]["expanded"].(map[string]any)["region"].(map[string]any)
		above := region["expanded"].(map[string]any)["above"].(map[string]any)
		if region["name"] != "west" || above["name"] != "east" {
			t.Errorf("%v in %v", region["name"], above["name"])
		}
		p, err = s.list(s.clerk("west"), "item", req)
		if err != nil {
			t.Fatal(err)
		}
		region = p.Records[0]["expanded"].(map[string]any)["region"].(map[string]any)
		if got := region["expanded"].(map[string]any)["above"]; got != nil {
			t.Errorf("a clerk of the west sees %v", got)
		}
		for _, path := range []string{"region.name", "region.nobody", "region.above.above.above.above", "price"} {
			if _, err := s.list(s.boss(), "item", engine.ListRequest{ReadOptions: engine.ReadOptions{Expand: []string{path}}}); err == nil {
				t.Errorf("%s was expanded", path)
			}
		}
	})
}
