package plain

import (
	"bytes"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

var errDecimal = errors.New("not a decimal of that many places")

// Cents is an amount in hundredths, written as a decimal text.
type Cents int64

// Grams is a weight in thousandths, written as a decimal text.
type Grams int64

func appendFixed(b []byte, n int64, places int) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	unit := int64(1)
	for range places {
		unit *= 10
	}
	b = strconv.AppendInt(b, n/unit, 10)
	b = append(b, '.')
	return append(b, strconv.FormatInt(unit+n%unit, 10)[1:]...)
}

func parseFixed(b []byte, places int) (int64, error) {
	text := string(bytes.Trim(b, `"`))
	whole, part, _ := strings.Cut(text, ".")
	if len(part) > places {
		return 0, errDecimal
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", places-len(part)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %q", errDecimal, text)
	}
	return n, nil
}

// MarshalJSON writes "12.50".
func (c Cents) MarshalJSON() ([]byte, error) {
	return append(appendFixed(append(make([]byte, 0, 16), '"'), int64(c), 2), '"'), nil
}

// UnmarshalJSON reads "12.50".
func (c *Cents) UnmarshalJSON(b []byte) error {
	n, err := parseFixed(b, 2)
	*c = Cents(n)
	return err
}

// MarshalJSON writes "1.250".
func (g Grams) MarshalJSON() ([]byte, error) {
	return append(appendFixed(append(make([]byte, 0, 16), '"'), int64(g), 3), '"'), nil
}

// UnmarshalJSON reads "1.250".
func (g *Grams) UnmarshalJSON(b []byte) error {
	n, err := parseFixed(b, 3)
	*g = Grams(n)
	return err
}

// Day is a date: text in SQLite, date in PostgreSQL.
type Day string

// Scan reads what either driver gives.
func (d *Day) Scan(src any) error {
	switch v := src.(type) {
	case string:
		*d = Day(v)
	case time.Time:
		*d = Day(v.Format(time.DateOnly))
	case nil:
		*d = ""
	default:
		return fmt.Errorf("no date: %T", src)
	}
	return nil
}

// Value writes the text; PostgreSQL reads it as a date.
func (d Day) Value() (driver.Value, error) {
	if d == "" {
		return nil, nil //nolint:nilnil // NULL
	}
	return string(d), nil
}

// Instant is a point in time: microseconds in SQLite, timestamptz in PostgreSQL.
type Instant struct{ time.Time }

// Scan reads what either driver gives.
func (i *Instant) Scan(src any) error {
	switch v := src.(type) {
	case int64:
		i.Time = time.UnixMicro(v).UTC()
	case time.Time:
		i.Time = v.UTC()
	default:
		return fmt.Errorf("no instant: %T", src)
	}
	return nil
}
