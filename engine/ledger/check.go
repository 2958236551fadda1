package ledger

import (
	"context"
	"slices"

	"tenon/metamodel/value"
)

// check judges every balance that the document has changed, at its place and at every later one.
func (d *deal) check(ctx context.Context) error {
	for _, b := range d.balanceList {
		list := d.touched[b]
		if len(list) == 0 {
			continue
		}
		p, err := d.policiesOf(ctx, b.key, b.dims)
		if err != nil {
			return err
		}
		allowed := limits{forbid: p.Negative != "allow"}
		if !allowed.forbid {
			if p.NegativeLimit == nil {
				continue
			}
			allowed.below = *p.NegativeLimit
		}
		if err := d.checkBalance(ctx, b, list, allowed); err != nil {
			return err
		}
	}
	return nil
}

// limits are how far below zero a balance may be; forbid: not at all, nor what is counted beside it.
type limits struct {
	forbid bool
	below  value.Decimal
}

// short is a place where a balance is below what is allowed.
type short struct {
	at      *entry
	balance amount
	path    string
}

func (d *deal) checkBalance(ctx context.Context, b *balance, list []touch, allowed limits) error {
	slices.SortStableFunc(list, func(x, y touch) int { return x.compare(y.place) })
	var rows []*entry
	for _, e := range b.rows {
		if !e.voided && !e.before(list[0].place) {
			rows = append(rows, e)
		}
	}
	sorted(rows)
	running, err := b.before(list[0].place)
	if err != nil {
		return err
	}
	for _, e := range rows {
		if running, err = running.plus(e.amount()); err != nil {
			return err
		}
		own, path, err := changeAt(list, e.place)
		if err != nil {
			return err
		}
		if own.quantity.Sign() < 0 && d.below(running.quantity, allowed.below) {
			return d.refuse(ctx, b, short{e, running, path})
		}
		if allowed.forbid && !own.isZero() {
			if done, err := d.checkSecondary(ctx, b, own, short{e, running, path}); done || err != nil {
				return err
			}
		}
	}
	return nil
}

// changeAt is what touches have changed of a balance at a place, and the path of the last that took from it.
func changeAt(list []touch, at place) (own amount, path string, err error) {
	for _, t := range list {
		if at.before(t.place) || t.until != nil && !at.before(*t.until) {
			continue
		}
		if own, err = own.plus(t.delta); err != nil {
			return own, path, err
		}
		if t.delta.quantity.Sign() < 0 || path == "" {
			path = t.path
		}
	}
	return own, path, nil
}

// below tells whether a balance is less than a limit below zero, by more than what counts as nothing.
func (s *shelf) below(balance, limit value.Decimal) bool {
	sum, err := balance.Add(limit)
	if err != nil {
		return true
	}
	scale := int32(0)
	if s.l.Quantity != nil {
		scale = int32(s.l.Quantity.CheckScale)
	}
	r, err := sum.Round(scale)
	return err != nil || r.Sign() < 0
}

// refuse says which goods would go short, when, and through which document.
func (d *deal) refuse(ctx context.Context, b *balance, s short) error {
	what, err := d.describe(ctx, b.dims)
	if err != nil {
		return err
	}
	missing := s.balance.quantity.Neg()
	if s.at.source.Record != d.doc.Record {
		d.list.Add("ledger.negative_later", s.path, "ledger", d.l.Title, "what", what, "missing", missing.Trim().String(), "day", s.at.day.String(), "document", s.at.code)
		return nil
	}
	available, err := s.balance.quantity.Sub(s.at.quantity)
	if err != nil {
		return err
	}
	d.list.Add("ledger.negative", s.where(), "ledger", d.l.Title, "what", what, "available", available.Trim().String(),
		"asked", s.at.quantity.Neg().Trim().String(), "day", s.at.day.String())
	return nil
}

// where is where in the request the shortage comes from.
func (s short) where() string {
	if s.at.path == "" {
		return s.path
	}
	return s.at.path
}

func (s *shelf) describe(ctx context.Context, dims []any) (string, error) {
	if s.o.Describe == nil {
		return "", nil
	}
	return s.o.Describe(ctx, s.l, dims)
}
