package schema

import (
	"slices"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// Dialect is the only value that $schema may have.
const Dialect = "https://json-schema.org/draft/2020-12/schema"

// documentName reads x-name and the document's place among its kind.
func (d *decoder) documentName(o *object, kind metamodel.ElementKind, id *metamodel.ID, object any) string {
	name := o.needText("x-name", metamodel.MaxName)
	d.checkName(name, o.at("x-name"), kind == metamodel.ElementEntity)
	d.unique(string(kind)+"\n"+name, name, o.at("x-name"))
	d.ids.add(o, &d.app.ID, kind, name, id, object)
	return name
}

// unique reports a name that was there before. scope tells apart what may bear the same name.
func (d *decoder) unique(scope, name, path string) {
	if name == "" {
		return
	}
	if d.names[scope] {
		d.list.Add("name.duplicate", path, "name", clip(name))
	}
	d.names[scope] = true
}

// checkName judges a name's form; mentioned tells whether expressions mention elements of its kind, so that
// words that mean something there are taken.
func (d *decoder) checkName(name, path string, mentioned bool) {
	switch {
	case name == "":
	case !metamodel.IsName(name):
		d.list.Add("name.malformed", path, "name", clip(name))
	case mentioned && metamodel.IsReserved(name):
		d.list.Add("name.reserved", path, "name", name)
	}
}

func (d *decoder) readEntity(o *object) {
	e := &metamodel.Entity{}
	d.app.Entities = append(d.app.Entities, e)
	d.readDialect(o)
	e.Name = d.documentName(o, metamodel.ElementEntity, &e.ID, e)
	if metamodel.IsResource(e.Name) {
		d.list.Add("name.resource", o.at("x-name"), "name", e.Name)
	}
	e.Title = o.label("title", metamodel.MaxLabel, true)
	e.Help = o.label("description", metamodel.MaxHelp, false)
	e.Icon = o.text("x-icon", metamodel.MaxName)
	d.readFields(o, e)
	d.readRequired(o, e)
	if n := o.take("x-display"); n != nil {
		d.later(linkPaths, func() {
			if s, ok := d.seekAt(n, o.at("x-display"), o.form, &e.ID, whatField); ok {
				e.Display = d.findField(s, e)
			}
		})
	}
	d.later(linkLast, func() { e.Display = displayOf(e) })
	d.readSearch(o, e)
	d.readKeys(o, e, "x-unique", metamodel.ElementUnique, &e.Unique)
	d.readKeys(o, e, "x-indexes", metamodel.ElementIndex, &e.Indexes)
	for i, n := range o.list("x-rules", metamodel.MaxRules, whatList) {
		d.readRule(d.object(n, diag.Pointer(o.at("x-rules"), i), o.form), e)
	}
	for i, n := range o.list("x-postings", metamodel.MaxPostings, whatList) {
		d.readPosting(d.object(n, diag.Pointer(o.at("x-postings"), i), o.form), e)
	}
	d.readStates(o, e)
}

// readDialect reads the keys that make the document a JSON Schema. They say nothing of their own.
func (d *decoder) readDialect(o *object) {
	if s := o.text("$schema", metamodel.MaxLabel); s != "" && s != Dialect {
		o.add("schema.dialect_unknown", "$schema", "expected", Dialect)
	}
	o.needOne("type", "object")
	if v := o.take("additionalProperties"); v != nil && (v.kind != jsonBool || v.flag) {
		o.add("document.value_not_allowed", "additionalProperties", "value", clip(string(v.canonical())), "allowed", []string{"false"})
	}
}

// displayOf is the field that shows a record: the one named, else the first that can.
func displayOf(e *metamodel.Entity) *metamodel.Field {
	if e.Display != nil {
		return e.Display
	}
	for _, f := range e.Fields {
		if (f.Kind.IsText() && f.Kind != metamodel.RichText && f.Kind != metamodel.LongText) && !f.Virtual() {
			return f
		}
	}
	return e.Field("id")
}

func (d *decoder) readFields(o *object, e *metamodel.Entity) {
	properties := o.need("properties")
	order := o.take("x-order")
	if properties == nil {
		return
	}
	props := d.object(properties, o.at("properties"), o.form)
	if props.n == nil {
		return
	}
	if n := len(props.n.members); n > metamodel.MaxFields {
		d.list = append(d.list, tooMany(whatFields, props.path, n, metamodel.MaxFields))
		props.n = &node{kind: jsonObject, members: props.n.members[:metamodel.MaxFields]}
	}
	byKey := map[string]*metamodel.Field{}
	names := map[string]bool{}
	for _, m := range props.n.members {
		at := props.at(m.key)
		if name := m.value.get("x-name").str(); o.form == stored && name != "" {
			at = props.at(name)
		}
		f := d.readField(d.object(m.value, at, o.form), e, m.key)
		if names[f.Name] {
			d.list.Add("name.duplicate", props.at(m.key), "name", clip(f.Name))
		}
		names[f.Name], byKey[m.key] = true, f
		e.Fields = append(e.Fields, f)
	}
	if order != nil {
		d.orderFields(order, o.at("x-order"), e, byKey)
	}
}

// orderFields puts the fields into the order that the document states, which must name each once.
func (d *decoder) orderFields(n *node, path string, e *metamodel.Entity, byKey map[string]*metamodel.Field) {
	var ordered []*metamodel.Field
	for i, v := range d.listAt(n, path, metamodel.MaxFields, whatFields) {
		at := diag.Pointer(path, i)
		key := d.textAt(v, at, metamodel.MaxName)
		f := byKey[key]
		switch {
		case key == "":
		case f == nil:
			d.list.Add("reference.not_found", at, "what", whatField, "name", clip(key))
		case slices.Contains(ordered, f):
			d.list.Add("document.value_duplicate", at, "value", clip(key))
		default:
			ordered = append(ordered, f)
		}
	}
	for _, f := range e.Fields {
		if !slices.Contains(ordered, f) {
			ordered = append(ordered, f)
		}
	}
	e.Fields = ordered
}

func (d *decoder) readRequired(o *object, e *metamodel.Entity) {
	list := o.list("required", metamodel.MaxFields, whatFields)
	d.later(linkPaths, func() {
		for i, n := range list {
			at := diag.Pointer(o.at("required"), i)
			s, ok := d.seekAt(n, at, o.form, &e.ID, whatField)
			if !ok {
				continue
			}
			f := d.findField(s, e)
			switch {
			case f == nil:
			case f.System:
				d.list.Add("name.system", at, "name", f.Name)
			case f.Required:
				d.list.Add("document.value_duplicate", at, "value", f.Name)
			default:
				f.Required = true
			}
		}
	})
}

func (d *decoder) readSearch(o *object, e *metamodel.Entity) {
	list := o.list("x-search", metamodel.MaxSearch, whatList)
	d.later(linkPaths, func() {
		for i, n := range list {
			if s, ok := d.seekAt(n, diag.Pointer(o.at("x-search"), i), o.form, &e.ID, whatField); ok {
				if p := d.findPath(s, e); p != nil {
					e.Search = append(e.Search, p)
				}
			}
		}
	})
}

// readKeys reads unique keys or indexes. Each is a list of fields, or an object that names it.
func (d *decoder) readKeys(o *object, e *metamodel.Entity, key string, kind metamodel.ElementKind, into *[]*metamodel.Key) {
	for i, n := range o.list(key, metamodel.MaxIndexes, whatList) {
		at := diag.Pointer(o.at(key), i)
		k := &metamodel.Key{}
		*into = append(*into, k)
		fields, fieldsAt := n, at
		var named *object
		if n.kind == jsonObject {
			named = d.object(n, at, o.form)
			k.Name = named.text("name", metamodel.MaxName)
			d.checkName(k.Name, named.at("name"), false)
			if k.Name != "" {
				d.unique(string(kind)+"\n"+e.Name+"\n"+k.Name, k.Name, named.at("name"))
			}
			fields, fieldsAt = named.need("fields"), named.at("fields")
		}
		if fields == nil {
			fields = listNode()
		}
		d.later(linkPaths, func() { k.Fields = d.keyFields(fields, fieldsAt, o.form, e) })
		d.later(linkKeyed, func() {
			if named == nil {
				d.ids.addKeyed(at, &e.ID, kind, k.Key(), &k.ID, k)
				return
			}
			d.ids.add(named, &e.ID, kind, k.Key(), &k.ID, k)
			named.done()
		})
	}
}

func (d *decoder) keyFields(n *node, path string, f form, e *metamodel.Entity) []*metamodel.Field {
	var out []*metamodel.Field
	list := d.listAt(n, path, metamodel.MaxKeyFields, whatList)
	if len(list) == 0 && n.kind == jsonArray {
		d.list.Add("document.value_empty", path)
	}
	for i, v := range list {
		at := diag.Pointer(path, i)
		s, ok := d.seekAt(v, at, f, &e.ID, whatField)
		if !ok {
			continue
		}
		field := d.findField(s, e)
		switch {
		case field == nil:
		case slices.Contains(out, field):
			d.list.Add("document.value_duplicate", at, "value", field.Name)
		default:
			out = append(out, field)
		}
	}
	return out
}
