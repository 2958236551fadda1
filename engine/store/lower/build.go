package lower

import (
	"slices"
	"strconv"

	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// build makes the text of one statement. Its result depends on the shape of the question and the states of its
// parameters, never on their values.
type build struct {
	d       Dialect
	formula func(*metamodel.Field) *expr.Node
	zone    func() zoneKind
	params  *params
	states  []state
	slots   []slot // arguments in order; slot i is placeholder i+1
	scope   map[string]*relation

	aliases int
	joins   int
	nodes   int
	queries int
	spans   *spans             // of the kept aggregate that is asked
	outer   []*expr.Node       // the parts of the query being lowered that belong to the outer record
	overs   int                // values that may leave their range, so far
	inline  []*metamodel.Field // virtual fields being inlined, outermost first
}

// slot says how one argument is made when the statement is bound.
type slot struct {
	param    int // index into the parameters; -1 is a constant
	constant any
	target   target
}

// relation is a table (or a joined one) that a record variable stands for.
type relation struct {
	alias    string
	entity   *metamodel.Entity
	level    *level
	optional bool      // joined: all its columns may be NULL
	up       *relation // lines: the record they belong to, when it is at hand
	element  *val      // a list's element that isn't a record
	id       string    // SQL of the id, where the row itself may be missing
	source   string    // SQL of the rows, where they are not those of the entity's table
}

// level is one SELECT with the joins of its FROM.
type level struct {
	joins []string
	byKey map[joinKey]*relation
}

type joinKey struct {
	from  string
	field *metamodel.Field
}

func newLevel() *level { return &level{byKey: map[joinKey]*relation{}} }

// from is the FROM item of a relation with all that was joined to it.
func (l *level) from(r *relation) string {
	sql := Table(r.entity) + " AS " + r.alias
	if r.source != "" {
		sql = "(" + r.source + ") AS " + r.alias
	}
	for _, j := range l.joins {
		sql += j
	}
	return sql
}

// root opens the statement's main table under a record variable.
func (b *build) root(e *metamodel.Entity, name string) *relation {
	r := &relation{alias: b.alias("t"), entity: e, level: newLevel()}
	b.scope[name] = r
	return r
}

func (b *build) alias(prefix string) string {
	b.aliases++
	if b.aliases == 1 {
		return prefix
	}
	return prefix + strconv.Itoa(b.aliases)
}

// bind adds an argument and returns its placeholder. The same value for the same use shares one.
func (b *build) bind(param int, t target) string {
	return b.slot(slot{param: param, target: t})
}

// constant binds a value that belongs to the statement's shape.
func (b *build) constant(v string, t target) string {
	return b.slot(slot{param: -1, constant: v, target: t})
}

func (b *build) slot(s slot) string {
	t := s.target
	at := slices.Index(b.slots, s)
	if at < 0 {
		at = len(b.slots)
		b.slots = append(b.slots, s)
	}
	n := strconv.Itoa(at + 1)
	if b.d == Postgres {
		return "$" + n + t.cast()
	}
	return "?" + n
}

// count bounds the work of building and running a statement.
func (b *build) count() error {
	b.nodes++
	if b.nodes > MaxNodes {
		return tooComplex(whatConditions, MaxNodes)
	}
	return nil
}

// join reaches the record that a reference points at.
func (b *build) join(from *relation, f *metamodel.Field, n *expr.Node) (*relation, error) {
	if f.Name == metamodel.ParentField && from.up != nil {
		return from.up, nil
	}
	if f.Target == nil {
		return nil, refuse(n, "%s", f.Name)
	}
	key := joinKey{from.alias, f}
	if r := from.level.byKey[key]; r != nil {
		return r, nil
	}
	if !HasColumn(f) {
		return nil, refuse(n, "%s", f.Name)
	}
	if b.joins++; b.joins > MaxJoins {
		return nil, tooComplex(whatJoins, MaxJoins)
	}
	r := &relation{alias: b.alias("j"), entity: f.Target, level: from.level, optional: true}
	from.level.joins = append(from.level.joins,
		" LEFT JOIN "+Table(f.Target)+" AS "+r.alias+" ON "+r.alias+".id = "+from.alias+"."+Column(f))
	from.level.byKey[key] = r
	return r, nil
}

// record finds the relation that an expression of type Rec stands for.
func (b *build) record(n *expr.Node) (*relation, error) {
	if err := b.count(); err != nil {
		return nil, err
	}
	switch n.Op { //nolint:exhaustive // everything else is no record
	case expr.OpVar:
		if r := b.scope[n.Var]; r != nil && r.entity != nil {
			return r, nil
		}
	case expr.OpField:
		if n.Field.Kind.IsReference() {
			from, err := b.record(n.Args[0])
			if err != nil {
				return nil, err
			}
			return b.join(from, n.Field, n)
		}
	}
	return nil, refuse(n, "%s", what(n))
}
