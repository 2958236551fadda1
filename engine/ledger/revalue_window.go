package ledger

import (
	"context"
	"fmt"
	"slices"

	"tenon/engine/ledger/costing"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// minWindow is how many entries of each pool a window reads at least.
const minWindow = 8

// window is a part of the book in which the provisional pools of a ledger are run.
type window struct {
	*run
	st    *progress // nil: from the first entry
	pools []*pool
	rows  map[*pool][]*entry // of the window, corrections included
	open  map[*pool][]*entry // open entries before it
	last  bool               // nothing comes after it
	end   place              // of the last entry
	asked map[*pool][]string // entries of whose ways the next windows ask
	more  []string           // entries of whose ways a window has asked that didn't know them
}

// work runs the pools through the next window and keeps how far they are.
func (w *window) work(ctx context.Context, ids []string) (err error) {
	if w.st, err = w.progress(ctx); err != nil {
		return err
	}
	if w.st != nil {
		w.more = w.st.More
	}
	if !w.st.of(ids) {
		w.st = nil
	}
	if w.pools, err = w.poolsOf(ctx, ids); err != nil {
		return err
	}
	if len(w.pools) < len(ids) {
		return fmt.Errorf("%w: what is provisional has no entries", errDamaged)
	}
	if w.st != nil && slices.ContainsFunc(w.pools, func(p *pool) bool { return follows(p) && w.st.Pools[p.id].Ways == nil }) {
		w.st = nil // the ways were not kept: nobody needed them until a policy was changed
	}
	if err := w.read(ctx); err != nil {
		return err
	}
	for _, p := range w.pools {
		if err := w.stand(ctx, p); err != nil {
			return err
		}
	}
	for _, p := range w.pools {
		fed, err := w.kinOf(ctx, p)
		if err != nil {
			return err
		}
		p.pending, p.next = sorted(append(slices.Clone(p.rows), fed...)), 0
		w.enqueue(p)
	}
	if err := w.merge(ctx); err != nil {
		return err
	}
	return w.close(ctx)
}

// after asks for what comes after what is done, or is among it.
func (w *window) after(done bool) []store.Match {
	if w.st == nil {
		return nil
	}
	day, seq := w.f.day, w.f.seq
	if done {
		return []store.Match{{Field: day, Op: "<=", Value: value.Date(w.st.Day)}, {Any: [][]store.Match{
			{{Field: day, Op: "<", Value: value.Date(w.st.Day)}}, {{Field: seq, Op: "<=", Value: w.st.Seq}},
		}}}
	}
	return []store.Match{{Field: day, Op: ">=", Value: value.Date(w.st.Day)}, {Any: [][]store.Match{
		{{Field: day, Op: ">", Value: value.Date(w.st.Day)}}, {{Field: seq, Op: ">", Value: w.st.Seq}},
	}}}
}

// read reads the window's entries: as many as one transaction may run.
func (w *window) read(ctx context.Context) error {
	w.rows, w.open = map[*pool][]*entry{}, map[*pool][]*entry{}
	each := &store.Each{Fields: []*metamodel.Field{w.f.cost}}
	ids := make([]any, len(w.pools))
	for i, p := range w.pools {
		each.Values, ids[i] = append(each.Values, []any{p.id}), p.id
	}
	var found []*entry
	for limit := max(w.bound()/len(w.pools), minWindow); len(found) == 0; limit *= 2 {
		all, err := w.find(ctx, store.Scan{
			Each: each, Order: []*metamodel.Field{w.f.day, w.f.seq, w.f.leg}, Limit: limit,
			Where: append(w.after(false), eq(w.f.voided, false), store.Match{Field: w.f.verb, Op: "<>", Value: verbReserve}),
		})
		if err != nil {
			return err
		}
		if found, w.until = cut(sorted(all), limit); w.until == nil {
			w.last = true
			break
		}
	}
	for _, e := range found {
		w.rows[e.pool] = append(w.rows[e.pool], e)
		w.end = e.place
	}
	if w.st == nil {
		return nil
	}
	open, err := w.find(ctx, store.Scan{Where: append(w.after(true), oneOf(w.f.cost, ids), eq(w.f.open, true), eq(w.f.voided, false))})
	for _, e := range sorted(open) {
		w.open[e.pool] = append(w.open[e.pool], e)
	}
	return err
}

// cut leaves out what may not be all that there is at its place: where a pool has as many entries as were asked for,
// its last number and all that come later. It answers where the window ends; nil where nothing was left out.
func cut(list []*entry, limit int) (inside []*entry, until *place) {
	count := map[*pool]int{}
	for _, e := range list {
		if count[e.pool]++; count[e.pool] == limit && until == nil {
			until = &place{day: e.day, seq: e.seq, leg: -1}
		}
	}
	if until == nil {
		return list, nil
	}
	i := slices.IndexFunc(list, func(e *entry) bool { return !e.before(*until) })
	return list[:i], until
}

// stand puts a pool where the last window has left it.
func (w *window) stand(ctx context.Context, p *pool) error {
	var err error
	if p.auto, err = w.begin(ctx, p); err != nil {
		return err
	}
	p.mode, p.marked, p.joined = parted, true, w.run
	p.made, p.rows, p.uncovered, p.running = map[string][]*entry{}, nil, value.Decimal{}, nil
	for _, e := range w.rows[p] {
		if e.verb == verbCorrection {
			p.made[e.from] = append(p.made[e.from], e)
			continue
		}
		e.remaining, e.remainingValue = value.Decimal{}, value.Decimal{}
		p.rows = append(p.rows, e)
	}
	w.orphans(p)
	if w.st == nil {
		return nil
	}
	was := w.st.Pools[p.id]
	p.uncovered, p.running = was.Uncovered, was.Secondary
	s := costing.State{Quantity: was.Quantity, Value: was.Value, UnitCost: was.Unit, Keys: was.Keys, Ways: was.Ways, Method: was.Method, Standard: was.Standard}
	for _, e := range w.open[p] {
		s.Layers = append(s.Layers, costing.Layer{ID: e.id, Key: e.key, Quantity: e.remaining, Value: e.remainingValue})
	}
	p.auto.Restore(s)
	return nil
}

// kinOf reads what belongs to the entries of a pool in the window, and what they belong to. It answers the entries of
// other pools that this one feeds by corrections.
func (w *window) kinOf(ctx context.Context, p *pool) ([]*entry, error) {
	var ids, origins, documents []any
	asked := map[string]bool{}
	add := func(list *[]any, id string) {
		if id != "" && !asked[id] {
			asked[id] = true
			*list = append(*list, id)
		}
	}
	for _, e := range slices.Concat(p.rows, w.open[p]) {
		add(&ids, e.id)
	}
	for _, e := range w.rows[p] {
		add(&origins, e.origin)
		add(&documents, e.source.Record)
	}
	id := w.l.Entry.Columns()[metamodel.SlotID]
	if len(origins) > 0 {
		if _, err := w.find(ctx, store.Scan{Where: []store.Match{oneOf(id, origins)}}); err != nil {
			return nil, err
		}
	}
	if ids = append(ids, origins...); len(ids) == 0 {
		return nil, nil
	}
	kin, err := w.find(ctx, store.Scan{Where: []store.Match{oneOf(w.f.origin, ids), eq(w.f.voided, false)}})
	if err != nil {
		return nil, err
	}
	for _, e := range kin {
		w.kin(e)
	}
	for _, of := range ids {
		w.pileOf(w.origins, of.(string)).all = true
	}
	if len(documents) == 0 {
		return nil, nil
	}
	fed, err := w.find(ctx, store.Scan{Where: []store.Match{
		oneOf(w.f.document, documents),
		{Field: w.f.cost, Op: "<>", Value: p.id},
		eq(w.f.verb, verbRevalue),
		{Field: w.f.leg, Op: ">", Value: int64(0)},
		eq(w.f.voided, false),
	}})
	if err != nil {
		return nil, err
	}
	var out []*entry
	for _, e := range fed {
		feeder, err := w.get(ctx, e.from)
		if err != nil {
			return nil, err
		}
		if !e.voided && feeder.pool == p && w.inside(e.place) {
			out = append(out, e)
		}
	}
	return out, nil
}

// inside tells whether a place is in the window.
func (w *window) inside(at place) bool {
	return !w.st.covers(at) && (w.until == nil || at.before(*w.until))
}

// close keeps how far the pools are, or that they are done.
func (w *window) close(ctx context.Context) error {
	if w.last {
		for _, p := range w.pools {
			p.provisional, p.unit = false, p.auto.State().UnitCost
		}
		return w.keep(ctx, nil)
	}
	st := &progress{Day: int64(w.end.day), Seq: w.end.seq, Pools: map[string]poolProgress{}, More: w.more}
	if err := w.asking(ctx); err != nil {
		return err
	}
	for _, p := range w.pools {
		s := p.auto.State()
		keys := map[string]value.Decimal{}
		for k, q := range s.Keys {
			if !q.IsZero() {
				keys[k] = q
			}
		}
		st.Pools[p.id] = poolProgress{Quantity: s.Quantity, Value: s.Value, Unit: s.UnitCost, Uncovered: p.uncovered, Keys: keys, Method: s.Method, Standard: s.Standard, Secondary: p.running}
		if follows(p) {
			kept := st.Pools[p.id]
			kept.Ways = p.auto.Ways(w.asked[p])
			st.Pools[p.id] = kept
		}
	}
	return w.keep(ctx, st)
}

// follows tells whether changes of cost follow the goods of a receipt, so that it must be known who took what.
func follows(p *pool) bool {
	if !p.changed {
		switch p.policy.Method {
		case costing.Standard, costing.None, costing.Month:
			return false
		case costing.Average, costing.FIFO, costing.LIFO:
		}
	}
	return p.policy.Variance != costing.ToStock && p.policy.Variance != costing.ToExpense
}

// asking finds, by pool, the entries of whose ways those after the window will ask: what they revalue, and what they bring
// back. That is looked for at the end of the first window; who asks of more later has the job begin anew.
func (w *window) asking(ctx context.Context) error {
	w.asked = map[*pool][]string{}
	var ids []any
	for _, p := range w.pools {
		switch {
		case !follows(p):
		case w.st == nil:
			ids, w.asked[p] = append(ids, p.id), slices.Clone(w.more)
		default:
			w.asked[p] = w.st.Pools[p.id].Ways.Known
		}
	}
	if len(ids) == 0 {
		return nil
	}
	seen := map[string]bool{}
	return w.Book.read.Scan(ctx, store.Scan{
		Entity: w.l.Entry, Fields: []*metamodel.Field{w.f.cost, w.f.origin},
		Where: []store.Match{
			oneOf(w.f.cost, ids), eq(w.f.voided, false), oneOf(w.f.verb, []any{verbRevalue, verbIn}),
			{Field: w.f.origin, Op: "<>"},
			{Field: w.f.day, Op: ">=", Value: w.end.day},
		},
	}, func(row value.Row) error {
		p, id := w.poolIDs[text(row[w.f.cost.Slot])], text(row[w.f.origin.Slot])
		if !seen[p.id+id] {
			seen[p.id+id] = true
			w.asked[p] = append(w.asked[p], id)
		}
		return nil
	})
}
