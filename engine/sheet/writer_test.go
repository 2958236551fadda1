package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

var everyKind = []Column{
	{Title: "名称", Kind: metamodel.Text},
	{Title: "数量", Kind: metamodel.Integer},
	{Title: "单价", Kind: metamodel.Money, Scale: 2},
	{Title: "税率", Kind: metamodel.Percent, Scale: 2},
	{Title: "启用", Kind: metamodel.Boolean},
	{Title: "日期", Kind: metamodel.Date},
	{Title: "时间", Kind: metamodel.DateTime},
	{Title: "钟点", Kind: metamodel.Time},
	{Title: "用时", Kind: metamodel.Duration},
	{Title: "标签", Kind: metamodel.Choices},
	{Title: "附加", Kind: metamodel.JSON},
}

func write(t testing.TB, format Format, columns []Column, opts Options, rows ...[]any) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(format, &out, columns, opts)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.WriteRow(r); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if w.Rows() != len(rows) {
		t.Errorf("counted %d rows of %d", w.Rows(), len(rows))
	}
	return out.Bytes()
}

func sampleRow() []any {
	return []any{
		"水=甜", int64(-12), value.MustDecimal("1234.5"), value.MustDecimal("0.13"), true,
		value.NewDate(2026, 2, 28), time.Date(2026, 2, 28, 16, 30, 15, 0, time.UTC), value.TimeOfDay(45_000),
		36*time.Hour + 5*time.Second,
		[]string{"甲", "乙"},
		value.JSON(`{"a":1}`),
	}
}

func TestWriteEveryKind(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	empty := make([]any, len(everyKind))
	csv := string(write(t, CSV, everyKind, Options{Zone: zone, True: "是", False: "否"}, sampleRow(), empty))
	want := utf8Mark + "名称,数量,单价,税率,启用,日期,时间,钟点,用时,标签,附加\r\n" +
		"水=甜,-12,1234.50,0.13,是,2026-02-28,2026-03-01 00:30:15,12:30:00,P1DT12H5S,\"甲; 乙\",\"{\"\"a\"\":1}\"\r\n,,,,,,,,,,\r\n"
	if csv != want {
		t.Errorf("CSV\n got %q\nwant %q", csv, want)
	}
	rows := mustRead(t, write(t, XLSX, everyKind, Options{Zone: zone, Sheet: "导出"}, sampleRow(), empty))
	cells := []Cell{{Text, "水=甜"}, {Number, "-12"}, {Number, "1234.5"}, {Number, "0.13"}, {Bool, "true"}, {Date, "2026-02-28"}, {DateTime, "2026-03-01T00:30:15"}, {Time, "12:30:00"}, {Duration, "P1DT12H5S"}, {Text, "甲; 乙"}, {Text, `{"a":1}`}}
	if len(rows) != 2 || !reflect.DeepEqual(rows[1].Cells, cells) {
		t.Errorf("XLSX\n got %+v\nwant %+v", rows, cells)
	}
}

// The library, reading what was written, shows the formats, the bold and frozen header, and no formula.
func TestXLSXLooks(t *testing.T) {
	data := write(t, XLSX, everyKind, Options{Sheet: "a/b"}, sampleRow())
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	sheet := f.GetSheetList()[0]
	if sheet != "a b" {
		t.Errorf("sheet %q", sheet)
	}
	for cell, want := range map[string]string{"C2": "1,234.50", "D2": "13%", "F2": "2026-02-28", "G2": "2026-02-28 16:30:15", "H2": "12:30:00", "I2": "36:00:05"} {
		if got, err := f.GetCellValue(sheet, cell); err != nil || got != want {
			t.Errorf("%s shows %q, %v, want %q", cell, got, err, want)
		}
	}
	panes, err := f.GetPanes(sheet)
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("panes %+v, %v", panes, err)
	}
	id, err := f.GetCellStyle(sheet, "A1")
	if err != nil {
		t.Fatal(err)
	}
	if style, err := f.GetStyle(id); err != nil || style.Font == nil || !style.Font.Bold {
		t.Errorf("header style %+v, %v", style, err)
	}
	if width, err := f.GetColWidth(sheet, "G"); err != nil || width != 20 {
		t.Errorf("width %v, %v", width, err)
	}
}

var attacks = []string{"=1+1", "=HYPERLINK(\"http://x\")", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "'=1", "''=1", "'+1", "-", "+", "=", "--5", "+86 138"}

func TestFormulasAreText(t *testing.T) {
	column := []Column{{Title: "=标题", Kind: metamodel.Text}}
	for _, text := range attacks {
		csv := string(write(t, CSV, column, Options{}, []any{text}))
		line := strings.TrimPrefix(csv, utf8Mark+"'=标题\r\n")
		if start := strings.TrimPrefix(line, `"`); !strings.HasPrefix(start, "'") {
			t.Errorf("%q was written as %q", text, line)
		}
		data := write(t, XLSX, column, Options{}, []any{text})
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		part, err := z.Open("xl/worksheets/sheet1.xml")
		if err != nil {
			t.Fatal(err)
		}
		xml, err := io.ReadAll(part)
		if err != nil || bytes.Contains(xml, []byte("<f")) {
			t.Errorf("%q made a formula: %s, %v", text, xml, err)
		}
		if got := mustRead(t, data)[1].Cells[0]; got != (Cell{Text, text}) {
			t.Errorf("%q came back as %+v", text, got)
		}
	}
	numbers := []Column{{Title: "n", Kind: metamodel.Decimal, Scale: 1}}
	if csv := string(write(t, CSV, numbers, Options{}, []any{value.MustDecimal("-5.5")})); !strings.HasSuffix(csv, "\r\n-5.5\r\n") {
		t.Errorf("a negative number was guarded: %q", csv)
	}
}

func textGen() *rapid.Generator[string] {
	odd := rapid.SampledFrom(append([]string{"_x0041_", "_x005F_", "_x005F_x0041_", "a,b", "\"", "a\nb", " x ", "sep=;", "007", "1e5", "]]>", "&amp;", "<b>", "\U0001F600", "a\tb"}, attacks...))
	return rapid.OneOf(odd, rapid.String(), rapid.StringMatching(`[=+\-@'"_x0-9A-F,;]{1,12}`))
}

// What is written comes back: text, numbers and dates exactly, in both formats, but for characters that no
// table carries.
func TestRoundTrip(t *testing.T) {
	columns := []Column{{Title: "文", Kind: metamodel.LongText}, {Title: "数", Kind: metamodel.Decimal, Scale: 4}, {Title: "日", Kind: metamodel.Date}, {Title: "时", Kind: metamodel.DateTime}, {Title: "末", Kind: metamodel.Text}}
	rapid.Check(t, func(t *rapid.T) {
		type record struct {
			text   string
			number value.Decimal
			day    value.Date
			at     time.Time
		}
		records := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) record {
			return record{
				textGen().Draw(t, "text"),
				value.NewDecimal(rapid.Int64Range(-999_999_999_999_999_999, 999_999_999_999_999_999).Draw(t, "number"), rapid.Int32Range(0, 9).Draw(t, "scale")),
				value.Date(rapid.Int32Range(int32(value.NewDate(1800, 1, 1)), int32(value.NewDate(9999, 12, 31))).Draw(t, "day")),
				time.Unix(rapid.Int64Range(-2_000_000_000, 250_000_000_000).Draw(t, "second"), 0).UTC(),
			}
		}), 1, 8).Draw(t, "records")
		for _, format := range []Format{CSV, XLSX} {
			var out bytes.Buffer
			w, err := NewWriter(format, &out, columns, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range records {
				if err := w.WriteRow([]any{r.text, r.number, r.day, r.at, "x"}); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			rows, err := readAll(out.Bytes())
			if err != nil || len(rows) != len(records)+1 {
				t.Fatalf("%s: %d rows, %v", format, len(rows), err)
			}
			for i, r := range records {
				cells := rows[i+1].Cells
				if cells[0].Text != printable(r.text) {
					t.Fatalf("%s: text %q came back as %q", format, r.text, cells[0].Text)
				}
				if number, err := value.ParseDecimal(cells[1].Text); err != nil || !number.Equal(r.number) {
					t.Fatalf("%s: number %s came back as %q, %v", format, r.number, cells[1].Text, err)
				}
				if cells[2].Text != r.day.String() {
					t.Fatalf("%s: day %s came back as %q", format, r.day, cells[2].Text)
				}
				if got := strings.Replace(cells[3].Text, " ", "T", 1); got != r.at.Format("2006-01-02T15:04:05") {
					t.Fatalf("%s: instant %s came back as %q", format, r.at, got)
				}
			}
		}
	})
}

func TestLongTextIsCut(t *testing.T) {
	column := []Column{{Title: "t", Kind: metamodel.LongText}}
	var out bytes.Buffer
	w, err := NewWriter(XLSX, &out, column, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{repeat("字", MaxCellChars), repeat("😀", MaxCellChars/2), repeat("字", MaxCellChars+1), repeat("😀", MaxCellChars/2+1)} {
		if err := w.WriteRow([]any{text}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w.Cut() != 2 {
		t.Errorf("cut %d texts, want 2", w.Cut())
	}
	rows := mustRead(t, out.Bytes())
	for i, want := range []int{MaxCellChars, MaxCellChars - 1, MaxCellChars, MaxCellChars} {
		if got := utf16Len(rows[i+1].Cells[0].Text); got != want {
			t.Errorf("text %d came back with %d units, want %d", i, got, want)
		}
	}
	if got := rows[3].Cells[0].Text; !strings.HasSuffix(got, "字…") {
		t.Errorf("a cut text doesn't say so: %q", got[len(got)-10:])
	}
}

func TestWriterRefuses(t *testing.T) {
	if _, err := NewWriter(CSV, io.Discard, nil, Options{}); err == nil {
		t.Error("a table without columns")
	}
	column := []Column{{Title: "a", Kind: metamodel.Text}}
	for _, format := range []Format{CSV, XLSX} {
		w, err := NewWriter(format, io.Discard, column, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.WriteRow([]any{"a", "b"}); err == nil {
			t.Error("a row too wide")
		}
		if err := w.WriteRow([]any{1.5}); err == nil {
			t.Error("a floating-point number")
		}
		w.rows = MaxWriteRows
		if err := w.WriteRow([]any{"a"}); codeOf(err) != "export.too_many_rows" {
			t.Errorf("a row too many: %v", err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if err := w.WriteRow([]any{"a"}); !errors.Is(err, ErrClosed) {
			t.Errorf("a row after the end: %v", err)
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestWriteFailure(t *testing.T) {
	for _, format := range []Format{CSV, XLSX} {
		w, err := NewWriter(format, brokenPipe{}, []Column{{Title: "a", Kind: metamodel.Text}}, Options{})
		if err == nil {
			err = w.Close()
		}
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: got %v", format, err)
		}
	}
}

func TestSheetNames(t *testing.T) {
	cases := map[string]string{
		"": "Sheet1", "采购/订单": "采购 订单", "'a'": "a", "History": "History_", "[:]": "Sheet1",
		repeat("长", 40): repeat("长", 31), repeat("😀", 20): repeat("😀", 15),
	}
	for in, want := range cases {
		if got := sheetName(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		f := excelize.NewFile()
		if err := f.SetSheetName("Sheet1", sheetName(name)); err != nil {
			t.Fatalf("%q: %v", name, err)
		}
	})
}
