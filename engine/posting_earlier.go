package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"tenon/engine/ledger"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// What documents have posted by a rule that a release has changed or taken away since stays a fact, where whoever released
// chose so or its period is closed. It is noted, and each proof tells how many documents would post otherwise today: that
// is no difference, and nothing to be silent about.

// earlier is a posting by whose earlier rule documents may still have entries.
type earlier struct {
	Posting metamodel.ID `json:"posting"`
	Name    string       `json:"name"`
	Entity  metamodel.ID `json:"entity"`
	Ledger  string       `json:"ledger"`
	Change  string       `json:"change"` // changed, removed
	Since   string       `json:"since"`
}

// PostedEarlier is how many documents have entries by the earlier rule of a posting.
type PostedEarlier struct {
	Entity    string `json:"entity"`
	Posting   string `json:"posting"`
	Ledger    string `json:"ledger"`
	Change    string `json:"change"`
	Since     string `json:"since"`
	Documents int    `json:"documents"`
}

// maxEarlier is how many postings are noted, the newest.
const maxEarlier = 1_000

func earlierSetting(app string) string { return "posted_earlier." + app }

func readEarlier(ctx context.Context, r *store.Reader, app string) ([]earlier, error) {
	text, err := r.Setting(ctx, earlierSetting(app))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what is posted by earlier rules: %w", err)
	}
	var out []earlier
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return nil, fmt.Errorf("read what is posted by earlier rules: %w", err)
	}
	return out, nil
}

// noteEarlier replaces what is noted of some postings.
func noteEarlier(ctx context.Context, tx *store.Tx, app string, of []metamodel.ID, by []earlier) error {
	list, err := readEarlier(ctx, &tx.Reader, app)
	if err != nil {
		return err
	}
	if len(list)+len(by) == 0 {
		return nil
	}
	list = slices.DeleteFunc(list, func(x earlier) bool { return slices.Contains(of, x.Posting) })
	list = append(list, by...)
	text, err := json.Marshal(list[max(0, len(list)-maxEarlier):])
	if err != nil {
		return fmt.Errorf("write what is posted by earlier rules: %w", err)
	}
	return tx.PutSetting(ctx, earlierSetting(app), string(text))
}

// postedEarlier tells, for a proof, what documents have posted by earlier rules.
func (e *Engine) postedEarlier(ctx context.Context, c Call) ([]PostedEarlier, error) {
	out := []PostedEarlier{}
	list, err := readEarlier(ctx, e.store.Reader(), c.Snap.App.Name)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		var n int
		err := e.store.Snapshot(ctx, func(ctx context.Context, r *store.Reader) (err error) {
			l := &looker{w: &writer{world: e.newWorld(c, r), engine: e}, read: r}
			n, err = l.earlier(ctx, x)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("look at what %s has posted: %w", x.Name, err)
		}
		if ent := c.Snap.EntityByID(x.Entity); n > 0 && ent != nil {
			out = append(out, PostedEarlier{ent.Name, x.Name, x.Ledger, x.Change, x.Since, n})
		}
	}
	return out, nil
}

// earlier counts the documents that would post otherwise today.
func (l *looker) earlier(ctx context.Context, x earlier) (int, error) {
	e := l.w.call.Snap.EntityByID(x.Entity)
	if e == nil {
		return 0, nil
	}
	n, at := 0, (*postAt)(nil)
	p := &postedAnew{ID: x.Posting}
	for more := true; more; {
		var docs []value.Row
		var err error
		if docs, more, err = l.w.documentsAfter(ctx, e, nil, at); err != nil {
			return 0, err
		}
		differ, err := l.differ(ctx, p, e, docs)
		if err != nil {
			return 0, err
		}
		if n += differ; len(docs) > 0 {
			at = postPlace(docs[len(docs)-1], nil)
		}
		clear(l.w.rows)
	}
	return n, nil
}

// openBookOld opens the ledgers for documents that are there already.
func (w *writer) openBookOld(together bool) *ledger.Book {
	o := w.bookOptions()
	o.Old, o.Together = true, together
	return w.opens(ledger.Open(w.tx, o))
}
