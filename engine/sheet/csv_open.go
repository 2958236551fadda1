package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"tenon/metamodel/diag"
)

// csvFile is a CSV whose encoding and separator are known.
type csvFile struct {
	r         io.ReaderAt
	size      int64
	start     int64             // past the byte order mark
	decoder   encoding.Encoding // nil is UTF-8
	separator byte
	skipLine  bool // the first line is "sep=;", a hint to spreadsheet programs
}

const (
	utf8Mark   = "\xEF\xBB\xBF"
	separators = ",;\t|"
	sampleRows = 20 // rows that the separator is guessed from
)

func openCSV(name string, r io.ReaderAt, size int64) (*csvFile, error) {
	c := &csvFile{r: r, size: size, separator: ','}
	if err := c.detectEncoding(name); err != nil {
		return nil, err
	}
	return c, c.detectSeparator()
}

func (c *csvFile) detectEncoding(name string) error {
	head := make([]byte, min(c.size, 3))
	if _, err := c.r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the start of the file: %w", err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xFF\xFE")):
		c.start, c.decoder = 2, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
		return nil
	case bytes.HasPrefix(head, []byte("\xFE\xFF")):
		c.start, c.decoder = 2, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
		return nil
	case string(head) == utf8Mark:
		c.start = 3
	}
	census, err := countUTF8(io.NewSectionReader(c.r, c.start, c.size-c.start))
	switch {
	case err != nil:
		return fmt.Errorf("read the file: %w", err)
	case census.nul:
		return fileType(name)
	case census.badLine == 0:
		return nil
	case c.start > 0 || census.wide > 10*census.bad:
		return diag.Refuse("import.bad_encoding", "", "line", census.badLine)
	}
	c.decoder = simplifiedchinese.GB18030
	return nil
}

// utf8Census is what a file looks like when it is read as UTF-8.
type utf8Census struct {
	wide    int // characters of several bytes: text in another encoding hardly makes any by chance
	bad     int // bytes that are no UTF-8
	badLine int // of the first such byte, from 1; 0 is none
	nul     bool
}

func countUTF8(r io.Reader) (utf8Census, error) {
	var out utf8Census
	line, held := 1, 0
	buf := make([]byte, scanBuffer)
	for {
		n, err := r.Read(buf[held:])
		if err != nil && !errors.Is(err, io.EOF) {
			return out, err
		}
		text, last := buf[:held+n], errors.Is(err, io.EOF)
		held = out.count(text, last, &line)
		if last || out.nul {
			return out, nil
		}
		copy(buf, text[len(text)-held:])
	}
}

// count adds text to the census and returns how many bytes at its end belong to a character that goes on in
// the next piece.
func (u *utf8Census) count(text []byte, last bool, line *int) int {
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if c == '\n' {
				*line++
			}
			u.nul = u.nul || c == 0
			i++
			continue
		}
		if !last && !utf8.FullRune(text[i:]) {
			return len(text) - i
		}
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			u.bad++
			if u.badLine == 0 {
				u.badLine = *line
			}
		} else {
			u.wide++
		}
		i += size
	}
	return 0
}

// text streams the content as UTF-8. Bytes that the encoding doesn't know come out as U+FFFD.
func (c *csvFile) text() io.Reader {
	r := io.NewSectionReader(c.r, c.start, c.size-c.start)
	if c.decoder == nil {
		return r
	}
	return transform.NewReader(r, c.decoder.NewDecoder())
}

// detectSeparator takes the separator that splits the first rows most evenly into most columns.
func (c *csvFile) detectSeparator() error {
	sample := make([]byte, scanBuffer)
	n, err := io.ReadFull(c.text(), sample)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("read the start of the file: %w", err)
	}
	sample = sample[:n]
	if len(bytes.TrimSpace(sample)) == 0 && c.size <= scanBuffer {
		return diag.Refuse("import.empty", "")
	}
	if first, _, _ := bytes.Cut(sample, []byte("\n")); bytes.HasPrefix(bytes.ToLower(first), []byte("sep=")) {
		if hint := bytes.TrimRight(first[4:], "\r"); len(hint) == 1 && strings.Contains(separators, string(hint)) {
			c.separator, c.skipLine = hint[0], true
			return nil
		}
	}
	best := 0
	for _, candidate := range []byte(separators) {
		if score := scoreSeparator(sample, candidate); score > best {
			best, c.separator = score, candidate
		}
	}
	return nil
}

// scoreSeparator counts the columns that a separator gives to most of the sampled rows, twice as much where
// every row has them.
func scoreSeparator(sample []byte, separator byte) int {
	counts := map[int]int{}
	rows, columns, quoted, content := 0, 1, false, false
	for _, b := range sample {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == separator:
			columns++
		case b == '\n' && content:
			counts[columns]++
			rows, columns, content = rows+1, 1, false
		case b != '\r' && b != '\n':
			content = true
		}
		if rows == sampleRows {
			break
		}
	}
	if content && (rows == 0 || len(sample) < scanBuffer) {
		counts[columns]++
		rows++
	}
	most, width := 0, 1
	for columns, n := range counts {
		if n > most || n == most && columns > width {
			most, width = n, columns
		}
	}
	if width == 1 {
		return 0
	}
	score := most * 100 / rows * min(width, 50)
	if most == rows {
		score *= 2
	}
	return score
}
