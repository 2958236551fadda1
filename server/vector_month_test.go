package server

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel/value"
)

type monthStep struct {
	Op, Item, To string

	Qty, Produce num
	Value        *num
	Extra        *num
}

type monthCase struct {
	Name   string
	Steps  []monthStep
	Expect map[string]json.RawMessage
}

// What is issued in a month costs what the month's average says once the month is closed, by the published numbers.
func TestMonthVectorsThroughDocuments(t *testing.T) {
	data, err := os.ReadFile("../engine/testdata/vectors/cn-month-weighted-average.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []monthCase }
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	storetest.EachConfig(t, func(t *testing.T, c store.Config) {
		w := newStocks(t, c, 4)
		for i, v := range all.Cases { // each in a month of its own: closing one locks it
			t.Run(v.Name, func(t *testing.T) { runMonth(t, w, v, value.NewDate(2026, 1, 3).AddMonths(i)) })
		}
	})
}

// No file of published numbers lies there without being run.
func TestAllVectorFilesAreRun(t *testing.T) {
	files, err := filepath.Glob("../engine/testdata/vectors/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".json")
		if vectorFiles[name] == "" && !slices.Contains(plainFiles, name) && name != "cn-month-weighted-average" {
			t.Errorf("nothing runs %s", name)
		}
	}
}

func runMonth(t *testing.T, w *world, v monthCase, day value.Date) {
	x := newPlainRun(t, w, plainCase{})
	x.day, x.policy["cost_method"] = day, "month"
	for i, s := range v.Steps {
		d := x.monthStep(s)
		if d.refused != "" {
			t.Errorf("step %d %s: %.300s", i+1, s.Op, d.refused)
		}
		x.steps = append(x.steps, d)
		x.day = x.day.AddDays(1)
	}
	for key, raw := range v.Expect {
		x.judgeMonth(key, raw)
	}
	for _, r := range x.rows("stock_entry", x.ofItems()) {
		if r["provisional"] != false {
			t.Errorf("a row of a closed month is provisional: %v", r)
		}
	}
}

func (x *plainRun) monthStep(s monthStep) done {
	x.t.Helper()
	line := func(item string, more map[string]any) map[string]any {
		return x.line(vectorStep{Item: item}, more)
	}
	switch s.Op {
	case "opening", "in":
		return x.document("receipt", lines(line(s.Item, map[string]any{"qty": s.Qty.String(), "given": s.Value})), "lines")
	case "out":
		return x.document("issue", lines(line(s.Item, map[string]any{"qty": s.Qty.String()})), "lines")
	case "return_of_out":
		of := x.steps[len(x.steps)-1].lines[0]
		return x.document("customer_return", lines(line(s.Item, map[string]any{"qty": s.Qty.String(), "of": of})), "lines")
	case "consume":
		body := map[string]any{
			"consumed": []map[string]any{line(s.Item, map[string]any{"qty": s.Qty.String()})},
			"produced": []map[string]any{line(s.To, map[string]any{"qty": s.Produce.String()})},
		}
		if s.Extra != nil {
			body["fee"] = s.Extra.String()
		}
		return x.document("repack", body, "produced")
	case "close":
		a := x.c.do("POST", stocks+"ledgers/stock:close", map[string]any{"through": x.day.MonthEnd().String()})
		if a.status != 200 {
			return done{refused: fmt.Sprintf("%d %s", a.status, a.body)}
		}
		return done{}
	}
	x.t.Fatalf("no step %q", s.Op)
	return done{}
}

// judgeMonth judges one expectation after the month is closed. One that it doesn't know fails.
func (x *plainRun) judgeMonth(key string, raw json.RawMessage) {
	x.t.Helper()
	unit := func(item string) value.Decimal {
		return decimalOf(x.rows("stock_cost", "item == '"+x.items[item]+"'")[0]["unit_cost"])
	}
	var issued []value.Decimal
	var net value.Decimal
	for _, d := range x.steps {
		switch d.entity {
		case "issue":
			issued = append(issued, x.worth(d).Neg())
			net = plus(net, x.worth(d).Neg())
		case "customer_return":
			net = plus(net, x.worth(d).Neg())
		}
	}
	switch key {
	case "avg_6dp":
		x.is(key, unit("I"), raw)
	case "RM_avg":
		x.is(key, unit("RM"), raw)
	case "SEMI_unit":
		x.is(key, unit("SEMI"), raw)
	case "FG_unit":
		x.is(key, unit("FG"), raw)
	case "issue_value", "net_issue_value":
		x.is(key, net, raw)
	case "issue_values":
		var want []json.RawMessage
		if err := json.Unmarshal(raw, &want); err != nil || len(want) != len(issued) {
			x.t.Fatalf("%d issues, want %d: %v", len(issued), len(want), err)
		}
		for i, v := range issued {
			x.is(fmt.Sprint(key, " ", i+1), v, want[i])
		}
	case "closing":
		var want map[string]json.RawMessage
		if err := json.Unmarshal(raw, &want); err != nil {
			x.t.Fatal(err)
		}
		x.is("closing quantity", x.onHand("quantity"), want["qty"])
		x.is("closing value", x.onHand("value"), want["value"])
	default:
		x.t.Errorf("nothing judges %q", key)
	}
}
