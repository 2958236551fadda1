package expr

import (
	"fmt"
	"strings"

	"github.com/google/cel-go/common/decls"
	"github.com/google/cel-go/common/types"
)

// operands of one overload: arguments, then the result.
type signature []Type

// operatorSigs lists what each operator accepts. Equality and membership accept everything here: which types
// may be compared is judged afterwards, where null, options and references are known.
var operatorSigs = map[string][]signature{
	"_&&_": {{Bool, Bool, Bool}},
	"_||_": {{Bool, Bool, Bool}},
	"!_":   {{Bool, Bool}},
	"-_":   {{Int, Int}, {Dec, Dec}, {Dur, Dur}},
	"_+_": {
		{Int, Int, Int},
		{Dec, Dec, Dec},
		{Int, Dec, Dec},
		{Dec, Int, Dec},
		{Str, Str, Str},
		{Dat, Dur, Dat},
		{Dur, Dat, Dat},
		{Ts, Dur, Ts},
		{Dur, Ts, Ts},
		{Dur, Dur, Dur},
	},
	"_-_": {
		{Int, Int, Int},
		{Dec, Dec, Dec},
		{Int, Dec, Dec},
		{Dec, Int, Dec},
		{Dat, Dat, Int},
		{Dat, Dur, Dat},
		{Ts, Ts, Dur},
		{Ts, Dur, Ts},
		{Dur, Dur, Dur},
		{Tod, Tod, Dur},
	},
	"_*_": {{Int, Int, Int}, {Dec, Dec, Dec}, {Int, Dec, Dec}, {Dec, Int, Dec}, {Dur, Int, Dur}, {Int, Dur, Dur}},
	"_/_": {{Int, Int, Dec}, {Dec, Dec, Dec}, {Int, Dec, Dec}, {Dec, Int, Dec}, {Dur, Dur, Dec}},
	"_%_": {{Int, Int, Int}, {Dec, Dec, Dec}, {Int, Dec, Dec}, {Dec, Int, Dec}},
	"_<_": comparable2(), "_<=_": comparable2(), "_>_": comparable2(), "_>=_": comparable2(),
}

func comparable2() []signature {
	out := []signature{{Int, Dec, Bool}, {Dec, Int, Bool}}
	for _, t := range ordered {
		out = append(out, signature{t, t, Bool})
	}
	return out
}

// ordered are the types that have an order; scalars those that a condition may choose between.
var (
	ordered = []Type{Int, Dec, Str, Dat, Ts, Tod, Dur}
	scalars = []Type{Bool, Int, Dec, Str, Dat, Ts, Tod, Dur, JSON}
	sums    = []Type{Int, Dec, Dur}
)

// declarations are all functions that the checker knows.
func declarations() ([]*decls.FunctionDecl, error) {
	d := &declarer{}
	for name, sigs := range operatorSigs {
		for _, s := range sigs {
			d.add(name, false, s)
		}
	}
	d.generic("_==_", types.BoolType, param("A"), param("B"))
	d.generic("_!=_", types.BoolType, param("A"), param("B"))
	d.generic("@in", types.BoolType, param("A"), listOf(param("B")))
	d.generic("@append", listOf(param("A")), listOf(param("A")), param("A"))
	d.generic("today", celDate)
	d.generic("now", types.TimestampType)
	d.conditional()
	d.quantors()
	d.queries()
	for i := range functionTable {
		f := &functionTable[i]
		for _, s := range f.Signatures {
			d.function(f, s)
		}
	}
	return d.build()
}

// declarer collects overloads by function.
type declarer struct {
	names []string
	opts  map[string][]decls.FunctionOpt
}

func param(name string) *types.Type { return types.NewTypeParamType(name) }

func listOf(t *types.Type) *types.Type { return types.NewListType(t) }

func scalar(t Type) *types.Type { return celType(t, Unknown, nil) }

func (d *declarer) overload(name string, member bool, result *types.Type, args ...*types.Type) {
	if d.opts == nil {
		d.opts = map[string][]decls.FunctionOpt{}
	}
	if d.opts[name] == nil {
		d.names = append(d.names, name)
	}
	id := fmt.Sprintf("%s#%d", name, len(d.opts[name]))
	if member {
		d.opts[name] = append(d.opts[name], decls.MemberOverload(id, args, result))
		return
	}
	d.opts[name] = append(d.opts[name], decls.Overload(id, args, result))
}

func (d *declarer) add(name string, member bool, s signature) {
	all := make([]*types.Type, len(s))
	for i, t := range s {
		all[i] = scalar(t)
	}
	d.overload(name, member, all[len(all)-1], all[:len(all)-1]...)
}

func (d *declarer) generic(name string, result *types.Type, args ...*types.Type) {
	d.overload(name, false, result, args...)
}

func (d *declarer) function(f *Function, s Signature) {
	args := make([]*types.Type, len(s.Args))
	for i, a := range s.Args {
		args[i] = a.cel()
	}
	d.overload(f.Name, false, s.Result.cel(), args...)
	if f.Member {
		d.overload(f.Name, true, s.Result.cel(), args...)
	}
}

// conditional declares c ? a : b. Numbers mix, and either branch may be null.
func (d *declarer) conditional() {
	name := "_?_:_"
	b := types.BoolType
	d.overload(name, false, types.DoubleType, b, types.DoubleType, types.IntType)
	d.overload(name, false, types.DoubleType, b, types.IntType, types.DoubleType)
	for _, t := range scalars {
		c := scalar(t)
		d.overload(name, false, c, b, c, c)
		if nullable := t == Bool || t == Int || t == Dec || t == Str; nullable {
			d.overload(name, false, c, b, c, types.NullType)
			d.overload(name, false, c, b, types.NullType, c)
		}
	}
	d.overload(name, false, listOf(param("A")), b, listOf(param("A")), listOf(param("A")))
}

func (d *declarer) quantors() {
	b := types.BoolType
	for _, name := range []string{"all", "exists", "exists_one"} {
		d.generic("@"+name+".body", b, b)
		d.generic("@"+name, b, listOf(b))
	}
	d.generic("@count.body", b, b)
	d.generic("@count", types.IntType, listOf(b))
	d.generic("@filter.body", param("A"), b, param("A"))
	d.generic("@filter", listOf(param("A")), listOf(param("A")))
	d.generic("@map.body", param("A"), param("A"))
	d.generic("@map", listOf(param("A")), listOf(param("A")))
	d.typed("@sum", sums)
	d.typed("@min", ordered)
	d.typed("@max", ordered)
	for _, t := range []Type{Int, Dec} {
		d.generic("@avg.body", scalar(t), scalar(t))
		d.generic("@avg", types.DoubleType, listOf(scalar(t)))
	}
}

func (d *declarer) typed(name string, over []Type) {
	for _, t := range over {
		d.generic(name+".body", scalar(t), scalar(t))
		d.generic(name, scalar(t), listOf(scalar(t)))
	}
}

func (d *declarer) queries() {
	b := types.BoolType
	for name, over := range map[string][]Type{"@sumOf": sums, "@minOf": ordered, "@maxOf": ordered} {
		for _, t := range over {
			d.generic(name+".body", scalar(t), b, scalar(t))
			d.generic(name, scalar(t), listOf(scalar(t)))
		}
	}
	d.generic("@countOf.body", b, b)
	d.generic("@countOf", types.IntType, listOf(b))
	d.generic("@existsOf.body", b, b)
	d.generic("@existsOf", b, listOf(b))
	d.generic("@lookupOf.body", param("A"), b, param("A"))
	for _, t := range []Type{Dat, Ts} {
		d.generic("@lookupOf.body", param("A"), b, param("A"), scalar(t))
	}
	d.generic("@lookupOf", param("A"), listOf(param("A")))
}

func (d *declarer) build() ([]*decls.FunctionDecl, error) {
	out := make([]*decls.FunctionDecl, 0, len(d.names))
	for _, name := range d.names {
		f, err := decls.NewFunction(name, d.opts[name]...)
		if err != nil {
			return nil, fmt.Errorf("declare %s: %w", strings.TrimPrefix(name, "@"), err)
		}
		out = append(out, f)
	}
	return out, nil
}
