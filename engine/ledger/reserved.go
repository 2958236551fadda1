package ledger

import (
	"context"

	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// Words of the policy of what becomes of who takes goods that are reserved for others.
const (
	checkIgnore = "ignore"
	checkWarn   = "warn"
	checkForbid = "forbid"
)

// hold is how much of a key there is, and how much of that is reserved.
type hold struct{ there, reserved amount }

func (b *balance) hold() hold {
	return hold{amount{b.quantity, b.secondary}, b.promised()}
}

// promised is how much of a key is reserved.
func (b *balance) promised() amount { return amount{b.reserved, b.reservedSecond} }

func (b *balance) promise(a amount) { b.reserved, b.reservedSecond = a.quantity, a.secondary }

// promised is how much an entry reserves.
func (e *entry) promised() amount { return amount{e.reserved, e.reservedSecond} }

// take is what has taken from a key since it was judged last.
type take struct {
	path    string
	decided bool // by somebody who might as well have left the goods there: a count finds what is so
}

func (t *take) note(e *entry, path string) {
	t.path = path
	t.decided = t.decided || e.verb != verbCount
}

// Promised judges what is reserved, once all that a write posts is known, what follows from it included: a delivery takes
// goods first, and then its order needs them no more. What is refused is a *diag.Problem; the list warns.
//
// Who takes what he has reserved himself is never refused, though more be reserved than there is: what is available doesn't
// get less by it. Otherwise two orders for the same goods would keep each other from them.
func (b *Book) Promised(ctx context.Context) (diag.List, error) {
	var told diag.List
	for _, s := range b.order {
		list, err := s.checkReserved(ctx)
		if err != nil {
			return nil, err
		}
		if err := list.Err(); err != nil {
			return nil, err
		}
		told = append(told, list...)
	}
	return told, nil
}

// checkReserved judges all that the book has done since it was judged last.
func (s *shelf) checkReserved(ctx context.Context) (list diag.List, err error) {
	together := map[*group]*judgement{}
	for _, b := range s.balanceList {
		j := judgement{shelf: s, b: b, was: b.judged, now: b.hold(), taken: b.taken, holdPath: b.holdPath}
		b.judged, b.taken = j.now, take{}
		if b.group != nil {
			together[b.group] = together[b.group].with(&j)
		}
		if b.group == nil || b.group.upper != b { // what is reserved of a group isn't there by itself
			if err := j.judge(ctx); err != nil {
				return nil, err
			}
		}
		list = append(list, j.list...)
		if b.group != nil {
			b.group.told = b.group.told || len(j.list) > 0
		}
	}
	for _, g := range s.groupList {
		found, err := s.judgeGroup(ctx, g, together[g])
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return list, nil
}

// judgement is of one key, or of a group of keys: what there was and is of it, and what is reserved.
type judgement struct {
	*shelf
	b        *balance
	was, now hold
	taken    take
	holdPath string // of the last posting that has reserved
	list     diag.List
}

// measure is one of the two numbers by which goods are counted.
type measure struct {
	wasThere, there, wasReserved, reserved value.Decimal
	title                                  *metamodel.Label // nil is the quantity
	scale                                  int32            // digits at which a rest counts as nothing
}

func (j *judgement) measures() []measure {
	quantity := measure{wasThere: j.was.there.quantity, there: j.now.there.quantity, wasReserved: j.was.reserved.quantity, reserved: j.now.reserved.quantity}
	if q := j.l.Quantity; q != nil {
		quantity.scale = int32(q.CheckScale)
	}
	if j.l.Secondary == nil {
		return []measure{quantity}
	}
	title := j.l.SecondaryTitle()
	return []measure{quantity, {
		wasThere: zeroed(j.was.there.secondary), there: zeroed(j.now.there.secondary),
		wasReserved: zeroed(j.was.reserved.secondary), reserved: zeroed(j.now.reserved.secondary), title: &title, scale: int32(j.l.Secondary.Scale),
	}}
}

func (j *judgement) judge(ctx context.Context) error {
	for _, m := range j.measures() {
		if m.reserved.Sign() <= 0 {
			continue
		}
		short, err := m.short()
		if err != nil {
			return err
		}
		if !short {
			continue
		}
		if err := j.judgeShort(ctx, m); err != nil || j.list.HasErrors() {
			return err
		}
	}
	return nil
}

// short tells whether less is available than nothing, and less than before.
func (m measure) short() (bool, error) {
	available, err := m.there.Sub(m.reserved)
	if err != nil {
		return false, err
	}
	before, err := m.wasThere.Sub(m.wasReserved)
	if err != nil {
		return false, err
	}
	rest, err := available.Round(m.scale)
	return rest.Sign() < 0 && available.Cmp(before) < 0, err
}

// judgeShort says by the policies what becomes of who has reserved, and of who has taken, too much.
func (j *judgement) judgeShort(ctx context.Context, m measure) error {
	p, err := j.policiesOf(ctx, j.b.key, j.b.dims)
	if err != nil {
		return err
	}
	if m.reserved.Cmp(m.wasReserved) > 0 && p.Reserve != "unlimited" && p.Negative != "allow" {
		what, err := j.describe(ctx, j.b.dims)
		if err != nil {
			return err
		}
		code, args := diag.Code("ledger.reserved"), []any{"ledger", j.l.Title, "what", what, "on_hand", m.there.Trim().String(), "reserved", m.reserved.Trim().String()}
		if m.title != nil {
			code, args = "ledger.secondary_reserved", append(args, "measure", *m.title)
		}
		j.list.Add(code, j.holdPath, args...)
		return nil
	}
	if m.there.Cmp(m.wasThere) >= 0 {
		return nil
	}
	word, err := p.reservedCheck(ctx)
	if err != nil || word == checkIgnore {
		return err
	}
	found, err := j.tooMuchTaken(ctx, m)
	if err != nil {
		return err
	}
	if word != checkForbid || !j.taken.decided {
		found.Severity = diag.Warning
	}
	j.list = append(j.list, found)
	return nil
}

// tooMuchTaken says that goods are taken which are reserved for others.
func (j *judgement) tooMuchTaken(ctx context.Context, m measure) (found diag.Diagnostic, err error) {
	what, err := j.describe(ctx, j.b.dims)
	if err != nil {
		return found, err
	}
	available, err := m.wasThere.Sub(m.reserved)
	if err != nil {
		return found, err
	}
	asked, err := m.wasThere.Sub(m.there)
	if err != nil {
		return found, err
	}
	code := diag.Code("ledger.reserved_taken")
	args := []any{
		"ledger", j.l.Title, "what", what, "on_hand", m.wasThere.Trim().String(), "reserved", m.reserved.Trim().String(),
		"available", available.Trim().String(), "asked", asked.Trim().String(),
	}
	if m.title != nil {
		code, args = "ledger.secondary_reserved_taken", append(args, "measure", *m.title)
	}
	return diag.New(code, j.taken.path, args...), nil
}

// reservedCheck is what becomes of who takes goods that are reserved for others. Where nothing says so, goods are kept for
// those to whom no more is promised than there is, and who takes others is warned.
func (p Policies) reservedCheck(ctx context.Context) (string, error) {
	if p.ReservedCheck != nil {
		if word, err := p.ReservedCheck(ctx); err != nil || word != "" {
			return word, err
		}
	}
	if p.Reserve != "unlimited" && p.Negative != "allow" {
		return checkForbid, nil
	}
	return checkWarn, nil
}
