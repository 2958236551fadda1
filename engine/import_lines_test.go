package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tenon/engine"
	"tenon/metamodel/diag"
)

// preview judges an import of sales.
func (s *shop) previewSales(id, body string) previewAnswer {
	s.t.Helper()
	r, err := s.e.ImportPreview(context.Background(), s.call(s.boss(), "shop"), "sale", id, []byte(body))
	return must[previewAnswer](s.t, r, err)
}

type previewAnswer struct {
	Rows []struct {
		Row    int
		Cells  []string
		Errors []struct{ Column, Field, Code, Message string }
	}
	Checked, Bad, Listed, Create, Update, Total int
	Records                                     []struct {
		Row, Last int
		Update    bool
		Values    record
	}
	Display map[string]string
}

// told lists problems as row column field code.
func (p previewAnswer) told() []string {
	var out []string
	for _, r := range p.Rows {
		for _, x := range r.Errors {
			out = append(out, fmt.Sprintf("%d %s %s %s", r.Row, x.Column, x.Field, x.Code))
		}
	}
	return out
}

// allSales lists sales with their lines, as one text each: note, region, and code and quantity × price of each line.
func (s *shop) allSales() []string {
	s.t.Helper()
	byID := map[string]string{s.pen.id(): "PEN-1", s.ink.id(): "INK-1", s.east.id(): "east", s.west.id(): "west"}
	l, err := s.list(s.boss(), "sale", engine.ListRequest{OrderBy: "code", PageSize: 200})
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, short := range l.Records {
		r, err := s.get(s.boss(), "sale", short.id())
		if err != nil {
			s.t.Fatal(err)
		}
		var lines []string
		for _, x := range r.lines("lines") {
			line := record(x.(map[string]any))
			text := fmt.Sprintf("%s %v", byID[line["item"].(string)], line["qty"])
			if line["price"] != nil {
				text += fmt.Sprintf("×%v", line["price"])
			}
			lines = append(lines, strings.ReplaceAll(text, ".0000", ""))
		}
		out = append(out, fmt.Sprintf("%v|%s|%s", r["note"], byID[r["region"].(string)], strings.Join(lines, ";")))
	}
	return out
}

const salesCSV = "单号,地区,日期,备注,商品编码,数量,单价\n" +
	"A1,east,2026-03-01,first,PEN-1,2,10\n" +
	"A1,east,2026/3/1,,INK-1,1,30\n" +
	"A2,west,2026-03-02,second,钢笔,5,9\n" +
	",,,,,,\n" +
	",,,,墨水,4,25\n" +
	"A3,east,,third,PEN-1,1,8\n"

// Rows of one document become one record with its lines in their order, by the document's number or because the
// document's own cells are blank.
func TestImportDocumentsWithLines(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		up := s.uploadAs(s.boss(), "sale", "sales.csv", salesCSV)
		want := map[string]string{"地区": "region", "日期": "sold_on", "备注": "note", "商品编码": "lines.item", "数量": "lines.qty", "单价": "lines.price"}
		if fmt.Sprint(up.Mapping) != fmt.Sprint(want) || up.Group != "单号" || up.Rows != 5 {
			t.Fatalf("guessed: %+v", up)
		}
		p := s.previewSales(up.Import, `{}`)
		if p.Create != 3 || p.Bad != 0 || p.Checked != 5 || len(p.Records) != 3 {
			t.Fatalf("preview: %+v", p)
		}
		second := p.Records[1]
		if second.Row != 4 || second.Last != 6 || second.Values["total"] != "145.00" || len(second.Values.lines("lines")) != 2 || p.Display[s.ink.id()] != "墨水" || p.Display[s.west.id()] != "west" {
			t.Errorf("shown: %+v, %v", second, p.Display)
		}
		done := s.runImport(s.boss(), "sale", up.Import, `{}`)
		if done.State != "done" || done.Written != 3 || done.Read != 5 {
			t.Errorf("%+v", done)
		}
		first := []string{"first|east|PEN-1 2×10;INK-1 1×30", "second|west|PEN-1 5×9;INK-1 4×25", "third|east|PEN-1 1×8"}
		if got := s.allSales(); !slices.Equal(got, first) {
			t.Errorf("%q", got)
		}

		// Without a number, a row begins a document where any of the document's own cells is filled.
		text := "备注,地区,商品,数量\nfourth,east,PEN-1,1\n,,INK-1,2\nfifth,west,INK-1,3\n"
		up = s.uploadAs(s.boss(), "sale", "sales.csv", text)
		if up.Group != "" {
			t.Errorf("grouped by %q", up.Group)
		}
		done = s.runImport(s.boss(), "sale", up.Import, `{"mode":"skip_bad"}`)
		if done.State != "done" || done.Written != 2 || done.Read != 3 {
			t.Errorf("%+v", done)
		}
		if got := s.allSales()[3:]; !slices.Equal(got, []string{"fourth|east|PEN-1 1;INK-1 2", "fifth|west|INK-1 3"}) {
			t.Errorf("%q", got)
		}

		// A column that is no field tells the documents apart as well as any.
		text = "批,地区,商品,数量\nx,east,PEN-1,1\nx,east,INK-1,2\ny,east,INK-1,3\n"
		up = s.uploadAs(s.boss(), "sale", "sales.csv", text)
		if p := s.previewSales(up.Import, `{}`); p.Create != 3 {
			t.Errorf("every row with a region is a document: %+v", p)
		}
		if p := s.previewSales(up.Import, `{"group":"批"}`); p.Create != 2 {
			t.Errorf("grouped: %+v", p)
		}
		if p := s.previewSales(up.Import, `{}`); p.Create != 2 {
			t.Errorf("what was asked is forgotten: %+v", p)
		}
		if p := s.previewSales(up.Import, `{"group":null}`); p.Create != 3 {
			t.Errorf("ungrouped: %+v", p)
		}
	})
}

// Everything wrong with a document is told at once, each at its row and column; the rows of a document that is refused
// come together, and one document alone is left out.
func TestImportWithLinesTellsEveryError(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		text := "单号,地区,日期,备注,商品,数量,单价\n" +
			"A1,east,2026-03-01,good,PEN-1,2,10\n" +
			"A2,north,2026-03-01,bad,PEN-1,2,10\n" +
			"A2,,,other,PEN-9,x,10\n" +
			"A2,,2026-03-02,,INK-1,-1,\n" +
			"A2,,,,,,3\n" +
			"A3,east,2026-03-01,,,,\n" +
			"A1,east,2026-03-01,again,PEN-1,2,10\n" +
			"A4,west,2027-01-01,late,PEN-1,1,9\n" +
			",,,,INK-1,1,25\n" +
			",,,,INK-1,-1,25\n"
		up := s.uploadAs(s.boss(), "sale", "sales.csv", text)
		p := s.previewSales(up.Import, `{}`)
		if p.Create != 0 || p.Bad != 5 || p.Checked != 10 || p.Listed != 5 || len(p.Rows) != 10 {
			t.Errorf("preview: %+v", p)
		}
		told := p.told()
		for _, want := range []string{
			"3 地区 region import.reference_not_found",
			"4 备注 note import.row_differs",
			"4 商品 lines.item import.reference_not_found",
			"4 数量 lines.qty record.wrong_type",
			"5 日期 sold_on import.row_differs",
			"6 商品 lines.item record.required",
			"6 数量 lines.qty record.required",
			"7  lines record.too_few",
			"2 单号  import.group_apart",
			"8 单号  import.group_apart",
			"9 日期 sold_on rule.failed",
			"11 数量 lines.qty rule.failed",
		} {
			if !slices.Contains(told, want) {
				t.Errorf("lacks %s: %q", want, told)
			}
		}
		if fixed := s.previewSales(up.Import, `{"corrections":{"8":{"单号":"A5"}}}`); fixed.Bad != 3 || fixed.Create != 2 {
			t.Errorf("corrected: %+v", fixed)
		}
		apart := s.uploadAs(s.boss(), "sale", "sales.csv", text)
		if none := s.runImport(s.boss(), "sale", apart.Import, `{"mode":"skip_bad"}`); none.Written != 0 || none.Skipped != 5 {
			t.Errorf("a part of a document is taken for the whole: %+v", none)
		}
		whole := s.runImport(s.boss(), "sale", up.Import, `{}`)
		if whole.State != "failed" || whole.Written != 0 || whole.Read != 10 {
			t.Errorf("all or nothing: %+v", whole)
		}
		some := s.runImport(s.boss(), "sale", up.Import, `{"mode":"skip_bad"}`)
		if some.State != "done" || some.Written != 2 || some.Skipped != 3 || some.Read != 10 || len(some.Errors) != 8 {
			t.Errorf("skip bad: %+v", some)
		}
		if got := s.allSales(); !slices.Equal(got, []string{"good|east|PEN-1 2×10", "again|east|PEN-1 2×10"}) {
			t.Errorf("%q", got)
		}
	})
}

// A document has at most as many lines as its field takes, and a file has lines of one kind.
func TestImportedLinesAreBounded(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		var b strings.Builder
		b.WriteString("地区,商品,数量\neast,PEN-1,1\n")
		for range 1500 {
			b.WriteString(",PEN-1,1\n")
		}
		b.WriteString("west,PEN-1,1\n")
		up := s.uploadAs(s.boss(), "sale", "sales.csv", b.String())
		p := s.previewSales(up.Import, `{}`)
		if got := p.told(); p.Bad != 1 || p.Create != 1 || p.Checked != 1502 || !slices.Equal(got, []string{"2  lines record.too_many"}) || !strings.Contains(p.Rows[0].Errors[0].Message, "1501") {
			t.Errorf("%d bad, %d created, %d checked, %d rows: %q", p.Bad, p.Create, p.Checked, len(p.Rows), got)
		}
		for body, at := range map[string][2]string{
			`{"mapping":{"地区":"lines.nothing"}}`:                {"record.field_unknown", "/mapping/地区"},
			`{"mapping":{"地区":"lines.amount"}}`:                 {"record.field_unknown", "/mapping/地区"},
			`{"mapping":{"地区":"code"}}`:                         {"import.number", "/mapping/地区"},
			`{"group":"无此列"}`:                                   {"import.column_unknown", "/group"},
			`{"mapping":{"地区":"lines.item","商品":"lines.item"}}`: {"import.field_twice", "/mapping/商品"},
		} {
			_, err := s.e.ImportPreview(context.Background(), s.call(s.boss(), "shop"), "sale", up.Import, []byte(body))
			refused(t, err, diag.Code(at[0]), at[1])
		}
	})
}

// Documents are updated by their number: the lines of the file take the place of those that were there, as by the API,
// and a document without any keeps its own.
func TestImportUpdatesDocumentsWithLines(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		one, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "1", "price": "10"}, record{"item": s.ink.id(), "qty": "2", "price": "30"})
		if err != nil {
			t.Fatal(err)
		}
		two, err := s.sale(s.boss(), s.west, record{"item": s.pen.id(), "qty": "5", "price": "10"})
		if err != nil {
			t.Fatal(err)
		}
		three, err := s.sale(s.boss(), s.west, record{"item": s.pen.id(), "qty": "7", "price": "10"})
		if err == nil {
			_, err = s.transition(s.boss(), "sale", three.id(), "finish")
		}
		if err != nil {
			t.Fatal(err)
		}
		code := func(r record) string { return r["code"].(string) }
		text := "单号,地区,备注,商品,数量,单价\n" +
			code(one) + ",,changed,墨水,3,40\n" + code(one) + ",,,PEN-1,4,11\n" + code(one) + ",,,PEN-1,6,12\n" +
			code(two) + ",,kept,,,\n" +
			code(three) + ",,frozen,,,\n" +
			"S-none,east,,PEN-1,1,9\n"
		up := s.uploadAs(s.boss(), "sale", "sales.csv", text)
		ask := `{"mode":"skip_bad","key":"code","mapping":{"单号":"code","地区":"region","备注":"note","商品":"lines.item","数量":"lines.qty","单价":"lines.price"}}`
		p := s.previewSales(up.Import, ask)
		if got := p.told(); p.Update != 2 || p.Bad != 2 || !slices.Equal(got, []string{"6   record.frozen", "7 单号 code import.reference_not_found"}) {
			t.Errorf("preview: %q, %+v", got, p)
		}
		if len(p.Records) != 2 || !p.Records[0].Update || p.Records[0].Values["total"] != "236.00" || p.Records[1].Values["total"] != "50.00" {
			t.Errorf("shown: %+v", p.Records)
		}
		done := s.runImport(s.boss(), "sale", up.Import, ask)
		if done.State != "done" || done.Written != 2 || done.Skipped != 2 {
			t.Errorf("%+v", done)
		}
		want := []string{"changed|east|INK-1 3×40;PEN-1 4×11;PEN-1 6×12", "kept|west|PEN-1 5×10", "<nil>|west|PEN-1 7×10"}
		if got := s.allSales(); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		kept, err := s.get(s.boss(), "sale", two.id())
		if err != nil || kept.lines("lines")[0].(map[string]any)["id"] != two.lines("lines")[0].(map[string]any)["id"] {
			t.Errorf("a line that nothing was said of is another one: %v, %v", kept, err)
		}
	})
}

// A line that another document points at does not go because a file has others.
func TestImportKeepsLinesInUse(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		docs := returnDocs(t)
		edit(docs, "roles/boss.json", func(d map[string]any) {
			for _, g := range d["grants"].([]any) {
				if g := g.(map[string]any); g["entity"] == "back" {
					g["actions"] = append(g["actions"].([]any), "import")
				}
			}
		})
		s.replaceDocs(docs)
		sale, pen, _ := s.soldLines(s.west)
		s.mustCreate(s.boss(), "back", record{"code": "R1", "region": s.west.id(), "lines": []record{{"source_line": pen, "qty": "2"}}})
		text := "单号,商品,数量\n" + sale["code"].(string) + ",PEN-1,1\n"
		up := s.uploadAs(s.boss(), "sale", "sales.csv", text)
		done := s.runImport(s.boss(), "sale", up.Import, `{"mode":"skip_bad","key":"code","mapping":{"单号":"code","商品":"lines.item","数量":"lines.qty"}}`)
		if done.Written != 0 || done.Skipped != 1 || len(done.Errors) != 1 || done.Errors[0].Errors[0].Code != "record.line_in_use" {
			t.Errorf("%+v", done)
		}
		// Lines of a file name lines of other documents by number and place.
		text = "地区,来源明细,数量\nwest," + sale["code"].(string) + "/1,2\n,INK," + "3\n"
		up = s.uploadAs(s.boss(), "back", "back.csv", text)
		ask := `{"mapping":{"地区":"region","来源明细":"lines.source_line","数量":"lines.qty"}}`
		r, err := s.e.ImportPreview(context.Background(), s.call(s.boss(), "shop"), "back", up.Import, []byte(ask))
		if p := must[previewAnswer](t, r, err); p.Bad != 1 || !slices.Contains(p.told(), "3 来源明细 lines.source_line import.line_not_found") || strings.Contains(fmt.Sprint(p.told()), "2 来源明细") {
			t.Errorf("%q", p.told())
		}
	})
}

// What the actor may not write of lines, no column writes either.
func TestImportedLinesAreDecided(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		if _, err := s.put("role/clerk", `"actions": ["read", "create", "update"]`, `"actions": ["read", "create", "update", "import"]`); err != nil {
			t.Fatal(err)
		}
		if _, err := s.put("role/clerk", `"note": "readonly"`, `"note": "readonly", "lines.price": "readonly"`); err != nil {
			t.Fatal(err)
		}
		s.release("shop")
		up := s.uploadAs(s.clerk("east"), "sale", "sales.csv", salesCSV)
		if up.Mapping["备注"] != "" || up.Mapping["单价"] != "" || up.Mapping["数量"] != "lines.qty" {
			t.Errorf("%v", up.Mapping)
		}
		_, err := s.e.ImportPreview(context.Background(), s.call(s.clerk("east"), "shop"), "sale", up.Import, []byte(`{"mapping":{"备注":"note","单价":"lines.price"}}`))
		refused(t, err, "record.field_unknown", "/mapping/备注")
		refused(t, err, "record.field_unknown", "/mapping/单价")
		r, err := s.e.ImportPreview(context.Background(), s.call(s.clerk("east"), "shop"), "sale", up.Import, []byte(`{}`))
		if p := must[previewAnswer](t, r, err); p.Create != 2 || p.Bad != 1 { // A2 is of the west
			t.Errorf("%+v", p)
		}
	})
}

// Lines that post as their documents are written are judged one document after the other, whole and by chunks: what the
// ledger can't take refuses its document, at the row of its line.
func TestImportedLinesPost(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		docs := stockDocs(t)
		edit(docs, "entities/sale.json", func(d map[string]any) { delete(d["x-postings"].([]any)[0].(map[string]any), "when") })
		s.replaceDocs(docs)
		s.buy(s.pen, "2025-03-01", "20", "200")
		text := "单号,地区,日期,商品,数量,单价\n" +
			"A,east,2025-03-02,PEN-1,3,30\n,,,PEN-1,2,30\n" +
			"B,east,2025-03-02,PEN-1,1,30\n,,,PEN-1,17,30\n" +
			"C,east,2025-03-03,PEN-1,15,30\n"
		up := s.uploadAs(s.boss(), "sale", "sales.csv", text)
		whole := s.runImport(s.boss(), "sale", up.Import, `{}`)
		if whole.State != "failed" || whole.Written != 0 || !strings.Contains(fmt.Sprint(whole), "{5 [{ lines ledger.negative}]}") {
			t.Errorf("all or nothing: %+v", whole)
		}
		s.stock(s.pen, "20.0000", "200.00")
		some := s.runImport(s.boss(), "sale", up.Import, `{"mode":"skip_bad"}`)
		if some.State != "done" || some.Written != 2 || some.Skipped != 1 || len(some.Errors) != 2 {
			t.Errorf("skip bad: %+v", some)
		}
		s.stock(s.pen, "0.0000", "0.00")
	})
}

// A template is an empty file that an upload takes as it is meant, with lines and without.
func TestImportTemplate(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		for _, tc := range []struct{ lines, format, headers string }{
			{"", "", "地区 *,日期,备注"},
			{"lines", "", "单号,地区 *,日期,备注,商品 *,数量 *,单价"},
			{"lines", "csv", "单号,地区 *,日期,备注,商品 *,数量 *,单价"},
		} {
			d, err := s.e.ImportTemplate(s.call(s.boss(), "shop"), "sale", tc.lines, tc.format)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := d.Write(&out); err != nil {
				t.Fatal(err)
			}
			r, err := s.e.ImportUpload(context.Background(), s.call(s.boss(), "shop"), "sale", engine.ImportFile{Name: d.Name, Data: bytes.NewReader(out.Bytes()), Size: int64(out.Len())})
			up := must[struct {
				Headers []string
				Mapping map[string]string
				Group   string
				Rows    int
			}](t, r, err)
			if got := strings.Join(up.Headers, ","); got != tc.headers || up.Rows != 0 || (up.Group == "单号") != (tc.lines != "") || up.Mapping["地区 *"] != "region" || (up.Mapping["数量 *"] == "lines.qty") != (tc.lines != "") {
				t.Errorf("%q: %+v", tc.lines, up)
			}
		}
		_, err := s.e.ImportTemplate(s.call(s.boss(), "shop"), "sale", "total", "")
		refused(t, err, "query.field_unknown", "")
		_, err = s.e.ImportTemplate(s.call(s.clerk("east"), "shop"), "sale", "", "")
		refused(t, err, "access.denied", "")
	})
}

// drawn is a document of a random file.
type drawn struct {
	note, region string
	lines        [][3]string
}

func draw(r *rand.Rand, n int) []drawn {
	docs := make([]drawn, n)
	for i := range docs {
		docs[i] = drawn{note: fmt.Sprintf("n%03d", i), region: []string{"east", "west"}[r.IntN(2)]}
		for range 1 + r.IntN(6) {
			docs[i].lines = append(docs[i].lines, [3]string{[]string{"PEN-1", "INK-1"}[r.IntN(2)], fmt.Sprint(1 + r.IntN(9)), fmt.Sprint(30 + r.IntN(9))})
		}
	}
	return docs
}

// rowsOf writes documents as people do: the document's cells in each row, in the first alone, or now and then.
func rowsOf(r *rand.Rand, docs []drawn, layout int) string {
	var b strings.Builder
	b.WriteString("单号,备注,地区,商品编码,数量,单价\n")
	for i, d := range docs {
		for j, l := range d.lines {
			number, note, region := fmt.Sprint("N", i), d.note, d.region
			switch {
			case j == 0:
			case layout == 1:
				number, note, region = "", "", ""
			case layout == 2 && r.IntN(2) == 0:
				number = ""
			case layout == 2:
				note, region = "", ""
			}
			fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s\n", number, note, region, l[0], l[1], l[2])
			if r.IntN(5) == 0 {
				b.WriteString(",,,,,\n")
			}
		}
	}
	return b.String()
}

// Whatever way documents are laid out in rows, they come back with the same lines in the same order, whole or by chunks,
// beyond the ends of chunks too.
func TestImportedRowsAreTheirDocuments(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		r := rand.New(rand.NewPCG(7, 11))
		for layout := range 3 {
			for _, mode := range []string{"all_or_nothing", "skip_bad"} {
				docs := draw(r, 40)
				if mode == "skip_bad" {
					docs = draw(r, 180) // more than a chunk
				}
				before := len(s.allSales())
				up := s.uploadAs(s.boss(), "sale", "sales.csv", rowsOf(r, docs, layout))
				done := s.runImport(s.boss(), "sale", up.Import, `{"mode":"`+mode+`"}`)
				rows, want := 0, textsOf(docs)
				for _, d := range docs {
					rows += len(d.lines)
				}
				if done.State != "done" || done.Written != len(docs) || done.Read != rows {
					t.Fatalf("layout %d, %s: %+v, %d rows", layout, mode, done, rows)
				}
				if got := s.allSales()[before:]; !slices.Equal(got, want) {
					t.Fatalf("layout %d, %s:\n%q\n%q", layout, mode, got, want)
				}
				s.dropSales()
			}
		}
	})
}

// textsOf is what allSales tells of documents.
func textsOf(docs []drawn) []string {
	var out []string
	for _, d := range docs {
		var lines []string
		for _, l := range d.lines {
			lines = append(lines, l[0]+" "+l[1]+"×"+l[2])
		}
		out = append(out, d.note+"|"+d.region+"|"+strings.Join(lines, ";"))
	}
	return out
}

// dropSales deletes all sales.
func (s *shop) dropSales() {
	s.t.Helper()
	l, err := s.list(s.boss(), "sale", engine.ListRequest{PageSize: 200})
	for _, r := range l.Records {
		if err == nil {
			_, err = s.e.Delete(context.Background(), s.call(s.boss(), "shop"), "sale", r.id(), 0)
		}
	}
	if err != nil {
		s.t.Fatal(err)
	}
}
