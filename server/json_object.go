package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"tenon/metamodel/diag"
)

// maxBodyDepth bounds the nesting of JSON bodies.
const maxBodyDepth = 32

// checkJSON holds a body to the rules of all JSON bodies: exactly one value in UTF-8 without a byte order mark,
// no name twice in an object, bounded depth.
func checkJSON(body []byte) error {
	if bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) || !utf8.Valid(body) {
		return diag.Refuse("body.encoding", "")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := checkValue(dec, 0); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return diag.Refuse("body.trailing", "")
	}
	return nil
}

func checkValue(dec *json.Decoder, depth int) error {
	t, err := dec.Token()
	if err != nil {
		return diag.Refuse("body.syntax", "", "offset", dec.InputOffset())
	}
	d, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	if depth >= maxBodyDepth {
		return diag.Refuse("body.too_deep", "", "limit", maxBodyDepth)
	}
	seen := map[string]bool{}
	for dec.More() {
		if d == '{' {
			name, err := dec.Token()
			if err != nil {
				return diag.Refuse("body.syntax", "", "offset", dec.InputOffset())
			}
			key, _ := name.(string)
			if seen[key] {
				return diag.Refuse("body.duplicate_key", diag.Pointer("", clip(key)), "key", clip(key))
			}
			seen[key] = true
		}
		if err := checkValue(dec, depth+1); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return diag.Refuse("body.syntax", "", "offset", dec.InputOffset())
	}
	return nil
}

// object reads the members of a JSON body of the platform's own routes. It collects all diagnostics; err says
// them at the end.
type object struct {
	members map[string]json.RawMessage
	list    diag.List
}

// readObject reads a body that is an object with no members but the known ones.
func readObject(body []byte, known ...string) (*object, error) {
	if err := checkJSON(body); err != nil {
		return nil, err
	}
	o := &object{}
	if err := json.Unmarshal(body, &o.members); err != nil || o.members == nil {
		return nil, diag.Refuse("body.not_object", "")
	}
	for _, name := range slices.Sorted(maps.Keys(o.members)) {
		if !slices.Contains(known, name) {
			o.list.Add("body.unknown_member", diag.Pointer("", clip(name)), "name", clip(name), "known", known)
		}
	}
	return o, nil
}

// has tells whether a member is given and not null.
func (o *object) has(name string) bool {
	raw, ok := o.members[name]
	return ok && string(raw) != "null"
}

// maxMember bounds the texts of the platform's own routes, in bytes.
const maxMember = 4096

// text reads a text; "" when absent.
func (o *object) text(name string, required bool) string {
	if !o.has(name) {
		if required {
			o.list.Add("body.member_required", diag.Pointer("", name), "name", name)
		}
		return ""
	}
	var s string
	if err := json.Unmarshal(o.members[name], &s); err != nil {
		o.wrong(name, "string")
		return ""
	}
	if len(s) > maxMember || strings.ContainsRune(s, 0) {
		o.wrong(name, "string (≤ 4096)")
		return ""
	}
	if required && strings.TrimSpace(s) == "" {
		o.list.Add("body.member_required", diag.Pointer("", name), "name", name)
	}
	return s
}

// boolean reads a truth value; false when absent.
func (o *object) boolean(name string) bool {
	var b bool
	if o.has(name) && json.Unmarshal(o.members[name], &b) != nil {
		o.wrong(name, "true | false")
	}
	return b
}

// integer reads a whole number between low and high; preset when absent.
func (o *object) integer(name string, preset, low, high int64) int64 {
	if !o.has(name) {
		return preset
	}
	var n json.Number
	if string(o.members[name])[0] != '"' && json.Unmarshal(o.members[name], &n) == nil {
		if i, err := n.Int64(); err == nil && i >= low && i <= high {
			return i
		}
	}
	o.wrong(name, "integer")
	return preset
}

// maxMemberItems bounds the lists of the platform's own routes.
const maxMemberItems = 1000

// texts reads a list of texts; nil when absent.
func (o *object) texts(name string) []string {
	if !o.has(name) {
		return nil
	}
	var list []string
	if err := json.Unmarshal(o.members[name], &list); err != nil || len(list) > maxMemberItems {
		o.wrong(name, "array of strings")
		return nil
	}
	return list
}

// textMap reads an object of texts; nil when absent.
func (o *object) textMap(name string) map[string]string {
	if !o.has(name) {
		return nil
	}
	var m map[string]string
	if err := json.Unmarshal(o.members[name], &m); err != nil || len(m) > maxMemberItems {
		o.wrong(name, "object of strings")
		return nil
	}
	return m
}

func (o *object) wrong(name, expected string) {
	o.list.Add("body.wrong_member", diag.Pointer("", name), "name", name, "expected", expected)
}

// err returns all diagnostics as one error, nil when there are none.
func (o *object) err() error { return o.list.Sort().Err() }

// maxClip bounds how much of a text from outside goes into a message, in runes.
const maxClip = 64

func clip(s string) string {
	n := 0
	for i := range s {
		if n == maxClip {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// maybe returns what a reader reads when the member is given, nil when it is absent: so that "not sent" and "sent
// empty" stay different.
func maybe[T any](o *object, name string, read func(string) T) *T {
	if _, given := o.members[name]; !given {
		return nil
	}
	v := read(name)
	return &v
}

// optional reads a text that may be empty.
func (o *object) optional(name string) string { return o.text(name, false) }
