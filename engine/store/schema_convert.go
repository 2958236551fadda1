package store

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

// errConvert says that a value has no counterpart in the field's new type.
var errConvert = errors.New("value can't be converted")

// convert turns a slot value of one field into the slot value of what the field has become. It never loses
// anything silently: a number that needs more digits, a text that is too long or a date that is none is an error.
func convert(was, f *metamodel.Field, zone *time.Location, v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	if s, ok := v.(string); ok && strings.TrimSpace(s) == "" && !f.Kind.IsText() {
		return nil, nil // an empty text is no number, date or choice: null
	}
	switch {
	case f.Kind.IsText():
		return toText(was, f, v)
	case f.Kind.IsDecimal():
		return toDecimal(f, v)
	case f.Kind.IsList():
		return toList(was, f, v)
	}
	switch f.Kind { //nolint:exhaustive // the others are handled above or have no conversion
	case metamodel.Integer:
		return toInteger(v)
	case metamodel.Boolean:
		return toBoolean(v)
	case metamodel.Date, metamodel.DateTime, metamodel.Time, metamodel.Duration:
		return toMoment(f.Kind, zone, v)
	case metamodel.Choice:
		return toChoice(f, v)
	case metamodel.Reference, metamodel.Tree, metamodel.User, metamodel.Department:
		return toID(v)
	case metamodel.JSON:
		return toJSON(v)
	}
	return nil, errConvert
}

func toText(was, f *metamodel.Field, v any) (any, error) {
	s, err := textOf(was, v)
	if err != nil {
		return nil, err
	}
	if f.MaxLength > 0 && utf8.RuneCountInString(s) > f.MaxLength {
		return nil, errConvert
	}
	return s, nil
}

func textOf(was *metamodel.Field, v any) (string, error) {
	switch x := v.(type) {
	case string:
		return x, nil
	case int64:
		return strconv.FormatInt(x, 10), nil
	case value.Decimal:
		return x.Fixed(int32(was.Scale)), nil
	case bool:
		return strconv.FormatBool(x), nil
	case value.Date:
		return x.String(), nil
	case value.TimeOfDay:
		return x.String(), nil
	case time.Time:
		return value.FormatDateTime(x), nil
	case time.Duration:
		return value.FormatDuration(x), nil
	case []string:
		return strings.Join(x, ", "), nil
	case value.JSON:
		return string(x), nil
	}
	return "", errConvert
}

func toDecimal(f *metamodel.Field, v any) (any, error) {
	var d value.Decimal
	switch x := v.(type) {
	case value.Decimal:
		d = x
	case int64:
		d = value.NewDecimal(x, 0)
	case string:
		var err error
		if d, err = value.ParseDecimal(strings.TrimSpace(x)); err != nil {
			return nil, errConvert
		}
	default:
		return nil, errConvert
	}
	if !d.Fits(int32(f.Precision), int32(f.Scale)) {
		return nil, errConvert
	}
	return d.Round(int32(f.Scale))
}

func toInteger(v any) (any, error) {
	switch x := v.(type) {
	case value.Decimal:
		if n, ok := x.Int64(); ok {
			return n, nil
		}
	case string:
		d, err := value.ParseDecimal(strings.TrimSpace(x))
		if err != nil {
			return nil, errConvert
		}
		return toInteger(d)
	case bool:
		if x {
			return int64(1), nil
		}
		return int64(0), nil
	case time.Duration:
		return int64(x / time.Second), nil
	}
	return nil, errConvert
}

// words are what people write for yes and no.
var words = map[string]bool{"true": true, "yes": true, "y": true, "1": true, "是": true, "有": true, "false": false, "no": false, "n": false, "0": false, "否": false, "无": false}

func toBoolean(v any) (any, error) {
	s, ok := v.(string)
	if n, isInt := v.(int64); isInt {
		s, ok = strconv.FormatInt(n, 10), true
	}
	b, known := words[strings.ToLower(strings.TrimSpace(s))]
	if !ok || !known {
		return nil, errConvert
	}
	return b, nil
}

func toMoment(kind metamodel.FieldKind, zone *time.Location, v any) (any, error) {
	s, isText := v.(string)
	s = strings.TrimSpace(s)
	t, isInstant := v.(time.Time)
	var out any
	var err error
	switch kind {
	case metamodel.Date:
		if isInstant {
			return value.DateOf(t, zone), nil
		}
		out, err = value.ParseDate(s)
	case metamodel.DateTime:
		if d, ok := v.(value.Date); ok {
			y, m, day := d.Time().Date()
			return time.Date(y, m, day, 0, 0, 0, 0, zone).UTC(), nil
		}
		out, err = value.ParseDateTime(s)
	case metamodel.Time:
		if isInstant {
			h, m, sec := t.In(zone).Clock()
			return value.TimeOfDay(h*3600 + m*60 + sec), nil
		}
		out, err = value.ParseTimeOfDay(s)
	default:
		if n, ok := v.(int64); ok {
			return time.Duration(n) * time.Second, nil
		}
		out, err = value.ParseDuration(s)
	}
	if !isText || err != nil {
		return nil, errConvert
	}
	return out, nil
}

// toChoice finds the option that a text names, by name or by title in any language.
func toChoice(f *metamodel.Field, v any) (any, error) {
	if list, ok := v.([]string); ok && len(list) == 1 {
		v = list[0]
	}
	s, ok := v.(string)
	if list, isList := v.([]string); isList && len(list) == 0 {
		return nil, nil
	}
	if !ok || f.Enum == nil {
		return nil, errConvert
	}
	s = strings.TrimSpace(s)
	for _, o := range f.Enum.Options {
		if o.Name == s {
			return o.Name, nil
		}
	}
	for _, o := range f.Enum.Options {
		for _, title := range o.Title {
			if title == s {
				return o.Name, nil
			}
		}
	}
	return nil, errConvert
}

// toList makes a list of one value, or of the parts of a text for choices.
func toList(was, f *metamodel.Field, v any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return nil, errConvert
	}
	if f.Kind != metamodel.Choices {
		return []string{s}, nil
	}
	parts := []string{s}
	if was.Kind.IsText() {
		parts = strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",;，；、", r) })
	}
	out := make([]string, 0, len(parts))
	for _, part := range parts {
		name, err := toChoice(f, part)
		if err != nil {
			return nil, err
		}
		if name, ok := name.(string); ok {
			out = append(out, name)
		}
	}
	return out, nil
}

func toID(v any) (any, error) {
	switch x := v.(type) {
	case string:
		return strings.TrimSpace(x), nil
	case []string:
		switch len(x) {
		case 0:
			return nil, nil
		case 1:
			return x[0], nil
		}
	}
	return nil, errConvert
}

func toJSON(v any) (any, error) {
	switch x := v.(type) {
	case string:
		if json.Valid([]byte(x)) {
			return value.JSON(x), nil
		}
	case int64:
		return value.JSON(strconv.FormatInt(x, 10)), nil
	case bool:
		return value.JSON(strconv.FormatBool(x)), nil
	case []string:
		text, err := json.Marshal(x)
		if err != nil {
			return nil, errConvert
		}
		return value.JSON(text), nil
	}
	return nil, errConvert
}
