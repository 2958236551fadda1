package expr

import "tenon/metamodel"

// Cost is counted in units of about a tenth of a microsecond of one core. It is estimated over the tree alone,
// in the worst case that the metadata allows: texts as long as their maximum, lists as full as theirs.
const (
	costNode    = 1    // an operation, a field, a literal
	costRelated = 50   // a record fetched over a reference
	costQuery   = 1000 // an aggregate over another entity
	costStep    = 2    // a turn of a loop, without its body
	costPerText = 64   // runes that one unit handles
)

// size is the most elements or runes that a node's value can have.
func size(n *Node) int64 {
	switch n.Op {
	case OpLit:
		if s, ok := n.Value.(string); ok {
			return int64(len(s))
		}
	case OpField:
		return fieldSize(n.Field)
	case OpCond:
		return max(size(n.Args[1]), size(n.Args[2]))
	case OpList:
		return int64(len(n.Args))
	case OpAdd:
		if n.Type == Str {
			return min(size(n.Args[0])+size(n.Args[1]), MaxText)
		}
	case OpQuantor:
		if n.Type == Str {
			return size(n.Body)
		}
		return size(n.Args[0])
	case OpQuery:
		if n.Query.Value != nil {
			return size(n.Query.Value)
		}
	case OpUser:
		if n.Type == Str {
			return sizeText
		}
	case OpCall:
		return callSize(n)
	default: // by type, below
	}
	switch n.Type {
	case Str:
		return sizeText
	case ListOf:
		return sizeList
	default:
		return 1
	}
}

func fieldSize(f *metamodel.Field) int64 {
	switch {
	case f.Kind == metamodel.Lines:
		return orDefault(f.MaxLength, sizeLines)
	case f.Kind.IsList():
		return orDefault(f.MaxLength, sizeList)
	case f.Kind.IsText():
		return orDefault(f.MaxLength, sizeText)
	case f.Kind == metamodel.JSON:
		return MaxText
	default:
		return sizeID
	}
}

func orDefault(n, otherwise int) int64 {
	if n > 0 {
		return int64(n)
	}
	return int64(otherwise)
}

func callSize(n *Node) int64 {
	if f := functionByName[n.Fn]; f != nil && f.size != nil {
		sizes := make([]int64, len(n.Args))
		for i, a := range n.Args {
			sizes[i] = size(a)
		}
		return min(f.size(n.Args, sizes), MaxText)
	}
	if n.Type == Str {
		return sizeText
	}
	return 1
}

// totalCost is the worst-case cost of one evaluation of the node. It stops growing at the largest integer that
// can still be added to.
func totalCost(n *Node) int64 { return costOf(n, true) }

// baseCost is the cost without what loops, references and queries charge while they run.
func baseCost(n *Node) int64 { return costOf(n, false) }

const costCeiling = int64(1) << 50

func costOf(n *Node, worst bool) int64 {
	if n == nil {
		return 0
	}
	cost := int64(costNode)
	for _, a := range n.Args {
		cost += costOf(a, worst)
	}
	switch n.Op {
	case OpEq, OpNe, OpLt, OpLe, OpGt, OpGe:
		if n.Args[0].Type == Str {
			cost += min(size(n.Args[0]), size(n.Args[1])) / costPerText
		}
	case OpIn:
		cost += size(n.Args[1]) / 4
	case OpAdd:
		if n.Type == Str {
			cost += size(n) / costPerText
		}
	case OpField:
		if worst && overReference(n) {
			cost += costRelated
		}
	case OpCall:
		cost += callCost(n)
	case OpQuantor:
		if worst {
			cost += size(n.Args[0]) * stepCost(n)
			cost += size(n.Args[0]) * (costOf(n.Body, true) - baseCost(n.Body))
		}
	case OpQuery:
		if worst {
			cost += costQuery
		}
		for _, p := range n.Query.Params() {
			cost += costOf(p, worst)
		}
	default: // nothing on top
	}
	return min(cost, costCeiling)
}

// stepCost is the price of one turn of a quantor's loop, without what loops inside its body charge.
func stepCost(n *Node) int64 { return costStep + baseCost(n.Body) }

func callCost(n *Node) int64 {
	f := functionByName[n.Fn]
	if f == nil {
		return costPerText
	}
	cost := f.base
	if f.perText {
		for _, a := range n.Args {
			if a.Type == Str || a.Type == ListOf {
				cost += size(a) / costPerText
			}
		}
	}
	return cost
}

// overReference tells whether a field is reached by fetching another record.
func overReference(n *Node) bool {
	rec := n.Args[0]
	if n.Field.System && n.Field.Slot == 0 {
		return false // the id is known without fetching
	}
	if rec.Op == OpVar {
		return rec.remote
	}
	if rec.Op == OpField {
		parent := rec.Field.System && rec.Field.Name == metamodel.ParentField
		return rec.Field.Kind.IsReference() && !parent
	}
	return true
}
