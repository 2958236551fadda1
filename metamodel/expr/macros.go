package expr

import (
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/parser"
)

// A macro becomes a call around a comprehension that lists the body's value per element:
//
//	lines.sum(l, l.amount)  →  @sum(fold(l in lines, @r = [], @r = @append(@r, @sum.body(l.amount))))
//
// The checker gives body and result their types from the declarations of @sum.body and @sum; the conversion
// then reads list, variable and body back out of this shape. It is never planned.
const accumulator = "@r"

// listMacros are the quantors over lists, by name, with one variable and one body.
var listMacros = []string{"all", "exists", "exists_one", "filter", "map", "sum", "min", "max", "avg", "count"}

// queryMacros are the aggregates over an entity; the value says whether they have a value after the condition.
var queryMacros = map[string]bool{"sumOf": true, "countOf": false, "minOf": true, "maxOf": true, "existsOf": false, "lookupOf": true}

// macroProblem marks the parser's message of a macro that was used in the wrong form; the name follows.
const macroProblem = "@macro:"

func macros() []parser.Macro {
	out := []parser.Macro{
		parser.NewReceiverMacro("count", 0, func(eh parser.ExprHelper, target ast.Expr, _ []ast.Expr) (ast.Expr, *common.Error) {
			return eh.NewCall("size", target), nil
		}),
		parser.NewGlobalVarArgMacro("oneOf", expandOneOf),
		parser.NewGlobalVarArgMacro("min", nested("min")),
		parser.NewGlobalVarArgMacro("max", nested("max")),
		parser.NewGlobalVarArgMacro("coalesce", nested("coalesce")),
		parser.NewGlobalMacro("mod", 2, callOf("_%_")),
		parser.NewGlobalMacro("hasRole", 1, memberOf("roles")),
		parser.NewGlobalMacro("inDepartment", 1, memberOf("departments")),
	}
	for _, name := range listMacros {
		out = append(out, parser.NewReceiverVarArgMacro(name, expandQuantor(name)))
	}
	for name, valued := range queryMacros {
		out = append(out, parser.NewGlobalVarArgMacro(name, expandQuery(name, valued)))
	}
	return out
}

func wrongForm(eh parser.ExprHelper, at int64, name string) *common.Error {
	return eh.NewError(at, macroProblem+name)
}

func expandQuantor(name string) parser.MacroExpander {
	return func(eh parser.ExprHelper, target ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
		if len(args) != 2 || args[0].Kind() != ast.IdentKind {
			return nil, wrongForm(eh, target.ID(), name)
		}
		v := args[0].AsIdent()
		body := eh.NewCall("@"+name+".body", args[1])
		if name == "filter" {
			body = eh.NewCall("@filter.body", args[1], eh.NewIdent(v))
		}
		return eh.NewCall("@"+name, fold(eh, target, v, body)), nil
	}
}

func expandQuery(name string, valued bool) parser.MacroExpander {
	return func(eh parser.ExprHelper, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
		want := 3
		if valued {
			want = 4
		}
		if name == "lookupOf" && len(args) == want+1 {
			want++ // with a date
		}
		if len(args) != want || args[0].Kind() != ast.IdentKind || args[1].Kind() != ast.IdentKind {
			at := int64(0)
			if len(args) > 0 {
				at = args[0].ID()
			}
			return nil, wrongForm(eh, at, name)
		}
		args[0].SetKindCase(eh.NewStruct(entityPrefix+args[0].AsIdent(), nil...))
		body := eh.NewCall("@"+name+".body", args[2:]...)
		return eh.NewCall("@"+name, fold(eh, eh.NewList(args[0]), args[1].AsIdent(), body)), nil
	}
}

func fold(eh parser.ExprHelper, over ast.Expr, v string, body ast.Expr) ast.Expr {
	step := eh.NewCall("@append", eh.NewIdent(accumulator), body)
	return eh.NewComprehension(over, v, accumulator, eh.NewList(), eh.NewLiteral(types.True), step, eh.NewIdent(accumulator))
}

// nested makes f(a, b, c) of f(a, f(b, c)), so that only the form with two arguments needs types.
func nested(name string) parser.MacroExpander {
	return func(eh parser.ExprHelper, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
		if len(args) <= 2 {
			return nil, nil
		}
		out := args[len(args)-1]
		for i := len(args) - 2; i >= 0; i-- {
			out = eh.NewCall(name, args[i], out)
		}
		return out, nil
	}
}

func expandOneOf(eh parser.ExprHelper, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
	if len(args) < 2 {
		return nil, eh.NewError(0, macroProblem+"oneOf")
	}
	return eh.NewCall("@in", args[0], eh.NewList(args[1:]...)), nil
}

func callOf(operator string) parser.MacroExpander {
	return func(eh parser.ExprHelper, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
		return eh.NewCall(operator, args...), nil
	}
}

func memberOf(list string) parser.MacroExpander {
	return func(eh parser.ExprHelper, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
		return eh.NewCall("@in", args[0], eh.NewSelect(eh.NewIdent("user"), list)), nil
	}
}
