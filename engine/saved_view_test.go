package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel/diag"
)

type savedView struct {
	ID, Title    string
	Shared, Mine bool
	Owner        struct{ ID, Name string }
	State        map[string]any
	Broken       []struct{ Code, Pointer string }
}

func (w *world) savedViews(a *policy.Actor) []savedView {
	w.t.Helper()
	r, err := w.e.SavedViews(context.Background(), w.call(a, "shop"), "item_table")
	return must[struct{ Saved []savedView }](w.t, r, err).Saved
}

func (w *world) saveView(a *policy.Actor, body string) (savedView, error) {
	w.t.Helper()
	r, err := w.e.SavedViewCreate(context.Background(), w.call(a, "shop"), "item_table", []byte(body))
	if err != nil {
		return savedView{}, err
	}
	return must[savedView](w.t, r, nil), nil
}

func (w *world) mustSaveView(a *policy.Actor, body string) savedView {
	w.t.Helper()
	v, err := w.saveView(a, body)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

func TestSavedViews(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st)
		newShop(t, w)
		ctx, boss, clerk := context.Background(), w.boss(), w.clerk("east")
		own := w.mustSaveView(boss, `{"title":" 贵的 ","state":{"filter":"price > 20","order_by":"code desc","columns":[{"path":"code","width":120},{"path":"region.name","hidden":true}],"group":"grade","search":"墨"}}`)
		if own.Title != "贵的" || own.Shared || !own.Mine || own.Owner.ID != boss.ID || own.State["filter"] != "price > 20" || len(own.Broken) != 0 {
			t.Errorf("%+v", own)
		}
		shared := w.mustSaveView(boss, `{"title":"启用","shared":true,"state":{"filter":"active"}}`)
		if got := w.savedViews(boss); len(got) != 2 || got[0].ID != own.ID {
			t.Errorf("the boss sees %+v", got)
		}
		if got := w.savedViews(clerk); len(got) != 1 || got[0].ID != shared.ID || got[0].Mine || got[0].State["filter"] != "active" {
			t.Errorf("the clerk sees %+v", got)
		}

		_, err := w.e.SavedViewUpdate(ctx, w.call(clerk, "shop"), "item_table", shared.ID, []byte(`{"title":"x"}`))
		refused(t, err, "view.saved_not_yours", "")
		_, err = w.e.SavedViewDelete(ctx, w.call(clerk, "shop"), "item_table", own.ID)
		refused(t, err, "view.saved_not_found", "") // what isn't shared doesn't exist for others
		helper := w.clerk("east")
		helper.ID, helper.Builder = "01920000-0000-7000-8000-00000000000b", true
		if _, err := w.e.SavedViewUpdate(ctx, w.call(helper, "shop"), "item_table", shared.ID, []byte(`{"title":"在用"}`)); err != nil {
			t.Errorf("a builder: %v", err)
		}
		if got := w.savedViews(clerk); len(got) != 1 || got[0].Title != "在用" || got[0].Owner.ID != boss.ID || got[0].State["filter"] != "active" {
			t.Errorf("after the builder's change: %+v", got)
		}
		_, err = w.e.SavedViewDelete(ctx, w.call(helper, "shop"), "item_table", own.ID)
		refused(t, err, "view.saved_not_found", "")
		if _, err := w.e.SavedViewUpdate(ctx, w.call(boss, "shop"), "item_table", shared.ID, []byte(`{"shared":false}`)); err != nil {
			t.Error(err)
		}
		if got := w.savedViews(clerk); len(got) != 0 {
			t.Errorf("not shared any more: %+v", got)
		}
		if _, err := w.e.SavedViewDelete(ctx, w.call(boss, "shop"), "item_table", own.ID); err != nil {
			t.Error(err)
		}
		if got := w.savedViews(boss); len(got) != 1 {
			t.Errorf("after deleting: %+v", got)
		}
	})
}

func TestSavedViewIsChecked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st)
		newShop(t, w)
		boss, clerk := w.boss(), w.clerk("east")
		long := strings.Repeat("字", 101)
		cases := []struct {
			who           *policy.Actor
			body          string
			code, pointer string
		}{
			{boss, `{"state":{}}`, "body.member_required", "/title"},
			{boss, `{"title":"  "}`, "body.member_required", "/title"},
			{boss, `{"title":"` + long + `"}`, "limit.exceeded", "/title"},
			{boss, `{"title":"a","colour":1}`, "body.unknown_member", "/colour"},
			{boss, `{"title":"a","shared":"yes"}`, "body.wrong_member", "/shared"},
			{boss, `{"title":"a","state":[]}`, "body.wrong_member", "/state"},
			{boss, `{"title":"a","state":{"filter":"price >"}}`, "expr.incomplete", "/state/filter"},
			{boss, `{"title":"a","state":{"filter":"nothing == 1"}}`, "query.field_unknown", "/state/filter"},
			{boss, `{"title":"a","state":{"filter":"price"}}`, "expr.wrong_result_type", "/state/filter"},
			{boss, `{"title":"a","state":{"order_by":"nothing"}}`, "query.field_unknown", "/state/order_by"},
			{boss, `{"title":"a","state":{"group":"nothing"}}`, "query.field_unknown", "/state/group"},
			{boss, `{"title":"a","state":{"search":"` + long + `"}}`, "limit.exceeded", "/state/search"},
			{boss, `{"title":"a","state":{"columns":{}}}`, "body.wrong_member", "/state/columns"},
			{boss, `{"title":"a","state":{"columns":[{"path":"code"},{"path":"region.nothing"}]}}`, "query.field_unknown", "/state/columns/1/path"},
			{boss, `{"title":"a","state":{"columns":[{"path":"code","width":99999}]}}`, "limit.exceeded", "/state/columns/0/width"},
			{boss, `{"title":"a","state":{"columns":[` + strings.Repeat(`{"path":"code"},`, 200) + `{"path":"code"}]}}`, "limit.exceeded", "/state/columns"},
			// What the clerk may not read is unknown to him here as anywhere; what is masked may be shown but not compared.
			{clerk, `{"title":"a","state":{"filter":"cost > 1"}}`, "query.field_unknown", "/state/filter"},
			{clerk, `{"title":"a","state":{"columns":[{"path":"cost"}]}}`, "query.field_unknown", "/state/columns/0/path"},
			{clerk, `{"title":"a","state":{"order_by":"margin"}}`, "query.field_unknown", "/state/order_by"},
		}
		for _, c := range cases {
			_, err := w.saveView(c.who, c.body)
			if err == nil {
				t.Errorf("%s: taken", c.body)
				continue
			}
			refused(t, err, diag.Code(c.code), c.pointer)
		}
		w.mustSaveView(clerk, `{"title":"a","state":{"columns":[{"path":"margin"}]}}`)
		ctx, nobody := context.Background(), w.role("shop")
		if _, err := w.e.SavedViews(ctx, w.call(nobody, "shop"), "item_table"); err == nil {
			t.Error("somebody without a grant sees a view")
		} else {
			refused(t, err, "view.not_found", "")
		}
		_, err := w.e.SavedViews(ctx, w.call(boss, "shop"), "nothing")
		refused(t, err, "view.not_found", "")
		for i := range store.MaxSavedViews {
			w.mustSaveView(boss, fmt.Sprintf(`{"title":"%d"}`, i))
		}
		_, err = w.saveView(boss, `{"title":"one more"}`)
		refused(t, err, "view.saved_too_many", "")
		w.mustSaveView(w.clerk("west"), `{"title":"somebody else's"}`)
	})
}

// What a later release breaks is told, not lost; others don't learn from it what they may not know.
func TestBrokenSavedViews(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st)
		newShop(t, w)
		boss, clerk := w.boss(), w.clerk("east")
		w.mustSaveView(boss, `{"title":"成本","shared":true,"state":{"filter":"cost > 8.25"}}`)
		got := w.savedViews(clerk)
		if len(got) != 1 || len(got[0].Broken) != 1 || got[0].Broken[0].Code != "view.saved_broken" || len(got[0].State) != 0 {
			t.Errorf("the clerk sees %+v", got)
		}
		if text, _ := json.Marshal(got); strings.Contains(string(text), "cost") || strings.Contains(string(text), "8.25") {
			t.Errorf("the clerk learns of a hidden field: %s", text)
		}
		w.mustSaveView(boss, `{"title":"等级","shared":true,"state":{"filter":"grade == 'c'"}}`)
		if _, err := w.put("entity/item", `"grade": {`, `"level": {"x-was":"grade",`); err != nil {
			t.Fatal(err)
		}
		w.release("shop")
		got = w.savedViews(boss)
		if len(got) != 2 || len(got[0].Broken) != 0 || len(got[1].Broken) != 1 || got[1].Broken[0].Code != "query.field_unknown" ||
			got[1].Broken[0].Pointer != "/state/filter" || got[1].State["filter"] != "grade == 'c'" {
			t.Errorf("after the release: %+v", got)
		}
	})
}
