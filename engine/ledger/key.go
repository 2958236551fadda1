package ledger

import (
	"fmt"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

// How a canonical key is written: dimensions in the ledger's order with a bar between them. A dimension without a value
// is ~, one that the key leaves out is *; these signs in a value are escaped.
const (
	keyBar  = "|"
	keyNone = "~"
	keyLeft = "*"
)

var keyEscapes = strings.NewReplacer(`\`, `\\`, keyBar, `\|`, keyNone, `\~`, keyLeft, `\*`)

// keyOf is the canonical text of a key; has says which dimensions are in it, nil is all.
func keyOf(dims []any, has []bool) string {
	var b strings.Builder
	for i, v := range dims {
		if i > 0 {
			b.WriteString(keyBar)
		}
		switch {
		case has != nil && !has[i]:
			b.WriteString(keyLeft)
		case v == nil || v == "":
			b.WriteString(keyNone)
		default:
			b.WriteString(keyEscapes.Replace(fmt.Sprint(v)))
		}
	}
	return b.String()
}

// fits tells whether the values are those of the dimensions, and every one that is required is there.
func fits(l *metamodel.Ledger, dims []any) (missing *metamodel.Field, err error) {
	if len(dims) != len(l.Dimensions) {
		return nil, fmt.Errorf("post to %s: %d values for %d dimensions", l.Name, len(dims), len(l.Dimensions))
	}
	for i, v := range dims {
		switch v.(type) {
		case nil:
			if l.Dimensions[i].Required {
				return l.Dimensions[i], nil
			}
		case string, value.Date:
		default:
			return nil, fmt.Errorf("post to %s: dimension %s holds %T", l.Name, l.Dimensions[i].Name, v)
		}
	}
	return nil, nil
}
