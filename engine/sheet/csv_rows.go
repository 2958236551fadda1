package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"tenon/metamodel/diag"
)

// csvRows streams the rows of a CSV: RFC 4180, with any of the three line ends, and with quotes inside an
// unquoted cell taken as they stand.
type csvRows struct {
	file *csvFile
	in   *bufio.Reader
	line int // of the next character, from 1
	cell []byte
}

func (c *csvFile) rows() *csvRows {
	return &csvRows{file: c, in: bufio.NewReaderSize(c.text(), scanBuffer), line: 1}
}

func (r *csvRows) close() error { return nil }

func (r *csvRows) next(row *Row) error {
	if r.file.skipLine && r.line == 1 {
		if err := r.read(row); err != nil {
			return err
		}
		row.Cells = row.Cells[:0]
	}
	return r.read(row)
}

// replacement is what a decoder puts for bytes that it doesn't know.
var replacement = []byte("\uFFFD")

// cellEnd says what ended a cell.
type cellEnd uint8

const (
	endCell cellEnd = iota
	endRow
	endFile
)

func (r *csvRows) read(row *Row) error {
	row.Number = r.line
	for {
		end, err := r.readCell(row)
		if err != nil {
			return err
		}
		if err := r.add(row); err != nil {
			return err
		}
		switch {
		case end == endRow:
			return nil
		case end == endFile && len(row.Cells) <= 1 && len(r.cell) == 0:
			return io.EOF
		case end == endFile:
			return nil
		}
	}
}

// add puts the cell that was read at the end of the row.
func (r *csvRows) add(row *Row) error {
	if len(row.Cells) == MaxColumns {
		if len(r.cell) == 0 {
			return nil
		}
		return diag.Refuse("import.too_many_columns", "", "row", row.Number, "limit", MaxColumns)
	}
	row.Cells = append(row.Cells, textCell(unguard(string(r.cell))))
	return nil
}

// readCell reads one cell into r.cell.
func (r *csvRows) readCell(row *Row) (cellEnd, error) {
	r.cell = r.cell[:0]
	c, err := r.in.ReadByte()
	switch {
	case errors.Is(err, io.EOF):
		return endFile, nil
	case err != nil:
		return 0, fmt.Errorf("read the file: %w", err)
	case c == '"':
		if err := r.readQuoted(row); err != nil {
			return 0, err
		}
		return r.afterQuote()
	}
	for {
		if end, ended := r.endsCell(c); ended {
			return end, r.check(row)
		}
		r.cell = append(r.cell, c)
		if err := r.bound(row); err != nil {
			return 0, err
		}
		if c, err = r.in.ReadByte(); errors.Is(err, io.EOF) {
			return endFile, r.check(row)
		} else if err != nil {
			return 0, fmt.Errorf("read the file: %w", err)
		}
	}
}

// endsCell tells whether a character outside quotes ends the cell, and takes a line end whole.
func (r *csvRows) endsCell(c byte) (cellEnd, bool) {
	switch c {
	case r.file.separator:
		return endCell, true
	case '\r':
		if next, err := r.in.Peek(1); err == nil && next[0] == '\n' {
			_, _ = r.in.Discard(1) // can't fail: the byte was peeked
		}
		r.line++
		return endRow, true
	case '\n':
		r.line++
		return endRow, true
	}
	return 0, false
}

// readQuoted reads up to the closing quote; two quotes are one.
func (r *csvRows) readQuoted(row *Row) error {
	opened := r.line
	for {
		c, err := r.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return diag.Refuse("import.bad_csv", "", "line", opened)
		case err != nil:
			return fmt.Errorf("read the file: %w", err)
		case c == '"':
			if next, err := r.in.Peek(1); err != nil || next[0] != '"' {
				return r.check(row)
			}
			_, _ = r.in.Discard(1) // can't fail: the byte was peeked
		case c == '\n':
			r.line++
		}
		r.cell = append(r.cell, c)
		if err := r.bound(row); err != nil {
			return err
		}
	}
}

// afterQuote expects the end of the cell after its closing quote; blanks in between are passed over.
func (r *csvRows) afterQuote() (cellEnd, error) {
	for {
		c, err := r.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return endFile, nil
		case err != nil:
			return 0, fmt.Errorf("read the file: %w", err)
		}
		line := r.line
		if end, ended := r.endsCell(c); ended {
			return end, nil
		}
		if c != ' ' {
			return 0, diag.Refuse("import.bad_csv", "", "line", line)
		}
	}
}

// bound refuses a cell as soon as it can't be within the limit any more.
func (r *csvRows) bound(row *Row) error {
	if len(r.cell) > utf8.UTFMax*MaxCellChars {
		return r.tooLong(row)
	}
	return nil
}

// check judges a whole cell: its length and its characters.
func (r *csvRows) check(row *Row) error {
	if len(r.cell) > MaxCellChars && utf8.RuneCount(r.cell) > MaxCellChars {
		return r.tooLong(row)
	}
	if r.file.decoder != nil && (bytes.Contains(r.cell, replacement) || bytes.IndexByte(r.cell, 0) >= 0) {
		return diag.Refuse("import.bad_encoding", "", "line", row.Number)
	}
	return nil
}

func (r *csvRows) tooLong(row *Row) error {
	return diag.Refuse("import.cell_too_long", "", "row", row.Number, "column", len(row.Cells)+1, "limit", MaxCellChars)
}
