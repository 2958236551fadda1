package store

import (
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"weak"

	"tenon/engine/store/lower"
	"tenon/metamodel"
)

// batches are the row counts of multi-row statements, largest first: a closed set, so that each table needs
// few prepared statements.
var batches = [...]int{32, 8, 4, 2, 1}

// layout is the physical shape of an entity: what its statements are built from. It holds no pointer to the
// entity, so that entities of old releases can be freed.
type layout struct {
	table  string
	slots  []int    // slots that have a column
	names  []string // their columns, quoted
	column []string // their columns, not quoted
	lines  []int    // slots of kind lines
	sums   []string // columns beside roll-ups, quoted: 0 in a new record
	insert map[int]string
}

// layouts caches by entity; entries go with their entities.
var layouts sync.Map // weak.Pointer[metamodel.Entity] → [2]*layout by dialect

func layoutOf(d lower.Dialect, e *metamodel.Entity) *layout {
	key := weak.Make(e)
	if both, ok := layouts.Load(key); ok {
		return both.([2]*layout)[d] //nolint:forcetypeassert // only layouts are stored
	}
	both := [2]*layout{lower.SQLite: newLayout(lower.SQLite, e), lower.Postgres: newLayout(lower.Postgres, e)}
	if _, loaded := layouts.LoadOrStore(key, both); !loaded {
		runtime.AddCleanup(e, func(key weak.Pointer[metamodel.Entity]) { layouts.Delete(key) }, key)
	}
	return both[d]
}

func newLayout(d lower.Dialect, e *metamodel.Entity) *layout {
	l := &layout{table: lower.Table(e), insert: map[int]string{}}
	for _, f := range e.Columns() {
		if f.Kind == metamodel.Lines && f.Target != nil {
			l.lines = append(l.lines, f.Slot)
		}
		if !lower.HasColumn(f) {
			continue
		}
		for _, name := range lower.Sums(f) {
			l.sums = append(l.sums, quote(name))
		}
		l.slots = append(l.slots, f.Slot)
		l.column = append(l.column, lower.Column(f))
		l.names = append(l.names, quote(lower.Column(f)))
	}
	for _, n := range batches {
		l.insert[n] = insertText(d, l.table, l.names, l.sums, n)
	}
	return l
}

// insertText writes INSERT INTO table (columns) VALUES for n rows, with 0 in the zeros. Columns are quoted already.
func insertText(d lower.Dialect, table string, columns, zeros []string, n int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + quote(table) + " (" + strings.Join(slices.Concat(columns, zeros), ", ") + ") VALUES ")
	arg := 0
	for row := range n {
		if row > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for i := range columns {
			if i > 0 {
				b.WriteByte(',')
			}
			arg++
			b.WriteString(mark(d, arg))
		}
		for range zeros {
			b.WriteString(",'0'")
		}
		b.WriteByte(')')
	}
	return b.String()
}

// mark is the placeholder of the n-th argument, counted from 1.
func mark(d lower.Dialect, n int) string {
	if d == lower.Postgres {
		return "$" + strconv.Itoa(n)
	}
	return "?"
}

// uniqueOf finds the key that an index or a set of columns stands for.
func uniqueOf(e *metamodel.Entity, f failure) *UniqueError {
	out := &UniqueError{Entity: e}
	for _, x := range indexesOf(e) {
		if !x.unique {
			continue
		}
		if x.name == f.index || f.index == "" && sameSet(x.columns, f.columns) {
			out.Key, out.Field = x.key, x.field
			return out
		}
	}
	if len(f.columns) == 1 && f.columns[0] == "id" || strings.HasSuffix(f.index, "_pkey") {
		out.Field = e.Columns()[metamodel.SlotID]
	}
	return out
}

func sameSet(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) })
}
