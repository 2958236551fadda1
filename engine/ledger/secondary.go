package ledger

import (
	"context"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

// What is counted beside a quantity moves with it, is settled with it by Post, and has no part in what goods are worth.
// Where a document counts nothing so there is nothing, nil, not zero; in sums nothing is zero.

// amount is how much there is of a key, or moves.
type amount struct {
	quantity  value.Decimal
	secondary *value.Decimal
}

func (e *entry) amount() amount { return amount{e.quantity, e.secondary} }

func (a amount) isZero() bool { return a.quantity.IsZero() && countSign(a.secondary) == 0 }

func (a amount) negative() amount { return amount{a.quantity.Neg(), negative(a.secondary)} }

func (a amount) plus(b amount) (sum amount, err error) {
	if sum.quantity, err = a.quantity.Add(b.quantity); err != nil {
		return sum, err
	}
	sum.secondary, err = plus(a.secondary, b.secondary)
	return sum, err
}

func (a amount) less(b amount) (amount, error) { return a.plus(b.negative()) }

// plus adds what may be nothing. What it gets is not changed.
func plus(a, b *value.Decimal) (*value.Decimal, error) {
	switch {
	case b == nil:
		return a, nil
	case a == nil:
		return b, nil
	}
	sum, err := a.Add(*b)
	return &sum, err
}

func countSign(d *value.Decimal) int {
	if d == nil {
		return 0
	}
	return d.Sign()
}

// zeroed is what may be nothing as a number.
func zeroed(d *value.Decimal) value.Decimal {
	if d == nil {
		return value.Decimal{}
	}
	return *d
}

// secondaryFields are the fields of a secondary quantity in a ledger's kept entities. All its methods may be asked of
// nil, of a ledger without one, and do nothing then.
type secondaryFields struct {
	moved, asked, running, reserved, balance, balanceReserved, pool *metamodel.Field
}

func secondaryOf(l *metamodel.Ledger) *secondaryFields {
	if l.Secondary == nil {
		return nil
	}
	return &secondaryFields{
		moved: l.Entry.Field(metamodel.SecondaryQuantity), asked: l.Entry.Field(metamodel.AskedSecondaryQuantity),
		running: l.Entry.Field(metamodel.RunningSecondaryQuantity), balance: l.Balance.Field(metamodel.SecondaryQuantity),
		pool:     l.Cost.Field(metamodel.SecondaryQuantity),
		reserved: l.Entry.Field(metamodel.ReservedSecondaryQuantity), balanceReserved: l.Balance.Field(metamodel.ReservedSecondaryQuantity),
	}
}

func (f *secondaryFields) read(e *entry, row value.Row) {
	if f != nil {
		e.secondary, e.askedSecondary, e.runningSecond = optional(row[f.moved.Slot]), optional(row[f.asked.Slot]), optional(row[f.running.Slot])
		e.reservedSecond = optional(row[f.reserved.Slot])
	}
}

func (f *secondaryFields) write(e *entry, row value.Row) {
	if f != nil {
		row[f.asked.Slot], row[f.reserved.Slot] = pointed(e.askedSecondary), pointed(e.reservedSecond)
	}
}

func (f *secondaryFields) update(e *entry, row value.Row) {
	if f == nil {
		return
	}
	row[f.moved.Slot], row[f.running.Slot] = pointed(e.secondary), pointed(e.runningSecond)
	if e.voided || e.verb == verbReserve {
		row[f.running.Slot] = nil
	}
}

func (f *secondaryFields) mutable(list []*metamodel.Field) []*metamodel.Field {
	if f == nil {
		return list
	}
	return append(list, f.moved, f.running)
}

func (f *secondaryFields) readBalance(b *balance, row value.Row) {
	if f != nil {
		b.secondary, b.reservedSecond = optional(row[f.balance.Slot]), optional(row[f.balanceReserved.Slot])
	}
}

func (f *secondaryFields) writeBalance(b *balance, row value.Row) {
	if f != nil {
		row[f.balance.Slot], row[f.balanceReserved.Slot] = pointed(b.secondary), pointed(b.reservedSecond)
	}
}

func (f *secondaryFields) ofBalance(list ...*metamodel.Field) []*metamodel.Field {
	if f == nil {
		return list
	}
	return append(list, f.balance, f.balanceReserved)
}

func (f *secondaryFields) poolOf(row value.Row) *value.Decimal {
	if f == nil {
		return nil
	}
	return optional(row[f.pool.Slot])
}

func (f *secondaryFields) writePool(p *pool, row value.Row) {
	if f != nil {
		row[f.pool.Slot] = pointed(p.secondary)
	}
}

func (f *secondaryFields) ofPool(list ...*metamodel.Field) []*metamodel.Field {
	if f == nil {
		return list
	}
	return append(list, f.pool)
}

// none tells whether two values of a field of it are both zero, or nothing: a sum of what was taken back is zero, one of
// nothing is nothing.
func (f *secondaryFields) none(of *metamodel.Field, a, b any) bool {
	return f != nil && (of == f.moved || of == f.running) && decimal(a).Equal(decimal(b))
}

// count takes an entry into what a pool's run has counted so far.
func (p *pool) count(e *entry) (*value.Decimal, error) {
	var err error
	p.running, err = plus(p.running, e.secondary)
	return p.running, err
}

// countBack sets what was counted before what is not valued yet.
func (p *pool) countBack() (err error) {
	p.running = p.secondary
	for _, e := range p.pending {
		if p.running, err = plus(p.running, negative(e.secondary)); err != nil {
			return err
		}
	}
	return nil
}

// signed is what a posting counts, in the direction of its verb.
func (w *Posting) signed() *value.Decimal {
	if w.Verb == metamodel.PostOut {
		return negative(w.Secondary)
	}
	return w.Secondary
}

// soundSecondary judges by itself what a posting counts: pieces that weigh nothing are a mistake, and would be there for
// ever, since nobody can take them out by weight.
func (d *deal) soundSecondary(w *Posting) {
	switch sign := countSign(w.Secondary); {
	case sign < 0:
		d.list.Add("ledger.quantity_negative", w.Path, "quantity", w.Secondary.String())
	case sign > 0 && w.Quantity.IsZero():
		d.list.Add("ledger.secondary_alone", w.Path, "ledger", d.l.Title, "measure", d.l.SecondaryTitle(), "secondary", w.Secondary.Trim().String())
	}
}

// spreadSecondary divides what a posting counts among parts of its quantity.
func (d *deal) spreadSecondary(w *Posting, parts []part) ([]*value.Decimal, error) {
	if d.l.Secondary == nil {
		return make([]*value.Decimal, len(parts)), nil
	}
	return spread(w.signed(), parts, w.Quantity, int32(d.l.Secondary.Scale))
}

// countsSame tells whether what a posting has counted is what it wants to count.
func (d *deal) countsSame(w *Posting, have []*entry, n standing) bool {
	stands, wants := zeroed(n.secondary), zeroed(w.signed())
	switch w.Verb {
	case metamodel.PostTransfer:
		stands, wants = zeroed(have[0].secondary), zeroed(negative(w.Secondary))
	case metamodel.PostCount:
		stands = zeroed(have[len(have)-1].askedSecondary)
	case metamodel.PostReserve:
		stands = zeroed(n.reservedSecond)
	case metamodel.PostIn, metamodel.PostOut, metamodel.PostRevalue:
	}
	return d.l.Secondary == nil || stands.Equal(wants)
}

// returnedSecondary refuses that more pieces are brought back of a line than it moved. What was moved without being
// counted can't be held to a number.
func (d *deal) returnedSecondary(ctx context.Context, w *Posting, moved []*entry) error {
	var there, back *value.Decimal
	var err error
	for _, e := range moved {
		if there, err = plus(there, e.secondary); err != nil {
			return err
		}
		kin, err := d.belonging(ctx, e.id)
		if err != nil {
			return err
		}
		for _, k := range kin {
			if !k.returns() {
				continue
			}
			if back, err = plus(back, k.secondary); err != nil {
				return err
			}
		}
	}
	if there == nil || back == nil || there.Abs().Cmp(back.Abs()) >= 0 {
		return nil
	}
	d.list.Add("ledger.secondary_returned_over", w.Path, "ledger", d.l.Title, "measure", d.l.SecondaryTitle(),
		"moved", there.Abs().Trim().String(), "returned", back.Abs().Trim().String())
	return nil
}

// checkSecondary judges what is counted at a place that a document has changed: it may not fall below zero, and where
// there is nothing of the quantity any more, nothing of it may be left. It answers whether it has refused.
func (d *deal) checkSecondary(ctx context.Context, b *balance, own amount, s short) (refused bool, err error) {
	sign := countSign(s.balance.secondary)
	fell := sign < 0 && countSign(own.secondary) < 0
	if !fell && (sign == 0 || !d.nothing(s.balance.quantity)) {
		return false, nil
	}
	what, err := d.describe(ctx, b.dims)
	if err != nil {
		return false, err
	}
	args := []any{"ledger", d.l.Title, "measure", d.l.SecondaryTitle(), "what", what, "day", s.at.day.String()}
	there := s.balance.secondary
	switch {
	case !fell:
		d.list.Add("ledger.secondary_left", s.where(), append(args, "document", s.at.code, "left", there.Trim().String())...)
	case s.at.source.Record != d.doc.Record:
		d.list.Add("ledger.secondary_negative_later", s.path, append(args, "document", s.at.code, "missing", there.Neg().Trim().String())...)
	default:
		before, err := there.Sub(zeroed(s.at.secondary))
		if err != nil {
			return false, err
		}
		d.list.Add("ledger.secondary_negative", s.where(), append(args, "available", before.Trim().String(), "asked", zeroed(s.at.secondary).Neg().Trim().String())...)
	}
	return true, nil
}

// nothing tells whether a quantity counts as nothing.
func (s *shelf) nothing(quantity value.Decimal) bool {
	r, err := quantity.Round(int32(s.l.Quantity.CheckScale))
	return err == nil && r.IsZero()
}

// counts proves what counts have counted: each has brought its key to what was found.
func (p *proof) counts(of *pool) error {
	if p.f.second == nil {
		return nil
	}
	keys := map[string]sums{}
	for _, e := range of.rows {
		s := keys[e.key]
		if right := zeroed(e.askedSecondary); e.verb == verbCount && !e.voided {
			moved, err := right.Sub(s.secondary)
			if err != nil {
				return err
			}
			if stored := zeroed(e.secondary); !stored.Equal(moved) {
				p.differs("replay", of.key, e.id, p.f.second.moved, stored, moved)
			}
		}
		if err := s.add(e); err != nil {
			return err
		}
		keys[e.key] = s
	}
	return nil
}
