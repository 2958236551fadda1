package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"tenon/engine"
)

// warnings are what a write was told beside its answer.
func warnings(r record) (out []string) {
	list, _ := r["warnings"].([]any)
	for _, x := range list {
		d := x.(map[string]any) //nolint:forcetypeassert // diagnostics are objects
		out = append(out, fmt.Sprint(d["code"], " ", d["pointer"], " ", d["message"]))
	}
	return out
}

// A write by which the cost method of goods changes says how many cost pools get which, from when on; a job gives it to
// them, and an entry of their own says so, back to the record that was written.
func TestMethodFollowsSettings(t *testing.T) {
	eachStock(t, func(t *testing.T, s *shop) {
		s.buy(s.pen, "2025-02-01", "10", "100")
		s.buy(s.pen, "2025-02-05", "10", "200")
		if _, err := s.sell(s.pen, "2025-02-10", "5"); err != nil {
			t.Fatal(err)
		}
		if got := warnings(must1(s.update(s.boss(), "item", s.pen.id(), 0, record{"name": "Pen 2"}))); len(got) > 0 {
			t.Errorf("%v", got)
		}
		got := warnings(must1(s.update(s.boss(), "item", s.pen.id(), 0, record{"grade": "b"})))
		if len(got) != 1 || !strings.HasPrefix(got[0], "ledger.method_changes /grade ") || !strings.Contains(got[0], "1 ") || !strings.Contains(got[0], "-01") {
			t.Fatalf("%v", got)
		}
		jobs := func() []any {
			r, err := s.e.AppJobs(context.Background(), s.call(builder(), "shop"))
			return must[record](t, r, err)["jobs"].([]any)
		}
		if list := jobs(); len(list) != 1 || list[0].(map[string]any)["kind"] != "method" || list[0].(map[string]any)["state"] != "running" {
			t.Fatalf("%v", list)
		}
		for range 2 {
			if err := s.e.RevalueLedgers(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		if list := jobs(); len(list) != 1 || list[0].(map[string]any)["state"] != "done" || list[0].(map[string]any)["done"] != 1.0 || list[0].(map[string]any)["total"] != 1.0 {
			t.Errorf("%v", list)
		}
		p, err := s.list(s.boss(), "stock_entry", engine.ListRequest{Filter: "verb == 'method'"})
		if err != nil || len(p.Records) != 1 {
			t.Fatal(p, err)
		}
		if e := p.Records[0]; e["method_before"] != "average" || e["method"] != "fifo" || e["code"] != "Pen 2" || e["source"] != "item" || e["document"] != s.pen.id() ||
			e["quantity"] != "0.0000" || e["value"] != "0.00" {
			t.Errorf("%v", e)
		}
		s.stock(s.pen, "15.0000", "225.00")
		if _, err := s.sell(s.pen, s.now.Format("2006-01-02"), "5"); err != nil { // the first receipt's: 75 of 225
			t.Fatal(err)
		}
		s.stock(s.pen, "10.0000", "150.00")
		r, err := s.e.LedgerVerify(context.Background(), s.call(builder(), "shop"), "stock", nil)
		if v := must[record](t, r, err); v["whole"] != true {
			t.Errorf("%v", v)
		}
	})
}

func must1(r record, err error) record {
	if err != nil {
		panic(err)
	}
	return r
}

// A release that writes the policy of the cost method anew says how many pools are looked at, and they are. Goods that
// can't have another method keep theirs, and the job says so.
func TestMethodFollowsRelease(t *testing.T) {
	eachStock(t, func(t *testing.T, s *shop) {
		ink := s.mustCreate(s.boss(), "item", record{"code": "INK-7", "name": "墨水", "price": "12.5", "cost": "8", "grade": "b", "region": s.east.id()})
		s.buy(s.pen, "2025-02-01", "10", "100")
		s.buy(ink, "2025-02-01", "10", "100")
		docs := stockDocs(t)
		release := func(method string) string {
			docs["ledgers/stock.json"] = json.RawMessage(strings.Replace(string(stockDocs(t)["ledgers/stock.json"]), "item.grade == 'b' ? 'fifo' : 'average'", method, 1))
			body, _ := json.Marshal(map[string]any{"documents": docs})
			if _, err := s.e.DocumentsPut(context.Background(), s.call(builder(), ""), "shop", "", body); err != nil {
				t.Fatal(err)
			}
			r, err := s.e.Plan(context.Background(), s.call(builder(), ""), "shop")
			plan := must[struct {
				Methods []struct {
					Ledger string
					Pools  int
				}
			}](t, r, err)
			s.release("shop")
			if err := s.e.RevalueLedgers(context.Background()); err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(plan.Methods)
		}
		methods := func() (out []string) {
			p, err := s.list(s.boss(), "stock_cost", engine.ListRequest{OrderBy: "method"})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range p.Records {
				out = append(out, fmt.Sprint(r["method"], r["provisional"]))
			}
			return out
		}
		if got := release("'fifo'"); got != "[{stock 2}]" {
			t.Errorf("the plan says %s", got)
		}
		if got := fmt.Sprint(methods()); got != "[fifofalse fifofalse]" {
			t.Error(got)
		}
		release("'batch'")
		if got := fmt.Sprint(methods()); got != "[fifofalse fifofalse]" {
			t.Error(got)
		}
		r, err := s.e.AppJobs(context.Background(), s.call(builder(), "shop"))
		if jobs := must[jobList](t, r, err).Jobs; len(jobs) != 2 || jobs[0].Problem == "" || jobs[0].State != "done" || jobs[0].Total != 0 {
			t.Errorf("%+v", jobs)
		}
	})
}
