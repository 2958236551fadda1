package sheet

import (
	"strings"
	"unicode/utf8"

	"tenon/metamodel/value"
)

// guardStarts are the first characters that make a spreadsheet program take a CSV cell for a formula, in
// their full-width forms too.
const guardStarts = "=+-@\t\r\n＝＋－＠"

// guard makes text safe to open in a spreadsheet program: an apostrophe goes before what would be taken for a
// formula. Plain numbers stay as they are. Text that already has apostrophes in such a place gets one more, so
// that unguard gives back every text exactly.
func guard(text string) string {
	if isPlainNumber(text) || !startsFormula(text) {
		return text
	}
	return "'" + text
}

// unguard takes guard's apostrophe away.
func unguard(text string) string {
	if strings.HasPrefix(text, "'") && !isPlainNumber(text[1:]) && startsFormula(text[1:]) {
		return text[1:]
	}
	return text
}

func startsFormula(text string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, "'"))
	return first != utf8.RuneError && strings.ContainsRune(guardStarts, first)
}

func isPlainNumber(text string) bool {
	_, err := value.ParseDecimal(text)
	return err == nil
}
