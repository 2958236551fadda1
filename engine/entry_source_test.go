package engine_test

import (
	"context"
	"testing"

	"tenon/engine"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

// A voucher that touches stock alone is named by the report that holds the two books to each other: its entry leads to it,
// and what posted an entry is called as people call it.
func TestEntriesLeadToTheirDocument(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st)
		ctx := context.Background()
		a := builder()
		a.ID = ""
		if _, err := w.e.AppCreate(ctx, w.call(a, ""), []byte(`{"template":"general"}`)); err != nil {
			t.Fatal(err)
		}
		owner := w.role("general", "owner")
		c := w.call(owner, "general")
		made, err := w.e.Create(ctx, c, "voucher", []byte(`{"summary":"调整","lines":[{"account":"stock","debit":"100"},{"account":"bank","credit":"100"}]}`), engine.ReadOptions{})
		id := must[record](t, made, err).id()
		if _, err := w.e.Transition(ctx, c, "voucher", id, 0, []byte(`{"transition":"approve"}`), engine.ReadOptions{}); err != nil {
			t.Fatal(err)
		}
		r, err := w.e.DashboardData(ctx, c, "stock_gl_dashboard", []byte(`{"cards":["named_gl","named_stock"]}`))
		cards := must[struct {
			Cards map[string]struct{ Records []record }
		}](t, r, err).Cards
		named := cards["named_gl"].Records
		if len(named) != 1 || named[0]["source"] != "voucher" || named[0]["document"] != id || len(cards["named_stock"].Records) != 0 {
			t.Errorf("the report names %v, want the voucher %s", cards, id)
		}
		type column struct {
			Path, Name, Kind string
			Options          []struct {
				Name  string
				Title map[string]string
			}
		}
		told := func(c column) bool {
			for _, o := range c.Options {
				if o.Name == "voucher" && o.Title["zh-CN"] == "记账凭证" && o.Title["en-US"] == "Journal voucher" {
					return c.Kind == "choice"
				}
			}
			return false
		}
		r, err = w.e.View(ctx, c, "gl_entry_table")
		for _, col := range must[struct{ Columns []column }](t, r, err).Columns {
			if col.Path == "source" && !told(col) {
				t.Errorf("the table has %+v", col)
			}
		}
		r, err = w.e.View(ctx, c, "stock_gl_dashboard")
		for _, card := range must[struct{ Cards []record }](t, r, err).Cards {
			if _, given := card["empty"].(map[string]any); given != (card["type"] == "list") {
				t.Errorf("%v says %v where it is empty", card["name"], card["empty"])
			}
		}
	})
}
