package expr

import (
	"slices"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// converter turns a checked syntax tree into nodes and judges what the checker can't: null, options, which
// types may be compared, where queries are allowed.
type converter struct {
	*checked
	m     *Model
	scope Scope
	vars  []variable
	query int // depth of queries around
	diags diag.List
	refs  []Ref
}

// variable is a comprehension's variable.
type variable struct {
	name string
	node *Node // what it stands for: type, element, entity, enum
}

func (v *converter) report(code diag.Code, start, end int, args ...any) {
	if len(v.diags) >= MaxErrors {
		return
	}
	d := diag.New(code, "", args...)
	d.Pos = pos(v.src, start, end)
	v.diags = append(v.diags, d)
}

// reportNode reports at the place of a node; the length is that of its token.
func (v *converter) reportNode(code diag.Code, n *Node, args ...any) {
	end := n.Pos
	if i := v.tokenAt(n.Pos); i >= 0 {
		end = v.tokens[i].End
	}
	v.report(code, n.Pos, end, args...)
}

// node begins a node with the type that the checker found.
func (v *converter) node(op Op, e ast.Expr) *Node {
	n := &Node{Op: op, Pos: v.offset(e.ID()), cell: &planCell{}}
	if t, ok := v.ast.TypeMap()[e.ID()]; ok {
		n.Type, n.Elem, n.Entity = v.m.typeFrom(t)
	}
	return n
}

func (v *converter) convert(e ast.Expr) *Node {
	switch e.Kind() {
	case ast.LiteralKind:
		return v.literal(e)
	case ast.IdentKind:
		return v.ident(e)
	case ast.SelectKind:
		return v.selection(e)
	case ast.ListKind:
		return v.list(e)
	case ast.CallKind:
		return v.call(e)
	default:
		n := v.node(OpLit, e)
		v.reportNode("expr.syntax_form", n)
		return n
	}
}

func (v *converter) convertAll(es []ast.Expr) []*Node {
	out := make([]*Node, len(es))
	for i, e := range es {
		out[i] = v.convert(e)
	}
	return out
}

func (v *converter) literal(e ast.Expr) *Node {
	n := v.node(OpLit, e)
	switch lit := e.AsLiteral().(type) {
	case types.Bool:
		n.Value = bool(lit)
	case types.Int:
		n.Value = int64(lit)
	case types.String:
		n.Value = string(lit)
	case types.Double:
		n.Value = v.decimalLiteral(n)
	case types.Null:
	default: // unsigned integers; bytes were refused before
		v.reportNode("expr.number_form", n, "text", v.wordAt(n.Pos))
	}
	return n
}

// wordAt is the token at a byte offset.
func (v *converter) wordAt(at int) string {
	if i := v.tokenAt(at); i >= 0 {
		return v.tokens[i].in(v.src)
	}
	return ""
}

// decimalLiteral reads a number from the source's own digits: the library has only a float64.
func (v *converter) decimalLiteral(n *Node) value.Decimal {
	i := v.tokenAt(n.Pos)
	if i < 0 {
		return value.Decimal{}
	}
	sign := ""
	if t := v.tokens[i]; t.in(v.src) == "-" && i+1 < len(v.tokens) {
		sign = "-"
		i++
	}
	text := v.tokens[i].in(v.src)
	digits := text
	if strings.HasPrefix(digits, ".") {
		digits = "0" + digits
	}
	d, err := value.ParseDecimal(sign + digits)
	if err != nil {
		v.report("expr.number_form", n.Pos, v.tokens[i].End, "text", text)
	}
	return d
}

func (v *converter) ident(e ast.Expr) *Node {
	name := strings.TrimPrefix(e.AsIdent(), ".")
	for _, bound := range slices.Backward(v.vars) {
		if bound.name == name {
			n := v.node(OpVar, e)
			n.Var, n.enum, n.remote = name, bound.node.enum, bound.node.remote
			return n
		}
	}
	n := v.node(OpVar, e)
	switch {
	case name == "user":
		n.Op, n.Type, n.Var = OpUser, UserVar, ""
		return n
	case name == "old" && n.Type == Rec, name == "it" && n.Type == Rec && v.scope.It != nil:
		n.Var = name
		return n
	}
	return v.ownField(n, name)
}

// ownField makes the field of the record itself that a bare name stands for.
func (v *converter) ownField(n *Node, name string) *Node {
	f := v.scope.Entity.Field(name)
	rec := &Node{Op: OpVar, Type: Rec, Entity: v.scope.Entity, Pos: n.Pos, cell: &planCell{}}
	n.Op, n.Args, n.Field, n.enum = OpField, []*Node{rec}, f, f.Enum
	n.remote = f.Kind == metamodel.References
	v.mention(n, v.tokenAt(n.Pos))
	return n
}

// mention records that the token names a field.
func (v *converter) mention(n *Node, token int) {
	if token < 0 {
		return
	}
	t := v.tokens[token]
	v.refs = append(v.refs, Ref{ID: n.Field.ID, Kind: RefField, Path: pathOf(n), Offset: t.Start, Length: t.End - t.Start})
}

// pathOf lists the fields walked to a field, from the nearest variable on.
func pathOf(n *Node) metamodel.Path {
	var out metamodel.Path
	for n.Op == OpField {
		out = append(out, n.Field)
		n = n.Args[0]
	}
	slices.Reverse(out)
	return out
}

func (v *converter) selection(e ast.Expr) *Node {
	sel := e.AsSelect()
	operand := v.convert(sel.Operand())
	n := v.node(OpField, e)
	if operand.Op == OpUser {
		return v.userField(n, operand, sel.FieldName())
	}
	n.Args = []*Node{operand}
	if operand.Entity == nil || operand.Entity.Field(sel.FieldName()) == nil {
		v.reportNode("expr.syntax_form", n)
		return n
	}
	n.Field = operand.Entity.Field(sel.FieldName())
	n.enum, n.remote = n.Field.Enum, n.Field.Kind == metamodel.References
	name := v.nameAfter(n.Pos)
	if name >= 0 {
		n.Pos = v.tokens[name].Start
	}
	v.mention(n, name)
	if n.Field.Kind == metamodel.Lines && overReference(n) {
		v.reportNode("expr.lines_over_reference", n, "field", n.Field.Name, "entity", n.Field.Target.Name)
	}
	return n
}

// nameAfter finds the name that follows the point at a byte offset.
func (v *converter) nameAfter(dot int) int {
	i := v.tokenAt(dot)
	if i >= 0 && v.tokens[i].Kind != tokIdent {
		i++
	}
	if i < 0 || i >= len(v.tokens) {
		return -1
	}
	return i
}

func (v *converter) userField(n, operand *Node, name string) *Node {
	n.Op = OpUser
	n.Var = name
	if i := v.nameAfter(n.Pos); i >= 0 {
		n.Pos = v.tokens[i].Start
	}
	if operand.Var == "attributes" {
		n.Var = "attributes." + name
	}
	return n
}

// attributeName is the name behind attributes. in a user node's Var.
func attributeName(v string) string { return strings.TrimPrefix(v, "attributes.") }

func (v *converter) list(e ast.Expr) *Node {
	n := v.node(OpList, e)
	n.Args = v.convertAll(e.AsList().Elements())
	if len(n.Args) > MaxListLiteral {
		v.reportNode("expr.list_too_long", n, "count", len(n.Args), "limit", MaxListLiteral)
	}
	if len(n.Args) > 0 && n.Elem == Unknown || n.Elem == UserVar {
		n.Elem = v.commonType(n)
	}
	for _, a := range n.Args {
		if a.Type == ListOf || a.Type == UserVar {
			v.reportNode("expr.list_of", a, "type", nodeTypeName(a))
		}
	}
	return n
}

// commonType is the type of a list's elements where the checker found none: numbers mix, null fits anywhere.
func (v *converter) commonType(list *Node) Type {
	common := Unknown
	for _, a := range list.Args {
		switch {
		case a.Type == Null || a.Type == common:
		case common == Unknown:
			common = a.Type
		case isNumber(common) && isNumber(a.Type):
			common = Dec
		default:
			v.reportNode("expr.list_mixed", a, "first", words(common), "other", words(a.Type))
			return common
		}
	}
	return common
}

func isNumber(t Type) bool { return t == Int || t == Dec }

// operations are the operators that become operations of their own.
var operations = map[string]Op{
	operators.Add: OpAdd, operators.Subtract: OpSub, operators.Multiply: OpMul, operators.Divide: OpDiv,
	operators.Modulo: OpMod, operators.Negate: OpNeg, operators.LogicalNot: OpNot,
	operators.Less: OpLt, operators.LessEquals: OpLe, operators.Greater: OpGt, operators.GreaterEquals: OpGe,
}

func (v *converter) call(e ast.Expr) *Node {
	call := e.AsCall()
	fn := call.FunctionName()
	if op, ok := operations[fn]; ok {
		return v.operation(op, e)
	}
	switch fn {
	case operators.LogicalAnd:
		return v.chain(OpAnd, e)
	case operators.LogicalOr:
		return v.chain(OpOr, e)
	case operators.Equals:
		return v.equality(OpEq, e)
	case operators.NotEquals:
		return v.equality(OpNe, e)
	case operators.Conditional:
		return v.conditional(e)
	case operators.In:
		return v.membership(e)
	case "now":
		return v.node(OpNow, e)
	case "today":
		return v.node(OpToday, e)
	}
	if name, ok := strings.CutPrefix(fn, "@"); ok {
		if _, query := queryMacros[name]; query {
			return v.queryCall(e, name)
		}
		return v.quantor(e, name)
	}
	return v.function(e)
}

func (v *converter) operation(op Op, e ast.Expr) *Node {
	n := v.node(op, e)
	n.Args = v.convertAll(e.AsCall().Args())
	v.refuseNull(n)
	return n
}

// refuseNull reports the literal null where a value is needed.
func (v *converter) refuseNull(n *Node) {
	for _, a := range n.Args {
		if a.Op == OpLit && a.Value == nil && a.Type == Null {
			v.reportNode("expr.null_literal", a)
		}
	}
	v.refuseUser(n)
}

// refuseUser reports user and user.attributes where a value is needed.
func (v *converter) refuseUser(n *Node) {
	for _, a := range n.Args {
		if a.Type == UserVar {
			v.reportNode("expr.user_incomplete", a)
		}
	}
}

// chain flattens a && b && c into one node.
func (v *converter) chain(op Op, e ast.Expr) *Node {
	n := v.node(op, e)
	for _, a := range e.AsCall().Args() {
		c := v.convert(a)
		if c.Op == op {
			n.Args = append(n.Args, c.Args...)
			continue
		}
		n.Args = append(n.Args, c)
	}
	v.refuseNull(n)
	return n
}

func (v *converter) conditional(e ast.Expr) *Node {
	n := v.node(OpCond, e)
	n.Args = v.convertAll(e.AsCall().Args())
	v.refuseNull(&Node{Args: n.Args[:1]})
	a, b := n.Args[1], n.Args[2]
	if n.enum = a.enum; n.enum == nil {
		n.enum = b.enum
	}
	n.remote = a.remote || b.remote
	if a.Type == Null && b.Type == Null {
		n.Type = Null
	}
	return n
}

func (v *converter) function(e ast.Expr) *Node {
	call := e.AsCall()
	n := v.node(OpCall, e)
	n.Fn = call.FunctionName()
	if call.IsMemberFunction() {
		n.Args = append(n.Args, v.convert(call.Target()))
	}
	n.Args = append(n.Args, v.convertAll(call.Args())...)
	v.nameOfCall(n)
	v.refuseNull(n)
	if n.Fn == "coalesce" {
		v.coalesceOptions(n)
	}
	v.constantArguments(n)
	return n
}

// nameOfCall moves the position from the bracket to the function's name.
func (v *converter) nameOfCall(n *Node) {
	i := v.tokenAt(n.Pos)
	if i > 0 && v.tokens[i].in(v.src) == "(" {
		n.Pos = v.tokens[i-1].Start
	}
}

// coalesceOptions gives coalesce(choice, 'x') the choice's options.
func (v *converter) coalesceOptions(n *Node) {
	for _, a := range n.Args {
		if n.enum == nil {
			n.enum = a.enum
		}
	}
	for _, a := range n.Args {
		v.option(a, n.enum)
	}
}

// constantArguments checks the arguments that must be written as literals.
func (v *converter) constantArguments(n *Node) {
	if n.Fn != "matches" || len(n.Args) != 2 {
		return
	}
	p := n.Args[1]
	text, ok := p.Value.(string)
	if p.Op != OpLit || !ok {
		v.reportNode("expr.pattern_constant", p)
		return
	}
	if len(text) > MaxPattern {
		v.reportNode("expr.pattern_too_long", p, "limit", MaxPattern)
		return
	}
	if _, err := compilePattern(text); err != nil {
		v.reportNode("expr.pattern_wrong", p)
	}
}
