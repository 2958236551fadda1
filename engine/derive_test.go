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
	"tenon/metamodel/diag"
)

// keptDocs adds to the shop what its records keep of others, over three levels: what a region and an item sold, what
// regions above others sold, names and prices that follow.
func keptDocs(t testing.TB, with bool) map[string]json.RawMessage {
	t.Helper()
	docs := map[string]map[string]any{}
	for path, text := range shopDocs {
		var d map[string]any
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Fatal(err)
		}
		docs[path] = d
	}
	if with {
		add := func(entity, name, text string) {
			var f map[string]any
			if err := json.Unmarshal([]byte(text), &f); err != nil {
				t.Fatal(name, err)
			}
			f["title"], f["x-title"] = name, map[string]any{"en-US": name}
			docs["entities/"+entity+".json"]["properties"].(map[string]any)[name] = f
		}
		decimal := `"type":"string","format":"decimal","x-decimal":[18,2],`
		for name, rest := range map[string]string{
			"sold_total": `"function":"sum","value":"total"`,
			"sold_avg":   `"function":"avg","value":"total"`,
			"sold_dev":   `"function":"stddev","value":"total"`,
			"sold_least": `"function":"min","value":"total"`,
			"sold_most":  `"function":"max","value":"total"`,
		} {
			add("region", name, `{`+decimal+`"x-rollup":{"entity":"sale","field":"region",`+rest+`,"where":"state == 'done'"}}`)
		}
		add("region", "sales", `{"type":"integer","x-rollup":{"entity":"sale","field":"region","function":"count"}}`)
		add("region", "days", `{"type":"integer","x-rollup":{"entity":"sale","field":"region","function":"distinct","value":"sold_on"}}`)
		add("region", "first_sale", `{"type":"string","maxLength":50,"x-rollup":{"entity":"sale","field":"region","function":"first","value":"note","order":["sold_on","-total"]}}`)
		add("region", "last_sale", `{"type":"string","maxLength":50,"x-rollup":{"entity":"sale","field":"region","function":"last","value":"note","order":["sold_on"]}}`)
		add("region", "notes", `{"type":"string","maxLength":500,"x-rollup":{"entity":"sale","field":"region","function":"concat","value":"note","order":["-sold_on"],"separator":"+"}}`)
		add("region", "below_total", `{`+decimal+`"x-rollup":{"entity":"region","field":"above","function":"sum","value":"all_total"}}`)
		add("region", "all_total", `{`+decimal+`"x-computed":{"cel":"sold_total","stored":true}}`)
		add("item", "kept_sold", `{"type":"string","format":"decimal","x-decimal":[18,4],"x-rollup":{"entity":"sale_line","field":"item","function":"sum","value":"qty","where":"parent.state == 'done'"}}`)
		add("item", "kept_worth", `{"type":"string","format":"decimal","x-decimal":[18,4],"x-computed":{"cel":"kept_sold * price","stored":true}}`)
		add("item", "region_name", `{"type":"string","maxLength":50,"x-computed":{"cel":"region.name","stored":true}}`)
		add("region", "worth", `{"type":"string","format":"decimal","x-decimal":[18,4],"x-rollup":{"entity":"item","field":"region","function":"sum","value":"kept_worth"}}`)
		add("sale_line", "list_price", `{"type":"string","format":"decimal","x-decimal":[18,4],"x-computed":{"cel":"item.price","stored":true}}`)
		add("sale_line", "region_name", `{"type":"string","maxLength":50,"x-computed":{"cel":"parent.region.name","stored":true}}`)
		add("sale", "list_total", `{`+decimal+`"x-computed":{"cel":"lines.sum(l, l.qty * coalesce(l.list_price, 0.0))","stored":true}}`)
		add("region", "least_cost", `{`+decimal+`"x-rollup":{"entity":"item","field":"region","function":"min","value":"cost"}}`)
		add("region", "items", `{"type":"integer","x-rollup":{"entity":"item","field":"region","function":"count","where":"active"}}`)
		add("region", "cost_sum", `{`+decimal+`"x-rollup":{"entity":"item","field":"region","function":"sum","value":"cost"}}`)
		add("region", "cost_avg", `{`+decimal+`"x-rollup":{"entity":"item","field":"region","function":"avg","value":"cost"}}`)
		add("region", "costs", `{"type":"integer","x-rollup":{"entity":"item","field":"region","function":"distinct","value":"cost"}}`)
		add("region", "last_item", `{"type":"string","maxLength":50,"x-rollup":{"entity":"item","field":"region","function":"last","value":"name","order":["cost","code"]}}`)
		add("region", "list_sold", `{`+decimal+`"x-rollup":{"entity":"sale","field":"region","function":"sum","value":"list_total"}}`)
		add("item", "last_price", `{"type":"string","format":"decimal","x-decimal":[18,4],"x-rollup":{"entity":"sale_line","field":"item","function":"last","value":"price","where":"parent.state == 'done'","order":["parent.sold_on","-qty"]}}`)
		add("item", "most_qty", `{"type":"string","format":"decimal","x-decimal":[18,2],"x-rollup":{"entity":"sale_line","field":"item","function":"max","value":"qty"}}`)
		add("item", "prices", `{"type":"integer","x-rollup":{"entity":"sale_line","field":"item","function":"distinct","value":"price","where":"qty > 3.0"}}`)
		add("region", "fewest", `{"type":"string","format":"decimal","x-decimal":[18,2],"x-rollup":{"entity":"sale_line","field":"parent.region","function":"min","value":"qty"}}`)
		add("region", "marks", `{"type":"string","maxLength":12,"x-rollup":{"entity":"sale","field":"region","function":"concat","value":"note"}}`)
		add("region", "by_state", `{"type":"string","maxLength":50,"x-rollup":{"entity":"sale","field":"region","function":"first","value":"note + '!'","order":["-state","note"]}}`)
		add("region", "latest", `{"type":"string","format":"date","x-rollup":{"entity":"sale","field":"region","function":"max","value":"sold_on","where":"total > 40.0"}}`)
		add("sale", "most", `{"type":"string","format":"decimal","x-decimal":[18,4],"x-rollup":{"entity":"sale_line","field":"parent","function":"max","value":"qty"}}`)
	}
	out := map[string]json.RawMessage{}
	for path, d := range docs {
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		out[path] = text
	}
	return out
}

func (w *world) replaceDocs(docs map[string]json.RawMessage) {
	w.t.Helper()
	body, err := json.Marshal(map[string]any{"documents": docs})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.e.DocumentsPut(context.Background(), w.call(builder(), ""), "shop", "", body); err != nil {
		w.t.Fatal(err)
	}
	w.release("shop")
}

// everything reads all that the records of some entities show, deleted ones left out.
func (s *shop) everything() map[string]record {
	s.t.Helper()
	out := map[string]record{}
	for _, entity := range []string{"region", "item", "sale"} {
		token := ""
		for {
			p, err := s.list(s.boss(), entity, engine.ListRequest{PageSize: 100, PageToken: token})
			if err != nil {
				s.t.Fatal(err)
			}
			for _, r := range p.Records {
				full, err := s.get(s.boss(), entity, r.id())
				if err != nil {
					s.t.Fatal(err)
				}
				out[entity+" "+r.id()] = full
			}
			if token = p.Next; token == "" {
				break
			}
		}
	}
	return out
}

// refilled works all kept values out from nothing: they are taken away and come again as new fields.
func (s *shop) refilled() map[string]record {
	s.t.Helper()
	s.replaceDocs(keptDocs(s.t, false))
	s.replaceDocs(keptDocs(s.t, true))
	if err := s.e.Recompute(context.Background()); err != nil {
		s.t.Fatal(err)
	}
	return s.everything()
}

func (s *shop) sameKept(kept, fresh map[string]record) {
	s.t.Helper()
	if len(kept) != len(fresh) {
		s.t.Errorf("%d records, %d worked out anew", len(kept), len(fresh))
	}
	wrong := 0
	for id, a := range kept {
		b := fresh[id]
		for name := range a {
			x, y := fmt.Sprint(a[name]), fmt.Sprint(b[name])
			if name == "lines" {
				x, y = linesText(a), linesText(b)
			}
			if x != y && wrong < 10 {
				wrong++
				s.t.Errorf("%s keeps %s = %s, worked out anew it is %s", id, name, x, y)
			}
		}
	}
}

func linesText(r record) string {
	var parts []string
	for _, l := range r.lines("lines") {
		line := l.(map[string]any)
		parts = append(parts, fmt.Sprint(line["id"], line["list_price"], line["region_name"]))
	}
	return strings.Join(parts, " ")
}

// What records keep of others is right after any writes: it is what one would work out from nothing.
func TestKeptValuesAreThoseOfARecompute(t *testing.T) {
	for seed := range uint64(3) {
		eachShop(t, func(t *testing.T, s *shop) {
			s.replaceDocs(keptDocs(t, true))
			s.scribble(rand.New(rand.NewPCG(seed, 5)), 150)
			kept := s.everything()
			for _, wrong := range s.e.RolledOtherwise(context.Background(), s.call(s.boss(), "shop")) {
				t.Error(wrong)
			}
			s.sameKept(kept, s.refilled())
			if n := kept["region "+s.east.id()]["sales"]; n == float64(0) || n == nil {
				t.Error("nothing was sold: ", n)
			}
		})
	}
}

// scribble writes at random: new records, changes, links that move, transitions, deletions, restores.
func (s *shop) scribble(r *rand.Rand, n int) {
	s.t.Helper()
	boss := s.boss()
	regions, items := []string{s.east.id(), s.west.id()}, []string{s.pen.id(), s.ink.id()}
	var sales, gone []string
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	lines := func() []record {
		var out []record
		for range 1 + r.IntN(3) {
			out = append(out, record{"item": pick(items), "qty": fmt.Sprint(1+r.IntN(9), ".", r.IntN(100)), "price": fmt.Sprint(60+r.IntN(40), ".", r.IntN(10))})
		}
		return out
	}
	version := func(entity, id string) int64 {
		got, err := s.get(boss, entity, id)
		if err != nil {
			return 0
		}
		return int64(got["version"].(float64))
	}
	for i := range n {
		var err error
		switch op := r.IntN(14); {
		case op < 4 || len(sales) < 3:
			var sale record
			sale, err = s.create(boss, "sale", record{"region": pick(regions), "sold_on": fmt.Sprintf("2025-0%d-11", 1+r.IntN(9)), "note": fmt.Sprint("n", r.IntN(6)), "lines": lines()})
			if err == nil {
				sales = append(sales, sale.id())
			}
		case op < 7:
			_, err = s.transition(boss, "sale", pick(sales), []string{"finish", "finish", "void"}[r.IntN(3)])
		case op < 9:
			id := pick(sales)
			values := []record{{"region": pick(regions)}, {"lines": lines()}, {"note": nil}, {"sold_on": "2025-03-03", "note": "x"}}[r.IntN(4)]
			_, err = s.update(boss, "sale", id, version("sale", id), values)
		case op == 9:
			id := pick(items)
			values := []record{{"price": fmt.Sprint(30+r.IntN(20), ".5")}, {"region": pick(regions)}, {"region": nil}}[r.IntN(3)]
			_, err = s.update(boss, "item", id, version("item", id), values)
		case op == 10:
			id := pick(regions)
			values := []record{{"name": fmt.Sprint("r", i)}, {"above": nil}, {"above": s.east.id()}}[r.IntN(3)]
			if id != s.east.id() || values["above"] == nil {
				_, err = s.update(boss, "region", id, version("region", id), values)
			}
		case op == 11:
			id := pick(sales)
			if _, err = s.e.Delete(context.Background(), s.call(boss, "shop"), "sale", id, 0); err == nil {
				gone = append(gone, id)
				sales = slices.DeleteFunc(sales, func(s string) bool { return s == id })
			}
		case op == 12 && len(gone) > 0:
			id := pick(gone)
			if _, err = s.e.Restore(context.Background(), s.call(boss, "shop"), "sale", id); err == nil {
				sales = append(sales, id)
				gone = slices.DeleteFunc(gone, func(s string) bool { return s == id })
			}
		case op == 13:
			var region record
			if region, err = s.create(boss, "region", record{"name": fmt.Sprint("new", i), "above": pick(regions)}); err == nil {
				regions = append(regions, region.id())
			}
		}
		if err != nil && !errors.As(err, new(*diag.Problem)) {
			s.t.Fatalf("write %d: %v", i, err)
		}
	}
}

// Each function gives what its name says.
func TestRollupFunctions(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(keptDocs(t, true))
		boss := s.boss()
		sell := func(qty, day, note string) record {
			sale, err := s.create(boss, "sale", record{"region": s.east.id(), "sold_on": day, "note": note, "lines": []record{{"item": s.pen.id(), "qty": qty, "price": "20"}}})
			if err != nil {
				t.Fatal(err)
			}
			if sale, err = s.transition(boss, "sale", sale.id(), "finish"); err != nil {
				t.Fatal(err)
			}
			return sale
		}
		want := func(entity, id string, values record) {
			t.Helper()
			got, err := s.get(boss, entity, id)
			if err != nil {
				t.Fatal(err)
			}
			for name, v := range values {
				if fmt.Sprint(got[name]) != fmt.Sprint(v) {
					t.Errorf("%s is %v, want %v", name, got[name], v)
				}
			}
		}
		want("region", s.east.id(), record{"sold_total": "0.00", "sales": 0, "days": 0, "sold_avg": nil, "sold_dev": nil, "sold_least": nil, "notes": nil, "worth": "0.0000"})
		sell("1", "2025-05-01", "a")
		second := sell("2", "2025-04-01", "b")
		sell("4", "2025-05-01", "a")
		want("region", s.east.id(), record{
			"sold_total": "140.00", "sold_avg": "46.67", "sold_dev": "30.55", "sold_least": "20.00", "sold_most": "80.00",
			"sales": 3, "days": 2, "first_sale": "b", "last_sale": "a", "notes": "a+b", "worth": "87.5000", "all_total": "140.00",
		})
		want("item", s.pen.id(), record{"kept_sold": "7.0000", "kept_worth": "87.5000", "region_name": "east"})
		before := s.pen["version"]
		if _, err := s.transition(boss, "sale", second.id(), "void"); err != nil {
			t.Fatal(err)
		}
		want("region", s.east.id(), record{"sold_total": "100.00", "sold_avg": "50.00", "sold_dev": "42.43", "sold_least": "20.00", "sales": 3, "worth": "62.5000"})
		if _, err := s.e.Delete(context.Background(), s.call(boss, "shop"), "sale", second.id(), 0); err == nil {
			t.Error("a frozen sale was deleted")
		}
		// What a record keeps of others gives it no new version: who edits it is not disturbed.
		want("item", s.pen.id(), record{"version": before})
		if _, err := s.update(boss, "region", s.east.id(), 0, record{"name": "far east"}); err != nil {
			t.Fatal(err)
		}
		want("item", s.pen.id(), record{"region_name": "far east"})
		if _, err := s.update(boss, "region", s.east.id(), 0, record{"sold_total": "1"}); err == nil {
			t.Error("a roll-up was written by hand")
		}
	})
}

// A record in the recycle bin follows what it reads, and counts for nothing until it comes back, with what it is then.
func TestDeletedRecordsFollowAndDoNotCount(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(keptDocs(t, true))
		ctx, boss := context.Background(), s.boss()
		sale := s.mustCreate(boss, "sale", map[string]any{"region": s.east.id(), "lines": []any{map[string]any{"item": s.pen.id(), "qty": "2", "price": "20"}}})
		sold := func(want string) {
			t.Helper()
			if r, err := s.get(boss, "region", s.east.id()); err != nil || r["list_sold"] != want {
				t.Errorf("the region sold for %v, want %s (%v)", r["list_sold"], want, err)
			}
		}
		reprice := func(to string) {
			t.Helper()
			if _, err := s.e.Update(ctx, s.call(boss, "shop"), "item", s.pen.id(), 0, []byte(`{"price":"`+to+`"}`), engine.ReadOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		reprice("30")
		sold("60.00")
		if _, err := s.e.Delete(ctx, s.call(boss, "shop"), "sale", sale.id(), 0); err != nil {
			t.Fatal(err)
		}
		sold("0.00")
		reprice("40")
		sold("0.00")
		if _, err := s.e.Restore(ctx, s.call(boss, "shop"), "sale", sale.id()); err != nil {
			t.Fatal(err)
		}
		sold("80.00")
	})
}

// A least value that is kept with fewer digits than rows give it is known again when its row goes.
func TestLeastOfFinerValues(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(keptDocs(t, true))
		ctx, boss := context.Background(), s.boss()
		north := s.mustCreate(boss, "region", map[string]any{"name": "north"})
		var ids []string
		for _, cost := range []string{"1.234", "5.678"} {
			r := s.mustCreate(boss, "item", map[string]any{"code": "F-" + strings.ReplaceAll(cost, ".", ""), "name": "f", "cost": cost, "region": north.id()})
			ids = append(ids, r.id())
		}
		least := func(want any) {
			t.Helper()
			if r, err := s.get(boss, "region", north.id()); err != nil || r["least_cost"] != want {
				t.Errorf("the least is %v, want %v (%v)", r["least_cost"], want, err)
			}
		}
		least("1.23")
		if _, err := s.e.Delete(ctx, s.call(boss, "shop"), "item", ids[0], 0); err != nil {
			t.Fatal(err)
		}
		least("5.68")
	})
}

// Writers at the same time lose nothing of what they add to one record.
func TestManyWritersOfOneSum(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(keptDocs(t, true))
		boss := s.boss()
		const writers, each = 8, 6
		var wg sync.WaitGroup
		var failed sync.Map
		for i := range writers {
			wg.Go(func() {
				for range each {
					body := fmt.Sprintf(`{"region":%q,"note":"w%d","lines":[{"item":%q,"qty":"1","price":"20"}]}`, s.east.id(), i, s.pen.id())
					r, err := s.e.Create(context.Background(), s.call(boss, "shop"), "sale", []byte(body), engine.ReadOptions{})
					if err == nil {
						var sale record
						_ = json.Unmarshal(r.Body, &sale)
						_, err = s.e.Transition(context.Background(), s.call(boss, "shop"), "sale", sale.id(), 0, []byte(`{"transition":"finish"}`), engine.ReadOptions{})
					}
					if err != nil {
						failed.Store(err.Error(), true)
					}
				}
			})
		}
		wg.Wait()
		failed.Range(func(k, _ any) bool { t.Error(k); return true })
		got, err := s.get(boss, "region", s.east.id())
		if err != nil || got["sold_total"] != "960.00" || got["sales"] != float64(48) {
			t.Errorf("%v, %v (%v)", got["sold_total"], got["sales"], err)
		}
		s.sameKept(s.everything(), s.refilled())
	})
}

// Records that an import writes together count once each, in whatever mode and however often the same record keeps them.
func TestImportedRowsAreRolledUp(t *testing.T) {
	for _, mode := range []string{"all_or_nothing", "skip_bad"} {
		eachShop(t, func(t *testing.T, s *shop) {
			s.replaceDocs(keptDocs(t, true))
			boss := s.boss()
			regions := []string{"east", "west"}
			for i := range 40 {
				name := fmt.Sprint("r", i)
				s.mustCreate(boss, "region", record{"name": name, "above": s.east.id()})
				regions = append(regions, name)
			}
			var text strings.Builder
			text.WriteString("编码,名称,价格,成本,地区\n")
			const rows = 2600 // more than are written together
			for i := range rows {
				fmt.Fprintf(&text, "I-%d,杯子 %d,%d,%d.%02d,%s\n", i, i, 10+i%70, i%9, i%100, regions[i*11%len(regions)])
			}
			up := s.upload(boss, text.String())
			if done := s.run(boss, up.Import, `{"mode":"`+mode+`"}`); done.Written != rows {
				t.Fatalf("%+v", done)
			}
			for _, wrong := range s.e.RolledOtherwise(context.Background(), s.call(boss, "shop")) {
				t.Error(wrong)
			}
			west, err := s.get(boss, "region", s.west.id())
			if err != nil || west["least_cost"] == nil || west["items"] != float64(63) {
				t.Errorf("the least cost of %v items is %v (%v)", west["items"], west["least_cost"], err)
			}
		})
	}
}

// Rows of an import are judged by what the rows before them have made of the records that they refer to.
func TestImportedRowsSeeTheRowsBefore(t *testing.T) {
	for mode, written := range map[string]int{"all_or_nothing": 0, "skip_bad": 4} {
		eachShop(t, func(t *testing.T, s *shop) {
			docs := keptDocs(t, true)
			var item map[string]any
			if err := json.Unmarshal(docs["entities/item.json"], &item); err != nil {
				t.Fatal(err)
			}
			item["x-rules"] = []any{map[string]any{"name": "few", "cel": "region.cost_sum < 10", "message": map[string]any{"zh-CN": "多", "en-US": "many"}}}
			docs["entities/item.json"], _ = json.Marshal(item)
			s.replaceDocs(docs)
			s.mustCreate(s.boss(), "region", record{"name": "north"})
			text := "编码,名称,价格,成本,地区\n"
			for i := range 9 {
				text += fmt.Sprintf("N-%d,杯子,20,3,north\n", i)
			}
			up := s.upload(s.boss(), text)
			if done := s.run(s.boss(), up.Import, `{"mode":"`+mode+`"}`); done.Written != written {
				t.Errorf("%s has written %d, want %d", mode, done.Written, written)
			}
		})
	}
}

// A sum that outgrows its field refuses the write that would make it so, and nothing is changed.
func TestSumsThatOutgrowTheirFieldAreRefused(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		docs := keptDocs(t, true)
		docs["entities/region.json"] = json.RawMessage(strings.Replace(string(docs["entities/region.json"]), `"properties":{`,
			`"properties":{"small":{"type":"string","format":"decimal","x-decimal":[6,2],"title":"s","x-title":{"en-US":"s"},"x-rollup":{"entity":"item","field":"region","function":"sum","value":"cost"}},`, 1))
		s.replaceDocs(docs)
		north := s.mustCreate(s.boss(), "region", record{"name": "north"})
		item := func(code, cost string) error {
			_, err := s.create(s.boss(), "item", record{"code": code, "name": "x", "cost": cost, "region": north.id()})
			return err
		}
		if err := item("S-1", "9999"); err != nil {
			t.Fatal(err)
		}
		refused(t, item("S-2", "5"), "record.too_precise", "")
		refused(t, item("S-3", "1"), "record.too_precise", "")
		if err := item("S-4", "0.99"); err != nil {
			t.Error(err)
		}
		if r, err := s.get(s.boss(), "region", north.id()); err != nil || r["small"] != "9999.99" || r["items"] != float64(2) {
			t.Errorf("%v, %v (%v)", r["small"], r["items"], err)
		}
	})
}

// Where records keep nothing but sums and counts, a change is added to them without reading them first on some databases:
// it comes to the same, also with several writers at once.
func TestSumsAndCountsAlone(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		docs := keptDocs(t, true)
		keep := []string{"name", "above", "sold_total", "sales", "below_total", "all_total", "worth", "items", "cost_sum", "kept_sold", "kept_worth"}
		for _, path := range []string{"entities/region.json", "entities/item.json"} {
			var doc map[string]any
			if err := json.Unmarshal(docs[path], &doc); err != nil {
				t.Fatal(err)
			}
			for name, f := range doc["properties"].(map[string]any) {
				if f.(map[string]any)["x-rollup"] != nil && !slices.Contains(keep, name) {
					delete(doc["properties"].(map[string]any), name)
				}
			}
			docs[path], _ = json.Marshal(doc)
		}
		s.replaceDocs(docs)
		var writers sync.WaitGroup
		for i := range uint64(3) {
			writers.Go(func() { s.scribble(rand.New(rand.NewPCG(i, 17)), 50) })
		}
		writers.Wait()
		for _, wrong := range s.e.RolledOtherwise(context.Background(), s.call(s.boss(), "shop")) {
			t.Error(wrong)
		}
	})
}
