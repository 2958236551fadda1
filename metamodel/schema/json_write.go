package schema

import (
	"fmt"
	"slices"
	"strings"
)

// pretty is the node as people read it: members in the order given, two spaces of indent, a line break at
// the end. Lists of plain values stay on one line.
func (n *node) pretty() []byte {
	var b strings.Builder
	n.indent(&b, 0)
	b.WriteByte('\n')
	return []byte(b.String())
}

// canonical is the node as it is hashed and compared: members sorted by name, no space (RFC 8785).
func (n *node) canonical() []byte {
	var b strings.Builder
	n.compact(&b)
	return []byte(b.String())
}

func (n *node) scalar(b *strings.Builder) bool {
	switch n.kind {
	case jsonNull:
		b.WriteString("null")
	case jsonBool:
		fmt.Fprint(b, n.flag)
	case jsonNumber:
		b.WriteString(n.text)
	case jsonString:
		quote(b, n.text)
	case jsonArray, jsonObject:
		return false
	}
	return true
}

func (n *node) compact(b *strings.Builder) {
	switch {
	case n.scalar(b):
	case n.kind == jsonArray:
		b.WriteByte('[')
		for i, v := range n.items {
			if i > 0 {
				b.WriteByte(',')
			}
			v.compact(b)
		}
		b.WriteByte(']')
	default:
		sorted := slices.Clone(n.members)
		slices.SortFunc(sorted, func(x, y member) int { return strings.Compare(x.key, y.key) })
		b.WriteByte('{')
		for i, m := range sorted {
			if i > 0 {
				b.WriteByte(',')
			}
			quote(b, m.key)
			b.WriteByte(':')
			m.value.compact(b)
		}
		b.WriteByte('}')
	}
}

func (n *node) indent(b *strings.Builder, level int) {
	switch {
	case n.scalar(b):
	case n.kind == jsonArray && n.flat():
		b.WriteByte('[')
		for i, v := range n.items {
			if i > 0 {
				b.WriteString(", ")
			}
			v.scalar(b)
		}
		b.WriteByte(']')
	case n.kind == jsonArray:
		b.WriteByte('[')
		for i, v := range n.items {
			separate(b, i, level+1)
			v.indent(b, level+1)
		}
		newline(b, level)
		b.WriteByte(']')
	case len(n.members) == 0:
		b.WriteString("{}")
	default:
		b.WriteByte('{')
		for i, m := range n.members {
			separate(b, i, level+1)
			quote(b, m.key)
			b.WriteString(": ")
			m.value.indent(b, level+1)
		}
		newline(b, level)
		b.WriteByte('}')
	}
}

// flat tells whether a list has plain values only.
func (n *node) flat() bool {
	return !slices.ContainsFunc(n.items, func(v *node) bool { return v.kind == jsonArray || v.kind == jsonObject })
}

func separate(b *strings.Builder, i, level int) {
	if i > 0 {
		b.WriteByte(',')
	}
	newline(b, level)
}

func newline(b *strings.Builder, level int) {
	b.WriteByte('\n')
	for range level {
		b.WriteString("  ")
	}
}

// quote writes a JSON string with the fewest escapes.
func quote(b *strings.Builder, s string) {
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\r':
			b.WriteString(`\r`)
		case c < ' ':
			fmt.Fprintf(b, `\u%04x`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
}
