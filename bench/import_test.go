package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"tenon/engine/sheet"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

var importRows = flag.Int("import-rows", 100_000, "rows of each file that is imported")

// importTable is what is imported: an entity of an app, the columns of the file and its rows.
type importTable struct {
	entity  string
	columns []sheet.Column
	row     func(i int) []any
}

// importTables are an entity of the general template with defaults, formulas, rules, references and two unique keys,
// and one with hardly any of these.
var importTables = []importTable{
	{"item", []sheet.Column{
		{Title: "Item code"},
		{Title: "Item name"},
		{Title: "Specification"},
		{Title: "Brand"},
		{Title: "Category"},
		{Title: "Base unit"},
		{Title: "Barcode"},
		{Title: "Purchase price", Kind: metamodel.Money, Scale: 2},
		{Title: "Sale price", Kind: metamodel.Money, Scale: 2},
		{Title: "Note"},
	}, func(i int) []any {
		cost := int64(100 + i%9000)
		return []any{
			fmt.Sprintf("I-%07d", i), fmt.Sprintf("商品 Item %d", i), fmt.Sprintf("%d × 40 cm", i%90), "榫卯", "Imported", "piece",
			fmt.Sprintf("69%011d", i), value.NewDecimal(cost, 2), value.NewDecimal(2*cost, 2), "Keep dry and out of the sun",
		}
	}},
	{"unit", []sheet.Column{{Title: "Name"}, {Title: "Note"}}, func(i int) []any {
		return []any{fmt.Sprintf("unit %d", i), "Counted one by one"}
	}},
}

// BenchmarkImport imports files over HTTP into the general template as the import page does: it uploads, starts, and
// asks how far it is until it is done. The time is from the first byte of the file to the answer that all is written.
func BenchmarkImport(b *testing.B) {
	for _, d := range eachDatabase {
		b.Run(d.name, func(b *testing.B) {
			var out strings.Builder
			fmt.Fprintf(&out, "\n%s, %d rows\n\n| entity | file | upload s | all s | rows/s | Tenon CPU µs/row |\n|---|---|--:|--:|--:|--:|\n", b.Name(), *importRows)
			for _, table := range importTables {
				for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
					tenon := startTenon(b, d.make(b))
					table.measure(b, tenon, format, &out)
					tenon.stop(b)
				}
			}
			_, _ = fmt.Fprintln(os.Stdout, out.String()) // the table is the result
		})
	}
}

func (table *importTable) measure(b *testing.B, tenon *child, format sheet.Format, out io.Writer) {
	b.Helper()
	admin := tenon.furnish(b)
	admin.do("POST", "/api/v1/apps", 201, object{"template": "general"})
	admin.do("POST", "/api/v1/apps/general/unit", 201, object{"name": "piece"})
	admin.do("POST", "/api/v1/apps/general/item_category", 201, object{"code": "I", "name": "Imported"})
	file := table.file(b, format)
	path, cpu, begun := "/api/v1/apps/general/"+table.entity+"/imports", tenon.cpu(b), time.Now()
	uploaded := admin.load(path, "rows."+format.String(), file, *importRows)
	took := time.Since(begun)
	cost := float64((tenon.cpu(b) - cpu).Microseconds()) / float64(*importRows)
	rate := float64(*importRows) / took.Seconds()
	_, _ = fmt.Fprintf(out, "| %s | %s, %d kB | %.1f | %.1f | **%.0f** | %.0f |\n", table.entity, format, len(file)/1000, uploaded.Seconds(), took.Seconds(), rate, cost)
	b.ReportMetric(rate, table.entity+"-"+format.String()+"-rows/s")
}

// load imports a file of so many rows, all or nothing, and returns how long the upload took of it.
func (a *api) load(path, name string, file []byte, rows int) (uploaded time.Duration) {
	a.t.Helper()
	begun := time.Now()
	id := a.upload(path, name, file).text("import")
	uploaded = time.Since(begun)
	a.do("POST", path+"/"+id+":run", 202, object{})
	state := object{}
	for state.text("state") != "done" {
		time.Sleep(200 * time.Millisecond)
		if state = a.do("GET", path+"/"+id, 200, nil); state.text("state") == "failed" {
			a.t.Fatalf("the import failed: %v", state)
		}
	}
	if n := state["written"]; n != float64(rows) {
		a.t.Fatalf("%v rows were written", n)
	}
	return uploaded
}

// file is the table as a file.
func (table *importTable) file(b *testing.B, format sheet.Format) []byte {
	b.Helper()
	var data bytes.Buffer
	w, err := sheet.NewWriter(format, &data, table.columns, sheet.Options{})
	for i := 0; err == nil && i < *importRows; i++ {
		err = w.WriteRow(table.row(i))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
	return data.Bytes()
}

// upload sends a file as a form does.
func (a *api) upload(path, name string, data []byte) object {
	a.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		a.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+a.addr+path, &body)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Origin", "http://"+a.addr)
	req.Header.Set("Cookie", a.cookie)
	req.Header.Set("Content-Type", form.FormDataContentType())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusCreated {
		a.t.Fatalf("%s: status %d (%v): %.600s", path, res.StatusCode, err, answer)
	}
	out := object{}
	if err := json.Unmarshal(answer, &out); err != nil {
		a.t.Fatal(err)
	}
	return out
}
