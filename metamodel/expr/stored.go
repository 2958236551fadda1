package expr

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tenon/metamodel"
)

// ErrUnknownMention says that a stored expression mentions an element that is not in the app any more.
var ErrUnknownMention = errors.New("the expression mentions an element that no longer exists")

// StoreText writes an expression's stored form: every mention of a field, option or entity becomes ⟦id⟧, all
// else stays as the author wrote it. System fields keep their names, which never change. refs are those of the
// program that was compiled from src.
func StoreText(src string, refs []Ref) string {
	var b strings.Builder
	at := 0
	for _, r := range refs {
		if r.Offset < at || r.Offset+r.Length > len(src) || r.system() {
			continue
		}
		b.WriteString(src[at:r.Offset])
		b.WriteString(mentionOpen + string(r.ID) + mentionClose)
		at = r.Offset + r.Length
	}
	b.WriteString(src[at:])
	return b.String()
}

func (r Ref) system() bool { return r.Kind == RefField && r.Path[len(r.Path)-1].System }

// SourceText writes the source of a stored expression with today's names. A comprehension's variable whose name
// has meanwhile become the name of a field that the expression mentions is renamed, so that the expression
// keeps its meaning. The error is ErrUnknownMention when an element is gone; the text then shows its id.
func (m *Model) SourceText(scope Scope, stored string) (string, error) {
	if !strings.Contains(stored, mentionOpen) {
		return stored, nil
	}
	tokens := scan(stored, len(stored))
	renamed := m.captured(stored, tokens, scope)
	var b strings.Builder
	var err error
	at := 0
	put := func(end int, text string) {
		b.WriteString(text)
		at = end
	}
	for i, t := range tokens {
		b.WriteString(stored[at:t.Start])
		at = t.Start
		switch text := t.in(stored); t.Kind {
		case tokMention:
			name, known := m.mentioned(text)
			if !known {
				err = fmt.Errorf("%w: %s", ErrUnknownMention, text)
			}
			put(t.End, name)
		case tokText:
			name, gone := m.optionText(text)
			if gone {
				err = fmt.Errorf("%w: %s", ErrUnknownMention, text)
			}
			put(t.End, name)
		case tokIdent:
			if to, ok := renamed[text]; ok && isVariable(stored, tokens, i) {
				text = to
			}
			put(t.End, text)
		default:
			put(t.End, text)
		}
	}
	b.WriteString(stored[at:])
	return b.String(), err
}

// mentioned is the name of the element that ⟦id⟧ stands for, or the mention itself.
func (m *Model) mentioned(mention string) (string, bool) {
	id := metamodel.ID(strings.TrimSuffix(strings.TrimPrefix(mention, mentionOpen), mentionClose))
	name, ok := m.names[id]
	if !ok {
		return mention, false
	}
	return name, true
}

// optionText puts an option's name into a literal of the form '⟦id⟧'.
func (m *Model) optionText(literal string) (text string, gone bool) {
	if len(literal) < 2 {
		return literal, false
	}
	inner := literal[1 : len(literal)-1]
	if !strings.HasPrefix(inner, mentionOpen) || !strings.HasSuffix(inner, mentionClose) || strings.Count(inner, mentionOpen) != 1 {
		return literal, false
	}
	name, ok := m.mentioned(inner)
	return literal[:1] + name + literal[len(literal)-1:], !ok
}

// isVariable tells whether an identifier in a stored text is a comprehension's variable: every field is a
// mention there, so that a bare name which isn't called and doesn't follow a point is nothing else.
func isVariable(stored string, tokens []token, i int) bool {
	if i > 0 && tokens[i-1].in(stored) == "." {
		return false
	}
	return i+1 >= len(tokens) || tokens[i+1].in(stored) != "("
}

// captured finds the variables that today's names of mentioned fields would be taken for, with a new name for
// each.
func (m *Model) captured(stored string, tokens []token, scope Scope) map[string]string {
	bare := map[string]bool{}
	variables := map[string]bool{}
	for i, t := range tokens {
		switch {
		case t.Kind == tokMention && (i == 0 || tokens[i-1].in(stored) != "."):
			if name, ok := m.mentioned(t.in(stored)); ok {
				bare[name] = true
			}
		case t.Kind == tokIdent && isVariable(stored, tokens, i):
			variables[t.in(stored)] = true
		}
	}
	var out map[string]string
	for v := range variables {
		if !bare[v] || slices.Contains(reserved, v) {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		for n := 2; ; n++ {
			fresh := v + strconv.Itoa(n)
			if !bare[fresh] && !variables[fresh] && (scope.Entity == nil || scope.Entity.Field(fresh) == nil) {
				out[v] = fresh
				variables[fresh] = true
				break
			}
		}
	}
	return out
}
