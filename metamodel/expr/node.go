package expr

import (
	"tenon/metamodel"
)

// Type is the type of an expression.
type Type uint8

// The types of expressions. Null is the type of the literal null alone; any type's value may be null.
const (
	Unknown Type = iota
	Null
	Bool
	Int
	Dec // exact decimal
	Str
	Dat // calendar date
	Ts  // instant
	Tod // time of day
	Dur // duration
	JSON
	Rec     // a record (Node.Entity says of which entity)
	ListOf  // a list; Node.Elem says of what
	UserVar // the variable user
)

// Op is what a node does. The set is closed: code that lowers nodes must treat an unknown Op as not
// lowerable.
type Op uint8

// The operations.
const (
	OpLit   Op = iota // Value, as in package value; nil is null
	OpField           // Field of record Args[0]
	OpVar             // a record variable: Var is "" for the record itself, "old", "it", or a comprehension's variable
	OpUser            // something of the acting user: Var is id, roles, departments, attributes.<name>
	OpNow             // now(): Ts
	OpToday           // today(): Dat
	OpEq
	OpNe
	OpLt
	OpLe
	OpGt
	OpGe
	OpAnd // Args: 2 or more
	OpOr
	OpNot
	OpCond // Args: condition, then, else
	OpIn   // Args: element, list
	OpList // list literal
	OpAdd  // numbers, text concatenation, date + days is a Call
	OpSub
	OpMul
	OpDiv
	OpMod
	OpNeg
	OpCall    // function Fn over Args
	OpQuantor // all, exists, exists_one, map, filter, sum, min, max, avg, count over list Args[0]; Var, Body
	OpQuery   // aggregate over another entity's records: Query
)

// Node is a checked expression as plain data: what the SQL lowering, the condition builder and lineage read.
// Nodes are immutable once compiled.
type Node struct {
	Op     Op
	Type   Type
	Elem   Type              // ListOf: the element's type
	Entity *metamodel.Entity // Rec, or ListOf records: of which entity
	Args   []*Node
	Value  any
	Field  *metamodel.Field
	Var    string
	Fn     string
	Body   *Node // OpQuantor: judged per element, nil for count()
	Query  *Query
	Pos    int // byte offset in the source

	enum *metamodel.Enum // texts and lists of texts: the options the value is one of
	cell *planCell       // nil on nodes made by hand
}

// Query is an aggregate over the records of an entity that satisfy Where: what sumOf, countOf, minOf, maxOf,
// existsOf and lookupOf compile to. Where and Value see the candidate as the record variable Var; every part
// that doesn't touch Var is a parameter, evaluated over the outer record.
type Query struct {
	Fn     string // sum, count, min, max, exists, lookup (the newest match by id)
	Entity *metamodel.Entity
	Var    string
	Where  *Node
	Value  *Node // nil for count and exists
}

// Ref is one mention of an element in an expression's source: a field, an enum option in a literal compared
// with a choice, an entity in a query.
type Ref struct {
	ID     metamodel.ID
	Kind   RefKind
	Path   metamodel.Path // fields walked from the record to this one; the last is the field itself
	Offset int            // bytes
	Length int
}

// RefKind says what a Ref points at.
type RefKind uint8

// The kinds of references.
const (
	RefField RefKind = iota
	RefOption
	RefEntity
)

// Walk visits n and everything below it, queries' inner nodes included, until visit returns false.
func (n *Node) Walk(visit func(*Node) bool) bool {
	if n == nil {
		return true
	}
	if !visit(n) {
		return false
	}
	for _, a := range n.Args {
		if !a.Walk(visit) {
			return false
		}
	}
	if !n.Body.Walk(visit) {
		return false
	}
	if n.Query != nil {
		return n.Query.Where.Walk(visit) && n.Query.Value.Walk(visit)
	}
	return true
}
