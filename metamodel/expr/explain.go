package expr

import (
	"strings"

	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// explainer turns the checker's errors into diagnostics. It looks at the tree and the types found so far; the
// library's own words are never shown.
type explainer struct {
	*checked
	m     *Model
	scope Scope
	nodes map[int64]ast.Expr
	above map[int64]ast.Expr // the call or comprehension that a node stands in directly
	diags diag.List
}

func (x *explainer) explain(errs []*common.Error) diag.List {
	x.nodes = map[int64]ast.Expr{}
	x.above = map[int64]ast.Expr{}
	ast.PostOrderVisit(x.ast.Expr(), ast.NewExprVisitor(x.note))
	for _, e := range errs {
		if len(x.diags) < MaxErrors {
			x.one(e)
		}
	}
	if len(x.diags) == 0 {
		x.add("expr.syntax_form", 0, len(x.src))
	}
	return x.diags.Sort()
}

func (x *explainer) note(e ast.Expr) {
	x.nodes[e.ID()] = e
	switch e.Kind() {
	case ast.CallKind:
		for _, a := range e.AsCall().Args() {
			x.above[a.ID()] = e
		}
	case ast.ComprehensionKind:
		x.above[e.AsComprehension().IterRange().ID()] = e
	default: // nothing else is asked for
	}
}

func (x *explainer) add(code diag.Code, start, end int, args ...any) *diag.Diagnostic {
	d := diag.New(code, "", args...)
	d.Pos = pos(x.src, start, end)
	x.diags = append(x.diags, d)
	return &x.diags[len(x.diags)-1]
}

func (x *explainer) one(e *common.Error) {
	node := x.nodes[e.ExprID]
	if node == nil {
		x.add("expr.syntax_form", 0, len(x.src))
		return
	}
	at := x.offset(e.ExprID)
	if t, ok := x.ast.TypeMap()[e.ExprID]; ok && t.Kind() != types.ErrorKind && t.Kind() != types.DynKind {
		x.misplaced(node, at)
		return
	}
	switch node.Kind() {
	case ast.IdentKind:
		x.unknownName(strings.TrimPrefix(node.AsIdent(), "."), at)
	case ast.StructKind:
		x.unknownEntity(strings.TrimPrefix(node.AsStruct().TypeName(), entityPrefix), at)
	case ast.SelectKind:
		x.unknownField(node, at)
	case ast.CallKind:
		x.wrongCall(node, at)
	default:
		start, end := x.span(at)
		x.add("expr.syntax_form", start, end)
	}
}

// misplaced explains a sound part that stands where its type doesn't fit: an operand of && or ||, the list of
// a loop.
func (x *explainer) misplaced(node ast.Expr, at int) {
	start, end := x.span(at)
	t := nodeTypeName(x.typeOf(node))
	switch above := x.above[node.ID()]; {
	case above == nil:
		x.add("expr.syntax_form", start, end)
	case above.Kind() == ast.ComprehensionKind:
		x.add("expr.not_a_list", start, end, "type", t)
	default:
		x.add("expr.operand_mismatch", start, end, "operator", signOf(above.AsCall().FunctionName()), "type", t)
	}
}

// span is the token at an offset.
func (x *explainer) span(at int) (start, end int) {
	i := x.tokenAt(at)
	if i < 0 {
		return at, at
	}
	return x.tokens[i].Start, x.tokens[i].End
}

func (x *explainer) unknownName(name string, at int) {
	start, end := x.span(at)
	d := x.add("expr.unknown_identifier", start, end, "name", name)
	switch s := suggestName(x.m, x.scope, name); {
	case name == "old" || name == "it" || name == "parent":
		d.Fix = "expr.fix_variable_elsewhere"
	case s != "":
		d.Args["suggestion"] = s
		d.Fix = "expr.fix_did_you_mean"
	case functionByName[name] != nil || name == "today" || name == "now":
		d.Args["suggestion"] = name + "(…)"
		d.Fix = "expr.fix_did_you_mean"
	}
}

func (x *explainer) unknownEntity(name string, at int) {
	start, end := x.span(at)
	names := make([]candidate, 0, len(x.m.app.Entities))
	for _, e := range x.m.app.Entities {
		names = append(names, candidate{e.Name, e.Title})
	}
	d := x.add("expr.unknown_entity", start, end, "name", name)
	if s := nearest(name, names); s != "" {
		d.Args["suggestion"] = s
		d.Fix = "expr.fix_did_you_mean"
	}
}

func (x *explainer) unknownField(node ast.Expr, at int) {
	name := node.AsSelect().FieldName()
	start, end := x.span(at)
	if i := x.tokenAt(at); i >= 0 && x.tokens[i].Kind != tokIdent && i+1 < len(x.tokens) {
		start, end = x.tokens[i+1].Start, x.tokens[i+1].End
	}
	t := x.typeOf(node.AsSelect().Operand())
	switch t.Type {
	case Rec:
		d := x.add("expr.unknown_field", start, end, "name", name, "of", entityWords(t.Entity))
		if s := suggestField(t.Entity, x.scope.Readable, name); s != "" {
			d.Args["suggestion"] = s
			d.Fix = "expr.fix_did_you_mean"
		}
	case UserVar:
		x.add("expr.unknown_user_field", start, end, "name", name)
	case ListOf:
		x.add("expr.field_of_list", start, end, "name", name, "type", nodeTypeName(t))
	default:
		x.add("expr.no_fields", start, end, "name", name, "type", nodeTypeName(t))
	}
}

func entityWords(e *metamodel.Entity) metamodel.Label {
	return label(titleIn(e.Title, e.Name, langZH), titleIn(e.Title, e.Name, langEN))
}

// typeOf is a stand-in node that carries the type the checker found.
func (x *explainer) typeOf(e ast.Expr) *Node {
	n := &Node{}
	if t, ok := x.ast.TypeMap()[e.ID()]; ok {
		n.Type, n.Elem, n.Entity = x.m.typeFrom(t)
	}
	if l := e; l.Kind() == ast.LiteralKind && l.AsLiteral() == types.NullValue {
		n.Type = Null
	}
	return n
}

// signOf is how a library's operator is written.
func signOf(fn string) string {
	if s := strings.Trim(fn, "_"); s != fn {
		if s == "?_:" {
			return "? :"
		}
		return s
	}
	if fn == "@in" {
		return "in"
	}
	return ""
}

func (x *explainer) wrongCall(node ast.Expr, at int) {
	call := node.AsCall()
	fn := call.FunctionName()
	args := call.Args()
	if call.IsMemberFunction() {
		args = append([]ast.Expr{call.Target()}, args...)
	}
	start, end := x.span(at)
	if macro, ok := strings.CutPrefix(fn, "@"); ok && fn != "@in" {
		x.wrongMacro(strings.TrimSuffix(macro, ".body"), args, start, end)
		return
	}
	if sign := signOf(fn); sign != "" {
		x.wrongOperator(sign, args, start, end)
		return
	}
	if i := x.tokenAt(at); i > 0 && x.tokens[i].in(x.src) == "(" {
		start, end = x.tokens[i-1].Start, x.tokens[i-1].End
	}
	x.wrongFunction(fn, args, start, end)
}

func (x *explainer) wrongOperator(sign string, args []ast.Expr, start, end int) {
	if sign == "[_]" || strings.HasPrefix(sign, "[") {
		x.add("expr.no_index", start, end)
		return
	}
	types := make([]*Node, len(args))
	for i, a := range args {
		types[i] = x.typeOf(a)
		if types[i].Type == Null && sign != "? :" {
			s, e := x.span(x.offset(a.ID()))
			x.add("expr.null_literal", s, e)
			return
		}
	}
	switch len(types) {
	case 1:
		x.add("expr.operand_mismatch", start, end, "operator", sign, "type", nodeTypeName(types[0]))
	case 2:
		if (sign == "&&" || sign == "||") && types[0].Type == Bool && types[1].Type == Bool {
			return
		}
		d := x.add("expr.type_mismatch", start, end, "operator", sign, "left", nodeTypeName(types[0]), "right", nodeTypeName(types[1]))
		d.Fix = mismatchFix(types[0], types[1])
	default:
		x.wrongConditional(types, start, end)
	}
}

func (x *explainer) wrongConditional(types []*Node, start, end int) {
	if types[0].Type != Bool {
		x.add("expr.condition_type", start, end, "type", nodeTypeName(types[0]))
		return
	}
	if types[1].Type == Rec && types[2].Type == Rec && types[1].Entity == types[2].Entity {
		x.add("expr.branches_record", start, end)
		return
	}
	x.add("expr.branches_differ", start, end, "left", nodeTypeName(types[1]), "right", nodeTypeName(types[2]))
}

// mismatchFix picks the cure for two types that don't go together.
func mismatchFix(a, b *Node) diag.Code {
	pair := func(x, y Type) bool { return a.Type == x && b.Type == y || a.Type == y && b.Type == x }
	switch {
	case pair(Str, Int), pair(Str, Dec):
		return "expr.fix_text_number"
	case pair(Str, Dat), pair(Str, Ts), pair(Str, Tod):
		return "expr.fix_text_date"
	case pair(Dat, Ts):
		return "expr.fix_date_instant"
	case pair(Dat, Int), pair(Dat, Dec):
		return "expr.fix_date_days"
	case a.Type == Rec || b.Type == Rec:
		return "expr.fix_record_field"
	default:
		return ""
	}
}

func (x *explainer) wrongFunction(fn string, args []ast.Expr, start, end int) {
	f := functionByName[fn]
	if f == nil && fn != "today" && fn != "now" {
		d := x.add("expr.unknown_function", start, end, "name", fn)
		if s := suggestFunction(fn); s != "" {
			d.Args["suggestion"] = s
			d.Fix = "expr.fix_did_you_mean"
		}
		return
	}
	if x.nullArgument(args) {
		return
	}
	given := make([]string, len(args))
	givenEN := make([]string, len(args))
	for i, a := range args {
		l := nodeTypeName(x.typeOf(a))
		given[i], givenEN[i] = l[langZH], l[langEN]
	}
	if len(args) == 0 {
		given, givenEN = []string{"无"}, []string{"nothing"}
	}
	x.add("expr.no_overload", start, end, "function", fn,
		"given", label(strings.Join(given, "、"), strings.Join(givenEN, ", ")), "forms", formsOf(fn))
}

// nullArgument reports the literal null among arguments.
func (x *explainer) nullArgument(args []ast.Expr) bool {
	for _, a := range args {
		if a.Kind() == ast.LiteralKind && a.AsLiteral() == types.NullValue {
			start, end := x.span(x.offset(a.ID()))
			x.add("expr.null_literal", start, end)
			return true
		}
	}
	return false
}

func (x *explainer) wrongMacro(name string, args []ast.Expr, start, end int) {
	if name == "append" || len(args) == 0 {
		return
	}
	if args[0].Kind() == ast.ComprehensionKind {
		return // its body was reported already
	}
	if i := x.tokenAt(start); i > 0 && x.tokens[i].in(x.src) == "(" {
		start, end = x.tokens[i-1].Start, x.tokens[i-1].End
	}
	switch name {
	case "all", "exists", "exists_one", "count", "filter", "countOf", "existsOf":
		x.add("expr.macro_condition", start, end, "macro", name, "type", nodeTypeName(x.typeOf(args[0])))
		return
	}
	if _, query := queryMacros[name]; query && len(args) > 1 {
		if t := x.typeOf(args[0]); t.Type != Bool {
			x.add("expr.macro_condition", start, end, "macro", name, "type", nodeTypeName(t))
			return
		}
		args = args[1:]
	}
	x.add("expr.macro_value", start, end, "macro", name, "type", nodeTypeName(x.typeOf(args[0])))
}
