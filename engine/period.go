package engine

import (
	"time"

	"tenon/metamodel/value"
)

// period is from one day to another, both included.
type period struct{ from, to value.Date }

// Lengths of named periods, in days and months.
const (
	weekDays    = 7
	monthDays   = 30
	seasonDays  = 90
	quarter     = 3
	year        = 12
	firstMonday = 4 // 1970-01-05, in days since 1970-01-01
)

// named is a period by its name, seen from a day.
func named(name string, today value.Date) (period, bool) {
	month := today.AddDays(1 - today.Time().Day())
	season := month.AddMonths(-((int(month.Time().Month()) - 1) % quarter))
	january := month.AddMonths(1 - int(month.Time().Month()))
	monday := today - ((today-firstMonday)%weekDays+weekDays)%weekDays
	months := func(first value.Date, n int) period { return period{first, first.AddMonths(n) - 1} }
	switch name {
	case "today":
		return period{today, today}, true
	case "yesterday":
		return period{today - 1, today - 1}, true
	case "this_week":
		return period{monday, monday + weekDays - 1}, true
	case "last_week":
		return period{monday - weekDays, monday - 1}, true
	case "this_month":
		return months(month, 1), true
	case "last_month":
		return months(month.AddMonths(-1), 1), true
	case "this_quarter":
		return months(season, quarter), true
	case "last_quarter":
		return months(season.AddMonths(-quarter), quarter), true
	case "this_year":
		return months(january, year), true
	case "last_year":
		return months(january.AddMonths(-year), year), true
	case "last_7_days":
		return period{today - weekDays + 1, today}, true
	case "last_30_days":
		return period{today - monthDays + 1, today}, true
	case "last_90_days":
		return period{today - seasonDays + 1, today}, true
	case "last_12_months":
		return months(month.AddMonths(1-year), year), true
	}
	return period{}, false
}

// before is the period of the same length before p. Months are compared with months, and a period that is not over with
// as much of the one before: from the first of this month to today with the same days of the last month.
func (p period) before(today value.Date) period {
	until := p.to
	if p.from <= today && today < p.to {
		until = today
	}
	if p.from < p.to && p.from.Time().Day() == 1 && (p.to == p.to.MonthEnd() || until == today) {
		n := monthsOf(p.from, p.to)
		first := p.from.AddMonths(-n)
		if until == p.to && p.to == p.to.MonthEnd() {
			return period{first, p.from - 1}
		}
		return period{first, until.AddMonths(-n)}
	}
	length := p.to - p.from + 1
	return period{p.from - length, until - length}
}

// monthsOf counts the months that two days and all between them lie in.
func monthsOf(from, to value.Date) int {
	a, b := from.Time(), to.Time()
	return year*(b.Year()-a.Year()) + int(b.Month()-a.Month()) + 1
}

// start is the instant at which a day begins in a zone.
func start(d value.Date, zone *time.Location) time.Time {
	y, m, day := d.Time().Date()
	return time.Date(y, m, day, 0, 0, 0, 0, zone).UTC()
}
