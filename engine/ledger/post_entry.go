package ledger

import (
	"context"
	"slices"

	"tenon/engine/ledger/costing"
	"tenon/metamodel/value"
)

func (s *shelf) valueScale() int32 {
	if s.l.Value == nil {
		return 0
	}
	return int32(s.l.Value.Scale)
}

// portion is whole × some ÷ all, rounded; 0 where all is 0.
func portion(whole, some, all value.Decimal, scale int32) (value.Decimal, error) {
	if all.IsZero() {
		return value.Decimal{}, nil
	}
	product, err := whole.Mul(some)
	if err != nil {
		return product, err
	}
	return product.Quo(all, scale)
}

// part is some of an entry's quantity.
type part struct {
	of       *entry
	quantity value.Decimal
}

// spread divides a number among parts of a quantity by how much each is: each takes its portion of what is left, the last
// all of it. They are nil where there is no number.
func spread(whole *value.Decimal, parts []part, all value.Decimal, scale int32) ([]*value.Decimal, error) {
	out := make([]*value.Decimal, len(parts))
	if whole == nil {
		return out, nil
	}
	rest := *whole
	for i, p := range parts {
		some := rest
		var err error
		if i < len(parts)-1 {
			if some, err = portion(rest, p.quantity, all, scale); err != nil {
				return nil, err
			}
		}
		if rest, err = rest.Sub(some); err != nil {
			return nil, err
		}
		if all, err = all.Sub(p.quantity); err != nil {
			return nil, err
		}
		out[i] = &some
	}
	return out, nil
}

// movedBy lists the entries by which a line moved goods in (sign 1) or out (−1), oldest first.
func (s *shelf) movedBy(ctx context.Context, line string, sign int) ([]*entry, error) {
	p := s.pileOf(s.lines, line)
	if err := s.complete(ctx, p, s.f.line, line); err != nil {
		return nil, err
	}
	var out []*entry
	for _, e := range alive(p.list) {
		if !e.generated() && e.quantity.Sign() == sign && (e.verb == verbIn || e.verb == verbOut) {
			out = append(out, e)
		}
	}
	return out, nil
}

// left is how much of an entry was not brought back, unsigned; own limits that to what its own posting took back.
func (s *shelf) left(ctx context.Context, e *entry, own bool) (value.Decimal, error) {
	rest := e.quantity.Abs()
	kin, err := s.belonging(ctx, e.id)
	if err != nil {
		return rest, err
	}
	for _, k := range kin {
		if !k.returns() || own && k.source != e.source {
			continue
		}
		if rest, err = rest.Sub(k.quantity.Abs()); err != nil {
			return rest, err
		}
	}
	if rest.Sign() < 0 {
		rest = value.Decimal{}
	}
	return rest, nil
}

// against spreads a quantity over the entries by which a line moved goods, oldest first, as far as they were not brought
// back; what is more than they have goes with the last.
func (s *shelf) against(ctx context.Context, line string, sign int, quantity value.Decimal) ([]part, error) {
	rows, err := s.movedBy(ctx, line, sign)
	if err != nil {
		return nil, err
	}
	return s.over(ctx, rows, quantity, false)
}

func (s *shelf) over(ctx context.Context, rows []*entry, quantity value.Decimal, own bool) ([]part, error) {
	var out []part
	for i, e := range rows {
		if quantity.Sign() <= 0 {
			break
		}
		q, err := s.left(ctx, e, own)
		if err != nil {
			return nil, err
		}
		if i == len(rows)-1 || quantity.Cmp(q) < 0 {
			q = quantity
		}
		if q.IsZero() {
			continue
		}
		if quantity, err = quantity.Sub(q); err != nil {
			return nil, err
		}
		out = append(out, part{e, q})
	}
	return out, nil
}

// revalueRows spreads an amount over what entries brought in, by quantity.
func (d *deal) revalueRows(ctx context.Context, w *Posting, rows []*entry, amount value.Decimal) error {
	weights := make([]value.Decimal, len(rows))
	for i, e := range rows {
		var err error
		if weights[i], err = d.left(ctx, e, true); err != nil {
			return err
		}
	}
	parts, err := value.Allocate(amount, weights, d.valueScale())
	if err != nil { // nothing is left of them
		d.list.Add("ledger.origin_unknown", w.Path, "ledger", d.l.Title)
		return nil
	}
	for i, e := range rows {
		if parts[i].IsZero() {
			continue
		}
		if err := d.add(ctx, w, &entry{verb: verbRevalue, dims: e.dims, given: &parts[i], origin: e.id}); err != nil {
			return err
		}
	}
	return nil
}

// add puts an entry of a posting into the book. It sets all that the entry doesn't have.
func (d *deal) add(ctx context.Context, w *Posting, e *entry) error {
	b, err := d.balanceOf(ctx, e.dims)
	if err != nil {
		return err
	}
	e.id, e.key, e.pool, e.day = d.o.NewID(), b.key, b.pool, w.Day
	e.source, e.code, e.path = Source{Entity: d.doc.Entity, Record: d.doc.Record, Line: w.Line, Posting: w.Posting}, w.Code, w.Path
	reused := false
	if seqs := d.free[e.day]; len(seqs) > 0 {
		e.seq, reused = seqs[0], true
		d.free[e.day] = seqs[1:]
	} else if e.seq, err = d.number(ctx); err != nil {
		return err
	}
	word, err := d.wordAt(ctx, e.pool, e.place)
	if err != nil {
		return err
	}
	if word == string(costing.Standard) && e.rate == nil && e.verb != verbRevalue {
		standard := e.pool.policy.Standard
		e.rate = &standard
	}
	later := e.day + 1 // a new number comes after all of its day
	if reused {
		later = e.day
	}
	if err := d.alongside(ctx, b, later); err != nil {
		return err
	}
	if e.verb == verbCount {
		before, err := b.before(e.place)
		if err != nil {
			return err
		}
		if e.quantity, err = e.asked.Sub(before.quantity); err != nil {
			return err
		}
		if e.secondary, err = plus(e.askedSecondary, negative(before.secondary)); err != nil {
			return err
		}
	}
	d.enter(b, e, reused)
	k := slot{w.Line, w.Posting}
	d.fresh[k] = append(d.fresh[k], e)
	return d.shift(b, e, e.amount(), w.Path)
}

// enter lists an entry everywhere where it belongs.
func (d *deal) enter(b *balance, e *entry, reused bool) {
	s, p := d.shelf, e.pool
	stale, first, last, reserved := p.stale, b.first, b.last, b.promised()
	d.entries[e.id] = e
	s.added = append(s.added, e)
	piles := []*pile{s.pileOf(s.documents, e.source.Record), s.pileOf(s.lines, e.source.Line)}
	if e.origin != "" {
		piles = append(piles, s.pileOf(s.origins, e.origin))
	}
	for _, list := range piles {
		list.list = append(list.list, e)
	}
	if e.verb == verbReserve {
		if sum, err := reserved.plus(e.promised()); err == nil {
			b.promise(sum)
		}
		b.holdPath = e.path
	} else {
		e.listed = true
		b.rows = append(b.rows, e)
		p.added = append(p.added, e)
		p.stale = p.stale || reused || p.any && e.day < p.last || p.changed && e.day < p.since
	}
	if b.stored == nil && b.first == 0 && b.last == 0 || e.day < b.first {
		b.first = e.day
	}
	if b.stored == nil && last == 0 || e.day > b.last {
		b.last = e.day
	}
	b.marked = true
	d.did(func() {
		delete(s.entries, e.id)
		e.voided = true // whoever holds it sees that it is not there
		s.added, p.added, b.rows = without(s.added, e), without(p.added, e), without(b.rows, e)
		for _, list := range piles {
			list.list = without(list.list, e)
		}
		p.stale, b.first, b.last = stale, first, last
		b.promise(reserved)
	})
}

// without takes an entry out of a list: one of the last.
func without(list []*entry, e *entry) []*entry {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i] == e {
			return slices.Delete(list, i, i+1)
		}
	}
	return list
}

// before is the balance just before a place. The entries from there on are in memory.
func (b *balance) before(at place) (q amount, err error) {
	q = amount{b.quantity, b.secondary}
	for _, e := range b.rows {
		if e.voided || e.before(at) {
			continue
		}
		if q, err = q.less(e.amount()); err != nil {
			return q, err
		}
	}
	return q, nil
}

// shift moves the balance from an entry on: up to the next count, which sets it whatever was before.
func (d *deal) shift(b *balance, at *entry, delta amount, path string) error {
	if delta.isZero() {
		return nil
	}
	if taken := b.taken; delta.quantity.Sign() < 0 || countSign(delta.secondary) < 0 {
		b.taken.note(at, path)
		d.did(func() { b.taken = taken })
	}
	b.marked = true
	var next *entry
	for _, e := range b.rows {
		if e.verb == verbCount && !e.voided && e != at && at.before(e.place) && (next == nil || e.before(next.place)) {
			next = e
		}
	}
	t := touch{place: at.place, delta: delta, path: path}
	if next != nil {
		t.until = &place{next.day, next.seq, next.leg}
	}
	d.touched[b] = append(d.touched[b], t)
	if next == nil {
		was, counted := amount{b.quantity, b.secondary}, b.pool.secondary
		sum, err := was.plus(delta)
		if err != nil {
			return err
		}
		if b.pool.secondary, err = plus(counted, delta.secondary); err != nil {
			return err
		}
		b.quantity, b.secondary = sum.quantity, sum.secondary
		d.did(func() { b.quantity, b.secondary, b.pool.secondary = was.quantity, was.secondary, counted })
		return nil
	}
	was, stale := next.amount(), next.pool.stale
	less, err := was.less(delta)
	if err != nil {
		return err
	}
	next.quantity, next.secondary = less.quantity, less.secondary
	next.pool.stale = true
	d.mark(next)
	d.did(func() { next.quantity, next.secondary, next.pool.stale = was.quantity, was.secondary, stale })
	return nil
}

// void takes an entry back. Where it is in the table it stays there, with a reversal beside it.
func (d *deal) void(ctx context.Context, e *entry, path string) error {
	b, err := d.balanceOf(ctx, e.dims)
	if err != nil {
		return err
	}
	if err := d.alongside(ctx, b, e.day); err != nil {
		return err
	}
	s, p := d.shelf, e.pool
	stale, reserved := p.stale, b.promised()
	e.voided = true
	was, wasValue := e.remaining, e.remainingValue
	e.remaining, e.remainingValue = value.Decimal{}, value.Decimal{}
	b.marked = true
	if e.verb == verbReserve {
		less, err := reserved.less(e.promised())
		if err != nil {
			return err
		}
		b.promise(less)
	} else {
		p.stale = p.stale || e.applied
	}
	d.mark(e)
	var back *entry
	if e.stored != nil {
		back = e.reversal(d.o.NewID())
		s.added = append(s.added, back)
	}
	d.did(func() {
		e.voided, e.remaining, e.remainingValue = false, was, wasValue
		s.added, p.stale = without(s.added, back), stale
		b.promise(reserved)
	})
	return d.shift(b, e, e.amount().negative(), path)
}

// reversal takes an entry back to the last cent.
func (e *entry) reversal(id string) *entry {
	r := *e
	r.id, r.stored, r.marked, r.voided, r.applied, r.listed, r.reverse = id, nil, false, true, true, false, true
	r.secondary, r.reservedSecond = negative(e.secondary), negative(e.reservedSecond)
	r.quantity, r.value, r.reserved = e.quantity.Neg(), e.value.Neg(), e.reserved.Neg()
	r.dims = slices.Clone(e.dims)
	return &r
}

// relink lets what brings back or revalues an entry that was taken back point at the one that came in its place. Where
// none came, the document must stay as others rely on it.
func (d *deal) relink(ctx context.Context) error {
	for _, e := range d.gone {
		if err := d.unsettle(ctx, e); err != nil {
			return err
		}
		kin, err := d.belonging(ctx, e.id)
		if err != nil {
			return err
		}
		for _, k := range kin {
			if k.generated() || k.source.Record == e.source.Record {
				continue
			}
			heir := d.heir(e)
			if heir == nil || k.verb == verbRevalue && heir.key != k.key || heir.day > k.day {
				d.list.Add("ledger.relied_on", e.path, "ledger", d.l.Title, "document", k.code, "day", k.day.String())
				continue
			}
			d.move(k, heir)
			if w := d.want[slot{e.source.Line, e.source.Posting}]; k.returns() && w != nil {
				d.changed[w.Line] = w
			}
		}
	}
	return nil
}

// unsettle has the pools run again in which something was brought back, later, of what an entry that was taken back had
// brought back some of.
func (d *deal) unsettle(ctx context.Context, e *entry) error {
	if e.origin == "" || e.arrives() {
		return nil
	}
	kin, err := d.belonging(ctx, e.origin)
	if err != nil {
		return err
	}
	for _, k := range kin {
		if p := k.pool; k.returns() && e.before(k.place) && !p.stale {
			p.stale = true
			d.did(func() { p.stale = false })
		}
	}
	return nil
}

func (d *deal) heir(e *entry) *entry {
	for _, h := range d.fresh[slot{e.source.Line, e.source.Posting}] {
		if h.leg == e.leg && h.quantity.Sign() == e.quantity.Sign() && !h.quantity.IsZero() {
			return h
		}
	}
	return nil
}

func (d *deal) move(k, heir *entry) {
	from, stale, p := k.origin, k.pool.stale, d.pileOf(d.origins, heir.id)
	k.origin = heir.id
	k.pool.stale = true
	p.list = append(p.list, k)
	d.mark(k)
	d.did(func() { k.origin, k.pool.stale, p.list = from, stale, without(p.list, k) })
}
