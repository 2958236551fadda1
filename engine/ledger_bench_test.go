package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

// movementApp is an app of movements of things in places, which post to a ledger as they are made; a thing keeps what is
// left of it, a place what its stock is worth.
func movementApp() map[string]json.RawMessage {
	docs := map[string]json.RawMessage{
		"app.json": keptApp(false)["app.json"],
		"entities/thing.json": withDisplay(benchEntity("thing", `"name"`, benchField("name", `"type":"string","maxLength":50`),
			benchField("left", benchDecimal+`,"x-rollup":{"entity":"stock_balance","field":"thing","function":"sum","value":"quantity"}`))),
		"entities/place.json": withDisplay(benchEntity("place", `"name"`, benchField("name", `"type":"string","maxLength":50`))),
		"ledgers/stock.json": json.RawMessage(`{"$schema":"https://json-schema.org/draft/2020-12/schema","x-kind":"ledger","x-version":1,"x-name":"stock","title":"stock","x-title":{"en-US":"stock"},"type":"object",
			"required":["thing","place"],"properties":{` + benchRef("thing", "thing") + "," + benchRef("place", "place") + `},
			"x-quantity":{"x-decimal":[18,2]},"x-value":{"x-decimal":[18,2],"x-currency":"CNY"}}`),
	}
	movement := benchEntity("movement", `"thing","place","day","qty"`, benchRef("thing", "thing"), benchRef("place", "place"),
		benchField("day", `"type":"string","format":"date"`), benchField("qty", benchDecimal), benchField("worth", benchDecimal))
	posting := func(name, verb, when, quantity, value string) string {
		return fmt.Sprintf(`{"name":%q,"title":%q,"x-title":{"en-US":%q},"ledger":"stock","verb":%q,"when":%q,"day":"day","dimensions":{"thing":"thing","place":"place"},"quantity":%q%s}`,
			name, name, name, verb, when, quantity, value)
	}
	docs["entities/movement.json"] = json.RawMessage(strings.TrimSuffix(string(movement), "}") + `,"x-postings":[` +
		posting("come", "in", "qty > 0.0", "qty", `,"value":"worth"`) + "," + posting("go", "out", "qty < 0.0", "-qty", "") + `]}`)
	var grants []string
	for _, e := range []string{"thing", "place", "movement"} {
		grants = append(grants, fmt.Sprintf(`{"entity":%q,"actions":["read","create","update","delete","import"]}`, e))
	}
	docs["roles/boss.json"] = json.RawMessage(`{"x-kind":"role","x-version":1,"x-name":"boss","title":"boss","x-title":{"en-US":"boss"},"installer":true,"grants":[` + strings.Join(grants, ",") + `]}`)
	return docs
}

func withDisplay(entity json.RawMessage) json.RawMessage {
	return json.RawMessage(strings.TrimSuffix(string(entity), "}") + `,"x-display":"name"}`)
}

// BenchmarkImportPosted imports 100,000 movements of 1,000 things in two places, each of which posts to a ledger: two come,
// the third takes some away.
func BenchmarkImportPosted(b *testing.B) {
	eachKept(b, func(b *testing.B, c func(b *testing.B) store.Config) {
		for _, mode := range []string{"all_or_nothing", "skip_bad"} {
			b.Run(mode, func(b *testing.B) {
				var took time.Duration
				for b.Loop() {
					b.StopTimer()
					k := newMovementBench(b, c(b))
					for i := range 1000 {
						k.make("thing", record{"name": fmt.Sprintf("thing %04d", i)})
					}
					var text strings.Builder
					text.WriteString("thing,place,day,qty,worth\n")
					for i := range benchChildren {
						qty, worth := "10", "123.45"
						if i/2000%3 == 2 {
							qty, worth = "-7", ""
						}
						fmt.Fprintf(&text, "thing %04d,%c,2025-%02d-%02d,%s,%s\n", i*7919%1000, 'a'+i%2000/1000, 1+i/10_000, 1+i/400%25, qty, worth)
					}
					began := time.Now()
					b.StartTimer()
					k.load("movement", mode, text.String())
					took += time.Since(began)
				}
				b.ReportMetric(float64(benchChildren)*float64(b.N)/took.Seconds(), "rows/s")
			})
		}
	})
}

func newMovementBench(b *testing.B, c store.Config) *keptBench {
	b.Helper()
	w := newWorld(b, storetest.Open(b, c))
	ctx := context.Background()
	a := builder()
	a.ID = ""
	if _, err := w.e.AppCreate(ctx, w.call(a, ""), []byte(`{"name":"kept","title":"kept"}`)); err != nil {
		b.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"documents": movementApp()})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := w.e.DocumentsPut(ctx, w.call(a, ""), "kept", "", body); err != nil {
		b.Fatal(err)
	}
	w.release("kept")
	k := &keptBench{world: w, b: b, boss: w.role("kept", "boss")}
	for _, place := range []string{"a", "b"} {
		k.make("place", record{"name": place})
	}
	return k
}
