package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tenon/engine"
	"tenon/engine/store/lower"
	"tenon/metamodel/diag"
)

// postedDocs lets documents and their lines keep what they have posted to the stock: a sale and its lines what went out
// and what that cost, a purchase what it brought.
func postedDocs(t testing.TB, with bool) map[string]json.RawMessage {
	docs := stockDocs(t)
	add := func(entity, name, text string) {
		var f map[string]any
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			t.Fatal(name, err)
		}
		f["title"], f["x-title"] = name, map[string]any{"en-US": name}
		edit(docs, "entities/"+entity+".json", func(d map[string]any) { d["properties"].(map[string]any)[name] = f })
	}
	money := `"type":"string","format":"decimal","x-decimal":[18,2],`
	line := `"entity":"stock_entry","field":"line","where":"!voided",`
	docs["entities/use.json"] = json.RawMessage(`{"$schema":"https://json-schema.org/draft/2020-12/schema","x-kind":"entity","x-version":1,"x-name":"use","title":"领用单","x-title":{"en-US":"Use"},"type":"object",
		"required":["region","used_on"],"properties":{
		"code":{"type":"string","title":"单号","x-title":{"en-US":"Number"},"maxLength":20},
		"region":{"type":"string","format":"uuid","title":"地区","x-title":{"en-US":"Region"},"x-ref":{"entity":"region","on-delete":"restrict"}},
		"used_on":{"type":"string","format":"date","title":"日期","x-title":{"en-US":"Date"}},
		"ready":{"type":"boolean","title":"已领","x-title":{"en-US":"Ready"}},
		"lines":{"type":"array","maxItems":100,"title":"明细","x-title":{"en-US":"Lines"},"x-lines":"use_line"}},
		"x-display":"code",
		"x-postings":[{"name":"use","title":"领用","x-title":{"en-US":"Use"},"ledger":"stock","verb":"out","each":"lines","when":"parent.ready","day":"parent.used_on","dimensions":{"item":"item","region":"parent.region"},"quantity":"qty"}]}`)
	docs["entities/use_line.json"] = json.RawMessage(`{"$schema":"https://json-schema.org/draft/2020-12/schema","x-kind":"entity","x-version":1,"x-name":"use_line","title":"领用明细","x-title":{"en-US":"Use line"},"type":"object",
		"required":["item","qty"],"properties":{
		"item":{"type":"string","format":"uuid","title":"商品","x-title":{"en-US":"Item"},"x-ref":{"entity":"item","on-delete":"restrict"}},
		"qty":{"type":"string","format":"decimal","x-decimal":[18,4],"title":"数量","x-title":{"en-US":"Quantity"}}}}`)
	edit(docs, "roles/boss.json", func(d map[string]any) {
		d["grants"] = append(d["grants"].([]any), map[string]any{"entity": "use", "actions": []string{"read", "create", "update", "delete", "import"}})
	})
	if !with {
		return docs
	}
	for _, entity := range []string{"sale_line", "use_line"} {
		add(entity, "went", `{"type":"string","format":"decimal","x-decimal":[18,4],"x-rollup":{`+line+`"function":"sum","value":"quantity"}}`)
		add(entity, "worth", `{`+money+`"x-rollup":{`+line+`"function":"sum","value":"value"}}`)
		add(entity, "entries", `{"type":"integer","x-rollup":{`+line+`"function":"count"}}`)
		add(entity, "mean", `{`+money+`"x-rollup":{`+line+`"function":"avg","value":"value"}}`)
		add(entity, "days", `{"type":"integer","x-rollup":{`+line+`"function":"distinct","value":"day"}}`)
		add(entity, "numbers", `{"type":"string","maxLength":200,"x-rollup":{`+line+`"function":"concat","value":"code","order":["seq"]}}`)
		add(entity, "last_worth", `{`+money+`"x-rollup":{`+line+`"function":"last","value":"value","order":["day","seq"]}}`)
		add(entity, "least_worth", `{`+money+`"x-rollup":{`+line+`"function":"min","value":"value"}}`)
	}
	add("sale_line", "cost", `{`+money+`"x-computed":{"cel":"parent.state == 'done' ? 0.0 - worth : null","stored":true}}`)
	add("sale", "worth", `{`+money+`"x-rollup":{"entity":"stock_entry","field":"document","where":"!voided","function":"sum","value":"value"}}`)
	add("sale", "cost_total", `{`+money+`"x-computed":{"cel":"lines.sum(l, coalesce(l.cost, 0.0))","stored":true}}`)
	add("sale", "dearest", `{`+money+`"x-rollup":{"entity":"sale_line","field":"parent","function":"max","value":"cost"}}`)
	add("item", "used", `{`+money+`"x-rollup":{"entity":"use_line","field":"item","function":"sum","value":"worth"}}`)
	add("use", "costs", `{`+money+`"x-rollup":{"entity":"use_line","field":"parent","function":"sum","value":"worth"}}`)
	add("purchase", "brought", `{`+money+`"x-rollup":{"entity":"stock_entry","field":"document","where":"!voided","function":"sum","value":"value"}}`)
	add("region", "costs", `{`+money+`"x-rollup":{"entity":"sale","field":"region","function":"sum","value":"cost_total"}}`)
	add("item", "costs", `{`+money+`"x-rollup":{"entity":"sale_line","field":"item","function":"sum","value":"cost"}}`)
	return docs
}

// edit changes a document of some.
func edit(docs map[string]json.RawMessage, path string, change func(map[string]any)) {
	var d map[string]any
	if err := json.Unmarshal(docs[path], &d); err != nil {
		panic(err)
	}
	change(d)
	docs[path], _ = json.Marshal(d)
}

func eachPosted(t *testing.T, test func(t *testing.T, s *shop)) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(postedDocs(t, true))
		test(t, s)
	})
}

func (s *shop) proven() {
	s.t.Helper()
	if v := s.verify(`{}`); len(v.Differences) > 0 || v.Checked.Rollups == 0 {
		s.t.Fatalf("%+v", v)
	}
}

// line is a line of a record as it is now.
func (s *shop) line(entity, id string, i int) record {
	s.t.Helper()
	r, err := s.get(s.boss(), entity, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return r.lines("lines")[i].(map[string]any)
}

func TestLinesKeepWhatTheyPosted(t *testing.T) {
	eachPosted(t, func(t *testing.T, s *shop) {
		late := s.buy(s.pen, "2025-03-05", "10", "200")
		s.buy(s.ink, "2025-03-05", "10", "30")
		sale := s.mustCreate(s.boss(), "sale", record{"region": s.east.id(), "sold_on": "2025-03-10", "lines": []record{
			{"item": s.pen.id(), "qty": "4", "price": "100"}, {"item": s.ink.id(), "qty": "2", "price": "100"},
		}})
		if l := s.line("sale", sale.id(), 0); l["worth"] != "0.00" || l["cost"] != nil || l["entries"] != float64(0) {
			t.Errorf("before it is posted: %v", l)
		}
		done, err := s.transition(s.boss(), "sale", sale.id(), "finish")
		if err != nil {
			t.Fatal(err)
		}
		if l := done.lines("lines")[0].(map[string]any); l["cost"] != "80.00" || done["cost_total"] != "86.00" || done["worth"] != "-86.00" || done["dearest"] != "80.00" {
			t.Errorf("the answer has %v of %v", l, done)
		}
		first := s.buy(s.pen, "2025-03-01", "10", "100") // the average is 15 now
		if l := s.line("sale", sale.id(), 0); l["cost"] != "60.00" || l["went"] != "-4.0000" {
			t.Errorf("after a purchase of an earlier day: %v", l)
		}
		got, err := s.get(s.boss(), "sale", sale.id())
		if err != nil || got["cost_total"] != "66.00" || got["worth"] != "-66.00" || got["dearest"] != "60.00" {
			t.Errorf("%v (%v)", got, err)
		}
		if r, err := s.get(s.boss(), "region", s.east.id()); err != nil || r["costs"] != "66.00" {
			t.Errorf("the region keeps %v (%v)", r["costs"], err)
		}
		if r, err := s.get(s.boss(), "purchase", first.id()); err != nil || r["brought"] != "100.00" {
			t.Errorf("the purchase keeps %v (%v)", r["brought"], err)
		}
		s.proven()
		if _, err := s.e.Delete(context.Background(), s.call(s.boss(), "shop"), "purchase", late.id(), 0); err != nil {
			t.Fatal(err)
		}
		if l := s.line("sale", sale.id(), 0); l["cost"] != "40.00" {
			t.Errorf("after the later purchase is gone: %v", l)
		}
		if _, err := s.transition(s.boss(), "sale", sale.id(), "void"); err != nil {
			t.Fatal(err)
		}
		if l := s.line("sale", sale.id(), 0); l["worth"] != "0.00" || l["cost"] != nil || l["days"] != float64(0) || l["mean"] != nil {
			t.Errorf("after it was voided: %v", l)
		}
		s.proven()
	})
}

// What documents and lines keep of what they posted is right after any writes: back-dated, changed, with lines that come
// and go, posted as they are created, deleted and restored.
func TestEntriesAreRolledUpInAnyHistory(t *testing.T) {
	for seed := range uint64(3) {
		eachPosted(t, func(t *testing.T, s *shop) {
			s.scribblePosted(rand.New(rand.NewPCG(seed, 11)), 150)
			for _, wrong := range s.e.RolledOtherwise(context.Background(), s.call(s.boss(), "shop")) {
				t.Error(wrong)
			}
			s.proven()
			kept := s.posted()
			s.replaceDocs(postedDocs(t, false))
			s.replaceDocs(postedDocs(t, true))
			if err := s.e.Recompute(context.Background()); err != nil {
				t.Fatal(err)
			}
			for id, now := range s.posted() {
				if fmt.Sprint(now) != fmt.Sprint(kept[id]) {
					t.Errorf("%s is %v, kept as %v", id, now, kept[id])
				}
			}
			posted := 0
			for _, r := range kept {
				if r["costs"] != nil && r["costs"] != "0.00" {
					posted++
				}
			}
			if posted == 0 {
				t.Error("nothing was posted")
			}
		})
	}
}

// posted are all documents that post, with their lines.
func (s *shop) posted() map[string]record {
	s.t.Helper()
	out := map[string]record{}
	for _, entity := range []string{"use", "purchase", "sale", "item", "region"} {
		for _, r := range s.all(entity) {
			full, err := s.get(s.boss(), entity, r.id())
			if err != nil {
				s.t.Fatal(err)
			}
			out[entity+" "+r.id()] = full
		}
	}
	return out
}

// scribblePosted writes documents that post at random.
func (s *shop) scribblePosted(r *rand.Rand, n int) {
	s.t.Helper()
	boss := s.boss()
	items, regions := []string{s.pen.id(), s.ink.id()}, []string{s.east.id(), s.west.id()}
	ids, gone := map[string][]string{}, map[string][]string{}
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	day := func() string { return fmt.Sprintf("2025-%02d-%02d", 1+r.IntN(3), 1+r.IntN(28)) }
	line := func() record {
		return record{"item": pick(items), "qty": fmt.Sprint(1+r.IntN(5), ".", r.IntN(100)), "price": "100"}
	}
	for i := range n {
		entity := []string{"use", "use", "purchase", "sale"}[r.IntN(4)]
		known := ids[entity]
		var err error
		switch op := r.IntN(12); {
		case len(known) < 3 || op < 4:
			values := record{"region": pick(regions)}
			switch entity {
			case "use":
				values["code"], values["used_on"], values["ready"], values["lines"] = fmt.Sprint("U", i), day(), r.IntN(3) > 0, useLines(line, 1+r.IntN(3))
			case "purchase":
				values["item"], values["bought_on"], values["qty"], values["amount"] = pick(items), day(), fmt.Sprint(20+r.IntN(50)), fmt.Sprint(100+r.IntN(900), ".", r.IntN(100))
			case "sale":
				values["sold_on"], values["lines"] = day(), []record{line(), line()}
			}
			var made record
			if made, err = s.create(boss, entity, values); err == nil {
				ids[entity] = append(known, made.id())
			}
		case op < 7:
			err = s.scribbleOne(r, entity, pick(known), day(), line)
		case op < 9 && entity == "sale":
			_, err = s.transition(boss, "sale", pick(known), []string{"finish", "finish", "void"}[r.IntN(3)])
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

func useLines(line func() record, n int) []record {
	var out []record
	for range n {
		l := line()
		delete(l, "price")
		out = append(out, l)
	}
	return out
}

// scribbleOne changes a document: its day, its amounts, its lines.
func (s *shop) scribbleOne(r *rand.Rand, entity, id, day string, line func() record) error {
	boss := s.boss()
	if entity == "purchase" {
		_, err := s.update(boss, entity, id, 0, []record{{"bought_on": day}, {"qty": fmt.Sprint(20 + r.IntN(50))}, {"amount": fmt.Sprint(r.IntN(900))}}[r.IntN(3)])
		return err
	}
	if entity == "sale" {
		_, err := s.update(boss, entity, id, 0, record{"sold_on": day})
		return err
	}
	now, err := s.get(boss, entity, id)
	if err != nil {
		return err
	}
	lines := []record{}
	for i, l := range now.lines("lines") {
		old := l.(map[string]any)
		switch r.IntN(4) {
		case 0: // goes
		case 1:
			lines = append(lines, record{"id": old["id"], "qty": fmt.Sprint(1 + r.IntN(6))})
		default:
			lines = append(lines, record{"id": old["id"]})
		}
		if i == 0 && r.IntN(2) == 0 {
			lines = append(lines, useLines(line, 1)...)
		}
	}
	values := []record{{"used_on": day}, {"ready": r.IntN(2) == 0}, {"lines": lines}, {"lines": lines, "ready": true}}[r.IntN(4)]
	_, err = s.update(boss, entity, id, 0, values)
	return err
}

// What a line keeps of what it posted can be proven, and explained; nobody can write it, and it survives a change of the
// line.
func TestEntriesOfALineAreProvenAndExplained(t *testing.T) {
	eachBehind(t, func(t *testing.T, s *shop, behind func(string)) {
		s.replaceDocs(postedDocs(t, true))
		s.buy(s.pen, "2025-03-05", "10", "200")
		use := s.mustCreate(s.boss(), "use", record{"region": s.east.id(), "used_on": "2025-03-10", "ready": true, "lines": []record{{"item": s.pen.id(), "qty": "4"}, {"item": s.pen.id(), "qty": "1"}}})
		first := use.lines("lines")[0].(map[string]any)
		if first["worth"] != "-80.00" || use["costs"] != "-100.00" {
			t.Errorf("posted as it was created: %v", use)
		}
		id := first["id"].(string)
		if _, err := s.update(s.boss(), "use", use.id(), 0, record{"lines": []record{{"id": id, "worth": "5"}}}); !hasCode(err, "record.field_not_writable", "/lines/0/worth") {
			t.Errorf("a kept value was written by hand: %v", err)
		}
		now, err := s.update(s.boss(), "use", use.id(), 0, record{"code": "U1", "lines": []record{{"qty": "2", "item": s.pen.id()}, {"id": id}}})
		if err != nil {
			t.Fatal(err)
		}
		if a, b := now.lines("lines")[0].(map[string]any), now.lines("lines")[1].(map[string]any); a["worth"] != "-40.00" || b["worth"] != "-80.00" || b["id"] != id || now["costs"] != "-120.00" {
			t.Errorf("after a line came before it and another went: %v", now)
		}
		x, _ := s.why(s.boss(), "use", use.id(), "lines.worth", id)
		if x.Kind != "rollup" || x.Value != "-80.00" || x.Line != id || len(x.Rows) != 1 || x.Rows[0].Value != "-80.00" || x.Rows[0].Entity != "stock_entry" {
			t.Errorf("%+v", x)
		}
		s.proven()
		for _, b := range []string{
			set(s.field("use_line", "worth"), "12345", id),
			`UPDATE "` + lower.Table(s.field("use_line", "mean").Entity) + `" SET "` + lower.Sums(s.field("use_line", "mean"))[1] + `" = '777' WHERE id = '` + id + `'`,
			`UPDATE rollup_values SET n = 7 WHERE keeper = '` + id + `' AND field = '` + string(s.field("use_line", "days").ID) + `'`,
		} {
			behind(b)
		}
		found := map[string]bool{}
		for _, d := range s.verify("").Differences {
			found[d.Name+" "+d.Law+" "+d.Record+" "+d.Line+" "+d.Field] = true
		}
		for _, want := range []string{"use_line.worth  ", "use_line.mean sums ", "use_line.days values "} {
			name, _, _ := strings.Cut(want, " ")
			if !found[want+use.id()+" "+id+" lines."+strings.TrimPrefix(name, "use_line.")] {
				t.Errorf("%s is not named: %v", want, found)
			}
		}
	})
}

// What jobs and what the ledger work out afterwards, and imported documents, come to the same.
func TestEntriesAreRolledUpAfterwards(t *testing.T) {
	eachPosted(t, func(t *testing.T, s *shop) {
		text := "单号,商品,地区,日期,数量,金额\n"
		for i := range 60 {
			text += fmt.Sprintf("P%d,钢笔,east,2025-03-%02d,%d,%d.50\n", i, 1+i%20, 5+i%3, 70+i%9)
		}
		up := s.uploadAs(s.boss(), "purchase", "purchases.csv", text)
		if done := s.runImport(s.boss(), "purchase", up.Import, `{"mode":"all_or_nothing"}`); done.Written != 60 {
			t.Fatalf("%+v", done)
		}
		if p := s.all("purchase"); p[3]["brought"] != p[3]["amount"] {
			t.Errorf("an imported purchase brought %v of %v", p[3]["brought"], p[3]["amount"])
		}
		s.proven()
		e, err := engine.New(context.Background(), engine.Options{
			Store: s.store, Now: func() time.Time { return s.now }, Logger: slog.New(slog.DiscardHandler), PageKey: []byte("k"), LedgerBound: 5, DeriveBound: 2,
		})
		if err != nil {
			t.Fatal(err)
		}
		s.e = e
		for i := range 12 {
			s.mustCreate(s.boss(), "use", record{"region": s.east.id(), "used_on": fmt.Sprintf("2025-04-%02d", 1+i), "ready": true, "lines": []record{{"item": s.pen.id(), "qty": "2"}, {"item": s.pen.id(), "qty": "3"}}})
		}
		s.buy(s.pen, "2025-02-01", "100", "9000") // what all of them cost
		s.recompute()
		if err := s.e.RevalueLedgers(context.Background()); err != nil {
			t.Fatal(err)
		}
		s.recompute()
		s.proven()
		for _, wrong := range s.e.RolledOtherwise(context.Background(), s.call(s.boss(), "shop")) {
			t.Error(wrong)
		}
		last := s.all("use")[11]
		if worth := last.lines("lines")[1].(map[string]any)["worth"]; worth == "0.00" || last["computing"] != nil {
			t.Errorf("the last one keeps %v: %v", worth, last["computing"])
		}
		// A release works out what many documents keep, in a job.
		kept := s.posted()
		s.replaceDocs(postedDocs(t, false))
		s.replaceDocs(postedDocs(t, true))
		s.recompute()
		for id, now := range s.posted() {
			if fmt.Sprint(now) != fmt.Sprint(kept[id]) {
				t.Errorf("%s is %v, kept as %v", id, now, kept[id])
			}
		}
	})
}

// A posting can't be judged by what it has posted itself.
func TestEntryCircle(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		docs := postedDocs(t, true)
		edit(docs, "entities/use.json", func(d map[string]any) {
			d["x-postings"].([]any)[0].(map[string]any)["when"] = "parent.ready && worth < 5.0"
		})
		body, _ := json.Marshal(map[string]any{"documents": docs})
		r, err := s.e.DocumentsPut(context.Background(), s.call(builder(), ""), "shop", "", body)
		if err != nil || !containsCode(r.Body, "posting.cycle") || !strings.Contains(string(r.Body), "use_line.worth") {
			t.Errorf("a circle was taken: %s (%v)", r.Body, err)
		}
	})
}
