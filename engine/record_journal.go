package engine

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// same compares two slots by value: 1.0 is 1.00, an instant is itself in any zone.
func same(a, b any) bool {
	switch a := a.(type) {
	case value.Decimal:
		b, ok := b.(value.Decimal)
		return ok && a.Equal(b)
	case time.Time:
		b, ok := b.(time.Time)
		return ok && a.Equal(b)
	case []string:
		b, ok := b.([]string)
		return ok && slices.Equal(a, b)
	case []value.Row, value.Row:
		return reflect.DeepEqual(a, b)
	}
	return a == b
}

// changes lists the fields that a draft changes, stamps left out.
func (w *writer) changes(d *draft) []*metamodel.Field {
	var out []*metamodel.Field
	for _, f := range d.entity.Columns() {
		if f.System && f.Slot != metamodel.SlotOwner && f.Slot != metamodel.SlotDepartment && f.Slot != metamodel.SlotDeletedAt || f.Computed() && !f.Stored {
			continue
		}
		if f.Kind == metamodel.Lines {
			if w.linesChanged(d, f) {
				out = append(out, f)
			}
			continue
		}
		var before any
		if d.before != nil {
			before = d.before[f.Slot]
		}
		if !same(before, d.after[f.Slot]) {
			out = append(out, f)
		}
	}
	return out
}

func (w *writer) linesChanged(d *draft, f *metamodel.Field) bool {
	after := d.lines(f)
	var before []value.Row
	if d.before != nil {
		before, _ = d.before[f.Slot].([]value.Row)
	}
	if len(before) != len(after) {
		return true
	}
	for i := range after {
		for _, lf := range f.Target.Columns() {
			if !lf.Virtual() && !same(before[i][lf.Slot], after[i][lf.Slot]) {
				return true
			}
		}
	}
	return false
}

// record writes what happened into the journal and the outbox, in the transaction of the change.
func (w *writer) record(ctx context.Context, d *draft, action string) error {
	w.forget(d.entity)
	data := w.changeData(d)
	id := d.after[metamodel.SlotID].(string)
	version := d.after[metamodel.SlotVersion].(int64)
	entry := w.entry(action)
	entry.EntityID, entry.RecordID, entry.Version, entry.Data = string(d.entity.ID), id, version, data
	if err := w.tx.Journal(ctx, entry); err != nil {
		return fmt.Errorf("journal the change: %w", err)
	}
	event := store.Event{
		ID: w.engine.newID(), Type: "tenon.record." + eventVerb(action) + ".v1", Source: "/apps/" + w.call.Snap.App.Name,
		Subject: d.entity.Name + "/" + id, Time: w.call.Now, Data: data, App: w.call.Snap.App.Name,
		EntityID: string(d.entity.ID), RecordID: id, Version: version,
	}
	if err := w.tx.Emit(ctx, event); err != nil {
		return fmt.Errorf("emit the change: %w", err)
	}
	if err := w.tellAssigned(ctx, d); err != nil {
		return fmt.Errorf("tell who is assigned: %w", err)
	}
	return nil
}

func (w *writer) entry(action string) store.Entry {
	return store.Entry{
		At: w.call.Now, Actor: w.call.Actor.ID, ActorKind: w.call.Actor.Kind.String(), Action: action,
		App: w.call.Snap.App.Name, RequestID: w.call.RequestID,
	}
}

// eventVerb is the past tense of an action, as CloudEvents types have it.
func eventVerb(action string) string {
	switch action {
	case "create":
		return "created"
	case "delete":
		return "deleted"
	case "restore":
		return "restored"
	case "transition":
		return "transitioned"
	}
	return "updated"
}

// changeData is {"before": {…}, "after": {…}} with fields by id, only what changed. A private field shows that it
// changed, never its value.
func (w *writer) changeData(d *draft) []byte {
	fields := w.changes(d)
	b := append(make([]byte, 0, 256), `{"before":`...)
	if d.before == nil {
		b = append(b, "null"...)
	} else {
		b = appendFields(b, fields, d.before)
	}
	b = append(b, `,"after":`...)
	b = appendFields(b, fields, d.after)
	return append(b, '}')
}

func appendFields(b []byte, fields []*metamodel.Field, row value.Row) []byte {
	b = append(b, '{')
	for i, f := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, string(f.ID)), ':')
		switch {
		case f.Private:
			b = append(b, `"`+maskText+`"`...)
		case f.Kind == metamodel.Lines:
			b = appendLineData(b, f, row[f.Slot])
		default:
			b = appendValue(b, row[f.Slot])
		}
	}
	return append(b, '}')
}

func appendLineData(b []byte, f *metamodel.Field, v any) []byte {
	rows, _ := v.([]value.Row)
	var fields []*metamodel.Field
	for _, lf := range f.Target.Columns() {
		if !lf.Virtual() && lf.Name != metamodel.ParentField {
			fields = append(fields, lf)
		}
	}
	b = append(b, '[')
	for i, r := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendFields(b, fields, r)
	}
	return append(b, ']')
}
