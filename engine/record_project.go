package engine

import (
	"strconv"
	"strings"

	"tenon/engine/compile"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// maskText is what a masked field shows.
const maskText = "***"

// projection says which fields of a record an answer shows, worked out once per request.
type projection struct {
	entity *compile.Entity
	fields []projected
	expand []expansion

	stored, rest []*metamodel.Field // how they are read, when divided
	divided      bool
}

type projected struct {
	field *metamodel.Field
	key   []byte // `"name":`
	mask  bool
	lines *projection
}

// expansion is a relation whose record is shown inside.
type expansion struct {
	field *metamodel.Field
	key   []byte
	may   decision
	proj  *projection
}

// alwaysShown are the system fields without which a record can't be worked with.
var alwaysShown = map[string]bool{"id": true, "version": true}

// maxExpand bounds how many relations one request may expand, and maxFields how many fields it may name.
const (
	maxExpand = 8   // relations that one request may expand
	maxNamed  = 200 // fields that one request may name
)

// project works out what an answer shows. Unknown and unreadable names are refused alike.
func (c Call) project(e *compile.Entity, may decision, opt ReadOptions) (*projection, error) {
	var list diag.List
	want, lineWant := c.wanted(opt.Fields, &list)
	p := c.projectFields(e, may, want, lineWant, &list)
	for name := range want {
		if f := e.ByName(name); f == nil || !may.readable(f) {
			list.Add("query.field_unknown", "", "field", clip(name), "parameter", "fields")
		}
	}
	if len(opt.Expand) > maxExpand {
		list.Add("limit.exceeded", "", "what", "expand", "actual", len(opt.Expand), "limit", maxExpand)
	}
	for _, name := range opt.Expand {
		if list.HasErrors() {
			break
		}
		c.projectExpand(p, may, name, &list)
	}
	return p, list.Err()
}

// wanted splits the names of `fields` into the record's and its lines' (`lines.item`). Nil means everything.
func (c Call) wanted(fields []string, list *diag.List) (want map[string]bool, lines map[string]map[string]bool) {
	if len(fields) == 0 {
		return nil, nil
	}
	if len(fields) > maxNamed {
		list.Add("limit.exceeded", "", "what", "fields", "actual", len(fields), "limit", maxNamed)
		return map[string]bool{}, nil
	}
	want, lines = map[string]bool{}, map[string]map[string]bool{}
	for _, name := range fields {
		head, tail, nested := strings.Cut(name, ".")
		want[head] = true
		if !nested {
			continue
		}
		if lines[head] == nil {
			lines[head] = map[string]bool{}
		}
		lines[head][tail] = true
	}
	return want, lines
}

func (c Call) projectFields(e *compile.Entity, may decision, want map[string]bool, lineWant map[string]map[string]bool, list *diag.List) *projection {
	p := &projection{entity: e, fields: make([]projected, 0, len(e.Columns()))}
	for _, f := range e.Columns() {
		if want != nil && !want[f.Name] && !alwaysShown[f.Name] || !may.readable(f) {
			continue
		}
		if f.System && (f.Name == metamodel.ParentField && e.IsLines() || f.Slot == metamodel.SlotDeletedAt && !e.IsLines() && !want["deleted_at"]) {
			continue
		}
		item := projected{field: f, key: append(appendString(nil, f.Name), ':'), mask: may.masked(f)}
		if f.Kind == metamodel.Lines {
			l := e.LinesOf(f)
			item.lines = c.projectFields(l.Entity, may, lineWant[f.Name], nil, list)
			for name := range lineWant[f.Name] {
				if lf := l.Entity.ByName(name); lf == nil || !may.readable(lf) {
					list.Add("query.field_unknown", "", "field", clip(f.Name+"."+name), "parameter", "fields")
				}
			}
		}
		p.fields = append(p.fields, item)
	}
	return p
}

// projectExpand adds a relation to what is shown inside, or a path of them: item.unit shows the item, and in it its unit.
func (c Call) projectExpand(p *projection, may decision, path string, list *diag.List) {
	steps := strings.Split(path, ".")
	if len(steps) > maxHops {
		list.Add("limit.exceeded", "", "what", "expand", "actual", len(steps), "limit", maxHops)
		return
	}
	for _, name := range steps {
		x := c.expansion(p, may, name, list)
		if x == nil {
			list.Add("query.field_unknown", "", "field", clip(path), "parameter", "expand")
			return
		}
		p, may = x.proj, x.may
	}
}

// expansion finds or makes the expansion of one relation; nil where the actor has no such relation.
func (c Call) expansion(p *projection, may decision, name string, list *diag.List) *expansion {
	f := p.entity.ByName(name)
	if f == nil || !may.readable(f) || may.masked(f) || f.Target == nil || f.Kind == metamodel.Lines {
		return nil
	}
	for i := range p.expand {
		if p.expand[i].field == f {
			return &p.expand[i]
		}
	}
	there := c.decide(f.Target, metamodel.ActRead)
	if !there.allow() {
		return nil
	}
	proj := c.projectFields(c.Snap.Of(f.Target), there, nil, nil, list)
	proj.fields = withoutLines(proj.fields)
	p.expand = append(p.expand, expansion{field: f, key: append(appendString(nil, f.Name), ':'), may: there, proj: proj})
	return &p.expand[len(p.expand)-1]
}

func withoutLines(fields []projected) []projected {
	out := fields[:0]
	for _, f := range fields {
		if f.lines == nil {
			out = append(out, f)
		}
	}
	return out
}

// slots lists the fields that the store must fill for this projection.
func (p *projection) slots() []*metamodel.Field {
	var out []*metamodel.Field
	for _, f := range p.fields {
		if f.lines == nil && !f.mask {
			out = append(out, f.field)
		}
	}
	for _, x := range p.expand {
		out = append(out, x.field)
	}
	return out
}

// lineFields lists the lines fields that are shown.
func (p *projection) lineFields() []*metamodel.Field {
	var out []*metamodel.Field
	for _, f := range p.fields {
		if f.lines != nil {
			out = append(out, f.field)
		}
	}
	return out
}

// append writes a row as a flat JSON object; related holds the rows of the expanded relations by field.
func (p *projection) append(b []byte, row value.Row, related map[*metamodel.Field]map[string]value.Row, warnings diag.List, lang string) []byte {
	b = append(b, '{')
	for i := range p.fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = p.fields[i].append(b, row)
	}
	if len(p.expand) > 0 {
		b = append(b, `,"expanded":{`...)
		for i := range p.expand {
			if i > 0 {
				b = append(b, ',')
			}
			b = p.expand[i].append(b, row, related)
		}
		b = append(b, '}')
	}
	if len(warnings) > 0 {
		b = append(b, `,"warnings":`...)
		b = appendDiagnostics(b, warnings, lang)
	}
	return append(b, '}')
}

func (f *projected) append(b []byte, row value.Row) []byte {
	b = append(b, f.key...)
	switch {
	case f.mask:
		if row[f.field.Slot] == nil && f.field.Kind != metamodel.Lines {
			return append(b, `"`+maskText+`"`...)
		}
		return append(b, `"`+maskText+`"`...)
	case f.lines != nil:
		rows, _ := row[f.field.Slot].([]value.Row)
		b = append(b, '[')
		for i, r := range rows {
			if i > 0 {
				b = append(b, ',')
			}
			b = f.lines.append(b, r, nil, nil, "")
		}
		return append(b, ']')
	}
	return appendValue(b, row[f.field.Slot])
}

func (x *expansion) append(b []byte, row value.Row, related map[*metamodel.Field]map[string]value.Row) []byte {
	b = append(b, x.key...)
	switch v := row[x.field.Slot].(type) {
	case string:
		r, ok := related[x.field][v]
		if !ok {
			return append(b, "null"...)
		}
		return x.proj.append(b, r, related, nil, "")
	case []string:
		b = append(b, '[')
		n := 0
		for _, id := range v {
			if r, ok := related[x.field][id]; ok {
				if n > 0 {
					b = append(b, ',')
				}
				b = x.proj.append(b, r, related, nil, "")
				n++
			}
		}
		return append(b, ']')
	}
	return append(b, "null"...)
}

// appendDiagnostics writes diagnostics as the API shows them: pointer, code, message, cure, severity.
func appendDiagnostics(b []byte, list diag.List, lang string) []byte {
	b = append(b, '[')
	for i, d := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"pointer":`...)
		b = appendString(b, d.Path)
		b = append(b, `,"code":`...)
		b = appendString(b, string(d.Code))
		b = append(b, `,"severity":`...)
		b = appendString(b, d.Severity.String())
		b = append(b, `,"message":`...)
		b = appendString(b, d.Text(lang))
		if cure := d.Cure(lang); cure != "" {
			b = append(b, `,"cure":`...)
			b = appendString(b, cure)
		}
		if d.Pos != nil {
			b = append(b, `,"position":{"offset":`...)
			b = strconv.AppendInt(b, int64(d.Pos.Offset), 10)
			b = append(b, `,"length":`...)
			b = strconv.AppendInt(b, int64(d.Pos.Length), 10)
			b = append(b, '}')
		}
		b = append(b, '}')
	}
	return append(b, ']')
}
