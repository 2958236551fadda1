package expr

import (
	"time"

	"tenon/metamodel/value"
)

var dateFunctions = []Function{
	{
		Name: "date", Group: GroupDate, base: 4, Signatures: sigs([]Type{Str, Dat}, []Type{Int, Int, Int, Dat}),
		Doc:     text("由文本（2026-01-31）或年、月、日得到日期；读不出时为空。", "The date of a text (2026-01-31) or of year, month and day; null for a text that is no date."),
		Example: "date(2026, 1, 31)", Result: "2026-01-31", call: fnDate,
	},
	{
		Name: "datetime", Group: GroupDate, base: 6, Signatures: sigs([]Type{Str, Ts}),
		Doc:     text("由文本得到日期时间，如 2026-01-31T08:00:00+08:00；读不出时为空。", "The instant of a text such as 2026-01-31T08:00:00+08:00; null when it is none."),
		Example: "datetime('2026-01-31T08:00:00+08:00') < datetime('2026-01-31T01:00:00Z')", Result: "true", call: fnDateTime,
	},
	{
		Name: "time", Group: GroupDate, base: 4, Signatures: sigs([]Type{Str, Tod}),
		Doc: text("由文本（08:30）得到时刻；读不出时为空。", "The time of day of a text (08:30); null when it is none."), Example: "time('08:30')", Result: "08:30:00", call: fnTime,
	},
	{
		Name: "duration", Group: GroupDate, base: 6, Signatures: sigs([]Type{Str, Dur}),
		Doc: text("由 ISO 文本（PT1H30M）得到时长；读不出时为空。", "The duration of an ISO text (PT1H30M); null when it is none."), Example: "duration('PT90M')", Result: "PT1H30M", call: fnDuration,
	},
	{
		Name: "days", Group: GroupDate, base: 2, Signatures: sigs([]Type{Int, Dur}),
		Doc: text("几天的时长。", "A duration of so many days."), Example: "date('2026-01-31') + days(1)", Result: "2026-02-01", call: fnUnits(24 * time.Hour),
	},
	{
		Name: "hours", Group: GroupDate, base: 2, Signatures: sigs([]Type{Int, Dur}),
		Doc: text("几小时的时长。", "A duration of so many hours."), Example: "hours(36)", Result: "P1DT12H", call: fnUnits(time.Hour),
	},
	{
		Name: "minutes", Group: GroupDate, base: 2, Signatures: sigs([]Type{Int, Dur}),
		Doc: text("几分钟的时长。", "A duration of so many minutes."), Example: "minutes(90)", Result: "PT1H30M", call: fnUnits(time.Minute),
	},
	{
		Name: "dateOf", Group: GroupDate, base: 4, Signatures: sigs([]Type{Ts, Dat}),
		Doc: text("日期时间在公司时区的日期。", "The date of an instant in the company's zone."), Example: "dateOf(datetime('2026-01-31T23:30:00+08:00'))", Result: "2026-01-31", call: fnDateOf,
	},
	{
		Name: "year", Group: GroupDate, base: 3, Signatures: sigs([]Type{Dat, Int}, []Type{Ts, Int}),
		Doc: text("年份。", "The year."), Example: "year(date('2026-01-31'))", Result: "2026", call: onDay(func(t time.Time) int { return t.Year() }),
	},
	{
		Name: "quarter", Group: GroupDate, base: 3, Signatures: sigs([]Type{Dat, Int}, []Type{Ts, Int}),
		Doc: text("季度，1 到 4。", "The quarter, 1 to 4."), Example: "quarter(date('2026-05-01'))", Result: "2", call: onDay(func(t time.Time) int { return (int(t.Month()) + 2) / 3 }),
	},
	{
		Name: "month", Group: GroupDate, base: 3, Signatures: sigs([]Type{Dat, Int}, []Type{Ts, Int}),
		Doc: text("月份，1 到 12。", "The month, 1 to 12."), Example: "month(date('2026-01-31'))", Result: "1", call: onDay(func(t time.Time) int { return int(t.Month()) }),
	},
	{
		Name: "day", Group: GroupDate, base: 3, Signatures: sigs([]Type{Dat, Int}, []Type{Ts, Int}),
		Doc: text("日，1 到 31。", "The day of the month, 1 to 31."), Example: "day(date('2026-01-31'))", Result: "31", call: onDay(func(t time.Time) int { return t.Day() }),
	},
	{
		Name: "weekday", Group: GroupDate, base: 3, Signatures: sigs([]Type{Dat, Int}, []Type{Ts, Int}),
		Doc: text("星期几，星期一为 1，星期日为 7。", "The day of the week, Monday is 1 and Sunday 7."), Example: "weekday(date('2026-01-31'))", Result: "6", call: onDay(isoWeekday),
	},
	{
		Name: "hour", Group: GroupDate, base: 3, Signatures: sigs([]Type{Ts, Int}, []Type{Tod, Int}),
		Doc: text("小时，0 到 23。", "The hour, 0 to 23."), Example: "hour(time('08:30'))", Result: "8", call: fnHour,
	},
	{
		Name: "minute", Group: GroupDate, base: 3, Signatures: sigs([]Type{Ts, Int}, []Type{Tod, Int}),
		Doc: text("分钟，0 到 59。", "The minute, 0 to 59."), Example: "minute(time('08:30'))", Result: "30", call: fnMinute,
	},
	{
		Name: "addDays", Group: GroupDate, Member: true, base: 3, Signatures: sigs([]Type{Dat, Int, Dat}),
		Doc: text("加上几天。", "The date so many days later."), Example: "addDays(date('2026-01-31'), 1)", Result: "2026-02-01", call: moved(addDays),
	},
	{
		Name: "addMonths", Group: GroupDate, Member: true, base: 4, Signatures: sigs([]Type{Dat, Int, Dat}),
		Doc: text("加上几个月；没有那一天时取月末。", "The date so many months later; the month's last day where there is no such day."), Example: "addMonths(date('2026-01-31'), 1)", Result: "2026-02-28", call: moved(addMonths),
	},
	{
		Name: "addYears", Group: GroupDate, Member: true, base: 4, Signatures: sigs([]Type{Dat, Int, Dat}),
		Doc: text("加上几年；没有那一天时取月末。", "The date so many years later; the month's last day where there is no such day."), Example: "addYears(date('2024-02-29'), 1)", Result: "2025-02-28", call: moved(func(d value.Date, n int64) (any, error) { return addMonths(d, n*12) }),
	},
	{
		Name: "monthStart", Group: GroupDate, Member: true, base: 3, Signatures: sigs([]Type{Dat, Dat}),
		Doc: text("当月第一天。", "The first day of the month."), Example: "monthStart(date('2026-02-10'))", Result: "2026-02-01", call: onDate(func(d value.Date) any { return d - value.Date(d.Time().Day()) + 1 }),
	},
	{
		Name: "monthEnd", Group: GroupDate, Member: true, base: 3, Signatures: sigs([]Type{Dat, Dat}),
		Doc: text("当月最后一天。", "The last day of the month."), Example: "monthEnd(date('2026-02-10'))", Result: "2026-02-28", call: onDate(func(d value.Date) any { return d.MonthEnd() }),
	},
	{
		Name: "daysBetween", Group: GroupDate, base: 2, Signatures: sigs([]Type{Dat, Dat, Int}),
		Doc: text("从第一个日期到第二个日期的天数。", "The days from the first date to the second."), Example: "daysBetween(date('2026-01-31'), date('2026-02-02'))", Result: "2", call: onDates(func(a, b value.Date) int64 { return int64(b) - int64(a) }),
	},
	{
		Name: "monthsBetween", Group: GroupDate, base: 4, Signatures: sigs([]Type{Dat, Dat, Int}),
		Doc: text("从第一个日期到第二个日期的整月数。", "The whole months from the first date to the second."), Example: "monthsBetween(date('2026-01-31'), date('2026-03-30'))", Result: "1", call: onDates(monthsBetween),
	},
	{
		Name: "daysUntil", Group: GroupDate, base: 4, now: true, Signatures: sigs([]Type{Dat, Int}),
		Doc: text("从今天到某个日期的天数，已过去时为负数。", "The days from today to a date, negative when it is past."), Example: "daysUntil(today())", Result: "0", call: fnDaysUntil,
	},
	{
		Name: "workdays", Group: GroupDate, base: 3, Signatures: sigs([]Type{Dat, Dat, Int}),
		Doc: text("两个日期之间（含两端）的工作日数，只除去周六、周日。", "The days from Monday to Friday between two dates, both included."), Example: "workdays(date('2026-01-30'), date('2026-02-02'))", Result: "2", call: onDates(workdays),
	},
	{
		Name: "addWorkdays", Group: GroupDate, Member: true, base: 3, Signatures: sigs([]Type{Dat, Int, Dat}),
		Doc: text("加上几个工作日，只跳过周六、周日。", "The date so many working days later, passing over Saturdays and Sundays."), Example: "addWorkdays(date('2026-01-30'), 1)", Result: "2026-02-02", call: moved(addWorkdays),
	},
}

// parsed gives null for a text that can't be read.
func parsed[T any](v T, err error) (any, error) {
	if err != nil {
		return nil, ErrNull
	}
	return v, nil
}

func fnDate(c *call) (any, error) {
	if s, ok := c.args[0].(string); ok {
		return parsed(value.ParseDate(s))
	}
	year, month, err := two[int64, int64](c)
	if err != nil {
		return nil, err
	}
	day, ok := c.args[2].(int64)
	if !ok {
		return nil, errArgument
	}
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 {
		return nil, ErrNull
	}
	d := value.NewDate(int(year), time.Month(month), int(day))
	if d.Time().Day() != int(day) {
		return nil, ErrNull
	}
	return d, nil
}

func fnDateTime(c *call) (any, error) {
	s, _ := c.args[0].(string)
	return parsed(value.ParseDateTime(s))
}

func fnTime(c *call) (any, error) {
	s, _ := c.args[0].(string)
	return parsed(value.ParseTimeOfDay(s))
}

func fnDuration(c *call) (any, error) {
	s, _ := c.args[0].(string)
	return parsed(value.ParseDuration(s))
}

func fnUnits(unit time.Duration) func(*call) (any, error) {
	return func(c *call) (any, error) {
		n, ok := c.args[0].(int64)
		if !ok {
			return nil, errArgument
		}
		if limit := int64(1<<63-1) / int64(unit); n > limit || n < -limit {
			return nil, ErrOutOfRange
		}
		return time.Duration(n) * unit, nil
	}
}

func fnDateOf(c *call) (any, error) {
	t, ok := c.args[0].(time.Time)
	if !ok {
		return nil, errArgument
	}
	return value.DateOf(t, c.f.zone()), nil
}

// onDay reads a part of a date, or of an instant in the company's zone.
func onDay(part func(time.Time) int) func(*call) (any, error) {
	return func(c *call) (any, error) {
		switch v := c.args[0].(type) {
		case value.Date:
			return int64(part(v.Time())), nil
		case time.Time:
			return int64(part(v.In(c.f.zone()))), nil
		default:
			return nil, errArgument
		}
	}
}

func isoWeekday(t time.Time) int {
	if d := t.Weekday(); d != time.Sunday {
		return int(d)
	}
	return 7
}

func fnHour(c *call) (any, error) {
	switch v := c.args[0].(type) {
	case value.TimeOfDay:
		return int64(v) / 3600, nil
	case time.Time:
		return int64(v.In(c.f.zone()).Hour()), nil
	default:
		return nil, errArgument
	}
}

func fnMinute(c *call) (any, error) {
	switch v := c.args[0].(type) {
	case value.TimeOfDay:
		return int64(v) / 60 % 60, nil
	case time.Time:
		return int64(v.In(c.f.zone()).Minute()), nil
	default:
		return nil, errArgument
	}
}

func moved(by func(value.Date, int64) (any, error)) func(*call) (any, error) {
	return func(c *call) (any, error) {
		d, n, err := two[value.Date, int64](c)
		if err != nil {
			return nil, err
		}
		return by(d, n)
	}
}

// maxMove is more days than lie between the first and the last date.
const maxMove = 4_000_000

func addDays(d value.Date, n int64) (any, error) {
	if n > maxMove || n < -maxMove {
		return nil, ErrOutOfRange
	}
	return dateInRange(int64(d) + n)
}

func dateInRange(days int64) (any, error) {
	if days < firstDate || days > lastDate {
		return nil, ErrOutOfRange
	}
	return value.Date(days), nil
}

func addMonths(d value.Date, n int64) (any, error) {
	const months = 12 * 9999
	if n > months || n < -months {
		return nil, ErrOutOfRange
	}
	return dateInRange(int64(d.AddMonths(int(n))))
}

func onDate(fn func(value.Date) any) func(*call) (any, error) {
	return func(c *call) (any, error) {
		d, ok := c.args[0].(value.Date)
		if !ok {
			return nil, errArgument
		}
		return fn(d), nil
	}
}

func onDates(fn func(a, b value.Date) int64) func(*call) (any, error) {
	return func(c *call) (any, error) {
		a, b, err := two[value.Date, value.Date](c)
		if err != nil {
			return nil, err
		}
		return fn(a, b), nil
	}
}

// monthsBetween counts whole months: the last one counts once its day, or the month's end, is reached.
func monthsBetween(a, b value.Date) int64 {
	if b < a {
		return -monthsBetween(b, a)
	}
	ay, am, _ := a.Time().Date()
	by, bm, _ := b.Time().Date()
	n := (by-ay)*12 + int(bm) - int(am)
	if n > 0 && a.AddMonths(n) > b {
		n--
	}
	return int64(n)
}

func fnDaysUntil(c *call) (any, error) {
	d, ok := c.args[0].(value.Date)
	if !ok {
		return nil, errArgument
	}
	return int64(d) - int64(value.DateOf(c.f.act.Now, c.f.zone())), nil
}

// workingDaysBefore counts the days from Monday to Friday from a fixed Monday up to before a day.
func workingDaysBefore(d value.Date) int64 {
	days := int64(d) - monday
	weeks, rest := days/7, days%7
	if rest < 0 {
		weeks, rest = weeks-1, rest+7
	}
	return weeks*5 + min(rest, 5)
}

// monday is a Monday: 1970-01-05.
const monday = 4

func workdays(a, b value.Date) int64 {
	if b < a {
		return -workdays(b, a)
	}
	return workingDaysBefore(b+1) - workingDaysBefore(a)
}

// addWorkdays moves by whole weeks first and then day by day.
func addWorkdays(d value.Date, n int64) (any, error) {
	if n > maxMove || n < -maxMove {
		return nil, ErrOutOfRange
	}
	step := int64(1)
	if n < 0 {
		step = -1
	}
	day := int64(d) + n/5*7
	for left := n % 5; left != 0; {
		day += step
		if isoWeekday(value.Date(day).Time()) <= 5 {
			left -= step
		}
	}
	for n != 0 && isoWeekday(value.Date(day).Time()) > 5 {
		day -= step
	}
	return dateInRange(day)
}
