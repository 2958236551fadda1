package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"tenon/engine"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Sizes of the benchmark of kept groups.
const (
	benchMoves   = 1_000_000
	benchItems   = 500
	benchPlaces  = 4
	benchDays    = 730
	benchInserts = 5000 // records of one transaction that fills the table
)

// moveDocs is an app with one entity of movements and, where kept, a dashboard over them whose cards are kept.
func moveDocs(kept bool) map[string]json.RawMessage {
	docs := map[string]json.RawMessage{
		"app.json": json.RawMessage(`{"x-kind":"app","x-version":1,"x-name":"shop","title":"小店","x-title":{"en-US":"Shop"},"version":"1.0.0"}`),
		"entities/thing.json": json.RawMessage(`{"$schema":"https://json-schema.org/draft/2020-12/schema","x-kind":"entity","x-version":1,"x-name":"thing","title":"物","x-title":{"en-US":"Thing"},"type":"object",
			"required":["name"],"properties":{"name":{"type":"string","title":"名","x-title":{"en-US":"Name"},"maxLength":50}},"x-display":"name"}`),
		"entities/move.json": json.RawMessage(`{"$schema":"https://json-schema.org/draft/2020-12/schema","x-kind":"entity","x-version":1,"x-name":"move","title":"变动","x-title":{"en-US":"Move"},"type":"object",
			"required":["thing","day"],"properties":{
			"thing":{"type":"string","format":"uuid","title":"物","x-title":{"en-US":"Thing"},"x-ref":{"entity":"thing","on-delete":"restrict"}},
			"place":{"type":"string","enum":["a","b","c","d"],"x-options":[{"name":"a","title":"甲","x-title":{"en-US":"A"}},{"name":"b","title":"乙","x-title":{"en-US":"B"}},{"name":"c","title":"丙","x-title":{"en-US":"C"}},{"name":"d","title":"丁","x-title":{"en-US":"D"}}],"title":"处","x-title":{"en-US":"Place"}},
			"day":{"type":"string","format":"date","title":"日","x-title":{"en-US":"Day"}},
			"note":{"type":"string","maxLength":50,"title":"注","x-title":{"en-US":"Note"}},
			"qty":{"type":"string","format":"decimal","x-decimal":[18,4],"title":"量","x-title":{"en-US":"Quantity"}},
			"worth":{"type":"string","format":"decimal","x-decimal":[18,2],"title":"值","x-title":{"en-US":"Worth"}}},"x-display":"note"}`),
		"roles/boss.json": json.RawMessage(`{"x-kind":"role","x-version":1,"x-name":"boss","title":"老板","x-title":{"en-US":"Boss"},"installer":true,"grants":[
			{"entity":"thing","actions":["read","create"]},{"entity":"move","actions":["read","create","update","delete"]}]}`),
	}
	if kept {
		docs["views/board.json"] = json.RawMessage(`{"x-kind":"view","x-version":1,"x-name":"board","title":"看板","x-title":{"en-US":"Board"},"type":"dashboard",
			"filters":[{"name":"period","title":"期间","x-title":{"en-US":"Period"},"kind":"period"}],
			"cards":[{"name":"by_month","title":"月","x-title":{"en-US":"Month"},"type":"bar","entity":"move","keep":true,"measures":[{"name":"worth","op":"sum","field":"worth"},{"name":"qty","op":"avg","field":"qty"}],"group":[{"field":"day","by":"month"},{"field":"place"}],"bind":{"period":"day"}},
				{"name":"by_thing","title":"物","x-title":{"en-US":"Thing"},"type":"pie","entity":"move","keep":true,"measures":[{"name":"worth","op":"sum","field":"worth"}],"group":[{"field":"thing"}]}]}`)
	}
	return docs
}

func moveWorld(b testing.TB, c store.Config) (*world, []string) {
	w := newWorld(b, storetest.Open(b, c))
	a := builder()
	a.ID = ""
	if _, err := w.e.AppCreate(context.Background(), w.call(a, ""), []byte(`{"name":"shop","title":"小店"}`)); err != nil {
		b.Fatal(err)
	}
	w.replaceDocs(moveDocs(false))
	var things []string
	for i := range benchItems {
		things = append(things, w.mustCreate(w.boss(), "thing", record{"name": fmt.Sprint("t", i)}).id())
	}
	return w, things
}

// fillMoves writes movements into the table, as records that are there.
func (w *world) fillMoves(things []string, n int) {
	w.t.Helper()
	ent := w.call(w.boss(), "shop").Snap.Entity("move")
	slot := func(name string) int { return ent.ByName(name).Slot }
	first := value.NewDate(2024, 1, 1)
	for done := 0; done < n; done += benchInserts {
		rows := make([]value.Row, benchInserts)
		for i := range rows {
			k := done + i
			row := make(value.Row, len(ent.Columns()))
			row[metamodel.SlotID], row[metamodel.SlotVersion] = storetest.NewID(), int64(1)
			row[metamodel.SlotCreatedAt], row[metamodel.SlotUpdatedAt] = w.now, w.now
			row[slot("thing")], row[slot("place")] = things[k*7%benchItems], string(rune('a'+k%benchPlaces))
			row[slot("day")] = first.AddDays(k * 13 % benchDays)
			row[slot("qty")], row[slot("worth")] = value.NewDecimal(int64(k%90000), 4), value.NewDecimal(int64(k%70000), 2)
			rows[i] = row
		}
		err := w.store.Write(context.Background(), store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.Insert(ctx, ent.Entity, rows...) })
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// BenchmarkKept is a chart over a million records, from what is kept of their groups and from the records themselves.
func BenchmarkKept(b *testing.B) {
	eachBenchDatabase(b, func(b *testing.B, c store.Config) {
		w, things := moveWorld(b, c)
		w.fillMoves(things, benchMoves)
		if err := w.store.Analyze(context.Background()); err != nil {
			b.Fatal(err)
		}
		charts := map[string]string{
			"months":  `{"group_by":["day:month","place"],"measures":[{"fn":"sum","field":"worth"},{"fn":"avg","field":"qty"}]}`,
			"quarter": `{"group_by":["day:month"],"filter":"day >= date('2025-04-01') && day <= date('2025-06-30')","measures":[{"fn":"sum","field":"worth"}]}`,
			"things":  `{"group_by":["thing"],"measures":[{"fn":"sum","field":"worth"}]}`,
		}
		run := func(b *testing.B, body string, kept bool) {
			for b.Loop() {
				r, err := w.e.Aggregate(context.Background(), w.call(w.boss(), "shop"), "move", []byte(body))
				if got := must[answer](b, r, err); got.Kept != kept {
					b.Fatalf("kept %v", got.Kept)
				}
			}
		}
		const flow = `{"group_by":["thing"],"filter":"day <= date('2025-06-30')","measures":[{"fn":"sum","field":"worth","where":"day < date('2025-06-01')","as":"opening"},
			{"fn":"sum","field":"worth","where":"day >= date('2025-06-01') && qty > 4.0","as":"in"},{"fn":"sum","field":"worth","where":"day >= date('2025-06-01') && qty <= 4.0","as":"out"},{"fn":"sum","field":"worth","as":"closing"}]}`
		b.Run("flow/records", func(b *testing.B) { run(b, flow, false) })
		for name, body := range charts {
			b.Run(name+"/records", func(b *testing.B) { run(b, body, false) })
		}
		w.replaceDocs(moveDocs(true))
		begun := time.Now()
		if err := w.e.FillKept(context.Background()); err != nil {
			b.Fatal(err)
		}
		b.Logf("two cards were filled from %d records in %v", benchMoves, time.Since(begun).Round(time.Millisecond))
		for name, body := range charts {
			b.Run(name+"/kept", func(b *testing.B) { run(b, body, true) })
		}
	})
}

// fillEntries writes entries of the general template's stock into the table, as if documents had posted them: over two
// years up to now.
func (w *world) fillEntries(n int) {
	w.t.Helper()
	owner := w.role("general", "owner")
	ids := func(entity string) []string {
		r, err := w.e.List(context.Background(), w.call(owner, "general"), entity, engine.ListRequest{PageSize: 200})
		var out []string
		for _, rec := range must[page](w.t, r, err).Records {
			out = append(out, rec.id())
		}
		return out
	}
	items, places := ids("item"), ids("warehouse")
	ent := w.call(owner, "general").Snap.Entity("stock_entry")
	slot := func(name string) int { return ent.ByName(name).Slot }
	first := value.DateOf(w.now, time.UTC).AddDays(-benchDays)
	for done := 0; done < n; done += benchInserts {
		rows := make([]value.Row, benchInserts)
		for i := range rows {
			k := done + i
			row := make(value.Row, len(ent.Columns()))
			row[metamodel.SlotID], row[metamodel.SlotVersion] = storetest.NewID(), int64(1)
			row[metamodel.SlotCreatedAt], row[metamodel.SlotUpdatedAt] = w.now, w.now
			row[slot("item")], row[slot("warehouse")] = items[k*7%len(items)], places[k/3%len(places)]
			row[slot("day")], row[slot("seq")] = first.AddDays(k*13%benchDays), int64(k+1_000_000)
			row[slot("verb")], row[slot("voided")] = "in", false
			row[slot("quantity")], row[slot("value")] = value.NewDecimal(int64(k%90000-40000), 4), value.NewDecimal(int64(k%70000-30000), 2)
			rows[i] = row
		}
		err := w.store.Write(context.Background(), store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.Insert(ctx, ent.Entity, rows...) })
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// BenchmarkStockFlow is the reports of stock of the general template over a million entries, whole dashboards: from the
// records, and from what is kept of their months and years.
func BenchmarkStockFlow(b *testing.B) {
	eachBenchDatabase(b, func(b *testing.B, c store.Config) {
		w := newWorld(b, storetest.Open(b, c))
		a := builder()
		a.ID = ""
		if _, err := w.e.AppCreate(context.Background(), w.call(a, ""), []byte(`{"template":"general","demo":true}`)); err != nil {
			b.Fatal(err)
		}
		w.fillEntries(benchMoves)
		if err := w.store.Analyze(context.Background()); err != nil {
			b.Fatal(err)
		}
		owner := w.role("general", "owner")
		today := value.DateOf(w.now, time.UTC)
		boards := []struct{ name, view, body string }{
			{"flow/this_month", "stock_flow_dashboard", `{}`},
			{"flow/days_of_old", "stock_flow_dashboard", fmt.Sprintf(`{"filters":{"period":{"from":%q,"to":%q}}}`, today.AddDays(-400), today.AddDays(-289))},
			{"day/today", "stock_day_dashboard", `{}`},
			{"day/of_old", "stock_day_dashboard", fmt.Sprintf(`{"filters":{"day":%q}}`, today.AddDays(-289))},
		}
		for _, kept := range []bool{false, true} {
			if kept {
				begun := time.Now()
				if err := w.e.FillKept(context.Background()); err != nil {
					b.Fatal(err)
				}
				b.Logf("all cards of the template were filled in %v", time.Since(begun).Round(time.Millisecond))
			}
			for _, of := range boards {
				b.Run(of.name+map[bool]string{false: "/records", true: "/kept"}[kept], func(b *testing.B) {
					for b.Loop() {
						r, err := w.e.DashboardData(context.Background(), w.call(owner, "general"), of.view, []byte(of.body))
						for name, card := range must[struct{ Cards map[string]cardAnswer }](b, r, err).Cards {
							if card.Kept != kept || len(card.Total) == 0 {
								b.Fatalf("%s: kept %v, %v", name, card.Kept, card.Total)
							}
						}
					}
				})
			}
		}
	})
}

// BenchmarkKeptWrite is what a write costs more for two cards that are kept.
func BenchmarkKeptWrite(b *testing.B) {
	eachBenchDatabase(b, func(b *testing.B, c store.Config) {
		w, things := moveWorld(b, c)
		for _, kept := range []bool{false, true} {
			w.replaceDocs(moveDocs(kept))
			if err := w.e.FillKept(context.Background()); err != nil {
				b.Fatal(err)
			}
			b.Run(map[bool]string{false: "plain", true: "two_cards"}[kept], func(b *testing.B) {
				i := 0
				for b.Loop() {
					body := fmt.Sprintf(`{"thing":%q,"place":"a","day":"2025-01-%02d","qty":"1.5","worth":"10.25"}`, things[i%benchItems], i%28+1)
					if _, err := w.e.Create(context.Background(), w.call(w.boss(), "shop"), "move", []byte(body), engine.ReadOptions{}); err != nil {
						b.Fatal(err)
					}
					i++
				}
			})
		}
	})
}

func eachBenchDatabase(b *testing.B, run func(b *testing.B, c store.Config)) {
	b.Run("sqlite", func(b *testing.B) { run(b, storetest.SQLite(b)) })
	if os.Getenv("TENON_TEST_SQLITE_ONLY") != "1" {
		b.Run("postgres", func(b *testing.B) { run(b, storetest.Postgres(b)) })
	}
}
