package engine

import (
	"tenon/engine/compile"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// given is a decoded body: the row with what was sent, and which fields were sent.
type given struct {
	row  value.Row
	sent []bool // by slot
}

// decodeRecord reads a record's JSON into slots, in one walk: unknown, read-only, computed, wrong type and too
// long are all reported together. Lines given as an array replace the record's lines; those with an id are
// existing ones.
func (c Call) decodeRecord(d *decoder, e *compile.Entity, may decision, body *jsonValue, path string) given {
	out := given{row: make(value.Row, len(e.Columns())), sent: make([]bool, len(e.Columns()))}
	for i := range body.members {
		m := &body.members[i]
		at := diag.Pointer(path, clip(m.name))
		f := e.ByName(m.name)
		if f == nil || !c.fieldKnown(may, f) {
			d.list.Add("record.field_unknown", at, "field", clip(m.name))
			continue
		}
		if reason := c.unwritable(e, may, f); reason != nil {
			d.list.Add("record.field_not_writable", at, "field", f.Title.In(c.Locale), "reason", reason[langOf(c.Locale)])
			continue
		}
		var v any
		var ok bool
		if f.Kind == metamodel.Lines {
			v, ok = c.decodeLines(d, e.LinesOf(f), may, &m.value, at)
		} else {
			v, ok = d.value(e, f, &m.value, at)
		}
		if !ok && d.trial && f.Kind != metamodel.Lines {
			v, ok = nil, true
		}
		if ok {
			out.row[f.Slot], out.sent[f.Slot] = v, true
		}
	}
	return out
}

// fieldKnown tells whether a field exists for someone: a hidden one doesn't.
func (c Call) fieldKnown(may decision, f *metamodel.Field) bool {
	return f.System || may.readable(f) || may.writable(f)
}

var (
	reasonSystem   = map[string]string{"zh-CN": "由系统维护", "en-US": "Tenon keeps it"}
	reasonComputed = map[string]string{"zh-CN": "由公式计算", "en-US": "a formula computes it"}
	reasonNumber   = map[string]string{"zh-CN": "由系统编号", "en-US": "Tenon numbers it"}
	reasonState    = map[string]string{"zh-CN": "状态只能通过状态操作改变", "en-US": "a state changes by transitions only"}
	reasonMask     = map[string]string{"zh-CN": "您没有修改它的权限", "en-US": "you may not change it"}
)

// unwritable says why a person can't write a field; nil when it can be written.
func (c Call) unwritable(e *compile.Entity, may decision, f *metamodel.Field) map[string]string {
	switch {
	case f.System && (f.Slot == metamodel.SlotOwner || f.Slot == metamodel.SlotDepartment) && !e.IsLines():
		if assign := c.decide(e.Entity, metamodel.ActAssign); assign.writable(f) && may.writable(f) {
			return nil
		}
		return reasonMask
	case f.System:
		return reasonSystem
	case f.Computed():
		return reasonComputed
	case f.Kind == metamodel.Number:
		if c.trusted {
			return nil
		}
		return reasonNumber
	case f.State:
		if c.trusted {
			return nil
		}
		return reasonState
	case !may.writable(f):
		return reasonMask
	}
	return nil
}

func (c Call) decodeLines(d *decoder, l *compile.Lines, may decision, v *jsonValue, path string) (any, bool) {
	if v.kind == jsonNull {
		return []value.Row{}, true
	}
	if v.kind != jsonArray {
		d.wrongType(path, l.Field, metamodel.Lines)
		return nil, false
	}
	if l.Field.MaxLength > 0 && len(v.items) > l.Field.MaxLength {
		d.add("record.too_many", path, l.Field, "actual", len(v.items), "limit", l.Field.MaxLength)
		return nil, false
	}
	rows := make([]value.Row, 0, len(v.items))
	for i := range v.items {
		at := diag.Pointer(path, i)
		if v.items[i].kind != jsonObject {
			d.wrongType(at, l.Field, metamodel.Lines)
			continue
		}
		rows = append(rows, c.decodeLine(d, l, may, &v.items[i], at))
	}
	return rows, true
}

// lineSent marks, in a decoded line, a slot that was not sent: the line's former value stays.
type lineSent struct{}

// decodeLine decodes one line. The id of an existing line may be sent along; slots that were not sent hold
// lineSent until the line is merged with what it was.
func (c Call) decodeLine(d *decoder, l *compile.Lines, may decision, v *jsonValue, path string) value.Row {
	var id any
	rest := jsonValue{kind: jsonObject}
	for _, m := range v.members {
		switch m.name {
		case "id":
			switch m.value.kind {
			case jsonString:
				id = m.value.text
				continue
			case jsonNull:
				continue // as if it were not there
			case jsonBool, jsonNumber, jsonArray, jsonObject: // told like any other id that can't be written
			}
		case "position":
			continue // the order of the array is the order of the lines
		}
		rest.members = append(rest.members, m)
	}
	g := c.decodeRecord(d, l.Entity, may, &rest, path)
	for slot, sent := range g.sent {
		if !sent {
			g.row[slot] = lineSent{}
		}
	}
	g.row[metamodel.LineSlotID] = id
	return g.row
}
