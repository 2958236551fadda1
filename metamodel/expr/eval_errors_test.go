package expr

import (
	"testing"

	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// What stops a formula is told in words: its code is one of the catalogue.
func TestErrorsAreInTheCatalogue(t *testing.T) {
	for _, err := range []error{value.ErrDivZero, ErrNull, value.ErrOverflow, ErrOutOfRange, ErrBudget} {
		d, ok := Explain(err, "/x")
		if _, known := diag.Lookup(d.Code); !ok || !known {
			t.Errorf("%v is told as %q, which the catalogue doesn't know", err, d.Code)
		}
	}
}
