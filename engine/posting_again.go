package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tenon/engine/ledger"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// A posting reads its document and the lines. When a kept value that it reads changes without anybody having written the
// document, what it has posted is brought up in the same transaction. It ends, since no posting changes what it is
// judged by: a circle is refused when the app is checked.

// judgeAgain notes the postings of a record that read a field which has changed by itself.
func (d *derivation) judgeAgain(k *kept, f *metamodel.Field) {
	for _, p := range k.entity.Reposts[f] {
		if d.again[k] == nil {
			d.again[k] = map[metamodel.ID]bool{}
		}
		d.again[k][p.ID] = true
	}
}

// late is a document of which some postings wait: they read what follows from its being written, or from what the others
// post, and are judged once that is there, so that what they post is right from the start.
type late struct {
	*draft
	row   value.Row // as it is now
	round int       // the next of its entity's
}

// postLater notes the postings of a document that wait until what they read is there.
func (d *draft) postLater() []*late {
	if len(d.entity.Later) == 0 || d.deleted() {
		return nil
	}
	return []*late{{draft: d, row: d.after}}
}

// postAgain brings up what documents have posted by postings that have waited, and what records have whose kept values
// changed, and what follows from it.
func (d *derivation) postAgain(ctx context.Context, waiting []*late) error {
	for _, l := range waiting {
		d.await(l)
	}
	of := d.changedPostings()
	if len(of)+len(waiting) == 0 {
		return nil
	}
	b := d.w.bookAgain()
	var next []*late
	for _, l := range waiting {
		if err := d.w.postLate(ctx, b, l); err != nil {
			return err
		}
		if l.round++; l.round < len(l.entity.Later) {
			next = append(next, l)
		}
	}
	for _, k := range of {
		if err := d.w.postSome(ctx, b, k, d.again[k]); err != nil {
			return d.because(err, k)
		}
	}
	changes, err := d.w.close(ctx, b)
	if err != nil || len(changes)+len(next) == 0 {
		return err
	}
	return d.w.deriveAll(ctx, changes, next)
}

// await takes the values that a document has come to keep for those of its postings that wait; they are not judged besides.
func (d *derivation) await(l *late) {
	k := d.records[recordKey{l.entity.ID, l.row[metamodel.SlotID].(string)}]
	if k == nil {
		return
	}
	l.row = k.now
	for _, round := range l.entity.Later[l.round:] {
		maps.DeleteFunc(d.again[k], func(id metamodel.ID, _ bool) bool { return round[id] })
	}
}

// changedPostings lists the records of which postings are to be judged again, in one order for all.
func (d *derivation) changedPostings() []*kept {
	var of []*kept
	for k, postings := range d.again {
		if there(k.now) != nil && len(postings) > 0 {
			of = append(of, k)
		}
	}
	slices.SortFunc(of, func(a, b *kept) int {
		return strings.Compare(string(a.entity.ID)+a.id, string(b.entity.ID)+b.id)
	})
	return of
}

// postLate hands to a book what a document wants to have posted by the postings of its next round.
func (w *writer) postLate(ctx context.Context, b *ledger.Book, l *late) error {
	some := l.entity.Later[l.round]
	want, list, err := w.wanted(ctx, &draft{entity: l.entity, before: l.before, after: l.row, path: l.path}, some)
	if err != nil {
		return err
	}
	if list.HasErrors() {
		return list.Err()
	}
	list = nil
	doc := ledger.Source{Entity: l.entity.Name, Record: l.row[metamodel.SlotID].(string)}
	switch {
	case l.before != nil:
		list, err = b.PostChange(ctx, doc, ledger.Which{Only: some}, want, w.wantedBefore(l.draft, some))
	case len(want) > 0:
		list, err = b.PostNew(ctx, doc, want)
	}
	if err != nil {
		return fmt.Errorf("post to ledgers: %w", err)
	}
	return w.tellPosted(l.draft, list)
}

// tellPosted adds to a document's answer what the ledgers say of it.
func (w *writer) tellPosted(d *draft, list diag.List) error {
	d.list = append(d.list, w.localizedAll(list)...)
	if list.HasErrors() {
		return list.Err()
	}
	return nil
}

// bookAgain is the book in which a write posts once more: the one that it has posted to knows what it has read and
// written.
func (w *writer) bookAgain() *ledger.Book {
	if w.held != nil {
		return w.held.ledgers()
	}
	if w.book == nil {
		w.book = w.openBook()
	}
	return w.book
}

// postSome hands to a book what some postings of a record want to have posted.
func (w *writer) postSome(ctx context.Context, b *ledger.Book, k *kept, some map[metamodel.ID]bool) error {
	d := &draft{entity: k.entity, before: k.before, after: k.now}
	want, list, err := w.wanted(ctx, d, some)
	if err != nil {
		return err
	}
	if list.HasErrors() {
		return list.Err()
	}
	for i := range want {
		want[i].Path = "" // it stands in no request
	}
	list, err = b.PostChange(ctx, ledger.Source{Entity: k.entity.Name, Record: k.id}, ledger.Which{Only: some}, want, w.wantedBefore(d, some))
	if err != nil {
		return fmt.Errorf("post to ledgers again: %w", err)
	}
	for i := range list {
		list[i].Args = w.localized(list[i].Args)
	}
	return list.Err()
}
