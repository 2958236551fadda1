package ledger

import (
	"context"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

// appendReturn posts what brings back what another line moved: against each of its entries as far as it goes.
func (d *deal) appendReturn(ctx context.Context, w *Posting) error {
	sign := 1
	if w.Verb == metamodel.PostIn {
		sign = -1
	}
	parts, err := d.against(ctx, w.Of, sign, w.Quantity)
	if err != nil {
		return err
	}
	if len(parts) == 0 {
		d.list.Add("ledger.origin_unmoved", w.Path, "ledger", d.l.Title)
		return nil
	}
	counted, err := d.spreadSecondary(w, parts)
	if err != nil {
		return err
	}
	given, err := spread(w.Value, parts, w.Quantity, d.valueScale())
	if err != nil {
		return err
	}
	for i, part := range parts {
		e := d.draft(w, part.quantity, given[i])
		e.origin, e.secondary = part.of.id, counted[i]
		d.back[w.Of] = w
		if err := d.add(ctx, w, e); err != nil {
			return err
		}
	}
	return nil
}

// returned refuses that more is brought back of a line than it moved.
func (d *deal) returned(ctx context.Context) error {
	for line, w := range d.back {
		if err := d.enough(ctx, w, line, -signOf(w)); err != nil {
			return err
		}
	}
	return nil
}

// changedEnough refuses that a line moves less than what was brought back of it.
func (d *deal) changedEnough(ctx context.Context) error {
	for line, w := range d.changed {
		if err := d.enough(ctx, w, line, signOf(w)); err != nil {
			return err
		}
	}
	return nil
}

// enough refuses, at a posting, that more is brought back of a line than it moved in or out.
func (d *deal) enough(ctx context.Context, w *Posting, line string, sign int) error {
	moved, err := d.movedBy(ctx, line, sign)
	if err != nil {
		return err
	}
	rest, back, err := d.wayBack(ctx, moved)
	if err != nil {
		return err
	}
	over, err := rest.Sub(back)
	if err != nil {
		return err
	}
	var none value.Decimal
	if d.below(over, none) {
		d.list.Add("ledger.returned_over", w.Path, "ledger", d.l.Title, "moved", rest.Trim().String(), "returned", back.Trim().String())
	}
	return d.returnedSecondary(ctx, w, moved)
}

// wayBack sums what entries moved and what was brought back of it.
func (s *shelf) wayBack(ctx context.Context, moved []*entry) (there, back value.Decimal, err error) {
	for _, e := range moved {
		if there, err = there.Add(e.quantity.Abs()); err != nil {
			return there, back, err
		}
		kin, err := s.belonging(ctx, e.id)
		if err != nil {
			return there, back, err
		}
		for _, k := range kin {
			if !k.returns() {
				continue
			}
			if back, err = back.Add(k.quantity.Abs()); err != nil {
				return there, back, err
			}
		}
	}
	return there, back, nil
}
