package schema

import (
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// readRollup reads what a field is worked out of. Whose rows they are is known when all documents are read.
func (d *decoder) readRollup(o *object, f *metamodel.Field) {
	r := &metamodel.Rollup{}
	f.Rollup, f.Stored = r, true
	entity, path := o.need("entity"), o.need("field")
	functions := make([]string, len(metamodel.RollupFunctions))
	for i, fn := range metamodel.RollupFunctions {
		functions[i] = string(fn)
	}
	r.Function = metamodel.RollupFunction(o.needOne("function", functions...))
	r.Value = d.readFormula(o, "value", o.take("value"))
	r.Where = d.readFormula(o, "where", o.take("where"))
	r.Separator = o.text("separator", metamodel.MaxSeparator)
	if r.Separator == "" && r.Function == metamodel.RollupConcat {
		r.Separator = metamodel.DefaultSeparator
	}
	order := o.list("order", metamodel.MaxSort, whatList)
	o.done()
	d.later(linkTargets, func() {
		if s, ok := d.seekAt(entity, o.at("entity"), o.form, &f.ID, whatEntity); ok {
			r.Entity = d.findEntity(s)
		}
	})
	d.later(linkPaths, func() {
		if r.Entity == nil {
			return
		}
		if s, ok := d.seekAt(path, o.at("field"), o.form, &f.ID, whatField); ok {
			r.Path = d.findPath(s, r.Entity)
		}
		for i, n := range order {
			d.readRollupOrder(n, diag.Pointer(o.at("order"), i), o.form, f)
		}
	})
}

// readRollupOrder reads one key of the rows' order: a field, with a minus for descending.
func (d *decoder) readRollupOrder(n *node, path string, form form, f *metamodel.Field) {
	s, ok := d.seekAt(n, path, form, &f.ID, whatField)
	if !ok {
		return
	}
	key := &metamodel.RollupOrder{}
	s.text, key.Descending = strings.CutPrefix(s.text, "-")
	if key.Path = d.findPath(s, f.Rollup.Entity); key.Path != nil {
		f.Rollup.Order = append(f.Rollup.Order, key)
	}
}

func (w *writer) rollup(r *metamodel.Rollup) *node {
	n := objectNode()
	if r.Entity != nil {
		n.put("entity", w.ref(r.Entity.ID, r.Entity.Name))
	}
	if len(r.Path) > 0 {
		n.put("field", w.path(r.Path))
	}
	n.putText("function", string(r.Function))
	w.formula(n, "value", r.Value)
	w.formula(n, "where", r.Where)
	order := listNode()
	for _, k := range r.Order {
		key := w.path(k.Path)
		if k.Descending {
			key = textNode("-" + key.text)
		}
		order.items = append(order.items, key)
	}
	n.putList("order", order)
	if r.Separator != metamodel.DefaultSeparator {
		n.putText("separator", r.Separator)
	}
	return n
}
