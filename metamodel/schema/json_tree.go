package schema

import (
	"strconv"

	"tenon/metamodel"
)

// jsonKind is the kind of a JSON value.
type jsonKind uint8

const (
	jsonNull jsonKind = iota
	jsonBool
	jsonNumber
	jsonString
	jsonArray
	jsonObject
)

// node is a JSON value that keeps what Go's maps lose: the order of members and the text of numbers.
type node struct {
	kind    jsonKind
	flag    bool   // jsonBool
	text    string // jsonString: the characters; jsonNumber: an integer's digits
	items   []*node
	members []member
}

type member struct {
	key   string
	value *node
}

// get finds a member by its exact name; nil when the node is no object or has none.
func (n *node) get(key string) *node {
	if n == nil || n.kind != jsonObject {
		return nil
	}
	for _, m := range n.members {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// str is the text of a string node, "" for anything else.
func (n *node) str() string {
	if n == nil || n.kind != jsonString {
		return ""
	}
	return n.text
}

func textNode(s string) *node        { return &node{kind: jsonString, text: s} }
func numberNode(n int) *node         { return &node{kind: jsonNumber, text: strconv.Itoa(n)} }
func boolNode(b bool) *node          { return &node{kind: jsonBool, flag: b} }
func idNode(id metamodel.ID) *node   { return textNode(string(id)) }
func listNode(items ...*node) *node  { return &node{kind: jsonArray, items: items} }
func objectNode(all ...member) *node { return &node{kind: jsonObject, members: all} }
func textsNode[T ~string](l []T) *node {
	out := listNode()
	for _, s := range l {
		out.items = append(out.items, textNode(string(s)))
	}
	return out
}

// put appends a member; a nil value is left out.
func (n *node) put(key string, value *node) {
	if value != nil {
		n.members = append(n.members, member{key, value})
	}
}

// putText appends a text unless it is empty.
func (n *node) putText(key, s string) {
	if s != "" {
		n.put(key, textNode(s))
	}
}

// putTrue appends true, or nothing.
func (n *node) putTrue(key string, b bool) {
	if b {
		n.put(key, boolNode(true))
	}
}

// putNumber appends a number unless it is the default.
func (n *node) putNumber(key string, v, unless int) {
	if v != unless {
		n.put(key, numberNode(v))
	}
}

// putList appends a list unless it is empty.
func (n *node) putList(key string, list *node) {
	if len(list.items) > 0 {
		n.put(key, list)
	}
}
