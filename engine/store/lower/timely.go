package lower

import (
	"math/big"
	"time"

	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// zoneKind is what a statement's text may know of the company's zone.
type zoneKind struct {
	name        string
	offset      int64 // seconds east of UTC
	fixed       bool  // the offset holds from from until until, in microseconds
	from, until int64
}

// zoneOf tells whether a zone has had one offset for long: places stop changing their clocks.
func zoneOf(zone *time.Location, now time.Time) zoneKind {
	if zone == nil {
		zone = time.UTC
	}
	if now.IsZero() {
		now = time.Date(zoneSince+zoneYears, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	year := now.In(zone).Year()
	first := time.Date(zoneSince, 1, 1, 0, 0, 0, 0, time.UTC)
	until := time.Date(year+zoneYears, 1, 1, 0, 0, 0, 0, time.UTC)
	_, offset := first.In(zone).Zone()
	z := zoneKind{name: zone.String(), offset: int64(offset), fixed: true, from: first.UnixMicro(), until: until.UnixMicro()}
	for t := first; t.Before(until); t = t.AddDate(0, 1, 0) {
		if _, o := t.In(zone).Zone(); int64(o) != z.offset {
			z.fixed = false
			break
		}
	}
	return z
}

// A zone counts as fixed when its offset is the same from zoneSince until zoneYears after now. Instants outside
// are left to Go.
const (
	zoneSince = 1992
	zoneYears = 10
)

// The days that a date can be.
var (
	firstDay = int64(value.NewDate(1, 1, 1))
	lastDay  = int64(value.NewDate(9999, 12, 31))
)

// The instants that a date-time can be, in microseconds.
var (
	firstMicro = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	lastMicro  = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro() - 1
)

const (
	microsPerSecond = 1_000_000
	secondsPerDay   = 86_400
)

// timely lowers arithmetic over dates, instants, times and durations.
func (b *build) timely(op expr.Op, x, y val, n *expr.Node) (val, error) {
	sign := signs[op]
	switch {
	case op == expr.OpAdd && x.repr == reprDuration && (y.repr == reprDate || y.repr == reprInstant):
		x, y = y, x
	case op != expr.OpAdd && op != expr.OpSub:
		return b.scaledDuration(op, x, y, n)
	}
	switch {
	case x.repr == reprDate && y.repr == reprDate && op == expr.OpSub:
		if b.d == Postgres {
			return val{sql: "(" + x.sql + " - " + y.sql + ")::bigint", repr: reprInt, max: big.NewInt(lastDay - firstDay)}, nil
		}
		return val{sql: "(" + x.sql + " - " + y.sql + ")", repr: reprInt, max: big.NewInt(lastDay - firstDay)}, nil
	case x.repr == reprDate && y.repr == reprDuration:
		days := "(" + y.sql + " / " + pow10(y.scale).String() + " / 86400)"
		b.overs++
		out := b.dateOfDays("(" + b.daysOf(x) + sign + days + ")")
		out.fail, out.over = true, true
		return out, nil
	case x.repr == reprInstant && y.repr == reprDuration:
		d, ok := rescale(y, microScale)
		if !ok {
			d = val{sql: b.microsOf(y)}
		}
		b.overs++
		out := b.instantOf("(" + b.microsOfInstant(x) + sign + d.sql + ")")
		out.fail, out.over = true, true
		return out, nil
	case x.repr == reprInstant && y.repr == reprInstant && op == expr.OpSub:
		b.overs++
		sql := "(" + b.microsOfInstant(x) + " - " + b.microsOfInstant(y) + ")"
		limit := big.NewInt((1<<63 - 1) / 1000).String()
		return val{
			sql: "(CASE WHEN " + sql + " BETWEEN -" + limit + " AND " + limit + " THEN " + sql + " END)", repr: reprDuration, scale: microScale,
			max: big.NewInt((1<<63 - 1) / 1000), fail: true, over: true,
		}, nil
	case x.repr == reprTime && y.repr == reprTime && op == expr.OpSub:
		sql := "(" + x.sql + " - " + y.sql + ")"
		if b.d == Postgres {
			sql += "::bigint"
		}
		return val{sql: sql, repr: reprDuration, max: big.NewInt(secondsPerDay)}, nil
	case x.repr == reprDuration && y.repr == reprDuration:
		return b.addedDurations(sign, x, y, n)
	}
	return val{}, refuse(n, "%s", what(n))
}

func (b *build) addedDurations(sign string, x, y val, n *expr.Node) (val, error) {
	sx, sy, err := b.sameScale(x, y)
	if err != nil {
		return val{}, refuse(n, "%s", what(n))
	}
	return b.durationOut("("+sx.sql+sign+sy.sql+")", sx.scale, new(big.Int).Add(sx.max, sy.max), n)
}

// durationOut makes NULL of a duration over the 292 years that evaluation has room for.
func (b *build) durationOut(sql string, scale int32, most *big.Int, n *expr.Node) (val, error) {
	out := val{sql: sql, repr: reprDuration, scale: scale, max: most}
	if !within(most, maxInt64) {
		return val{}, refuse(n, "%s", what(n))
	}
	limit := new(big.Int).Div(maxInt64, pow10(9-scale))
	if !within(most, limit) {
		b.overs++
		out.sql = "(CASE WHEN " + sql + " BETWEEN -" + limit.String() + " AND " + limit.String() + " THEN " + sql + " END)"
		out.max, out.fail, out.over = limit, true, true
	}
	return out, nil
}

// scaledDuration lowers duration × integer and duration ÷ duration.
func (b *build) scaledDuration(op expr.Op, x, y val, n *expr.Node) (val, error) {
	if x.repr == reprInt {
		x, y = y, x
	}
	switch {
	case op == expr.OpMul && x.repr == reprDuration && y.repr == reprInt:
		return b.durationOut("("+x.sql+" * "+y.sql+")", x.scale, new(big.Int).Mul(x.max, y.max), n)
	case op == expr.OpDiv && x.repr == reprDuration && y.repr == reprDuration:
		sx, sy, err := b.sameScale(x, y)
		if err != nil {
			return val{}, refuse(n, "%s", what(n))
		}
		sx.repr, sy.repr, sx.scale, sy.scale = reprInt, reprInt, 0, 0
		return b.divided(sx, sy), nil
	}
	return val{}, refuse(n, "%s", what(n))
}

// daysOf is a date as days since 1970-01-01.
func (b *build) daysOf(x val) string {
	if b.d == Postgres {
		return "(" + x.sql + " - DATE '1970-01-01')"
	}
	return x.sql
}

// dateOfDays is the date of days since 1970-01-01, NULL outside the years 1 to 9999.
func (b *build) dateOfDays(days string) val {
	check := days + " BETWEEN " + big.NewInt(firstDay).String() + " AND " + big.NewInt(lastDay).String()
	if b.d == Postgres {
		return val{sql: "(CASE WHEN " + check + " THEN DATE '1970-01-01' + (" + days + ")::int END)", repr: reprDate}
	}
	return val{sql: "(CASE WHEN " + check + " THEN " + days + " END)", repr: reprDate}
}

// microsOfInstant is an instant as microseconds since 1970-01-01.
func (b *build) microsOfInstant(x val) string {
	if b.d == Postgres {
		return "(extract(epoch FROM " + x.sql + ") * 1000000)::bigint"
	}
	return x.sql
}

// microsOf is a duration in microseconds, without a bound.
func (b *build) microsOf(y val) string {
	if b.d == Postgres {
		return "(" + y.sql + "::bigint * " + pow10(microScale-y.scale).String() + ")"
	}
	return "(" + y.sql + " * " + pow10(microScale-y.scale).String() + ")"
}

// instantOf is the instant of microseconds since 1970-01-01, NULL outside the years 1 to 9999.
func (b *build) instantOf(micros string) val {
	check := micros + " BETWEEN " + big.NewInt(firstMicro).String() + " AND " + big.NewInt(lastMicro).String()
	if b.d == Postgres {
		// Seconds and microseconds apart: an interval is multiplied as a float, which holds each of them exactly.
		return val{sql: "(CASE WHEN " + check + " THEN TIMESTAMPTZ 'epoch' + (" + micros + " / 1000000) * INTERVAL '1 second' + (" +
			micros + " % 1000000) * INTERVAL '1 microsecond' END)", repr: reprInstant}
	}
	return val{sql: "(CASE WHEN " + check + " THEN " + micros + " END)", repr: reprInstant}
}
