package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tenon/engine/store/lower"
	"tenon/metamodel"
)

// StepKind is what a step of a schema change does.
type StepKind string

// The kinds of steps. Those up to CreateIndex are carried out by Apply while the old release serves; the others
// by Switch, together with the new release.
const (
	CreateTable StepKind = "create-table"
	AddColumn   StepKind = "add-column"
	FillColumn  StepKind = "fill-column" // converts the values of a field whose type changed, checks those of one that points elsewhere
	CreateIndex StepKind = "create-index"
	WidenColumn StepKind = "widen-column"
	DropIndex   StepKind = "drop-index"
)

// Step is one physical step of a schema change. Source is the element that caused it. SQL is what runs, Reverse
// what would undo it ("" where nothing is to be undone); a fill's SQL is the statement that sets one row, run in
// batches with the values of Args' columns.
type Step struct {
	Kind    StepKind
	SQL     string
	Args    []any
	Comment string
	Reverse string
	Source  metamodel.ID

	entity *metamodel.Entity
	field  *metamodel.Field // AddColumn, FillColumn, WidenColumn
	was    *metamodel.Field // FillColumn: what the values are converted from
	zone   string           // FillColumn: the company's
	index  index            // CreateIndex, DropIndex
	fresh  bool             // the table is made by the same plan
}

// switches tells whether Switch and not Apply carries the step out.
func (st Step) switches() bool { return st.Kind == WidenColumn || st.Kind == DropIndex }

// Plan lists the steps that lead from one state of an app (nil is none) to another, in the order in which they
// run. It reads nothing from the database: tables and columns that exist already, hidden since an earlier
// release, are taken up again by Apply.
func (s *Store) Plan(from, to *metamodel.App) ([]Step, error) {
	if to == nil {
		return nil, fmt.Errorf("plan schema: %w: no app", ErrNotFound)
	}
	p := &planner{d: s.Dialect(), zone: to.Timezone, old: map[metamodel.ID]*metamodel.Entity{}}
	var stale []index
	if from != nil {
		for _, e := range entitiesOf(from) {
			p.old[e.ID] = e
			stale = append(stale, slices.Concat(indexesOf(e), sortIndexes(from, e), rollupIndexes(from, e))...)
		}
	}
	kept := map[string]bool{}
	for _, x := range stale {
		kept[x.name] = true
	}
	needed := map[string]bool{}
	for _, e := range entitiesOf(to) {
		p.entity(e)
		for _, x := range slices.Concat(indexesOf(e), sortIndexes(to, e), rollupIndexes(to, e)) {
			if !needed[x.name] && !kept[x.name] {
				p.indexes = append(p.indexes, p.createIndex(e, x))
			}
			needed[x.name] = true
		}
	}
	for _, x := range stale {
		if !needed[x.name] {
			needed[x.name] = true
			p.last = append(p.last, Step{
				Kind: DropIndex, SQL: x.drop(), Reverse: x.ddl(p.d, false), Source: x.source, index: x,
				Comment: "drop index " + x.name,
			})
		}
	}
	return slices.Concat(p.tables, p.columns, p.fills, p.indexes, p.last), nil
}

// planner collects steps by phase.
type planner struct {
	d    lower.Dialect
	zone string
	old  map[metamodel.ID]*metamodel.Entity

	tables, columns, fills, indexes, last []Step
}

// entitiesOf lists an app's entities with those of its lines, each once.
func entitiesOf(app *metamodel.App) []*metamodel.Entity {
	var out []*metamodel.Entity
	seen := map[metamodel.ID]bool{}
	var add func(e *metamodel.Entity)
	add = func(e *metamodel.Entity) {
		if e == nil || seen[e.ID] {
			return
		}
		seen[e.ID] = true
		out = append(out, e)
		for _, f := range e.Fields {
			if f.Kind == metamodel.Lines {
				add(f.Target)
			}
		}
	}
	for _, e := range app.Entities {
		add(e)
	}
	return out
}

func (p *planner) entity(e *metamodel.Entity) {
	old := p.old[e.ID]
	if old == nil {
		p.tables = append(p.tables, Step{
			Kind: CreateTable, SQL: tableDDL(p.d, e), Source: e.ID, entity: e,
			Comment: "table for entity " + e.Name, Reverse: "DROP TABLE " + quote(lower.Table(e)),
		})
		return
	}
	for _, f := range e.Fields {
		if lower.HasColumn(f) {
			p.field(e, old, f)
		}
	}
}

func (p *planner) field(e, old *metamodel.Entity, f *metamodel.Field) {
	was := old.FieldByID(f.ID)
	column := lower.Column(f)
	if was != nil && lower.HasColumn(was) && lower.Column(was) == column {
		if p.d == lower.Postgres && f.Kind.IsDecimal() && f.Precision > was.Precision {
			p.last = append(p.last, Step{
				Kind: WidenColumn, Source: f.ID, entity: e, field: f,
				SQL:     "ALTER TABLE " + quote(lower.Table(e)) + " ALTER COLUMN " + quote(column) + " TYPE " + lower.ColumnType(p.d, f),
				Comment: fmt.Sprintf("room for %d digits in %s.%s", f.Precision, e.Name, f.Name),
			})
		}
		p.sums(e, was, f)
		if was.Target != nil && f.Target != nil && was.Target.ID != f.Target.ID && !f.Computed() {
			p.fills = append(p.fills, Step{
				Kind: FillColumn, Source: f.ID, entity: e, field: f, was: was, zone: p.zone, Args: []any{column},
				Comment: fmt.Sprintf("check that %s.%s points at %s, not at %s", e.Name, f.Name, f.Target.Name, was.Target.Name),
			})
		}
		return
	}
	p.columns = append(p.columns, Step{
		Kind: AddColumn, SQL: columnDDL(p.d, e, f), Source: f.ID, entity: e, field: f,
		Comment: "column for field " + e.Name + "." + f.Name,
		Reverse: "ALTER TABLE " + quote(lower.Table(e)) + " DROP COLUMN " + quote(column),
	})
	if was == nil || !lower.HasColumn(was) || was.Computed() || f.Computed() {
		return // nothing to convert; stored formulas are computed, not converted
	}
	p.fills = append(p.fills, Step{
		Kind: FillColumn, Source: f.ID, entity: e, field: f, was: was, zone: p.zone,
		SQL:     fillText(p.d, e, f),
		Args:    []any{lower.Column(was)},
		Comment: fmt.Sprintf("convert %s.%s from %s to %s", e.Name, f.Name, was.Kind, f.Kind),
	})
}

// sums adds the columns beside a roll-up whose function has come to need them.
func (p *planner) sums(e *metamodel.Entity, was, f *metamodel.Field) {
	for _, name := range lower.Sums(f) {
		if slices.Contains(lower.Sums(was), name) {
			continue
		}
		p.columns = append(p.columns, Step{
			Kind: AddColumn, SQL: "ALTER TABLE " + quote(lower.Table(e)) + " ADD COLUMN " + quote(name) + " " + lower.SumType(p.d), Source: f.ID, entity: e, field: f,
			Comment: "sums beside field " + e.Name + "." + f.Name,
			Reverse: "ALTER TABLE " + quote(lower.Table(e)) + " DROP COLUMN " + quote(name),
		})
	}
}

func (p *planner) createIndex(e *metamodel.Entity, x index) Step {
	fresh := p.old[e.ID] == nil
	return Step{
		Kind: CreateIndex, SQL: x.ddl(p.d, !fresh), Source: x.source, entity: e, index: x, fresh: fresh,
		Comment: "index " + x.name + " of " + e.Name, Reverse: x.drop(),
	}
}

// keptFill is how many percent of a page PostgreSQL fills with balances and costs, so that a row's next version fits
// beside it and the indexes stay as they are.
const keptFill = 60

// tableDDL makes a table with all columns of an entity. Only keys are NOT NULL: what is required is a rule of
// the release, not of the table, which serves two releases while one follows the other.
func tableDDL(d lower.Dialect, e *metamodel.Entity) string {
	var b strings.Builder
	b.WriteString("CREATE TABLE IF NOT EXISTS " + quote(lower.Table(e)) + " (")
	first := true
	for _, f := range e.Columns() {
		if !lower.HasColumn(f) {
			continue
		}
		if !first {
			b.WriteString(", ")
		}
		first = false
		b.WriteString(quote(lower.Column(f)) + " " + lower.ColumnType(d, f) + constraint(f))
		for _, name := range lower.Sums(f) {
			b.WriteString(", " + quote(name) + " " + lower.SumType(d))
		}
	}
	b.WriteString(")")
	switch {
	case d == lower.SQLite:
		b.WriteString(" STRICT")
	case e.Kept != nil && e != e.Kept.Entry: // rows that change with each posting, none of their indexes' columns
		b.WriteString(" WITH (fillfactor = " + strconv.Itoa(keptFill) + ")")
	}
	return b.String()
}

func constraint(f *metamodel.Field) string {
	if !f.System {
		return ""
	}
	switch f.Name {
	case "id":
		return " NOT NULL PRIMARY KEY"
	case "version", "position", metamodel.ParentField:
		return " NOT NULL"
	}
	return ""
}

func columnDDL(d lower.Dialect, e *metamodel.Entity, f *metamodel.Field) string {
	return "ALTER TABLE " + quote(lower.Table(e)) + " ADD COLUMN " + quote(lower.Column(f)) + " " + lower.ColumnType(d, f)
}

func fillText(d lower.Dialect, e *metamodel.Entity, f *metamodel.Field) string {
	return "UPDATE " + quote(lower.Table(e)) + " SET " + quote(lower.Column(f)) + " = " + mark(d, 1) + " WHERE id = " + mark(d, 2)
}

// PlanHash names a plan: two plans with the same hash do the same.
func PlanHash(app metamodel.ID, steps []Step) string {
	h := sha256.New()
	for _, part := range []string{"tenon.plan.v1", string(app)} {
		_, _ = fmt.Fprintf(h, "%d:%s", len(part), part) // a hash accepts every write
	}
	for _, st := range steps {
		text := fmt.Sprint(st.Kind, "|", st.Source, "|", st.SQL, "|", st.Args)
		_, _ = fmt.Fprintf(h, "%d:%s", len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil))
}
