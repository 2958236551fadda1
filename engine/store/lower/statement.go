package lower

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// Statement is SQL with its arguments and what its result columns are.
type Statement struct {
	SQL     string
	Args    []any
	Columns []Output
	// Keys says which result column is which sort key, for the cursor after the last row; the id's is last.
	Keys []int
	// Missing are the fields asked for that the database can't compute: the caller evaluates them.
	Missing []*metamodel.Field
}

// Output is one result column.
type Output struct {
	Field *metamodel.Field // the slot that it fills; nil when it is a key or a measure only
	as    val
	whole bool // an integer, whatever it is decoded from
	d     Dialect

	AsIs bool // what a driver gives is the slot's value when it is a string or an int64
}

// ColumnOutput is the result column of a stored field.
func ColumnOutput(d Dialect, f *metamodel.Field) Output {
	return Output{Field: f, d: d, AsIs: sameInSlot(f)}
}

// sameInSlot tells whether a slot of the field holds just what a driver gives for its column, when that is a string
// or an int64: taking it over saves an allocation per value.
func sameInSlot(f *metamodel.Field) bool {
	switch f.Kind { //nolint:exhaustive // all others are decoded
	case metamodel.Integer, metamodel.Reference, metamodel.Tree, metamodel.User, metamodel.Department:
		return HasColumn(f)
	}
	return f.Kind.IsText() && HasColumn(f)
}

// Decode makes a slot value of what the driver returned.
func (c Output) Decode(src any) (any, error) {
	if src == nil {
		return nil, nil
	}
	if c.Field != nil && HasColumn(c.Field) {
		return Decode(c.d, c.Field, src)
	}
	v, err := decodeVal(c.d, c.as, src)
	if err != nil || !c.whole {
		return v, err
	}
	if x, ok := v.(value.Decimal); ok {
		n, ok := x.Int64()
		if !ok {
			return nil, diag.Refuse("query.sum_overflow", "")
		}
		return n, nil
	}
	return v, nil
}

// maxVariants bounds the texts that one compiled question keeps.
const maxVariants = 64

// plan is a question whose parameters were found once; texts are made per state of the parameters.
type plan struct {
	d       Dialect
	params  *params
	formula func(*metamodel.Field) *expr.Node
	zone    func() zoneKind // worked out when a text needs it
	mu      sync.RWMutex
	texts   map[string]*text
}

// text is the SQL for one combination of states.
type text struct {
	sql     string
	slots   []slot
	columns []Output
	keys    []int
	missing []*metamodel.Field
}

func newPlan(d Dialect, env *query.Env) *plan {
	p := &plan{d: d, params: newParams(), texts: map[string]*text{}}
	if env != nil {
		zone, now := env.Zone, env.Now
		p.formula, p.params.formula = env.Formula, env.Formula
		p.zone = func() zoneKind { return zoneOf(zone, now) }
	}
	return p
}

// evaluated are the parameters' values of one request.
type evaluated struct {
	values []any
	states []state
}

// evaluate works out the parameters, once per request.
func (p *plan) evaluate(env *query.Env, given []any) (*evaluated, error) {
	n := len(p.params.nodes)
	out := &evaluated{values: make([]any, n, n+4), states: make([]state, n, n+4)}
	var act *expr.Activation
	for i, node := range p.params.nodes {
		if i < len(given) {
			out.values[i], out.states[i] = given[i], stateOf(given[i], nil)
			continue
		}
		if v, ok := plain(node, env); ok {
			out.values[i], out.states[i] = v, stateOf(v, nil)
			continue
		}
		if env == nil || env.Model == nil {
			return nil, fmt.Errorf("evaluate parameter %d of a condition: no model", i)
		}
		if act == nil {
			act = activation(env)
		}
		v, err := env.Model.EvalNode(node, act)
		if err != nil && !undefined(err) {
			return nil, fmt.Errorf("evaluate parameter of a condition: %w", err)
		}
		if p.params.lenient[i] && errors.Is(err, expr.ErrNull) {
			v, err = nil, nil
		}
		out.values[i], out.states[i] = v, stateOf(v, err)
	}
	return out, nil
}

// plain gives the values that need no evaluation.
func plain(n *expr.Node, env *query.Env) (any, bool) {
	switch {
	case n.Op == expr.OpLit:
		return n.Value, true
	case env == nil:
		return nil, false
	case n.Op == expr.OpNow:
		return env.Now, true
	case n.Op == expr.OpToday:
		zone := env.Zone
		if zone == nil {
			zone = time.UTC
		}
		return value.DateOf(env.Now, zone), true
	case n.Op == expr.OpUser && env.User != nil:
		return plainOfUser(n.Var, env.User)
	}
	return nil, false
}

func plainOfUser(name string, u *expr.User) (any, bool) {
	if name == "id" {
		return u.ID, u.ID != ""
	}
	attribute, ok := strings.CutPrefix(name, "attributes.")
	if !ok {
		return nil, false
	}
	v, ok := u.Attributes[attribute]
	return v, ok
}

// undefined tells the errors that mean that an expression has no value from those that must end a request.
func undefined(err error) bool {
	return errors.Is(err, expr.ErrNull) || errors.Is(err, expr.ErrOutOfRange) || errors.Is(err, value.ErrOverflow)
}

func activation(env *query.Env) *expr.Activation {
	ctx := env.Ctx
	if ctx == nil {
		ctx = context.Background()
	}
	return &expr.Activation{Ctx: ctx, Row: env.Row, Parent: env.Parent, User: env.User, Now: env.Now, Zone: env.Zone, World: env.World}
}

// extra adds a value that is no expression's: a cursor key, the search text, ids.
func (e *evaluated) extra(v any) int {
	e.values = append(e.values, v)
	e.states = append(e.states, stateOf(v, nil))
	return len(e.values) - 1
}

// text returns the SQL for these states, made by write when it isn't there yet.
func (p *plan) text(shape string, e *evaluated, write func(b *build) (*text, error)) (*text, error) {
	key := make([]byte, 0, len(e.states)+len(shape)+1)
	for _, s := range e.states {
		key = append(key, byte(s))
	}
	key = append(append(key, ':'), shape...)
	p.mu.RLock()
	t := p.texts[string(key)]
	p.mu.RUnlock()
	if t != nil {
		return t, nil
	}
	b := &build{d: p.d, formula: p.formula, zone: p.zone, params: p.params, states: e.states, scope: map[string]*relation{}}
	t, err := write(b)
	if err != nil {
		return nil, err
	}
	t.prune(b)
	for i := range t.columns {
		c := &t.columns[i]
		c.AsIs = c.Field != nil && sameInSlot(c.Field)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.texts) >= maxVariants {
		clear(p.texts)
	}
	p.texts[string(key)] = t
	return t, nil
}

// prune leaves out the arguments that no placeholder of the text asks for: a condition that was decided may have
// bound some. Texts hold a placeholder's mark nowhere else.
func (t *text) prune(b *build) {
	mark := byte('?')
	if b.d == Postgres {
		mark = '$'
	}
	number := map[int]int{}
	var out strings.Builder
	for i := 0; i < len(t.sql); i++ {
		out.WriteByte(t.sql[i])
		if t.sql[i] != mark {
			continue
		}
		n, end := 0, i+1
		for ; end < len(t.sql) && t.sql[end] >= '0' && t.sql[end] <= '9'; end++ {
			n = n*10 + int(t.sql[end]-'0')
		}
		if end == i+1 {
			continue
		}
		if number[n] == 0 {
			number[n] = len(number) + 1
			t.slots = append(t.slots, b.slots[n-1])
		}
		out.WriteString(strconv.Itoa(number[n]))
		i = end - 1
	}
	t.sql = out.String()
}

// statement binds the arguments.
func (t *text) statement(e *evaluated) (*Statement, error) {
	s := &Statement{SQL: t.sql, Columns: t.columns, Keys: t.keys, Missing: t.missing, Args: make([]any, len(t.slots))}
	for i, sl := range t.slots {
		v := sl.constant
		if sl.param >= 0 {
			v = e.values[sl.param]
		}
		a, err := sl.target.arg(v)
		if err != nil {
			return nil, err
		}
		s.Args[i] = a
	}
	return s, nil
}

// decodeVal makes a slot value of a computed result.
func decodeVal(d Dialect, v val, src any) (any, error) {
	f := &metamodel.Field{ID: "computed", Scale: int(v.scale), Enum: v.enum}
	switch v.repr {
	case reprText, reprID:
		f.Kind = metamodel.Text
	case reprChoice:
		f.Kind = metamodel.Choice
	case reprInt:
		f.Kind = metamodel.Integer
	case reprDec, reprBig:
		f.Kind = metamodel.Decimal
		if v.repr == reprBig {
			return decodeDecimal(f, src)
		}
	case reprBool:
		f.Kind = metamodel.Boolean
	case reprDate:
		f.Kind = metamodel.Date
	case reprInstant:
		f.Kind = metamodel.DateTime
	case reprTime:
		f.Kind = metamodel.Time
	case reprDuration:
		n, ok := intOf(src)
		if !ok {
			return nil, misread(f, src)
		}
		return scaledToDuration(n, v.scale), nil
	case reprJSON:
		f.Kind = metamodel.JSON
	case reprList:
		f.Kind = metamodel.Image
		if v.elem == reprChoice {
			f.Kind = metamodel.Choices
		}
	case reprNull:
		return nil, misread(f, src)
	}
	return Decode(d, f, src)
}

var errCursor = diag.Refuse("query.cursor_invalid", "")
