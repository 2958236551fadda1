package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"tenon/metamodel/diag"
)

// maxBodyDepth bounds how deep a body may nest: a record has its lines at depth 3, a batch adds 2.
const maxBodyDepth = 32

// jsonKind is the sort of a JSON value.
type jsonKind uint8

const (
	jsonNull jsonKind = iota
	jsonBool
	jsonNumber
	jsonString
	jsonArray
	jsonObject
)

// jsonValue is a JSON value as it was written: numbers stay text, members keep their order.
type jsonValue struct {
	kind    jsonKind
	text    string // string, or the number's text
	bool    bool
	items   []jsonValue
	members []jsonMember
}

type jsonMember struct {
	name  string
	value jsonValue
}

// get finds an object's member; nil when absent.
func (v *jsonValue) get(name string) *jsonValue {
	if v == nil {
		return nil
	}
	for i := range v.members {
		if v.members[i].name == name {
			return &v.members[i].value
		}
	}
	return nil
}

// parseJSON reads exactly one JSON value, strictly: UTF-8 without a byte order mark, no duplicate names, no
// trailing text, bounded depth.
func parseJSON(body []byte) (*jsonValue, error) {
	if bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) || !utf8.Valid(body) {
		return nil, diag.Refuse("body.encoding", "")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	v, err := readJSON(dec, "", 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, diag.Refuse("body.trailing", "")
	}
	return v, nil
}

func readJSON(dec *json.Decoder, path string, depth int) (*jsonValue, error) {
	if depth > maxBodyDepth {
		return nil, diag.Refuse("body.too_deep", path, "limit", maxBodyDepth)
	}
	t, err := dec.Token()
	if err != nil {
		return nil, diag.Refuse("body.syntax", path, "offset", dec.InputOffset())
	}
	switch t := t.(type) {
	case nil:
		return &jsonValue{kind: jsonNull}, nil
	case bool:
		return &jsonValue{kind: jsonBool, bool: t}, nil
	case json.Number:
		return &jsonValue{kind: jsonNumber, text: t.String()}, nil
	case string:
		return &jsonValue{kind: jsonString, text: t}, nil
	case json.Delim:
		if t == '[' {
			return readJSONArray(dec, path, depth)
		}
		return readJSONObject(dec, path, depth)
	}
	return nil, diag.Refuse("body.syntax", path, "offset", dec.InputOffset())
}

func readJSONArray(dec *json.Decoder, path string, depth int) (*jsonValue, error) {
	v := &jsonValue{kind: jsonArray}
	for dec.More() {
		item, err := readJSON(dec, path, depth+1)
		if err != nil {
			return nil, err
		}
		v.items = append(v.items, *item)
	}
	if _, err := dec.Token(); err != nil {
		return nil, diag.Refuse("body.syntax", path, "offset", dec.InputOffset())
	}
	return v, nil
}

// fewMembers is the size up to which a linear look for a duplicate name beats a map.
const fewMembers = 24

func readJSONObject(dec *json.Decoder, path string, depth int) (*jsonValue, error) {
	v := &jsonValue{kind: jsonObject}
	var seen map[string]bool
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, diag.Refuse("body.syntax", path, "offset", dec.InputOffset())
		}
		name, ok := t.(string)
		if !ok {
			return nil, diag.Refuse("body.syntax", path, "offset", dec.InputOffset())
		}
		if seen == nil && len(v.members) >= fewMembers {
			seen = make(map[string]bool, 2*fewMembers)
			for _, m := range v.members {
				seen[m.name] = true
			}
		}
		if seen[name] || seen == nil && v.get(name) != nil {
			return nil, diag.Refuse("body.duplicate_key", diag.Pointer(path, clip(name)), "key", clip(name))
		}
		if seen != nil {
			seen[name] = true
		}
		value, err := readJSON(dec, diag.Pointer(path, clip(name)), depth+1)
		if err != nil {
			return nil, err
		}
		v.members = append(v.members, jsonMember{name: name, value: *value})
	}
	if _, err := dec.Token(); err != nil {
		return nil, diag.Refuse("body.syntax", path, "offset", dec.InputOffset())
	}
	return v, nil
}

// parseObject is parseJSON for bodies that must be an object.
func parseObject(body []byte) (*jsonValue, error) {
	v, err := parseJSON(body)
	if err != nil {
		return nil, err
	}
	if v.kind != jsonObject {
		return nil, diag.Refuse("body.not_object", "")
	}
	return v, nil
}

// only refuses members of an object that are not among the names.
func (v *jsonValue) only(path string, names ...string) diag.List {
	var list diag.List
	for _, m := range v.members {
		known := false
		for _, n := range names {
			known = known || n == m.name
		}
		if !known {
			list.Add("body.unknown_member", diag.Pointer(path, clip(m.name)), "name", clip(m.name), "known", names)
		}
	}
	return list
}
