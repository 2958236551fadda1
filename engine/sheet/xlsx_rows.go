package sheet

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

var (
	errRowOrder  = errors.New("rows or cells out of order")
	errReference = errors.New("impossible row, column or sheet reference")
)

// xlsxRows streams the rows of one worksheet.
type xlsxRows struct {
	book   *workbook
	sheet  string
	part   *partReader
	s      *xmlScanner
	number int // of the last row
	inside bool
	value  []byte // of the last cell, reused
}

func (w *workbook) rows(name string) (*xlsxRows, error) {
	for _, sh := range w.sheets {
		if sh.name != name {
			continue
		}
		part, err := w.archive.open(sh.file)
		if err != nil {
			return nil, err
		}
		s, err := newXMLScanner(part)
		if err != nil {
			return nil, errors.Join(w.explain(name, err), part.Close())
		}
		return &xlsxRows{book: w, sheet: name, part: part, s: s}, nil
	}
	return nil, diag.Refuse("import.no_sheet", "", "sheet", name)
}

func (x *xlsxRows) close() error { return x.part.Close() }

func (x *xlsxRows) next(row *Row) error {
	err := x.advance(row)
	if errors.Is(err, io.EOF) {
		return err
	}
	return x.book.explain(x.sheet, err)
}

func (x *xlsxRows) advance(row *Row) error {
	for {
		tok, err := x.s.next()
		switch {
		case err != nil:
			return err
		case tok == xmlEOF:
			return io.EOF
		case tok == xmlEnd && x.inside && string(x.s.name) == "sheetData":
			return io.EOF
		case tok != xmlStart:
		case string(x.s.name) == "sheetData":
			x.inside = true
		case x.inside && string(x.s.name) == "row":
			return x.readRow(row)
		}
	}
}

func (x *xlsxRows) readRow(row *Row) error {
	number := x.number + 1
	if r := x.s.attr("r"); r != nil {
		n, err := strconv.Atoi(string(r))
		if err != nil || n < 1 || n > maxSheetRow {
			return errReference
		}
		if n < number {
			return errRowOrder
		}
		number = n
	}
	if number > maxSheetRow {
		return errReference
	}
	x.number, row.Number = number, number
	inside := x.s.depth
	column := 0
	for x.s.depth >= inside {
		tok, err := x.s.next()
		if err != nil {
			return err
		}
		if tok != xmlStart {
			continue
		}
		if string(x.s.name) != "c" {
			if err := x.s.skip(); err != nil {
				return err
			}
			continue
		}
		if column, err = x.readCell(row, column); err != nil {
			return err
		}
	}
	return nil
}

// readCell reads one cell and puts it at its column, which it returns counted from 1.
func (x *xlsxRows) readCell(row *Row, last int) (int, error) {
	column := last + 1
	if ref := x.s.attr("r"); ref != nil {
		var ok bool
		if column, ok = columnOf(ref); !ok {
			return 0, errReference
		}
		if column <= last {
			return 0, errRowOrder
		}
	}
	cell, err := x.cell()
	if err != nil {
		return 0, err
	}
	if cell.Kind == Empty {
		return column, nil
	}
	if column > MaxColumns {
		return 0, diag.Refuse("import.too_many_columns", "", "row", row.Number, "limit", MaxColumns)
	}
	if len(cell.Text) > MaxCellChars && utf8.RuneCountInString(cell.Text) > MaxCellChars {
		return 0, diag.Refuse("import.cell_too_long", "", "row", row.Number, "column", column, "limit", MaxCellChars)
	}
	for len(row.Cells) < column-1 {
		row.Cells = append(row.Cells, Cell{})
	}
	row.Cells = append(row.Cells, cell)
	return column, nil
}

// columnOf reads the letters of a reference such as "AB12".
func columnOf(ref []byte) (int, bool) {
	n := 0
	for i, c := range ref {
		switch {
		case c >= 'A' && c <= 'Z':
			n = n*26 + int(c-'A') + 1
		case c >= 'a' && c <= 'z':
			n = n*26 + int(c-'a') + 1
		default:
			return n, i > 0 && c >= '0' && c <= '9'
		}
		if n > 16_384 {
			return 0, false
		}
	}
	return n, n > 0
}

// rawCell is a cell as stored.
type rawCell struct {
	kind    string // the attribute t
	style   int
	value   []byte // valid until the next cell
	valued  bool
	inline  string
	formula string
}

func (x *xlsxRows) cell() (Cell, error) {
	raw, err := x.rawCell()
	if err != nil {
		return Cell{}, err
	}
	c, err := x.typed(raw)
	if c.Kind == Empty && raw.formula != "" && !raw.valued && err == nil {
		return Cell{Formula, "=" + raw.formula}, nil
	}
	return c, err
}

func (x *xlsxRows) rawCell() (rawCell, error) {
	raw := rawCell{kind: internType(x.s.attr("t"))}
	if s := x.s.attr("s"); s != nil {
		n, err := strconv.Atoi(string(s))
		if err != nil || n < 0 {
			return raw, errReference
		}
		raw.style = n
	}
	inside := x.s.depth
	for x.s.depth >= inside {
		tok, err := x.s.next()
		if err != nil {
			return raw, err
		}
		if tok != xmlStart {
			continue
		}
		switch string(x.s.name) {
		case "v":
			var text []byte
			text, err = x.s.text()
			x.value = append(x.value[:0], text...)
			raw.value, raw.valued = x.value, true
		case "f":
			var text []byte
			text, err = x.s.text()
			raw.formula = string(text)
		case "is":
			raw.inline, err = x.s.richText()
		default:
			err = x.s.skip()
		}
		if err != nil {
			return raw, err
		}
	}
	return raw, nil
}

func internType(t []byte) string {
	for _, known := range [...]string{"", "s", "n", "str", "inlineStr", "b", "e", "d"} {
		if string(t) == known {
			return known
		}
	}
	return "?"
}

// typed makes the cell that a person sees.
func (x *xlsxRows) typed(raw rawCell) (Cell, error) {
	switch raw.kind {
	case "s":
		if len(raw.value) == 0 {
			return Cell{}, nil
		}
		text, err := x.book.strings.get(raw.value)
		return textCell(text), err
	case "inlineStr":
		return textCell(raw.inline), nil
	case "str":
		return textCell(unescapeControl(string(raw.value))), nil
	case "b":
		switch string(raw.value) {
		case "1", "true":
			return Cell{Bool, "true"}, nil
		case "0", "false":
			return Cell{Bool, "false"}, nil
		}
		return textCell(string(raw.value)), nil
	case "e":
		return Cell{Error, string(raw.value)}, nil
	case "d":
		return isoCell(string(raw.value)), nil
	case "", "n":
		return x.numberCell(raw), nil
	default:
		return Cell{}, errReference
	}
}

func textCell(text string) Cell {
	if text == "" {
		return Cell{}
	}
	return Cell{Text, text}
}

func (x *xlsxRows) numberCell(raw rawCell) Cell {
	text := strings.TrimSpace(string(raw.value))
	if text == "" {
		return Cell{}
	}
	var f cellFormat
	if raw.style < len(x.book.formats) {
		f = x.book.formats[raw.style]
	}
	if f.kind != formatNumber {
		if c, ok := dateCell(text, f.kind, x.book.is1904); ok {
			return c
		}
	}
	number, ok := numberText(text)
	if !ok {
		return Cell{Text, text}
	}
	if n := int(f.pad); n > len(number) && isWhole(number) && number[0] != '-' {
		number = strings.Repeat("0", n-len(number)) + number
	}
	return Cell{Number, number}
}

// isoCell reads the rare cells that hold a date as ISO text.
func isoCell(text string) Cell {
	day, clock, both := strings.Cut(strings.TrimSuffix(text, "Z"), "T")
	if _, err := value.ParseDate(day); err != nil {
		return textCell(text)
	}
	whole, fraction, _ := strings.Cut(clock, ".")
	t, err := value.ParseTimeOfDay(whole)
	switch {
	case !both || err == nil && t == 0 && strings.Trim(fraction, "0") == "":
		return Cell{Date, day}
	case err != nil || len(fraction) > 3 || strings.Trim(fraction, "0123456789") != "":
		return textCell(text)
	case strings.Trim(fraction, "0") == "":
		return Cell{DateTime, day + "T" + t.String()}
	default:
		return Cell{DateTime, day + "T" + t.String() + "." + strings.TrimRight(fraction, "0")}
	}
}
