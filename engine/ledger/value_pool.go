package ledger

import (
	"container/heap"
	"context"
	"slices"

	"tenon/engine/ledger/costing"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

type correction = costing.Correction

// Limits of what is valued within a transaction.
const (
	// maxReplay bounds the entries of a pool that is run from its first one within a transaction. A longer one is left
	// to a job, and its new values are provisional until then.
	maxReplay = 20_000
	// headLayers is how many open entries are read at first to find what an issue takes.
	headLayers = 2
	// moreLayers is how many times more are read where those don't do.
	moreLayers = 8
	// maxHead bounds how many of them are read step by step, before all are.
	maxHead = 128
)

// join lets a pool take part in the run from its first entry: it catches up with where the run is.
func (r *run) join(ctx context.Context, p *pool) error {
	if p.mode == guessed {
		r.fed(p)
		return nil
	}
	if p.joined == r {
		return nil
	}
	if p.provisional || r.bounded(ctx, p) { // a pool whose values are not known has to be run with its own kind, from the start
		r.leave(p)
		return nil
	}
	p.provisional = false
	rows, err := r.all(ctx, p)
	if err != nil {
		return err
	}
	before := p.auto
	if p.auto, err = r.begin(ctx, p); err != nil {
		return err
	}
	p.mode, p.stale, p.marked, p.joined = full, false, true, r
	p.made, p.rows, p.uncovered, p.running = map[string][]*entry{}, nil, value.Decimal{}, nil
	for _, e := range rows {
		if e.verb == verbCorrection {
			p.made[e.from] = append(p.made[e.from], e)
			continue
		}
		e.remaining, e.remainingValue = value.Decimal{}, value.Decimal{}
		p.rows = append(p.rows, e)
	}
	r.orphans(p)
	fed, err := r.around(ctx, p)
	if err != nil {
		return err
	}
	p.pending, p.next = sorted(append(slices.Clone(p.rows), fed...)), 0
	return r.catchUp(ctx, p, before)
}

// orphans takes out the corrections whose cause was taken back.
func (r *run) orphans(p *pool) {
	for id, list := range p.made {
		if cause := r.entries[id]; cause != nil && !cause.voided && cause.pool == p {
			continue
		}
		for _, e := range list {
			r.drop(e)
		}
		delete(p.made, id)
	}
}

// catchUp runs a pool up to where the run is, and through what the automaton that it had before has taken in this run.
// Nothing changes there, or the pool would have joined earlier.
func (r *run) catchUp(ctx context.Context, p *pool, before *costing.Pool) error {
	was := r.quiet
	r.quiet = true
	for r.begun && p.next < len(p.pending) {
		e := p.pending[p.next]
		if !e.before(r.at) && (before == nil || e.done != before) {
			break
		}
		p.next++
		if e.pool != p || e.voided {
			continue
		}
		if err := r.apply(ctx, e); err != nil {
			return err
		}
	}
	r.quiet = was
	if p.queued {
		for i, q := range r.queue {
			if q == p {
				heap.Remove(&r.queue, i)
				break
			}
		}
		p.queued = false
	}
	r.enqueue(p)
	return nil
}

// bounded tells whether a pool has more entries than a transaction may run.
func (r *run) bounded(ctx context.Context, p *pool) bool {
	if r.unbounded || p.stored == nil {
		return false
	}
	n, err := r.count(ctx, p.id)
	return err == nil && n > r.bound()
}

func (s *shelf) bound() int {
	if s.o.Bound > 0 {
		return s.o.Bound
	}
	return maxReplay
}

// leave lets a job value a pool.
func (r *run) leave(p *pool) {
	r.fed(p)
	p.mode, p.provisional, p.stale, p.marked = guessed, true, false, true
	p.pending, p.next = p.waiting(), 0
	for p.next < len(p.pending) && r.begun && p.pending[p.next].before(r.at) {
		p.next++
	}
	if p.queued && p.next == len(p.pending) {
		panic("ledger: a pool that waits has nothing to do")
	}
	r.enqueue(p)
}

// all reads all entries of a pool that count, those of this transaction included.
func (r *run) all(ctx context.Context, p *pool) ([]*entry, error) {
	var out []*entry
	if p.stored != nil {
		where, there := r.unread(p)
		found, err := r.find(ctx, store.Scan{Where: where})
		if err != nil {
			return nil, err
		}
		out = append(there, found...)
	}
	for _, e := range r.added {
		if e.pool == p && e.stored == nil {
			out = append(out, e)
		}
	}
	out = slices.DeleteFunc(out, func(e *entry) bool { return e.voided || e.verb == verbReserve })
	return sorted(out), nil
}

// unread asks for the entries of a pool in the table, but those of a key that are in memory from a day on: these it
// answers.
func (r *run) unread(p *pool) (where []store.Match, there []*entry) {
	where = []store.Match{eq(r.f.cost, p.id), eq(r.f.voided, false)}
	var known *balance
	for _, b := range r.balanceList {
		if b.pool == p && b.stored != nil && b.ever && (known == nil || b.loaded < known.loaded) {
			known = b
		}
	}
	if known == nil {
		return where, nil
	}
	for _, e := range p.taken {
		if e.key == known.key && e.day >= known.loaded {
			there = append(there, e)
		}
	}
	return append(where, store.Match{Any: [][]store.Match{
		{{Field: r.f.key, Op: "<>", Value: known.key}}, {{Field: r.f.day, Op: "<", Value: known.loaded}},
	}}), there
}

// around reads what belongs to the entries of a pool elsewhere: what takes its value from them, and what they take
// theirs from. It answers the entries of other pools that this one feeds by corrections.
func (r *run) around(ctx context.Context, p *pool) ([]*entry, error) {
	if p.stored == nil {
		return nil, nil
	}
	id := r.l.Entry.Columns()[metamodel.SlotID]
	elsewhere := store.Match{Field: r.f.cost, Op: "<>", Value: p.id}
	takers, err := r.find(ctx, store.Scan{Where: []store.Match{
		{Field: r.f.origin, From: &store.From{Field: id, Where: []store.Match{eq(r.f.cost, p.id)}}}, elsewhere, eq(r.f.voided, false),
	}})
	if err != nil {
		return nil, err
	}
	if _, err := r.find(ctx, store.Scan{Where: []store.Match{
		{Field: id, From: &store.From{Field: r.f.origin, Where: []store.Match{eq(r.f.cost, p.id), {Field: r.f.origin, Op: "<>"}}}}, elsewhere,
	}}); err != nil {
		return nil, err
	}
	var ids []any
	for _, e := range slices.Concat(p.rows, takers) {
		r.kin(e)
		if e.pool != p && !e.generated() {
			ids = append(ids, e.id)
		}
	}
	for _, list := range p.made {
		for _, e := range list {
			r.kin(e)
		}
	}
	makes, err := r.makers(ctx, p)
	if err != nil {
		return nil, err
	}
	for _, e := range makes {
		ids = append(ids, e.id)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	fed, err := r.find(ctx, store.Scan{Where: []store.Match{
		oneOf(r.f.origin, ids), elsewhere, eq(r.f.verb, verbRevalue), {Field: r.f.leg, Op: ">", Value: int64(0)}, eq(r.f.voided, false),
	}})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(fed, func(e *entry) bool {
		feeder := r.entries[e.from]
		return e.voided || feeder == nil || feeder.pool != p
	}), nil
}

// kin lists an entry with its origin's.
func (s *shelf) kin(e *entry) {
	if e.origin == "" {
		return
	}
	p := s.pileOf(s.origins, e.origin)
	if !p.all && !slices.Contains(p.list, e) {
		p.list = append(p.list, e)
	}
}

// makers lists the entries of other pools that were made of what a pool gave.
func (r *run) makers(ctx context.Context, p *pool) ([]*entry, error) {
	var out []*entry
	if len(r.feeds) == 0 {
		return nil, nil
	}
	seen := map[string]bool{}
	for _, e := range p.rows {
		if !r.feeds[e.source.Posting] || seen[e.source.Record] {
			continue
		}
		seen[e.source.Record] = true
		_, makes, err := r.family(ctx, e.source.Record, string(e.source.Posting))
		if err != nil {
			return nil, err
		}
		for _, m := range makes {
			if m.pool != p {
				out = append(out, m)
			}
		}
	}
	return out, nil
}

// guess gives a new entry a value until the job finds the right one.
func (r *run) guess(ctx context.Context, e *entry) error {
	if e.applied && e.stored != nil && !e.generated() {
		return nil
	}
	row, err := r.row(ctx, e)
	if err != nil {
		return err
	}
	switch {
	case row.Given != nil:
		e.value = *row.Given
	default:
		v, err := e.pool.unit.Mul(e.quantity)
		if err != nil {
			return err
		}
		if e.value, err = v.Round(r.valueScale()); err != nil {
			return err
		}
	}
	e.applied, e.provisional = true, true
	e.remaining = e.quantity
	r.mark(e)
	if e.origin != "" && !e.arrives() {
		return r.siblings(ctx, e)
	}
	return nil
}

// restore brings pools into the state in which they stand, with as many of their open entries as what was posted needs.
func (r *run) restore(ctx context.Context, pools []*pool) error {
	var heads []*pool
	for _, p := range pools {
		switch {
		case p.provisional:
			p.mode = guessed
		case p.mode == idle || p.mode == restored:
			heads = append(heads, p)
		}
	}
	if len(heads) == 0 {
		return nil
	}
	layers, err := r.layers(ctx, heads)
	if err != nil {
		return err
	}
	for _, p := range heads {
		s := costing.State{Quantity: p.quantity, Value: p.value, UnitCost: p.unit, Keys: map[string]value.Decimal{}}
		for _, e := range p.pending {
			s.Keys[e.key] = r.balances[e.key].base
		}
		for _, e := range sorted(layers[p]) {
			s.Layers = append(s.Layers, costing.Layer{ID: e.id, Key: e.key, Quantity: e.remaining, Value: e.remainingValue})
		}
		if err := p.countBack(); err != nil {
			return err
		}
		p.auto, p.mode, p.marked = costing.New(p.policy), restored, true
		p.auto.Restore(s)
	}
	return nil
}
