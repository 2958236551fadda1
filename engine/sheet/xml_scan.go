package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// The ways in which XML is refused. Spreadsheets never need what these forbid.
var (
	errXMLSyntax   = errors.New("broken XML")
	errXMLDoctype  = errors.New("XML document type")
	errXMLEntity   = errors.New("unknown XML entity")
	errXMLTooLong  = errors.New("oversized XML tag or text")
	errXMLTooDeep  = errors.New("XML nested too deep")
	errXMLEncoding = errors.New("XML not in UTF-8")
)

type xmlToken uint8

const (
	xmlEnd   xmlToken = iota // an element closes
	xmlStart                 // an element opens: name and attr tell about it
	xmlEOF
)

// xmlScanner reads XML as a stream of tags in bounded memory. It knows no document types, so entities can't
// expand, and it keeps text only where the caller asks for it.
type xmlScanner struct {
	r       *bufio.Reader
	depth   int
	closing bool   // the last start tag closed itself; its end is still to be told
	tag     []byte // of the last start tag: what follows the name, valid until the next read
	name    []byte // of the last tag, without prefix, valid until the next read
	buf     []byte
	chars   []byte
}

func newXMLScanner(r io.Reader) (*xmlScanner, error) {
	s := &xmlScanner{r: bufio.NewReaderSize(r, scanBuffer)}
	switch head, err := s.r.Peek(3); {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		if _, err := s.r.Discard(3); err != nil {
			return nil, err
		}
	case bytes.HasPrefix(head, []byte("\xFF\xFE")), bytes.HasPrefix(head, []byte("\xFE\xFF")):
		return nil, errXMLEncoding
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	}
	return s, nil
}

// next moves to the next tag, passing over text.
func (s *xmlScanner) next() (xmlToken, error) {
	if s.closing {
		s.closing = false
		s.depth--
		return xmlEnd, nil
	}
	for {
		switch err := s.skipText(); {
		case errors.Is(err, io.EOF) && s.depth == 0:
			return xmlEOF, nil
		case errors.Is(err, io.EOF):
			return xmlEOF, errXMLSyntax
		case err != nil:
			return xmlEOF, err
		}
		if tok, ok, err := s.markup(nil); ok || err != nil {
			return tok, err
		}
	}
}

func (s *xmlScanner) skipText() error {
	for {
		if _, err := s.r.ReadSlice('<'); !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// markup reads what follows a "<". It reports true for a tag and false for what is passed over. CDATA goes to
// cdata, if given.
func (s *xmlScanner) markup(cdata *[]byte) (xmlToken, bool, error) {
	c, err := s.r.ReadByte()
	if err != nil {
		return xmlEOF, false, cutShort(err)
	}
	switch c {
	case '?':
		return xmlEOF, false, s.instruction()
	case '!':
		return xmlEOF, false, s.declaration(cdata)
	case '/':
		body, err := s.readTag()
		if err != nil {
			return xmlEOF, false, err
		}
		if s.depth--; s.depth < 0 {
			return xmlEOF, false, errXMLSyntax
		}
		s.setName(bytes.TrimRight(body, " \t\r\n"))
		return xmlEnd, true, nil
	default:
		if err := s.r.UnreadByte(); err != nil {
			return xmlEOF, false, err
		}
		return s.startTag()
	}
}

func (s *xmlScanner) startTag() (xmlToken, bool, error) {
	body, err := s.readTag()
	if err != nil {
		return xmlEOF, false, err
	}
	if s.depth++; s.depth > maxXMLDepth {
		return xmlEOF, false, errXMLTooDeep
	}
	if s.closing = len(body) > 0 && body[len(body)-1] == '/'; s.closing {
		body = body[:len(body)-1]
	}
	end := bytes.IndexAny(body, " \t\r\n")
	if end < 0 {
		end = len(body)
	}
	if end == 0 {
		return xmlEOF, false, errXMLSyntax
	}
	s.tag = body[end:]
	s.setName(body[:end])
	return xmlStart, true, nil
}

func (s *xmlScanner) setName(name []byte) {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	s.name = name
}

// readTag reads up to the ">" that ends the tag; one inside a quoted attribute doesn't.
func (s *xmlScanner) readTag() ([]byte, error) {
	piece, err := s.r.ReadSlice('>')
	quote := openQuote(0, piece)
	if err == nil && quote == 0 {
		return piece[:len(piece)-1], nil
	}
	s.buf = append(s.buf[:0], piece...)
	for err == nil && quote != 0 || errors.Is(err, bufio.ErrBufferFull) {
		if len(s.buf) > maxTagBytes {
			return nil, errXMLTooLong
		}
		piece, err = s.r.ReadSlice('>')
		quote = openQuote(quote, piece)
		s.buf = append(s.buf, piece...)
	}
	if err != nil {
		return nil, cutShort(err)
	}
	return s.buf[:len(s.buf)-1], nil
}

// openQuote returns the quote that is open after text, given the one open before it.
func openQuote(open byte, text []byte) byte {
	for _, c := range text {
		switch {
		case open == 0 && (c == '"' || c == '\''):
			open = c
		case c == open:
			open = 0
		}
	}
	return open
}

func (s *xmlScanner) instruction() error {
	body, err := s.readUntil("?>", maxTagBytes, nil)
	if err != nil {
		return err
	}
	_, encoding, found := bytes.Cut(body, []byte("encoding="))
	if found && bytes.HasPrefix(body, []byte("xml")) && len(encoding) > 1 {
		name, _, _ := bytes.Cut(encoding[1:], encoding[:1])
		if !bytes.EqualFold(name, []byte("utf-8")) && !bytes.EqualFold(name, []byte("us-ascii")) {
			return errXMLEncoding
		}
	}
	return nil
}

func (s *xmlScanner) declaration(cdata *[]byte) error {
	if head, err := s.r.Peek(2); err == nil && string(head) == "--" {
		_, err := s.r.Discard(2)
		if err == nil {
			_, err = s.readUntil("-->", -1, nil)
		}
		return err
	}
	if head, err := s.r.Peek(7); err == nil && string(head) == "[CDATA[" {
		if _, err := s.r.Discard(7); err != nil {
			return err
		}
		if cdata == nil {
			_, err := s.readUntil("]]>", -1, nil)
			return err
		}
		text, err := s.readUntil("]]>", maxTextBytes, *cdata)
		*cdata = text
		return err
	}
	return errXMLDoctype
}

// readUntil reads up to and without mark and appends it to dst, at most limit bytes; with limit < 0 it keeps
// nothing.
func (s *xmlScanner) readUntil(mark string, limit int, dst []byte) ([]byte, error) {
	start, last := len(dst), mark[len(mark)-1]
	for {
		piece, err := s.r.ReadSlice(last)
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return dst, cutShort(err)
		}
		dst = append(dst, piece...)
		if bytes.HasSuffix(dst[start:], []byte(mark)) {
			return dst[:len(dst)-len(mark)], nil
		}
		switch size := len(dst) - start; {
		case limit >= 0 && size > limit:
			return dst, errXMLTooLong
		case limit < 0 && size > len(mark):
			dst = append(dst[:start], dst[len(dst)-len(mark):]...)
		}
	}
}

// attr returns an attribute of the last start tag, raw, or nil. It is valid until the next read.
func (s *xmlScanner) attr(name string) []byte {
	rest := s.tag
	for {
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			return nil
		}
		key := bytes.TrimSpace(rest[:eq])
		rest = bytes.TrimLeft(rest[eq+1:], " \t\r\n")
		if len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
			return nil
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return nil
		}
		if string(key) == name {
			return rest[1 : 1+end]
		}
		rest = rest[end+2:]
	}
}

// attrText returns an attribute with its entities resolved, "" where it is absent.
func (s *xmlScanner) attrText(name string) (string, error) {
	text, err := unescapeXML(nil, s.attr(name))
	return string(text), err
}

// text returns the character data of the element whose start tag was just read, moving past its end tag.
// Child elements are passed over. The text is valid until the next call.
func (s *xmlScanner) text() ([]byte, error) {
	s.chars = s.chars[:0]
	if s.closing {
		s.closing = false
		s.depth--
		return nil, nil
	}
	inside := s.depth
	for {
		if err := s.collect(s.depth == inside); err != nil {
			return nil, err
		}
		_, isTag, err := s.markup(&s.chars)
		if err != nil {
			return nil, err
		}
		if isTag && s.closing {
			s.closing = false
			s.depth--
		}
		if s.depth < inside {
			break
		}
	}
	if !utf8.Valid(s.chars) {
		return nil, errXMLEncoding
	}
	return s.chars, nil
}

// collect reads up to the next "<" and, if keep is set, appends what it passed to chars.
func (s *xmlScanner) collect(keep bool) error {
	from := len(s.chars)
	for {
		piece, err := s.r.ReadSlice('<')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return cutShort(err)
		}
		if keep {
			s.chars = append(s.chars, bytes.TrimSuffix(piece, []byte("<"))...)
			if len(s.chars) > maxTextBytes {
				return errXMLTooLong
			}
		}
		if err == nil {
			break
		}
	}
	text, err := unescapeXML(s.chars[:from], s.chars[from:])
	s.chars = text
	return err
}

// skip moves past the end of the element whose start tag was just read.
func (s *xmlScanner) skip() error {
	inside := s.depth
	for s.depth >= inside {
		if tok, err := s.next(); err != nil {
			return err
		} else if tok == xmlEOF {
			return errXMLSyntax
		}
	}
	return nil
}

// unescapeXML appends src to dst with the five entities and character references resolved and line ends made
// "\n". The two may share memory: output is never longer than input.
func unescapeXML(dst, src []byte) ([]byte, error) {
	if bytes.IndexByte(src, '&') < 0 && bytes.IndexByte(src, '\r') < 0 {
		return append(dst, src...), nil
	}
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c == '\r':
			dst = append(dst, '\n')
			if i+1 < len(src) && src[i+1] == '\n' {
				i++
			}
		case c != '&':
			dst = append(dst, c)
		default:
			end := bytes.IndexByte(src[i:], ';')
			if end < 0 || end > 10 {
				return nil, errXMLEntity
			}
			r, ok := entity(string(src[i+1 : i+end]))
			if !ok {
				return nil, errXMLEntity
			}
			dst = utf8.AppendRune(dst, r)
			i += end
		}
	}
	return dst, nil
}

func entity(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	if err != nil || n == 0 || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}

// cutShort turns the end of input in the middle of something into a syntax error.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return errXMLSyntax
	}
	return err
}

// attrLocal is attr for an attribute with any prefix.
func (s *xmlScanner) attrLocal(name string) []byte {
	for _, field := range bytes.Fields(s.tag) {
		key, _, ok := bytes.Cut(field, []byte("="))
		if _, local, prefixed := bytes.Cut(key, []byte(":")); ok && prefixed && string(local) == name {
			return s.attr(string(key))
		}
	}
	return nil
}
