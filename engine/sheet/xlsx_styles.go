package sheet

import (
	"strconv"
	"strings"
)

// formatKind is what a number format makes of a number.
type formatKind uint8

const (
	formatNumber formatKind = iota
	formatDate
	formatDateTime
	formatTime
	formatDuration
)

// cellFormat is a cell style as far as reading needs it. Pad is the count of digits that a code such as 00000
// fills up with zeros.
type cellFormat struct {
	kind formatKind
	pad  uint8
}

// maxPad is how many zeros a number format may pad with.
const maxPad = 32

// readStyles maps each cell style to what it makes of a number.
func (w *workbook) readStyles(s *xmlScanner) error {
	custom := map[int]cellFormat{}
	inCells := false
	for {
		tok, err := s.next()
		if err != nil || tok == xmlEOF {
			return err
		}
		name := string(s.name)
		switch {
		case name == "cellXfs":
			inCells = tok == xmlStart
		case tok != xmlStart:
		case name == "numFmt" && len(custom) < maxStyles:
			code, err := s.attrText("formatCode")
			if err != nil {
				return err
			}
			if id, err := strconv.Atoi(string(s.attr("numFmtId"))); err == nil {
				custom[id] = parseFormat(code)
			}
		case name == "xf" && inCells && len(w.formats) < maxStyles:
			id, err := strconv.Atoi(string(s.attr("numFmtId")))
			if err != nil {
				id = 0
			}
			f, ok := custom[id]
			if !ok {
				f = builtinFormat(id)
			}
			w.formats = append(w.formats, f)
		}
	}
}

// builtinFormat knows the numbered formats that files don't spell out, those of Chinese locales included.
func builtinFormat(id int) cellFormat {
	switch {
	case id == 22:
		return cellFormat{kind: formatDateTime}
	case id == 46:
		return cellFormat{kind: formatDuration}
	case id >= 18 && id <= 21, id == 45, id == 47, id >= 32 && id <= 35, id == 55, id == 56:
		return cellFormat{kind: formatTime}
	case id >= 14 && id <= 17, id >= 27 && id <= 36, id >= 50 && id <= 58:
		return cellFormat{kind: formatDate}
	default:
		return cellFormat{}
	}
}

// parseFormat reads a format code. Only its first section counts: the others are for negative numbers, zero
// and text.
func parseFormat(code string) cellFormat {
	letters, elapsed := formatLetters(code)
	if n := len(letters); n >= 2 && n <= maxPad && strings.Trim(letters, "0") == "" {
		return cellFormat{pad: uint8(n)}
	}
	day := strings.ContainsAny(letters, "yde") || strings.Contains(letters, "mmm") || strings.Contains(letters, "aaa")
	clock := strings.ContainsAny(letters, "hs")
	switch {
	case elapsed:
		return cellFormat{kind: formatDuration}
	case strings.ContainsAny(letters, "#?"), strings.Contains(letters, "general"),
		strings.Contains(letters, "e+"), strings.Contains(letters, "e-"):
		return cellFormat{}
	case day && clock:
		return cellFormat{kind: formatDateTime}
	case day, strings.Contains(letters, "m") && !clock:
		return cellFormat{kind: formatDate}
	case clock:
		return cellFormat{kind: formatTime}
	default:
		return cellFormat{}
	}
}

// formatLetters drops what a format code only shows: quoted and escaped text, colours, locales and
// conditions in brackets. It tells whether hours, minutes or seconds are counted beyond the day ([h]).
func formatLetters(code string) (letters string, elapsed bool) {
	var b strings.Builder
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case ';':
			return b.String(), elapsed
		case '\\', '_', '*':
			i++
		case '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				return b.String(), elapsed
			}
			i += end + 1
		case '[':
			end := strings.IndexByte(code[i+1:], ']')
			if end < 0 {
				return b.String(), elapsed
			}
			inner := strings.ToLower(code[i+1 : i+1+end])
			elapsed = elapsed || inner != "" && strings.Trim(inner, inner[:1]) == "" && strings.Contains("hms", inner[:1])
			i += end + 1
		default:
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			b.WriteByte(c)
		}
	}
	return b.String(), elapsed
}
