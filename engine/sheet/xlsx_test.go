package sheet

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

const testStyles = `<styleSheet><numFmts count="5"><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/><numFmt numFmtId="165" formatCode="00000"/><numFmt numFmtId="166" formatCode="0.00E+00"/><numFmt numFmtId="167" formatCode="[$-804]yyyy/m/d\ h:mm;@"/><numFmt numFmtId="168" formatCode="&quot;day &quot;0.00_);[Red]\(0.00\)"/></numFmts>
<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="167"/><xf numFmtId="21"/><xf numFmtId="46"/><xf numFmtId="168"/><xf numFmtId="31"/></cellXfs></styleSheet>`

// Each cell reads as what Excel shows of it.
func TestCellsAsShown(t *testing.T) {
	cases := []struct {
		name string
		xml  string
		want Cell
	}{
		{"binary artefact", `<c r="A1"><v>0.30000000000000004</v></c>`, Cell{Number, "0.3"}},
		{"artefact below", `<c r="A1"><v>4.3499999999999996</v></c>`, Cell{Number, "4.35"}},
		{"exponent", `<c r="A1"><v>1.5E-3</v></c>`, Cell{Number, "0.0015"}},
		{"large exponent", `<c r="A1"><v>1.2E+5</v></c>`, Cell{Number, "120000"}},
		{"near zero", `<c r="A1"><v>1.1102230246251565E-16</v></c>`, Cell{Number, "0.000000000000000111022302462516"}},
		{"carry over", `<c r="A1"><v>0.99999999999999989</v></c>`, Cell{Number, "1"}},
		{"whole number written out", `<c r="A1"><v>12345678901234567</v></c>`, Cell{Number, "12345678901234567"}},
		{"negative zero", `<c r="A1"><v>-0</v></c>`, Cell{Number, "0"}},
		{"absurd exponent", `<c r="A1"><v>1E300</v></c>`, Cell{Text, "1E300"}},
		{"leading zeros as shown", `<c r="A1" s="4"><v>42</v></c>`, Cell{Number, "00042"}},
		{"scientific format is a number", `<c r="A1" s="5"><v>45292</v></c>`, Cell{Number, "45292"}},
		{"quoted word and colour are no date", `<c r="A1" s="9"><v>45292</v></c>`, Cell{Number, "45292"}},
		{"date", `<c r="A1" s="1"><v>45292</v></c>`, Cell{Date, "2024-01-01"}},
		{"chinese date", `<c r="A1" s="3"><v>45292</v></c>`, Cell{Date, "2024-01-01"}},
		{"builtin chinese date", `<c r="A1" s="10"><v>45292.75</v></c>`, Cell{Date, "2024-01-01"}},
		{"date and time", `<c r="A1" s="2"><v>45292.999988425923</v></c>`, Cell{DateTime, "2024-01-01T23:59:59"}},
		{"locale and second section", `<c r="A1" s="6"><v>45292.5</v></c>`, Cell{DateTime, "2024-01-01T12:00:00"}},
		{"milliseconds", `<c r="A1" s="2"><v>45292.0000028935</v></c>`, Cell{DateTime, "2024-01-01T00:00:00.25"}},
		{"rounds into the next day", `<c r="A1" s="2"><v>45292.99999999999</v></c>`, Cell{DateTime, "2024-01-02T00:00:00"}},
		{"time", `<c r="A1" s="7"><v>0.5208333333333334</v></c>`, Cell{Time, "12:30:00"}},
		{"elapsed", `<c r="A1" s="8"><v>1.5</v></c>`, Cell{Duration, "P1DT12H"}},
		{"before the leap bug", `<c r="A1" s="1"><v>1</v></c>`, Cell{Date, "1900-01-01"}},
		{"the day that never was", `<c r="A1" s="1"><v>60</v></c>`, Cell{Number, "60"}},
		{"after the leap bug", `<c r="A1" s="1"><v>61</v></c>`, Cell{Date, "1900-03-01"}},
		{"past the last day", `<c r="A1" s="1"><v>2958466</v></c>`, Cell{Number, "2958466"}},
		{"negative under a date format", `<c r="A1" s="1"><v>-1</v></c>`, Cell{Number, "-1"}},
		{"true", `<c r="A1" t="b"><v>1</v></c>`, Cell{Bool, "true"}},
		{"error", `<c r="A1" t="e"><v>#DIV/0!</v></c>`, Cell{Error, "#DIV/0!"}},
		{"shared", `<c r="A1" t="s"><v>1</v></c>`, Cell{Text, "甲乙 <丙>"}},
		{"inline", `<c r="A1" t="inlineStr"><is><t xml:space="preserve"> 丁&#10;&amp;x </t></is></c>`, Cell{Text, " 丁\n&x "}},
		{"cdata", `<c r="A1" t="inlineStr"><is><t>a<![CDATA[<&>]]>b</t></is></c>`, Cell{Text, "a<&>b"}},
		{"escaped control", `<c r="A1" t="inlineStr"><is><t>a_x000D_b_x005F_x0041_</t></is></c>`, Cell{Text, "a\rb_x0041_"}},
		{"formula with result", `<c r="A1"><f>1+1</f><v>2</v></c>`, Cell{Number, "2"}},
		{"formula after its result", `<c r="A1"><v>2</v><f>1+1</f></c>`, Cell{Number, "2"}},
		{"formula with text", `<c r="A1" t="str"><f>"a"</f><v>a</v></c>`, Cell{Text, "a"}},
		{"formula without result", `<c r="A1"><f>B1&amp;"x"</f></c>`, Cell{Formula, `=B1&"x"`}},
		{"iso date", `<c r="A1" t="d"><v>2026-03-04T00:00:00Z</v></c>`, Cell{Date, "2026-03-04"}},
		{"iso instant", `<c r="A1" t="d"><v>2026-03-04T05:06:07.5</v></c>`, Cell{DateTime, "2026-03-04T05:06:07.5"}},
		{"attribute with a bracket", `<c r="A1" x="a>b" t="b"><v>0</v></c>`, Cell{Bool, "false"}},
		{"prefixed names", `<x:c r="A1"><x:v>7</x:v></x:c>`, Cell{Number, "7"}},
		{"no references", `<c><v>7</v></c>`, Cell{Number, "7"}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			book := bookOf(`<row r="1">`+tc.xml+`</row>`).with("xl/styles.xml", testStyles).
				with("xl/sharedStrings.xml", `<sst><si><t>x</t></si><si><r><rPr><b/></rPr><t>甲</t></r><r><t>乙 &lt;丙&gt;</t></r><rPh sb="0"><t>jia</t></rPh></si></sst>`)
			rows := mustRead(t, book.zip(t))
			if len(rows) != 1 || len(rows[0].Cells) != 1 || rows[0].Cells[0] != tc.want {
				t.Fatalf("got %+v, want %+v", rows, tc.want)
			}
		})
	}
}

func TestDateSystem1904(t *testing.T) {
	book := bookOf(`<row><c s="1"><v>0</v></c><c s="1"><v>43830</v></c></row>`).with("xl/styles.xml", testStyles)
	book["xl/workbook.xml"] = `<workbook xmlns:r="x"><workbookPr date1904="1"/><sheets><sheet name="a" r:id="rId1"/></sheets></workbook>`
	rows := mustRead(t, book.zip(t))
	if got, want := texts(rows), [][]string{{"1904-01-01", "2024-01-01"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRowsAreSparse(t *testing.T) {
	rows := mustRead(t, bookOf(`<row r="2"><c r="C2"><v>1</v></c><c r="XFD2" s="3"/></row><row r="5"/><row r="1048576"><c r="A1048576"><v>2</v></c></row>`).zip(t))
	want := []Row{{2, []Cell{{}, {}, {Number, "1"}}}, {1_048_576, []Cell{{Number, "2"}}}}
	if !reflect.DeepEqual(rows, want) {
		t.Errorf("got %+v, want %+v", rows, want)
	}
}

func TestSheets(t *testing.T) {
	f := excelize.NewFile()
	for _, step := range []func() error{
		func() error { _, err := f.NewSheet("第二"); return err },
		func() error { _, err := f.NewSheet("hidden"); return err },
		func() error { return f.SetSheetVisible("hidden", false) },
		func() error { return f.SetCellValue("第二", "B2", "x") },
		func() error { return f.SetCellValue("Sheet1", "A1", 1) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	var buf bytes.Buffer
	if err := f.Write(&buf); err != nil {
		t.Fatal(err)
	}
	b, err := openBytes("x", buf.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := b.Sheets(), []string{"Sheet1", "第二"}; !slices.Equal(got, want) {
		t.Errorf("sheets %q, want %q", got, want)
	}
	rows, err := sheetRows(b, "第二")
	if err != nil || len(rows) != 1 || rows[0].Number != 2 || rows[0].Cells[1].Text != "x" {
		t.Errorf("got %+v, %v", rows, err)
	}
	if _, err := b.Rows("none"); codeOf(err) != "import.no_sheet" {
		t.Errorf("an unknown sheet: %v", err)
	}
}

// What the library writes through its own API, the reader reads: an oracle that shares no code with it.
func TestReadsLibraryFiles(t *testing.T) {
	f := excelize.NewFile()
	at := time.Date(2025, 2, 28, 13, 14, 15, 0, time.UTC)
	style, err := f.NewStyle(&excelize.Style{NumFmt: 22})
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]any{"A1": "标题", "B1": 12.5, "C1": true, "D1": at, "E1": "_x_", "F1": "a\nb", "G1": 0.1 + 0.2, "H1": -3}
	for cell, v := range values {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetCellStyle("Sheet1", "D1", "D1", style); err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellFormula("Sheet1", "I1", "SUM(B1:B1)"); err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := f.Write(&buf); err != nil {
		t.Fatal(err)
	}
	want := []Cell{{Text, "标题"}, {Number, "12.5"}, {Bool, "true"}, {DateTime, "2025-02-28T13:14:15"}, {Text, "_x_"}, {Text, "a\nb"}, {Number, "0.3"}, {Number, "-3"}, {Formula, "=SUM(B1:B1)"}}
	rows := mustRead(t, buf.Bytes())
	if !reflect.DeepEqual(rows[0].Cells, want) {
		t.Errorf("got %+v,\nwant %+v", rows[0].Cells, want)
	}
}

func TestFormatCodes(t *testing.T) {
	cases := map[string]formatKind{
		"General": formatNumber, "0.00": formatNumber, "#,##0": formatNumber, "@": formatNumber, "0%": formatNumber, `"y"0`: formatNumber, `\d0`: formatNumber, "[Red]0": formatNumber, "0.0E+0": formatNumber, "# ?/?": formatNumber, `_-* #,##0.00\ "d"_-`: formatNumber,
		"yyyy-mm-dd": formatDate, "m/d": formatDate, "mmm-yy": formatDate, "aaaa": formatDate, "[$-F800]dddd, mmmm dd, yyyy": formatDate, "YYYY年M月D日": formatDate,
		"yyyy-mm-dd hh:mm": formatDateTime, "m/d/yy h:mm": formatDateTime, "h:mm:ss AM/PM": formatTime, "mm:ss.0": formatTime, `h"时"mm"分"`: formatTime, "[h]:mm": formatDuration, "[mm]:ss": formatDuration,
	}
	for code, want := range cases {
		if got := parseFormat(code).kind; got != want {
			t.Errorf("%q: got %d, want %d", code, got, want)
		}
	}
}

func TestBadSheets(t *testing.T) {
	cases := map[string]string{
		"row 10^9":            `<row r="1000000000"><c><v>1</v></c></row>`,
		"row past the last":   `<row r="1048576"><c><v>1</v></c></row><row><c><v>1</v></c></row>`,
		"row zero":            `<row r="0"/>`,
		"rows out of order":   `<row r="2"/><row r="1"/>`,
		"cells out of order":  `<row><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>`,
		"column past XFD":     `<row><c r="ZZZZ1"><v>1</v></c></row>`,
		"no column":           `<row><c r="1"><v>1</v></c></row>`,
		"unknown shared text": `<row><c t="s"><v>5</v></c></row>`,
		"negative shared":     `<row><c t="s"><v>-1</v></c></row>`,
		"unknown type":        `<row><c t="zz"><v>5</v></c></row>`,
		"unclosed":            `<row><c><v>1`,
		"unknown entity":      `<row><c t="str"><v>&lol;</v></c></row>`,
		"document type":       `<!DOCTYPE x [<!ENTITY a "aaaa">]><row/>`,
		"nested too deep":     `<row>` + repeat("<a>", 100),
		"endless tag":         `<row ` + repeat("a", maxTagBytes+1) + `>`,
		"endless text":        `<row><c t="str"><v>` + repeat("a", maxTextBytes+1) + `</v></c></row>`,
		"broken UTF-8":        "<row><c t=\"str\"><v>\xff\xfe</v></c></row>",
		"closed too often":    `</sheetData></worksheet></x></x>`,
	}
	for name, rows := range cases {
		book := bookOf("<row/>" + rows)
		if name == "row zero" || name == "closed too often" || name == "document type" {
			book = bookOf(rows)
		}
		if name == "closed too often" {
			book["xl/worksheets/sheet1.xml"] = "</a>"
		}
		if _, err := readAll(book.zip(t)); codeOf(err) != "import.bad_sheet" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestShapeLimits(t *testing.T) {
	wide := `<row r="1"><c r="SF1"><v>1</v></c><c r="SG1"><v>1</v></c></row>`
	if _, err := readAll(bookOf(wide).zip(t)); codeOf(err) != "import.too_many_columns" {
		t.Errorf("501 columns: %v", err)
	}
	long := func(n int) string {
		return `<row r="3"><c r="B3" t="str"><v>` + repeat("字", n) + `</v></c></row>`
	}
	if _, err := readAll(bookOf(long(MaxCellChars)).zip(t)); err != nil {
		t.Errorf("the longest cell is refused: %v", err)
	}
	_, err := readAll(bookOf(long(MaxCellChars + 1)).zip(t))
	if codeOf(err) != "import.cell_too_long" {
		t.Errorf("a cell too long: %v", err)
	}
	var tall bytes.Buffer
	for i := range MaxRows + 1 {
		fmt.Fprintf(&tall, `<row r="%d"><c r="A%d"><v>%d</v></c></row>`, i+1, i+1, i*7919)
	}
	if _, err := readAll(bookOf(tall.String()).zip(t)); codeOf(err) != "import.too_many_rows" {
		t.Errorf("a row too many: %v", err)
	}
	if _, err := readAll(bookOf(`<row><c s="1"/></row>`).zip(t)); codeOf(err) != "import.empty" {
		t.Errorf("a sheet without content: %v", err)
	}
}

func TestCloseEarly(t *testing.T) {
	b, err := openBytes("x", bookOf(repeat("<row><c><v>1</v></c></row>", 10)).zip(t))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := b.Rows("")
	if err != nil || !rows.Next() {
		t.Fatalf("no first row: %v", err)
	}
	for range 2 {
		if err := rows.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	if rows.Next() || rows.Err() != nil {
		t.Errorf("a closed walk goes on, or complains: %v", rows.Err())
	}
	again, err := sheetRows(b, "")
	if err != nil || len(again) != 10 {
		t.Errorf("a second walk: %d rows, %v", len(again), err)
	}
}
