package expr

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestScratchAttacks(t *testing.T) {
	m, app, _ := fixture()
	scope := Scope{Entity: app.Entity("receipt"), Query: true}
	m.Compile(scope, "qty", Unknown)
	rep := strings.Repeat
	for name, src := range map[string]string{
		"lists240": rep("[", 240) + rep("]", 240), "lists24": rep("[", 24) + "1" + rep("]", 24), "lists23": rep("[", 23) + rep("]", 23), "parens24": rep("(", 24) + "1" + rep(")", 24),
		"or16k": rep("true||", 16000) + "true", "or500": rep("a||", 499) + "a", "or700": rep("true||", 680) + "true", "100KB": rep("a", 100_000), "not": rep("!", 1400) + "true", "neg": rep("-", 1400) + "qty", "notneg": rep("!-", 300) + "1",
		"ternary23": rep("true?1:", 23) + "1", "ternaryL": rep("(true?", 12) + "1" + rep(":2)", 12), "dots": "a" + rep(".b", 700), "add700": rep("1+", 700) + "1", "calls": rep("abs(", 23) + "1" + rep(")", 23), "unbalanced": rep("[(", 12), "listsbig": "[" + rep("1,", 700) + "1]",
		"macros3": "lines.all(a, lines.all(b, lines.all(c, a.qty == b.qty)))", "macros10": rep("lines.all(a, ", 10) + "true" + rep(")", 10), "macros20": rep("lines.all(a, ", 20) + "true" + rep(")", 20), "mixed": rep("[(", 11) + "1" + rep(")]", 11), "index": "a" + rep("[0]", 500), "indexnest": rep("a[", 23) + "0" + rep("]", 23), "maps": rep("{1:", 23) + "1" + rep("}", 23), "coalesce": "coalesce(" + rep("1,", 600) + "1)", "lessthan": rep("1<", 400) + "1", "in": rep("1 in ", 200) + "[1]", "listlist": rep("[1,[", 11) + "1" + rep("]]", 11), "callsbin": rep("min(1,[", 11) + "1" + rep("])", 11), "garbage": rep("? : [ ( ", 11), "garbage2": rep("a ( ", 23) + rep("b ", 400), "idents": rep("a ", 1400), "commas": rep(",", 1400), "strs": rep("'a'", 600),
	} {
		best := time.Hour
		var codes any
		for range 2 {
			start := time.Now()
			_, list := m.Compile(scope, src, Unknown)
			best = min(best, time.Since(start))
			codes = list.Codes()
			if len(list) > 3 {
				codes = list.Codes()[:3]
			}
		}
		fmt.Printf("%-12s %8s %v\n", name, best.Round(10*time.Microsecond), codes)
	}
}
