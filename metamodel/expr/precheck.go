package expr

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/cel-go/common"

	"tenon/metamodel/diag"
)

// precheck refuses, in time linear in the source, what the parser would take long over, and explains what
// people type who don't know the language: full-width signs, titles instead of names, = for ==.
func precheck(src string, m *Model, scope Scope) diag.List {
	if len(src) > MaxSource {
		return diag.List{diag.New("expr.too_large", "", "actual", len(src), "limit", MaxSource)}
	}
	if !utf8.ValidString(src) {
		return diag.List{diag.New("expr.not_text", "")}
	}
	tokens := scan(src, MaxTokens+1)
	if len(tokens) == 0 {
		return diag.List{diag.New("expr.empty", "")}
	}
	if len(tokens) > MaxTokens {
		return diag.List{diag.New("expr.too_complex", "", "actual", MaxTokens+1, "limit", MaxTokens)}
	}
	p := &prechecker{m: m, scope: scope, src: src, tokens: tokens}
	p.nesting()
	for i := range tokens {
		p.token(i)
	}
	return p.diags
}

type prechecker struct {
	m      *Model
	scope  Scope
	src    string
	tokens []token
	diags  diag.List
}

func (p *prechecker) report(code diag.Code, t token, args ...any) {
	if len(p.diags) >= MaxErrors {
		return
	}
	d := diag.New(code, "", args...)
	d.Pos = pos(p.src, t.Start, t.End)
	p.diags = append(p.diags, d)
}

// nesting bounds brackets within brackets, and the signs that nest without one: ? and unary - and !.
func (p *prechecker) nesting() {
	depth, ternaries := 0, 0
	for _, t := range p.tokens {
		if t.Kind != tokSign {
			continue
		}
		switch t.in(p.src) {
		case "(", "[":
			depth++
		case ")", "]":
			depth--
		case "?":
			ternaries++
		}
		if depth > MaxNesting || ternaries > MaxNesting {
			p.report("expr.too_complex_nesting", t, "limit", MaxNesting)
			return
		}
	}
}

// wideSigns are the signs of a Chinese keyboard and what is meant by them.
var wideSigns = map[string]string{
	"（": "(", "）": ")", "，": ",", "。": ".", "；": ";", "：": ":", "？": "?", "！": "!", "＋": "+", "－": "-", "×": "*", "＊": "*",
	"÷": "/", "／": "/", "＝": "==", "＞": ">", "＜": "<", "≥": ">=", "≤": "<=", "≠": "!=", "“": "'", "”": "'", "‘": "'", "’": "'",
	"【": "[", "】": "]", "％": "%", "＆": "&&", "｜": "||", "　": " ", "「": "'", "」": "'",
}

// otherSigns are what other languages write.
var otherSigns = map[string]string{"=": "==", "<>": "!=", "&": "&&", "|": "||", ";": ",", "^": "*", "#": "."}

var otherWords = map[string]string{
	"and": "&&", "or": "||", "not": "!", "AND": "&&", "OR": "||", "NOT": "!", "True": "true", "False": "false",
	"TRUE": "true", "FALSE": "false", "NULL": "null", "None": "null", "nil": "null", "IF": "? :",
}

func (p *prechecker) token(i int) {
	t := p.tokens[i]
	text := t.in(p.src)
	switch t.Kind {
	case tokOpen:
		p.report("expr.text_open", t)
	case tokMention:
		p.report("expr.syntax", t, "near", text)
	case tokWord:
		p.report("expr.unknown_identifier", t, "name", text)
		p.suggestLabel(text)
	case tokOther, tokSign:
		p.sign(i, t, text)
	case tokText:
		if strings.HasPrefix(text, "b") || strings.HasPrefix(text, "B") || strings.Contains(text, mentionOpen) {
			p.report("expr.syntax", t, "near", text)
		}
	case tokIdent:
		if p.asks(i, text) {
			p.report("expr.query_not_allowed", t, "macro", text)
		}
		if use, ok := otherWords[text]; ok && !p.known(text) {
			p.report("expr.operator_form", t, "found", text, "use", use)
		}
	case tokNumber: // read later, by its type
	}
}

// asks tells whether a question about other entities is put where none is allowed. In a request it is refused before
// the entity's name is looked at, so that the answer is the same whether there is such an entity or not.
func (p *prechecker) asks(i int, text string) bool {
	_, query := queryMacros[text]
	return query && p.scope.Readable != nil && !p.scope.Query && i+1 < len(p.tokens) && p.tokens[i+1].in(p.src) == "("
}

func (p *prechecker) known(name string) bool {
	return p.scope.Entity != nil && p.scope.Entity.Field(name) != nil
}

func (p *prechecker) sign(i int, t token, text string) {
	if use, ok := wideSigns[text]; ok {
		p.report("expr.full_width", t, "found", text, "use", use)
		return
	}
	if use, ok := otherSigns[text]; ok {
		p.report("expr.operator_form", t, "found", text, "use", use)
		return
	}
	if t.Kind == tokOther || text == "{" || text == "}" || text == "." && !p.endsValue(i-1) {
		p.report("expr.syntax", t, "near", text)
	}
}

// endsValue tells whether a point may follow a token.
func (p *prechecker) endsValue(i int) bool {
	if i < 0 {
		return false
	}
	t := p.tokens[i]
	return t.Kind != tokSign || t.in(p.src) == ")" || t.in(p.src) == "]"
}

// syntaxErrors explains what the parser refused: the first place, as what follows is mostly its echo, and
// every macro used in the wrong form.
func (c *checked) syntaxErrors(errs []*common.Error) diag.List {
	var out diag.List
	for _, e := range errs {
		at := c.locate(e.Location)
		if name, ok := strings.CutPrefix(e.Message, macroProblem); ok {
			out = append(out, c.macroForm(name, at))
			continue
		}
		if strings.Contains(e.Message, "expression count exceeds") || strings.Contains(e.Message, "recursion") {
			out = append(out, diag.New("expr.too_complex_nesting", "", "limit", MaxDepth))
			continue
		}
		out = append(out, c.syntaxError(at))
	}
	seen := false
	return slices.DeleteFunc(out, func(d diag.Diagnostic) bool {
		again := seen && d.Code == "expr.syntax"
		seen = seen || d.Code == "expr.syntax"
		return again
	})
}

func (c *checked) locate(l common.Location) int {
	if l == nil {
		return 0
	}
	line := 1
	at := 0
	for line < l.Line() {
		n := strings.IndexByte(c.src[at:], '\n')
		if n < 0 {
			break
		}
		at += n + 1
		line++
	}
	for range l.Column() {
		_, n := utf8.DecodeRuneInString(c.src[at:])
		at += n
	}
	return at
}

func (c *checked) syntaxError(at int) diag.Diagnostic {
	start, end := at, at
	near := ""
	if i := c.tokenAt(at); i >= 0 {
		start, end = c.tokens[i].Start, c.tokens[i].End
		near = c.tokens[i].in(c.src)
	}
	var d diag.Diagnostic
	switch i := c.tokenAt(at); {
	case near == "":
		d = diag.New("expr.incomplete", "")
	case c.tokens[i].Kind == tokNumber:
		d = diag.New("expr.number_form", "", "text", near)
	default:
		d = diag.New("expr.syntax", "", "near", near)
	}
	d.Pos = pos(c.src, start, end)
	return d
}

func (c *checked) macroForm(name string, at int) diag.Diagnostic {
	form := ""
	for _, f := range macroDocs {
		if f.Name == name {
			form = f.Example
		}
	}
	d := diag.New("expr.macro_form", "", "macro", name, "example", form)
	d.Pos = pos(c.src, at, at)
	if i := c.tokenAt(at); i >= 0 {
		d.Pos = pos(c.src, c.tokens[i].Start, c.tokens[i].End)
	}
	return d
}
