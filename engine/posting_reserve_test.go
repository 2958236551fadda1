package engine_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"

	"tenon/engine"
)

// reservedDocs are sales that reserve, while they are drafts, what was not picked for them yet, and picks that take goods.
func reservedDocs(t testing.TB) map[string]json.RawMessage {
	docs := stockDocs(t)
	editDoc(t, docs, "entities/sale.json", func(d map[string]any) {
		d["properties"].(map[string]any)["picked"] = map[string]any{
			"type": "string", "format": "decimal", "x-decimal": []int{18, 4}, "title": "已拣", "x-title": map[string]any{"en-US": "Picked"},
			"x-rollup": map[string]any{"entity": "pick", "field": "sale", "function": "sum", "value": "qty"},
		}
		d["x-postings"] = []any{map[string]any{
			"name": "hold", "title": "占用", "x-title": map[string]any{"en-US": "Hold"}, "ledger": "stock", "verb": "reserve", "each": "lines",
			"when": "parent.state == 'draft'", "day": "parent.sold_on", "dimensions": map[string]any{"item": "item", "region": "parent.region"}, "quantity": "qty - parent.picked",
		}}
	})
	docs["entities/pick.json"] = json.RawMessage(`{"$schema":"https://json-schema.org/draft/2020-12/schema","x-kind":"entity","x-version":1,"x-name":"pick","title":"拣货","x-title":{"en-US":"Pick"},"type":"object",
		"required":["item","region","picked_on","qty"],"properties":{
		"sale":{"type":"string","format":"uuid","title":"销售","x-title":{"en-US":"Sale"},"x-ref":{"entity":"sale","on-delete":"restrict"}},
		"item":{"type":"string","format":"uuid","title":"商品","x-title":{"en-US":"Item"},"x-ref":{"entity":"item","on-delete":"restrict"}},
		"region":{"type":"string","format":"uuid","title":"地区","x-title":{"en-US":"Region"},"x-ref":{"entity":"region","on-delete":"restrict"}},
		"picked_on":{"type":"string","format":"date","title":"日期","x-title":{"en-US":"Date"}},
		"qty":{"type":"string","format":"decimal","x-decimal":[18,4],"title":"数量","x-title":{"en-US":"Quantity"}}},
		"x-postings":[{"name":"take","title":"出库","x-title":{"en-US":"Take"},"ledger":"stock","verb":"out","day":"picked_on","dimensions":{"item":"item","region":"region"},"quantity":"qty"}]}`)
	editDoc(t, docs, "roles/boss.json", func(d map[string]any) {
		d["grants"] = append(d["grants"].([]any), map[string]any{"entity": "pick", "actions": []string{"read", "create", "update", "delete", "import"}})
	})
	return docs
}

func (s *shop) order(qty string) record {
	return record{"region": s.east.id(), "sold_on": "2025-03-02", "lines": []record{{"item": s.pen.id(), "qty": qty, "price": "100"}}}
}

func (s *shop) picking(sale, qty string) record {
	r := record{"item": s.pen.id(), "region": s.east.id(), "picked_on": "2025-03-03", "qty": qty}
	if sale != "" {
		r["sale"] = sale
	}
	return r
}

// promised says how much there is of the pens, and how much of it is reserved.
func (s *shop) promised(on, reserved string) {
	s.t.Helper()
	p, err := s.list(s.boss(), "stock_balance", engine.ListRequest{Filter: "item == '" + s.pen.id() + "'"})
	if err != nil || len(p.Records) != 1 || p.Records[0]["quantity"] != on || p.Records[0]["reserved"] != reserved {
		s.t.Errorf("%v (%v), want %s with %s reserved", p.Records, err, on, reserved)
	}
}

// What is reserved goes to what it is reserved for: whether too much is, is judged once all is posted that a write entails.
func TestReservedGoodsGoToTheirSale(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(reservedDocs(t))
		s.buy(s.pen, "2025-03-01", "10", "100")
		sale := s.mustCreate(s.boss(), "sale", s.order("7"))
		s.promised("10.0000", "7.0000")
		if _, err := s.create(s.boss(), "sale", s.order("4")); !hasCode(err, "ledger.reserved", "/lines/0") {
			t.Errorf("more is reserved than there is: %v", err)
		}
		if _, err := s.create(s.boss(), "pick", s.picking("", "4")); !hasCode(err, "ledger.reserved_taken", "") {
			t.Errorf("what is reserved goes elsewhere: %v", err)
		}
		pick := s.mustCreate(s.boss(), "pick", s.picking(sale.id(), "5"))
		s.promised("5.0000", "2.0000")
		if _, err := s.update(s.boss(), "pick", pick.id(), 0, s.picking(sale.id(), "7")); err != nil {
			t.Errorf("the rest can't be picked: %v", err)
		}
		s.promised("3.0000", "0.0000")
		s.mustCreate(s.boss(), "sale", s.order("3"))
		s.promised("3.0000", "3.0000")
		s.wholeWith("")
	})
}

// Of ten pieces fifty people reserve ten.
func TestTheLastPiecesAreReserved(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(reservedDocs(t))
		s.buy(s.pen, "2025-03-01", "10", "100")
		body, _ := json.Marshal(s.order("1"))
		var wg sync.WaitGroup
		var mu sync.Mutex
		var sales []record
		refused := 0
		for range 50 {
			wg.Go(func() {
				r, err := s.e.Create(context.Background(), s.call(s.boss(), "shop"), "sale", body, engine.ReadOptions{})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					sales = append(sales, must[record](t, r, nil))
				case hasCode(err, "ledger.reserved", "/lines/0"):
					refused++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(sales) != 10 || refused != 40 {
			t.Errorf("%d have reserved, %d were refused", len(sales), refused)
		}
		s.promised("10.0000", "10.0000")
		for _, sale := range sales {
			wg.Go(func() {
				body, _ := json.Marshal(s.picking(sale.id(), "1"))
				if _, err := s.e.Create(context.Background(), s.call(s.boss(), "shop"), "pick", body, engine.ReadOptions{}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		s.promised("0.0000", "0.0000")
		s.wholeWith("")
	})
}

// An import judges what it reserves and takes as single documents do.
func TestImportReserves(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(reservedDocs(t))
		s.buy(s.pen, "2025-03-01", "10", "100")
		s.mustCreate(s.boss(), "sale", s.order("8"))
		p := s.uploadAs(s.boss(), "pick", "picks.csv", "item,region,picked_on,qty\nPEN-1,east,2025-03-03,1\nPEN-1,east,2025-03-03,2\nPEN-1,east,2025-03-03,1\n")
		if done := s.runImport(s.boss(), "pick", p.Import, `{"mode":"skip_bad"}`); done.Written != 2 {
			t.Errorf("%+v", done)
		}
		s.promised("8.0000", "8.0000")
	})
}
