package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/ledger"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// maxHeld bounds how many new records wait to be written together, their lines counted.
const maxHeld = 10_000

// held are new records of an import that wait to be written together, since a statement costs more than a row of it.
// Whoever reads within the transaction finds them written: they are written before anything is read.
type held struct {
	w      *writer
	drafts []*draft
	rows   int          // of drafts and of their lines
	book   *ledger.Book // what they post, nil for nothing
	late   []*late      // those of which postings wait
	// together has them post once they are all known, so that what the ledgers have of them is read at once; wants is what,
	// by record.
	together bool
	wants    map[*draft][]ledger.Posting
	// at are records that this transaction has locked and brought up to date, as their tables hold them: the next of those
	// that wait need not read them again.
	at map[recordKey]value.Row
	// stirs are the fields that change with the records that wait; reads tells of programs whether they read one of them.
	stirs map[*metamodel.Field]bool
	of    *compile.Entity
	reads map[*compile.Program]bool
	err   error // why they could not be written: then nothing of the transaction counts
}

// hold lets a writer write new records together. The last of them are written by flush. When they post together, a record
// that a ledger refuses ends all of them with errPostOnce.
func (w *writer) hold(together bool) {
	w.held = &held{w: w, at: map[recordKey]value.Row{}, reads: map[*compile.Program]bool{}, together: together, wants: map[*draft][]ledger.Posting{}}
	w.ready = w.held.ready
	w.read = heldReader{w.tx, w.held}
}

// add puts a record that has passed all checks to those that wait.
func (h *held) add(ctx context.Context, d *draft) error {
	if h.rows >= maxHeld || len(h.drafts) > 0 && h.drafts[0].entity != d.entity {
		if err := h.flush(ctx); err != nil {
			return err
		}
	}
	h.drafts, h.rows = append(h.drafts, d), h.rows+1
	for _, l := range d.entity.Lines {
		h.rows += len(d.lines(l.Field))
	}
	return h.err
}

// ready writes what waits before a program is evaluated that reads something which follows from it.
func (h *held) ready(ctx context.Context, p *compile.Program) error {
	if len(h.drafts) == 0 {
		return nil
	}
	if e := h.drafts[0].entity; h.of != e {
		h.of, h.stirs = e, h.w.call.Snap.Stirred(e)
		clear(h.reads)
	}
	reads, known := h.reads[p]
	if !known {
		reads = slices.ContainsFunc(compile.ReadElsewhere(p), func(f *metamodel.Field) bool { return h.stirs[f] })
		h.reads[p] = reads
	}
	if !reads {
		return nil
	}
	return h.flush(ctx)
}

// known is a record that the transaction has brought up to date; nil where it is to be read. Nothing is known where
// nothing is held.
func (h *held) known(key recordKey) value.Row {
	if h == nil {
		return nil
	}
	return h.at[key]
}

// note keeps records that were brought up to date, and forgets those that were written.
func (h *held) note(of []*kept) {
	if h == nil {
		return
	}
	if len(h.at) > maxRemembered {
		clear(h.at)
	}
	for _, k := range of {
		if key := (recordKey{k.entity.ID, k.id}); k.derived {
			h.at[key] = k.stored
		} else {
			delete(h.at, key)
		}
	}
}

// flush writes what waits. Nothing waits where nothing is held.
func (h *held) flush(ctx context.Context) error {
	if h == nil {
		return nil
	}
	if h.err == nil && len(h.drafts) > 0 {
		h.err = h.write(ctx)
	}
	return h.err
}

// write writes what waits, with what becomes known of it. When the database refuses one of the records, which one is
// found by writing them one by one.
func (h *held) write(ctx context.Context) error {
	drafts := h.drafts
	h.drafts, h.rows = nil, 0
	rows := make([]value.Row, len(drafts))
	for i, d := range drafts {
		rows[i] = d.after
	}
	if err := h.postTogether(ctx, drafts); err != nil {
		return err
	}
	err := h.w.tx.Insert(ctx, drafts[0].entity.Entity, rows...)
	var unique *store.UniqueError
	if errors.As(err, &unique) {
		return errCareful
	}
	if err == nil {
		err = h.entail(ctx, drafts)
	}
	for i := 0; err == nil && i < len(drafts); i++ {
		err = h.w.record(ctx, drafts[i], "create")
	}
	return err
}

// post notes what a new record posts, so that it is refused by itself where a ledger can't take it.
func (h *held) post(ctx context.Context, d *draft) error {
	if len(d.entity.Postings) == 0 {
		return nil
	}
	book := h.ledgers()
	if !h.together {
		if err := h.w.postTo(ctx, book, d); err != nil {
			return err
		}
	} else if want, err := h.w.wantedNow(ctx, d); err != nil {
		return err
	} else if len(want) > 0 {
		h.wants[d] = want
	}
	h.late = append(h.late, d.postLater()...)
	return nil
}

// ledgers are those to which the transaction posts: what is held, and what follows from it, in one book.
func (h *held) ledgers() *ledger.Book {
	if h.book == nil {
		h.book = h.w.openBook()
	}
	return h.book
}

// postTogether posts what records that are about to be written want to have posted.
func (h *held) postTogether(ctx context.Context, drafts []*draft) error {
	wants := make([][]ledger.Posting, 0, len(h.wants))
	for _, d := range drafts {
		if want := h.wants[d]; want != nil {
			wants = append(wants, want)
		}
	}
	for part := range slices.Chunk(wants, maxSelectIDs) {
		if err := h.book.Prefetch(ctx, part...); err != nil {
			return fmt.Errorf("read what ledgers have: %w", err)
		}
	}
	for _, d := range drafts {
		want := h.wants[d]
		if want == nil {
			continue
		}
		delete(h.wants, d)
		err := h.w.postWanted(ctx, h.book, d, want)
		if _, told := asProblem(err); told {
			return errPostOnce
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// entail writes what records that were written together post, and what others keep of them. What is refused for all of
// them together is found at one of them by writing them one by one.
func (h *held) entail(ctx context.Context, drafts []*draft) error {
	var changes []change
	if h.book != nil {
		posted, err := h.w.close(ctx, h.book)
		if _, told := asProblem(err); told {
			return errCareful
		}
		if err != nil {
			return err
		}
		changes = posted
	}
	for _, d := range drafts {
		changes = append(changes, change{d.entity, nil, d.after})
	}
	h.w.late, h.late = h.late, nil
	err := h.w.derive(ctx, changes...)
	if err == nil {
		_, err = h.w.promised(ctx)
	}
	if _, told := asProblem(err); told {
		return errCareful
	}
	return err
}

// heldReader writes what waits before it reads.
type heldReader struct {
	*store.Tx
	held *held
}

func (r heldReader) Select(ctx context.Context, q *query.Select, env *query.Env) (*query.Page, error) {
	if err := r.held.flush(ctx); err != nil {
		return nil, err
	}
	return r.Tx.Select(ctx, q, env)
}

func (r heldReader) Lookup(ctx context.Context, q *expr.Query, params []any, env *query.Env) (any, error) {
	if err := r.held.flush(ctx); err != nil {
		return nil, err
	}
	return r.Tx.Lookup(ctx, q, params, env)
}

func (r heldReader) Lines(ctx context.Context, f *metamodel.Field, parents []string) (map[string][]value.Row, error) {
	if err := r.held.flush(ctx); err != nil {
		return nil, err
	}
	return r.Tx.Lines(ctx, f, parents)
}
