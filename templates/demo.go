package templates

import (
	"fmt"

	"tenon/metamodel/value"
)

// DemoRecord is one act of demonstration data: a new record of Entity with Values in JSON form (decimals and
// dates as texts, "$handle" for a record made before, "$handle/2" for its second line, lines as a list of maps), then Transitions applied to
// it in order.
type DemoRecord struct {
	Entity      string
	Handle      string // unique; without the sign
	Values      map[string]any
	Transitions []string
}

// Demo returns demonstration data for a template, made for the day today, in an order in which every record
// and transition passes the template's rules when carried out as its owner role. The same name, seed and day
// give the same records. The error is ErrUnknown for a template that has none.
func Demo(name string, seed uint64, today value.Date) ([]DemoRecord, error) {
	if name != "general" {
		return nil, fmt.Errorf("make demonstration data for %q: %w", name, ErrUnknown)
	}
	return generalDemo(seed, today), nil
}
