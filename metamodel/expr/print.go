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
	return p.String()
}

type printer struct{ strings.Builder }

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
		p.WriteByte('(')
	}
	p.bare(n, own)
	if brackets {
		p.WriteByte(')')
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
		p.WriteString(literalText(n.Value))
	case OpField:
		p.field(n)
	case OpVar:
		p.WriteString(n.Var)
	case OpUser:
		p.WriteString(strings.TrimSuffix("user."+n.Var, "."))
	case OpNow:
		p.WriteString("now()")
	case OpToday:
		p.WriteString("today()")
	case OpNot, OpNeg:
		p.unary(n)
	case OpCond:
		p.print(n.Args[0], tightOr)
		p.WriteString(" ? ")
		p.print(n.Args[1], tightOr)
		p.WriteString(" : ")
		p.print(n.Args[2], tightCond)
	case OpList:
		p.WriteByte('[')
		p.list(n.Args)
		p.WriteByte(']')
	case OpCall:
		p.WriteString(n.Fn + "(")
		p.list(n.Args)
		p.WriteByte(')')
	case OpQuantor:
		p.print(n.Args[0], tightMember)
		p.WriteString("." + n.Fn + "(" + n.Var + ", ")
		p.print(n.Body, 0)
		p.WriteByte(')')
	case OpQuery:
		p.query(n.Query)
	default:
		p.binary(n, own)
	}
}

func (p *printer) binary(n *Node, own int) {
	for i, a := range n.Args {
		if i > 0 {
			p.WriteString(" " + operatorSign[n.Op] + " ")
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
	p.WriteString(operatorSign[n.Op])
	a := n.Args[0]
	number := a.Op == OpLit && n.Op == OpNeg
	if number || a.Op == n.Op {
		p.WriteByte('(')
		p.print(a, 0)
		p.WriteByte(')')
		return
	}
	p.print(a, tightUnary)
}

func (p *printer) field(n *Node) {
	if rec := n.Args[0]; rec.Op != OpVar || rec.Var != "" {
		p.print(rec, tightMember)
		p.WriteByte('.')
	}
	p.WriteString(n.Field.Name)
}

func (p *printer) list(args []*Node) {
	for i, a := range args {
		if i > 0 {
			p.WriteString(", ")
		}
		p.print(a, 0)
	}
}

func (p *printer) query(q *Query) {
	for name, kind := range queryKinds {
		if kind == q.Fn {
			p.WriteString(name)
		}
	}
	p.WriteString("(" + q.Entity.Name + ", " + q.Var + ", ")
	p.print(q.Where, 0)
	if q.Value != nil {
		p.WriteString(", ")
		p.print(q.Value, 0)
	}
	p.WriteByte(')')
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
