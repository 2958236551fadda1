package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tenon/engine"
	"tenon/engine/policy"
)

// viewDocs are views over the shop that read what a clerk may and may not read.
var viewDocs = map[string]string{
	"views/item_table.json": `{"x-kind":"view","x-version":1,"x-name":"item_table","title":"商品","x-title":{"en-US":"Items"},"type":"table","entity":"item",
		"columns":[{"field":"code","width":90,"fixed":true},{"field":"price","total":"sum"},{"field":"cost"},{"field":"margin","total":"avg"},{"field":"region.name"},{"field":"grade"},{"field":"sold"}],
		"filter":"active","sort":[{"field":"margin","desc":true},{"field":"code","desc":true}],"group":"grade",
		"colors":[{"name":"dear","when":"price > 20.0","color":"red","field":"price","title":"贵","x-title":{"en-US":"Dear"}},
			{"name":"lossy","when":"cost > 20.0","color":"orange","title":"成本高","x-title":{"en-US":"Costly"}},
			{"name":"thin","when":"price > 0.0","color":"blue","field":"margin","title":"毛利","x-title":{"en-US":"Margin"}},
			{"name":"eastern","when":"region.name == 'east'","color":"green","title":"东","x-title":{"en-US":"East"}},
			{"name":"sold","when":"sold > 0.0","color":"purple","title":"售出","x-title":{"en-US":"Sold"}},
			{"name":"moving","when":"sold > 0.0 && sold < 100.0 && sold < 101.0 && sold < 102.0 && sold < 103.0 && sold < 104.0 && sold < 105.0 && sold < 106.0 && sold < 107.0 && sold < 108.0 && sold < 109.0 && sold < 110.0 && sold < 111.0 && sold < 112.0 && sold < 113.0 && sold < 114.0 && sold < 115.0 && sold < 116.0 && sold < 117.0 && sold < 118.0 && sold < 119.0 && sold < 120.0 && sold < 121.0 && sold < 122.0 && sold < 123.0 && sold < 124.0 && sold < 125.0","color":"yellow","title":"在卖","x-title":{"en-US":"Moving"}},
			{"name":"busy","when":"countOf(sale, s, s.state == 'done') > 0","color":"gray","title":"有单","x-title":{"en-US":"Busy"}}],
		"saved":[{"name":"cheap","title":"便宜","x-title":{"en-US":"Cheap"},"filter":"price < 20.0","sort":[{"field":"price"}]},
			{"name":"costly","title":"成本高","x-title":{"en-US":"Costly"},"filter":"cost > 20.0"}]}`,
	"views/costly_table.json": `{"x-kind":"view","x-version":1,"x-name":"costly_table","title":"高成本","x-title":{"en-US":"Costly"},"type":"table","entity":"item","columns":[{"field":"code"}],"filter":"cost > 20.0"}`,
	"views/sale_board.json": `{"x-kind":"view","x-version":1,"x-name":"sale_board","title":"看板","x-title":{"en-US":"Board"},"type":"board","entity":"sale","by":"state","columns":[{"field":"code"}],"sum":"total","lane":"region",
		"limits":[{"option":"draft","max":3}],"form":"sale_form"}`,
	"views/sale_calendar.json": `{"x-kind":"view","x-version":1,"x-name":"sale_calendar","title":"日历","x-title":{"en-US":"Calendar"},"type":"calendar","entity":"sale","start":"sold_on","end":"updated_at","columns":[{"field":"code"},{"field":"note"}],
		"filter":"state != 'void'","colors":[{"name":"open","when":"state == 'draft'","color":"orange","title":"未完成","x-title":{"en-US":"Open"}}]}`,
	"views/item_board.json": `{"x-kind":"view","x-version":1,"x-name":"item_board","title":"按地区","x-title":{"en-US":"By region"},"type":"board","entity":"item","by":"region","columns":[{"field":"code"}]}`,
	"app.json": `{"x-kind":"app","x-version":1,"x-name":"shop","title":"小店","x-title":{"en-US":"Shop"},"version":"1.0.0","menu":[
		{"name":"items","title":"商品","x-title":{"en-US":"Items"},"view":"item_table"},{"name":"costly","title":"高成本","x-title":{"en-US":"Costly"},"view":"costly_table"}]}`,
}

// replace replaces documents of the shop and releases them.
func (w *world) replace(docs map[string]string) {
	w.t.Helper()
	raw := map[string]json.RawMessage{}
	for path, text := range docs {
		raw[path] = json.RawMessage(text)
	}
	body, err := json.Marshal(map[string]any{"documents": raw})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.e.DocumentsPut(context.Background(), w.call(builder(), ""), "shop", "", body); err != nil {
		w.t.Fatal(err)
	}
	w.release("shop")
}

func (w *world) view(a *policy.Actor, name string) (record, error) {
	r, err := w.e.View(context.Background(), w.call(a, "shop"), name)
	if err != nil {
		return nil, err
	}
	return must[record](w.t, r, nil), nil
}

// each lists one member of a list of objects.
func (r record) each(list, member string) string {
	items, _ := r[list].([]any)
	out := make([]string, len(items))
	for i, it := range items {
		out[i] = fmt.Sprint(it.(map[string]any)[member])
	}
	return strings.Join(out, " ")
}

func TestViewIsDescribedByRights(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replace(viewDocs)
		boss, err := s.view(s.boss(), "item_table")
		if err != nil {
			t.Fatal(err)
		}
		clerk, err := s.view(s.clerk("east"), "item_table")
		if err != nil {
			t.Fatal(err)
		}
		if titles := boss.each("columns", "title"); !strings.Contains(titles, "map[en-US:Region zh-CN:地区]") {
			t.Errorf("the name of a region isn't called after it: %s", titles)
		}
		for _, want := range []struct{ what, boss, clerk, list, member string }{
			{"columns", "code price cost margin region.name grade sold", "code price margin region.name grade sold", "columns", "path"},
			{"sortable", "true true true true true true true", "true true false false true true", "columns", "sortable"},
			{"writable", "true true true false false true false", "false false false false false false", "columns", "writable"},
			{"totals", "<nil> sum <nil> avg <nil> <nil> <nil>", "<nil> sum <nil> <nil> <nil> <nil>", "columns", "total"},
			{"masked", "<nil> <nil> <nil> <nil> <nil> <nil> <nil>", "<nil> <nil> true <nil> <nil> <nil>", "columns", "masked"},
			{"sort", "margin code", "code", "sort", "field"},
			{"colours", "dear lossy thin eastern sold moving busy", "dear eastern sold moving", "colors", "name"},
			{"saved", "cheap costly", "cheap", "saved", "name"},
		} {
			if got := boss.each(want.list, want.member); got != want.boss {
				t.Errorf("%s of the boss: %s, not %s", want.what, got, want.boss)
			}
			if got := clerk.each(want.list, want.member); got != want.clerk {
				t.Errorf("%s of the clerk: %s, not %s", want.what, got, want.clerk)
			}
		}
		if boss["group"] != "grade" || boss["entity"] != "item" || boss["type"] != "table" || boss["page_size"] != float64(50) || boss["form"] != nil {
			t.Errorf("%v", boss)
		}
		column := boss["columns"].([]any)[5].(map[string]any)
		if column["kind"] != "choice" || fmt.Sprint(column["options"].([]any)[2]) != "map[name:c retired:true title:map[en-US:C zh-CN:丙]]" {
			t.Errorf("grade: %v", column)
		}
	})
}

// A view that filters by what the actor may not read does not exist for him, nor does its menu item.
func TestViewOverUnreadable(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replace(viewDocs)
		if _, err := s.view(s.boss(), "costly_table"); err != nil {
			t.Error(err)
		}
		_, err := s.view(s.clerk("east"), "costly_table")
		refused(t, err, "view.not_found", "")
		_, absent := s.view(s.clerk("east"), "nothing")
		if fmt.Sprint(err) != strings.Replace(fmt.Sprint(absent), "nothing", "costly_table", 1) {
			t.Errorf("%v differs from %v", err, absent)
		}
		r, err := s.e.Schema(context.Background(), s.call(s.clerk("east"), "shop"), "shop")
		if meta := must[record](t, r, err); meta.each("menu", "name") != "items" || strings.Contains(meta.each("views", "name"), "costly") {
			t.Errorf("%v, %v", meta["menu"], meta["views"])
		}
		_, err = s.list(s.clerk("east"), "item", engine.ListRequest{View: "costly_table"})
		refused(t, err, "view.not_found", "/view")
	})
}

// A screen that adds to a board has to know in which column a new record begins.
func TestEntityTellsItsFirstState(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		r, err := s.e.Schema(context.Background(), s.call(s.clerk("east"), "shop"), "shop")
		for _, e := range must[record](t, r, err)["entities"].([]any) {
			if ent := e.(map[string]any); ent["name"] == "sale" && (ent["state_field"] != "state" || ent["initial_state"] != "draft") {
				t.Errorf("%v, %v", ent["state_field"], ent["initial_state"])
			}
		}
	})
}

// A screen asks before a record gets into a state that nothing leaves; what one may not do himself still leads out.
func TestTransitionsTellWhetherTheyEnd(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		for who, want := range map[*policy.Actor]string{s.boss(): "finish:<nil> void:true", s.clerk("east"): "finish:<nil>"} {
			r, err := s.e.Schema(context.Background(), s.call(who, "shop"), "shop")
			var got []string
			for _, e := range must[record](t, r, err)["entities"].([]any) {
				if ent := e.(map[string]any); ent["name"] == "sale" {
					for _, m := range ent["transitions"].([]any) {
						got = append(got, fmt.Sprint(m.(map[string]any)["name"], ":", m.(map[string]any)["final"]))
					}
				}
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%v instead of %s", got, want)
			}
		}
	})
}

func TestBoardAndFormAreDescribed(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replace(viewDocs)
		board, err := s.view(s.clerk("east"), "sale_board")
		if err != nil {
			t.Fatal(err)
		}
		if board["by"] != "state" || board["sum"] != "total" || board["lane"] != "region" || board["form"] != "sale_form" || board.each("board_columns", "value") != "draft done void" || board.each("board_columns", "limit") != "3 <nil> <nil>" {
			t.Errorf("%v", board)
		}
		if byRef, err := s.view(s.boss(), "item_board"); err != nil || fmt.Sprint(byRef["board_columns"]) != "[]" {
			t.Errorf("%v, %v", byRef, err)
		}
		form, err := s.view(s.clerk("east"), "sale_form")
		if err != nil {
			t.Fatal(err)
		}
		main := record(form["sections"].([]any)[0].(map[string]any))
		if main.each("items", "field") != "region sold_on note lines" || record(main["items"].([]any)[3].(map[string]any)).each("columns", "path") != "item qty amount" {
			t.Errorf("%v", main)
		}
		if lines := record(main["items"].([]any)[3].(map[string]any)); lines.each("columns", "only") != "<nil> <nil> print" || lines.each("columns", "conditional") != "<nil> true <nil>" {
			t.Errorf("%v", lines)
		}
		if p := fmt.Sprint(form["print"]); p != "map[note:map[zh-CN:一式两份] orientation:landscape signatures:[map[zh-CN:收货人]] title:map[zh-CN:送货单]]" {
			t.Error(p)
		}
	})
}

// A calendar stands on the date by which its records are placed.
func TestCalendarIsDescribed(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replace(viewDocs)
		got, err := s.view(s.clerk("east"), "sale_calendar")
		if err != nil || got["start"] != "sold_on" || got["end"] != "updated_at" || got["form"] != "sale_form" || got.each("columns", "path") != "code note" || got.each("colors", "name") != "open" {
			t.Errorf("%v, %v", got, err)
		}
		sale, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "1", "price": "9"})
		if err != nil {
			t.Fatal(err)
		}
		day, err := s.shown(s.boss(), "sale", engine.ListRequest{View: "sale_calendar", Filter: "sold_on >= date('2026-03-01') && sold_on < date('2026-04-01')"})
		if err != nil || len(day.Records) != 1 || strings.Join(day.Colors[sale.id()], " ") != "open" {
			t.Errorf("%v, %v", day, err)
		}
		if _, err := s.put("role/clerk", `"note": "readonly"`, `"note": "readonly", "sold_on": "masked"`); err != nil {
			t.Fatal(err)
		}
		s.release("shop")
		_, err = s.view(s.clerk("east"), "sale_calendar")
		refused(t, err, "view.not_found", "")
	})
}

// listed is a list with the colours of a view.
type listed struct {
	Records []record            `json:"records"`
	Next    string              `json:"next_page_token"`
	Colors  map[string][]string `json:"colors"`
}

func (l listed) codes() string {
	out := make([]string, len(l.Records))
	for i, r := range l.Records {
		out[i] = fmt.Sprint(r["code"])
	}
	return strings.Join(out, " ")
}

func (w *world) shown(a *policy.Actor, entity string, req engine.ListRequest) (listed, error) {
	r, err := w.e.List(context.Background(), w.call(a, "shop"), entity, req)
	if err != nil {
		return listed{}, err
	}
	return must[listed](w.t, r, nil), nil
}

func TestListAsAViewShowsIt(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replace(viewDocs)
		s.mustCreate(s.boss(), "item", record{"code": "OLD-1", "name": "旧", "price": "99", "cost": "98", "active": false})
		s.mustCreate(s.boss(), "item", record{"code": "CAP-1", "name": "盖", "price": "1", "cost": "0.5", "region": s.east.id()})
		sale, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "1", "price": "9"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.transition(s.boss(), "sale", sale.id(), "finish"); err != nil {
			t.Fatal(err)
		}
		got, err := s.shown(s.boss(), "item", engine.ListRequest{View: "item_table"})
		if err != nil || got.codes() != "INK-1 PEN-1 CAP-1" { // by margin
			t.Errorf("%s, %v", got.codes(), err)
		}
		for id, want := range map[string]string{s.ink.id(): "dear lossy thin busy", s.pen.id(): "thin eastern sold moving busy"} {
			if c := strings.Join(got.Colors[id], " "); c != want {
				t.Errorf("colours %s, not %s", c, want)
			}
		}
		got, err = s.shown(s.clerk("west"), "item", engine.ListRequest{View: "item_table"})
		if err != nil || got.codes() != "PEN-1 INK-1 CAP-1" { // by code
			t.Errorf("%s, %v", got.codes(), err)
		}
		// The region is out of the clerk's rows, so that what depends on it doesn't hold for him.
		for id, want := range map[string]string{s.ink.id(): "dear", s.pen.id(): "sold moving"} {
			if c := strings.Join(got.Colors[id], " "); c != want {
				t.Errorf("the clerk's colours %s, not %s", c, want)
			}
		}
		got, err = s.shown(s.boss(), "item", engine.ListRequest{View: "item_table", Saved: "cheap", Filter: "code != 'X'"})
		if err != nil || got.codes() != "CAP-1 PEN-1" { // by price
			t.Errorf("%s, %v", got.codes(), err)
		}
		got, err = s.shown(s.boss(), "item", engine.ListRequest{View: "item_table", OrderBy: "code", Filter: "price > 20.0"})
		if err != nil || got.codes() != "INK-1" {
			t.Errorf("%s, %v", got.codes(), err)
		}
		if plain, err := s.shown(s.boss(), "item", engine.ListRequest{}); err != nil || plain.Colors != nil || len(plain.Records) != 4 {
			t.Errorf("%v, %v", plain, err)
		}
	})
}

// The pages of a view follow its order, and a token of one view opens nothing in another.
func TestPagesOfAView(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replace(viewDocs)
		var all []string
		req := engine.ListRequest{View: "item_table", PageSize: 1}
		for {
			got, err := s.shown(s.boss(), "item", req)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, got.codes())
			if got.Next == "" {
				break
			}
			req.PageToken = got.Next
			_, err = s.shown(s.boss(), "item", engine.ListRequest{View: "costly_table", PageSize: 1, PageToken: got.Next})
			refused(t, err, "query.page_token", "")
		}
		if !slices.Equal(all, []string{"INK-1", "PEN-1"}) {
			t.Errorf("%v", all)
		}
	})
}

func TestViewIsRefused(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replace(viewDocs)
		for _, x := range []struct {
			req     engine.ListRequest
			actor   *policy.Actor
			code    string
			pointer string
		}{
			{engine.ListRequest{View: "nothing"}, s.boss(), "view.not_found", "/view"},
			{engine.ListRequest{View: "sale_board"}, s.boss(), "view.not_found", "/view"}, // of another entity
			{engine.ListRequest{View: "item_table", Saved: "nothing"}, s.boss(), "view.filter_not_found", "/saved"},
			{engine.ListRequest{View: "item_table", Saved: "costly"}, s.clerk("east"), "view.filter_not_found", "/saved"},
			{engine.ListRequest{Saved: "cheap"}, s.boss(), "view.filter_alone", "/saved"},
		} {
			_, err := s.shown(x.actor, "item", x.req)
			refused(t, err, diagCode(x.code), x.pointer)
		}
	})
}

func TestAggregateAndExportOfAView(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replace(viewDocs)
		s.mustCreate(s.boss(), "item", record{"code": "OLD-1", "name": "旧", "price": "99", "cost": "98", "active": false})
		ctx := context.Background()
		count := func(body string) string {
			r, err := s.e.Aggregate(ctx, s.call(s.boss(), "shop"), "item", []byte(body))
			return fmt.Sprint(must[record](t, r, err)["groups"])
		}
		if n := count(`{"view":"item_table"}`); n != "[map[key:map[] values:map[count:2]]]" {
			t.Error(n)
		}
		if n := count(`{"view":"item_table","saved":"cheap"}`); n != "[map[key:map[] values:map[count:1]]]" {
			t.Error(n)
		}
		_, err := s.e.Aggregate(ctx, s.call(s.clerk("east"), "shop"), "item", []byte(`{"view":"costly_table"}`))
		refused(t, err, "view.not_found", "/view")
		d, err := s.e.Export(ctx, s.call(s.clerk("east"), "shop"), "item", []byte(`{"format":"csv","view":"item_table","fields":["code"]}`))
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if err := d.Write(&out); err != nil || strings.ReplaceAll(strings.TrimPrefix(out.String(), "\ufeff"), "\r", "") != "编码\nPEN-1\nINK-1\n" {
			t.Errorf("%q, %v", out.String(), err)
		}
		_, err = s.e.Export(ctx, s.call(s.clerk("east"), "shop"), "item", []byte(`{"view":"item_table","saved":"costly"}`))
		refused(t, err, "view.filter_not_found", "/saved")
	})
}
