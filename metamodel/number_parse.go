package metamodel

import (
	"regexp"
	"slices"
	"strings"
)

// DateTokens are the date parts that a number pattern may have before its counter.
var DateTokens = []string{"{yyyy}", "{yyMM}", "{yyyyMM}", "{yyyyMMdd}"}

var (
	numberToken   = regexp.MustCompile(`\{[^{}]*\}`)
	numberCounter = regexp.MustCompile(`^\{0+\}$`)
)

// ParseNumberPattern reads a pattern of document numbers such as PO{yyyyMMdd}-{0000}: exactly one counter,
// date parts before it only. ok is false when the pattern is not one.
func ParseNumberPattern(source string) (p *NumberPattern, ok bool) {
	if source == "" || len(source) > NumberLength {
		return nil, false
	}
	for _, at := range numberToken.FindAllStringIndex(source, -1) {
		token := source[at[0]:at[1]]
		switch {
		case numberCounter.MatchString(token) && p == nil:
			p = &NumberPattern{Prefix: source[:at[0]], Digits: len(token) - 2, Suffix: source[at[1]:], Source: source}
		case p != nil || !slices.Contains(DateTokens, token):
			return nil, false
		}
	}
	if p == nil || p.Digits > MaxNumberDigit {
		return nil, false
	}
	rest := numberToken.ReplaceAllString(source, "")
	return p, !strings.ContainsAny(rest, "{}") && !strings.ContainsFunc(rest, func(r rune) bool { return r < ' ' })
}
