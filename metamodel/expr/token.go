package expr

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokenKind is what a token of the source is.
type tokenKind uint8

const (
	tokIdent   tokenKind = iota // CEL's own identifiers, reserved words included
	tokWord                     // a word with letters that CEL doesn't allow in names: 数量
	tokText                     // a text in quotes, prefix and quotes included
	tokNumber                   // an integer or decimal
	tokSign                     // an operator, bracket or comma
	tokMention                  // ⟦id⟧ of the stored form
	tokOther                    // a character that belongs to nothing
	tokOpen                     // a text without its closing quote
)

// token is one token; Start and End are byte offsets.
type token struct {
	Kind       tokenKind
	Start, End int
}

func (t token) in(src string) string { return src[t.Start:t.End] }

const (
	mentionOpen  = "⟦"
	mentionClose = "⟧"
)

// signs of two characters; everything else is a sign of one.
var longSigns = []string{"==", "!=", "<=", ">=", "&&", "||", "<>"}

// scan splits the source into tokens, without spaces and comments. It stops at limit tokens.
func scan(src string, limit int) []token {
	out := make([]token, 0, min(limit, len(src)/3+4))
	for i := 0; i < len(src) && len(out) < limit; {
		c := src[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			i++
			continue
		case strings.HasPrefix(src[i:], "//"):
			i = lineEnd(src, i)
			continue
		}
		t := next(src, i)
		out = append(out, t)
		i = t.End
	}
	return out
}

func lineEnd(src string, i int) int {
	if n := strings.IndexByte(src[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(src)
}

func next(src string, i int) token {
	if n := textPrefix(src[i:]); n >= 0 {
		return scanText(src, i, n)
	}
	c := src[i]
	switch {
	case isIdentStart(c):
		return scanWord(src, i)
	case c >= '0' && c <= '9', c == '.' && i+1 < len(src) && isDigit(src[i+1]):
		return scanNumber(src, i)
	case c >= utf8.RuneSelf:
		return scanWide(src, i)
	}
	for _, s := range longSigns {
		if strings.HasPrefix(src[i:], s) {
			return token{tokSign, i, i + len(s)}
		}
	}
	if strings.IndexByte("+-*/%<>!?:()[]{},.=&|", c) >= 0 {
		return token{tokSign, i, i + 1}
	}
	return token{tokOther, i, i + 1}
}

// textPrefix returns how many bytes stand before the quote of a text that starts here, or -1.
func textPrefix(s string) int {
	for n := 0; n < len(s) && n < 3; n++ {
		switch s[n] {
		case '\'', '"':
			return n
		case 'r', 'R', 'b', 'B':
		default:
			return -1
		}
	}
	return -1
}

func scanText(src string, start, prefix int) token {
	i := start + prefix
	raw := strings.ContainsAny(src[start:i], "rR")
	quote := src[i : i+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(src[i:], triple) {
		quote = triple
	}
	for i += len(quote); i < len(src); {
		switch {
		case strings.HasPrefix(src[i:], quote):
			return token{tokText, start, i + len(quote)}
		case src[i] == '\\' && !raw:
			i += 2
		case src[i] == '\n' && len(quote) == 1:
			return token{tokOpen, start, i}
		default:
			i++
		}
	}
	return token{tokOpen, start, len(src)}
}

func scanWord(src string, i int) token {
	kind, j := tokIdent, i
	for j < len(src) {
		if isIdentStart(src[j]) || isDigit(src[j]) {
			j++
			continue
		}
		r, n := utf8.DecodeRuneInString(src[j:])
		if r < utf8.RuneSelf || !unicode.IsLetter(r) {
			break
		}
		kind = tokWord
		j += n
	}
	return token{kind, i, j}
}

// scanWide scans what begins with a character outside ASCII: a mention, a word, or something CEL has no use
// for.
func scanWide(src string, i int) token {
	if strings.HasPrefix(src[i:], mentionOpen) {
		if n := strings.Index(src[i:], mentionClose); n > 0 {
			return token{tokMention, i, i + n + len(mentionClose)}
		}
	}
	r, n := utf8.DecodeRuneInString(src[i:])
	if unicode.IsLetter(r) {
		t := scanWord(src, i)
		t.Kind = tokWord
		return t
	}
	return token{tokOther, i, i + n}
}

func scanNumber(src string, i int) token {
	j := i
	for j < len(src) {
		switch c := src[j]; {
		case isDigit(c) || isIdentStart(c):
			j++
		case c == '.' && j+1 < len(src) && isDigit(src[j+1]) && !strings.Contains(src[i:j], "."):
			j++
		case (c == '+' || c == '-') && (src[j-1] == 'e' || src[j-1] == 'E') && !strings.HasPrefix(src[i:j], "0x"):
			j++
		default:
			return token{tokNumber, i, j}
		}
	}
	return token{tokNumber, i, j}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isIdentStart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
