package main

import (
	"fmt"
	"slices"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/schema"
)

const documentsAbout = `An app is a folder of JSON documents. Each kind has a published JSON Schema (2020-12), which a running Tenon serves at
` + "`/api/v1/schemas/{kind}`" + `; this page is written from those. Keys in bold must be there. Unknown keys are refused.`

// documents describes every kind of document, key by key.
func documents(string) (string, error) {
	var p page
	p.start("Documents", documentsAbout)
	p.heading(2, "The folder")
	var rows [][]string
	for _, k := range metamodel.Kinds {
		root, err := readTree(schema.JSON(k))
		if err != nil {
			return "", fmt.Errorf("schema of %s: %w", k, err)
		}
		rows = append(rows, []string{fmt.Sprintf("[%s](#%s)", k, k), code(metamodel.DocKey{Kind: k, Name: "name"}.Path()), root.get("description").str()})
	}
	p.table([]string{"kind", "file", "what it says"}, rows)
	p.kindsOfFields()
	for _, k := range metamodel.Kinds {
		root, err := readTree(schema.JSON(k))
		if err != nil {
			return "", fmt.Errorf("schema of %s: %w", k, err)
		}
		p.heading(2, string(k))
		p.text(root.get("description").str() + "\n")
		d := &describer{page: &p, defs: root.get("$defs"), seen: map[string]bool{}}
		d.describe(root, string(k), 3)
	}
	return p.String(), nil
}

// kindsOfFields lists what fields can be.
func (p *page) kindsOfFields() {
	root, err := readTree(schema.JSON(metamodel.KindEntity))
	if err != nil {
		return // told by the caller
	}
	p.heading(2, "Kinds of fields")
	p.text("Computed fields and lookups are fields of these kinds with `x-computed`. Keys are listed [below](#entity).\n")
	var rows [][]string
	for _, k := range metamodel.FieldKinds {
		def := root.get("$defs", "field_"+string(k))
		form := code(def.get("properties", "type", "const").str())
		if format := def.get("properties", "format", "const").str(); format != "" {
			form += ", format " + code(format)
		}
		t, elem, _ := expr.TypeOf(&metamodel.Field{Kind: k, Target: &metamodel.Entity{}})
		in := t.String()
		if t == expr.ListOf {
			in += " of " + elem.String()
		}
		rows = append(rows, []string{string(k), form, in, def.get("description").str()})
	}
	p.table([]string{"kind", "in JSON", "in expressions", "what it holds"}, rows)
}

// describer writes the tables of one schema.
type describer struct {
	page *page
	defs *node
	seen map[string]bool // parts that have their table already
}

// named are the definitions that tables call by a word of their own.
var named = map[string]string{
	"name": "name", "mentionedName": "name", "fieldName": "name", "optionName": "name", "handleName": "name", "handle": "$name", "id": "id", "was": "name", "reference": "name",
	"label": "text", "optionalLabel": "text", "help": "text", "icon": "text", "labels": "texts by language", "helps": "texts by language", "formula": "expression",
}

// resolve follows a reference; name is that of the definition, "" for what stands here.
func (d *describer) resolve(n *node) (to *node, name string) {
	r := n.get("$ref").str()
	if r == "" {
		return n, ""
	}
	name = strings.TrimPrefix(r, "#/$defs/")
	return d.defs.get(name), name
}

// describe writes the table of an object, or those of its alternatives, and then those of the objects in it.
func (d *describer) describe(n *node, title string, level int) {
	if alternatives := d.alternatives(n); alternatives != nil {
		d.describeAll(alternatives, title, level)
		return
	}
	d.keys(n, nil)
	d.inside(n, title, level, nil)
}

// alternatives are the objects that a value may be; nil when it is none, or one.
func (d *describer) alternatives(n *node) map[string]*node {
	list := n.get("anyOf")
	if list == nil || n.get("properties") != nil {
		return nil
	}
	out := map[string]*node{}
	for _, item := range list.items {
		to, name := d.resolve(item)
		if to.get("properties") == nil {
			return nil
		}
		out[name] = to
	}
	return out
}

// describeAll writes what alternatives have in common once, and then the rest of each.
func (d *describer) describeAll(all map[string]*node, title string, level int) {
	var order []string
	for _, m := range d.defs.members {
		if all[m.key] != nil {
			order = append(order, m.key)
		}
	}
	first := all[order[0]]
	common := &node{object: true}
	for _, m := range first.get("properties").members {
		same := true
		for _, n := range all {
			other := n.get("properties", m.key)
			same = same && other != nil && other.text() == m.value.text()
		}
		if same {
			common.members = append(common.members, m)
		}
	}
	shared := &node{object: true, members: []member{{"properties", common}}}
	for _, m := range first.members {
		if m.key == "required" {
			shared.members = append(shared.members, m)
		}
	}
	d.page.text("In each:\n")
	d.keys(shared, nil)
	d.inside(shared, title, level, nil)
	for _, name := range order {
		d.page.heading(level, title+": "+shortName(name))
		if about := all[name].get("description").str(); about != "" {
			d.page.text(about + "\n")
		}
		d.keys(all[name], common)
		d.inside(all[name], title+": "+shortName(name), min(level+1, maxLevel), common)
	}
}

const maxLevel = 6

func shortName(def string) string {
	return strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(def, "field_"), "Step"), "Expectation")
}

// keys writes the table of an object's keys but for those that are told elsewhere.
func (d *describer) keys(n, except *node) {
	must := map[string]bool{}
	if required := n.get("required"); required != nil {
		for _, r := range required.items {
			must[r.str()] = true
		}
	}
	var rows [][]string
	for _, m := range n.get("properties").members {
		if except != nil && except.get(m.key) != nil {
			continue
		}
		key := code(m.key)
		if must[m.key] {
			key = "**" + key + "**"
		}
		rows = append(rows, []string{key, d.words(m.value), strings.TrimSpace(d.about(m.value) + " " + d.bounds(m.value))})
	}
	if len(rows) > 0 {
		d.page.table([]string{"key", "value", "meaning"}, rows)
	}
	if names := choice(n); len(names) > 1 {
		d.page.text("\nOne of " + strings.Join(names, ", ") + " must be there.")
	}
}

// choice are the keys of which an object must have one.
func choice(n *node) []string {
	var names []string
	list := n.get("anyOf")
	if list == nil {
		list = n.get("oneOf")
	}
	if list == nil {
		return nil
	}
	for _, a := range list.items {
		required := a.get("required")
		if required == nil {
			continue
		}
		for _, r := range required.items {
			if name := code(r.str()); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func (d *describer) about(n *node) string {
	if s := n.get("description").str(); s != "" {
		return s
	}
	to, _ := d.resolve(n)
	return to.get("description").str()
}

// inside writes the tables of the objects that an object's keys hold.
func (d *describer) inside(n *node, title string, level int, except *node) {
	for _, m := range n.get("properties").members {
		if except != nil && except.get(m.key) != nil {
			continue
		}
		part, name := d.objectIn(m.value)
		if part == nil {
			continue
		}
		id := strings.TrimRight(name, "0123456789")
		if id == "" {
			id = part.text()
		}
		if d.seen[id] {
			continue
		}
		d.seen[id] = true
		d.page.heading(min(level, maxLevel), title+" › "+m.key)
		d.describe(part, title+" › "+m.key, min(level+1, maxLevel))
	}
}

// objectIn finds the object that a value is, or that the items or members of a value are.
func (d *describer) objectIn(n *node) (part *node, name string) {
	to, name := d.resolve(n)
	switch {
	case to == nil || named[name] != "":
		return nil, ""
	case to.get("properties") != nil || d.alternatives(to) != nil:
		return to, name
	case to.get("items") != nil && to.get("items").object:
		part, inner := d.objectIn(to.get("items"))
		return part, inner
	case to.get("additionalProperties") != nil && to.get("additionalProperties").object:
		return d.objectIn(to.get("additionalProperties"))
	}
	if list := to.get("anyOf"); list != nil {
		for _, a := range list.items {
			if part, inner := d.objectIn(a); part != nil {
				return part, inner
			}
		}
	}
	return nil, ""
}

// words says what a value is.
func (d *describer) words(n *node) string {
	to, name := d.resolve(n)
	if w := named[name]; w != "" {
		return w
	}
	if c := to.get("const"); c != nil {
		return code(c.text())
	}
	if e := to.get("enum"); e != nil {
		var all []string
		for _, v := range e.items {
			all = append(all, code(v.text()))
		}
		return strings.Join(all, ", ")
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		if list := to.get(key); list != nil && to.get("properties") == nil {
			return d.either(list)
		}
	}
	switch to.get("type").str() {
	case "string":
		return "text"
	case "integer":
		return "integer"
	case "boolean":
		return "true or false"
	case "array":
		if pair := to.get("prefixItems"); pair != nil {
			var all []string
			for _, v := range pair.items {
				all = append(all, d.words(v))
			}
			return "[" + strings.Join(all, ", ") + "]"
		}
		return "list of " + d.words(to.get("items"))
	case "object":
		if more := to.get("additionalProperties"); more != nil && more.object && to.get("properties") == nil {
			return "object: name → " + d.words(more)
		}
		return "object"
	}
	return "any"
}

// either says what a value with alternatives may be.
func (d *describer) either(list *node) string {
	var all []string
	for _, a := range list.items {
		if w := d.words(a); !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	return strings.Join(all, " or ")
}

// bounds says how large or how many a value may be.
func (d *describer) bounds(n *node) string {
	to, name := d.resolve(n)
	var out []string
	span := func(lo, hi, what string) {
		from, to := to.get(lo).str(), to.get(hi).str()
		switch {
		case from != "" && to != "":
			out = append(out, from+" to "+to+what)
		case to != "":
			out = append(out, "at most "+to+what)
		case from != "":
			out = append(out, "at least "+from+what)
		}
	}
	if name == "" || named[name] != "name" && named[name] != "id" && named[name] != "$name" {
		span("minLength", "maxLength", " characters")
	}
	span("minimum", "maximum", "")
	if to.get("prefixItems") == nil {
		span("minItems", "maxItems", " items")
	}
	span("minProperties", "maxProperties", " members")
	if to.get("uniqueItems").str() == "true" {
		out = append(out, "no item twice")
	}
	if pattern := to.get("pattern").str(); pattern != "" && named[name] == "" {
		out = append(out, "of the form "+code(pattern))
	}
	if len(out) == 0 {
		return ""
	}
	return "(" + strings.Join(out, "; ") + ")"
}
