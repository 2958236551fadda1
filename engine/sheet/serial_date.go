package sheet

import (
	"fmt"
	"strings"
	"time"

	"tenon/metamodel/value"
)

const (
	daysTo1970From1900 = 25_569 // serial of 1970-01-01 in the 1900 system
	daysTo1970From1904 = 24_107
	leapBug            = 60        // the 1900 system counts a 1900-02-29 that never was
	maxSerial          = 2_958_465 // 9999-12-31
	maxDurationDays    = 100_000   // days of a duration
	dayMillis          = 24 * 60 * 60 * 1000
	fractionDigits     = 11 // of a day that are used: the product with dayMillis fits in an int64
	fractionUnit       = 100_000_000_000
)

// serialTime is a spreadsheet's count of days, split exactly.
type serialTime struct {
	days   int64
	millis int64 // of the day
}

// parseSerial reads a stored serial number to the nearest millisecond, without floating point.
func parseSerial(raw string) (serialTime, bool) {
	text, ok := plainText(raw, false)
	if !ok || strings.HasPrefix(text, "-") {
		return serialTime{}, false
	}
	whole, fraction, _ := strings.Cut(text, ".")
	if len(whole) > 7 {
		return serialTime{}, false
	}
	var t serialTime
	for _, c := range whole {
		t.days = t.days*10 + int64(c-'0')
	}
	if len(fraction) > fractionDigits {
		fraction = fraction[:fractionDigits]
	}
	fraction += strings.Repeat("0", fractionDigits-len(fraction))
	var f int64
	for _, c := range fraction {
		f = f*10 + int64(c-'0')
	}
	if t.millis = (f*(dayMillis/1000) + fractionUnit/2000) / (fractionUnit / 1000); t.millis >= dayMillis {
		t.days, t.millis = t.days+1, 0
	}
	return t, t.days <= maxSerial
}

// date is the calendar day, or false for a day that the system doesn't have.
func (t serialTime) date(system1904 bool) (value.Date, bool) {
	if system1904 {
		return value.Date(t.days - daysTo1970From1904), t.days <= maxSerial-1462
	}
	switch {
	case t.days == leapBug:
		return 0, false
	case t.days < leapBug:
		return value.Date(t.days + 1 - daysTo1970From1900), true
	default:
		return value.Date(t.days - daysTo1970From1900), true
	}
}

func (t serialTime) clock() string {
	seconds, ms := t.millis/1000, t.millis%1000
	text := value.TimeOfDay(seconds).String()
	if ms == 0 {
		return text
	}
	return strings.TrimRight(fmt.Sprintf("%s.%03d", text, ms), "0")
}

// dateCell makes the cell that a serial number shows under a date format.
func dateCell(raw string, f formatKind, system1904 bool) (Cell, bool) {
	t, ok := parseSerial(raw)
	if !ok {
		return Cell{}, false
	}
	switch f {
	case formatTime:
		return Cell{Time, t.clock()}, true
	case formatDuration:
		if t.days > maxDurationDays {
			return Cell{}, false
		}
		d := time.Duration(t.days)*24*time.Hour + time.Duration(t.millis)*time.Millisecond
		return Cell{Duration, value.FormatDuration(d.Round(time.Second))}, true
	case formatDate, formatDateTime:
		day, ok := t.date(system1904)
		if !ok {
			return Cell{}, false
		}
		if f == formatDate {
			return Cell{Date, day.String()}, true
		}
		return Cell{DateTime, day.String() + "T" + t.clock()}, true
	default:
		return Cell{}, false
	}
}
