package expr

import (
	"slices"
	"strings"

	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// Compile parses and checks an expression. want is the type that the place needs: Unknown takes any; an
// integer passes where a decimal is wanted, and null passes everywhere. The program is nil exactly when the
// list has errors; their paths are empty, their positions are in src.
func (m *Model) Compile(scope Scope, src string, want Type) (*Program, diag.List) {
	return m.compile(scope, src, want, nil)
}

// CompileField compiles an expression whose result goes into a field: a default or a formula. Besides the type
// it checks that literal results are options of a choice.
func (m *Model) CompileField(scope Scope, src string, f *metamodel.Field) (*Program, diag.List) {
	want, elem, entity := TypeOf(f)
	p, list := m.compile(scope, src, want, f.Enum)
	if p == nil {
		return nil, list
	}
	t := p.tree
	if want == Rec && t.Type == Rec && t.Entity != entity || want == ListOf && t.Elem != elem && len(t.Args) > 0 {
		d := diag.New("expr.wrong_result_type", "", "want", typeName(want, elem, entity), "got", nodeTypeName(t))
		d.Pos = wholePos(src)
		return nil, diag.List{d}
	}
	return p, list
}

func (m *Model) compile(scope Scope, src string, want Type, enum *metamodel.Enum) (*Program, diag.List) {
	cache := &m.saved
	if scope.Readable != nil {
		cache = &m.adHoc
	}
	if len(src) > MaxSource {
		return nil, precheck(src, m, scope)
	}
	key := programKey{scope: keyOf(scope), want: want, src: src}
	if enum != nil {
		key.enum = enum.ID
	}
	m.mu.Lock()
	p := cache.get(key)
	m.mu.Unlock()
	if p != nil && p.readable(scope.Readable) {
		return p, nil
	}
	if p == nil {
		if list := precheck(src, m, scope); len(list) > 0 {
			return nil, list
		}
		full := scope
		full.Readable = nil
		var list diag.List
		p, list = m.build(full, src, want, enum)
		if p != nil {
			m.mu.Lock()
			cache.put(key, p)
			m.mu.Unlock()
		}
		if scope.Readable == nil || p != nil && p.readable(scope.Readable) {
			return p, list
		}
	}
	// Something is wrong, or a mention is hidden: judge again in a world where hidden fields don't exist, so
	// that the answer can't tell them from names that nobody ever gave.
	return m.build(scope, src, want, enum)
}

// readable tells whether all fields that the program mentions may be read.
func (p *Program) readable(may func(*metamodel.Field) bool) bool {
	if may == nil {
		return true
	}
	for _, r := range p.refs {
		if r.Kind == RefField && !may(r.Path[len(r.Path)-1]) {
			return false
		}
	}
	return true
}

// checked is a source that passed the checker.
type checked struct {
	src    string
	tokens []token
	ast    *ast.AST
	bytes  []int // byte offset of each rune; nil when they are the same
}

func (m *Model) build(scope Scope, src string, want Type, enum *metamodel.Enum) (*Program, diag.List) {
	c, list := m.check(scope, src)
	if len(list) > 0 {
		return nil, list
	}
	v := &converter{m: m, scope: scope, checked: c}
	tree := v.convert(c.ast.Expr())
	v.result(tree, want, enum)
	if len(v.diags) > 0 {
		return nil, v.diags.Sort()
	}
	p := &Program{source: src, tree: tree, refs: sortedRefs(v.refs), cost: totalCost(tree), charge: baseCost(tree), uses: usesOf(tree)}
	if list := tooCostly(p); len(list) > 0 {
		return nil, list
	}
	return p, nil
}

func internal(error) diag.List { return diag.List{diag.New(diag.Internal, "")} }

// check parses the source and gives every part its type.
func (m *Model) check(scope Scope, src string) (*checked, diag.List) {
	parts, err := sharedParts()
	if err != nil {
		return nil, internal(err)
	}
	env, err := m.checkerFor(scope)
	if err != nil {
		return nil, internal(err)
	}
	c := &checked{src: src, tokens: scan(src, MaxTokens), bytes: runeOffsets(src)}
	text := common.NewTextSource(src)
	parsed, errs := parts.parser.Parse(text)
	if len(errs.GetErrors()) > 0 {
		return nil, c.syntaxErrors(errs.GetErrors())
	}
	if parsed.SourceInfo() == nil {
		return nil, internal(nil)
	}
	typed, errs := checker.Check(parsed, text, env)
	c.ast = typed
	if len(errs.GetErrors()) > 0 {
		x := &explainer{m: m, scope: scope, checked: c}
		return nil, x.explain(errs.GetErrors())
	}
	return c, nil
}

func (m *Model) checkerFor(scope Scope) (*checker.Env, error) {
	if scope.Readable == nil {
		return m.scopeEnv(scope)
	}
	return m.newEnv(scope)
}

// runeOffsets maps the library's positions, which count runes, to bytes.
func runeOffsets(src string) []int {
	ascii := true
	for i := range len(src) {
		ascii = ascii && src[i] < 0x80
	}
	if ascii {
		return nil
	}
	out := make([]int, 0, len(src)+1)
	for i := range src {
		out = append(out, i)
	}
	return append(out, len(src))
}

// offset is the byte where the library's node begins.
func (c *checked) offset(id int64) int {
	r, ok := c.ast.SourceInfo().GetOffsetRange(id)
	if !ok {
		return 0
	}
	return c.byteOf(int(r.Start))
}

func (c *checked) byteOf(runes int) int {
	if c.bytes == nil {
		return min(max(runes, 0), len(c.src))
	}
	return c.bytes[min(max(runes, 0), len(c.bytes)-1)]
}

// tokenAt returns the index of the first token that doesn't end before a byte offset, or -1.
func (c *checked) tokenAt(offset int) int {
	i, _ := slices.BinarySearchFunc(c.tokens, offset, func(t token, at int) int {
		if t.End <= at {
			return -1
		}
		return 1
	})
	if i >= len(c.tokens) {
		return -1
	}
	return i
}

// pos describes a stretch of the source in runes, lines and columns.
func pos(src string, start, end int) *diag.Pos {
	start = min(max(start, 0), len(src))
	end = min(max(end, start), len(src))
	before := src[:start]
	line := strings.Count(before, "\n")
	lastLine := before[strings.LastIndexByte(before, '\n')+1:]
	return &diag.Pos{
		Offset: len([]rune(before)),
		Length: len([]rune(src[start:end])),
		Line:   line + 1,
		Column: len([]rune(lastLine)) + 1,
	}
}

func wholePos(src string) *diag.Pos { return pos(src, 0, len(src)) }

// usesOf looks for what an expression depends on.
func usesOf(tree *Node) uses {
	var u uses
	tree.Walk(func(n *Node) bool {
		switch n.Op {
		case OpNow, OpToday:
			u.now = true
		case OpUser:
			u.user = true
		case OpQuery:
			u.query = true
		case OpCall:
			if f := functionByName[n.Fn]; f != nil && f.now {
				u.now = true
			}
		case OpField:
			u.relations = u.relations || overReference(n)
		default: // depends on nothing by itself
		}
		return true
	})
	return u
}

func sortedRefs(refs []Ref) []Ref {
	slices.SortStableFunc(refs, func(a, b Ref) int { return a.Offset - b.Offset })
	return slices.CompactFunc(refs, func(a, b Ref) bool { return a.Offset == b.Offset && a.ID == b.ID })
}

// tooCostly refuses a program over its bound and says which factor makes it so.
func tooCostly(p *Program) diag.List {
	if p.cost <= MaxCost {
		return nil
	}
	d := diag.New("expr.too_costly", "", "cost", p.cost, "limit", MaxCost, "factor", (p.cost+MaxCost-1)/MaxCost)
	d.Pos = wholePos(p.source)
	if deepest := loopDepth(p.tree); deepest > 1 {
		d.Fix = "expr.fix_nested_loops"
		d.Args["depth"] = deepest
	}
	return diag.List{d}
}

func loopDepth(n *Node) int {
	if n == nil {
		return 0
	}
	deepest := loopDepth(n.Body)
	if n.Op == OpQuantor {
		deepest++
	}
	for _, a := range n.Args {
		deepest = max(deepest, loopDepth(a))
	}
	return deepest
}
