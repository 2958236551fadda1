package engine_test

import (
	"context"
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
