package sheet

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Widths of columns, in characters.
const (
	minWidth     = 8  // of the narrowest column
	maxWidth     = 60 // of the widest column
	defaultWidth = 16 // of a column whose kind has none
)

// xlsxSink writes one sheet through excelize's stream, which moves to a temporary file when it grows.
type xlsxSink struct {
	w      io.Writer
	file   *excelize.File
	stream *excelize.StreamWriter
	styles []int // by column
	bold   int
	at     int // row last written
}

func newXLSXSink(w io.Writer, columns []Column, sheet string) (*xlsxSink, error) {
	x := &xlsxSink{w: w, file: excelize.NewFile()}
	if err := x.prepare(columns, sheet); err != nil {
		return nil, errors.Join(fmt.Errorf("start the sheet: %w", err), x.file.Close())
	}
	return x, nil
}

func (x *xlsxSink) prepare(columns []Column, sheet string) error {
	err := x.file.SetDocProps(&excelize.DocProperties{Creator: "Tenon", LastModifiedBy: "Tenon"})
	if err != nil {
		return err
	}
	if err = x.file.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	if x.stream, err = x.file.NewStreamWriter(sheet); err != nil {
		return err
	}
	if err = x.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if x.bold, err = x.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}}); err != nil {
		return err
	}
	x.styles = make([]int, len(columns))
	for i, c := range columns {
		if err = x.stream.SetColWidth(i+1, i+1, float64(columnWidth(c))); err != nil {
			return err
		}
		code := formatCode(c)
		if x.styles[i], err = x.file.NewStyle(&excelize.Style{CustomNumFmt: &code}); err != nil {
			return err
		}
	}
	return nil
}

// formatCode is the number format in which a column shows its values.
func formatCode(c Column) string {
	fraction := ""
	if c.Scale = min(c.Scale, value.MaxScale); c.Scale > 0 {
		fraction = "." + strings.Repeat("0", int(c.Scale))
	}
	switch c.Kind {
	case metamodel.Integer:
		return "0"
	case metamodel.Decimal:
		return "0" + fraction
	case metamodel.Money:
		return "#,##0" + fraction
	case metamodel.Percent:
		if c.Scale <= 2 {
			return "0%"
		}
		return "0." + strings.Repeat("0", int(c.Scale-2)) + "%"
	case metamodel.Date:
		return "yyyy-mm-dd"
	case metamodel.DateTime:
		return "yyyy-mm-dd hh:mm:ss"
	case metamodel.Time:
		return "hh:mm:ss"
	case metamodel.Duration:
		return "[h]:mm:ss"
	default:
		return "@"
	}
}

func columnWidth(c Column) int {
	width := c.Width
	if width == 0 {
		width = defaultWidth
		switch c.Kind {
		case metamodel.DateTime:
			width = 20
		case metamodel.LongText, metamodel.RichText:
			width = 40
		default:
		}
		width = max(width, displayWidth(c.Title)+2)
	}
	return min(max(width, minWidth), maxWidth)
}

func (x *xlsxSink) header(columns []Column) error {
	row := make([]any, len(columns))
	for i, c := range columns {
		row[i] = excelize.Cell{StyleID: x.bold, Value: c.Title}
	}
	return x.set(row)
}

func (x *xlsxSink) row(cells []outCell) error {
	row := make([]any, len(cells))
	for i, c := range cells {
		v, err := xlsxValue(c)
		if err != nil {
			return err
		}
		if v != nil {
			row[i] = excelize.Cell{StyleID: x.styles[i], Value: v}
		}
	}
	return x.set(row)
}

func (x *xlsxSink) set(row []any) error {
	x.at++
	if err := x.stream.SetRow("A"+strconv.Itoa(x.at), row); err != nil {
		return fmt.Errorf("write row %d: %w", x.at, err)
	}
	return nil
}

// xlsxValue gives a cell to the library. A number goes as a float64 only within 15 significant digits, where
// a double gives back the same digits; beyond, it goes as text.
func xlsxValue(c outCell) (any, error) {
	switch {
	case c.kind == Empty:
		return nil, nil
	case c.kind == Bool:
		return c.text == "true", nil
	case c.serial != "":
		return number(c.serial)
	case c.kind == Number && significant(c.text) <= significantDigits:
		return number(c.text)
	default:
		return c.text, nil
	}
}

func number(text string) (any, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, fmt.Errorf("write the number %.40q: %w", text, err)
	}
	return f, nil
}

func (x *xlsxSink) close() error {
	err := x.stream.Flush()
	if err == nil {
		err = x.file.Write(x.w)
	}
	if err = errors.Join(err, x.file.Close()); err != nil {
		return fmt.Errorf("write the workbook: %w", err)
	}
	return nil
}
