package sheet

import (
	"bytes"
	"io"
	"strconv"
	"testing"
	"time"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

const benchRows = 100_000

var benchColumns = []Column{{Title: "编码", Kind: metamodel.Text}, {Title: "名称", Kind: metamodel.Text}, {Title: "规格", Kind: metamodel.Text}, {Title: "数量", Kind: metamodel.Integer}, {Title: "单价", Kind: metamodel.Money, Scale: 2}, {Title: "金额", Kind: metamodel.Money, Scale: 2}, {Title: "日期", Kind: metamodel.Date}, {Title: "时间", Kind: metamodel.DateTime}, {Title: "启用", Kind: metamodel.Boolean}, {Title: "备注", Kind: metamodel.LongText}}

func writeBench(b *testing.B, format Format, out io.Writer) {
	w, err := NewWriter(format, out, benchColumns, Options{})
	if err != nil {
		b.Fatal(err)
	}
	at := time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC)
	for i := range benchRows {
		row := []any{"SKU" + strconv.Itoa(i), "商品名称" + strconv.Itoa(i%977), "500ml×24", int64(i), value.NewDecimal(int64(i)*7, 2), value.NewDecimal(int64(i)*int64(i)*7, 2), value.Date(20_000 + i%365), at.Add(time.Duration(i) * time.Second), i%2 == 0, nil}
		if err := w.WriteRow(row); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
}

func benchmarkRead(b *testing.B, format Format) {
	var out bytes.Buffer
	writeBench(b, format, &out)
	data := out.Bytes()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		book, err := openBytes("x", data)
		if err != nil {
			b.Fatal(err)
		}
		rows, err := book.Rows("")
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for rows.Next() {
			n++
		}
		if rows.Err() != nil || n != benchRows+1 {
			b.Fatal(n, rows.Err())
		}
	}
}

func BenchmarkReadXLSX100k(b *testing.B) { benchmarkRead(b, XLSX) }

func BenchmarkReadCSV100k(b *testing.B) { benchmarkRead(b, CSV) }

func BenchmarkWriteXLSX100k(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		writeBench(b, XLSX, io.Discard)
	}
}

func BenchmarkWriteCSV100k(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		writeBench(b, CSV, io.Discard)
	}
}
