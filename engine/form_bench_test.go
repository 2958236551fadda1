package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"tenon/engine"
	"tenon/engine/store/storetest"
)

// benchLines is how many lines the order of BenchmarkEvaluate has.
const benchLines = 50

// BenchmarkEvaluate judges a form with a purchase order as a person fills it in: as it is begun, with nothing but goods
// and quantities, and as it comes back with all that Tenon gave.
func BenchmarkEvaluate(b *testing.B) {
	ctx := context.Background()
	w := newWorld(b, storetest.Open(b, storetest.SQLite(b)))
	a := builder()
	a.ID = ""
	if _, err := w.e.AppCreate(ctx, w.call(a, ""), []byte(`{"template":"general","demo":true}`)); err != nil {
		b.Fatal(err)
	}
	owner := w.role("general", "owner")
	rows := func(entity, filter string, n int) []record {
		r, err := w.e.List(ctx, w.call(owner, "general"), entity, engine.ListRequest{PageSize: n, Filter: filter})
		return must[page](b, r, err).Records
	}
	values := record{"supplier": rows("partner", "is_supplier && active", 1)[0].id(), "warehouse": rows("warehouse", "active", 1)[0].id()}
	var lines []record
	for i, item := range rows("item", "active", benchLines) {
		lines = append(lines, record{"item": item.id(), "qty": fmt.Sprint(i + 1), "price": "3.25"})
	}
	values["lines"] = lines
	run := func(b *testing.B, values record) record {
		body, err := json.Marshal(record{"form": "purchase_order_form", "values": values})
		if err != nil {
			b.Fatal(err)
		}
		r, err := w.e.Evaluate(ctx, w.call(owner, "general"), "purchase_order", body)
		return must[record](b, r, err)
	}
	b.Run("begun", func(b *testing.B) {
		for b.Loop() {
			run(b, values)
		}
	})
	answer := run(b, values)["values"].(map[string]any)
	var full []record
	for i, line := range answer["lines"].([]any) {
		l := line.(map[string]any)
		full = append(full, record{"item": l["item"], "qty": fmt.Sprint(i + 1), "price": "3.25", "unit": l["unit"], "factor": l["factor"], "discount": l["discount"], "tax_rate": l["tax_rate"]})
	}
	values["lines"] = full
	b.Run("filled in", func(b *testing.B) {
		for b.Loop() {
			run(b, values)
		}
	})
}
