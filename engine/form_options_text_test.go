package engine_test

import (
	"context"
	"encoding/json"
	"testing"

	"tenon/engine"
	"tenon/engine/policy"
)

// listedDocs is the shop where a sale names a place, strictly one of the regions, and a line suggests codes of its item.
func listedDocs(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	docs := keptDocs(t, false)
	add := func(path, name, text string) {
		var d, f map[string]any
		if err := json.Unmarshal(docs[path], &d); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			t.Fatal(err)
		}
		f["title"], f["x-title"] = name, map[string]any{"en-US": name}
		d["properties"].(map[string]any)[name] = f
		docs[path], _ = json.Marshal(d)
	}
	add("entities/sale.json", "place", `{"type":"string","maxLength":50,"x-choices":{"entity":"region","value":"name","where":"it.name != coalesce(note, '')","order":["-name"],"strict":true}}`)
	add("entities/sale_line.json", "mark", `{"type":"string","maxLength":50,"x-choices":{"entity":"item","value":"code","where":"it.id == item","show":["name","cost"]}}`)
	return docs
}

func (s *shop) listed(a *policy.Actor, body record) string {
	s.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := s.e.Options(context.Background(), s.call(a, "shop"), "sale", text)
	return must[offer](s.t, r, err).String()
}

// A text field offers texts of other records: those that one may see and that pass its condition for the form as it
// stands. Where nothing else may be written, nothing else is, by whatever door.
func TestTextsToChooseFrom(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.replaceDocs(listedDocs(t))
		boss, clerk := s.boss(), s.clerk("east")
		for _, c := range []struct {
			who  *policy.Actor
			body record
			want string
		}{
			{boss, record{"field": "place"}, "west, east"},
			{boss, record{"field": "place", "values": record{"note": "west"}}, "east"},
			{boss, record{"field": "place", "search": "es"}, "west"},
			{boss, record{"field": "place", "page_size": 1}, "west"},
			{clerk, record{"field": "place"}, "east"},
			{boss, record{"field": "lines.mark", "line": 0, "values": record{"lines": []record{{"item": s.pen.id()}}}}, s.pen["code"].(string) + " (名称 钢笔 · 成本 8)"},
			{clerk, record{"field": "lines.mark", "line": 0, "values": record{"lines": []record{{"item": s.pen.id()}}}}, s.pen["code"].(string) + " (名称 钢笔)"},
		} {
			if got := s.listed(c.who, c.body); got != c.want {
				t.Errorf("%v: %q, want %q", c.body, got, c.want)
			}
		}
		sale := func(place, mark string) record {
			return record{"region": s.east.id(), "sold_on": "2025-03-01", "place": place, "lines": []record{{"item": s.pen.id(), "qty": "1", "price": "100", "mark": mark}}}
		}
		if _, err := s.create(boss, "sale", sale("moon", "any")); !hasCode(err, "record.choice_unknown", "/place") {
			t.Errorf("written: %v", err)
		}
		if _, err := s.create(clerk, "sale", sale("west", "any")); !hasCode(err, "record.choice_unknown", "/place") {
			t.Errorf("a place that the clerk may not see was written: %v", err)
		}
		made := s.mustCreate(boss, "sale", sale("west", "any"))
		if _, err := s.update(boss, "sale", made.id(), 0, record{"place": "Moon"}); !hasCode(err, "record.choice_unknown", "/place") {
			t.Errorf("updated: %v", err)
		}
		// What was chosen stays when it isn't offered any more.
		if got, err := s.update(boss, "sale", made.id(), 0, record{"note": "west"}); err != nil || got["place"] != "west" {
			t.Errorf("%v (%v)", got, err)
		}
		p, err := s.list(boss, "sale", engine.ListRequest{})
		if err != nil || len(p.Records) != 1 {
			t.Errorf("there are %v (%v)", p.Records, err)
		}
	})
}

// Texts can be taken only from kept texts of records that stand for themselves.
func TestTextsThatCantBeOffered(t *testing.T) {
	for _, text := range []string{
		`{"entity":"sale_line","value":"qty"}`, `{"entity":"item","value":"price"}`, `{"entity":"item","value":"code","show":["region"]}`,
		`{"entity":"item","value":"code","order":["region.name"]}`,
	} {
		eachShop(t, func(t *testing.T, s *shop) {
			docs := listedDocs(t)
			var d map[string]any
			if err := json.Unmarshal(docs["entities/sale.json"], &d); err != nil {
				t.Fatal(err)
			}
			d["properties"].(map[string]any)["place"].(map[string]any)["x-choices"] = json.RawMessage(text)
			docs["entities/sale.json"], _ = json.Marshal(d)
			body, _ := json.Marshal(map[string]any{"documents": docs})
			r, err := s.e.DocumentsPut(context.Background(), s.call(builder(), ""), "shop", "", body)
			if err != nil || !containsCode(r.Body, "field.choices_unfit") {
				t.Errorf("%s was taken: %s (%v)", text, r.Body, err)
			}
		})
	}
}
