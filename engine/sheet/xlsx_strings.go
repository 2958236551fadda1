package sheet

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

var errStringIndex = errors.New("unknown shared text")

// stringTable is the shared texts of a workbook: kept in large chunks, so that two million of them cost two
// allocations for each megabyte.
type stringTable struct {
	chunks []string
	items  []stringRef
	open   strings.Builder
	bytes  int
}

type stringRef struct{ chunk, from, to uint32 }

const stringChunk = 1 << 20

func (t *stringTable) read(s *xmlScanner) error {
	for {
		tok, err := s.next()
		if err != nil {
			return err
		}
		if tok == xmlEOF {
			t.seal()
			return nil
		}
		if tok != xmlStart || string(s.name) != "si" {
			continue
		}
		text, err := s.richText()
		if err != nil {
			return err
		}
		if err := t.add(text); err != nil {
			return err
		}
	}
}

func (t *stringTable) add(text string) error {
	if len(t.items) == maxStrings {
		return tooLarge("shared texts", ">"+strconv.Itoa(maxStrings), maxStrings)
	}
	if t.bytes += len(text); t.bytes > maxStringBytes {
		return tooLarge("shared texts", ">"+megabytes(maxStringBytes), megabytes(maxStringBytes))
	}
	if t.open.Len()+len(text) > stringChunk {
		t.seal()
	}
	if t.open.Cap() == 0 {
		t.open.Grow(stringChunk)
	}
	from := t.open.Len()
	t.open.WriteString(text)
	t.items = append(t.items, stringRef{uint32(len(t.chunks)), uint32(from), uint32(t.open.Len())})
	return nil
}

func (t *stringTable) seal() {
	t.chunks = append(t.chunks, t.open.String())
	t.open = strings.Builder{}
}

func (t *stringTable) get(index []byte) (string, error) {
	n, err := strconv.Atoi(string(index))
	if err != nil || n < 0 || n >= len(t.items) {
		return "", errStringIndex
	}
	ref := t.items[n]
	return t.chunks[ref.chunk][ref.from:ref.to], nil
}

// richText reads the text of the "si" or "is" element that was just opened: its own, or that of its runs.
// Phonetic readings are not part of it.
func (s *xmlScanner) richText() (string, error) {
	inside := s.depth
	var first string
	var more *strings.Builder
	for s.depth >= inside {
		tok, err := s.next()
		if err != nil {
			return "", err
		}
		if tok != xmlStart {
			continue
		}
		switch string(s.name) {
		case "rPh":
			err = s.skip()
		case "t":
			var part []byte
			if part, err = s.text(); err != nil {
				return "", err
			}
			if more == nil && first == "" {
				first = string(part)
				continue
			}
			if more == nil {
				more = &strings.Builder{}
				more.WriteString(first)
			}
			if more.Write(part); more.Len() > maxTextBytes {
				return "", errXMLTooLong
			}
		}
		if err != nil {
			return "", err
		}
	}
	if more != nil {
		first = more.String()
	}
	return unescapeControl(first), nil
}

// unescapeControl resolves _xHHHH_, the way in which a text carries characters that XML can't.
func unescapeControl(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if strings.HasPrefix(text[i:], "_x") && len(text) >= i+7 && text[i+6] == '_' {
			if n, err := strconv.ParseUint(text[i+2:i+6], 16, 16); err == nil && utf8.ValidRune(rune(n)) {
				b.WriteRune(rune(n))
				i += 6
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
