package sheet

import (
	"strings"
	"testing"

	"tenon/metamodel/value"
)

// judgeRows checks what holds for every file: rows within the limits, or a problem; never anything else.
func judgeRows(t *testing.T, data []byte) {
	rows, err := readAll(data)
	if codeOf(err) == "?" {
		t.Fatalf("not a problem: %v", err)
	}
	last := 0
	for _, r := range rows {
		if r.Number <= last || len(r.Cells) == 0 || len(r.Cells) > MaxColumns || r.Cells[len(r.Cells)-1].Kind == Empty {
			t.Fatalf("row %d after %d with %d cells", r.Number, last, len(r.Cells))
		}
		last = r.Number
		for _, c := range r.Cells {
			judgeCell(t, c)
		}
	}
}

func judgeCell(t *testing.T, c Cell) {
	var err error
	switch c.Kind {
	case Empty:
		if c.Text != "" {
			t.Fatalf("empty with text: %+v", c)
		}
	case Number:
		if _, err = value.ParseDecimal(c.Text); len(c.Text) > 30 {
			err = nil // beyond the digits of a decimal, but still plain
		}
	case Date:
		_, err = value.ParseDate(c.Text)
	case DateTime:
		_, err = value.ParseDateTime(c.Text + "Z")
	case Duration:
		_, err = value.ParseDuration(c.Text)
	case Time:
		_, err = value.ParseTimeOfDay(c.Text[:8])
	case Bool:
		if c.Text != "true" && c.Text != "false" {
			t.Fatalf("neither true nor false: %+v", c)
		}
	default:
	}
	if err != nil {
		t.Fatalf("%+v: %v", c, err)
	}
}

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\"a\"\"b\",c\r\n", "sep=;\n1;2", utf8Mark + "名称\t数量\n", "\xFF\xFEa\x00,\x00b\x00", "\xB1\xE0\xC2\xEB,\xCA\xFD\n", "'=1,\"x", "a\r\rb"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { judgeRows(t, data) })
}

func FuzzWorkbook(f *testing.F) {
	for _, seed := range []string{"<row><c><v>1</v></c></row>", `<row r="3"><c r="B3" s="1"><v>45292.5</v></c></row>`, `<row><c t="inlineStr"><is><r><t>a</t></r><rPh/></is></c></row>`, `<row><c t="s"><v>0</v></c><c t="e"><v>#N/A</v></c></row>`, `<row><c s="8"><f>A1</f><v>1E-2</v></c></row>`, "<!-- x --><row><c t='d'><v>2026-01-01T10:00:00</v></c></row>", "<row><![CDATA[<]]></row>&#x41;"} {
		f.Add(seed, "<sst><si><t>a</t></si></sst>", testStyles)
	}
	f.Fuzz(func(t *testing.T, rows, shared, styles string) {
		judgeRows(t, bookOf(rows).with("xl/sharedStrings.xml", shared).with("xl/styles.xml", styles).zip(t))
	})
}

func FuzzArchive(f *testing.F) {
	f.Add(bookOf("<row><c><v>1</v></c></row>").zip(f))
	f.Add(bookOf("").with("xl/styles.xml", testStyles).zip(f))
	f.Fuzz(func(t *testing.T, data []byte) { judgeRows(t, append([]byte("PK\x03\x04"), data...)) })
}

func FuzzNumberText(f *testing.F) {
	for _, seed := range []string{"0", "-1.5", "1E5", "0.30000000000000004", "9.9999999999999999E-1", "00012", "+.5", "1e", "."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		text, ok := numberText(raw)
		if !ok {
			return
		}
		again, ok := numberText(text)
		if len(text) <= maxRawNumber && (!ok || again != text) {
			t.Fatalf("%q gives %q, which gives %q", raw, text, again)
		}
		if n := len(strings.Trim(strings.ReplaceAll(text, ".", ""), "-0")); !isWhole(raw) && n > significantDigits {
			t.Fatalf("%q gives %q of %d digits", raw, text, n)
		}
	})
}
