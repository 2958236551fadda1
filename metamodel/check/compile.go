package check

import (
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

// Programs are the compiled expressions of an app.
type Programs struct {
	model *expr.Model
	by    map[*metamodel.Formula]*expr.Program
}

// Model is what the programs were compiled with.
func (p *Programs) Model() *expr.Model { return p.model }

// Of gives the program of a formula of the app; nil when there is no formula or it does not compile.
func (p *Programs) Of(f *metamodel.Formula) *expr.Program { return p.by[f] }

// Compile compiles every expression of an app in the scope of its place. The list says which do not compile,
// with the paths of their places; the programs of all others are there nevertheless.
func Compile(app *metamodel.App) (*Programs, diag.List) {
	p := &Programs{model: expr.NewModel(app), by: map[*metamodel.Formula]*expr.Program{}}
	var list diag.List
	for _, site := range app.Formulas() {
		if site.Entity == nil {
			continue // its document has lost the entity, which is reported where it is named
		}
		program, problems := CompileSite(p.model, site)
		list = append(list, problems.Under(site.Path)...)
		if program != nil {
			p.by[site.Formula] = program
		}
	}
	return p, list
}

// CompileSite compiles one expression of an app in the scope of its place. Paths of the list are empty.
func CompileSite(m *expr.Model, site metamodel.FormulaSite) (*expr.Program, diag.List) {
	scope := ScopeOf(site)
	switch site.Use {
	case metamodel.UseDefault, metamodel.UseComputed, metamodel.UseDimension:
		return m.CompileField(scope, site.Formula.Source, site.Field)
	case metamodel.UseRollupValue:
		return compileContribution(m, scope, site)
	case metamodel.UsePostingDay, metamodel.UsePolicyDay:
		return m.Compile(scope, site.Formula.Source, expr.Dat)
	case metamodel.UsePostingSum, metamodel.UsePolicySum:
		return m.Compile(scope, site.Formula.Source, expr.Dec)
	case metamodel.UsePostingOf, metamodel.UsePolicyWord:
		return m.Compile(scope, site.Formula.Source, expr.Str)
	default:
		return m.Compile(scope, site.Formula.Source, expr.Bool)
	}
}

// compileContribution compiles what a row gives to a roll-up, of the type that its function works on.
func compileContribution(m *expr.Model, scope expr.Scope, site metamodel.FormulaSite) (*expr.Program, diag.List) {
	f := site.Field
	want := expr.Unknown
	switch f.Rollup.Function {
	case metamodel.RollupMin, metamodel.RollupMax, metamodel.RollupFirst, metamodel.RollupLast:
		return m.CompileField(scope, site.Formula.Source, f)
	case metamodel.RollupSum:
		want = expr.Dec
		if f.Kind == metamodel.Integer {
			want = expr.Int
		}
	case metamodel.RollupAverage, metamodel.RollupDeviate:
		want = expr.Dec
	case metamodel.RollupConcat:
		want = expr.Str
	case metamodel.RollupCount, metamodel.RollupDistinct:
	}
	return m.Compile(scope, site.Formula.Source, want)
}

// ScopeOf is what an expression sees at its place.
func ScopeOf(site metamodel.FormulaSite) expr.Scope {
	s := expr.Scope{Entity: site.Entity, Query: true}
	switch site.Use {
	case metamodel.UseRuleWhen, metamodel.UseRuleCheck:
		s.Old = true
	case metamodel.UseOptions:
		s.It = site.Field.Offers()
	case metamodel.UseRollupValue, metamodel.UseRollupWhere:
		s.Query = false
	default:
	}
	return s
}
