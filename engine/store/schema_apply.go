package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// The states of a step in the ledger.
const (
	stepRunning = "running"
	stepDone    = "done"
	stepFailed  = "failed"
)

type stepRow struct {
	Plan      string `gorm:"primaryKey"`
	Step      int64  `gorm:"primaryKey;autoIncrement:false"`
	App       string
	State     string
	Position  string
	Done      int64
	Failed    int64
	ChangedAt int64
}

func (stepRow) TableName() string { return "schema_steps" }

// Progress tells how far a plan is.
type Progress struct {
	Steps    int   // of the plan
	Finished int   // steps done
	Rows     int64 // converted by the fill under way or done last
	Failed   int64 // of them, not convertible
}

// Apply carries out the steps of a plan that may run while the old release serves: tables, columns,
// conversions, indexes. A step that was done before, by a process that was killed or by another server, is not
// done again, so Apply is called with the same plan until it succeeds. It returns *diag.Problem when stored
// values stand in the way: a conversion fails for some records, or a new unique key has duplicates; nothing that
// serves is changed then. The pin says which release the plan begins at: it returns ErrMoved, and touches nothing
// more, when another one serves.
func (s *Store) Apply(ctx context.Context, from Pin, app metamodel.ID, steps []Step) error {
	return s.Alone(ctx, "schema:"+string(app), func(ctx context.Context) error { return s.apply(ctx, from, app, steps) })
}

// Alone runs fn while no other caller with the same name does, over all servers of the workspace. When the process
// dies the next one may begin.
func (s *Store) Alone(ctx context.Context, name string, fn func(ctx context.Context) error) (err error) {
	release, err := s.db.single(ctx, lockKey(name))
	if err != nil {
		return s.wrap("wait for lock", err)
	}
	defer func() { err = errors.Join(err, release()) }()
	return fn(ctx)
}

func (s *Store) apply(ctx context.Context, from Pin, app metamodel.ID, steps []Step) error {
	plan := PlanHash(app, steps)
	if err := s.abandon(ctx, from, app, plan); err != nil {
		return err
	}
	for i, st := range steps {
		if st.switches() {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.applyStep(ctx, from, app, plan, i, st); err != nil {
			return fmt.Errorf("apply step %d (%s): %w", i+1, st.Comment, err)
		}
	}
	return nil
}

// lockKey makes a key for PostgreSQL's advisory locks.
func lockKey(name string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // a hash accepts every write
	return int64(h.Sum64())
}

func (s *Store) applyStep(ctx context.Context, from Pin, app metamodel.ID, plan string, i int, st Step) error {
	row, err := s.stepRow(ctx, app, plan, i)
	if err != nil || row.State == stepDone {
		return err
	}
	switch st.Kind {
	case CreateTable, AddColumn:
		return s.Write(ctx, from, func(ctx context.Context, tx *Tx) error {
			if err := tx.ensureTable(ctx, app, st.entity); err != nil {
				return err
			}
			return tx.finish(ctx, row)
		})
	case FillColumn:
		return s.fill(ctx, from, st, row)
	case CreateIndex:
		return s.buildIndex(ctx, from, st, row)
	case WidenColumn, DropIndex:
	}
	return nil
}

// stepRow reads a step's line of the ledger or makes a new one, not yet stored.
func (s *Store) stepRow(ctx context.Context, app metamodel.ID, plan string, i int) (stepRow, error) {
	row := stepRow{Plan: plan, Step: int64(i), App: string(app), State: stepRunning}
	err := s.read.models(ctx).Where(clause.Eq{Column: "plan", Value: plan}, clause.Eq{Column: "step", Value: i}).Take(&row).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return row, s.wrap("read schema ledger", err)
	}
	return row, nil
}

// noteStep writes a step's line of the ledger.
func (tx *Tx) noteStep(ctx context.Context, row stepRow) error {
	row.ChangedAt = tx.s.micros()
	return tx.s.wrap("write schema ledger", tx.models(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
}

func (tx *Tx) finish(ctx context.Context, row stepRow) error {
	row.State = stepDone
	return tx.noteStep(ctx, row)
}

// PlanProgress tells how far Apply is with a plan.
func (s *Store) PlanProgress(ctx context.Context, app metamodel.ID, steps []Step) (Progress, error) {
	p := Progress{}
	for _, st := range steps {
		if !st.switches() {
			p.Steps++
		}
	}
	var rows []stepRow
	err := s.read.models(ctx).Where(clause.Eq{Column: "plan", Value: PlanHash(app, steps)}).Order("step").Find(&rows).Error
	if err != nil {
		return p, s.wrap("read schema ledger", err)
	}
	for _, row := range rows {
		if row.State == stepDone {
			p.Finished++
		}
		if row.Done > 0 {
			p.Rows, p.Failed = row.Done, row.Failed
		}
	}
	return p, nil
}

// ensureTable makes an entity's table, or the columns that it lacks, and notes them in the catalogue.
func (tx *Tx) ensureTable(ctx context.Context, app metamodel.ID, e *metamodel.Entity) error {
	d := tx.s.Dialect()
	if err := tx.ddl(ctx, tableDDL(d, e)); err != nil {
		return err
	}
	have, err := tx.s.db.columns(ctx, tx.on, lower.Table(e))
	if err != nil {
		return tx.s.wrap("list columns", err)
	}
	known := map[string]bool{}
	for _, name := range have {
		known[name] = true
	}
	for _, f := range e.Columns() {
		if !lower.HasColumn(f) {
			continue
		}
		if !known[lower.Column(f)] {
			if err := tx.ddl(ctx, columnDDL(d, e, f)); err != nil {
				return err
			}
		}
		for _, name := range lower.Sums(f) {
			if !known[name] {
				if err := tx.ddl(ctx, "ALTER TABLE "+quote(lower.Table(e))+" ADD COLUMN "+quote(name)+" "+lower.SumType(d)); err != nil {
					return err
				}
			}
			if err := tx.catalogueColumn(ctx, app, f, name, sumClass); err != nil {
				return err
			}
		}
		if err := tx.catalogue(ctx, app, f); err != nil {
			return err
		}
	}
	return nil
}

// ddl runs a statement that is used once, without preparing it for others.
func (tx *Tx) ddl(ctx context.Context, query string) error {
	_, err := tx.on.pool().ExecContext(ctx, query)
	return tx.s.wrap("change schema", err)
}

type columnRow struct {
	Tbl      string `gorm:"primaryKey"`
	Col      string `gorm:"primaryKey"`
	Position int64
	Class    string
	Digits   int64
	Scale    int64
	App      string
	Entity   string
	Field    string
}

func (columnRow) TableName() string { return "physical_columns" }

type indexRow struct {
	Name     string `gorm:"primaryKey"`
	Tbl      string
	Columns  string
	IsUnique int64
	IsLive   int64
}

func (indexRow) TableName() string { return "physical_indexes" }

// catalogue notes a column. Its class, the end of its name, says how values are kept.
func (tx *Tx) catalogue(ctx context.Context, app metamodel.ID, f *metamodel.Field) error {
	return tx.catalogueColumn(ctx, app, f, lower.Column(f), classOf(f))
}

// sumClass is the class of the columns beside a roll-up: they hold texts.
const sumClass = "t"

func (tx *Tx) catalogueColumn(ctx context.Context, app metamodel.ID, f *metamodel.Field, column, class string) error {
	e := f.Entity
	row := columnRow{
		Tbl: lower.Table(e), Col: column, Position: int64(f.Slot), Class: class, Digits: int64(f.Precision),
		Scale: int64(f.Scale), App: string(app), Entity: string(e.ID), Field: string(f.ID),
	}
	return tx.s.wrap("write catalogue", tx.models(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error)
}

// classOf is the storage class of a column in the words of its name; system columns have theirs by kind.
func classOf(f *metamodel.Field) string {
	column := lower.Column(f)
	if !f.System {
		return column[strings.LastIndexByte(column, '_')+1:]
	}
	switch f.Kind {
	case metamodel.Integer:
		return "i"
	case metamodel.DateTime:
		return "ts"
	default:
		return "r"
	}
}

func (tx *Tx) catalogueIndex(ctx context.Context, x index) error {
	columns, err := json.Marshal(x.columns)
	if err != nil {
		return fmt.Errorf("write catalogue: %w", err)
	}
	row := indexRow{Name: x.name, Tbl: x.table, Columns: string(columns), IsLive: int64(x.part)}
	if x.unique {
		row.IsUnique = 1
	}
	return tx.s.wrap("write catalogue", tx.models(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
}

// buildIndex makes the index of a step.
func (s *Store) buildIndex(ctx context.Context, from Pin, st Step, row stepRow) error {
	return s.makeIndex(ctx, from, st, func(ctx context.Context, tx *Tx) error { return tx.finish(ctx, row) })
}

// makeIndex makes an index; a unique one only after it found no duplicates. done is written with it.
func (s *Store) makeIndex(ctx context.Context, from Pin, st Step, done func(ctx context.Context, tx *Tx) error) error {
	if st.index.unique {
		if err := s.checkDuplicates(ctx, st); err != nil {
			return err
		}
	}
	if s.Dialect() == lower.Postgres && !st.fresh {
		if err := s.dropInvalid(ctx, st.index); err != nil {
			return err
		}
		if err := s.db.exclusive(ctx, st.SQL); err != nil {
			if s.db.explain(err).kind == troubleUnique {
				return s.duplicates(st, 1)
			}
			return s.wrap("build index", err)
		}
	}
	return s.Write(ctx, from, func(ctx context.Context, tx *Tx) error {
		if err := tx.ddl(ctx, st.index.ddl(s.Dialect(), false)); err != nil {
			if s.db.explain(err).kind == troubleUnique {
				return s.duplicates(st, 1)
			}
			return err
		}
		if err := tx.catalogueIndex(ctx, st.index); err != nil {
			return err
		}
		return done(ctx, tx)
	})
}

// dropInvalid removes what a concurrent build that failed or was killed left behind.
func (s *Store) dropInvalid(ctx context.Context, x index) error {
	const query = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(?) AND NOT indisvalid"
	_, err := s.read.integer(ctx, query, quote(x.name))
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return s.wrap("look for broken index", err)
	}
	return s.wrap("drop broken index", s.db.exclusive(ctx, "DROP INDEX CONCURRENTLY IF EXISTS "+quote(x.name)))
}

// checkDuplicates counts the sets of values that more than one record has in the fields of a new key.
func (s *Store) checkDuplicates(ctx context.Context, st Step) error {
	x := st.index
	quoted := make([]string, len(x.columns))
	present := make([]string, len(x.columns))
	for i, c := range x.columns {
		quoted[i] = quote(c)
		present[i] = quote(c) + " IS NOT NULL"
	}
	if x.part == partLive {
		present = append(present, "deleted_at IS NULL")
	}
	query := "SELECT count(*) FROM (SELECT 1 FROM " + quote(x.table) + " WHERE " + strings.Join(present, " AND ") +
		" GROUP BY " + strings.Join(quoted, ", ") + " HAVING count(*) > 1) AS doubled"
	n, err := s.read.integer(ctx, query)
	if err != nil {
		return s.wrap("look for duplicates", err)
	}
	if n > 0 {
		return s.duplicates(st, n)
	}
	return nil
}

func (s *Store) duplicates(st Step, n int64) error {
	name := ""
	switch {
	case st.index.key != nil:
		name = st.index.key.Name
	case st.index.field != nil:
		name = st.index.field.Name
	}
	return diag.Refuse(CodeDuplicates, "", "entity", st.entity.Name, "key", name, "count", n)
}
