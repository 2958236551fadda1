package lower

import (
	"math/big"
	"strconv"

	"tenon/metamodel/expr"
)

// maxMove is more days than lie between the first and the last date.
const maxMove = 4000000

// units lowers days(n), hours(n) and minutes(n).
func units(seconds int64) valueFn {
	return func(b *build, n *expr.Node) (val, error) {
		x, err := b.number(n)
		if err != nil || x.repr != reprInt {
			return val{}, refuse(n, "%s", what(n))
		}
		limit := (1<<63 - 1) / 1_000_000_000 / seconds
		out := val{repr: reprDuration, over: x.over, max: new(big.Int).Mul(x.max, big.NewInt(seconds))}
		factor := " * " + strconv.FormatInt(seconds, 10)
		if within(x.max, big.NewInt(limit)) {
			out.sql = "(" + x.sql + factor + ")"
			return out.strict(x), nil
		}
		most := strconv.FormatInt(limit, 10)
		out.sql = "(CASE WHEN " + x.sql + " BETWEEN -" + most + " AND " + most + " THEN " + x.sql + factor + " END)"
		out.max, out.fail, out.over = big.NewInt(limit*seconds), true, true
		b.overs++
		return out, nil
	}
}

// local is an instant as PostgreSQL's timestamp on the company's clocks.
func (b *build) local(x val) string {
	return "(" + x.sql + " AT TIME ZONE " + b.constant(b.zone().name, target{d: b.d, repr: reprText}) + ")"
}

// dayOf is the date of a date or of an instant on the company's clocks.
func (b *build) dayOf(x val, n *expr.Node) (val, error) {
	switch x.repr {
	case reprDate:
		return x, nil
	case reprInstant:
	default:
		return val{}, refuse(n, "%s", what(n))
	}
	out := val{repr: reprDate, over: x.over}
	if b.d == Postgres {
		out.sql = b.local(x) + "::date"
		return out.strict(x), nil
	}
	zone := b.constant(b.zone().name, target{d: b.d, repr: reprText})
	out.sql = "tn_day(" + x.sql + ", " + zone + ")"
	if z := b.zone(); z.fixed {
		// Since clocks last changed, the offset alone says the day; before, Go does. The addition keeps the
		// division's operands positive.
		shift := (z.offset - firstDay*secondsPerDay) * microsPerSecond
		sql := "((" + x.sql + " + " + strconv.FormatInt(shift, 10) + ") / 86400000000 + " + strconv.FormatInt(firstDay, 10) + ")"
		out.sql = "(CASE WHEN " + x.sql + " BETWEEN " + strconv.FormatInt(z.from, 10) + " AND " + strconv.FormatInt(z.until, 10) +
			" THEN " + sql + " ELSE " + out.sql + " END)"
	}
	return out.strict(x), nil
}

func dateOf(b *build, n *expr.Node) (val, error) {
	x, err := b.solid(n.Args[0])
	if err != nil {
		return val{}, err
	}
	if x.repr != reprInstant {
		return val{}, refuse(n, "%s", what(n))
	}
	return b.dayOf(x, n)
}

// parts of a date: PostgreSQL's field, SQLite's format.
var dateParts = map[string][2]string{"year": {"year", "%Y"}, "month": {"month", "%m"}, "day": {"day", "%d"}, "quarter": {"quarter", ""}, "weekday": {"isodow", ""}}

func datePart(b *build, n *expr.Node) (val, error) {
	x, err := b.solid(n.Args[0])
	if err != nil {
		return val{}, err
	}
	d, err := b.dayOf(x, n)
	if err != nil {
		return val{}, err
	}
	out := val{repr: reprInt, over: x.over, max: big.NewInt(9999)}
	if b.d == Postgres {
		out.sql = "extract(" + dateParts[n.Fn][0] + " FROM " + d.sql + ")::bigint"
		return out.strict(x), nil
	}
	part := func(format string) string {
		return "CAST(strftime('" + format + "', " + d.sql + " * 86400, 'unixepoch') AS INTEGER)"
	}
	switch n.Fn {
	case "quarter":
		out.sql = "((" + part("%m") + " + 2) / 3)"
	case "weekday": // 1970-01-01 was a Thursday
		out.sql = "(((" + d.sql + " + 3) % 7 + 7) % 7 + 1)"
	default:
		out.sql = part(dateParts[n.Fn][1])
	}
	return out.strict(x), nil
}

// clockPart lowers hour() and minute() of a time of day or of an instant.
func clockPart(b *build, n *expr.Node) (val, error) {
	x, err := b.solid(n.Args[0])
	if err != nil {
		return val{}, err
	}
	out := val{repr: reprInt, over: x.over, max: big.NewInt(59)}
	switch {
	case x.repr == reprTime:
		sql := "(" + x.sql + " / 3600)"
		if n.Fn == "minute" {
			sql = "(" + x.sql + " / 60 % 60)"
		}
		if b.d == Postgres {
			sql += "::bigint"
		}
		out.sql = sql
		return out.strict(x), nil
	case x.repr != reprInstant:
		return val{}, refuse(n, "%s", what(n))
	case b.d == SQLite:
		return goOnly(b, n)
	}
	out.sql = "extract(" + n.Fn + " FROM " + b.local(x) + ")::bigint"
	return out.strict(x), nil
}

// moving lowers the arguments of a function that moves a date by a number.
func (b *build) moving(n *expr.Node) (x, y val, err error) {
	a, err := b.arguments(n)
	if err != nil {
		return x, y, err
	}
	if a[0].repr != reprDate || a[1].repr != reprInt {
		return x, y, refuse(n, "%s", what(n))
	}
	return a[0], a[1], nil
}

func addDays(b *build, n *expr.Node) (val, error) {
	x, y, err := b.moving(n)
	if err != nil {
		return val{}, err
	}
	b.overs++
	out := b.dateOfDays("(" + b.daysOf(x) + " + " + y.sql + ")")
	most := strconv.Itoa(maxMove)
	out.sql = "(CASE WHEN " + y.sql + " BETWEEN -" + most + " AND " + most + " THEN " + out.sql + " END)"
	out.fail, out.over = true, true
	return out, nil
}

func addMonths(b *build, n *expr.Node) (val, error) {
	if b.d == SQLite {
		return goOnly(b, n)
	}
	x, y, err := b.moving(n)
	if err != nil {
		return val{}, err
	}
	b.overs++
	unit, most := "months", 12*9999
	if n.Fn == "addYears" {
		unit, most = "years", 9999
	}
	limit := strconv.Itoa(most)
	moved := "((" + x.sql + " + make_interval(" + unit + " => " + y.sql + "::int))::date - DATE '1970-01-01')"
	// The year is checked first, so that no sum leaves the years that PostgreSQL has.
	out := val{repr: reprDate}
	if unit == "years" {
		out.sql = "(CASE WHEN " + y.sql + " BETWEEN -" + limit + " AND " + limit + " AND extract(year FROM " + x.sql + ") + " +
			y.sql + " BETWEEN 0 AND 10001 THEN " + b.dateOfDays(moved).sql + " END)"
	} else {
		out.sql = "(CASE WHEN " + y.sql + " BETWEEN -" + limit + " AND " + limit + " AND extract(year FROM " + x.sql + ") * 12 + " +
			y.sql + " BETWEEN 0 AND 120024 THEN " + b.dateOfDays(moved).sql + " END)"
	}
	out.fail, out.over = true, true
	return out, nil
}

func monthStart(b *build, n *expr.Node) (val, error) {
	x, err := b.solid(n.Args[0])
	if err != nil || x.repr != reprDate {
		return val{}, orRefuse(err, n)
	}
	out := val{repr: reprDate, over: x.over}
	if b.d == Postgres {
		out.sql = "date_trunc('month', " + x.sql + "::timestamp)::date"
	} else {
		out.sql = "(" + x.sql + " - CAST(strftime('%d', " + x.sql + " * 86400, 'unixepoch') AS INTEGER) + 1)"
	}
	return out.strict(x), nil
}

func orRefuse(err error, n *expr.Node) error {
	if err != nil {
		return err
	}
	return refuse(n, "%s", what(n))
}

func monthEnd(b *build, n *expr.Node) (val, error) {
	if b.d == SQLite {
		return goOnly(b, n)
	}
	x, err := b.solid(n.Args[0])
	if err != nil || x.repr != reprDate {
		return val{}, orRefuse(err, n)
	}
	out := val{sql: "(date_trunc('month', " + x.sql + "::timestamp) + INTERVAL '1 month - 1 day')::date", repr: reprDate, over: x.over}
	return out.strict(x), nil
}

// dates lowers two dates.
func (b *build) dates(n *expr.Node) (x, y val, err error) {
	a, err := b.arguments(n)
	if err != nil {
		return x, y, err
	}
	if a[0].repr != reprDate || a[1].repr != reprDate {
		return x, y, refuse(n, "%s", what(n))
	}
	return a[0], a[1], nil
}

func daysBetween(b *build, n *expr.Node) (val, error) {
	x, y, err := b.dates(n)
	if err != nil {
		return val{}, err
	}
	return b.dayDifference(y, x), nil
}

func (b *build) dayDifference(x, y val) val {
	out := val{sql: "(" + x.sql + " - " + y.sql + ")", repr: reprInt, max: big.NewInt(lastDay - firstDay), over: x.over || y.over}
	if b.d == Postgres {
		out.sql += "::bigint"
	}
	return out.strict(x, y)
}

func daysUntil(b *build, n *expr.Node) (val, error) {
	x, err := b.solid(n.Args[0])
	if err != nil || x.repr != reprDate {
		return val{}, orRefuse(err, n)
	}
	today := val{sql: b.bind(b.params.today(), target{d: b.d, repr: reprDate}), repr: reprDate}
	return b.dayDifference(x, today), nil
}

func monthsBetween(b *build, n *expr.Node) (val, error) {
	if b.d == SQLite {
		return goOnly(b, n)
	}
	x, y, err := b.dates(n)
	if err != nil {
		return val{}, err
	}
	count := func(x, y string) string {
		months := "((extract(year FROM " + y + ") - extract(year FROM " + x + ")) * 12 + extract(month FROM " + y + ") - extract(month FROM " + x + "))::int"
		return "(" + months + " - CASE WHEN " + months + " > 0 AND (" + x + " + make_interval(months => " + months + "))::date > " + y + " THEN 1 ELSE 0 END)"
	}
	sql := "(CASE WHEN " + y.sql + " >= " + x.sql + " THEN " + count(x.sql, y.sql) + " WHEN " + y.sql + " < " + x.sql + " THEN - " + count(y.sql, x.sql) + " END)::bigint"
	return val{sql: sql, repr: reprInt, max: big.NewInt(12 * 9999), over: x.over || y.over}.strict(x, y), nil
}

// workdays counts the days from Monday to Friday from x to y, both included.
func workdays(b *build, n *expr.Node) (val, error) {
	if b.d == SQLite {
		return goOnly(b, n)
	}
	x, y, err := b.dates(n)
	if err != nil {
		return val{}, err
	}
	before := func(days string) string { // working days before a day, from a Monday on
		since := "(" + days + " - 4)"
		rest := "((" + since + " % 7 + 7) % 7)"
		return "((" + since + " - " + rest + ") / 7 * 5 + LEAST(" + rest + ", 5))"
	}
	between := func(x, y string) string { return before("("+y+" + 1)") + " - " + before(x) }
	dx, dy := b.daysOf(x), b.daysOf(y)
	sql := "(CASE WHEN " + y.sql + " >= " + x.sql + " THEN " + between(dx, dy) + " WHEN " + y.sql + " < " + x.sql + " THEN -(" + between(dy, dx) + ") END)::bigint"
	return val{sql: sql, repr: reprInt, max: big.NewInt(lastDay - firstDay), over: x.over || y.over}.strict(x, y), nil
}
