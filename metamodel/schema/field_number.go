package schema

import (
	"regexp"
	"strconv"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

func readInteger(_ *decoder, o *object, f *metamodel.Field) {
	bound := func(key string) string {
		n := o.take(key)
		if n == nil {
			return ""
		}
		if n.kind != jsonNumber {
			o.add("document.not_integer", key)
			return ""
		}
		return n.text
	}
	f.Min, f.Max = bound("minimum"), bound("maximum")
	if f.Min == "" || f.Max == "" {
		return
	}
	lo, errLo := strconv.ParseInt(f.Min, 10, 64)
	hi, errHi := strconv.ParseInt(f.Max, 10, 64)
	if errLo == nil && errHi == nil && lo > hi {
		o.add("field.bounds_reversed", "minimum", "min", f.Min, "max", f.Max)
	}
}

func writeInteger(_ *writer, n *node, f *metamodel.Field) {
	if f.Min != "" {
		n.put("minimum", &node{kind: jsonNumber, text: f.Min})
	}
	if f.Max != "" {
		n.put("maximum", &node{kind: jsonNumber, text: f.Max})
	}
}

// defaultScale is how many digits after the point a kind has when its document doesn't say.
func defaultScale(kind metamodel.FieldKind) int {
	switch kind {
	case metamodel.Money:
		return metamodel.MoneyScale
	case metamodel.Percent:
		return metamodel.PercentScale
	default:
		return metamodel.DecimalScale
	}
}

func readDecimal(d *decoder, o *object, f *metamodel.Field) {
	f.Precision, f.Scale = metamodel.MaxPrecision, defaultScale(f.Kind)
	if n := o.take("x-decimal"); n != nil {
		d.readDigits(o, n, f)
	}
	bound := func(key string) (string, value.Decimal) {
		s := o.text(key, metamodel.MaxName)
		if s == "" {
			return "", value.Decimal{}
		}
		v, err := value.ParseDecimal(s)
		if err != nil || !v.Fits(int32(f.Precision), int32(f.Scale)) {
			o.add("field.bound_malformed", key, "value", clip(s))
			return "", value.Decimal{}
		}
		return s, v
	}
	lo, least := bound("x-minimum")
	hi, most := bound("x-maximum")
	f.Min, f.Max = lo, hi
	if lo != "" && hi != "" && least.Cmp(most) > 0 {
		o.add("field.bounds_reversed", "x-minimum", "min", lo, "max", hi)
	}
	switch f.Kind {
	case metamodel.Money:
		d.readCurrency(o, f)
	case metamodel.Decimal:
		d.fieldOf(o, "x-unit", o.take("x-unit"), f, &f.UnitF)
	default:
	}
}

func (d *decoder) readDigits(o *object, n *node, f *metamodel.Field) {
	at := o.at("x-decimal")
	if n.kind != jsonArray || len(n.items) != 2 {
		d.list.Add("document.not_list", at)
		return
	}
	p := d.numberAt(n.items[0], at+"/0", 1, metamodel.MaxPrecision, 0)
	s := d.numberAt(n.items[1], at+"/1", 0, metamodel.MaxScale, -1)
	switch {
	case p == 0 || s < 0:
	case s > p:
		d.list.Add("field.decimal_malformed", at, "precision", p, "scale", s)
	default:
		f.Precision, f.Scale = p, s
	}
}

var currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)

// currency checks a currency's code; "" after reporting.
func (d *decoder) currency(s, path string) string {
	if s != "" && !currencyForm.MatchString(s) {
		d.list.Add("field.currency_malformed", path, "value", clip(s))
		return ""
	}
	return s
}

func (d *decoder) readCurrency(o *object, f *metamodel.Field) {
	n := o.take("x-currency")
	switch {
	case n == nil:
	case n.kind == jsonObject:
		in := d.object(n, o.at("x-currency"), o.form)
		d.fieldOf(in, "field", in.need("field"), f, &f.CurrencyF)
		in.done()
	default:
		f.Currency = d.currency(d.textAt(n, o.at("x-currency"), metamodel.MaxName), o.at("x-currency"))
	}
}

// fieldOf resolves a mention of another field of the same entity.
func (d *decoder) fieldOf(o *object, key string, n *node, f *metamodel.Field, into **metamodel.Field) {
	if n == nil {
		return
	}
	d.later(linkPaths, func() {
		if s, ok := d.seekAt(n, o.at(key), o.form, &f.ID, whatField); ok {
			*into = d.findField(s, f.Entity)
		}
	})
}

func writeDecimal(w *writer, n *node, f *metamodel.Field) {
	n.put("x-decimal", listNode(numberNode(f.Precision), numberNode(f.Scale)))
	n.putText("x-minimum", f.Min)
	n.putText("x-maximum", f.Max)
	switch {
	case f.CurrencyF != nil:
		n.put("x-currency", objectNode(member{"field", w.field(f.CurrencyF)}))
	case f.Currency != "":
		n.putText("x-currency", f.Currency)
	}
	if f.UnitF != nil {
		n.put("x-unit", w.field(f.UnitF))
	}
}

func readDate(_ *decoder, o *object, f *metamodel.Field) {
	bound := func(key string) string {
		s := o.text(key, metamodel.MaxName)
		if s == "" {
			return ""
		}
		if _, err := value.ParseDate(s); err != nil {
			o.add("field.bound_malformed", key, "value", clip(s))
			return ""
		}
		return s
	}
	f.Min, f.Max = bound("x-minimum"), bound("x-maximum")
	if f.Min != "" && f.Max != "" && f.Min > f.Max { // ISO dates sort as text
		o.add("field.bounds_reversed", "x-minimum", "min", f.Min, "max", f.Max)
	}
}

func writeDate(_ *writer, n *node, f *metamodel.Field) {
	n.putText("x-minimum", f.Min)
	n.putText("x-maximum", f.Max)
}
