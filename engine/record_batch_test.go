package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// Each operation of a batch has the means of a request, so that as many as a batch may hold can be kept up with: here all
// that are there follow each new one.
func TestBatchHasTheMeansOfItsOperations(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		docs := keptDocs(t, true)
		editDoc(t, docs, "entities/sale.json", func(d map[string]any) {
			d["properties"].(map[string]any)["beside"] = map[string]any{
				"title": "同区", "x-title": map[string]any{"en-US": "Beside"}, "type": "integer", "x-computed": map[string]any{"cel": "region.sales", "stored": true},
			}
		})
		s.replaceDocs(docs)
		var ops []string
		for i := range 400 {
			ops = append(ops, fmt.Sprintf(`{"create":{"region":%q,"sold_on":"2026-01-%02d","note":"n%d","lines":[{"item":%q,"qty":"1","price":"60"}]}}`, s.east.id(), 1+i%28, i, s.pen.id()))
		}
		if _, err := s.e.Batch(context.Background(), s.call(s.boss(), "shop"), "sale", []byte(`{"operations":[`+strings.Join(ops, ",")+`]}`)); err != nil {
			t.Fatalf("%.300v", err)
		}
		if r, err := s.get(s.boss(), "region", s.east.id()); err != nil || r["sales"] != float64(400) {
			t.Errorf("%v sales (%v)", r["sales"], err)
		}
	})
}

// As many records as a write brings up to date have the means for it, whatever the formula costs: none is refused that a
// job would have done had there been more.
func TestFollowersHaveTheMeans(t *testing.T) {
	letters := "['" + strings.Join(strings.Split("abcdefghijklmnopqrst", ""), "', '") + "']"
	eachShop(t, func(t *testing.T, s *shop) {
		docs := keptDocs(t, false)
		editDoc(t, docs, "entities/item.json", func(d map[string]any) {
			d["properties"].(map[string]any)["long"] = map[string]any{
				"title": "长", "x-title": map[string]any{"en-US": "Long"}, "type": "boolean",
				"x-computed": map[string]any{"cel": letters + ".exists(x, " + letters + ".exists(y, x + y == region.name))", "stored": true},
			}
		})
		s.replaceDocs(docs)
		for batch := range 5 {
			var ops []string
			for i := range 450 {
				ops = append(ops, fmt.Sprintf(`{"create":{"region":%q,"code":"F-%d-%d","name":"f"}}`, s.east.id(), batch, i))
			}
			if _, err := s.e.Batch(context.Background(), s.call(s.boss(), "shop"), "item", []byte(`{"operations":[`+strings.Join(ops, ",")+`]}`)); err != nil {
				t.Fatalf("%.300v", err)
			}
		}
		if _, err := s.update(s.boss(), "region", s.east.id(), 0, record{"name": "o"}); err != nil {
			t.Fatalf("%.300v", err)
		}
	})
}
