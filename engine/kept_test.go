package engine_test

import (
	"bytes"
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
	"tenon/engine/store"
	"tenon/engine/store/lower"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// keptCards adds a dashboard to the shop whose cards are kept: by days, months, references, choices, moments, over the
// sales and over their lines, with filters and without.
func keptCards(docs map[string]json.RawMessage, more ...string) map[string]json.RawMessage {
	card := func(name, typ, entity, rest string) string {
		return fmt.Sprintf(`{"name":%q,"title":%q,"x-title":{"en-US":%q},"type":%q,"entity":%q,"keep":true,%s}`, name, name, name, typ, entity, rest)
	}
	cards := []string{
		card("by_month", "bar", "sale", `"measures":[{"name":"amount","op":"sum","field":"total"},{"name":"mean","op":"avg","field":"total"}],"group":[{"field":"sold_on","by":"month"}],"filter":"state == 'done'","bind":{"period":"sold_on","region":"region"}`),
		card("by_region", "pie", "sale", `"measures":[{"name":"orders","op":"count"}],"group":[{"field":"region"}]`),
		card("by_week", "line", "sale", `"measures":[{"name":"orders","op":"count"},{"name":"noted","op":"count","field":"note"}],"group":[{"field":"created_at","by":"week"},{"field":"state"}]`),
		card("by_item", "pivot", "sale_line", `"measures":[{"name":"qty","op":"sum","field":"qty"},{"name":"amount","op":"sum","field":"amount"}],"group":[{"field":"item"},{"field":"parent.state"},{"field":"parent.region.name"}],"bind":{"period":"parent.sold_on"}`),
		card("big_lines", "pivot", "sale_line", `"measures":[{"name":"n","op":"count"},{"name":"price","op":"avg","field":"price"}],"group":[{"field":"parent.sold_on","by":"quarter"}],"filter":"qty > 3.0 && parent.state != 'void' && amount != 77.0"`),
		card("all", "number", "sale", `"measures":[{"name":"n","op":"count"},{"name":"amount","op":"sum","field":"total"}],"compare":"previous_period","bind":{"period":"sold_on"}`),
		card("flow", "pivot", "sale", `"flat":true,"measures":[{"name":"before","op":"sum","field":"total","span":"before"},{"name":"big","op":"sum","field":"total","where":"total > 60.0","minus":true},{"name":"bigs","op":"count","where":"total > 60.0"},{"name":"mean","op":"avg","field":"total","where":"total <= 60.0 && note != 'x'"},{"name":"after","op":"sum","field":"total","span":"until"}],"group":[{"field":"region"}],"filter":"state == 'done'","bind":{"period":"sold_on"}`),
		card("line_flow", "pivot", "sale_line", `"flat":true,"measures":[{"name":"before","op":"sum","field":"amount","span":"before"},{"name":"few","op":"sum","field":"qty","where":"qty < 5.0 && parent.state != 'void'"},{"name":"until","op":"sum","field":"qty","span":"until"}],"group":[{"field":"item"}],"bind":{"period":"parent.sold_on","region":"parent.region"}`),
		card("moments", "bar", "sale", `"measures":[{"name":"n","op":"count"},{"name":"total","op":"sum","field":"total","where":"total > 10.0"}],"group":[{"field":"region.name"}],"bind":{"period":"created_at"}`),
		card("notes", "bar", "sale", `"measures":[{"name":"n","op":"count"}],"group":[{"field":"note"},{"field":"owner"}]`),
	}
	for i := 0; i+3 < len(more); i += 4 {
		cards = append(cards, card(more[i], more[i+1], more[i+2], more[i+3]))
	}
	list := ""
	for i, c := range cards {
		if i > 0 {
			list += ","
		}
		list += c
	}
	docs["views/board.json"] = json.RawMessage(`{"x-kind":"view","x-version":1,"x-name":"board","title":"看板","x-title":{"en-US":"Board"},"type":"dashboard",
		"filters":[{"name":"period","title":"期间","x-title":{"en-US":"Period"},"kind":"period"},{"name":"region","title":"地区","x-title":{"en-US":"Region"},"kind":"reference","entity":"region"}],
		"cards":[` + list + `]}`)
	return docs
}

// withoutCards takes the dashboard away again.
func withoutCards(docs map[string]json.RawMessage) map[string]json.RawMessage {
	docs["views/board.json"] = json.RawMessage("null")
	return docs
}

func (s *shop) fillKept() {
	s.t.Helper()
	if err := s.e.FillKept(context.Background()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) sameGroups(r *rand.Rand, n int) {
	s.t.Helper()
	asked, wrong := s.e.KeptOtherwise(context.Background(), s.call(policy.Itself(), "shop"), r, n)
	for i, w := range wrong {
		if i < 5 {
			s.t.Error(w)
		}
	}
	if asked < 2 {
		s.t.Errorf("%d questions were answered from what is kept", asked)
	}
}

// disturb moves some sales on, whenever they were made, and deletes some.
func (s *shop) disturb(r *rand.Rand) {
	s.t.Helper()
	p, err := s.list(s.boss(), "sale", engine.ListRequest{PageSize: 100})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, sale := range p.Records {
		var err error
		switch r.IntN(6) {
		case 0:
			_, err = s.transition(s.boss(), "sale", sale.id(), "finish")
		case 1:
			_, err = s.transition(s.boss(), "sale", sale.id(), "void")
		case 2:
			_, err = s.e.Delete(context.Background(), s.call(s.boss(), "shop"), "sale", sale.id(), 0)
		}
		if err != nil && !errors.As(err, new(*diag.Problem)) {
			s.t.Fatal(err)
		}
	}
}

// What is kept of groups is what the records come to, after any writes, before, while and after it is filled.
func TestKeptGroupsAreThoseOfTheRecords(t *testing.T) {
	for seed := range uint64(2) {
		eachShop(t, func(t *testing.T, s *shop) {
			r := rand.New(rand.NewPCG(seed, 11))
			s.e.SetKeptBatch(4)
			s.replaceDocs(keptDocs(t, true))
			s.scribble(r, 25)
			s.replaceDocs(keptCards(keptDocs(t, true)))
			for range 5 {
				s.scribble(r, 6)
				s.disturb(r)
				if err := s.e.FillKeptOnce(context.Background(), s.call(policy.Itself(), "shop")); err != nil {
					t.Fatal(err)
				}
			}
			s.scribble(r, 10)
			s.fillKept()
			s.sameGroups(r, 20)
			s.scribble(r, 30)
			s.sameGroups(r, 40)
			s.replaceDocs(withoutCards(keptDocs(t, true)))
			s.scribble(r, 20)
			s.replaceDocs(keptCards(keptDocs(t, true)))
			s.fillKept()
			s.sameGroups(r, 20)
			all := s.verify("")
			if len(all.Differences) > 0 || all.Checked.Aggregates == 0 {
				t.Errorf("%+v", all)
			}
			some := s.verify(`{"sample":3}`)
			if most := 3 * len(s.call(s.boss(), "shop").Snap.Aggregates()); len(some.Differences) > 0 || some.Checked.Aggregates < most/3 || some.Checked.Aggregates > most {
				t.Errorf("of a sample: %+v", some)
			}
			if v := s.verify(`{"sample":1000}`); len(v.Differences) > 0 || v.Checked.Aggregates != all.Checked.Aggregates {
				t.Errorf("of a sample of all: %+v", v)
			}
		})
	}
}

type answer struct {
	Groups []struct {
		Key    map[string]any
		Values map[string]any
	}
	Kept bool
}

func (s *shop) ask(a *policy.Actor, entity, body string) answer {
	s.t.Helper()
	r, err := s.e.Aggregate(context.Background(), s.call(a, "shop"), entity, []byte(body))
	return must[answer](s.t, r, err)
}

type cardAnswer struct {
	Rows []struct {
		Key      map[string]any
		Measures map[string]any
	}
	Total map[string]any
	Kept  bool
}

func (s *shop) board(a *policy.Actor, body string) map[string]cardAnswer {
	s.t.Helper()
	r, err := s.e.DashboardData(context.Background(), s.call(a, "shop"), "board", []byte(body))
	return must[struct{ Cards map[string]cardAnswer }](s.t, r, err).Cards
}

// sold makes a sale of one piece, finished.
func (s *shop) sold(region record, day, price string) record {
	s.t.Helper()
	sale := s.mustCreate(s.boss(), "sale", record{"region": region.id(), "sold_on": day, "lines": []record{{"item": s.pen.id(), "qty": "1", "price": price}}})
	if _, err := s.transition(s.boss(), "sale", sale.id(), "finish"); err != nil {
		s.t.Fatal(err)
	}
	return sale
}

// A question is answered from what is kept where it has the answer, and says so; from the records otherwise.
func TestKeptAnswers(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(keptDocs(t, false))
		s.sold(s.east, "2025-02-27", "20")
		s.replaceDocs(keptCards(keptDocs(t, false)))
		if s.ask(s.boss(), "sale", `{"group_by":["region"]}`).Kept || s.board(s.boss(), "{}")["by_region"].Kept {
			t.Error("answered from what is not ready")
		}
		s.fillKept()
		s.sold(s.east, "2025-03-01", "30")
		s.sold(s.west, "2025-03-31", "50")
		s.sold(s.east, "2026-01-01", "100")
		for _, c := range []struct {
			entity, body string
			kept         bool
			want         string
		}{
			{"sale", `{}`, true, "map[] map[count:4]"},
			{"sale", `{"group_by":["sold_on:month"],"filter":"state == 'done'","measures":[{"fn":"sum","field":"total"},{"fn":"avg","field":"total"}]}`, true, "map[sold_on:month:2025-02-01] map[avg_total:20.00 sum_total:20.00];map[sold_on:month:2025-03-01] map[avg_total:40.00 sum_total:80.00];map[sold_on:month:2026-01-01] map[avg_total:100.00 sum_total:100.00]"},
			{"sale", `{"group_by":["sold_on:quarter"],"filter":"state == 'done' && sold_on > date('2025-02-27')","measures":[{"fn":"sum","field":"total"}]}`, true, "map[sold_on:quarter:2025-01-01] map[sum_total:80.00];map[sold_on:quarter:2026-01-01] map[sum_total:100.00]"},
			{"sale", `{"group_by":["region.name"],"filter":"region.name != 'south'"}`, true, "map[region.name:east] map[count:3];map[region.name:west] map[count:1]"},
			{"sale", `{"filter":"sold_on >= date('2025-03-01') && sold_on <= date('2025-03-31')"}`, true, "map[] map[count:2]"},
			{"sale", `{"filter":"sold_on > today()"}`, true, "map[] map[count:0]"},
			{"sale", `{"filter":"total > 40.0"}`, false, "map[] map[count:2]"},
			{"sale", `{"measures":[{"fn":"max","field":"total"}]}`, false, "map[] map[max_total:100.00]"},
			{"sale", `{"search":"S2","group_by":["region"]}`, false, ""},
			{"sale", `{"group_by":["created_at:week"],"filter":"created_at >= datetime('2026-03-08T16:00:00Z')"}`, true, "map[created_at:week:2026-03-09] map[count:4]"},
			{"sale", `{"group_by":["created_at:week"],"filter":"created_at >= datetime('2026-03-08T17:00:00Z')"}`, false, "map[created_at:week:2026-03-09] map[count:4]"},
			{"sale", `{"group_by":["created_at:month"]}`, true, "map[created_at:month:2026-03-01] map[count:4]"},
			{"sale", `{"group_by":["state"],"measures":[{"fn":"count","field":"note","as":"n"}]}`, true, "map[state:done] map[n:0]"},
			{"sale", `{"measures":[{"fn":"count","where":"state == 'done'","as":"done"},{"fn":"count","where":"state == 'draft'","as":"drafts"}]}`, true, "map[] map[done:4 drafts:0]"},
			{"sale", `{"measures":[{"fn":"sum","field":"total","where":"sold_on >= date('2025-03-31')","as":"late"}],"filter":"state == 'done'"}`, true, "map[] map[late:150.00]"},
			{"sale", `{"measures":[{"fn":"count","where":"total > 40.0","as":"n"}]}`, false, "map[] map[n:2]"},
			{"item", `{"group_by":["grade"]}`, false, ""},
		} {
			got := s.ask(s.boss(), c.entity, c.body)
			text := ""
			for i, g := range got.Groups {
				if i > 0 {
					text += ";"
				}
				text += fmt.Sprint(g.Key, " ", g.Values)
			}
			if got.Kept != c.kept || c.want != "" && text != c.want {
				t.Errorf("%s:\nkept %v: %s\nwant %v: %s", c.body, got.Kept, text, c.kept, c.want)
			}
		}
		cards := s.board(s.boss(), `{"filters":{"period":{"from":"2025-03-01","to":"2025-12-31"},"region":"`+s.east.id()+`"}}`)
		for name, card := range cards {
			if !card.Kept {
				t.Errorf("card %s is not answered from what is kept", name)
			}
		}
		if c := cards["by_month"]; len(c.Rows) != 1 || c.Rows[0].Measures["amount"] != "30.00" || c.Total["mean"] != "30.00" {
			t.Errorf("by month: %+v", c)
		}
		s.mustCreate(s.boss(), "sale", record{"region": s.west.id(), "sold_on": "2025-03-02", "lines": []record{{"item": s.pen.id(), "qty": "1", "price": "9"}}})
		byRegion := `{"group_by":["region"],"filter":"region == '` + s.west.id() + `'%s","measures":[{"fn":"sum","field":"total"}]}`
		if got := s.ask(s.boss(), "sale", fmt.Sprintf(byRegion, " && state == 'done'")); !got.Kept || got.Groups[0].Values["sum_total"] != "50.00" {
			t.Errorf("what is done: %+v", got)
		}
		if got := s.ask(s.boss(), "sale", fmt.Sprintf(byRegion, "")); got.Kept || got.Groups[0].Values["sum_total"] != "59.00" {
			t.Errorf("all sales, where what is done is kept: %+v", got)
		}
		if c := cards["all"]; c.Total["amount"] != "80.00" || c.Total["n"] != float64(2) {
			t.Errorf("all: %+v", c)
		}
	})
}

// Whoever sees some rows only gets a kept number where it can be told for his rows alone, and then for them alone.
func TestKeptGroupsHoldRowFilters(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(keptCards(keptDocs(t, false)))
		s.fillKept()
		for i, region := range []record{s.east, s.west, s.west} {
			s.sold(region, fmt.Sprintf("2025-0%d-05", i+1), "30")
		}
		clerk := s.clerk("east")
		boss := s.ask(s.boss(), "sale", `{"group_by":["created_at:week"]}`)
		if !boss.Kept || boss.Groups[0].Values["count"] != float64(3) {
			t.Fatalf("the boss sees %+v", boss)
		}
		for body, kept := range map[string]bool{
			`{}`: true, `{"group_by":["region"]}`: true, `{"filter":"region.name != 'x'"}`: true,
			`{"group_by":["created_at:week"]}`: false, `{"group_by":["created_at:week","state"]}`: false, `{"filter":"true || region == null"}`: true,
			`{"group_by":["note"]}`: false,
		} {
			got := s.ask(clerk, "sale", body)
			total := 0.0
			for _, g := range got.Groups {
				total += g.Values["count"].(float64)
			}
			if total != 1 || got.Kept != kept {
				t.Errorf("%s: the clerk of one region counts %v sales, kept %v", body, total, got.Kept)
			}
		}
		for name, card := range s.board(clerk, `{"filters":{"period":null}}`) {
			for _, of := range []string{"orders", "n"} {
				if n, ok := card.Total[of]; ok && n != float64(1) && name != "big_lines" { // he has no big lines
					t.Errorf("card %s tells the clerk of %v", name, n)
				}
			}
			if n, ok := card.Total["amount"]; ok && n != "30.00" {
				t.Errorf("card %s tells the clerk of %v", name, n)
			}
		}
		if got := s.board(s.clerk("nowhere"), `{}`)["by_region"]; len(got.Rows) != 0 || got.Total["orders"] != float64(0) {
			t.Errorf("the clerk of no region sees %+v", got)
		}
		// A field that he may not read is none that he may group or sum by.
		for _, body := range []string{`{"group_by":["item.cost"]}`, `{"measures":[{"fn":"sum","field":"cost"}]}`} {
			if r, err := s.e.Aggregate(context.Background(), s.call(clerk, "shop"), "item", []byte(body)); err == nil {
				t.Errorf("%s: %s", body, r.Body)
			}
		}
	})
}

// Writers at the same time lose nothing of what they add to one group.
func TestManyWritersOfOneGroup(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(keptDocs(t, false))
		s.sold(s.east, "2025-01-01", "20")
		s.replaceDocs(keptCards(keptDocs(t, false)))
		const writers, each = 8, 6
		boss := s.boss()
		var wg sync.WaitGroup
		var failed sync.Map
		for range writers {
			wg.Go(func() {
				for i := range each {
					body := fmt.Sprintf(`{"region":%q,"sold_on":"2025-01-0%d","lines":[{"item":%q,"qty":"1","price":"20"}]}`, s.east.id(), i%2+1, s.pen.id())
					r, err := s.e.Create(context.Background(), s.call(boss, "shop"), "sale", []byte(body), engine.ReadOptions{})
					if err == nil {
						var sale record
						_ = json.Unmarshal(r.Body, &sale)
						_, err = s.e.Transition(context.Background(), s.call(boss, "shop"), "sale", sale.id(), 0, []byte(`{"transition":"finish"}`), engine.ReadOptions{})
					}
					if err == nil && i == each/2 {
						err = s.e.FillKept(context.Background())
					}
					if err != nil {
						failed.Store(err.Error(), true)
					}
				}
			})
		}
		wg.Wait()
		failed.Range(func(k, _ any) bool { t.Error(k); return true })
		s.fillKept()
		s.sameGroups(rand.New(rand.NewPCG(1, 1)), 5)
		got := s.ask(boss, "sale", `{"group_by":["sold_on:year"],"filter":"state == 'done'","measures":[{"fn":"sum","field":"total"}]}`)
		if want := fmt.Sprint((writers*each+1)*20, ".00"); !got.Kept || got.Groups[0].Values["sum_total"] != want {
			t.Errorf("%+v, want %s", got, want)
		}
	})
}

// What ledgers keep is grouped, too, and follows documents that post, change and are cancelled.
func TestKeptGroupsOfLedgers(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(keptCards(stockDocs(t),
			"stock", "bar", "stock_balance", `"measures":[{"name":"qty","op":"sum","field":"quantity"}],"group":[{"field":"region"}]`,
			"moves", "line", "stock_entry", `"measures":[{"name":"qty","op":"sum","field":"quantity"},{"name":"value","op":"sum","field":"value"}],"group":[{"field":"day","by":"month"},{"field":"item"}]`,
			"worth", "pie", "stock_cost", `"measures":[{"name":"value","op":"sum","field":"value"}],"group":[{"field":"item"}]`))
		s.buy(s.pen, "2025-03-01", "10", "100")
		s.fillKept()
		second := s.buy(s.pen, "2025-03-05", "5", "70")
		s.buy(s.ink, "2025-04-01", "3", "63")
		s.sold(s.east, "2025-03-10", "20")
		if _, err := s.update(s.boss(), "purchase", second.id(), 0, record{"qty": "6", "amount": "90"}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.e.Delete(context.Background(), s.call(s.boss(), "shop"), "purchase", second.id(), 0); err != nil {
			t.Fatal(err)
		}
		got := s.ask(s.boss(), "stock_entry", `{"group_by":["day:year"],"measures":[{"fn":"sum","field":"quantity","as":"q"},{"fn":"sum","field":"value","as":"v"}]}`)
		if !got.Kept || fmt.Sprint(got.Groups[0].Values) != "map[q:12.0000 v:153.00]" {
			t.Errorf("%+v", got)
		}
		s.sameGroups(rand.New(rand.NewPCG(2, 2)), 10)
		if v := s.verify(""); len(v.Differences) > 0 || v.Checked.Aggregates < 10 || v.Checked.Ledgers != 1 {
			t.Errorf("%+v", v)
		}
	})
}

// A release that changes what a card asks begins anew, one that doesn't goes on; without the card nothing is left. What a
// release works out anew is counted anew.
func TestKeptGroupsFollowReleases(t *testing.T) {
	eachBehind(t, func(t *testing.T, s *shop, behind func(string)) {
		table := func() string {
			t.Helper()
			for _, a := range s.call(s.boss(), "shop").Snap.Aggregates() {
				if slices.Contains(a.Cards, "board.by_region") {
					return lower.Table(a.Table)
				}
			}
			t.Fatal("nothing is kept for by_region")
			return ""
		}
		s.replaceDocs(keptCards(keptDocs(t, false)))
		s.fillKept()
		s.sold(s.east, "2025-03-01", "30")
		broken := `UPDATE "` + table() + `" SET "f_n_i" = 5`
		behind(broken)
		d := s.verify("").Differences
		if len(d) != 1 || d[0].What != "aggregate" || d[0].Name != "board.by_region" || d[0].Field != "count" || d[0].Record != s.east.id() || d[0].Stored != "5" || d[0].Recomputed != "1" {
			t.Errorf("a broken group gives %+v", d)
		}
		if of := s.verify(`{"sample":1000}`).Differences; len(of) != 1 || of[0] != d[0] {
			t.Errorf("a broken group gives %+v, asked of a sample", of)
		}
		// Another card of another entity: the groups stay as they are, broken.
		docs := keptCards(keptDocs(t, false), "items", "pie", "item", `"measures":[{"name":"margin","op":"sum","field":"margin"}],"group":[{"field":"grade"}]`)
		s.replaceDocs(docs)
		s.fillKept()
		if got := s.ask(s.boss(), "sale", `{"group_by":["region"]}`); !got.Kept || got.Groups[0].Values["count"] != float64(5) {
			t.Errorf("a release of another card began anew: %+v", got)
		}
		if got := s.ask(s.boss(), "item", `{"measures":[{"fn":"sum","field":"margin"}]}`); !got.Kept || got.Groups[0].Values["sum_margin"] != "13.3766" {
			t.Errorf("margins: %+v", got)
		}
		// Margins are worked out otherwise: they change without a write of an item.
		docs["entities/item.json"] = json.RawMessage(strings.Replace(string(docs["entities/item.json"]), "price - cost", "price - cost + 1.0", 1))
		s.replaceDocs(docs)
		s.fillKept()
		if got := s.ask(s.boss(), "item", `{"measures":[{"fn":"sum","field":"margin"}]}`); !got.Kept || got.Groups[0].Values["sum_margin"] != "15.3766" {
			t.Errorf("margins, worked out otherwise: %+v", got)
		}
		gone := table()
		s.replaceDocs(withoutCards(keptDocs(t, false)))
		var left []string
		for _, a := range s.call(s.boss(), "shop").Snap.Aggregates() {
			left = append(left, a.Cards...)
		}
		if len(left) > 0 {
			t.Errorf("%v are kept without a card", left)
		}
		if _, err := s.store.Reader().KeptState(context.Background(), metamodel.ID(strings.TrimPrefix(gone, "e_"))); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("what is not kept any more is not forgotten: %v", err)
		}
		s.replaceDocs(keptCards(keptDocs(t, false)))
		s.fillKept()
		if got := s.ask(s.boss(), "sale", `{"group_by":["region"]}`); !got.Kept || got.Groups[0].Values["count"] != float64(1) {
			t.Errorf("kept again: %+v", got)
		}
	})
}

// What is kept survives a backup: it is there at once, and goes on being kept.
func TestKeptSurvivesABackup(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		s := newShop(t, newWorld(t, storetest.Open(t, c)))
		s.replaceDocs(keptCards(keptDocs(t, true)))
		s.fillKept()
		s.sold(s.east, "2025-03-01", "30")
		var file bytes.Buffer
		if err := s.store.Backup(context.Background(), &file); err != nil {
			t.Fatal(err)
		}
		to := storetest.SQLite(t)
		if c.URL != "" {
			to = storetest.Postgres(t)
		}
		empty := storetest.Open(t, to)
		if err := empty.Restore(context.Background(), bytes.NewReader(file.Bytes()), int64(file.Len())); err != nil {
			t.Fatal(err)
		}
		next := &shop{world: newWorld(t, empty), east: s.east, west: s.west, pen: s.pen, ink: s.ink}
		next.sold(next.east, "2025-03-02", "40")
		next.sameGroups(rand.New(rand.NewPCG(6, 6)), 5)
		if v := next.verify(""); len(v.Differences) > 0 || v.Checked.Aggregates == 0 {
			t.Errorf("%+v", v)
		}
	})
}
