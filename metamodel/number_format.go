package metamodel

import (
	"strings"

	"tenon/metamodel/value"
)

// dateLayouts are Go's layouts of the date tokens.
var dateLayouts = map[string]string{"{yyyy}": "2006", "{yyMM}": "0601", "{yyyyMM}": "200601", "{yyyyMMdd}": "20060102"}

// Format returns the text before and after the counter on a day. The text before is also what the counter counts
// within: with a new day, month or year it starts again at 1.
func (p *NumberPattern) Format(day value.Date) (prefix, suffix string) {
	prefix = p.Prefix
	for token, layout := range dateLayouts {
		prefix = strings.ReplaceAll(prefix, token, day.Time().Format(layout))
	}
	return prefix, p.Suffix
}
