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
	"tenon/metamodel/diag"
)

// namedLines lets files bring complaints about lines of sales, and of returns, whose numbers are written freely.
func namedLines(t *testing.T, s *shop) {
	docs := returnDocs(t)
	edit(docs, "entities/complaint.json", func(d map[string]any) {
		d["properties"].(map[string]any)["back"] = map[string]any{
			"type": "string", "format": "uuid", "title": "退货明细", "x-title": map[string]any{"en-US": "Return line"}, "x-ref": map[string]any{"entity": "back_line"},
		}
	})
	for _, role := range []string{"boss", "clerk"} {
		edit(docs, "roles/"+role+".json", func(d map[string]any) {
			for _, g := range d["grants"].([]any) {
				if g := g.(map[string]any); g["entity"] == "complaint" {
					g["actions"] = []string{"read", "create", "update", "export", "import"}
				}
			}
		})
	}
	s.replaceDocs(docs)
}

// A file names a line by its document and its place there, or as lists and exports show it.
func TestImportsFindLines(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		namedLines(t, s)
		ctx := context.Background()
		sale, pen, ink := s.soldLines(s.east)
		code := sale["code"].(string)
		hidden, _, far := s.soldLines(s.west)
		back := func(code string, lines ...string) []any {
			var of []record
			for _, l := range lines {
				of = append(of, record{"source_line": l, "qty": "1"})
			}
			return s.mustCreate(s.boss(), "back", record{"code": code, "region": s.east.id(), "lines": of}).lines("lines")
		}
		slashed := back("R/1", pen, ink)
		back("R", pen, ink)
		back("R", pen)
		back("T", pen, ink)
		back("T · 1", pen, ink)
		second := slashed[1].(map[string]any)["id"].(string)
		shown := fmt.Sprint(code, " · 2 · ", s.ink["name"])
		for text, want := range map[string]string{
			code + "/1": pen, code + " / 2": ink, code + "／2": ink, code + " · 2": ink, shown: ink, pen: pen,
			code: "import.line_not_found", code + "/0": "import.line_not_found", code + "/3": "import.line_not_found", code + "/x": "import.line_not_found",
			"/1": "import.line_not_found", "nothing/1": "import.line_not_found", fmt.Sprint(s.ink["name"]): "import.line_not_found",
			"R/1/2": "back " + second, "R/1": "back import.reference_ambiguous", "T · 1 · 2": "back import.reference_ambiguous", "T/2": "back ",
		} {
			column, title := "line", "明细"
			if rest, is := strings.CutPrefix(want, "back "); is {
				column, title, want = "back", "退货明细", rest
			}
			up := s.uploadAs(s.boss(), "complaint", "c.csv", fmt.Sprintf("内容,%s\nx,%s\n", title, text))
			done := s.runImport(s.boss(), "complaint", up.Import, `{"mode":"skip_bad"}`)
			if code, is := diag.Code(want), strings.HasPrefix(want, "import."); is {
				if got := fmt.Sprint(done.Errors); done.Written != 0 || !strings.Contains(got, fmt.Sprintf("{%s %s %s}", title, column, code)) {
					t.Errorf("%q: %d written, %s", text, done.Written, got)
				}
				continue
			}
			list, err := s.list(s.boss(), "complaint", engine.ListRequest{OrderBy: "id desc", PageSize: 1})
			if err != nil || done.Written != 1 || want != "" && list.Records[0][column] != want {
				t.Errorf("%q: %d written, %v, want %s (%v)", text, done.Written, list.Records, want, err)
			}
		}
		up := s.uploadAs(s.clerk("east"), "complaint", "c.csv", fmt.Sprintf("内容,明细\nx,%s/2\ny,%s/2\n", hidden["code"], code))
		done := s.runImport(s.clerk("east"), "complaint", up.Import, `{"mode":"skip_bad"}`)
		if done.Written != 1 || !strings.Contains(fmt.Sprint(done.Errors), "import.line_not_found") {
			t.Errorf("a line that isn't seen (%s): %+v", far, done)
		}

		// What an export shows comes in again.
		out, err := s.e.Export(ctx, s.call(s.boss(), "shop"), "complaint", []byte(`{"format":"csv","fields":["text","line"],"filter":"line != null"}`))
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := out.Write(&file); err != nil || !strings.Contains(file.String(), shown) {
			t.Fatalf("%s (%v)", file.String(), err)
		}
		before := s.all("complaint")
		up = s.uploadAs(s.boss(), "complaint", "c.csv", file.String())
		if done := s.runImport(s.boss(), "complaint", up.Import, `{"mode":"all_or_nothing"}`); done.Written == 0 || len(s.all("complaint")) != len(before)+done.Written {
			t.Errorf("exported and not taken: %+v\n%s", done, file.String())
		}
		s.proven()
	})
}

// Whoever types the number of a document and the place of a line is offered that line first, if the field may point at it.
func TestOptionsFindLinesByPlace(t *testing.T) {
	eachReturning(t, func(t *testing.T, s *shop) {
		sale, pen, ink := s.soldLines(s.east)
		options := func(region record, search string) string {
			body := fmt.Sprintf(`{"field":"lines.source_line","search":%q,"values":{"region":%q}}`, search, region.id())
			r, err := s.e.Options(context.Background(), s.call(s.boss(), "shop"), "back", []byte(body))
			if err != nil {
				t.Fatal(err)
			}
			return string(r.Body)
		}
		code := sale["code"].(string)
		if got := options(s.east, strings.ToLower(code)+"/2"); strings.Contains(got, pen) || !strings.Contains(got, ink) {
			t.Errorf("offered: %s", got)
		}
		if got := options(s.west, code+"/2"); strings.Contains(got, ink) {
			t.Errorf("offered elsewhere: %s", got)
		}
		if got := options(s.east, code+"/3"); strings.Contains(got, ink) || strings.Contains(got, pen) {
			t.Errorf("a third of two: %s", got)
		}
	})
}

// Beside a record that may be chosen stands what the field wants to be told of it, as far as one may read that.
func TestOptionsTellOfRecords(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		docs := returnDocs(t)
		edit(docs, "entities/back_line.json", func(d map[string]any) {
			d["properties"].(map[string]any)["source_line"].(map[string]any)["x-ref"].(map[string]any)["show"] = []string{"qty", "price"}
		})
		s.replaceDocs(docs)
		s.soldLines(s.west)
		detail := func(a *policy.Actor) string {
			t.Helper()
			body := fmt.Sprintf(`{"field":"lines.source_line","values":{"region":%q}}`, s.west.id())
			r, err := s.e.Options(context.Background(), s.call(a, "shop"), "back", []byte(body))
			return fmt.Sprint(must[struct{ Options []struct{ Detail string } }](t, r, err).Options)
		}
		if got := detail(s.boss()); got != "[{数量 5 · 单价 20} {数量 2 · 单价 60}]" {
			t.Errorf("the boss is told %s", got)
		}
		edit(docs, "roles/clerk.json", func(d map[string]any) {
			for _, g := range d["grants"].([]any) {
				if g := g.(map[string]any); g["entity"] == "sale" {
					g["fields"] = map[string]any{"lines.price": "hidden"}
				}
			}
		})
		s.replaceDocs(docs)
		if got := detail(s.clerk("west")); got != "[{数量 5} {数量 2}]" {
			t.Errorf("the clerk is told %s", got)
		}
		for _, bad := range []string{"item", "sold"} {
			edit(docs, "entities/back_line.json", func(d map[string]any) {
				d["properties"].(map[string]any)["source_line"].(map[string]any)["x-ref"].(map[string]any)["show"] = []string{bad}
			})
			body, err := json.Marshal(map[string]any{"documents": docs})
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.e.DocumentsPut(context.Background(), s.call(builder(), ""), "shop", "", body)
			if err == nil {
				_, err = s.e.Release(context.Background(), s.call(builder(), ""), "shop", []byte(`{"reason":"bad"}`))
			}
			if err == nil {
				t.Errorf("%s may be shown", bad)
			}
		}
	})
}

// Of records that say how much of them is open, those of which nothing is are left out where only open ones are asked for,
// and it is told that they are there. Who may not know how much is open is offered all.
func TestOptionsKnowWhatIsOpen(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		docs := returnDocs(t)
		decimal := `{"type":"string","format":"decimal","x-decimal":[18,4],"title":"未退","x-title":{"en-US":"Left"}`
		edit(docs, "entities/sale_line.json", func(d map[string]any) {
			fields := d["properties"].(map[string]any)
			fields["left"] = json.RawMessage(decimal + `,"x-computed":{"cel":"qty - returned","stored":true}}`)
			fields["spare"] = json.RawMessage(decimal + `}`)
		})
		open := func(field string) {
			edit(docs, "entities/back_line.json", func(d map[string]any) {
				d["properties"].(map[string]any)["source_line"].(map[string]any)["x-ref"] = map[string]any{"entity": "sale_line", "show": []string{"price"}, "open": field}
			})
			s.replaceDocs(docs)
		}
		open("left")
		_, pen, ink := s.soldLines(s.west)
		type page struct {
			Options []struct{ ID, Detail, Open string }
			Next    string `json:"next_page_token"`
			Closed  bool
		}
		ask := func(a *policy.Actor, more string) (out page) {
			t.Helper()
			body := fmt.Sprintf(`{"field":"lines.source_line","values":{"region":%q}%s}`, s.west.id(), more)
			r, err := s.e.Options(context.Background(), s.call(a, "shop"), "back", []byte(body))
			must[any](t, r, err)
			if err := json.Unmarshal(r.Body, &out); err != nil {
				t.Fatal(err)
			}
			return out
		}
		if got := fmt.Sprint(ask(s.boss(), `,"open":true`)); got != fmt.Sprintf("{[{%s 单价 20 5} {%s 单价 60 2}]  false}", pen, ink) {
			t.Errorf("all are open: %s", got)
		}
		s.mustCreate(s.boss(), "back", record{"code": "R1", "region": s.west.id(), "done": true, "lines": []record{{"source_line": pen, "qty": "5"}, {"source_line": ink, "qty": "0.5"}}})
		if got := fmt.Sprint(ask(s.boss(), `,"open":true`)); got != fmt.Sprintf("{[{%s 单价 60 1.5}]  true}", ink) {
			t.Errorf("one is open: %s", got)
		}
		if got := fmt.Sprint(ask(s.boss(), "")); got != fmt.Sprintf("{[{%s 单价 20 0} {%s 单价 60 1.5}]  false}", pen, ink) {
			t.Errorf("all are asked for: %s", got)
		}
		first := ask(s.boss(), `,"page_size":1`)
		body := fmt.Sprintf(`{"field":"lines.source_line","values":{"region":%q},"open":true,"page_token":%q}`, s.west.id(), first.Next)
		_, err := s.e.Options(context.Background(), s.call(s.boss(), "shop"), "back", []byte(body))
		refused(t, err, "query.page_token", "")
		_, err = s.e.Options(context.Background(), s.call(s.boss(), "shop"), "back", []byte(`{"field":"lines.source_line","open":"yes"}`))
		refused(t, err, "body.wrong_member", "/open")
		edit(docs, "roles/clerk.json", func(d map[string]any) {
			for _, g := range d["grants"].([]any) {
				if g := g.(map[string]any); g["entity"] == "sale" {
					g["fields"] = map[string]any{"lines.left": "hidden"}
				}
			}
		})
		s.replaceDocs(docs)
		if got := fmt.Sprint(ask(s.clerk("west"), `,"open":true`)); got != fmt.Sprintf("{[{%s 单价 20 } {%s 单价 60 }]  false}", pen, ink) {
			t.Errorf("he may not know what is open: %s", got)
		}
		open("spare")
		if got := ask(s.boss(), `,"open":true`); len(got.Options) != 0 || !got.Closed {
			t.Errorf("nobody has said what is open: %v", got)
		}
	})
}
