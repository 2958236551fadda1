package ledger

import (
	"context"

	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// A ledger may let reservations leave dimensions open: an order for goods that are kept by batch reserves of the item in the
// warehouse, whichever batch it will be. Then what is available is judged over all keys that are alike in the other
// dimensions, their group. The balance whose open dimensions are empty, its upper, keeps what the group has; it does so
// from the first reservation that leaves something open, and until then nobody asks.

// group is keys that are alike in the dimensions that every reservation names.
type group struct {
	upper   *balance // nil while there is none
	members []*balance
	known   bool // what the group has is in the table
	stored  hold // what it has there
	total   hold // what it is to have there
	judged  hold // what it had when it was judged last
	told    bool // something was found at one of its keys since
}

// groupFields are the fields of a balance that hold what its group has.
type groupFields struct{ quantity, reserved, second, reservedSecond *metamodel.Field }

func groupFieldsOf(l *metamodel.Ledger) groupFields {
	b := l.Balance.Field
	return groupFields{
		quantity: b(metamodel.GroupQuantity), reserved: b(metamodel.GroupReserved),
		second: b(metamodel.GroupSecondary), reservedSecond: b(metamodel.GroupReservedSecondary),
	}
}

// read is what a balance's row says of its group; false where it says nothing.
func (f groupFields) read(row value.Row) (h hold, known bool) {
	if f.quantity == nil || row == nil || row[f.quantity.Slot] == nil {
		return h, false
	}
	h.there.quantity, h.reserved.quantity = decimal(row[f.quantity.Slot]), decimal(row[f.reserved.Slot])
	if f.second != nil {
		h.there.secondary, h.reserved.secondary = optional(row[f.second.Slot]), optional(row[f.reservedSecond.Slot])
	}
	return h, true
}

func (f groupFields) write(b *balance, row value.Row) {
	g := b.group
	if g == nil || g.upper != b || !g.known {
		return
	}
	row[f.quantity.Slot], row[f.reserved.Slot] = g.total.there.quantity, g.total.reserved.quantity
	if f.second != nil {
		row[f.second.Slot], row[f.reservedSecond.Slot] = pointed(g.total.there.secondary), pointed(g.total.reserved.secondary)
	}
}

// of adds the fields to those of a balance that may change.
func (f groupFields) of(list []*metamodel.Field) []*metamodel.Field {
	for _, g := range []*metamodel.Field{f.quantity, f.reserved, f.second, f.reservedSecond} {
		if g != nil {
			list = append(list, g)
		}
	}
	return list
}

// upperOf are the dimensions of a key's upper.
func (s *shelf) upperOf(dims []any) []any {
	out := make([]any, len(dims))
	for i, named := range s.levels {
		if named {
			out[i] = dims[i]
		}
	}
	return out
}

// uppers are the uppers of keys whose groups were not met before.
func (s *shelf) uppers(keys []keyed) []any {
	if s.levels == nil {
		return nil
	}
	var out []any
	for _, k := range keys {
		key := keyOf(s.upperOf(k.dims), nil)
		if s.groups[key] != nil {
			continue
		}
		g := &group{}
		s.groups[key] = g
		s.groupList = append(s.groupList, g)
		if key != k.key {
			out = append(out, key)
		}
	}
	return out
}

// keepUppers takes those uppers of keys that are in the table among the balances in memory.
func (s *shelf) keepUppers(keys []keyed, found map[string]value.Row) {
	if s.levels == nil {
		return
	}
	for _, k := range keys {
		dims := s.upperOf(k.dims)
		key := keyOf(dims, nil)
		row := found[key]
		if row == nil || s.balances[key] != nil {
			continue
		}
		b := &balance{key: key, dims: dims}
		s.readBalance(b, row)
		s.remember(b)
	}
}

// joinGroup lets a balance be of its group.
func (s *shelf) joinGroup(b *balance) {
	if s.levels == nil {
		return
	}
	key := keyOf(s.upperOf(b.dims), nil)
	g := s.groups[key]
	b.group = g
	g.members = append(g.members, b)
	if b.key != key {
		return
	}
	g.upper = b
	g.stored, g.known = s.f.group.read(b.stored)
	g.judged = g.stored
}

// sum adds up what a group has in the table, the first time that somebody wants to know.
func (s *shelf) sum(ctx context.Context, g *group) error {
	if g.known || g.upper == nil || g.upper.reserved.IsZero() {
		return nil
	}
	h, err := sumGroup(ctx, s.read, s.l, s.f, g.upper.dims)
	if err != nil {
		return err
	}
	g.stored, g.judged, g.known, g.upper.marked = h, h, true, true
	return nil
}

// sumGroup adds up the balances of a group as they are in the table.
func sumGroup(ctx context.Context, r interface {
	Scan(ctx context.Context, q store.Scan, fn func(value.Row) error) error
}, l *metamodel.Ledger, f *fields, upper []any,
) (h hold, err error) {
	var where []store.Match
	for i, named := range l.Levels() {
		if named {
			where = append(where, eq(f.balanceDims[i], upper[i]))
		}
	}
	err = r.Scan(ctx, store.Scan{Entity: l.Balance, Where: where}, func(row value.Row) error {
		b := &balance{quantity: decimal(row[f.balanceQuantity.Slot]), reserved: decimal(row[f.balanceReserved.Slot])}
		f.second.readBalance(b, row)
		h, err = h.plus(b.hold())
		return err
	})
	return h, err
}

func (h hold) plus(x hold) (sum hold, err error) {
	if sum.there, err = h.there.plus(x.there); err != nil {
		return sum, err
	}
	sum.reserved, err = h.reserved.plus(x.reserved)
	return sum, err
}

func (h hold) less(x hold) (hold, error) {
	return h.plus(hold{x.there.negative(), x.reserved.negative()})
}

func (h hold) same(x hold) bool {
	return h.there.quantity.Equal(x.there.quantity) && h.reserved.quantity.Equal(x.reserved.quantity) &&
		alike(h.there.secondary, x.there.secondary) && alike(h.reserved.secondary, x.reserved.secondary)
}

// storedHold is what a balance has in the table.
func (s *shelf) storedHold(b *balance) hold {
	if b.stored == nil {
		return hold{}
	}
	was := &balance{quantity: decimal(b.stored[s.f.balanceQuantity.Slot]), reserved: decimal(b.stored[s.f.balanceReserved.Slot])}
	s.f.second.readBalance(was, b.stored)
	return was.hold()
}

// now is what a group has: what is in the table, and what its keys in memory have more or less than there.
func (s *shelf) now(g *group) (h hold, err error) {
	h = g.stored
	for _, b := range g.members {
		more, err := b.hold().less(s.storedHold(b))
		if err != nil {
			return h, err
		}
		if h, err = h.plus(more); err != nil {
			return h, err
		}
	}
	return h, nil
}

// sumGroups brings what uppers keep of their groups up to date, before they are written.
func (s *shelf) sumGroups(ctx context.Context) (err error) {
	for _, g := range s.groupList {
		if err := s.sum(ctx, g); err != nil {
			return err
		}
		if !g.known {
			continue
		}
		if g.total, err = s.now(g); err != nil {
			return err
		}
		g.upper.marked = g.upper.marked || !g.total.same(g.stored)
	}
	return nil
}

// with is a group's judgement with what was done to one more of its keys.
func (j *judgement) with(of *judgement) *judgement {
	if j == nil {
		j = &judgement{shelf: of.shelf}
	}
	if of.taken.path != "" || of.taken.decided {
		j.taken = take{of.taken.path, j.taken.decided || of.taken.decided}
	}
	if of.holdPath != "" {
		j.holdPath = of.holdPath
	}
	return j
}

// judgeGroup judges what is available over all keys of a group, unless there was something to be said of one of them.
func (s *shelf) judgeGroup(ctx context.Context, g *group, j *judgement) (diag.List, error) {
	if err := s.sum(ctx, g); err != nil || !g.known || j == nil {
		return nil, err
	}
	now, err := s.now(g)
	if err != nil {
		return nil, err
	}
	j.b, j.was, j.now = g.upper, g.judged, now
	told := g.told
	g.judged, g.told = now, false
	if told {
		return nil, nil
	}
	err = j.judge(ctx)
	return j.list, err
}

// verifyGroups proves that what uppers keep is the sum of their groups; sample is how many are proven, 0 is all. It answers
// the first difference of each.
func verifyGroups(ctx context.Context, r *store.Reader, l *metamodel.Ledger, sample int) ([]Difference, error) {
	f := fieldsOf(l)
	if f.group.quantity == nil {
		return nil, nil
	}
	var uppers []value.Row
	id := l.Balance.Columns()[metamodel.SlotID]
	where := []store.Match{{Field: f.group.quantity, Op: "<>"}}
	err := r.Scan(ctx, store.Scan{Entity: l.Balance, Where: where, Order: []*metamodel.Field{id}}, func(row value.Row) error {
		uppers = append(uppers, row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	step := 1
	if sample > 0 && len(uppers) > sample {
		step = len(uppers) / sample
	}
	var out []Difference
	for i := 0; i < len(uppers); i += step {
		right, err := sumGroup(ctx, r, l, f, dimsOf(uppers[i], f.balanceDims))
		if err != nil {
			return out, err
		}
		p := &proof{l: l, f: f}
		p.group(uppers[i], right)
		if len(p.found) > 0 {
			out = append(out, p.found[0])
		}
	}
	return out, nil
}

func (p *proof) group(upper value.Row, right hold) {
	f, key := p.f.group, text(upper[p.f.balanceKey.Slot])
	p.equal("group", key, f.quantity, upper, right.there.quantity)
	p.equal("group", key, f.reserved, upper, right.reserved.quantity)
	if f.second != nil {
		p.equal("group", key, f.second, upper, zeroed(right.there.secondary))
		p.equal("group", key, f.reservedSecond, upper, zeroed(right.reserved.secondary))
	}
}
