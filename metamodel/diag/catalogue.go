package diag

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Languages are the languages of every text, the default first.
var Languages = []string{"zh-CN", "en-US"}

// Kind is what sort of refusal a code is; the HTTP edge gives each kind one status.
type Kind uint8

// The kinds of refusal.
const (
	Invalid     Kind = iota // the content is wrong: 422
	Malformed               // the request can't be read: 400
	Unauthentic             // nobody is signed in, or not any more: 401
	Denied                  // signed in, but may not: 403
	NotFound                // absent or not visible: 404
	Conflict                // someone else was first, or the state forbids it: 409
	Gone                    // was here once, never again: 410
	Stale                   // If-Match did not match: 412
	TooLarge                // over a size limit: 413
	MediaType               // wrong content type: 415
	TooMany                 // over a rate: 429
	Broken                  // our fault: 500
	Unavailable             // try again later: 503
)

// Text is a sentence in both languages. Placeholders are `{name}`, the same in both; a word that goes with a number is
// written `{count} {count|record|records}` where the language tells one from many.
type Text struct{ ZH, EN string }

// In returns the sentence in a language, zh-CN unless it is en-US.
func (t Text) In(lang string) string {
	if lang == "en-US" {
		return t.EN
	}
	return t.ZH
}

// Entry is one code's line in the catalogue.
type Entry struct {
	Code Code
	Kind Kind
	Text Text // what is wrong
	Cure Text // the way out; may be empty where Text says it
}

var catalogue = map[Code]Entry{}

// Register adds entries to the catalogue; each area of the product keeps its own file
// `catalogue_<area>.go` in this package. A second entry for a code panics at start.
func Register(entries ...Entry) struct{} {
	for _, e := range entries {
		if _, dup := catalogue[e.Code]; dup {
			panic(fmt.Sprintf("diag: code %q registered twice", e.Code))
		}
		catalogue[e.Code] = e
	}
	return struct{}{}
}

// Lookup finds a code's entry.
func Lookup(c Code) (Entry, bool) {
	e, ok := catalogue[c]
	return e, ok
}

// Entries lists the catalogue, sorted by code.
func Entries() []Entry {
	out := slices.Collect(maps.Values(catalogue))
	slices.SortFunc(out, func(a, b Entry) int { return strings.Compare(string(a.Code), string(b.Code)) })
	return out
}

// fill replaces `{name}` by the argument, and `{name|one|many}` by the word that goes with it as a number. A missing
// argument stays visible as its placeholder.
func fill(text string, args Args, lang string) string {
	var out strings.Builder
	for {
		before, rest, opened := strings.Cut(text, "{")
		hole, after, closed := strings.Cut(rest, "}")
		if len(args) == 0 || !opened || !closed {
			return out.String() + text
		}
		out.WriteString(before)
		if word, ok := filled(hole, args, lang); ok {
			out.WriteString(word)
		} else {
			out.WriteString("{" + hole + "}")
		}
		text = after
	}
}

func filled(hole string, args Args, lang string) (string, bool) {
	name, words, counted := strings.Cut(hole, "|")
	v, ok := args[name]
	if !ok {
		return "", false
	}
	text := argText(v, lang)
	if !counted {
		return text, true
	}
	one, many, _ := strings.Cut(words, "|")
	if text == "1" {
		return one, true
	}
	return many, true
}

func argText(v any, lang string) string {
	if list, ok := v.([]string); ok {
		if lang == "en-US" {
			return strings.Join(list, ", ")
		}
		return strings.Join(list, "、")
	}
	if l, ok := v.(interface{ In(lang string) string }); ok {
		return l.In(lang)
	}
	return fmt.Sprint(v)
}
