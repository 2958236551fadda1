package store

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"tenon/engine/store/lower"
	"tenon/metamodel"
)

// part says which rows an index covers.
type part int64

const (
	partAll    part = iota
	partLive        // records that are not deleted
	partBin         // deleted records
	partTrue        // rows whose first column is true
	partFilled      // rows whose first column is not null
)

// index is an index of an entity's table. Its name holds the id of what it is for and a digest of its columns and of
// which rows it covers, so that another set of them is another index.
type index struct {
	name    string
	table   string
	columns []string
	unique  bool
	part    part
	key     *metamodel.Key
	field   *metamodel.Field
	source  metamodel.ID
}

// newIndex makes an index over fields; ok is false when one of them has no column.
func newIndex(label string, e *metamodel.Entity, source metamodel.ID, fields []*metamodel.Field) (x index, ok bool) {
	x = index{table: lower.Table(e), source: source}
	for _, f := range fields {
		if f == nil || !lower.HasColumn(f) {
			return x, false
		}
		if column := lower.Column(f); !slices.Contains(x.columns, column) {
			x.columns = append(x.columns, column)
		}
	}
	x.name = label + "_" + x.digest()
	return x, len(x.columns) > 0
}

// digest tells indexes of a table apart by what they hold. Live and deleted records have labels of their own.
func (x index) digest() string {
	text := x.table + " " + strings.Join(x.columns, ",")
	switch x.part {
	case partTrue:
		text += " true"
	case partFilled:
		text += " filled"
	case partAll, partLive, partBin:
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}

// indexesOf lists the indexes that an entity needs by itself: unique keys over live records, declared indexes,
// references, the state, what row rules ask for, the recycle bin.
func indexesOf(e *metamodel.Entity) []index {
	var out []index
	add := func(label string, source metamodel.ID, p part, unique bool, key *metamodel.Key, fields ...*metamodel.Field) {
		if x, ok := newIndex(label, e, source, fields); ok {
			x.part, x.unique, x.key = p, unique, key
			x.name = label + "_" + x.digest()
			if key == nil && unique {
				x.field = fields[0]
			}
			out = append(out, x)
		}
	}
	keys, columns := partLive, e.Columns()
	if e.IsLines() {
		keys = partAll
		add("r_"+string(e.ID)+"_parent", e.ID, partAll, false, nil, columns[metamodel.LineSlotParent], columns[metamodel.LineSlotPosition])
	} else if e.Kept == nil { // nobody owns or deletes what a ledger keeps
		id := columns[metamodel.SlotID]
		add("r_"+string(e.ID)+"_owner", e.ID, partAll, false, nil, columns[metamodel.SlotOwner], id)
		add("r_"+string(e.ID)+"_department", e.ID, partAll, false, nil, columns[metamodel.SlotDepartment], id)
		add("r_"+string(e.ID)+"_bin", e.ID, partBin, false, nil, columns[metamodel.SlotDeletedAt], id)
	}
	for _, k := range e.Unique {
		add("u_"+string(k.ID), k.ID, keys, true, k, scoped(e, k.Fields)...)
	}
	for _, k := range e.Indexes {
		add("x_"+string(k.ID), k.ID, partOf(e, k), false, nil, k.Fields...)
	}
	for _, f := range e.Fields {
		switch {
		case f.Unique:
			add("u_"+string(f.ID), f.ID, keys, true, nil, append([]*metamodel.Field{f}, scoped(e, nil)...)...)
		case e.Kept != nil && leads(e, f):
		case f.Kind.IsReference(), f.State:
			add("r_"+string(f.ID), f.ID, partAll, false, nil, f)
		}
	}
	return out
}

// partOf says which rows a declared index covers. What a ledger keeps open is little of all that it keeps, and what
// belongs to another entry too: nobody looks for the others by that.
func partOf(e *metamodel.Entity, k *metamodel.Key) part {
	switch {
	case e.Kept == nil || k.Fields[0].Kind == metamodel.Date:
		return partAll
	case k.Fields[0].Kind == metamodel.Boolean:
		return partTrue
	case k.Fields[0].Kind == metamodel.Text:
		return partFilled
	}
	return partAll
}

// leads tells whether a declared index of an entity finds records by a field already.
func leads(e *metamodel.Entity, f *metamodel.Field) bool {
	return slices.ContainsFunc(e.Indexes, func(k *metamodel.Key) bool { return len(k.Fields) > 0 && k.Fields[0] == f })
}

// scoped is a key's fields as they are unique: over all records, or among the lines of one record.
func scoped(e *metamodel.Entity, fields []*metamodel.Field) []*metamodel.Field {
	if !e.IsLines() {
		return fields
	}
	return append(slices.Clip(fields), e.Columns()[metamodel.LineSlotParent])
}

// sortIndexes lists the indexes for the orders in which table views show an entity.
func sortIndexes(app *metamodel.App, e *metamodel.Entity) []index {
	var out []index
	for _, v := range app.Views {
		if v.Entity != e || e.IsLines() {
			continue
		}
		orders := [][]*metamodel.SortKey{v.Sort}
		for _, s := range v.Saved {
			orders = append(orders, s.Sort)
		}
		for _, keys := range orders {
			x, ok := sortIndex(e, keys)
			if ok && !slices.ContainsFunc(out, func(o index) bool { return o.name == x.name }) {
				out = append(out, x)
			}
		}
	}
	return out
}

// sortIndex is an index for one order. A choice sorts by its options' order, which no index has; keys of mixed
// direction need an index of their own kind and are left to the database to sort.
func sortIndex(e *metamodel.Entity, keys []*metamodel.SortKey) (index, bool) {
	if len(keys) == 0 {
		return index{}, false
	}
	var fields []*metamodel.Field
	for _, k := range keys {
		if k.Descending != keys[0].Descending || k.Field.Kind == metamodel.Choice || k.Field.Kind.IsList() || k.Field.Kind == metamodel.JSON {
			return index{}, false
		}
		fields = append(fields, k.Field)
	}
	fields = append(fields, e.Columns()[metamodel.SlotID])
	if len(fields) == 2 && fields[0] == fields[1] {
		return index{}, false // the primary key has this order
	}
	return newIndex("s_"+string(e.ID), e, e.ID, fields)
}

// ddl is the statement that makes the index. concurrently lets PostgreSQL build it beside writers, which must
// not happen inside a transaction.
func (x index) ddl(d lower.Dialect, concurrently bool) string {
	var b strings.Builder
	b.WriteString("CREATE ")
	if x.unique {
		b.WriteString("UNIQUE ")
	}
	b.WriteString("INDEX ")
	if concurrently && d == lower.Postgres {
		b.WriteString("CONCURRENTLY ")
	}
	b.WriteString("IF NOT EXISTS " + quote(x.name) + " ON " + quote(x.table) + " (")
	columns := x.columns
	if x.part == partTrue && d == lower.Postgres { // SQLite finds the index by it, PostgreSQL by the condition alone
		columns = columns[1:]
	}
	for i, c := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quote(c))
		if d == lower.Postgres && !x.unique {
			b.WriteString(" NULLS FIRST") // null is smaller than every value, as SQLite has it
		}
	}
	b.WriteString(")")
	switch x.part {
	case partAll:
	case partLive:
		b.WriteString(" WHERE deleted_at IS NULL")
	case partBin:
		b.WriteString(" WHERE deleted_at IS NOT NULL")
	case partTrue:
		b.WriteString(" WHERE " + quote(x.columns[0]) + " = " + truth(d, true))
	case partFilled:
		b.WriteString(" WHERE " + quote(x.columns[0]) + " IS NOT NULL")
	}
	return b.String()
}

func (x index) drop() string { return "DROP INDEX IF EXISTS " + quote(x.name) }
