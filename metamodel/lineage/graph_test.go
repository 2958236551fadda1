package lineage_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tenon/metamodel"
	"tenon/metamodel/check"
	"tenon/metamodel/lineage"
	"tenon/metamodel/schema"
)

func shop(t testing.TB) *metamodel.App {
	t.Helper()
	const folder = "../schema/testdata/shop/"
	files := map[string][]byte{}
	for _, pattern := range []string{"app.json", "*/*.json"} {
		found, err := filepath.Glob(folder + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			body, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files[strings.TrimPrefix(filepath.ToSlash(path), folder)] = body
		}
	}
	app, list := schema.Decode(files, nil, nil)
	if len(list) > 0 {
		t.Fatal(list)
	}
	return app
}

func build(t testing.TB, app *metamodel.App) *lineage.Graph {
	t.Helper()
	programs, list := check.Compile(app)
	if list.HasErrors() {
		t.Fatal(list)
	}
	return lineage.Build(app, programs)
}

func TestUsers(t *testing.T) {
	app := shop(t)
	g := build(t, app)
	line, order := app.Entity("order_line"), app.Entity("order")
	tests := []struct {
		name string
		id   metamodel.ID
		want []string // kind path
	}{
		{"field of lines", line.Field("qty").ID, []string{
			"formula /entities/order/x-postings/0/quantity", "formula /entities/order/x-postings/0/secondary-quantity", "formula /entities/order/x-postings/1/quantity", "formula /entities/order/x-postings/1/secondary-quantity", "formula /entities/order/x-postings/2/quantity", "formula /entities/order/x-postings/2/secondary-quantity",
			"formula /entities/order/x-postings/3/quantity", "formula /entities/order/x-postings/3/secondary-quantity", "formula /entities/order/x-postings/3/share", "formula /entities/order/x-postings/4/quantity", "formula /entities/order/x-postings/4/secondary-quantity", "formula /entities/order/x-postings/7/quantity",
			"formula /entities/order_line/properties/amount/x-computed/cel", "formula /entities/item/properties/ordered/x-rollup/value", "field /entities/order_line/x-rules/0/at", "formula /entities/order_line/x-rules/0/cel",
			"tested /scenarios/order_flow/given/2/with/lines/0/with/qty", "tested /scenarios/order_flow/when/0/with/lines/0/with/qty", "shown /views/order_form/sections/1/items/0/columns/1/field", "formula /views/order_form/sections/1/items/0/columns/2/visible", "shown /views/overview/cards/2/measures/0/field",
		}},
		{"option", order.Field("state").Enum.Option("draft").ID, []string{
			"formula /entities/order/properties/late/x-computed/cel", "formula /entities/order/x-rules/1/when", "state /entities/order/x-states/initial",
			"state /entities/order/x-states/transitions/0/from/0", "state /entities/order/x-states/transitions/1/from/0", "shown /views/order_board/limits/0/option",
			"formula /views/order_form/sections/0/items/1/readonly", "formula /views/order_form/sections/0/items/2/required", "formula /views/overview/cards/3/filter",
		}},
		{"enum", app.Enum("unit").ID, []string{"shown /views/overview/filters/2/enum", "target /entities/item/properties/unit/x-enum", "target /ledgers/stock/properties/unit/x-enum"}},
		{"view", app.View("order_form").ID, []string{"opened /views/order_board/form", "opened /views/order_calendar/form", "opened /views/order_table/form"}},
		{"menu item", app.Menu[0].Items[0].ID, []string{"granted /roles/clerk/menu/0"}},
		{"transition", order.Transition("cancel").ID, []string{"granted /roles/clerk/grants/0/transitions/0", "tested /scenarios/order_flow/when/3/transition"}},
		{"masked field of lines", line.Field("price").ID, []string{
			"formula /entities/order/x-postings/3/value", "formula /entities/order/x-postings/6/rate",
			"formula /entities/order_line/properties/amount/x-computed/cel", "granted /roles/clerk/grants/0/fields/lines.price",
			"tested /scenarios/order_flow/when/0/with/lines/0/with/price", "shown /views/order_form/sections/1/items/0/columns/2/field",
		}},
		{"ledger", app.Ledger("stock").ID, []string{
			"posted /entities/order/x-postings/0/ledger", "posted /entities/order/x-postings/1/ledger", "posted /entities/order/x-postings/2/ledger", "posted /entities/order/x-postings/3/ledger",
			"posted /entities/order/x-postings/4/ledger", "posted /entities/order/x-postings/5/ledger", "posted /entities/order/x-postings/6/ledger", "posted /entities/order/x-postings/7/ledger",
			"granted /roles/clerk/grants/3/entity", "granted /roles/clerk/grants/4/entity", "granted /roles/clerk/grants/4/fields/value", "shown /views/stock_table/columns/3/field",
			"shown /views/stock_table/columns/4/field", "shown /views/stock_table/entity", "tested /scenarios/order_flow/then/2/ledger", "tested /scenarios/order_flow/then/3/ledger", "formula /views/stock_table/filter",
		}},
		{"dimension", app.Ledger("stock").Scope.Fields[2].ID, []string{
			"posted /entities/order/x-postings/0/dimensions/quality", "posted /entities/order/x-postings/1/dimensions/quality", "posted /entities/order/x-postings/1/to/quality",
			"shown /views/stock_table/columns/2/field", "formula /views/stock_table/filter", "tested /scenarios/order_flow/then/2/at/quality",
		}},
		{"nobody", app.Entity("supplier").Field("site").ID, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, u := range g.Users(tt.id) {
				got = append(got, string(u.Kind)+" "+u.Path)
				if u.User == "" || u.Document.Kind == "" {
					t.Errorf("%s says not who uses it", u.Path)
				}
				if !slices.Contains(g.Uses(u.User), tt.id) {
					t.Errorf("%s is not among what %s uses", tt.id, u.User)
				}
			}
			slices.Sort(got)
			slices.Sort(tt.want)
			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(tt.want, "\n\t"))
			}
		})
	}
}

func TestImpact(t *testing.T) {
	app := shop(t)
	g := build(t, app)
	line, order := app.Entity("order_line"), app.Entity("order")
	got := g.Impact(line.Field("price").ID)
	for _, want := range []metamodel.ID{line.Field("amount").ID, order.Field("total").ID, order.Transition("approve").ID} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not reached", want)
		}
	}
	if slices.Contains(got, line.Field("qty").ID) {
		t.Error("the quantity does not depend on the price")
	}
}

// Removing an element that has users is refused with as many of them as the graph knows to remain.
func TestRemovalAgreesWithUsers(t *testing.T) {
	app := shop(t)
	g := build(t, app)
	for _, doc := range schema.Store(app) {
		if doc.Kind == metamodel.KindApp {
			continue
		}
		var outside []string
		for _, u := range g.Users(doc.ID) {
			if u.Document != doc.Key() {
				outside = append(outside, u.Path)
			}
		}
		_, list := schema.Apply(app, map[metamodel.DocKey][]byte{doc.Key(): nil}, nil)
		if refused := list.HasErrors(); len(outside) > 0 && !refused {
			t.Errorf("%v is used by %v, but goes", doc.Key(), outside)
		} else if refused && len(outside) == 0 && doc.Kind != metamodel.KindEntity && doc.Kind != metamodel.KindEnum {
			t.Errorf("%v is used by nobody, but stays: %v", doc.Key(), list)
		}
	}
}
