package lower

import (
	"slices"
	"strings"
	"unicode/utf8"

	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// state is what the text of a statement may know about a parameter's value.
type state byte

const (
	stateValue state = iota // an ordinary value
	stateNull
	stateError // evaluation failed: whatever needs it does not hold
	stateTrue
	stateFalse
	stateEmpty // an empty text or list
	stateMixed // a list with a null in it
	stateOdd   // a text that no other text is greater than with the same beginning
)

// params are the parts of the conditions that touch no record of the database: evaluated in Go once per request
// and bound.
type params struct {
	nodes   []*expr.Node
	index   map[*expr.Node]int
	queried map[*expr.Node]bool // parts of queries that belong to the outer record
	lenient map[int]bool        // parameters that are null where they have no value
	formula func(*metamodel.Field) *expr.Node
	inner   []*metamodel.Field // virtual fields being walked
	day     *expr.Node         // today, where a function asks for it
}

func newParams() *params {
	return &params{index: map[*expr.Node]int{}, queried: map[*expr.Node]bool{}, lenient: map[int]bool{}}
}

// add makes a parameter of a node; the same node is the same parameter.
func (p *params) add(n *expr.Node) {
	if _, ok := p.index[n]; !ok {
		p.index[n] = len(p.nodes)
		p.nodes = append(p.nodes, n)
	}
}

// collect finds the largest parts of a condition that read none of vars, the record variables of the database.
func (p *params) collect(n *expr.Node, vars []string) {
	if n == nil {
		return
	}
	if _, given := p.index[n]; given {
		return
	}
	if free(n, vars) {
		p.add(n)
		if p.queried[n] {
			p.lenient[p.index[n]] = true
		}
		return
	}
	if n.Op == expr.OpField && n.Field.Virtual() && n.Field.Kind != metamodel.Lines {
		p.collectVirtual(n.Field)
	}
	if n.Op == expr.OpCall && n.Fn == "daysUntil" && p.day == nil {
		p.day = &expr.Node{Op: expr.OpToday, Type: expr.Dat}
		p.add(p.day)
	}
	for _, a := range n.Args {
		p.collect(a, vars)
	}
	if n.Body != nil {
		p.collect(n.Body, append(slices.Clip(vars), n.Var))
	}
	if n.Query != nil {
		for _, outer := range n.Query.Params() {
			p.queried[outer] = true
		}
		inner := append(slices.Clip(vars), n.Query.Var)
		p.collect(n.Query.Where, inner)
		p.collect(n.Query.Value, inner)
		p.collect(n.Query.Order, inner)
	}
}

// collectVirtual finds the parameters of a virtual field's formula, over its own record.
func (p *params) collectVirtual(f *metamodel.Field) {
	if p.formula == nil || len(p.inner) >= MaxInline || slices.Contains(p.inner, f) {
		return
	}
	p.inner = append(p.inner, f)
	p.collect(p.formula(f), []string{""})
	p.inner = p.inner[:len(p.inner)-1]
}

// collectPath finds the parameters of the virtual fields on a path.
func (p *params) collectPath(path metamodel.Path) {
	for _, f := range path {
		if f.Virtual() && f.Kind != metamodel.Lines {
			p.collectVirtual(f)
		}
	}
}

// today is the parameter of the present day.
func (p *params) today() int { return p.index[p.day] }

// free tells whether a part can be evaluated without the database: it reads none of vars and asks no other
// entity.
func free(n *expr.Node, vars []string) bool {
	if n == nil {
		return true
	}
	switch n.Op { //nolint:exhaustive // all others are judged by their parts
	case expr.OpVar:
		return !slices.Contains(vars, n.Var)
	case expr.OpQuery:
		return false
	case expr.OpQuantor:
		inner := slices.DeleteFunc(slices.Clone(vars), func(v string) bool { return v == n.Var })
		return free(n.Args[0], vars) && free(n.Body, inner)
	}
	for _, a := range n.Args {
		if !free(a, vars) {
			return false
		}
	}
	return true
}

// stateOf is what a statement's text may know of a value.
func stateOf(v any, err error) state {
	if err != nil {
		return stateError
	}
	switch x := v.(type) {
	case nil:
		return stateNull
	case bool:
		if x {
			return stateTrue
		}
		return stateFalse
	case string:
		if x == "" {
			return stateEmpty
		}
		if strings.Trim(x, string(utf8.MaxRune)) == "" {
			return stateOdd // no text is greater than all that begin with it
		}
	case []string:
		if len(x) == 0 {
			return stateEmpty
		}
	case []any:
		return stateOfList(x)
	}
	return stateValue
}

func stateOfList(list []any) state {
	if len(list) == 0 {
		return stateEmpty
	}
	for _, v := range list {
		if v == nil {
			return stateMixed
		}
	}
	return stateValue
}

// successor is the smallest text that is greater than every text beginning with s. ok is false when there is
// none.
func successor(s string) (string, bool) {
	runes := []rune(s)
	for i := len(runes) - 1; i >= 0; i-- {
		switch r := runes[i]; {
		case r == 0xD7FF:
			return string(append(runes[:i:i], 0xE000)), true
		case r < 0x10FFFF:
			return string(append(runes[:i:i], r+1)), true
		}
	}
	return "", false
}
