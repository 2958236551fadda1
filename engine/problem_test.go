package engine_test

import (
	"errors"

	"tenon/metamodel/diag"
)

func asProblem(err error, p **diag.Problem) bool { return errors.As(err, p) }

func diagCode(s string) diag.Code { return diag.Code(s) }
