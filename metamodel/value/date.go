package value

import (
	"errors"
	"fmt"
	"time"
)

// ErrDate says that a text is no date, time or duration in ISO form.
var ErrDate = errors.New("not an ISO date or time")

const daySeconds = 24 * 60 * 60

// Date is a calendar day without a zone, as days since 1970-01-01. Years 1 to 9999.
type Date int32

// NewDate makes a date; days past the month's end run over into the next, as in time.Date.
func NewDate(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / daySeconds)
}

// DateOf is the calendar day of an instant in a zone.
func DateOf(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return NewDate(y, m, d)
}

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	if len(s) != len("2006-01-02") {
		return 0, fmt.Errorf("%w: %.40q", ErrDate, s)
	}
	t, err := time.Parse("2006-01-02", s)
	if err != nil || t.Year() < 1 {
		return 0, fmt.Errorf("%w: %.40q", ErrDate, s)
	}
	return DateOf(t, time.UTC), nil
}

// Time is the day's midnight in UTC.
func (d Date) Time() time.Time { return time.Unix(int64(d)*daySeconds, 0).UTC() }

// String writes YYYY-MM-DD.
func (d Date) String() string { return d.Time().Format("2006-01-02") }

// MarshalJSON writes a JSON string.
func (d Date) MarshalJSON() ([]byte, error) { return []byte(`"` + d.String() + `"`), nil }

// AddDays moves by whole days.
func (d Date) AddDays(n int) Date { return d + Date(n) }

// AddMonths moves by whole months; a day past the month's end becomes its last day (2026-01-31 + 1 month =
// 2026-02-28).
func (d Date) AddMonths(n int) Date {
	y, m, day := d.Time().Date()
	first := time.Date(y, m+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return NewDate(first.Year(), first.Month(), min(day, last))
}

// MonthStart is the first day of the date's month.
func (d Date) MonthStart() Date { return d.MonthEnd().AddDays(1).AddMonths(-1) }

// MonthEnd is the last day of the date's month.
func (d Date) MonthEnd() Date {
	y, m, _ := d.Time().Date()
	return NewDate(y, m+1, 0)
}

// TimeOfDay is a clock time as seconds since midnight.
type TimeOfDay int32

// ParseTimeOfDay reads HH:MM or HH:MM:SS.
func ParseTimeOfDay(s string) (TimeOfDay, error) {
	for _, layout := range []string{"15:04:05", "15:04"} {
		if len(s) != len(layout) {
			continue
		}
		if t, err := time.Parse(layout, s); err == nil {
			return TimeOfDay(t.Hour()*3600 + t.Minute()*60 + t.Second()), nil
		}
	}
	return 0, fmt.Errorf("%w: %.40q", ErrDate, s)
}

// String writes HH:MM:SS.
func (t TimeOfDay) String() string {
	return fmt.Sprintf("%02d:%02d:%02d", t/3600, t/60%60, t%60)
}

// MarshalJSON writes a JSON string.
func (t TimeOfDay) MarshalJSON() ([]byte, error) { return []byte(`"` + t.String() + `"`), nil }

// ParseDateTime reads RFC 3339 and returns the instant in UTC, cut to microseconds (what both databases
// keep).
func ParseDateTime(s string) (time.Time, error) {
	if len(s) > maxText {
		return time.Time{}, fmt.Errorf("%w: %.40q", ErrDate, s)
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		return time.Time{}, fmt.Errorf("%w: %.40q", ErrDate, s)
	}
	return t.UTC().Truncate(time.Microsecond), nil
}

// FormatDateTime writes RFC 3339 in UTC with as many fraction digits as needed.
func FormatDateTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
