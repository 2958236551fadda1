package lower

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// errPattern says that a regular expression has no equal on PostgreSQL.
var errPattern = errors.New("the regular expression has no equal on PostgreSQL")

// maxRepeat is the greatest count in {n,m} that PostgreSQL takes.
const maxRepeat = 255

// postgresPattern writes one of Go's regular expressions in PostgreSQL's language, so that it matches the same
// texts. What isn't on the list here is refused.
func postgresPattern(source string) (string, error) {
	re, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return "", fmt.Errorf("parse pattern: %w", err)
	}
	var b strings.Builder
	if err := writePattern(&b, re); err != nil {
		return "", err
	}
	return "(?:" + b.String() + ")", nil
}

func writePattern(b *strings.Builder, re *syntax.Regexp) error {
	switch re.Op {
	case syntax.OpEmptyMatch:
		b.WriteString("(?:)")
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			writeRune(b, r, re.Flags&syntax.FoldCase != 0)
		}
	case syntax.OpCharClass:
		if len(re.Rune) == 0 {
			return errPattern
		}
		writeClass(b, re.Rune)
	case syntax.OpAnyCharNotNL:
		b.WriteString(`[^\n]`)
	case syntax.OpAnyChar:
		b.WriteString(`.`)
	case syntax.OpBeginText:
		b.WriteString(`^`)
	case syntax.OpEndText:
		if re.Flags&syntax.WasDollar == 0 {
			b.WriteString(`\Z`)
			break
		}
		b.WriteString(`$`)
	case syntax.OpCapture:
		return writeGroup(b, re.Sub[0])
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return writeRepeat(b, re)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if err := writeGroup(b, sub); err != nil {
				return err
			}
		}
	case syntax.OpAlternate:
		for i, sub := range re.Sub {
			if i > 0 {
				b.WriteByte('|')
			}
			if err := writePattern(b, sub); err != nil {
				return err
			}
		}
	default:
		return errPattern
	}
	return nil
}

func writeGroup(b *strings.Builder, re *syntax.Regexp) error {
	b.WriteString("(?:")
	defer b.WriteByte(')')
	return writePattern(b, re)
}

func writeRepeat(b *strings.Builder, re *syntax.Regexp) error {
	if op := re.Sub[0].Op; op == syntax.OpBeginText || op == syntax.OpEndText {
		return errPattern
	}
	if err := writeGroup(b, re.Sub[0]); err != nil {
		return err
	}
	switch re.Op {
	case syntax.OpStar:
		b.WriteByte('*')
	case syntax.OpPlus:
		b.WriteByte('+')
	case syntax.OpQuest:
		b.WriteByte('?')
	default:
		if re.Min > maxRepeat || re.Max > maxRepeat {
			return errPattern
		}
		b.WriteString("{" + strconv.Itoa(re.Min) + ",")
		if re.Max >= 0 {
			b.WriteString(strconv.Itoa(re.Max))
		}
		b.WriteByte('}')
	}
	return nil
}

// writeRune writes one character, or the class of all that differ from it by case only.
func writeRune(b *strings.Builder, r rune, fold bool) {
	if !fold || unicode.SimpleFold(r) == r {
		writeEscape(b, r)
		return
	}
	class := []rune{r, r}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		class = append(class, f, f)
	}
	writeClass(b, class)
}

func writeClass(b *strings.Builder, ranges []rune) {
	b.WriteByte('[')
	for i := 0; i < len(ranges); i += 2 {
		lo, hi := max(ranges[i], 1), ranges[i+1] // PostgreSQL has no NUL
		if hi < lo {
			continue
		}
		writeEscape(b, lo)
		if hi > lo {
			b.WriteByte('-')
			writeEscape(b, hi)
		}
	}
	b.WriteByte(']')
}

// writeEscape writes a character so that it means itself everywhere in a pattern.
func writeEscape(b *strings.Builder, r rune) {
	if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
		b.WriteRune(r)
		return
	}
	if r > 0xFFFF {
		fmt.Fprintf(b, `\U%08X`, r)
		return
	}
	fmt.Fprintf(b, `\u%04X`, r)
}

// plainLetters matches the texts whose case can be changed letter by ASCII letter: ASCII, and the blocks of
// scripts without case that business texts are written in.
const plainLetters = `^[\u0001-\u007F\u2010-\u2027\u3000-\u303F\u3400-\u9FFF\uAC00-\uD7A3\uFF01-\uFF20]*$`

type casePair struct{ from, to string }

var caseTables = sync.OnceValue(func() map[string]casePair {
	out := map[string]casePair{}
	for name, change := range map[string]func(rune) rune{"lower": unicode.ToLower, "upper": unicode.ToUpper} {
		var from, to strings.Builder
		for r := rune(1); r <= unicode.MaxRune; r++ {
			if c := change(r); c != r && r < 0xD800 || c != r && r > 0xDFFF {
				from.WriteRune(r)
				to.WriteRune(c)
			}
		}
		out[name] = casePair{from.String(), to.String()}
	}
	return out
})

// caseTable lists all letters that lower() or upper() of Go changes, and what to.
func caseTable(name string) (from, to string) {
	p := caseTables()[name]
	return p.from, p.to
}
