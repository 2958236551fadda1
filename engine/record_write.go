package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/ledger"
	"tenon/engine/policy"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// writer is one write transaction on its way: every change of records goes through one of its methods, whichever
// door the request came in by.
type writer struct {
	*world
	engine   *Engine
	tx       *store.Tx
	held     *held // where new records wait to be written together; nil writes each at once
	notes    *notes
	rowsRead int                                     // of roll-ups
	settled  map[recordKey]map[*metamodel.Field]bool // what is unsettled and may be relied on nevertheless, by record
	job      bool                                    // works kept values out for a job: as far as that goes, and quietly
	kept     map[metamodel.ID]store.KeptState        // how far kept aggregates are that the transaction changes
	told     diag.List                               // what a write has to be told of that isn't wrong
	opened   []*ledger.Book                          // of which it is to be judged whether more is reserved than there is
	late     []*late                                 // documents of which postings are to be judged once all is derived
	book     *ledger.Book                            // in which the write at hand posts, and what follows from it; nil until it does
}

// maxMoved bounds how often a write is begun anew because a release moved the app meanwhile.
const maxMoved = 3

// write runs do in one transaction on the call's Snapshot. When a release has replaced it meanwhile, all is done
// again on the new one, so that no write sees two revisions.
func (e *Engine) write(ctx context.Context, c Call, need claim, do func(ctx context.Context, w *writer) error) error {
	n := &notes{}
	defer e.settled(ctx, n)
	for attempt := 0; ; attempt++ {
		pin := store.Pin{App: c.Snap.App.Name, Env: c.Snap.Env, Generation: c.Snap.Generation, Serializable: need.serializable, Ledgers: need.ledgers}
		err := e.store.Write(ctx, pin, func(ctx context.Context, tx *store.Tx) error {
			w := &writer{world: e.newWorld(c, tx).locking(), engine: e, tx: tx, notes: n}
			w.bringUp = w.bringUpTo
			if err := do(ctx, w); err != nil {
				return err
			}
			_, err := w.promised(ctx)
			return err
		})
		if !errors.Is(err, store.ErrMoved) {
			if err == nil {
				e.wake()
			}
			return e.storeProblem(c, err)
		}
		if attempt == maxMoved {
			return diag.Refuse("record.release_moved", "")
		}
		if err := e.reload(ctx); err != nil {
			return e.storeProblem(c, err)
		}
		if _, failed := (*e.failures.Load())[c.Snap.App.Name]; failed {
			return diag.Refuse("app.broken", "") // it can be read as it was, and not written
		}
		if c.Snap, err = e.Snapshot(c.Snap.App.Name, c.Actor); err != nil {
			return err
		}
	}
}

// storeProblem turns what the store refuses into what a person is told.
func (e *Engine) storeProblem(c Call, err error) error {
	var unique *store.UniqueError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unique):
		return uniqueProblem(c, err, unique)
	case errors.Is(err, store.ErrKeyReused):
		return diag.Refuse("idempotency.mismatch", "")
	case errors.Is(err, store.ErrStale):
		return diag.Refuse("record.release_moved", "")
	case errors.Is(err, store.ErrBusy):
		return diag.Refuse("store.busy", "")
	}
	return err
}

// load reads a record with its lines for a change, as the given action sees it. A record that the actor may read
// but not change is refused as denied; one that he may not even read doesn't exist.
func (w *writer) load(ctx context.Context, e *compile.Entity, id string, action metamodel.Action, bin query.Bin) (value.Row, error) {
	may, err := w.call.require(e, action)
	if err != nil {
		return nil, err
	}
	if w.call.Snap.Unsettled() != nil && validID(id) {
		if _, err := w.bringUpTo(ctx, e, id); err != nil {
			return nil, err
		}
	}
	row, err := w.one(ctx, e, id, may, bin)
	if err != nil {
		return nil, err
	}
	if row == nil {
		read := w.call.decide(e.Entity, metamodel.ActRead)
		if read.allow() && may.rows() != nil {
			if seen, err := w.one(ctx, e, id, read, bin); err != nil || seen != nil {
				return nil, cmpErr(err, w.call.denied(e, action, ""))
			}
		}
		return nil, diag.Refuse("record.not_found", "")
	}
	for _, l := range e.Lines {
		lines, err := w.tx.Lines(ctx, l.Field, []string{id})
		if err != nil {
			return nil, fmt.Errorf("read lines: %w", err)
		}
		row[l.Field.Slot] = lines[id]
	}
	return row, nil
}

func cmpErr(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

func (w *writer) one(ctx context.Context, e *compile.Entity, id string, may decision, bin query.Bin) (value.Row, error) {
	if !validID(id) {
		return nil, nil
	}
	page, err := w.tx.Select(ctx, &query.Select{Entity: e.Entity, IDs: []string{id}, Where: may.where(), Limit: 1, Bin: bin, Lock: true}, w.env)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", e.Name, err)
	}
	if len(page.Rows) == 0 {
		return nil, nil
	}
	return page.Rows[0], nil
}

// create makes a new record of decoded values.
func (w *writer) create(ctx context.Context, e *compile.Entity, g given, path string, list diag.List) (*draft, error) {
	may, err := w.call.require(e, metamodel.ActCreate)
	if err != nil {
		return nil, err
	}
	d := &draft{entity: e, after: cloneRow(g.row), sent: g.sent, event: metamodel.OnCreate, path: path, list: slices.Clone(list)}
	w.stampNew(d)
	d.mergeLines(w.engine.newID, w.call.Locale)
	if err := w.settle(ctx, d, may); err != nil {
		return nil, err
	}
	if w.held != nil {
		if err := w.held.post(ctx, d); err != nil {
			return nil, err
		}
		return d, w.held.add(ctx, d)
	}
	if err := w.tx.Insert(ctx, e.Entity, d.after); err != nil {
		return nil, placed(err, d.path)
	}
	return d, w.follow(ctx, d, "create")
}

func (w *writer) stampNew(d *draft) {
	row := d.after
	row[metamodel.SlotID] = w.engine.newID()
	row[metamodel.SlotVersion] = int64(1)
	row[metamodel.SlotCreatedAt], row[metamodel.SlotUpdatedAt] = w.call.Now, w.call.Now
	who := w.call.who()
	row[metamodel.SlotCreatedBy], row[metamodel.SlotUpdatedBy] = who, who
	if row[metamodel.SlotOwner] == nil {
		row[metamodel.SlotOwner] = who
	}
	if row[metamodel.SlotDepartment] == nil {
		row[metamodel.SlotDepartment] = w.call.home()
	}
	if s := d.entity.States; s != nil && row[s.Field.Slot] == nil {
		row[s.Field.Slot] = s.Initial.Name
	}
}

// settle completes and checks a draft and says all that is wrong with it at once. What it leaves behind may be
// written.
func (w *writer) settle(ctx context.Context, d *draft, may decision) error {
	if d.before == nil && !d.list.HasErrors() {
		if err := w.number(ctx, d); err != nil {
			return err
		}
	}
	if err := w.complete(ctx, d); err != nil {
		return err
	}
	if err := w.check(ctx, d); err != nil {
		return err
	}
	if d.list.HasErrors() {
		if err := w.checkKeys(ctx, d); err != nil {
			return err
		}
		return d.list.Err()
	}
	return w.checkAllRows(ctx, d, may)
}

// number gives document numbers, in the same transaction, so that none is lost and none is given twice.
func (w *writer) number(ctx context.Context, d *draft) error {
	for _, f := range d.entity.Numbers {
		if d.after[f.Slot] != nil {
			continue // the system brought its own
		}
		prefix, suffix := f.Number.Format(value.DateOf(w.call.Now, w.env.Zone))
		n, err := w.tx.Next(ctx, string(f.ID)+":"+prefix)
		if err != nil {
			return fmt.Errorf("number %s: %w", f.Name, err)
		}
		d.after[f.Slot] = fmt.Sprintf("%s%0*d%s", prefix, f.Number.Digits, n, suffix)
	}
	return nil
}

// update changes a record by decoded values.
func (w *writer) update(ctx context.Context, e *compile.Entity, id string, ifMatch int64, g given, path string, list diag.List) (*draft, error) {
	before, err := w.load(ctx, e, id, metamodel.ActUpdate, query.Live)
	if err != nil {
		return nil, err
	}
	if err := stale(before, ifMatch); err != nil {
		return nil, err
	}
	d := &draft{entity: e, before: before, after: cloneRow(before), sent: g.sent, event: metamodel.OnUpdate, path: path, list: slices.Clone(list)}
	changed := d.take(g, w.engine.newID, w.call.Locale)
	if s := e.States; s != nil && changed && !w.call.trusted {
		if state, _ := before[s.Field.Slot].(string); e.Frozen(state) {
			return nil, diag.Refuse("record.frozen", path, "state", stateTitle(s, state, w.call.Locale))
		}
	}
	return d, w.save(ctx, d, w.call.decide(e.Entity, metamodel.ActUpdate), "update")
}

// save settles a changed record and writes it, if anything changed at all.
func (w *writer) save(ctx context.Context, d *draft, may decision, action string) error {
	if err := w.settle(ctx, d, may); err != nil {
		return err
	}
	if len(w.changes(d)) == 0 {
		return nil
	}
	if err := w.releaseGone(ctx, d); err != nil {
		return err
	}
	w.stampChange(d)
	if err := w.tx.Update(ctx, d.entity.Entity, d.before, d.after); err != nil {
		return err
	}
	return w.follow(ctx, d, action)
}

// follow does what a written record entails: postings to ledgers, values that others keep, the journal and the event.
func (w *writer) follow(ctx context.Context, d *draft, action string) error {
	w.forget(d.entity)
	defer func() { w.book = nil }()
	changes, err := w.post(ctx, d)
	if err != nil {
		return err
	}
	if err := w.derive(ctx, append(changes, change{d.entity, d.before, d.after})...); err != nil {
		return prefixed(err, d.path)
	}
	warned, err := w.promised(ctx)
	if err != nil {
		return err
	}
	d.list = append(d.list, warned...)
	for _, warning := range w.told {
		warning.Path = d.path + warning.Path
		d.list = append(d.list, warning)
	}
	w.told = nil
	return w.record(ctx, d, action)
}

func (w *writer) stampChange(d *draft) {
	d.after[metamodel.SlotVersion] = d.before[metamodel.SlotVersion].(int64) + 1
	d.after[metamodel.SlotUpdatedAt] = w.call.Now
	if who := w.call.who(); who != nil {
		d.after[metamodel.SlotUpdatedBy] = who
	}
}

// stale compares the version that a client saw with the record's.
func stale(row value.Row, ifMatch int64) error {
	if current := row[metamodel.SlotVersion].(int64); ifMatch != 0 && ifMatch != current {
		return diag.Refuse("record.stale", "", "seen", ifMatch, "current", current)
	}
	return nil
}

// transition moves a record to another state.
func (w *writer) transition(ctx context.Context, e *compile.Entity, id, name string, ifMatch int64, path string) (*draft, error) {
	if e.States == nil {
		return nil, diag.Refuse("flow.no_states", path, "entity", e.Title.In(w.call.Locale))
	}
	t := e.Transitions[name]
	if t == nil {
		return nil, diag.Refuse("flow.transition_unknown", diag.Pointer(path, "transition"), "transition", clip(name), "known", w.call.transitionNames(e))
	}
	action := policy.TransitionAction(name)
	may := w.call.decide(e.Entity, action)
	before, err := w.load(ctx, e, id, action, query.Live)
	if err != nil {
		return nil, err
	}
	if err := stale(before, ifMatch); err != nil {
		return nil, err
	}
	state, _ := before[e.States.Field.Slot].(string)
	if !t.Leaves(state) {
		return nil, diag.Refuse("flow.transition_not_allowed", path, "state", stateTitle(e.States, state, w.call.Locale), "transition", t.Title.In(w.call.Locale))
	}
	d := &draft{entity: e, before: before, after: cloneRow(before), event: metamodel.OnTransition, path: path}
	d.after[e.States.Field.Slot] = t.To.Name
	for _, l := range e.Lines {
		d.after[l.Field.Slot] = cloneLines(before[l.Field.Slot])
	}
	if err := w.transitionCondition(ctx, d, t); err != nil {
		return nil, err
	}
	return d, w.save(ctx, d, may, "transition")
}

func (w *writer) transitionCondition(ctx context.Context, d *draft, t *compile.Transition) error {
	if t.When == nil {
		return nil
	}
	act := w.activation(ctx, d.before)
	ok, err := w.holds(ctx, d.entity, t.When, act)
	if err != nil && fatal(err) {
		return err
	}
	if ok {
		return nil
	}
	return &diag.Problem{List: diag.List{{
		Code: "flow.condition", Path: d.path, Message: t.Message,
		Args: diag.Pairs("transition", t.Title.In(w.call.Locale)),
	}}}
}

// transitionNames lists the transitions that the actor may take.
func (c Call) transitionNames(e *compile.Entity) []string {
	out := []string{}
	may := c.decide(e.Entity, metamodel.ActTransition)
	for _, t := range e.States.Transitions {
		if may.all || may.May(t.Name) {
			out = append(out, t.Name)
		}
	}
	return out
}

func stateTitle(s *metamodel.States, state, lang string) string {
	for _, o := range s.Field.Enum.Options {
		if o.Name == state {
			return o.Title.In(lang)
		}
	}
	return state
}

// cloneRow copies a row; lines are shared until cloneLines copies them.
func cloneRow(r value.Row) value.Row { return slices.Clone(r) }

func cloneLines(v any) any {
	rows, _ := v.([]value.Row)
	out := make([]value.Row, len(rows))
	for i, r := range rows {
		out[i] = slices.Clone(r)
	}
	return out
}
