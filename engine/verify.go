package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"tenon/engine/ledger"
	"tenon/engine/store"
	"tenon/metamodel/expr"
)

// maxDifferences bounds how many differences a proof lists.
const maxDifferences = 100

// Difference is a value that is kept and is not what it is when it is worked out again.
type Difference struct {
	What       string `json:"what"`           // ledger, rollup, formula, aggregate
	Name       string `json:"name"`           // of the ledger, the field with its entity, the card with its view
	Law        string `json:"law,omitempty"`  // ledger: what doesn't hold
	Entity     string `json:"entity"`         // whose record keeps it
	Record     string `json:"record"`         // its id; of a ledger's balance or pool and of a group, its key
	Line       string `json:"line,omitempty"` // the id of the line that keeps it
	Field      string `json:"field"`
	Stored     string `json:"stored"`
	Recomputed string `json:"recomputed"`
}

func (d *Difference) String() string {
	at := d.Record
	if d.Line != "" {
		at += " " + d.Line
	}
	return fmt.Sprintf("%s %s: %s of %s %s is %s, should be %s", d.What, d.Name, d.Field, d.Entity, at, said(d.Stored), said(d.Recomputed))
}

func said(text string) string {
	if text == "" {
		return "null"
	}
	return text
}

// Checked is how much was worked out again: ledgers, values of roll-ups and of stored formulas, groups of aggregates.
type Checked struct {
	Ledgers    int `json:"ledgers"`
	Rollups    int `json:"rollups"`
	Formulas   int `json:"formulas"`
	Aggregates int `json:"aggregates"`
}

// Verification is a proof of what an app keeps.
type Verification struct {
	Checked     Checked      `json:"checked"`
	Differences []Difference `json:"differences"`
	Truncated   bool         `json:"truncated"` // there are more differences than these
	// Earlier is what stays posted by a rule that a release has changed or taken away since, or stays out of closed periods since
	// a release has added it: no difference. It is told where everything is proven.
	Earlier []PostedEarlier `json:"earlier,omitempty"`
	Took    int64           `json:"took_ms"`
}

func (v *Verification) add(d Difference) {
	if len(v.Differences) == maxDifferences {
		v.Truncated = true
		return
	}
	v.Differences = append(v.Differences, d)
}

// Verify proves what an app keeps, {"sample": 100}: everything is worked out again from what people wrote, or of each
// ledger and each entity that many pools and records, 0 or nothing being all. It tells what is in the books of everybody,
// so that it is for those who build the app.
func (e *Engine) Verify(ctx context.Context, c Call, body []byte) (*Result, error) {
	if err := c.builder(); err != nil {
		return nil, err
	}
	sample, err := sampleSize(body)
	if err != nil {
		return nil, err
	}
	v, err := e.verify(ctx, c, sample)
	if err != nil {
		return nil, err
	}
	if sample == 0 {
		if err := e.keepVerification(ctx, c, verifiedByAdmin, v); err != nil {
			return nil, err
		}
	}
	return e.json(nil, v)
}

// VerifyApp proves all that a released app keeps.
func (e *Engine) VerifyApp(ctx context.Context, c Call, app string) (*Verification, error) {
	s, err := e.Snapshot(app, c.Actor)
	if err != nil {
		return nil, err
	}
	c.Snap = s
	return e.verify(ctx, c, 0)
}

// verify works all out again. Each ledger and each entity is seen as it was at one moment, while people go on.
func (e *Engine) verify(ctx context.Context, c Call, sample int) (*Verification, error) {
	c.trusted = true
	begun := e.now()
	out := &Verification{Differences: []Difference{}}
	for _, l := range c.Snap.App.Ledgers {
		found, err := e.verifyLedger(ctx, c, c.Snap.Ledger(l.Name), sample)
		if err != nil {
			return nil, err
		}
		out.Checked.Ledgers++
		for i := range found {
			out.add(ofLedger(c, &found[i]))
		}
	}
	for ent := range c.Snap.Entities {
		if ent.IsLines() || len(ent.Stored) == 0 && len(ent.Rollups) == 0 {
			continue
		}
		err := e.store.Snapshot(ctx, func(ctx context.Context, r *store.Reader) error {
			v := &verifier{world: e.newWorld(c, r), unit: ent, out: out}
			return v.run(ctx, sample)
		})
		if err != nil {
			return nil, fmt.Errorf("verify %s: %w", ent.Name, err)
		}
	}
	for _, a := range c.Snap.Aggregates() {
		err := e.store.Snapshot(ctx, func(ctx context.Context, r *store.Reader) error {
			v := &verifier{world: e.newWorld(c, r), unit: a.Unit, out: out}
			return v.aggregate(ctx, a, sample)
		})
		if err != nil {
			return nil, fmt.Errorf("verify what is kept for %v: %w", a.Cards, err)
		}
	}
	if sample == 0 {
		var err error
		if out.Earlier, err = e.postedEarlier(ctx, c); err != nil {
			return nil, err
		}
	}
	out.Took = e.now().Sub(begun).Milliseconds()
	return out, nil
}

// ofLedger is a difference in a ledger in the words of all differences.
func ofLedger(c Call, d *ledger.Difference) Difference {
	l := c.Snap.Ledger(d.Ledger)
	entity := l.Cost
	switch d.Law {
	case "balance", "reserved", "group":
		entity = l.Balance
	case "replay", "transfer":
		entity = l.Entry
	}
	record := d.Entry
	if record == "" {
		record = d.Key
	}
	return Difference{What: "ledger", Name: d.Ledger, Law: d.Law, Entity: entity.Name, Record: record, Field: d.Field, Stored: d.Stored, Recomputed: d.Right}
}

func sampleSize(body []byte) (int, error) {
	if len(body) == 0 {
		return 0, nil
	}
	v, err := parseObject(body)
	if err != nil {
		return 0, err
	}
	if err := v.only("", "sample").Err(); err != nil {
		return 0, err
	}
	n := v.get("sample")
	if n == nil {
		return 0, nil
	}
	var size int
	if n.kind != jsonNumber || json.Unmarshal([]byte(n.text), &size) != nil || size < 0 {
		return 0, wrongMember("/sample", "sample", "integer")
	}
	return size, nil
}

// afresh gives a world the means of a request, and forgets what it read before.
func (w *world) afresh() {
	w.call.Budget = expr.NewBudget(expr.RequestBudget)
	clear(w.rows)
}
