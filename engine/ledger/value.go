package ledger

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"slices"

	"tenon/engine/ledger/costing"
	"tenon/engine/store"
	"tenon/metamodel/value"
)

// run finds the values of what was posted: it goes through all pools at once in the order of the book, so that whatever
// takes its value from another entry finds that one done. A pool in which nothing but its end has changed goes on from
// how it stands; another one is run from its first entry; and where a value changes that entries of a further pool take,
// that pool joins.
type run struct {
	*shelf
	queue queue
	at    place
	begun bool
	legs  map[int64]int64 // the last leg of generated entries by sequence
	quiet bool            // catching up: nothing changes
	until *place          // pools that are run in parts go no further now
}

// queue has the pools by the place of their next entry.
type queue []*pool

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].pending[q[i].next].before(q[j].pending[q[j].next].place)
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(*pool)) }
func (q *queue) Pop() any {
	old := *q
	p := old[len(old)-1]
	*q = old[:len(old)-1]
	return p
}

// values runs all pools in which something was posted or taken back.
func (s *shelf) values(ctx context.Context) error {
	r := &run{shelf: s, legs: map[int64]int64{}}
	var plain []*pool
	for i := 0; i < len(s.poolOrder); i++ { // joining may load more of them
		p := s.poolOrder[i]
		p.queued = false
		if p.scope == nil {
			continue
		}
		switch fresh := p.waiting(); {
		case p.stale:
			if err := r.join(ctx, p); err != nil {
				return err
			}
		case len(fresh) > 0:
			mixed, err := r.mixed(ctx, p, fresh)
			if err != nil {
				return err
			}
			if mixed {
				if err := r.join(ctx, p); err != nil {
					return err
				}
				continue
			}
			p.pending, p.next = fresh, 0
			plain = append(plain, p)
		}
	}
	if err := r.restore(ctx, plain); err != nil {
		return err
	}
	for _, p := range plain {
		r.enqueue(p)
	}
	return r.merge(ctx)
}

// mixed tells whether goods go back to where they came from while others of theirs that customers brought back are there:
// which of them go is known only where the pool is run from its first entry.
func (r *run) mixed(ctx context.Context, p *pool, fresh []*entry) (bool, error) {
	back := slices.ContainsFunc(fresh, func(e *entry) bool { return e.verb == verbOut && e.origin != "" })
	if !back || p.mode == full || p.stored == nil || p.policy.Method == costing.None {
		return false, nil
	}
	found, err := r.find(ctx, store.Scan{Limit: 1, Where: []store.Match{
		eq(r.f.cost, p.id), eq(r.f.open, true), eq(r.f.verb, verbIn), {Field: r.f.origin, Op: "<>"}, eq(r.f.leg, int64(0)),
	}})
	return len(found) > 0, err
}

// waiting lists what was posted to a pool and has no value yet, in order.
func (p *pool) waiting() []*entry {
	var out []*entry
	for _, e := range p.added {
		if !e.applied && !e.voided {
			out = append(out, e)
		}
	}
	return sorted(out)
}

func (r *run) enqueue(p *pool) {
	if !p.queued && p.next < len(p.pending) {
		p.queued = true
		heap.Push(&r.queue, p)
	}
}

func (r *run) merge(ctx context.Context) error {
	for len(r.queue) > 0 {
		p := heap.Pop(&r.queue).(*pool) //nolint:forcetypeassert // only pools are in it
		p.queued = false
		e := p.pending[p.next]
		p.next++
		r.at, r.begun = e.place, true
		if err := r.step(ctx, p, e); err != nil {
			return fmt.Errorf("value entry %d of %s: %w", e.seq, e.day, err)
		}
		r.enqueue(p)
	}
	return nil
}

// step takes the next entry of a pool.
func (r *run) step(ctx context.Context, p *pool, e *entry) error {
	if e.voided || e.pool == p && p.auto != nil && e.done == p.auto || e.pool != p && e.said == r {
		return nil
	}
	final, err := r.finalAt(ctx, e)
	if err != nil {
		return err
	}
	driven := false
	if e.generated() && e.said != r {
		if driven, err = r.driven(ctx, e); err != nil {
			return err
		}
	}
	switch {
	case final && e.pool == p:
		if driven { // it is not fed any more
			e.given = &value.Decimal{}
		}
		return r.apply(ctx, e)
	case e.pool != p && e.generated() && !driven:
		return nil // what feeds it has its value for good
	case e.pool != p: // fed by this pool: if it was to be as it is, it would have been emitted by now
		err := r.join(ctx, e.pool)
		if err == nil && e.pool.mode == guessed { // what causes it is known here alone
			r.drop(e)
		}
		return err
	case driven:
		r.drop(e)
		return r.siblings(ctx, e)
	case e.generated():
		r.renumber(e)
	}
	return r.apply(ctx, e)
}

// driven tells whether the pool that feeds a generated entry takes part in the run, so that it says anew what it feeds.
// It doesn't of what it has for good.
func (r *run) driven(ctx context.Context, e *entry) (bool, error) {
	feeder := r.entries[e.from]
	if feeder == nil || feeder.pool.joined != r {
		return false, nil
	}
	cause := r.entries[feeder.from]
	if cause == nil {
		return true, nil
	}
	final, err := r.finalAt(ctx, cause)
	return !final, err
}

// drop takes a generated entry out: nothing causes it any more. It was never a document's, and needs no reversal.
func (r *run) drop(e *entry) {
	var zero value.Decimal
	e.value, e.voided, e.given = zero, true, nil
	r.mark(e)
	for _, c := range e.pool.made[e.id] {
		if !c.voided {
			r.drop(c)
		}
	}
}

// renumber gives a generated entry the next leg of its sequence.
func (r *run) renumber(e *entry) {
	if r.quiet {
		r.legs[e.seq] = max(r.legs[e.seq], e.leg)
		return
	}
	if e.leg <= r.legs[e.seq] {
		e.leg = r.legs[e.seq] + 1
	}
	r.legs[e.seq] = e.leg
	r.mark(e)
}

// apply finds the value of an entry, with what that changes.
func (r *run) apply(ctx context.Context, e *entry) error {
	p := e.pool
	if p.mode == guessed {
		return r.guess(ctx, e)
	}
	if p.mode == parted && r.until != nil && !e.before(*r.until) {
		r.postpone(e)
		return nil
	}
	if r.final(e.day, p.auto.Method()) {
		return r.adopt(ctx, e)
	}
	row, effect, err := r.valued(ctx, e)
	if err != nil {
		return err
	}
	if row == nil {
		return r.guess(ctx, e)
	}
	e.quantity, e.value, e.running, e.runningValue = row.Quantity, row.Value, row.RunningQuantity, row.RunningValue
	if e.runningSecond, err = p.count(e); err != nil {
		return err
	}
	e.provisional = p.auto.Method() == costing.Month && e.given == nil && e.verb != verbRevalue && e.verb != verbMethod
	e.done = p.auto
	if e.applied = true; e.verb == verbRevalue && e.rate == nil {
		v := e.value
		e.given = &v
	}
	p.open(e, row.Remaining, row.RemainingValue)
	r.mark(e)
	if err := r.touch(p, effect.Touched); err != nil {
		return err
	}
	if err := r.correct(ctx, e, effect.Corrections); err != nil {
		return err
	}
	if r.quiet || !r.changed(e) {
		return nil
	}
	if e.origin != "" && !e.arrives() {
		if err := r.siblings(ctx, e); err != nil {
			return err
		}
	}
	return r.dependents(ctx, e)
}

// valued hands an entry to its pool's automaton. No row is answered where the pool is left to a job.
func (r *run) valued(ctx context.Context, e *entry) (*costing.Row, costing.Effect, error) {
	row, err := r.row(ctx, e)
	if err != nil {
		return nil, costing.Effect{}, err
	}
	effect, err := e.pool.auto.Apply(row)
	if !errors.Is(err, costing.ErrReplay) {
		return row, effect, err
	}
	if err := r.join(ctx, e.pool); err != nil {
		return nil, effect, err
	}
	switch e.pool.mode {
	case guessed:
		return nil, effect, nil
	case parted:
		return nil, effect, &wholeError{e.pool.id, row.Origin.ID}
	case idle, restored, full:
	}
	if row, err = r.row(ctx, e); err != nil {
		return nil, effect, err
	}
	effect, err = e.pool.auto.Apply(row)
	return row, effect, err
}

// postpone leaves a change of value to when its pool gets there.
func (r *run) postpone(e *entry) {
	if e.given != nil {
		e.value = *e.given
	}
	e.applied, e.provisional = true, true
	r.mark(e)
}

// changed tells whether an entry is worth something else than the table says.
func (r *run) changed(e *entry) bool {
	return e.stored == nil || truth(e.stored[r.f.voided.Slot]) != e.voided || !decimal(e.stored[r.f.value.Slot]).Equal(e.value)
}

// touch notes what is left of entries of which more was taken, or that were covered.
func (r *run) touch(p *pool, list []costing.Touched) error {
	for _, t := range list {
		o := r.entries[t.ID]
		if o == nil {
			return errLost(t.ID)
		}
		p.open(o, t.Remaining, t.RemainingValue)
		r.mark(o)
	}
	return nil
}

// open notes what is left of an entry.
func (p *pool) open(e *entry, quantity, worth value.Decimal) {
	if e.remaining.Sign() < 0 {
		p.uncovered, _ = p.uncovered.Add(e.remaining) // decimals of one scale, far from their limit
	}
	if quantity.Sign() < 0 {
		p.uncovered, _ = p.uncovered.Sub(quantity)
	}
	e.remaining, e.remainingValue = quantity, worth
}

// row is an entry as costing takes it.
func (r *run) row(ctx context.Context, e *entry) (*costing.Row, error) {
	row := &costing.Row{ID: e.id, Key: e.key, Verb: costing.Verb(e.verb), Quantity: e.quantity, Given: e.given, Rate: e.rate}
	if e.asked != nil {
		row.Asked = *e.asked
	}
	var err error
	switch {
	case e.verb == verbMethod:
		row.Method = methodOf(e.now)
		return row, nil
	case e.arrives():
		out, err := r.get(ctx, e.origin)
		if err != nil {
			return nil, err
		}
		v := out.value.Neg()
		row.Given = &v
		return row, nil
	case e.made():
		row.Given, err = r.taken(ctx, e)
		return row, err
	}
	if e.origin != "" && (!e.generated() || e.share == nil) {
		row.Origin, err = r.origin(ctx, e)
	}
	return row, err
}

// origin is what an entry returns or revalues, as it stands at the entry's place. An entry that comes before its origin
// has none.
func (r *run) origin(ctx context.Context, e *entry) (*costing.Origin, error) {
	o, err := r.get(ctx, e.origin)
	if err != nil {
		return nil, err
	}
	if o.voided || !o.before(e.place) {
		return nil, nil
	}
	out := &costing.Origin{ID: o.id, Quantity: o.quantity, Value: o.value}
	kin, err := r.belonging(ctx, o.id)
	if err != nil {
		return nil, err
	}
	if !e.returns() {
		out.Undone = undone(o, kin)
		return out, nil
	}
	for _, k := range kin {
		if k == e || !k.before(e.place) {
			continue
		}
		carried := k.verb == verbCorrection
		if k.verb == verbRevalue {
			if carried, err = r.carried(ctx, o.pool, k.place); err != nil {
				return nil, err
			}
		}
		switch {
		case carried:
			if out.Value, err = out.Value.Add(k.value); err != nil {
				return nil, err
			}
		case k.returns():
			if out.ReturnedQuantity, err = out.ReturnedQuantity.Add(k.quantity.Abs()); err != nil {
				return nil, err
			}
			if out.ReturnedValue, err = out.ReturnedValue.Add(k.value.Abs()); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// undone lists the entries by which an entry's own document took some of it back.
func undone(o *entry, kin []*entry) (ids []string) {
	for _, k := range kin {
		if k.returns() && k.source == o.source {
			ids = append(ids, k.id)
		}
	}
	return ids
}

// taken is what an entry takes of what others of its document gave.
func (r *run) taken(ctx context.Context, e *entry) (*value.Decimal, error) {
	gave, makes, err := r.family(ctx, e.source.Record, e.from)
	if err != nil {
		return nil, err
	}
	var total value.Decimal
	for _, g := range gave {
		if total, err = total.Sub(g.value); err != nil {
			return nil, err
		}
	}
	parts, err := r.shares(total, makes)
	if err != nil {
		return nil, err
	}
	var v value.Decimal
	for i, m := range makes {
		if m == e {
			v = parts[i]
		}
	}
	if e.extra != nil {
		if v, err = v.Add(*e.extra); err != nil {
			return nil, err
		}
	}
	return &v, nil
}

// family lists what a document put into something, and what came of it.
func (s *shelf) family(ctx context.Context, document, posting string) (gave, makes []*entry, err error) {
	all, err := s.ofDocument(ctx, document)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range all {
		switch {
		case e.generated():
		case string(e.source.Posting) == posting && e.quantity.Sign() < 0:
			gave = append(gave, e)
		case e.made() && e.from == posting:
			makes = append(makes, e)
		}
	}
	return gave, makes, nil
}

func (s *shelf) shares(total value.Decimal, makes []*entry) ([]value.Decimal, error) {
	weights := make([]value.Decimal, len(makes))
	for i, m := range makes {
		if m.share != nil {
			weights[i] = *m.share
		}
	}
	parts, err := value.Allocate(total, weights, s.valueScale())
	if errors.Is(err, value.ErrNoWeight) { // no weights: all alike
		for i := range weights {
			weights[i] = value.NewDecimal(1, 0)
		}
		return value.Allocate(total, weights, s.valueScale())
	}
	return parts, err
}
