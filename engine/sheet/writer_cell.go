package sheet

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"tenon/metamodel/value"
)

// firstSerialDay is 1900-03-01: earlier days differ between spreadsheet programs and are written as text.
var firstSerialDay = value.NewDate(1900, time.March, 1)

func (t *Writer) text(s string) outCell {
	s = printable(s)
	if t.limit > 0 {
		short := shorten(s, t.limit)
		if short != s {
			t.cut++
		}
		s = short
	}
	if s == "" {
		return outCell{}
	}
	return outCell{kind: Text, text: s}
}

func (t *Writer) boolean(b bool) outCell {
	label, text := t.opts.False, "false"
	if b {
		label, text = t.opts.True, "true"
	}
	if label != "" {
		return t.text(label)
	}
	return outCell{kind: Bool, text: text}
}

func (t *Writer) instant(at time.Time) outCell {
	local := at.In(t.opts.Zone)
	layout := "2006-01-02 15:04:05"
	if local.Nanosecond() != 0 {
		layout = "2006-01-02 15:04:05.999999"
	}
	c := outCell{kind: DateTime, text: local.Format(layout)}
	day := value.DateOf(at, t.opts.Zone)
	if serial := dateSerial(day); serial != "" {
		h, m, s := local.Clock()
		millis := int64(h*3600+m*60+s)*1000 + int64(local.Nanosecond())/1_000_000
		c.serial = serialText(serial, millis)
	}
	return c
}

func duration(d time.Duration) outCell {
	c := outCell{kind: Duration, text: value.FormatDuration(d)}
	if d >= 0 {
		days := strconv.FormatInt(int64(d/(24*time.Hour)), 10)
		c.serial = serialText(days, (d % (24 * time.Hour)).Milliseconds())
	}
	return c
}

// dateSerial is the day's number in the 1900 system, "" for days that every program counts differently.
func dateSerial(d value.Date) string {
	if d < firstSerialDay {
		return ""
	}
	return strconv.Itoa(int(d) + daysTo1970From1900)
}

// serialText writes a count of days and milliseconds as a spreadsheet's number, rounded to the digits that it
// keeps. That is well below a millisecond for all dates.
func serialText(days string, millis int64) string {
	places := significantDigits - len(days)
	unit := int64(1)
	for range places {
		unit *= 10
	}
	whole, rest := unit/dayMillis, unit%dayMillis // unit × millis would overflow
	f := millis*whole + (millis*rest+dayMillis/2)/dayMillis
	digits := strconv.FormatInt(f, 10)
	digits = strings.Repeat("0", places-len(digits)) + digits
	return strings.TrimSuffix(strings.TrimRight(days+"."+digits, "0"), ".")
}

// decimalText writes a number with its column's digits after the point, or with all of its own if it has more.
func decimalText(d value.Decimal, scale int32) string {
	if d.Trim().Scale() > scale {
		return d.Trim().String()
	}
	return d.Fixed(scale)
}

// significant counts the digits of a plain number that a spreadsheet has to keep.
func significant(number string) int {
	digits := strings.TrimLeft(strings.ReplaceAll(strings.TrimLeft(number, "+-"), ".", ""), "0")
	if strings.Contains(number, ".") {
		digits = strings.TrimRight(digits, "0")
	}
	return len(digits)
}

// printable drops the control characters that no table can carry and mends broken UTF-8.
func printable(s string) string {
	clean := func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}
	return strings.Map(clean, s)
}

// shorten cuts a text to limit UTF-16 units, the measure of Excel.
func shorten(s string, limit int) string {
	if len(s) <= limit || utf16Len(s) <= limit {
		return s
	}
	units, end := 0, 0
	for i, r := range s {
		if units += utf16.RuneLen(r); units > limit-1 {
			end = i
			break
		}
	}
	return s[:end] + "…"
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// displayWidth counts Chinese characters and their like as two.
func displayWidth(s string) int {
	n := 0
	for _, r := range s {
		n++
		if utf8.RuneLen(r) >= 3 {
			n++
		}
	}
	return n
}

// sheetName makes a name that Excel accepts.
func sheetName(name string) string {
	clean := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]`, r) || r < ' ' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	clean = trimName(clean)
	units := 0
	for i, r := range clean {
		if units += max(1, utf16.RuneLen(r)); units > maxNameChars {
			clean = trimName(clean[:i])
			break
		}
	}
	switch {
	case clean == "":
		return "Sheet1"
	case strings.EqualFold(clean, "history"): // Excel keeps this name for itself
		return clean + "_"
	default:
		return clean
	}
}

func trimName(name string) string { return strings.Trim(name, " '") }
