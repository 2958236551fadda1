package metamodel

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// Kept is an aggregate that the engine keeps up with every write, for the cards that ask for it: how many rows of an
// entity there are by some keys, and the sums of some of their fields. Cards that need the same keys of the same rows
// share it.
type Kept struct {
	ID     ID // made of what it is: another question is another aggregate
	Entity *Entity
	Filter *Formula // nil = all rows
	Keys   []*KeptKey
	Values []*KeptValue
	Cards  []string // view.card
	Table  *Entity  // its groups as records: the id, Keys, Grain, Count, and the parts of Values
	Count  *Field   // of Table: how many rows are in a group

	// Span is the key by which rows are counted twice, once in their month and once in their year; nil where there is
	// none. Grain, of Table, says which a group is of: GrainMonth or GrainYear. Sums up to any day are then those of
	// years and months, with the days between the nearest border of two months and the day from the rows themselves.
	Span  *KeptKey
	Grain *Field
}

// What a group of an aggregate with Span is of.
const (
	GrainDay   = 0 // a row by itself, which is not kept
	GrainMonth = 1
	GrainYear  = 2
)

// KeptKey is what an aggregate is kept by: a field of the row or of the document that it is a line of, by day or longer
// where Unit says so. Field is the table's.
type KeptKey struct {
	Path  Path
	Unit  string // of dates: day, week, month, quarter, year
	Field *Field

	narrowed bool // by periods of days
}

// Exact tells whether a key holds the very value of the field.
func (k *KeptKey) Exact() bool {
	return k.Unit == "" || k.Unit == "day" && k.Path.Last().Kind == Date
}

// many tells whether a key may have any number of values, so that by day there would hardly be fewer groups than rows.
func (k *KeptKey) many() bool {
	return k.Unit == "" && k.Path.Last().Kind != Choice && k.Path.Last().Kind != Boolean
}

// KeptValue is a field of which an aggregate keeps how many rows have a value and the sum of the values, in units of the
// last digit; of the rows for which Where holds. The sum is kept in two parts, High × SumPart + Low, so that no part
// outgrows a number of the database. Without a field the rows themselves are counted.
type KeptValue struct {
	Path             Path
	Where            *Formula
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

// KeptAggregates lists what cards of the app ask to be kept, in the order of ids. It is for apps that were checked. told
// says whether a condition can be judged by a row of an entity, and the document that it is a line of, alone.
func (a *App) KeptAggregates(told func(e *Entity, where *Formula) bool) []*Kept {
	byKeys := map[string]*Kept{}
	var out []*Kept
	for _, v := range a.Views {
		for _, c := range v.Cards {
			if !c.Keep {
				continue
			}
			k := c.keptKeys()
			keys := strings.Join(k.parts(a.Timezone), "\x00")
			if known := byKeys[keys]; known != nil {
				k = known
			} else {
				byKeys[keys], out = k, append(out, k)
			}
			k.measure(c, told)
			k.Cards = append(k.Cards, v.Name+"."+c.Name)
		}
	}
	for _, k := range out {
		slices.SortFunc(k.Values, func(a, b *KeptValue) int { return strings.Compare(a.key(), b.key()) })
		k.ID = k.digest(a.Timezone)
		k.table()
	}
	slices.SortFunc(out, func(a, b *Kept) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return out
}

// keptKeys is the aggregate that answers a card, whatever its filters and its period are, without its measures.
func (c *Card) keptKeys() *Kept {
	k := &Kept{Entity: c.Entity, Filter: c.Filter}
	for _, g := range c.Groups {
		unit := g.By
		if f := g.Path.Last(); unit == "" && f.Kind == Date {
			unit = "day"
		}
		k.by(g.Path, unit)
	}
	for _, b := range c.Binds {
		key := k.by(b.Path, "")
		if b.Filter.Kind == PeriodFilter || b.Filter.Kind == DayFilter {
			key.narrowed = key.narrowed || len(key.Path) == len(b.Path)
		}
	}
	slices.SortFunc(k.Keys, func(a, b *KeptKey) int { return strings.Compare(a.Path.Key(), b.Path.Key()) })
	crowded := slices.ContainsFunc(k.Keys, func(key *KeptKey) bool { return !key.narrowed && key.many() })
	for _, key := range k.Keys {
		switch {
		case !key.narrowed:
		case crowded && k.Span == nil && (key.Unit == "" || Refines("month", key.Unit)):
			key.Unit, k.Span = "month", key
		default:
			key.Unit = "day"
		}
	}
	return k
}

// by adds a key: the path, or the reference that it is reached from. Dates are kept by the longest unit of which all that
// are asked for can be made.
func (k *Kept) by(p Path, unit string) *KeptKey {
	near := Near(k.Entity, p)
	if len(near) < len(p) {
		unit = ""
	}
	for _, have := range k.Keys {
		if !slices.Equal(have.Path, near) {
			continue
		}
		if unit != "" {
			have.Unit = commonUnit(have.Unit, unit)
		}
		return have
	}
	key := &KeptKey{Path: near, Unit: unit}
	k.Keys = append(k.Keys, key)
	return key
}

// measure adds what a card measures.
func (k *Kept) measure(c *Card, told func(e *Entity, where *Formula) bool) {
	for _, m := range c.Measures {
		v := &KeptValue{Path: m.Path}
		if m.Where != nil && told(k.Entity, m.Where) {
			v.Where = m.Where
		}
		if len(v.Path) == 0 && v.Where == nil || slices.ContainsFunc(k.Values, func(have *KeptValue) bool { return have.key() == v.key() }) {
			continue
		}
		k.Values = append(k.Values, v)
	}
}

// Sums tells whether there is a sum of the values, besides their count.
func (v *KeptValue) Sums() bool {
	f := v.Path.Last()
	return f != nil && (f.Kind.IsDecimal() || f.Kind == Integer)
}

// key tells values apart.
func (v *KeptValue) key() string {
	if v.Where == nil {
		return v.Path.Key()
	}
	return v.Path.Key() + "\x01" + v.Where.Stored
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

// parts is all that makes the groups.
func (k *Kept) parts(zone string) []string {
	parts := []string{"tenon.kept.v1", string(k.Entity.ID)}
	if k.Filter != nil {
		parts = append(parts, k.Filter.Stored)
	}
	for _, key := range k.Keys {
		parts = append(parts, "by "+columnKey(key.Path)+" "+key.Unit)
		if key == k.Span {
			parts = append(parts, "and year")
		}
		if key.Path.Last().Kind == DateTime {
			parts = append(parts, zone)
		}
	}
	return parts
}

// digest names an aggregate by all that makes its numbers and its columns.
func (k *Kept) digest(zone string) ID {
	parts := k.parts(zone)
	for _, v := range k.Values {
		part := "of rows"
		if len(v.Path) > 0 {
			part = "of " + columnKey(v.Path)
		}
		parts = append(parts, part)
		if v.Where != nil {
			parts = append(parts, "where "+v.Where.Stored)
		}
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return ID("kept_" + hex.EncodeToString(sum[:])[:aggregateIDLength])
}

// columnKey says which values a path leads to.
func columnKey(p Path) string {
	f := p.Last()
	return p.Key() + " " + string(f.Kind) + strconv.Itoa(f.Scale)
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
	if k.Span != nil {
		k.Grain = add("g", Field{Kind: Integer})
	}
	k.Count = add("n", Field{Kind: Integer})
	for i, v := range k.Values {
		n := strconv.Itoa(i)
		v.Count = add("c"+n, Field{Kind: Integer})
		if v.Sums() {
			v.High, v.Low = add("h"+n, Field{Kind: Integer}), add("l"+n, Field{Kind: Integer})
		}
	}
	for i, f := range t.columns {
		f.Slot, f.Entity = i, t
	}
	t.Display = t.columns[0]
	k.Table = t
}
