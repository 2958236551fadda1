package expr

import (
	"slices"

	"github.com/google/cel-go/common/types"

	"tenon/metamodel/diag"
)

// Function describes one function of the language: what editors show, what the checker accepts, what a call
// costs and how it is computed. It is never changed after start.
type Function struct {
	Name       string
	Group      Group
	Member     bool // may also be written after its first argument: name.trim()
	Signatures []Signature
	Doc        diag.Text
	Example    string // an expression without variables
	Result     string // what the example gives, as EvalText writes it

	base    int64 // cost of a call
	perRune int64 // cost per 64 runes of the first argument, plus its size
	frame   bool  // needs the activation: the zone, today
	lenient bool  // sees null instead of not being called
	call    func(c *call) (any, error)
}

// Group sorts functions in the editor's help.
type Group string

// The groups of functions.
const (
	GroupText    Group = "text"
	GroupNumber  Group = "number"
	GroupDate    Group = "date"
	GroupLogic   Group = "logic"
	GroupList    Group = "list"
	GroupUser    Group = "user"
	GroupChinese Group = "chinese"
	GroupQuery   Group = "query"
)

// Signature is one way to call a function.
type Signature struct {
	Args   []TypeRef
	Result TypeRef
}

// TypeRef is a type in a signature: a scalar, a list of one, or anything.
type TypeRef struct {
	Type Type // Unknown stands for any type
	List bool
}

// String writes the type reference as the editor shows it.
func (t TypeRef) String() string {
	name := t.Type.String()
	if t.Type == Unknown {
		name = "any"
	}
	if t.List {
		return "list(" + name + ")"
	}
	return name
}

func (t TypeRef) cel() *types.Type {
	c := scalar(t.Type)
	if t.List {
		return listOf(c)
	}
	return c
}

// Functions lists all functions, macros and queries, sorted by name: what the formula editor offers and what
// a lowering has to know. Operators are not in it.
func Functions() []Function {
	out := slices.Concat(functions, macroDocs)
	slices.SortFunc(out, func(a, b Function) int {
		switch {
		case a.Name < b.Name:
			return -1
		case a.Name > b.Name:
			return 1
		default:
			return 0
		}
	})
	return out
}

// sig reads "text int -> text"; "any" is any type, "[text]" a list.
func sig(args []TypeRef, result TypeRef) Signature { return Signature{Args: args, Result: result} }

func one(t Type) TypeRef { return TypeRef{Type: t} }

func of(ts ...Type) []TypeRef {
	out := make([]TypeRef, len(ts))
	for i, t := range ts {
		out[i] = one(t)
	}
	return out
}

// sigs makes signatures of types, the result last.
func sigs(all ...[]Type) []Signature {
	out := make([]Signature, len(all))
	for i, s := range all {
		out[i] = sig(of(s[:len(s)-1]...), one(s[len(s)-1]))
	}
	return out
}

// functions is the table; the groups' files fill it.
var functions = slices.Concat(textFunctions, numberFunctions, dateFunctions, logicFunctions, chineseFunctions)

var functionByName = func() map[string]*Function {
	out := make(map[string]*Function, len(functions))
	for i := range functions {
		out[functions[i].Name] = &functions[i]
	}
	return out
}()
