package engine

import (
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"tenon/engine/compile"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// maxInteger is the largest integer that every JSON client holds exactly.
const maxInteger = 1<<53 - 1

// expectedText names a kind's JSON form for messages.
var expectedText = map[metamodel.FieldKind]map[string]string{
	metamodel.Integer:   {"zh-CN": "整数", "en-US": "an integer"},
	metamodel.Decimal:   {"zh-CN": "写成字符串的数字，如 \"12.50\"", "en-US": "a number as a string, such as \"12.50\""},
	metamodel.Boolean:   {"zh-CN": "true 或 false", "en-US": "true or false"},
	metamodel.Date:      {"zh-CN": "日期，如 \"2026-01-31\"", "en-US": "a date such as \"2026-01-31\""},
	metamodel.DateTime:  {"zh-CN": "带时区的时间，如 \"2026-01-31T08:00:00+08:00\"", "en-US": "an instant such as \"2026-01-31T08:00:00+08:00\""},
	metamodel.Time:      {"zh-CN": "时刻，如 \"08:30\"", "en-US": "a time of day such as \"08:30\""},
	metamodel.Duration:  {"zh-CN": "时长，如 \"PT1H30M\"", "en-US": "a duration such as \"PT1H30M\""},
	metamodel.Email:     {"zh-CN": "电子邮箱", "en-US": "an e-mail address"},
	metamodel.Link:      {"zh-CN": "以 http:// 或 https:// 开头的网址", "en-US": "an address that begins with http:// or https://"},
	metamodel.Lines:     {"zh-CN": "由对象组成的数组", "en-US": "an array of objects"},
	metamodel.Choices:   {"zh-CN": "由文本组成的数组", "en-US": "an array of texts"},
	metamodel.Text:      {"zh-CN": "文本", "en-US": "a text"},
	metamodel.Phone:     {"zh-CN": "电话号码", "en-US": "a phone number"},
	metamodel.JSON:      {"zh-CN": "JSON 对象", "en-US": "a JSON object"},
	metamodel.Reference: {"zh-CN": "记录的 id", "en-US": "the id of a record"},
}

// cellText says the same of cells of a table, where a kind is written in another way than in JSON.
var cellText = map[metamodel.FieldKind]map[string]string{
	metamodel.Decimal:  {"zh-CN": "数字，如 12.50", "en-US": "a number such as 12.50"},
	metamodel.Boolean:  {"zh-CN": "是 或 否", "en-US": "yes or no"},
	metamodel.Date:     {"zh-CN": "日期，如 2026-01-31", "en-US": "a date such as 2026-01-31"},
	metamodel.DateTime: {"zh-CN": "日期和时间，如 2026-01-31 08:30", "en-US": "a date and time such as 2026-01-31 08:30"},
	metamodel.Time:     {"zh-CN": "时刻，如 08:30", "en-US": "a time of day such as 08:30"},
}

// decoder turns JSON values into slots, in the caller's language, gathering all that is wrong.
type decoder struct {
	lang  string
	list  diag.List
	cells bool // the values were cells of a table
	trial bool // a value that can't be read counts as given and blank, so that nothing is computed from the former one
}

func (d *decoder) add(code diag.Code, path string, f *metamodel.Field, args ...any) {
	d.list.Add(code, path, append([]any{"field", f.Title.In(d.lang)}, args...)...)
}

func (d *decoder) wrongType(path string, f *metamodel.Field, kind metamodel.FieldKind) {
	text, ok := expectedText[kind]
	if cell := cellText[kind]; d.cells && cell != nil {
		text = cell
	}
	if !ok {
		text = expectedText[metamodel.Text]
	}
	d.list = append(d.list, diag.Diagnostic{
		Code: "record.wrong_type", Path: path,
		Args: diag.Pairs("field", f.Title.In(d.lang), "expected", text[langOf(d.lang)]),
	})
}

func langOf(lang string) string {
	if lang == "en-US" {
		return lang
	}
	return metamodel.DefaultLanguage
}

// value decodes one field's value that is not lines. It reports false when it added a diagnostic.
func (d *decoder) value(e *compile.Entity, f *metamodel.Field, v *jsonValue, path string) (any, bool) {
	if v.kind == jsonNull {
		return nil, true
	}
	if f.Kind == metamodel.JSON {
		return d.json(f, v, path)
	}
	if f.Kind.IsList() {
		return d.listValue(f, v, path)
	}
	return d.scalar(e, f, v, path)
}

func (d *decoder) scalar(e *compile.Entity, f *metamodel.Field, v *jsonValue, path string) (any, bool) {
	switch f.Kind {
	case metamodel.Integer:
		return d.integer(f, v, path)
	case metamodel.Boolean:
		if v.kind != jsonBool {
			d.wrongType(path, f, metamodel.Boolean)
			return nil, false
		}
		return v.bool, true
	case metamodel.Decimal, metamodel.Money, metamodel.Percent:
		if v.kind != jsonString && v.kind != jsonNumber {
			d.wrongType(path, f, metamodel.Decimal)
			return nil, false
		}
		return d.decimal(f, v.text, path)
	default:
	}
	if v.kind != jsonString {
		d.wrongType(path, f, formOf(f.Kind))
		return nil, false
	}
	return d.text(e, f, v.text, path)
}

// formOf is the kind under which expectedText describes a kind written as a string.
func formOf(k metamodel.FieldKind) metamodel.FieldKind {
	switch k {
	case metamodel.Reference, metamodel.Tree, metamodel.User, metamodel.Department:
		return metamodel.Reference
	case metamodel.Date, metamodel.DateTime, metamodel.Time, metamodel.Duration, metamodel.Email, metamodel.Link, metamodel.Phone:
		return k
	default:
		return metamodel.Text
	}
}

func (d *decoder) integer(f *metamodel.Field, v *jsonValue, path string) (any, bool) {
	n, err := strconv.ParseInt(v.text, 10, 64)
	if v.kind != jsonNumber || err != nil || n > maxInteger || n < -maxInteger {
		d.wrongType(path, f, metamodel.Integer)
		return nil, false
	}
	if low, err := strconv.ParseInt(f.Min, 10, 64); f.Min != "" && err == nil && n < low {
		d.add("record.too_small", path, f, "actual", v.text, "limit", f.Min)
		return nil, false
	}
	if high, err := strconv.ParseInt(f.Max, 10, 64); f.Max != "" && err == nil && n > high {
		d.add("record.too_large", path, f, "actual", v.text, "limit", f.Max)
		return nil, false
	}
	return n, true
}

func (d *decoder) decimal(f *metamodel.Field, text, path string) (any, bool) {
	n, err := value.ParseDecimal(text)
	if err != nil {
		d.wrongType(path, f, metamodel.Decimal)
		return nil, false
	}
	if !n.Fits(int32(f.Precision), int32(f.Scale)) {
		d.add("record.too_precise", path, f, "precision", f.Precision, "scale", f.Scale)
		return nil, false
	}
	if f.Min != "" && n.Cmp(value.MustDecimal(f.Min)) < 0 {
		d.add("record.too_small", path, f, "actual", text, "limit", f.Min)
		return nil, false
	}
	if f.Max != "" && n.Cmp(value.MustDecimal(f.Max)) > 0 {
		d.add("record.too_large", path, f, "actual", text, "limit", f.Max)
		return nil, false
	}
	n, err = n.Round(int32(f.Scale))
	if err != nil {
		d.wrongType(path, f, metamodel.Decimal)
		return nil, false
	}
	return n, true
}

// text decodes everything that is written as a JSON string.
func (d *decoder) text(e *compile.Entity, f *metamodel.Field, s, path string) (any, bool) {
	switch f.Kind {
	case metamodel.Date:
		return d.date(f, s, path)
	case metamodel.DateTime:
		t, err := value.ParseDateTime(s)
		return d.parsed(t, err, path, f)
	case metamodel.Time:
		t, err := value.ParseTimeOfDay(s)
		return d.parsed(t, err, path, f)
	case metamodel.Duration:
		t, err := value.ParseDuration(s)
		return d.parsed(t, err, path, f)
	case metamodel.Choice:
		return s, d.option(f, s, path)
	case metamodel.Reference, metamodel.Tree, metamodel.User, metamodel.Department:
		id, err := uuid.Parse(s)
		if err != nil || len(s) != 36 {
			d.wrongType(path, f, metamodel.Reference)
			return nil, false
		}
		return id.String(), true
	default:
		return d.freeText(e, f, s, path)
	}
}

func (d *decoder) parsed(v any, err error, path string, f *metamodel.Field) (any, bool) {
	if err != nil {
		d.wrongType(path, f, f.Kind)
		return nil, false
	}
	return v, true
}

func (d *decoder) date(f *metamodel.Field, s, path string) (any, bool) {
	day, err := value.ParseDate(s)
	if err != nil {
		d.wrongType(path, f, metamodel.Date)
		return nil, false
	}
	if low, err := value.ParseDate(f.Min); f.Min != "" && err == nil && day < low {
		d.add("record.too_small", path, f, "actual", s, "limit", f.Min)
		return nil, false
	}
	if high, err := value.ParseDate(f.Max); f.Max != "" && err == nil && day > high {
		d.add("record.too_large", path, f, "actual", s, "limit", f.Max)
		return nil, false
	}
	return day, true
}

func (d *decoder) freeText(e *compile.Entity, f *metamodel.Field, s, path string) (any, bool) {
	if f.Kind != metamodel.LongText && f.Kind != metamodel.RichText {
		s = strings.TrimSpace(s)
	}
	n := utf8.RuneCountInString(s)
	if f.Kind == metamodel.RichText && n <= f.MaxLength {
		s = sanitize(s) // what is kept is judged: signs written as entities are longer
		n = utf8.RuneCountInString(s)
	}
	if s == "" {
		return nil, true // an empty text is no text: one way to be blank
	}
	switch {
	case f.MaxLength > 0 && n > f.MaxLength:
		d.add("record.too_long", path, f, "actual", n, "limit", f.MaxLength)
		return nil, false
	case n < f.MinLength:
		d.add("record.too_short", path, f, "actual", n, "limit", f.MinLength)
		return nil, false
	case strings.ContainsRune(s, 0):
		d.wrongType(path, f, metamodel.Text) // PostgreSQL keeps no NUL
		return nil, false
	}
	if p := e.Patterns[f]; p != nil && !p.MatchString(s) {
		d.add("record.pattern", path, f, "pattern", f.Pattern)
		return nil, false
	}
	if !wellFormed(f.Kind, s) {
		d.wrongType(path, f, f.Kind)
		return nil, false
	}
	return s, true
}

// wellFormed judges the kinds of text that have a form of their own.
func wellFormed(k metamodel.FieldKind, s string) bool {
	switch k {
	case metamodel.Email:
		a, err := mail.ParseAddress(s)
		return err == nil && a.Address == s
	case metamodel.Link:
		u, err := url.Parse(s)
		return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
	case metamodel.Phone:
		digits := 0
		for _, r := range s {
			switch {
			case r >= '0' && r <= '9':
				digits++
			case !strings.ContainsRune("+-() ", r):
				return false
			}
		}
		return digits >= 3 && digits <= 20
	default:
		return true
	}
}

func (d *decoder) option(f *metamodel.Field, name, path string) bool {
	for _, o := range f.Enum.Options {
		if o.Name == name {
			return true
		}
	}
	d.add("record.option_unknown", path, f, "value", clip(name), "options", optionNames(f.Enum))
	return false
}

func optionNames(e *metamodel.Enum) []string {
	const most = 20
	var out []string
	for _, o := range e.Options {
		if o.Retired {
			continue
		}
		if len(out) == most {
			return append(out, "…")
		}
		out = append(out, o.Name)
	}
	return out
}

func (d *decoder) listValue(f *metamodel.Field, v *jsonValue, path string) (any, bool) {
	if v.kind != jsonArray {
		d.wrongType(path, f, metamodel.Choices)
		return nil, false
	}
	if f.MaxLength > 0 && len(v.items) > f.MaxLength {
		d.add("record.too_many", path, f, "actual", len(v.items), "limit", f.MaxLength)
		return nil, false
	}
	if len(v.items) < f.MinItems {
		d.add("record.too_few", path, f, "actual", len(v.items), "limit", f.MinItems)
		return nil, false
	}
	out := make([]string, 0, len(v.items))
	seen := make(map[string]bool, len(v.items))
	ok := true
	for i := range v.items {
		at := diag.Pointer(path, i)
		s, fine := d.listItem(f, &v.items[i], at)
		if fine && seen[s] {
			d.add("record.duplicate_item", at, f, "value", clip(s))
			fine = false
		}
		seen[s] = true
		ok = ok && fine
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, ok
	}
	return out, ok
}

func (d *decoder) listItem(f *metamodel.Field, v *jsonValue, path string) (string, bool) {
	if v.kind != jsonString {
		d.wrongType(path, f, metamodel.Text)
		return "", false
	}
	if f.Kind == metamodel.Choices {
		return v.text, d.option(f, v.text, path)
	}
	id, err := uuid.Parse(v.text)
	if err != nil || len(v.text) != 36 {
		d.wrongType(path, f, metamodel.Reference)
		return "", false
	}
	return id.String(), true
}

func (d *decoder) json(f *metamodel.Field, v *jsonValue, path string) (any, bool) {
	if v.kind != jsonObject {
		d.wrongType(path, f, metamodel.JSON)
		return nil, false
	}
	text := string(appendJSONValue(nil, v))
	if f.MaxLength > 0 && len(text) > f.MaxLength {
		d.add("record.too_long", path, f, "actual", len(text), "limit", f.MaxLength)
		return nil, false
	}
	return value.JSON(text), true
}
