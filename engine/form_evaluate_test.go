package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"tenon/engine/policy"
)

// form is what a form shows next.
type form struct {
	Values      record
	ReadOnly    []string `json:"readonly"`
	Diagnostics []struct{ Code, Pointer string }
}

func (f form) line(i int) record { return f.Values["lines"].([]any)[i].(map[string]any) }

func (f form) findings() string { return fmt.Sprint(f.Diagnostics) }

func (w *world) evaluate(a *policy.Actor, entity string, body record) form {
	w.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := w.e.Evaluate(context.Background(), w.call(a, "shop"), entity, text)
	return must[form](w.t, r, err)
}

// A line that is not saved yet keeps the id that it was given from call to call, wherever it is moved, and gets an id
// of its own when it is saved. Ids of other records' lines stay unknown.
func TestFormLinesKeepTheirIDs(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		pen, ink := record{"item": s.pen.id(), "qty": "1", "price": "20"}, record{"item": s.ink.id(), "qty": "1", "price": "40"}
		first := s.evaluate(s.boss(), "sale", record{"values": record{"region": s.east.id(), "lines": []record{pen, ink}}})
		pen["id"], ink["id"] = first.line(0).id(), first.line(1).id()
		if pen["id"] == ink["id"] || first.findings() != "[]" {
			t.Fatalf("%+v", first)
		}
		third := record{"id": nil, "item": s.pen.id(), "qty": "3", "price": "20"}
		again := s.evaluate(s.boss(), "sale", record{"values": record{"region": s.east.id(), "lines": []record{ink, third, pen}}})
		if again.line(0)["id"] != ink["id"] || again.line(2)["id"] != pen["id"] || again.line(1).id() == "" || again.findings() != "[]" {
			t.Errorf("moved: %+v", again)
		}
		copied := s.evaluate(s.boss(), "sale", record{"values": record{"region": s.east.id(), "lines": []record{pen, pen}}})
		if copied.line(0)["id"] != pen["id"] || copied.line(1)["id"] == pen["id"] || copied.findings() != "[]" {
			t.Errorf("copied: %+v", copied)
		}
		saved, err := s.create(s.boss(), "sale", record{"region": s.east.id(), "lines": []record{ink, pen}})
		if err != nil {
			t.Fatal(err)
		}
		line := record(saved.lines("lines")[0].(map[string]any))
		if line.id() == ink["id"] || line["item"] != s.ink.id() {
			t.Errorf("saved: %v", saved)
		}
		edited := s.evaluate(s.boss(), "sale", record{"id": saved.id(), "values": record{"lines": []record{{"id": line.id(), "qty": "5"}, pen}}})
		if edited.line(0)["amount"] != "200.00" || edited.line(1)["id"] != pen["id"] || edited.Values["total"] != "220.00" || edited.findings() != "[]" {
			t.Errorf("edited: %+v", edited)
		}
		after, err := s.update(s.boss(), "sale", saved.id(), 0, record{"lines": []record{{"id": line.id(), "qty": "5"}, pen}})
		if err != nil {
			t.Fatal(err)
		}
		if lines := after.lines("lines"); lines[0].(map[string]any)["id"] != line.id() || lines[1].(map[string]any)["id"] == pen["id"] {
			t.Errorf("changed: %v", after)
		}
		other, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "1", "price": "20"})
		if err != nil {
			t.Fatal(err)
		}
		foreign := s.evaluate(s.boss(), "sale", record{"id": other.id(), "values": record{"lines": []record{{"id": line.id(), "item": s.pen.id(), "qty": "1", "price": "20"}}}})
		if foreign.findings() != "[{record.line_unknown /values/lines/0/id}]" || foreign.line(0)["id"] == line.id() {
			t.Errorf("another record's line: %+v", foreign)
		}
	})
}

// One saved line can't stand in a record twice: its totals would count what is not there.
func TestOneLineTwice(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		sale, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "1", "price": "20"})
		if err != nil {
			t.Fatal(err)
		}
		id := sale.lines("lines")[0].(map[string]any)["id"]
		twice := record{"lines": []record{{"id": id, "qty": "2"}, {"id": id, "qty": "3"}}}
		_, err = s.update(s.boss(), "sale", sale.id(), 0, twice)
		refused(t, err, "record.line_twice", "/lines/1/id")
		if f := s.evaluate(s.boss(), "sale", record{"id": sale.id(), "values": twice}); f.Diagnostics[0].Code != "record.line_twice" {
			t.Errorf("form: %+v", f)
		}
	})
}

// The values of a record being edited may be a part of it. Whatever is wrong on a line, everything that can be computed
// is, and nothing is computed from a former value in the place of one that can't be read.
func TestFormOfPartsAndErrors(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		sale, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "1", "price": "20"}, record{"item": s.ink.id(), "qty": "2", "price": "40"})
		if err != nil {
			t.Fatal(err)
		}
		id := func(i int) any { return sale.lines("lines")[i].(map[string]any)["id"] }
		part := s.evaluate(s.boss(), "sale", record{"id": sale.id(), "values": record{"note": "急"}})
		if part.Values["note"] != "急" || part.Values["total"] != "100.00" || part.Values["region"] != s.east.id() || part.findings() != "[]" {
			t.Errorf("a part: %+v", part)
		}
		none := s.evaluate(s.boss(), "sale", record{"id": sale.id(), "values": record{}})
		if len(none.Values.lines("lines")) != 2 || none.findings() != "[]" {
			t.Errorf("nothing: %+v", none)
		}
		wrong := s.evaluate(s.boss(), "sale", record{"id": sale.id(), "values": record{"sold_on": "soon", "lines": []record{
			{"id": id(0), "qty": "many"}, {"id": id(1), "qty": "3"}, {"qty": "2", "price": "7"}, {"item": s.pen.id(), "qty": "-1", "price": "5"},
		}}})
		want := "[{record.wrong_type /values/lines/0/qty} {record.required /values/lines/2/item} {record.wrong_type /values/sold_on}]"
		if wrong.findings() != want {
			t.Errorf("findings %s, want %s", wrong.findings(), want)
		}
		var amounts []any
		for i := range 4 {
			amounts = append(amounts, wrong.line(i)["amount"])
		}
		if fmt.Sprint(amounts) != "[<nil> 120.00 14.00 -5.00]" || wrong.line(0)["qty"] != nil || wrong.Values["sold_on"] != nil {
			t.Errorf("amounts %v of %+v", amounts, wrong)
		}
		if again, err := s.get(s.boss(), "sale", sale.id()); err != nil || again["total"] != "100.00" {
			t.Errorf("a form was written: %v, %v", again, err)
		}
		rule := s.evaluate(s.boss(), "sale", record{"values": record{"region": s.east.id(), "lines": []record{{"item": s.pen.id(), "qty": "-1", "price": "5"}}}})
		if rule.line(0)["amount"] != "-5.00" || rule.Values["total"] != "-5.00" || len(rule.Diagnostics) == 0 {
			t.Errorf("a rule: %+v", rule)
		}
		_, err = s.e.Evaluate(context.Background(), s.call(s.boss(), "shop"), "sale", []byte(`{"values":{"lines":"none"}}`))
		if err != nil {
			t.Errorf("lines of the wrong type: %v", err)
		}
	})
}

// In a frozen state a form has nothing to fill in.
func TestFormOfFrozenRecord(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		sale, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "1", "price": "20"})
		if err != nil {
			t.Fatal(err)
		}
		ask := record{"id": sale.id(), "values": record{}, "form": "sale_form"}
		if f := s.evaluate(s.boss(), "sale", ask); slices.Contains(f.ReadOnly, "region") {
			t.Errorf("draft: %v", f.ReadOnly)
		}
		if _, err := s.transition(s.boss(), "sale", sale.id(), "finish"); err != nil {
			t.Fatal(err)
		}
		if f := s.evaluate(s.boss(), "sale", ask); !slices.Contains(f.ReadOnly, "region") || !slices.Contains(f.ReadOnly, "lines") {
			t.Errorf("finished: %v", f.ReadOnly)
		}
	})
}
