package expr

import (
	"fmt"
	"strconv"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

// plan is a node made executable: the program and the records its variables stand for.
type plan struct {
	prog            cel.Program
	record, old, it *metamodel.Entity
}

// planCell keeps a node's plan once it was asked for.
type planCell struct {
	once sync.Once
	plan *plan
	err  error
}

// planned returns the node's plan, made on first use.
func (n *Node) planned() (*plan, error) {
	if n.cell == nil {
		return newPlan(n)
	}
	n.cell.once.Do(func() { n.cell.plan, n.cell.err = newPlan(n) })
	return n.cell.plan, n.cell.err
}

func newPlan(n *Node) (*plan, error) {
	env, err := runtimeEnv()
	if err != nil {
		return nil, err
	}
	l := &lifter{fac: ast.NewExprFactory(), plan: &plan{}}
	root := l.lift(n)
	if l.err != nil {
		return nil, l.err
	}
	l.plan.prog, err = env.PlanProgram(ast.NewAST(root, ast.NewSourceInfo(nil)))
	if err != nil {
		return nil, fmt.Errorf("plan an expression: %w", err)
	}
	return l.plan, nil
}

// lifter writes a node as the library's tree over the functions of the runtime environment: slots for
// fields, our operators, accumulators for quantors, parameters for queries.
type lifter struct {
	fac  ast.ExprFactory
	id   int64
	plan *plan
	err  error
}

func (l *lifter) next() int64 { l.id++; return l.id }

func (l *lifter) call(fn string, args ...ast.Expr) ast.Expr {
	return l.fac.NewCall(l.next(), fn, args...)
}

func (l *lifter) ident(name string) ast.Expr { return l.fac.NewIdent(l.next(), name) }

func (l *lifter) literal(v ref.Val) ast.Expr { return l.fac.NewLiteral(l.next(), v) }

func (l *lifter) all(nodes []*Node) []ast.Expr {
	out := make([]ast.Expr, len(nodes))
	for i, n := range nodes {
		out[i] = l.lift(n)
	}
	return out
}

// operatorNames are the runtime's functions for operations that take their arguments as they are.
var operatorNames = map[Op]string{
	OpEq: "@eq", OpNe: "@ne", OpLt: "@lt", OpLe: "@le", OpGt: "@gt", OpGe: "@ge",
	OpNot: "@not", OpCond: operators.Conditional, OpIn: "@isin",
	OpAdd: "@add", OpSub: "@sub", OpMul: "@mul", OpDiv: "@div", OpMod: "@mod", OpNeg: "@neg",
}

func (l *lifter) lift(n *Node) ast.Expr {
	switch n.Op {
	case OpLit:
		return l.literal(box(n.Value))
	case OpField:
		return l.field(n)
	case OpVar:
		return l.variable(n)
	case OpUser:
		return l.user(n)
	case OpNow:
		return l.ident(varNow)
	case OpToday:
		return l.ident(varToday)
	case OpAnd:
		return l.chain(operators.LogicalAnd, n.Args)
	case OpOr:
		return l.chain(operators.LogicalOr, n.Args)
	case OpList:
		return l.list(n)
	case OpCall:
		return l.function(n)
	case OpQuantor:
		return l.quantor(n)
	case OpQuery:
		return l.query(n)
	default:
		return l.operator(n)
	}
}

func (l *lifter) operator(n *Node) ast.Expr {
	name, ok := operatorNames[n.Op]
	if !ok {
		l.err = fmt.Errorf("plan an expression: unknown operation %d", n.Op)
		return l.literal(types.NullValue)
	}
	args := l.all(n.Args)
	for i, a := range n.Args {
		if whole, ok := a.Value.(int64); ok && a.Op == OpLit && len(args) == 2 && n.Args[1-i].Type == Dec {
			args[i] = l.literal(&decimal{value.NewDecimal(whole, 0)}) // spares the conversion per evaluation
		}
	}
	if n.Op == OpCond && n.Type == Dec {
		args[1], args[2] = l.decimal(n.Args[1]), l.decimal(n.Args[2])
	}
	return l.call(name, args...)
}

// decimal lifts a node of which a decimal is expected. An integer becomes one here, so that what is computed with it
// later has a decimal's range whichever branch or element it was.
func (l *lifter) decimal(n *Node) ast.Expr {
	switch whole, isInt := n.Value.(int64); {
	case n.Type != Int:
		return l.lift(n)
	case n.Op == OpLit && isInt:
		return l.literal(&decimal{value.NewDecimal(whole, 0)})
	}
	return l.call("@dec", l.lift(n))
}

// passing are the functions whose result is one of their arguments.
var passing = map[string]bool{"coalesce": true, "min": true, "max": true}

func (l *lifter) field(n *Node) ast.Expr {
	rec := n.Args[0]
	if rec.Op == OpVar && rec.Var == "" {
		l.plan.record = n.Field.Entity
		return l.ident(string(slotPrefix) + strconv.Itoa(n.Field.Slot))
	}
	return l.call("@field", l.lift(rec), l.literal(types.Int(n.Field.Slot)))
}

func (l *lifter) variable(n *Node) ast.Expr {
	switch n.Var {
	case "":
		l.plan.record = n.Entity
		return l.ident(varRecord)
	case "old":
		l.plan.old = n.Entity
		return l.ident(varOld)
	case "it":
		l.plan.it = n.Entity
		return l.ident(varIt)
	default:
		return l.ident(n.Var)
	}
}

func (l *lifter) user(n *Node) ast.Expr {
	switch n.Var {
	case "id":
		return l.ident(varUserID)
	case "roles":
		return l.ident(varRoles)
	case "departments":
		return l.ident(varDepartments)
	default:
		return l.call("@attribute", l.ident(varFrame), l.literal(types.String(attributeName(n.Var))))
	}
}

// chain makes a balanced tree of a logical operation over two or more operands.
func (l *lifter) chain(operator string, nodes []*Node) ast.Expr {
	if len(nodes) == 1 {
		return l.lift(nodes[0])
	}
	half := len(nodes) / 2
	return l.call(operator, l.chain(operator, nodes[:half]), l.chain(operator, nodes[half:]))
}

// list makes one value of a list of literals, so that membership needs no list per evaluation.
func (l *lifter) list(n *Node) ast.Expr {
	constant := make(list, 0, len(n.Args))
	for _, a := range n.Args {
		if a.Op != OpLit {
			return l.call("@list", l.fac.NewList(l.next(), l.elements(n), nil))
		}
		v := box(a.Value)
		if whole, ok := v.(types.Int); ok && n.Elem == Dec {
			v = &decimal{value.NewDecimal(int64(whole), 0)}
		}
		constant = append(constant, v)
	}
	return l.literal(constant)
}

func (l *lifter) elements(n *Node) []ast.Expr {
	if n.Elem != Dec {
		return l.all(n.Args)
	}
	out := make([]ast.Expr, len(n.Args))
	for i, a := range n.Args {
		out[i] = l.decimal(a)
	}
	return out
}

func (l *lifter) function(n *Node) ast.Expr {
	f := functionByName[n.Fn]
	if f == nil {
		l.err = fmt.Errorf("plan an expression: unknown function %q", n.Fn)
		return l.literal(types.NullValue)
	}
	args := l.all(n.Args)
	if n.Type == Dec && passing[f.Name] {
		for i, a := range n.Args {
			args[i] = l.decimal(a)
		}
	}
	if f.Name == "matches" && n.Args[1].Op == OpLit {
		if re, err := compilePattern(n.Args[1].Value); err == nil {
			args[1] = l.literal(native{re})
		}
	}
	return l.call("@fn/"+f.Name, append([]ast.Expr{l.ident(varFrame)}, args...)...)
}

// quantor makes a fold whose accumulator knows the kind of quantor:
//
//	fold(v in list, @r = @accum(kind), while @go(@, @r, cost), @r = @push(@r, body, v), @done(@r, zero))
func (l *lifter) quantor(n *Node) ast.Expr {
	r := func() ast.Expr { return l.ident(accumulator) }
	body := l.lift(n.Body)
	element := l.literal(types.NullValue)
	if n.Fn == "filter" {
		element = l.ident(n.Var)
	}
	return l.fac.NewComprehension(l.next(), l.lift(n.Args[0]), n.Var, accumulator,
		l.call("@accum", l.literal(types.String(n.Fn))),
		l.call("@go", l.ident(varFrame), r(), l.literal(types.Int(stepCost(n)))),
		l.call("@push", r(), body, element),
		l.call("@done", r(), l.literal(zeroOf(n.Type))))
}

func zeroOf(t Type) ref.Val {
	switch t {
	case Int:
		return types.Int(0)
	case Dec:
		return &decimal{value.Decimal{}}
	case Dur:
		return types.Duration{}
	default:
		return types.NullValue
	}
}

func (l *lifter) query(n *Node) ast.Expr {
	in := l.all(n.Query.Params())
	for i := range in {
		in[i] = l.call("@value", in[i])
	}
	params := l.fac.NewList(l.next(), in, nil)
	return l.call("@query", l.ident(varFrame), l.literal(native{n.Query}), params)
}
