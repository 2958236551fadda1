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

// The operations. Null in an operand of OpLt to OpGe, OpNot and the arithmetic gives null; OpEq, OpNe and OpIn
// always give true or false (null equals null only); OpAnd, OpOr and OpCond treat null as SQL does. A division
// by zero is null. Where a node's Type is ListOf its value is never null but an empty list.
const (
	OpLit     Op = iota // Value, as in package value; nil is null
	OpField             // Field of record Args[0]; null when the record is null
	OpVar               // Var: "" is the record itself, "old", "it", or a comprehension's or query's variable (a record, or a plain value when the list holds such)
	OpUser              // something of the acting user: Var is id, roles, departments, attributes.<name>
	OpNow               // now(): Ts
	OpToday             // today(): Dat
	OpEq                // Args: 2 of one type; Int with Dec; Rec with Rec or with Str (both compare by id); any with null
	OpNe                // as OpEq
	OpLt                // Args: 2 of one of Int, Dec (mixed too), Str (by code point), Dat, Ts, Tod, Dur
	OpLe                // as OpLt
	OpGt                // as OpLt
	OpGe                // as OpLt
	OpAnd               // Args: 2 or more Bool
	OpOr                // Args: 2 or more Bool
	OpNot               // Args: 1 Bool
	OpCond              // Args: condition, then, else; a branch may be null, and Int where the other is Dec
	OpIn                // Args: element, list; equality as in OpEq
	OpList              // literal list: Args are the elements, of one type (Int with Dec mixes; null fits)
	OpAdd               // Args: 2. Int, Dec (mixed too); Str with Str; Dat or Ts with Dur in either order; Dur with Dur
	OpSub               // Args: 2. Int, Dec (mixed too); Dat - Dat is Int days; Ts - Ts and Tod - Tod are Dur; Dat or Ts or Dur - Dur
	OpMul               // Args: 2. Int, Dec (mixed too); Dur with Int in either order
	OpDiv               // Args: 2. Int, Dec in any mix: always Dec, as value.Decimal.Div; Dur / Dur is Dec
	OpMod               // Args: 2. Int, Dec (mixed too); the sign of the first
	OpNeg               // Args: 1. Int, Dec, Dur
	OpCall              // function Fn over Args, a member's receiver first; Functions() lists names and signatures
	OpQuantor           // Fn is all, exists, exists_one, map, filter, sum, min, max, avg, count over list Args[0]; Var, Body
	OpQuery             // aggregate over another entity's records: Query
)

// What is written as a function but isn't an OpCall: today, now (OpToday, OpNow); mod(a, b) (OpMod); oneOf(x, a,
// b) (OpIn over an OpList); hasRole(r) and inDepartment(d) (OpIn over OpUser roles, departments); x.count()
// (OpCall size). min, max and coalesce of more than two values are nested calls of two. A line's `parent` is an
// OpField over the system field parent. Body of a quantor counts as false where it is null (all, exists,
// exists_one, filter, count) or is passed over (sum, min, max, avg); sum of nothing is 0, min, max and avg of
// nothing are null. A Dat moved by a Dur moves by its whole days. A decimal is compared by value, not scale.

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
	Body   *Node // OpQuantor: judged per element
	Query  *Query
	Pos    int // byte offset in the source

	remote bool            // a list of referenced records, or a variable over one: reading fields fetches
	enum   *metamodel.Enum // texts and lists of texts: the options the value is one of
	cell   *planCell       // nil on nodes made by hand
}

// Query is an aggregate over the records of an entity that satisfy Where: what sumOf, countOf, minOf, maxOf,
// existsOf and lookupOf compile to. Where, Value and Order see the candidate as the record variable Var; every part
// that doesn't touch Var is a parameter, evaluated over the outer record.
type Query struct {
	Fn     string // sum, count, min, max, exists, lookup (the newest match by Order, then by id)
	Entity *metamodel.Entity
	Var    string
	Where  *Node
	Value  *Node // nil for count and exists
	Order  *Node // of a lookup: the match in which this date is the latest is taken; nil: the newest
}

// Ref is one mention of an element in an expression's source: a field, an enum option in a literal compared
// with a choice, an entity in a query.
type Ref struct {
	ID     metamodel.ID
	Kind   RefKind
	Path   metamodel.Path // fields walked from the nearest variable (the record, old, it, a loop's or query's) to this one; the last is the field itself
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
		return n.Query.Where.Walk(visit) && n.Query.Value.Walk(visit) && n.Query.Order.Walk(visit)
	}
	return true
}

// With returns a node like n with other parts below it. Nodes are never changed: what was planned for n doesn't
// hold for the new one.
func (n *Node) With(args []*Node, body *Node, q *Query) *Node {
	out := *n
	out.Args, out.Body, out.Query, out.cell = args, body, q, &planCell{}
	return &out
}
