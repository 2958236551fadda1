package server

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel/value"
)

type methodStep struct {
	Op, To, Standard, Refused string

	Qty   num
	Value *num
	Pools int  // that get another method
	Late  bool // before all others
}

type methodCase struct {
	Name, Method, Standard string

	Steps           []methodStep
	Costs           []json.RawMessage // of what went out
	Quantity, Value json.RawMessage
	Difference      json.RawMessage // that changes of method made
	Changes         *int            // entries of changes that count; as many as there were where it isn't said
}

// The cost method of goods that are there is changed by the setting, over HTTP, and they are valued by the numbers that
// were worked out by hand.
func TestMethodChangesThroughDocuments(t *testing.T) {
	data, err := os.ReadFile("testdata/method/changes.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []methodCase }
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		w := newStocks(t, c, 4)
		for i, v := range all.Cases { // each in months of its own: periods are closed
			t.Run(v.Name, func(t *testing.T) { runMethod(t, w, v, value.NewDate(2026, 1, 3).AddMonths(3*i)) })
		}
		a := w.admin.do("POST", stocks+"ledgers/stock:verify", map[string]any{}).want(200)
		if a.json()["whole"] != true {
			t.Errorf("%s", a.body)
		}
	})
}

func runMethod(t *testing.T, w *world, v methodCase, day value.Date) {
	x := newPlainRun(t, w, plainCase{})
	first := day
	x.day, x.policy["cost_method"] = day.AddDays(1), v.Method
	if v.Standard != "" {
		x.policy["standard_cost"] = v.Standard
	}
	changes := 0
	for i, s := range v.Steps {
		switch s.Op {
		case "in", "out":
			x.moved(i, s, first)
		case "method":
			if x.setMethod(s); s.Refused == "" {
				changes++
				valueNow(t, w)
			}
		case "lock", "unlock", "close":
			if s.Op == "close" {
				x.day = x.day.MonthEnd()
			}
			if d := x.period(s.Op); d.refused != "" {
				t.Errorf("step %d %s: %.300s", i+1, s.Op, d.refused)
			}
		default:
			t.Fatalf("no step %q", s.Op)
		}
		x.day = x.day.AddDays(1)
	}
	x.judgeMethod(v, changes)
}

// moved posts a receipt or an issue.
func (x *plainRun) moved(n int, s methodStep, first value.Date) {
	x.t.Helper()
	day := x.day
	if s.Late {
		x.day = first
	}
	more, entity := map[string]any{"qty": s.Qty.String()}, "issue"
	if s.Op == "in" {
		more["given"], entity = s.Value, "receipt"
	}
	d := x.document(entity, lines(x.line(vectorStep{Item: "I"}, more)), "lines")
	if d.refused != "" {
		x.t.Errorf("step %d: %.300s", n+1, d.refused)
	}
	x.steps, x.day = append(x.steps, d), day
}

// setMethod writes the setting, and holds what is answered to what is expected.
func (x *plainRun) setMethod(s methodStep) {
	x.t.Helper()
	body := map[string]any{"cost_method": s.To}
	if s.Standard != "" {
		body["standard_cost"] = s.Standard
	}
	a := x.c.do("PATCH", stocks+"item/"+x.items["I"], body)
	if s.Refused != "" {
		a.want(409)
		list := asLines(a.json()["errors"])
		if len(list) != 1 || list[0]["code"] != s.Refused || list[0]["pointer"] != "/cost_method" || list[0]["cure"] == "" {
			x.t.Errorf("%s", a.body)
		}
		return
	}
	list := asLines(a.want(200).json()["warnings"])
	if len(list) != 1 || list[0]["code"] != "ledger.method_changes" || list[0]["pointer"] != "/cost_method" ||
		!strings.HasPrefix(fmt.Sprint(list[0]["message"]), fmt.Sprint(s.Pools, " cost pool of Stock ")) {
		x.t.Errorf("to %s: %s", s.To, a.body)
	}
}

// valueNow does what the server does in the background.
func valueNow(t *testing.T, w *world) {
	t.Helper()
	if err := w.s.engine.RevalueLedgers(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func (x *plainRun) judgeMethod(v methodCase, changes int) {
	x.t.Helper()
	i := 0
	for _, d := range x.steps {
		if d.entity == "issue" && i < len(v.Costs) {
			x.is(fmt.Sprint("cost ", i+1), x.worth(d).Neg(), v.Costs[i])
			i++
		}
	}
	if i != len(v.Costs) {
		x.t.Errorf("%d issues, want %d", i, len(v.Costs))
	}
	x.is("quantity", x.onHand("quantity"), v.Quantity)
	x.is("value", x.onHand("value"), v.Value)
	if v.Changes != nil {
		changes = *v.Changes
	}
	rows := x.rows("stock_entry", x.ofItems()+" && verb == 'method' && !voided")
	var difference value.Decimal
	for _, r := range rows {
		if r["source"] != "item" || r["document"] != x.items["I"] || r["method"] == r["method_before"] || r["provisional"] == true {
			x.t.Errorf("%v", r)
		}
		for _, c := range x.rows("stock_entry", "origin == '"+r["id"].(string)+"' && verb == 'correction' && !voided") {
			difference = plus(difference, decimalOf(c["value"]))
		}
	}
	if len(rows) != changes {
		x.t.Errorf("%d changes of method, want %d", len(rows), changes)
	}
	x.is("difference", difference, v.Difference)
}
