package check

import (
	"slices"
	"strconv"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/expr"
)

var whatIndexes = metamodel.Label{"zh-CN": "唯一约束和索引数", "en-US": "The number of unique keys and indexes"}

func (c *checker) entity(e *metamodel.Entity) {
	path := "/entities/" + e.Name
	for _, f := range e.Fields {
		c.field(f, path+"/properties/"+f.Name)
	}
	c.display(e, path)
	for i, p := range e.Search {
		if last := p.Last(); !last.Kind.IsText() || last.Virtual() {
			c.add("entity.search_unusable", path+"/x-search/"+strconv.Itoa(i), "name", p.String())
		}
	}
	c.keys(e.Unique, path+"/x-unique")
	c.keys(e.Indexes, path+"/x-indexes")
	if n := len(e.Unique) + len(e.Indexes); n > metamodel.MaxIndexes {
		c.add("limit.exceeded", path+"/x-indexes", "what", whatIndexes, "actual", n, "limit", metamodel.MaxIndexes)
	}
	for i, r := range e.Rules {
		if slices.Contains(r.On, metamodel.OnTransition) && e.States == nil && (e.Parent == nil || e.Parent.States == nil) {
			c.warn("rule.event_for_state", path+"/x-rules/"+strconv.Itoa(i)+"/on", "name", r.Name)
		}
		c.clock(e, r, path+"/x-rules/"+strconv.Itoa(i))
	}
	c.lines(e, path)
	c.states(e, path+"/x-states")
}

// clock checks what a rule that is judged from time to time may read: nobody asks then, and nothing was there before.
func (c *checker) clock(e *metamodel.Entity, r *metamodel.Rule, path string) {
	if !slices.Contains(r.On, metamodel.OnClock) {
		if len(r.Tell) > 0 {
			c.add("rule.tells_nobody", path+"/tell", "name", r.Name)
		}
		return
	}
	if e.IsLines() {
		c.add("rule.clock_on_lines", path+"/on", "name", r.Name)
	}
	for key, f := range map[string]*metamodel.Formula{"when": r.When, "cel": r.Check} {
		p := c.programs.Of(f)
		if p == nil {
			continue
		}
		before := p.Tree().Walk(func(n *expr.Node) bool { return n.Op != expr.OpVar || n.Var != "old" })
		if p.UsesUser() || !before {
			c.add("rule.clock_reads", path+"/"+key, "name", r.Name)
		}
	}
}

func (c *checker) display(e *metamodel.Entity, path string) {
	f := e.Display
	switch {
	case f == nil || f.System && !e.IsLines():
		c.warn("entity.display_missing", path, "name", e.Name)
	case !displayable(f):
		c.add("entity.display_unusable", path+"/x-display", "name", f.Name)
	}
}

// displayable tells whether a field's value shows a record on one line.
func displayable(f *metamodel.Field) bool {
	switch f.Kind {
	case metamodel.LongText, metamodel.RichText, metamodel.JSON, metamodel.Lines, metamodel.Boolean:
		return false
	default:
		return !f.Kind.IsList() && !f.Virtual()
	}
}

// keyable tells whether a field can be part of a key or an index: one plain value in the record's own table.
func keyable(f *metamodel.Field) bool {
	return (displayable(f) || f.Kind == metamodel.Boolean) && !f.Virtual()
}

func (c *checker) keys(list []*metamodel.Key, path string) {
	for i, k := range list {
		for j, f := range k.Fields {
			if !keyable(f) {
				c.add("field.unique_kind", path+"/"+strconv.Itoa(i)+"/"+strconv.Itoa(j), "name", f.Name)
			}
		}
	}
}

// told judges what is told beside a record that may be chosen.
func (c *checker) told(f *metamodel.Field, path string) {
	for i, s := range f.Shows {
		if !keyable(s) || s.Kind == metamodel.Reference || s.Kind == metamodel.Tree {
			c.add("field.shown_unfit", path+"/show/"+strconv.Itoa(i), "name", s.Name)
		}
	}
	if o := f.Open; o != nil && (!numeric(o) || o.Virtual()) {
		c.add("field.open_unfit", path+"/open", "name", o.Name)
	}
}

func (c *checker) field(f *metamodel.Field, path string) {
	if f.Computed() {
		c.computed(f, path)
	}
	if f.Rollup != nil {
		c.rollup(c.programs, f, path)
	}
	c.told(f, path+"/x-ref")
	if f.Choices != nil {
		c.choices(f, path+"/x-choices")
	}
	if f.Default != nil && (f.Kind == metamodel.Number || f.Kind == metamodel.Lines) {
		c.add("field.default_kind", path+"/x-default", "kind", string(f.Kind))
	}
	if f.Unique && !keyable(f) {
		c.add("field.unique_kind", path+"/x-unique", "name", f.Name)
	}
	if f.Pattern != "" && (!strings.HasPrefix(f.Pattern, "^") || !strings.HasSuffix(f.Pattern, "$")) {
		c.warn("field.pattern_open", path+"/pattern", "pattern", f.Pattern)
	}
	if f.Kind.IsReference() && f.OnDelete == metamodel.SetNull && f.Required {
		c.add("field.on_delete_required", path+"/x-ref/on-delete")
	}
	if f.Kind != metamodel.Lines && f.Kind != metamodel.Reference && f.Target != nil && f.Target.IsLines() {
		c.add("field.reference_to_lines", path+"/x-ref/entity", "entity", f.Target.Name)
	}
	if u := f.CurrencyF; u != nil && u.Kind != metamodel.Choice && u.Kind != metamodel.Text {
		c.add("field.currency_field", path+"/x-currency/field", "name", u.Name)
	}
	if u := f.UnitF; u != nil && u.Kind != metamodel.Choice && u.Kind != metamodel.Text && u.Kind != metamodel.Reference {
		c.add("field.unit_field", path+"/x-unit", "name", u.Name)
	}
}

func (c *checker) computed(f *metamodel.Field, path string) {
	key := "/x-computed"
	if f.Rollup != nil {
		key = "/x-rollup"
	}
	switch f.Kind {
	case metamodel.Lines, metamodel.Number, metamodel.File, metamodel.Image, metamodel.References, metamodel.Tree:
		c.add("field.computed_kind", path+key, "kind", string(f.Kind))
	default:
	}
	if f.Default != nil {
		c.add("field.computed_conflict", path+"/x-default", "key", "x-default")
	}
	if f.Required {
		c.add("field.computed_conflict", path+key, "key", "required")
	}
}

// lines holds an entity of lines to what lines can be: one level, moved by their document alone.
func (c *checker) lines(e *metamodel.Entity, path string) {
	if !e.IsLines() {
		return
	}
	if e.States != nil {
		c.add("entity.lines_feature", path+"/x-states", "key", "x-states")
	}
	for _, f := range e.Fields {
		switch f.Kind {
		case metamodel.Lines:
			c.add("entity.lines_cycle", path+"/properties/"+f.Name, "cycle", e.Parent.Name+" → "+e.Name+" → "+f.Target.Name)
		case metamodel.Number:
			c.add("entity.lines_feature", path+"/properties/"+f.Name, "key", "x-number")
		default:
		}
	}
}

func (c *checker) states(e *metamodel.Entity, path string) {
	s := e.States
	if s == nil || s.Field == nil || s.Field.Enum == nil {
		return
	}
	reached := map[*metamodel.Option]bool{s.Initial: true}
	for grown := true; grown; {
		grown = false
		for _, t := range s.Transitions {
			if !reached[t.To] && slices.ContainsFunc(t.From, func(o *metamodel.Option) bool { return reached[o] }) {
				reached[t.To], grown = true, true
			}
		}
	}
	for _, o := range s.Field.Enum.Options {
		if !reached[o] && !o.Retired {
			c.warn("states.unreachable", path, "name", o.Name)
		}
	}
	for i, o := range s.Waiting {
		if !slices.ContainsFunc(s.Transitions, func(t *metamodel.Transition) bool { return slices.Contains(t.From, o) }) {
			c.warn("states.waiting_final", path+"/waiting/"+strconv.Itoa(i), "name", o.Name)
		}
	}
	for i, t := range s.Transitions {
		if len(t.From) == 0 {
			c.add("states.transition_from_empty", path+"/transitions/"+strconv.Itoa(i)+"/from", "name", t.Name)
		}
	}
}
