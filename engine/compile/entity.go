package compile

import (
	"regexp"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// Entity is an entity with everything that its records need on their way.
type Entity struct {
	*metamodel.Entity
	Defaults    []Computed // what a new record gets where nothing was given
	Stored      []Computed // of the record and its lines, in the order in which they must be computed
	Virtual     []Computed // evaluated on read
	Rules       []Rule
	Transitions map[string]*Transition
	Lines       []*Lines
	Refs        []*metamodel.Field // fields that hold ids of other records of the app
	Numbers     []*metamodel.Field
	Incoming    []*metamodel.Field // references of other entities to this one
	Patterns    map[*metamodel.Field]*regexp.Regexp
	Options     map[*metamodel.Field]*Program // conditions on what a reference may point at
	Strict      []*metamodel.Field            // texts that take only what they offer
	Postings    []*Posting
	Reposts     map[*metamodel.Field][]*metamodel.Posting // postings that are judged again when a kept value of the record or its lines changes
	Later       []map[metamodel.ID]bool                   // postings that are judged once what follows from the others is there: those of the first round, of the second …
	AtOnce      map[metamodel.ID]bool                     // the other postings; nil is all
	Deferred    map[metamodel.ID]bool                     // those of Later
	Posts       bool                                      // a write can change such a value of another record
	Waiting     *expr.Node                                // that a record is in a state in which it waits for somebody; nil where none does
	// Serializable says that a rule or a stored value looks at other records of the app by a query, so that two
	// writers could each pass it alone and break it together.
	Serializable bool
	Rollups      []*Rollup                       // kept in its records, over rows that are written apart from them
	Feeds        []Feed                          // roll-ups of other records that its records, or their lines, count for
	Followers    map[*metamodel.Field][]Follower // stored values of other records, by the field of it that they read

	Aggregates []*Aggregate // kept for cards over its records, or over their lines

	derived bool // Rollups, or formulas over references
	fields  map[string]*metamodel.Field
	frozen  map[string]bool
}

// Lines is a field of kind lines with the entity of its rows.
type Lines struct {
	Field  *metamodel.Field
	Entity *Entity
}

// Computed is a field with the program that gives its value. Line is set when the field belongs to the lines of
// that field. A roll-up over the record's own lines has what a line gives instead of a program.
type Computed struct {
	Field   *metamodel.Field
	Line    *metamodel.Field
	Program *Program
	Value   *Program // roll-up
	Where   *Program // roll-up
	Rank    int      // of stored values: greater than those of all that it reads
	Far     bool     // reads other records
}

// Rule is a compiled rule. Line is set when it is judged for each row of that lines field.
type Rule struct {
	*metamodel.Rule
	Line  *metamodel.Field
	When  *Program // nil = always
	Check *Program
	// Broken is the condition that the rule does not hold, of rules that are judged by the clock; nil of others.
	Broken *expr.Node
	on     map[metamodel.RuleEvent]bool
}

// Transition is a compiled transition.
type Transition struct {
	*metamodel.Transition
	When *Program // nil = always
	from map[string]bool
}

// On tells whether the rule is judged at an event.
func (r *Rule) On(event metamodel.RuleEvent) bool { return r.on[event] }

// Leaves tells whether the transition starts at a state.
func (t *Transition) Leaves(state string) bool { return t.from[state] }

// ByName looks a field up, system fields included; nil when there is none.
func (e *Entity) ByName(name string) *metamodel.Field { return e.fields[name] }

// Frozen tells whether records in a state keep their values.
func (e *Entity) Frozen(state string) bool { return e.frozen[state] }

// LinesOf returns the compiled lines of a field, nil when the field isn't lines.
func (e *Entity) LinesOf(f *metamodel.Field) *Lines {
	for _, l := range e.Lines {
		if l.Field == f {
			return l
		}
	}
	return nil
}

func (s *Snapshot) newEntity(e *metamodel.Entity) *Entity {
	c := &Entity{
		Entity: e, Transitions: map[string]*Transition{}, Patterns: map[*metamodel.Field]*regexp.Regexp{},
		Options: map[*metamodel.Field]*Program{}, fields: map[string]*metamodel.Field{}, frozen: map[string]bool{},
	}
	for _, f := range e.Columns() {
		c.fields[f.Name] = f
		s.addField(c, f)
	}
	if e.States != nil {
		for _, t := range e.States.Transitions {
			from := map[string]bool{}
			for _, o := range t.From {
				from[o.Name] = true
			}
			c.Transitions[t.Name] = &Transition{Transition: t, When: s.program(t.When), from: from}
		}
		for _, o := range e.States.Frozen {
			c.frozen[o.Name] = true
		}
		c.Waiting = s.waiting(e)
	}
	return c
}

// waiting makes the condition that a record is in one of its waiting states.
func (s *Snapshot) waiting(e *metamodel.Entity) *expr.Node {
	if len(e.States.Waiting) == 0 {
		return nil
	}
	names := make([]string, len(e.States.Waiting))
	for i, o := range e.States.Waiting {
		names[i] = "'" + o.Name + "'"
	}
	p, list := s.Model.Compile(expr.Scope{Entity: e}, e.States.Field.Name+" in ["+strings.Join(names, ", ")+"]", expr.Bool)
	if list.HasErrors() {
		panic("compile: waiting states of " + e.Name + ": " + list.Err().Error()) // a choice against its own options
	}
	return p.Tree()
}

func (s *Snapshot) addField(c *Entity, f *metamodel.Field) {
	if f.Pattern != "" {
		c.Patterns[f] = regexp.MustCompile(f.Pattern)
	}
	if f.Options != nil {
		c.Options[f] = s.program(f.Options)
	}
	if f.Choices != nil && f.Choices.Strict {
		c.Strict = append(c.Strict, f)
	}
	if (f.Kind.IsReference() || f.Kind == metamodel.References) && f.Name != metamodel.ParentField {
		c.Refs = append(c.Refs, f)
	}
	if f.Kind == metamodel.Number && !f.Computed() {
		c.Numbers = append(c.Numbers, f)
	}
	switch {
	case f.Rollup != nil:
	case f.Computed():
		p := s.program(f.Formula)
		s.formulas[f] = p
		if !f.Stored {
			c.Virtual = append(c.Virtual, Computed{Field: f, Program: p})
		}
	case f.Default != nil:
		c.Defaults = append(c.Defaults, Computed{Field: f, Program: s.program(f.Default)})
	}
}

// linkEntity fills what needs the other entities: lines, incoming references, rules of the lines.
func (s *Snapshot) linkEntity(c *Entity) {
	for _, f := range c.Fields {
		if f.Kind == metamodel.Lines {
			c.Lines = append(c.Lines, &Lines{Field: f, Entity: s.byID[f.Target.ID]})
		}
	}
	for _, f := range c.Refs {
		if target := s.byID[f.Target.ID]; target != nil {
			target.Incoming = append(target.Incoming, f)
		}
	}
	c.Postings = s.postings(c.Entity)
	c.Rules = s.rules(c.Entity, nil)
	for _, l := range c.Lines {
		c.Rules = append(c.Rules, s.rules(l.Field.Target, l.Field)...)
	}
	for _, r := range c.Rules {
		c.Serializable = c.Serializable || s.queries(r.Check) || s.queries(r.When)
	}
}

func (s *Snapshot) rules(e *metamodel.Entity, line *metamodel.Field) []Rule {
	out := make([]Rule, 0, len(e.Rules))
	for _, r := range e.Rules {
		on := map[metamodel.RuleEvent]bool{}
		for _, event := range r.On {
			on[event] = true
		}
		if len(r.On) == 0 {
			on[metamodel.OnCreate], on[metamodel.OnUpdate] = true, true
		}
		c := Rule{Rule: r, Line: line, When: s.program(r.When), Check: s.program(r.Check), on: on}
		if on[metamodel.OnClock] {
			c.Broken = c.broken()
		}
		out = append(out, c)
	}
	return out
}

// broken is what doesn't hold: a check without a value doesn't hold either.
func (r *Rule) broken() *expr.Node {
	n := &expr.Node{Op: expr.OpNe, Type: expr.Bool, Args: []*expr.Node{r.Check.Tree(), {Op: expr.OpLit, Type: expr.Bool, Value: true}}}
	if r.When == nil {
		return n
	}
	return &expr.Node{Op: expr.OpAnd, Type: expr.Bool, Args: []*expr.Node{r.When.Tree(), n}}
}

// queries tells whether a program queries other records, itself or through the virtual fields it reads.
func (s *Snapshot) queries(p *Program) bool {
	if p == nil {
		return false
	}
	if p.UsesQuery() {
		return true
	}
	for _, fields := range p.Reads {
		for _, f := range fields {
			if f.Computed() && s.Program(f.Formula).UsesQuery() {
				return true
			}
		}
	}
	return false
}
