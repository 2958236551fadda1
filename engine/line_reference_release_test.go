package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// A text that held ids of lines may become a reference to them: the release converts it, unless some hold no id of a line
// that is there, which it says.
func TestTextBecomesReferenceToLines(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		with := func(field string) map[string]json.RawMessage {
			docs := returnDocs(t)
			edit(docs, "entities/complaint.json", func(d map[string]any) {
				d["properties"].(map[string]any)["source"] = json.RawMessage(`{"title":"来源","x-title":{"en-US":"Source"},` + field + `}`)
			})
			return docs
		}
		s.replaceDocs(with(`"type":"string","maxLength":40`))
		sale, pen, ink := s.soldLines(s.east)
		other, _, gone := s.soldLines(s.east)
		made := map[string]record{}
		for text, source := range map[string]any{"pen": pen, "blank": " ", "none": nil, "sale": sale.id(), "words": "line 2", "gone": gone} {
			made[text] = s.mustCreate(s.boss(), "complaint", record{"text": text, "source": source})
		}
		if _, err := s.update(s.boss(), "sale", other.id(), 0, record{"lines": []record{{"item": s.pen.id(), "qty": "1", "price": "50"}}}); err != nil {
			t.Fatal(err)
		}
		reference := with(`"type":"string","format":"uuid","x-ref":{"entity":"sale_line"}`)
		body, err := json.Marshal(map[string]any{"documents": reference})
		if err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		if _, err := s.e.DocumentsPut(ctx, s.call(builder(), ""), "shop", "", body); err != nil {
			t.Fatal(err)
		}
		_, err = s.e.Release(ctx, s.call(builder(), ""), "shop", []byte(`{"reason":"references"}`))
		for _, bad := range []string{"sale", "words", "gone"} {
			if !hasCode(err, "schema.conversion_failed", "") || !strings.Contains(fmt.Sprint(err), made[bad].id()) {
				t.Errorf("the source %s is taken: %v", bad, err)
			}
		}
		if err == nil || !strings.Contains(err.Error(), " 3 records") || strings.Contains(err.Error(), made["pen"].id()) {
			t.Errorf("what is in the way: %v", err)
		}
		for text, source := range map[string]any{"sale": ink, "words": nil, "gone": pen} {
			if _, err := s.update(s.boss(), "complaint", made[text].id(), 0, record{"source": source}); err != nil {
				t.Fatal(err)
			}
		}
		s.release("shop")
		for text, want := range map[string]any{"pen": pen, "blank": nil, "none": nil, "sale": ink, "words": nil, "gone": pen} {
			if r, err := s.get(s.boss(), "complaint", made[text].id()); err != nil || r["source"] != want {
				t.Errorf("%s: %v, want %v (%v)", text, r["source"], want, err)
			}
		}
		_, err = s.update(s.boss(), "sale", sale.id(), 0, record{"lines": []record{{"id": pen}}})
		refused(t, err, "record.line_in_use", "/lines")
		s.proven()
	})
}

// A reference that comes to point at another entity must hold ids of that one: the release says which records don't, and
// leaves their values.
func TestReferencePointsElsewhere(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		to := func(entity string) map[string]json.RawMessage {
			docs := returnDocs(t)
			edit(docs, "entities/complaint.json", func(d map[string]any) {
				d["properties"].(map[string]any)["about"] = json.RawMessage(`{"title":"关于","x-title":{"en-US":"About"},"type":"string","format":"uuid","x-ref":{"entity":"` + entity + `"}}`)
			})
			return docs
		}
		s.replaceDocs(to("item"))
		one := s.mustCreate(s.boss(), "complaint", record{"text": "one", "about": s.pen.id()})
		s.mustCreate(s.boss(), "complaint", record{"text": "none"})
		ctx := context.Background()
		body, err := json.Marshal(map[string]any{"documents": to("region")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.e.DocumentsPut(ctx, s.call(builder(), ""), "shop", "", body); err != nil {
			t.Fatal(err)
		}
		_, err = s.e.Release(ctx, s.call(builder(), ""), "shop", []byte(`{"reason":"elsewhere"}`))
		if !hasCode(err, "schema.conversion_failed", "") || !strings.Contains(fmt.Sprint(err), one.id()) {
			t.Errorf("an id of an item is taken for one of a region: %v", err)
		}
		if r, err := s.get(s.boss(), "complaint", one.id()); err != nil || r["about"] != s.pen.id() {
			t.Errorf("%v (%v)", r["about"], err)
		}
		if _, err := s.update(s.boss(), "complaint", one.id(), 0, record{"about": nil}); err != nil {
			t.Fatal(err)
		}
		s.release("shop")
		if _, err := s.update(s.boss(), "complaint", one.id(), 0, record{"about": s.east.id()}); err != nil {
			t.Fatal(err)
		}
	})
}
