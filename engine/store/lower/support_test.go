package lower_test

import (
	"testing"

	"tenon/engine/store/lower"
	"tenon/metamodel/expr"
)

// What is said of functions is what their lowering does: the sample of every function compiles, those that the
// translation knows are supported, and what PostgreSQL can't call is not.
func TestFunctionSupport(t *testing.T) {
	for _, c := range []struct {
		name             string
		sqlite, postgres lower.Support
	}{
		{"contains", lower.All, lower.All},
		{"round", lower.All, lower.Some},
		{"addMonths", lower.All, lower.All},
		{"sum", lower.All, lower.All},
		{"sumOf", lower.All, lower.All},
		{"hasRole", lower.All, lower.All},
		{"coalesce", lower.All, lower.All},
		{"pinyinInitials", lower.All, lower.None},
		{"rmbWords", lower.All, lower.None},
		{"addWorkdays", lower.All, lower.None},
		{"join", lower.None, lower.None},
	} {
		if s, p := lower.FunctionSupport(lower.SQLite)[c.name], lower.FunctionSupport(lower.Postgres)[c.name]; s != c.sqlite || p != c.postgres {
			t.Errorf("%s: SQLite %v, PostgreSQL %v, want %v, %v", c.name, s, p, c.sqlite, c.postgres)
		}
	}
	for _, f := range expr.Functions() {
		if _, known := lower.FunctionSupport(lower.SQLite)[f.Name]; !known {
			t.Errorf("nothing is said of %s", f.Name)
		}
	}
}
