package schema

import (
	"regexp"
	"unicode/utf8"

	"tenon/metamodel"
)

// textLengths are the default and the greatest length of each kind of text, in characters.
var textLengths = map[metamodel.FieldKind][2]int{
	metamodel.Text:     {metamodel.DefaultTextLength, metamodel.MaxTextLength},
	metamodel.LongText: {metamodel.DefaultLongLength, metamodel.MaxLongLength},
	metamodel.RichText: {metamodel.DefaultRichLength, metamodel.MaxLongLength},
	metamodel.Barcode:  {metamodel.BarcodeLength, metamodel.DefaultTextLength},
	metamodel.Phone:    {metamodel.PhoneLength, metamodel.BarcodeLength},
	metamodel.Email:    {metamodel.EmailLength, metamodel.EmailLength},
	metamodel.Link:     {metamodel.LinkLength, metamodel.LinkLength},
}

// hasPattern tells whether texts of a kind may be held to a regular expression.
func hasPattern(kind metamodel.FieldKind) bool {
	return kind == metamodel.Text || kind == metamodel.Barcode || kind == metamodel.Phone
}

func readText(d *decoder, o *object, f *metamodel.Field) {
	lengths := textLengths[f.Kind]
	f.MaxLength = o.number("maxLength", 1, lengths[1], lengths[0])
	f.MinLength = o.number("minLength", 0, lengths[1], 0)
	if f.MinLength > f.MaxLength {
		o.add("field.bounds_reversed", "minLength", "min", f.MinLength, "max", f.MaxLength)
	}
	if f.Kind == metamodel.Text {
		d.readChoices(o, f)
	}
	if !hasPattern(f.Kind) {
		return
	}
	f.Pattern = o.text("pattern", metamodel.MaxPattern)
	if f.Pattern == "" {
		return
	}
	if _, err := regexp.Compile(f.Pattern); err != nil {
		o.add("field.pattern_invalid", "pattern", "pattern", clip(f.Pattern))
	}
}

func writeText(w *writer, n *node, f *metamodel.Field) {
	n.putNumber("minLength", f.MinLength, 0)
	n.putNumber("maxLength", f.MaxLength, textLengths[f.Kind][0])
	n.putText("pattern", f.Pattern)
	if f.Choices != nil {
		n.put("x-choices", w.choices(f))
	}
}

func readNumber(_ *decoder, o *object, f *metamodel.Field) {
	f.MaxLength = metamodel.NumberLength
	s := o.needText("x-number", metamodel.NumberLength)
	if s == "" {
		return
	}
	p, ok := metamodel.ParseNumberPattern(s)
	if !ok || utf8.RuneCountInString(s) != len([]rune(s)) {
		o.add("field.number_malformed", "x-number", "pattern", clip(s))
		return
	}
	f.Number = p
}

func writeNumber(_ *writer, n *node, f *metamodel.Field) {
	if f.Number != nil {
		n.putText("x-number", f.Number.Source)
	}
}
