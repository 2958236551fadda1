package metamodel_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"tenon/metamodel"
	"tenon/metamodel/schema"
)

func shop(t testing.TB) *metamodel.App {
	t.Helper()
	files := map[string][]byte{}
	for _, pattern := range []string{"app.json", "*/*.json"} {
		found, err := filepath.Glob("schema/testdata/shop/" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			body, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files[strings.TrimPrefix(filepath.ToSlash(path), "schema/testdata/shop/")] = body
		}
	}
	app, list := schema.Decode(files, nil, nil)
	if len(list) > 0 {
		t.Fatal(list)
	}
	return app
}

func copyOf(t testing.TB, app *metamodel.App) *metamodel.App {
	t.Helper()
	out, list := schema.Load(schema.Store(app))
	if len(list) > 0 {
		t.Fatal(list)
	}
	return out
}

func TestDiffOfNothing(t *testing.T) {
	a := shop(t)
	if changes := metamodel.Diff(a, copyOf(t, a)); len(changes) > 0 {
		t.Errorf("an app differs from its copy: %v", changes)
	}
	if changes := metamodel.Diff(nil, nil); len(changes) > 0 {
		t.Errorf("nothing differs from nothing: %v", changes)
	}
	if changes := metamodel.Diff(nil, a); len(changes) != 1 || changes[0].Of().Kind != metamodel.ElementApp {
		t.Errorf("a new app is one addition, got %v", changes)
	}
}

// derived are the fields of the types that follow from others, or that no document states.
var derived = map[string]bool{
	"App.ID": true, "App.Missing": true, "Field.Slot": true, "Field.System": true, "Field.Entity": true,
	"Entity.Parent": true, "Entity.Via": true, "Enum.Private": true, "Formula.Source": true,
	"Entity.Kept": true, "Ledger.ID": true, "Ledger.Scope": true, "Ledger.Dimensions": true, "Ledger.Entry": true, "Ledger.Balance": true, "Ledger.Cost": true,
	"States.Field": true, "NumberPattern.Prefix": true, "NumberPattern.Digits": true, "NumberPattern.Suffix": true,
}

// Whatever a document can say about an element, changing it gives a difference that names the element: the test
// changes every field of every type, by reflection, so that a new field can't be forgotten.
func TestDiffSeesEveryField(t *testing.T) {
	before, after := shop(t), shop(t)
	tried := map[string]bool{}
	for _, el := range after.Elements() {
		v := reflect.ValueOf(el.Object).Elem()
		mutate(v, func(what string) {
			tried[what] = true
			for _, c := range metamodel.Diff(before, after) {
				checkWords(t, c)
				if c.Of().ID == el.ID || c.Of().Parent == el.ID || strings.HasPrefix(el.Path, c.Of().Path) {
					return
				}
			}
			t.Errorf("changing %s of %s gives no difference that names it", what, el.Path)
		})
	}
	if changes := metamodel.Diff(before, after); len(changes) > 0 {
		t.Errorf("the test did not put everything back: %v", changes)
	}
	for _, kind := range []any{metamodel.App{}, metamodel.Entity{}, metamodel.Field{}, metamodel.Option{}, metamodel.Rule{}, metamodel.Posting{}, metamodel.Transition{}, metamodel.Ledger{}, metamodel.View{}, metamodel.Section{}, metamodel.FormItem{}, metamodel.Column{}, metamodel.ColorRule{}, metamodel.SavedView{}, metamodel.Role{}, metamodel.Grant{}, metamodel.Key{}} {
		typ := reflect.TypeOf(kind)
		for i := range typ.NumField() {
			name := typ.Name() + "." + typ.Field(i).Name
			if typ.Field(i).IsExported() && !derived[name] && !tried[name] {
				t.Errorf("%s was never tried: the app of the test has no such thing", name)
			}
		}
	}
}

// checkWords checks that a change can be said in both languages.
func checkWords(t *testing.T, c metamodel.Change) {
	t.Helper()
	for lang, text := range c.Words() {
		if unfilled.MatchString(text) || strings.Contains(text, "“”") {
			t.Errorf("%s: %s", lang, text)
		}
	}
	if c, ok := c.(metamodel.Altered); ok && strings.Contains(c.Words()["zh-CN"], "的设为") {
		t.Errorf("attribute %s has no words", c.Attribute)
	}
}

var unfilled = regexp.MustCompile(`\{[a-x_]+\}`)

// mutate changes each field of a struct in turn, calls judge and puts it back.
func mutate(v reflect.Value, judge func(what string)) {
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Name()+"."+v.Type().Field(i).Name
		if !v.Type().Field(i).IsExported() || derived[name] {
			continue
		}
		kept := reflect.New(f.Type()).Elem()
		kept.Set(f)
		switch f.Kind() {
		case reflect.String:
			f.SetString(f.String() + "1")
		case reflect.Int:
			f.SetInt(f.Int() + 1)
		case reflect.Bool:
			f.SetBool(!f.Bool())
		case reflect.Map:
			label := metamodel.Label{"zh-CN": "别的"}
			if f.Type() == reflect.TypeOf(label) {
				f.Set(reflect.ValueOf(label))
				break
			}
			if f.Len() == 0 {
				continue
			}
			f.Set(reflect.MakeMap(f.Type()))
		case reflect.Slice:
			if f.Len() == 0 {
				continue
			}
			keep := f.Len() - 1
			if f.Type() == reflect.TypeOf([]*metamodel.Formula{}) {
				keep = 0 // by dimensions, of which the last may have none
			}
			f.Set(f.Slice(0, keep))
		case reflect.Pointer:
			if !changePointer(f) {
				continue
			}
		default:
			continue
		}
		judge(name)
		f.Set(kept)
	}
}

// changePointer takes away what a field points at, or adds a formula where there is none.
func changePointer(f reflect.Value) bool {
	switch {
	case !f.IsNil():
		f.Set(reflect.Zero(f.Type()))
	case f.Type() == reflect.TypeOf(&metamodel.Formula{}):
		f.Set(reflect.ValueOf(&metamodel.Formula{Source: "true", Stored: "true"}))
	default:
		return false
	}
	return true
}

func edit(t testing.TB, app *metamodel.App, kind metamodel.Kind, name, from, to string) *metamodel.App {
	t.Helper()
	body, err := schema.EncodeDocument(app, kind, name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(body), from) {
		t.Fatalf("%s has no %s", name, from)
	}
	body = []byte(strings.Replace(string(body), from, to, 1))
	next, list := schema.Apply(app, map[metamodel.DocKey][]byte{{Kind: kind, Name: name}: body}, nil)
	if list.HasErrors() {
		t.Fatal(list)
	}
	return next
}

func TestDiffInWords(t *testing.T) {
	tests := []struct {
		name, document   string
		kind             metamodel.Kind
		from, to         string
		class            metamodel.Class
		change, words    string
		attribute, zhCut string
	}{
		{
			"field added", "item", metamodel.KindEntity, `"properties": {`, `"properties": { "size_text": {"type": "string", "title": "规格", "x-title": {"en-US": "Size"}},`,
			metamodel.Additive, "added", "The field “Item › Size” is new.", "", "新增字段“商品 › 规格”",
		},
		{
			"field renamed", "order_line", metamodel.KindEntity, `"qty": {`, `"quantity": {"x-was": "qty",`,
			metamodel.Behaviour, "renamed", "The field “Order line › Quantity” is renamed from qty to quantity.", "name", "由 qty 改名为 quantity",
		},
		{
			"field retyped", "supplier", metamodel.KindEntity, `"x-field": "department"`, `"x-field": "user"`,
			metamodel.Breaking, "retyped", "The field “Supplier › Team” is of kind user instead of department.", "kind", "种类由 department 改为 user",
		},
		{"bound loosened", "supplier", metamodel.KindEntity, `"maximum": 9`, `"maximum": 10`, metamodel.Additive, "altered", "The field “Supplier › Level” has its upper bound changed from 9 to 10.", "max", "上限由 9 改为 10"},
		{"bound tightened", "supplier", metamodel.KindEntity, `"minimum": 1`, `"minimum": 2`, metamodel.Breaking, "altered", "", "min", "下限由 1 改为 2"},
		{"shorter", "supplier", metamodel.KindEntity, `"maxLength": 100`, `"maxLength": 99`, metamodel.Breaking, "altered", "", "max_length", "100 改为 99"},
		{"required", "item", metamodel.KindEntity, `["name", "unit"]`, `["name", "unit", "price"]`, metamodel.Breaking, "altered", "", "required", "设为 true"},
		{"optional", "item", metamodel.KindEntity, `["name", "unit"]`, `["name"]`, metamodel.Additive, "altered", "", "required", "不再有必填"},
		{"formula", "order_line", metamodel.KindEntity, `qty * price`, `qty * price * 2.0`, metamodel.Behaviour, "altered", "", "computed", "qty * price 改为 qty * price * 2.0"},
		{"option retired", "unit", metamodel.KindEnum, `"name": "KG",`, `"name": "KG", "retired": true,`, metamodel.Breaking, "altered", "", "retired", "选项“单位 › 千克”"},
		{"option added", "unit", metamodel.KindEnum, `"options": [`, `"options": [{"name": "ton", "title": "吨"},`, metamodel.Additive, "added", "", "", "新增选项“单位 › 吨”"},
		{"title", "order_table", metamodel.KindView, `"title": "订单"`, `"title": "全部订单"`, metamodel.Cosmetic, "altered", "", "title", "标题由"},
		{"mask", "clerk", metamodel.KindRole, `"price": "hidden"`, `"price": "masked"`, metamodel.Behaviour, "altered", "", "masks", "字段遮蔽"},
		{"scenario", "order_flow", metamodel.KindScenario, `"qty": "10"`, `"qty": "11"`, metamodel.Cosmetic, "altered", "", "content", "内容"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := shop(t)
			b := edit(t, a, tt.kind, tt.document, tt.from, tt.to)
			changes := metamodel.Diff(a, b)
			if len(changes) != 1 {
				t.Fatalf("%d changes: %v", len(changes), words(changes))
			}
			c := changes[0]
			body, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			var got struct{ Change, Class, Attribute string }
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatal(err)
			}
			if got.Change != tt.change || got.Class != string(tt.class) || got.Attribute != tt.attribute {
				t.Errorf("got %+v: %s", got, words(changes))
			}
			if tt.words != "" && c.Words()["en-US"] != tt.words {
				t.Errorf("got %q", c.Words()["en-US"])
			}
			if !strings.Contains(c.Words()["zh-CN"], tt.zhCut) {
				t.Errorf("got %q, want something with %q", c.Words()["zh-CN"], tt.zhCut)
			}
		})
	}
}

func words(changes []metamodel.Change) string {
	var out []string
	for _, c := range changes {
		out = append(out, fmt.Sprintf("%T %s", c, c.Words()["en-US"]))
	}
	return strings.Join(out, "; ")
}

func TestDiffOrderAndRemoval(t *testing.T) {
	a, b := shop(t), shop(t)
	v := b.View("item_table")
	v.Columns[0], v.Columns[1] = v.Columns[1], v.Columns[0]
	changes := metamodel.Diff(a, b)
	if r, ok := changes[0].(metamodel.Reordered); len(changes) != 1 || !ok || r.Kind != metamodel.ElementColumn {
		t.Errorf("got %s", words(changes))
	}
	b = copyOf(t, a)
	b.Views = b.Views[1:] // with everything in it
	changes = metamodel.Diff(a, b)
	if r, ok := changes[0].(metamodel.Removed); len(changes) != 1 || !ok || r.Element.Name != "item_table" || r.Class() != metamodel.Behaviour {
		t.Errorf("got %s", words(changes))
	}
	b = copyOf(t, a)
	group := b.Menu[0]
	b.Menu = append(b.Menu, group.Items[1])
	group.Items = group.Items[:1]
	changes = metamodel.Diff(a, b)
	if m, ok := changes[0].(metamodel.Moved); len(changes) != 1 || !ok || m.From.Name != "buying" {
		t.Errorf("got %s", words(changes))
	}
}
