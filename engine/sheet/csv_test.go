package sheet

import (
	"errors"
	"reflect"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"tenon/metamodel/diag"
)

func TestCSVRows(t *testing.T) {
	cases := []struct {
		name string
		in   string
		want [][]string
	}{
		{"plain", "a,b\n1,2\n", [][]string{{"a", "b"}, {"1", "2"}}},
		{"no last line end", "a,b\n1,2", [][]string{{"a", "b"}, {"1", "2"}}},
		{"three line ends", "a,b\r\n1,2\r3,4\n5,6", [][]string{{"a", "b"}, {"1", "2"}, {"3", "4"}, {"5", "6"}}},
		{"blank rows are passed over", "a,b\n\n,\n1,2\n\n", [][]string{{"a", "b"}, {"1", "2"}}},
		{"quotes", "\"a,\"\"x\"\"\",\"b\nc\"\n1,\"\"\n", [][]string{{`a,"x"`, "b\nc"}, {"1"}}},
		{"quote in the middle", "12\" pipe,x\n", [][]string{{`12" pipe`, "x"}}},
		{"blanks after a quote", "\"a\" ,b\n", [][]string{{"a", "b"}}},
		{"blanks are kept", " a , b\n", [][]string{{" a ", " b"}}},
		{"mark", utf8Mark + "名称,数量\n水,1\n", [][]string{{"名称", "数量"}, {"水", "1"}}},
		{"semicolons", "a;b;c\n1,5;2,5;3\n", [][]string{{"a", "b", "c"}, {"1,5", "2,5", "3"}}},
		{"tabs", "a\tb\n1,2\t3\n", [][]string{{"a", "b"}, {"1,2", "3"}}},
		{"hint", "sep=;\r\na,b;c\r\n", [][]string{{"a,b", "c"}}},
		{"hint of two characters is text", "sep=ab\nx\n", [][]string{{"sep=ab"}, {"x"}}},
		{"one column", "名称\n水\n", [][]string{{"名称"}, {"水"}}},
		{"empty cells inside", "a,,c\n,,3\n", [][]string{{"a", "", "c"}, {"", "", "3"}}},
		{"guard", "a,b\n'=1+1,-5\n'abc,+8.2\n", [][]string{{"a", "b"}, {"=1+1", "-5"}, {"'abc", "+8.2"}}},
	}
	encodings := map[string]func(string) string{
		"UTF-8":    func(s string) string { return s },
		"GB18030":  encode(t, simplifiedchinese.GB18030),
		"UTF-16LE": encode(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)),
		"UTF-16BE": encode(t, unicode.UTF16(unicode.BigEndian, unicode.UseBOM)),
	}
	for _, tc := range cases {
		for name, encoded := range encodings {
			if tc.name == "mark" && name != "UTF-8" {
				continue
			}
			rows, err := readAll([]byte(encoded(tc.in)))
			if got := texts(rows); err != nil || !reflect.DeepEqual(got, tc.want) {
				t.Errorf("%s in %s: got %q, %v, want %q", tc.name, name, got, err, tc.want)
			}
		}
	}
}

func encode(t *testing.T, e encoding.Encoding) func(string) string {
	return func(s string) string {
		out, err := e.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

func TestCSVRowNumbersAreLines(t *testing.T) {
	rows := mustRead(t, []byte("a,b\n\"x\ny\",1\n\nz,2\n"))
	got := []int{rows[0].Number, rows[1].Number, rows[2].Number}
	if want := []int{1, 2, 5}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCSVProblems(t *testing.T) {
	wide := repeat("1,", MaxColumns) + "1\n"
	cases := []struct {
		name string
		in   string
		code diag.Code
		line any
	}{
		{"text after a quote", "a,b\n1,\"x\"y\n", "import.bad_csv", 2},
		{"open quote", "a,b\n1,2\n3,\"x\ny\n", "import.bad_csv", 3},
		{"broken UTF-8", "名称,数量\n苏打水饼干面包,\xE6\n", "import.bad_encoding", 2},
		{"broken UTF-8 after a mark", utf8Mark + "a\n\xFF\n", "import.bad_encoding", 2},
		{"neither encoding", "a,b\n1,2\n\x80\xFF\x20\xFF,\xFF\n", "import.bad_encoding", 3},
		{"half a UTF-16 pair", "\xFF\xFEa\x00\n\x00\x00\xD8b\x00", "import.bad_encoding", 2},
		{"open quote in a long file", "a\n\"" + repeat("长文", 3*MaxCellChars), "import.cell_too_long", nil},
		{"cell too long", "a\n" + repeat("b", MaxCellChars+1), "import.cell_too_long", nil},
		{"too many columns", wide, "import.too_many_columns", nil},
		{"too many rows", repeat("1\n", MaxRows+1), "import.too_many_rows", nil},
	}
	for _, tc := range cases {
		_, err := readAll([]byte(tc.in))
		if codeOf(err) != tc.code {
			t.Errorf("%s: got %v, want %s", tc.name, err, tc.code)
			continue
		}
		var p *diag.Problem
		if !errors.As(err, &p) {
			continue
		}
		if line := p.First().Args["line"]; tc.line != nil && line != tc.line {
			t.Errorf("%s: line %v, want %v", tc.name, line, tc.line)
		}
	}
	if rows, err := readAll([]byte(repeat("1,", MaxColumns) + ",,,\n")); err != nil || len(rows[0].Cells) != MaxColumns {
		t.Errorf("empty columns past the limit: %v", err)
	}
	if _, err := readAll([]byte(repeat("1\n", MaxRows))); err != nil {
		t.Errorf("as many rows as allowed: %v", err)
	}
}

// Text in GBK is told from UTF-8 also where the pieces in which it is read split a character.
func TestEncodingAcrossPieces(t *testing.T) {
	for shift := range 4 {
		text := repeat("a", shift) + repeat("汉字\n", scanBuffer/5)
		for name, in := range map[string]string{"UTF-8": text, "GBK": encode(t, simplifiedchinese.GBK)(text)} {
			rows, err := readAll([]byte(in))
			if err != nil || rows[len(rows)-1].Cells[0].Text != "汉字" || rows[0].Cells[0].Text != repeat("a", shift)+"汉字" {
				t.Errorf("%s, %d: %v", name, shift, err)
			}
		}
	}
}
