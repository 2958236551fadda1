package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"tenon/metamodel/diag"
)

// parts is an XLSX as path → content, before it is zipped.
type parts map[string]string

const (
	relsRoot = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	relsBook = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="/xl/styles.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>`
	mainBook = `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="数据" sheetId="1" r:id="rId1"/></sheets></workbook>`
)

// bookOf is a workbook of one sheet named 数据, whose sheetData holds the given rows.
func bookOf(rows string) parts {
	return parts{
		"_rels/.rels":                relsRoot,
		"xl/workbook.xml":            mainBook,
		"xl/_rels/workbook.xml.rels": relsBook,
		"xl/worksheets/sheet1.xml":   `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + rows + `</sheetData></worksheet>`,
	}
}

func (p parts) with(name, content string) parts {
	p[name] = content
	return p
}

func (p parts) zip(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	names := make([]string, 0, len(p))
	for name := range p {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, p[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func openBytes(name string, data []byte) (*Book, error) {
	return open(name, bytes.NewReader(data), int64(len(data)))
}

// readAll reads the first sheet, copying its rows.
func readAll(data []byte) ([]Row, error) {
	b, err := openBytes("表.csv", data)
	if err != nil {
		return nil, err
	}
	return sheetRows(b, "")
}

func sheetRows(b *Book, sheet string) ([]Row, error) {
	rows, err := b.Rows(sheet)
	if err != nil {
		return nil, err
	}
	var out []Row
	for rows.Next() {
		r := rows.Row()
		r.Cells = slices.Clone(r.Cells)
		out = append(out, r)
	}
	return out, rows.Err()
}

func mustRead(t testing.TB, data []byte) []Row {
	t.Helper()
	rows, err := readAll(data)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return rows
}

// codeOf is the code of a problem, "" for none and "?" for an error that is no problem.
func codeOf(err error) diag.Code {
	if err == nil {
		return ""
	}
	var p *diag.Problem
	if errors.As(err, &p) {
		return p.First().Code
	}
	return "?"
}

func texts(rows []Row) [][]string {
	out := make([][]string, len(rows))
	for i, r := range rows {
		for _, c := range r.Cells {
			out[i] = append(out[i], c.Text)
		}
	}
	return out
}

func repeat(s string, n int) string { return strings.Repeat(s, n) }
