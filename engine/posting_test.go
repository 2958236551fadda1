package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"tenon/engine"
	"tenon/metamodel/diag"
)

// stockDocs gives the shop a ledger of its stock: purchases bring goods into a region, sales take them out.
func stockDocs(t testing.TB) map[string]json.RawMessage {
	docs := keptDocs(t, false)
	maps.Copy(docs, map[string]json.RawMessage{
		"ledgers/stock.json": json.RawMessage(`{"$schema":"https://json-schema.org/draft/2020-12/schema","x-kind":"ledger","x-version":1,"x-name":"stock","title":"库存","x-title":{"en-US":"Stock"},"type":"object",
			"required":["item","region"],"properties":{
			"item":{"type":"string","format":"uuid","title":"商品","x-title":{"en-US":"Item"},"x-ref":{"entity":"item","on-delete":"restrict"}},
			"region":{"type":"string","format":"uuid","title":"地区","x-title":{"en-US":"Region"},"x-ref":{"entity":"region","on-delete":"restrict"}}},
			"x-quantity":{"x-decimal":[18,4]},"x-value":{"x-decimal":[18,2],"x-currency":"CNY"},
			"x-policies":{"cost_method":"item.grade == 'b' ? 'fifo' : 'average'"}}`),
		"entities/purchase.json": json.RawMessage(`{"$schema":"https://json-schema.org/draft/2020-12/schema","x-kind":"entity","x-version":1,"x-name":"purchase","title":"采购单","x-title":{"en-US":"Purchase"},"type":"object",
			"required":["item","region","bought_on","qty","amount"],"properties":{
			"code":{"type":"string","title":"单号","x-title":{"en-US":"Number"},"maxLength":20},
			"item":{"type":"string","format":"uuid","title":"商品","x-title":{"en-US":"Item"},"x-ref":{"entity":"item","on-delete":"restrict"}},
			"region":{"type":"string","format":"uuid","title":"地区","x-title":{"en-US":"Region"},"x-ref":{"entity":"region","on-delete":"restrict"}},
			"bought_on":{"type":"string","format":"date","title":"日期","x-title":{"en-US":"Date"}},
			"qty":{"type":"string","format":"decimal","x-decimal":[18,4],"title":"数量","x-title":{"en-US":"Quantity"}},
			"amount":{"type":"string","format":"decimal","x-decimal":[18,2],"title":"金额","x-title":{"en-US":"Amount"}}},
			"x-display":"code",
			"x-postings":[{"name":"receive","title":"入库","x-title":{"en-US":"Receive"},"ledger":"stock","verb":"in","day":"bought_on","dimensions":{"item":"item","region":"region"},"quantity":"qty","value":"amount"}]}`),
	})
	edit := func(path string, change func(map[string]any)) {
		var d map[string]any
		if err := json.Unmarshal(docs[path], &d); err != nil {
			t.Fatal(err)
		}
		change(d)
		docs[path], _ = json.Marshal(d)
	}
	edit("entities/sale.json", func(d map[string]any) {
		d["x-postings"] = []any{map[string]any{
			"name": "sell", "title": "出库", "x-title": map[string]any{"en-US": "Sell"}, "ledger": "stock", "verb": "out", "each": "lines",
			"when": "parent.state == 'done'", "day": "parent.sold_on", "dimensions": map[string]any{"item": "item", "region": "parent.region"}, "quantity": "qty",
		}}
	})
	edit("entities/item.json", func(d map[string]any) {
		d["properties"].(map[string]any)["on_hand"] = map[string]any{
			"type": "string", "format": "decimal", "x-decimal": []int{18, 4}, "title": "库存", "x-title": map[string]any{"en-US": "On hand"},
			"x-rollup": map[string]any{"entity": "stock_balance", "field": "item", "function": "sum", "value": "quantity"},
		}
	})
	edit("roles/boss.json", func(d map[string]any) {
		d["grants"] = append(d["grants"].([]any),
			map[string]any{"entity": "purchase", "actions": []string{"read", "create", "update", "delete", "import"}},
			map[string]any{"entity": "stock_balance", "actions": []string{"read", "export"}},
			map[string]any{"entity": "stock_entry", "actions": []string{"read"}},
			map[string]any{"entity": "stock_cost", "actions": []string{"read"}})
	})
	return docs
}

func eachStock(t *testing.T, test func(t *testing.T, s *shop)) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(stockDocs(t))
		test(t, s)
	})
}

func (s *shop) buy(item record, day, qty, amount string) record {
	s.t.Helper()
	return s.mustCreate(s.boss(), "purchase", record{"code": "P" + day + qty, "item": item.id(), "region": s.east.id(), "bought_on": day, "qty": qty, "amount": amount})
}

// sell finishes a sale of one item.
func (s *shop) sell(item record, day, qty string) (record, error) {
	s.t.Helper()
	sale := s.mustCreate(s.boss(), "sale", record{"region": s.east.id(), "sold_on": day, "lines": []record{{"item": item.id(), "qty": qty, "price": "100"}}})
	return s.transition(s.boss(), "sale", sale.id(), "finish")
}

// stock is what the ledger says of an item: quantity and value of its only pool.
func (s *shop) stock(item record, quantity, worth string) {
	s.t.Helper()
	p, err := s.list(s.boss(), "stock_cost", engine.ListRequest{Filter: "item == '" + item.id() + "'"})
	if err != nil || len(p.Records) != 1 {
		s.t.Fatalf("%v (%v)", p, err)
	}
	if r := p.Records[0]; r["quantity"] != quantity || r["value"] != worth {
		s.t.Errorf("there is %v worth %v, want %s worth %s", r["quantity"], r["value"], quantity, worth)
	}
	got, err := s.get(s.boss(), "item", item.id())
	if err != nil || got["on_hand"] != quantity {
		s.t.Errorf("the item keeps %v (%v), want %s", got["on_hand"], err, quantity)
	}
}

func TestDocumentsPost(t *testing.T) {
	eachStock(t, func(t *testing.T, s *shop) {
		first := s.buy(s.pen, "2025-03-01", "10", "100")
		s.buy(s.pen, "2025-03-05", "10", "200")
		s.stock(s.pen, "20.0000", "300.00")
		sale, err := s.sell(s.pen, "2025-03-10", "5")
		if err != nil {
			t.Fatal(err)
		}
		s.stock(s.pen, "15.0000", "225.00")
		// What came earlier changes what was sold later: five of 11 that cost 210.
		_, err = s.update(s.boss(), "purchase", first.id(), 0, record{"qty": "1", "amount": "10"})
		if err != nil {
			t.Fatal(err)
		}
		s.stock(s.pen, "6.0000", "114.55")
		if _, err = s.sell(s.pen, "2025-03-11", "6.5"); !hasCode(err, "ledger.negative", "/lines/0") {
			t.Errorf("oversold: %v", err)
		}
		if _, err := s.e.Delete(context.Background(), s.call(s.boss(), "shop"), "purchase", first.id(), 0); err != nil {
			t.Fatal(err)
		}
		s.stock(s.pen, "5.0000", "100.00")
		if _, err := s.transition(s.boss(), "sale", sale.id(), "void"); err != nil {
			t.Fatal(err)
		}
		s.stock(s.pen, "10.0000", "200.00")
		if _, err := s.create(s.boss(), "stock_balance", record{"quantity": "5"}); err == nil {
			t.Error("a balance was written by hand")
		}
	})
}

// A document of an earlier day changes what later ones cost.
func TestBackdatedDocuments(t *testing.T) {
	eachStock(t, func(t *testing.T, s *shop) {
		s.buy(s.pen, "2025-03-05", "10", "100")
		if _, err := s.sell(s.pen, "2025-03-10", "5"); err != nil {
			t.Fatal(err)
		}
		s.buy(s.pen, "2025-03-01", "10", "300")
		s.stock(s.pen, "15.0000", "300.00")
		if _, err := s.sell(s.pen, "2025-03-02", "12"); !hasCode(err, "ledger.negative", "/lines/0") {
			t.Errorf("sold before it came: %v", err)
		}
		if _, err := s.sell(s.pen, "2025-03-06", "18"); !hasCode(err, "ledger.negative_later", "") {
			t.Errorf("sold what is sold later: %v", err)
		}
	})
}

func hasCode(err error, code diag.Code, path string) bool {
	var p *diag.Problem
	if !errors.As(err, &p) {
		return false
	}
	for _, d := range p.List {
		if d.Code == code && strings.HasPrefix(d.Path, path) {
			return true
		}
	}
	return false
}

// Of ten pieces fifty people sell ten.
func TestTheLastPieces(t *testing.T) {
	eachStock(t, func(t *testing.T, s *shop) {
		s.buy(s.pen, "2025-03-01", "10", "100")
		var sales []record
		for range 50 {
			sales = append(sales, s.mustCreate(s.boss(), "sale", record{"region": s.east.id(), "sold_on": "2025-03-02", "lines": []record{{"item": s.pen.id(), "qty": "1", "price": "100"}}}))
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		sold, refused := 0, 0
		for _, sale := range sales {
			wg.Go(func() {
				_, err := s.e.Transition(context.Background(), s.call(s.boss(), "shop"), "sale", sale.id(), 0, []byte(`{"transition":"finish"}`), engine.ReadOptions{})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					sold++
				case hasCode(err, "ledger.negative", ""):
					refused++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if sold != 10 || refused != 40 {
			t.Errorf("%d sold, %d refused", sold, refused)
		}
		s.stock(s.pen, "0.0000", "0.00")
	})
}

// An import posts as single documents do, and refuses by row what a ledger can't take.
func TestImportPosts(t *testing.T) {
	eachStock(t, func(t *testing.T, s *shop) {
		var b strings.Builder
		b.WriteString("code,item,region,bought_on,qty,amount\n")
		for i := range 300 {
			fmt.Fprintf(&b, "I%d,PEN-1,east,2025-04-01,2,%d.00\n", i, 10+i%3)
		}
		p := s.uploadAs(s.boss(), "purchase", "purchases.csv", b.String())
		if done := s.runImport(s.boss(), "purchase", p.Import, `{}`); done.Written != 300 {
			t.Fatalf("%+v", done)
		}
		s.stock(s.pen, "600.0000", "3300.00")
	})
}
