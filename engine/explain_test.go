package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"tenon/engine"
	"tenon/engine/policy"
)

type explained struct {
	Kind, Formula, Value, Field, Line, Record string
	Rollup                                    struct{ Function, Entity, Value, Where string }
	Inputs                                    []struct{ Path, Kind, Entity, Record, Line, Field, Value string }
	Rows                                      []struct{ Entity, Record, Line, Field, Value string }
	Hidden                                    int
	Changed                                   struct{ Actor, Action string }
	Next                                      string `json:"next_page_token"`
	Display                                   map[string]string
}

func (s *shop) explain(a *policy.Actor, entity, id string, req engine.ExplainRequest) (explained, string, error) {
	s.t.Helper()
	r, err := s.e.Explain(context.Background(), s.call(a, "shop"), entity, id, req)
	if err != nil {
		return explained{}, "", err
	}
	var out explained
	if err := json.Unmarshal(r.Body, &out); err != nil {
		s.t.Fatalf("%v: %s", err, r.Body)
	}
	return out, string(r.Body), nil
}

func (s *shop) why(a *policy.Actor, entity, id, field string, line ...string) (explained, string) {
	s.t.Helper()
	x, body, err := s.explain(a, entity, id, engine.ExplainRequest{Field: field, Line: strings.Join(line, "")})
	if err != nil {
		s.t.Fatalf("%s.%s: %v", entity, field, err)
	}
	return x, body
}

// inputs writes what a formula read as "path=value".
func (x explained) inputs() string {
	parts := make([]string, len(x.Inputs))
	for i, in := range x.Inputs {
		parts[i] = in.Path + "=" + in.Value
	}
	return strings.Join(parts, " ")
}

// Every kind of value says where it comes from, down to the records.
func TestExplain(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(keptDocs(t, true))
		boss := s.boss()
		sale, err := s.sale(boss, s.east, record{"item": s.pen.id(), "qty": "2", "price": "12.5"}, record{"item": s.ink.id(), "qty": "1", "price": "30"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.transition(boss, "sale", sale.id(), "finish"); err != nil {
			t.Fatal(err)
		}
		first := sale.lines("lines")[0].(map[string]any)["id"].(string)

		x, _ := s.why(boss, "item", s.pen.id(), "margin")
		if x.Kind != "formula" || x.Formula != "price - cost" || x.Value != "4.5000" || x.inputs() != "price=12.5000 cost=8.0000" {
			t.Errorf("margin: %+v", x)
		}
		x, _ = s.why(boss, "sale", sale.id(), "total")
		if x.inputs() != "lines.amount=25.00 lines.amount=30.00" || x.Inputs[0].Line != first || x.Inputs[0].Field != "lines.amount" || x.Inputs[0].Record != sale.id() {
			t.Errorf("total: %+v", x)
		}
		x, _ = s.why(boss, "sale", sale.id(), "lines.amount", first)
		if x.inputs() != "qty=2.0000 price=12.5000" || x.Line != first {
			t.Errorf("amount of a line: %+v", x)
		}
		x, _ = s.why(boss, "sale", sale.id(), "lines.region_name", first)
		if x.inputs() != "parent.region.name=east" || x.Inputs[0].Record != s.east.id() || x.Display[s.east.id()] != "east" {
			t.Errorf("name of the region, over the document: %+v", x)
		}
		x, _ = s.why(boss, "item", s.pen.id(), "kept_sold")
		if x.Kind != "rollup" || x.Rollup.Where != "parent.state == 'done'" || len(x.Rows) != 1 || x.Rows[0].Value != "2.0000" || x.Rows[0].Record != sale.id() || x.Rows[0].Line != first || x.Rows[0].Field != "lines.qty" {
			t.Errorf("roll-up over lines: %+v", x)
		}
		x, _ = s.why(boss, "sale", sale.id(), "most")
		if len(x.Rows) != 2 || x.Value != "2.0000" {
			t.Errorf("roll-up over own lines: %+v", x)
		}
		x, _ = s.why(boss, "item", s.pen.id(), "sold")
		if len(x.Inputs) != 1 || x.Inputs[0].Kind != "query" || x.Inputs[0].Value != "2.0000" || x.Inputs[0].Entity != "sale_line" {
			t.Errorf("aggregate in a formula: %+v", x)
		}
		if len(x.Rows) != 0 || x.Formula == "" {
			t.Errorf("aggregate in a formula: %+v", x)
		}
		free := s.mustCreate(boss, "item", record{"code": "FREE", "name": "gift", "region": s.east.id(), "price": "1", "cost": "0"})
		dear := s.mustCreate(boss, "item", record{"code": "DEAR", "name": "gold", "region": s.east.id(), "price": "900", "cost": "700"})
		x, _ = s.why(boss, "region", s.east.id(), "cost_sum")
		if n := len(x.Rows); n == 0 || x.Rows[n-1].Record != dear.id() || strings.Contains(fmt.Sprint(x.Rows), free.id()) {
			t.Errorf("what adds nothing to a sum is no row of it: %+v", x)
		}
		x, _ = s.why(boss, "item", s.pen.id(), "name")
		if x.Kind != "entered" || x.Changed.Action != "create" || x.Changed.Actor == "" {
			t.Errorf("entered: %+v", x)
		}
		if x, _ = s.why(boss, "sale", sale.id(), "code"); x.Kind != "number" {
			t.Errorf("number: %+v", x)
		}
		for _, bad := range []engine.ExplainRequest{{Field: "nothing"}, {Field: ""}, {Field: "lines"}, {Field: "lines.nothing", Line: first}, {Field: "name.x"}} {
			_, _, err := s.explain(boss, "sale", sale.id(), bad)
			refused(t, err, "query.field_unknown", "")
		}
		_, _, err = s.explain(boss, "sale", sale.id(), engine.ExplainRequest{Field: "lines.amount", Line: s.pen.id()})
		refused(t, err, "record.not_found", "")
		_, _, err = s.explain(boss, "item", s.pen.id(), engine.ExplainRequest{Field: "kept_sold", PageToken: "1 or 1"})
		refused(t, err, "query.page_token", "")
	})
}

// Who may not read something is told neither its name nor its value, only that there is more.
func TestExplainHides(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		docs := keptDocs(t, true)
		docs["roles/watch.json"] = json.RawMessage(`{"x-kind":"role","x-version":1,"x-name":"watch","title":"旁观","x-title":{"en-US":"Watcher"},"grants":[
			{"entity":"item","actions":["read"]},{"entity":"region","actions":["read"]},{"entity":"sale","actions":["read"],"fields":{"region":"hidden"}}]}`)
		docs["roles/stock.json"] = json.RawMessage(`{"x-kind":"role","x-version":1,"x-name":"stock","title":"仓库","x-title":{"en-US":"Stock"},"grants":[{"entity":"item","actions":["read"]}]}`)
		s.replaceDocs(docs)
		for _, region := range []record{s.east, s.west} {
			sale, err := s.sale(s.boss(), region, record{"item": s.ink.id(), "qty": "3", "price": "41.77"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.transition(s.boss(), "sale", sale.id(), "finish"); err != nil {
				t.Fatal(err)
			}
		}
		clerk := s.clerk("east")
		for _, field := range []string{"cost", "margin"} {
			_, _, err := s.explain(clerk, "item", s.ink.id(), engine.ExplainRequest{Field: field})
			refused(t, err, "query.field_unknown", "")
		}
		_, _, err := s.explain(clerk, "region", s.west.id(), engine.ExplainRequest{Field: "sold_total"})
		refused(t, err, "record.not_found", "")
		x, body := s.why(clerk, "item", s.ink.id(), "kept_sold")
		if len(x.Rows) != 1 || x.Hidden != 1 || x.Value != "6.0000" {
			t.Errorf("a roll-up with a row of another region: %s", body)
		}
		x, body = s.why(clerk, "item", s.ink.id(), "region_name")
		if len(x.Inputs) != 0 || x.Hidden != 1 || strings.Contains(body, s.west.id()) {
			t.Errorf("a formula over a region that isn't his: %s", body)
		}
		x, body = s.why(clerk, "item", s.ink.id(), "sold")
		if len(x.Inputs) != 0 || x.Hidden != 1 || x.Formula != "" || strings.Contains(body, "sumOf") {
			t.Errorf("an aggregate over more than he may see: %s", body)
		}
		x, body = s.why(s.role("shop", "stock"), "item", s.ink.id(), "kept_sold")
		if x.Kind != "rollup" || x.Rollup.Entity != "" || x.Rollup.Function != "" || len(x.Rows) != 0 || x.Hidden != 1 || strings.Contains(body, "sale") {
			t.Errorf("a roll-up over records that he may not know of: %s", body)
		}
		x, body = s.why(s.role("shop", "watch"), "region", s.east.id(), "sold_total")
		if x.Rollup.Entity != "" || len(x.Rows) != 0 || x.Hidden != 1 {
			t.Errorf("a roll-up by a reference that is hidden from him: %s", body)
		}
		_, _, err = s.explain(s.role("shop"), "item", s.ink.id(), engine.ExplainRequest{Field: "name"})
		refused(t, err, "entity.not_found", "")
	})
}

// Many rows come in pages, each once.
func TestExplainPages(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(keptDocs(t, true))
		const sales = 60
		for i := range sales {
			if _, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": fmt.Sprint(1 + i), "price": "20"}); err != nil {
				t.Fatal(err)
			}
		}
		seen := map[string]bool{}
		token := ""
		for pages := 0; ; pages++ {
			x, _, err := s.explain(s.boss(), "item", s.pen.id(), engine.ExplainRequest{Field: "most_qty", PageToken: token})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range x.Rows {
				if seen[r.Line] {
					t.Errorf("%s comes twice", r.Line)
				}
				seen[r.Line] = true
			}
			if token = x.Next; token == "" {
				if len(seen) != sales || pages != 1 {
					t.Errorf("%d rows on %d pages, want %d on 2", len(seen), pages+1, sales)
				}
				return
			}
		}
	})
}
