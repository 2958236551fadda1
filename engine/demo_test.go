package engine_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"tenon/engine"
	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel/value"
)

// The demo data of every template goes through the same rules as anybody's, leaves plausible stock, and what is kept of it
// is right.
func TestDemoData(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st)
		ctx := context.Background()
		a := builder()
		a.ID = ""
		r, err := w.e.AppCreate(ctx, w.call(a, ""), []byte(`{"template":"general","demo":true}`))
		if err != nil {
			t.Fatal(err)
		}
		made := must[struct {
			Records int `json:"demo_records"`
		}](t, r, nil)
		if made.Records < 2000 {
			t.Errorf("%d demo records", made.Records)
		}
		owner := w.role("general", "owner")
		l, err := w.e.List(ctx, w.call(owner, "general"), "item", engine.ListRequest{PageSize: 200, Count: "exact", ReadOptions: engine.ReadOptions{Fields: []string{"code", "on_hand"}}})
		if err != nil {
			t.Fatal(err)
		}
		items := must[page](t, l, nil)
		stocked := 0
		for _, it := range items.Records {
			if v, _ := it["on_hand"].(string); len(v) > 0 && v[0] != '-' && v != "0.0000" {
				stocked++
			} else if len(v) > 0 && v[0] == '-' {
				t.Errorf("%v has %v on hand", it["code"], v)
			}
		}
		if *items.Count != 601 || stocked < 50 {
			t.Errorf("%d items, %d of the first 200 in stock", *items.Count, stocked)
		}
		w.provesGeneral()
		w.stockAddsUp(owner)
		w.booksAgree(owner)
		w.showsAll(owner)
	})
}

// stockAddsUp holds the reports of stock to each other and to the books: what there was, came and went makes what is left,
// item by item, whatever the period; and what is left now is what the balances and the pools say.
func (w *world) stockAddsUp(owner *policy.Actor) {
	w.t.Helper()
	ctx := context.Background()
	number := func(v any) value.Decimal {
		d, err := value.ParseDecimal(v.(string))
		if err != nil {
			w.t.Fatal(err)
		}
		return d
	}
	sum := func(m map[string]any, plus, minus string) value.Decimal {
		out := value.NewDecimal(0, 0)
		for _, name := range strings.Fields(plus) {
			out, _ = out.Add(number(m[name]))
		}
		for _, name := range strings.Fields(minus) {
			out, _ = out.Sub(number(m[name]))
		}
		return out
	}
	card := func(view, body string) spanCard {
		r, err := w.e.DashboardData(ctx, w.call(owner, "general"), view, []byte(body))
		return must[dashData](w.t, r, err).span(w.t, "by_item")
	}
	moved := 0
	for _, period := range []string{`"this_month"`, `"last_month"`, `"last_7_days"`, `{"from":"2026-01-10","to":"2026-02-20"}`, `null`} {
		c := card("stock_flow_dashboard", `{"filters":{"period":`+period+`},"cards":["by_item"]}`)
		for i, m := range append([]map[string]any{c.Total}, measuresOf(c)...) {
			if q := sum(m, "opening_qty in_qty", "out_qty closing_qty"); !q.IsZero() {
				w.t.Errorf("%s, row %d: quantities are %s off: %v", period, i, q, m)
			}
			if v := sum(m, "opening_value in_value adjusted", "out_value closing_value"); !v.IsZero() {
				w.t.Errorf("%s, row %d: values are %s off: %v", period, i, v, m)
			}
			if i > 0 && m["out_qty"] != "0" {
				moved++
			}
		}
	}
	if moved < 50 {
		w.t.Errorf("only %d rows moved", moved)
	}
	now := card("stock_day_dashboard", `{"cards":["by_item"]}`).Total
	if pieces := card("stock_flow_dashboard", `{"filters":{"period":"this_month"},"cards":["by_item"]}`).Total["closing_pieces"]; pieces != "17" {
		w.t.Errorf("%v pieces are left, want 17", pieces)
	}
	for _, x := range [][3]string{{"stock_balance", "quantity", "quantity"}, {"stock_balance", "secondary_quantity", "pieces"}, {"stock_cost", "value", "value"}} {
		entity, measure, there := x[0], x[1], now[x[2]]
		r, err := w.e.Aggregate(ctx, w.call(owner, "general"), entity, []byte(`{"measures":[{"fn":"sum","field":"`+measure+`","as":"n"}]}`))
		books := must[struct {
			Groups []struct{ Values map[string]any }
		}](w.t, r, err).Groups[0].Values["n"]
		if !number(books).Equal(number(there)) {
			w.t.Errorf("%s of %s is %v in the books and %v by the day", measure, entity, books, there)
		}
	}
}

func measuresOf(c spanCard) []map[string]any {
	var out []map[string]any
	for _, r := range c.Rows {
		out = append(out, r.Measures)
	}
	return out
}

// provesGeneral works out again all that the general template keeps.
func (w *world) provesGeneral() {
	w.t.Helper()
	ctx := context.Background()
	if err := errors.Join(w.e.Recompute(ctx), w.e.FillKept(ctx)); err != nil {
		w.t.Fatal(err)
	}
	v, err := w.e.VerifyApp(ctx, w.call(builder(), ""), "general")
	if err != nil {
		w.t.Fatal(err)
	}
	if len(v.Differences) > 0 || v.Checked.Ledgers == 0 || v.Checked.Rollups == 0 || v.Checked.Formulas == 0 {
		w.t.Errorf("%+v", v)
	}
}

// dyingContext ends when it has been asked for its end a number of times.
type dyingContext struct {
	context.Context
	left   atomic.Int64
	cancel context.CancelFunc
}

func (d *dyingContext) Done() <-chan struct{} {
	if d.left.Add(-1) == 0 {
		d.cancel()
	}
	return d.Context.Done()
}

// An installation that is cut short, among the demo data too, leaves no app behind, and can be begun again.
func TestInstallIsWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st)
		a := builder()
		a.ID = ""
		for _, moments := range []int64{10, 100, 3000} {
			ctx, cancel := context.WithCancel(context.Background())
			dying := &dyingContext{Context: ctx, cancel: cancel}
			dying.left.Store(moments)
			if _, err := w.e.AppCreate(dying, w.call(a, ""), []byte(`{"template":"general","demo":true}`)); err == nil {
				t.Fatalf("after %d moments the installation was over", moments)
			}
			if _, err := w.e.Snapshot("general", a); err == nil {
				t.Errorf("after %d moments the app is there", moments)
			}
			if _, err := st.Reader().Ref(context.Background(), "general", "draft"); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("after %d moments its draft is there: %v", moments, err)
			}
		}
		if _, err := w.e.AppCreate(context.Background(), w.call(a, ""), []byte(`{"template":"general"}`)); err != nil {
			t.Fatal(err)
		}
		l, err := w.e.List(context.Background(), w.call(w.role("general", "owner"), "general"), "item", engine.ListRequest{Count: "exact"})
		if p := must[page](t, l, err); *p.Count != 0 {
			t.Errorf("%d items are left of the demo data", *p.Count)
		}
	})
}

// A template can be installed again under another name: two apps that share nothing.
func TestTemplateUnderAnotherName(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st)
		ctx := context.Background()
		a := builder()
		a.ID = ""
		create := func(body string) (*engine.Result, error) { return w.e.AppCreate(ctx, w.call(a, ""), []byte(body)) }
		if _, err := create(`{"template":"general"}`); err != nil {
			t.Fatal(err)
		}
		r, err := create(`{"template":"general","name":"second_shop","title":"二店"}`)
		if err != nil {
			t.Fatal(err)
		}
		made := must[struct{ App, Title string }](t, r, nil)
		if made.App != "second_shop" || made.Title != "二店" {
			t.Errorf("made %+v", made)
		}
		in := func(app string) int {
			l, err := w.e.List(ctx, w.call(w.role(app, "owner"), app), "unit", engine.ListRequest{Count: "exact"})
			if err != nil {
				t.Fatal(err)
			}
			return *must[page](t, l, nil).Count
		}
		if _, err := w.e.Create(ctx, w.call(w.role("second_shop", "owner"), "second_shop"), "unit", []byte(`{"name":"箱"}`), engine.ReadOptions{}); err != nil {
			t.Fatal(err)
		}
		if in("general") != 0 || in("second_shop") != 1 {
			t.Errorf("%d units in the first, %d in the second, want 0 and 1", in("general"), in("second_shop"))
		}
		_, err = create(`{"template":"general"}`)
		refused(t, err, "app.exists", "/name")
		_, err = create(`{"template":"general","name":"Second Shop"}`)
		refused(t, err, "app.name_invalid", "/name")
		_, err = create(`{"template":"nothing","name":"third"}`)
		refused(t, err, "template.not_found", "/template")
	})
}
