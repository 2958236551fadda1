package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"tenon/metamodel/diag"
)

// Format is a kind of file.
type Format uint8

// The formats.
const (
	CSV Format = iota
	XLSX
)

// String returns the format's name, which is also its file extension.
func (f Format) String() string {
	if f == XLSX {
		return "xlsx"
	}
	return "csv"
}

// Book is an opened file. It holds no resources that need closing; the reader that it was opened on must stay
// readable as long as the book is used. A book serves one goroutine at a time.
type Book struct {
	Format Format
	sheets []string
	csv    *csvFile
	xlsx   *workbook
}

// Open judges a file by its bytes and reads what describes it: for XLSX its sheets, styles and shared texts,
// for CSV its encoding and separator. The name is used in messages and as the name of a CSV's only sheet.
// A list with errors means that there is no book; a failure of the reader itself is reported as
// diag.Internal.
func Open(name string, r io.ReaderAt, size int64) (*Book, diag.List) {
	b, err := open(name, r, size)
	if err == nil {
		return b, nil
	}
	var p *diag.Problem
	if errors.As(err, &p) {
		return nil, p.List
	}
	return nil, diag.List{diag.New(diag.Internal, "")}
}

func open(name string, r io.ReaderAt, size int64) (*Book, error) {
	switch {
	case size <= 0:
		return nil, diag.Refuse("import.empty", "")
	case size > MaxFileBytes:
		return nil, tooLarge("file", megabytes(size), megabytes(MaxFileBytes))
	}
	head := make([]byte, min(size, 8))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the start of the file: %w", err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		x, err := openWorkbook(name, r, size)
		if err != nil {
			return nil, err
		}
		return &Book{Format: XLSX, sheets: x.names(), xlsx: x}, nil
	case bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")):
		return nil, compoundFile(name, r, size)
	case foreign(head):
		return nil, fileType(name)
	}
	c, err := openCSV(name, r, size)
	if err != nil {
		return nil, err
	}
	sheet := strings.TrimSuffix(path.Base(name), path.Ext(name))
	return &Book{Format: CSV, sheets: []string{sheet}, csv: c}, nil
}

// foreign knows the starts of files that are text, or might pass for it, but no table.
func foreign(head []byte) bool {
	for _, magic := range []string{"%PDF-", "<", "\xEF\xBB\xBF<", "{\\rtf", "\x89PNG", "\xFF\xD8\xFF", "GIF8", "\x1F\x8B", "7z\xBC\xAF", "Rar!", "\x7FELF", "MZ\x90", "PK"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return false
}

// compoundFile tells a workbook with a password, which is wrapped in an old compound file, from an old
// workbook. The wrapper's directory names its streams in UTF-16.
func compoundFile(name string, r io.ReaderAt, size int64) error {
	mark := []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")
	const step = 64 << 10
	buf := make([]byte, step+len(mark))
	for at := int64(0); at < size; at += step {
		n, err := r.ReadAt(buf, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read the file: %w", err)
		}
		if bytes.Contains(buf[:n], mark) {
			return diag.Refuse("import.encrypted", "")
		}
	}
	return fileType(name)
}

func fileType(name string) error { return diag.Refuse("import.file_type", "", "name", name) }

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/(1<<20)) }

// Sheets lists the names of the visible sheets in the book's order; a CSV has one, named as its file.
func (b *Book) Sheets() []string { return b.sheets }

// Rows streams a sheet's rows from the start. The empty name is the first sheet.
func (b *Book) Rows(sheet string) (*Rows, error) {
	if sheet == "" {
		sheet = b.sheets[0]
	}
	if b.csv != nil {
		if sheet != b.sheets[0] {
			return nil, diag.Refuse("import.no_sheet", "", "sheet", sheet)
		}
		return &Rows{source: b.csv.rows()}, nil
	}
	src, err := b.xlsx.rows(sheet)
	if err != nil {
		return nil, err
	}
	return &Rows{source: src}, nil
}

// rowSource gives one row at a time, empty ones included; io.EOF ends it.
type rowSource interface {
	next(row *Row) error
	close() error
}

// Rows walks over the rows with content. Use it as bufio.Scanner: Next, Row, and Err at the end.
type Rows struct {
	source rowSource
	row    Row
	count  int
	err    error
	done   bool
}

// Next moves to the next row with content. It returns false at the end or on a problem: see Err.
func (r *Rows) Next() bool {
	for !r.done {
		r.row.Cells = r.row.Cells[:0]
		if err := r.source.next(&r.row); err != nil {
			r.finish(err)
			break
		}
		if r.row.trim(); len(r.row.Cells) == 0 {
			continue
		}
		if r.count++; r.count > MaxRows {
			r.finish(diag.Refuse("import.too_many_rows", "", "limit", MaxRows))
			break
		}
		return true
	}
	return false
}

func (r *Rows) finish(err error) {
	r.done = true
	switch {
	case !errors.Is(err, io.EOF):
		r.err = err
	case r.count == 0:
		r.err = diag.Refuse("import.empty", "")
	}
	if err := r.source.close(); err != nil && r.err == nil {
		r.err = err
	}
}

// Row is the current row. Its cells are valid until the next call of Next; their texts stay valid.
func (r *Rows) Row() Row { return r.row }

// Err is what ended the walk early: a *diag.Problem for what is wrong with the file, any other error for a
// failure to read it. A sheet without any content is the problem import.empty.
func (r *Rows) Err() error { return r.err }

// Close ends the walk before its end. Calling it again, or after Next has returned false, does nothing.
func (r *Rows) Close() error {
	if r.done {
		return nil
	}
	r.done = true
	return r.source.close()
}
