package engine_test

import (
	"encoding/json"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// A kindCase takes one kind of field through everything that the platform does with a field's value. Names in
// braces, such as {one}, stand for ids of records, people, departments and files that exist.
type kindCase struct {
	kind metamodel.FieldKind
	name string // of the field; the kind's when empty
	doc  string // keys of the field in its document
	good [2]any // two values that may be written, the lesser first; nil: nobody writes the field
	read [2]any // what is read of them where that is different
	bad  []badValue
	// filter finds the record with the first value alone, or, where all is set, all records with a value.
	filter   string
	all      bool
	order    diag.Code // with which an order by the field is refused
	group    diag.Code
	sum      string // of both values; "" means that the field can't be added up
	cells    [2]string
	noImport bool
}

type badValue struct {
	value any
	code  diag.Code
	at    string // below the field
}

const (
	unsortable  diag.Code = "query.not_sortable"
	ungroupable diag.Code = "query.not_groupable"
	nowhere               = "01920000-0000-7000-8000-00000000dead"
)

// kindCases has every kind of field; TestKindsAreWhole fails when one is missing.
func kindCases() []kindCase {
	return []kindCase{
		{
			kind: metamodel.Text, doc: `"type":"string","minLength":2,"maxLength":20,"pattern":"^[^!]*$"`, good: [2]any{" apple ", "pear 中文 'x'; --"}, read: [2]any{"apple"},
			bad:    []badValue{{12, "record.wrong_type", ""}, {[]any{}, "record.wrong_type", ""}, {"x", "record.too_short", ""}, {strings.Repeat("字", 21), "record.too_long", ""}, {"hey!", "record.pattern", ""}, {"a\x00b", "record.wrong_type", ""}},
			filter: "f_text == 'apple'", cells: [2]string{"apple", "pear 中文 'x'; --"},
		},
		{
			kind: metamodel.LongText, doc: `"type":"string","x-field":"longtext","maxLength":50`, good: [2]any{"a\nb", "c\n d"}, bad: []badValue{{true, "record.wrong_type", ""}, {strings.Repeat("字", 51), "record.too_long", ""}},
			filter: "f_longtext.contains('b')", group: ungroupable, cells: [2]string{"a\nb", "c\n d"},
		},
		{
			kind: metamodel.RichText, doc: `"type":"string","x-field":"richtext"`, good: [2]any{`<b>a</b><script>alert(1)</script>`, `<p>z</p>`}, read: [2]any{`<b>a</b>`}, bad: []badValue{{1, "record.wrong_type", ""}, {strings.Repeat("<", 19_000), "record.too_long", ""}},
			filter: "f_richtext.contains('<b>')", group: ungroupable, cells: [2]string{"<b>a</b>", "<p>z</p>"},
		},
		{
			kind: metamodel.Integer, doc: `"type":"integer","minimum":0,"maximum":100`, good: [2]any{7, 100},
			bad:    []badValue{{"7", "record.wrong_type", ""}, {1.5, "record.wrong_type", ""}, {-1, "record.too_small", ""}, {101, "record.too_large", ""}, {json.Number("9007199254740993"), "record.wrong_type", ""}, {json.Number("1e2"), "record.wrong_type", ""}},
			filter: "f_integer < 8", sum: "107", cells: [2]string{"7", "100"},
		},
		{
			kind: metamodel.Decimal, doc: `"type":"string","format":"decimal","x-decimal":[9,3],"x-minimum":"-5","x-maximum":"99999.5"`, good: [2]any{"-0.1", "99999.499"}, read: [2]any{"-0.100"},
			bad:    []badValue{{"abc", "record.wrong_type", ""}, {true, "record.wrong_type", ""}, {"NaN", "record.wrong_type", ""}, {"1e3", "record.wrong_type", ""}, {"1.2345", "record.too_precise", ""}, {"-5.001", "record.too_small", ""}, {"99999.501", "record.too_large", ""}},
			filter: "f_decimal == -0.1", sum: "99999.399", cells: [2]string{"-0.100", "99999.499"},
		},
		{
			kind: metamodel.Money, doc: `"type":"string","format":"decimal","x-currency":"CNY"`, good: [2]any{"0.1", "9999999999999999.99"}, read: [2]any{"0.10"}, bad: []badValue{{"1.234", "record.too_precise", ""}, {"99999999999999999.99", "record.too_precise", ""}},
			filter: "f_money + 0.2 == 0.3", sum: "10000000000000000.09", cells: [2]string{"0.10", "9999999999999999.99"},
		},
		{
			kind: metamodel.Percent, doc: `"type":"string","format":"decimal","x-field":"percent"`, good: [2]any{"0.13", "1"}, read: [2]any{"0.1300", "1.0000"}, bad: []badValue{{"13%", "record.wrong_type", ""}, {"0.12345", "record.too_precise", ""}},
			filter: "f_percent < 0.5", sum: "1.1300", cells: [2]string{"0.1300", "1.0000"},
		},
		{
			kind: metamodel.Boolean, doc: `"type":"boolean"`, good: [2]any{false, true}, bad: []badValue{{"true", "record.wrong_type", ""}, {1, "record.wrong_type", ""}},
			filter: "!f_boolean", cells: [2]string{"否", "是"},
		},
		{
			kind: metamodel.Date, doc: `"type":"string","format":"date","x-minimum":"2000-01-01","x-maximum":"2099-12-31"`, good: [2]any{"2026-01-31", "2026-02-28"},
			bad:    []badValue{{"2026-02-30", "record.wrong_type", ""}, {"31.1.2026", "record.wrong_type", ""}, {20260131, "record.wrong_type", ""}, {"1999-12-31", "record.too_small", ""}, {"2100-01-01", "record.too_large", ""}},
			filter: "f_date == date('2026-01-31')", cells: [2]string{"2026-01-31", "2026-02-28"},
		},
		{
			kind: metamodel.DateTime, doc: `"type":"string","format":"date-time"`, good: [2]any{"2026-01-31T08:00:00+08:00", "2026-01-31T00:00:01Z"}, read: [2]any{"2026-01-31T00:00:00Z"},
			bad:    []badValue{{"2026-01-31", "record.wrong_type", ""}, {"2026-01-31T08:00:00", "record.wrong_type", ""}, {"2026-01-31T25:00:00Z", "record.wrong_type", ""}, {5, "record.wrong_type", ""}},
			filter: "f_datetime == datetime('2026-01-31T00:00:00Z')", cells: [2]string{"2026-01-31 08:00:00", "2026-01-31 08:00:01"},
		},
		{
			kind: metamodel.Time, doc: `"type":"string","format":"time"`, good: [2]any{"08:30", "23:59:59"}, read: [2]any{"08:30:00"}, bad: []badValue{{"24:00", "record.wrong_type", ""}, {"8.30", "record.wrong_type", ""}, {830, "record.wrong_type", ""}},
			filter: "f_time == time('08:30')", cells: [2]string{"08:30:00", "23:59:59"},
		},
		{
			kind: metamodel.Duration, doc: `"type":"string","format":"duration"`, good: [2]any{"PT90M", "P3D"}, read: [2]any{"PT1H30M"}, bad: []badValue{{"1 hour", "record.wrong_type", ""}, {"PT", "record.wrong_type", ""}, {90, "record.wrong_type", ""}},
			filter: "f_duration == duration('PT1H30M')", cells: [2]string{"PT1H30M", "P3D"},
		},
		{
			kind: metamodel.Choice, doc: `"type":"string","x-options":[` + colours + `]`, good: [2]any{"blue", "red"},
			bad:    []badValue{{"pink", "record.option_unknown", ""}, {"grey", "record.option_retired", ""}, {3, "record.wrong_type", ""}, {[]any{"red"}, "record.wrong_type", ""}},
			filter: "f_choice == 'blue'", cells: [2]string{"蓝", "红"},
		},
		{
			kind: metamodel.Choices, doc: `"type":"array","items":{"type":"string"},"x-options":[` + colours + `],"minItems":1,"maxItems":2`, good: [2]any{[]any{"red", "blue"}, []any{"green"}},
			bad:    []badValue{{"red", "record.wrong_type", ""}, {[]any{"red", "red"}, "record.duplicate_item", "/1"}, {[]any{"red", "green", "blue"}, "record.too_many", ""}, {[]any{}, "record.too_few", ""}, {[]any{"pink"}, "record.option_unknown", "/0"}, {[]any{1}, "record.wrong_type", "/0"}},
			filter: "'red' in f_choices", order: unsortable, group: ungroupable, cells: [2]string{"红; 蓝", "绿"},
		},
		{
			kind: metamodel.Reference, doc: `"type":"string","format":"uuid","x-ref":{"entity":"other"},"x-options-filter":"it.name != 'three'"`, good: [2]any{"{one}", "{two}"},
			bad:    []badValue{{"one", "record.wrong_type", ""}, {nowhere, "record.reference_unknown", ""}, {"{three}", "record.reference_not_allowed", ""}, {map[string]any{}, "record.wrong_type", ""}},
			filter: "f_reference.name == 'one'", cells: [2]string{"one", "two"},
		},
		{
			kind: metamodel.References, doc: `"type":"array","items":{"type":"string","format":"uuid"},"x-ref":{"entity":"other"},"maxItems":2`, good: [2]any{[]any{"{one}"}, []any{"{two}", "{three}"}},
			bad:    []badValue{{"{one}", "record.wrong_type", ""}, {[]any{"{one}", nowhere}, "record.reference_unknown", "/1"}, {[]any{"{one}", "{one}"}, "record.duplicate_item", "/1"}, {[]any{"{one}", "{two}", "{three}"}, "record.too_many", ""}},
			filter: "f_references.exists(r, r.name == 'one')", order: unsortable, group: ungroupable, cells: [2]string{"one", "two; three"},
		},
		{
			kind: metamodel.Tree, doc: `"type":"string","format":"uuid","x-ref":{"entity":"thing","tree":true}`, good: [2]any{"{root}", "{leaf}"}, bad: []badValue{{"root", "record.wrong_type", ""}, {nowhere, "record.reference_unknown", ""}},
			filter: "f_tree.name == 'root'", cells: [2]string{"root", "leaf"},
		},
		{
			kind: metamodel.Lines, doc: `"type":"array","x-lines":"thing_line","maxItems":2`, good: [2]any{[]any{map[string]any{"note": "x"}}, []any{map[string]any{"note": "y"}, map[string]any{"note": "z"}}},
			bad:    []badValue{{"x", "record.wrong_type", ""}, {[]any{1}, "record.wrong_type", "/0"}, {[]any{map[string]any{"note": 5}}, "record.wrong_type", "/0/note"}, {[]any{map[string]any{}}, "record.required", "/0/note"}, {[]any{map[string]any{"note": "a"}, map[string]any{"note": "b"}, map[string]any{"note": "c"}}, "record.too_many", ""}, {[]any{map[string]any{"nope": 5}}, "record.field_unknown", "/0/nope"}},
			filter: "f_lines.exists(l, l.note == 'x')", order: unsortable, group: ungroupable, noImport: true,
		},
		{
			kind: metamodel.User, doc: `"type":"string","format":"uuid","x-field":"user"`, good: [2]any{"{ann}", "{bob}"}, bad: []badValue{{"ann", "record.wrong_type", ""}, {nowhere, "record.reference_unknown", ""}},
			filter: "f_user == '{ann}'", cells: [2]string{"Ann", "Bob"},
		},
		{
			kind: metamodel.Department, doc: `"type":"string","format":"uuid","x-field":"department"`, good: [2]any{"{buying}", "{selling}"}, bad: []badValue{{nowhere, "record.reference_unknown", ""}},
			filter: "f_department == '{buying}'", cells: [2]string{"Buying", "Selling"},
		},
		{
			kind: metamodel.File, doc: `"type":"array","x-field":"file","items":{"type":"string","format":"uuid"},"maxItems":2`, good: [2]any{[]any{"{paper}"}, []any{"{paper}", "{photo}"}},
			bad:    []badValue{{"{paper}", "record.wrong_type", ""}, {[]any{nowhere}, "record.reference_unknown", "/0"}, {[]any{"{paper}", "{paper}"}, "record.duplicate_item", "/1"}},
			filter: "size(f_file) == 1", order: unsortable, group: ungroupable, noImport: true,
		},
		{
			kind: metamodel.Image, doc: `"type":"array","x-field":"image","items":{"type":"string","format":"uuid"}`, good: [2]any{[]any{"{photo}"}, []any{"{photo}", "{snap}"}}, bad: []badValue{{[]any{"x"}, "record.wrong_type", "/0"}, {[]any{"{paper}"}, "record.not_picture", "/0"}},
			filter: "size(f_image) == 1", order: unsortable, group: ungroupable, noImport: true,
		},
		{
			kind: metamodel.Barcode, doc: `"type":"string","x-field":"barcode"`, good: [2]any{"0012345", "6901234567892"}, bad: []badValue{{6901234567892, "record.wrong_type", ""}, {strings.Repeat("1", 65), "record.too_long", ""}},
			filter: "f_barcode == '0012345'", cells: [2]string{"0012345", "6901234567892"},
		},
		{
			kind: metamodel.Phone, doc: `"type":"string","x-field":"phone"`, good: [2]any{"+86 21 5555 0100", "110"}, bad: []badValue{{"call me", "record.wrong_type", ""}, {"12", "record.wrong_type", ""}},
			filter: "f_phone.startsWith('+86')", cells: [2]string{"+86 21 5555 0100", "110"},
		},
		{
			kind: metamodel.Email, doc: `"type":"string","format":"email"`, good: [2]any{"a@example.com", "b@example.com"}, bad: []badValue{{"a@", "record.wrong_type", ""}, {"Ann <a@example.com>", "record.wrong_type", ""}},
			filter: "f_email.startsWith('a@')", cells: [2]string{"a@example.com", "b@example.com"},
		},
		{
			kind: metamodel.Link, doc: `"type":"string","format":"uri"`, good: [2]any{"https://example.com/a", "https://example.com/b"}, bad: []badValue{{"javascript:alert(1)", "record.wrong_type", ""}, {"example.com", "record.wrong_type", ""}},
			filter: "f_link.endsWith('/a')", cells: [2]string{"https://example.com/a", "https://example.com/b"},
		},
		{
			kind: metamodel.Number, doc: `"type":"string","x-number":"T{yyyy}-{000}"`, read: [2]any{"T2026-003", "T2026-004"}, bad: []badValue{{"T2026-009", "record.field_not_writable", ""}},
			filter: "f_number == 'T2026-003'", cells: [2]string{"T2026-003", "T2026-004"}, noImport: true,
		},
		{
			kind: metamodel.JSON, doc: `"type":"object","x-field":"json"`, good: [2]any{map[string]any{"a": []any{1, "x", nil}}, map[string]any{}}, bad: []badValue{{"x", "record.wrong_type", ""}, {[]any{}, "record.wrong_type", ""}, {5, "record.wrong_type", ""}},
			filter: "f_json != null", all: true, order: unsortable, group: ungroupable, cells: [2]string{`{"a":[1,"x",null]}`, "{}"},
		},
		{
			kind: metamodel.Decimal, name: "formula", doc: `"type":"string","format":"decimal","x-computed":{"cel":"f_integer * 1.5","stored":true}`, read: [2]any{"10.5000", "150.0000"}, bad: []badValue{{"1", "record.field_not_writable", ""}},
			filter: "f_formula < 11", sum: "160.5000", cells: [2]string{"10.5000", "150.0000"}, noImport: true,
		},
		{
			kind: metamodel.Text, name: "lookup", doc: `"type":"string","x-computed":{"cel":"f_reference.name","stored":false}`, read: [2]any{"one", "two"}, bad: []badValue{{"one", "record.field_not_writable", ""}},
			filter: "f_lookup == 'one'", cells: [2]string{"one", "two"}, noImport: true,
		},
	}
}

const colours = `{"name":"red","title":"红","x-title":{"en-US":"Red"}},{"name":"green","title":"绿","x-title":{"en-US":"Green"}},{"name":"blue","title":"蓝","x-title":{"en-US":"Blue"}},{"name":"grey","title":"灰","x-title":{"en-US":"Grey"},"retired":true}`

func (k *kindCase) field() string {
	if k.name != "" {
		return "f_" + k.name
	}
	return "f_" + string(k.kind)
}
