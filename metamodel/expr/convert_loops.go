package expr

import (
	"slices"
	"strings"

	"github.com/google/cel-go/common/ast"
)

// unfold reads list, variable and body out of what a macro was expanded to.
func unfold(e ast.Expr) (over ast.Expr, v string, body []ast.Expr) {
	c := e.AsCall().Args()[0].AsComprehension()
	step := c.LoopStep().AsCall()
	return c.IterRange(), c.IterVar(), step.Args()[1].AsCall().Args()
}

func (v *converter) quantor(e ast.Expr, name string) *Node {
	over, variable, body := unfold(e)
	n := v.node(OpQuantor, e)
	n.Fn, n.Var = name, variable
	list := v.convert(over)
	n.Args = []*Node{list}
	v.nameOfCall(n)
	if v.query > 0 {
		v.reportNode("expr.loop_in_query", n, "macro", name)
	}
	v.checkVariable(n)
	v.bind(variable, &Node{Type: list.Elem, Entity: list.Entity, enum: list.enum, remote: list.remote})
	n.Body = v.convert(body[0])
	v.unbind()
	v.refuseNull(&Node{Args: []*Node{n.Body}})
	switch name {
	case "filter":
		n.enum, n.remote = list.enum, list.remote
	case "map", "min", "max":
		n.enum, n.remote = n.Body.enum, n.Body.Type == Rec
	}
	if n.Body.Type == ListOf && name == "map" {
		v.reportNode("expr.list_of", n.Body, "type", nodeTypeName(n.Body))
	}
	return n
}

func (v *converter) bind(name string, node *Node) {
	v.vars = append(v.vars, variable{name, node})
}

func (v *converter) unbind() { v.vars = v.vars[:len(v.vars)-1] }

// checkVariable refuses names that mean something everywhere.
func (v *converter) checkVariable(n *Node) {
	if slices.Contains([]string{"user", "old", "it", "parent"}, n.Var) || strings.HasPrefix(n.Var, ".") {
		v.reportNode("expr.variable_name", n, "name", n.Var)
	}
}

// queryKinds are the nodes' names of the query macros.
var queryKinds = map[string]string{"sumOf": "sum", "countOf": "count", "minOf": "min", "maxOf": "max", "existsOf": "exists", "lookupOf": "lookup"}

func (v *converter) queryCall(e ast.Expr, name string) *Node {
	over, variable, body := unfold(e)
	source := over.AsList().Elements()[0]
	n := v.node(OpQuery, e)
	q := &Query{Fn: queryKinds[name], Var: variable, Entity: v.m.entities[strings.TrimPrefix(source.AsStruct().TypeName(), entityPrefix)]}
	n.Query, n.Var = q, variable
	v.mentionEntity(source, q)
	v.nameOfCall(n)
	v.queryPlace(n, name)
	v.checkVariable(n)
	v.bind(variable, &Node{Type: Rec, Entity: q.Entity})
	v.query++
	q.Where = v.convert(body[0])
	if len(body) > 1 {
		q.Value = v.convert(body[1])
		n.enum = q.Value.enum
	}
	if len(body) > 2 {
		q.Order = v.convert(body[2])
	}
	v.query--
	v.unbind()
	v.refuseNull(&Node{Args: []*Node{q.Where, q.Value, q.Order}[:len(body)]})
	if q.Fn == "lookup" && (n.Type == ListOf || n.Type == JSON) {
		v.reportNode("expr.lookup_type", n, "type", nodeTypeName(q.Value))
	}
	return n
}

func (v *converter) mentionEntity(source ast.Expr, q *Query) {
	if i := v.tokenAt(v.offset(source.ID())); i >= 0 {
		t := v.tokens[i]
		v.refs = append(v.refs, Ref{ID: q.Entity.ID, Kind: RefEntity, Offset: t.Start, Length: t.End - t.Start})
	}
}

// queryPlace refuses queries where they can't be answered: where the scope forbids them, inside another query,
// and once per element of a list.
func (v *converter) queryPlace(n *Node, name string) {
	switch {
	case v.query > 0:
		v.reportNode("expr.query_nested", n, "macro", name)
	case len(v.vars) > 0:
		v.reportNode("expr.query_in_loop", n, "macro", name)
	case !v.scope.Query:
		v.reportNode("expr.query_not_allowed", n, "macro", name)
	}
}
