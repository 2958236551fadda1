package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// reader is what use cases ask of the store, inside a transaction or outside.
type reader interface {
	Select(ctx context.Context, q *query.Select, env *query.Env) (*query.Page, error)
	Lookup(ctx context.Context, q *expr.Query, params []any, env *query.Env) (any, error)
	Lines(ctx context.Context, f *metamodel.Field, parents []string) (map[string][]value.Row, error)
}

// maxSelectIDs bounds how many ids go into one statement.
const maxSelectIDs = 500

// maxHops bounds how far a prefetch walks over references.
const maxHops = 4

// world answers what evaluation asks of the outside, from one reader, and remembers it for the request. It is
// used by one goroutine.
type world struct {
	call      Call
	read      reader
	env       *query.Env
	push      func(*metamodel.Field) bool // can the store compute this virtual field?
	rows      map[metamodel.ID]map[string]*relatedRow
	importing bool // rows of a file are being written: the rows of the import bind too
	// writes counts the writes of a transaction: what was computed of a record before one may be wrong after it.
	writes int
	// locks says that what is read of other records must stay as it is until the transaction ends, where values that
	// follow it are kept.
	locks bool
	// following says that what is computed just now follows when what it reads changes, so that it may be of before.
	following bool
	// ready sees to it that what a program reads is written; nil where nothing waits.
	ready func(ctx context.Context, p *compile.Program) error
	// bringUp works out what a record keeps and a job has not come to; nil outside a write.
	bringUp func(ctx context.Context, e *compile.Entity, id string) (map[*metamodel.Field]bool, error)
	// needs are the unstored slots that the program under evaluation reads, by entity.
	needs map[metamodel.ID][]*metamodel.Field
}

// relatedRow is a row of another record with the unstored slots that were filled so far.
type relatedRow struct {
	row    value.Row // nil: there is no such record
	filled map[*metamodel.Field]bool
	writes int // when filled was begun
}

// maxRemembered bounds how many rows are remembered over the writes of a transaction.
const maxRemembered = 20_000

// forget drops what a write of a record may have changed: the records of its entity, and what was computed of others.
func (w *world) forget(e *compile.Entity) {
	w.writes++
	delete(w.rows, e.ID)
	for _, l := range e.Lines {
		delete(w.rows, l.Entity.ID)
	}
	n := 0
	for _, rows := range w.rows {
		n += len(rows)
	}
	if n > maxRemembered {
		clear(w.rows)
	}
}

// renew lets a record that was brought up to date be known as it is now.
func (w *world) renew(k *kept) {
	w.writes++
	if r := w.rows[k.entity.ID][k.id]; r != nil {
		r.row = cloneRow(k.stored)
	}
	for _, l := range k.entity.Lines {
		delete(w.rows, l.Entity.ID)
	}
}

func (e *Engine) newWorld(c Call, r reader) *world {
	push := func(f *metamodel.Field) bool { return e.pushable(c.Snap, f) }
	return &world{call: c, read: r, env: c.env(), push: push, rows: map[metamodel.ID]map[string]*relatedRow{}}
}

// locking makes a world that keeps what it reads from changing.
func (w *world) locking() *world {
	w.locks = true
	return w
}

// activation is the input of an evaluation over a record.
func (w *world) activation(ctx context.Context, row value.Row) *expr.Activation {
	return &expr.Activation{Ctx: ctx, Row: row, User: w.env.User, Now: w.call.Now, Zone: w.env.Zone, World: w, Budget: w.call.Budget}
}

// eval evaluates a program after filling what it reads of the record itself. parent is the record that a line
// belongs to.
func (w *world) eval(ctx context.Context, e *compile.Entity, p *compile.Program, act *expr.Activation) (any, error) {
	if err := w.settle(ctx, e, p, act); err != nil {
		return nil, err
	}
	if w.ready != nil {
		if err := w.ready(ctx, p); err != nil {
			return nil, err
		}
	}
	saved := w.needs
	w.needs = p.Reads
	defer func() { w.needs = saved }()
	if err := w.fillOwn(ctx, e, p, act); err != nil {
		return nil, err
	}
	v, err := p.Eval(act)
	if fatal(err) {
		return nil, stopped(err)
	}
	return v, err
}

// follows says, until the function that it returns is called, that what is computed follows what it reads.
func (w *world) follows() func() {
	was := w.following
	w.following = true
	return func() { w.following = was }
}

// holds evaluates a condition; null does not hold.
func (w *world) holds(ctx context.Context, e *compile.Entity, p *compile.Program, act *expr.Activation) (bool, error) {
	v, err := w.eval(ctx, e, p, act)
	if isNull(err) {
		return false, nil
	}
	b, _ := v.(bool)
	return b, err
}

// fillOwn computes the virtual fields of the record and of its parent or lines that a program reads.
func (w *world) fillOwn(ctx context.Context, e *compile.Entity, p *compile.Program, act *expr.Activation) error {
	if len(p.Reads) == 0 || e == nil {
		return nil
	}
	if act.Parent != nil {
		if err := w.fill(ctx, act.Parent, nil, p.Reads[e.Parent.ID]); err != nil {
			return err
		}
	}
	for _, l := range e.Lines {
		rows, _ := act.Row[l.Field.Slot].([]value.Row)
		for _, r := range rows {
			if err := w.fill(ctx, r, act.Row, p.Reads[l.Entity.ID]); err != nil {
				return err
			}
		}
	}
	return w.fill(ctx, act.Row, act.Parent, p.Reads[e.ID])
}

// fill evaluates virtual fields of a row in Go, in the order given.
func (w *world) fill(ctx context.Context, row, parent value.Row, fields []*metamodel.Field) error {
	for _, f := range fields {
		if !f.Computed() {
			continue
		}
		act := w.activation(ctx, row)
		act.Parent = parent
		v, err := w.call.Snap.Computed(f).Eval(act)
		if err != nil && !isNull(err) {
			if fatal(err) {
				return stopped(err)
			}
			v = nil // a virtual value that can't be computed is blank
		}
		row[f.Slot] = fit(f, v)
	}
	return nil
}

// Related returns another record's row with what the program under evaluation reads of it.
func (w *world) Related(ctx context.Context, m *metamodel.Entity, id string) (value.Row, error) {
	e := w.call.Snap.Of(m)
	r := w.rows[m.ID][id]
	if r == nil {
		if err := w.load(ctx, e, []string{id}); err != nil {
			return nil, err
		}
		r = w.rows[m.ID][id]
	}
	if r.row == nil {
		return nil, nil
	}
	if r.filled == nil || r.writes != w.writes {
		r.filled, r.writes = map[*metamodel.Field]bool{}, w.writes
	}
	for _, f := range w.needs[m.ID] {
		if r.filled[f] {
			continue
		}
		r.filled[f] = true
		if f.Kind == metamodel.Lines {
			lines, err := w.read.Lines(ctx, f, []string{id})
			if err != nil {
				return nil, fmt.Errorf("read lines of %s: %w", m.Name, err)
			}
			r.row[f.Slot] = lines[id]
			continue
		}
		if err := w.fill(ctx, r.row, nil, []*metamodel.Field{f}); err != nil {
			return nil, err
		}
	}
	return r.row, nil
}

// holdDocuments keeps the records from changing that lines belong to, where values follow what is read of the lines. Lines
// change with their record alone.
func (w *world) holdDocuments(ctx context.Context, e *compile.Entity, ids []string) error {
	unit := w.call.Snap.Of(e.Parent)
	if !w.locks || len(unit.Followers) == 0 {
		return nil
	}
	var docs []string
	for part := range slices.Chunk(ids, maxSelectIDs) {
		page, err := w.read.Select(ctx, &query.Select{
			Entity: e.Entity, IDs: part, Limit: len(part), Bin: query.Any, Fields: e.Columns()[:metamodel.LineSlotParent+1],
		}, w.env)
		if err != nil {
			return fmt.Errorf("look for lines of %s: %w", e.Name, err)
		}
		for _, row := range page.Rows {
			if id := row[metamodel.LineSlotParent].(string); w.rows[unit.ID][id] == nil && !slices.Contains(docs, id) {
				docs = append(docs, id)
			}
		}
	}
	if len(docs) == 0 {
		return nil
	}
	return w.load(ctx, unit, docs)
}

// load fetches rows by id in one statement per maxSelectIDs and remembers the absent ones too.
func (w *world) load(ctx context.Context, e *compile.Entity, ids []string) error {
	if e.IsLines() {
		if err := w.holdDocuments(ctx, e, ids); err != nil {
			return err
		}
	}
	// Records that values follow must not change until this transaction has kept what it read. Those that keep values
	// of others are locked as for a change at once: two that share them could not both go on to change them.
	follow := w.locks && len(e.Followers) > 0
	if follow {
		ids = slices.Sorted(slices.Values(ids))
	}
	for len(ids) > 0 {
		n := min(len(ids), maxSelectIDs)
		page, err := w.read.Select(ctx, &query.Select{Entity: e.Entity, IDs: ids[:n], Limit: n, Bin: query.Any, Lock: follow && e.Derived(), Share: follow && !e.Derived()}, w.env)
		if err != nil {
			return fmt.Errorf("read %s: %w", e.Name, err)
		}
		known := w.rows[e.ID] // by now: what waited to be written may have been, and is remembered no more
		if known == nil {
			known = map[string]*relatedRow{}
			w.rows[e.ID] = known
		}
		for _, id := range ids[:n] {
			known[id] = &relatedRow{}
		}
		for _, row := range page.Rows {
			known[row[metamodel.SlotID].(string)].row = row
		}
		ids = ids[n:]
	}
	return nil
}

// prefetch loads, in one go per entity and hop, what programs will reach over references from these rows.
func (w *world) prefetch(ctx context.Context, hops []*metamodel.Field, e *metamodel.Entity, rows []value.Row) error {
	type batch struct {
		entity *metamodel.Entity
		rows   []value.Row
	}
	todo := []batch{{e, rows}}
	for range maxHops {
		var next []batch
		for _, b := range todo {
			for _, f := range hops {
				if f.Entity != b.entity || !f.Kind.IsReference() {
					continue
				}
				got, err := w.prefetchHop(ctx, f, b.rows)
				if err != nil {
					return err
				}
				if len(got) > 0 {
					next = append(next, batch{f.Target, got})
				}
			}
		}
		if len(next) == 0 {
			return nil
		}
		todo = next
	}
	return nil
}

// withoutParent leaves out the way from lines to their record, where it is at hand: that one may not be written yet.
func withoutParent(hops []*metamodel.Field, lines *metamodel.Entity) []*metamodel.Field {
	parent := lines.Columns()[metamodel.LineSlotParent]
	return slices.DeleteFunc(slices.Clone(hops), func(f *metamodel.Field) bool { return f == parent })
}

func (w *world) prefetchHop(ctx context.Context, f *metamodel.Field, rows []value.Row) ([]value.Row, error) {
	known := w.rows[f.Target.ID]
	var ids []string
	asked := map[string]bool{}
	for _, row := range rows {
		id, ok := row[f.Slot].(string)
		if ok && known[id] == nil && !asked[id] {
			asked[id] = true
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	if err := w.load(ctx, w.call.Snap.Of(f.Target), ids); err != nil {
		return nil, err
	}
	var got []value.Row
	for _, id := range ids {
		if r := w.rows[f.Target.ID][id]; r.row != nil {
			got = append(got, r.row)
		}
	}
	return got, nil
}

// Query answers an aggregate over another entity's records.
func (w *world) Query(ctx context.Context, q *expr.Query, params []any) (any, error) {
	v, err := w.read.Lookup(ctx, q, params, w.env)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", q.Entity.Name, err)
	}
	return v, nil
}

// fit makes a computed value of a field's own type: a decimal is rounded half up to the field's scale, a text
// is cut to its length, an instant becomes the company's day. What can't be made to fit becomes null.
func fit(f *metamodel.Field, v any) any {
	switch v := v.(type) {
	case int64:
		if f.Kind.IsDecimal() {
			return fitDecimal(f, value.NewDecimal(v, 0))
		}
	case value.Decimal:
		if f.Kind == metamodel.Integer {
			if n, ok := v.Int64(); ok {
				return n
			}
			return nil
		}
		return fitDecimal(f, v)
	case string:
		if r := []rune(v); f.MaxLength > 0 && f.Kind.IsText() && len(r) > f.MaxLength {
			return string(r[:f.MaxLength])
		}
		if v == "" {
			return nil
		}
	case time.Time:
		return v.UTC().Truncate(time.Microsecond)
	}
	return v
}

func fitDecimal(f *metamodel.Field, d value.Decimal) any {
	r, err := d.Round(int32(f.Scale))
	if err != nil || !r.Fits(int32(f.Precision), int32(f.Scale)) {
		return nil
	}
	return r
}
