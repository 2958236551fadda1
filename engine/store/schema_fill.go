package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// Limits of filling a column.
const (
	fillBatch    = 500 // rows of one transaction
	fillPart     = 100 // rows of one statement on PostgreSQL
	fillExamples = 5   // ids of records that are named when a conversion fails
)

// The codes of this package.
const (
	CodeConversion diag.Code = "schema.conversion_failed"
	CodeDuplicates diag.Code = "schema.duplicates"
)

// filling converts one column into another.
type filling struct {
	s        *Store
	st       Step
	zone     *time.Location
	examples []string
}

func (s *Store) newFilling(st Step) (*filling, error) {
	zone, err := time.LoadLocation(st.zone)
	if err != nil {
		return nil, fmt.Errorf("load zone %.40s: %w", st.zone, err)
	}
	return &filling{s: s, st: st, zone: zone}, nil
}

// fill converts all rows of a table in batches, each with its place in the ledger. A trigger notes the rows that
// the serving release writes meanwhile; Switch converts those again.
func (s *Store) fill(ctx context.Context, from Pin, st Step, row stepRow) error {
	f, err := s.newFilling(st)
	if err != nil {
		return err
	}
	if row.State == stepFailed { // the data was wrong; look at all of it again
		row.Position, row.Done, row.Failed = "", 0, 0
	}
	row.State = stepRunning
	err = s.Write(ctx, from, func(ctx context.Context, tx *Tx) error {
		if err := tx.watch(ctx, row, st); err != nil {
			return err
		}
		return tx.noteStep(ctx, row)
	})
	if err != nil {
		return err
	}
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		next := row
		err := s.Write(ctx, from, func(ctx context.Context, tx *Tx) (err error) {
			next, more, err = f.batch(ctx, tx, row)
			return err
		})
		if err != nil {
			return err
		}
		row = next
	}
	if row.Failed > 0 {
		return f.refuse(row.Failed)
	}
	return nil
}

func (f *filling) refuse(failed int64) error {
	return diag.Refuse(CodeConversion, "", "entity", f.st.entity.Name, "field", f.st.field.Name, "count", failed, "records", f.examples)
}

// batch converts the rows after the ledger's position.
func (f *filling) batch(ctx context.Context, tx *Tx, row stepRow) (next stepRow, more bool, err error) {
	d := tx.s.Dialect()
	query := "SELECT id, " + quote(lower.Column(f.st.was)) + " FROM " + quote(lower.Table(f.st.entity))
	var args []any
	if row.Position != "" {
		query += " WHERE id > " + mark(d, 1)
		args = append(args, row.Position)
	}
	rows, err := f.load(ctx, tx, query+" ORDER BY id LIMIT "+strconv.Itoa(fillBatch), args...)
	if err != nil {
		return row, false, err
	}
	failed, err := f.store(ctx, tx, rows)
	if err != nil {
		return row, false, err
	}
	next = row
	next.Done += int64(len(rows))
	next.Failed += failed
	if len(rows) > 0 {
		next.Position = rows[len(rows)-1].id
	}
	more = len(rows) == fillBatch
	if !more {
		next.State = stepDone
		if next.Failed > 0 {
			next.State = stepFailed
		}
	}
	return next, more, tx.noteStep(ctx, next)
}

type oldValue struct {
	id string
	v  any
}

// load reads ids with the old column's values.
func (f *filling) load(ctx context.Context, tx *Tx, query string, args ...any) (out []oldValue, err error) {
	rows, err := tx.on.query(ctx, query, args...)
	if err != nil {
		return nil, tx.s.wrap("read old values", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id string
		var src any
		if err := rows.Scan(&id, &src); err != nil {
			return nil, tx.s.wrap("read old values", err)
		}
		v, err := lower.Decode(tx.s.Dialect(), f.st.was, src)
		if err != nil {
			return nil, fmt.Errorf("read old values: %w", err)
		}
		out = append(out, oldValue{id, v})
	}
	return out, tx.s.wrap("read old values", rows.Err())
}

// store writes converted values; one that can't be converted becomes null and is counted.
func (f *filling) store(ctx context.Context, tx *Tx, rows []oldValue) (failed int64, err error) {
	values, args := make([]any, len(rows)), make([]any, 0, 2*len(rows))
	for i, row := range rows {
		v, arg, err := f.convert(tx.s.Dialect(), row.v)
		if err != nil {
			v, arg = errConvert, nil
		}
		values[i], args = v, append(args, arg, row.id)
	}
	there, err := f.targets(ctx, tx, values)
	if err != nil {
		return 0, err
	}
	for i, v := range values {
		if _, bad := v.(error); !bad && f.pointsAt(there, v) {
			continue
		}
		failed++
		if len(f.examples) < fillExamples {
			f.examples = append(f.examples, rows[i].id)
		}
		args[2*i] = nil
	}
	if f.st.SQL == "" {
		return failed, nil // the values stay where they are
	}
	return failed, tx.refused(f.st.entity, "write converted values", f.write(ctx, tx, args))
}

// idsOf are the ids of records in a value of a field that points at some.
func (f *filling) idsOf(v any) []string {
	if k := f.st.field.Kind; f.st.field.Target == nil || !k.IsReference() && k != metamodel.References {
		return nil
	}
	switch v := v.(type) {
	case string:
		return []string{v}
	case []string:
		return v
	}
	return nil
}

// targets are the records, also those in the bin, that values point at: a text may hold any id.
func (f *filling) targets(ctx context.Context, tx *Tx, values []any) (map[string]bool, error) {
	var ids []string
	for _, v := range values {
		ids = append(ids, f.idsOf(v)...)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	condition, arg, err := among(tx.s.Dialect(), ids)
	if err != nil {
		return nil, err
	}
	found, err := texts(ctx, tx.on, "SELECT id FROM "+quote(lower.Table(f.st.field.Target))+" WHERE id"+condition, arg)
	if err != nil {
		return nil, tx.s.wrap("look for what values point at", err)
	}
	there := make(map[string]bool, len(found))
	for _, id := range found {
		there[id] = true
	}
	return there, nil
}

// pointsAt tells whether all that a value points at is there.
func (f *filling) pointsAt(there map[string]bool, v any) bool {
	return !slices.ContainsFunc(f.idsOf(v), func(id string) bool { return !there[id] })
}

// write runs the step's statement for pairs of value and id. PostgreSQL gets them fillPart at a time, as a way to the
// server costs more than the work there.
func (f *filling) write(ctx context.Context, tx *Tx, args []any) error {
	if tx.s.Dialect() != lower.Postgres {
		for pair := range slices.Chunk(args, 2) {
			if _, err := tx.on.exec(ctx, f.st.SQL, pair...); err != nil {
				return err
			}
		}
		return nil
	}
	column := quote(lower.Column(f.st.field))
	for part := range slices.Chunk(args, 2*fillPart) {
		var query strings.Builder
		query.WriteString("UPDATE " + quote(lower.Table(f.st.entity)) + " AS t SET " + column + " = v.value FROM (VALUES ")
		for i := 1; i < len(part); i += 2 {
			if i > 1 {
				query.WriteString(", ")
			}
			fmt.Fprintf(&query, "($%d::%s, $%d::uuid)", i, lower.ColumnType(lower.Postgres, f.st.field), i+1)
		}
		query.WriteString(") AS v(value, id) WHERE t.id = v.id")
		if _, err := tx.on.exec(ctx, query.String(), part...); err != nil {
			return err
		}
	}
	return nil
}

func (f *filling) convert(d lower.Dialect, v any) (converted, arg any, err error) {
	converted, err = convert(f.st.was, f.st.field, f.zone, v)
	if err != nil {
		return nil, nil, err
	}
	arg, err = lower.Encode(d, f.st.field, converted)
	return converted, arg, err
}

// dirtyKey names a fill in triggers and in schema_dirty: the columns that it goes between.
func dirtyKey(st Step) string {
	return lower.Table(st.entity) + "." + lower.Column(st.was) + "." + lower.Column(st.field)
}

// triggerName is the name of a fill's trigger, its event appended on SQLite.
func triggerName(st Step) string {
	return "fill_" + string(st.entity.ID) + "_" + lower.Column(st.field)
}

// watch makes the trigger that notes changed rows, and forgets what an earlier run noted: it reads all rows.
func (tx *Tx) watch(ctx context.Context, row stepRow, st Step) error {
	if row.Position == "" {
		if err := tx.unwatch(ctx, st); err != nil {
			return err
		}
	}
	table, column, name, key := quote(lower.Table(st.entity)), quote(lower.Column(st.was)), triggerName(st), dirtyKey(st)
	if tx.s.Dialect() == lower.Postgres {
		if err := tx.ddl(ctx, "DROP TRIGGER IF EXISTS "+quote(name)+" ON "+table); err != nil {
			return err
		}
		return tx.ddl(ctx, "CREATE TRIGGER "+quote(name)+" AFTER INSERT OR UPDATE OF "+column+" ON "+table+
			" FOR EACH ROW EXECUTE FUNCTION tenon_dirty('"+key+"')")
	}
	for event, when := range map[string]string{"_i": "INSERT", "_u": "UPDATE OF " + column} {
		err := tx.ddl(ctx, "CREATE TRIGGER IF NOT EXISTS "+quote(name+event)+" AFTER "+when+" ON "+table+
			" BEGIN INSERT OR IGNORE INTO schema_dirty (step, record) VALUES ('"+key+"', NEW.id); END")
		if err != nil {
			return err
		}
	}
	return nil
}

// unwatch drops a fill's trigger and what it noted.
func (tx *Tx) unwatch(ctx context.Context, st Step) error {
	name := triggerName(st)
	if tx.s.Dialect() == lower.Postgres {
		if err := tx.ddl(ctx, "DROP TRIGGER IF EXISTS "+quote(name)+" ON "+quote(lower.Table(st.entity))); err != nil {
			return err
		}
	} else {
		for _, event := range []string{"_i", "_u"} {
			if err := tx.ddl(ctx, "DROP TRIGGER IF EXISTS "+quote(name+event)); err != nil {
				return err
			}
		}
	}
	_, err := tx.on.exec(ctx, bind(tx.s.Dialect(), "DELETE FROM schema_dirty WHERE step = ?"), dirtyKey(st))
	return tx.s.wrap("forget changed rows", err)
}

// abandon removes what plans of the app other than this one have left: triggers, noted rows, their ledger.
// Tables, columns and indexes stay; nothing uses them.
func (s *Store) abandon(ctx context.Context, from Pin, app metamodel.ID, plan string) error {
	var n int64
	others := func(ctx context.Context, r *Reader) error {
		return r.models(ctx).Model(&stepRow{}).Where(clause.Eq{Column: "app", Value: app}, clause.Neq{Column: "plan", Value: plan}).Count(&n).Error
	}
	if err := others(ctx, s.read); err != nil || n == 0 {
		return s.wrap("read schema ledger", err)
	}
	return s.Write(ctx, from, func(ctx context.Context, tx *Tx) error {
		if err := tx.dropTriggers(ctx, app); err != nil {
			return err
		}
		err := tx.models(ctx).Where(clause.Eq{Column: "app", Value: app}, clause.Neq{Column: "plan", Value: plan}).Delete(&stepRow{}).Error
		return s.wrap("clear schema ledger", err)
	})
}

// dropTriggers removes all fill triggers on an app's tables, whatever plan made them.
func (tx *Tx) dropTriggers(ctx context.Context, app metamodel.ID) error {
	tables, err := texts(ctx, tx.on, bind(tx.s.Dialect(), "SELECT DISTINCT tbl FROM physical_columns WHERE app = ?"), string(app))
	if err != nil {
		return tx.s.wrap("list tables", err)
	}
	for _, table := range tables {
		names, err := tx.s.db.triggers(ctx, tx.on, table)
		if err != nil {
			return tx.s.wrap("list triggers", err)
		}
		for _, name := range names {
			query := "DROP TRIGGER IF EXISTS " + quote(name)
			if tx.s.Dialect() == lower.Postgres {
				query += " ON " + quote(table)
			}
			if err := tx.ddl(ctx, query); err != nil {
				return err
			}
		}
		prefix := table + "."
		const forget = "DELETE FROM schema_dirty WHERE substr(step, 1, ?) = ?"
		if _, err := tx.on.exec(ctx, bind(tx.s.Dialect(), forget), len(prefix), prefix); err != nil {
			return tx.s.wrap("forget changed rows", err)
		}
	}
	return nil
}

// Switch completes a plan in the transaction that moves the reference to the new release; it comes after
// SwapRef, which has waited for all writes of the old release. It converts once more what they changed, drops
// what only the old release used and clears the ledger. It returns *diag.Problem when a value written meanwhile
// can't be converted, and an error when Apply has not finished the plan.
func (tx *Tx) Switch(ctx context.Context, app metamodel.ID, steps []Step) error {
	plan := PlanHash(app, steps)
	var done []int64
	err := tx.models(ctx).Model(&stepRow{}).Where(clause.Eq{Column: "plan", Value: plan}, clause.Eq{Column: "state", Value: stepDone}).Pluck("step", &done).Error
	if err != nil {
		return tx.s.wrap("read schema ledger", err)
	}
	finished := map[int64]bool{}
	for _, i := range done {
		finished[i] = true
	}
	for i, st := range steps {
		if !st.switches() && !finished[int64(i)] {
			return fmt.Errorf("switch schema: %w: step %d (%s) is not done", ErrMoved, i+1, st.Comment)
		}
	}
	for _, st := range steps {
		if err := tx.switchStep(ctx, st); err != nil {
			return err
		}
	}
	err = tx.models(ctx).Where(clause.Eq{Column: "plan", Value: plan}).Delete(&stepRow{}).Error
	return tx.s.wrap("clear schema ledger", err)
}

func (tx *Tx) switchStep(ctx context.Context, st Step) error {
	switch st.Kind {
	case FillColumn:
		return tx.catchUp(ctx, st)
	case WidenColumn:
		return tx.ddl(ctx, st.SQL)
	case DropIndex:
		return tx.dropIndex(ctx, st.index)
	case CreateTable, AddColumn, CreateIndex:
	}
	return nil
}

// catchUp converts the rows that were written while a column was being filled.
func (tx *Tx) catchUp(ctx context.Context, st Step) error {
	f, err := tx.s.newFilling(st)
	if err != nil {
		return err
	}
	query := "SELECT id, " + quote(lower.Column(st.was)) + " FROM " + quote(lower.Table(st.entity)) +
		" WHERE id IN (SELECT " + recordOf[tx.s.Dialect()] + " FROM schema_dirty WHERE step = " + mark(tx.s.Dialect(), 1) + ") ORDER BY id"
	rows, err := f.load(ctx, tx, query, dirtyKey(st))
	if err != nil {
		return err
	}
	failed, err := f.store(ctx, tx, rows)
	if err != nil {
		return err
	}
	if failed > 0 {
		return f.refuse(failed)
	}
	return tx.unwatch(ctx, st)
}

// recordOf reads a noted row's id in the type of the id column.
var recordOf = map[lower.Dialect]string{lower.SQLite: "record", lower.Postgres: "record::uuid"}
