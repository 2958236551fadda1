package schema

import (
	"slices"
	"strings"
	"testing"

	"tenon/metamodel"
	"tenon/metamodel/check"
	"tenon/metamodel/diag"
)

func decodeShop(t testing.TB) *metamodel.App {
	t.Helper()
	return mustDecode(t, readFolder(t, "testdata/shop"), nil)
}

// text is a document in source form.
func text(t testing.TB, app *metamodel.App, kind metamodel.Kind, name string) string {
	t.Helper()
	body, err := EncodeDocument(app, kind, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// replaced is a document in source form with some text changed: pairs of what is there and what shall be.
func replaced(t testing.TB, app *metamodel.App, kind metamodel.Kind, name string, pairs ...string) []byte {
	t.Helper()
	body := text(t, app, kind, name)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(body, pairs[i]) {
			t.Fatalf("%s %s has no %s", kind, name, pairs[i])
		}
		body = strings.ReplaceAll(body, pairs[i], pairs[i+1])
	}
	return []byte(body)
}

// mustApply applies edits that are expected to be right, and checks the laws on what comes out.
func mustApply(t testing.TB, base *metamodel.App, edits map[DocKey][]byte) *metamodel.App {
	t.Helper()
	before := Encode(base)
	next, list := Apply(base, edits, nil)
	if list.HasErrors() {
		t.Fatalf("the edit is refused: %v", list)
	}
	sameFiles(t, before, Encode(base)) // the base is not changed
	for _, d := range check.App(next) {
		if d.Severity == diag.Error {
			t.Errorf("after the edit: %v", d)
		}
	}
	laws(t, next)
	return next
}

func entityKey(name string) DocKey { return DocKey{Kind: metamodel.KindEntity, Name: name} }

func TestApplyRenamesField(t *testing.T) {
	base := decodeShop(t)
	next := mustApply(t, base, map[DocKey][]byte{
		entityKey("order_line"): replaced(t, base, metamodel.KindEntity, "order_line", `"qty": {`, `"quantity": { "x-was": "qty",`, `"qty"]`, `"quantity"]`),
	})
	old, now := base.Entity("order_line").Field("qty"), next.Entity("order_line").Field("quantity")
	if now == nil || old.ID != now.ID {
		t.Fatal("the field did not keep its id")
	}
	line := text(t, next, metamodel.KindEntity, "order_line")
	for _, want := range []string{`"cel": "quantity * price"`, `"cel": "quantity > 0.0"`, `"at": "quantity"`, `"x-id": "` + string(old.ID) + `"`} {
		if !strings.Contains(line, want) {
			t.Errorf("the document itself has no %s:\n%s", want, line)
		}
	}
	if strings.Contains(line, "x-was") {
		t.Error("x-was is written out")
	}
	if form := text(t, next, metamodel.KindView, "order_form"); !strings.Contains(form, `"field": "quantity"`) || strings.Contains(form, "qty") || strings.Contains(form, "x-id") {
		t.Errorf("the form did not follow:\n%s", form)
	}
	if flow := text(t, next, metamodel.KindScenario, "order_flow"); !strings.Contains(flow, `"quantity": "10"`) {
		t.Errorf("the scenario did not follow:\n%s", flow)
	}
	again, list := Apply(next, map[DocKey][]byte{entityKey("order_line"): []byte(line)}, nil)
	if len(list) > 0 {
		t.Fatal(list)
	}
	sameApp(t, next, again)
}

func TestApplyRenamesDocumentsAndOptions(t *testing.T) {
	base := decodeShop(t)
	next := mustApply(t, base, map[DocKey][]byte{
		entityKey("vendor"): replaced(t, base, metamodel.KindEntity, "supplier", `"x-name": "supplier"`, `"x-name": "vendor", "x-was": "supplier"`),
		entityKey("order"): replaced(t, base, metamodel.KindEntity, "order", `"draft"`, `"fresh"`, `"name": "fresh"`, `"name": "fresh", "x-was": "draft"`, `"entity": "supplier"`, `"entity": "vendor"`,
			`"name": "small"`, `"name": "tiny", "x-was": "small"`),
		{Kind: metamodel.KindEnum, Name: "unit"}: replaced(t, base, metamodel.KindEnum, "unit", `"name": "pc"`, `"name": "piece", "x-was": "pc"`),
	})
	if next.Entity("supplier") != nil || next.Entity("vendor").ID != base.Entity("supplier").ID {
		t.Error("the entity was not renamed")
	}
	if next.Entity("vendor").Field("name").ID != base.Entity("supplier").Field("name").ID {
		t.Error("fields of a renamed entity did not keep their ids")
	}
	order := text(t, next, metamodel.KindEntity, "order")
	if !strings.Contains(order, `state == 'fresh'`) || strings.Contains(order, "'draft'") {
		t.Errorf("formulas did not follow the option:\n%s", order)
	}
	if item := text(t, next, metamodel.KindEntity, "item"); !strings.Contains(item, `"x-default": "'piece'"`) || !strings.Contains(item, `"entity": "vendor"`) {
		t.Errorf("another document did not follow:\n%s", item)
	}
	if board := text(t, next, metamodel.KindView, "order_board"); !strings.Contains(board, `"option": "fresh"`) {
		t.Errorf("the board did not follow:\n%s", board)
	}
	if flow := text(t, next, metamodel.KindScenario, "order_flow"); !strings.Contains(flow, `"unit": "piece"`) || !strings.Contains(flow, `"vendor": [`) {
		t.Errorf("the scenario did not follow:\n%s", flow)
	}
	if role := text(t, next, metamodel.KindRole, "clerk"); !strings.Contains(role, `"entity": "vendor"`) || strings.Contains(role, "x-id") {
		t.Errorf("the role did not follow:\n%s", role)
	}
}

// A file that says x-was means the same when it is applied again, and where nothing was before.
func TestApplyRenamesOnce(t *testing.T) {
	base := decodeShop(t)
	edits := map[DocKey][]byte{
		entityKey("vendor"): replaced(t, base, metamodel.KindEntity, "supplier", `"x-name": "supplier"`, `"x-name": "vendor", "x-was": "supplier"`, `"level": {`, `"grade": {"x-was": "level",`),
		entityKey("order"):  replaced(t, base, metamodel.KindEntity, "order", `"entity": "supplier"`, `"entity": "vendor"`),
	}
	next := mustApply(t, base, edits)
	sameApp(t, next, mustApply(t, next, edits))
	fresh := Encode(next)
	fresh["entities/vendor.json"] = edits[entityKey("vendor")]
	if _, list := Decode(fresh, nil, nil); list.HasErrors() {
		t.Error(list)
	}
}

func TestApplySwapsNames(t *testing.T) {
	base := decodeShop(t)
	next := mustApply(t, base, map[DocKey][]byte{
		entityKey("order_line"): replaced(t, base, metamodel.KindEntity, "order_line", `"qty": {`, `"TMP": {"x-was": "qty",`, `"price": {`, `"qty": {"x-was": "price",`, `"TMP": {`, `"price": {`, `"item", "qty"`, `"item", "price"`, `qty > 0.0`, `price > 0.0`, `"at": "qty"`, `"at": "price"`),
	})
	old, now := base.Entity("order_line"), next.Entity("order_line")
	if old.Field("qty").ID != now.Field("price").ID || old.Field("price").ID != now.Field("qty").ID {
		t.Error("the ids did not swap")
	}
}

func TestApplyIDs(t *testing.T) {
	base := decodeShop(t)
	code := base.Entity("order").Field("code")
	without := replaced(t, base, metamodel.KindEntity, "supplier", `"site": {
      "type": "string",
      "format": "uri",
      "title": "网站",
      "x-title": {
        "en-US": "Site"
      }
    },`, "")
	gone := base.Entity("supplier").Field("site").ID
	next := mustApply(t, base, map[DocKey][]byte{entityKey("supplier"): without})
	if next.Entity("supplier").Field("site") != nil {
		t.Fatal("the field is still there")
	}
	back, list := Apply(next, map[DocKey][]byte{entityKey("supplier"): []byte(text(t, base, metamodel.KindEntity, "supplier"))}, func(id metamodel.ID) bool { return id == gone })
	if list.HasErrors() {
		t.Fatal(list)
	}
	again := back.Entity("supplier").Field("site")
	if again.ID == gone {
		t.Error("a field that was deleted and made again is another field")
	}
	if again.ID != metamodel.DeriveID(back.Entity("supplier").ID, metamodel.ElementField, "site", 1) {
		t.Error("the id does not follow from the salt")
	}
	if s := text(t, back, metamodel.KindEntity, "supplier"); !strings.Contains(s, `"x-id": "`+string(again.ID)+`"`) {
		t.Errorf("an id that doesn't follow from the name must be written:\n%s", s)
	}
	laws(t, back)
	if back.Entity("order").Field("code").ID != code.ID {
		t.Error("another element's id changed")
	}
}

func TestApplyRefusesRemovalOfWhatIsUsed(t *testing.T) {
	base := decodeShop(t)
	tests := []struct {
		name  string
		edits map[DocKey][]byte
		path  string
		users []string
	}{
		{
			"entity",
			map[DocKey][]byte{entityKey("supplier"): nil},
			"/entities/supplier",
			[]string{"/entities/item/properties/suppliers/x-ref/entity", "/entities/order/properties/supplier/x-ref/entity", "/roles/clerk/grants/2/entity"},
		},
		{
			"view",
			map[DocKey][]byte{{Kind: metamodel.KindView, Name: "order_form"}: nil},
			"/views/order_form",
			[]string{"/views/order_board/form", "/views/order_table/form"},
		},
		{
			"enum",
			map[DocKey][]byte{{Kind: metamodel.KindEnum, Name: "unit"}: nil},
			"/enums/unit",
			[]string{"/entities/item/properties/unit/x-default", "/entities/item/properties/unit/x-enum"},
		},
		{
			"role",
			map[DocKey][]byte{{Kind: metamodel.KindRole, Name: "clerk"}: nil},
			"/roles/clerk",
			[]string{"/roles/boss/inherits/0", "/scenarios/order_flow/when/0/as"},
		},
		{
			"option",
			map[DocKey][]byte{{Kind: metamodel.KindEnum, Name: "unit"}: replaced(t, base, metamodel.KindEnum, "unit", `"name": "pc"`, `"name": "piece"`)},
			"/enums/unit/options/0",
			[]string{"/entities/item/properties/unit/x-default"},
		},
		{
			"field",
			map[DocKey][]byte{entityKey("order"): replaced(t, base, metamodel.KindEntity, "order", `"ordered_on"`, `"day"`, "ordered_on", "day")},
			"/entities/order/properties/ordered_on",
			[]string{"/scenarios/order_flow/when/2/with/ordered_on", "/views/order_form/sections/0/items/2/field", "/views/order_table/colors/0/field", "/views/order_table/sort/0/field"},
		},
		{
			"menu item",
			map[DocKey][]byte{{Kind: metamodel.KindApp}: replaced(t, base, metamodel.KindApp, "", `"name": "items"`, `"name": "goods"`)},
			"/app/menu/1",
			[]string{"/roles/clerk/menu/1"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, list := Apply(base, tt.edits, nil)
			if len(list) != 1 || list[0].Code != "document.in_use" || list[0].Path != tt.path {
				t.Fatalf("want one document.in_use at %s, got %v", tt.path, list)
			}
			users, ok := list[0].Args["users"].([]string)
			if !ok {
				t.Fatalf("no users: %v", list[0].Args)
			}
			for _, want := range tt.users {
				if !slices.ContainsFunc(users, func(u string) bool { return strings.HasPrefix(u, want) || strings.HasPrefix(want, u) }) {
					t.Errorf("%s is not among the users %v", want, users)
				}
			}
			for _, lang := range diag.Languages {
				if s := list[0].Text(lang); strings.Contains(s, "{") {
					t.Errorf("%s: %s", lang, s)
				}
			}
		})
	}
}

func TestApplyRemovesUsersTogether(t *testing.T) {
	base := decodeShop(t)
	next := mustApply(t, base, map[DocKey][]byte{
		{Kind: metamodel.KindView, Name: "item_table"}: nil,
		{Kind: metamodel.KindApp}: replaced(t, base, metamodel.KindApp, "", `,
    {
      "name": "items",
      "title": "商品",
      "x-title": {
        "en-US": "Items"
      },
      "view": "item_table"
    }`, ""),
		{Kind: metamodel.KindRole, Name: "clerk"}: replaced(t, base, metamodel.KindRole, "clerk", `, "items"`, ""),
	})
	if next.View("item_table") != nil || len(next.Menu) != 1 {
		t.Error("the view or its menu item is still there")
	}
}

func TestApplyRefuses(t *testing.T) {
	base := decodeShop(t)
	tests := []struct {
		name  string
		edits map[DocKey][]byte
		want  string
	}{
		{"deleting nothing", map[DocKey][]byte{entityKey("nobody"): nil}, "document.not_found /entities/nobody"},
		{"deleting the app", map[DocKey][]byte{{Kind: metamodel.KindApp, Name: "shop"}: nil}, "document.app_missing /app"},
		{"no JSON", map[DocKey][]byte{entityKey("item"): []byte("{")}, "document.malformed /entities/item"},
		{"another name", map[DocKey][]byte{entityKey("thing"): []byte(text(t, base, metamodel.KindEntity, "item"))}, "document.name_mismatch /entities/thing/x-name"},
		{"renamed onto another", map[DocKey][]byte{entityKey("item"): replaced(t, base, metamodel.KindEntity, "supplier", `"x-name": "supplier"`, `"x-name": "item", "x-was": "supplier"`)}, "name.duplicate /entities/item/x-name"},
		{"rename of nothing", map[DocKey][]byte{entityKey("supplier"): replaced(t, base, metamodel.KindEntity, "supplier", `"level": {`, `"grade": {"x-was": "nothing",`)}, "rename.unknown /entities/supplier/properties/grade/x-was"},
		{"a kind that is none", map[DocKey][]byte{{Kind: "workflow", Name: "x"}: []byte("{}")}, "document.path_unknown "},
		{"an id of another element", map[DocKey][]byte{entityKey("item"): replaced(t, base, metamodel.KindEntity, "item", `"barcode": {`, `"barcode": { "x-id": "`+string(base.Entity("order").Field("code").ID)+`",`)}, "id.duplicate /entities/order/properties/code"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, list := Apply(base, tt.edits, nil)
			if !slices.ContainsFunc(list, func(d diag.Diagnostic) bool { return string(d.Code)+" "+d.Path == tt.want }) {
				t.Errorf("want %s, got %v", tt.want, list)
			}
		})
	}
}

// A draft may be saved with an expression that does not compile: its text is kept, and when what it mentions
// comes to exist, it is an expression like any other.
func TestApplyKeepsWrongFormulas(t *testing.T) {
	base := decodeShop(t)
	next, list := Apply(base, map[DocKey][]byte{entityKey("order_line"): replaced(t, base, metamodel.KindEntity, "order_line", "qty * price", "qty * price * discount")}, nil)
	if list.HasErrors() {
		t.Fatal(list)
	}
	if !check.App(next).HasErrors() {
		t.Error("the wrong formula passes")
	}
	laws(t, next)
	whole := mustApply(t, next, map[DocKey][]byte{entityKey("order_line"): replaced(t, next, metamodel.KindEntity, "order_line", `"properties": {`, `"properties": { "discount": {"type": "string", "format": "decimal", "title": "折扣"},`)})
	f := whole.Entity("order_line").Field("amount").Formula
	if f.Source != "qty * price * discount" || !strings.Contains(f.Stored, mark(whole.Entity("order_line").Field("discount").ID)) {
		t.Errorf("got %+v", f)
	}
}

// A field may get the name that a formula uses for its loop: the formula keeps its meaning.
func TestApplyRenameMeetsVariable(t *testing.T) {
	base := decodeShop(t)
	next := mustApply(t, base, map[DocKey][]byte{entityKey("order"): replaced(t, base, metamodel.KindEntity, "order", `lines.sum(l, l.amount)`, `lines.sum(l, l.amount * (currency == 'CNY' ? 1.0 : 2.0))`)})
	renamed := mustApply(t, next, map[DocKey][]byte{entityKey("order"): replaced(t, next, metamodel.KindEntity, "order", `"currency": {`, `"l": {"x-was": "currency",`)})
	f := renamed.Entity("order").Field("total").Formula
	if !strings.Contains(f.Stored, mark(renamed.Entity("order").Field("l").ID)) || !strings.Contains(f.Stored, mark(renamed.Entity("order_line").Field("amount").ID)) {
		t.Errorf("the formula lost its meaning: %+v", f)
	}
}

func TestDecodeOverBase(t *testing.T) {
	base := decodeShop(t)
	files := readFolder(t, "testdata/shop")
	files["app.json"] = []byte(strings.Replace(string(files["app.json"]), `"x-name": "shop"`, `"x-name": "store"`, 1))
	next := mustDecode(t, files, base)
	if next.ID != base.ID || next.Entity("order").ID != base.Entity("order").ID {
		t.Error("an app with another name is still the same app")
	}
	laws(t, next)
}
