package expr

import (
	"fmt"
	"slices"
	"sync"

	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common/containers"
	"github.com/google/cel-go/common/decls"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/parser"

	"tenon/metamodel"
)

// Model compiles the expressions of one app at one state. It is safe for concurrent use.
type Model struct {
	app      *metamodel.App
	entities map[string]*metamodel.Entity
	names    map[metamodel.ID]string // of fields, options, entities and measures, today

	mu     sync.Mutex
	scopes map[scopeKey]*checker.Env
	saved  generations
	adHoc  generations
}

// scopeKey is the part of a scope that decides which names exist, readability aside.
type scopeKey struct {
	entity, it metamodel.ID
	old, query bool
}

type programKey struct {
	scope scopeKey
	want  Type
	enum  metamodel.ID
	src   string
}

func keyOf(s Scope) scopeKey {
	k := scopeKey{old: s.Old, query: s.Query}
	if s.Entity != nil {
		k.entity = s.Entity.ID
	}
	if s.It != nil {
		k.it = s.It.ID
	}
	return k
}

// generations is a bounded cache: when the young generation is full it becomes the old one, and the old one is
// forgotten.
type generations struct {
	limit      int
	young, old map[programKey]*Program
}

func (g *generations) get(k programKey) *Program {
	if p := g.young[k]; p != nil {
		return p
	}
	p := g.old[k]
	if p != nil {
		g.put(k, p)
	}
	return p
}

func (g *generations) put(k programKey, p *Program) {
	if len(g.young) >= g.limit {
		g.old, g.young = g.young, nil
	}
	if g.young == nil {
		g.young = map[programKey]*Program{}
	}
	g.young[k] = p
}

// NewModel prepares an app for compiling. The app must be linked and is not changed.
func NewModel(app *metamodel.App) *Model {
	m := &Model{
		app:      app,
		entities: make(map[string]*metamodel.Entity, len(app.Entities)),
		names:    map[metamodel.ID]string{},
		scopes:   map[scopeKey]*checker.Env{},
		saved:    generations{limit: keepSaved},
		adHoc:    generations{limit: keepAdHoc},
	}
	for _, e := range app.Entities {
		m.entities[e.Name] = e
		m.names[e.ID] = e.Name
		for _, f := range e.Fields {
			m.names[f.ID] = f.Name
			m.nameOptions(f.Enum)
		}
	}
	for _, l := range app.Ledgers {
		for _, f := range l.Dimensions {
			m.names[f.ID] = f.Name
			m.nameOptions(f.Enum)
		}
	}
	for _, e := range app.Enums {
		m.nameOptions(e)
	}
	for _, v := range app.Views {
		for _, c := range v.Cards {
			for _, measure := range c.Measures {
				m.names[measure.ID] = measure.Name
			}
		}
	}
	return m
}

func (m *Model) nameOptions(e *metamodel.Enum) {
	if e == nil {
		return
	}
	for _, o := range e.Options {
		m.names[o.ID] = o.Name
	}
}

// shared is what all models have in common: the parser, and the checker's declarations of functions.
type shared struct {
	parser *parser.Parser
	base   *checker.Env
}

var sharedParts = sync.OnceValues(func() (*shared, error) {
	p, err := parser.NewParser(
		parser.Macros(macros()...),
		parser.MaxRecursionDepth(MaxDepth),
		parser.ErrorRecoveryLimit(4),
		parser.ExpressionSizeCodePointLimit(MaxSource),
		parser.MaxExpressionNodeCount(MaxNodes),
	)
	if err != nil {
		return nil, fmt.Errorf("build the parser: %w", err)
	}
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, fmt.Errorf("build the type registry: %w", err)
	}
	base, err := checker.NewEnv(containers.DefaultContainer, registry)
	if err != nil {
		return nil, fmt.Errorf("build the checker: %w", err)
	}
	fns, err := declarations()
	if err != nil {
		return nil, err
	}
	if err := base.AddFunctions(fns...); err != nil {
		return nil, fmt.Errorf("declare the functions: %w", err)
	}
	return &shared{parser: p, base: base}, nil
})

// scopeEnv returns the checker's environment for a scope in which every field is readable.
func (m *Model) scopeEnv(s Scope) (*checker.Env, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := keyOf(s)
	if env := m.scopes[k]; env != nil {
		return env, nil
	}
	s.Readable = nil
	env, err := m.newEnv(s)
	if err != nil {
		return nil, err
	}
	m.scopes[k] = env
	return env, nil
}

func (m *Model) newEnv(s Scope) (*checker.Env, error) {
	parts, err := sharedParts()
	if err != nil {
		return nil, err
	}
	env, err := checker.NewEnv(containers.DefaultContainer, provider{m, s.Readable}, checker.ValidatedDeclarations(parts.base))
	if err != nil {
		return nil, fmt.Errorf("build the checker for a scope: %w", err)
	}
	if err := env.AddIdents(variables(s)...); err != nil {
		return nil, fmt.Errorf("declare the variables of a scope: %w", err)
	}
	return env, nil
}

// variables are the names that a scope offers.
func variables(s Scope) []*decls.VariableDecl {
	out := []*decls.VariableDecl{decls.NewVariable("user", celUser)}
	if s.Entity != nil {
		for _, f := range s.Entity.Columns() {
			if s.Readable == nil || s.Readable(f) {
				out = append(out, decls.NewVariable(f.Name, fieldType(f)))
			}
		}
		if s.Old {
			out = append(out, decls.NewVariable("old", celRecord(s.Entity)))
		}
	}
	if s.It != nil {
		out = append(out, decls.NewVariable("it", celRecord(s.It)))
	}
	return out
}

// reserved are the names that no field may have, besides CEL's own words and the system fields' names.
var reserved = []string{
	"user", "old", "it", "parent", "true", "false", "null", "in", "as", "break", "const", "continue",
	"else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
	"today", "now", "size", "has",
}

// reservedCalls are the names written like a field's that are better not a field's as well.
var reservedCalls = []string{"all", "exists", "exists_one", "filter", "map"}

// Reserved tells whether a name can't be a field's, because it means something in expressions.
func Reserved(name string) bool {
	if slices.Contains(reserved, name) || slices.Contains(reservedCalls, name) {
		return true
	}
	_, query := queryMacros[name]
	return query
}
