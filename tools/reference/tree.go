package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// node is a JSON value whose members keep their order.
type node struct {
	members []member // of an object
	items   []*node  // of a list
	scalar  any      // of anything else
	object  bool
}

type member struct {
	key   string
	value *node
}

func readTree(text []byte) (*node, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	n, err := readNode(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one JSON value")
	}
	return n, nil
}

func readNode(dec *json.Decoder) (*node, error) {
	t, err := dec.Token()
	if err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	open, isDelim := t.(json.Delim)
	if !isDelim {
		return &node{scalar: t}, nil
	}
	n := &node{object: open == '{'}
	for dec.More() {
		key := ""
		if n.object {
			if t, err = dec.Token(); err != nil {
				return nil, fmt.Errorf("read JSON: %w", err)
			}
			key, _ = t.(string)
		}
		v, err := readNode(dec)
		if err != nil {
			return nil, err
		}
		if n.object {
			n.members = append(n.members, member{key, v})
		} else {
			n.items = append(n.items, v)
		}
	}
	_, err = dec.Token()
	return n, err
}

// get is a member of an object; nil where there is none.
func (n *node) get(path ...string) *node {
	for _, key := range path {
		if n == nil {
			return nil
		}
		var found *node
		for _, m := range n.members {
			if m.key == key {
				found = m.value
			}
		}
		n = found
	}
	return n
}

// str is a scalar as text; "" where there is none.
func (n *node) str() string {
	if n == nil || n.scalar == nil {
		return ""
	}
	return fmt.Sprint(n.scalar)
}

// text is the value as JSON, to compare and to show.
func (n *node) text() string {
	var b bytes.Buffer
	n.write(&b)
	return b.String()
}

func (n *node) write(b *bytes.Buffer) {
	switch {
	case n.object:
		b.WriteByte('{')
		for i, m := range n.members {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(b, "%q: ", m.key)
			m.value.write(b)
		}
		b.WriteByte('}')
	case n.scalar != nil:
		s, isText := n.scalar.(string)
		if isText {
			fmt.Fprintf(b, "%q", s)
			return
		}
		fmt.Fprint(b, n.scalar)
	default:
		b.WriteByte('[')
		for i, v := range n.items {
			if i > 0 {
				b.WriteString(", ")
			}
			v.write(b)
		}
		b.WriteByte(']')
	}
}
