package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"tenon/engine"
	"tenon/engine/policy"
	"tenon/metamodel/diag"
)

// returnDocs lets returns and complaints refer to the lines of sales: a return's line to the line that comes back, a
// complaint, which needs none, to the line that it is about.
func returnDocs(t testing.TB) map[string]json.RawMessage {
	docs := keptDocs(t, false)
	title := func(zh, en string) string { return `"title":"` + zh + `","x-title":{"en-US":"` + en + `"}` }
	head := `{"$schema":"https://json-schema.org/draft/2020-12/schema","x-kind":"entity","x-version":1,"type":"object",`
	decimal := `{"type":"string","format":"decimal","x-decimal":[18,4],`
	docs["entities/back.json"] = json.RawMessage(head + `"x-name":"back",` + title("退货单", "Return") + `,"required":["region"],"properties":{
		"code":{"type":"string","maxLength":20,` + title("单号", "Number") + `},
		"region":{"type":"string","format":"uuid",` + title("地区", "Region") + `,"x-ref":{"entity":"region"}},
		"done":{"type":"boolean",` + title("完成", "Done") + `},
		"lines":{"type":"array","maxItems":100,` + title("明细", "Lines") + `,"x-lines":"back_line"}},"x-display":"code"}`)
	docs["entities/back_line.json"] = json.RawMessage(head + `"x-name":"back_line",` + title("退货明细", "Return line") + `,"required":["source_line","qty"],"properties":{
		"source_line":{"type":"string","format":"uuid",` + title("原明细", "Line returned") + `,"x-ref":{"entity":"sale_line"},"x-options-filter":"it.parent.region == parent.region && it.qty > 0.5"},
		"qty":` + decimal + title("数量", "Quantity") + `},
		"price":` + decimal + title("单价", "Price") + `,"x-default":"source_line.price"},
		"worth":` + decimal + title("金额", "Worth") + `,"x-computed":{"cel":"qty * source_line.price","stored":true}},
		"from_region":{"type":"string","maxLength":50,` + title("来自", "From") + `,"x-computed":{"cel":"source_line.parent.region.name","stored":true}},
		"open":` + decimal + title("可退", "Open") + `,"x-computed":{"cel":"source_line.qty - source_line.returned","stored":false}}},
		"x-rules":[{"name":"not_too_many","cel":"qty <= source_line.qty","at":"qty","message":{"zh-CN":"超过原数量","en-US":"More than was sold"}}]}`)
	docs["entities/complaint.json"] = json.RawMessage(head + `"x-name":"complaint",` + title("投诉", "Complaint") + `,"required":["text"],"properties":{
		"text":{"type":"string","maxLength":100,` + title("内容", "Text") + `},
		"line":{"type":"string","format":"uuid",` + title("明细", "Line") + `,"x-ref":{"entity":"sale_line","on-delete":"set-null"}},
		"about":{"type":"string","maxLength":100,` + title("商品", "Item") + `,"x-computed":{"cel":"line.item.name","stored":true}}},"x-display":"text"}`)
	add := func(entity, name, text string) {
		var f map[string]any
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			t.Fatal(name, err)
		}
		f["title"], f["x-title"] = name, map[string]any{"en-US": name}
		edit(docs, "entities/"+entity+".json", func(d map[string]any) { d["properties"].(map[string]any)[name] = f })
	}
	add("sale_line", "returned", decimal+`"x-rollup":{"entity":"back_line","field":"source_line","function":"sum","value":"qty","where":"parent.done"}}`)
	add("sale_line", "complaints", `{"type":"integer","x-rollup":{"entity":"complaint","field":"line","function":"count"}}`)
	add("sale_line", "least", decimal+`"x-rollup":{"entity":"back_line","field":"source_line","function":"min","value":"qty"}}`)
	add("sale_line", "said", `{"type":"string","maxLength":200,"x-rollup":{"entity":"complaint","field":"line","function":"concat","value":"text","order":["text"]}}`)
	add("sale", "returned", decimal+`"x-computed":{"cel":"lines.sum(l, l.returned * l.price)","stored":true}}`)
	edit(docs, "entities/sale_line.json", func(d map[string]any) { d["x-display"] = "item" })
	edit(docs, "roles/boss.json", func(d map[string]any) {
		for _, e := range []string{"back", "complaint"} {
			d["grants"] = append(d["grants"].([]any), map[string]any{"entity": e, "actions": []string{"read", "create", "update", "delete", "export"}})
		}
	})
	edit(docs, "roles/clerk.json", func(d map[string]any) {
		for _, e := range []string{"back", "complaint"} {
			d["grants"] = append(d["grants"].([]any), map[string]any{"entity": e, "actions": []string{"read", "create", "update", "export"}})
		}
	})
	return docs
}

func eachReturning(t *testing.T, test func(t *testing.T, s *shop)) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(returnDocs(t))
		test(t, s)
	})
}

// sold makes a sale of two lines and gives their ids.
func (s *shop) soldLines(region record) (sale record, pen, ink string) {
	s.t.Helper()
	sale, err := s.sale(s.boss(), region, record{"item": s.pen.id(), "qty": "5", "price": "20"}, record{"item": s.ink.id(), "qty": "2", "price": "60"})
	if err != nil {
		s.t.Fatal(err)
	}
	lines := sale.lines("lines")
	return sale, lines[0].(map[string]any)["id"].(string), lines[1].(map[string]any)["id"].(string)
}

func (s *shop) displayed(a *policy.Actor, entity, id string, opt engine.ReadOptions) record {
	s.t.Helper()
	opt.Display = true
	r, err := s.e.Get(context.Background(), s.call(a, "shop"), entity, id, opt)
	return must[record](s.t, r, err)
}

func TestReferencesToLines(t *testing.T) {
	eachReturning(t, func(t *testing.T, s *shop) {
		sale, pen, ink := s.soldLines(s.east)
		back := s.mustCreate(s.boss(), "back", record{"code": "R1", "region": s.east.id(), "done": true, "lines": []record{{"source_line": pen, "qty": "2"}, {"source_line": ink, "qty": "1"}}})
		line := back.lines("lines")[0].(map[string]any)
		if line["price"] != "20.0000" || line["worth"] != "40.0000" || line["from_region"] != "east" || line["open"] != "3.0000" {
			t.Errorf("the return's line is %v", line)
		}
		if l := s.line("sale", sale.id(), 0); l["returned"] != "2.0000" || l["least"] != "2.0000" {
			t.Errorf("the line that came back is %v", l)
		}
		if r, err := s.get(s.boss(), "sale", sale.id()); err != nil || r["returned"] != "100.0000" {
			t.Errorf("of the sale came back %v (%v)", r["returned"], err)
		}
		_, err := s.create(s.boss(), "back", record{"region": s.east.id(), "lines": []record{{"source_line": ink, "qty": "3"}}})
		refused(t, err, "rule.failed", "/lines/0/qty")
		_, err = s.create(s.boss(), "back", record{"region": s.west.id(), "lines": []record{{"source_line": ink, "qty": "1"}}})
		refused(t, err, "record.reference_not_allowed", "/lines/0/source_line")
		_, err = s.create(s.boss(), "back", record{"region": s.east.id(), "lines": []record{{"source_line": sale.id(), "qty": "1"}}})
		refused(t, err, "record.reference_unknown", "/lines/0/source_line")

		// Texts: the document's, the place there, the line's own.
		display := s.displayed(s.boss(), "back", back.id(), engine.ReadOptions{})["display"].(map[string]any)
		if want := fmt.Sprint(sale["code"], " · 2 · ", s.ink["name"]); display[ink] != want {
			t.Errorf("the line is shown as %q, want %q", display[ink], want)
		}
		about := s.mustCreate(s.boss(), "complaint", record{"text": "leaks", "line": pen})
		other := s.mustCreate(s.boss(), "complaint", record{"text": "late"})
		if about["about"] != s.pen["name"] {
			t.Errorf("the complaint is about %v", about["about"])
		}
		inside := s.displayed(s.boss(), "complaint", about.id(), engine.ReadOptions{Expand: []string{"line.parent"}})
		if text := fmt.Sprint(inside); !strings.Contains(text, "price:20.0000") || !strings.Contains(text, sale["code"].(string)) {
			t.Errorf("inside is %v", inside)
		}
		for filter, want := range map[string]string{
			"line.price > 10.0": about.id(), "line.parent.region.name == 'east'": about.id(), "line.item.name == '" + s.pen["name"].(string) + "'": about.id(),
			"line == null": other.id(), "line.price > 30.0": "", "line.returned == 2.0": about.id(),
		} {
			p, err := s.list(s.boss(), "complaint", engine.ListRequest{Filter: filter, OrderBy: "line.price desc, text"})
			if err != nil || len(p.Records) != min(1, len(want)) || want != "" && p.Records[0].id() != want {
				t.Errorf("%s: %v (%v)", filter, p.Records, err)
			}
		}

		// What is read of a line follows it.
		if _, err := s.update(s.boss(), "sale", sale.id(), 0, record{"lines": []record{{"id": pen, "price": "25"}, {"id": ink}}}); err != nil {
			t.Fatal(err)
		}
		if l := s.line("back", back.id(), 0); l["worth"] != "50.0000" || l["price"] != "20.0000" {
			t.Errorf("after the price has changed: %v", l)
		}
		if _, err := s.update(s.boss(), "region", s.east.id(), 0, record{"name": "orient"}); err != nil {
			t.Fatal(err)
		}
		if l := s.line("back", back.id(), 1); l["from_region"] != "orient" {
			t.Errorf("after the region has another name: %v", l)
		}
		x, _ := s.why(s.boss(), "back", back.id(), "lines.worth", line["id"].(string))
		if x.inputs() != "qty=2.0000 source_line.price=25.0000" || x.Inputs[1].Record != sale.id() || x.Inputs[1].Line != pen || x.Inputs[1].Field != "lines.price" {
			t.Errorf("%+v", x)
		}
		x, _ = s.why(s.boss(), "sale", sale.id(), "lines.returned", pen)
		if len(x.Rows) != 1 || x.Rows[0].Record != back.id() || x.Rows[0].Value != "2.0000" {
			t.Errorf("%+v", x)
		}
		s.proven()
	})
}

// A line that is pointed at can't go, or is let go, with its document or out of it.
func TestLinesThatArePointedAt(t *testing.T) {
	eachReturning(t, func(t *testing.T, s *shop) {
		sale, pen, ink := s.soldLines(s.east)
		back := s.mustCreate(s.boss(), "back", record{"region": s.east.id(), "done": true, "lines": []record{{"source_line": pen, "qty": "2"}}})
		about := s.mustCreate(s.boss(), "complaint", record{"text": "leaks", "line": ink})
		_, err := s.update(s.boss(), "sale", sale.id(), 0, record{"lines": []record{{"id": ink}}})
		refused(t, err, "record.line_in_use", "/lines")
		_, err = s.e.Delete(context.Background(), s.call(s.boss(), "shop"), "sale", sale.id(), 0)
		refused(t, err, "record.line_in_use", "/lines")
		if _, err := s.update(s.boss(), "sale", sale.id(), 0, record{"lines": []record{{"id": pen, "qty": "4"}}}); err != nil {
			t.Fatal(err)
		}
		if r, err := s.get(s.boss(), "complaint", about.id()); err != nil || r["line"] != nil || r["about"] != nil {
			t.Errorf("the complaint points at %v, about %v (%v)", r["line"], r["about"], err)
		}
		if _, err := s.e.Delete(context.Background(), s.call(s.boss(), "shop"), "back", back.id(), 0); err != nil {
			t.Fatal(err)
		}
		if l := s.line("sale", sale.id(), 0); l["returned"] != "0.0000" || l["least"] != nil {
			t.Errorf("after the return is gone: %v", l)
		}
		if _, err := s.e.Delete(context.Background(), s.call(s.boss(), "shop"), "sale", sale.id(), 0); err != nil {
			t.Fatal(err)
		}
		_, err = s.e.Restore(context.Background(), s.call(s.boss(), "shop"), "back", back.id())
		refused(t, err, "record.reference_unknown", "/lines/0/source_line")
		_, err = s.create(s.boss(), "complaint", record{"text": "gone", "line": pen})
		refused(t, err, "record.reference_unknown", "/line")
		if _, err := s.e.Restore(context.Background(), s.call(s.boss(), "shop"), "sale", sale.id()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.e.Restore(context.Background(), s.call(s.boss(), "shop"), "back", back.id()); err != nil {
			t.Fatal(err)
		}
		if l := s.line("sale", sale.id(), 0); l["returned"] != "2.0000" {
			t.Errorf("after both are back: %v", l)
		}
		s.proven()
	})
}

// A line exists for who may see its document and, in it, the field with the lines.
func TestLinesAreSeenWithTheirDocument(t *testing.T) {
	eachReturning(t, func(t *testing.T, s *shop) {
		sale, pen, _ := s.soldLines(s.east)
		here, other, _ := s.soldLines(s.west)
		back := s.mustCreate(s.boss(), "back", record{"region": s.east.id(), "lines": []record{{"source_line": pen, "qty": "2"}}})
		about := s.mustCreate(s.boss(), "complaint", record{"text": "leaks", "line": pen})
		clerk := s.clerk("west")
		options := func(a *policy.Actor, body string) string {
			r, err := s.e.Options(context.Background(), s.call(a, "shop"), "complaint", []byte(body))
			if err != nil {
				t.Fatal(err)
			}
			return string(r.Body)
		}
		if got := options(clerk, `{"field":"line"}`); strings.Contains(got, pen) || !strings.Contains(got, other) || !strings.Contains(got, fmt.Sprintf(`"document":{"entity":"sale","record":%q}`, here.id())) {
			t.Errorf("offered: %s", got)
		}
		if got := options(s.boss(), `{"field":"line","search":"`+sale["code"].(string)+`"}`); !strings.Contains(got, pen) || strings.Contains(got, other) || !strings.Contains(got, sale["code"].(string)+" · 1 · ") {
			t.Errorf("by the number of its document: %s", got)
		}
		if got := options(s.boss(), `{"field":"line","search":"`+s.pen["name"].(string)+`","page_size":1}`); strings.Count(got, `"id"`) != 1 || !strings.Contains(got, other) || !strings.Contains(got, "next_page_token") {
			t.Errorf("by what shows the line: %s", got)
		}
		_, err := s.create(clerk, "complaint", record{"text": "x", "line": pen})
		refused(t, err, "record.reference_unknown", "/line")
		if _, err := s.create(clerk, "complaint", record{"text": "x", "line": other}); err != nil {
			t.Error(err)
		}
		display := s.displayed(clerk, "complaint", about.id(), engine.ReadOptions{Expand: []string{"line"}})
		if text := fmt.Sprint(display); strings.Contains(text, sale["code"].(string)) || strings.Contains(text, "20.0000") {
			t.Errorf("told of a line of another region: %v", text)
		}
		for _, filter := range []string{"line.price > 0.0", "line.parent.total > 0.0", "line.item.name != ''"} {
			p, err := s.list(clerk, "complaint", engine.ListRequest{Filter: filter})
			if err != nil || len(p.Records) != 1 || p.Records[0].id() == about.id() {
				t.Errorf("%s: %v (%v)", filter, p.Records, err)
			}
		}
		_, err = s.list(clerk, "complaint", engine.ListRequest{OrderBy: "line.price"})
		refused(t, err, "query.path_restricted", "")
		r, err := s.e.Aggregate(context.Background(), s.call(clerk, "shop"), "complaint", []byte(`{"measures":[{"fn":"sum","field":"line.price","as":"p"}]}`))
		if err == nil && strings.Contains(string(r.Body), "40") {
			t.Errorf("added up what is not seen: %s", r.Body)
		}
		x, body := s.why(clerk, "back", back.id(), "lines.worth", back.lines("lines")[0].(map[string]any)["id"].(string))
		if x.Hidden == 0 || strings.Contains(body, "20.0000") {
			t.Errorf("explained: %s", body)
		}
		hidden := returnDocs(t)
		edit(hidden, "roles/clerk.json", func(d map[string]any) {
			d["grants"].([]any)[2].(map[string]any)["fields"] = map[string]any{"lines": "hidden"}
		})
		s.replaceDocs(hidden)
		if got := options(s.clerk("west"), `{"field":"line"}`); strings.Contains(got, other) {
			t.Errorf("lines are hidden, and offered: %s", got)
		}
		_, err = s.create(s.clerk("west"), "complaint", record{"text": "x", "line": other})
		refused(t, err, "record.reference_unknown", "/line")
		_, err = s.list(s.clerk("west"), "complaint", engine.ListRequest{Filter: "line.price > 0.0"})
		refused(t, err, "query.field_unknown", "")
	})
}

// What is rolled up by lines, and follows them, is right after any writes.
func TestLinesAreFollowedInAnyHistory(t *testing.T) {
	for seed := range uint64(3) {
		eachReturning(t, func(t *testing.T, s *shop) {
			s.scribbleReturns(rand.New(rand.NewPCG(seed, 21)), 320)
			for _, wrong := range s.e.RolledOtherwise(context.Background(), s.call(s.boss(), "shop")) {
				t.Error(wrong)
			}
			s.proven()
			returned := false
			for _, r := range s.all("sale") {
				returned = returned || r["returned"] != "0.0000"
			}
			if !returned {
				t.Error("nothing came back")
			}
		})
	}
}

func (s *shop) scribbleReturns(r *rand.Rand, n int) {
	s.t.Helper()
	boss := s.boss()
	var lines []string
	ids, gone := map[string][]string{}, map[string][]string{}
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	backLines := func(n int) []record {
		out := []record{}
		for range n {
			out = append(out, record{"source_line": pick(lines), "qty": fmt.Sprint(1+r.IntN(2), ".", r.IntN(9))})
		}
		return out
	}
	for i := range n {
		entity := []string{"sale", "back", "back", "complaint"}[r.IntN(4)]
		if len(lines) < 4 {
			entity = "sale"
		}
		known := ids[entity]
		var err error
		switch op := r.IntN(12); {
		case len(known) < 2 || op < 4:
			values := record{"region": s.east.id(), "lines": []record{}}
			switch entity {
			case "sale":
				values["lines"] = []record{{"item": s.pen.id(), "qty": fmt.Sprint(2 + r.IntN(9)), "price": "40"}, {"item": s.ink.id(), "qty": "3", "price": fmt.Sprint(50 + r.IntN(9))}}
			case "back":
				values["done"], values["lines"] = r.IntN(3) > 0, backLines(1+r.IntN(3))
			case "complaint":
				values = record{"text": fmt.Sprint("t", r.IntN(5)), "line": pick(lines)}
			}
			var made record
			if made, err = s.create(boss, entity, values); err == nil {
				ids[entity] = append(known, made.id())
				if entity == "sale" {
					for _, l := range made.lines("lines") {
						lines = append(lines, l.(map[string]any)["id"].(string))
					}
				}
			}
		case op < 9:
			id := pick(known)
			values := record{"text": fmt.Sprint("u", r.IntN(5)), "line": []any{nil, pick(lines)}[r.IntN(2)]}
			if entity != "complaint" {
				now, err := s.get(boss, entity, id)
				if err != nil {
					s.t.Fatal(err)
				}
				kept := []record{}
				for _, l := range now.lines("lines") {
					if r.IntN(4) > 0 {
						kept = append(kept, record{"id": l.(map[string]any)["id"], "qty": fmt.Sprint(1 + r.IntN(4))})
					}
				}
				values = record{"lines": kept}
				if entity == "back" && r.IntN(2) == 0 {
					values = record{"done": r.IntN(2) == 0, "lines": append(kept, backLines(1)...)}
				}
			}
			_, err = s.update(boss, entity, id, 0, values)
		case op < 11:
			id := pick(known)
			if _, err = s.e.Delete(context.Background(), s.call(boss, "shop"), entity, id, 0); err == nil {
				gone[entity] = append(gone[entity], id)
				ids[entity] = slices.DeleteFunc(known, func(s string) bool { return s == id })
			}
		case len(gone[entity]) > 0:
			id := pick(gone[entity])
			if _, err = s.e.Restore(context.Background(), s.call(boss, "shop"), entity, id); err == nil {
				ids[entity] = append(ids[entity], id)
				gone[entity] = slices.DeleteFunc(gone[entity], func(s string) bool { return s == id })
			}
		}
		if err != nil && !errors.As(err, new(*diag.Problem)) {
			s.t.Fatalf("write %d: %v", i, err)
		}
	}
}

// Many who return the same line at once, while its sale is written, take turns.
func TestManyWritersOfOneLine(t *testing.T) {
	eachReturning(t, func(t *testing.T, s *shop) {
		sale, pen, _ := s.soldLines(s.east)
		const writers, each = 6, 5
		var wg sync.WaitGroup
		var failed sync.Map
		try := func(err error) {
			if err != nil {
				failed.Store(err.Error(), true)
			}
		}
		for i := range writers {
			wg.Go(func() {
				for j := range each {
					body := fmt.Sprintf(`{"region":%q,"done":true,"lines":[{"source_line":%q,"qty":"0.1"}]}`, s.east.id(), pen)
					_, err := s.e.Create(context.Background(), s.call(s.boss(), "shop"), "back", []byte(body), engine.ReadOptions{})
					try(err)
					if i == 0 {
						body := fmt.Sprintf(`{"lines":[{"id":%q,"price":"2%d"}]}`, pen, j)
						_, err := s.e.Update(context.Background(), s.call(s.boss(), "shop"), "sale", sale.id(), 0, []byte(body), engine.ReadOptions{})
						try(err)
					}
				}
			})
		}
		wg.Wait()
		failed.Range(func(k, _ any) bool { t.Error(k); return true })
		if l := s.line("sale", sale.id(), 0); l["returned"] != "3.0000" || l["price"] != "24.0000" {
			t.Errorf("%v", l)
		}
		for _, r := range s.all("back") {
			if l := r.lines("lines")[0].(map[string]any); l["worth"] != "2.4000" {
				t.Errorf("a return keeps %v", l["worth"])
			}
		}
		s.proven()
	})
}

// What a job works out in the lines of many documents is worked out at once in the line that somebody refers to.
func TestLinesAreBroughtUpForWhoRefersToThem(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		with := returnDocs(t)
		edit(with, "entities/back_line.json", func(d map[string]any) {
			rules := d["x-rules"].([]any)
			d["x-rules"] = append(rules, map[string]any{
				"name": "still_there", "on": []string{"create"}, "cel": "source_line.returned + qty <= source_line.qty", "at": "qty",
				"message": map[string]any{"zh-CN": "已退完", "en-US": "It has come back already"},
			})
		})
		without := returnDocs(t)
		for _, entity := range []string{"sale", "sale_line", "back_line"} {
			edit(without, "entities/"+entity+".json", func(d map[string]any) {
				delete(d["properties"].(map[string]any), "returned")
				delete(d["properties"].(map[string]any), "open")
			})
		}
		s.replaceDocs(without)
		_, pen, ink := s.soldLines(s.east)
		for range 3 {
			s.soldLines(s.east)
		}
		s.mustCreate(s.boss(), "back", record{"region": s.east.id(), "done": true, "lines": []record{{"source_line": pen, "qty": "4"}}})
		s.bounded(2)
		s.replaceDocs(with)
		if r := s.all("sale")[0]; r["computing"] == nil {
			t.Fatal("nothing waits: ", r)
		}
		_, err := s.create(s.boss(), "back", record{"region": s.east.id(), "lines": []record{{"source_line": pen, "qty": "2"}}})
		refused(t, err, "rule.failed", "/lines/0/qty")
		if _, err := s.create(s.boss(), "back", record{"region": s.east.id(), "done": true, "lines": []record{{"source_line": pen, "qty": "1"}, {"source_line": ink, "qty": "2"}}}); err != nil {
			t.Error(err)
		}
		s.recompute()
		s.proven()
	})
}
