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

	base    int64                                   // cost of a call
	perText bool                                    // costs one unit more per costPerText runes or elements of its arguments
	now     bool                                    // depends on the time
	lenient bool                                    // sees null instead of not being called
	size    func(args []*Node, sizes []int64) int64 // most runes of the result; nil is the type's default
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

// words is the type's name for people in zh-CN (0) or en-US (1).
func (t TypeRef) words(lang int) string {
	switch {
	case t.List:
		return typeWords[ListOf][lang]
	case t.Type == Unknown:
		return [2]string{"任意值", "any value"}[lang]
	default:
		return typeWords[t.Type][lang]
	}
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
	out := slices.Concat(functionTable, macroDocs)
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

// functionTable is the table; the groups' files fill it.
var functionTable = slices.Concat(textFunctions, numberFunctions, dateFunctions, logicFunctions, chineseFunctions)

var functionByName = func() map[string]*Function {
	out := make(map[string]*Function, len(functionTable))
	for i := range functionTable {
		out[functionTable[i].Name] = &functionTable[i]
	}
	return out
}()
