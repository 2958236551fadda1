package metamodel

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// Kept is an aggregate that the engine keeps up with every write, for the cards that ask for it: how many rows of an
// entity there are by some keys, and the sums of some of their fields. Cards that need the same share it.
type Kept struct {
	ID     ID // made of what it is: another question is another aggregate
	Entity *Entity
	Filter *Formula // nil = all rows
	Keys   []*KeptKey
	Values []*KeptValue
	Cards  []string // view.card
	Table  *Entity  // its groups as records: the id, Keys, Count, and the parts of Values
	Count  *Field   // of Table: how many rows are in a group
}

// KeptKey is what an aggregate is kept by: a field of the row or of the document that it is a line of, by day or longer
// where Unit says so. Field is the table's.
type KeptKey struct {
	Path  Path
	Unit  string // of dates: day, week, month, quarter, year
	Field *Field
}

// Exact tells whether a key holds the very value of the field.
func (k *KeptKey) Exact() bool {
	return k.Unit == "" || k.Unit == "day" && k.Path.Last().Kind == Date
}

// KeptValue is a field of which an aggregate keeps how many rows have a value and the sum of the values, in units of the
// last digit. The sum is kept in two parts, High × SumPart + Low, so that no part outgrows a number of the database.
type KeptValue struct {
	Path             Path
	Count, High, Low *Field // of the table
}

// SumPart is where sums are parted.
const SumPart = 1_000_000_000

// aggregateIDLength is how much of its digest an aggregate is called by.
const aggregateIDLength = 24

// Near is the part of a path that a row can tell by itself, or by the document that it is a line of: a stored field, or
// the reference from which the rest is reached. It is nil where there is none.
func Near(e *Entity, p Path) Path {
	n := 1
	if len(p) > 1 && p[0].System && p[0].Name == ParentField && e.IsLines() {
		n = 2
	}
	if len(p) < n || p[0].Entity != e {
		return nil
	}
	last := p[n-1]
	if last.Virtual() || len(p) > n && !last.Kind.IsReference() {
		return nil
	}
	return p[:n:n]
}

// KeptAggregates lists what cards of the app ask to be kept, in the order of ids. It is for apps that were checked.
func (a *App) KeptAggregates() []*Kept {
	byID := map[ID]*Kept{}
	var out []*Kept
	for _, v := range a.Views {
		for _, c := range v.Cards {
			if !c.Keep {
				continue
			}
			k := c.kept(a.Timezone)
			if known := byID[k.ID]; known != nil {
				k = known
			} else {
				byID[k.ID], out = k, append(out, k)
			}
			k.Cards = append(k.Cards, v.Name+"."+c.Name)
		}
	}
	slices.SortFunc(out, func(a, b *Kept) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return out
}

// kept is the aggregate that answers a card, whatever its filters and its period are.
func (c *Card) kept(zone string) *Kept {
	k := &Kept{Entity: c.Entity, Filter: c.Filter}
	for _, g := range c.Groups {
		unit := g.By
		if f := g.Path.Last(); unit == "" && f.Kind == Date {
			unit = "day"
		}
		k.by(g.Path, unit)
	}
	for _, b := range c.Binds {
		unit := ""
		if b.Filter.Kind == PeriodFilter || b.Filter.Kind == DayFilter {
			unit = "day"
		}
		k.by(b.Path, unit)
	}
	for _, m := range c.Measures {
		if len(m.Path) > 0 && !slices.ContainsFunc(k.Values, func(v *KeptValue) bool { return slices.Equal(v.Path, m.Path) }) {
			k.Values = append(k.Values, &KeptValue{Path: m.Path})
		}
	}
	slices.SortFunc(k.Keys, func(a, b *KeptKey) int { return strings.Compare(a.Path.Key(), b.Path.Key()) })
	slices.SortFunc(k.Values, func(a, b *KeptValue) int { return strings.Compare(a.Path.Key(), b.Path.Key()) })
	k.ID = k.digest(zone)
	k.table()
	return k
}

// by adds a key: the path, or the reference that it is reached from. Dates are kept by the longest unit of which all that
// are asked for can be made.
func (k *Kept) by(p Path, unit string) {
	near := Near(k.Entity, p)
	if len(near) < len(p) {
		unit = ""
	}
	for _, have := range k.Keys {
		if slices.Equal(have.Path, near) {
			have.Unit = commonUnit(have.Unit, unit)
			return
		}
	}
	k.Keys = append(k.Keys, &KeptKey{Path: near, Unit: unit})
}

// Refines tells whether each bucket of a unit lies in one bucket of another.
func Refines(unit, coarser string) bool {
	switch unit {
	case coarser, "day":
		return coarser != ""
	case "month":
		return coarser == "quarter" || coarser == "year"
	case "quarter":
		return coarser == "year"
	}
	return false
}

func commonUnit(a, b string) string {
	switch {
	case a == b || Refines(a, b):
		return a
	case Refines(b, a):
		return b
	}
	return "day"
}

// digest names an aggregate by all that makes its numbers and its columns.
func (k *Kept) digest(zone string) ID {
	parts := []string{"tenon.kept.v1", string(k.Entity.ID)}
	if k.Filter != nil {
		parts = append(parts, k.Filter.Stored)
	}
	column := func(p Path) string {
		f := p.Last()
		return p.Key() + " " + string(f.Kind) + strconv.Itoa(f.Scale)
	}
	for _, key := range k.Keys {
		parts = append(parts, "by "+column(key.Path)+" "+key.Unit)
		if key.Path.Last().Kind == DateTime {
			parts = append(parts, zone)
		}
	}
	for _, v := range k.Values {
		parts = append(parts, "of "+column(v.Path))
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return ID("kept_" + hex.EncodeToString(sum[:])[:aggregateIDLength])
}

// table makes the entity whose records are the groups. It is an entity of the store alone: no document has it, and nobody
// reads or writes it as records.
func (k *Kept) table() {
	id := systemFields[SlotID]
	t := &Entity{ID: k.ID, Name: string(k.ID)}
	t.columns = []*Field{&id}
	add := func(name string, like Field) *Field {
		f := &Field{
			ID: ID(name), Name: name, Title: like.Title, Kind: like.Kind, Precision: MaxPrecision, Scale: like.Scale,
			MaxLength: like.MaxLength, Enum: like.Enum, Target: like.Target,
		}
		t.Fields, t.columns = append(t.Fields, f), append(t.columns, f)
		return f
	}
	for i, key := range k.Keys {
		like := *key.Path.Last()
		if key.Unit != "" {
			like.Kind = Date
		}
		key.Field = add("k"+strconv.Itoa(i), like)
	}
	k.Count = add("n", Field{Kind: Integer})
	for i, v := range k.Values {
		n := strconv.Itoa(i)
		v.Count, v.High, v.Low = add("c"+n, Field{Kind: Integer}), add("h"+n, Field{Kind: Integer}), add("l"+n, Field{Kind: Integer})
	}
	for i, f := range t.columns {
		f.Slot, f.Entity = i, t
	}
	t.Display = t.columns[0]
	k.Table = t
}
