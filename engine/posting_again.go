package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tenon/engine/ledger"
	"tenon/metamodel"
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

// postAgain brings up what records have posted whose kept values changed, and what follows from it.
func (d *derivation) postAgain(ctx context.Context) error {
	var of []*kept
	for k := range d.again {
		if there(k.now) != nil {
			of = append(of, k)
		}
	}
	if len(of) == 0 {
		return nil
	}
	slices.SortFunc(of, func(a, b *kept) int {
		return strings.Compare(string(a.entity.ID)+a.id, string(b.entity.ID)+b.id)
	})
	b := d.w.bookAgain()
	for _, k := range of {
		if err := d.w.postSome(ctx, b, k, d.again[k]); err != nil {
			return d.because(err, k)
		}
	}
	changes, err := d.w.close(ctx, b)
	if err != nil || len(changes) == 0 {
		return err
	}
	return d.w.deriveAll(ctx, changes)
}

// bookAgain is the book in which a write posts once more: the one that it has posted to knows what it has read and
// written.
func (w *writer) bookAgain() *ledger.Book {
	if w.held != nil && w.held.book != nil {
		return w.held.book
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
	list, err = b.PostChange(ctx, ledger.Source{Entity: k.entity.Name, Record: k.id}, some, want, w.wantedBefore(d, some))
	if err != nil {
		return fmt.Errorf("post to ledgers again: %w", err)
	}
	for i := range list {
		list[i].Args = w.localized(list[i].Args)
	}
	return list.Err()
}
