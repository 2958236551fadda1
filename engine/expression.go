package engine

import (
	"errors"

	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

// isNull tells whether an expression had no value because a part of it was null.
func isNull(err error) bool { return errors.Is(err, expr.ErrNull) }

// fatal tells the errors that must stop a request from those that leave a value blank.
func fatal(err error) bool {
	if err == nil {
		return false
	}
	_, told := expr.Explain(err, "")
	return !told || errors.Is(err, expr.ErrBudget)
}

// stopped makes a fatal error what the request answers with: a spent budget is told, anything else is ours.
func stopped(err error) error {
	if errors.Is(err, expr.ErrBudget) {
		return diag.Refuse("expr.cost_exceeded", "")
	}
	return err
}

// evalProblem turns an evaluation's error into what a person is told; errors that must stop the request stay errors.
func evalProblem(err error, code diag.Code, path, lang string, args ...any) (diag.Diagnostic, bool) {
	if fatal(err) {
		return diag.Diagnostic{}, false
	}
	why, _ := expr.Explain(err, path)
	return diag.New(code, path, append(args, "reason", why.Text(lang))...), true
}
