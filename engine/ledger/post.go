package ledger

import (
	"context"
	"fmt"
	"slices"

	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// slot is the natural key of a posting within its document.
type slot struct {
	line    string
	posting metamodel.ID
}

// deal is one document's way into one ledger.
type deal struct {
	*shelf
	doc     Source
	which   Which  // the postings that it is about
	before  Before // nil where all that differs is to be done
	notice  *bool  // set where something of a day that may not be touched stays as it is
	list    diag.List
	have    map[slot][]*entry
	order   []slot
	want    map[slot]*Posting
	touched map[*balance][]touch
	free    map[value.Date][]int64 // sequences of what was taken back, for what comes in its place
	gone    []*entry               // taken back
	back    map[string]*Posting    // the lines of which something is brought back, with the last posting that does
	changed map[string]*Posting    // the lines that move less or anew, and of which something was brought back
	fresh   map[slot][]*entry      // added in the place of what was there
}

// touch is a change of a balance at some place.
type touch struct {
	place
	delta amount
	path  string
	until *place // a count that sets the balance, whatever was before
}

func (s *shelf) deal(doc Source, which Which) *deal {
	return &deal{
		shelf: s, doc: doc, which: which, have: map[slot][]*entry{}, want: map[slot]*Posting{}, touched: map[*balance][]touch{},
		free: map[value.Date][]int64{}, fresh: map[slot][]*entry{}, back: map[string]*Posting{}, changed: map[string]*Posting{},
	}
}

func (s *shelf) post(ctx context.Context, doc Source, want []*Posting, how manner) (diag.List, error) {
	d := s.deal(doc, how.which)
	d.before, d.notice = how.before, how.stays
	want, err := d.gather(ctx, want, how.fresh)
	if err != nil || d.list.HasErrors() {
		return d.list, err
	}
	if err := d.settle(ctx, want); err != nil || d.list.HasErrors() {
		return d.list, err
	}
	if err := d.returned(ctx); err != nil || d.list.HasErrors() {
		return d.list, err
	}
	if err := d.relink(ctx); err != nil || d.list.HasErrors() {
		return d.list, err
	}
	if err := d.changedEnough(ctx); err != nil || d.list.HasErrors() {
		return d.list, err
	}
	if d.o.Together {
		d.putOff()
		return d.list, nil
	}
	return d.list, d.check(ctx)
}

// gather finds what the document has, and what is wrong with what it wants by itself. It answers what there is to be done
// of what is wanted.
func (d *deal) gather(ctx context.Context, want []*Posting, fresh bool) ([]*Posting, error) {
	if fresh && d.documents[d.doc.Record] == nil {
		d.documents[d.doc.Record] = &pile{all: true}
	}
	if err := d.find(ctx, want); err != nil {
		return nil, err
	}
	for _, w := range want {
		if err := d.sound(w); err != nil {
			return nil, err
		}
	}
	d.inTime(want)
	if d.list.HasErrors() {
		return nil, nil
	}
	if err := d.prefetch(ctx, want); err != nil {
		return nil, err
	}
	return d.leave(ctx, want)
}

// find lists what the document has and what it wants. What its entity was called when it posted doesn't matter.
func (d *deal) find(ctx context.Context, want []*Posting) error {
	have, err := d.ofDocument(ctx, d.doc.Record)
	if err != nil {
		return err
	}
	for _, e := range have {
		if e.generated() || e.verb == verbMethod || !d.which.has(e.source.Posting) {
			continue
		}
		k := slot{e.source.Line, e.source.Posting}
		if d.have[k] == nil {
			d.order = append(d.order, k)
		}
		d.have[k] = append(d.have[k], e)
	}
	for _, w := range want {
		k := slot{w.Line, w.Posting}
		if d.want[k] != nil {
			return fmt.Errorf("posting %s of line %s is wanted twice", k.posting, k.line)
		}
		d.want[k] = w
	}
	return nil
}

// inTime refuses what comes of something before that went into it.
func (d *deal) inTime(want []*Posting) {
	last := map[metamodel.ID]value.Date{}
	for _, w := range want {
		last[w.Posting] = max(last[w.Posting], w.Day)
	}
	for _, w := range want {
		if w.From != "" && w.Day < last[w.From] {
			d.list.Add("ledger.made_early", w.Path, "day", w.Day.String(), "used", last[w.From].String())
		}
	}
}

// sound judges a posting by itself.
func (d *deal) sound(w *Posting) error {
	if w.Quantity.Sign() < 0 && w.Verb != metamodel.PostCount {
		d.list.Add("ledger.quantity_negative", w.Path, "quantity", w.Quantity.String())
	}
	if w.Verb == metamodel.PostCount && w.Quantity.Sign() < 0 {
		d.list.Add("ledger.quantity_negative", w.Path, "quantity", w.Quantity.String())
	}
	d.soundSecondary(w)
	if w.Verb == metamodel.PostRevalue && w.Of != "" && w.Dims == nil {
		return nil
	}
	sets := [][]any{w.Dims}
	if w.Verb == metamodel.PostTransfer {
		sets = append(sets, w.To)
	}
	for _, dims := range sets {
		missing, err := fits(d.l, dims)
		if err != nil {
			return err
		}
		if missing != nil {
			d.list.Add("ledger.dimension_missing", w.Path, "ledger", d.l.Title, "dimension", missing.Title)
		}
	}
	return nil
}

// settle takes back what is not wanted any more and adds what is new.
func (d *deal) settle(ctx context.Context, want []*Posting) error {
	var add []*Posting
	for _, k := range d.order {
		if d.want[k] == nil {
			if err := d.takeBack(ctx, d.have[k], ""); err != nil {
				return err
			}
		}
	}
	again, err := d.families(ctx, want)
	if err != nil {
		return err
	}
	for _, w := range want {
		k := slot{w.Line, w.Posting}
		have := d.have[k]
		switch {
		case len(have) == 0:
			add = append(add, w)
			continue
		case !again[k]:
			same, err := d.adjust(ctx, w, have)
			if err != nil {
				return err
			}
			if same {
				continue
			}
		}
		if err := d.takeBack(ctx, have, w.Path); err != nil {
			return err
		}
		add = append(add, w)
	}
	slices.SortStableFunc(add, func(a, b *Posting) int { return rankOf(a) - rankOf(b) })
	for _, seqs := range d.free {
		slices.Sort(seqs)
	}
	for _, w := range add {
		if err := d.append(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// rankOf puts what goes into something before what comes of it.
func rankOf(w *Posting) int {
	if w.From != "" {
		return 1
	}
	return 0
}

// families tells what has to be posted anew together, since what comes out depends on all that went in.
func (d *deal) families(ctx context.Context, want []*Posting) (map[slot]bool, error) {
	again := map[slot]bool{}
	for _, w := range want {
		if w.From == "" {
			continue
		}
		member := func(k slot) bool { return k.posting == w.From || k.posting == w.Posting }
		changed, err := d.differs(ctx, member)
		if err != nil {
			return nil, err
		}
		for k := range d.want {
			if changed && member(k) {
				again[k] = true
			}
		}
	}
	return again, nil
}

// differs tells whether any of some postings is not in the book just as it is wanted.
func (d *deal) differs(ctx context.Context, member func(slot) bool) (bool, error) {
	for k := range d.want {
		if member(k) && d.have[k] == nil && !d.idle(d.want[k]) {
			return true, nil
		}
	}
	for k, have := range d.have {
		if !member(k) {
			continue
		}
		now := d.want[k]
		if now == nil {
			return true, nil
		}
		if same, err := d.identical(ctx, now, have); err != nil || !same {
			return true, err
		}
	}
	return false, nil
}

// takeBack voids entries: each gets a reversal at its own place.
func (d *deal) takeBack(ctx context.Context, list []*entry, path string) error {
	for _, e := range list {
		if e.verb != verbReserve && !d.mayTouch(ctx, e.day, e.dims, path) {
			return nil
		}
		if err := d.void(ctx, e, path); err != nil {
			return err
		}
		d.gone = append(d.gone, e)
		d.free[e.day] = append(d.free[e.day], e.seq)
	}
	return nil
}

// mayTouch judges whether a day is open for a key. Of a place it tells once that a day isn't, however many entries of it are
// taken back and posted.
func (d *deal) mayTouch(ctx context.Context, on value.Date, dims []any, path string) bool {
	p := d.late(ctx, on, dims, path)
	if p != nil && !slices.ContainsFunc(d.list, func(o diag.Diagnostic) bool {
		return o.Code == p.Code && o.Path == p.Path && o.Args["day"] == p.Args["day"] && o.Args["earliest"] == p.Args["earliest"]
	}) {
		d.list = append(d.list, *p)
	}
	return p == nil
}

func backDays(policy string) (int, bool) {
	if len(policy) <= len(metamodel.BackdateDays) || policy[:len(metamodel.BackdateDays)] != metamodel.BackdateDays {
		return 0, false
	}
	return metamodel.BackDays(policy[len(metamodel.BackdateDays):])
}

// append posts what is wanted where nothing of it is there.
func (d *deal) append(ctx context.Context, w *Posting) error {
	if d.idle(w) {
		return nil
	}
	if w.Verb != metamodel.PostReserve && (w.Verb != metamodel.PostRevalue || w.Of == "") {
		if !d.mayTouch(ctx, w.Day, w.Dims, w.Path) {
			return nil
		}
	}
	switch w.Verb {
	case metamodel.PostIn, metamodel.PostOut:
		return d.appendMove(ctx, w)
	case metamodel.PostTransfer:
		return d.appendTransfer(ctx, w)
	case metamodel.PostCount:
		return d.appendCount(ctx, w)
	case metamodel.PostRevalue:
		return d.appendRevalue(ctx, w)
	case metamodel.PostReserve:
		return d.add(ctx, w, &entry{verb: verbReserve, dims: w.Dims, reserved: w.Quantity, reservedSecond: w.Secondary})
	}
	return fmt.Errorf("unknown verb %q", w.Verb)
}

func negative(v *value.Decimal) *value.Decimal {
	if v == nil {
		return nil
	}
	n := v.Neg()
	return &n
}

// draft is an entry of a posting that moves goods in or out.
func (d *deal) draft(w *Posting, quantity value.Decimal, given *value.Decimal) *entry {
	e := &entry{verb: string(w.Verb), dims: w.Dims, quantity: quantity, given: given}
	if w.Verb == metamodel.PostOut {
		e.quantity, e.given = quantity.Neg(), negative(given)
	}
	return e
}

func (d *deal) appendMove(ctx context.Context, w *Posting) error {
	if w.From != "" {
		share := w.Share
		if share == nil {
			one := value.NewDecimal(1, 0)
			share = &one
		}
		return d.add(ctx, w, &entry{verb: verbIn, dims: w.Dims, quantity: w.Quantity, from: string(w.From), share: share, extra: w.Value, secondary: w.Secondary})
	}
	if w.Of == "" {
		e := d.draft(w, w.Quantity, w.Value)
		e.secondary = w.signed()
		return d.add(ctx, w, e)
	}
	return d.appendReturn(ctx, w)
}

func (d *deal) appendTransfer(ctx context.Context, w *Posting) error {
	out := &entry{verb: verbOut, dims: w.Dims, quantity: w.Quantity.Neg(), given: negative(w.Value), secondary: negative(w.Secondary)}
	if err := d.add(ctx, w, out); err != nil {
		return err
	}
	in := &entry{verb: verbIn, dims: w.To, quantity: w.Quantity, origin: out.id, secondary: w.Secondary}
	in.leg = 1
	return d.add(ctx, w, in)
}

func (d *deal) appendCount(ctx context.Context, w *Posting) error {
	var zero value.Decimal
	if w.Value == nil {
		return d.add(ctx, w, &entry{verb: verbCount, dims: w.Dims, asked: &w.Quantity, rate: w.Rate, askedSecondary: w.Secondary})
	}
	if err := d.add(ctx, w, &entry{verb: verbCount, dims: w.Dims, asked: &zero}); err != nil || w.Quantity.IsZero() {
		return err
	}
	e := &entry{verb: verbCount, dims: w.Dims, asked: &w.Quantity, given: w.Value, askedSecondary: w.Secondary}
	e.leg = 1
	return d.add(ctx, w, e)
}

func (d *deal) appendRevalue(ctx context.Context, w *Posting) error {
	if w.Of == "" {
		return d.add(ctx, w, &entry{verb: verbRevalue, dims: w.Dims, given: w.Value, rate: w.Rate})
	}
	rows, err := d.movedBy(ctx, w.Of, 1)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		d.list.Add("ledger.origin_unknown", w.Path, "ledger", d.l.Title)
		return nil
	}
	if !d.mayTouch(ctx, w.Day, rows[0].dims, w.Path) {
		return nil
	}
	return d.revalueRows(ctx, w, rows, *w.Value)
}
