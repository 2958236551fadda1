// Package diag is the one feedback type of Tenon: what is wrong, where, why and what to do about it, in
// both languages. A squiggle in the formula editor, a refused save and an HTTP problem body are the same
// Diagnostic. It must never know HTTP, the database or the clock.
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Code names a problem for ever: `noun.problem`, lower case, never renamed once released.
type Code string

// Severity says whether a diagnostic stops the act.
type Severity uint8

// The severities. The zero value is Error, so that a forgotten severity refuses instead of passing.
const (
	Error   Severity = iota // refuses a release or a write
	Warning                 // is shown, stops nothing
	Info
)

// String returns the severity's name as used in JSON.
func (s Severity) String() string {
	switch s {
	case Warning:
		return "warning"
	case Info:
		return "info"
	default:
		return "error"
	}
}

// MarshalText writes the severity's name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Args fills the placeholders `{name}` of a code's texts. Values are strings, integers, lists of strings (joined
// with the language's separator), or words that differ by language: anything with In(lang string) string.
type Args map[string]any

// Diagnostic is one finding. Path is a JSON pointer into the document or body that was judged ("" is the
// whole). Pos is a place inside the text at Path, for expressions.
type Diagnostic struct {
	Code     Code
	Severity Severity
	Path     string
	Args     Args
	Pos      *Pos
	// Message, when set, is text written by the app's builder (a rule's message) and replaces the
	// catalogue's text.
	Message map[string]string
	// Remedy, when set, is the way out that replaces the catalogue's own.
	Remedy map[string]string
	// Fix, when set, is a code whose text says the way out; otherwise the catalogue's own cure is used.
	Fix Code
}

// Pos is a place in an expression's source. Offsets and columns count runes from 0 and 1.
type Pos struct {
	Offset int `json:"offset"`
	Length int `json:"length"`
	Line   int `json:"line"`
	Column int `json:"column"`
}

// New makes an Error diagnostic. Args come as pairs name, value.
func New(code Code, path string, args ...any) Diagnostic {
	return Diagnostic{Code: code, Path: path, Args: Pairs(args...)}
}

// Warn makes a Warning diagnostic.
func Warn(code Code, path string, args ...any) Diagnostic {
	return Diagnostic{Code: code, Severity: Warning, Path: path, Args: Pairs(args...)}
}

// Pairs builds Args from name, value pairs. An odd list is a programming error and panics.
func Pairs(args ...any) Args {
	if len(args) == 0 {
		return nil
	}
	if len(args)%2 != 0 {
		panic("diag: odd args")
	}
	m := make(Args, len(args)/2)
	for i := 0; i < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	return m
}

// Text renders the diagnostic in a language ("zh-CN" or "en-US"; anything else reads as zh-CN).
func (d Diagnostic) Text(lang string) string {
	if m := d.Message[lang]; m != "" {
		return m
	}
	for _, l := range Languages {
		if m := d.Message[l]; m != "" {
			return m
		}
	}
	e, ok := Lookup(d.Code)
	if !ok {
		return string(d.Code)
	}
	return fill(e.Text.In(lang), d.Args, lang)
}

// Cure renders the way out in a language, or "" when there is none to offer.
func (d Diagnostic) Cure(lang string) string {
	if d.Remedy != nil {
		return d.Remedy[lang]
	}
	code := d.Code
	if d.Fix != "" {
		code = d.Fix
	}
	e, ok := Lookup(code)
	if !ok {
		return ""
	}
	if d.Fix != "" {
		return fill(e.Text.In(lang), d.Args, lang)
	}
	return fill(e.Cure.In(lang), d.Args, lang)
}

func (d Diagnostic) String() string {
	return fmt.Sprintf("%s %s at %q: %s", d.Severity, d.Code, d.Path, d.Text("en-US"))
}

// List is the diagnostics of one judgement, all at once.
type List []Diagnostic

// Add appends an Error diagnostic.
func (l *List) Add(code Code, path string, args ...any) { *l = append(*l, New(code, path, args...)) }

// HasErrors tells whether anything in the list refuses.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Err returns the list as an error when it has errors, else nil.
func (l List) Err() error {
	if !l.HasErrors() {
		return nil
	}
	return &Problem{List: l}
}

// Under returns the list with prefix put before every path.
func (l List) Under(prefix string) List {
	out := make(List, len(l))
	for i, d := range l {
		d.Path = prefix + d.Path
		out[i] = d
	}
	return out
}

// Sort orders by path, then place, then code, so that output is stable.
func (l List) Sort() List {
	slices.SortStableFunc(l, func(a, b Diagnostic) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(offset(a.Pos), offset(b.Pos)), strings.Compare(string(a.Code), string(b.Code)))
	})
	return l
}

func offset(p *Pos) int {
	if p == nil {
		return -1
	}
	return p.Offset
}

// Codes lists the codes in order, for tests.
func (l List) Codes() []Code {
	out := make([]Code, len(l))
	for i, d := range l {
		out[i] = d.Code
	}
	return out
}

// Problem is a List travelling as an error. The first error's code is the problem's code.
type Problem struct{ List List }

// Refuse makes an error of a single diagnostic.
func Refuse(code Code, path string, args ...any) error {
	return &Problem{List: List{New(code, path, args...)}}
}

func (p *Problem) Error() string {
	texts := make([]string, len(p.List))
	for i, d := range p.List {
		texts[i] = d.String()
	}
	return strings.Join(texts, "; ")
}

// First returns the first diagnostic that refuses.
func (p *Problem) First() Diagnostic {
	for _, d := range p.List {
		if d.Severity == Error {
			return d
		}
	}
	return Diagnostic{Code: Internal}
}

// Pointer appends reference tokens to a JSON pointer, escaping them (RFC 6901).
func Pointer(base string, tokens ...any) string {
	var b strings.Builder
	b.WriteString(base)
	for _, t := range tokens {
		b.WriteByte('/')
		s := fmt.Sprint(t)
		s = strings.ReplaceAll(s, "~", "~0")
		s = strings.ReplaceAll(s, "/", "~1")
		b.WriteString(s)
	}
	return b.String()
}
