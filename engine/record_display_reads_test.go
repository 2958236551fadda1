package engine

import (
	"context"
	"fmt"
	"testing"

	"tenon/engine/compile"
	"tenon/engine/policy"
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/schema"
	"tenon/metamodel/value"
	"tenon/templates"
)

// countedReader answers every question with a record per id, and counts the questions by entity.
type countedReader struct {
	asked map[string]int
}

func (r *countedReader) Select(_ context.Context, q *query.Select, _ *query.Env) (*query.Page, error) {
	r.asked[q.Entity.Name]++
	page := &query.Page{}
	for _, id := range q.IDs {
		row := make(value.Row, len(q.Entity.Columns()))
		row[metamodel.SlotID], row[q.Entity.Display.Slot] = id, "text of "+id
		page.Rows = append(page.Rows, row)
	}
	return page, nil
}

func (r *countedReader) Lookup(context.Context, *expr.Query, []any, *query.Env) (any, error) {
	return nil, nil
}

func (r *countedReader) Lines(context.Context, *metamodel.Field, []string) (map[string][]value.Row, error) {
	return nil, nil
}

func (r *countedReader) names(kind string, ids []string) (map[string]string, error) {
	r.asked[kind]++
	out := map[string]string{}
	for _, id := range ids {
		out[id] = kind
	}
	return out, nil
}

func (r *countedReader) UserNames(_ context.Context, ids []string) (map[string]string, error) {
	return r.names("user", ids)
}

func (r *countedReader) DepartmentNames(_ context.Context, ids []string) (map[string]string, error) {
	return r.names("department", ids)
}

func (r *countedReader) FileNames(_ context.Context, ids []string, _ string) (map[string]string, error) {
	return r.names("file", ids)
}

func (r *countedReader) UsersNamed(context.Context, []string) (map[string]string, error) {
	return nil, nil
}

func (r *countedReader) DepartmentsNamed(context.Context, []string) (map[string]string, error) {
	return nil, nil
}

func (r *countedReader) FileTypes(context.Context, []string, string) (map[string]string, error) {
	return nil, nil
}

// A page of orders with their lines asks one question per entity that they point at, and one for people; no answer has
// texts without bound.
func TestDisplayAsksOncePerEntity(t *testing.T) {
	files, err := templates.Files("general")
	if err != nil {
		t.Fatal(err)
	}
	app, list := schema.Decode(files, nil, nil)
	if list.HasErrors() {
		t.Fatal(list)
	}
	snap, list := compile.Compile(app, compile.Source{Env: compile.Production})
	if list.HasErrors() {
		t.Fatal(list)
	}
	read := &countedReader{asked: map[string]int{}}
	c := Call{Actor: policy.Itself(), Snap: snap, Locale: "zh-CN", trusted: true}
	w := &world{call: c, read: read, env: c.env(), rows: map[metamodel.ID]map[string]*relatedRow{}}
	ent := snap.Entity("purchase_order")
	p, err := c.project(ent, c.decide(ent.Entity, metamodel.ActRead), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	next := 0
	newID := func() string { next++; return fmt.Sprintf("01970000-0000-7000-8000-%012d", next) }
	pointing := func(e *metamodel.Entity) value.Row {
		row := make(value.Row, len(e.Columns()))
		for _, f := range e.Columns() {
			if f.Target != nil && f.Kind != metamodel.Lines || f.Kind == metamodel.User || f.Kind == metamodel.Department {
				row[f.Slot] = newID()
			}
		}
		return row
	}
	var rows []value.Row
	for range 20 {
		row := pointing(ent.Entity)
		for _, l := range ent.Lines {
			row[l.Field.Slot] = []value.Row{pointing(l.Entity.Entity), pointing(l.Entity.Entity)}
		}
		rows = append(rows, row)
	}
	d := w.displays()
	d.rows(p, rows, nil)
	if err := d.find(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(d.texts) < 20*4 || read.asked["item"] != 1 || read.asked["user"] != 1 {
		t.Errorf("%d texts, asked %v", len(d.texts), read.asked)
	}
	for what, n := range read.asked {
		if n != 1 {
			t.Errorf("%s was asked %d times", what, n)
		}
	}
	many := w.displays()
	for range maxDisplays + 10 {
		many.mention(many.users, newID())
	}
	if len(many.users) != maxDisplays {
		t.Errorf("%d of %d people", len(many.users), maxDisplays)
	}
}
