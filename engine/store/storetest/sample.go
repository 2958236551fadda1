package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// ID makes an element's id of a word, the same every time.
func ID(word string) metamodel.ID {
	sum := sha256.Sum256([]byte(word))
	return metamodel.ID(strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:12])
}

// F makes a field of an entity's; more sets what the kind needs.
func F(entity, name string, kind metamodel.FieldKind, more ...func(*metamodel.Field)) *metamodel.Field {
	f := &metamodel.Field{ID: ID(entity + "." + name), Name: name, Kind: kind, MaxLength: 200, Title: metamodel.Label{"zh-CN": name}}
	if kind.IsDecimal() {
		f.Precision, f.Scale = 18, 2
	}
	for _, set := range more {
		set(f)
	}
	return f
}

// Scale sets the digits after the point of a decimal field.
func Scale(n int) func(*metamodel.Field) { return func(f *metamodel.Field) { f.Scale = n } }

// Unique makes a field a key.
func Unique(f *metamodel.Field) { f.Unique = true }

// To points a reference or lines at an entity.
func To(e *metamodel.Entity) func(*metamodel.Field) { return func(f *metamodel.Field) { f.Target = e } }

// Options gives a choice its options.
func Options(names ...string) func(*metamodel.Field) {
	return func(f *metamodel.Field) {
		f.Enum = &metamodel.Enum{ID: ID("enum." + string(f.ID)), Private: true}
		for _, name := range names {
			f.Enum.Options = append(f.Enum.Options, &metamodel.Option{ID: ID("option." + name), Name: name, Title: metamodel.Label{"zh-CN": name}})
		}
	}
}

// E makes an entity of fields and links it.
func E(name string, fields ...*metamodel.Field) *metamodel.Entity {
	e := &metamodel.Entity{ID: ID(name), Name: name, Title: metamodel.Label{"zh-CN": name}, Fields: fields, Display: fields[0]}
	e.Link()
	return e
}

// LinesOf ties the entity of lines to the record's entity by the field of kind lines.
func LinesOf(parent *metamodel.Entity, via string) {
	f := parent.Field(via)
	f.Target.Parent, f.Target.Via = parent, f
	f.Target.Link()
}

// Sample is an app with a field of every kind: suppliers, and orders with lines.
func Sample() *metamodel.App {
	supplier := E("supplier",
		F("supplier", "code", metamodel.Text, Unique),
		F("supplier", "name", metamodel.Text),
		F("supplier", "level", metamodel.Choice, Options("gold", "silver")))
	item := E("item",
		F("item", "sku", metamodel.Text),
		F("item", "qty", metamodel.Integer),
		F("item", "price", metamodel.Money, Scale(4)))
	order := E("order",
		F("order", "number", metamodel.Number, Unique),
		F("order", "note", metamodel.LongText),
		F("order", "count", metamodel.Integer),
		F("order", "total", metamodel.Money),
		F("order", "rate", metamodel.Percent, Scale(4)),
		F("order", "urgent", metamodel.Boolean),
		F("order", "due", metamodel.Date),
		F("order", "seen", metamodel.DateTime),
		F("order", "at", metamodel.Time),
		F("order", "takes", metamodel.Duration),
		F("order", "state", metamodel.Choice, Options("draft", "approved"), func(f *metamodel.Field) { f.State = true }),
		F("order", "tags", metamodel.Choices, Options("red", "green", "blue")),
		F("order", "supplier", metamodel.Reference, To(supplier)),
		F("order", "others", metamodel.References, To(supplier)),
		F("order", "buyer", metamodel.User),
		F("order", "files", metamodel.File),
		F("order", "extra", metamodel.JSON),
		F("order", "items", metamodel.Lines, To(item)))
	order.Unique = []*metamodel.Key{{ID: ID("order.key"), Name: "buyer_due", Fields: []*metamodel.Field{order.Field("buyer"), order.Field("due")}}}
	order.Indexes = []*metamodel.Key{{ID: ID("order.index"), Name: "by_due", Fields: []*metamodel.Field{order.Field("due"), order.Field("total")}}}
	LinesOf(order, "items")
	return &metamodel.App{
		ID: ID("app"), Name: "sample", Timezone: "Asia/Shanghai", Currency: "CNY",
		Entities: []*metamodel.Entity{item, order, supplier},
	}
}

// NewID makes a record's id.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// start is a fixed instant from which records take theirs.
var start = time.Date(2026, 3, 1, 8, 30, 0, 123456000, time.UTC)

// Row makes a new record: system fields set, the others from values by field name.
func Row(e *metamodel.Entity, values map[string]any) value.Row {
	row := make(value.Row, len(e.Columns()))
	row[0] = NewID()
	if !e.IsLines() {
		row[metamodel.SlotVersion] = int64(1)
		row[metamodel.SlotCreatedAt], row[metamodel.SlotUpdatedAt] = start, start
		row[metamodel.SlotCreatedBy] = "01890000-0000-7000-8000-000000000001"
	}
	for name, v := range values {
		f := e.Field(name)
		if f == nil {
			panic(fmt.Sprintf("storetest: entity %s has no field %s", e.Name, name))
		}
		row[f.Slot] = v
	}
	return row
}

// Order makes an order with a value in every field and as many lines as asked for.
func Order(app *metamodel.App, number string, lines int) value.Row {
	items := make([]value.Row, lines)
	for i := range items {
		items[i] = Row(app.Entity("item"), map[string]any{"sku": fmt.Sprintf("sku-%d", i), "qty": int64(i + 1), "price": value.NewDecimal(12345, 4)})
	}
	return Row(app.Entity("order"), map[string]any{
		"number": number, "note": "第一单 'quoted' \"double\" %_\\\n😀", "count": int64(-9007199254740993), "total": value.NewDecimal(999999999999999999, 2),
		"rate": value.NewDecimal(1300, 4), "urgent": true, "due": value.NewDate(2026, 3, 31), "seen": start, "at": value.TimeOfDay(86399),
		"takes": 90 * time.Minute, "state": "draft", "tags": []string{"blue", "red"}, "buyer": NewID(), "supplier": NewID(),
		"others": []string{NewID(), NewID()}, "files": []string{}, "extra": value.JSON(`{"b":1,"a":[true,null]}`), "items": items,
	})
}

// Install makes the tables of an app that is not there yet.
func Install(t testing.TB, s *store.Store, app *metamodel.App) {
	t.Helper()
	Release(t, s, nil, app)
}

// Release brings the tables from one state of an app to another.
func Release(t testing.TB, s *store.Store, from, to *metamodel.App) {
	t.Helper()
	ctx := context.Background()
	steps, err := s.Plan(from, to)
	if err != nil {
		t.Fatalf("plan: %v", err)
	}
	if err := s.Apply(ctx, store.Pin{}, to.ID, steps); err != nil {
		t.Fatalf("apply: %v", err)
	}
	err = s.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.Switch(ctx, to.ID, steps) })
	if err != nil {
		t.Fatalf("switch: %v", err)
	}
}
