package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"tenon/engine/ledger/costing"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Flush finds the values of all that was posted and writes it. It answers the kept rows that it wrote. It may be called again; whoever reads kept entities within the transaction calls it first.
func (b *Book) Flush(ctx context.Context) ([]Change, error) {
	var out []Change
	for _, s := range b.order {
		changes, err := s.flush(ctx)
		if err != nil {
			return nil, fmt.Errorf("write ledger %s: %w", s.l.Name, err)
		}
		out = append(out, changes...)
	}
	return out, nil
}

// writing collects what is written of one ledger.
type writing struct {
	*shelf
	changes []Change
}

func (s *shelf) flush(ctx context.Context) ([]Change, error) {
	if err := s.values(ctx); err != nil {
		return nil, err
	}
	if s.seq > s.taken {
		if _, err := s.tx.Reserve(ctx, s.counter(), s.seq-s.taken); err != nil {
			return nil, err
		}
		s.taken = s.seq
	}
	w := &writing{shelf: s}
	if err := w.setBack(ctx); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{w.pools, w.balances, w.inserts, w.updates} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	for _, p := range s.poolOrder {
		for _, e := range p.added {
			if !p.any || e.day > p.last {
				p.last, p.any = e.day, true
			}
		}
		p.added, p.pending, p.next, p.stale = nil, nil, 0, false
	}
	s.added, s.marked = nil, nil
	return w.changes, nil
}

// fresh makes the row of something new.
func (s *shelf) freshRow(e *metamodel.Entity, id string) value.Row {
	row := make(value.Row, len(e.Columns()))
	row[metamodel.SlotID], row[metamodel.SlotVersion] = id, int64(1)
	row[metamodel.SlotCreatedAt], row[metamodel.SlotUpdatedAt] = s.o.Now, s.o.Now
	return row
}

// next makes the next version of a row.
func (s *shelf) nextRow(row value.Row) value.Row {
	out := slices.Clone(row)
	out[metamodel.SlotVersion] = whole(row[metamodel.SlotVersion]) + 1
	out[metamodel.SlotUpdatedAt] = s.o.Now
	return out
}

// pair is a row before and after.
type pair struct{ before, after value.Row }

// put writes new rows, and changes of others, those with the same changed fields together.
func (w *writing) put(ctx context.Context, e *metamodel.Entity, fresh []value.Row, changed []pair, fields []*metamodel.Field) error {
	if err := w.tx.InsertKept(ctx, e, fresh); err != nil {
		return err
	}
	for _, row := range fresh {
		w.changes = append(w.changes, Change{Entity: e, After: row})
	}
	groups := map[uint64][]value.Row{}
	var order []uint64
	for _, p := range changed {
		var mask uint64
		for i, f := range fields {
			if !sameValue(p.before[f.Slot], p.after[f.Slot]) {
				mask |= 1 << i
			}
		}
		if mask == 0 {
			continue
		}
		if groups[mask] == nil {
			order = append(order, mask)
		}
		groups[mask] = append(groups[mask], p.after)
		w.changes = append(w.changes, Change{Entity: e, Before: p.before, After: p.after})
	}
	for _, mask := range order {
		set := []*metamodel.Field{e.Columns()[metamodel.SlotVersion], e.Columns()[metamodel.SlotUpdatedAt]}
		for i, f := range fields {
			if mask&(1<<i) != 0 {
				set = append(set, f)
			}
		}
		if err := w.tx.UpdateKept(ctx, set, groups[mask]); err != nil {
			return err
		}
	}
	return nil
}

func sameValue(a, b any) bool {
	x, ok := a.(value.Decimal)
	y, too := b.(value.Decimal)
	if ok || too {
		return ok && too && x.Equal(y)
	}
	return a == b
}

func (w *writing) pools(ctx context.Context) error {
	var fresh []value.Row
	var changed []pair
	list := slices.Clone(w.poolOrder)
	slices.SortFunc(list, func(a, b *pool) int { return cmp.Compare(a.key, b.key) })
	for _, p := range list {
		if err := w.total(p); err != nil {
			return err
		}
		if p.stored == nil && !p.marked && len(p.added) == 0 && !w.holds(p) {
			continue
		}
		if p.stored != nil && !p.marked {
			continue
		}
		p.marked = false
		row := p.stored
		if row == nil {
			row = w.freshRow(w.l.Cost, p.id)
			w.writePool(p, row)
			fresh = append(fresh, row)
		} else {
			row = w.nextRow(row)
			w.writePool(p, row)
			changed = append(changed, pair{p.stored, row})
		}
		p.stored = row
	}
	f := w.f
	return w.put(ctx, w.l.Cost, fresh, changed, f.second.ofPool(f.method, f.since, f.costQuantity, f.costValue, f.unit, f.uncovered, f.costProvisional))
}

// holds tells whether a balance of a new pool is written.
func (w *writing) holds(p *pool) bool {
	return slices.ContainsFunc(w.balanceList, func(b *balance) bool { return b.pool == p && b.marked })
}

// total is what a pool has: as its automaton has it, or, where a job will run it, the sum of its entries.
func (w *writing) total(p *pool) error {
	switch p.mode {
	case restored, full:
		if p.marked || len(p.added) > 0 {
			s := p.auto.State()
			p.quantity, p.value, p.unit, p.marked = s.Quantity, s.Value, s.UnitCost, true
		}
	case guessed, parted:
		return w.sum(p)
	case idle:
	}
	return nil
}

func (w *writing) sum(p *pool) error {
	add := func(q, v value.Decimal) (err error) {
		if p.quantity, err = p.quantity.Add(q); err == nil {
			p.value, err = p.value.Add(v)
		}
		p.marked = true
		return err
	}
	for _, e := range w.added {
		if e.pool != p || e.voided && !e.reverse {
			continue
		}
		if err := add(e.quantity, e.value); err != nil {
			return err
		}
	}
	for _, e := range w.marked {
		if e.pool != p {
			continue
		}
		q, err := e.quantity.Sub(decimal(e.stored[w.f.quantity.Slot]))
		if err != nil {
			return err
		}
		v, err := e.value.Sub(decimal(e.stored[w.f.value.Slot]))
		if err != nil {
			return err
		}
		if err := add(q, v); err != nil {
			return err
		}
	}
	return nil
}

func (w *writing) writePool(p *pool, row value.Row) {
	f := w.f
	for i, d := range f.costDims {
		if d != nil {
			row[d.Slot] = p.dims[i]
		}
	}
	row[f.costKey.Slot], row[f.method.Slot] = p.key, p.method
	if row[f.since.Slot] = nil; p.changed {
		row[f.since.Slot] = p.since
	}
	row[f.costQuantity.Slot], row[f.costValue.Slot], row[f.unit.Slot] = p.quantity, p.value, unitOf(p.unit)
	f.second.writePool(p, row)
	row[f.uncovered.Slot], row[f.costProvisional.Slot] = p.uncovered, p.provisional
}

// unitOf gives a unit cost the digits that are kept.
func unitOf(d value.Decimal) value.Decimal {
	if r, err := d.Round(costing.UnitScale); err == nil {
		return r
	}
	return d
}

func (w *writing) balances(ctx context.Context) error {
	var fresh []value.Row
	var changed []pair
	f := w.f
	if err := w.sumGroups(ctx); err != nil {
		return err
	}
	list := slices.Clone(w.balanceList)
	slices.SortFunc(list, func(a, b *balance) int { return cmp.Compare(a.key, b.key) })
	for _, b := range list {
		b.base = b.quantity
		if !b.marked {
			continue
		}
		b.marked = false
		available, err := b.quantity.Sub(b.reserved)
		if err != nil {
			return err
		}
		row := b.stored
		if row == nil {
			row = w.freshRow(w.l.Balance, b.id)
			for i, d := range f.balanceDims {
				row[d.Slot] = b.dims[i]
			}
			row[f.balanceKey.Slot], row[f.balanceCost.Slot] = b.key, b.pool.id
			fresh = append(fresh, row)
		} else {
			row = w.nextRow(row)
			changed = append(changed, pair{b.stored, row})
		}
		row[f.balanceQuantity.Slot], row[f.balanceReserved.Slot], row[f.available.Slot] = b.quantity, b.reserved, available
		row[f.firstDay.Slot], row[f.lastDay.Slot] = b.first, b.last
		f.second.writeBalance(b, row)
		f.group.write(b, row)
		if b.stored == nil {
			b.ever, b.loaded = true, b.first // all that there is was made here
		}
		b.stored = row
	}
	for _, g := range w.groupList {
		g.stored = g.total
	}
	return w.put(ctx, w.l.Balance, fresh, changed, f.group.of(f.second.ofBalance(f.balanceQuantity, f.balanceReserved, f.available, f.firstDay, f.lastDay)))
}

func (w *writing) inserts(ctx context.Context) error {
	rows := make([]value.Row, 0, len(w.added))
	for _, e := range w.added {
		if e.stored != nil || e.voided && !e.reverse {
			continue
		}
		row := w.freshRow(w.l.Entry, e.id)
		w.f.write(e, row)
		e.stored = row
		e.pool.taken = append(e.pool.taken, e)
		rows = append(rows, row)
	}
	return w.put(ctx, w.l.Entry, rows, nil, nil)
}

func (w *writing) updates(ctx context.Context) error {
	fields := w.f.mutable()
	var changed []pair
	for _, e := range w.marked {
		e.marked = false
		before := e.stored
		row := w.nextRow(before)
		w.f.update(e, row)
		if slices.ContainsFunc(fields, func(f *metamodel.Field) bool { return !sameValue(before[f.Slot], row[f.Slot]) }) {
			changed = append(changed, pair{before, row})
			e.stored = row
		}
	}
	return w.put(ctx, w.l.Entry, nil, changed, fields)
}
