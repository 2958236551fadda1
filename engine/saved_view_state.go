package engine

import (
	"strings"

	"tenon/engine/compile"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// savedState is what a saved view consists of, as a list request would say it.
type savedState struct {
	Filter  string        `json:"filter,omitempty"`
	OrderBy string        `json:"order_by,omitempty"`
	Columns []savedColumn `json:"columns,omitempty"`
	Group   string        `json:"group,omitempty"`
	Search  string        `json:"search,omitempty"`
}

type savedColumn struct {
	Path   string `json:"path"`
	Width  int    `json:"width,omitempty"`
	Hidden bool   `json:"hidden,omitempty"`
}

// wrong reports a member of a body that has not the form it must have.
func (l *lister) wrong(path, name, form string) {
	p, _ := asProblem(wrongMember(path, name, form))
	l.list = append(l.list, p.List...)
}

// readState reads the form of a state; what it says is judged afterwards.
func (l *lister) readState(v *jsonValue) savedState {
	const at = "/state"
	if v.kind != jsonObject {
		l.wrong(at, "state", "object")
		return savedState{}
	}
	l.list = append(l.list, v.only(at, "filter", "order_by", "columns", "group", "search")...)
	sub := &lister{}
	st := savedState{
		Filter: v.optionalText(sub, "filter"), OrderBy: v.optionalText(sub, "order_by"), Group: v.optionalText(sub, "group"),
		Search: v.optionalText(sub, "search"),
	}
	l.list = append(l.list, sub.list.Under(at)...)
	columns := v.get("columns")
	if columns == nil || columns.kind == jsonNull {
		return st
	}
	if columns.kind != jsonArray {
		l.wrong(at+"/columns", "columns", "array")
		return st
	}
	if n := len(columns.items); n > maxSavedColumns {
		l.list.Add("limit.exceeded", at+"/columns", "what", "columns", "actual", n, "limit", maxSavedColumns)
		return st
	}
	for i := range columns.items {
		st.Columns = append(st.Columns, l.readColumn(&columns.items[i], diag.Pointer(at, "columns", i)))
	}
	return st
}

func (l *lister) readColumn(v *jsonValue, at string) savedColumn {
	if v.kind != jsonObject {
		l.wrong(at, "columns", "object")
		return savedColumn{}
	}
	l.list = append(l.list, v.only(at, "path", "width", "hidden")...)
	sub := &lister{}
	out := savedColumn{Path: v.optionalText(sub, "path")}
	l.list = append(l.list, sub.list.Under(at)...)
	if width := v.get("width"); width != nil {
		out.Width = boundedInt(l, width, at+"/width", maxColumnWidth)
	}
	if hidden := v.get("hidden"); hidden != nil {
		out.Hidden = hidden.bool
		if hidden.kind != jsonBool {
			l.wrong(at+"/hidden", "hidden", "boolean")
		}
	}
	return out
}

// judgeState checks a state as the list request that it will become: against the released documents and what the actor
// may read.
func (c Call) judgeState(v *metamodel.View, st *savedState) diag.List {
	ent := c.Snap.Of(v.Entity)
	may := c.decide(ent.Entity, metamodel.ActRead)
	var out diag.List
	part := func(at string, judge func(*lister)) {
		l := &lister{call: c, entity: ent, may: may}
		judge(l)
		out = append(out, l.list.Under("/state/"+at)...)
	}
	part("filter", func(l *lister) { l.filter(st.Filter) })
	part("order_by", func(l *lister) { l.order(st.OrderBy) })
	part("search", func(l *lister) { l.search(st.Search) })
	if st.Group != "" {
		part("group", func(l *lister) { l.path(st.Group, "group") })
	}
	for i := range st.Columns {
		part(diag.Pointer("columns", i, "path"), func(l *lister) { l.shown(ent, st.Columns[i].Path, "columns") })
	}
	return out
}

// shown checks a dotted name that is only shown: every field on the way must be readable.
func (l *lister) shown(e *compile.Entity, name, parameter string) {
	parts := strings.Split(name, ".")
	for i, part := range parts {
		var f *metamodel.Field
		if e != nil {
			f = e.ByName(part)
		}
		may := l.may
		if e != nil && e != l.entity {
			may = l.call.decide(e.Entity, metamodel.ActRead)
		}
		last := i == len(parts)-1
		if f == nil || !may.allow() || !may.readable(f) || i > maxHops || !last && !f.Kind.IsReference() {
			l.list.Add("query.field_unknown", "", "field", clip(name), "parameter", parameter)
			return
		}
		if !last {
			e = l.call.Snap.Of(f.Target)
		}
	}
}
