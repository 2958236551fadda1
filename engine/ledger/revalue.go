package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"tenon/engine/ledger/costing"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Revalue finds the right values of some of the entries whose pools had too many for the transaction that posted to
// them, and of what depends on them. It answers whether more is left: a job calls it, a transaction for each, until
// nothing is. All such pools of a ledger are run at once in the order of the book, from where the last call ended; what
// was done stays done when the job is ended and begun again, and what is not done is provisional. People post
// meanwhile: what they change before that place has the job begin anew.
func Revalue(ctx context.Context, tx *store.Tx, l *metamodel.Ledger, o Options) (changes []Change, more bool, err error) {
	b := Open(tx, o)
	s, err := b.shelf(ctx, l)
	if err != nil {
		return nil, false, err
	}
	ids, err := s.provisional(ctx)
	if err != nil || len(ids) == 0 {
		return nil, false, err
	}
	short, err := s.short(ctx, ids)
	if err != nil {
		return nil, false, err
	}
	if len(short) > 0 {
		if changes, err = revalueWhole(ctx, tx, l, o, short, false); err != nil {
			return nil, false, err
		}
		ids, err = s.provisional(ctx)
		return changes, len(ids) > 0, err
	}
	w := &window{run: &run{shelf: s, legs: map[int64]int64{}}}
	err = w.work(ctx, ids)
	if whole := (*wholeError)(nil); errors.As(err, &whole) { // nothing is written yet
		if whole.entry != "" && !slices.Contains(w.more, whole.entry) {
			return nil, true, s.keep(ctx, &progress{More: append(w.more, whole.entry)})
		}
		changes, err = revalueWhole(ctx, tx, l, o, ids, true)
		return changes, err == nil, err
	}
	if err != nil {
		return nil, false, fmt.Errorf("value %s anew: %w", l.Name, err)
	}
	if changes, err = b.Flush(ctx); err != nil {
		return nil, false, err
	}
	if !w.last {
		return changes, true, nil
	}
	ids, err = s.provisional(ctx)
	return changes, len(ids) > 0, err
}

// Waiting counts the pools of a ledger whose values are still to be found.
func Waiting(ctx context.Context, tx *store.Tx, l *metamodel.Ledger) (int, error) {
	ids, err := (&shelf{Book: Open(tx, Options{}), l: l, f: fieldsOf(l)}).provisional(ctx)
	return len(ids), err
}

// short lists those of the pools that wait, and that are not being run in parts, which one transaction may run from their
// first entry to their last: as many as have no more entries together than it may run.
func (s *shelf) short(ctx context.Context, ids []string) (out []string, err error) {
	st, err := s.progress(ctx)
	if err != nil {
		return nil, err
	}
	left := s.bound()
	for _, id := range ids {
		if st != nil {
			if _, under := st.Pools[id]; under {
				continue
			}
		}
		n, err := s.count(ctx, id)
		switch {
		case err != nil:
			return nil, err
		case n > s.bound():
		case n > left:
			return out, nil
		default:
			out, left = append(out, id), left-n
		}
	}
	return out, nil
}

// count counts the entries of a pool, up to one more than a transaction may run.
func (s *shelf) count(ctx context.Context, pool string) (n int, err error) {
	err = s.read.Scan(ctx, store.Scan{
		Entity: s.l.Entry, Fields: []*metamodel.Field{s.l.Entry.Columns()[metamodel.SlotID]}, Limit: s.bound() + 1, Where: []store.Match{eq(s.f.cost, pool)},
	}, func(value.Row) error { n++; return nil })
	return n, err
}

// provisional lists the pools that wait for the job.
func (s *shelf) provisional(ctx context.Context) ([]string, error) {
	return s.poolsWhere(ctx, eq(s.f.costProvisional, true))
}

// poolsWhere lists the pools of which something holds.
func (s *shelf) poolsWhere(ctx context.Context, where store.Match) (ids []string, err error) {
	id := s.l.Cost.Columns()[metamodel.SlotID]
	err = s.read.Scan(ctx, store.Scan{
		Entity: s.l.Cost, Fields: []*metamodel.Field{id}, Where: []store.Match{where}, Order: []*metamodel.Field{id},
	}, func(row value.Row) error { ids = append(ids, text(row[id.Slot])); return nil })
	return ids, err
}

// wholeError says that a pool can't be run in parts, or, of an entry, that it has to be from the start: the way of its
// goods was not kept, since nobody asked for it then.
type wholeError struct{ pool, entry string }

func (e *wholeError) Error() string { return "pool " + e.pool + " must be run anew for " + e.entry }

// revalueWhole runs pools from their first entry to their last in one transaction, with what depends on them;
// unbounded: however many they have.
func revalueWhole(ctx context.Context, tx *store.Tx, l *metamodel.Ledger, o Options, ids []string, unbounded bool) ([]Change, error) {
	b := Open(tx, o)
	s, err := b.shelf(ctx, l)
	if err != nil {
		return nil, err
	}
	s.unbounded = unbounded
	pools, err := s.poolsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, p := range pools {
		p.provisional, p.stale = false, true
	}
	return b.Flush(ctx)
}

// poolsOf reads pools by their ids, with whom policies are asked about.
func (s *shelf) poolsOf(ctx context.Context, ids []string) ([]*pool, error) {
	if err := s.askOf(ctx, ids); err != nil {
		return nil, err
	}
	out := make([]*pool, 0, len(ids))
	for _, id := range ids {
		if p := s.poolIDs[id]; p != nil {
			out = append(out, p)
		}
	}
	return out, nil
}

// progress is how far the provisional pools of a ledger are valued: kept between the transactions of the job.
type progress struct {
	Day   int64                   `json:"day"` // of the last entry that is
	Seq   int64                   `json:"seq"`
	Pools map[string]poolProgress `json:"pools"` // none: from the first entry
	More  []string                `json:"more,omitempty"`
}

// poolProgress is a pool after that entry. What is open then is in the table.
type poolProgress struct {
	Quantity  value.Decimal            `json:"quantity"`
	Value     value.Decimal            `json:"value"`
	Unit      value.Decimal            `json:"unit"`
	Uncovered value.Decimal            `json:"uncovered"`
	Keys      map[string]value.Decimal `json:"keys"`
	Secondary *value.Decimal           `json:"secondary,omitempty"` // nil: nothing was counted so
	Method    costing.Method           `json:"method,omitempty"`    // none: progress of an earlier version, that of the pool
	Standard  value.Decimal            `json:"standard"`
	Ways      *costing.Ways            `json:"ways,omitempty"` // nil where nobody asks for them
}

func (s *shelf) progressName() string { return "ledger:progress:" + string(s.l.ID) }

// progress reads how far the job is; nil where it has to begin.
func (s *shelf) progress(ctx context.Context) (*progress, error) {
	text, err := s.tx.Setting(ctx, s.progressName())
	if errors.Is(err, store.ErrNotFound) || err == nil && text == "" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	st := &progress{}
	if err := json.Unmarshal([]byte(text), st); err != nil {
		return nil, fmt.Errorf("%w: how far its values are: %w", errDamaged, err)
	}
	return st, nil
}

// keep keeps how far the job is; nil is nothing.
func (s *shelf) keep(ctx context.Context, st *progress) error {
	if st == nil {
		return s.tx.PutSetting(ctx, s.progressName(), "")
	}
	text, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("keep how far the values are: %w", err)
	}
	return s.tx.PutSetting(ctx, s.progressName(), string(text))
}

// of tells whether it is about just these pools.
func (st *progress) of(ids []string) bool {
	return st != nil && len(st.Pools) == len(ids) && !slices.ContainsFunc(ids, func(id string) bool { _, ok := st.Pools[id]; return !ok })
}

// covers tells whether a place is among what is done.
func (st *progress) covers(at place) bool {
	return st != nil && (int64(at.day) < st.Day || int64(at.day) == st.Day && at.seq <= st.Seq)
}

// setBack has the job begin anew where something has changed among what it has done.
func (w *writing) setBack(ctx context.Context) error {
	var first *place
	look := func(at place) {
		if first == nil || at.before(*first) {
			first = &at
		}
	}
	for _, e := range slices.Concat(w.added, w.marked) {
		if e.pool.mode == guessed {
			look(e.place)
		}
	}
	for _, p := range w.poolOrder {
		if p.fedAt != nil {
			look(*p.fedAt)
			p.fedAt = nil
		}
	}
	if first == nil {
		return nil
	}
	st, err := w.progress(ctx)
	if err != nil || !st.covers(*first) {
		return err
	}
	return w.keep(ctx, nil)
}

// fed notes that a pool whose values a job will find takes from an entry that has changed.
func (r *run) fed(p *pool) {
	if r.begun && (p.fedAt == nil || r.at.before(*p.fedAt)) {
		at := r.at
		p.fedAt = &at
	}
}
