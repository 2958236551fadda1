package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tenon/engine"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

// A document that is booked late, for a day of an approved revaluation or before, warns whoever approves it; the revaluation
// tells that the books have moved until it is made anew, and by the clock once.
func TestRevaluationTellsThatBooksMoved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st)
		w.install("general")
		w.now = time.Date(2026, 2, 20, 9, 0, 0, 0, time.UTC)
		b := books{w, w.role("general", "owner")}
		made := func(entity string, values map[string]any) string { return b.made(entity, "", values).id() }
		usd := made("currency", map[string]any{"code": "USD", "name": "美元"})
		made("currency", map[string]any{"code": "CNY", "name": "人民币"})
		for day, rate := range map[string]string{"2026-01-01": "7.1", "2026-01-31": "7.2"} {
			made("exchange_rate", map[string]any{"currency": usd, "day": day, "rate": rate})
		}
		unit := made("unit", map[string]any{"name": "件"})
		category := made("item_category", map[string]any{"code": "C", "name": "百货"})
		warehouse := made("warehouse", map[string]any{"code": "W1", "name": "中央仓", "region": "east"})
		item := made("item", map[string]any{
			"code": "M1", "name": "木架", "category": category, "unit": unit, "tax_rate": "0.13",
			"purchase_price": "70", "sale_price": "100", "floor_price": "0", "cost_price": "70",
		})
		supplier := made("partner", map[string]any{"code": "S1", "name": "远洋贸易", "is_supplier": true, "region": "east", "currency": usd})
		receipt := func(day, qty string) record {
			return b.made("goods_receipt", "", map[string]any{
				"supplier": supplier, "warehouse": warehouse, "received_on": day,
				"lines": []any{map[string]any{"item": item, "qty": qty, "price": "10", "tax_rate": "0"}},
			})
		}
		revalued := func() record {
			return b.made("fx_revaluation", "approve", map[string]any{"revalued_on": "2026-01-31", "lines": []any{map[string]any{"partner": supplier}}})
		}
		says := func(id, moved, open string) {
			t.Helper()
			r, err := w.e.Get(context.Background(), w.call(b.owner, "general"), "fx_revaluation", id, engine.ReadOptions{})
			got := must[record](t, r, err)
			line := got.lines("lines")[0].(map[string]any)
			if text := fmt.Sprint(got["moved"], " ", line["balance_now"]); text != moved+" "+open {
				t.Errorf("the revaluation says %s, want %s %s", text, moved, open)
			}
		}
		told := func() (n int) {
			t.Helper()
			if err := w.e.JudgeByClock(context.Background()); err != nil {
				t.Fatal(err)
			}
			for _, e := range w.eventsOf("tenon.rule.broken") {
				if strings.Contains(string(e.Data), "agrees_with_books") {
					n++
				}
			}
			return n
		}
		if b.moved("goods_receipt", receipt("2026-01-10", "100"), "approve")["warnings"] != nil {
			t.Error("there is a warning before anything was revalued")
		}
		first := revalued()
		says(first.id(), "false", "1000.00")
		if b.moved("goods_receipt", receipt("2026-02-01", "1"), "approve")["warnings"] != nil {
			t.Error("a later document is warned of")
		}
		says(first.id(), "false", "1000.00")
		if n := told(); n != 0 {
			t.Errorf("told %d times of what agrees", n)
		}

		late := receipt("2026-01-31", "50")
		approve := func(body string) (*engine.Result, error) {
			return w.e.Transition(context.Background(), w.call(b.owner, "general"), "goods_receipt", late.id(), 0, []byte(body), engine.ReadOptions{})
		}
		if _, err := approve(`{"transition":"approve","warnings":"refuse"}`); err == nil || !strings.Contains(err.Error(), "revaluation_stands") && !hasCode(err, "rule.failed", "/received_on") {
			t.Errorf("it is approved without a warning: %v", err)
		}
		r, err := approve(`{"transition":"approve"}`)
		if err != nil || !strings.Contains(string(r.Body), "期末调汇") {
			t.Errorf("no warning: %s (%v)", r.Body, err)
		}
		says(first.id(), "true", "1500.00")
		for range 2 {
			if n := told(); n != 1 {
				t.Errorf("told %d times of what has moved", n)
			}
		}

		// The way out.
		b.moved("fx_revaluation", first, "cancel")
		second := revalued()
		says(second.id(), "false", "1500.00")
		if n := told(); n != 1 {
			t.Errorf("told %d times", n)
		}
		late["state"] = "approved"
		b.moved("goods_receipt", late, "cancel")
		says(second.id(), "true", "1000.00")
	})
}
