package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"tenon/engine"
	"tenon/engine/policy"
)

// Nothing that is worked out, listed, counted or remembered tells of a line whose document one may not see.
func TestUnseenLinesAreToldNowhere(t *testing.T) {
	eachReturning(t, func(t *testing.T, s *shop) {
		ctx := context.Background()
		sale, pen, ink := s.soldLines(s.west)
		about := s.mustCreate(s.boss(), "complaint", record{"text": "leaks"})
		if _, err := s.update(s.boss(), "complaint", about.id(), 0, record{"line": pen}); err != nil {
			t.Fatal(err)
		}
		ask := map[string]func(a *policy.Actor) (string, error){
			"a form that points at it": func(a *policy.Actor) (string, error) {
				r, err := s.e.Evaluate(ctx, s.call(a, "shop"), "back", []byte(`{"values":{"region":"`+s.west.id()+`","lines":[{"source_line":"`+pen+`","qty":"2"}]}}`))
				return body(r), err
			},
			"the history": func(a *policy.Actor) (string, error) {
				r, err := s.e.History(ctx, s.call(a, "shop"), "complaint", about.id(), 0, "")
				return body(r), err
			},
			"an export": func(a *policy.Actor) (string, error) {
				d, err := s.e.Export(ctx, s.call(a, "shop"), "complaint", []byte(`{"format":"csv","fields":["text","line"]}`))
				var out bytes.Buffer
				if err == nil {
					err = d.Write(&out)
				}
				return out.String(), err
			},
			"a list with what it points at": func(a *policy.Actor) (string, error) {
				r, err := s.e.List(ctx, s.call(a, "shop"), "complaint", engine.ListRequest{ReadOptions: engine.ReadOptions{Display: true, Expand: []string{"line", "line.parent"}}})
				return body(r), err
			},
			"what may be chosen": func(a *policy.Actor) (string, error) {
				r, err := s.e.Options(ctx, s.call(a, "shop"), "complaint", []byte(`{"field":"line","search":"`+s.pen["name"].(string)+`"}`))
				return body(r), err
			},
		}
		secrets := []string{sale["code"].(string), "20.0000", "40.0000"}
		for name, get := range ask {
			got, err := get(s.boss())
			if err != nil || !strings.Contains(got, secrets[0]) {
				t.Errorf("%s doesn't show it to who may see it: %s (%v)", name, got, err)
			}
			got, err = get(s.clerk("east"))
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for _, secret := range secrets {
				if strings.Contains(got, secret) {
					t.Errorf("%s tells %s: %s", name, secret, got)
				}
			}
		}
		for _, by := range []string{"line.price", "line.parent.code"} {
			_, err := s.e.Aggregate(ctx, s.call(s.clerk("east"), "shop"), "complaint", []byte(`{"group_by":["`+by+`"],"measures":[{"fn":"count"}]}`))
			refused(t, err, "query.path_restricted", "")
		}
		_, err := s.update(s.clerk("east"), "complaint", about.id(), 0, record{"line": ink})
		refused(t, err, "record.reference_unknown", "/line")
		// What it points at already may stay.
		if _, err := s.update(s.clerk("east"), "complaint", about.id(), 0, record{"text": "leaks a lot", "line": pen}); err != nil {
			t.Error(err)
		}

		// A line of a document in the bin is offered to nobody.
		if _, err := s.update(s.boss(), "complaint", about.id(), 0, record{"line": nil}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.e.Delete(ctx, s.call(s.boss(), "shop"), "sale", sale.id(), 0); err != nil {
			t.Fatal(err)
		}
		if got, err := ask["what may be chosen"](s.boss()); err != nil || strings.Contains(got, pen) {
			t.Errorf("offered from the bin: %s (%v)", got, err)
		}
	})
}

func body(r *engine.Result) string {
	if r == nil {
		return ""
	}
	return string(r.Body)
}

// What goes with what it points at goes with a line that is taken out, and with the line's document; what points there from
// the document itself stands in nobody's way.
func TestWhatPointsAtALineGoesWithIt(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		docs := returnDocs(t)
		edit(docs, "entities/complaint.json", func(d map[string]any) {
			d["properties"].(map[string]any)["line"].(map[string]any)["x-ref"].(map[string]any)["on-delete"] = "cascade"
		})
		edit(docs, "entities/sale.json", func(d map[string]any) {
			d["properties"].(map[string]any)["main"] = json.RawMessage(`{"type":"string","format":"uuid","title":"主要","x-title":{"en-US":"Main"},"x-ref":{"entity":"sale_line"}}`)
		})
		s.replaceDocs(docs)
		ctx := context.Background()
		sale, pen, ink := s.soldLines(s.east)
		ofPen := s.mustCreate(s.boss(), "complaint", record{"text": "leaks", "line": pen})
		ofInk := s.mustCreate(s.boss(), "complaint", record{"text": "dry", "line": ink})
		if _, err := s.update(s.boss(), "sale", sale.id(), 0, record{"main": ink}); err != nil {
			t.Fatal(err)
		}
		if l := s.line("sale", sale.id(), 0); fmt.Sprint(l["complaints"], ": ", l["said"]) != "1: leaks" {
			t.Errorf("%v", l)
		}
		_, err := s.update(s.boss(), "sale", sale.id(), 0, record{"lines": []record{{"id": pen}}})
		refused(t, err, "record.line_in_use", "/lines")
		if _, err := s.update(s.boss(), "sale", sale.id(), 0, record{"lines": []record{{"id": ink}}}); err != nil {
			t.Fatal(err)
		}
		_, err = s.get(s.boss(), "complaint", ofPen.id())
		refused(t, err, "record.not_found", "")
		if _, err := s.get(s.boss(), "complaint", ofInk.id()); err != nil {
			t.Error(err)
		}
		s.proven()
		if _, err := s.e.Delete(ctx, s.call(s.boss(), "shop"), "sale", sale.id(), 0); err != nil {
			t.Fatal(err)
		}
		_, err = s.get(s.boss(), "complaint", ofInk.id())
		refused(t, err, "record.not_found", "")
	})
}
