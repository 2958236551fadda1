package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/schema"
	"tenon/metamodel/value"
)

// recordFields are the fields of the entity that records are judged of, at least one of each kind.
var recordFields = map[string]string{
	"line":    `"type":"string","minLength":2,"maxLength":6,"pattern":"^[^!]*$"`,
	"inside":  `"type":"string","maxLength":30,"pattern":"[0-9]+"`,
	"must":    `"type":"string"`,
	"long":    `"type":"string","x-field":"longtext","maxLength":8`,
	"rich":    `"type":"string","x-field":"richtext","maxLength":8`,
	"whole":   `"type":"integer","minimum":-2,"maximum":12`,
	"free":    `"type":"integer"`,
	"amount":  `"type":"string","format":"decimal","x-decimal":[6,2],"x-minimum":"-1","x-maximum":"100.5"`,
	"money":   `"type":"string","format":"decimal","x-currency":"CNY"`,
	"share":   `"type":"string","format":"decimal","x-field":"percent"`,
	"flag":    `"type":"boolean"`,
	"day":     `"type":"string","format":"date","x-minimum":"2000-01-01"`,
	"at":      `"type":"string","format":"date-time"`,
	"clock":   `"type":"string","format":"time"`,
	"took":    `"type":"string","format":"duration"`,
	"one":     `"type":"string","x-options":[{"name":"red","title":"R"},{"name":"grey","title":"G","retired":true}]`,
	"some":    `"type":"array","items":{"type":"string"},"x-options":[{"name":"red","title":"R"},{"name":"blue","title":"B"},{"name":"grey","title":"G"}],"minItems":1,"maxItems":2`,
	"ref":     `"type":"string","format":"uuid","x-ref":{"entity":"thing"}`,
	"refs":    `"type":"array","items":{"type":"string","format":"uuid"},"x-ref":{"entity":"thing"},"maxItems":2`,
	"above":   `"type":"string","format":"uuid","x-ref":{"entity":"thing","tree":true}`,
	"lines":   `"type":"array","x-lines":"thing_line","maxItems":2`,
	"person":  `"type":"string","format":"uuid","x-field":"user"`,
	"unit":    `"type":"string","format":"uuid","x-field":"department"`,
	"papers":  `"type":"array","x-field":"file","items":{"type":"string","format":"uuid"},"maxItems":1`,
	"photos":  `"type":"array","x-field":"image","items":{"type":"string","format":"uuid"},"minItems":1`,
	"code":    `"type":"string","x-field":"barcode","pattern":"^[0-9]+$"`,
	"phone":   `"type":"string","x-field":"phone"`,
	"mail":    `"type":"string","format":"email"`,
	"link":    `"type":"string","format":"uri"`,
	"number":  `"type":"string","x-number":"T{000}"`,
	"extra":   `"type":"object","x-field":"json"`,
	"formula": `"type":"string","format":"decimal","x-computed":{"cel":"whole * 2","stored":true}`,
}

// recordWorld is that entity, compiled, and its document as a JSON Schema.
type recordWorld struct {
	call   Call
	entity *compile.Entity
	schema *schema.Records
}

func newRecordWorld(t testing.TB) *recordWorld {
	t.Helper()
	var properties []string
	for _, name := range slices.Sorted(maps.Keys(recordFields)) {
		properties = append(properties, fmt.Sprintf(`%q:{%s,"title":%q}`, name, recordFields[name], name))
	}
	app, list := schema.Decode(map[string][]byte{
		"app.json":                 []byte(`{"x-kind":"app","x-version":1,"x-name":"app","title":"A","version":"1.0.0"}`),
		"entities/thing_line.json": []byte(`{"x-kind":"entity","x-version":1,"x-name":"thing_line","title":"L","type":"object","required":["note"],"properties":{"note":{"type":"string","title":"N","maxLength":3}}}`),
		"entities/thing.json":      []byte(`{"x-kind":"entity","x-version":1,"x-name":"thing","title":"T","type":"object","required":["must"],"properties":{` + strings.Join(properties, ",") + `}}`),
	}, nil, nil)
	if list.HasErrors() {
		t.Fatal(list)
	}
	snap, list := compile.Compile(app, compile.Source{Env: compile.Production})
	if list.HasErrors() {
		t.Fatal(list)
	}
	records, err := schema.CompileRecords(app, "thing")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[metamodel.FieldKind]bool{}
	for _, f := range snap.Entity("thing").Fields {
		kinds[f.Kind] = true
	}
	for _, k := range metamodel.FieldKinds {
		if !kinds[k] {
			t.Errorf("no field of kind %s", k)
		}
	}
	call := Call{Snap: snap, Actor: policy.Itself(), Locale: "en-US", Now: time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC), Budget: expr.NewBudget(expr.RequestBudget)}
	return &recordWorld{call: call, entity: snap.Entity("thing"), schema: records}
}

// judge decodes a record as a create does, and judges its fields.
func (w *recordWorld) judge(body []byte) (given, diag.List, error) {
	v, err := parseObject(body)
	if err != nil {
		return given{}, nil, err
	}
	dec := &decoder{lang: w.call.Locale}
	g := w.call.decodeRecord(dec, w.entity, decision{all: true}, v, "")
	d := &draft{entity: w.entity, after: g.row, list: dec.list}
	(&world{call: w.call}).checkFields(d, w.entity, g.row, nil, "")
	return g, d.list, nil
}

// beyond are the refusals that a JSON Schema has no words for, by what they are about: bounds of decimals and dates
// and the sizes that a document need not state, who writes a field, what is in lines, the forms of addresses.
var beyond = map[diag.Code][]string{
	"record.too_precise":        {"amount", "money", "share"},
	"record.too_small":          {"amount", "day"},
	"record.too_large":          {"amount"},
	"record.too_long":           {"must", "code", "phone", "mail", "link", "lines"},
	"record.field_not_writable": {"number", "formula", "lines"},
	"record.field_unknown":      {"lines", "nope"},
	"record.wrong_type":         {"free", "phone", "mail", "link", "lines", "at"},
	"record.duplicate_item":     {"refs", "papers", "photos"},
	"record.option_retired":     {"one"},
	"record.required":           {"lines"},
}

// texts are written into any field.
var recordTexts = []string{
	"a", "ab", "hey!", "room 12", "abcdefg", "0", "-0.5", "100.50", "1.234", "1e3", "12345678901234567", "2026-02-28", "2026-02-30", "1999-12-31", "2026-02-28T08:00:00Z",
	"2026-02-28T08:00:00+08:00", "2026-02-28t08:00:00z", "2026-02-28T08:00:00", "08:30", "08:30:00", "25:00", "P1D", "PT1H30M", "P1Y", "PT", "red", "grey", "pink", "01920000-0000-7000-8000-000000000001", "01920000-0000-7000-8000-00000000000G",
	"{01920000-0000-7000-8000-000000000001}", "urn:uuid:01920000-0000-7000-8000-000000000001", "a@example.com", "a@b@c", "Ann <a@example.com>", "https://example.com/x", "ftp://example.com", "/x", "+86 21 5555", "12", "true", "null", "中文", "<b>x</b>", strings.Repeat("7", 3000),
}

// anyValue draws a JSON value that a field may or may not take, without the forms that the decoder alone is lenient
// about: null and empty texts for nothing, spaces around a text, numbers for decimals.
func anyValue(t *rapid.T, depth int) any {
	switch rapid.IntRange(0, 9).Draw(t, "sort") {
	case 0:
		return rapid.SampledFrom([]any{true, false}).Draw(t, "bool")
	case 1, 2:
		return rapid.SampledFrom([]json.Number{"0", "1", "-3", "12", "13", "9007199254740991", "9007199254740992", "-9007199254740993"}).Draw(t, "number")
	case 3:
		if depth == 0 {
			return []any{}
		}
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) any { return anyValue(t, depth-1) }), 0, 3).Draw(t, "list")
	case 4:
		return map[string]any{rapid.SampledFrom([]string{"note", "nope", "id"}).Draw(t, "key"): rapid.SampledFrom([]any{"abc", "abcd", json.Number("1")}).Draw(t, "value")}
	default:
		return rapid.SampledFrom(recordTexts).Draw(t, "text")
	}
}

// fitting draws a value that a field usually takes.
var fitting = map[string][]any{
	"whole": {json.Number("3"), json.Number("12")}, "free": {json.Number("7")}, "flag": {true}, "some": {[]any{"red"}, []any{"red", "blue"}, []any{"red", "red"}, []any{"red", "blue", "grey"}, []any{}},
	"refs": {[]any{}, []any{"01920000-0000-7000-8000-000000000001"}, []any{"01920000-0000-7000-8000-000000000001", "01920000-0000-7000-8000-000000000001"}}, "photos": {[]any{"01920000-0000-7000-8000-000000000001"}, []any{}},
	"papers": {[]any{"01920000-0000-7000-8000-000000000001", "01920000-0000-7000-8000-000000000002"}}, "lines": {[]any{}, []any{map[string]any{"note": "abc"}}, []any{map[string]any{}}}, "extra": {map[string]any{"a": nil}}, "must": {"ab"},
}

// The document of an entity is a JSON Schema: what the decoder takes, the schema takes as well, and what the schema
// takes is refused by the decoder only for reasons that a schema can't say. Lenient forms are drawn apart.
func TestDecoderAgreesWithSchema(t *testing.T) {
	w := newRecordWorld(t)
	names := append(slices.Sorted(maps.Keys(recordFields)), "nope")
	both, neither := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		record := map[string]any{}
		if rapid.IntRange(0, 9).Draw(t, "must") > 0 {
			record["must"] = "ab"
		}
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 6, rapid.ID).Draw(t, "fields") {
			if likely := fitting[name]; likely != nil && rapid.Bool().Draw(t, "fits") {
				record[name] = rapid.SampledFrom(likely).Draw(t, "value")
				continue
			}
			v := anyValue(t, 1)
			if _, isNumber := v.(json.Number); isNumber && strings.Contains(recordFields[name], `"decimal"`) {
				continue
			}
			record[name] = v
		}
		body, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		wrong, err := w.schema.Violations(body)
		if err != nil {
			t.Fatal(err)
		}
		_, list, err := w.judge(body)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case list.HasErrors() && len(wrong) > 0:
			neither++
		case !list.HasErrors() && len(wrong) > 0:
			t.Fatalf("the schema alone refuses %s: %v", body, wrong)
		case !list.HasErrors():
			both++
		}
		if len(wrong) > 0 {
			return
		}
		for _, d := range list {
			if name, _, _ := strings.Cut(strings.TrimPrefix(d.Path, "/"), "/"); !slices.Contains(beyond[d.Code], name) {
				t.Fatalf("the decoder alone refuses %s: %v", body, d)
			}
		}
	})
	t.Logf("both take %d, both refuse %d", both, neither)
	if both < 10 || neither < 10 {
		t.Errorf("both take %d, both refuse %d: the records say too little", both, neither)
	}
}

// The forms that the decoder alone takes mean the same as those that the schema takes.
func TestLenientForms(t *testing.T) {
	w := newRecordWorld(t)
	for lenient, strict := range map[string]string{
		`{"must":"ab","line":null,"whole":null,"refs":null}`: `{"must":"ab"}`,
		`{"must":"ab","line":"","long":"","mail":"  "}`:      `{"must":"ab"}`,
		`{"must":" ab ","line":" x y "}`:                     `{"must":"ab","line":"x y"}`,
		`{"must":"ab","amount":1.5,"share":0.13}`:            `{"must":"ab","amount":"1.5","share":"0.13"}`,
		`{"must":"ab","refs":[]}`:                            `{"must":"ab"}`,
	} {
		a, list, err := w.judge([]byte(lenient))
		b, again, err2 := w.judge([]byte(strict))
		if err != nil || err2 != nil || list.HasErrors() || again.HasErrors() || w.text(a.row) != w.text(b.row) {
			t.Errorf("%s is read as %s, %s as %s: %v %v", lenient, w.text(a.row), strict, w.text(b.row), list, again)
		}
		if wrong, err := w.schema.Violations([]byte(strict)); err != nil || len(wrong) > 0 {
			t.Errorf("the schema refuses %s: %v, %v", strict, wrong, err)
		}
	}
}

// text writes a decoded row as the body that would give it.
func (w *recordWorld) text(row value.Row) string {
	b := []byte{'{'}
	for _, f := range w.entity.Fields {
		v := row[f.Slot]
		if v == nil {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(appendString(b, f.Name), ':')
		lines, isLines := v.([]value.Row)
		if !isLines {
			b = appendValue(b, v)
			continue
		}
		b = append(b, '[')
		for i, l := range lines {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, '{')
			if note, ok := l[f.Target.Field("note").Slot].(string); ok {
				b = appendString(append(b, `"note":`...), note)
			}
			b = append(b, '}')
		}
		b = append(b, ']')
	}
	return string(append(b, '}'))
}

// FuzzRecord reads whatever is sent as a record: never a panic, and what is taken reads the same when it is sent
// again as it was written.
func FuzzRecord(f *testing.F) {
	w := newRecordWorld(f)
	f.Add([]byte(`{"must":"ab","whole":3,"amount":"1.50","flag":true,"day":"2026-02-28","at":"2026-02-28T08:00:00.123456789+08:00","clock":"08:30","took":"-PT90M","one":"red","some":["red","blue"]}`))
	f.Add([]byte(`{"must":"中\u0000","extra":{"a":[1,2.50,{"b":null}]},"rich":"<b>x</b>","lines":[{"note":"a"},{"id":"x"}]}`))
	f.Add([]byte(`{"refs":["01920000-0000-7000-8000-000000000001"],"mail":"a@example.com","link":"https://x/","phone":"+1 555 0100"}`))
	f.Add([]byte(`[1,2`))
	f.Add([]byte("{\"a\":\"\xff\"}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		g, list, err := w.judge(body)
		if err != nil || list.HasErrors() {
			return
		}
		text := w.text(g.row)
		again, list, err := w.judge([]byte(text))
		if err != nil || list.HasErrors() {
			t.Fatalf("%s was taken; written as %s it is refused: %v, %v", body, text, list, err)
		}
		if second := w.text(again.row); second != text {
			t.Fatalf("%s is written as %s, and that as %s", body, text, second)
		}
	})
}

// Formatted text is judged as it is kept: what has nothing left in it is blank.
func TestRichTextIsJudgedAsKept(t *testing.T) {
	w := newRecordWorld(t)
	for sent, want := range map[string]string{"<script>alert(1)</script>": "", "<bPx</>": "", "<b>a</b>": "<b>a</b>"} {
		body, err := json.Marshal(map[string]any{"must": "ab", "rich": sent})
		if err != nil {
			t.Fatal(err)
		}
		f := w.entity.ByName("rich")
		f.MaxLength = 40
		g, list, err := w.judge(body)
		got, _ := g.row[f.Slot].(string)
		if err != nil || list.HasErrors() || got != want || want == "" && g.row[f.Slot] != nil {
			t.Errorf("%q is kept as %#v, %v, %v", sent, g.row[f.Slot], list, err)
		}
	}
}
