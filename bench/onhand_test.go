package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tenon/bench/plain"
	"tenon/engine/sheet"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

var movementRows = flag.Int("movements", 1_000_000, "movements whose stock is asked for")

const (
	stockApp    = "/api/v1/apps/stock/"
	stockThings = 1000
	stockPlaces = 2
	movementsOf = 100_000 // movements in a file
	questions   = 200     // requests of each kind, one after another
)

// BenchmarkOnHand asks over HTTP what is on hand after a million movements of a thousand things in two places in a year:
// of a thing, now and up to a day, and of all things up to a day. What is measured is bounded by its number, so b.N
// doesn't matter.
func BenchmarkOnHand(b *testing.B) {
	for _, d := range eachDatabase {
		b.Run(d.name, func(b *testing.B) {
			c := d.make(b)
			tenon := startTenon(b, c)
			things := stocked(b, tenon, c)
			conn := dial(b, tenon.addr, tenon.tokens[0])
			var out strings.Builder
			fmt.Fprintf(&out, "\n%s, %d movements, %d requests of each kind\n\n| question | p50 ms | p99 ms |\n|---|--:|--:|\n", b.Name(), *movementRows, questions)
			for _, q := range stockQuestions {
				waits := make([]time.Duration, questions)
				for i := range waits {
					r := q.ask(things[i*37%len(things)], fmt.Sprintf("2025-%02d-%02d", 6+i%7, 1+i%28))
					asked := time.Now()
					answer := conn.text(b, r)
					waits[i] = time.Since(asked)
					if n, kept := bytes.Count(answer, []byte(q.row)), bytes.Contains(answer, []byte(`"kept":true`)); n != q.rows || kept != q.kept {
						b.Fatalf("%s: %d rows, expected %d, kept %v: %.600s", q.name, n, q.rows, kept, answer)
					}
				}
				slices.Sort(waits)
				at := func(p int) float64 { return float64(waits[(len(waits)-1)*p/100].Microseconds()) / 1000 }
				fmt.Fprintf(&out, "| %s | %.2f | %.2f |\n", q.name, at(50), at(99))
				b.ReportMetric(at(50), strings.ReplaceAll(strings.ReplaceAll(q.name, ",", ""), " ", "-")+"-ms")
			}
			_, _ = fmt.Fprintln(os.Stdout, out.String()) // the table is the result
		})
	}
}

// stockQuestions are what is asked, and how many rows the answer has. By June everything has been everywhere.
var stockQuestions = []struct {
	name, row string
	rows      int
	kept      bool // answered from kept groups
	ask       func(thing, day string) request
}{
	{"a thing, by place", `"available":`, stockPlaces, false, func(thing, _ string) request {
		return request{"GET", stockApp + "stock_balance?filter=" + url.QueryEscape("thing == '"+thing+"'"), nil, 200}
	}},
	{"a thing up to a day, by place", `"quantity":`, stockPlaces, true, func(thing, day string) request {
		body, err := json.Marshal(object{
			"filter":   "!voided && thing == '" + thing + "' && day <= date('" + day + "')",
			"group_by": []string{"place"},
			"measures": []object{{"fn": "sum", "field": "quantity", "as": "quantity"}, {"fn": "sum", "field": "value", "as": "value"}},
		})
		if err != nil {
			panic(err)
		}
		return request{"POST", stockApp + "stock_entry:aggregate", body, 200}
	}},
	{"all things up to a day, by place", `"display":`, stockThings, true, func(_, day string) request {
		return request{"POST", stockApp + "views/on_hand:data", []byte(`{"filters":{"day":"` + day + `"}}`), 200}
	}},
}

// stocked makes an app with things, and imports their movements; two come, the third takes some away.
func stocked(b *testing.B, tenon *child, c store.Config) (things []string) {
	b.Helper()
	admin := tenon.furnish(b)
	admin.release("stock", "keeper")
	things = admin.named("thing", stockThings)
	admin.named("place", stockPlaces)
	for from := 0; from < *movementRows; from += movementsOf {
		n := min(movementsOf, *movementRows-from)
		admin.load(stockApp+"movement/imports", "rows.csv", movements(b, from, n), n)
	}
	if c.URL != "" {
		if err := plain.Analyze(context.Background(), c.URL); err != nil {
			b.Fatal(err)
		}
	}
	tenon.tokens = []string{admin.do("POST", "/api/v1/tokens", 201, object{"name": "bench"}).text("token")}
	return things
}

// named makes records of an entity of the app stock that have a name alone, and returns their ids.
func (a *api) named(entity string, n int) (ids []string) {
	a.t.Helper()
	operations := make([]object, n)
	for i := range operations {
		operations[i] = object{"create": object{"name": fmt.Sprintf("%s %04d", entity, i)}}
	}
	for part := range slices.Chunk(operations, batchRows) {
		results, _ := a.do("POST", stockApp+entity+":batch", 200, object{"operations": part})["results"].([]any)
		for _, r := range results {
			ids = append(ids, object(r.(map[string]any)).text("id"))
		}
	}
	if len(ids) != n {
		a.t.Fatalf("%d records of %s were made", len(ids), entity)
	}
	return ids
}

// movements are a file of n movements from one on.
func movements(b *testing.B, from, n int) []byte {
	b.Helper()
	var data bytes.Buffer
	w, err := sheet.NewWriter(sheet.CSV, &data, []sheet.Column{
		{Title: "Thing"}, {Title: "Place"}, {Title: "Day", Kind: metamodel.Date}, {Title: "Quantity", Kind: metamodel.Decimal, Scale: 2}, {Title: "Worth", Kind: metamodel.Decimal, Scale: 2},
	}, sheet.Options{})
	for i := from; err == nil && i < from+n; i++ {
		day := time.Date(2025, 1, 1 + i*365 / *movementRows, 0, 0, 0, 0, time.UTC)
		quantity, worth := value.NewDecimal(1000, 2), any(value.NewDecimal(12_345, 2))
		if i/(stockThings*stockPlaces)%3 == 2 {
			quantity, worth = value.NewDecimal(-700, 2), nil
		}
		err = w.WriteRow([]any{fmt.Sprintf("thing %04d", i*7919%stockThings), fmt.Sprintf("place %04d", i/stockThings%stockPlaces), day, quantity, worth})
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
	return data.Bytes()
}
