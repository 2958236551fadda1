package lower

import (
	"strings"
	"sync"

	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// Support is how many of the ways to call a function a database can compute.
type Support uint8

// The degrees of support.
const (
	None Support = iota
	Some
	All
)

// String returns the word that the API and the reference use.
func (s Support) String() string { return [...]string{"no", "partly", "yes"}[s] }

// FunctionSupport tells for every function of the language whether a database can compute it over columns. A
// condition with a function that it can't compute is refused where records are looked for, and works everywhere
// else.
func FunctionSupport(d Dialect) map[string]Support {
	return supports()[d]
}

var supports = sync.OnceValue(func() map[Dialect]map[string]Support {
	e, app := sample()
	m := expr.NewModel(app)
	out := map[Dialect]map[string]Support{SQLite: {}, Postgres: {}}
	for _, f := range expr.Functions() {
		calls := sampleCalls(&f)
		for d := range out {
			can := 0
			for _, source := range calls {
				p, list := m.Compile(expr.Scope{Entity: e, Query: true}, source, expr.Unknown)
				if !list.HasErrors() && Lowerable(d, p.Tree()) == nil {
					can++
				}
			}
			degree := None
			switch can {
			case 0:
			case len(calls):
				degree = All
			default:
				degree = Some
			}
			if had, twice := out[d][f.Name]; twice { // min and max are functions and macros over lists
				degree = min(had, degree)
			}
			out[d][f.Name] = degree
		}
	}
	return out
})

// sampleFields are the columns of the sample, by the type that they have in expressions.
var sampleFields = []struct {
	of   expr.Type
	name string
	kind metamodel.FieldKind
}{
	{expr.Bool, "flag", metamodel.Boolean},
	{expr.Int, "whole", metamodel.Integer},
	{expr.Dec, "amount", metamodel.Decimal},
	{expr.Str, "name", metamodel.Text},
	{expr.Dat, "day", metamodel.Date},
	{expr.Ts, "moment", metamodel.DateTime},
	{expr.Tod, "clock", metamodel.Time},
	{expr.Dur, "took", metamodel.Duration},
	{expr.JSON, "extra", metamodel.JSON},
}

// sample is an app of one entity with lines that has a column of every type.
func sample() (*metamodel.Entity, *metamodel.App) {
	e := &metamodel.Entity{ID: "sample000000", Name: "sample"}
	line := &metamodel.Entity{ID: "sampleline00", Name: "sample_line", Parent: e}
	for _, owner := range []*metamodel.Entity{e, line} {
		for _, s := range sampleFields {
			f := &metamodel.Field{ID: metamodel.DeriveID(owner.ID, metamodel.ElementField, s.name, 0), Name: s.name, Kind: s.kind}
			switch {
			case s.kind == metamodel.Text:
				f.MaxLength = metamodel.DefaultTextLength
			case s.kind.IsDecimal():
				f.Precision, f.Scale = metamodel.MaxPrecision, metamodel.MoneyScale
			}
			owner.Fields = append(owner.Fields, f)
		}
	}
	tags := &metamodel.Enum{ID: "sampletags00", Private: true, Options: []*metamodel.Option{{ID: "sampletag000", Name: "a"}}}
	e.Fields = append(e.Fields, &metamodel.Field{ID: "sampletags00", Name: "tags", Kind: metamodel.Choices, Enum: tags, MaxLength: metamodel.DefaultItems})
	via := &metamodel.Field{ID: "samplelines0", Name: "lines", Kind: metamodel.Lines, Target: line, MaxLength: metamodel.DefaultLines}
	e.Fields, line.Via = append(e.Fields, via), via
	e.Link()
	line.Link()
	return e, &metamodel.App{Name: "sample", Timezone: "UTC", Entities: []*metamodel.Entity{e, line}}
}

// sampleCalls writes a call of a function over columns for each of its signatures.
func sampleCalls(f *expr.Function) []string {
	switch f.Group {
	case expr.GroupQuery:
		call := f.Name + "(sample, s, s.name == name"
		if f.Name != "countOf" && f.Name != "existsOf" {
			call += ", s.amount"
		}
		return []string{call + ")"}
	case expr.GroupList:
		return []string{listCall(f)}
	default:
	}
	var out []string
	for _, s := range f.Signatures {
		args := make([]string, len(s.Args))
		for i, a := range s.Args {
			args[i] = sampleArgument(a)
		}
		if f.Name == "matches" {
			args[1] = "'^a'" // a pattern has to be written out
		}
		out = append(out, f.Name+"("+strings.Join(args, ", ")+")")
	}
	return out
}

// listCall is a function over lines, such that its result is a value.
func listCall(f *expr.Function) string {
	call := "lines." + f.Name + "(l, " + map[bool]string{true: "l.flag", false: "l.amount"}[f.Signatures[0].Args[1].Type == expr.Bool] + ")"
	if f.Signatures[0].Result.List {
		return "size(" + call + ")"
	}
	return call
}

func sampleArgument(a expr.TypeRef) string {
	if a.List {
		return "tags"
	}
	for _, s := range sampleFields {
		if s.of == a.Type {
			return s.name
		}
	}
	return "name"
}
