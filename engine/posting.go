package engine

import (
	"context"
	"fmt"

	"tenon/engine/compile"
	"tenon/engine/ledger"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// claim is what a write needs for itself.
type claim struct {
	serializable bool // rules of it look at other records
	ledgers      bool // it may post to ledgers
}

// claimOf is what a write of an entity's record needs; one that deletes may take others with it.
func (c Call) claimOf(e *compile.Entity, deletes bool) claim {
	return claim{serializable: e.Serializable, ledgers: len(e.Postings) > 0 || e.Posts || deletes && len(c.Snap.App.Ledgers) > 0}
}

// openBook opens the ledgers for the transaction at hand.
func (w *writer) openBook() *ledger.Book {
	keys := w
	if w.held != nil { // what is held must not be written in the middle of a posting
		keys = &writer{world: w.engine.newWorld(w.call, w.tx), engine: w.engine, tx: w.tx}
	}
	return w.opens(ledger.Open(w.tx, keys.bookOptions()))
}

// opens notes a book that is opened, to be judged once all is posted.
func (w *writer) opens(b *ledger.Book) *ledger.Book {
	w.opened = append(w.opened, b)
	return b
}

// promised judges what is reserved, of all that was posted: what is refused, and what is warned of.
func (w *writer) promised(ctx context.Context) (diag.List, error) {
	var warned diag.List
	for _, b := range w.opened {
		list, err := b.Promised(ctx)
		if err != nil {
			p, told := asProblem(err)
			if !told {
				return nil, fmt.Errorf("judge what is reserved: %w", err)
			}
			return nil, &diag.Problem{List: w.localizedAll(p.List)}
		}
		warned = append(warned, w.localizedAll(list)...)
	}
	if w.held == nil { // what is held goes on in the same book
		w.opened = w.opened[:0]
	}
	return warned, nil
}

func (w *world) localizedAll(list diag.List) diag.List {
	for i := range list {
		list[i].Args = w.localized(list[i].Args)
	}
	return list
}

// bookOptions is what the ledgers need to know of the app.
func (w *writer) bookOptions() ledger.Options {
	general := map[*compile.Program]any{}
	return ledger.Options{
		App: w.call.Snap.App, NewID: w.engine.newID, Now: w.call.Now, Today: value.DateOf(w.call.Now, w.env.Zone),
		Bound: w.engine.ledgerBound, Describe: w.describeKey,
		Policies: func(ctx context.Context, l *metamodel.Ledger, dims []any) (ledger.Policies, error) {
			return w.policies(ctx, l, dims, general)
		},
	}
}

// post brings the ledgers to what a written record wants to have posted, and answers what changed in them.
func (w *writer) post(ctx context.Context, d *draft) ([]change, error) {
	if len(d.entity.Postings) == 0 && (!d.deleted() || len(w.call.Snap.App.Ledgers) == 0) {
		return nil, nil // what an earlier release has had it post goes with the document
	}
	if w.held == nil {
		w.book = w.openBook()
	} else {
		w.book = w.held.ledgers()
	}
	if err := w.postTo(ctx, w.book, d); err != nil {
		return nil, err
	}
	changes, err := w.close(ctx, w.book)
	if err == nil {
		w.late = d.postLater()
	}
	return changes, err
}

// close writes what was posted.
func (w *writer) close(ctx context.Context, b *ledger.Book) ([]change, error) {
	kept, err := b.Flush(ctx)
	if err != nil {
		return nil, err
	}
	return w.keptChanges(kept), nil
}

// keptChanges is what the ledgers changed, for those who keep something of it.
func (w *writer) keptChanges(kept []ledger.Change) []change {
	changes := make([]change, len(kept))
	for i, k := range kept {
		changes[i] = change{w.call.Snap.Of(k.Entity), k.Before, k.After}
		w.forget(changes[i].entity)
		if l := k.Entity.Kept; k.Entity == l.Cost && k.After[l.Cost.Field("provisional").Slot] == true {
			w.engine.valuing(w.call.Snap.App.Name, l.ID, true)
		}
	}
	return changes
}

// postTo hands to a book what a record wants to have posted, but for what is judged later; nothing when the record is deleted.
func (w *writer) postTo(ctx context.Context, b *ledger.Book, d *draft) error {
	want, err := w.wantedNow(ctx, d)
	if err != nil {
		return err
	}
	return w.postWanted(ctx, b, d, want)
}

// wantedNow is what a record wants to have posted but for what is judged later; what can't be worked out refuses it.
func (w *writer) wantedNow(ctx context.Context, d *draft) ([]ledger.Posting, error) {
	want, list, err := w.wanted(ctx, d, d.entity.AtOnce)
	if err == nil {
		err = list.Err()
	}
	return want, err
}

// postWanted hands to a book what a record wants to have posted as it is now.
func (w *writer) postWanted(ctx context.Context, b *ledger.Book, d *draft, want []ledger.Posting) (err error) {
	var list diag.List
	doc := ledger.Source{Entity: d.entity.Name, Record: d.after[metamodel.SlotID].(string)}
	switch {
	case d.deleted():
		list, err = b.Post(ctx, doc, want)
	case d.before != nil:
		list, err = b.PostChange(ctx, doc, ledger.Which{But: d.entity.Deferred}, want, w.wantedBefore(d, d.entity.AtOnce))
	case len(want) > 0:
		list, err = b.PostNew(ctx, doc, want)
	}
	if err != nil {
		return fmt.Errorf("post to ledgers: %w", err)
	}
	return w.tellPosted(d, list)
}

// wantedBefore is what a record that is changed wanted to have posted before, by the postings of today.
func (w *writer) wantedBefore(d *draft, some map[metamodel.ID]bool) ledger.Before {
	return func(ctx context.Context) ([]ledger.Posting, error) {
		if d.before == nil {
			return nil, nil
		}
		want, list, err := w.wanted(ctx, &draft{entity: d.entity, after: d.before}, some)
		if list.HasErrors() { // then it is not what it is now, which has none
			return nil, err
		}
		return want, err
	}
}

// localized writes labels among a diagnostic's arguments in the caller's language.
func (w *world) localized(args map[string]any) map[string]any {
	for k, v := range args {
		if label, ok := v.(metamodel.Label); ok {
			args[k] = label.In(w.call.Locale)
		}
	}
	return args
}

// wanted evaluates the postings of a record's entity over it: some of them, nil is all.
func (w *writer) wanted(ctx context.Context, d *draft, some map[metamodel.ID]bool) ([]ledger.Posting, diag.List, error) {
	var want []ledger.Posting
	var list diag.List
	if d.deleted() {
		return nil, nil, nil
	}
	for _, p := range d.entity.Postings {
		if some != nil && !some[p.ID] {
			continue
		}
		rows, doc := rowsOf(p.Each, d.after)
		of, hops := d.entity, p.Hops
		if p.Each != nil {
			of = d.entity.LinesOf(p.Each).Entity
			hops = withoutParent(hops, of.Entity)
			if err := w.prefetch(ctx, hops, d.entity.Entity, []value.Row{doc}); err != nil {
				return nil, nil, err
			}
		} else {
			doc = nil
		}
		if err := w.prefetch(ctx, hops, of.Entity, rows); err != nil {
			return nil, nil, err
		}
		for i, row := range rows {
			at := &postingRow{w: w, posting: p, entity: of, row: row, doc: doc, path: d.path}
			if p.Each != nil {
				at.path = diag.Pointer(d.path, p.Each.Name, i)
			}
			want1, ok, err := at.evaluate(ctx)
			if err != nil {
				return nil, nil, err
			}
			list = append(list, at.list...)
			if !ok || at.list.HasErrors() {
				continue
			}
			want1.Source = ledger.Source{Entity: d.entity.Name, Record: d.after[metamodel.SlotID].(string), Line: row[metamodel.SlotID].(string), Posting: p.ID}
			want1.Code = w.documentName(d)
			want = append(want, want1)
		}
	}
	return want, list, nil
}

// documentName is what people call a document: its display field, else its id.
func (w *writer) documentName(d *draft) string {
	if f := d.entity.Display; f != nil && f.Kind.IsText() {
		if s, ok := d.after[f.Slot].(string); ok {
			return s
		}
	}
	return d.after[metamodel.SlotID].(string)
}

// postingRow is a row on its way into a ledger.
type postingRow struct {
	w        *writer
	posting  *compile.Posting
	entity   *compile.Entity
	row, doc value.Row
	path     string
	list     diag.List
}

// evaluate works out what the row wants to have posted; false where it wants nothing.
func (r *postingRow) evaluate(ctx context.Context) (ledger.Posting, bool, error) {
	p := r.posting
	out := ledger.Posting{Ledger: p.Ledger.Ledger, Path: r.path, Verb: p.Verb}
	if p.When != nil {
		act := r.w.activation(ctx, r.row)
		act.Parent = r.doc
		ok, err := r.w.holds(ctx, r.entity, p.When, act)
		if err != nil {
			return out, false, r.told(err, "when")
		}
		if !ok {
			return out, false, nil
		}
	}
	day, err := r.value(ctx, p.Day, "day")
	if err != nil {
		return out, false, err
	}
	if out.Day, _ = day.(value.Date); day == nil {
		r.missing("day")
	}
	if err := r.dimensions(ctx, &out); err != nil {
		return out, false, err
	}
	if err := r.amounts(ctx, &out); err != nil {
		return out, false, err
	}
	if err := r.worth(ctx, &out); err != nil {
		return out, false, err
	}
	return out, true, nil
}

// amounts evaluates how much moves.
func (r *postingRow) amounts(ctx context.Context, out *ledger.Posting) error {
	p := r.posting
	q, err := r.number(ctx, p.Quantity, "quantity")
	switch {
	case err != nil:
		return err
	case q != nil:
		out.Quantity = *q
		if l := p.Ledger.Quantity; l != nil {
			if out.Quantity, err = q.Round(int32(l.Scale)); err != nil {
				return fmt.Errorf("round a quantity: %w", err)
			}
		}
	case p.Quantity != nil:
		r.missing("quantity")
	}
	second, err := r.number(ctx, p.Secondary, "secondary-quantity")
	if err != nil || second == nil {
		return err
	}
	rounded, err := second.Round(int32(p.Ledger.Secondary.Scale))
	if err != nil {
		return fmt.Errorf("round a secondary quantity: %w", err)
	}
	out.Secondary = &rounded
	return nil
}

// worth evaluates what a row's goods are worth, and what that follows.
func (r *postingRow) worth(ctx context.Context, out *ledger.Posting) (err error) {
	p := r.posting
	if out.Value, err = r.number(ctx, p.Value, "value"); err != nil {
		return err
	}
	if l := p.Ledger.Value; l != nil && out.Value != nil {
		rounded, err := out.Value.Round(int32(l.Scale))
		if err != nil {
			return fmt.Errorf("round a value: %w", err)
		}
		out.Value = &rounded
	}
	if out.Rate, err = r.number(ctx, p.Rate, "rate"); err != nil {
		return err
	}
	if out.Share, err = r.number(ctx, p.Share, "share"); err != nil {
		return err
	}
	if p.From != nil && p.Share == nil {
		out.Share = &out.Quantity
	}
	of, err := r.value(ctx, p.Of, "of")
	if err != nil {
		return err
	}
	out.Of, _ = of.(string)
	if p.From != nil {
		out.From = p.From.ID
	}
	return nil
}

// dimensions evaluates where a row posts, and where it goes to.
func (r *postingRow) dimensions(ctx context.Context, out *ledger.Posting) (err error) {
	p := r.posting
	n := len(p.Ledger.Dimensions)
	dims := make([]any, n)
	given := false
	for i, program := range p.Dimensions {
		if dims[i], err = r.value(ctx, program, p.Ledger.Dimensions[i].Name); err != nil {
			return err
		}
		given = given || program != nil
	}
	if given {
		out.Dims = dims
	}
	if p.Verb != metamodel.PostTransfer {
		return nil
	}
	out.To = make([]any, n)
	for i, program := range p.To {
		if program == nil { // stays as it was
			out.To[i] = dims[i]
			continue
		}
		if out.To[i], err = r.value(ctx, program, p.Ledger.Dimensions[i].Name); err != nil {
			return err
		}
	}
	return nil
}

// value evaluates one program; null where there is none. A text of nothing is null.
func (r *postingRow) value(ctx context.Context, p *compile.Program, what string) (any, error) {
	if p == nil {
		return nil, nil
	}
	act := r.w.activation(ctx, r.row)
	act.Parent = r.doc
	v, err := r.w.eval(ctx, r.entity, p, act)
	switch {
	case isNull(err):
		return nil, nil
	case err != nil:
		return nil, r.told(err, what)
	case v == "":
		return nil, nil
	}
	return v, nil
}

func (r *postingRow) number(ctx context.Context, p *compile.Program, what string) (*value.Decimal, error) {
	v, err := r.value(ctx, p, what)
	switch v := v.(type) {
	case int64:
		d := value.NewDecimal(v, 0)
		return &d, err
	case value.Decimal:
		return &v, err
	}
	return nil, err
}

// told turns what an evaluation says into a diagnostic at the row.
func (r *postingRow) told(err error, what string) error {
	p, told := evalProblem(err, "posting.compute_failed", r.path, r.w.call.Locale, "posting", r.name(), "part", what)
	if !told {
		return err
	}
	r.list = append(r.list, p)
	return nil
}

func (r *postingRow) missing(what string) {
	r.list.Add("posting.part_missing", r.path, "posting", r.name(), "part", what, "ledger", r.posting.Ledger.Title.In(r.w.call.Locale))
}

func (r *postingRow) name() string {
	if s := r.posting.Title.In(r.w.call.Locale); s != "" {
		return s
	}
	return r.posting.Name
}
