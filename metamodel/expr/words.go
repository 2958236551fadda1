package expr

import (
	"tenon/metamodel"
)

const (
	langZH = "zh-CN"
	langEN = "en-US"
)

func label(zh, en string) metamodel.Label { return metamodel.Label{langZH: zh, langEN: en} }

// words is a type's name in both languages, as an argument of a diagnostic.
func words(t Type) metamodel.Label { w := typeWords[t]; return label(w[0], w[1]) }

// nodeTypeName is the type of a node in words: a record says of what, a list of what elements.
func nodeTypeName(n *Node) metamodel.Label { return typeName(n.Type, n.Elem, n.Entity) }

func typeName(t, elem Type, entity *metamodel.Entity) metamodel.Label {
	switch {
	case t == Rec && entity != nil:
		return label(titleIn(entity.Title, entity.Name, langZH)+"（记录）", "record of "+titleIn(entity.Title, entity.Name, langEN))
	case t == ListOf && elem == Rec && entity != nil:
		return label(titleIn(entity.Title, entity.Name, langZH)+"的列表", "list of "+titleIn(entity.Title, entity.Name, langEN))
	case t == ListOf && elem != Unknown:
		w := words(elem)
		return label(w[langZH]+"列表", "list of "+w[langEN])
	default:
		return words(t)
	}
}

func titleIn(l metamodel.Label, name, lang string) string {
	if s := l.In(lang); s != "" {
		return s
	}
	return name
}

// operatorSign is how an operation is written.
var operatorSign = map[Op]string{
	OpEq: "==", OpNe: "!=", OpLt: "<", OpLe: "<=", OpGt: ">", OpGe: ">=", OpAnd: "&&", OpOr: "||", OpNot: "!",
	OpIn: "in", OpAdd: "+", OpSub: "-", OpMul: "*", OpDiv: "/", OpMod: "%", OpNeg: "-", OpCond: "? :",
}
