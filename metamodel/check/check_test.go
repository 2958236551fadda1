package check_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tenon/metamodel"
	"tenon/metamodel/check"
	"tenon/metamodel/diag"
	"tenon/metamodel/schema"
)

const shopFolder = "../schema/testdata/shop/"

func shopFiles(t testing.TB) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, pattern := range []string{"app.json", "*/*.json"} {
		found, err := filepath.Glob(shopFolder + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			body, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files[strings.TrimPrefix(filepath.ToSlash(path), shopFolder)] = body
		}
	}
	return files
}

func decode(t testing.TB, files map[string][]byte) *metamodel.App {
	t.Helper()
	app, list := schema.Decode(files, nil, nil)
	if list.HasErrors() {
		t.Fatalf("the documents of the test are wrong: %v", list)
	}
	return app
}

func TestShopPasses(t *testing.T) {
	if list := check.App(decode(t, shopFiles(t))); list.HasErrors() || len(list) != 2 {
		t.Errorf("only the two options without titles are to be warned of: %v", list)
	}
}

// Each case changes one document by replacing text, and says what must be found besides what is found anyway.
func TestApp(t *testing.T) {
	tests := []struct {
		name, file, from, to string
		want                 []string // severity code path
	}{
		{"formula that does not compile", "entities/order_line.json", "qty * price", "qty * prise", []string{"error expr.unknown_identifier /entities/order_line/properties/amount/x-computed/cel"}},
		{"default of another type", "entities/supplier.json", `"x-default": "true"`, `"x-default": "'yes'"`, []string{"error expr.wrong_result_type /entities/supplier/properties/active/x-default"}},
		{"rule that is no condition", "entities/order_line.json", "qty > 0.0", "qty + 1.0", []string{"error expr.wrong_result_type /entities/order_line/x-rules/0/cel"}},
		{"options filter", "entities/order.json", "it.active", "it.nothing", []string{"error expr.unknown_field /entities/order/properties/supplier/x-options-filter"}},
		{"transition", "entities/order.json", `"when": "total > 0.0"`, `"when": "totals > 0.0"`, []string{"error expr.unknown_identifier /entities/order/x-states/transitions/0/when"}},
		{"view filter", "views/order_table.json", "state != 'cancelled'", "state != 'canceled'", []string{"error expr.unknown_option /views/order_table/filter"}},
		{"saved filter", "views/order_table.json", "owner == user.id", "owner == user.ids", []string{"error expr.unknown_user_field /views/order_table/saved/0/filter"}},
		{"colour", "views/order_table.json", `"when": "late"`, `"when": "code"`, []string{"error expr.wrong_result_type /views/order_table/colors/0/when"}},
		{"form", "views/order_form.json", "supplier != null", "suplier != null", []string{"error expr.unknown_identifier /views/order_form/sections/1/visible"}},
		{"grant's rows", "roles/clerk.json", "owner == user.id", "owner = user.id", []string{"error expr.operator_form /roles/clerk/grants/0/rows"}},
		{"scenario's filter", "scenarios/order_flow.json", "state == 'cancelled'", "status == 'cancelled'", []string{"error expr.unknown_identifier /scenarios/order_flow/then/1/filter"}},

		{"circle of one", "entities/order_line.json", "qty * price", "qty * amount", []string{"error field.cycle /entities/order_line/properties/amount/x-computed/cel a=amount → amount"}},
		{"circle over two entities", "entities/order_line.json", "qty * price", "qty * parent.total", []string{"error field.cycle /entities/order/properties/total/x-computed/cel a=order.total → order_line.amount → order.total"}},
		{"stored formula with today()", "entities/order.json", `"stored": false`, `"stored": true`, []string{"error field.stored_formula /entities/order/properties/late/x-computed/cel"}},
		{"stored formula over a reference", "entities/order_line.json", "qty * price", "qty * item.price", nil},
		{"stored formula over a list of references", "entities/order_line.json", "qty * price", "item.suppliers.exists(s, s.level == 1) ? qty : price", []string{"error field.stored_formula /entities/order_line/properties/amount/x-computed/cel"}},
		{"circle over a roll-up", "entities/order_line.json", "qty * price", "qty * item.ordered", nil},
		{"circle over roll-ups", "entities/order_line.json", "qty * price", "qty * parent.supplier.bought", []string{"error field.cycle /entities/order_line/properties/amount/x-computed/cel a=order_line.amount → supplier.bought → order_line.amount"}},
		{"roll-up of entries by line", "entities/order_line.json", `"amount": {`, `"posted": {"type": "string", "format": "decimal", "title": "P", "x-title": {"en-US": "P"}, "x-decimal": [18, 2], "x-rollup": {"entity": "stock_entry", "field": "line", "function": "sum", "value": "value"}}, "amount": {`, nil},
		{"roll-up of entries by document", "entities/order.json", `"properties": {`, `"properties": {"posted": {"type": "string", "format": "decimal", "title": "P", "x-title": {"en-US": "P"}, "x-decimal": [18, 2], "x-rollup": {"entity": "stock_entry", "field": "document", "function": "sum", "value": "value"}}, `, nil},
		{"roll-up of a line's entries by document", "entities/order_line.json", `"amount": {`, `"posted": {"type": "string", "format": "decimal", "title": "P", "x-title": {"en-US": "P"}, "x-decimal": [18, 2], "x-rollup": {"entity": "stock_entry", "field": "document", "function": "sum", "value": "value"}}, "amount": {`, []string{"error field.rollup_entry /entities/order_line/properties/posted/x-rollup/field"}},
		{"roll-up of a document's entries by line", "entities/order.json", `"properties": {`, `"properties": {"posted": {"type": "string", "format": "decimal", "title": "P", "x-title": {"en-US": "P"}, "x-decimal": [18, 2], "x-rollup": {"entity": "stock_entry", "field": "line", "function": "sum", "value": "value"}}, `, []string{"error field.rollup_entry /entities/order/properties/posted/x-rollup/field"}},
		{"roll-up of entries by another text", "entities/order.json", `"properties": {`, `"properties": {"posted": {"type": "string", "format": "decimal", "title": "P", "x-title": {"en-US": "P"}, "x-decimal": [18, 2], "x-rollup": {"entity": "stock_entry", "field": "code", "function": "sum", "value": "value"}}, `, []string{"error field.rollup_path /entities/order/properties/posted/x-rollup/field"}},
		{"roll-up of entries of what never posts", "entities/supplier.json", `"properties": {`, `"properties": {"posted": {"type": "string", "format": "decimal", "title": "P", "x-title": {"en-US": "P"}, "x-decimal": [18, 2], "x-rollup": {"entity": "stock_entry", "field": "document", "function": "sum", "value": "value"}}, `, []string{"error field.rollup_never_posts /entities/supplier/properties/posted/x-rollup/field"}},
		{"roll-up of a text", "entities/item.json", `"value": "qty"`, `"value": "parent.code"`, []string{"error expr.wrong_result_type /entities/item/properties/ordered/x-rollup/value"}},
		{"roll-up without a value", "entities/item.json", `"value": "qty", `, ``, []string{"error document.key_missing /entities/item/properties/ordered/x-rollup/value"}},
		{"roll-up of another function", "entities/item.json", `"function": "sum"`, `"function": "count"`, []string{"error field.rollup_key /entities/item/properties/ordered/x-rollup/value", "error field.rollup_kind /entities/item/properties/ordered/x-rollup/function"}},
		{"roll-up with an order", "entities/item.json", `"function": "concat"`, `"function": "max"`, []string{"error field.rollup_key /entities/item/properties/orders/x-rollup/separator"}},
		{"roll-up over what points elsewhere", "entities/item.json", `"field": "item"`, `"field": "parent"`, []string{"error field.rollup_path /entities/item/properties/ordered/x-rollup/field"}},
		{"roll-up that reads far", "entities/item.json", "parent.state == 'approved'", "parent.supplier.active", []string{"error field.rollup_reach /entities/item/properties/ordered/x-rollup/where"}},
		{"roll-up that asks for an aggregate", "entities/item.json", "parent.state == 'approved'", "existsOf(supplier, s, s.active)", []string{"error expr.query_not_allowed /entities/item/properties/ordered/x-rollup/where"}},
		{"roll-up that reads the clock", "entities/item.json", "parent.state == 'approved'", "parent.ordered_on < today()", []string{"error field.rollup_reach /entities/item/properties/ordered/x-rollup/where"}},
		{"roll-up that reads a virtual field", "entities/item.json", "parent.state == 'approved'", "parent.late", []string{"error field.rollup_reach /entities/item/properties/ordered/x-rollup/where"}},
		{"roll-up with a query", "entities/item.json", "parent.state == 'approved'", "countOf(item, i, true) > 1", []string{"error expr.query_not_allowed /entities/item/properties/ordered/x-rollup/where"}},
		{"roll-up that is required", "entities/item.json", `["name", "unit"]`, `["name", "unit", "ordered"]`, []string{"error field.computed_conflict /entities/item/properties/ordered/x-rollup"}},
		{"roll-up with a formula", "entities/item.json", `"x-rollup": {"entity": "order_line", "field": "item", "function": "sum"`, `"x-computed": {"cel": "1.0", "stored": true}, "x-rollup": {"entity": "order_line", "field": "item", "function": "sum"`, []string{"error field.computed_conflict /entities/item/properties/ordered/x-rollup"}},
		{"stored formula with a query", "entities/order_line.json", "qty * price", "sumOf(order_line, l, l.item == item, l.qty)", []string{"error field.stored_formula /entities/order_line/properties/amount/x-computed/cel"}},
		{"stored formula with user", "entities/order.json", `"cel": "lines.sum(l, l.amount)"`, `"cel": "user.id == '' ? 1.0 : 2.0"`, []string{"error field.stored_formula /entities/order/properties/total/x-computed/cel"}},
		{"stored formula over a virtual field", "entities/order.json", `"cel": "lines.sum(l, l.amount)"`, `"cel": "late ? 1.0 : 2.0"`, []string{"error field.stored_formula /entities/order/properties/total/x-computed/cel"}},
		{"computed and default", "entities/order_line.json", `"x-computed": {`, `"x-default": "1.0", "x-computed": {`, []string{"error field.computed_conflict /entities/order_line/properties/amount/x-default"}},
		{"computed and required", "entities/order_line.json", `"item", "qty"]`, `"item", "qty", "amount"]`, []string{"error field.computed_conflict /entities/order_line/properties/amount/x-computed"}},
		{"computed list", "entities/item.json", `"x-ref": {"entity": "supplier"}`, `"x-ref": {"entity": "supplier"}, "x-computed": {"cel": "suppliers"}`, []string{"error field.computed_kind /entities/item/properties/suppliers/x-computed", "error field.cycle /entities/item/properties/suppliers/x-computed/cel"}},
		{"default of a number", "entities/order.json", `"x-number": "PO{yyyyMMdd}-{0000}"`, `"x-number": "PO{0000}", "x-default": "'1'"`, []string{"error field.default_kind /entities/order/properties/code/x-default"}},
		{"emptied though required", "entities/order.json", `"on-delete": "restrict"`, `"on-delete": "set-null"`, []string{"error field.on_delete_required /entities/order/properties/supplier/x-ref/on-delete"}},
		{"reference to lines", "entities/item.json", `"x-ref": {"entity": "supplier"}`, `"x-ref": {"entity": "order_line"}`, []string{"error field.reference_to_lines /entities/item/properties/suppliers/x-ref/entity"}},
		{"currency in a number", "entities/order.json", `{"field": "currency"}`, `{"field": "late"}`, []string{"error field.currency_field /entities/order/properties/total/x-currency/field"}},
		{"unit in a number", "entities/item.json", `"x-unit": "unit"`, `"x-unit": "price"`, []string{"error field.unit_field /entities/item/properties/weight/x-unit"}},
		{"unique long text", "entities/item.json", `"x-field": "longtext"`, `"x-field": "longtext", "x-unique": true`, []string{"error field.unique_kind /entities/item/properties/notes/x-unique"}},
		{"key over a virtual field", "entities/order.json", `[["code"]`, `[["code", "late"]`, []string{"error field.unique_kind /entities/order/x-unique/0/1"}},
		{"display", "entities/item.json", `"x-display": "name"`, `"x-display": "labels"`, []string{"error entity.display_unusable /entities/item/x-display"}},
		{"search", "entities/item.json", `["name", "barcode"]`, `["name", "price"]`, []string{"error entity.search_unusable /entities/item/x-search/1"}},
		{"lines with a number", "entities/order_line.json", `"properties": {`, `"properties": {"no": {"type": "string", "title": "N", "x-title": {"en-US": "N"}, "x-number": "{000}"},`, []string{"error entity.lines_feature /entities/order_line/properties/no"}},
		{"state out of reach", "entities/order.json", `"to": "cancelled"`, `"to": "approved"`, []string{"warning states.unreachable /entities/order/x-states"}},
		{"waiting for nothing", "entities/order.json", `"initial": "draft",`, `"initial": "draft", "waiting": ["draft", "cancelled"],`, []string{"warning states.waiting_final /entities/order/x-states/waiting/1"}},
		{"transition from nowhere", "entities/order.json", `"from": ["draft", "approved"]`, `"from": []`, []string{"error states.transition_from_empty /entities/order/x-states/transitions/1/from", "warning states.unreachable /entities/order/x-states"}},
		{"rule on transitions without states", "entities/supplier.json", `"x-display": "name"`, `"x-rules": [{"name": "r", "on": ["transition"], "cel": "active", "message": {"zh-CN": "停用", "en-US": "Off"}}], "x-display": "name"`, []string{"warning rule.event_for_state /entities/supplier/x-rules/0/on"}},
		{"view on lines", "views/item_table.json", `"entity": "item", "columns": [{"field": "name"}, {"field": "unit"}, {"field": "price"}]`, `"entity": "order_line", "columns": [{"field": "qty"}]`, []string{"error view.entity_lines /views/item_table/entity"}},
		{"total of a text", "views/order_table.json", `{"field": "code", "width": 120`, `{"field": "code", "total": "sum", "width": 120`, []string{"error view.total_unusable /views/order_table/columns/0/total"}},
		{"column of lines", "views/order_table.json", `{"field": "state"}`, `{"field": "lines"}`, []string{"error view.field_unusable /views/order_table/columns/3/field"}},
		{"sort by lines", "views/order_table.json", `{"field": "ordered_on", "desc": true}`, `{"field": "lines"}`, []string{"error view.field_unusable /views/order_table/sort/0/field"}},
		{"lanes of lines", "views/order_board.json", `"lane": "supplier"`, `"lane": "lines"`, []string{"error view.field_unusable /views/order_board/lane"}},
		{"calendar by a text", "views/order_calendar.json", `"start": "ordered_on"`, `"start": "code"`, []string{"error view.field_unusable /views/order_calendar/start"}},
		{"calendar until an amount", "views/order_calendar.json", `"end": "updated_at"`, `"end": "total"`, []string{"error view.field_unusable /views/order_calendar/end"}},
		{"card's filter", "views/overview.json", "state == 'draft'", "state == 'drat'", []string{"error expr.unknown_option /views/overview/cards/3/filter"}},
		{"card's colour", "views/overview.json", "orders == 0 ||", "total == 0 ||", []string{"error expr.unknown_identifier /views/overview/cards/0/colors/0/when"}},
		{"number's colour without a condition", "views/overview.json", "orders == 0 || amount < 1.0", "orders", []string{"error expr.wrong_result_type /views/overview/cards/0/colors/0/when"}},
		{"stacked by one key", "views/overview.json", `, {"field": "supplier.name"}]`, `]`, []string{"error card.groups /views/overview/cards/1/group"}},
		{"chart of nothing", "views/overview.json", `"measures": [{"name": "qty", "op": "sum", "field": "qty"}]`, `"measures": []`, []string{"error card.empty /views/overview/cards/2/measures"}},
		{"list of nothing", "views/overview.json", `"columns": [{"field": "code"}, {"field": "supplier.name", "title": "供应商", "x-title": {"en-US": "Supplier"}}, {"field": "total"}]`, `"columns": []`, []string{"error card.empty /views/overview/cards/3/columns"}},
		{"list of lines", "views/overview.json", `"type": "list", "entity": "order", "filter": "state == 'draft'", "columns": [{"field": "code"}, {"field": "supplier.name", "title": "供应商", "x-title": {"en-US": "Supplier"}}, {"field": "total"}],
   "sort": [{"field": "ordered_on", "desc": true}], "limit": 5, "view": "order_table"`, `"type": "list", "entity": "order_line", "columns": [{"field": "qty"}]`, []string{"error view.entity_lines /views/overview/cards/3/entity"}},
		{"list that reaches far", "views/overview.json", `"type": "bar", "entity": "order_line", "filter": "parent.state == 'approved'", "measures": [{"name": "qty", "op": "sum", "field": "qty"}],
   "group": [{"field": "item.name"}], "bind": {"period": "parent.ordered_on", "unit": "item.unit", "supplier": "parent.supplier"}`, `"type": "list", "entity": "item", "columns": [{"field": "group.group.name"}]`, []string{"error view.field_unusable /views/overview/cards/2/columns/0/field"}},
		{"sum of a text", "views/overview.json", `"op": "sum", "field": "qty"`, `"op": "sum", "field": "item.name"`, []string{"error view.total_unusable /views/overview/cards/2/measures/0/op"}},
		{"sum of nothing", "views/overview.json", `"op": "sum", "field": "qty"`, `"op": "sum"`, []string{"error view.total_unusable /views/overview/cards/2/measures/0/op"}},
		{"months of a text", "views/overview.json", `{"field": "supplier.name"}],`, `{"field": "supplier.name", "by": "month"}],`, []string{"error card.by_unusable /views/overview/cards/1/group/1/by"}},
		{"period of a text", "views/overview.json", `"bind": {"period": "ordered_on"}, "width": 8`, `"bind": {"period": "code"}, "width": 8`, []string{"error card.bind_unusable /views/overview/cards/1/bind/period"}},
		{"reference to another entity", "views/overview.json", `"supplier": "parent.supplier"`, `"supplier": "item"`, []string{"error card.bind_unusable /views/overview/cards/2/bind/supplier"}},
		{"option of another enum", "views/overview.json", `"unit": "item.unit"`, `"unit": "parent.state"`, []string{"error card.bind_unusable /views/overview/cards/2/bind/unit"}},
		{"period without a date", "views/overview.json", `"bind": {"period": "ordered_on", "supplier": "supplier"}`, `"bind": {"supplier": "supplier"}`, []string{"error card.period_unbound /views/overview/cards/0/compare", "error card.period_unbound /views/overview/cards/0/period"}},
		{"measure before a period without a date", "views/overview.json", `"bind": {"period": "ordered_on"}, "width": 12`, `"width": 12`, []string{"error card.period_unbound /views/overview/cards/4/measures/0/span", "error card.period_unbound /views/overview/cards/4/measures/2/span"}},
		{"kept card with a far condition of a measure", "views/overview.json", `"bind": {"period": "ordered_on"}, "width": 12`, `"bind": {"period": "ordered_on"}, "keep": true, "width": 12`, []string{"error card.keep_where /views/overview/cards/4/measures/1/where"}},
		{"count with its sign turned", "views/overview.json", `"where": "total > 1000.0 && supplier.name != ''"`, `"minus": true`, []string{"error view.total_unusable /views/overview/cards/4/measures/1/minus"}},
		{"flat bars", "views/overview.json", `"type": "bar"`, `"type": "bar", "flat": true`, []string{"error card.flat_unusable /views/overview/cards/2/flat"}},
		{"measure of a condition that is none", "views/overview.json", `"where": "state != 'cancelled'"`, `"where": "total"`, []string{"error expr.wrong_result_type /views/overview/cards/4/measures/2/where"}},
		{"kept card with an extreme", "views/overview.json", `"bind": {"period": "ordered_on"}, "width": 8`, `"bind": {"period": "ordered_on"}, "keep": true, "width": 8`, []string{"error card.keep_op /views/overview/cards/1/measures/1/op"}},
		{"kept card with a far filter", "views/overview.json", `"filter": "parent.state == 'approved'"`, `"keep": true, "filter": "parent.supplier.level == 1 && qty > 0.0"`, []string{"error card.keep_reach /views/overview/cards/2/filter"}},
		{"kept card by the clock", "views/overview.json", "state != 'cancelled'", "ordered_on < today() && owner != user.id", []string{"error card.keep_reach /views/overview/cards/0/filter", "error card.keep_reach /views/overview/cards/0/filter"}},
		{"kept card with a far measure", "views/overview.json", `"filter": "parent.state == 'approved'", "measures": [{"name": "qty", "op": "sum", "field": "qty"}]`, `"keep": true, "measures": [{"name": "qty", "op": "count", "field": "item.name"}]`, []string{"error card.keep_reach /views/overview/cards/2/measures/0/field"}},
		{"kept card by moments", "views/overview.json", `"group": [{"field": "item.name"}]`, `"keep": true, "group": [{"field": "parent.created_at"}]`, []string{"error card.keep_by /views/overview/cards/2/group/0/by"}},
		{"kept card by what is not stored", "views/overview.json", `"group": [{"field": "item.name"}]`, `"keep": true, "group": [{"field": "parent.late"}]`, []string{"error card.keep_reach /views/overview/cards/2/group/0/field"}},
		{"card that opens a form", "views/overview.json", `"width": 3, "view": "order_table"`, `"width": 3, "view": "order_form"`, []string{"error card.view_mismatch /views/overview/cards/0/view"}},
		{"card that opens another entity", "views/overview.json", `"width": 3, "view": "order_table"`, `"width": 3, "view": "item_table"`, []string{"error card.view_mismatch /views/overview/cards/0/view"}},
		{"board by a number", "views/order_board.json", `"by": "state",
 "columns": [{"field": "code"}, {"field": "total"}], "sum": "total", "lane": "supplier", "limits": [{"option": "draft", "max": 20}]`, `"by": "total"`, []string{"error view.field_unusable /views/order_board/by"}},
		{"sum of a text", "views/order_board.json", `"sum": "total"`, `"sum": "code"`, []string{"error view.field_unusable /views/order_board/sum"}},
		{"form of another entity", "views/item_table.json", `"entity": "item"`, `"entity": "item", "form": "order_form"`, []string{"error view.form_mismatch /views/item_table/form"}},
		{"grant on lines", "roles/boss.json", `"grants": [`, `"grants": [{"entity": "order_line", "actions": ["read"]},`, []string{"error role.grant_lines /roles/boss/grants/0/entity"}},
		{"inherits in a circle", "roles/clerk.json", `"grants": [`, `"inherits": ["boss"], "grants": [`, []string{"error role.inherits_cycle /roles/boss/inherits a=boss → clerk → boss"}},
		{"acts without reading", "roles/clerk.json", `{"entity": "supplier", "actions": ["read"]}`, `{"entity": "supplier", "actions": ["update"]}`, []string{"warning role.read_missing /roles/clerk/grants/2/actions"}},
		{"masked though required", "roles/clerk.json", `"total": "readonly"`, `"supplier": "hidden", "lines.qty": "readonly"`, []string{"warning role.mask_required /roles/clerk/grants/0/fields/supplier", "warning role.mask_required /roles/clerk/grants/0/fields/lines.qty"}},
		{"open pattern", "entities/item.json", `"x-field": "barcode"`, `"x-field": "barcode", "pattern": "[0-9]+"`, []string{"warning field.pattern_open /entities/item/properties/barcode/pattern"}},
		{"nothing to show", "entities/supplier.json", `"x-display": "name"`, `"x-display": "id"`, []string{"warning entity.display_missing /entities/supplier"}},
		{"reference to a line", "entities/supplier.json", `"properties": {`, `"properties": {"last": {"type": "string", "format": "uuid", "title": "L", "x-title": {"en-US": "L"}, "x-ref": {"entity": "order_line"}},`, nil},
		{"list of references to lines", "entities/supplier.json", `"properties": {`, `"properties": {"several": {"type": "array", "items": {"type": "string", "format": "uuid"}, "title": "L", "x-title": {"en-US": "L"}, "x-ref": {"entity": "order_line"}},`, []string{"error field.reference_to_lines /entities/supplier/properties/several/x-ref/entity"}},
		{"tree of lines", "entities/order_line.json", `"qty": {`, `"above": {"type": "string", "format": "uuid", "title": "L", "x-title": {"en-US": "L"}, "x-ref": {"entity": "order_line", "tree": true}}, "qty": {`, []string{"error field.reference_to_lines /entities/order_line/properties/above/x-ref/entity"}},
		{"a list beside records", "entities/order.json", `"show": ["level"]`, `"show": ["level", "team", "name"]`, nil},
		{"what is worked out beside records", "entities/order.json", `"supplier", "on-delete": "restrict", "show": ["level"]`, `"supplier", "on-delete": "restrict", "show": ["bought", "active"]`, nil},
		{"a reference beside records", "entities/order_line.json", `"x-ref": {"entity": "item"}`, `"x-ref": {"entity": "item", "show": ["group"]}`, []string{"error field.shown_unfit /entities/order_line/properties/item/x-ref/show/0"}},
		{"a count as what is open", "entities/order.json", `"open": "bought"`, `"open": "version"`, nil},
		{"a text as what is open", "entities/order.json", `"open": "bought"`, `"open": "name"`, []string{"error field.open_unfit /entities/order/properties/supplier/x-ref/open"}},
		{"lines of lines", "entities/order_line.json", `"properties": {`, `"properties": {"more": {"type": "array", "title": "M", "x-title": {"en-US": "M"}, "x-lines": "supplier"},`, []string{"error entity.lines_cycle /entities/order_line/properties/more", "error expr.unknown_field /entities/item/properties/name/x-choices/where", "error field.choices_unfit /entities/item/properties/name/x-choices/entity", "error field.reference_to_lines /entities/item/properties/suppliers/x-ref/entity", "error role.grant_lines /roles/clerk/grants/2/entity", "error view.entity_lines /views/overview/filters/1/entity"}},
		{"policy of an unknown word", "ledgers/stock.json", ": 'average'", ": 'mean'", []string{"error ledger.policy_word /ledgers/stock/x-policies/cost_method"}},
		{"policy of a choice with other words", "ledgers/stock.json", `"'allow'"`, `"item.unit"`, []string{"error ledger.policy_word /ledgers/stock/x-policies/negative", "error ledger.policy_word /ledgers/stock/x-policies/negative"}},
		{"policy of days", "ledgers/stock.json", "days:30", "days:n", []string{"error ledger.policy_word /ledgers/stock/x-policies/backdate"}},
		{"policy that gives no number", "ledgers/stock.json", `"item.weight"`, `"item.name"`, []string{"error expr.wrong_result_type /ledgers/stock/x-policies/negative_limit"}},
		{"policy by the clock", "ledgers/stock.json", `"'allow'"`, `"item.sold_from < today() ? 'allow' : 'forbid'"`, []string{"error posting.formula_moving /ledgers/stock/x-policies/negative"}},
		{"key without end", "ledgers/stock.json", `"maxLength": 50`, `"maxLength": 500`, []string{"error ledger.key_too_long /ledgers/stock/properties"}},
		{"dimension of lines", "ledgers/stock.json", `"batch": {`, `"row": {"type": "string", "format": "uuid", "title": "R", "x-title": {"en-US": "R"}, "x-ref": {"entity": "order_line"}}, "batch": {`, []string{"error ledger.dimension_target /ledgers/stock/properties/row/x-ref/entity"}},
		{"ledger of nothing", "ledgers/stock.json", `"x-quantity": {"x-decimal": [18, 3], "check-scale": 2},
 "x-value": {"x-decimal": [18, 2], "x-currency": "CNY"},`, ``, []string{"error ledger.measure_missing /ledgers/stock", "error ledger.reserve_by_without /ledgers/stock/x-reserve-by", "error ledger.secondary_without /ledgers/stock/x-secondary-quantity"}},
		{"grant to write what is kept", "roles/clerk.json", `"stock_balance", "actions": ["read", "export"]`, `"stock_balance", "actions": ["read", "update"]`, []string{"error role.grant_kept /roles/clerk/grants/3/actions/1"}},
		{"posting without a quantity", "entities/order.json", `"dimensions": {"item": "item.group"}, "quantity": "qty", `, `"dimensions": {"item": "item.group"}, `, []string{"error posting.key_missing /entities/order/x-postings/3/quantity"}},
		{"posting without a dimension", "entities/order.json", `"dimensions": {"item": "item.group"}`, `"dimensions": {"quality": "'good'"}`, []string{"error posting.dimension_missing /entities/order/x-postings/3/dimensions"}},
		{"transfer to nowhere", "entities/order.json", `"to": {"quality": "'bad'"}, `, ``, []string{"error posting.key_missing /entities/order/x-postings/1/to"}},
		{"pieces of nothing", "ledgers/stock.json", `"x-quantity": {"x-decimal": [18, 3], "check-scale": 2},`, ``, []string{"error ledger.reserve_by_without /ledgers/stock/x-reserve-by", "error ledger.secondary_without /ledgers/stock/x-secondary-quantity", "error posting.key_missing /entities/order/x-postings/1/value", "error posting.key_missing /entities/order/x-postings/2/value", "error posting.key_missing /entities/order/x-postings/4/value", "error posting.key_unfit /entities/order/x-postings/0/quantity", "error posting.key_unfit /entities/order/x-postings/1/quantity", "error posting.key_unfit /entities/order/x-postings/2/quantity", "error posting.key_unfit /entities/order/x-postings/3/quantity", "error posting.key_unfit /entities/order/x-postings/4/quantity", "error posting.key_unfit /entities/order/x-postings/7/quantity", "error posting.verb_unfit /entities/order/x-postings/7/verb"}},
		{"no pieces where they are counted", "entities/order.json", `"verb": "count", "each": "lines", "day": "parent.ordered_on", "dimensions": {"item": "item"}, "quantity": "qty", "secondary-quantity": "qty"`, `"verb": "count", "each": "lines", "day": "parent.ordered_on", "dimensions": {"item": "item"}, "quantity": "qty"`, []string{"error posting.key_missing /entities/order/x-postings/4/secondary-quantity"}},
		{"pieces reserved", "entities/order.json", `"verb": "reserve", `, `"verb": "reserve", "secondary-quantity": "qty", `, nil},
		{"reservations without a dimension that is required", "ledgers/stock.json", `"x-reserve-by": ["item", "unit"]`, `"x-reserve-by": ["unit"]`, []string{"error ledger.reserve_by_required /ledgers/stock/x-reserve-by"}},
		{"transfer with a value", "entities/order.json", `"to": {"quality": "'bad'"}, `, `"to": {"quality": "'bad'"}, "value": "price", `, []string{"error posting.key_unfit /entities/order/x-postings/1/value"}},
		{"reservation with a value", "entities/order.json", `"verb": "reserve", `, `"verb": "reserve", "value": "price", `, []string{"error posting.key_unfit /entities/order/x-postings/7/value"}},
		{"revaluation by nothing", "entities/order.json", `, "rate": "price"`, ``, []string{"error posting.key_missing /entities/order/x-postings/6/value"}},
		{"revaluation with dimensions of its own", "entities/order.json", `"of": "item.barcode"`, `"dimensions": {"item": "item"}, "of": "item.barcode"`, []string{"error posting.key_unfit /entities/order/x-postings/5/dimensions"}},
		{"taken from what gives nothing", "entities/order.json", `"from": "use"`, `"from": "look"`, []string{"error posting.from_unfit /entities/order/x-postings/3/from"}},
		{"choice that a dimension hasn't", "entities/order.json", `"to": {"quality": "'bad'"}`, `"to": {"quality": "'ugly'"}`, []string{"error expr.unknown_option /entities/order/x-postings/1/to/quality"}},
		{"record of another entity", "entities/order.json", `"dimensions": {"item": "item.group"}`, `"dimensions": {"item": "parent.supplier"}`, []string{"error expr.wrong_result_type /entities/order/x-postings/3/dimensions/item"}},
		{"posting by the clock", "entities/order.json", `"when": "parent.state == 'approved'", "day": "parent.ordered_on"`, `"when": "parent.state == 'approved'", "day": "today()"`, []string{"error posting.formula_moving /entities/order/x-postings/0/day"}},
		{"posting by who acts", "entities/order.json", `"when": "parent.state == 'approved'", "day": "parent.ordered_on"`, `"when": "user.id == ''", "day": "parent.ordered_on"`, []string{"error posting.formula_moving /entities/order/x-postings/0/when"}},
		{"value in a ledger without", "ledgers/stock.json", ` "x-value": {"x-decimal": [18, 2], "x-currency": "CNY"},`, ``, []string{"error posting.key_unfit /entities/order/x-postings/0/value", "error posting.key_unfit /entities/order/x-postings/3/from", "error posting.key_unfit /entities/order/x-postings/3/value", "error posting.key_unfit /entities/order/x-postings/5/value", "error posting.key_unfit /entities/order/x-postings/6/rate", "error posting.verb_unfit /entities/order/x-postings/5/verb", "error posting.verb_unfit /entities/order/x-postings/6/verb"}},
		{"cost", "entities/order.json", `"cel": "lines.sum(l, l.amount)"`, `"cel": "lines.all(a, lines.all(b, lines.all(c, a.qty == b.qty))) ? 1.0 : 2.0"`, []string{"error expr.too_costly /entities/order/properties/total/x-computed/cel"}},
		{"nobody may see it", "roles/clerk.json", `{"entity": "item", "actions": ["read"], "fields": {"price": "hidden"}},`, ``, []string{"warning entity.ungranted /entities/item"}},
		{"no English", "roles/clerk.json", `"x-title": {"en-US": "Clerk"}, `, ``, []string{"warning label.untranslated /roles/clerk/x-title"}},
		{"no English message", "entities/order_line.json", `, "en-US": "The quantity must be positive"`, ``, []string{"warning label.untranslated /entities/order_line/x-rules/0/message"}},
	}
	anyway := map[string]bool{}
	for _, d := range check.App(decode(t, shopFiles(t))) {
		anyway[finding(d)] = true
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := shopFiles(t)
			if !strings.Contains(string(files[tt.file]), tt.from) {
				t.Fatalf("%s has no %s", tt.file, tt.from)
			}
			files[tt.file] = []byte(strings.Replace(string(files[tt.file]), tt.from, tt.to, 1))
			var got, want []string
			for _, d := range check.App(decode(t, files)) {
				if f := finding(d); !anyway[f] {
					got = append(got, f)
					inWords(t, d)
					for _, w := range tt.want {
						if head, cycle, isCycle := strings.Cut(w, " a="); isCycle && head == f && d.Args["cycle"] != cycle {
							t.Errorf("the circle is %v, want %s", d.Args["cycle"], cycle)
						}
					}
				}
			}
			for _, w := range tt.want {
				head, _, _ := strings.Cut(w, " a=")
				want = append(want, head)
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
			}
		})
	}
}

// inWords checks that a diagnostic says what is wrong, and the way out where it has one, in both languages.
func inWords(t *testing.T, d diag.Diagnostic) {
	t.Helper()
	zh, en := d.Text("zh-CN"), d.Text("en-US")
	if zh == "" || en == "" || zh == en || zh == string(d.Code) || strings.ContainsAny(zh+en+d.Cure("zh-CN")+d.Cure("en-US"), "{}") {
		t.Errorf("%s says %q and %q, %q and %q", d.Code, zh, en, d.Cure("zh-CN"), d.Cure("en-US"))
	}
}

func finding(d diag.Diagnostic) string {
	return fmt.Sprintf("%s %s %s", d.Severity, d.Code, d.Path)
}

func TestIndexLimit(t *testing.T) {
	files := shopFiles(t)
	keys := strings.Repeat(`["name"],`, metamodel.MaxIndexes-1) + `["phone"]`
	files["entities/supplier.json"] = []byte(strings.Replace(string(files["entities/supplier.json"]), `"x-search"`, `"x-indexes": [`+keys+`], "x-search"`, 1))
	list := check.App(decode(t, files))
	if !slices.Contains(list.Codes(), "limit.exceeded") {
		t.Errorf("%d keys and indexes pass: %v", metamodel.MaxIndexes+1, list)
	}
}

func TestComputeOrder(t *testing.T) {
	files := shopFiles(t)
	files["entities/order_line.json"] = []byte(strings.Replace(string(files["entities/order_line.json"]), `"amount": {`,
		`"c": {"type": "string", "format": "decimal", "title": "C", "x-computed": {"cel": "b + amount", "stored": true}},
		 "b": {"type": "string", "format": "decimal", "title": "B", "x-computed": {"cel": "amount * 2.0", "stored": true}}, "amount": {`, 1))
	app := decode(t, files)
	order, list := check.ComputeOrder(app, app.Entity("order_line"))
	if list.HasErrors() {
		t.Fatal(list)
	}
	var names []string
	for _, f := range order {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "amount b c" {
		t.Errorf("got %s", got)
	}
}

func TestProgramsAreThere(t *testing.T) {
	app := decode(t, shopFiles(t))
	programs, list := check.Compile(app)
	if len(list) > 0 {
		t.Fatal(list)
	}
	for _, site := range app.Formulas() {
		if programs.Of(site.Formula) == nil {
			t.Errorf("%s was not compiled", site.Path)
		}
	}
	if programs.Of(nil) != nil {
		t.Error("no formula has a program")
	}
}
