package check

import (
	"slices"
	"strconv"

	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// rollup judges a field that is worked out over the rows that point at its record.
func (c *checker) rollup(p *Programs, f *metamodel.Field, path string) {
	r := f.Rollup
	path += "/x-rollup"
	c.rollupKeys(f, path)
	if !rollsInto(r.Function, f) {
		c.add("field.rollup_kind", path+"/function", "function", string(r.Function), "kind", string(f.Kind))
	}
	if r.Entity == nil || len(r.Path) == 0 {
		return // reported where it was read
	}
	switch {
	case c.points(r, f.Entity):
	case !r.Posted():
		c.add("field.rollup_path", path+"/field", "path", r.Path.String(), "entity", f.Entity.Name)
	case (r.Path[0].Name == metamodel.EntryLine) != f.Entity.IsLines():
		c.add("field.rollup_entry", path+"/field", "path", r.Path.String(), "entity", f.Entity.Name, "instead", entryKey(f.Entity))
	case !posts(f.Entity, r.Entity.Kept):
		c.add("field.rollup_never_posts", path+"/field", "entity", f.Entity.Name, "ledger", r.Entity.Kept.Name)
	}
	for i, k := range r.Order {
		if last := k.Path.Last(); !within(r, k.Path) || !keyable(last) {
			c.add("field.rollup_reach", path+"/order/"+strconv.Itoa(i), "name", k.Path.String())
		}
	}
	c.rollupReads(p, r, r.Value, path+"/value")
	c.rollupReads(p, r, r.Where, path+"/where")
}

// rollupKeys reports what a function needs and is not there, and what is there and not needed.
func (c *checker) rollupKeys(f *metamodel.Field, path string) {
	r := f.Rollup
	key := ""
	switch {
	case r.Value == nil && r.Function != metamodel.RollupCount:
		c.add("document.key_missing", path+"/value", "key", "value")
	case r.Value != nil && r.Function == metamodel.RollupCount:
		key = "value"
	}
	if len(r.Order) > 0 && !r.Function.Ordered() {
		key = "order"
	}
	if r.Separator != "" && r.Function != metamodel.RollupConcat {
		key = "separator"
	}
	if key != "" {
		c.add("field.rollup_key", path+"/"+key, "key", key, "function", string(r.Function))
	}
	if f.Formula != nil {
		c.add("field.computed_conflict", path, "key", "x-computed")
	}
}

// rollsInto tells whether a field can hold what a function gives.
func rollsInto(fn metamodel.RollupFunction, f *metamodel.Field) bool {
	switch fn {
	case metamodel.RollupCount, metamodel.RollupDistinct:
		return f.Kind == metamodel.Integer
	case metamodel.RollupSum:
		return numeric(f)
	case metamodel.RollupAverage, metamodel.RollupDeviate:
		return f.Kind.IsDecimal()
	case metamodel.RollupMin, metamodel.RollupMax:
		return ordered(f) || f.Kind == metamodel.Text
	case metamodel.RollupConcat:
		return f.Kind == metamodel.Text || f.Kind == metamodel.LongText
	case metamodel.RollupFirst, metamodel.RollupLast:
		return keyable(f)
	}
	return false
}

// points tells whether the path leads from a row to a record of the entity, over a reference that is kept.
func (c *checker) points(r *metamodel.Rollup, e *metamodel.Entity) bool {
	last := r.Reference()
	if !last.Kind.IsReference() || last.Virtual() || last.Target != e {
		return false
	}
	return len(r.Path) == 1 || len(r.Path) == 2 && r.Path[0].Name == metamodel.ParentField && r.Path[0].System
}

// entryKey is the field of an entry that holds ids of an entity's records.
func entryKey(e *metamodel.Entity) string {
	if e.IsLines() {
		return metamodel.EntryLine
	}
	return metamodel.EntryDocument
}

// posts tells whether records of an entity, or lines, post to a ledger.
func posts(e *metamodel.Entity, l *metamodel.Ledger) bool {
	unit := e
	if e.IsLines() {
		unit = e.Parent
	}
	return slices.ContainsFunc(unit.Postings, func(p *metamodel.Posting) bool {
		return p.Ledger == l && (unit == e || p.Each == e.Via)
	})
}

// within tells whether a path ends in the row itself or in the document that it is a line of.
func within(r *metamodel.Rollup, p metamodel.Path) bool {
	if last := p.Last(); last == nil || last.Virtual() {
		return false
	}
	return len(p) == 1 && p[0].Entity == r.Entity || len(p) == 2 && p[0].Name == metamodel.ParentField && p[0].Entity == r.Entity
}

// rollupReads holds what a row gives to what is known of the row when it is written: its own fields, those of its
// document, and neither the clock nor the person.
func (c *checker) rollupReads(p *Programs, r *metamodel.Rollup, f *metamodel.Formula, path string) {
	program := p.Of(f)
	if program == nil {
		return
	}
	far := farReads(program, func(way metamodel.Path) bool { return within(r, way) })
	for _, name := range far {
		c.add("field.rollup_reach", path, "name", name)
	}
}

// farReads lists what a program reads that isn't known of a row when it is written: the clock, the person, aggregates over
// other records, and fields that are not near.
func farReads(program *expr.Program, near func(metamodel.Path) bool) []string {
	var far []string
	if program.UsesNow() {
		far = append(far, "now(), today()")
	}
	if program.UsesUser() {
		far = append(far, "user")
	}
	if program.UsesQuery() {
		far = append(far, "sumOf, countOf, …")
	}
	for _, ref := range program.Refs() {
		if ref.Kind != expr.RefField || len(ref.Path) == 0 {
			continue
		}
		name := ref.Path.String()
		if !near(ref.Path) && !slices.Contains(far, name) {
			far = append(far, name)
		}
	}
	return far
}
