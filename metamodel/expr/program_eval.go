package expr

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// Program is a compiled expression. It is immutable and safe for concurrent use.
type Program struct {
	source string
	tree   *Node
	refs   []Ref
	cost   int64
	charge int64 // what one evaluation costs before its loops
	uses   uses
}

type uses struct{ now, user, relations, query bool }

// Source is the text that was compiled.
func (p *Program) Source() string { return p.source }

// Tree is the checked expression.
func (p *Program) Tree() *Node { return p.tree }

// Type is the type of the result; the tree's Elem and Entity say more.
func (p *Program) Type() Type { return p.tree.Type }

// Refs lists the mentions of fields, options and entities in the source, in order of their place.
func (p *Program) Refs() []Ref { return p.refs }

// Cost is the worst-case cost of one evaluation, estimated from the sizes the metadata allows.
func (p *Program) Cost() int64 { return p.cost }

// UsesNow tells whether the result depends on the time: now(), today() and what is built on them.
func (p *Program) UsesNow() bool { return p.uses.now }

// UsesRecord tells whether the result depends on the record that it is evaluated over.
func (p *Program) UsesRecord() bool { return p.tree.mentions("") }

// UsesUser tells whether the result depends on who asks.
func (p *Program) UsesUser() bool { return p.uses.user }

// UsesRelations tells whether evaluation may fetch records over references (World.Related). A line's parent
// counts as one only when Activation.Parent is not given, and doesn't set this.
func (p *Program) UsesRelations() bool { return p.uses.relations }

// UsesQuery tells whether evaluation asks for aggregates over other entities (World.Query).
func (p *Program) UsesQuery() bool { return p.uses.query }

// Eval evaluates over an activation. The result is in package value's representation: nil for null, an id for
// a record, []string for a list of texts or of referenced records, []value.Row for lines, []any for any other
// list. When a null made the expression have no value, the error is ErrNull and the result nil; callers that
// compute a field treat that as null.
func (p *Program) Eval(act *Activation) (any, error) {
	out, err := p.tree.eval(act, p.charge)
	if err != nil {
		return nil, err
	}
	return unbox(out), nil
}

// EvalBool evaluates a condition: null and what has no value because of null is false.
func (p *Program) EvalBool(act *Activation) (bool, error) {
	out, err := p.tree.eval(act, p.charge)
	if errors.Is(err, ErrNull) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return out == types.True, nil
}

// EvalNode evaluates any sub-tree of a compiled program on its own, for instance the parts of a filter that
// touch no record, or a query's parameters. A sub-tree that mentions a comprehension's variable from outside
// itself can't be evaluated. The result is as Program.Eval gives it.
func (m *Model) EvalNode(n *Node, act *Activation) (any, error) {
	out, err := n.eval(act, baseCost(n))
	if err != nil {
		return nil, err
	}
	return unbox(out), nil
}

// eval spends a charge and evaluates; the node is planned when it is first evaluated.
func (n *Node) eval(act *Activation, charge int64) (ref.Val, error) {
	pl, err := n.planned()
	if err != nil {
		return nil, err
	}
	if act.Budget != nil && !act.Budget.spend(charge) {
		return nil, ErrBudget
	}
	return pl.eval(act)
}

func (pl *plan) eval(act *Activation) (ref.Val, error) {
	f := &frame{act: act, plan: pl}
	if err := f.context().Err(); err != nil {
		return nil, err
	}
	out, _, err := pl.prog.Eval(f)
	if f.fatal != nil {
		return nil, f.fatal
	}
	if err != nil {
		return nil, evalError(err)
	}
	return out, nil
}

// evalError gives an error of the library the identity that callers look for.
func evalError(err error) error {
	if isNoOverload(err) {
		return ErrNull
	}
	var known *types.Err
	if errors.As(err, &known) {
		if inner := errors.Unwrap(known); inner != nil {
			return inner
		}
	}
	return fmt.Errorf("evaluate an expression: %w", err)
}

// spend takes n units and tells whether they were there.
func (b *Budget) spend(n int64) bool {
	if n > b.left {
		b.left = 0
		return false
	}
	b.left -= n
	return true
}

// Left is how many units may still be spent.
func (b *Budget) Left() int64 { return b.left }

// TouchesRecord tells whether the node reads any record: the record itself, old, it, a comprehension's
// variable bound outside of the node, or another entity's records by a query. What touches none has one value
// for all records of a request.
func (n *Node) TouchesRecord() bool { return n.touches(nil) }

func (n *Node) touches(bound []string) bool {
	if n == nil {
		return false
	}
	switch n.Op {
	case OpQuery:
		return true
	case OpVar:
		return !slices.Contains(bound, n.Var)
	default: // as its parts
	}
	for _, a := range n.Args {
		if a.touches(bound) {
			return true
		}
	}
	if n.Op == OpQuantor {
		bound = append(slices.Clone(bound), n.Var)
	}
	return n.Body.touches(bound)
}
