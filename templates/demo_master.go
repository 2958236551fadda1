package templates

import (
	"fmt"
	"strconv"
	"strings"
)

// caseUnit is the handle of the unit that others are packed in, with its sign.
const caseUnit = "$unit_case"

// How many of the partners are suppliers, and how the suppliers and goods divide.
const (
	demoSuppliers = 30
	perGroup      = 24 // items in a leaf category
)

func (s *shop) add(entity, handle string, values map[string]any) {
	s.records = append(s.records, DemoRecord{Entity: entity, Handle: handle, Values: values})
}

func unitHandle(name string) string {
	for i, u := range demoUnits {
		if u == name && u != "箱" {
			return fmt.Sprintf("$unit_%02d", i+1)
		}
	}
	return caseUnit
}

func (s *shop) makeUnits() {
	s.add("company_setting", "company", map[string]any{"name": "经营设置", "base_currency": "$" + demoCurrencies[0].handle})
	for _, u := range demoUnits {
		decimals := 0
		if u == "千克" {
			decimals = 3
		}
		s.add("unit", unitHandle(u)[1:], map[string]any{"name": u, "decimals": decimals})
	}
}

func (s *shop) makeCategories() {
	for i, t := range goodsTops {
		s.add("item_category", "cat_"+strings.ToLower(t[0]), map[string]any{"code": t[0], "name": t[1], "sort_no": (i + 1) * 100})
	}
	for i, g := range goodsGroups {
		s.add("item_category", "cat_"+strings.ToLower(g.code), map[string]any{
			"code": g.code, "name": g.name, "upper_category": "$cat_" + strings.ToLower(g.upper), "sort_no": i + 1,
		})
	}
}

func (s *shop) makePartners() {
	used := map[string]bool{}
	for i := range demoPartners {
		f := &firm{handle: fmt.Sprintf("p%03d", i+1), supplier: i < demoSuppliers, customer: i >= demoSuppliers-2, level: "c", place: pick(s, places)}
		f.region, f.days = f.place.region, pick(s, []int{15, 30, 30, 45, 60})
		f.top = goodsTops[i%len(goodsTops)][0]
		f.warehouse = servedBy[f.region]
		for f.name == "" || used[f.name] {
			f.name = s.firmName(f)
		}
		used[f.name] = true
		if f.customer {
			s.setTerms(f, i)
			s.customers = append(s.customers, f)
		}
		if f.supplier {
			s.suppliers = append(s.suppliers, f)
		}
		s.addPartner(f, i)
	}
}

func (s *shop) firmName(f *firm) string {
	if f.supplier {
		return f.place.city + pick(s, supplierWords) + supplierTrades[f.top]
	}
	return f.place.city + pick(s, customerWords) + pick(s, customerKinds)
}

// setTerms gives a customer its level and credit limit; every fifth has no limit.
func (s *shop) setTerms(f *firm, i int) {
	switch {
	case i%5 == 0:
	case i%7 == 1:
		f.level, f.limitFen = "a", s.between(30, 60)*10_000_00
	case i%3 == 1:
		f.level, f.limitFen = "b", s.between(10, 25)*10_000_00
	default:
		f.limitFen = s.between(3, 8) * 10_000_00
	}
}

func (s *shop) addPartner(f *firm, i int) {
	var org strings.Builder
	org.WriteString("MA")
	for range 6 {
		org.WriteByte(usccAlphabet[s.rng.IntN(len(usccAlphabet))])
	}
	v := map[string]any{
		"code": fmt.Sprintf("%s%03d", map[bool]string{true: "GYS", false: "KH"}[f.supplier], i+1), "name": f.name,
		"is_customer": f.customer, "is_supplier": f.supplier, "region": f.region, "level": f.level,
		"tax_number": uscc(f.place.area, org.String()), "phone": s.phone(f.place),
		"address":      fmt.Sprintf("%s市%s %d 号", f.place.city, pick(s, roads), s.between(1, 399)),
		"credit_limit": yuan(f.limitFen), "payment_days": f.days,
	}
	var desks []any
	for j, d := range contactDesks[:s.between(1, 2)] {
		desks = append(desks, map[string]any{"name": d, "phone": s.phone(f.place), "is_main": j == 0})
	}
	v["contacts"] = desks
	s.add("partner", f.handle, v)
}

func (s *shop) phone(p place) string { return fmt.Sprintf("%s-5550%04d", p.dial, s.rng.IntN(10_000)) }

func (s *shop) makeItems() {
	for gi := range goodsGroups {
		g := &goodsGroups[gi]
		var suppliers []*firm
		for _, f := range s.suppliers {
			if f.top == g.upper {
				suppliers = append(suppliers, f)
			}
		}
		for n := range perGroup {
			s.addItem(g, n, len(s.goods), suppliers)
		}
	}
}

func (s *shop) addItem(g *goodsGroup, n, index int, suppliers []*firm) {
	what, size := n/len(g.sizes), n%len(g.sizes)
	brand := g.brands[(what+size)%len(g.brands)]
	it := &good{
		handle: fmt.Sprintf("i%04d", index+1), code: fmt.Sprintf("%s%03d", g.code, n+1), name: brand + g.goods[what],
		spec: g.sizes[size], unit: unitHandle(g.unit), group: g, pack: g.pack, supplier: suppliers[n%len(suppliers)], class: classOf(index),
	}
	it.buyFen = g.fen[what] * g.percent[size] / 100 * s.between(96, 104) / 100
	it.sellFen = (it.buyFen*s.between(126, 145) + 99) / 100
	it.floorFen = (it.buyFen*108 + 99) / 100
	if it.byBatch = byBatch(g, size); !it.byBatch {
		s.setTargets(it, index)
	}
	s.goods = append(s.goods, it)
	total := it.target[0] + it.target[1] + it.target[2]
	v := map[string]any{
		"code": it.code, "name": it.name, "spec": it.spec, "brand": brand, "category": "$cat_" + strings.ToLower(g.code),
		"unit": it.unit, "barcode": gtin13(fmt.Sprintf("69%02d%03d%05d", 10+index%80, 100+n, index*7+13)),
		"tax_rate": percent(g.taxPercent), "purchase_price": yuan(it.buyFen), "sale_price": yuan(it.sellFen),
		"floor_price": yuan(it.floorFen), "cost_price": yuan(it.buyFen), "min_stock": strconv.Itoa(total * 3 / 10),
		"max_stock": strconv.Itoa(total * 2), "shelf_life_days": g.lifeDays, "alert_days": max(15, min(60, g.lifeDays/6)), "batch_required": g.batch,
		"stock_by_batch": it.byBatch,
	}
	if g.pack > 0 {
		v["units"] = []any{map[string]any{"unit": caseUnit, "factor": strconv.Itoa(g.pack)}}
	}
	s.add("item", it.handle, v)
}

// classOf says how well an item sells: a fifth sells best, half of all sell seldom.
func classOf(index int) int {
	switch index % 10 {
	case 0, 1:
		return 0
	case 2, 3, 4:
		return 1
	default:
		return 2
	}
}

// setTargets decides how much of an item each warehouse wants to hold; the branches keep what sells best.
func (s *shop) setTargets(it *good, index int) {
	budget := [3]int{6000_00, 2500_00, 900_00}[it.class]
	for w := range it.target {
		if w > 0 && it.class != 0 && index%10 != 2 {
			continue
		}
		want := max(10, budget/it.buyFen)
		if w > 0 {
			want = max(5, want/2)
		}
		if it.pack > 0 {
			want = (want + it.pack - 1) / it.pack * it.pack
		}
		it.target[w] = want
		for range [3]int{8, 3, 1}[it.class] {
			s.shelf[w] = append(s.shelf[w], it)
		}
	}
}

func (s *shop) makeWarehouses() {
	for _, w := range demoWarehouses {
		s.add("warehouse", w.handle, map[string]any{"code": w.code, "name": w.name, "kind": w.kind, "region": w.region, "address": w.address})
	}
}

// makePriceLists makes one list for each of the better levels over the items that sell best.
func (s *shop) makePriceLists() {
	for _, l := range []struct {
		level, name string
		percent     int
	}{{"a", "A 级客户协议价", 92}, {"b", "B 级客户协议价", 96}} {
		var lines []any
		for _, it := range s.goods {
			if it.class == 0 {
				price := max(it.floorFen, it.sellFen*l.percent/100)
				lines = append(lines, map[string]any{"item": "$" + it.handle, "min_qty": "0", "price": yuan(price)})
			}
		}
		s.add("price_list", "prices_"+l.level, map[string]any{
			"name": l.name, "level": l.level, "valid_from": s.day.String(), "lines": lines,
		})
	}
}

func (s *shop) makeStockCards() {
	for w, wh := range demoWarehouses {
		for i, it := range s.goods {
			if it.target[w] == 0 {
				continue
			}
			s.record("stock_card", "card", map[string]any{
				"item": "$" + it.handle, "warehouse": "$" + wh.handle, "location": fmt.Sprintf("%c-%02d-%02d", 'A'+rune(i/perGroup%6), i%perGroup/4+1, i%perGroup+1),
				"min_stock": strconv.Itoa(it.target[w] * 3 / 10), "max_stock": strconv.Itoa(it.target[w] * 2),
			})
		}
	}
}

// openStock books what was there on the first day.
func (s *shop) openStock() {
	for w := range demoWarehouses {
		var lines []any
		for i, it := range s.goods {
			if it.target[w] > 0 {
				qty := it.target[w] * s.between(55, 100) / 100
				it.stock[w] = qty
				l := map[string]any{"item": "$" + it.handle, "qty": strconv.Itoa(max(1, qty)), "unit_cost": yuan(it.buyFen)}
				it.stock[w] = max(1, qty)
				lines = append(lines, l)
			}
			if len(lines) == maxLines || i == len(s.goods)-1 && len(lines) > 0 {
				s.document("stock_other", "io", map[string]any{
					"direction": "inward", "reason": "opening", "warehouse": "$" + demoWarehouses[w].handle,
					"moved_on": s.day.String(), "note": "期初库存", "lines": lines,
				}, "approve")
				lines = nil
			}
		}
	}
}
