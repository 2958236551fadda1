package engine_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"tenon/engine"
	"tenon/engine/policy"
	"tenon/engine/sheet"
	"tenon/metamodel"
)

// What is exported comes back by import as it was, from CSV and from XLSX.
func TestKindsComeBackFromAFile(t *testing.T) {
	eachKind(t, func(t *testing.T, w *kindWorld) {
		for _, format := range []string{"csv", "xlsx"} {
			t.Run(format, func(t *testing.T) {
				inner := *w.world
				inner.t = t
				kw := &kindWorld{world: &inner, cases: w.cases, names: w.names, records: w.records}
				kw.exports(format)
			})
		}
	})
}

func (w *kindWorld) exports(format string) {
	ctx := context.Background()
	fields := []string{"name"}
	for _, k := range w.cases {
		if k.kind != metamodel.Lines {
			fields = append(fields, k.field())
		}
	}
	body := asJSON(w.t, map[string]any{"format": format, "filter": "name in ['a', 'b']", "order_by": "name", "fields": fields})
	d, err := w.e.Export(ctx, w.call(w.boss(), "shop"), "thing", []byte(body))
	if err != nil {
		w.t.Fatal(err)
	}
	var out bytes.Buffer
	if err := d.Write(&out); err != nil {
		w.t.Fatal(err)
	}
	if format == "csv" {
		w.cells(d.Name, out.Bytes(), fields)
	}
	for _, r := range w.records[:2] { // the names are free again
		if _, err := w.update(w.boss(), "thing", r.id(), 0, record{"name": "old " + format + " " + r["name"].(string)}); err != nil {
			w.t.Fatal(err)
		}
	}
	up := w.uploadAs(w.boss(), "thing", d.Name, out.String())
	for _, k := range w.cases {
		_, mapped := up.Mapping["栏 "+k.field()]
		if k.kind != metamodel.Lines && mapped == k.noImport {
			w.t.Errorf("%s: mapped %v", k.field(), mapped)
		}
	}
	if st := w.runImport(w.boss(), "thing", up.Import, `{"mode":"all_or_nothing"}`); st.State != "done" || st.Written != 2 {
		w.t.Fatalf("import: %+v", st)
	}
	p, err := w.list(w.boss(), "thing", engine.ListRequest{Filter: "name in ['a', 'b']", OrderBy: "name"})
	if err != nil || len(p.Records) != 2 {
		w.t.Fatalf("%v, %v", p, err)
	}
	for i, r := range p.Records {
		for j := range w.cases {
			k := &w.cases[j]
			if k.noImport && k.name == "" {
				continue
			}
			if got := seen(w.t, k, r[k.field()]); got != w.want(k, i) {
				w.t.Errorf("%s: %s came back, want %s", k.field(), got, w.want(k, i))
			}
		}
		if _, err := w.update(w.boss(), "thing", r.id(), 0, record{"name": "new " + format + " " + r["name"].(string)}); err != nil {
			w.t.Fatal(err)
		}
	}
	for i, r := range w.records[:2] {
		if _, err := w.update(w.boss(), "thing", r.id(), 0, record{"name": []string{"a", "b"}[i]}); err != nil {
			w.t.Fatal(err)
		}
	}
}

// cells compares a file's cells with what the cases say.
func (w *kindWorld) cells(name string, data []byte, fields []string) {
	w.t.Helper()
	book, list := sheet.Open(name, bytes.NewReader(data), int64(len(data)))
	if list.HasErrors() {
		w.t.Fatal(list)
	}
	rows, err := book.Rows(book.Sheets()[0])
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for n := -1; rows.Next(); n++ {
		if n < 0 {
			continue
		}
		for column, cell := range rows.Row().Cells {
			i := slices.IndexFunc(w.cases, func(k kindCase) bool { return k.field() == fields[column] })
			if i >= 0 && w.cases[i].cells[n] != "" && cell.Text != w.cases[i].cells[n] {
				w.t.Errorf("%s: the cell is %q, want %q", fields[column], cell.Text, w.cases[i].cells[n])
			}
		}
	}
}

func (w *world) uploadAs(a *policy.Actor, entity, name, text string) importAnswer {
	w.t.Helper()
	r, err := w.e.ImportUpload(context.Background(), w.call(a, "shop"), entity, engine.ImportFile{Name: name, Data: strings.NewReader(text), Size: int64(len(text))})
	return must[importAnswer](w.t, r, err)
}

// runImport starts an import and waits for its end.
func (w *world) runImport(a *policy.Actor, entity, id, body string) importAnswer {
	w.t.Helper()
	ctx := context.Background()
	if _, err := w.e.ImportRun(ctx, w.call(a, "shop"), entity, id, []byte(body)); err != nil {
		w.t.Fatal(err)
	}
	for {
		r, err := w.e.ImportStatus(ctx, w.call(a, "shop"), entity, id)
		st := must[importAnswer](w.t, r, err)
		if st.State != "running" {
			return st
		}
		time.Sleep(5 * time.Millisecond)
	}
}
