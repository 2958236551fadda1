package openapi

import (
	"fmt"
	"strconv"

	"tenon/metamodel"
)

// field is the schema of a field's value. Values may be null unless the field must be given.
func (b *builder) field(f *metamodel.Field, nullable bool) obj {
	out := b.value(f)
	if t, ok := out["type"].(string); ok && nullable && t != "array" {
		out["type"] = []string{t, "null"}
		if enum, ok := out["enum"].([]any); ok {
			out["enum"] = append(enum, nil)
		}
	}
	if title := f.Title.In(b.Lang); title != "" {
		out["title"] = title
	}
	if help := f.Help.In(b.Lang); help != "" {
		out["description"] = help
	}
	return out
}

// value is the schema of a field's value by its kind.
func (b *builder) value(f *metamodel.Field) obj {
	switch f.Kind {
	case metamodel.Integer:
		out := obj{"type": "integer"}
		bound(out, "minimum", f.Min, -metamodel.MaxInteger)
		bound(out, "maximum", f.Max, metamodel.MaxInteger)
		return out
	case metamodel.Decimal, metamodel.Money, metamodel.Percent:
		return obj{"type": "string", "format": "decimal", "pattern": fmt.Sprintf(`^-?[0-9]{1,%d}(\.[0-9]{1,%d})?$`, max(1, f.Precision-f.Scale), max(1, f.Scale)), "examples": []any{"12.50"}}
	case metamodel.Boolean:
		return obj{"type": "boolean"}
	case metamodel.Date:
		return obj{"type": "string", "format": "date"}
	case metamodel.DateTime:
		return obj{"type": "string", "format": "date-time"}
	case metamodel.Time:
		return obj{"type": "string", "format": "time"}
	case metamodel.Duration:
		return obj{"type": "string", "format": "duration"}
	case metamodel.Choice:
		return obj{"type": "string", "enum": options(f.Enum)}
	case metamodel.Choices:
		return obj{"type": "array", "items": obj{"type": "string", "enum": options(f.Enum)}, "uniqueItems": true, "maxItems": f.MaxLength}
	case metamodel.Reference, metamodel.Tree, metamodel.User, metamodel.Department:
		return obj{"type": "string", "format": "uuid"}
	case metamodel.References, metamodel.File, metamodel.Image:
		return obj{"type": "array", "items": obj{"type": "string", "format": "uuid"}, "uniqueItems": true, "maxItems": f.MaxLength}
	case metamodel.JSON:
		return obj{"type": "object"}
	case metamodel.Email:
		return text1(f, "email")
	case metamodel.Link:
		return text1(f, "uri")
	case metamodel.Text, metamodel.LongText, metamodel.RichText, metamodel.Barcode, metamodel.Phone, metamodel.Number, metamodel.Lines:
	}
	return text1(f, "")
}

func text1(f *metamodel.Field, format string) obj {
	out := obj{"type": "string"}
	if f.MaxLength > 0 {
		out["maxLength"] = f.MaxLength
	}
	if f.MinLength > 0 {
		out["minLength"] = f.MinLength
	}
	if f.Pattern != "" {
		out["pattern"] = f.Pattern
	}
	if format != "" {
		out["format"] = format
	}
	return out
}

func bound(out obj, key, text string, preset int64) {
	out[key] = preset
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		out[key] = n
	}
}

func options(e *metamodel.Enum) []any {
	out := []any{}
	if e != nil {
		for _, o := range e.Options {
			out = append(out, o.Name)
		}
	}
	return out
}

// example is a value that a field could have.
func example(f *metamodel.Field) any {
	switch f.Kind {
	case metamodel.Integer:
		if f.Min != "" {
			if n, err := strconv.ParseInt(f.Min, 10, 64); err == nil {
				return n
			}
		}
		return 1
	case metamodel.Decimal, metamodel.Money:
		return "12.50"
	case metamodel.Percent:
		return "0.13"
	case metamodel.Boolean:
		return true
	case metamodel.Date:
		return "2026-01-05"
	case metamodel.DateTime:
		return "2026-01-05T08:30:00Z"
	case metamodel.Time:
		return "08:30:00"
	case metamodel.Duration:
		return "PT8H"
	case metamodel.Choice:
		if o := options(f.Enum); len(o) > 0 {
			return o[0]
		}
	case metamodel.Reference, metamodel.Tree, metamodel.User, metamodel.Department:
		return "0197a000-0000-7000-8000-000000000001"
	case metamodel.Email:
		return "buyer@example.com"
	case metamodel.Link:
		return "https://example.com/"
	case metamodel.Phone:
		return "+86 21 5555 0100"
	case metamodel.Text, metamodel.LongText, metamodel.RichText, metamodel.Barcode:
		if f.Pattern == "" && f.MinLength <= len("text") && f.MaxLength >= len("text") {
			return "text"
		}
	case metamodel.Choices, metamodel.References, metamodel.File, metamodel.Image, metamodel.Lines, metamodel.Number, metamodel.JSON:
	}
	return nil
}
