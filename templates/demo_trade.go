package templates

import (
	"fmt"

	"tenon/metamodel/value"
)

// The demonstration data buys from one supplier abroad and sells to one customer abroad, each in a currency of its own.

// demoCurrency is a currency with its rates: what one unit is worth, in hundredths of a fen, from every rateDays days on.
type demoCurrency struct {
	handle, code, name string
	rates              []int
}

// rateDays is how many days a rate holds.
const rateDays = 30

var demoCurrencies = []demoCurrency{
	{"cur_cny", "CNY", "人民币", nil},
	{"cur_usd", "USD", "美元", []int{7_1823, 7_2046, 7_1688, 7_1455, 7_1902, 7_1210}},
	{"cur_eur", "EUR", "欧元", []int{7_7914, 7_8260, 7_8755, 7_8102, 7_9038, 7_9421}},
}

// rateDigits are the decimals of a demoCurrency's rates.
const rateDigits = 4

// makeCurrencies enters the currencies and their rates of the half year.
func (s *shop) makeCurrencies() {
	for _, c := range demoCurrencies {
		s.add("currency", c.handle, map[string]any{"code": c.code, "name": c.name, "decimals": 2})
	}
}

func (s *shop) makeRates() {
	for _, c := range demoCurrencies {
		for i, rate := range c.rates {
			s.record("exchange_rate", "rate", map[string]any{
				"currency": "$" + c.handle, "day": s.day.AddDays(i * rateDays).String(), "rate": value.NewDecimal(int64(rate), rateDigits).String(), "per": "1",
			})
		}
	}
}

// abroad is an amount in fen as cents of a currency by the rate of the day, rounded up.
func (s *shop) abroad(fen int, currency string) int {
	for _, c := range demoCurrencies {
		if c.handle == currency {
			rate := c.rates[min(int(s.day-s.today.AddDays(1-demoDays))/rateDays, len(c.rates)-1)]
			return (fen*10_000 + rate - 1) / rate
		}
	}
	return fen
}

// makeTraders makes the partners of foreign trade: supplier, customer and who carries the goods.
func (s *shop) makeTraders() {
	s.exporter = &firm{handle: "p_us", name: "洛杉矶远洋贸易公司", supplier: true, currency: "cur_usd", days: 45, lead: 20}
	s.importer = &firm{handle: "p_de", name: "汉堡家居公司", customer: true, currency: "cur_eur", days: 30}
	s.carrier = &firm{handle: "p_carrier", name: "宁波顺达物流有限公司", supplier: true, days: 30}
	for i, t := range []struct {
		*firm
		code, region, phone, address string
	}{
		{s.exporter, "GYS", "overseas", "+1 213 555 0100", "Los Angeles, CA"},
		{s.importer, "KH", "overseas", "+49 40 555 0100", "Hamburg"},
		{s.carrier, "GYS", "east", "0574-55500100", "宁波市北仑区物流园路 8 号"},
	} {
		v := map[string]any{
			"code": fmt.Sprintf("%s%03d", t.code, demoPartners+i+1), "name": t.name, "is_customer": t.customer, "is_supplier": t.supplier,
			"region": t.region, "level": "b", "phone": t.phone, "address": t.address, "credit_limit": "0.00", "payment_days": t.days,
		}
		if t.currency != "" {
			v["currency"] = "$" + t.currency
		} else {
			v["tax_number"] = uscc("330206", "MA2F7K3X")
		}
		s.add("partner", t.handle, v)
	}
}

// What the shop imports and exports: goods of these groups.
const (
	importGroup = "W02" // hand tools
	exportGroup = "O03" // things for the desk
)

// What happens in foreign trade on which days of the half year.
var trade = map[int]func(*shop){
	6: (*shop).orderAbroad, 30: (*shop).freightOfImports, 38: (*shop).invoiceImports, 70: (*shop).payAbroad,
	58: (*shop).orderAbroad, 84: (*shop).freightOfImports, 92: (*shop).invoiceImports, 124: (*shop).payAbroad,
	112: (*shop).orderAbroad, 140: (*shop).freightOfImports, 148: (*shop).invoiceImports,
	163: (*shop).orderAbroad,

	12: (*shop).sellAbroad, 52: (*shop).collectAbroad,
	66: (*shop).sellAbroad, 107: (*shop).collectAbroad,
	121: (*shop).sellAbroad, 160: (*shop).collectAbroad,
	169: (*shop).sellAbroad,
}

// tradeLines are lines of some goods of a group that the central warehouse has, at a price in a currency; nothing is taxed
// that crosses the border.
func (s *shop) tradeLines(group, currency string, units, price func(*good) int) []*line {
	const most = 4
	var lines []*line
	for _, it := range s.goods {
		if it.group.code != group || it.byBatch || units(it) == 0 || len(lines) == most {
			continue
		}
		lines = append(lines, &line{good: it, units: units(it), factor: 1, priceFen: s.abroad(price(it), currency), untaxed: true})
	}
	return lines
}

// orderAbroad orders of the supplier abroad.
func (s *shop) orderAbroad() {
	const budgetFen = 6_000_00 // for each of the goods
	lines := s.tradeLines(importGroup, s.exporter.currency, func(it *good) int { return budgetFen / it.buyFen }, func(it *good) int { return it.buyFen * 94 / 100 })
	s.order(s.exporter, 0, lines, []string{"approve"})
}

// sellAbroad takes an order of the customer abroad, for a part of what is there.
func (s *shop) sellAbroad() {
	f := s.importer
	units := func(it *good) int {
		if it.class != 0 {
			return 0
		}
		return it.stock[0] * 2 / 3
	}
	lines := s.tradeLines(exportGroup, f.currency, units, func(it *good) int { return it.sellFen })
	if len(lines) == 0 {
		return
	}
	handle := s.document("sales_order", "so", map[string]any{
		"customer": "$" + f.handle, "warehouse": "$" + demoWarehouses[0].handle, "ordered_on": s.day.String(),
		"ship_on": s.day.AddDays(5).String(), "channel": "direct", "lines": lineValues(lines),
	}, "approve")
	numbered(lines)
	s.sales = append(s.sales, &order{handle: handle, firm: f, ready: s.day.AddDays(3), lines: lines})
}

// freightOfImports shares freight and duty of what came from abroad over its goods.
func (s *shop) freightOfImports() {
	var lines []any
	worth := 0
	for _, b := range s.receipts {
		if b.firm == s.exporter && !b.landed {
			lines = append(lines, costLines(b)...)
			worth += totalFen(b.lines)
			b.landed = true
		}
	}
	if len(lines) == 0 {
		return
	}
	s.landedCost("freight", "quantity", worth*7/20, s.carrier, lines)
	s.landedCost("duty", "amount", worth*7/12, nil, lines)
}

// invoiceImports enters the invoices of what came from abroad, on which the first line differs a little.
func (s *shop) invoiceImports() {
	for _, b := range s.receipts {
		if b.firm == s.exporter && !b.invoiced {
			s.bookInvoice(b, map[*line]int{b.lines[0]: b.lines[0].netFen(b.lines[0].units) * 102 / 100})
		}
	}
}

// payAbroad pays the supplier abroad what is open, of the last invoice a part.
func (s *shop) payAbroad() {
	s.settleAbroad(s.receipts, s.exporter, "payment", "py", "supplier", "paid_on", "goods_receipt")
}

// collectAbroad takes in what the customer abroad owes, of the last delivery a part.
func (s *shop) collectAbroad() {
	s.settleAbroad(s.deliveries, s.importer, "receipt", "rc", "customer", "received_on", "delivery")
}

func (s *shop) settleAbroad(bills []*bill, f *firm, entity, prefix, party, day, reference string) {
	open := openAbroad(bills, f)
	var lines []any
	amount := 0
	for i, b := range open {
		part := b.openFen
		if i == len(open)-1 {
			part = part * 3 / 5
		}
		b.openFen -= part
		amount += part
		lines = append(lines, map[string]any{reference: "$" + b.handle, "amount": yuan(part)})
	}
	if len(lines) > 0 {
		s.document(entity, prefix, map[string]any{
			party: "$" + f.handle, day: s.day.String(), "method": "bank", "amount": yuan(amount),
			"reference_no": fmt.Sprintf("TT%08d", s.rng.IntN(100_000_000)), "lines": lines,
		}, "approve")
	}
}

func openAbroad(bills []*bill, f *firm) []*bill {
	var open []*bill
	for _, b := range bills {
		if b.firm == f && b.openFen > 0 {
			open = append(open, b)
		}
	}
	return open
}

// revalue states, on the first of a month, what was open abroad by the rate at the end of the one before.
func (s *shop) revalue() {
	var lines []any
	for _, at := range []struct {
		*firm
		bills []*bill
	}{{s.exporter, s.receipts}, {s.importer, s.deliveries}} {
		if len(openAbroad(at.bills, at.firm)) > 0 {
			lines = append(lines, map[string]any{"partner": "$" + at.handle})
		}
	}
	if last := s.day.AddDays(-1); last == last.MonthEnd() && len(lines) > 0 {
		s.document("fx_revaluation", "fx", map[string]any{"revalued_on": last.String(), "lines": lines}, "approve")
	}
}
