package ledger

import (
	"context"
	"slices"

	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// correct books the corrections that an entry has caused, takes out those that it causes no more, and lets them flow on.
func (r *run) correct(ctx context.Context, cause *entry, list []correction) error {
	p := cause.pool
	made := p.made[cause.id]
	if err := r.present(ctx, list); err != nil {
		return err
	}
	emitted := make([]*entry, 0, len(list))
	for _, c := range list {
		o := r.entries[c.Origin]
		if o == nil {
			return errLost(c.Origin)
		}
		var m *entry
		if i := slices.IndexFunc(made, func(old *entry) bool { return old.origin == c.Origin && !old.voided }); i >= 0 {
			m = made[i]
		} else {
			m = r.generate(cause, o, verbCorrection, cause.id)
			if p.made != nil {
				p.made[cause.id] = append(p.made[cause.id], m)
			}
		}
		m.value, m.running, m.runningValue, m.runningSecond = c.Value, c.RunningQuantity, c.RunningValue, p.running
		r.leg(cause, m)
		r.mark(m)
		emitted = append(emitted, m)
	}
	var gone []*entry
	for _, m := range made {
		if !m.voided && !slices.Contains(emitted, m) {
			r.drop(m)
			gone = append(gone, m)
		}
	}
	if r.quiet {
		return r.uphold(ctx, cause, emitted)
	}
	for _, m := range slices.Concat(emitted, gone) {
		if !r.changed(m) {
			continue
		}
		if err := r.siblings(ctx, m); err != nil {
			return err
		}
	}
	for _, m := range emitted {
		if err := r.flow(ctx, cause, m); err != nil {
			return err
		}
	}
	return nil
}

// present reads the entries that are corrected: in a pool that is run in parts they may come from before the part.
func (r *run) present(ctx context.Context, list []correction) error {
	var ids []any
	for _, c := range list {
		if r.entries[c.Origin] == nil {
			ids = append(ids, c.Origin)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	_, err := r.find(ctx, store.Scan{Where: []store.Match{oneOf(r.l.Entry.Columns()[metamodel.SlotID], ids)}})
	return err
}

// uphold keeps what corrections have fed that a pool comes by while it catches up: it may stand, under the same number,
// after the place where the run is, and is said again by nobody.
func (r *run) uphold(ctx context.Context, cause *entry, list []*entry) error {
	if !r.begun || cause.day != r.at.day || cause.seq != r.at.seq {
		return nil
	}
	for _, c := range list {
		o := r.entries[c.origin]
		if o.quantity.Sign() >= 0 {
			continue
		}
		takers, err := r.takers(ctx, cause, o, c.value.Neg())
		if err != nil {
			return err
		}
		for _, t := range takers {
			kin, err := r.belonging(ctx, t.to.id)
			if err != nil {
				return err
			}
			if err := r.stands(fedBy(kin, c), t.amount); err != nil {
				return err
			}
		}
	}
	return nil
}

// stands says again what together is worth an amount.
func (r *run) stands(fed []*entry, amount value.Decimal) (err error) {
	for _, k := range fed {
		if amount, err = amount.Sub(k.value); err != nil {
			return err
		}
	}
	if amount.IsZero() {
		for _, k := range fed {
			k.said = r
		}
	}
	return nil
}

// fedBy lists, of what belongs to an entry, the changes of value that a correction has booked there.
func fedBy(kin []*entry, c *entry) []*entry {
	return slices.DeleteFunc(slices.Clone(kin), func(k *entry) bool { return k.verb != verbRevalue || k.from != c.id || k.voided })
}

// siblings lets the pools join in which something was brought back, later, of what an entry belongs to: what it is worth
// depends on what was found out about it and brought back of it before.
func (r *run) siblings(ctx context.Context, e *entry) error {
	kin, err := r.belonging(ctx, e.origin)
	if err != nil {
		return err
	}
	for _, k := range kin {
		if k == e || k.stored == nil || !k.returns() || k.pool.joined == r || k.before(e.place) {
			continue
		}
		if err := r.join(ctx, k.pool); err != nil {
			return err
		}
	}
	return nil
}

// generate makes an entry of the book's own, at the place of its cause, for the goods of its origin.
func (r *run) generate(cause, origin *entry, verb, from string) *entry {
	e := &entry{
		place: cause.place, id: r.o.NewID(), verb: verb, key: origin.key, dims: origin.dims, pool: origin.pool, source: cause.source,
		code: cause.code, origin: origin.id, from: from, applied: true, said: r,
	}
	e.leg = 0
	r.entries[e.id] = e
	r.added = append(r.added, e)
	for _, list := range []*pile{r.pileOf(r.documents, e.source.Record), r.pileOf(r.origins, e.origin), r.pileOf(r.lines, e.source.Line)} {
		list.list = append(list.list, e)
	}
	return e
}

// leg puts a generated entry after all others of its sequence. It answers whether the entry stays where it was.
func (r *run) leg(cause, e *entry) (stays bool) {
	last := max(r.legs[e.seq], cause.leg)
	if e.stored != nil && (r.quiet || e.leg > last) {
		r.legs[e.seq] = max(last, e.leg)
		return true
	}
	e.leg = last + 1
	r.legs[e.seq] = e.leg
	return false
}

// share is a part of a correction for an entry that took its value from the corrected one.
type share struct {
	to     *entry
	amount value.Decimal
}

// flow hands a correction on to what took its value from the corrected entry: where a transfer arrived, what was made of
// it, what came back into another pool.
func (r *run) flow(ctx context.Context, cause, c *entry) error {
	o := r.entries[c.origin]
	if o.quantity.Sign() >= 0 {
		return nil
	}
	list, err := r.takers(ctx, cause, o, c.value.Neg())
	if err != nil {
		return err
	}
	for _, s := range list {
		if err := r.feed(ctx, cause, c, s); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) takers(ctx context.Context, cause, o *entry, amount value.Decimal) ([]share, error) {
	kin, err := r.belonging(ctx, o.id)
	if err != nil {
		return nil, err
	}
	var out []share
	for _, k := range kin {
		switch {
		case k.arrives():
			out = append(out, share{k, amount})
		case k.returns() && k.pool != o.pool && k.given == nil && k.before(cause.place):
			part, err := portion(amount, k.quantity.Abs(), o.quantity.Abs(), r.valueScale())
			if err != nil {
				return nil, err
			}
			out = append(out, share{k, part})
		}
	}
	if !r.feeds[o.source.Posting] {
		return out, nil
	}
	_, makes, err := r.family(ctx, o.source.Record, string(o.source.Posting))
	if err != nil || len(makes) == 0 {
		return out, err
	}
	parts, err := r.shares(amount, makes)
	for i, m := range makes {
		if err == nil {
			out = append(out, share{m, parts[i]})
		}
	}
	return out, err
}

// feed books a part of a correction as a change of value of the entry that took it. The entry that it makes says which
// correction it comes from: of one cause, several may come the same way, and none must be taken for another.
func (r *run) feed(ctx context.Context, cause, c *entry, s share) error {
	if s.amount.IsZero() {
		return nil
	}
	kin, err := r.belonging(ctx, s.to.id)
	if err != nil {
		return err
	}
	var g *entry
	for _, k := range fedBy(kin, c) {
		if k.said == r {
			continue
		}
		if k.done == nil || k.done != s.to.pool.auto {
			g = k
			break
		}
		k.said = r // its pool came by it while it caught up: what it has stands
		if s.amount, err = s.amount.Sub(k.value); err != nil || s.amount.IsZero() {
			return err
		}
	}
	rest := r.comesRound(kin, c)
	same := g != nil && g.given != nil && g.given.Equal(s.amount) && (g.share != nil) == (rest != nil)
	if g == nil {
		g = r.generate(cause, s.to, verbRevalue, c.id)
	}
	g.said = r
	stays := r.leg(cause, g)
	r.mark(g)
	if same && stays && s.to.pool.joined != r { // its pool is as it would be
		return nil
	}
	g.given, g.share = &s.amount, rest
	r.reach(s.to, cause)
	if err := r.join(ctx, s.to.pool); err != nil {
		return err
	}
	return r.apply(ctx, g)
}

// comesRound tells whether another correction of the same cause has come this way already. Goods that went out below zero, on to
// another pool, and back to cover themselves would send it round for ever. Then it ends here, on all that is there, and
// the entry that it makes says so by a share.
func (r *run) comesRound(kin []*entry, c *entry) *value.Decimal {
	for _, k := range kin {
		if k.verb != verbRevalue || !k.generated() || k.seq != c.seq || k.said != r || k.from == c.id {
			continue
		}
		if other := r.entries[k.from]; other != nil && other.origin == c.origin {
			return &value.Decimal{}
		}
	}
	return nil
}

// reach lets a balance know that an entry of its goods stands at a later day.
func (r *run) reach(to, cause *entry) {
	if b := r.balances[to.key]; b != nil && cause.day > b.last {
		b.last, b.marked = cause.day, true
	}
}

// dependents lets the pools join in which entries take their value from one whose value has changed.
func (r *run) dependents(ctx context.Context, e *entry) error {
	if e.stored == nil || e.quantity.Sign() >= 0 && e.verb != verbCount {
		return nil // what is new has nothing in the table that takes from it
	}
	kin, err := r.belonging(ctx, e.id)
	if err != nil {
		return err
	}
	if r.feeds[e.source.Posting] {
		_, makes, err := r.family(ctx, e.source.Record, string(e.source.Posting))
		if err != nil {
			return err
		}
		kin = append(kin, makes...)
	}
	for _, k := range kin {
		if k.stored == nil || k.generated() || k.pool.joined == r || k.before(e.place) {
			continue
		}
		if err := r.join(ctx, k.pool); err != nil {
			return err
		}
	}
	return nil
}
