package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/ledger"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// Bounds of what one write brings up to date besides the records that it writes; what is more is left to a job.
const (
	maxDerived = 5000 // records that work values out of others
	// derivedRows times as many are the rows of one record that are read again where a difference is not enough (the
	// greatest of them is gone, the first changed its place), and the roll-ups that rows are taken from and added to.
	derivedRows = 4
)

// rowBound is how many rows, or roll-ups, a write deals with.
func (e *Engine) rowBound() int { return derivedRows * e.deriveBound }

// change is a record before and after a write, each with its lines; before is nil when the record is new.
type change struct {
	entity        *compile.Entity
	before, after value.Row
}

// derivation brings what other records keep up to date with a write, in the write's transaction: roll-ups by the
// difference that the write makes, formulas over references by computing them anew. It goes by rank, so that each
// value is worked out once, when all that it depends on is final.
type derivation struct {
	w       *writer
	records map[recordKey]*kept
	order   []*kept
	levels  map[int]*level
	dirty   bool                            // records are changed that the tables don't hold yet
	again   map[*kept]map[metamodel.ID]bool // postings of records that are to be judged again
	reached int                             // records besides those that were written
	later   map[*metamodel.Field]bool       // what is worked out in all records afterwards, and needs not follow
	written []change                        // what the derivation follows from
	homes   map[string]home                 // where records and lines are that may keep roll-ups, by id, as far as that is known
}

func (w *writer) derivation() *derivation {
	return &derivation{w: w, records: map[recordKey]*kept{}, levels: map[int]*level{}, again: map[*kept]map[metamodel.ID]bool{}}
}

type recordKey struct {
	entity metamodel.ID
	id     string
}

// kept is a record on its way through a derivation.
type kept struct {
	entity  *compile.Entity
	id      string
	before  value.Row // before the write; nil when it was not there
	now     value.Row // nil when it is gone
	stored  value.Row // what its table holds
	sums    map[store.SumsKey]*store.Sums
	derived bool // nobody wrote it: what it keeps follows from others
	changed bool // since it was stored
}

// level is what is to be worked out at one rank.
type level struct {
	computes []compute
	feeds    []feed
	seen     map[any]bool
}

// compute is a stored formula of a record.
type compute struct {
	value *compile.Computed
	of    *kept
}

// feed is a roll-up that rows of a record count for.
type feed struct {
	roll *compile.Rollup
	line *metamodel.Field // the field with the rows; nil when the record is the row
	from *kept
}

// derive brings up to date what follows from changes that are written. All writes of records come through here, those
// of entities that ledgers keep included.
func (w *writer) derive(ctx context.Context, changes ...change) error {
	defer w.follows()()
	defer func(b *ledger.Book) { w.book = b }(w.book)
	waiting := w.late
	w.late = nil
	return w.deriveAll(ctx, changes, waiting)
}

func (w *writer) deriveAll(ctx context.Context, changes []change, waiting []*late) error {
	d := w.derivation()
	d.written = changes
	var others []change
	for _, c := range changes {
		if c.entity.Kept != nil {
			w.forget(c.entity) // its ledger has written it
		}
		if c.entity.Derives() || c.entity.Derived() {
			d.adopt(c)
		} else {
			others = append(others, change{c.entity, there(c.before), there(c.after)})
		}
	}
	if len(d.order) > 0 {
		if err := d.run(ctx); err != nil {
			return err
		}
	}
	if err := w.changed(ctx, append(others, d.changes()...)); err != nil {
		return err
	}
	return d.postAgain(ctx, waiting)
}

// changes are the records of a derivation as they were before and as they are now.
func (d *derivation) changes() []change {
	out := make([]change, 0, len(d.order))
	for _, k := range d.order {
		if now := there(k.now); k.before != nil || now != nil {
			out = append(out, change{k.entity, k.before, now})
		}
	}
	return out
}

// run works level by level, and writes and tells what has changed.
func (d *derivation) run(ctx context.Context) error {
	for _, k := range slices.Clone(d.order) {
		if err := d.begin(ctx, k); err != nil {
			return err
		}
	}
	return d.finish(ctx)
}

// finish works off what is entered, level by level.
func (d *derivation) finish(ctx context.Context) error {
	for len(d.levels) > 0 {
		rank := slices.Min(slices.Collect(maps.Keys(d.levels)))
		at := d.levels[rank]
		delete(d.levels, rank)
		if err := d.work(ctx, at); err != nil {
			return err
		}
	}
	if err := d.flush(ctx); err != nil {
		return err
	}
	d.w.held.note(d.order)
	return d.tell(ctx)
}

// adopt takes a written record into the derivation. A record that was written twice counts from before the first.
func (d *derivation) adopt(c change) {
	row := c.after
	if row == nil {
		row = c.before
	}
	key := recordKey{c.entity.ID, row[metamodel.SlotID].(string)}
	k := d.records[key]
	if k == nil {
		k = &kept{entity: c.entity, id: key.id, before: there(c.before)}
		d.records[key] = k
		d.order = append(d.order, k)
	}
	k.stored, k.now = cloneRecord(c.entity, c.after), there(c.after)
}

// cloneRecord copies a record with its lines; nil stays nil.
func cloneRecord(e *compile.Entity, row value.Row) value.Row {
	if row == nil {
		return nil
	}
	out := cloneRow(row)
	for _, l := range e.Lines {
		out[l.Field.Slot] = cloneLines(row[l.Field.Slot])
	}
	return out
}

// there is a record that counts: one in the recycle bin doesn't.
func there(row value.Row) value.Row {
	if row == nil || row[metamodel.SlotDeletedAt] != nil {
		return nil
	}
	return row
}

// begin finds out what follows from a record that was written.
func (d *derivation) begin(ctx context.Context, k *kept) error {
	if k.before == nil || k.now == nil {
		if k.before != nil || k.now != nil {
			for _, f := range k.entity.Feeds {
				d.feed(f.Rollup, f.Line, k)
			}
		}
		if k.stored == nil || k.before == nil {
			return nil // nothing points at what is new
		}
	}
	return d.spread(ctx, k, changedFields(k.entity, k.before, k.stored), false)
}

// changedFields are the fields of a record and of its lines that differ, the lines field itself where rows came or
// went.
func changedFields(e *compile.Entity, before, after value.Row) map[*metamodel.Field]bool {
	out := map[*metamodel.Field]bool{}
	if before == nil || after == nil {
		return out
	}
	for _, f := range e.Columns() {
		if f.Kind != metamodel.Lines && !f.Virtual() && !same(before[f.Slot], after[f.Slot]) {
			out[f] = true
		}
	}
	for _, l := range e.Lines {
		was, _ := before[l.Field.Slot].([]value.Row)
		now, _ := after[l.Field.Slot].([]value.Row)
		old := make(map[any]value.Row, len(was))
		for _, r := range was {
			old[r[metamodel.LineSlotID]] = r
		}
		for _, r := range now {
			o := old[r[metamodel.LineSlotID]]
			if o == nil {
				out[l.Field] = true
				continue
			}
			delete(old, r[metamodel.LineSlotID])
			for _, f := range l.Entity.Columns() {
				if !f.Virtual() && !same(o[f.Slot], r[f.Slot]) {
					out[f] = true
				}
			}
		}
		if len(old) > 0 {
			out[l.Field] = true
		}
	}
	return out
}

// spread enters what follows from changed fields of a record: values of the record itself, where nobody computed them
// with the write; roll-ups that it counts for; values of records that refer to it.
func (d *derivation) spread(ctx context.Context, k *kept, changed map[*metamodel.Field]bool, near bool) error {
	for _, f := range k.entity.Feeds {
		for c := range changed {
			if f.Reads(c) || f.Line == c {
				d.feed(f.Rollup, f.Line, k)
				break
			}
		}
	}
	fields := slices.SortedFunc(maps.Keys(changed), func(a, b *metamodel.Field) int { return strings.Compare(string(a.ID), string(b.ID)) })
	for _, f := range fields {
		if near {
			d.judgeAgain(k, f)
			for _, c := range d.w.call.Snap.Near(f) {
				d.compute(c, k)
			}
		}
		for _, follower := range k.entity.Followers[f] {
			if d.later[follower.Field] {
				continue
			}
			if err := d.follow(ctx, &follower, f, k); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *derivation) level(rank int) *level {
	at := d.levels[rank]
	if at == nil {
		at = &level{seen: map[any]bool{}}
		d.levels[rank] = at
	}
	return at
}

func (d *derivation) compute(c *compile.Computed, of *kept) {
	if d.later[c.Field] {
		return
	}
	at := d.level(c.Rank)
	if task := (compute{c, of}); !at.seen[task] {
		at.seen[task] = true
		at.computes = append(at.computes, task)
	}
}

func (d *derivation) feed(r *compile.Rollup, line *metamodel.Field, from *kept) {
	if d.later[r.Field] {
		return
	}
	at := d.level(r.Rank)
	if task := (feed{r, line, from}); !at.seen[task] {
		at.seen[task] = true
		at.feeds = append(at.feeds, task)
	}
}

// work brings the values of one rank up to date.
func (d *derivation) work(ctx context.Context, at *level) error {
	changed := map[*kept]map[*metamodel.Field]bool{}
	note := func(k *kept, f *metamodel.Field) {
		if changed[k] == nil {
			changed[k] = map[*metamodel.Field]bool{}
		}
		changed[k][f] = true
	}
	if err := d.rollUp(ctx, at.feeds, note); err != nil {
		return err
	}
	if slices.ContainsFunc(at.computes, func(c compute) bool { return c.value.Far }) { // it reads what the tables hold of lower ranks
		if err := d.flush(ctx); err != nil {
			return err
		}
	}
	for _, task := range at.computes {
		if err := d.evaluate(ctx, task, note); err != nil {
			return err
		}
	}
	for _, k := range d.order {
		if fields := changed[k]; fields != nil {
			if err := d.spread(ctx, k, fields, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// evaluate computes a stored formula of a record anew. It has the means of a request: what bounds a write is how many
// records it reaches.
func (d *derivation) evaluate(ctx context.Context, task compute, note func(*kept, *metamodel.Field)) error {
	k, f := task.of, task.value.Field
	if k.now == nil {
		return nil
	}
	own := d.w.call.Budget
	d.w.call.Budget = expr.NewBudget(expr.RequestBudget)
	defer func() { d.w.call.Budget = own }()
	before := cloneRecord(k.entity, k.now)
	trial := &draft{entity: k.entity, before: k.now, after: k.now, trial: true}
	if err := d.w.compute(ctx, trial, task.value); err != nil {
		return err
	}
	if err := trial.list.Err(); err != nil && !d.w.job {
		return d.because(err, k)
	}
	if changedFields(k.entity, before, k.now)[f] {
		k.changed, d.dirty = true, true
		note(k, f)
	}
	return nil
}

// fresh are those of some records that the derivation doesn't have yet, in the order of their ids.
func (d *derivation) fresh(e *compile.Entity, ids []string) []string {
	ids = slices.Sorted(slices.Values(ids))
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return d.records[recordKey{e.ID, id}] != nil })
}

// fetch takes records into the derivation, locked, in the order of their ids.
func (d *derivation) fetch(ctx context.Context, e *compile.Entity, ids []string) error {
	ids = d.fresh(e, ids)
	d.reached += len(ids)
	ids = slices.DeleteFunc(ids, func(id string) bool {
		row := d.w.held.known(recordKey{e.ID, id})
		if row != nil {
			d.take(e, id, cloneRecord(e, row), row)
		}
		return row != nil
	})
	for part := range slices.Chunk(ids, maxSelectIDs) {
		page, err := d.w.tx.Select(ctx, &query.Select{Entity: e.Entity, IDs: part, Limit: len(part), Bin: query.Any, Lock: true}, d.w.env)
		if err != nil {
			return fmt.Errorf("read what is kept in %s: %w", e.Name, err)
		}
		lines := make([]map[string][]value.Row, len(e.Lines))
		for i, l := range e.Lines {
			if lines[i], err = d.w.tx.Lines(ctx, l.Field, part); err != nil {
				return fmt.Errorf("read lines of %s: %w", e.Name, err)
			}
		}
		for _, row := range page.Rows {
			id := row[metamodel.SlotID].(string)
			for i, l := range e.Lines {
				row[l.Field.Slot] = lines[i][id]
			}
			d.take(e, id, row, cloneRecord(e, row))
		}
	}
	return nil
}

// take takes a record into the derivation that nobody has written. Stored stays as it is.
func (d *derivation) take(e *compile.Entity, id string, now, stored value.Row) {
	k := &kept{entity: e, id: id, before: there(stored), now: now, stored: stored, derived: true}
	d.records[recordKey{e.ID, id}] = k
	d.order = append(d.order, k)
}

// flush writes the records that changed, so that questions to the database see them.
func (d *derivation) flush(ctx context.Context) error {
	if !d.dirty {
		return nil
	}
	d.dirty = false
	changed := []*kept{}
	for _, k := range d.order {
		if k.changed {
			changed = append(changed, k)
		}
	}
	slices.SortFunc(changed, func(a, b *kept) int {
		return strings.Compare(string(a.entity.ID)+a.id, string(b.entity.ID)+b.id)
	})
	for i := 0; i < len(changed); {
		e, rows := changed[i].entity, []store.Derived(nil)
		for ; i < len(changed) && changed[i].entity == e; i++ {
			rows = append(rows, store.Derived{Before: changed[i].stored, After: changed[i].now, Sums: changed[i].sums})
		}
		if err := d.w.tx.Derive(ctx, e.Entity, rows); err != nil {
			return fmt.Errorf("keep %s: %w", e.Name, err)
		}
	}
	for _, k := range changed {
		k.changed, k.sums = false, nil
		k.stored = cloneRecord(k.entity, k.now)
		if d.w.held == nil {
			d.w.forget(k.entity)
		} else {
			d.w.renew(k)
		}
	}
	return nil
}

// tell says which records keep other values now, for those who look at them. They have no new version and no entry in
// the journal: what they keep can be worked out from the records that were written.
func (d *derivation) tell(ctx context.Context) error {
	if d.w.job {
		return nil // it tells when it has ended
	}
	for _, k := range d.order {
		if !k.derived || k.now == nil {
			continue
		}
		dr := &draft{entity: k.entity, before: k.before, after: k.now}
		if k.before == nil || len(d.w.changes(dr)) == 0 {
			continue
		}
		event := store.Event{
			ID: d.w.engine.newID(), Type: "tenon.record.recomputed.v1", Source: "/apps/" + d.w.call.Snap.App.Name,
			Subject: k.entity.Name + "/" + k.id, Time: d.w.call.Now, Data: d.w.changeData(dr), App: d.w.call.Snap.App.Name,
			EntityID: string(k.entity.ID), RecordID: k.id, Version: k.now[metamodel.SlotVersion].(int64),
		}
		if err := d.w.tx.Emit(ctx, event); err != nil {
			return fmt.Errorf("tell what is kept: %w", err)
		}
	}
	return nil
}
