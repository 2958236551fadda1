package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// groupFill is how full, of a hundred, PostgreSQL makes the pages of a kept aggregate.
const groupFill = 50

// KeptState is how far a kept aggregate is: until it is ready it holds the records up to a place, by their ids.
type KeptState struct {
	Ready bool
	Place string
	Done  int64
}

// keptChange is what a transaction changes of a group: the key's fields hold the key, the others what is added.
type keptChange struct {
	k   *metamodel.Kept
	row value.Row
}

// Keep notes what a write adds to a group of a kept aggregate, or takes from it. The table is changed at the end of the
// transaction.
func (tx *Tx) Keep(k *metamodel.Kept, row value.Row) { tx.kept = append(tx.kept, keptChange{k, row}) }

// flushKept writes what the transaction changed of kept aggregates, in the order of tables and keys, so that transactions
// that change the same groups wait for each other and none for one that waits for it. Groups without rows go.
func (tx *Tx) flushKept(ctx context.Context) error {
	if len(tx.kept) == 0 {
		return nil
	}
	merged := mergeKept(tx.kept)
	tx.kept = nil
	for len(merged) > 0 {
		k, n := merged[0].k, 1
		for n < len(merged) && merged[n].k.ID == k.ID {
			n++
		}
		if err := tx.addKept(ctx, k.Table, merged[:n]); err != nil {
			return err
		}
		if err := tx.dropEmpty(ctx, k, merged[:n]); err != nil {
			return err
		}
		merged = merged[n:]
	}
	return nil
}

// mergeKept adds up what belongs to one group, and leaves out what comes to nothing.
func mergeKept(all []keptChange) []keptChange {
	type place struct {
		table metamodel.ID
		id    any
	}
	at := map[place]int{}
	var out []keptChange
	for _, c := range all {
		p := place{c.k.ID, c.row[metamodel.SlotID]}
		i, ok := at[p]
		if !ok {
			at[p] = len(out)
			out = append(out, keptChange{c.k, slices.Clone(c.row)})
			continue
		}
		for slot := c.k.Count.Slot; slot < len(c.row); slot++ {
			out[i].row[slot] = out[i].row[slot].(int64) + c.row[slot].(int64)
		}
	}
	out = slices.DeleteFunc(out, func(c keptChange) bool {
		return !slices.ContainsFunc(c.row[c.k.Count.Slot:], func(v any) bool { return v.(int64) != 0 })
	})
	slices.SortFunc(out, func(a, b keptChange) int {
		return strings.Compare(string(a.k.ID)+a.row[metamodel.SlotID].(string), string(b.k.ID)+b.row[metamodel.SlotID].(string))
	})
	return out
}

// addKept adds to groups of one table, and makes those that are not there.
func (tx *Tx) addKept(ctx context.Context, table *metamodel.Entity, changes []keptChange) error {
	l := layoutOf(tx.s.Dialect(), table)
	first := changes[0].k.Count.Slot
	sets := make([]string, 0, len(l.names)-first)
	for i, slot := range l.slots {
		if slot >= first {
			sets = append(sets, l.names[i]+" = "+quote(l.table)+"."+l.names[i]+" + excluded."+l.names[i])
		}
	}
	upsert := " ON CONFLICT (id) DO UPDATE SET " + strings.Join(sets, ", ")
	args := make([]any, 0, len(l.slots)*batches[0])
	for len(changes) > 0 {
		n := batchOf(len(changes))
		args = args[:0]
		for _, c := range changes[:n] {
			var err error
			if args, err = tx.encode(args, table, l.slots, c.row); err != nil {
				return err
			}
		}
		if _, err := tx.on.exec(ctx, l.insert[n]+upsert, args...); err != nil {
			return tx.s.wrap("add to "+l.table, err)
		}
		changes = changes[n:]
	}
	return nil
}

// dropEmpty removes the groups that have no rows any more.
func (tx *Tx) dropEmpty(ctx context.Context, k *metamodel.Kept, changes []keptChange) error {
	var ids []any
	for _, c := range changes {
		if c.row[k.Count.Slot].(int64) < 0 {
			ids = append(ids, c.row[metamodel.SlotID])
		}
	}
	for len(ids) > 0 {
		n := batchOf(len(ids))
		marks := make([]string, n)
		for i := range marks {
			marks[i] = mark(tx.s.Dialect(), i+1)
		}
		query := "DELETE FROM " + quote(lower.Table(k.Table)) + " WHERE " + quote(lower.Column(k.Count)) + " = 0 AND id IN (" + strings.Join(marks, ", ") + ")"
		if _, err := tx.on.exec(ctx, query, ids[:n]...); err != nil {
			return tx.s.wrap("drop empty groups", err)
		}
		ids = ids[n:]
	}
	return nil
}

// KeptState reads how far a kept aggregate is; ErrNotFound where none of that id was begun.
func (r *Reader) KeptState(ctx context.Context, id metamodel.ID) (KeptState, error) {
	return r.keptState(ctx, id, "")
}

// HoldKept reads how far a kept aggregate is and keeps it there until the transaction ends; ClaimKept for whoever goes on
// with it, alone.
func (tx *Tx) HoldKept(ctx context.Context, id metamodel.ID) (KeptState, error) {
	return tx.keptState(ctx, id, " FOR SHARE")
}

// ClaimKept see HoldKept.
func (tx *Tx) ClaimKept(ctx context.Context, id metamodel.ID) (KeptState, error) {
	return tx.keptState(ctx, id, " FOR UPDATE")
}

func (r *Reader) keptState(ctx context.Context, id metamodel.ID, lock string) (s KeptState, err error) {
	query := "SELECT ready, place, done FROM kept_aggregates WHERE id = ?"
	if r.s.Dialect() == lower.Postgres {
		query += lock
	}
	rows, err := r.on.query(ctx, bind(r.s.Dialect(), query), string(id))
	if err != nil {
		return s, r.s.wrap("read a kept aggregate", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if !rows.Next() {
		return s, errors.Join(r.s.wrap("read a kept aggregate", rows.Err()), ErrNotFound)
	}
	var ready int64
	err = rows.Scan(&ready, &s.Place, &s.Done)
	s.Ready = ready != 0
	return s, r.s.wrap("read a kept aggregate", err)
}

// MoveKept notes how far a kept aggregate is.
func (tx *Tx) MoveKept(ctx context.Context, id metamodel.ID, s KeptState) error {
	const query = "UPDATE kept_aggregates SET ready = ?, place = ?, done = ?, updated_at = ? WHERE id = ?"
	_, err := tx.on.exec(ctx, bind(tx.s.Dialect(), query), flag(s.Ready), s.Place, s.Done, tx.s.micros(), string(id))
	return tx.s.wrap("move a kept aggregate", err)
}

// BeginKept makes the table of a kept aggregate, empty; one that is there stays as it is, unless it is to be begun anew.
func (tx *Tx) BeginKept(ctx context.Context, app metamodel.ID, k *metamodel.Kept, anew bool) error {
	_, err := tx.keptState(ctx, k.ID, "")
	there := err == nil
	switch {
	case err != nil && !errors.Is(err, ErrNotFound):
		return err
	case there && !anew:
		return nil
	case there:
		if _, err := tx.on.exec(ctx, "DELETE FROM "+quote(lower.Table(k.Table))); err != nil {
			return tx.s.wrap("empty a kept aggregate", err)
		}
		return tx.MoveKept(ctx, k.ID, KeptState{})
	}
	if err := tx.ensureTable(ctx, app, k.Table); err != nil {
		return err
	}
	if tx.s.Dialect() == lower.Postgres { // room in each page for what its rows become: they change with every write
		if err := tx.ddl(ctx, "ALTER TABLE "+quote(lower.Table(k.Table))+" SET (fillfactor = "+strconv.Itoa(groupFill)+")"); err != nil {
			return err
		}
	}
	if err := tx.indexSpan(ctx, k); err != nil {
		return err
	}
	const query = "INSERT INTO kept_aggregates (id, app, ready, place, done, updated_at) VALUES (?, ?, 0, '', 0, ?)"
	_, err = tx.on.exec(ctx, bind(tx.s.Dialect(), query), string(k.ID), string(app), tx.s.micros())
	return tx.s.wrap("begin a kept aggregate", err)
}

// BeginMissed makes the table of a kept aggregate that the release of an app has not made, since the binary of then kept it
// otherwise. It waits for all writes of the release that are under way: they don't know of it. Those that come wait.
func (tx *Tx) BeginMissed(ctx context.Context, name, env string, app metamodel.ID, k *metamodel.Kept) error {
	const query = "UPDATE refs SET generation = generation WHERE app = ? AND env = ?"
	if _, err := tx.on.exec(ctx, bind(tx.s.Dialect(), query), name, env); err != nil {
		return tx.s.wrap("wait for writes", err)
	}
	return tx.BeginKept(ctx, app, k, false)
}

// indexSpan makes the index by which groups of months and years are found by their days.
func (tx *Tx) indexSpan(ctx context.Context, k *metamodel.Kept) error {
	if k.Span == nil {
		return nil
	}
	x, _ := newIndex("x_"+string(k.ID), k.Table, k.ID, []*metamodel.Field{k.Grain, k.Span.Field})
	if err := tx.ddl(ctx, x.ddl(tx.s.Dialect(), false)); err != nil {
		return err
	}
	return tx.catalogueIndex(ctx, x)
}

// EndKept drops the kept aggregates of an app that are not among some.
func (tx *Tx) EndKept(ctx context.Context, app metamodel.ID, stay []*metamodel.Kept) error {
	ids, err := texts(ctx, tx.on, bind(tx.s.Dialect(), "SELECT id FROM kept_aggregates WHERE app = ? ORDER BY id"), string(app))
	if err != nil {
		return tx.s.wrap("list kept aggregates", err)
	}
	for _, id := range ids {
		if slices.ContainsFunc(stay, func(k *metamodel.Kept) bool { return string(k.ID) == id }) {
			continue
		}
		table := lower.Table(&metamodel.Entity{ID: metamodel.ID(id)})
		if err := tx.ddl(ctx, "DROP TABLE IF EXISTS "+quote(table)); err != nil {
			return err
		}
		for query, arg := range map[string]string{"DELETE FROM kept_aggregates WHERE id = ?": id, "DELETE FROM physical_columns WHERE tbl = ?": table, "DELETE FROM physical_indexes WHERE tbl = ?": table} {
			if _, err := tx.on.exec(ctx, bind(tx.s.Dialect(), query), arg); err != nil {
				return fmt.Errorf("forget a kept aggregate: %w", tx.s.wrap("delete", err))
			}
		}
	}
	return nil
}
