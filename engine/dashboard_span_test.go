package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// spanDocs is a dashboard whose measures are of what there was before a period, came in it and is there after it.
var spanDocs = map[string]string{
	"views/spans.json": `{"x-kind":"view","x-version":1,"x-name":"spans","title":"期初期末","x-title":{"en-US":"Spans"},"type":"dashboard",
		"filters":[{"name":"day","title":"截至","x-title":{"en-US":"As of"},"kind":"day"},{"name":"period","title":"期间","x-title":{"en-US":"Period"},"kind":"period","default":"this_month"}],
		"cards":[
		{"name":"moves","title":"变动","x-title":{"en-US":"Moves"},"type":"pivot","flat":true,"entity":"sale","filter":"total >= 0.0","group":[{"field":"region"}],"bind":{"period":"sold_on"},"measures":[
			{"name":"opening","title":"期初","x-title":{"en-US":"Opening"},"op":"sum","field":"total","span":"before","where":"state == 'done'"},
			{"name":"came","title":"本期","x-title":{"en-US":"In the period"},"op":"sum","field":"total","where":"state == 'done'"},
			{"name":"drafts","title":"草稿","x-title":{"en-US":"Drafts"},"op":"count","where":"state == 'draft'"},
			{"name":"closing","title":"期末","x-title":{"en-US":"Closing"},"op":"sum","field":"total","span":"until","where":"state == 'done'"}]},
		{"name":"made","title":"录入","x-title":{"en-US":"Made"},"type":"number","entity":"sale","bind":{"period":"created_at"},"measures":[
			{"name":"earlier","title":"以前","x-title":{"en-US":"Earlier"},"op":"count","span":"before"},{"name":"newer","title":"本期","x-title":{"en-US":"Now"},"op":"count"}]},
		{"name":"by_month","title":"每月草稿","x-title":{"en-US":"Drafts by month"},"type":"bar","entity":"sale","group":[{"field":"sold_on","by":"month"}],"measures":[
			{"name":"drafts","title":"草稿","x-title":{"en-US":"Drafts"},"op":"count","where":"state == 'draft'"}]},
		{"name":"as_of","title":"截至","x-title":{"en-US":"As of"},"type":"bar","entity":"sale","filter":"state == 'done'","group":[{"field":"region"}],"bind":{"day":"sold_on"},"sort":[{"measure":"owed","desc":true}],"measures":[
			{"name":"owed","title":"金额","x-title":{"en-US":"Amount"},"op":"sum","field":"total","minus":true},{"name":"n","op":"count"}]},
		{"name":"mixed","title":"货品","x-title":{"en-US":"Goods"},"type":"bar","entity":"item","group":[{"field":"code"}],"sort":[{"measure":"cost","desc":true}],"measures":[
			{"name":"cost","op":"sum","field":"cost"},{"name":"n","op":"count"},{"name":"costly","title":"高成本","x-title":{"en-US":"Costly"},"op":"count","where":"cost > 10.0"}]},
		{"name":"costly","title":"高成本","x-title":{"en-US":"Costly"},"type":"number","entity":"item","measures":[{"name":"n","title":"个数","x-title":{"en-US":"Number"},"op":"count","where":"cost > 10.0"}]}
		]}`,
}

type spanCard struct {
	Filter         string            `json:"filter"`
	MeasureFilters map[string]string `json:"measure_filters"`
	Total          map[string]any    `json:"total"`
	Rows           []struct {
		Filter   string
		Display  map[string]string
		Measures map[string]any
	}
}

func (d dashData) span(t testing.TB, card string) spanCard {
	t.Helper()
	var c spanCard
	if err := json.Unmarshal(d.Cards[card], &c); err != nil {
		t.Fatalf("%s: %v", d.Cards[card], err)
	}
	return c
}

func TestMeasuresOfAPeriod(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		stand(t, s)
		s.replace(spanDocs)
		for _, x := range []struct{ period, east, west, total string }{
			{`"this_month"`, "160.00 120.00 1 280.00", "120.00 40.00 1 160.00", "280.00 160.00 2 440.00"},
			{`"last_month"`, "0 160.00 0 160.00", "0 120.00 0 120.00", "0 280.00 0 280.00"},
			{`{"from":"2026-03-15","to":"2026-03-15"}`, "240.00 40.00 1 280.00", "160.00 0 1 160.00", "400.00 40.00 2 440.00"},
			{`{"from":"2026-04-01","to":"2026-04-30"}`, "280.00 0 0 280.00", "160.00 0 0 160.00", "440.00 0 0 440.00"},
			{`{"from":"2025-01-01","to":"2025-12-31"}`, "", "", "0 0 0 0"},
			{`null`, "0 280.00 1 280.00", "0 160.00 1 160.00", "0 440.00 2 440.00"},
		} {
			c := s.mustData(s.boss(), "spans", `{"filters":{"period":`+x.period+`},"cards":["moves"]}`).span(t, "moves")
			text := func(m map[string]any) string {
				return strings.TrimSpace(fmt.Sprintln(m["opening"], m["came"], m["drafts"], m["closing"]))
			}
			got := map[string]string{}
			for _, r := range c.Rows {
				got[r.Display["region"]] = text(r.Measures)
			}
			if got["east"] != x.east || got["west"] != x.west || text(c.Total) != x.total {
				t.Errorf("%s: %v, together %s", x.period, got, text(c.Total))
			}
			// What is behind each number is what a list finds by the filters that come with it.
			for _, r := range c.Rows {
				for _, m := range []string{"opening", "came", "closing"} {
					filter := "(" + c.Filter + ") && (" + r.Filter + ")"
					if c.MeasureFilters[m] != "" {
						filter += " && (" + c.MeasureFilters[m] + ")"
					}
					body, _ := json.Marshal(map[string]any{"filter": filter, "measures": []record{{"fn": "sum", "field": "total", "as": "n"}}})
					a, err := s.e.Aggregate(context.Background(), s.call(s.boss(), "shop"), "sale", body)
					if got := fmt.Sprint(must[record](t, a, err)["groups"]); got != fmt.Sprintf("[map[key:map[] values:map[n:%v]]]", r.Measures[m]) {
						t.Errorf("%s %s: %s finds %s, not %v", x.period, m, filter, got, r.Measures[m])
					}
				}
			}
		}
		d := s.mustData(s.boss(), "spans", `{}`)
		d.shows(t, "made", nil, `"total":{"earlier":2,"newer":5}`)
		d.shows(t, "by_month", nil, `"rows":[{"key":{"sold_on":"2026-03-01"},"measures":{"drafts":2}`, `"total":{"drafts":2}`) // no group without a draft
		d.shows(t, "costly", nil, `"total":{"n":1}`)
		if string(d.Filters["day"]) != `"2026-03-15"` {
			t.Errorf("a day is today until another is chosen: %s", d.Filters["day"])
		}
		names := map[string]string{s.east.id(): "east", s.west.id(): "west"}
		d.shows(t, "as_of", names, `"rows":[{"key":{"region":"<west>"},"measures":{"owed":"-160.00","n":2}`, `{"key":{"region":"<east>"},"measures":{"owed":"-280.00","n":3}`, `"total":{"owed":"-440.00","n":5}`)
		d = s.mustData(s.boss(), "spans", `{"filters":{"day":"2026-03-13"},"cards":["as_of"]}`)
		d.shows(t, "as_of", names, `"rows":[{"key":{"region":"<west>"},"measures":{"owed":"-120.00","n":1}`, `"total":{"owed":"-280.00","n":2}`, `sold_on \u003c date('2026-03-14')`)
		for body, pointer := range map[string]string{`{"filters":{"day":"2026-02-30"}}`: "/filters/day", `{"filters":{"day":"this_month"}}`: "/filters/day"} {
			_, err := s.data(s.boss(), "spans", body)
			refused(t, err, "card.filter_value", pointer)
		}
		_, err := s.data(s.boss(), "spans", `{"filters":{"day":7}}`)
		refused(t, err, "body.wrong_member", "/filters/day")
		v, err := s.view(s.boss(), "spans")
		if err != nil || record(v["cards"].([]any)[0].(map[string]any))["flat"] != true {
			t.Errorf("%v, %v", v, err)
		}
		// Who may not read what a measure asks for doesn't have the card.
		_, err = s.data(s.clerk("east"), "spans", `{"cards":["costly"]}`)
		refused(t, err, "card.not_found", "/cards/0")
		// Of a card with several numbers he has those that he may know, and no order that would tell of another.
		s.mustData(s.boss(), "spans", `{"cards":["mixed"]}`).shows(t, "mixed", nil, `"measures":{"cost":"`, `"costly":`)
		seen := string(s.mustData(s.clerk("east"), "spans", `{"cards":["mixed"]}`).Cards["mixed"])
		if strings.Contains(seen, "cost") || !strings.Contains(seen, `"measures":{"n":1}`) {
			t.Errorf("the clerk sees %s", seen)
		}
		if v, err := s.view(s.clerk("east"), "spans"); err != nil || v.each("cards", "name") != "moves made by_month as_of mixed" {
			t.Errorf("the clerk's cards: %v, %v", v.each("cards", "name"), err)
		}
		c := s.mustData(s.clerk("east"), "spans", `{"cards":["moves"]}`).span(t, "moves")
		if len(c.Rows) != 1 || c.Total["opening"] != "160.00" {
			t.Errorf("the clerk of the east: %+v", c)
		}
	})
}

func TestAggregateMeasuresWithConditions(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		stand(t, s)
		ask := func(measures string) string {
			r, err := s.e.Aggregate(context.Background(), s.call(s.boss(), "shop"), "sale", []byte(`{"group_by":["region.name"],"measures":[`+measures+`]}`))
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(must[record](t, r, nil)["groups"])
		}
		for _, x := range []struct{ measures, east, west string }{
			{`{"fn":"sum","field":"total","where":"state == 'done'","as":"v"}`, "280.00", "160.00"},
			{`{"fn":"count","where":"state == 'draft'","as":"v"}`, "1", "1"},
			{`{"fn":"count","field":"total","where":"sold_on < date('2026-03-01')","as":"v"}`, "1", "1"},
			{`{"fn":"avg","field":"total","where":"state == 'done'","as":"v"}`, "93.33", "80.00"},
			{`{"fn":"max","field":"sold_on","where":"state == 'done'","as":"v"}`, "2026-03-15", "2026-03-14"},
			{`{"fn":"min","field":"total","where":"state == 'done' && total > 40.0","as":"v"}`, "80.00", "120.00"},
			{`{"fn":"distinct","field":"state","where":"total > 100.0","as":"v"}`, "2", "2"},
			{`{"fn":"sum","field":"total","where":"false","as":"v"}`, "0", "0"},
			{`{"fn":"max","field":"total","where":"region.name == 'west'","as":"v"}`, "<nil>", "2400.00"},
			{`{"fn":"sum","field":"total","where":"true","as":"v"}`, "2280.00", "2560.00"},
		} {
			want := fmt.Sprintf("[map[key:map[region.name:east] values:map[v:%s]] map[key:map[region.name:west] values:map[v:%s]]]", x.east, x.west)
			if got := ask(x.measures); got != want {
				t.Errorf("%s: %s", x.measures, got)
			}
		}
		for _, x := range []struct{ where, code string }{
			{`"nothing > 1"`, "query.field_unknown"}, {`"total"`, "expr.wrong_result_type"}, {`"total >"`, "expr.incomplete"},
		} {
			_, err := s.e.Aggregate(context.Background(), s.call(s.boss(), "shop"), "sale", []byte(`{"measures":[{"fn":"count"},{"fn":"count","where":`+x.where+`}]}`))
			refused(t, err, diagCode(x.code), "/measures/1/where")
		}
		_, err := s.e.Aggregate(context.Background(), s.call(s.clerk("east"), "shop"), "item", []byte(`{"measures":[{"fn":"count","where":"cost > 10.0"}]}`))
		refused(t, err, "query.field_unknown", "/measures/0/where")
	})
}
