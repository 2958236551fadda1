package engine

import (
	"strconv"
	"strings"

	"tenon/engine/compile"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// handles are the names by which scenarios and demonstration data mention records that they made before: $name is a
// record, $name/2 the second line of one.
type handles struct {
	ids   map[string]string
	lines map[string]map[*metamodel.Entity][]string // by name, then by what the lines are
}

// add remembers a record, and its lines as they are now.
func (h *handles) add(name string, e *compile.Entity, row value.Row) {
	if name == "" {
		return
	}
	h.ids[name], _ = row[metamodel.SlotID].(string)
	for _, l := range e.Lines {
		rows, _ := row[l.Field.Slot].([]value.Row)
		ids := make([]string, len(rows))
		for i, r := range rows {
			ids[i], _ = r[metamodel.LineSlotID].(string)
		}
		if h.lines == nil {
			h.lines = map[string]map[*metamodel.Entity][]string{}
		}
		if h.lines[name] == nil {
			h.lines[name] = map[*metamodel.Entity][]string{}
		}
		h.lines[name][l.Entity.Entity] = ids
	}
}

// find gives the id that a mention in a field stands for; "" where there is none.
func (h *handles) find(f *metamodel.Field, name string) string {
	if f == nil || f.Target == nil || !f.Target.IsLines() {
		return h.ids[name]
	}
	name, place, _ := strings.Cut(name, "/")
	lines := h.lines[name][f.Target]
	if n, err := strconv.Atoi(place); err == nil && n >= 1 && n <= len(lines) {
		return lines[n-1]
	}
	return ""
}

// replaceHandles puts the id that find gives in the place of every text `$handle`; `$$` is a sign.
func (v *jsonValue) replaceHandles(e *metamodel.Entity, find func(f *metamodel.Field, name string) string) {
	for i := range v.members {
		m := &v.members[i]
		f := e.Field(m.name)
		if f != nil && f.Kind == metamodel.Lines {
			for j := range m.value.items {
				m.value.items[j].replaceHandles(f.Target, find)
			}
			continue
		}
		m.value.replaceHandle(f, find)
	}
}

func (v *jsonValue) replaceHandle(f *metamodel.Field, find func(f *metamodel.Field, name string) string) {
	if v.kind == jsonString && len(v.text) > 1 && v.text[0] == '$' {
		if v.text[1] == '$' {
			v.text = v.text[1:]
		} else {
			v.text = find(f, v.text[1:])
		}
	}
	for i := range v.items {
		v.items[i].replaceHandle(f, find)
	}
	for i := range v.members {
		v.members[i].value.replaceHandle(nil, find)
	}
}
