package expr

import (
	"fmt"
	"strconv"
	"strings"

	"tenon/metamodel/value"
)

// Print writes a node as source: compiling the text in the same scope gives an equal tree. Brackets stand only
// where the grammar needs them.
func Print(n *Node) string {
	var p printer
	p.print(n, 0)
	return string(p.out)
}

type printer struct{ out []byte }

func (p *printer) put(s string) { p.out = append(p.out, s...) }

// Strength of operators, weakest first; an operand weaker than its place is put in brackets.
const (
	tightCond = iota + 1
	tightOr
	tightAnd
	tightRelation
	tightAdd
	tightMul
	tightUnary
	tightMember
)

var tightness = map[Op]int{
	OpCond: tightCond, OpOr: tightOr, OpAnd: tightAnd,
	OpEq: tightRelation, OpNe: tightRelation, OpLt: tightRelation, OpLe: tightRelation, OpGt: tightRelation, OpGe: tightRelation, OpIn: tightRelation,
	OpAdd: tightAdd, OpSub: tightAdd, OpMul: tightMul, OpDiv: tightMul, OpMod: tightMul, OpNot: tightUnary, OpNeg: tightUnary,
}

func (p *printer) print(n *Node, place int) {
	own, ok := tightness[n.Op]
	if n.Op == OpLit && negative(n.Value) {
		own, ok = tightUnary, true
	}
	brackets := ok && own < place
	if brackets {
		p.put("(")
	}
	p.bare(n, own)
	if brackets {
		p.put(")")
	}
}

func negative(v any) bool {
	switch v := v.(type) {
	case int64:
		return v < 0
	case value.Decimal:
		return v.Sign() < 0
	default:
		return false
	}
}

func (p *printer) bare(n *Node, own int) {
	switch n.Op {
	case OpLit:
		p.put(literalText(n.Value))
	case OpField:
		p.field(n)
	case OpVar:
		p.put(n.Var)
	case OpUser:
		p.put(strings.TrimSuffix("user."+n.Var, "."))
	case OpNow:
		p.put("now()")
	case OpToday:
		p.put("today()")
	case OpNot, OpNeg:
		p.unary(n)
	case OpCond:
		p.print(n.Args[0], tightOr)
		p.put(" ? ")
		p.print(n.Args[1], tightOr)
		p.put(" : ")
		p.print(n.Args[2], tightCond)
	case OpList:
		p.put("[")
		p.list(n.Args)
		p.put("]")
	case OpCall:
		p.put(n.Fn + "(")
		p.list(n.Args)
		p.put(")")
	case OpQuantor:
		p.print(n.Args[0], tightMember)
		p.put("." + n.Fn + "(" + n.Var + ", ")
		p.print(n.Body, 0)
		p.put(")")
	case OpQuery:
		p.query(n.Query)
	default: // the operators with two sides, and the chains of && and ||
		p.binary(n, own)
	}
}

func (p *printer) binary(n *Node, own int) {
	for i, a := range n.Args {
		if i > 0 {
			p.put(" " + operatorSign[n.Op] + " ")
		}
		place := own + 1
		if i == 0 && n.Op != OpAnd && n.Op != OpOr {
			place = own // left associative
		}
		p.print(a, place)
	}
}

// unary keeps a minus before a literal apart from it: -(5) is an operation, -5 a literal.
func (p *printer) unary(n *Node) {
	p.put(operatorSign[n.Op])
	a := n.Args[0]
	number := a.Op == OpLit && n.Op == OpNeg
	if number || a.Op == n.Op {
		p.put("(")
		p.print(a, 0)
		p.put(")")
		return
	}
	p.print(a, tightUnary)
}

func (p *printer) field(n *Node) {
	if rec := n.Args[0]; rec.Op != OpVar || rec.Var != "" {
		p.print(rec, tightMember)
		p.put(".")
	}
	p.put(n.Field.Name)
}

func (p *printer) list(args []*Node) {
	for i, a := range args {
		if i > 0 {
			p.put(", ")
		}
		p.print(a, 0)
	}
}

func (p *printer) query(q *Query) {
	for name, kind := range queryKinds {
		if kind == q.Fn {
			p.put(name)
		}
	}
	p.put("(" + q.Entity.Name + ", " + q.Var + ", ")
	p.print(q.Where, 0)
	if q.Value != nil {
		p.put(", ")
		p.print(q.Value, 0)
	}
	if q.Order != nil {
		p.put(", ")
		p.print(q.Order, 0)
	}
	p.put(")")
}

func literalText(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return quoteText(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case value.Decimal:
		if s := v.String(); strings.Contains(s, ".") {
			return s
		}
		return v.String() + ".0"
	default:
		return fmt.Sprint(v)
	}
}

// quoteText writes a text in single quotes with the escapes of the grammar.
func quoteText(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range s {
		switch {
		case r == '\'' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}
