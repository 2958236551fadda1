package expr

import (
	"errors"
	"fmt"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/functions"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"tenon/metamodel/value"
)

// runtimeEnv is the environment that planned programs run in: our operators and functions, and nothing else.
// It is made once per process.
var runtimeEnv = sync.OnceValues(func() (*cel.Env, error) {
	r := &registrar{}
	r.operators()
	r.records()
	r.loops()
	for i := range functionTable {
		r.function(&functionTable[i])
	}
	env, err := cel.NewCustomEnv(r.opts...)
	if err != nil {
		return nil, fmt.Errorf("build the runtime environment: %w", err)
	}
	return env, nil
})

// registrar collects the runtime's functions. All are untyped: types were settled by the checker.
type registrar struct{ opts []cel.EnvOption }

func dyns(n int) []*cel.Type {
	out := make([]*cel.Type, n)
	for i := range out {
		out[i] = cel.DynType
	}
	return out
}

func (r *registrar) unary(name string, fn functions.UnaryOp) {
	r.opts = append(r.opts, cel.Function(name, cel.Overload(name+"#1", dyns(1), cel.DynType), cel.SingletonUnaryBinding(fn)))
}

func (r *registrar) binary(name string, fn functions.BinaryOp) {
	r.opts = append(r.opts, cel.Function(name, cel.Overload(name+"#2", dyns(2), cel.DynType), cel.SingletonBinaryBinding(fn)))
}

func (r *registrar) variadic(name string, n int, fn functions.FunctionOp) {
	r.opts = append(r.opts, cel.Function(name, cel.Overload(name+"#n", dyns(n), cel.DynType), cel.SingletonFunctionBinding(fn)))
}

// lenient registers a function that is also called with errors as arguments.
func (r *registrar) lenient(name string, n int, fn functions.FunctionOp) {
	r.opts = append(r.opts, cel.Function(name, cel.Overload(name, dyns(n), cel.DynType, cel.OverloadIsNonStrict(), cel.FunctionBinding(fn))))
}

func (r *registrar) operators() {
	r.binary("@eq", func(a, b ref.Val) ref.Val { return types.Bool(equal(a, b)) })
	r.binary("@ne", func(a, b ref.Val) ref.Val { return types.Bool(!equal(a, b)) })
	r.binary("@lt", ordering(func(c int) bool { return c < 0 }))
	r.binary("@le", ordering(func(c int) bool { return c <= 0 }))
	r.binary("@gt", ordering(func(c int) bool { return c > 0 }))
	r.binary("@ge", ordering(func(c int) bool { return c >= 0 }))
	r.binary("@add", add)
	r.binary("@sub", subtract)
	r.binary("@mul", multiply)
	r.binary("@div", divide)
	r.binary("@mod", remainder)
	r.unary("@neg", negate)
	r.unary("@not", not)
	r.unary("@dec", func(v ref.Val) ref.Val {
		if whole, ok := v.(types.Int); ok {
			return &decimal{value.NewDecimal(int64(whole), 0)}
		}
		return v
	})
	r.binary("@isin", contains)
	r.unary("@list", toList)
	for name, n := range map[string]int{operators.LogicalAnd: 2, operators.LogicalOr: 2, operators.Conditional: 3} {
		r.opts = append(r.opts, cel.Function(name, cel.Overload(name+"#n", dyns(n), cel.DynType)))
	}
}

// toList makes our list of the library's.
func toList(v ref.Val) ref.Val {
	l, ok := v.(traits.Lister)
	if !ok {
		return nullErr
	}
	n, _ := l.Size().(types.Int)
	out := make(list, n)
	for i := range out {
		out[i] = l.Get(types.Int(i))
	}
	return out
}

func (r *registrar) records() {
	r.binary("@field", func(rec, slot ref.Val) ref.Val {
		x, ok := rec.(*record)
		if !ok {
			return types.NullValue
		}
		return x.field(int(slot.(types.Int)))
	})
	r.binary("@attribute", func(f, name ref.Val) ref.Val {
		return frameOf(f).attribute(string(name.(types.String)))
	})
	r.lenient("@value", 1, func(args ...ref.Val) ref.Val {
		if isNull(args[0]) {
			return types.NullValue
		}
		return args[0]
	})
	r.variadic("@query", 3, func(args ...ref.Val) ref.Val {
		q, _ := asNative[*Query](args[1])
		return frameOf(args[0]).answer(q, args[2])
	})
}

func frameOf(v ref.Val) *frame {
	f, _ := asNative[*frame](v)
	return f
}

// answer asks the world for a query's value and gives sums of nothing their zero.
func (f *frame) answer(q *Query, params ref.Val) ref.Val {
	l, ok := toList(params).(list)
	if !ok {
		return nullErr
	}
	in := make([]any, len(l))
	for i, p := range l {
		if rows, ok := p.(list); ok {
			in[i] = unboxList(rows)
			continue
		}
		in[i] = unbox(p)
	}
	v, err := f.query(q, in)
	if err != nil {
		return f.stop(err)
	}
	if v == nil && q.Fn == "sum" {
		return zeroOf(q.Value.Type)
	}
	if id, ok := v.(string); ok && q.Value != nil && q.Value.Type == Rec {
		return &record{f: f, entity: q.Value.Entity, id: id}
	}
	return box(v)
}

func (r *registrar) loops() {
	r.unary("@accum", func(kind ref.Val) ref.Val { return newAccum(string(kind.(types.String))) })
	r.variadic("@go", 3, func(args ...ref.Val) ref.Val {
		f := frameOf(args[0])
		a, ok := args[1].(*accum)
		if !ok || a.over {
			return types.False
		}
		if err := f.step(int64(args[2].(types.Int))); err != nil {
			f.stop(err)
			return types.False
		}
		return types.True
	})
	r.lenient("@push", 3, func(args ...ref.Val) ref.Val {
		a, ok := args[0].(*accum)
		if !ok {
			return args[0]
		}
		a.push(args[1], args[2])
		return a
	})
	r.binary("@done", func(acc, zero ref.Val) ref.Val {
		a, ok := acc.(*accum)
		if !ok {
			return nullErr
		}
		return a.done(zero)
	})
}

// call is one call of a function: its frame and its arguments in package value's representation.
type call struct {
	f    *frame
	args []any
}

// function registers a function of the table; its first runtime argument is the frame. Null in an argument
// means that the function is not called and there is no value.
func (r *registrar) function(f *Function) {
	n := 0
	for _, s := range f.Signatures {
		n = max(n, len(s.Args))
	}
	impl := func(args ...ref.Val) ref.Val {
		c := call{f: frameOf(args[0]), args: make([]any, len(args)-1)}
		for i, a := range args[1:] {
			switch {
			case isNull(a) && f.lenient:
				c.args[i] = nil
			case isNull(a):
				return nullErr
			case types.IsError(a):
				return a
			default:
				c.args[i] = argument(a)
			}
		}
		v, err := f.call(&c)
		if err != nil {
			return failure(err)
		}
		return box(v)
	}
	name := "@fn/" + f.Name
	opts := []cel.FunctionOpt{}
	seen := map[int]bool{}
	for _, s := range f.Signatures {
		k := len(s.Args) + 1
		if seen[k] {
			continue
		}
		seen[k] = true
		o := []cel.OverloadOpt{}
		if f.lenient {
			o = append(o, cel.OverloadIsNonStrict(), cel.FunctionBinding(impl))
		}
		opts = append(opts, cel.Overload(fmt.Sprintf("%s#%d", name, k), dyns(k), cel.DynType, o...))
	}
	if !f.lenient {
		opts = append(opts, cel.SingletonFunctionBinding(impl))
	}
	r.opts = append(r.opts, cel.Function(name, opts...))
}

// argument unboxes an argument; records and lists stay as they are for the few functions that take them.
func argument(v ref.Val) any {
	switch v := v.(type) {
	case *record, list:
		return v
	default:
		return unbox(v)
	}
}

var errArgument = errors.New("a function was called with an argument of a type it doesn't know")
