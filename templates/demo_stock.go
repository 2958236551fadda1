package templates

import (
	"slices"
	"strconv"
)

// transfer fills a branch up from the central warehouse.
func (s *shop) transfer() bool {
	const most = 8
	to := s.between(1, 2)
	var lines []any
	var moves []func()
	for _, it := range s.goods {
		if it.target[to] == 0 || it.stock[to]*2 >= it.target[to] || it.stock[0]*2 <= it.target[0] {
			continue
		}
		qty := min(it.target[to]-it.stock[to], it.stock[0]/3)
		if qty <= 0 || !s.chance(60) {
			continue
		}
		lines = append(lines, map[string]any{"item": "$" + it.handle, "qty": strconv.Itoa(qty)})
		moves = append(moves, func() { it.stock[0] -= qty; it.stock[to] += qty })
		if len(lines) == most {
			break
		}
	}
	if len(lines) == 0 {
		return false
	}
	v := map[string]any{
		"from_warehouse": "$" + demoWarehouses[0].handle, "to_warehouse": "$" + demoWarehouses[to].handle,
		"moved_on": s.day.String(), "reason": "分仓补货", "lines": lines,
	}
	s.bookMoves("transfer", "tr", v, moves)
	return true
}

// bookMoves makes a document and, unless it stays a draft, what it does to stock.
func (s *shop) bookMoves(entity, prefix string, v map[string]any, moves []func()) {
	if s.recent() {
		s.document(entity, prefix, v)
		return
	}
	s.document(entity, prefix, v, "approve")
	for _, m := range moves {
		m()
	}
}

// count counts some items of a warehouse; one in eight differs a little.
func (s *shop) count() bool {
	w := s.rng.IntN(len(demoWarehouses))
	var chosen []*good
	for range s.between(8, 15) {
		if it := pick(s, s.shelf[w]); !slices.Contains(chosen, it) {
			chosen = append(chosen, it)
		}
	}
	var lines []any
	var moves []func()
	for _, it := range chosen {
		book := it.stock[w]
		counted := book
		l := map[string]any{"item": "$" + it.handle, "book_qty": strconv.Itoa(book)}
		if s.chance(12) {
			counted = max(0, book+pick(s, []int{-3, -2, -1, -1, 1}))
		}
		if counted != book {
			l["cause"] = pick(s, []string{"loss", "damage", "record", "unknown"})
		}
		l["counted_qty"] = strconv.Itoa(counted)
		lines = append(lines, l)
		moves = append(moves, func() { it.stock[w] = counted })
	}
	v := map[string]any{
		"warehouse": "$" + demoWarehouses[w].handle, "counted_on": s.day.String(), "scope": "循环盘点", "lines": lines,
	}
	s.bookMoves("stock_count", "sk", v, moves)
	return true
}

// moveOther books gifts that came in, or samples, own use and scrap that went out.
func (s *shop) moveOther() bool {
	w := s.rng.IntN(len(demoWarehouses))
	reason := pick(s, []string{"gift", "sample", "own_use", "scrap", "scrap"})
	direction, sign, note := "outward", -1, map[string]string{"sample": "客户试样", "own_use": "部门领用", "scrap": "搬运破损，无法销售"}[reason]
	if reason == "gift" {
		direction, sign, note = "inward", 1, "供应商随货赠品"
	}
	var lines []any
	var moves []func()
	var chosen []*good
	for range s.between(1, 3) {
		it := pick(s, s.shelf[w])
		qty := s.between(1, 6)
		if slices.Contains(chosen, it) || sign < 0 && it.stock[w] < qty {
			continue
		}
		chosen = append(chosen, it)
		cost := it.buyFen
		if sign > 0 {
			cost = 0
		}
		lines = append(lines, map[string]any{"item": "$" + it.handle, "qty": strconv.Itoa(qty), "unit_cost": yuan(cost)})
		moves = append(moves, func() { it.stock[w] += sign * qty })
	}
	if len(lines) == 0 {
		return false
	}
	v := map[string]any{
		"direction": direction, "reason": reason, "warehouse": "$" + demoWarehouses[w].handle, "moved_on": s.day.String(),
		"note": note, "lines": lines,
	}
	s.bookMoves("stock_other", "io", v, moves)
	return true
}
