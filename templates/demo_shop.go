package templates

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"tenon/metamodel/value"
)

// Sizes of the general template's demonstration data.
const (
	demoItems     = 600
	demoPartners  = 80
	demoDocuments = 2000
	demoDays      = 180
)

// What keeps the demonstration data within the template's rules.
const (
	orderCapFen = 45_000_00 // a purchase order above 50,000 would need the owner
	draftDays   = 4         // documents of the last days may still be drafts
	maxLines    = 48        // lines of an opening document
)

// good is an item and what the shop knows of it. Quantities are whole base units, by warehouse.
type good struct {
	handle, code, name, spec, unit string
	group                          *goodsGroup
	pack                           int
	buyFen, sellFen, floorFen      int
	supplier                       *firm
	class                          int // 0 sells best
	target, stock, onOrder         [3]int
	batches                        [3]batch
	byBatch                        bool // its stock is kept by batch
}

// batch is the batch that a warehouse received last.
type batch struct {
	number  string
	expires value.Date
}

// firm is a partner with what it owes (a customer) in fen.
type firm struct {
	handle, name, region, level string
	place                       place
	top                         string // a supplier's upper category
	customer, supplier          bool
	limitFen, owedFen           int
	days, warehouse             int
	lead                        int    // days that goods are longer on their way than others
	currency                    string // handle; "" for the base currency, amounts are in it
}

// line is a line of a document: units of factor base units each at a price per unit.
type line struct {
	good                    *good
	units, factor, priceFen int
	discount                int // percent
	untaxed                 bool
	done                    int // orders: units received or delivered; bills: units returned
	place                   int // in its order or bill, from 1
}

// order is an approved order that isn't complete.
type order struct {
	handle    string
	firm      *firm
	warehouse int
	ready     value.Date // not received or delivered before
	lines     []*line
}

// bill is an approved receipt or delivery: what can be returned, and what is still to be paid.
type bill struct {
	handle    string
	firm      *firm
	warehouse int
	day       value.Date
	lines     []*line
	openFen   int
	invoiced  bool
	landed    bool // freight was shared over it
	project   bool // for one customer
}

// shop is the company whose half a year the demonstration data tells. Every change of stock or balance is
// booked when its record is made, so that each record is possible at its place in the sequence.
type shop struct {
	rng        *rand.Rand
	today, day value.Date
	records    []DemoRecord
	documents  int
	serial     map[string]int

	goods      []*good
	shelf      [3][]*good // what a warehouse sells; good sellers several times
	suppliers  []*firm
	customers  []*firm
	purchases  []*order
	sales      []*order
	receipts   []*bill
	deliveries []*bill

	exporter, importer, carrier *firm // of foreign trade
	wagesFen                    int   // not paid yet
	wheelsBuyer                 *firm // of what is weighed and counted
	wheelsSale                  string
}

// generalDemo tells the half year before today.
func generalDemo(seed uint64, today value.Date) []DemoRecord {
	s := &shop{
		rng:   rand.New(rand.NewPCG(seed, 0x7e0a)), //nolint:gosec // repeatable data, nothing secret
		today: today, day: today.AddDays(1 - demoDays), serial: map[string]int{},
	}
	s.makeCurrencies()
	s.makeUnits()
	s.makeCategories()
	s.makeRates()
	s.makePartners()
	s.makeTraders()
	s.makeItems()
	s.makeWheels()
	s.makeWarehouses()
	s.makePriceLists()
	s.makeStockCards()
	s.openBooks()
	s.openStock()
	for d := range demoDays {
		s.day = today.AddDays(d + 1 - demoDays)
		s.revalue()
		if d == demoDays-batchReceived {
			s.batchLots()
		}
		if d == demoDays-1 {
			s.ask()
		}
		for _, plan := range []map[int]func(*shop){trade, projects, wheelsStory} {
			if do := plan[d]; do != nil {
				do(s)
			}
		}
		s.routine()
		for s.documents < demoDocuments*(d+1)/demoDays {
			s.act()
		}
	}
	return s.records
}

// acts are what happens in a day, with how often.
var acts = []struct {
	weight int
	do     func(*shop) bool
}{
	{24, (*shop).sell},
	{27, (*shop).deliver},
	{14, (*shop).buy},
	{18, (*shop).receive},
	{9, (*shop).collect},
	{6, (*shop).pay},
	{3, (*shop).transfer},
	{2, (*shop).takeBack},
	{1, (*shop).sendBack},
	{1, (*shop).count},
	{2, (*shop).moveOther},
	{8, (*shop).invoice},
	{1, (*shop).freight},
}

// act does one thing that is possible now. Selling to a customer without a limit always is, so it ends.
func (s *shop) act() {
	total := 0
	for _, a := range acts {
		total += a.weight
	}
	for {
		at := s.rng.IntN(total)
		for _, a := range acts {
			if at -= a.weight; at < 0 {
				if a.do(s) {
					return
				}
				break
			}
		}
	}
}

func (s *shop) record(entity, prefix string, values map[string]any, transitions ...string) string {
	s.serial[prefix]++
	handle := fmt.Sprintf("%s%04d", prefix, s.serial[prefix])
	s.records = append(s.records, DemoRecord{Entity: entity, Handle: handle, Values: values, Transitions: transitions})
	return handle
}

// document makes a record that counts as one of the demoDocuments.
func (s *shop) document(entity, prefix string, values map[string]any, transitions ...string) string {
	s.documents++
	return s.record(entity, prefix, values, transitions...)
}

// recent tells whether a document of this day may still be a draft.
func (s *shop) recent() bool { return s.today-s.day < draftDays && s.chance(50) }

func (s *shop) chance(percent int) bool { return s.rng.IntN(100) < percent }

// between returns a number from lo to hi, both included.
func (s *shop) between(lo, hi int) int {
	if hi <= lo {
		return lo
	}
	return lo + s.rng.IntN(hi-lo+1)
}

func pick[T any](s *shop, from []T) T { return from[s.rng.IntN(len(from))] }

// netFen and taxFen are the amounts of a line, rounded half up as the template's formulas do.
func (l *line) netFen(units int) int { return (units*l.priceFen*(100-l.discount) + 50) / 100 }

func (l *line) taxFen(units int) int { return l.taxOn(l.netFen(units)) }

// taxOn is the tax on a net amount.
func (l *line) taxOn(net int) int { return (net*l.taxPercent() + 50) / 100 }

func (l *line) taxPercent() int {
	if l.untaxed {
		return 0
	}
	return l.good.group.taxPercent
}

func (l *line) totalFen(units int) int { return l.netFen(units) + l.taxFen(units) }

// values is the line in JSON form, for so many units.
func (l *line) values(units int) map[string]any {
	unit := l.good.unit
	if l.factor > 1 {
		unit = caseUnit
	}
	return map[string]any{
		"item": "$" + l.good.handle, "unit": unit, "factor": strconv.Itoa(l.factor), "qty": strconv.Itoa(units),
		"price": yuan(l.priceFen), "discount": percent(l.discount), "tax_rate": percent(l.taxPercent()),
	}
}

// numbered gives lines their places in a document.
func numbered(lines []*line) {
	for i, l := range lines {
		l.place = i + 1
	}
}

// of mentions a line of the document that was made with a handle.
func (l *line) of(handle string) string { return fmt.Sprintf("$%s/%d", handle, l.place) }

func yuan(fen int) string { return value.NewDecimal(int64(fen), 2).String() }

func percent(p int) string { return value.NewDecimal(int64(p), 2).String() }

func totalFen(lines []*line) int {
	sum := 0
	for _, l := range lines {
		sum += l.totalFen(l.units)
	}
	return sum
}
