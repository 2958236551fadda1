package templates

import (
	"maps"

	"tenon/metamodel/value"
)

// The demonstration data has one item that is weighed and counted: wheels of cheese, none of which weighs what another does.

// wheels is the handle of the item.
const wheels = "i_wheels"

// Prices of a kilogram of it, in fen.
const (
	wheelsBuyFen  = 62_00
	wheelsSellFen = 88_00
)

// weighed is how much of it moves: pieces, and grams.
type weighed struct{ pieces, grams int }

func (w weighed) weight() string { return value.NewDecimal(int64(w.grams), 3).String() }

func (w weighed) count() string { return value.NewDecimal(int64(w.pieces), 0).String() }

func (w weighed) line(more map[string]any) map[string]any {
	v := map[string]any{"item": "$" + wheels, "qty": w.weight(), "pieces": w.count()}
	maps.Copy(v, more)
	return v
}

// priced is the line of a purchase or a sale.
func (w weighed) priced(fen int) map[string]any {
	return w.line(map[string]any{
		"unit": unitHandle("千克"), "factor": "1", "price": yuan(fen), "discount": percent(0), "tax_rate": percent(wheelsTax),
	})
}

// totalFen is what it costs at a price, with tax.
func (w weighed) totalFen(fen int) int {
	net := (w.grams*fen + 500) / 1000
	return net + (net*wheelsTax+50)/100
}

const wheelsTax = 13

// The story of the wheels: what comes, goes, comes back and moves, and what a count finds; cheese dries.
var (
	wheelsIn      = weighed{24, 108_360}
	wheelsSold    = weighed{6, 27_420}
	wheelsMoved   = weighed{5, 22_800}
	wheelsBack    = weighed{1, 4_550}
	wheelsBook    = weighed{14, 62_690}
	wheelsCounted = weighed{14, 62_130}
	wheelsSouth   = weighed{2, 9_060}
)

// wheelsStory says on which day what happens.
var wheelsStory = map[int]func(*shop){
	140: (*shop).wheelsCome, 145: (*shop).wheelsGo, 149: (*shop).wheelsMove, 152: (*shop).wheelsReturn, 160: (*shop).wheelsAreCounted,
	165: (*shop).wheelsGoSouth,
}

func (s *shop) makeWheels() {
	s.add("item", wheels, map[string]any{
		"code": "D04901", "name": "牧原岭大孔奶酪", "spec": "整轮", "brand": "牧原岭", "category": "$cat_d04", "unit": unitHandle("千克"),
		"barcode": gtin13("699900000001"), "tax_rate": percent(wheelsTax), "purchase_price": yuan(wheelsBuyFen), "sale_price": yuan(wheelsSellFen),
		"floor_price": yuan(wheelsBuyFen), "cost_price": yuan(wheelsBuyFen), "min_stock": "20", "max_stock": "200", "shelf_life_days": 0,
		"alert_days": 30, "batch_required": false, "stock_by_batch": false, "catch_weight": true, "piece_unit": unitHandle("个"),
		"piece_weight": "4.5",
	})
}

func (s *shop) wheelsCome() {
	f := s.suppliers[0]
	s.document("goods_receipt", "gr", map[string]any{
		"supplier": "$" + f.handle, "warehouse": "$" + demoWarehouses[0].handle, "received_on": s.day.String(),
		"due_on": s.day.AddDays(f.days).String(), "lines": []any{wheelsIn.priced(wheelsBuyFen)},
	}, "approve")
}

func (s *shop) wheelsGo() {
	s.wheelsBuyer = s.bestCredit()
	s.wheelsSale = s.deliverWheels(0, wheelsSold)
}

func (s *shop) wheelsGoSouth() { s.deliverWheels(1, wheelsSouth) }

func (s *shop) deliverWheels(warehouse int, sold weighed) string {
	f := s.wheelsBuyer
	f.owedFen += sold.totalFen(wheelsSellFen)
	return s.document("delivery", "dn", map[string]any{
		"customer": "$" + f.handle, "warehouse": "$" + demoWarehouses[warehouse].handle, "delivered_on": s.day.String(),
		"due_on": s.day.AddDays(f.days).String(), "carrier": "城配专线", "lines": []any{sold.priced(wheelsSellFen)},
	}, "approve")
}

func (s *shop) wheelsMove() {
	s.document("transfer", "tr", map[string]any{
		"from_warehouse": "$" + demoWarehouses[0].handle, "to_warehouse": "$" + demoWarehouses[1].handle, "moved_on": s.day.String(),
		"reason": "分仓补货", "lines": []any{wheelsMoved.line(nil)},
	}, "approve")
}

func (s *shop) wheelsReturn() {
	f, back := s.wheelsBuyer, wheelsBack.priced(wheelsSellFen)
	back["source_line"] = "$" + s.wheelsSale + "/1"
	f.owedFen -= wheelsBack.totalFen(wheelsSellFen)
	s.document("sales_return", "sr", map[string]any{
		"source_delivery": "$" + s.wheelsSale, "customer": "$" + f.handle, "warehouse": "$" + demoWarehouses[0].handle,
		"returned_on": s.day.String(), "reason": "quality", "lines": []any{back},
	}, "approve")
}

func (s *shop) wheelsAreCounted() {
	s.document("stock_count", "sk", map[string]any{
		"warehouse": "$" + demoWarehouses[0].handle, "counted_on": s.day.String(), "scope": "奶酪专项",
		"lines": []any{map[string]any{
			"item": "$" + wheels, "book_qty": wheelsBook.weight(), "counted_qty": wheelsCounted.weight(), "cause": "loss",
			"book_pieces": wheelsBook.count(), "counted_pieces": wheelsCounted.count(),
		}},
	}, "approve")
}
