package sheet

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// ListSeparator stands between the parts of a cell that holds a list.
const ListSeparator = "; "

// Column is one column of a table that is written.
type Column struct {
	Title string
	Kind  metamodel.FieldKind // how its values are shown
	Scale int32               // digits after the point of decimals, money and percents
	Width int                 // in characters; 0 is chosen from title and kind
}

// Options is what a table looks like beyond its columns. The zero value works.
type Options struct {
	Sheet string         // name of the sheet; "" is "Sheet1"; characters that Excel forbids are replaced
	Zone  *time.Location // in which instants are shown; nil is UTC
	True  string         // what true and false are written as; "" keeps true and false
	False string
}

// Writer writes one table row by row. Nothing of what it writes is ever evaluated as a formula.
type Writer struct {
	columns []Column
	opts    Options
	out     rowSink
	rows    int
	cut     int
	limit   int // of a text in UTF-16 units; 0 is none
	closed  bool
}

// rowSink is one format's way to write rows.
type rowSink interface {
	header(columns []Column) error
	row(cells []outCell) error
	close() error
}

// outCell is a value on its way out: exact text, and what it is.
type outCell struct {
	kind   CellKind
	text   string
	serial string // the spreadsheet's number for a date or time; "" where it has none
}

// ErrClosed says that a row came after Close.
var ErrClosed = errors.New("the table is closed")

// NewWriter starts a table with its header row. Close ends it; only then is an XLSX on w.
func NewWriter(format Format, w io.Writer, columns []Column, opts Options) (*Writer, error) {
	if len(columns) == 0 || len(columns) > maxWriteColumns {
		return nil, fmt.Errorf("write a table of %d columns: must be 1 to %d", len(columns), maxWriteColumns)
	}
	if opts.Zone == nil {
		opts.Zone = time.UTC
	}
	t := &Writer{columns: columns, opts: opts}
	var err error
	if format == XLSX {
		t.limit = MaxCellChars
		t.out, err = newXLSXSink(w, columns, sheetName(opts.Sheet))
	} else {
		t.out, err = newCSVSink(w)
	}
	if err != nil {
		return nil, err
	}
	titled := make([]Column, len(columns))
	for i, c := range columns {
		c.Title = printable(c.Title)
		titled[i] = c
	}
	if err := t.out.header(titled); err != nil {
		return nil, errors.Join(fmt.Errorf("write the header: %w", err), t.out.close())
	}
	return t, nil
}

// WriteRow writes one row of values as package value holds them, one for each column; nil is an empty cell.
// Choices and references are written as they are given: the caller puts titles in their place.
func (t *Writer) WriteRow(values []any) error {
	switch {
	case t.closed:
		return ErrClosed
	case len(values) != len(t.columns):
		return fmt.Errorf("write a row of %d values into %d columns", len(values), len(t.columns))
	case t.rows == MaxWriteRows:
		return diag.Refuse("export.too_many_rows", "", "limit", MaxWriteRows)
	}
	cells := make([]outCell, len(values))
	for i, v := range values {
		c, err := t.cell(t.columns[i], v)
		if err != nil {
			return fmt.Errorf("write column %q: %w", t.columns[i].Title, err)
		}
		cells[i] = c
	}
	t.rows++
	return t.out.row(cells)
}

// Rows is the count of rows written, without the header.
func (t *Writer) Rows() int { return t.rows }

// Cut is the count of texts that were too long for a cell and were shortened, ending in "…".
func (t *Writer) Cut() int { return t.cut }

// Close ends the table and writes what is still held back. It doesn't close the underlying writer. Calling it
// again does nothing.
func (t *Writer) Close() error {
	if t.closed {
		return nil
	}
	t.closed = true
	return t.out.close()
}

func (t *Writer) cell(col Column, v any) (outCell, error) {
	switch v := v.(type) {
	case nil:
		return outCell{}, nil
	case string:
		return t.text(v), nil
	case value.JSON:
		return t.text(string(v)), nil
	case []string:
		return t.text(strings.Join(v, ListSeparator)), nil
	case int64:
		return outCell{kind: Number, text: fmt.Sprint(v)}, nil
	case value.Decimal:
		return outCell{kind: Number, text: decimalText(v, col.Scale)}, nil
	case bool:
		return t.boolean(v), nil
	case value.Date:
		return outCell{Date, v.String(), dateSerial(v)}, nil
	case value.TimeOfDay:
		return outCell{Time, v.String(), serialText("0", int64(v)*1000)}, nil
	case time.Time:
		return t.instant(v), nil
	case time.Duration:
		return duration(v), nil
	default:
		return outCell{}, fmt.Errorf("a %T has no form in a cell", v)
	}
}
