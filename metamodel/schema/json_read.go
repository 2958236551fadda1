package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// parse reads one JSON document strictly: no byte-order mark, no duplicate keys, nothing after the value,
// integers only, bounded size, depth and number of values. Keys are compared exactly.
func parse(text []byte, path string) (*node, *diag.Diagnostic) {
	return parseSized(text, path, metamodel.MaxDocumentBytes)
}

func parseSized(text []byte, path string, limit int) (*node, *diag.Diagnostic) {
	refuse := func(d diag.Diagnostic) (*node, *diag.Diagnostic) { return nil, &d }
	switch {
	case len(text) > limit:
		return refuse(tooMany(whatBytes, path, len(text), limit))
	case bytes.HasPrefix(text, []byte("\xef\xbb\xbf")), bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return refuse(diag.New("document.byte_order_mark", path))
	case !utf8.Valid(text):
		return refuse(diag.New("document.not_utf8", path))
	}
	r := &jsonReader{text: text, path: path}
	n := r.value(path, 1)
	r.space()
	if r.failed == nil && r.pos < len(text) {
		r.fail(diag.New("document.trailing_data", path, r.place()...))
	}
	if r.failed != nil {
		return nil, r.failed
	}
	return n, nil
}

// jsonReader walks the text once. After the first problem every step returns at once.
type jsonReader struct {
	text   []byte
	pos    int
	count  int
	path   string // of the document
	failed *diag.Diagnostic
}

func (r *jsonReader) fail(d diag.Diagnostic) *node {
	if r.failed == nil {
		r.failed = &d
	}
	return nil
}

// place is the current line and column, counted in characters from 1, as diagnostic arguments.
func (r *jsonReader) place() []any {
	before := r.text[:min(r.pos, len(r.text))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return []any{"line", line, "column", column}
}

func (r *jsonReader) malformed() *node {
	return r.fail(diag.New("document.malformed", r.path, r.place()...))
}

func (r *jsonReader) space() {
	for r.pos < len(r.text) {
		switch r.text[r.pos] {
		case ' ', '\t', '\r', '\n':
			r.pos++
		default:
			return
		}
	}
}

// next tells whether the next character after space is c, and steps over it.
func (r *jsonReader) next(c byte) bool {
	r.space()
	if r.pos < len(r.text) && r.text[r.pos] == c {
		r.pos++
		return true
	}
	return false
}

func (r *jsonReader) value(path string, depth int) *node {
	r.space()
	r.count++
	switch {
	case r.failed != nil:
		return nil
	case depth > metamodel.MaxDepth:
		return r.fail(diag.New("document.too_deep", path, "limit", metamodel.MaxDepth))
	case r.count > metamodel.MaxNodes:
		return r.fail(tooMany(whatValues, r.path, r.count, metamodel.MaxNodes))
	case r.pos >= len(r.text):
		return r.malformed()
	}
	switch c := r.text[r.pos]; {
	case c == '{':
		return r.object(path, depth)
	case c == '[':
		return r.array(path, depth)
	case c == '"':
		s, ok := r.str(path)
		if !ok {
			return nil
		}
		return textNode(s)
	case c == '-' || c >= '0' && c <= '9':
		return r.number(path)
	}
	for word, n := range map[string]node{"null": {}, "true": {kind: jsonBool, flag: true}, "false": {kind: jsonBool}} {
		if bytes.HasPrefix(r.text[r.pos:], []byte(word)) {
			r.pos += len(word)
			return &n
		}
	}
	return r.malformed()
}

func (r *jsonReader) object(path string, depth int) *node {
	r.pos++
	out := objectNode()
	if r.next('}') {
		return out
	}
	seen := map[string]bool{}
	for {
		r.space()
		if r.pos >= len(r.text) || r.text[r.pos] != '"' {
			return r.malformed()
		}
		key, ok := r.str(path)
		if !ok {
			return nil
		}
		at := diag.Pointer(path, key)
		if seen[key] {
			return r.fail(diag.New("document.key_duplicate", at, "key", key))
		}
		seen[key] = true
		if !r.next(':') {
			return r.malformed()
		}
		v := r.value(at, depth+1)
		if v == nil {
			return nil
		}
		out.members = append(out.members, member{key, v})
		if r.next('}') {
			return out
		}
		if !r.next(',') {
			return r.malformed()
		}
	}
}

func (r *jsonReader) array(path string, depth int) *node {
	r.pos++
	out := listNode()
	if r.next(']') {
		return out
	}
	for {
		v := r.value(fmt.Sprintf("%s/%d", path, len(out.items)), depth+1)
		if v == nil {
			return nil
		}
		out.items = append(out.items, v)
		if r.next(']') {
			return out
		}
		if !r.next(',') {
			return r.malformed()
		}
	}
}

// str reads a string. Control characters are refused even when escaped: no text of a document has a use for
// them, and databases and terminals stumble over them.
func (r *jsonReader) str(path string) (string, bool) {
	start := r.pos
	r.pos++
	for r.pos < len(r.text) {
		switch c := r.text[r.pos]; {
		case c == '"':
			r.pos++
			return r.unquote(start, path)
		case c == '\\':
			r.pos += 2
		case c < ' ':
			r.malformed()
			return "", false
		default:
			r.pos++
		}
	}
	r.malformed()
	return "", false
}

func (r *jsonReader) unquote(start int, path string) (string, bool) {
	raw := r.text[start:r.pos]
	s := string(raw[1 : len(raw)-1])
	if strings.IndexByte(s, '\\') >= 0 {
		if err := json.Unmarshal(raw, &s); err != nil {
			r.pos = start
			r.malformed()
			return "", false
		}
	}
	if strings.ContainsFunc(s, isControl) {
		r.fail(diag.New("document.control_character", path))
		return "", false
	}
	return s, true
}

func isControl(c rune) bool {
	return c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f
}

// number reads an integer that every client holds exactly; anything else is refused.
func (r *jsonReader) number(path string) *node {
	start := r.pos
	for r.pos < len(r.text) && strings.IndexByte("+-.eE0123456789", r.text[r.pos]) >= 0 {
		r.pos++
	}
	raw := r.text[start:r.pos]
	if !json.Valid(raw) {
		r.pos = start
		return r.malformed()
	}
	s := string(raw)
	if strings.ContainsAny(s, ".eE") {
		return r.fail(diag.New("document.not_integer", path))
	}
	if s == "-0" {
		s = "0"
	}
	if digits := strings.TrimPrefix(s, "-"); len(digits) > 16 || len(digits) == 16 && digits > "9007199254740991" {
		return r.fail(diag.New("document.number_too_large", path, "limit", metamodel.MaxInteger))
	}
	return &node{kind: jsonNumber, text: s}
}
