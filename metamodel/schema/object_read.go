package schema

import (
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// object reads the members of one JSON object. The keys that are asked for are the keys that are allowed:
// done reports all others, so that the dialect can't be wider than what is decoded.
type object struct {
	d     *decoder
	form  form
	n     *node // nil when the value was no object; then every read is empty and nothing more is reported
	path  string
	asked []string
}

// object opens a value as an object, and reports it when it is something else.
func (d *decoder) object(n *node, path string, f form) *object {
	if n == nil || n.kind != jsonObject {
		d.list.Add("document.not_object", path)
		n = nil
	}
	return &object{d: d, form: f, n: n, path: path}
}

func (o *object) at(key string) string { return diag.Pointer(o.path, key) }

func (o *object) add(code diag.Code, key string, args ...any) { o.d.list.Add(code, o.at(key), args...) }

// take gives a member, nil when there is none.
func (o *object) take(key string) *node {
	o.asked = append(o.asked, key)
	return o.n.get(key)
}

// takeRest takes all members as read, where it can't be told which there may be.
func (o *object) takeRest() {
	if o.n == nil {
		return
	}
	for _, m := range o.n.members {
		o.take(m.key)
	}
}

// need gives a member that must be there.
func (o *object) need(key string) *node {
	v := o.take(key)
	if v == nil && o.n != nil {
		o.add("document.key_missing", key, "key", key)
	}
	return v
}

// must reports a member that must be there and is read elsewhere.
func (o *object) must(key string) {
	if o.n.get(key) == nil {
		o.need(key)
	}
}

// text gives a member that is a text of at most limit characters, "" when there is none.
func (o *object) text(key string, limit int) string { return o.textOf(o.take(key), key, limit) }

// needText gives a text that must be there and not be empty.
func (o *object) needText(key string, limit int) string {
	v := o.need(key)
	s := o.textOf(v, key, limit)
	if v != nil && v.kind == jsonString && v.text == "" {
		o.add("document.value_empty", key)
	}
	return s
}

// filledName gives a text of a name's length that may be missing but, where it is there, not be empty.
func (o *object) filledName(key string) string {
	if o.n.get(key) == nil {
		return o.text(key, metamodel.MaxName)
	}
	return o.needText(key, metamodel.MaxName)
}

func (o *object) textOf(v *node, key string, limit int) string {
	if v == nil {
		return ""
	}
	return o.d.textAt(v, o.at(key), limit)
}

// textAt reads a text anywhere; a text that is too long is reported and dropped.
func (d *decoder) textAt(v *node, path string, limit int) string {
	if v == nil || v.kind != jsonString {
		d.list.Add("document.not_text", path)
		return ""
	}
	if n := utf8.RuneCountInString(v.text); n > limit {
		d.list = append(d.list, tooMany(whatText, path, n, limit))
		return ""
	}
	return v.text
}

// flag gives a member that is true or false, false when there is none.
func (o *object) flag(key string) bool {
	v := o.take(key)
	if v == nil {
		return false
	}
	if v.kind != jsonBool {
		o.add("document.not_boolean", key)
	}
	return v.flag
}

// onlyTrue reads a member that may be given as true and no other way.
func (o *object) onlyTrue(key string) {
	if v := o.take(key); v != nil && (v.kind != jsonBool || !v.flag) {
		o.add("document.value_not_allowed", key, "value", string(v.canonical()), "allowed", []string{"true"})
	}
}

// number gives a member that is an integer within bounds, the default when there is none.
func (o *object) number(key string, lo, hi, otherwise int) int {
	v := o.take(key)
	if v == nil {
		return otherwise
	}
	return o.d.numberAt(v, o.at(key), lo, hi, otherwise)
}

func (d *decoder) numberAt(v *node, path string, lo, hi, otherwise int) int {
	if v == nil || v.kind != jsonNumber {
		d.list.Add("document.not_integer", path)
		return otherwise
	}
	n, err := strconv.Atoi(v.text)
	if err != nil || n < lo || n > hi {
		d.list.Add("document.number_out_of_range", path, "actual", v.text, "min", lo, "max", hi)
		return otherwise
	}
	return n
}

// list gives the items of a member that is a list of at most limit items.
func (o *object) list(key string, limit int, what metamodel.Label) []*node {
	v := o.take(key)
	if v == nil {
		return nil
	}
	return o.d.listAt(v, o.at(key), limit, what)
}

func (d *decoder) listAt(v *node, path string, limit int, what metamodel.Label) []*node {
	if v.kind != jsonArray {
		d.list.Add("document.not_list", path)
		return nil
	}
	if len(v.items) > limit {
		d.list = append(d.list, tooMany(what, path, len(v.items), limit))
		return v.items[:limit]
	}
	return v.items
}

// object gives a member that is an object, nil when there is none.
func (o *object) object(key string) *object {
	v := o.take(key)
	if v == nil {
		return nil
	}
	return o.d.object(v, o.at(key), o.form)
}

// one gives a member that is one of a few words, "" when there is none.
func (o *object) one(key string, allowed ...string) string {
	return o.oneOf(o.take(key), key, allowed)
}

func (o *object) needOne(key string, allowed ...string) string {
	return o.oneOf(o.need(key), key, allowed)
}

func (o *object) oneOf(v *node, key string, allowed []string) string {
	if v == nil {
		return ""
	}
	return o.d.oneAt(v, o.at(key), allowed)
}

func (d *decoder) oneAt(v *node, path string, allowed []string) string {
	if v.kind != jsonString {
		d.list.Add("document.not_text", path)
		return ""
	}
	if !slices.Contains(allowed, v.text) {
		d.refuseWord(v.text, path, allowed)
		return ""
	}
	return v.text
}

func (d *decoder) refuseWord(word, path string, allowed []string) {
	dg := diag.New("document.value_not_allowed", path, "value", word, "allowed", allowed)
	if s := nearest(word, allowed); s != "" {
		dg.Args["suggestion"], dg.Fix = s, "document.did_you_mean"
	}
	d.list = append(d.list, dg)
}

// label reads a text in the default language under key and its translations under x-key.
func (o *object) label(key string, limit int, required bool) metamodel.Label {
	var out metamodel.Label
	var s string
	if required {
		s = o.needText(key, limit)
	} else {
		s = o.text(key, limit)
	}
	if s != "" {
		out = metamodel.Label{metamodel.DefaultLanguage: s}
	}
	more := o.languages("x-"+key, limit)
	if _, twice := more[metamodel.DefaultLanguage]; twice {
		o.d.list.Add("document.unknown_key", diag.Pointer(o.at("x-"+key), metamodel.DefaultLanguage), "key", metamodel.DefaultLanguage)
	}
	for lang, t := range more {
		if out == nil {
			out = metamodel.Label{}
		}
		if lang != metamodel.DefaultLanguage {
			out[lang] = t
		}
	}
	return out
}

// codeForm is the form of a diagnostic code.
var codeForm = regexp.MustCompile(`^[a-z][a-z0-9]*(\.[a-z][a-z0-9_]*)+$`)

var languageForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// languages reads an object of texts by language.
func (o *object) languages(key string, limit int) metamodel.Label {
	in := o.object(key)
	if in == nil || in.n == nil {
		return nil
	}
	var out metamodel.Label
	for _, m := range in.n.members {
		if !languageForm.MatchString(m.key) || len(m.key) > 35 {
			in.add("document.unknown_key", m.key, "key", m.key)
			continue
		}
		if s := o.d.textAt(m.value, in.at(m.key), limit); s != "" {
			if out == nil {
				out = metamodel.Label{}
			}
			out[m.key] = s
		}
	}
	return out
}

// forbidden are the keywords of JSON Schema that could make a document costly to read or point elsewhere.
var forbidden = []string{
	"$anchor", "$comment", "$defs", "$dynamicAnchor", "$dynamicRef", "$id", "$recursiveAnchor", "$recursiveRef",
	"$ref", "$vocabulary", "allOf", "anyOf", "const", "contains", "contentEncoding", "contentMediaType",
	"contentSchema", "default", "definitions", "dependencies", "dependentRequired", "dependentSchemas", "else",
	"exclusiveMaximum", "exclusiveMinimum", "id", "if", "maxContains", "maxProperties", "minContains",
	"minProperties", "multipleOf", "not", "oneOf", "patternProperties", "prefixItems", "propertyNames", "then",
	"unevaluatedItems", "unevaluatedProperties",
}

// doneUnknown is done for an object of which it can't be told what keys it may have: only what no object may
// have is reported.
func (o *object) doneUnknown() {
	if o.n == nil {
		return
	}
	for _, m := range o.n.members {
		if slices.Contains(forbidden, m.key) && !slices.Contains(o.asked, m.key) {
			o.add("schema.keyword_not_allowed", m.key, "keyword", m.key)
		}
	}
}

// done reports every member that was not asked for.
func (o *object) done() {
	if o.n == nil {
		return
	}
	for _, m := range o.n.members {
		if slices.Contains(o.asked, m.key) {
			continue
		}
		if slices.Contains(forbidden, m.key) {
			o.add("schema.keyword_not_allowed", m.key, "keyword", m.key)
			continue
		}
		dg := diag.New("document.unknown_key", o.at(m.key), "key", clip(m.key))
		if s := nearest(m.key, o.asked); s != "" {
			dg.Args["suggestion"], dg.Fix = s, "document.did_you_mean"
		}
		o.d.list = append(o.d.list, dg)
	}
}
