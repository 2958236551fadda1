package expr

import (
	"slices"

	"github.com/google/cel-go/common/ast"

	"tenon/metamodel"
)

// equality judges which values may be compared with == and !=: the same type, numbers of either kind, a
// record with an id or a record of the same entity, and anything that may be null with null.
func (v *converter) equality(op Op, e ast.Expr) *Node {
	n := v.node(op, e)
	n.Args = v.convertAll(e.AsCall().Args())
	a, b := n.Args[0], n.Args[1]
	if a.Type == UserVar || b.Type == UserVar {
		v.refuseUser(n)
		return n
	}
	if a.Type == Null || b.Type == Null {
		v.nullComparison(n)
		return n
	}
	if !comparableTypes(a, b) {
		v.mismatch(n, a, b)
		return n
	}
	v.option(a, b.enum)
	v.option(b, a.enum)
	return n
}

func (v *converter) mismatch(n, a, b *Node) {
	v.reportNode("expr.type_mismatch", n, "operator", operatorSign[n.Op], "left", nodeTypeName(a), "right", nodeTypeName(b))
	if fix := mismatchFix(a, b); fix != "" && len(v.diags) > 0 {
		v.diags[len(v.diags)-1].Fix = fix
	}
}

// comparableTypes tells whether values of two nodes can be equal.
func comparableTypes(a, b *Node) bool {
	switch {
	case a.Type == Rec && b.Type == Rec:
		return a.Entity == b.Entity
	case a.Type == Rec && b.Type == Str, a.Type == Str && b.Type == Rec:
		return true
	case isNumber(a.Type) && isNumber(b.Type):
		return true
	case a.Type == ListOf && b.Type == ListOf:
		return a.Elem == b.Elem || a.Elem == Unknown || b.Elem == Unknown || isNumber(a.Elem) && isNumber(b.Elem)
	default:
		return a.Type == b.Type && a.Type != Unknown
	}
}

// nullComparison refuses to compare with null what is never null.
func (v *converter) nullComparison(n *Node) {
	for _, a := range n.Args {
		if a.Type != Null && neverNull(a) {
			v.reportNode("expr.never_null", a, "type", nodeTypeName(a))
		}
	}
}

func neverNull(n *Node) bool {
	switch n.Op {
	case OpLit, OpNow, OpToday, OpList:
		return true
	default:
		return n.Type == ListOf
	}
}

func (v *converter) membership(e ast.Expr) *Node {
	n := v.node(OpIn, e)
	n.Args = v.convertAll(e.AsCall().Args())
	element, list := n.Args[0], n.Args[1]
	if element.Type == UserVar {
		v.refuseUser(n)
		return n
	}
	of := &Node{Type: list.Elem, Entity: list.Entity}
	if list.Elem != Unknown && element.Type != Null && !comparableTypes(element, of) {
		v.mismatch(n, element, list)
		return n
	}
	v.option(element, list.enum)
	for _, a := range list.Args {
		if list.Op == OpList {
			v.option(a, element.enum)
		}
	}
	return n
}

// option checks that a literal that stands for a choice is one of its options, and records the mention.
func (v *converter) option(n *Node, enum *metamodel.Enum) {
	if enum == nil || n == nil {
		return
	}
	switch n.Op {
	case OpCond:
		v.option(n.Args[1], enum)
		v.option(n.Args[2], enum)
		return
	case OpList:
		for _, a := range n.Args {
			v.option(a, enum)
		}
		return
	case OpLit:
	default:
		return
	}
	name, ok := n.Value.(string)
	if !ok {
		return
	}
	i := slices.IndexFunc(enum.Options, func(o *metamodel.Option) bool { return o.Name == name })
	if i < 0 {
		v.reportNode("expr.unknown_option", n, "option", name, "options", optionNames(enum), "suggestion", suggestOption(name, enum))
		return
	}
	n.enum = enum
	v.mentionOption(n, enum.Options[i])
}

// mentionOption records where the option's name stands inside the literal.
func (v *converter) mentionOption(n *Node, o *metamodel.Option) {
	i := v.tokenAt(n.Pos)
	if i < 0 || v.tokens[i].Kind != tokText {
		return
	}
	t := v.tokens[i]
	text := t.in(v.src)
	at := optionIn(text, o.Name)
	if at < 0 {
		return
	}
	v.refs = append(v.refs, Ref{ID: o.ID, Kind: RefOption, Offset: t.Start + at, Length: len(o.Name)})
}

// optionIn finds a name that fills a plain literal 'name' or "name"; -1 for literals written in any other way.
func optionIn(literal, name string) int {
	if len(literal) == len(name)+2 && literal[1:len(literal)-1] == name {
		return 1
	}
	return -1
}

func optionNames(e *metamodel.Enum) []string {
	out := make([]string, 0, len(e.Options))
	for _, o := range e.Options {
		if !o.Retired {
			out = append(out, o.Name)
		}
	}
	if len(out) > maxNamed {
		out = append(out[:maxNamed], "…")
	}
	return out
}

// maxNamed is how many names a text for people lists.
const maxNamed = 20

// result judges the type of the whole.
func (v *converter) result(tree *Node, want Type, enum *metamodel.Enum) {
	if len(v.diags) > 0 {
		return
	}
	if tree.Type == UserVar {
		v.reportNode("expr.user_incomplete", tree)
		return
	}
	v.option(tree, enum)
	ok := want == Unknown || tree.Type == want || tree.Type == Null ||
		want == Dec && tree.Type == Int || want == Rec && tree.Type == Str || want == Str && tree.Type == Rec
	if !ok {
		v.report("expr.wrong_result_type", 0, len(v.src), "want", words(want), "got", nodeTypeName(tree))
		if want == Bool {
			v.diags[len(v.diags)-1].Fix = "expr.fix_condition"
		}
	}
}
