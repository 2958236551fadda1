package engine

import (
	"slices"
	"strconv"

	"tenon/engine/compile"
	"tenon/engine/sheet"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// ask reads what a preview or run is asked to do: {"mapping": {header: field}, "group", "mode", "key", "corrections":
// {row: {header: text}}, "offset"}. A field of lines is named with the field that holds them: lines.item.
func (p *importPlan) ask(c Call, ent *compile.Entity, may decision, body []byte) (offset int, err error) {
	v, err := parseObject(body)
	if err != nil {
		return 0, err
	}
	l := &lister{list: v.only("", "mapping", "group", "mode", "key", "corrections", "offset")}
	if mode := v.optionalText(l, "mode"); mode != "" {
		if mode != modeAllOrNothing && mode != modeSkipBad {
			l.list.Add("import.mode", "/mode", "value", clip(mode))
		}
		p.Mode = mode
	}
	if m := v.get("mapping"); m != nil {
		p.askMapping(c, ent, may, m, &l.list)
	}
	if v.get("group") != nil {
		p.askGroup(v.optionalText(l, "group"), &l.list)
	}
	if m := v.get("corrections"); m != nil {
		p.askCorrections(m, &l.list)
	}
	if v.get("key") != nil {
		if err := p.askKey(c, ent, v.optionalText(l, "key"), &l.list); err != nil {
			return 0, err
		}
	}
	p.checkNumbers(c, ent, &l.list)
	if o := v.get("offset"); o != nil && o.text != "0" {
		offset = boundedInt(l, o, "/offset", sheet.MaxRows)
	}
	return offset, l.list.Err()
}

// askKey takes the field that finds the records which rows update; all of them are new when it is empty.
func (p *importPlan) askKey(c Call, ent *compile.Entity, key string, list *diag.List) error {
	if p.Key = ""; key == "" {
		return nil
	}
	f := ent.ByName(key)
	if f == nil || !f.Unique && f.Kind != metamodel.Number || !c.decide(ent.Entity, metamodel.ActRead).open(f) {
		list.Add("import.key", "/key", "field", clip(key))
		return nil
	}
	p.Key = f.ID
	_, err := c.require(ent, metamodel.ActUpdate)
	return err
}

// checkNumbers refuses a column for a number that Tenon gives, unless it finds records.
func (p *importPlan) checkNumbers(c Call, ent *compile.Entity, list *diag.List) {
	for column, id := range p.Mapping {
		if f := ent.FieldByID(id); f != nil && f.Kind == metamodel.Number && id != p.Key {
			list.Add("import.number", diag.Pointer("/mapping", clip(p.Headers[column])), "field", f.Title.In(c.Locale))
		}
	}
}

func (p *importPlan) askMapping(c Call, ent *compile.Entity, may decision, m *jsonValue, list *diag.List) {
	if m.kind != jsonObject {
		problem, _ := asProblem(wrongMember("/mapping", "mapping", "object"))
		*list = append(*list, problem.List...)
		return
	}
	allowed := map[string]importField{}
	for _, f := range slices.Concat(c.importable(ent, may), c.importKeys(ent)) {
		allowed[f.path()] = f
	}
	p.Mapping, p.LineMapping, p.Lines = map[int]metamodel.ID{}, nil, ""
	used := map[string]bool{}
	for i := range m.members {
		header, field := m.members[i].name, m.members[i].value.text
		at := diag.Pointer("/mapping", clip(header))
		column := slices.Index(p.Headers, header)
		to, known := allowed[field]
		switch {
		case m.members[i].value.kind == jsonNull || field == "":
		case column < 0:
			list.Add("import.column_unknown", at, "column", clip(header))
		case !known:
			list.Add("record.field_unknown", at, "field", clip(field))
		case used[field]:
			list.Add("import.field_twice", at, "field", clip(field))
		case !p.put(column, to):
			list.Add("import.lines_twice", at, "field", clip(field))
		default:
			used[field] = true
		}
	}
}

// put maps a column to a field. It reports false for the lines of another field than those that the file has already.
func (p *importPlan) put(column int, f importField) bool {
	switch {
	case f.lines == nil:
		p.Mapping[column] = f.ID
		return true
	case p.Lines != "" && p.Lines != f.lines.ID:
		return false
	case p.LineMapping == nil:
		p.Lines, p.LineMapping = f.lines.ID, map[int]metamodel.ID{}
	}
	p.LineMapping[column] = f.ID
	return true
}

// askGroup takes the column whose texts tell which rows belong to one record, none when empty.
func (p *importPlan) askGroup(header string, list *diag.List) {
	p.Group = 0
	if header == "" {
		return
	}
	if p.Group = slices.Index(p.Headers, header) + 1; p.Group == 0 {
		list.Add("import.column_unknown", "/group", "column", clip(header))
	}
}

// askCorrections reads the texts that take the place of cells; they replace those of an earlier call.
func (p *importPlan) askCorrections(m *jsonValue, list *diag.List) {
	if m.kind != jsonObject {
		problem, _ := asProblem(wrongMember("/corrections", "corrections", "object"))
		*list = append(*list, problem.List...)
		return
	}
	p.Corrections = map[int]map[int]string{}
	cells := 0
	for _, row := range m.members {
		at := diag.Pointer("/corrections", clip(row.name))
		number, err := strconv.Atoi(row.name)
		if err != nil || number < 1 || number > sheet.MaxRows || row.value.kind != jsonObject {
			list.Add("import.correction", at)
			continue
		}
		texts := map[int]string{}
		for _, cell := range row.value.members {
			column := slices.Index(p.Headers, cell.name)
			if column < 0 || cell.value.kind != jsonString {
				list.Add("import.correction", diag.Pointer(at, clip(cell.name)))
				continue
			}
			texts[column] = cell.value.text
			cells++
		}
		p.Corrections[number] = texts
	}
	if cells > maxCorrections {
		list.Add("import.too_many_corrections", "/corrections", "max", maxCorrections)
	}
}
