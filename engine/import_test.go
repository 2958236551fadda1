package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"tenon/engine"
	"tenon/engine/policy"
	"tenon/engine/sheet"
	"tenon/metamodel"
)

type importAnswer struct {
	Import  string            `json:"import"`
	State   string            `json:"state"`
	Mapping map[string]string `json:"mapping"`
	Group   string            `json:"group"`
	Rows    int               `json:"rows"`
	Read    int               `json:"read"`
	Written int               `json:"written"`
	Skipped int               `json:"skipped"`
	Problem string            `json:"problem"`
	Errors  []struct {
		Row    int
		Errors []struct{ Column, Field, Code string }
	}
}

func (s *shop) upload(a *policy.Actor, text string) importAnswer {
	s.t.Helper()
	return s.uploadAs(a, "item", "items.csv", text)
}

func table(text string) engine.ImportFile {
	return engine.ImportFile{Name: "items.csv", Data: strings.NewReader(text), Size: int64(len(text))}
}

// run starts an import and waits for its end.
func (s *shop) run(a *policy.Actor, id, body string) importAnswer {
	s.t.Helper()
	return s.runImport(a, "item", id, body)
}

const itemsCSV = "编码,名称,价格(元),成本,地区,等级,启用,备用列\n" +
	"CUP-1,杯子,\"1,200.50\",3,east,甲,是,x\n" +
	"CUP-2,大杯,5,2,west,b,否,x\n" +
	"cup-3,坏编码,5,2,east,甲,是,x\n" +
	"CUP-4,没有地区,5,2,north,丁,也许,x\n" +
	"CUP-1,重复,5,2,east,甲,是,x\n"

// A preview of many rows looks the same names up once, and finds what is taken in the app or twice in the file.
func TestImportPreviewOfManyRows(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		var b strings.Builder
		b.WriteString("编码,名称,价格,成本,地区\n")
		for i := range 1200 {
			fmt.Fprintf(&b, "MANY-%d,杯子,5,3,%s\n", i, []string{"east", "west", fmt.Sprint("region ", i)}[min(i%400, 2)])
		}
		b.WriteString("MANY-7,杯子,5,3,east\n" + s.pen["code"].(string) + ",笔,5,3,east\n")
		up := s.upload(s.boss(), b.String())
		r, err := s.e.ImportPreview(context.Background(), s.call(s.boss(), "shop"), "item", up.Import, []byte(`{}`))
		p := must[struct {
			Rows []struct {
				Row    int
				Errors []struct{ Field, Code string }
			}
			Checked, Bad, Create int
		}](t, r, err)
		if p.Checked != 1202 || p.Bad != 1196 || p.Create != 6 {
			t.Errorf("%d checked, %d bad, %d to create", p.Checked, p.Bad, p.Create)
		}
		codes := map[string]int{}
		for _, row := range p.Rows {
			for _, x := range row.Errors {
				codes[x.Field+" "+x.Code]++
			}
		}
		if codes["region import.reference_not_found"] == 0 {
			t.Errorf("%v", codes)
		}
		few := s.upload(s.boss(), "编码,名称,价格,成本,地区\nA-1,杯子,5,3,east\nA-1,杯子,5,3,east\n"+s.pen["code"].(string)+",笔,5,3,east\n")
		r, err = s.e.ImportPreview(context.Background(), s.call(s.boss(), "shop"), "item", few.Import, []byte(`{}`))
		if err != nil || !strings.Contains(string(r.Body), `"import.twin"`) || !strings.Contains(string(r.Body), `"record.not_unique"`) {
			t.Errorf("%s, %v", r.Body, err)
		}
	})
}

func TestImportTellsEveryError(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := context.Background()
		up := s.upload(s.boss(), itemsCSV)
		if up.Rows != 5 || up.Mapping["编码"] != "code" || up.Mapping["价格(元)"] != "price" || up.Mapping["地区"] != "region" || up.Mapping["备用列"] != "" {
			t.Fatalf("upload: %+v", up)
		}
		r, err := s.e.ImportPreview(ctx, s.call(s.boss(), "shop"), "item", up.Import, []byte(`{}`))
		type preview struct {
			Rows []struct {
				Row    int
				Errors []struct{ Column, Field, Code string }
			}
			Checked, Bad, Create, Update int
		}
		p := must[preview](t, r, err)
		got := fmt.Sprint(p.Rows)
		for _, want := range []string{"{4 [{编码 code record.pattern}]}", "{地区 region import.reference_not_found}", "{等级 grade record.option_unknown}", "{启用 active record.wrong_type}", "{6 [{编码 code import.twin}]}"} {
			if !strings.Contains(got, want) {
				t.Errorf("preview lacks %s: %s", want, got)
			}
		}
		if body := string(r.Body); !strings.Contains(body, "是 或 否") || strings.Contains(body, "true 或 false") {
			t.Errorf("a cell is told what JSON wants: %s", body)
		}
		whole := s.run(s.boss(), up.Import, `{"mode":"all_or_nothing"}`)
		if whole.State != "failed" || whole.Written != 0 {
			t.Errorf("all or nothing: %+v", whole)
		}
		if l, err := s.list(s.boss(), "item", engine.ListRequest{Count: "exact"}); err != nil || *l.Count != 2 {
			t.Errorf("all or nothing left %v, %v", *l.Count, err)
		}
		some := s.run(s.boss(), up.Import, `{"mode":"skip_bad"}`)
		if some.State != "done" || some.Written != 2 || some.Skipped != 3 {
			t.Errorf("skip bad: %+v", some)
		}
		cup, err := s.list(s.boss(), "item", engine.ListRequest{Filter: "code == 'CUP-1'"})
		if err != nil || len(cup.Records) != 1 || cup.Records[0]["price"] != "1200.5000" || cup.Records[0]["grade"] != "a" || cup.Records[0]["region"] != s.east.id() || cup.Records[0]["active"] != true {
			t.Errorf("imported: %v, %v", cup, err)
		}
		again := s.upload(s.boss(), "编码,价格\nCUP-1,7\nCUP-9,8\n")
		updated := s.run(s.boss(), again.Import, `{"mode":"skip_bad","key":"code"}`)
		if updated.Written != 1 || updated.Skipped != 1 {
			t.Errorf("update by key: %+v", updated)
		}
	})
}

// Cells are corrected beside the file: the preview judges what they became, and the run writes it.
func TestImportTakesCorrections(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := context.Background()
		up := s.upload(s.boss(), "编码,名称,价格,成本,地区\nFIX-1,杯子,5,3,east\nFIX-2,大杯,5,3,nowhere\nFIX-3,小杯,很贵,3\n")
		ask := func(body string) string {
			t.Helper()
			r, err := s.e.ImportPreview(ctx, s.call(s.boss(), "shop"), "item", up.Import, []byte(body))
			if err != nil {
				t.Fatal(err)
			}
			return string(r.Body)
		}
		first := ask(`{}`)
		for _, want := range []string{`{"row":3,"cells":["FIX-2","大杯","5","3","nowhere"]`, `"import.reference_not_found"`, `"cells":["FIX-3","小杯","很贵","3",""]`, `"bad":2`} {
			if !strings.Contains(first, want) {
				t.Errorf("%s lacks %s", first, want)
			}
		}
		if n := strings.Count(first, `"field":"region"`); n != 1 {
			t.Errorf("region is told %d times: %s", n, first)
		}
		const fixed = `{"corrections":{"3":{"地区":"west"},"4":{"价格":"9.50","地区":"east"}}}`
		if second := ask(fixed); !strings.Contains(second, `"bad":0,"create":3`) {
			t.Errorf("corrected: %s", second)
		}
		for _, bad := range []string{`{"corrections":[]}`, `{"corrections":{"x":{}}}`, `{"corrections":{"3":{"无":"1"}}}`, `{"corrections":{"3":{"地区":1}}}`} {
			if _, err := s.e.ImportPreview(ctx, s.call(s.boss(), "shop"), "item", up.Import, []byte(bad)); err == nil {
				t.Errorf("%s is taken", bad)
			}
		}
		done := s.run(s.boss(), up.Import, fixed)
		if done.State != "done" || done.Written != 3 {
			t.Errorf("run: %+v", done)
		}
		list, err := s.e.List(ctx, s.call(s.boss(), "shop"), "item", engine.ListRequest{Filter: "code == 'FIX-3'"})
		if err != nil || !strings.Contains(string(list.Body), `"price":"9.5000"`) {
			t.Errorf("%s, %v", list.Body, err)
		}
	})
}

func TestImportIsDecided(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := context.Background()
		_, err := s.e.ImportUpload(ctx, s.call(s.clerk("east"), "shop"), "item", table(itemsCSV))
		refused(t, err, "access.denied", "")
		up := s.upload(s.boss(), itemsCSV)
		other := s.boss()
		other.ID = "01920000-0000-7000-8000-0000000000ee"
		_, err = s.e.ImportStatus(ctx, s.call(other, "shop"), "item", up.Import)
		refused(t, err, "import.not_found", "")
		_, err = s.e.ImportRun(ctx, s.call(s.boss(), "shop"), "item", up.Import, []byte(`{"mapping":{"编码":"margin","名称":"id","无此列":"name"}}`))
		refused(t, err, "record.field_unknown", "/mapping/编码")
		refused(t, err, "import.column_unknown", "/mapping/无此列")
	})
}

func TestExportShowsWhatAListShows(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		d, err := s.e.Export(context.Background(), s.call(s.clerk("east"), "shop"), "item", []byte(`{"format":"csv","order_by":"code"}`))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := d.Write(&out); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		if !strings.Contains(text, "PEN-1,钢笔,12.5000,是,甲,east") && !strings.Contains(text, "PEN-1,钢笔,12.5") {
			t.Errorf("csv:\n%s", text)
		}
		if strings.Contains(text, "成本") || strings.Contains(text, "毛利") || strings.Contains(text, "21.1234") || strings.Contains(text, "west") {
			t.Errorf("the export shows what a clerk may not see:\n%s", text)
		}
		sold, err := s.sale(s.boss(), s.east, record{"item": s.pen.id(), "qty": "3", "price": "12"})
		if err == nil {
			_, err = s.transition(s.boss(), "sale", sold.id(), "finish")
		}
		if err != nil {
			t.Fatal(err)
		}
		if d, err = s.e.Export(context.Background(), s.call(s.boss(), "shop"), "item", []byte(`{"format":"csv","order_by":"code","fields":["code","sold"]}`)); err != nil {
			t.Fatal(err)
		}
		out.Reset()
		if err := d.Write(&out); err != nil || !strings.Contains(out.String(), "PEN-1,3.0000") {
			t.Errorf("what is counted over other records: %v\n%s", err, out.String())
		}
		_, err = s.e.Export(context.Background(), s.call(s.clerk("east"), "shop"), "item", []byte(`{"fields":["cost"]}`))
		refused(t, err, "query.field_unknown", "/fields/0")
		_, err = s.e.Export(context.Background(), s.call(s.clerk("east"), "shop"), "sale", []byte(`{}`))
		refused(t, err, "access.denied", "")
		x, err := s.e.Export(context.Background(), s.call(s.boss(), "shop"), "item", []byte(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		out.Reset()
		if err := x.Write(&out); err != nil {
			t.Fatal(err)
		}
		book, list := sheet.Open(x.Name, bytes.NewReader(out.Bytes()), int64(out.Len()))
		if list.HasErrors() {
			t.Fatal(list)
		}
		rows, err := book.Rows(book.Sheets()[0])
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for rows.Next() {
			n++
		}
		if n != 3 || rows.Err() != nil {
			t.Errorf("%d rows, %v", n, rows.Err())
		}
		_ = rows.Close()
	})
}

func TestFormEvaluation(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := context.Background()
		type answer struct {
			Values      record
			Hidden      []string
			Required    []string
			Readonly    []string
			Diagnostics []struct{ Code, Pointer string }
		}
		eval := func(a *policy.Actor, body string) answer {
			t.Helper()
			r, err := s.e.Evaluate(ctx, s.call(a, "shop"), "sale", []byte(body))
			return must[answer](t, r, err)
		}
		small := eval(s.boss(), fmt.Sprintf(`{"form":"sale_form","values":{"region":%q,"lines":[{"item":%q,"qty":"2","price":"10"}]},"changed":["lines"]}`, s.east.id(), s.pen.id()))
		if small.Values["total"] != "20.00" || small.Values["sold_on"] != "2026-03-15" || fmt.Sprint(small.Hidden) != "[note lines.qty]" || len(small.Diagnostics) != 0 {
			t.Errorf("small: %+v", small)
		}
		big := eval(s.boss(), fmt.Sprintf(`{"form":"sale_form","values":{"sold_on":"2027-01-01","lines":[{"item":%q,"qty":"20","price":"10"}]}}`, s.pen.id()))
		if len(big.Hidden) != 0 || fmt.Sprint(big.Diagnostics) != "[{record.required /values/region}]" {
			t.Errorf("big: %+v", big)
		}
		if l, err := s.list(s.boss(), "sale", engine.ListRequest{Count: "exact"}); err != nil || *l.Count != 0 {
			t.Errorf("an evaluation wrote: %v, %v", *l.Count, err)
		}
		if !strings.Contains(fmt.Sprint(eval(s.clerk("east"), `{"form":"sale_form","values":{}}`).Readonly), "note") {
			t.Error("a read-only field is not told")
		}
	})
}

func TestHistoryAndWhy(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := context.Background()
		if _, err := s.update(s.boss(), "item", s.pen.id(), 0, record{"cost": "9", "name": "好钢笔"}); err != nil {
			t.Fatal(err)
		}
		type history struct {
			Entries []struct {
				Action  string
				Version int
				Changes []struct {
					Field         string
					Before, After any
				}
			}
		}
		r, err := s.e.History(ctx, s.call(s.boss(), "shop"), "item", s.pen.id(), 0, "")
		h := must[history](t, r, err)
		if len(h.Entries) != 2 || h.Entries[0].Action != "update" || fmt.Sprint(h.Entries[0].Changes) != "[{name 钢笔 好钢笔} {cost 8.0000 9.0000} {margin 4.5000 3.5000}]" {
			t.Errorf("history: %+v", h)
		}
		r, err = s.e.History(ctx, s.call(s.clerk("east"), "shop"), "item", s.pen.id(), 0, "")
		if c := must[history](t, r, err); fmt.Sprint(c.Entries[0].Changes) != "[{name 钢笔 好钢笔} {margin *** ***}]" {
			t.Errorf("a clerk's history: %+v", c)
		}
		r, err = s.e.Why(ctx, s.call(s.clerk("east"), "shop"), "sale", "", string(metamodel.ActDelete))
		if why := must[map[string]any](t, r, err); why["allowed"] != false || fmt.Sprint(why["could"]) != "[boss]" {
			t.Errorf("why: %v", why)
		}
	})
}

func TestAggregate(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := context.Background()
		for i, region := range []record{s.east, s.east, s.west} {
			if _, err := s.sale(s.boss(), region, record{"item": s.pen.id(), "qty": fmt.Sprint(i + 1), "price": "10"}); err != nil {
				t.Fatal(err)
			}
		}
		type groups struct {
			Groups []struct{ Key, Values map[string]any }
		}
		body := []byte(`{"group_by":["region.name","sold_on:month"],"measures":[{"fn":"count"},{"fn":"sum","field":"total"},{"fn":"avg","field":"total","as":"mean"}]}`)
		r, err := s.e.Aggregate(ctx, s.call(s.boss(), "shop"), "sale", body)
		g := must[groups](t, r, err)
		if fmt.Sprint(g.Groups) != "[{map[region.name:east sold_on:month:2026-03-01] map[count:2 mean:15.00 sum_total:30.00]} {map[region.name:west sold_on:month:2026-03-01] map[count:1 mean:30.00 sum_total:30.00]}]" {
			t.Errorf("groups: %v", g.Groups)
		}
		r, err = s.e.Aggregate(ctx, s.call(s.clerk("west"), "shop"), "sale", []byte(`{"measures":[{"fn":"count"},{"fn":"sum","field":"total"}]}`))
		if c := must[groups](t, r, err); fmt.Sprint(c.Groups[0].Values) != "map[count:1 sum_total:30.00]" {
			t.Errorf("a clerk sees %v", c.Groups)
		}
		_, err = s.e.Aggregate(ctx, s.call(s.clerk("west"), "shop"), "item", []byte(`{"measures":[{"fn":"sum","field":"cost"}]}`))
		refused(t, err, "query.field_unknown", "")
	})
}

func TestFilesAreSeenByWhoSeesTheRecord(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		ctx := context.Background()
		r, err := s.e.FilePut(ctx, s.call(s.boss(), "shop"), `..\..\<b>合同\u202e.html`, strings.NewReader("<html><script>alert(1)</script></html>"))
		f := must[struct{ ID, Name, Type string }](t, r, err)
		if strings.ContainsAny(f.Name, `<>/\`) || !strings.HasPrefix(f.Type, "text/html") {
			t.Errorf("file: %+v", f)
		}
		d, err := s.e.FileOpen(ctx, s.call(s.boss(), "shop"), f.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Write(io.Discard); err != nil {
			t.Error(err)
		}
		_, err = s.e.FileOpen(ctx, s.call(s.clerk("east"), "shop"), f.ID)
		refused(t, err, "file.not_found", "")
	})
}
