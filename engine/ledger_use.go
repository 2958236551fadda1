package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"tenon/engine/compile"
	"tenon/engine/ledger"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// ledgerMeta is a ledger for those who may look into any of what it keeps.
type ledgerMeta struct {
	Name     string          `json:"name"`
	Title    metamodel.Label `json:"title"`
	Help     metamodel.Label `json:"help,omitempty"`
	Icon     string          `json:"icon,omitempty"`
	Entry    string          `json:"entry_entity,omitempty"`
	Balance  string          `json:"balance_entity,omitempty"`
	Cost     string          `json:"cost_entity,omitempty"`
	Counts   metamodel.Label `json:"secondary_quantity,omitempty"` // what it counts beside its quantity
	Closed   *string         `json:"closed_through"`               // the last day on which nothing can be posted any more
	MayClose bool            `json:"may_close"`
}

// Ledgers lists the ledgers of an app that the actor may look into.
func (e *Engine) Ledgers(ctx context.Context, c Call) (*Result, error) {
	list := []ledgerMeta{}
	for _, l := range c.Snap.App.Ledgers {
		if !c.knowsLedger(l) {
			continue
		}
		m, err := c.ledgerMeta(ctx, e.store.Reader(), l)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return e.json(nil, map[string]any{"ledgers": list})
}

// Ledger describes one ledger.
func (e *Engine) Ledger(ctx context.Context, c Call, name string) (*Result, error) {
	l, err := c.ledger(name)
	if err != nil {
		return nil, err
	}
	m, err := c.ledgerMeta(ctx, e.store.Reader(), l.Ledger)
	if err != nil {
		return nil, err
	}
	return e.json(nil, m)
}

// ledger finds a ledger that the actor may look into, or that he may close; for others it doesn't exist.
func (c Call) ledger(name string) (*compile.Ledger, error) {
	l := c.Snap.Ledger(name)
	if l == nil || !c.knowsLedger(l.Ledger) {
		return nil, diag.Refuse("ledger.not_found", "", "name", clip(name))
	}
	return l, nil
}

func (c Call) knowsLedger(l *metamodel.Ledger) bool {
	for _, kept := range l.Kept() {
		if c.knows(c.Snap.Of(kept)) {
			return true
		}
	}
	return c.builder() == nil
}

func (c Call) ledgerMeta(ctx context.Context, r *store.Reader, l *metamodel.Ledger) (ledgerMeta, error) {
	m := ledgerMeta{Name: l.Name, Title: l.Title, Help: l.Help, Icon: l.Icon, MayClose: c.builder() == nil}
	if l.Secondary != nil {
		m.Counts = l.SecondaryTitle()
	}
	for kept, into := range map[*metamodel.Entity]*string{l.Entry: &m.Entry, l.Balance: &m.Balance, l.Cost: &m.Cost} {
		if c.knows(c.Snap.Of(kept)) {
			*into = kept.Name
		}
	}
	through, closed, err := ledger.Locked(ctx, r, l)
	if err != nil {
		return m, fmt.Errorf("read the lock of %s: %w", l.Name, err)
	}
	if closed {
		day := through.String()
		m.Closed = &day
	}
	return m, nil
}

// LedgerLock closes a ledger up to a day, {"through": "2026-01-31"}, or opens it again: up to an earlier day, or with
// null altogether. Those who may release the app may do so; it is journalled.
func (e *Engine) LedgerLock(ctx context.Context, c Call, name string, body []byte) (*Result, error) {
	through, err := lockDay(body)
	return e.closing(ctx, c, name, err, func(ctx context.Context, w *writer, l *compile.Ledger) error {
		return w.lock(ctx, l.Ledger, through)
	})
}

// LedgerClose closes a ledger up to the end of a month, {"through": "2026-01-31"}: pools that are valued by month get
// their months' costs, and then nothing up to that day can be posted any more.
func (e *Engine) LedgerClose(ctx context.Context, c Call, name string, body []byte) (*Result, error) {
	through, err := lockDay(body)
	if err == nil && through == nil {
		err = wrongMember("/through", "through", "text")
	}
	return e.closing(ctx, c, name, err, func(ctx context.Context, w *writer, l *compile.Ledger) error {
		kept, err := ledger.Close(ctx, w.tx, l.Ledger, w.bookOptions(), *through, w.call.Actor.ID)
		if err != nil {
			return err
		}
		if err := w.derive(ctx, w.keptChanges(kept)...); err != nil {
			return err
		}
		entry := w.entry("ledger.close")
		entry.Data = fmt.Appendf(nil, `{"ledger":%q,"through":%q}`, l.Name, through.String())
		return w.tx.Journal(ctx, entry)
	})
}

// closing changes up to when a ledger is closed, and answers how it is then. bad is what is wrong with the request: who
// may not close the ledger isn't told.
func (e *Engine) closing(ctx context.Context, c Call, name string, bad error, do func(context.Context, *writer, *compile.Ledger) error) (*Result, error) {
	if _, err := c.ledger(name); err != nil {
		return nil, err
	}
	if err := c.builder(); err != nil {
		return nil, err
	}
	if bad != nil {
		return nil, bad
	}
	var m ledgerMeta
	err := e.write(ctx, c, claim{ledgers: true}, func(ctx context.Context, w *writer) error {
		l, err := w.call.ledger(name) // of the Snapshot at hand
		if err != nil {
			return err
		}
		if err := do(ctx, w, l); err != nil {
			return err
		}
		m, err = w.call.ledgerMeta(ctx, &w.tx.Reader, l.Ledger)
		return err
	})
	if err != nil {
		return nil, err
	}
	return e.json(nil, m)
}

// lockDay reads the day of a lock; nil opens the ledger.
func lockDay(body []byte) (*value.Date, error) {
	v, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	if err := v.only("", "through").Err(); err != nil {
		return nil, err
	}
	t := v.get("through")
	switch {
	case t != nil && t.kind == jsonNull:
		return nil, nil
	case t == nil || t.kind != jsonString:
		return nil, wrongMember("/through", "through", "text")
	}
	day, err := value.ParseDate(t.text)
	if err != nil {
		return nil, diag.Refuse("ledger.day_malformed", "/through", "value", clip(t.text))
	}
	return &day, nil
}

// lock closes or opens a ledger and notes who did so, and how it was before.
func (w *writer) lock(ctx context.Context, l *metamodel.Ledger, through *value.Date) error {
	was, closed, err := ledger.Locked(ctx, &w.tx.Reader, l)
	if err != nil {
		return fmt.Errorf("read the lock of %s: %w", l.Name, err)
	}
	data := map[string]any{"ledger": l.Name, "through": through, "was": nil}
	if closed {
		data["was"] = was.String()
	}
	if through != nil {
		data["through"] = through.String()
	}
	if through == nil || closed && *through < was {
		err = w.reopen(ctx, l, through)
	} else {
		err = ledger.Lock(ctx, w.tx, l, *through, w.call.Actor.ID)
	}
	if err != nil {
		return fmt.Errorf("lock %s: %w", l.Name, err)
	}
	entry := w.entry("ledger.lock")
	if entry.Data, err = json.Marshal(data); err != nil {
		return fmt.Errorf("write the journal's entry: %w", err)
	}
	return w.tx.Journal(ctx, entry)
}

// reopen opens months again, with what that changes in the books.
func (w *writer) reopen(ctx context.Context, l *metamodel.Ledger, through *value.Date) error {
	kept, err := ledger.Reopen(ctx, w.tx, l, w.bookOptions(), through, w.call.Actor.ID)
	if err != nil {
		return err
	}
	return w.derive(ctx, w.keptChanges(kept)...)
}

// LedgerVerify proves a ledger from its entries: {"sample": 100} is how many cost pools are proven, all when absent.
// It tells what is in the books of everybody, so that it is for those who may release the app.
func (e *Engine) LedgerVerify(ctx context.Context, c Call, name string, body []byte) (*Result, error) {
	l, err := c.ledger(name)
	if err != nil {
		return nil, err
	}
	if err := c.builder(); err != nil {
		return nil, err
	}
	sample, err := sampleSize(body)
	if err != nil {
		return nil, err
	}
	found, err := e.verifyLedger(ctx, c, l, sample)
	if err != nil {
		return nil, err
	}
	type difference struct {
		Law    string `json:"law"`
		Key    string `json:"key"`
		Entry  string `json:"entry,omitempty"`
		Field  string `json:"field"`
		Stored string `json:"stored"`
		Right  string `json:"right"`
	}
	list := []difference{}
	for _, d := range found[:min(len(found), maxDifferences)] {
		list = append(list, difference{d.Law, d.Key, d.Entry, d.Field, d.Stored, d.Right})
	}
	return e.json(nil, map[string]any{"ledger": l.Name, "whole": len(found) == 0, "count": len(found), "differences": list})
}

func (e *Engine) verifyLedger(ctx context.Context, c Call, l *compile.Ledger, sample int) ([]ledger.Difference, error) {
	asker := func() *writer { // each key has the means of a request
		c.Budget = expr.NewBudget(expr.RequestBudget)
		return &writer{world: e.newWorld(c, e.store.Reader()), engine: e}
	}
	o := ledger.Options{
		App: c.Snap.App, NewID: e.newID, Now: c.Now, Today: value.DateOf(c.Now, c.Snap.Zone),
		Policies: func(ctx context.Context, l *metamodel.Ledger, dims []any) (ledger.Policies, error) {
			return asker().policies(ctx, l, dims, map[*compile.Program]any{})
		},
	}
	var found []ledger.Difference
	err := e.store.Snapshot(ctx, func(ctx context.Context, r *store.Reader) (err error) { // people go on posting meanwhile
		found, err = ledger.Verify(ctx, r, l.Ledger, o, sample)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("verify the ledger %s: %w", l.Name, err)
	}
	return found, nil
}
