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
		r.Order = d.readRowOrder(order, o.at("order"), o.form, &f.ID, r.Entity)
	})
}

// readRowOrder reads the keys of an order of an entity's rows: fields, with a minus for descending.
func (d *decoder) readRowOrder(list []*node, path string, form form, owner *metamodel.ID, e *metamodel.Entity) []*metamodel.RollupOrder {
	var out []*metamodel.RollupOrder
	for i, n := range list {
		s, ok := d.seekAt(n, diag.Pointer(path, i), form, owner, whatField)
		if !ok {
			continue
		}
		key := &metamodel.RollupOrder{}
		s.text, key.Descending = strings.CutPrefix(s.text, "-")
		if key.Path = d.findPath(s, e); key.Path != nil {
			out = append(out, key)
		}
	}
	return out
}

// rowOrder writes what readRowOrder reads.
func (w *writer) rowOrder(keys []*metamodel.RollupOrder) *node {
	out := listNode()
	for _, k := range keys {
		key := w.path(k.Path)
		if k.Descending {
			key = textNode("-" + key.text)
		}
		out.items = append(out.items, key)
	}
	return out
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
	n.putList("order", w.rowOrder(r.Order))
	if r.Separator != metamodel.DefaultSeparator {
		n.putText("separator", r.Separator)
	}
	return n
}
