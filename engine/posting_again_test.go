package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"tenon/engine"
	"tenon/metamodel/value"
)

// heldDocs is the shop where sales reserve what they are about, by a value of the item, until three parcels have gone.
func heldDocs(t testing.TB) map[string]json.RawMessage {
	t.Helper()
	docs := stockDocs(t)
	edit := func(path string, change func(map[string]any)) {
		var d map[string]any
		if err := json.Unmarshal(docs[path], &d); err != nil {
			t.Fatal(err)
		}
		change(d)
		docs[path], _ = json.Marshal(d)
	}
	docs["entities/parcel.json"] = json.RawMessage(`{"$schema":"https://json-schema.org/draft/2020-12/schema","x-kind":"entity","x-version":1,"x-name":"parcel","title":"包裹","x-title":{"en-US":"Parcel"},"type":"object",
		"required":["sale"],"properties":{"sale":{"type":"string","format":"uuid","title":"销售单","x-title":{"en-US":"Sale"},"x-ref":{"entity":"sale","on-delete":"restrict"}}}}`)
	edit("entities/sale.json", func(d map[string]any) {
		d["properties"].(map[string]any)["parcels"] = map[string]any{
			"type": "integer", "title": "包裹数", "x-title": map[string]any{"en-US": "Parcels"}, "x-rollup": map[string]any{"entity": "parcel", "field": "sale", "function": "count"},
		}
		d["x-postings"] = append(d["x-postings"].([]any), map[string]any{
			"name": "hold", "title": "预留", "x-title": map[string]any{"en-US": "Hold"}, "ledger": "stock", "verb": "reserve", "each": "lines",
			"when": "parent.state == 'draft' && parent.waits", "day": "parent.sold_on", "dimensions": map[string]any{"item": "item", "region": "parent.region"}, "quantity": "pack == 13.0 ? -1.0 : qty * coalesce(pack, 0.0)",
		})
		d["properties"].(map[string]any)["waits"] = map[string]any{
			"type": "boolean", "title": "待发", "x-title": map[string]any{"en-US": "Waits"}, "x-computed": map[string]any{"cel": "parcels < 3", "stored": false},
		}
	})
	edit("entities/sale_line.json", func(d map[string]any) {
		d["properties"].(map[string]any)["pack"] = map[string]any{
			"type": "string", "format": "decimal", "x-decimal": []int{18, 4}, "title": "件数", "x-title": map[string]any{"en-US": "Pack"}, "x-computed": map[string]any{"cel": "item.price", "stored": true},
		}
	})
	edit("roles/boss.json", func(d map[string]any) {
		d["grants"] = append(d["grants"].([]any), map[string]any{"entity": "parcel", "actions": []string{"read", "create", "update", "delete", "import"}})
	})
	return docs
}

func eachHeld(t *testing.T, test func(t *testing.T, s *shop)) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(heldDocs(t))
		for _, item := range []record{s.pen, s.ink} {
			s.buy(item, "2025-02-01", "100000", "100")
		}
		test(t, s)
	})
}

// holds asserts how much of an item is reserved in all.
func (s *shop) holds(item record, want string) {
	s.t.Helper()
	if got := s.reserved(item.id()); got != want {
		s.t.Errorf("%s are reserved, want %s", got, want)
	}
}

func (s *shop) reserved(item string) string {
	s.t.Helper()
	p, err := s.list(s.boss(), "stock_balance", engine.ListRequest{Filter: "item == '" + item + "'"})
	if err != nil {
		s.t.Fatal(err)
	}
	var sum value.Decimal
	for _, r := range p.Records {
		n, err := value.ParseDecimal(r["reserved"].(string))
		if err == nil {
			sum, err = sum.Add(n)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
	return sum.Trim().String()
}

// asHeld asserts that the ledger is proven by its entries, and that it holds what the documents as they are want to hold.
func (s *shop) asHeld() {
	s.t.Helper()
	r, err := s.e.LedgerVerify(context.Background(), s.call(builder(), "shop"), "stock", nil)
	if v := must[record](s.t, r, err); v["whole"] != true {
		s.t.Errorf("the ledger is not whole: %v", v)
	}
	want := map[string]value.Decimal{}
	for _, sale := range s.all("sale") {
		if sale["state"] != "draft" || sale["parcels"].(float64) >= 3 {
			continue
		}
		for _, l := range sale.lines("lines") {
			line := l.(map[string]any)
			qty, _ := value.ParseDecimal(line["qty"].(string))
			pack, err := value.ParseDecimal(fmt.Sprint(line["pack"]))
			if err != nil {
				continue
			}
			n, _ := qty.Mul(pack)
			n, _ = n.Round(4)
			item := line["item"].(string)
			want[item], _ = want[item].Add(n)
		}
	}
	for _, item := range []record{s.pen, s.ink} {
		s.holds(item, want[item.id()].Trim().String())
	}
}

// A posting is judged again when what it reads of its document changes without anybody writing it.
func TestPostingsFollowWhatTheyRead(t *testing.T) {
	eachHeld(t, func(t *testing.T, s *shop) {
		boss := s.boss()
		if _, err := s.update(boss, "item", s.pen.id(), 0, record{"price": "2"}); err != nil {
			t.Fatal(err)
		}
		sale := s.mustCreate(boss, "sale", record{"region": s.east.id(), "sold_on": "2025-03-01", "lines": []record{{"item": s.pen.id(), "qty": "3", "price": "100"}}})
		s.holds(s.pen, "6")
		if _, err := s.update(boss, "item", s.pen.id(), 0, record{"price": "5"}); err != nil {
			t.Fatal(err)
		}
		s.holds(s.pen, "15")
		var parcels []record
		for range 3 {
			s.holds(s.pen, "15")
			parcels = append(parcels, s.mustCreate(boss, "parcel", record{"sale": sale.id()}))
		}
		s.holds(s.pen, "0")
		if _, err := s.e.Delete(context.Background(), s.call(boss, "shop"), "parcel", parcels[0].id(), 0); err != nil {
			t.Fatal(err)
		}
		s.holds(s.pen, "15")
		s.asHeld()
		if got, _ := s.get(boss, "sale", sale.id()); got["version"] != float64(1) {
			t.Errorf("the sale has version %v: nobody wrote it", got["version"])
		}
		// What a ledger can't take refuses the write that it follows from, and names the document.
		_, err := s.update(boss, "item", s.pen.id(), 0, record{"price": "13"})
		if !hasCode(err, "ledger.quantity_negative", "") || !hasCode(err, "derive.refused", "") {
			t.Errorf("held less than nothing: %v", err)
		}
		s.holds(s.pen, "15")
		if _, err := s.e.LedgerLock(context.Background(), s.call(builder(), "shop"), "stock", []byte(`{"through":"2025-03-31"}`)); err != nil {
			t.Fatal(err)
		}
		if _, err = s.update(boss, "item", s.pen.id(), 0, record{"price": "7"}); err != nil {
			t.Errorf("what is reserved moves nothing, so that a closed month doesn't bind it: %v", err)
		}
		s.holds(s.pen, "21")
		s.mustCreate(boss, "parcel", record{"sale": sale.id()})
		s.holds(s.pen, "0")
		s.asHeld()
	})
}

// Whatever happens, the ledger holds what the documents as they are want to hold; with a bound that nearly every write is
// over, once the jobs have ended.
func TestPostingsFollowAnyHistory(t *testing.T) {
	for seed := range uint64(2) {
		eachHeld(t, func(t *testing.T, s *shop) {
			r := rand.New(rand.NewPCG(seed, 33))
			s.scribbleHeld(r, 60)
			s.asHeld()
			for range 4 {
				s.bounded(1 + r.IntN(2))
				s.scribbleHeld(r, 15)
				if _, err := s.e.RecomputeSome(context.Background(), "shop"); err != nil {
					t.Fatal(err)
				}
			}
			s.recompute()
			s.asHeld()
		})
	}
}

func (s *shop) scribbleHeld(r *rand.Rand, n int) {
	s.t.Helper()
	boss := s.boss()
	items := []string{s.pen.id(), s.ink.id()}
	for range n {
		sales, parcels := s.all("sale"), s.all("parcel")
		var err error
		switch op := r.IntN(8); {
		case len(sales) < 3 || op == 0:
			var lines []record
			for range 1 + r.IntN(3) {
				lines = append(lines, record{"item": items[r.IntN(2)], "qty": fmt.Sprint(1+r.IntN(9), ".5"), "price": "100"})
			}
			_, err = s.create(boss, "sale", record{"region": s.east.id(), "sold_on": "2025-03-01", "lines": lines})
		case op < 3:
			_, err = s.update(boss, "item", items[r.IntN(2)], 0, record{"price": fmt.Sprint(1+r.IntN(40), ".25")})
		case op < 6:
			_, err = s.create(boss, "parcel", record{"sale": sales[r.IntN(min(3, len(sales)))].id()})
		case op == 6 && len(parcels) > 0:
			_, err = s.update(boss, "parcel", parcels[r.IntN(len(parcels))].id(), 0, record{"sale": sales[r.IntN(len(sales))].id()})
		case len(parcels) > 0:
			_, err = s.e.Delete(context.Background(), s.call(boss, "shop"), "parcel", parcels[r.IntN(len(parcels))].id(), 0)
		}
		if err != nil && !hasCode(err, "derive.computing", "") {
			s.t.Fatal(err)
		}
	}
}

// A posting that would change what it is judged by is refused by name.
func TestPostingCircle(t *testing.T) {
	docs := heldDocs(t)
	var sale map[string]any
	if err := json.Unmarshal(docs["entities/sale.json"], &sale); err != nil {
		t.Fatal(err)
	}
	sale["properties"].(map[string]any)["stock_worth"] = map[string]any{
		"type": "string", "format": "decimal", "x-decimal": []int{18, 4}, "title": "库存", "x-title": map[string]any{"en-US": "Stock"}, "x-computed": map[string]any{"cel": "lines.sum(l, coalesce(l.on_hand, 0.0))", "stored": true},
	}
	sale["x-postings"].([]any)[1].(map[string]any)["when"] = "parent.stock_worth < 100.0"
	docs["entities/sale.json"], _ = json.Marshal(sale)
	var line map[string]any
	if err := json.Unmarshal(docs["entities/sale_line.json"], &line); err != nil {
		t.Fatal(err)
	}
	line["properties"].(map[string]any)["on_hand"] = map[string]any{
		"type": "string", "format": "decimal", "x-decimal": []int{18, 4}, "title": "现存", "x-title": map[string]any{"en-US": "There"}, "x-computed": map[string]any{"cel": "item.on_hand", "stored": true},
	}
	docs["entities/sale_line.json"], _ = json.Marshal(line)
	eachShop(t, func(t *testing.T, s *shop) {
		body, _ := json.Marshal(map[string]any{"documents": docs})
		r, err := s.e.DocumentsPut(context.Background(), s.call(builder(), ""), "shop", "", body)
		if err != nil || !strings.Contains(string(r.Body), `"posting.cycle"`) || !strings.Contains(string(r.Body), "/entities/sale/x-postings/1") {
			t.Errorf("a circle was taken: %s (%v)", r.Body, err)
		}
	})
}

// all lists the records of an entity with their lines.
func (s *shop) all(entity string) []record {
	s.t.Helper()
	p, err := s.list(s.boss(), entity, engine.ListRequest{PageSize: 100})
	if err != nil {
		s.t.Fatal(err)
	}
	for i, r := range p.Records {
		if p.Records[i], err = s.get(s.boss(), entity, r.id()); err != nil {
			s.t.Fatal(err)
		}
	}
	return p.Records
}

func containsCode(body []byte, code string) bool { return strings.Contains(string(body), `"`+code+`"`) }
