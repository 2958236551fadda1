package lower

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

// ErrValue says that a value does not belong into the field's column.
var ErrValue = errors.New("value does not fit the column")

// nobody is an id that no record has: what an id is compared with when the other side is no id at all. Encode
// refuses it, so no row can ever hold it.
const nobody = "ffffffff-ffff-ffff-ffff-ffffffffffff"

// Encode turns a slot value into the argument that a statement binds for the field's column. nil is NULL. It
// returns an error that wraps ErrValue when the value's type or size doesn't fit the field.
func Encode(d Dialect, f *metamodel.Field, v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	switch classOf(f) {
	case classText, classJSON:
		return encodeText(f, v)
	case classID:
		s, ok := v.(string)
		if !ok || !isUUID(s) || s == nobody {
			return nil, misfit(f, v)
		}
		return s, nil
	case classChoice:
		s, ok := v.(string)
		if !ok {
			return nil, misfit(f, v)
		}
		id, ok := optionID(f.Enum, s)
		if !ok {
			return nil, misfit(f, v)
		}
		return id, nil
	case classList:
		return encodeList(f, v)
	case classInt, classDecimal, classBool, classDate, classInstant, classTime, classDuration, classNone:
	}
	return encodeScalar(d, f, v)
}

func encodeText(f *metamodel.Field, v any) (any, error) {
	var s string
	switch x := v.(type) {
	case string:
		s = x
	case value.JSON:
		s = string(x)
	default:
		return nil, misfit(f, v)
	}
	if strings.IndexByte(s, 0) >= 0 { // PostgreSQL has no NUL in text; SQLite's functions stop at it
		return nil, misfit(f, v)
	}
	return s, nil
}

func encodeScalar(d Dialect, f *metamodel.Field, v any) (any, error) {
	switch x := v.(type) {
	case int64:
		if classOf(f) == classInt {
			return x, nil
		}
	case value.Decimal:
		if classOf(f) == classDecimal {
			return encodeDecimal(d, f, x)
		}
	case bool:
		if classOf(f) == classBool {
			return encodeBool(d, x), nil
		}
	case value.Date:
		if classOf(f) == classDate {
			return encodeDate(d, x), nil
		}
	case time.Time:
		if classOf(f) == classInstant {
			return encodeInstant(d, x), nil
		}
	case value.TimeOfDay:
		if classOf(f) == classTime {
			return int64(x), nil
		}
	case time.Duration:
		if classOf(f) == classDuration {
			return int64(x / time.Second), nil
		}
	}
	return nil, misfit(f, v)
}

func encodeDecimal(d Dialect, f *metamodel.Field, x value.Decimal) (any, error) {
	if !x.Fits(int32(f.Precision), int32(f.Scale)) {
		return nil, misfit(f, x)
	}
	if d == Postgres {
		return x.String(), nil
	}
	n, err := x.Unscaled(int32(f.Scale))
	if err != nil {
		return nil, misfit(f, x)
	}
	return n, nil
}

func encodeBool(d Dialect, x bool) any {
	if d == Postgres {
		return x
	}
	if x {
		return int64(1)
	}
	return int64(0)
}

func encodeDate(d Dialect, x value.Date) any {
	if d == Postgres {
		return x.Time()
	}
	return int64(x)
}

func encodeInstant(d Dialect, x time.Time) any {
	if d == Postgres {
		return x.UTC().Truncate(time.Microsecond)
	}
	return x.UnixMicro()
}

func encodeList(f *metamodel.Field, v any) (any, error) {
	list, ok := v.([]string)
	if !ok {
		return nil, misfit(f, v)
	}
	ids := list
	if f.Kind == metamodel.Choices {
		ids = make([]string, len(list))
		for i, name := range list {
			id, ok := optionID(f.Enum, name)
			if !ok {
				return nil, misfit(f, v)
			}
			ids[i] = id
		}
	} else if slices.ContainsFunc(list, func(s string) bool { return !isUUID(s) }) {
		return nil, misfit(f, v)
	}
	return encodeIDs(ids), nil
}

// encodeIDs writes a JSON array of texts that need no escapes.
func encodeIDs(ids []string) string {
	b := make([]byte, 0, 2+40*len(ids))
	b = append(b, '[')
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, id...)
		b = append(b, '"')
	}
	return string(append(b, ']'))
}

// Decode turns what the driver returned for the field's column into a slot value; NULL is nil. It accepts
// what modernc.org/sqlite and pgx's database/sql driver return for the types of ColumnType.
func Decode(d Dialect, f *metamodel.Field, src any) (any, error) {
	if src == nil {
		return nil, nil
	}
	switch c := classOf(f); c {
	case classText, classID, classChoice, classList, classJSON:
		s, ok := textOf(src)
		if !ok {
			return nil, misread(f, src)
		}
		return decodeText(c, f, s)
	case classBool:
		switch x := src.(type) {
		case bool:
			return x, nil
		case int64:
			return x != 0, nil
		}
	case classDate, classInstant:
		if t, ok := src.(time.Time); ok {
			if c == classDate {
				return value.DateOf(t, t.Location()), nil
			}
			return t.UTC(), nil
		}
		return decodeNumber(d, f, src)
	case classInt, classDecimal, classTime, classDuration:
		return decodeNumber(d, f, src)
	case classNone:
	}
	return nil, misread(f, src)
}

func decodeText(c class, f *metamodel.Field, s string) (any, error) {
	switch c {
	case classChoice:
		return optionName(f.Enum, s), nil
	case classJSON:
		return value.JSON(s), nil
	case classList:
		list, err := decodeIDs(s)
		if err != nil {
			return nil, fmt.Errorf("read list of field %s: %w", f.ID, err)
		}
		if f.Kind == metamodel.Choices {
			for i, id := range list {
				list[i] = optionName(f.Enum, id)
			}
		}
		return list, nil
	case classNone, classText, classID, classInt, classDecimal, classBool, classDate, classInstant, classTime, classDuration:
	}
	return s, nil
}

func decodeNumber(d Dialect, f *metamodel.Field, src any) (any, error) {
	n, isInt := src.(int64)
	if classOf(f) == classDecimal {
		if isInt && d == SQLite {
			return value.NewDecimal(n, int32(f.Scale)), nil
		}
		return decodeDecimal(f, src)
	}
	if !isInt {
		i, ok := intOf(src)
		if !ok {
			return nil, misread(f, src)
		}
		n = i
	}
	switch classOf(f) {
	case classInt:
		return n, nil
	case classDate:
		return value.Date(n), nil
	case classInstant:
		return time.UnixMicro(n).UTC(), nil
	case classTime:
		return value.TimeOfDay(n), nil
	case classDuration:
		return time.Duration(n) * time.Second, nil
	case classNone, classText, classID, classDecimal, classBool, classChoice, classList, classJSON:
	}
	return nil, misread(f, src)
}

func decodeDecimal(f *metamodel.Field, src any) (any, error) {
	s, ok := textOf(src)
	if !ok {
		if n, isInt := src.(int64); isInt {
			return value.NewDecimal(n, 0), nil
		}
		return nil, misread(f, src)
	}
	x, err := decimalOf(s)
	if err != nil {
		return nil, fmt.Errorf("read field %s: %w", f.ID, err)
	}
	return x, nil
}

func intOf(src any) (int64, bool) {
	switch x := src.(type) {
	case int64:
		return x, true
	case int32:
		return int64(x), true
	case string:
		n, err := strconv.ParseInt(x, 10, 64)
		return n, err == nil
	case []byte:
		n, err := strconv.ParseInt(string(x), 10, 64)
		return n, err == nil
	}
	return 0, false
}

func textOf(src any) (string, bool) {
	switch x := src.(type) {
	case string:
		return x, true
	case []byte:
		return string(x), true
	}
	return "", false
}

// decodeIDs reads a JSON array of texts.
func decodeIDs(s string) ([]string, error) {
	if s == "[]" {
		return []string{}, nil
	}
	list := make([]string, 0, 1+strings.Count(s, ","))
	if err := json.Unmarshal([]byte(s), &list); err != nil {
		return nil, fmt.Errorf("parse stored list: %w", err)
	}
	return list, nil
}

// optionID finds an option's id by its name.
func optionID(e *metamodel.Enum, name string) (string, bool) {
	if e == nil {
		return "", false
	}
	for _, o := range e.Options {
		if o.Name == name {
			return string(o.ID), true
		}
	}
	return "", false
}

// optionName finds an option's name by its id. The id of an option that is gone stays visible as it is, so
// that reading an old record never fails.
func optionName(e *metamodel.Enum, id string) string {
	if e != nil {
		for _, o := range e.Options {
			if string(o.ID) == id {
				return o.Name
			}
		}
	}
	return id
}

// isUUID tells whether s is a UUID in canonical lower-case text. Other spellings of the same id are refused, so
// that ids compare as texts on both databases.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}

func misfit(f *metamodel.Field, v any) error {
	return fmt.Errorf("encode field %s (%s) from %T: %w", f.ID, f.Kind, v, ErrValue)
}

func misread(f *metamodel.Field, src any) error {
	return fmt.Errorf("decode field %s (%s) from %T: %w", f.ID, f.Kind, src, ErrValue)
}

// typedAs tells whether a slot value has the type of the field's.
func typedAs(f *metamodel.Field, v any) bool {
	var ok bool
	switch classOf(f) {
	case classInt:
		_, ok = v.(int64)
	case classDecimal:
		_, ok = v.(value.Decimal)
	case classBool:
		_, ok = v.(bool)
	case classDate:
		_, ok = v.(value.Date)
	case classInstant:
		_, ok = v.(time.Time)
	case classTime:
		_, ok = v.(value.TimeOfDay)
	case classDuration:
		_, ok = v.(time.Duration)
	case classText, classID, classChoice:
		_, ok = v.(string)
	case classList:
		_, ok = v.([]string)
	case classJSON:
		_, ok = v.(value.JSON)
	case classNone:
	}
	return ok
}

// scaledToDuration reads seconds × 10^scale.
func scaledToDuration(n int64, scale int32) time.Duration {
	unit := time.Second
	for range scale {
		unit /= 10
	}
	return time.Duration(n) * unit
}
