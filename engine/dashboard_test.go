package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"tenon/engine"
	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
)

// dashboardDocs is a dashboard over the shop, with cards that a clerk may and may not see.
var dashboardDocs = map[string]string{
	"views/sale_table.json": `{"x-kind":"view","x-version":1,"x-name":"sale_table","title":"销售","x-title":{"en-US":"Sales"},"type":"table","entity":"sale","columns":[{"field":"code"}]}`,
	"views/overview.json": `{"x-kind":"view","x-version":1,"x-name":"overview","title":"总览","x-title":{"en-US":"Overview"},"type":"dashboard",
		"filters":[{"name":"period","title":"期间","x-title":{"en-US":"Period"},"kind":"period","default":"this_month"},
			{"name":"region","title":"地区","x-title":{"en-US":"Region"},"kind":"reference","entity":"region"}],
		"cards":[
		{"name":"sales","title":"销售额","x-title":{"en-US":"Sales"},"type":"number","entity":"sale","filter":"state == 'done'","measures":[{"name":"amount","op":"sum","field":"total"},{"name":"sales","op":"count"}],
			"compare":"previous_period","colors":[{"name":"low","when":"amount < 100.0","color":"red","title":"偏低","x-title":{"en-US":"Low"}},{"name":"busy","when":"sales > 1","color":"blue","title":"忙","x-title":{"en-US":"Busy"}}],
			"bind":{"period":"sold_on","region":"region"},"view":"sale_table"},
		{"name":"today","title":"今天","x-title":{"en-US":"Today"},"type":"number","entity":"sale","measures":[{"name":"amount","op":"sum","field":"total"}],"period":"today","compare":"previous_period","bind":{"period":"sold_on"}},
		{"name":"made","title":"录入","x-title":{"en-US":"Made"},"type":"number","entity":"sale","measures":[{"name":"n","op":"count"}],"period":"today","bind":{"period":"created_at"}},
		{"name":"by_day","title":"每天","x-title":{"en-US":"By day"},"type":"line","entity":"sale","measures":[{"name":"amount","op":"sum","field":"total"}],"group":[{"field":"sold_on","by":"day"}],"bind":{"period":"sold_on","region":"region"}},
		{"name":"items","title":"商品","x-title":{"en-US":"Items"},"type":"bar","entity":"sale_line","filter":"parent.state == 'done'","measures":[{"name":"qty","op":"sum","field":"qty"},{"name":"amount","op":"sum","field":"amount"}],
			"group":[{"field":"item"}],"sort":[{"measure":"amount","desc":true}],"limit":1,"bind":{"period":"parent.sold_on","region":"parent.region"}},
		{"name":"regions","title":"地区","x-title":{"en-US":"Regions"},"type":"pivot","entity":"sale","measures":[{"name":"mean","op":"avg","field":"total"}],"group":[{"field":"region"},{"field":"state"},{"field":"sold_on","by":"month"}]},
		{"name":"names","title":"地区名","x-title":{"en-US":"By name"},"type":"pie","entity":"sale","measures":[{"name":"n","op":"count"}],"group":[{"field":"region.name"}]},
		{"name":"costs","title":"成本","x-title":{"en-US":"Costs"},"type":"number","entity":"item","measures":[{"name":"cost","op":"sum","field":"cost"}]},
		{"name":"margins","title":"毛利","x-title":{"en-US":"Margins"},"type":"pie","entity":"item","measures":[{"name":"n","op":"count"}],"group":[{"field":"margin"}]},
		{"name":"costly","title":"高成本","x-title":{"en-US":"Costly"},"type":"number","entity":"item","filter":"cost > 10.0","measures":[{"name":"n","op":"count"}]},
		{"name":"open","title":"未完成","x-title":{"en-US":"Open"},"type":"list","entity":"sale","filter":"state == 'draft'","columns":[{"field":"code"},{"field":"region.name"},{"field":"total"}],"sort":[{"field":"code","desc":true}],"limit":2,"bind":{"region":"region"},"view":"sale_table"},
		{"name":"goods","title":"货品","x-title":{"en-US":"Goods"},"type":"list","entity":"item","columns":[{"field":"code"},{"field":"cost"},{"field":"margin"}],"sort":[{"field":"cost"}]}
		]}`,
	"views/costs.json": `{"x-kind":"view","x-version":1,"x-name":"costs","title":"成本","x-title":{"en-US":"Costs"},"type":"dashboard","cards":[
		{"name":"costs","title":"成本","x-title":{"en-US":"Costs"},"type":"number","entity":"item","measures":[{"name":"cost","op":"sum","field":"cost"}]}]}`,
}

// stand is a shop with sales of two months in two regions.
func stand(t *testing.T, s *shop) {
	t.Helper()
	s.replace(dashboardDocs)
	now := s.now
	for _, sale := range []struct {
		day    int // before now
		region record
		item   record
		qty    string
		done   bool
	}{
		{0, s.east, s.pen, "1", true},
		{1, s.east, s.pen, "2", true},
		{1, s.west, s.ink, "1", true},
		{20, s.west, s.ink, "3", true},
		{30, s.east, s.pen, "4", true},
		{0, s.east, s.pen, "50", false},
		{0, s.west, s.pen, "60", false},
	} {
		s.now = now.Add(-time.Duration(sale.day) * 24 * time.Hour)
		r, err := s.sale(s.boss(), sale.region, record{"item": sale.item.id(), "qty": sale.qty, "price": "40"})
		if err != nil {
			t.Fatal(err)
		}
		if !sale.done {
			continue
		}
		if _, err := s.transition(s.boss(), "sale", r.id(), "finish"); err != nil {
			t.Fatal(err)
		}
	}
	s.now = now
}

type dashData struct {
	Filters map[string]json.RawMessage
	Cards   map[string]json.RawMessage
}

func (w *world) data(a *policy.Actor, view, body string) (dashData, error) {
	r, err := w.e.DashboardData(context.Background(), w.call(a, "shop"), view, []byte(body))
	if err != nil {
		return dashData{}, err
	}
	return must[dashData](w.t, r, nil), nil
}

func (w *world) mustData(a *policy.Actor, view, body string) dashData {
	w.t.Helper()
	d, err := w.data(a, view, body)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// shows asserts members of a card's answer; ids are given as what they mean.
func (d dashData) shows(t *testing.T, card string, names map[string]string, want ...string) {
	t.Helper()
	got := string(d.Cards[card])
	for id, name := range names {
		got = strings.ReplaceAll(got, id, "<"+name+">")
	}
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%s has no %s: %s", card, w, got)
		}
	}
}

func TestDashboardData(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		stand(t, s)
		names := map[string]string{s.east.id(): "east", s.west.id(): "west", s.pen.id(): "pen", s.ink.id(): "ink"}
		d := s.mustData(s.boss(), "overview", `{}`)
		if len(d.Cards) != 12 || string(d.Filters["period"]) != `{"from":"2026-03-01","to":"2026-03-31"}` {
			t.Fatalf("%v", d)
		}
		d.shows(t, "sales", names, `"rows":[{"key":{},"measures":{"amount":"160.00","sales":3}}]`, `"total":{"amount":"160.00","sales":3}`, `"previous":{"amount":"160.00","sales":1}`,
			`"previous_period":{"from":"2026-02-01","to":"2026-02-15"}`, `"colors":["busy"]`, `"as_of":"2026-03-15T02:00:00Z"`,
			`"filter":"(state == 'done') \u0026\u0026 sold_on \u003e= date('2026-03-01') \u0026\u0026 sold_on \u003c= date('2026-03-31')"`)
		d.shows(t, "today", names, `"total":{"amount":"4440.00"}`, `"previous":{"amount":"120.00"}`, `"previous_period":{"from":"2026-03-14","to":"2026-03-14"}`)
		d.shows(t, "made", names, `"total":{"n":3}`)
		d.shows(t, "by_day", names, `{"key":{"sold_on":"2026-03-14"},"measures":{"amount":"120.00"},"filter":"sold_on \u003e= date('2026-03-14') \u0026\u0026 sold_on \u003c= date('2026-03-14')"}`, `"total":{"amount":"4560.00"}`)
		d.shows(t, "items", names, `"rows":[{"key":{"item":"<pen>"},"measures":{"qty":"3.0000","amount":"120.00"},"display":{"item":"钢笔"}}],"more":true,"total":{"qty":"4.0000","amount":"160.00"}`)
		d.shows(t, "regions", names, `{"key":{"region":"<west>","state":"done","sold_on":"2026-02-01"},"measures":{"mean":"120.00"},"display":{"region":"west","state":"完成"},"filter":"region == '<west>' \u0026\u0026 state == 'done' \u0026\u0026 sold_on \u003e= date('2026-02-01') \u0026\u0026 sold_on \u003c= date('2026-02-28')"}`,
			`"total":{"mean":"691.43"}`)
		d.shows(t, "names", names, `{"key":{"region.name":"east"},"measures":{"n":4}`, `"total":{"n":7}`)
		d.shows(t, "costs", names, `"total":{"cost":"29.1234"}`)
		d.shows(t, "costly", names, `"total":{"n":1}`)
		d.shows(t, "open", names, `"records":[{"id":`, `"code":"S202603-0005"`, `"expanded":{"region":{`, `"<west>":"west"`)
		if strings.Contains(string(d.Cards["open"]), "next_page_token") || strings.Contains(string(d.Cards["open"]), `"note"`) {
			t.Errorf("%s", d.Cards["open"])
		}

		d = s.mustData(s.boss(), "overview", `{"filters":{"period":{"from":"2026-02-01","to":"2026-02-28"},"region":"`+s.east.id()+`"},"cards":["sales","items","open"]}`)
		if len(d.Cards) != 3 {
			t.Errorf("%v", d.Cards)
		}
		d.shows(t, "sales", names, `"total":{"amount":"160.00","sales":1}`, `"previous":{"amount":"0","sales":0}`, `"previous_period":{"from":"2026-01-01","to":"2026-01-31"}`)
		d.shows(t, "items", names, `"measures":{"qty":"4.0000","amount":"160.00"}`)
		d.shows(t, "open", names, `<east>`)
		if strings.Contains(string(d.Cards["open"]), s.west.id()) {
			t.Errorf("not narrowed: %s", d.Cards["open"])
		}
		d = s.mustData(s.boss(), "overview", `{"filters":{"period":null},"cards":["sales"]}`)
		d.shows(t, "sales", names, `"total":{"amount":"440.00","sales":5}`)
		if strings.Contains(string(d.Cards["sales"]), "previous") || len(d.Filters) != 0 {
			t.Errorf("compared with nothing: %s", d.Cards["sales"])
		}
		d = s.mustData(s.boss(), "overview", `{"filters":{"period":"last_month"},"cards":["sales"]}`)
		d.shows(t, "sales", names, `"period":{"from":"2026-02-01","to":"2026-02-28"}`)
	})
}

// The filter that a card answers is the one that a list of its view understands, and finds the same records.
func TestCardOpensWhatItCounts(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		stand(t, s)
		d := s.mustData(s.boss(), "overview", `{}`)
		counted := 0
		for name, raw := range d.Cards {
			var card struct {
				Filter string
				Rows   []struct {
					Filter   string
					Measures map[string]any
				}
			}
			if err := json.Unmarshal(raw, &card); err != nil {
				t.Fatal(err)
			}
			for _, row := range card.Rows {
				n, isCount := row.Measures["n"]
				if !isCount || row.Filter == "" {
					continue
				}
				filter := row.Filter
				if card.Filter != "" {
					filter = "(" + card.Filter + ") && " + filter
				}
				entity := map[string]string{"names": "sale", "margins": "item"}[name]
				body, _ := json.Marshal(map[string]string{"filter": filter})
				r, err := s.e.Aggregate(context.Background(), s.call(s.boss(), "shop"), entity, body)
				if got := fmt.Sprint(must[record](t, r, err)["groups"]); got != fmt.Sprintf("[map[key:map[] values:map[count:%v]]]", n) {
					t.Errorf("%s: %s finds %s, not %v", name, filter, got, n)
				}
				counted++
			}
		}
		if counted != 4 {
			t.Errorf("%d groups were looked at", counted)
		}
	})
}

// A card that measures, groups by or asks for what may not be read does not exist; what is left is bound by the rows.
func TestDashboardByRights(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		stand(t, s)
		clerk := s.clerk("east")
		v, err := s.view(clerk, "overview")
		if err != nil {
			t.Fatal(err)
		}
		if got := v.each("cards", "name"); got != "sales today made by_day items regions open goods" {
			t.Errorf("the clerk's cards: %s", got)
		}
		boss, err := s.view(s.boss(), "overview")
		if err != nil || boss.each("filters", "name") != "period region" || boss.each("cards", "view") != "sale_table <nil> <nil> <nil> <nil> <nil> <nil> <nil> <nil> <nil> sale_table <nil>" ||
			boss.each("cards", "bind") != "[period region] [] [] [period region] [period region] [] [] [] [] [] [region] []" {
			t.Errorf("%v, %v", boss, err)
		}
		goods := record(v["cards"].([]any)[7].(map[string]any))
		if goods.each("columns", "path") != "code margin" || goods.each("columns", "masked") != "<nil> true" {
			t.Errorf("goods: %v", goods)
		}
		d := s.mustData(clerk, "overview", `{}`)
		d.shows(t, "sales", nil, `"total":{"amount":"120.00","sales":2}`, `"previous":{"amount":"160.00","sales":1}`)
		d.shows(t, "items", nil, `"total":{"qty":"3.0000","amount":"120.00"}`)
		d.shows(t, "today", nil, `"total":{"amount":"2040.00"}`)
		d.shows(t, "goods", nil, `"margin":"***"`)
		for name, raw := range d.Cards {
			if strings.Contains(string(raw), s.west.id()) || strings.Contains(string(raw), `"west"`) || strings.Contains(string(raw), `"cost"`) {
				t.Errorf("%s tells of the west, or of costs: %s", name, raw)
			}
		}
		for _, card := range []string{"costs", "margins", "costly", "names", "nothing"} {
			_, err := s.data(clerk, "overview", `{"cards":["`+card+`"]}`)
			refused(t, err, "card.not_found", "/cards/0")
		}
		_, err = s.view(clerk, "costs")
		refused(t, err, "view.not_found", "")
		_, err = s.data(clerk, "costs", `{}`)
		refused(t, err, "view.not_found", "")
		r, err := s.e.Schema(context.Background(), s.call(clerk, "shop"), "shop")
		if meta := must[record](t, r, err); strings.Contains(meta.each("views", "name"), "costs") || !strings.Contains(meta.each("views", "name"), "overview") {
			t.Errorf("%v", meta["views"])
		}
		// Lines are in the rows of the record that they belong to.
		west := s.mustData(s.clerk("west"), "overview", `{"filters":{"period":null},"cards":["items"]}`)
		west.shows(t, "items", nil, `"total":{"qty":"4.0000","amount":"160.00"}`)
		nobody := s.mustData(s.clerk("north"), "overview", `{"filters":{"period":null},"cards":["items","sales"]}`)
		nobody.shows(t, "items", nil, `"rows":[]`, `"total":{"qty":"0","amount":"0"}`)
	})
}

func TestDashboardDataIsRefused(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		stand(t, s)
		for _, x := range []struct{ body, code, pointer string }{
			{`{"filter":{}}`, "body.unknown_member", "/filter"},
			{`{"filters":[]}`, "body.wrong_member", "/filters"},
			{`{"filters":{"shop":"x"}}`, "card.filter_not_found", "/filters/shop"},
			{`{"filters":{"period":7}}`, "body.wrong_member", "/filters/period"},
			{`{"filters":{"period":"next_year"}}`, "card.filter_value", "/filters/period"},
			{`{"filters":{"period":{"from":"2026-01-01"}}}`, "body.wrong_member", "/filters/period/to"},
			{`{"filters":{"period":{"from":"2026-01-01","to":"2026-02-30"}}}`, "card.filter_value", "/filters/period/to"},
			{`{"filters":{"period":{"from":"2026-02-01","to":"2026-01-01"}}}`, "card.period_reversed", "/filters/period"},
			{`{"filters":{"period":{"from":"2026-01-01","to":"2026-01-02","till":1}}}`, "body.unknown_member", "/filters/period/till"},
			{`{"filters":{"region":"' || true || '"}}`, "card.filter_value", "/filters/region"},
			{`{"filters":{"region":7}}`, "body.wrong_member", "/filters/region"},
			{`{"cards":"sales"}`, "body.wrong_member", "/cards"},
			{`{"cards":["sales",7]}`, "card.not_found", "/cards/1"},
		} {
			_, err := s.data(s.boss(), "overview", x.body)
			refused(t, err, diagCode(x.code), x.pointer)
		}
		_, err := s.data(s.boss(), "sale_table", `{}`)
		refused(t, err, "view.not_found", "")
		_, err = s.data(s.boss(), "nothing", `{}`)
		refused(t, err, "view.not_found", "")
	})
}

// Every card of the templates' dashboards can be worked out, and every view of theirs can be listed, by every role that
// sees it.
func TestTemplateViewsAreUsable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st)
		w.install("general")
		s, err := w.e.Snapshot("general", policy.Itself())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cards := context.Background(), 0
		for _, role := range s.App.Roles {
			actor := w.role("general", role.Name)
			for _, v := range s.App.Views {
				if _, err := w.e.View(ctx, w.call(actor, "general"), v.Name); err != nil {
					refused(t, err, "view.not_found", "")
					continue
				}
				switch v.Type {
				case metamodel.FormView:
				case metamodel.DashboardView:
					r, err := w.e.DashboardData(ctx, w.call(actor, "general"), v.Name, []byte(`{}`))
					for name, card := range must[dashData](t, r, err).Cards {
						cards++
						if strings.Contains(string(card), `"problem"`) {
							t.Errorf("%s as %s: %s: %s", v.Name, role.Name, name, card)
						}
					}
				default:
					if _, err := w.e.List(ctx, w.call(actor, "general"), v.Entity.Name, engine.ListRequest{View: v.Name}); err != nil {
						t.Errorf("%s as %s: %v", v.Name, role.Name, err)
					}
				}
			}
		}
		if cards < 20 {
			t.Errorf("%d cards were worked out", cards)
		}
	})
}
