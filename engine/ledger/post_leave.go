package ledger

import (
	"context"
	"fmt"
	"slices"

	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// preparedTogether is how many documents' entries are read with one statement.
const preparedTogether = 200

// Before answers what a document wanted to have posted before it was changed.
type Before func(ctx context.Context) ([]Posting, error)

// late tells what forbids to post, change or take back something of a day; nil where it may be. It is not asked of what is
// reserved: that moves nothing, and what an order of a closed month has promised is freed when it is delivered.
func (d *deal) late(ctx context.Context, on value.Date, dims []any, path string) *diag.Diagnostic {
	if d.closed && on <= d.through {
		p := diag.New("ledger.period_closed", path, "ledger", d.l.Title, "day", on.String(), "through", d.through.String())
		return &p
	}
	if d.o.Old {
		return nil
	}
	p, err := d.policiesOf(ctx, keyOf(dims, nil), dims)
	if err != nil {
		return nil // whoever posts the key meets the error
	}
	earliest, bound := value.Date(0), false
	switch p.Backdate {
	case "never":
		earliest, bound = d.o.Today, true
	default:
		if n, ok := backDays(p.Backdate); ok {
			earliest, bound = d.o.Today.AddDays(-n), true
		}
	}
	if bound && on < earliest {
		p := diag.New("ledger.backdate", path, "ledger", d.l.Title, "day", on.String(), "earliest", earliest.String())
		return &p
	}
	return nil
}

// leave takes out of what is to be done the postings of days that may not be touched and that the change of the document
// doesn't concern, since it wanted the same before: another rule has come since, or what it reads elsewhere has changed.
// It answers what is left of what is wanted.
func (d *deal) leave(ctx context.Context, want []*Posting) ([]*Posting, error) {
	if d.before == nil {
		return want, nil
	}
	var before map[slot]*Posting
	out := map[metamodel.ID]bool{} // postings of which nothing comes to be in the book
	for _, k := range d.slots(want) {
		stays, err := d.stays(ctx, k)
		if err != nil {
			return nil, err
		}
		if !stays {
			continue
		}
		if before == nil {
			if before, err = d.wantedBefore(ctx); err != nil {
				return nil, err
			}
		}
		if d.want[k].same(before[k]) {
			out[k.posting] = out[k.posting] || len(d.have[k]) == 0
			delete(d.want, k)
			delete(d.have, k)
			if d.notice != nil {
				*d.notice = true
			}
		}
	}
	if d.notice != nil {
		d.leaveMade(out)
	}
	d.order = slices.DeleteFunc(d.order, func(k slot) bool { return d.have[k] == nil })
	return slices.DeleteFunc(want, func(w *Posting) bool { return d.want[slot{w.Line, w.Posting}] == nil }), nil
}

// leaveMade takes out of what is wanted of a document that is there what comes of something that isn't posted, nor was.
func (d *deal) leaveMade(out map[metamodel.ID]bool) {
	for k, w := range d.want {
		if w.From != "" && out[w.From] && len(d.have[k]) == 0 {
			delete(d.want, k)
		}
	}
}

// slots lists the postings that a document has or wants.
func (d *deal) slots(want []*Posting) []slot {
	out := slices.Clone(d.order)
	for _, w := range want {
		if k := (slot{w.Line, w.Posting}); d.have[k] == nil {
			out = append(out, k)
		}
	}
	return out
}

// stays tells whether a posting is otherwise than it is wanted, on a day that may not be touched.
func (d *deal) stays(ctx context.Context, k slot) (bool, error) {
	late := false
	for _, e := range d.have[k] {
		late = late || e.verb != verbReserve && d.late(ctx, e.day, e.dims, "") != nil
	}
	w := d.want[k]
	if w != nil && w.Verb != metamodel.PostReserve && !d.idle(w) {
		late = late || d.late(ctx, w.Day, w.Dims, "") != nil
	}
	if !late {
		return false, nil
	}
	as, err := d.asWanted(ctx, k)
	return !as, err
}

// asWanted tells whether a posting is in the book just as it is wanted.
func (d *deal) asWanted(ctx context.Context, k slot) (bool, error) {
	w, have := d.want[k], d.have[k]
	switch {
	case w == nil:
		return len(have) == 0, nil
	case len(have) == 0:
		return d.idle(w), nil
	}
	return d.identical(ctx, w, have)
}

func (d *deal) wantedBefore(ctx context.Context) (map[slot]*Posting, error) {
	list, err := d.before(ctx)
	if err != nil {
		return nil, err
	}
	out := map[slot]*Posting{}
	for i := range list {
		if w := &list[i]; w.Ledger == d.l {
			out[slot{w.Line, w.Posting}] = w
		}
	}
	return out, nil
}

// idle tells whether a posting moves nothing, so that no entry comes of it.
func (d *deal) idle(w *Posting) bool {
	switch w.Verb {
	case metamodel.PostIn, metamodel.PostOut:
		return w.Quantity.IsZero() && (w.Value == nil || d.l.Quantity != nil)
	case metamodel.PostTransfer:
		return w.Quantity.IsZero() || keyOf(w.Dims, nil) == keyOf(w.To, nil)
	case metamodel.PostRevalue:
		return w.Rate == nil && (w.Value == nil || w.Value.IsZero())
	case metamodel.PostReserve:
		return w.Quantity.IsZero()
	case metamodel.PostCount:
	}
	return false
}

// same tells whether two postings of a row want the same; nil is one that wants nothing.
func (w *Posting) same(v *Posting) bool {
	if w == nil || v == nil {
		return w == v
	}
	return w.Ledger == v.Ledger && w.Verb == v.Verb && w.Day == v.Day && w.Of == v.Of && w.From == v.From &&
		slices.Equal(w.Dims, v.Dims) && slices.Equal(w.To, v.To) && w.Quantity.Equal(v.Quantity) &&
		alike(w.Secondary, v.Secondary) && alike(w.Value, v.Value) && alike(w.Rate, v.Rate) && alike(w.Share, v.Share)
}

// Look opens the ledgers of an app for those who only ask.
func Look(r *store.Reader, o Options) *Book {
	return &Book{read: r, o: o, shelves: map[*metamodel.Ledger]*shelf{}}
}

// Differs tells whether a document has posted otherwise than it wants: some of its postings, nil is all. Nothing is done.
func (b *Book) Differs(ctx context.Context, doc Source, some map[metamodel.ID]bool, want []Posting) (bool, error) {
	ledgers, err := b.ledgersOf(want, false)
	if err != nil {
		return false, err
	}
	for _, l := range ledgers {
		s, err := b.shelf(ctx, l)
		if err != nil {
			return false, err
		}
		d := s.deal(doc, Which{Only: some})
		if err := d.find(ctx, ofLedger(want, l)); err != nil {
			return false, fmt.Errorf("look at %s: %w", l.Name, err)
		}
		for k := range d.want {
			if as, err := d.asWanted(ctx, k); err != nil || !as {
				return !as, err
			}
		}
		for k := range d.have {
			if d.want[k] == nil {
				return true, nil
			}
		}
	}
	return false, nil
}

// Prepare reads with few statements what documents have posted: for callers that post many that are there already.
func (b *Book) Prepare(ctx context.Context, records []string) error {
	if b.o.App == nil || len(records) == 0 {
		return nil
	}
	for _, l := range b.o.App.Ledgers {
		s, err := b.shelf(ctx, l)
		if err != nil {
			return err
		}
		if err := s.prepare(ctx, records); err != nil {
			return fmt.Errorf("read what %s has: %w", l.Name, err)
		}
	}
	return nil
}

func (s *shelf) prepare(ctx context.Context, records []string) error {
	var ids []any
	for _, id := range records {
		if p := s.documents[id]; p == nil || !p.all {
			ids = append(ids, id)
		}
	}
	for part := range slices.Chunk(ids, preparedTogether) {
		found, err := s.find(ctx, store.Scan{Where: []store.Match{oneOf(s.f.document, part)}})
		if err != nil {
			return err
		}
		for _, e := range found {
			if p := s.pileOf(s.documents, e.source.Record); !slices.Contains(p.list, e) {
				p.list = append(p.list, e)
			}
		}
		for _, id := range part {
			s.pileOf(s.documents, id.(string)).all = true
		}
	}
	return nil
}

// putOff leaves the question whether there is enough to the end of the transaction.
func (d *deal) putOff() {
	for b, list := range d.touched {
		was := d.later[b]
		d.later[b] = slices.Concat(was, list)
		d.did(func() { d.later[b] = was })
	}
}

// Settle judges whether there is enough of everything, once for all documents that were posted together.
func (b *Book) Settle(ctx context.Context) (diag.List, error) {
	var list diag.List
	for _, s := range b.order {
		d := s.deal(Source{}, Which{})
		d.touched, s.later = s.later, map[*balance][]touch{}
		if err := d.check(ctx); err != nil {
			return nil, fmt.Errorf("judge %s: %w", s.l.Name, err)
		}
		list = append(list, d.list...)
	}
	return list, nil
}
