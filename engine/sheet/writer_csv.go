package sheet

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// csvSink writes UTF-8 with a byte order mark, which makes Excel read Chinese text, commas and CRLF.
type csvSink struct{ w *bufio.Writer }

func newCSVSink(w io.Writer) (*csvSink, error) {
	s := &csvSink{bufio.NewWriterSize(w, scanBuffer)}
	if _, err := s.w.WriteString(utf8Mark); err != nil {
		return nil, fmt.Errorf("write the byte order mark: %w", err)
	}
	return s, nil
}

func (s *csvSink) header(columns []Column) error {
	cells := make([]outCell, len(columns))
	for i, c := range columns {
		cells[i] = outCell{kind: Text, text: c.Title}
	}
	return s.row(cells)
}

func (s *csvSink) row(cells []outCell) error {
	for i, c := range cells {
		if i > 0 {
			_ = s.w.WriteByte(',') // a bufio.Writer keeps its error for the last write of the row
		}
		text := c.text
		if c.kind == Text {
			text = guard(text)
		}
		if needsQuotes(text) {
			text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
		}
		_, _ = s.w.WriteString(text)
	}
	if _, err := s.w.WriteString("\r\n"); err != nil {
		return fmt.Errorf("write a row: %w", err)
	}
	return nil
}

func (s *csvSink) close() error {
	if err := s.w.Flush(); err != nil {
		return fmt.Errorf("write the last rows: %w", err)
	}
	return nil
}

// needsQuotes tells whether a cell would be read as something else without them; other separators count, so
// that no reader guesses wrong.
func needsQuotes(text string) bool {
	return strings.ContainsAny(text, "\"\r\n"+separators) || strings.HasPrefix(text, " ") ||
		strings.HasSuffix(text, " ") || len(text) >= 4 && strings.EqualFold(text[:4], "sep=")
}
